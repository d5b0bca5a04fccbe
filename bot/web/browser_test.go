package web_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// axe is the accessibility checker axe-core, MPL-2.0; it is used by this test only.
//
//go:embed testdata/axe.min.js
var axe string

// tab is a tab of a real Chromium.
type tab struct {
	t   *testing.T
	s   *site
	ctx context.Context

	textSize int // in per cent, 0 for 100
}

// chromium opens a tab in a browser of its own. Without a browser the test is skipped; under CI=true it fails.
func chromium(t *testing.T, s *site, more ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is needed under CI=true")
		}
		t.Skip("Chromium is not installed")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	opts = append(opts, more...)
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel2 := chromedp.NewContext(alloc)
	t.Cleanup(cancel2)
	b := &tab{t: t, s: s, ctx: ctx}
	b.do(chromedp.EmulateViewport(420, 900))
	return b
}

// another opens a second tab of the same browser.
func (b *tab) another() *tab {
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	c := &tab{t: b.t, s: b.s, ctx: ctx}
	c.do(chromedp.EmulateViewport(420, 900))
	return c
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, step := range steps {
		done := make(chan error, 1)
		go func() { done <- chromedp.Do(b.ctx, step) }()
		select {
		case err := <-done:
			if err != nil {
				b.t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			b.t.Fatal("the browser does not answer")
		}
	}
}

func eval[T any](b *tab, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

func (b *tab) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.s.url + path)) }

// shown evaluates a text of the page; it is empty while a page is left for the next one.
func (b *tab) shown(js string) string {
	v, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](js))
	return v
}

func (b *tab) screen() string {
	return b.shown(`(document.querySelector("main")||{dataset:{}}).dataset.screen||""`)
}

func (b *tab) text() string { return b.shown(`document.body ? document.body.innerText : ""`) }

func (b *tab) path() string { b.t.Helper(); return eval[string](b, `location.pathname`) }

// click presses what fits the selector and waits for the page after it.
func (b *tab) click(selector string) {
	b.t.Helper()
	mark := fmt.Sprint("m", time.Now().UnixNano())
	eval[bool](b, `(window.name=`+fmt.Sprintf("%q", mark)+`, window.marked=true)`)
	b.do(chromedp.Click(selector))
	b.until("another page", func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`window.marked !== true && document.readyState === "complete"`))
		return err == nil && v
	})
}

func (b *tab) until(what string, f func() bool) {
	b.t.Helper()
	for end := time.Now().Add(15 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s: never came; the page is\n%s", what, b.text())
		}
	}
}

// ordinary gives the answer that raises nothing.
func (b *tab) ordinary() {
	b.t.Helper()
	want, err := json.Marshal(plain)
	if err != nil {
		b.t.Fatal(err)
	}
	value := eval[string](b, `(function(){
		const want=`+string(want)+`;
		const all=[...document.querySelectorAll(".answers button")];
		const ticks=[...document.querySelectorAll(".answers .tick")];
		for(const w of want){const tick=ticks.find(x=>x.textContent.trim()===w);if(tick){tick.querySelector("input").checked=true;return document.querySelector('button[value^="next"]').value}}
		for(const w of want){const hit=all.find(x=>x.textContent.trim()===w);if(hit)return hit.value}
		return document.querySelector('button[value^="next"]').value})()`)
	b.click(fmt.Sprintf(`button[value=%q]`, value))
}

// check holds the page against axe-core, and keeps a picture of it.
func (b *tab) check(name string) {
	b.t.Helper()
	if b.textSize > 100 {
		eval[bool](b, fmt.Sprintf(`(document.documentElement.style.fontSize="%.1f%%", true)`, 1.125*float64(b.textSize)))
	} else if below := eval[bool](b, `[...document.querySelectorAll(".bar .main")].some(m => m.getBoundingClientRect().bottom > innerHeight)`); below {
		b.t.Errorf("%s: what goes on is below the fold", name)
	}
	eval[bool](b, `(document.querySelectorAll(".bar").forEach(e => e.style.position = "static"), true)`) // axe counts what the foot covers until one scrolls
	eval[bool](b, axe+`;true`)
	got := eval[string](b, `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0,200))}))))`)
	var violations []map[string]any
	if err := json.Unmarshal([]byte(got), &violations); err != nil {
		b.t.Fatal(err)
	}
	if len(violations) > 0 {
		b.t.Errorf("%s: axe says %s", name, got)
	}
	if wide := eval[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		b.t.Errorf("%s: the page is wider than the window", name)
	}
	b.picture(name)
}

