package messenger_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/messenger"
	"patikra/bot/messenger/messengertest"
	"patikra/bot/outbox"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

// forgetful is a Store that takes every commit and remembers nothing: what is measured is the door and the turn.
type forgetful struct{ bot.Store }

func (forgetful) Load(context.Context, bot.Key) (bot.Record, error) { return bot.Record{}, nil }

func (forgetful) Commit(context.Context, bot.Commit) (bot.Committed, error) {
	return bot.Committed{Leased: true}, nil
}

// keeper keeps the last screen that was to be sent.
type keeper struct{ last bot.Message }

func (k *keeper) Room(uint8) bool { return true }

func (k *keeper) Send(_ bot.Held, m bot.Message) bool { k.last = m; return true }

// press is the data of the last answer of a screen, or of its next button. Empty at the result.
func (k *keeper) press() string {
	data := ""
	for _, row := range k.last.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Data, "answer") || data == "" && strings.HasPrefix(b.Data, "next") {
				data = b.Data
			}
		}
	}
	return data
}

// BenchmarkWebhook is one event from the request's bytes to the answer 200, over the embedded store, as
// Telegram's benchmark of that name.
func BenchmarkWebhook(b *testing.B) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlitestore.Open(b.TempDir(), 4)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		b.Fatal(err)
	}
	bt := desk.New(lib, store, ring)
	door := messenger.New(messenger.Settings{Token: messengertest.Token, AppSecret: messengertest.AppSecret, VerifyToken: messengertest.VerifyToken,
		API: "http://127.0.0.1:1", Version: "v25.0"}, bt.Bot, zap.NewNop())
	bt.Sender = outbox.New(bt.Bot, store, bot.Pace{}, zap.NewNop(), door)
	b.ReportAllocs()
	n := time.Now().Unix()
	for b.Loop() {
		n++
		text, signature := messengertest.Sign(fmt.Sprintf(`{"object":"page","entry":[{"time":1,"id":"1","messaging":[{"sender":{"id":"9"},"recipient":{"id":"1"},"timestamp":%d,"message":{"mid":"m_%d","text":"kas"}}]}]}`, n*1000, n))
		r := httptest.NewRequest(http.MethodPost, "/messenger", strings.NewReader(text))
		r.Header.Set("X-Hub-Signature-256", signature)
		w := httptest.NewRecorder()
		if door.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkWebhookAlone is the same without the store's own time: the signature is checked, the event read, the turn
// decided and sealed. The quiz is played from its start to the result.
func BenchmarkWebhookAlone(b *testing.B) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		b.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), 64)
	if err != nil {
		b.Fatal(err)
	}
	bt, k := desk.New(lib, forgetful{}, ring), &keeper{}
	bt.Sender = k
	door := messenger.New(messenger.Settings{Token: messengertest.Token, AppSecret: messengertest.AppSecret, VerifyToken: messengertest.VerifyToken,
		API: "http://127.0.0.1:1", Version: "v25.0"}, bt.Bot, zap.NewNop())
	n := 0
	body := func() string {
		n++
		message := `"text":"/start x_lt"`
		if data := k.press(); data != "" {
			message = fmt.Sprintf(`"text":"Ne","quick_reply":{"payload":%q}`, data)
		}
		return fmt.Sprintf(`{"object":"page","entry":[{"time":1,"id":"102030405060708","messaging":[{"sender":{"id":"24000000000000001"},"recipient":{"id":"102030405060708"},"timestamp":%d,"message":{"mid":"m_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_%d",%s}}]}]}`,
			time.Now().UnixMilli(), n, message)
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		text, signature := messengertest.Sign(body())
		r := httptest.NewRequest(http.MethodPost, "/messenger", strings.NewReader(text))
		r.Header.Set("X-Hub-Signature-256", signature)
		w := httptest.NewRecorder()
		b.StartTimer()
		door.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
