// Package terminal plays a quiz with the person at the keyboard, or with a script through a pipe. Nothing is stored.
package terminal

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// Options of a conversation.
type Options struct {
	Quiz   string // the one to begin with, empty for the first of the menu
	Locale string // the person's language, empty to be asked
	Colour bool
	// Heard is told of every turn, if there is one: what was said, what was shown then, and where the person stands.
	Heard func(said string, sent []bot.Message, session bot.Session)
	// Drafts brings what was saved of the files, if they are watched. The talk then stays at its step with each draft, and goes
	// on after the result until the input ends.
	Drafts <-chan Draft
	// Staff is the language in which what was saved is spoken of, en or lt.
	Staff string
}

// Draft is a saved state of the files.
type Draft struct {
	Library  *library.Library // nil where there are mistakes: the last one without goes on
	Mistakes error            // what is wrong, and where
}

// Play asks until the result and reports whether there was one. When the input ends before, the numbers are printed.
func Play(l *library.Library, in io.Reader, out io.Writer, opt Options) (finished bool, err error) {
	w := bufio.NewWriter(out)
	defer w.Flush()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4096), 64<<10)
	read := func() bool { return lines.Scan() }
	var s bot.Session
	update := bot.Update{From: bot.Address{Channel: "terminal", ID: "you"}, Kind: bot.Typed, Text: strings.TrimSpace("/start " + opt.Quiz), Locale: opt.Locale}
	if opt.Drafts != nil {
		read = func() bool {
			more := make(chan bool, 1)
			go func() { more <- lines.Scan() }()
			for {
				select {
				case ok := <-more:
					return ok
				case d := <-opt.Drafts:
					if d.Library == nil {
						fmt.Fprintf(w, "\n\n%s\n> ", sheet.Say("The files have mistakes. The talk goes on with the last ones that had none.\n%v", d.Mistakes).In(opt.Staff))
					} else {
						l = d.Library.After(l)
						plan := talk.Show(l, s, update.From)
						s = plan.Session
						fmt.Fprintf(w, "\n\n%s\n", sheet.Text("The files were read again.").In(opt.Staff))
						for _, m := range plan.Send {
							show(w, m, opt.Colour)
						}
						fmt.Fprint(w, "> ")
					}
					if w.Flush() != nil {
						return false
					}
				}
			}
		}
	}
	var listed []string // the choices below the list of answers, by their numbers
	for {
		update.At = time.Now()
		plan := talk.Decide(l, s, update)
		s = plan.Session
		shown := plan.Send
		if s.Stage == bot.Finished && s.Over == bot.Nothing && opt.Drafts == nil && !talk.Early(l, s) { // nobody can unfold it afterwards
			shown = talk.Decide(l, s, bot.Update{From: update.From, Kind: bot.Typed, Text: "/why", At: update.At}).Send
		}
		listed = nil
		for _, m := range shown {
			if s.Stage == bot.Checking {
				listed = list(w, m, opt.Colour)
				continue
			}
			show(w, m, opt.Colour)
		}
		if opt.Heard != nil {
			opt.Heard(update.Text, plan.Send, s)
		}
		if plan.Erase {
			return false, w.Flush()
		}
		if s.Stage == bot.Finished && s.Over == bot.Nothing && opt.Drafts == nil && !talk.Early(l, s) {
			return true, w.Flush()
		}
		fmt.Fprint(w, "> ")
		if err := w.Flush(); err != nil {
			return false, err
		}
		if !read() {
			fmt.Fprintln(w)
			if s.Stage == bot.Finished {
				return true, lines.Err()
			}
			update.Kind, update.Text = bot.Typed, "/number"
			for _, m := range talk.Decide(l, s, update).Send {
				fmt.Fprintln(w, plain(m.Text, opt.Colour))
			}
			return false, lines.Err()
		}
		if !opt.Colour {
			fmt.Fprintln(w, lines.Text())
		}
		update.Kind, update.Text = bot.Typed, lines.Text()
		if n, err := strconv.Atoi(strings.TrimSpace(update.Text)); err == nil && n >= 1 && n <= len(listed) {
			update.Text = listed[n-1]
		}
	}
}

// list prints a message with all its buttons numbered, so that the first number goes on also where answers stand in the text. It returns
// their labels.
func list(w io.Writer, m bot.Message, colour bool) (labels []string) {
	fmt.Fprintf(w, "\n%s\n", plain(m.Text, colour))
	for _, row := range m.Buttons {
		for _, b := range row {
			labels = append(labels, b.Label)
			fmt.Fprintf(w, "%d. %s\n", len(labels), b.Label)
		}
	}
	return labels
}

// show prints a message with its choices numbered: answers first, then what else can be said.
func show(w io.Writer, m bot.Message, colour bool) {
	if m.Media.Net == bot.Recorded {
		fmt.Fprintf(w, "\n♪ %s\n", m.Media.File)
		return
	}
	fmt.Fprintf(w, "\n%s\n", plain(m.Text, colour))
	n := 0
	var rest []string
	question := false // or a list whose numbers stand in its text
	for _, row := range m.Buttons {
		for _, b := range row {
			question = question || strings.HasPrefix(b.Data, "answer") || strings.HasPrefix(b.Data, "change") && strings.HasPrefix(b.Label, "✎")
		}
	}
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Label, "✎") {
				continue
			}
			if question && !strings.HasPrefix(b.Data, "answer") {
				rest = append(rest, b.Label)
				continue
			}
			n++
			fmt.Fprintf(w, "%d. %s\n", n, b.Label)
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(w, "   %s\n", strings.Join(rest, " · "))
	}
}

// plain turns **bold** into the terminal's own, or drops the marks.
func plain(s string, colour bool) string {
	pieces := strings.Split(s, "**")
	var b strings.Builder
	for i, p := range pieces {
		if colour && i%2 == 1 {
			b.WriteString("\x1b[1m" + p + "\x1b[0m")
		} else {
			b.WriteString(p)
		}
	}
	return b.String()
}
