package telegramtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// send uploads a file by a multipart form.
func send(t *testing.T, srv *telegramtest.Server, method, field, name string, data []byte, params ...any) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(params); i += 2 {
		w.WriteField(params[i].(string), fmt.Sprint(params[i+1]))
	}
	f, _ := w.CreateFormFile(field, name)
	f.Write(data)
	w.Close()
	resp, err := http.Post(srv.URL+"/bot"+telegramtest.Token+"/"+method, w.FormDataContentType(), &b)
	if err != nil {
		t.Fatal(err)
	}
	a, err := read(resp)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fetch downloads a file by its id.
func fetch(t *testing.T, srv *telegramtest.Server, id string) []byte {
	t.Helper()
	a := call(t, srv, "getFile", "file_id", id)
	accepted(t, a)
	var f struct {
		Path string `json:"file_path"`
	}
	json.Unmarshal(a.Result, &f)
	resp, err := http.Get(srv.URL + "/file/bot" + telegramtest.Token + "/" + f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s", f.Path, resp.StatusCode, data)
	}
	return data
}

func TestFiles(t *testing.T) {
	srv, g, _, anna := desk(t, telegramtest.GroupOptions{})
	one := topic(t, srv, g, "Case 1")
	t.Run("an uploaded file stands in its topic with its name and content", func(t *testing.T) {
		for method, field := range map[string]string{"sendPhoto": "photo", "sendDocument": "document", "sendVoice": "voice"} {
			a := send(t, srv, method, field, "offer.pdf", []byte("content of "+field), "chat_id", g.ID, "message_thread_id", one, "caption", "<b>look</b>", "parse_mode", "HTML")
			accepted(t, a)
			views := g.Views(one)
			v := views[len(views)-1]
			if v.ID != a.id(t) || v.Kind != field || v.Text != "look" || len(v.Entities) != 1 || v.FileName != "offer.pdf" || string(v.File) != "content of "+field {
				t.Errorf("got %+v", v)
			}
		}
	})
	t.Run("what a person sent is fetched, and sent on by its id", func(t *testing.T) {
		anna.SendDocument("offer.docx", "application/msword", []byte("secret terms"), "see")
		d := at(drain(t, srv)[0]["message"], "document")
		id, _ := at(d, "file_id").(string)
		if at(d, "file_name") != "offer.docx" || at(d, "mime_type") != "application/msword" || num(at(d, "file_size")) != 12 {
			t.Errorf("got %v", d)
		}
		if data := fetch(t, srv, id); string(data) != "secret terms" {
			t.Errorf("got %q", data)
		}
		accepted(t, call(t, srv, "sendDocument", "chat_id", g.ID, "message_thread_id", one, "document", id))
		views := g.Views(one)
		if v := views[len(views)-1]; string(v.File) != "secret terms" || v.FileName != "offer.docx" || !v.Holds("secret") || v.Holds("public") {
			t.Errorf("got %+v", v)
		}
		refused(t, call(t, srv, "sendPhoto", "chat_id", g.ID, "photo", id), 400, "Bad Request: type of file mismatch")
	})
	t.Run("a photo comes in two sizes, and both are fetched", func(t *testing.T) {
		anna.Send(telegramtest.Media{Kind: "photo", Data: []byte("pixels"), Caption: "/help me"})
		m := drain(t, srv)[0]["message"]
		sizes, _ := at(m, "photo").([]any)
		if len(sizes) != 2 || at(m, "caption") != "/help me" || at(m, "caption_entities") == nil {
			t.Fatalf("got %v", m)
		}
		for _, size := range sizes {
			if data := fetch(t, srv, at(size, "file_id").(string)); string(data) != "pixels" {
				t.Errorf("got %q", data)
			}
		}
	})
	t.Run("a file of over 20 MB can't be fetched, but sent on", func(t *testing.T) {
		anna.Send(telegramtest.Media{Kind: "video", Size: 20<<20 + 1})
		id := at(drain(t, srv)[0]["message"], "video", "file_id").(string)
		refused(t, call(t, srv, "getFile", "file_id", id), 400, "Bad Request: file is too big")
		accepted(t, call(t, srv, "sendVideo", "chat_id", g.ID, "video", id))
	})
	t.Run("files that are none are refused", func(t *testing.T) {
		refused(t, call(t, srv, "getFile", "file_id", "x"), 400, "Bad Request: invalid file_id")
		refused(t, call(t, srv, "sendPhoto", "chat_id", g.ID, "photo", "x"), 400, "Bad Request: wrong file identifier/HTTP URL specified")
		refused(t, call(t, srv, "sendPhoto", "chat_id", g.ID), 400, "Bad Request: there is no photo in the request")
		refused(t, send(t, srv, "sendDocument", "document", "empty.txt", nil, "chat_id", g.ID), 400, "Bad Request: file must be non-empty")
		refused(t, send(t, srv, "sendPhoto", "photo", "a.jpg", []byte("x"), "chat_id", g.ID, "caption", strings.Repeat("a", 1025)), 400, "caption is too long")
		refused(t, send(t, srv, "sendPhoto", "photo", "a.jpg", []byte("x"), "chat_id", g.ID, "message_thread_id", 5), 400, "message thread not found")
		resp, err := http.Get(srv.URL + "/file/bot" + telegramtest.Token + "/photos/file_99.jpg")
		if err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("got %v, %v", resp, err)
		}
		resp.Body.Close()
	})
	t.Run("a caption is edited, and a text is no caption", func(t *testing.T) {
		id := send(t, srv, "sendPhoto", "photo", "a.jpg", []byte("x"), "chat_id", g.ID, "caption", "old").id(t)
		accepted(t, call(t, srv, "editMessageCaption", "chat_id", g.ID, "message_id", id, "caption", "new"))
		refused(t, call(t, srv, "editMessageText", "chat_id", g.ID, "message_id", id, "text", "new"), 400, "there is no text in the message to edit")
	})
	t.Run("a place is sent", func(t *testing.T) {
		accepted(t, call(t, srv, "sendLocation", "chat_id", g.ID, "message_thread_id", one, "latitude", 54.68, "longitude", 25.28))
		refused(t, call(t, srv, "sendLocation", "chat_id", g.ID, "latitude", 154.68, "longitude", 25.28), 400, "location")
	})
}

