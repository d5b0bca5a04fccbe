package telegram

import (
	"encoding/json"
	"html"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"patikra/bot"
)

// A form that is written directly holds what the library's encoding would have held.
func TestForm(t *testing.T) {
	for _, text := range []string{"Ar tai **darbas**?", "**a** ** b **c", `<b>&"quotes"</b> 'and' **<i>**`, "a\n\nb\t+%=&;~/", "****", "☎ +370 616 91119 😀", "a ** b", "*x*"} {
		rows := [][]bot.Button{{{Label: `a "b" \ c`, Data: "answer:1.0"}, {Label: "☑ Žinau\n\x01", Data: "answer:1.1"}}, {{Label: text, Data: "back:1"}}}
		got, err := url.ParseQuery(string(form("-12", 7, text, rows)))
		if err != nil {
			t.Fatal(err)
		}
		type button struct {
			Text string `json:"text"`
			Data string `json:"callback_data"`
		}
		var keyboard struct {
			Rows [][]button `json:"inline_keyboard"`
		}
		if err := json.Unmarshal([]byte(got.Get("reply_markup")), &keyboard); err != nil {
			t.Fatalf("%v in %s", err, got.Get("reply_markup"))
		}
		want := [][]button{{{rows[0][0].Label, "answer:1.0"}, {rows[0][1].Label, "answer:1.1"}}, {{text, "back:1"}}}
		if !reflect.DeepEqual(keyboard.Rows, want) {
			t.Errorf("the keyboard is %q, not %q", keyboard.Rows, want)
		}
		plain := html.UnescapeString(strings.NewReplacer("<b>", "", "</b>", "").Replace(got.Get("text")))
		if want := strings.ReplaceAll(text, "**", ""); plain != want {
			t.Errorf("the text %q reads %q", text, plain)
		}
		if got.Get("chat_id") != "-12" || got.Get("message_id") != "7" || got.Get("parse_mode") != "HTML" || got.Get("link_preview_options") != `{"is_disabled":true}` {
			t.Errorf("the form is %v", got)
		}
	}
	for text, want := range map[string]string{"a **b** c": "a <b>b</b> c", "**a": "a", "a**": "a", "****": "", `"<&>'`: "&#34;&lt;&amp;&gt;'", "**a****b**": "<b>a</b><b>b</b>"} {
		if got, _ := url.QueryUnescape(string(markup(nil, text))); got != want {
			t.Errorf("%q becomes %q, not %q", text, got, want)
		}
	}
}

func TestBlank(t *testing.T) {
	for text, want := range map[string]bool{"": true, " **\n** ": true, "****": true, "***": false, "** a": false} {
		if blank(text) != want {
			t.Errorf("blank(%q) is %v", text, !want)
		}
	}
}
