package sqlitestore

import (
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

func TestAClockThatIsSetBackDelaysNothing(t *testing.T) {
	s, err := Open(t.TempDir(), storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, ahead := t.Context(), time.Now().Round(0).Add(time.Hour)
	commit := func(c bot.Commit) bot.Key {
		t.Helper()
		c.Key, c.Next, c.Value, c.TTL, c.Now = storetest.Key(), 1, storetest.Value(9), 2*time.Hour, ahead
		if _, err := s.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		return c.Key
	}
	timer := storetest.Item(ahead, false)
	waits := commit(bot.Commit{Send: []bot.Item{storetest.Item(ahead, false)}})
	leased := commit(bot.Commit{Desk: []bot.Item{storetest.Item(ahead, false)}, Lease: ahead.Add(bot.LeaseTime)})
	commit(bot.Commit{Timer: &timer})
	put := commit(bot.Commit{Send: []bot.Item{storetest.Item(time.Now(), false)}})
	held, err := s.Take(ctx, time.Now(), time.Now().Add(time.Second), 10)
	if err != nil || len(held) != 1 || held[0].Key != put {
		t.Fatalf("%v %v", held, err)
	}
	if err := s.Postpone(ctx, put, held[0].Item.ID, time.Now().Add(20*time.Minute)); err != nil { // a network that wants it so
		t.Fatal(err)
	}
	s.hasten(time.Now())
	held, err = s.Take(ctx, time.Now(), time.Now().Add(time.Second), 10)
	if err != nil || len(held) != 2 {
		t.Fatalf("%d are taken (%v)", len(held), err)
	}
	leased.Queue = bot.ToDesk
	for _, h := range held {
		if h.Key != waits && h.Key != leased {
			t.Errorf("taken: queue %d", h.Key.Queue)
		}
	}
	if _, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, ahead); err != nil {
		t.Fatal(err)
	}
	if wait, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, time.Now().Round(0)); err != nil || wait > bot.MostWait {
		t.Errorf("the next message waits %v, %v", wait, err)
	}
}

func TestATimerLastsAsLongAsItsCase(t *testing.T) {
	s, err := Open(t.TempDir(), storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, now := t.Context(), time.Now()
	long := storetest.Item(now.Add(-7*24*time.Hour), false) // as after a week in which nothing ran
	open, ended := storetest.Key(), storetest.Key()
	if _, err := s.Commit(ctx, bot.Commit{Key: open, Next: 1, Value: storetest.Value(9), TTL: time.Hour, Now: now, Timer: &long}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(ctx, bot.Commit{Key: ended, Next: 1, Value: storetest.Value(9), TTL: -time.Hour, Now: now, Timer: &long}); err != nil {
		t.Fatal(err)
	}
	s.sweep(now)
	held, err := s.Take(ctx, now, now.Add(time.Second), 10)
	open.Queue = bot.Timer
	if err != nil || len(held) != 1 || held[0].Key != open {
		t.Errorf("%v %v", held, err)
	}
}
