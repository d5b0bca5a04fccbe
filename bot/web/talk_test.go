package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/web"
)

// counsellor does something with the only case there is.
func (s *site) counsellor(kind bot.Kind, text string) {
	s.t.Helper()
	ctx := context.Background()
	cases, err := s.bot.Cases(ctx)
	if err != nil || len(cases) != 1 {
		s.t.Fatalf("%d cases, %v", len(cases), err)
	}
	session, err := s.bot.Case(ctx, cases[0].Key)
	if err != nil {
		s.t.Fatal(err)
	}
	u := bot.Update{From: session.Case.Person, Kind: kind, Text: text, Actor: bot.Actor{ID: "console:ruta", Name: "Ruta"}, At: time.Now()}
	if _, err := s.bot.Handle(ctx, u); err != nil {
		s.t.Fatal(err)
	}
}

func TestTheTalkWithACounsellorInABrowser(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := chromium(t, s)
	for _, mode := range []struct {
		name     string
		width    int64
		lang     string
		features []string
	}{{"light", 420, "lt", nil}, {"dark", 420, "lt", []string{"prefers-color-scheme", "dark"}}, {"narrow", 320, "en", nil}, {"forced", 640, "en", []string{"forced-colors", "active"}}} {
		b.do(chromedp.EmulateViewport(mode.width, 800))
		b.media(mode.features...)
		at := func(screen string) string { return mode.name + " talk " + screen }
		b.open("/" + mode.lang + "/")
		b.click("button.main")
		b.click(`button[value^="next"]`)
		b.ordinary()
		b.click(`button[value="numbers"]`)
		b.click(`button[value^="back"]`)
		eval[bool](b, `(document.querySelector("#quiz summary").click(), true)`)
		b.click(`button[value="help"]`)
		b.click(`button[value="human"]`)
		b.check(at("consent"))
		b.click(`button[value="human:lines"]`)
		b.check(at("lines"))
		b.click(`button[value="human:line.0"]`)
		b.click(`button[value="human:done"]`)
		b.click(`button[value="human:call"]`)
		b.check(at("call number"))
		b.do(chromedp.SendKeys("#text", "12"))
		b.click(".write button")
		if !strings.Contains(b.text(), "+370") {
			t.Errorf("a wrong number is not explained on\n%s", b.text())
		}
		b.do(chromedp.SendKeys("#text", "+370 600 00000"))
		b.click(".write button")
		b.check(at("call hours"))
		b.click(`button[value^="back"]`)
		eval[bool](b, `(document.querySelector("#quiz summary").click(), true)`)
		b.click(`button[value="help"]`)
		b.click(`button[value="human"]`)
		b.click(`button[value="human:agree"]`)
		if b.screen() != "talk" {
			t.Fatalf("not the talk, but\n%s", b.text())
		}
		b.do(chromedp.SendKeys("#text", "Ar čia kas nors yra?"))
		b.click(".write button")
		b.check(at("waiting"))
		s.counsellor(bot.Acted, "take")
		b.until("the page tells that a counsellor has come", func() bool {
			return strings.Contains(b.text(), "Ruta") || strings.Count(b.text(), "kalba konsultantas")+strings.Count(b.text(), "counsellor is talking") > 0
		})
		b.do(chromedp.SendKeys("#text", "half a sen"))
		s.counsellor(bot.Said, "Taip, klausau jūsų. <b>Skambinkite +370 616 91119</b>")
		b.until("the answer appears by itself", func() bool { return strings.Contains(b.text(), "<b>Skambinkite") })
		if got := eval[string](b, `document.getElementById("text").value`); got != "half a sen" {
			t.Errorf("what was being typed became %q", got)
		}
		b.check(at("held"))
		s.counsellor(bot.Acted, "close")
		eval[bool](b, `(document.getElementById("text").value = "", true)`)
		b.until("the page tells the end", func() bool { return b.screen() == "other" })
		b.check(at("closed"))
		b.click(`button[value="human:rate.5"]`)
		b.click(".top .exit")
		time.Sleep(300 * time.Millisecond)
	}
}

