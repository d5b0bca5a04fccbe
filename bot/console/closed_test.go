package console_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"patikra/bot"
)

func TestClosedTalksAreFoundByWordOutcomeLevelAndDayWhileTheyAreKept(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	for id, outcome := range map[string]string{"anna": "fraud", "berta": "labour"} {
		at := s.asks(id)
		ruta.act(at, "do", "take")
		ruta.act(at, "do", "close", "outcome", outcome, "referred", "helpline")
	}
	s.asks("carla") // nobody has taken it
	s.says("carla", "human:end")
	s.asks("dora") // it is not closed
	anna, berta := s.word("anna"), s.word("berta")
	list := func(query string) string {
		t.Helper()
		ruta.get("/desk/closed" + query)
		if ruta.code != 200 || strings.Contains(ruta.body, s.word("carla")) || strings.Contains(ruta.body, s.word("dora")) {
			t.Fatalf("%s: %d\n%s", query, ruta.code, ruta.body)
		}
		_, body, _ := strings.Cut(ruta.body, "</form>\n<ul")
		return body
	}
	today := time.Now().In(s.bot.Library().Catalog.Desk.Zone).Format(time.DateOnly)
	for query, want := range map[string][2]bool{
		"": {true, true}, "?outcome=fraud": {true, false}, "?outcome=-": {false, false}, "?level=calm": {true, true}, "?level=danger": {false, false},
		"?day=" + today: {true, true}, "?day=2001-01-01": {false, false}, "?word=" + strings.ToUpper(strings.ReplaceAll(berta, " ", "+")): {false, true}, "?from=99": {false, false},
	} {
		got := list(query)
		if strings.Contains(got, anna) != want[0] || strings.Contains(got, berta) != want[1] {
			t.Errorf("%q lists\n%s", query, got)
		}
	}
	list("")
	ruta.has("Sukčiavimas", "Pagalbos linija")
	ruta.get("/desk")
	ruta.hasNot(anna, berta)
	if open, err := s.bot.OpenCases(context.Background()); err != nil || len(open) != 1 {
		t.Errorf("%d cases are open: %v", len(open), err)
	}
	s.says("anna", "/erase")
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Forgotten, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := list(""); strings.Contains(got, anna) {
		t.Error("who had everything erased is still listed")
	}
}
