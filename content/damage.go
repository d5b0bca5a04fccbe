package content

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"patikra/content/sheet"
)

// What machines do to texts on their way: a spreadsheet that saves in an old encoding leaves ? for every letter that it lacks, a program that
// takes UTF-8 for something else makes two or three signs of one letter, a formula becomes #NAME?, two versions are put together
// with marks between them. Nobody means these, and there are often hundreds in a file: they are told in one line.

// Damage is a kind of harm that machines do to a text.
type Damage uint8

// Kinds of damage.
const (
	NoDamage      Damage = iota
	LostLetters          // ? or U+FFFD in place of letters
	WrongEncoding        // Ã³ in place of ó
	SheetError           // #NAME?
	Entities             // &amp;
	MergeMarks           // <<<<<<< of Git, #-#-#-#-# of gettext
)

var damages = [...]struct{ message, remedy sheet.Text }{
	LostLetters:   {"letters have been lost", "take the texts from where they were whole, and save them as UTF-8 (in a spreadsheet: CSV UTF-8)"},
	WrongEncoding: {"letters were read in the wrong encoding", "open the file again as UTF-8 where it is whole, and save it as UTF-8"},
	SheetError:    {"a spreadsheet computed something in place of a text", "put ' before the text in the cell, and write it again"},
	Entities:      {"signs are written as in a web page", "write the signs themselves, as & in place of &amp;, and leave out <b> and the like"},
	MergeMarks:    {"two versions are merged in one text", "keep one of them, and remove the marks of the program that merged them"},
}

// Fault says in one line what happened to a number of texts, of which name is the first and found what was found in it.
func (d Damage) Fault(count int, name, found string) Fault {
	if count == 1 {
		return Fault{sheet.Say("in the text %q %s (%s)", name, damages[d].message, found), damages[d].remedy}
	}
	return Fault{sheet.Say("in %d texts %s, first in %q (%s)", count, damages[d].message, name, found), damages[d].remedy}
}

var (
	sheetErrors = regexp.MustCompile(`#(NAME\?|REF!|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|ERROR!|FIELD!|BUSY!|CONNECT!|BLOCKED!|N/A)`)
	// the same in other languages, wide numbers, and what LibreOffice writes: the whole text
	sheetOnly = regexp.MustCompile(`^(#[\p{Lu}/0-9]{2,14}[?!]|#Н/Д|#N/D|#{3,}|Err:[0-9]{3}|[0-9]([.,][0-9]+)?E[+-][0-9]+)$`)
	entity    = regexp.MustCompile(`&(#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z][a-zA-Z0-9]{1,30});`)
	tags      = regexp.MustCompile(`(?i)</?(b|i|u|p|br|hr|em|strong|span|div|font|ul|ol|li|g|x|bpt|ept|ph|pc)(\s[^<>]*)?/?>`)
	escapes   = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|(=[0-9A-F]{2}){2,}`)
	mergeMark = regexp.MustCompile(`#-#-#-#-#|(?m)^(<{7}|>{7}|\|{7}|={7})( |$)`)
	address   = regexp.MustCompile(`\S*(://|www\.)\S*`)
)

// mostFound is how much of a damaged text is shown, in letters.
const mostFound = 24

// DamageOf looks for damage in a text of a language, and returns what was found.
func DamageOf(tag, s string) (d Damage, found string) {
	show := func(at []int) string {
		word := strings.LastIndexAny(s[:at[0]], " \n") + 1
		if at[0]-word > mostFound {
			word = at[0]
		}
		runes := []rune(s[word:])
		return strings.TrimSpace(string(runes[:min(len(runes), mostFound)]))
	}
	var has [utf8.RuneSelf]bool // which signs are there
	whole := true               // no sign that is not ASCII
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			has[c] = true
		} else {
			whole = false
		}
	}
	if has['#'] || has['<'] || has['='] || has['|'] || has['>'] {
		if at := mergeMark.FindStringIndex(s); at != nil {
			return MergeMarks, show(at)
		}
	}
	if i := strings.IndexRune(s, utf8.RuneError); i >= 0 && !whole {
		return LostLetters, show([]int{i})
	}
	if has['#'] {
		if at := sheetErrors.FindStringIndex(s); at != nil {
			return SheetError, show(at)
		}
	}
	if has['#'] || has['E'] && len(s) < 2*mostFound {
		if at := sheetOnly.FindStringIndex(strings.TrimSpace(s)); at != nil {
			return SheetError, strings.TrimSpace(s)
		}
	}
	if has['&'] {
		for _, at := range entity.FindAllStringIndex(s, -1) {
			if e := s[at[0]:at[1]]; html.UnescapeString(e) != e {
				return Entities, e
			}
		}
	}
	if has['<'] {
		if at := tags.FindStringIndex(s); at != nil {
			return Entities, s[at[0]:at[1]]
		}
	}
	if has['?'] {
		plain := s
		if has['/'] || has['.'] {
			plain = address.ReplaceAllStringFunc(s, func(a string) string { return strings.Repeat("x", len(a)) })
		}
		if i := lost(plain); i >= 0 {
			return LostLetters, show([]int{i})
		}
	}
	if has['\\'] || has['='] {
		if at := escapes.FindStringIndex(s); at != nil {
			return WrongEncoding, show(at)
		}
	}
	if !whole {
		if at := misread(tag, s); at != nil {
			return WrongEncoding, show(at)
		}
	}
	return NoDamage, ""
}

