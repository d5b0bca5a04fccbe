package exchange

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// State tells a translator what to do with a text.
type State uint8

// States of a text.
const (
	New        State = iota // nothing is there yet
	Review                  // somebody should look: the source has changed, or no native speaker of the trade has read it
	Translated              // nothing to do
)

var stateNames = [...]string{New: "new", Review: "needs review", Translated: "translated"}

func (s State) String() string { return stateNames[s] }

// Bundle is the texts of one language beside the source's.
type Bundle struct {
	Source, Target string // languages
	Units          []Unit
	Notes          []sheet.Text // what somebody should know of the file that came back, one line each
	nameless       []Unit       // whose name was lost on the way; of a form the key is its part alone, as [few]
	keepName       sheet.Text   // how to keep it
	explicit       bool         // the format says itself when somebody is done with a changed text
}

// Unit is one piece of text.
type Unit struct {
	Key    string // as chat.begin, results.high.next[1], desk.place[few]
	Source string
	Target string
	State  State
	Screen string   // where people see it
	Notes  []string // for the translator
	Most   int      // how many characters it may have
	Where  string   // file and line of the source text
	Line   int      // in the file that came back
	form   bool
	stale  bool       // the source has changed since, or nobody knows
	loose  bool       // the file does not say whether its blanks and line ends are text
	made   making     // whether a spreadsheet computed it
	of     string     // the source by which a text without a name is found
	undone sheet.Text // why it is no translation yet, in the words of a note
}

// Split takes a key apart into the text's name and its line or form.
func Split(key string) (name, part string) {
	if i := strings.LastIndexByte(key, '['); i > 0 && strings.HasSuffix(key, "]") {
		return key[:i], key[i+1 : len(key)-1]
	}
	return key, ""
}

// folder is a language's texts as they stand in the files.
type folder struct {
	tag     string
	entries []content.Entry
	byKey   map[string]content.Entry
	parts   map[string][]string // of lists and of texts that count, by name
	kinds   map[string]content.Kind
	wanted  func(name string) bool // whether the language must have a text of the source itself

	shortens map[string]bool // steps with short forms, as job-offer.fee.short.
}

func read(fsys fs.FS, tag string) (*folder, error) {
	list, err := content.Entries(fsys, tag)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, sheet.Say("there are no texts in content/%s", tag)
	}
	f := &folder{tag: tag, entries: list, byKey: map[string]content.Entry{}, parts: map[string][]string{}, kinds: map[string]content.Kind{}, shortens: map[string]bool{}, wanted: content.WantedOf(fsys, tag)}
	for _, e := range list {
		f.byKey[e.Key()] = e
		f.kinds[e.Name] = e.Kind
		if content.IsShort(e.Name) {
			f.shortens[e.Name[:strings.LastIndexByte(e.Name, '.')+1]] = true
		}
		if e.Part != "" {
			f.parts[e.Name] = append(f.parts[e.Name], e.Part)
		}
	}
	return f, nil
}

// want is one piece that a language should have.
type want struct {
	source  content.Entry // the source's wording
	key     string
	part    string
	present content.Entry
	has     bool // the language has it, and it is not empty
	numbers string
}

// wants lists what a language should have, in the source's order. A text that counts has the forms of its own language. A short form is wanted
// where the language's own label is too long, at the steps that have short forms in one of the two.
func wants(src, lang *folder) []want {
	var out []want
	seen := map[string]bool{}
	var forms []content.FormOf
	for _, e := range src.shorts(lang) {
		if content.IsShort(e.Name) {
			w := want{source: e, key: e.Name}
			w.present = lang.byKey[w.key]
			if w.has = w.present.Value != ""; w.has || lang.needsShort(e.Name, src) {
				out = append(out, w)
			}
			continue
		}
		if _, there := lang.kinds[e.Name]; !there && !lang.wanted(e.Name) {
			continue
		}
		counts := e.Kind == content.Form || e.Kind == content.Single && lang.kinds[e.Name] == content.Form
		if !counts {
			w := want{source: e, key: e.Key(), part: e.Part}
			w.present = lang.byKey[w.key]
			w.has = w.present.Value != ""
			out = append(out, w)
			continue
		}
		if seen[e.Name] {
			continue
		}
		seen[e.Name] = true
		if forms == nil {
			forms = content.Forms(lang.tag)
		}
		for _, f := range forms {
			w := want{source: src.form(e.Name, f.Name), part: f.Name, key: e.Name + "[" + f.Name + "]", numbers: f.Examples()}
			w.present = lang.form(e.Name, f.Name)
			w.has = w.present.Value != ""
			out = append(out, w)
		}
	}
	return out
}

