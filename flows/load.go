package flows

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"patikra/content/sheet"
)

// Book is a set of files that loaded: quizzes, flags and the rule that weighs them.
type Book struct {
	ID         string // hash of the files' contents
	Flows      map[string]*Flow
	Training   map[string]*Flow // modules for specialists
	References []Reference      // what the explanations of the training come from
	Flags      []Flag
	Green      []string
	Notes      []string
	Risk       Risk
	index      map[string]int // of flags
	green      map[string]int
	notes      map[string]int
	points     map[string]int
	stages     map[string]uint8 // counted from 1
	groups     map[string]int
}

// Flag returns the index of a flag, -1 when there is none of that name.
func (b *Book) Flag(name string) int {
	if i, ok := b.index[name]; ok {
		return i
	}
	return -1
}

// HasNote reports whether a fact of that name was noted.
func (b *Book) HasNote(f Facts, name string) bool {
	i, ok := b.notes[name]
	return ok && f.Notes.has(i)
}

// GreenNames lists the checks a person has made, in the files' order.
func (b *Book) GreenNames(f Facts) []string {
	var out []string
	f.Green.each(func(i int) { out = append(out, b.Green[i]) })
	return out
}

// Ends are all the ends that a person can come to: the levels from low to emergency, and those of their own names.
func (b *Book) Ends() []string {
	out := slices.Clone(levelNames[:])
	for _, o := range b.Outcomes() {
		out = append(out, o, o+"-"+High.String(), o+"-"+Emergency.String())
	}
	if b.Risk.Aside != "" {
		out = append(out, b.Risk.Aside)
	}
	return out
}

// Outcomes are the ends outside the score.
func (b *Book) Outcomes() []string {
	var out []string
	for _, f := range b.Flags {
		if f.Outcome != "" && !slices.Contains(out, f.Outcome) {
			out = append(out, f.Outcome)
		}
	}
	return out
}

const (
	flagsFile = "flows/flags.yaml"
	riskFile  = "flows/risk.yaml"
)

var name = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// words that texts use for other things: no answer and no step can be called so
var (
	reserved      = map[string]bool{"say": true, "why": true, "then": true, "short": true}
	reservedSteps = map[string]bool{"name": true, "about": true, "results": true, "flags": true, Result: true}
)

// Load reads quizzes, flags and risk.yaml from a folder that holds flows/. On mistakes the error is
// a sheet.Problems with every one of them.
func Load(fsys fs.FS) (*Book, error) {
	l := loader{Reader: sheet.NewReader(fsys), book: &Book{
		Flows: map[string]*Flow{}, Training: map[string]*Flow{}, index: map[string]int{}, green: map[string]int{}, notes: map[string]int{}, points: map[string]int{}, stages: map[string]uint8{}, groups: map[string]int{},
	}}
	l.raised, l.cited = map[string]bool{}, map[string]bool{}
	l.flags()
	l.risk()
	sum := sha256.New()
	for _, f := range []string{flagsFile, riskFile} {
		if data := l.Peek(f); data != nil {
			sum.Write(data)
		}
	}
	files := sheet.Glob(fsys, "flows/quizzes/*.yaml")
	if len(files) == 0 {
		l.Add("flows/quizzes", 0, "put a quiz there, for example job-offer.yaml", "there is no quiz")
	}
	for _, f := range files {
		if data := l.Peek(f); data != nil {
			sum.Write([]byte(f))
			sum.Write(data)
		}
		l.quiz(f)
	}
	l.training(fsys, func(f string) {
		if data := l.Peek(f); data != nil {
			sum.Write([]byte(f))
			sum.Write(data)
		}
	})
	l.combinations()
	l.unused(len(l.book.Flows) == len(files))
	l.join()
	if err := l.Problems.Err(); err != nil {
		return nil, err
	}
	for _, f := range l.book.Flows {
		l.check(f)
	}
	if err := l.Problems.Err(); err != nil {
		return nil, err
	}
	l.book.ID = hex.EncodeToString(sum.Sum(nil)[:8])
	return l.book, nil
}

