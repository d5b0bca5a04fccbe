package redisstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/redisstore"
	"patikra/bot/storetest"
)

func open(t testing.TB, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(context.Background(), redisstore.Options{URL: url, Partitions: storetest.Partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	r := storetest.RedisServer(t)
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, r.URL()) })
}

func TestStoreOnACluster(t *testing.T) {
	url, _ := storetest.RedisCluster(t)
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, url) })
}

func TestStoreSharedByTwoProcesses(t *testing.T) {
	r := storetest.RedisServer(t)
	storetest.RunShared(t, func(t *testing.T) (a, b bot.Store) { return open(t, r.URL()), open(t, r.URL()) })
}

// An entry of a conversation that ended is not only left out: it leaves the index, unless its record is back.
func TestWhatHasEndedLeavesTheIndexOfCases(t *testing.T) {
	r := storetest.RedisServer(t)
	s, c, ctx := open(t, r.URL()), r.Client(), t.Context()
	mark := func(ttl time.Duration) bot.Key {
		k := storetest.Key()
		if _, err := s.Commit(ctx, bot.Commit{Key: k, Next: 1, Value: storetest.Value(9), TTL: ttl, Now: time.Now(), Mark: &bot.Mark{State: 1, Since: time.Now()}}); err != nil {
			t.Fatal(err)
		}
		return k
	}
	short, long, kept := mark(50*time.Millisecond), mark(time.Hour), mark(50*time.Millisecond)
	if _, err := s.Commit(ctx, bot.Commit{Key: kept, Base: 1, Next: 2, Value: storetest.Value(9), TTL: time.Hour, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	all, err := s.Cases(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v %v", all, err)
	}
	for k, want := range map[bot.Key]bool{short: false, long: true, kept: true} {
		there, err := c.HExists(ctx, fmt.Sprintf("{p%02d}cases", k.Partition), string(k.Hash[:])).Result()
		if err != nil || there != want {
			t.Errorf("it is there: %v, instead of %v (%v)", there, want, err)
		}
	}
}

// What waits for a time far ahead must not end by itself before, nor because something else is put behind it.
func TestAQueueLastsLongerThanItsLatestItem(t *testing.T) {
	r := storetest.RedisServer(t)
	s, c, ctx := open(t, r.URL()), r.Client(), t.Context()
	now, fortnight := time.Now(), 14*24*time.Hour
	k, timer := storetest.Key(), storetest.Item(now.Add(fortnight), false)
	if _, err := s.Commit(ctx, bot.Commit{Key: k, Next: 1, Value: storetest.Value(9), TTL: time.Hour, Now: now, Timer: &timer,
		Desk: []bot.Item{storetest.Item(now.Add(fortnight), false)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(ctx, bot.Commit{Key: k, Base: 1, Next: 2, Value: storetest.Value(9), TTL: time.Hour, Now: now,
		Desk: []bot.Item{storetest.Item(now, true)}}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"q1", "q2"} {
		names, err := c.Keys(ctx, "*}"+q+":*").Result()
		if err != nil || len(names) != 1 {
			t.Fatalf("%v %v", names, err)
		}
		if left, err := c.PTTL(ctx, names[0]).Result(); err != nil || left < fortnight+47*time.Hour {
			t.Errorf("%s ends in %v (%v)", q, left, err)
		}
	}
	// the log ends when the record does, whether the last turn wrote to it or not
	for v, lines := range [][][]byte{{storetest.Value(9)}, nil} {
		if _, err := s.Commit(ctx, bot.Commit{Key: k, Base: uint32(v + 2), Next: uint32(v + 3), Value: storetest.Value(9), TTL: time.Duration(v+1) * time.Hour, Now: now, Log: lines}); err != nil {
			t.Fatal(err)
		}
	}
	names, err := c.Keys(ctx, "*}l:*").Result()
	if err != nil || len(names) != 1 {
		t.Fatalf("%v %v", names, err)
	}
	if left, err := c.PTTL(ctx, names[0]).Result(); err != nil || left < 119*time.Minute || left > 2*time.Hour {
		t.Errorf("the log ends in %v (%v)", left, err)
	}
}
