package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// night is a desk whose clock is turned by the test.
type night struct {
	t       *testing.T
	bot     *desk.Desk
	console *console.Console
}

func newNight(t *testing.T) *night {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	n := &night{t: t, bot: desk.New(lib, store, ring)}
	n.bot.Always = true
	if n.console, err = console.New(console.Settings{URL: "http://desk.example", Secrets: ring.Secrets}, n.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	return n
}

// enters begins a session that long ago, in which something was done every half an hour.
func (n *night) enters(name string, role desk.Role, ago time.Duration) (cookie string) {
	n.t.Helper()
	now := time.Now()
	token, _, err := n.bot.Invite(n.t.Context(), name, role, now.Add(-ago))
	if err != nil {
		n.t.Fatal(err)
	}
	if _, cookie, err = n.bot.Enter(n.t.Context(), token, now.Add(-ago)); err != nil {
		n.t.Fatal(err)
	}
	for ; ago >= 0; ago -= 30 * time.Minute {
		if _, _, err := n.bot.Visitor(n.t.Context(), cookie, true, now.Add(-ago)); err != nil {
			n.t.Fatal(err)
		}
	}
	return cookie
}

func (n *night) request(ctx context.Context, method, path, cookie string, form url.Values) *http.Request {
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: n.console.Name(), Value: cookie})
	return r
}

// page asks for one page, or sends the form of one.
func (n *night) page(method, path, cookie string, form url.Values) *browser {
	w := httptest.NewRecorder()
	n.console.ServeHTTP(w, n.request(n.t.Context(), method, path, cookie, form))
	return &browser{t: n.t, code: w.Code, body: w.Body.String()}
}

// stream is what an open page hears.
type stream struct {
	header http.Header
	mu     sync.Mutex
	text   strings.Builder
	close  context.CancelFunc
}

func (s *stream) Header() http.Header { return s.header }
func (s *stream) WriteHeader(int)     {}
func (s *stream) Flush()              {}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// heard is what came since it was asked last, without the signs of life.
func (s *stream) heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return strings.ReplaceAll(s.text.String(), "event: beat\ndata: -\n\n", "")
}

func (n *night) opens(cookie string) *stream {
	ctx, cancel := context.WithCancel(n.t.Context())
	s := &stream{header: http.Header{}, close: cancel}
	go n.console.ServeHTTP(s, n.request(ctx, "GET", "/desk/events", cookie, nil))
	synctest.Wait()
	s.heard()
	return s
}

func (n *night) onDuty() (names string) {
	n.t.Helper()
	r, err := n.bot.Roster(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	for _, a := range r.OnDuty(time.Now()) {
		names += a.Name + " "
	}
	return strings.TrimSpace(names)
}

func TestAQuietNightSignsNobodyOutWhoIsOnDutyWithThePageOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		ruta, jonas := n.enters("Rūta", "", 630*time.Minute), n.enters("Jonas", "", 0)
		n.page("POST", "/desk/duty", ruta, n.page("GET", "/desk", ruta, nil).form("do", "on"))
		press := n.page("GET", "/desk", jonas, nil).form()
		duty, idle := n.opens(ruta), n.opens(jonas)
		defer duty.close()
		defer idle.close()

		time.Sleep(49 * time.Minute)
		if got := duty.heard() + idle.heard(); strings.Contains(got, "event: end") {
			t.Errorf("a warning comes early: %q", got)
		}
		time.Sleep(2 * time.Minute)
		if got := idle.heard(); !strings.Contains(got, `event: ends`+"\n"+`data: {"minutes":9,"final":false}`) {
			t.Errorf("whoever is not on duty hears %q before the end of an hour", got)
		}
		if r := n.page("POST", "/desk/stay", jonas, press); r.code != 204 {
			t.Errorf("one press to stay: %d", r.code)
		}
		time.Sleep(20 * time.Second)
		if got := idle.heard(); !strings.Contains(got, "event: stays") || strings.Contains(got, "event: ended") {
			t.Errorf("after the press: %q", got)
		}
		time.Sleep(20 * time.Minute)
		if got := duty.heard(); strings.Contains(got, "event: end") || n.onDuty() != "Rūta" {
			t.Errorf("after more than an hour without a press: %q, on duty %q", got, n.onDuty())
		}
		time.Sleep(10 * time.Minute) // 11 h 51 min
		if got := duty.heard(); !strings.Contains(got, `data: {"minutes":8,"final":true}`) {
			t.Errorf("before twelve hours: %q", got)
		}
		time.Sleep(9 * time.Minute)
		if got := duty.heard(); !strings.Contains(got, "event: ended") {
			t.Errorf("after twelve hours: %q", got)
		}
		time.Sleep(3 * time.Minute)
		if n.onDuty() != "" {
			t.Errorf("whose session has ended is on duty: %q", n.onDuty())
		}
	})
}

