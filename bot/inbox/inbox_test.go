package inbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/inbox"
	"patikra/bot/library"
	"patikra/bot/outbox"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

const secret = "a secret of the test, long enough"

// standIn is an organisation's own inbox. It takes each event once, by its id.
type standIn struct {
	*httptest.Server
	mu     sync.Mutex
	seen   map[string]bool
	events []inbox.Event
	broken int // how many calls still fail
	unsure int // how many events it still takes and answers with 503 all the same
	calls  int
	last   []byte
	head   http.Header // of the last event
}

func newStandIn(t *testing.T) *standIn {
	s := &standIn{seen: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e inbox.Event
		if err := json.Unmarshal(body, &e); err != nil {
			t.Error(err)
		}
		if r.Header.Get("X-Patikra-Version") != "2" || !inbox.Signed(secret, r.Header.Get("X-Patikra-Signature-V2"), inbox.ToInbox, e.ID, body, time.Now()) {
			t.Error("an event is not signed")
		}
		if !inbox.SignedOld(secret, r.Header.Get("X-Patikra-Signature"), body, time.Now()) {
			t.Error("a partner who knows the earlier signature only cannot check an event")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken > 0 {
			s.broken--
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		s.calls++
		if s.unsure > 0 {
			s.unsure--
			defer w.WriteHeader(http.StatusServiceUnavailable)
		}
		s.last, s.head = body, r.Header.Clone()
		if !s.seen[e.ID] {
			s.seen[e.ID] = true
			s.events = append(s.events, e)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) list() []inbox.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]inbox.Event{}, s.events...)
}

// chat is the person's side: a channel that keeps what it is given.
type chat struct {
	mu   sync.Mutex
	said []string
}

func (c *chat) Name() string { return "chat" }
func (c *chat) Deliver(_ context.Context, m bot.Message) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said = append(c.said, m.Text)
	return int64(len(c.said)), nil
}
func (c *chat) heard(text string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Contains(strings.Join(c.said, "\n"), text)
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not in time", what)
		}
	}
}