func TestTheLastWordsOfATalkCanBeReadForADayAndItCanGoOn(t *testing.T) {
	s := newSite(t)
	b := s.waits(t, "lt")
	id := b.id()
	s.counsellor(bot.Acted, "take")
	s.counsellor(bot.Said, "Adresas: Upės g. 1")
	s.counsellor(bot.Acted, "close")
	if b.get("/lt/check"); b.screen() != "other" || !strings.Contains(b.body, "Upės g. 1") {
		t.Fatalf("the last words are gone:\n%s", b.body)
	}
	b.press("human:rate.5")
	if !strings.Contains(b.body, "Ačiū") || strings.Contains(b.body, "Upės g. 1") {
		t.Errorf("after the mark:\n%s", b.body)
	}
	b.get("/lt/")
	if !strings.Contains(b.body, "Dar parą galite jį perskaityti") {
		t.Fatalf("the first page says nothing of it:\n%s", b.body)
	}
	b.press("human:last")
	if !strings.Contains(b.body, "Upės g. 1") || strings.Contains(b.body, "human:rate") {
		t.Errorf("it cannot be read, or is asked about twice:\n%s", b.body)
	}
	if strings.Contains(b.body, "<br>Pokalbis su konsultantu baigtas") {
		t.Errorf("its end stands there twice:\n%s", b.body)
	}
	b.get("/lt/")
	b.press("human:again")
	if b.screen() != "talk" || b.id() != id || !strings.Contains(b.body, "Upės g. 1") {
		t.Errorf("it does not go on:\n%s", b.body)
	}
	if cases, err := s.bot.Cases(t.Context()); err != nil || len(cases) != 1 {
		t.Errorf("%d cases wait, %v", len(cases), err)
	}
	s.counsellor(bot.Acted, "close")
	if _, err := s.bot.Handle(t.Context(), bot.Update{From: bot.Address{Channel: web.Name, ID: id}, Kind: bot.Due, At: time.Now().Add(25 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/lt/", "/lt/check"} {
		if b.get(path); strings.Contains(b.body, "Upės g. 1") || strings.Contains(b.body, "human:last") || strings.Contains(b.body, "human:again") {
			t.Errorf("a day later %s still shows it:\n%s", path, b.body)
		}
	}
}

func TestThePersonSeesThatTheCounsellorHasReadWhatTheyWroteAndHasNotAnsweredYet(t *testing.T) {
	s := newSite(t)
	b := s.waits(t, "lt")
	s.counsellor(bot.Acted, "take")
	key := s.bot.Key(bot.Address{Channel: web.Name, ID: b.id()})
	lines := func() []bot.Line {
		t.Helper()
		lines, err := s.bot.Log(t.Context(), key, 0)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	sees := func(when string, want bool) {
		t.Helper()
		if b.get("/lt/check"); strings.Contains(b.body, "Konsultantas perskaitė") != want {
			t.Errorf("%s: %v is wanted:\n%s", when, want, b.body)
		}
	}
	s.web.Reads(key, lines())
	sees("nothing was written", false)
	b.write("Ar galiu paklausti?")
	sees("nobody has looked since", false)
	s.web.Reads(key, lines())
	sees("it was read", true)
	b.write("Ir dar") // in the same second
	sees("there is more", false)
	s.web.Reads(key, lines())
	sees("that was read too", true)
	s.web.Types(key)
	if sees("the counsellor writes", false); !strings.Contains(b.body, "Konsultantas rašo") {
		t.Error("writing is not seen")
	}
	s.counsellor(bot.Said, "Taip")
	other := s.waits(t, "lt")
	if other.get("/lt/check"); strings.Contains(other.body, "Konsultantas perskaitė") {
		t.Error("somebody else sees it")
	}
}

func TestWhatTheProgramSaysInATalkFollowsThePersonsLanguage(t *testing.T) {
	s := newSite(t)
	b := s.waits(t, "lt")
	s.counsellor(bot.Acted, "take")
	s.counsellor(bot.Said, "Sveiki")
	if b.get("/lt/check"); !strings.Contains(b.body, "Sveiki") || !strings.Contains(b.body, `class="notice"`) {
		t.Fatalf("%s", b.body)
	}
	b.get("/ru/check")
	notice := regexp.MustCompile(`(?s)<p class="notice">.*?</p>`).FindAllString(b.body, -1)
	if len(notice) == 0 {
		t.Fatalf("nothing of ours stands in the talk:\n%s", b.body)
	}
	cases, err := s.bot.Cases(t.Context())
	if err != nil || len(cases) != 1 {
		t.Fatal(len(cases), err)
	}
	of, err := s.bot.Case(t.Context(), cases[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notice {
		n = strings.ReplaceAll(n, of.Case.Word, "") // which stays as the counsellor says it
		if !regexp.MustCompile(`\p{Cyrillic}`).MatchString(n) || strings.ContainsAny(n, "ąčęėįšųūž") {
			t.Errorf("in Russian: %s", n)
		}
	}
	if !strings.Contains(b.body, "Sveiki") {
		t.Error("what the counsellor wrote has changed")
	}
}

func TestThePersonSeesThatTheCounsellorIsWriting(t *testing.T) {
	s := newSite(t)
	b := s.waits(t, "lt")
	other := s.waits(t, "lt")
	s.web.Types(s.bot.Key(bot.Address{Channel: web.Name, ID: b.id()}))
	if b.get("/lt/check"); !strings.Contains(b.body, "Konsultantas rašo") {
		t.Errorf("not seen:\n%s", b.body)
	}
	if other.get("/lt/check"); strings.Contains(other.body, "Konsultantas rašo") {
		t.Error("somebody else sees it")
	}
}
