package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// suite is the tests of packages that were compiled with mutants.
type suite struct {
	work  string
	tests []*test // the quickest first
}

type test struct {
	binary, dir, name string
	takes             time.Duration
	reaches           map[int]bool
}

// How long the tests of one mutant may take by what they took without, and how long one of them may hang.
const (
	mostTime = 25 * time.Second
	patience = 10 * time.Second
)

// build compiles the tests, which run in a copy of the tree: what a failing test writes stays there.
func (s *suite) build(work, overlay string, packages []string) error {
	s.work = work
	tree := filepath.Join(work, "tree")
	if _, err := os.Stat(tree); err != nil {
		if err := os.CopyFS(tree, os.DirFS(".")); err != nil {
			return err
		}
	}
	for _, p := range packages {
		binary := filepath.Join(work, strings.ReplaceAll(p, "/", "_")+".test")
		if out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", binary, p).CombinedOutput(); err != nil {
			return fmt.Errorf("%s\n%w", out, err)
		}
		if err := s.learn(binary, filepath.Join(tree, p)); err != nil {
			return err
		}
	}
	slices.SortFunc(s.tests, func(a, b *test) int { return int(a.takes - b.takes) })
	return nil
}

// learn runs every test of a package alone and notes which mutants it reaches.
func (s *suite) learn(binary, dir string) error {
	list := exec.Command(binary, "-test.list", "^(Test|Fuzz|Example)")
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	unwanted, err := regexp.Compile(*skip)
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(out)) {
		if !wanted.MatchString(name) || *skip != "" && unwanted.MatchString(name) {
			continue
		}
		t := &test{binary: binary, dir: dir, name: name, reaches: map[int]bool{}}
		trace := filepath.Join(s.work, "trace")
		os.Remove(trace)
		begun := time.Now()
		if err := t.run([]string{name}, 2*time.Minute, "MUTANT_TRACE="+trace); err != nil {
			log.Printf("%s in %s fails without a mutant and is left out: %v", name, dir, err)
			continue
		}
		t.takes = time.Since(begun)
		reached, err := os.ReadFile(trace)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		for _, f := range strings.Fields(string(reached)) {
			id, _ := strconv.Atoi(f)
			t.reaches[id] = true
		}
		s.tests = append(s.tests, t)
	}
	return nil
}

// run runs tests of the binary. What they start ends with them.
func (t *test) run(names []string, limit time.Duration, env string) error {
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.binary, "-test.failfast", "-test.run", "^("+strings.Join(names, "|")+")$")
	cmd.Dir = t.dir
	cmd.Env = append(os.Environ(), env)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd.Run()
}

// kill runs the tests that reach a mutant, in batches that grow, and returns those among which one failed, or "".
func (s *suite) kill(id int) string {
	var batch []string
	var takes, all, most time.Duration
	var last *test
	most = 300 * time.Millisecond
	failed := func() bool {
		if last == nil {
			return false
		}
		err := last.run(batch, patience+5*takes, "MUTANT="+strconv.Itoa(id))
		all += takes
		takes, last = 0, nil
		return err != nil
	}
	for _, t := range s.tests {
		if !t.reaches[id] {
			continue
		}
		if last != nil && (last.binary != t.binary || takes+t.takes > most) {
			if failed() {
				return strings.Join(batch, " ")
			}
			batch, most = nil, 4*most
		}
		if all+takes+t.takes > mostTime {
			break
		}
		batch, last, takes = append(batch, t.name), t, takes+t.takes
	}
	if failed() {
		return strings.Join(batch, " ")
	}
	return ""
}
