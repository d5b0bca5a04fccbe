package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"patikra/bot/engine"
	"patikra/bot/web"
)

// window is a tab of any browser.
type window interface {
	open(path string)
	js(script string) any // runs a script of the page's that returns something
	scripts(on bool)      // whether pages may run scripts, from the next page on
	press(selector string)
	key(key string, times int)
	at() string   // the address that is shown
	page() string // what is shown, as HTML; empty while there is no page
	back()
}

// chrome is a tab of Chromium as a window.
type chrome struct{ *tab }

func (c chrome) js(script string) any {
	c.t.Helper()
	return eval[any](c.tab, `(function(){`+script+`})()`)
}

func (c chrome) press(selector string) { c.t.Helper(); c.do(chromedp.Click(selector)) }

func (c chrome) key(key string, times int) {
	c.t.Helper()
	for range times {
		c.do(chromedp.KeyEvent(key))
	}
}

func (c chrome) at() string {
	at, _ := chromedp.Run(c.ctx, chromedp.Evaluate[string](`location.href`))
	return at
}

func (c chrome) page() string {
	page, _ := chromedp.Run(c.ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? document.documentElement.outerHTML : ""`))
	return page
}

func (c chrome) back() {
	c.t.Helper()
	from := c.at()
	_, _ = chromedp.Run(c.ctx, chromedp.Evaluate[bool](`(history.back(), true)`)) // the page may be gone before it answers
	for end := time.Now().Add(15 * time.Second); c.at() == from || c.page() == ""; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("there is nothing behind")
		}
	}
}

// round is one way in which somebody leaves a talk.
type round struct {
	refused string // what this program answers meanwhile
	scripts bool
	how     string // the selector that is pressed, or a key and how often
}

// How somebody presses the way out: the link at the top, the button below, or a key.
const (
	link   = ".top .exit"
	button = "button.exit"
)

// rounds are the ways that are tried: with and without scripts, from a page of the talk and from one that refuses.
func rounds(every bool) (all []round) {
	if !every {
		return []round{{"429 for others at the address", false, button}, {"429", true, link}, {"503", false, link}, {"403", true, link}}
	}
	for _, refused := range []string{"", "429 for others at the address", "429", "503", "403"} {
		for _, scripts := range []bool{true, false} {
			all = append(all, round{refused, scripts, link})
			if refused == "" || strings.Contains(refused, "others") { // the talk itself is shown
				all = append(all, round{refused, scripts, button})
			}
		}
	}
	return all
}

// leavers is a site with a desk that leads out to another site, and what the page answers there.
type leavers struct {
	*site
	away string // the other site's address
	left []string
}

func newLeavers(t *testing.T) *leavers {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>Orai</title><script>document.title="Scripts run"</script><main>Referer=%q</main>`, r.Header.Get("Referer"))
	}))
	t.Cleanup(other.Close)
	s := newSiteWith(t, web.Settings{})
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	l := &leavers{site: s, away: other.URL + "/orai"}
	s.bot.Library().Catalog.Site.Exit = l.away
	return l
}

// until waits for something in a window.
func until(t *testing.T, w window, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: never came; at %s\n%s", what, w.at(), w.page())
		}
	}
}

// refuse makes the page answer so until the function that it returns is called.
func (l *leavers) refuse(t *testing.T, how, session string) (end func()) {
	t.Helper()
	use := func(path string, c *http.Cookie) func() {
		if !spent(l.site, path, c) {
			t.Fatal("the limit is not reached")
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { // it fills up again, so others go on asking
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					spent(l.site, path, c)
				}
			}
		}()
		return func() { close(stop); <-stopped }
	}
	switch how {
	case "429 for others at the address":
		return use("/lt/numbers", nil)
	case "429":
		return use("/lt/check", &http.Cookie{Name: "s", Value: session})
	case "503":
		l.site.away.Store(true)
		return func() { l.site.away.Store(false) }
	case "403": // a browser that keeps secret where a form stood
		before := func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				r.Header.Set("Origin", "null")
				r.Header.Del("Sec-Fetch-Site")
			}
			return false
		}
		l.before.Store(&before)
		return func() { l.before.Store(nil) }
	}
	return func() {}
}

// spent uses up an allowance.
func spent(s *site, path string, c *http.Cookie) bool {
	for range 3000 {
		if s.ask("GET", path, "", c, nil).StatusCode == http.StatusTooManyRequests {
			return true
		}
	}
	return false
}

