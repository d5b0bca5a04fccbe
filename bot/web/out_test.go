package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/web"
)

// gone waits until the store has nothing of a session any more.
func (s *site) gone(t *testing.T, id, why string) {
	t.Helper()
	for end := time.Now().Add(6 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		rec, err := s.store.Load(context.Background(), s.bot.Key(bot.Address{Channel: web.Name, ID: id}))
		if err == nil && rec.Version == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: the session is still in the store (%v)", why, err)
		}
	}
}

// id is the session that the browser keeps.
func (b *browser) id() string {
	for _, c := range b.client.Jar.Cookies(mustURL(b.s.url)) {
		if c.Name == "s" {
			return c.Value
		}
	}
	return ""
}

// out presses the way out as a browser does, from the page that is shown.
func (b *browser) out(head ...string) {
	b.t.Helper()
	if !strings.Contains(b.body, `action="/out"`) && !strings.Contains(b.body, `href="/out"`) {
		b.t.Fatalf("no way out on\n%s", b.body)
	}
	req, _ := http.NewRequest("POST", b.s.url+"/out", strings.NewReader(url.Values{"lang": {"lt"}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.do(req)
	b.client.CheckRedirect = nil
	if b.code != 200 && b.code != 303 {
		b.t.Errorf("the way out answers %d", b.code)
	}
	for _, want := range []string{`"cache"`, `"cookies"`, `"storage"`, `"executionContexts"`} {
		if !strings.Contains(b.head.Get("Clear-Site-Data"), want) {
			b.t.Errorf("Clear-Site-Data %q lacks %s", b.head.Get("Clear-Site-Data"), want)
		}
	}
	if b.head.Get("Cache-Control") != "no-store" {
		b.t.Errorf("Cache-Control %q", b.head.Get("Cache-Control"))
	}
	if id := b.id(); id != "" {
		b.t.Error("the cookie is still there")
	}
}

func TestEveryPageHasTheWayOutAndItForgets(t *testing.T) {
	s := newSite(t)
	for name, open := range map[string]func(b *browser){
		"start":       func(b *browser) { b.get("/lt/") },
		"a question":  func(b *browser) {},
		"numbers":     func(b *browser) { b.get("/lt/numbers") },
		"no page":     func(b *browser) { b.get("/lt/nothing") },
		"no language": func(b *browser) { b.get("/xx/") },
		"help":        func(b *browser) { b.press("help") },
		"for staff":   func(b *browser) { b.get("/lt/embed") },
		"wrong method": func(b *browser) {
			req, _ := http.NewRequest("DELETE", s.url+"/lt/", nil)
			b.do(req)
		},
		"no certificate": func(b *browser) { b.get("/lt/" + engine.CertificatePath + "/nothing") },
		"a certificate": func(b *browser) {
			b.get("/lt/" + engine.CertificatePath + "/" + s.bot.Code(bot.Certificate{Module: "recognise", Day: "2026-05-01"}))
		},
		"a form of another session": func(b *browser) { b.post("/lt/check", url.Values{"form": {"x"}}) },
		"a form that is too large":  func(b *browser) { b.post("/lt/check", url.Values{"text": {strings.Repeat("x", 60<<10)}}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := s.visit(t)
			b.begin("lt")
			id := b.id()
			open(b)
			b.out()
			s.gone(t, id, name)
		})
	}
}

func TestTheWayOutAsksForNothing(t *testing.T) {
	s := newSite(t)
	for name, head := range map[string][]string{
		"plainly":             nil,
		"Origin: null":        {"Origin", "null"},
		"from another site":   {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"with a broken body":  {"Content-Type", "multipart/form-data"},
		"through many others": {"X-Forwarded-For", "203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			b := s.visit(t)
			b.begin("lt")
			id := b.id()
			b.out(head...)
			s.gone(t, id, name)
		})
	}
	t.Run("opened as an address", func(t *testing.T) {
		b := s.visit(t)
		b.begin("lt")
		id := b.id()
		b.get("/out")
		if b.path != "/lt/recipe" || b.id() != "" {
			t.Errorf("at %s", b.path)
		}
		s.gone(t, id, "GET")
	})
	t.Run("a browser that only guesses is not asked to forget", func(t *testing.T) {
		b := s.visit(t)
		b.begin("lt")
		req, _ := http.NewRequest("GET", s.url+"/out", nil)
		req.Header.Set("Sec-Purpose", "prefetch;prerender")
		b.do(req)
		if b.get("/lt/check"); b.screen() != "question" {
			t.Error("the session is gone")
		}
	})
}

func TestTheWayOutWhileAllIsRefused(t *testing.T) {
	s := newSiteWith(t, web.Settings{})
	b := s.visit(t)
	b.begin("lt")
	id := b.id()
	for range 60 {
		b.get("/lt/check")
	}
	if b.code != 429 {
		t.Fatalf("the limit is not reached: %d", b.code)
	}
	b.out()
	s.gone(t, id, "over the limit")
}

func TestWhoeverLeavesWhileTheStoreIsAwayIsForgottenAtOnceAndErasedLater(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	id, old := b.id(), b.client.Jar.Cookies(mustURL(s.url))
	s.away.Store(true)
	if b.get("/lt/check"); b.code != 503 {
		t.Fatalf("the store is not away: %d", b.code)
	}
	b.out()
	b.client.Jar.SetCookies(mustURL(s.url), old) // the next person at the browser, with what was found there
	if b.get("/lt/check"); b.screen() != "start" {
		t.Errorf("what is seen next:\n%s", b.body)
	}
	s.away.Store(false)
	if b.get("/lt/check"); b.screen() == "question" {
		t.Error("the session opens again")
	}
	s.gone(t, id, "after the store came back")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !s.web.Settle(ctx) {
		t.Error("somebody still waits to be erased")
	}
}

// kept is what outlives the program.
type kept struct {
	mu       sync.Mutex
	sessions []byte
	saves    int
}

func (k *kept) Load() ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.sessions), nil
}

func (k *kept) Save(sessions []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sessions, k.saves = slices.Clone(sessions), k.saves+1
	return nil
}

// waits is how many sessions are kept, once that is so many as wanted.
func (k *kept) waits(t *testing.T, want int) {
	t.Helper()
	n := -1
	for end := time.Now().Add(6 * time.Second); n != want && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s, _ := k.Load()
		n = len(strings.Fields(string(s)))
	}
	if n != want {
		t.Fatalf("%d sessions are kept, not %d", n, want)
	}
}

