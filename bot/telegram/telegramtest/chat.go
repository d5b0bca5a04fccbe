package telegramtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// View is a message as a person sees it.
type View struct {
	ID        int64
	Bot       bool     // the bot sent it
	From      int64    // who sent it
	Kind      string   // "text", "sticker", "photo", …
	Text      string   // without markup
	Entities  []Entity // the markup
	Rows      [][]Button
	Date      time.Time
	Edited    bool
	Protected bool
	Thread    int64          // the topic it is in; 0 outside topics
	ReplyTo   int64          // the message it answers, as the sender chose; 0 for none
	Copy      bool           // copyMessage made it
	Service   bool           // it tells of an event in the group, like "forum_topic_created"
	Content   map[string]any // what a message that is no text carries, as the API has it
	FileName  string         // of an attached file
	MIME      string
	File      []byte // an attached file, where its content is known
}

// Button of a message; of Data and URL one is set.
type Button struct{ Text, Data, URL string }

// Buttons are all buttons of a message, row by row.
func (v View) Buttons() []Button { return slices.Concat(v.Rows...) }

// Find looks for a button: by its data, by its label, or by the word its data begins with ("next" finds "next:7").
func (v View) Find(what string) (Button, bool) {
	for _, fits := range []func(Button) bool{
		func(b Button) bool { return b.Data == what },
		func(b Button) bool { return b.Text == what },
		func(b Button) bool { return strings.HasPrefix(b.Data, what+":") },
	} {
		if i := slices.IndexFunc(v.Buttons(), fits); i >= 0 {
			return v.Buttons()[i], true
		}
	}
	return Button{}, false
}

// String is the message's text and the labels of its buttons.
func (v View) String() string {
	var b strings.Builder
	b.WriteString(v.Text)
	if v.Kind != "text" && v.Kind != "" {
		fmt.Fprintf(&b, "(%s)", v.Kind)
	}
	for _, row := range v.Rows {
		for i, button := range row {
			if i == 0 {
				b.WriteString("\n")
			} else {
				b.WriteString(" ")
			}
			fmt.Fprintf(&b, "[%s]", button.Text)
		}
	}
	return b.String()
}

type message struct {
	id        int64
	from      map[string]any
	sender    int64
	bot       bool
	date      time.Time
	edited    time.Time
	kind      string
	text      string
	entities  []Entity
	rows      [][]Button
	markup    json.RawMessage // as given
	extra     map[string]any  // a sticker, a photo …
	origin    map[string]any  // where it was forwarded from
	reply     int64           // the message it answers
	thread    int64           // message_thread_id
	topical   bool            // thread is a forum topic's
	copied    bool
	service   bool
	file      *upload
	protected bool
}

func (m *message) view() View {
	v := View{ID: m.id, Bot: m.bot, From: m.sender, Kind: m.kind, Text: m.text, Entities: slices.Clone(m.entities),
		Rows: m.rows, Date: m.date, Edited: !m.edited.IsZero(), Protected: m.protected, ReplyTo: m.reply, Copy: m.copied,
		Service: m.service, Content: m.extra}
	if m.topical {
		v.Thread = m.thread
	}
	if m.file != nil {
		v.FileName, v.MIME, v.File = m.file.name, m.file.mime, m.file.data
	}
	return v
}

// chat is a private chat, or a group.
type chat struct {
	id       int64
	kind     string // "private", "group" or "supergroup"
	title    string
	person   Person
	started  bool // the person has written
	blocked  bool // or, in a group: the bot was removed
	deleted  bool // the account
	messages []*message
	last     int64 // id of the newest message ever
	limit    *limit
	log      []string
	notices  []string
	shown    int // how often something visible has happened
	acted    int // shown, when the person last did something

	*party // empty in a private chat
}

func (c *chat) private() bool { return c.kind == "private" }

func (c *chat) object() map[string]any {
	o := map[string]any{"id": c.id, "type": c.kind}
	if c.private() {
		o["first_name"] = c.person.Name
		if c.person.LastName != "" {
			o["last_name"] = c.person.LastName
		}
		if c.person.Username != "" {
			o["username"] = c.person.Username
		}
		return o
	}
	o["title"] = c.title
	if c.forum {
		o["is_forum"] = true
	}
	return o
}

func (c *chat) find(id int64) *message {
	for _, m := range c.messages {
		if m.id == id {
			return m
		}
	}
	return nil
}

// add puts a message at the end of the chat.
func (c *chat) add(m *message) {
	c.last++
	m.id = c.last
	c.messages = append(c.messages, m)
}

func (c *chat) remove(id int64) bool {
	i := slices.IndexFunc(c.messages, func(m *message) bool { return m.id == id })
	if i < 0 {
		return false
	}
	c.messages = slices.Delete(c.messages, i, i+1)
	return true
}

func (c *chat) note(format string, args ...any) { c.log = append(c.log, fmt.Sprintf(format, args...)) }

// screen is the bot's newest message.
func (c *chat) screen() View {
	for _, m := range slices.Backward(c.messages) {
		if m.bot {
			return m.view()
		}
	}
	return View{}
}

func (c *chat) views() []View {
	out := make([]View, 0, len(c.messages))
	for _, m := range c.messages {
		out = append(out, m.view())
	}
	return out
}

// message is a message as an update or a result carries it, with the one it answers. In a topic, a message that
// answers no other answers the one that made the topic.
func (c *chat) message(m *message) map[string]any {
	o := c.alone(m)
	to := m.reply
	if to == 0 && m.topical && m.id != m.thread {
		to = m.thread
	}
	if old := c.find(to); old != nil {
		o["reply_to_message"] = c.alone(old)
	}
	return o
}

// alone is a message without the one it answers.
func (c *chat) alone(m *message) map[string]any {
	o := map[string]any{"message_id": m.id, "date": m.date.Unix(), "chat": c.object(), "from": m.from}
	if !m.edited.IsZero() {
		o["edit_date"] = m.edited.Unix()
	}
	if m.thread != 0 {
		o["message_thread_id"] = m.thread
	}
	if m.topical {
		o["is_topic_message"] = true
	}
	if m.origin != nil {
		o["forward_origin"] = m.origin
	}
	text, entities := "text", "entities"
	if m.kind != "text" {
		text, entities = "caption", "caption_entities"
	}
	if m.text != "" {
		o[text] = m.text
	}
	if len(m.entities) > 0 {
		o[entities] = m.entities
	}
	if len(m.markup) > 0 {
		o["reply_markup"] = m.markup
	}
	if m.protected {
		o["has_protected_content"] = true
	}
	for k, v := range m.extra {
		o[k] = v
	}
	return o
}

func me() map[string]any {
	return map[string]any{"id": int64(botID), "is_bot": true, "first_name": "Patikra", "username": "patikra_test_bot"}
}
