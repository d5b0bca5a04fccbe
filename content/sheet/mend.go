package sheet

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
)

// What the parser says of a file that it cannot read is of little help: it names where it was stopped, not what was written. These
// mistakes are made again and again, and each has a remedy that can be typed.

var (
	named     = regexp.MustCompile(`^(\s*(?:- )?)([^\s:#"'\-][^:#]*): +(.*)$`) // indentation, name, text
	mergeLine = regexp.MustCompile(`^(<{7}|>{7}|\|{7}|={7})( |$)`)
)

// mend finds the line that is the likely cause of a file that cannot be parsed, and what to do. Stopped is the line that the parser names.
func mend(data []byte, stopped int, what string) (line int, message, remedy Text) {
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for i, l := range lines {
		if mergeLine.MatchString(l) {
			return i + 1, "two versions were merged here", "keep one of them, and remove the lines <<<<<<<, ======= and >>>>>>>"
		}
	}
	at := func(n int) string {
		if n < 1 || n > len(lines) {
			return ""
		}
		return lines[n-1]
	}
	if strings.Contains(what, "tab character") || strings.HasPrefix(strings.TrimLeft(at(stopped), " "), "\t") {
		if n := tab(data, stopped); n > 0 {
			return n, "there is a tab at the beginning of the line", "put two blanks in its place for each step to the right"
		}
	}
	for n := min(stopped, len(lines)); n > 0; n-- { // a quote or a brace that is open since
		m := named.FindStringSubmatch(at(n))
		if m == nil {
			continue
		}
		text := m[3]
		switch quote := text[:min(1, len(text))]; {
		case (quote == `"` || quote == `'`) && strings.Count(strings.ReplaceAll(text, `\"`, ""), quote)%2 == 1:
			return n, Say("the quote %s that is opened here is not closed", quote), Say("write %s at the end of the text too, as %s", quote, closed(m))
		case (quote == `"` || quote == `'`) && n == stopped && !strings.HasSuffix(strings.TrimSpace(text), quote):
			return n, "there are words behind the closing quote", Say("put the whole text between the quotes, as %s", quoted(m))
		case quote == `"`, quote == `'`, n < stopped-20: // a quote may be open for long
		case quote == "{" && !strings.Contains(text, "}"), quote == "[" && !strings.Contains(text, "]"):
			return n, Say("the %s that is opened here is not closed", quote), Say("close it, or put the text in quotes, as %s", quoted(m))
		case n == stopped && quote != "" && strings.Contains("{[*&!@`%|>?", quote):
			return n, Say("the text begins with %s, which has a meaning of its own", quote), Say("put the text in quotes, as %s", quoted(m))
		case n == stopped && strings.Contains(text, ": "), n == stopped && strings.HasSuffix(text, ":"):
			return n, "the text holds a colon", Say("put the text in quotes, as %s", quoted(m))
		}
	}
	if above := at(stopped - 1); strings.Contains(what, "expected ':'") && above != "" && !strings.Contains(above, ":") {
		return stopped - 1, "there is no colon in this line", "write a name, a colon and a blank before the text"
	}
	return stopped, Say("this is not valid YAML (%s)", what), "look at this line and the one above: indentation, a colon, a quote"
}

// quoted writes a line as it should be.
func quoted(m []string) string { return strings.TrimSpace(m[1]+m[2]) + ": " + quote(m[3]) }

// closed writes a line whose quote is open as it should be.
func closed(m []string) string {
	text := strings.TrimSpace(m[3])
	return strings.TrimSpace(m[1]+m[2]) + ": " + text[:1] + shown(text[1:]) + text[:1]
}

// quote puts a text in quotes as YAML reads them: in those that the text itself does not hold.
func quote(text string) string {
	text = shown(strings.TrimSpace(text))
	if strings.ContainsAny(text, `"\`) && !strings.Contains(text, "'") {
		return "'" + text + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// mostShown is how much of a text stands in a line that can be typed, in bytes. What is longer ends with … there.
const mostShown = 300

func shown(text string) string {
	if len(text) > mostShown {
		return strings.ToValidUTF8(text[:mostShown], "") + "…"
	}
	return text
}

// written is a line of a file as it should be typed, with its text in quotes; empty when it is no line of a name and a text, or a line of a list.
func written(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	l := strings.TrimRight(lines[line-1], "\r")
	if m := named.FindStringSubmatch(l); m != nil {
		return quoted(m)
	}
	if text, ok := strings.CutPrefix(strings.TrimSpace(l), "- "); ok {
		return "- " + quote(text)
	}
	return ""
}

// tab finds the line that begins with a tab, which YAML does not allow: the one where the parser was stopped, or the last before it;
// 0 if there is none.
func tab(data []byte, stopped int) int {
	found := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		if rest := bytes.TrimLeft(line, " "); len(rest) > 0 && rest[0] == '\t' && i < stopped {
			found = i + 1
		}
	}
	return found
}

// lookalikes are Cyrillic letters that look like Latin ones.
var lookalikes = map[rune]rune{'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'һ': 'h', 'ԁ': 'd', 'к': 'k', 'т': 't', 'в': 'b', 'н': 'h', 'м': 'm'}

// lookalike finds Cyrillic letters in a name, which nobody sees: what is wrong with the first, what to type, and the name as it is probably
// meant. Message is empty when there are none, or when the whole name is Cyrillic, so that everybody sees it.
func lookalike(name string) (message, remedy Text, meant string) {
	at, letter, n := 0, rune(0), 0
	meant = strings.Map(func(r rune) rune {
		n++
		if !unicode.Is(unicode.Cyrillic, r) {
			return r
		}
		if at == 0 {
			at, letter = n, r
		}
		if latin := lookalikes[unicode.ToLower(r)]; latin != 0 {
			return latin
		}
		return r
	}, name)
	if at == 0 {
		return "", "", name
	}
	message = Say("letter %d of the name %q is the Cyrillic %c (%s)", at, name, letter, pointed(name, at))
	if strings.ContainsFunc(meant, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
		return message, "write the name in Latin letters", name
	}
	return message, Say("type the name anew on a Latin keyboard: %s", meant), meant
}

// pointed shows a name with one of its letters, counted from 1, between marks.
func pointed(name string, at int) string {
	runes := []rune(name)
	return string(runes[:at-1]) + "→" + string(runes[at-1]) + "←" + string(runes[at:])
}
