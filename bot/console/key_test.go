package console_test

import (
	"testing"

	"go.uber.org/zap"

	"patikra/bot/console"
	"patikra/bot/seal"
)

func TestACaseThatWasOpenWhenTheKeyChangedIsStillAnswered(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	open := ruta.form("do", "say", "text", "I have not gone away")
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
