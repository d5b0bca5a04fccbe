package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"patikra/content/sheet"
)

// What commands say to staff is in Lithuanian or in English, as who calls them reads. What other programs read (--json) is always in English.

// speaker is where a command writes, and the language of who reads it.
type speaker struct {
	io.Writer
	lang string
}

// ofFiles are the commands whose --lang names a language of the files.
var ofFiles = []string{"chat", "record", "map", "texts"}

// language is what a call's sentences are in: --lang if that is one of the two, and names nothing else, else the machine's.
func language(args []string) string {
	if slices.ContainsFunc(args, func(a string) bool { return slices.Contains(ofFiles, a) }) {
		return staffLanguage(localeOr(""))
	}
	for i, a := range args {
		lang, given := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			lang, given = args[i+1], true
		}
		if given && (lang == sheet.English || lang == sheet.Lithuanian) {
			return lang
		}
	}
	return staffLanguage(localeOr(""))
}

// staffLanguage is which of the two languages a locale such as lt_LT means.
func staffLanguage(locale string) string {
	if base, _, _ := strings.Cut(strings.ToLower(locale), "-"); base == sheet.Lithuanian {
		return sheet.Lithuanian
	}
	return sheet.English
}

func languageOf(w io.Writer) string {
	if s, ok := w.(speaker); ok {
		return s.lang
	}
	return sheet.English
}

// tell writes a sentence and ends the line.
func tell(w io.Writer, wording sheet.Text, args ...any) {
	fmt.Fprintln(w, sheet.Say(wording, args...).In(languageOf(w)))
}

// tellAll writes every mistake in a line of its own.
func tellAll(w io.Writer, err error) { fmt.Fprintln(w, sheet.In(languageOf(w), err)) }

// fail writes what a command ended with.
func fail(w io.Writer, command string, err error) {
	fmt.Fprintf(w, "patikra %s: %s\n", command, sheet.In(languageOf(w), err))
}