type loader struct {
	*sheet.Reader
	book      *Book
	raised    map[string]bool
	cited     map[string]bool // references that a case names
	flagLines map[string]int
	pending   []sheet.Node // of risk.yaml's together, read when notes are known
	later     []func()     // conditions, read when all notes are known
	froms     []func()     // stages of flags, read when the stages are known
	joins     []join       // quizzes that another goes on with, read when all quizzes are known
}

func (l *loader) flags() {
	l.flagLines = map[string]int{}
	top, ok := l.File(flagsFile)
	if !ok {
		return
	}
	m := top.Map("flags", "green")
	for _, f := range m["flags"].Fields() {
		if !name.MatchString(f.Name) {
			f.Bad("use small letters, digits and hyphens", "%q cannot be the name of a flag", f.Name)
		}
		if len(l.book.Flags) == maxNames {
			f.Bad("remove flags that no step raises", "there are more than %d flags", maxNames)
			break
		}
		e := f.Map("grade", "from", "early", "group", "basket", "about", "source", "outcome")
		g, ok := gradeNames[e["grade"].Text()]
		if !ok {
			f.Bad("use emergency, stop, strong, medium, weak, raise or none", "flag %q has no grade that is known", f.Name)
		}
		fl := Flag{Name: f.Name, Grade: g, Source: e["source"].Text(), Outcome: e["outcome"].Text()}
		l.early(f, e, &fl)
		if fl.Source == "" {
			f.Bad("write where the rule comes from, or (J) for a judgement of yours", "flag %q has no source", f.Name)
		}
		var baskets []string
		if n := e["basket"]; !n.Zero() {
			baskets = n.Texts()
		}
		if len(baskets) == 0 && g != Raise && g != Weightless {
			f.Bad("write for example basket: [D1]", "flag %q is in no basket", f.Name)
		}
		for _, b := range baskets {
			i := slices.Index(l.book.Risk.Baskets, b)
			if i < 0 && len(l.book.Risk.Baskets) < maxBaskets {
				i = len(l.book.Risk.Baskets)
				l.book.Risk.Baskets = append(l.book.Risk.Baskets, b)
			}
			if i >= 0 {
				fl.Baskets = append(fl.Baskets, i)
			}
		}
		l.book.index[f.Name] = len(l.book.Flags)
		l.flagLines[f.Name] = f.Line
		l.book.Flags = append(l.book.Flags, fl)
	}
	for _, g := range m["green"].Fields() {
		g.Map("source")
		if _, clash := l.book.index[g.Name]; clash {
			g.Bad("give the check another name", "%q is a flag and a check", g.Name)
		}
		if len(l.book.Green) < maxNames {
			l.book.green[g.Name] = len(l.book.Green)
			l.book.Green = append(l.book.Green, g.Name)
		}
	}
}