// picture keeps a screenshot where SCREENSHOTS names a folder.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	os.MkdirAll(dir, 0o755)
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) media(features ...string) {
	b.t.Helper()
	var list []*emulation.MediaFeature
	for i := 0; i < len(features); i += 2 {
		list = append(list, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: list})
		return chromedp.Void{}, err
	})
}

func (b *tab) scripts(on bool) {
	b.t.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return chromedp.Void{}, err
	})
}

func TestTheWholeQuizInABrowserWithAndWithoutScripts(t *testing.T) {
	s := newSite(t)
	for _, lang := range []string{"lt", "en"} {
		for _, scripts := range []bool{true, false} {
			b := chromium(t, s)
			b.scripts(scripts)
			b.open("/" + lang + "/")
			b.click("button.main")
			b.click(`button[value^="next"]`)
			n := 0
			for ; b.screen() == "question" && n < 30; n++ {
				b.ordinary()
			}
			b.click(`button[value^="next"]`) // all answers, before the result
			if b.screen() != "result" || n != 13 || !strings.Contains(b.text(), "+370") {
				t.Errorf("%s, scripts %v: after %d questions\n%s", lang, scripts, n, b.text())
			}
		}
	}
}

func TestEveryScreenIsAccessible(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	for _, mode := range []struct {
		name     string
		width    int64
		lang     string
		text     int // per cent
		features []string
	}{
		{"dark", 360, "lt", 100, []string{"prefers-color-scheme", "dark"}}, {"narrow", 320, "lt", 100, nil}, {"large text", 360, "lt", 200, nil},
		{"wide", 1280, "en", 100, []string{"prefers-reduced-motion", "reduce", "prefers-contrast", "more"}}, {"forced", 640, "en", 100, []string{"forced-colors", "active"}},
	} {
		b.do(chromedp.EmulateViewport(mode.width, 640))
		b.media(mode.features...)
		b.textSize = mode.text
		at := func(screen string) string { return mode.name + " " + screen }
		b.open("/" + mode.lang + "/")
		b.check(at("start"))
		b.click("button.main")
		b.check(at("private"))
		b.click(`button[value^="next"]`)
		b.check(at("question"))
		eval[bool](b, `(document.querySelector(".why").open=true)`)
		b.check(at("why"))
		b.click(`button[value^="numbers"]`)
		b.check(at("numbers"))
		b.click(".top .back")
		for range 3 {
			b.ordinary()
		}
		b.check(at("several"))
		b.click(`button[value^="next"]`)
		b.check(at("pick first"))
		b.do(chromedp.Click(`.tick:nth-of-type(5) input`))
		b.click(`button[value^="next"]`)
		for i := 0; b.screen() == "question" && i < 20; i++ {
			b.ordinary()
		}
		b.check(at("answers"))
		b.click(`button[value^="next"]`)
		if b.screen() != "result" {
			t.Fatalf("no result:\n%s", b.text())
		}
		b.check(at("result"))
		b.click(`button[value^="erase"]`)
		b.check(at("erase"))
		b.click(`button[value="erase:yes"]`)
		b.check(at("erased"))
		b.open("/embed")
		b.check(at("embed"))
		b.open("/" + mode.lang + "/press")
		b.check(at("press"))
		b.open("/" + mode.lang + "/?from=demo")
		b.check(at("trial"))
		b.open("/" + mode.lang + "/nowhere")
		b.check(at("not found"))
	}
}

func TestTheQuizCanBePlayedWithTheKeyboardAlone(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open("/lt/")
	reach := func(selector string) {
		t.Helper()
		for range 40 {
			b.do(chromedp.KeyEvent(kb.Tab))
			if eval[bool](b, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
				if eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
					t.Errorf("%s does not show that it has the focus", selector)
				}
				return
			}
		}
		t.Fatalf("%s cannot be reached", selector)
	}
	enter := func() {
		t.Helper()
		eval[bool](b, `window.marked=true`)
		b.do(chromedp.KeyEvent(kb.Enter))
		b.until("another page", func() bool {
			v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`window.marked !== true && document.readyState === "complete"`))
			return err == nil && v
		})
	}
	b.do(chromedp.KeyEvent(kb.Tab))
	if !eval[bool](b, `document.activeElement.matches(".exit")`) {
		t.Error("the way out is not what the keyboard reaches first")
	}
	reach("button.main")
	enter()
	reach(`button[value^="next"]`)
	enter()
	for n := 0; b.screen() == "question" && n < 20; n++ {
		if eval[bool](b, `!!document.querySelector(".tick")`) {
			reach(".tick input")
			b.do(chromedp.KeyEvent(" "))
			reach(`button[value^="next"]`)
		} else {
			reach(`button[value^="answer"]`)
		}
		enter()
	}
	if b.screen() != "result" {
		t.Errorf("not the result:\n%s", b.text())
	}
}

