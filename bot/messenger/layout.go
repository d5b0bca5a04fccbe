package messenger

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/talk"
)

// What the network takes. Characters are counted in UTF-16 units, which is never less than it counts.
const (
	MaxText    = 2000
	MaxReplies = 13
	MaxTitle   = 20
	MaxPayload = 1000
)

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func length(s string) (n int) {
	for _, r := range s {
		n += units(r)
	}
	return n
}

// longer reports whether a text has more than most units, without counting all of it.
func longer(s string, most int) bool {
	if len(s) <= most {
		return false
	}
	n := 0
	for _, r := range s {
		if n += units(r); n > most {
			return true
		}
	}
	return false
}

// choice reports whether a button is what the screen asks for: an answer, or a language to be chosen.
func choice(b bot.Button) bool {
	return strings.HasPrefix(b.Data, "answer:") || strings.HasPrefix(b.Data, "language:")
}

// rank says what stays when not every button has room, the smallest first.
func rank(data string) int {
	word, _, _ := strings.Cut(data, ":")
	for i, w := range [...]string{"next", "exit", "numbers", "back", "skip", "human", "why"} {
		if w == word {
			return i
		}
	}
	return 7
}

// kept reports whether a button has room before any choice: the way on, the way out and the numbers, and the human where a screen
// has no numbers.
func kept(b bot.Button, numbers bool) bool {
	switch word, _, _ := strings.Cut(b.Data, ":"); word {
	case "next", "exit", "numbers":
		return true
	case "human":
		return !numbers
	}
	return false
}

// layout turns a message into a plain text and the quick replies under it.
//
// Choices come first, then the way on, then everything else. Choices whose labels are too long stand in the text with their
// numbers, and the buttons are their short forms; where one has none, the numbers are the buttons. So are those of a question that has more choices than find room beside the way on, the way
// out and the numbers, which are never given up (10 to 12 do); the rest of its choices are answered by writing the number. What finds no
// room under a screen is named at its end: it can be written, too. Aloud says whether recordings can be listened to.
func layout(m bot.Message, aloud bool) (string, []reply) {
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(m.Text, "\uFFFD"), "**", ""))
	if text == "" {
		return "", nil
	}
	choices, others := sorted(m.Buttons, aloud)
	numbers := slices.ContainsFunc(others, func(b bot.Button) bool { return b.Data == "numbers" || strings.HasPrefix(b.Data, "numbers:") })
	fixed := 0
	for _, b := range others {
		if kept(b, numbers) {
			fixed++
		}
	}
	list, replies, written := ask(choices, m.Short, MaxReplies-min(fixed, MaxReplies))
	text += list
	stays := stay(others, numbers, MaxReplies-len(replies))
	for _, way := range [2]bool{true, false} { // the way on stands first
		for i, b := range others {
			switch {
			case way != (rank(b.Data) == 0):
			case stays[i]:
				replies = append(replies, reply{"text", title(b.Label), b.Data})
			default:
				written = append(written, bare(b.Label))
			}
		}
	}
	if len(written) > 0 {
		text += "\n\n✎ " + strings.Join(written, " · ")
	}
	return text, replies
}

// sorted parts the buttons of a screen that the network can carry into its choices and the others.
func sorted(rows [][]bot.Button, aloud bool) (choices, others []bot.Button) {
	for _, row := range rows {
		for _, b := range row {
			switch {
			case b.Label == "" || b.Data == "" || talk.Listens(b.Data) && !aloud || len(b.Data) > MaxPayload:
			case choice(b):
				choices = append(choices, b)
			default:
				others = append(others, b)
			}
		}
	}
	return choices, others
}

// ask gives the choices as quick replies, at most room, as a list for the text if it must hold them, and the numbers that have to be
// written. Where all find room, labels that are too long give way to their short forms. Where some can be ticked, the first of those that stand alone ("none of these") keeps its button: most people need it.
func ask(choices, short []bot.Button, room int) (list string, replies []reply, written []string) {
	fit := !slices.ContainsFunc(choices, func(b bot.Button) bool { return length(b.Label) > MaxTitle })
	if fit && len(choices) <= room {
		for _, b := range choices {
			replies = append(replies, reply{"text", b.Label, b.Data})
		}
		return "", replies, nil
	}
	brief := !fit && len(choices) <= room
	titles := make([]string, len(choices))
	for i, b := range choices {
		titles[i] = shortened(b, short)
		brief = brief && titles[i] != ""
	}
	alone := 0
	if len(choices) > 0 && box(choices[0].Label) != "" {
		alone = slices.IndexFunc(choices, func(b bot.Button) bool { return box(b.Label) == "" })
	}
	var text strings.Builder
	text.WriteString("\n")
	for i, b := range choices {
		n := strconv.Itoa(i + 1)
		text.WriteString("\n" + n + ". " + b.Label)
		switch saved := alone > i && len(replies) == room-1; {
		case len(replies) >= room || saved:
			written = append(written, n)
		case brief:
			replies = append(replies, reply{"text", titles[i], b.Data})
		case fit:
			replies = append(replies, reply{"text", b.Label, b.Data})
		default:
			replies = append(replies, reply{"text", box(b.Label) + n, b.Data})
		}
	}
	return text.String(), replies, written
}

