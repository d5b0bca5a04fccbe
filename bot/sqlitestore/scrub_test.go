package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"patikra/bot"
)

func random(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

func begin(t *testing.T, s *Store, ttl time.Duration, items ...bot.Item) bot.Key {
	t.Helper()
	k := bot.Key{Partition: uint16(rand.IntN(64)), Hash: [16]byte(random(16))}
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Next: 1, Value: random(100 + rand.IntN(600)), TTL: ttl, Now: time.Now(), Send: items}); err != nil {
		t.Fatal(err)
	}
	return k
}

func opened(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// litter counts the pages of a file with something in their free room.
func litter(t *testing.T, path string) (n int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := int(binary.BigEndian.Uint16(data[16:]))
	for i := 0; i+size <= len(data); i += size {
		if littered(data[i:i+size], uint32(i/size+1)) {
			n++
		}
	}
	return n
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func TestErasedWhileOthersGoOnNoHashIsLeft(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	keys := make([][]bot.Key, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			for range 60 {
				keys[i] = append(keys[i], begin(t, s, time.Hour, bot.Item{ID: rand.Uint64() | 1, Due: time.Now(), Value: random(300)}))
			}
			for n, k := range keys[i] {
				c := bot.Commit{Key: k, Base: 1, Now: time.Now()}
				if n%2 == 1 { // these stay, and grow
					c.Next, c.Value, c.TTL = 2, random(900), time.Hour
				}
				if _, err := s.Commit(context.Background(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	until(t, "hashes of erased conversations are left", func() bool {
		found := 0
		for _, name := range []string{FileName, FileName + "-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range keys {
				for n, k := range list {
					if n%2 == 0 && bytes.Contains(data, k.Hash[:]) {
						found++
					}
				}
			}
		}
		return found == 0
	})
	if n := litter(t, s.path); n > 0 {
		t.Errorf("%d pages of the file are littered", n)
	}
}

func TestWhatAFileHeldBeforeItWasOpenedIsReviewed(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	s.Close()
	// another program, which knows nothing of this, fills the file and moves rows about
	db, err := sql.Open("sqlite", s.path)
	if err != nil {
		t.Fatal(err)
	}
	for range 400 {
		if _, err := db.Exec("INSERT INTO conversation VALUES (?, 1, ?, ?)", random(16), time.Now().Add(time.Hour).UnixMilli(), random(100+rand.IntN(800))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("DELETE FROM conversation WHERE h < x'40'"); err != nil {
		t.Fatal(err)
	}
	var busy, log, moved int
	if err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if litter(t, s.path) == 0 {
		t.Fatal("the file should have been littered by now")
	}
	s = opened(t, dir)
	until(t, "pages of the file are still littered", func() bool { return litter(t, s.path) == 0 })
	var verdict string
	if err := s.read.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %s %v", verdict, err)
	}
}

func TestTheLogDoesNotGrowForEver(t *testing.T) {
	s := opened(t, t.TempDir())
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 200 {
				begin(t, s, time.Hour)
			}
		})
	}
	wg.Wait()
	info, err := os.Stat(s.path + "-wal")
	if err != nil || info.Size() > 40<<20 {
		t.Errorf("%v %v", info, err)
	}
	var busy, log, moved int
	if err := s.read.QueryRow("PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &log, &moved); err != nil || log > 8*logged {
		t.Errorf("%d frames wait in the log: %v", log, err)
	}
}

// FuzzRoom: a page of any content is cleaned without a panic, nothing but its free room is touched, and after
// that it is clean.
func FuzzRoom(f *testing.F) {
	f.Add([]byte{13, 0, 0, 0, 1, 0, 100, 0, 0, 120, 9, 9}, uint32(2))
	f.Add([]byte{5, 0, 40, 0, 0, 0, 0, 0}, uint32(3))
	f.Add([]byte{5, 0, 1, 0, 6, 0, '0'}, uint32(145)) // a free block within the head
	f.Add([]byte("SQLite format 3\x00"), uint32(1))
	f.Fuzz(func(t *testing.T, content []byte, number uint32) {
		page := make([]byte, 1024)
		copy(page, content)
		before := bytes.Clone(page)
		room(page, number, func(free []byte) { clear(free) })
		for i, b := range page {
			if b != before[i] && b != 0 {
				t.Fatalf("byte %d was changed to %d", i, b)
			}
		}
		head := 0
		if number == 1 {
			head = 100
		}
		if !bytes.Equal(page[:head+8], before[:head+8]) {
			t.Fatal("the head of the page was changed")
		}
	})
}
