package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// Report is what is left to do in one language.
type Report struct {
	Language   string  `json:"language"`
	Ready      bool    `json:"ready"` // people may choose it
	Texts      int     `json:"texts"`
	Missing    []Gap   `json:"missing"`
	Stale      []Gap   `json:"stale"`
	Unreviewed []Gap   `json:"unreviewed"`
	Percent    Percent `json:"percent"`
	Files      []File  `json:"files"`
}

// Gap is a text that is missing, stale or unreviewed.
type Gap struct {
	Name string     `json:"name"`
	File string     `json:"file"`
	Line int        `json:"line,omitempty"`
	Why  sheet.Text `json:"why,omitempty"`
}

// Percent are shares of all texts.
type Percent struct {
	Missing    float64 `json:"missing"`
	Stale      float64 `json:"stale"`
	Unreviewed float64 `json:"unreviewed"`
}

// File is who has read the texts of a file.
type File struct {
	File     string `json:"file"`
	Texts    int    `json:"texts"`
	Reviewed bool   `json:"reviewed"`
	By       string `json:"by,omitempty"`   // the role of who read them
	Date     string `json:"date,omitempty"` // and when
	Note     string `json:"note,omitempty"`
}

// Gaps looks at one language, or at every one if none is named.
func Gaps(fsys fs.FS, tag string) ([]Report, error) {
	tags := content.Folders(fsys)
	if tag != "" {
		tags = []string{tag}
	}
	src, err := read(fsys, content.Source)
	if err != nil {
		return nil, err
	}
	var out []Report
	var errs []error
	for _, t := range tags {
		r, err := gaps(fsys, src, t)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, *r)
	}
	return out, errors.Join(errs...)
}

func gaps(fsys fs.FS, src *folder, tag string) (*Report, error) {
	lang, err1 := read(fsys, tag)
	made, err2 := readSources(fsys, tag)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	r := &Report{Language: tag, Ready: content.Ready(fsys, tag), Missing: []Gap{}, Stale: []Gap{}, Unreviewed: []Gap{}, Files: []File{}}
	// a text that counts is one text, missing when any form of it is
	type one struct {
		Gap
		missing, words bool
		why            string
	}
	var all []*one
	byID := map[string]*one{}
	for _, w := range wants(src, lang) {
		id := identity(w.key, w.numbers != "")
		o := byID[id]
		if o == nil {
			o = &one{Gap: Gap{Name: id, File: fileOf(tag, w.source.Name), Line: w.present.Line}, words: w.source.Kind == content.Words}
			byID[id], all = o, append(all, o)
		}
		if !w.has && w.source.Value != "" {
			o.missing = true
			if w.numbers != "" {
				o.why = strings.TrimPrefix(o.why+", "+w.part, ", ")
			}
		}
	}
	files := map[string]int{}
	for _, o := range all {
		r.Texts++
		g := o.Gap
		i, ok := files[g.File]
		if !ok {
			data, _ := fs.ReadFile(fsys, g.File)
			i = len(r.Files)
			files[g.File], r.Files = i, append(r.Files, ReadHeader(data).file(g.File))
		}
		r.Files[i].Texts++
		if o.missing {
			if o.why != "" {
				g.Why = sheet.Say("lacks the forms %s", o.why)
			}
			r.Missing = append(r.Missing, g)
			continue
		}
		if !r.Files[i].Reviewed {
			r.Unreviewed = append(r.Unreviewed, g)
		}
		if tag == content.Source || o.words {
			continue
		}
		switch made[g.Name] {
		case src.hash(g.Name):
		case "":
			g.Why = "it was never noted from which wording it was translated"
			r.Stale = append(r.Stale, g)
		default:
			g.Why = "the source has changed since it was translated"
			r.Stale = append(r.Stale, g)
		}
	}
	share := func(gs []Gap) float64 { return float64(len(gs)*1000/max(r.Texts, 1)) / 10 }
	r.Percent = Percent{share(r.Missing), share(r.Stale), share(r.Unreviewed)}
	return r, nil
}

// Header is the line of a file that says who has read its texts.
type Header struct {
	Line       int // 0: there is none
	By, Date   string
	Note       string
	start, end int // in bytes
}

var (
	headerForm = regexp.MustCompile(`(?m)^#[ \t]*reviewed:[ \t]*(.*?)[ \t]*\r?$`)
	dateForm   = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// ReadHeader reads the header of a file: "# reviewed: none (why)" or "# reviewed: <role>, <date>".
func ReadHeader(data []byte) Header {
	at := headerForm.FindSubmatchIndex(data)
	if at == nil {
		return Header{Note: "the file does not say who has read it"}
	}
	h := Header{Line: 1 + bytes.Count(data[:at[0]], []byte("\n")), start: at[2], end: at[3]}
	text := string(data[at[2]:at[3]])
	rest, none := strings.CutPrefix(text, "none")
	if none && (rest == "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "(")) {
		h.Note = strings.Trim(strings.TrimSpace(rest), "()")
		return h
	}
	i := strings.LastIndexByte(text, ',')
	if i < 0 || !dateForm.MatchString(strings.TrimSpace(text[i+1:])) || strings.TrimSpace(text[:i]) == "" {
		h.Note = "the line # reviewed: does not name a role and a date, as: # reviewed: psychologist, 2026-05-01"
		return h
	}
	h.By, h.Date = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
	return h
}

// Reviewed reports whether somebody has read the file.
func (h Header) Reviewed() bool { return h.By != "" }

func (h Header) file(name string) File {
	return File{File: name, Reviewed: h.Reviewed(), By: h.By, Date: h.Date, Note: h.Note}
}

// note is what a translator reads about it, empty when the file was reviewed.
func (h Header) note() string {
	if h.Reviewed() {
		return ""
	}
	return "not reviewed: " + h.Note
}

// unreviewed takes a review back, because texts have changed since.
func unreviewed(data []byte) (out []byte, was string) {
	h := ReadHeader(data)
	if !h.Reviewed() {
		return data, ""
	}
	line := fmt.Sprintf("none (texts have changed since %s, %s)", h.By, h.Date)
	return append(append(append([]byte{}, data[:h.start]...), line...), data[h.end:]...), h.By + ", " + h.Date
}
