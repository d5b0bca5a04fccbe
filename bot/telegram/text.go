package telegram

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/talk"
)

// MaxText is how long a message may be, in UTF-16 units, markup not counted.
const MaxText = 4096

// units counts a rune as Telegram does, in UTF-16.
func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// length counts a text without its bold marks.
func length(s string) int {
	n := 0
	for _, r := range strings.ReplaceAll(s, "**", "") {
		n += units(r)
	}
	return n
}

// blank reports whether Telegram would call a text empty.
func blank(s string) bool {
	for {
		s = strings.TrimSpace(s)
		rest, marked := strings.CutPrefix(s, "**")
		if !marked {
			return s == ""
		}
		s = rest
	}
}

// split cuts a text into parts of at most limit units: at an empty line, a line's end or a space if there is
// one in the second half, else between two characters. A bold passage that is cut goes on bold.
func split(s string, limit int) []string {
	var parts []string
	for len(s) > limit && length(s) > limit { // a unit takes at least one byte
		end, n := 0, 0
		breaks := [3]int{}
		for i := 0; i < len(s); {
			if strings.HasPrefix(s[i:], "**") {
				i += 2
				end = i
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			if n > 0 && n+units(r) > limit {
				break
			}
			n += units(r)
			end = i + size
			if n > limit/2 {
				switch {
				case r == '\n' && strings.HasSuffix(s[:i], "\n"):
					breaks[0] = end
				case r == '\n':
					breaks[1] = end
				case r == ' ':
					breaks[2] = end
				}
			}
			i = end
		}
		for _, b := range breaks {
			if b > 0 {
				end = b
				break
			}
		}
		part, rest := s[:end], s[end:]
		if strings.Count(part, "**")%2 != 0 {
			part, rest = part+"**", "**"+rest
		}
		if !blank(part) {
			parts = append(parts, strings.TrimSpace(part))
		}
		s = strings.TrimLeft(rest, "\n ")
	}
	if len(parts) == 0 || !blank(s) {
		parts = append(parts, s)
	}
	return parts
}

// form is the body of sendMessage, or of editMessageText when there is a message to edit.
func form(chat string, edit int64, text string, buttons [][]bot.Button) []byte {
	b := make([]byte, 0, 512+3*len(text)+256*len(buttons))
	b = append(b, "chat_id="...)
	b = escape(b, chat)
	if edit != 0 {
		b = append(b, "&message_id="...)
		b = strconv.AppendInt(b, edit, 10)
	}
	b = append(b, "&parse_mode=HTML&link_preview_options=%7B%22is_disabled%22%3Atrue%7D&text="...)
	b = markup(b, text)
	if len(buttons) > 0 {
		b = append(b, "&reply_markup="...)
		b = keyboard(b, buttons)
	}
	return b
}

// put is the body of sendMessage. What a human wrote stays as it is written.
func put(chat, text string, buttons [][]bot.Button, human bool) []byte {
	if human {
		return words(chat, text, true)
	}
	return form(chat, 0, text, buttons)
}

// words is the body of sendMessage without buttons; verbatim is for what a human wrote.
func words(chat, text string, verbatim bool) []byte {
	if !verbatim {
		return form(chat, 0, text, nil)
	}
	b := escape(append(make([]byte, 0, 128+3*len(text)), "chat_id="...), chat)
	b = append(b, "&link_preview_options=%7B%22is_disabled%22%3Atrue%7D&text="...)
	return escape(b, text)
}

// escape appends s as a form's value.
func escape(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// markup appends a text as a form's value, **bold** and what a card folds turned into HTML and the rest escaped.
func markup(b []byte, s string) []byte {
	if text, folded, ok := strings.Cut("\n"+s, "\n"+talk.FoldSign); ok {
		b = markup(b, strings.TrimPrefix(text, "\n"))
		b = escape(b, "\n<blockquote expandable>")
		b = markup(b, strings.ReplaceAll(folded, "\n"+talk.FoldSign, "\n"))
		return escape(b, "</blockquote>")
	}
	for bold := false; s != ""; bold = !bold {
		piece, rest, marked := strings.Cut(s, "**")
		tags := bold && marked && piece != ""
		if tags {
			b = append(b, "%3Cb%3E"...)
		}
		for piece != "" {
			i := strings.IndexAny(piece, `<>&"`)
			if i < 0 {
				b = escape(b, piece)
				break
			}
			b = escape(b, piece[:i])
			b = escape(b, entities[piece[i]])
			piece = piece[i+1:]
		}
		if tags {
			b = append(b, "%3C%2Fb%3E"...)
		}
		s = rest
	}
	return b
}

var entities = map[byte]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&#34;"}

// keyboard appends buttons as a form's value.
func keyboard(b []byte, rows [][]bot.Button) []byte {
	// Written small and then escaped: {"inline_keyboard":[[{"text":"...","callback_data":"..."}]]}
	text := make([]byte, 0, 1024)
	text = append(text, `{"inline_keyboard":[`...)
	for i, row := range rows {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, '[')
		for k, button := range row {
			if k > 0 {
				text = append(text, ',')
			}
			text = append(text, `{"text":`...)
			text = quote(text, button.Label)
			text = append(text, `,"callback_data":`...)
			text = quote(text, button.Data)
			text = append(text, '}')
		}
		text = append(text, ']')
	}
	text = append(text, "]}"...)
	return escape(b, string(text))
}

// quote appends a JSON string.
func quote(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // what is no UTF-8 becomes U+FFFD
		switch {
		case r == '"', r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