func (l *loader) risk() {
	r := &l.book.Risk
	top, ok := l.File(riskFile)
	if !ok {
		return
	}
	m := top.Map("positive", "deciding", "supporting", "aside", "concern", "stages", "points", "together")
	l.stages(m["stages"])
	for _, n := range m["positive"].List() {
		e := n.Map("strong", "medium", "weak", "medium_or_weak")
		before := len(l.Problems)
		p := rule{e["strong"].Int(), e["medium"].Int(), e["weak"].Int(), e["medium_or_weak"].Int()}
		if p == (rule{}) && len(l.Problems) == before {
			n.Bad("write for example { strong: 2 }", "a line of positive asks for nothing, so that every basket would be positive")
		}
		r.positive = append(r.positive, p)
	}
	if len(r.positive) == 0 {
		top.Bad("write the lines of the counting rule", "positive is missing")
	}
	r.deciding, r.aside, r.with = make([]bool, maxBaskets), make([]bool, maxBaskets), make([]bool, maxBaskets)
	named := map[string]bool{}
	place := func(n sheet.Node, in []bool) {
		if n.Zero() {
			return
		}
		for _, b := range n.Texts() {
			i := slices.Index(r.Baskets, b)
			if i < 0 {
				n.Bad("remove it, or put a flag into it", "no flag is in basket %q", b)
				continue
			}
			if named[b] {
				n.Bad("keep one of the two", "basket %q is named twice", b)
			}
			named[b] = true
			if in != nil {
				in[i] = true
			}
		}
	}
	place(m["deciding"], r.deciding)
	place(m["supporting"], nil)
	if a := m["aside"]; !a.Zero() {
		e := a.Map("baskets", "outcome", "with")
		place(e["baskets"], r.aside)
		if r.Aside = e["outcome"].Text(); !name.MatchString(r.Aside) || slices.Contains(levelNames[:], r.Aside) || slices.Contains(l.book.Outcomes(), r.Aside) {
			a.Bad("write for example outcome: rights", "aside has no outcome of its own")
		}
		for _, b := range textsOf(e["with"]) {
			i := slices.Index(r.Baskets, b)
			if i < 0 || !r.deciding[i] {
				e["with"].Bad("use one of deciding:", "with: %q is no deciding basket", b)
				continue
			}
			r.with[i] = true
		}
	}
	for _, b := range r.Baskets {
		if !named[b] {
			top.Bad("add it to deciding, to supporting or to the baskets of aside", "basket %q is neither deciding nor supporting", b)
		}
	}
	c := m["concern"].Map("medium", "weak")
	r.concernMedium, r.concernWeak = c["medium"].Int(), c["weak"].Int()
	if r.concernMedium == 0 || r.concernWeak == 0 {
		top.Bad("write a number from 1 for medium and for weak", "concern is incomplete")
	}
	for _, p := range textsOf(m["points"]) {
		l.book.points[p] = len(r.Points)
		r.Points = append(r.Points, p)
	}
	if len(r.Points) > maxNames {
		m["points"].Bad("remove some", "there are more than %d points", maxNames)
	}
	l.pending = m["together"].List()
	r.flags = l.book.Flags
}

// stages reads how far things can have come, and from which stage on a flag has its grade.
func (l *loader) stages(n sheet.Node) {
	r := &l.book.Risk
	for _, s := range textsOf(n) {
		if _, twice := l.book.stages[s]; twice || len(r.Stages) == maxStages {
			n.Bad(sheet.Say("name each stage once, %d at most", maxStages), "stage %q is one too many", s)
			continue
		}
		r.Stages = append(r.Stages, s)
		l.book.stages[s] = uint8(len(r.Stages))
	}
	for _, read := range l.froms {
		read()
	}
}

const maxStages = 16

// early reads what a flag says of its group, and of the stage from which it weighs.
func (l *loader) early(f sheet.Field, e map[string]sheet.Node, fl *Flag) {
	r := &l.book.Risk
	if g := e["group"]; !g.Zero() {
		if len(r.Groups) == 0 {
			r.Groups = []string{""}
		}
		i, ok := l.book.groups[g.Text()]
		switch {
		case !ok && len(r.Groups) == maxGroups:
			f.Bad("use fewer", "there are more than %d groups", maxGroups-1)
		case !ok:
			i = len(r.Groups)
			r.Groups = append(r.Groups, g.Text())
			l.book.groups[g.Text()] = i
		}
		fl.Group = i
	}
	if n := e["early"]; !n.Zero() {
		g, ok := gradeNames[n.Text()]
		if fl.Early = g; !ok || g > fl.Grade || e["from"].Zero() {
			f.Bad("write from: with a stage, and early: with a grade no heavier than the later one", "flag %q does not say when its early grade ends", f.Name)
		}
	}
	if n := e["about"]; !n.Zero() {
		fl.About = n.Texts()
		l.later = append(l.later, func() {
			for _, a := range fl.About {
				if _, good := l.book.green[a]; !good && !slices.Contains(r.Points, a) {
					n.Bad("use one of points: in flows/risk.yaml or of green: in flows/flags.yaml", "%q is neither a point nor a good sign", a)
				}
			}
		})
	}
	if n, i := e["from"], len(l.book.Flags); !n.Zero() {
		l.froms = append(l.froms, func() {
			stage, ok := l.book.stages[n.Text()]
			if !ok {
				n.Bad("use one of stages: in flows/risk.yaml", "stage %q does not exist", n.Text())
			}
			l.book.Flags[i].From = stage
		})
	}
}

