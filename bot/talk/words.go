package talk

import (
	"slices"
	"strings"

	"patikra/bot/library"
)

// codeWord chooses two neutral words, or three.
func (v view) codeWord(luck uint64, long bool) string {
	words := v.lang.List("desk.words")
	n := 2
	if long {
		n = 3
	}
	var chosen []string
	left := append([]string{}, words...)
	for len(chosen) < n && len(left) > 0 && len(words) > 1 {
		i := luck % uint64(len(left))
		luck /= uint64(len(left))
		chosen = append(chosen, left[i])
		left = append(left[:i], left[i+1:]...)
	}
	return strings.Join(chosen, " ")
}

// Meaning is what code words mean in the language of a reader: the words that stand at the same places of its list. It is empty where the
// reader's language has the same words, and where one of them is in no list any more.
func Meaning(l *library.Library, word, tag string) string {
	reader := l.Catalog.Language(tag)
	if reader == nil || word == "" {
		return ""
	}
	own := reader.List("desk.words")
	var out []string
	for _, w := range strings.Fields(word) {
		i := placeOf(l, w)
		if i < 0 || i >= len(own) {
			return ""
		}
		out = append(out, own[i])
	}
	if meaning := strings.Join(out, " "); meaning != word {
		return meaning
	}
	return ""
}

// placeOf is where a code word stands in the list of the language that has it; below nought: in none.
func placeOf(l *library.Library, word string) int {
	for _, lang := range l.Catalog.Spoken() {
		if i := slices.Index(lang.List("desk.words"), word); i >= 0 {
			return i
		}
	}
	return -1
}

// showCode shows the code to the person, and to nobody else: it stands in no log and goes to no desk.
func (t *turn) showCode() {
	t.note = strings.ReplaceAll(t.view().wording("code"), "{code}", t.u.Desk.Code[:4]+"-"+t.u.Desk.Code[4:])
	t.p.Toast = t.note // for doors that draw
	t.show()
}
