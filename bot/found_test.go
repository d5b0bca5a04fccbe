package bot_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"patikra/bot/engine"
	"patikra/bot/library"
)

// saidOf lists the warnings of a folder that hold some words.
func saidOf(t *testing.T, fsys fs.FS, words string) []string {
	t.Helper()
	l, err := library.Open(fsys)
	if err != nil {
		t.Fatalf("%.2000v", err)
	}
	var out []string
	for _, p := range l.Warnings(time.Now()) {
		if strings.Contains(p.Message.Error(), words) {
			out = append(out, p.String())
		}
	}
	return out
}

func TestWhatIsNotReadIsSaid(t *testing.T) {
	fsys := copyOf(t)
	if got := saidOf(t, fsys, "not read"); len(got) > 0 {
		t.Errorf("of the shipped files: %q", got)
	}
	for _, name := range []string{"flows/quizzes/new-quiz.yml", "content/lt/job-offer.yaml.txt", "content/PL/chat.yaml", "content/PL/web.yaml", "content/EN/web.yaml", "flows/stories/new.yaml", "content/lt/old/chat.yaml", "content/lt/notes.docx"} {
		fsys[name] = &fstest.MapFile{Data: []byte("start: a\n")}
	}
	for _, name := range []string{"content/lt/.#chat.yaml", "content/lt/._chat.yaml", "content/lt/~$chat.yaml", "flows/quizzes/.job-offer.yaml", "flows/stories/._x.txt", "content/.en/chat.yaml", "content/..data/chat.yaml"} {
		fsys[name] = &fstest.MapFile{Data: []byte("\x00\x05\x16\x07 \xff")}
	}
	fsys["content/lt/replies.yml"] = &fstest.MapFile{Data: fsys["content/lt/replies.yaml"].Data}
	want := []string{
		"content/EN:1: this folder is not read: nothing in it is shown, and all else stays as it was; the folder content/en is read: put into it what should hold, then remove this one",
		"content/PL:1: this folder is not read: nothing in it is shown, and all else stays as it was; call it pl",
		"content/lt/job-offer.yaml.txt:1: this file is not read: people are shown what job-offer.yaml says, which is another wording; put into job-offer.yaml what should hold of this one, then remove it",
		"content/lt/notes.docx:1: this file is not read: nobody is shown what it says, and all else stays as it was; remove it, or put it where files of its kind are",
		"content/lt/old/chat.yaml:1: this file is not read: nobody is shown what it says, and all else stays as it was; remove it, or put it where files of its kind are",
		"content/lt/replies.yml:1: this file is not read: replies.yaml is, and says the same; remove it",
		"flows/quizzes/new-quiz.yml:1: this file is not read: nobody is shown what it says, and all else stays as it was; call it new-quiz.yaml, or remove it",
		"flows/stories/new.yaml:1: this file is not read: nobody is shown what it says, and all else stays as it was; call it new.txt, or remove it",
	}
	if got := saidOf(t, fsys, "not read"); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	packed, err := engine.Pack(fsys)
	if err != nil {
		t.Fatal(err)
	}
	book, err := engine.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	fs.WalkDir(book, ".", func(name string, d fs.DirEntry, err error) error {
		if strings.Contains(name, "/.") || strings.Contains(name, "~$") || strings.Contains(name, "/PL") || strings.Contains(name, "/old") || strings.HasSuffix(name, ".txt") {
			t.Errorf("the book holds %s", name)
		}
		return err
	})
}

func TestADotInTheNameOfAFileIsAMistakeOfThatFile(t *testing.T) {
	fsys := copyOf(t)
	fsys["content/lt/job-offer.danger.yaml"] = &fstest.MapFile{Data: []byte("say: Pakeista\n")}
	_, err := library.Open(fsys)
	if err == nil || err.Error() != "content/lt/job-offer.danger.yaml:1: there is a dot in the file's name before .yaml; give it a name without one, or remove it" {
		t.Errorf("%v", err)
	}
}

func TestWordsBehindATextAreAMistakeAndRemarksAreWarnedOf(t *testing.T) {
	behind := func(sign string) fstest.MapFS {
		fsys := copyOf(t)
		for name, change := range map[string][2]string{
			lt:                        {"  minor: Mažiau nei 18\n", "  minor: Mažiau " + sign + "18\n"},
			"content/lt/results.yaml": {"    - Būkite ten, kur yra kitų žmonių.\n", "    - Būkite ten " + sign + "kur yra kitų žmonių.\n"},
		} {
			fsys[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys[name].Data), change[0], change[1], 1))}
		}
		return fsys
	}
	const remark = "; a remark of yours goes into a line of its own, which begins with #"
	_, err := library.Open(behind("#"))
	if want := lt + `:9: what stands behind # is not shown: "#18"; people read only "Mažiau"; if the words belong to the text, write minor: "Mažiau #18"` + remark + "\n" +
		`content/lt/results.yaml:8: what stands behind # is not shown: "#kur yra kitų žmonių."; people read only "Būkite ten"; if the words belong to the text, write - "Būkite ten #kur yra kitų žmonių."` + remark; err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
	if got := saidOf(t, behind("# "), "not shown: "); len(got) != 2 || !strings.HasPrefix(got[0], lt+`:9: what stands behind # is not shown: "# 18"; people read only "Mažiau"; if`) {
		t.Errorf("%q", got)
	}
}

// As a ConfigMap is laid into a folder: links to files below ..data, which is a link itself; and a language that is a link to a folder.
func TestLinksInsideTheFilesAreFollowed(t *testing.T) {
	dir := t.TempDir()
	for name, file := range copyOf(t) {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if rest, ok := strings.CutPrefix(name, "content/en/"); ok {
			at = filepath.Join(dir, "content", "..2026_01_01", filepath.FromSlash(rest))
		}
		os.MkdirAll(filepath.Dir(at), 0o755)
		if err := os.WriteFile(at, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"content/..data": "..2026_01_01", "content/en": "..data"} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Skip(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	l, err := library.Open(root.FS())
	if err != nil || l.Catalog.Language("en") == nil {
		t.Fatalf("%.1000v", err)
	}
	packed, err := engine.Pack(root.FS())
	if err != nil {
		t.Fatal(err)
	}
	book, err := engine.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := library.Open(book); err != nil || again.ID != l.ID {
		t.Errorf("the packed book is another one: %.500v", err)
	}
}
