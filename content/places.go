package content

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"patikra/content/sheet"
)

// Place is a helpline, an office or a desk that can be called.
type Place struct {
	Name       string
	Number     string // E.164, or a short number
	Inside     string // how a long number is dialled inside its country, grouped as there: "1800 666 111"; empty: not known
	From       string // anywhere, eu, lithuania or country: where the number works
	Country    string // whose it is, as "DE"; empty: Lithuania's, or shared by several countries
	Kind       string // what it is in its country, one of Kinds
	Hours      string // always, unknown, or days and times
	Languages  []string
	Confidence string   // A, B or C
	Source     string   // where the number was found
	Dated      string   // the date that the source bears: 2025-10-18, 2025-10, 2025 or unknown
	Seen       string   // when somebody looked at the source, or where it was a stored copy at that: 2026-11-26 or 2026-11
	Also       string   // a second source, independent of the first; empty: none is known
	Tested     string   // date of the last test call, or never
	Confirm    bool     // the number itself is to be confirmed
	Named      bool     // those who ordered the service name it: it is shown all the same
	Near       []string // notes of a quiz, as in-kaunas: shown only if one of them is known; empty: shown always
	line       int
	lines      map[string]int // of what is said of it, as tested
}

var (
	e164  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	short = regexp.MustCompile(`^[0-9]{3,6}$`)
	dial  = regexp.MustCompile(`^[0-9]+( [0-9]+)*$`)
)

// sourceYears is after how long a source should be looked for anew.
const sourceYears = 5

// seenYears is after how long somebody should look at a source again: a page may have changed since, or be gone.
const seenYears = 1

const unknown = "unknown" // hours, or the date of a source

// Line is where the place stands in places.yaml.
func (p Place) Line() int { return p.line }

// LineOf is where something is said of the place, as tested; where it is not said, the line of the place.
func (p Place) LineOf(key string) int {
	if line := p.lines[key]; line > 0 {
		return line
	}
	return p.line
}

// Due reports whether nobody has called the number for so many days, or nobody ever has.
func (p Place) Due(at time.Time, days int) bool {
	t, err := time.Parse(time.DateOnly, p.Tested)
	return err != nil || at.Sub(t) >= time.Duration(days)*24*time.Hour
}

// SourceDate is the first day that the date of the source can mean; ok is false when the source bears none.
func (p Place) SourceDate() (day time.Time, ok bool) {
	return firstDay(p.Dated, time.DateOnly, "2006-01", "2006")
}

