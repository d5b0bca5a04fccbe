package content

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"patikra/content/sheet"
)

// Source is the language that texts are written in first.
const Source = "lt"

// Lengths beyond which a network would cut a text, in UTF-16 units as the networks count them.
const (
	MaxText       = 2000 // one Messenger message; Telegram takes 4096
	MaxLabel      = 64   // a button; phones show less
	MaxQuickReply = 20   // a Messenger quick reply; longer labels need a short form, or become a numbered list there
	MaxToast      = 200  // the answer to a pressed button on Telegram
)

// MaxShort is how many answers a question may have whose short forms are used: on Messenger so many find room beside the numbers and the way out.
const MaxShort = 11

// Catalog is every text of every language, and every place.
type Catalog struct {
	ID        string // hash of the texts
	Newest    string // hash of places.yaml, municipalities.yaml, desk.yaml, site.yaml and campaigns.yaml, which are never pinned
	Languages []Language
	Places    []Place
	// Municipalities are the names of all of them, as the quiz for helpers calls them.
	Municipalities []string
	Offices        []Office  // whom they turn to
	Countries      []Country // that a person can choose, in the order of places.yaml
	Site           Site
	Desk           Desk
	Campaigns      []Campaign     // in the order of campaigns.yaml
	Remarks        sheet.Problems // behind texts, which may be words that got lost
	Drafts         []Draft        // languages that are not ready and that nobody is shown
	byLang         map[string]*Language
	order          map[string]map[string][]int
	wanted         map[string][]string // the order for a chosen country, as it is written
	kinds          map[[2]string][]int // places by kind and country
	called         []called            // what countries are called
	place          map[string]int
	officeOrder    map[string][]string // the kinds of offices by result
}

// Language is the texts of one language. Texts are named file.step.text, as "job-offer.fee.say".
type Language struct {
	Tag      string
	Variant  *Variant // of another language, and what is said simply; nil for every other language
	Gone     []string // what staff have taken from people of the language on purpose, by names as of Library.Lost
	texts    map[string]text
	lists    map[string][]string
	lines    map[string]text       // where each list stands
	broken   []string              // files that cannot be read: what is in them is not known
	voices   map[string]*Recording // of quiz.step
	words    map[string]string     // a plain typed word, to its meaning
	typed    map[string][]string   // of words.yaml: what people write in their own words, by kind
	forms    map[string]map[plural.Form]string
	tag      language.Tag
	need     []FormOf          // the forms that a text which counts must have
	known    []plural.Form     // those and the ones for numbers that are not whole
	borrowed map[string]bool   // the texts of a variant that are another language's
	src      *Language         // the source language, nil for itself
	made     map[string]string // of sources.yaml: from which wording of the source a text, or a line of a list, was translated

	Unreviewed []Header // files whose head says that nobody has reviewed them
}

// Draft is a language whose language.yaml says ready: no.
type Draft struct {
	Tag      string
	Missing  int            // texts that the source has and this language lacks
	Problems sheet.Problems // what would be refused if it were ready
}

type text struct {
	value string
	file  string
	line  int
}

// Site is what the web page says about itself, from site.yaml.
type Site struct {
	Name      string // who is behind it
	Link      string // their own page
	Contact   string // how people reach them: mailto:..., tel:... or https://...
	Exit      string // where the quick exit leads; empty: a harmless page of our own
	Telegram  string // https://t.me/...
	Messenger string // https://m.me/...
	Security  string // whom to tell of a fault in the program: mailto:... or https://...
	Film      string // the campaign's film: a file in content/film, as film.mp4, or an address https://...
	CallFilm  string // the same, of what happens when somebody calls
	// Frames are the sites, as https://savivaldybe.lt, that may show a talk with a counsellor in a frame. Anybody may frame the questions.
	Frames   []string
	Logo     []byte // content/logo.svg or logo.png, if there is one
	LogoKind string // its media type
}

// Language returns the texts of a language, nil when there is none.
func (c *Catalog) Language(tag string) *Language { return c.byLang[tag] }

