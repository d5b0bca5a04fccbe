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

// eraseRequest names a conversation: by its address, or by the code word of a case.
type eraseRequest struct {
	Channel string `json:"channel,omitempty"`
	ID      string `json:"id,omitempty"`
	Word    string `json:"word,omitempty"`
}

func eraseConversation(ctx context.Context, b *bot.Bot, in json.RawMessage) (any, error) {
	var r eraseRequest
	if err := json.Unmarshal(in, &r); err != nil {
		return nil, plainf("name a conversation")
	}
	at := bot.Address{Channel: r.Channel, ID: r.ID}
	if r.Word != "" {
		cases, err := b.Cases(ctx)
		if err != nil {
			return nil, err
		}
		var fits []bot.Address
		for _, m := range cases {
			s, err := b.Case(ctx, m.Key)
			if err != nil {
				return nil, err
			}
			if s.Case != nil && content.Fold(s.Case.Word) == content.Fold(r.Word) {
				fits = append(fits, s.Case.Person)
			}
		}
		switch len(fits) {
		case 0:
			return nil, plainf("no case that waits or is held has the words %q", r.Word)
		case 1:
			at = fits[0]
		default:
			return nil, plainf("%d cases have the words %q; erase it by its address", len(fits), r.Word)
		}
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

// channels are the networks whose conversations can be erased by address.
var channels = []string{"telegram", "messenger", "web"}

// eraseCommand erases a conversation on a person's request, without a word to them: patikra erase telegram 123456, or the two
// words of a case.
func eraseCommand(ctx context.Context, words []string, out, errs io.Writer) int {
	var r eraseRequest
	switch {
	case len(words) == 2 && slices.Contains(channels, words[0]):
		r.Channel, r.ID = words[0], words[1]
	case len(words) >= 1:
		r.Word = strings.Join(words, " ")
	default:
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
