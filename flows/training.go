package flows

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"patikra/content/sheet"
)

// A training module is a [Flow] too, so that people walk it as they walk a quiz: the questions before, the cases, and the same
// questions again. It raises nothing and weighs nothing.

// Part is the part of a training to which a step belongs. A quiz has none.
type Part uint8

// The parts of a training, in their order.
const (
	NoPart Part = iota
	Before      // a question asked before the cases
	Case        // a case, with an explanation of the answer
	After       // the same question once more
)

// Trained is the end of every training.
const Trained = "trained"

// again stands behind the name of a question that is asked once more. No name in a file can end so.
const again = "+"

// Limits of a case: between how many answers a person decides.
const (
	FewestOptions = 2
	MostOptions   = 4
)

// Reference is where explanations come from.
type Reference struct {
	Name string
	Link string // empty where it is on no page
	Seen string // what of it was read
	// Law is set of what the law says, or of a question about it: what people read stands under laws: in training.yaml, and Read is the day on which the
	// page was read. Checked is the day on which a lawyer checked it, or no.
	Law           bool
	Read, Checked string
	line          int
}

const (
	referencesFile = "flows/references.yaml"
	modules        = "flows/training/"
)

// words that the texts of a module use for other things: no answer and no step can be called so
var (
	reservedOptions = map[string]bool{"say": true, "why": true, "case": true, "told": true}
	reservedCases   = map[string]bool{"name": true, "about": true}
)

// Flow returns a quiz or a training module, nil when there is none of that name.
func (b *Book) Flow(name string) *Flow {
	if f := b.Flows[name]; f != nil {
		return f
	}
	return b.Training[name]
}

// Modules lists the names of the training modules in the order of their menu.
func (b *Book) Modules() []string {
	var out []string
	for name := range b.Training {
		out = append(out, name)
	}
	slices.SortFunc(out, func(x, y string) int {
		return cmp.Or(cmp.Compare(b.Training[x].Menu, b.Training[y].Menu), strings.Compare(x, y))
	})
	return out
}

