// Command patikra asks a person about one concrete job offer, on Telegram and in the terminal.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"patikra/bot/library"
	"patikra/bot/media"
	"patikra/bot/terminal"
	"patikra/content/sheet"
)

// Exit codes.
const (
	fine   = 0
	found  = 1 // something was found, or failed
	misuse = 2
)

// version is set by the build with -ldflags.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// cleanFile is the child in which a stranger's file is decoded.
func cleanFile(command string, in io.Reader, out, errs io.Writer) int {
	from, ok := in.(*os.File)
	to, ok2 := out.(*os.File)
	if !ok || !ok2 {
		fmt.Fprintln(errs, "patikra "+command+": this is for the program itself, which gives it files")
		return misuse
	}
	return media.Child(command, from, to)
}

// folder is the folder of staff's files: the one named, else PATIKRA_FILES, else the built-in ones.
func folder(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	get, err := environment(".env")
	if err != nil {
		return "", err
	}
	return get("PATIKRA_FILES")
}

func open(dir string) (*library.Library, error) {
	dir, err := folder(dir)
	if err != nil {
		return nil, err
	}
	fsys, err := files(dir)
	if err != nil {
		return nil, sheet.Say("the folder %s cannot be read: %v", dir, err)
	}
	return library.Open(fsys)
}

func chat(quiz, lang string, in io.Reader, out, errs io.Writer) int {
	l, lang, code := forTalk("chat", quiz, lang, errs)
	if l == nil {
		return code
	}
	return inTerminal("chat", l, in, out, errs, terminal.Options{Quiz: quiz, Locale: lang})
}

// forTalk opens what a talk in the terminal needs. Without a library the exit code is what the command ends with.
func forTalk(command, quiz, lang string, errs io.Writer) (l *library.Library, locale string, code int) {
	l, err := open("")
	if err != nil {
		tellAll(errs, err)
		return nil, "", found
	}
	if code := talkable(command, l, quiz, lang, errs); code != fine {
		return nil, "", code
	}
	return l, localeOr(lang), fine
}

// inTerminal holds a talk in the terminal.
func inTerminal(command string, l *library.Library, in io.Reader, out, errs io.Writer, opt terminal.Options) int {
	opt.Colour = isTerminal(out) && isTerminal(in) && os.Getenv("NO_COLOR") == ""
	finished, err := terminal.Play(l, in, out, opt)
	if err != nil {
		fail(errs, command, err)
	}
	if !finished {
		return found
	}
	return fine
}

func isTerminal(f any) bool {
	if s, ok := f.(speaker); ok {
		f = s.Writer
	}
	file, ok := f.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
