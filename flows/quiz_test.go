package flows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// asked is a quiz of every kind of step: conditions of each kind, ticks, a step that is always asked, and answers that suffice.
const asked = `
start: first
enough: high
settle:
  advert: [work]
  offer: [work, pay]
ask: [pay, work]
raises: [known]
steps:
  first:
    choices:
      - { answer: fee, raises: [fee] }
      - { answer: note, notes: [home], stage: offer }
      - { answer: check, green: [met], stage: advert }
      - { answer: danger, raises: [threat] }
      - { answer: rich, raises: [stop] }
      - { answer: over, next: last }
      - { answer: unsure }
  flagged:
    when: { any: [fee] }
    choices:
      - { answer: yes }
      - { answer: was, clears: [fee] }
  noted:
    when: { any: [home] }
    choices:
      - { answer: yes, closes: [work] }
  checked:
    when: { any: [met] }
    choices:
      - { answer: yes, closes: [work] }
  unflagged:
    when: { none: [fee] }
    choices:
      - { answer: yes }
  unnoted:
    when: { none: [home] }
    choices:
      - { answer: yes }
  unchecked:
    when: { none: [met] }
    choices:
      - { answer: yes }
  worried:
    when: { from: concern }
    choices:
      - { answer: yes }
  ticks:
    several: true
    choices:
      - { answer: one, raises: [fee] }
      - { answer: two, notes: [home] }
      - { answer: none, closes: [pay] }
  always:
    always: true
    choices:
      - { answer: yes }
  last:
    choices:
      - { answer: yes }
`

// staged is a quiz that begins with a step that need not be asked, and has no level at which the answers suffice.
const staged = `
start: never
steps:
  never:
    when: { any: [fee] }
    choices:
      - { answer: yes }
  stage:
    choices:
      - { answer: advert, stage: advert }
      - { answer: offer, stage: offer, notes: [away] }
      - { answer: unsure }
  sign:
    choices:
      - { answer: aged, raises: [aged, stop] }
      - { answer: fee, raises: [fee] }
      - { answer: unsure }
  more:
    choices:
      - { answer: yes }
`

