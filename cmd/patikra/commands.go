package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"patikra/bot/media"
	"patikra/bot/seal"
	"patikra/content/sheet"
)

// commands is the command line: each field is a command, each tag what people type and read. What a command does is in a function of its
// own, beside which it stands.
type commands struct {
	Serve    serveLine    `cmd:"" default:"1" help:"Take updates (the default). serve --help lists the settings."`
	Chat     chatLine     `cmd:"" help:"Play a quiz in the terminal; answers may come from a pipe."`
	Preview  previewLine  `cmd:"" help:"The web page on this machine alone with a folder's files, following what is saved."`
	Files    filesLine    `cmd:"" help:"Write the files that are built in into a new folder, to change them there."`
	Check    checkLine    `cmd:"" help:"Say every mistake in the quizzes and texts, and what walking every way shows."`
	Test     testLine     `cmd:"" help:"Play the stories."`
	Record   recordLine   `cmd:"" help:"Play a quiz in the terminal and write it down as a story."`
	Diff     diffLine     `cmd:"" help:"Tell what changes for a person between two folders."`
	Map      mapLine      `cmd:"" help:"Draw a quiz as a picture."`
	Poster   posterLine   `cmd:"" help:"Draw what is printed for a campaign: posters, strips to tear off, a card, a sticker."`
	Texts    textsLines   `cmd:"" help:"Texts and their translations: book, gaps, export, import, fresh, new."`
	Places   placesLines  `cmd:"" help:"The numbers that people are shown: due, tested."`
	Schema   schemaLine   `cmd:"" help:"The JSON Schema of a kind of file, for editors; of all kinds if none is named."`
	Invite   inviteLine   `cmd:"" help:"Print a link that lets a colleague in at the desk."`
	Publish  publishLine  `cmd:"" help:"Make a folder's files the ones of new conversations; those under way keep theirs."`
	Books    booksLine    `cmd:"" help:"List the books that were published."`
	Rollback rollbackLine `cmd:"" help:"Go back to an earlier book, the one before if none is named."`
	Erase    eraseLine    `cmd:"" help:"Erase a conversation, as: erase telegram 123456, or by a case's words and the person's code."`
	Export   exportLine   `cmd:"" help:"Print all that is kept of a case, on the person's request, named as for erase."`
	Report   reportLine   `cmd:"" help:"Print what was counted in whole weeks that are over, or in months of them."`
	Backup   backupLine   `cmd:"" help:"Write all that is stored into a sealed file, while the program runs."`
	Restore  restoreLine  `cmd:"" help:"Put such a file into an empty store. Stop the program first."`
	Doctor   doctorLine   `cmd:"" help:"Ask the running program whether all is well."`
	Key      keyLines     `cmd:"" help:"Print a new sealing key; key rotate seals everything with one."`
	Version  versionLine  `cmd:"" help:"Print the version."`
	Help     helpLine     `cmd:"" help:"Print this."`
}

// description is the first thing that the help says.
const description = "Asks a person about one concrete job offer, shows the signs of danger with reasons, and hands over to a human.\n\nFlags may stand before or after names. Where no folder is named it is PATIKRA_FILES, else the files that are built in."

// call is one call of the program: what its command may read and write.
type call struct {
	ctx       context.Context
	in        io.Reader
	out, errs io.Writer
}

// exit is what a command ends with.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run carries out one command and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 1 && (args[0] == media.Command || args[0] == media.CommandKeep) { // the program calls itself, for each file that is passed on; no person needs it
		return cleanFile(args[0], in, out, errs)
	}
	lang := language(args)
	out, errs = speaker{out, lang}, speaker{errs, lang}
	helped := false // kong goes on reading where it does not end the program
	line := kong.Must(&commands{}, kong.Name("patikra"), kong.Writers(out, errs), kong.Exit(func(int) { helped = true }), kong.Help(printHelp),
		kong.Description(said(lang, description)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 120}), kong.Bind(&call{ctx, in, out, errs}))
	speak(line.Model.Node, lang)
	chosen, err := line.Parse(args)
	switch {
	case helped:
		return fine
	case err != nil:
		tell(errs, "patikra: %v\npatikra --help lists the commands, and patikra COMMAND --help what one takes", unread(err))
		return misuse
	}
	var code exit
	if err = chosen.Run(); errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintln(errs, "patikra:", err) // kong could not call it
	return found
}

