package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/content/sheet"
)

// shelf takes what a follower brings, as a store would.
type shelf struct {
	taken []*library.Library
	down  bool
}

func (s *shelf) shelve(_ context.Context, fsys fs.FS) (engine.Edition, error) {
	if s.down {
		return engine.Edition{}, errors.New("the store is away")
	}
	l, err := library.Open(fsys)
	if err != nil {
		return engine.Edition{}, err
	}
	if n := len(s.taken); n > 0 {
		if err := l.Lost(s.taken[n-1]); err != nil {
			return engine.Edition{}, err
		}
	}
	s.taken = append(s.taken, l)
	return engine.Edition{ID: l.Edition}, nil
}

// following is a follower of a small folder, with a clock that the test turns.
type following struct {
	t      *testing.T
	dir    string
	f      follower
	shelf  *shelf
	now    time.Time
	logged *observer.ObservedLogs
}

func followed(t *testing.T, dir string) *following {
	t.Helper()
	core, logged := observer.New(zap.InfoLevel)
	s := &shelf{}
	f := &following{t: t, dir: dir, shelf: s, now: time.Now(), logged: logged}
	f.f = follower{files: newWatch(dir), log: zap.New(core), shelve: s.shelve}
	fsys, err := files(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.shelve(t.Context(), fsys); err != nil {
		t.Fatal(err)
	}
	f.pass(1)
	return f
}

// pass lets seconds pass, each with its look at the folder.
func (f *following) pass(seconds int) {
	for range seconds {
		f.now = f.now.Add(lookEvery)
		f.f.look(f.t.Context(), f.now)
	}
}

// wants holds how many books were taken since the start, and what the last one says in its English greeting.
func (f *following) wants(books int, says string) {
	f.t.Helper()
	if got := len(f.shelf.taken) - 1; got != books {
		f.t.Fatalf("%d books were taken, not %d; the log:\n%s", got, books, f.told())
	}
	if got := f.shelf.taken[books].Catalog.Language("en").Text("chat.greeting"); !strings.HasPrefix(got, says) {
		f.t.Fatalf("people read %q", got)
	}
}

func (f *following) told() string {
	var out []string
	for _, e := range f.logged.All() {
		line := e.Message
		for _, v := range e.ContextMap() {
			if s, ok := v.(string); ok {
				line += " " + s
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

const greetingFile = "content/en/chat.yaml"

// greet writes the English texts with another greeting, by a way of writing.
func (f *following) greet(says string, write func(path string, data []byte)) {
	f.t.Helper()
	path := filepath.Join(f.dir, filepath.FromSlash(greetingFile))
	write(path, f.greeting(says))
}

func (f *following) greeting(says string) []byte {
	f.t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, filepath.FromSlash(greetingFile)))
	if err != nil {
		f.t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "greeting:") {
			lines[i] = "greeting: " + says
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func do(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestWhatProgramsDoWhenTheySaveIsTakenOverOnceItIsWhole(t *testing.T) {
	unwatched(t)
	plain := func(path string, data []byte) { do(t, os.WriteFile(path, data, 0o644)) }
	dir := staffs(t)
	f := followed(t, dir)
	f.greet("One.", plain)
	f.pass(3)
	f.wants(1, "One.")

	t.Run("another file takes its place", func(t *testing.T) {
		f.greet("Two.", func(path string, data []byte) {
			plain(path+".tmp", data)
			f.pass(3)
			do(t, os.Rename(path+".tmp", path))
		})
		f.pass(3)
		f.wants(2, "Two.")
	})
	t.Run("it is empty for some seconds, then half, then whole", func(t *testing.T) {
		whole := f.greeting("Three.")
		f.greet("", func(path string, _ []byte) { plain(path, nil) })
		f.pass(4)
		f.wants(2, "Two.")
		f.greet1(plain, whole[:len(whole)/2])
		f.pass(4)
		f.wants(2, "Two.")
		f.greet1(plain, whole)
		f.pass(3)
		f.wants(3, "Three.")
		if s := f.told(); strings.Contains(s, "mistakes") {
			t.Errorf("somebody who was just saving is told of mistakes:\n%s", s)
		}
	})
	t.Run("it grows slowly", func(t *testing.T) {
		whole := f.greeting("Four.")
		for i := range 6 {
			f.greet1(plain, whole[:len(whole)*(i+1)/6])
			f.pass(1)
		}
		f.wants(3, "Three.")
		f.pass(3)
		f.wants(4, "Four.")
	})
	t.Run("it is taken away and put there again", func(t *testing.T) {
		whole := f.greeting("Five.")
		do(t, os.Remove(filepath.Join(dir, filepath.FromSlash(greetingFile))))
		f.pass(5)
		f.greet1(plain, whole)
		f.pass(3)
		f.wants(5, "Five.")
	})
	t.Run("its time goes back", func(t *testing.T) {
		f.greet("Six.", func(path string, data []byte) {
			plain(path, data)
			do(t, os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)))
		})
		f.pass(3)
		f.wants(6, "Six.")
	})
	t.Run("neither its time nor its size changes", func(t *testing.T) {
		f.pass(int(contentsEvery/lookEvery) + 2)
		f.greet("Two.", func(path string, data []byte) {
			plain(path, data)
			do(t, os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)))
		})
		f.pass(int(contentsEvery/lookEvery) + 4)
		f.wants(7, "Two.")
	})
	t.Run("it is what it was", func(t *testing.T) {
		path := filepath.Join(dir, filepath.FromSlash(greetingFile))
		do(t, os.Chtimes(path, time.Unix(2, 0), time.Unix(2, 0)))
		f.pass(3)
		n := len(f.shelf.taken) - 1
		if f.shelf.taken[n].Edition != f.shelf.taken[n-1].Edition {
			t.Error("the same files are another book")
		}
	})
}

// greet1 writes the file as it is given.
func (f *following) greet1(write func(string, []byte), data []byte) {
	write(filepath.Join(f.dir, filepath.FromSlash(greetingFile)), data)
}

func TestCopiesAndScrapsOfSyncProgramsAreNotReadAndHoldUpNothing(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	f := followed(t, dir)
	for _, name := range []string{"chat (1).yaml", "chat (conflicted copy 2026-11-27).yaml", "chat.sync-conflict-20261127-101010-ABCDEFG.yaml", "chat - Copy.yaml",
		"chat - kopija.yaml", "chat-LAPTOP-7F.yaml", "Copy of chat.yaml", "~$chat.yaml", ".#chat.yaml", ".chat.yaml.swp", "chat.yaml~", "#chat.yaml#", "chat.yaml.tmp", ".~lock.chat.yaml#"} {
		do(t, os.WriteFile(filepath.Join(dir, "content", "en", name), []byte("greeting: a copy\nnonsense: [\n"), 0o644))
	}
	do(t, os.WriteFile(filepath.Join(dir, "flows", "quizzes", "job-offer (1).yaml"), []byte("start: ["), 0o644))
	f.pass(15)
	f.wants(0, "Hello")
	f.greet("New.", func(path string, data []byte) { do(t, os.WriteFile(path, data, 0o644)) })
	f.pass(3)
	f.wants(1, "New.")
	code, out, errs := command("", "check", dir)
	if code != fine {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, name := range []string{"content/en/chat (1).yaml", "content/en/chat.sync-conflict-20261127-101010-ABCDEFG.yaml", "content/en/chat-LAPTOP-7F.yaml", "flows/quizzes/job-offer (1).yaml"} {
		if !strings.Contains(out, "warning: "+name+":1: this file is not read: its name is that of a copy") {
			t.Errorf("check does not name %s", name)
		}
	}
}

func TestTheBuiltInFilesLieInNoFolderThatCouldBeAway(t *testing.T) {
	f := followed(t, "")
	f.pass(30)
	if n := f.logged.Len(); n != 0 || len(f.shelf.taken) != 1 {
		t.Errorf("%d lines are logged: %v; %d books were taken", n, f.logged.All(), len(f.shelf.taken))
	}
}

func TestAFolderThatIsAwayIsWaitedFor(t *testing.T) {
	unwatched(t)
	plain := func(path string, data []byte) { do(t, os.WriteFile(path, data, 0o644)) }
	dir := staffs(t)
	away := dir + "-away"
	f := followed(t, dir)
	do(t, os.Rename(dir, away))
	f.pass(20)
	f.wants(0, "Hello")
	if s := f.told(); strings.Count(s, "cannot be read; the running version goes on") != 1 || strings.Contains(s, "mistakes") {
		t.Errorf("the log says\n%s", s)
	}
	do(t, os.Mkdir(dir, 0o755)) // the place where a drive is mounted
	f.pass(20)
	f.wants(0, "Hello")
	do(t, os.Remove(dir), os.Rename(away, dir))
	f.greet("Back.", plain)
	f.pass(3)
	if got := f.shelf.taken[len(f.shelf.taken)-1].Catalog.Language("en").Text("chat.greeting"); got != "Back." {
		t.Errorf("people read %q", got)
	}
	if !strings.Contains(f.told(), "is there again") {
		t.Error("nobody is told that the folder is back")
	}

	t.Run("a language that a program moves through the folder is not lost on its way", func(t *testing.T) {
		n := len(f.shelf.taken) - 1
		en := filepath.Join(dir, "content", "en")
		do(t, os.Rename(en, en+".part"))
		f.pass(5)
		do(t, os.Rename(en+".part", en))
		f.pass(15)
		if l := f.shelf.taken[len(f.shelf.taken)-1]; l.Catalog.Language("en") == nil {
			t.Error("English is gone")
		}
		f.wants(n+1, "Back.")
	})
	t.Run("one that is taken away for good goes after a while", func(t *testing.T) {
		desk := filepath.Join(dir, "content", "desk.yaml")
		data, err := os.ReadFile(desk)
		do(t, err, os.WriteFile(desk, []byte(regexp.MustCompile(`(?m)^languages:.*$`).ReplaceAllString(string(data), "languages: [lt]")), 0o644),
			os.RemoveAll(filepath.Join(dir, "content", "en")))
		f.pass(int(lossRests/lookEvery) + 3)
		if l := f.shelf.taken[len(f.shelf.taken)-1]; l.Catalog.Language("en") != nil {
			t.Errorf("English is still there; the log:\n%.2000s", f.told())
		}
	})
}

func TestFilesThatMayNotBeReadAreNamedAndTakenOverOnceTheyMay(t *testing.T) {
	unwatched(t)
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("whoever runs this may read everything")
	}
	for _, closed := range []string{"content/en/chat.yaml", "content/en", "flows/quizzes"} {
		t.Run(closed, func(t *testing.T) {
			dir := staffs(t)
			f := followed(t, dir)
			path := filepath.Join(dir, filepath.FromSlash(closed))
			info, err := os.Stat(path)
			do(t, err, os.Chmod(path, 0))
			t.Cleanup(func() { os.Chmod(path, info.Mode()) })
			f.pass(20)
			f.wants(0, "Hello")
			if s := f.told(); !strings.Contains(s, "cannot be read") || !strings.Contains(s, closed) {
				t.Errorf("the log says\n%s", s)
			}
			do(t, os.Chmod(path, info.Mode()))
			f.greet("Open.", func(path string, data []byte) { do(t, os.WriteFile(path, data, 0o644)) })
			f.pass(15)
			f.wants(1, "Open.")
		})
	}
}

// shut is a folder of which a part cannot be read.
type shut struct {
	fs.FS
	part string
}

func (s shut) Open(name string) (fs.File, error) {
	if name == s.part || strings.HasPrefix(name, s.part+"/") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return s.FS.Open(name)
}

func TestALanguageWhoseFolderCannotBeReadIsNotTakenForOneThatIsGone(t *testing.T) {
	unwatched(t)
	for _, part := range []string{"content/pl", "flows/training", "content/lt/chat.yaml"} {
		_, err := library.Open(shut{library.BuiltIn(), part})
		var ps sheet.Problems
		if !errors.As(err, &ps) || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), "cannot be read") && !strings.Contains(err.Error(), "cannot be found or read") {
			t.Errorf("%s: %v", part, err)
		}
		if _, err := engine.Snapshot(shut{library.BuiltIn(), part}); err == nil {
			t.Errorf("%s: a book without it is packed", part)
		}
	}
}

