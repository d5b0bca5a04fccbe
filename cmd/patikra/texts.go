package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"strings"
	"time"

	"patikra/bot/library"
	"patikra/bot/proof"
	"patikra/content"
	"patikra/content/exchange"
	"patikra/content/sheet"
)

// textsGaps prints what is left to do in each language.
func textsGaps(dir, lang string, asJSON bool, out, errs io.Writer) int {
	fsys, code := readable("texts gaps", dir, errs)
	if code != fine {
		return code
	}
	reports, err := exchange.Gaps(fsys, lang)
	if err != nil {
		fail(errs, "texts gaps", err)
		return found
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		enc.Encode(map[string][]exchange.Report{"languages": reports})
		return fine
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(out)
		}
		var not sheet.Text
		if !r.Ready {
			not = ", not ready"
		}
		tell(out, "%s%s: %d texts; missing %d (%s), stale %d (%s), unreviewed %d (%s)", r.Language, not, r.Texts, len(r.Missing), percent(r.Percent.Missing), len(r.Stale), percent(r.Percent.Stale), len(r.Unreviewed), percent(r.Percent.Unreviewed))
		for _, g := range r.Missing {
			tell(out, "  missing     %s", place(g))
		}
		for _, g := range r.Stale {
			tell(out, "  stale       %s", place(g))
		}
		for _, f := range r.Files {
			if !f.Reviewed {
				tell(out, "  unreviewed  %s, all its %d texts: %s", f.File, f.Texts, f.Note)
			}
		}
	}
	return fine
}

func percent(p float64) string { return fmt.Sprintf("%g %%", p) }

func place(g exchange.Gap) sheet.Text {
	where := g.File
	if g.Line > 0 {
		where = fmt.Sprintf("%s:%d", g.File, g.Line)
	}
	if g.Why != "" {
		return sheet.Say("%s (%s): %s", g.Name, where, g.Why)
	}
	return sheet.Say("%s (%s)", g.Name, where)
}

// readable opens the folder of staff's files that a command names.
func readable(command, dir string, errs io.Writer) (fs.FS, int) {
	dir, err := folder(dir)
	if err != nil {
		fail(errs, command, err)
		return nil, misuse
	}
	fsys, err := files(dir)
	if err != nil {
		fail(errs, command, sheet.Say("the folder %s cannot be read: %v", dir, err))
		return nil, misuse
	}
	return fsys, fine
}

// writable opens a folder to write into. The built-in files cannot be written.
func writable(command, dir string, errs io.Writer) (*os.Root, int) {
	dir, err := folder(dir)
	if err == nil && dir == "" {
		err = sheet.Text("name the folder that holds flows/ and content/: the built-in files cannot be changed")
	}
	if err != nil {
		fail(errs, command, err)
		return nil, misuse
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		fail(errs, command, sheet.Say("the folder %s cannot be read: %v", dir, err))
		return nil, misuse
	}
	return root, fine
}

// textsFresh notes that translations fit what the source says now.
func textsFresh(lang, dir, name string, out, errs io.Writer) int {
	if lang == "" {
		fail(errs, "texts fresh", sheet.Text("name a language"))
		return misuse
	}
	root, code := writable("texts fresh", dir, errs)
	if code != fine {
		return code
	}
	defer root.Close()
	var names []string
	if name != "" {
		names = []string{name}
	}
	files, done, err := exchange.Fresh(root.FS(), lang, names)
	if err == nil {
		err = exchange.Write(root, files)
	}
	if err != nil {
		fail(errs, "texts fresh", err)
		return found
	}
	for _, d := range done {
		fmt.Fprintln(out, d)
	}
	tell(out, "noted: %d; they fit what the source says now", len(done))
	return fine
}

// textsExport writes a language's texts for translators: all, or those that are missing or stale.
func textsExport(x textsExportLine, out, errs io.Writer) int {
	const command = "texts export"
	if x.Language == "" {
		fail(errs, command, sheet.Text("name a language"))
		return misuse
	}
	fsys, code := readable(command, x.Dir, errs)
	if code != fine {
		return code
	}
	b, err := exchange.Collect(fsys, x.Language)
	if err != nil {
		fail(errs, command, err)
		return found
	}
	if x.Missing {
		b = b.Missing()
	}
	format := exchange.FormatOf(x.Format, x.Out)
	data, err := exchange.Encode(b, format)
	if err == nil && format == "xlsx" && x.Out == "" && isTerminal(out) {
		err = sheet.Say("a workbook is no text to read here: add --out %s.xlsx", x.Language)
	}
	if err != nil {
		fail(errs, command, err)
		return misuse
	}
	if err := deliver(x.Out, data, out); err != nil {
		fail(errs, command, err)
		return found
	}
	return fine
}

