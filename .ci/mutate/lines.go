package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// lines is files that are no Go code, changed a line at a time: the rule and the quizzes, and the scripts that the store runs.
type lines struct {
	work string
	all  []*mutant
	room room
}

func (l *lines) mutants(room) []*mutant { return l.all }

func newLines(work string, r room) (*lines, error) {
	l := &lines{work: work, room: r}
	for _, pattern := range r.files {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			l.find(path, string(text))
		}
	}
	if r.name == "redis" {
		return l, nil
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(work, "patikra"), "./cmd/patikra").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s\n%w", out, err)
	}
	for _, dir := range []string{"flows", "content"} {
		if err := os.CopyFS(filepath.Join(work, "house", dir), os.DirFS(dir)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

var (
	step    = regexp.MustCompile(`^  (\S+):`)
	list    = regexp.MustCompile(`([a-z-]+): \[([^\]]*)\]`)
	grade   = regexp.MustCompile(`((?:grade|to|early): )(emergency|stop|strong|medium|weak|raise)`)
	count   = regexp.MustCompile(`((?:strong|medium|weak|medium_or_weak): )(\d)`)
	word    = regexp.MustCompile(`,? ?\b(next|from|early|group|outcome|quiz|stage|country|always|several|unknown|lift|enough): "?[a-z-]+"?`)
	lighter = map[string]string{"emergency": "stop", "stop": "strong", "strong": "medium", "medium": "weak", "weak": "none", "raise": "none"}
	call    = regexp.MustCompile(`^\s*(redis\.call|erase|[a-z_]+\()`)
)

// find lists the changes of every line: an entry of a list forgotten, a grade made lighter, a count or a word changed, the whole line gone.
func (l *lines) find(path, text string) {
	all := strings.SplitAfter(text, "\n")
	in := ""
	for i, line := range all {
		plain, _, _ := strings.Cut(line, "#")
		change := func(was, becomes, next string) {
			whole := strings.Join(all[:i], "") + next + strings.Join(all[i+1:], "")
			where := in
			if _, answer, ok := strings.Cut(plain, "answer: "); ok {
				where += "/" + strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' || r == '}' || r == '\n' })[0]
			}
			l.all = append(l.all, &mutant{file: path, in: where, line: i + 1, old: short(was), new: short(becomes), text: whole})
		}
		if strings.HasSuffix(path, ".go") {
			if call.MatchString(line) && !strings.Contains(line, "function") && !strings.HasSuffix(path, "_test.go") {
				change(strings.TrimSpace(line), "dropped", "\n")
			}
			continue
		}
		if m := step.FindStringSubmatch(line); m != nil {
			in = m[1]
		}
		for _, m := range list.FindAllStringSubmatchIndex(plain, -1) {
			items := strings.Split(plain[m[4]:m[5]], ", ")
			if plain[m[2]:m[3]] == "countries" {
				items = items[:1]
			}
			for n, item := range items {
				rest := append(append([]string{}, items[:n]...), items[n+1:]...)
				key := plain[m[2]:m[3]]
				change(fmt.Sprintf("%s: %s", key, item), "left out", line[:m[4]]+strings.Join(rest, ", ")+line[m[5]:])
			}
		}
		for _, m := range grade.FindAllStringSubmatchIndex(plain, -1) {
			g := plain[m[4]:m[5]]
			change(plain[m[2]:m[5]], lighter[g], line[:m[4]]+lighter[g]+line[m[5]:])
		}
		for _, m := range count.FindAllStringSubmatchIndex(plain, -1) {
			change(plain[m[2]:m[5]], "one more", line[:m[4]]+string(plain[m[4]]+1)+line[m[5]:])
		}
		for _, m := range word.FindAllStringIndex(plain, -1) {
			change(strings.Trim(plain[m[0]:m[1]], ", "), "left out", line[:m[0]]+line[m[1]:])
		}
		if strings.HasPrefix(strings.TrimSpace(plain), "- {") {
			change(strings.TrimSpace(plain), "dropped", "")
		}
		if strings.HasPrefix(strings.TrimSpace(plain), "when:") {
			change(strings.TrimSpace(plain), "dropped", "\n")
		}
	}
}

// kill asks the checks first, then the stories and sets of answers, then the tests of the package.
func (l *lines) kill(m *mutant) string {
	changed := filepath.Join(l.work, "changed")
	abs, err := filepath.Abs(m.file)
	overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{abs: changed}})
	at := filepath.Join(l.work, "overlay.json")
	if cmpErr(cmpErr(err, os.WriteFile(changed, []byte(m.text), 0o600)), os.WriteFile(at, overlay, 0o600)) != nil {
		return ""
	}
	if l.room.name != "redis" {
		house := filepath.Join(l.work, "house")
		here := filepath.Join(house, m.file)
		os.WriteFile(here, []byte(m.text), 0o600)
		defer func() {
			if was, err := os.ReadFile(m.file); err == nil {
				os.WriteFile(here, was, 0o600)
			}
		}()
		for _, command := range []string{"check", "test"} {
			if exec.Command(filepath.Join(l.work, "patikra"), command, house).Run() != nil {
				return "patikra " + command
			}
		}
	}
	for _, p := range l.room.tests {
		if exec.Command("go", "test", "-failfast", "-timeout", "60s", "-overlay", at, p).Run() != nil {
			return p
		}
	}
	return ""
}
