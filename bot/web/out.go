package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
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
	w.forget(v)
	v.w.Header().Set("Clear-Site-Data", cleared)
	http.Redirect(v.w, v.r, "/"+v.lang+"/"+recipe, http.StatusSeeOther)
}

// unheard reports whether somebody had left before, while nobody here answered: the page's script has left a mark, which tells nothing
// else. Then they are forgotten before anything of theirs is shown.
func (w *Web) unheard(v *visit) bool {
	if _, err := v.r.Cookie(w.left.name); err != nil {
		return false
	}
	w.forget(v)
	return true
}

// forget takes the sessions of whoever asks out of the browser, and has the store erase them.
func (w *Web) forget(v *visit) {
	for _, name := range []string{w.top.name, w.top.old, w.frame.name, w.frame.old} {
		if c, err := v.r.Cookie(name); err == nil && validID(c.Value) {
			w.leaving.add(c.Value)
			w.fields.take(c.Value, time.Now())
		}
	}
	if id := v.r.PostForm.Get("session"); validID(id) {
		w.leaving.add(id)
	}
	w.endCookie(v, false)
	w.endCookie(v, true)
	w.give(v, w.left, "")
}

// Limits of what waits to be erased.
const (
	mostLeaving  = 100_000
	leavingFirst = time.Second
	leavingLast  = 15 * time.Second
	mostFailing  = 20 // erasures that fail one after the other before a pause
)

// leaving holds the sessions of people who have left until the store has erased them. Nobody comes back to one of them here.
// While the store does not take an erasure, those that wait are kept in keep too, so that they outlive the process. Without one, what
// waits when the process is killed is erased by the store after its time of silence.
type leaving struct {
	erase func(ctx context.Context, id string) error
	ours  func(id string) bool
	log   *zap.Logger
	keep  Left // nil: in memory only

	saves sync.Mutex // one at a time

	mu      sync.Mutex
	gone    map[string]bool
	next    []string // ids that this program has made
	others  []string // ids that anybody may have made up: they wait for the rest
	working bool
	idle    chan struct{} // closed when nothing waits
	held    bool          // the store did not take an erasure in time, and somebody still waits
	kept    bool          // keep has something
	changed bool          // keep does not have what waits now
	saving  bool
}

// Left keeps the sessions of people who have left, and whom the store has not erased yet, over the end of the process.
type Left interface {
	// Load returns what was saved last, nil when that is nothing.
	Load() ([]byte, error)
	// Save keeps the sessions instead of those before. Nil: there are none, and nothing is left to see of any.
	Save(sessions []byte) error
}

// Limits of what is kept.
const (
	mostLeft  = 20_000      // sessions; what was made here goes first
	heldAfter = time.Second // for which the store may keep an erasure waiting
	saveEvery = 500 * time.Millisecond
)

func newLeaving(erase func(ctx context.Context, id string) error, ours func(id string) bool, keep Left, log *zap.Logger) *leaving {
	l := &leaving{erase: erase, ours: ours, log: log, keep: keep, gone: map[string]bool{}, idle: make(chan struct{})}
	close(l.idle)
	if keep == nil {
		return l
	}
	sessions, err := keep.Load()
	if err != nil {
		log.Warn("who had left when the program ended cannot be read; they are erased after their time of silence", zap.Error(err))
	}
	l.kept = len(sessions) > 0
	for _, id := range readLeft(sessions) {
		if !l.gone[id] {
			l.gone[id] = true
			l.next = append(l.next, id)
		}
	}
	return l
}

// readLeft reads the list of sessions, a name a line. An earlier program kept the bytes of the names, one after the other.
func readLeft(list []byte) (ids []string) {
	if lines := strings.Fields(string(list)); !slices.ContainsFunc(lines, func(id string) bool { return !validID(id) }) {
		return lines
	}
	for ; len(list) >= idBytes; list = list[idBytes:] {
		ids = append(ids, base64.RawURLEncoding.EncodeToString(list[:idBytes]))
	}
	return ids
}

