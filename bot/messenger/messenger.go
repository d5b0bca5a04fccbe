// Package messenger is the Facebook Messenger door: it takes events by webhook and delivers messages. It
// acknowledges an event only after the bot has saved what it decided.
//
// Nothing on Messenger can be edited or removed, so every screen is a new message, and its buttons (quick
// replies) are gone as soon as another message follows.
//
// Nothing is sent later than 24 hours after the person's own last word: an update says until when it may be answered,
// and what waits longer is dropped.
//
// While a person in the page's inbox, or another app, has the thread, the network sends its events as "standby".
// Those are not answered, so the bot is silent until the thread is given back.
package messenger

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/flood"
	"patikra/bot/talk"
)

// Name is the channel's name in addresses.
const Name = "messenger"

// Limits of time.
const (
	handleTime = 4 * time.Second  // a turn; then the person is told the numbers instead
	batchTime  = 12 * time.Second // all events of one request; the network gives up after 20 s
	window     = 24 * time.Hour   // after a person's word, for answering it
	repeats    = 72 * time.Hour   // the network repeats a request for less than that; an older time is no time of an event
)

// Settings of the channel.
type Settings struct {
	Token       string // of the page
	AppSecret   string // signs what comes in
	VerifyToken string // shown by the network when the webhook is registered
	API         string // base URL of the Graph API
	Version     string // as v25.0
	Flood       float64
	Voices      string // base URL of the web page, where recordings can be listened to; empty: none is offered
}

// On reports whether there is a Messenger at all.
func (s Settings) On() bool { return s.Token != "" }

// Messenger is the channel.
type Messenger struct {
	set    Settings
	bot    *engine.Bot
	log    *zap.Logger
	graph  *graph
	flood  *flood.Watch
	outage *flood.Watch
	people *profiles
	failed atomic.Int64 // when a turn last failed, in Unix milliseconds
	parts  parts
	read   reader

	probe    sync.Mutex
	probed   time.Time
	probeErr error
}

// New returns the channel.
func New(set Settings, b *engine.Bot, log *zap.Logger) *Messenger {
	m := &Messenger{set: set, bot: b, log: log, graph: newGraph(set.API, set.Version, set.Token),
		flood: flood.New(set.Flood, 10), outage: flood.New(1.0/60, 1), parts: parts{done: map[uint64]progress{}, seed: maphash.MakeSeed()}, read: readEvent}
	m.people = newProfiles(m.graph)
	return m
}

// Name is the channel's name.
func (m *Messenger) Name() string { return Name }

// Run introduces the bot, once.
func (m *Messenger) Run(ctx context.Context) { m.introduce(ctx) }

// errToken says that the page's token is not taken.
var errToken = errors.New("the page's token is refused: put a new one into MESSENGER_TOKEN")

// Ready says what is wrong, nil when messages can be sent. It asks the Graph API itself, at most every
// three seconds: a webhook alone would not notice that the other side is gone.
func (m *Messenger) Ready(ctx context.Context) error {
	m.probe.Lock()
	defer m.probe.Unlock()
	age := 3 * time.Second
	if m.probeErr != nil {
		age = time.Second
	}
	if time.Since(m.probed) >= age {
		call, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		err := m.graph.call(call, http.MethodGet, "me?fields=id", nil, nil)
		var r *refusal
		switch {
		case errors.As(err, &r) && r.token():
			err = errToken
		case r != nil && r.Status < 500: // it is there, and knows the page; a limit is no outage
			err = nil
		}
		m.probed, m.probeErr = time.Now(), err
	}
	if m.probeErr == nil && m.graph.refusesToken() {
		return errToken
	}
	return m.probeErr
}

// recipient, message and reply are the Send API's own.
type (
	recipient struct {
		ID string `json:"id"`
	}
	outgoing struct {
		Recipient recipient `json:"recipient"`
		Type      string    `json:"messaging_type"`
		Tag       string    `json:"tag,omitempty"`
		Message   message   `json:"message"`
	}
	message struct {
		Text    string  `json:"text"`
		Replies []reply `json:"quick_replies,omitempty"`
	}
	reply struct {
		Type    string `json:"content_type"`
		Title   string `json:"title"`
		Payload string `json:"payload"`
	}
)

// Deliver sends a message, in as many parts as it needs, the buttons under the last.
func (m *Messenger) Deliver(ctx context.Context, msg bot.Message) (int64, error) {
	if msg.Until != 0 && time.Now().Unix() > msg.Until {
		return 0, &bot.DeliveryError{Drop: true, Err: errors.New("the 24 hours for an answer are over")}
	}
	if msg.Media.Net == bot.Recorded {
		msg.Text = m.voice(msg.Media.File)
	}
	text, replies := layout(msg, m.set.Voices != "")
	if text == "" {
		return 0, nil // only something to remove, which Messenger cannot
	}
	list := split(text, MaxText, talk.Fill(m.bot.Library(), "☎ {helpline}"))
	id := m.parts.name(&msg)
	for i := m.parts.sent(id); i < len(list); i++ {
		out := outgoing{Recipient: recipient{msg.To.ID}, Type: "RESPONSE", Message: message{Text: list[i]}}
		if i == len(list)-1 {
			out.Message.Replies = replies
		}
		err := m.graph.call(ctx, http.MethodPost, "me/messages", out, nil)
		if msg.Human && outside(err) { // a human may answer for seven days
			out.Type, out.Tag = "MESSAGE_TAG", "HUMAN_AGENT"
			err = m.graph.call(ctx, http.MethodPost, "me/messages", out, nil)
		}
		if err != nil {
			return 0, meaning(err)
		}
		if len(list) > 1 {
			m.parts.note(id, i+1, len(list))
		}
	}
	return 0, nil
}

