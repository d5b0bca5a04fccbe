package telegram

import (
	"errors"
	"sync"
	"time"

	"patikra/bot"
)

// How long an update of the group that could not be saved is left with Telegram, from the first try of this process on, whatever its
// date. What follows it in the group waits meanwhile; then who wrote it is told that it was not passed on.
const (
	wordsKept   = time.Minute
	membersKept = 10 * time.Minute
)

// mostVain is how many updates of the group are known here at once that could not be saved.
const mostVain = 10_000

// vain knows since when updates of the group could not be saved. It lives in memory: a new process tries anew.
type vain struct {
	mu    sync.Mutex
	since map[int64]time.Time // by number of the update
}

// again is the error as long as the update is to be left with Telegram, nil afterwards, and when there is none. What breaks its turn is
// not left: it would do so again.
func (v *vain) again(in *update, err error, kept time.Duration) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err == nil || errors.Is(err, bot.ErrSetAside) {
		delete(v.since, *in.ID)
		return nil
	}
	now := time.Now()
	first, known := v.since[*in.ID]
	switch {
	case !known:
		v.note(*in.ID, now)
	case now.Sub(first) > kept:
		delete(v.since, *in.ID)
		return nil
	}
	return err
}

// note notes the first failure of an update. Whatever Telegram has not sent again for long goes first when there is no room.
func (v *vain) note(id int64, now time.Time) {
	if v.since == nil {
		v.since = map[int64]time.Time{}
	}
	if len(v.since) >= mostVain {
		for old, first := range v.since {
			if now.Sub(first) > 2*membersKept {
				delete(v.since, old)
			}
		}
	}
	for old := range v.since { // still none: any one has its time from its next failure on
		if len(v.since) < mostVain {
			break
		}
		delete(v.since, old)
	}
	v.since[id] = now
}
