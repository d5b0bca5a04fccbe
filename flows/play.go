package flows

import (
	"fmt"
	"slices"
	"strings"
)

// Play answers the quiz by names and returns the outcome a person is shown. Names that a step does not have count for
// nothing, and a step without an answer is skipped.
func (f *Flow) Play(answer func(step string) []string) (outcomeName string, err error) {
	facts := f.base
	level := f.book.Risk.Assess(facts)
	p, err := f.settleAt(f.start, facts, level.Level)
	for err == nil && p.End == "" {
		s := &f.Steps[p.Step]
		picks := s.picks(answer(s.Name))
		f.add(&facts, Given{Step: uint8(p.Step), Picks: picks})
		level = f.book.Risk.Assess(facts)
		var event, to string
		if event, err = s.event(picks); err != nil {
			break
		}
		if to, err = f.fire(s.Name, event); err != nil {
			break
		}
		if i, ok := f.index[to]; ok {
			p, err = f.settleAt(i, facts, level.Level)
		} else {
			p = Place{End: to}
		}
	}
	if err != nil {
		return "", err
	}
	return f.book.Outcome(p.End, level), nil
}

// picks turns answers by name into bits.
func (s *Step) picks(names []string) (picks uint16) {
	for i := range s.Choices {
		if !slices.Contains(names, s.Choices[i].Answer) {
			continue
		}
		if !s.Several || s.Choices[i].Alone {
			return 1 << i
		}
		picks |= 1 << i
	}
	return picks
}

// Rule is the counting rule in one text by names, to compare two books by.
func (b *Book) Rule() string {
	r := &b.Risk
	var out strings.Builder
	fmt.Fprintln(&out, r.positive, r.concernMedium, r.concernWeak, r.Stages, r.Points)
	var deciding []string
	fmt.Fprintln(&out, r.Aside, r.aside)
	for i, name := range r.Baskets {
		if r.deciding[i] {
			deciding = append(deciding, name)
		}
	}
	slices.Sort(deciding)
	fmt.Fprintln(&out, deciding)
	for _, t := range r.together {
		all := append(b.names(Facts{Flags: t.flags}), pick(b.Notes, t.notes)...)
		slices.Sort(all)
		switch {
		case t.raises >= 0:
			fmt.Fprintln(&out, all, "raises", b.Flags[t.raises].Name)
		default:
			fmt.Fprintln(&out, all, "lifts", b.Flags[t.lift].Name, t.to)
		}
	}
	return out.String()
}

// Weight is a flag's grade, baskets and outcome in words.
func (b *Book) Weight(flag string) string {
	i := b.Flag(flag)
	if i < 0 {
		return ""
	}
	f := b.Flags[i]
	var baskets []string
	for _, n := range f.Baskets {
		baskets = append(baskets, b.Risk.Baskets[n])
	}
	out := f.Grade.String()
	if f.From > 0 {
		out += " from " + b.Risk.Stages[f.From-1] + " on (before: " + f.Early.String() + ")"
	}
	if f.Group > 0 {
		out += ", group " + b.Risk.Groups[f.Group]
	}
	if len(baskets) > 0 {
		out += " in " + strings.Join(baskets, ", ")
	}
	if f.Outcome != "" {
		out += ", outcome " + f.Outcome
	}
	return out
}
