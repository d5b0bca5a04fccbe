package telegramtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// answer of the Bot API.
type answer struct {
	OK          bool            `json:"ok"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Result      json.RawMessage `json:"result"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		Migrated   int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// call calls a method with a form; params are names and values in turn.
func call(t testing.TB, srv *telegramtest.Server, method string, params ...any) answer {
	t.Helper()
	a, err := try(srv, method, params...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func try(srv *telegramtest.Server, method string, params ...any) (a answer, err error) {
	form := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i].(string), fmt.Sprint(params[i+1]))
	}
	resp, err := http.PostForm(srv.URL+"/bot"+telegramtest.Token+"/"+method, form)
	if err != nil {
		return a, err
	}
	return read(resp)
}

func read(resp *http.Response) (a answer, err error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("%d: %s", resp.StatusCode, body)
	}
	if !a.OK && a.Code != resp.StatusCode {
		return a, fmt.Errorf("status %d with error code %d", resp.StatusCode, a.Code)
	}
	return a, nil
}

func (a answer) id(t testing.TB) int64 {
	t.Helper()
	var m struct {
		ID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(a.Result, &m); err != nil || m.ID == 0 {
		t.Fatalf("no message in %s (%s)", a.Result, a.Description)
	}
	return m.ID
}

func refused(t testing.TB, a answer, code int, part string) {
	t.Helper()
	if a.OK || a.Code != code || !strings.Contains(a.Description, part) {
		t.Errorf("got %d %q, want %d %q", a.Code, a.Description, code, part)
	}
}

func accepted(t testing.TB, a answer) {
	t.Helper()
	if !a.OK {
		t.Errorf("refused: %d %s", a.Code, a.Description)
	}
}

// talk starts a server with a person who has written.
func talk(t testing.TB, opt telegramtest.Options) (*telegramtest.Server, *telegramtest.User) {
	srv := telegramtest.New(t, opt)
	u := srv.User(telegramtest.Person{Language: "lt", Name: "Anna"})
	u.Say("/start")
	return srv, u
}

func buttons(n, perRow int) string {
	var rows [][]map[string]string
	for i := range n {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], map[string]string{"text": "b", "callback_data": fmt.Sprint(i)})
	}
	b, _ := json.Marshal(map[string]any{"inline_keyboard": rows})
	return string(b)
}

func markup(button string) string { return `{"inline_keyboard":[[` + button + `]]}` }

// clock is a clock that stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestRequests(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	post := func(path, kind, body string) answer {
		t.Helper()
		resp, err := http.Post(srv.URL+path, kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		a, err := read(resp)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	const asForm, asJSON = "application/x-www-form-urlencoded", "application/json"
	bot := "/bot" + telegramtest.Token

	t.Run("a wrong token is refused", func(t *testing.T) { refused(t, post("/bot1:x/getMe", asForm, ""), 401, "Unauthorized") })
	t.Run("an unknown path is refused", func(t *testing.T) { refused(t, post("/getMe", asForm, ""), 404, "Not Found") })
	t.Run("an unknown method is refused", func(t *testing.T) { refused(t, post(bot+"/sendMassage", asForm, ""), 404, "method not found") })
	t.Run("a method that is not offered is refused", func(t *testing.T) {
		refused(t, call(t, srv, "sendDice", "chat_id", u.ID), 400, "not supported by the fake")
	})
	t.Run("GET is refused", func(t *testing.T) {
		resp, err := http.Get(srv.URL + bot + "/getMe")
		if err != nil {
			t.Fatal(err)
		}
		a, err := read(resp)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, a, 405, "POST")
	})
	t.Run("an unknown parameter is refused", func(t *testing.T) {
		refused(t, call(t, srv, "getMe", "colour", "red"), 400, `unknown parameter "colour"`)
	})
	t.Run("a parameter of the wrong type is refused", func(t *testing.T) {
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "protect_content", "yes"), 400, "neither true nor false")
		refused(t, call(t, srv, "getUpdates", "limit", "ten"), 400, "limit")
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "link_preview_options", "{"), 400, "can't parse JSON")
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "link_preview_options", `{"is_disabled":1}`), 400, "is_disabled")
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "link_preview_options", `{"disabled":true}`), 400, `no field "disabled"`)
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "link_preview_options", `{}}`), 400, "unexpected text")
	})
	t.Run("a broken body is refused", func(t *testing.T) {
		refused(t, post(bot+"/getMe", asJSON, "{"), 400, "JSON object")
		refused(t, post(bot+"/getMe", asForm, "a=%zz"), 400, "form")
		refused(t, post(bot+"/sendMessage", asForm, "text=a&text=b"), 400, "given 2 times")
	})
	if got, want := len(srv.Refusals()), 15; got != want {
		t.Errorf("%d refusals are kept, want %d: %q", got, want, srv.Refusals())
	}

	t.Run("a JSON body is read", func(t *testing.T) {
		body := fmt.Sprintf(`{"chat_id":%d,"text":"a","protect_content":true,"reply_markup":%s}`, u.ID, buttons(1, 1))
		accepted(t, post(bot+"/sendMessage", asJSON, body))
		if v := u.Screen(); v.Text != "a" || !v.Protected || len(v.Rows) != 1 {
			t.Errorf("got %+v", v)
		}
	})
	t.Run("a multipart body is read", func(t *testing.T) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.WriteField("chat_id", fmt.Sprint(u.ID))
		w.WriteField("text", "in parts")
		w.Close()
		accepted(t, post(bot+"/sendMessage", w.FormDataContentType(), b.String()))
		if v := u.Screen(); v.Text != "in parts" {
			t.Errorf("got %+v", v)
		}
	})
	t.Run("the bot introduces itself", func(t *testing.T) {
		if a := call(t, srv, "getMe"); !strings.Contains(string(a.Result), `"is_bot":true`) {
			t.Errorf("got %s", a.Result)
		}
	})
	if srv.Calls("sendMassage") != 1 || srv.Requests() < 15 {
		t.Errorf("%d calls, %d requests", srv.Calls("sendMassage"), srv.Requests())
	}
}

