package storetest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"time"

	"patikra/bot"
)

// of is the key of one of a conversation's queues.
func of(k bot.Key, queue uint8) bot.Key {
	k.Queue = queue
	return k
}

// heads takes all heads of a conversation that are due.
func (s suite) heads(k bot.Key, now time.Time) (out [bot.Queues]*bot.Item) {
	s.Helper()
	held, err := s.store.Take(s.ctx, now, now.Add(5*time.Second), 10_000)
	if err != nil {
		s.Fatalf("take: %v", err)
	}
	for _, h := range held {
		if of(h.Key, bot.ToPerson) == k {
			out[h.Key.Queue] = &h.Item
		}
	}
	return out
}

// holds makes sure that the heads of a conversation that are due are those, and no others. A zero Item stands for none.
func (s suite) holds(k bot.Key, now time.Time, person, desk, timer bot.Item) {
	s.Helper()
	got := s.heads(k, now)
	for q, want := range [bot.Queues]bot.Item{person, desk, timer} {
		if want.ID == 0 && got[q] == nil {
			continue
		}
		if got[q] == nil || got[q].ID != want.ID {
			s.Fatalf("queue %d gives %v instead of %v", q, got[q], want)
		}
		s.same(got[q], want)
	}
}

func (s suite) log(k bot.Key, skip int, want [][]byte) {
	s.Helper()
	got, err := s.store.Log(s.ctx, k, skip)
	if err != nil {
		s.Fatalf("log: %v", err)
	}
	if len(got) != len(want) {
		s.Fatalf("%d lines instead of %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			s.Fatalf("line %d is another one", i)
		}
	}
}

// marked looks a conversation up in the index of cases.
func (s suite) marked(k bot.Key) *bot.Mark {
	s.Helper()
	all, err := s.store.Cases(s.ctx)
	if err != nil {
		s.Fatalf("cases: %v", err)
	}
	var out *bot.Mark
	for _, m := range all {
		if m.Key != k {
			continue
		}
		if out != nil {
			s.Fatal("it is there twice")
		}
		out = &m.Mark
	}
	return out
}

var none bot.Item

func savedTogether(s suite) {
	k := s.begin()
	one, two := Item(s.now, false), Item(s.now, false)
	a, b := Item(s.now, false), Item(s.now, true)
	timer := Item(s.now, false)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{one, two}, Desk: []bot.Item{a, b}, Timer: &timer})
	s.holds(k, s.now, one, a, timer)
	s.same(s.ack(k, one.ID, s.now), two)
	s.same(s.ack(of(k, bot.ToDesk), a.ID, s.now), b)
	for q, id := range []uint64{two.ID, b.ID, timer.ID} {
		if s.ack(of(k, uint8(q)), id, s.now) != nil {
			s.Fatalf("one too many in queue %d", q)
		}
	}
	// to the desk alone, and a timer alone
	s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Desk: []bot.Item{a}})
	s.holds(k, s.now, none, a, none)
	s.commit(bot.Commit{Key: k, Base: 9, Next: 10, Value: Value(5), Timer: &timer})
	s.holds(k, s.now, none, none, timer)
}

func deskDoesNotWait(s suite) {
	person, desk := Item(s.now, false), Item(s.now, false)
	k := s.begin(person)
	s.take(k, s.now)
	if err := s.store.Postpone(s.ctx, k, person.ID, s.now.Add(time.Hour)); err != nil {
		s.Fatal(err)
	}
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Desk: []bot.Item{desk}})
	s.holds(k, s.now, none, desk, none)
	s.holds(k, s.now.Add(time.Hour), person, desk, none)
	// nor the person's for the desk's
	later := Item(s.now.Add(2*time.Hour), false)
	k = Key()
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Desk: []bot.Item{later}})
	if out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{person}, Lease: s.now.Add(time.Second)}); !out.Leased || out.Desk {
		s.Fatalf("got %+v", out)
	}
}

