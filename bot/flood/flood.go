// Package flood lets each person through at a rate, with a burst. It lives in memory and for seconds only.
package flood

import (
	"sync"
	"time"
)

// mostWatched bounds how many people a watch remembers at once.
const mostWatched = 50_000

// Watch counts what each person does. Make one with New.
type Watch struct {
	mu    sync.Mutex
	every time.Duration
	burst time.Duration
	until map[string]time.Time // when the person's allowance is whole again
	told  map[string]bool
}

// New returns a Watch for so many a second, and burst of them at once. A rate of 0 lets everything through.
func New(rate float64, burst int) *Watch {
	w := &Watch{until: map[string]time.Time{}, told: map[string]bool{}}
	if rate > 0 {
		w.every = time.Duration(float64(time.Second) / rate)
		w.burst = w.every * time.Duration(burst)
	}
	return w
}

// Over reports whether this is beyond the allowance, and whether it is the first such.
func (w *Watch) Over(id string, now time.Time) (dropped, first bool) {
	if w.every == 0 {
		return false, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.until) >= mostWatched {
		for k, t := range w.until {
			if t.Before(now) {
				delete(w.until, k)
				delete(w.told, k)
			}
		}
		if len(w.until) >= mostWatched {
			clear(w.until)
			clear(w.told)
		}
	}
	at := w.until[id]
	if at.Before(now) {
		at = now
		delete(w.told, id)
	}
	if at.Add(w.every).Sub(now) > w.burst {
		first = !w.told[id]
		w.told[id] = true
		return true, first
	}
	w.until[id] = at.Add(w.every)
	return false, false
}