func TestChats(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	send := func(chat any) answer { return call(t, srv, "sendMessage", "chat_id", chat, "text", "hello") }

	refused(t, send(""), 400, "chat_id is empty")
	refused(t, send("12"), 400, "chat not found")
	refused(t, send("@anna"), 400, "chat not found")
	t.Run("a bot can't write first", func(t *testing.T) {
		quiet := srv.User(telegramtest.Person{})
		refused(t, send(quiet.ID), 403, "bot can't initiate conversation with a user")
		quiet.Say("hi")
		accepted(t, send(quiet.ID))
	})
	t.Run("who blocked the bot gets nothing until the block ends", func(t *testing.T) {
		u.Block()
		refused(t, send(u.ID), 403, "bot was blocked by the user")
		u.Unblock()
		accepted(t, send(u.ID))
	})
	t.Run("a deleted account gets nothing", func(t *testing.T) {
		gone := srv.User(telegramtest.Person{})
		gone.Say("hi")
		gone.Deactivate()
		refused(t, send(gone.ID), 403, "user is deactivated")
	})
	t.Run("a group the bot left gets nothing", func(t *testing.T) {
		g := srv.Group("Team")
		accepted(t, send(g.ID))
		g.Remove()
		refused(t, send(g.ID), 403, "bot was kicked")
	})
	accepted(t, call(t, srv, "getChat", "chat_id", u.ID))
	accepted(t, call(t, srv, "sendChatAction", "chat_id", u.ID, "action", "typing"))
	refused(t, call(t, srv, "sendChatAction", "chat_id", u.ID, "action", "dancing"), 400, "wrong parameter action")
}

