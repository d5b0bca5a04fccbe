package storetest

import (
	"bytes"
	"errors"
	"time"

	"patikra/bot"
)

// file wants one of a conversation's files to be as given; nil: there is none.
func (s suite) file(k bot.Key, number uint8, want []byte) {
	s.Helper()
	got, err := s.store.File(s.ctx, k, number)
	if err != nil {
		s.Fatalf("file %d: %v", number, err)
	}
	if !bytes.Equal(got, want) {
		s.Fatalf("file %d has %d bytes, or others, instead of %d", number, len(got), len(want))
	}
}

func filesKept(s suite) {
	photo, voice, third := Value(3<<20), Value(900), Value(100)
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(80), Files: []bot.File{{Number: 1, Value: photo}, {Number: 30, Value: voice}}})
	other := s.begin()
	s.commit(bot.Commit{Key: k, Base: 1, Next: 2, Value: Value(80), Log: [][]byte{Value(9)}})
	s.commit(bot.Commit{Key: k, Base: 2, Next: 3, Value: Value(80), Files: []bot.File{{Number: 2, Value: third}}})
	s.file(k, 1, photo)
	s.file(k, 2, third)
	s.file(k, 30, voice)
	s.file(k, 3, nil)
	s.file(other, 1, nil)
	s.commit(bot.Commit{Key: k, Base: 3, Next: 4, Value: Value(80), Files: []bot.File{{Number: 2, Value: voice}}})
	s.file(k, 2, voice)
	if _, err := s.try(bot.Commit{Key: k, Base: 3, Next: 4, Value: Value(80), Files: []bot.File{{Number: 2, Value: photo}, {Number: 4, Value: photo}}}); !errors.Is(err, bot.ErrConflict) {
		s.Fatalf("a stale commit: %v", err)
	}
	s.file(k, 2, voice)
	s.file(k, 4, nil)
}

func filesErased(s suite) {
	begin := func() bot.Key {
		k := Key()
		s.commit(bot.Commit{Key: k, Next: 1, Value: Value(80), Log: [][]byte{Value(9)}, Files: []bot.File{{Number: 1, Value: Value(5000)}, {Number: 2, Value: Value(70)}}})
		return k
	}
	none := func(k bot.Key) {
		s.Helper()
		s.file(k, 1, nil)
		s.file(k, 2, nil)
	}
	k := begin()
	s.commit(bot.Commit{Key: k, Base: 1})
	none(k)
	s.commit(bot.Commit{Key: k, Next: 9, Value: Value(80)})
	none(k)
	if left := s.walked(k, nil); len(left) != 1 {
		s.Errorf("a conversation that began again after an erasure has %d values", len(left))
	}
	k = begin()
	s.commit(bot.Commit{Key: k, Base: 1, Next: 2, Value: Value(80), DropLog: true})
	none(k)
	k = Key()
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(10), TTL: 80 * time.Millisecond, Files: []bot.File{{Number: 1, Value: Value(5000)}}})
	for end := time.Now().Add(5 * time.Second); s.load(k).Version != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatal("the record is still there")
		}
	}
	none(k)
	s.commit(bot.Commit{Key: k, Next: 2, Value: Value(10)})
	none(k)
}

func filesLast(s suite) {
	k, photo := Key(), Value(5000)
	s.commit(bot.Commit{Key: k, Next: 1, Value: Value(10), TTL: 80 * time.Millisecond, Files: []bot.File{{Number: 1, Value: photo}}})
	s.commit(bot.Commit{Key: k, Base: 1, Next: 2, Value: Value(10), TTL: time.Hour})
	time.Sleep(120 * time.Millisecond)
	s.file(k, 1, photo)
}

func walksFiles(s suite) {
	photo, voice := Value(70_000), Value(900)
	k := Key()
	s.commit(bot.Commit{Key: k, Next: 7, Value: Value(80), Files: []bot.File{{Number: 3, Value: photo}, {Number: 30, Value: voice}}})
	seen := map[uint32]int{}
	for _, st := range s.walked(k, nil) {
		if seen[st.Version] = len(st.Value); st.File != (st.Version != 7) || st.File && !st.Placed {
			s.Errorf("version %d: a file %v, placed %v", st.Version, st.File, st.Placed)
		}
	}
	if len(seen) != 3 || seen[7] != 80 || seen[3] != len(photo) || seen[30] != len(voice) {
		s.Errorf("the walk shows %v", seen)
	}
	s.file(k, 3, turned(photo))
	s.file(k, 30, turned(voice))
	s.commit(bot.Commit{Key: k, Base: 7, Next: 8, Value: Value(80)})
	s.walked(k, func(bot.Stored) {
		if s.load(k).Version == 8 {
			s.commit(bot.Commit{Key: k, Base: 8})
		}
	})
	s.file(k, 3, nil)
	s.file(k, 30, nil)
}
