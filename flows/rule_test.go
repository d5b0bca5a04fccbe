package flows

import (
	"slices"
	"strings"
	"testing"
)

// scale is the counting rule over a few flags, each called after its grade and basket: D1 and D2 decide, D5 decides and presses,
// D4 stands aside, D3 and D6 support.
func scale() (*Risk, map[string]int) {
	r := &Risk{
		Baskets: []string{"D1", "D2", "D3", "D4", "D5", "D6"}, Stages: []string{"advert", "offer", "leaving"}, Points: []string{"pay", "work"}, Groups: []string{"", "job", "pay"},
		positive: []rule{{strong: 2}, {strong: 1, mediumOrWeak: 1}, {medium: 3}, {medium: 2, weak: 1}},
		deciding: []bool{true, true, false, false, true, false}, aside: []bool{false, false, false, true, false, false}, with: []bool{false, false, false, false, true, false},
		Aside: "rights", concernMedium: 1, concernWeak: 2,
	}
	index := map[string]int{}
	add := func(name string, f Flag) {
		f.Name, index[name] = name, len(r.flags)
		r.flags = append(r.flags, f)
	}
	add("company", Flag{Grade: Weak, Baskets: []int{0}})
	add("young", Flag{Grade: Weightless, Outcome: "young"})
	for _, basket := range []struct {
		name string
		at   []int
	}{{"1", []int{0}}, {"2", []int{1}}, {"3", []int{2}}, {"4", []int{3}}, {"5", []int{4}}, {"12", []int{0, 1}}, {"13", []int{0, 2}}, {"43", []int{3, 2}}} {
		for _, copies := range []string{"", "a", "b"} {
			add("weak"+basket.name+copies, Flag{Grade: Weak, Baskets: basket.at})
			add("medium"+basket.name+copies, Flag{Grade: Medium, Baskets: basket.at})
			add("strong"+basket.name+copies, Flag{Grade: Strong, Baskets: basket.at})
		}
	}
	for _, g := range []struct {
		name  string
		grade Grade
	}{{"job-medium", Medium}, {"job-weak", Weak}, {"job-weaker", Weak}, {"job-medium-too", Medium}, {"job-strong", Strong}} {
		add(g.name, Flag{Grade: g.grade, Group: 1, Baskets: []int{0}})
	}
	add("pay-weak", Flag{Grade: Weak, Group: 2, Baskets: []int{0}})
	add("pay-supporting", Flag{Grade: Strong, Group: 2, Baskets: []int{2}})
	add("late", Flag{Grade: Strong, From: 3, Baskets: []int{0}})
	add("later", Flag{Grade: Medium, From: 3, Early: Weak, Baskets: []int{0}})
	add("raise", Flag{Grade: Raise})
	add("none", Flag{Grade: Weightless})
	add("stop", Flag{Grade: Stop, Baskets: []int{2}})
	add("emergency", Flag{Grade: EmergencyGrade, Baskets: []int{2}})
	far, near := Set{}, Set{}
	far.add(0)
	near.add(1)
	r.together = []together{
		{flags: flagsOf(index, "weak2", "late"), raises: index["stop"], lift: -1},
		{flags: flagsOf(index, "weak1"), notes: far, raises: index["company"], lift: -1},
		{flags: flagsOf(index, "company"), notes: near, raises: -1, lift: index["company"], to: Stop},
		{flags: flagsOf(index, "strong1", "weak5"), notes: near, raises: -1, lift: index["strong1"], to: Medium},
	}
	return r, index
}

func flagsOf(index map[string]int, names ...string) (s Set) {
	for _, n := range names {
		s.add(index[n])
	}
	return s
}

