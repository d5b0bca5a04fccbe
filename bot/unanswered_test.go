package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// clock lets the time of a case come again and again, and writes down what is said at the desk and to the person.
type clock struct {
	t    *testing.T
	lib  *library.Library
	desk bot.Desk
	s    bot.Session
	said []string
	n    uint64
}

func (k *clock) turn(u bot.Update) {
	k.n++
	u.ID, u.From, u.Desk = k.n, you, k.desk
	p := talk.Decide(k.lib, k.s, u)
	k.s = p.Session
	for _, m := range p.Desk {
		if text, is := strings.CutPrefix(m.Text, "ⓘ "); is {
			k.said = append(k.said, u.At.Format("Mon 15:04")+" desk: "+text)
		}
	}
	for _, m := range p.Send {
		if !m.Human {
			line, _, _ := strings.Cut(m.Text, "\n")
			k.said = append(k.said, u.At.Format("Mon 15:04")+" person: "+line)
		}
	}
}

// until lets every due time come before end.
func (k *clock) until(end time.Time) {
	for range 1000 {
		if due := time.Unix(k.s.Case.Due, 0).UTC(); k.s.Case.Due != 0 && due.Before(end) {
			k.turn(bot.Update{Kind: bot.Due, At: due})
			continue
		}
		return
	}
	k.t.Fatalf("there is no end of what is due:\n%s", strings.Join(k.said[:min(40, len(k.said))], "\n"))
}

func (k *clock) heard(want ...string) {
	k.t.Helper()
	if !slices.EqualFunc(k.said, want, func(got, want string) bool {
		w, whole := strings.CutSuffix(want, "…")
		return got == want || whole && strings.HasPrefix(got, w)
	}) {
		k.t.Errorf("said is\n%s\ninstead of\n%s", strings.Join(k.said, "\n"), strings.Join(want, "\n"))
	}
	k.said = nil
}

// waitingCase is a case that began to wait on a Monday at noon.
func waitingCase(t *testing.T, urgent uint8) *clock {
	lib := builtIn(t)
	noon := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	k := &clock{t: t, lib: lib, desk: bot.Desk{On: true, Duty: []bot.Actor{birute}}}
	k.s = bot.Session{Lang: "en", Quiz: "job-offer", Stage: bot.Welcome, Over: bot.Consent, Book: lib.ID}
	k.turn(bot.Update{Kind: bot.Pressed, Text: "human:agree", At: noon})
	c := *k.s.Case
	c.Urgent = urgent
	k.s.Case = &c
	k.said = nil
	return k
}

func TestATalkThatIsNotAnsweredCallsTheCounsellorThenTheLeadThenGoesBackAndThePersonIsTold(t *testing.T) {
	k := waitingCase(t, bot.Danger)
	noon := time.Unix(k.s.Case.Since, 0).UTC()
	k.turn(bot.Update{Kind: bot.Acted, Text: "take", Actor: birute, At: noon.Add(time.Minute)})
	k.turn(bot.Update{Kind: bot.Said, Text: "Hello", Actor: birute, At: noon.Add(2 * time.Minute)})
	k.said = nil
	k.until(noon.Add(time.Hour))
	k.heard() // nobody waits for words
	k.turn(bot.Update{Kind: bot.Typed, Text: "He is at the door", At: noon.Add(time.Hour)})
	k.until(noon.Add(time.Hour + 16*time.Minute))
	k.heard("Mon 11:05 desk: Birutė, žmogus laukia atsakymo.",
		"Mon 11:10 desk: Birutė dar neatsakė. Žmogus laukia 10 min. @birute_d Kas gali perimti?",
		"Mon 11:15 desk: Birutė neatsakė, ir pokalbis vėl eilėje. Žmogui tai pasakyta.",
		"Mon 11:15 person: The counsellor is not answering at the moment. You are in the queue again, so that somebody else can take over. …")
	if c := k.s.Case; c.State != bot.Waiting || c.Holder != "" {
		t.Errorf("it is %v, held by %q", c.State, c.Holder)
	}
	k.until(noon.Add(time.Hour + 21*time.Minute))
	k.heard("Mon 11:20 desk: Žmogus laukia 5 min. @birute_d Kas gali paimti?")
}

