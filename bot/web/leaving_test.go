package web

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
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

func TestWhoHadLeftWhenAnEarlierProgramEndedIsKnown(t *testing.T) {
	name := ids{"key"}
	one, two, moved := name.make(), name.make(), ""
	moved = name.moved(two)
	var old []byte
	for _, id := range []string{one, two} {
		raw, err := base64.RawURLEncoding.DecodeString(id)
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, raw...)
	}
	if got := readLeft(old); !slices.Equal(got, []string{one, two}) {
		t.Errorf("the earlier form is read as %q", got)
	}
	if got := readLeft([]byte(strings.Join([]string{one, moved}, "\n"))); !slices.Equal(got, []string{one, moved}) {
		t.Errorf("the present form is read as %q", got)
	}
	if got := readLeft(nil); len(got) != 0 {
		t.Errorf("nothing is read as %q", got)
	}
}

func TestANameThatWasMadeUpHasNoAllowanceOfItsOwn(t *testing.T) {
	name := ids{"new", "old"}
	one, earlier := name.make(), ids{"old"}.make()
	for id, ours := range map[string]bool{one: true, name.moved(one): true, earlier: true, ids{"old"}.moved(earlier): true, name.moved(earlier): true,
		one + one: false, name.make() + name.moved(one)[idLetters:]: false, ids{"other"}.make(): false, one[:31]: false, one + "A": false, one[:16] + "\n" + one[16:]: false, "": false} {
		if name.ours(id) != ours {
			t.Errorf("%q: %v", id, !ours)
		}
	}
	once, again := name.moved(one), name.moved(one)
	if browserOf(one) != "" || browserOf(once) == browserOf(again) || conversation(name.moved(one)) != conversation(one) {
		t.Error("browsers are not told apart, or the talk is another")
	}
}
