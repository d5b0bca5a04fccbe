package web_test

import (
	"errors"
	"html"
	"strings"
	"testing"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/seal"
	"patikra/bot/storetest"
	"patikra/bot/web"
)

// anew is the page of a process that was started anew with other keys. turn makes the first of them the one that seals before.
func (s *site) anew(turn bool, keys ...string) {
	s.t.Helper()
	guard, ring := storetest.Keyed(s.t, s.store, turn, keys...)
	s.bot = desk.New(s.bot.Library(), guard, ring)
	s.bot.Draws = map[string]bool{web.Name: true}
	var err error
	if s.web, err = web.New(web.Settings{URL: s.url, Secrets: ring.Secrets, NoLimit: true}, s.bot, zap.NewNop()); err != nil {
		s.t.Fatal(err)
	}
}

func TestAPageThatWasOpenWhenTheKeyChangedStillSends(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	case_ := func() string { return s.bot.Pseudonym(s.bot.Key(bot.Address{Channel: web.Name, ID: b.id()})) }
	next, known := seal.NewKey(), case_()
	sends := func(what string) {
		t.Helper()
		was := b.body
		if b.ordinary(); b.code != 200 || b.screen() != "question" || b.body == was {
			t.Fatalf("%s: %d, %s", what, b.code, b.screen())
		}
		if now := case_(); now != known {
			t.Errorf("%s: whoever keeps lists of cases counts this one twice, as %s and %s", what, known, now)
		}
	}
	s.anew(false, next, s.key)
	sends("a process that knows the new key")
	s.anew(false, s.key)
	sends("a process that does not know it yet, with the page of one that does")
	s.anew(true, next, s.key)
	sends("after the change")
	s.anew(false, next)
	sends("with the new key alone, a page made since the change")

	forged := b.hidden()
	forged.Set("form", forged.Get("form")[:12]+"AAAAAAAAAAAAAAAAAAAA")
	if b.post(b.path, forged); b.code != 403 {
		t.Errorf("a form that no key made: %d", b.code)
	}
}

func TestWhatWasSignedWithAKeyIsKnownAsLongAsThatKeyIsThereAndNoLonger(t *testing.T) {
	s := newSite(t)
	next := seal.NewKey()
	given := func(day string) string {
		return "/en/" + engine.CertificatePath + "/" + s.bot.Code(bot.Certificate{Module: "recognise", Day: day})
	}
	open := s.visit(t) // with it the store is not empty, which takes any key
	open.begin("en")
	l := s.bot.Library().Catalog.Language("en")
	reads := func(when, path, day string) {
		t.Helper()
		b := s.visit(t)
		if b.get(path); b.code != 200 || !strings.Contains(b.body, day) || !strings.Contains(html.UnescapeString(b.body), l.Text("recognise.name")) {
			t.Errorf("%s the certificate of %s is answered with %d", when, day, b.code)
		}
	}
	old := given("2026-03-01")
	reads("before the change", old, "2026-03-01")
	s.anew(false, next, s.key)
	during := given("2026-03-02")
	reads("in a process that knows the new key", old, "2026-03-01")
	s.anew(false, s.key)
	reads("in a process that does not know it yet", during, "2026-03-02")
	s.anew(true, next, s.key)
	reads("after the change", old, "2026-03-01")
	after := given("2026-03-03")
	s.anew(false, next, s.key)
	for path, day := range map[string]string{old: "2026-03-01", during: "2026-03-02", after: "2026-03-03"} {
		reads("after the change and another start", path, day)
	}

	s.anew(false, next)
	reads("with the new key alone", after, "2026-03-03")
	for _, path := range []string{old, during} {
		b := s.visit(t)
		if b.get(path); b.code != 404 || !strings.Contains(html.UnescapeString(b.body), l.Text("training.certificate-bad")) || !strings.Contains(b.body, "112") {
			t.Errorf("with the new key alone a certificate that the earlier one signed is answered with %d", b.code)
		}
	}
	if open.post(open.path, open.hidden()); open.code != 403 || !strings.Contains(open.body, "112") {
		t.Errorf("with the new key alone a page that was made with the earlier one is answered with %d", open.code)
	}

	ring, err := seal.New(s.key, 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.NewGuard(s.store, ring, "PATIKRA_KEY").Look(t.Context()); !errors.Is(err, seal.ErrKey) {
		t.Errorf("the earlier key alone still opens the store: %v", err)
	}
}
