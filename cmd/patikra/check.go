package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"patikra/bot"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// mostTried bounds how many answers the walks through all quizzes of a folder try.
const mostTried = 300_000

// findings is what check found, as --json prints it.
type findings struct {
	Errors   sheet.Problems           `json:"errors"`
	Warnings sheet.Problems           `json:"warnings"`
	Figures  map[string]flows.Figures `json:"figures"` // of each quiz
}

// forms in which check says what it found
const (
	asText   = ""
	asJSON   = "json"
	asGitHub = "github"
	asTable  = "flags"
)

// check says every mistake and every doubt, and what walking the quizzes shows.
func check(dir, form string, out, errs io.Writer) int {
	l, err := open(dir)
	f := findings{Errors: sheet.Problems{}, Warnings: sheet.Problems{}, Figures: map[string]flows.Figures{}}
	var problems sheet.Problems
	switch {
	case err == nil:
		f.Figures = figures(l.Book)
		f.Warnings = append(f.Warnings, append(l.Warnings(time.Now()), l.Book.Doubts(f.Figures)...)...)
		slices.SortStableFunc(f.Warnings, func(a, b sheet.Problem) int {
			return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
		})
	case errors.As(err, &problems):
		f.Errors = problems
	default:
		fmt.Fprintln(errs, "patikra check:", err)
		return misuse
	}
	switch form {
	case asTable:
		if err == nil {
			err = signs(out, l)
		} else {
			err = say(out, f)
		}
	case asJSON:
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		err = enc.Encode(f)
	case asGitHub:
		dir, _ := folder(dir)
		err = annotate(out, dir, f)
	default:
		err = say(out, f)
	}
	if err != nil {
		fmt.Fprintln(errs, "patikra check:", err)
		return misuse
	}
	if len(f.Errors) > 0 {
		return found
	}
	return fine
}

// figures walks every quiz of a book. Each may try its share of answers, and what those before it left over.
func figures(b *flows.Book) map[string]flows.Figures {
	out := map[string]flows.Figures{}
	names := b.Quizzes()
	spare := 0
	for i, name := range names {
		spare += mostTried / len(names)
		if i == 0 {
			spare += mostTried % len(names)
		}
		w := b.Walker(spare)
		out[name] = w.Walk(b.Flows[name])
		spare = w.Left()
	}
	return out
}

// say prints the findings for a person.
func say(out io.Writer, f findings) error {
	var b strings.Builder
	for _, p := range f.Errors {
		fmt.Fprintln(&b, p)
	}
	for _, p := range f.Warnings {
		fmt.Fprintln(&b, "warning:", p)
	}
	if len(f.Errors) == 0 {
		fmt.Fprintf(&b, "no mistakes, %d warnings\n", len(f.Warnings))
	}
	var names []string
	for name := range f.Figures {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "\n%s", sketch(name, f.Figures[name]))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// sketch puts a quiz's figures into words.
func sketch(name string, g flows.Figures) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d steps, %d answers\n", name, g.Steps, g.Answers)
	fmt.Fprintf(&b, "  the shortest way has %s, the longest %d; there are %d different situations\n", questions(g.Shortest), g.Longest, g.Situations)
	if !g.Whole {
		b.WriteString("  the quiz has more ways than were walked here: these figures are at least so, and what no way reaches is not known\n")
	}
	var ends []string
	for end := range g.Outcomes {
		ends = append(ends, end)
	}
	slices.SortFunc(ends, func(a, b string) int {
		return cmp.Or(cmp.Compare(g.Outcomes[b].Ways, g.Outcomes[a].Ways), strings.Compare(a, b))
	})
	for _, end := range ends {
		r := g.Outcomes[end]
		fmt.Fprintf(&b, "  %-15s by %s, after %s at the soonest\n", end, many(r.Ways, "way"), questions(r.Shortest))
	}
	if n := len(g.Apart); n > 0 {
		var pairs []string
		for _, p := range g.Apart[:min(n, 12)] {
			pairs = append(pairs, p[0]+" + "+p[1])
		}
		if n > len(pairs) {
			pairs = append(pairs, fmt.Sprintf("%d more", n-len(pairs)))
		}
		fmt.Fprintf(&b, "  never together: %s\n", strings.Join(pairs, ", "))
	}
	return b.String()
}

func questions(n int) string { return many(n, "question") }

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// annotate prints the findings so that GitHub shows them beside the lines they are about.
func annotate(out io.Writer, dir string, f findings) error {
	if filepath.IsAbs(dir) {
		if here, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(here, dir); err == nil && !strings.HasPrefix(rel, "..") {
				dir = rel
			}
		}
	}
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b strings.Builder
	put := func(kind string, ps sheet.Problems) {
		for _, p := range ps {
			fmt.Fprintf(&b, "::%s file=%s,line=%d::%s\n", kind, property.Replace(path.Join(filepath.ToSlash(dir), p.File)), max(p.Line, 1), text.Replace(p.Message+"; "+p.Remedy))
		}
	}
	put("error", f.Errors)
	put("warning", f.Warnings)
	_, err := io.WriteString(out, b.String())
	return err
}

// openFor opens a folder for a command. Without a library the exit code is what the command ends with.
func openFor(command, dir string, errs io.Writer) (*bot.Library, int) {
	l, err := open(dir)
	var problems sheet.Problems
	switch {
	case err == nil:
		return l, fine
	case errors.As(err, &problems):
		fmt.Fprintln(errs, problems)
		return nil, found
	}
	fmt.Fprintf(errs, "patikra %s: %v\n", command, err)
	return nil, misuse
}

// signs prints a table of every flag: its grade, baskets and source, the quizzes that raise it, and the languages that name it.
func signs(out io.Writer, l *bot.Library) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "flag\tgrade\tbasket\tquizzes\tlanguages\tsource")
	has := func(lang *content.Language, name string) bool { return lang.Has(name) && lang.Own(name) }
	for i, f := range l.Book.Flags {
		var baskets, quizzes, languages []string
		for _, b := range f.Baskets {
			baskets = append(baskets, l.Book.Risk.Baskets[b])
		}
		for _, q := range l.Book.Quizzes() {
			if l.Book.Flows[q].CanRaise(i) {
				quizzes = append(quizzes, q)
			}
		}
		for j := range l.Catalog.Languages {
			if lang := &l.Catalog.Languages[j]; has(lang, "flags.flags."+f.Name+".name") || has(lang, "flags.other."+f.Name+".name") {
				languages = append(languages, lang.Tag)
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Name, f.Grade, strings.Join(baskets, " "), strings.Join(quizzes, " "), strings.Join(languages, " "), f.Source)
	}
	return t.Flush()
}