// begin has somebody erase. The lock is held.
func (l *leaving) begin() {
	if !l.working {
		l.working, l.idle = true, make(chan struct{})
		go l.work()
	}
}

// Resume erases who had left when the program ended before, and could not be erased then. It waits for nothing.
func (w *Web) Resume() {
	w.leaving.mu.Lock()
	defer w.leaving.mu.Unlock()
	if len(w.leaving.gone) > 0 {
		w.leaving.begin()
	}
}

// hold notes that the store has not taken an erasure. It holds until nobody waits.
func (l *leaving) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held = len(l.gone) > 0; !l.kept {
		l.change()
	}
}

// change has what waits kept anew. It waits for nothing. The lock is held.
func (l *leaving) change() {
	l.changed = true
	if l.keep == nil || l.saving || !l.held && !l.kept {
		return
	}
	l.saving = true
	go l.keepOn()
}

// keepOn keeps what waits until nothing changes any more.
func (l *leaving) keepOn() {
	for l.save() {
		time.Sleep(saveEvery)
	}
}

// save keeps what waits, if that is not kept yet. It reports whether it has done anything.
func (l *leaving) save() bool {
	l.saves.Lock()
	defer l.saves.Unlock()
	l.mu.Lock()
	if !l.changed || l.keep == nil || !l.held && !l.kept {
		l.saving = false
		l.mu.Unlock()
		return false
	}
	var names, others []string
	for id := range l.gone {
		if l.ours(id) {
			names = append(names, id)
		} else {
			others = append(others, id)
		}
	}
	names = append(names, others...)
	sessions := []byte(strings.Join(names[:min(len(names), mostLeft)], "\n"))
	l.kept, l.changed = len(sessions) > 0, false
	l.mu.Unlock()
	if err := bot.Contain(func() error { return l.keep.Save(sessions) }); err != nil {
		l.mu.Lock()
		l.kept = false // the next erasure that fails tries again
		l.mu.Unlock()
		l.log.Warn("who has left cannot be kept; should the program end now, they are erased after their time of silence", zap.Error(err))
	}
	return true
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
	l.change()
	if ours {
		l.next = append(l.next, id)
	} else {
		l.others = append(l.others, id)
	}
	l.begin()
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
	l.held = l.held && len(l.gone) > 0
	l.change()
	l.mu.Unlock()
}

// work erases until nobody waits.
func (l *leaving) work() {
	wait, failed := leavingFirst, 0 // failed: one after the other
	for id := l.first(); id != ""; id = l.first() {
		ctx, cancel := context.WithTimeout(context.Background(), handleTime)
		slow := time.AfterFunc(heldAfter, func() { _ = bot.Contain(func() error { l.hold(); return nil }) })
		err := bot.Contain(func() error { return l.erase(ctx, id) })
		slow.Stop()
		cancel()
		if err == nil {
			l.done(id)
			wait, failed = leavingFirst, 0
			continue
		}
		l.hold()
		if failed++; failed < min(l.again(id), mostFailing) {
			continue
		}
		l.log.Warn("somebody has left, and the store does not take the erasure; it is tried again", zap.Error(err), zap.Int("waiting", failed))
		time.Sleep(wait)
		wait, failed = min(2*wait, leavingLast), 0
	}
}

// Settle waits until everybody who has left is erased, or the context ends. It reports whether they are. Who is not is kept, where
// they can be.
func (w *Web) Settle(ctx context.Context) bool {
	w.leaving.mu.Lock()
	idle := w.leaving.idle
	w.leaving.mu.Unlock()
	defer w.leaving.save()
	select {
	case <-idle:
		return true
	case <-ctx.Done():
		return false
	}
}

// eraseLeft erases one session that somebody has left.
func (w *Web) eraseLeft(ctx context.Context, id string) error {
	_, err := w.bot.Handle(ctx, bot.Update{From: conversation(id), Browser: browserOf(id), Kind: bot.Pressed, Text: "exit", At: time.Now()})
	return err
}
