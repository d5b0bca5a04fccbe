package flows

import "slices"

// Now is where answers lead: to the next question, or to an end.
func (f *Flow) Now(given []Given) (Place, error) {
	if len(given) == 0 {
		return f.Start(), nil
	}
	last := given[len(given)-1]
	if int(last.Step) >= len(f.Steps) {
		return Place{}, ErrAnswer
	}
	return f.Advance(int(last.Step), last.Picks, given[:len(given)-1])
}

// Resume goes on from the answers given with those of before, each of which stands again where its question is still asked. It
// stops at the first question that has none, or at the end. left are the answers of before to questions that can still come.
func (f *Flow) Resume(given, before []Given) (out, left []Given, at Place, err error) {
	out = append(make([]Given, 0, len(given)+len(before)+1), given...)
	left = slices.Clone(before)
	for {
		if at, err = f.Now(out); err != nil || at.End != "" {
			return out, left, at, err
		}
		i := slices.IndexFunc(left, func(g Given) bool { return int(g.Step) == at.Step })
		if i < 0 {
			can := f.onward(at.Step)
			return out, slices.DeleteFunc(left, func(g Given) bool { return !can[g.Step] }), at, nil
		}
		if _, err := f.Steps[at.Step].event(left[i].Picks); err != nil {
			return out, slices.Delete(left, i, i+1), at, nil
		}
		out = append(out, left[i])
		left = slices.Delete(left, i, i+1)
	}
}

// onward are the steps to which some answer can lead from a step.
func (f *Flow) onward(from int) map[uint8]bool {
	out := map[uint8]bool{}
	var walk func(i int)
	walk = func(i int) {
		s := &f.Steps[i]
		to := []string{s.next, s.past}
		for _, c := range s.Choices {
			to = append(to, c.next)
		}
		for _, name := range to {
			if n, ok := f.index[name]; ok && !out[uint8(n)] {
				out[uint8(n)] = true
				walk(n)
			}
		}
	}
	walk(from)
	return out
}

// Left counts the questions still to come from a place, that one included, while an answer is being changed: those that have
// an answer of before are not asked again, and each of the others counts as skipped.
func (f *Flow) Left(p Place, given, before []Given) int {
	all := append(make([]Given, 0, len(given)+len(before)+1), given...)
	n := 0
	for p.End == "" && len(all) <= len(f.Steps) {
		g := Given{Step: uint8(p.Step)}
		if i := slices.IndexFunc(before, func(b Given) bool { return b.Step == g.Step }); i >= 0 && n > 0 {
			g = before[i]
		} else {
			n++
		}
		all = append(all, g)
		var err error
		if p, err = f.Now(all); err != nil {
			break
		}
	}
	return n
}

// Levelled reports whether the quiz ends with a level that the answers have made, and not always at an end of its own.
func (f *Flow) Levelled() bool { return !f.trains && f.Apart == "" }
