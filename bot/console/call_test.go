package console_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// calls takes a person from nothing to a case that is to be called at the first time that is offered, and returns its page.
func (s *site) calls(id string) string {
	s.t.Helper()
	slot := strings.TrimPrefix(talk.Times(s.bot.Library(), "en", time.Now())[0].Data, "ring ")
	if s.case_(id) == nil {
		s.says(id, "/start")
	}
	for _, text := range []string{"/human", "human:call", "+370 612 34567", "human:hours." + slot, "human:voice.2", "human:else.1", "human:send"} {
		s.says(id, text)
	}
	if !s.case_(id).Wants() {
		s.t.Fatalf("nobody is to be called:\n%s", s.people.got(id))
	}
	return s.page(id)
}

func TestACallIsDialledFromThePageAndWrittenDownThere(t *testing.T) {
	s := newSite(t)
	path := s.calls("anna")
	ruta := s.enters("Rūta", desk.Lead)
	first := talk.Times(s.bot.Library(), "lt", time.Now())[0].Label
	ruta.get("/desk")
	ruta.has("Paskambinti vėliau", first)
	if _, waiting, _ := strings.Cut(ruta.body, `id="waiting"`); strings.Index(waiting, s.case_("anna").Word) < strings.Index(waiting, `id="later"`) {
		t.Errorf("a call that is not due stands among those who wait:\n%s", ruta.body)
	}
	c := s.case_("anna")
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Due, At: time.Unix(c.Ring, 0)}); err != nil {
		t.Fatal(err)
	}
	ruta.get("/desk")
	ruta.has("skambinti dabar")
	ruta.hasNot("Paskambinti vėliau")
	ruta.act(path, "do", "take")
	ruta.get(path)
	ruta.has(`<a class="tel" href="tel:+37061234567">+370 612 34567</a> (Lietuva)`, "Skambiname dėl kursų", "Žinutės nepalikti")
	ruta.act(path, "do", "unreached")
	s.soon("the person is told", func() bool { return strings.Contains(s.people.got("anna"), "could not talk") })
	ruta.act(path, "do", "ring", "at", talk.Times(s.bot.Library(), "lt", time.Now())[2].Data)
	if c := s.case_("anna"); ruta.path != "/desk" || c.State != bot.Waiting || c.Ring == 0 {
		t.Errorf("at %s the case is %s, due at %d", ruta.path, c.State, c.Ring)
	}
	ruta.act(path, "do", "ring", "at", "close")
	if ruta.code != 400 {
		t.Errorf("something else than a time: %d", ruta.code)
	}
	ruta.act(path, "do", "take")
	ruta.act(path, "do", "reached")
	ruta.get(path)
	ruta.has("Pasikalbėta telefonu")
	ruta.hasNot(`value="unreached"`)
	ruta.get("/desk/deeds")
	ruta.has("skambino, nepavyko", "nustatė skambučio laiką", "pasikalbėjo telefonu")
}

func TestACardWithACallAndOpenQuestionsFitsAPhone(t *testing.T) {
	s := newSite(t)
	for _, text := range []string{"/start", "/next", "/next", "Under 18", "/skip", "/skip", "/numbers"} {
		s.says("anna", text)
	}
	s.says("anna", "Norway")
	s.says("anna", "/back")
	path := s.calls("anna")
	b := chromium(t, s)
	b.enters("Rūta", "")
	b.check("queue with a call later")
	b.open(path)
	b.click("#do-take")
	for _, wide := range []int64{1280, 360} {
		b.size(wide, 800)
		b.check("card with a call " + strconv.FormatInt(wide, 10))
	}
	b.do(chromedp.Click("#open-questions summary"))
	b.check("card unfolded")
}
