package telegramtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Entity is a formatted passage of a text; offset and length count UTF-16 units.
type Entity struct {
	Type     string   `json:"type"`
	Offset   int      `json:"offset"`
	Length   int      `json:"length"`
	URL      string   `json:"url,omitempty"`
	Language string   `json:"language,omitempty"`
	Emoji    string   `json:"custom_emoji_id,omitempty"`
	User     *Account `json:"user,omitempty"` // of a text_mention
}

// Account is who a text_mention is about.
type Account struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	Name     string `json:"first_name"`
	LastName string `json:"last_name,omitempty"`
	Username string `json:"username,omitempty"`
	Language string `json:"language_code,omitempty"`
}

// tags that the HTML parse mode knows, and the entities they make.
var tags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler", "tg-spoiler": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}

type openTag struct {
	name   string
	entity Entity
	at     int // byte offset in the plain text
}

// parseHTML reads a text of the HTML parse mode into the plain text and its entities.
func parseHTML(s string) (text string, entities []Entity, err error) {
	var plain strings.Builder
	var open []openTag
	units := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '&':
			r, n := htmlEntity(s[i:])
			if n == 0 {
				return "", nil, fmt.Errorf("unescaped character '&' at byte offset %d", i)
			}
			plain.WriteRune(r)
			units += width(r)
			i += n
		case '>':
			return "", nil, fmt.Errorf("unescaped character '>' at byte offset %d", i)
		case '<':
			begin := i
			if strings.HasPrefix(s[i:], "</") {
				end, err := endTag(s, begin)
				if err != nil {
					return "", nil, err
				}
				name := strings.TrimRight(s[begin+2:end], " \t\r\n")
				if len(open) == 0 {
					return "", nil, fmt.Errorf("unexpected end tag at byte offset %d", begin)
				}
				last := open[len(open)-1]
				open = open[:len(open)-1]
				if strings.ToLower(name) != last.name {
					return "", nil, fmt.Errorf("unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", begin, last.name, name)
				}
				e := last.entity
				if e.Length = units - e.Offset; e.Type == "text_link" && e.URL == "" {
					e.URL = plain.String()[last.at:]
				}
				if e.Length > 0 {
					entities = append(entities, e)
				}
				i = end + 1
				continue
			}
			tag, next, err := startTag(s, begin)
			if err != nil {
				return "", nil, err
			}
			tag.entity.Offset, tag.at = units, plain.Len()
			open = append(open, tag)
			i = next
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			plain.WriteString(s[i : i+n])
			units += width(r)
			i += n
		}
	}
	if len(open) > 0 {
		return "", nil, fmt.Errorf("can't find end tag corresponding to start tag \"%s\"", open[len(open)-1].name)
	}
	slices.SortStableFunc(entities, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
	return plain.String(), entities, nil
}

func endTag(s string, begin int) (end int, err error) {
	n := strings.IndexAny(s[begin+1:], "<>")
	if n < 0 || s[begin+1+n] != '>' {
		return 0, fmt.Errorf("unclosed end tag at byte offset %d", begin)
	}
	return begin + 1 + n, nil
}

