package messenger

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"patikra/bot"
)

// MaxBody is the largest webhook body, in bytes.
const MaxBody = 1 << 20

// most is how many people's events of one request are handled at once.
const most = 32

// ServeHTTP is the webhook: GET proves to the network that it is ours, POST brings events.
func (m *Messenger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch r.Method {
	case http.MethodGet:
		m.verify(w, r)
	case http.MethodPost:
		m.receive(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST only", http.StatusMethodNotAllowed)
	}
}

// verify answers the network's question whether this address expects its events.
func (m *Messenger) verify(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	token, challenge := q.Get("hub.verify_token"), q.Get("hub.challenge")
	right := subtle.ConstantTimeCompare([]byte(token), []byte(m.set.VerifyToken)) == 1
	if m.set.VerifyToken == "" || !right || q.Get("hub.mode") != "subscribe" || challenge == "" || len(challenge) > 1000 {
		http.Error(w, "wrong token", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, challenge)
}

// signed reports whether the network signed these bytes with the app's secret.
func (m *Messenger) signed(header string, body []byte) bool {
	given, err := hex.DecodeString(strings.TrimPrefix(header, "sha256="))
	if err != nil || m.set.AppSecret == "" || !strings.HasPrefix(header, "sha256=") {
		return false
	}
	mac := hmac.New(sha256.New, []byte(m.set.AppSecret))
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

func (m *Messenger) receive(w http.ResponseWriter, r *http.Request) {
	header := r.Header.Get("X-Hub-Signature-256")
	if header == "" || m.set.AppSecret == "" { // not worth reading
		http.Error(w, "wrong signature", http.StatusForbidden)
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
	if !m.signed(header, body) {
		http.Error(w, "wrong signature", http.StatusForbidden)
		return
	}
	list, err := read(body, time.Now(), m.read, func(err error) { m.stumbled(context.WithoutCancel(r.Context()), err) })
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// The turns go on when the network hangs up: they will be recognised when they are sent again.
	if err := m.take(context.WithoutCancel(r.Context()), list); err != nil {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "not all of it was dealt with", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, "EVENT_RECEIVED")
}

// take carries the events of one request through their turns: in order for one person, different people
// at the same time. With an error the network sends all of them again, and those that are done are recognised.
func (m *Messenger) take(ctx context.Context, list []incoming) error {
	ctx, cancel := context.WithTimeout(ctx, batchTime)
	defer cancel()
	if len(list) == 1 {
		return m.safely(ctx, list[0])
	}
	var order []string
	people := map[string][]incoming{}
	for _, in := range list {
		id := in.update.From.ID
		if people[id] == nil {
			order = append(order, id)
		}
		people[id] = append(people[id], in)
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, most)
	errs := make([]error, len(order))
	for i, id := range order {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, in := range people[id] {
				if errs[i] = m.safely(ctx, in); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// safely is handle, where a mistake of the program costs the event and nothing else: it is tried twice, then the person is told as
// one is told whose words cannot be made out, and so is the counsellor of a talk.
func (m *Messenger) safely(ctx context.Context, in incoming) (err error) {
	var broken error
	for range bot.TurnTries {
		broken = bot.Contain(func() error {
			err = m.handle(ctx, in.update, in.title)
			return nil
		})
		if broken == nil {
			return err
		}
	}
	err = nil
	m.bot.Guard("update", func() { err = m.broke(ctx, in.update) })
	if err == nil {
		m.stumbled(ctx, broken)
	}
	return err
}

// stumbled counts an event that broke the program. A mistake in the counting costs the count.
func (m *Messenger) stumbled(ctx context.Context, broken error) {
	m.bot.Guard("update", func() { m.bot.Stumbled(ctx, broken) })
}

// broke deals with an event that breaks the program. With an error nobody could be told yet, and it is to be sent again.
func (m *Messenger) broke(ctx context.Context, u bot.Update) error {
	u = bot.Update{ID: u.ID, From: u.From, Kind: bot.Unread, At: time.Now(), Said: u.Said, Until: u.Until, Aloud: true}
	turn, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	switch _, err := m.bot.Handle(turn, u); {
	case errors.Is(err, bot.ErrSetAside):
		m.numbers(ctx, u, "", "unread")
	case err != nil:
		return m.keep(ctx, u, "", err)
	}
	return nil
}
