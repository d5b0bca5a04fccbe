package web_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/librarytest"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/web"
)

// site is a running page with its own store.
type site struct {
	t     testing.TB
	url   string
	bot   *desk.Desk
	store bot.Store
	key   string // the sealing key
	web   *web.Web
	away  *atomic.Bool // the store does not answer
	reads *atomic.Int64
	ring  *seal.Ring
	down  atomic.Bool // no connection: every one is cut

	before atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool] // sees what a browser sends first, and says that it has answered
}

// awayStore is a store that can be out of reach. It counts how often it is asked for a record or for what is kept.
type awayStore struct {
	bot.Store
	away  atomic.Bool
	reads atomic.Int64
}

var errAway = errors.New("the store is away")

func (s *awayStore) Kept(ctx context.Context, name string) ([]byte, error) {
	s.reads.Add(1)
	if s.away.Load() {
		return nil, errAway
	}
	return s.Store.Kept(ctx, name)
}

func (s *awayStore) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	s.reads.Add(1)
	if s.away.Load() {
		return bot.Record{}, errAway
	}
	return s.Store.Load(ctx, key)
}

func (s *awayStore) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if s.away.Load() {
		return bot.Committed{}, errAway
	}
	return s.Store.Commit(ctx, c)
}

// newSite runs a page without limits: a test presses faster than people.
func newSite(t testing.TB) *site { t.Helper(); return newSiteWith(t, web.Settings{NoLimit: true}) }

func newSiteWith(t testing.TB, set web.Settings) *site {
	t.Helper()
	lib := librarytest.Own(t)
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	key := seal.NewKey()
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	away := &awayStore{Store: store}
	s := &site{t: t, bot: desk.New(lib, away, ring), store: store, key: key, away: &away.away, reads: &away.reads, ring: ring}
	s.bot.Draws = map[string]bool{web.Name: true}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.down.Load() {
			panic(http.ErrAbortHandler)
		}
		if before := s.before.Load(); before == nil || !(*before)(w, r) {
			s.web.ServeHTTP(w, r)
		}
	}))
	s.url = "http://" + srv.Listener.Addr().String()
	set.URL, set.Secrets = cmp.Or(set.URL, s.url), ring.Secrets
	if s.web, err = web.New(set, s.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return s
}

// browser is a person with a cookie jar and no script.
type browser struct {
	t      testing.TB
	s      *site
	client *http.Client
	from   string // the address it seems to come from, if any
	path   string
	code   int
	head   http.Header
	body   string
}

func (s *site) visit(t testing.TB) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t: t, s: s, client: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

