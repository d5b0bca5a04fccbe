package flows

import (
	"fmt"
	"io/fs"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"
)

type underFlows struct{ fs.FS }

func (u underFlows) Open(name string) (fs.File, error) {
	return u.FS.Open(strings.TrimPrefix(name, "flows/"))
}

// situation is what the way onward depends on: the place, the level, and what conditions name. One
// way to it stands for all others.
type situation struct {
	place        Place
	level        Level
	apart        string
	flags, notes Set
	green, open  int
}

func (f *Flow) situation(p Place, facts Facts) situation {
	now := f.book.Risk.Assess(facts)
	s := situation{place: p, level: now.Level, apart: now.Apart, green: min(facts.Green.Len(), f.book.Risk.lowGreen), open: facts.Unknown.Len()}
	for i := range f.Steps {
		for _, c := range [...]Facts{f.Steps[i].when.any, f.Steps[i].when.none} {
			for w := range c.Flags {
				s.flags[w] |= c.Flags[w] & facts.Flags[w]
				s.notes[w] |= c.Notes[w] & facts.Notes[w]
			}
		}
	}
	return s
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

func TestEveryPathThroughTheQuizEndsWithinTheMostQuestions(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	if f := b.Flows["job-offer"]; f.Ahead(f.Start(), nil) > 16 {
		t.Errorf("an ordinary offer is asked %d questions, more than 16", f.Ahead(f.Start(), nil))
	}
	ends := map[string]int{}
	for name, f := range b.Flows {
		seen := map[situation]bool{}
		longest, visits := 0, 0
		var walk func(p Place, given []Given)
		walk = func(p Place, given []Given) {
			facts := f.Facts(given)
			e := f.situation(p, facts)
			if seen[e] {
				return
			}
			seen[e] = true
			visits++
			longest = max(longest, len(given))
			if len(given) > MaxAsked {
				t.Fatalf("%s: more than %d questions: %v", name, MaxAsked, given)
			}
			if p.End != "" {
				ends[e.level.String()]++
				if e.apart != "" {
					ends[e.apart]++
				}
				return
			}
			for _, picks := range answers(f.Step(p.Step), 2) {
				next, err := f.Advance(p.Step, picks, given)
				if err != nil {
					t.Fatalf("%s: %s does not take %b: %v", name, f.Step(p.Step).Name, picks, err)
				}
				if next.End == "" && next.Step <= p.Step {
					t.Fatalf("%s: %s leads back to %s", name, f.Step(p.Step).Name, f.Step(next.Step).Name)
				}
				walk(next, append(given[:len(given):len(given)], Given{Step: uint8(p.Step), Picks: picks}))
			}
		}
		walk(f.Start(), nil)
		t.Logf("%s: %d different situations, at most %d questions", name, visits, longest)
	}
	for _, want := range []string{"low", "unknown", "concern", "high", "emergency", "young"} {
		if ends[want] == 0 {
			t.Errorf("no path ends at %s", want)
		}
	}
	t.Log(fmt.Sprint(ends))
}

func TestNoFlagEverLowersTheLevelAndNothingUnknownDoes(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	check := func(facts Facts) {
		before := b.Risk.Assess(facts).Level
		for i := range b.Flags {
			more := facts
			more.Flags.add(i)
			if got := b.Risk.Assess(more).Level; got < before {
				t.Fatalf("the flag %s lowers %s to %s beside %v", b.Flags[i].Name, before, got, facts)
			}
		}
		for i := range b.Risk.Keys {
			more := facts
			more.Unknown.add(i)
			if got := b.Risk.Assess(more).Level; got < before {
				t.Fatalf("not knowing %s lowers %s to %s beside %v", b.Risk.Keys[i], before, got, facts)
			}
		}
		if before >= Concern { // checks made cancel no flag
			more := facts
			for i := range b.Green {
				more.Green.add(i)
			}
			if got := b.Risk.Assess(more).Level; got != before {
				t.Fatalf("checks made turn %s into %s beside %v", before, got, facts)
			}
		}
	}
	for i := range b.Flags { // all pairs, under every note that combinations name
		for j := range b.Flags {
			var f Facts
			f.Flags.add(i)
			f.Flags.add(j)
			check(f)
			for _, c := range b.Risk.together {
				f.Notes.union(c.notes)
			}
			check(f)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 { // and many larger sets
		var f Facts
		for range rng.IntN(8) {
			f.Flags.add(rng.IntN(len(b.Flags)))
		}
		for range rng.IntN(6) {
			f.Green.add(rng.IntN(len(b.Green)))
		}
		for range rng.IntN(6) {
			f.Unknown.add(rng.IntN(len(b.Risk.Keys)))
		}
		for _, c := range b.Risk.together {
			if rng.IntN(2) == 0 {
				f.Notes.union(c.notes)
			}
		}
		check(f)
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
				raised.union(c.unticked)
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
