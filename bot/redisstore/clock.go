package redisstore

import (
	"context"
	"sync"
	"time"
)

// clock knows how far Redis's clock is from ours. Processes that share a store share its clock, too: a lease, a time
// to send or a place in an order means the same to all of them, however wrong a machine's own clock is. It is read
// against the monotonic clock, so that a machine's clock that is set meanwhile is noticed at once.
type clock struct {
	mu     sync.Mutex
	theirs time.Time // Redis's time
	ours   time.Time // at this time of ours, with its monotonic reading
	asked  time.Time
	wall   func() time.Time // the machine's clock; time.Now, but in tests
}

func (c *clock) now() time.Time {
	if c.wall != nil {
		return c.wall()
	}
	return time.Now()
}

// clockAge is how long a reading counts.
const clockAge = 10 * time.Second

// ahead is how much Redis's clock is ahead of the machine's clock as it is set now.
func (c *clock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ours.IsZero() {
		return 0
	}
	now := time.Now()
	d := c.theirs.Add(now.Sub(c.ours)).Sub(c.now().Round(0)) // without the monotonic reading: what the clock on the wall says
	if d > -slack && d < slack {
		return 0 // as near as can be measured
	}
	return d.Round(time.Millisecond)
}

// slack is what two readings may differ by without meaning anything.
const slack = 50 * time.Millisecond

// there turns a time of ours into Redis's; here is the way back.
func (c *clock) there(t time.Time) time.Time { return t.Add(c.ahead()) }
func (c *clock) here(t time.Time) time.Time  { return t.Add(-c.ahead()) }

// due reports whether the clock is to be read again, and lets one caller do it.
func (c *clock) due() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() && time.Since(c.asked) < clockAge {
		return false
	}
	c.asked = time.Now()
	return true
}

// readClock reads Redis's clock if that was long ago. A cluster's servers are taken to agree.
func (s *Store) readClock(ctx context.Context) {
	if !s.clock.due() {
		return
	}
	before := time.Now()
	there, err := s.client.Time(ctx).Result()
	after := time.Now()
	if err != nil || after.Sub(before) > time.Second {
		return // the earlier reading still holds: ours has gone on with the monotonic clock
	}
	ours := before
	switch { // it was read somewhere between the two: no more is made of the difference than there must be
	case there.After(after):
		ours = after
	case there.After(before):
		there = before.Round(0)
	}
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.theirs, s.clock.ours = there, ours
}
