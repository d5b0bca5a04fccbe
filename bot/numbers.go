package bot

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"patikra/content"
)

// oldSources finds numbers whose source is so old that it should be looked for anew, or does not say when it was written:
// one line for each of the two, with every name.
func (l *Library) oldSources(at time.Time, add func(file string, line int, remedy, message string)) {
	var old, undated []string
	first := map[bool]int{}
	for i := range l.Catalog.Places {
		p := &l.Catalog.Places[i]
		_, dated := p.SourceDate()
		if dated && !p.OldSource(at) {
			continue
		}
		if first[dated] == 0 {
			first[dated] = p.Line()
		}
		if dated {
			old = append(old, p.Name+" ("+p.Dated+")")
		} else {
			undated = append(undated, p.Name)
		}
	}
	tell := func(names []string, line int, remedy, message string) {
		if len(names) > 0 {
			add("content/places.yaml", line, remedy, fmt.Sprintf(message, len(names), strings.Join(names, ", ")))
		}
	}
	tell(old, first[true], "look for a newer one, then write it under source: and its date under dated:", "%d numbers have a source older than five years: %s")
	tell(undated, first[false], "write the date of the source under dated:, or find one that bears a date", "%d numbers have a source of no known date: %s")
}

// weakFirst finds lists that begin with a number that is still to be confirmed, or that only one old source knows.
func (l *Library) weakFirst(at time.Time, add func(file string, line int, remedy, message string)) {
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
			add("content/places.yaml", lines[name], "put a surer number before it, or write a second source under also:", "\""+name+"\" comes first, and nothing recent confirms its number: "+strings.Join(lists[name], ", "))
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
func (l *Library) countriesWithoutLine(add func(file string, line int, remedy, message string)) {
	without := slices.DeleteFunc(slices.Clone(l.Catalog.Countries), func(c content.Country) bool { return c.Without != "" || l.Catalog.HasLine(c.Code) })
	for _, c := range without {
		add("content/places.yaml", c.Line(), "add one with country: "+c.Code+", or say under without: why there is none", "nobody in "+c.Code+" is shown a line of that country")
	}
}
