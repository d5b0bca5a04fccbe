package messenger

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
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
	"patikra/bot/librarytest"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// door is the channel over an embedded store. Nothing listens at the API's address.
func door(t *testing.T) (*Messenger, *sqlitestore.Store) {
	t.Helper()
	return doorOver(t, func(s bot.Store) bot.Store { return s })
}

// doorOver is door with something before its store.
func doorOver(t *testing.T, before func(bot.Store) bot.Store) (*Messenger, *sqlitestore.Store) {
	t.Helper()
	store, err := sqlitestore.Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(librarytest.Own(t), before(store), ring)
	m := New(Settings{Token: "t", AppSecret: "s", VerifyToken: "v", API: "http://127.0.0.1:1", Version: "v25.0"}, b.Bot, zap.NewNop())
	b.Sender = outbox.New(b.Bot, store, bot.Pace{}, zap.NewNop(), m)
	return m, store
}

// waiting is how many messages wait to be delivered.
func waiting(t *testing.T, s *sqlitestore.Store) int {
	t.Helper()
	b, err := s.Backlog(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return b.Items
}

// post sends events as the network does, rightly signed.
func (m *Messenger) post(events ...string) int {
	body := `{"object":"page","entry":[{"id":"9","messaging":[` + strings.Join(events, ",") + `]}]}`
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, "/messenger", strings.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	rec := httptest.NewRecorder()
	m.ServeHTTP(rec, r)
	return rec.Code
}

// wrote is an event: somebody wrote something.
func wrote(who, text string) string {
	return fmt.Sprintf(`{"sender":{"id":"%s"},"recipient":{"id":"9"},"timestamp":%d,"message":{"mid":"m_%s_%s","text":"%s"}}`, who, time.Now().UnixMilli(), who, text, text)
}

// mistakes are those that the program told of, and which of them tells what somebody wrote.
func mistakes(m *Messenger) func() (n int, words bool) {
	var mu sync.Mutex
	n, words := 0, false
	m.bot.Broke = func(_ string, p *bot.Panic) {
		mu.Lock()
		defer mu.Unlock()
		n++
		words = words || strings.Contains(p.Error()+p.Stack, "poison")
	}
	return func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		return n, words
	}
}

func stageOf(t *testing.T, m *Messenger, who string) bot.Stage {
	t.Helper()
	s, err := m.bot.Session(t.Context(), bot.Address{Channel: Name, ID: who})
	if err != nil {
		t.Fatal(err)
	}
	return s.Stage
}

func TestAnEventThatBreaksItsReadingCostsNoOtherAndItsPersonIsTold(t *testing.T) {
	m, store := door(t)
	told := mistakes(m)
	m.read = func(raw []byte, page identity, now time.Time) (incoming, bool) {
		if strings.Contains(string(raw), "poison") {
			panic("poison")
		}
		return readEvent(raw, page, now)
	}
	if code := m.post(wrote("1", "poison"), wrote("2", "labas"), `{"poison":[]}`); code != 200 {
		t.Fatalf("the network would send it again and again: %d", code)
	}
	if stageOf(t, m, "2") == bot.Fresh {
		t.Error("somebody else's words were lost with it")
	}
	if n := waiting(t, store); n != 2 {
		t.Errorf("%d messages wait: one for who wrote it, one for somebody else", n)
	}
	if n, words := told(); n != 2 || words {
		t.Errorf("%d mistakes are told of, with words %v", n, words)
	}
	if a, err := m.bot.Aside(t.Context()); err != nil || a.Number != 2 {
		t.Errorf("%d are counted, %v", a.Number, err)
	}
}

