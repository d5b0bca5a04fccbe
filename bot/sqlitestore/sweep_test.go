package sqlitestore

import (
	"testing"
	"time"

	"patikra/bot"
)

func (s *Store) rows(t *testing.T, table string) (n int) {
	t.Helper()
	if err := s.read.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatHasEndedIsSweptAndWhatHasNotStays(t *testing.T) {
	s := opened(t, t.TempDir())
	now := time.Now()
	item := func(id uint64) bot.Item { return bot.Item{ID: id, Due: now, Value: random(50)} }
	short := begin(t, s, time.Minute, item(1), item(2))
	long := begin(t, s, 100*time.Hour, item(3))
	if _, err := s.Commit(t.Context(), bot.Commit{Key: begin(t, s, time.Hour), Base: 1, Now: now, Forget: []uint64{7, 8}}); err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2000-01-01", now.UTC().Format(time.DateOnly)} {
		if _, err := s.Commit(t.Context(), bot.Commit{Key: long, Base: 1, Next: 1, Value: random(10), TTL: 100 * time.Hour, Now: now, Counts: []string{"started"}, Day: day}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(after time.Duration, conversations, items, heads, forgotten int) {
		t.Helper()
		s.sweep(now.Add(after))
		if a, b, c, d := s.rows(t, "conversation"), s.rows(t, "item"), s.rows(t, "head"), s.rows(t, "forgotten"); a != conversations || b != items || c != heads || d != forgotten {
			t.Fatalf("after %v there are %d conversations, %d items, %d heads, %d updates", after, a, b, c, d)
		}
	}
	expect(0, 2, 3, 2, 2)
	if s.rows(t, "counter") != 1 {
		t.Error("a counter of long ago is still there")
	}
	expect(2*time.Minute, 1, 3, 2, 2) // the record ends; what is still to be sent does not
	if held, err := s.Take(t.Context(), now, now.Add(time.Second), 9); err != nil || len(held) != 2 {
		t.Fatalf("%v %v", held, err)
	}
	expect(23*time.Hour, 1, 3, 2, 2)
	expect(25*time.Hour, 1, 1, 1, 0) // and a day later it does
	if _, err := s.Ack(t.Context(), short, 1, now, now); err == nil {
		t.Error("an item that was swept is acknowledged")
	}
	expect(49*time.Hour, 1, 0, 0, 0)
	if removed, more := s.sweep(now.Add(49 * time.Hour)); removed || more {
		t.Error("a second sweep finds something")
	}
	expect(101*time.Hour, 0, 0, 0, 0)
}

func TestLinesAndMarksGoWithTheirRecordAndATimerStaysAsLongAsItsCase(t *testing.T) {
	s := opened(t, t.TempDir())
	now := time.Now()
	for i, ttl := range []time.Duration{time.Minute, 100 * 24 * time.Hour} {
		k := begin(t, s, time.Hour)
		if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 1, Next: 2, Value: random(50), TTL: ttl, Now: now, Log: [][]byte{random(40), random(40)}, Files: []bot.File{{Number: 1, Value: random(9000)}},
			Mark: &bot.Mark{State: 1, Since: now}, Timer: &bot.Item{ID: uint64(i + 1), Due: now.Add(14 * 24 * time.Hour), Value: random(9)},
			Desk: []bot.Item{{ID: uint64(i + 1), Due: now, Value: random(9)}}}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(after time.Duration, lines, marks, items, heads int) {
		t.Helper()
		s.sweep(now.Add(after))
		if files := s.rows(t, "file"); files != marks {
			t.Fatalf("after %v there are %d files, %d marks", after, files, marks)
		}
		if a, b, c, d := s.rows(t, "line"), s.rows(t, "mark"), s.rows(t, "item"), s.rows(t, "head"); a != lines || b != marks || c != items || d != heads {
			t.Fatalf("after %v there are %d lines, %d marks, %d items, %d heads", after, a, b, c, d)
		}
	}
	expect(0, 4, 2, 4, 4)
	expect(2*time.Minute, 2, 1, 4, 4)
	expect(25*time.Hour, 2, 1, 3, 3) // the message to the desk of the one that has ended
	expect(49*time.Hour, 2, 1, 2, 2)
	expect(14*24*time.Hour, 2, 1, 2, 2)
	expect(15*24*time.Hour+time.Hour, 2, 1, 1, 1)
	expect(17*24*time.Hour, 2, 1, 1, 1) // nobody looked at it: it still comes back
	expect(101*24*time.Hour, 0, 0, 0, 0)
}

func TestAnErasureReachesARecordThatHasEndedAndIsNotSweptYet(t *testing.T) {
	s := opened(t, t.TempDir())
	k := begin(t, s, time.Hour)
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 1, Next: 2, Value: random(50), TTL: time.Millisecond, Now: time.Now(),
		Log: [][]byte{random(40)}, Mark: &bot.Mark{State: 1}}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"conversation", "line", "mark"} {
		if n := s.rows(t, table); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
}

func TestHeadsOfADeadProcessComeInTheirOrder(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	now := time.Now()
	due := map[bot.Key]int{}
	for _, n := range []int{3, 1, 5, 2, 4} {
		due[begin(t, s, time.Hour, bot.Item{ID: uint64(n), Due: now.Add(time.Duration(n-9) * time.Second), Value: random(9)})] = n
	}
	if held, err := s.Take(t.Context(), now, now.Add(time.Hour), 9); err != nil || len(held) != 5 {
		t.Fatal(held, err)
	}
	s.Close()
	s = opened(t, dir)
	held, err := s.Take(t.Context(), now, now.Add(time.Second), 9)
	if err != nil || len(held) != 5 {
		t.Fatal(held, err)
	}
	for i, h := range held {
		if due[h.Key] != i+1 || h.Item.ID != uint64(i+1) {
			t.Errorf("place %d: item %d", i, h.Item.ID)
		}
	}
}