func quizOf(t *testing.T, quiz string) *Flow {
	t.Helper()
	b, err := Load(fstest.MapFS{
		"flows/flags.yaml": {Data: []byte(`flags:
  known: { grade: none, source: "(J)" }
  fee: { grade: medium, basket: [F], source: "(J)" }
  threat: { grade: emergency, basket: [F], source: "(J)" }
  stop: { grade: stop, basket: [F], source: "(J)" }
  both: { grade: weak, basket: [F], source: "(J)" }
  aged: { grade: strong, from: advert, basket: [F], source: "(J)" }
green:
  met: { source: "(J)" }
`)},
		"flows/risk.yaml": {Data: []byte("positive:\n  - { strong: 2 }\ndeciding: [F]\nconcern: { medium: 1, weak: 2 }\nstages: [advert, offer]\npoints: [work, pay]\n" +
			"together:\n  - { all: [fee, home], raises: both }\n")},
		"flows/quizzes/a.yaml": {Data: []byte(quiz)},
		"flows/quizzes/b.yaml": {Data: []byte(staged)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Flows["a"]
}

// way is the steps that are asked when answers are given by name in order, "" to skip; afterwards every step is skipped.
func (f *Flow) way(t *testing.T, answers ...string) (steps []string, given []Given, at Place) {
	t.Helper()
	for at = f.Start(); at.End == ""; {
		s := f.Step(at.Step)
		steps = append(steps, s.Name)
		g := Given{Step: uint8(at.Step)}
		if len(answers) > 0 {
			g.Picks, answers = s.picks([]string{answers[0]}), answers[1:]
		}
		if ahead, passed := f.Ahead(at, given), len(steps); ahead < 1 || ahead > len(f.Steps)-passed+1 {
			t.Errorf("at %s there are %d questions ahead", s.Name, ahead)
		}
		next, err := f.Advance(at.Step, g.Picks, given)
		if err != nil {
			t.Fatal(err)
		}
		given, at = append(given, g), next
	}
	return steps, given, at
}

func TestAStepIsAskedWhenItsConditionsHold(t *testing.T) {
	f := quizOf(t, asked)
	for answer, want := range map[string][]string{
		"":       {"first", "unflagged", "unnoted", "unchecked", "ticks", "always", "last"},
		"fee":    {"first", "flagged", "unnoted", "unchecked", "worried", "ticks", "always", "last"},
		"note":   {"first", "noted", "unflagged", "unchecked", "ticks", "always", "last"},
		"check":  {"first", "checked", "unflagged", "unnoted", "ticks", "always", "last"},
		"danger": {"first"},           // whoever is in danger is asked nothing more
		"rich":   {"first", "always"}, // what is known suffices
		"over":   {"first", "last"},
	} {
		if steps, _, at := f.way(t, answer); !slices.Equal(steps, want) || at.End != Result {
			t.Errorf("after %q come %v, and then %q", answer, steps, at.End)
		}
	}
	if at := f.Start(); at != (Place{}) || !f.Facts(nil).Flags.has(f.book.Flag("known")) {
		t.Errorf("it begins at %+v", at)
	}
	if n := f.Ahead(f.Start(), nil); n != 7 {
		t.Errorf("at the first step %d questions are ahead", n)
	}
	if n := f.Ahead(Place{Step: len(f.Steps) - 1}, nil); n != 1 || f.Ahead(Place{End: Result}, nil) != 0 {
		t.Errorf("at the last step %d questions are ahead, at the end %d", n, f.Ahead(Place{End: Result}, nil))
	}
}

func TestAnAnswerThatIsNoneOfTheStepsIsRefused(t *testing.T) {
	f := quizOf(t, asked)
	at := func(name string) int { return f.index[name] }
	for _, c := range []struct {
		step  string
		picks uint16
		good  bool
	}{
		{"last", 0, true}, {"last", 1, true}, {"last", 2, false}, {"last", 3, false},
		{"flagged", 1, true}, {"flagged", 2, true}, {"flagged", 3, false}, {"flagged", 4, false},
		{"ticks", 1, true}, {"ticks", 2, true}, {"ticks", 3, true}, {"ticks", 4, true}, {"ticks", 5, false}, {"ticks", 7, false}, {"ticks", 8, false}, {"ticks", 9, false},
	} {
		p, err := f.Advance(at(c.step), c.picks, nil)
		if (err == nil) != c.good || err != nil && (!errors.Is(err, ErrAnswer) || p != (Place{})) {
			t.Errorf("%s with %b: %+v %v", c.step, c.picks, p, err)
		}
	}
	before := f.Facts(nil)
	for _, step := range []uint8{uint8(len(f.Steps)), 255} {
		if got := f.Facts([]Given{{step, 1}}); got != before {
			t.Errorf("an answer to step %d, which there is not, says %+v", step, got)
		}
	}
	given := []Given{{uint8(len(f.Steps)), 1}}
	if f.Said(f.book.Flag("fee"), given) != nil || f.Settled(0, given) != nil || len(f.ToAsk(given)) != 2 {
		t.Error("an answer to a step that there is not is quoted")
	}
}

func TestAResultQuotesTheAnswersThatMadeIt(t *testing.T) {
	f := quizOf(t, asked)
	quoted := func(of *Flow, told []Told) string {
		out := ""
		for _, a := range told {
			out += fmt.Sprintf("%s:%s ", of.Steps[a.Step].Name, of.Steps[a.Step].Choices[a.Choice].Answer)
		}
		return out
	}
	_, given, _ := f.way(t, "fee", "yes", "yes", "yes", "yes", "two")
	fee, both := f.book.Flag("fee"), f.book.Flag("both")
	if got := quoted(f, f.Said(fee, given)); got != "first:fee " {
		t.Errorf("a sign is there because of %s", got)
	}
	if got := quoted(f, f.Said(both, given)); got != "first:fee ticks:two " {
		t.Errorf("a combination is there because of %s", got)
	}
	cleared := []Given{{0, 1}, {1, 2}, {uint8(f.index["ticks"]), 2}}
	if got := quoted(f, f.Said(both, cleared)); got != "" {
		t.Errorf("a combination that was explained is there because of %s", got)
	}
	if facts := f.Facts(cleared); !facts.Cleared.has(fee) {
		t.Error("an answer that explains a sign does not")
	}
	b := f.book.Flows["b"]
	steps, given, _ := b.way(t, "offer", "aged", "yes")
	if !slices.Equal(steps, []string{"stage", "sign", "more"}) {
		t.Errorf("of a quiz without an end of its own %v are asked", steps)
	}
	for stage, want := range []string{"sign:aged ", "stage:advert sign:aged ", "stage:offer sign:aged "} {
		given[0].Picks = []uint16{4, 1, 2}[stage]
		if got := quoted(b, b.Said(b.book.Flag("aged"), given)); got != want {
			t.Errorf("what weighs by its stage is there because of %s", got)
		}
	}
	if got := quoted(b, b.Said(fee, []Given{{1, 2}, {2, 2}})); got != "sign:fee " {
		t.Errorf("what has no stage is there because of %s", got)
	}
	if f.Settled(0, []Given{{2, 0}}) != nil {
		t.Error("a skipped step settles a point")
	}
	_, given, _ = f.way(t, "note", "yes", "", "", "none")
	for point, want := range []string{"noted:yes ", "ticks:none "} {
		if got := quoted(f, f.Settled(point, given)); got != want {
			t.Errorf("point %d is settled by %s", point, got)
		}
	}
}

func TestWhatIsWorthFindingOutIsWhatNobodyHasSaid(t *testing.T) {
	f := quizOf(t, asked)
	ticks := uint8(f.index["ticks"])
	for _, c := range []struct {
		given  []Given
		wanted int
		ask    []string
	}{
		{nil, 2, []string{"pay", "work"}},
		{[]Given{{0, 4}}, 1, []string{"work", "pay"}},             // an advertisement: the work should be known by now, and comes first
		{[]Given{{0, 2}}, 2, []string{"pay", "work"}},             // an offer
		{[]Given{{0, 2}, {2, 1}}, 2, []string{"pay"}},             // the work is settled
		{[]Given{{0, 2}, {2, 1}, {ticks, 4}}, 2, nil},             // all is
		{[]Given{{0, 2}, {2, 1}, {ticks, 1}}, 2, nil},             // a sign was ticked where none of these would have settled it
		{[]Given{{0, 2}, {2, 1}, {ticks, 2}}, 2, []string{"pay"}}, // what was ticked is no sign
		{[]Given{{0, 2}, {2, 1}, {ticks, 0}}, 2, []string{"pay"}}, // skipped
	} {
		if got := f.ToAsk(c.given); !slices.Equal(got, c.ask) {
			t.Errorf("after %v it is worth asking %v", c.given, got)
		}
		if facts := f.Facts(c.given); facts.Wanted.Len() != c.wanted {
			t.Errorf("after %v %d points should be known", c.given, facts.Wanted.Len())
		}
	}
}

func TestASetKnowsItsMembersInEveryWord(t *testing.T) {
	all := []int{0, 1, 63, 64, 66, 127, 128, 131, 191, 192, 196, 255}
	var s Set
	for n, i := range all {
		if s.add(i); s.Len() != n+1 {
			t.Errorf("with %d there are %d", i, s.Len())
		}
	}
	var each []int
	if s.each(func(i int) { each = append(each, i) }); !slices.Equal(each, all) {
		t.Errorf("the members are %v", each)
	}
	for _, i := range all {
		var one, less Set
		one.add(i)
		less = s
		less.remove(i)
		if !s.has(i) || !s.covers(one) || !s.meets(one) || less.has(i) || less.covers(one) || less.meets(one) || less.Len() != len(all)-1 || s.without(one) != less {
			t.Errorf("%d is a member, and is none after it was taken out", i)
		}
		if less.union(one); less != s {
			t.Errorf("%d is not back", i)
		}
	}
}

func TestAQuizIsHeldToItsLimits(t *testing.T) {
	quiz := func(steps, choices int) error {
		var q strings.Builder
		q.WriteString("start: s0\nsteps:\n")
		for i := range steps {
			fmt.Fprintf(&q, "  s%d:\n    choices:\n", i)
			for c := range choices {
				fmt.Fprintf(&q, "      - { answer: a%d, raises: [fee] }\n", c)
			}
		}
		files := small("  one:\n    choices:\n      - { answer: no }\n")
		files["flows/quizzes/a.yaml"].Data = []byte(q.String())
		_, err := Load(files)
		return err
	}
	for _, c := range []struct {
		steps, choices int
		good           bool
	}{{1, 13, true}, {1, 14, false}, {24, 1, true}, {25, 1, false}, {201, 1, false}} {
		if err := quiz(c.steps, c.choices); (err == nil) != c.good {
			t.Errorf("%d steps with %d choices: %v", c.steps, c.choices, err)
		}
	}
	young := 0
	for i, f := 0, shipped(t).Flows["job-offer"]; i < len(f.Steps); i++ {
		if f.Borrowed(i) != strings.HasPrefix(f.Steps[i].Text, "young.") {
			t.Errorf("step %s is borrowed: %v", f.Steps[i].Text, f.Borrowed(i))
		} else if f.Borrowed(i) {
			young++
		}
	}
	if young == 0 {
		t.Error("the quiz goes on with none")
	}
}