// WithPlaces returns these texts with the numbers of a newer catalog: an old text never shows an old number.
func (c *Catalog) WithPlaces(newest *Catalog) *Catalog {
	out := *c
	out.Places, out.Countries, out.order, out.wanted, out.kinds, out.place, out.Desk, out.Site, out.Campaigns = newest.Places, newest.Countries, newest.order, newest.wanted, newest.kinds, newest.place, newest.Desk, newest.Site, newest.Campaigns
	out.Municipalities, out.Offices, out.officeOrder = newest.Municipalities, newest.Offices, newest.officeOrder
	out.byLang = map[string]*Language{}
	for tag, lang := range c.byLang {
		l := *lang
		if n := newest.byLang[tag]; n != nil {
			l.texts = make(map[string]text, len(lang.texts))
			for name, t := range lang.texts {
				l.texts[name] = t
			}
			for name, t := range n.texts {
				if strings.HasPrefix(name, "places.") || strings.HasPrefix(name, "municipalities.") || strings.HasPrefix(name, "countries.") {
					l.texts[name] = t
				}
			}
			if days := n.lists[countryDays]; days != nil {
				l.lists = maps.Clone(lang.lists)
				l.lists[countryDays] = days
			}
		}
		out.byLang[tag] = &l
	}
	return &out
}

// Order returns the places for an outcome and for where a person is (lithuania, elsewhere, or the code of a country
// they have chosen), the first to call first.
func (c *Catalog) Order(outcome, where string) []Place {
	var out []Place
	for _, i := range c.order[outcome][where] {
		out = append(out, c.Places[i])
	}
	return out
}

// Outcomes lists the outcomes that have an order of places.
func (c *Catalog) Outcomes() []string {
	var out []string
	for o := range c.order {
		out = append(out, o)
	}
	sort.Strings(out)
	return out
}

// Text returns a text; an unknown name gives the name itself in brackets, which the checks at loading make impossible.
func (l *Language) Text(name string) string {
	if t, ok := l.texts[name]; ok {
		return t.value
	}
	return "[" + name + "]"
}

// Short returns the short form of an answer's label, for networks with little room on a button: step is as "job-offer.fee". It is empty
// when there is none.
func (l *Language) Short(step, answer string) string { return l.texts[step+shortMark+answer].value }

// Has reports whether there is such a text.
func (l *Language) Has(name string) bool { _, ok := l.texts[name]; return ok }

// List returns a list of texts.
func (l *Language) List(name string) []string { return l.lists[name] }

// Meaning returns what a plain typed word stands for: yes, no, unsure, back, ... Empty when it is none of them.
func (l *Language) Meaning(word string) string { return l.words[word] }

// Typed gives the lines of a kind in words.yaml, and where they stand.
func (l *Language) Typed(kind string) (lines []string, file string, line int) {
	at := l.lines[WordsFile+"."+kind]
	return l.typed[kind], at.file, at.line
}

// TypedKinds lists the kinds of words.yaml, in order.
func (l *Language) TypedKinds() []string { return slices.Sorted(maps.Keys(l.typed)) }

// Words lists the plain typed words that have a meaning, in order.
func (l *Language) Words(meaning string) []string {
	var out []string
	for w, m := range l.words {
		if m == meaning {
			out = append(out, w)
		}
	}
	sort.Strings(out)
	return out
}