// voice is the link to one of our recordings: Messenger plays no Opus itself, the browser does. It is empty when there is
// nothing to be heard any more.
func (m *Messenger) voice(name string) string {
	if m.set.Voices == "" || m.bot.Library().Catalog.Recorded(name) == nil {
		return ""
	}
	return "♪ " + m.set.Voices + talk.VoicePath(name)
}

// outside reports whether a message was refused because the 24 hours are over.
func outside(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.Code == 10 && r.Subcode == 2018278
}

// parts remembers how far a long message has come, so that a part that has arrived is not sent again when a later one is
// tried once more. It lives in memory: after a crash the whole message goes again.
type parts struct {
	mu   sync.Mutex
	seed maphash.Seed
	done map[uint64]progress
}

type progress struct {
	parts int
	at    time.Time
}

// mostParts bounds how many long messages are remembered.
const mostParts = 10_000

func (p *parts) name(m *bot.Message) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	h.WriteString(m.To.ID)
	h.WriteByte(0)
	h.WriteByte(m.Serial)
	h.WriteString(m.Text)
	return h.Sum64()
}

func (p *parts) sent(id uint64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d, ok := p.done[id]; ok && time.Since(d.at) < time.Hour {
		return d.parts
	}
	return 0
}

func (p *parts) note(id uint64, n, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == all {
		delete(p.done, id)
		return
	}
	if len(p.done) >= mostParts {
		clear(p.done)
	}
	p.done[id] = progress{n, time.Now()}
}

// handle carries one update through a turn. When it returns nil the update has been dealt with; with an error the network is
// to send it again.
func (m *Messenger) handle(ctx context.Context, u bot.Update, title string) error {
	u.At = time.Now()
	limit := handleTime
	if u.At.UnixMilli()-m.failed.Load() < 1000 { // the store is away: nobody waits long behind others
		limit = time.Second
	}
	if !u.Until.After(u.At) {
		switch unheard, err := m.unheard(ctx, u, limit); {
		case err != nil:
			return m.keep(ctx, u, title, err)
		case !unheard:
			return nil
		}
	}
	if dropped, first := m.flood.Judge(u.From.ID, u.ID, u.Said, u.At); dropped {
		look, cancel := context.WithTimeout(ctx, limit)
		talks, err := m.bot.Talks(look, u)
		cancel()
		switch {
		case err != nil:
			return m.keep(ctx, u, title, err)
		case talks: // in a talk with a counsellor nothing is dropped here
		case first:
			u = bot.Update{From: u.From, Kind: bot.Flooded, At: u.At, Until: u.Until}
		default:
			return nil
		}
	}
	u.Aloud = true
	// Whoever presses a button has long chosen a language: the network is not asked for it.
	u.Locale = m.people.locale(ctx, u.From.ID, u.Kind == bot.Typed || u.Kind == bot.Attached)
	turn, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	reply, err := m.bot.Handle(turn, u)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("the time for this request is over: %w", err)
	case !u.Forgoes(reply):
		return m.keep(ctx, u, title, err)
	}
	m.failed.Store(time.Now().UnixMilli())
	m.log.Warn("an update was answered with the numbers", zap.Error(err))
	m.numbers(ctx, u, title, "outage")
	return nil
}

// unheard reports whether what was sent again too late to be answered is words of somebody in a talk: a counsellor has them all the
// same. Nothing else that is a day old moves anything, a command least of all.
func (m *Messenger) unheard(ctx context.Context, u bot.Update, limit time.Duration) (bool, error) {
	words := u.Kind == bot.Typed || u.Kind == bot.Edited || u.Kind == bot.Attached || u.Kind == bot.Unread
	if !words || strings.HasPrefix(u.Text, "/") {
		return false, nil
	}
	look, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return m.bot.Talks(look, u)
}

// keep leaves an update with the network, because it could not be saved. The person is told the numbers at once, and that
// nothing is lost.
func (m *Messenger) keep(ctx context.Context, u bot.Update, title string, err error) error {
	m.failed.Store(time.Now().UnixMilli())
	m.log.Warn("an update could not be saved and is left with the network; the person was told the numbers", zap.Error(err))
	u.Locale = m.people.locale(ctx, u.From.ID, false)
	m.numbers(ctx, u, title, "outage-kept")
	return err
}

// numbers tells a person the numbers while no session can be read, at most once a minute. A quick reply that was pressed
// would be gone with this message, so it stands under it again.
func (m *Messenger) numbers(ctx context.Context, u bot.Update, title, notice string) {
	if dropped, _ := m.outage.Over(u.From.ID, u.At); dropped {
		return
	}
	msg := bot.Message{To: u.From, Text: talk.Notice(m.bot.Library(), notice, u.Locale)}
	if u.Kind == bot.Pressed && title != "" {
		msg.Buttons = [][]bot.Button{{{Label: title, Data: u.Text}}}
	}
	go m.bot.Guard("numbers", func() {
		call, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := m.Deliver(call, msg); err != nil {
			m.log.Warn("the numbers did not arrive", zap.Error(err))
		}
	})
}
