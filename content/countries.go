package content

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"patikra/content/sheet"
)

// A person may say which country they are in. Then they are shown what can be dialled from there, and nothing else.
// An order list for such a country names places, and kinds as "local-helpline": every place of that kind in the country.

// Country is one that a person can choose.
type Country struct {
	Code      string     // as ISO 3166 writes it, "DE"
	Also      []string   // what else people call it, in any language
	Without   string     // why no number of its own can be shown but the emergency one; empty: there is one
	Registers []Register // where the country's companies can be looked up
	Wage      Wage       // the least that may be paid there; zero: nobody has looked
	line      int
}

// country is a country that can be chosen, by its code; nil: there is none.
func (c *Catalog) country(code string) *Country {
	for i := range c.Countries {
		if o := &c.Countries[i]; o.Code == code {
			return o
		}
	}
	return nil
}

// Register is a public list of companies of a country.
type Register struct {
	Name    string // as it is called there
	Address string // where it can be read
	Source  string // where the address was found
	Seen    string // when, as 2026-11
}

// Registers are the public lists of companies of a country.
func (c *Catalog) Registers(country string) []Register {
	if o := c.country(country); o != nil {
		return o.Registers
	}
	return nil
}

// Wage is the least that an adult may be paid in a country for full-time work, before tax.
type Wage struct {
	Least    float64 // of Currency
	Hour     bool    // Least is for an hour; else for a month, extra payments of the year counted in
	Currency string  // as ISO 4217 writes it, "EUR"
	Since    string  // when it came into force, as 2026-01
	Agreed   bool    // no law sets it: trades agree on their own. Then nothing of the above is set.
	Source   string  // the address where it was read
	Seen     string  // when, as 2026-11
}

// WageMonths is how long a wage is taken for the present one after somebody looked: most countries change theirs once a year.
const WageMonths = 13

// Old reports whether nobody has looked for a new figure for so long that there may be one.
func (w Wage) Old(at time.Time) bool {
	seen, err := time.Parse("2006-01", w.Seen)
	return err == nil && seen.AddDate(0, WageMonths, 0).Before(at)
}

// Wage is the least that may be paid in a country; ok is false when it is not known.
func (c *Catalog) Wage(country string) (w Wage, ok bool) {
	if o := c.country(country); o != nil {
		w = o.Wage
	}
	return w, w.Source != ""
}

// wages reads the least that may be paid in each country.
func (l *loader) wages(n sheet.Node) {
	for _, f := range n.Fields() {
		c := l.catalog.country(f.Name)
		if c == nil {
			f.Bad("write a code of countries:", "wages: names the country %q, which cannot be chosen", f.Name)
			continue
		}
		m := f.Map("month", "hour", "currency", "since", "agreed", "source", "seen")
		w := Wage{Currency: m["currency"].Text(), Since: m["since"].Text(), Agreed: m["agreed"].Bool(), Source: m["source"].Text(), Seen: m["seen"].Text()}
		of := m["month"]
		if w.Hour = !m["hour"].Zero(); w.Hour {
			of = m["hour"]
		}
		given := !of.Zero()
		if given {
			w.Least, _ = strconv.ParseFloat(of.Text(), 64)
		}
		if a := m["agreed"]; !a.Zero() && !w.Agreed {
			a.Bad("write agreed: true, or leave it out", "the wage of %q is not agreed on", f.Name)
		}
		_, err := currency.ParseISO(w.Currency)
		switch {
		case w.Agreed && (given || w.Currency != "" || w.Since != ""):
			f.Bad("write agreed: alone, or take it away", "the wage of %q is both agreed on and set by law", f.Name)
		case w.Agreed:
		case w.Hour && !m["month"].Zero() || !given:
			f.Bad("write one of the two, or agreed: true", "the wage of %q is neither for a month nor for an hour alone", f.Name)
		case !(w.Least >= 1 && w.Least <= mostWage):
			of.Bad("write digits, as 1153 or 7.05", "the wage of %q is %q, which is no sum", f.Name, of.Text())
		case err != nil:
			f.Bad("write its code, as EUR", "the wage of %q has the currency %q, which does not exist", f.Name, w.Currency)
		case !month.MatchString(w.Since):
			f.Bad("write since: as 2026-01", "the wage of %q does not say since when", f.Name)
		}
		if !secure(w.Source) || !month.MatchString(w.Seen) {
			f.Bad("write both, source: as https://www.example.lt and seen: as 2026-11", "the wage of %q does not say where and when it was read", f.Name)
		}
		c.Wage = w
	}
}

