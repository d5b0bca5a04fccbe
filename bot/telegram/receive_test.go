package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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

// door is the channel over a store of its own. Its deliveries go nowhere.
func door(t testing.TB) *Telegram {
	return doorOn(t, func(s bot.Store) bot.Store { return s })
}

// doorOn is the channel over a store that is changed.
func doorOn(t testing.TB, change func(bot.Store) bot.Store) *Telegram {
	t.Helper()
	lib := librarytest.Own(t)
	embedded, err := sqlitestore.Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { embedded.Close() })
	store := change(embedded)
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(lib, store, ring)
	tg := New(Settings{Token: "1:x", API: "http://127.0.0.1:1", URL: "http://127.0.0.1", Hook: true, Secret: "s"}, b, zap.NewNop())
	b.Sender = outbox.New(b.Bot, store, bot.Pace{}, zap.NewNop(), tg)
	return tg
}

func (t *Telegram) post(body, secret string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/telegram", strings.NewReader(body))
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	rec := httptest.NewRecorder()
	t.ServeHTTP(rec, req)
	return rec
}

// shapes are updates of every kind that Telegram sends, and broken ones.
var shapes = []string{
	`{"update_id":1,"message":{"message_id":5,"from":{"id":9,"is_bot":false,"first_name":"P","language_code":"lt"},"chat":{"id":9,"type":"private"},"date":1,"text":"/start radio_lt"}}`,
	`{"update_id":2,"callback_query":{"id":"7","from":{"id":9,"is_bot":false,"first_name":"P","language_code":"lt"},"message":{"message_id":5,"chat":{"id":9,"type":"private"},"date":1},"chat_instance":"1","data":"next:1"}}`,
	`{"update_id":3,"callback_query":{"id":"7","from":{"id":9,"is_bot":false},"inline_message_id":"x","chat_instance":"1","data":"next:1"}}`,
	`{"update_id":4,"my_chat_member":{"chat":{"id":9,"type":"private"},"from":{"id":9},"date":1,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`,
	`{"update_id":5,"message":{"message_id":6,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"sticker":{"file_id":"x"}}}`,
	`{"update_id":6,"edited_message":{"message_id":5,"from":{"id":9},"chat":{"id":9,"type":"private"},"date":1,"edit_date":2,"text":"x"}}`,
	`{"update_id":7,"channel_post":{"message_id":5,"chat":{"id":-100,"type":"channel"},"date":1,"text":"x"}}`,
	`{"update_id":8,"message":{"message_id":6,"from":{"id":9},"chat":{"id":-9,"type":"supergroup"},"date":1,"text":"/start@bot"}}`,
	`{"update_id":9,"novelty":{"a":[{"b":null}]}}`, `{"update_id":10}`, `{"update_id":-11,"message":null}`, `{"update_id":99999999999999999999}`,
	`{"update_id":"12"}`, `{"update_id":1.5}`, `{}`, `[]`, `null`, `"x"`, `5`, ``, `{`, `{"update_id":13,"message":{"chat":5}}`,
	`{"update_id":14,"message":{"message_id":1,"from":{"id":9},"chat":{"id":9,"type":"private"},"text":"\ud800"}}`,
	`{"update_id":-1,"message":{"message_id":1,"from":{"id":9},"chat":{"id":9,"type":"private"},"text":"x"}}`, `{"update_id":9223372036854775807,"message":{"message_id":9223372036854775807,"from":{"id":9},"chat":{"id":9223372036854775807,"type":"private"},"text":"x"}}`,
	`{"update_id":17,"my_chat_member":{"chat":{"id":9,"type":"private"},"new_chat_member":{"status":"member"}}}`, `{"update_id":18,"my_chat_member":null,"callback_query":{"id":5}}`, `{"update_id":19,"update_id":20,"message":[]}`,
	`{"update_id":15,"callback_query":{}}`, `{"update_id":16,"message":` + strings.Repeat(`{"reply_to_message":`, 200) + `{}` + strings.Repeat(`}`, 200) + `}`,
}

func TestEveryShapeIsTakenOrRefusedAndNeverPanics(t *testing.T) {
	tg := door(t)
	for _, s := range shapes {
		if code := tg.post(s, "s").Code; code != 200 && code != 400 {
			t.Errorf("%.80s: %d", s, code)
		}
	}
}

func TestJSONThatIsDeepOrLargeIsRefusedAtOnce(t *testing.T) {
	tg := door(t)
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"lists in lists":     {`{"update_id":1,"message":` + strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000) + `}`, 400},
		"objects in objects": {`{"update_id":1,"message":` + strings.Repeat(`{"a":`, 150_000) + `1` + strings.Repeat("}", 150_000) + `}`, 400},
		"never closed":       {strings.Repeat(`{"message":`, 90_000), 400},
		"a huge number":      {`{"update_id":1` + strings.Repeat("0", 900_000) + `}`, 400},
		"beyond a megabyte":  {`{"update_id":1,"x":"` + strings.Repeat("x", MaxBody) + `"}`, 413},
	} {
		begun := time.Now()
		if code := tg.post(c.body, "s").Code; code != c.want {
			t.Errorf("%s: %d", name, code)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

func TestTheAnswerToAPressRidesInTheResponse(t *testing.T) {
	tg := door(t)
	rec := tg.post(shapes[1], "s")
	if rec.Code != 200 || rec.Header().Get("Content-Type") != "application/json" || !strings.Contains(rec.Body.String(), `"method":"answerCallbackQuery"`) || !strings.Contains(rec.Body.String(), `"callback_query_id":"7"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if rec := tg.post(shapes[0], "s"); rec.Code != 200 || rec.Body.Len() != 0 {
		t.Errorf("a message: %d %s", rec.Code, rec.Body)
	}
}

func TestWithoutASecretNothingIsTaken(t *testing.T) {
	tg := door(t)
	tg.set.Secret = ""
	for _, secret := range []string{"", "s"} {
		if code := tg.post(shapes[0], secret).Code; code != 403 {
			t.Errorf("%q: %d", secret, code)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	for _, s := range shapes {
		f.Add([]byte(s))
	}
	tg := door(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		switch rec := tg.post(string(body), "s"); rec.Code {
		case 200, 400, 413:
		default:
			t.Fatalf("status %d", rec.Code)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range shapes {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in update
		if err := json.Unmarshal(body, &in); err != nil || in.ID == nil || *in.ID < 0 {
			return
		}
		u, ok := neutral(&in)
		if ok && (u.From.ID == "" || u.From.Channel != Name || u.Kind == 0 || u.ID == 0) {
			t.Fatalf("an update of nobody: %+v", u)
		}
	})
}

func BenchmarkWebhook(b *testing.B) {
	tg := door(b)
	b.ReportAllocs()
	id := time.Now().Unix()
	for b.Loop() {
		id++
		tg.post(fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"from":{"id":9,"is_bot":false,"first_name":"P","language_code":"lt"},"chat":{"id":9,"type":"private"},"date":1,"text":"kas"}}`, id, id), "s")
	}
}
