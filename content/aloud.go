package content

import (
	"strings"
	"unicode"
)

// SyllableRate is how many syllables a second a calm announcer reads.
const SyllableRate = 5

// spokenDigits is how many syllables the digits from 0 to 9 have; where a language is not known, two each.
var spokenDigits = map[string][10]int{
	"lt": {2, 2, 1, 1, 3, 2, 2, 3, 3, 3}, "en": {2, 1, 1, 1, 1, 1, 1, 2, 1, 1}, "pl": {2, 2, 1, 1, 2, 1, 1, 2, 2, 2},
	"ru": {1, 2, 1, 1, 3, 1, 1, 1, 2, 2}, "uk": {1, 2, 1, 1, 3, 1, 1, 1, 2, 2},
}

// Vowels are counted each by itself in Cyrillic; elsewhere those that stand together are one syllable, as in "laukia".
const (
	vowelsLatin    = "aeiouyąęėįųūàáèéìíòóùúäöüõ"
	vowelsCyrillic = "аеёиоуыэюяіїє"
)

// Aloud estimates how many words and syllables somebody reads who reads a text to others: digits one by one, and the marks of an address by their names.
func (l *Language) Aloud(text string) (words, syllables int) {
	for _, word := range strings.Fields(strings.ToLower(text)) {
		n := l.syllables(word)
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			words++
			n = max(n, 1)
		}
		syllables += n
	}
	return words, syllables
}

// syllables counts those of one word.
func (l *Language) syllables(word string) (n int) {
	digits, known := spokenDigits[l.Base()]
	letters, before := []rune(word), false
	for i, r := range letters {
		vowel := strings.ContainsRune(vowelsLatin, r)
		switch {
		case r >= '0' && r <= '9' && known:
			n += digits[r-'0']
		case r >= '0' && r <= '9', strings.ContainsRune("./-", r) && i+1 < len(letters) && unicode.IsLetter(letters[i+1]):
			n += 2
		case strings.ContainsRune(vowelsCyrillic, r), vowel && !before:
			n++
		}
		before = vowel
	}
	return n
}