func TestTheTimeToAnswerBeginsAnewWithEachCounsellorAndEachAnswer(t *testing.T) {
	k := waitingCase(t, bot.Calm)
	noon := time.Unix(k.s.Case.Since, 0).UTC()
	k.turn(bot.Update{Kind: bot.Acted, Text: "take", Actor: birute, At: noon.Add(4 * time.Minute)}) // what was asked is four minutes old
	k.said = nil
	k.until(noon.Add(9 * time.Minute))
	k.heard()
	k.until(noon.Add(10 * time.Minute))
	k.heard("Mon 10:09 desk: Birutė, žmogus laukia atsakymo.")
	k.turn(bot.Update{Kind: bot.Said, Text: "I am here", Actor: birute, At: noon.Add(10 * time.Minute)})
	k.turn(bot.Update{Kind: bot.Typed, Text: "Thank you", At: noon.Add(11 * time.Minute)})
	k.until(noon.Add(17 * time.Minute))
	k.heard("Mon 10:16 desk: Birutė, žmogus laukia atsakymo.")
}

func TestWhoIsOnThePhoneHasThreeTimesAsLong(t *testing.T) {
	k := waitingCase(t, bot.Calm)
	noon := time.Unix(k.s.Case.Since, 0).UTC()
	c := *k.s.Case
	c.Way = bot.ByCall
	k.s.Case = &c
	k.turn(bot.Update{Kind: bot.Acted, Text: "take", Actor: birute, At: noon})
	k.said = nil
	k.until(noon.Add(46 * time.Minute))
	if k.heard("Mon 10:15 desk: Birutė, žmogus laukia atsakymo.", "Mon 10:30 desk: Birutė dar neatsakė. …", "Mon 10:45 desk: Birutė neatsakė, …", "Mon 10:45 person: …"); k.s.Case.State != bot.Waiting {
		t.Errorf("it is %v", k.s.Case.State)
	}
}

func TestWordsThatComeAtNightAreOwedFromTheMorning(t *testing.T) {
	k := waitingCase(t, bot.Calm)
	noon := time.Unix(k.s.Case.Since, 0).UTC()
	k.turn(bot.Update{Kind: bot.Acted, Text: "take", Actor: birute, At: noon})
	k.turn(bot.Update{Kind: bot.Said, Text: "Hello", Actor: birute, At: noon})
	k.said = nil
	night := time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)
	k.turn(bot.Update{Kind: bot.Typed, Text: "Are you there?", At: night})
	k.until(night.Add(8 * time.Hour)) // 08:00 in Vilnius
	k.heard()
	k.until(night.Add(9*time.Hour + 6*time.Minute))
	k.heard("Tue 07:05 desk: Birutė, žmogus laukia atsakymo.")
	k.turn(bot.Update{Kind: bot.Said, Text: "Good morning", Actor: birute, At: night.Add(10 * time.Hour)})
	k.said = nil
	k.turn(bot.Update{Kind: bot.Acted, Text: "release", Actor: birute, At: night.Add(20 * time.Hour)}) // after the hours
	k.until(night.Add(32 * time.Hour))
	k.heard("Tue 18:00 desk: Birutė grąžino į eilę. Žmogui tai pasakyta.", "Tue 18:00 person: The counsellor had to leave. …")
}

func TestWhoeverWaitsIsCalledOutUntilSomebodyTakesThem(t *testing.T) {
	for urgent, every := range map[uint8]time.Duration{bot.Calm: 30 * time.Minute, bot.Danger: 15 * time.Minute} {
		t.Run(fmt.Sprint(urgent), func(t *testing.T) {
			k := waitingCase(t, urgent)
			noon := time.Unix(k.s.Case.Since, 0).UTC()
			k.until(noon.Add(16 * time.Minute))
			k.heard("Mon 10:05 desk: Žmogus laukia 5 min. @birute_d Kas gali paimti?", "Mon 10:10 desk: Žmogus laukia 10 min. @birute_d Kas gali paimti?",
				"Mon 10:15 desk: Niekas neatsiliepė laiku. …", "Mon 10:15 person: …")
			lapsed := noon.Add(15 * time.Minute)
			k.until(lapsed.Add(3*every + time.Minute))
			var want []string
			for n := range 3 {
				at := lapsed.Add(time.Duration(n+1) * every)
				want = append(want, fmt.Sprintf("%s desk: Žmogus laukia %d min. @birute_d Kas gali paimti?", at.Format("Mon 15:04"), int(at.Sub(noon)/time.Minute)))
			}
			k.heard(want...)
			k.until(time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)) // 17:00 in Vilnius
			k.said = nil
			k.until(time.Date(2026, 3, 3, 6, 59, 0, 0, time.UTC))
			k.heard() // nobody is called at night
			k.until(time.Date(2026, 3, 3, 7, 1, 0, 0, time.UTC))
			if len(k.said) != 1 || !strings.HasPrefix(k.said[0], "Tue 07:00 desk: Žmogus laukia ") {
				t.Errorf("in the morning: %q", k.said)
			}
		})
	}
}

