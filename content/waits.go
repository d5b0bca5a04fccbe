package content

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// A change goes out in the source first. Until it is translated the other languages keep the wording that they had. What they had is known
// from sources.yaml, where it stands from which wording of the source each text was translated.

// Wording is a short hash of a source text, in letters, so that no reader of YAML takes it for a number.
func Wording(text string) string {
	sum := sha256.Sum256([]byte(text))
	out := make([]byte, 8)
	for i := range out {
		out[i] = 'a' + sum[i]%26
	}
	return string(out)
}

// Noted reports whether a text was translated once. Where it is missing now it was lost, and does not wait for its translation.
func (l *Language) Noted(name string) bool {
	return l.made[name] != "" || l.made[line(name, 0)] != ""
}

// LeftOver reports whether a text was translated once from one that the source no longer has. Nobody reads it, and it may stay until
// somebody takes it out.
func (l *Language) LeftOver(name string) bool {
	return l.src != nil && l.Noted(name) && !l.src.Has(name) && l.src.lists[name] == nil && (ShortOf(name) == "" || !l.src.Has(ShortOf(name)))
}

// LeftOvers lists them, in order.
func (l *Language) LeftOvers() []string {
	if l.src == nil || len(l.made) == 0 {
		return nil
	}
	return slices.DeleteFunc(l.Names(""), func(n string) bool { return !l.LeftOver(n) })
}

// line names a line of a list, as sources.yaml does.
func line(name string, i int) string { return fmt.Sprintf("%s[%d]", name, i+1) }

// ListWaits reports whether a list has fewer lines than the source's because the source's has grown since it was translated, and may be
// shown until then: it is what to do after a result, none of its lines was lost, and every number stands in it that stands in the source's.
// A source that has fewer lines looks like a file that was cut off: there the line is taken out of every language at once.
//
// The prepared replies may have fewer lines too, where the new ones come last and name no number: a counsellor is then offered fewer, and each of those
// that are there still stands beside the same line of the source. A new reply in between would put wrong words beside what the counsellor reads, and one
// with a number may be what somebody in danger needs.
func (l *Language) ListWaits(name string, src *Language) bool {
	got, want := l.lists[name], src.lists[name]
	if name == Replies && len(got) > 0 && len(got) < len(want) {
		return l.repliesWait(got, want)
	}
	if !strings.HasSuffix(name, ".next") || len(got) >= len(want) {
		return false
	}
	noted := 0
	for l.made[line(name, noted)] != "" {
		noted++
	}
	has := strings.Join(got, " ")
	return noted == len(got) && !slices.ContainsFunc(Placeholders(strings.Join(want, " ")), func(p string) bool { return !strings.Contains(has, p) })
}

// Replies is the list of what counsellors can send with a press.
const Replies = "replies.texts"

func (l *Language) repliesWait(got, want []string) bool {
	for i := range got {
		if l.made[line(Replies, i)] != Wording(want[i]) {
			return false
		}
	}
	return !slices.ContainsFunc(want[len(got):], NamesNumber)
}

// NamesNumber reports whether the number of a place is filled into a text.
func NamesNumber(text string) bool {
	return slices.ContainsFunc(Numbered, func(place string) bool { return strings.Contains(text, "{"+place+"}") })
}

// keeps reports whether a text has other placeholders, b, than the source's, a, because it still says what the source said before: it was
// translated from another wording, and nothing that the source fills in is missing.
func (l *Language) keeps(name string, src *Language, a, b []string) bool {
	made, now := l.made[name], src.wording(name)
	return made != "" && now != "" && made != now && !slices.ContainsFunc(a, func(p string) bool { return !slices.Contains(b, p) })
}

// Keeps reports whether a text has placeholders that the source's no longer has, because it still says what that said before.
func (l *Language) Keeps(name string) bool {
	if l.src == nil || !l.Own(name) || l.made[name] == "" || !l.src.Has(name) { // a list has those of the source, line by line
		return false
	}
	a, b := l.src.placeholders(name), l.placeholders(name)
	return !slices.Equal(a, b) && l.keeps(name, l.src, a, b)
}

// wording is the code of what the source says now under a name of sources.yaml, empty where it says nothing.
func (l *Language) wording(id string) string {
	if label := ShortOf(id); label != "" && !l.Has(id) { // it is made of the label
		id = label
	}
	if forms := l.forms[id]; forms != nil {
		return "" // of all its forms together: package exchange knows
	}
	if t, ok := l.texts[id]; ok {
		return Wording(t.value)
	}
	if i := strings.LastIndexByte(id, '['); i > 0 {
		n := 0
		if list := l.lists[id[:i]]; list != nil {
			if fmt.Sscanf(id[i:], "[%d]", &n); n >= 1 && n <= len(list) {
				return Wording(list[n-1])
			}
		}
	}
	return ""
}

// Stale lists the texts of a language that the source has changed since they were translated, in order. Lists stand there once.
func (l *Language) Stale(src *Language) []string {
	var out []string
	for id, made := range l.made {
		name, _, _ := strings.Cut(id, "[")
		if now := src.wording(id); now != "" && made != "" && now != made && (l.Has(name) || l.lists[name] != nil) && l.Own(name) {
			out = append(out, name)
		}
	}
	for name := range src.lists {
		if l.Own(name) && l.lists[name] != nil && l.ListWaits(name, src) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// Renamed gives a group of texts, as job-offer.pay. another name, job-offer.job., where the language has none of that name itself.
func (l *Language) Renamed(from, to string) {
	own := func(n string) bool { return strings.HasPrefix(n, to) && l.Own(n) }
	if slices.ContainsFunc(l.Names(to), own) {
		return
	}
	for _, n := range l.Names(from) {
		t, ok := l.texts[n]
		if name := to + n[len(from):]; ok && l.Own(n) {
			l.texts[name] = t
			delete(l.borrowed, name)
			if l.made[n] != "" {
				l.made[name] = l.made[n]
			}
		}
	}
}

// Fill gives a language a text of another catalog's same language, where it has none itself.
func (l *Language) Fill(name string, from *Language) {
	l.texts[name] = from.texts[name]
	if forms := from.forms[name]; forms != nil {
		l.forms[name] = forms
	}
}
