package talk

import (
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
)

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
	n, country := numberOf(v.l, place), v.country()
	if country == "" && !v.abroad() {
		return n
	}
	if own := v.l.Catalog.Local(place, country); country != "" && place != "helpline" && len(own) > 0 {
		if v.isInside(own[0]) {
			return own[0].Inside + " (" + own[0].Spaced() + ")"
		}
		return own[0].Spaced()
	}
	if p, ok := v.l.Catalog.Place(place); ok && !p.Reaches(country) {
		return n + " (" + v.lang.Text("chat.dial-"+p.From) + ")"
	}
	return n
}

// abroad reports whether the person has said that they are in another country.
func (v view) abroad() bool {
	return v.flow != nil && v.l.Book.HasNote(v.flow.Facts(v.s.Given), "abroad")
}

// choose is the button to the countries.
func (v view) choose() [][]bot.Button {
	if len(v.l.Catalog.Countries) == 0 || !v.lang.Has("countries.choose") {
		return nil
	}
	label := "choose"
	if v.country() != "" {
		label = "change"
	}
	return [][]bot.Button{{{Label: v.lang.Text("countries." + label), Data: "numbers:where"}}}
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
	page := int(v.s.Over - bot.Countries)
	last := (len(all) - 1) / content.CountryPage
	page = max(min(page, last), 0)
	sc := screen{text: v.lang.Text("countries.ask") + "\n"}
	for _, name := range []string{"emergency", "helpline"} { // for whoever cannot wait
		sc.text += "\n• " + v.lang.Text("places."+name+".name") + ": **" + v.number(name) + "**"
	}
	here := all[min(page*content.CountryPage, len(all)):min((page+1)*content.CountryPage, len(all))]
	for pair := range slices.Chunk(here, 2) {
		var row []bot.Button
		for _, code := range pair {
			row = append(row, bot.Button{Label: v.lang.CountryName(code), Data: "numbers:in." + code})
		}
		sc.buttons = append(sc.buttons, row)
	}
	var turn []bot.Button
	if page > 0 {
		turn = append(turn, bot.Button{Label: v.lang.Text("countries.earlier"), Data: "numbers:where." + strconv.Itoa(page-1)})
	}
	if page < last {
		turn = append(turn, bot.Button{Label: v.lang.Text("countries.more"), Data: "numbers:where." + strconv.Itoa(page+1)})
	}
	if len(turn) > 0 {
		sc.buttons = append(sc.buttons, turn)
	}
	sc.buttons = append(sc.buttons, []bot.Button{{Label: v.lang.Text("countries.other"), Data: "numbers:in."}}, []bot.Button{v.with("return", "back:here"), v.with("exit", "exit")})
	return sc
}

// listed are the countries that the present screen lists: of all those that can be chosen, or of those that an answer of the
// question covers.
func (v view) listed() []string {
	all := v.l.Catalog.CountriesIn(v.lang)
	if !v.s.Over.OfJob() {
		return all
	}
	step := v.flow.Step(int(v.s.At))
	return slices.DeleteFunc(all, func(code string) bool { return step.In(code) < 0 })
}

// Alike returns buttons for the countries that somebody may have meant who typed one that was not found, on a screen that lists
// countries.
func Alike(l *library.Library, s bot.Session, lang, typed string) []bot.Button {
	tongue := l.Catalog.Language(lang)
	if tongue == nil || s.Over < bot.JobCountries {
		return nil
	}
	s.Lang = lang
	v := viewOf(l.Of(&s), &s)
	data := "numbers:in"
	if s.Over.OfJob() {
		data = v.serial("answer")
	}
	var out []bot.Button
	here := v.listed()
	for _, code := range l.Catalog.AlikeCountries(typed, tongue) {
		if slices.Contains(here, code) {
			out = append(out, bot.Button{Label: tongue.CountryName(code), Data: data + "." + code})
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
		t.over(bot.Countries + bot.Over(page))
		return
	case what == "in" && (rest == "" || t.newest.Catalog.Offers(rest)):
		t.s.Country = rest
	}
	t.over(bot.Numbers)
}

// country finds the country in what was typed where one may be chosen. Beside a list of numbers a long
// sentence is not taken for one: it may tell where the job is.
func (t *turn) country(text string) string {
	asked := t.s.Over >= bot.Countries
	beside := t.s.Over == bot.Numbers || t.s.Over == bot.Human || t.s.Over == bot.Nothing && t.s.Stage == bot.Finished
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
	if v.s.Over >= bot.Countries {
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
