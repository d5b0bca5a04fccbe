package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
)

// The way out stands apart from everything else that a page does: no limiter, no hidden field, no store and no look at where
// the form stood can keep somebody here. It forgets in this browser at once. What the store has is erased right behind it,
// and for as long as the store is away, again and again.
//
// It leads to a page of our own that leads on by itself, because browsers hold form-action against a redirect to another
// site too. What a stranger can do with it is to send somebody away.

// outPath is where every ✕ leads, and recipe the page of our own that follows.
const (
	outPath = "/out"
	recipe  = "recipe"
)

// cleared is everything that a browser can be asked to forget.
const cleared = `"cache", "cookies", "storage", "executionContexts"`

// out answers a request for outPath.
func (w *Web) out(v *visit) {
	if v.r.Method == http.MethodPost {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxBody)
		_ = v.r.ParseForm() // a broken form leads out as well
	}
	if lang := v.r.PostForm.Get("lang"); w.bot.Library().Catalog.Language(lang) != nil {
		v.lang = lang
	}
	if strings.Contains(v.r.Header.Get("Sec-Purpose"), "prefetch") { // the browser guesses; nobody has asked to leave
		w.harmless(v)
		return
	}
	w.leave(v)
}

// leave forgets whoever asks and leads away.
func (w *Web) leave(v *visit) {
	for _, name := range []string{w.top.name, w.top.old, w.frame.name, w.frame.old} {
		if c, err := v.r.Cookie(name); err == nil && validID(c.Value) {
			w.leaving.add(c.Value)
		}
	}
	if id := v.r.PostForm.Get("session"); validID(id) {
		w.leaving.add(id)
	}
	w.endCookie(v, false)
	w.endCookie(v, true)
	v.w.Header().Set("Clear-Site-Data", cleared)
	http.Redirect(v.w, v.r, "/"+v.lang+"/"+recipe, http.StatusSeeOther)
}

// Limits of what waits to be erased.
const (
	mostLeaving  = 100_000
	leavingFirst = time.Second
	leavingLast  = 15 * time.Second
	mostFailing  = 20 // erasures that fail one after the other before a pause
)

// leaving holds the sessions of people who have left until the store has erased them. Nobody comes back to one of them here.
// It lives in memory: what waits in it when the process is killed is erased by the store after its time of silence.
type leaving struct {
	erase func(ctx context.Context, id string) error
	ours  func(id string) bool
	log   *zap.Logger

	mu      sync.Mutex
	gone    map[string]bool
	next    []string // ids that this program has made
	others  []string // ids that anybody may have made up: they wait for the rest
	working bool
	idle    chan struct{} // closed when nothing waits
}

func newLeaving(erase func(ctx context.Context, id string) error, ours func(id string) bool, log *zap.Logger) *leaving {
	l := &leaving{erase: erase, ours: ours, log: log, gone: map[string]bool{}, idle: make(chan struct{})}
	close(l.idle)
	return l
}

// has reports whether somebody has left a session whose erasure is still to be made good.
func (l *leaving) has(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone[id]
}

// add takes a session over. It waits for nothing.
func (l *leaving) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ours := l.ours(id)
	if l.gone[id] || !ours && len(l.gone) >= mostLeaving/2 || len(l.gone) >= mostLeaving {
		return
	}
	l.gone[id] = true
	if ours {
		l.next = append(l.next, id)
	} else {
		l.others = append(l.others, id)
	}
	if !l.working {
		l.working, l.idle = true, make(chan struct{})
		go l.work()
	}
}

// again puts a session whose erasure failed behind the others: one that cannot be erased now holds up nobody.
func (l *leaving) again(id string) (round int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = append(l.next, id)
	return len(l.next) + len(l.others)
}

// first is who is to be erased next, empty when nobody waits.
func (l *leaving) first() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.next) == 0 {
		l.next, l.others = l.others, nil
	}
	if len(l.next) == 0 {
		l.working = false
		close(l.idle)
		return ""
	}
	id := l.next[0]
	l.next = l.next[1:]
	return id
}

func (l *leaving) done(id string) {
	l.mu.Lock()
	delete(l.gone, id)
	l.mu.Unlock()
}

// work erases until nobody waits.
func (l *leaving) work() {
	wait, failed := leavingFirst, 0 // failed: one after the other
	for id := l.first(); id != ""; id = l.first() {
		ctx, cancel := context.WithTimeout(context.Background(), handleTime)
		err := bot.Contain(func() error { return l.erase(ctx, id) })
		cancel()
		if err == nil {
			l.done(id)
			wait, failed = leavingFirst, 0
			continue
		}
		if failed++; failed < min(l.again(id), mostFailing) {
			continue
		}
		l.log.Warn("somebody has left, and the store does not take the erasure; it is tried again", zap.Error(err), zap.Int("waiting", failed))
		time.Sleep(wait)
		wait, failed = min(2*wait, leavingLast), 0
	}
}

// Settle waits until everybody who has left is erased, or the context ends. It reports whether they are.
func (w *Web) Settle(ctx context.Context) bool {
	w.leaving.mu.Lock()
	idle := w.leaving.idle
	w.leaving.mu.Unlock()
	select {
	case <-idle:
		return true
	case <-ctx.Done():
		return false
	}
}

// eraseLeft erases one session that somebody has left.
func (w *Web) eraseLeft(ctx context.Context, id string) error {
	_, err := w.bot.Handle(ctx, bot.Update{From: bot.Address{Channel: Name, ID: id}, Kind: bot.Pressed, Text: "exit", At: time.Now()})
	return err
}
