package flows

import "slices"

// Level is how much in the answers calls for care. It speaks of the answers, never of a person.
type Level uint8

// The levels, from the least to the most.
const (
	Low       Level = iota // no sign that counts, and the key points of the stage are settled in good ways
	Unknown                // no sign that counts, and not enough is known yet
	Concern                // some concern
	High                   // many or grave signs
	Emergency              // somebody is in danger now
)

var levelNames = [...]string{"low", "unknown", "concern", "high", "emergency"}

func (l Level) String() string { return levelNames[l] }

// Grade is how much one flag weighs. The words are those of the ILO / European
// Commission indicators (2009); the others are ours.
type Grade uint8

// The grades.
const (
	Weightless     Grade = iota // it is no sign (yet): it counts for nothing and is no reason
	Weak                        // counted
	Medium                      // counted
	Strong                      // counted
	Raise                       // turns concern into high when a strong flag stands
	Stop                        // high by itself: acting on the offer could not be undone
	EmergencyGrade              // emergency by itself
)

var gradeNames = map[string]Grade{
	"none": Weightless, "weak": Weak, "medium": Medium, "strong": Strong, "raise": Raise, "stop": Stop, "emergency": EmergencyGrade,
}

// Flag is a red flag: something that a person stated.
type Flag struct {
	Name    string
	Grade   Grade
	From    uint8    // the stage from which it has this grade, by its place in Risk.Stages and counted from 1; 0: always
	Early   Grade    // its grade before that stage, and when the stage is not known
	Group   int      // flags of one group follow from one fact, and count as the heaviest of them; 0: alone
	Baskets []int    // indices into Risk.Baskets
	About   []string // points and good signs of the same fact, which a result leaves out beside the flag
	Source  string
	Outcome string // an outcome apart from the score, as for people under 18
}

// at is the flag's grade at a stage.
func (f *Flag) at(stage uint8) Grade {
	if stage < f.From {
		return f.Early
	}
	return f.Grade
}

// rule is one line of "positive": a basket that holds at least so much is positive.
type rule struct{ strong, medium, weak, mediumOrWeak int }

// together says what flags and notes mean more in company.
type together struct {
	flags, notes Set
	raises       int // flag, or -1
	lift         int // flag, or -1
	to           Grade
}

// met reports whether everything that the combination names stands.
func (t *together) met(flags, notes Set) bool { return flags.covers(t.flags) && notes.covers(t.notes) }

// Risk is the counting rule, from risk.yaml.
type Risk struct {
	Baskets       []string
	Stages        []string // how far things can have come, from the earliest
	Points        []string // what should be known; a quiz says which of them at which stage
	Groups        []string // the first is empty: flags that belong to none
	flags         []Flag
	positive      []rule
	deciding      []bool // by basket
	aside         []bool // by basket: it counts, and alone it leads to an end of its own
	with          []bool // by basket: beside a positive basket aside, one strong or medium flag of it means high
	Aside         string // that end, "" if there is none
	together      []together
	concernMedium int
	concernWeak   int
}

// Facts is what a person's answers say. Three kinds of knowledge are never mixed: a sign is what the person states, a
// check is what they have done or have, and a point is settled in a good way or open. "I don't know", a skipped
// question and a box left unticked say nothing.
type Facts struct {
	Flags   Set   // signs
	Cleared Set   // signs of a wide answer that a later, closer one explains: they are none
	Green   Set   // checks
	Notes   Set   // plain facts
	Closed  Set   // points that are settled in a good way
	Wanted  Set   // points that should be settled at this stage, by the quiz
	Stage   uint8 // how far things have come, by its place in Risk.Stages and counted from 1; 0: not known
}

func (f *Facts) union(o Facts) {
	f.Flags.union(o.Flags)
	f.Cleared.union(o.Cleared)
	f.Green.union(o.Green)
	f.Notes.union(o.Notes)
	f.Closed.union(o.Closed)
	f.Stage = max(f.Stage, o.Stage)
}

