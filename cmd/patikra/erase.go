package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/content"
	"patikra/content/sheet"
)

// conversation names a conversation: by its address; or by the words of a case, which colleagues see too, and by the code that the
// program has shown to the person alone.
type conversation struct {
	Channel string `json:"channel,omitempty"`
	ID      string `json:"id,omitempty"`
	Word    string `json:"word,omitempty"`
	Code    string `json:"code,omitempty"`
}

func eraseConversation(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error) {
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
func addressOf(ctx context.Context, b *desk.Desk, r conversation) (bot.Address, error) {
	if r.Word == "" {
		return bot.Address{Channel: r.Channel, ID: r.ID}, nil
	}
	cases, err := b.OpenCases(ctx)
	if err != nil {
		return bot.Address{}, err
	}
	word, _, _ := strings.Cut(r.Word, "(") // as it stands on a card, with what it means
	word, known := content.Fold(strings.TrimSpace(word)), false
	for _, m := range cases {
		s, err := b.Case(ctx, m.Key)
		if err != nil {
			return bot.Address{}, err
		}
		if s.Case != nil && content.Fold(s.Case.Word) == word {
			known = true
			if b.Proves(b.Key(s.Case.Person), r.Code, time.Now()) {
				return s.Case.Person, nil
			}
		}
	}
	if known {
		return bot.Address{}, plainf("this is not the code of the case %q; the person sees it when they write /code in their own chat, and it works for a day", r.Word)
	}
	return bot.Address{}, plainf("no case that waits or is held has the words %q", r.Word)
}

// named reads which conversation a command means: a network and a number, or the words of a case and its code.
func named(words []string) (r conversation, ok bool) {
	switch {
	case len(words) == 2 && slices.Contains(channels, words[0]):
		r.Channel, r.ID = words[0], words[1]
	case len(words) >= 3:
		r.Word, r.Code = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
	default:
		return r, false
	}
	return r, true
}

// channels are the networks whose conversations can be erased by address.
var channels = []string{"telegram", "messenger", "web"}

// eraseCommand erases a conversation on a person's request, without a word to them: patikra erase telegram 123456, or the
// words of a case and the person's code.
func eraseCommand(ctx context.Context, words []string, out, errs io.Writer) int {
	r, ok := named(words)
	if !ok {
		fail(errs, "erase", sheet.Text("name the conversation, as: patikra erase telegram 123456; or the two words of a case and the code that the person sees when they write /code, as: patikra erase Upė Klevas 7KM4-Q2XP"))
		return misuse
	}
	var was bool
	if err := have(ctx, "erase", r, &was); err != nil {
		fail(errs, "erase", err)
		return found
	}
	if !was {
		tell(out, "there is no such conversation; nothing of it is kept")
		return found
	}
	tell(out, "erased, with its topic at the desk")
	return fine
}
