package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"patikra/content/sheet"
)

// The library that reads the command line speaks English. Its model is given our words before it prints, and what it says itself is put into words
// that the reader's language has.

// said is a text of the help in a language.
func said(lang, english string) string {
	if own, ok := inHelp[english]; ok && lang == sheet.Lithuanian {
		return own
	}
	return english
}

// speak gives a command, all that belong to it and their flags their help in a language.
func speak(n *kong.Node, lang string) {
	n.Help = said(lang, n.Help)
	for _, f := range n.Flags {
		f.Help = said(lang, f.Help)
	}
	for _, p := range n.Positional {
		p.Help = said(lang, p.Help)
	}
	for _, c := range n.Children {
		speak(c, lang)
	}
}

// printHelp is the help of the program or of a command; that of serve lists the settings.
func printHelp(options kong.HelpOptions, of *kong.Context) error {
	lang, to := languageOf(of.Stdout), of.Stdout
	var text bytes.Buffer
	of.Stdout = &text
	err := kong.DefaultHelpPrinter(options, of)
	of.Stdout = to
	if err != nil {
		return err
	}
	help := text.String()
	if lang == sheet.Lithuanian {
		help = headings.Replace(help)
	}
	io.WriteString(to, help)
	if at := of.Selected(); at != nil && at.Name == "serve" {
		fmt.Fprintln(to)
		settingsHelp(to)
	}
	return nil
}

// headings are what the library writes between our words.
var headings = strings.NewReplacer("Usage: ", "Kaip rašyti: ", "\nArguments:\n", "\nVardai:\n", "\nFlags:\n", "\nParinktys:\n", "\nCommands:\n", "\nKomandos:\n",
	"<command>", "<komanda>", "[flags]", "[parinktys]", `Run "`, `Daugiau apie komandą: „`, `" for more information on a command.`, `“.`)

func settingsHelp(w io.Writer) {
	lang := languageOf(w)
	tell(w, "Settings come from the environment, from a .env file, or for secrets from NAME_FILE=path.")
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range table {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.name, said(lang, s.meaning), said(lang, s.standard))
	}
	t.Flush()
}

// mistyped are what the library says of a call that it cannot read, and how we say it.
var mistyped = []struct {
	theirs *regexp.Regexp
	ours   sheet.Text
}{
	{regexp.MustCompile(`^unexpected argument (\S+), did you mean (?:one of )?(.+?)\??$`), "%q is no command here; did you mean %s?"},
	{regexp.MustCompile(`^unexpected argument (\S+)$`), "%q is no command, or too much here"},
	{regexp.MustCompile(`^unknown flag (\S+), did you mean (?:one of )?(.+?)\??$`), "there is no flag %s here; did you mean %s?"},
	{regexp.MustCompile(`^unknown flag (\S+)$`), "there is no flag %s here"},
	{regexp.MustCompile(`^(?:\S+: )?expected one of (.+)$`), "write one of these: %s"},
	{regexp.MustCompile(`^missing flags?: (.+)$`), "the flag %s is missing"},
	{regexp.MustCompile(`^(--\S+) and (--\S+) can't be used together$`), "the flags %s and %s cannot be used together"},
	{regexp.MustCompile(`^(--[^:\s=]+)(?:=\S+)?: expected (?:a |an )?(?:valid )?.*\bint\b.* but got "?([^"]*)"?.*$`), "the flag %s takes a whole number, and %q is none"},
	{regexp.MustCompile(`^(--[^:\s=]+)(?:=\S+)?: expected .* value but got .*$`), "the flag %s takes a word behind it"},
	{regexp.MustCompile(`^(--[^:\s=]+)(?:=\S+)?: .*$`), "what stands behind the flag %s is not right"},
}

// unread is what is wrong with a call that cannot be read.
func unread(err error) sheet.Text {
	for _, m := range mistyped {
		if found := m.theirs.FindStringSubmatch(err.Error()); found != nil {
			args := make([]any, len(found)-1)
			for i := range args {
				args[i] = strings.ReplaceAll(found[i+1], `"`, "")
			}
			return sheet.Say(m.ours, args...)
		}
	}
	return sheet.Explain(err)
}
