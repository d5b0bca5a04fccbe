package flows

import (
	"cmp"
	"math/bits"
	"slices"

	"patikra/content/sheet"
)

// MostTicks is how many choices of one step a walk ticks together, beside all of them at once.
const MostTicks = 2

// Figures is what walking a quiz in every way shows. Ways on which the same is known count as one situation.
type Figures struct {
	Steps      int              `json:"steps"`
	Answers    int              `json:"answers"`
	Situations int              `json:"situations"`
	Whole      bool             `json:"whole"` // false: the walk was cut short, and all else is at least so
	Shortest   int              `json:"shortest"`
	Longest    int              `json:"longest"`
	Outcomes   map[string]Reach `json:"outcomes"`
	Never      []string         `json:"never,omitempty"` // flags that no way raises; empty when the walk was cut short
	Apart      [][2]string      `json:"apart,omitempty"` // flags that can never meet: each answers the same question
}

// Reach is how an outcome is reached.
type Reach struct {
	Ways     int `json:"ways"`     // answers, each in its situation, that lead there
	Shortest int `json:"shortest"` // questions on the shortest way
}

// situation is what the way onward depends on: the place, the level, and of what conditions and combinations name that which can
// still matter from there. One way to it stands for all others. (To tell apart every weight of every basket as well would be
// millions of situations.)
type situation struct {
	place        Place
	level        Level
	apart        string
	aside        bool
	flags, notes Set
	stage        uint8
	open         Set  // points that can still be settled, while all that are open can be
	stuck        bool // some that are open cannot be settled any more, so that it makes no difference which others are
}

// outlook is what can still be asked from a step.
type outlook struct {
	asks     Facts       // what its conditions name
	says     Facts       // what its answers can say
	together []*together // combinations that its answers can still make, or be a part of
	alone    []bool      // of each of these: its answers can make it without what was said before
}

// reply is an answer to a step, and what it does wherever the step is asked.
type reply struct {
	facts Facts
	at    Place // where it leads, before steps that need not be asked are passed over
}

// Walker walks quizzes. Its zero value is not usable; see [Book.Walker].
type Walker struct {
	left int // answers that may still be tried
	book *Book
}

// Walker returns a walker that tries at most so many answers in all the quizzes it walks.
func (b *Book) Walker(answers int) *Walker { return &Walker{left: answers, book: b} }

// Left is how many answers may still be tried.
func (w *Walker) Left() int { return w.left }

// walk is one quiz being walked.
type walk struct {
	*Flow
	w       *Walker
	ahead   [2][]outlook // by step: of all questions, and of those that are asked when the answers suffice
	replies [][]reply    // by step, worked out when it is first reached
	seen    map[situation]*onward
	ends    []string // outcomes that were come to, in the order in which they were found
	raised  Set
	figures Figures
	short   bool
}

// Walk walks one quiz in every way.
func (w *Walker) Walk(f *Flow) Figures {
	k := &walk{Flow: f, w: w, seen: map[situation]*onward{}, replies: make([][]reply, len(f.Steps))}
	k.figures = Figures{Steps: len(f.Steps), Outcomes: map[string]Reach{}, Apart: f.apart()}
	for i := range f.Steps {
		k.figures.Answers += len(f.Steps[i].Choices)
	}
	k.look()
	start := f.book.Risk.Assess(f.base)
	if p, err := f.settleAt(f.start, f.base, start.Level); err == nil {
		o := k.from(p, f.base, start)
		k.figures.Longest, k.figures.Shortest = o.longest, o.shortest
		for i, name := range k.ends {
			r := k.figures.Outcomes[name]
			r.Shortest = max(o.to(i), 0)
			k.figures.Outcomes[name] = r
		}
	}
	k.figures.Situations = len(k.seen)
	k.figures.Whole = !k.short
	if k.figures.Whole {
		raises := f.raises()
		for i := range f.book.Flags {
			if raises.has(i) && !k.raised.has(i) {
				k.figures.Never = append(k.figures.Never, f.book.Flags[i].Name)
			}
		}
	}
	return k.figures
}

