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
	"patikra/content"
)

// called is a person who asks to be called, one update after another at times of the test's choosing.
type called struct {
	t    *testing.T
	lib  *library.Library
	s    bot.Session
	n    uint64
	now  time.Time
	desk []string // what the counsellors were told last
	text string   // the last screen or message
	last bot.Plan
	data []string
}

func wantsCall(t *testing.T, lang string, now time.Time) *called {
	lib := builtIn(t)
	k := &called{t: t, lib: lib, now: now, s: bot.Session{Lang: lang, Stage: bot.Welcome, Quiz: "job-offer", Book: lib.ID}}
	k.do(bot.Pressed, "human")
	k.do(bot.Pressed, "human:call")
	return k
}

func (k *called) do(kind bot.Kind, text string) bot.Plan {
	k.t.Helper()
	k.n++
	u := bot.Update{ID: k.n, From: you, Kind: kind, Text: text, At: k.now, Actor: birute, Desk: bot.Desk{On: true, Duty: []bot.Actor{birute}}}
	k.last = talk.Decide(k.lib, k.s, u)
	k.s, k.desk = k.last.Session, nil
	var stored bot.Session
	if err := stored.Decode(k.s.Encode()); err != nil {
		k.t.Fatal(err)
	}
	for _, m := range k.last.Desk {
		k.desk = append(k.desk, m.Text)
	}
	for _, m := range k.last.Send {
		k.text, k.data = m.Text, nil
		for _, b := range slices.Concat(m.Buttons...) {
			k.data = append(k.data, b.Data)
		}
	}
	return k.last
}

// first is the first button whose data begins so.
func (k *called) first(begin string) string {
	k.t.Helper()
	i := slices.IndexFunc(k.data, func(d string) bool { return strings.HasPrefix(d, begin) })
	if i < 0 {
		k.t.Fatalf("no button %q among %v under\n%s", begin, k.data, k.text)
	}
	return k.data[i]
}

func (k *called) card(lang string) string {
	card, _ := talk.CardIn(k.lib, k.s, lang)
	return card.Text
}

// monday is one on which the desk is open from 9 to 17, at 8:10 there.
var monday = time.Date(2027, 3, 1, 6, 10, 0, 0, time.UTC)

func TestANumberIsReadAsItIsDialledAndShownWithItsCountry(t *testing.T) {
	for _, x := range []struct{ lang, typed, shown string }{
		{"lt", "861234567", "+370 612 34567 (Lietuva)"},
		{"lt", "061234567", "+370 612 34567 (Lietuva)"},
		{"en", "+370 (612) 34-567", "+370 612 34567 (Lithuania)"},
		{"en", "0037061234567", "+370 612 34567 (Lithuania)"},
		{"ru", "37061234567", "+370 612 34567 (Литва)"},
		{"uk", "067 123 45 67", "+380 67 123 4567 (Україна)"},
		{"ru", "+380671234567", "+380 67 123 4567 (Украина)"},
		{"en", "+44 7400 123456", "+44 7400 123456 (United Kingdom)"},
	} {
		k := wantsCall(t, x.lang, monday)
		k.do(bot.Typed, x.typed)
		if k.s.Over != bot.CallHours || !strings.Contains(k.text, x.shown) {
			t.Errorf("%s, %s: %s", x.lang, x.typed, k.text)
			continue
		}
		k.do(bot.Pressed, k.first("human:call"))
		if k.s.Over != bot.CallNumber || k.s.Case.Phone != "" {
			t.Errorf("%s: the number cannot be changed", x.typed)
		}
	}
}

func TestANumberOfSeveralCountriesIsAskedAbout(t *testing.T) {
	k := wantsCall(t, "en", monday)
	k.s.Country = "NO"
	k.do(bot.Typed, "61234567") // a mobile number in either country
	if k.s.Over != bot.CallNumber || !slices.Contains(k.data, "human:phone.1") {
		t.Fatalf("nobody asks: %s %v", k.text, k.data)
	}
	if k.do(bot.Pressed, "human:send"); k.s.Case.Active() {
		t.Fatal("a number that is not understood is passed on")
	}
	k.do(bot.Pressed, "human:phone.1")
	if k.s.Case.Phone != "+37061234567" {
		t.Errorf("kept as %q", k.s.Case.Phone)
	}
}

func TestANumberAtWhichNobodyCanBeCalledIsRefusedKindly(t *testing.T) {
	for typed, why := range map[string]string{"112": "service", "+370 900 12345": "service", "0 800 91119": "service", "+370 616 91119": "service", "+370 612 345": "bad", "+370 612 34567 89": "bad", "612 34567": "", "+999 123 45678": "bad"} {
		k := wantsCall(t, "en", monday)
		k.do(bot.Typed, typed)
		if why == "" {
			if k.s.Over != bot.CallHours {
				t.Errorf("%s: %s", typed, k.text)
			}
			continue
		}
		if text := k.lib.Catalog.Language("en").Text("desk.call-number-" + why); k.s.Over != bot.CallNumber || !strings.Contains(k.text, text) || k.s.Case.Phone != "" {
			t.Errorf("%s: %s", typed, k.text)
		}
	}
}

