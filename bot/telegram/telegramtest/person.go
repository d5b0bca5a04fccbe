package telegramtest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Person is who a chat is with.
type Person struct {
	Language string // language_code; none when empty
	Name     string // first name; made up when empty
	LastName string
	Username string
}

// User is a person in a private chat with the bot.
type User struct {
	Person
	ID int64 // of the user and of the chat

	srv  *Server
	chat *chat
}

// User makes a person who has not written yet. Ids are beyond 32 bits: 5000000001, 5000000002, …
func (s *Server) User(p Person) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users++
	if p.Name == "" {
		p.Name = fmt.Sprintf("Person %d", s.users)
	}
	id := 5_000_000_000 + s.users
	// A message's id tells its chat, so that one taken for another's can't go unnoticed.
	return s.person(id, p, s.users*100_000)
}

func (s *Server) person(id int64, p Person, last int64) *User {
	c := &chat{id: id, kind: "private", person: p, last: last, limit: newBurst(privateBurst), party: &party{}}
	s.chats[id] = c
	return &User{Person: p, ID: id, srv: s, chat: c}
}

func (u *User) from() map[string]any {
	o := map[string]any{"id": u.ID, "is_bot": false, "first_name": u.Name}
	if u.LastName != "" {
		o["last_name"] = u.LastName
	}
	if u.Username != "" {
		o["username"] = u.Username
	}
	if u.Language != "" {
		o["language_code"] = u.Language
	}
	return o
}

var botCommand = regexp.MustCompile(`(?:^|\s)(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)`)

// commands marks the commands in a text, as the service does.
func commands(text string) (entities []Entity) {
	for _, at := range botCommand.FindAllStringSubmatchIndex(text, -1) {
		entities = append(entities, Entity{Type: "bot_command", Offset: length(text[:at[2]]), Length: length(text[at[2]:at[3]])})
	}
	return entities
}

// Say sends a text. Like everything a person does it returns the update's id, 0 when the bot didn't ask for that kind.
func (u *User) Say(text string) int64 { return u.Send(Media{Caption: text}) }

// Edit changes a text that the person sent.
func (u *User) Edit(id int64, text string) int64 {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	m := u.chat.find(id)
	if m == nil || m.sender != u.ID {
		s.fatalf("telegramtest: %s has no message %d to edit", u.Name, id)
		return 0
	}
	return s.rewrite(u, u.chat, m, text)
}

func (s *Server) rewrite(u *User, c *chat, m *message, text string) int64 {
	m.text, m.entities, m.edited = text, commands(text), s.opt.Now()
	c.note("%s edits %d: %s", u.Name, m.id, text)
	s.notify()
	return s.tell("edited_message", c, m)
}

// Clear removes all messages from the chat, as a person may do.
func (u *User) Clear() {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.chat.messages = nil
	u.chat.note("%s clears the chat", u.Name)
	u.srv.notify()
}

// Press presses a button of the newest message that has it: named by its data, by its label, or by the word its data
// begins with.
func (u *User) Press(what string) int64 { return u.press(u.chat, 0, what) }

// PressOn presses a button of one message.
func (u *User) PressOn(id int64, what string) int64 { return u.press(u.chat, id, what) }

func (u *User) press(c *chat, id int64, what string) int64 {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range slices.Backward(c.messages) {
		if b, ok := m.view().Find(what); m.bot && (id == 0 || m.id == id) && ok && b.Data != "" {
			return u.callback(c, m.id, b.Data)
		}
	}
	s.fatalf("telegramtest: %s sees no button %q; the newest message is:\n%s", u.Name, what, c.screen())
	return 0
}

// PressData presses a button that may be there no more: a stale app still shows it.
func (u *User) PressData(id int64, data string) int64 {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.callback(u.chat, id, data)
}

