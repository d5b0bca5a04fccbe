package web

import (
	"sync"
	"time"

	"patikra/bot"
)

const (
	writesFor   = 6 * time.Second // how long somebody is taken to be writing after a sign of it
	mostWriters = 1000
)

// writers holds which people are just being written to.
type writers struct {
	mu    sync.Mutex
	until map[bot.Key]time.Time
}

// note takes a sign that somebody is written to.
func (w *writers) note(key bot.Key, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.until == nil || len(w.until) >= mostWriters {
		w.until = map[bot.Key]time.Time{}
	}
	w.until[key] = now.Add(writesFor)
}

// writes reports whether somebody is just being written to.
func (w *writers) writes(key bot.Key, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if until, is := w.until[key]; !is || now.Before(until) {
		return is
	}
	delete(w.until, key)
	return false
}
