package flows

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The laws hold for every quiz: for every single answer, for all pairs of answers, and for many random sets.

func shipped(t *testing.T) *Book {
	t.Helper()
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sheets calls f with sets of answers to a quiz: nothing, each answer alone, all pairs (both on otherwise empty and on otherwise
// good sheets), and random ones. All pairs are for the long run; any other takes every 20th.
func sheets(fl *Flow, random int, f func(picks []uint16)) {
	blank := make([]uint16, len(fl.Steps))
	f(blank)
	type one struct {
		step  int
		picks uint16
	}
	var all []one
	for i := range fl.Steps {
		for c := range fl.Steps[i].Choices {
			all = append(all, one{i, 1 << c})
		}
	}
	best, pairs := fl.best(), 0
	for i, a := range all {
		for _, base := range [][]uint16{blank, best} {
			p := slices.Clone(base)
			p[a.step] = a.picks
			f(p)
		}
		for _, b := range all[i+1:] {
			if pairs++; !everyPair && pairs%20 != 0 {
				continue
			}
			both := a.picks | b.picks
			if a.step == b.step {
				if _, err := fl.Steps[a.step].event(both); err != nil {
					continue
				}
			}
			for _, base := range [][]uint16{blank, best} {
				p := slices.Clone(base)
				p[a.step], p[b.step] = a.picks, b.picks
				if a.step == b.step {
					p[a.step] = both
				}
				f(p)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range random {
		p := make([]uint16, len(fl.Steps))
		calm := rng.IntN(4) // how many ticks of ten raise something
		for i := range p {
			p[i] = fl.Steps[i].random(rng, calm)
		}
		f(p)
	}
}

// best is a sheet on which every answer settles as much as it can and raises nothing.
func (f *Flow) best() []uint16 {
	out := make([]uint16, len(f.Steps))
	for i := range f.Steps {
		s, most := &f.Steps[i], -1
		for c := range s.Choices {
			ch := &s.Choices[c]
			if n := ch.facts.Closed.Len()*2 + ch.facts.Green.Len(); ch.facts.Flags == (Set{}) && n > most {
				most, out[i] = n, 1<<c
			}
		}
	}
	return out
}

func (s *Step) random(rng *rand.Rand, calm int) uint16 {
	if rng.IntN(8) == 0 {
		return 0
	}
	if !s.Several {
		c := rng.IntN(len(s.Choices))
		if s.Choices[c].facts.Flags != (Set{}) && rng.IntN(10) > calm*3 {
			c = rng.IntN(len(s.Choices))
		}
		return 1 << c
	}
	var out uint16
	for c := range s.Choices {
		if !s.Choices[c].Alone && rng.IntN(10) < 1+calm/2 {
			out |= 1 << c
		}
	}
	if out == 0 {
		for c := range s.Choices {
			if s.Choices[c].Answer == None {
				return 1 << c
			}
		}
	}
	return out
}

// walked answers a quiz from a sheet and returns what was asked and answered. What is known is carried along and not gathered
// anew for each question; TestWalkingASheetComesToWhatAnsweringItComesTo holds it against [Flow.Advance].
func (f *Flow) walked(t *testing.T, picks []uint16) ([]Given, Place) {
	t.Helper()
	var given []Given
	facts, p := f.base, f.Start()
	for p.End == "" {
		s, g := &f.Steps[p.Step], Given{Step: uint8(p.Step), Picks: picks[p.Step]}
		event, err := s.event(g.Picks)
		if err != nil {
			t.Fatalf("%s at %s: %v", f.Name, s.Name, err)
		}
		to, err := f.fire(s.Name, event)
		if err != nil {
			t.Fatalf("%s at %s: %v", f.Name, s.Name, err)
		}
		given = append(given, g)
		f.add(&facts, g)
		i, ok := f.index[to]
		if !ok {
			return given, Place{End: to}
		}
		if p, err = f.settle(i, facts); err != nil {
			t.Fatalf("%s at %s: %v", f.Name, s.Name, err)
		}
	}
	return given, p
}

func TestWalkingASheetComesToWhatAnsweringItComesTo(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		sheets(f, random/10, func(picks []uint16) {
			given, end := f.walked(t, picks)
			p, n := f.Start(), 0
			for ; p.End == ""; n++ {
				if n >= len(given) || int(given[n].Step) != p.Step {
					t.Fatalf("question %d is %s, and walking asks others: %v", n+1, f.Steps[p.Step].Name, f.words(given))
				}
				next, err := f.Advance(p.Step, picks[p.Step], given[:n])
				if err != nil {
					t.Fatal(err)
				}
				p = next
			}
			if n != len(given) || p != end {
				t.Fatalf("answering comes to %v after %d questions, walking to %v after %d", p, n, end, len(given))
			}
		})
	})
}

func (f *Flow) words(given []Given) (out []string) {
	for _, g := range given {
		for i, c := range f.Steps[g.Step].Choices {
			if g.Picks&(1<<i) != 0 {
				out = append(out, f.Steps[g.Step].Name+": "+c.Answer)
			}
		}
	}
	return out
}

// explains reports whether an answer explains a wider one that was given before.
func (f *Flow) explains(g Given) bool {
	for i, c := range f.Steps[g.Step].Choices {
		if g.Picks&(1<<i) != 0 && c.facts.Cleared != (Set{}) {
			return true
		}
	}
	return false
}

func eachQuiz(t *testing.T, check func(t *testing.T, f *Flow, random int)) {
	b := shipped(t)
	random := randomSheets
	if testing.Short() || underRace {
		random = min(random, 250)
	}
	for _, name := range b.Quizzes() {
		t.Run(name, func(t *testing.T) { check(t, b.Flows[name], random) })
	}
}

func TestIgnoranceIsNoSign(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		r := &f.book.Risk
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			whole := r.Assess(f.Facts(given)).Level
			for i, g := range given {
				if f.explains(g) {
					continue
				}
				rest := r.Assess(f.Facts(append(slices.Clone(given[:i]), given[i+1:]...))).Level
				if rest > whole && rest != Unknown {
					t.Fatalf("not knowing %v turns %s into %s beside %v", f.words([]Given{g}), whole, rest, f.words(given))
				}
			}
		})
	})
}

