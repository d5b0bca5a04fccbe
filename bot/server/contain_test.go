package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/server"
)

func TestAMistakeInAPageIsAnsweredWithTheNumbersAndToldWithoutWords(t *testing.T) {
	var (
		mu   sync.Mutex
		told []*bot.Panic
	)
	h := server.Contain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "half=done")
		switch r.URL.Path {
		case "/words":
			panic("Jonas Petraitis, token 123:abc")
		case "/index":
			var list []string
			_ = list[len(r.URL.Path)]
		case "/late":
			io.WriteString(w, "half a page")
			w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(http.Flusher).Flush()
			panic("late")
		}
		io.WriteString(w, "well")
	}), func(p *bot.Panic) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, p)
	}, server.Apology(func(*http.Request) string { return "112, +370 679 61617" }))
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = server.ErrorLog(zap.NewNop())
	srv.Start()
	defer srv.Close()
	for _, path := range []string{"/words", "/index"} {
		resp, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatalf("%s: the connection was cut: %v", path, err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 500 || !strings.Contains(string(body), "+370") || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %q %v", path, resp.StatusCode, body, resp.Header)
		}
	}
	if resp, err := http.Get(srv.URL + "/late"); err == nil {
		if _, err := io.ReadAll(resp.Body); err == nil {
			t.Error("half a page passed for a whole one")
		}
		resp.Body.Close()
	}
	if resp, err := http.Get(srv.URL + "/"); err != nil || resp.StatusCode != 200 {
		t.Errorf("the next page: %v %v", resp, err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 3 {
		t.Fatalf("%d mistakes were told", len(told))
	}
	for _, p := range told {
		if all := p.Error() + p.Stack; strings.Contains(all, "Jonas") || strings.Contains(all, "123:abc") || strings.Contains(all, "0x") {
			t.Errorf("it tells too much:\n%s", all)
		}
		if !strings.Contains(p.Where, "contain_test.go") || !strings.Contains(p.Stack, "contain_test.go") {
			t.Errorf("it does not tell where: %s\n%s", p.Where, p.Stack)
		}
	}
}

func TestTheServersComplaintsAreLoggedByKindWithoutAddressesAndNotWithoutLimit(t *testing.T) {
	core, seen := observer.New(zap.InfoLevel)
	l := server.ErrorLog(zap.New(core))
	for range 1000 {
		l.Print("http: TLS handshake error from 203.0.113.7:4242: EOF")
	}
	l.Print("http: Accept error: too many open files; retrying in 5ms")
	l.Print("something of 203.0.113.7 that is not known")
	if seen.Len() != 3 {
		t.Fatalf("%d lines", seen.Len())
	}
	for i, want := range []string{"http.handshake", "http.accept", "http.other"} {
		e := seen.All()[i]
		if e.ContextMap()["event"] != want || strings.Contains(e.Message, "203.0.113.7") {
			t.Errorf("%s %v", e.Message, e.ContextMap())
		}
	}
}
