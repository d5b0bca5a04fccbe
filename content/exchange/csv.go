package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"patikra/content"
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

// column names of the export that are no language
var known = map[string]bool{"name": true, "state": true, "screen": true, "note": true, "most": true, "where": true, "": true}

// mostBefore is how many rows may stand before the one that names the columns: people write titles there.
const mostBefore = 10

// columns tells which column is what.
type columns struct{ name, source, target, state int }

func (d *decoder) csv(data []byte) {
	line := 0                                                  // lines before the table
	if rest, ok := bytes.CutPrefix(data, []byte("sep=")); ok { // a spreadsheet's own word, no row
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
		data, line = rest, 1
	}
	head := data[:min(len(data), 4000)]
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for _, comma := range []rune{',', ';', '\t'} { // spreadsheets write what their country does
		if marks(head, comma) > marks(head, r.Comma) {
			r.Comma = comma
		}
	}
	d.table(func() ([]string, int, error) {
		record, err := r.Read()
		if err == nil {
			n, _ := r.FieldPos(0)
			return record, line + n, nil
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			return nil, line + p.StartLine, err
		}
		return nil, line + 1, err
	})
}

// marks counts how often a sign stands in the row that names the columns.
func marks(head []byte, sign rune) int {
	for row := range bytes.Lines(head) {
		cells := strings.FieldsFunc(string(row), func(r rune) bool { return r == sign || r == '"' || r == '\r' || r == '\n' })
		for _, c := range cells {
			if strings.EqualFold(strings.TrimSpace(c), "name") {
				return bytes.Count(row, []byte(string(sign)))
			}
		}
	}
	return 0
}

// table reads the rows of a table, whatever program holds it.
func (d *decoder) table(next func() (row []string, line int, err error)) {
	var at *columns
	for before := 0; ; {
		record, line, err := next()
		if err == io.EOF {
			if at == nil {
				d.bad(1, "keep the first line of the export: name, the source's language, the translation's", "the first line does not name the columns")
			}
			return
		}
		if err != nil {
			d.bad(line, `look for a " that is opened here and not closed, or save it from the spreadsheet again`, "this line cannot be read")
			return
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" {
			continue
		}
		if at == nil {
			if !slices.ContainsFunc(record, func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), "name") }) {
				if before++; before <= mostBefore {
					continue
				}
				d.bad(line, "keep the first line of the export: name, the source's language, the translation's", "the first line does not name the columns")
				return
			}
			if at = d.columns(record, line); at == nil {
				return
			}
			continue
		}
		d.row(record, at, line)
		if d.full() {
			return
		}
	}
}

// columns knows the columns by their names: those of languages are the source and the translation, in whichever order.
func (d *decoder) columns(record []string, line int) *columns {
	at := &columns{-1, -1, -1, -1}
	var ignored []string
	for i, c := range record {
		c = strings.TrimSpace(strings.TrimPrefix(c, "'"))
		word := strings.ToLower(c)
		tag := tagOf(c, d.languages)
		switch {
		case word == "name" && at.name < 0:
			at.name = i
		case word == "state" && at.state < 0:
			at.state = i
		case known[word]:
		case tag == "":
			ignored = append(ignored, strconv.Quote(c))
		case tag == content.Source && at.source < 0:
			at.source, d.b.Source = i, tag
		case at.target < 0:
			at.target, d.b.Target = i, tag
		case at.source < 0 && len(d.languages) == 0: // of another source
			at.source, d.b.Source, at.target, d.b.Target = at.target, d.b.Target, i, tag
		default:
			d.bad(line, "remove the column of the language that is not meant", "the file has the columns %q and %q: which is the translation?", d.b.Target, c)
			return nil
		}
	}
	if at.target < 0 {
		d.bad(line, "keep the first line of the export: name, the source's language, the translation's", "the first line does not name the columns")
		return nil
	}
	if len(ignored) > 0 {
		d.note(line, "not looked at: the columns %s, which are no languages here", strings.Join(ignored, ", "))
	}
	return at
}

// tagOf is the language that somebody means by pl, PL, pl_PL or pl-PL: one of those that are there, or any if nothing is known of them.
func tagOf(s string, languages []string) string {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	if len(languages) == 0 {
		if content.IsTag(s) {
			return s
		}
		return ""
	}
	if base, _, _ := strings.Cut(s, "-"); !slices.Contains(languages, s) {
		s = base
	}
	if slices.Contains(languages, s) {
		return s
	}
	return ""
}

func (d *decoder) row(record []string, at *columns, line int) {
	cell := func(i int) string {
		if i < 0 || i >= len(record) {
			return ""
		}
		return unguard(record[i])
	}
	u := Unit{Key: strings.TrimSpace(cell(at.name)), Source: cell(at.source), Target: cell(at.target), Line: line, State: Translated}
	if u.Key == "" {
		if u.Source != "" || u.Target != "" {
			d.noName(line, "keep the column name")
		}
		return
	}
	if s := strings.TrimSpace(cell(at.state)); s == stateNames[Review] {
		u.State = Review
	}
	_, part := Split(u.Key)
	u.form = formPart(part)
	d.add(u)
}
