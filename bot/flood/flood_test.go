package flood_test

import (
	"fmt"
	"runtime"
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

func TestOnePersonIsNeitherFasterNorSlowerForTheOthers(t *testing.T) {
	w := flood.New(2, 10)
	now := time.Unix(1_800_000_000, 0)
	passed := map[string]int{}
	for i := range 20 * 20 { // twenty seconds, every person twenty times a second
		at := now.Add(time.Duration(i) * 50 * time.Millisecond)
		for _, id := range []string{"a", "b", "c"} {
			if dropped, _ := w.Over(id, at); !dropped {
				passed[id]++
			}
		}
	}
	for id, n := range passed {
		if n < 48 || n > 50 { // ten at once, then two a second
			t.Errorf("%s: %d passed in twenty seconds", id, n)
		}
	}
}

func TestSomebodyWhoWaitedIsToldAgain(t *testing.T) {
	w := flood.New(2, 10)
	now := time.Unix(1_800_000_000, 0)
	for round := range 3 {
		told := 0
		for range 50 {
			if _, first := w.Over("a", now); first {
				told++
			}
		}
		if told != 1 {
			t.Errorf("round %d: told %d times", round, told)
		}
		now = now.Add(6 * time.Second)
	}
}

func TestACrowdOfStrangersTakesLittleMemory(t *testing.T) {
	w := flood.New(2, 10)
	now := time.Unix(1_800_000_000, 0)
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	for i := range 500_000 { // all within one second, so that nobody's time has passed
		w.Over(fmt.Sprint("stranger ", i), now.Add(time.Duration(i)*2*time.Microsecond))
	}
	if after := held(); after > before+32<<20 {
		t.Errorf("%d MB are held", (after-before)>>20)
	}
	if dropped, _ := w.Over("a", now); dropped {
		t.Error("a newcomer is held up")
	}
}

func TestACrowdThatFillsTheTableResetsNobodyWhoIsAtWork(t *testing.T) {
	w := flood.New(2, 10)
	now := time.Unix(1_800_000_000, 0)
	passed, told := 0, 0
	for i := range 200_000 { // four times as many strangers as are remembered, within two seconds
		at := now.Add(time.Duration(i) * 10 * time.Microsecond)
		w.Over(fmt.Sprint("stranger ", i), at)
		if i%1000 != 0 {
			continue
		}
		dropped, first := w.Judge("loud", uint64(i+1), time.Time{}, at)
		if !dropped {
			passed++
		}
		if first {
			told++
		}
	}
	if passed < 10 || passed > 14 || told > 5 { // ten at once, then two a second
		t.Errorf("who asks without end passed %d times of 200 and was told %d times", passed, told)
	}
	if dropped, _ := w.Judge("loud", 1, time.Time{}, now.Add(2*time.Second)); dropped {
		t.Error("an update that is delivered again is judged anew")
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
