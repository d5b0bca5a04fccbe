package content

import (
	"strings"
	"unicode"

	"patikra/content/sheet"
)

// What a reader with the language at level B1 follows without effort, by a simple measure.
const (
	MostWords = 20 // in a sentence
	easyWords = 12 // in a sentence of an easy-to-read text
	longWord  = 14 // letters; more is a long word
	mostLong  = 4  // of so many words one may be long
)

// Hard says what makes one of the language's own texts hard to read. A variant has shorter sentences.
func (l *Language) Hard(text string) sheet.Text {
	if l.Variant != nil {
		return hard(text, easyWords)
	}
	return Hard(text)
}

// Hard says what makes a text hard to read, and nothing for a text that is easy: sentences that are too long, or too many
// long words. It is a hint for whoever writes, not a verdict; scripts without spaces are not measured.
func Hard(text string) sheet.Text { return hard(text, MostWords) }

func hard(text string, most int) sheet.Text {
	words, long, run, longest := 0, 0, 0, 0
	letters, wide := 0, false
	end := func() {
		if letters > 0 {
			words++
			run++
			if letters > longWord && !wide {
				long++
			}
		}
		letters, wide = 0, false
	}
	sentence := func() {
		end()
		longest = max(longest, run)
		run = 0
	}
	for _, hole := range Placeholders(text) {
		text = strings.ReplaceAll(text, hole, "x")
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			letters++
			wide = wide || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Myanmar, unicode.Khmer, unicode.Lao)
		case unicode.Is(unicode.M, r), strings.ContainsRune("'’-.·", r) && letters > 0 && r != '.':
		case strings.ContainsRune(".!?…:;\n。！？؟۔।", r):
			sentence()
		default:
			end()
		}
	}
	sentence()
	switch {
	case longest > most:
		return sheet.Say("a sentence has %d words", longest)
	case words >= 8 && long*mostLong > words:
		return sheet.Say("%d of its %d words are long", long, words)
	}
	return ""
}
