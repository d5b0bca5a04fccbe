package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/library"
)

// breaking is a store over which the program makes mistakes.
type breaking struct {
	bot.Store
	reads, commits atomic.Bool
}

func (s *breaking) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if s.reads.Load() {
		panic("Jonas Petraitis")
	}
	return s.Store.Load(ctx, key)
}

func (s *breaking) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if s.commits.Load() {
		var none []string
		_ = none[len(c.Key.Hash)]
	}
	return s.Store.Commit(ctx, c)
}

// inProcess runs the program in the test's own process over a store that the test changes, and returns its address and its log.
func inProcess(t *testing.T, change func(bot.Store) bot.Store, hooks ...func(zapcore.Entry) error) (base string, logged *observer.ObservedLogs) {
	t.Helper()
	listen := freeAddress(t)
	env := map[string]string{"PATIKRA_LISTEN": listen, "PATIKRA_DATA": t.TempDir(), "PATIKRA_FLOOD": "0"}
	set, err := read(func(name string) (string, error) { return env[name], nil })
	if err != nil {
		t.Fatal(err)
	}
	fsys := library.BuiltIn()
	lib, err := library.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	store, err := openStore(ctx, set)
	if err != nil {
		t.Fatal(err)
	}
	store.Guard.Store = change(store.Guard.Store)
	core, logged := observer.New(zap.InfoLevel)
	ended := make(chan error, 1)
	go func() {
		ended <- startOn(ctx, set, fsys, newWatch(set.files), lib, store, zap.New(core, zap.Hooks(hooks...)))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		store.Close()
	})
	base = "http://" + listen
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		resp, err := http.Get(base + "/healthz")
		if err == nil {
			resp.Body.Close()
			return base, logged
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// Who can be called in Lithuania. Everybody is told with whom the program makes a mistake.
const (
	helpline  = "+370 616 91119"
	emergency = "112"
)

func TestAMistakeOfTheProgramIsAnsweredWithTheNumbersBehindTheWebDoor(t *testing.T) {
	store := &breaking{}
	var page atomic.Bool // what draws it makes a mistake
	base, logged := inProcess(t, func(s bot.Store) bot.Store { store.Store = s; return store }, func(e zapcore.Entry) error {
		if page.Load() && strings.HasPrefix(e.Message, "a page") {
			panic("Jonas Petraitis")
		}
		return nil
	})
	jar, _ := cookiejar.New(nil)
	r := &reader{t: t, base: base, client: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	r.begin()
	contained := func(event string) (n int) {
		for _, e := range logged.All() {
			if e.ContextMap()["event"] == event {
				n++
			}
			for _, v := range e.ContextMap() {
				if text, _ := v.(string); strings.Contains(e.Message+text, "Petraitis") {
					t.Errorf("the log tells too much: %s %v", e.Message, e.ContextMap())
				}
			}
		}
		return n
	}

	store.commits.Store(true)
	asked := r.body
	r.press("18 arba daugiau")
	for _, want := range []string{"Šiuo metu klausimai neveikia", `href="tel:112"`, `href="tel:+37061691119"`, helpline} {
		if r.code != 503 || !strings.Contains(r.body, want) {
			t.Errorf("a turn that breaks is answered with %d and without %q:\n%s", r.code, want, r.body)
		}
	}
	if n := contained("contained.turn"); n != bot.TurnTries {
		t.Errorf("%d mistakes in a turn are logged", n)
	}
	store.commits.Store(false)
	r.body = asked
	if r.press("18 arba daugiau"); r.code != 200 || !strings.Contains(r.body, "2/13") {
		t.Errorf("the next turn is answered with %d:\n%s", r.code, r.body)
	}

	store.reads.Store(true)
	if r.get("/lt/check"); r.code != 503 || !strings.Contains(r.body, helpline) || !strings.Contains(r.body, `href="tel:112"`) {
		t.Errorf("a record that breaks is answered with %d:\n%s", r.code, r.body)
	}
	page.Store(true)
	for lang, want := range map[string]string{"lt-LT,lt;q=0.9": "Šiuo metu klausimai neveikia", "en": "not working"} {
		req, _ := http.NewRequest("GET", base+"/lt/check", nil)
		req.Header.Set("Accept-Language", lang)
		for _, c := range jar.Cookies(req.URL) {
			req.AddCookie(c)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("the connection is cut: %v", err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if text := string(body); resp.StatusCode != 500 || !strings.Contains(text, want) || !strings.Contains(text, helpline) || !strings.Contains(text, emergency) {
			t.Errorf("%s: a page that breaks is answered with %d %q", lang, resp.StatusCode, text)
		}
	}
	if n := contained("contained.page"); n != 2 {
		t.Errorf("%d mistakes in a page are logged", n)
	}
	page.Store(false)
	store.reads.Store(false)
	if r.get("/lt/check"); r.code != 200 || !strings.Contains(r.body, "2/13") {
		t.Errorf("the next page is answered with %d:\n%s", r.code, r.body)
	}
}