// shorts are the source's texts, and behind the last text of each step the short forms that the source has not, but may need in the other
// language: each says the label itself, of which it is to be made.
func (f *folder) shorts(lang *folder) []content.Entry {
	out := make([]content.Entry, 0, len(f.entries))
	var waiting []content.Entry
	step := ""
	for _, e := range f.entries {
		if len(waiting) > 0 && !strings.HasPrefix(e.Name, step) {
			out, waiting = append(out, waiting...), nil
		}
		out = append(out, e)
		name := content.ShortFor(e.Name)
		if _, has := f.byKey[name]; name == "" || has {
			continue
		}
		step = e.Name[:strings.LastIndexByte(e.Name, '.')+1]
		e.Name = name
		e.Path = []string{e.Path[0], "short", e.Path[1]}
		waiting = append(waiting, e)
	}
	return append(out, waiting...)
}

// needsShort reports whether a language's label is too long for a small button, at a step that has short forms here or in the source.
func (f *folder) needsShort(name string, src *folder) bool {
	step := name[:strings.LastIndexByte(name, '.')+1]
	label := f.byKey[content.ShortOf(name)].Value
	if _, has := src.byKey[name]; label == "" { // not translated yet, or borrowed
		return has && f.wanted(name)
	}
	return content.Length(label) > content.MaxQuickReply && (f.shortens[step] || src.shortens[step])
}

// form returns the wording of a form; a text without forms has one for all.
func (f *folder) form(name, form string) content.Entry {
	for _, key := range []string{name + "[" + form + "]", name} {
		if e, ok := f.byKey[key]; ok {
			return e
		}
	}
	if f.tag != content.Source {
		return content.Entry{}
	}
	for _, part := range append([]string{"other"}, f.parts[name]...) { // the source's nearest
		if e, ok := f.byKey[name+"["+part+"]"]; ok {
			return e
		}
	}
	return content.Entry{}
}

// Collect puts a language beside the source. What cannot be read is in the error.
func Collect(fsys fs.FS, tag string) (*Bundle, error) {
	if tag == content.Source {
		return nil, sheet.Say("%s is the source: the other languages are translated from it", tag)
	}
	src, err1 := read(fsys, content.Source)
	lang, err2 := read(fsys, tag)
	made, err3 := readSources(fsys, tag)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	reviews := map[string]string{}
	b := &Bundle{Source: content.Source, Target: tag}
	for _, w := range wants(src, lang) {
		u := Unit{Key: w.key, Source: w.source.Value, Target: w.present.Value, Most: content.Most(w.source.Name), form: w.numbers != "",
			Screen: Screen(w.source.Name), Where: fmt.Sprintf("%s:%d", w.source.File, w.source.Line), State: Translated}
		file := fileOf(tag, w.source.Name)
		if _, ok := reviews[file]; !ok {
			data, _ := fs.ReadFile(fsys, file)
			reviews[file] = ReadHeader(data).note()
		}
		switch id := identity(w.key, w.numbers != ""); {
		case !w.has:
			u.State = New
		case w.source.Kind != content.Words && made[id] == "":
			u.State, u.stale = Review, true
			u.Notes = append(u.Notes, "nobody noted from which wording of the source this was translated")
		case w.source.Kind != content.Words && made[id] != src.hash(id):
			u.State, u.stale = Review, true
			u.Notes = append(u.Notes, "the source has changed since this was translated")
		case reviews[file] != "":
			u.State = Review
			u.Notes = append(u.Notes, reviews[file])
		}
		if p := content.Placeholders(w.source.Value); len(p) > 0 {
			u.Notes = append(u.Notes, "keep the placeholders: "+strings.Join(p, " "))
		}
		if label := content.ShortOf(w.source.Name); label != "" {
			u.Notes = append(u.Notes, fmt.Sprintf("short for %q, on Messenger: neither more nor less grave than that", lang.byKey[label].Value))
		}
		switch {
		case w.source.Kind == content.Words:
			u.Notes = append(u.Notes, "one word or phrase a line, as many as people might type")
		case w.numbers != "":
			u.Notes = append(u.Notes, "this form is for the numbers "+w.numbers)
		case w.source.Kind == content.Item:
			u.Notes = append(u.Notes, fmt.Sprintf("line %s of %d", w.part, len(src.parts[w.source.Name])))
		}
		b.Units = append(b.Units, u)
	}
	return b, nil
}

// Missing returns those texts that are missing or stale. Of a text that counts all forms come along.
func (b *Bundle) Missing() *Bundle {
	open := map[string]bool{}
	part := func(u *Unit) string {
		if name, part := Split(u.Key); part != "" {
			return name
		}
		return u.Key
	}
	for i := range b.Units {
		if u := &b.Units[i]; u.State == New && u.Source != "" || u.stale {
			open[u.Key] = true
			if u.form {
				open[part(u)] = true
			}
		}
	}
	out := *b
	out.Units = slices.DeleteFunc(slices.Clone(b.Units), func(u Unit) bool { return !open[u.Key] && !(u.form && open[part(&u)]) })
	return &out
}

// fileOf is the file of a language that holds a text.
func fileOf(tag, name string) string {
	base, _, _ := strings.Cut(name, ".")
	return "content/" + tag + "/" + base + ".yaml"
}

// problems makes a line for each mistake out of an error.
func problems(err error) sheet.Problems {
	var ps sheet.Problems
	if errors.As(sheet.Join(err), &ps) {
		return ps
	}
	return nil
}
