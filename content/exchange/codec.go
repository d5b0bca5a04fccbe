package exchange

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"patikra/content/sheet"
)

// Limits of a file that comes back.
const (
	MaxBytes = 8 << 20
	maxUnits = 20_000
	maxDepth = 24 // of elements in XLIFF
)

// Formats lists the names of the formats.
var Formats = []string{"po", "xliff", "csv"}

// Encode writes a bundle as po, xliff or csv.
func Encode(b *Bundle, format string) ([]byte, error) {
	switch format {
	case "po":
		return encodePO(b), nil
	case "xliff":
		return encodeXLIFF(b), nil
	case "csv":
		return encodeCSV(b), nil
	}
	return nil, fmt.Errorf("there is no format %q; there are %s", format, strings.Join(Formats, ", "))
}

// Decode reads what came back. The format is known by the file's name, else by its beginning. On mistakes the
// error is a sheet.Problems with a line for each.
func Decode(name string, data []byte) (*Bundle, error) {
	d := decoder{name: path.Base(strings.ReplaceAll(name, `\`, "/")), b: &Bundle{}, seen: map[string]int{}}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case len(data) > MaxBytes:
		d.bad(1, "split it", "the file has %d bytes, more than the %d allowed", len(data), MaxBytes)
	case !utf8.Valid(data):
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
		d.bad(line, "save it as UTF-8 (in a spreadsheet: CSV UTF-8)", "the file is not written in UTF-8")
	default:
		switch format(d.name, data) {
		case "po":
			d.po(data)
		case "xliff":
			d.xliff(data)
		case "csv":
			d.csv(data)
		default:
			d.bad(1, "use a file that patikra texts export made: .po, .xlf or .csv", "this is neither PO nor XLIFF nor CSV")
		}
	}
	if len(d.problems) == 0 {
		switch {
		case d.b.Target == "":
			d.bad(1, "export the language again and copy the translations", "the file does not say for which language it is")
		case len(d.b.Units) == 0:
			d.bad(1, "see whether it is the right file", "the file holds no texts")
		}
	}
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	return d.b, nil
}

func format(name string, data []byte) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".po", ".pot":
		return "po"
	case ".xlf", ".xliff", ".xml":
		return "xliff"
	case ".csv", ".txt", ".tsv":
		return "csv"
	}
	switch start := bytes.TrimSpace(data[:min(len(data), 2000)]); {
	case bytes.HasPrefix(start, []byte("<")):
		return "xliff"
	case bytes.Contains(start, []byte("msgid")):
		return "po"
	case bytes.Contains(start, []byte("name")):
		return "csv"
	}
	return ""
}

// decoder collects the units and the mistakes of one file.
type decoder struct {
	name     string
	b        *Bundle
	seen     map[string]int // the line of each key
	problems sheet.Problems
}

// enough is how many mistakes of one file are named.
const enough = 200

func (d *decoder) bad(line int, remedy, message string, args ...any) {
	if len(d.problems) < enough {
		d.problems = append(d.problems, sheet.Problem{File: d.name, Line: line, Message: fmt.Sprintf(message, args...), Remedy: remedy})
	}
}

func (d *decoder) add(u Unit) {
	if first, ok := d.seen[u.Key]; ok {
		d.bad(u.Line, "remove one of the two", "the text %q is given twice (first in line %d)", u.Key, first)
		return
	}
	if len(d.b.Units) == maxUnits {
		d.bad(u.Line, "split it", "the file holds more than %d texts", maxUnits)
		return
	}
	d.seen[u.Key] = u.Line
	d.b.Units = append(d.b.Units, u)
}

func (d *decoder) full() bool { return len(d.b.Units) >= maxUnits || len(d.problems) >= enough }

// oneLine keeps a note on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// hints are everything a translator should know about a unit, in short sentences.
func hints(u *Unit) []string {
	out := []string{"shown as: " + u.Screen}
	for _, n := range u.Notes {
		out = append(out, oneLine(n))
	}
	if u.Most > 0 {
		out = append(out, fmt.Sprintf("at most %d characters", u.Most))
	}
	return out
}
