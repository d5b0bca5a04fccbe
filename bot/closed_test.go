package bot_test

import (
	"slices"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
)

func TestAClosedTalkIsFoundFromEveryProcessUntilItIsErasedOrForgotten(t *testing.T) {
	eachStore(t, func(t *testing.T, one, two *desk.Desk) {
		now := time.Now()
		does := func(b *desk.Desk, id string, kind bot.Kind, text string) {
			t.Helper()
			now = now.Add(time.Second)
			u := bot.Update{From: bot.Address{Channel: "chat", ID: id}, Kind: kind, Text: text, At: now}
			if kind == bot.Acted {
				u.Actor = rutaOn
			}
			if r, err := b.Handle(t.Context(), u); err != nil || r.Refused {
				t.Fatalf("%s: %+v, %v", text, r, err)
			}
		}
		key := func(id string) bot.Key { return one.Key(bot.Address{Channel: "chat", ID: id}) }
		for _, id := range []string{"a", "b", "c", "untaken"} {
			opens(t, one, id)
		}
		for _, id := range []string{"a", "b", "c"} {
			does(one, id, bot.Acted, "take")
			does(two, id, bot.Acted, "close")
		}
		does(one, "untaken", bot.Pressed, "human:end")
		list := func(want ...string) {
			t.Helper()
			for _, b := range []*desk.Desk{one, two} {
				got, err := b.ClosedCases(t.Context())
				if err != nil || len(got) != len(want) {
					t.Fatalf("%d are listed instead of %v, %v", len(got), want, err)
				}
				for i, id := range want {
					if got[i].Key != key(id) || bot.CaseState(got[i].State) != bot.Closed {
						t.Errorf("place %d is not %s's: %+v", i, id, got[i])
					}
				}
				if open, err := b.OpenCases(t.Context()); err != nil || slices.ContainsFunc(open, func(m bot.Marked) bool { return slices.Contains(want, "a") && m.Key == key("a") }) {
					t.Errorf("what is closed stands in the queue: %v, %v", open, err)
				}
			}
		}
		list("c", "b", "a") // the last closed first; what nobody has held is not there
		does(two, "b", bot.Pressed, "erase:yes")
		list("c", "a")
		does(one, "c", bot.Acted, "reopen")
		list("a")
		for range 2 { // its answers are forgotten after a day, then the whole of it
			s, err := two.Session(t.Context(), bot.Address{Channel: "chat", ID: "a"})
			if err != nil {
				t.Fatal(err)
			}
			list("a")
			now = time.Unix(s.Case.Due, 0)
			does(two, "a", bot.Due, "")
		}
		list()
	})
}
