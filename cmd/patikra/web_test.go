package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/storetest"
)

// reader is a person at the web page, without a script.
type reader struct {
	t      testing.TB
	base   string
	client *http.Client
	body   string
	code   int
	path   string
}

func newReader(t *testing.T, p *program) *reader {
	jar, _ := cookiejar.New(nil)
	return &reader{t: t, base: p.base, client: &http.Client{Jar: jar, Timeout: 8 * time.Second}}
}

func (r *reader) take(resp *http.Response, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	r.body, r.code, r.path = string(b), resp.StatusCode, resp.Request.URL.Path
}

func (r *reader) get(path string) { r.t.Helper(); r.take(r.client.Get(r.base + path)) }

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
	buttonField = regexp.MustCompile(`<button[^>]* name="do" value="([^"]*)"[^>]*>([^<]*)</button>`)
	boxField    = regexp.MustCompile(`<input type="checkbox" name="tick" value="([^"]*)"[^>]*> ([^<]*)</label>`)
	formAction  = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
)

// press sends the form with the button whose label or value is so, and with the boxes of such labels ticked.
func (r *reader) press(what string, ticks ...string) {
	r.t.Helper()
	form := url.Values{}
	for _, label := range ticks {
		i := slices.IndexFunc(boxField.FindAllStringSubmatch(r.body, -1), func(m []string) bool { return html.UnescapeString(m[2]) == label })
		if i < 0 {
			r.t.Fatalf("no box %q on\n%s", label, r.body)
		}
		form.Add("tick", boxField.FindAllStringSubmatch(r.body, -1)[i][1])
	}
	for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range buttonField.FindAllStringSubmatch(r.body, -1) {
		if label := html.UnescapeString(m[2]); label == what || strings.HasPrefix(m[1], what) {
			form.Set("do", html.UnescapeString(m[1]))
			r.take(r.client.PostForm(r.base+html.UnescapeString(formAction.FindStringSubmatch(r.body)[1]), form))
			return
		}
	}
	r.t.Fatalf("no button %q on\n%s", what, r.body)
}

func (r *reader) begin() {
	r.t.Helper()
	r.get("/lt/")
	r.press("next")
	r.press("next")
	if !strings.Contains(r.body, "1/13") {
		r.t.Fatalf("not the first question:\n%s", r.body)
	}
}

func TestTheWebQuizSurvivesAKill(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		p := launch(t, settings(t)...)
		r := newReader(t, p)
		r.begin()
		r.press("18 arba daugiau")
		p.kill()
		p.start()
		p.waitReady()
		r.get("/lt/check")
		if !strings.Contains(r.body, "2/13") {
			t.Errorf("after the kill:\n%s", r.body)
		}
		r.press("next", "Nieko iš šių")
		if !strings.Contains(r.body, "3/13") {
			t.Errorf("it does not go on:\n%s", r.body)
		}
	})
}

func TestWhileRedisIsAwayThePageShowsTheNumbers(t *testing.T) {
	t.Parallel()
	redis := storetest.RedisServer(t)
	p := launch(t, "REDIS_URL="+redis.URL())
	r := newReader(t, p)
	r.begin()
	question := r.body
	redis.Stop()
	r.press("18 arba daugiau")
	if r.code != 503 || !strings.Contains(r.body, `href="tel:+37061691119"`) || !strings.Contains(r.body, "112") {
		t.Errorf("%d\n%s", r.code, r.body)
	}
	r.get("/lt/check")
	if r.code != 503 || !strings.Contains(r.body, "+370") {
		t.Errorf("%d\n%s", r.code, r.body)
	}
	r.get("/lt/numbers")
	if r.code != 200 {
		t.Errorf("the numbers need no store: %d", r.code)
	}
	redis.Start()
	p.waitReady()
	r.body = question
	p.within(10*time.Second, "the same button moves on", func() error {
		if r.press("18 arba daugiau"); r.code != 200 {
			r.body = question
			return fmt.Errorf("%d", r.code)
		}
		return nil
	})
	if !strings.Contains(r.body, "2/13") {
		t.Errorf("after Redis is back:\n%s", r.body)
	}
}

// spread gives every request an address of its own, so that a quick test is not held up for being quick.
type spread struct{}

var hops atomic.Int64

func (spread) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	n := hops.Add(1)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", 2+n>>16&127, n>>8&255, n&255))
	return http.DefaultTransport.RoundTrip(r)
}
