package telegram

import (
	"sync"
	"time"
)

// mostWatched bounds how many people a flood watch remembers at once.
const mostWatched = 50_000

// flood lets each person through at a rate, with a burst. It lives in memory and for seconds only.
type flood struct {
	mu    sync.Mutex
	every time.Duration
	burst time.Duration
	until map[string]time.Time // when the person's allowance is whole again
	told  map[string]bool
}

func newFlood(rate float64, burst int) *flood {
	f := &flood{until: map[string]time.Time{}, told: map[string]bool{}}
	if rate > 0 {
		f.every = time.Duration(float64(time.Second) / rate)
		f.burst = f.every * time.Duration(burst)
	}
	return f
}

// over reports whether this update is beyond the allowance, and whether it is the first such.
func (f *flood) over(id string, now time.Time) (dropped, first bool) {
	if f.every == 0 {
		return false, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.until) >= mostWatched {
		for k, t := range f.until {
			if t.Before(now) {
				delete(f.until, k)
				delete(f.told, k)
			}
		}
		if len(f.until) >= mostWatched {
			clear(f.until)
			clear(f.told)
		}
	}
	at := f.until[id]
	if at.Before(now) {
		at = now
		delete(f.told, id)
	}
	if at.Add(f.every).Sub(now) > f.burst {
		first = !f.told[id]
		f.told[id] = true
		return true, first
	}
	f.until[id] = at.Add(f.every)
	return false, false
}
