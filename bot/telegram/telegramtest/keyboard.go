package telegramtest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

const (
	maxButtons = 100
	maxInRow   = 8
	maxData    = 64 // bytes of callback data
)

// keyboard checks a reply_markup whose shape already fits its type, and returns the rows of an inline keyboard.
func keyboard(value string) (rows [][]Button, markup json.RawMessage, err error) {
	if value == "" {
		return nil, nil, nil
	}
	var in struct {
		Inline *[][]map[string]any `json:"inline_keyboard"`
	}
	if err := json.Unmarshal([]byte(value), &in); err != nil {
		return nil, nil, bad("can't parse reply keyboard markup JSON object")
	}
	if in.Inline == nil {
		return nil, nil, nil // a keyboard below the text field: nothing here presses it
	}
	count := 0
	for _, list := range *in.Inline {
		var row []Button
		for _, fields := range list {
			b, err := button(fields)
			if err != nil {
				return nil, nil, err
			}
			row = append(row, b)
		}
		if count += len(row); count > maxButtons || len(row) > maxInRow {
			return nil, nil, bad("reply markup is too long")
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if count == 0 {
		return nil, nil, nil
	}
	markup, err = json.Marshal(map[string]any{"inline_keyboard": *in.Inline})
	return rows, markup, err
}

var actions = []string{"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
	"switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"}

func button(fields map[string]any) (Button, error) {
	text := func(name string) string { s, _ := fields[name].(string); return s }
	b := Button{Text: text("text"), Data: text("callback_data"), URL: text("url")}
	if strings.TrimSpace(b.Text) == "" {
		return b, bad("can't parse inline keyboard button: Text must be non-empty")
	}
	given := 0
	for _, name := range actions {
		if v, ok := fields[name]; ok && (v != "" || strings.HasPrefix(name, "switch_")) {
			given++
		}
	}
	switch {
	case given == 0:
		return b, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	case given > 1:
		return b, bad("can't parse inline keyboard button: exactly one optional field must be used to specify type of the button")
	case len(b.Data) > maxData:
		return b, bad("BUTTON_DATA_INVALID")
	}
	if style := text("style"); style != "" && !slices.Contains([]string{"danger", "success", "primary"}, style) {
		return b, bad("can't parse inline keyboard button: invalid button style specified")
	}
	if b.URL != "" {
		u, err := url.Parse(b.URL)
		if err != nil || u.Host == "" && u.Scheme != "tg" || !slices.Contains([]string{"http", "https", "tg"}, u.Scheme) {
			return b, bad("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
		}
	}
	return b, nil
}
