package messenger_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/messenger"
	"patikra/bot/messenger/messengertest"
	"patikra/bot/seal"
)

// untold takes every message and keeps none: the people of one request have their turns at the same time.
type untold struct{}

func (untold) Room(uint8) bool { return true }

func (untold) Send(bot.Held, bot.Message) bool { return true }

// FuzzWebhook posts anything at all, rightly signed: there is always an answer, and it is one that the network understands.
func FuzzWebhook(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		f.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		f.Fatal(err)
	}
	b := desk.New(lib, forgetful{}, ring)
	b.Sender = untold{}
	// Nothing listens at the API's address, so a profile is asked for in vain and nothing leaves.
	m := messenger.New(messenger.Settings{Token: messengertest.Token, AppSecret: messengertest.AppSecret, VerifyToken: messengertest.VerifyToken,
		API: "http://127.0.0.1:1", Version: "v25.0", Flood: 2}, b.Bot, zap.NewNop())
	f.Fuzz(func(t *testing.T, body string) {
		text, signature := messengertest.Sign(body)
		r := httptest.NewRequest("POST", "/messenger", strings.NewReader(text)).WithContext(context.Background())
		r.Header.Set("X-Hub-Signature-256", signature)
		rec := httptest.NewRecorder()
		m.ServeHTTP(rec, r)
		switch rec.Code {
		case 200, 400, 413:
		default:
			t.Errorf("status %d", rec.Code)
		}
	})
}
