package web

import (
	"slices"
	"sync"
	"time"

	"patikra/bot"
)

const (
	writesFor   = 6 * time.Second // how long somebody is taken to be writing after a sign of it
	mostWriters = 1000
)

// readers holds how far the counsellor who holds a talk has read it, and writers which people are just being written to. Both are of this
// process alone, and gone with it.
type readers struct {
	mu sync.Mutex
	to map[bot.Key]mark
}

// mark is a place in a talk: the time of a line, in Unix seconds, and how many lines of that second lie before it, with it.
type mark struct {
	at int64
	n  int
}

// last is the place of the newest line that one of the voices has said; at is nought when none has.
func last(lines []bot.Line, voices ...bot.Voice) (m mark) {
	same := mark{}
	for _, l := range lines {
		if l.At != same.at {
			same = mark{at: l.At}
		}
		same.n++
		if len(voices) == 0 || slices.Contains(voices, l.By) {
			m = same
		}
	}
	return m
}

func (r *readers) note(key bot.Key, m mark) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.to == nil || len(r.to) >= mostWriters {
		r.to = map[bot.Key]mark{}
	}
	r.to[key] = m
}

// read reports whether everything was read that the person has written, and nothing has answered it yet.
func (r *readers) read(key bot.Key, lines []bot.Line) bool {
	own, answer := last(lines, bot.ByPerson), last(lines, bot.ByCounsellor)
	before := func(a, b mark) bool { return a.at < b.at || a.at == b.at && a.n <= b.n }
	r.mu.Lock()
	defer r.mu.Unlock()
	to, known := r.to[key]
	return known && own.at != 0 && before(own, to) && before(answer, own)
}

// Reads tells the door that the counsellor who holds a case has these lines of it before their eyes. It is kept in this process alone.
func (w *Web) Reads(key bot.Key, lines []bot.Line) { w.readers.note(key, last(lines)) }

// Types tells the door that the counsellor who holds a case is writing to its person. Nothing is kept but for a moment, in this process.
func (w *Web) Types(key bot.Key) { w.writers.note(key, time.Now()) }

// status is what a person is told of the counsellor below the talk.
func (w *Web) status(v *visit, d *Data, lines []bot.Line) string {
	switch key := w.bot.Key(v.address()); {
	case !d.Stay:
	case w.writers.writes(key, time.Now()):
		return d.Say("typing")
	case w.readers.read(key, lines):
		return d.Say("has-read")
	}
	return ""
}

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
