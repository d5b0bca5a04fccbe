package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/looplab/fsm"
)

// Limits of one quiz. Picks of a step are kept as bits, and a step in one byte.
const (
	MaxSteps   = 200
	MaxChoices = 13       // Messenger shows no more quick replies
	MaxAsked   = 24       // questions on any path
	MaxFlags   = maxNames // red flags of all quizzes together
)

// Result is the end that the counting rule decides. Every other end is named in flags.yaml as an outcome.
const Result = "result"

// None and Unsure stand alone on a screen where several things can be ticked.
const (
	None   = "none"
	Unsure = "unsure"
)

// events of the machine that are not answers
const (
	pass   = "+pass"   // the step is not asked
	skip   = "+skip"   // the person skips the step
	enough = "+enough" // the answers suffice
	ticked = "+ticked" // several choices were ticked
)

// Choice is one answer to a step.
type Choice struct {
	Answer    string
	Alone     bool     // on a screen of ticks: goes on at once
	Right     bool     // in a training: it is recommended
	Countries []string // where the job is, as two letters: those that the answer covers
	Country   string   // where the job is by this answer alone, as two letters
	Then      bool     // it has words of its own that say what to do now
	Mute      bool     // it has no words yet in the language that the book is for: nobody is shown it
	facts     Facts
	next      string
}

// condition says when a step is asked.
type condition struct {
	any, none Facts
	from      Level // the answers must have come to this level
}

func (c condition) met(f Facts, level Level) bool {
	if level < c.from {
		return false
	}
	if c.any != (Facts{}) && !(f.Flags.meets(c.any.Flags) || f.Green.meets(c.any.Green) || f.Notes.meets(c.any.Notes)) {
		return false
	}
	return !f.Flags.meets(c.none.Flags) && !f.Green.meets(c.none.Green) && !f.Notes.meets(c.none.Notes)
}

// Step is one question.
type Step struct {
	Name    string
	Words   string // the name under which its words stand in the texts, as happened
	Text    string // the same with the file in which they stand, as young.happened
	Choices []Choice
	Several bool   // several choices may be ticked
	Names   string // the placeholder that stands for the label of the answer in what the quiz says at its end, "" if none
	Where   bool   // it asks in which country the job is: some answers cover countries
	Then    bool   // its answers have words of their own that say what to do now, as each tells
	always  bool
	when    condition
	next    string // where a skipped step leads
	past    string // where a step leads that is not asked: the one below it in the file
	line    int
	was     []string // names that it had before
	Part    Part     // of a training
	Topic   string   // what a case is about
	Sources []string // where its explanations come from
	Laws    []string // what the law says about it, by the names of references
	Mute    bool     // it has no words yet in the language that the book is for: it counts as skipped
}

// Flow is one quiz.
type Flow struct {
	Name     string
	Menu     int    // its place among the quizzes that are offered, from 1; 0 if it is not
	Other    bool   // the person at the keyboard asks on behalf of another
	Apart    string // the end outside the score that it comes to whatever is answered, but for an emergency; "" if there is none
	Openly   bool   // it begins without asking whether the person can read in peace
	base     Facts  // what is known before the first answer
	points   []Set  // the points that should be settled, by the stage; the first: when the stage is not known
	Ask      []int  // points that a result names while they are open, in this order
	trains   bool   // it is a training module
	Steps    []Step
	index    map[string]int
	start    int
	enough   Level
	hasEnd   bool // `enough` was given
	borrowed int  // how many of the last steps are another quiz's
	book     *Book
	leads    *leads
}

// leads are the answers of the machine, which is asked once. They are the same in every language.
type leads struct {
	once sync.Once
	to   map[moment]string
}

// Leads returns the step that a choice names as the next one, nil where it names none.
func (f *Flow) Leads(c Choice) *Step {
	if i, ok := f.index[c.next]; ok {
		return &f.Steps[i]
	}
	return nil
}

// Given is one answered question: the step and the bits of the choices taken; no bit means skipped.
type Given struct {
	Step  uint8
	Picks uint16
}

// Place is where a person stands in a quiz: at a step, or at an end.
type Place struct {
	Step int
	End  string // "" while there is a question
}

// ErrAnswer says that the answer does not belong to the step.
var ErrAnswer = errors.New("that is no answer to this step")

// In returns the choice that covers a country, -1 when none that is shown does.
func (s *Step) In(country string) int {
	return slices.IndexFunc(s.Choices, func(c Choice) bool { return !c.Mute && slices.Contains(c.Countries, country) })
}

// Nth returns the choice that a person sees in the n-th place, counted from 1, and -1 when there are fewer.
func (s *Step) Nth(n int) int {
	for i := range s.Choices {
		if s.Choices[i].Mute {
			continue
		}
		if n--; n == 0 {
			return i
		}
	}
	return -1
}

// Borrowed reports whether a step, by its place, belongs to another quiz with which this one goes on.
func (f *Flow) Borrowed(i int) bool { return i >= len(f.Steps)-f.borrowed }

// Start is the first place of the quiz.
func (f *Flow) Start() Place {
	p, _ := f.settle(f.start, f.base)
	return p
}

// Step returns the place's question.
func (f *Flow) Step(i int) *Step { return &f.Steps[i] }

