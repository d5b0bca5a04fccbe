package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"patikra/content/sheet"
)

// A workbook that comes back was written by some other program: texts stand in the cell, in a table of all texts or in pieces of different looks;
// there may be other sheets, rows above the titles and columns that nobody knows. It is read as a stream, for a zip of a few bytes can hold
// gigabytes: nothing is kept but the texts, and reading ends at a limit.

// Limits of a workbook.
const (
	maxUnzipped = 16 << 20 // bytes of XML that are read of it
	maxShared   = 100_000  // texts in the table of texts
	maxColumns  = 256      // what stands further right is not looked at
)

var errTooLarge = errors.New("too large")

const saveAsXLSX = "save it from the spreadsheet as .xlsx, or as CSV UTF-8"

// other says what a file is that is no workbook of ours, by its first bytes or parts.
func other(data []byte, parts map[string]*zip.File) sheet.Text {
	switch {
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return "this is a workbook of an old program, or one that asks for a password"
	case parts["content.xml"] != nil && parts["mimetype"] != nil:
		return "this is a workbook of LibreOffice (.ods)"
	case parts["index/document.iwa"] != nil:
		return "this is a workbook of Numbers"
	case parts["xl/workbook.bin"] != nil:
		return "this is a workbook in the form .xlsb"
	}
	return "this is no workbook"
}

// isBook reports whether a file is a zip or an old program's workbook.
func isBook(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0"))
}

// workbook is what is known of the file.
type workbook struct {
	parts  map[string]*zip.File // by name in small letters
	left   int64                // bytes that may still be read
	shared []string
	sheets []sheetPart
}

// sheetPart is one sheet that people see.
type sheetPart struct{ name, part string }

func (d *decoder) xlsx(data []byte) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		message := sheet.Text("this workbook is cut off or damaged")
		if !bytes.HasPrefix(data, []byte("PK")) {
			message = other(data, nil)
		}
		d.bad(1, saveAsXLSX, message)
		return
	}
	w := &workbook{parts: map[string]*zip.File{}, left: maxUnzipped}
	for _, f := range z.File {
		w.parts[partName(f.Name)] = f
	}
	if err := w.open(); err != nil {
		d.broken(1, err, other(data, w.parts))
		return
	}
	at, err := d.choose(w)
	if err != nil {
		d.broken(1, err, "this workbook is damaged")
	}
	if at < 0 {
		return
	}
	sheet, err := w.sheet(at)
	if err != nil {
		d.broken(1, err, "this workbook is damaged")
		return
	}
	defer sheet.Close()
	d.table(sheet.next)
}

// broken says why a workbook cannot be read.
func (d *decoder) broken(line int, err error, message sheet.Text) {
	if errors.Is(err, errTooLarge) {
		d.bad(line, "keep the sheet with the texts, and remove the others", "the workbook holds more than the %d MB or %d texts allowed", maxUnzipped>>20, maxShared)
		return
	}
	d.bad(line, saveAsXLSX, message)
}

// choose finds the sheet that names the columns. It returns -1 when what is wrong has been said.
func (d *decoder) choose(w *workbook) (int, error) {
	found := -1
	var others []string
	for i, s := range w.sheets {
		named, empty, err := d.named(w, i)
		switch {
		case err != nil:
			return -1, err
		case named && found >= 0:
			d.bad(1, "keep the one that is meant, and remove the other", "the sheets %q and %q both have the columns of the export", w.sheets[found].name, s.name)
			return -1, nil
		case named:
			found = i
		case !empty:
			others = append(others, strconv.Quote(s.name))
		}
	}
	if found < 0 {
		d.bad(1, keepFirst, "no sheet names the columns in its first line")
		return -1, nil
	}
	if len(others) > 0 {
		d.note(1, "not looked at: the sheets %s, which have no column of names", strings.Join(others, ", "))
	}
	return found, nil
}

