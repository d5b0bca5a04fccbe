package telegram

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// MaxBody is the largest webhook body, in bytes.
const MaxBody = 1 << 20

// ServeHTTP is the webhook. The answer to a pressed button rides in the response, where its loss is harmless.
func (t *Telegram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	given := r.Header.Get("X-Telegram-Bot-Api-Secret-Token")
	if t.set.Secret == "" || subtle.ConstantTimeCompare([]byte(given), []byte(t.set.Secret)) != 1 {
		http.Error(w, "wrong secret", http.StatusForbidden)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "the body did not arrive", http.StatusBadRequest)
		return
	}
	// The turn goes on when the network hangs up: it will be recognised when it is sent again.
	ans, err := t.take(context.WithoutCancel(r.Context()), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if ans == nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	reply := struct {
		Method string `json:"method"`
		ID     string `json:"callback_query_id"`
		Text   string `json:"text,omitempty"`
	}{"answerCallbackQuery", ans.id, ans.text}
	json.NewEncoder(w).Encode(reply)
}

// poll asks for updates until the context ends. The offset moves only after every update of a batch is safe.
func (t *Telegram) poll(ctx context.Context) {
	if !t.retry(ctx, "remove the webhook", func(ctx context.Context) error {
		return t.call.call(ctx, "deleteWebhook", nil, nil)
	}) {
		return
	}
	offset := int64(0)
	for wait := time.Second; ctx.Err() == nil; {
		params := tgbotapi.Params{"timeout": "25", "limit": "100", "allowed_updates": allowed}
		if offset != 0 {
			params["offset"] = strconv.FormatInt(offset, 10)
		}
		var raw []json.RawMessage
		call, cancel := context.WithTimeout(ctx, 40*time.Second)
		// The first call asks for nothing to wait for, so that readiness is known at once.
		if t.state.Load().(string) != "" {
			params["timeout"] = "0"
		}
		err := t.call.call(call, "getUpdates", params, &raw)
		cancel()
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			t.fault("ask for updates", err)
			t.unhook(ctx, err)
			var e *tgbotapi.Error
			pause := wait
			if errors.As(err, &e) && e.RetryAfter > 0 {
				pause = time.Duration(e.RetryAfter) * time.Second
			}
			sleep(ctx, pause)
			wait = min(wait*2, 4*time.Second)
			continue
		}
		wait = time.Second
		t.state.Store("")
		if next := t.batch(ctx, raw); next != 0 {
			offset = next
		}
	}
}

// batch takes the updates of one answer: in order within a chat, different chats at the same time. Each is
// decoded by itself, so that one that does not decode blocks nobody. It returns the next offset.
func (t *Telegram) batch(ctx context.Context, raw []json.RawMessage) (next int64) {
	chats := map[int64][]json.RawMessage{}
	for _, r := range raw {
		var in update
		id := struct {
			ID int64 `json:"update_id"`
		}{}
		json.Unmarshal(r, &id)
		next = max(next, id.ID+1)
		if err := json.Unmarshal(r, &in); err != nil || in.ID == nil || *in.ID < 0 {
			t.log.Warn("an update does not decode and is passed over")
			continue
		}
		u, _ := neutral(&in)
		key, _ := strconv.ParseInt(u.From.ID, 10, 64)
		chats[key] = append(chats[key], r)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 32)
	for _, list := range chats {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			for _, r := range list {
				ans, err := t.take(context.WithoutCancel(ctx), r)
				if err == nil && ans != nil {
					go t.answer(ans)
				}
			}
		}()
	}
	wg.Wait()
	return next
}

// answer ends the waiting of a pressed button. It is worth a second try, not more: it changes nothing.
func (t *Telegram) answer(a *answer) {
	params := tgbotapi.Params{"callback_query_id": a.id}
	params.AddNonEmpty("text", a.text)
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := t.call.call(ctx, "answerCallbackQuery", params, nil)
		cancel()
		var e *tgbotapi.Error
		switch {
		case err == nil, errors.As(err, &e) && e.RetryAfter == 0 && e.Code < 500:
			return
		case e != nil && e.RetryAfter > 0:
			time.Sleep(min(time.Duration(e.RetryAfter)*time.Second, 10*time.Second))
		default:
			time.Sleep(300 * time.Millisecond)
		}
	}
}
