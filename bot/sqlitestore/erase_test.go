package sqlitestore_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

// A third of many conversations is erased while their neighbours stay, after pages were split and joined many times.
func TestErasedAmongManyNeighboursNoBytesAreLeftAndTheFileIsSound(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	type conversation struct {
		key     bot.Key
		version uint32
		values  [][]byte
	}
	var all []*conversation
	steps := 4000
	if testing.Short() {
		steps = 1000
	}
	for range steps {
		if len(all) < steps/8 || rand.IntN(4) == 0 {
			all = append(all, &conversation{key: storetest.Key()})
		}
		c := all[rand.IntN(len(all))]
		value, it := storetest.Value(80+rand.IntN(200)), storetest.Item(time.Now(), true)
		it.Value = storetest.Value(200 + rand.IntN(3000))
		c.values = append(c.values, value, it.Value)
		commit := bot.Commit{Key: c.key, Base: c.version, Next: c.version + 1, Value: value, TTL: time.Hour, Now: time.Now(), Send: []bot.Item{it}}
		if rand.IntN(4) == 0 {
			desk, timer, line := storetest.Item(time.Now(), true), storetest.Item(time.Now().Add(time.Hour), false), storetest.Value(50+rand.IntN(500))
			commit.Desk, commit.Timer, commit.Log, commit.Mark = []bot.Item{desk}, &timer, [][]byte{line}, &bot.Mark{State: 1}
			c.values = append(c.values, desk.Value, timer.Value, line)
		}
		if _, err := s.Commit(t.Context(), commit); err != nil {
			t.Fatal(err)
		}
		c.version++
		if rand.IntN(2) == 0 {
			s.Ack(context.Background(), c.key, it.ID, time.Now(), time.Now())
		}
	}
	gone, stay := all[:len(all)/3], all[len(all)/3:]
	for _, c := range gone {
		if c.version == 0 {
			continue
		}
		if _, err := s.Commit(t.Context(), bot.Commit{Key: c.key, Base: c.version, Now: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	left := func() int {
		seen := map[string]bool{}
		for _, name := range []string{"patikra.db", "patikra.db-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i+48 <= len(data); i++ {
				seen[string(data[i:i+48])] = true
			}
		}
		n := 0
		for _, c := range gone {
			for _, v := range c.values {
				for i := 0; i+48 <= len(v); i += 8 {
					if seen[string(v[i:i+48])] {
						n++
					}
				}
			}
		}
		return n
	}
	patience := 5 * time.Second
	if underRace { // looking through the file alone takes seconds then
		patience *= 6
	}
	for end := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		n := left()
		if n == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d runs of 48 bytes are left", n)
		}
	}
	s.Close()
	s = open(t, dir)
	for _, c := range stay {
		if r, err := s.Load(t.Context(), c.key); err != nil || r.Version != c.version {
			t.Fatalf("a neighbour has version %d instead of %d: %v", r.Version, c.version, err)
		}
	}
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "patikra.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity: %s %v", verdict, err)
	}
}
