package content

import (
	"strings"
	"sync"
	"unicode"
)

// likely are the languages that texts are mistaken for, the likeliest first.
var likely = []string{"lt", "ru", "uk", "pl"}

// fewWords is how many words tell of which language a text is.
const fewWords = 3

// ReadsAs tells as which other language a text of a language reads by its letters, empty when it may be its own. Short texts and
// single names are never told apart.
func ReadsAs(tag, s string) string {
	if _, ok := alphabets[base(tag)]; !ok && base(tag) != "en" {
		return ""
	}
	all := letters()
	own := all[base(tag)]
	words, foreign := 0, 0 // foreign: words with letters that the language lacks
	inWord, lacks := false, false
	for _, r := range s {
		if r == ' ' || r == '\n' {
			inWord = false
			continue
		}
		if !inWord {
			inWord, lacks = true, false
			words++
		}
		if r >= 0x80 && !lacks && !own.has(r) && unicode.IsLetter(r) {
			lacks = true
			foreign++
		}
	}
	if words < fewWords || foreign < 2 || foreign*5 < words {
		return ""
	}
	for _, other := range likely {
		fits := func(r rune) bool { return r < 0x80 || all[other].has(r) || !unicode.IsLetter(r) }
		if other != base(tag) && strings.IndexFunc(s, func(r rune) bool { return !fits(r) }) < 0 {
			return other
		}
	}
	return ""
}

// letterSet are the letters of a language beyond ASCII; all of them stand below its length.
type letterSet [0x530]bool

func (l *letterSet) has(r rune) bool { return l != nil && int(r) < len(l) && l[r] }

var letters = sync.OnceValue(func() map[string]*letterSet {
	out := map[string]*letterSet{}
	for tag, a := range alphabets {
		out[tag] = &letterSet{}
		for _, r := range a.letters {
			out[tag][r], out[tag][unicode.ToUpper(r)] = true, true
		}
	}
	return out
})

// Telling reports whether a text has words enough to say of which language it is: names, numbers and single words may be the same in many.
func Telling(s string) bool {
	if strings.Count(s, " ")+strings.Count(s, "\n") < fewWords-1 {
		return false
	}
	words := 0
	for _, w := range strings.Fields(s) {
		if strings.ContainsFunc(w, unicode.IsLetter) && !strings.HasPrefix(w, "{") && !strings.Contains(w, "://") {
			words++
		}
	}
	return words >= fewWords
}

// Untranslated lists the texts of a language that are the source's own words, or read by their letters as of another language, in
// order, and tells as which the first reads, and how many texts could be told apart.
func (l *Language) Untranslated(src *Language) (names []string, as string, of int) {
	if l.Base() == src.Tag {
		return nil, "", 0
	}
	for _, n := range l.Names("") {
		if !l.Own(n) {
			continue
		}
		texts, theirs := l.lists[n], src.lists[n]
		if texts == nil {
			texts, theirs = []string{l.texts[n].value}, []string{src.texts[n].value}
		}
		for i, s := range texts {
			if !Telling(s) {
				continue
			}
			of++
			other := ""
			if i < len(theirs) && s == theirs[i] {
				other = src.Tag
			} else {
				other = ReadsAs(l.Tag, s)
			}
			if other != "" {
				names = append(names, n)
				if as == "" {
					as = other
				}
				break
			}
		}
	}
	return names, as, of
}
