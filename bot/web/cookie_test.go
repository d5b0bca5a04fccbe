package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"patikra/bot/web"
)

// brings sends one request with just the cookies given, and returns those that it is answered with.
func (b *browser) brings(method, path string, form url.Values, cookies ...string) string {
	b.t.Helper()
	req, _ := http.NewRequest(method, b.s.url+path, strings.NewReader(form.Encode()))
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Cookie", strings.Join(cookies, "; "))
	b.do(req)
	return "\n" + strings.Join(b.head.Values("Set-Cookie"), "\n")
}

// secured is a browser at a site with an https address, and the session of somebody who is in the middle of the quiz.
func secured(t *testing.T) (*browser, string) {
	t.Helper()
	b := newSiteWith(t, web.Settings{URL: "https://check.example", NoLimit: true}).visit(t)
	b.client.Jar = nil
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.get("/lt/")
	form := b.hidden()
	form.Set("do", "next")
	all := b.brings("POST", "/lt/", form)
	_, rest, ok := strings.Cut(all, "\n__Host-s=")
	id, rest, _ := strings.Cut(rest, ";")
	if !ok || id == "" || !strings.Contains(rest, "Secure") || !strings.Contains(rest, "Path=/") || strings.Contains(rest, "Domain") {
		t.Fatalf("%d, with the cookies%s", b.code, all)
	}
	b.brings("GET", "/lt/check", nil, "__Host-s="+id)
	for n := 0; n < 3 && b.screen() != "question"; n++ {
		form = b.hidden()
		for _, f := range b.fields() {
			if f.tag == "button" {
				form.Set(f.name, f.value)
				break
			}
		}
		b.brings("POST", "/lt/check", form, "__Host-s="+id)
		b.brings("GET", "/lt/check", nil, "__Host-s="+id)
	}
	if b.screen() != "question" {
		t.Fatalf("no question: %d %s", b.code, b.screen())
	}
	return b, id
}

func TestOverHttpsNoNeighbourCanPlantASession(t *testing.T) {
	b, id := secured(t)
	// the new names have been in use for more than a day
	if _, err := b.s.bot.Since(t.Context(), "web-host-cookie", time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if all := b.brings("GET", "/lt/check", nil, "s="+id); b.screen() == "question" || strings.Contains(all, id) {
		t.Errorf("a cookie that a neighbour can plant opens a session%s", all)
	}
	if b.brings("GET", "/lt/check", nil, "s=planted", "__Host-s="+id); b.screen() != "question" {
		t.Error("a planted cookie hides the browser's own")
	}
	if all := b.brings("GET", "/f/lt/", nil); b.hidden().Get("session") != "" && !strings.Contains(all, "\n__Host-f=") {
		t.Errorf("a frame's cookie is%s", all)
	}
}

func TestASessionOfAnEarlierProgramIsKeptUnderItsNewName(t *testing.T) {
	b, id := secured(t)
	all := b.brings("GET", "/lt/check", nil, "s="+id)
	if b.screen() != "question" || !strings.Contains(all, "\n__Host-s="+id) || !strings.Contains(all, "\ns=; Path=/; Max-Age=0") {
		t.Errorf("%d %s, with the cookies%s", b.code, b.screen(), all)
	}
	all = b.brings("GET", "/out", nil, "s="+id)
	for _, name := range []string{"\n__Host-s=;", "\ns=;", "\n__Host-f=;", "\nf=;"} {
		if !strings.Contains(all, name) {
			t.Errorf("the way out leaves %q:%s", name, all)
		}
	}
	b.brings("GET", "/lt/check", nil, "__Host-s="+id)
	if b.screen() == "question" {
		t.Error("after the way out the session is there")
	}
}

func TestMadeUpCookiesAreNotLookedForBeyondTheAllowanceOfTheirAddress(t *testing.T) {
	s := newSiteWith(t, web.Settings{URL: "https://check.example"})
	b := s.visit(t)
	b.client.Jar = nil
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.get("/lt/")
	form := b.hidden()
	form.Set("do", "next")
	_, rest, _ := strings.Cut(b.brings("POST", "/lt/", form), "\n__Host-s=")
	id, _, _ := strings.Cut(rest, ";")
	made := 0
	ask := func(n int) (reads int64, passed int) {
		before := s.reads.Load()
		for range n {
			made++
			name := []string{"s", "__Host-s"}[made%2]
			if s.ask("GET", "/lt/check", "203.0.113.77", &http.Cookie{Name: name, Value: fmt.Sprintf("%032d", made)}, nil).StatusCode != http.StatusTooManyRequests {
				passed++
			}
		}
		return s.reads.Load() - before, passed
	}
	if reads, passed := ask(1000); passed > 700 || reads > int64(passed)+2 {
		t.Errorf("1,000 made-up cookies, of which %d are answered, cost %d reads", passed, reads)
	}
	if reads, passed := ask(1000); passed > 100 || reads > int64(passed) {
		t.Errorf("the next 1,000, of which %d are answered, cost %d reads", passed, reads)
	}
	for _, name := range []string{"__Host-s", "s"} {
		if code := s.ask("GET", "/lt/check", "203.0.113.77", &http.Cookie{Name: name, Value: id}, nil).StatusCode; code != http.StatusOK {
			t.Errorf("beside them a session under %s is answered %d", name, code)
		}
	}
}

func TestAStoreThatIsAwayIsNotAskedForEachCookieUnderAnEarlierName(t *testing.T) {
	s := newSiteWith(t, web.Settings{URL: "https://check.example"})
	s.away.Store(true)
	s.ask("GET", "/lt/numbers", "", &http.Cookie{Name: "s", Value: strings.Repeat("A", 32)}, nil)
	before := s.reads.Load()
	for i := range 1000 {
		s.ask("GET", "/lt/numbers", "203.0.113.78", &http.Cookie{Name: "s", Value: fmt.Sprintf("%032d", i)}, nil)
	}
	if n := s.reads.Load() - before; n > 5 {
		t.Errorf("1,000 made-up cookies cost %d reads", n)
	}
}
