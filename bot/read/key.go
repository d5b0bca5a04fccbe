package read

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// cyrillic says each letter as people without such a keyboard type it.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'є': "ie", 'ж': "zh", 'з': "z", 'и': "i", 'і': "i", 'ї': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "h", 'ц': "c",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia",
	'ł': "l", 'đ': "d", 'ø': "o", 'ß': "ss", 'æ': "ae",
}

// sounds are ways to type one sound, the longer before the shorter: š as sh, sch, sz; ж as zh, rz; х as kh, ch, x.
var sounds = strings.NewReplacer(
	"shch", "s", "sch", "s", "sh", "s", "sz", "s", "ch", "c", "cz", "c", "tz", "c", "ts", "c", "zh", "z", "rz", "z", "kh", "g",
	"ck", "k", "ph", "f", "w", "v", "y", "i", "j", "i", "q", "k", "x", "ks", "h", "g",
)

// key makes two ways to write one word the same: small letters of the Latin alphabet, without accents and without the differences
// between the ways to type Cyrillic, each letter once in a row.
func key(word string) string {
	var plain strings.Builder
	soft := false // a sign stands before: heard as i between a consonant and е (бьет: biet, byet)
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if soft && r == 'е' {
			plain.WriteRune('i')
		}
		soft = r == 'ь' || r == 'ъ'
		switch latin, ok := cyrillic[r]; {
		case ok:
			plain.WriteString(latin)
		case unicode.IsLetter(r), unicode.IsDigit(r):
			plain.WriteRune(r)
		}
	}
	var out strings.Builder
	last := rune(0)
	for _, r := range sounds.Replace(plain.String()) {
		if r != last || unicode.IsDigit(r) {
			out.WriteRune(r)
		}
		last = r
	}
	return out.String()
}

// token is a word of a text. A sentence ends behind it when end is set.
type token struct {
	key  string
	word string // as it was typed, small
	fits []int  // the forms that it may be, in order
	end  bool
	// a comma stands behind it
	comma bool
}

// mostText is how much of a text is read, in bytes. The rest of a longer one changes nothing.
const mostText = 8000

// tokens takes a text apart. An apostrophe is part of its word: don't, п'ять.
func tokens(text string) []token {
	if len(text) > mostText {
		text = text[:mostText]
	}
	var out []token
	start := -1
	flush := func(i int) {
		if start < 0 {
			return
		}
		if k := key(text[start:i]); k != "" {
			out = append(out, token{key: k, word: strings.ToLower(text[start:i])})
		}
		start = -1
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r), start >= 0 && strings.ContainsRune("'’ʼ`", r):
			if start < 0 {
				start = i
			}
		default:
			flush(i)
			if len(out) > 0 && strings.ContainsRune(".!?;\n…", r) {
				out[len(out)-1].end = true
			}
			if len(out) > 0 && r == ',' {
				out[len(out)-1].comma = true
			}
		}
	}
	flush(len(text))
	return out
}
