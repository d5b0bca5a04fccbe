package flows

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// wayfarer answers a quiz at random, always the same to a step of the same name.
type wayfarer struct {
	f    *Flow
	r    *rand.Rand
	said map[int]uint16
}

func (w *wayfarer) picks(step int) uint16 {
	if p, ok := w.said[step]; ok {
		return p
	}
	s := &w.f.Steps[step]
	p := uint16(0)
	if w.r.IntN(6) > 0 {
		p = 1 << w.r.IntN(len(s.Choices))
		if q := uint16(1) << w.r.IntN(len(s.Choices)); s.Several && w.r.IntN(2) == 0 {
			if _, err := s.event(p | q); err == nil {
				p |= q
			}
		}
	}
	w.said[step] = p
	return p
}

func TestWhoeverChangesAnswersComesToWhatTheyWouldHaveComeToAtOnce(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	changed := 0
	for name, f := range b.Flows {
		for range 300 {
			w := &wayfarer{f, r, map[int]uint16{}}
			var given []Given
			at := f.Start()
			for stop := r.IntN(MaxAsked); at.End == "" && len(given) <= stop; {
				given = append(given, Given{uint8(at.Step), w.picks(at.Step)})
				if at, err = f.Now(given); err != nil {
					t.Fatal(err)
				}
			}
			for range 4 { // changes, each answered to where it leads
				if len(given) == 0 {
					break
				}
				changed++
				n := r.IntN(len(given))
				before := append([]Given{}, given[n:]...)
				step := int(before[0].Step)
				delete(w.said, step)
				given = append(append([]Given{}, given[:n]...), Given{uint8(step), w.picks(step)})
				left := before[1:]
				for {
					given, left, at, err = f.Resume(given, left)
					if err != nil {
						t.Fatal(err)
					}
					if at.End != "" || len(left) == 0 {
						break
					}
					given = append(given, Given{uint8(at.Step), w.picks(at.Step)})
				}
				var at2 Place
				var once []Given
				for at2 = f.Start(); at2.End == "" && len(once) < len(given); {
					p, ok := w.said[at2.Step]
					if !ok {
						t.Fatalf("%s: %s is on the way and was not asked", name, f.Steps[at2.Step].Name)
					}
					once = append(once, Given{uint8(at2.Step), p})
					if at2, err = f.Now(once); err != nil {
						t.Fatal(err)
					}
				}
				if !reflect.DeepEqual(given, once) || at != at2 {
					t.Fatalf("%s: after a change\n%v %v\nat once\n%v %v", name, given, at, once, at2)
				}
				if x, y := b.Risk.Assess(f.Facts(given)), b.Risk.Assess(f.Facts(once)); !reflect.DeepEqual(x, y) {
					t.Fatalf("%s: %v, at once %v", name, x, y)
				}
			}
		}
	}
	if changed < 3000 {
		t.Errorf("only %d changes", changed)
	}
}

// total is the sum that a screen shows at a place.
func (f *Flow) total(given []Given, at Place) int { return len(given) + f.Ahead(at, given) }

func TestTheNumberOfQuestionsGrowsOnlyByWhatAnAnswerAdds(t *testing.T) {
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	for name, f := range b.Flows {
		for range 1500 {
			w := &wayfarer{f, r, map[int]uint16{}}
			var given []Given
			at := f.Start()
			total, grown := f.total(nil, at), 0
			for at.End == "" {
				g := Given{uint8(at.Step), w.picks(at.Step)}
				then := append(given[:len(given):len(given)], g)
				next, err := f.Now(then)
				if err != nil {
					t.Fatal(err)
				}
				skipped := append(given[:len(given):len(given)], Given{Step: g.Step})
				usual, err := f.Now(skipped)
				if err != nil {
					t.Fatal(err)
				}
				if got := f.total(skipped, usual); got != total {
					t.Fatalf("%s: skipping %s makes %d of %d", name, f.Steps[at.Step].Name, got, total)
				}
				if next.End != "" {
					if f.Ahead(at, given) == 1 && total != len(then) {
						t.Fatalf("%s: the last question is %d of %d", name, len(then), total)
					}
					break
				}
				if got := f.total(then, next); got > total {
					if added := f.added(skipped, usual, then, next); got-total > added {
						t.Fatalf("%s: %s adds %d questions, and the total grows from %d to %d", name, f.Steps[at.Step].Name, added, total, got)
					}
					grown += got - total
					total = got
				} else {
					total = got
				}
				given, at = then, next
			}
			if grown > 8 {
				t.Errorf("%s: the total grows by %d on one way", name, grown)
			}
		}
	}
}

// added counts the steps that lie ahead after an answer and would not after skipping it.
func (f *Flow) added(skipped []Given, usual Place, then []Given, next Place) (n int) {
	ahead := func(given []Given, at Place) map[int]bool {
		out := map[int]bool{}
		for at.End == "" {
			out[at.Step] = true
			given = append(given[:len(given):len(given)], Given{Step: uint8(at.Step)})
			at, _ = f.Now(given)
		}
		return out
	}
	before := ahead(skipped, usual)
	for step := range ahead(then, next) {
		if !before[step] {
			n++
		}
	}
	return n
}
