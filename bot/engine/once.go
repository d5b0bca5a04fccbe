package engine

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"patikra/bot"
)

// A session remembers the last ids of updates. Where somebody else's bytes are good for a time, what was done is remembered for that
// time, whatever came between.

// onceName is under what name a thing that was done is kept. It says nothing of what it was.
func (b *Bot) onceName(what string) string {
	_, h := b.ring.Name(bot.DeskName+"-once", what)
	return "once-" + hex.EncodeToString(h[:])
}

// Before reports whether a thing was remembered as done.
func (b *Bot) Before(ctx context.Context, what string) (bool, error) {
	v, err := b.store.Kept(ctx, b.onceName(what))
	if err != nil {
		return false, fmt.Errorf("look for what was done: %w", err)
	}
	return v != nil, nil
}

// Remembered remembers for a time that a thing was done.
func (b *Bot) Remembered(ctx context.Context, what string, life time.Duration) error {
	if err := b.store.Keep(ctx, b.onceName(what), []byte{1}, life); err != nil {
		return fmt.Errorf("remember what was done: %w", err)
	}
	return nil
}

// Since returns when a thing was first asked about in this store; that is now when it never was. It is for what an earlier program did and
// this one still understands for a while.
func (b *Bot) Since(ctx context.Context, what string, now time.Time) (time.Time, error) {
	name := "since-" + what
	for range Tries {
		v, err := b.store.Kept(ctx, name)
		if err != nil {
			return now, fmt.Errorf("look since when: %w", err)
		}
		if v != nil {
			sec, err := strconv.ParseInt(string(v), 10, 64)
			if err != nil {
				return now, fmt.Errorf("look since when: %w", err)
			}
			return time.Unix(sec, 0), nil
		}
		done, err := b.store.Swap(ctx, name, nil, strconv.AppendInt(nil, now.Unix(), 10), labelLife)
		if err != nil {
			return now, fmt.Errorf("note since when: %w", err)
		}
		if done {
			return now, nil
		}
	}
	return now, bot.ErrConflict
}
