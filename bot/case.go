package bot

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/looplab/fsm"

	"patikra/content"
	"patikra/flows"
)

// CaseState is where a case stands.
type CaseState uint8

// The states of a case, in the order of its life.
const (
	NoCase  CaseState = iota
	Waiting           // for a counsellor
	Lapsed            // nobody took it in time; it still waits, and the person knows
	Taken             // a counsellor holds it
	Closed
)

var stateNames = [...]string{"none", "waiting", "lapsed", "held", "closed"}

func (s CaseState) String() string { return stateNames[s] }

// What can happen to a case.
const (
	EventAsk      = "ask" // the person asks for a human
	EventTake     = "take"
	EventRelease  = "release"
	EventTransfer = "transfer"
	EventClose    = "close"
	EventLapse    = "lapse"
	EventReopen   = "reopen"
	EventCall     = "call" // a time for a call is set
)

// life holds the answers of the machine: it was asked once for every event in every state.
var life = func() map[CaseState]map[string]CaseState {
	names := func(states ...CaseState) (out []string) {
		for _, s := range states {
			out = append(out, s.String())
		}
		return out
	}
	events := fsm.Events{
		{Name: EventAsk, Src: names(NoCase, Closed), Dst: Waiting.String()},
		{Name: EventTake, Src: names(Waiting, Lapsed), Dst: Taken.String()},
		{Name: EventRelease, Src: names(Taken), Dst: Waiting.String()},
		{Name: EventTransfer, Src: names(Taken), Dst: Taken.String()},
		{Name: EventLapse, Src: names(Waiting), Dst: Lapsed.String()},
		{Name: EventClose, Src: names(Waiting, Lapsed, Taken), Dst: Closed.String()},
		{Name: EventReopen, Src: names(Closed), Dst: Waiting.String()},
		{Name: EventCall, Src: names(Lapsed, Taken), Dst: Waiting.String()},
	}
	out := map[CaseState]map[string]CaseState{}
	m := fsm.NewFSM(NoCase.String(), events, nil)
	for from := range stateNames {
		out[CaseState(from)] = map[string]CaseState{}
		for _, e := range events {
			m.SetState(stateNames[from])
			err := m.Event(context.Background(), e.Name)
			var same fsm.NoTransitionError
			if err != nil && !errors.As(err, &same) {
				continue
			}
			for to, name := range stateNames {
				if name == m.Current() {
					out[CaseState(from)][e.Name] = CaseState(to)
				}
			}
		}
	}
	return out
}()

// Times in the life of a case.
const (
	ReopenTime = 24 * time.Hour     // a closed case can be taken up again; then the answers are forgotten
	Silence    = 7 * 24 * time.Hour // a case in which nothing happens is closed
)

// How often the counsellors are called before more happens. Each step is as long as desk.yaml's first-answer.
const (
	LapseAfter = 2 // calls for a case that waits, the second with the lead; then the person is told
	BackAfter  = 2 // calls for a talk whose person waits for an answer, the second with the lead; then it goes back into the queue
)

// lapsedEvery is how often the counsellors and the lead are called for a case that has lapsed, for each urgency.
var lapsedEvery = [...]time.Duration{Calm: 30 * time.Minute, Grave: 30 * time.Minute, Danger: 15 * time.Minute}

// What one person can have passed on: so much at once, and one thing each passEvery afterwards, which is what a group of
// counsellors on Telegram takes (20 a minute). Albums, a forwarded conversation and whoever types in short lines are far below
// it. Beyond it both sides are told each cutTime exactly how much was left out.
const (
	PassBurst = 300
	PassEvery = 3 * time.Second
	cutTime   = time.Minute
)

// How a person wants to be answered.
const (
	ByChat uint8 = iota
	ByCall
)

// Kinds of cases.
const (
	AboutOffer  uint8 = iota
	Supervision       // a specialist asks about a case of their own
)

// How urgent a case is.
const (
	Calm   uint8 = iota
	Grave        // many serious signs
	Danger       // an emergency, or somebody under age
)

