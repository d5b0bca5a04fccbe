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
	"patikra/bot/media"
	"patikra/bot/seal"
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
  chat --watch [dir] [quiz]   the same with a folder's files; what is saved there is taken over at once
  preview [dir]   the web page on this machine alone with a folder's files, following what is saved (--listen 127.0.0.1:8081)
  check [dir]     say every mistake in the quizzes and texts, and what walking every way shows (--json, --github; --flags: a table of every flag)
  test [dir]      play the stories; --update rewrites those of a folder to what is now said
  record file     play a quiz in the terminal and write it down as a story (--quiz, --lang)
  diff old new    tell what changes for a person between two folders (--json)
  map quiz        draw a quiz as a picture (--format svg, mermaid or dot; --dir, --lang)
  texts book [dir]            every screen and every text in each language, as an HTML page for who reviews the words (--lang xx)
  texts gaps [dir]            what is missing, stale or unreviewed in each language (--lang xx, --json)
  texts export lang [dir]     a language's texts for translators (--format po, xliff or csv)
  texts import file [dir]     put a translator's file into the texts, all of it or nothing
  texts fresh lang [dir]      note that translations fit what the source says now (--text name for some)
  texts new lang [dir]        begin a language; people see it when its language.yaml says ready: yes
  places due [dir]            the numbers to call because nobody has for so long (--days 90, --json)
  places tested name [dir]    note that a number was called (--date 2026-05-01)
  schema [kind]               the JSON Schema of a kind of file, for editors; of all kinds if none is named
  invite name     print a link that lets a colleague in at the desk (--role counsellor, lead or editor)
  publish [dir]   make a folder's files the ones of new conversations; those under way keep theirs
  books           list the books that were published (--json)
  rollback [id]   go back to an earlier book, the one before if none is named
  erase           erase a conversation, as: erase telegram 123456, or by a case's words and the person's code
  export          print all that is kept of a case, on the person's request, named alike
  report          print what was counted in whole weeks that are over, or months of them (--weeks 4, --months 1, --json); --htcds: the open cases, pseudonymous
  backup FILE     write all that is stored into a sealed file, while the program runs
  restore FILE    put such a file into an empty store, or with --replace in the place of what is there (stop the program first)
  doctor          ask the running program whether all is well (--alive: whether it runs)
  key             print a new sealing key
  key rotate      seal everything that is kept with a new key, while the program runs
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
		watched := set.Bool("watch", false, "follow what is saved in a folder")
		if code, ok := parse(2); !ok {
			return code
		}
		if *watched {
			return chatWatched(ctx, set.Arg(0), set.Arg(1), *lang, in, out, errs)
		}
		if set.NArg() > 1 {
			fmt.Fprintf(errs, "patikra chat: %q is too much\n%s", set.Arg(1), usage)
			return misuse
		}
		return chat(set.Arg(0), *lang, in, out, errs)
	case "preview":
		listen := set.String("listen", "127.0.0.1:8081", "address on this machine")
		if code, ok := parse(1); !ok {
			return code
		}
		return preview(ctx, set.Arg(0), *listen, out, errs)
	case "check":
		json := set.Bool("json", false, "one JSON document")
		github := set.Bool("github", false, "as annotations for GitHub")
		table := set.Bool("flags", false, "a table of every flag")
		if code, ok := parse(1); !ok {
			return code
		}
		form := asText
		switch {
		case *json && *github || *table && (*json || *github):
			fmt.Fprintln(errs, "patikra check: choose one of --json, --github and --flags")
			return misuse
		case *json:
			form = asJSON
		case *github:
			form = asGitHub
		case *table:
			form = asTable
		}
		return check(set.Arg(0), form, out, errs)
	case "test":
		update := set.Bool("update", false, "rewrite the stories to what is now said")
		if code, ok := parse(1); !ok {
			return code
		}
		return test(set.Arg(0), *update, out, errs)
	case "record":
		quiz := set.String("quiz", "", "name of a quiz")
		lang := set.String("lang", "", "language, as lt")
		if code, ok := parse(1); !ok {
			return code
		}
		return record(set.Arg(0), *quiz, *lang, in, out, errs)
	case "texts":
		if len(args) == 0 || strings.HasPrefix(args[0], "-") {
			fmt.Fprintf(errs, "patikra texts: name what to do: book, gaps, export, import, fresh or new\n%s", usage)
			return misuse
		}
		var sub string
		sub, args = args[0], args[1:]
		switch sub {
		case "gaps":
			asJSON, lang := set.Bool("json", false, "one JSON document"), set.String("lang", "", "one language")
			if code, ok := parse(1); !ok {
				return code
			}
			return textsGaps(set.Arg(0), *lang, *asJSON, out, errs)
		case "fresh":
			name := set.String("text", "", "only the texts whose name begins so")
			if code, ok := parse(2); !ok {
				return code
			}
			return textsFresh(set.Arg(0), set.Arg(1), *name, out, errs)
		case "export":
			format := set.String("format", "po", "po, xliff or csv")
			if code, ok := parse(2); !ok {
				return code
			}
			return textsExport(set.Arg(0), set.Arg(1), *format, out, errs)
		case "import":
			if code, ok := parse(2); !ok {
				return code
			}
			return textsImport(set.Arg(0), set.Arg(1), out, errs)
		case "book":
			lang := set.String("lang", "", "one language beside the source, or several with commas")
			if code, ok := parse(1); !ok {
				return code
			}
			return textsBook(set.Arg(0), *lang, out, errs)
		case "new":
			if code, ok := parse(2); !ok {
				return code
			}
			return textsNew(set.Arg(0), set.Arg(1), out, errs)
		}
		fmt.Fprintf(errs, "patikra texts: there is no %q; there are book, gaps, export, import, fresh and new\n%s", sub, usage)
		return misuse
	case "schema":
		if code, ok := parse(1); !ok {
			return code
		}
		return schemaCommand(set.Arg(0), out, errs)
	case "places":
		if len(args) == 0 || strings.HasPrefix(args[0], "-") {
			fmt.Fprintf(errs, "patikra places: name what to do: due or tested\n%s", usage)
			return misuse
		}
		var sub string
		sub, args = args[0], args[1:]
		switch sub {
		case "due":
			asJSON, days := set.Bool("json", false, "one JSON document"), set.Int("days", 90, "how long a call counts")
			if code, ok := parse(1); !ok {
				return code
			}
			return placesDue(set.Arg(0), *days, *asJSON, out, errs)
		case "tested":
			date := set.String("date", "", "when it was called")
			if code, ok := parse(2); !ok {
				return code
			}
			return placesTested(set.Arg(0), set.Arg(1), *date, out, errs)
		}
		fmt.Fprintf(errs, "patikra places: there is no %q; there are due and tested\n%s", sub, usage)
		return misuse
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
		weeks, months := set.Int("weeks", 4, "how many whole weeks"), set.Int("months", 0, "how many months of whole weeks, in place of weeks")
		if code, ok := parse(0); !ok {
			return code
		}
		if *months != 0 {
			*weeks = 0
		}
		return reportCommand(ctx, periods{*weeks, *months}, *asJSON, *htcds, out, errs)
	case "backup":
		if code, ok := parse(1); !ok {
			return code
		}
		return backupCommand(ctx, set.Arg(0), out, errs)
	case "restore":
		replace := set.Bool("replace", false, "in the place of all that is there")
		if code, ok := parse(1); !ok {
			return code
		}
		return restoreCommand(ctx, set.Arg(0), *replace, out, errs)
	case "diff":
		json := set.Bool("json", false, "one JSON document")
		if code, ok := parse(2); !ok {
			return code
		}
		return compare(set.Arg(0), set.Arg(1), *json, out, errs)
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
		if code, ok := parse(1); !ok {
			return code
		}
		switch set.Arg(0) {
		case "":
		case "rotate":
			return rotateCommand(ctx, out, errs)
		default:
			fmt.Fprintf(errs, "patikra key: there is no %q; there is rotate\n%s", set.Arg(0), usage)
			return misuse
		}
		fmt.Fprintln(out, seal.NewKey())
		return fine
	case media.Command: // the program calls itself, for each file that is passed on; no person needs it
		if code, ok := parse(0); !ok {
			return code
		}
		return cleanFile(in, out, errs)
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