func TestWhoeverLeavesWhileTheStoreIsAwayIsErasedThoughTheProgramEnds(t *testing.T) {
	keep := &kept{}
	s := newSiteWith(t, web.Settings{NoLimit: true, Left: keep})
	t.Cleanup(func() { s.away.Store(false) })
	b, c := s.visit(t), s.visit(t)
	for _, x := range []*browser{b, c} {
		x.begin("lt")
	}
	first, second, cookie := b.id(), c.id(), &http.Cookie{Name: "s", Value: b.id()}
	s.away.Store(true)
	b.out()
	keep.waits(t, 1)
	c.out()
	keep.waits(t, 2)
	// The program is killed, and begins again over the same store.
	again := desk.New(s.bot.Library(), s.store, s.ring)
	again.Draws = s.bot.Draws
	page, err := web.New(web.Settings{URL: s.url, Secrets: s.ring.Secrets, NoLimit: true, Left: keep}, again, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	next := &site{t: t, url: s.url, bot: again, store: s.store, web: page}
	if resp := next.ask("GET", "/lt/check", "", cookie, nil); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("before the erasure the session opens again: %d", resp.StatusCode)
	}
	page.Resume()
	next.gone(t, first, "who left first")
	next.gone(t, second, "who left after that")
	keep.waits(t, 0)
}

