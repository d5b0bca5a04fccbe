package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// Change is a turn of a story in which something else is said now, or that comes to something else.
type Change struct {
	Line          int // of what the person says
	Said          string
	Before, After []string // the screen as the story has it, and as it is now; or the lines "= level"
	Result        bool     // it comes to something else, which weighs more than other words
}

// Update returns the story's text with what is said now in place of what was expected, and what has changed. Turns that are as they should be,
// remarks and blank lines stay as they were written.
func (s Story) Update(l *library.Library) (text string, changes []Change, err error) {
	out := slices.Clone(s.source)
	drop := make([]bool, len(out)+1)
	insert := map[int][]string{} // after a line, counted from 1
	err = s.each(l, func(t turn, sent []bot.Message, session *bot.Session) error {
		screen := shown(sent)
		if s.compare(t, screen) != nil {
			lang := l.Catalog.Language(session.Lang)
			if lang != nil && strings.Contains(screen, strings.ReplaceAll(lang.Text("chat.unclear"), "**", "")) {
				return sheet.Say("%s:%d: %q does not lead on any more; write what the person says now", s.File, t.line, t.said)
			}
			c := Change{Line: t.line, Said: t.said, After: lines(l, sent)}
			for _, e := range t.expected {
				if !strings.HasPrefix(e.text, "=") {
					drop[e.line] = true
					c.Before = append(c.Before, e.text)
				}
			}
			insert[t.line] = append(insert[t.line], c.After...)
			changes = append(changes, c)
		}
		for _, e := range t.expected {
			if !strings.HasPrefix(e.text, "=") || s.result(l, session, e) == nil {
				continue
			}
			now := ending(l, session)
			if now == "" {
				return sheet.Say("%s:%d: after %q there is no result any more; write what the person says now", s.File, t.line, t.said)
			}
			drop[e.line] = true
			insert[e.line] = append(insert[e.line], now)
			changes = append(changes, Change{t.line, t.said, []string{e.text}, []string{now}, true})
		}
		return nil
	})
	if err != nil || len(changes) == 0 {
		return strings.Join(s.source, "\n"), nil, err
	}
	var b []string
	for i, line := range out {
		if !drop[i+1] {
			b = append(b, line)
		}
		b = append(b, insert[i+1]...)
	}
	return strings.Join(b, "\n"), changes, nil
}

// ending is the line that states a result, empty when there is none.
func ending(l *library.Library, session *bot.Session) string {
	level, reasons, ok := talk.Outcome(l, session)
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
func lines(l *library.Library, sent []bot.Message) (out []string) {
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
	l     *library.Library
	b     strings.Builder
	last  []bot.Message
	turns int
}

// NewRecorder begins a story with a title, in the language it is told in.
func NewRecorder(l *library.Library, title, language string) *Recorder {
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
