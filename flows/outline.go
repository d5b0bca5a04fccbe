package flows

import (
	"cmp"
	"slices"
	"strings"
)

// Outline is a quiz by the names that staff gave: what a picture or a comparison is made from.
type Outline struct {
	Name   string
	Start  string
	Enough string // the level that ends the quiz, empty when none does
	Steps  []OutlineStep
	Flags  map[string]Flag // those that the steps raise
}

// OutlineStep is a step of an Outline.
type OutlineStep struct {
	Name     string
	Was      []string // the names it had before
	Line     int      // in the quiz's file
	Several  bool
	Always   bool
	Words    string   // the name of its texts, as young.happened
	Any      []string // asked only if one of these is known by then
	None     []string // and none of these
	From     string   // and the answers have come to this level, empty when there is none
	Skipped  string   // where a skipped step leads
	NotAsked string   // where it leads when it is not asked
	Choices  []OutlineChoice
}

// OutlineChoice is an answer of an OutlineStep.
type OutlineChoice struct {
	Answer string
	Next   string   // a step, Result or an outcome
	Raises []string // flags
	Clears []string // flags of an earlier, wider answer that are none after all
	Green  []string
	Notes  []string
	Closes []string // points that are settled
	Stage  string   // how far things have come
}

// Conditional reports whether the step is not asked of everybody who comes to it.
func (s OutlineStep) Conditional() bool { return len(s.Any)+len(s.None) > 0 || s.From != "" }

// Outline describes the quiz by names.
func (f *Flow) Outline() Outline {
	b := f.book
	o := Outline{Name: f.Name, Start: f.Steps[f.start].Name, Flags: map[string]Flag{}}
	if f.hasEnd {
		o.Enough = f.enough.String()
	}
	flags := func(s Set) (out []string) {
		s.each(func(i int) {
			out = append(out, b.Flags[i].Name)
			o.Flags[b.Flags[i].Name] = b.Flags[i]
		})
		return out
	}
	for i := range f.Steps {
		if f.Borrowed(i) { // it stands in the outline of its own quiz
			break
		}
		s := &f.Steps[i]
		os := OutlineStep{Name: s.Name, Was: s.was, Line: s.line, Several: s.Several, Always: s.always,
			Words: s.Text, Any: b.names(s.when.any), None: b.names(s.when.none), Skipped: s.next, NotAsked: s.past}
		if s.when.from > Low {
			os.From = s.when.from.String()
		}
		for _, c := range s.Choices {
			os.Choices = append(os.Choices, OutlineChoice{Answer: c.Answer, Next: f.outlined(c.next), Raises: flags(c.facts.Flags), Clears: flags(c.facts.Cleared),
				Green: pick(b.Green, c.facts.Green), Notes: pick(b.Notes, c.facts.Notes), Closes: pick(b.Risk.Points, c.facts.Closed), Stage: b.stage(c.facts.Stage)})
		}
		o.Steps = append(o.Steps, os)
	}
	return o
}

// outlined is where an answer leads in an outline: a quiz with whose questions it goes on is an end there.
func (f *Flow) outlined(target string) string {
	if i, ok := f.index[target]; ok && f.Borrowed(i) {
		quiz, _, _ := strings.Cut(f.Steps[i].Text, ".")
		return quiz
	}
	return target
}

// stage names a stage, empty when it is not known.
func (b *Book) stage(i uint8) string {
	if i == 0 {
		return ""
	}
	return b.Risk.Stages[i-1]
}

// Quizzes lists the names of the quizzes in order.
func (b *Book) Quizzes() []string {
	var out []string
	for name := range b.Flows {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Offered lists the quizzes that a person can choose, in the order of the menu; without a menu, all of them by name.
func (b *Book) Offered() []string {
	out := slices.DeleteFunc(b.Quizzes(), func(q string) bool { return b.Flows[q].Menu == 0 })
	slices.SortFunc(out, func(x, y string) int { return cmp.Compare(b.Flows[x].Menu, b.Flows[y].Menu) })
	if len(out) == 0 {
		return b.Quizzes()
	}
	return out
}

// CanRaise reports whether an answer of the quiz, or a combination, can raise a flag.
func (f *Flow) CanRaise(flag int) bool { return f.raises().has(flag) }

// CanOpen reports whether a result of the quiz can name a point as open, by its place in Risk.Points.
func (f *Flow) CanOpen(point int) bool {
	return slices.Contains(f.Ask, point)
}

// CanCheck reports whether an answer of the quiz gives a check, by its place in the book.
func (f *Flow) CanCheck(check int) bool {
	return slices.ContainsFunc(f.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.facts.Green.has(check) })
	})
}

// names lists everything that facts hold.
func (b *Book) names(f Facts) []string {
	var out []string
	f.Flags.each(func(i int) { out = append(out, b.Flags[i].Name) })
	out = append(out, pick(b.Green, f.Green)...)
	return append(out, pick(b.Notes, f.Notes)...)
}

func pick(names []string, s Set) (out []string) {
	s.each(func(i int) { out = append(out, names[i]) })
	return out
}

// String is the grade's name in flags.yaml.
func (g Grade) String() string {
	for name, grade := range gradeNames {
		if grade == g {
			return name
		}
	}
	return ""
}