func TestWhatIsNoPlainFileIsNotWaitedFor(t *testing.T) {
	files := fstest.MapFS{"flows/flags.yaml": {Data: []byte("flags: {}")}, "content/en/chat.yaml": {Mode: fs.ModeNamedPipe}}
	if _, err := engine.Snapshot(files); err == nil || !strings.Contains(err.Error(), "content/en/chat.yaml is not a plain file") {
		t.Errorf("%v", err)
	}
}

func TestAMountedConfigMapIsFollowedThroughItsLinks(t *testing.T) {
	unwatched(t)
	// as Kubernetes mounts it: what is named leads to ..data, which leads to the folder of a time, and is turned at once
	whole := staffs(t)
	dir := t.TempDir()
	first := filepath.Join(dir, "..2026_11_27_10_00_00.1")
	do(t, os.Rename(whole, first), os.Symlink(filepath.Base(first), filepath.Join(dir, "..data")),
		os.Symlink(filepath.Join("..data", "flows"), filepath.Join(dir, "flows")), os.Symlink(filepath.Join("..data", "content"), filepath.Join(dir, "content")))
	f := followed(t, dir)
	second := filepath.Join(dir, "..2026_11_27_10_05_00.2")
	do(t, os.CopyFS(second, os.DirFS(first)))
	f.pass(12)
	f.wants(0, "Hello")
	path := filepath.Join(second, filepath.FromSlash(greetingFile))
	do(t, os.WriteFile(path, f.greeting("Turned."), 0o644),
		os.Symlink(filepath.Base(second), filepath.Join(dir, "..data_tmp")), os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")), os.RemoveAll(first))
	f.pass(3)
	f.wants(1, "Turned.")
	t.Run("a link that leads out is refused, and one that leads on is read", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "chat.yaml")
		do(t, os.WriteFile(out, f.greeting("From elsewhere."), 0o644), os.Remove(path), os.Symlink(out, path))
		f.pass(15)
		f.wants(1, "Turned.")
		do(t, os.Remove(path), os.WriteFile(filepath.Join(second, "kept.yaml"), f.greetingOf(out, "Within."), 0o644), os.Symlink(filepath.Join("..", "..", "kept.yaml"), path))
		f.pass(15)
		f.wants(2, "Within.")
	})
}

