package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/content"
)

// A talk on the web page lies in one browser, and is lost to the person when that is closed. With a return code they take it up again in
// another browser or on another day: the two words of the case, and digits that are shown once. A session keeps a keyed hash of the
// digits. They are good until others are asked for, the talk is erased, or it has been over for a day; each time they are used the talk moves to that
// browser, and the one before sees it no more.
//
// Guessing is held up for all processes together. Of 10^8 digits at most [talk.MostGuesses] can be tried in a day for one talk, and from one
// address as many, an IPv6 one by its /64; whoever tries all day for a month finds those of a talk whose words they know with a
// chance of 1 in 13,000. Over all addresses and words at most [talk.MostGuessesAll] can be tried in a day. Whoever knows the words can also hold
// the person up, for an hour at a time.

// How often a return code can be tried: as many times at once as fit into the window.
var (
	guessesOne = guesses{6 * time.Minute, time.Hour}
	guessesAll = guesses{time.Second, time.Minute}
)

const returnDigits = 8

// Why a talk is not taken up.
var (
	ErrReturn  = errors.New("the return code is not right")
	ErrGuesses = errors.New("too many return codes were tried")
)

// guesses lets one try through each interval, and as many at once as fit into the window.
type guesses struct{ each, window time.Duration }

// Returning makes a return code for a conversation.
func (b *Bot) Returning(key bot.Key) bot.Returning {
	var luck [8]byte
	rand.Read(luck[:])
	digits := fmt.Sprintf("%0*d", returnDigits, binary.BigEndian.Uint64(luck[:])%100_000_000)
	return bot.Returning{Digits: digits, Proof: b.returnProof(key, digits)}
}

func (b *Bot) returnProof(key bot.Key, digits string) string {
	_, h := b.ring.Name(bot.DeskName+"-return", string(key.Hash[:])+digits)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// ReturnPlace is where the desk finds the talk of a case's words, as [Bot.Remember] has it.
func ReturnPlace(words string) string { return "return:" + talk.ReturnWords(words) }

// TakeUp moves a talk to another browser, which brings the talk's words and digits; browser says what it will be known by. Words that no
// talk has and digits that are wrong are both ErrReturn, after the same questions to the store. ErrGuesses says that it has not been
// looked at all.
func (b *Bot) TakeUp(ctx context.Context, words, digits, network string, browser func(bot.Address) string, now time.Time) (person bot.Address, err error) {
	place := ReturnPlace(words)
	if err := b.GuessReturn(ctx, place, network, now); err != nil {
		return person, err
	}
	person, ok, err := b.Recall(ctx, place)
	if err != nil {
		return person, err
	}
	if !ok {
		person = bot.Address{Channel: bot.DeskName + "-nobody", ID: place}
	}
	s, err := b.Session(ctx, person)
	if err != nil {
		return person, err
	}
	proof := b.returnProof(b.Key(person), content.Digits(digits[:min(len(digits), 100)]))
	if !s.Proves(proof) {
		return bot.Address{}, ErrReturn
	}
	reply, err := b.Handle(ctx, bot.Update{From: person, Kind: bot.TakenUp, Text: proof, Browser: browser(person), At: now})
	switch {
	case err != nil:
		return person, err
	case reply.Refused:
		return bot.Address{}, ErrReturn
	}
	return person, b.Remember(ctx, place, person) // for as long again
}

// GuessReturn takes one try for the words at a place. Whoever has none left uses up nobody else's.
func (b *Bot) GuessReturn(ctx context.Context, place, network string, now time.Time) error {
	if network != bot.AnyNetwork {
		if err := b.guess(ctx, "network "+network, guessesOne, now); err != nil {
			return err
		}
	}
	if err := b.guess(ctx, place, guessesOne, now); err != nil {
		return err
	}
	return b.guess(ctx, "", guessesAll, now)
}

// guess takes one try out of an allowance that all processes share.
func (b *Bot) guess(ctx context.Context, of string, g guesses, now time.Time) error {
	_, h := b.ring.Name(bot.DeskName+"-guesses", of)
	name := "guesses-" + hex.EncodeToString(h[:])
	for range Tries {
		raw, err := b.store.Kept(ctx, name)
		if err != nil {
			return fmt.Errorf("read how many codes were tried: %w", err)
		}
		whole := now.UnixMilli() // when the allowance is whole again
		if len(raw) == 8 {
			whole = max(whole, int64(binary.BigEndian.Uint64(raw)))
		}
		if whole += g.each.Milliseconds(); whole-now.UnixMilli() > g.window.Milliseconds() {
			return ErrGuesses
		}
		done, err := b.store.Swap(ctx, name, raw, binary.BigEndian.AppendUint64(nil, uint64(whole)), g.window)
		if err != nil {
			return fmt.Errorf("count a code that was tried: %w", err)
		}
		if done {
			return nil
		}
	}
	return ErrGuesses
}

// findable keeps what finds the talk of a return code in step with the session that a turn makes of another. It comes before the commit, so
// that nothing of an erased conversation is left behind it.
func (b *Bot) findable(ctx context.Context, s *bot.Session, plan *bot.Plan) error {
	switch next := &plan.Session; {
	case s.Return != "" && (plan.Erase || next.Return == "" || next.Word() != s.Word()):
		return b.Unremember(ctx, ReturnPlace(s.Word()))
	case !plan.Erase && next.Return != s.Return:
		return b.Remember(ctx, ReturnPlace(next.Word()), next.Case.Person)
	}
	return nil
}
