package content

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"patikra/content/sheet"
)

// MenuMost is how long the titles of Messenger's menu and greeting may be.
var menuMost = map[string]int{"chat.greeting": 160, "chat.restart": 30, "chat.numbers": 30, "chat.erase": 30}

// toasts are shown as the answer to a pressed button on Telegram.
var toasts = []string{"chat.pick-first", "chat.stale", "chat.already", "desk.silent", "desk.done", "desk.refused-taken", "desk.refused-take-first",
	"desk.refused-state", "desk.refused-closed", "desk.refused-transfer", "desk.refused-member", "desk.refused-anonymous", "desk.refused-away"}

// shared are the files of a language that every quiz uses. Any other file is a quiz.
var shared = []string{"chat", "console", "countries", "desk", "flags", "municipalities", "outreach", "places", "protocols", "replies", "results", "training", "web", WordsFile}

// IsAnswer reports whether a text is the label of an answer in a quiz or a training.
func IsAnswer(name string) bool {
	parts := strings.Split(name, ".")
	return len(parts) == 3 && !slices.Contains(shared, parts[0]) && parts[2] != "say" && parts[2] != "why" && parts[2] != "case"
}

// shortMark stands in the name of a short form between the step and the answer: job-offer.fee.short.papers.
const shortMark = ".short."

// IsShort reports whether a text is the short form of an answer's label. No language must have one.
func IsShort(name string) bool { return ShortOf(name) != "" }

// ShortOf names the label that a text is the short form of, empty when it is none.
func ShortOf(name string) string {
	parts := strings.Split(name, ".")
	if len(parts) != 4 || parts[2] != "short" || parts[1] == "flags" || parts[1] == "results" || slices.Contains(shared, parts[0]) {
		return ""
	}
	return parts[0] + "." + parts[1] + "." + parts[3]
}

// ShortFor names the short form of a label, empty when the text is no label of an answer.
func ShortFor(label string) string {
	if !IsAnswer(label) {
		return ""
	}
	i := strings.LastIndexByte(label, '.')
	return label[:i] + shortMark + label[i+1:]
}

// IsQuizName reports whether a text is what a quiz is called in the menu.
func IsQuizName(name string) bool {
	file, rest, _ := strings.Cut(name, ".")
	return rest == "name" && !slices.Contains(shared, file)
}

// Most returns how many characters a text may have, as the networks count them.
func Most(name string) int {
	if n, ok := menuMost[name]; ok {
		return n
	}
	switch {
	case slices.Contains(toasts, name):
		return MaxToast
	case IsAnswer(name), IsQuizName(name):
		return MaxLabel
	case isCountry(name), IsShort(name):
		return MaxQuickReply
	}
	return MaxText
}

// TooLong says what a network would do with a text that is longer than Most. Ok is false when it fits.
func TooLong(name, s string) (message, remedy sheet.Text, ok bool) {
	short := name[strings.IndexByte(name, '.')+1:]
	most := Most(name)
	switch {
	case menuMost[name] > 0 && Length(s) > most:
		return sheet.Say("Messenger would refuse the text %q", short), toMost(most, Length(s)), true
	case most == MaxToast && utf8.RuneCountInString(s) > most:
		return sheet.Say("Telegram would refuse the text %q", short), toMost(most, utf8.RuneCountInString(s)), true
	case most == MaxQuickReply && Length(s) > most:
		return CutByMessenger(s), toMost(most, Length(s)), true
	case IsAnswer(name) && Length(s) > most:
		return cutByTelegram(s), sheet.Say("%s; a button of Messenger holds %d: an answer that is longer has its short form there, below short:", toMost(most, Length(s)), MaxQuickReply), true
	case most == MaxLabel && Length(s) > most:
		return cutByTelegram(s), toMost(most, Length(s)), true
	}
	return "", "", false
}

// toMost tells how long a text may be, and how long it is.
func toMost(most, is int) sheet.Text {
	return sheet.Say("shorten it to %d characters: it has %d", most, is)
}

// CutByMessenger says which button Messenger would cut, and how it would read.
func CutByMessenger(s string) sheet.Text {
	return sheet.Say("Messenger would cut the button %q after %d characters: people would read %q", s, MaxQuickReply, first(s, MaxQuickReply))
}

func cutByTelegram(s string) sheet.Text {
	return sheet.Say("a button would be cut: %q; Telegram shows %d characters of it: %q", s, MaxLabel, first(s, MaxLabel))
}

// first is the beginning of a text, of so many characters as the networks count them.
func first(s string, most int) string {
	for i := range s {
		if Length(s[:i]) > most-1 {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}

// Limited lists the texts that are no answers and yet have a limit of their own, in order.
func Limited() []string {
	out := slices.Clone(toasts)
	for n := range menuMost {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// isFraction reports whether a text holds digits with a slash between them, as "2/14".
func isFraction(s string) bool {
	digit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := range len(s) {
		if s[i] == '/' && digit(i-1) && digit(i+1) {
			return true
		}
	}
	return false
}

// Fault is what is wrong with a text by itself.
type Fault struct{ Message, Remedy sheet.Text }

// Faults says what a network would cut or a reader misread, and which phone number is typed into a text.
func Faults(name, s string) []Fault {
	out := faults(name, s)
	if number := Phone(s); number != "" {
		out = append(out, Fault{phoneTyped(name, number), typedNumber})
	}
	return out
}

func faults(name, s string) (out []Fault) {
	bad := func(remedy, message sheet.Text, args ...any) {
		out = append(out, Fault{sheet.Say(message, args...), remedy})
	}
	if got := Length(s); got > MaxText {
		bad("shorten it", "the text %q has %d characters; a network would cut it after %d", name, got, MaxText)
	}
	if isFraction(s) {
		bad("write it in words: digits with a slash mean progress through the questions", "the text %q holds digits with a slash", name)
	}
	if strings.Count(s, "**")%2 != 0 {
		bad("put ** before and after the words", "the text %q has a ** without its partner", name)
	}
	if strings.Count(s, "{") != len(allPlaceholders(s)) || strings.Count(s, "}") != strings.Count(s, "{") {
		bad("write a placeholder as {name}", "the text %q has a brace without its partner", name)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); i >= 0 {
		bad("write that part anew by hand", "the text %q holds an invisible control character", name)
	}
	return out
}

// Placeholders lists the placeholders of a text, each once, in order.
func Placeholders(s string) []string {
	out := allPlaceholders(s)
	slices.Sort(out)
	return slices.Compact(out)
}

// allPlaceholders lists the placeholders of a text as they come.
func allPlaceholders(s string) (out []string) {
	for at := PlaceholderIn(s); at != nil; at = PlaceholderIn(s) {
		out = append(out, s[at[0]:at[1]])
		s = s[at[1]:]
	}
	return out
}

// PlaceholderIn returns where the first placeholder of a text begins and ends, nil when there is none.
func PlaceholderIn(s string) []int {
	end := strings.IndexByte(s, '}')
	for from := 0; end >= 0; {
		if open := strings.LastIndexByte(s[from:end], '{'); open >= 0 {
			return []int{from + open, end + 1}
		}
		from = end + 1
		next := strings.IndexByte(s[from:], '}')
		if next < 0 {
			break
		}
		end = from + next
	}
	return nil
}