func TestAnEventThatBreaksBeforeItsTurnIsTriedTwiceAndItsPersonIsTold(t *testing.T) {
	m, store := door(t)
	told := mistakes(m)
	m.people = nil // whoever looks for a profile breaks
	if code := m.post(wrote("1", "poison")); code != 200 {
		t.Fatalf("%d", code)
	}
	if n := waiting(t, store); n != 1 {
		t.Errorf("%d messages wait for who wrote it", n)
	}
	if n, words := told(); n != 1 || words {
		t.Errorf("%d mistakes are told of, with words %v", n, words)
	}
	if a, err := m.bot.Aside(t.Context()); err != nil || a.Number != 1 {
		t.Errorf("%d are counted, %v", a.Number, err)
	}
}

// uncounting is a store in which the count of what was set aside breaks.
type uncounting struct{ bot.Store }

func (uncounting) Kept(context.Context, string) ([]byte, error) { panic("poison") }

func TestAMistakeInTheCountingOfMistakesCostsTheCountAlone(t *testing.T) {
	m, store := doorOver(t, func(s bot.Store) bot.Store { return uncounting{s} })
	told := mistakes(m)
	m.people = nil // whoever looks for a profile breaks
	if code := m.post(wrote("1", "poison"), wrote("2", "labas")); code != 200 {
		t.Fatalf("%d", code)
	}
	if n := waiting(t, store); n != 2 {
		t.Errorf("%d messages wait for the two who wrote", n)
	}
	if n, words := told(); n < 4 || words {
		t.Errorf("%d mistakes are told of, with words %v", n, words)
	}
}

func TestWordsThatAreSentAgainAfterADayReachTheCounsellorsOfATalkAndMoveNothingElse(t *testing.T) {
	m, store := door(t)
	m.bot.Desk, m.bot.Always = engine.Reach{On: true, Topics: true}, true
	anna := bot.Address{Channel: Name, ID: "1"}
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
		u.ID, u.From, u.Locale, u.At = uint64(i+1), anna, "en", time.Now()
		if _, err := m.bot.Handle(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	old := func(who, text string, age time.Duration) string {
		return fmt.Sprintf(`{"sender":{"id":"%s"},"recipient":{"id":"9"},"timestamp":%d,"message":{"mid":"m_%s","text":"%s"}}`, who, time.Now().Add(-age).UnixMilli(), who+text, text)
	}
	for _, c := range []struct {
		who, text string
		more      int // messages that wait, all of them for the desk
	}{{"1", "at the farm", 1}, {"1", "at the farm", 0}, {"1", "/erase", 0}, {"2", "labas", 0}} {
		before := waiting(t, store)
		if code := m.post(old(c.who, c.text, 30*time.Hour)); code != 200 {
			t.Errorf("%s: %d", c.text, code)
		}
		if n := waiting(t, store) - before; n != c.more {
			t.Errorf("%s of %s: %d messages more", c.text, c.who, n)
		}
	}
	if s, err := m.bot.Session(t.Context(), anna); err != nil || !s.Case.Active() {
		t.Errorf("the talk has ended: %v", err)
	}
	if stageOf(t, m, "2") != bot.Fresh {
		t.Error("a quiz was moved by what is a day old")
	}
}

// breaking is a store in which every look at one conversation breaks.
type breaking struct {
	bot.Store
	poison *[16]byte
}

func (b breaking) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if key.Hash == *b.poison {
		panic("poison")
	}
	return b.Store.Load(ctx, key)
}