func TestWhatSignsAddUpTo(t *testing.T) {
	r, index := scale()
	for _, c := range []struct {
		signs string
		level Level
		end   string // aside, beside
	}{
		{"", Low, ""},
		{"weak1", Low, ""},
		{"weak1 weak1a", Concern, ""},
		{"weak1 weak2", Concern, ""},
		{"weak1 weak1a weak1b", Concern, ""},
		{"medium1", Concern, ""},
		{"medium1 medium1a", Concern, ""},
		{"medium1 weak1 weak1a", Concern, ""},
		{"medium1 medium1a weak1", High, ""},
		{"medium1 medium1a weak2", Concern, ""},
		{"medium1 medium1a medium1b", High, ""},
		{"medium1 medium1a medium2", Concern, ""},
		{"strong1", Concern, ""},
		{"strong1 strong2", Concern, ""},
		{"strong1 medium2 weak5", Concern, ""},
		{"strong1 strong1a", High, ""},
		{"strong1 medium1", High, ""},
		{"strong1 weak1", High, ""},
		{"strong12 weak2", High, ""},
		{"strong12 weak1", High, ""},
		{"weak12", Low, ""},
		{"strong5 weak5", High, ""},
		// supporting baskets never decide
		{"strong3 strong3a medium3 weak3", Low, ""},
		{"strong3 weak1", Low, ""},
		{"strong3 raise", Low, ""},
		{"strong3 strong3a medium5", Concern, ""},
		{"medium13 medium1 weak1", High, ""},
		// a basket aside
		{"medium4", Concern, "aside"},
		{"weak4", Low, ""},
		{"weak4 weak4a", Concern, "aside"},
		{"weak4 weak4a none", Concern, "aside"},
		{"weak4 weak43", Concern, "aside"},
		{"weak4 weak1", Concern, ""},
		{"strong4 strong4a", Concern, "aside"},
		{"strong4 weak1", Concern, "aside"},
		{"medium43", Concern, "aside"},
		{"strong4 medium1", Concern, "beside"},
		{"weak4 medium1", Concern, ""},
		{"strong4 weak4 weak5", Concern, "aside"},
		{"strong4 weak4 medium5", High, "beside"},
		{"strong4 weak4 strong5", High, "beside"},
		{"strong4 weak4 strong1", Concern, "beside"},
		{"strong4 medium5", Concern, "beside"},
		// what follows from one fact counts once, as the heaviest
		{"job-weak", Low, ""},
		{"job-weak job-weaker", Low, ""},
		{"job-medium job-weak job-weaker", Concern, ""},
		{"job-medium job-weak medium1", Concern, ""},
		{"job-weak job-medium-too medium1", Concern, ""},
		{"job-medium-too job-strong", Concern, ""},
		{"job-weak job-strong", Concern, ""},
		{"job-strong weak1", High, ""},
		{"job-medium job-medium-too medium1", Concern, ""},
		{"job-medium weak1 medium1", High, ""},
		// a sign against a point keeps it open
		{"pay-weak", Unknown, ""},
		{"pay-supporting", Low, ""},
		// grave by themselves
		{"stop", High, ""},
		{"emergency", Emergency, ""},
		{"emergency stop strong1 strong1a", Emergency, ""},
		// what raises
		{"raise", Low, ""},
		{"raise none", Low, ""},
		{"medium1 raise", Concern, ""},
		{"weak1 weak2 raise", Concern, ""},
		{"strong1 raise", High, ""},
		{"strong2 raise", High, ""},
		{"strong1 weak2 raise", High, ""},
		{"strong4 raise", High, "beside"},
		{"young", Low, ""},
		{"young strong1", Concern, ""},
	} {
		f := Facts{Flags: flagsOf(index, strings.Fields(c.signs)...)}
		f.Wanted.add(0)
		f.Closed.add(0)
		a := r.Assess(f)
		end := map[[2]bool]string{{true, false}: "aside", {false, true}: "beside"}[[2]bool{a.Aside, a.Beside}]
		if a.Level != c.level || end != c.end || a.Flags != f.Flags || (a.Apart == "young") != strings.HasPrefix(c.signs, "young") {
			t.Errorf("%q comes to %v %q, with flags %v, apart %q", c.signs, a.Level, end, a.Flags, a.Apart)
		}
		if f.Closed = (Set{}); c.level == Low && r.Assess(f).Level != Unknown {
			t.Errorf("%q with an open point comes to %v", c.signs, r.Assess(f).Level)
		}
		if f.Cleared = f.Flags; r.Assess(f).Flags != (Set{}) || r.Assess(f).Level != Unknown {
			t.Errorf("%q stands though an answer has explained it", c.signs)
		}
	}
	var names []string
	for l := Low; l <= Emergency; l++ {
		names = append(names, l.String())
	}
	if !slices.Equal(names, []string{"low", "unknown", "concern", "high", "emergency"}) {
		t.Errorf("the levels are called %v", names)
	}
	if r.concernMedium = 2; r.Assess(Facts{Flags: flagsOf(index, "strong1", "raise")}).Level != Unknown {
		t.Error("something is raised where there is no concern")
	}
	f := Facts{}
	if f.Wanted.add(0); r.Assess(f).Open != f.Wanted {
		t.Error("an open point is not named")
	}
	if f.Wanted, f.Closed = (Set{}), (Set{}); r.Assess(f).Level != Unknown {
		t.Error("where nothing has to be known everything is good")
	}
	f.Flags.add(index["pay-weak"])
	f.Wanted.add(1)
	f.Closed.add(1)
	if r.Assess(f).Level != Low {
		t.Error("a sign against a point that nobody asks for keeps it open")
	}
}