// deliver prints a file, or writes it under a new name: what a translator may be working in is not written over.
func deliver(name string, data []byte, out io.Writer) error {
	if name == "" {
		_, err := out.Write(data)
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return sheet.Say("%s is there already: remove it, or give another name", name)
	}
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(name)
	}
	return err
}

// mistakes lists what check would say about a folder, languages that are not ready included.
func mistakes(fsys fs.FS) (sheet.Problems, error) {
	l, err := library.Open(fsys)
	var ps sheet.Problems
	switch {
	case err == nil:
		for _, d := range l.Catalog.Drafts {
			ps = append(ps, d.Problems...)
		}
	case !errors.As(err, &ps):
		return nil, err
	}
	return ps, nil
}

// textsImport puts a translator's file into the texts.
func textsImport(file, dir string, out, errs io.Writer) int {
	const command = "texts import"
	if file == "" {
		fail(errs, command, sheet.Text("name the file"))
		return misuse
	}
	f, err := os.Open(file)
	if err != nil {
		fail(errs, command, err)
		return misuse
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, exchange.MaxBytes+1))
	if err != nil {
		fail(errs, command, err)
		return misuse
	}
	root, code := writable(command, dir, errs)
	if code != fine {
		return code
	}
	defer root.Close()
	b, err := exchange.Decode(file, data, content.Folders(root.FS())...)
	if err != nil {
		tellAll(out, err)
		return found
	}
	m, err := exchange.Merge(root.FS(), file, b)
	if err != nil {
		tellAll(out, err)
		return found
	}
	if len(m.Files) > 0 {
		before, err1 := mistakes(root.FS())
		after, err2 := mistakes(exchange.Over(root.FS(), m.Files))
		if err := errors.Join(err1, err2); err != nil {
			fail(errs, command, err)
			return found
		}
		if bad := after.Since(before); len(bad) > 0 {
			tellAll(out, bad.Err())
			return found
		}
		if err := exchange.Write(root, m.Files); err != nil {
			fail(errs, command, sheet.Say("nothing was changed: %v", err))
			return found
		}
	}
	for _, c := range m.Changed {
		if c.Old == "" {
			tell(out, "%s:%d: new %s", c.File, c.Line, c.Key)
		} else {
			tell(out, "%s:%d: changed %s", c.File, c.Line, c.Key)
		}
	}
	for _, n := range m.Notes {
		tell(out, "note: %s", n)
	}
	var names []string
	for n := range m.Files {
		names = append(names, n)
	}
	sort.Strings(names)
	if len(names) == 0 {
		tell(out, "nothing to change: the texts are as the file has them")
		return fine
	}
	tell(out, "changed: %d; written: %s", len(m.Changed), strings.Join(names, ", "))
	return fine
}

// textsNew begins a language.
func textsNew(lang, dir string, out, errs io.Writer) int {
	const command = "texts new"
	if lang == "" {
		fail(errs, command, sheet.Text("name the language, as pl"))
		return misuse
	}
	root, code := writable(command, dir, errs)
	if code != fine {
		return code
	}
	defer root.Close()
	files, err := exchange.Begin(root.FS(), lang)
	if err == nil {
		err = exchange.Write(root, files)
	}
	if err != nil {
		fail(errs, command, err)
		return found
	}
	tell(out, "content/%s holds every text, empty; nobody is shown the language until its language.yaml says ready: yes", lang)
	return fine
}

// textsBook prints every screen and every text for those who review them.
func textsBook(dir, langs string, out, errs io.Writer) int {
	fsys, code := readable("texts book", dir, errs)
	if code != fine {
		return code
	}
	l, code := openFor("texts book", dir, errs)
	if l == nil {
		return code
	}
	var tags []string
	if langs != "" {
		tags = append([]string{content.Source}, strings.Split(langs, ",")...)
	}
	if err := proof.Write(out, l, fsys, tags, time.Now()); err != nil {
		fail(errs, "texts book", err)
		return found
	}
	return fine
}