func leasedApart(s suite) {
	person, desk, timer := Item(s.now, false), Item(s.now.Add(time.Second), false), Item(s.now.Add(2*time.Second), false)
	k := Key()
	out := s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{person}, Desk: []bot.Item{desk}, Timer: &timer, Lease: s.now.Add(5 * time.Second)})
	if !out.Leased || out.Desk {
		s.Fatalf("got %+v", out)
	}
	s.holds(k, s.now, none, none, none)
	s.holds(k, s.now.Add(time.Second), none, desk, none)
	s.holds(k, s.now.Add(2*time.Second), none, none, timer)
	s.holds(k, s.now.Add(5*time.Second), person, none, none)
}

func deskLeased(s suite) {
	k := s.begin(Item(s.now, false))
	a, b := Item(s.now, false), Item(s.now, false)
	out := s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Send: []bot.Item{Item(s.now, false)}, Desk: []bot.Item{a, b}, Lease: s.now.Add(5 * time.Second)})
	if out.Leased || !out.Desk {
		s.Fatalf("with a message in front for the person: %+v", out)
	}
	if s.heads(k, s.now.Add(4*time.Second))[bot.ToDesk] != nil {
		s.Fatal("somebody else got it")
	}
	s.same(s.ack(of(k, bot.ToDesk), a.ID, s.now), b)
	if out := s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Desk: []bot.Item{a}, Lease: s.now.Add(5 * time.Second)}); out.Desk {
		s.Fatal("leased, though another message is in front")
	}
	k = Key()
	if out := s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{a}, Desk: []bot.Item{b}}); out.Leased || out.Desk {
		s.Fatalf("leased unasked: %+v", out)
	}
	k = Key()
	if out := s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{a}, Desk: []bot.Item{b}, Lease: s.now.Add(time.Second)}); !out.Leased || !out.Desk {
		s.Fatalf("both should be held: %+v", out)
	}
	// a timer is never held by the commit that sets it
	k, timer := Key(), Item(s.now, false)
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Timer: &timer, Lease: s.now.Add(time.Hour)})
	s.holds(k, s.now, none, none, timer)
}

func deskOrder(s suite) {
	held, old, text, newer, last := Item(s.now, true), Item(s.now, true), Item(s.now, false), Item(s.now, true), Item(s.now, false)
	k, screen := Key(), Item(s.now, true)
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{screen}, Desk: []bot.Item{held, old, text}, Lease: s.now.Add(5 * time.Second)})
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Desk: []bot.Item{newer}})
	s.commit(bot.Commit{Key: k, Base: 8, Next: 9, Value: Value(5), Desk: []bot.Item{last}})
	id := held.ID
	for _, want := range []bot.Item{text, newer, last} {
		s.same(s.ack(of(k, bot.ToDesk), id, s.now), want)
		id = want.ID
	}
	if s.ack(of(k, bot.ToDesk), id, s.now) != nil || s.ack(k, screen.ID, s.now) != nil {
		s.Fatal("one too many")
	}
	// a screen for the person leaves the desk's alone
	s.commit(bot.Commit{Key: k, Base: 9, Next: 10, Value: Value(5), Desk: []bot.Item{old}})
	s.commit(bot.Commit{Key: k, Base: 10, Next: 11, Value: Value(5), Send: []bot.Item{screen}})
	s.holds(k, s.now, screen, old, none)
}

func queuesApart(s suite) {
	// one and the same item in all queues: what is done to one leaves the others
	it := Item(s.now, false)
	for q := range bot.FileToPerson { // the queues that a commit fills
		k := Key()
		s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{it}, Desk: []bot.Item{it}, Timer: &it})
		s.holds(k, s.now, it, it, it)
		if err := s.store.Extend(s.ctx, []bot.Held{{Key: of(k, q), Item: it}}, s.now.Add(time.Minute)); err != nil {
			s.Fatal(err)
		}
		rest := [bot.Queues]bot.Item{it, it, it}
		rest[q] = none
		s.holds(k, s.now.Add(30*time.Second), rest[0], rest[1], rest[2])
		if err := s.store.Postpone(s.ctx, of(k, q), it.ID, s.now.Add(time.Hour)); err != nil {
			s.Fatal(err)
		}
		s.holds(k, s.now.Add(50*time.Minute), rest[0], rest[1], rest[2])
		s.holds(k, s.now.Add(time.Hour), it, it, it)
		if s.ack(of(k, q), it.ID, s.now) != nil {
			s.Fatal("one too many")
		}
		if _, err := s.store.Ack(s.ctx, of(k, q), it.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
			s.Fatalf("a second ack: %v", err)
		}
		s.holds(k, s.now.Add(2*time.Hour), rest[0], rest[1], rest[2])
	}
	// Delivered names an item of the person's queue
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{it}, Desk: []bot.Item{it}, Timer: &it})
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Delivered: it.ID})
	s.holds(k, s.now, none, it, it)
}

