package flood_test

import (
	"testing"
	"time"

	"patikra/bot/flood"
)

var noon = time.Unix(1_800_000_000, 0)

func TestABacklogAfterAnAbsenceIsNoFlood(t *testing.T) {
	w := flood.New(2, 10)
	for i := range uint64(500) { // one a second, all fetched at once
		if dropped, _ := w.Judge("a", 1+i, noon.Add(time.Duration(i)*time.Second), noon.Add(time.Hour)); dropped {
			t.Fatalf("line %d was dropped", i)
		}
	}
}

func TestABurstThatComesLateIsStillOne(t *testing.T) {
	w := flood.New(2, 10)
	passed, told := 0, 0
	for i := range uint64(100) {
		dropped, first := w.Judge("a", 1+i, noon, noon.Add(time.Duration(i)*time.Minute))
		if !dropped {
			passed++
		}
		if first {
			told++
		}
	}
	if passed != 10 || told != 1 {
		t.Errorf("%d passed, told %d times", passed, told)
	}
}

func TestWhatIsDeliveredAgainCostsNothing(t *testing.T) {
	w := flood.New(2, 10)
	for range 1000 {
		if dropped, _ := w.Judge("a", 7, noon, noon); dropped {
			t.Fatal("a repeated delivery was dropped")
		}
		if dropped, _ := w.Judge("a", 8, time.Time{}, noon); dropped {
			t.Fatal("a repeated press was dropped")
		}
	}
	for i := range uint64(9) {
		if dropped, _ := w.Judge("a", 100+i, noon, noon); dropped {
			t.Fatalf("after the repetitions only %d more pass", i)
		}
	}
}

func TestWhatIsPressedAndWhatIsWrittenAreJudgedByTheirOwnClocks(t *testing.T) {
	for _, off := range []time.Duration{-time.Minute, 0, time.Minute} { // of our clock
		w := flood.New(2, 10)
		for i := range uint64(60) {
			at := noon.Add(time.Duration(i) * time.Second)
			if dropped, _ := w.Judge("a", 1+2*i, at, at.Add(off)); dropped {
				t.Fatalf("%v off: line %d was dropped", off, i)
			}
			if dropped, _ := w.Judge("a", 2+2*i, time.Time{}, at.Add(off)); dropped {
				t.Fatalf("%v off: press %d was dropped", off, i)
			}
		}
	}
}

func TestATimeThatNoUpdateCanHaveIsNoWayAroundTheLimit(t *testing.T) {
	for name, said := range map[string]func(i int) time.Time{
		"of 1970":       func(i int) time.Time { return time.Unix(int64(1+i*3600), 0) },
		"of next year":  func(i int) time.Time { return noon.Add(time.Duration(8760+i) * time.Hour) },
		"none":          func(int) time.Time { return time.Time{} },
		"the same":      func(int) time.Time { return noon },
		"back and back": func(i int) time.Time { return noon.Add(-time.Duration(i) * time.Minute) },
	} {
		w := flood.New(2, 10)
		passed := 0
		for i := range 200 {
			if dropped, _ := w.Judge("a", uint64(1+i), said(i), noon); !dropped {
				passed++
			}
		}
		if passed > 11 {
			t.Errorf("%s: %d passed at once", name, passed)
		}
	}
}
