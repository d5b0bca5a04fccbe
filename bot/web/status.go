package web

import (
	"slices"
	"sync"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

const (
	writesFor  = 6 * time.Second // how long somebody is taken to be writing after a sign of it
	mostLately = 1000
)

// lately is what this process knows of talks for the moment: of the last thousand at most, kept for nobody to look up later, and gone with it.
type lately[V any] struct {
	mu sync.Mutex
	of map[bot.Key]V
}

// change makes something else of what is known of a talk, the zero V when nothing is.
func (l *lately[V]) change(key bot.Key, to func(V) V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil || len(l.of) >= mostLately {
		l.of = map[bot.Key]V{}
	}
	l.of[key] = to(l.of[key])
}

// get is what is known of a talk; ok is false when nothing is.
func (l *lately[V]) get(key bot.Key) (v V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok = l.of[key]
	return v, ok
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

// read reports whether everything was read up to a place that the person has written, and nothing has answered it yet.
func (to mark) read(lines []bot.Line) bool {
	own, answer := last(lines, talk.ByPerson), last(lines, talk.ByCounsellor)
	before := func(a, b mark) bool { return a.at < b.at || a.at == b.at && a.n <= b.n }
	return own.at != 0 && before(own, to) && before(answer, own)
}

// Reads tells the door that the counsellor who holds a case has these lines of it before their eyes. It is kept in this process alone.
func (w *Web) Reads(key bot.Key, lines []bot.Line) {
	w.readers.change(key, func(mark) mark { return last(lines) })
}

// Types tells the door that the counsellor who holds a case is writing to its person. Nothing is kept but for a moment, in this process.
func (w *Web) Types(key bot.Key) {
	w.writers.change(key, func(time.Time) time.Time { return time.Now().Add(writesFor) })
}

// status is what a person is told of the counsellor below the talk.
func (w *Web) status(v *visit, d *Data, lines []bot.Line) string {
	if !d.Stay {
		return ""
	}
	key := w.bot.Key(v.address())
	if until, known := w.writers.get(key); known && time.Now().Before(until) {
		return d.Say("typing")
	}
	if to, known := w.readers.get(key); known && to.read(lines) {
		return d.Say("has-read")
	}
	return ""
}