func (u *User) callback(c *chat, id int64, data string) int64 {
	s := u.srv
	q := &query{id: fmt.Sprintf("%d%09d", u.ID, len(s.queries)+1), chat: c, at: s.opt.Now()}
	s.queries[q.id] = q
	where := map[string]any{"chat": c.object(), "message_id": id, "date": 0} // a message that the bot can't reach
	if m := c.find(id); m != nil {
		where = c.message(m)
	}
	c.acted = c.shown
	c.note("%s presses %s on %d", u.Name, data, id)
	s.notify()
	return s.post("callback_query", c.id, q, map[string]any{"id": q.id, "from": u.from(), "message": where,
		"chat_instance": fmt.Sprint(-c.id * 7919), "data": data})
}

// Unanswered is how many pressed buttons still wait for their answer.
func (u *User) Unanswered() int {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	n := 0
	for _, q := range u.srv.queries {
		if q.chat == u.chat && q.answered == 0 {
			n++
		}
	}
	return n
}

// Block blocks the bot.
func (u *User) Block() int64 { return u.member(true) }

// Unblock lets the bot write again.
func (u *User) Unblock() int64 { return u.member(false) }

func (u *User) member(blocked bool) int64 {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	status := func(out bool) map[string]any {
		if out {
			return map[string]any{"user": me(), "status": "kicked", "until_date": 0}
		}
		return map[string]any{"user": me(), "status": "member"}
	}
	old := u.chat.blocked
	u.chat.blocked = blocked
	u.chat.note("%s %s the bot", u.Name, map[bool]string{true: "blocks", false: "unblocks"}[blocked])
	s.notify()
	return s.post("my_chat_member", u.ID, nil, map[string]any{"chat": u.chat.object(), "from": u.from(), "date": s.opt.Now().Unix(),
		"old_chat_member": status(old), "new_chat_member": status(blocked)})
}

// Deactivate deletes the person's account; the bot is not told.
func (u *User) Deactivate() {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.chat.deleted = true
}

// Screen is the bot's newest message, empty when there is none.
func (u *User) Screen() View {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return u.chat.screen()
}

// Messages are what the chat holds now, in order.
func (u *User) Messages() []View { return u.srv.views(u.chat) }

// Notices are the texts that answered pressed buttons.
func (u *User) Notices() []string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.chat.notices)
}

// History is what happened in the chat, a line each, in order: "send 7: …", "edit 7: …", "delete 7", "notice: …", and
// what the person did.
func (u *User) History() []string {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.chat.log)
}

// Wait waits until the screen fits, and fails the test when it doesn't in time. Call it from the test's goroutine.
func (u *User) Wait(fits func(View) bool, timeout time.Duration) View {
	if u.srv.t != nil {
		u.srv.t.Helper()
	}
	v, err := u.Await(fits, timeout)
	if err != nil {
		u.srv.fatalf("telegramtest: %s waited %v in vain; history:\n%s\nrefusals: %q", u.Name, timeout,
			strings.Join(u.History(), "\n"), u.srv.Refusals())
	}
	return v
}

// Await is Wait for any goroutine: it returns an error when the screen doesn't fit in time.
func (u *User) Await(fits func(View) bool, timeout time.Duration) (View, error) {
	return u.await(func(v View, _ bool) bool { return fits(v) }, timeout)
}

// Next waits until the bot has answered what the person did last with something visible: a message, an edit, or a
// notice. It returns the screen.
func (u *User) Next(timeout time.Duration) (View, error) {
	return u.await(func(_ View, answered bool) bool { return answered }, timeout)
}

// errTimeout ends a wait.
var errTimeout = errors.New("nothing of the kind in time")

// patience is how long a wait may really take: longer under the race detector, unless it is so short that it asks whether nothing comes.
func patience(timeout time.Duration) time.Duration {
	if timeout < 2*time.Second {
		return timeout
	}
	return slowness * timeout
}

func (u *User) await(ready func(screen View, answered bool) bool, timeout time.Duration) (View, error) {
	timer := time.NewTimer(patience(timeout))
	defer timer.Stop()
	s := u.srv
	for {
		s.mu.Lock()
		v, answered, changed := u.chat.screen(), u.chat.shown > u.chat.acted, s.changed
		s.mu.Unlock()
		if ready(v, answered) {
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

func (s *Server) views(c *chat) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.views()
}
