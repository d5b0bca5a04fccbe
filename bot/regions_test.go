package bot_test

import (
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

func TestWhichMunicipalitiesTheDeskServesIsSaidBeforeSomebodyAgrees(t *testing.T) {
	says := func(lib *library.Library) string {
		s := bot.Session{Lang: "lt", Stage: bot.Welcome, Quiz: "job-offer", Book: lib.ID}
		p := talk.Decide(lib, s, bot.Update{ID: 1, From: you, Kind: bot.Pressed, Text: "human", At: time.Now(), Desk: bot.Desk{On: true}})
		return p.Send[len(p.Send)-1].Text
	}
	if text := says(builtIn(t)); strings.Contains(text, "savivaldybėse") {
		t.Errorf("no municipality is named, and yet:\n%s", text)
	}
	files := staff(t)
	edited("content/desk.yaml", "regions: []", "regions: [Alytus, Varėna]")(files)
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if text := says(lib); !strings.Contains(text, "savivaldybėse: Alytus, Varėna. Visur kitur padeda pagalbos linija: +370 ") {
		t.Errorf("before somebody agrees they read\n%s", text)
	}
}