const mostWage = 1e7 // a month, in the smallest of currencies

// registers reads where the companies of each country can be looked up.
func (l *loader) registers(n sheet.Node) {
	for _, f := range n.Fields() {
		c := l.catalog.country(f.Name)
		if c == nil {
			f.Bad("write a code of countries:", "registers: names the country %q, which cannot be chosen", f.Name)
			continue
		}
		for _, e := range f.List() {
			m := e.Map("name", "address", "source", "seen")
			r := Register{Name: m["name"].Text(), Address: m["address"].Text(), Source: m["source"].Text(), Seen: m["seen"].Text()}
			if !secure(r.Address) {
				e.Bad("write its whole address, as https://www.example.lt", "a register of %q has the address %q", f.Name, r.Address)
			}
			if r.Name == "" || r.Source == "" || !month.MatchString(r.Seen) {
				e.Bad("write all three, seen: as 2026-11", "a register of %q lacks name, source or seen", f.Name)
			}
			c.Registers = append(c.Registers, r)
		}
	}
}

// secure reports whether a text is the whole address of a page, by https.
func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

var month = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)

// Line is where the country stands in places.yaml.
func (c Country) Line() int { return c.line }

// Kinds are what a place can be in its country.
var Kinds = []string{"emergency", "helpline", "labour", "police", "child", "support", "embassy", professional}

// professional is the kind of a line for people who help others at work. Whoever needs help is not sent there: no list but
// that of a quiz for helpers should name it.
const professional = "professional"

// MostPlaces is how many numbers a list for a chosen country holds. Only the whole list for Lithuania is longer.
const MostPlaces = 6

// CountryPage is how many countries a screen offers: with the buttons below them it is what Messenger takes.
const CountryPage = 8

const (
	home        = "LT"
	inside      = "country" // from: only inside the place's country
	local       = "local-"
	everything  = "numbers" // the list that is not of an outcome
	countryDays = "countries.days"

	mostOutcomes = 100 // with an order of their own; far above any real book
)

// union are the members of the European Union, where numbers with from: eu work.
var union = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")

// isCountry reports whether a text is the name of a country.
func isCountry(name string) bool { return strings.HasPrefix(name, "countries.names.") }

// Reaches reports whether the number can be dialled from a country.
func (p Place) Reaches(country string) bool {
	switch p.From {
	case "anywhere":
		return true
	case "eu":
		return slices.Contains(union, country)
	case "lithuania":
		return country == home
	}
	return p.Country == country
}

// Offers reports whether a country can be chosen.
func (c *Catalog) Offers(country string) bool {
	return c.country(country) != nil
}

// Local returns the places of a kind that a person in a country can dial: the country's own, else the shared ones.
func (c *Catalog) Local(kind, country string) []Place {
	var out []Place
	for _, i := range c.local(kind, country) {
		out = append(out, c.Places[i])
	}
	return out
}

func (c *Catalog) local(kind, country string) (list []int) {
	if own := c.kinds[[2]string{kind, country}]; len(own) > 0 {
		return own
	}
	for _, i := range c.kinds[[2]string{kind, ""}] {
		if c.Places[i].Reaches(country) {
			list = append(list, i)
		}
	}
	return list
}