func timerReplaced(s suite) {
	k := s.begin()
	old, soon := Item(s.now.Add(time.Minute), false), Item(s.now.Add(time.Second), false)
	version := uint32(7)
	set := func(it bot.Item) {
		s.Helper()
		s.commit(bot.Commit{Key: k, Base: version, Next: version + 1, Value: Value(5), Timer: &it})
		version++
	}
	set(old)
	set(soon)
	s.holds(k, s.now.Add(999*time.Millisecond), none, none, none)
	s.holds(k, s.now.Add(time.Second), none, none, soon)
	// whoever holds it has lost it
	again := Item(s.now.Add(2*time.Second), false)
	set(again)
	if _, err := s.store.Ack(s.ctx, of(k, bot.Timer), soon.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack of the one that was replaced: %v", err)
	}
	if err := s.store.Postpone(s.ctx, of(k, bot.Timer), soon.ID, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("postponing it: %v", err)
	}
	if err := s.store.Extend(s.ctx, []bot.Held{{Key: of(k, bot.Timer), Item: soon}}, s.now.Add(time.Hour)); err != nil {
		s.Fatal(err)
	}
	s.holds(k, s.now.Add(2*time.Second), none, none, again)
	// a turn without a timer leaves it
	s.commit(bot.Commit{Key: k, Base: version, Next: version + 1, Value: Value(5)})
	version++
	s.holds(k, s.now.Add(time.Minute), none, none, again)
	if s.ack(of(k, bot.Timer), again.ID, s.now) != nil {
		s.Fatal("one too many")
	}
	// emptied, waiting or held
	set(old)
	set(none)
	s.holds(k, s.now.Add(time.Hour), none, none, none)
	set(none)
	set(soon)
	s.holds(k, s.now.Add(time.Second), none, none, soon)
	set(none)
	s.holds(k, s.now.Add(time.Hour), none, none, none)
	if _, err := s.store.Ack(s.ctx, of(k, bot.Timer), soon.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack of the one that was taken away: %v", err)
	}
}

func timerFarAhead(s suite) {
	fortnight := 14 * 24 * time.Hour
	k, timer := s.begin(), Item(s.now.Add(fortnight), false)
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Timer: &timer})
	for v := range uint32(3) {
		it := Item(s.now, true)
		s.commit(bot.Commit{Key: k, Base: 8 + v, Next: 9 + v, Value: Value(5), Send: []bot.Item{it}, Desk: []bot.Item{it}})
		s.holds(k, s.now, it, it, none)
		s.ack(k, it.ID, s.now)
		s.ack(of(k, bot.ToDesk), it.ID, s.now)
	}
	s.holds(k, s.now.Add(fortnight-time.Millisecond), none, none, none)
	s.holds(k, s.now.Add(fortnight), none, none, timer)
	if s.ack(of(k, bot.Timer), timer.ID, s.now.Add(fortnight)) != nil {
		s.Fatal("one too many")
	}
}

