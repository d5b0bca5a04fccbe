// Package storetest is what a bot.Store promises, as tests that every implementation passes.
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

// Partitions is how many partitions the stores under test are opened with.
const Partitions = 64

// Key returns a new key at random.
func Key() bot.Key {
	k := bot.Key{Partition: uint16(rand.IntN(Partitions))}
	for i := range k.Hash {
		k.Hash[i] = byte(rand.Uint32())
	}
	return k
}

// Value returns bytes at random, as a sealed value looks.
func Value(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// Item returns an item at random that is due at a time.
func Item(due time.Time, screen bool) bot.Item {
	return bot.Item{ID: rand.Uint64() | 1, Due: time.UnixMilli(due.UnixMilli()), Value: Value(64), Screen: screen}
}

type suite struct {
	*testing.T
	ctx   context.Context
	store bot.Store
	now   time.Time
}

// Run runs the suite. open returns a store that may hold other conversations; the test closes what it opens.
func Run(t *testing.T, open func(t *testing.T) bot.Store) {
	for _, c := range []struct {
		promise string
		test    func(s suite)
	}{
		{"what is kept beside conversations is swapped only for what is known", keeps},
		{"what was committed is loaded, byte for byte", loadsWhatWasCommitted},
		{"large values are kept whole", large},
		{"a stale commit changes nothing and brings the newest record", stale},
		{"an erasure decided on an old version erases nothing", staleErasure},
		{"a turn committed three times counts once and sends once", threeTimes},
		{"of many commits on one version exactly one wins", oneWins},
		{"commits on different conversations all win", allWin},
		{"a record ends by itself", ends},
		{"a record that has ended is absent for a commit too", endedForCommit},
		{"an update that an erased conversation had seen is not dealt with again", forgotten},
		{"what a partition remembers as done, it remembers for every conversation", doneForAll},
		{"an erased conversation leaves neither record nor queue, but its farewell is delivered", erased},
		{"a farewell that nobody holds is taken, and is the last", farewellTaken},
		{"the head is leased to the committing process and to nobody else", leasedOnCommit},
		{"a head that is not due yet, or not the first, is not leased by a commit", notLeased},
		{"what is due is taken once, and again when its lease has run out", taken},
		{"many that take at once never hold the same head", takenByMany},
		{"within a partition the longest due comes first", longestFirst},
		{"what is not due is not taken", notDue},
		{"the limit of a take holds, and nothing is forgotten by it", takeLimit},
		{"leases that are extended hold on", extended},
		{"extending holds nothing that was not held", notExtended},
		{"the order of a queue holds", order},
		{"under many hands nothing is lost, doubled or out of order", manyHands},
		{"nothing is removed before it is acknowledged, and by its holder alone", acknowledged},
		{"a head that is put back waits its time and stays in front", postponed},
		{"a head that is gone cannot be put back", postponedGone},
		{"what became of an item's tries lies with it, through leases and putting back", triesKept},
		{"the tries of another than the head are not kept", triesOfHead},
		{"a head that is put behind holds up nothing, and is sent from there in its order", behind},
		{"what was put behind is erased with its conversation", behindErased},
		{"a later screen replaces one that waits, and never one that is being delivered", screens},
		{"a screen that was put back makes way for a later one", screenPutBack},
		{"screens that come together stay together, and a text replaces nothing", screensTogether},
		{"a delivered head is removed by the commit of what it caused", deliveredInCommit},
		{"what follows a delivered head at once is leased to its commit", deliveredThenLeased},
		{"the next item that is due later waits for its time", nextWaits},
		{"a turn's words to the person and to the desk are saved together", savedTogether},
		{"the desk's queue does not wait for the person's", deskDoesNotWait},
		{"a lease on one queue leaves the other free", leasedApart},
		{"a message to the desk is leased with the commit", deskLeased},
		{"to the desk too a later screen replaces one that waits, and the order holds", deskOrder},
		{"each queue is acknowledged, put back and extended by itself", queuesApart},
		{"a timer is replaced, even while it is being delivered, and can be emptied", timerReplaced},
		{"a timer for a fortnight hence is still there after other turns, and comes when it is due", timerFarAhead},
		{"erasing takes the log, the mark, the timer and both queues, and leaves the farewell to both", erasedWhole},
		{"what removes an erased conversation elsewhere stays when it is erased once more", stays},
		{"where there is no record an erasure leaves the queues, and appends", erasedNothing},
		{"a log keeps its last lines in order", logOrder},
		{"a log ends with its record", logEnds},
		{"files are kept whole beside their conversation, and a conflict keeps none", filesKept},
		{"erasing takes the files, and so does the end of the log or of the record", filesErased},
		{"files live as long as their conversation", filesLast},
		{"a walk shows files with their numbers, and brings none back that was erased", walksFiles},
		{"a conflict changes no queue, no timer, no log and no mark", staleQueues},
		{"an update that was dealt with before changes none of them either", doneQueues},
		{"cases of all partitions are found, closed ones not", cases},
		{"a case ends with its record, and the next conversation does not bring it back", casesEnd},
		{"what is closed is listed with the time of its end until it is erased, forgotten or over", closedStay},
		{"what waits to be delivered is counted, timers not, and the oldest of it is known", backlog},
		{"counters add up", counters},
		{"a name counted twice in one commit counts twice", countedTwice},
		{"places in the order are one interval apart, after a burst", places},
		{"places taken at the same time are all different", placesAtOnce},
		{"a walk shows every value, and what it puts there keeps version, order and life", walks},
		{"a walk leaves leases as they are", walkKeepsLeases},
		{"a walk never puts something earlier in the place of something later", walkYields},
		{"a walk brings nothing back that was erased", walkAfterErasure},
		{"a walk ends when it is told to", walkEnds},
		{"the store answers to a ping", ping},
		{"a call whose context has ended comes back at once", contextEnded},
	} {
		t.Run(c.promise, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			c.test(suite{t, ctx, open(t), time.Now().Truncate(time.Millisecond)})
		})
	}
}

