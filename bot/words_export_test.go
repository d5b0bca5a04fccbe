package bot

import (
	"context"
	"time"
)

// Claim takes words for a conversation.
func (b *Bot) Claim(ctx context.Context, at Address, word string) (bool, error) {
	return b.claim(ctx, b.Key(at), word)
}

// ClaimAllPairs takes every pair of words of a language.
func (b *Bot) ClaimAllPairs(ctx context.Context, lang string) error {
	words := b.Library().Catalog.Language(lang).List("desk.words")
	for _, x := range words {
		for _, y := range words {
			if x != y {
				if err := b.store.Keep(ctx, b.wordsName(x+" "+y), []byte("somebody"), wordsLife); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// CodeOf is the code of a conversation.
func (b *Bot) CodeOf(key Key, at time.Time) string { return b.code(key, at) }
