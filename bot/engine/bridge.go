package engine

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

var bridgeSecret = base32.StdEncoding.WithPadding(base32.NoPadding)

// Bridge makes a link into a chat.
func (b *Bot) Bridge() bot.Bridge {
	var luck [16]byte
	rand.Read(luck[:])
	payload := bot.BridgePrefix + strings.ToLower(bridgeSecret.EncodeToString(luck[:]))
	return bot.Bridge{Payload: payload, Proof: b.bridgeProof(payload)}
}

func (b *Bot) bridgeProof(payload string) string {
	_, h := b.ring.Name(bot.DeskName+"-bridge", payload)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// bridgePlace is where the desk finds the talk of a link, as [Bot.Remember] has it.
func bridgePlace(proof string) string { return "bridge:" + proof }

// other tells a turn of a chat how the talk stands for which it speaks, or is asked to.
func (b *Bot) other(ctx context.Context, s *bot.Session, u bot.Update) (o bot.Other, err error) {
	if s.Speaks() {
		talk, err := b.Session(ctx, s.Talk)
		if err != nil {
			return o, err
		}
		o.Ours = talk.Chat == u.From
		o.Active = o.Ours && talk.Case.Active()
		o.Lately = o.Ours && talk.Lately(u.At) && talk.Over == bot.Rate
		o.Done = talk.Knows(b.relayed(u))
	}
	payload := u.Bridges()
	if payload == "" || s.Knows(u.ID) {
		return o, nil
	}
	o.Offer = b.bridgeProof(payload)
	switch err := b.guessBridge(ctx, u); {
	case errors.Is(err, ErrGuesses):
		return o, nil
	case err != nil:
		return o, err
	}
	at, ok, err := b.Recall(ctx, bridgePlace(o.Offer))
	if err != nil || !ok {
		return o, err
	}
	talk, err := b.Session(ctx, at)
	if err == nil && talk.Bridged(o.Offer, u.At) {
		o.Talk, o.Lang = at, talk.Lang
	}
	return o, err
}

// guessBridge takes one try out of those of a chat, and of all chats.
func (b *Bot) guessBridge(ctx context.Context, u bot.Update) error {
	if err := b.guess(ctx, "bridge "+u.From.Channel+" "+u.From.ID, guessesOne, u.At); err != nil {
		return err
	}
	return b.guess(ctx, "bridges", guessesAll, u.At)
}

// keepBridge keeps what finds the talk of a link in step with the session that a turn makes of another, and a chat in step with the talk that it
// speaks for. As findable it comes before the commit.
func (b *Bot) keepBridge(ctx context.Context, s *bot.Session, plan *bot.Plan, u bot.Update) error {
	next := &plan.Session
	if s.Bridge != "" && (plan.Erase || next.Bridge != s.Bridge) {
		if err := b.Unremember(ctx, bridgePlace(s.Bridge)); err != nil {
			return err
		}
	}
	if !plan.Erase && next.Bridge != "" && next.Bridge != s.Bridge {
		if err := b.remember(ctx, bridgePlace(next.Bridge), next.Case.Person, talk.BridgeTime+time.Minute); err != nil {
			return err
		}
	}
	if s.Chat == (bot.Address{}) || s.Chat == u.Chat || !plan.Erase && next.Chat == s.Chat {
		return nil
	}
	how := "stopped"
	switch {
	case u.Kind == bot.Due:
		how = "over"
	case plan.Erase && strings.HasPrefix(u.Text, "exit"):
		how = "left"
	case plan.Erase:
		how = "erased"
	}
	_, err := b.Handle(ctx, bot.Update{From: s.Chat, Chat: u.From, Kind: bot.Unbridged, Text: how, At: u.At})
	return err
}

// relayed is the id that an update of a chat has where it is brought to the talk.
func (b *Bot) relayed(u bot.Update) uint64 {
	if u.ID == 0 {
		return 0
	}
	return b.ring.Digest(u.From.Channel+"\x00"+u.From.ID, u.ID)
}

// relay brings to a talk what a turn of the chat that speaks for it has decided. It reports false when the talk does not take it.
func (b *Bot) relay(ctx context.Context, s *bot.Session, u bot.Update, plan *bot.Plan) (bool, error) {
	if plan.Erase && s.Speaks() && u.Kind != bot.Unbridged {
		plan.Relay = &bot.Update{Kind: bot.Forgotten}
		if u.Kind == bot.Gone {
			plan.Relay.Kind = bot.Unbridged
		}
	}
	if plan.Relay == nil {
		return true, nil
	}
	r := *plan.Relay
	r.From, r.Chat, r.At = s.Talk, u.From, u.At
	r.ID = b.relayed(u)
	reply, err := b.Handle(ctx, r)
	if err != nil {
		return false, fmt.Errorf("bring it to the talk: %w", err)
	}
	return !reply.Refused || plan.Erase, nil
}
