package telegram

import (
	"sync"
	"time"

	"patikra/bot/flood"
)

// Limits of how often the group is asked whether whoever writes /desk in private belongs to it. Anybody can write that, and each question
// is a call of the Bot API.
const (
	strangersMinute = 20 // questions about people of whom nothing is known, in all
	strangersAtOnce = 10
	linksEvery      = 10 * time.Second // of one member
	linksAtOnce     = 3
	noKept          = 5 * time.Minute // how long an answer holds that somebody is not in the group
	mostMembers     = 2000
)

// asked bounds those questions. It lives in memory and never says that somebody is in the group: that is asked each time.
type asked struct {
	strangers *flood.Watch
	links     *flood.Watch // by member

	mu      sync.Mutex
	outside map[int64]time.Time // who was not in the group, and when; as few as could be asked about
	inside  map[int64]bool      // who was in the group when it was last asked, so that strangers take nothing from them
}

func newAsked() asked {
	return asked{strangers: flood.New(strangersMinute/60.0, strangersAtOnce), links: flood.New(1/linksEvery.Seconds(), linksAtOnce),
		outside: map[int64]time.Time{}, inside: map[int64]bool{}}
}

// answered notes what the group has answered about somebody.
func (a *asked) answered(user int64, in bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !in:
		delete(a.inside, user)
	case len(a.inside) < mostMembers:
		a.inside[user] = true
	}
	delete(a.outside, user)
	if in {
		return
	}
	for id, at := range a.outside {
		if now.Sub(at) >= noKept {
			delete(a.outside, id)
		}
	}
	if len(a.outside) < mostMembers {
		a.outside[user] = now
	}
}

// changed forgets what was answered about somebody who has come into the group or gone out of it.
func (a *asked) changed(user int64) {
	a.mu.Lock()
	delete(a.outside, user)
	delete(a.inside, user)
	a.mu.Unlock()
}

// known is what the last answer about somebody says.
func (a *asked) known(user int64, now time.Time) (in, out bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, found := a.outside[user]
	return a.inside[user], found && now.Sub(at) < noKept
}
