package redisstore_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/redisstore"
	"patikra/bot/storetest"
)

func put(t testing.TB, s bot.Store, k bot.Key, base, next uint32, items ...bot.Item) error {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	_, err := s.Commit(ctx, bot.Commit{Key: k, Base: base, Next: next, Value: storetest.Value(200), TTL: time.Hour, Now: time.Now(), Send: items})
	return err
}

func TestARedisThatWasAwayIsFoundAgain(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	k := storetest.Key()
	if err := put(t, s, k, 0, 1); err != nil {
		t.Fatal(err)
	}
	for _, how := range []func(){r.Stop, r.Kill} {
		how()
		begin := time.Now()
		if err := put(t, s, k, 1, 2); err == nil {
			t.Fatal("a commit succeeds without Redis")
		}
		if d := time.Since(begin); d > 4500*time.Millisecond {
			t.Errorf("it took %v to fail", d)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Error("ping answers without Redis")
		}
		r.Start()
		end := time.Now().Add(5 * time.Second)
		for s.Ping(t.Context()) != nil {
			if time.Now().After(end) {
				t.Fatal("it is not found again")
			}
			time.Sleep(20 * time.Millisecond)
		}
		if rec, err := s.Load(t.Context(), k); err != nil || rec.Version != 1 {
			t.Fatalf("%v %v", rec.Version, err)
		}
	}
}

func TestOpenedWhileRedisIsAway(t *testing.T) {
	r := storetest.RedisServer(t)
	r.Stop()
	s := open(t, r.URL())
	if err := put(t, s, storetest.Key(), 0, 1); err == nil {
		t.Fatal("a commit succeeds without Redis")
	}
	r.Start()
	if err := put(t, s, storetest.Key(), 0, 1); err != nil {
		t.Fatal(err)
	}
}

func TestAKilledRedisThatSyncsAlwaysLosesNoAcknowledgedCommit(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	var mu sync.Mutex
	acknowledged := map[bot.Key]uint32{}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			k := storetest.Key()
			for v := uint32(0); ; v++ {
				select {
				case <-stop:
					return
				default:
				}
				if put(t, s, k, v, v+1) != nil {
					return
				}
				mu.Lock()
				acknowledged[k] = v + 1
				mu.Unlock()
			}
		}()
	}
	time.Sleep(300 * time.Millisecond)
	r.Kill()
	close(stop)
	wg.Wait()
	r.Start()
	n := 0
	for k, v := range acknowledged {
		rec, err := s.Load(t.Context(), k)
		for try := 0; err != nil && try < 50; try++ {
			time.Sleep(50 * time.Millisecond)
			rec, err = s.Load(t.Context(), k)
		}
		if err != nil || rec.Version < v {
			t.Errorf("version %d was acknowledged, %d is there (%v)", v, rec.Version, err)
		}
		n += int(v)
	}
	if n < 5 {
		t.Errorf("only %d commits were made", n)
	}
}