func erasedWhole(s suite) {
	k, timer, far := Key(), Item(s.now, false), s.now.Add(100*time.Hour)
	full := bot.Commit{Key: k, Next: 7, Value: Value(50), Send: []bot.Item{Item(s.now, true), Item(s.now, false)}, Desk: []bot.Item{Item(s.now, false), Item(s.now, true)},
		Timer: &timer, Log: [][]byte{Value(20), Value(30)}, Mark: &bot.Mark{State: 1, Urgent: 2, Since: s.now}}
	s.commit(full)
	s.log(k, 0, full.Log)
	if s.marked(k) == nil {
		s.Fatal("there is no case")
	}
	s.commit(bot.Commit{Key: k, Base: 7})
	s.log(k, 0, nil)
	if s.marked(k) != nil || s.load(k).Version != 0 {
		s.Fatal("something is left")
	}
	s.holds(k, far, none, none, none)
	for q, id := range []uint64{full.Send[0].ID, full.Desk[0].ID, timer.ID} {
		if _, err := s.store.Ack(s.ctx, of(k, uint8(q)), id, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
			s.Fatalf("ack in queue %d: %v", q, err)
		}
	}
	// while its heads are being delivered, and with a farewell to both
	s.commit(full)
	s.heads(k, s.now)
	person, desk, last := Item(s.now, true), Item(s.now, false), Item(s.now.Add(time.Minute), false)
	out := s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{person}, Desk: []bot.Item{desk}, Timer: &last, Log: [][]byte{Value(9)},
		Mark: &bot.Mark{State: 1, Since: s.now}, Lease: s.now.Add(5 * time.Second)})
	if !out.Leased || !out.Desk {
		s.Fatalf("the farewells should be held for the caller: %+v", out)
	}
	s.log(k, 0, nil) // there is no record for them to live with
	if s.marked(k) != nil || s.load(k).Version != 0 {
		s.Fatal("something is left")
	}
	s.holds(k, s.now.Add(4*time.Second), none, none, none)
	if s.ack(k, person.ID, s.now) != nil || s.ack(of(k, bot.ToDesk), desk.ID, s.now) != nil {
		s.Fatal("something is left behind the farewell")
	}
	s.holds(k, s.now.Add(time.Minute), none, none, last)
	s.ack(of(k, bot.Timer), last.ID, s.now)
	// who begins again begins with nothing
	s.commit(bot.Commit{Key: k, Next: 3, Value: Value(5)})
	s.log(k, 0, nil)
	if s.marked(k) != nil {
		s.Fatal("the case is back")
	}
	s.holds(k, far, none, none, none)
}

func stays(s suite) {
	k := s.begin()
	words, drop, more := Item(s.now, false), Item(s.now.Add(2*time.Second), false), Item(s.now, false)
	drop.Stays = true
	s.commit(bot.Commit{Key: k, Base: 7, Desk: []bot.Item{words, drop}})
	s.heads(k, s.now) // the first is being delivered
	s.commit(bot.Commit{Key: k, Next: 9, Value: Value(5), Desk: []bot.Item{more}})
	s.commit(bot.Commit{Key: k, Base: 9})
	if _, err := s.store.Ack(s.ctx, of(k, bot.ToDesk), words.ID, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("ack of what was erased: %v", err)
	}
	s.holds(k, s.now.Add(time.Second), none, none, none) // its own time has not come
	s.commit(bot.Commit{Key: k, Next: 11, Value: Value(5)})
	later := Item(s.now, true)
	s.commit(bot.Commit{Key: k, Base: 11, Desk: []bot.Item{later}, Lease: s.now.Add(time.Minute)})
	s.same(s.heads(k, s.now.Add(2*time.Second))[bot.ToDesk], drop)
	s.commit(bot.Commit{Key: k, Next: 13, Value: Value(5)})
	s.commit(bot.Commit{Key: k, Base: 13}) // while it is being delivered
	s.holds(k, s.now.Add(3*time.Second), none, none, none)
	if s.ack(of(k, bot.ToDesk), drop.ID, s.now.Add(3*time.Second)) != nil {
		s.Fatal("something is left behind it")
	}
}

