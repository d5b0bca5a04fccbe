package bot

import (
	"slices"

	"patikra/flows"
)

// listing reports whether the list of answers is what the person looks at.
func (s *Session) Listing() bool { return s.Over.Answers() || s.Stage == Checking && s.Over == Nothing }

// former is what was answered before to the question at which the session stands, no bit when nothing was.
func (s *Session) Former() uint16 {
	for _, g := range s.Before {
		if g.Step == s.At {
			return g.Picks
		}
	}
	return 0
}

// again reports whether the present question was answered before, or skipped.
func (s *Session) Again() bool {
	return slices.ContainsFunc(s.Before, func(g flows.Given) bool { return g.Step == s.At })
}

// takeBack moves the last answer to those that are marked when their question comes again.
func (s *Session) TakeBack() {
	last := s.Given[len(s.Given)-1]
	s.Before = append(Without(s.Before, last.Step), last)
	s.Given = s.Given[: len(s.Given)-1 : len(s.Given)-1]
	s.Stage, s.End, s.At = Asking, "", last.Step
}

// without is a list of its own that has no answer to a step.
func Without(list []flows.Given, step uint8) []flows.Given {
	return slices.DeleteFunc(slices.Clone(list), func(g flows.Given) bool { return g.Step == step })
}

// resume goes on in a change: to the first question that follows from it, else to where the change began.
func (s *Session) Resume(f *flows.Flow) error {
	given, left, at, err := f.Resume(s.Given, s.Before)
	if err != nil {
		return err
	}
	s.Given, s.Before, s.Over, s.Ticks = given, left, Nothing, 0
	switch {
	case at.End != "":
		if s.Stage = Finished; s.Changing == FromQuestion {
			s.Stage = Checking
		}
		s.End, s.Before, s.Changing = at.End, nil, NoChange
		return nil
	case len(left) == 0 && s.Changing == FromEarly:
		s.Stage, s.End, s.At, s.Changing = Finished, flows.Result, uint8(at.Step), NoChange
		return nil
	case len(left) == 0:
		s.Changing = NoChange
	}
	s.Stage, s.End, s.At = Asking, "", uint8(at.Step)
	return nil
}
