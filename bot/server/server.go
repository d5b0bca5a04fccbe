// Package server is the web server: it mounts what the other packages serve and tells whether all is well.
package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of every connection.
const (
	readTime   = 10 * time.Second // a request, body included
	writeTime  = 30 * time.Second
	idleTime   = 120 * time.Second
	headerSize = 16 << 10
	probeTime  = 2 * time.Second
)

// Part is something that can be unready: it answers nil when it works.
type Part struct {
	Name  string
	Ready func(ctx context.Context) error
}

// New returns a server with /healthz and /readyz. mount adds the rest.
func New(parts []Part, mount func(mux *http.ServeMux)) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ready(w, r, parts)
	})
	mount(mux)
	return &http.Server{Handler: mux, ReadTimeout: readTime, ReadHeaderTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerSize}
}

// ready answers 200 when every part works, else 503 with a line for each that does not.
func ready(w http.ResponseWriter, r *http.Request, parts []Part) {
	ctx, cancel := context.WithTimeout(r.Context(), probeTime)
	defer cancel()
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, p := range parts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = p.Ready(ctx)
		}()
	}
	wg.Wait()
	body := ""
	for i, err := range errs {
		if err != nil {
			body += fmt.Sprintf("%s: %v\n", parts[i].Name, err)
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if body != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, body)
		return
	}
	fmt.Fprintln(w, "ready")
}

// Serve listens until the context ends, then lets requests under way finish.
func Serve(ctx context.Context, s *http.Server, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), 4*time.Second)
		defer cancel()
		return s.Shutdown(stop)
	}
}
