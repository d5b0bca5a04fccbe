// Package flood lets each person through at a rate, with a burst. It lives in memory and for seconds only.
//
// What a person writes carries the time at which it was written, and is judged by that: a backlog after an absence is no
// flood, and a burst that comes late is still one. What they press carries none, and is judged by when it comes. The two
// times are of two clocks, so each has an allowance of its own. What is delivered again costs nothing.
package flood

import (
	"slices"
	"sync"
	"time"
)

// Limits of a time that an update tells of itself. Outside them it is no time of an update.
const (
	oldest = 72 * time.Hour  // no network keeps an update for longer
	ahead  = 5 * time.Minute // what clocks may differ by
)

// mostCounted is how many updates of one person are known when they are delivered again.
const mostCounted = 32

// mostWatched bounds how many people a watch remembers at once.
const mostWatched = 50_000

// Watch counts what each person does. Make one with New.
type Watch struct {
	mu    sync.Mutex
	every time.Duration
	burst time.Duration
	until map[string]time.Time // when the person's allowance is whole again
	told  map[string]bool
	seen  map[string][]uint64 // the updates that were counted last
}

// New returns a Watch for so many a second, and burst of them at once. A rate of 0 lets everything through.
func New(rate float64, burst int) *Watch {
	w := &Watch{until: map[string]time.Time{}, told: map[string]bool{}, seen: map[string][]uint64{}}
	if rate > 0 {
		w.every = time.Duration(float64(time.Second) / rate)
		w.burst = w.every * time.Duration(burst)
	}
	return w
}

// Judge is Over for an update of a network: said is when the person sent it by the network's clock, zero when it does not tell,
// and update its number there, 0 when it has none. Delivered again it is judged as it was.
func (w *Watch) Judge(id string, update uint64, said, now time.Time) (dropped, first bool) {
	if w.every == 0 {
		return false, false
	}
	at := now
	if !said.IsZero() && now.Sub(said) < oldest && said.Sub(now) < ahead {
		id, at = "written "+id, said
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if update != 0 && slices.Contains(w.seen[id], update) {
		return false, false
	}
	dropped, first = w.over(id, at)
	if update != 0 && !dropped {
		seen := w.seen[id]
		if len(seen) >= mostCounted {
			seen = slices.Delete(seen, 0, len(seen)-mostCounted+1)
		}
		w.seen[id] = append(seen, update)
	}
	return dropped, first
}

// Over reports whether this is beyond the allowance, and whether it is the first such.
func (w *Watch) Over(id string, now time.Time) (dropped, first bool) {
	if w.every == 0 {
		return false, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.over(id, now)
}

func (w *Watch) over(id string, now time.Time) (dropped, first bool) {
	if len(w.until) >= mostWatched {
		for k, t := range w.until {
			if t.Before(now) {
				delete(w.until, k)
				delete(w.told, k)
				delete(w.seen, k)
			}
		}
		if len(w.until) >= mostWatched {
			clear(w.until)
			clear(w.told)
			clear(w.seen)
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
