package sqlitestore_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

func TestReadersAmongWritersNeverSeeAnOlderTurnThanBefore(t *testing.T) {
	s := open(t, t.TempDir())
	const people = 6
	keys := make([]bot.Key, people)
	acknowledged := make([]atomic.Uint32, people)
	var writers, readers sync.WaitGroup
	var done atomic.Bool
	for i := range keys {
		keys[i] = storetest.Key()
		writers.Go(func() {
			for v := range uint32(80) {
				if err := put(t, s, keys[i], v, v+1, storetest.Value(200)); err != nil {
					t.Error(err)
					return
				}
				acknowledged[i].Store(v + 1)
			}
		})
		readers.Go(func() {
			for last := uint32(0); !done.Load(); {
				least := max(last, acknowledged[i].Load())
				r, err := s.Load(t.Context(), keys[i])
				if err != nil || r.Version < least || r.Version != 0 && len(r.Value) != 200 {
					t.Errorf("version %d with %d bytes after version %d: %v", r.Version, len(r.Value), least, err)
					return
				}
				last = r.Version
				time.Sleep(time.Millisecond)
			}
		})
	}
	writers.Wait()
	done.Store(true)
	readers.Wait()
}

func TestACallThatIsGivenUpReturnsAtOnceAndTheStoreGoesOn(t *testing.T) {
	s := open(t, t.TempDir())
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for range 16 {
		busy.Go(func() {
			k := storetest.Key()
			for v := uint32(0); ; v++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := put(t, s, k, v, v+1, storetest.Value(2000)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	k := storetest.Key()
	version := uint32(0)
	for range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Microsecond)
		_, err := s.Commit(ctx, bot.Commit{Key: k, Base: version, Next: version + 1, Value: storetest.Value(50), TTL: time.Hour, Now: time.Now()})
		var late time.Duration
		if end, ok := ctx.Deadline(); ok {
			late = time.Since(end)
		}
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, bot.ErrConflict) || late > time.Second {
			t.Errorf("%v late: %v", late, err)
		}
		r, err := s.Load(t.Context(), k)
		if err != nil || r.Version != version && r.Version != version+1 {
			t.Fatalf("version %d after %d: %v", r.Version, version, err)
		}
		version = r.Version
	}
	close(stop)
	busy.Wait()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
