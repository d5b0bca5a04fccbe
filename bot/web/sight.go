package web

import (
	"sync"
	"time"

	"patikra/bot"
)

// Times and limits of what is known of the pages of talks.
const (
	openFor    = 25 * time.Second // an open page asks for news each 3 s, each 15 s while nobody looks at it
	mostSights = 1000
)

// sights holds what people have open and were shown. It is kept in this process and for nobody to look up later.
type sights struct {
	mu sync.Mutex
	of map[bot.Key]sight
}

// sight is what is known of one person's page.
type sight struct {
	asked time.Time // when it asked for the talk last
	shown int64     // the time of the newest line that stood before somebody's eyes, Unix seconds; 0: none did
}

// note takes that a page has asked for a talk whose newest line is of that time. looks says that the page is not behind others.
func (s *sights) note(key bot.Key, now time.Time, looks bool, newest int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil || len(s.of) >= mostSights {
		s.of = map[bot.Key]sight{}
	}
	x := s.of[key]
	if x.asked = now; looks {
		x.shown = max(x.shown, newest)
	}
	s.of[key] = x
}

// Sight is what is known of the page on which a person has a talk: whether it is open, when it was last, and of when the newest line is that
// they were shown. Known is false where this process has seen no such page.
func (w *Web) Sight(key bot.Key, now time.Time) (open bool, last time.Time, shown int64, known bool) {
	w.sights.mu.Lock()
	defer w.sights.mu.Unlock()
	x, known := w.sights.of[key]
	return known && now.Sub(x.asked) < openFor, x.asked, x.shown, known
}

// seen takes what a page tells that asks for a talk: by a script in the header X-Live, else it stands before whoever asked for it.
func (w *Web) seen(v *visit, lines []bot.Line) {
	live := v.r.Header.Get("X-Live")
	if live == "writing" && w.set.Writes != nil {
		w.set.Writes(v.address())
	}
	newest := int64(0)
	if n := len(lines); n > 0 {
		newest = lines[n-1].At
	}
	w.sights.note(w.bot.Key(v.address()), time.Now(), live != "hidden", newest)
}
