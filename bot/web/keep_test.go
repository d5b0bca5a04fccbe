package web_test

import (
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestWhatABrowserIsAskedToKeepTellsNothing(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	for _, lang := range tongues {
		b.get("/" + lang + "/")
		if !strings.Contains(b.body, `<link rel="manifest" href="/`+lang+`/app.webmanifest">`) {
			t.Errorf("%s: the first page cannot be installed", lang)
		}
		b.get("/" + lang + "/app.webmanifest")
		var app struct {
			Name      string
			ShortName string `json:"short_name"`
			Start     string `json:"start_url"`
			Scope     string
			Display   string
			Icons     []struct{ Src, Sizes, Type string }
		}
		if err := json.Unmarshal([]byte(b.body), &app); err != nil || b.head.Get("Content-Type") != "application/manifest+json; charset=utf-8" {
			t.Fatalf("%s: %v, %s", lang, err, b.head.Get("Content-Type"))
		}
		if app.Start != "/"+lang+"/" || app.Scope != "/" || len(app.Icons) != 2 || len([]rune(app.ShortName)) > 12 || app.ShortName == "" || app.Name == "" {
			t.Errorf("%s: %+v", lang, app)
		}
		for _, icon := range app.Icons {
			b.get(icon.Src)
			if b.code != 200 || b.head.Get("Content-Type") != icon.Type {
				t.Errorf("%s: its picture %s is %d, %s", lang, icon.Src, b.code, b.head.Get("Content-Type"))
			}
		}
		drawn, err := png.DecodeConfig(strings.NewReader(b.body)) // the last one
		if size := fmt.Sprintf("%dx%d", drawn.Width, drawn.Height); err != nil || size != app.Icons[1].Sizes {
			t.Errorf("%s: a phone that takes no SVG is given a picture of %s: %v", lang, size, err)
		}
	}
	b.get("/sw.js")
	if csp := b.head.Get("Content-Security-Policy"); b.code != 200 || !strings.HasPrefix(b.head.Get("Content-Type"), "text/javascript") || b.head.Get("Cache-Control") != "no-store" ||
		!strings.Contains(csp, "worker-src 'self'; manifest-src 'self'") || strings.Contains(b.body, "http") {
		t.Errorf("the worker: %d %v\n%s", b.code, b.head, b.body)
	}
	for _, path := range []string{"/f/lt/", "/f/lt/numbers", "/in/lt/numbers"} {
		if b.get(path); strings.Contains(b.body, "manifest") || strings.Contains(b.body, `class="keep`) {
			t.Errorf("%s keeps something", path)
		}
	}
}

func TestAKeptPageHasNoFormOfTheSessionAndErasingClearsIt(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	for b.screen() == "question" {
		b.first()
	}
	if !strings.Contains(b.body, `data-result="/en/check?format=kept"`) {
		t.Fatalf("the result cannot be kept:\n%s", b.body)
	}
	id := b.id()
	for _, path := range []string{"/en/check?format=kept", "/en/numbers?kept=result"} {
		b.get(path)
		if b.code != 200 || !strings.Contains(b.body, "There is no internet now.") || !strings.Contains(b.body, time.Now().Format("2006-01")) || !strings.Contains(b.body, "tel:+37061691119") {
			t.Errorf("%s: %d\n%s", path, b.code, b.body)
		}
		if strings.Contains(b.body, `name="form"`) || strings.Contains(b.body, id) || strings.Contains(b.body, `name="do" value="answer`) || !strings.Contains(b.body, `href="/out?lang=en"`) {
			t.Errorf("%s is a page of the session:\n%s", path, b.body)
		}
		if linked := strings.Contains(b.body, `href="/en/check"`); linked != strings.Contains(path, "numbers") {
			t.Errorf("%s leads to the result: %v", path, linked)
		}
	}
	b.get("/en/check")
	b.press("erase")
	var cleared []string
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		cleared = append(cleared, r.Response.Header.Get("Clear-Site-Data"))
		return nil
	}
	b.press("erase:yes")
	if !slices.Equal(cleared, []string{`"cache", "storage"`}) || b.screen() != "start" || !strings.Contains(b.body, " data-forget") {
		t.Errorf("after erasing, %q:\n%s", cleared, b.body)
	}
	if b.get("/en/?n=expired"); strings.Contains(b.body, "data-forget") {
		t.Error("what was kept goes without being asked")
	}
}

