package bot_test

import (
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

func TestWhoComesBackWithinADayGoesOnWithTheSameTalk(t *testing.T) {
	bots, at := crowded(t), time.Now()
	b := bots[0]
	for _, channel := range []string{"telegram", "messenger", "web"} {
		before := asks(t, b, channel, "7", bot.AnyNetwork, at)
		person := before.Case.Person
		does := func(kind bot.Kind, text string, at time.Time) bot.Session {
			t.Helper()
			if _, err := b.Handle(t.Context(), bot.Update{From: person, Kind: kind, Text: text, Lang: "lt", Network: bot.AnyNetwork, At: at}); err != nil {
				t.Fatal(err)
			}
			s, err := b.Session(t.Context(), person)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		does(bot.Pressed, "human:end", at)
		does(bot.Pressed, "human:rate.5", at)
		if s := does(bot.Pressed, "human:last", at); talk.Draw(b.Library(), s, "lt").Title == "" || s.Over != bot.Rate {
			t.Errorf("%s: what was said is not shown", channel)
		}
		s := does(bot.Typed, "Tęsti pokalbį", at.Add(23*time.Hour))
		if !s.Case.Active() || s.Case.Word != before.Case.Word || s.Case.Asked == 0 || s.Case.Rated != 0 {
			t.Errorf("%s: the talk does not go on: %+v", channel, s.Case)
		}
		does(bot.Pressed, "human:end", at.Add(23*time.Hour))
		does(bot.Pressed, "human:rate.4", at.Add(23*time.Hour))
		does(bot.Pressed, "human:last", at.Add(23*time.Hour))
		if s := does(bot.Typed, "Dar vienas klausimas", at.Add(23*time.Hour)); !s.Case.Active() {
			t.Errorf("%s: what is written below the talk reaches nobody: %+v", channel, s.Case)
		}
		does(bot.Pressed, "human:end", at.Add(23*time.Hour))
		if s := does(bot.Pressed, "human:again", at.Add(48*time.Hour)); s.Case.Active() || s.Over != bot.Consent {
			t.Errorf("%s: after a day it goes on without being asked: %+v", channel, s.Case)
		}
	}
}

func TestTheDeskIsNotBuriedByTalksThatGoOn(t *testing.T) {
	bots, at := crowded(t), time.Now()
	folded := 0
	for i := range 20 {
		s := asks(t, bots[0], "web", string(rune('a'+i)), "198.51.100.7", at)
		for _, text := range []string{"human:end", "human:again"} {
			if _, err := bots[0].Handle(t.Context(), bot.Update{From: s.Case.Person, Kind: bot.Pressed, Text: text, Lang: "lt", Network: "198.51.100.7", At: at}); err != nil {
				t.Fatal(err)
			}
		}
		if s, _ = bots[0].Session(t.Context(), s.Case.Person); s.Case.Folded {
			folded++
		}
	}
	if folded < 14 {
		t.Errorf("%d of 20 are put aside", folded)
	}
}