// combinations reads `together`, which may name notes and so has to wait for the quizzes.
func (l *loader) combinations() {
	r := &l.book.Risk
	for _, n := range l.pending {
		e := n.Map("all", "raises", "lift", "to")
		t := together{raises: -1, lift: -1}
		for _, s := range e["all"].Texts() {
			if i, ok := l.book.index[s]; ok {
				t.flags.add(i)
			} else if i, ok := l.book.notes[s]; ok {
				t.notes.add(i)
			} else {
				n.Bad("use a flag of flags.yaml or a note of a quiz", "%q is neither a flag nor a note", s)
			}
		}
		if t.flags.Len()+t.notes.Len() < 2 {
			n.Bad("name two or more under all", "a combination needs at least two")
		}
		if s := e["raises"].Text(); s != "" {
			i, ok := l.book.index[s]
			if !ok {
				n.Bad("define it in flags.yaml", "flag %q does not exist", s)
				continue
			}
			l.raised[s] = true
			t.raises = i
		} else {
			i, ok := l.book.index[e["lift"].Text()]
			g, known := gradeNames[e["to"].Text()]
			if !ok || !known {
				n.Bad("write raises: flag, or lift: flag with to: grade", "this combination has no effect that is known")
				continue
			}
			t.lift, t.to = i, g
		}
		r.together = append(r.together, t)
	}
}

// unused names the flags that no step raises, if every quiz could be read, and reads what had to wait.
func (l *loader) unused(whole bool) {
	for _, f := range l.book.Flags {
		if whole && !l.raised[f.Name] {
			l.Add(flagsFile, l.flagLines[f.Name], "let a choice raise it, or remove it", "no step raises flag %q", f.Name)
		}
	}
	for _, read := range l.later {
		read()
	}
}

func (l *loader) quiz(file string) {
	top, ok := l.File(file)
	if !ok {
		return
	}
	f := &Flow{Name: strings.TrimSuffix(path.Base(file), ".yaml"), index: map[string]int{}, leads: &leads{}, book: l.book}
	if !name.MatchString(f.Name) {
		top.Bad("use small letters, digits and hyphens, for example job-offer.yaml", "%q cannot be the name of a quiz", f.Name)
	}
	m := top.Map("menu", "person", "raises", "notes", "stage", "settle", "ask", "private", "start", "enough", "steps")
	f.head(l, m)
	fields := m["steps"].Fields()
	if len(fields) == 0 {
		top.Bad("write at least one step under steps:", "the quiz has no steps")
		return
	}
	if len(fields) > MaxSteps {
		m["steps"].Bad("split the quiz", "the quiz has %d steps, more than %d", len(fields), MaxSteps)
		return
	}
	for i, s := range fields {
		if !name.MatchString(s.Name) || reservedSteps[s.Name] || slices.Contains(l.book.Outcomes(), s.Name) {
			s.Bad("use small letters, digits and hyphens, none of name, about, flags, result and results, and no name of an outcome", "%q cannot be the name of a step", s.Name)
		}
		f.index[s.Name] = i
	}
	if e := m["enough"]; !e.Zero() {
		i := slices.Index(levelNames[:], e.Text())
		if i < int(Concern) {
			e.Bad("use concern, high or emergency", "enough: %q is no level that ends a quiz", e.Text())
		}
		f.enough, f.hasEnd = Level(max(i, 0)), true
	}
	for i, s := range fields {
		following := ""
		if i+1 < len(fields) {
			following = fields[i+1].Name
		}
		f.Steps = append(f.Steps, l.step(f, s, following))
	}
	start := m["start"].Text()
	i, ok := f.index[start]
	if !ok {
		at := top
		if n := m["start"]; !n.Zero() {
			at = n
		}
		at.Bad(sheet.Near(start, slices.Collect(maps.Keys(f.index)), "write start: with the name of a step"), "start names step %q, which does not exist", start)
	}
	f.start = i
	l.book.Flows[f.Name] = f
}