func TestCopiesOfEverything(t *testing.T) {
	srv, g, _, anna := desk(t, telegramtest.GroupOptions{})
	one := topic(t, srv, g, "Case 1")
	newest := func() int64 {
		all := anna.Messages()
		return all[len(all)-1].ID
	}
	for _, md := range []telegramtest.Media{
		{Caption: "mark"},
		{Kind: "photo", Caption: "mark"},
		{Kind: "document", Name: "mark.pdf"},
		{Kind: "voice", Caption: "mark"},
		{Kind: "video", Caption: "mark"},
		{Kind: "video_note", Data: []byte("mark")},
		{Kind: "sticker", Data: []byte("mark")},
		{Kind: "location", Latitude: 54.5, Longitude: 25.5},
		{Kind: "venue", Title: "mark", Address: "Vilnius"},
		{Kind: "contact", Phone: "+37060000000", FirstName: "mark", UserID: 5},
		{Caption: "mark", Hidden: "Somebody"},
	} {
		t.Run("a copy of "+md.Kind+" carries what it holds", func(t *testing.T) {
			anna.Send(md)
			accepted(t, call(t, srv, "copyMessage", "chat_id", g.ID, "message_thread_id", one, "from_chat_id", anna.ID, "message_id", newest()))
			views := g.Views(one)
			v := views[len(views)-1]
			if kind := md.Kind; v.Kind != kind && kind != "" || !v.Copy || v.Thread != one || !v.Holds("mark") && kind != "location" || v.Holds("Somebody") {
				t.Errorf("got %+v", v)
			}
		})
	}
	t.Run("a copy may have a caption of its own", func(t *testing.T) {
		anna.SendPhoto("mine")
		accepted(t, call(t, srv, "copyMessage", "chat_id", g.ID, "message_thread_id", one, "from_chat_id", anna.ID, "message_id", newest(), "caption", "<i>yours</i>", "parse_mode", "HTML"))
		views := g.Views(one)
		if v := views[len(views)-1]; v.Text != "yours" || len(v.Entities) != 1 {
			t.Errorf("got %+v", v)
		}
	})
}

