package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"patikra/content"
	"patikra/content/sheet"
)

// What CSV and workbooks have in common: the rows that go out, and how those that come back are understood.

// rows are what a translator sees of a bundle, the names of the columns first.
func (b *Bundle) rows() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		if !yield([]string{"name", b.Source, b.Target, "state", "screen", "note", "most", "where"}) {
			return
		}
		for i := range b.Units {
			u := &b.Units[i]
			notes := make([]string, len(u.Notes))
			for i, n := range u.Notes {
				notes[i] = oneLine(n)
			}
			if !yield([]string{u.Key, u.Source, u.Target, u.State.String(), u.Screen, strings.Join(notes, "; "), strconv.Itoa(u.Most), u.Where}) {
				return
			}
		}
	}
}

// A line end \r and the signs that XML does not know, which spreadsheets and readers of CSV change at will, are written as \r and \u0007, and \ as
// \\. In CSV a cell that a spreadsheet would take for a formula gets a ' before it. What comes back from either loses exactly one ' before such
// a cell, so one that begins with a ' of its own gets a second.

// tempting reports whether a spreadsheet might calculate a cell, or lose its beginning, or take it for a number or a date.
func tempting(s string) bool {
	begins := func(s string, signs ...string) bool {
		return slices.ContainsFunc(signs, func(sign string) bool { return strings.HasPrefix(s, sign) })
	}
	words := strings.TrimSpace(s)
	return begins(s, "'", "\t", "\r", "\ufeff") || begins(words, "=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠") || computed.MatchString(words)
}

// untold reports whether a sign would be lost in a workbook, which is XML, or changed on the way.
func untold(r rune) bool { return r < 0x20 && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff }

