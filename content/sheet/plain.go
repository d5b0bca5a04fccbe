package sheet

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// NotPlain is why a file cannot be read as text.
type NotPlain struct {
	Line            int
	Message, Remedy Text
}

// encodings of old programs, with the letters that they are used for: the first that explains every letter is named.
var encodings = []struct {
	name    Text
	letters string
	of      *charmap.Charmap
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
	message := Text("the file is not written in UTF-8")
	if in := encodingOf(data); in != "" {
		message = Say("the file is not written in UTF-8: it reads as %s", in)
	}
	return nil, &NotPlain{line, message, "save it as UTF-8 (in a spreadsheet: CSV UTF-8)"}
}

// encodingOf guesses in which encoding a file is written, empty when nothing fits all of it.
func encodingOf(data []byte) Text {
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

// Glob lists the files whose names fit a pattern, in order, without scraps.
func Glob(fsys fs.FS, pattern string) []string {
	files, _ := fs.Glob(fsys, pattern)
	sort.Strings(files)
	return slices.DeleteFunc(files, func(f string) bool { return Scrap(path.Base(f)) || Copied(path.Base(f)) })
}

// Folders lists the folders in a folder, in order, without scraps. Links to folders count, as a ConfigMap makes them.
func Folders(fsys fs.FS, dir string) []string {
	var out []string
	entries, _ := fs.ReadDir(fsys, dir)
	for _, e := range entries {
		if !Scrap(e.Name()) && IsFolder(fsys, path.Join(dir, e.Name()), e) {
			out = append(out, e.Name())
		}
	}
	return out
}

// IsFolder reports whether an entry is a folder or a link to one that does not leave the files.
func IsFolder(fsys fs.FS, name string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := fs.Stat(fsys, name)
	return err == nil && info.IsDir()
}

// Scrap reports whether a file is none of staff's: editors, networks and sync programs leave such beside theirs, hidden by a . or as ~$name.
func Scrap(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") }

// copied are names that sync programs, file managers and people give to a second copy: "chat (1).yaml", "chat - kopija.yaml",
// "chat (conflicted copy 2026-11-27).yaml", "chat.sync-conflict-20261127.yaml", "chat-LAPTOP.yaml". No file of staff's is called so.
var copied = regexp.MustCompile(`(?i)\(.*\)|~|conflict|^copy of |[-_. ](copy|kopija|kopia|копия|копія)([-_. ]|$)|(?-i:[-_][A-Z0-9]*[A-Z][A-Z0-9-]*\.yaml$)`)

// Copied reports whether a file's name is that of a copy, which is not read beside the right one.
func Copied(name string) bool { return copied.MatchString(name) }
