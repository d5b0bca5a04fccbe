package console_test

import (
	"context"
	"encoding/base64"
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
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/librarytest"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
)

// site is a running console with its own store, and people who talk through a channel of the test's.
type site struct {
	t       testing.TB
	url     string
	bot     *desk.Desk
	store   bot.Store
	ring    *seal.Ring
	key     string
	console *console.Console
	people  *people
	logs    *observer.ObservedLogs
	srv     *httptest.Server
	end     func() // ends what the process does beside answering, and waits for it
}

// people is a channel that keeps what each person was sent.
type people struct {
	mu   sync.Mutex
	sent map[string][]string
	n    int64
}

func (p *people) Name() string { return "test" }

func (p *people) Deliver(_ context.Context, m bot.Message) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.sent[m.To.ID] = append(p.sent[m.To.ID], m.Text)
	return p.n, nil
}

func (p *people) got(who string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.sent[who], "\n---\n")
}

func newSite(t testing.TB, change ...func(*console.Settings)) *site {
	t.Helper()
	return newSiteOver(t, func(s bot.Store) bot.Store { return s }, change...)
}

// newSiteOver is newSite with a store around the store.
func newSiteOver(t testing.TB, around func(bot.Store) bot.Store, change ...func(*console.Settings)) *site {
	t.Helper()
	lib := librarytest.Own(t)
	inner, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	store := around(inner)
	key := seal.NewKey()
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.InfoLevel)
	log := zap.New(core)
	s := &site{t: t, bot: desk.New(lib, store, ring), store: store, ring: ring, key: key, people: &people{sent: map[string][]string{}}, logs: logs}
	s.bot.Always, s.bot.Desk.On = true, true
	ctx, cancel := context.WithCancel(context.Background())
	box := outbox.New(s.bot.Bot, store, bot.Pace{}, log, s.people)
	s.bot.Sender = box
	s.srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.console.ServeHTTP(w, r) }))
	s.url = "http://" + s.srv.Listener.Addr().String()
	set := console.Settings{URL: s.url, Secrets: ring.Secrets}
	for _, f := range change {
		f(&set)
	}
	if s.console, err = console.New(set, s.bot, log); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	run := s.console.Run // of this one, whichever a test puts in its place
	wg.Go(func() { box.Run(ctx) })
	wg.Go(func() { run(ctx) })
	s.end = func() { cancel(); wg.Wait() }
	s.srv.Start()
	t.Cleanup(func() {
		s.console.Close()
		s.srv.CloseClientConnections()
		s.srv.Close()
		s.end()
		store.Close()
	})
	return s
}

func person(id string) bot.Address { return bot.Address{Channel: "test", ID: id} }

// says carries something a person does through the bot.
func (s *site) says(id, text string) {
	s.t.Helper()
	kind := bot.Typed
	if strings.HasPrefix(text, "human:") {
		kind = bot.Pressed
	}
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person(id), Kind: kind, Text: text, Locale: "en", At: time.Now()}); err != nil {
		s.t.Fatal(err)
	}
}

// asks takes a person from nothing to a case, and returns its page.
func (s *site) asks(id string) string {
	s.t.Helper()
	for _, text := range []string{"/start", "/human", "human:agree"} {
		s.says(id, text)
	}
	if !s.case_(id).Active() {
		s.t.Fatalf("there is no case:\n%s", s.people.got(id))
	}
	return s.page(id)
}

func (s *site) case_(id string) *bot.Case { s.t.Helper(); return s.session(id).Case }

func (s *site) session(id string) bot.Session {
	s.t.Helper()
	x, err := s.bot.Session(context.Background(), person(id))
	if err != nil {
		s.t.Fatal(err)
	}
	return x
}

// page is the path of a person's case.
func (s *site) page(id string) string { return console.CasePath(s.console, s.bot.Key(person(id))) }

func (s *site) log(id string) string {
	s.t.Helper()
	lines, err := s.bot.Log(context.Background(), s.bot.Key(person(id)), 0)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%d %s: %s", l.By, l.Name, l.Text))
	}
	return strings.Join(out, "\n")
}

func (s *site) soon(what string, f func() bool) {
	s.t.Helper()
	for end := time.Now().Add(5 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s: never came", what)
		}
	}
}

// invite makes a link.
func (s *site) invite(name string, role desk.Role) string {
	s.t.Helper()
	token, _, err := s.bot.Invite(context.Background(), name, role, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return "/desk/enter#" + token
}

// comes opens a link, and puts its secret into the page's form, as its script does or whoever pastes it. Nothing behind # is sent.
func (b *browser) comes(link string) {
	b.t.Helper()
	path, secret, _ := strings.Cut(link, "#")
	b.get(path)
	b.post("/desk/enter", b.form("token", secret))
}

// browser is a counsellor with a cookie jar and no script.
type browser struct {
	t      testing.TB
	s      *site
	client *http.Client
	from   string
	path   string
	code   int
	head   http.Header
	body   string // as it is read
	raw    string // as it came
}

func (s *site) visit() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t: s.t, s: s, client: &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: apart{}}}
}

// apart gives every request an address of its own, so that a quick test is not held up for being quick.
type apart struct{}

var visitors atomic.Int64

