package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
)

// hostPrefix is how the name of a cookie begins that a browser takes from this very host only, over https: a neighbour under the same
// domain cannot plant one.
const hostPrefix = "__Host-"

// oldNames is how long the names of an earlier program are still read, since this one was first used with the store.
const oldNames = 24 * time.Hour

// cookie is where a browser keeps a session.
type cookie struct {
	name   string
	old    string // as an earlier program named it; empty: the same
	framed bool   // inside a frame on another site
}

// host is the cookie under a name that no neighbour can plant.
func (k cookie) host() cookie {
	k.old, k.name = k.name, hostPrefix+k.name
	return k
}

// holding is the cookie as it is sent to a browser. Without a session it is taken away.
func (k cookie) holding(id string, secure bool) *http.Cookie {
	c := &http.Cookie{Name: k.name, Value: id, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
	if k.framed {
		c.Secure, c.Partitioned, c.SameSite = true, true, http.SameSiteNoneMode
	}
	if id == "" {
		c.MaxAge = -1
	}
	return c
}

// brought is the session that a request's cookie names. One under an earlier name is given its new one on the way.
func (w *Web) brought(v *visit, k cookie) string {
	if c, err := v.r.Cookie(k.name); err == nil && validID(c.Value) {
		return c.Value
	}
	if k.old == "" {
		return ""
	}
	c, err := v.r.Cookie(k.old)
	if err != nil || !validID(c.Value) || !w.oldNamed(v.r.Context()) {
		return ""
	}
	w.give(v, k, c.Value)
	return c.Value
}

// askAgain is how soon a store that did not answer is asked again since when sessions have their present name.
const askAgain = time.Second

// naming is since when sessions have their present name, once the store has said so: then it is not asked again, because anybody
// can bring a cookie under an earlier name.
type naming struct {
	mu    sync.Mutex
	known bool
	since time.Time
	asked time.Time // when it last gave no answer
}

// oldNamed reports whether cookies under earlier names are still read. Whoever comes while the store is asked waits for the answer.
func (w *Web) oldNamed(ctx context.Context) bool {
	n := &w.named
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.known && time.Since(n.asked) >= askAgain {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTime)
		defer cancel()
		since, err := w.bot.Since(ctx, "web-host-cookie", time.Now())
		if err != nil {
			w.log.Warn("since when sessions have their present name is not known", zap.Error(err))
			n.asked = time.Now()
		}
		n.known, n.since = err == nil, since
	}
	return n.known && time.Since(n.since) < oldNames
}

// give has the browser keep a session, or nothing, and forget what lies under an earlier name.
func (w *Web) give(v *visit, k cookie, id string) {
	http.SetCookie(v.w, k.holding(id, w.secure()))
	if old := k; k.old != "" {
		old.name = k.old
		if _, err := v.r.Cookie(k.old); err == nil || id == "" {
			http.SetCookie(v.w, old.holding("", w.secure()))
		}
	}
}

func (w *Web) secure() bool { return !strings.HasPrefix(w.origin, "http://") }

// setCookie gives the browser the session of this visit.
func (w *Web) setCookie(v *visit, id string) {
	if v.framed {
		w.give(v, w.frame, id)
		return
	}
	w.give(v, w.top, id)
}

// endCookie takes a session out of the browser: that of a frame, or that of a page of its own.
func (w *Web) endCookie(v *visit, framed bool) {
	if framed {
		w.give(v, w.frame, "")
		return
	}
	w.give(v, w.top, "")
}