func TestWhosePageIsClosedIsNotOnDutyAndThePersonIsToldTheTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		ruta := n.enters("Rūta", "", 0)
		n.page("POST", "/desk/duty", ruta, n.page("GET", "/desk", ruta, nil).form("do", "on"))
		asks := func(who string) string {
			for _, text := range []string{"/start", "/human", "human:agree"} {
				kind := bot.Typed
				if strings.HasPrefix(text, "human:") {
					kind = bot.Pressed
				}
				if _, err := n.bot.Handle(t.Context(), bot.Update{From: person(who), Kind: kind, Text: text, Locale: "en", At: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			lines, err := n.bot.Log(t.Context(), n.bot.Key(person(who)), 0)
			if err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, l := range lines {
				all += l.Text + "\n"
			}
			return all
		}
		open := n.opens(ruta)
		time.Sleep(10 * time.Minute)
		if got := asks("anna"); strings.Contains(got, "on duty") || !strings.Contains(got, "first in the queue") {
			t.Errorf("with a page open:\n%s", got)
		}
		open.close()
		time.Sleep(2 * time.Minute)
		if n.onDuty() != "Rūta" {
			t.Error("a page that was loaded anew, or a short outage, ends being on duty")
		}
		time.Sleep(2 * time.Minute)
		if got := asks("berta"); !strings.Contains(got, "No counsellor is on duty right now") || strings.Contains(got, "first in the queue") || !strings.Contains(got, "niekas nebudi") {
			t.Errorf("with every page closed:\n%s", got)
		}
		jonas := n.enters("Jonas", "", 0)
		if page := n.page("GET", "/desk", jonas, nil).body; !strings.Contains(page, "Rūta (langas uždarytas)") {
			t.Error("a colleague is not told")
		}
		n.page("GET", "/desk", ruta, nil) // without a script, too, an open page is one
		if n.onDuty() != "Rūta" {
			t.Error("she comes back and is not on duty")
		}
		n.page("POST", "/desk/out", ruta, n.page("GET", "/desk", ruta, nil).form())
		if n.onDuty() != "" {
			t.Error("who signed out is on duty")
		}
	})
}

func TestWhoLeavesWithTalksIsAskedAndGivesThemBack(t *testing.T) {
	for _, way := range []string{"/desk/out", "/desk/duty"} {
		s := newSite(t)
		at := s.asks("anna")
		b := s.enters("Rūta", "")
		b.post("/desk/duty", b.form("do", "on"))
		b.act(at, "do", "take")
		b.post(way, b.form("do", "off"))
		if b.has("Jūs dar kalbate su žmonėmis", s.word("anna")); b.code != 409 || s.case_("anna").State != bot.Taken {
			t.Errorf("%s: %d, the case is %v", way, b.code, s.case_("anna").State)
		}
		b.post(way, b.form("do", "off", "give", "back"))
		if r, err := s.bot.Roster(t.Context()); err != nil || len(r.Duty) != 0 || s.case_("anna").State != bot.Waiting {
			t.Errorf("%s: on duty %v, the case is %v, %v", way, r.Duty, s.case_("anna").State, err)
		}
		s.soon("the person is told", func() bool { return strings.Contains(s.people.got("anna"), "in the queue again") })
	}
}

func TestWordsThatLookLikeANoteAreAskedAboutFirst(t *testing.T) {
	s := newSite(t)
	at := s.asks("anna")
	b := s.enters("Rūta", "")
	b.act(at, "do", "take")
	for _, words := range []string{"/ she is lying", "Listen // she is lying", "Good\n/she is lying"} {
		b.act(at, "do", "say", "text", words)
		if b.has("Dar neišsiųsta"); b.code != 422 || strings.Contains(s.people.got("anna"), "lying") {
			t.Errorf("%q: %d", words, b.code)
		}
		b.post(at, b.form("do", "say", "text", words+", too"))
		if b.code != 422 {
			t.Errorf("other words than those asked about go out: %d", b.code)
		}
	}
	b.act(at, "do", "say", "text", "See https://vdi.example/page\n// a note\nor 1/2")
	s.soon("an address and a note beside words are no riddle", func() bool { return strings.Contains(s.people.got("anna"), "vdi.example") })
	b.act(at, "do", "say", "text", "/ is a slash")
	b.post(at, b.form("do", "say", "text", "/ is a slash"))
	s.soon("what is meant goes out", func() bool { return strings.Contains(s.people.got("anna"), "/ is a slash") })
}

func TestALeadTakesATalkOverInOneActAndThePersonKnows(t *testing.T) {
	s := newSite(t)
	lead, jonas, ona := s.enters("Rūta", desk.Lead), s.enters("Jonas", ""), s.enters("Ona", "")
	at := s.asks("anna")
	jonas.act(at, "do", "take")
	if ona.get(at); strings.Contains(ona.body, `value="over"`) {
		t.Error("a colleague is offered to take a talk over")
	}
	if ona.act(at, "do", "over"); strings.Contains(ona.body, `id="text"`) {
		t.Error("a colleague takes a talk over")
	}
	if lead.get(at); !strings.Contains(lead.body, `value="over"`) {
		t.Errorf("the lead is not offered the talk:\n%s", lead.body)
	}
	lead.act(at, "do", "over")
	lead.get(at)
	lead.has("Rūta perėmė pokalbį iš: Jonas")
	if !strings.Contains(lead.body, `id="text"`) || strings.Contains(lead.body, `value="over"`) {
		t.Error("the lead cannot write in the talk")
	}
	if jonas.get(at); strings.Contains(jonas.body, `id="text"`) {
		t.Error("whoever held it writes in it still")
	}
}