// OrderOf returns what the order list of an outcome for chosen countries says, place by place and kind by kind.
func (c *Catalog) OrderOf(outcome string) []string { return c.wanted[outcome] }

// abroad checks what a place says about its country, and files it under it.
func (l *loader) abroad(f sheet.Field, p Place, at func(key string) sheet.Node) {
	switch {
	case p.Country != "" && !IsCode(p.Country):
		at("country").Bad("write its code of two letters, as DE", "place %q has the country %q, which does not exist", f.Name, p.Country)
	case p.Country == "" && p.From == inside:
		f.Bad("write country: with its code of two letters", "place %q works only in a country and does not say which", f.Name)
	case p.Country != "" && p.Kind == "":
		f.Bad(sheet.Say("write kind: %s", strings.Join(Kinds, ", ")), "place %q does not say what it is in its country", f.Name)
	}
	if p.Kind != "" && !slices.Contains(Kinds, p.Kind) {
		at("kind").Bad(sheet.Say("write %s", strings.Join(Kinds, ", ")), "place %q has the kind %q, which does not exist", f.Name, p.Kind)
	}
	if p.Shown() && p.Kind != "" && (p.Country == "" || p.Reaches(p.Country)) {
		key := [2]string{p.Kind, p.Country}
		l.catalog.kinds[key] = append(l.catalog.kinds[key], len(l.catalog.Places))
	}
	if strings.HasPrefix(f.Name, local) {
		f.Bad(sheet.Say("give it another name: %s stands for all numbers of a kind", local), "place %q cannot be told from a kind", f.Name)
	}
}

// IsCode reports whether two letters are the code of a country.
func IsCode(s string) bool {
	r, err := language.ParseRegion(s)
	return err == nil && len(s) == 2 && r.String() == s && r.IsCountry() && r.Canonicalize() == r // no DD, no UK
}

// countries reads which countries can be chosen.
func (l *loader) countries(n sheet.Node) {
	c := l.catalog
	for _, f := range n.Fields() {
		if !IsCode(f.Name) {
			f.Bad("write its code of two letters, as DE", "the country %q does not exist", f.Name)
			continue
		}
		c.Countries = append(c.Countries, Country{Code: f.Name, Also: f.Texts(), line: f.Line})
		for i := range c.Languages {
			if lang := &c.Languages[i]; !lang.Has("countries.names." + f.Name) {
				l.Add("content/"+lang.Tag+"/countries.yaml", 0, "write it there under names:", "the country %q has no name", f.Name)
			}
		}
		if f.Name != home && len(c.local("emergency", f.Name)) == 0 {
			f.Bad(sheet.Say("add a place with country: %s and kind: emergency, or take the country away", f.Name), "nobody in %q can dial any emergency number of places.yaml", f.Name)
		}
	}
	if len(c.Countries) == 0 {
		return
	}
	for _, p := range c.Places {
		if IsCode(p.Country) && !c.Offers(p.Country) {
			l.Add("content/places.yaml", p.line, sheet.Say("add %s under countries:", p.Country), "nobody can choose the country of place %q", p.Name)
		}
	}
}

// without reads why a country has no line of its own.
func (l *loader) without(n sheet.Node) {
	for _, f := range n.Fields() {
		c := l.catalog.country(f.Name)
		reason := f.Text()
		switch {
		case c == nil:
			f.Bad("write a code of countries:", "without: tells of the country %q, which cannot be chosen", f.Name)
		case l.catalog.HasLine(f.Name):
			f.Bad("take it away", "without: tells of the country %q, which has a line of its own", f.Name)
		default:
			c.Without = reason
		}
	}
}

// HasLine reports whether somebody who needs help can call a number of a country beside the emergency number there.
func (c *Catalog) HasLine(country string) bool {
	return slices.ContainsFunc(c.Places, func(p Place) bool {
		return p.Home() == country && p.Kind != "emergency" && p.Kind != professional && p.Shown() && p.Reaches(country)
	})
}

