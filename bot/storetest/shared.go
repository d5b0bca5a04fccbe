package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"patikra/bot"
)

// RunShared runs what is promised to several processes that share one store. open returns the store as two of
// them see it.
func RunShared(t *testing.T, open func(t *testing.T) (a, b bot.Store)) {
	for _, c := range []struct {
		promise string
		test    func(a, b suite)
	}{
		{"what one commits the other loads, and goes on from", goesOnFrom},
		{"of two that commit on one version one wins, and the other gets what the winner wrote", oneOfTwoWins},
		{"a head that one holds is left alone by the other until the lease has run out", leftAlone},
		{"a head that one acknowledged or erased is gone for the other", goneForBoth},
		{"what one forgets is done for the other", doneForBoth},
		{"a message to the desk, a timer, a log and a case of one are the other's too", deskOfBoth},
		{"places are handed out to both in one order", placesForBoth},
		{"both count into one sum", countedByBoth},
	} {
		t.Run(c.promise, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			a, b := open(t)
			now := time.Now().Truncate(time.Millisecond)
			c.test(suite{t, ctx, a, now}, suite{t, ctx, b, now})
		})
	}
}

func goesOnFrom(a, b suite) {
	k := a.begin()
	for v := uint32(7); v < 20; v++ {
		value := Value(60)
		a.commit(bot.Commit{Key: k, Base: v, Next: v + 1, Value: value})
		if r := b.load(k); r.Version != v+1 || !bytes.Equal(r.Value, value) {
			b.Fatalf("version %d instead of %d", r.Version, v+1)
		}
		a, b = b, a
	}
}

func oneOfTwoWins(a, b suite) {
	for range 20 {
		k := a.begin()
		var values [2][]byte
		var outs [2]bot.Committed
		var errs [2]error
		var wg sync.WaitGroup
		for i, s := range []suite{a, b} {
			values[i] = Value(40)
			wg.Go(func() {
				outs[i], errs[i] = s.try(bot.Commit{Key: k, Base: 7, Next: uint32(50 + i), Value: values[i], Send: []bot.Item{Item(s.now, false)}})
			})
		}
		wg.Wait()
		lost := 1
		if errs[0] != nil {
			lost = 0
		}
		won := 1 - lost
		if errs[won] != nil || !errors.Is(errs[lost], bot.ErrConflict) {
			a.Fatalf("%v, %v", errs[0], errs[1])
		}
		if newest := outs[lost].Newest; newest.Version != uint32(50+won) || !bytes.Equal(newest.Value, values[won]) {
			a.Fatalf("the loser got version %d", newest.Version)
		}
		it := b.take(k, b.now)
		if it == nil || a.ack(k, it.ID, a.now) != nil {
			a.Fatal("there should be exactly one message")
		}
	}
}

func leftAlone(a, b suite) {
	one, two := Item(a.now, false), Item(a.now, false)
	k := Key()
	if out := a.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{one, two}, Lease: a.now.Add(5 * time.Second)}); !out.Leased {
		a.Fatal("not leased")
	}
	if b.take(k, b.now.Add(4*time.Second)) != nil {
		b.Fatal("taken while somebody else held it")
	}
	if err := a.store.Extend(a.ctx, []bot.Held{{Key: k, Item: one}}, a.now.Add(10*time.Second)); err != nil {
		a.Fatal(err)
	}
	if b.take(k, b.now.Add(9*time.Second)) != nil {
		b.Fatal("taken while the lease was kept")
	}
	later := b.now.Add(11 * time.Second)
	b.same(b.take(k, later), one)
	b.same(b.ack(k, one.ID, later), two)
	if _, err := a.store.Ack(a.ctx, k, one.ID, later, later); !errors.Is(err, bot.ErrNotHeld) {
		a.Fatalf("the first holder's late ack: %v", err)
	}
	if a.take(k, later) != nil {
		a.Fatal("the second was taken twice")
	}
	if b.ack(k, two.ID, later) != nil {
		b.Fatal("one too many")
	}
}

func goneForBoth(a, b suite) {
	it := Item(a.now, true)
	k := a.begin(it)
	b.same(b.take(k, b.now), it)
	a.commit(bot.Commit{Key: k, Base: 7})
	if _, err := b.store.Ack(b.ctx, k, it.ID, b.now, b.now); !errors.Is(err, bot.ErrNotHeld) {
		b.Fatalf("ack of what was erased: %v", err)
	}
	if b.load(k).Version != 0 || b.take(k, b.now.Add(time.Hour)) != nil {
		b.Fatal("something is left")
	}
	if _, err := b.try(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{it}}); !errors.Is(err, bot.ErrConflict) {
		b.Fatalf("a turn decided on what was erased: %v", err)
	}
	if b.load(k).Version != 0 || b.take(k, b.now.Add(time.Hour)) != nil {
		b.Fatal("it brought something back")
	}
}

func doneForBoth(a, b suite) {
	k, update := a.begin(), rand.Uint64()|1
	a.commit(bot.Commit{Key: k, Base: 7, Forget: []uint64{update}})
	if out := b.commit(bot.Commit{Key: k, Next: 1, Value: Value(5), Update: update}); !out.Done {
		b.Fatal("it was dealt with again")
	}
}

func deskOfBoth(a, b suite) {
	k, desk, timer := Key(), Item(a.now, false), Item(a.now.Add(time.Minute), false)
	lines := [][]byte{Value(20), Value(20)}
	if out := a.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Desk: []bot.Item{desk}, Timer: &timer, Log: lines[:1], Mark: &bot.Mark{State: 1, Since: a.now},
		Lease: a.now.Add(5 * time.Second)}); !out.Desk {
		a.Fatal("not leased")
	}
	b.holds(k, b.now.Add(4*time.Second), none, none, none)
	b.holds(k, b.now.Add(5*time.Second), none, desk, none)
	b.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Log: lines[1:]})
	a.log(k, 0, lines)
	if b.marked(k) == nil {
		b.Fatal("there is no case")
	}
	b.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Timer: &bot.Item{}, Mark: &bot.Mark{}})
	if a.marked(k) != nil {
		a.Fatal("the case is still open")
	}
	a.holds(k, a.now.Add(time.Hour), none, desk, none)
}

func placesForBoth(a, b suite) {
	channel := fmt.Sprint("c", rand.Uint64())
	var waits []time.Duration
	for range 6 {
		w, err := a.store.Reserve(a.ctx, channel, 1, 100*time.Millisecond, 2, a.now)
		if err != nil {
			a.Fatal(err)
		}
		waits = append(waits, w.Round(time.Millisecond))
		a, b = b, a
	}
	if got := fmt.Sprint(waits); got != "[0s 0s 100ms 200ms 300ms 400ms]" {
		a.Fatalf("they wait %v", got)
	}
}

func countedByBoth(a, b suite) {
	day := fmt.Sprintf("%04d-05-05", 2100+rand.IntN(7000))
	for range 10 {
		a.commit(bot.Commit{Key: Key(), Next: 1, Value: Value(3), Day: day, Counts: []string{"started"}})
		a, b = b, a
	}
	if n, err := b.store.Counts(b.ctx, day); err != nil || n["started"] != 10 {
		b.Fatalf("got %v, %v", n, err)
	}
}
