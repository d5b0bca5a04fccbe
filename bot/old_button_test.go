package bot_test

import (
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

func TestAButtonOfAForgottenConversationBeginsANewOne(t *testing.T) {
	l := shipped(t)
	for _, data := range []string{"back:here", "back:3", "back:typed", "language:lt", "language:xx", "language", "why:3", "skip:3", "next:3", "next:typed", "answer:3.1", "ticked:3.1",
		"erase", "erase:yes", "exit", "numbers", "human", "help", "menu", "restart", "case:take", "nonsense", ""} {
		for _, stage := range []bot.Stage{bot.Fresh, bot.Language} {
			for _, locale := range []string{"", "lt"} {
				for _, aloud := range []bool{false, true} {
					u := bot.Update{ID: 1, From: bot.Address{Channel: "x", ID: "1"}, Kind: bot.Pressed, Text: data, Locale: locale, Aloud: aloud, At: benchTime}
					p := talk.Decide(l, bot.Session{Stage: stage}, u)
					if len(p.Send) == 0 && p.Toast == "" {
						t.Errorf("%q at stage %d with %q: nothing to be seen", data, stage, locale)
					}
					if aloud && len(p.Send) != 1 {
						t.Errorf("%q at stage %d with %q: %d messages", data, stage, locale, len(p.Send))
					}
				}
			}
		}
	}
}

func TestWhereNoShortAnswerCanBeGivenTheScreenSaysIt(t *testing.T) {
	l := shipped(t)
	var s bot.Session
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Pressed, Text: "next:1"}, {Kind: bot.Pressed, Text: "next:2"}, {Kind: bot.Pressed, Text: "answer:1.0"}} {
		u.ID, u.From, u.Locale, u.At = uint64(i+1), bot.Address{Channel: "x", ID: "1"}, "en", benchTime
		quiet := talk.Decide(l, s, u)
		u.Aloud = true
		p := talk.Decide(l, s, u)
		if s = p.Session; len(p.Send) != 1 {
			t.Fatalf("%d messages after %q", len(p.Send), u.Text)
		}
		if i == 3 && (len(quiet.Send) != 0 || quiet.Toast == "" || len(p.Send[0].Buttons) == 0) {
			t.Errorf("an old button: %+v", p.Send)
		}
		if i == 3 && p.Session.Serial != quiet.Session.Serial {
			t.Error("the buttons of the screen's first copy should still be good")
		}
	}
}

func TestAnOldButtonDrawsAScreenThatNeverArrived(t *testing.T) {
	l := shipped(t)
	for _, refused := range []bool{true, false} {
		var s bot.Session
		for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Delivered, Ref: 50, Screen: true}, {Kind: bot.Pressed, Text: "next:1", Ref: 50}, {Kind: bot.Pressed, Text: "next:2", Ref: 50}} {
			u.ID, u.From, u.Locale, u.At, u.Serial = uint64(i+1), bot.Address{Channel: "x", ID: "1"}, "en", benchTime, s.Serial
			s = talk.Decide(l, s, u).Session
		}
		serial := s.Serial
		if refused { // the screen in place of the first was given up
			p := talk.Decide(l, s, bot.Update{From: bot.Address{Channel: "x", ID: "1"}, Kind: bot.Missed, Screen: true, Serial: serial, At: benchTime})
			s = p.Session
		}
		p := talk.Decide(l, s, bot.Update{ID: 10, From: bot.Address{Channel: "x", ID: "1"}, Kind: bot.Pressed, Text: "next:1", Ref: 50, Locale: "en", At: benchTime})
		switch {
		case p.Toast == "":
			t.Errorf("given up %v: nothing is said about the old button", refused)
		case refused && (len(p.Send) != 1 || len(p.Send[0].Buttons) == 0 || p.Session.Stage != s.Stage):
			t.Errorf("the screen is not drawn: %+v", p.Send)
		case !refused && len(p.Send) != 0:
			t.Errorf("a screen that is there is drawn again: %+v", p.Send)
		}
	}
}
