package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// Raise lets cases that were put aside come up while the desk has room: the one that has waited longest, and the most urgent one,
// for urgency is what people say of themselves and a machine always says danger. The desk gets what was said so far, and the person is told.
func (b *Desk) Raise(ctx context.Context, now time.Time) error {
	all, err := b.Index(ctx)
	if err != nil && !bot.Partial(err) {
		return fmt.Errorf("read the queue: %w", err)
	}
	before, folded := engine.WebCases(all)
	waiting := len(before)
	for turn := 0; len(folded) > 0 && waiting < engine.WebCasesRise; turn++ {
		next := 0
		if turn%2 == 0 {
			for i, m := range folded {
				if m.Since.Before(folded[next].Since) {
					next = i
				}
			}
		}
		if ok, err := b.Allowed(ctx, func(c *engine.Crowd) bool { return c.Rise(now) }); err != nil || !ok {
			return err
		}
		s, err := b.Case(ctx, folded[next].Key)
		if err != nil {
			return err
		}
		folded = slices.Delete(folded, next, next+1)
		if !s.Case.Active() || !s.Case.Folded { // somebody was faster
			continue
		}
		if _, err := b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Risen, At: now}); err != nil {
			return err
		}
		waiting++
	}
	return nil
}

// KeepRaising raises what was put aside until the context ends.
func (b *Desk) KeepRaising(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(engine.RiseEvery):
		}
		call, cancel := context.WithTimeout(ctx, engine.RiseEvery)
		_ = b.Raise(call, time.Now()) // an outage is told elsewhere, and it is looked again
		cancel()
	}
}
