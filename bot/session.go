package bot

import (
	"crypto/hmac"
	"slices"
	"time"

	"patikra/flows"
)

// Limits of what a session remembers.
const (
	MaxSeen = 32  // ids of updates, contract item 16
	MaxRefs = 100 // messages that a quick exit removes; Telegram takes no more in one call
)

// deletable is how long Telegram lets a bot remove a message.
const deletable = 48 * time.Hour

// Stage is how far a conversation has come.
type Stage uint8

// The stages, in the order a person meets them.
const (
	Fresh     Stage = iota // nothing has been shown
	Language               // choosing a language
	Welcome                // what this is and what is stored
	Private                // can you read this now?
	Asking                 // at a question
	Finished               // at the result
	Explained              // at the explanation of an answer, in a training; At is the step that comes next
	Checking               // at the list of all answers, before the result; End is where they lead
)

// Over is a screen that lies over the present one until the person returns.
type Over uint8

// The screens that can lie over another.
const (
	Nothing Over = iota
	Why
	Numbers
	Help
	Human
	EraseAsk
	Languages
	Menu
	Consent    // what a counsellor would see
	Strike     // which lines of it
	CallNumber // where to call back
	CallHours
	CallVoice
	CallElse
	Rate      // did it help?
	BridgeAsk // is a talk to go on in this chat too?

	Answers Over = 40 // the list of what was answered: the first page; the next ones follow

	Modules Over = 48 // which training
	Begun   Over = 49 // go on, or begin anew?

	JobCountries Over = 56 // in which country the job is: the first page; the next ones follow

	Countries Over = 64 // which country they are in: the first page; the next ones follow
)

// Answers reports whether a screen is the list of what was answered.
func (o Over) Answers() bool { return o >= Answers && o < Modules }

// OfJob reports whether a screen asks in which country the job is.
func (o Over) OfJob() bool { return o >= JobCountries && o < Countries }

// OfDesk reports whether a screen is about talking with a counsellor.
func (o Over) OfDesk() bool { return o >= Consent && o <= Rate }

// Begun reports whether there are answers to go on with.
func (s Session) Begun() bool {
	return s.Stage >= Asking && (len(s.Given) > 0 || s.Changing != NoChange)
}

// AtDesk reports whether a person is about to talk with a counsellor, or does.
func (s Session) AtDesk() bool { return s.Over.OfDesk() || s.Case.Active() }

// Change says from where an answer is being changed, and so where to lead back to.
type Change uint8

// Where a change began.
const (
	NoChange     Change = iota
	FromQuestion        // or from the list before the result
	FromResult
	FromEarly // a result that was shown before all was asked
)

// Ref is a message that a quick exit should remove, and when it was sent.
type Ref struct{ ID, Minute int64 }

// Session is what we remember of a conversation between two updates: answers as positions in a
// book, never words a person typed.
type Session struct {
	Book     string // the book the quiz began with
	Lang     string
	Quiz     string
	Stage    Stage
	Over     Over
	At       uint8  // the step, while Asking
	End      string // the end, when Finished; of a training the day
	Ticks    uint16 // ticked so far on the present screen
	Serial   uint8  // grows with every screen, so that old buttons are known
	Campaign string
	Country  string // the country they have said they are in, as "DE"; empty: they have not
	Screen   int64  // the message that holds the present screen, 0 if unknown
	Pace     int64  // until when the chat's allowance is used up, in ms since 1970
	Given    []flows.Given
	Seen     []uint64
	Refs     []Ref
	Case     *Case         // once a human was asked for; never changed in place
	Job      string        // the country the job is in, as "DE"; empty: it was not named
	Before   []flows.Given // answers taken back: marked when their question comes again, and in a change taken as they were
	Changing Change
	Missed   uint8  // how often in a row what was typed was not understood, at most mostMissed
	Return   string // the keyed hash of the digits that take up the talk elsewhere; empty: there are none
	Browser  string // which browser has taken it up; empty: the one that began it has it

	Seed uint32 // of a training: from it follows in which order the options of each question stand; 0: as in the file

	Chat        Address // the chat where the talk goes on as well; zero: none
	Bridge      string  // the keyed hash of the link into a chat; empty: none is open
	BridgeUntil int64   // until when that can be used, Unix seconds
	Talk        Address // in a chat: the conversation whose talk it speaks for
	Offer       string  // in a chat: the keyed hash of the link while the person has not said yes to it
}

// Knows reports whether the session remembers an update of that number, which then has been dealt with.
func (s *Session) Knows(id uint64) bool { return id != 0 && slices.Contains(s.Seen, id) }

