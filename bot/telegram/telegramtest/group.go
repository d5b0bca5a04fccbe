package telegramtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Statuses of a member of a group, the bot included.
const (
	Creator       = "creator"
	Administrator = "administrator"
	Member        = "member"
	Restricted    = "restricted" // in the group, but may not write
	Left          = "left"
	Kicked        = "kicked"
)

// Rights are what the bot is and may do in a group.
type Rights struct {
	Status  string // [Administrator], [Member], [Restricted], [Left] or [Kicked]; empty is [AllRights]
	Topics  bool   // can_manage_topics
	Delete  bool   // can_delete_messages
	Pin     bool   // can_pin_messages
	SeesAll bool   // privacy mode is off: a bot that is no administrator sees every message
}

// AllRights are those of an administrator who may do everything.
var AllRights = Rights{Status: Administrator, Topics: true, Delete: true, Pin: true}

func (r Rights) admin() bool   { return r.Status == Administrator }
func (r Rights) manages() bool { return r.admin() && r.Topics }

// deletes tells whether the bot may delete what others wrote; in an ordinary group every administrator may.
func (r Rights) deletes(c *chat) bool { return r.admin() && (r.Delete || c.kind == "group") }

func (r Rights) inside() bool {
	return r.Status == Administrator || r.Status == Member || r.Status == Restricted
}

// GroupOptions describe a group; the zero value is a forum where the bot is an administrator with all rights.
type GroupOptions struct {
	Title    string // "Desk" when empty
	NoTopics bool   // a supergroup that is no forum
	Basic    bool   // an ordinary group, which has no topics; see [Group.Upgrade]
	Bot      Rights
}

// party is what a group has and a private chat has not.
type party struct {
	forum   bool
	bot     Rights
	owner   *User
	members map[int64]*member
	topics  []*topic // in the order they were made; deleted ones are gone
	moved   int64    // the supergroup that this ordinary group became
	gone    bool     // deleted
	anyone  bool     // who speaks there joins by it
	pins    []int64
}

type member struct {
	user   *User
	status string
}

func (m *member) inside() bool {
	return m != nil && !slices.Contains([]string{Left, Kicked}, m.status)
}

func (m *member) admin() bool { return m != nil && (m.status == Creator || m.status == Administrator) }

type topic struct {
	id     int64
	name   string
	color  int64
	icon   string
	closed bool
	bot    bool // the bot made it
}

// Group is a group with its members and topics.
type Group struct {
	ID int64 // changes with Upgrade

	srv   *Server
	owner *User
	chat  *chat
}