func TestWhoeverWaitsIsCalledOutForAsLongAsTheyWait(t *testing.T) {
	k := waitingCase(t, bot.Danger)
	k.desk.Always = true
	noon := time.Unix(k.s.Case.Since, 0).UTC()
	k.until(noon.Add(6 * 24 * time.Hour)) // more calls than a byte counts
	k.said = nil
	k.until(noon.Add(6*24*time.Hour + 2*time.Hour))
	if len(k.said) != 8 {
		t.Errorf("in two hours of the seventh day: %q", k.said)
	}
}

func TestWordsAreNotKeptWaitingByACallThatIsArranged(t *testing.T) {
	arranged := func(t *testing.T, held bool) (k *clock, noon time.Time) {
		k = waitingCase(t, bot.Calm)
		noon = time.Unix(k.s.Case.Since, 0).UTC()
		if held {
			k.turn(bot.Update{Kind: bot.Acted, Text: "take", Actor: birute, At: noon})
		}
		k.turn(bot.Update{Kind: bot.Pressed, Text: "human:call", At: noon})
		k.turn(bot.Update{Kind: bot.Typed, Text: "+370 612 34567", At: noon})
		slots := k.lib.Catalog.Desk.Slots(noon, 4)
		k.turn(bot.Update{Kind: bot.Pressed, Text: fmt.Sprint("human:hours.", slots[3].From.Unix()), At: noon})
		for _, press := range []string{"human:voice.1", "human:else.0", "human:send"} {
			k.turn(bot.Update{Kind: bot.Pressed, Text: press, At: noon})
		}
		if k.s.Case.Ring != slots[3].From.Unix() {
			t.Fatalf("no call is arranged: %+v", k.s.Case)
		}
		k.said = nil
		return k, noon
	}
	t.Run("a case that waits", func(t *testing.T) {
		k, noon := arranged(t, false)
		k.until(noon.Add(20 * time.Minute))
		k.heard()
		k.turn(bot.Update{Kind: bot.Typed, Text: "He is at the door", At: noon.Add(20 * time.Minute)})
		k.until(noon.Add(26 * time.Minute))
		k.heard("Mon 10:25 desk: Žmogus laukia 5 min. @birute_d Kas gali paimti?")
	})
	t.Run("a talk that is held", func(t *testing.T) {
		k, noon := arranged(t, true)
		k.turn(bot.Update{Kind: bot.Typed, Text: "He is at the door", At: noon.Add(20 * time.Minute)})
		k.until(noon.Add(26 * time.Minute))
		k.heard("Mon 10:25 desk: Birutė, žmogus laukia atsakymo.")
	})
	t.Run("as soon as you can, after all", func(t *testing.T) {
		k, noon := arranged(t, false)
		k.turn(bot.Update{Kind: bot.Pressed, Text: "human:call", At: noon.Add(20 * time.Minute)})
		k.turn(bot.Update{Kind: bot.Typed, Text: "+370 612 34567", At: noon.Add(20 * time.Minute)})
		for _, press := range []string{"human:hours.0", "human:voice.1", "human:else.0", "human:send"} {
			k.turn(bot.Update{Kind: bot.Pressed, Text: press, At: noon.Add(20 * time.Minute)})
		}
		k.said = nil
		k.until(noon.Add(26 * time.Minute))
		k.heard("Mon 10:25 desk: Žmogus laukia 5 min. @birute_d Kas gali paimti?")
	})
}
