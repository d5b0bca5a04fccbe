package flows

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// stood answers a quiz at random, up to some place.
func stood(t *rapid.T, f *Flow) Stand {
	s := Stand{At: f.Start()}
	for range rapid.IntRange(0, MaxAsked).Draw(t, "answers") {
		if s.At.End != "" {
			break
		}
		picks := drawn(t, f.Step(s.At.Step))
		next, err := f.Advance(s.At.Step, picks, s.Given)
		if err != nil {
			t.Fatal(err)
		}
		s.Given = append(s.Given, Given{Step: uint8(s.At.Step), Picks: picks})
		s.At = next
	}
	if s.At.End == "" && f.Step(s.At.Step).Several {
		s.Ticks = drawn(t, f.Step(s.At.Step))
		if _, err := f.Step(s.At.Step).event(s.Ticks); err != nil {
			s.Ticks = 0
		}
	}
	return s
}

// drawn is an answer to a step, or 0 to skip it.
func drawn(t *rapid.T, s *Step) uint16 {
	for {
		picks := uint16(1) << rapid.IntRange(0, len(s.Choices)-1).Draw(t, "choice")
		if s.Several {
			picks = uint16(rapid.IntRange(0, 1<<len(s.Choices)-1).Draw(t, "ticks"))
		} else if rapid.IntRange(0, 9).Draw(t, "skipped") == 0 {
			picks = 0
		}
		if _, err := s.event(picks); err == nil {
			return picks
		}
	}
}

// edited is another edition of a quiz: every step that rename chooses has a new name, those that drop chooses are gone, and in
// each the order of the answers but for the last is another.
func edited(f *Flow, rename, drop func(i int) bool) *Flow {
	out := &Flow{Name: f.Name, base: f.base, points: f.points, enough: f.enough, hasEnd: f.hasEnd, book: f.book, leads: &leads{}, index: map[string]int{}}
	names := map[string]string{}
	for i := len(f.Steps) - 1; i >= 0; i-- { // a step leads forward only
		s := &f.Steps[i]
		switch {
		case drop(i):
			to := s.past
			if n, ok := names[to]; ok {
				to = n
			}
			names[s.Name] = to
		case rename(i):
			names[s.Name] = s.Name + "-new"
		default:
			names[s.Name] = s.Name
		}
	}
	to := func(name string) string {
		if n, ok := names[name]; ok {
			return n
		}
		return name
	}
	for i, s := range f.Steps {
		if drop(i) {
			continue
		}
		if rename(i) {
			s.was = []string{s.Name}
		}
		s.Name, s.next, s.past = names[s.Name], to(s.next), to(s.past)
		s.Choices = slices.Clone(s.Choices)
		for j := range s.Choices {
			s.Choices[j].next = to(s.Choices[j].next)
		}
		slices.Reverse(s.Choices[:len(s.Choices)-1])
		out.index[s.Name] = len(out.Steps)
		out.Steps = append(out.Steps, s)
	}
	out.start = out.index[to(f.Steps[f.start].Name)]
	return out
}

// byName is what was answered, in the names of the first edition.
func byName(f *Flow, given []Given) (out []string) {
	for _, g := range given {
		s := &f.Steps[g.Step]
		var answers []string
		for i, c := range s.Choices {
			if g.Picks&(1<<i) != 0 {
				answers = append(answers, c.Answer)
			}
		}
		slices.Sort(answers)
		out = append(out, strings.TrimSuffix(s.Name, "-new")+": "+strings.Join(answers, " "))
	}
	return out
}