// saysNothing holds that who does not know has said nothing: a sign is what a person states.
func (l *loader) saysNothing(c sheet.Node, e map[string]sheet.Node, step, answer string) {
	if answer != Unsure {
		return
	}
	for _, key := range []string{"raises", "clears", "closes", "green", "notes", "stage"} {
		if n := e[key]; !n.Zero() {
			n.Bad("take it away: who does not know has said nothing", "the answer %q of step %q has %s", answer, step, key)
		}
	}
}

func (l *loader) step(f *Flow, n sheet.Field, following string) Step {
	m := n.Map("choices", "several", "always", "then", "when", "next", "names", "was")
	s := Step{was: l.was(f, n.Name, m["was"]), Name: n.Name, Words: n.Name, Text: f.Name + "." + n.Name, Several: m["several"].Bool(), always: m["always"].Bool(), Then: m["then"].Bool(), line: n.Line}
	if e := m["names"]; !e.Zero() {
		if s.Names = e.Text(); !name.MatchString(s.Names) || s.Several {
			e.Bad("write a short name such as municipality, on a step where one answer is chosen", "names: %q cannot be a placeholder", s.Names)
		}
	}
	if following == "" {
		following = Result
	}
	s.next, s.past = following, following
	if e := m["next"]; !e.Zero() {
		s.next = l.target(f, e)
	}
	choices := m["choices"].List()
	switch {
	case len(choices) == 0:
		n.Bad("add some under choices:", "step %q has no choices", n.Name)
	case len(choices) > MaxChoices:
		n.Bad("join or remove some", "step %q has %d choices; a network shows %d at most", n.Name, len(choices), MaxChoices)
		choices = choices[:MaxChoices]
	}
	seen := map[string]bool{}
	for _, c := range choices {
		e := c.Map("answer", "next", "quiz", "raises", "clears", "closes", "green", "notes", "stage", "countries", "country", "then")
		ch := Choice{Answer: e["answer"].Text(), next: s.next}
		switch {
		case !name.MatchString(ch.Answer) || reserved[ch.Answer]:
			c.Bad("write answer: with a short name such as yes", "a choice of step %q has no usable answer", n.Name)
		case seen[ch.Answer]:
			c.Bad("remove one of them, or rename it", "step %q has answer %q twice", n.Name, ch.Answer)
		}
		seen[ch.Answer] = true
		ch.Then = s.Then && ch.Answer != None && ch.Answer != Unsure
		if t := e["then"]; !t.Zero() {
			ch.Then = t.Bool() && ch.Then
		}
		ch.Alone = s.Several && (ch.Answer == None || ch.Answer == Unsure)
		if t := e["next"]; !t.Zero() {
			ch.next = l.target(f, t)
			if s.Several {
				t.Bad("write next: once, for the whole step", "a choice of step %q has its own next, but several can be ticked there", n.Name)
			}
		}
		if ch.next == "" {
			c.Bad("write next: with a step, or next: result", "the answer %q of step %q leads nowhere", ch.Answer, n.Name)
		}
		ch.facts.Flags = l.names(e["raises"], l.book.index, "flag", "define it in flows/flags.yaml")
		for _, r := range textsOf(e["raises"]) {
			l.raised[r] = true
		}
		ch.facts.Green = l.names(e["green"], l.book.green, "check", "define it under green: in flows/flags.yaml")
		ch.facts.Closed = l.names(e["closes"], l.book.points, "point", "name it under points: in flows/risk.yaml")
		ch.facts.Cleared = l.clears(e["clears"])
		ch.facts.Stage = l.stage(e["stage"])
		ch.Countries = l.countries(&s, c, e["countries"])
		if n := e["country"]; !n.Zero() {
			if ch.Country = n.Text(); !code.MatchString(ch.Country) || len(ch.Countries) > 0 || s.Several {
				n.Bad("write one code of two letters, as LT, in place of countries: and where one answer is chosen", "%q is not the one country of an answer", ch.Country)
			}
		}
		if q := e["quiz"]; !q.Zero() {
			l.joins = append(l.joins, join{flow: f, step: len(f.Steps), choice: len(s.Choices), quiz: q.Text(), node: q})
			if s.Several || !e["next"].Zero() {
				q.Bad("write either next: or quiz:, on a step where one answer is chosen", "a choice of step %q cannot go on with another quiz", n.Name)
			}
		}
		ch.facts.Notes = l.noted(e["notes"])
		l.saysNothing(c, e, s.Name, ch.Answer)
		s.Choices = append(s.Choices, ch)
	}
	if n := len(s.Choices); n > 0 && m["next"].Zero() && s.Choices[n-1].next != "" {
		s.next = s.Choices[n-1].next // where "I don't know" leads, a skipped step leads too
	}
	if w := m["when"]; !w.Zero() {
		e := w.Map("any", "none", "from")
		fi := len(f.Steps)
		from := Low
		if n := e["from"]; !n.Zero() {
			i := slices.Index(levelNames[:], n.Text())
			if i < int(Concern) || i > int(High) {
				n.Bad("use concern or high", "from: %q is no level at which a step begins to be asked", n.Text())
			}
			from = Level(max(i, 0))
		}
		l.later = append(l.later, func() {
			f.Steps[fi].when = condition{any: l.known(e["any"]), none: l.known(e["none"]), from: from}
		})
	}
	return s
}

