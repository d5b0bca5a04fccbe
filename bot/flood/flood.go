// Package flood lets each person through at a rate, with a burst. It lives in memory and for seconds only.
//
// What a person writes carries the time at which it was written, and is judged by that: a backlog after an absence is no
// flood, and a burst that comes late is still one. What they press carries none, and is judged by when it comes. The two
// times are of two clocks, so each has an allowance of its own. What is delivered again costs nothing.
package flood

import (
	"container/list"
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

// mostWatched bounds how many people a watch remembers at once. When it is full, whoever did nothing for longest is forgotten: their
// allowance is the one that is most nearly whole again.
const mostWatched = 50_000

// Watch counts what each person does. Make one with New.
type Watch struct {
	mu    sync.Mutex
	every time.Duration
	burst time.Duration
	known map[string]*list.Element
	order list.List // of *person, whoever did something last in front
}

// person is what is known of one person.
type person struct {
	id    string
	until time.Time // when the allowance is whole again
	told  bool
	seen  []uint64 // the updates that were counted last
}

// New returns a Watch for so many a second, and burst of them at once. A rate of 0 lets everything through.
func New(rate float64, burst int) *Watch {
	w := &Watch{known: map[string]*list.Element{}}
	if rate > 0 {
		w.every = time.Duration(float64(time.Second) / rate)
		w.burst = w.every * time.Duration(burst)
	}
	return w
}

// person finds somebody, or gets to know them. The watch is locked.
func (w *Watch) person(id string) *person {
	if e := w.known[id]; e != nil {
		w.order.MoveToFront(e)
		return e.Value.(*person)
	}
	if len(w.known) >= mostWatched {
		oldest := w.order.Back()
		delete(w.known, oldest.Value.(*person).id)
		w.order.Remove(oldest)
	}
	p := &person{id: id}
	w.known[id] = w.order.PushFront(p)
	return p
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
	p := w.person(id)
	if update != 0 && slices.Contains(p.seen, update) {
		return false, false
	}
	dropped, first = w.over(p, at)
	if update != 0 && !dropped {
		if n := len(p.seen); n >= mostCounted {
			p.seen = slices.Delete(p.seen, 0, n-mostCounted+1)
		}
		p.seen = append(p.seen, update)
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
	return w.over(w.person(id), now)
}

func (w *Watch) over(p *person, now time.Time) (dropped, first bool) {
	at := p.until
	if at.Before(now) {
		at, p.told = now, false
	}
	if at.Add(w.every).Sub(now) > w.burst {
		first, p.told = !p.told, true
		return true, first
	}
	p.until = at.Add(w.every)
	return false, false
}
