package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"patikra/bot"
	"patikra/bot/story"
	"patikra/bot/terminal"
)

// test plays the stories and the sets of answers of a folder, or brings them up to date.
func test(dir string, update bool, out, errs io.Writer) int {
	dir, err := folder(dir)
	if err != nil {
		fmt.Fprintln(errs, "patikra test:", err)
		return misuse
	}
	if update && dir == "" {
		fmt.Fprintln(errs, "patikra test: the built-in stories cannot be rewritten; name a folder, for example: patikra test my-folder --update")
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
	if update {
		return rewrite(dir, l, stories, out, errs)
	}
	failed := 0
	for _, s := range stories {
		if err := s.Play(l); err != nil {
			failed++
			fmt.Fprintf(out, "%v\n", err)
		}
	}
	sets, err := story.LoadSets(fsys)
	if err != nil {
		fmt.Fprintln(out, err)
		return found
	}
	missed := 0
	for _, s := range sets {
		for i := range l.Catalog.Languages {
			if err := s.Check(l, l.Catalog.Languages[i].Tag); err != nil {
				missed++
				fmt.Fprintf(out, "%v\n", err)
				break
			}
		}
	}
	fmt.Fprintf(out, "%d stories, %d failed\n", len(stories), failed)
	fmt.Fprintf(out, "%d sets of answers, in %d languages, %d came to something else\n", len(sets), len(l.Catalog.Languages), missed)
	if failed+missed > 0 {
		return found
	}
	return fine
}

// rewrite brings the stories of a folder up to date. Those that cannot be are named and left as they are.
func rewrite(dir string, l *bot.Library, stories []story.Story, out, errs io.Writer) int {
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Fprintln(errs, "patikra test:", err)
		return misuse
	}
	defer root.Close()
	rewritten, failed := 0, 0
	for _, s := range stories {
		text, changed, err := s.Update(l)
		if err == nil && changed {
			var again story.Story
			if again, err = story.Parse(s.File, text); err == nil {
				err = again.Play(l)
			}
			if err == nil {
				err = replace(root, s.File, text)
			}
		}
		switch {
		case err != nil:
			failed++
			fmt.Fprintf(out, "%v\n", err)
		case changed:
			rewritten++
			fmt.Fprintf(out, "%s is rewritten\n", s.File)
		}
	}
	fmt.Fprintf(out, "%d stories, %d rewritten, %d left as they are although they fail\n", len(stories), rewritten, failed)
	if failed > 0 {
		return found
	}
	return fine
}

// replace writes a file whole or not at all.
func replace(root *os.Root, name, text string) error {
	name = filepath.FromSlash(name)
	if err := root.WriteFile(name+".new", []byte(text), 0o644); err != nil {
		return err
	}
	return root.Rename(name+".new", name)
}

// record plays a quiz in the terminal and writes it down as a story.
func record(file, quiz, lang string, in io.Reader, out, errs io.Writer) int {
	if file == "" {
		fmt.Fprintln(errs, "patikra record: name the story's file, for example: patikra record my-folder/flows/stories/new.txt")
		return misuse
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(errs, "patikra record: %s is there already; name a new file\n", file)
		return misuse
	}
	l, locale, code := forTalk("record", quiz, lang, errs)
	if l == nil {
		return code
	}
	title := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	r := story.NewRecorder(l, strings.ReplaceAll(title, "-", " "), locale)
	code = inTerminal("record", l, in, out, errs, terminal.Options{Quiz: quiz, Locale: locale, Heard: r.Heard})
	if err := os.WriteFile(file, []byte(r.String()), 0o644); err != nil {
		fmt.Fprintln(errs, "patikra record:", err)
		return misuse
	}
	s, err := story.Parse(file, r.String())
	if err == nil {
		err = s.Play(l)
	}
	if err != nil {
		fmt.Fprintln(errs, "patikra record: the story was written, but does not play as it was told:", err)
		return found
	}
	fmt.Fprintf(out, "\n%s: %d turns written down\n", file, r.Turns())
	return code
}
