// Package telegram is the Telegram door: it takes updates by webhook or long polling and delivers
// messages. It acknowledges an update only after the bot has saved what it decided.
package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/flood"
	"patikra/bot/media"
	"patikra/bot/talk"
)

// Name is the channel's name in addresses.
const Name = "telegram"

// handleTime is how long a turn may take before the person is told the numbers instead.
const handleTime = 4 * time.Second

// allowed are the updates we ask for. Given at every start: otherwise an earlier setting stays.
const allowed = `["message","edited_message","callback_query","my_chat_member","chat_member"]`

// Settings of the channel.
type Settings struct {
	Token  string
	API    string   // base URL of the Bot API server
	URL    string   // public base URL, for the webhook
	Hook   bool     // take updates by webhook, else by long polling
	Secret string   // the webhook's secret
	Others []string // secrets that are taken too, of earlier and later sealing keys: another process may have set the webhook anew
	Flood  float64  // updates a second from one person; 0 lifts the limit

	Files *media.Room // cleans files; nil: none is passed on
}

// Telegram is the channel.
type Telegram struct {
	set  Settings
	bot  *desk.Desk
	log  *zap.Logger
	call *caller
	read func(raw []byte) (*update, error) // decode
	desk *Desk                             // nil: there is no group of counsellors

	pictures http.RoundTripper // fetches pictures of other networks
	flood    *flood.Watch
	outage   *flood.Watch
	state    atomic.Value // of error text, "" when ready
	failed   atomic.Int64 // when a turn last failed, in Unix milliseconds

	look     chan struct{} // somebody has seen that the webhook is not ours
	hooked   atomic.Int64  // when the webhook was last set, in Unix seconds
	trouble  atomic.Int64  // the date of the last error that was logged
	hookNote atomic.Value  // of text: what could not be delivered to it

	probe    sync.Mutex
	probed   time.Time
	probeErr error
}

// New returns the channel.
func New(set Settings, b *desk.Desk, log *zap.Logger) *Telegram {
	t := &Telegram{set: set, bot: b, log: log, call: newCaller(set.API, set.Token), read: decode, pictures: http.DefaultTransport,
		flood: flood.New(set.Flood, 10), outage: flood.New(1.0/60, 1), look: make(chan struct{}, 1)}
	t.state.Store("no contact with the Bot API yet")
	return t
}

// Name is the channel's name.
func (t *Telegram) Name() string { return Name }

// Ready says what is wrong, nil when updates are taken. It asks the Bot API itself, at most
// every two seconds: a webhook alone would not notice that the other side is gone.
func (t *Telegram) Ready(ctx context.Context) error {
	if s := t.state.Load().(string); s != "" {
		return errors.New(s)
	}
	t.probe.Lock()
	defer t.probe.Unlock()
	if time.Since(t.probed) < 2*time.Second {
		return t.probeErr
	}
	call, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if t.set.Hook {
		t.probeErr = t.probeHook(call)
	} else {
		t.probeErr = t.call.call(call, "getMe", nil, nil)
	}
	var refusal *tgbotapi.Error
	if errors.As(t.probeErr, &refusal) && refusal.Code != 401 && refusal.Code < 500 && refusal.Code != 0 {
		t.probeErr = nil // it answers; that it does not like the question is no matter
	}
	t.probed = time.Now()
	return t.probeErr
}

// Run registers the webhook or polls until the context ends. It keeps trying while the server is away.
func (t *Telegram) Run(ctx context.Context) {
	go t.bot.Guard("introduce", func() { t.introduce(ctx) })
	if t.set.Hook {
		t.keep(ctx)
		return
	}
	t.poll(ctx)
}

