package sqlitestore_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

// Pictures are many pages long. Some are replaced, conversations are erased, their log is dropped, and neighbours stay.
func TestOfErasedFilesNoBytesAreLeftAndTheLogStaysShort(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	secret := map[string]bool{}
	hide := func(value []byte) []byte {
		for i := 0; i+48 <= len(value); i += 32 {
			secret[string(value[i:i+48])] = true
		}
		return value
	}
	commit := func(c bot.Commit) {
		t.Helper()
		if c.Value == nil && c.Next != 0 {
			c.Value = storetest.Value(200)
		}
		c.TTL, c.Now = time.Hour, time.Now()
		if _, err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var keys []bot.Key
	for range 12 {
		keys = append(keys, storetest.Key())
	}
	stays := func(i int) bool { return i%3 == 2 }
	kept := map[int][]byte{}
	for v := range uint32(4) { // so that what belongs together lies apart
		for i, k := range keys {
			file := storetest.Value(150_000 + 1000*i)
			if stays(i) {
				kept[i] = file
			} else {
				hide(file)
			}
			commit(bot.Commit{Key: k, Base: v, Next: v + 1, Files: []bot.File{{Number: uint8(1 + v%3), Value: file}}})
		}
	}
	for i, k := range keys {
		switch i % 3 {
		case 0:
			commit(bot.Commit{Key: k, Base: 4})
		case 1:
			commit(bot.Commit{Key: k, Base: 4, Next: 5, DropLog: true})
		}
	}
	left := func() (n, size int) {
		for _, name := range []string{"patikra.db", "patikra.db-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			size += len(data)
			for i := 0; i+48 <= len(data); i++ {
				if secret[string(data[i:i+48])] {
					n++
				}
			}
		}
		return n, size
	}
	patience := 5 * time.Second
	if underRace {
		patience *= 6
	}
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		n, size := left()
		if n == 0 {
			if all := 12 * 4 * 155_000; size > 2*all {
				t.Errorf("the files are %d bytes long for %d that were kept at most", size, all)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d runs of 48 bytes are left", n)
		}
	}
	for i, file := range kept {
		if got, err := s.File(t.Context(), keys[i], 1); err != nil || string(got) != string(file) {
			t.Errorf("a neighbour's file has %d bytes: %v", len(got), err)
		}
	}
}
