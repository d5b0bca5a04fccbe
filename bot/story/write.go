package story

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/content/sheet"
)

// ErrLost says that a story cannot be brought up to date by itself: what the person says in it no longer leads where it led.
var ErrLost = errors.New("this does not lead on any more")

// Update returns the story's text with what is said now in place of what was expected. Turns that are as they should be,
// remarks and blank lines stay as they were written.
func (s Story) Update(l *bot.Library) (text string, changed bool, err error) {
	out := slices.Clone(s.source)
	drop := make([]bool, len(out)+1)
	insert := map[int][]string{} // after a line, counted from 1
	err = s.each(l, func(t turn, sent []bot.Message, session *bot.Session) error {
		screen := shown(sent)
		if s.compare(t, screen) != nil {
			lang := l.Catalog.Language(session.Lang)
			if lang != nil && strings.Contains(screen, strings.ReplaceAll(lang.Text("chat.unclear"), "**", "")) {
				return fmt.Errorf("%s:%d: %q: %w; write what the person says now", s.File, t.line, t.said, ErrLost)
			}
			for _, e := range t.expected {
				drop[e.line] = drop[e.line] || !strings.HasPrefix(e.text, "=")
			}
			insert[t.line] = append(insert[t.line], lines(l, sent)...)
			changed = true
		}
		for _, e := range t.expected {
			if !strings.HasPrefix(e.text, "=") || s.result(l, session, e) == nil {
				continue
			}
			now := ending(l, session)
			if now == "" {
				return fmt.Errorf("%s:%d: after %q there is no result: %w; write what the person says now", s.File, t.line, t.said, ErrLost)
			}
			drop[e.line], changed = true, true
			insert[e.line] = append(insert[e.line], now)
		}
		return nil
	})
	if err != nil || !changed {
		return strings.Join(s.source, "\n"), false, err
	}
	var b []string
	for i, line := range out {
		if !drop[i+1] {
			b = append(b, line)
		}
		b = append(b, insert[i+1]...)
	}
	return strings.Join(b, "\n"), true, nil
}

// ending is the line that states a result, empty when there is none.
func ending(l *bot.Library, session *bot.Session) string {
	level, reasons, ok := l.Outcome(session)
	switch {
	case !ok:
		return ""
	case len(reasons) == 0:
		return "= " + level
	}
	return "= " + level + ": " + strings.Join(reasons, ", ")
}

// lines is what a story writes down of messages: the words, with every phone number left open, and the buttons that answer
// or go on. The rest of the buttons stand under every screen.
func lines(l *bot.Library, sent []bot.Message) (out []string) {
	var numbers []string
	for _, p := range l.Catalog.Places {
		code, _, ok := strings.Cut(p.Spaced(), " ")
		if !ok {
			continue
		}
		if p.Inside != "" {
			numbers = append(numbers, p.Inside+", "+p.Spaced(), "... "+code+" ...")
		}
		numbers = append(numbers, p.Spaced(), code+" ...", p.Number, code+" ...")
	}
	open := strings.NewReplacer(numbers...)
	for _, m := range sent {
		for _, line := range strings.Split(strings.ReplaceAll(m.Text, "**", ""), "\n") {
			line = open.Replace(strings.TrimSpace(line))
			switch {
			case line == "":
				continue
			case strings.ContainsAny(line[:1], "#>=") || strings.HasPrefix(line, "language:"):
				line = "... " + line // these begin a line with a meaning of its own
			}
			out = append(out, line)
		}
		for _, row := range m.Buttons {
			var labels []string
			for _, b := range row {
				if word, _, _ := strings.Cut(b.Data, ":"); word == "answer" || word == "next" {
					labels = append(labels, "["+b.Label+"]")
				}
			}
			if len(labels) > 0 {
				out = append(out, strings.Join(labels, " "))
			}
		}
	}
	return out
}

// Recorder writes a conversation down while it is held.
type Recorder struct {
	l     *bot.Library
	b     strings.Builder
	last  []bot.Message
	turns int
}

// NewRecorder begins a story with a title, in the language it is told in.
func NewRecorder(l *bot.Library, title, language string) *Recorder {
	r := &Recorder{l: l}
	fmt.Fprintf(&r.b, "# %s\n", title)
	if language != "" {
		fmt.Fprintf(&r.b, "language: %s\n", language)
	}
	return r
}

// Heard writes down what was said and what was shown then.
func (r *Recorder) Heard(said string, sent []bot.Message, session bot.Session) {
	fmt.Fprintf(&r.b, "\n> %s\n", r.label(strings.Join(strings.Fields(said), " ")))
	for _, line := range lines(r.l, sent) {
		r.b.WriteString(line + "\n")
	}
	if end := ending(r.l, &session); end != "" && session.Over == bot.Nothing {
		r.b.WriteString(end + "\n")
	}
	r.last = sent
	r.turns++
}

// label turns the number of a choice into its words, so that the story holds when choices are moved.
func (r *Recorder) label(said string) string {
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 || len(r.last) == 0 {
		return said
	}
	var answers, all []string
	for _, row := range r.last[len(r.last)-1].Buttons {
		for _, b := range row {
			label := strings.TrimLeft(b.Label, "☐☑ ")
			if strings.HasPrefix(b.Data, "answer") {
				answers = append(answers, label)
			}
			all = append(all, label)
		}
	}
	if len(answers) == 0 {
		answers = all
	}
	if n > len(answers) {
		return said
	}
	return answers[n-1]
}

// Turns is how many turns were written down.
func (r *Recorder) Turns() int { return r.turns }

// String is the story so far.
func (r *Recorder) String() string { return r.b.String() }

// Parse reads one story.
func Parse(file, text string) (Story, error) {
	r := &sheet.Reader{}
	s := parse(r, file, text)
	return s, r.Problems.Err()
}
