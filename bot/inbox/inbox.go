// Package inbox is the desk of an organisation that answers in a program of its own: cases go there by signed
// webhook, and what is answered there comes back the same way.
//
// What is sent, as JSON by POST to the address of the settings, is an [Event]:
//
//	handoff.initiate   a person asks for a human: the card, as the person agreed to it
//	handoff.status     the case has changed: waiting, lapsed, held or closed
//	handoff.message    what the person wrote, or a notice for the counsellors
//	handoff.erase      the person, or the time for keeping, has ended it: what is kept of the case must go
//
// What comes back, by POST to /inbox, is an [Answer]: a message, or take, release, close, reopen, look. Both carry the headers
//
//	X-Patikra-Version: 2
//	X-Patikra-Signature-V2: t=<Unix seconds>,id=<id of the event or answer>,v2=<hex of HMAC-SHA256>
//
// What is signed is the line "patikra v2", the direction ("to-inbox" for an [Event], "from-inbox" for an [Answer]), t, and id, each ended
// by a line feed, and then the body as it is sent. The id is that in the body. So nothing that one side has signed can be handed back to it as
// something of the other's. A signature older than five minutes is refused. Answers with an id that came before are dealt with once: ids
// are remembered for as long as a signature is good. Events are sent at least once, in the order of each case; the same event sent twice
// has the same id.
//
// Before version 2 there was one header, X-Patikra-Signature: t=<Unix seconds>,v1=<hex of HMAC-SHA256 of "t.body">. Until [OldUntil] events
// carry it too, and answers without X-Patikra-Version may carry it alone.
package inbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// Limits of a call.
const (
	callTime = 8 * time.Second
	turnTime = 4 * time.Second
	mostBody = 64 << 10
	mostText = 3500            // letters of an answer
	fresh    = 5 * time.Minute // how old a signature may be
)

// Event is what the other program is told.
type Event struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"`
	Case     string    `json:"case"` // opaque; it tells nothing of the person
	At       time.Time `json:"at"`
	State    string    `json:"state,omitempty"` // waiting, lapsed, held, closed
	Urgent   bool      `json:"urgent,omitempty"`
	Kind     string    `json:"kind,omitempty"` // offer or supervision
	Title    string    `json:"title,omitempty"`
	Language string    `json:"language,omitempty"`
	From     string    `json:"from,omitempty"` // of a message: person or bot
	Text     string    `json:"text,omitempty"`
	Media    string    `json:"media,omitempty"` // photo, voice, …: it stays where it is
}