func (s suite) commit(c bot.Commit) bot.Committed {
	s.Helper()
	out, err := s.try(c)
	if err != nil {
		s.Fatalf("commit: %v", err)
	}
	return out
}

func (s suite) try(c bot.Commit) (bot.Committed, error) {
	if c.TTL == 0 {
		c.TTL = time.Hour
	}
	if c.Now.IsZero() {
		c.Now = s.now
	}
	return s.store.Commit(s.ctx, c)
}

func (s suite) load(k bot.Key) bot.Record {
	s.Helper()
	r, err := s.store.Load(s.ctx, k)
	if err != nil {
		s.Fatalf("load: %v", err)
	}
	return r
}

// begin makes a conversation with items in its queue.
func (s suite) begin(items ...bot.Item) bot.Key {
	s.Helper()
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(50), Send: items})
	return k
}

// take takes until the head of the queue of k is among what came; other conversations' heads are put back.
func (s suite) take(k bot.Key, now time.Time) *bot.Item {
	s.Helper()
	held, err := s.store.Take(s.ctx, now, now.Add(5*time.Second), 10_000)
	if err != nil {
		s.Fatalf("take: %v", err)
	}
	var out *bot.Item
	for _, h := range held {
		if h.Key == k {
			out = &h.Item
		}
	}
	return out
}

func (s suite) ack(k bot.Key, id uint64, now time.Time) *bot.Item {
	s.Helper()
	next, err := s.store.Ack(s.ctx, k, id, now, now.Add(5*time.Second))
	if err != nil {
		s.Fatalf("ack: %v", err)
	}
	return next
}

func (s suite) same(got *bot.Item, want bot.Item) {
	s.Helper()
	switch {
	case got == nil:
		s.Fatal("there is no item")
	case got.ID != want.ID || !bytes.Equal(got.Value, want.Value) || got.Screen != want.Screen || got.Stays != want.Stays || got.Tries != want.Tries || !got.Due.Equal(want.Due):
		s.Fatalf("another item: %+v instead of %+v", got, want)
	}
}

func loadsWhatWasCommitted(s suite) {
	k := Key()
	if r := s.load(k); r.Version != 0 || len(r.Value) > 0 {
		s.Fatalf("a new conversation has the record %v", r)
	}
	for i, v := range [][]byte{Value(1), Value(300), {}, bytes.Repeat([]byte{0}, 40)} {
		next := uint32(i + 1)
		s.commit(bot.Commit{Key: k, Base: uint32(i), Next: next, Value: v})
		if r := s.load(k); r.Version != next || !bytes.Equal(r.Value, v) {
			s.Fatalf("got %v, want version %d of %v", r, next, v)
		}
	}
	s.commit(bot.Commit{Key: k, Base: 4, Next: 0xFFFFFFFF, Value: Value(9)})
	if r := s.load(k); r.Version != 0xFFFFFFFF {
		s.Fatalf("version %d", r.Version)
	}
}

func stale(s suite) {
	k := s.begin()
	newest := Value(80)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: newest})
	for _, base := range []uint32{0, 7, 9} {
		out, err := s.try(bot.Commit{Key: k, Base: base, Next: 99, Value: Value(5), Send: []bot.Item{Item(s.now, true)}, Counts: []string{"stale"}, Day: "1999-01-01", Forget: []uint64{5}})
		if !errors.Is(err, bot.ErrConflict) {
			s.Fatalf("a commit on version %d gives %v", base, err)
		}
		if out.Newest.Version != 8 || !bytes.Equal(out.Newest.Value, newest) {
			s.Fatalf("the newest record is %v", out.Newest)
		}
	}
	if it := s.take(k, s.now.Add(time.Second)); it != nil {
		s.Fatal("a stale commit queued a message")
	}
	if n, err := s.store.Counts(s.ctx, "1999-01-01"); err != nil || n["stale"] != 0 {
		s.Fatalf("a stale commit counted: %v %v", n, err)
	}
	if out, err := s.try(bot.Commit{Key: Key(), Base: 3, Next: 4, Value: Value(5)}); !errors.Is(err, bot.ErrConflict) || out.Newest.Version != 0 {
		s.Fatalf("a commit on a conversation that is gone gives %v, %v", out, err)
	}
	if out, err := s.try(bot.Commit{Key: Key(), Base: 3, Next: 4}); !errors.Is(err, bot.ErrConflict) {
		s.Fatalf("an erasure on a conversation that is gone gives %v, %v", out, err)
	}
}

func oneWins(s suite) {
	k := s.begin()
	const n = 40
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, errs[i] = s.try(bot.Commit{Key: k, Base: 7, Next: uint32(100 + i), Value: Value(20), Send: []bot.Item{Item(s.now, false)}})
		}()
	}
	wg.Wait()
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			s.Fatalf("%d and %d both won", won, i)
		case err == nil:
			won = i
		case !errors.Is(err, bot.ErrConflict):
			s.Fatal(err)
		}
	}
	if r := s.load(k); won < 0 || r.Version != uint32(100+won) {
		s.Fatalf("%d won, but the version is %d", won, r.Version)
	}
	it := s.take(k, s.now.Add(time.Second))
	if it == nil || s.ack(k, it.ID, s.now.Add(time.Second)) != nil {
		s.Fatal("there should be exactly one message")
	}
}

