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
			return n, Say("the quote %s that is opened here is not closed", quote), Say("write %s at the end of the text too", quote)
		case (quote == `"` || quote == `'`) && n == stopped && !strings.HasSuffix(strings.TrimSpace(text), quote):
			return n, "there are words behind the closing quote", "put the whole text between the quotes"
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
func quoted(m []string) string {
	text := m[3]
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return strings.TrimSpace(m[1]+m[2]) + `: "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(strings.TrimSpace(text)) + `"`
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

// lookalike finds a Cyrillic letter in a name, which nobody sees.
func lookalike(name string) (r, latin rune) {
	for _, r := range name {
		if unicode.Is(unicode.Cyrillic, r) {
			return r, lookalikes[unicode.ToLower(r)]
		}
	}
	return 0, 0
}
