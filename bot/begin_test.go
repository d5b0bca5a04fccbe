package bot_test

import (
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

func TestBeginningAgainOverAnOpenTalkGoesOnWithTheTalk(t *testing.T) {
	bots, at := crowded(t), time.Now()
	for _, channel := range []string{"telegram", "messenger"} {
		before := asks(t, bots[0], channel, "7", "", at)
		for _, text := range []string{"/start", "/start radio_lt", "/start at-work", "/start en", "/start training", "/start supervision", "/restart", "/menu"} {
			at = at.Add(2 * time.Second)
			if _, err := bots[0].Handle(t.Context(), bot.Update{From: before.Case.Person, Kind: bot.Typed, Text: text, At: at}); err != nil {
				t.Fatal(err)
			}
			s, err := bots[0].Session(t.Context(), before.Case.Person)
			if err != nil || !s.Case.Active() || s.Case.Word != before.Case.Word || s.Case.Asked == 0 {
				t.Fatalf("%s: after %s the case is %+v, %v", channel, text, s.Case, err)
			}
			if page := talk.Draw(bots[0].Library(), s, ""); page.Screen != "talk" {
				t.Errorf("%s: after %s the screen is %s", channel, text, page.Screen)
			}
		}
	}
	if cases, err := bots[0].Cases(t.Context()); err != nil || len(cases) != 2 {
		t.Errorf("%d cases of two people, %v", len(cases), err)
	}
}