func allWin(s suite) {
	var wg sync.WaitGroup
	errs := make([]error, 300)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			k := Key()
			for v := uint32(0); v < 5 && errs[i] == nil; v++ {
				_, errs[i] = s.try(bot.Commit{Key: k, Base: v, Next: v + 1, Value: Value(30), Counts: []string{"all"}, Day: "2001-01-01"})
			}
		}()
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		s.Fatal(err)
	}
}

func ends(s suite) {
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(10), TTL: 80 * time.Millisecond, Now: time.Now()})
	deadline := time.Now().Add(5 * time.Second)
	for s.load(k).Version != 0 {
		if time.Now().After(deadline) {
			s.Fatal("it is still there")
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.commit(bot.Commit{Key: k, Base: 0, Next: 2, Value: Value(10)})
	long := Key()
	s.commit(bot.Commit{Key: long, Next: 1, Value: Value(10), TTL: 80 * time.Millisecond})
	s.commit(bot.Commit{Key: long, Base: 1, Next: 2, Value: Value(10), TTL: time.Hour})
	time.Sleep(120 * time.Millisecond)
	if s.load(long).Version != 2 {
		s.Fatal("a later commit should have kept it")
	}
}

func forgotten(s suite) {
	k := s.begin()
	update := rand.Uint64() | 1
	s.commit(bot.Commit{Key: k, Base: 7, Update: update, Forget: []uint64{update, update ^ 2}})
	for _, u := range []uint64{update, update ^ 2} {
		out := s.commit(bot.Commit{Key: k, Base: 0, Next: 1, Value: Value(10), Update: u, Send: []bot.Item{Item(s.now, false)}})
		if !out.Done {
			s.Fatal("it was dealt with again")
		}
	}
	if s.load(k).Version != 0 || s.take(k, s.now.Add(time.Second)) != nil {
		s.Fatal("something was written")
	}
	if out := s.commit(bot.Commit{Key: k, Base: 0, Next: 1, Value: Value(10), Update: update ^ 4}); out.Done {
		s.Fatal("a new update is taken for an old one")
	}
}

func erased(s suite) {
	k := s.begin(Item(s.now, false), Item(s.now, true), Item(s.now.Add(time.Hour), false))
	farewell := Item(s.now, false)
	out := s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{farewell}, Lease: s.now.Add(5 * time.Second)})
	if !out.Leased {
		s.Error("the farewell should be held for the caller")
	}
	if r := s.load(k); r.Version != 0 {
		s.Fatal("the record is still there")
	}
	if next := s.ack(k, farewell.ID, s.now); next != nil {
		s.Fatal("something is left in the queue")
	}
	if it := s.take(k, s.now.Add(100*time.Hour)); it != nil {
		s.Fatal("something is left to send")
	}
	// what comes later from an erased conversation leaves the farewell alone
	k = s.begin()
	s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{farewell}})
	after := Item(s.now, false)
	s.commit(bot.Commit{Key: k, Send: []bot.Item{after}, Lease: s.now.Add(5 * time.Second)})
	s.same(s.take(k, s.now), farewell)
	s.same(s.ack(k, farewell.ID, s.now), after)
	s.ack(k, after.ID, s.now)
	// without a farewell
	k = s.begin(Item(s.now, false))
	s.commit(bot.Commit{Key: k, Base: 7})
	if it := s.take(k, s.now.Add(time.Hour)); it != nil || s.load(k).Version != 0 {
		s.Fatal("something is left")
	}
	// one under delivery: its holder finds it gone
	it := Item(s.now, false)
	k = s.begin(it)
	s.take(k, s.now)
	s.commit(bot.Commit{Key: k, Base: 7})
	if _, err := s.store.Ack(s.ctx, k, it.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack: %v", err)
	}
}

func leasedOnCommit(s suite) {
	it := Item(s.now, true)
	k := Key()
	out := s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{it, Item(s.now, false)}, Lease: s.now.Add(5 * time.Second)})
	if !out.Leased {
		s.Fatal("it is not leased")
	}
	if got := s.take(k, s.now.Add(4*time.Second)); got != nil {
		s.Fatal("somebody else got it")
	}
	if next := s.ack(k, it.ID, s.now); next == nil {
		s.Fatal("the second item did not follow")
	}
}

func notLeased(s suite) {
	k := Key()
	if out := s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{Item(s.now.Add(time.Second), false)}, Lease: s.now.Add(5 * time.Second)}); out.Leased {
		s.Fatal("leased before it is due")
	}
	first := Item(s.now, false)
	k = s.begin(first)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{Item(s.now, false)}, Lease: s.now.Add(5 * time.Second)}); out.Leased {
		s.Fatal("leased, though another item is in front")
	}
	s.same(s.take(k, s.now), first)
	k = s.begin()
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Lease: s.now.Add(5 * time.Second)}); out.Leased {
		s.Fatal("leased nothing")
	}
	if out := s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Send: []bot.Item{Item(s.now, false)}}); out.Leased {
		s.Fatal("leased unasked")
	}
}

