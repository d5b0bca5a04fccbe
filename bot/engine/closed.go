package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"patikra/bot"
)

// A talk that a counsellor has held stays in the index of cases after it was closed, as long as it is kept, so that colleagues find it. It waits
// for nobody: whatever looks at the queue leaves it out.

// Index is the index of cases without those that are closed. With a PartialError those of the partitions that answered are there.
func (b *Bot) Index(ctx context.Context) ([]bot.Marked, error) {
	all, err := b.store.Cases(ctx)
	return slices.DeleteFunc(all, func(m bot.Marked) bool { return bot.CaseState(m.State&MarkState) == bot.Closed }), err
}

// ClosedCases returns the talks that are closed and still kept, the last closed first. With a PartialError those of the partitions that
// answered are there.
func (b *Bot) ClosedCases(ctx context.Context) ([]bot.Marked, error) {
	all, err := b.store.Cases(ctx)
	if err != nil {
		err = fmt.Errorf("read the closed talks: %w", err)
	}
	all = slices.DeleteFunc(all, func(m bot.Marked) bool { return bot.CaseState(m.State&MarkState) != bot.Closed })
	for i := range all {
		all[i].State = uint8(bot.Closed)
	}
	slices.SortFunc(all, func(x, y bot.Marked) int {
		if c := y.Since.Compare(x.Since); c != 0 {
			return c
		}
		return bytes.Compare(x.Key.Hash[:], y.Key.Hash[:])
	})
	return all, err
}
