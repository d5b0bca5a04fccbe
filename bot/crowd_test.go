package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// crowded is two processes with a desk over one store.
func crowded(t *testing.T) (bots [2]*bot.Bot) {
	t.Helper()
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	for i := range bots {
		b := bot.New(builtIn(t), store, ring)
		b.Desk, b.Always = bot.Place{On: true, Topics: true}, true
		b.Draws = map[string]bool{"web": true}
		b.Sender = nobody{}
		bots[i] = b
	}
	return bots
}

type nobody struct{}

func (nobody) Send(bot.Held, bot.Message) bool { return false }
func (nobody) Room(uint8) bool                 { return false }

// asks opens a case.
func asks(t *testing.T, b *bot.Bot, channel, id, network string, at time.Time) bot.Session {
	t.Helper()
	from := bot.Address{Channel: channel, ID: id}
	for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
		u.From, u.Lang, u.Network, u.At = from, "lt", network, at
		if _, err := b.Handle(context.Background(), u); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Session(context.Background(), from)
	if err != nil || !s.Case.Active() {
		t.Fatalf("%s has no case: %v", id, err)
	}
	return s
}

func TestTheDeskCannotBeBuried(t *testing.T) {
	bots, at := crowded(t), time.Now()
	made, folded := 300, 0
	for i := range made {
		if asks(t, bots[i%2], "web", fmt.Sprint("made-up ", i), fmt.Sprintf("2001:db8:%x::/64", i), at).Case.Folded {
			folded++
		}
	}
	if made-folded != 6 {
		t.Errorf("%d of %d made-up cases are before the counsellors", made-folded, made)
	}
	real := asks(t, bots[0], "telegram", "7", "", at.Add(time.Second))
	if real.Case.Folded {
		t.Error("a person on Telegram is put aside because of the web")
	}
	cases, err := bots[1].Cases(context.Background())
	if err != nil || len(cases) != 7 {
		t.Fatalf("%d cases in the queue, %v", len(cases), err)
	}
	if cases[1].Key != bots[0].Key(real.Case.Person) && cases[0].Key != bots[0].Key(real.Case.Person) {
		t.Error("more than one case from the web stands before a person on Telegram")
	}
	all, err := bots[0].Folded(context.Background())
	if err != nil || len(all) != folded {
		t.Errorf("%d put aside, %v", len(all), err)
	}
	w, err := bots[1].Waits(context.Background(), at.Add(time.Hour), 1000)
	if err != nil || w.Folded != folded || w.FoldedOld.Unix() != at.Unix() || w.Cases[bot.Waiting][bot.Calm]+w.Cases[bot.Waiting][bot.Grave]+w.Cases[bot.Waiting][bot.Danger] != 7 {
		t.Errorf("whoever watches the desk is told %+v, %v", w, err)
	}
	t.Run("who is put aside has the numbers at once and an honest word", func(t *testing.T) {
		s, _ := bots[0].Session(context.Background(), bot.Address{Channel: "web", ID: "made-up 299"})
		lines, err := bots[0].Log(context.Background(), bots[0].Key(s.Case.Person), 0)
		if err != nil || len(lines) == 0 || !strings.Contains(lines[0].Text, "+370") || !strings.Contains(lines[0].Text, "112") || !strings.Contains(lines[0].Text, "gali ilgai neatsakyti") {
			t.Errorf("%v %v", lines, err)
		}
	})
	t.Run("a counsellor can take it from there", func(t *testing.T) {
		ctx, person := context.Background(), bot.Address{Channel: "web", ID: "made-up 299"}
		if _, err := bots[0].Handle(ctx, bot.Update{From: person, Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Rūta"}, At: at}); err != nil {
			t.Fatal(err)
		}
		if s, _ := bots[1].Session(ctx, person); s.Case.State != bot.Taken || s.Case.Folded {
			t.Errorf("%+v", s.Case)
		}
		if cases, _ := bots[1].Cases(ctx); len(cases) != 8 {
			t.Errorf("%d cases in the queue", len(cases))
		}
	})
	t.Run("a minute later there is room again, and not for the same address", func(t *testing.T) {
		later := at.Add(2 * time.Minute)
		folded := 0
		for i := range 5 { // so many wait that an address's hour counts
			asks(t, bots[0], "web", fmt.Sprint("waiting ", i), fmt.Sprintf("198.51.100.%d", i), later.Add(-time.Minute+time.Duration(i)*20*time.Second))
		}
		later = later.Add(2 * time.Minute)
		for i := range 6 {
			if asks(t, bots[0], "web", fmt.Sprint("later ", i), "203.0.113.7", later.Add(time.Duration(i)*20*time.Second)).Case.Folded {
				folded++
			}
		}
		if folded != 0 {
			t.Errorf("%d of six in two minutes are put aside", folded)
		}
		if !asks(t, bots[1], "web", "seventh", "203.0.113.7", later.Add(5*time.Minute)).Case.Folded {
			t.Error("a seventh of one address in an hour is not")
		}
		if asks(t, bots[1], "web", "another", "203.0.113.8", later.Add(5*time.Minute)).Case.Folded {
			t.Error("another address is put aside for it")
		}
	})
	t.Run("no more wait at once than anybody can look at", func(t *testing.T) {
		last := 0
		for i := range 120 {
			if !asks(t, bots[0], "web", fmt.Sprint("slow ", i), fmt.Sprintf("10.1.%d.1", i), at.Add(time.Hour+time.Duration(i)*time.Minute)).Case.Folded {
				last++
			}
		}
		if last > 60 {
			t.Errorf("%d are before the counsellors", last)
		}
	})
}

func TestWhileTheDeskHasRoomNobodyPaysForANeighbourAtTheSameAddress(t *testing.T) {
	bots, at := crowded(t), time.Now()
	for i := range 9 { // a mobile carrier has one address for everybody
		if asks(t, bots[i%2], "web", fmt.Sprint("person ", i), "203.0.113.7", at.Add(time.Duration(i)*time.Minute)).Case.Folded {
			t.Errorf("person %d of one address is put aside while the desk has room", i+1)
		}
	}
}
