// Package desk is the counsellors' side of the program: who they are and how they come in (accounts, sessions, passkeys), who is on duty
// and where they can be called, what they did (the list of deeds), what lies in the queue, and what one leaves for the next.
//
// What counsellors do to a talk is an update of that talk like any other, and goes through the engine; here is what belongs to the desk
// and to no talk. All of it is sealed in the store, under names that say nothing.
package desk

import (
	"context"
	"sync/atomic"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/seal"
)

// Desk is the counsellors' side of a program: the engine with what counsellors have of their own beside it, accounts, sessions,
// who is on duty, the list of deeds. It is the engine's [engine.Office].
type Desk struct {
	*engine.Bot

	store        bot.Store
	ring         *seal.Ring
	rosterKept   rosterCache
	accountsKept accountsCache
	counsels     atomic.Bool // there is an account that can answer people
}

// New makes an engine over a store, and the counsellors' side of it.
func New(l *library.Library, store bot.Store, ring *seal.Ring) *Desk {
	d := &Desk{Bot: engine.New(l, store, ring), store: store, ring: ring}
	d.Office = d
	return d
}

// Took notes how long a person has waited until somebody took them, in seconds. It does its best: the number makes only
// the estimate for the next person better.
func (b *Desk) Took(ctx context.Context, waited int) {
	_ = b.ChangeRoster(ctx, func(r *Roster) { r.Waits = append(r.Waits, waited) })
}
