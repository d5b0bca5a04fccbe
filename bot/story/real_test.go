package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"patikra/bot/story"
)

// ranks are the outcomes in one order, to measure by. A matter of labour rights and a calm case of somebody under 18 call
// for a person to talk to, as some concern does.
var ranks = map[string]int{"low": 0, "unknown": 1, "concern": 2, "rights": 2, "young": 2, "high": 3, "young-high": 3, "emergency": 4, "young-emergency": 4}

// agreement is Cohen's kappa of pairs of ranks, weighted by the distance (power 1) or its square (power 2).
func agreement(pairs [][2]int, power int) float64 {
	const n = 5
	var seen [n][n]float64
	var rows, columns [n]float64
	for _, p := range pairs {
		seen[p[0]][p[1]]++
		rows[p[0]]++
		columns[p[1]]++
	}
	var observed, expected float64
	for i := range n {
		for j := range n {
			w := float64(max(i-j, j-i))
			if power == 2 {
				w *= w
			}
			observed += w * seen[i][j]
			expected += w * rows[i] * columns[j] / float64(len(pairs))
		}
	}
	return 1 - observed/expected
}

// TestTheLevelsOfRealCasesAgreeWithTheirReaders plays the real cases of flows/answers/real.yaml. They were mapped to answers by
// somebody who saw the labels alone, before the weights were set.
func TestTheLevelsOfRealCasesAgreeWithTheirReaders(t *testing.T) {
	lib, sets := shipped(t)
	sets = slices.DeleteFunc(sets, func(s story.Set) bool { return !strings.HasSuffix(s.File, "/real.yaml") })
	if len(sets) == 0 {
		t.Skip("no case has been mapped yet")
	}
	var pairs [][2]int
	var table strings.Builder
	tooHigh, tooLow, asked := 0, 0, 0
	for _, s := range sets {
		came, err := s.Play(lib, "en")
		if err != nil {
			t.Error(err)
			continue
		}
		want, got := ranks[s.Readers], ranks[came.Result]
		pairs = append(pairs, [2]int{want, got})
		asked += came.Asked
		mark := " "
		if want != got {
			mark = "≠"
		}
		fmt.Fprintf(&table, "%s %-9s %-15s %2d questions  %s  %s\n", mark, s.Readers, came.Result, came.Asked, s.About, strings.Join(came.Reasons, " "))
		honest := s.Readers == "low"
		switch {
		case honest && got >= ranks["high"]:
			t.Errorf("%s: readers call it low, and it comes to %s", s.About, came.Result)
		case honest && got == ranks["concern"]:
			tooHigh++
		case want >= ranks["high"] && got < ranks["concern"]:
			t.Errorf("%s: readers call it %s, and it comes to %s", s.About, s.Readers, came.Result)
		case want >= ranks["high"] && got == ranks["concern"]:
			tooLow++
		}
	}
	linear, square := agreement(pairs, 1), agreement(pairs, 2)
	t.Logf("%d cases, kappa with linear weights %.2f, with squared ones %.2f; %.1f questions on average\n%s", len(pairs), linear, square, float64(asked)/float64(len(pairs)), table.String())
	if tooHigh > 2 {
		t.Errorf("%d cases that readers call low come to concern, more than 2", tooHigh)
	}
	if tooLow > 2 {
		t.Errorf("%d cases that readers call high come to concern, more than 2", tooLow)
	}
	if square < 0.85 {
		t.Errorf("the agreement is %.2f, below 0.85", square)
	}
}
