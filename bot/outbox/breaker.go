package outbox

import (
	"sync"
	"time"

	"patikra/bot"
)

// Limits of a breaker.
const (
	seen        = 64               // outcomes that are looked at
	enough      = 12               // fewer outcomes say nothing about a channel
	mostly      = 0.8              // failures among them
	fresh       = 30 * time.Second // older outcomes do not count
	away        = 5                // failures in a row, with nothing sent between, for which the network itself is to blame
	firstPause  = time.Second      // until the first probe; it doubles
	longestWait = 5 * time.Second  // between two probes: a network that comes back is used at once
	placeWait   = 30 * time.Second // alike, of a place that somebody must mend
)

// breaker stops a channel whose calls mostly fail: nothing is sent, and nothing counted against any message, but for one probe at a
// time. The first that is taken opens it again. Of failures only the first tries of messages are looked at, and of each conversation one:
// some chats that always fail, however often they are tried, stop nobody else's.
type breaker struct {
	mu       sync.Mutex
	outcomes []outcome // the newest last
	inARow   int       // failures of the network itself
	pause    time.Duration
	longest  time.Duration
	since    time.Time // when it was stopped; zero: it is not
	next     time.Time // the next probe
	probing  bool
	why      string
	last     time.Time // the newest message that was taken
}

type outcome struct {
	whose [16]byte
	at    time.Time
	bad   bool
}

// wait says how long nothing is to be sent, 0 when the caller may send now. While the channel is stopped the caller who may send
// makes the probe, and must report its outcome.
func (b *breaker) wait(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.since.IsZero():
		return 0
	case !b.probing && !now.Before(b.next):
		b.probing = true
		b.next = now.Add(b.pause) // if nobody ever reports
		return 0
	case b.probing && !now.Before(b.next.Add(fileTime)): // its outcome was lost
		b.probing = false
	}
	return max(b.next.Sub(now), firstPause/4)
}

// left is how long it is until the next probe.
func (b *breaker) left(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.next.Sub(now), firstPause/4)
}

// skip says that a try said nothing about the channel.
func (b *breaker) skip() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// stopped reports since when nothing is sent, and why; the zero time when all is well.
func (b *breaker) stopped() (since time.Time, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since, b.why
}

// took notes that a message was taken. It reports whether the channel had been stopped.
func (b *breaker) took(whose bot.Key, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inARow = 0
	b.last = now
	was := !b.since.IsZero()
	if was {
		b.outcomes = b.outcomes[:0]
		b.since, b.probing, b.pause, b.why = time.Time{}, false, 0, ""
	}
	b.note(whose, now, false)
	return was
}

// failed notes that a try failed. first: it was the message's first; network: nobody answered; place: what is written
// to is to blame. It reports whether the channel is stopped by that.
func (b *breaker) failed(whose bot.Key, now time.Time, first, network, place bool, why string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.since.IsZero() { // a probe, or one that was under way
		if b.probing {
			b.probing = false
			b.pause = min(2*b.pause, b.longest)
			b.next = now.Add(b.pause)
			b.why = why
		}
		return false
	}
	if network || place {
		b.inARow++
	}
	if first {
		b.note(whose, now, true)
	}
	if b.inARow < away && !b.bad(now) {
		return false
	}
	if b.longest = longestWait; place {
		b.longest = placeWait
	}
	b.since, b.pause, b.next, b.why = now, firstPause, now.Add(firstPause), why
	return true
}

// works reports whether a message was taken after a time: what failed meanwhile is likely to be at fault itself.
func (b *breaker) works(after time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since.IsZero() && b.last.After(after)
}

// note keeps an outcome. Whatever it is, it takes the place of an earlier failure in the same conversation.
func (b *breaker) note(whose bot.Key, now time.Time, bad bool) {
	kept := b.outcomes[:0]
	for _, o := range b.outcomes {
		if now.Sub(o.at) < fresh && !(o.bad && o.whose == whose.Hash) {
			kept = append(kept, o)
		}
	}
	if len(kept) >= seen {
		kept = append(kept[:0], kept[1:]...)
	}
	b.outcomes = append(kept, outcome{whose.Hash, now, bad})
}

// bad reports whether most of the outcomes are failures.
func (b *breaker) bad(now time.Time) bool {
	all, bad := 0, 0
	for _, o := range b.outcomes {
		if now.Sub(o.at) < fresh {
			all++
			if o.bad {
				bad++
			}
		}
	}
	return all >= enough && float64(bad) >= mostly*float64(all)
}