func (b *browser) do(req *http.Request) {
	b.t.Helper()
	if b.from != "" {
		req.Header.Set("X-Forwarded-For", b.from)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.path, b.code, b.head, b.body = resp.Request.URL.RequestURI(), resp.StatusCode, resp.Header, string(data)
}

func (b *browser) get(path string) {
	b.t.Helper()
	req, _ := http.NewRequest("GET", b.s.url+path, nil)
	b.do(req)
}

func (b *browser) post(path string, form url.Values) {
	b.t.Helper()
	req, _ := http.NewRequest("POST", b.s.url+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.do(req)
}

var (
	screenOf = regexp.MustCompile(`<main[^>]* data-screen="([a-z]+)"`)
	control  = regexp.MustCompile(`<(button|input)([^>]*)>([^<]*)`)
	attr     = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
	action   = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
)

type field struct{ tag, kind, name, value, label string }

func (b *browser) fields() []field {
	var out []field
	for _, m := range control.FindAllStringSubmatch(b.body, -1) {
		f := field{tag: m[1], label: strings.TrimSpace(html.UnescapeString(m[3]))}
		for _, a := range attr.FindAllStringSubmatch(m[2], -1) {
			v := html.UnescapeString(a[2])
			switch a[1] {
			case "type":
				f.kind = v
			case "name":
				f.name = v
			case "value":
				f.value = v
			}
		}
		out = append(out, f)
	}
	return out
}

func (b *browser) screen() string {
	if m := screenOf.FindStringSubmatch(b.body); m != nil {
		return m[1]
	}
	return ""
}

// hidden gathers the hidden fields of the page's form.
func (b *browser) hidden() url.Values {
	v := url.Values{}
	for _, f := range b.fields() {
		if f.kind == "hidden" {
			v.Add(f.name, f.value)
		}
	}
	return v
}

// press sends the page's form with a button whose label or value begins so.
func (b *browser) press(what string, ticks ...string) {
	b.t.Helper()
	v := b.hidden()
	for _, f := range b.fields() {
		for _, tick := range ticks {
			if f.kind == "checkbox" && f.label == tick {
				v.Add(f.name, f.value)
			}
		}
	}
	for _, f := range b.fields() {
		if f.tag == "button" && (f.label == what || strings.HasPrefix(f.value, what)) {
			v.Set(f.name, f.value)
			to := action.FindStringSubmatch(b.body)
			b.post(html.UnescapeString(to[1]), v)
			return
		}
	}
	b.t.Fatalf("no button %q on\n%s", what, b.body)
}

// first does what stands first: a tick and next, or the first answer, or next.
func (b *browser) first() {
	b.t.Helper()
	for _, f := range b.fields() {
		switch {
		case f.kind == "checkbox":
			b.press("next", f.label)
			return
		case f.tag == "button" && strings.HasPrefix(f.value, "answer"):
			b.press(f.value)
			return
		}
	}
	b.press("next")
}

func (b *browser) begin(lang string) {
	b.t.Helper()
	b.get("/" + lang + "/")
	b.press("next")
	b.press("next")
	if b.screen() != "question" || !strings.Contains(b.body, "1/13") {
		b.t.Fatalf("this is not the first question:\n%s", b.body)
	}
}

func TestTheFirstAnswerOfEveryPageLeadsToAResult(t *testing.T) {
	s := newSite(t)
	for _, lang := range []string{"lt", "en"} {
		b := s.visit(t)
		b.get("/" + lang + "/")
		if b.code != 200 || b.screen() != "start" {
			t.Fatalf("%d %s", b.code, b.body)
		}
		n := 0
		for ; b.screen() != "result" && n < 40; n++ {
			b.first()
			if b.code != 200 {
				t.Fatalf("%d %s", b.code, b.body)
			}
		}
		if n == 40 || !strings.Contains(b.body, `href="tel:+370`) || !strings.Contains(b.body, "112") {
			t.Errorf("%s: after %d presses\n%s", lang, n, b.body)
		}
	}
}

// plain are the answers of an offer without a sign, in Lithuanian and English.
var plain = []string{"18 arba daugiau", "18 or over", "Nieko iš šių", "None of these", "Mane nori priimti, dar sprendžiu arba ruošiuosi", "They offered me the job, I am deciding or getting ready",
	"Ne (gamykla, ūkis, viešbutis, biuras, vairavimas)", "None of these (factory, farm, hotel, office, driving)", "Kitoje Europos šalyje", "In another country of Europe",
	"Per Užimtumo tarnybą arba EURES", "Through the employment service or EURES", "Bendrauju su darbdaviu ir žinau jo pavadinimą", "I deal with the employer and know its name",
	"Dar nieko", "Nothing yet", "Nieko iš šių arba dar nekalbėjome", "None of these, or we have not talked yet", "Taip, aišku", "Yes, it is clear",
	"Įprastą tokiam darbui, nurodytą raštu", "Usual for such work, and I have it in writing", "Turiu, perskaičiau ir supratau", "I have it, and I have read and understood it", "Lietuvoje", "In Lithuania"}

// ordinary answers nothing that raises a flag.
func (b *browser) ordinary() {
	b.t.Helper()
	for _, want := range plain {
		for _, f := range b.fields() {
			switch {
			case f.tag == "button" && f.label == want:
				b.press(want)
				return
			case f.kind == "checkbox" && f.label == want:
				b.press("next", want)
				return
			}
		}
	}
	b.t.Fatalf("no plain answer on\n%s", b.body)
}

func TestAWholeQuizWithoutAScript(t *testing.T) {
	s := newSite(t)
	for _, lang := range []string{"lt", "en"} {
		b := s.visit(t)
		b.begin(lang)
		questions := 0
		for b.screen() == "question" {
			questions++
			m := regexp.MustCompile(`(\d+)/(\d+)`).FindStringSubmatch(b.body)
			if m == nil || m[1] != fmt.Sprint(questions) {
				t.Fatalf("question %d shows %v", questions, m)
			}
			b.ordinary()
		}
		list := func() {
			t.Helper()
			if n := strings.Count(b.body, `value="change:`); b.screen() != "other" || n != 13 || strings.Contains(b.body, "+370") {
				t.Errorf("%s: after %d questions %d answers are shown:\n%s", lang, questions, n, b.body)
			}
			b.press("next")
			if b.screen() != "result" || questions != 13 {
				t.Errorf("%s: %d questions and the list, then %s", lang, questions, b.screen())
			}
		}
		list()
		if back := regexp.MustCompile(`<a class="back" href="([^"]+)"`).FindStringSubmatch(b.body); back == nil {
			t.Errorf("%s: no way back on top:\n%s", lang, b.body)
		} else {
			b.get(back[1]) // to the list, and not past it
			list()
		}
		b.get("/" + lang + "/check?format=txt")
		if !strings.HasPrefix(b.head.Get("Content-Type"), "text/plain") || !strings.Contains(b.body, "+370 ") || strings.Contains(b.body, "**") {
			t.Errorf("as text: %s\n%s", b.head.Get("Content-Type"), b.body)
		}
	}
}

func TestBackSkipWhyNumbersTicksAndTheLanguage(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	if !strings.Contains(b.body, "Jaunesniems nei 18 metų galioja kitos taisyklės") || !strings.Contains(b.body, "1/13") {
		t.Errorf("why:\n%s", b.body)
	}
	b.press("Praleisti")
	if !strings.Contains(b.body, "2/13") {
		t.Errorf("skip:\n%s", b.body)
	}
	b.press("‹ Atgal")
	if !strings.Contains(b.body, "1/13") {
		t.Errorf("back:\n%s", b.body)
	}
	b.press("Pradėti iš naujo")
	if b.screen() != "other" || !strings.Contains(b.body, "Ar dabar galite skaityti ramiai?") {
		t.Errorf("start again:\n%s", b.body)
	}
	b.press("next")
	b.press("Ištrinti viską")
	if !strings.Contains(b.body, "Ištrinti viską, ką atsakėte?") {
		t.Errorf("erase:\n%s", b.body)
	}
	b.press("‹ Grįžti")
	b.press("☎ Numeriai")
	if b.screen() != "other" || !strings.Contains(b.body, "tel:+37070077887") {
		t.Errorf("numbers:\n%s", b.body)
	}
	b.press("‹ Grįžti")
	b.press("18 arba daugiau")
	b.press("next", "Nieko iš šių")
	b.press("Mane nori priimti, dar sprendžiu arba ruošiuosi")
	b.press("next")
	if !strings.Contains(b.body, "Pirma pažymėkite bent vieną atsakymą.") || !strings.Contains(b.body, "4/13") {
		t.Errorf("next without a tick:\n%s", b.body)
	}
	b.press("next", "Darbas iš namų arba internetu", "Rašyti ar skambinti žmonėms: pažintys, kazino, kripto, paskolos")
	if !strings.Contains(b.body, "5/1") {
		t.Errorf("two ticks:\n%s", b.body)
	}
	// The language may be changed by the address, and by the choice of languages.
	b.get("/en/check")
	if !strings.Contains(b.body, "Tick everything that fits.") || !strings.Contains(b.body, "5/1") {
		t.Errorf("in English:\n%s", b.body)
	}
	b.press("next", "None of these")
	if !strings.Contains(b.path, "/en/check") || !strings.Contains(b.body, "How did you come to this offer?") {
		t.Errorf("on in English: %s\n%s", b.path, b.body)
	}
	b.press("‹ Back")
	v := b.hidden()
	v.Set("text", "nera tokio atsakymo")
	b.post("/en/check", v)
	if !strings.Contains(b.body, "5/1") {
		t.Errorf("typed nonsense moved on:\n%s", b.body)
	}
	v = b.hidden()
	v.Set("text", "NONE")
	b.post("/en/check", v)
	if !strings.Contains(b.body, "6/1") {
		t.Errorf("a typed word did not move on:\n%s", b.body)
	}
}

func TestACountryIsChosenByButtonAndByItsName(t *testing.T) {
	b := newSite(t).visit(t)
	b.begin("lt")
	b.press("☎ Numeriai")
	b.press("Pasirinkti šalį")
	if !strings.Contains(b.body, "Kurioje šalyje dabar esate?") {
		t.Fatalf("no choice of countries:\n%s", b.body)
	}
	b.press("Daugiau šalių")
	b.press("Čekija")
	if !strings.Contains(b.body, "Šalis: Čekija") || !strings.Contains(b.body, "tel:+420222717171") ||
		!strings.Contains(b.body, `<a href="tel:800077777" class="number">800 077 777</a>, <a href="tel:+420800077777" class="number">+420 800 077 777</a>`) || !strings.Contains(b.body, "tel:+37061691119") || strings.Contains(b.body, "tel:+37080091119") {
		t.Errorf("numbers for Czechia:\n%s", b.body)
	}
	b.press("Keisti šalį")
	for _, c := range [][2]string{{"Japonija", "Tokios šalies čia nerandu."}, {"norvegijoje", "tel:+4722331160"}} {
		v := b.hidden()
		v.Set("text", c[0])
		b.post("/lt/check", v)
		if !strings.Contains(b.body, c[1]) {
			t.Errorf("%q typed:\n%s", c[0], b.body)
		}
	}
}

func TestEraseAndExitForgetAndTheOldCookieGivesTheStartPage(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	old := b.client.Jar.Cookies(mustURL(s.url))
	b.press("exit")
	if b.path != "/lt/recipe" || !strings.Contains(b.body, "Šaltibarščiai") || strings.Contains(b.body, "klausim") {
		t.Errorf("the exit leads to %s\n%s", b.path, b.body)
	}
	if c := b.client.Jar.Cookies(mustURL(s.url)); len(c) != 0 {
		t.Errorf("the cookie is still there: %v", c)
	}
	b.client.Jar.SetCookies(mustURL(s.url), old)
	b.get("/lt/check")
	if b.screen() != "start" {
		t.Errorf("the old cookie gives %s", b.screen())
	}
	b = s.visit(t)
	b.begin("en")
	old = b.client.Jar.Cookies(mustURL(s.url))
	for b.screen() != "result" {
		b.first()
	}
	b.press("Erase everything")
	b.press("Yes, erase")
	if b.screen() != "start" || !strings.Contains(b.body, "None of your answers is left here") {
		t.Errorf("after erase %s\n%s", b.path, b.body)
	}
	b.client.Jar.SetCookies(mustURL(s.url), old)
	b.get("/en/check")
	if b.screen() != "start" {
		t.Errorf("the old cookie gives %s", b.screen())
	}
}

func mustURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

func TestTwoTabsAndDoubleSubmitsNeverMoveTheQuizTwice(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	v := b.hidden()
	for _, f := range b.fields() {
		if f.label == "18 arba daugiau" {
			v.Set("do", f.value)
		}
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			req, _ := http.NewRequest("POST", s.url+"/lt/check", strings.NewReader(v.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := b.client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
		}()
	}
	wg.Wait()
	b.get("/lt/check")
	if !strings.Contains(b.body, "2/13") {
		t.Errorf("after six equal submits:\n%s", b.body)
	}
}

func TestFormsFromElsewhereChangeNothing(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	good := b.hidden()
	for _, f := range b.fields() {
		if f.label == "18 arba daugiau" {
			good.Set("do", f.value)
		}
	}
	without := url.Values{"do": good["do"]}
	forged := url.Values{"do": good["do"], "form": {strings.Repeat("A", 32)}}
	other := s.visit(t)
	other.begin("lt")
	foreign := url.Values{"do": good["do"], "form": other.hidden()["form"]}
	for name, form := range map[string]url.Values{"without the hidden field": without, "with a forged one": forged, "with another person's": foreign} {
		b.post("/lt/check", form)
		if b.code != 403 || !strings.Contains(b.body, "+370") {
			t.Errorf("%s: %d", name, b.code)
		}
	}
	for _, h := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
		req, _ := http.NewRequest("POST", s.url+"/lt/check", strings.NewReader(good.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(h[0], h[1])
		b.do(req)
		if b.code != 403 {
			t.Errorf("%v: %d", h, b.code)
		}
	}
	b.get("/lt/check")
	if !strings.Contains(b.body, "1/13") {
		t.Error("something changed")
	}
	b.post("/lt/", url.Values{"do": {"next"}})
	if b.code != 403 {
		t.Errorf("a start without the hidden field: %d", b.code)
	}
}

func TestMethodsPathsAndSizes(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	for path, want := range map[string]int{"/nothing": 404, "/xx/": 404, "/lt/nothing": 404, "/lt/check/": 404, "/a/none.css": 404, "/lt": 404, "/f/lt/short/x": 404} {
		b.get(path)
		if b.code != want || !strings.Contains(b.body, "+370") {
			t.Errorf("%s: %d", path, b.code)
		}
	}
	for path, allow := range map[string]string{"/lt/": "GET, POST", "/lt/check": "GET, POST", "/lt/numbers": "GET", "/": "GET", "/embed.js": "GET"} {
		req, _ := http.NewRequest("DELETE", s.url+path, nil)
		b.do(req)
		if b.code != 405 || b.head.Get("Allow") != allow {
			t.Errorf("DELETE %s: %d, Allow %q", path, b.code, b.head.Get("Allow"))
		}
	}
	b.post("/lt/", url.Values{"do": {strings.Repeat("x", 20<<10)}})
	if b.code != 413 {
		t.Errorf("a large body: %d", b.code)
	}
}

func TestHeadersAndCookies(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.get("/lt/")
	if c := b.client.Jar.Cookies(mustURL(s.url)); len(c) != 0 {
		t.Errorf("a cookie before the person began: %v", c)
	}
	if b.head.Get("X-Robots-Tag") != "" {
		t.Error("the start page may be found")
	}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.press("next")
	if b.code != 303 {
		t.Errorf("a post is answered %d", b.code)
	}
	cookie := b.head.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q lacks %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "Secure") { // over plain http on loopback
		t.Errorf("%q", cookie)
	}
	b.get("/lt/check")
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"} {
		if !strings.Contains(b.head.Get(name), want) {
			t.Errorf("%s: %q", name, b.head.Get(name))
		}
	}
	for _, never := range []string{"unsafe-inline", "unsafe-eval"} {
		if strings.Contains(b.head.Get("Content-Security-Policy"), never) {
			t.Errorf("the policy holds %s", never)
		}
	}
	for _, never := range []string{` style="`, ` onclick=`, `<style`, "prekyb", "IOM"} {
		if strings.Contains(b.body, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	total := len(b.body)
	for _, m := range regexp.MustCompile(`(?:href|src)="(/a/[^"]+)"`).FindAllStringSubmatch(b.body, -1) {
		b.get(m[1])
		if b.code != 200 || !strings.Contains(b.head.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d", m[1], b.code)
		}
		total += len(b.body)
	}
	if total > 50_000 {
		t.Errorf("the page weighs %d bytes in all", total)
	}
	t.Logf("a question weighs %d bytes with everything", total)
}

func TestTheLanguageOfTheBrowser(t *testing.T) {
	s := newSite(t)
	for accept, want := range map[string]string{"": "/lt/", "en-GB,en;q=0.9": "/en/", "lt": "/lt/", "de,en;q=0.5": "/en/", "ja": "/lt/", ";;;": "/lt/"} {
		b := s.visit(t)
		req, _ := http.NewRequest("GET", s.url+"/", nil)
		req.Header.Set("Accept-Language", accept)
		b.do(req)
		if b.path != want {
			t.Errorf("%q leads to %s", accept, b.path)
		}
	}
}

func TestInAFrameItWorksWithoutCookies(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.client.Jar = nil // as a browser that keeps none for a frame
	b.get("/f/lt/")
	if !strings.Contains(b.head.Get("Content-Security-Policy"), "frame-ancestors *") {
		t.Error("it may not be framed")
	}
	for n := 0; b.screen() != "result" && n < 40; n++ {
		b.first()
	}
	if b.screen() != "result" || b.path != "/f/lt/check" {
		t.Errorf("%s %s", b.path, b.screen())
	}
	b.get("/embed.js")
	if b.code != 200 || !strings.Contains(b.body, s.url+"/f/") {
		t.Errorf("embed.js: %d\n%s", b.code, b.body)
	}
	b.get("/embed")
	if b.code != 200 || !strings.Contains(b.body, "embed.js") {
		t.Errorf("embed: %d", b.code)
	}
}

func TestTheStartPageNamesTheOtherDoorsAndWhoIsBehind(t *testing.T) {
	s := newSite(t)
	site := s.bot.Library().Catalog.Site
	site.Name, site.Link, site.Telegram = "Savivaldybė", "https://example.lt/", "https://t.me/example"
	site.Logo, site.LogoKind = []byte("<svg/>"), "image/svg+xml"
	s.bot.Library().Catalog.Site = site
	b := s.visit(t)
	b.get("/a/logo")
	if b.code != 200 || b.head.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the logo: %d %s", b.code, b.head.Get("Content-Type"))
	}
	b.get("/lt/")
	for _, want := range []string{"Savivaldybė", `src="/a/logo"`, "https://example.lt/", "https://t.me/example", `<svg class="qr"`, "Kas saugoma"} {
		if !strings.Contains(b.body, want) {
			t.Errorf("%q is missing on\n%s", want, b.body)
		}
	}
}

func BenchmarkPress(b *testing.B) {
	s := newSite(b)
	v := s.visit(b)
	v.begin("lt")
	v.press("18 arba daugiau")
	form := v.hidden()
	cookies := v.client.Jar.Cookies(mustURL(s.url))
	b.ReportAllocs()
	for b.Loop() {
		rec := httptest.NewRecorder()
		form.Set("do", "why")
		req := httptest.NewRequest("POST", "/lt/check", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.RemoteAddr = fmt.Sprintf("[2001:db8::%x]:1", b.N)
		for _, c := range cookies {
			req.AddCookie(c)
		}
		s.web.ServeHTTP(rec, req)
	}
}

func TestWithoutANamedURLFormsOfThePagesOwnHostAreTrusted(t *testing.T) {
	for _, any := range []bool{true, false} {
		s := newSite(t)
		ring, _ := seal.New(seal.NewKey(), 8)
		var err error
		if s.web, err = web.New(web.Settings{URL: "http://0.0.0.0:8080", AnyHost: any, Secrets: ring.Secrets, NoLimit: true}, s.bot, zap.NewNop()); err != nil {
			t.Fatal(err)
		}
		b := s.visit(t)
		b.get("/lt/")
		v := b.hidden()
		v.Set("do", "next")
		for origin, good := range map[string]bool{s.url: any, "http://0.0.0.0:8080": true, "http://evil.example": false, "null": false} {
			req, _ := http.NewRequest("POST", s.url+"/lt/", strings.NewReader(v.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Origin", origin)
			b.client.Jar, _ = cookiejar.New(nil)
			b.do(req)
			if (b.code == 200) != good {
				t.Errorf("any host %v, origin %s: %d", any, origin, b.code)
			}
		}
	}
}

// ticked lists the labels that are ticked on the page.
func (b *browser) ticked() (out []string) {
	for _, m := range regexp.MustCompile(`<input type="checkbox"[^>]* checked>\s*([^<]*)`).FindAllStringSubmatch(b.body, -1) {
		out = append(out, strings.TrimSpace(html.UnescapeString(m[1])))
	}
	return out
}

func TestTicksSurviveEveryLookAsideAndNoneOfTheseIsNotSentByItself(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	b.press("18 or over")
	labels := []string{}
	for _, f := range b.fields() {
		if f.kind == "checkbox" {
			labels = append(labels, f.label)
		}
	}
	two := []string{labels[2], labels[9]}
	for _, aside := range []struct{ there, back string }{{"language", "back:here"}, {"numbers", "back:here"}, {"help", "back:here"}} {
		b.press(aside.there, two...)
		if aside.back != "" {
			b.press(aside.back)
		}
		if got := b.ticked(); !slices.Equal(got, two) {
			t.Fatalf("after %s: %v", aside.there, got)
		}
	}
	b.press("next", two...)
	b.press("back")
	if got := b.ticked(); !slices.Equal(got, two) {
		t.Errorf("after going back: %v", got)
	}
	b.press("help")
	b.press("back:here")
	if got := b.ticked(); len(got) != 0 {
		t.Errorf("ticks that were taken away are back: %v", got)
	}
	b.press("next", append(two, labels[11])...) // a sign and none of these: the sign counts
	b.press("back")
	if got := b.ticked(); !slices.Equal(got, two) {
		t.Errorf("none of these beside signs: %v", got)
	}
}

func TestAnswersAreListedAndChangedOnThePage(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	b.press("18 or over")
	for range 3 {
		b.press("skip")
	}
	if !strings.Contains(b.body, "Show the result now") {
		t.Fatalf("the fifth question:\n%s", b.body)
	}
	b.press("show")
	if b.screen() != "result" || !strings.Contains(b.body, "Not everything was asked") || !strings.Contains(b.body, "tel:+370") {
		t.Fatalf("the result now:\n%s", b.body)
	}
	b.press("change")
	if b.screen() != "other" || !strings.Contains(b.body, "18 or over") || strings.Count(b.body, `class="given"`) != 1 {
		t.Fatalf("the answers:\n%s", b.body)
	}
	b.press("Change")
	if b.screen() != "question" || !strings.Contains(b.body, "✓ 18 or over") {
		t.Fatalf("the question again:\n%s", b.body)
	}
	b.press("✓ 18 or over")
	if b.screen() != "result" {
		t.Fatalf("after the change:\n%s", b.body)
	}
	b.press("next")
	if b.screen() != "question" || !strings.Contains(b.body, "5/13") {
		t.Errorf("on from the early result:\n%s", b.body)
	}
}

func TestTheStartPageGoesOnWhereOneWasAndNotNowSaysHowToComeBack(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	b.press("18 or over")
	b.get("/en/")
	if !strings.Contains(b.body, "Your answers are still here") {
		t.Fatalf("the start page:\n%s", b.body)
	}
	b.press("next:on")
	if !strings.Contains(b.body, "2/13") {
		t.Errorf("going on:\n%s", b.body)
	}
	b.get("/en/")
	v := b.hidden()
	v.Set("do", "next") // as an older page has it, or another door
	b.post("/en/", v)
	if b.press("next"); !strings.Contains(b.body, "2/13") {
		t.Errorf("beginning again wiped the answers:\n%s", b.body)
	}
	b.get("/en/")
	b.press("next:new")
	b.press("Better later")
	if b.screen() != "start" || !strings.Contains(b.body, "open this page again") || strings.Contains(b.body, "/start") {
		t.Errorf("not now:\n%s", b.body)
	}
	if b.get("/en/check"); b.screen() != "start" {
		t.Errorf("after not now the session is there:\n%s", b.body)
	}
}
