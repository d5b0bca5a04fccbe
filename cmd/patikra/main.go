// Command patikra asks a person about one concrete job offer, on Telegram and in the terminal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"text/tabwriter"

	"patikra/bot"
	"patikra/bot/seal"
	"patikra/bot/story"
	"patikra/bot/terminal"
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

const usage = `usage: patikra [command]

  serve           take updates (the default); serve --help lists the settings
  chat [quiz]     play a quiz in the terminal; answers may come from a pipe
  check [dir]     say every mistake in the quizzes and texts, and what walking every way shows (--json, --github)
  test [dir]      play the stories
  map quiz        draw a quiz as a picture (--format svg, mermaid or dot; --dir, --lang)
  invite name     print a link that lets a colleague in at the desk (--role counsellor, lead or editor)
  publish [dir]   make a folder's files the ones of new conversations; those under way keep theirs
  books           list the books that were published (--json)
  rollback [id]   go back to an earlier book, the one before if none is named
  erase           erase a conversation, as: erase telegram 123456, or by a case's two words
  export          print all that is kept of a case, on the person's request, named alike
  report          print what was counted (--days 30, --json); --htcds: the open cases, pseudonymous
  doctor          ask the running program whether all is well (--alive: whether it runs)
  key             print a new sealing key
  version         print the version
`

// run carries out one command and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	command := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	} else if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
		command = "help"
	}
	set := flag.NewFlagSet("patikra "+command, flag.ContinueOnError)
	set.SetOutput(errs)
	set.Usage = func() { fmt.Fprint(errs, usage) }
	parse := func(most int) (int, bool) {
		// flags may stand before or after the names
		var names, flags []string
		for i := 0; i < len(args); i++ {
			if strings.HasPrefix(args[i], "-") {
				flags = append(flags, args[i])
				if f := set.Lookup(strings.TrimLeft(args[i], "-")); f != nil && i+1 < len(args) {
					if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
						i++
						flags = append(flags, args[i])
					}
				}
				continue
			}
			names = append(names, args[i])
		}
		switch err := set.Parse(append(flags, names...)); {
		case errors.Is(err, flag.ErrHelp):
			return fine, false
		case err != nil:
			return misuse, false
		case set.NArg() > most:
			fmt.Fprintf(errs, "patikra %s: %q is too much\n%s", command, set.Arg(most), usage)
			return misuse, false
		}
		return fine, true
	}
	switch command {
	case "serve":
		set.Usage = func() { settingsHelp(out) }
		if code, ok := parse(0); !ok {
			return code
		}
		return serve(ctx, errs)
	case "chat":
		lang := set.String("lang", "", "language, as lt")
		if code, ok := parse(1); !ok {
			return code
		}
		return chat(set.Arg(0), *lang, in, out, errs)
	case "check":
		json := set.Bool("json", false, "one JSON document")
		github := set.Bool("github", false, "as annotations for GitHub")
		if code, ok := parse(1); !ok {
			return code
		}
		form := asText
		switch {
		case *json && *github:
			fmt.Fprintln(errs, "patikra check: choose --json or --github")
			return misuse
		case *json:
			form = asJSON
		case *github:
			form = asGitHub
		}
		return check(set.Arg(0), form, out, errs)
	case "test":
		if code, ok := parse(1); !ok {
			return code
		}
		return test(set.Arg(0), out, errs)
	case "invite":
		role := set.String("role", "", "counsellor, lead or editor")
		asJSON := set.Bool("json", false, "one JSON document")
		if code, ok := parse(1); !ok {
			return code
		}
		return invite(ctx, set.Arg(0), *role, *asJSON, out, errs)
	case "publish":
		if code, ok := parse(1); !ok {
			return code
		}
		return publishCommand(ctx, set.Arg(0), out, errs)
	case "books":
		asJSON := set.Bool("json", false, "one JSON document")
		if code, ok := parse(0); !ok {
			return code
		}
		return booksCommand(ctx, *asJSON, out, errs)
	case "rollback":
		if code, ok := parse(1); !ok {
			return code
		}
		return rollbackCommand(ctx, set.Arg(0), out, errs)
	case "erase":
		if code, ok := parse(3); !ok {
			return code
		}
		return eraseCommand(ctx, set.Args(), out, errs)
	case "export":
		if code, ok := parse(3); !ok {
			return code
		}
		return exportCommand(ctx, set.Args(), out, errs)
	case "report":
		asJSON, htcds := set.Bool("json", false, "one JSON document"), set.Bool("htcds", false, "the open cases")
		days := set.Int("days", 30, "how many days, today included")
		if code, ok := parse(0); !ok {
			return code
		}
		return reportCommand(ctx, *days, *asJSON, *htcds, out, errs)
	case "map":
		dir := set.String("dir", "", "folder of files")
		format := set.String("format", "svg", "svg, mermaid or dot")
		lang := set.String("lang", "", "language, as lt")
		if code, ok := parse(1); !ok {
			return code
		}
		return drawQuiz(set.Arg(0), *dir, *format, *lang, out, errs)
	case "doctor":
		alive := set.Bool("alive", false, "ask only whether it runs")
		if code, ok := parse(0); !ok {
			return code
		}
		return doctor(ctx, *alive, out, errs)
	case "key":
		if code, ok := parse(0); !ok {
			return code
		}
		fmt.Fprintln(out, seal.NewKey())
		return fine
	case "version":
		if code, ok := parse(0); !ok {
			return code
		}
		revision := ""
		if info, ok := debug.ReadBuildInfo(); ok {
			revision = " " + info.GoVersion
		}
		fmt.Fprintf(out, "patikra %s%s\n", version, revision)
		return fine
	case "help":
		fmt.Fprint(out, usage)
		return fine
	}
	fmt.Fprintf(errs, "patikra: there is no command %q\n%s", command, usage)
	return misuse
}

