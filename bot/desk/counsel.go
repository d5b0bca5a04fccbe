package desk

import (
	"strings"

	"patikra/bot"
	"patikra/bot/talk"
)

// answers is who answers the person once an act is done: whom a talk is passed on to, else who acts.
func answers(u bot.Update, duty []bot.Actor) bot.Actor {
	if word, arg, _ := strings.Cut(u.Text, " "); word == bot.EventTransfer {
		if to := talk.Colleague(arg, duty); to.ID != "" {
			return to
		}
	}
	return u.Actor
}
