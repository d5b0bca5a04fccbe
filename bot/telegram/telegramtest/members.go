package telegramtest

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