// Open are the points that should be settled by now and are not.
func (f *Facts) Open() Set { return f.Wanted.without(f.Closed) }

// Assessment is a level and the flags that made it, the heaviest first.
type Assessment struct {
	Level   Level
	Apart   string // an outcome outside the score ("young"), else empty
	Aside   bool   // some concern, and nothing but a basket aside makes it
	Beside  bool   // a basket aside counts, and so does something else
	Reasons []int  // flags that count for something, by index in the book, the heaviest first
	Flags   Set    // every flag that stands, those from combinations included
	Open    Set    // points that should be settled by now and are not
}

type count struct{ strong, medium, weak int }

func (c count) meets(r rule) bool {
	if c.strong < r.strong || c.medium < r.medium || c.weak < r.weak {
		return false
	}
	return c.medium-r.medium+c.weak-r.weak >= r.mediumOrWeak
}

func (c *count) add(g Grade) {
	switch g {
	case Weak:
		c.weak++
	case Medium:
		c.medium++
	case Strong:
		c.strong++
	}
}

const (
	maxBaskets = 16
	maxGroups  = 32
)

// standing is what stands and how much it weighs.
type standing struct {
	flags  Set
	grades [maxNames]Grade
}

// stand works out which flags stand: those that were stated and not explained, and those of combinations.
func (r *Risk) stand(f *Facts, s *standing) {
	s.flags = f.Flags.without(f.Cleared)
	ripe := r.ripe(s.flags, f.Stage)
	for i := range r.together {
		if t := &r.together[i]; t.raises >= 0 && t.met(ripe, f.Notes) {
			s.flags.add(t.raises)
		}
	}
	ripe = r.ripe(s.flags, f.Stage)
	s.flags.each(func(i int) { s.grades[i] = r.flags[i].at(f.Stage) })
	for i := range r.together {
		if t := &r.together[i]; t.lift >= 0 && t.met(ripe, f.Notes) {
			s.grades[t.lift] = max(s.grades[t.lift], t.to)
		}
	}
}

// ripe are those of the flags that have their full grade at the stage. What is the ordinary state of an earlier one means
// no more in company than alone.
func (r *Risk) ripe(flags Set, stage uint8) Set {
	out := flags
	flags.each(func(i int) {
		if r.flags[i].From > stage {
			out.remove(i)
		}
	})
	return out
}

// tally is what the flags that stand add up to.
type tally struct {
	baskets                [maxBaskets]count
	seen                   [maxGroups][maxBaskets + 1]Grade // the heaviest of a group so far, in each basket; the last: in all that count
	whole                  count                            // of all that can make a concern
	stop, emergency, raise bool
	strong                 bool
	other, beside          bool // something that counts lies outside the baskets aside; inside
}

// count adds a flag that weighs so much.
func (r *Risk) count(t *tally, fl *Flag, grade Grade) {
	decides, aside := false, false
	for _, b := range fl.Baskets {
		decides = decides || r.deciding[b] || r.aside[b]
		aside = aside || r.aside[b]
		t.into(&t.baskets[b], fl.Group, b, grade)
	}
	if !decides {
		return
	}
	t.into(&t.whole, fl.Group, maxBaskets, grade)
	t.strong = t.strong || grade == Strong
	t.beside = t.beside || aside && grade > Weak
	t.other = t.other || !aside && grade > Weak
}

// into counts a flag in one basket: what follows from one fact counts once there, as the heaviest.
func (t *tally) into(c *count, group, basket int, grade Grade) {
	if group > 0 {
		before := t.seen[group][basket]
		if before >= grade {
			return
		}
		t.seen[group][basket] = grade
		c.take(before)
	}
	c.add(grade)
}

func (c *count) take(g Grade) {
	switch g {
	case Weak:
		c.weak--
	case Medium:
		c.medium--
	case Strong:
		c.strong--
	}
}

