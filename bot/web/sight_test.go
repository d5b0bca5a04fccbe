package web_test

import (
	"net/http"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/web"
)

func TestThePageTellsTheDeskWhetherItsPersonIsThere(t *testing.T) {
	var writes []bot.Address
	s := newSiteWith(t, web.Settings{NoLimit: true, Writes: func(at bot.Address) { writes = append(writes, at) }})
	b := s.waits(t, "lt")
	cases := s.cases(t)
	key := cases[0].Key
	asks := func(live string) {
		t.Helper()
		r, _ := http.NewRequest("GET", s.url+"/lt/check", nil)
		if live != "" {
			r.Header.Set("X-Live", live)
		}
		if b.do(r); b.screen() != "talk" {
			t.Fatalf("no talk, but\n%s", b.body)
		}
	}
	asks("")
	open, last, shown, known := s.web.Sight(key, time.Now())
	if !open || !known || shown == 0 || time.Since(last) > time.Minute {
		t.Fatalf("a page that has been asked for: %v, %v, %d, %v", open, last, shown, known)
	}
	if open, _, _, known := s.web.Sight(key, last.Add(30*time.Second)); open || !known {
		t.Error("a page that has not asked for half a minute counts as open")
	}
	s.counsellor(bot.Acted, "take")
	time.Sleep(time.Until(time.Unix(shown+1, 50e6))) // lines know their time to the second
	s.counsellor(bot.Said, "Laba diena")
	asks("hidden")
	if open, _, now, _ := s.web.Sight(key, time.Now()); !open || now != shown {
		t.Errorf("what came behind another page counts as seen: %d after %d", now, shown)
	}
	if asks("seen"); len(writes) != 0 {
		t.Errorf("nobody writes: %v", writes)
	}
	if _, _, now, _ := s.web.Sight(key, time.Now()); now <= shown {
		t.Error("what stands before the person's eyes does not count as seen")
	}
	if asks("writing"); len(writes) != 1 || s.bot.Key(writes[0]) != key {
		t.Errorf("that the person writes is told as %v", writes)
	}
	if _, _, _, known := s.web.Sight(bot.Key{}, time.Now()); known {
		t.Error("something is known of nobody's page")
	}
}
