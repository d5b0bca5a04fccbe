package bot

import (
	"slices"
	"strconv"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// texts of the choice of a country, by their names in countries.yaml. They are always the newest, as the numbers are.
var countryTexts = strings.Fields("choose change other more earlier ask unclear chosen days")

// countries matches countries.yaml with the countries that can be chosen. Names that are missing were named when it was read.
func (l *Library) countries(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	if len(l.Catalog.Countries) == 0 {
		return
	}
	file := "content/" + lang.Tag + "/countries.yaml"
	for _, t := range countryTexts {
		if n := "countries." + t; !lang.Has(n) && lang.List(n) == nil {
			add(file, 0, "write it there", sheet.Say("the text %q is missing", t))
		}
	}
	if n := len(lang.List("countries.days")); n != 0 && n != 7 {
		add(file, 0, "write them from Monday to Sunday", "the list \"days\" does not have seven days")
	}
	if s := lang.Text("countries.chosen"); lang.Has("countries.chosen") && !strings.Contains(s, "{country}") {
		_, line := lang.At("countries.chosen")
		add(file, line, "write {country} where it belongs", "the text \"chosen\" does not name the country")
	}
	seen := map[string]string{}
	for _, n := range lang.Names("countries.") {
		_, line := lang.At(n)
		rest := strings.TrimPrefix(n, "countries.")
		code, isName := strings.CutPrefix(rest, "names.")
		switch {
		case !isName && !slices.Contains(countryTexts, rest):
			add(file, line, "remove it", sheet.Say("the text %q is superfluous", rest))
		case isName && !l.Catalog.Offers(code):
			add(file, line, sheet.Say("remove it, or add %s under countries: in content/places.yaml", code), sheet.Say("the text %q is superfluous: that country cannot be chosen", rest))
		case isName:
			if message, remedy, long := content.TooLong(n, lang.Text(n)); long {
				add(file, line, remedy, message)
			}
			name := content.Fold(lang.Text(n))
			if other := seen[name]; other != "" {
				add(file, line, "give each country its own name", sheet.Say("the countries %s and %s read the same", other, code))
			}
			seen[name] = code
		}
	}
}

// country is the code of the country the person has chosen, empty when there is none, or it can no longer be chosen.
func (v view) country() string {
	if v.s == nil || v.s.Country == "" || !v.l.Catalog.Offers(v.s.Country) {
		return ""
	}
	return v.s.Country
}

// number is one that a text names. In a chosen country it is the one to dial there; abroad, where none was chosen, it stands with
// where it works.
func (v view) number(place string) string {
	n, country := v.l.number(place), v.country()
	if country == "" && !v.abroad() {
		return n
	}
	if own := v.l.Catalog.Local(place, country); country != "" && place != "helpline" && len(own) > 0 {
		if v.isInside(own[0]) {
			return own[0].Inside + " (" + own[0].Spaced() + ")"
		}
		return own[0].Spaced()
	}
	for i := range v.l.Catalog.Places {
		if p := &v.l.Catalog.Places[i]; p.Name == place && !p.Reaches(country) {
			return n + " (" + v.lang.Text("chat.dial-"+p.From) + ")"
		}
	}
	return n
}

// abroad reports whether the person has said that they are in another country.
func (v view) abroad() bool {
	return v.flow != nil && v.l.Book.HasNote(v.flow.Facts(v.s.Given), "abroad")
}

// choose is the button to the countries.
func (v view) choose() [][]Button {
	if len(v.l.Catalog.Countries) == 0 || !v.lang.Has("countries.choose") {
		return nil
	}
	label := "choose"
	if v.country() != "" {
		label = "change"
	}
	return [][]Button{{{v.lang.Text("countries." + label), "numbers:where"}}}
}

// chosen says which country the numbers are for.
func (v view) chosen() string {
	c := v.country()
	if c == "" {
		return ""
	}
	return strings.ReplaceAll(v.lang.Text("countries.chosen"), "{country}", v.lang.CountryName(c))
}

// countries is a page of the countries that can be chosen.
func (v view) countries() screen {
	all := v.l.Catalog.CountriesIn(v.lang)
	page := int(v.s.Over - Countries)
	last := (len(all) - 1) / content.CountryPage
	page = max(min(page, last), 0)
	sc := screen{text: v.lang.Text("countries.ask") + "\n"}
	for _, name := range []string{"emergency", "helpline"} { // for whoever cannot wait
		sc.text += "\n• " + v.lang.Text("places."+name+".name") + ": **" + v.number(name) + "**"
	}
	here := all[min(page*content.CountryPage, len(all)):min((page+1)*content.CountryPage, len(all))]
	for pair := range slices.Chunk(here, 2) {
		var row []Button
		for _, code := range pair {
			row = append(row, Button{v.lang.CountryName(code), "numbers:in." + code})
		}
		sc.buttons = append(sc.buttons, row)
	}
	var turn []Button
	if page > 0 {
		turn = append(turn, Button{v.lang.Text("countries.earlier"), "numbers:where." + strconv.Itoa(page-1)})
	}
	if page < last {
		turn = append(turn, Button{v.lang.Text("countries.more"), "numbers:where." + strconv.Itoa(page+1)})
	}
	if len(turn) > 0 {
		sc.buttons = append(sc.buttons, turn)
	}
	sc.buttons = append(sc.buttons, []Button{{v.lang.Text("countries.other"), "numbers:in."}}, []Button{v.with("return", "back:here"), v.with("exit", "exit")})
	return sc
}

// listed are the countries that the present screen lists: of all those that can be chosen, or of those that an answer of the
// question covers.
func (v view) listed() []string {
	all := v.l.Catalog.CountriesIn(v.lang)
	if !v.s.Over.ofJob() {
		return all
	}
	step := v.flow.Step(int(v.s.At))
	return slices.DeleteFunc(all, func(code string) bool { return step.In(code) < 0 })
}

// Alike returns buttons for the countries that somebody may have meant who typed one that was not found, on a screen that lists
// countries.
func (l *Library) Alike(s Session, lang, typed string) []Button {
	tongue := l.Catalog.Language(lang)
	if tongue == nil || s.Over < JobCountries {
		return nil
	}
	s.Lang = lang
	v := l.of(&s).view(&s)
	data := "numbers:in"
	if s.Over.ofJob() {
		data = v.serial("answer")
	}
	var out []Button
	here := v.listed()
	for _, code := range l.Catalog.AlikeCountries(typed, tongue) {
		if slices.Contains(here, code) {
			out = append(out, Button{tongue.CountryName(code), data + "." + code})
		}
	}
	return out
}

// numbersFor shows the numbers, the countries, or the numbers of the country that was just chosen.
func (t *turn) numbersFor(arg string) {
	what, rest, _ := strings.Cut(arg, ".")
	switch {
	case what == "where" && len(t.view().choose()) > 0:
		page, err := strconv.Atoi(rest)
		if err != nil || page < 0 || page > len(t.newest.Catalog.Countries)/content.CountryPage {
			page = 0
		}
		t.over(Countries + Over(page))
		return
	case what == "in" && (rest == "" || t.newest.Catalog.Offers(rest)):
		t.s.Country = rest
	}
	t.over(Numbers)
}

// country finds the country in what was typed where one may be chosen. Beside a list of numbers a long
// sentence is not taken for one: it may tell where the job is.
func (t *turn) country(text string) string {
	asked := t.s.Over >= Countries
	beside := t.s.Over == Numbers || t.s.Over == Human || t.s.Over == Nothing && t.s.Stage == Finished
	lang := t.newest.Catalog.Language(t.s.Lang)
	if lang == nil || !asked && (!beside || len(strings.Fields(text)) > 2) {
		return ""
	}
	if !asked && lang.Meaning(content.Fold(text)) != "" {
		return ""
	}
	return t.newest.Catalog.FindCountry(text, lang)
}

// unclear says that what was typed was not understood.
func (v view) unclear() string {
	if v.s.Over >= Countries {
		return v.lang.Text("countries.unclear")
	}
	return v.say("unclear")
}

var weekdays = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// hours writes the days of "mon-fri 09:00-17:00" in the person's language.
func (v view) hours(s string) string {
	days := v.lang.List("countries.days")
	if len(days) != len(weekdays) {
		return s
	}
	for i, d := range weekdays {
		s = strings.ReplaceAll(s, d, days[i])
	}
	return strings.ReplaceAll(s, "-", "–")
}
