package messengertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// View is a message as a person sees it.
type View struct {
	ID      string
	Bot     bool
	Text    string
	Replies []Reply
}

// Reply is a quick reply.
type Reply struct{ Title, Payload string }

// Find looks for a quick reply: by its payload, by its title, or by the word its payload begins with.
func (v View) Find(what string) (Reply, bool) {
	for _, fits := range []func(Reply) bool{
		func(r Reply) bool { return r.Payload == what },
		func(r Reply) bool { return r.Title == what },
		func(r Reply) bool { return strings.HasPrefix(r.Payload, what+":") },
	} {
		if i := slices.IndexFunc(v.Replies, fits); i >= 0 {
			return v.Replies[i], true
		}
	}
	return Reply{}, false
}

// String is the message's text and the titles of its quick replies.
func (v View) String() string {
	var b strings.Builder
	b.WriteString(v.Text + "\n")
	for _, r := range v.Replies {
		fmt.Fprintf(&b, "[%s] ", r.Title)
	}
	return strings.TrimSpace(b.String())
}

func flat(v View) string { return strings.ReplaceAll(v.String(), "\n", " / ") }

type chat struct {
	id       string
	person   Person
	blocked  bool
	taken    bool      // somebody in the page's inbox, or another app, has the thread
	last     time.Time // of the person's last word
	messages []View
	log      []string
	shown    int // how often the bot has written
	acted    int // shown, when the person last did something
	began    int // messages, at that time
}

func (c *chat) note(format string, args ...any) { c.log = append(c.log, fmt.Sprintf(format, args...)) }

// screen is the newest message, if it is the bot's.
func (c *chat) screen() View {
	for _, m := range slices.Backward(c.messages) {
		if m.Bot {
			return m
		}
	}
	return View{}
}

// Person is who writes.
type Person struct {
	Name   string
	Locale string // of the profile, as lt_LT
}

// User is a person at the page.
type User struct {
	Person
	ID string

	srv  *Server
	chat *chat
}

// User makes a person who has not written yet.
func (s *Server) User(p Person) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
	c := &chat{id: fmt.Sprint(24_000_000_000_000_000 + s.users), person: p}
	s.chats[c.id] = c
	return &User{Person: p, ID: c.id, srv: s, chat: c}
}

// do makes an event of the person. word tells whether it counts as a word, which opens the window, and shows in the chat.
func (u *User) do(shown string, body map[string]any) string {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	return u.act(shown, body)
}

// act is do for a caller that holds the lock.
func (u *User) act(shown string, body map[string]any) string {
	s := u.srv
	c := u.chat
	c.last = s.opt.Now()
	mid := s.mid()
	for _, kind := range []string{"message", "postback"} {
		if m, ok := body[kind].(map[string]any); ok {
			m["mid"] = mid
		}
	}
	body["sender"], body["recipient"], body["timestamp"] = id(c.id), id(Page), c.last.UnixMilli()
	if shown != "" {
		c.messages = append(c.messages, View{ID: mid, Text: shown})
	}
	c.acted, c.began = c.shown, len(c.messages)
	c.note("%s: %s", u.Name, shown)
	s.notify()
	if !c.taken {
		s.event(c, mid, body)
	}
	return mid
}

// Say sends a text. Like everything a person does it returns the event's id.
func (u *User) Say(text string) string {
	return u.do(text, map[string]any{"message": map[string]any{"text": text}})
}

