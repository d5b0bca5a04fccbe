package telegram

import "encoding/json"

// decode reads an update. One of which something has another type than we know is read as far as whose it is: it has a
// number, so it is taken, and the person is told. errNoUpdate: these bytes have no number.
func decode(raw []byte) (*update, error) {
	var in update
	if err := json.Unmarshal(raw, &in); err != nil {
		return salvage(raw)
	}
	if in.ID == nil || *in.ID < 0 {
		return nil, errNoUpdate
	}
	for _, m := range []*message{in.Message, in.Edited} {
		if m != nil && m.Text == "" && m.media().Kind == "" {
			m.service = eventful(raw)
			break
		}
	}
	return &in, nil
}

// salvage reads of an update what can be read of it: its number, and whose message it holds.
func salvage(raw []byte) (*update, error) {
	var fields map[string]json.RawMessage
	in := &update{unread: true}
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields["update_id"], &in.ID) != nil || in.ID == nil || *in.ID < 0 {
		return nil, errNoUpdate
	}
	for name, to := range map[string]**message{"message": &in.Message, "edited_message": &in.Edited} {
		var parts map[string]json.RawMessage
		var m message
		if json.Unmarshal(fields[name], &parts) != nil || parts == nil {
			continue
		}
		json.Unmarshal(parts["message_id"], &m.ID) // what cannot be read stays empty
		json.Unmarshal(parts["date"], &m.Date)
		if m.Chat = whose(parts["chat"]); m.Chat.ID == 0 {
			continue
		}
		json.Unmarshal(parts["message_thread_id"], &m.Thread)
		json.Unmarshal(parts["is_topic_message"], &m.InTopic)
		m.From = &user{ID: m.Chat.ID}
		json.Unmarshal(parts["from"], m.From)
		m.service = eventful(raw)
		*to = &m
	}
	if in.Message != nil {
		in.Edited = nil
	}
	var press map[string]json.RawMessage
	if json.Unmarshal(fields["callback_query"], &press) == nil && press != nil {
		in.Callback = &callback{}
		var on map[string]json.RawMessage
		json.Unmarshal(press["id"], &in.Callback.ID)
		json.Unmarshal(press["from"], &in.Callback.From)
		if json.Unmarshal(press["message"], &on) == nil {
			in.Callback.Message = &message{Chat: whose(on["chat"])}
		}
	}
	return in, nil
}

// whose reads the chat of a message. Its id alone tells a private chat: those of groups are negative.
func whose(raw json.RawMessage) (c chat) {
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || json.Unmarshal(parts["id"], &c.ID) != nil {
		return chat{}
	}
	if json.Unmarshal(parts["type"], &c.Type) != nil && c.ID > 0 {
		c.Type = "private"
	}
	return c
}

// eventful reports whether the message of an update tells of an event in the chat, as that its timer for deleting has changed.
// Nobody has sent anything then, so it is not answered.
func eventful(raw []byte) bool {
	var in struct {
		Message map[string]json.RawMessage `json:"message"`
		Edited  map[string]json.RawMessage `json:"edited_message"`
	}
	json.Unmarshal(raw, &in)
	for _, m := range []map[string]json.RawMessage{in.Message, in.Edited} {
		for name := range m {
			if events[name] {
				return true
			}
		}
	}
	return false
}

// events are the fields of Message, as of Bot API 10.1, that make it a service message.
var events = func() map[string]bool {
	out := map[string]bool{}
	for _, name := range []string{
		"boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed", "chat_owner_left", "chat_shared",
		"checklist_tasks_added", "checklist_tasks_done", "connected_website", "delete_chat_photo", "direct_message_price_changed",
		"forum_topic_closed", "forum_topic_created", "forum_topic_edited", "forum_topic_reopened", "general_forum_topic_hidden",
		"general_forum_topic_unhidden", "gift", "gift_upgrade_sent", "giveaway_completed", "giveaway_created", "group_chat_created",
		"left_chat_member", "managed_bot_created", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
		"new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed", "passport_data", "pinned_message",
		"poll_option_added", "poll_option_deleted", "proximity_alert_triggered", "refunded_payment", "successful_payment",
		"suggested_post_approval_failed", "suggested_post_approved", "suggested_post_declined", "suggested_post_paid",
		"suggested_post_refunded", "supergroup_chat_created", "unique_gift", "users_shared", "video_chat_ended",
		"video_chat_participants_invited", "video_chat_scheduled", "video_chat_started", "web_app_data", "write_access_allowed",
	} {
		out[name] = true
	}
	return out
}()