func erasedNothing(s suite) {
	k := s.begin()
	person, desk, timer := Item(s.now, false), Item(s.now, false), Item(s.now, false)
	s.commit(bot.Commit{Key: k, Base: 7, Send: []bot.Item{person}, Desk: []bot.Item{desk}, Timer: &timer})
	after, behind := Item(s.now, false), Item(s.now, false)
	s.commit(bot.Commit{Key: k, Send: []bot.Item{after}, Desk: []bot.Item{behind}, Lease: s.now.Add(5 * time.Second)})
	s.holds(k, s.now, person, desk, timer)
	s.same(s.ack(k, person.ID, s.now), after)
	s.same(s.ack(of(k, bot.ToDesk), desk.ID, s.now), behind)
	s.ack(k, after.ID, s.now)
	s.ack(of(k, bot.ToDesk), behind.ID, s.now)
	s.commit(bot.Commit{Key: k, Timer: &bot.Item{}})
	s.holds(k, s.now.Add(time.Hour), none, none, none)
}

func logOrder(s suite) {
	k := Key()
	s.log(k, 0, nil)
	var all [][]byte
	version := uint32(0)
	add := func(n int) {
		s.Helper()
		var lines [][]byte
		for range n {
			lines = append(lines, Value(rand.IntN(40)))
		}
		s.commit(bot.Commit{Key: k, Base: version, Next: version + 1, Value: Value(5), Log: lines})
		version, all = version+1, append(all, lines...)
		s.log(k, 0, all[max(len(all)-bot.MostLines, 0):])
	}
	add(1)
	add(3)
	add(0)
	s.log(k, 1, all[1:])
	s.log(k, 3, all[3:])
	s.log(k, 4, nil)
	s.log(k, 99, nil)
	for range 6 {
		add(100)
	}
	add(1)
	kept := all[len(all)-bot.MostLines:]
	s.log(k, 499, kept[499:])
	s.log(k, 490, kept[490:])
	s.log(k, bot.MostLines, nil)
	add(bot.MostLines + 7)
	s.log(Key(), 0, nil)
	long := [][]byte{Value(100_000)}
	k = s.begin()
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(5), Log: long})
	s.log(k, 0, long)
}

func logEnds(s suite) {
	k, other := Key(), Key()
	lines := [][]byte{Value(20), Value(20)}
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(5), Log: lines, TTL: 80 * time.Millisecond, Now: time.Now()})
	s.commit(bot.Commit{Key: other, Next: 1, Value: Value(5), Log: lines, TTL: 400 * time.Millisecond, Now: time.Now()})
	s.commit(bot.Commit{Key: other, Base: 1, Next: 2, Value: Value(5)}) // a turn that writes no line keeps it too
	for end := time.Now().Add(5 * time.Second); s.load(k).Version != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("it is still there")
		}
	}
	s.log(k, 0, nil)
	newer := [][]byte{Value(20)}
	s.commit(bot.Commit{Key: k, Next: 5, Value: Value(5), Log: newer})
	s.log(k, 0, newer)
	time.Sleep(450 * time.Millisecond)
	s.log(other, 0, lines)
}

// unchanged makes a conversation that has everything, lets a commit be tried on it, and makes sure that all is as it was.
func (s suite) unchanged(try func(k bot.Key, c bot.Commit)) {
	person, desk, timer := Item(s.now, true), Item(s.now, true), Item(s.now, false)
	k, lines, mark := Key(), [][]byte{Value(20)}, bot.Mark{State: 1, Urgent: 3, Since: s.now}
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{person}, Desk: []bot.Item{desk}, Timer: &timer, Log: lines, Mark: &mark})
	other := Item(s.now, true)
	for _, value := range [][]byte{Value(5), nil} {
		for _, replace := range []*bot.Item{&other, {}} {
			try(k, bot.Commit{Key: k, Next: 99, Value: value, Send: []bot.Item{other}, Desk: []bot.Item{other}, Timer: replace, Log: [][]byte{Value(3)},
				Mark: &bot.Mark{}, Delivered: person.ID, Lease: s.now.Add(time.Hour)})
		}
	}
	s.log(k, 0, lines)
	if m := s.marked(k); m == nil || m.State != mark.State || m.Urgent != mark.Urgent || !m.Since.Equal(mark.Since) {
		s.Fatalf("the case is %v", m)
	}
	s.holds(k, s.now, person, desk, timer)
	if s.ack(k, person.ID, s.now) != nil || s.ack(of(k, bot.ToDesk), desk.ID, s.now) != nil || s.ack(of(k, bot.Timer), timer.ID, s.now) != nil {
		s.Fatal("one too many")
	}
}