func TestOnlyTimesAtWhichSomebodyAnswersAreOffered(t *testing.T) {
	lib := builtIn(t)
	desk := &lib.Catalog.Desk
	for at := time.Date(2026, 12, 20, 0, 0, 0, 0, desk.Zone); at.Before(time.Date(2027, 4, 5, 0, 0, 0, 0, desk.Zone)); at = at.Add(97 * time.Minute) {
		slots := desk.Slots(at, 6)
		if len(slots) != 6 {
			t.Fatalf("%v: %d times", at, len(slots))
		}
		for i, s := range slots {
			if s.From.Sub(at) < 30*time.Minute || !s.To.After(s.From) || i > 0 && s.From.Before(slots[i-1].To) {
				t.Fatalf("%v: %v", at, slots)
			}
			for _, moment := range []time.Time{s.From, s.To.Add(-time.Minute)} {
				if !desk.Opens(moment).Equal(moment) {
					t.Fatalf("%v: nobody answers at %v", at, moment)
				}
			}
		}
	}
	if slots := desk.Slots(monday, 3); fmt.Sprint(slots[0].From.UTC().Format("15:04"), slots[1].From.UTC().Format("15:04"), slots[2].To.UTC().Format("15:04")) != "07:0010:0015:00" {
		t.Errorf("on a Monday at 8:10: %v", slots)
	}
}

func TestAButtonForATimeFitsEveryDoor(t *testing.T) {
	lib := builtIn(t)
	for _, lang := range tags(lib) {
		k := wantsCall(t, lang, monday)
		k.do(bot.Typed, "+37061234567")
		seen := map[string]bool{}
		for _, b := range slices.Concat(k.last.Send[len(k.last.Send)-1].Buttons...) {
			if n := content.Length(b.Label); strings.HasPrefix(b.Data, "human:hours.") && (n > 20 || seen[b.Label]) {
				t.Errorf("%s: the button %q has %d letters, or stands there twice", lang, b.Label, n)
			}
			seen[b.Label] = true
		}
	}
}

// arranged is a person who waits to be called in the second time that is offered, at 12 on Monday.
func arranged(t *testing.T, lang string) *called {
	k := wantsCall(t, lang, monday)
	k.do(bot.Typed, "+380671234567")
	k.data = slices.DeleteFunc(k.data, func(d string) bool { return d == "human:hours.0" || d == k.first("human:hours.1") })
	k.do(bot.Pressed, k.first("human:hours."))
	k.do(bot.Pressed, "human:voice.2")
	k.do(bot.Pressed, "human:else.1")
	k.do(bot.Pressed, k.first("human:send"))
	return k
}

func TestWishesForACallAreReadInTheReadersLanguage(t *testing.T) {
	k := arranged(t, "uk")
	if !strings.Contains(k.text, "у понеділок 03-01, 12:00–15:00") {
		t.Errorf("the person reads\n%s", k.text)
	}
	for lang, words := range map[string][]string{
		"lt": {"+380 67 123 4567 (Ukraina)", "pirmadienį 03-01, 12:00–15:00", "Žinutės nepalikti", "Skambiname dėl kursų"},
		"en": {"+380 67 123 4567 (Ukraine)", "Monday 03-01, 12:00–15:00", "Leave no message", "We call for a course"},
	} {
		for _, w := range words {
			if !strings.Contains(k.card(lang), w) {
				t.Errorf("%q is not on the card:\n%s", w, k.card(lang))
			}
		}
	}
	k = wantsCall(t, "uk", monday)
	k.do(bot.Typed, "+380671234567")
	k.do(bot.Typed, "коли стемніє")
	k.do(bot.Pressed, "human:voice.2")
	k.do(bot.Typed, "з\nбібліотеки")
	k.do(bot.Pressed, k.first("human:send"))
	for _, w := range []string{"„коли стемніє“ (žmogaus žodžiai)", "„з бібліотеки“ (žmogaus žodžiai)"} {
		if !strings.Contains(k.card("lt"), w) {
			t.Errorf("%q is not on the card:\n%s", w, k.card("lt"))
		}
	}
}

func TestATimeThatHasGoneByIsOfferedNoMore(t *testing.T) {
	k := wantsCall(t, "en", monday)
	k.do(bot.Typed, "+37061234567")
	slot := k.first("human:hours.1")
	k.now = monday.Add(4 * time.Hour)
	k.do(bot.Pressed, slot)
	if text := k.lib.Catalog.Language("en").Text("desk.call-late"); k.s.Over != bot.CallHours || !strings.Contains(k.text, text) || slices.Contains(k.data, slot) {
		t.Errorf("%s %v", k.text, k.data)
	}
	k.do(bot.Pressed, k.first("human:hours.1"))
	k.do(bot.Pressed, "human:voice.1")
	k.do(bot.Pressed, "human:else.0")
	k.now = k.now.Add(24 * time.Hour)
	if k.do(bot.Pressed, "human:send"); k.s.Case.Active() || k.s.Over != bot.CallHours {
		t.Errorf("a time of yesterday is passed on")
	}
}

