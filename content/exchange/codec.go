package exchange

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"patikra/content/sheet"
)

// Limits of a file that comes back.
const (
	MaxBytes = 8 << 20
	maxUnits = 20_000
	maxDepth = 24 // of elements in XLIFF
)

// Formats lists the names of the formats.
var Formats = []string{"po", "xliff", "csv", "xlsx"}

// FormatOf is the format that somebody names, else what the end of a file's name says, else po.
func FormatOf(named, file string) string {
	if named != "" {
		return named
	}
	switch end := strings.TrimPrefix(strings.ToLower(path.Ext(file)), "."); {
	case end == "xlf":
		return "xliff"
	case end != "":
		return end
	}
	return "po"
}

// Encode writes a bundle as po, xliff, csv or xlsx.
func Encode(b *Bundle, format string) ([]byte, error) {
	switch format {
	case "po":
		return encodePO(b), nil
	case "xliff":
		return encodeXLIFF(b), nil
	case "csv":
		return encodeCSV(b), nil
	case "xlsx":
		return encodeXLSX(b), nil
	}
	return nil, sheet.Say("there is no format %q; there are %s", format, strings.Join(Formats, ", "))
}

// Decode reads what came back. The format is known by the file's beginning, else by its name. The languages, if given, are those that
// have a folder: by them the columns of a table are known. On mistakes the error is a sheet.Problems with a line for each.
func Decode(name string, data []byte, languages ...string) (*Bundle, error) {
	d := decoder{name: path.Base(strings.ReplaceAll(name, `\`, "/")), b: &Bundle{}, seen: map[string]int{}, languages: languages}
	if len(data) > MaxBytes {
		d.bad(1, "split it", "the file has %d bytes, more than the %d allowed", len(data), MaxBytes)
	} else if isBook(data) {
		d.xlsx(data)
	} else if text, not := sheet.Plain(data); not != nil {
		d.bad(not.Line, not.Remedy, not.Message)
	} else {
		switch format(d.name, text) {
		case "po":
			d.po(text)
		case "xliff":
			d.xliff(text)
		case "csv":
			d.csv(text)
		default:
			d.bad(1, "use a file that patikra texts export made: .po, .xlf, .csv or .xlsx", "this is neither PO nor XLIFF nor a table")
		}
	}
	if len(d.problems) == 0 {
		switch {
		case d.b.Target == "":
			d.bad(1, "export the language again and copy the translations", "the file does not say for which language it is")
		case len(d.b.Units)+len(d.b.nameless) == 0:
			d.bad(1, "see whether it is the right file", "the file holds no texts")
		}
	}
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	return d.b, nil
}

// count says one thing, or how many.
func count(n int, one, many sheet.Text) sheet.Text {
	if n == 1 {
		return one
	}
	return sheet.Say("%d %s", n, many)
}

// format tells by what the file holds in which format it is, else by its name: people rename files.
func format(name string, data []byte) string {
	start := bytes.TrimSpace(data[:min(len(data), 4000)])
	switch {
	case bytes.HasPrefix(start, []byte("<")):
		return "xliff"
	case poStart.Match(start):
		return "po"
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".po", ".pot":
		return "po"
	case ".csv", ".txt", ".tsv":
		return "csv"
	}
	if bytes.Contains(bytes.ToLower(start), []byte("name")) {
		return "csv"
	}
	return ""
}

var poStart = regexp.MustCompile(`(?m)^(msgid|msgctxt)[ \t]*"`)

// decoder collects the units and the mistakes of one file.
type decoder struct {
	name     string
	b        *Bundle
	seen     map[string]int // the line of each key
	problems sheet.Problems

	languages []string // that have a folder

	counts int  // forms of a PO file
	rule   rule // which of them a number takes; nil when the file does not say
}

// enough is how many mistakes of one file are named.
const enough = 200

func (d *decoder) bad(line int, remedy, message sheet.Text, args ...any) {
	if len(d.problems) < enough {
		d.problems = append(d.problems, sheet.Problem{File: d.name, Line: line, Message: sheet.Say(message, args...), Remedy: remedy})
	}
}

// note tells something that is no mistake.
func (d *decoder) note(line int, message sheet.Text, args ...any) {
	if len(d.b.Notes) < enough {
		d.b.Notes = append(d.b.Notes, sheet.Say("%s:%d: %s", d.name, line, sheet.Say(message, args...)))
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

// take adds a text. One whose name was lost on the way is kept apart: where its source stands may tell the name.
func (d *decoder) take(u Unit) {
	switch {
	case u.Key != "" && !strings.HasPrefix(u.Key, "["):
		d.add(u)
	case len(d.b.nameless) < maxUnits:
		d.b.nameless = append(d.b.nameless, u)
	}
}

func (d *decoder) full() bool {
	return len(d.b.Units)+len(d.b.nameless) >= maxUnits || len(d.problems) >= enough
}

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