func TestNotKnowingAndSkippingComeToTheSameEnd(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		unsure := make([]uint16, len(f.Steps))
		for i := range f.Steps {
			for c, ch := range f.Steps[i].Choices {
				if ch.Answer == Unsure {
					unsure[i] = 1 << c
				}
				if ch.Answer == Unsure && ch.facts != (Facts{}) {
					t.Errorf("%q at %s says something", Unsure, f.Steps[i].Name)
				}
			}
			if unsure[i] == 0 {
				t.Errorf("nobody can say %q at %s", Unsure, f.Steps[i].Name)
			}
		}
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			for _, g := range given { // what is not asked makes no difference
				i := int(g.Step)
				one, other := slices.Clone(picks), slices.Clone(picks)
				one[i], other[i] = 0, unsure[i]
				a, at := f.walked(t, one)
				b, bt := f.walked(t, other)
				x, y := f.book.Outcome(at.End, f.book.Risk.Assess(f.Facts(a))), f.book.Outcome(bt.End, f.book.Risk.Assess(f.Facts(b)))
				if x != y || len(a) != len(b) {
					t.Fatalf("skipping %s comes to %s after %d questions, not knowing to %s after %d, beside %v", f.Steps[i].Name, x, len(a), y, len(b), f.words(a))
				}
			}
		})
	})
}

// weighs reports whether one of the flags is a sign at the stage that has been come to: before it some are the ordinary state of things.
func (r *Risk) weighs(flags Set, facts Facts) (sign bool) {
	flags.each(func(i int) { sign = sign || r.flags[i].at(facts.Stage) != Weightless || r.flags[i].Outcome != "" })
	return sign
}

func TestAFurtherSignNeverLowersALevelAndAFurtherCheckNeverRaisesOne(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		b, r := f.book, &f.book.Risk
		n := 0
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			facts := f.Facts(given)
			before := r.Assess(facts).Level
			if n++; n%8 == 0 { // every flag of the book beside it, those of other quizzes too
				for i := range b.Flags {
					more := facts
					more.Flags.add(i)
					if got := r.Assess(more).Level; got < before {
						t.Fatalf("%s lowers %s to %s beside %v", b.Flags[i].Name, before, got, f.words(given))
					}
				}
			}
			for i, g := range given { // every further tick
				for c, ch := range f.Steps[g.Step].Choices {
					more := Given{Step: g.Step, Picks: g.Picks | 1<<c}
					if _, err := f.Steps[g.Step].event(more.Picks); err != nil || g.Picks == 0 && ch.facts.Stage > 0 {
						continue
					}
					with := slices.Clone(given)
					with[i] = more
					got := r.Assess(f.Facts(with)).Level
					if r.weighs(ch.facts.Flags, f.Facts(with)) && got < before {
						t.Fatalf("%s: %s lowers %s to %s beside %v", f.Steps[g.Step].Name, ch.Answer, before, got, f.words(given))
					}
					if ch.facts.Flags == (Set{}) && ch.facts.Notes == (Set{}) && got > before {
						t.Fatalf("%s: %s raises %s to %s beside %v", f.Steps[g.Step].Name, ch.Answer, before, got, f.words(given))
					}
				}
			}
			more := facts
			for i := range b.Green {
				more.Green.add(i)
			}
			for i := range r.Points {
				more.Closed.add(i)
			}
			if got := r.Assess(more).Level; got > before || before >= Concern && got != before {
				t.Fatalf("every check together turns %s into %s beside %v", before, got, f.words(given))
			}
		})
	})
}

