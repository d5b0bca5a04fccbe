package flows

// Level is how much in the answers calls for care. It speaks of the answers, never of a person.
type Level uint8

// The levels, from the least to the most.
const (
	Low       Level = iota // nothing raised, and enough checks made
	Unknown                // not enough information
	Concern                // some concern
	High                   // many or grave signs
	Emergency              // somebody is in danger now
)

var levelNames = [...]string{"low", "unknown", "concern", "high", "emergency"}

func (l Level) String() string { return levelNames[l] }

// Grade is how much one flag weighs. The words are those of the ILO / European
// Commission indicators (2009); Stop, EmergencyGrade and Raise are ours.
type Grade uint8

// The grades.
const (
	Weak Grade = iota
	Medium
	Strong
	Raise          // lifts the level by one when any strong or medium flag stands
	Stop           // high by itself: acting on the offer could not be undone
	EmergencyGrade // emergency by itself
)

var gradeNames = map[string]Grade{
	"weak": Weak, "medium": Medium, "strong": Strong, "raise": Raise, "stop": Stop, "emergency": EmergencyGrade,
}

// Flag is a red flag.
type Flag struct {
	Name    string
	Grade   Grade
	Baskets []int // indices into Risk.Baskets
	Source  string
	Outcome string // an outcome apart from the score, as for people under 18
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

// Risk is the counting rule, from risk.yaml.
type Risk struct {
	Baskets     []string
	Keys        []string // key checks
	flags       []Flag
	positive    []rule
	deciding    []bool // by basket
	aside       []bool // by basket: it counts, and alone it leads to an end of its own
	Aside       string // that end, "" if there is none
	together    []together
	concernSM   int
	concernWeak int
	concernUnk  int
	lowGreen    int
}

// Facts is what a person's answers say.
type Facts struct {
	Flags, Green, Notes, Unknown Set
}

func (f *Facts) union(o Facts) {
	f.Flags.union(o.Flags)
	f.Green.union(o.Green)
	f.Notes.union(o.Notes)
	f.Unknown.union(o.Unknown)
}

// Assessment is a level and the flags that made it, the heaviest first.
type Assessment struct {
	Level   Level
	Apart   string // an outcome outside the score ("young"), else empty
	Aside   bool   // some concern, and nothing but a basket aside makes it
	Reasons []int  // flags by index in the book, the heaviest first
	Flags   Set    // every flag that stands, those from combinations included
}

type count struct{ strong, medium, weak int }

func (c count) meets(r rule) bool {
	if c.strong < r.strong || c.medium < r.medium || c.weak < r.weak {
		return false
	}
	return c.medium-r.medium+c.weak-r.weak >= r.mediumOrWeak
}

const maxBaskets = 16

// Assess weighs the facts. It is a pure function of them; the rule is that of section
// 1.6 of the evidence base: unknown never lowers the level, a flag never lowers
// it, supporting baskets never decide, and checks made cancel no flag.
func (r *Risk) Assess(f Facts) Assessment {
	a := Assessment{Flags: f.Flags}
	var lifted [maxNames]Grade
	for _, t := range r.together {
		if !a.Flags.covers(t.flags) || !f.Notes.covers(t.notes) {
			continue
		}
		if t.raises >= 0 {
			a.Flags.add(t.raises)
		} else {
			lifted[t.lift] = max(lifted[t.lift], t.to)
		}
	}
	var baskets [maxBaskets]count
	var stop, emergency, raise, strongOrMedium bool
	weak, heavy, other := 0, 0, 0 // other are heavy ones that belong to no basket aside
	a.Flags.each(func(i int) {
		fl := &r.flags[i]
		if fl.Outcome != "" {
			a.Apart = fl.Outcome
		}
		grade := max(fl.Grade, lifted[i])
		switch grade {
		case EmergencyGrade:
			emergency = true
			return
		case Stop:
			stop = true
		case Raise:
			raise = true
			return
		}
		decides, aside := false, false
		for _, b := range fl.Baskets {
			decides = decides || r.deciding[b] || r.aside[b]
			aside = aside || r.aside[b]
			switch grade {
			case Weak:
				baskets[b].weak++
			case Medium:
				baskets[b].medium++
			default:
				baskets[b].strong++
			}
		}
		switch {
		case !decides:
		case grade == Weak:
			weak++
		default:
			heavy++
			strongOrMedium = true
			if !aside {
				other++
			}
		}
	})
	high := stop
	for b := range r.Baskets {
		if !r.deciding[b] {
			continue
		}
		for _, p := range r.positive {
			high = high || baskets[b].meets(p)
		}
	}
	switch {
	case emergency:
		a.Level = Emergency
	case high:
		a.Level = High
	case heavy >= r.concernSM, weak >= r.concernWeak, f.Unknown.Len() >= r.concernUnk:
		a.Level = Concern
	case f.Green.Len() >= r.lowGreen:
		a.Level = Low
	default:
		a.Level = Unknown
	}
	if raise && (strongOrMedium || stop) && a.Level < Emergency {
		a.Level++
	}
	if emergency {
		a.Apart = ""
	}
	a.Aside = a.Level == Concern && heavy > 0 && other == 0
	a.Reasons = r.reasons(a.Flags, &lifted)
	return a
}

// reasons orders the flags from the heaviest to the lightest, as the files order them among equals.
func (r *Risk) reasons(s Set, lifted *[maxNames]Grade) []int {
	if s == (Set{}) {
		return nil
	}
	out := make([]int, 0, s.Len())
	for _, g := range [...]Grade{EmergencyGrade, Stop, Strong, Raise, Medium, Weak} {
		s.each(func(i int) {
			if max(r.flags[i].Grade, lifted[i]) == g {
				out = append(out, i)
			}
		})
	}
	return out
}
