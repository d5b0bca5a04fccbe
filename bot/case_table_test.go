package bot

import (
	"reflect"
	"testing"
	"time"

	"patikra/content"
	"patikra/flows"
)

// What can happen to a case in each state, and what it is then.
func TestWhatCanHappenToACase(t *testing.T) {
	states := []CaseState{NoCase, Waiting, Lapsed, Taken, Closed}
	at := time.Unix(1_700_000_000, 0)
	for event, leads := range map[string]map[CaseState]CaseState{
		"ask":      {NoCase: Waiting, Closed: Waiting},
		"take":     {Waiting: Taken, Lapsed: Taken},
		"release":  {Taken: Waiting},
		"transfer": {Taken: Taken},
		"lapse":    {Waiting: Lapsed},
		"close":    {Waiting: Closed, Lapsed: Closed, Taken: Closed},
		"reopen":   {Closed: Waiting},
		"nothing":  {},
	} {
		for _, from := range states {
			was := Case{State: from, Holder: "h", Name: "n", Since: 1, Base: 2, Asked: 3, Last: 4, Calls: 5, Rated: 6, Folded: true}
			c, want := was, was
			to, can := leads[from]
			if can {
				want.State, want.Last = to, at.Unix()
				switch event {
				case "ask", "release", "reopen": // it waits from now on, nobody's
					want.Holder, want.Name, want.Since, want.Base, want.Calls, want.Rated = "", "", at.Unix(), at.Unix(), 0, 0
				case "take", "transfer": // the time to answer begins anew
					want.Since, want.Calls, want.Folded = at.Unix(), 0, false
				case "close":
					want.Since, want.Holder, want.Name, want.Asked = at.Unix(), "", "", 0
				}
			}
			if c.Can(event) != can || c.Move(event, at) != can || !reflect.DeepEqual(c, want) {
				t.Errorf("%s of a case that is %s: %+v", event, from, c)
			}
		}
	}
	for i, name := range []string{"none", "waiting", "lapsed", "held", "closed"} {
		c := &Case{State: states[i], Urgent: Grave, Since: 9}
		active := i >= 1 && i <= 3
		if mark := c.Mark(); states[i].String() != name || c.Active() != active || active && mark != (Mark{State: uint8(i), Urgent: Grave, Since: time.Unix(9, 0)}) || !active && mark != (Mark{}) {
			t.Errorf("a case that is %s is active %v, with the mark %+v", states[i], c.Active(), mark)
		}
		if open := c.Open(time.Unix(9, 0).Add(24*time.Hour - time.Second)); open != (i != 0) || c.Open(time.Unix(9, 0).Add(24*time.Hour)) != active {
			t.Errorf("a case that is %s can be taken up again: %v", name, open)
		}
	}
	for _, c := range []struct {
		c     Case
		later bool // it waits for the time of a call, and stands in the queue from then
	}{
		{Case{State: Waiting, Since: 9, Base: 50, Ring: 50}, true}, {Case{State: Waiting, Since: 9, Base: 60, Ring: 50}, true}, {Case{State: Waiting, Since: 9, Base: 49, Ring: 50}, false},
		{Case{State: Taken, Since: 9, Base: 50, Ring: 50}, false}, {Case{State: Waiting, Since: 9, Base: 50}, false},
	} {
		if since := c.c.Mark().Since.Unix(); c.c.Later() != c.later || c.later && since != 50 || !c.later && since != 9 {
			t.Errorf("%+v waits for a call: %v, and stands in the queue since %d", c.c, !c.later, since)
		}
	}
	if (*Case)(nil).Active() {
		t.Error("there is a case where there is none")
	}
}

