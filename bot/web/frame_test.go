package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/engine"
)

// inFrame begins in a frame. The jar is kept; over plain http a Partitioned cookie is Secure and so is carried by hand.
func (s *site) inFrame(t *testing.T, path string) *browser {
	b := s.visit(t)
	b.get(path)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.press("next")
	b.client.CheckRedirect = nil
	return b
}

func TestNoAddressNamesASession(t *testing.T) {
	s := newSite(t)
	b := s.inFrame(t, "/f/lt/")
	id := b.hidden().Get("session")
	if b.code != 200 || id == "" {
		t.Fatalf("%d\n%s", b.code, b.body)
	}
	cookie := b.head.Get("Set-Cookie")
	for _, want := range []string{"f=" + id, "Partitioned", "Secure", "SameSite=None", "HttpOnly", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	for n := 0; n < 5; n++ {
		b.first()
		if strings.Contains(b.path, id) {
			t.Fatalf("the session is in the address %s", b.path)
		}
	}
	for _, m := range strings.Split(b.body, "href=") {
		if strings.HasPrefix(m, `"`) && strings.Contains(strings.SplitN(m[1:], `"`, 2)[0], id) {
			t.Error("a link names the session")
		}
	}
	// Whoever is sent an address begins anew, and so does whoever made it.
	for _, path := range []string{b.path, "/f/lt/" + id, "/in/lt/" + id, "/f/lt/check?session=" + id, "/in/lt/check?session=" + id, "/lt/check?session=" + id, "/lt/check?s=" + id} {
		v := s.visit(t)
		v.get(path)
		if v.screen() == "question" || v.id() != "" || strings.Contains(v.body, id) {
			t.Errorf("%s opens the session", path)
		}
	}
	// A form that another site has filled with its own session is no form of ours.
	v := s.visit(t)
	form := b.hidden()
	for _, head := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
		for _, path := range []string{"/f/lt/check", "/f/lt/own", "/in/lt/check", "/in/lt/own"} {
			req, _ := http.NewRequest("POST", s.url+path, strings.NewReader(form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(head[0], head[1])
			v.do(req)
			if v.code != 403 || v.id() != "" {
				t.Errorf("%s with %v: %d, cookie %q", path, head, v.code, v.id())
			}
		}
	}
}

func TestAFrameOfAnybodyShowsNoTalk(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.inFrame(t, "/f/lt/")
	b.client.Jar = nil
	b.press("next")
	b.press("18 arba daugiau")
	b.press("human")
	if !strings.Contains(b.body, `action="/f/lt/own"`) || strings.Contains(b.body, "human:agree") {
		t.Fatalf("a frame of anybody shows\n%s", b.body)
	}
	// The form opens at the top, with the answers.
	top := s.visit(t)
	form := b.hidden()
	form.Set("do", "next")
	top.post("/f/lt/own", url.Values{"form": form["form"][:1], "session": form["session"][:1], "do": {"next"}})
	if top.path != "/lt/check" || !strings.Contains(top.body, "human:agree") {
		t.Fatalf("at %s\n%s", top.path, top.body)
	}
	top.press("human:agree")
	v := b.hidden()
	v.Set("text", "labas")
	v.Set("session", top.id())
	b.post("/f/lt/check", url.Values{"form": form["form"][:1], "session": form["session"][:1], "text": {"labas"}})
	if strings.Contains(b.body, `id="talk"`) {
		t.Error("the frame shows the talk")
	}
	if n := len(s.cases(t)); n != 1 {
		t.Errorf("%d cases", n)
	}
}

func (s *site) cases(t *testing.T) []bot.Marked {
	t.Helper()
	cases, err := s.bot.Cases(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestOnlyListedSitesMayFrameATalk(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	s.bot.Library().Catalog.Site.Frames = []string{"https://www.example.lt"}
	b := s.visit(t)
	b.get("/in/lt/")
	if got := b.head.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self' https://www.example.lt") || strings.Contains(got, "*") {
		t.Errorf("the policy is %s", got)
	}
	b.get("/lt/")
	if got := b.head.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") {
		t.Errorf("the policy is %s", got)
	}
	if b.get("/embed.js"); !strings.Contains(b.body, `frames = ["https://www.example.lt",]`) {
		t.Errorf("embed.js:\n%s", b.body)
	}
	b = s.inFrame(t, "/in/lt/")
	id := b.hidden().Get("session")
	if !strings.Contains(b.body, "Atskirame puslapyje privačiau") {
		t.Error("the frame does not say that a page of its own is more private")
	}
	press := func(do string, cookie bool) {
		req, _ := http.NewRequest("POST", s.url+"/in/lt/check", strings.NewReader(url.Values{"form": {b.hidden()["form"][0]}, "session": {id}, "do": {do}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if cookie {
			req.Header.Set("Cookie", "f="+id)
		}
		b.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		b.do(req)
		if b.code == 303 {
			req, _ := http.NewRequest("GET", s.url+b.head.Get("Location"), nil)
			req.Header.Set("Cookie", "f="+id)
			b.do(req)
		}
	}
	press("human", false)
	if strings.Contains(b.body, "human:agree") {
		t.Error("a talk begins where the browser keeps no cookie: it would be lost with the page")
	}
	press("human", true)
	press("human:agree", true)
	if !strings.Contains(b.body, `id="talk"`) {
		t.Fatalf("no talk in a frame that may have one:\n%s", b.body)
	}
	// Loaded again, the frame offers the talk first.
	req, _ := http.NewRequest("GET", s.url+"/in/lt/", nil)
	req.Header.Set("Cookie", "f="+id)
	b.do(req)
	if !strings.Contains(b.body, "Tęsti pokalbį") {
		t.Errorf("the frame does not offer the talk:\n%s", b.body)
	}
}

func TestBeginNeverLeavesAnOpenTalk(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.visit(t)
	b.get("/lt/")
	early := b.hidden() // a second tab, opened before
	b.begin("lt")
	b.press("human")
	b.press("human:agree")
	id := b.id()
	again := func(name string) {
		t.Helper()
		if b.id() != id || len(s.cases(t)) != 1 {
			t.Errorf("%s: session %q, %d cases", name, b.id(), len(s.cases(t)))
		}
		if !strings.Contains(b.body, `id="talk"`) {
			t.Errorf("%s: the talk is not shown, but\n%s", name, b.body)
		}
	}
	for _, path := range []string{"/lt/", "/en/", "/lt/?from=radio_at-work", "/uk/?from=training"} {
		b.get(path)
		if !strings.Contains(b.body, map[string]string{"lt": "Jūsų pokalbis su konsultantu tęsiasi", "en": "Your talk with a counsellor goes on", "uk": "Ваша розмова з консультантом триває"}[path[1:3]]) {
			t.Errorf("%s does not offer the talk:\n%s", path, b.body)
		}
		b.press("next")
		again(path)
	}
	early.Set("do", "next")
	b.post("/lt/", early)
	again("a second tab")
	t.Run("out of a frame", func(t *testing.T) {
		f := s.inFrame(t, "/f/lt/")
		b.post("/f/lt/own", url.Values{"form": f.hidden()["form"][:1], "session": f.hidden()["session"][:1], "do": {"next"}})
		again("a frame")
	})
	t.Run("a quiz without a talk is erased when another begins", func(t *testing.T) {
		b := s.visit(t)
		b.begin("lt")
		before := b.id()
		b.begin("lt")
		if b.id() == before {
			t.Error("it is the same session")
		}
		s.gone(t, before, "begun anew")
	})
	t.Run("a talk that has ended can still be taken up by the counsellor", func(t *testing.T) {
		b.get("/lt/check")
		b.press("human:end")
		b.get("/lt/")
		b.press("next")
		if b.id() != id {
			t.Error("the person can no longer be reached")
		}
	})
}

func TestWordsOnARefusedPageAreGivenBack(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.visit(t)
	b.begin("ru")
	b.press("human")
	b.press("human:agree")
	words := strings.Repeat("Помогите мне пожалуйста. ", 139)
	form := b.hidden()
	back := func(name string, code int) {
		t.Helper()
		if b.code != code || !strings.Contains(b.body, words[:200]) {
			t.Errorf("%s: %d, and the words are gone:\n%.600s", name, b.code, b.body)
		}
	}
	b.post("/ru/check", url.Values{"form": {"old"}, "text": {words}})
	back("an old form", 403)
	again := b.hidden()
	again.Set("text", "ещё раз: "+words)
	b.post("/ru/check", url.Values{"form": {again.Get("form")}, "text": {again.Get("text")}})
	if b.code != 200 || !strings.Contains(b.body, "ещё раз") {
		t.Errorf("sent again: %d", b.code)
	}
	s.away.Store(true)
	b.post("/ru/check", url.Values{"form": form["form"][:1], "text": {words}})
	back("the store is away", 503)
	s.away.Store(false)
	for range 40 {
		b.get("/ru/check")
	}
	b.post("/ru/check", url.Values{"form": form["form"][:1], "text": {words}})
	back("too many presses", 429)
	v := s.visit(t)
	v.post("/ru/check", url.Values{"form": {"old"}, "text": {words}})
	b.code, b.body = v.code, v.body
	back("no session any more", 403)
	req, _ := http.NewRequest("POST", s.url+"/ru/check", strings.NewReader(url.Values{"text": {"words of another site"}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	if v.do(req); strings.Contains(v.body, "words of another site") {
		t.Error(fmt.Sprint("another site's words are put before the person:\n", v.body))
	}
}
