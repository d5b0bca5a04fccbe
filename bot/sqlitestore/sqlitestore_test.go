package sqlitestore_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

func open(t testing.TB, dir string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(dir, storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, t.TempDir()) })
}

func put(t testing.TB, s bot.Store, k bot.Key, base, next uint32, value []byte, items ...bot.Item) error {
	_, err := s.Commit(context.Background(), bot.Commit{Key: k, Base: base, Next: next, Value: value, TTL: time.Hour, Now: time.Now(), Send: items})
	return err
}

func TestEverythingIsThereAfterReopening(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	k, value, it := storetest.Key(), storetest.Value(90), storetest.Item(time.Now(), true)
	if err := put(t, s, k, 0, 5, value, it); err != nil {
		t.Fatal(err)
	}
	if held, err := s.Take(t.Context(), time.Now(), time.Now().Add(time.Hour), 5); err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	s.Close()
	s = open(t, dir)
	if r, err := s.Load(t.Context(), k); err != nil || r.Version != 5 || !bytes.Equal(r.Value, value) {
		t.Errorf("%v %v", r, err)
	}
	// The lease of the process before is void.
	if held, err := s.Take(t.Context(), time.Now(), time.Now().Add(time.Second), 5); err != nil || len(held) != 1 || held[0].Item.ID != it.ID || held[0].Key != k {
		t.Errorf("%v %v", held, err)
	}
}

// A file of the first form, which knew neither logs nor cases, is opened and goes on.
func TestAFileOfTheFirstFormIsOpened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	k, value, it := storetest.Key(), storetest.Value(90), storetest.Item(time.Now(), true)
	if err := put(t, s, k, 0, 5, value, it); err != nil {
		t.Fatal(err)
	}
	s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "patikra.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DROP TABLE line; DROP TABLE mark; ALTER TABLE item DROP COLUMN tries; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s = open(t, dir)
	if r, err := s.Load(t.Context(), k); err != nil || r.Version != 5 || !bytes.Equal(r.Value, value) {
		t.Fatalf("%v %v", r, err)
	}
	if held, err := s.Take(t.Context(), time.Now(), time.Now().Add(time.Second), 5); err != nil || len(held) != 1 || held[0].Item.ID != it.ID || held[0].Key != k {
		t.Fatalf("%v %v", held, err)
	}
	line := storetest.Value(30)
	if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 5, Next: 6, Value: value, TTL: time.Hour, Now: time.Now(),
		Log: [][]byte{line}, Mark: &bot.Mark{State: 1, Since: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if lines, err := s.Log(t.Context(), k, 0); err != nil || len(lines) != 1 || !bytes.Equal(lines[0], line) {
		t.Errorf("%v %v", lines, err)
	}
	if all, err := s.Cases(t.Context()); err != nil || len(all) != 1 || all[0].Key != k {
		t.Errorf("%v %v", all, err)
	}
	s.Close()
	var version int
	if db, err = sql.Open("sqlite", filepath.Join(dir, "patikra.db")); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 4 {
		t.Errorf("form %d, %v", version, err)
	}
}

func TestAFolderInUseOrOfAnotherShapeIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := sqlitestore.Open(dir, storetest.Partitions); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second process: %v", err)
	}
	s.Close()
	if _, err := sqlitestore.Open(dir, 7); err == nil || !strings.Contains(err.Error(), "PATIKRA_PARTITIONS") || !strings.Contains(err.Error(), "64") {
		t.Errorf("another number of partitions: %v", err)
	}
	open(t, dir)
	broken := t.TempDir()
	os.WriteFile(filepath.Join(broken, "patikra.db"), bytes.Repeat([]byte("no database "), 900), 0o600)
	if _, err := sqlitestore.Open(broken, 7); err == nil {
		t.Error("a file that is no store is opened")
	}
}

func TestAClosedStoreRefusesAndACancelledCallReturns(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Ping(ctx); err == nil {
		t.Error("a cancelled call succeeds")
	}
	s.Close()
	if err := put(t, s, storetest.Key(), 0, 1, storetest.Value(5)); err == nil {
		t.Error("a closed store takes commits")
	}
	s.Close()
}

// TestMain lets the test's own program be a process that commits until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("SQLITESTORE_TEST_DIR")
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := sqlitestore.Open(dir, storetest.Partitions)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var mu sync.Mutex
	for i := range 8 {
		go func() {
			k := bot.Key{Partition: uint16(i)}
			k.Hash[0] = byte(i + 1)
			for v := uint32(0); ; v++ {
				if put(nil, s, k, v, v+1, binary.BigEndian.AppendUint32(nil, v+1)) != nil {
					return
				}
				mu.Lock()
				fmt.Println(i, v+1)
				mu.Unlock()
			}
		}()
	}
	select {}
}

