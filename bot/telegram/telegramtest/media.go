package telegramtest

import (
	"fmt"
	"slices"
)

// Media is a message that a person sends.
type Media struct {
	Kind    string // "text" when empty; "photo", "document", "voice", "audio", "video", "animation", "video_note", "sticker", "location", "venue", "contact"
	Caption string // the text itself, of a text

	Entities []Entity // markup of the text or caption, beside the commands in it

	Name string // of the file
	MIME string
	Data []byte // made up when nil
	Size int64  // what the service says of the file's size, when more than Data

	Latitude, Longitude float64
	Title, Address      string // of a venue

	Phone, FirstName, LastName string // of a contact
	UserID                     int64

	From    *User  // the message is forwarded from this person …
	Hidden  string // … or from somebody of whom nothing is known but this name
	ReplyTo int64  // the message it answers
}

// message makes a person's message. The caller holds the lock.
func (s *Server) message(md Media) (*message, error) {
	text, entities := trim(md.Caption, md.Entities)
	m := &message{kind: md.Kind, text: text, entities: append(commands(text), entities...)}
	slices.SortStableFunc(m.entities, func(a, b Entity) int { return a.Offset - b.Offset })
	switch {
	case md.Hidden != "":
		m.origin = map[string]any{"type": "hidden_user", "sender_user_name": md.Hidden, "date": s.opt.Now().Unix() - 60}
	case md.From != nil:
		m.origin = map[string]any{"type": "user", "sender_user": md.From.from(), "date": s.opt.Now().Unix() - 60}
	}
	if m.kind == "" {
		m.kind = "text"
	}
	if most := maxCaption; m.kind != "text" && length(text) > most || m.kind == "text" && (text == "" || length(text) > maxText) {
		return nil, fmt.Errorf("telegramtest: a person can't send a %s of %d characters", m.kind, length(text))
	}
	place := map[string]any{"latitude": md.Latitude, "longitude": md.Longitude}
	switch {
	case m.kind == "text":
	case slices.Contains(attachable, m.kind):
		up := &upload{name: md.Name, mime: md.MIME, data: md.Data}
		if up.data == nil {
			up.data = fmt.Appendf(nil, "%s %d", m.kind, len(s.paths)+1)
		}
		m.file, m.extra = up, map[string]any{m.kind: s.keep(m.kind, up, md.Size).object()}
	case m.kind == "location":
		m.extra = map[string]any{"location": place}
	case m.kind == "venue":
		m.extra = map[string]any{"location": place, "venue": map[string]any{"location": place, "title": md.Title, "address": md.Address}}
	case m.kind == "contact":
		o := map[string]any{"phone_number": md.Phone, "first_name": md.FirstName}
		if md.LastName != "" {
			o["last_name"] = md.LastName
		}
		if md.UserID != 0 {
			o["user_id"] = md.UserID
		}
		m.extra = map[string]any{"contact": o}
	default:
		return nil, fmt.Errorf("telegramtest: a person can't send a %q", m.kind)
	}
	return m, nil
}

// Send sends a message of any kind to the bot.
func (u *User) Send(md Media) int64 {
	s := u.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.message(md)
	switch {
	case err != nil:
		s.fatalf("%v", err)
		return 0
	case u.chat.blocked:
		s.fatalf("telegramtest: %s has blocked the bot and can't write", u.Name)
		return 0
	}
	m.reply = md.ReplyTo
	u.chat.started = true
	return s.write(u, u.chat, m).Update
}

// SendIn sends a message of any kind to a topic of a group, like [User.SayIn].
func (u *User) SendIn(g *Group, thread int64, md Media) (Sent, error) {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	c := g.chat
	m, err := s.message(md)
	if err != nil {
		return Sent{}, err
	}
	if thread == general {
		thread = 0
	}
	if c.locate(m, thread) != nil {
		return Sent{}, fmt.Errorf("telegramtest: %q has no topic %d", c.title, thread)
	}
	if md.ReplyTo != 0 {
		old := c.find(md.ReplyTo)
		if old == nil {
			return Sent{}, fmt.Errorf("telegramtest: %q has no message %d to answer", c.title, md.ReplyTo)
		}
		c.answer(m, old)
	}
	if err := g.may(u, m.thread); err != nil {
		return Sent{}, err
	}
	return s.write(u, c, m), nil
}

// write puts a message of a person into a chat and delivers it. The caller holds the lock.
func (s *Server) write(u *User, c *chat, m *message) Sent {
	m.from, m.sender, m.date = u.from(), u.ID, s.opt.Now()
	c.add(m)
	c.acted = c.shown
	c.note("%s %d: %s", u.Name, m.id, flat(m.view()))
	s.notify()
	return Sent{m.id, s.tell("message", c, m)}
}

// Account is the person as a text_mention names them.
func (u *User) Account() *Account {
	return &Account{ID: u.ID, Name: u.Name, LastName: u.LastName, Username: u.Username, Language: u.Language}
}

// SendSticker sends a sticker.
func (u *User) SendSticker() int64 { return u.Send(Media{Kind: "sticker"}) }

// SendPhoto sends a photo, perhaps with a caption.
func (u *User) SendPhoto(caption string) int64 { return u.Send(Media{Kind: "photo", Caption: caption}) }

// SendPhotoIn sends a photo to a topic of a group.
func (u *User) SendPhotoIn(g *Group, topic int64, caption string) (Sent, error) {
	return u.SendIn(g, topic, Media{Kind: "photo", Caption: caption})
}

// SendVoice sends a voice message.
func (u *User) SendVoice() int64 { return u.Send(Media{Kind: "voice"}) }

// SendDocument sends a file.
func (u *User) SendDocument(name, mime string, data []byte, caption string) int64 {
	return u.Send(Media{Kind: "document", Name: name, MIME: mime, Data: data, Caption: caption})
}

// SendDocumentIn sends a file to a topic of a group.
func (u *User) SendDocumentIn(g *Group, topic int64, name, mime string, data []byte, caption string) (Sent, error) {
	return u.SendIn(g, topic, Media{Kind: "document", Name: name, MIME: mime, Data: data, Caption: caption})
}

// SendContact shares the person's own phone number.
func (u *User) SendContact(phone string) int64 {
	return u.Send(Media{Kind: "contact", Phone: phone, FirstName: u.Name, LastName: u.LastName, UserID: u.ID})
}

// SendLocation sends a place.
func (u *User) SendLocation(latitude, longitude float64) int64 {
	return u.Send(Media{Kind: "location", Latitude: latitude, Longitude: longitude})
}

// Forward sends a text that somebody else wrote, of whom only the name is known.
func (u *User) Forward(name, text string) int64 { return u.Send(Media{Caption: text, Hidden: name}) }