func TestACaseIsLookedAtWhenItSays(t *testing.T) {
	d := &content.Desk{FirstAnswer: 5 * time.Minute, Keep: 72 * time.Hour}
	const day, five = 24 * 60 * 60, 5 * 60
	for what, c := range map[string]struct {
		c    Case
		keep time.Duration
		due  int64
	}{
		"no case":                                  {c: Case{Last: 9}},
		"who waits is called for":                  {c: Case{State: Waiting, Base: 1000, Last: 900}, due: 1000 + five},
		"and again":                                {c: Case{State: Waiting, Base: 1000, Last: 900, Calls: 2}, due: 1000 + 3*five},
		"until a week is over":                     {c: Case{State: Waiting, Base: 1000 + 7*day, Last: 900}, due: 900 + 7*day},
		"what is put aside waits":                  {c: Case{State: Waiting, Base: 1000, Last: 900, Folded: true}, due: 900 + 7*day},
		"nobody came, and it is called again":      {c: Case{State: Lapsed, Base: 1000, Last: 900}, due: 1000 + 3*five},
		"and again, as it is grave":                {c: Case{State: Lapsed, Base: 1000, Last: 900, Urgent: Grave, Calls: 4}, due: 1000 + 3*five + 2*30*60},
		"nobody came, and it is put aside":         {c: Case{State: Lapsed, Base: 1000, Last: 900, Folded: true}, due: 900 + 7*day},
		"nobody came, however often it was called": {c: Case{State: Lapsed, Base: 1000, Last: 900, Calls: 255}, due: 1000 + 3*five + 253*30*60},
		"held and answered":                        {c: Case{State: Taken, Base: 1000, Last: 900}, due: 900 + 7*day},
		"held and not answered":                    {c: Case{State: Taken, Base: 100, Asked: 1000, Last: 900}, due: 1000 + five},
		"asked before anybody was there":           {c: Case{State: Taken, Base: 2000, Asked: 1000, Last: 900}, due: 2000 + five},
		"held, not answered and reminded":          {c: Case{State: Taken, Asked: 1000, Last: 900, Calls: 1}, due: 1000 + 2*five},
		"held since the words came":                {c: Case{State: Taken, Asked: 1000, Since: 1500, Last: 900}, due: 1500 + five},
		"held, and a call is arranged":             {c: Case{State: Taken, Asked: 1000, Last: 900, Way: ByCall, Ring: 9000}, due: 1000 + five},
		"held by whoever is on the phone":          {c: Case{State: Taken, Asked: 1000, Last: 900, Way: ByCall}, due: 1000 + 3*five},
		"not answered for a week":                  {c: Case{State: Taken, Asked: 1000 + 8*day, Last: 900}, due: 900 + 7*day},
		"closed, with its answers":                 {c: Case{State: Closed, Since: 1000, Last: 900}, due: 1000 + day},
		"closed, without its answers":              {c: Case{State: Closed, Since: 1000, Bare: true}, due: 1000 + 3*day},
		"kept for less than a day":                 {c: Case{State: Closed, Since: 1000, Bare: true}, keep: time.Hour, due: 1000 + day},
		"something was left out":                   {c: Case{State: Taken, Last: 900, Cut: 1, CutAt: 950}, due: 950 + 60},
		"something was left out long ago":          {c: Case{State: Waiting, Base: 1000, Last: 900, Cut: 1, CutAt: 5000}, due: 1000 + five},
		"left out, and closed":                     {c: Case{State: Closed, Since: 1000, Cut: 1, CutAt: 950}, due: 1000 + day},
		"a call at a time, while held":             {c: Case{State: Taken, Last: 900, Ring: 2000}, due: 2000},
		"a call, and who waits before it":          {c: Case{State: Waiting, Base: 1000, Last: 900, Ring: 5000}, due: 1000 + five},
		"a call, and the case is closed":           {c: Case{State: Closed, Since: 1000, Ring: 950}, due: 1000 + day},
	} {
		desk := *d
		if c.keep > 0 {
			desk.Keep = c.keep
		}
		if due := c.c.DueAt(&desk); due != c.due {
			t.Errorf("%s: looked at after %d s, not %d", what, due, c.due)
		}
	}
}

func TestWhoseACaseIs(t *testing.T) {
	ona, jonas := Actor{ID: "telegram:1", User: "Ona"}, Actor{ID: "telegram:2"}
	if !(Actor{ID: "console:ona"}).HasAccount() || ona.HasAccount() || (Actor{ID: "console"}).HasAccount() {
		t.Error("who works at the page is told wrongly")
	}
	for _, c := range []struct {
		state  CaseState
		holder string
		who    Actor
		held   bool
	}{
		{Taken, "telegram:1", ona, true}, {Taken, "@ona", ona, true}, {Taken, "@Ona", ona, true}, {Taken, "@", jonas, false}, {Taken, "telegram:2", ona, false},
		{Taken, "@ona", jonas, false}, {Waiting, "telegram:1", ona, false}, {Closed, "@ona", ona, false},
	} {
		if held := (&Case{State: c.state, Holder: c.holder}); held.HeldBy(c.who) != c.held {
			t.Errorf("a case of %q that is %s is %s's: %v", c.holder, c.state, c.who.ID, !c.held)
		}
	}
}

// Counsellors see what a person agreed to show, and nothing that was answered later.
func TestTheDeskKnowsOfASessionWhatWasAgreed(t *testing.T) {
	given := []flows.Given{{Step: 1, Picks: 2}}
	told := Told{Book: "b", Quiz: "job-offer", End: "high", Stage: Finished, Struck: 5, Given: given, Country: "DE", Call: Call{Phone: "+37060000000"}}
	later := Session{Book: "c", Quiz: "young", End: "low", Stage: Asking, Over: Consent, Job: "NO", Country: "SE", Lang: "lt", Changing: FromEarly,
		Before: given, Given: []flows.Given{{Step: 1, Picks: 1}}, Case: &Case{State: Taken, Word: "w", Struck: 1, Told: told, Call: Call{Phone: "+37061111111"}}}
	want := Session{Book: "b", Quiz: "job-offer", End: "high", Stage: Finished, Lang: "lt", Country: "DE", Given: given,
		Case: &Case{State: Taken, Word: "w", Struck: 5, Told: told, Call: told.Call}}
	if got := later.Told(); !reflect.DeepEqual(got, want) {
		t.Errorf("the desk knows %+v of %+v", got, got.Case)
	}
	if later.Case.Struck != 1 || later.Case.Call.Phone != "+37061111111" {
		t.Error("the session has changed")
	}
	for _, c := range []struct {
		quiz  string
		given []flows.Given
		job   string
	}{{"job-offer", given, "NO"}, {"young", given, ""}, {"job-offer", nil, ""}} {
		now := later
		if now.Quiz, now.Given = c.quiz, c.given; now.Told().Job != c.job {
			t.Errorf("where the job is, with the quiz %s and %v: %q", c.quiz, c.given, now.Told().Job)
		}
	}
	none := later
	if none.Case = nil; !reflect.DeepEqual(none.Told(), none) {
		t.Error("without a case something else is known")
	}
}
