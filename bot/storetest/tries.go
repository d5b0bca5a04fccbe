package storetest

import (
	"errors"
	"time"

	"patikra/bot"
)

func triesKept(s suite) {
	for _, screen := range []bool{false, true} {
		a, b := Item(s.now, screen), Item(s.now, false)
		k := s.begin(a, b)
		s.same(s.take(k, s.now), a)
		for i, t := range []bot.Tries{{Begun: 1}, {Failed: 255, Told: true, Since: s.now}, {Begun: 9, Failed: 3, Since: s.now.Add(-time.Hour)}, {}, {Failed: 1}} {
			if err := s.store.Tried(s.ctx, k, a.ID, t); err != nil {
				s.Fatal(err)
			}
			at := s.now.Add(time.Duration(i+1) * time.Minute)
			if s.take(k, at.Add(-time.Minute)) != nil {
				s.Fatal("the lease ended")
			}
			if err := s.store.Postpone(s.ctx, k, a.ID, at); err != nil {
				s.Fatal(err)
			}
			a.Tries = t
			s.same(s.take(k, at), a)
		}
		s.same(s.ack(k, a.ID, s.now), b)
	}
	stays := Item(s.now, false)
	stays.Stays = true
	k := s.begin(stays, Item(s.now, false))
	stays.Tries = bot.Tries{Failed: 4}
	if err := s.store.Tried(s.ctx, k, stays.ID, stays.Tries); err != nil {
		s.Fatal(err)
	}
	s.commit(bot.Commit{Key: k, Base: 7, Now: s.now})
	s.same(s.take(k, s.now.Add(time.Minute)), stays)
	if s.ack(k, stays.ID, s.now) != nil {
		s.Fatal("what does not stay has stayed")
	}
	// a screen with tries makes way for a later one, like any other
	old, later := Item(s.now, true), Item(s.now, true)
	k = s.begin(old)
	s.take(k, s.now)
	if err := errors.Join(s.store.Tried(s.ctx, k, old.ID, bot.Tries{Failed: 1}), s.store.Postpone(s.ctx, k, old.ID, s.now)); err != nil {
		s.Fatal(err)
	}
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(4), Send: []bot.Item{later}})
	s.same(s.take(k, s.now), later)
}

func triesOfHead(s suite) {
	a, b := Item(s.now, false), Item(s.now, false)
	k := s.begin(a, b)
	for _, id := range []uint64{b.ID, 1} {
		if err := s.store.Tried(s.ctx, k, id, bot.Tries{Failed: 1}); !errors.Is(err, bot.ErrNotHeld) {
			s.Fatalf("got %v", err)
		}
	}
	if err := s.store.Tried(s.ctx, Key(), a.ID, bot.Tries{Failed: 1}); !errors.Is(err, bot.ErrNotHeld) {
		s.Fatalf("in an empty queue: %v", err)
	}
	s.same(s.take(k, s.now), a)
	s.same(s.ack(k, a.ID, s.now), b)
}

// put puts a head behind.
func (s suite) put(k bot.Key, id uint64, due time.Time) *bot.Item {
	s.Helper()
	next, err := s.store.Behind(s.ctx, k, id, due, s.now, s.now.Add(5*time.Second))
	if err != nil {
		s.Fatalf("behind: %v", err)
	}
	return next
}

func behind(s suite) {
	for _, queue := range []uint8{bot.ToPerson, bot.ToDesk} {
		file, second, words := Item(s.now, false), Item(s.now, false), Item(s.now, false)
		k := Key()
		c := bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{file, second, words}}
		if queue == bot.ToDesk {
			c.Send, c.Desk = nil, c.Send
		}
		s.commit(c)
		k = of(k, queue)
		late := k.Behind()
		s.take(k, s.now)
		if _, err := s.store.Behind(s.ctx, k, words.ID, s.now, s.now, s.now); !errors.Is(err, bot.ErrNotHeld) {
			s.Fatalf("another than the head: %v", err)
		}
		file.Tries = bot.Tries{Failed: 1, Since: s.now}
		if err := s.store.Tried(s.ctx, k, file.ID, file.Tries); err != nil {
			s.Fatal(err)
		}
		file.Due = s.now.Add(time.Minute)
		s.same(s.put(k, file.ID, file.Due), second)
		second.Due = s.now.Add(time.Second)
		s.same(s.put(k, second.ID, second.Due), words)
		if s.take(late, s.now.Add(59*time.Second)) != nil {
			s.Fatal("it did not wait, or lost its place")
		}
		if s.ack(k, words.ID, s.now) != nil {
			s.Fatal("one too many")
		}
		s.same(s.take(late, file.Due), file)
		if err := s.store.Postpone(s.ctx, late, file.ID, s.now.Add(2*time.Minute)); err != nil {
			s.Fatal(err)
		}
		s.same(s.take(late, s.now.Add(2*time.Minute)), file)
		s.same(s.ack(late, file.ID, s.now.Add(2*time.Minute)), second)
		if s.ack(late, second.ID, s.now) != nil {
			s.Fatal("one too many")
		}
		if s.take(k, s.now.Add(time.Hour)) != nil || s.take(late, s.now.Add(time.Hour)) != nil {
			s.Fatal("something is left")
		}
	}
	k := of(s.begin(), bot.Timer)
	if _, err := s.store.Behind(s.ctx, k, 1, s.now, s.now, s.now); err == nil {
		s.Fatal("a timer was put behind")
	}
}

func behindErased(s suite) {
	file, other := Item(s.now, false), Item(s.now, false)
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(5), Send: []bot.Item{file}, Desk: []bot.Item{other}})
	s.put(of(k, bot.ToPerson), file.ID, s.now)
	s.put(of(k, bot.ToDesk), other.ID, s.now)
	s.commit(bot.Commit{Key: k, Base: 7, Now: s.now})
	for _, h := range s.heads(k, s.now.Add(time.Hour)) {
		if h != nil {
			s.Fatal("a file outlived its conversation")
		}
	}
}