type serveLine struct{}

func (x serveLine) Run(c *call) error {
	return exit(serve(c.ctx, c.errs))
}

type chatLine struct {
	Names []string `arg:"" optional:"" name:"quiz" help:"The quiz; with --watch the folder, then the quiz."`
	Lang  string   `help:"Language, as lt."`
	Watch bool     `help:"With a folder's files; what is saved there is taken over at once."`
}

func (x chatLine) Run(c *call) error {
	most := 1
	if x.Watch {
		most = 2
	}
	if len(x.Names) > most {
		fail(c.errs, "chat", sheet.Say("%q is too much", x.Names[most]))
		return exit(misuse)
	}
	names := append(x.Names, "", "")
	if x.Watch {
		return exit(chatWatched(c.ctx, names[0], names[1], x.Lang, c.in, c.out, c.errs))
	}
	return exit(chat(names[0], x.Lang, c.in, c.out, c.errs))
}

type previewLine struct {
	staffLine

	Dir    string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Listen string `default:"127.0.0.1:8081" help:"Address on this machine."`
}

func (x previewLine) Run(c *call) error {
	return exit(preview(c.ctx, x.Dir, x.Listen, c.out, c.errs))
}

type filesLine struct {
	staffLine

	Dir string `arg:"" optional:"" help:"The new folder."`
}

func (x filesLine) Run(c *call) error { return exit(writeFiles(x.Dir, c.out, c.errs)) }

// staffLine is what the commands of staff have in common.
type staffLine struct {
	Lang string `help:"Language of what is said, lt or en; else the machine's."`
}

type checkLine struct {
	staffLine

	Dir    string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	JSON   bool   `name:"json" xor:"form" help:"As one JSON document."`
	GitHub bool   `name:"github" xor:"form" help:"As annotations for GitHub."`
	Flags  bool   `xor:"form" help:"A table of every flag."`
	All    bool   `help:"Every warning, those of the built-in files too, and what walking every way through the quizzes shows."`
}

func (x checkLine) Run(c *call) error {
	form := asText
	switch {
	case x.JSON:
		form = asJSON
	case x.GitHub:
		form = asGitHub
	case x.Flags:
		form = asTable
	}
	return exit(check(x.Dir, form, x.All, c.out, c.errs))
}

