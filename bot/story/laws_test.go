package story_test

import (
	"slices"
	"testing"

	"patikra/flows"
)

// ends is where answers by step lead: each question as it comes is answered from the sheet, or skipped.
func ends(t *testing.T, f *flows.Flow, sheet map[uint8]uint16) []flows.Given {
	t.Helper()
	var given []flows.Given
	for at := f.Start(); at.End == ""; {
		g := flows.Given{Step: uint8(at.Step), Picks: sheet[uint8(at.Step)]}
		next, err := f.Advance(at.Step, g.Picks, given)
		if err != nil {
			t.Fatal(err)
		}
		given, at = append(given, g), next
	}
	return given
}

// explained reports whether taking an answer away takes away what explained a wider one: then the wider one stands again.
func explained(f *flows.Flow, g flows.Given) bool {
	return f.Facts([]flows.Given{g}).Cleared != flows.Set{}
}

// The laws hold for every set of answers of flows/answers and for every answer in it.
func TestTheLawsHoldForEverySetOfAnswers(t *testing.T) {
	lib, sets := shipped(t)
	level := func(f *flows.Flow, given []flows.Given) flows.Level {
		return lib.Book.Risk.Assess(f.Facts(given)).Level
	}
	for _, s := range sets {
		came, err := s.Play(lib, "en")
		if err != nil {
			t.Error(err)
			continue
		}
		f, given := lib.Book.Flows[s.Quiz], came.Session.Given
		whole := level(f, given)
		sheet := map[uint8]uint16{}
		for _, g := range given {
			sheet[g.Step] = g.Picks
		}
		for i, g := range given {
			step := f.Step(int(g.Step))
			rest := level(f, slices.Delete(slices.Clone(given), i, i+1))
			if rest > whole && rest != flows.Unknown && !explained(f, g) {
				t.Errorf("%s: not knowing the answer to %s turns %s into %s", s.About, step.Name, whole, rest)
			}
			unsure := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Answer == flows.Unsure })
			if unsure < 0 {
				t.Errorf("%s: nobody can say that they do not know at %s", s.About, step.Name)
				continue
			}
			sheet[g.Step] = 0
			skipped := level(f, ends(t, f, sheet))
			if sheet[g.Step] = 1 << unsure; level(f, ends(t, f, sheet)) != skipped {
				t.Errorf("%s: not knowing the answer to %s and skipping it differ", s.About, step.Name)
			}
			sheet[g.Step] = g.Picks
			for c := range step.Choices {
				more := slices.Clone(given)
				if more[i].Picks |= 1 << c; !step.Several || step.Choices[c].Alone || g.Picks == 0 {
					continue
				}
				signs := lib.Book.Risk.Assess(f.Facts(more))
				if before := lib.Book.Risk.Assess(f.Facts(given)); signs.Level < before.Level && signs.Flags != before.Flags {
					t.Errorf("%s: %s beside it at %s lowers %s to %s", s.About, step.Choices[c].Answer, step.Name, before.Level, signs.Level)
				} else if signs.Level > before.Level && signs.Flags == before.Flags {
					t.Errorf("%s: %s beside it at %s raises %s to %s and is no sign", s.About, step.Choices[c].Answer, step.Name, before.Level, signs.Level)
				}
			}
		}
	}
}