func taken(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	s.same(s.take(k, s.now), it)
	if s.take(k, s.now.Add(4999*time.Millisecond)) != nil {
		s.Fatal("taken twice under one lease")
	}
	s.same(s.take(k, s.now.Add(5001*time.Millisecond)), it)
	s.ack(k, it.ID, s.now)
	if s.take(k, s.now.Add(time.Hour)) != nil {
		s.Fatal("taken after it was delivered")
	}
}

func notDue(s suite) {
	it := Item(s.now.Add(time.Minute), false)
	k := s.begin(it, Item(s.now, false))
	if s.take(k, s.now.Add(59*time.Second)) != nil {
		s.Fatal("taken too early")
	}
	s.same(s.take(k, s.now.Add(time.Minute)), it)
}

func takeLimit(s suite) {
	at := s.now.Add(2 * time.Hour)
	mine := map[bot.Key]bool{}
	for range 20 {
		mine[s.begin(Item(at, false))] = true
	}
	for range 40 {
		held, err := s.store.Take(s.ctx, at, at.Add(5*time.Second), 3)
		if err != nil {
			s.Fatal(err)
		}
		if len(held) > 3 {
			s.Fatalf("%d came", len(held))
		}
		for _, h := range held {
			delete(mine, h.Key)
		}
	}
	if held, err := s.store.Take(s.ctx, at, at.Add(5*time.Second), 0); err != nil || len(held) > 0 {
		s.Fatalf("a limit of 0 gives %d, %v", len(held), err)
	}
	if len(mine) > 0 {
		s.Fatalf("%d never came", len(mine))
	}
}

func extended(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	s.take(k, s.now)
	if err := s.store.Extend(s.ctx, []bot.Held{{Key: k, Item: it}, {Key: Key(), Item: it}}, s.now.Add(20*time.Second)); err != nil {
		s.Fatal(err)
	}
	if s.take(k, s.now.Add(19*time.Second)) != nil {
		s.Fatal("the lease was not kept")
	}
	s.same(s.take(k, s.now.Add(21*time.Second)), it)
	other := it
	other.ID ^= 2
	if err := s.store.Extend(s.ctx, []bot.Held{{Key: k, Item: other}}, s.now.Add(time.Hour)); err != nil {
		s.Fatal(err)
	}
	s.same(s.take(k, s.now.Add(30*time.Second)), it)
}

func order(s suite) {
	k := s.begin()
	var all []bot.Item
	for v := uint32(7); v < 17; v++ {
		items := []bot.Item{Item(s.now, false), Item(s.now, false)}
		all = append(all, items...)
		s.commit(bot.Commit{Key: k, Base: v, Next: v + 1, Value: Value(5), Send: items})
	}
	got := s.take(k, s.now)
	for i := range all {
		s.same(got, all[i])
		got = s.ack(k, all[i].ID, s.now)
	}
	if got != nil {
		s.Fatal("one too many")
	}
}

func acknowledged(s suite) {
	a, b := Item(s.now, false), Item(s.now, false)
	k := s.begin(a, b)
	s.take(k, s.now)
	for _, id := range []uint64{b.ID, a.ID ^ 2} {
		if _, err := s.store.Ack(s.ctx, k, id, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
			s.Fatalf("ack of another: %v", err)
		}
	}
	s.same(s.ack(k, a.ID, s.now), b)
	if _, err := s.store.Ack(s.ctx, k, a.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack twice: %v", err)
	}
	if s.take(k, s.now.Add(time.Second)) != nil {
		s.Fatal("the next was leased to the one who acknowledged, and was taken")
	}
	if s.ack(k, b.ID, s.now) != nil {
		s.Fatal("one too many")
	}
	if _, err := s.store.Ack(s.ctx, Key(), 1, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack in an empty queue: %v", err)
	}
}

func postponed(s suite) {
	a, b := Item(s.now, false), Item(s.now, false)
	k := s.begin(a, b)
	s.take(k, s.now)
	if err := s.store.Postpone(s.ctx, k, b.ID, s.now.Add(time.Minute)); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("another than the head: %v", err)
	}
	if err := s.store.Postpone(s.ctx, k, a.ID, s.now.Add(time.Minute)); err != nil {
		s.Fatal(err)
	}
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Send: []bot.Item{Item(s.now, false)}, Lease: s.now.Add(time.Second)})
	if s.take(k, s.now.Add(59*time.Second)) != nil {
		s.Fatal("it did not wait")
	}
	got := s.take(k, s.now.Add(61*time.Second))
	if got == nil || got.ID != a.ID {
		s.Fatal("it lost its place")
	}
}

func screens(s suite) {
	text, one, two := Item(s.now, false), Item(s.now.Add(time.Second), true), Item(s.now.Add(time.Second), true)
	k := s.begin(text, one)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Send: []bot.Item{two}})
	s.same(s.take(k, s.now), text)
	if next := s.ack(k, text.ID, s.now); next != nil {
		s.Fatal("the screen is not due yet")
	}
	later := s.now.Add(2 * time.Second)
	s.same(s.take(k, later), two)
	// now `two` is being delivered
	three := Item(later, true)
	s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(4), Send: []bot.Item{three}, Now: later, Lease: later.Add(time.Second)})
	four := Item(later, true)
	if out := s.commit(bot.Commit{Key: k, Base: 9, Next: 10, Value: Value(4), Send: []bot.Item{four}, Now: later, Lease: later.Add(time.Second)}); out.Leased {
		s.Fatal("leased behind one that is being delivered")
	}
	s.same(s.ack(k, two.ID, later), four)
	if s.ack(k, four.ID, later) != nil {
		s.Fatal("one too many")
	}
	// a waiting head that is replaced makes way at once
	k = s.begin(Item(s.now.Add(time.Hour), true))
	five := Item(s.now, true)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Send: []bot.Item{five}, Lease: s.now.Add(time.Second)}); !out.Leased {
		s.Fatal("not leased")
	}
	if s.ack(k, five.ID, s.now) != nil {
		s.Fatal("the replaced screen is still there")
	}
	// one whose lease has run out is not being delivered
	k = s.begin(Item(s.now, true))
	s.take(k, s.now)
	six := Item(s.now, true)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Send: []bot.Item{six}, Now: s.now.Add(time.Minute)})
	s.same(s.take(k, s.now.Add(time.Minute)), six)
}

