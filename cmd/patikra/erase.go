package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"patikra/bot"
	"patikra/content"
)

// conversation names a conversation: by its address, or by the two words of a case.
type conversation struct {
	Channel string `json:"channel,omitempty"`
	ID      string `json:"id,omitempty"`
	Word    string `json:"word,omitempty"`
}

func eraseConversation(ctx context.Context, b *bot.Bot, in json.RawMessage) (any, error) {
	var r conversation
	if err := json.Unmarshal(in, &r); err != nil {
		return nil, plainf("name a conversation")
	}
	at, err := addressOf(ctx, b, r)
	if err != nil {
		return nil, err
	}
	s, err := b.Session(ctx, at)
	if err != nil {
		return nil, err
	}
	if s.Stage == bot.Fresh && s.Case == nil {
		return false, nil
	}
	_, err = b.Handle(ctx, bot.Update{From: at, Kind: bot.Forgotten, At: time.Now()})
	return true, err
}

// addressOf finds the conversation that is meant.
func addressOf(ctx context.Context, b *bot.Bot, r conversation) (bot.Address, error) {
	if r.Word == "" {
		return bot.Address{Channel: r.Channel, ID: r.ID}, nil
	}
	cases, err := b.Cases(ctx)
	if err != nil {
		return bot.Address{}, err
	}
	folded, err := b.Folded(ctx)
	if err != nil {
		return bot.Address{}, err
	}
	cases = append(cases, folded...)
	var fits []bot.Address
	for _, m := range cases {
		s, err := b.Case(ctx, m.Key)
		if err != nil {
			return bot.Address{}, err
		}
		if s.Case != nil && content.Fold(s.Case.Word) == content.Fold(r.Word) {
			fits = append(fits, s.Case.Person)
		}
	}
	switch len(fits) {
	case 0:
		return bot.Address{}, plainf("no case that waits or is held has the words %q", r.Word)
	case 1:
		return fits[0], nil
	}
	return bot.Address{}, plainf("%d cases have the words %q; name the conversation by its address", len(fits), r.Word)
}

// named reads which conversation a command means: a network and a number, or the two words of a case.
func named(words []string) (r conversation, ok bool) {
	switch {
	case len(words) == 2 && slices.Contains(channels, words[0]):
		r.Channel, r.ID = words[0], words[1]
	case len(words) >= 1:
		r.Word = strings.Join(words, " ")
	default:
		return r, false
	}
	return r, true
}

// channels are the networks whose conversations can be erased by address.
var channels = []string{"telegram", "messenger", "web"}

// eraseCommand erases a conversation on a person's request, without a word to them: patikra erase telegram 123456, or the two
// words of a case.
func eraseCommand(ctx context.Context, words []string, out, errs io.Writer) int {
	r, ok := named(words)
	if !ok {
		fmt.Fprintln(errs, "patikra erase: name the conversation, as: patikra erase telegram 123456; or the two words of a case, as: patikra erase Upė Klevas")
		return misuse
	}
	var was bool
	if err := have(ctx, "erase", r, &was); err != nil {
		fmt.Fprintln(errs, "patikra erase:", err)
		return found
	}
	if !was {
		fmt.Fprintln(out, "there is no such conversation; nothing of it is kept")
		return found
	}
	fmt.Fprintln(out, "erased, with its topic at the desk")
	return fine
}
