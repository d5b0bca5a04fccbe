package engine

import (
	"patikra/bot"
)

const SealedBrowsers byte = 'p'

// calling tells whether a turn is a step at which a case calls.
func calling(was, now *bot.Case, u bot.Update) (c bot.Calling, ok bool) {
	if !now.Active() || now.Folded || now.Later() {
		return c, false
	}
	if was == nil {
		was = &bot.Case{}
	}
	c = bot.Calling{Person: now.Person, Danger: now.Urgent == bot.Danger, At: u.At, Again: now.Calls > was.Calls}
	began := !was.Active() || was.Folded || was.Later() || (was.State == bot.Taken) != (now.State == bot.Taken)
	if now.State != bot.Taken {
		c.Lead = now.Calls >= bot.LapseAfter
		return c, c.Again || began
	}
	c.Holder = now.Holder
	switch {
	case u.Kind == bot.Acted && u.Actor.ID == now.Holder: // they are here
		return c, false
	case u.Kind == bot.Due && was.Ring != 0 && now.Ring == 0: // who wants to be called
		return c, true
	case now.Asked == 0:
		return c, false
	}
	c.Lead = now.Calls >= bot.BackAfter
	return c, c.Again || began || was.Asked == 0 || was.Holder != now.Holder
}
