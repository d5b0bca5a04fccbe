package web_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"patikra/bot/engine"
	"patikra/bot/web"
)

var (
	codeShown = regexp.MustCompile(`<p class="returned"><span>([^<]+)</span> <strong>([0-9 ]+)</strong></p>`)
	codeFile  = regexp.MustCompile(`href="data:text/plain;charset=utf-8;base64,([^"]+)"`)
)

// waits has somebody wait for a counsellor.
func (s *site) waits(t *testing.T, lang string) *browser {
	t.Helper()
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.visit(t)
	b.begin(lang)
	b.press("human")
	b.press("human:agree")
	if b.screen() != "talk" {
		t.Fatalf("no talk, but\n%s", b.body)
	}
	return b
}

// code takes a return code.
func (b *browser) takesCode() (words, digits string) {
	b.t.Helper()
	b.press("human:return")
	m := codeShown.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("no code on\n%s", b.body)
	}
	return m[1], m[2]
}

func shows(resp *http.Response, words string) bool {
	page, err := io.ReadAll(resp.Body)
	return err != nil || strings.Contains(string(page), words)
}

// returns brings a return code.
func (b *browser) returns(lang, words, digits string) {
	b.t.Helper()
	b.get("/" + lang + "/return")
	form := b.hidden()
	form.Set("words", words)
	form.Set("digits", digits)
	b.post("/"+lang+"/return", form)
}

func TestATalkIsTakenUpInAnotherBrowserAndTheFirstIsToldSo(t *testing.T) {
	s := newSite(t)
	first := s.waits(t, "lt")
	if !strings.Contains(first.body, "uždarysite šį puslapį") {
		t.Error("nobody says what becomes of the talk when the page is closed")
	}
	words, digits := first.takesCode()
	file := codeFile.FindStringSubmatch(first.body)
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(file[1], "&#43;", "+"))
	if err != nil || !strings.Contains(string(text), words) || !strings.Contains(string(text), digits) || !strings.Contains(string(text), "/lt/return") {
		t.Errorf("to save: %q, %v", text, err)
	}
	if strings.Contains(first.path, "?") || first.head.Get("Cache-Control") != "no-store" {
		t.Errorf("the code is at %s, %s", first.path, first.head.Get("Cache-Control"))
	}
	if first.get(first.path); strings.Contains(first.body, digits) || !strings.Contains(first.body, "Turite grįžimo kodą") || strings.Contains(first.body, "nebematysite") {
		t.Errorf("the code is shown twice, or the page does not know of it:\n%s", first.body)
	}

	second := s.visit(t)
	second.get("/en/")
	if !strings.Contains(second.body, `href="/en/return"`) {
		t.Error("the first page does not lead to where a code is brought")
	}
	second.returns("en", strings.ToUpper(words), "0000 0000")
	if second.code != http.StatusForbidden || !strings.Contains(second.body, "No talk fits this code") || !strings.Contains(second.body, `value="`+strings.ToUpper(words)+`"`) {
		t.Fatalf("%d\n%s", second.code, second.body)
	}
	wrong := second.body
	second.returns("en", "Oak Tea", digits)
	if page := regexp.MustCompile(`value="[^"]*"`); page.ReplaceAllString(second.body, "") != page.ReplaceAllString(wrong, "") {
		t.Error("words of no talk and wrong digits are answered differently")
	}
	second.returns("en", strings.ToLower(words), strings.ReplaceAll(digits, " ", ""))
	if second.screen() != "talk" || strings.Contains(second.path, digits[:4]) {
		t.Fatalf("%s: no talk, but\n%s", second.path, second.body)
	}

	t.Run("the first browser is told, and has nothing any more", func(t *testing.T) {
		old := first.id()
		first.get("/lt/check")
		if first.screen() != "start" || !strings.Contains(first.body, "pratęstas kitoje naršyklėje") || strings.Contains(first.body, words) {
			t.Errorf("%s", first.body)
		}
		if first.id() != "" {
			t.Error("its cookie stays")
		}
		for _, ask := range []string{"GET /lt/check", "GET /lt/", "GET /lt/return", "POST /out", "GET /out"} {
			method, path, _ := strings.Cut(ask, " ")
			if resp := s.ask(method, path, "", &http.Cookie{Name: "s", Value: old}, nil); shows(resp, words) {
				t.Errorf("%s with the old cookie shows the talk", ask)
			}
		}
		s.web.Settle(t.Context())
		if second.get("/en/check"); second.screen() != "talk" {
			t.Errorf("who left with the old cookie has ended the talk:\n%s", second.body)
		}
	})
	t.Run("what the first browser was just writing is given back", func(t *testing.T) {
		third := s.visit(t)
		form := second.hidden()
		third.returns("lt", words, digits)
		form.Set("text", "half a sentence")
		second.post("/en/check", form)
		if second.code != http.StatusGone || !strings.Contains(second.body, "half a sentence") || !strings.Contains(second.body, "another browser") {
			t.Errorf("%d\n%s", second.code, second.body)
		}
		second = third
	})
	t.Run("the way out erases it for good", func(t *testing.T) {
		id := second.id()
		second.out()
		s.gone(t, id[:32], "who came back")
		fourth := s.visit(t)
		fourth.returns("lt", words, digits)
		if fourth.code != http.StatusForbidden {
			t.Errorf("%d", fourth.code)
		}
	})
}

