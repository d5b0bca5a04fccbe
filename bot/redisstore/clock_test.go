package redisstore

import (
	"context"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

// process is a store as a machine has it whose clock is off.
func process(t *testing.T, url string, off *time.Duration) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{URL: url, Partitions: storetest.Partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.clock.wall = func() time.Time { return time.Now().Round(0).Add(*off) }
	return s
}

func TestProcessesWhoseClocksDifferDoNotWaitForEachOther(t *testing.T) {
	r := storetest.RedisServer(t)
	for name, off := range map[string]time.Duration{"20 s ahead": 20 * time.Second, "20 s behind": -20 * time.Second, "an hour ahead": time.Hour} {
		t.Run(name, func(t *testing.T) {
			none := time.Duration(0)
			a, b := process(t, r.URL(), &off), process(t, r.URL(), &none)
			ctx := t.Context()
			for i := range 6 {
				s := []*Store{a, b}[i%2]
				wait, err := s.Reserve(ctx, name, 1, 100*time.Millisecond, 1, s.clock.wall())
				if err != nil || wait > time.Duration(i)*100*time.Millisecond {
					t.Fatalf("place %d waits %v, %v", i, wait, err)
				}
			}
			key := storetest.Key()
			it := storetest.Item(a.clock.wall(), false)
			if _, err := a.Commit(ctx, bot.Commit{Key: key, Next: 1, Value: storetest.Value(9), TTL: time.Hour, Now: a.clock.wall(), Send: []bot.Item{it}}); err != nil {
				t.Fatal(err)
			}
			first, second := a, b
			for range 2 {
				held, err := first.Take(ctx, first.clock.wall().Add(60*time.Millisecond), first.clock.wall().Add(5*time.Second), 10)
				if err != nil || len(held) != 1 || held[0].Item.ID != it.ID {
					t.Fatalf("what is due is not taken: %v %v", held, err)
				}
				if held, err := second.Take(ctx, second.clock.wall(), second.clock.wall().Add(5*time.Second), 10); err != nil || len(held) != 0 {
					t.Fatalf("what one process holds, the other takes: %v %v", held, err)
				}
				if err := first.Postpone(ctx, key, it.ID, first.clock.wall()); err != nil {
					t.Fatal(err)
				}
				first, second = second, first
			}
			if held, err := b.Take(ctx, b.clock.wall().Add(60*time.Millisecond), b.clock.wall().Add(5*time.Second), 10); err != nil || len(held) != 1 {
				t.Fatalf("%v %v", held, err)
			}
			if held, err := a.Take(ctx, a.clock.wall().Add(6*time.Second), a.clock.wall().Add(time.Minute), 10); err != nil || len(held) != 1 {
				t.Fatalf("a lease that has run out is not taken over: %v %v", held, err)
			}
		})
	}
}

func TestAClockThatIsSetBackDelaysNothing(t *testing.T) {
	r := storetest.RedisServer(t)
	off := time.Hour
	s, ctx := process(t, r.URL(), &off), t.Context()
	key := storetest.Key()
	items := []bot.Item{storetest.Item(s.clock.wall(), false), storetest.Item(s.clock.wall().Add(time.Second), false)}
	if _, err := s.Commit(ctx, bot.Commit{Key: key, Next: 1, Value: storetest.Value(9), TTL: time.Hour, Now: s.clock.wall(), Send: items, Lease: s.clock.wall().Add(bot.LeaseTime)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, s.clock.wall()); err != nil {
		t.Fatal(err)
	}
	off = 0
	if wait, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, s.clock.wall()); err != nil || wait > 1100*time.Millisecond {
		t.Errorf("the next message waits %v, %v", wait, err)
	}
	held, err := s.Take(ctx, s.clock.wall().Add(bot.LeaseTime+time.Second), s.clock.wall().Add(time.Minute), 10)
	if err != nil || len(held) != 1 || held[0].Item.Due.After(time.Now().Add(time.Second)) {
		t.Fatalf("%v %v", held, err)
	}
}

func TestAnOrderThatLiesTooFarAheadBeginsAnew(t *testing.T) {
	r := storetest.RedisServer(t)
	none := time.Duration(0)
	s, ctx := process(t, r.URL(), &none), t.Context()
	if _, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, time.Now().Add(time.Hour)); err != nil { // as an earlier version did
		t.Fatal(err)
	}
	if wait, err := s.Reserve(ctx, "telegram", 1, time.Second, 1, time.Now()); err != nil || wait > bot.MostWait {
		t.Errorf("the next message waits %v, %v", wait, err)
	}
}

func TestATimerLastsAsLongAsItsCase(t *testing.T) {
	r := storetest.RedisServer(t)
	none := time.Duration(0)
	s, ctx, now := process(t, r.URL(), &none), t.Context(), time.Now()
	key, life := storetest.Key(), 22*24*time.Hour
	timer := storetest.Item(now.Add(time.Minute), false)
	lives := func() time.Duration {
		key.Queue = bot.Timer
		left, err := r.Client().PTTL(ctx, queue(key)).Result()
		if err != nil {
			t.Fatal(err)
		}
		key.Queue = bot.ToPerson
		return left
	}
	if _, err := s.Commit(ctx, bot.Commit{Key: key, Next: 1, Value: storetest.Value(9), TTL: life, Now: now, Timer: &timer}); err != nil {
		t.Fatal(err)
	}
	if left := lives(); left < life-time.Minute {
		t.Errorf("it ends in %v", left)
	}
	if _, err := s.Commit(ctx, bot.Commit{Key: key, Base: 1, Next: 2, Value: storetest.Value(9), TTL: 2 * life, Now: now}); err != nil {
		t.Fatal(err)
	}
	if left := lives(); left < 2*life-time.Minute {
		t.Errorf("after a turn that sets none it ends in %v", left)
	}
}