// Start presses the button that begins a conversation. ref is that of the link the person came by, or empty.
func (u *User) Start(ref string) string {
	u.srv.mu.Lock()
	start := "menu"
	if p := u.srv.profile.Start; p != nil {
		start = p.Payload
	}
	u.srv.mu.Unlock()
	p := map[string]any{"title": "Get Started", "payload": start}
	if ref != "" {
		p["referral"] = map[string]any{"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
	}
	return u.do("Get Started", map[string]any{"postback": p})
}

// PressPostback presses an item of the menu.
func (u *User) PressPostback(title, payload string) string {
	return u.do(title, map[string]any{"postback": map[string]any{"title": title, "payload": payload}})
}

// Referral opens the conversation again by a link.
func (u *User) Referral(ref string) string {
	return u.do("", map[string]any{"referral": map[string]any{"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}})
}

// SendSticker sends a thumb.
func (u *User) SendSticker() string {
	return u.do("(sticker)", map[string]any{"message": map[string]any{"attachments": []any{map[string]any{"type": "image",
		"payload": map[string]any{"url": "https://scontent.example/sticker.png", "sticker_id": 369239263222822}}}}})
}

// SendVoice sends a voice message.
func (u *User) SendVoice() string {
	return u.do("(voice)", map[string]any{"message": map[string]any{"attachments": []any{map[string]any{"type": "audio",
		"payload": map[string]any{"url": "https://cdn.example/voice.mp4"}}}}})
}

// Attachment is something beside or in place of words. Title is that of something shared.
type Attachment struct{ Type, URL, Title string }

// attachable are the types of attachments that the network documents.
var attachable = []string{"audio", "fallback", "file", "ig_post", "ig_reel", "image", "location", "post", "reel", "share", "template", "video"}

// SendAttachments sends attachments in one message, perhaps with words.
func (u *User) SendAttachments(text string, list ...Attachment) string {
	u.srv.t.Helper()
	m := map[string]any{}
	if text != "" {
		m["text"] = text
	}
	var all []any
	for _, a := range list {
		if !slices.Contains(attachable, a.Type) {
			u.srv.t.Fatalf("messengertest: there is no attachment of the type %q", a.Type)
		}
		payload := map[string]any{"url": a.URL}
		if a.Title != "" {
			payload["title"] = a.Title
		}
		all = append(all, map[string]any{"type": a.Type, "payload": payload})
	}
	m["attachments"] = all
	return u.do("("+text+" with attachments)", map[string]any{"message": m})
}

// Event makes an event of any shape; sender, recipient, timestamp and, for a message, mid are filled in.
func (u *User) Event(body map[string]any) string { return u.do("", body) }

// Press presses a quick reply of the newest message: named by its payload, by its title, or by the word its payload begins with.
func (u *User) Press(what string) string {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(u.chat.messages); n > 0 {
		if r, ok := u.chat.messages[n-1].Find(what); ok {
			return u.act(r.Title, quick(r))
		}
	}
	s.t.Errorf("messengertest: %s sees no quick reply %q; the newest message is:\n%s", u.Name, what, u.chat.screen())
	return ""
}

// Choose presses the quick reply that pick finds on the newest message. It presses nothing, and reports false, when pick
// finds none.
func (u *User) Choose(pick func(View) (Reply, bool)) bool {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	if n := len(u.chat.messages); n > 0 {
		if r, ok := pick(u.chat.messages[n-1]); ok {
			u.act(r.Title, quick(r))
			return true
		}
	}
	return false
}

// PressReply presses a quick reply that may be there no more: a slow app still showed it.
func (u *User) PressReply(r Reply) string { return u.do(r.Title, quick(r)) }

func quick(r Reply) map[string]any {
	return map[string]any{"message": map[string]any{"text": r.Title, "quick_reply": map[string]any{"payload": r.Payload}}}
}

// Block blocks the page; the bot is not told.
func (u *User) Block() { u.set(func(c *chat) { c.blocked = true }) }

// Unblock lets the page write again.
func (u *User) Unblock() { u.set(func(c *chat) { c.blocked = false }) }

// Take gives the thread to somebody in the page's inbox; Return gives it back. Between the two the person's words come
// to the bot as standby.
func (u *User) Take() { u.set(func(c *chat) { c.taken = true }) }

// Return gives the thread back to the bot.
func (u *User) Return() { u.set(func(c *chat) { c.taken = false }) }

func (u *User) set(f func(*chat)) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	f(u.chat)
}

// Screen is the bot's newest message, empty when there is none.
func (u *User) Screen() View {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.chat.screen()
}

// Answer is all that the bot has said since the person's last word, as one message.
func (u *User) Answer() View {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	var v View
	for _, m := range u.chat.messages[u.chat.began:] {
		if m.Bot {
			v.Text = strings.TrimSpace(v.Text + "\n\n" + m.Text)
			v.ID, v.Bot, v.Replies = m.ID, true, m.Replies
		}
	}
	return v
}

// Messages are what the chat holds, in order.
func (u *User) Messages() []View {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.chat.messages)
}

// History is what happened in the chat, a line each.
func (u *User) History() []string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.chat.log)
}

// errTimeout ends a wait.
var errTimeout = errors.New("nothing of the kind in time")

// calm is how long the bot must be silent before a message without quick replies counts as the last.
const calm = 300 * time.Millisecond

// Next waits until the bot has answered what the person did last, and returns its newest message: the one with quick replies,
// or, when there are none, what was said before it fell silent.
func (u *User) Next(timeout time.Duration) (View, error) {
	v, err := u.Await(func(v View) bool { return u.answered() }, timeout)
	for err == nil && len(v.Replies) == 0 {
		var next View
		next, err = u.Await(func(w View) bool { return w.ID != v.ID }, calm)
		if err != nil {
			return v, nil
		}
		v = next
	}
	return v, err
}

func (u *User) answered() bool { return u.chat.shown > u.chat.acted }

// patience is how long a wait may really take: longer under the race detector, unless it is so short that it asks whether nothing comes.
func patience(timeout time.Duration) time.Duration {
	if timeout < 2*time.Second {
		return timeout
	}
	return slowness * timeout
}

// Await waits until the newest message fits. fits is called with the server's lock held.
func (u *User) Await(fits func(View) bool, timeout time.Duration) (View, error) {
	timer := time.NewTimer(patience(timeout))
	defer timer.Stop()
	s := u.srv
	for {
		s.mu.Lock()
		v, changed := u.chat.screen(), s.changed
		ready := fits(v)
		s.mu.Unlock()
		if ready {
			return v, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return v, errTimeout
		case <-s.ctx.Done():
			return v, errTimeout
		}
	}
}

// Wait is Await that fails the test.
func (u *User) Wait(fits func(View) bool, timeout time.Duration) View {
	u.srv.t.Helper()
	v, err := u.Await(fits, timeout)
	if err != nil {
		u.srv.t.Fatalf("messengertest: %s waited %v in vain; history:\n%s\nrefusals: %q", u.Name, timeout, strings.Join(u.History(), "\n"), u.srv.Refusals())
	}
	return v
}
