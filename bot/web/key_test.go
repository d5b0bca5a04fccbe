package web_test

import (
	"testing"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/seal"
	"patikra/bot/web"
)

// anew is the page of a process that was started anew with other keys. turn makes the first of them the one that seals before.
func (s *site) anew(turn bool, keys ...string) {
	s.t.Helper()
	open := func() (*bot.Guard, *seal.Ring) {
		ring, err := seal.New(keys[0], 8, keys[1:]...)
		if err != nil {
			s.t.Fatal(err)
		}
		guard := bot.NewGuard(s.store, ring, "PATIKRA_KEY")
		if err := guard.Look(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		return guard, ring
	}
	guard, ring := open()
	if turn {
		if _, err := guard.Rotate(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		guard, ring = open()
	}
	s.bot = bot.New(s.bot.Library(), guard, ring)
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
