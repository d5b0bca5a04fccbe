package engine

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
)

// A case is called by two neutral words, which the counsellor says to the person. No two cases have the same: whoever makes one claims its
// words in the store first, so that this holds over all processes and partitions. Colleagues see the words, and there are not many of them,
// so they prove nothing to staff: for that there is a code that only the person is shown, when they write /code.

const (
	wordsLife  = 400 * 24 * time.Hour // longer than any case; a claim is given up with its case
	wordsSpent = time.Second          // how long one that is given up still stands
	wordsTries = 8                    // pairs that are tried before a third word is added
	wordsMost  = 24                   // and choices in all
	codeTime   = 24 * time.Hour
)

// wordsName is under what name a case's words are claimed, and claimant what says whose claim it is: neither is the conversation's hash.
func (b *Bot) wordsName(word string) string {
	_, h := b.ring.Name(bot.DeskName+"-words", content.Fold(word))
	return "words-" + hex.EncodeToString(h[:])
}

func (b *Bot) claimant(key bot.Key) []byte {
	_, h := b.ring.Name(bot.DeskName+"-claim", string(key.Hash[:]))
	return h[:8]
}

// Claim takes a case's words for a conversation. It reports false when another has them.
func (b *Bot) Claim(ctx context.Context, key bot.Key, word string) (bool, error) {
	name, mine := b.wordsName(word), b.claimant(key)
	done, err := b.store.Swap(ctx, name, nil, mine, wordsLife)
	if err != nil || done {
		return done, err
	}
	return b.store.Swap(ctx, name, mine, mine, wordsLife)
}

// unclaim gives a case's words up. Best effort: a claim that stays makes one pair of words rarer.
func (b *Bot) unclaim(ctx context.Context, key bot.Key, word string) {
	mine := b.claimant(key)
	_, _ = b.store.Swap(ctx, b.wordsName(word), mine, mine, wordsSpent)
}

// turnWith decides a turn. A case that it makes has words that no other case has.
func (b *Bot) turnWith(ctx context.Context, key bot.Key, lib *library.Library, s bot.Session, u bot.Update) (bot.Plan, error) {
	plan := talk.Decide(lib, s, u)
	for n := 1; ; n++ {
		word := plan.Session.Word()
		if plan.Erase || word == "" || word == s.Word() {
			return plan, nil
		}
		ok, err := b.Claim(ctx, key, word)
		if err != nil {
			return plan, fmt.Errorf("choose a case's words: %w", err)
		}
		if ok || n > wordsMost { // as good as impossible; the code still tells the two apart
			return plan, nil
		}
		u.Desk.Luck = Luck()
		u.Desk.Long = n >= wordsTries
		plan = talk.Decide(lib, s, u)
	}
}

// codeLetters are the letters of a code; those that look alike are left out.
var codeLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// CodeFor is what proves to staff whose conversation it is, on the day of a time.
func (b *Bot) CodeFor(key bot.Key, at time.Time) string {
	_, h := b.ring.Name(bot.DeskName+"-code", string(key.Hash[:])+at.UTC().Format(time.DateOnly))
	return codeLetters.EncodeToString(h[:5])
}

// Proves reports whether a code is the one that a conversation has shown to the person, today or yesterday (UTC).
func (b *Bot) Proves(key bot.Key, code string, now time.Time) bool {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	return code == b.CodeFor(key, now) || code == b.CodeFor(key, now.Add(-codeTime))
}
