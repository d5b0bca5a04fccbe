package exchange_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"patikra/content/exchange"
)

// needs skips a test whose programs are not on this machine.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is not here, and what it makes of an export is not tried", p)
		}
	}
}

// export writes the files of a language into a folder, with one text that a translator has changed.
func export(t *testing.T, tag string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	b := collect(t, few(), tag)
	for i := range b.Units {
		if b.Units[i].Key == inCell {
			b.Units[i].Target = nowJob
		}
	}
	plain := *b // without the texts that count
	plain.Units = slices.DeleteFunc(slices.Clone(b.Units), func(u exchange.Unit) bool {
		_, part := exchange.Split(u.Key)
		return part == "one" || part == "other"
	})
	data, _ := exchange.Encode(&plain, "po")
	os.WriteFile(filepath.Join(dir, "plain.po"), data, 0o644)
	for format, end := range map[string]string{"po": "po", "csv": "csv", "xlsx": "xlsx", "xliff": "xlf"} {
		data, err := exchange.Encode(b, format)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, tag+"."+end), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// does runs a program in a folder.
func does(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%.2000s", args, err, said.Bytes())
	}
}

// brings brings a file of the folder back: of all its texts only the one that was changed is another.
func brings(t *testing.T, dir, name string, notes ...string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	taken(t, name, string(data), nil, map[string]string{inCell: nowJob}, notes...)
}

// xlsx to xlsx, csv to xlsx, xlsx to csv.
func TestGnumericGivesBackWhatItGot(t *testing.T) {
	needs(t, "ssconvert")
	dir := export(t, "en")
	for _, way := range [][2]string{{"en.xlsx", "again.xlsx"}, {"en.csv", "table.xlsx"}, {"en.xlsx", "table.csv"}} {
		does(t, dir, "ssconvert", way[0], way[1])
		brings(t, dir, way[1])
	}
}

func TestTheTranslateToolkitGivesBackWhatItGot(t *testing.T) {
	needs(t, "po2xliff", "xliff2po", "po2csv", "csv2po", "pofilter")
	dir := export(t, "en")
	const quiet = "--progress=none"
	// it loses the names of the texts
	does(t, dir, "po2xliff", quiet, "en.po", "kit.xlf")
	brings(t, dir, "kit.xlf", "names of texts were found by the words of the source")
	does(t, dir, "xliff2po", quiet, "kit.xlf", "back.po")
	brings(t, dir, "back.po", "names of texts were found by the words of the source")
	does(t, dir, "pofilter", quiet, "--test=untranslated", "--test=isfuzzy", "en.po", "filtered.po")
	brings(t, dir, "filtered.po")
	does(t, dir, "po2csv", quiet, "plain.po", "kit.csv")
	does(t, dir, "csv2po", quiet, "-t", "plain.po", "kit.csv", "table.po")
	brings(t, dir, "table.po")
}
