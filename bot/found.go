package bot

import (
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
// after 5000 files.
func Walk(fsys fs.FS, visit func(name string, e fs.DirEntry) error) error {
	left := mostFound
	var below func(dir string, depth int) error
	below = func(dir string, depth int) error {
		entries, err := fs.ReadDir(fsys, dir)
		if err != nil && depth == 1 {
			return err
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
	return nil
}

var errTooMany = errors.New("the folder holds more files than any real one")

// places of the files that are read: those of a book, then the stories and answers that only prove it.
var (
	inBook  = regexp.MustCompile(`^(flows/(flags|risk|references)\.yaml|flows/(quizzes|training)/[^/]+\.yaml|content/(places|site|desk)\.yaml|content/logo\.(svg|png)|content/[a-z]{2,3}(-[a-z]{2,8})?/([^/]+\.yaml|audio/[^/]+/[^/]+))$`)
	beside  = regexp.MustCompile(`^flows/(stories/[^/]+\.txt|answers/[^/]+\.yaml)$`)
	notOurs = regexp.MustCompile(`(\.go|\.md|^flows/map\.svg)$|^(flows|content)/(.+/)?(schema|testdata)/`)
)

// stray warns of every file that nobody reads and that may have been meant.
func stray(fsys fs.FS) sheet.Problems {
	var ps sheet.Problems
	told := map[string]bool{} // folders
	Walk(fsys, func(name string, _ fs.DirEntry) error {
		if inBook.MatchString(name) || beside.MatchString(name) || notOurs.MatchString(name) {
			return nil
		}
		dir, base := path.Split(name)
		tag := path.Base(dir)
		if lower := strings.ToLower(tag); lower != tag && content.IsTag(strings.ReplaceAll(lower, "_", "-")) && path.Dir(path.Clean(dir)) == "content" {
			if !told[dir] {
				told[dir] = true
				ps.Add(path.Clean(dir), 0, "call it "+strings.ReplaceAll(lower, "_", "-"), "this folder is not read")
			}
			return nil
		}
		ps.Add(name, 0, renamed(dir, base), "this file is not read")
		return nil
	})
	return ps
}

// renamed says how a file would have to be called to be read.
func renamed(dir, base string) string {
	stem := base
	for _, ext := range []string{".txt", ".yml", ".yaml", ".json"} {
		stem = strings.TrimSuffix(stem, ext)
	}
	want := stem + ".yaml"
	if dir == "flows/stories/" {
		want = stem + ".txt"
	}
	if want != base && (inBook.MatchString(dir+want) || beside.MatchString(dir+want)) && slices.Contains([]string{".yml", ".txt", ".yaml", ".json"}, path.Ext(base)) {
		return "call it " + want + ", or remove it"
	}
	return "remove it, or put it where files of its kind are"
}