func staleQueues(s suite) {
	s.unchanged(func(_ bot.Key, c bot.Commit) {
		for _, base := range []uint32{0, 6, 8} {
			c.Base = base
			if out, err := s.try(c); !errors.Is(err, bot.ErrConflict) || out.Leased || out.Desk {
				s.Fatalf("%v %v", out, err)
			}
		}
	})
}

func doneQueues(s suite) {
	s.unchanged(func(k bot.Key, c bot.Commit) {
		update, gone := rand.Uint64()|1, Key()
		gone.Partition = k.Partition
		s.commit(bot.Commit{Key: gone, Forget: []uint64{update}})
		c.Base, c.Update = 7, update
		if out := s.commit(c); !out.Done || out.Leased || out.Desk {
			s.Fatalf("%+v", out)
		}
	})
}

func cases(s suite) {
	want := map[bot.Key]bot.Mark{}
	version := map[bot.Key]uint32{}
	set := func(k bot.Key, m *bot.Mark) {
		s.Helper()
		s.commit(bot.Commit{Key: k, Base: version[k], Next: version[k] + 1, Value: Value(5), Mark: m})
		version[k]++
	}
	var keys []bot.Key
	for p := range uint16(Partitions) {
		for range 2 {
			k := Key()
			k.Partition = p
			keys = append(keys, k)
			want[k] = bot.Mark{State: uint8(1 + rand.IntN(9)), Urgent: uint8(rand.IntN(4)), Since: s.now.Add(-time.Duration(rand.IntN(1e6)) * time.Millisecond)}
			m := want[k]
			set(k, &m)
		}
	}
	check := func() {
		s.Helper()
		all, err := s.store.Cases(s.ctx)
		if err != nil {
			s.Fatal(err)
		}
		got := map[bot.Key]bot.Mark{}
		for _, m := range all {
			if _, mine := version[m.Key]; !mine {
				continue
			}
			if _, twice := got[m.Key]; twice {
				s.Fatal("one is there twice")
			}
			got[m.Key] = m.Mark
		}
		if len(got) != len(want) {
			s.Fatalf("%d are there instead of %d", len(got), len(want))
		}
		for k, w := range want {
			if g, ok := got[k]; !ok || g.State != w.State || g.Urgent != w.Urgent || !g.Since.Equal(w.Since) {
				s.Fatalf("%v instead of %v", g, w)
			}
		}
	}
	check()
	for i, k := range keys {
		switch i % 4 {
		case 0: // closed
			set(k, &bot.Mark{})
			delete(want, k)
		case 1: // a turn that says nothing of it
			set(k, nil)
		case 2: // held by somebody now
			m := bot.Mark{State: 9, Urgent: 255, Since: s.now}
			set(k, &m)
			want[k] = m
		case 3: // erased
			s.commit(bot.Commit{Key: k, Base: version[k]})
			delete(want, k)
		}
	}
	check()
	set(keys[0], &bot.Mark{})
	check()
}

func casesEnd(s suite) {
	k, long := Key(), Key()
	mark := &bot.Mark{State: 1, Since: s.now}
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(5), Mark: mark, TTL: 80 * time.Millisecond, Now: time.Now()})
	s.commit(bot.Commit{Key: long, Next: 1, Value: Value(5), Mark: mark, TTL: 400 * time.Millisecond, Now: time.Now()})
	s.commit(bot.Commit{Key: long, Base: 1, Next: 2, Value: Value(5)}) // a later turn keeps the record, and so the case
	for end := time.Now().Add(5 * time.Second); s.load(k).Version != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("it is still there")
		}
	}
	// nobody has looked: the entry may still lie in the index
	s.commit(bot.Commit{Key: k, Next: 5, Value: Value(5)})
	if s.marked(k) != nil {
		s.Fatal("the case of the conversation before is back")
	}
	s.commit(bot.Commit{Key: k, Base: 5, Next: 6, Value: Value(5), Mark: mark, TTL: 80 * time.Millisecond, Now: time.Now()})
	time.Sleep(450 * time.Millisecond)
	if s.marked(k) != nil {
		s.Fatal("a case without a record")
	}
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Mark: mark})
	if s.marked(k) == nil || s.marked(long) == nil {
		s.Fatal("a case is missing")
	}
}