// Saw notes that an update has been dealt with.
func (s *Session) Saw(id uint64) {
	if id == 0 {
		return
	}
	if len(s.Seen) >= MaxSeen {
		s.Seen = s.Seen[len(s.Seen)-MaxSeen+1:]
	}
	s.Seen = append(s.Seen, id)
}

// Keep notes a message for a quick exit; the oldest are let go.
func (s *Session) Keep(id int64, at time.Time) {
	if id == 0 || slices.ContainsFunc(s.Refs, func(r Ref) bool { return r.ID == id }) {
		return
	}
	oldest := at.Add(-deletable).Unix() / 60
	old := func(r Ref) bool { return r.Minute <= oldest }
	if slices.ContainsFunc(s.Refs, old) { // in a list of its own: the session that a turn is given stays as it is
		s.Refs = slices.DeleteFunc(slices.Clone(s.Refs), old)
	}
	if len(s.Refs) >= MaxRefs {
		s.Refs = s.Refs[len(s.Refs)-MaxRefs+1:]
	}
	s.Refs = append(s.Refs, Ref{id, at.Unix() / 60})
}

// Removable lists the messages young enough to be removed.
func (s *Session) Removable(at time.Time) []int64 {
	oldest := at.Add(-deletable).Add(2*time.Minute).Unix() / 60
	var out []int64
	for _, r := range s.Refs {
		if r.Minute > oldest {
			out = append(out, r.ID)
		}
	}
	return out
}

// Lately reports whether a talk has ended that can still be read, and gone on with.
func (s *Session) Lately(now time.Time) bool {
	c := s.Case
	return c != nil && c.State == Closed && !c.Bare && now.Unix()-c.Since < int64(ReopenTime/time.Second)
}

// Word is what the session's case is called, empty when it is called nothing.
func (s *Session) Word() string {
	if s.Case == nil {
		return ""
	}
	return s.Case.Word
}

// Returning is a return code that a turn may give to the person.
type Returning struct {
	Digits string
	Proof  string // the keyed hash of them
}

// Proves reports whether a return code is the session's.
func (s *Session) Proves(proof string) bool {
	return s.Return != "" && s.Case != nil && hmac.Equal([]byte(s.Return), []byte(proof))
}

// Elsewhere reports whether an update comes from a browser that does not have the talk any more.
func (s *Session) Elsewhere(u *Update) bool {
	return s.Browser != u.Browser && (u.Kind == Typed || u.Kind == Pressed || u.Kind == Attached)
}

// Listing reports whether the list of answers is what the person looks at.
func (s *Session) Listing() bool { return s.Over.Answers() || s.Stage == Checking && s.Over == Nothing }

// Former is what was answered before to the question at which the session stands, no bit when nothing was.
func (s *Session) Former() uint16 {
	for _, g := range s.Before {
		if g.Step == s.At {
			return g.Picks
		}
	}
	return 0
}

// Again reports whether the present question was answered before, or skipped.
func (s *Session) Again() bool {
	return slices.ContainsFunc(s.Before, func(g flows.Given) bool { return g.Step == s.At })
}

// TakeBack moves the last answer to those that are marked when their question comes again.
func (s *Session) TakeBack() {
	last := s.Given[len(s.Given)-1]
	s.Before = append(Without(s.Before, last.Step), last)
	s.Given = s.Given[: len(s.Given)-1 : len(s.Given)-1]
	s.Stage, s.End, s.At = Asking, "", last.Step
}

// Without is a list of its own that has no answer to a step.
func Without(list []flows.Given, step uint8) []flows.Given {
	return slices.DeleteFunc(slices.Clone(list), func(g flows.Given) bool { return g.Step == step })
}

// Resume goes on in a change: to the first question that follows from it, else to where the change began.
func (s *Session) Resume(f *flows.Flow) error {
	given, left, at, err := f.Resume(s.Given, s.Before)
	if err != nil {
		return err
	}
	s.Given, s.Before, s.Over, s.Ticks = given, left, Nothing, 0
	switch {
	case at.End != "":
		if s.Stage = Finished; s.Changing == FromQuestion {
			s.Stage = Checking
		}
		s.End, s.Before, s.Changing = at.End, nil, NoChange
		return nil
	case len(left) == 0 && s.Changing == FromEarly:
		s.Stage, s.End, s.At, s.Changing = Finished, flows.Result, uint8(at.Step), NoChange
		return nil
	case len(left) == 0:
		s.Changing = NoChange
	}
	s.Stage, s.End, s.At = Asking, "", uint8(at.Step)
	return nil
}