func TestWhileTheStoreIsThereNothingIsWrittenOfWhoLeaves(t *testing.T) {
	keep := &kept{}
	s := newSiteWith(t, web.Settings{NoLimit: true, Left: keep})
	b := s.visit(t)
	for range 3 {
		b.begin("lt")
		id := b.id()
		b.out()
		s.gone(t, id, "plainly")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if !s.web.Settle(ctx) || keep.saves != 0 {
		t.Errorf("it was written %d times", keep.saves)
	}
}

func TestTheWayOutOfAnOpenTalkTellsTheDesk(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.visit(t)
	b.begin("lt")
	b.press("human")
	b.press("human:agree")
	id := b.id()
	b.out()
	s.gone(t, id, "a talk")
	if cases, err := s.bot.Cases(context.Background()); err != nil || len(cases) != 0 {
		t.Errorf("%d cases, %v", len(cases), err)
	}
}

func TestAFrameIsLeftToo(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.client.Jar = nil
	b.get("/f/lt/")
	b.press("next")
	id := b.hidden().Get("session")
	if id == "" || !strings.Contains(b.body, `formaction="/out" formnovalidate formtarget="_top"`) {
		t.Fatalf("no way out of the frame:\n%s", b.body)
	}
	b.post("/out", url.Values{"session": {id}})
	s.gone(t, id, "in a frame")
}

func TestWhoLeftWhileNobodyAnsweredIsForgottenBeforeAnythingIsShown(t *testing.T) {
	for _, at := range []string{"/lt/", "/lt/check", "/en/", "/lt/numbers", "/lt/return"} {
		s := newSite(t)
		b := s.visit(t)
		b.begin("lt")
		id := b.id()
		b.client.Jar.SetCookies(mustURL(s.url), []*http.Cookie{{Name: "left", Value: "1", Path: "/"}})
		b.get(at)
		if b.id() != "" || len(b.client.Jar.Cookies(mustURL(s.url))) != 0 {
			t.Errorf("%s: the browser keeps %v", at, b.client.Jar.Cookies(mustURL(s.url)))
		}
		if strings.Contains(b.body, `data-screen="question"`) {
			t.Errorf("%s shows\n%s", at, b.body)
		}
		s.gone(t, id, at)
	}
}

func TestTheWayOutToAnotherSiteInABrowser(t *testing.T) {
	s := newSite(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Orai</title><main data-screen="away">Orai %s</main>`, r.Header.Get("Referer"))
	}))
	t.Cleanup(other.Close)
	s.bot.Library().Catalog.Site.Exit = other.URL + "/orai"
	b := chromium(t, s)
	for _, scripts := range []bool{true, false} {
		for _, from := range []string{"a question", "start", "numbers", "no page", "an old form", "while nobody answers"} {
			if !every && scripts != (from == "start" || from == "a question" || from == "while nobody answers") || from == "while nobody answers" && !scripts {
				continue
			}
			what := fmt.Sprint(from, ", scripts ", scripts)
			b.scripts(true)
			b.open("/lt/")
			b.click("button.main")
			switch from {
			case "start":
				b.open("/lt/")
			case "numbers":
				b.open("/lt/numbers")
			case "no page":
				b.open("/lt/nothing")
			case "an old form":
				eval[bool](b, `(document.querySelectorAll("input[name=form]").forEach(x => x.value = "x"), true)`)
			}
			b.scripts(scripts)
			s.down.Store(from == "while nobody answers")
			b.do(chromedp.Click(".exit"))
			b.until(what+": the other site", func() bool {
				v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname + document.readyState`))
				return err == nil && v == "/oraicomplete"
			})
			if got := strings.TrimSpace(b.text()); got != "Orai" {
				t.Errorf("%s: the other site is told %q", what, got)
			}
			if s.down.Swap(false) {
				b.open("/lt/check")
				if b.screen() != "start" || eval[string](b, "document.cookie") != "" {
					t.Errorf("%s: back there it is %s, with %q", what, b.screen(), eval[string](b, "document.cookie"))
				}
				continue
			}
			chromedp.Run(b.ctx, chromedp.Evaluate[bool](`(history.back(), true)`))
			b.until(what+": the page before", func() bool {
				v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`location.pathname !== "/orai" && document.readyState === "complete"`))
				return err == nil && v
			})
			if screen := b.screen(); screen == "question" || strings.Contains(b.text(), "Ar dabar galite") {
				t.Errorf("%s: back shows %s\n%s", what, screen, b.text())
			}
			b.open("/lt/check")
			if b.screen() != "start" {
				t.Errorf("%s: the session is still there:\n%s", what, b.text())
			}
		}
	}
}
