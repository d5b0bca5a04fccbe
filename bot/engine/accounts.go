package engine

import (
	"patikra/bot"
)

const (
	SealedAccounts byte = 'a'
	SealedVisit    byte = 'v'
	SealedAct      byte = 'c'
	SealedSeen     byte = 'e'
)

// Changed tells whoever listens that a case, or something of the desk's own, has changed.
func (b *Bot) Changed(key bot.Key) {
	if b.Hear != nil {
		b.Hear(key)
	}
}