// Facts gathers what all the answers say.
func (f *Flow) Facts(given []Given) Facts {
	out := f.base
	for _, g := range given {
		f.add(&out, g)
	}
	return out
}

func (f *Flow) add(out *Facts, g Given) {
	if int(g.Step) >= len(f.Steps) {
		return
	}
	s := &f.Steps[g.Step]
	for i := range s.Choices {
		if g.Picks&(1<<i) != 0 {
			out.union(s.Choices[i].facts)
		}
	}
	f.want(out)
}

// want notes which points should be settled by now.
func (f *Flow) want(out *Facts) {
	if int(out.Stage) < len(f.points) {
		out.Wanted = f.points[out.Stage]
	}
}

// Advance takes an answer to the last place and says where it leads. The answers before it are given;
// picks has a bit for each choice taken, none to skip the question.
func (f *Flow) Advance(at int, picks uint16, given []Given) (Place, error) {
	s := &f.Steps[at]
	event, err := s.event(picks)
	if err != nil {
		return Place{}, err
	}
	next, err := f.fire(s.Name, event)
	if err != nil {
		return Place{}, err
	}
	facts := f.Facts(given)
	f.add(&facts, Given{Step: uint8(at), Picks: picks})
	if i, ok := f.index[next]; ok {
		return f.settle(i, facts)
	}
	return Place{End: next}, nil
}

// event is what the machine is told of an answer.
func (s *Step) event(picks uint16) (string, error) {
	switch {
	case picks == 0:
		return skip, nil
	case picks >= 1<<len(s.Choices):
		return "", ErrAnswer
	case picks&(picks-1) == 0:
		for i := range s.Choices {
			if picks == 1<<i {
				return s.Choices[i].Answer, nil
			}
		}
	case !s.Several:
		return "", ErrAnswer
	}
	for i := range s.Choices {
		if picks&(1<<i) != 0 && s.Choices[i].Alone {
			return "", ErrAnswer
		}
	}
	return ticked, nil
}

// settle goes on from step i over every step that need not be asked.
func (f *Flow) settle(i int, facts Facts) (Place, error) {
	return f.settleAt(i, facts, f.book.Risk.Assess(facts).Level)
}

// settleAt is settle for facts whose level is known.
func (f *Flow) settleAt(i int, facts Facts, level Level) (Place, error) {
	for range f.Steps {
		s := &f.Steps[i]
		event := ""
		switch {
		case level == Emergency:
			event = enough
		case s.Mute:
			event = skip
		case f.hasEnd && level >= f.enough && !s.always:
			event = pass
		case !s.when.met(facts, level):
			event = pass
		default:
			return Place{Step: i}, nil
		}
		next, err := f.fire(s.Name, event)
		if err != nil {
			return Place{}, err
		}
		n, ok := f.index[next]
		if !ok {
			return Place{End: next}, nil
		}
		i = n
	}
	return Place{}, fmt.Errorf("quiz %s: the steps from %s lead in a circle", f.Name, f.Steps[i].Name)
}

// fire says where an event leads. The machine was asked once for every event at every step; its answers are kept.
func (f *Flow) fire(state, event string) (string, error) {
	f.leads.once.Do(f.ask)
	next, ok := f.leads.to[moment{state, event}]
	if !ok {
		return "", fmt.Errorf("%w: %s at %s", ErrAnswer, event, state)
	}
	return next, nil
}

// moment is an event at a step.
type moment struct{ state, event string }

// ask puts every event at every step to the machine.
func (f *Flow) ask() {
	f.leads.to = map[moment]string{}
	m := f.machine()
	for i := range f.Steps {
		s := &f.Steps[i]
		events := []string{pass, skip, enough, ticked}
		for _, c := range s.Choices {
			events = append(events, c.Answer)
		}
		for _, event := range events {
			m.SetState(s.Name)
			err := m.Event(context.Background(), event)
			var same fsm.NoTransitionError
			if err == nil || errors.As(err, &same) {
				f.leads.to[moment{s.Name, event}] = m.Current()
			}
		}
	}
}

// machine builds the quiz's machine: a state for each step and end, an event for each answer.
func (f *Flow) machine() *fsm.FSM {
	var events fsm.Events
	for i := range f.Steps {
		s := &f.Steps[i]
		on := func(event, next string) {
			events = append(events, fsm.EventDesc{Name: event, Src: []string{s.Name}, Dst: next})
		}
		on(pass, s.past)
		on(skip, s.next)
		on(enough, Result)
		if s.Several {
			on(ticked, s.next)
		}
		for _, c := range s.Choices {
			on(c.Answer, c.next)
		}
	}
	return fsm.NewFSM(f.Steps[f.start].Name, events, nil)
}

// Ahead counts the questions still to come from a place, that one included, if each is skipped. It is what the progress on the screen is made of.
func (f *Flow) Ahead(p Place, given []Given) int {
	facts := f.Facts(given)
	level := f.book.Risk.Assess(facts).Level
	n := 0
	for p.End == "" && n <= len(f.Steps) {
		n++
		i, ok := f.index[f.Steps[p.Step].next]
		if !ok {
			break
		}
		var err error
		if p, err = f.settleAt(i, facts, level); err != nil {
			break
		}
	}
	return n
}