// Assess weighs the facts. It is a pure function of them:
//   - only what a person states raises the level, and how much may depend on how far things have come;
//   - high needs a flag that stops, or a deciding basket that is positive; supporting baskets never decide; a positive
//     basket aside needs a strong or medium flag of those named beside it;
//   - concern needs one medium flag or two weak ones;
//   - without such flags it is low when every point that the stage asks for is settled and no flag of a group called as the point
//     is speaks against it, else there is not enough known;
//   - no flag ever lowers the level, no check ever raises it, and checks cancel no flag.
func (r *Risk) Assess(f Facts) Assessment {
	var s standing
	a := r.weigh(&f, &s)
	a.Reasons = r.reasons(&s, a.Level >= Concern)
	return a
}

// weigh is Assess without the reasons, for who only wants to know where the facts lead. What stands is left in s, which must be new.
func (r *Risk) weigh(f *Facts, s *standing) Assessment {
	r.stand(f, s)
	var t tally
	a := Assessment{Flags: s.flags, Open: f.Open()}
	s.flags.each(func(i int) {
		fl := &r.flags[i]
		if fl.Outcome != "" {
			a.Apart = fl.Outcome
		}
		switch grade := s.grades[i]; grade {
		case EmergencyGrade:
			t.emergency = true
		case Stop:
			t.stop = true
		case Raise:
			t.raise = true
		case Weightless:
		default:
			r.count(&t, fl, grade)
		}
	})
	a.Level = r.level(&t, f)
	a.Aside = a.Level == Concern && !t.other && (t.beside || r.onlyAside(s))
	a.Beside = !a.Aside && t.beside
	return a
}

func (r *Risk) level(t *tally, f *Facts) Level {
	high, beside, pressed := t.stop, false, false
	for b := range r.Baskets {
		c, positive := t.baskets[b], r.isPositive(t.baskets[b])
		high = high || r.deciding[b] && positive
		beside = beside || r.aside[b] && positive
		pressed = pressed || r.with[b] && c.strong+c.medium > 0
	}
	high = high || beside && pressed
	concern := t.whole.strong+t.whole.medium >= r.concernMedium || t.whole.weak >= r.concernWeak
	switch {
	case t.emergency:
		return Emergency
	case high, concern && t.raise && t.strong:
		return High
	case concern:
		return Concern
	case f.Wanted != (Set{}) && f.Closed.covers(f.Wanted) && !r.doubted(t, f.Wanted):
		return Low
	}
	return Unknown
}

// doubted reports whether a sign that weighs something speaks against a point that should be settled: one of the group that is
// called as the point is. Else the answer that states the sign, and settles a part of the point, would make the level lower.
func (r *Risk) doubted(t *tally, wanted Set) bool {
	for g, name := range r.Groups {
		if p := slices.Index(r.Points, name); p >= 0 && wanted.has(p) && t.seen[g][maxBaskets] > Weightless {
			return true
		}
	}
	return false
}

func (r *Risk) isPositive(c count) bool {
	for _, p := range r.positive {
		if c.meets(p) {
			return true
		}
	}
	return false
}

// onlyAside reports whether every flag that weighs something lies in a basket aside.
func (r *Risk) onlyAside(s *standing) bool {
	only := true
	s.flags.each(func(i int) {
		in := s.grades[i] == Weightless
		for _, b := range r.flags[i].Baskets {
			in = in || r.aside[b]
		}
		only = only && in
	})
	return only
}

// reasons orders the flags from the heaviest to the lightest, as the files order them among equals. What only raises a
// level is a reason where there is one to raise.
func (r *Risk) reasons(s *standing, raised bool) []int {
	if s.flags == (Set{}) {
		return nil
	}
	out := make([]int, 0, s.flags.Len())
	for _, g := range [...]Grade{EmergencyGrade, Stop, Strong, Raise, Medium, Weak} {
		if g == Raise && !raised {
			continue
		}
		s.flags.each(func(i int) {
			if s.grades[i] == g {
				out = append(out, i)
			}
		})
	}
	return out
}
