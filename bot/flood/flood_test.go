package flood_test

import (
	"fmt"
	"testing"
	"time"

	"patikra/bot/flood"
)

func TestTwoASecondAndTenAtOnceAreLetThrough(t *testing.T) {
	w := flood.New(2, 10)
	now := time.Unix(1_800_000_000, 0)
	passed, told := 0, 0
	for range 30 {
		dropped, first := w.Over("a", now)
		if !dropped {
			passed++
		}
		if first {
			told++
		}
	}
	if passed != 10 || told != 1 {
		t.Errorf("%d passed at once, told %d times", passed, told)
	}
	if dropped, _ := w.Over("b", now); dropped {
		t.Error("somebody else is held up")
	}
	passed = 0
	for i := range 100 {
		if dropped, _ := w.Over("a", now.Add(time.Duration(i)*100*time.Millisecond)); !dropped {
			passed++
		}
	}
	if passed < 18 || passed > 21 {
		t.Errorf("%d of 100 passed in ten seconds", passed)
	}
	if dropped, _ := w.Over("a", now.Add(time.Hour)); dropped {
		t.Error("after an hour it is forgotten")
	}
}

func TestZeroLiftsTheLimit(t *testing.T) {
	w := flood.New(0, 10)
	for range 1000 {
		if dropped, _ := w.Over("a", time.Now()); dropped {
			t.Fatal("dropped")
		}
	}
}

func BenchmarkManyPeople(b *testing.B) {
	w := flood.New(2, 10)
	now := time.Now()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.Over(fmt.Sprint(i%200_000), now.Add(time.Duration(i)*time.Microsecond))
	}
}
