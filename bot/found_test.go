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

	"patikra/bot"
)

// saidOf lists the warnings of a folder that hold some words.
func saidOf(t *testing.T, fsys fs.FS, words string) []string {
	t.Helper()
	l, err := bot.Open(fsys)
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
	for _, name := range []string{"flows/quizzes/new-quiz.yml", "content/lt/job-offer.yaml.txt", "content/PL/chat.yaml", "content/PL/web.yaml", "flows/stories/new.yaml", "content/lt/old/chat.yaml", "content/lt/notes.docx"} {
		fsys[name] = &fstest.MapFile{Data: []byte("start: a\n")}
	}
	for _, name := range []string{"content/lt/.#chat.yaml", "content/lt/._chat.yaml", "content/lt/~$chat.yaml", "flows/quizzes/.job-offer.yaml", "flows/stories/._x.txt", "content/.en/chat.yaml", "content/..data/chat.yaml"} {
		fsys[name] = &fstest.MapFile{Data: []byte("\x00\x05\x16\x07 \xff")}
	}
	want := []string{
		"content/PL:1: this folder is not read; call it pl",
		"content/lt/job-offer.yaml.txt:1: this file is not read; call it job-offer.yaml, or remove it",
		"content/lt/notes.docx:1: this file is not read; remove it, or put it where files of its kind are",
		"content/lt/old/chat.yaml:1: this file is not read; remove it, or put it where files of its kind are",
		"flows/quizzes/new-quiz.yml:1: this file is not read; call it new-quiz.yaml, or remove it",
		"flows/stories/new.yaml:1: this file is not read; call it new.txt, or remove it",
	}
	if got := saidOf(t, fsys, "not read"); !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	packed, err := bot.Pack(fsys)
	if err != nil {
		t.Fatal(err)
	}
	book, err := bot.Unpack(packed)
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
	_, err := bot.Open(fsys)
	if err == nil || err.Error() != "content/lt/job-offer.danger.yaml:1: there is a dot in the file's name before .yaml; give it a name without one, or remove it" {
		t.Errorf("%v", err)
	}
}

func TestWordsBehindATextAreWarnedOf(t *testing.T) {
	fsys := copyOf(t)
	text := string(fsys[lt].Data)
	text = strings.Replace(text, "  minor: Mažiau nei 18\n", "  minor: Mažiau #18\n", 1)
	fsys[lt] = &fstest.MapFile{Data: []byte(text)}
	results := string(fsys["content/lt/results.yaml"].Data)
	fsys["content/lt/results.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(results, "    - Būkite ten, kur yra kitų žmonių.\n", "    - Būkite ten #kur yra kitų žmonių.\n", 1))}
	got := saidOf(t, fsys, "not shown: ")
	if len(got) != 2 || !strings.HasPrefix(got[0], lt+":9: what stands behind # is not shown: \"#18\"; put the text in quotes") || !strings.HasPrefix(got[1], `content/lt/results.yaml:8: what stands behind # is not shown: "#kur yra kitų žmonių."`) {
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
	l, err := bot.Open(root.FS())
	if err != nil || l.Catalog.Language("en") == nil {
		t.Fatalf("%.1000v", err)
	}
	packed, err := bot.Pack(root.FS())
	if err != nil {
		t.Fatal(err)
	}
	book, err := bot.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := bot.Open(book); err != nil || again.ID != l.ID {
		t.Errorf("the packed book is another one: %.500v", err)
	}
}
