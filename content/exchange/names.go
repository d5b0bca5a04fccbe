package exchange

import (
	"fmt"
	"strconv"
	"strings"

	"patikra/content/sheet"
)

// Programs that turn PO into something else and back lose the name of each text (po2xliff of the Translate Toolkit does). They keep the words of
// the source, and the file and line where these stood: by them a text is found. Where the label of a step and its short form stand
// on the same line with the same words, they come in the order of the export.

// spot is a wording of the source in a file.
type spot struct {
	file, words string
	form        bool
}

// named gives the texts without a name their names. Those that stay without are told in one line.
func (m *merge) named(b *Bundle) *Bundle {
	if len(b.nameless) == 0 {
		return b
	}
	out := *b
	taken := map[string]bool{}
	for _, u := range b.Units {
		taken[u.Key] = true
	}
	at := m.spots()
	var lost []*Unit
	for _, group := range bySpot(b.nameless) {
		names := namesOf(group, at)
		for i, u := range group {
			if names == nil || taken[names[i]] {
				lost = append(lost, u)
				continue
			}
			taken[names[i]] = true
			one := *u
			one.Key = names[i]
			out.Units = append(out.Units, one)
		}
	}
	found := len(b.nameless) - len(lost)
	if len(lost) > found {
		m.bad(lost[0].Line, b.keepName, count(len(lost), "a text has no name", "texts have no name"))
		return &out
	}
	m.tell(b.nameless[0].Line, "%s found by the words of the source", count(found, "the name of a text was", "names of texts were"))
	if len(lost) > 0 {
		m.tell(lost[0].Line, "left out, because several texts have these words: %s", count(len(lost), sheet.Say("%q", lost[0].of), sheet.Say("texts, first %q", lost[0].of)))
	}
	return &out
}

// tell notes something of a line of the file.
func (m *merge) tell(line int, format sheet.Text, args ...any) {
	m.out.Notes = append(m.out.Notes, sheet.Say("%s:%d: %s", m.name, line, sheet.Say(format, args...)))
}

// spotOf is where the source of a text stood when it was exported.
func spotOf(u *Unit) (s spot, line string) {
	file, line, _ := strings.Cut(u.Where, ":")
	return spot{file, u.of, u.Key != ""}, line
}

// bySpot puts those together that have the same words of the same line, and the forms of a text that counts apart.
func bySpot(units []Unit) [][]*Unit {
	var out [][]*Unit
	group := map[string]int{}
	for i := range units {
		u := &units[i]
		s, line := spotOf(u)
		id := fmt.Sprint(s, line, u.Key)
		n, there := group[id]
		if !there {
			n = len(out)
			group[id], out = n, append(out, nil)
		}
		out[n] = append(out[n], u)
	}
	return out
}

// spots are the texts that the language should have, by what their source says. Of a text that counts the first form stands for all.
func (m *merge) spots() map[spot][]want {
	out := map[spot][]want{}
	seen := map[string]bool{}
	for _, w := range wants(m.src, m.lang) {
		form := w.numbers != ""
		if form && seen[w.source.Name] {
			continue
		}
		seen[w.source.Name] = form
		s := spot{w.source.File, w.source.Value, form}
		out[s] = append(out[s], w)
	}
	return out
}

// namesOf are the names of texts of the same words, nil where not just as many texts fit.
func namesOf(group []*Unit, at map[spot][]want) (names []string) {
	s, line := spotOf(group[0])
	fit := at[s]
	for _, w := range fit {
		if len(fit) > 1 && strconv.Itoa(w.source.Line) != line {
			continue
		}
		name := w.key
		if s.form {
			name = w.source.Name + group[0].Key
		}
		names = append(names, name)
	}
	if len(names) != len(group) {
		return nil
	}
	return names
}