// countries reads which countries an answer covers. Each belongs to one answer of the step.
func (l *loader) countries(s *Step, c, n sheet.Node) []string {
	if n.Zero() {
		return nil
	}
	s.Where = true
	if s.Several {
		c.Bad("ask it where one answer is chosen", "a choice of step %q covers countries, but several can be ticked there", s.Name)
	}
	var out []string
	for _, t := range n.Texts() {
		switch {
		case !code.MatchString(t):
			n.Bad("write codes of two letters, as DE, and NO in quotes", "%q is no country", t)
		case s.In(t) >= 0 || slices.Contains(out, t):
			n.Bad("leave it with one answer", "the country %q belongs to two answers of step %q", t, s.Name)
		default:
			out = append(out, t)
		}
	}
	return out
}

var code = regexp.MustCompile(`^[A-Z]{2}$`)

// clears reads which flags an answer explains. What stops or is an emergency cannot be explained away.
func (l *loader) clears(n sheet.Node) Set {
	s := l.names(n, l.book.index, "flag", "define it in flows/flags.yaml")
	s.each(func(i int) {
		if g := l.book.Flags[i].Grade; g > Medium {
			n.Bad("clear only what a wide answer raises and a closer one explains", "clears: flag %q is %s, and no answer makes it none", l.book.Flags[i].Name, g)
		}
	})
	return s
}

// stage reads how far things have come.
func (l *loader) stage(n sheet.Node) uint8 {
	if n.Zero() {
		return 0
	}
	stage, ok := l.book.stages[n.Text()]
	if !ok {
		n.Bad("use one of stages: in flows/risk.yaml", "stage %q does not exist", n.Text())
	}
	return stage
}

// was reads the names that a step had before. An old name belongs to one step, and no other step is called so.
func (l *loader) was(f *Flow, step string, n sheet.Node) (out []string) {
	names := []string{}
	switch {
	case n.Zero():
	case n.IsList():
		names = n.Texts()
	default:
		names = append(names, n.Text())
	}
	for _, old := range names {
		_, exists := f.index[old]
		other := ""
		for i := range f.Steps {
			if slices.Contains(f.Steps[i].was, old) {
				other = f.Steps[i].Name
			}
		}
		switch {
		case old == step:
			n.Bad("write the name it had before, or remove was:", "was: of step %q names the step itself", step)
		case exists:
			n.Bad("write the name it had before, or rename the other step", "was: of step %q names step %q, which still exists", step, old)
		case other != "":
			n.Bad("keep it in one of the two", "the steps %q and %q both say was: %q", other, step, old)
		case slices.Contains(out, old):
			n.Bad("keep it once", "was: of step %q names %q twice", step, old)
		case !name.MatchString(old):
			n.Bad("write the name as it stood in the file", "was: of step %q names %q, and no step can be called so", step, old)
		default:
			out = append(out, old)
		}
	}
	return out
}