// greetingOf is another file with another greeting.
func (f *following) greetingOf(path, says string) []byte {
	data, err := os.ReadFile(path)
	do(f.t, err)
	return []byte(strings.Replace(string(data), "From elsewhere.", says, 1))
}

func TestAStoreThatIsAwayIsTriedAgainUntilItTakesTheFiles(t *testing.T) {
	unwatched(t)
	f := followed(t, staffs(t))
	f.shelf.down = true
	f.greet("Later.", func(path string, data []byte) { do(t, os.WriteFile(path, data, 0o644)) })
	f.pass(5)
	f.wants(0, "Hello")
	f.shelf.down = false
	f.pass(1)
	f.wants(1, "Later.")
}

func TestMistakesAreToldOnceHoweverOftenTheFolderIsTouched(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	f := followed(t, dir)
	alter(t, dir, "flows/quizzes/job-offer.yaml", "start: age\n", "start: age\nbegin: age\n")
	f.pass(3)
	path := filepath.Join(dir, "flows", "quizzes", "job-offer.yaml")
	for i := range 3 {
		do(t, os.Chtimes(path, time.Unix(int64(i), 0), time.Unix(int64(i), 0)))
		f.pass(3)
	}
	f.wants(0, "Hello")
	if n := strings.Count(f.told(), "were refused"); n != 1 {
		t.Errorf("told %d times:\n%s", n, f.told())
	}
	alter(t, dir, "flows/quizzes/job-offer.yaml", "\nbegin: age\n", "\n")
	f.pass(3)
	f.wants(1, "Hello")
}

func TestASaveWhileTheFolderIsReadIsReadAnew(t *testing.T) {
	unwatched(t)
	dir := staffs(t)
	w := newWatch(dir)
	alter(t, dir, greetingFile, "just now", "today")
	if _, err := w.snapshot(); !errors.Is(err, errMoved) {
		t.Errorf("%v", err)
	}
	w.looked(time.Now())
	if _, err := w.snapshot(); err != nil {
		t.Error(err)
	}
}
