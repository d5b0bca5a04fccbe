package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// aloud gathers what a command prints while it runs.
type aloud struct {
	mu   sync.Mutex
	text strings.Builder
}

func (a *aloud) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.Write(p)
}

func (a *aloud) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// after waits until the command has printed something below what it had printed before, and returns how much it is now.
func (a *aloud) after(t *testing.T, from int, want string) int {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		s := a.String()
		if i := strings.Index(s[from:], want); i >= 0 {
			return from + i + len(want)
		}
		if time.Now().After(end) {
			t.Fatalf("%q was never printed; there is\n%s", want, s[from:])
		}
	}
}

// saveByRename writes a file as many editors do: another one, which takes its place.
func saveByRename(t *testing.T, dir, name, old, new string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) != 1 {
		t.Fatalf("%s has %q %d times", name, old, strings.Count(string(data), old))
	}
	if err := os.WriteFile(path+"~", []byte(strings.Replace(string(data), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
}

func TestATalkInTheTerminalFollowsWhatIsSaved(t *testing.T) {
	dir := staffs(t)
	in, keys := io.Pipe()
	out := &aloud{}
	ended := make(chan int, 1)
	go func() { ended <- run(t.Context(), []string{"chat", "--watch", dir, "--lang", "en"}, in, out, out) }()
	say := func(text string) {
		t.Helper()
		if _, err := io.WriteString(keys, text+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	at := out.after(t, 0, "> ")
	for range 2 {
		say("1")
		at = out.after(t, at, "> ")
	}
	out.after(t, 0, "1/")
	out.after(t, 0, "How old are you?")

	saveByRename(t, dir, "content/en/job-offer.yaml", "How old are you?", "What is your age?")
	at = out.after(t, at, "The files were read again.")
	at = out.after(t, at, "What is your age?")

	alter(t, dir, "flows/quizzes/job-offer.yaml", "start: age\n", "start: age\nbegin: age\n")
	at = out.after(t, at, "flows/quizzes/job-offer.yaml:")
	at = out.after(t, at, `"begin"`)
	say("/help") // the talk goes on
	at = out.after(t, at, "> ")
	say("/back")
	at = out.after(t, at, "What is your age?")

	// The step is renamed while its text is still missing; once both halves are saved, the talk stays at it.
	alter(t, dir, "flows/quizzes/job-offer.yaml", "\nbegin: age\n", "\n")
	at = out.after(t, at, "What is your age?")
	alter(t, dir, "flows/quizzes/job-offer.yaml", "\n  age:", "\n  years:\n    was: age")
	at = out.after(t, at, "mistakes")
	alter(t, dir, "flows/quizzes/job-offer.yaml", "start: age", "start: years")
	alter(t, dir, "content/lt/job-offer.yaml", "\nage:", "\nyears:")
	saveByRename(t, dir, "content/en/job-offer.yaml", "\nage:", "\nyears:")
	at = out.after(t, at, "The files were read again.")
	at = out.after(t, at, "What is your age?")
	say("1")
	at = out.after(t, at, "2/")
	out.after(t, at, "> ")
	keys.Close()
	if code := <-ended; code != found {
		t.Errorf("exit %d", code)
	}
	if !strings.Contains(out.String()[at:], "+370") {
		t.Errorf("the input ended without a number:\n%s", out.String()[at:])
	}
}

func TestChatWatchWantsAFolder(t *testing.T) {
	t.Setenv("PATIKRA_FILES", "")
	for _, args := range [][]string{{"chat", "--watch"}, {"chat", "--watch", filepath.Join(t.TempDir(), "none")}, {"chat", "--watch", staffs(t), "none"}, {"preview"}} {
		ctx, stop := context.WithCancel(t.Context())
		var errs strings.Builder
		if code := run(ctx, args, strings.NewReader(""), io.Discard, &errs); code != misuse || errs.Len() == 0 {
			t.Errorf("%v: exit %d, %q", args, code, errs.String())
		}
		stop()
	}
}

func TestSavedChangesAreSeenOnceTheyRest(t *testing.T) {
	dir := staffs(t)
	w := newWatch(dir)
	for range 3 {
		if w.saved() {
			t.Fatal("nothing was saved")
		}
	}
	for i := range 3 { // somebody is just saving
		alter(t, dir, "content/en/chat.yaml", "just now", strings.Repeat("so ", i)+"just now")
		if w.saved() {
			t.Fatal("it does not wait until it is quiet")
		}
	}
	if !w.saved() || w.saved() {
		t.Error("the change is not seen, or seen twice")
	}
	saveByRename(t, dir, "content/en/chat.yaml", "just now", "today")
	if w.saved() || !w.saved() {
		t.Error("a file that another takes the place of is not seen")
	}
	for _, scrap := range []string{".#chat.yaml", "~$chat.yaml", ".chat.yaml.swp"} {
		if err := os.WriteFile(filepath.Join(dir, "content/en", scrap), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if w.saved() {
			t.Error("an editor's own files are taken for a change")
		}
	}
	// as a ConfigMap changes: a link leads to another folder
	for folder, text := range map[string]string{"content/..one": "a: 1\n", "content/..two": "a: 22\n"} {
		os.MkdirAll(filepath.Join(dir, folder), 0o755)
		os.WriteFile(filepath.Join(dir, folder, "chat.yaml"), []byte(text), 0o644)
	}
	link := filepath.Join(dir, "content/xx")
	if err := os.Symlink("..one", link); err != nil {
		t.Skip(err)
	}
	w = newWatch(dir)
	os.Remove(link)
	os.Symlink("..two", link)
	if w.saved() || !w.saved() {
		t.Error("a link that leads elsewhere is not seen")
	}
}