// target reads where a step leads: another step, the result, or an outcome that a flag names.
func (l *loader) target(f *Flow, n sheet.Node) string {
	t := n.Text()
	if _, ok := f.index[t]; ok || t == Result || slices.Contains(l.book.Outcomes(), t) {
		return t
	}
	n.Bad(sheet.Near(t, slices.Collect(maps.Keys(f.index)), "use the name of a step of this quiz, or result; to go on with another quiz, write quiz: and its name"), "step %q does not exist", t)
	return t
}

// noted reads notes; a new name is a new note.
func (l *loader) noted(n sheet.Node) (s Set) {
	for _, note := range textsOf(n) {
		i, ok := l.book.notes[note]
		if !ok {
			if i = len(l.book.Notes); i == maxNames {
				n.Bad("remove some", "there are more than %d notes", maxNames)
				continue
			}
			l.book.notes[note] = i
			l.book.Notes = append(l.book.Notes, note)
		}
		s.add(i)
	}
	return s
}

// head reads what holds for a quiz as a whole.
func (f *Flow) head(l *loader, m map[string]sheet.Node) {
	if n := m["menu"]; !n.Zero() {
		before := len(l.Problems)
		if f.Menu = n.Int(); f.Menu < 1 && len(l.Problems) == before {
			n.Bad("write menu: 1 for the quiz that comes first, 2 for the next", "menu is no place in a list")
		}
		for _, o := range l.book.Flows {
			if o.Menu == f.Menu && f.Menu > 0 {
				n.Bad("give each quiz a place of its own", "the quizzes %q and %q have the same place in the menu", min(o.Name, f.Name), max(o.Name, f.Name))
			}
		}
	}
	if n := m["person"]; !n.Zero() {
		if f.Other = n.Text() == "other"; !f.Other && n.Text() != "self" {
			n.Bad("write self, or other if somebody asks on behalf of another person", "person: %q is unknown", n.Text())
		}
	}
	f.Openly = !m["private"].Zero() && !m["private"].Bool()
	f.base.Flags = l.names(m["raises"], l.book.index, "flag", "define it in flows/flags.yaml")
	for _, r := range textsOf(m["raises"]) {
		l.raised[r] = true
	}
	f.base.Flags.each(func(i int) { f.Apart = cmp.Or(f.Apart, l.book.Flags[i].Outcome) })
	f.base.Notes = l.noted(m["notes"])
	f.base.Stage = l.stage(m["stage"])
	f.settles(l, m["settle"])
	f.asks(l, m["ask"])
}

// settles reads which points should be settled: one list, or one for each stage. Where the stage is not known, all of them should be.
func (f *Flow) settles(l *loader, n sheet.Node) {
	f.points = make([]Set, len(l.book.Risk.Stages)+1)
	const remedy = "name it under points: in flows/risk.yaml"
	switch {
	case n.Zero():
	case n.IsList():
		for i := range f.points {
			f.points[i] = l.names(n, l.book.points, "point", remedy)
		}
	default:
		for _, s := range n.Fields() {
			stage, ok := l.book.stages[s.Name]
			if !ok {
				s.Bad("use one of stages: in flows/risk.yaml", "stage %q does not exist", s.Name)
			}
			f.points[stage] = l.names(s.Node, l.book.points, "point", remedy)
			f.points[0].union(f.points[stage])
		}
	}
	f.want(&f.base)
}

// asks reads which points a result names while they are open.
func (f *Flow) asks(l *loader, n sheet.Node) {
	for _, p := range textsOf(n) {
		i, ok := l.book.points[p]
		if !ok {
			n.Bad("name it under points: in flows/risk.yaml", "point %q does not exist", p)
			continue
		}
		f.Ask = append(f.Ask, i)
	}
}

// join is an answer that goes on with the questions of another quiz.
type join struct {
	flow         *Flow
	step, choice int
	quiz         string
	node         sheet.Node
}

