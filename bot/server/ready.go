package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"patikra/bot"
	"patikra/bot/peer"
)

const (
	probeTime = 2 * time.Second // for all parts together
	probeKept = 2 * time.Second // how long strangers are told the same
)

// readiness asks the parts, once at a time for all who want to know.
type readiness struct {
	parts []Part

	mu    sync.Mutex
	under chan struct{} // closed when the asking under way is done; nil when there is none
	at    time.Time     // when it was last done
	errs  []error
}

// now returns what the parts say, in their order: asked anew, or not older than kept.
func (r *readiness) now(kept time.Duration) []error {
	r.mu.Lock()
	if r.under == nil {
		if kept > 0 && !r.at.IsZero() && time.Since(r.at) < kept {
			defer r.mu.Unlock()
			return r.errs
		}
		r.under = make(chan struct{})
		go r.ask(r.under)
	}
	under := r.under
	r.mu.Unlock()
	<-under
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.errs
}

func (r *readiness) ask(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	errs := make([]error, len(r.parts))
	var wg sync.WaitGroup
	for i, p := range r.parts {
		wg.Go(func() {
			errs[i] = bot.Contain(func() error {
				if p.Note != nil {
					return p.Note(ctx)
				}
				return p.Ready(ctx)
			})
		})
	}
	wg.Wait()
	r.mu.Lock()
	r.errs, r.at, r.under = errs, time.Now(), nil
	r.mu.Unlock()
	close(done)
}

// ServeHTTP answers 200 when every part works, else 503 with a line for each that does not. Why, and what works but not as it
// should, is told on this machine alone: the reasons name inner addresses, and the notes what staff have forgotten.
func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	local, kept := peer.Local(req), probeKept
	if local {
		kept = 0
	}
	body, notes := "", ""
	for i, err := range r.now(kept) {
		name := r.parts[i].Name
		switch {
		case err == nil:
		case r.parts[i].Note != nil:
			notes += fmt.Sprintf("%s: %v\n", name, err)
		case local:
			body += fmt.Sprintf("%s: %v\n", name, err)
		default:
			body += name + ": out of reach\n"
		}
	}
	if !local {
		notes = ""
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if body != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, body+notes)
		return
	}
	fmt.Fprint(w, "ready\n"+notes)
}