// firstDay is the first day that a date can mean which is written in one of some forms; ok is false when it is in none.
func firstDay(date string, forms ...string) (day time.Time, ok bool) {
	for _, form := range forms {
		if t, err := time.Parse(form, date); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// SeenDate is the first day on which somebody can have looked at the source; ok is false when nobody says when.
func (p Place) SeenDate() (day time.Time, ok bool) {
	return firstDay(p.Seen, time.DateOnly, "2006-01")
}

// LongUnseen reports whether nobody has looked at the source for a year at a time. One that nobody says to have seen is not
// called so.
func (p Place) LongUnseen(at time.Time) bool {
	day, ok := p.SeenDate()
	return ok && day.AddDate(seenYears, 0, 0).Before(at)
}

// Ahead reports whether the source is said to have been seen on a day that has not come anywhere yet.
func (p Place) Ahead(at time.Time) bool {
	day, ok := p.SeenDate()
	return ok && day.After(at.Add(24*time.Hour))
}

// Addressed reports whether everybody can open the sources: each is the address of a page.
func (p Place) Addressed() bool {
	for _, source := range []string{p.Source, p.Also} {
		if u, err := url.Parse(source); source != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			return false
		}
	}
	return true
}

// Shown reports whether people are shown the number: not while it is still to be confirmed.
func (p Place) Shown() bool { return !p.Confirm || p.Named }

// OldSource reports whether the source was older than five years at a time. One without a date is not called old.
func (p Place) OldSource(at time.Time) bool {
	day, ok := p.SourceDate()
	return ok && day.AddDate(sourceYears, 0, 0).Before(at)
}

// Weak reports whether a number should not be the first that somebody is shown: it is still to be confirmed, or one
// source alone knows it, and that one is old, or bears no date and is not an official page.
func (p Place) Weak(at time.Time) bool {
	_, dated := p.SourceDate()
	return p.Confirm || p.Also == "" && (p.OldSource(at) || !dated && p.Confidence != "A")
}

// Home is the country whose number it is, also where Country is left out: Lithuania for a Lithuanian number, none for one
// that several countries share.
func (p Place) Home() string {
	if p.Country == "" && strings.HasPrefix(p.Number, callingCode) {
		return home
	}
	return p.Country
}

// callingCode is Lithuania's.
const callingCode = "+370"

// twoDigits are the calling codes of two digits; 1 and 7 have one, all others three.
var twoDigits = strings.Fields("20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98")

// split cuts a number in E.164 into its calling code, with the plus, and the rest.
func split(number string) (code, rest string) {
	n := 4
	switch {
	case number[1] == '1' || number[1] == '7':
		n = 2
	case slices.Contains(twoDigits, number[1:3]):
		n = 3
	}
	return number[:n], number[n:]
}

// Spaced is the number as it is dialled from abroad, for reading: grouped as in its own country, "+353 1800 666 111". A
// short number stays as it is.
func (p Place) Spaced() string {
	if !e164.MatchString(p.Number) {
		return p.Number
	}
	code, rest := split(p.Number)
	grouped := rest
	switch {
	case p.Inside != "":
		grouped = lastDigits(p.Inside, len(rest))
	case code == callingCode && len(rest) == 8:
		grouped = rest[:3] + " " + rest[3:]
	}
	return code + " " + grouped
}

// lastDigits is the end of a grouped number, from its last n digits on.
func lastDigits(s string, n int) string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] != ' ' {
			n--
		}
		if n == 0 {
			return s[i:]
		}
	}
	return s
}

// inside checks the form that is dialled inside the country.
func (p Place) inside(f sheet.Field, at sheet.Node) {
	switch {
	case p.Inside == "", !e164.MatchString(p.Number) && !short.MatchString(p.Number):
	case !dial.MatchString(p.Inside):
		at.Bad(`write digits and single spaces, as "0 616 91119"`, "place %q is dialled inside its country as %q, which nobody can read", f.Name, p.Inside)
	case short.MatchString(p.Number):
		at.Bad("take inside: away", "place %q has a short number, which has no other form inside its country", f.Name)
	default:
		_, rest := split(p.Number)
		digits := strings.ReplaceAll(p.Inside, " ", "")
		if trunk, ok := strings.CutSuffix(digits, rest); !ok || len(trunk) > 2 {
			at.Bad("write both of the same number", "place %q has two numbers: %s and inside its country %s", f.Name, p.Number, p.Inside)
		}
	}
}

// dialled says how a number would have to be written that nobody can dial so: without blanks, and with the country code.
func (p Place) dialled() sheet.Text {
	digits, meant := Digits(p.Number), ""
	switch {
	case strings.ContainsFunc(p.Number, unicode.IsLetter):
	case strings.HasPrefix(p.Number, "+"):
		meant = "+" + digits
	case strings.HasPrefix(digits, "00"):
		meant = "+" + digits[2:]
	case len(digits) == 9 && strings.ContainsAny(digits[:1], "08") && (p.Country == "" || p.Country == home):
		meant = callingCode + digits[1:]
	}
	if !e164.MatchString(meant) {
		return `write it in quotes with the country code and without blanks, as "+37061691119"`
	}
	return sheet.Say(`write number: "%s", with the country code and without blanks or other signs`, meant)
}