// named reports whether a sheet has the columns of the export, and whether it holds nothing at all.
func (d *decoder) named(w *workbook, i int) (named, empty bool, err error) {
	sheet, err := w.sheet(i)
	if err != nil {
		return false, false, err
	}
	defer sheet.Close()
	empty = true
	for before := 0; before <= mostBefore; {
		row, err := sheet.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return false, false, err
		}
		if row.blank() {
			continue
		}
		empty = false
		if row.titled() {
			try := decoder{b: &Bundle{}, languages: d.languages}
			return try.columns(row.text, row.line) != nil || len(w.sheets) == 1, false, nil
		}
		before++
	}
	return false, empty, nil
}

// partName is the name of a part as others write it.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(s, `\`, "/")), "/"))
}

// stream is a part of the zip while it is read.
type stream struct {
	io.Reader
	io.Closer
}

// read opens a part. What is read of all of them together has a limit.
func (w *workbook) read(name string) (*stream, error) {
	f := w.parts[partName(name)]
	if f == nil {
		return nil, fmt.Errorf("there is no part %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &stream{&limited{r, &w.left}, r}, nil
}

// limited reads until the limit of the whole workbook.
type limited struct {
	r    io.Reader
	left *int64
}

func (l *limited) Read(p []byte) (int, error) {
	if *l.left <= 0 {
		return 0, errTooLarge
	}
	n, err := l.r.Read(p[:min(int64(len(p)), *l.left)])
	*l.left -= int64(n)
	return n, err
}

// open reads which sheets there are, and the table of texts.
func (w *workbook) open() error {
	root, err := w.relations("", "/officeDocument")
	if err != nil {
		return err
	}
	book := "xl/workbook.xml"
	for _, target := range root {
		book = target
	}
	sheets, err := w.relations(book, "/worksheet")
	if err != nil {
		return err
	}
	if err := w.list(book, sheets); err != nil {
		return err
	}
	shared, err := w.relations(book, "/sharedStrings")
	for _, target := range shared {
		err = w.texts(target)
	}
	return err
}

// attr is an attribute of an element, by its name without the space of names.
func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// elements calls see with the beginning of each element of a part.
func (w *workbook) elements(part string, see func(dec *xml.Decoder, t xml.StartElement) error) error {
	r, err := w.read(part)
	if err != nil {
		return err
	}
	defer r.Close()
	dec := xml.NewDecoder(r)
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if t, ok := tok.(xml.StartElement); ok {
			if err := see(dec, t); err != nil {
				return err
			}
		}
	}
}

// relations are the parts that belong to a part, of a kind, by their ids.
func (w *workbook) relations(part, kind string) (map[string]string, error) {
	dir, file := path.Split(part)
	out := map[string]string{}
	err := w.elements(dir+"_rels/"+file+".rels", func(_ *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local == "Relationship" && strings.HasSuffix(attr(t, "Type"), kind) {
			target := attr(t, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			out[attr(t, "Id")] = target
		}
		return nil
	})
	return out, err
}

// list lists the sheets that people see.
func (w *workbook) list(book string, parts map[string]string) error {
	return w.elements(book, func(_ *xml.Decoder, t xml.StartElement) error {
		if part := parts[attr(t, "id")]; t.Name.Local == "sheet" && part != "" && attr(t, "state") != "hidden" && attr(t, "state") != "veryHidden" {
			w.sheets = append(w.sheets, sheetPart{attr(t, "name"), part})
		}
		return nil
	})
}

// texts reads the table of texts.
func (w *workbook) texts(part string) error {
	return w.elements(part, func(dec *xml.Decoder, t xml.StartElement) error {
		if t.Name.Local != "si" {
			return nil
		}
		if len(w.shared) == maxShared {
			return errTooLarge
		}
		s, err := runs(dec)
		w.shared = append(w.shared, s)
		return err
	})
}

// runs is the text of an element that has begun: all its pieces, whatever they look like, without how it is pronounced.
func runs(dec *xml.Decoder) (string, error) {
	var b strings.Builder
	depth, within := 1, 0 // within is the depth of the element that holds letters
	for depth > 0 {
		tok, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" {
				if err := dec.Skip(); err != nil {
					return "", err
				}
				continue
			}
			if depth++; t.Name.Local == "t" {
				within = depth
			}
		case xml.EndElement:
			if depth--; depth < within {
				within = 0
			}
		case xml.CharData:
			if within > 0 {
				b.Write(t)
			}
		}
	}
	return numbered(b.String()), nil
}

