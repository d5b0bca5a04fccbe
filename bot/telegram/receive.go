package telegram

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
	"patikra/bot/talk"
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
	if t.set.Secret == "" || !slices.ContainsFunc(append([]string{t.set.Secret}, t.set.Others...), func(secret string) bool {
		return subtle.ConstantTimeCompare([]byte(given), []byte(secret)) == 1
	}) {
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
	ans, err := t.safely(context.WithoutCancel(r.Context()), body)
	switch {
	case errors.Is(err, errNoUpdate):
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case err != nil: // it keeps the order within a chat, and comes again when it is asked to
		if ans != nil {
			go t.bot.Guard("answer", func() { t.answer(ans) })
		}
		w.Header().Set("Retry-After", "2")
		http.Error(w, "not saved yet; send it again", http.StatusServiceUnavailable)
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

// safely is take, where a mistake of the program costs the update and nothing else: it is tried twice, then whoever sent it is told as
// one is told whose update cannot be made out, and so are the counsellors of a talk.
func (t *Telegram) safely(ctx context.Context, raw []byte) (ans *answer, err error) {
	var broken error
	for range bot.TurnTries {
		broken = bot.Contain(func() error {
			ans, err = t.take(ctx, raw)
			return nil
		})
		if broken == nil {
			return ans, err
		}
	}
	ans, err = nil, nil
	t.bot.Guard("update", func() { ans, err = t.broke(ctx, raw) })
	if err == nil {
		t.bot.Stumbled(ctx, broken)
	}
	return ans, err
}

// broke deals with an update that breaks the program, by what can be read of it without its content. With an error nobody could be told
// yet, and it is to be sent again.
func (t *Telegram) broke(ctx context.Context, raw []byte) (*answer, error) {
	in, err := salvage(raw)
	if err != nil {
		return nil, nil // it has been counted; there is nobody to tell
	}
	if m := in.said(); m != nil && in.group() != 0 {
		if ours, _ := t.desk.at(ctx, m.Chat.ID); ours && !m.service {
			t.desk.reply(m, t.desk.text("refused-away"))
		}
		return nil, nil
	}
	var ans *answer
	if in.Callback != nil {
		ans = &answer{id: in.Callback.ID}
	}
	u, ok := neutral(in)
	if !ok {
		return ans, nil
	}
	u.At = time.Now()
	turn, cancel := context.WithTimeout(ctx, t.patience(u.At))
	defer cancel()
	switch _, err := t.bot.Handle(turn, u); {
	case errors.Is(err, bot.ErrSetAside):
		t.numbers(ctx, u, "unread")
	case err != nil:
		return t.leave(ctx, u, ans, err)
	}
	return ans, nil
}

// poll asks for updates until the context ends. The offset never passes an update that is not safe with us.
func (t *Telegram) poll(ctx context.Context) {
	if !t.retry(ctx, "remove the webhook", func(ctx context.Context) error {
		return t.call.call(ctx, "deleteWebhook", nil, nil)
	}) {
		return
	}
	offset := int64(0)
	held := &backlog{done: map[int64]bool{}, since: map[int64]time.Time{}}
	for wait := time.Second; ctx.Err() == nil; {
		params := tgbotapi.Params{"timeout": "25", "limit": strconv.Itoa(batchSize), "allowed_updates": allowed}
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
		next, left := t.batch(ctx, held, raw)
		if next != 0 {
			offset = next
		}
		if left { // it is asked for again, with what has come meanwhile
			sleep(ctx, stuckPause)
		}
	}
}

// Limits of what is left with Telegram while polling.
const (
	batchSize  = 100             // updates in one answer; Telegram gives out no more than these after the offset
	stuckPause = time.Second     // before what could not be saved is asked for again
	stuckTime  = 2 * time.Minute // how long one update may keep others from being seen, while theirs are saved
)

// backlog knows what has been dealt with of the updates that Telegram still holds, because an earlier one could not be saved.
// It lives in memory: after a start the sessions know what they have seen.
type backlog struct {
	done  map[int64]bool
	since map[int64]time.Time // when it was first in vain
	saved time.Time           // when an update was last saved
}

// polled is an update as it came by polling.
type polled struct {
	id   int64
	chat int64 // 0: nobody's
	raw  json.RawMessage
}

// sort reads whose the updates of an answer are. Each is decoded by itself, so that one that does not decode blocks nobody.
func (t *Telegram) sort(raw []json.RawMessage) (list []polled) {
	for _, r := range raw {
		var p polled
		if bot.Contain(func() error { p = t.whom(r, t.read); return nil }) != nil {
			// Taking it will break as well, and is told then; until then it keeps its place.
			if bot.Contain(func() error { p = t.whom(r, salvage); return nil }) != nil {
				p = numbered(r)
				p.raw = r
			}
		}
		list = append(list, p)
	}
	return list
}

// whom reads whose an update is.
func (t *Telegram) whom(r json.RawMessage, read func([]byte) (*update, error)) polled {
	in, err := read(r)
	if err != nil {
		t.log.Warn("telegram: an update does not decode and is passed over")
		return numbered(r)
	}
	p := polled{id: *in.ID, chat: in.group(), raw: r}
	if p.chat == 0 {
		u, _ := neutral(in)
		p.chat, _ = strconv.ParseInt(u.From.ID, 10, 64)
	}
	return p
}

// numbered is an update of which nothing but its number can be read.
func numbered(r json.RawMessage) polled {
	var id struct {
		ID int64 `json:"update_id"`
	}
	json.Unmarshal(r, &id)
	return polled{id: id.ID}
}

// batch takes the updates of one answer: in order within a chat, different chats at the same time. What could not be saved
// stays with Telegram, and so does what follows it in its chat; the others go on. It returns the next offset, and whether
// anything is left to be asked for again.
func (t *Telegram) batch(ctx context.Context, b *backlog, raw []json.RawMessage) (next int64, left bool) {
	list := t.sort(raw)
	chats := map[int64][]polled{}
	for _, p := range list {
		if !b.done[p.id] && p.raw != nil {
			chats[p.chat] = append(chats[p.chat], p)
		}
	}
	var mu sync.Mutex
	kept := map[int64]bool{}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 32)
	for _, chat := range chats {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			n := 0
			for ; n < len(chat); n++ {
				ans, err := t.safely(context.WithoutCancel(ctx), chat[n].raw)
				if ans != nil {
					go t.bot.Guard("answer", func() { t.answer(ans) })
				}
				if err != nil {
					t.holding(chat[n+1:])
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if n > 0 {
				b.saved = time.Now()
			}
			for _, p := range chat[n:] {
				kept[p.id] = true
			}
			if n < len(chat) && b.since[chat[n].id].IsZero() {
				b.since[chat[n].id] = time.Now()
			}
		}()
	}
	wg.Wait()
	return t.settle(ctx, b, list, kept)
}

// holding answers the buttons that were pressed after something that could not be saved. They are dealt with later, in order.
func (t *Telegram) holding(chat []polled) {
	for _, p := range chat {
		_ = bot.Contain(func() error { // what breaks here breaks when it is taken, and is told then
			in, err := t.read(p.raw)
			if err != nil || in.Callback == nil {
				return err
			}
			if told, _ := t.outage.Over("button "+in.Callback.ID, time.Now()); !told {
				go t.bot.Guard("answer", func() { t.answer(&answer{in.Callback.ID, t.short("outage-kept", in.Callback.From.Language)}) })
			}
			return nil
		})
	}
}

// settle finds the next offset: that of the first update that is kept, or behind all of them.
func (t *Telegram) settle(ctx context.Context, b *backlog, list []polled, kept map[int64]bool) (next int64, left bool) {
	if len(list) >= batchSize { // nobody sees what comes after these
		for _, p := range list {
			if since := b.since[p.id]; kept[p.id] && !since.IsZero() && time.Since(since) > stuckTime && b.saved.After(since) {
				t.abandon(ctx, p)
				delete(kept, p.id)
			}
		}
	}
	first := int64(0)
	for _, p := range list {
		next = max(next, p.id+1)
		if kept[p.id] {
			if first == 0 || p.id < first {
				first = p.id
			}
			continue
		}
		b.done[p.id] = true
	}
	if first != 0 {
		next = first
	}
	for id := range b.done { // Telegram gives out nothing below the offset again
		if id < next {
			delete(b.done, id)
		}
	}
	for id := range b.since {
		if id < next || !kept[id] {
			delete(b.since, id)
		}
	}
	return next, first != 0
}

// abandon gives up an update that could not be saved while others' were: nobody else is to wait for it. The person is told.
func (t *Telegram) abandon(ctx context.Context, p polled) {
	t.log.Error("telegram: an update could not be saved for too long while others were; it is given up and the person is told")
	in, err := salvage(p.raw)
	if err != nil {
		return
	}
	if m := in.said(); m != nil && in.group() != 0 {
		if ours, _ := t.desk.at(ctx, m.Chat.ID); ours {
			t.desk.reply(m, t.desk.text("refused-away"))
		}
		return
	}
	if u, ok := neutral(in); ok && u.Kind != bot.Gone {
		m := bot.Message{To: u.From, Text: talk.Notice(t.bot.Library(), "unread", u.Locale)}
		go t.bot.Guard("numbers", func() { t.tell(ctx, m) })
	}
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