// cleanFile is the child in which a stranger's file is decoded.
func cleanFile(in io.Reader, out, errs io.Writer) int {
	from, ok := in.(*os.File)
	to, ok2 := out.(*os.File)
	if !ok || !ok2 {
		fmt.Fprintln(errs, "patikra "+media.Command+": this is for the program itself, which gives it files")
		return misuse
	}
	return media.Child(from, to)
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
	l, lang, code := forTalk("chat", quiz, lang, errs)
	if l == nil {
		return code
	}
	return inTerminal("chat", l, in, out, errs, terminal.Options{Quiz: quiz, Locale: lang})
}

// forTalk opens what a talk in the terminal needs. Without a library the exit code is what the command ends with.
func forTalk(command, quiz, lang string, errs io.Writer) (l *bot.Library, locale string, code int) {
	l, err := open("")
	if err != nil {
		fmt.Fprintln(errs, err)
		return nil, "", found
	}
	if code := talkable(command, l, quiz, lang, errs); code != fine {
		return nil, "", code
	}
	return l, localeOr(lang), fine
}

// inTerminal holds a talk in the terminal.
func inTerminal(command string, l *bot.Library, in io.Reader, out, errs io.Writer, opt terminal.Options) int {
	opt.Colour = isTerminal(out) && isTerminal(in) && os.Getenv("NO_COLOR") == ""
	finished, err := terminal.Play(l, in, out, opt)
	if err != nil {
		fmt.Fprintf(errs, "patikra %s: %v\n", command, err)
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
