package main

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"patikra/bot/library"
	"patikra/bot/terminal"
	"patikra/content/sheet"
)

// glanceEvery is how often a folder is looked at while somebody works in it and waits for the effect.
const glanceEvery = 200 * time.Millisecond

// lossGlances is how long a loss rests there.
const lossGlances = time.Second

// drafts opens a folder and brings every saved state of it from then on, until the context ends.
func drafts(ctx context.Context, command, dir string, errs io.Writer) (l *library.Library, next <-chan terminal.Draft, code int) {
	dir, err := folder(dir)
	if err != nil {
		fail(errs, command, err)
		return nil, nil, misuse
	}
	if dir == "" {
		fail(errs, command, sheet.Text("name the folder that you work in; the built-in files do not change"))
		return nil, nil, misuse
	}
	files := newWatch(dir) // before it is read: what is saved meanwhile is seen
	files.loss = lossGlances
	if l, code = openFor(command, dir, errs); l == nil {
		return nil, nil, code
	}
	out := make(chan terminal.Draft)
	go func() {
		look := time.NewTicker(glanceEvery)
		defer look.Stop()
		shown, broken := l.Edition, ""
		for {
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
			if !files.saved() {
				continue
			}
			var d terminal.Draft
			if d.Library, d.Mistakes = open(dir); d.Mistakes != nil {
				d.Library = nil
				if d.Mistakes.Error() == broken {
					continue
				}
				broken = d.Mistakes.Error()
			} else if d.Library.Edition == shown && broken == "" { // a remark, or a file that the program does not read
				continue
			} else {
				shown, broken = d.Library.Edition, ""
			}
			select {
			case out <- d:
			case <-ctx.Done():
				return
			}
		}
	}()
	return l, out, fine
}

// chatWatched holds a talk in the terminal that follows what is saved in a folder.
func chatWatched(ctx context.Context, dir, quiz, lang string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l, next, code := drafts(ctx, "chat", dir, errs)
	if l == nil {
		return code
	}
	if code := talkable("chat", l, quiz, lang, errs); code != fine {
		return code
	}
	return inTerminal("chat", l, in, out, errs, terminal.Options{Quiz: quiz, Locale: localeOr(lang), Drafts: next, Staff: languageOf(out)})
}

// talkable reports whether a library has the quiz and the language that were asked for, as an exit code.
func talkable(command string, l *library.Library, quiz, lang string, errs io.Writer) int {
	switch {
	case quiz != "" && l.Book.Flow(quiz) == nil:
		fail(errs, command, sheet.Say("there is no quiz %q; there is %s", quiz, strings.Join(append(l.Book.Quizzes(), l.Book.Modules()...), ", ")))
	case lang != "" && l.Catalog.Language(lang) == nil:
		fail(errs, command, sheet.Say("there is no language %q", lang))
	default:
		return fine
	}
	return misuse
}

// localeOr is the language that was asked for, else the machine's.
func localeOr(lang string) string {
	if lang != "" {
		return lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			lang, _, _ = strings.Cut(strings.ReplaceAll(v, "_", "-"), ".")
			break
		}
	}
	return lang
}