// there works out what an outcome shows in each country that can be chosen.
func (l *loader) there(o sheet.Field, lists map[string]sheet.Node) {
	c := l.catalog
	if len(c.wanted) == mostOutcomes {
		o.Bad("take out those that no quiz ends with", "order: has more than %d outcomes", mostOutcomes)
	}
	if len(c.wanted) >= mostOutcomes {
		return
	}
	var wanted []string
	if n := lists[inside]; !n.Zero() {
		for _, name := range n.Texts() {
			kind, isKind := strings.CutPrefix(name, local)
			_, isPlace := c.place[name]
			if isKind && !slices.Contains(Kinds, kind) || !isKind && !isPlace {
				n.Bad(sheet.Say("name a place from above, or a kind as %shelpline", local), "place %q does not exist", name)
				continue
			}
			wanted = append(wanted, name)
		}
	} else {
		for _, i := range c.order[o.Name]["elsewhere"] {
			wanted = append(wanted, c.Places[i].Name)
		}
	}
	c.wanted[o.Name] = wanted
	var without []string
	for _, country := range c.Countries {
		list := c.inCountry(o.Name, country.Code)
		c.order[o.Name][country.Code] = list
		if !slices.ContainsFunc(list, func(i int) bool {
			return strings.HasPrefix(c.Places[i].Number, "+370") && len(c.Places[i].Near) == 0
		}) {
			without = append(without, country.Code)
		}
	}
	if len(without) > 0 {
		o.Bad("name one earlier under country:, as helpline", "the outcome %q shows no Lithuanian phone number among the first %d in %s", o.Name, MostPlaces, strings.Join(without, ", "))
	}
}

// inCountry lists what somebody in a country is shown, with an emergency number always among it.
func (c *Catalog) inCountry(outcome, country string) (list []int) {
	most := MostPlaces
	if country == home && outcome == everything {
		most = len(c.Places)
	}
	seen := map[int]bool{}
	count := 0 // those that are shown only near them do not count
	add := func(i int) {
		near := len(c.Places[i].Near) > 0
		if (near && country == home || count < most) && !seen[i] && c.Places[i].Shown() && c.Places[i].Reaches(country) {
			seen[i] = true
			list = append(list, i)
			if !near {
				count++
			}
		}
	}
	if country == home {
		for _, i := range c.order[outcome]["lithuania"] {
			add(i)
		}
	} else {
		for _, name := range c.wanted[outcome] {
			if kind, ok := strings.CutPrefix(name, local); ok {
				for _, i := range c.local(kind, country) {
					add(i)
				}
			} else {
				add(c.place[name])
			}
		}
	}
	if i := slices.IndexFunc(list, func(i int) bool { return !c.Places[i].Confirm }); i > 0 { // nobody calls a doubtful number first
		sure := list[i]
		list = slices.Insert(slices.Delete(list, i, i+1), 0, sure)
	}
	emergency := c.local("emergency", country)
	if len(emergency) == 0 || slices.ContainsFunc(list, func(i int) bool { return slices.Contains(emergency, i) }) {
		return list
	}
	for i := len(list) - 1; i >= 0 && count >= most; i-- {
		if len(c.Places[list[i]].Near) == 0 {
			list = slices.Delete(list, i, i+1)
			count--
		}
	}
	return append(list, emergency[0])
}

// CountriesIn returns the codes of the countries in the order in which a language shows them: the first page as
// places.yaml has it, the others by name.
func (c *Catalog) CountriesIn(lang *Language) []string {
	var out []string
	for _, o := range c.Countries {
		out = append(out, o.Code)
	}
	if len(out) > CountryPage {
		slices.SortStableFunc(out[CountryPage:], func(a, b string) int {
			return cmp.Compare(Fold(lang.CountryName(a)), Fold(lang.CountryName(b)))
		})
	}
	return out
}

// CountryName is what a country is called.
func (l *Language) CountryName(code string) string { return l.Text("countries.names." + code) }
