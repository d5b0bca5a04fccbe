package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
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
func (b *Bot) handled(channel string, begin time.Time, r Reply, err error) {
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

// Backlog is what waits to be delivered. Timers do not count.
type Backlog struct {
	Queues int       // that are not empty
	Items  int       // in them
	Oldest time.Time // when the item that is overdue for longest should have been sent; zero: none is overdue
}

// Waits is how the desk stands. Its times are counted while the desk is open.
type Waits struct {
	Cases      [Closed][Danger + 1]int // by state and urgency
	Oldest     [Danger + 1]time.Time   // since when the case of that urgency that has waited longest waits for a counsellor
	Unanswered int                     // cases that are held, and whose person waits for an answer
	Silent     time.Time               // since when the longest of those waits
	Folded     int                     // cases that are put aside
	FoldedOld  [Danger + 1]time.Time   // since when the longest of those of that urgency waits
	Duty       int                     // counsellors on duty who can be reached
	Open       bool                    // the desk is open
}

// Waits looks at the desk. Beyond most cases, none is read for how long it waits. Where only some partitions answer it is an error.
func (b *Bot) Waits(ctx context.Context, now time.Time, most int) (Waits, error) {
	w := Waits{Open: b.Always || b.Library().Catalog.Desk.Opens(now).Equal(now)}
	r, err := b.Roster(ctx)
	if err != nil {
		return w, fmt.Errorf("read who is on duty: %w", err)
	}
	w.Duty = len(r.OnDuty(now))
	all, err := b.index(ctx)
	if err != nil {
		return w, fmt.Errorf("read the queue: %w", err)
	}
	known, web, folded := byDoor(all)
	for _, m := range folded {
		w.Folded++
		since := m.Since
		if !b.Always {
			since = b.Library().Catalog.Desk.Opens(since)
		}
		if !since.IsZero() {
			earlier(&w.FoldedOld[min(m.Urgent, Danger)], since, now)
		}
	}
	for i, m := range queue(known, web) {
		if m.State == 0 || CaseState(m.State) >= Closed || m.Urgent > Danger {
			continue
		}
		w.Cases[m.State][m.Urgent]++
		if i >= most {
			continue
		}
		s, err := b.Case(ctx, m.Key)
		var broken *Panic
		if errors.As(err, &broken) { // it is counted, and how long it waits is not known
			continue
		}
		if err != nil {
			return w, err
		}
		w.add(s.Case, now)
	}
	return w, nil
}

// earlier sets to to at, if that is over and nothing before it was found.
func earlier(to *time.Time, at, now time.Time) {
	if !at.After(now) && (to.IsZero() || at.Before(*to)) {
		*to = at
	}
}

// add counts how long one case waits.
func (w *Waits) add(c *Case, now time.Time) {
	switch {
	case !c.Active() || c.Urgent > Danger:
	case c.State != Taken:
		earlier(&w.Oldest[c.Urgent], time.Unix(max(c.Since, c.Base), 0), now)
	case c.Asked != 0:
		w.Unanswered++
		earlier(&w.Silent, time.Unix(max(c.Asked, c.Base), 0), now)
	}
}
