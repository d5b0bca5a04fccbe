package sheet

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// NotPlain is why a file cannot be read as text.
type NotPlain struct {
	Line            int
	Message, Remedy string
}

// encodings of old programs, with the letters that they are used for: the first that explains every letter is named.
var encodings = []struct {
	name, letters string
	of            *charmap.Charmap
}{
	{"Windows-1257, of a Baltic Windows", "ąčęėįšųūžāēģīķļņõ", charmap.Windows1257},
	{"Windows-1250, of central Europe", "ąćęłńóśźżáčďéěíňřšťúůýžäöüőűăâîșțşţ", charmap.Windows1250},
	{"Windows-1251, Cyrillic", "абвгґдеёєжзиіїйклмнопрстуфхцчшщъыьэюяўѓќ", charmap.Windows1251},
}

// marks that stand in any text
const marks = "„“”‘’‚‹›«»–—…•\u00a0€§©®°№"

// Plain returns a file's text: UTF-8 without a byte order mark, its lines ended by \n or \r\n even where an old Mac wrote \r. What
// is written in another encoding is refused, with the first line that shows it.
func Plain(data []byte) ([]byte, *NotPlain) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, &NotPlain{1, "the file is not written in UTF-8: it is UTF-16", "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bytes.IndexByte(data, '\n') < 0 && bytes.IndexByte(data, '\r') >= 0 {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	}
	if utf8.Valid(data) {
		return data, nil
	}
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[size:]
	}
	message := "the file is not written in UTF-8"
	if in := encodingOf(data); in != "" {
		message += ": it reads as " + in
	}
	return nil, &NotPlain{line, message, "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"}
}

// encodingOf guesses in which encoding a file is written, empty when nothing fits all of it.
func encodingOf(data []byte) string {
	var used [256]bool
	for _, b := range data {
		used[b] = true
	}
	for _, e := range encodings {
		fits := true
		for b := 0x80; b <= 0xff; b++ {
			r := e.of.DecodeByte(byte(b))
			fits = fits && (!used[b] || strings.ContainsRune(e.letters, unicode.ToLower(r)) || strings.ContainsRune(marks, r))
		}
		if fits {
			return e.name
		}
	}
	return ""
}

// Scrap reports whether a file is none of staff's: editors, networks and sync programs leave such beside theirs, hidden by a . or as ~$name.
func Scrap(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }
