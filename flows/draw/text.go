package draw

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// widths of the printable ASCII characters in a common sans-serif font, in thousandths of its size
var widths = [...]int16{278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556,
	278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944,
	667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556,
	500, 722, 500, 500, 500, 334, 260, 334, 584}

// generous is by how much fonts that differ from the one above are wider.
const generous = 1.12

// measure estimates how wide a text is at a size.
func measure(s string, size float64) float64 {
	total := 0.0
	for _, r := range s {
		total += runeWidth(r)
	}
	return total * size * generous
}

func runeWidth(r rune) float64 {
	switch {
	case r >= ' ' && r <= '~':
		return float64(widths[r-' ']) / 1000
	case r < ' ', unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1F000, r >= 0x2600 && r < 0x2800:
		return 1.3 // pictures
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 1
	}
	if d := norm.NFD.PropertiesString(string(r)).Decomposition(); len(d) > 0 && d[0] >= ' ' && d[0] <= '~' {
		return float64(widths[d[0]-' ']) / 1000
	}
	if unicode.IsUpper(r) {
		return 0.75
	}
	return 0.62
}

// wrap breaks a text into lines that fit, at spaces where there are some.
func wrap(s string, size, most float64) []string {
	var lines []string
	line, used := "", 0.0
	flush := func() {
		if line != "" {
			lines = append(lines, line)
		}
		line, used = "", 0
	}
	space := measure(" ", size)
	for _, word := range strings.Fields(s) {
		w := measure(word, size)
		if line != "" && used+space+w > most {
			flush()
		}
		for w > most { // a script without spaces, or one long word
			cut := fitting(word, size, most)
			lines = append(lines, word[:cut])
			word = word[cut:]
			w = measure(word, size)
		}
		if word == "" {
			continue
		}
		if line != "" {
			line += " "
			used += space
		}
		line += word
		used += w
	}
	flush()
	if len(lines) == 0 {
		lines = []string{""}
	}
	return lines
}

// fitting is how many bytes of a word fit, at least one letter with its marks.
func fitting(word string, size, most float64) int {
	used, cut := 0.0, 0
	for i, r := range word {
		w := runeWidth(r) * size * generous
		mark := unicode.In(r, unicode.M, unicode.Cf)
		if i > 0 && !mark {
			if used+w > most {
				return cut
			}
		}
		used += w
		cut = i + len(string(r))
	}
	return len(word)
}

// clean drops what no picture's text may hold: control characters and marks that turn the direction of what follows.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFFFE, r == 0xFFFF, r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// rightToLeft reports whether a text is read from the right.
func rightToLeft(s string) bool {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}
