package storetest

import (
	"bytes"
	"errors"
	"time"

	"patikra/bot"
)

// turned is what a walk of these tests puts in the place of a value.
func turned(v []byte) []byte {
	out := bytes.Clone(v)
	for i := range out {
		out[i] ^= 0xff
	}
	return out
}

// walked walks the store and turns every value of a conversation.
func (s suite) walked(k bot.Key, also func(bot.Stored)) (found []bot.Stored) {
	s.Helper()
	err := s.store.Walk(s.ctx, func(st bot.Stored) ([]byte, error) {
		if st.Kept != "" || st.Key.Hash != k.Hash {
			return nil, nil
		}
		if st.Placed && st.Key.Partition != k.Partition {
			s.Errorf("a value of partition %d is said to be of %d", k.Partition, st.Key.Partition)
		}
		found = append(found, st)
		if also != nil {
			also(st)
		}
		return turned(st.Value), nil
	})
	if err != nil {
		s.Fatalf("walk: %v", err)
	}
	return found
}

func walks(s suite) {
	items := []bot.Item{Item(s.now, false), Item(s.now, true), Item(s.now.Add(time.Hour), false)}
	desk, timer := Item(s.now, false), Item(s.now, false)
	lines := [][]byte{Value(20), Value(30)}
	k, value := Key(), Value(80)
	s.commit(bot.Commit{Key: k, Next: 7, Value: value, Send: items, Desk: []bot.Item{desk}, Timer: &timer, Log: lines, Mark: &bot.Mark{State: 1, Since: s.now}})
	if err := s.store.Keep(s.ctx, "walked", Value(40), time.Hour); err != nil {
		s.Fatal(err)
	}
	found := s.walked(k, nil)
	if len(found) != 1+len(items)+2+len(lines) {
		s.Fatalf("the walk shows %d values", len(found))
	}
	kept := false
	if err := s.store.Walk(s.ctx, func(st bot.Stored) ([]byte, error) { kept = kept || st.Kept == "walked"; return nil, nil }); err != nil || !kept {
		s.Errorf("what is kept beside conversations is not shown: %v", err)
	}
	if r := s.load(k); r.Version != 7 || !bytes.Equal(r.Value, turned(value)) {
		s.Errorf("the record is %+v", r)
	}
	for _, st := range found {
		if bytes.Equal(st.Value, value) && st.Version != 7 {
			s.Errorf("the record is shown with version %d", st.Version)
		}
	}
	s.log(k, 0, [][]byte{turned(lines[0]), turned(lines[1])})
	if m := s.marked(k); m == nil || m.State != 1 {
		s.Errorf("the mark is %v", m)
	}
	for i := range items {
		items[i].Value = turned(items[i].Value)
	}
	desk.Value, timer.Value = turned(desk.Value), turned(timer.Value)
	s.holds(k, s.now, items[0], desk, timer)
	s.same(s.ack(k, items[0].ID, s.now), items[1])
	if next := s.ack(k, items[1].ID, s.now); next != nil {
		s.Errorf("what is due later came: %v", next)
	}
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(80)})
}

func walkKeepsLeases(s suite) {
	it, after := Item(s.now, false), Item(s.now, false)
	k := s.begin(it, after)
	it.Value, after.Value = turned(it.Value), turned(after.Value)
	if s.take(k, s.now) == nil {
		s.Fatal("nothing is due")
	}
	s.walked(k, nil)
	if s.take(k, s.now) != nil {
		s.Error("the lease is gone")
	}
	s.same(s.ack(k, it.ID, s.now), after)
}

func walkYields(s suite) {
	first, second := Item(s.now, false), Item(s.now, false)
	k := s.begin(first, second)
	if s.take(k, s.now) == nil {
		s.Fatal("nothing is due")
	}
	newer := Value(50)
	changed := false
	s.walked(k, func(bot.Stored) {
		if !changed {
			changed = true
			s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: newer, Log: [][]byte{Value(9)}})
			s.ack(k, first.ID, s.now)
		}
	})
	if r := s.load(k); r.Version != 8 || !bytes.Equal(r.Value, newer) && !bytes.Equal(r.Value, turned(newer)) {
		s.Errorf("a newer record was replaced by an older: %+v", r)
	}
	if it := s.ack(k, second.ID, s.now); it != nil {
		s.Errorf("what was delivered came back: %v", it)
	}
}

func walkAfterErasure(s suite) {
	k := s.begin(Item(s.now, false))
	s.walked(k, func(st bot.Stored) {
		if r := s.load(k); r.Version != 0 {
			s.commit(bot.Commit{Key: k, Base: 7})
		}
	})
	if r := s.load(k); r.Version != 0 {
		s.Errorf("an erased record is back: %+v", r)
	}
	if left := s.walked(k, nil); len(left) > 0 {
		s.Errorf("of an erased conversation there is %v", left)
	}
}

func walkEnds(s suite) {
	s.begin()
	enough := errors.New("enough")
	if err := s.store.Walk(s.ctx, func(bot.Stored) ([]byte, error) { return nil, enough }); !errors.Is(err, enough) {
		s.Errorf("the walk ends with %v", err)
	}
}
