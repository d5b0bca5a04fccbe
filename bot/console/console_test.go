package console_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// site is a running console with its own store, and people who talk through a channel of the test's.
type site struct {
	t       testing.TB
	url     string
	bot     *bot.Bot
	store   bot.Store
	ring    *seal.Ring
	console *console.Console
	people  *people
	logs    *observer.ObservedLogs
	srv     *httptest.Server
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
	lib, err := bot.Open(bot.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.InfoLevel)
	log := zap.New(core)
	s := &site{t: t, bot: bot.New(lib, store, ring), store: store, ring: ring, people: &people{sent: map[string][]string{}}, logs: logs}
	s.bot.Always = true
	ctx, cancel := context.WithCancel(context.Background())
	box := outbox.New(s.bot, store, bot.Pace{}, log, s.people)
	s.bot.Sender = box
	s.srv = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.console.ServeHTTP(w, r) }))
	s.url = "http://" + s.srv.Listener.Addr().String()
	set := console.Settings{URL: s.url, Secret: ring.Secret}
	for _, f := range change {
		f(&set)
	}
	if s.console, err = console.New(set, s.bot, log); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { box.Run(ctx) })
	wg.Go(func() { s.console.Run(ctx) })
	s.srv.Start()
	t.Cleanup(func() {
		s.console.Close()
		s.srv.CloseClientConnections()
		s.srv.Close()
		cancel()
		wg.Wait()
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

func (s *site) case_(id string) *bot.Case {
	s.t.Helper()
	x, err := s.bot.Session(context.Background(), person(id))
	if err != nil {
		s.t.Fatal(err)
	}
	return x.Case
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
func (s *site) invite(name string, role bot.Role) string {
	s.t.Helper()
	token, _, err := s.bot.Invite(context.Background(), name, role, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return "/desk/enter?" + token
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
	body   string
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
	b.path, b.code, b.head, b.body = resp.Request.URL.Path, resp.StatusCode, resp.Header, html.UnescapeString(string(data))
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

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(form|token|once)" value="([^"]*)"`)

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
func (s *site) enters(name string, role bot.Role) *browser {
	s.t.Helper()
	b := s.visit()
	b.get(s.invite(name, role))
	b.post("/desk/enter", b.form())
	if b.code != 200 || b.path != "/desk" {
		s.t.Fatalf("%s does not come in: %d at %s\n%s", name, b.code, b.path, b.body)
	}
	return b
}

func TestACounsellorTakesAnswersAndCloses(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	ruta.has("Niekas nelaukia")
	at := s.asks("anna")
	s.says("anna", "My passport is with the recruiter")
	word := s.case_("anna").Word
	ruta.get("/desk")
	ruta.has(word, "English", "○", "Įprastas", `href="`+at+`"`, "Pokalbis čia")
	ruta.get(at)
	ruta.has("My passport is with the recruiter", "Imu", "Atsakyti galės tas")
	ruta.hasNot(`name="text"`)
	ruta.act(at, "do", "take")
	ruta.has(`name="text"`, "Rūta")
	s.soon("the person is told", func() bool { return strings.Contains(s.people.got("anna"), "A counsellor has joined") })
	ruta.act(at, "do", "say", "text", "Hello. <b>I am here</b> & listening")
	ruta.has("Jūs")
	s.soon("the answer", func() bool { return strings.Contains(s.people.got("anna"), "Hello. <b>I am here</b> & listening") })
	ruta.act(at, "do", "close")
	ruta.has("Pokalbis baigtas", "Atidaryti iš naujo")
	s.soon("the end", func() bool { return strings.Contains(s.people.got("anna"), "has ended") })
	ruta.get("/desk")
	ruta.hasNot(word)
	ruta.act(at, "do", "reopen")
	if c := s.case_("anna"); c.State != bot.Waiting {
		t.Errorf("after reopening it is %v", c.State)
	}
}

