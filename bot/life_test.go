package bot_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

var (
	birute = bot.Actor{ID: "telegram:1", Name: "Birutė", User: "birute_d"}
	asta   = bot.Actor{ID: "telegram:2", Name: "Asta", User: "asta_d"}
)

// lives is the life of a case, written by hand: what becomes of each state by each event. A dash means that
// nothing happens.
const lives = `
           ask      take  release  transfer  lapse   close   reopen   call
none       waiting  -     -        -         -       -       -        -
waiting    -        held  -        -         lapsed  closed  -        -
lapsed     -        held  -        -         -       closed  -        waiting
held       -        -     waiting  held      -       closed  -        waiting
closed     waiting  -     -        -         -       -       waiting  -
`

func TestTheLifeOfACaseIsAsItIsWritten(t *testing.T) {
	lib := builtIn(t)
	rows := strings.Split(strings.TrimSpace(lives), "\n")
	events := strings.Fields(rows[0])
	states := []bot.CaseState{bot.NoCase, bot.Waiting, bot.Lapsed, bot.Taken, bot.Closed}
	if len(rows)-1 != len(states) {
		t.Fatalf("%d states are written", len(rows)-1)
	}
	for r, row := range rows[1:] {
		cells := strings.Fields(row)
		from := states[r]
		if cells[0] != from.String() {
			t.Fatalf("%s is written as %s", from, cells[0])
		}
		for i, event := range events {
			want := cells[i+1]
			c := &bot.Case{State: from, Person: you, Word: "Oak Lake", Since: at.Unix(), Base: at.Unix(), Last: at.Unix(), Calls: 2}
			if can := c.Can(event); can != (want != "-") {
				t.Errorf("%s in %s: possible is %v", event, from, can)
			}
			if want == "-" {
				want = from.String()
			}
			s := bot.Session{Lang: "en", Quiz: "job-offer", Stage: bot.Welcome, Book: lib.ID, Case: c}
			u := bot.Update{ID: 1, From: you, Kind: bot.Acted, Text: event, Actor: asta, At: at.Add(time.Minute), Desk: bot.Desk{On: true, Always: true}}
			if from == bot.Taken {
				c.Holder, c.Name, u.Actor = birute.ID, birute.Name, birute
			}
			switch event {
			case "ask":
				s.Over, u.Kind, u.Text = bot.Consent, bot.Pressed, "human:agree"
			case "transfer":
				u.Text = "transfer @asta"
			case "lapse":
				u.Kind, u.At = bot.Due, at.Add(time.Hour)
			}
			if event == "call" {
				c.Told.Call.Phone = "+37061234567"
				slot := lib.Catalog.Desk.Slots(u.At, 1)[0]
				u.Text = fmt.Sprintf("ring %d", slot.From.Unix())
				if from != bot.Taken { // the person asks for one
					c.Call.Phone, s.Over, u.Kind, u.Text = "+37061234567", bot.Consent, bot.Pressed, "human:send"
					if from == bot.NoCase || from == bot.Closed {
						u.Text = "case:call"
					}
				}
			}
			before := *c
			p := talk.Decide(lib, s, u)
			after := p.Session.Case
			if after == nil || after.State.String() != want {
				t.Errorf("%s in %s leads to %+v instead of %s", event, from, after, want)
				continue
			}
			if !reflect.DeepEqual(*c, before) {
				t.Errorf("%s in %s changes the session that was given", event, from)
			}
			if u.Kind == bot.Acted && p.Refused != (cells[i+1] == "-") {
				t.Errorf("%s in %s: refused is %v", event, from, p.Refused)
			}
			if held := after.Holder != ""; held != (after.State == bot.Taken) {
				t.Errorf("%s in %s: held by %q in %s", event, from, after.Holder, after.State)
			}
			if after.Active() && (after.Due == 0 || !p.Timer) && after.State != from {
				t.Errorf("%s in %s: no timer is set", event, from)
			}
			if event == "transfer" && from == bot.Taken && after.Holder != "@asta" {
				t.Errorf("passed on to %q", after.Holder)
			}
		}
	}
	for _, s := range states {
		if (&bot.Case{State: s}).Can("ask ") || (&bot.Case{State: s}).Can("") {
			t.Errorf("something else is possible in %s", s)
		}
	}
}