// retry calls f until it succeeds.
func (t *Telegram) retry(ctx context.Context, what string, f func(ctx context.Context) error) bool {
	for wait := time.Second; ; wait = min(2*wait, 15*time.Second) {
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := f(call)
		cancel()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		t.fault(what, err)
		var e *tgbotapi.Error
		if errors.As(err, &e) && e.RetryAfter > 0 {
			wait = time.Duration(e.RetryAfter) * time.Second
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

func (t *Telegram) fault(what string, err error) {
	if t.state.Swap(what+": "+err.Error()) == "" {
		t.log.Warn("telegram: "+what, zap.Error(err))
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// introduce sets the commands for each language, in the background and without hurry.
func (t *Telegram) introduce(ctx context.Context) {
	lib := t.bot.Library()
	for i, lang := range lib.Catalog.Spoken() {
		var commands []map[string]string
		names := []string{"start", "number", "language", "restart", "help", "erase", "exit"}
		if t.bot.Desk.On {
			names = slices.Insert(names, 2, "human")
		}
		for _, c := range names {
			commands = append(commands, map[string]string{"command": c, "description": lang.Text("chat.command-" + c)})
		}
		list, _ := json.Marshal(commands)
		params := tgbotapi.Params{"commands": string(list), "scope": `{"type":"all_private_chats"}`}
		if i > 0 && len(lang.Tag) == 2 {
			params["language_code"] = lang.Tag
		}
		if !t.present(ctx, params) {
			return
		}
	}
}

// present sets commands until it succeeds or is refused for good.
func (t *Telegram) present(ctx context.Context, params tgbotapi.Params) bool {
	for wait := 2 * time.Second; ; wait = min(2*wait, time.Minute) {
		call, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := t.call.call(call, "setMyCommands", params, nil)
		cancel()
		var e *tgbotapi.Error
		switch {
		case err == nil:
			return true
		case errors.As(err, &e) && (e.Code == 400 || e.Code == 403):
			t.log.Warn("telegram: refused", zap.Error(err))
			return true
		case errors.As(err, &e) && e.RetryAfter > 0:
			wait = max(wait, time.Duration(e.RetryAfter)*time.Second)
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// update holds what we read of Telegram's Update; the rest is not even decoded.
type update struct {
	ID      *int64   `json:"update_id"`
	Message *message `json:"message"`
	Edited  *message `json:"edited_message"`
	Members *struct {
		Chat chat  `json:"chat"`
		Date int64 `json:"date"`
		New  struct {
			Status string `json:"status"`
			Member bool   `json:"is_member"`
			User   user   `json:"user"`
		} `json:"new_chat_member"`
	} `json:"chat_member"`
	Callback *callback `json:"callback_query"`
	Member   *struct {
		Chat chat `json:"chat"`
		New  struct {
			Status string `json:"status"`
		} `json:"new_chat_member"`
	} `json:"my_chat_member"`

	unread bool // only whose it is could be read
}

// callback is a pressed button.
type callback struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Data    string   `json:"data"`
}

type message struct {
	ID        int64   `json:"message_id"`
	Date      int64   `json:"date"`
	EditDate  int64   `json:"edit_date"`
	From      *user   `json:"from"`
	Sender    *chat   `json:"sender_chat"`
	Chat      chat    `json:"chat"`
	Text      string  `json:"text"`
	Caption   string  `json:"caption"`
	Thread    int64   `json:"message_thread_id"`
	InTopic   bool    `json:"is_topic_message"`
	Reply     *reply  `json:"reply_to_message"`
	MigrateTo int64   `json:"migrate_to_chat_id"`
	Left      *user   `json:"left_chat_member"`
	Photo     []thing `json:"photo"`
	Voice     *thing  `json:"voice"`
	VideoNote *thing  `json:"video_note"`
	Location  *struct {
		Live      int64   `json:"live_period"`
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
	} `json:"location"`
	Venue *struct {
		Title   string `json:"title"`
		Address string `json:"address"`
	} `json:"venue"`
	Document *thing `json:"document"`
	Contact  *struct {
		Phone string `json:"phone_number"`
	} `json:"contact"`

	service bool // it tells of an event in the chat; nobody has sent anything
}

type reply struct {
	ID int64 `json:"message_id"`
}

// thing is a file of a message. Its name is not read.
type thing struct {
	ID   string `json:"file_id"`
	Mime string `json:"mime_type"`
	Size int64  `json:"file_size"`
}

// user holds what we read of an account. Of people nothing but the language is used; names are those of counsellors.
type user struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	Language string `json:"language_code"`
	First    string `json:"first_name"`
	User     string `json:"username"`
}

type chat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

var errNoUpdate = errors.New("this is no update")

// answer is what goes back for a pressed button.
type answer struct{ id, text string }

// take carries one raw update through a turn. It returns the answer to a pressed button, if it was one, also beside an error.
// errNoUpdate means that the bytes are no update. With any other error the update is not safe with us: the network is to send it
// again. Without one it has been dealt with.
func (t *Telegram) take(ctx context.Context, raw []byte) (*answer, error) {
	in, err := t.read(raw)
	if err != nil {
		return nil, err
	}
	if chat := in.group(); chat != 0 {
		switch ours, err := t.desk.at(ctx, chat); {
		case ours:
			return t.desk.take(ctx, in)
		case err != nil:
			t.log.Warn("telegram: it cannot be known now whether an update is of the counsellors' group; it is left with the network", zap.Error(err))
			return nil, err
		}
	}
	if t.desk.invite(ctx, in.Message) {
		return nil, nil
	}
	u, ok := neutral(in)
	var ans *answer
	if in.Callback != nil {
		ans = &answer{id: in.Callback.ID}
	}
	if !ok {
		return ans, nil
	}
	if in.unread {
		t.log.Warn("telegram: an update does not decode; the person is told")
	}
	u.At = time.Now()
	if u.Kind != bot.Gone {
		dropped, first, err := t.flooding(ctx, u)
		switch {
		case err != nil:
			return t.leave(ctx, u, ans, err)
		case dropped && ans != nil:
			ans.text = t.short("flood", u.Locale)
		}
		switch {
		case dropped && !first:
			return ans, nil
		case dropped:
			u = bot.Update{From: u.From, Kind: bot.Flooded, Locale: u.Locale, At: u.At}
		}
	}
	turn, cancel := context.WithTimeout(ctx, t.patience(u.At))
	defer cancel()
	reply, err := t.bot.Handle(turn, u)
	if err != nil {
		t.failed.Store(time.Now().UnixMilli())
		if u.Forgoes(reply) {
			t.log.Warn("an update was answered with the numbers", zap.Error(err))
			if ans != nil {
				ans.text = t.short("outage", u.Locale)
			}
			t.numbers(ctx, u, "outage")
			return ans, nil
		}
		return t.leave(ctx, u, ans, err)
	}
	if ans != nil && ans.text == "" {
		ans.text = reply.Toast
	}
	return ans, nil
}

// patience is how long a turn may take: while the store is away nobody waits long behind others.
func (t *Telegram) patience(now time.Time) time.Duration {
	if now.UnixMilli()-t.failed.Load() < 1000 {
		return time.Second
	}
	return handleTime
}

// flooding reports whether an update is more than one person can mean, and whether it is the first such. In a talk with a
// counsellor nothing is. An error says that this cannot be known now.
func (t *Telegram) flooding(ctx context.Context, u bot.Update) (dropped, first bool, err error) {
	if dropped, first = t.flood.Judge(u.From.ID, u.ID, u.Said, u.At); !dropped {
		return false, false, nil
	}
	look, cancel := context.WithTimeout(ctx, t.patience(u.At))
	defer cancel()
	talks, err := t.bot.Talks(look, u)
	if err != nil {
		t.failed.Store(time.Now().UnixMilli())
	}
	return !talks, first, err
}

// leave leaves an update with the network, because it could not be saved. The person is told the numbers at once, and that
// nothing is lost.
func (t *Telegram) leave(ctx context.Context, u bot.Update, ans *answer, err error) (*answer, error) {
	t.log.Warn("an update could not be saved and is left with the network; the person was told the numbers", zap.Error(err))
	if ans != nil {
		ans.text = t.short("outage-kept", u.Locale)
		if dropped, _ := t.outage.Over("button "+ans.id, u.At); dropped { // it has been answered
			ans = nil
		}
	}
	t.numbers(ctx, u, "outage-kept")
	return ans, err
}

// short is a notice cut to what the answer to a button may hold.
func (t *Telegram) short(name, locale string) string {
	return strings.ReplaceAll(split(talk.Notice(t.bot.Library(), name, locale), 200)[0], "**", "")
}

// numbers tells a person the numbers while no session can be read, at most once a minute.
func (t *Telegram) numbers(ctx context.Context, u bot.Update, notice string) {
	if u.Kind == bot.Gone || u.Kind == bot.Delivered {
		return
	}
	if dropped, _ := t.outage.Over(u.From.ID, u.At); dropped {
		return
	}
	m := bot.Message{To: u.From, Text: talk.Notice(t.bot.Library(), notice, u.Locale)}
	go t.bot.Guard("numbers", func() { t.tell(ctx, m) })
}

// tell sends a notice, best effort.
func (t *Telegram) tell(ctx context.Context, m bot.Message) {
	t.bot.Guard("notice", func() {
		call, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := t.Deliver(call, m); err != nil {
			t.log.Warn("the numbers did not arrive", zap.Error(err))
		}
	})
}

// group is the group that an update comes from, 0 for a private chat.
func (in *update) group() int64 {
	for _, m := range []*message{in.Message, in.Edited} {
		if m != nil && m.Chat.ID < 0 {
			return m.Chat.ID
		}
	}
	switch {
	case in.Callback != nil && in.Callback.Message != nil && in.Callback.Message.Chat.ID < 0:
		return in.Callback.Message.Chat.ID
	case in.Members != nil:
		return in.Members.Chat.ID
	case in.Member != nil && in.Member.Chat.ID < 0:
		return in.Member.Chat.ID
	}
	return 0
}

// said is the message that an update brings or changes, nil when it does neither.
func (in *update) said() *message {
	if in.Message != nil {
		return in.Message
	}
	return in.Edited
}

// neutral strips an update of its channel. Only private chats with people count.
func neutral(in *update) (u bot.Update, ok bool) {
	from := func(c chat) bot.Address { return bot.Address{Channel: Name, ID: strconv.FormatInt(c.ID, 10)} }
	u.ID = uint64(*in.ID) + 1 // 0 would mean "never repeats"
	switch {
	case in.Message != nil:
		m := in.Message
		if m.Chat.Type != "private" || m.From == nil || m.From.Bot {
			return u, false
		}
		if m.service {
			return u, false
		}
		u.From, u.Ref, u.Text, u.Locale, u.Kind, u.Said = from(m.Chat), m.ID, m.Text, m.From.Language, bot.Typed, moment(m.Date)
		if m.Text == "" {
			u.Kind, u.Media = bot.Attached, m.media()
			u.Live = m.Location != nil && m.Location.Live != 0
		}
		if in.unread {
			u.Kind = bot.Unread
		}
		if m.Contact != nil {
			u.Phone = m.Contact.Phone
		}
	case in.Edited != nil:
		m := in.Edited
		if m.Chat.Type != "private" || m.From == nil || m.From.Bot || m.service {
			return u, false
		}
		u.From, u.Text, u.Locale, u.Kind, u.Said = from(m.Chat), m.Text, m.From.Language, bot.Edited, moment(m.EditDate)
		if in.unread {
			u.Kind = bot.Unread
			return u, true
		}
		if m.Text == "" {
			if u.Media = m.media(); u.Media.Kind == "location" || u.Media.Kind == "" && m.Caption == "" {
				return u, false // a place that moves: that this is not passed on was said when it was sent
			}
			if u.Media.Kind == "" { // what it lies under could not be passed on; its words can
				u.Media, u.Text = bot.Media{}, m.Caption
			}
		}
	case in.Callback != nil:
		c := in.Callback
		if c.Message == nil || c.Message.Chat.Type != "private" || c.From.Bot {
			return u, false
		}
		u.From, u.Ref, u.Text, u.Locale, u.Kind = from(c.Message.Chat), c.Message.ID, c.Data, c.From.Language, bot.Pressed
		if in.unread {
			u.Kind = bot.Unread
		}
	case in.Member != nil:
		if in.Member.Chat.Type != "private" || in.Member.New.Status != "kicked" {
			return u, false
		}
		u.From, u.Kind = from(in.Member.Chat), bot.Gone
	default:
		return u, false
	}
	return u, true
}

// moment is a time that Telegram tells in Unix seconds; zero when it does not.
func moment(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// Deliver sends a message, or puts it in place of an earlier one.
func (t *Telegram) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	if !m.Screen {
		// What must go, goes first. A refusal is final, anything else is tried again.
		if err := t.remove(ctx, m); err != nil {
			return 0, err
		}
	}
	ref, err := t.put(ctx, m)
	if err != nil {
		return 0, meaning(err)
	}
	if m.Screen {
		t.remove(ctx, m) // the question is there; the one before may stay above it
	}
	return ref, nil
}

func (t *Telegram) put(ctx context.Context, m bot.Message) (ref int64, err error) {
	m.Text = strings.ToValidUTF8(m.Text, "\uFFFD")
	if m.Media.Net == bot.Recorded {
		return t.voice(ctx, m)
	}
	if m.Media.Kind != "" {
		return 0, t.pass(ctx, tgbotapi.Params{"chat_id": m.To.ID}, m.Media)
	}
	if blank(m.Text) {
		return 0, nil
	}
	parts := split(m.Text, MaxText)
	for i, part := range parts {
		var buttons [][]bot.Button
		if i == len(parts)-1 {
			buttons = m.Buttons
		}
		if m.Edit != 0 && i == 0 {
			err = t.call.send(ctx, "editMessageText", form(m.To.ID, m.Edit, part, buttons), nil)
			switch {
			case err == nil, refused(err, "message is not modified"):
				ref = m.Edit
				continue
			case !uneditable(err):
				return 0, err
			}
		}
		var sent struct {
			ID int64 `json:"message_id"`
		}
		if err := t.call.send(ctx, "sendMessage", put(m.To.ID, part, buttons, m.Human), &sent); err != nil {
			return 0, err
		}
		ref = sent.ID
	}
	return ref, nil
}

// uneditable reports whether an edit was refused for good, in whatever words: the same goes out as a new message then, or is refused
// there for what it is.
func uneditable(err error) bool {
	var e *tgbotapi.Error
	return errors.As(err, &e) && e.Code == 400 && e.RetryAfter == 0 && e.MigrateToChatID == 0
}

// remove deletes messages as far as Telegram allows; what it refuses stays, and the person is told how to clear the chat.
func (t *Telegram) remove(ctx context.Context, m bot.Message) error {
	if len(m.Delete) == 0 {
		return nil
	}
	ids, _ := json.Marshal(m.Delete[:min(len(m.Delete), bot.MaxRefs)])
	err := t.call.call(ctx, "deleteMessages", tgbotapi.Params{"chat_id": m.To.ID, "message_ids": string(ids)}, nil)
	var refusal *bot.DeliveryError
	if err = meaning(err); errors.As(err, &refusal) && refusal.Drop {
		return nil
	}
	return err
}