// raises is every flag that an answer of the quiz or a combination can raise.
func (f *Flow) raises() Set {
	s, notes := f.base.Flags, f.base.Notes
	for i := range f.Steps {
		for _, c := range f.Steps[i].Choices {
			s.union(c.facts.Flags)
			notes.union(c.facts.Notes)
		}
	}
	for _, t := range f.book.Risk.together {
		if t.raises >= 0 && t.met(s, notes) {
			s.add(t.raises)
		}
	}
	return s
}

// look works out what can still be asked from each step.
func (k *walk) look() {
	for suffices := range k.ahead {
		k.ahead[suffices] = make([]outlook, len(k.Steps))
		for i := range k.Steps {
			on := k.onward(i)
			on[uint8(i)] = true
			o := &k.ahead[suffices][i]
			for n := range on {
				s := &k.Steps[n]
				if suffices == 1 && !s.always {
					continue
				}
				o.asks.union(s.when.any)
				o.asks.union(s.when.none)
				for _, c := range s.Choices {
					o.says.union(c.facts)
				}
			}
			k.combine(o)
		}
	}
}

// combine works out which combinations what can still be said has a part in.
func (k *walk) combine(o *outlook) {
	for i := range k.book.Risk.together {
		t := &k.book.Risk.together[i]
		if t.raises < 0 || !o.says.Flags.meets(t.flags) && !o.says.Notes.meets(t.notes) {
			continue
		}
		o.together = append(o.together, t)
		o.alone = append(o.alone, o.says.Flags.covers(t.flags) && o.says.Notes.covers(t.notes))
	}
}

func (k *walk) situation(p Place, facts *Facts, now *Assessment) situation {
	s := situation{place: p, level: now.Level, apart: now.Apart, aside: now.Aside}
	if p.End != "" {
		return s
	}
	s.stage = facts.Stage
	suffices := 0
	if k.hasEnd && now.Level >= k.enough {
		suffices = 1
	}
	o := &k.ahead[suffices][p.Step]
	told := o.asks
	for i, t := range o.together {
		can := o.alone[i] || o.says.Flags.covers(t.flags.without(facts.Flags)) && o.says.Notes.covers(t.notes.without(facts.Notes))
		if can && (o.alone[i] || !t.met(facts.Flags, facts.Notes)) {
			told.Flags.union(t.flags)
			told.Notes.union(t.notes)
		}
	}
	for w := range s.flags {
		s.flags[w] = facts.Flags[w] & told.Flags[w]
		s.notes[w] = facts.Notes[w] & told.Notes[w]
	}
	if s.open = now.Open; !o.says.Closed.covers(now.Open) {
		s.open, s.stuck = Set{}, true
	}
	return s
}

// onward is what lies ahead of a situation: how many questions at most and at least, and how many to each outcome at the soonest.
type onward struct {
	longest, shortest int
	ends              []int // by outcome, as walk.ends has them: one more than the number of questions; 0: it is not reached
}

// to is how many questions there are to an outcome at the soonest, -1 where it is not reached.
func (o *onward) to(outcome int) int {
	if outcome >= len(o.ends) {
		return -1
	}
	return o.ends[outcome] - 1
}

// end notes that an outcome is so many questions away.
func (o *onward) end(outcome, questions int) {
	for len(o.ends) <= outcome {
		o.ends = append(o.ends, 0)
	}
	if old := o.ends[outcome]; old == 0 || questions+1 < old {
		o.ends[outcome] = questions + 1
	}
}

// outcome is the number of an outcome.
func (k *walk) outcome(name string) int {
	i := slices.Index(k.ends, name)
	if i < 0 {
		i = len(k.ends)
		k.ends = append(k.ends, name)
	}
	return i
}