func settingsHelp(w io.Writer) {
	fmt.Fprintln(w, "Settings come from the environment, from a .env file, or for secrets from NAME_FILE=path.")
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range table {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.name, s.meaning, s.standard)
	}
	t.Flush()
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

func open(dir string) (*bot.Library, error) {
	dir, err := folder(dir)
	if err != nil {
		return nil, err
	}
	fsys, err := files(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be read: %w", dir, err)
	}
	return bot.Open(fsys)
}

func chat(quiz, lang string, in io.Reader, out, errs io.Writer) int {
	l, err := open("")
	if err != nil {
		fmt.Fprintln(errs, err)
		return found
	}
	if quiz != "" && quiz != bot.Quiz {
		fmt.Fprintf(errs, "patikra chat: there is no quiz %q; there is %s\n", quiz, bot.Quiz)
		return misuse
	}
	if lang != "" && l.Catalog.Language(lang) == nil {
		fmt.Fprintf(errs, "patikra chat: there is no language %q\n", lang)
		return misuse
	}
	if lang == "" {
		for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
			if v := os.Getenv(name); v != "" {
				lang, _, _ = strings.Cut(strings.ReplaceAll(v, "_", "-"), ".")
				break
			}
		}
	}
	finished, err := terminal.Play(l, in, out, terminal.Options{Locale: lang, Colour: isTerminal(out) && isTerminal(in) && os.Getenv("NO_COLOR") == ""})
	if err != nil {
		fmt.Fprintln(errs, "patikra chat:", err)
	}
	if !finished {
		return found
	}
	return fine
}

func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// test plays the stories of a folder.
func test(dir string, out, errs io.Writer) int {
	dir, err := folder(dir)
	if err != nil {
		fmt.Fprintln(errs, "patikra test:", err)
		return misuse
	}
	fsys, err := files(dir)
	if err != nil {
		fmt.Fprintf(errs, "patikra test: the folder %s cannot be read: %v\n", dir, err)
		return misuse
	}
	l, err := bot.Open(fsys)
	if err != nil {
		fmt.Fprintln(out, err)
		return found
	}
	stories, err := story.Load(fsys)
	if err != nil {
		fmt.Fprintln(out, err)
		return found
	}
	failed := 0
	for _, s := range stories {
		if err := s.Play(l); err != nil {
			failed++
			fmt.Fprintf(out, "%v\n", err)
		}
	}
	fmt.Fprintf(out, "%d stories, %d failed\n", len(stories), failed)
	if failed > 0 {
		return found
	}
	return fine
}
