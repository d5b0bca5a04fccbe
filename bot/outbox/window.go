package outbox

import (
	"sync"
	"time"

	"patikra/bot"
)

// stall is how much later than it left a call may be counted by the network, because a machine stood still or the line did.
const stall = 500 * time.Millisecond

// window keeps to an allowance what arrives within any second. The pace says when calls leave. But on a loaded machine some
// are on their way for long and then arrive together with those that left later, more of them in a second than left in any.
// So a call counts from when it left until a second after it was answered, which it surely arrived before, or until a second
// and a stall after it left. At the usual speed of a network that holds nothing up.
type window struct {
	most int // zero lifts it

	mu    sync.Mutex
	calls []*passage
}

// passage is a call on its way.
type passage struct{ left, arrived time.Time }

// newWindow returns the window of a pace. A pace leaves more than a seventh of the network's limit free; most of that may be used.
func newWindow(rate bot.Pace) *window {
	if rate.Interval <= 0 {
		return &window{}
	}
	return &window{most: max(int(time.Second*7/6/rate.Interval), rate.Burst, 1)}
}

// try notes a call that leaves now, unless it may be one too many; then it returns nil and how long to wait.
func (w *window) try(now time.Time) (*passage, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept, soonest := w.calls[:0], stall
	for _, p := range w.calls {
		until := p.left.Add(stall)
		if !p.arrived.IsZero() && p.arrived.Before(until) {
			until = p.arrived
		}
		if left := until.Add(time.Second).Sub(now); left > 0 {
			kept, soonest = append(kept, p), min(soonest, left)
		}
	}
	clear(w.calls[len(kept):])
	w.calls = kept
	if len(w.calls) >= w.most {
		return nil, min(soonest, 20*time.Millisecond)
	}
	p := &passage{left: now}
	w.calls = append(w.calls, p)
	return p, 0
}

// enter waits until a call may leave, and returns what is to be done when it has been answered. It waits for a second and a
// stall at most, but for others that wait too.
func (w *window) enter() (answered func()) {
	if w.most == 0 {
		return func() {}
	}
	for {
		p, wait := w.try(time.Now())
		if p != nil {
			return func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				p.arrived = time.Now()
			}
		}
		time.Sleep(wait)
	}
}
