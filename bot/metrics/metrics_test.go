package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/metrics"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// broken is a store in which the turns of one conversation meet a mistake of the program.
type broken struct {
	bot.Store
	whose *bot.Key
}

func (b *broken) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if b.whose != nil && c.Key == *b.whose {
		panic("a mistake")
	}
	return b.Store.Commit(ctx, c)
}

func TestAnUpdateThatIsSetAsideIsSeenInTheMetrics(t *testing.T) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	faulty := &broken{Store: store}
	b := desk.New(lib, faulty, ring)
	m := metrics.New("test")
	b.Meter = m
	told := func() string {
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1:8080"
		m.Handler(nil).ServeHTTP(rec, r)
		return rec.Body.String()
	}
	says := func(who string, id uint64) error {
		_, err := b.Handle(context.Background(), bot.Update{ID: id, From: bot.Address{Channel: "telegram", ID: who}, Kind: bot.Typed, Text: "/start", At: time.Now()})
		return err
	}
	holds := func(when string, lines ...string) {
		t.Helper()
		body := told()
		for _, line := range lines {
			if !strings.Contains(body, "\n"+line+"\n") {
				t.Errorf("%s: %q is not told", when, line)
			}
		}
	}
	holds("before", "patikra_updates_set_aside_total 0", `patikra_updates_total{door="telegram",outcome="set_aside"} 0`)
	key := b.Key(bot.Address{Channel: "telegram", ID: "1"})
	faulty.whose = &key
	for n := range uint64(3) {
		if err := says("1", 10+n); !errors.Is(err, bot.ErrSetAside) {
			t.Fatal(err)
		}
	}
	if err := says("2", 20); err != nil {
		t.Fatal(err)
	}
	holds("after three", "patikra_updates_set_aside_total 3", `patikra_updates_total{door="telegram",outcome="set_aside"} 3`,
		`patikra_updates_total{door="telegram",outcome="failed"} 0`, `patikra_updates_total{door="telegram",outcome="saved"} 1`)
}
