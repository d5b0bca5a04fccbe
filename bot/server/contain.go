package server

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
)

// Contain answers a request in which the program makes a mistake with the page that apology writes, with status 500, and tells broke of
// it. When an answer had already begun, the connection is cut, so that nobody takes half a page for a whole one.
func Contain(next http.Handler, broke func(*bot.Panic), apology http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &begun{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) { // meant so
				panic(v)
			}
			broke(bot.NewPanic(v))
			if out.done {
				panic(http.ErrAbortHandler)
			}
			clear(w.Header())
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("X-Content-Type-Options", "nosniff")
			apology(w, r)
		}()
		next.ServeHTTP(out, r)
	})
}

// begun notes whether an answer has begun.
type begun struct {
	http.ResponseWriter
	done bool
}

func (b *begun) WriteHeader(code int)        { b.done = true; b.ResponseWriter.WriteHeader(code) }
func (b *begun) Write(p []byte) (int, error) { b.done = true; return b.ResponseWriter.Write(p) }

// Unwrap lets an http.ResponseController reach what lies below.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// ErrorLog puts what the web server itself complains about into the log, by its kind: what it says holds the addresses of people, and
// strangers could fill a disk with it. Of each kind one line a minute is written, with the number of those that were left out.
func ErrorLog(to *zap.Logger) *log.Logger {
	return log.New(&complaints{to: to, kinds: map[string]*complaint{}}, "", 0)
}

// errorPause is how long a kind of complaint is silent after it was written.
const errorPause = time.Minute

type complaints struct {
	mu    sync.Mutex
	to    *zap.Logger
	kinds map[string]*complaint
}

type complaint struct {
	at   time.Time
	left int
}

func (c *complaints) Write(p []byte) (int, error) {
	kind := kindOf(string(p))
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kinds[kind]
	if k == nil {
		k = &complaint{}
		c.kinds[kind] = k
	}
	if now := time.Now(); now.Sub(k.at) >= errorPause {
		c.to.Warn("the web server complains", zap.String("event", "http."+kind), zap.Int("left_out", k.left))
		k.at, k.left = now, 0
	} else {
		k.left++
	}
	return len(p), nil
}

// kindOf names what the web server complains about, from a closed list.
func kindOf(text string) string {
	for _, k := range [...]struct{ part, kind string }{
		{"TLS handshake error", "handshake"}, {"panic serving", "panic"}, {"Accept error", "accept"}, {"superfluous", "answered-twice"},
		{"URL query contains semicolon", "query"},
	} {
		if strings.Contains(text, k.part) {
			return k.kind
		}
	}
	return "other"
}

// Apology is a page in plain words with status 500, for who opens a page in which the program makes a mistake.
func Apology(text func(r *http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintln(w, text(r))
	}
}