func TestTexts(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	send := func(text string) answer {
		return call(t, srv, "sendMessage", "chat_id", u.ID, "parse_mode", "HTML", "text", text)
	}
	for _, c := range []struct{ text, plain string }{
		{"a", "a"},
		{"  a \n", "a"},
		{"<b>a</b> <i>b</i><u>c</u><s>d</s>", "a bcd"},
		{"<strong>a</strong><em>b</em><ins>c</ins><strike>d</strike><del>e</del>", "abcde"},
		{`<span class="tg-spoiler">a</span><tg-spoiler>b</tg-spoiler>`, "ab"},
		{`<a href="https://example.org/?a=1&amp;b=2">link</a>`, "link"},
		{"<pre><code class=\"language-go\">x := 1</code></pre>", "x := 1"},
		{"<blockquote>a</blockquote><blockquote expandable>b</blockquote>", "ab"},
		{`<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>`, "👍"},
		{"&lt;&gt;&amp;&quot;&#39;&#x41;", `<>&"'A`},
		{"<b>" + strings.Repeat("ž", 4096) + "</b>", strings.Repeat("ž", 4096)},
		{strings.Repeat("😀", 2048), strings.Repeat("😀", 2048)},
	} {
		if a := send(c.text); !a.OK || u.Screen().Text != c.plain {
			t.Errorf("%q: got %q %q", c.text, a.Description, u.Screen().Text)
		}
	}
	for _, c := range []struct{ text, why string }{
		{"", "message text is empty"},
		{" \n ", "message text is empty"},
		{"<b></b>", "message text is empty"},
		{strings.Repeat("a", 4097), "message is too long"},
		{strings.Repeat("😀", 2049), "message is too long"},
		{"<h1>a</h1>", `can't parse entities: unsupported start tag "h1" at byte offset 0`},
		{"a <b>b", `can't parse entities: can't find end tag corresponding to start tag "b"`},
		{"a</b>", "can't parse entities: unexpected end tag at byte offset 1"},
		{"<b>a</i>", `can't parse entities: unmatched end tag at byte offset 4, expected "</b>", found "</i>"`},
		{"<b", "can't parse entities: unclosed start tag at byte offset 0"},
		{`<a href="x`, "can't parse entities: unclosed start tag at byte offset 0"},
		{"<b>a</b", "can't parse entities: unclosed end tag at byte offset 4"},
		{"1 < 2", "can't parse entities"},
		{"2 > 1", "can't parse entities"},
		{"a & b", "can't parse entities"},
		{"&nbsp;", "can't parse entities"},
		{`<span class="x">a</span>`, "can't parse entities"},
		{"<span>a</span>", `must have class "tg-spoiler"`},
		{`<b style="x">a</b>`, "can't parse entities"},
	} {
		refused(t, send(c.text), 400, c.why)
	}
	t.Run("without a parse mode nothing is markup", func(t *testing.T) {
		accepted(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "1 < 2 & <b>"))
		refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "parse_mode", "BBCode"), 400, "unsupported parse_mode")
	})
	t.Run("entities count UTF-16 units", func(t *testing.T) {
		send(" 😀<b>bold <i>both</i></b>")
		want := []telegramtest.Entity{{Type: "bold", Offset: 2, Length: 9}, {Type: "italic", Offset: 7, Length: 4}}
		if got := u.Screen().Entities; !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestKeyboards(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	send := func(markup string) answer {
		return call(t, srv, "sendMessage", "chat_id", u.ID, "text", "a", "reply_markup", markup)
	}
	for _, ok := range []string{
		buttons(100, 8),
		markup(`{"text":"a","callback_data":"` + strings.Repeat("x", 64) + `"}`),
		markup(`{"text":"a","url":"https://example.org"}`),
		markup(`{"text":"a","callback_data":"x","style":"danger"}`),
		`{"inline_keyboard":[]}`,
		`{"remove_keyboard":true}`,
		`{"keyboard":[[{"text":"a"}]],"resize_keyboard":true}`,
	} {
		if a := send(ok); !a.OK {
			t.Errorf("%.80s: %s", ok, a.Description)
		}
	}
	for _, c := range []struct{ markup, why string }{
		{buttons(101, 8), "too long"},
		{buttons(9, 9), "too long"},
		{markup(`{"text":"a","callback_data":"` + strings.Repeat("x", 65) + `"}`), "BUTTON_DATA_INVALID"},
		{markup(`{"text":"a","callback_data":"` + strings.Repeat("ž", 33) + `"}`), "BUTTON_DATA_INVALID"},
		{markup(`{"text":"a","callback_data":""}`), "Text buttons are unallowed"},
		{markup(`{"text":"a"}`), "Text buttons are unallowed"},
		{markup(`{"text":"","callback_data":"x"}`), "non-empty"},
		{markup(`{"callback_data":"x"}`), `can't find field "text"`},
		{markup(`{"text":"a","callback_data":"x","colour":"red"}`), `no field "colour"`},
		{markup(`{"text":"a","callback_data":7}`), "callback_data"},
		{markup(`{"text":"a","callback_data":"x","url":"https://example.org"}`), "exactly one"},
		{markup(`{"text":"a","callback_data":"x","style":"loud"}`), "style"},
		{markup(`{"text":"a","url":"example"}`), "Wrong HTTP URL"},
		{`{"inline_keyboard":[{"text":"a"}]}`, "inline_keyboard"},
		{`{"inline_keyboard":[[]],"more":1}`, "more"},
		{`[]`, "object expected"},
		{`nonsense`, "can't parse JSON"},
	} {
		refused(t, send(c.markup), 400, c.why)
	}
}

func TestEditing(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	id := call(t, srv, "sendMessage", "chat_id", u.ID, "text", "one", "reply_markup", buttons(2, 1)).id(t)
	edit := func(id int64, text, markup string) answer {
		return call(t, srv, "editMessageText", "chat_id", u.ID, "message_id", id, "text", text, "reply_markup", markup)
	}

	refused(t, edit(id, "one", buttons(2, 1)), 400, "message is not modified: specified new message content and reply markup are exactly the same")
	refused(t, edit(id+50, "two", ""), 400, "message to edit not found")
	refused(t, edit(0, "two", ""), 400, "message identifier is not specified")
	refused(t, edit(u.Messages()[0].ID, "two", ""), 400, "message can't be edited")
	refused(t, edit(id, "", ""), 400, "message text is empty")
	refused(t, edit(id, strings.Repeat("a", 4097), ""), 400, "message is too long")
	accepted(t, edit(id, "two", buttons(2, 1)))
	accepted(t, edit(id, "two", ""))
	if v := u.Screen(); v.Text != "two" || len(v.Rows) != 0 || !v.Edited || v.ID != id {
		t.Errorf("got %+v", v)
	}
	t.Run("the keyboard alone", func(t *testing.T) {
		accepted(t, call(t, srv, "editMessageReplyMarkup", "chat_id", u.ID, "message_id", id, "reply_markup", buttons(1, 1)))
		refused(t, call(t, srv, "editMessageReplyMarkup", "chat_id", u.ID, "message_id", id, "reply_markup", buttons(1, 1)), 400, "not modified")
		accepted(t, call(t, srv, "editMessageReplyMarkup", "chat_id", u.ID, "message_id", id))
	})
	t.Run("another's message is not there", func(t *testing.T) {
		other := srv.User(telegramtest.Person{})
		other.Say("hi")
		refused(t, call(t, srv, "editMessageText", "chat_id", other.ID, "message_id", id, "text", "x"), 400, "message to edit not found")
	})
	want := []string{"Anna 100001: /start", "send 100002: one / [b] / [b]", "edit 100002: two / [b] / [b]", "edit 100002: two",
		"edit 100002: two / [b]", "edit 100002: two"}
	if got := u.History(); !slices.Equal(got, want) {
		t.Errorf("history:\n%s", strings.Join(got, "\n"))
	}
}

func TestDeleting(t *testing.T) {
	c := newClock()
	srv, u := talk(t, telegramtest.Options{Now: c.Now})
	remove := func(ids any) answer { return call(t, srv, "deleteMessages", "chat_id", u.ID, "message_ids", ids) }
	theirs := u.Messages()[0].ID
	mine := call(t, srv, "sendMessage", "chat_id", u.ID, "text", "one").id(t)

	refused(t, remove(""), 400, "not specified")
	refused(t, remove("[]"), 400, "not specified")
	refused(t, remove("7"), 400, "Array of Integer")
	refused(t, remove(`["7"]`), 400, "Integer is expected")
	many, _ := json.Marshal(make([]int, 101))
	refused(t, remove(string(many)), 400, "too many")
	refused(t, call(t, srv, "deleteMessage", "chat_id", u.ID, "message_id", 7), 400, "message to delete not found")

	t.Run("within 48 hours both sides' messages go, and unknown ones do no harm", func(t *testing.T) {
		c.pass(48*time.Hour - time.Second)
		accepted(t, remove(fmt.Sprintf("[%d,%d,%d]", theirs, mine, mine+50)))
		if got := u.Messages(); len(got) != 0 {
			t.Errorf("left: %v", got)
		}
	})
	t.Run("after 48 hours nothing goes", func(t *testing.T) {
		old := call(t, srv, "sendMessage", "chat_id", u.ID, "text", "old").id(t)
		c.pass(48 * time.Hour)
		young := call(t, srv, "sendMessage", "chat_id", u.ID, "text", "young").id(t)
		refused(t, remove(fmt.Sprintf("[%d,%d]", old, young)), 400, "message can't be deleted for everyone")
		refused(t, call(t, srv, "deleteMessage", "chat_id", u.ID, "message_id", old), 400, "message can't be deleted for everyone")
		if got := u.Messages(); len(got) != 2 {
			t.Errorf("left: %v", got)
		}
		accepted(t, call(t, srv, "deleteMessage", "chat_id", u.ID, "message_id", young))
	})
}

// event is an update as a bot reads it.
type event struct {
	ID      int64 `json:"update_id"`
	Message *struct {
		ID   int64
		Text string
		From struct {
			ID       int64
			Bot      *bool  `json:"is_bot"`
			Language string `json:"language_code"`
		}
		Chat struct {
			ID   int64
			Type string
		}
		Entities []telegramtest.Entity
		Sticker  *struct{}
	}
	Query *struct {
		ID      string
		Data    string
		Message struct {
			ID       int64 `json:"message_id"`
			Date     int64
			Text     string
			Keyboard struct {
				Rows [][]map[string]string `json:"inline_keyboard"`
			} `json:"reply_markup"`
		}
	} `json:"callback_query"`
	Edited *struct{ Text string } `json:"edited_message"`
	Member *struct {
		New struct{ Status string } `json:"new_chat_member"`
	} `json:"my_chat_member"`
}

// updates decodes what getUpdates returned.
func (a answer) updates(t testing.TB) (out []event) {
	t.Helper()
	accepted(t, a)
	if err := json.Unmarshal(a.Result, &out); err != nil {
		t.Fatalf("%v in %s", err, a.Result)
	}
	return out
}

func TestPressing(t *testing.T) {
	c := newClock()
	srv, u := talk(t, telegramtest.Options{Now: c.Now, QueryLife: time.Minute})
	id := call(t, srv, "sendMessage", "chat_id", u.ID, "text", "go?", "reply_markup",
		`{"inline_keyboard":[[{"text":"Yes","callback_data":"answer:1"}],[{"text":"On","callback_data":"next"}]]}`).id(t)
	press := func(what string) event {
		t.Helper()
		up := u.Press(what)
		all := call(t, srv, "getUpdates", "offset", up).updates(t)
		if len(all) != 1 || all[0].ID != up || all[0].Query == nil {
			t.Fatalf("got %+v", all)
		}
		return all[0]
	}
	reply := func(e event, params ...any) answer {
		return call(t, srv, "answerCallbackQuery", append([]any{"callback_query_id", e.Query.ID}, params...)...)
	}
	const old = "query is too old and response timeout expired or query ID is invalid"

	t.Run("a press is told with the whole message", func(t *testing.T) {
		q := press("Yes").Query
		if q.Data != "answer:1" || q.Message.ID != id || q.Message.Text != "go?" || len(q.Message.Keyboard.Rows) != 2 || q.Message.Date == 0 {
			t.Errorf("got %+v", q)
		}
	})
	t.Run("a button is found by its data's first word", func(t *testing.T) {
		if q := press("answer").Query; q.Data != "answer:1" {
			t.Errorf("got %+v", q)
		}
	})
	t.Run("one press has one answer", func(t *testing.T) {
		e := press("next")
		before := u.Unanswered()
		refused(t, reply(e, "text", strings.Repeat("a", 201)), 400, "MESSAGE_TOO_LONG")
		accepted(t, reply(e, "text", strings.Repeat("a", 200)))
		refused(t, reply(e), 400, old)
		if got := u.Notices(); len(got) != 1 || len(got[0]) != 200 || u.Unanswered() != before-1 {
			t.Errorf("notices %q, %d unanswered", got, u.Unanswered())
		}
	})
	t.Run("a press delivered three times may be answered three times", func(t *testing.T) {
		e := press("next")
		srv.Again(e.ID, 2)
		if all := call(t, srv, "getUpdates", "offset", e.ID+1).updates(t); len(all) != 2 || all[0].ID != e.ID {
			t.Fatalf("got %+v", all)
		}
		for range 3 {
			accepted(t, reply(e))
		}
		refused(t, reply(e), 400, old)
		if all := call(t, srv, "getUpdates", "offset", e.ID+1).updates(t); len(all) != 0 {
			t.Errorf("left: %+v", all)
		}
	})
	t.Run("an answer that comes late is refused", func(t *testing.T) {
		e := press("next")
		c.pass(61 * time.Second)
		refused(t, reply(e), 400, old)
	})
	t.Run("an unknown press is refused", func(t *testing.T) {
		refused(t, call(t, srv, "answerCallbackQuery", "callback_query_id", "77"), 400, old)
		refused(t, call(t, srv, "answerCallbackQuery"), 400, old)
	})
	t.Run("a press on a message that is gone has no text", func(t *testing.T) {
		call(t, srv, "deleteMessage", "chat_id", u.ID, "message_id", id)
		up := u.PressData(id, "answer:1")
		if all := call(t, srv, "getUpdates", "offset", up).updates(t); len(all) != 1 || all[0].Query.Message.Date != 0 || all[0].Query.Message.Text != "" {
			t.Errorf("got %+v", all)
		}
	})
}

func TestUpdates(t *testing.T) {
	t.Run("a message tells who wrote, and marks commands", func(t *testing.T) {
		srv, u := talk(t, telegramtest.Options{})
		u.Say("😀 /help me")
		all := call(t, srv, "getUpdates").updates(t)
		if len(all) != 2 || all[1].ID != all[0].ID+1 {
			t.Fatalf("got %+v", all)
		}
		m := all[1].Message
		if m.From.ID != u.ID || m.Chat.ID != u.ID || m.Chat.Type != "private" || m.From.Bot == nil || *m.From.Bot || m.From.Language != "lt" || m.Text != "😀 /help me" {
			t.Errorf("got %+v", m)
		}
		if want := []telegramtest.Entity{{Type: "bot_command", Offset: 3, Length: 5}}; !slices.Equal(m.Entities, want) {
			t.Errorf("entities %+v", m.Entities)
		}
	})
	t.Run("an update stays until a higher offset confirms it", func(t *testing.T) {
		srv, u := talk(t, telegramtest.Options{})
		second := u.Say("two")
		third := u.Say("three")
		for range 2 {
			if all := call(t, srv, "getUpdates", "limit", 2).updates(t); len(all) != 2 || all[1].ID != second {
				t.Fatalf("got %+v", all)
			}
		}
		if all := call(t, srv, "getUpdates", "offset", third).updates(t); len(all) != 1 || all[0].Message.Text != "three" {
			t.Errorf("got %+v", all)
		}
		if srv.Pending() != 1 {
			t.Errorf("%d pending", srv.Pending())
		}
		if all := call(t, srv, "getUpdates", "offset", third+1).updates(t); len(all) != 0 || srv.Pending() != 0 {
			t.Errorf("got %+v", all)
		}
	})
	t.Run("a negative offset keeps the last ones alone", func(t *testing.T) {
		srv, u := talk(t, telegramtest.Options{})
		u.Say("two")
		u.Say("three")
		if all := call(t, srv, "getUpdates", "offset", -1).updates(t); len(all) != 1 || all[0].Message.Text != "three" {
			t.Errorf("got %+v", all)
		}
	})
	t.Run("what wasn't asked for doesn't come", func(t *testing.T) {
		srv, u := talk(t, telegramtest.Options{})
		refused(t, call(t, srv, "getUpdates", "allowed_updates", `["massage"]`), 400, "massage")
		refused(t, call(t, srv, "getUpdates", "allowed_updates", `"message"`), 400, "allowed_updates")
		call(t, srv, "getUpdates", "offset", -1, "allowed_updates", `["message","my_chat_member"]`)
		if id := u.Edit(u.Messages()[0].ID, "/started"); id != 0 {
			t.Errorf("the edit came as %d", id)
		}
		u.SendSticker()
		u.SendPhoto("look")
		u.SendVoice()
		u.SendContact("+37060000000")
		u.Block()
		all := call(t, srv, "getUpdates").updates(t)
		if len(all) != 6 || all[1].Message.Sticker == nil || all[5].Member.New.Status != "kicked" {
			t.Errorf("got %+v", all)
		}
		call(t, srv, "getUpdates", "allowed_updates", "[]")
		u.Unblock()
		if id := u.Edit(u.Messages()[0].ID, "/again"); id == 0 {
			t.Error("the edit did not come")
		}
	})
	t.Run("wrong bounds are refused", func(t *testing.T) {
		srv, _ := talk(t, telegramtest.Options{})
		refused(t, call(t, srv, "getUpdates", "limit", 101), 400, "limit")
		refused(t, call(t, srv, "getUpdates", "limit", 0), 400, "limit")
		refused(t, call(t, srv, "getUpdates", "timeout", -1), 400, "timeout")
	})
	t.Run("long polling wakes when something happens", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		u := srv.User(telegramtest.Person{})
		time.AfterFunc(50*time.Millisecond, func() { u.Say("hi") })
		start := time.Now()
		all := call(t, srv, "getUpdates", "timeout", 20).updates(t)
		if took := time.Since(start); len(all) != 1 || took > 20*time.Second || took < 40*time.Millisecond {
			t.Errorf("%d updates after %v", len(all), took)
		}
		start = time.Now()
		all = call(t, srv, "getUpdates", "timeout", 1, "offset", all[0].ID+1).updates(t)
		if took := time.Since(start); len(all) != 0 || took < 900*time.Millisecond {
			t.Errorf("%d updates after %v", len(all), took)
		}
	})
	t.Run("of two that poll, the first is sent away", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		first := make(chan answer)
		go func() {
			a, _ := try(srv, "getUpdates", "timeout", 20)
			first <- a
		}()
		for srv.Calls("getUpdates") == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
		call(t, srv, "getUpdates")
		refused(t, <-first, 409, "Conflict: terminated by other getUpdates request")
	})
	t.Run("held updates come in the order of their release", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		u := srv.User(telegramtest.Person{})
		srv.Hold()
		one, two, three := u.Say("1"), u.Say("2"), u.Say("3")
		if all := call(t, srv, "getUpdates", "offset", 1).updates(t); len(all) != 0 {
			t.Fatalf("got %+v", all)
		}
		srv.Release(three, one)
		all := call(t, srv, "getUpdates", "offset", three+5).updates(t)
		if len(all) != 3 || all[0].ID != three || all[1].ID != one || all[2].ID != two {
			t.Errorf("got %+v", all)
		}
	})
	t.Run("a raw update comes as given", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		id := srv.Raw(`{"message":{"message_id":1,"text":7}}`)
		srv.Raw(`{"update_id":3}`)
		a := call(t, srv, "getUpdates")
		want := fmt.Sprintf(`[{"message":{"message_id":1,"text":7},"update_id":%d},{"update_id":3}]`, id)
		if string(a.Result) != want {
			t.Errorf("got %s", a.Result)
		}
	})
}

