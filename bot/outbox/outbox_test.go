package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/librarytest"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// channel is a network that does as it is told.
type channel struct {
	mu      sync.Mutex
	got     map[string][]string // by person
	when    map[string][]time.Time
	order   []string
	deliver func(m bot.Message, tries int) error
	tries   map[string]int
}

func (c *channel) Name() string { return "test" }

func (c *channel) Deliver(_ context.Context, m bot.Message) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := m.To.ID + m.Text
	c.tries[key]++
	c.when[key] = append(c.when[key], time.Now())
	if c.deliver != nil {
		if err := c.deliver(m, c.tries[key]); err != nil {
			return 0, err
		}
	}
	c.got[m.To.ID] = append(c.got[m.To.ID], m.Text)
	c.order = append(c.order, key)
	return 0, nil
}

func (c *channel) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.order)
}

type house struct {
	t     *testing.T
	dir   string
	key   string
	store bot.Store
	ring  *seal.Ring
	bot   *desk.Desk
	box   *outbox.Outbox
	net   *channel
	stop  func()
}

func newHouse(t *testing.T, overall bot.Pace, deliver func(m bot.Message, tries int) error) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), key: seal.NewKey()}
	h.net = &channel{got: map[string][]string{}, when: map[string][]time.Time{}, tries: map[string]int{}, deliver: deliver}
	h.open(overall)
	return h
}

func (h *house) open(overall bot.Pace) {
	h.t.Helper()
	var err error
	if h.store, err = sqlitestore.Open(h.dir, 4); err != nil {
		h.t.Fatal(err)
	}
	if h.ring, err = seal.New(h.key, 4); err != nil {
		h.t.Fatal(err)
	}
	h.bot = desk.New(librarytest.Own(h.t), h.store, h.ring)
	h.box = outbox.New(h.bot.Bot, h.store, overall, zap.NewNop(), h.net)
	h.bot.Sender = h.box
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { h.box.Run(ctx); close(done) }()
	var once sync.Once
	h.stop = func() { once.Do(func() { cancel(); <-done; h.store.Close() }) }
	h.t.Cleanup(func() { h.stop() })
}

func (h *house) until(what string, f func() bool) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%s: never", what)
		}
	}
}

// say lets a person type something, to which the bot answers with one message.
func (h *house) say(person string, id uint64, text string) {
	h.t.Helper()
	if _, err := h.bot.Handle(context.Background(), bot.Update{ID: id, From: bot.Address{Channel: "test", ID: person}, Kind: bot.Typed, Text: text, Locale: "lt", At: time.Now()}); err != nil {
		h.t.Fatal(err)
	}
}

// queue puts plain messages into a person's queue, past the turn.
func (h *house) queue(person string, urgency uint8, texts ...string) {
	h.t.Helper()
	to := bot.Address{Channel: "test", ID: person}
	key := h.bot.Key(to)
	c := bot.Commit{Key: key, Next: 1, Value: []byte("x"), TTL: time.Hour, Now: time.Now()}
	for _, text := range texts {
		m := bot.Message{To: to, Text: text, Urgency: urgency}
		c.Send = append(c.Send, bot.Item{ID: rand.Uint64() | 1, Due: time.Now(), Value: h.ring.Seal(key.Partition, key.Hash, 'm', m.Encode())})
	}
	if _, err := h.store.Commit(context.Background(), c); err != nil {
		h.t.Fatal(err)
	}
}

func TestTheOrderOfAConversationHoldsThroughFailures(t *testing.T) {
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		if tries < 3 && rand.IntN(2) == 0 {
			return errors.New("the line is down")
		}
		return nil
	})
	const people, each = 20, 6
	for p := range people {
		var texts []string
		for i := range each {
			texts = append(texts, fmt.Sprint("message ", i))
		}
		h.queue(fmt.Sprint("p", p), 1, texts...)
	}
	h.until("all are delivered", func() bool { return h.net.count() >= people*each })
	for person, got := range h.net.got {
		for i, text := range got {
			if want := fmt.Sprint("message ", i); text != want {
				t.Fatalf("%s got %q at place %d", person, text, i)
			}
		}
	}
	if h.box.Retried.Load() == 0 {
		t.Error("nothing failed")
	}
}

func TestRetryAfterIsKeptExactly(t *testing.T) {
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		if tries == 1 {
			return &bot.DeliveryError{RetryAfter: time.Second, Err: errors.New("too many")}
		}
		return nil
	})
	h.queue("p", 1, "hello")
	h.until("it is delivered", func() bool { return h.net.count() == 1 })
	when := h.net.when["phello"]
	if gap := when[1].Sub(when[0]); gap < time.Second || gap > 4*time.Second {
		t.Errorf("tried again after %v", gap)
	}
}

func TestWhatIsRefusedForGoodIsDroppedAndCountedAndTheNextFollows(t *testing.T) {
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		if m.Text == "bad" {
			return &bot.DeliveryError{Drop: true, Err: errors.New("refused")}
		}
		return nil
	})
	h.queue("p", 1, "bad", "good")
	h.until("the next is delivered", func() bool { return h.net.count() == 1 })
	if h.box.Dropped.Load() != 1 || h.net.tries["pbad"] != 1 {
		t.Errorf("dropped %d, tried %d times", h.box.Dropped.Load(), h.net.tries["pbad"])
	}
}

func TestSomebodyWhoIsGoneIsForgotten(t *testing.T) {
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		return &bot.DeliveryError{Gone: true, Err: errors.New("blocked")}
	})
	h.say("p", 1, "/start")
	key := h.bot.Key(bot.Address{Channel: "test", ID: "p"})
	h.until("the session is gone", func() bool {
		r, err := h.store.Load(context.Background(), key)
		return err == nil && r.Version == 0
	})
}

