package content

import (
	"slices"
	"strings"

	"patikra/content/sheet"
)

const municipalitiesFile = "content/municipalities.yaml"

// OfficeKinds are the kinds of offices that a specialist of a municipality turns to.
var OfficeKinds = []string{"branch", "child-rights", "commission", "labour", "legal-aid", "victims"}

// Office is whom a specialist turns to in one municipality, in some, or in all. What is known of its number is a [Place] of its own, called as
// the office is; it has no number where nobody has found one.
type Office struct {
	Place
	Kind string   // one of OfficeKinds
	Of   string   // the place of places.yaml whose number it has; empty: its own, or none
	At   string   // the municipality in which it is; empty: not known, or it does not matter
	For  []string // the municipalities that it serves; empty: all
}

// Serves reports whether a municipality turns to the office.
func (o Office) Serves(municipality string) bool {
	return len(o.For) == 0 || slices.Contains(o.For, municipality)
}

// Place returns the place of that name in places.yaml.
func (c *Catalog) Place(name string) (p Place, ok bool) {
	i, ok := c.place[name]
	if !ok {
		return p, false
	}
	return c.Places[i], true
}

// everywhere stands for all municipalities.
const everywhere = "all"

// municipalities reads content/municipalities.yaml, if there is one.
func (l *loader) municipalities() {
	if !l.Exists(municipalitiesFile) {
		return
	}
	top, ok := l.File(municipalitiesFile)
	if !ok {
		return
	}
	c := l.catalog
	m := top.Map("municipalities", "order", "offices")
	c.Municipalities = m["municipalities"].Texts()
	c.officeOrder = map[string][]string{}
	for _, f := range m["order"].Fields() {
		for _, kind := range f.Texts() {
			if !slices.Contains(OfficeKinds, kind) {
				f.Bad(sheet.Say("use %s", strings.Join(OfficeKinds, ", ")), "there is no kind of office called %q", kind)
			}
		}
		c.officeOrder[f.Name] = f.Texts()
	}
	if c.officeOrder[otherwise] == nil {
		top.Bad("write otherwise: with the kinds of offices in their order", "nothing says which offices are shown where the result has no list of its own")
	}
	for _, f := range m["offices"].Fields() {
		c.Offices = append(c.Offices, l.office(f))
	}
}

// otherwise is the order of offices for results that have none of their own.
const otherwise = "otherwise"

func (l *loader) office(f sheet.Field) Office {
	c := l.catalog
	e := f.Map("kind", "for", "at", "place", "number", "inside", "hours", "confidence", "source", "dated", "seen", "tested")
	o := Office{Kind: e["kind"].Text(), At: e["at"].Text(), Of: e["place"].Text()}
	if o.Of != "" {
		var ok bool
		if o.Place, ok = c.Place(o.Of); !ok {
			e["place"].Bad("write a place of content/places.yaml", "place %q does not exist", o.Of)
		}
	} else {
		o.Place = Place{Number: e["number"].Text(), Inside: e["inside"].Text(), From: "anywhere", Hours: e["hours"].Text(), Confidence: e["confidence"].Text(), Tested: e["tested"].Text()}
		if o.Number != "" && (!e164.MatchString(o.Number) || o.Hours == "" || o.Tested == "") {
			f.Bad("write the number as +37060000000, hours: (or unknown) and tested: (or never)", "the number of the office %q cannot be used", f.Name)
		}
		o.inside(f, f.Node)
	}
	o.Name, o.line, o.Source, o.Dated, o.Seen = f.Name, f.Line, e["source"].Text(), e["dated"].Text(), e["seen"].Text()
	if !slices.Contains(OfficeKinds, o.Kind) {
		f.Bad(sheet.Say("use %s", strings.Join(OfficeKinds, ", ")), "there is no kind of office called %q", o.Kind)
	}
	if _, seen := o.SeenDate(); !seen || !o.Addressed() || o.Source == "" {
		f.Bad("write the address of the page under source:, and the day on which somebody read it under seen:", "nobody can look up where the office %q is told of", f.Name)
	}
	if o.For = e["for"].Texts(); len(o.For) == 0 {
		f.Bad("write for: [zarasai], or for: [all]", "the office %q serves no municipality", f.Name)
	} else if slices.Equal(o.For, []string{everywhere}) {
		o.For = nil
	}
	for _, name := range slices.Concat(o.For, strings.Fields(o.At)) {
		if !slices.Contains(c.Municipalities, name) {
			f.Bad(sheet.Near(name, c.Municipalities, "name it under municipalities:"), "there is no municipality %q", name)
		}
	}
	return o
}

// OfficesOf returns whom a municipality turns to after a result, kind by kind: the office that names the municipality, else the one for all. A kind
// of which nothing is known is there too, as an office without a source.
func (c *Catalog) OfficesOf(municipality, outcome string) []Office {
	kinds, ok := c.officeOrder[outcome]
	if !ok {
		kinds = c.officeOrder[otherwise]
	}
	var out []Office
	for _, kind := range kinds {
		out = append(out, c.officeOf(municipality, kind))
	}
	return out
}

func (c *Catalog) officeOf(municipality, kind string) Office {
	found := Office{Kind: kind}
	for _, o := range c.Offices {
		if o.Kind == kind && o.Serves(municipality) && (found.Source == "" || len(o.For) > 0) {
			found = o
		}
	}
	return found
}

// Cover counts, of a kind of office, for how many municipalities it is known that there is one, for how many its number is, and for how many
// somebody has called that number.
func (c *Catalog) Cover(kind string) (known, numbered, tested int) {
	for _, m := range c.Municipalities {
		switch o := c.officeOf(m, kind); {
		case o.Source == "":
			continue
		case o.Number == "" || !o.Shown():
			known++
		case o.Tested == "never":
			known, numbered = known+1, numbered+1
		default:
			known, numbered, tested = known+1, numbered+1, tested+1
		}
	}
	return known, numbered, tested
}