func TestTheQuickExitInABrowser(t *testing.T) {
	s := newSite(t)
	for _, how := range []string{"button", "escape twice", "shift three times", "button without scripts"} {
		b := chromium(t, s)
		b.open("/lt/")
		b.click("button.main")
		b.click(`button[value^="next"]`)
		switch how {
		case "escape twice":
			b.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
			b.until("the harmless page", func() bool { return b.path() == "/lt/recipe" })
		case "shift three times":
			b.do(chromedp.KeyEvent(kb.Shift), chromedp.KeyEvent(kb.Shift))
			if b.path() != "/lt/check" {
				t.Error("two are enough")
			}
			b.do(chromedp.KeyEvent(kb.Shift))
			b.until("the harmless page", func() bool { return b.path() == "/lt/recipe" })
		case "button":
			b.do(chromedp.Click(".top .exit"))
			b.until("the harmless page", func() bool { return b.path() == "/lt/recipe" })
		default:
			b.scripts(false)
			b.click(".top .exit")
		}
		if b.path() != "/lt/recipe" || strings.Contains(b.text(), "darb") {
			t.Errorf("%s: at %s\n%s", how, b.path(), b.text())
		}
		b.scripts(true)
		time.Sleep(300 * time.Millisecond)
		// Whoever goes back finds the start and no answer.
		b.open("/lt/check")
		if b.screen() != "start" {
			t.Errorf("%s: the session is still there:\n%s", how, b.text())
		}
	}
}

func TestOneEscapeIsNoExit(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open("/lt/")
	b.do(chromedp.KeyEvent(kb.Escape))
	time.Sleep(300 * time.Millisecond)
	if b.path() != "/lt/" {
		t.Errorf("at %s", b.path())
	}
}

func TestTheBrowsersBackButtonAndASecondTab(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open("/en/")
	b.click("button.main")
	b.click(`button[value^="next"]`)
	b.ordinary()
	if !strings.Contains(b.text(), "2/13") {
		t.Fatalf("not the second question:\n%s", b.text())
	}
	two := b.another()
	two.open("/en/check")
	if !strings.Contains(two.text(), "2/13") {
		t.Errorf("the second tab shows\n%s", two.text())
	}
	two.ordinary()
	b.ordinary() // an old page: it shows where the quiz stands, and moves nothing
	if !strings.Contains(b.text(), "3/13") {
		t.Errorf("the first tab shows\n%s", b.text())
	}
	for _, shows := range []string{"2/13", "✓ 18 or over"} { // the first with what was answered
		eval[bool](b, `(history.back(), true)`)
		b.until("the question before, after going back", func() bool {
			v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
			return err == nil && strings.Contains(v, shows)
		})
	}
	if !strings.Contains(b.text(), "1/13") {
		t.Errorf("not the first question:\n%s", b.text())
	}
}

func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open("/lt/")
	for _, u := range eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
		if !strings.HasPrefix(u, s.url+"/") {
			t.Errorf("%s is loaded from elsewhere", u)
		}
	}
}

func TestOnAnotherSiteTheQuizLoadsBehindAButton(t *testing.T) {
	s := newSite(t)
	town := http.Server{Addr: "127.0.0.1:0", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="lt"><title>Miestas</title><body><h1>Miestas</h1><script src="%s/embed.js" data-lang="lt" async></script></body></html>`, s.url)
	})}
	b := chromium(t, s)
	l := listen(t)
	go town.Serve(l)
	t.Cleanup(func() { town.Close() })
	b.do(chromedp.Navigate("http://" + l.Addr().String() + "/"))
	b.until("the button", func() bool { return eval[bool](b, `!!document.querySelector("button")`) })
	if eval[bool](b, `!!document.querySelector("iframe")`) {
		t.Error("the frame is loaded before the button is pressed")
	}
	b.do(chromedp.Click("button"))
	b.until("the frame", func() bool { return eval[bool](b, `!!document.querySelector("iframe")`) })
	time.Sleep(500 * time.Millisecond)
	b.picture("on another site")
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
