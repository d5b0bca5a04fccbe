package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
)

// RosterLife is how long what belongs to the desk as a whole is kept after its last change.
const RosterLife = 10 * 365 * 24 * time.Hour

// SealedRoster is the kind of what belongs to the desk as a whole, the accounts apart.
const SealedRoster byte = 'r'

// Luck draws a number that nobody can foresee, for what a turn chooses by chance: it comes in with the update.
func Luck() uint64 { return rand.Uint64() }

// The desk finds the conversation to which a place of its own belongs, a topic or a message, by a record
// under the place's name. It ends by itself, and with the case.
const placeLife = 60 * 24 * time.Hour

func placeAddress(place string) bot.Address {
	return bot.Address{Channel: bot.DeskName + "-place", ID: place}
}

// Remember notes whose case lies at a place of the desk.
func (b *Bot) Remember(ctx context.Context, place string, person bot.Address) error {
	return b.remember(ctx, place, person, placeLife)
}

// remember is Remember for as long as is said.
func (b *Bot) remember(ctx context.Context, place string, person bot.Address, life time.Duration) error {
	key := b.Key(placeAddress(place))
	rec, next := bot.Record{}, rand.Uint32()|1
	value := b.ring.SealVersion(key.Partition, key.Hash, SealedRoster, next, []byte(person.Channel+"\x00"+person.ID))
	for range Tries {
		done, err := b.store.Commit(ctx, bot.Commit{Key: key, Base: rec.Version, Next: next, TTL: life, Now: time.Now(), Value: value})
		if errors.Is(err, bot.ErrConflict) {
			rec = done.Newest
			continue
		}
		if err != nil {
			return fmt.Errorf("remember a place: %w", err)
		}
		return nil
	}
	return fmt.Errorf("remember a place: %w", bot.ErrConflict)
}

// Recall returns whose case lies at a place. Ok is false when there is none.
func (b *Bot) Recall(ctx context.Context, place string) (person bot.Address, ok bool, err error) {
	key := b.Key(placeAddress(place))
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return person, false, fmt.Errorf("recall a place: %w", err)
	}
	if rec.Version == 0 {
		return person, false, nil
	}
	plain, err := b.OpenRecord(ctx, key, SealedRoster, rec)
	switch {
	case errors.Is(err, seal.ErrSealed):
		return person, false, nil
	case err != nil:
		return person, false, fmt.Errorf("recall a place: %w", err)
	}
	channel, id, ok := bytes.Cut(plain, []byte{0})
	return bot.Address{Channel: string(channel), ID: string(id)}, ok, nil
}

// Unremember forgets a place.
func (b *Bot) Unremember(ctx context.Context, place string) error {
	key := b.Key(placeAddress(place))
	rec, err := b.store.Load(ctx, key)
	if err != nil || rec.Version == 0 {
		return err
	}
	_, err = b.store.Commit(ctx, bot.Commit{Key: key, Base: rec.Version, Next: rec.Version + 1, Now: time.Now()})
	if errors.Is(err, bot.ErrConflict) { // made anew meanwhile
		return nil
	}
	return err
}