// closedStay holds a closed talk to what every entry promises: its end stands there, and nothing outlives its record.
func closedStay(s suite) {
	ended := s.now.Add(-25 * time.Hour)
	closed := &bot.Mark{State: uint8(bot.Closed), Urgent: uint8(bot.Grave), Since: ended}
	begin := func(life time.Duration) bot.Key {
		k := Key()
		s.commit(bot.Commit{Key: k, Next: 1, Value: Value(5), Log: [][]byte{Value(9)}, Mark: &bot.Mark{State: uint8(bot.Taken), Since: s.now}, TTL: life, Now: time.Now()})
		s.commit(bot.Commit{Key: k, Base: 1, Next: 2, Value: Value(5), Mark: closed, TTL: life, Now: time.Now()})
		return k
	}
	kept, erased, forgotten, again, over := begin(0), begin(0), begin(0), begin(0), begin(80*time.Millisecond)
	s.commit(bot.Commit{Key: kept, Base: 2, Next: 3, Value: Value(5)}) // a turn that says nothing of it
	s.commit(bot.Commit{Key: erased, Base: 2})
	s.commit(bot.Commit{Key: forgotten, Base: 2, Next: 3, Value: Value(5), DropLog: true, Timer: &bot.Item{}, Mark: &bot.Mark{}})
	s.commit(bot.Commit{Key: again, Base: 2, Next: 3, Value: Value(5), Mark: &bot.Mark{State: uint8(bot.Waiting), Since: s.now}})
	for end := time.Now().Add(5 * time.Second); s.load(over).Version != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("the record is still there")
		}
	}
	if m := s.marked(kept); m == nil || m.State != closed.State || m.Urgent != closed.Urgent || !m.Since.Equal(ended) {
		s.Errorf("what is kept is listed as %v", m)
	}
	if m := s.marked(again); m == nil || m.State != uint8(bot.Waiting) {
		s.Errorf("what waits again is listed as %v", m)
	}
	for what, k := range map[string]bot.Key{"erased": erased, "forgotten": forgotten, "over": over} {
		if m := s.marked(k); m != nil {
			s.Errorf("what is %s is listed as %v", what, m)
		}
	}
}

func keeps(s suite) {
	if v, err := s.store.Kept(s.ctx, "a"); err != nil || v != nil {
		s.Errorf("nothing is kept, but there is %q, %v", v, err)
	}
	if err := s.store.Keep(s.ctx, "a", []byte("one"), time.Hour); err != nil {
		s.Fatal(err)
	}
	if ok, err := s.store.Swap(s.ctx, "a", []byte("another"), []byte("two"), time.Hour); ok || err != nil {
		s.Errorf("a value that is not there was swapped: %v, %v", ok, err)
	}
	if ok, err := s.store.Swap(s.ctx, "a", []byte("one"), []byte("two"), time.Hour); !ok || err != nil {
		s.Errorf("not swapped: %v, %v", ok, err)
	}
	if v, err := s.store.Kept(s.ctx, "a"); err != nil || string(v) != "two" {
		s.Errorf("there is %q, %v", v, err)
	}
	if ok, err := s.store.Swap(s.ctx, "b", nil, []byte("first"), time.Hour); !ok || err != nil {
		s.Errorf("nothing was not swapped for something: %v, %v", ok, err)
	}
	if ok, err := s.store.Swap(s.ctx, "b", nil, []byte("second"), time.Hour); ok || err != nil {
		s.Errorf("something was taken for nothing: %v, %v", ok, err)
	}
	if err := s.store.Keep(s.ctx, "c", []byte("short"), time.Millisecond); err != nil {
		s.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	if v, err := s.store.Kept(s.ctx, "c"); err != nil || v != nil {
		s.Errorf("what has ended is still there: %q, %v", v, err)
	}
}
