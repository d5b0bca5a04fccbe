package content

import (
	"io/fs"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"

	"patikra/content/sheet"
)

// Files of a language folder that hold no texts.
const (
	SourcesFile  = "sources.yaml"  // from which wording of the source each text was translated
	LanguageFile = "language.yaml" // whether the language may be shown to people, and of which other one it is an easy-to-read variant
)

// Kind is what a text is made of.
type Kind uint8

// Kinds of text.
const (
	Single Kind = iota // one text
	Item               // a line of a list
	Form               // the wording of a text that counts, for some numbers
	Words              // plain words that stand for the same meaning, one a line
)

// Entry is one piece of text as it stands in a file, neither trimmed nor checked.
type Entry struct {
	Name  string // of the text, as job-offer.fee.say
	Part  string // of a list its line from 1, of a text that counts its form
	Kind  Kind
	Value string
	File  string
	Line  int
	Path  []string // where it stands inside the file
}

// Key names an entry: the text's name, and in brackets the line or the form.
func (e Entry) Key() string {
	if e.Part == "" {
		return e.Name
	}
	return e.Name + "[" + e.Part + "]"
}

// TextFiles lists the files of a language that hold texts, in order.
func TextFiles(fsys fs.FS, tag string) []string {
	files := sheet.Glob(fsys, "content/"+tag+"/*.yaml")
	return slices.DeleteFunc(files, func(f string) bool {
		return path.Base(f) == SourcesFile || path.Base(f) == LanguageFile || dotted(f)
	})
}

// dotted reports whether a file's name has a dot that is not the last: its texts would be taken for those of another file.
func dotted(file string) bool { return strings.Count(path.Base(file), ".") > 1 }

// Folders lists the languages that have a folder, the source first, whether they are ready or not.
func Folders(fsys fs.FS) []string {
	var out []string
	for _, tag := range sheet.Folders(fsys, "content") {
		if langTag.MatchString(tag) && len(TextFiles(fsys, tag)) > 0 {
			out = append(out, tag)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i] == Source && out[j] != Source })
	return out
}

// Entries reads every text of a language in the order of the files. What cannot be read is in the error; the
// entries are those that can.
func Entries(fsys fs.FS, tag string) ([]Entry, error) {
	r := sheet.NewReader(fsys)
	var out []Entry
	for _, f := range TextFiles(fsys, tag) {
		top, ok := r.File(f)
		if !ok {
			continue
		}
		out = append(out, FileEntries(f, top)...)
	}
	return out, r.Problems.Err()
}

// FileEntries lists the texts of one file.
func FileEntries(file string, top sheet.Node) []Entry {
	var out []Entry
	base := strings.TrimSuffix(path.Base(file), ".yaml")
	for _, f := range top.Fields() {
		at := []string{f.Name}
		if base == "chat" && f.Name == "words" {
			for _, w := range f.Fields() {
				words, _ := w.RawTexts()
				out = append(out, Entry{Name: base + ".words." + w.Name, Kind: Words, Value: strings.Join(words, "\n"), File: file, Line: w.Line, Path: append(at, w.Name)})
			}
			continue
		}
		if base == WordsFile {
			words, _ := f.RawTexts()
			out = append(out, Entry{Name: base + "." + f.Name, Kind: Words, Value: strings.Join(words, "\n"), File: file, Line: f.Line, Path: at})
			continue
		}
		out = entries(out, Entry{Name: base + "." + f.Name, File: file, Path: at}, f, 0)
	}
	return out
}

func entries(out []Entry, e Entry, f sheet.Field, depth int) []Entry {
	e.Line = f.Node.Line()
	below := func(name string) []string { return append(slices.Clone(e.Path), name) }
	switch {
	case isForms(f.Node):
		for _, g := range f.Fields() {
			form := e
			form.Kind, form.Part, form.Path, form.Line = Form, g.Name, below(g.Name), g.Node.Line()
			form.Value, _ = g.Raw()
			out = append(out, form)
		}
	case f.IsMap() && depth < 2:
		for _, g := range f.Fields() {
			out = entries(out, Entry{Name: e.Name + "." + g.Name, File: e.File, Path: below(g.Name)}, g, depth+1)
		}
	case f.IsList():
		texts, lines := f.RawTexts()
		for i, t := range texts {
			item := e
			item.Kind, item.Part, item.Path, item.Value, item.Line = Item, strconv.Itoa(i+1), below(strconv.Itoa(i)), t, lines[i]
			out = append(out, item)
		}
	default:
		var ok bool
		if e.Value, ok = f.Raw(); ok {
			out = append(out, e)
		}
	}
	return out
}

// Ready reports whether a language may be shown to people: its language.yaml does not say ready: no.
func Ready(fsys fs.FS, tag string) bool {
	l := loader{Reader: sheet.NewReader(fsys)}
	ready, _, _ := l.heading(tag)
	return tag == Source || ready
}

// IsTag reports whether a folder of that name under content/ is a language.
func IsTag(tag string) bool { return langTag.MatchString(tag) }