// shortened is what a quick reply says for a choice: its label, or its short form if it is too long; empty if that is missing or too long, too.
func shortened(b bot.Button, short []bot.Button) string {
	if length(b.Label) <= MaxTitle {
		return b.Label
	}
	for _, s := range short {
		if s.Data == b.Data && length(s.Label) <= MaxTitle {
			return s.Label
		}
	}
	return ""
}

// stay says which of the buttons that are no choices have room: first those that are always kept, then by rank.
func stay(others []bot.Button, numbers bool, room int) []bool {
	stays := make([]bool, len(others))
	for _, first := range [2]bool{true, false} {
		for r := 0; r <= 7; r++ {
			for i, b := range others {
				if room > 0 && rank(b.Data) == r && kept(b, numbers) == first {
					stays[i] = true
					room--
				}
			}
		}
	}
	return stays
}

// box is the sign of a choice that can be ticked, with the space after it; none for any other.
func box(label string) string {
	for _, sign := range [2]string{"☐ ", "☑ "} {
		if strings.HasPrefix(label, sign) {
			return sign
		}
	}
	return ""
}

// bare is a label without the sign in front of it.
func bare(label string) string {
	return strings.TrimLeftFunc(label, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// title is a label of a control as a quick reply takes it: without its sign if it is too long, and cut as a last resort.
func title(label string) string {
	if length(label) <= MaxTitle {
		return label
	}
	short := bare(label)
	if short == "" {
		short = label
	}
	if length(short) <= MaxTitle {
		return short
	}
	n, end := 0, 0
	for i, r := range short {
		if n += units(r); n > MaxTitle-1 {
			break
		}
		end = i + len(string(r))
	}
	return strings.TrimSpace(short[:end]) + "…"
}

var phone = regexp.MustCompile(`\+\d`)

// split cuts a text into parts of at most limit units: at an empty line, a line's end, a sentence's end or a space if there
// is one in the second half, else between two characters. Nobody reads the level of a result without a number
// beside it: a first part that would hold none, while a later one does, ends with the helpline.
func split(s string, limit int, helpline string) []string {
	list := cut(s, limit, limit)
	if len(list) > 1 && helpline != "" && !phone.MatchString(list[0]) && phone.MatchString(s) {
		list = cut(s, limit-length(helpline)-2, limit)
		list[0] += "\n\n" + helpline
	}
	return list
}

// cut cuts a text; the first part has its own limit.
func cut(s string, first, limit int) []string {
	var list []string
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	for most := first; ; most = limit {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if !longer(s, most) {
			if s != "" {
				list = append(list, s)
			}
			return list
		}
		end := place(s, most)
		list = append(list, strings.TrimRightFunc(s[:end], unicode.IsSpace))
		s = s[end:]
	}
}

// place finds where to cut.
func place(s string, most int) int {
	n, end, whole := 0, 0, 0
	var breaks [4]int
	var last rune
	for i, r := range s {
		if n+units(r) > most {
			break
		}
		if !unicode.Is(unicode.M, r) && r != '\u200d' && last != '\u200d' {
			whole = i // a character begins here
		}
		n += units(r)
		end = i + len(string(r))
		if n > most/2 {
			switch {
			case r == '\n' && last == '\n':
				breaks[0] = end
			case r == '\n':
				breaks[1] = end
			case unicode.IsSpace(r) && strings.ContainsRune(".!?…։。।؟", last):
				breaks[2] = end
			case unicode.IsSpace(r):
				breaks[3] = end
			}
		}
		last = r
	}
	for _, b := range breaks {
		if b > 0 {
			return b
		}
	}
	// A mark that belongs to the last character must not be left behind.
	if r, _ := utf8.DecodeRuneInString(s[end:]); end < len(s) && (unicode.Is(unicode.M, r) || r == '\u200d' || last == '\u200d') && whole > 0 {
		return whole
	}
	return end
}