// kept is what the browser keeps, and its workers.
func (b *tab) kept() string {
	b.t.Helper()
	return eval[string](b, `(async () => JSON.stringify([await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length]))()`)
}

func (b *tab) keep() {
	b.t.Helper()
	b.until("the button", func() bool { return eval[bool](b, `!document.querySelector(".keep").hidden`) })
	b.do(chromedp.Click(`.keep [value=keep]`))
	b.until("it is kept", func() bool { return eval[string](b, `document.querySelector(".keep [role=status]").textContent`) != "" })
	if eval[bool](b, `document.querySelector(".keep [value=drop]").hidden`) {
		b.t.Fatalf("it is not kept:\n%s", b.text())
	}
}

const nothing = `[[],0]`

func TestWithoutAConnectionTheNumbersAreThereForWhoHasAskedAndGoWithTheWayOut(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open("/lt/numbers")
	b.until("the button", func() bool { return eval[bool](b, `!document.querySelector(".keep").hidden`) })
	if got := b.kept(); got != nothing {
		t.Errorf("the browser keeps %s before anybody has asked", got)
	}
	b.keep()
	s.down.Store(true)
	for _, path := range []string{"/lt/", "/lt/numbers", "/lt/check?q=3"} {
		b.open(path)
		if text := b.text(); !strings.Contains(text, "+370 616 91119") || !strings.Contains(text, "Dabar nėra interneto") {
			t.Errorf("without a connection %s shows\n%s", path, text)
		}
		if eval[string](b, `getComputedStyle(document.querySelector(".top .exit")).fontWeight`) != "700" {
			t.Errorf("%s has no style", path)
		}
	}
	s.down.Store(false)
	b.open("/lt/")
	if b.screen() != "start" {
		t.Errorf("with a connection there is\n%s", b.text())
	}
	b.scripts(false)
	b.click(".top .exit")
	b.scripts(true)
	b.open("/lt/")
	b.until("nothing is left after the way out", func() bool { return b.kept() == nothing })
}

// Every way out, from a result that is kept: nothing of it is left in the browser.
func TestWhateverWayOutIsTakenNothingThatWasKeptIsLeft(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	ways := []string{"Esc twice while the server is away", "erasing"}
	if every {
		ways = []string{"the button", "Esc twice", "Shift three times", "the button while the server is away", "Esc twice while the server is away", "erasing", "its own button"}
	}
	for _, how := range ways {
		b.open("/en/")
		b.click("button.main")
		b.click(`button[value^="next"]`)
		for range 30 {
			if b.screen() == "result" {
				break
			}
			if b.screen() == "question" {
				b.ordinary()
			} else {
				b.click(`button[value^="show"], button[value^="next"]`)
			}
		}
		b.keep()
		if got := b.kept(); got == nothing {
			t.Fatalf("%s: nothing is kept", how)
		}
		away := strings.HasSuffix(how, "away")
		s.down.Store(away)
		switch {
		case strings.HasPrefix(how, "the button"):
			b.do(chromedp.Click(".top .exit"))
		case strings.HasPrefix(how, "Esc"):
			b.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
		case strings.HasPrefix(how, "Shift"):
			b.do(chromedp.KeyEvent(kb.Shift), chromedp.KeyEvent(kb.Shift), chromedp.KeyEvent(kb.Shift))
		case how == "erasing":
			b.click(`button[value="erase"]`)
			b.click(`button[value="erase:yes"]`)
		default:
			b.do(chromedp.Click(`.keep [value=drop]`))
			b.until("it says so", func() bool { return eval[bool](b, `document.querySelector(".keep [value=drop]").hidden`) })
		}
		if how != "its own button" {
			b.until("the person is away", func() bool { return b.path() != "/en/check" })
		}
		s.down.Store(false)
		b.open("/en/")
		b.until(how+": nothing is left", func() bool { return b.kept() == nothing })
		if away { // the session itself lies with the server, which has not heard of it
			b = chromium(t, s)
		}
	}
}