func TestUrgentMessagesGoFirstWhenPlacesAreScarce(t *testing.T) {
	h := newHouse(t, bot.Pace{Interval: 30 * time.Millisecond, Burst: 1}, nil)
	for i := range 30 {
		h.queue(fmt.Sprint("newcomer", i), 0, "hello")
	}
	h.until("the newcomers wait", func() bool { return h.net.count() >= 3 })
	h.queue("danger", 2, "call")
	h.until("all are delivered", func() bool { return h.net.count() == 31 })
	for place, key := range h.net.order {
		if key == "dangercall" && place > 26 {
			t.Errorf("the urgent message came at place %d", place)
		}
	}
}

func TestTheOverallPaceHolds(t *testing.T) {
	h := newHouse(t, bot.Pace{Interval: 20 * time.Millisecond, Burst: 1}, nil)
	begin := time.Now()
	for i := range 40 {
		h.queue(fmt.Sprint("p", i), 1, "hello")
	}
	h.until("all are delivered", func() bool { return h.net.count() == 40 })
	if d := time.Since(begin); d < 39*20*time.Millisecond {
		t.Errorf("40 messages in %v", d)
	}
}

func TestWhatWasNotDeliveredAtTheEndIsDeliveredByTheNextProcess(t *testing.T) {
	var mu sync.Mutex
	down := true
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		mu.Lock()
		defer mu.Unlock()
		if down {
			return errors.New("the line is down")
		}
		return nil
	})
	for i := range 10 {
		h.queue(fmt.Sprint("p", i), 1, "one", "two")
	}
	h.until("it has been tried", func() bool { h.net.mu.Lock(); defer h.net.mu.Unlock(); return len(h.net.tries) >= 10 })
	h.stop()
	mu.Lock()
	down = false
	mu.Unlock()
	h.open(bot.Pace{})
	h.until("all are delivered", func() bool { return h.net.count() == 20 })
	for person, got := range h.net.got {
		if fmt.Sprint(got) != "[one two]" {
			t.Errorf("%s got %v", person, got)
		}
	}
}

func TestAMessageOfAnErasedConversationThatHasNotBegunIsNotSent(t *testing.T) {
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		if m.Text == "question" {
			return errors.New("the line is down")
		}
		return nil
	})
	h.queue("p", 1, "question")
	h.until("it has been tried", func() bool { h.net.mu.Lock(); defer h.net.mu.Unlock(); return h.net.tries["pquestion"] > 0 })
	to := bot.Address{Channel: "test", ID: "p"}
	key := h.bot.Key(to)
	m := bot.Message{To: to, Text: "erased", Urgency: 2}
	farewell := bot.Item{ID: 77, Due: time.Now(), Value: h.ring.Seal(key.Partition, key.Hash, 'm', m.Encode())}
	c := bot.Commit{Key: key, Base: 1, Now: time.Now(), Send: []bot.Item{farewell}, Lease: time.Now().Add(bot.LeaseTime)}
	out, err := h.store.Commit(context.Background(), c)
	if err != nil || !out.Leased {
		t.Fatal(out, err)
	}
	h.box.Send(bot.Held{Key: key, Item: farewell}, m)
	h.box.Send(bot.Held{Key: key, Item: farewell}, m) // taken twice, sent once
	h.until("the farewell is delivered", func() bool { return h.net.count() == 1 })
	time.Sleep(3 * time.Second)
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if len(h.net.got["p"]) != 1 || h.net.got["p"][0] != "erased" {
		t.Errorf("got %v", h.net.got["p"])
	}
}

// TestAFileThatWaitsForItsRoomHoldsUpNoWordsAndHasNotFailed lets a file find its room full more often than a file may fail.
func TestAFileThatWaitsForItsRoomHoldsUpNoWordsAndHasNotFailed(t *testing.T) {
	const full = 8 // times; a file that fails is given up after fewer
	h := newHouse(t, bot.Pace{}, func(m bot.Message, tries int) error {
		if m.Media.Kind != "" && tries <= full {
			return &bot.DeliveryError{RetryAfter: 10 * time.Millisecond, Busy: true, Err: errors.New("other files are being cleaned")}
		}
		return nil
	})
	to := bot.Address{Channel: "test", ID: "p"}
	key := h.bot.Key(to)
	c := bot.Commit{Key: key, Next: 1, Value: []byte("x"), TTL: time.Hour, Now: time.Now()}
	for _, m := range []bot.Message{
		{To: to, Text: "file", Urgency: 1, Media: bot.Media{Kind: "document", Net: "test", File: "image/jpeg 1"}},
		{To: to, Text: "words", Urgency: 1}, {To: to, Text: "more words", Urgency: 1},
	} {
		c.Send = append(c.Send, bot.Item{ID: rand.Uint64() | 1, Due: time.Now(), Value: h.ring.Seal(key.Partition, key.Hash, 'm', m.Encode())})
	}
	if _, err := h.store.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	h.until("all are delivered", func() bool { return h.net.count() == 3 })
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	if got := fmt.Sprint(h.net.got["p"]); got != "[words more words file]" {
		t.Errorf("delivered %s", got)
	}
	if n := h.net.tries["pfile"]; n != full+1 {
		t.Errorf("the file was tried %d times", n)
	}
	if h.box.Dropped.Load() != 0 {
		t.Error("the file is taken to have failed")
	}
}
