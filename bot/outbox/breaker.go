package outbox

import (
	"slices"
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
	away        = 5                // failures with nothing sent between, of as many conversations, for which network or place is to blame
	troubled    = 3                // failures with nothing sent between, of whomever, for which the place is to blame: staff are told
	firstPause  = time.Second      // until the first probe; it doubles
	longestWait = 5 * time.Second  // between two probes: a network that comes back is used at once
	placeWait   = 30 * time.Second // alike, of a place that somebody must mend
)

// breaker stops what is repeated in a channel whose calls mostly fail: nothing is tried again, and nothing counted against any message,
// but for one probe at a time. What is tried for the first time is never held up: it goes to conversations that have not failed, and is
// as good a probe. The first message that is taken opens the channel again. Of failures only the first tries of messages are looked at,
// and of each conversation one: some chats that always fail, however often they are tried, stop nobody else's.
type breaker struct {
	mu       sync.Mutex
	outcomes []outcome    // the newest last
	row      []([16]byte) // whose failures followed one another with nothing sent between; no conversation twice
	net      int          // those of them at which the network was not reached, whoever's they were
	begun    time.Time    // the first of the failures with nothing sent between for which the place is to blame
	times    int          // and how many there were
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

// wait says how long what has failed before is not to be sent, 0 when the caller may send now. probe: the channel is stopped, and what the
// caller sends is the probe, whose outcome must be reported.
func (b *breaker) wait(now time.Time) (hold time.Duration, probe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.since.IsZero():
		return 0, false
	case !b.probing && !now.Before(b.next):
		b.probing = true
		b.next = now.Add(b.pause) // if nobody ever reports
		return 0, true
	case b.probing && !now.Before(b.next.Add(fileTime)): // its outcome was lost
		b.probing = false
	}
	return max(b.next.Sub(now), firstPause/4), false
}

// left is how long it is until the next probe.
func (b *breaker) left(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.next.Sub(now), firstPause/4)
}

// skip says that a probe said nothing about the channel.
func (b *breaker) skip() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

// stopped reports since when nothing is repeated, and why; the zero time when all is well.
func (b *breaker) stopped() (since time.Time, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since, b.why
}

// trouble reports since when nothing has been taken, and why: the channel is stopped, or the place it goes to has refused all there was,
// be it of one conversation. The zero time when all is well.
func (b *breaker) trouble() (since time.Time, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() && b.times >= troubled {
		return b.begun, b.why
	}
	return b.since, b.why
}

// took notes that a message was taken. It reports whether the channel had been stopped.
func (b *breaker) took(whose bot.Key, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.row, b.net, b.times, b.begun, b.why = b.row[:0], 0, 0, time.Time{}, ""
	b.last = now
	was := !b.since.IsZero()
	if was {
		b.outcomes = b.outcomes[:0]
		b.since, b.probing, b.pause = time.Time{}, false, 0
	}
	b.note(whose, now, false)
	return was
}

// fault is a try that failed, as far as it concerns a channel.
type fault struct {
	whose   bot.Key
	first   bool // it was the message's first try
	probe   bool // the breaker had asked for it
	network bool // nobody answered
	file    bool // it carries a file, which may lie on a network of its own
	place   bool // what is written to is to blame
	why     string
}

// failed notes that a try failed. It reports whether the channel is stopped by that.
func (b *breaker) failed(f fault, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f.place {
		if b.times++; b.times == 1 {
			b.begun = now
		}
		b.why = f.why
	}
	if !b.since.IsZero() { // a probe, a first try, or one that was under way
		if f.probe {
			b.probing = false
			b.pause = min(2*b.pause, b.longest)
			b.next = now.Add(b.pause)
			b.why = f.why
		}
		return false
	}
	if f.network && !f.file {
		b.net++
	}
	if (f.network || f.place) && !slices.Contains(b.row, f.whose.Hash) {
		b.row = append(b.row, f.whose.Hash)
	}
	if f.first {
		b.note(f.whose, now, true)
	}
	if len(b.row) < away && b.net < away && !b.bad(now) {
		return false
	}
	if b.longest = longestWait; f.place {
		b.longest = placeWait
	}
	b.since, b.pause, b.next, b.why = now, firstPause, now.Add(firstPause), f.why
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
