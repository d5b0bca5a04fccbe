package bot

import (
	"context"
	"time"
)

// ReturnPlace is where a talk is found by its words.
func ReturnPlace(words string) string { return returnPlace(words) }

// GuessReturn takes one try of a return code.
func (b *Bot) GuessReturn(ctx context.Context, words, network string, now time.Time) error {
	return b.guessReturn(ctx, returnPlace(words), network, now)
}

// StoreOf is what a Bot writes to.
func StoreOf(b *Bot) Store { return b.store }
