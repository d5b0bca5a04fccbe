package telegramtest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"patikra/bot/telegram/telegramtest"
)

// desk starts a server with a forum of counsellors, one of whom is there, and a person who has written in private.
func desk(t *testing.T, o telegramtest.GroupOptions) (*telegramtest.Server, *telegramtest.Group, *telegramtest.User, *telegramtest.User) {
	srv, anna := talk(t, telegramtest.Options{})
	g := srv.Group(o)
	rasa := srv.User(telegramtest.Person{Name: "Rasa", LastName: "Rasaitė", Username: "rasa"})
	g.Join(rasa)
	call(t, srv, "getUpdates", "offset", -1, "allowed_updates", `["message","edited_message","callback_query","my_chat_member","chat_member"]`)
	drain(t, srv)
	return srv, g, rasa, anna
}

// drain takes all updates and confirms them.
func drain(t *testing.T, srv *telegramtest.Server) []map[string]any {
	t.Helper()
	var out []map[string]any
	if err := json.Unmarshal(call(t, srv, "getUpdates").Result, &out); err != nil {
		t.Fatal(err)
	}
	if n := len(out); n > 0 {
		call(t, srv, "getUpdates", "offset", int64(out[n-1]["update_id"].(float64))+1)
	}
	return out
}

// at walks into decoded JSON; a missing step gives nil.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func num(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// topic makes a topic.
func topic(t *testing.T, srv *telegramtest.Server, g *telegramtest.Group, name string) int64 {
	t.Helper()
	a := call(t, srv, "createForumTopic", "chat_id", g.ID, "name", name)
	var made struct {
		ID   int64 `json:"message_thread_id"`
		Name string
	}
	if err := json.Unmarshal(a.Result, &made); err != nil || made.ID == 0 || made.Name != name {
		t.Fatalf("no topic in %s (%s)", a.Result, a.Description)
	}
	return made.ID
}

func did(t *testing.T) func(s telegramtest.Sent, err error) telegramtest.Sent {
	return func(s telegramtest.Sent, err error) telegramtest.Sent {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return s
	}
}

func TestTopics(t *testing.T) {
	srv, g, rasa, anna := desk(t, telegramtest.GroupOptions{})
	ok := did(t)
	one, two := topic(t, srv, g, "Case 1"), topic(t, srv, g, "Case 2")
	if got := g.TopicNames(); !slices.Equal(got, []string{"Case 1", "Case 2"}) {
		t.Errorf("topics: %q", got)
	}
	t.Run("a message goes to its topic and can be edited there", func(t *testing.T) {
		a := call(t, srv, "sendMessage", "chat_id", g.ID, "message_thread_id", one, "text", "card", "reply_markup", buttons(1, 1))
		if !strings.Contains(string(a.Result), `"is_topic_message":true`) || !strings.Contains(string(a.Result), `"forum_topic_created"`) {
			t.Errorf("got %s", a.Result)
		}
		accepted(t, call(t, srv, "editMessageText", "chat_id", g.ID, "message_id", a.id(t), "text", "new card", "reply_markup", buttons(1, 1)))
		if v := g.Views(one); len(v) != 1 || v[0].Text != "new card" || v[0].Thread != one || len(g.Views(two)) != 0 {
			t.Errorf("got %+v, in the other topic %+v", v, g.Views(two))
		}
	})
	t.Run("without a topic a message goes to General", func(t *testing.T) {
		a := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "to all")
		if strings.Contains(string(a.Result), "message_thread_id") || len(g.Views(0)) != 1 || g.Views(1)[0].ID != a.id(t) {
			t.Errorf("got %s, General has %+v", a.Result, g.Views(0))
		}
	})
	t.Run("a topic that doesn't exist takes nothing", func(t *testing.T) {
		for _, chat := range []int64{g.ID, anna.ID} {
			refused(t, call(t, srv, "sendMessage", "chat_id", chat, "message_thread_id", 77, "text", "x"), 400, "Bad Request: message thread not found")
		}
		refused(t, call(t, srv, "copyMessage", "chat_id", g.ID, "message_thread_id", 77, "from_chat_id", anna.ID, "message_id",
			anna.Messages()[0].ID), 400, "Bad Request: message thread not found")
	})
	t.Run("what a person writes in a topic tells the topic", func(t *testing.T) {
		sent := ok(rasa.SayIn(g, one, "hello"))
		m := drain(t, srv)[0]["message"]
		if num(at(m, "message_thread_id")) != one || at(m, "is_topic_message") != true || at(m, "from", "last_name") != "Rasaitė" ||
			at(m, "reply_to_message", "forum_topic_created", "name") != "Case 1" || num(at(m, "reply_to_message", "message_id")) != one ||
			at(m, "chat", "is_forum") != true || num(at(m, "message_id")) != sent.Message {
			t.Errorf("got %v", m)
		}
		ok(rasa.ReplyIn(g, sent.Message, "and this"))
		m = drain(t, srv)[0]["message"]
		if num(at(m, "message_thread_id")) != one || num(at(m, "reply_to_message", "message_id")) != sent.Message ||
			at(m, "reply_to_message", "reply_to_message") != nil {
			t.Errorf("got %v", m)
		}
	})
	t.Run("in General a message tells no topic", func(t *testing.T) {
		ok(rasa.SayIn(g, 0, "hello"))
		if m := drain(t, srv)[0]["message"]; at(m, "message_thread_id") != nil || at(m, "is_topic_message") != nil {
			t.Errorf("got %v", m)
		}
	})
	t.Run("a press tells the topic of its message", func(t *testing.T) {
		ok(rasa.PressIn(g, 0, "0"))
		q := drain(t, srv)[0]["callback_query"]
		if num(at(q, "message", "message_thread_id")) != one || at(q, "message", "is_topic_message") != true {
			t.Errorf("got %v", q)
		}
		accepted(t, call(t, srv, "answerCallbackQuery", "callback_query_id", at(q, "id"), "text", "done"))
	})
	t.Run("a stranger can neither write nor press", func(t *testing.T) {
		if _, err := anna.SayIn(g, one, "let me in"); err == nil {
			t.Error("a stranger wrote")
		}
		if _, err := anna.PressIn(g, 0, "0"); err == nil {
			t.Error("a stranger pressed")
		}
	})
}

