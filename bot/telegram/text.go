package telegram

import (
	"html"
	"strings"
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
func blank(s string) bool { return strings.TrimSpace(strings.ReplaceAll(s, "**", "")) == "" }

// split cuts a text into parts of at most limit units: at an empty line, a line's end or a space if there is
// one in the second half, else between two characters. A bold passage that is cut goes on bold.
func split(s string, limit int) []string {
	var parts []string
	for length(s) > limit {
		end, n := 0, 0
		breaks := [3]int{}
		for i, r := range s {
			if r == '*' && (strings.HasPrefix(s[i:], "**") || i > 0 && strings.HasSuffix(s[:i], "*")) {
				end = i + 1
				continue
			}
			if n+units(r) > limit {
				break
			}
			n += units(r)
			end = i + len(string(r))
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
		}
		for _, b := range breaks {
			if b > 0 {
				end = b
				break
			}
		}
		if end > 0 && end < len(s) && s[end-1] == '*' && s[end] == '*' && strings.Count(s[:end], "**")*2 < strings.Count(s[:end], "*") {
			end-- // never between the two stars of a mark
		}
		if end == 0 {
			end = len(s)
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

// markup turns **bold** into HTML and escapes the rest.
func markup(s string) string {
	pieces := strings.Split(s, "**")
	var b strings.Builder
	b.Grow(len(s) + 64)
	for i, p := range pieces {
		bold := i%2 == 1 && i < len(pieces)-1 && p != ""
		if bold {
			b.WriteString("<b>")
		}
		b.WriteString(html.EscapeString(p))
		if bold {
			b.WriteString("</b>")
		}
	}
	return strings.ReplaceAll(b.String(), "&#39;", "'")
}