type testLine struct {
	staffLine

	Dir    string   `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Accept []string `help:"Take what a story says now as right; name it, as concern-fee-lt."`
	Review bool     `help:"Show each change, and ask whether it is right."`
}

func (x testLine) Run(c *call) error {
	return exit(test(x.Dir, taken{names: x.Accept, ask: x.Review, in: c.in}, c.out, c.errs))
}

type recordLine struct {
	File string `arg:"" optional:"" help:"The story."`
	Quiz string `help:"The quiz."`
	Lang string `help:"Language, as lt."`
}

func (x recordLine) Run(c *call) error {
	return exit(record(x.File, x.Quiz, x.Lang, c.in, c.out, c.errs))
}

type diffLine struct {
	staffLine

	Old  string `arg:"" optional:"" help:"The folder as it was."`
	New  string `arg:"" optional:"" help:"The folder as it is."`
	JSON bool   `name:"json" help:"As one JSON document."`
}

func (x diffLine) Run(c *call) error {
	return exit(compare(x.Old, x.New, x.JSON, c.out, c.errs))
}

type mapLine struct {
	Quiz   string `arg:"" optional:"" help:"The quiz."`
	Dir    string `help:"The folder that holds flows/ and content/."`
	Format string `default:"svg" help:"svg, mermaid or dot."`
	Lang   string `help:"Language, as lt."`
}

func (x mapLine) Run(c *call) error {
	return exit(drawQuiz(x.Quiz, x.Dir, x.Format, x.Lang, c.out, c.errs))
}

type textsLines struct {
	Book   textsBookLine   `cmd:"" help:"Every screen and every text in each language, as an HTML page for who reviews the words."`
	Gaps   textsGapsLine   `cmd:"" help:"What is missing, stale or unreviewed in each language."`
	Export textsExportLine `cmd:"" help:"A language's texts for translators."`
	Import textsImportLine `cmd:"" help:"Put a translator's file into the texts, all of it or nothing."`
	Fresh  textsFreshLine  `cmd:"" help:"Note that translations fit what the source says now."`
	New    textsNewLine    `cmd:"" help:"Begin a language; people see it when its language.yaml says ready: yes."`
}

type textsBookLine struct {
	Dir  string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Lang string `help:"One language beside the source, or several with commas."`
}

func (x textsBookLine) Run(c *call) error {
	return exit(textsBook(x.Dir, x.Lang, c.out, c.errs))
}

type textsGapsLine struct {
	Dir  string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Lang string `help:"One language alone."`
	JSON bool   `name:"json" help:"As one JSON document."`
}

func (x textsGapsLine) Run(c *call) error {
	return exit(textsGaps(x.Dir, x.Lang, x.JSON, c.out, c.errs))
}

type textsExportLine struct {
	staffLine

	Language string `arg:"" optional:"" name:"lang" help:"The language, as pl."`
	Dir      string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Format   string `help:"po, xliff, csv or xlsx; without it what the end of the file's name says, else po."`
	Out      string `help:"The file to write, as en.xlsx; without it the texts are printed."`
	Missing  bool   `help:"Only texts that are missing, or whose source has changed since."`
}

func (x textsExportLine) Run(c *call) error {
	return exit(textsExport(x, c.out, c.errs))
}

type textsImportLine struct {
	staffLine

	File string `arg:"" optional:"" help:"The translator's file."`
	Dir  string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
}

func (x textsImportLine) Run(c *call) error {
	return exit(textsImport(x.File, x.Dir, c.out, c.errs))
}

type textsFreshLine struct {
	staffLine

	Language string `arg:"" optional:"" name:"lang" help:"The language, as pl."`
	Dir      string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Text     string `help:"Only the texts whose name begins so."`
}

func (x textsFreshLine) Run(c *call) error {
	return exit(textsFresh(x.Language, x.Dir, x.Text, c.out, c.errs))
}

type textsNewLine struct {
	staffLine

	Language string `arg:"" optional:"" name:"lang" help:"The language, as pl."`
	Dir      string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
}

func (x textsNewLine) Run(c *call) error {
	return exit(textsNew(x.Language, x.Dir, c.out, c.errs))
}

type placesLines struct {
	Due    placesDueLine    `cmd:"" help:"The numbers to call because nobody has for so long."`
	Tested placesTestedLine `cmd:"" help:"Note that a number was called."`
}

type placesDueLine struct {
	staffLine

	Dir  string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Days int    `default:"90" help:"How long a call counts."`
	JSON bool   `name:"json" help:"As one JSON document."`
}

func (x placesDueLine) Run(c *call) error {
	return exit(placesDue(x.Dir, x.Days, x.JSON, c.out, c.errs))
}

type placesTestedLine struct {
	staffLine

	Name string `arg:"" optional:"" help:"The place, as places due names it."`
	Dir  string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
	Date string `help:"When it was called, as 2026-05-01; today if left out."`
}

func (x placesTestedLine) Run(c *call) error {
	return exit(placesTested(x.Name, x.Dir, x.Date, c.out, c.errs))
}

type schemaLine struct {
	Kind string `arg:"" optional:"" help:"The kind of file."`
}

func (x schemaLine) Run(c *call) error {
	return exit(schemaCommand(x.Kind, c.out, c.errs))
}

type inviteLine struct {
	Name string `arg:"" optional:"" help:"What colleagues call them."`
	Role string `help:"counsellor, lead or editor."`
	JSON bool   `name:"json" help:"As one JSON document."`
}

func (x inviteLine) Run(c *call) error {
	return exit(invite(c.ctx, x.Name, x.Role, x.JSON, c.out, c.errs))
}

type publishLine struct {
	staffLine

	Dir string `arg:"" optional:"" help:"The folder that holds flows/ and content/."`
}

func (x publishLine) Run(c *call) error {
	return exit(publishCommand(c.ctx, x.Dir, c.out, c.errs))
}

type booksLine struct {
	staffLine

	JSON bool `name:"json" help:"As one JSON document."`
}

func (x booksLine) Run(c *call) error {
	return exit(booksCommand(c.ctx, x.JSON, c.out, c.errs))
}

type rollbackLine struct {
	staffLine

	ID string `arg:"" optional:"" name:"id" help:"The book, as books lists it."`
}

func (x rollbackLine) Run(c *call) error {
	return exit(rollbackCommand(c.ctx, x.ID, c.out, c.errs))
}

type eraseLine struct {
	Words []string `arg:"" optional:"" help:"A network and an id, or the two words of a case and the code that the person sees when they write /code."`
}

func (x eraseLine) Run(c *call) error {
	return exit(eraseCommand(c.ctx, x.Words, c.out, c.errs))
}

type exportLine struct {
	Words []string `arg:"" optional:"" help:"A network and an id, or the two words of a case and the code that the person sees when they write /code."`
}

func (x exportLine) Run(c *call) error {
	return exit(exportCommand(c.ctx, x.Words, c.out, c.errs))
}

type reportLine struct {
	Weeks  int  `default:"4" help:"How many whole weeks."`
	Months int  `help:"How many months of whole weeks, in place of weeks."`
	HTCDS  bool `name:"htcds" help:"The open cases, pseudonymous."`
	JSON   bool `name:"json" help:"As one JSON document."`
}

func (x reportLine) Run(c *call) error {
	if x.Months != 0 {
		x.Weeks = 0
	}
	return exit(reportCommand(c.ctx, periods{x.Weeks, x.Months}, x.JSON, x.HTCDS, c.out, c.errs))
}

type backupLine struct {
	File string `arg:"" optional:"" help:"The file, which must not be there yet."`
}

func (x backupLine) Run(c *call) error {
	return exit(backupCommand(c.ctx, x.File, c.out, c.errs))
}

type restoreLine struct {
	File    string `arg:"" optional:"" help:"The file."`
	Replace bool   `help:"In the place of all that is there."`
}

func (x restoreLine) Run(c *call) error {
	return exit(restoreCommand(c.ctx, x.File, x.Replace, c.out, c.errs))
}

type doctorLine struct {
	Alive bool `help:"Ask only whether it runs."`
}

func (x doctorLine) Run(c *call) error {
	return exit(doctor(c.ctx, x.Alive, c.out, c.errs))
}

type keyLines struct {
	New    keyLine       `cmd:"" default:"1" help:"Print a new sealing key (the default)."`
	Rotate keyRotateLine `cmd:"" help:"Seal everything that is kept with a new key, while the program runs."`
}

type keyLine struct{}

func (x keyLine) Run(c *call) error {
	fmt.Fprintln(c.out, seal.NewKey())
	return exit(fine)
}

type keyRotateLine struct{}

func (x keyRotateLine) Run(c *call) error {
	return exit(rotateCommand(c.ctx, c.out, c.errs))
}

type versionLine struct{}

func (x versionLine) Run(c *call) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		revision = " " + info.GoVersion
	}
	fmt.Fprintf(c.out, "patikra %s%s\n", version, revision)
	return exit(fine)
}

type helpLine struct{}

func (x helpLine) Run(c *call) error {
	return exit(run(c.ctx, []string{"--help"}, c.in, c.out, c.errs))
}