// numbered puts signs in the place of their numbers, as _x000D_, and line ends as everywhere else.
func numbered(s string) string {
	if strings.Contains(s, "_x") {
		s = underscored.ReplaceAllStringFunc(s, func(code string) string {
			n, _ := strconv.ParseUint(code[2:6], 16, 32)
			return string(rune(n))
		})
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}

// sheetRows reads the rows of a sheet one after the other.
type sheetRows struct {
	*stream
	dec    *xml.Decoder
	shared []string
	line   int
	began  bool
}

func (w *workbook) sheet(i int) (*sheetRows, error) {
	r, err := w.read(w.sheets[i].part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{stream: r, dec: xml.NewDecoder(r), shared: w.shared}, nil
}

// next is the next row, io.EOF after the last.
func (s *sheetRows) next() (cells, error) {
	for {
		tok, err := s.dec.Token()
		if err != nil {
			return cells{line: s.line}, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local == "sheetData" {
				s.began = true
			} else if t.Name.Local == "row" && s.began {
				return s.row(t)
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return cells{line: s.line}, io.EOF
			}
		}
	}
}

func (s *sheetRows) row(start xml.StartElement) (cells, error) {
	s.line++
	if n, err := strconv.Atoi(attr(start, "r")); err == nil && n > 0 {
		s.line = n
	}
	row := cells{line: s.line, typed: true}
	at := -1
	for {
		tok, err := s.dec.Token()
		if err != nil {
			return row, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			at++
			if n := columnOf(attr(t, "r")); n >= 0 {
				at = n
			}
			text, how, err := s.cell(t)
			if err != nil {
				return row, err
			}
			row.put(at, text, how)
		case xml.EndElement:
			if t.Name.Local == "row" {
				return row, nil
			}
		}
	}
}

// put puts a cell into its column.
func (c *cells) put(at int, text string, how making) {
	if text == "" || at >= maxColumns {
		return
	}
	for len(c.text) <= at {
		c.text = append(c.text, "")
	}
	c.text[at] = text
	if how != written {
		if c.made == nil {
			c.made = map[int]making{}
		}
		c.made[at] = how
	}
}

// columnOf is the number of the column of a place, as 2 of C17, and -1 of none.
func columnOf(place string) int {
	n := 0
	for i := 0; i < len(place) && i < 3; i++ {
		c := place[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// cell is what a cell that has begun holds, and whether somebody wrote it.
func (s *sheetRows) cell(start xml.StartElement) (text string, how making, err error) {
	computes, inline := false, ""
	for {
		tok, err := s.dec.Token()
		if err != nil {
			return "", written, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "f":
				computes = true
				err = s.dec.Skip()
			case "v":
				text, err = letters(s.dec)
			case "is":
				inline, err = runs(s.dec)
			default:
				err = s.dec.Skip()
			}
			if err != nil {
				return "", written, err
			}
		case xml.EndElement:
			if kind := attr(start, "t"); kind == "inlineStr" {
				text = inline
			} else {
				text, how, err = s.holds(kind, text)
			}
			if computes {
				how = formula
			}
			return text, how, err
		}
	}
}

// letters is what stands in an element that has begun, without elements in it.
func letters(dec *xml.Decoder) (string, error) {
	var b strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			if err := dec.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return b.String(), nil
		}
	}
}

// holds is what a cell of a type shows whose text is not in itself: a text, or what the spreadsheet made of one.
func (s *sheetRows) holds(kind, text string) (string, making, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if text == "" {
			return "", written, nil
		}
		if err != nil || n < 0 || n >= len(s.shared) {
			return "", written, errors.New("a cell shows a text that is not there")
		}
		return s.shared[n], written, nil
	case "e": // what went wrong is seen as damage
		return text, written, nil
	case "str":
		return numbered(text), written, nil
	case "b":
		if strings.TrimSpace(text) == "0" {
			return "FALSE", value, nil
		}
		return "TRUE", value, nil
	}
	return strings.TrimSpace(text), value, nil
}