func TestOnlyWhoHoldsACaseCanMoveIt(t *testing.T) {
	lib := builtIn(t)
	c := &bot.Case{State: bot.Taken, Person: you, Word: "Oak Lake", Holder: birute.ID, Name: birute.Name, Since: at.Unix(), Base: at.Unix(), Last: at.Unix(), Topic: 5, Card: 6}
	s := bot.Session{Lang: "en", Quiz: "job-offer", Stage: bot.Welcome, Book: lib.ID, Case: c}
	lead := bot.Actor{ID: "console:ona", Name: "Ona", Lead: true}
	for _, x := range []struct {
		by    bot.Actor
		words string
		may   bool
	}{
		{birute, "take", false}, {birute, "release", true}, {birute, "transfer @asta", true}, {birute, "close", true},
		{asta, "take", false}, {asta, "release", false}, {asta, "transfer @asta", false}, {asta, "close", false},
		{birute, "over", false}, {asta, "over", false}, {lead, "over", true},
		{lead, "take", false}, {lead, "release", true}, {lead, "transfer @asta", false}, {lead, "close", false},
		{bot.Actor{}, "release", false}, {bot.Actor{User: "birute"}, "close", false},
		{birute, "transfer", false}, {birute, "transfer @", false}, {birute, "transfer somebody", false}, {birute, "dance", false}, {birute, "", false},
	} {
		p := talk.Decide(lib, s, bot.Update{ID: 2, From: you, Kind: bot.Acted, Text: x.words, Actor: x.by, At: at.Add(time.Minute), Desk: bot.Desk{On: true}})
		if p.Refused == x.may {
			t.Errorf("%q by %q: refused is %v", x.words, x.by.ID, p.Refused)
		}
		if !x.may && (len(p.Send) > 0 || p.Session.Case.Holder != birute.ID) {
			t.Errorf("%q by %q changes something", x.words, x.by.ID)
		}
		if p.Toast == "" {
			t.Errorf("%q by %q is not answered", x.words, x.by.ID)
		}
		p = talk.Decide(lib, s, bot.Update{ID: 3, From: you, Kind: bot.Said, Text: "Hello", Actor: x.by, At: at.Add(time.Minute), Desk: bot.Desk{On: true}})
		if said := len(p.Send) > 0; said != (x.by.ID == birute.ID) {
			t.Errorf("words of %q reach the person: %v", x.by.ID, said)
		}
	}
}

func TestAClosedCaseIsOpenedAgainWithinADayOnly(t *testing.T) {
	lib := builtIn(t)
	for _, x := range []struct {
		after time.Duration
		may   bool
	}{{0, true}, {time.Hour, true}, {24*time.Hour - time.Second, true}, {24 * time.Hour, false}, {30 * 24 * time.Hour, false}} {
		c := &bot.Case{State: bot.Closed, Person: you, Word: "Oak Lake", Since: at.Unix(), Last: at.Unix()}
		s := bot.Session{Lang: "en", Quiz: "job-offer", Stage: bot.Welcome, Book: lib.ID, Case: c}
		p := talk.Decide(lib, s, bot.Update{ID: 1, From: you, Kind: bot.Acted, Text: "reopen", Actor: asta, At: at.Add(x.after)})
		if p.Refused == x.may {
			t.Errorf("after %v: refused is %v", x.after, p.Refused)
		}
	}
}