func TestEveryReasonIsTracedToAnAnswer(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		b, traced := f.book, map[string]bool{}
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			a := b.Risk.Assess(f.Facts(given))
			for _, r := range a.Reasons {
				if f.base.Flags.has(r) {
					continue
				}
				said := f.Said(r, given)
				if len(said) == 0 {
					t.Fatalf("nobody said what makes %s a reason; they said %v", b.Flags[r].Name, f.words(given))
				}
				if name := b.Flags[r].Name; !traced[name] && testing.Verbose() {
					traced[name] = true
					var words []string
					for _, s := range said {
						words = append(words, f.Steps[s.Step].Name+": "+f.Steps[s.Step].Choices[s.Choice].Answer)
					}
					t.Logf("%s because of %v", name, words)
				}
			}
			a.Open.each(func(i int) {
				if len(f.Settled(i, given)) > 0 {
					t.Fatalf("%s is called open and was settled by %v", b.Risk.Points[i], f.words(given))
				}
			})
		})
	})
}

func TestAnAgencyWithoutAWorkplaceIsNotEnoughWhenOneLeaves(t *testing.T) {
	f := shipped(t).Flows["job-offer"]
	for stage, want := range map[string]Level{"offer": Low, "leaving": Unknown} {
		given, _ := f.walked(t, f.sheet(map[string][]string{"age": {"adult"}, "happened": {"none"}, "stage": {stage}, "kind": {"none"}, "country": {"near"},
			"between": {"agency-open"}, "job": {"clear"}, "contract": {"have"}}))
		if got := f.book.Risk.Assess(f.Facts(given)); got.Level != want {
			t.Errorf("at the stage %s it comes to %s, not to %s", stage, got.Level, want)
		}
	}
}

// sheet is a sheet of answers by name; what is not named is skipped.
func (f *Flow) sheet(answers map[string][]string) []uint16 {
	out := make([]uint16, len(f.Steps))
	for i := range f.Steps {
		out[i] = f.Steps[i].picks(answers[f.Steps[i].Name])
	}
	return out
}

func TestABoxLeftUntickedSaysNothing(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		for i := range f.Steps {
			s := &f.Steps[i]
			if !s.Several {
				continue
			}
			for c := range s.Choices {
				with, without := f.base, f.base
				with.union(s.Choices[c].facts)
				f.want(&with)
				f.add(&without, Given{Step: uint8(i), Picks: 1 << c})
				if with != without {
					t.Errorf("at %s the boxes beside %q say something though they are not ticked", s.Name, s.Choices[c].Answer)
				}
			}
			none := f.base
			if f.add(&none, Given{Step: uint8(i)}); none != f.base {
				t.Errorf("at %s a skipped question says something", s.Name)
			}
		}
	})
}

// both is 1 where somebody is asked what money is for and, of a country at war, what the work is: the stop sign may stand in the later of the two.
func both(f *Flow, given []Given) int {
	asked := 0
	for _, g := range given {
		if name := f.Steps[g.Step].Name; name == "fee" || name == "war" {
			asked++
		}
	}
	return asked / 2
}

func TestBelowHighFewQuestionsAreAsked(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		const most = 14
		if f.Openly { // for specialists
			t.Skip("not for people in a hurry")
		}
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			if f.book.Risk.Assess(f.Facts(given)).Level >= High {
				return
			}
			more := 0 // whoever is asked for money is asked what it is for, and whoever has a sign of a war what the work is
			for _, g := range given {
				if name := f.Steps[g.Step].Name; name == "fee" || name == "war" {
					more++
				}
			}
			if len(given) > most+more {
				t.Fatalf("%d questions: %v", len(given), f.words(given))
			}
		})
	})
}

func TestAStopSignIsReachedEarlyAndFewQuestionsFollow(t *testing.T) {
	eachQuiz(t, func(t *testing.T, f *Flow, random int) {
		const most, after = 8, 4
		if f.Openly { // for specialists, who are asked for their municipality too
			t.Skip("not for people in a hurry")
		}
		sheets(f, random, func(picks []uint16) {
			given, _ := f.walked(t, picks)
			facts, stopped := f.base, -1
			for n, g := range given {
				f.add(&facts, g)
				a := f.book.Risk.Assess(facts)
				stop := slices.ContainsFunc(a.Reasons, func(i int) bool { return f.book.Flags[i].Grade == Stop })
				if stopped < 0 && a.Level >= High && f.hasEnd {
					if stopped = n; len(given)-n-1 > after {
						t.Fatalf("%d questions follow after high: %v", len(given)-n-1, f.words(given))
					}
					if stop && len(given) > most+both(f, given) {
						t.Fatalf("%d questions with a sign that stops: %v", len(given), f.words(given))
					}
				}
			}
		})
	})
}
