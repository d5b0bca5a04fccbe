package flows

import "slices"

// Answers are kept as positions in a quiz, and another edition of the quiz may have other positions. So they are carried over by
// the names of steps and answers, and by the old names that a step says with was:.

// Stand is how far somebody has come in a quiz: the answers, and where they led.
type Stand struct {
	Given []Given
	At    Place
	Ticks uint16 // ticked so far at the present step
}

// Carry puts what was answered in another edition of the quiz into this one. The answers are given again, in this edition's order.
// A step on the way that has no answer counts as skipped, so that its key checks stay open and the back button leads to it. The
// person stands at the same step; where that is gone, or no longer on the way, at the nearest earlier one that was
// answered, with its answer taken back.
//
// lost tells that an answer was given to a step that is still asked, and that this answer no longer exists. With strict
// the person stands at the first such step and is asked again, so that nobody is told a result without what they said.
func (f *Flow) Carry(from *Flow, s Stand, strict bool) (out Stand, lost bool) {
	old := map[int][]Given{} // by the step in this edition, which may have taken in several
	for _, g := range s.Given {
		if int(g.Step) < len(from.Steps) {
			if i, ok := f.find(from.Steps[g.Step].Name); ok {
				old[i] = append(old[i], g)
			}
		}
	}
	target, ended := -1, s.At.End != ""
	if !ended && s.At.Step >= 0 && s.At.Step < len(from.Steps) {
		if i, ok := f.find(from.Steps[s.At.Step].Name); ok {
			target = i
		}
	}
	begin := f.Start()
	at, answered := begin, 0 // how many of out.Given reach to the last that was answered
	for at.End == "" && at.Step != target && len(out.Given) < len(f.Steps) {
		g, ok := old[at.Step]
		picks := uint16(0)
		if ok {
			var whole bool
			picks, whole = f.Steps[at.Step].joined(from, g)
			lost = lost || !whole
			if !whole && strict {
				out.At = at
				return out, lost
			}
		}
		next, err := f.Advance(at.Step, picks, out.Given)
		if err != nil {
			break
		}
		out.Given = append(out.Given, Given{Step: uint8(at.Step), Picks: picks})
		if ok {
			answered = len(out.Given)
		}
		at = next
	}
	switch {
	case at.End == "" && at.Step == target:
		out.At = at
		out.Ticks, _ = f.Steps[target].joined(from, append(old[target], Given{Step: uint8(s.At.Step), Picks: s.Ticks}))
		if !f.Steps[target].Several {
			out.Ticks = 0
		}
	case at.End != "" && ended:
		out.At = at
	case answered == 0:
		out.At, out.Given = begin, nil
	default:
		last := out.Given[answered-1]
		out.At, out.Given = Place{Step: int(last.Step)}, out.Given[:answered-1]
	}
	return out, lost
}

// find returns the step that has a name, or had it.
func (f *Flow) find(name string) (int, bool) {
	if i, ok := f.index[name]; ok {
		return i, true
	}
	i := slices.IndexFunc(f.Steps, func(s Step) bool { return slices.Contains(s.was, name) })
	return i, i >= 0
}

// joined finds the answers to the steps of another edition that this one has taken in. Whoever named something at one of them
// has not said "none of these" or "I don't know" of the whole. whole is false as in [Step.same].
func (s *Step) joined(from *Flow, given []Given) (out uint16, whole bool) {
	whole = true
	for _, g := range given {
		picks, all := s.same(&from.Steps[g.Step], g.Picks)
		out, whole = out|picks, whole && all
	}
	var alone uint16
	for i := range s.Choices {
		if s.Choices[i].Alone {
			alone |= 1 << i
		}
	}
	switch {
	case len(given) < 2:
	case out&^alone != 0:
		out &^= alone
	default:
		out &= -out // the first of those that stand alone
	}
	if _, err := s.event(out); err != nil {
		return 0, false
	}
	return out, whole
}

// same finds the answers to another edition of the step. whole is false where one of them no longer exists, or they no longer
// go together.
func (s *Step) same(from *Step, picks uint16) (out uint16, whole bool) {
	whole = true
	for i := range from.Choices {
		if picks&(1<<i) == 0 {
			continue
		}
		if j := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.Answer == from.Choices[i].Answer }); j >= 0 {
			out |= 1 << j
		} else {
			whole = false
		}
	}
	if _, err := s.event(out); err != nil {
		return 0, false
	}
	return out, whole
}
