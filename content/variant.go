package content

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"patikra/content/sheet"
)

// Variant is what the language.yaml of an easy-to-read variant says: the words of another language, said more simply.
// Only what stands in its own folder is easy; all else is borrowed from the language it is a variant of, and where a quiz
// is borrowed the person is told so in the words of Usual.
type Variant struct {
	Of      string   // the language it is a variant of
	Quizzes []string // that are said simply: for these nothing is borrowed
	Usual   string   // said where a quiz begins that is not one of them
}

// heading reads language.yaml, which a language may have. A language that does not say is ready, and no variant.
func (l *loader) heading(tag string) (ready bool, v *Variant, gone []string) {
	file := "content/" + tag + "/" + LanguageFile
	if !l.Exists(file) {
		return true, nil, nil
	}
	top, ok := l.File(file)
	if !ok {
		return false, nil, nil
	}
	fields := top.Map("ready", "gone", "of", "quizzes", "usual")
	if n := fields["gone"]; !n.Zero() {
		gone = n.Texts()
	}
	switch fields["ready"].Text() {
	case "yes", "true":
		ready = true
	case "no", "false":
	default:
		top.Bad("write ready: no until every text is there, then ready: yes", "the file does not say whether the language is ready")
	}
	of := fields["of"]
	if of.Text() == "" {
		for _, name := range []string{"quizzes", "usual"} {
			if n := fields[name]; !n.Zero() {
				n.Bad("remove it, or write of: and the language that this is a variant of", "%q is for a variant of another language", name)
			}
		}
		return ready, nil, gone
	}
	v = &Variant{Of: of.Text(), Quizzes: fields["quizzes"].Texts(), Usual: fields["usual"].Text()}
	if !strings.HasPrefix(tag, v.Of+"-") {
		of.Bad(sheet.Say("call the folder %s-easy", v.Of), "the folder %s cannot be a variant of %q", tag, v.Of)
		return false, v, gone
	}
	if len(v.Quizzes) == 0 {
		top.Bad("list under quizzes: those that are said simply", "the variant says no quiz simply")
	}
	if v.Usual == "" {
		top.Bad("write under usual: what a person reads where a quiz begins that is not said simply", "the variant does not say what is borrowed")
	}
	l.sound(fields["usual"], LanguageFile, v.Usual)
	return ready, v, gone
}

// WantedOf reports whether a language must have a text of the source itself: always, but for a variant only the texts of
// the quizzes that it says simply, those of the outcomes, and those of the flags and checks that an answer of these quizzes gives.
func WantedOf(fsys fs.FS, tag string) func(name string) bool {
	var v *Variant
	if tag != Source {
		l := loader{Reader: sheet.NewReader(fsys)}
		_, v, _ = l.heading(tag)
	}
	if v == nil {
		return func(string) bool { return true }
	}
	raised := map[string]bool{} // as flags.fee
	for _, quiz := range v.Quizzes {
		raisedIn(fsys, quiz, raised)
	}
	return func(name string) bool {
		file, rest, _ := strings.Cut(name, ".")
		if file == "flags" {
			if i := strings.LastIndexByte(rest, '.'); i > 0 {
				return raised[rest[:i]]
			}
		}
		return file == "results" || slices.Contains(v.Quizzes, file)
	}
}

// raisedIn notes under which names flags.yaml has the words for what a quiz raises.
func raisedIn(fsys fs.FS, quiz string, into map[string]bool) {
	r := sheet.NewReader(fsys)
	file := "flows/quizzes/" + quiz + ".yaml"
	if !r.Exists(file) {
		return
	}
	top, ok := r.File(file)
	if !ok {
		return
	}
	flags, green := "flags.", "green."
	var look func(n sheet.Node)
	look = func(n sheet.Node) {
		if n.IsList() {
			for _, e := range n.List() {
				look(e)
			}
		}
		for _, f := range n.Peek() {
			switch f.Name {
			case "person":
				if f.Text() == "other" {
					flags, green = "other.", "other."
				}
			case "raises", "green":
				group := flags
				if f.Name == "green" {
					group = green
				}
				texts, _ := f.RawTexts()
				if one, ok := f.Raw(); ok {
					texts = append(texts, one)
				}
				for _, t := range texts {
					into[group+t] = true
				}
			default:
				look(f.Node)
			}
		}
	}
	look(top)
}

// Own reports whether a text is the language's own and not one that a variant has borrowed.
func (l *Language) Own(name string) bool { return !l.borrowed[name] }

// Easy reports whether a quiz is said in this language's own words; in a language that is no variant every quiz is.
func (l *Language) Easy(quiz string) bool {
	return l.Variant == nil || slices.Contains(l.Variant.Quizzes, quiz)
}

// Base is the tag of the language that people speak: of a variant the one it is a variant of.
func (l *Language) Base() string {
	if l.Variant != nil {
		return l.Variant.Of
	}
	return l.Tag
}

// Base is [Language.Base] of a tag, the tag itself if there is no such language.
func (c *Catalog) Base(tag string) string {
	if lang := c.byLang[tag]; lang != nil {
		return lang.Base()
	}
	return tag
}

// BCP47 is the tag as browsers and screen readers know it: an easy-to-read variant is lt-simple there.
func (l *Language) BCP47() string {
	if l.Variant != nil {
		return l.Variant.Of + "-simple"
	}
	return l.Tag
}

// Spoken lists the languages without their variants, as networks and browsers know them.
func (c *Catalog) Spoken() []*Language {
	var out []*Language
	for i := range c.Languages {
		if c.Languages[i].Variant == nil {
			out = append(out, &c.Languages[i])
		}
	}
	return out
}

// Accepted is the language that a browser's Accept-Language asks for among those that we speak, the source if none of them.
func (c *Catalog) Accepted(header string) string {
	want, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(want) == 0 {
		return Source
	}
	spoken := c.Spoken()
	var tags []language.Tag
	for _, lang := range spoken {
		tags = append(tags, lang.tag)
	}
	_, i, confidence := language.NewMatcher(tags).Match(want...)
	if confidence == language.No {
		return Source
	}
	return spoken[i].Tag
}

// borrow gives a variant every text that it lacks.
func (l *Language) borrow(from *Language) {
	l.borrowed = map[string]bool{}
	lacks := func(name string) bool {
		_, one := l.texts[name]
		return !one && l.lists[name] == nil
	}
	for name, t := range from.texts {
		if label := ShortOf(name); label != "" {
			if _, own := l.texts[label]; own && !l.borrowed[label] { // it is short for other words
				continue
			}
		}
		if lacks(name) {
			l.texts[name], l.borrowed[name] = t, true
			if forms := from.forms[name]; forms != nil {
				l.forms[name] = forms
			}
		}
	}
	for name, list := range from.lists {
		if lacks(name) {
			l.lists[name], l.lines[name], l.borrowed[name] = list, from.lines[name], true
		}
	}
	for name, r := range from.voices {
		if quiz, _, _ := strings.Cut(name, "."); l.voices[name] == nil && !l.Easy(quiz) { // the words are the same there
			l.voices[name] = r
		}
	}
	words := maps.Clone(from.words)
	maps.Copy(words, l.words)
	l.words = words
}