// join puts the steps of a quiz behind those of one that goes on with it, under names of their own and with the same texts.
// The end of its last step becomes an end of both.
func (l *loader) join() {
	for _, j := range l.joins {
		other := l.book.Flows[j.quiz]
		switch {
		case other == nil:
			j.node.Bad(sheet.Near(j.quiz, slices.Collect(maps.Keys(l.book.Flows)), "use the name of a quiz"), "quiz %q does not exist", j.quiz)
			continue
		case other == j.flow || slices.ContainsFunc(l.joins, func(k join) bool { return k.flow == other }):
			j.node.Bad("name a quiz that goes on with no other", "quiz %q cannot go on here", j.quiz)
			continue
		case len(j.flow.Steps)+len(other.Steps) > MaxSteps:
			j.node.Bad("split the quiz", "with quiz %q there are more than %d steps", j.quiz, MaxSteps)
			continue
		}
		in := func(step string) string { return j.quiz + "-" + step }
		if _, done := j.flow.index[in(other.Steps[other.start].Name)]; !done {
			j.flow.take(other, in)
		}
		j.flow.Steps[j.step].Choices[j.choice].next = in(other.Steps[other.start].Name)
	}
}

// take puts the steps of another quiz behind the quiz's own.
func (f *Flow) take(other *Flow, in func(step string) string) {
	to := func(target string) string {
		if _, ok := other.index[target]; ok {
			return in(target)
		}
		return target
	}
	for i := range other.Steps {
		s := other.Steps[i]
		s.Name, s.next, s.past, s.was, s.line = in(s.Name), to(s.next), to(s.past), nil, f.Steps[len(f.Steps)-1].line
		s.Choices = slices.Clone(s.Choices)
		for c := range s.Choices {
			s.Choices[c].next = to(s.Choices[c].next)
		}
		f.index[s.Name] = len(f.Steps)
		f.Steps = append(f.Steps, s)
		f.borrowed++
	}
}

func textsOf(n sheet.Node) []string {
	if n.Zero() {
		return nil
	}
	return n.Texts()
}

func (l *loader) names(n sheet.Node, known map[string]int, kind, remedy sheet.Text) (s Set) {
	for _, t := range textsOf(n) {
		i, ok := known[t]
		if !ok {
			n.Bad(sheet.Near(t, slices.Collect(maps.Keys(known)), remedy), "%s %q does not exist", kind, t)
			continue
		}
		s.add(i)
	}
	return s
}

// known reads the names of a condition, which may be flags, checks or notes.
func (l *loader) known(n sheet.Node) (f Facts) {
	for _, t := range textsOf(n) {
		if i, ok := l.book.index[t]; ok {
			f.Flags.add(i)
		} else if i, ok := l.book.green[t]; ok {
			f.Green.add(i)
		} else if i, ok := l.book.notes[t]; ok {
			f.Notes.add(i)
		} else {
			n.Bad("use a flag, a check, or a note that a choice gives", "%q is never raised or noted", t)
		}
	}
	return f
}

// check looks at the quiz as a graph: everything can be reached, nothing goes in circles.
func (l *loader) check(f *Flow) {
	file := "flows/quizzes/" + f.Name + ".yaml"
	targets := func(s *Step) []string {
		out := []string{s.next}
		if s.when != (condition{}) || f.hasEnd && !s.always { // it may be left out
			out = append(out, s.past)
		}
		for _, c := range s.Choices {
			out = append(out, c.next)
		}
		return out
	}
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(f.Steps))
	longest := make([]int, len(f.Steps))
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		for _, t := range targets(&f.Steps[i]) {
			n, ok := f.index[t]
			if !ok {
				continue
			}
			if state[n] == open {
				l.Add(file, f.Steps[i].line, "let it lead forward; people go back with the back button", "step %q leads back to %q, in a circle", f.Steps[i].Name, t)
				continue
			}
			if state[n] == unseen {
				visit(n)
			}
			longest[i] = max(longest[i], longest[n])
		}
		longest[i]++
		state[i] = done
	}
	visit(f.start)
	for i := range f.Steps {
		if state[i] == unseen {
			l.Add(file, f.Steps[i].line, "let a step lead to it, or remove it", "step %q cannot be reached", f.Steps[i].Name)
		}
	}
	if longest[f.start] > MaxAsked {
		l.Add(file, f.Steps[f.start].line, "join or remove steps", "a path asks %d questions, more than %d", longest[f.start], MaxAsked)
	}
}
