package web

import (
	"time"

	"patikra/bot"
)

// openFor is how long a page is taken to be open after it asked: it asks for news each 3 s, each 15 s while nobody looks at it.
const openFor = 25 * time.Second

// sight is what is known of one person's page.
type sight struct {
	asked time.Time // when it asked for the talk last
	shown int64     // the time of the newest line that stood before somebody's eyes, Unix seconds; 0: none did
}

// Sight is what is known of the page on which a person has a talk: whether it is open, when it was last, and of when the newest line is that
// they were shown. Known is false where this process has seen no such page.
func (w *Web) Sight(key bot.Key, now time.Time) (open bool, last time.Time, shown int64, known bool) {
	x, known := w.sights.get(key)
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
	w.sights.change(w.bot.Key(v.address()), func(x sight) sight {
		if x.asked = time.Now(); live != "hidden" { // it is not behind others
			x.shown = max(x.shown, newest)
		}
		return x
	})
}
