package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// chatting is a person in a talk with a counsellor, turn by turn.
type chatting struct {
	t      *testing.T
	lib    *library.Library
	s      bot.Session
	id     uint64
	person []string // what the person was told
	desk   []string // what the counsellors were shown, media as [kind]
}

var talkBegan = time.Unix(1_800_000_000, 0)

func newTalk(t *testing.T) *chatting {
	at := bot.Address{Channel: "telegram", ID: "5"}
	return &chatting{t: t, lib: builtIn(t), s: bot.Session{Lang: "en", Stage: bot.Welcome, Serial: 1,
		Case: &bot.Case{State: bot.Taken, Person: at, Word: "River Maple", Holder: "telegram:7", Name: "R", Since: talkBegan.Unix(), Base: talkBegan.Unix(), Last: talkBegan.Unix(), Topic: 9, Card: 10}}}
}

// does carries an update through a turn, and keeps what came of it.
func (k *chatting) does(u bot.Update) bot.Plan {
	k.id++
	if u.ID == 0 {
		u.ID = k.id
	}
	if u.From == (bot.Address{}) {
		u.From = k.s.Case.Person
	}
	p := talk.Decide(k.lib, k.s, u)
	k.s = p.Session
	for _, m := range p.Send {
		k.person = append(k.person, m.Text)
	}
	for _, m := range p.Desk {
		if m.Media.Kind != "" {
			k.desk = append(k.desk, strings.TrimSpace("["+m.Media.Kind+"] "+m.Media.Caption))
		} else if m.Act == bot.Words {
			k.desk = append(k.desk, m.Text)
		}
	}
	return p
}

func (k *chatting) holds(list []string, what string) int {
	n := 0
	for _, s := range list {
		if strings.Contains(s, what) {
			n++
		}
	}
	return n
}

func TestTenThousandMessagesInATalkArePacedAndBothSidesKnowExactlyWhatIsMissing(t *testing.T) {
	k := newTalk(t)
	const all, burst = 10_000, 300
	for i := range all {
		u := bot.Update{ID: uint64(1000 + i), Kind: bot.Typed, Text: fmt.Sprint("word ", i), At: talkBegan, Said: talkBegan}
		k.does(u)
		if i%100 == 0 {
			if p := k.does(u); !p.Repeat { // sent again it is no second one
				t.Fatal("a repeated update was taken for a new one")
			}
		}
	}
	if n := k.holds(k.desk, "word "); n != burst {
		t.Errorf("%d were passed on instead of %d", n, burst)
	}
	if n := k.holds(k.person, "faster than I can pass it on"); n != 1 {
		t.Errorf("the person was told %d times that it is too much", n)
	}
	due := time.Unix(k.s.Case.Due, 0)
	if wait := due.Sub(talkBegan); wait != time.Minute {
		t.Fatalf("both are told after %v", wait)
	}
	k.does(bot.Update{Kind: bot.Due, At: due})
	missing := fmt.Sprint(": ", all-burst)
	if k.holds(k.desk, missing) != 1 || k.holds(k.person, missing) != 1 {
		t.Errorf("%q was told to the counsellors %d times, to the person %d times", missing, k.holds(k.desk, missing), k.holds(k.person, missing))
	}
	if k.does(bot.Update{Kind: bot.Due, At: due.Add(time.Minute)}); k.holds(k.desk, missing) != 1 {
		t.Error("it was told twice")
	}
	k.does(bot.Update{Kind: bot.Typed, Text: "now slowly", At: due.Add(time.Minute), Said: due.Add(time.Minute)})
	if k.holds(k.desk, "now slowly") != 1 {
		t.Error("who writes slowly again is not passed on")
	}
}

func TestWhatIsMissingIsToldWhenTheTalkEndsBeforeTheMinute(t *testing.T) {
	k := newTalk(t)
	for range 310 {
		k.does(bot.Update{Kind: bot.Typed, Text: "word", At: talkBegan})
	}
	k.does(bot.Update{Kind: bot.Pressed, Text: "human:end", At: talkBegan})
	if k.holds(k.desk, ": 10") != 1 || k.holds(k.person, ": 10") != 1 {
		t.Errorf("the counsellors read\n%s\nthe person\n%s", strings.Join(k.desk[300:], "\n"), strings.Join(k.person, "\n"))
	}
}