func deliveredInCommit(s suite) {
	a, b := Item(s.now, true), Item(s.now, false)
	k := s.begin(a, b)
	s.take(k, s.now)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Delivered: a.ID})
	s.same(s.take(k, s.now), b)
	s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(4), Delivered: a.ID}) // no longer the head: nothing happens
	if s.ack(k, b.ID, s.now) != nil {
		s.Fatal("one too many")
	}
	s.commit(bot.Commit{Key: k, Base: 9, Next: 10, Value: Value(4), Delivered: b.ID})
	if s.take(k, s.now.Add(time.Hour)) != nil {
		s.Fatal("something is left")
	}
}

func nextWaits(s suite) {
	a, b := Item(s.now, false), Item(s.now.Add(time.Second), false)
	k := s.begin(a, b)
	s.take(k, s.now)
	if s.ack(k, a.ID, s.now) != nil {
		s.Fatal("the next came too early")
	}
	if s.take(k, s.now.Add(999*time.Millisecond)) != nil {
		s.Fatal("taken too early")
	}
	s.same(s.take(k, s.now.Add(time.Second)), b)
}

func counters(s suite) {
	day := fmt.Sprintf("%04d-01-01", 2100+rand.IntN(7000))
	for i := range 30 {
		s.commit(bot.Commit{Key: Key(), Next: 1, Value: Value(3), Day: day, Counts: []string{"started", "started@radio"}[:1+i%2]})
	}
	n, err := s.store.Counts(s.ctx, day)
	if err != nil || len(n) != 2 || n["started"] != 30 || n["started@radio"] != 15 {
		s.Fatalf("got %v, %v", n, err)
	}
	if n, err := s.store.Counts(s.ctx, "1900-01-01"); err != nil || len(n) != 0 {
		s.Fatalf("another day: %v, %v", n, err)
	}
}

func places(s suite) {
	channel := fmt.Sprint("c", rand.Uint64())
	reserve := func(n int, now time.Time) time.Duration {
		s.Helper()
		w, err := s.store.Reserve(s.ctx, channel, n, 100*time.Millisecond, 3, now)
		if err != nil {
			s.Fatal(err)
		}
		return w.Round(time.Millisecond)
	}
	for i, want := range []time.Duration{0, 0, 0, 100, 200} {
		if got := reserve(1, s.now); got != want*time.Millisecond {
			s.Fatalf("place %d waits %v", i, got)
		}
	}
	if got := reserve(2, s.now.Add(250*time.Millisecond)); got != 50*time.Millisecond {
		s.Fatalf("then %v", got)
	}
	if got := reserve(1, s.now.Add(250*time.Millisecond)); got != 250*time.Millisecond {
		s.Fatalf("after two places %v", got)
	}
	if got := reserve(1, s.now.Add(time.Hour)); got != 0 {
		s.Fatalf("after a pause %v", got)
	}
	if w, err := s.store.Reserve(s.ctx, channel, 5, 0, 1, s.now); err != nil || w != 0 {
		s.Fatalf("without a limit %v, %v", w, err)
	}
	if w, err := s.store.Reserve(s.ctx, channel+"x", 1, time.Second, 1, s.now); err != nil || w != 0 {
		s.Fatalf("another channel waits %v, %v", w, err)
	}
}

func backlog(s suite) {
	store, ok := s.store.(interface {
		Backlog(ctx context.Context, now time.Time) (bot.Backlog, error)
	})
	if !ok {
		s.Fatal("it cannot tell")
	}
	look := func() bot.Backlog {
		s.Helper()
		b, err := store.Backlog(s.ctx, s.now)
		if err != nil {
			s.Fatal(err)
		}
		return b
	}
	before := look()
	key, timer := Key(), Item(s.now.Add(-time.Hour), false)
	long := Item(time.UnixMilli(s.now.Add(-20*time.Hour).UnixMilli()), false)
	if _, err := s.store.Commit(s.ctx, bot.Commit{Key: key, Next: 1, Value: Value(9), TTL: time.Hour, Now: s.now, Timer: &timer,
		Send: []bot.Item{long, Item(s.now, false)}, Desk: []bot.Item{Item(s.now.Add(time.Hour), false)}}); err != nil {
		s.Fatal(err)
	}
	after := look()
	if after.Queues != before.Queues+2 || after.Items != before.Items+3 || !after.Oldest.Equal(long.Due) {
		s.Fatalf("%+v became %+v", before, after)
	}
	for range 2 { // given back, it is as old as before
		if err := s.store.Postpone(s.ctx, key, long.ID, s.now.Add(time.Minute)); err != nil {
			s.Fatal(err)
		}
	}
	if now := look(); !now.Oldest.Equal(long.Due) {
		s.Fatalf("%+v", now)
	}
}

func ping(s suite) {
	if err := s.store.Ping(s.ctx); err != nil {
		s.Fatal(err)
	}
}

