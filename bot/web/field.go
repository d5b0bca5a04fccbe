package web

import (
	"sync"
	"time"
	"unicode/utf8"
)

// Bounds of what is held for the next page.
const (
	mostHeld   = 200  // bytes of words: longer than any name of a country
	mostFields = 1000 // people at once; of more, the words are asked for anew
	fieldTime  = time.Minute
)

// fields holds in memory, until the next page of a session, what was written into a field and could not be taken: a form is answered by
// another page, words go into no address, and the one cookie holds a session and nothing else.
type fields struct {
	mu   sync.Mutex
	held map[string]field
}

type field struct {
	words string
	until time.Time
}

// hold keeps words for the next page of a session.
func (f *fields) hold(id, words string, now time.Time) {
	for len(words) > mostHeld {
		_, n := utf8.DecodeLastRuneInString(words)
		words = words[:len(words)-n]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.held) >= mostFields {
		for id, of := range f.held {
			if !now.Before(of.until) {
				delete(f.held, id)
			}
		}
	}
	if f.held == nil {
		f.held = map[string]field{}
	}
	if len(f.held) < mostFields {
		f.held[id] = field{words, now.Add(fieldTime)}
	}
}

// take returns, once, what is held for a session.
func (f *fields) take(id string, now time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	of := f.held[id]
	delete(f.held, id)
	if !now.Before(of.until) {
		return ""
	}
	return of.words
}
