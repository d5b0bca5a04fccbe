package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
)

// A cell that a spreadsheet would take for a formula gets a ' before it, and so does a cell that begins
// with ' itself: what comes back loses exactly one. A line end \r, which spreadsheets and readers of CSV
// change at will, is written as \r, and \ as \\.

// formula reports whether a spreadsheet might calculate a cell, or lose its beginning.
func formula(s string) bool {
	if strings.HasPrefix(s, "'") || strings.HasPrefix(s, "\t") || strings.HasPrefix(s, "\r") || strings.HasPrefix(s, "\ufeff") {
		return true
	}
	s = strings.TrimSpace(s)
	return s != "" && strings.ContainsAny(s[:1], "=+-@|%") || strings.HasPrefix(s, "＝") || strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠")
}

var csvEscape = strings.NewReplacer(`\`, `\\`, "\r", `\r`)

func guard(s string) string {
	s = csvEscape.Replace(s)
	if formula(s) {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && formula(rest) {
		s = rest
	}
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == 'r') {
			i++
			if s[i] == 'r' {
				b.WriteByte('\r')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func encodeCSV(b *Bundle) []byte {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.Write([]string{"name", b.Source, b.Target, "state", "screen", "note", "most", "where"})
	for i := range b.Units {
		u := &b.Units[i]
		notes := make([]string, len(u.Notes))
		for i, n := range u.Notes {
			notes[i] = oneLine(n)
		}
		w.Write([]string{guard(u.Key), guard(u.Source), guard(u.Target), u.State.String(), guard(u.Screen), guard(strings.Join(notes, "; ")), strconv.Itoa(u.Most), guard(u.Where)})
	}
	w.Flush()
	return out.Bytes()
}

// columns that are no language
var known = map[string]bool{"name": true, "state": true, "screen": true, "note": true, "most": true, "where": true, "": true}

func (d *decoder) csv(data []byte) {
	head, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for _, comma := range []rune{',', ';', '\t'} { // spreadsheets write what their country does
		if bytes.Count(head, []byte(string(comma))) > bytes.Count(head, []byte(string(r.Comma))) {
			r.Comma = comma
		}
	}
	name, source, target, state := -1, -1, -1, -1
	for first := true; ; first = false {
		record, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			line := 1
			var p *csv.ParseError
			if errors.As(err, &p) {
				line = p.Line
			}
			d.bad(line, `look for a " that is not closed, or save it from the spreadsheet again`, "this line cannot be read")
			return
		}
		line, _ := r.FieldPos(0)
		if first {
			for i, c := range record {
				c = strings.TrimSpace(c)
				switch {
				case c == "name":
					name = i
				case c == "state":
					state = i
				case known[c]:
				case source < 0:
					source, d.b.Source = i, c
				case target < 0:
					target, d.b.Target = i, c
				default:
					d.bad(line, "remove the column", "the column %q is one too many", c)
				}
			}
			if name < 0 || target < 0 {
				d.bad(line, "keep the first line of the export: name, the source's language, the translation's", "the first line does not name the columns")
				return
			}
			continue
		}
		cell := func(i int) string {
			if i < 0 || i >= len(record) {
				return ""
			}
			return unguard(record[i])
		}
		u := Unit{Key: cell(name), Source: cell(source), Target: cell(target), Line: line, State: Translated}
		if strings.Join(record, "") == "" {
			continue
		}
		if strings.TrimSpace(u.Key) == "" {
			d.bad(line, "keep the column name", "a text has no name")
			continue
		}
		if s := strings.TrimSpace(cell(state)); s == stateNames[Review] {
			u.State = Review
		}
		_, part := Split(u.Key)
		u.form = formPart(part)
		d.add(u)
		if d.full() {
			return
		}
	}
}