// Topics lists what the cases of all modules are about, each once, in order.
func (b *Book) Topics() []string {
	var out []string
	for _, f := range b.Training {
		for i := range f.Steps {
			if t := f.Steps[i].Topic; t != "" {
				out = append(out, t)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Trains reports whether the flow is a training module.
func (f *Flow) Trains() bool { return f.trains }

// Count returns how many steps a part of the training has.
func (f *Flow) Count(p Part) (n int) {
	for i := range f.Steps {
		if f.Steps[i].Part == p {
			n++
		}
	}
	return n
}

// Score counts the questions of a part that were answered as is recommended.
func (f *Flow) Score(given []Given, p Part) (n int) {
	for _, g := range given {
		if int(g.Step) < len(f.Steps) && f.Steps[g.Step].Part == p && f.Steps[g.Step].Well(g.Picks) {
			n++
		}
	}
	return n
}

// Well reports whether the answer is one that the training recommends.
func (s *Step) Well(picks uint16) bool {
	for i := range s.Choices {
		if picks&(1<<i) != 0 && s.Choices[i].Right {
			return true
		}
	}
	return false
}

// training reads flows/training/*.yaml and the references. A folder without modules has no training.
func (l *loader) training(fsys fs.FS, sum func(file string)) {
	files := sheet.Glob(fsys, modules+"*.yaml")
	if len(files) > 0 || l.Exists(referencesFile) {
		sum(referencesFile)
		l.references()
	}
	before := len(l.Problems)
	for _, f := range files {
		sum(f)
		l.module(f)
	}
	if len(files) == 0 || len(l.Problems) > before { // what was not read may name them
		return
	}
	for i := range l.book.References {
		if r := &l.book.References[i]; !l.cited[r.Name] {
			l.Add(referencesFile, r.line, "let a case name it under source:, or remove it", "no case has the source %q", r.Name)
		}
	}
}

func (l *loader) references() {
	top, ok := l.File(referencesFile)
	if !ok {
		return
	}
	for _, f := range top.Fields() {
		m := f.Map("link", "seen", "law", "read", "checked")
		r := Reference{Name: f.Name, Link: m["link"].Text(), Seen: m["seen"].Text(), Law: m["law"].Bool(), Read: m["read"].Text(), Checked: m["checked"].Text(), line: f.Line}
		l.law(f, r)
		if !name.MatchString(r.Name) {
			f.Bad("use small letters, digits and hyphens", "%q cannot be the name of a source", r.Name)
		}
		if r.Seen == "" {
			f.Bad("write seen: with what of it was read", "nobody has read the source %q", r.Name)
		}
		if r.Link != "" && !strings.HasPrefix(r.Link, "https://") && !strings.HasPrefix(r.Link, "http://") {
			m["link"].Bad("write a whole address, or leave link: out", "link: %q is no web address", r.Link)
		}
		l.book.References = append(l.book.References, r)
	}
}

// law checks what is told of the law: the page and the day on which it was read, or that nobody found one and it is asked.
func (l *loader) law(f sheet.Field, r Reference) {
	day := func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil }
	switch {
	case !r.Law && (r.Read != "" || r.Checked != ""):
		f.Bad("write law: true, or take read: and checked: away", "%q is no law", r.Name)
	case r.Law && (r.Link == "" || !day(r.Read)):
		f.Bad("write the page under link:, and the day on which it was read under read:", "nobody can look up what the law %q says", r.Name)
	case r.Law && r.Checked != "no" && !day(r.Checked):
		f.Bad("write checked: no, or the day on which a lawyer checked it", "it is not said whether a lawyer checked the law %q", r.Name)
	}
}

func (l *loader) module(file string) {
	top, ok := l.File(file)
	if !ok {
		return
	}
	f := &Flow{Name: strings.TrimSuffix(path.Base(file), ".yaml"), index: map[string]int{}, leads: &leads{}, book: l.book, trains: true}
	switch {
	case !name.MatchString(f.Name):
		top.Bad("use small letters, digits and hyphens, for example first-talk.yaml", "%q cannot be the name of a training module", f.Name)
	case f.Name == "training":
		top.Bad("give the module another name", "the file of texts training.yaml is about all modules")
	case l.book.Flows[f.Name] != nil:
		top.Bad("give the module another name", "a quiz is called %q too", f.Name)
	}
	m := top.Map("menu", "test", "cases")
	before := len(l.Problems)
	if f.Menu = m["menu"].Int(); f.Menu < 1 && len(l.Problems) == before {
		top.Bad("write menu: 1 for the module that comes first, 2 for the next", "the module has no place in the menu")
	}
	for _, o := range l.book.Training {
		if o.Menu == f.Menu && f.Menu > 0 {
			m["menu"].Bad("give each module a place of its own", "the modules %q and %q have the same place in the menu", min(o.Name, f.Name), max(o.Name, f.Name))
		}
	}
	test, cases := m["test"].Fields(), m["cases"].Fields()
	if len(test) == 0 {
		top.Bad("write under test: what is asked before and after", "the module asks nothing before and after")
	}
	if len(cases) == 0 {
		top.Bad("write some under cases:", "the module has no cases")
	}
	if asked := 2*len(test) + len(cases); asked > MaxAsked {
		top.Bad("make two modules of it", "the module asks %d questions, those of the test twice; more than %d", asked, MaxAsked)
		return
	}
	if len(test) == 0 || len(cases) == 0 {
		return
	}
	for _, part := range []struct {
		Part
		steps []sheet.Field
	}{{Before, test}, {Case, cases}, {After, test}} {
		for _, n := range part.steps {
			s := l.exercise(n, part.Part)
			s.Text = f.Name + "." + s.Words
			if other, twice := f.index[s.Name]; twice {
				n.Bad("give one of them another name", "%q is the name of a question and of a case", f.Steps[other].Name)
			}
			f.index[s.Name] = len(f.Steps)
			f.Steps = append(f.Steps, s)
		}
	}
	for i := range f.Steps { // straight on, whatever is answered
		s, next := &f.Steps[i], Trained
		if i+1 < len(f.Steps) {
			next = f.Steps[i+1].Name
		}
		s.next, s.past = next, next
		for c := range s.Choices {
			s.Choices[c].next = next
		}
	}
	l.book.Training[f.Name] = f
}

// exercise reads a question or a case. What is wrong with a question is said when it is read first.
func (l *loader) exercise(n sheet.Field, part Part) Step {
	said := len(l.Problems)
	s := Step{Name: n.Name, Words: n.Name, Part: part, line: n.Line}
	keys := []string{"source", "choices"}
	if part == Case {
		keys = append(keys, "topic", "law")
	}
	m := n.Map(keys...)
	if !name.MatchString(s.Name) || reservedCases[s.Name] {
		n.Bad("use small letters, digits and hyphens, and neither name nor about", "%q cannot be the name of a case", s.Name)
	}
	if s.Topic = m["topic"].Text(); part == Case && s.Topic == "" {
		n.Bad("write topic: with a word such as consent", "the case %q does not say what it is about", s.Name)
	} else if s.Topic != "" && !name.MatchString(s.Topic) {
		m["topic"].Bad("use small letters, digits and hyphens", "%q cannot be a topic", s.Topic)
	}
	for _, t := range textsOf(m["source"]) {
		if !slices.ContainsFunc(l.book.References, func(r Reference) bool { return r.Name == t && !r.Law }) {
			m["source"].Bad(sheet.Say("describe it in %s", referencesFile), "the source %q does not exist", t)
			continue
		}
		l.cited[t] = true
		s.Sources = append(s.Sources, t)
	}
	for _, t := range textsOf(m["law"]) {
		if !slices.ContainsFunc(l.book.References, func(r Reference) bool { return r.Name == t && r.Law }) {
			m["law"].Bad(sheet.Say("describe it in %s, with law: true", referencesFile), "the law %q does not exist", t)
			continue
		}
		l.cited[t] = true
		s.Laws = append(s.Laws, t)
	}
	if m["source"].Zero() {
		n.Bad(sheet.Say("write source: with a name of %s", referencesFile), "%q does not say where its explanations come from", s.Name)
	}
	seen, right := map[string]bool{}, 0
	for _, c := range m["choices"].List() {
		e := c.Map("answer", "right")
		ch := Choice{Answer: e["answer"].Text(), Right: e["right"].Bool()}
		switch {
		case !name.MatchString(ch.Answer) || reservedOptions[ch.Answer]:
			c.Bad("write answer: with a short name; say, why, case and told are taken", "a choice of %q has no usable answer", s.Name)
		case seen[ch.Answer]:
			c.Bad("remove one of them, or rename it", "%q has the answer %q twice", s.Name, ch.Answer)
		}
		seen[ch.Answer] = true
		if ch.Right {
			right++
		}
		s.Choices = append(s.Choices, ch)
	}
	switch k := len(s.Choices); {
	case k < FewestOptions || k > MostOptions:
		n.Bad("give it 2 to 4 choices", "%q has %d choices", s.Name, k)
		s.Choices = s.Choices[:min(k, MostOptions)]
	case right == 0:
		n.Bad("write right: true beside the answer that you recommend", "no answer to %q is marked as right", s.Name)
	case right == k:
		n.Bad("leave right: true at those that you recommend", "every answer to %q is marked as right, so there is nothing to decide", s.Name)
	}
	if part == After {
		s.Name += again
		l.Problems = l.Problems[:said]
	}
	return s
}
