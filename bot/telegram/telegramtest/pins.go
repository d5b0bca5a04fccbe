package telegramtest

import "slices"

// pinnable finds the chat of a call, if the bot may pin messages there.
func (s *Server) pinnable(p params) (*chat, error) {
	c, err := s.writable(p)
	switch {
	case err != nil:
		return nil, err
	case p["business_connection_id"] != "":
		return nil, bad("business_connection_id is not supported by the fake")
	case !c.private() && !(c.bot.admin() && c.bot.Pin):
		return nil, bad("not enough rights to manage pinned messages in the chat")
	}
	return c, nil
}

func (s *Server) pinChatMessage(p params, _ files) (any, error) {
	c, err := s.pinnable(p)
	if err != nil {
		return nil, err
	}
	m := c.find(p.int("message_id"))
	switch {
	case m == nil:
		return nil, bad("message to pin not found")
	case m.service:
		return nil, bad("message can't be pinned")
	}
	c.pins = append(slices.DeleteFunc(c.pins, func(id int64) bool { return id == m.id }), m.id)
	thread := int64(0)
	if m.topical {
		thread = m.thread
	}
	note := s.event(c, nil, thread, "pinned_message", c.alone(m))
	s.tell("message", c, note) // of the bot's own deeds it hears of this one
	return true, nil
}

func (s *Server) unpinChatMessage(p params, _ files) (any, error) {
	c, err := s.pinnable(p)
	if err != nil {
		return nil, err
	}
	id := p.int("message_id")
	if id == 0 && len(c.pins) > 0 {
		id = c.pins[len(c.pins)-1]
	}
	if !slices.Contains(c.pins, id) {
		return nil, bad("message to unpin not found")
	}
	c.pins = slices.DeleteFunc(c.pins, func(pin int64) bool { return pin == id })
	s.notify()
	return true, nil
}

// Pinned are the ids of the group's pinned messages, the newest last.
func (g *Group) Pinned() []int64 {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(g.chat.pins), func(id int64) bool { return g.chat.find(id) == nil })
}

// DeleteMessage lets the owner delete a message by hand; the bot isn't told.
func (g *Group) DeleteMessage(id int64) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	if g.chat.find(id) == nil {
		g.srv.fatalf("telegramtest: %q has no message %d", g.chat.title, id)
		return
	}
	g.chat.messages = slices.DeleteFunc(g.chat.messages, func(m *message) bool { return m.id == id })
	g.chat.note("message %d is deleted", id)
	g.srv.notify()
}
