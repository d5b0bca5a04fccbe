// Package server is the web server: it mounts what the other packages serve and tells whether all is well.
package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Limits of every connection.
const (
	headTime   = 5 * time.Second  // the head of a request
	readTime   = 10 * time.Second // a request, body included
	writeTime  = 30 * time.Second
	idleTime   = 120 * time.Second
	headerSize = 16 << 10
)

// Part is something that can be unready: Ready answers nil when it works. Note, for a part that works but not as
// it should, is told beside the rest and changes nothing else. One of the two is set.
type Part struct {
	Name  string
	Ready func(ctx context.Context) error
	Note  func(ctx context.Context) error
}

// New returns a server with /healthz and /readyz. mount adds the rest.
func New(parts []Part, mount func(mux *http.ServeMux)) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /readyz", &readiness{parts: parts})
	mount(mux)
	return &http.Server{Handler: last(mux), ReadTimeout: readTime, ReadHeaderTimeout: headTime, WriteTimeout: writeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: headerSize}
}

// last ends the connection after a request whose body comes in chunks: what follows on it may be what a proxy took for a part of that
// body, because a length was told too. Browsers and the networks tell a length alone.
func last(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// Serve listens until the context ends, then lets requests under way finish.
func Serve(ctx context.Context, s *http.Server, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	return ServeOn(ctx, s, l)
}

// ServeOn serves a listener until the context ends, then lets requests under way finish.
func ServeOn(ctx context.Context, s *http.Server, l net.Listener) error {
	return serve(ctx, s, newFair(l))
}

func serve(ctx context.Context, s *http.Server, f *fair) error {
	s.ConnState = f.state
	done := make(chan error, 1)
	go func() { done <- s.Serve(f) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), 4*time.Second)
		defer cancel()
		return s.Shutdown(stop)
	}
}
