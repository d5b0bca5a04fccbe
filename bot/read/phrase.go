package read

import (
	"slices"
	"strings"
	"unicode/utf8"

	"patikra/content/sheet"
)

// phrase is one line of words.yaml.
//
//	muš* mane|mus     both words, in any order, close together; * stands for any ending, | between words of which one is enough
//	= help            nothing but this is said (besides words such as please)
type phrase struct {
	line  string
	lang  string
	words []pattern
	alone bool // the whole message
	not   bool // it holds a negation itself, so that one before it changes nothing
}

// pattern is one word of a phrase, as numbers in the list of forms: one of them is enough.
type pattern []int

type form struct {
	key  string
	open bool // any ending
}

// span is how many further words may stand between those of a phrase.
const span = 3

// forms is every form of all phrases, once, by its first letter, so that each word of a text is compared with each form only once.
type forms struct {
	list  []form
	known map[form]int
	first map[byte][]int
}

func (f *forms) add(x form) int {
	if i, ok := f.known[x]; ok {
		return i
	}
	i := len(f.list)
	f.list = append(f.list, x)
	f.known[x] = i
	f.first[x.key[0]] = append(f.first[x.key[0]], i)
	return i
}

// fitting lists the forms that a word may be, in order; careful allows no mistakes.
func (f *forms) fitting(word string, careful bool) []int {
	var out []int
	for _, i := range f.first[word[0]] {
		if f.list[i].exactly(word) || !careful && f.list[i].nearly(word) {
			out = append(out, i)
		}
	}
	return out
}

// parse reads a line. Not are the negations of the language.
func (f *forms) parse(line, lang string, not []phrase) (phrase, error) {
	p := phrase{line: line, lang: lang}
	rest, alone := strings.CutPrefix(strings.TrimSpace(line), "=")
	p.alone = alone
	for _, w := range strings.Fields(rest) {
		var any pattern
		for _, said := range strings.Split(w, "|") {
			stem, open := strings.CutSuffix(said, "*")
			k := key(stem)
			if k == "" {
				return p, sheet.Say("%q holds no word", line)
			}
			if open && utf8.RuneCountInString(k) < 2 {
				return p, sheet.Say("%q: %s has too few letters for any ending", line, said)
			}
			any = append(any, f.add(form{k, open}))
		}
		p.words = append(p.words, any)
	}
	if len(p.words) == 0 {
		return p, sheet.Text("an empty line")
	}
	for _, n := range not {
		p.not = p.not || slices.ContainsFunc(p.words, func(w pattern) bool { return len(n.words) == 1 && slices.Contains(w, n.words[0][0]) })
	}
	return p, nil
}

// Limits of what counts as a mistake in typing: letters of the word.
const (
	oneWrong = 6
	twoWrong = 10
)

// exactly reports whether a typed word is this one, with any ending if it may have any.
func (f form) exactly(typed string) bool {
	return typed == f.key || f.open && strings.HasPrefix(typed, f.key)
}

// nearly reports the same of a word with a typing mistake, if it is long enough.
func (f form) nearly(typed string) bool {
	n := len(f.key)
	if n < oneWrong || len(typed) < n-1 || typed[0] != f.key[0] {
		return false
	}
	wrong := 1
	if n >= twoWrong {
		wrong = 2
	}
	if !f.open {
		return distance(typed, f.key, wrong) <= wrong
	}
	for k := n - 1; k <= n+1 && k <= len(typed); k++ {
		if distance(typed[:k], f.key, wrong) <= wrong {
			return true
		}
	}
	return false
}

// fits reports whether a word of a text is this word of a phrase.
func (p pattern) fits(t *token) bool {
	for _, f := range p {
		if _, ok := slices.BinarySearch(t.fits, f); ok {
			return true
		}
	}
	return false
}

// mostWord is the longest word in which mistakes are looked for, in letters.
const mostWord = 40

// distance counts wrong, missing, additional and exchanged letters (Damerau and Levenshtein, neighbours only). It stops counting above most.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	if len(a) > mostWord || len(b) > mostWord {
		return most + 1
	}
	var rows [3][mostWord + 1]int
	before, last, now := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			best = min(best, now[j])
		}
		if best > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}

// find looks for the phrase in a text and returns where its words stand, nil when it is not there.
func (p phrase) find(text []token) []int {
	for i := range text {
		if at := p.from(text, i); at != nil {
			return at
		}
	}
	return nil
}

// from looks for the phrase with its earliest word at i.
func (p phrase) from(text []token, i int) []int {
	first := slices.IndexFunc(p.words, func(w pattern) bool { return w.fits(&text[i]) })
	if first < 0 {
		return nil
	}
	at := []int{i}
	used := make([]bool, len(p.words))
	used[first] = true
	for j, room := i, len(p.words)-1+span; room >= 0 && len(at) < len(p.words); room-- {
		if text[j].end || j+1 >= len(text) {
			return nil
		}
		j++
		for k, w := range p.words {
			if !used[k] && w.fits(&text[j]) {
				used[k] = true
				at = append(at, j)
				break
			}
		}
	}
	if len(at) < len(p.words) {
		return nil
	}
	return at
}
