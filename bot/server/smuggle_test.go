package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestNoRequestIsSmuggledBehindAnother(t *testing.T) {
	var hidden atomic.Int64
	g := &gate{come: make(chan net.Conn), shut: make(chan struct{})}
	s := New(nil, func(mux *http.ServeMux) {
		mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			io.WriteString(w, "taken")
		})
		mux.HandleFunc("/hidden", func(http.ResponseWriter, *http.Request) { hidden.Add(1) })
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeOn(ctx, s, g) }()
	defer func() {
		cancel()
		s.Close()
		<-ended
	}()
	const behind = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, c := range map[string]struct{ head, body, want string }{
		"a length alone":              {"Content-Length: 3\r\nConnection: close\r\n", "a=b", "200"},
		"chunks alone":                {"Transfer-Encoding: chunked\r\n", "3\r\na=b\r\n0\r\n\r\n" + behind, "200"},
		"a length, then chunks":       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + behind, "200"},
		"chunks, then a length":       {"Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", "0\r\n\r\n" + behind, "200"},
		"two lengths":                 {"Content-Length: 3\r\nContent-Length: 40\r\n", "a=b" + behind, "400"},
		"two lengths in one":          {"Content-Length: 3, 40\r\n", "a=b" + behind, "400"},
		"a length with a sign":        {"Content-Length: +3\r\n", "a=b" + behind, "400"},
		"a length below nothing":      {"Content-Length: -3\r\n", "a=b" + behind, "400"},
		"a length in another base":    {"Content-Length: 0x3\r\n", "a=b" + behind, "400"},
		"two codings":                 {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n" + behind, "501"},
		"an unknown coding":           {"Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + behind, "501"},
		"a coding behind another":     {"Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + behind, "501"},
		"a space before the colon":    {"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + behind, "400"},
		"a line that goes on":         {"X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 5, 6\r\n", "0\r\n\r\n" + behind, "400"},
		"a size that is none":         {"Transfer-Encoding: chunked\r\n", "zz\r\n" + behind, "200"},
		"two hosts":                   {"Host: y\r\nContent-Length: 3\r\n", "a=b" + behind, "400"},
		"a head beyond what is taken": {"X: " + strings.Repeat("y", headerSize+5000) + "\r\n", behind, "431"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := g.dial("198.51.100.1")
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(10 * time.Second))
			go io.WriteString(conn, "POST /form HTTP/1.1\r\nHost: x\r\n"+c.head+"\r\n"+c.body) // it may be closed before all is taken
			answer, err := io.ReadAll(conn)
			if !strings.HasPrefix(string(answer), "HTTP/1.1 "+c.want) {
				t.Errorf("it is answered %q, %v", answer, err)
			}
			if n := strings.Count(string(answer), "HTTP/1.1 "); n != 1 || hidden.Load() != 0 {
				t.Errorf("it has %d answers, and what stood behind was asked for %d times:\n%s", n, hidden.Load(), answer)
			}
		})
	}
}
