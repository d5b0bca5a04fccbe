package library

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// Limits of a look at a folder.
const (
	mostFound = 5000 // files and folders
	deepest   = 6    // folders within folders
)

// Walk visits every file below flows/ and content/ in the order of names, each with its slashed name. Links to folders are followed as
// long as they do not leave the files; scraps of editors and of sync programs are passed over. It ends with an error
// after 5000 files. A folder that cannot be read is an error too, after all others were visited: what is in it is not known.
func Walk(fsys fs.FS, visit func(name string, e fs.DirEntry) error) error {
	left := mostFound
	var closed error // folders that cannot be read
	var below func(dir string, depth int) error
	below = func(dir string, depth int) error {
		entries, err := fs.ReadDir(fsys, dir)
		if err != nil {
			closed = errors.Join(closed, closedFolder(dir))
		}
		for _, e := range entries {
			if left--; left < 0 {
				return errTooMany
			}
			name := path.Join(dir, e.Name())
			var err error
			switch {
			case sheet.Scrap(e.Name()):
			case !sheet.IsFolder(fsys, name, e):
				err = visit(name, e)
			case depth < deepest:
				err = below(name, depth+1)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, top := range []string{"flows", "content"} {
		if err := below(top, 1); err != nil {
			return err
		}
	}
	return closed
}

// closedFolder is a folder that cannot be read.
type closedFolder string

func (f closedFolder) Error() string { return "the folder " + string(f) + " cannot be read" }

// closed finds the folders that cannot be read, of those in which a book's files may lie. Without them a language would be gone without a word.
func closed(fsys fs.FS) error {
	var ps sheet.Problems
	err := Walk(fsys, func(string, fs.DirEntry) error { return nil })
	var look func(error)
	look = func(err error) {
		var f closedFolder
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				look(e)
			}
		} else if errors.As(err, &f) && strings.Contains(string(f), "/") && !notOurs.MatchString(string(f)+"/") {
			ps.Add(string(f), 0, "see who may read it, and whether it can be opened", "this folder cannot be read")
		}
	}
	if err != nil {
		look(err)
	}
	return ps.Err()
}

// InBook reports whether a file is one that a book is made of, by its slashed name.
func InBook(name string) bool { return inBook.MatchString(name) && !sheet.Copied(path.Base(name)) }

var errTooMany = errors.New("the folder holds more files than any real one")

// places of the files that are read: those of a book, then the stories and answers that only prove it.
var (
	inBook  = regexp.MustCompile(`^(flows/(flags|risk|references)\.yaml|flows/(quizzes|training)/[^/]+\.yaml|content/(places|municipalities|site|desk|campaigns)\.yaml|content/logo\.(svg|png)|content/[a-z]{2,3}(-[a-z]{2,8})?/([^/]+\.yaml|audio/[^/]+/[^/]+))$`)
	beside  = regexp.MustCompile(`^flows/(stories/[^/]+\.txt|answers/[^/]+\.yaml)$`)
	notOurs = regexp.MustCompile(`(\.go|\.md|^flows/map\.svg)$|^(flows|content)/(.+/)?(schema|testdata)/|^content/film/[^/]+\.(mp4|webm|jpg|vtt)$`)
)

// stray warns of every file that nobody reads and that may have been meant.
func stray(fsys fs.FS) sheet.Problems {
	var ps sheet.Problems
	told := map[string]bool{} // folders
	Walk(fsys, func(name string, _ fs.DirEntry) error {
		if InBook(name) || beside.MatchString(name) && !sheet.Copied(path.Base(name)) || notOurs.MatchString(name) {
			return nil
		}
		dir, base := path.Split(name)
		tag := path.Base(dir)
		if lower := strings.ToLower(tag); lower != tag && content.IsTag(strings.ReplaceAll(lower, "_", "-")) && path.Dir(path.Clean(dir)) == "content" {
			if !told[dir] {
				told[dir] = true
				ps.Add(path.Clean(dir), 0, calledFolder(fsys, strings.ReplaceAll(lower, "_", "-")), "this folder is not read: nothing in it is shown, and all else stays as it was")
			}
			return nil
		}
		if remedy := sheet.Text("look whether it says something that the right one lacks, then remove it"); sheet.Copied(base) {
			ps.Add(name, 0, remedy, "this file is not read: its name is that of a copy, as sync programs make them")
			return nil
		}
		remedy, message := renamed(fsys, dir, base)
		ps.Add(name, 0, remedy, message)
		return nil
	})
	return ps
}

// calledFolder says how a folder of texts would have to be called to be read.
func calledFolder(fsys fs.FS, want string) sheet.Text {
	if info, err := fs.Stat(fsys, "content/"+want); err == nil && info.IsDir() {
		return sheet.Say("the folder %s is read: put into it what should hold, then remove this one", "content/"+want)
	}
	return sheet.Say("call it %s", want)
}

// renamed says what to do about a file that is not read: how it would have to be called, or, where there is a file of that name, which of the two holds.
func renamed(fsys fs.FS, dir, base string) (remedy, message sheet.Text) {
	const unread = "this file is not read: nobody is shown what it says, and all else stays as it was"
	want := wanted(dir, base)
	if want == "" {
		return "remove it, or put it where files of its kind are", unread
	}
	right, err := fs.ReadFile(fsys, dir+want)
	if err != nil {
		return sheet.Say("call it %s, or remove it", want), unread
	}
	if this, err := fs.ReadFile(fsys, dir+base); err == nil && bytes.Equal(this, right) {
		return "remove it", sheet.Say("this file is not read: %s is, and says the same", want)
	}
	return sheet.Say("put into %s what should hold of this one, then remove it", want), sheet.Say("this file is not read: people are shown what %s says, which is another wording", want)
}

// wanted is the name under which a file would be read, empty when there is none like it.
func wanted(dir, base string) string {
	stem := base
	for _, ext := range []string{".txt", ".yml", ".yaml", ".json"} {
		stem = strings.TrimSuffix(stem, ext)
	}
	want := stem + ".yaml"
	if dir == "flows/stories/" {
		want = stem + ".txt"
	}
	if want != base && (inBook.MatchString(dir+want) || beside.MatchString(dir+want)) && slices.Contains([]string{".yml", ".txt", ".yaml", ".json"}, path.Ext(base)) {
		return want
	}
	return ""
}