// Case is a conversation that waits for a counsellor, or is held by one. The desk knows it by its
// word, never by the person's account.
type Case struct {
	State   CaseState
	Kind    uint8
	Next    uint8 // the kind that would be asked for next
	Way     uint8
	Urgent  uint8
	Person  Address // where the conversation takes place
	Word    string  // two neutral words: the pseudonym, and the code word
	Struck  uint32  // lines of the summary that the person strikes out on the screen
	Told    Told    // what they agreed to show; answers given later are not part of it
	Holder  string  // who holds it: an Actor's ID, or @name of somebody it was passed to
	Name    string  // what colleagues call the holder
	Second  string  // who else looks at an emergency
	Since   int64   // when it began to wait or was taken, Unix seconds, as are all times here
	Base    int64   // when somebody was first there to answer what waits: targets count from here
	Asked   int64   // since when the person's words wait for an answer; 0: they do not
	Last    int64   // when anything last happened
	Due     int64   // when it wants to be looked at again
	Calls   uint8   // how often the counsellors have been called
	Topic   int64   // the topic at the desk, 0 when there is none; -1 for a thread of replies
	Card    int64   // the card's message there
	Folded  bool    // the desk had more than it could look at: it shows as one entry with others until somebody takes it
	Bare    bool    // the answers have been forgotten
	Gone    bool    // the person cannot be written to until they come back
	Parted  bool    // they went away in the middle of the talk, and it has not been taken up again
	Rated   uint8
	Flow    int64  // until when what the person writes uses up what can be passed on, in ms since 1970
	Cut     uint32 // things that were not passed on, and of which nobody has been told yet
	CutAt   int64  // since when, Unix seconds
	Call           // a call back as it is being arranged on the screens; counsellors know Told.Call
	Ring    int64  // when the call is due; 0: it is due, or none is wanted
	Tried   int64  // when they were last called
	Reached bool   // they were spoken to

	Held    bool     // a counsellor has held it: it is listed when it is closed
	Heard   Heard    // what was heard in words that were passed on
	Ticked  []uint32 // steps of protocols that are done, by tickOf
	Outcome Finding  // what the talk came to, as a counsellor says
	Place   string   // whom the person was referred to, a place's name; Nowhere: nobody; empty: nobody has said
	Counted bool     // the outcome is in the counts: a talk counts once, however often it is closed
	Barred  int64    // until then no counsellor is there for the person, unless they are in danger; 0: one is
	Files   uint8    // files that were passed on, numbered from 1
	Kept    uint32   // which of them are kept, by the bit of their number
	Bytes   uint32   // of those
}

// Heard is what the reader of typed words has heard.
type Heard uint8

// What is heard.
const HeardDespair Heard = 1 // they want to die, or to hurt themselves

// Told is what a person agreed to show: where they stood in the quiz, without the lines they struck out.
type Told struct {
	Book, Quiz, End string
	Stage           Stage
	Struck          uint32
	Given           []flows.Given // never changed in place
	Country         string        // where they are, as "DE"; empty: they have not said
	Call            Call          // how they agreed to be called back
	Filled          []flows.Given // what a counsellor has filled in for them; never changed in place
}

// Told is a session as the desk may know it.
func (s Session) Told() Session {
	if c := s.Case; c != nil {
		own := *c
		own.Struck, own.Call = c.Told.Struck, c.Told.Call
		if !slices.Equal(s.Given, c.Told.Given) || s.Quiz != c.Told.Quiz { // the country belongs to other answers
			s.Job = ""
		}
		s.Before, s.Changing = nil, NoChange
		s.Book, s.Quiz, s.End, s.Stage, s.Given = c.Told.Book, c.Told.Quiz, c.Told.End, c.Told.Stage, c.Told.Given
		s.Over, s.Case, s.Country = Nothing, &own, c.Told.Country
	}
	return s
}

// Active reports whether a human is awaited or there: the quiz is silent then.
func (c *Case) Active() bool {
	return c != nil && (c.State == Waiting || c.State == Lapsed || c.State == Taken)
}

// Can reports whether something can happen to the case now.
func (c *Case) Can(event string) bool {
	_, ok := life[c.State][event]
	return ok
}

// Move lets something happen, and reports whether it could.
func (c *Case) Move(event string, at time.Time) bool {
	to, ok := life[c.State][event]
	if !ok {
		return false
	}
	c.State, c.Last = to, at.Unix()
	switch event {
	case EventAsk, EventRelease, EventReopen, EventCall:
		c.Holder, c.Name, c.Since, c.Base, c.Calls, c.Rated = "", "", at.Unix(), at.Unix(), 0, 0
	case EventTake, EventTransfer:
		c.Since, c.Calls, c.Folded = at.Unix(), 0, false
	case EventClose:
		c.Since, c.Holder, c.Name, c.Asked, c.Ring = at.Unix(), "", "", 0, 0
	}
	return true
}

// HeldBy reports whether the case is this counsellor's.
func (c *Case) HeldBy(a Actor) bool {
	return c.State == Taken && (c.Holder == a.ID || a.User != "" && strings.EqualFold(c.Holder, "@"+a.User))
}

