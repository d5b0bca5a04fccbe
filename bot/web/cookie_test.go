package web_test

import (
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