func TestLimits(t *testing.T) {
	c := newClock()
	srv, u := talk(t, telegramtest.Options{Limits: true, Now: c.Now})
	send := func(chat int64) answer {
		return call(t, srv, "sendMessage", "chat_id", chat, "text", fmt.Sprint(srv.Requests()))
	}
	late := func(t *testing.T, a answer, seconds int) {
		t.Helper()
		refused(t, a, 429, fmt.Sprintf("Too Many Requests: retry after %d", seconds))
		if a.Parameters.RetryAfter != seconds {
			t.Errorf("retry_after %d, want %d", a.Parameters.RetryAfter, seconds)
		}
	}

	t.Run("a private chat takes five at once, then one a second", func(t *testing.T) {
		for range 5 {
			accepted(t, send(u.ID))
		}
		late(t, send(u.ID), 1)
		c.pass(999 * time.Millisecond)
		late(t, send(u.ID), 1)
		c.pass(time.Millisecond)
		accepted(t, send(u.ID))
		late(t, send(u.ID), 1)
		if srv.TooMany() != 3 {
			t.Errorf("%d answers of 429", srv.TooMany())
		}
	})
	t.Run("editing counts; deleting and refused calls don't", func(t *testing.T) {
		c.pass(time.Minute)
		id := send(u.ID).id(t)
		for i := range 4 {
			accepted(t, call(t, srv, "editMessageText", "chat_id", u.ID, "message_id", id, "text", i))
		}
		late(t, call(t, srv, "editMessageText", "chat_id", u.ID, "message_id", id, "text", "x"), 1)
		accepted(t, call(t, srv, "deleteMessage", "chat_id", u.ID, "message_id", id))
		c.pass(10 * time.Second)
		for range 20 {
			refused(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", ""), 400, "empty")
		}
		accepted(t, send(u.ID))
	})
	t.Run("a group takes twenty a minute", func(t *testing.T) {
		c.pass(time.Minute)
		g := srv.Group("Team")
		for range 20 {
			accepted(t, send(g.ID))
			c.pass(time.Second)
		}
		late(t, send(g.ID), 40)
		c.pass(39 * time.Second)
		late(t, send(g.ID), 1)
		accepted(t, send(u.ID))
		c.pass(time.Second)
		accepted(t, send(g.ID))
	})
	t.Run("all chats together take thirty a second", func(t *testing.T) {
		c.pass(time.Minute)
		var people []*telegramtest.User
		for range 31 {
			p := srv.User(telegramtest.Person{})
			p.Say("hi")
			people = append(people, p)
		}
		for _, p := range people[:30] {
			accepted(t, send(p.ID))
		}
		late(t, send(people[30].ID), 1)
		c.pass(time.Second)
		accepted(t, send(people[30].ID))
	})
	if r := srv.Refusals(); len(r) != 20 {
		t.Errorf("a 429 is kept as a refusal: %q", r)
	}
	t.Run("without limits nothing is late", func(t *testing.T) {
		srv, u := talk(t, telegramtest.Options{})
		for i := range 60 {
			accepted(t, call(t, srv, "sendMessage", "chat_id", u.ID, "text", i))
		}
	})
}

func TestCommands(t *testing.T) {
	srv := telegramtest.New(t, telegramtest.Options{})
	list := func(n int, name, description string) string {
		var all []telegramtest.Command
		for i := range n {
			all = append(all, telegramtest.Command{Command: strings.ReplaceAll(name, "#", fmt.Sprint(i)), Description: description})
		}
		b, _ := json.Marshal(all)
		return string(b)
	}
	set := func(params ...any) answer { return call(t, srv, "setMyCommands", params...) }

	accepted(t, set("commands", list(100, "c_#", strings.Repeat("ž", 256)), "scope", `{"type":"all_private_chats"}`, "language_code", "lt"))
	if got := srv.Commands("all_private_chats", "lt"); len(got) != 100 || len(srv.Commands("default", "lt")) != 0 {
		t.Errorf("got %d commands", len(got))
	}
	refused(t, set(), 400, "commands")
	refused(t, set("commands", "[]"), 400, "1-100")
	refused(t, set("commands", list(101, "c#", "x")), 400, "BOT_COMMANDS_TOO_MUCH")
	refused(t, set("commands", list(1, "Start", "x")), 400, "BOT_COMMAND_INVALID")
	refused(t, set("commands", list(1, "/start", "x")), 400, "BOT_COMMAND_INVALID")
	refused(t, set("commands", list(2, "start", "x")), 400, "BOT_COMMAND_INVALID")
	refused(t, set("commands", list(1, strings.Repeat("a", 33), "x")), 400, "BOT_COMMAND_INVALID")
	refused(t, set("commands", list(1, "a", "")), 400, "BOT_COMMAND_DESCRIPTION_INVALID")
	refused(t, set("commands", list(1, "a", strings.Repeat("x", 257))), 400, "BOT_COMMAND_DESCRIPTION_INVALID")
	refused(t, set("commands", `[{"command":"a"}]`), 400, "description")
	refused(t, set("commands", list(1, "a", "x"), "language_code", "lit"), 400, "language code")
	refused(t, set("commands", list(1, "a", "x"), "scope", `{"type":"everybody"}`), 400, "BotCommandScope")
	refused(t, set("commands", list(1, "a", "x"), "scope", `{"type":"chat","chat_id":1}`), 400, "chat not found")
}

// hook is a bot's side of a webhook.
func hook(t *testing.T, serve http.HandlerFunc) string {
	h := httptest.NewServer(serve)
	t.Cleanup(h.Close)
	return h.URL + "/telegram"
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(start) > 30*time.Second {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestWebhook(t *testing.T) {
	t.Run("wrong settings are refused", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		refused(t, call(t, srv, "setWebhook"), 400, "url")
		refused(t, call(t, srv, "setWebhook", "url", "ftp://example.org"), 400, "bad webhook")
		refused(t, call(t, srv, "setWebhook", "url", "nowhere"), 400, "bad webhook")
		for _, secret := range []string{"with space", strings.Repeat("a", 257), "ž"} {
			refused(t, call(t, srv, "setWebhook", "url", "http://127.0.0.1:1", "secret_token", secret), 400, "secret token")
		}
		refused(t, call(t, srv, "setWebhook", "url", "http://127.0.0.1:1", "max_connections", 101), 400, "max_connections")
		refused(t, call(t, srv, "setWebhook", "url", "http://127.0.0.1:1", "allowed_updates", "message"), 400, "allowed_updates")
		if _, set := srv.Webhook(); set {
			t.Error("a webhook is set")
		}
	})
	t.Run("updates are posted with the secret, and polling is refused", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		u := srv.User(telegramtest.Person{})
		u.Say("before")
		got := make(chan string, 10)
		address := hook(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var e event
			json.Unmarshal(body, &e)
			got <- r.Header.Get("X-Telegram-Bot-Api-Secret-Token") + " " + r.Header.Get("Content-Type") + " " + e.Message.Text
		})
		accepted(t, call(t, srv, "setWebhook", "url", address, "secret_token", "s-1", "allowed_updates", `["message"]`))
		u.Say("after")
		if a, b := <-got, <-got; a != "s-1 application/json before" || b != "s-1 application/json after" {
			t.Errorf("got %q, %q", a, b)
		}
		refused(t, call(t, srv, "getUpdates"), 409, "can't use getUpdates method while webhook is active")
		if h, _ := srv.Webhook(); h.Secret != "s-1" || h.Most != 40 || !slices.Equal(h.Allowed, []string{"message"}) {
			t.Errorf("got %+v", h)
		}
		if a := call(t, srv, "getWebhookInfo"); !strings.Contains(string(a.Result), address) {
			t.Errorf("got %s", a.Result)
		}
		eventually(t, "taken", func() bool { return srv.Pending() == 0 })
		accepted(t, call(t, srv, "deleteWebhook"))
		u.Say("polled")
		if all := call(t, srv, "getUpdates").updates(t); len(all) != 1 {
			t.Errorf("got %+v", all)
		}
	})
	t.Run("a webhook ends a poll that waits", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		first := make(chan answer)
		go func() {
			a, _ := try(srv, "getUpdates", "timeout", 20)
			first <- a
		}()
		for srv.Calls("getUpdates") == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
		accepted(t, call(t, srv, "setWebhook", "url", "http://127.0.0.1:1"))
		refused(t, <-first, 409, "terminated by setWebhook request")
	})
	t.Run("a chat waits for its failing update, others don't; it is tried again", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{HookRetry: 10 * time.Millisecond})
		a, b := srv.User(telegramtest.Person{}), srv.User(telegramtest.Person{})
		var mu sync.Mutex
		var took []string
		fails := 3
		address := hook(t, func(w http.ResponseWriter, r *http.Request) {
			var e event
			json.NewDecoder(r.Body).Decode(&e)
			mu.Lock()
			defer mu.Unlock()
			if e.Message.Text == "a1" && (fails > 0 || len(took) == 0) {
				fails--
				w.WriteHeader(500)
				return
			}
			took = append(took, e.Message.Text)
		})
		a.Say("a1")
		a.Say("a2")
		b.Say("b1")
		accepted(t, call(t, srv, "setWebhook", "url", address))
		eventually(t, "all are taken", func() bool { return srv.Pending() == 0 })
		mu.Lock()
		defer mu.Unlock()
		if want := []string{"b1", "a1", "a2"}; !slices.Equal(took, want) {
			t.Errorf("took %q", took)
		}
		if got := srv.HookStatuses(); !slices.Contains(got, 500) {
			t.Errorf("statuses %v", got)
		}
	})
	t.Run("chats are served at the same time, up to the most", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		var mu sync.Mutex
		now, most := 0, 0
		address := hook(t, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(20 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
		})
		accepted(t, call(t, srv, "setWebhook", "url", address, "max_connections", 3))
		for range 12 {
			srv.User(telegramtest.Person{}).Say("hi")
		}
		eventually(t, "all are taken", func() bool { return srv.Pending() == 0 })
		mu.Lock()
		defer mu.Unlock()
		if most != 3 {
			t.Errorf("%d at once", most)
		}
	})
	t.Run("a method in the answer is called, and its refusal stays unseen by the bot", func(t *testing.T) {
		srv := telegramtest.New(t, telegramtest.Options{})
		u := srv.User(telegramtest.Person{})
		u.Say("/start")
		call(t, srv, "sendMessage", "chat_id", u.ID, "text", "go?", "reply_markup", buttons(1, 1))
		var text atomic.Value
		text.Store("done")
		address := hook(t, func(w http.ResponseWriter, r *http.Request) {
			var e event
			json.NewDecoder(r.Body).Decode(&e)
			if e.Query == nil {
				return
			}
			json.NewEncoder(w).Encode(map[string]any{"method": "answerCallbackQuery", "callback_query_id": e.Query.ID, "text": text.Load()})
		})
		accepted(t, call(t, srv, "setWebhook", "url", address))
		first := u.Press("b")
		eventually(t, "the notice", func() bool { return slices.Equal(u.Notices(), []string{"done"}) })
		eventually(t, "taken", func() bool { return srv.Pending() == 0 })
		if r := srv.Refusals(); len(r) != 0 || srv.Calls("answerCallbackQuery") != 1 {
			t.Errorf("refusals %q", r)
		}
		text.Store(strings.Repeat("a", 201))
		u.Press("b")
		eventually(t, "a refusal", func() bool { return len(srv.Refusals()) == 1 })
		if r := srv.Refusals()[0]; !strings.Contains(r, "webhook's answer") {
			t.Errorf("got %q", r)
		}
		eventually(t, "taken", func() bool { return srv.Pending() == 0 })
		text.Store("again")
		srv.Again(first, 5)
		eventually(t, "five more", func() bool { return len(u.Notices()) == 6 })
	})
}

