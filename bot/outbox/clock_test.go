package outbox_test

import (
	"context"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

// quiet is a bot over a store whose outbox does not run.
func quiet(t *testing.T, store bot.Store) *desk.Desk {
	t.Helper()
	t.Cleanup(func() { store.Close() })
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(lib, store, ring)
	b.Chat = bot.Pace{Interval: time.Second, Burst: 3}
	b.Desk, b.Always = engine.Reach{On: true, Topics: true}, true
	return b
}

func stores(t *testing.T, test func(t *testing.T, store bot.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		s, err := sqlitestore.Open(t.TempDir(), storetest.Partitions)
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
	t.Run("redis", func(t *testing.T) {
		s, err := redisstore.Open(t.Context(), redisstore.Options{URL: storetest.RedisServer(t).URL(), Partitions: storetest.Partitions})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

// updates numbers what people do.
var updates uint64

func does(t *testing.T, b *desk.Desk, who bot.Address, kind bot.Kind, text string, at time.Time) {
	t.Helper()
	updates++
	if _, err := b.Handle(context.Background(), bot.Update{ID: updates, From: who, Kind: kind, Text: text, Locale: "lt", At: at}); err != nil {
		t.Fatal(err)
	}
}

func TestOneTurnWithAClockAnHourAheadDelaysNoLaterAnswer(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		b, who := quiet(t, store), bot.Address{Channel: "test", ID: "1"}
		now := time.Now()
		b.Sender = none{}
		does(t, b, who, bot.Typed, "/start", now.Add(time.Hour))
		for { // what that turn said has been sent
			held, err := store.Take(t.Context(), now.Add(2*time.Hour), now.Add(2*time.Hour), 10)
			if err != nil {
				t.Fatal(err)
			}
			if len(held) == 0 {
				break
			}
			for _, h := range held {
				if _, err := store.Ack(t.Context(), h.Key, h.Item.ID, now, now); err != nil {
					t.Fatal(err)
				}
			}
		}
		does(t, b, who, bot.Typed, "?", now)
		held, err := store.Take(t.Context(), now.Add(bot.LeaseTime+2*time.Second), now.Add(time.Minute), 10)
		if err != nil || len(held) != 1 {
			t.Fatalf("%d answers are due at once (%v)", len(held), err)
		}
	})
}

// none has no room: what is decided waits in the store.
type none struct{}

func (none) Send(bot.Held, bot.Message) bool { return false }
func (none) Room(uint8) bool                 { return false }

func TestAtTheStartEveryOpenCaseHasATimer(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		b := quiet(t, store)
		b.Sender = none{}
		now := time.Now()
		for _, id := range []string{"1", "2", "3"} {
			who := bot.Address{Channel: "test", ID: id}
			does(t, b, who, bot.Typed, "/start", now)
			does(t, b, who, bot.Typed, "/human", now)
			does(t, b, who, bot.Pressed, "human:agree", now)
		}
		cases, err := b.Cases(t.Context())
		if err != nil || len(cases) != 3 {
			t.Fatalf("%d cases (%v)", len(cases), err)
		}
		timers := func(at time.Time) (list []bot.Held) {
			t.Helper()
			held, err := store.Take(t.Context(), at, at.Add(time.Hour), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range held {
				if h.Key.Queue == bot.Timer {
					list = append(list, h)
				}
			}
			return list
		}
		for _, h := range timers(now.Add(24 * time.Hour))[:2] { // as an earlier version left them after a week away
			if _, err := store.Ack(t.Context(), h.Key, h.Item.ID, now, now); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(timers(now.Add(26 * time.Hour))); n != 1 {
			t.Fatalf("%d timers before", n)
		}
		if err := b.WakeCases(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(timers(now.Add(28 * time.Hour))); n != 3 {
			t.Errorf("%d of 3 open cases have a timer", n)
		}
	})
}
