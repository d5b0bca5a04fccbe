package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"patikra/bot/server"
)

func TestReadyzNamesWhatIsNotReadyAndHealthzOnlyLives(t *testing.T) {
	bad := errors.New("out of reach")
	var err error
	s := server.New([]server.Part{{Name: "redis", Ready: func(context.Context) error { return err }}, {Name: "telegram", Ready: func(context.Context) error { return nil }}}, func(*http.ServeMux) {})
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1:8080"
		s.Handler.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	if code, body := get("/readyz"); code != 200 || body != "ready\n" {
		t.Errorf("%d %q", code, body)
	}
	err = bad
	if code, body := get("/readyz"); code != 503 || body != "redis: out of reach\n" {
		t.Errorf("%d %q", code, body)
	}
	if code, _ := get("/healthz"); code != 200 {
		t.Errorf("%d", code)
	}
}

func TestAPartThatHangsDoesNotHoldUpTheAnswer(t *testing.T) {
	s := server.New([]server.Part{{Name: "slow", Ready: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}}, func(*http.ServeMux) {})
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() { s.Handler.ServeHTTP(rec, httptest.NewRequest("GET", "/readyz", nil)); close(done) }()
	select {
	case <-done:
		if rec.Code != 503 || !strings.HasPrefix(rec.Body.String(), "slow: ") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	case <-time.After(5 * time.Second):
		t.Error("no answer")
	}
}

func TestStrangersAreToldWhichPartAndNoAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, err := 0, error(nil)
		s := server.New([]server.Part{
			{Name: "redis", Ready: func(context.Context) error { asked++; return err }},
			{Name: "places", Note: func(context.Context) error { return errors.New("65 numbers") }}}, func(*http.ServeMux) {})
		get := func(from string, head ...string) (int, string) {
			rec := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/readyz", nil)
			r.RemoteAddr, r.Host = from, "127.0.0.1:8080"
			for _, h := range head {
				r.Header.Set(h, "203.0.113.1")
			}
			s.Handler.ServeHTTP(rec, r)
			return rec.Code, rec.Body.String()
		}
		for range 1000 {
			if code, body := get("203.0.113.1:1"); code != 200 || body != "ready\n" {
				t.Fatalf("%d %q", code, body)
			}
		}
		if asked != 1 {
			t.Errorf("a thousand strangers made the store be asked %d times", asked)
		}
		err = errors.New("dial tcp 10.0.0.5:6379: connection refused")
		time.Sleep(3 * time.Second)
		for _, head := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "X-Forwarded-Host", "Via"} {
			if code, body := get("127.0.0.1:1", head); code != 503 || body != "redis: out of reach\n" {
				t.Errorf("through a proxy with %s: %d %q", head, code, body)
			}
		}
		if code, body := get("127.0.0.1:1"); code != 503 || body != "redis: dial tcp 10.0.0.5:6379: connection refused\nplaces: 65 numbers\n" {
			t.Errorf("on this machine: %d %q", code, body)
		}
	})
}

func TestEveryConnectionHasLimits(t *testing.T) {
	s := server.New(nil, func(*http.ServeMux) {})
	if s.ReadTimeout <= 0 || s.ReadTimeout > 10*time.Second || s.ReadHeaderTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes <= 0 {
		t.Errorf("%+v", s)
	}
}

func TestABodyThatDoesNotArriveIsCut(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes ten seconds")
	}
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(nil, func(mux *http.ServeMux) {
		mux.HandleFunc("/x", func(w http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body) })
	})
	go s.Serve(l)
	defer s.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
	c.SetReadDeadline(time.Now().Add(13 * time.Second))
	begin := time.Now()
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
}

func TestServeEndsWithItsContextAndTellsOfAnAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := server.Serve(t.Context(), server.New(nil, func(*http.ServeMux) {}), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "listen on") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, server.New(nil, func(*http.ServeMux) {}), "127.0.0.1:0") }()
	time.Sleep(50 * time.Millisecond)
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it goes on")
	}
}
