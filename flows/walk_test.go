package flows

import (
	"fmt"
	"io/fs"
	"math/bits"
	"strings"
	"testing"
)

type underFlows struct{ fs.FS }

func (u underFlows) Open(name string) (fs.File, error) {
	return u.FS.Open(strings.TrimPrefix(name, "flows/"))
}

func TestEveryPathThroughTheQuizEndsWithinTheMostQuestions(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	if f := b.Flows["job-offer"]; f.Ahead(f.Start(), nil) > 13 {
		t.Errorf("an ordinary offer is asked %d questions, more than 13", f.Ahead(f.Start(), nil))
	}
	ends := map[string]int{}
	w := b.Walker(300_000) // what check has for all quizzes
	for name, f := range b.Flows {
		got := w.Walk(f)
		t.Logf("%s: %+v, %d answers tried", name, got, 300_000-w.Left())
		if !got.Whole {
			t.Errorf("%s: the walk was cut short", name)
		}
		if got.Longest > MaxAsked {
			t.Errorf("%s: %d questions", name, got.Longest)
		}
		if len(got.Never) > 0 {
			t.Errorf("%s: no way raises %v", name, got.Never)
		}
		for outcome, r := range got.Outcomes {
			ends[outcome] += r.Ways
		}
	}
	for _, want := range []string{"low", "unknown", "concern", "high", "emergency", "young"} {
		if ends[want] == 0 {
			t.Errorf("no path ends at %s", want)
		}
	}
}

func TestEveryFlagOfTheCatalogueCanBeRaised(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	var raised Set
	for _, f := range b.Flows {
		for i := range f.Steps {
			for _, c := range f.Steps[i].Choices {
				raised.union(c.facts.Flags)
			}
		}
	}
	for _, c := range b.Risk.together {
		if c.raises >= 0 {
			raised.add(c.raises)
		}
	}
	questions := map[int]bool{}
	for i, fl := range b.Flags {
		if !raised.has(i) {
			t.Errorf("nothing raises %s", fl.Name)
		}
		for _, w := range strings.FieldsFunc(fl.Source, func(r rune) bool { return r == ' ' || r == ';' || r == ',' }) {
			n := 0
			if _, err := fmt.Sscanf(w, "P%d", &n); err == nil {
				questions[n] = true
			}
		}
	}
	for n := 1; n <= 48; n++ {
		if !questions[n] {
			t.Errorf("the question P%d of the catalogue has no flag", n)
		}
	}
	if n := bits.OnesCount64(raised[0]); n < 50 {
		t.Errorf("only %d flags", n)
	}
}