// repliesTo are the answers to a step that it takes.
func (k *walk) repliesTo(i int) []reply {
	if k.replies[i] != nil {
		return k.replies[i]
	}
	step := &k.Steps[i]
	for _, picks := range answers(step, MostTicks) {
		r := reply{}
		event, err := step.event(picks)
		if err != nil {
			continue
		}
		to, err := k.fire(step.Name, event)
		if err != nil {
			continue
		}
		for c := range step.Choices {
			if picks&(1<<c) != 0 {
				r.facts.union(step.Choices[c].facts)
			}
		}
		r.at = Place{End: to}
		if n, ok := k.index[to]; ok {
			r.at = Place{Step: n}
		}
		k.replies[i] = append(k.replies[i], r)
	}
	return k.replies[i]
}

// from goes on from a place in every way.
func (k *walk) from(p Place, facts Facts, now Assessment) *onward {
	k.raised.union(now.Flags)
	s := k.situation(p, &facts, &now)
	if p.End != "" {
		name := k.book.Outcome(p.End, now)
		r := k.figures.Outcomes[name]
		r.Ways++
		k.figures.Outcomes[name] = r
	}
	if o := k.seen[s]; o != nil {
		return o
	}
	o := &onward{}
	k.seen[s] = o
	if p.End != "" {
		o.end(k.outcome(k.book.Outcome(p.End, now)), 0)
		return o
	}
	for _, r := range k.repliesTo(p.Step) {
		if k.w.left == 0 {
			k.short = true
			break
		}
		k.w.left--
		next, at := facts, r.at
		next.union(r.facts)
		k.want(&next)
		var stands standing
		then := k.book.Risk.weigh(&next, &stands)
		if at.End == "" {
			var err error
			if at, err = k.settleAt(at.Step, next, then.Level); err != nil {
				continue
			}
		}
		o.through(k.from(at, next, then))
	}
	return o
}

// through adds what lies ahead after one more answer.
func (o *onward) through(next *onward) {
	o.longest = max(o.longest, next.longest+1)
	if o.shortest == 0 || next.shortest+1 < o.shortest {
		o.shortest = next.shortest + 1
	}
	for outcome := range next.ends {
		if n := next.to(outcome); n >= 0 {
			o.end(outcome, n+1)
		}
	}
}

// Outcome names what a person is shown at an end: the level, or what stands apart from it.
func (b *Book) Outcome(end string, a Assessment) string {
	switch {
	case a.Apart != "" && a.Level >= High:
		return a.Apart + "-" + a.Level.String()
	case a.Apart != "":
		return a.Apart
	case a.Aside:
		return b.Risk.Aside
	}
	return a.Level.String()
}

// answers lists what a person can answer to a step: to skip it, each single choice, every set of at most so
// many ticks, and all ticks at once.
func answers(s *Step, most int) []uint16 {
	out := []uint16{0}
	var free uint16
	for i := range s.Choices {
		if s.Several && !s.Choices[i].Alone {
			free |= 1 << i
		} else {
			out = append(out, 1<<i)
		}
	}
	for sub := free; sub != 0; sub = (sub - 1) & free {
		if n := bits.OnesCount16(sub); n <= most || sub == free {
			out = append(out, sub)
		}
	}
	return out
}

// apart lists the pairs of flags that no way can bring together: each is raised by one step alone, the same for both,
// where one answer excludes the other.
func (f *Flow) apart() [][2]string {
	at := map[int]int{} // a flag, to the only step that raises it, or -1
	var both [][2]string
	together := map[[2]int]bool{}
	for i := range f.Steps {
		s := &f.Steps[i]
		for c := range s.Choices {
			ch := &s.Choices[c]
			all := ch.facts.Flags
			all.each(func(fl int) {
				if before, ok := at[fl]; ok && before != i || s.Several {
					at[fl] = -1
					return
				}
				at[fl] = i
				all.each(func(other int) { together[[2]int{fl, other}] = true })
			})
		}
	}
	for _, t := range f.book.Risk.together {
		if t.raises >= 0 {
			at[t.raises] = -1
		}
	}
	var flags []int
	for fl, step := range at {
		if step >= 0 {
			flags = append(flags, fl)
		}
	}
	slices.SortFunc(flags, func(a, b int) int { return cmp.Or(cmp.Compare(at[a], at[b]), cmp.Compare(a, b)) })
	for i, a := range flags {
		for _, b := range flags[i+1:] {
			if at[a] != at[b] {
				break
			}
			if !together[[2]int{a, b}] {
				both = append(both, [2]string{f.book.Flags[a].Name, f.book.Flags[b].Name})
			}
		}
	}
	return both
}

