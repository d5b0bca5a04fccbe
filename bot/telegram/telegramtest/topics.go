package telegramtest

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const maxTopicName = 128

// iconColors that a topic may have.
var iconColors = []int64{7322096, 16766590, 13338331, 9367192, 16749490, 16478047}

// forumOf finds the forum that a call is about.
func (s *Server) forumOf(p params) (*chat, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	if !c.forum {
		return nil, bad("the chat is not a forum")
	}
	return c, nil
}

// topicName checks the name that a call gives.
func topicName(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", bad("title must be non-empty")
	case utf8.RuneCountInString(name) > maxTopicName:
		return "", bad("a topic's name has at most %d characters; the real service would cut it", maxTopicName)
	}
	return name, nil
}

func (s *Server) createForumTopic(p params, _ files) (any, error) {
	c, err := s.forumOf(p)
	if err != nil {
		return nil, err
	}
	if !c.bot.manages() {
		return nil, bad("not enough rights to create a topic")
	}
	name, err := topicName(p["name"])
	if err != nil {
		return nil, err
	}
	color := p.int("icon_color")
	if color != 0 && !slices.Contains(iconColors, color) {
		return nil, bad("invalid icon color specified")
	}
	return s.found(c, nil, name, color, p["icon_custom_emoji_id"]).object(), nil
}

// found makes a topic; by is nil when the bot makes it.
func (s *Server) found(c *chat, by *User, name string, color int64, icon string) *topic {
	if color == 0 {
		color = iconColors[0]
	}
	t := &topic{id: c.last + 1, name: name, color: color, icon: icon, bot: by == nil}
	content := t.object()
	delete(content, "message_thread_id")
	c.topics = append(c.topics, t)
	s.event(c, by, 0, "forum_topic_created", content)
	return t
}

func (t *topic) object() map[string]any {
	o := map[string]any{"message_thread_id": t.id, "name": t.name, "icon_color": t.color}
	if t.icon != "" {
		o["icon_custom_emoji_id"] = t.icon
	}
	return o
}

// topicOf finds the topic that a call is about, if the bot may do with it what it asks for; who made a topic, may.
func (s *Server) topicOf(p params, right func(Rights) bool, do string) (*chat, *topic, error) {
	c, err := s.forumOf(p)
	if err != nil {
		return nil, nil, err
	}
	t := c.topic(p.int("message_thread_id"))
	switch {
	case t == nil:
		return nil, nil, bad("TOPIC_ID_INVALID")
	case !right(c.bot) && !t.bot:
		return nil, nil, bad("not enough rights to %s the topic", do)
	}
	return c, t, nil
}

func (s *Server) editForumTopic(p params, _ files) (any, error) {
	c, t, err := s.topicOf(p, Rights.manages, "edit")
	if err != nil {
		return nil, err
	}
	name, icon := t.name, t.icon
	if p["name"] != "" {
		if name, err = topicName(p["name"]); err != nil {
			return nil, err
		}
	}
	if given, ok := p["icon_custom_emoji_id"]; ok {
		icon = given
	}
	if name == t.name && icon == t.icon {
		if p["name"] == "" && icon == "" {
			return true, nil
		}
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	s.rename(c, nil, t, name, icon)
	return true, nil
}

func (s *Server) rename(c *chat, by *User, t *topic, name, icon string) {
	content := map[string]any{}
	if name != t.name {
		content["name"] = name
	}
	if icon != t.icon {
		content["icon_custom_emoji_id"] = icon
	}
	t.name, t.icon = name, icon
	s.event(c, by, t.id, "forum_topic_edited", content)
}

func (s *Server) closeForumTopic(p params, _ files) (any, error)  { return s.shut(p, true) }
func (s *Server) reopenForumTopic(p params, _ files) (any, error) { return s.shut(p, false) }

func (s *Server) shut(p params, closed bool) (any, error) {
	c, t, err := s.topicOf(p, Rights.manages, "close or open")
	if err != nil {
		return nil, err
	}
	if t.closed == closed {
		return nil, bad("TOPIC_NOT_MODIFIED")
	}
	s.turn(c, nil, t, closed)
	return true, nil
}

// turn closes a topic or opens it again.
func (s *Server) turn(c *chat, by *User, t *topic, closed bool) {
	t.closed = closed
	kind := "forum_topic_reopened"
	if closed {
		kind = "forum_topic_closed"
	}
	s.event(c, by, t.id, kind, map[string]any{})
}

func (s *Server) deleteForumTopic(p params, _ files) (any, error) {
	c, t, err := s.topicOf(p, func(r Rights) bool { return r.admin() && r.Delete }, "delete")
	if err != nil {
		return nil, err
	}
	s.drop(c, t)
	return true, nil
}

// drop removes a topic with its messages. Nobody is told.
func (s *Server) drop(c *chat, t *topic) {
	c.topics = slices.DeleteFunc(c.topics, func(other *topic) bool { return other == t })
	c.messages = slices.DeleteFunc(c.messages, func(m *message) bool { return m.topical && m.thread == t.id })
	c.note("the topic %q is deleted", t.name)
	s.notify()
}

// topicBy lets a person do something with a topic by hand.
func (g *Group) topicBy(id int64, do func(c *chat, t *topic)) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	t := g.chat.topic(id)
	if t == nil {
		g.srv.fatalf("telegramtest: %q has no topic %d", g.chat.title, id)
		return
	}
	do(g.chat, t)
}

// NewTopic lets a person make a topic by hand. It returns the topic's id.
func (g *Group) NewTopic(u *User, name string) int64 {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	if !g.chat.forum {
		g.srv.fatalf("telegramtest: %q has no topics", g.chat.title)
		return 0
	}
	return g.srv.found(g.chat, u, name, 0, "").id
}

// DeleteTopic lets somebody delete a topic by hand, with its messages; the bot isn't told.
func (g *Group) DeleteTopic(id int64) { g.topicBy(id, g.srv.drop) }

// CloseTopic lets the owner close a topic by hand.
func (g *Group) CloseTopic(id int64) {
	g.topicBy(id, func(c *chat, t *topic) { g.srv.turn(c, c.owner, t, true) })
}

// ReopenTopic lets the owner open a topic again.
func (g *Group) ReopenTopic(id int64) {
	g.topicBy(id, func(c *chat, t *topic) { g.srv.turn(c, c.owner, t, false) })
}

// RenameTopic lets the owner give a topic another name.
func (g *Group) RenameTopic(id int64, name string) {
	g.topicBy(id, func(c *chat, t *topic) { g.srv.rename(c, c.owner, t, name, t.icon) })
}
