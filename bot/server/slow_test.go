package server_test

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/server"
)

// mostEach is what one connection whose body stands still may cost in memory, both of its ends counted.
const mostEach = 64 << 10

func TestBodiesThatDoNotArriveHoldUpNobodyElse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var reading atomic.Int64
	s := server.New(nil, func(mux *http.ServeMux) {
		mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
			reading.Add(1)
			defer reading.Add(-1)
			r.Body = http.MaxBytesReader(w, r.Body, 48<<10)
			if err := r.ParseForm(); err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
		})
	})
	go server.ServeOn(t.Context(), s, l)
	t.Cleanup(func() { s.Close() })
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before, start := used(), time.Now()
	conns := make([]net.Conn, slow)
	var wg sync.WaitGroup
	for part := range 16 {
		wg.Go(func() {
			for i := part; i < slow; i += 16 {
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				conns[i] = c
				io.WriteString(c, "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 40000\r\n\r\ntext=abc")
			}
		})
	}
	wg.Wait()
	t.Cleanup(func() {
		for _, c := range conns {
			if c != nil {
				c.Close()
			}
		}
	})
	for end := time.Now().Add(5 * time.Second); reading.Load() < slow && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	if n := reading.Load(); n < slow*9/10 {
		t.Fatalf("%d of %d bodies are waited for at once", n, slow)
	}
	each := int64(used()-before) / slow
	if each > mostEach {
		t.Errorf("each costs %d bytes", each)
	}
	var worst time.Duration
	for range 20 { // each with a connection of its own, as people come
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
		asked := time.Now()
		resp, err := client.Get("http://" + l.Addr().String() + "/healthz")
		if err != nil {
			t.Fatalf("somebody else is not answered: %v", err)
		}
		resp.Body.Close()
		worst = max(worst, time.Since(asked))
	}
	if worst > 2*time.Second {
		t.Errorf("somebody else waits %v", worst)
	}
	t.Logf("%d bodies: %d bytes each, somebody else is answered in at most %v", slow, each, worst)
	if !waitsForEnd {
		return
	}
	for reading.Load() > 0 && time.Since(start) < 20*time.Second {
		time.Sleep(10 * time.Millisecond)
	}
	if n := reading.Load(); n > 0 {
		t.Errorf("%d are still waited for after %v", n, time.Since(start))
	}
	t.Logf("all are cut %v after the first", time.Since(start))
}
