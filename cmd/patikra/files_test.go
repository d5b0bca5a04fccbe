package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// languages are those of the built-in files, Lithuanian and English first.
var languages = []string{"lt", "en", "pl", "ru", "uk", "lt-easy"}

// allStaffs is a folder with a copy of the built-in files.
func allStaffs(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, top := range []string{"flows", "content"} {
		if err := os.CopyFS(filepath.Join(dir, top), os.DirFS("../../"+top)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// staffs is a folder with a copy of the built-in files in Lithuanian and English, which show what all languages would, sooner.
func staffs(t testing.TB) string {
	t.Helper()
	dir := allStaffs(t)
	for _, lang := range languages[2:] {
		if err := os.RemoveAll(filepath.Join(dir, "content", lang)); err != nil {
			t.Fatal(err)
		}
	}
	stories, err := filepath.Glob(filepath.Join(dir, "flows/stories/*.txt"))
	if err != nil || len(stories) == 0 {
		t.Fatal(stories, err)
	}
	for _, name := range stories {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range languages[2:] {
			if strings.Contains(string(data), "\nlanguage: "+lang+"\n") || strings.HasSuffix(name, "-"+lang+".txt") {
				os.Remove(name)
			}
		}
	}
	return dir
}
