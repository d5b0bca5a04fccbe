package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"patikra/bot/library"
)

func TestStaffGetTheFilesInAFolderOfTheirOwn(t *testing.T) {
	unwatched(t)
	dir := filepath.Join(t.TempDir(), "mano failai")
	code, out, errs := command("", "files", dir)
	if code != 0 || errs != "" || !strings.Contains(out, filepath.Join(dir, "content", "README.md")) {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, errs := command("", "check", dir); code != 0 || !strings.Contains(out, "no mistakes") {
		t.Errorf("check: exit %d: %s%s", code, out, errs)
	}
	builtIn := library.BuiltIn()
	for _, part := range []string{"flows", "content"} {
		if err := fs.WalkDir(builtIn, part, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			want, _ := fs.ReadFile(builtIn, name)
			got, err := os.ReadFile(filepath.Join(dir, name))
			if !bytes.Equal(got, want) {
				t.Errorf("%s is another: %v", name, err)
			}
			if m := regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)`).FindSubmatch(got); m != nil {
				if _, err := os.Stat(filepath.Join(dir, filepath.Dir(name), string(m[1]))); err != nil {
					t.Errorf("an editor does not find the form of %s: %v", name, err)
				}
			}
			return os.WriteFile(filepath.Join(dir, name), append(got, "# mine\n"...), 0) // it can be changed
		}); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"content/README.md", "flows/README.md", "flows/map.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Run("what is there already stays", func(t *testing.T) {
		if code, _, errs := command("", "files", dir); code != 1 || !strings.Contains(errs, "not empty; name a new folder") {
			t.Errorf("exit %d: %s", code, errs)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, "content", "places.yaml")); !bytes.HasSuffix(text, []byte("# mine\n")) {
			t.Error("somebody's change is gone")
		}
		if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 1 {
			t.Errorf("it leaves something behind: %v", left)
		}
	})
	t.Run("into an empty folder", func(t *testing.T) {
		if code, _, errs := command("", "files", t.TempDir()); code != 0 {
			t.Errorf("exit %d: %s", code, errs)
		}
	})
	for _, args := range [][]string{{"files"}, {"files", filepath.Join(dir, "content", "places.yaml", "x")}, {"files", filepath.Join(dir, "content", "places.yaml")}} {
		if code, out, errs := command("", args...); code == 0 || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
}
