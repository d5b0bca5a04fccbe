package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"patikra/bot/library"
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

	known int  // warnings that are not told one by one, because the built-in files have them too
	brief bool // what walking the quizzes shows is left out
}

// forms in which check says what it found
const (
	asText   = ""
	asJSON   = "json"
	asGitHub = "github"
	asTable  = "flags"
)

// check says every mistake and every doubt, and what walking the quizzes shows. A person is told of the doubts that are new, beside those that the
// built-in files have; or of all, and of the figures.
func check(dir, form string, all bool, out, errs io.Writer) int {
	named, _ := folder(dir)
	known := make(chan *library.Library, 1)
	go func() { known <- shippedIf(named != "" && form == asText && !all) }()
	l, err := open(dir)
	f := findings{Errors: sheet.Problems{}, Warnings: sheet.Problems{}, Figures: map[string]flows.Figures{}}
	var problems sheet.Problems
	switch {
	case err == nil:
		warned := make(chan sheet.Problems, 1)
		go func() { warned <- l.Warnings(time.Now()) }()
		f.Figures = figures(l.Book) // beside it: each takes its time
		f.Warnings = append(f.Warnings, append(<-warned, l.Book.Doubts(f.Figures)...)...)
		slices.SortStableFunc(f.Warnings, func(a, b sheet.Problem) int {
			return cmp.Or(cmp.Compare(len(path.Ext(b.File)), len(path.Ext(a.File))), strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) // what is said of a folder comes last
		})
	case errors.As(err, &problems):
		f.Errors = problems
	default:
		fail(errs, "check", err)
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
		f.brief = !all
		switch {
		case all:
		case named == "":
			f.Warnings, f.known = nil, len(f.Warnings)
		default:
			fresh := f.Warnings.Since(shippedWarnings(<-known, l, f.Figures))
			f.Warnings, f.known = fresh, len(f.Warnings)-len(fresh)
		}
		err = say(out, f)
	}
	if err != nil {
		fail(errs, "check", err)
		return misuse
	}
	if len(f.Errors) > 0 {
		return found
	}
	return fine
}

// figures walks every quiz of a book. Each may try its share of answers, and what those before it left over. They are walked side by side, and again
// only where the share was not enough.
func figures(b *flows.Book) map[string]flows.Figures {
	names := b.Quizzes()
	got, left := make([]flows.Figures, len(names)), make([]int, len(names))
	share := func(i int) int {
		if i == 0 {
			return mostTried/len(names) + mostTried%len(names)
		}
		return mostTried / len(names)
	}
	walk := func(i, most int) {
		w := b.Walker(most)
		got[i] = w.Walk(b.Flows[names[i]])
		left[i] = w.Left()
	}
	var all sync.WaitGroup
	for i := range names {
		all.Go(func() { walk(i, share(i)) })
	}
	all.Wait()
	out, spare := map[string]flows.Figures{}, 0
	for i, name := range names {
		if !got[i].Whole && spare > 0 {
			walk(i, share(i)+spare)
			spare = left[i]
		} else {
			spare += left[i]
		}
		out[name] = got[i]
	}
	return out
}

// shippedIf opens the built-in files if they are asked for.
func shippedIf(asked bool) *library.Library {
	if !asked {
		return nil
	}
	l, _ := library.Open(library.BuiltIn())
	return l
}

// shippedWarnings lists what the built-in files are warned of: staff who changed a word in a copy did not cause it. Got is what walking the copy
// shows, which holds for both where the quizzes are the same.
func shippedWarnings(shipped, l *library.Library, got map[string]flows.Figures) sheet.Problems {
	if shipped == nil || l == nil {
		return nil
	}
	if shipped.Book.ID != l.Book.ID {
		got = figures(shipped.Book)
	}
	return append(shipped.Warnings(time.Now()), shipped.Book.Doubts(got)...)
}

// say prints the findings for a person.
func say(out io.Writer, f findings) error {
	var text strings.Builder
	b := speaker{&text, languageOf(out)}
	for _, p := range f.Errors {
		tell(b, p.Text())
	}
	for _, p := range f.Warnings {
		tell(b, "warning: %s", p.Text())
	}
	switch {
	case len(f.Errors) > 0:
	case f.known == 0:
		tell(b, "no mistakes, %d warnings", len(f.Warnings))
	default:
		tell(b, "no mistakes, %d new warnings; %d that the built-in files have too are shown by patikra check --all", len(f.Warnings), f.known)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Figures)) {
		if f.brief {
			break
		}
		fmt.Fprintf(b, "\n%s", sketch(name, f.Figures[name], b.lang))
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// sketch puts a quiz's figures into words.
func sketch(name string, g flows.Figures, lang string) string {
	var text strings.Builder
	b := speaker{&text, lang}
	tell(b, "%s: %d steps, %d answers", name, g.Steps, g.Answers)
	tell(b, "  the shortest way has %s, the longest %d; there are %d different situations", questions(g.Shortest), g.Longest, g.Situations)
	if !g.Whole {
		tell(b, "  the quiz has more ways than were walked here: these figures are at least so, and what no way reaches is not known")
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
		tell(b, "  %s by %s, after %s at the soonest", fmt.Sprintf("%-15s", end), ways(r.Ways), questions(r.Shortest))
	}
	if n := len(g.Apart); n > 0 {
		var pairs []string
		for _, p := range g.Apart[:min(n, 12)] {
			pairs = append(pairs, p[0]+" + "+p[1])
		}
		if n > len(pairs) {
			tell(b, "  never together: %s, %d more", strings.Join(pairs, ", "), n-len(pairs))
		} else {
			tell(b, "  never together: %s", strings.Join(pairs, ", "))
		}
	}
	return text.String()
}

func questions(n int) sheet.Text {
	if n == 1 {
		return "1 question"
	}
	return sheet.Say("%d questions", n)
}

func ways(n int) sheet.Text {
	if n == 1 {
		return "1 way"
	}
	return sheet.Say("%d ways", n)
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
	lang := languageOf(out)
	var b strings.Builder
	put := func(kind string, ps sheet.Problems) {
		for _, p := range ps {
			fmt.Fprintf(&b, "::%s file=%s,line=%d::%s\n", kind, property.Replace(path.Join(filepath.ToSlash(dir), p.File)), max(p.Line, 1), text.Replace(p.Message.In(lang)+"; "+p.Remedy.In(lang)))
		}
	}
	put("error", f.Errors)
	put("warning", f.Warnings)
	_, err := io.WriteString(out, b.String())
	return err
}

// openFor opens a folder for a command. Without a library the exit code is what the command ends with.
func openFor(command, dir string, errs io.Writer) (*library.Library, int) {
	l, err := open(dir)
	var problems sheet.Problems
	switch {
	case err == nil:
		return l, fine
	case errors.As(err, &problems):
		tellAll(errs, problems)
		return nil, found
	}
	fail(errs, command, err)
	return nil, misuse
}

// signs prints a table of every flag: its grade, baskets and source, the quizzes that raise it, and the languages that name it.
func signs(out io.Writer, l *library.Library) error {
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
