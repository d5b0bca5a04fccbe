// Package story plays conversations written down. The file is the test: what the person says
// stands behind ">", and under it what they must see, line by line, with buttons in brackets.
//
//	# Asked to pay for the job
//	language: en
//	> /start
//	[Start]
//	> Start
//	...
//	= high: fee
//
// A line is met when the screen holds it, "..." standing for anything; lines keep their order.
// "= level: flag, flag" states the result and the flags among its reasons.
package story

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// Story is one conversation.
type Story struct {
	File     string
	Title    string
	Language string
	turns    []turn
	source   []string // the lines of the file
}

type turn struct {
	line     int
	said     string
	expected []expectation
}

type expectation struct {
	line int
	text string
}

// Load reads flows/stories/*.txt of a folder.
func Load(fsys fs.FS) ([]Story, error) {
	names := sheet.Glob(fsys, "flows/stories/*.txt")
	r := sheet.NewReader(fsys)
	var out []Story
	for _, name := range names {
		data := r.Text(name)
		if data == nil {
			continue
		}
		out = append(out, parse(r, name, string(data)))
	}
	return out, r.Problems.Err()
}

func parse(r *sheet.Reader, file, text string) Story {
	s := Story{File: file, source: strings.Split(text, "\n")}
	for i, line := range s.source {
		line = strings.TrimSpace(line)
		n := i + 1
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			if s.Title == "" {
				s.Title = strings.TrimSpace(line[1:])
			}
		case strings.HasPrefix(line, "language:") && len(s.turns) == 0:
			s.Language = strings.TrimSpace(line[len("language:"):])
		case strings.HasPrefix(line, ">"):
			if strings.HasPrefix(line, ">>") {
				r.Add(file, n, sheet.Say("write one, as %s", "> "+strings.TrimSpace(strings.TrimLeft(line, ">"))), "there is more than one > before what the person says")
			}
			s.turns = append(s.turns, turn{line: n, said: strings.TrimSpace(line[1:])})
		case len(s.turns) == 0:
			r.Add(file, n, "begin with what the person says, as > /start", "nobody has said anything yet")
		default:
			t := &s.turns[len(s.turns)-1]
			t.expected = append(t.expected, expectation{n, line})
		}
	}
	if len(s.turns) == 0 {
		r.Add(file, 1, "write what the person says behind >", "the story is empty")
	}
	return s
}

// Play runs the story and returns the first difference. The session passes through its stored form between turns.
func (s Story) Play(l *library.Library) error {
	return s.each(l, func(t turn, sent []bot.Message, session *bot.Session) error {
		if err := s.compare(t, shown(sent)); err != nil {
			return err
		}
		for _, e := range t.expected {
			if strings.HasPrefix(e.text, "=") {
				if err := s.result(l, session, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// each plays the story, turn by turn.
func (s Story) each(l *library.Library, see func(t turn, sent []bot.Message, session *bot.Session) error) error {
	var stored []byte
	at := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for i, t := range s.turns {
		var session bot.Session
		if stored != nil {
			if err := session.Decode(stored); err != nil {
				return fmt.Errorf("%s:%d: the stored session cannot be read: %w", s.File, t.line, err)
			}
		}
		plan := talk.Decide(l, session, bot.Update{ID: uint64(i + 1), From: bot.Address{Channel: "story", ID: "1"}, Kind: bot.Typed,
			Text: t.said, Locale: s.Language, Ref: int64(i + 1), At: at.Add(time.Duration(i) * time.Second)})
		seen := plan.Session
		stored = plan.Session.Encode()
		if plan.Erase {
			stored = nil
		}
		if err := see(t, plan.Send, &seen); err != nil {
			return err
		}
	}
	return nil
}

// shown is what a person sees of messages.
func shown(sent []bot.Message) (screen string) {
	for _, m := range sent {
		screen += show(m)
	}
	return screen
}

// Door is a way to talk to a running program. Say returns what the person then sees: the words, and every button in
// brackets.
type Door interface {
	Say(said string) (screen string, err error)
}

// PlayOn runs the story through a door. What only the program knows (the lines "= level") is left out.
func (s Story) PlayOn(d Door) error {
	for _, t := range s.turns {
		screen, err := d.Say(t.said)
		if err != nil {
			return fmt.Errorf("%s:%d: %q: %w", s.File, t.line, t.said, err)
		}
		if err := s.compare(t, screen); err != nil {
			return err
		}
	}
	return nil
}

// compare holds a screen against what a turn should show.
func (s Story) compare(t turn, screen string) error {
	rest := screen
	for _, e := range t.expected {
		if strings.HasPrefix(e.text, "=") {
			continue
		}
		for _, want := range pieces(e.text) {
			loc := pattern(want).FindStringIndex(rest)
			if loc == nil {
				return fmt.Errorf("%s:%d: after %q there should be\n    %s\nbut there is\n%s", s.File, e.line, t.said, e.text, indent(screen))
			}
			rest = rest[loc[1]:]
		}
	}
	return nil
}

// result checks a line "= level: flags".
func (s Story) result(l *library.Library, session *bot.Session, e expectation) error {
	level, flags, _ := strings.Cut(strings.TrimSpace(e.text[1:]), ":")
	got, reasons, ok := talk.Outcome(l, session)
	if !ok {
		return fmt.Errorf("%s:%d: there is no result yet", s.File, e.line)
	}
	if got != strings.TrimSpace(level) {
		return fmt.Errorf("%s:%d: the result should be %q but is %q (%s)", s.File, e.line, strings.TrimSpace(level), got, strings.Join(reasons, ", "))
	}
	for _, f := range strings.Split(flags, ",") {
		if f = strings.TrimSpace(f); f != "" && !slices.Contains(reasons, f) {
			return fmt.Errorf("%s:%d: %q should be a reason; the reasons are %s", s.File, e.line, f, strings.Join(reasons, ", "))
		}
	}
	return nil
}

var brackets = regexp.MustCompile(`\[[^\]]*\]`)

// pieces takes a line apart: a text, and each button by itself.
func pieces(line string) []string {
	var out []string
	if text := strings.TrimSpace(brackets.ReplaceAllString(line, "")); text != "" {
		out = append(out, text)
	}
	return append(out, brackets.FindAllString(line, -1)...)
}

// Fits reports whether a line of a screen is what a line of a story asks for.
func Fits(want, line string) bool {
	return !slices.ContainsFunc(pieces(want), func(p string) bool { return !pattern(p).MatchString(line) })
}

func pattern(want string) *regexp.Regexp {
	parts := strings.Split(want, "...")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(strings.TrimSpace(parts[i]))
	}
	return regexp.MustCompile("(?s)" + strings.Join(parts, ".*?"))
}

func show(m bot.Message) string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(m.Text, "**", "") + "\n")
	for _, row := range m.Buttons {
		for _, btn := range row {
			b.WriteString("[" + btn.Label + "] ")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")
}

// End names the result that the story states last, empty when it states none.
func (s Story) End() string {
	end := ""
	for _, t := range s.turns {
		for _, e := range t.expected {
			if rest, ok := strings.CutPrefix(e.text, "="); ok {
				level, _, _ := strings.Cut(rest, ":")
				end = strings.TrimSpace(level)
			}
		}
	}
	return end
}

// Said is what the person says in a turn, counted from 0, empty when there is no such turn.
func (s Story) Said(turn int) string {
	if turn >= len(s.turns) {
		return ""
	}
	return s.turns[turn].said
}

// After returns the story without its first turns, for a door that begins in its own way.
func (s Story) After(turns int) Story {
	s.turns = s.turns[min(turns, len(s.turns)):]
	return s
}