// Ends lists the outcomes that the quiz can come to, as far as its flags tell.
func (f *Flow) Ends() []string {
	b, raises := f.book, f.raises()
	levels := []string{Low.String(), Unknown.String(), Concern.String(), High.String()}
	var apart []string
	for i, fl := range b.Flags {
		switch {
		case !raises.has(i):
		case fl.Grade == EmergencyGrade && !slices.Contains(levels, Emergency.String()):
			levels = append(levels, Emergency.String())
		case fl.Outcome != "" && !slices.Contains(apart, fl.Outcome):
			apart = append(apart, fl.Outcome)
		}
	}
	var out []string
	if f.Apart == "" {
		out = append(out, levels...)
		if b.Risk.Aside != "" && f.canAside(raises) {
			out = append(out, b.Risk.Aside)
		}
	}
	for _, o := range apart {
		out = append(out, o, o+"-"+High.String())
		if slices.Contains(levels, Emergency.String()) {
			out = append(out, o+"-"+Emergency.String())
		}
	}
	return out
}

// canAside reports whether some flag lies in a basket aside.
func (f *Flow) canAside(raises Set) bool {
	return slices.ContainsFunc(f.book.Flags, func(fl Flag) bool {
		return raises.has(f.book.index[fl.Name]) && slices.ContainsFunc(fl.Baskets, func(i int) bool { return f.book.Risk.aside[i] })
	})
}

// fewWays is below how many ways an outcome counts as one that hardly anybody reaches.
const fewWays = 3

// Doubts says what the figures of the quizzes make look like a mistake.
func (b *Book) Doubts(figures map[string]Figures) sheet.Problems {
	var ps sheet.Problems
	for _, name := range b.Quizzes() {
		f, got, file := b.Flows[name], figures[name], "flows/quizzes/"+name+".yaml"
		add := func(line int, remedy, message sheet.Text, args ...any) {
			ps = append(ps, sheet.Problem{File: file, Line: line, Message: sheet.Say(message, args...), Remedy: remedy})
		}
		if !got.Whole {
			continue
		}
		for _, flag := range got.Never {
			add(f.raiser(b.index[flag]), "see whether the step is ever asked when that answer matters, or remove the flag", "no way through the quiz raises flag %q", flag)
		}
		for _, outcome := range f.Ends() {
			switch r := got.Outcomes[outcome]; {
			case r.Ways == 0:
				add(f.Steps[f.start].line, "see which answers should lead there, and whether flows/risk.yaml asks for too much", "no way through the quiz ends at %q", outcome)
			case r.Ways < fewWays && !f.leadsTo(outcome):
				add(f.Steps[f.start].line, "see whether more answers should lead there", "hardly any way through the quiz ends at %q: %d of its last answers", outcome, r.Ways)
			}
		}
	}
	return ps
}

// leadsTo reports whether an answer leads to an outcome by name.
func (f *Flow) leadsTo(outcome string) bool {
	return slices.ContainsFunc(f.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.next == outcome })
	})
}

// raiser is the line of the first step that raises a flag.
func (f *Flow) raiser(flag int) int {
	for i := range f.Steps {
		for _, c := range f.Steps[i].Choices {
			if c.facts.Flags.has(flag) {
				return f.Steps[i].line
			}
		}
	}
	return f.Steps[f.start].line
}
