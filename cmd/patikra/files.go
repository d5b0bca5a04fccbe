package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"patikra/bot/library"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// files opens a folder of staff's files without following links out of it; the built-in ones for "".
func files(dir string) (fs.FS, error) {
	if dir == "" {
		return library.BuiltIn(), nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = sheet.Text("it is not a folder")
	}
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

// writeFiles puts the built-in files, what editors know of their form, and how to change them into a new folder. The folder is there whole
// or not at all; one that holds something already stays as it is.
func writeFiles(dir string, out, errs io.Writer) int {
	if dir == "" {
		fail(errs, "files", sheet.Text("name the new folder, as: patikra files my-folder"))
		return misuse
	}
	err := fillFolder(dir)
	if err != nil {
		fail(errs, "files", err)
		return found
	}
	tell(out, "The files are in %[1]s. Begin with %[2]s and %[3]s.\npatikra preview %[1]s shows them as people see them; patikra check %[1]s names every mistake.", dir, filepath.Join(dir, "content", "README.md"), filepath.Join(dir, "flows", "README.md"))
	return fine
}

func fillFolder(dir string) error {
	dir = filepath.Clean(dir)
	switch held, err := os.ReadDir(dir); {
	case err == nil && len(held) > 0:
		return sheet.Say("%s is not empty; name a new folder", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return sheet.Say("the folder cannot be made: %v", err)
	}
	whole, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return sheet.Say("the folder cannot be made: %v", err)
	}
	defer os.RemoveAll(whole)
	for part, files := range map[string][]fs.FS{"content": {content.Files, content.Guide}, "flows": {flows.Files, flows.Guide}} {
		for _, f := range files {
			if err := os.CopyFS(filepath.Join(whole, part), f); err != nil {
				return sheet.Say("the files cannot be written: %v", err)
			}
		}
	}
	schemas, err := library.Schemas()
	if err != nil {
		return err
	}
	for _, s := range schemas {
		path := filepath.Join(whole, filepath.FromSlash(s.Path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, s.JSON, 0o644)); err != nil {
			return sheet.Say("the files cannot be written: %v", err)
		}
	}
	if err := os.Chmod(whole, 0o755); err != nil {
		return sheet.Say("the folder cannot be made: %v", err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one
		return sheet.Say("the folder cannot be made: %v", err)
	}
	return os.Rename(whole, dir)
}
