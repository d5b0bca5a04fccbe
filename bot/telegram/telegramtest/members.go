package telegramtest

import (
	"maps"
	"slices"
	"time"
)

// card is what the bot reads about a member of a group.
func (c *chat) card(user int64) map[string]any {
	if user == botID {
		return c.botCard()
	}
	m := c.members[user]
	o := map[string]any{"user": m.user.from(), "status": m.status}
	switch m.status {
	case Creator:
		o["is_anonymous"] = false
	case Administrator:
		c.rights(o, Rights{Status: Administrator, Topics: true, Delete: true, Pin: true})
	case Restricted:
		c.restricted(o)
	case Kicked:
		o["until_date"] = 0
	}
	return o
}

func (c *chat) botCard() map[string]any {
	o := map[string]any{"user": me(), "status": c.bot.Status}
	switch c.bot.Status {
	case Administrator:
		c.rights(o, c.bot)
	case Restricted:
		c.restricted(o)
	case Kicked:
		o["until_date"] = 0
	}
	return o
}

// rights writes an administrator's.
func (c *chat) rights(o map[string]any, r Rights) {
	for _, name := range []string{"can_be_edited", "is_anonymous", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
		"can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"} {
		o[name] = false
	}
	o["can_manage_chat"], o["can_delete_messages"], o["can_pin_messages"] = true, r.Delete, r.Pin
	if c.kind == "supergroup" {
		o["can_manage_topics"] = c.forum && r.Topics
	}
}

func (c *chat) restricted(o map[string]any) {
	o["is_member"], o["until_date"] = true, 0
	for _, name := range []string{"can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
		"can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages", "can_add_web_page_previews",
		"can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"} {
		o[name] = false
	}
}

func (s *Server) getChatMember(p params, _ files) (any, error) {
	c, err := s.chat(p)
	if err != nil {
		return nil, err
	}
	if c.private() {
		return nil, bad("chat_id of a group is expected by the fake")
	}
	if err := c.present(); err != nil {
		return nil, err
	}
	user := p.int("user_id")
	switch {
	case user == botID || c.members[user] != nil:
		return c.card(user), nil
	case user > 0 && s.chats[user] != nil:
		return map[string]any{"user": (&User{Person: s.chats[user].person, ID: user}).from(), "status": Left}, nil
	}
	return nil, bad("PARTICIPANT_ID_INVALID")
}

func (s *Server) getChatAdministrators(p params, _ files) (any, error) {
	c, err := s.chat(p)
	if err != nil {
		return nil, err
	}
	if c.private() {
		return nil, bad("there are no administrators in the private chat")
	}
	if err := c.present(); err != nil {
		return nil, err
	}
	out := []any{}
	for _, id := range slices.Sorted(maps.Keys(c.members)) {
		if c.members[id].admin() {
			out = append(out, c.card(id))
		}
	}
	if c.bot.admin() && p["return_bots"] == "true" {
		out = append(out, c.card(botID))
	}
	return out, nil
}

// Leave lets a person leave the group.
func (g *Group) Leave(u *User) { g.status(u, u, Left) }

// LeaveUnseen lets a person leave without any update that says so, as when it was lost while the bot was away for more than a day.
func (g *Group) LeaveUnseen(u *User) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	if m := g.chat.members[u.ID]; m != nil {
		m.status = Left
	}
}

// Kick lets the owner remove a person, who can't come back by themselves.
func (g *Group) Kick(u *User) { g.status(g.owner, u, Kicked) }

// Promote makes a person an administrator, who joins if need be.
func (g *Group) Promote(u *User) { g.status(g.owner, u, Administrator) }

// Demote makes an administrator a simple member again.
func (g *Group) Demote(u *User) { g.status(g.owner, u, Member) }

// Restrict forbids a person to write.
func (g *Group) Restrict(u *User) { g.status(g.owner, u, Restricted) }

// Owner is who made the group.
func (g *Group) Owner() *User { return g.owner }

// Status is what a person is in the group; [Left] for who was never there.
func (g *Group) Status(u *User) string {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	if m := g.chat.members[u.ID]; m != nil {
		return m.status
	}
	return Left
}

// Bot is what the bot is and may do in the group.
func (g *Group) Bot() Rights {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	return g.chat.bot
}

// SetBot lets the owner change what the bot is and may do: add it, promote it, take a right away, throw it out. The
// bot is told by my_chat_member, and by a service message when it comes or goes.
func (g *Group) SetBot(r Rights) {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	c := g.chat
	if r.Status == "" {
		sees := r.SeesAll
		r = AllRights
		r.SeesAll = sees
	}
	old, was, seen := c.card(botID), c.bot.inside(), c.bot
	c.bot = r
	if r == seen {
		return
	}
	c.note("the bot is now %s", r.Status)
	if seen.SeesAll = r.SeesAll; r != seen { // the privacy mode is set elsewhere
		s.post("my_chat_member", c.id, nil, map[string]any{"chat": c.object(), "from": c.owner.from(), "date": s.opt.Now().Unix(),
			"old_chat_member": old, "new_chat_member": c.card(botID)})
	}
	switch {
	case !was && r.inside():
		s.event(c, c.owner, 0, "new_chat_members", []any{me()})
	case was && !r.inside():
		s.event(c, c.owner, 0, "left_chat_member", me())
	}
	s.notify()
}

// Topics switches the group's topics on or off. Off, the messages stay where they can be read but no topic takes a
// message any more; on again, the topics are as they were.
func (g *Group) Topics(on bool) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	if g.chat.kind != "supergroup" {
		g.srv.fatalf("telegramtest: %q can't have topics before it becomes a supergroup", g.chat.title)
		return
	}
	g.chat.forum = on
	g.chat.note("topics: %v", on)
	g.srv.notify()
}

// Delete deletes the group; the bot isn't told.
func (g *Group) Delete() {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	g.chat.gone = true
	g.chat.note("the group is deleted")
	g.srv.notify()
}

// Upgrade makes an ordinary group a supergroup, which has another id and no messages. The old one stays behind and
// refuses every call with the new one's id. The bot is told in both. Upgrade returns the old id.
func (g *Group) Upgrade() int64 {
	s := g.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	old := g.chat
	if old.kind != "group" || old.moved != 0 {
		s.fatalf("telegramtest: %q is no ordinary group", old.title)
		return 0
	}
	s.groups++
	p := &party{bot: old.bot, owner: old.owner, members: maps.Clone(old.members), anyone: old.anyone}
	c := &chat{id: -1_001_000_000_000 - s.groups, kind: "supergroup", title: old.title, started: true, last: s.groups * 10_000,
		limit: newLimit(time.Minute, groupPerMinute), party: p}
	s.chats[c.id] = c
	s.event(old, old.owner, 0, "migrate_to_chat_id", c.id)
	old.moved = c.id
	s.event(c, c.owner, 0, "migrate_from_chat_id", old.id)
	g.ID, g.chat = c.id, c
	return old.id
}