// deskOf is the desk of the built-in files with other times.
func deskOf(t *testing.T, hours, holidays string) *library.Library {
	t.Helper()
	files := copyOf(t)
	file := files["content/desk.yaml"]
	text := string(file.Data)
	i, j := strings.Index(text, "hours:\n"), strings.Index(text, "first-answer:")
	file.Data = []byte(text[:i] + "hours: " + hours + "\nholidays: " + holidays + "\n" + text[j:])
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestTheDeskOpensWhenItSays(t *testing.T) {
	unwatched(t)
	vilnius, err := time.LoadLocation("Europe/Vilnius")
	if err != nil {
		t.Fatal(err)
	}
	when := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		out, err := time.ParseInLocation("2006-01-02 15:04", s, vilnius)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const week, never = `["mon-fri 09:00-17:00"]`, "[]"
	for _, x := range []struct{ name, hours, holidays, now, want string }{
		{"before it opens", week, never, "2026-03-02 08:59", "2026-03-02 09:00"},
		{"as it opens", week, never, "2026-03-02 09:00", "2026-03-02 09:00"},
		{"within its hours", week, never, "2026-03-02 16:59", "2026-03-02 16:59"},
		{"as it closes", week, never, "2026-03-02 17:00", "2026-03-03 09:00"},
		{"on Friday evening", week, never, "2026-03-06 18:00", "2026-03-09 09:00"},
		{"on Sunday", week, never, "2026-03-08 12:00", "2026-03-09 09:00"},
		{"between two shifts", `["mon 09:00-12:00", "mon 13:00-17:00"]`, never, "2026-03-02 12:30", "2026-03-02 13:00"},
		{"of two shifts out of order the earlier", `["mon 13:00-17:00", "mon 09:00-12:00"]`, never, "2026-03-02 08:00", "2026-03-02 09:00"},
		{"while two shifts overlap", `["mon 09:00-13:00", "mon 12:00-17:00"]`, never, "2026-03-02 13:30", "2026-03-02 13:30"},
		{"over midnight by two shifts", `["mon 20:00-24:00", "tue 00:00-04:00"]`, never, "2026-03-03 00:00", "2026-03-03 00:00"},
		{"a moment before midnight", `["mon 20:00-24:00"]`, never, "2026-03-02 23:59", "2026-03-02 23:59"},
		{"over the end of the week", `["sat-mon 10:00-12:00"]`, never, "2026-03-06 13:00", "2026-03-07 10:00"},
		{"on Sunday of sat-mon", `["sat-mon 10:00-12:00"]`, never, "2026-03-08 11:00", "2026-03-08 11:00"},
		{"on Tuesday after sat-mon", `["sat-mon 10:00-12:00"]`, never, "2026-03-10 11:00", "2026-03-14 10:00"},
		{"on a holiday of every year", week, `["03-02"]`, "2026-03-02 10:00", "2026-03-03 09:00"},
		{"on a holiday of this year", week, `["2026-03-02"]`, "2026-03-02 10:00", "2026-03-03 09:00"},
		{"on the holiday of another year", week, `["2027-03-02"]`, "2026-03-02 10:00", "2026-03-02 10:00"},
		{"over holidays and a weekend", week, `["12-24", "12-25", "12-26"]`, "2026-12-23 17:00", "2026-12-28 09:00"},
		{"on 29 February", week, `["02-29"]`, "2028-02-29 10:00", "2028-03-01 09:00"},
		{"over New Year", week, `["01-01"]`, "2026-12-31 17:00", "2027-01-04 09:00"},
		{"the weekend on which the clocks go forward", week, never, "2026-03-28 12:00", "2026-03-30 09:00"},
		{"the day on which the clocks go forward", `["sun 09:00-17:00"]`, never, "2026-03-29 00:30", "2026-03-29 09:00"},
		{"within hours on that day", `["sun 09:00-17:00"]`, never, "2026-03-29 16:59", "2026-03-29 16:59"},
		{"after hours on that day", `["sun 09:00-17:00"]`, never, "2026-03-29 17:00", "2026-04-05 09:00"},
		{"the day on which the clocks go back", `["sun 09:00-17:00"]`, never, "2026-10-25 00:30", "2026-10-25 09:00"},
		{"within hours on that day too", `["sun 09:00-17:00"]`, never, "2026-10-25 16:59", "2026-10-25 16:59"},
		{"all day on the day of 25 hours", `["sun 00:00-24:00"]`, never, "2026-10-25 23:59", "2026-10-25 23:59"},
		{"no hours at all", never, never, "2026-03-02 10:00", ""},
		{"no shift within a fortnight", `["mon 09:00-10:00"]`, `["2026-03-02", "2026-03-09", "2026-03-16"]`, "2026-03-02 08:00", ""},
		{"the last day of the fortnight", `["mon 09:00-10:00"]`, `["2026-03-02", "2026-03-09"]`, "2026-03-02 08:00", "2026-03-16 09:00"},
	} {
		t.Run(x.name, func(t *testing.T) {
			desk := deskOf(t, x.hours, x.holidays).Catalog.Desk
			now := when(x.now)
			for _, now := range []time.Time{now, now.UTC()} { // whatever clock the machine shows
				if got := desk.Opens(now); !got.Equal(when(x.want)) {
					t.Errorf("at %s it opens %s instead of %s", x.now, got.In(vilnius), x.want)
				}
			}
		})
	}
	desk := deskOf(t, `["sun 02:00-05:00"]`, never).Catalog.Desk // 03:00 does not exist on 29 March, and exists twice on 25 October
	forward := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)     // 02:30
	if got := desk.Opens(forward); !got.Equal(forward) {
		t.Errorf("half past two: %v", got.In(vilnius))
	}
	if got, end := desk.Opens(forward.Add(90*time.Minute)), time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC); got.Before(end) { // 05:00
		t.Errorf("the hour that is missing lengthens a shift: open at %v", got.In(vilnius))
	}
	back := time.Date(2026, 10, 25, 2, 59, 0, 0, time.UTC) // 04:59, after 03:00 to 04:00 has passed twice
	if got := desk.Opens(back); !got.Equal(back) {
		t.Errorf("a minute to five: %v", got.In(vilnius))
	}
}

func TestAWaitOutsideTheHoursIsCountedFromWhenTheyBegin(t *testing.T) {
	lib := builtIn(t)
	desk := lib.Catalog.Desk
	night := time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)
	opens := desk.Opens(night)
	s := bot.Session{Lang: "en", Quiz: "job-offer", Stage: bot.Welcome, Over: bot.Consent, Book: lib.ID}
	p := talk.Decide(lib, s, bot.Update{ID: 1, From: you, Kind: bot.Pressed, Text: "human:agree", At: night, Desk: bot.Desk{On: true}})
	c := p.Session.Case
	if c == nil || c.State != bot.Waiting || c.Due != opens.Add(desk.FirstAnswer).Unix() {
		t.Fatalf("%+v; it opens %v", c, opens)
	}
	text := p.Send[0].Text
	if local := opens.In(desk.Zone); !strings.Contains(text, local.Format("15:04")) || !strings.Contains(text, "Tuesday") {
		t.Errorf("the person is not told when: %s", text)
	}
	if !slices.ContainsFunc(p.Desk, func(m bot.Message) bool { return m.Act == bot.Card }) {
		t.Error("the desk is given no card")
	}
}
