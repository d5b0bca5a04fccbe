package talk

import (
	"math/bits"
	"slices"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// municipality is the one that was chosen, empty when none was.
func (v view) municipality() string {
	for _, g := range v.s.Given {
		if step := v.flow.Step(int(g.Step)); step.Names == library.OfMunicipality && g.Picks != 0 {
			if name := step.Choices[bits.TrailingZeros16(g.Picks)].Answer; name != flows.Unsure {
				return name
			}
		}
	}
	return ""
}

// ofOffice is a text of municipalities.yaml.
func (v view) ofOffice(name string, with ...string) string {
	return v.fill(strings.NewReplacer(with...).Replace(v.lang.Text("municipalities." + name)))
}

// offices are whom a municipality turns to after a result. What is not known is said, with whom to ask; noted adds what each is for.
func (v view) offices(municipality, outcome string, noted bool) []Point {
	var out []Point
	for _, o := range v.l.Catalog.OfficesOf(municipality, outcome) {
		out = append(out, v.office(o, noted))
	}
	return out
}

func (v view) office(o content.Office, noted bool) Point {
	kind := "kinds." + o.Kind + "."
	p := Point{Lead: v.ofOffice(kind + "name")}
	if o.Of != "" && o.Kind != "labour" {
		p.Lead += ": " + v.lang.Text("places."+o.Of+".name")
	}
	if o.At != "" {
		p.Lead += " (" + v.lang.Text(v.l.Municipalities()[o.At]) + ")"
	}
	var text []string
	switch {
	case o.Source == "":
		text = append(text, v.ofOffice("unknown"), v.ofOffice(kind+"ask"))
	case o.Number == "" || !o.Shown():
		text = append(text, v.ofOffice("unnumbered"), v.ofOffice(kind+"ask"))
	default:
		p.Number, p.Shown = o.Number, o.Spaced()
		text = append(text, v.openAt(o.Hours))
	}
	if noted || o.Kind == "child-rights" { // when else to call belongs to the unit itself
		text = append(text, v.ofOffice(kind+"note"))
	}
	p.Text = strings.Join(text, " ")
	return p
}

// openAt says when somebody answers.
func (v view) openAt(hours string) string {
	switch hours {
	case "always":
		return "(" + v.say("hours-always") + ")."
	case "unknown":
		return "(" + v.say("hours-unknown") + ")."
	}
	return "(" + v.hours(hours) + ")."
}

// local is the part of a result about the municipality that was chosen: its heading and its lines; empty when none was.
func (v view) local(outcome string, noted bool) (title string, points []Point) {
	name := v.municipality()
	if name == "" || len(v.l.Catalog.Municipalities) == 0 {
		return "", nil
	}
	label := v.lang.Text(v.l.Municipalities()[name])
	return v.ofOffice("title", "{municipality}", label), v.offices(name, outcome, noted)
}

// localText writes the part about the municipality, with where its card is to be printed if there is a page for it.
func (v view) localText(b *strings.Builder, outcome string, noted bool) {
	title, points := v.local(outcome, noted)
	if title == "" {
		return
	}
	b.WriteString("\n\n**" + title + "**")
	for _, p := range points {
		b.WriteString("\n• " + p.line())
	}
	if v.l.Pocket != nil {
		b.WriteString("\n" + v.ofOffice("card", "{link}", v.l.Pocket(v.municipality(), v.lang.Tag)))
	}
}

// line is a point as plain words.
func (p Point) line() string {
	out := p.Lead + ":"
	if p.Number != "" {
		out += " **" + p.Shown + "**"
	}
	return out + " " + p.Text
}

// Pocket is a card for the pocket of a specialist of one municipality.
type Pocket struct {
	Name, Title         string
	Numbers, Offices    []Point
	Signs, Words, Never Block
	Note                string
}

// Municipality is one that can be chosen, and what it is called.
type Municipality struct{ Name, Label string }

// Municipalities lists all of which something is told, by what they are called.
func Municipalities(l *library.Library, lang string) []Municipality {
	labels := l.Municipalities()
	var out []Municipality
	for _, m := range l.Catalog.Municipalities {
		out = append(out, Municipality{m, l.Catalog.Language(lang).Text(labels[m])})
	}
	slices.SortFunc(out, func(a, b Municipality) int { return strings.Compare(content.Fold(a.Label), content.Fold(b.Label)) })
	return out
}

// PocketOf makes the card of a municipality in a language. Ok is false where nothing is told of such a one. A star stands behind a number that
// nobody has called yet.
func PocketOf(l *library.Library, municipality, lang string) (p Pocket, ok bool) {
	if !slices.Contains(l.Catalog.Municipalities, municipality) || l.Catalog.Language(lang) == nil {
		return p, false
	}
	v := viewOf(l, &bot.Session{Lang: lang, Book: l.ID})
	p = Pocket{Name: municipality, Title: v.lang.Text(l.Municipalities()[municipality])}
	for _, name := range []string{"emergency", "helpline-free", "helpline", "child"} {
		if place, ok := l.Catalog.Place(name); ok {
			p.Numbers = append(p.Numbers, v.starred(place, v.pointsOf([]content.Place{place})[0]))
		}
	}
	seen := ""
	for _, o := range l.Catalog.OfficesOf(municipality, "pocket") {
		p.Offices = append(p.Offices, v.starred(o.Place, v.office(o, false)))
		seen = max(seen, o.Seen)
	}
	block := func(name string) Block {
		return Block{Heading: v.ofOffice(name), Text: v.lang.List("municipalities." + name + "-list")}
	}
	p.Signs, p.Words, p.Never = block("signs"), block("words"), block("never")
	p.Note = v.ofOffice("note", "{date}", seen)
	return p, true
}

// starred marks a number that nobody has called. The emergency number is not called to try it.
func (v view) starred(place content.Place, p Point) Point {
	if p.Number != "" && place.Tested == "never" && place.Kind != "emergency" {
		p.Shown += " *"
	}
	return p
}