func (apart) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("X-Forwarded-For") == "" {
		n := visitors.Add(1)
		r = r.Clone(r.Context())
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (b *browser) do(r *http.Request) {
	b.t.Helper()
	if b.from != "" {
		r.Header.Set("X-Forwarded-For", b.from)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	b.path, b.code, b.head, b.body, b.raw = resp.Request.URL.Path, resp.StatusCode, resp.Header, html.UnescapeString(string(data)), string(data)
}

func (b *browser) get(path string) {
	b.t.Helper()
	r, _ := http.NewRequest("GET", b.s.url+path, nil)
	b.do(r)
}

func (b *browser) post(path string, form url.Values, head ...string) {
	b.t.Helper()
	r, _ := http.NewRequest("POST", b.s.url+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	b.do(r)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(form|token|once|sure)" value="([^"]*)"`)

// form has the hidden fields of the page and more.
func (b *browser) form(more ...string) url.Values {
	out := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(b.body, -1) {
		if out.Get(m[1]) == "" || m[1] == "token" || m[1] == "form" && strings.Contains(b.body, `name="token"`) {
			out.Set(m[1], m[2])
		}
	}
	for i := 0; i < len(more); i += 2 {
		out.Set(more[i], more[i+1])
	}
	return out
}

// act does something on a case's page.
func (b *browser) act(path string, more ...string) {
	b.t.Helper()
	b.get(path)
	if b.code != 200 {
		b.t.Fatalf("%s: %d\n%s", path, b.code, b.body)
	}
	b.post(path, b.form(more...))
}

func (b *browser) has(words ...string) {
	b.t.Helper()
	for _, w := range words {
		if !strings.Contains(b.body, w) {
			b.t.Errorf("%q is not on %s (%d):\n%s", w, b.path, b.code, b.body)
		}
	}
}

func (b *browser) hasNot(words ...string) {
	b.t.Helper()
	for _, w := range words {
		if strings.Contains(b.body, w) {
			b.t.Errorf("%q is on %s (%d):\n%s", w, b.path, b.code, b.body)
		}
	}
}

// enters opens a link and presses its button.
func (s *site) enters(name string, role desk.Role) *browser {
	s.t.Helper()
	b := s.visit()
	b.comes(s.invite(name, role))
	if b.code != 200 || b.path != "/desk" {
		s.t.Fatalf("%s does not come in: %d at %s\n%s", name, b.code, b.path, b.body)
	}
	return b
}

func TestEveryFixedTextOfATalkStandsInTheCounsellorsLanguage(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna") // in English
	ruta.get(at)
	ruta.act(at, "do", "take")
	s.says("anna", "Hello there")
	lib := s.bot.Library()
	word := s.case_("anna").Word
	for _, page := range []struct{ lang, taken, notice, not string }{
		{"lt", "Rūta paėmė.", "Prisijungė konsultantas", "has joined"}, {"en", "Rūta took it.", "A counsellor has joined", "Prisijungė"}, {"ru", "Rūta", "Подключился консультант", "Prisijungė"},
	} {
		ruta.get(at)
		if page.lang != "lt" {
			ruta.post("/desk/language", ruta.form("to", page.lang, "back", at))
			ruta.get(at)
		}
		log := regexp.MustCompile(`(?s)<ol id="log".*?</ol>`).FindString(ruta.body)
		if !strings.Contains(log, page.taken) || !strings.Contains(log, page.notice) || strings.Contains(log, page.not) || !strings.Contains(log, "Hello there") {
			t.Errorf("%s: %s", page.lang, log)
		}
		ruta.has(word)
		if meaning := talk.Meaning(lib, word, page.lang); meaning != "" {
			ruta.has("<small>(" + meaning + ")</small>")
		} else if page.lang != "en" {
			t.Errorf("%s: %q means nothing", page.lang, word)
		}
	}
	ruta.get("/desk/closed?word=" + url.QueryEscape(talk.Meaning(lib, word, "ru")))
	ruta.hasNot(word)
	s.says("anna", "human:end")
	ruta.get("/desk/closed?word=" + url.QueryEscape(talk.Meaning(lib, word, "ru")))
	ruta.has(word)
}

func TestACounsellorTakesAnswersAndCloses(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	ruta.has("Niekas nelaukia")
	at := s.asks("anna")
	s.says("anna", "My passport is with the recruiter")
	word := s.case_("anna").Word
	ruta.get("/desk")
	ruta.has(word, "English", "○", "Pavojus nepažymėtas", `href="`+at+`"`, "Pokalbis čia")
	ruta.get(at)
	ruta.has("My passport is with the recruiter", "Imu", "Atsakyti galės tas")
	ruta.hasNot(`name="text"`)
	ruta.act(at, "do", "take")
	ruta.has(`name="text"`, "Rūta")
	s.soon("the person is told", func() bool { return strings.Contains(s.people.got("anna"), "A counsellor has joined") })
	ruta.act(at, "do", "say", "text", "Hello. <b>I am here</b> & listening")
	ruta.has("Jūs")
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Hello. <b>I am here</b> & listening") })
	ruta.act(at, "do", "close", "outcome", "unclear", "referred", "nobody")
	ruta.has("Pokalbis baigtas", "Atidaryti iš naujo")
	s.soon("the end", func() bool { return strings.Contains(s.people.got("anna"), "has ended") })
	ruta.get("/desk")
	ruta.hasNot(word)
	ruta.act(at, "do", "reopen")
	if c := s.case_("anna"); c.State != bot.Waiting {
		t.Errorf("after reopening it is %v", c.State)
	}
}

func TestALinkLetsOnePersonInOnce(t *testing.T) {
	s := newSite(t)
	link := s.invite("Rūta", "")
	page, secret, _ := strings.Cut(link, "#")
	for range 3 { // a preview, and somebody who hesitates
		b := s.visit()
		b.get(page)
		b.has("Prisijungti", "Kodas iš nuorodos")
		if b.hasNot("Rūta", secret); b.code != 200 {
			t.Fatalf("%d", b.code)
		}
		if len(b.client.Jar.Cookies(b.url())) != 0 {
			t.Error("a cookie before the button is pressed")
		}
	}
	first, second := s.visit(), s.visit()
	second.get(page)
	first.comes(link)
	if first.has("Rūta"); first.path != "/desk" || first.code != 200 {
		t.Fatalf("%d at %s", first.code, first.path)
	}
	second.post("/desk/enter", second.form("token", secret))
	if second.has("nebeveikia"); second.code != 410 {
		t.Errorf("used twice: %d", second.code)
	}
	second.get("/desk")
	if second.path != "/desk/enter" {
		t.Errorf("in at %s", second.path)
	}
}

func TestTheSecretIsPastedAloneOrWithItsWholeLink(t *testing.T) {
	s := newSite(t)
	for name, pasted := range map[string]func(link string) string{
		"the secret":     func(link string) string { return link[strings.Index(link, "#")+1:] },
		"with spaces":    func(link string) string { return "  " + link[strings.Index(link, "#")+1:] + "\n" },
		"with its sign":  func(link string) string { return link[strings.Index(link, "#"):] },
		"the whole link": func(link string) string { return s.url + link },
		"an earlier one": func(link string) string { return s.url + strings.Replace(link, "#", "?", 1) },
	} {
		b := s.visit()
		b.get("/desk/enter")
		b.post("/desk/enter", b.form("token", pasted(s.invite("Rūta", ""))))
		if b.code != 200 || b.path != "/desk" {
			t.Errorf("%s: %d at %s", name, b.code, b.path)
		}
	}
}

func TestALinkThatSomebodyElseMadeForAnAccountIsToldItsOwnerOnce(t *testing.T) {
	s := newSite(t)
	vera, ruta := s.enters("Vera", desk.Lead), s.enters("Rūta", "")
	const told = "Jūsų paskyrai buvo sukurta nauja nuoroda"
	if vera.hasNot(told); ruta.path != "/desk" {
		t.Fatal(ruta.path)
	}
	ruta.hasNot(told) // the first link of all is no news
	vera.get("/desk/team")
	vera.post("/desk/team", vera.form("do", "invite", "name", "Rūta"))
	link := regexp.MustCompile(`/desk/enter#[A-Za-z0-9_-]{43}`).FindString(vera.body)
	first := s.visit()
	first.comes(link)
	first.has(told)
	first.get("/desk")
	first.hasNot(told)
	// Whoever came in first was somebody else; the owner's next link tells of both.
	owner := s.enters("Rūta", "")
	notice := regexp.MustCompile(told + `: (\d\d:\d\d), (\d\d:\d\d)\.`)
	if !notice.MatchString(owner.body) {
		t.Errorf("the owner is not told of both links:\n%s", owner.body)
	}
	owner.get("/desk")
	owner.hasNot(told)
	vera.get("/desk")
	vera.hasNot(told)
	editor := s.enters("Editorė", desk.Editor)
	editor.hasNot(told)
	editor = s.enters("Editorė", desk.Editor)
	editor.has(told)
}

// Links that were sent before an upgrade have their secret behind ?, and work for their day.
func TestALinkOfAnEarlierProgramStillLetsOnePersonIn(t *testing.T) {
	s := newSite(t)
	link := strings.Replace(s.invite("Rūta", ""), "#", "?", 1)
	b, again := s.visit(), s.visit()
	b.get(link)
	b.has("Prisijungti")
	if b.hasNot("Rūta", "Kodas iš nuorodos"); b.code != 200 {
		t.Fatalf("%d", b.code)
	}
	if b.post("/desk/enter", b.form()); b.code != 200 || b.path != "/desk" {
		t.Errorf("%d at %s", b.code, b.path)
	}
	if again.get(link); again.code != 410 {
		t.Errorf("shown again: %d", again.code)
	}
}

func (b *browser) url() *url.URL { u, _ := url.Parse(b.s.url); return u }

func TestALinkThatIsWrongOrOldLetsNobodyIn(t *testing.T) {
	s := newSite(t)
	ctx, now := context.Background(), time.Now()
	for _, token := range []string{"x", strings.Repeat("A", 43), "", "../..", strings.Repeat("A", 5000)} {
		b := s.visit()
		b.get("/desk/enter?" + url.QueryEscape(token))
		if token != "" && b.code != 410 {
			t.Errorf("%.9q: %d", token, b.code)
		}
		b.post("/desk/enter", url.Values{"token": {token}, "form": {"x"}})
		if b.code != 403 {
			t.Errorf("%.9q without its field: %d", token, b.code)
		}
		if _, _, err := s.bot.Enter(ctx, token, now); err == nil {
			t.Errorf("%.9q lets somebody in", token)
		}
	}
	token, made, err := s.bot.Invite(ctx, "Rūta", "", now)
	if err != nil {
		t.Fatal(err)
	}
	if made.Until != now.Add(24*time.Hour).Unix() {
		t.Errorf("it works for %v", time.Unix(made.Until, 0).Sub(now))
	}
	if _, _, err := s.bot.Enter(ctx, token, now.Add(24*time.Hour)); err == nil {
		t.Error("it works after a day")
	}
	if _, _, err := s.bot.Enter(ctx, token, now.Add(24*time.Hour-time.Second)); err != nil {
		t.Errorf("not within the day: %v", err)
	}
}

func TestASessionEndsAfterTwelveHoursOrAnHourOfSilence(t *testing.T) {
	s := newSite(t)
	ctx, now := context.Background(), time.Now()
	enter := func() string {
		token, _, err := s.bot.Invite(ctx, "Rūta", "", now)
		if err != nil {
			t.Fatal(err)
		}
		_, cookie, err := s.bot.Enter(ctx, token, now)
		if err != nil {
			t.Fatal(err)
		}
		return cookie
	}
	alive := func(cookie string, after time.Duration, touch bool) bool {
		_, _, err := s.bot.Visitor(ctx, cookie, touch, now.Add(after))
		return err == nil
	}
	silent := enter()
	if !alive(silent, 59*time.Minute, false) || alive(silent, 60*time.Minute, false) {
		t.Error("an hour of silence does not end it, or less does")
	}
	busy := enter()
	for at := 30 * time.Minute; at < 12*time.Hour; at += 30 * time.Minute {
		if !alive(busy, at, true) {
			t.Fatalf("a busy session ended after %v", at)
		}
	}
	if alive(busy, 12*time.Hour, true) {
		t.Error("it outlives twelve hours")
	}
	if alive("", 0, true) || alive(strings.Repeat("A", 43), 0, true) {
		t.Error("a cookie that was made up is good")
	}
}

func TestSigningOutEndsTheSessionAndNotOnlyTheCookie(t *testing.T) {
	s := newSite(t)
	b := s.enters("Rūta", "")
	cookies := b.client.Jar.Cookies(b.url())
	b.post("/desk/out", b.form())
	if b.has("Jūs atsijungėte"); b.path != "/desk/enter" {
		t.Errorf("at %s", b.path)
	}
	b.client.Jar.SetCookies(b.url(), cookies)
	b.get("/desk")
	if b.path != "/desk/enter" {
		t.Errorf("the old cookie opens %s", b.path)
	}
	r, _ := http.NewRequest("GET", s.url+"/desk", nil)
	r.Header.Set("X-Live", "seen")
	if b.do(r); b.code != 401 {
		t.Errorf("the script is told %d", b.code)
	}
}

func TestTheCookieIsKeptFromScriptsOtherSitesAndOtherHosts(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		s := newSite(t, func(set *console.Settings) { set.URL = scheme + "://desk.example" })
		link := s.invite("Rūta", "")
		r := httptest.NewRequest("GET", "/desk/enter", nil)
		w := httptest.NewRecorder()
		s.console.ServeHTTP(w, r)
		b := &browser{body: w.Body.String()}
		post := httptest.NewRequest("POST", "/desk/enter", strings.NewReader(b.form("token", link[strings.Index(link, "#")+1:]).Encode()))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		post.Header.Set("Origin", scheme+"://desk.example")
		w = httptest.NewRecorder()
		s.console.ServeHTTP(w, post)
		if len(w.Result().Cookies()) != 1 {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		k := w.Result().Cookies()[0]
		if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Domain != "" || k.Secure != (scheme == "https") || strings.HasPrefix(k.Name, "__Host-") != (scheme == "https") {
			t.Errorf("%s: %v", scheme, k)
		}
		if hsts := w.Header().Get("Strict-Transport-Security"); (hsts != "") != (scheme == "https") {
			t.Errorf("%s: HSTS %q", scheme, hsts)
		}
	}
}

func TestWhatComesFromElsewhereChangesNothing(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.enters("Rūta", "")
	b.get(at)
	good := b.form("do", "take")
	for name, try := range map[string]func(){
		"another origin":        func() { b.post(at, good, "Origin", "https://evil.example") },
		"no origin of its own":  func() { b.post(at, good, "Origin", "null") },
		"another site":          func() { b.post(at, good, "Sec-Fetch-Site", "cross-site") },
		"a sibling":             func() { b.post(at, good, "Sec-Fetch-Site", "same-site") },
		"without the field":     func() { b.post(at, url.Values{"do": {"take"}}) },
		"with a foreign field":  func() { b.post(at, url.Values{"do": {"take"}, "form": {strings.Repeat("x", 24)}}) },
		"duty without a field":  func() { b.post("/desk/duty", url.Values{"do": {"on"}}) },
		"sign out from outside": func() { b.post("/desk/out", good, "Origin", "https://evil.example") },
	} {
		if try(); b.code != 403 {
			t.Errorf("%s: %d", name, b.code)
		}
	}
	stranger := s.visit()
	if stranger.post(at, good); stranger.code != 401 {
		t.Errorf("somebody without a session: %d", stranger.code)
	}
	if b.post(at, url.Values{"text": {strings.Repeat("x", 64<<10)}}); b.code != 413 {
		t.Errorf("a large body: %d", b.code)
	}
	if s.case_("anna").State != bot.Waiting {
		t.Error("the case was taken")
	}
	if b.get("/desk"); b.path != "/desk" {
		t.Error("the session ended")
	}
	link := s.invite("Jūra", "")
	v := s.visit()
	v.get(link)
	if v.post("/desk/enter", v.form(), "Origin", "https://evil.example"); v.code != 403 {
		t.Errorf("entering from elsewhere: %d", v.code)
	}
}

func TestWordsTypedAfterTheSessionEndedAreGivenBack(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.visit()
	b.post(at, url.Values{"do": {"say"}, "text": {"Long careful words"}})
	if b.has("Long careful words", "Neišsiųsta"); b.code != 401 {
		t.Errorf("%d", b.code)
	}
}

func TestEveryPageHasItsHeadersAndMethods(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.enters("Rūta", desk.Lead)
	for path, want := range map[string]int{"/desk": 200, at: 200, "/desk/team": 200, "/desk/deeds": 200, "/desk/nowhere": 404, "/desk/case/made-up": 404, at + "x": 404, "/desk/enter?x": 410} {
		b.get(path)
		if b.code != want {
			t.Errorf("%s: %d", path, b.code)
		}
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got := b.head.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		csp := b.head.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || regexp.MustCompile(`<[^>]+ (style|on[a-z]+)="`).MatchString(b.body) || strings.Contains(b.body, "http://www") {
			t.Errorf("%s: something inline, or from elsewhere", path)
		}
	}
	r, _ := http.NewRequest("DELETE", s.url+"/desk", nil)
	if b.do(r); b.code != 405 || b.head.Get("Allow") != "GET" {
		t.Errorf("%d %q", b.code, b.head.Get("Allow"))
	}
}

func TestWhatEachRoleMayDo(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	ruta, vera, edita := s.enters("Rūta", desk.Counsellor), s.enters("Vera", desk.Lead), s.enters("Edita", desk.Editor)
	for path, want := range map[string][3]int{"/desk": {200, 200, 200}, at: {200, 200, 403}, "/desk/team": {403, 200, 403}, "/desk/deeds": {403, 200, 403}, "/desk/events": {0, 0, 403}} {
		for i, b := range []*browser{ruta, vera, edita} {
			if want[i] == 0 {
				continue
			}
			if b.get(path); b.code != want[i] {
				t.Errorf("%s for role %d: %d", path, i, b.code)
			}
		}
	}
	edita.get("/desk")
	edita.hasNot(s.case_("anna").Word)
	if edita.post(at, edita.form("do", "take")); edita.code != 403 || s.case_("anna").State != bot.Waiting {
		t.Errorf("an editor takes a case: %d", edita.code)
	}
	if edita.post("/desk/duty", edita.form("do", "on")); edita.code != 403 {
		t.Errorf("an editor is on duty: %d", edita.code)
	}
	ruta.act(at, "do", "take")
	vera.get(at)
	vera.has("Grąžinu į eilę", "Šį pokalbį veda Rūta")
	for _, do := range []string{"close", "transfer", "say", "take"} {
		if vera.act(at, "do", do, "text", "I interrupt", "to", "console:vera"); vera.code != 409 && vera.code != 422 {
			t.Errorf("the lead may %s: %d", do, vera.code)
		}
	}
	if c := s.case_("anna"); c.Holder != "console:ruta" {
		t.Errorf("held by %q", c.Holder)
	}
	vera.act(at, "do", "release")
	if c := s.case_("anna"); c.State != bot.Waiting {
		t.Errorf("the lead cannot release: %v", c.State)
	}
	ruta.act(at, "do", "take")
	vera.get("/desk/team")
	vera.post("/desk/team", vera.form("do", "remove", "id", "ruta"))
	if c := s.case_("anna"); c.State != bot.Waiting || c.Holder != "" {
		t.Errorf("what a removed colleague held is %v with %q", c.State, c.Holder)
	}
	if ruta.get("/desk"); ruta.path != "/desk/enter" {
		t.Errorf("a removed colleague is at %s", ruta.path)
	}
	back := s.enters("Rūta", "")
	back.get("/desk")
	if ruta.get("/desk"); ruta.path != "/desk/enter" {
		t.Error("the removed account's session lives again with a new account of that name")
	}
	vera.get("/desk/team")
	vera.post("/desk/team", vera.form("do", "invite", "name", "Nauja", "role", "counsellor"))
	link := regexp.MustCompile(`/desk/enter#[A-Za-z0-9_-]{43}`).FindString(vera.body)
	nauja := s.visit()
	if nauja.comes(link); nauja.path != "/desk" {
		t.Errorf("the lead's link leads to %s", nauja.path)
	}
	vera.get("/desk/team")
	if vera.post("/desk/team", vera.form("do", "remove", "id", "vera")); vera.code != 200 {
		t.Errorf("%d", vera.code)
	}
	if vera.get("/desk/team"); vera.code != 200 {
		t.Error("the lead has removed herself")
	}
}

func TestACaseIsPassedOnLookedAtAndGivenBack(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	ruta, jura := s.enters("Rūta", ""), s.enters("Jūra", "")
	ruta.act(at, "do", "take")
	if jura.act(at, "do", "take"); jura.code != 409 {
		t.Errorf("taken twice: %d", jura.code)
	}
	jura.has("veda Rūta")
	ruta.get(at)
	ruta.has("Dabar kitų budinčių nėra")
	jura.get("/desk")
	jura.post("/desk/duty", jura.form("do", "on"))
	jura.has("Jūra (jūs)", "Baigti budėjimą")
	ruta.get(at)
	ruta.has(`<option value="console:jura">Jūra</option>`)
	ruta.act(at, "do", "transfer", "to", "console:jura")
	if c := s.case_("anna"); c.Holder != "console:jura" {
		t.Fatalf("held by %q", c.Holder)
	}
	if ruta.act(at, "do", "say", "text", "Still me?"); ruta.code != 409 {
		t.Errorf("the one before still answers: %d", ruta.code)
	}
	ruta.has("veda Jūra")
	if jura.act(at, "do", "transfer", "to", "console:nobody"); jura.code != 409 {
		t.Errorf("passed on to nobody: %d", jura.code)
	}
	jura.act(at, "do", "say", "text", "Now it is me")
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Now it is me") })
	jura.act(at, "do", "release")
	if jura.path != "/desk" || s.case_("anna").State != bot.Waiting {
		t.Errorf("at %s, %v", jura.path, s.case_("anna").State)
	}
	jura.post("/desk/duty", jura.form("do", "off"))
	jura.has("Dabar niekas nebudi")
	if strings.Contains(s.people.got("anna"), "Still me") {
		t.Error("words of somebody who no longer held the case reached the person")
	}

	// An emergency is looked at by two.
	s.ticks("berta", threatened)
	two := s.asks2("berta")
	ruta.get(two)
	ruta.has("Skubu", "‼")
	ruta.act(two, "do", "take")
	ruta.hasNot(`value="look"`)
	jura.act(two, "do", "look")
	if c := s.case_("berta"); c.Second != "Jūra" {
		t.Errorf("also looked at by %q", c.Second)
	}
	if c := s.case_("berta"); c.Urgent != bot.Danger {
		t.Errorf("urgent: %d", c.Urgent)
	}
	s.asks("carla")
	ruta.get("/desk")
	if !strings.Contains(ruta.body, s.case_("carla").Word) {
		t.Error("a case is missing")
	}
}

// What a person may tick at the question after the age.
const (
	threatened = "They threaten me or my family"           // an emergency
	afraid     = "I am afraid of what happens if I say no" // high
	nothing    = "None of these"
)

// ticks takes a grown-up from nothing past the question of what has happened, where they tick one answer.
func (s *site) ticks(id, answer string) {
	s.t.Helper()
	for _, text := range []string{"/start", "/next", "/next", "18 or over", answer, "/next"} {
		s.says(id, text)
	}
}

// asks2 asks for a human from where the person is.
func (s *site) asks2(id string) string {
	s.t.Helper()
	s.says(id, "/human")
	s.says(id, "human:agree")
	if !s.case_(id).Active() {
		s.t.Fatalf("there is no case:\n%s", s.people.got(id))
	}
	return s.page(id)
}

func TestTheQueueHasTheUrgentFirstAndThenWhoHasWaitedLongest(t *testing.T) {
	s := newSite(t)
	s.asks("anna")
	time.Sleep(1100 * time.Millisecond)
	s.ticks("berta", nothing)
	s.asks2("berta")
	s.ticks("dora", afraid)
	s.asks2("dora")
	s.ticks("carla", threatened)
	s.asks2("carla")
	for id, want := range map[string]uint8{"anna": bot.Calm, "berta": bot.Calm, "dora": bot.Grave, "carla": bot.Danger} {
		if got := s.case_(id).Urgent; got != want {
			t.Errorf("%s is of urgency %d, not %d", id, got, want)
		}
	}
	b := s.enters("Rūta", "")
	b.get("/desk")
	var at []int
	for _, id := range []string{"carla", "dora", "anna", "berta"} {
		at = append(at, strings.Index(b.body, s.case_(id).Word+"</a>"))
	}
	if at[0] < 0 || !slices.IsSorted(at) {
		t.Errorf("they stand at %v:\n%s", at, b.body)
	}
}

func TestNotesNeverReachThePerson(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	ruta, jura := s.enters("Rūta", ""), s.enters("Jūra", "")
	jura.act(at, "do", "note", "note", "SECRET one\nSECRET two\n\n// SECRET three")
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "say", "text", "// SECRET four")
	ruta.act(at, "do", "say", "text", "Hello\n  // SECRET five\nhow are you?")
	ruta.act(at, "do", "note", "note", "SECRET six")
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Hello\nhow are you?") })
	ruta.act(at, "do", "close", "outcome", "unclear", "referred", "nobody")
	ruta.act(at, "do", "note", "note", "SECRET seven")
	s.soon("the end", func() bool { return strings.Contains(s.people.got("anna"), "has ended") })
	time.Sleep(100 * time.Millisecond)
	if got := s.people.got("anna"); strings.Contains(got, "SECRET") {
		t.Errorf("the person was shown\n%s", got)
	}
	log := s.log("anna")
	for _, n := range []string{"one", "two", "three", "four", "five", "six", "seven"} {
		if !regexp.MustCompile(`(?m)(^4 (Rūta|Jūra): |^)SECRET ` + n).MatchString(log) {
			t.Errorf("the note %s is not kept as one:\n%s", n, log)
		}
	}
	jura.get(at)
	jura.has("SECRET five", "Tarp kolegų · Rūta", "Tarp kolegų · Jūra")
	if jura.act(at, "do", "note", "note", "  "); jura.code != 422 {
		t.Errorf("an empty note: %d", jura.code)
	}
}

func TestTheListOfDeedsHoldsNoContent(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	s.says("anna", "My secret passport")
	ruta, vera := s.enters("Rūta", ""), s.enters("Vera", desk.Lead)
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "say", "text", "An answer of mine")
	ruta.act(at, "do", "note", "note", "A note of mine")
	ruta.act(at, "do", "close", "outcome", "unclear", "referred", "nobody")
	word := s.case_("anna").Word
	ruta.post("/desk/out", ruta.form())
	vera.get("/desk/deeds")
	vera.has("Rūta", "paėmė", "atsakė", "paliko pastabą", "baigė", "prisijungė", "atsijungė", "atvėrė pokalbį")
	key := s.bot.Key(person("anna"))
	vera.hasNot("passport", "An answer", "A note of", word, "anna", fmt.Sprintf("%x", key.Hash[:4]), strings.TrimPrefix(at, "/desk/case/"))
	deeds, _, err := s.bot.Deeds(context.Background(), -1)
	if err != nil || len(deeds) < 8 {
		t.Fatalf("%v, %d", err, len(deeds))
	}
	for _, d := range deeds {
		if all := fmt.Sprint(d); strings.Contains(all, word) || strings.Contains(all, "passport") || strings.Contains(all, "mine") {
			t.Errorf("%s", all)
		}
	}
	for _, entry := range s.logs.All() {
		all := fmt.Sprint(entry.Message, entry.ContextMap())
		for _, secret := range []string{"passport", "mine", word, "anna", "Rūta"} {
			if strings.Contains(all, secret) {
				t.Errorf("the log says %s", all)
			}
		}
	}
}

func TestTheListOfDeedsTellsWhoWasInvitedAndToWhat(t *testing.T) {
	s := newSite(t)
	vera := s.enters("Vera", desk.Lead)
	vera.get("/desk/team")
	vera.act("/desk/team", "do", "invite", "name", " Rūta ", "role", "")
	vera.act("/desk/team", "do", "invite", "name", "Jonas", "role", "editor")
	ctx, now := context.Background(), time.Now()
	for _, asked := range []console.Asked{{Name: "Ona"}, {Name: "Vera"}} { // what is not said is what the person has already
		if _, err := console.Invite(ctx, s.bot, "https://patikra.example", asked, now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := console.InviteMember(ctx, s.bot, "https://patikra.example", "Jura 12345", bot.Actor{ID: "telegram:7000000012345", Name: "Jura"}, now); err != nil {
		t.Fatal(err)
	}
	deeds, _, err := s.bot.Deeds(ctx, -1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range deeds {
		if d.What == "invite" {
			got = append(got, fmt.Sprint(d.Who, " ", d.Name, " ", d.Role))
		}
	}
	want := []string{"telegram:7000000012345 Jura 12345 counsellor", "command Vera lead", "command Ona counsellor", "console:vera Jonas editor", "console:vera Rūta counsellor"}
	if !slices.Equal(got, want) {
		t.Errorf("the list tells\n%s", strings.Join(got, "\n"))
	}
	lead := s.enters("Lina", desk.Lead)
	lead.get("/desk/deeds")
	lead.has("Rūta, Konsultantas", "Jonas, Redaktorius", "Vera, Vadovas")
}

func TestThatNobodyLeadsStandsOnTheQueueUntilSomebodyDoes(t *testing.T) {
	s := newSite(t)
	ctx, now := context.Background(), time.Now()
	who := bot.Actor{ID: "telegram:7"}
	if _, _, err := s.bot.InviteMember(ctx, "Vera 7", who, now); err != nil {
		t.Fatal(err)
	}
	vera, ruta := s.enters("Vera 7", desk.Lead), s.enters("Rūta", "")
	ruta.get("/desk")
	ruta.hasNot("patikra invite")
	if err := s.bot.MemberLeft(ctx, who, time.Now()); err != nil {
		t.Fatal(err)
	}
	if vera.get("/desk"); vera.path != "/desk/enter" {
		t.Errorf("who left is at %s", vera.path)
	}
	ruta.get("/desk")
	ruta.has("liko be vadovo", "patikra invite VARDAS --role lead")
	s.enters("Lina", desk.Lead)
	ruta.get("/desk")
	ruta.hasNot("patikra invite")
}

func TestAPageSaysNothingOfWhereAPersonWrites(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna-7301442")
	b := s.enters("Rūta", desk.Lead)
	key := s.bot.Key(person("anna-7301442"))
	for _, path := range []string{"/desk", at} {
		b.get(path)
		b.hasNot("7301442", fmt.Sprintf("%x", key.Hash))
	}
	if strings.Contains(at, fmt.Sprintf("%x", key.Hash[:])) {
		t.Error("the path holds the hash")
	}
	for i := range at { // a path that was tampered with leads nowhere
		if i > len("/desk/case/") && i%5 == 0 {
			b.get(at[:i] + map[bool]string{true: "A", false: "B"}[at[i] != 'A'] + at[i+1:])
			if b.code != 404 {
				t.Errorf("at %d: %d", i, b.code)
			}
		}
	}
}

func TestWhatIsSentTwiceArrivesOnce(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.enters("Rūta", "")
	b.act(at, "do", "take")
	b.get(at)
	form := b.form("do", "say", "text", "Only once")
	for range 3 {
		if b.post(at, form); b.code != 200 {
			t.Errorf("%d", b.code)
		}
	}
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Only once") })
	time.Sleep(100 * time.Millisecond)
	if n := strings.Count(s.people.got("anna"), "Only once"); n != 1 {
		t.Errorf("it arrived %d times", n)
	}
	if n := strings.Count(s.log("anna"), "Only once"); n != 1 {
		t.Errorf("it is kept %d times", n)
	}
}

func TestWhatCannotBeSentStaysInItsBox(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.enters("Rūta", "")
	b.act(at, "do", "take")
	long := strings.Repeat("ž", 2001)
	if b.act(at, "do", "say", "text", long); b.code != 422 {
		t.Errorf("%d", b.code)
	}
	b.has("telpa 2000", long)
	if b.act(at, "do", "say", "text", " \n "); b.code != 422 {
		t.Errorf("empty: %d", b.code)
	}
	if b.act(at, "do", "dance"); b.code != 400 {
		t.Errorf("an unknown act: %d", b.code)
	}
	b.act(at, "do", "insert", "text", "Typed before", "reply", "0")
	word := s.case_("anna").Word
	b.has("Typed before\nHello. A counsellor is writing to you. Your code word: "+word+".</textarea>", ">Laba diena. Jums rašo konsultantas")
	if b.code != 200 {
		t.Errorf("%d", b.code)
	}
	if strings.Contains(s.people.got("anna"), "Typed before") {
		t.Error("inserting sends")
	}
}

func TestUnreadWordsAreMarkedForEachCounsellor(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	ruta := s.enters("Rūta", "")
	ruta.act(at, "do", "take")
	ruta.get("/desk")
	ruta.hasNot("Neskaityta: 1<")
	s.says("anna", "First words")
	s.says("anna", "Second words")
	ruta.get("/desk")
	ruta.has("Neskaityta: 2<", "<title>(2) ")
	r, _ := http.NewRequest("GET", s.url+at, nil)
	r.Header.Set("X-Live", "hidden") // a tab that nobody looks at
	ruta.do(r)
	ruta.get("/desk")
	ruta.has("Neskaityta: 2<")
	ruta.get(at)
	ruta.has("Second words", "<title>"+s.case_("anna").Word)
	ruta.get("/desk")
	ruta.hasNot("Neskaityta: 2<", "<title>(")
	s.says("anna", "Third words")
	ruta.get("/desk")
	ruta.has("Neskaityta: 1<")
	ruta.has("Laukia")
}

func TestWhatAPersonErasesIsGoneFromTheDesk(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	s.says("anna", "To be forgotten")
	word := s.case_("anna").Word
	b := s.enters("Rūta", "")
	b.act(at, "do", "take")
	s.says("anna", "/erase")
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Pressed, Text: "erase:yes", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if b.get(at); b.code != 404 {
		t.Errorf("%d", b.code)
	}
	b.has("Šio pokalbio nebėra")
	b.hasNot("To be forgotten", word)
	b.get("/desk")
	b.hasNot(word)
}

// upper stands for a service that translates.
type upper struct{ asked atomic.Int64 }

func (u *upper) Translate(_ context.Context, text, from, to string) (string, error) {
	u.asked.Add(1)
	if from != "en" || to != "lt" {
		return "", fmt.Errorf("from %s to %s", from, to)
	}
	return strings.ToUpper(text), nil
}

func TestATranslationStandsBesideTheOriginal(t *testing.T) {
	by := &upper{}
	s := newSite(t, func(set *console.Settings) { set.Translator = by })
	at := s.asks("anna")
	s.says("anna", "my words")
	b := s.enters("Rūta", "")
	b.get(at)
	b.has("my words", "MY WORDS", "Automatinis vertimas")
	b.get(at)
	if n := by.asked.Load(); n != 1 {
		t.Errorf("translated %d times", n)
	}
	b.post("/desk/language", b.form("to", "en", "back", at))
	if b.path != at {
		t.Errorf("at %s", b.path)
	}
	b.has("my words", "What was said")
	b.hasNot("MY WORDS")
}

// lower translates the other way.
type lower struct{}

func (lower) Translate(ctx context.Context, text, from, to string) (string, error) {
	if from+to == "enlt" {
		return "", nil
	}
	if strings.Contains(text, "away") || from != "lt" || to != "en" {
		return "", fmt.Errorf("from %s to %s", from, to)
	}
	return strings.ToLower(text), nil
}

func TestACounsellorLooksOverADraftInThePersonsLanguageBeforeItGoesOut(t *testing.T) {
	s := newSite(t, func(set *console.Settings) { set.Translator = lower{} })
	at := s.asks("anna") // in English
	b := s.enters("Rūta", "")
	b.get(at)
	b.hasNot(`value="draft"`) // nobody has taken it
	b.act(at, "do", "take")
	b.has(`value="draft">Išversti (English)`)
	b.act(at, "do", "draft", "text", "KUR JŪS?")
	b.has("KUR JŪS?\n\nAutomatic translation:\nkur jūs?</textarea>")
	b.act(at, "do", "draft", "text", "away")
	if b.has("Vertimo programa dabar neatsako", ">away</textarea>"); b.code != http.StatusServiceUnavailable {
		t.Errorf("%d", b.code)
	}
	b.act(at, "do", "draft", "text", strings.Repeat("a", 5000))
	b.has("Vertimo programa dabar neatsako")
	if got := s.people.got("anna"); strings.Contains(got, "kur") || strings.Contains(got, "away") {
		t.Errorf("it went out by itself:\n%s", got)
	}
	b.post("/desk/language", b.form("to", "en", "back", at))
	b.hasNot(`value="draft"`) // who reads English writes it
	without := newSite(t)
	at = without.asks("anna")
	c := without.enters("Rūta", "")
	c.act(at, "do", "take")
	if c.hasNot(`value="draft"`); c.code != 200 {
		t.Error(c.code)
	}
}

func TestTooManyTriesToEnterAreHeldUp(t *testing.T) {
	s := newSite(t)
	b := s.visit()
	b.from = "192.0.2.7"
	held := 0
	for range 30 {
		if b.post("/desk/enter", url.Values{"token": {"x"}, "form": {"x"}}); b.code == 429 {
			held++
		}
	}
	if held < 15 {
		t.Errorf("%d of 30 were held up", held)
	}
	other := s.enters("Rūta", "")
	if other.code != 200 {
		t.Error("somebody else is held up")
	}
	// A colleague with a good link, behind the same proxy.
	link := s.invite("Jonas", "")
	for n := 0; n < 2000 && b.code != 429; n++ { // as long as it takes on a slow machine
		b.get("/desk/enter?wrong")
	}
	if b.code != 429 {
		t.Fatalf("a stranger is answered %d", b.code)
	}
	c := s.visit()
	c.from = b.from
	if c.comes(link); c.code != 200 || c.path != "/desk" {
		t.Errorf("a good link is answered %d at %s", c.code, c.path)
	}
}

func TestTheDeskIsOnOnceSomebodyCanAnswer(t *testing.T) {
	s := newSite(t)
	s.bot.Desk.On = false
	human := func(id string) bool {
		s.says(id, "/start")
		s.says(id, "/human")
		x, err := s.bot.Session(context.Background(), person(id))
		if err != nil {
			t.Fatal(err)
		}
		return x.Over == bot.Consent
	}
	if human("anna") {
		t.Error("it is on without anybody")
	}
	s.enters("Edita", desk.Editor)
	s.invite("Rūta", "")
	if human("berta") {
		t.Error("it is on with an editor and an unused link")
	}
	s.enters("Rūta", "")
	if !human("carla") {
		t.Error("it is off with a counsellor")
	}
	if err := s.bot.RemoveAccount(context.Background(), "ruta", time.Now()); err != nil {
		t.Fatal(err)
	}
	if human("dora") {
		t.Error("it is on after the counsellor's account was removed")
	}
}

func TestNamesAreCheckedAndKeptApart(t *testing.T) {
	s := newSite(t)
	s.enters("Rūta", "")
	ctx := context.Background()
	for _, bad := range []string{"", "  ", "Ruta", "RŪTA", "@ruta", "//", "<b>", strings.Repeat("a", 41), "a\x00b"} {
		if _, _, err := s.bot.Invite(ctx, bad, "", time.Now()); err == nil {
			t.Errorf("%q is invited", bad)
		}
	}
	if _, _, err := s.bot.Invite(ctx, "Vera", "boss", time.Now()); err == nil {
		t.Error("an unknown role")
	}
	if _, _, err := s.bot.Invite(ctx, " Rūta ", "", time.Now()); err != nil {
		t.Errorf("the same name again: %v", err)
	}
}

func TestAnOpenPageHearsThatSomethingHasChangedAndNoWords(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b, jura := s.enters("Rūta", ""), s.enters("Jūra", "")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", s.url+"/desk/events", nil)
	stream := &http.Client{Jar: b.client.Jar}
	resp, err := stream.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var mu sync.Mutex
	var heard strings.Builder
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := resp.Body.Read(buf)
			mu.Lock()
			heard.Write(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	has := func(words string) func() bool {
		return func() bool { mu.Lock(); defer mu.Unlock(); return strings.Contains(heard.String(), words) }
	}
	s.soon("a greeting", has("event: hello"))
	s.says("anna", "Secret words")
	s.soon("a change", has("event: changed\ndata: "+strings.TrimPrefix(at, "/desk/case/")))
	jura.get(at)
	jura.post(at+"/typing", jura.form())
	s.soon("somebody writes", has(`"name":"Jūra"`))
	s.console.Typing(person("anna"))
	s.soon("the person writes", has(`"person":true`))
	mu.Lock()
	if strings.Contains(heard.String(), "Secret") || strings.Contains(heard.String(), "anna") {
		t.Errorf("%s", heard.String())
	}
	mu.Unlock()
	s.console.Close()
	s.soon("the end of the stream", func() bool { _, err := resp.Body.Read(make([]byte, 1)); return err != nil })
}

// countingStore counts how often it is asked for a record.
type countingStore struct {
	bot.Store
	loads atomic.Int64
}

func (s *countingStore) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	s.loads.Add(1)
	return s.Store.Load(ctx, key)
}

func TestMadeUpSecretsAreNotLookedForBeyondTheAllowanceOfTheirAddress(t *testing.T) {
	var store *countingStore
	s := newSiteOver(t, func(inner bot.Store) bot.Store { store = &countingStore{Store: inner}; return store })
	const from = "192.0.2.70"
	ruta, open := s.enters("Rūta", ""), s.invite("Jonas", "")
	ruta.from = from
	asks := func(n int, method, path string, cookie bool) int64 {
		before := store.loads.Load()
		for i := range n {
			secret := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%032d", i)))
			r := httptest.NewRequest(method, path, strings.NewReader(url.Values{"token": {secret}, "form": {"x"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-For", from)
			r.RemoteAddr = "127.0.0.1:1"
			if cookie {
				r.AddCookie(&http.Cookie{Name: s.console.Name(), Value: secret})
			}
			s.console.ServeHTTP(httptest.NewRecorder(), r)
		}
		return store.loads.Load() - before
	}
	if n := asks(1000, "GET", "/desk", true); n > 70 {
		t.Errorf("1,000 made-up sessions cost %d reads", n)
	}
	if n := asks(1000, "POST", "/desk/enter", false); n > 20 {
		t.Errorf("1,000 made-up links cost %d reads", n)
	}
	if n := asks(1000, "POST", "/desk/enter", true); n > 40 {
		t.Errorf("1,000 made-up sessions at the entrance cost %d reads", n)
	}
	if ruta.get("/desk"); ruta.code != 200 || ruta.path != "/desk" {
		t.Errorf("beside them a colleague is answered %d at %s", ruta.code, ruta.path)
	}
	jonas := s.visit()
	jonas.from = from
	if jonas.comes(open); jonas.code != 200 || jonas.path != "/desk" {
		t.Errorf("beside them a good link is answered %d at %s", jonas.code, jonas.path)
	}
}

func TestAPersonIsToldThatTheirCounsellorIsWritingAndOfNoNote(t *testing.T) {
	var told atomic.Int64
	s := newSite(t, func(set *console.Settings) { set.Writes = func(bot.Key) { told.Add(1) } })
	at := s.asks("anna")
	ruta, jura := s.enters("Rūta", ""), s.enters("Jūra", "")
	ruta.get(at)
	ruta.act(at, "do", "take")
	for _, try := range []struct {
		who   *browser
		field string
		want  int64
	}{{jura, "text", 0}, {ruta, "note", 0}, {ruta, "text", 1}} {
		told.Store(0)
		try.who.get(at)
		if try.who.post(at+"/typing", try.who.form("field", try.field)); try.who.code != http.StatusNoContent || told.Load() != try.want {
			t.Errorf("%s: %d, told %d times", try.field, try.who.code, told.Load())
		}
	}
}