// DueAt says when the case next wants to be looked at, zero when never.
func (c *Case) DueAt(d *content.Desk) int64 {
	due := c.next(d)
	if c.Cut > 0 && c.Active() {
		due = min(due, c.CutAt+int64(cutTime/time.Second))
	}
	if c.Ring != 0 && c.Active() {
		due = min(due, c.Ring)
	}
	return due
}

// next is due by what the case waits for.
func (c *Case) next(d *content.Desk) int64 {
	target := int64(d.FirstAnswer / time.Second)
	end := c.Last + int64(Silence/time.Second)
	switch c.State {
	case Waiting:
		if c.Folded {
			return end
		}
		return min(c.Base+int64(c.Calls+1)*target, end)
	case Taken:
		if c.Asked == 0 {
			return end
		}
		if c.Way == ByCall && c.Ring == 0 { // whoever is on the phone does not write
			target *= 3
		}
		return min(c.Owed()+int64(c.Calls+1)*target, end)
	case Lapsed:
		if c.Folded {
			return end
		}
		return min(c.Base+(LapseAfter+1)*target+int64(max(c.Calls, LapseAfter)-LapseAfter)*c.again(), end)
	case Closed:
		if !c.Bare {
			return c.Since + int64(ReopenTime/time.Second)
		}
		return c.Since + int64(max(d.Keep, ReopenTime)/time.Second)
	}
	return 0
}

// again is how long after one call for a case that has lapsed the next comes, in seconds.
func (c *Case) again() int64 { return int64(lapsedEvery[min(c.Urgent, Danger)] / time.Second) }

// Called counts a call of the counsellors. More than can be counted move the time from which calls count.
func (c *Case) Called() {
	if c.Calls == math.MaxUint8 {
		c.Base += c.again()
		return
	}
	c.Calls++
}

// Owed is since when whoever holds the case could have answered.
func (c *Case) Owed() int64 { return max(c.Asked, c.Base, c.Since) }

// Mark is the case's entry in the index; the zero Mark takes it out.
func (c *Case) Mark() Mark {
	if !c.Active() && !(c.State == Closed && c.Held) {
		return Mark{}
	}
	since := c.Since
	if c.Later() {
		since = c.Ring
	}
	return Mark{State: uint8(c.State), Urgent: c.Urgent, Since: time.Unix(since, 0)}
}

// Actor is a counsellor who does something.
type Actor struct {
	ID   string // "telegram:7" or "console:ruta"
	Name string // what colleagues call them
	User string // their @name on Telegram, without the @
	Lead bool   `json:"-"` // may release what somebody else holds
}

// HasAccount reports whether the counsellor works at the page.
func (a Actor) HasAccount() bool { return strings.HasPrefix(a.ID, ConsoleName+":") }

// Desk is the state of the desk as a turn sees it. The zero Desk means that there is none.
type Desk struct {
	On        bool          // counsellors can be reached through this program
	Always    bool          // open whatever the hours say
	Words     bool          // what lies on a network cannot be copied to the counsellors: they read the log
	Files     bool          // they read in a browser, where files are shown
	Group     bool          // a group that takes files too
	Photos    bool          // the person's network gives out pictures and words alone
	Ahead     int           // cases that wait before this one
	Usual     time.Duration // how long people waited lately; 0: unknown
	Duty      []Actor       // who is on duty and can be reached
	Full      bool          // a new case is to be folded
	Nobody    bool          // counsellors are reached by their page alone, and none who is on duty has it open
	Luck      uint64        // random, for what nobody should foresee
	Long      bool          // two words do for no new case any more
	Code      string        // what proves to staff whose conversation it is; for the person alone
	Returning Returning     // a return code that the person may be given
	Bridge    Bridge        // a link into a chat that they may be given
	Spoken    []string      // languages that those on duty speak; those of desk.yaml when nobody is
	Speaks    []string      // languages of the counsellor who answers the person after an act
	Aside     []Line        // what was said while the case was put aside, where a turn ends that
}

// ConsoleName stands before the id of an actor who has an account.
const ConsoleName = "console"

// Open reports whether the case can still be taken up again.
func (c *Case) Open(now time.Time) bool {
	return c.Active() || c.State == Closed && now.Unix()-c.Since < int64(ReopenTime/time.Second)
}

// Bars reports whether a person is barred from the counsellors at a time, but for danger.
func (c *Case) Bars(now time.Time) bool { return c != nil && c.Barred > now.Unix() }

// Calling is a step at which a case calls counsellors.
type Calling struct {
	Person Address
	Holder string // who holds the talk whose person waits for an answer, an Actor's ID or an @name; empty: the case waits for anybody
	Lead   bool   // the lead is called too
	Again  bool   // it has called before, and nobody came
	Danger bool
	At     time.Time
}