// lost finds a question mark in place of a letter: within a word, before one, or three in a row. It returns -1 when there is none.
func lost(s string) int {
	for i := strings.IndexByte(s, '?'); i >= 0 && i < len(s); {
		end := i
		for end < len(s) && s[end] == '?' {
			end++
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[end:])
		switch {
		case end-i == 1 && before == ' ' && after == ' ' && lower(s[end+1:]): // a dash
			return i
		case end-i >= 3, unicode.IsLetter(before) && unicode.IsLower(after), (i == 0 || unicode.IsSpace(before) || strings.ContainsRune("(„“\"", before)) && unicode.IsLetter(after):
			return i
		}
		next := strings.IndexByte(s[end:], '?')
		if next < 0 {
			return -1
		}
		i = end + next
	}
	return -1
}

// lower reports whether a text begins with a small letter or a placeholder.
func lower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r) || r == '{'
}

// An old encoding, and how the bytes of UTF-8 look when they are read in it.
type misreading struct {
	of    *charmap.Charmap
	least int // how many letters in a row are needed to be sure
}

var misreadings = []misreading{{charmap.Windows1252, 1}, {charmap.Windows1257, 1}, {charmap.Windows1250, 1}, {charmap.Windows1251, 3}, {charmap.CodePage866, 3}, {charmap.KOI8R, 3}}

// alphabets are the letters of a language beyond a to z, and the encoding that its old programs use.
var alphabets = map[string]struct {
	letters string
	old     *charmap.Charmap
}{
	"en": {},
	"lt": {"ąčęėįšųūž", charmap.Windows1257},
	"lv": {"āčēģīķļņšūž", charmap.Windows1257},
	"et": {"äõöüšž", charmap.Windows1257},
	"pl": {"ąćęłńóśźż", charmap.Windows1250},
	"cs": {"áčďéěíňóřšťúůýž", charmap.Windows1250},
	"sk": {"áäčďéíĺľňóôŕšťúýž", charmap.Windows1250},
	"hu": {"áéíóöőúüű", charmap.Windows1250},
	"ro": {"ăâîșțşţ", charmap.Windows1250},
	"ru": {"абвгдеёжзийклмнопрстуфхцчшщъыьэюя", charmap.Windows1251},
	"uk": {"абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", charmap.Windows1251},
	"be": {"абвгдеёжзійклмнопрстуўфхцчшыьэюя", charmap.Windows1251},
	"bg": {"абвгдежзийклмнопрстуфхцчшщъьюя", charmap.Windows1251},
}

// misread finds letters that were read in the wrong encoding.
func misread(tag, s string) []int {
	abc, known := alphabets[base(tag)]
	all := tables()
	var seen, before uint16 // encodings in which two signs side by side are one letter
	for _, r := range s {
		var here signs
		if r >= utf8.RuneSelf && int(r) < len(all.of) {
			here = all.of[r]
		}
		seen |= before & here.trail
		before = here.lead
	}
	for i := range all.tables {
		if seen&(1<<i) == 0 {
			continue
		}
		if at := all.tables[i].find(s, abc.letters, known); at != nil {
			return at
		}
	}
	if abc.old == nil {
		return nil
	}
	return transposed(abc.letters, abc.old, s)
}

// base is a language without its country.
func base(tag string) string {
	b, _, _ := strings.Cut(tag, "-")
	return b
}

// table is what the first and the following bytes of UTF-8 are in an old encoding.
type table struct {
	least       int
	lead, trail map[rune]byte
}

// signs tells for a sign in which of the tables it stands for a first byte, and in which for a following one: a bit each.
type signs struct{ lead, trail uint16 }

// readings are all tables.
type readings struct {
	tables []table
	of     [0x2600]signs
}

var tables = sync.OnceValue(func() *readings {
	all := &readings{}
	for i, m := range misreadings {
		t := table{least: m.least, lead: map[rune]byte{}, trail: map[rune]byte{}}
		for b := 0x80; b <= 0xff; b++ {
			r := m.of.DecodeByte(byte(b))
			if r == utf8.RuneError {
				r = rune(b) // programs leave what has no sign as it is
			}
			switch {
			case b < 0xc0:
				t.trail[r] = byte(b)
				all.of[r].trail |= 1 << i
			case b >= 0xc2 && b <= 0xc5 || b >= 0xd0 && b <= 0xd2 || b == 0xe2:
				t.lead[r] = byte(b)
				all.of[r].lead |= 1 << i
			}
		}
		all.tables = append(all.tables, t)
	}
	return all
})