func TestFaults(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	with := func(f telegramtest.Fault) {
		srv.Fault(func(c telegramtest.Call) telegramtest.Fault {
			if c.Method == "sendMessage" || c.Method == "editMessageText" {
				return f
			}
			return telegramtest.Fault{}
		})
	}
	send := func() (answer, error) { return try(srv, "sendMessage", "chat_id", u.ID, "text", "hi") }

	t.Run("a bad gateway answers with a page", func(t *testing.T) {
		with(telegramtest.BadGateway)
		if _, err := send(); err == nil || !strings.Contains(err.Error(), "<html>") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a reset breaks the connection", func(t *testing.T) {
		with(telegramtest.Reset)
		if _, err := send(); err == nil {
			t.Error("an answer came")
		}
	})
	t.Run("a hang lasts until the caller gives up", func(t *testing.T) {
		with(telegramtest.Hang)
		client := http.Client{Timeout: 50 * time.Millisecond}
		if _, err := client.PostForm(srv.URL+"/bot"+telegramtest.Token+"/sendMessage", nil); err == nil {
			t.Error("an answer came")
		}
	})
	t.Run("too many", func(t *testing.T) {
		with(telegramtest.TooManyFor(7))
		a, _ := send()
		if refused(t, a, 429, "retry after 7"); a.Parameters.RetryAfter != 7 {
			t.Errorf("got %+v", a)
		}
	})
	if _, ok := u.Screen().Find("x"); ok || len(u.Messages()) != 1 {
		t.Errorf("a fault had an effect: %v", u.Messages())
	}
	t.Run("a lost answer leaves its effect, and the second try is pardoned once", func(t *testing.T) {
		with(telegramtest.Fault{})
		a, _ := send()
		id := a.id(t)
		with(telegramtest.Lost)
		edit := []any{"chat_id", u.ID, "message_id", id, "text", "edited"}
		if _, err := try(srv, "editMessageText", edit...); err == nil {
			t.Error("an answer came")
		}
		if u.Screen().Text != "edited" {
			t.Errorf("got %v", u.Screen())
		}
		srv.Fault(nil)
		refused(t, call(t, srv, "editMessageText", edit...), 400, "not modified")
		if r := srv.Refusals(); len(r) != 0 {
			t.Errorf("kept: %q", r)
		}
		refused(t, call(t, srv, "editMessageText", edit...), 400, "not modified")
		if r := srv.Refusals(); len(r) != 1 {
			t.Errorf("kept: %q", r)
		}
	})
	t.Run("down and up again at the same address", func(t *testing.T) {
		srv.Down()
		if _, err := send(); err == nil {
			t.Error("an answer came")
		}
		srv.Up()
		a, err := send()
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, a)
	})
}

func TestWaiting(t *testing.T) {
	srv, u := talk(t, telegramtest.Options{})
	time.AfterFunc(20*time.Millisecond, func() {
		try(srv, "sendMessage", "chat_id", u.ID, "text", "one")
		try(srv, "sendMessage", "chat_id", u.ID, "text", "two", "reply_markup", buttons(2, 2))
	})
	if v, err := u.Next(5 * time.Second); err != nil || v.Text == "" {
		t.Errorf("got %v, %v", v, err)
	}
	v := u.Wait(func(v telegramtest.View) bool { return v.Text == "two" }, 5*time.Second)
	if v.String() != "two\n[b] [b]" || len(v.Buttons()) != 2 {
		t.Errorf("got %q", v)
	}
	u.Say("more")
	if _, err := u.Next(20 * time.Millisecond); err == nil {
		t.Error("nothing was answered, yet the wait ended")
	}
	if _, err := u.Await(func(v telegramtest.View) bool { return v.Text == "three" }, 20*time.Millisecond); err == nil {
		t.Error("nothing of the kind came, yet the wait ended")
	}
	u.Clear()
	if len(u.Messages()) != 0 {
		t.Errorf("left: %v", u.Messages())
	}
}