// escaped writes a text so that any table can hold it.
func escaped(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || untold(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\r':
			b.WriteString(`\r`)
		case untold(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// guard is how a text stands in CSV.
func guard(s string) string {
	if s = escaped(s); tempting(s) {
		return "'" + s
	}
	return s
}

// unguard is the text that a cell stands for.
func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && tempting(rest) {
		s = rest
	}
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := unescaped(s)
		b.WriteString(r)
		s = s[n:]
	}
	return b.String()
}

// unescaped is the first sign of a cell, and how many bytes stand for it.
func unescaped(s string) (sign string, n int) {
	switch {
	case strings.HasPrefix(s, `\\`):
		return `\`, 2
	case strings.HasPrefix(s, `\r`):
		return "\r", 2
	case strings.HasPrefix(s, `\u`) && len(s) >= 6:
		if r, err := strconv.ParseUint(s[2:6], 16, 16); err == nil && untold(rune(r)) {
			return string(rune(r)), 6
		}
	}
	return s[:1], 1
}

// column names of the export that are no language
var known = map[string]bool{"name": true, "state": true, "screen": true, "note": true, "most": true, "where": true, "": true}

// mostBefore is how many rows may stand before the one that names the columns: people write titles there.
const mostBefore = 10

// columns tells which column is what.
type columns struct{ name, source, target, state, where int }

// cells are one row of a table.
type cells struct {
	text  []string
	typed bool           // the file tells which cells are texts
	made  map[int]making // those that are none, by column
	line  int
}

// titled reports whether a row is the one that names the columns.
func (c *cells) titled() bool {
	return slices.ContainsFunc(c.text, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "name") })
}

func (c *cells) blank() bool { return strings.TrimSpace(strings.Join(c.text, "")) == "" }

const keepFirst = "keep the first line of the export: name, the source's language, the translation's"

// table reads the rows of a table, whatever program holds it.
func (d *decoder) table(next func() (cells, error)) {
	d.b.keepName = "keep the column name"
	at := d.titles(next)
	if at == nil {
		return
	}
	for !d.full() {
		row, err := next()
		if err == io.EOF {
			break
		}
		if err != nil {
			d.unreadable(row.line, err)
			return
		}
		if !row.blank() {
			d.row(row, at)
		}
	}
}

func (d *decoder) unreadable(line int, err error) {
	var inCSV *csv.ParseError
	switch {
	case errors.As(err, &inCSV):
		d.bad(line, `look for a " that is opened here and not closed, or save it from the spreadsheet again`, "this line cannot be read")
	default:
		d.broken(max(line, 1), err, "what follows this line cannot be read")
	}
}

// titles finds the row that names the columns. What is wrong is said when it returns nil.
func (d *decoder) titles(next func() (cells, error)) *columns {
	for before := 0; ; {
		row, err := next()
		switch {
		case err == io.EOF:
			d.bad(1, keepFirst, "the first line does not name the columns")
			return nil
		case err != nil:
			d.unreadable(row.line, err)
			return nil
		case row.blank():
		case row.titled():
			return d.columns(row.text, row.line)
		default:
			if before++; before > mostBefore {
				d.bad(row.line, keepFirst, "the first line does not name the columns")
				return nil
			}
		}
	}
}

// columns knows the columns by their names: those of languages are the source and the translation, in whichever order.
func (d *decoder) columns(record []string, line int) *columns {
	at := &columns{-1, -1, -1, -1, -1}
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
		case word == "where" && at.where < 0:
			at.where = i
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
		d.bad(line, keepFirst, "the first line does not name the columns")
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

func (d *decoder) row(row cells, at *columns) {
	cell := func(i int) string {
		if i < 0 || i >= len(row.text) {
			return ""
		}
		return unguard(row.text[i])
	}
	u := Unit{Key: strings.TrimSpace(cell(at.name)), Source: cell(at.source), Target: cell(at.target), Where: strings.TrimSpace(cell(at.where)), Line: row.line, State: Translated}
	if u.Key == "" && u.Source == "" && u.Target == "" {
		return
	}
	if s := strings.TrimSpace(cell(at.state)); s == stateNames[Review] {
		u.State = Review
	}
	u.made = row.made[at.target]
	if !row.typed && at.target < len(row.text) {
		u.made = looksLike(row.text[at.target], u.Source)
	}
	_, part := Split(u.Key)
	u.form, u.of = formPart(part), u.Source
	d.take(u)
}

// computed is what spreadsheets make of a text that looks like something to them: a number, a date, a word of logic.
var computed = regexp.MustCompile(`^(TRUE|FALSE|[-+]?[0-9]+([-.,:/ \x{a0}\x{202f}]+[0-9]+)*([eE][-+][0-9]+)?\.?[ \x{a0}]?%?)$`)

// making is what stands in a cell in place of a text.
type making uint8

const (
	written making = iota // a text
	value                 // a number, a date, a word of logic
	formula               // with what it came to
)

// looksLike is what a cell looks like where the file does not tell. Behind a ' it is meant as it stands.
func looksLike(cell, source string) making {
	if computed.MatchString(strings.TrimSpace(cell)) && strings.ContainsFunc(source, unicode.IsLetter) {
		return value
	}
	return written
}

// computing counts the texts that a spreadsheet has computed, and keeps the first.
type computing struct {
	count, line int
	key, found  string
}

// computes reports whether a text is none that somebody wrote.
func (m *merge) computes(u *Unit, w want) bool {
	text := strings.TrimSpace(u.Target)
	if u.made == written || u.made == value && (text == strings.TrimSpace(w.source.Value) || w.source.Kind == content.Words) {
		return false
	}
	c := &m.computed[u.made]
	if c.count++; c.count == 1 {
		c.line, c.key, c.found = u.Line, u.Key, text
	}
	return true
}

// saysComputed tells each kind in one line.
func (m *merge) saysComputed() {
	if c := m.computed[value]; c.count > 0 {
		f := content.SheetError.Fault(c.count, c.key, c.found)
		m.bad(c.line, f.Remedy, f.Message)
	}
	if c := m.computed[formula]; c.count > 0 {
		m.bad(c.line, "let somebody read what it says, then copy the column and paste it as values", "%s (%s)",
			count(c.count, sheet.Say("the text %q is computed by a formula", c.key), sheet.Say("texts are computed by formulas, first %q", c.key)), oneLine(c.found))
	}
}

// apostrophe notes the mark that people type so that a spreadsheet leaves a text alone, and that some programs keep.
func (m *merge) apostrophe(u *Unit, w want) {
	if strings.HasPrefix(u.Target, "'") && !strings.HasPrefix(w.source.Value, "'") {
		m.tell(u.Line, "the text %q begins with ', and people will see it: take it out if it is there for the spreadsheet alone", u.Key)
	}
}
