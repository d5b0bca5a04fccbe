package outbox

import (
	"slices"
	"testing"
	"time"

	"patikra/bot"
)

// TestNoMoreArrivesInASecondThanTheNetworkTakesWhateverTheWay lets calls be on their way for as long as a stall.
func TestNoMoreArrivesInASecondThanTheNetworkTakesWhateverTheWay(t *testing.T) {
	rate := bot.Pace{Interval: 39215686 * time.Nanosecond, Burst: 2} // of 30/1/20
	w := newWindow(rate)
	start := time.Unix(1700000000, 0)
	var came []time.Time
	var way []*passage
	standing := func(ms int) bool { return ms%1700 > 1200 } // then nothing arrives, and all at once when it ends
	for ms, next := 0, 0; ms < 60_000; ms++ {
		now := start.Add(time.Duration(ms) * time.Millisecond)
		if !standing(ms) {
			for _, p := range way {
				p.arrived = now
				came = append(came, now)
			}
			way = way[:0]
		}
		if ms < next {
			continue
		}
		if p, _ := w.try(now); p != nil {
			way = append(way, p)
			next = ms + 39
		}
	}
	if !slices.IsSortedFunc(came, time.Time.Compare) || len(came) < 60*18 {
		t.Errorf("%d calls arrived in a minute", len(came))
	}
	for i := 30; i < len(came); i++ {
		if d := came[i].Sub(came[i-30]); d < time.Second {
			t.Fatalf("31 calls arrived within %s", d)
		}
	}
}

func TestAWindowIsLiftedWithItsPaceAndNeverShut(t *testing.T) {
	newWindow(bot.Pace{}).enter()()
	now := time.Now()
	w := newWindow(bot.Pace{Interval: time.Minute, Burst: 1})
	if p, _ := w.try(now); p == nil {
		t.Fatal("the first call is held up")
	}
	if p, _ := w.try(now.Add(time.Second + stall)); p == nil {
		t.Error("a call that is never answered holds up another for longer than a second and a stall")
	}
}