// Meanings lists what plain typed words stand for.
func (l *Language) Meanings() []string {
	var out []string
	for _, m := range l.words {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	sort.Strings(out)
	return out
}

// Names lists the texts whose name begins with a prefix, in order.
func (l *Language) Names(prefix string) []string {
	var out []string
	for n := range l.texts {
		if strings.HasPrefix(n, prefix) {
			out = append(out, n)
		}
	}
	for n := range l.lists {
		if strings.HasPrefix(n, prefix) {
			out = append(out, n)
		}
	}
	sort.Strings(out)
	return out
}

// At tells where a text stands, for a message about it.
func (l *Language) At(name string) (file string, line int) {
	t, ok := l.texts[name]
	if !ok {
		t = l.lines[name]
	}
	return t.file, t.line
}

// Broken reports whether a file of texts cannot be read, so that nothing is known of what is in it.
func (l *Language) Broken(file string) bool {
	return slices.Contains(l.broken, "content/"+l.Tag+"/"+file+".yaml")
}

// Beside returns the line of the first text in a group of a file, as "job-offer.fee.", 1 if there is none.
func (l *Language) Beside(group string) int {
	first := 0
	for _, texts := range []map[string]text{l.texts, l.lines} {
		for n, t := range texts {
			if strings.HasPrefix(n, group) && (first == 0 || t.line < first) {
				first = t.line
			}
		}
	}
	return max(first, 1)
}

// Length counts a text as the networks do, in UTF-16 units.
func Length(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

var (
	langTag = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]{2,8})?$`)
)

// Load reads every language and places.yaml from a folder that holds content/. On mistakes the error is a
// sheet.Problems with every one of them, among them every text that is not in all languages.
func Load(fsys fs.FS) (*Catalog, error) {
	c, err := Read(fsys)
	if err = sheet.Join(err, c.Compare()); err != nil {
		return nil, err
	}
	return c, nil
}

// Read is Load without the comparison of which texts each language has, for a caller who knows which
// are needed. The catalog holds what could be read even when there is an error.
func Read(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{byLang: map[string]*Language{}, order: map[string]map[string][]int{}, wanted: map[string][]string{}, kinds: map[[2]string][]int{}, place: map[string]int{}}
	l := loader{Reader: sheet.NewReader(fsys), catalog: c}
	l.Ahead(ahead(fsys))
	sum := sha256.New()
	var drafts []*Language
	for _, tag := range sheet.Folders(fsys, "content") {
		if !langTag.MatchString(tag) {
			continue
		}
		files := TextFiles(fsys, tag)
		for _, f := range sheet.Glob(fsys, "content/"+tag+"/*.yaml") {
			if dotted(f) {
				l.Add(f, 0, "give it a name without one, or remove it", "there is a dot in the file's name before .yaml")
			}
		}
		lang := newLanguage(tag)
		if tag != Source {
			var ready bool
			if ready, lang.Variant, lang.Gone = l.heading(tag); !ready {
				drafts = append(drafts, lang)
				continue
			}
		}
		for _, f := range files {
			if data := l.Peek(f); data != nil {
				sum.Write([]byte(f))
				sum.Write(data)
				lang.review(f, data)
			}
			l.texts(lang, f)
		}
		lang.made = l.wordings(lang.Tag)
		l.voices(fsys, lang)
		for _, name := range slices.Sorted(maps.Keys(lang.voices)) {
			sum.Write([]byte(name))
			sum.Write(lang.voices[name].Data)
		}
		if len(files) > 0 {
			c.byLang[lang.Tag] = lang
			c.Languages = append(c.Languages, *lang)
		}
	}
	for i := range c.Languages {
		lang := &c.Languages[i]
		v := lang.Variant
		if v == nil {
			continue
		}
		if from := c.byLang[v.Of]; from != nil && from.Variant == nil {
			lang.borrow(from)
			*c.byLang[lang.Tag] = *lang
		} else {
			l.Add("content/"+lang.Tag+"/"+LanguageFile, 0, "name a language that has a folder beside this one", "there is no language %q that this could be a variant of", v.Of)
		}
	}
	sort.SliceStable(c.Languages, func(i, j int) bool { // the source first, variants last
		a, b := &c.Languages[i], &c.Languages[j]
		return a.Tag == Source && b.Tag != Source || a.Variant == nil && b.Variant != nil
	})
	for i := range c.Languages {
		if lang := &c.Languages[i]; lang.Tag != Source {
			lang.src = c.byLang[Source]
			c.byLang[lang.Tag].src = lang.src
		}
	}
	if c.byLang[Source] == nil {
		l.Add("content/"+Source, 0, "put the texts there", "the source language has no texts")
	} else {
		for i := range c.Languages {
			l.placeholders(&c.Languages[i])
		}
		for _, d := range drafts {
			c.Drafts = append(c.Drafts, l.draft(fsys, d))
		}
	}
	l.places()
	l.municipalities()
	l.typedPhones()
	l.site()
	l.desk()
	l.campaigns()
	c.ID = hex.EncodeToString(sum.Sum(nil)[:8])
	newest := sha256.New()
	for _, f := range []string{"places.yaml", "municipalities.yaml", "desk.yaml", "site.yaml", "campaigns.yaml", "logo.svg", "logo.png"} {
		if data := l.Peek("content/" + f); data != nil {
			newest.Write([]byte(f))
			newest.Write(data)
		}
	}
	c.Newest = hex.EncodeToString(newest.Sum(nil)[:8])
	return c, l.Problems.Err()
}

// ahead lists the files that Read parses, in the order in which it asks for them.
func ahead(fsys fs.FS) []string {
	names := []string{"content/places.yaml"}
	for _, tag := range sheet.Folders(fsys, "content") {
		if langTag.MatchString(tag) {
			names = append(append(names, "content/"+tag+"/"+LanguageFile), TextFiles(fsys, tag)...)
			names = append(names, "content/"+tag+"/"+SourcesFile)
		}
	}
	return names
}

type loader struct {
	*sheet.Reader
	catalog *Catalog
	partial bool     // texts may still be empty
	heard   int      // bytes of the recordings so far
	tag     string   // of the language that is read
	harm    *Damages // to the texts of the file that is read
	phones  []typedPhoneIn
}

func newLanguage(tag string) *Language {
	return &Language{Tag: tag, texts: map[string]text{}, lists: map[string][]string{}, lines: map[string]text{}, words: map[string]string{}, typed: map[string][]string{}, voices: map[string]*Recording{},
		forms: map[string]map[plural.Form]string{}, tag: language.Make(tag)}
}

var wording = regexp.MustCompile(`^[a-z]{8}$`)

// wordings reads sources.yaml: what was translated once, and from which wording.
func (l *loader) wordings(tag string) map[string]string {
	file := "content/" + tag + "/" + SourcesFile
	if !l.Exists(file) {
		return nil
	}
	top, ok := l.File(file)
	if !ok {
		return nil
	}
	made := map[string]string{}
	for _, f := range top.Fields() {
		s := f.Text()
		if s != "" && !wording.MatchString(s) {
			f.Bad("remove the line; patikra texts fresh writes it again", "%q is no code of a wording", s)
		}
		made[f.Name] = s
	}
	return made
}

// draft reads a language that is not ready. Its mistakes are not mistakes of the whole.
func (l *loader) draft(fsys fs.FS, lang *Language) Draft {
	said := l.Problems
	l.Problems = nil // the limits of the reader go on counting
	d := loader{Reader: l.Reader, catalog: l.catalog, partial: true}
	for _, f := range TextFiles(fsys, lang.Tag) {
		d.texts(lang, f)
	}
	d.wordings(lang.Tag)
	d.placeholders(lang)
	d.typedPhones()
	out := Draft{Tag: lang.Tag}
	errors.As(d.Problems.Err(), &out.Problems)
	l.Problems = said
	for _, n := range l.catalog.byLang[Source].Names("") {
		if label := ShortOf(n); label != "" && Length(lang.texts[label].value) <= MaxQuickReply {
			continue
		}
		if t, ok := lang.texts[n]; !(ok && t.value != "") && len(lang.lists[n]) == 0 {
			out.Missing++
		}
	}
	return out
}

func (l *loader) texts(lang *Language, file string) {
	top, ok := l.File(file)
	if !ok {
		lang.broken = append(lang.broken, file)
		return
	}
	base := strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".yaml")
	l.tag, l.harm = lang.Tag, &Damages{}
	defer l.harm.Each(func(line int, f Fault, facts []string) {
		l.Problems.Note(file, line, sheet.Say("%s; if a text is right as it stands, write behind it on its line: # as it is", f.Remedy), f.Message, facts...)
	})
	for _, f := range top.Fields() {
		if base == "chat" && f.Name == "words" {
			l.words(lang, f.Node)
			continue
		}
		if base == WordsFile {
			lang.typed[f.Name], lang.lines[base+"."+f.Name] = f.Texts(), text{file: f.File(), line: f.Line}
			for _, item := range f.List() {
				l.harmed(item, base+"."+f.Name, item.Text())
			}
			continue
		}
		l.text(lang, base+"."+f.Name, f, 0)
	}
}

// WordsFile holds what people write in their own words, beside the labels: package read uses it.
const WordsFile = "words"

// remark notes what stands behind a text on its line: nobody is shown it. Where no blank follows the #, as in "call #112", words of the text have got
// lost, and that is a mistake; where one does it may be a remark, which loses nothing.
func (l *loader) remark(file string, b sheet.Behind) {
	if asItIs(b.Remark) {
		return
	}
	if b.Whole == "" {
		l.catalog.Remarks.Add(file, b.Line, "put the remark into a line of its own", sheet.Say("what stands behind # is not shown: %q", b.Remark))
		return
	}
	ps := &l.catalog.Remarks
	if strings.TrimLeft(b.Remark, "# \t") == strings.TrimLeft(b.Remark, "#") && !l.partial {
		ps = &l.Problems
	}
	ps.Add(file, b.Line, sheet.Say("if the words belong to the text, write %s; a remark of yours goes into a line of its own, which begins with #", b.Whole),
		sheet.Say("what stands behind # is not shown: %q; people read only %q", b.Remark, b.Shown))
}

func (l *loader) text(lang *Language, name string, f sheet.Field, depth int) {
	if b, ok := f.Behind(); ok && !f.IsMap() {
		l.remark(f.File(), b)
	}
	switch {
	case isForms(f.Node):
		l.count(lang, name, f)
	case f.IsMap() && depth < 2:
		for _, g := range f.Fields() {
			l.text(lang, name+"."+g.Name, g, depth+1)
		}
	case f.IsList():
		for _, b := range f.Behinds() {
			l.remark(f.File(), b)
		}
		lang.lists[name], lang.lines[name] = f.Texts(), text{file: f.File(), line: f.Line}
		if len(lang.lists[name]) == 0 && !l.partial {
			f.Bad("write at least one line", "the list %q is empty", name)
		}
		for _, item := range f.List() {
			l.sound(item, name, item.Text())
		}
	default:
		if raw, ok := f.Raw(); ok && raw == "" && l.partial {
			return
		}
		raw, ok := f.Raw()
		s := ""
		if !ok || raw != "" {
			s = f.Text()
		} else {
			f.Bad("write the text after the colon, or remove the line", "the text %q is empty", name)
		}
		l.sound(f.Node, name, s)
		lang.texts[name] = text{value: s, file: f.File(), line: f.Line}
	}
}

// sound refuses what a network would cut or a reader misread, and what machines have harmed.
func (l *loader) sound(n sheet.Node, name, s string) {
	if l.harmed(n, name, s) {
		return
	}
	for _, f := range faults(name, s) {
		n.Bad(f.Remedy, f.Message)
	}
	if number := Phone(s); number != "" {
		l.phones = append(l.phones, typedPhoneIn{n, name, number})
	}
}

// asItIs reports whether a remark behind a text says that it is right as it stands, whatever it looks like.
func asItIs(remark string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(strings.Trim(remark, "# \t")), " "), "as it is")
}

// harmed reports whether a machine has damaged a text, and notes it. Staff who know better have written # as it is behind it.
func (l *loader) harmed(n sheet.Node, name, s string) bool {
	return l.harm != nil && !asItIs(n.Remark()) && l.harm.See(l.tag, name, s, n.Line())
}

func (l *loader) words(lang *Language, n sheet.Node) {
	for _, f := range n.Fields() {
		for _, item := range f.List() {
			if item.Text() == "" || l.harmed(item, "chat.words."+f.Name, item.Text()) {
				continue
			}
			w := Fold(item.Text())
			if other, ok := lang.words[w]; ok && other != f.Name {
				f.Bad("keep it in one place", "the word %q stands for %q and for %q", w, other, f.Name)
			}
			lang.words[w] = f.Name
		}
	}
}

// placeholders holds a language against the source: the same placeholders, lists of the same length.
func (l *loader) placeholders(lang *Language) {
	src := l.catalog.byLang[Source]
	if lang.Tag == Source {
		return
	}
	for name, list := range src.lists {
		if got, one := lang.texts[name]; one && l.partial && got.value != "" {
			l.Add(got.file, got.line, "begin each line with a dash, one below the other", "the text %q should be a list", name)
		}
		if got := lang.lists[name]; lang.Own(name) && len(got) != len(list) && got != nil && !l.partial && !lang.ListWaits(name, src) {
			file, line := lang.At(name)
			remedy := sheet.Text("translate every line of it")
			switch {
			case name == Replies && len(got) < len(list):
				remedy = "translate every line of it, or put the new ones last: those that name no number may wait there for their translation"
			case len(got) > len(list):
				remedy = "take out here the line that is too many, or add there the one that is missing"
			}
			l.Problems.Note(file, line, remedy, sheet.Say("the list %q has %d lines, in %s %d", name, len(got), Source, len(list)), "lines:"+name)
		}
	}
	for name := range lang.lines { // of a language that is not ready nobody else looks at it
		if _, one := src.texts[name]; one && l.partial && lang.lists[name] != nil {
			file, line := lang.At(name)
			l.Add(file, line, "write it behind the colon, without dashes", "the text %q should be one text and no list", name)
		}
	}
	for name, want := range src.texts {
		got, ok := lang.texts[name]
		if Phone(want.value) != "" || Phone(got.value) != "" { // said where it stands, and the others are as they should be
			continue
		}
		if ok && lang.Own(name) && strings.HasSuffix(want.value, "…") && strings.HasSuffix(got.value, "?") { // what an old encoding leaves of it
			l.Problems.Note(got.file, got.line, "end it with … too, or both with ?", sheet.Say("the text %q ends with ?, in %s with …", name, Source), "end:"+name)
		}
		if a, b := src.placeholders(name), lang.placeholders(name); ok && lang.Own(name) && !slices.Equal(a, b) && !lang.keeps(name, src, a, b) {
			l.Problems.Note(got.file, got.line, sheet.Say("use the same placeholders as %s", want.file), sheet.Say("the text %q has the placeholders [%s], in %s [%s]", name, strings.Join(b, " "), Source, strings.Join(a, " ")), "placeholders:"+name)
		}
	}
}

// placeholders of a text, of all its forms together if it counts.
func (l *Language) placeholders(name string) []string {
	all := l.texts[name].value
	for _, s := range l.forms[name] {
		all += s
	}
	return Placeholders(all)
}

// Compare names every text that the source has and another language lacks, and the other way round.
func (c *Catalog) Compare() error {
	var ps sheet.Problems
	src := c.byLang[Source]
	if src == nil {
		return nil
	}
	lacks := func(lang, other *Language) {
		for _, name := range other.Names("") {
			if base, _, _ := strings.Cut(name, "."); !IsShort(name) && !lang.Has(name) && lang.lists[name] == nil && !lang.Broken(base) {
				ps = append(ps, sheet.Problem{File: "content/" + lang.Tag + "/" + base + ".yaml", Message: sheet.Say("the text %q is missing, in %s it is there", name, other.Tag),
					Remedy: sheet.Say("write it, or remove it from content/%s/%s.yaml", other.Tag, base), Facts: "missing:" + name})
			}
		}
	}
	for i := range c.Languages {
		if lang := &c.Languages[i]; lang.Tag != Source {
			lacks(lang, src)
			lacks(src, lang)
		}
	}
	return ps.Err()
}

// webSite is a site without a path, as a browser names it.
var webSite = regexp.MustCompile(`^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?$`)

var telLink = regexp.MustCompile(`^tel:\+[0-9]{7,15}$`)

var mailLink = regexp.MustCompile(`^mailto:[a-zA-Z0-9._+-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$`)

var webLink = regexp.MustCompile(`^https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s"<>]*)?$`)

// filmFile and filmLink are a film beside the files, and one elsewhere.
var (
	filmFile = regexp.MustCompile(`^[a-z0-9-]{1,60}\.(mp4|webm)$`)
	filmLink = regexp.MustCompile(`^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?/[^\s"<>?#;,]*\.(mp4|webm)$`)
)

// mostLogo is the largest logo, in bytes: the page should load on a poor line.
const mostLogo = 20 << 10

func (l *loader) site() {
	for _, logo := range [...]struct{ name, kind string }{{"content/logo.svg", "image/svg+xml"}, {"content/logo.png", "image/png"}} {
		if l.Exists(logo.name) {
			data := l.Bytes(logo.name)
			if len(data) > mostLogo {
				l.Add(logo.name, 0, "make it smaller", "the logo has %d bytes, more than %d", len(data), mostLogo)
			}
			l.catalog.Site.Logo, l.catalog.Site.LogoKind = data, logo.kind
		}
	}
	const file = "content/site.yaml"
	if !l.Exists(file) {
		return
	}
	top, ok := l.File(file)
	if !ok {
		return
	}
	for _, f := range top.Fields() {
		if f.Name == "campaigns" {
			f.Bad("move each code into content/campaigns.yaml, with its channel and its name", "campaigns have a file of their own")
		}
	}
	m := top.Map("name", "link", "contact", "exit", "telegram", "messenger", "security", "frames", "film", "call-film")
	s := &l.catalog.Site
	s.Name = m["name"].Text()
	for key, to := range map[string]*string{"link": &s.Link, "exit": &s.Exit, "telegram": &s.Telegram, "messenger": &s.Messenger} {
		if n := m[key]; !n.Zero() {
			if *to = n.Text(); *to != "" && !webLink.MatchString(*to) {
				n.Bad("write a whole address that begins with https://", "%s: %q is no web address", key, *to)
			}
		}
	}
	if n := m["security"]; !n.Zero() {
		if s.Security = n.Text(); s.Security != "" && !webLink.MatchString(s.Security) && !mailLink.MatchString(s.Security) {
			n.Bad("write mailto:name@example.lt, or a whole address that begins with https://", "security: %q is neither", s.Security)
		}
	}
	for key, to := range map[string]*string{"film": &s.Film, "call-film": &s.CallFilm} {
		if n := m[key]; !n.Zero() {
			if *to = n.Text(); *to != "" && !filmFile.MatchString(*to) && !filmLink.MatchString(*to) {
				n.Bad("write the name of a file in content/film, as film.mp4, or a whole address of a film, as https://www.example.lt/film.mp4", "%s: %q is no film", key, *to)
			}
		}
	}
	if n := m["contact"]; !n.Zero() {
		if s.Contact = n.Text(); s.Contact != "" && !webLink.MatchString(s.Contact) && !mailLink.MatchString(s.Contact) && !telLink.MatchString(s.Contact) {
			n.Bad("write mailto:name@example.lt, tel:+370..., or a whole address that begins with https://", "contact: %q is none of these", s.Contact)
		}
	}
	if n := m["frames"]; !n.Zero() {
		for _, site := range n.Texts() {
			if !webSite.MatchString(site) {
				n.Bad("write each site in small letters and without a path, as https://www.example.lt", "frames: %q is no site", site)
				continue
			}
			s.Frames = append(s.Frames, site)
		}
	}
	if s.Name == "" {
		top.Bad("write name: with who is behind the page", "the site has no name")
	}
}