func (l *loader) places() {
	const file = "content/places.yaml"
	top, ok := l.File(file)
	if !ok {
		return
	}
	c := l.catalog
	m := top.Map("places", "countries", "without", "registers", "wages", "order")
	for _, f := range m["places"].Fields() {
		e := f.Map("number", "inside", "from", "country", "kind", "hours", "languages", "confidence", "source", "dated", "seen", "also", "tested", "confirm", "named", "near")
		p := Place{Name: f.Name, Number: e["number"].Text(), Inside: e["inside"].Text(), From: e["from"].Text(), Hours: e["hours"].Text(),
			Languages: e["languages"].Texts(), Confidence: e["confidence"].Text(), Source: e["source"].Text(),
			Dated: e["dated"].Text(), Seen: e["seen"].Text(), Also: e["also"].Text(),
			Tested: e["tested"].Text(), Confirm: e["confirm"].Bool(), Named: e["named"].Bool(), line: f.Line, lines: map[string]int{}}
		at := func(key string) sheet.Node { return at(e[key], f.Node) } // where a mistake in it is told
		for key, n := range e {
			p.lines[key] = n.Line()
		}
		p.Country, p.Kind = e["country"].Text(), e["kind"].Text()
		if n := e["near"]; !n.Zero() {
			p.Near = n.Texts()
		}
		if !e164.MatchString(p.Number) && !short.MatchString(p.Number) {
			at("number").Bad(p.dialled(), "place %q has the number %q, which nobody can dial", f.Name, p.Number)
		}
		p.inside(f, at("inside"))
		if _, ok := p.SourceDate(); !ok && p.Dated != "" && p.Dated != unknown {
			at("dated").Bad("write dated: as 2026-01-31, 2026-01 or 2026, or unknown", "place %q has a source of %q, which is no date", f.Name, p.Dated)
		}
		if _, ok := p.SeenDate(); !ok && p.Seen != "" {
			at("seen").Bad("write seen: as 2026-01-31 or 2026-01", "the source of place %q was seen on %q, which is no day", f.Name, p.Seen)
		}
		if !slices.Contains([]string{"anywhere", "eu", "lithuania", inside}, p.From) {
			at("from").Bad("write from: anywhere, eu, lithuania or country", "place %q does not say from where its number works", f.Name)
		}
		l.abroad(f, p, at)
		if p.Source == "" || p.Hours == "" || p.Tested == "" {
			f.Bad("write all three; hours may be unknown, tested may be never", "place %q lacks hours, source or tested", f.Name)
		}
		if isFraction(p.Hours) {
			at("hours").Bad("write always for round the clock", "the hours of place %q hold digits with a slash", f.Name)
		}
		for i := range c.Languages {
			if lang := &c.Languages[i]; !lang.Has("places." + f.Name + ".name") {
				l.Add("content/"+lang.Tag+"/places.yaml", 0, "write its name there", "place %q has no name", f.Name)
			}
		}
		c.place[f.Name] = len(c.Places)
		c.Places = append(c.Places, p)
	}
	l.countries(m["countries"])
	l.without(m["without"])
	l.registers(m["registers"])
	l.wages(m["wages"])
	l.countryNames()
	for _, o := range m["order"].Fields() {
		lists := o.Map("lithuania", "elsewhere", inside)
		c.order[o.Name] = map[string][]int{}
		for _, where := range []string{"lithuania", "elsewhere"} {
			plus := false
			for _, n := range lists[where].Texts() {
				i, ok := c.place[n]
				if !ok {
					lists[where].Bad("define it above under places:", "place %q does not exist", n)
					continue
				}
				p := c.Places[i]
				if p.From == inside {
					lists[where].Bad(sheet.Say("name it under country: alone, by its kind, as %shelpline", local), "place %q works in %s alone", n, p.Country)
				}
				if !p.Shown() {
					continue
				}
				plus = plus || strings.HasPrefix(p.Number, "+370") && (where == "lithuania" || p.From == "anywhere")
				c.order[o.Name][where] = append(c.order[o.Name][where], i)
			}
			if !plus {
				o.Bad("add a place whose number begins with +370 and works there", "the outcome %q shows people %s no Lithuanian phone number that they can dial", o.Name, map[string]sheet.Text{"lithuania": "in Lithuania", "elsewhere": "elsewhere"}[where])
			}
		}
		l.there(o, lists)
	}
}
