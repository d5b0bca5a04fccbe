package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/librarytest"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/storetest"
)

// runs starts an outbox over a store, with a bot of its own, as a process does.
func runs(t *testing.T, store bot.Store, key string, overall bot.Pace, nets ...bot.Channel) (*desk.Desk, *seal.Ring, func()) {
	t.Helper()
	ring, err := seal.New(key, storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(librarytest.Own(t), store, ring)
	b.Desk = engine.Reach{On: true, Topics: true}
	b.Always = true
	box := outbox.New(b.Bot, store, overall, zap.NewNop(), nets...)
	b.Sender = box
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { box.Run(ctx); close(done) }()
	var once sync.Once
	stop := func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(stop)
	return b, ring, stop
}

// net is a network that does as it is told, and can end the process.
type net struct {
	name    string
	mu      sync.Mutex
	got     []bot.Message
	tries   map[string]int
	deliver func(ctx context.Context, m bot.Message, tries int) error
}

func (n *net) Name() string { return n.name }

func (n *net) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	n.mu.Lock()
	if n.tries == nil {
		n.tries = map[string]int{}
	}
	n.tries[m.To.ID+m.Text]++
	tries := n.tries[m.To.ID+m.Text]
	n.mu.Unlock()
	if n.deliver != nil {
		if err := n.deliver(ctx, m, tries); err != nil {
			return 0, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.got = append(n.got, m)
	return int64(len(n.got)), nil
}

func (n *net) has(part string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(n.got, func(m bot.Message) bool { return strings.Contains(m.Text, part) })
}

func soon(t *testing.T, what string, limit time.Duration, f func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: never", what)
		}
	}
}

func put(t *testing.T, b *desk.Desk, ring *seal.Ring, store bot.Store, queue uint8, list ...bot.Message) bot.Key {
	t.Helper()
	to := list[0].To
	if queue == bot.ToDesk {
		to = list[0].Case
	}
	key := b.Key(to)
	c := bot.Commit{Key: key, Next: 1, Value: ring.SealVersion(key.Partition, key.Hash, 's', 1, (&bot.Session{Lang: "lt", Stage: bot.Welcome}).Encode()), TTL: time.Hour, Now: time.Now()}
	for i, m := range list {
		it := bot.Item{ID: uint64(i + 1), Due: time.Now(), Value: ring.Seal(key.Partition, key.Hash, 'm', m.Encode())}
		if queue == bot.ToDesk {
			c.Desk = append(c.Desk, it)
		} else {
			c.Send = append(c.Send, it)
		}
	}
	if _, err := store.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestChatsThatAlwaysFailCostOthersNothing(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		n := &net{name: "test", deliver: func(_ context.Context, m bot.Message, _ int) error {
			if strings.HasPrefix(m.To.ID, "poison") {
				return &bot.DeliveryError{Err: errors.New("500")}
			}
			return nil
		}}
		b, ring, _ := runs(t, store, seal.NewKey(), bot.Pace{Interval: 20 * time.Millisecond, Burst: 5}, n)
		for i := range 200 {
			put(t, b, ring, store, bot.ToPerson, bot.Message{To: bot.Address{Channel: "test", ID: fmt.Sprint("poison", i)}, Text: "x", Urgency: 2})
		}
		soon(t, "each has failed", 20*time.Second, func() bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return len(n.tries) >= 200
		})
		var worst time.Duration
		for i := range 10 {
			begin := time.Now()
			who := fmt.Sprint("healthy", i)
			if _, err := b.Handle(context.Background(), bot.Update{From: bot.Address{Channel: "test", ID: who}, ID: uint64(i + 1), Kind: bot.Typed, Text: "/start", Locale: "lt", At: time.Now()}); err != nil {
				t.Fatal(err)
			}
			soon(t, "an answer", 20*time.Second, func() bool {
				n.mu.Lock()
				defer n.mu.Unlock()
				return slices.ContainsFunc(n.got, func(m bot.Message) bool { return m.To.ID == who })
			})
			worst = max(worst, time.Since(begin))
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		t.Logf("the slowest of 10 answers beside 200 chats that fail: %v", worst)
		if worst > time.Second {
			t.Errorf("an answer took %v", worst)
		}
	})
}

func TestAFileThatFailsIsPutBehindAndGivenUpAndTheWordsGoOn(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		who := bot.Address{Channel: "test", ID: "p"}
		n := &net{name: bot.DeskName, deliver: func(_ context.Context, m bot.Message, _ int) error {
			if m.Media.Kind != "" {
				return errors.New("status 500")
			}
			return nil
		}}
		b, ring, _ := runs(t, store, seal.NewKey(), bot.Pace{}, n)
		put(t, b, ring, store, bot.ToDesk,
			bot.Message{To: bot.Address{Channel: bot.DeskName}, Case: who, Human: true, Media: bot.Media{Net: "telegram", Kind: "document", File: "f"}},
			bot.Message{To: bot.Address{Channel: bot.DeskName}, Case: who, Human: true, Text: "hurry"})
		begin := time.Now()
		soon(t, "the words", 10*time.Second, func() bool { return n.has("hurry") })
		t.Logf("the words went on after %v", time.Since(begin))
		n.mu.Lock()
		tries := n.tries[""]
		n.mu.Unlock()
		if tries > 2 {
			t.Errorf("the file was tried %d times before the words went on", tries)
		}
	})
}

func TestAMistakeInADeliveryIsContainedAndTheMessageGivenUpAtTheSecond(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		n := &net{name: "test", deliver: func(_ context.Context, m bot.Message, _ int) error {
			if m.Text == "bad" {
				panic("words of somebody")
			}
			return nil
		}}
		b, ring, _ := runs(t, store, seal.NewKey(), bot.Pace{}, n)
		to := bot.Address{Channel: "test", ID: "p"}
		put(t, b, ring, store, bot.ToPerson, bot.Message{To: to, Text: "bad"}, bot.Message{To: to, Text: "good"})
		soon(t, "the next", 15*time.Second, func() bool { return n.has("good") })
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.tries["pbad"] != 2 {
			t.Errorf("tried %d times", n.tries["pbad"])
		}
	})
}
