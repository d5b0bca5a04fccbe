package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"patikra/bot"
)

// Guard runs f and contains a mistake of the program in it, which is told to Broke with the part of the program that was at work. It
// reports whether f has come to its end.
func (b *Bot) Guard(part string, f func()) bool {
	var p *bot.Panic
	if !errors.As(bot.Contain(func() error { f(); return nil }), &p) {
		return true
	}
	if b.Broke != nil {
		b.Broke(part, p)
	}
	return false
}

// Whole runs f, which reads something that is stored. A mistake of the program in it is told to Broke and returned: one record that
// breaks the program is to break nothing else.
func (b *Bot) Whole(f func() error) error {
	err := bot.Contain(f)
	var p *bot.Panic
	if errors.As(err, &p) && b.Broke != nil {
		b.Broke("record", p)
	}
	return err
}

// Keep runs work that goes on until the context ends, and after a mistake of the program in it, which is told to Broke, runs it again.
func (b *Bot) Keep(ctx context.Context, part string, work func(context.Context)) {
	for pause := time.Second; !b.Guard(part, func() { work(ctx) }); pause = min(2*pause, time.Minute) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// Handle takes one update from receipt to a saved plan. When it returns nil
// the update is safe with us, and the channel may acknowledge it. With an error it may be acknowledged only if
// [bot.Update.Forgoes] says so.
func (b *Bot) Handle(ctx context.Context, u bot.Update) (reply bot.Reply, err error) {
	begin := time.Now()
	defer func() { b.handled(u.From.Channel, begin, reply, err) }()
	var broken *bot.Panic
	for range bot.TurnTries {
		err := bot.Contain(func() (err error) {
			reply, err = b.handle(ctx, u)
			return err
		})
		if !errors.As(err, &broken) {
			return reply, err
		}
		b.cache.drop(b.Key(u.From))
		if b.Broke != nil {
			b.Broke("turn", broken)
		}
	}
	if u.ID == 0 { // one of our own: whoever brings it decides when to bring it again
		return bot.Reply{}, broken
	}
	if err := b.setAside(ctx, u, broken); err != nil {
		return bot.Reply{}, err
	}
	return bot.Reply{Aside: true}, fmt.Errorf("%w: %w", bot.ErrSetAside, broken)
}

// Stumbled counts an update that broke a channel before it came to a turn. The channel acknowledges it.
func (b *Bot) Stumbled(ctx context.Context, err error) {
	var p *bot.Panic
	if !errors.As(err, &p) {
		return
	}
	if b.Broke != nil {
		b.Broke("update", p)
	}
	_ = b.setAside(ctx, bot.Update{At: time.Now()}, p) // best effort: the log has it
}

const asideName = "aside"

// asideLife is how long the note of updates that were set aside is kept after the last of them.
const asideLife = 30 * 24 * time.Hour

// Aside returns what is known of updates that were set aside, in this process and others. The zero Aside: there were none.
func (b *Bot) Aside(ctx context.Context) (a bot.Aside, err error) {
	kept, err := b.store.Kept(ctx, asideName)
	if err != nil || kept == nil {
		return a, err
	}
	return a, json.Unmarshal(kept, &a)
}

// setAside counts an update that breaks its turn, and tells whom it concerns.
func (b *Bot) setAside(ctx context.Context, u bot.Update, p *bot.Panic) error {
	for range Tries {
		kept, err := b.store.Kept(ctx, asideName)
		if err != nil {
			return fmt.Errorf("set an update aside: %w", err)
		}
		a := bot.Aside{First: u.At.UTC()}
		if kept != nil && json.Unmarshal(kept, &a) != nil {
			a = bot.Aside{First: u.At.UTC()}
		}
		a.Number, a.Last, a.Where = a.Number+1, u.At.UTC(), p.Where
		value, err := json.Marshal(a)
		if err != nil {
			return err
		}
		done, err := b.store.Swap(ctx, asideName, kept, value, asideLife)
		if err != nil {
			return fmt.Errorf("set an update aside: %w", err)
		}
		if done {
			break
		}
	}
	if u.Kind == bot.Typed || u.Kind == bot.Attached || u.Kind == bot.Edited { // best effort: the turn may break at that too
		_ = bot.Contain(func() error {
			_, err := b.handle(ctx, bot.Update{From: u.From, Kind: bot.Unpassed, Media: u.Media, At: u.At})
			return err
		})
	}
	return nil
}
