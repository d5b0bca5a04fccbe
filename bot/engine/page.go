package engine

import (
	"context"
	"errors"
	"fmt"

	"patikra/bot"
)

// Session returns what is remembered of a conversation, the zero Session when there is nothing.
func (b *Bot) Session(ctx context.Context, a bot.Address) (s bot.Session, err error) {
	err = b.Whole(func() error {
		s, err = b.session(ctx, b.Key(a))
		return err
	})
	return s, err
}

func (b *Bot) session(ctx context.Context, key bot.Key) (bot.Session, error) {
	rec, err := b.store.Load(ctx, key) // not from memory: another process may have gone on
	if err != nil {
		return bot.Session{}, fmt.Errorf("read the session: %w", err)
	}
	s, err := b.Unseal(ctx, key, rec)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return bot.Session{}, fmt.Errorf("read the session: %w", err)
	}
	b.LibraryFor(ctx, &s) // whoever draws it next needs its book, and the card's
	told := s.Told()
	b.LibraryFor(ctx, &told)
	return s, nil
}