func TestPersonsMessages(t *testing.T) {
	srv := telegramtest.New(t, telegramtest.Options{})
	u := srv.User(telegramtest.Person{Name: "Anna", LastName: "Annaitė", Username: "anna", Language: "lt"})
	get := func() any {
		t.Helper()
		return drain(t, srv)[0]["message"]
	}
	t.Run("a message tells who sent it", func(t *testing.T) {
		u.Say("hello")
		from := at(get(), "from")
		for field, want := range map[string]string{"first_name": "Anna", "last_name": "Annaitė", "username": "anna", "language_code": "lt"} {
			if at(from, field) != want {
				t.Errorf("%s: got %v", field, at(from, field))
			}
		}
	})
	t.Run("a forwarded message tells its origin", func(t *testing.T) {
		u.Forward("Recruiter", "come to us")
		if m := get(); at(m, "forward_origin", "sender_user_name") != "Recruiter" || at(m, "text") != "come to us" {
			t.Errorf("got %v", m)
		}
	})
	t.Run("a contact tells number, name and account", func(t *testing.T) {
		u.Send(telegramtest.Media{Kind: "contact", Phone: "+370", FirstName: "Jonas", LastName: "Jonaitis", UserID: 77})
		if c := at(get(), "contact"); at(c, "phone_number") != "+370" || at(c, "last_name") != "Jonaitis" || num(at(c, "user_id")) != 77 {
			t.Errorf("got %v", c)
		}
	})
	t.Run("a text may name somebody", func(t *testing.T) {
		u.Send(telegramtest.Media{Caption: "ask Anna", Entities: []telegramtest.Entity{{Type: "text_mention", Offset: 4, Length: 4, User: u.Account()}}})
		e := at(get(), "entities").([]any)[0]
		if at(e, "type") != "text_mention" || at(e, "user", "last_name") != "Annaitė" {
			t.Errorf("got %v", e)
		}
	})
	t.Run("places", func(t *testing.T) {
		u.SendLocation(54.5, 25.5)
		if m := get(); at(m, "location", "latitude") != 54.5 {
			t.Errorf("got %v", m)
		}
		u.Send(telegramtest.Media{Kind: "venue", Title: "Office", Latitude: 54.5})
		if m := get(); at(m, "venue", "title") != "Office" || at(m, "location", "latitude") != 54.5 {
			t.Errorf("got %v", m)
		}
	})
	for _, kind := range []string{"voice", "video", "video_note", "sticker", "audio", "animation"} {
		u.Send(telegramtest.Media{Kind: kind})
		if m := get(); at(m, kind, "file_id") == nil || at(m, kind, "file_unique_id") == nil {
			t.Errorf("%s: got %v", kind, m)
		}
	}
}

