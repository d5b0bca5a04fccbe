package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"patikra/bot/web"
)

var settingsLimited = web.Settings{}

// ask makes one request without a network, and returns its code.
func (s *site) ask(method, path, from string, cookie *http.Cookie, form url.Values) *http.Response {
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.RemoteAddr = "127.0.0.1:1"
	if from != "" {
		req.Header.Set("X-Forwarded-For", from)
	}
	if cookie != nil {
		req.AddCookie(cookie)
	}
	rec := httptest.NewRecorder()
	s.web.ServeHTTP(rec, req)
	return rec.Result()
}

// startForm is the hidden field of a start page, read from an address of its own.
func (s *site) startForm(t *testing.T) string {
	b := s.visit(t)
	b.from = "198.51.100.200"
	b.get("/lt/")
	return b.hidden().Get("form")
}

func TestPeopleBehindOneAddress(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	form := url.Values{"form": {s.startForm(t)}, "do": {"next"}}
	begin := func(from string) (int, *http.Cookie) {
		resp := s.ask("POST", "/lt/", from, nil, form)
		for _, c := range resp.Cookies() {
			return resp.StatusCode, c
		}
		return resp.StatusCode, nil
	}
	var first *http.Cookie
	good := 0
	for range 300 {
		if s.ask("GET", "/lt/", "203.0.113.1", nil, nil).StatusCode != 200 {
			t.Fatal("a start page is refused to one of 300 in a minute")
		}
		code, c := begin("203.0.113.1")
		if code == 303 {
			good++
			if first == nil {
				first = c
			}
		}
	}
	if good != 300 {
		t.Errorf("%d of 300 could begin", good)
	}
	over := 0
	for range 700 {
		if s.ask("GET", "/lt/", "203.0.113.1", nil, nil).StatusCode == 429 {
			over++
		}
	}
	if over < 300 {
		t.Errorf("only %d of 700 more were refused", over)
	}
	if code, _ := begin("203.0.113.1"); code != 429 && code != 303 { // some seconds have passed
		t.Errorf("%d", code)
	}
	if resp := s.ask("GET", "/lt/check", "203.0.113.1", first, nil); resp.StatusCode != 200 {
		t.Errorf("somebody under way is answered %d because of others at the address", resp.StatusCode)
	}
	if resp := s.ask("GET", "/lt/", "203.0.113.2", nil, nil); resp.StatusCode != 200 {
		t.Errorf("another address: %d", resp.StatusCode)
	}
}

func TestOneSessionHasItsOwnAllowance(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	b := s.visit(t)
	b.begin("lt")
	c := &http.Cookie{Name: "s", Value: b.id()}
	codes := map[int]int{}
	for i := range 60 { // from many addresses: it is one session all the same
		codes[s.ask("GET", "/lt/check", fmt.Sprintf("203.0.113.%d", i), c, nil).StatusCode]++
	}
	if codes[429] == 0 || codes[200] < 10 {
		t.Errorf("60 at once: %v", codes)
	}
	made := 0
	for i := range 700 { // made-up names get no allowance of their own
		name := fmt.Sprintf("%032d", i)
		if s.ask("GET", "/lt/check", "203.0.113.200", &http.Cookie{Name: "s", Value: name}, nil).StatusCode == 429 {
			made++
		}
	}
	if made < 50 {
		t.Errorf("only %d of 700 made-up sessions were refused", made)
	}
}

func TestOneNetworkOfIPv6IsOneAddress(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	passed := 0
	for i := range 2000 {
		if s.ask("GET", "/lt/", fmt.Sprintf("2001:db8:1:2::%x", i+1), nil, nil).StatusCode == 200 {
			passed++
		}
	}
	if passed < 300 || passed > 700 {
		t.Errorf("%d of 2000 requests of one /64 pass", passed)
	}
	if s.ask("GET", "/lt/", "2001:db8:1:3::1", nil, nil).StatusCode != 200 {
		t.Error("the neighbour's /64 is refused")
	}
}

func TestWithoutLimitsNobodyIsRefused(t *testing.T) {
	s := newSite(t)
	for range 1000 {
		if code := s.ask("GET", "/lt/", "203.0.113.1", nil, nil).StatusCode; code != 200 {
			t.Fatal(code)
		}
	}
}

func TestOneSessionMakesNoMoreNewOnesThanAnAddressMay(t *testing.T) {
	s := newSiteWith(t, settingsLimited)
	form := url.Values{"form": {s.startForm(t)}, "do": {"next"}}
	var cookie *http.Cookie
	begun := 0
	for range 1000 { // each with the cookie that the one before was given
		resp := s.ask("POST", "/lt/", "203.0.113.9", cookie, form)
		for _, c := range resp.Cookies() {
			if c.Value != "" && (cookie == nil || c.Value != cookie.Value) {
				cookie = c
				begun++
			}
		}
	}
	if begun < 100 || begun > 400 { // some seconds pass meanwhile
		t.Errorf("%d of 1,000 chained beginnings made a session", begun)
	}
}
