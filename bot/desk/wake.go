package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"patikra/bot"
)

// WakeCases looks at every open case once, as its timer would. A case whose timer was lost, because the program was away
// for longer than an earlier version kept it, gets one, and what was due meanwhile happens now; to the others nothing
// happens. It goes on behind a case that fails and gives all the errors.
func (b *Desk) WakeCases(ctx context.Context) error {
	cases, err := b.Index(ctx)
	if err != nil {
		err = fmt.Errorf("read the queue: %w", err)
	}
	errs := []error{err}
	for _, m := range cases {
		s, err := b.Case(ctx, m.Key)
		if err == nil && s.Case != nil {
			_, err = b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Due, At: time.Now()})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