func TestInATalkNothingIsLeftOutOfAlbumsForwardedChatsBacklogsAndAPatientFlood(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		said func(i int) time.Time
		come func(i int) time.Time
	}{
		{"a forwarded conversation of 300 at once", 300, func(int) time.Time { return talkBegan }, func(int) time.Time { return talkBegan }},
		{"a backlog of an hour that comes at once", 1200, func(i int) time.Time { return talkBegan.Add(time.Duration(i) * 3 * time.Second) }, func(int) time.Time { return talkBegan.Add(time.Hour) }},
		{"twenty a minute all day", 5000, func(i int) time.Time { return talkBegan.Add(time.Duration(i) * 3 * time.Second) }, func(i int) time.Time { return talkBegan.Add(time.Duration(i) * 3 * time.Second) }},
		{"the oldest last", 40, func(i int) time.Time { return talkBegan.Add(-time.Duration(i) * time.Hour / 4) }, func(int) time.Time { return talkBegan }},
		{"a door that tells no time", 300, func(int) time.Time { return time.Time{} }, func(int) time.Time { return talkBegan }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newTalk(t)
			for i := range c.n {
				k.does(bot.Update{Kind: bot.Typed, Text: fmt.Sprint("word ", i), At: c.come(i), Said: c.said(i)})
			}
			if n := k.holds(k.desk, "word "); n != c.n || k.s.Case.Cut != 0 {
				t.Errorf("%d of %d were passed on, %d are counted as missing", n, c.n, k.s.Case.Cut)
			}
		})
	}
}

func TestAnOlderTimeThanTheLastIsNoWayAroundTheBound(t *testing.T) {
	k := newTalk(t)
	for i := range 2000 {
		k.does(bot.Update{Kind: bot.Typed, Text: "word", At: talkBegan, Said: talkBegan.Add(-time.Duration(i) * time.Hour)})
	}
	if n := k.holds(k.desk, "word"); n > 301 {
		t.Errorf("%d were passed on at once", n)
	}
}

func TestEveryAttachmentOfAMessageCountsByItselfAndWhatCannotBePassedOnIsToldOnBothSides(t *testing.T) {
	photo := func(f string) bot.Media { return bot.Media{Net: "messenger", Kind: "photo", File: f} }
	k := newTalk(t)
	k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "messenger", Kind: "photo", File: "1", Caption: "the contract"}, Also: []bot.Media{photo("2"), {}, photo("3"), {}}, At: talkBegan})
	k.does(bot.Update{Kind: bot.Typed, Text: "and this", Also: []bot.Media{{}, photo("4")}, At: talkBegan})
	want := "[photo] the contract|[photo]|[photo]|ⓘ Žmogus atsiuntė tai, ko perduoti negalima (pavyzdžiui, lipduką, vaizdo įrašą, apklausą): 2. Jam tai pasakyta.|" +
		"and this|[photo]|ⓘ Žmogus atsiuntė tai, ko perduoti negalima (pavyzdžiui, lipduką, vaizdo įrašą, apklausą): 1. Jam tai pasakyta."
	if got := strings.Join(k.desk, "|"); got != want {
		t.Errorf("the counsellors read\n%s\ninstead of\n%s", got, want)
	}
	if n := k.holds(k.person, "words, photos and links"); n != 2 {
		t.Errorf("the person was told %d times what is not passed on:\n%s", n, strings.Join(k.person, "\n"))
	}
}

func TestAPlaceThatMovesIsToldOnBothSides(t *testing.T) {
	k := newTalk(t)
	k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: "location"}, Live: true, At: talkBegan})
	if k.holds(k.desk, "[location]") != 1 || k.holds(k.desk, "judančia vieta") != 1 || k.holds(k.person, "only the place where you are now") != 1 {
		t.Errorf("the counsellors read %q, the person %q", k.desk, k.person)
	}
}

func TestWhatCannotBeReadIsAnsweredWithTheNumbersAndInATalkToldToTheCounsellors(t *testing.T) {
	k := newTalk(t)
	k.does(bot.Update{Kind: bot.Unread, At: talkBegan})
	if k.holds(k.desk, "perduoti negalima") != 1 || k.holds(k.person, "+370") != 1 || k.holds(k.person, "112") != 1 {
		t.Errorf("the counsellors read %q, the person %q", k.desk, k.person)
	}
	p := talk.Decide(builtIn(t), bot.Session{}, bot.Update{ID: 1, From: bot.Address{Channel: "telegram", ID: "6"}, Kind: bot.Unread, Locale: "en", At: talkBegan})
	if len(p.Send) != 1 || !strings.Contains(p.Send[0].Text, "+370") || !p.Erase {
		t.Errorf("a stranger: %+v", p)
	}
}

func TestOnlyAStepOfTheQuizMayBeForgoneAndOnlyOutsideATalk(t *testing.T) {
	for _, c := range []struct {
		kind  bot.Kind
		text  string
		alone bool
		want  bool
	}{
		{bot.Pressed, "answer:3.1", true, true}, {bot.Pressed, "answer:3.1", false, false}, {bot.Pressed, "language:en", true, true},
		{bot.Pressed, "human:agree", true, false}, {bot.Pressed, "exit", true, false}, {bot.Pressed, "erase:yes", true, false},
		{bot.Typed, "help", true, false}, {bot.Attached, "", true, false}, {bot.Edited, "x", true, false}, {bot.Gone, "", true, false},
		{bot.Unread, "", true, false}, {bot.Flooded, "", false, true},
	} {
		u := bot.Update{Kind: c.kind, Text: c.text}
		if got := u.Forgoes(bot.Reply{Alone: c.alone}); got != c.want {
			t.Errorf("kind %d %q, known to be in no talk: %v, may be forgone: %v", c.kind, c.text, c.alone, got)
		}
	}
}
