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

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/web"
)

// everywhere are the addresses of pages of every kind.
var everywhere = []string{"/", "/lt/", "/lt/check", "/lt/numbers", "/lt/nothing", "/xx/", "/embed", "/embed.js", "/lt/embed", "/out", "/lt/recipe", "/lt/recipe?on", "/f/lt/", "/g/lt/", "/lt/certificate/none", "/lt/pocket", "/lt/pocket/zarasai", "/lt/pocket/none", "/lt"}

func TestNoLinkAndNoRedirectFollowsAForgedHost(t *testing.T) {
	s := newSiteWith(t, web.Settings{NoLimit: true, URL: "https://patikra.test"})
	for _, path := range everywhere {
		for _, method := range []string{"GET", "POST"} {
			req := httptest.NewRequest(method, path, strings.NewReader("lang=lt"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Host = "evil.example"
			for name, value := range map[string]string{"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example", "X-Original-Url": "//evil.example/", "X-Forwarded-Proto": "evil.example"} {
				req.Header.Set(name, value)
			}
			rec := httptest.NewRecorder()
			s.web.ServeHTTP(rec, req)
			var all strings.Builder
			rec.Result().Write(&all)
			if strings.Contains(all.String(), "evil.example") {
				t.Errorf("%s %s follows it:\n%s", method, path, all.String())
			}
			if rec.Code == http.StatusForbidden && method == "GET" {
				t.Errorf("%s is refused", path)
			}
		}
	}
	for _, path := range []string{"//evil.example/lt/", "/%2f%2fevil.example", `/\evil.example`, "/lt/%0d%0aSet-Cookie:%20s=x", "/out?lang=//evil.example", "/out?lang=%0d%0aSet-Cookie:%20s=x", "/?to=https://evil.example", "/lt/check?n=//evil.example", "/evil.example/check"} {
		req := httptest.NewRequest("GET", "/", nil)
		u, err := url.ParseRequestURI(path)
		if err != nil {
			continue // nobody can ask for it
		}
		req.URL, req.RequestURI = u, path
		rec := httptest.NewRecorder()
		s.web.ServeHTTP(rec, req)
		to := rec.Header().Get("Location")
		if to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`)) || strings.Contains(to, "evil") {
			t.Errorf("%s leads to %q", path, to)
		}
		for _, c := range rec.Result().Cookies() {
			if c.Value != "" {
				t.Errorf("%s plants %v", path, c)
			}
		}
	}
}

// planted is what would run, or be seen as an element, where words are not drawn as words.
const planted = `"'><img src=planted onerror=window.ran=1><script>window.ran=1</script><svg onload=window.ran=1></textarea><a href="javascript:window.ran=1">`

// plantedIn reports what of it stands in a page as more than text.
func plantedIn(page string) string {
	for _, part := range []string{"<img src=planted", "<script>window", "<svg onload", `href="javascript:`} {
		if strings.Contains(page, part) {
			return part
		}
	}
	return ""
}

func TestWhateverIsSentIsDrawnAsWords(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	q := url.QueryEscape(planted)
	b := s.visit(t)
	look := func(what string) {
		t.Helper()
		if part := plantedIn(b.body); part != "" {
			t.Errorf("%s: %s stands on the page:\n%s", what, part, b.body)
		}
		if b.code >= 500 {
			t.Errorf("%s: %d", what, b.code)
		}
	}
	names := []string{"from", "n", "q", "w", "lang", "format", "do", "text", "form", "session", "tick", "ticks", "quiz", "name"}
	for _, path := range everywhere {
		for _, name := range names {
			b.get(path + "?" + name + "=" + q)
			look(path + "?" + name)
		}
		b.get(path + "/" + url.PathEscape(planted))
		look(path + "/…")
	}
	b.begin("lt")
	good := b.hidden()
	for _, path := range []string{"/lt/", "/lt/check", "/f/lt/", "/f/lt/check", "/out"} {
		for _, name := range names {
			for _, form := range []url.Values{{name: {planted}}, {"form": good["form"], name: {planted}}} {
				b.post(path, form)
				look("POST " + path + " " + name)
			}
		}
	}
	b.begin("lt")
	for _, word := range []string{"answer", "next", "back", "why", "numbers", "human", "help", "restart", "language", "erase", "exit", "menu", "change", "tick", "countries", "later", "/start", "\x00", "☎"} {
		for _, rest := range []string{"", ":", ":-1", ":0", ":99", ":999999999999999999999", ":1.x", ":1.2.3", ":yes", ":agree", ":" + planted, ":" + strings.Repeat("9", 2000)} {
			if b.get("/lt/check"); b.screen() == "start" {
				b.begin("lt")
			}
			v := b.hidden()
			v.Set("do", word+rest)
			b.post("/lt/check", v)
			look("do=" + word + rest)
		}
	}
	b = s.visit(t)
	b.begin("lt")
	b.press("human")
	b.press("human:agree")
	v := b.hidden()
	v.Set("text", planted)
	if b.post("/lt/check", v); !strings.Contains(b.body, "&lt;img src=planted") {
		t.Fatalf("the words do not stand there:\n%s", b.body)
	}
	look("a talk")
	s.counsellor(bot.Acted, "take")
	s.counsellor(bot.Said, planted)
	if b.get("/lt/check"); strings.Count(b.body, "&lt;img src=planted") != 2 {
		t.Fatalf("the answer does not stand there:\n%s", b.body)
	}
	look("an answer")
	v.Set("form", "old")
	if b.post("/lt/check", v); b.code != 403 || !strings.Contains(b.body, "&lt;img src=planted") {
		t.Fatalf("the words are not given back: %d\n%s", b.code, b.body)
	}
	look("words given back")
}

func TestNothingThatIsPlantedRunsInABrowser(t *testing.T) {
	l := newLeavers(t)
	c := chromium(t, l.site)
	w := chrome{c}
	l.talk(t, w, "labas")
	l.counsellor(bot.Acted, "take")
	l.counsellor(bot.Said, planted)
	ran := func(what string) {
		t.Helper()
		if w.js(`return window.ran === 1 || document.querySelectorAll("img[src=planted], svg[onload], a[href^='javascript:']").length > 0`) != false {
			t.Errorf("%s: it has run, or stands there as an element:\n%s", what, w.page())
		}
	}
	w.open("/lt/check")
	w.js(`document.getElementById("text").value = ` + fmt.Sprintf("%q", planted) + `; return true`)
	w.press(".write button.main")
	until(t, w, "the words", func() bool { return strings.Count(w.page(), "onerror=window.ran=1&gt;") >= 2 })
	ran("a talk")
	if every { // the page's script looks every three seconds, and draws it by itself
		l.counsellor(bot.Said, planted+" antras")
		until(t, w, "the answer", func() bool { return strings.Contains(w.page(), "antras") })
		ran("an answer that comes by itself")
	}
	c.do(chromedp.Navigate(l.url + "/lt/?from=" + url.QueryEscape(planted) + "#" + planted))
	ran("an address")
}

func TestAMachineThatMakesSessionsEndsNobodyElses(t *testing.T) {
	s := newSiteWith(t, web.Settings{})
	b := s.visit(t)
	b.from = "198.51.100.7"
	b.begin("lt")
	b.press("18 arba daugiau")
	form := url.Values{"form": {s.startForm(t)}, "do": {"next"}}
	made, begun := 0, time.Now()
	for i := range machineMakes {
		resp := s.ask("POST", "/lt/", fmt.Sprintf("203.0.%d.%d", i/256%256, i%256), nil, form)
		if resp.StatusCode == http.StatusSeeOther {
			made++
		}
	}
	if made != machineMakes {
		t.Errorf("%d of %d were made: nobody has tried", made, machineMakes)
	}
	t.Logf("%d sessions in %v", made, time.Since(begun))
	if b.get("/lt/check"); b.code != 200 || !strings.Contains(b.body, "2/13") {
		t.Errorf("somebody under way is answered %d:\n%s", b.code, b.body)
	}
	fresh := desk.New(s.bot.Library(), s.store, s.ring) // it is in the store, not only in memory
	if got, err := fresh.Session(context.Background(), bot.Address{Channel: web.Name, ID: b.id()}); err != nil || got.Stage == bot.Fresh {
		t.Errorf("their session: %v %v", got.Stage, err)
	}
}