// stores runs a test with each store.
func stores(t *testing.T, f func(t *testing.T, store bot.Store)) {
	t.Run("embedded", func(t *testing.T) {
		store, err := sqlitestore.Open(t.TempDir(), 8)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		f(t, store)
	})
	t.Run("redis", func(t *testing.T) {
		store, err := redisstore.Open(t.Context(), redisstore.Options{URL: storetest.RedisServer(t).URL(), Partitions: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		f(t, store)
	})
}

// serving is a desk whose counsellors work in another organisation's program, and the door at which their answers arrive.
func serving(t *testing.T, store bot.Store, other *standIn, person *chat) (*desk.Desk, *httptest.Server) {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(lib, store, ring)
	b.Desk, b.Always = engine.Reach{On: true, Topics: true}, true
	in := inbox.New(inbox.Settings{URL: other.URL, Secret: secret}, b.Bot, zap.NewNop())
	box := outbox.New(b.Bot, store, bot.Pace{}, zap.NewNop(), person, in)
	b.Sender = box
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { box.Run(ctx); close(done) }()
	door := httptest.NewServer(in)
	t.Cleanup(func() { door.Close(); cancel(); <-done })
	return b, door
}

// answering is what a colleague there does in a case, as it arrives at the door.
func answering(door *httptest.Server, of, id, kind, text string) *http.Request {
	a := inbox.Answer{ID: id, Case: of, Type: kind, Text: text}
	a.Agent.ID, a.Agent.Name = "7", "Ruta"
	body, _ := json.Marshal(a)
	req, _ := http.NewRequest("POST", door.URL, bytes.NewReader(body))
	req.Header.Set("X-Patikra-Version", "2")
	req.Header.Set("X-Patikra-Signature-V2", inbox.Sign(secret, inbox.FromInbox, id, time.Now(), body))
	return req
}

func TestAnOrganisationAnswersInAProgramOfItsOwn(t *testing.T) { stores(t, answers) }

func answers(t *testing.T, store bot.Store) {
	other, person := newStandIn(t), &chat{}
	other.broken = 2
	b, door := serving(t, store, other, person)
	n := uint64(0)
	does := func(kind bot.Kind, text string) {
		t.Helper()
		n++
		if _, err := b.Handle(t.Context(), bot.Update{ID: n, From: bot.Address{Channel: "chat", ID: "a person's number"}, Kind: kind, Text: text, Locale: "en", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	does(bot.Typed, "/human")
	does(bot.Pressed, "human:agree")
	does(bot.Typed, "Is anybody there?")
	does(bot.Typed, "Is anybody there?")
	until(t, "the case and both messages", func() bool { return len(other.list()) == 3 })
	list := other.list()
	if list[0].Type != "handoff.initiate" || list[0].State != "waiting" || list[1].Type != "handoff.message" || list[1].From != "person" || list[2].Text != "Is anybody there?" {
		t.Fatalf("the events are %+v", list)
	}
	for _, e := range list {
		if plain := fmt.Sprintf("%+v", e); strings.Contains(plain, "a person's number") {
			t.Errorf("an event tells who the person is: %s", plain)
		}
	}
	var sent *http.Request
	answer := func(id, kind, text string) (int, string) {
		t.Helper()
		req := answering(door, list[0].Case, id, kind, text)
		sent = req.Clone(t.Context())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text2, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(text2)
	}
	if code, why := answer("1", "message", "too early"); code != 409 || why == "" {
		t.Errorf("words before taking: %d %s", code, why)
	}
	for _, a := range [][3]string{{"2", "take", ""}, {"3", "message", "Yes, I am here"}, {"3", "message", "Yes, I am here"}} {
		if code, why := answer(a[0], a[1], a[2]); code != 200 {
			t.Errorf("%v: %d %s", a, code, why)
		}
	}
	until(t, "the person hears it", func() bool { return person.heard("Yes, I am here") })
	does(bot.Typed, "Thank you")
	until(t, "the thanks", func() bool { l := other.list(); return l[len(l)-1].Text == "Thank you" })
	if n := strings.Count(strings.Join(person.said, "\n"), "Yes, I am here"); n != 1 {
		t.Errorf("an answer that came twice was said %d times", n)
	}
	for i := range bot.MaxSeen + 1 { // more than a session remembers
		if code, why := answer(fmt.Sprint("more-", i), "message", fmt.Sprint("and this ", i)); code != 200 {
			t.Fatalf("%d %s", code, why)
		}
	}
	for range 2 { // the very same bytes too
		if code, _ := answer("3", "message", "Yes, I am here"); code != 200 {
			t.Errorf("the same again: %d", code)
		}
		again := sent.Clone(t.Context())
		again.Body, _ = sent.GetBody()
		resp, err := http.DefaultClient.Do(again)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("the same bytes again: %d", resp.StatusCode)
		}
	}
	other.mu.Lock()
	back, _ := http.NewRequest("POST", door.URL, bytes.NewReader(other.last))
	back.Header = other.head.Clone()
	other.mu.Unlock()
	if resp, err := http.DefaultClient.Do(back); err != nil || resp.StatusCode != 401 {
		t.Errorf("an event of ours, handed back as an answer: %v %v", resp, err)
	}
	until(t, "the last words", func() bool { return person.heard(fmt.Sprint("and this ", bot.MaxSeen)) })
	if n := strings.Count(strings.Join(person.said, "\n"), "Yes, I am here"); n != 1 {
		t.Errorf("an answer that came again after %d others was said %d times", bot.MaxSeen+1, n)
	}
	does(bot.Pressed, "erase:yes")
	until(t, "what is kept must go", func() bool { l := other.list(); return l[len(l)-1].Type == "handoff.erase" })
	until(t, "the case is unknown", func() bool { code, _ := answer("9", "message", "hello"); return code == 404 })
}

// forgetful is a store that fails to keep something beside the conversations, once.
type forgetful struct {
	bot.Store
	fails atomic.Bool
}

func (f *forgetful) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	if f.fails.CompareAndSwap(true, false) {
		return errors.New("the disk is full")
	}
	return f.Store.Keep(ctx, name, value, life)
}

func TestWhatIsAnsweredWith503AndSentAgainIsTakenOnce(t *testing.T) {
	embedded, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { embedded.Close() })
	store := &forgetful{Store: embedded}
	other, person := newStandIn(t), &chat{}
	other.unsure = 1
	b, door := serving(t, store, other, person)
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/human"}, {Kind: bot.Pressed, Text: "human:agree"}, {Kind: bot.Typed, Text: "Is anybody there?"}} {
		u.ID, u.From, u.Locale, u.At = uint64(i+1), bot.Address{Channel: "chat", ID: "p"}, "en", time.Now()
		if _, err := b.Handle(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the case and the words", func() bool { return len(other.list()) == 2 })
	list := other.list()
	other.mu.Lock()
	if other.calls != 3 || list[1].Text != "Is anybody there?" {
		t.Errorf("%d calls for %+v", other.calls, list)
	}
	other.mu.Unlock()

	answer := func(id, kind, text string) int {
		t.Helper()
		req := answering(door, list[0].Case, id, kind, text)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, a := range [][3]string{{"1", "take", ""}, {"2", "message", "Yes, I am here"}} {
		store.fails.Store(true)
		if code := answer(a[0], a[1], a[2]); code != 503 {
			t.Errorf("%v, which cannot be remembered: %d", a, code)
		}
		for range 2 {
			if code := answer(a[0], a[1], a[2]); code != 200 {
				t.Errorf("%v again: %d", a, code)
			}
		}
	}
	if code := answer("3", "message", "and the last"); code != 200 {
		t.Errorf("the last: %d", code)
	}
	until(t, "the person hears the last", func() bool { return person.heard("and the last") })
	person.mu.Lock()
	defer person.mu.Unlock()
	if n := strings.Count(strings.Join(person.said, "\n"), "Yes, I am here"); n != 1 {
		t.Errorf("an answer that was sent again was said %d times", n)
	}
}

func TestTheInboxRefusesWhatItShould(t *testing.T) {
	in := inbox.New(inbox.Settings{URL: "http://127.0.0.1:1", Secret: secret}, nil, zap.NewNop())
	body := []byte(`{"id":"1","case":"x","type":"message","text":"hi","agent":{"id":"1"}}`)
	now := func(secret string, way inbox.Direction, id string, body []byte) string {
		return inbox.Sign(secret, way, id, time.Now(), body)
	}
	for name, c := range map[string]struct {
		method    string
		signature string // with the version, where it is of the present form
		body      []byte
		want      int
	}{
		"another method":               {"GET", "", nil, 405},
		"no signature":                 {"POST", "", body, 401},
		"another secret":               {"POST", now("another", inbox.FromInbox, "1", body), body, 401},
		"an old signature":             {"POST", inbox.Sign(secret, inbox.FromInbox, "1", time.Now().Add(-time.Hour), body), body, 401},
		"one of tomorrow":              {"POST", inbox.Sign(secret, inbox.FromInbox, "1", time.Now().Add(24*time.Hour), body), body, 401},
		"of another body":              {"POST", now(secret, inbox.FromInbox, "1", []byte("x")), body, 401},
		"of another id":                {"POST", now(secret, inbox.FromInbox, "2", body), body, 401},
		"of the other direction":       {"POST", now(secret, inbox.ToInbox, "1", body), body, 401},
		"with another id written in":   {"POST", strings.Replace(now(secret, inbox.FromInbox, "2", body), "id=2", "id=1", 1), body, 401},
		"with another time written in": {"POST", "t=" + fmt.Sprint(time.Now().Unix()+1) + strings.TrimLeft(now(secret, inbox.FromInbox, "1", body)[2:], "0123456789"), body, 401},
		"no JSON":                      {"POST", now(secret, inbox.FromInbox, "", []byte("x")), []byte("x"), 400},
		"without a type":               {"POST", now(secret, inbox.FromInbox, "", []byte("{}")), []byte("{}"), 400},
		"a body beyond measure":        {"POST", "", bytes.Repeat([]byte("x"), 1<<20), 413},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "/inbox", bytes.NewReader(c.body))
		r.Header.Set("X-Patikra-Version", "2")
		r.Header.Set("X-Patikra-Signature-V2", c.signature)
		in.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d instead of %d: %s", name, w.Code, c.want, w.Body)
		}
	}
}

func TestTheEarlierSignatureIsTakenUntilItsEnd(t *testing.T) {
	in := inbox.New(inbox.Settings{URL: "http://127.0.0.1:1", Secret: secret}, nil, zap.NewNop())
	body := []byte(`{"id":"1"}`) // signed well, it is refused for what it lacks
	end := inbox.OldUntil
	for name, c := range map[string]struct {
		at      time.Time
		version string
		old     string
		taken   bool
	}{
		"before its end":                  {end.Add(-time.Second), "", inbox.SignOld(secret, end.Add(-time.Second), body), true},
		"after its end":                   {end, "", inbox.SignOld(secret, end, body), false},
		"beside the name of the new form": {end.Add(-time.Second), "2", inbox.SignOld(secret, end.Add(-time.Second), body), false},
		"an unknown form":                 {end.Add(-time.Second), "3", inbox.SignOld(secret, end.Add(-time.Second), body), false},
		"with another secret":             {end.Add(-time.Second), "", inbox.SignOld("another", end.Add(-time.Second), body), false},
	} {
		h := http.Header{}
		h.Set("X-Patikra-Signature", c.old)
		if c.version != "" {
			h.Set("X-Patikra-Version", c.version)
		}
		if why := in.Why(h, "1", body, c.at); (why == "") != c.taken {
			t.Errorf("%s: %q", name, why)
		}
	}
}
