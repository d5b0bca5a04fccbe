package telegramtest_test

import (
	"encoding/json"
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