func TestADueCallComesUpByItselfAndIsWrittenDown(t *testing.T) {
	k := arranged(t, "en")
	noon := monday.Add(3*time.Hour + 50*time.Minute)
	if c := k.s.Case; c.Due != noon.Unix() || c.Base != noon.Unix() {
		t.Fatalf("it is due at %v, and counted from %v", time.Unix(c.Due, 0).UTC(), time.Unix(c.Base, 0).UTC())
	}
	k.now = noon
	k.do(bot.Due, "")
	all := strings.Join(k.desk, "\n")
	for _, w := range []string{"+380 67 123 4567", "Skambiname dėl kursų", "@birute_d"} {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not said when it is due: %s", w, all)
		}
	}
	if k.s.Case.Ring != 0 || k.s.Case.Due <= noon.Unix() {
		t.Errorf("due again at %v", time.Unix(k.s.Case.Due, 0).UTC())
	}
	if k.do(bot.Acted, "reached"); !k.last.Refused {
		t.Error("a call is written down by somebody who has not taken the case")
	}
	k.do(bot.Acted, "take")
	k.now = noon.Add(5 * time.Minute)
	k.do(bot.Acted, "unreached")
	if !strings.Contains(k.text, "03-01 12:05") {
		t.Errorf("the person is not told when they were called: %s", k.text)
	}
	again, _ := talk.CardIn(k.lib, k.s, "en")
	if len(again.Buttons) < 4 || !strings.HasPrefix(again.Buttons[1][0].Data, "case:ring:") {
		t.Fatalf("the card offers no time: %v", again.Buttons)
	}
	if k.do(bot.Acted, "ring 1"); !k.last.Refused {
		t.Error("a call is set at a time at which nobody answers")
	}
	next := strings.TrimPrefix(again.Buttons[1][0].Data, "case:ring:")
	k.do(bot.Acted, "ring "+next)
	if !strings.Contains(k.text, "Monday 03-01, 15:00–17:00") || k.s.Case.State != bot.Waiting || fmt.Sprint(k.s.Case.Ring) != next || k.s.Case.Due != k.s.Case.Ring {
		t.Errorf("after another time was set: %s, %s", k.s.Case.State, k.text)
	}
	page := talk.Draw(k.lib, k.s, "en").Text
	if !strings.Contains(page, "03-01 12:05") || !strings.Contains(page, "15:00–17:00") {
		t.Errorf("the person's screen:\n%s", page)
	}
	k.now = time.Unix(k.s.Case.Ring, 0)
	k.do(bot.Due, "")
	k.do(bot.Acted, "take")
	k.do(bot.Acted, "reached")
	if k.s.Case.Wants() || strings.Contains(talk.Draw(k.lib, k.s, "en").Text, "15:00") {
		t.Errorf("after they talked: %s", talk.Draw(k.lib, k.s, "en").Text)
	}
	if k.do(bot.Acted, "unreached"); !k.last.Refused {
		t.Error("a call that was made is made again")
	}
}

func TestSomebodyWhoWaitsForACallCanWriteOrGiveItUp(t *testing.T) {
	k := arranged(t, "en")
	k.now = monday.Add(time.Hour)
	k.do(bot.Typed, "He is here")
	if c := k.s.Case; c.Base > k.now.Unix() {
		t.Errorf("what they write waits for their call until %v", time.Unix(c.Base, 0).UTC())
	}
	k = arranged(t, "en")
	k.now = monday.Add(time.Hour)
	k.do(bot.Pressed, k.first("human:chat"))
	if c := k.s.Case; c.State != bot.Waiting || c.Wants() || c.Ring != 0 || c.Base > k.now.Unix() || strings.Contains(k.card("lt"), "+380") {
		t.Errorf("after the call was given up: %+v\n%s", c, k.card("lt"))
	}
	if text := k.lib.Catalog.Language("lt").Text("desk.note-chat"); !slices.ContainsFunc(k.desk, func(s string) bool { return strings.Contains(s, text) }) {
		t.Errorf("the desk is told %q", k.desk)
	}
}

func TestWishesOfAnEarlierProgramAreStillRead(t *testing.T) {
	s := bot.Session{Lang: "uk", Quiz: "job-offer", Stage: bot.Welcome, Case: &bot.Case{State: bot.Waiting, Person: you, Word: "Oak Lake", Told: bot.Told{Call: bot.Call{Phone: "067 123 45 67", Hours: "Вранці", Voice: 2, Else: "Ідеться про курси"}}}}
	var back bot.Session
	if err := back.Decode(s.Encode()); err != nil {
		t.Fatal(err)
	}
	card, _ := talk.CardIn(builtIn(t), back, "lt")
	for _, w := range []string{"067 123 45 67", "„Вранці“ (žmogaus žodžiai)", "„Ідеться про курси“"} {
		if !strings.Contains(card.Text, w) {
			t.Errorf("%q is not on the card:\n%s", w, card.Text)
		}
	}
}