func loaded(t *testing.T) *Book {
	t.Helper()
	b, err := Load(underFlows{Files})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnswersToRenamedStepsCountForTheNewOnes(t *testing.T) {
	b := loaded(t)
	rapid.Check(t, func(t *rapid.T) {
		f := b.Flows[rapid.SampledFrom(b.Quizzes()).Draw(t, "quiz")]
		renamed := rapid.SliceOfN(rapid.Bool(), len(f.Steps), len(f.Steps)).Draw(t, "renamed")
		n := edited(f, func(i int) bool { return renamed[i] }, func(int) bool { return false })
		s := stood(t, f)
		got, lost := n.Carry(f, s, rapid.Bool().Draw(t, "strict"))
		if lost {
			t.Fatal("something was lost")
		}
		if want, have := byName(f, s.Given), byName(n, got.Given); !slices.Equal(want, have) {
			t.Fatalf("answers %q became %q", want, have)
		}
		if s.At.End != got.At.End {
			t.Fatalf("the end %q became %q", s.At.End, got.At.End)
		}
		if s.At.End == "" {
			if want, have := f.Steps[s.At.Step].Name, strings.TrimSuffix(n.Steps[got.At.Step].Name, "-new"); want != have {
				t.Fatalf("the place %s became %s", want, have)
			}
			here, there := []Given{{uint8(s.At.Step), s.Ticks}}, []Given{{uint8(got.At.Step), got.Ticks}}
			if want, have := byName(f, here), byName(n, there); !slices.Equal(want, have) {
				t.Fatalf("ticks %q became %q", want, have)
			}
		}
		if f.Facts(s.Given) != n.Facts(got.Given) {
			t.Fatal("what the answers say about the offer is another")
		}
	})
}

func TestWhereStepsAreGoneEverybodyStandsWhereTheirAnswersLead(t *testing.T) {
	b := loaded(t)
	rapid.Check(t, func(t *rapid.T) {
		f := b.Flows[rapid.SampledFrom(b.Quizzes()).Draw(t, "quiz")]
		gone := rapid.SliceOfN(rapid.IntRange(0, 3), len(f.Steps), len(f.Steps)).Draw(t, "gone")
		drop := func(i int) bool { return i > 0 && gone[i] == 0 }
		n := edited(f, func(i int) bool { return gone[i] == 1 }, drop)
		for i := range n.Steps { // and answers are gone
			if s := &n.Steps[i]; len(s.Choices) > 2 && rapid.IntRange(0, 4).Draw(t, "answer gone") == 0 {
				s.Choices = s.Choices[1:]
			}
		}
		s := stood(t, f)
		got, _ := n.Carry(f, s, rapid.Bool().Draw(t, "strict"))
		at := n.Start()
		for i, g := range got.Given {
			if at.End != "" || at.Step != int(g.Step) {
				t.Fatalf("answer %d is to %v, but the answers before it lead to %v", i, g, at)
			}
			var err error
			if at, err = n.Advance(at.Step, g.Picks, got.Given[:i]); err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(at, got.At) {
			t.Fatalf("the answers lead to %v, the person stands at %v", at, got.At)
		}
		if s.At.End == "" && !drop(s.At.Step) && got.At.End != "" {
			t.Fatalf("a question became the end %q", got.At.End)
		}
	})
}

// small is a quiz of a few steps, in a folder of its own.
func small(steps string) fstest.MapFS {
	return fstest.MapFS{
		"flows/flags.yaml":     {Data: []byte("flags:\n  fee: { grade: strong, basket: [F], source: \"(J)\" }\n")},
		"flows/risk.yaml":      {Data: []byte("positive:\n  - { strong: 1 }\ndeciding: [F]\nconcern: { medium: 1, weak: 2 }\nstages: [offer]\npoints: [work]\n")},
		"flows/quizzes/a.yaml": {Data: []byte("start: " + strings.TrimSpace(steps[:strings.Index(steps, ":")]) + "\nsteps:\n" + steps)},
	}
}

func TestAnAnswerThatIsGoneIsAskedAgainBeforeAnyResult(t *testing.T) {
	const two = "  two:\n    choices:\n      - { answer: yes }\n      - { answer: no }\n"
	book := func(steps string) *Flow {
		b, err := Load(small(steps))
		if err != nil {
			t.Fatal(err)
		}
		return b.Flows["a"]
	}
	old := book("  one:\n    choices:\n      - { answer: fee, raises: [fee] }\n      - { answer: no }\n" + two)
	now := book("  paid:\n    was: one\n    choices:\n      - { answer: bank, raises: [fee] }\n      - { answer: no }\n" + two)
	s := Stand{Given: []Given{{0, 1}, {1, 1}}, At: Place{End: Result}}
	if got, lost := now.Carry(old, s, true); !lost || len(got.Given) != 0 || got.At != (Place{Step: 0}) {
		t.Errorf("strict: %+v, lost %v", got, lost)
	}
	if got, lost := now.Carry(old, s, false); !lost || len(got.Given) != 2 || got.Given[0].Picks != 0 || got.At.End != Result {
		t.Errorf("not strict: %+v, lost %v", got, lost)
	}
	if got, _ := now.Carry(old, Stand{Given: []Given{{0, 2}}, At: Place{Step: 1}}, true); len(got.Given) != 1 || got.At.Step != 1 {
		t.Errorf("an answer that is still there: %+v", got)
	}
	// The present step is gone: the one before it is shown, with its answer taken back.
	less := book("  one:\n    choices:\n      - { answer: fee, raises: [fee] }\n      - { answer: no }\n")
	if got, _ := less.Carry(old, Stand{Given: []Given{{0, 2}}, At: Place{Step: 1}}, true); len(got.Given) != 0 || got.At != (Place{Step: 0}) {
		t.Errorf("the present step is gone: %+v", got)
	}
}

func TestAnOldNameBelongsToOneStepAlone(t *testing.T) {
	steps := func(one, two string) string {
		return fmt.Sprintf("  one:\n%s    choices:\n      - { answer: fee, raises: [fee] }\n  two:\n%s    choices:\n      - { answer: no }\n", one, two)
	}
	for _, c := range []struct{ name, one, two, want string }{
		{"a name that is free", "    was: first\n", "    was: [second, third]\n", ""},
		{"a step that exists", "    was: two\n", "", `flows/quizzes/a.yaml:4: was: of step "one" names step "two", which still exists; write the name it had before, or rename the other step`},
		{"itself", "    was: one\n", "", `flows/quizzes/a.yaml:4: was: of step "one" names the step itself; write the name it had before, or remove was:`},
		{"claimed twice", "    was: first\n", "    was: [other, first]\n", `flows/quizzes/a.yaml:8: the steps "one" and "two" both say was: "first"; keep it in one of the two`},
		{"twice in a list", "    was: [first, first]\n", "", `flows/quizzes/a.yaml:4: was: of step "one" names "first" twice; keep it once`},
		{"no name", "    was: First step\n", "", `flows/quizzes/a.yaml:4: was: of step "one" names "First step", and no step can be called so; write the name as it stood in the file`},
	} {
		_, err := Load(small(steps(c.one, c.two)))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

// split is an edition of the quiz job-offer in which the work and the pay were asked apart, one answer to each.
func split(f *Flow) *Flow {
	out := edited(f, func(int) bool { return false }, func(int) bool { return false })
	i := out.index["job"]
	job, after := out.Steps[i], out.Steps[i].next
	part := func(name, next string, answers ...string) Step {
		s := job
		s.Name, s.Several, s.was, s.next, s.past, s.Choices = name, false, nil, next, next, nil
		for _, a := range answers {
			c := job.Choices[slices.IndexFunc(job.Choices, func(c Choice) bool { return c.Answer == a })]
			c.Alone, c.next = false, next
			s.Choices = append(s.Choices, c)
		}
		return s
	}
	out.Steps = slices.Concat(out.Steps[:i:i], []Step{part("job", "pay", "clear", "vague", "unsure"), part("pay", after, "usual", "high", "unsure")}, out.Steps[i+1:])
	for n := range out.Steps {
		out.index[out.Steps[n].Name] = n
	}
	return out
}

func TestAnswersToStepsThatWereJoinedAllCount(t *testing.T) {
	f := loaded(t).Flows["job-offer"]
	old := split(f)
	for _, c := range []struct {
		job, pay string
		want     []string
	}{
		{"vague", "high", []string{"high", "vague"}},
		{"vague", "unsure", []string{"vague"}},
		{"unsure", "high", []string{"high"}},
		{"unsure", "unsure", []string{"unsure"}},
		{"clear", "", []string{"clear"}},
		{"", "usual", []string{"usual"}},
	} {
		sheet := old.sheet(map[string][]string{"age": {"adult"}, "happened": {"none"}, "job": {c.job}, "pay": {c.pay}})
		given, end := old.walked(t, sheet)
		for _, under := range []bool{false, true} { // whoever stands at the second of them has the first one ticked
			s := Stand{Given: given, At: end}
			if under {
				n := slices.IndexFunc(given, func(g Given) bool { return old.Steps[g.Step].Name == "pay" })
				s = Stand{Given: given[:n], At: Place{Step: old.index["pay"]}}
			}
			got, lost := f.Carry(old, s, true)
			n := slices.IndexFunc(got.Given, func(g Given) bool { return f.Steps[g.Step].Name == "job" })
			switch {
			case lost:
				t.Errorf("%q and %q: something was lost", c.job, c.pay)
			case under && (got.At.End != "" || f.Steps[got.At.Step].Name != "job" || n >= 0):
				t.Errorf("%q and no pay yet: the place is another", c.job)
			case under && got.Ticks != f.Steps[got.At.Step].picks([]string{c.job}):
				t.Errorf("%q and no pay yet: ticked is %b", c.job, got.Ticks)
			case !under && n < 0:
				t.Errorf("%q and %q: no answer", c.job, c.pay)
			case !under:
				if want, have := "job: "+strings.Join(c.want, " "), byName(f, got.Given[n:n+1])[0]; want != have {
					t.Errorf("%q and %q became %q", c.job, c.pay, have)
				}
			}
		}
	}
}