func TestAKilledProcessLosesNoAcknowledgedCommit(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SQLITESTORE_TEST_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[int]uint32{}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); n++ {
		var i int
		var v uint32
		if _, err := fmt.Sscan(lines.Text(), &i, &v); err == nil {
			acknowledged[i] = v
		}
		if n == 150 {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	s := open(t, dir)
	for i, v := range acknowledged {
		k := bot.Key{Partition: uint16(i)}
		k.Hash[0] = byte(i + 1)
		if r, err := s.Load(t.Context(), k); err != nil || r.Version < v {
			t.Errorf("%d: version %d was acknowledged, %d is there (%v)", i, v, r.Version, err)
		}
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was committed")
	}
}

func TestErasedMeansThatNoBytesAreLeft(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for range 300 { // neighbours, so that pages are split and joined
		if err := put(t, s, storetest.Key(), 0, 1, storetest.Value(150+rand.IntN(100))); err != nil {
			t.Fatal(err)
		}
	}
	var secrets [][]byte
	var keys []bot.Key
	var farewells []bot.Item
	for range 20 {
		k := storetest.Key()
		for v := range uint32(8) {
			value, it := storetest.Value(100+rand.IntN(400)), storetest.Item(time.Now(), v%2 == 0)
			desk, timer, line := storetest.Item(time.Now(), false), storetest.Item(time.Now().Add(time.Hour), false), storetest.Value(50+rand.IntN(300))
			secrets = append(secrets, value, it.Value, desk.Value, timer.Value, line)
			if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: v, Next: v + 1, Value: value, TTL: time.Hour, Now: time.Now(), Send: []bot.Item{it},
				Desk: []bot.Item{desk}, Timer: &timer, Log: [][]byte{line}, Mark: &bot.Mark{State: 1, Since: time.Now()}}); err != nil {
				t.Fatal(err)
			}
		}
		keys = append(keys, k)
	}
	for _, k := range keys {
		it := storetest.Item(time.Now(), false)
		secrets = append(secrets, it.Value)
		farewells = append(farewells, it)
		if _, err := s.Commit(t.Context(), bot.Commit{Key: k, Base: 8, Now: time.Now(), Send: []bot.Item{it}, Lease: time.Now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, k := range keys {
		if _, err := s.Ack(t.Context(), k, farewells[i].ID, time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	end := time.Now().Add(5 * time.Second)
	for {
		found := 0
		for _, name := range []string{"patikra.db", "patikra.db-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range secrets {
				for i := 0; i+48 <= len(secret); i++ {
					if bytes.Contains(data, secret[i:i+48]) {
						found++
						break
					}
				}
			}
			for _, k := range keys {
				if bytes.Contains(data, k.Hash[:]) {
					found++
				}
			}
		}
		if found == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d things are left", found)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// BenchmarkCommit measures a turn saved: alone, and among many people at once, who share a synced write.
func BenchmarkCommit(b *testing.B) {
	person := func(s bot.Store, next func() bool) error {
		k, value := storetest.Key(), storetest.Value(200)
		for v := uint32(0); next(); v++ {
			if err := put(b, s, k, v, v+1, value); err != nil {
				return err
			}
		}
		return nil
	}
	b.Run("one", func(b *testing.B) {
		if err := person(open(b, b.TempDir()), b.Loop); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("many", func(b *testing.B) {
		s := open(b, b.TempDir())
		b.SetParallelism(64)
		b.RunParallel(func(pb *testing.PB) {
			if err := person(s, pb.Next); err != nil {
				b.Error(err)
			}
		})
	})
}

func TestReadinessWritesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := put(t, s, storetest.Key(), 0, 1, storetest.Value(90)); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "patikra.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other, err := db.Conn(t.Context()) // the number tells of writes by others than its own connection
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	state := func() string {
		t.Helper()
		var out strings.Builder
		for _, name := range []string{"patikra.db", "patikra.db-wal"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&out, name, info.Size(), info.ModTime().UnixNano())
		}
		var version int
		if err := other.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&version); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, "data version", version)
		return out.String()
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) { // the log of the opening is emptied by itself
		if info, err := os.Stat(filepath.Join(dir, "patikra.db-wal")); err == nil && info.Size() == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the log is not emptied")
		}
	}
	first := state()
	if err := put(t, s, storetest.Key(), 0, 1, storetest.Value(90)); err != nil {
		t.Fatal(err)
	}
	before := state()
	if before == first {
		t.Fatal("a turn that is saved is not seen here")
	}
	for range 50 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := state(); after != before {
		t.Errorf("%s became %s", before, after)
	}
}