func TestGroupManners(t *testing.T) {
	srv, g, rasa, _ := desk(t, telegramtest.GroupOptions{})
	ok := did(t)
	hers := ok(rasa.SayIn(g, 0, "hello")).Message
	t.Run("the bot deletes what others wrote only with the right to", func(t *testing.T) {
		g.SetBot(telegramtest.Rights{Status: telegramtest.Administrator, Topics: true})
		refused(t, call(t, srv, "deleteMessage", "chat_id", g.ID, "message_id", hers), 400, "Bad Request: message can't be deleted")
		mine := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x").id(t)
		accepted(t, call(t, srv, "deleteMessage", "chat_id", g.ID, "message_id", mine))
		g.SetBot(telegramtest.AllRights)
		accepted(t, call(t, srv, "deleteMessage", "chat_id", g.ID, "message_id", hers))
		refused(t, call(t, srv, "deleteMessage", "chat_id", g.ID, "message_id", topic(t, srv, g, "Case 1")), 400, "Bad Request: message can't be deleted")
	})
	t.Run("a keyboard in a group is changed", func(t *testing.T) {
		id := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x", "reply_markup", buttons(2, 1)).id(t)
		accepted(t, call(t, srv, "editMessageReplyMarkup", "chat_id", g.ID, "message_id", id))
		if _, err := rasa.PressIn(g, id, "0"); err == nil {
			t.Error("a button that is gone was pressed")
		}
		drain(t, srv)
		rasa.PressDataIn(g, id, "0")
		q := drain(t, srv)[0]["callback_query"]
		accepted(t, call(t, srv, "answerCallbackQuery", "callback_query_id", at(q, "id"), "text", "too late"))
		if n := g.Notices(); len(n) != 1 || n[0] != "too late" {
			t.Errorf("got %q", n)
		}
	})
	t.Run("a message is pinned with the right to", func(t *testing.T) {
		id := call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x").id(t)
		accepted(t, call(t, srv, "pinChatMessage", "chat_id", g.ID, "message_id", id))
		if p := g.Pinned(); len(p) != 1 || p[0] != id {
			t.Errorf("got %v", p)
		}
		g.SetBot(telegramtest.Rights{Status: telegramtest.Member})
		refused(t, call(t, srv, "pinChatMessage", "chat_id", g.ID, "message_id", id), 400, "not enough rights to manage pinned messages in the chat")
		g.SetBot(telegramtest.AllRights)
	})
	t.Run("a group has commands of its own", func(t *testing.T) {
		for _, scope := range []string{"chat", "chat_administrators"} {
			accepted(t, call(t, srv, "setMyCommands", "commands", `[{"command":"take","description":"Take the case"}]`, "scope",
				fmt.Sprintf(`{"type":%q,"chat_id":%d}`, scope, g.ID)))
			if c := srv.ChatCommands(scope, g.ID, ""); len(c) != 1 || c[0].Command != "take" {
				t.Errorf("got %v", c)
			}
		}
		refused(t, call(t, srv, "setMyCommands", "commands", `[]`, "scope", `{"type":"chat","chat_id":-5}`), 400, "chat not found")
	})
	t.Run("an edited message is told", func(t *testing.T) {
		id := ok(rasa.SayIn(g, 0, "helo")).Message
		drain(t, srv)
		ok(rasa.EditIn(g, id, "hello"))
		if m := drain(t, srv)[0]["edited_message"]; at(m, "text") != "hello" {
			t.Errorf("got %v", m)
		}
	})
	t.Run("waiting ends when the group is as wanted", func(t *testing.T) {
		go func() { try(srv, "createForumTopic", "chat_id", g.ID, "name", "Awaited") }()
		if err := g.Await(func() bool { return strings.Contains(strings.Join(g.TopicNames(), " "), "Awaited") }, 5*time.Second); err != nil {
			t.Error(err)
		}
		if err := g.Await(func() bool { return false }, 10*time.Millisecond); err == nil {
			t.Error("nothing was awaited")
		}
	})
}

func TestGroupLimits(t *testing.T) {
	for name, o := range map[string]telegramtest.GroupOptions{"a forum": {}, "an ordinary group": {Basic: true}} {
		t.Run(name+" takes twenty messages, copies and edits a minute, its topics together", func(t *testing.T) {
			c := newClock()
			srv := telegramtest.New(t, telegramtest.Options{Limits: true, Now: c.Now})
			u := srv.User(telegramtest.Person{})
			u.Say("/start")
			g := srv.Group(o)
			thread := int64(0)
			if !o.Basic {
				thread = topic(t, srv, g, "Case 1")
			}
			id := call(t, srv, "sendMessage", "chat_id", g.ID, "message_thread_id", thread, "text", "x").id(t)
			for i := range 19 {
				var a answer
				switch i % 3 {
				case 0:
					a = call(t, srv, "editMessageText", "chat_id", g.ID, "message_id", id, "text", i)
				case 1:
					a = call(t, srv, "copyMessage", "chat_id", g.ID, "from_chat_id", u.ID, "message_id", u.Messages()[0].ID)
				case 2:
					a = send(t, srv, "sendPhoto", "photo", "a.jpg", []byte("x"), "chat_id", g.ID)
				}
				accepted(t, a)
				c.pass(time.Second)
			}
			refused(t, call(t, srv, "sendMessage", "chat_id", g.ID, "text", "x"), 429, "Too Many Requests")
		})
	}
}
