package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// Waits looks at the desk. Beyond most cases, none is read for how long it waits. Where only some partitions answer it is an error.
func (b *Desk) Waits(ctx context.Context, now time.Time, most int) (engine.Waits, error) {
	w := engine.Waits{Open: b.Always || b.Library().Catalog.Desk.Opens(now).Equal(now)}
	r, err := b.Roster(ctx)
	if err != nil {
		return w, fmt.Errorf("read who is on duty: %w", err)
	}
	w.Duty = len(r.OnDuty(now))
	all, err := b.Index(ctx)
	if err != nil {
		return w, fmt.Errorf("read the queue: %w", err)
	}
	known, web, folded := engine.ByDoor(all)
	for _, m := range folded {
		w.Folded++
		since := m.Since
		if !b.Always {
			since = b.Library().Catalog.Desk.Opens(since)
		}
		if !since.IsZero() {
			engine.Earlier(&w.FoldedOld[min(m.Urgent, bot.Danger)], since, now)
		}
	}
	for i, m := range engine.Queue(known, web) {
		if m.State == 0 || bot.CaseState(m.State) >= bot.Closed || m.Urgent > bot.Danger {
			continue
		}
		w.Cases[m.State][m.Urgent]++
		if i >= most {
			continue
		}
		s, err := b.Case(ctx, m.Key)
		var broken *bot.Panic
		if errors.As(err, &broken) { // it is counted, and how long it waits is not known
			continue
		}
		if err != nil {
			return w, err
		}
		w.Add(s.Case, now)
	}
	return w, nil
}
