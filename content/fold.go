package content

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes what a person typed comparable: small letters, no accents, no punctuation
// or pictures, one space between words. "Žinau!" and "zinau" become the same.
func Fold(s string) string {
	if len(s) > 400 {
		s = s[:400]
	}
	var b strings.Builder
	space := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		default:
			space = true
		}
	}
	return b.String()
}
