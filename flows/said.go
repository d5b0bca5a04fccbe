package flows

// Told is one answer that a person gave: the step and the choice, by their places.
type Told struct{ Step, Choice int }

// Said lists the answers because of which a flag stands, in the order they were given: those that raise it; where a
// combination raises it, those that make the combination; and where the stage decides its weight, how far things have come.
// Nothing is listed for what a quiz knows before the first answer.
func (f *Flow) Said(flag int, given []Given) []Told {
	facts := f.Facts(given)
	ripe := f.book.Risk.ripe(facts.Flags.without(facts.Cleared), facts.Stage)
	flags, notes := Set{}, Set{}
	flags.add(flag)
	for i := range f.book.Risk.together {
		if t := &f.book.Risk.together[i]; t.raises == flag && t.met(ripe, facts.Notes) {
			flags.union(t.flags)
			notes.union(t.notes)
		}
	}
	staged := f.book.Risk.flags[flag].From > 0
	var out []Told
	for _, g := range given {
		if int(g.Step) >= len(f.Steps) {
			continue
		}
		for i := range f.Steps[g.Step].Choices {
			c := &f.Steps[g.Step].Choices[i]
			if g.Picks&(1<<i) != 0 && (c.facts.Flags.meets(flags) || c.facts.Notes.meets(notes) || staged && c.facts.Stage == facts.Stage && c.facts.Stage > 0) {
				out = append(out, Told{int(g.Step), i})
			}
		}
	}
	return out
}

// Settled lists the answers that settled a point, in the order they were given.
func (f *Flow) Settled(point int, given []Given) []Told {
	var out []Told
	for _, g := range given {
		if int(g.Step) >= len(f.Steps) {
			continue
		}
		for i := range f.Steps[g.Step].Choices {
			if g.Picks&(1<<i) != 0 && f.Steps[g.Step].Choices[i].facts.Closed.has(point) {
				out = append(out, Told{int(g.Step), i})
			}
		}
	}
	return out
}

// ToAsk lists the points that are worth finding out and not settled: those that should be by now come first. Where "none of
// these" would have settled a point, whoever ticked something of the list has said what is so: it is no question any more.
func (f *Flow) ToAsk(given []Given) []string {
	facts := f.Facts(given)
	open, told := facts.Open(), f.told(given)
	var now, later []string
	for _, p := range f.Ask {
		switch name := f.book.Risk.Points[p]; {
		case told.has(p):
		case open.has(p):
			now = append(now, name)
		case !facts.Closed.has(p):
			later = append(later, name)
		}
	}
	return append(now, later...)
}

// told are the points that "none of these" settles at steps where a sign was ticked instead.
func (f *Flow) told(given []Given) (out Set) {
	for _, g := range given {
		if int(g.Step) >= len(f.Steps) {
			continue
		}
		var said, none Facts
		for i, c := range f.Steps[g.Step].Choices {
			switch {
			case c.Answer == None:
				none = c.facts
			case g.Picks&(1<<i) != 0:
				said.union(c.facts)
			}
		}
		if said.Flags != (Set{}) {
			out.union(none.Closed)
		}
	}
	return out
}
