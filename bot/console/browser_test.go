package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// tab is a tab of a real Chromium.
type tab struct {
	t   *testing.T
	s   *site
	ctx context.Context
}

// chromium opens a tab in a browser of its own. Without a browser the test is skipped; under CI=true it fails.
func chromium(t *testing.T, s *site) *tab {
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
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("accept-lang", "lt"))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel2 := chromedp.NewContext(alloc)
	t.Cleanup(cancel2)
	b := &tab{t: t, s: s, ctx: ctx}
	b.size(1280, 800)
	return b
}

func (b *tab) size(wide, high int64) { b.t.Helper(); b.do(chromedp.EmulateViewport(wide, high)) }

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

func (b *tab) text() string { b.t.Helper(); return eval[string](b, `document.body.innerText`) }

func (b *tab) until(what string, f func() bool) {
	b.t.Helper()
	for end := time.Now().Add(15 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%s: never came; the page is\n%s", what, b.text())
		}
	}
}

// sees waits until the page holds some words.
func (b *tab) sees(words string) {
	b.t.Helper()
	b.until(words, func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`!!document.body && document.body.innerText.includes(%q)`, words)))
		return err == nil && v
	})
}

// click presses what fits the selector, and waits for the page after it.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.turns(func() { b.do(chromedp.Click(selector)) })
}