// startTag reads a tag with its attributes and returns the place after it.
func startTag(s string, begin int) (tag openTag, next int, err error) {
	unclosed := fmt.Errorf("unclosed start tag at byte offset %d", begin)
	i := begin + 1
	for i < len(s) && !space(s[i]) && s[i] != '>' {
		i++
	}
	if i == len(s) {
		return tag, 0, unclosed
	}
	tag.name = strings.ToLower(s[begin+1 : i])
	kind, ok := tags[tag.name]
	if !ok {
		return tag, 0, fmt.Errorf("unsupported start tag \"%s\" at byte offset %d", tag.name, begin)
	}
	tag.entity.Type = kind
	spoiler := false
	for {
		for i < len(s) && space(s[i]) {
			i++
		}
		if i == len(s) {
			return tag, 0, unclosed
		}
		if s[i] == '>' {
			break
		}
		start := i
		for i < len(s) && !space(s[i]) && !strings.ContainsRune(`=>/"'`, rune(s[i])) {
			i++
		}
		name := strings.ToLower(s[start:i])
		if name == "" {
			return tag, 0, fmt.Errorf("empty attribute name in the tag \"%s\" at byte offset %d", tag.name, begin)
		}
		for i < len(s) && space(s[i]) {
			i++
		}
		value := ""
		if i < len(s) && s[i] == '=' {
			for i++; i < len(s) && space(s[i]); i++ {
			}
			if value, i, err = attribute(s, i); err != nil {
				return tag, 0, err
			}
			if i >= len(s) {
				return tag, 0, unclosed
			}
		}
		switch {
		case tag.name == "a" && name == "href":
			tag.entity.URL = value
		case tag.name == "code" && name == "class":
			tag.entity.Language = strings.TrimPrefix(value, "language-")
		case tag.name == "tg-emoji" && name == "emoji-id":
			tag.entity.Emoji = value
		case tag.name == "blockquote" && name == "expandable":
			tag.entity.Type = "expandable_blockquote"
		case tag.name == "span" && name == "class" && value == "tg-spoiler":
			spoiler = true
		default:
			return tag, 0, fmt.Errorf("unsupported attribute \"%s\" in the tag \"%s\" at byte offset %d", name, tag.name, begin)
		}
	}
	if tag.name == "span" && !spoiler {
		return tag, 0, fmt.Errorf("tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	if tag.name == "tg-emoji" && tag.entity.Emoji == "" {
		return tag, 0, fmt.Errorf("tag \"tg-emoji\" must have attribute \"emoji-id\" at byte offset %d", begin)
	}
	return tag, i + 1, nil
}

// attribute reads a value, quoted or a bare name; a quote that doesn't end leads to the end of the text.
func attribute(s string, i int) (value string, next int, err error) {
	if i >= len(s) {
		return "", i, nil
	}
	if s[i] != '"' && s[i] != '\'' {
		start := i
		for i < len(s) && (s[i] == '.' || s[i] == '-' || '0' <= s[i] && s[i] <= '9' || 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z') {
			i++
		}
		if i < len(s) && !space(s[i]) && s[i] != '>' {
			return "", i, fmt.Errorf("unexpected end of name token at byte offset %d", start)
		}
		return strings.ToLower(s[start:i]), i, nil
	}
	quote := s[i]
	var b strings.Builder
	for i++; i < len(s) && s[i] != quote; {
		if r, n := htmlEntity(s[i:]); n > 0 {
			b.WriteRune(r)
			i += n
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String(), i + 1, nil
}

// htmlEntity reads one of the named entities that Telegram knows, or a numeric one.
func htmlEntity(s string) (r rune, n int) {
	for name, r := range map[string]rune{"&lt;": '<', "&gt;": '>', "&amp;": '&', "&quot;": '"'} {
		if strings.HasPrefix(s, name) {
			return r, len(name)
		}
	}
	digits, ok := strings.CutPrefix(s, "&#")
	if !ok {
		return 0, 0
	}
	digits, _, ok = strings.Cut(digits[:min(len(digits), 12)], ";")
	if !ok {
		return 0, 0
	}
	base, number := 10, digits
	if strings.HasPrefix(number, "x") || strings.HasPrefix(number, "X") {
		base, number = 16, number[1:]
	}
	v, err := strconv.ParseUint(number, base, 32)
	if err != nil || v == 0 || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, 0
	}
	return rune(v), len("&#") + len(digits) + len(";")
}

// trim takes the white space off both ends, as Telegram does with every text, and moves the entities along.
func trim(text string, entities []Entity) (string, []Entity) {
	left := strings.TrimLeft(text, " \t\r\n")
	gone := length(text) - length(left)
	text = strings.TrimRight(left, " \t\r\n")
	units := length(text)
	var kept []Entity
	for _, e := range entities {
		from, to := max(e.Offset-gone, 0), min(e.Offset+e.Length-gone, units)
		if to > from {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return text, kept
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// width of a rune in UTF-16 units.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// length of a text in UTF-16 units.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}