func large(s suite) {
	it := Item(s.now, false)
	it.Value = Value(100_000)
	k, v := Key(), Value(200_000)
	s.commit(bot.Commit{Key: k, Next: 1, Value: v, Send: []bot.Item{it}})
	if r := s.load(k); !bytes.Equal(r.Value, v) {
		s.Fatalf("%d bytes came back", len(r.Value))
	}
	s.same(s.take(k, s.now), it)
	s.ack(k, it.ID, s.now)
}

func staleErasure(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	farewell := Item(s.now, false)
	update := rand.Uint64() | 1
	for _, base := range []uint32{0, 6, 8} {
		out, err := s.try(bot.Commit{Key: k, Base: base, Send: []bot.Item{farewell}, Forget: []uint64{update}, Delivered: it.ID})
		if !errors.Is(err, bot.ErrConflict) || out.Newest.Version != 7 {
			s.Fatalf("an erasure on version %d gives %v, %v", base, out, err)
		}
	}
	if s.load(k).Version != 7 {
		s.Fatal("the record is gone")
	}
	s.same(s.take(k, s.now), it)
	if s.ack(k, it.ID, s.now) != nil {
		s.Fatal("a farewell was queued")
	}
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Update: update}); out.Done {
		s.Fatal("an update was remembered as done")
	}
}

func threeTimes(s suite) {
	day := fmt.Sprintf("%04d-02-02", 2100+rand.IntN(7000))
	k, it := s.begin(), Item(s.now, false)
	c := bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(30), Update: rand.Uint64() | 1, Send: []bot.Item{it}, Counts: []string{"started"}, Day: day}
	if out := s.commit(c); out.Done {
		s.Fatal("a new update is taken for an old one")
	}
	for range 2 {
		if out, err := s.try(c); !errors.Is(err, bot.ErrConflict) || out.Newest.Version != 8 || !bytes.Equal(out.Newest.Value, c.Value) {
			s.Fatalf("again: %v, %v", out, err)
		}
	}
	if n, err := s.store.Counts(s.ctx, day); err != nil || n["started"] != 1 {
		s.Fatalf("counted %v, %v", n, err)
	}
	s.same(s.take(k, s.now), it)
	if s.ack(k, it.ID, s.now) != nil {
		s.Fatal("one too many")
	}
}

func endedForCommit(s suite) {
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(10), TTL: 80 * time.Millisecond})
	for end := time.Now().Add(5 * time.Second); s.load(k).Version != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("it is still there")
		}
	}
	for _, value := range [][]byte{Value(10), nil} {
		if out, err := s.try(bot.Commit{Key: k, Base: 1, Next: 2, Value: value}); !errors.Is(err, bot.ErrConflict) || out.Newest.Version != 0 || len(out.Newest.Value) > 0 {
			s.Fatalf("a commit on the record that has ended gives %v, %v", out, err)
		}
	}
	s.commit(bot.Commit{Key: k})
	s.commit(bot.Commit{Key: k, Next: 9, Value: Value(10)})
	if s.load(k).Version != 9 {
		s.Fatal("it did not begin again")
	}
}

func doneForAll(s suite) {
	k, update := s.begin(), rand.Uint64()|1
	s.commit(bot.Commit{Key: k, Base: 7, Forget: []uint64{update}})
	other := Key()
	other.Partition = k.Partition
	day := fmt.Sprintf("%04d-03-03", 2100+rand.IntN(7000))
	c := bot.Commit{Key: other, Next: 1, Value: Value(10), Update: update, Send: []bot.Item{Item(s.now, false)}, Counts: []string{"started"}, Day: day}
	if out := s.commit(c); !out.Done || out.Leased {
		s.Fatalf("got %+v", out)
	}
	if n, err := s.store.Counts(s.ctx, day); err != nil || len(n) != 0 {
		s.Fatalf("counted %v, %v", n, err)
	}
	if s.load(other).Version != 0 || s.take(other, s.now.Add(time.Second)) != nil {
		s.Fatal("something was written")
	}
	c.Update = 0
	if out := s.commit(c); out.Done {
		s.Fatal("a turn without an update is taken for one that was done")
	}
	c.Update, c.Base = update, 99
	if out, err := s.try(c); err != nil || !out.Done {
		s.Fatalf("on a stale version too it is done, not a conflict: %v, %v", out, err)
	}
}

func farewellTaken(s suite) {
	k := s.begin(Item(s.now, true))
	s.take(k, s.now) // somebody is delivering
	farewell := Item(s.now.Add(time.Second), false)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{farewell}, Lease: s.now.Add(5 * time.Second)}); out.Leased {
		s.Fatal("leased before it is due")
	}
	if s.take(k, s.now.Add(999*time.Millisecond)) != nil {
		s.Fatal("taken too early")
	}
	s.same(s.take(k, s.now.Add(time.Second)), farewell)
	if s.ack(k, farewell.ID, s.now.Add(time.Second)) != nil || s.take(k, s.now.Add(time.Hour)) != nil {
		s.Fatal("something is left")
	}
	// the same person begins again while the farewell waits: it comes first
	k = s.begin()
	s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{farewell}})
	first := Item(s.now, true)
	s.commit(bot.Commit{Key: k, Next: 3, Value: Value(10), Send: []bot.Item{first}})
	s.same(s.take(k, s.now.Add(time.Second)), farewell)
	s.same(s.ack(k, farewell.ID, s.now.Add(time.Second)), first)
	s.ack(k, first.ID, s.now)
}

