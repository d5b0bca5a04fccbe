package telegramtest

import (
	"slices"
	"strings"
)

const maxTopicName = 128

// iconColors that a topic may have.
var iconColors = []int64{7322096, 16766590, 13338331, 9367192, 16749490, 16478047}

// forum finds the forum that a call is about.
func (s *Server) forum(p params) (*chat, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	if !c.forum {
		return nil, bad("the chat is not a forum")
	}
	return c, nil
}

func (s *Server) createForumTopic(p params, _ files) (any, error) {
	c, err := s.forum(p)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(p["name"])
	color := p.int("icon_color")
	switch {
	case !c.bot.manages():
		return nil, bad("not enough rights to create a topic")
	case name == "":
		return nil, bad("title must be non-empty")
	case length(name) > maxTopicName:
		return nil, bad("a topic's name has at most %d characters: the real service would cut it", maxTopicName)
	case color != 0 && !slices.Contains(iconColors, color):
		return nil, bad("invalid icon color specified")
	}
	if err := s.pass(c); err != nil {
		return nil, err
	}
	return s.found(c, nil, name, color, p["icon_custom_emoji_id"]).object(), nil
}

// found makes a topic; by is nil when the bot makes it.
func (s *Server) found(c *chat, by *User, name string, color int64, icon string) *topic {
	if color == 0 {
		color = iconColors[0]
	}
	t := &topic{name: name, color: color, icon: icon, bot: by == nil}
	content := t.object()
	delete(content, "message_thread_id")
	c.topics = append(c.topics, t)
	t.id = c.last + 1
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