func TestAReturnCodeIsBroughtByAFormOfOursOnly(t *testing.T) {
	s := newSite(t)
	first := s.waits(t, "lt")
	words, digits := first.takesCode()
	b := s.visit(t)
	b.get("/lt/return?words=" + url.QueryEscape(words) + "&digits=" + strings.ReplaceAll(digits, " ", ""))
	if b.code != 200 || b.id() != "" || strings.Contains(b.body, words) {
		t.Errorf("an address takes the talk up: %d", b.code)
	}
	form := b.hidden()
	form.Set("words", words)
	form.Set("digits", digits)
	form.Set("form", "made up")
	if b.post("/lt/return", form); b.code != http.StatusForbidden || b.id() != "" {
		t.Errorf("a form of somebody else's takes the talk up: %d", b.code)
	}
	if first.get("/lt/return"); first.screen() != "start" || !strings.Contains(first.body, "Tęsti pokalbį") {
		t.Errorf("who has the talk already is asked for a code:\n%s", first.body)
	}
}

func TestWhoGuessesReturnCodesIsToldToWait(t *testing.T) {
	s := newSiteWith(t, web.Settings{})
	first := s.waits(t, "lt")
	words, digits := first.takesCode()
	b := s.visit(t)
	b.from = "198.51.100.7"
	for range 10 {
		if b.returns("lt", "Oak Tea", "12345678"); b.code != http.StatusForbidden {
			t.Fatalf("%d", b.code)
		}
	}
	if b.returns("lt", words, digits); b.code != http.StatusTooManyRequests || b.id() != "" || !strings.Contains(b.body, "+370") || b.head.Get("Retry-After") != "3600" {
		t.Errorf("the eleventh: %d\n%s", b.code, b.body)
	}
	neighbour := s.visit(t)
	neighbour.from = "198.51.100.8"
	if neighbour.returns("lt", words, digits); neighbour.screen() != "talk" {
		t.Errorf("somebody else pays for it: %d", neighbour.code)
	}
}

func TestNoAddressBeginsASecondTalkOverAnOpenOne(t *testing.T) {
	s := newSite(t)
	b := s.waits(t, "lt")
	id := b.id()
	for _, path := range []string{"/lt/", "/en/", "/lt/?from=radio", "/uk/?start=at-work", "/", "/lt/?n=expired", "/ru/check"} {
		b.get(path)
		if b.screen() == "start" {
			if strings.Contains(b.body, `class="way`) || strings.Contains(b.body, `value="menu:`) {
				t.Errorf("%s offers something else to begin", path)
			}
			b.press("next")
		}
		if b.screen() != "talk" || b.id() != id {
			t.Errorf("%s: the talk does not go on, but\n%s", path, b.body)
		}
	}
	if cases, err := s.bot.Cases(t.Context()); err != nil || len(cases) != 1 {
		t.Errorf("%d cases, %v", len(cases), err)
	}
}

func TestAReturnCodeIsTakenAndBroughtInABrowser(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := chromium(t, s)
	const lang = "lt"
	b.do(chromedp.EmulateViewport(360, 740))
	b.open("/" + lang + "/")
	b.click("button.main")
	b.click(`button[value^="next"]`)
	eval[bool](b, `(document.querySelector("#quiz summary").click(), true)`)
	b.click(`button[value="human"]`)
	b.click(`button[value="human:agree"]`)
	b.check(lang + " return talk")
	b.click(`button[value="human:return"]`)
	b.check(lang + " return code")
	words, digits := eval[string](b, `document.querySelector(".returned span").textContent`), eval[string](b, `document.querySelector(".returned strong").textContent`)
	if file := eval[string](b, `fetch(document.querySelector("a[download]").href).then(r => r.text()).catch(e => atob(document.querySelector("a[download]").href.split(",")[1]))`); !strings.Contains(file, digits) {
		t.Errorf("to save: %q", file)
	}
	b.click("a.open")
	if b.screen() != "talk" {
		t.Errorf("from the code one comes to\n%s", b.text())
	}
	other := chromium(t, s)
	other.do(chromedp.EmulateViewport(360, 740))
	other.open("/" + lang + "/")
	other.check(lang + " return start")
	other.click(`a[href="/` + lang + `/return"]`)
	other.check(lang + " return asks")
	other.do(chromedp.SendKeys("#words", strings.ToLower(words)), chromedp.SendKeys("#digits", "00000000"))
	other.click("button.main")
	other.check(lang + " return wrong")
	other.do(chromedp.SendKeys("#digits", digits))
	if typed := eval[string](other, `document.getElementById("words").value + " " + document.getElementById("digits").value`); typed != strings.ToLower(words)+" "+digits {
		t.Logf("the driver typed %q for %q %q", typed, words, digits)
		other.do(chromedp.SetValue("#words", words), chromedp.SetValue("#digits", digits))
	}
	other.click("button.main")
	if other.screen() != "talk" || strings.Contains(other.path(), digits[:4]) {
		t.Fatalf("no talk, but\n%s", other.text())
	}
	other.check(lang + " return taken up")
	b.until("the page before tells that the talk is elsewhere", func() bool { return b.screen() == "start" })
	if n := len(eval[string](b, `document.querySelector(".note").textContent`)); n < 80 {
		t.Errorf("it says nothing of it:\n%s", b.text())
	}
	b.check(lang + " return moved")
	other.do(chromedp.Click(".top .exit"))
}