func TestASignWeighsFromItsStageOnAndMoreInCompany(t *testing.T) {
	r, index := scale()
	for _, c := range []struct {
		signs   string
		stage   uint8
		notes   []int
		level   Level
		reasons string // the heaviest first
	}{
		{"late", 0, nil, Unknown, ""},
		{"late", 2, nil, Unknown, ""},
		{"late", 3, nil, Concern, "late"},
		{"later weak2", 2, nil, Concern, "weak2 later"},
		{"later weak2", 3, nil, Concern, "later weak2"},
		{"late later", 3, nil, High, "late later"},
		{"weak2 late", 2, nil, Unknown, "weak2"},
		{"weak2 late", 3, nil, High, "stop late weak2"},
		{"weak1", 0, nil, Unknown, "weak1"},
		{"weak1", 0, []int{0}, Concern, "company weak1"},
		{"weak1", 0, []int{0, 1}, High, "company weak1"},
		{"company", 0, []int{0}, Unknown, "company"},
		{"company", 0, []int{1}, High, "company"},
		{"strong1 weak5", 0, []int{1}, Concern, "strong1 weak5"},
		{"raise weak1", 0, nil, Unknown, "weak1"},
		{"raise medium1", 0, nil, Concern, "raise medium1"},
		{"weak1 medium2 raise strong5 none stop emergency", 0, nil, Emergency, "emergency stop strong5 raise medium2 weak1"},
	} {
		f := Facts{Stage: c.stage, Flags: flagsOf(index, strings.Fields(c.signs)...)}
		for _, n := range c.notes {
			f.Notes.add(n)
		}
		a := r.Assess(f)
		var reasons []string
		for _, i := range a.Reasons {
			reasons = append(reasons, r.flags[i].Name)
		}
		if a.Level != c.level || !slices.Equal(reasons, strings.Fields(c.reasons)) {
			t.Errorf("%q at stage %d with %v comes to %v because of %v", c.signs, c.stage, c.notes, a.Level, reasons)
		}
	}
}

func TestABasketIsPositiveWhenALineIsMet(t *testing.T) {
	for _, c := range []struct {
		holds count
		line  rule
		met   bool
	}{
		{count{strong: 2}, rule{strong: 2}, true},
		{count{strong: 1, medium: 9, weak: 9}, rule{strong: 2}, false},
		{count{strong: 1, weak: 1}, rule{strong: 1, mediumOrWeak: 1}, true},
		{count{strong: 1, medium: 1}, rule{strong: 1, mediumOrWeak: 1}, true},
		{count{strong: 9}, rule{strong: 1, mediumOrWeak: 1}, false},
		{count{medium: 2, weak: 1}, rule{medium: 2, weak: 1}, true},
		{count{medium: 3}, rule{medium: 2, weak: 1}, false},
		{count{medium: 1, weak: 2}, rule{medium: 2, weak: 1}, false},
		{count{medium: 3, weak: 2}, rule{medium: 2, weak: 1, mediumOrWeak: 2}, true},
		{count{medium: 2, weak: 2}, rule{medium: 2, weak: 1, mediumOrWeak: 2}, false},
	} {
		if c.holds.meets(c.line) != c.met {
			t.Errorf("%+v meets %+v: %v", c.holds, c.line, !c.met)
		}
	}
}

// Answers add up: none takes away what another says.
func TestWhatOneAnswerSaysAnotherDoesNotTakeAway(t *testing.T) {
	var all Facts
	for n, one := range []func(*Facts) *Set{
		func(f *Facts) *Set { return &f.Flags }, func(f *Facts) *Set { return &f.Cleared }, func(f *Facts) *Set { return &f.Green },
		func(f *Facts) *Set { return &f.Notes }, func(f *Facts) *Set { return &f.Closed },
	} {
		for i := range 4 {
			f := Facts{Stage: uint8(4 - i)}
			one(&f).add(n + 60*i)
			all.union(f)
		}
		for i := range 4 {
			if s := *one(&all); !s.has(n+60*i) || s.Len() != 4 || all.Stage != 4 {
				t.Errorf("of the facts of kind %d there is %v at stage %d", n, s, all.Stage)
			}
		}
	}
}
