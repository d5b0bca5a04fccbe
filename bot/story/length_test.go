package story_test

import (
	"strings"
	"testing"
)

// mostAsked is how many questions an ordinary offer takes at most.
const mostAsked = 14

// An ordinary offer is one in which readers saw nothing grave: a real case of flows/answers/real.yaml or one of the honest offers.
func TestAnOrdinaryOfferEndsAfterFourteenQuestionsAtMost(t *testing.T) {
	lib, sets := shipped(t)
	n, sum := 0, 0
	for _, s := range sets {
		if !strings.HasSuffix(s.File, "/real.yaml") && !strings.HasSuffix(s.File, "/honest.yaml") || ranks[s.Readers] >= ranks["high"] {
			continue
		}
		came, err := s.Play(lib, "en")
		if err != nil {
			t.Error(err)
			continue
		}
		n, sum = n+1, sum+came.Asked
		t.Logf("%2d questions  %-8s %s", came.Asked, came.Result, s.About)
		if came.Asked > mostAsked {
			t.Errorf("%s:%d: %s: %d questions, more than %d", s.File, s.Line, s.About, came.Asked, mostAsked)
		}
	}
	if n < 55 {
		t.Errorf("only %d ordinary offers were counted", n)
	}
	t.Logf("%d offers, %.1f questions on average", n, float64(sum)/float64(n))
}

// Who is asked for money is asked what it is for, and of a country at war what the work is: that is one question more.
func TestWhatComesToLessThanHighTakesFourteenQuestionsAtMost(t *testing.T) {
	lib, sets := shipped(t)
	for _, s := range sets {
		flow := lib.Book.Flows[s.Quiz]
		if flow.Openly { // for specialists, who are in no hurry
			continue
		}
		came, err := s.Play(lib, "en")
		if err != nil {
			t.Error(err)
			continue
		}
		most := mostAsked
		for _, g := range came.Session.Given {
			if name := flow.Step(int(g.Step)).Name; name == "fee" || name == "war" {
				most++
			}
		}
		if ranks[came.Result] < ranks["high"] && came.Asked > most {
			t.Errorf("%s:%d: %s: %d questions, more than %d", s.File, s.Line, s.About, came.Asked, most)
		}
	}
}
