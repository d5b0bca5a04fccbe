package telegramtest

import "slices"

// copyMessage sends what a message holds, without telling where it is from.
func (s *Server) copyMessage(p params, _ files) (any, error) {
	c, err := s.writable(p)
	if err != nil {
		return nil, err
	}
	from, err := s.chat(params{"chat_id": p["from_chat_id"]})
	if err != nil {
		return nil, err
	}
	if from.private() && !from.started {
		return nil, bad("chat not found")
	}
	if !from.private() {
		if err := from.present(); err != nil {
			return nil, err
		}
	}
	old := from.find(p.int("message_id"))
	switch {
	case old == nil:
		return nil, bad("message to copy not found")
	case old.service:
		return nil, bad("the message can't be copied")
	}
	m := &message{kind: old.kind, text: old.text, entities: old.entities, extra: old.extra, file: old.file, copied: true}
	if _, given := p["caption"]; given && slices.Contains(captioned, m.kind) {
		if m.text, m.entities, err = caption(p); err != nil {
			return nil, err
		}
	}
	if m.rows, m.markup, err = keyboard(p["reply_markup"]); err != nil {
		return nil, err
	}
	if err := s.send(c, m, p); err != nil {
		return nil, err
	}
	return map[string]any{"message_id": m.id}, nil
}