func takenByMany(s suite) {
	const n = 60
	mine := map[bot.Key]int{}
	for range n {
		mine[s.begin(Item(s.now, false))] = 0
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	found := 0
	for range 8 {
		wg.Go(func() {
			for range 500 {
				held, err := s.store.Take(s.ctx, s.now, s.now.Add(5*time.Second), 7)
				mu.Lock()
				if err != nil {
					s.Error(err)
				}
				for _, h := range held {
					if _, ok := mine[h.Key]; ok {
						mine[h.Key]++
						found++
					}
				}
				done := found >= n || err != nil
				mu.Unlock()
				if done {
					return
				}
			}
		})
	}
	wg.Wait()
	for k, times := range mine {
		if times != 1 {
			s.Fatalf("%v was taken %d times", k, times)
		}
	}
}

func longestFirst(s suite) {
	partition := Key().Partition
	due := map[bot.Key]time.Time{}
	for _, ms := range []int{70, 10, 50, 20, 60, 40, 30} {
		k := Key()
		k.Partition = partition
		due[k] = s.now.Add(time.Duration(ms) * time.Millisecond)
		s.commit(bot.Commit{Key: k, Next: 1, Value: Value(5), Send: []bot.Item{Item(due[k], false)}})
	}
	held, err := s.store.Take(s.ctx, s.now.Add(time.Second), s.now.Add(5*time.Second), 10_000)
	if err != nil {
		s.Fatal(err)
	}
	last, n := time.Time{}, 0
	for _, h := range held {
		if d, ok := due[h.Key]; ok {
			if d.Before(last) {
				s.Fatal("one that is due longer came later")
			}
			last, n = d, n+1
		}
	}
	if n != len(due) {
		s.Fatalf("%d came", n)
	}
}

func notExtended(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	if err := s.store.Extend(s.ctx, []bot.Held{{Key: k, Item: it}}, s.now.Add(time.Hour)); err != nil {
		s.Fatal(err)
	}
	s.same(s.take(k, s.now), it)
	s.ack(k, it.ID, s.now)
	if err := s.store.Extend(s.ctx, []bot.Held{{Key: k, Item: it}}, s.now.Add(time.Hour)); err != nil {
		s.Fatalf("an item that is gone: %v", err)
	}
	if err := s.store.Extend(s.ctx, nil, s.now.Add(time.Hour)); err != nil {
		s.Fatalf("nothing to extend: %v", err)
	}
	if s.take(k, s.now.Add(2*time.Hour)) != nil {
		s.Fatal("it came back")
	}
}

// manyHands lets conversations go on while several workers deliver, each message with its number.
func manyHands(s suite) {
	const conversations, turns, workers = 10, 15, 4
	var mu sync.Mutex
	got := map[bot.Key][]int{}
	keys := make([]bot.Key, conversations)
	for i := range keys {
		keys[i] = Key()
		got[keys[i]] = nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, 20*time.Second)
	defer cancel()
	deliver := func(h bot.Held) {
		for {
			mu.Lock()
			list, mine := got[h.Key]
			if mine {
				got[h.Key] = append(list, int(h.Item.Value[0]))
			}
			mu.Unlock()
			if !mine {
				return
			}
			next, err := s.store.Ack(ctx, h.Key, h.Item.ID, time.Now(), time.Now().Add(30*time.Second))
			if err != nil {
				s.Errorf("ack: %v", err)
				return
			}
			if next == nil {
				return
			}
			h.Item = *next
		}
	}
	var wg sync.WaitGroup
	for i, k := range keys {
		wg.Go(func() {
			for v := uint32(0); v < turns; v++ {
				a, b := Item(s.now, false), Item(s.now, false)
				a.Value[0], b.Value[0] = byte(2*v), byte(2*v+1)
				c := bot.Commit{Key: k, Base: v, Next: v + 1, Value: Value(40), Send: []bot.Item{a, b}, Now: time.Now()}
				if i%2 == 0 {
					c.Lease = time.Now().Add(30 * time.Second)
				}
				out, err := s.try(c)
				if err != nil {
					s.Errorf("commit: %v", err)
					return
				}
				if out.Leased {
					deliver(bot.Held{Key: k, Item: a})
				}
			}
		})
	}
	all := func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, list := range got {
			if len(list) < 2*turns {
				return false
			}
		}
		return true
	}
	for range workers {
		wg.Go(func() {
			for !all() && ctx.Err() == nil {
				held, err := s.store.Take(ctx, time.Now(), time.Now().Add(30*time.Second), 5)
				if err != nil {
					s.Errorf("take: %v", err)
					return
				}
				for _, h := range held {
					deliver(h)
				}
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	wg.Wait()
	for k, list := range got {
		if len(list) != 2*turns {
			s.Fatalf("%v: %d messages", k, len(list))
		}
		for i, n := range list {
			if i != n {
				s.Fatalf("%v: message %d came at place %d", k, n, i)
			}
		}
	}
}

func postponedGone(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	s.take(k, s.now)
	s.commit(bot.Commit{Key: k, Base: 7})
	if err := s.store.Postpone(s.ctx, k, it.ID, s.now.Add(time.Minute)); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("of an erased conversation: %v", err)
	}
	if s.take(k, s.now.Add(time.Hour)) != nil {
		s.Fatal("it came back")
	}
	k = s.begin(it)
	s.take(k, s.now)
	s.ack(k, it.ID, s.now)
	if err := s.store.Postpone(s.ctx, k, it.ID, s.now.Add(time.Minute)); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("after it was acknowledged: %v", err)
	}
	if s.take(k, s.now.Add(time.Hour)) != nil {
		s.Fatal("it came back")
	}
	// put back to a time that has passed, it is taken at once
	k = s.begin(it)
	s.take(k, s.now)
	if err := s.store.Postpone(s.ctx, k, it.ID, s.now.Add(-time.Second)); err != nil {
		s.Fatal(err)
	}
	s.same(s.take(k, s.now), it)
}

func screenPutBack(s suite) {
	old, text := Item(s.now, true), Item(s.now, false)
	k := s.begin(old, text)
	s.take(k, s.now)
	if err := s.store.Postpone(s.ctx, k, old.ID, s.now.Add(time.Hour)); err != nil {
		s.Fatal(err)
	}
	newer := Item(s.now, true)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{newer}, Lease: s.now.Add(time.Second)}); out.Leased {
		s.Fatal("leased, though a text is in front")
	}
	s.same(s.take(k, s.now), text)
	s.same(s.ack(k, text.ID, s.now), newer)
	if s.ack(k, newer.ID, s.now) != nil {
		s.Fatal("the screen that was put back is still there")
	}
}