func TestScriptsThatRedisForgotAreSentAgain(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	for i := range uint32(5) {
		k := storetest.Key()
		it := storetest.Item(time.Now().Add(-time.Second), false)
		if err := r.Client().ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if err := put(t, s, k, 0, i+1, it); err != nil {
			t.Fatal(err)
		}
		r.Client().ScriptFlush(t.Context())
		if held, err := s.Take(t.Context(), time.Now(), time.Now().Add(time.Second), 10); err != nil || len(held) != 1 {
			t.Fatal(held, err)
		}
		r.Client().ScriptFlush(t.Context())
		if _, err := s.Ack(t.Context(), k, it.ID, time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnotherNumberOfPartitionsIsRefused(t *testing.T) {
	r := storetest.RedisServer(t)
	open(t, r.URL())
	if _, err := redisstore.Open(t.Context(), redisstore.Options{URL: r.URL(), Partitions: 8}); err == nil || !strings.Contains(err.Error(), "PATIKRA_PARTITIONS") || !strings.Contains(err.Error(), fmt.Sprint(storetest.Partitions)) {
		t.Errorf("%v", err)
	}
	late := storetest.RedisServer(t)
	late.Stop()
	s, err := redisstore.Open(t.Context(), redisstore.Options{URL: late.URL(), Partitions: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	late.Start()
	open(t, late.URL())
	if err := put(t, s, bot.Key{}, 0, 1); err == nil || !strings.Contains(err.Error(), "PATIKRA_PARTITIONS") {
		t.Errorf("a store that came later: %v", err)
	}
}

func TestTwoProcessesNeverHoldTheSameHead(t *testing.T) {
	r := storetest.RedisServer(t)
	a, b := open(t, r.URL()), open(t, r.URL())
	now := time.Now()
	const n = 200
	for range n {
		if err := put(t, a, storetest.Key(), 0, 1, storetest.Item(now.Add(-time.Second), false)); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	seen := map[uint64]int{}
	var wg sync.WaitGroup
	for _, s := range []bot.Store{a, b, a, b} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				held, err := s.Take(t.Context(), now, now.Add(time.Minute), 30)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, h := range held {
					seen[h.Item.ID]++
				}
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	for id, times := range seen {
		if times > 1 {
			t.Errorf("item %d was taken %d times", id, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d were taken", len(seen), n)
	}
}

func TestErasedMeansThatNeitherKeyNorHashIsLeft(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	now := time.Now()
	k := storetest.Key()
	if err := put(t, s, k, 0, 1, storetest.Item(now, true), storetest.Item(now, false)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 1, Next: 2, Value: storetest.Value(90), TTL: time.Hour, Now: now, Files: []bot.File{{Number: 1, Value: storetest.Value(9000)}}}); err != nil {
		t.Fatal(err)
	}
	farewell := storetest.Item(now, false)
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 2, Now: now, Forget: []uint64{7, 8}, Send: []bot.Item{farewell}, Lease: now.Add(time.Second), Counts: []string{"erased"}, Day: "2026-01-01"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ack(t.Context(), k, farewell.ID, now, now); err != nil {
		t.Fatal(err)
	}
	c := r.Client()
	keys, err := c.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString(k.Hash[:])
	for _, key := range keys {
		dump, _ := c.Dump(t.Context(), key).Result()
		plain, _ := c.ZRange(t.Context(), key, 0, -1).Result()
		all := []byte(key + dump + strings.Join(plain, ""))
		if bytes.Contains(all, k.Hash[:]) || bytes.Contains(all, []byte(text)) {
			t.Errorf("the hash stands in %s", key)
		}
	}
}

func TestAConversationUnderWayTakesLittle(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	total := int64(0)
	const n = 50
	for range n {
		k := storetest.Key()
		ctx := context.Background()
		if _, err := s.Commit(ctx, bot.Commit{Key: k, Next: 1, Value: storetest.Value(205), TTL: time.Hour, Now: time.Now()}); err != nil {
			t.Fatal(err)
		}
		size, err := r.Client().MemoryUsage(ctx, fmt.Sprintf("{p%02d}c:%s", k.Partition, base64.RawURLEncoding.EncodeToString(k.Hash[:]))).Result()
		if err != nil {
			t.Fatal(err)
		}
		total += size
	}
	// The expiry stands in a table of its own, which MEMORY USAGE does not count: an entry and its share of the buckets.
	const expiry = 40
	if mean := total/n + expiry; mean > 400 {
		t.Errorf("%d bytes", mean)
	} else {
		t.Logf("%d bytes for a sealed session of 205", mean)
	}
}

func TestAddresses(t *testing.T) {
	for _, good := range []string{"redis://127.0.0.1:1", "redis://u:p@127.0.0.1:1/3", "rediss://127.0.0.1:1", "redis+cluster://127.0.0.1:1,127.0.0.1:2", "redis+cluster://u:s3cr3t@127.0.0.1:1",
		"127.0.0.1:1,127.0.0.1:2", "redis://127.0.0.1:1,127.0.0.1:2", "rediss://127.0.0.1:1,127.0.0.1:2", "redis+sentinel://127.0.0.1:1,127.0.0.1:2/main", "redis+sentinel://u:s3cr3t@127.0.0.1:1/main/2", "127.0.0.1:1"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		s, err := redisstore.Open(ctx, redisstore.Options{URL: good, Partitions: 4})
		cancel()
		if err != nil {
			t.Errorf("%s: %v", good, err)
			continue
		}
		s.Close()
	}
	for _, bad := range []string{"http://u:s3cr3t@x", "redis://u:s3cr3t@x:port", "redis+sentinel://u:s3cr3t@x:1", "redis+sentinel://u:s3cr3t@x:1/m/q", "redis+cluster://u:s3cr3t@x:1,,y:2", "redis+cluster://s3cr3t@x:1", "redis+cluster://x:99999", "redis://u:s3cr3t@x/db/7?a=b"} {
		s, err := redisstore.Open(t.Context(), redisstore.Options{URL: bad, Partitions: 4})
		if err == nil {
			s.Close()
			t.Errorf("%s is taken", bad)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t") || !strings.HasPrefix(err.Error(), "REDIS_URL: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestAClosedStoreRefuses(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	s.Close()
	if err := put(t, s, storetest.Key(), 0, 1); err == nil || errors.Is(err, bot.ErrConflict) {
		t.Errorf("%v", err)
	}
}

func BenchmarkCommit(b *testing.B) {
	r := storetest.RedisServer(b, "--appendfsync", "no")
	s := open(b, r.URL())
	b.RunParallel(func(pb *testing.PB) {
		k := storetest.Key()
		v := uint32(0)
		for pb.Next() {
			if err := put(b, s, k, v, v+1); err != nil {
				b.Fatal(err)
			}
			v++
		}
	})
}
