package console_test

import (
	"testing"

	"go.uber.org/zap"

	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/seal"
	"patikra/bot/storetest"
)

func TestACaseThatWasOpenWhenTheKeyChangedIsStillAnswered(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	open := ruta.form("do", "say", "text", "I have not gone away")
	s.end() // what still leaves would tell the new console while it is being made
	later, err := seal.New(seal.NewKey(), 8, s.key)
	if err != nil {
		t.Fatal(err)
	}
	if s.console, err = console.New(console.Settings{URL: s.url, Secrets: later.Secrets}, s.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	if now := s.page("anna"); now == at {
		t.Error("the page's name does not depend on the key")
	}
	if ruta.post(at, open); ruta.code != 200 {
		t.Errorf("what was being written is refused: %d", ruta.code)
	}
	ruta.get(at)
	ruta.has("I have not gone away")
	if ruta.get(at[:len(at)-4] + "AAAA"); ruta.code != 404 {
		t.Errorf("a name that no key made: %d", ruta.code)
	}
}

// anew is the console of a process that was started anew with other keys. turn makes the first of them the one that seals before.
func (s *site) anew(turn bool, keys ...string) {
	s.t.Helper()
	s.end() // else it would seal with the earlier key after the change
	guard, ring := storetest.Keyed(s.t, s.store, turn, keys...)
	s.bot = desk.New(s.bot.Library(), guard, ring)
	s.bot.Always, s.bot.Desk.On = true, true
	var err error
	if s.console, err = console.New(console.Settings{URL: s.url, Secrets: ring.Secrets}, s.bot, zap.NewNop()); err != nil {
		s.t.Fatal(err)
	}
}

func TestALinkThatNobodyHasUsedWhenTheKeyChangedLetsOnePersonInAlsoWithTheNewKeyAlone(t *testing.T) {
	s := newSite(t)
	lead := s.enters("Rūta", desk.Lead)
	at := s.asks("anna")
	jonas, ona := s.invite("Jonas", ""), s.invite("Ona", "")
	known, next := s.bot.Pseudonym(s.bot.Key(person("anna"))), seal.NewKey()
	uses := func(when, link string) {
		t.Helper()
		b := s.visit()
		if b.comes(link); b.code != 200 || b.path != "/desk" {
			t.Errorf("%s a link that was made with the earlier key leads to %s, %d", when, b.path, b.code)
		}
		again := s.visit()
		if again.comes(link); again.code != 410 || again.path == "/desk" {
			t.Errorf("%s it leads a second time to %s, %d", when, again.path, again.code)
		}
		if lead.get("/desk"); lead.code != 200 || lead.path != "/desk" {
			t.Errorf("%s the lead is at %s, %d", when, lead.path, lead.code)
		}
		if now := s.bot.Pseudonym(s.bot.Key(person("anna"))); now != known {
			t.Errorf("%s the case is known as %s and no longer as %s", when, now, known)
		}
	}
	s.anew(true, next, s.key)
	uses("after the change", jonas)
	if lead.get(at); lead.code != 200 {
		t.Errorf("after the change the case's earlier address is answered with %d", lead.code)
	}
	s.anew(false, next)
	uses("with the new key alone", ona)
	if lead.get(at); lead.code != 404 {
		t.Errorf("with the new key alone the case's earlier address is answered with %d", lead.code)
	}
	if lead.get(s.page("anna")); lead.code != 200 {
		t.Errorf("with the new key alone the case's address of now is answered with %d", lead.code)
	}
}