// talk begins a talk in a window and writes something there.
func (l *leavers) talk(t *testing.T, w window, words string) (session string) {
	t.Helper()
	b := l.visit(t)
	b.from = fmt.Sprintf("203.0.113.%d", len(l.left)+1) // the address of before may still be refused
	b.begin("lt")
	b.press("human")
	b.press("human:agree")
	v := b.hidden()
	v.Set("text", words)
	b.post("/lt/check", v)
	if !strings.Contains(b.body, words) {
		t.Fatalf("this is no talk:\n%s", b.body)
	}
	session = b.id()
	bring := func(rw http.ResponseWriter, r *http.Request) bool { // into the window's own jar
		if r.URL.Path != "/bring" {
			return false
		}
		http.SetCookie(rw, &http.Cookie{Name: "s", Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(rw, r, "/lt/check", http.StatusSeeOther)
		return true
	}
	l.before.Store(&bring)
	w.open("/bring")
	l.before.Store(nil)
	if page := w.page(); !strings.Contains(page, words) {
		t.Fatalf("this is no talk:\n%s", page)
	}
	return session
}

// leave has somebody leave a talk, and looks at what is left.
func (l *leavers) leave(t *testing.T, w window, r round) {
	t.Helper()
	what := fmt.Sprintf("%+v", r)
	const words = "Jonas laiko mano pasą"
	w.scripts(true)
	w.open("/lt/")
	w.js(`localStorage.setItem("noted", "` + words + `"); return true`)
	w.scripts(r.scripts)
	session := l.talk(t, w, words)
	end := l.refuse(t, r.refused, session)
	ended := false
	stop := func() {
		if !ended {
			ended = true
			end()
		}
	}
	defer stop()
	switch r.refused {
	case "429", "503":
		until(t, w, what+": the refusal", func() bool {
			w.open("/lt/check")
			return !strings.Contains(w.page(), words)
		})
	case "403":
		w.press(`#quiz button[value="numbers"]`)
		until(t, w, what+": the refusal", func() bool { return !strings.Contains(w.page(), words) && w.page() != "" })
	}
	if shown := strings.Contains(w.page(), words); shown != (r.refused == "" || strings.Contains(r.refused, "others")) {
		t.Fatalf("%s: it begins at\n%s", what, w.page())
	}
	if key, ok := keys[r.how]; ok {
		w.key(key, len(strings.Fields(r.how)))
	} else {
		w.press(r.how)
	}
	until(t, w, what+": the other site", func() bool { return w.at() == l.away && strings.Contains(w.page(), "Referer") })
	if page := w.page(); !strings.Contains(page, `Referer=""`) || strings.Contains(page, "<title>Scripts run") != r.scripts {
		t.Errorf("%s: the other site is told, or scripts are not as meant:\n%s", what, page)
	}
	w.back()
	if page := w.page(); page == "" || strings.Contains(page, words) || strings.Contains(page, `data-screen="case"`) {
		t.Errorf("%s: back shows %s\n%s", what, w.at(), page)
	}
	stop()
	w.scripts(true)
	until(t, w, what+": the start of a stranger", func() bool {
		w.open("/lt/check")
		start := strings.Contains(w.page(), `data-screen="start"`)
		if !start && r.refused != "" {
			time.Sleep(time.Second) // whoever asks again at once uses up what comes back
		}
		return start
	})
	if noted := w.js(`return localStorage.getItem("noted")`); noted != nil {
		t.Errorf("%s: the browser still has %v", what, noted)
	}
	l.left = append(l.left, session)
}

// keys are what leaves at once, by the words for them.
var keys = map[string]string{"Esc Esc": "\ue00c", "Shift Shift Shift": "\ue008"}

// forgotten waits until nothing of those who left is left.
func (l *leavers) forgotten(t *testing.T) {
	t.Helper()
	for _, session := range l.left {
		l.gone(t, session, "somebody who has left")
	}
	if cases, err := l.bot.Cases(context.Background()); err != nil || len(cases) != 0 {
		t.Errorf("%d cases, %v", len(cases), err)
	}
}

func TestTheWayOutOfATalkInABrowserWhileAllIsRefused(t *testing.T) {
	l := newLeavers(t)
	w := chrome{chromium(t, l.site)}
	for _, r := range rounds(every) {
		l.leave(t, w, r)
	}
	l.forgotten(t)
}

func TestTheWayOutIsAChainThatNoFormActionHolds(t *testing.T) {
	s := newSite(t)
	const exit = "https://www.example.org/orai"
	s.bot.Library().Catalog.Site.Exit = exit
	policy := func(head http.Header, name string) string {
		for _, part := range strings.Split(head.Get("Content-Security-Policy"), ";") {
			if key, value, _ := strings.Cut(strings.TrimSpace(part), " "); key == name {
				return value
			}
		}
		return ""
	}
	for _, method := range []string{"GET", "POST"} {
		// A form may lead to a page of our own only, in the eyes of a browser that looks where a redirect leads (Chromium) and of one
		// that does not (Firefox). So every step that a form takes stays here.
		resp := s.ask(method, "/out", "", nil, url.Values{"lang": {"lt"}})
		if at := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || at != "/lt/recipe" {
			t.Fatalf("%s: %d to %q", method, resp.StatusCode, at)
		}
		if p := policy(resp.Header, "form-action"); p != "'self'" && p != "" {
			t.Errorf("%s: forms may lead to %s", method, p)
		}
	}
	for path, next := range map[string]string{"/lt/recipe": "?on", "/lt/recipe?on": exit} {
		resp := s.ask("GET", path, "", nil, nil)
		var page strings.Builder
		resp.Write(&page)
		if resp.StatusCode != 200 || !strings.Contains(page.String(), `<meta http-equiv="refresh" content="0;url=`+next+`">`) {
			t.Errorf("%s leads not to %s:\n%s", path, next, page.String())
		}
		if strings.Contains(page.String(), "<form") || strings.Contains(page.String(), "<script") {
			t.Errorf("%s needs more than a browser that follows:\n%s", path, page.String())
		}
		for _, holds := range []string{"navigate-to", "sandbox"} {
			if policy(resp.Header, holds) != "" {
				t.Errorf("%s: %s holds it here", path, holds)
			}
		}
		if resp.Header.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: the other site is told where somebody came from", path)
		}
	}
}