// Group makes a group from its title or from GroupOptions. One made from a title alone is a supergroup without topics
// where the bot is a simple member with privacy mode off, and where everybody may write without joining.
func (s *Server) Group(of any) *Group {
	var o GroupOptions
	anyone := false
	switch of := of.(type) {
	case string:
		anyone = true
		o = GroupOptions{Title: of, NoTopics: true, Bot: Rights{Status: Member, SeesAll: true}}
	case GroupOptions:
		o = of
	default:
		s.fatalf("telegramtest: a group is made from a title or GroupOptions, not from %T", of)
		return nil
	}
	if o.Title == "" {
		o.Title = "Desk"
	}
	if o.Bot.Status == "" {
		sees := o.Bot.SeesAll
		o.Bot = AllRights
		o.Bot.SeesAll = sees
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups++
	p := &party{forum: !o.NoTopics && !o.Basic, bot: o.Bot, members: map[int64]*member{}, anyone: anyone}
	p.owner = s.person(4_900_000_000+s.groups, Person{Name: fmt.Sprintf("Owner %d", s.groups)}, 900_000_000+s.groups*100_000)
	p.members[p.owner.ID] = &member{p.owner, Creator}
	c := &chat{id: -1_001_000_000_000 - s.groups, kind: "supergroup", title: o.Title, started: true, last: s.groups * 10_000,
		limit: newLimit(time.Minute, groupPerMinute), party: p}
	if o.Basic {
		c.id, c.kind = -4_000_000-s.groups, "group"
	}
	s.chats[c.id] = c
	return &Group{ID: c.id, srv: s, owner: p.owner, chat: c}
}

// present says why the bot may not be in a group, if it may not.
func (c *chat) present() error {
	kind := c.kind + " chat"
	switch {
	case c.moved != 0:
		return &refusal{code: 400, text: "Bad Request: group chat was upgraded to a supergroup chat", moved: c.moved}
	case c.gone && c.kind == "group":
		return forbidden("the group chat was deleted")
	case c.gone || c.bot.Status == Kicked:
		return forbidden("bot was kicked from the " + kind)
	case c.bot.Status == Left:
		return forbidden("bot is not a member of the " + kind)
	}
	return nil
}

// topic finds a topic that is there.
func (c *chat) topic(id int64) *topic {
	if !c.forum {
		return nil
	}
	for _, t := range c.topics {
		if t.id == id {
			return t
		}
	}
	return nil
}

// general is the thread of a forum's General topic. Its messages carry no thread.
const general = 1

// locate puts a message into a thread; 0 is none.
func (c *chat) locate(m *message, thread int64) error {
	switch {
	case thread == 0:
	case c.topic(thread) != nil:
		m.thread, m.topical = thread, true
	default:
		return bad("message thread not found")
	}
	return nil
}

// answer makes m a reply to old. It goes where that one is; outside topics, a supergroup makes a thread of replies.
func (c *chat) answer(m, old *message) {
	m.reply = old.id
	switch {
	case m.thread != 0 || c.kind != "supergroup":
	case old.thread != 0:
		m.thread, m.topical = old.thread, old.topical
	default:
		m.thread = old.id
	}
}

// open refuses a message to a closed topic.
func (c *chat) open(thread int64, manages bool) error {
	if t := c.topic(thread); t != nil && t.closed && !manages {
		return bad("TOPIC_CLOSED")
	}
	return nil
}

// sees tells whether the bot is shown a message of a person.
func (c *chat) sees(m *message) bool {
	switch {
	case c.private():
		return true
	case !c.bot.inside() || c.moved != 0 || c.gone:
		return false
	case c.bot.admin() || c.bot.SeesAll || m.service:
		return true
	}
	if old := c.find(m.reply); old != nil && old.bot {
		return true
	}
	return slices.ContainsFunc(m.entities, func(e Entity) bool {
		return e.Type == "bot_command" && ours(passage(m.text, e))
	})
}

// ours tells whether a command is for this bot: it names no bot, or this one.
func ours(command string) bool {
	_, name, named := strings.Cut(command, "@")
	return !named || strings.EqualFold(name, me()["username"].(string))
}

// passage is the part of a text that an entity marks.
func passage(text string, e Entity) string {
	units := utf16.Encode([]rune(text))
	if e.Offset < 0 || e.Offset+e.Length > len(units) {
		return ""
	}
	return string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
}

// tell delivers a message of a group if the bot sees it. The caller holds the lock.
func (s *Server) tell(kind string, c *chat, m *message) int64 {
	if !c.sees(m) {
		return 0
	}
	return s.post(kind, c.id, nil, c.message(m))
}

// event puts a service message into a group and tells the bot, unless the bot itself caused it.
func (s *Server) event(c *chat, by *User, thread int64, kind string, content any) *message {
	m := &message{kind: kind, service: true, thread: thread, topical: thread != 0, date: s.opt.Now(), extra: map[string]any{kind: content}}
	if by == nil {
		m.from, m.sender, m.bot = me(), botID, true
	} else {
		m.from, m.sender = by.from(), by.ID
	}
	c.add(m)
	if kind == "forum_topic_created" {
		m.thread, m.topical = m.id, true
	}
	c.note("event %d: %s", m.id, kind)
	s.notify()
	if by != nil {
		s.tell("message", c, m)
	}
	return m
}

// Sent is what came of something a person did in a group.
type Sent struct {
	Message int64 // the message sent, or the one whose button was pressed
	Update  int64 // 0 when the bot was not told
}

// may says why a person can't write into a thread of a group. The caller holds the lock.
func (g *Group) may(u *User, thread int64) error {
	c := g.chat
	m := c.members[u.ID]
	switch {
	case c.moved != 0 || c.gone:
		return fmt.Errorf("telegramtest: the group %q is no more", c.title)
	case !m.inside() && c.anyone && m == nil:
		c.members[u.ID] = &member{u, Member}
	case !m.inside():
		return fmt.Errorf("telegramtest: %s is no member of %q", u.Name, c.title)
	case m.status == Restricted:
		return fmt.Errorf("telegramtest: %s may not write in %q", u.Name, c.title)
	}
	if t := c.topic(thread); t != nil && t.closed && !m.admin() {
		return fmt.Errorf("telegramtest: the topic %q is closed", t.name)
	}
	return nil
}

// SayIn sends a text to a topic of a group, or to the group itself (General in a forum) when topic is 0. Somebody
// who may not write there gets an error, and nothing is sent.
func (u *User) SayIn(g *Group, topic int64, text string) (Sent, error) {
	return u.SendIn(g, topic, Media{Caption: text})
}

// ReplyIn answers a message of a group, in its topic.
func (u *User) ReplyIn(g *Group, message int64, text string) (Sent, error) {
	return u.SendIn(g, 0, Media{Caption: text, ReplyTo: message})
}

// EditIn changes a text that the person sent to a group.
func (u *User) EditIn(g *Group, id int64, text string) (Sent, error) {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	m := g.chat.find(id)
	if m == nil || m.sender != u.ID {
		return Sent{}, fmt.Errorf("telegramtest: %s has no message %d to edit in %q", u.Name, id, g.chat.title)
	}
	if err := g.may(u, m.thread); err != nil {
		return Sent{}, err
	}
	return Sent{id, s.rewrite(u, g.chat, m, text)}, nil
}

// PressIn presses a button of the bot's message in a group: named by its data, by its label, or by the word its data
// begins with. With message 0 it is the newest message that has it.
func (u *User) PressIn(g *Group, message int64, what string) (Sent, error) {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	c := g.chat
	if m := c.members[u.ID]; c.moved != 0 || c.gone || !m.inside() && !(c.anyone && m == nil) {
		return Sent{}, fmt.Errorf("telegramtest: %s is no member of %q", u.Name, c.title)
	}
	for _, m := range slices.Backward(c.messages) {
		if b, ok := m.view().Find(what); m.bot && (message == 0 || m.id == message) && ok && b.Data != "" {
			return Sent{m.id, u.callback(c, m.id, b.Data)}, nil
		}
	}
	return Sent{}, fmt.Errorf("telegramtest: %s sees no button %q in %q", u.Name, what, c.title)
}

// PressDataIn presses a button that may be there no more: a stale app still shows it. Even a message that is gone
// can be pressed, and so can a person who left the group press what the app still shows.
func (u *User) PressDataIn(g *Group, message int64, data string) Sent {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return Sent{message, u.callback(g.chat, message, data)}
}

// Say sends a text of a person to the group.
func (g *Group) Say(u *User, text string) int64 {
	sent, err := u.SayIn(g, 0, text)
	if err != nil {
		g.srv.fatalf("%v", err)
	}
	return sent.Update
}

// Press presses a button in the group.
func (g *Group) Press(u *User, what string) int64 {
	sent, err := u.PressIn(g, 0, what)
	if err != nil {
		g.srv.fatalf("%v", err)
	}
	return sent.Update
}

// Remove throws the bot out; it isn't told.
func (g *Group) Remove() {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	g.chat.bot.Status = Kicked
}

// Messages are what the group holds now, in order, service messages included.
func (g *Group) Messages() []View {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return g.chat.views()
}

// All is Messages.
func (g *Group) All() []View { return g.Messages() }

// Views are the messages of a topic that are no service messages, in order; those of topic 0 or 1 stand in General,
// or in a group without topics.
func (g *Group) Views(topic int64) []View {
	if topic == general {
		topic = 0
	}
	return slices.DeleteFunc(g.Messages(), func(v View) bool { return v.Service || v.Thread != topic })
}

// Topic is a topic of a forum.
type Topic struct {
	ID     int64 // message_thread_id
	Name   string
	Closed bool
	Bot    bool // the bot made it
}

// TopicList are the topics that are there, in the order they were made, without General.
func (g *Group) TopicList() []Topic {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	out := []Topic{}
	for _, t := range g.chat.topics {
		out = append(out, Topic{t.id, t.name, t.closed, t.bot})
	}
	return out
}

// Topic looks a topic up; it reports false when there is none, or none any more.
func (g *Group) Topic(id int64) (Topic, bool) {
	list := g.TopicList()
	if i := slices.IndexFunc(list, func(t Topic) bool { return t.ID == id }); i >= 0 {
		return list[i], true
	}
	return Topic{}, false
}

// TopicNames are the names of the topics, in the order they were made.
func (g *Group) TopicNames() []string {
	out := []string{}
	for _, t := range g.TopicList() {
		out = append(out, t.Name)
	}
	return out
}

// Notices are the texts that answered buttons pressed in the group.
func (g *Group) Notices() []string {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return slices.Clone(g.chat.notices)
}

// History is what happened in the group, a line each, as in [User.History].
func (g *Group) History() []string {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return slices.Clone(g.chat.log)
}

// Join lets a person into the group.
func (g *Group) Join(u *User) { g.status(u, u, Member) }

// status changes what a person is in the group.
func (g *Group) status(by, u *User, status string) {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	c := g.chat
	m := c.members[u.ID]
	if m == nil {
		m = &member{u, Left}
		c.members[u.ID] = m
	}
	if m.status == status {
		return
	}
	old := c.card(u.ID)
	was := m.inside()
	m.status = status
	c.note("%s is now %s", u.Name, status)
	if c.bot.admin() {
		s.post("chat_member", c.id, nil, map[string]any{"chat": c.object(), "from": by.from(), "date": s.opt.Now().Unix(),
			"old_chat_member": old, "new_chat_member": c.card(u.ID)})
	}
	switch {
	case !was && m.inside():
		s.event(c, by, 0, "new_chat_members", []any{u.from()})
	case was && !m.inside():
		s.event(c, by, 0, "left_chat_member", u.from())
	}
	s.notify()
}

// Await waits until something is so; ready is asked again after each change and may call any method of the group. It
// returns an error when the time is over.
func (g *Group) Await(ready func() bool, timeout time.Duration) error {
	timer := time.NewTimer(patience(timeout))
	defer timer.Stop()
	for {
		g.srv.mu.Lock()
		changed := g.srv.changed
		g.srv.mu.Unlock()
		if ready() {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return errTimeout
		case <-g.srv.ctx.Done():
			return errTimeout
		}
	}
}
