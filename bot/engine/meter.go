package engine

import (
	"time"

	"patikra/bot"
)

// Outcome is what became of an update.
type Outcome string

// The outcomes of an update.
const (
	Saved    Outcome = "saved"
	Repeated Outcome = "repeated"  // it had been dealt with before
	Declined Outcome = "refused"   // a counsellor may not do that now
	Failed   Outcome = "failed"    // nothing was saved
	SetAside Outcome = "set_aside" // nothing was saved, and it is not tried again: see ErrSetAside
)

// Meter is told of every update that this process dealt with. It must not block, and is told nothing of whom.
type Meter interface {
	Handled(channel string, o Outcome, took time.Duration)
}

// handled tells the meter of an update.
func (b *Bot) handled(channel string, begin time.Time, r bot.Reply, err error) {
	if b.Meter == nil {
		return
	}
	o := Saved
	switch {
	case r.Aside:
		o = SetAside
	case err != nil:
		o = Failed
	case r.Repeat:
		o = Repeated
	case r.Refused:
		o = Declined
	}
	b.Meter.Handled(channel, o, time.Since(begin))
}

// Waits is how the desk stands. Its times are counted while the desk is open.
type Waits struct {
	Cases      [bot.Closed][bot.Danger + 1]int // by state and urgency
	Oldest     [bot.Danger + 1]time.Time       // since when the case of that urgency that has waited longest waits for a counsellor
	Unanswered int                             // cases that are held, and whose person waits for an answer
	Silent     time.Time                       // since when the longest of those waits
	Folded     int                             // cases that are put aside
	FoldedOld  [bot.Danger + 1]time.Time       // since when the longest of those of that urgency waits
	Duty       int                             // counsellors on duty who can be reached
	Open       bool                            // the desk is open
}

// Earlier sets to to at, if that is over and nothing before it was found.
func Earlier(to *time.Time, at, now time.Time) {
	if !at.After(now) && (to.IsZero() || at.Before(*to)) {
		*to = at
	}
}

// Add counts how long one case waits.
func (w *Waits) Add(c *bot.Case, now time.Time) {
	switch {
	case !c.Active() || c.Urgent > bot.Danger:
	case c.State != bot.Taken:
		Earlier(&w.Oldest[c.Urgent], time.Unix(max(c.Since, c.Base), 0), now)
	case c.Asked != 0:
		w.Unanswered++
		Earlier(&w.Silent, time.Unix(max(c.Asked, c.Base), 0), now)
	}
}
