package telegram

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot"
)

func TestByPollingAnUpdateThatBreaksTheProgramIsTriedTwiceToldAndPassed(t *testing.T) {
	tg := door(t)
	var (
		mu    sync.Mutex
		parts []string
	)
	tg.bot.Broke = func(part string, p *bot.Panic) {
		mu.Lock()
		defer mu.Unlock()
		parts = append(parts, part)
		if all := p.Error() + p.Stack; strings.Contains(all, "poison") {
			t.Errorf("it tells too much: %s", all)
		}
	}
	var reads atomic.Int64
	tg.read = func(raw []byte) (*update, error) {
		if strings.Contains(string(raw), "poison") {
			reads.Add(1)
			panic("poison")
		}
		return decode(raw)
	}
	b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	batch := []json.RawMessage{written(10, 1, "poison"), written(11, 1, "labas"), written(12, 2, "labas"), json.RawMessage(`{"update_id":13,"poison":1}`)}
	if next, left := tg.batch(t.Context(), b, batch); next != 14 || left {
		t.Fatalf("next %d, left %v", next, left)
	}
	s, err := tg.bot.Session(t.Context(), bot.Address{Channel: Name, ID: "1"})
	if err != nil || !slices.Contains(s.Seen, 12) {
		t.Errorf("what the same person wrote after it was lost: %v %v", s.Seen, err)
	}
	if stage(t, tg, 2) == bot.Fresh {
		t.Error("somebody else has waited")
	}
	if n := reads.Load(); n != 2*(1+int64(bot.TurnTries)) { // sorted once, then taken
		t.Errorf("read %d times", n)
	}
	if a, err := tg.bot.Aside(t.Context()); err != nil || a.Number != 2 || len(parts) != 2 { // every batch has ended
		t.Errorf("%d are counted, %v logged: %v", a.Number, parts, err)
	}
	tg.holding([]polled{{id: 10, raw: batch[0]}})
}

func TestAnUpdateThatBreaksTheProgramIsKeptUntilItsPersonCanBeTold(t *testing.T) {
	away := false
	tg := desked(t, func(s bot.Store) bot.Store { return &lame{s, func(bot.Key) bool { return away }} })
	talks(t, tg, -100)
	away = true
	tg.read = func([]byte) (*update, error) { panic("x") }
	if code := tg.post(string(written(1, 9, "padėkite")), "s").Code; code != 503 {
		t.Errorf("nobody could be told: %d", code)
	}
	away = false
	if code := tg.post(string(written(1, 9, "padėkite")), "s").Code; code != 200 || !seen(t, tg, 1) {
		t.Errorf("later: %d", code)
	}
}

func TestWhatACounsellorWritesAndBreaksItsTurnHoldsUpNobody(t *testing.T) {
	poison := false
	tg := desked(t, func(s bot.Store) bot.Store {
		return &lame{s, func(bot.Key) bool {
			if poison {
				panic("x")
			}
			return false
		}}
	})
	talks(t, tg, -100)
	poison = true
	if code := tg.post(inGroup(1, -100, time.Now()), "s").Code; code != 200 {
		t.Errorf("it comes again: %d", code)
	}
	poison = false
	if code := tg.post(inGroup(2, -100, time.Now()), "s").Code; code != 200 || !seen(t, tg, 2) {
		t.Errorf("what follows: %d", code)
	}
	if a, err := tg.bot.Aside(t.Context()); err != nil || a.Number != 1 {
		t.Errorf("%d are counted: %v", a.Number, err)
	}
}

func TestByEitherWayATurnThatBreaksIsTriedTwiceAnsweredWithTheNumbersAndCostsNoOther(t *testing.T) {
	for name, give := range map[string]func(t *testing.T, tg *Telegram, batch []json.RawMessage){
		"webhook": func(t *testing.T, tg *Telegram, batch []json.RawMessage) {
			for _, raw := range batch {
				if code := tg.post(string(raw), "s").Code; code != 200 {
					t.Errorf("it comes again: %d", code)
				}
			}
		},
		"polling": func(t *testing.T, tg *Telegram, batch []json.RawMessage) {
			b := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
			if next, left := tg.batch(t.Context(), b, batch); next != 12 || left {
				t.Errorf("next %d, left %v", next, left)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var breaks func(bot.Key) bool
			tg := doorOn(t, func(s bot.Store) bot.Store { return &lame{s, func(k bot.Key) bool { return breaks(k) }} })
			poison := tg.bot.Key(bot.Address{Channel: Name, ID: "1"}).Hash
			breaks = func(k bot.Key) bool {
				if k.Hash == poison {
					panic("padėkite")
				}
				return false
			}
			told := make(chan string, 10)
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/sendMessage") {
					told <- r.FormValue("chat_id") + " " + r.FormValue("text")
				}
				io.WriteString(w, `{"ok":true,"result":{"message_id":1}}`)
			}))
			defer api.Close()
			tg.call = newCaller(api.URL, "1:x")
			var turns atomic.Int64
			tg.bot.Broke = func(part string, p *bot.Panic) {
				if part == "turn" {
					turns.Add(1)
				}
				if all := p.Error() + p.Stack; strings.Contains(all, "padėkite") {
					t.Errorf("it tells too much: %s", all)
				}
			}
			give(t, tg, []json.RawMessage{written(10, 1, "padėkite"), written(11, 2, "labas")})
			select {
			case text := <-told:
				if !strings.HasPrefix(text, "1 ") || !strings.Contains(text, "112") || !strings.Contains(text, "+370 616 91119") {
					t.Errorf("told: %s", text)
				}
			case <-time.After(5 * time.Second):
				t.Error("nobody is told the numbers")
			}
			if n := turns.Load(); n != int64(bot.TurnTries) {
				t.Errorf("the turn was tried %d times", n)
			}
			if stage(t, tg, 2) == bot.Fresh {
				t.Error("somebody else has lost their words")
			}
			if a, err := tg.bot.Aside(t.Context()); err != nil || a.Number != 1 {
				t.Errorf("%d are counted: %v", a.Number, err)
			}
		})
	}
}