func screensTogether(s suite) {
	texts := []bot.Item{Item(s.now, false), Item(s.now, false), Item(s.now, false), Item(s.now, false)}
	old, one, two := Item(s.now, true), Item(s.now, true), Item(s.now, true)
	k := s.begin(texts[0], old, texts[1])
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{texts[2]}})
	held := s.take(k, s.now)
	s.same(held, texts[0])
	s.same(s.ack(k, texts[0].ID, s.now), old) // a text did not replace it
	s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Send: []bot.Item{texts[3], one, two}})
	id := old.ID
	for _, want := range []bot.Item{texts[1], texts[2], texts[3], one, two} {
		s.same(s.ack(k, id, s.now), want)
		id = want.ID
	}
	if s.ack(k, id, s.now) != nil {
		s.Fatal("one too many")
	}
}

func deliveredThenLeased(s suite) {
	a, b := Item(s.now, true), Item(s.now, true)
	k := s.begin(a)
	s.take(k, s.now)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Delivered: a.ID, Send: []bot.Item{b}, Lease: s.now.Add(5 * time.Second)}); !out.Leased {
		s.Fatal("not leased")
	}
	if s.take(k, s.now.Add(4*time.Second)) != nil {
		s.Fatal("taken by somebody else")
	}
	if s.ack(k, b.ID, s.now) != nil {
		s.Fatal("one too many")
	}
	// an item that waits between them comes first
	c, d := Item(s.now, false), Item(s.now, false)
	k = s.begin(a, c)
	s.take(k, s.now)
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Delivered: a.ID, Send: []bot.Item{d}, Lease: s.now.Add(5 * time.Second)}); out.Leased {
		s.Fatal("leased, though another item is in front")
	}
	s.same(s.take(k, s.now), c)
	s.same(s.ack(k, c.ID, s.now), d)
	s.ack(k, d.ID, s.now)
}

func countedTwice(s suite) {
	day := fmt.Sprintf("%04d-04-04", 2100+rand.IntN(7000))
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(3), Day: day, Counts: []string{"opened", "opened", "started"}})
	s.commit(bot.Commit{Key: k, Base: 1, Day: day, Counts: []string{"erased"}}) // the end of a conversation counts too
	n, err := s.store.Counts(s.ctx, day)
	if err != nil || len(n) != 3 || n["opened"] != 2 || n["started"] != 1 || n["erased"] != 1 {
		s.Fatalf("got %v, %v", n, err)
	}
}

func placesAtOnce(s suite) {
	channel := fmt.Sprint("c", rand.Uint64())
	const n = 40
	var mu sync.Mutex
	waits := map[time.Duration]int{}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			w, err := s.store.Reserve(s.ctx, channel, 1, 100*time.Millisecond, 1, s.now)
			if err != nil {
				s.Error(err)
			}
			mu.Lock()
			waits[w.Round(time.Millisecond)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	for i := range n {
		if w := time.Duration(i) * 100 * time.Millisecond; waits[w] != 1 {
			s.Fatalf("%d got the place after %v", waits[w], w)
		}
	}
}

func contextEnded(s suite) {
	it := Item(s.now, false)
	k := s.begin(it)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	calls := map[string]func() error{
		"load": func() error { _, err := s.store.Load(ctx, k); return err },
		"commit": func() error {
			_, err := s.store.Commit(ctx, bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), TTL: time.Hour, Now: s.now})
			return err
		},
		"take":   func() error { _, err := s.store.Take(ctx, s.now, s.now.Add(time.Second), 5); return err },
		"ack":    func() error { _, err := s.store.Ack(ctx, k, it.ID, s.now, s.now); return err },
		"put":    func() error { return s.store.Postpone(ctx, k, it.ID, s.now) },
		"counts": func() error { _, err := s.store.Counts(ctx, "1900-01-01"); return err },
		"log":    func() error { _, err := s.store.Log(ctx, k, 0); return err },
		"cases":  func() error { _, err := s.store.Cases(ctx); return err },
		"ping":   func() error { return s.store.Ping(ctx) },
	}
	start := time.Now()
	for name, call := range calls {
		if err := call(); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, bot.ErrConflict) && !errors.Is(err, bot.ErrNotHeld) {
			s.Errorf("%s: %v", name, err) // it may have been done just in time
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		s.Errorf("they took %v", d)
	}
}