func TestATurnThatBreaksIsTriedTwiceAnsweredWithTheNumbersAndCostsNoOther(t *testing.T) {
	var poison [16]byte
	m, _ := doorOver(t, func(s bot.Store) bot.Store { return breaking{s, &poison} })
	told := make(chan string, 10)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if strings.Contains(string(body), "112") {
			told <- string(body)
		}
		io.WriteString(w, `{"recipient_id":"1","message_id":"m_1"}`)
	}))
	defer api.Close()
	m = New(Settings{Token: "t", AppSecret: "s", VerifyToken: "v", API: api.URL, Version: "v25.0"}, m.bot, zap.NewNop())
	poison = m.bot.Key(bot.Address{Channel: Name, ID: "1"}).Hash
	mistaken := mistakes(m)
	if code := m.post(wrote("1", "poison"), wrote("2", "labas")); code != 200 {
		t.Errorf("the network would send it again and again: %d", code)
	}
	select {
	case body := <-told:
		if !strings.Contains(body, `"id":"1"`) {
			t.Errorf("somebody else is told: %s", body)
		}
	case <-time.After(5 * time.Second):
		t.Error("nobody is told the numbers")
	}
	if stageOf(t, m, "2") == bot.Fresh {
		t.Error("somebody else's words were lost with it")
	}
	if n, words := mistaken(); n < bot.TurnTries || words {
		t.Errorf("%d mistakes are told of, with words %v", n, words)
	}
	if a, err := m.bot.Aside(t.Context()); err != nil || a.Number != 1 {
		t.Errorf("%d are counted, %v", a.Number, err)
	}
}

// refusing is a store that saves nothing while it is told to.
type refusing struct {
	bot.Store
	now *atomic.Bool
}

func (r refusing) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if r.now.Load() {
		return bot.Committed{}, errors.New("the store saves nothing now")
	}
	return r.Store.Commit(ctx, c)
}

func TestWhatCannotBeSavedIsRefusedWith503AndTakenOnceLater(t *testing.T) {
	var refuses atomic.Bool
	m, store := doorOver(t, func(s bot.Store) bot.Store { return refusing{s, &refuses} })
	m.bot.Desk, m.bot.Always = engine.Reach{On: true, Topics: true}, true
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/human"}, {Kind: bot.Pressed, Text: "human:agree"},
		{Kind: bot.Acted, Text: "take", Actor: bot.Actor{ID: "console:ruta", Name: "Rūta"}}} {
		u.ID, u.From, u.Locale, u.At = uint64(i+1), bot.Address{Channel: Name, ID: "1"}, "lt", time.Now()
		if _, err := m.bot.Handle(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := m.bot.Session(t.Context(), bot.Address{Channel: Name, ID: "1"}); err != nil || s.Case == nil || s.Case.State != bot.Taken {
		t.Fatalf("no talk: %+v %v", s.Case, err)
	}
	for name, message := range map[string]string{
		"words":                 `"text":"padėkite"`,
		"a picture":             `"attachments":[{"type":"image","payload":{"url":"https://scontent.xx.fbcdn.net/v/a.jpg"}}]`,
		"a picture with words":  `"text":"štai","attachments":[{"type":"image","payload":{"url":"https://scontent.xx.fbcdn.net/v/b.jpg"}}]`,
		"something shared":      `"attachments":[{"type":"fallback","payload":{"url":"https://jobs.example/7","title":"Job"}}]`,
		"what is not passed on": `"attachments":[{"type":"video","payload":{"url":"https://video.xx.fbcdn.net/v/a.mp4"}}]`,
	} {
		event := fmt.Sprintf(`{"sender":{"id":"1"},"recipient":{"id":"9"},"timestamp":%d,"message":{"mid":"m_%s",%s}}`, time.Now().UnixMilli(), name, message)
		before := waiting(t, store)
		refuses.Store(true)
		for range 2 {
			if code := m.post(event); code != http.StatusServiceUnavailable {
				t.Errorf("%s: %d while nothing can be saved", name, code)
			}
		}
		refuses.Store(false)
		if n := waiting(t, store); n != before {
			t.Errorf("%s: %d messages wait before it is saved", name, n-before)
		}
		if code := m.post(event); code != http.StatusOK {
			t.Errorf("%s: %d later", name, code)
		}
		after := waiting(t, store)
		if after == before {
			t.Errorf("%s: the counsellor gets nothing", name)
		}
		if code := m.post(event); code != http.StatusOK || waiting(t, store) != after {
			t.Errorf("%s, once more: %d, and %d further messages", name, code, waiting(t, store)-after)
		}
	}
}