// turns waits for the page that comes after something is done: loaded anew, or put in the place of this one by the script.
func (b *tab) turns(do func()) {
	b.t.Helper()
	eval[bool](b, `document.querySelector("main").marked=true`)
	do()
	b.until("another page", func() bool {
		v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !!document.querySelector("main") && document.querySelector("main").marked !== true`))
		return err == nil && v
	})
}

// writes types words into a box and sends them, as a script-run page does.
func (b *tab) writes(box, words, button string) {
	b.t.Helper()
	b.do(chromedp.Click(box), chromedp.SendKeys(box, words), chromedp.Click(button))
}

// enters lets a counsellor in, through the link's button.
func (b *tab) enters(name string, role desk.Role) {
	b.t.Helper()
	b.open(b.s.invite(name, role))
	b.click("form button.main")
	b.sees("Mano pokalbiai")
}

// check holds the page against axe-core, and keeps a picture of it.
func (b *tab) check(name string) {
	b.t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "web", "testdata", "axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	eval[bool](b, string(axe)+`;true`)
	got := eval[string](b, `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0,200))}))))`)
	var violations []map[string]any
	if err := json.Unmarshal([]byte(got), &violations); err != nil {
		b.t.Fatal(err)
	}
	if len(violations) > 0 {
		b.t.Errorf("%s: axe says %s", name, got)
	}
	if eval[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
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

func (s *site) word(id string) string { return s.case_(id).Word }

func TestTwoCounsellorsAndThreePeopleAtOnce(t *testing.T) {
	s := newSite(t)
	ruta, jura := chromium(t, s), chromium(t, s)
	ruta.enters("Rūta", "")
	jura.enters("Jūra", "")
	jura.click("#duty-button")
	jura.sees("Jūra (jūs)")
	ruta.sees("Jūra")

	// Three people come while both look at the queue.
	at := map[string]string{}
	for _, id := range []string{"anna", "berta", "carla"} {
		at[id] = s.asks(id)
		s.says(id, "It is "+id+" who writes")
		ruta.sees(s.word(id))
		jura.sees(s.word(id))
	}
	ruta.until("the title counts", func() bool { return strings.HasPrefix(eval[string](ruta, `document.title`), "(3) ") })

	// Each takes one; the other's queue follows without a press.
	ruta.click(`form[action="` + at["anna"] + `"] button`)
	ruta.sees("It is anna who writes")
	jura.sees("Veda Rūta")
	jura.click(`form[action="` + at["berta"] + `"] button`)
	jura.sees("It is berta who writes")

	// Words go both ways, live; the page stays where it is.
	eval[bool](ruta, `window.here=true`)
	ruta.writes("#text", "Hello anna", `button[value="say"]`)
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Hello anna") })
	ruta.until("the box is empty", func() bool { return eval[string](ruta, `document.querySelector("#text").value`) == "" })
	s.says("anna", "Thank you for being there")
	ruta.sees("Thank you for being there")
	if n := eval[int](ruta, `document.querySelectorAll("#log li.person").length`); n != 2 {
		t.Errorf("%d lines of the person", n)
	}
	if !eval[bool](ruta, `window.here===true`) {
		t.Error("the page was loaded anew")
	}

	// What is half typed stays when something comes in, with the focus.
	ruta.do(chromedp.Click("#text"), chromedp.SendKeys("#text", "Half a sen"))
	s.says("anna", "Are you still there?")
	ruta.sees("Are you still there?")
	if got := eval[string](ruta, `document.activeElement.id + ":" + document.activeElement.value`); got != "text:Half a sen" {
		t.Errorf("the box holds %q", got)
	}
	eval[bool](ruta, `(document.querySelector("#text").value="", true)`)

	// Notes are for colleagues, and a colleague who looks sees who is writing.
	jura.open(at["anna"])
	jura.sees("Šį pokalbį veda Rūta")
	time.Sleep(3100 * time.Millisecond) // it is told every three seconds
	ruta.do(chromedp.SendKeys("#text", "I am writ"))
	jura.sees("Rūta rašo…")
	eval[bool](ruta, `(document.querySelector("#text").value="", true)`)
	jura.do(chromedp.Click("#aside-note summary"))
	jura.writes("#note", "SECRET between us", `button[value="note"]`)
	ruta.sees("SECRET between us")

	// A prepared answer, in the person's language; keys alone send it.
	eval[bool](ruta, `(document.querySelector("#reply").value="1", true)`)
	ruta.do(chromedp.Click("#insert"))
	if got := eval[string](ruta, `document.querySelector("#text").value`); got != "Thank you for writing. I am reading what you wrote." {
		t.Errorf("inserted %q", got)
	}
	ruta.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		return chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2))(ctx, t)
	})
	s.soon("the prepared answer", func() bool { return strings.Contains(s.people.got("anna"), "Thank you for writing.") })

	// The talk passes to the colleague.
	ruta.do(chromedp.Click("#transfer summary"))
	ruta.click("#do-transfer")
	ruta.sees("Šį pokalbį veda Jūra")
	jura.until("the box to answer", func() bool { return eval[bool](jura, `!!document.querySelector("#text")`) })
	jura.writes("#text", "Now it is Jura", `button[value="say"]`)
	s.soon("the colleague's answer", func() bool { return strings.Contains(s.people.got("anna"), "Now it is Jura") })
	ruta.sees("Now it is Jura")

	// Both go for the third at once: one gets it, the other is told, and the words stay there to be read.
	ruta.open(at["carla"])
	ruta.click("#do-take")
	ruta.sees("Atsakyti žmogui")
	jura.scripts(false)
	s.says("dora", "/start")
	jura.open(s.asks2("dora"))
	ruta.open(s.page("dora"))
	ruta.click("#do-take")
	jura.scripts(true)
	jura.click("#do-take")
	jura.sees("Nepadaryta: šį pokalbį veda Rūta.")
	time.Sleep(time.Second)
	jura.sees("Nepadaryta: šį pokalbį veda Rūta.")
	ruta.open(at["carla"])
	jura.open(at["carla"])
	jura.sees("Šį pokalbį veda Rūta")

	// The end, told to the person and to every page.
	ruta.do(chromedp.Click("#closing summary"), chromedp.Click("#outcome-no-sign"), chromedp.Click("#referred-nobody"))
	ruta.click("#do-close")
	if c := s.case_("carla"); c.Outcome != bot.NoSign || c.Place != talk.Nowhere {
		t.Errorf("it came to %v, referred to %q", c.Outcome, c.Place)
	}
	ruta.sees("Pokalbis baigtas")
	s.soon("the end", func() bool { return strings.Contains(s.people.got("carla"), "has ended") })
	jura.sees("Pokalbis baigtas")
	for _, id := range []string{"anna", "berta", "carla"} {
		if got := s.people.got(id); strings.Contains(got, "SECRET") || strings.Contains(got, "Half a sen") {
			t.Errorf("%s was shown\n%s", id, got)
		}
	}

	// What a person erases leaves a page that is open, too.
	jura.open(at["anna"])
	jura.sees("Now it is Jura")
	s.says("anna", "/erase")
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Pressed, Text: "erase:yes", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	jura.sees("Šio pokalbio nebėra")
	if strings.Contains(jura.text(), "Now it is Jura") {
		t.Error("erased words are still on the screen")
	}
}

// again lets the site's server listen at the same address once more.
func (s *site) again() {
	s.t.Helper()
	at := s.srv.Listener.Addr().String()
	var l net.Listener
	s.soon("the address is free", func() (ok bool) {
		var err error
		l, err = net.Listen("tcp", at)
		return err == nil
	})
	s.srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.console.ServeHTTP(w, r) }))
	s.srv.Listener.Close()
	s.srv.Listener = l
	s.srv.Start()
}

func TestAPageThatWasCutOffFindsBack(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	at := s.asks("anna")
	b.open(at)
	b.click("#do-take")
	b.do(chromedp.SendKeys("#text", "Words in a tunnel"))
	s.srv.CloseClientConnections()
	s.srv.Listener.Close()
	s.srv.CloseClientConnections()
	b.sees("Ryšys nutrūko")
	b.picture("cut off")
	s.says("anna", "Said meanwhile")
	b.do(chromedp.Click(`button[value="say"]`))
	b.sees("Neišsiųsta")
	if got := eval[string](b, `document.querySelector("#text").value`); got != "Words in a tunnel" {
		t.Errorf("the box holds %q", got)
	}
	s.again()
	b.sees("Said meanwhile")
	b.do(chromedp.Click(`button[value="say"]`))
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Words in a tunnel") })
	b.until("the line above is gone", func() bool { return eval[string](b, `document.getElementById("line").textContent`) == "" })
	if n := strings.Count(s.people.got("anna"), "Words in a tunnel"); n != 1 {
		t.Errorf("it arrived %d times", n)
	}
	s.says("anna", "Live again")
	b.sees("Live again")
}

func TestTheDeskWorksWithoutScripts(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.scripts(false)
	page, secret, _ := strings.Cut(s.invite("Rūta", ""), "#")
	b.open(page + "#" + secret)
	b.do(chromedp.SendKeys("#code", secret))
	b.click("form button.main")
	at := s.asks("anna")
	s.says("anna", "Words of the person")
	b.open("/desk")
	b.click(`form[action="` + at + `"] button`)
	if !strings.Contains(b.text(), "Words of the person") {
		t.Fatalf("%s", b.text())
	}
	b.do(chromedp.SendKeys("#text", "Without a script"))
	b.click(`button[value="say"]`)
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Without a script") })
	b.do(chromedp.Click("#aside-note summary"), chromedp.SendKeys("#note", "SECRET"))
	b.click(`button[value="note"]`)
	b.do(chromedp.Click("#closing summary"), chromedp.Click("#outcome-unclear"), chromedp.Click("#referred-nobody"))
	b.click("#do-close")
	if text := b.text(); !strings.Contains(text, "Pokalbis baigtas") || !strings.Contains(text, "SECRET") {
		t.Errorf("%s", text)
	}
	if strings.Contains(s.people.got("anna"), "SECRET") {
		t.Error("the note reached the person")
	}
}

func TestTheDeskIsUsedWithTheKeyboardAlone(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.open(s.invite("Rūta", ""))
	reach := func(selector string) {
		t.Helper()
		for range 60 {
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
	press := func() {
		t.Helper()
		b.turns(func() { b.do(chromedp.KeyEvent(kb.Enter)) })
	}
	reach("form button.main")
	press()
	at := s.asks("anna")
	b.sees(s.word("anna"))
	reach(`a[href="` + at + `"]`)
	press()
	reach("#do-take")
	press()
	reach("#text")
	b.do(chromedp.KeyEvent("With keys"))
	reach(`button[value="say"]`)
	b.do(chromedp.KeyEvent(kb.Enter))
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "With keys") })
	reach("#closing summary")
	b.do(chromedp.KeyEvent(kb.Enter))
	for _, answer := range []string{"#outcome-exploitation", "#referred-nobody"} {
		reach(answer)
		b.do(chromedp.KeyEvent(" "))
	}
	reach("#do-close")
	press()
	b.sees("Pokalbis baigtas")
}

func TestEveryPageIsAccessible(t *testing.T) {
	s := newSite(t, func(set *console.Settings) { set.Translator = &upper{} })
	vera, jura := s.enters("Vera", desk.Lead), s.enters("Jūra", "")
	jura.post("/desk/duty", jura.form("do", "on"))
	s.ticks("dora", threatened)
	danger := s.asks2("dora")
	s.says("dora", "They will not let me out of the house")
	for _, id := range []string{"anna", "berta", "carla"} {
		s.asks(id)
	}
	vera.act(s.page("anna"), "do", "take")
	s.says("anna", "Hello, is anybody there?\nI got an offer from a man I met online. He wants my passport first.")
	vera.act(s.page("anna"), "do", "say", "text", "Hello. My name is Vera. Your code word is "+s.word("anna")+". I am reading what you wrote.")
	jura.act(s.page("anna"), "do", "note", "note", "The same employer was named last week.")
	s.says("anna", "Thank you. They want 600 euros for the papers.")
	jura.act(s.page("berta"), "do", "take")
	b := chromium(t, s)
	for _, mode := range []struct {
		name       string
		wide, high int64
		features   []string
	}{
		{"light", 1280, 900, nil}, {"dark", 1280, 900, []string{"prefers-color-scheme", "dark"}}, {"narrow", 320, 720, nil},
		{"narrow dark", 390, 844, []string{"prefers-color-scheme", "dark"}}, {"forced", 900, 800, []string{"forced-colors", "active"}},
	} {
		b.size(mode.wide, mode.high)
		b.media(mode.features...)
		at := func(page string) string { return mode.name + " " + page }
		link := s.invite("Vera", desk.Lead)
		b.open(link)
		b.check(at("enter"))
		b.open("/desk/enter?ended")
		b.check(at("enter without a link"))
		b.open(link)
		b.click("form button.main")
		b.sees("Mano pokalbiai")
		b.check(at("queue"))
		b.open(s.page("anna"))
		b.check(at("talk"))
		b.do(chromedp.Click("#transfer summary"), chromedp.Click("#closing summary"), chromedp.Click("#aside-note summary"))
		b.check(at("talk open"))
		b.open(danger)
		b.check(at("danger"))
		b.open(s.page("berta"))
		b.check(at("other"))
		b.open("/desk/team")
		b.check(at("team"))
		b.open("/desk/deeds")
		b.check(at("deeds"))
		b.open("/desk/nowhere")
		b.check(at("not found"))
		b.open(strings.Replace(link, "#", "?", 1))
		b.check(at("used"))
		time.Sleep(time.Second)
	}
}

// What the browser asks for holds no secret, and the address line none once the page stands.
func TestALinksSecretStaysInTheBrowserUntilTheButtonIsPressed(t *testing.T) {
	var asked strings.Builder
	var mu sync.Mutex
	s := newSite(t)
	inner := s.srv.Config.Handler
	s.srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		fmt.Fprintln(&asked, r.Method, r.URL, r.Referer())
		mu.Unlock()
		inner.ServeHTTP(w, r)
	})
	b := chromium(t, s)
	first := s.invite("Rūta", "")
	b.open(first)
	b.sees("Ši nuoroda skirta jums")
	_, secret, _ := strings.Cut(first, "#")
	if at := eval[string](b, `location.href`); strings.Contains(at, secret) {
		t.Errorf("the address line says %s", at)
	}
	if eval[bool](b, `document.getElementById("code").checkVisibility()`) {
		t.Error("the secret is shown")
	}
	second := s.invite("Jonas", "") // opened in the same tab
	b.open(second)
	b.sees("Ši nuoroda skirta jums")
	b.click("form button.main")
	b.sees("Mano pokalbiai")
	b.sees("Jonas")
	mu.Lock()
	defer mu.Unlock()
	_, other, _ := strings.Cut(second, "#")
	if all := asked.String(); strings.Contains(all, secret) || strings.Contains(all, other) || !strings.Contains(all, "POST /desk/enter") {
		t.Errorf("the server was asked for\n%s", all)
	}
}

func TestNothingOfTheDeskIsLoadedFromElsewhere(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	for _, u := range eval[[]string](b, `performance.getEntriesByType("resource").map(e => e.name)`) {
		if !strings.HasPrefix(u, s.url+"/desk") {
			t.Errorf("%s is loaded from elsewhere", u)
		}
	}
}

// The page counts the tones that it starts.
func TestACaseThatWaitsIsHeardUntilItIsTaken(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	b.click("#duty-button")
	eval[bool](b, `(window.tones = 0, window.told = [], (function () {
		var start = OscillatorNode.prototype.start;
		OscillatorNode.prototype.start = function () { window.tones++; return start.apply(this, arguments); };
		window.Notification = function (words, how) { window.told.push(words + " " + how.renotify + " " + how.requireInteraction); };
		window.Notification.permission = "granted";
	})(), true)`)
	b.do(chromedp.Click("h1"))
	b.until("the sound is on", func() bool {
		return eval[string](b, `document.getElementById("sound").textContent`) == "Garsas įjungtas. Išjungti"
	})
	s.ticks("dora", threatened)
	begin := time.Now()
	at := s.asks2("dora")
	b.until("a sound", func() bool { return eval[int](b, `window.tones`) >= 8 })
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it is heard after %v", took)
	}
	if got := eval[string](b, `window.told.join()`); got != "Laukia žmogus, skubu. true true" {
		t.Errorf("the notification says %q", got)
	}
	eval[bool](b, `(function () { var now = Date.now; Date.now = function () { return now() + 8000; }; })() || true`)
	b.until("it is heard again", func() bool { return eval[int](b, `window.tones`) == 16 })
	jonas := s.enters("Jonas", "")
	jonas.act(at, "do", "take")
	b.sees("Veda Jonas")
	if eval[string](b, `document.getElementById("news").dataset.calls`) != "" {
		t.Error("it calls after somebody took it")
	}
}

func TestWhoIsOnDutyAndWouldHearNothingIsToldSoAboveThePage(t *testing.T) {
	s := newSite(t)
	b := chromium(t, s)
	b.enters("Rūta", "")
	at := s.asks("anna")
	strip := func(want string) {
		t.Helper()
		b.until(fmt.Sprintf("the strip says %q", want), func() bool {
			return eval[string](b, `(function () { var s = document.getElementById("quiet"); return s.checkVisibility() ? s.textContent : ""; })()`) == want
		})
	}
	b.open("/desk")
	strip("") // she is not on duty
	b.click("#duty-button")
	strip("") // she has pressed something: it sounds
	for _, size := range [][2]int64{{1280, 800}, {360, 640}} {
		b.size(size[0], size[1])
		b.open(at) // a page that nothing was pressed on
		strip("Garso dar nėra: paspauskite čia, ir jį išgirsite")
		b.check(fmt.Sprint("sound blocked ", size[0]))
		b.do(chromedp.Click("#quiet-on"))
		strip("")
	}
	b.open("/desk")
	b.do(chromedp.Click("h1"), chromedp.Click("#sound"))
	strip("Garsas išjungtas. Įjungti")
	b.check("sound off")
	b.do(chromedp.Click("#quiet-on"))
	strip("")
	if got := eval[string](b, `document.getElementById("sound").textContent`); got != "Garsas įjungtas. Išjungti" {
		t.Errorf("one press leaves %q", got)
	}
}
