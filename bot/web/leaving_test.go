package web

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
)

func TestAnErasureThatFailsHoldsUpNobodyElses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refused atomic.Bool
		refused.Store(true)
		erased := make(chan string, 4)
		l := newLeaving(func(_ context.Context, id string) error {
			if id == "poison" && refused.Load() {
				return errors.New("one server is away")
			}
			erased <- id
			return nil
		}, func(string) bool { return true }, nil, zap.NewNop())
		for _, id := range []string{"poison", "first", "second"} {
			l.add(id)
		}
		began := time.Now()
		for _, want := range []string{"first", "second"} {
			if got := <-erased; got != want {
				t.Errorf("%s is erased instead of %s", got, want)
			}
		}
		if waited := time.Since(began); waited > 3*time.Second {
			t.Errorf("the others waited %v", waited)
		}
		if !l.has("poison") {
			t.Error("what could not be erased is given up")
		}
		refused.Store(false)
		if got := <-erased; got != "poison" {
			t.Errorf("then %s is erased", got)
		}
		<-l.idle
	})
}
