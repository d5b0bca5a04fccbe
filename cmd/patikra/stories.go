package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/bot/terminal"
	"patikra/content/sheet"
)

// taken is which changes of stories are taken as right: those of the stories that are named, or those that somebody says yes to.
type taken struct {
	names []string
	ask   bool
	in    io.Reader
}

// test plays the stories and the sets of answers of a folder. What is said otherwise than a story has it is shown beside what it was, and written into
// the story where it is taken as right.
func test(dir string, take taken, out, errs io.Writer) int {
	dir, err := folder(dir)
	if err != nil {
		fail(errs, "test", err)
		return misuse
	}
	if dir == "" && (take.ask || len(take.names) > 0) {
		fail(errs, "test", sheet.Text("the built-in stories cannot be changed; name a folder, for example: patikra test my-folder --review"))
		return misuse
	}
	fsys, err := files(dir)
	if err != nil {
		fail(errs, "test", sheet.Say("the folder %s cannot be read: %v", dir, err))
		return misuse
	}
	l, err := library.Open(fsys)
	if err != nil {
		tellAll(out, err)
		return found
	}
	stories, err := story.Load(fsys)
	if err != nil {
		tellAll(out, err)
		return found
	}
	sets, err := story.LoadSets(fsys)
	if err != nil {
		tellAll(out, err)
		return found
	}
	changed, lost := compareStories(l, stories, out)
	if unknown := changed.without(take.names); unknown != "" {
		fail(errs, "test", sheet.Say("there is no story %q that says something else now", unknown))
		return misuse
	}
	left, err := changed.take(dir, take, out)
	if err != nil {
		fail(errs, "test", err)
		return found
	}
	missed := 0
	for _, s := range sets {
		for i := range l.Catalog.Languages {
			if err := s.Check(l, l.Catalog.Languages[i].Tag); err != nil {
				missed++
				tellAll(out, err)
				break
			}
		}
	}
	switch {
	case left == 0:
		tell(out, "%d stories, %d failed", len(stories), lost)
	case lost == 0:
		tell(out, "%d stories, %d changed: if what they say now is right, patikra test %s --review", len(stories), left, dir)
	default:
		tell(out, "%d stories, %d failed, %d changed: if what they say now is right, patikra test %s --review", len(stories), lost, left, dir)
	}
	tell(out, "%d sets of answers, in %d languages, %d came to something else", len(sets), len(l.Catalog.Languages), missed)
	if lost+left+missed > 0 {
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
		fail(errs, "record", sheet.Text("name the story's file, for example: patikra record my-folder/flows/stories/new.txt"))
		return misuse
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		fail(errs, "record", sheet.Say("%s is there already; name a new file", file))
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
		fail(errs, "record", err)
		return misuse
	}
	s, err := story.Parse(file, r.String())
	if err == nil {
		err = s.Play(l)
	}
	if err != nil {
		fail(errs, "record", sheet.Say("the story was written, but does not play as it was told: %v", err))
		return found
	}
	tell(out, "\n%s: %d turns written down", file, r.Turns())
	return code
}