// Answer is what the other program sends.
type Answer struct {
	ID    string `json:"id"`
	Case  string `json:"case"`
	Type  string `json:"type"` // message, take, release, close, reopen, look
	Text  string `json:"text"`
	Agent struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"agent"`
}

// Settings of the inbox.
type Settings struct {
	URL    string // where events go
	Secret string // signs both ways
}

// Inbox is the channel.
type Inbox struct {
	set    Settings
	bot    *engine.Bot
	log    *zap.Logger
	client *http.Client
}

// New returns the channel.
func New(set Settings, b *engine.Bot, log *zap.Logger) *Inbox {
	return &Inbox{set: set, bot: b, log: log, client: &http.Client{Timeout: callTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Name is the channel's name.
func (i *Inbox) Name() string { return bot.DeskName }

// Deliver sends one event.
func (i *Inbox) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	e := Event{At: time.Now().UTC()}
	topic := m.Topic
	if m.Act != bot.DropTopic && topic == 0 {
		s, err := i.bot.Session(ctx, m.Case)
		if err != nil {
			return 0, err
		}
		card, ok := talk.Card(i.bot.Library(), s)
		if !ok {
			return 0, nil // erased meanwhile
		}
		topic = s.Case.Topic
		e.State, e.Urgent, e.Title, e.Language, e.Kind = s.Case.State.String(), s.Case.Urgent == bot.Danger, card.Title, i.bot.Library().Catalog.Base(s.Lang), "offer"
		if s.Case.Kind == bot.Supervision {
			e.Kind = "supervision"
		}
		first := s.Case.Card == 0
		if topic == 0 {
			if topic, err = i.open(ctx, m.Case); err != nil {
				return 0, err
			}
		}
		if first {
			begin := e
			begin.Type, begin.Text = "handoff.initiate", card.Text
			if err := i.send(ctx, topic, m.Item, begin); err != nil {
				return 0, err
			}
			if _, err := i.bot.Handle(ctx, bot.Update{From: m.Case, Kind: bot.Placed, Topic: topic, Ref: 1, At: time.Now()}); err != nil {
				return 0, err
			}
			if m.Act == bot.Card {
				return 0, nil
			}
		}
		if m.Act == bot.Card {
			e.Type, e.Text = "handoff.status", card.Text
			return 0, i.send(ctx, topic, m.Item, e)
		}
	}
	switch m.Act {
	case bot.DropTopic:
		e.Type = "handoff.erase"
		if err := i.send(ctx, topic, m.Item, e); err != nil {
			return 0, err
		}
		return 0, i.bot.Unremember(ctx, place(topic))
	default:
		e.Type, e.From, e.Text, e.Media = "handoff.message", "bot", m.Text, m.Media.Kind
		if m.Human {
			e.From = "person"
		}
		if e.Media != "" {
			e.Text = m.Media.Caption
		}
		return 0, i.send(ctx, topic, m.Item, e)
	}
}

// open gives a case a number of its own at the desk.
func (i *Inbox) open(ctx context.Context, person bot.Address) (int64, error) {
	var b [8]byte
	rand.Read(b[:])
	topic := int64(binary.BigEndian.Uint64(b[:])>>1) | 1
	if err := i.bot.Remember(ctx, place(topic), person); err != nil {
		return 0, err
	}
	_, err := i.bot.Handle(ctx, bot.Update{From: person, Kind: bot.Placed, Topic: topic, At: time.Now()})
	return topic, err
}

func place(topic int64) string { return "inbox " + strconv.FormatInt(topic, 36) }

// send posts an event. What the other side refuses with 4xx is dropped, but for 408, 409, 425 and 429.
func (i *Inbox) send(ctx context.Context, topic int64, item uint64, e Event) error {
	e.Case = strconv.FormatInt(topic, 36)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %x", e.Type, item))
	e.ID = hex.EncodeToString(sum[:12])
	body, err := json.Marshal(e)
	if err != nil {
		return &bot.DeliveryError{Drop: true, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.set.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address of the inbox cannot be read")
	}
	req.Header.Set("Content-Type", "application/json")
	now := time.Now()
	req.Header.Set(versionHeader, version)
	req.Header.Set(signatureHeader, Sign(i.set.Secret, ToInbox, e.ID, now, body))
	if now.Before(OldUntil) {
		req.Header.Set(oldHeader, signOld(i.set.Secret, now, body))
	}
	resp, err := i.client.Do(req)
	if err != nil {
		var u *url.Error // its text holds the address, which may hold a secret
		if errors.As(err, &u) {
			err = u.Err
		}
		return fmt.Errorf("the inbox: %w", err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, mostBody))
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return nil
	case code == 410 || code == 404:
		return &bot.DeliveryError{Err: fmt.Errorf("the inbox answers %d", code), RetryAfter: time.Minute}
	case code/100 == 4 && code != 401 && code != 403 && code != 408 && code != 409 && code != 425 && code != 429:
		return &bot.DeliveryError{Drop: true, Err: fmt.Errorf("the inbox refuses with %d", code)}
	default:
		d := &bot.DeliveryError{Err: fmt.Errorf("the inbox answers %d", code)}
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			d.RetryAfter = min(time.Duration(s)*time.Second, time.Hour)
		}
		return d
	}
}

// acts are the answers that do something with the case.
var acts = map[string]bool{"take": true, "release": true, "close": true, "reopen": true, "look": true}

// ServeHTTP takes an answer. 200 says that it is safe with us; 409 tells why nothing was done.
func (i *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST an answer here", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		http.Error(w, "the answer is too long", http.StatusRequestEntityTooLarge)
		return
	}
	var a Answer
	topic, err := int64(0), json.Unmarshal(body, &a)
	if why := i.signed(r.Header, a.ID, body, time.Now()); why != "" {
		http.Error(w, why, http.StatusUnauthorized)
		return
	}
	if err == nil {
		topic, err = strconv.ParseInt(a.Case, 36, 64)
	}
	if err != nil || a.ID == "" || a.Agent.ID == "" || a.Type != "message" && !acts[a.Type] || a.Type == "message" && strings.TrimSpace(a.Text) == "" {
		http.Error(w, "an answer needs id, case, agent.id and a type: message with text, take, release, close, reopen or look", http.StatusBadRequest)
		return
	}
	if len([]rune(a.Text)) > mostText {
		http.Error(w, fmt.Sprintf("the text is longer than %d letters", mostText), http.StatusRequestEntityTooLarge)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), turnTime)
	defer cancel()
	person, ok, err := i.bot.Recall(ctx, place(topic))
	if err == nil && !ok {
		http.Error(w, "there is no such case, or it was erased", http.StatusNotFound)
		return
	}
	var reply bot.Reply
	if err == nil {
		var before bool
		if before, err = i.bot.Before(ctx, "inbox\x00"+a.ID); before {
			w.WriteHeader(http.StatusOK)
			return
		}
	}
	if err == nil {
		sum := sha256.Sum256([]byte("inbox\x00" + a.ID))
		u := bot.Update{ID: binary.BigEndian.Uint64(sum[:]) | 1, From: person, Kind: bot.Acted, Text: a.Type, At: time.Now(),
			Actor: bot.Actor{ID: "inbox:" + a.Agent.ID, Name: a.Agent.Name}}
		if a.Type == "message" {
			u.Kind, u.Text = bot.Said, a.Text
		}
		if reply, err = i.bot.Handle(ctx, u); err == nil && !reply.Refused {
			err = i.bot.Remembered(ctx, "inbox\x00"+a.ID, 2*fresh)
		}
	}
	switch {
	case errors.Is(err, bot.ErrSetAside): // it would break its turn again: this is final
		i.log.Warn("an answer from the inbox breaks its turn and was set aside", zap.Error(err))
		http.Error(w, "the program cannot pass this on; it was not passed on, and is not to be sent again", http.StatusConflict)
	case err != nil:
		i.log.Warn("an answer from the inbox could not be carried out", zap.Error(err))
		w.Header().Set("Retry-After", "5")
		http.Error(w, "not now; send it again", http.StatusServiceUnavailable)
	case reply.Refused:
		http.Error(w, reply.Toast, http.StatusConflict)
	default:
		w.WriteHeader(http.StatusOK)
	}
}
