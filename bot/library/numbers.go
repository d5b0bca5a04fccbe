package library

import (
	"slices"
	"strings"
	"time"

	"patikra/content"
	"patikra/content/sheet"
)

// oldSources finds numbers whose source is so old that it should be looked for anew, does not say when it was written, was
// seen by nobody for long or on no day that has been, or cannot be opened: one line for each kind, with every name.
func (l *Library) oldSources(at time.Time, add func(file string, line int, remedy, message sheet.Text)) {
	for _, kind := range []struct {
		is              func(p content.Place) bool
		date            func(p content.Place) string // what is said after the name; nil: nothing
		message, remedy sheet.Text
	}{
		{func(p content.Place) bool { return p.OldSource(at) }, func(p content.Place) string { return p.Dated },
			"%d numbers have a source older than five years: %s", "look for a newer one, then write it under source: and its date under dated:"},
		{func(p content.Place) bool { _, dated := p.SourceDate(); return !dated }, nil,
			"%d numbers have a source of no known date: %s", "write the date of the source under dated:, or find one that bears a date"},
		{func(p content.Place) bool { _, seen := p.SeenDate(); return !seen }, nil,
			"nobody says when the source of %d numbers was seen: %s", "look at each, then write the day under seen:"},
		{func(p content.Place) bool { return p.Ahead(at) }, func(p content.Place) string { return p.Seen },
			"the source of %d numbers was seen on a day that has not come: %s", "write the day on which somebody looked under seen:"},
		{func(p content.Place) bool { return p.LongUnseen(at) }, func(p content.Place) string { return p.Seen },
			"nobody has looked at the source of %d numbers for a year: %s", "look whether it still gives the number, then write the day under seen:"},
		{func(p content.Place) bool { return !p.Addressed() }, nil,
			"%d numbers have a source that is no address: %s", "write the address of the page, as https://www.example.lt/contacts, under source: and also:"},
	} {
		var names []string
		line := 0
		for i := range l.Catalog.Places {
			p := &l.Catalog.Places[i]
			if !kind.is(*p) {
				continue
			}
			if line == 0 {
				line = p.Line()
			}
			name := p.Name
			if kind.date != nil {
				name += " (" + kind.date(*p) + ")"
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			add("content/places.yaml", line, kind.remedy, sheet.Say(kind.message, len(names), strings.Join(names, ", ")))
		}
	}
}

// oldWages finds countries for whose lowest pay nobody has looked for long, in one line, and those for which nobody ever has.
func (l *Library) oldWages(at time.Time, add func(file string, line int, remedy, message sheet.Text)) {
	var old, none []string
	line := 0
	for i := range l.Catalog.Countries {
		c := &l.Catalog.Countries[i]
		switch _, known := l.Catalog.Wage(c.Code); {
		case !known:
			none = append(none, c.Code)
		case c.Wage.Old(at):
			old = append(old, c.Code+" ("+c.Wage.Seen+")")
		default:
			continue
		}
		if line == 0 {
			line = c.Line()
		}
	}
	if len(old) > 0 {
		add("content/places.yaml", line, "look for the present sum, and write it and seen: under wages:",
			sheet.Say("nobody has looked for the lowest pay for more than %d months in: %s", content.WageMonths, strings.Join(old, ", ")))
	}
	if len(none) > 0 && len(none) < len(l.Catalog.Countries) {
		add("content/places.yaml", line, "write it under wages:, or agreed: true where no law sets it", sheet.Say("the lowest pay is not known in: %s", strings.Join(none, ", ")))
	}
}

// weakFirst finds lists that begin with a number that is still to be confirmed, or that only one old source knows.
func (l *Library) weakFirst(at time.Time, add func(file string, line int, remedy, message sheet.Text)) {
	lists := map[string][]string{}
	lines := map[string]int{}
	for _, outcome := range l.Catalog.Outcomes() {
		for _, where := range l.Wheres() {
			list := l.Catalog.Order(outcome, where)
			if len(list) > 0 && list[0].Weak(at) {
				lists[list[0].Name] = append(lists[list[0].Name], outcome+" in "+where)
				lines[list[0].Name] = list[0].Line()
			}
		}
	}
	for i := range l.Catalog.Places {
		if name := l.Catalog.Places[i].Name; lists[name] != nil {
			add("content/places.yaml", lines[name], "put a surer number before it, or write a second source under also:", sheet.Say("%q comes first, and nothing recent confirms its number: %s", name, strings.Join(lists[name], ", ")))
		}
	}
}

// Wheres lists for where a person can be shown numbers: lithuania, elsewhere, and each country that can be chosen.
func (l *Library) Wheres() []string {
	out := []string{"lithuania", "elsewhere"}
	for _, c := range l.Catalog.Countries {
		out = append(out, c.Code)
	}
	return out
}

// countriesWithoutLine finds countries where nobody but the emergency number can be called, and no reason is given.
func (l *Library) countriesWithoutLine(add func(file string, line int, remedy, message sheet.Text)) {
	without := slices.DeleteFunc(slices.Clone(l.Catalog.Countries), func(c content.Country) bool { return c.Without != "" || l.Catalog.HasLine(c.Code) })
	for _, c := range without {
		add("content/places.yaml", c.Line(), sheet.Say("add one with country: %s, or say under without: why there is none", c.Code), sheet.Say("nobody in %s is shown a line of that country", c.Code))
	}
}
