//go:build long

package outbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
)

func TestAFileThatKillsTheProcessIsNotTriedAtTheThirdStart(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		key, who := seal.NewKey(), bot.Address{Channel: "test", ID: "p"}
		file := bot.Message{To: bot.Address{Channel: bot.DeskName}, Case: who, Human: true, Media: bot.Media{Net: "telegram", Kind: "document", File: "f"}}
		words := bot.Message{To: bot.Address{Channel: bot.DeskName}, Case: who, Human: true, Text: "hurry"}
		begun := 0
		for start := 1; start <= 3; start++ {
			died := make(chan struct{})
			var once sync.Once
			n := &net{name: bot.DeskName, deliver: func(ctx context.Context, m bot.Message, _ int) error {
				if m.Media.Kind == "" {
					return nil
				}
				begun++
				once.Do(func() { close(died) })
				<-ctx.Done() // the process is gone: the store never hears the outcome
				return errDied
			}}
			b, ring, stop := runs(t, dying{store, died}, key, bot.Pace{}, n)
			if start == 1 {
				put(t, b, ring, store, bot.ToDesk, file, words)
			}
			if start < 3 {
				soon(t, "the file is tried", 15*time.Second, func() bool {
					select {
					case <-died:
						return true
					default:
						return false
					}
				})
				go stop() // it only waits for the call that never ends
				continue
			}
			soon(t, "the words behind it arrive", 20*time.Second, func() bool { return n.has("hurry") })
		}
		if begun != 2 {
			t.Errorf("the file was tried %d times", begun)
		}
	})
}

// dying is a store that a process which has died reaches no more.
type dying struct {
	bot.Store
	died chan struct{}
}

var errDied = errors.New("the process has died")

func (d dying) dead() bool {
	select {
	case <-d.died:
		return true
	default:
		return false
	}
}

func (d dying) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if d.dead() {
		return nil, errDied
	}
	return d.Store.Take(ctx, now, until, limit)
}

func (d dying) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Extend(ctx, held, until)
}

func (d dying) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if d.dead() {
		return bot.Record{}, errDied
	}
	return d.Store.Load(ctx, key)
}

func (d dying) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if d.dead() {
		return bot.Committed{}, errDied
	}
	return d.Store.Commit(ctx, c)
}

func (d dying) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	if d.dead() {
		return nil, bot.ErrNotHeld // at once: any other error is tried again
	}
	return d.Store.Ack(ctx, key, id, now, until)
}

func (d dying) Postpone(ctx context.Context, key bot.Key, id uint64, due time.Time) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Postpone(ctx, key, id, due)
}

func (d dying) Tried(ctx context.Context, key bot.Key, id uint64, tries bot.Tries) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Tried(ctx, key, id, tries)
}

func (d dying) Behind(ctx context.Context, key bot.Key, id uint64, due, now, until time.Time) (*bot.Item, error) {
	if d.dead() {
		return nil, errDied
	}
	return d.Store.Behind(ctx, key, id, due, now, until)
}