// find looks for a run of letters that are UTF-8 when they are taken for bytes. One is enough in the encodings where such signs
// never stand side by side, unless the second is a mark that stands behind any word.
func (t *table) find(s, own string, known bool) []int {
	run, weak, from := 0, 0, 0
	var before rune
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		foreign := known && !strings.ContainsRune(own, unicode.ToLower(r))
		n, usual := t.letter(s[i:], foreign)
		if n == 0 {
			if unicode.IsLetter(r) && r >= 0x80 || r != ' ' && !unicode.IsLetter(r) {
				run = 0
			}
			if t.least > 1 {
				run = 0
			}
			before = r
			i += size
			continue
		}
		if run == 0 {
			from = i
		}
		run++
		if foreign { // where no such letter belongs, one is enough
			run += t.least - 1
		}
		if usual && !foreign && !unicode.IsLower(before) {
			weak++
		}
		if run-min(weak, run) >= t.least || run >= max(3, t.least) {
			return []int{from, i + n}
		}
		i += n
		before = 0
	}
	return nil
}

// usual are marks that stand behind a capital letter in good texts too.
const usual = "“”’‘„–—…»«·•\u00a0™©®°"

// letter returns how long the first letter is when it is a letter in UTF-8 that was taken apart, 0 when it is none. Usual says that the
// same signs may be meant. Foreign is a first sign that the language does not have.
func (t *table) letter(s string, foreign bool) (n int, marks bool) {
	r, size := utf8.DecodeRuneInString(s)
	lead, ok := t.lead[r]
	if !ok {
		return 0, false
	}
	bytes := []byte{lead}
	n = size
	want := 2
	if lead == 0xe2 {
		want = 3
	}
	for len(bytes) < want {
		r, size = utf8.DecodeRuneInString(s[n:])
		b, ok := t.trail[r]
		if !ok || size == 0 {
			return 0, false
		}
		marks = marks || strings.ContainsRune(usual, r)
		bytes = append(bytes, b)
		n += size
	}
	whole, _ := utf8.DecodeRune(bytes)
	switch {
	case whole >= 0xc0 && whole <= 0x17f && whole != 0xd7 && whole != 0xf7, whole >= 0x401 && whole <= 0x45f, whole == 0x490, whole == 0x491:
	case foreign && whole >= 0xa0 && whole < 0xc0: // « and the like
		return n, false
	case whole >= 0x2013 && whole <= 0x203a, whole == 0x20ac: // quotes, dashes, the euro
		return n, false
	default:
		return 0, false
	}
	return n, marks
}

// transposed finds a text of an old encoding that was read in that of western Europe: "siûlo darbà" for "siūlo darbą". No letter of the
// language beyond a to z is left then, and all those that are there become letters of the language when they are read rightly.
func transposed(letters string, old *charmap.Charmap, s string) []int {
	var at []int
	words, last := 0, -1
	for i, r := range s {
		if r < 0x80 || !unicode.IsLetter(r) && !strings.ContainsRune("¹³¿", r) {
			continue
		}
		if strings.ContainsRune(letters, unicode.ToLower(r)) {
			return nil // the usual case: the first such letter is the language's own
		}
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok || !strings.ContainsRune(letters, unicode.ToLower(old.DecodeByte(b))) {
			return nil
		}
		if at == nil {
			at = []int{i, i + utf8.RuneLen(r)}
		}
		if word := strings.LastIndexByte(s[:i], ' '); word != last || words == 0 {
			words, last = words+1, word
		}
	}
	if words < 2 && !(words == 1 && old == charmap.Windows1251) {
		return nil
	}
	return at
}

// Damages collects what machines did to the texts of a file, so that each kind is told in one line however many texts it harmed.
type Damages struct {
	kinds [len(damages)]struct {
		count       int
		line        int
		name, found string
		facts       []string
	}
}

// See looks at a text of a language that stands in a line. It reports whether the text is damaged.
func (d *Damages) See(tag, name, s string, line int) bool {
	kind, found := DamageOf(tag, s)
	if kind == NoDamage {
		return false
	}
	k := &d.kinds[kind]
	k.facts = append(k.facts, fmt.Sprintf("damage-%d:%s", kind, name))
	if k.count++; k.count == 1 {
		k.line, k.name, k.found = line, name, found
	}
	return true
}

// Each tells every kind of damage, with the line of the first text, and the facts of a sheet.Problem.
func (d *Damages) Each(tell func(line int, f Fault, facts []string)) {
	for kind, k := range d.kinds {
		if k.count > 0 {
			tell(k.line, Damage(kind).Fault(k.count, k.name, k.found), k.facts)
		}
	}
}