func TestCopies(t *testing.T) {
	srv, g, rasa, anna := desk(t, telegramtest.GroupOptions{})
	one := topic(t, srv, g, "Case 1")
	anna.Say("help me")
	said := anna.Messages()[len(anna.Messages())-1].ID
	t.Run("a copy carries the text and no origin", func(t *testing.T) {
		a := call(t, srv, "copyMessage", "chat_id", g.ID, "message_thread_id", one, "from_chat_id", anna.ID, "message_id", said, "reply_markup", buttons(1, 1))
		if v := g.Views(one); len(v) != 1 || v[0].ID != a.id(t) || v[0].Text != "help me" || !v[0].Copy || !v[0].Bot || len(v[0].Rows) != 1 {
			t.Errorf("got %+v", v)
		}
	})
	t.Run("what is not there can't be copied", func(t *testing.T) {
		refused(t, call(t, srv, "copyMessage", "chat_id", g.ID, "from_chat_id", anna.ID, "message_id", 5), 400, "Bad Request: message to copy not found")
		refused(t, call(t, srv, "copyMessage", "chat_id", g.ID, "from_chat_id", 5, "message_id", 5), 400, "Bad Request: chat not found")
		refused(t, call(t, srv, "copyMessage", "chat_id", anna.ID, "from_chat_id", g.ID, "message_id", one), 400, "message can't be copied")
		refused(t, call(t, srv, "copyMessage", "chat_id", rasa.ID, "from_chat_id", anna.ID, "message_id", said), 403, "can't initiate")
	})
}

func TestMembers(t *testing.T) {
	srv, g, rasa, anna := desk(t, telegramtest.GroupOptions{})
	status := func(id int64) any {
		t.Helper()
		a := call(t, srv, "getChatMember", "chat_id", g.ID, "user_id", id)
		accepted(t, a)
		var m map[string]any
		json.Unmarshal(a.Result, &m)
		return m["status"]
	}
	t.Run("the bot may ask who is in the group", func(t *testing.T) {
		if a, b, me := status(rasa.ID), status(anna.ID), status(7000000001); a != "member" || b != "left" || me != "administrator" {
			t.Errorf("got %v, %v and the bot %v", a, b, me)
		}
	})
}

