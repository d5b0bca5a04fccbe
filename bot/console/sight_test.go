package console_test

import (
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
)

// eyes is what the page of every person tells.
type eyes struct {
	mu          sync.Mutex
	open, known bool
	last        time.Time
	shown       int64
}

func (e *eyes) sight(bot.Key, time.Time) (bool, time.Time, int64, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open, e.last, e.shown, e.known
}

func (e *eyes) set(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

func TestACounsellorKnowsWhetherThePersonHasTheTalkBeforeTheirEyes(t *testing.T) {
	e := &eyes{}
	s := newSite(t, func(set *console.Settings) { set.Sight = e.sight })
	at := s.asks("a")
	b := s.enters("Rūta", desk.Counsellor)
	const unknown, opened, closed, read, unread = "šis tinklas nepraneša", "Žmogaus langas atvertas.", "Žmogaus langas užvertas arba miega.", "jam parodyta", "žmogus dar nematė"
	b.get(at)
	b.hasNot(unknown, opened, closed) // nobody has taken it
	b.post(at, b.form("do", "take"))
	b.get(at)
	b.has(unknown)
	e.set(func() { e.open, e.known, e.last, e.shown = true, true, time.Now(), time.Now().Unix() })
	b.get(at)
	b.has(opened)
	b.hasNot(unknown, read, unread)
	b.post(at, b.form("do", "say", "text", "Laba diena"))
	e.set(func() { e.shown = time.Now().Unix() - 60 })
	b.get(at)
	b.has(opened, unread)
	e.set(func() { e.shown = time.Now().Unix() + 1 })
	b.get(at)
	b.has(opened, read)
	b.hasNot(unread)
	e.set(func() { e.open = false })
	b.get(at)
	b.has(closed, read)
	b.hasNot(opened)
}
