package redisstore_test

import (
	"errors"
	"testing"
	"time"

	"patikra/bot/redisstore"
	"patikra/bot/storetest"
)

func TestABackupIsPutBackByOneAloneAndBesideNoProgram(t *testing.T) {
	t.Parallel() // it waits most of the time
	r := storetest.RedisServer(t)
	const lease = 600 * time.Millisecond
	one := func() *redisstore.Store {
		s, err := redisstore.Open(t.Context(), redisstore.Options{URL: r.URL(), Partitions: storetest.Partitions, Lease: lease})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	a, b, c := one(), one(), one()
	quiet := func(err error) { t.Error(err) }
	endA, err := a.Use(t.Context(), quiet)
	endB, err2 := b.Use(t.Context(), quiet)
	if err != nil || err2 != nil {
		t.Fatalf("two programs cannot run: %v, %v", err, err2)
	}
	time.Sleep(lease * 5 / 4) // it is said anew
	for _, end := range []func(){endA, endB} {
		if _, _, err := c.Alone(t.Context()); !errors.Is(err, redisstore.ErrRunning) {
			t.Fatalf("beside a program: %v", err)
		}
		end()
	}
	alone, end, err := c.Alone(t.Context())
	if err != nil {
		t.Fatalf("nobody runs any more: %v", err)
	}
	if err := c.Clear(alone); err != nil {
		t.Fatal(err)
	}
	time.Sleep(lease * 5 / 4)
	if _, _, err := b.Alone(t.Context()); !errors.Is(err, redisstore.ErrRestoring) {
		t.Errorf("a second one: %v", err)
	}
	if _, err := a.Use(t.Context(), quiet); !errors.Is(err, redisstore.ErrRestoring) {
		t.Errorf("a program starts meanwhile: %v", err)
	}
	if alone.Err() != nil {
		t.Error("it is given up though Redis answers")
	}
	end()
	if end, err := a.Use(t.Context(), quiet); err != nil {
		t.Errorf("when it is done: %v", err)
	} else {
		end()
	}
	// Whoever loses the lease stops; whoever was killed is waited for no longer than it.
	lost, end, err := c.Alone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Freeze()
	select {
	case <-lost.Done():
	case <-time.After(5 * time.Second):
		t.Error("without an answer of Redis it goes on")
	}
	r.Thaw()
	end()
	if n, err := r.Client().Keys(t.Context(), "patikra:{use}:*").Result(); err != nil || len(n) != 0 {
		t.Errorf("%v is left, %v", n, err)
	}
}