func TestTopicRights(t *testing.T) {
	srv, g, rasa, _ := desk(t, telegramtest.GroupOptions{})
	ok := did(t)
	one := topic(t, srv, g, "Case 1")
	do := func(method string, more ...any) answer {
		return call(t, srv, method, append([]any{"chat_id", g.ID, "message_thread_id", one}, more...)...)
	}
	send := func() answer { return do("sendMessage", "text", "x") }

	t.Run("a topic has a name of at most 128 characters", func(t *testing.T) {
		refused(t, call(t, srv, "createForumTopic", "chat_id", g.ID, "name", ""), 400, "title must be non-empty")
		refused(t, call(t, srv, "createForumTopic", "chat_id", g.ID, "name", strings.Repeat("ž", 129)), 400, "128 characters")
		refused(t, do("editForumTopic", "name", strings.Repeat("ž", 129)), 400, "128 characters")
		topic(t, srv, g, strings.Repeat("ž", 128))
	})
	t.Run("a topic is renamed", func(t *testing.T) {
		accepted(t, do("editForumTopic", "name", "Case 1, closed"))
		refused(t, do("editForumTopic", "name", "Case 1, closed"), 400, "Bad Request: TOPIC_NOT_MODIFIED")
		if v, _ := g.Topic(one); v.Name != "Case 1, closed" {
			t.Errorf("got %+v", v)
		}
	})
	t.Run("a closed topic takes messages from those who manage topics alone", func(t *testing.T) {
		accepted(t, do("closeForumTopic"))
		refused(t, do("closeForumTopic"), 400, "Bad Request: TOPIC_NOT_MODIFIED")
		if v, _ := g.Topic(one); !v.Closed {
			t.Errorf("got %+v", v)
		}
		accepted(t, send())
		g.SetBot(telegramtest.Rights{Status: telegramtest.Administrator})
		refused(t, send(), 400, "Bad Request: TOPIC_CLOSED")
		if _, err := rasa.SayIn(g, one, "x"); err == nil {
			t.Error("a member wrote in a closed topic")
		}
		g.Promote(rasa)
		ok(rasa.SayIn(g, one, "x"))
		g.Demote(rasa)
	})
	t.Run("without the right the bot makes no topic, but may still manage its own", func(t *testing.T) {
		refused(t, call(t, srv, "createForumTopic", "chat_id", g.ID, "name", "x"), 400, "Bad Request: not enough rights to create a topic")
		accepted(t, do("reopenForumTopic"))
		hers := g.NewTopic(rasa, "Coffee")
		for method, words := range map[string]string{"editForumTopic": "edit", "closeForumTopic": "close or open", "deleteForumTopic": "delete"} {
			refused(t, call(t, srv, method, "chat_id", g.ID, "message_thread_id", hers), 400, "Bad Request: not enough rights to "+words+" the topic")
		}
		g.SetBot(telegramtest.AllRights)
		accepted(t, call(t, srv, "deleteForumTopic", "chat_id", g.ID, "message_thread_id", hers))
	})
	t.Run("a deleted topic takes its messages along and no new ones", func(t *testing.T) {
		accepted(t, send())
		accepted(t, do("deleteForumTopic"))
		if v := g.Views(one); len(v) != 0 {
			t.Errorf("it still holds %+v", v)
		}
		refused(t, send(), 400, "Bad Request: message thread not found")
		refused(t, do("sendChatAction", "action", "typing"), 400, "Bad Request: message thread not found")
		refused(t, do("deleteForumTopic"), 400, "Bad Request: TOPIC_ID_INVALID")
		two := topic(t, srv, g, "Case 2")
		drain(t, srv)
		g.DeleteTopic(two)
		if got := drain(t, srv); len(got) != 0 {
			t.Errorf("the bot was told: %v", got)
		}
		refused(t, call(t, srv, "sendMessage", "chat_id", g.ID, "message_thread_id", two, "text", "x"), 400, "message thread not found")
	})
	t.Run("the bot is told what people do with topics, and not what it did itself", func(t *testing.T) {
		drain(t, srv)
		mine := topic(t, srv, g, "Mine")
		accepted(t, call(t, srv, "closeForumTopic", "chat_id", g.ID, "message_thread_id", mine))
		if got := drain(t, srv); len(got) != 0 {
			t.Errorf("got %v", got)
		}
		hers := g.NewTopic(rasa, "Tea")
		g.CloseTopic(hers)
		g.ReopenTopic(hers)
		g.RenameTopic(hers, "Green tea")
		got := drain(t, srv)
		for i, kind := range []string{"forum_topic_created", "forum_topic_closed", "forum_topic_reopened", "forum_topic_edited"} {
			if m := got[i]["message"]; at(m, kind) == nil || num(at(m, "message_thread_id")) != hers || at(m, "is_topic_message") != true {
				t.Errorf("%s: got %v", kind, m)
			}
		}
	})
	t.Run("a group whose topics are switched off has none", func(t *testing.T) {
		two := topic(t, srv, g, "Case 3")
		g.Topics(false)
		refused(t, call(t, srv, "createForumTopic", "chat_id", g.ID, "name", "x"), 400, "Bad Request: the chat is not a forum")
		refused(t, call(t, srv, "sendMessage", "chat_id", g.ID, "message_thread_id", two, "text", "x"), 400, "message thread not found")
		accepted(t, call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x"))
		g.Topics(true)
		accepted(t, call(t, srv, "sendMessage", "chat_id", g.ID, "message_thread_id", two, "text", "x"))
	})
}

func TestReplies(t *testing.T) {
	srv, g, rasa, anna := desk(t, telegramtest.GroupOptions{})
	one := topic(t, srv, g, "Case 1")
	sent := did(t)(rasa.SayIn(g, one, "question"))
	reply := func(chat, id int64, more string) answer {
		return call(t, srv, "sendMessage", "chat_id", chat, "text", "answer", "reply_parameters", fmt.Sprintf(`{"message_id":%d%s}`, id, more))
	}
	t.Run("a reply goes where the message is that it answers", func(t *testing.T) {
		a := reply(g.ID, sent.Message, "")
		accepted(t, a)
		v := g.Views(one)
		if last := v[len(v)-1]; last.ID != a.id(t) || last.ReplyTo != sent.Message {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("a reply to nothing is refused, unless it may go without", func(t *testing.T) {
		refused(t, reply(g.ID, 5, ""), 400, "Bad Request: message to be replied not found")
		accepted(t, reply(g.ID, 5, `,"allow_sending_without_reply":true`))
		refused(t, reply(anna.ID, 5, ""), 400, "Bad Request: message to be replied not found")
	})
	t.Run("in a group without topics replies make a thread that is no topic", func(t *testing.T) {
		g := srv.Group(telegramtest.GroupOptions{NoTopics: true})
		g.Join(rasa)
		first := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "card").id(t)
		drain(t, srv)
		did(t)(rasa.ReplyIn(g, first, "mine"))
		m := drain(t, srv)[0]["message"]
		if num(at(m, "message_thread_id")) != first || at(m, "is_topic_message") != nil || num(at(m, "reply_to_message", "message_id")) != first {
			t.Errorf("got %v", m)
		}
		if v := g.Views(0); len(v) != 2 || v[1].ReplyTo != first {
			t.Errorf("got %+v", v)
		}
	})
}

func TestMembership(t *testing.T) {
	srv, g, rasa, anna := desk(t, telegramtest.GroupOptions{})
	t.Run("an administrator is told who comes and goes", func(t *testing.T) {
		g.Join(anna)
		g.Kick(anna)
		got := drain(t, srv)
		if len(got) != 4 {
			t.Fatalf("got %v", got)
		}
		if c := got[0]["chat_member"]; at(c, "old_chat_member", "status") != "left" || at(c, "new_chat_member", "status") != "member" ||
			num(at(c, "new_chat_member", "user", "id")) != anna.ID || num(at(c, "chat", "id")) != g.ID {
			t.Errorf("got %v", c)
		}
		if m := got[1]["message"]; at(m, "new_chat_members") == nil {
			t.Errorf("got %v", m)
		}
		if c := got[2]["chat_member"]; at(c, "new_chat_member", "status") != "kicked" || num(at(c, "from", "id")) != g.Owner().ID {
			t.Errorf("got %v", c)
		}
		if m := got[3]["message"]; num(at(m, "left_chat_member", "id")) != anna.ID {
			t.Errorf("got %v", m)
		}
		if _, err := anna.SayIn(g, 0, "x"); err == nil {
			t.Error("who was kicked wrote")
		}
	})
	t.Run("a simple member is not told of members, and sees only what is meant for it", func(t *testing.T) {
		g.SetBot(telegramtest.Rights{Status: telegramtest.Member})
		if got := drain(t, srv); len(got) != 1 || at(got[0]["my_chat_member"], "new_chat_member", "status") != "member" {
			t.Errorf("got %v", got)
		}
		mine := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "card").id(t)
		ok := did(t)
		for _, text := range []string{"hello", "/take@other_bot", "/take", "/take@patikra_test_bot now"} {
			ok(rasa.SayIn(g, 0, text))
		}
		ok(rasa.ReplyIn(g, mine, "reply"))
		g.Leave(rasa)
		var seen []any
		for _, u := range drain(t, srv) {
			if at(u["message"], "left_chat_member") != nil {
				seen = append(seen, "left")
				continue
			}
			seen = append(seen, at(u["message"], "text"))
		}
		if want := []any{"/take", "/take@patikra_test_bot now", "reply", "left"}; !slices.Equal(seen, want) {
			t.Errorf("got %v, want %v", seen, want)
		}
	})
	t.Run("without asking for it, nobody gets chat_member", func(t *testing.T) {
		g.SetBot(telegramtest.AllRights)
		call(t, srv, "getUpdates", "allowed_updates", `["message"]`)
		drain(t, srv)
		g.Join(rasa)
		if got := drain(t, srv); len(got) != 1 || got[0]["message"] == nil {
			t.Errorf("got %v", got)
		}
	})
	t.Run("administrators are listed, other bots and oneself on request", func(t *testing.T) {
		for list, want := range map[string]int{"false": 1, "true": 2} {
			var all []any
			json.Unmarshal(call(t, srv, "getChatAdministrators", "chat_id", g.ID, "return_bots", list).Result, &all)
			if len(all) != want {
				t.Errorf("return_bots %s: got %v", list, all)
			}
		}
	})
	t.Run("a bot that is out is refused", func(t *testing.T) {
		send := func() answer { return call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x") }
		g.SetBot(telegramtest.Rights{Status: telegramtest.Kicked})
		refused(t, send(), 403, "Forbidden: bot was kicked from the supergroup chat")
		refused(t, call(t, srv, "getChatMember", "chat_id", g.ID, "user_id", rasa.ID), 403, "Forbidden: bot was kicked")
		g.SetBot(telegramtest.Rights{Status: telegramtest.Left})
		refused(t, send(), 403, "Forbidden: bot is not a member of the supergroup chat")
		g.SetBot(telegramtest.AllRights)
		accepted(t, send())
		g.Delete()
		refused(t, send(), 403, "Forbidden: bot was kicked from the supergroup chat")
		g = srv.Group(telegramtest.GroupOptions{Basic: true})
		g.Delete()
		refused(t, send(), 403, "Forbidden: the group chat was deleted")
	})
}

func TestUpgrade(t *testing.T) {
	srv, g, rasa, _ := desk(t, telegramtest.GroupOptions{Basic: true})
	refused(t, call(t, srv, "createForumTopic", "chat_id", g.ID, "name", "x"), 400, "Bad Request: the chat is not a forum")
	accepted(t, call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x"))
	drain(t, srv)
	old := g.Upgrade()
	if old >= 0 || old <= -1_000_000_000_000 || g.ID >= -1_000_000_000_000 {
		t.Errorf("from %d to %d", old, g.ID)
	}
	a := call(t, srv, "sendMessage", "chat_id", old, "text", "x")
	refused(t, a, 400, "Bad Request: group chat was upgraded to a supergroup chat")
	if a.Parameters.Migrated != g.ID {
		t.Errorf("got %+v", a)
	}
	got := drain(t, srv)
	if len(got) != 2 || num(at(got[0]["message"], "migrate_to_chat_id")) != g.ID || num(at(got[0]["message"], "chat", "id")) != old ||
		num(at(got[1]["message"], "migrate_from_chat_id")) != old || num(at(got[1]["message"], "chat", "id")) != g.ID {
		t.Errorf("got %v", got)
	}
	accepted(t, call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x"))
	did(t)(rasa.SayIn(g, 0, "still here"))
	g.Topics(true)
	topic(t, srv, g, "Case 1")
}
