package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bytes"
)

var (
	codeBlock = regexp.MustCompile("(?s)```(yaml|sh)\n(.*?)```")
	edit      = regexp.MustCompile(`^# (\S+), (after|instead of) "([^"]+)"\n`)
)

// follow does what a page for staff tells: the changes to the files, then the commands.
func follow(t *testing.T, page, dir string) (commands []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range codeBlock.FindAllStringSubmatch(string(text), -1) {
		if m[1] == "sh" {
			for _, line := range strings.Split(strings.TrimSpace(m[2]), "\n") {
				line, _, _ = strings.Cut(line, "#")
				commands = append(commands, strings.TrimSpace(line))
			}
			continue
		}
		e := edit.FindStringSubmatch(m[2])
		if e == nil {
			t.Errorf("%s: this change does not say where it belongs:\n%s", page, m[2])
			continue
		}
		path := filepath.Join(dir, e[1])
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(data), "\n")
		found := false
		for i, line := range lines {
			if strings.HasPrefix(strings.TrimSpace(line), e[3]) {
				added := strings.TrimPrefix(m[2], e[0])
				if e[2] == "after" {
					added = line + added
				}
				lines[i], found = added, true
				break
			}
		}
		if !found {
			t.Errorf("%s: %s has no line that begins with %q", page, e[1], e[3])
		}
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return commands
}

func TestTheExamplesForStaffWorkAsTheyAreWritten(t *testing.T) {
	unwatched(t)
	for _, page := range []string{"flows/README.md", "content/README.md"} {
		t.Run(page, func(t *testing.T) {
			p := launch(t)
			dir := allStaffs(t)
			for _, c := range follow(t, page, dir) {
				args := strings.Fields(strings.ReplaceAll(c, "mano", dir))
				if len(args) == 0 || args[0] != "patikra" {
					t.Errorf("no command: %q", c)
					continue
				}
				code, out, errs := p.as(t, args[1:]...)
				switch {
				case args[1] == "check" && !strings.Contains(out, "no mistakes"):
					t.Errorf("%s: %s%s", c, out, errs)
				case args[1] == "test": // the stories now show one answer more, as the page says
				case code != 0:
					t.Errorf("%s ends with %d: %s%s", c, code, out, errs)
				}
			}
		})
	}
}

func TestThePagesForStaffNameEveryFile(t *testing.T) {
	var out bytes.Buffer
	run(context.Background(), []string{"help"}, strings.NewReader(""), &out, &out)
	for page, folder := range map[string]string{"flows/README.md": "flows", "content/README.md": "content"} {
		text, err := os.ReadFile(filepath.Join("..", "..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, pattern := range []string{"*.yaml", "quizzes/*.yaml", "lt/*.yaml"} {
			files, _ := filepath.Glob(filepath.Join("..", "..", folder, pattern))
			for _, f := range files {
				name, _ := filepath.Rel(filepath.Join("..", "..", folder), f)
				if !strings.Contains(string(text), filepath.ToSlash(name)) && !strings.HasSuffix(name, "places.yaml") && !strings.HasSuffix(name, "web.yaml") {
					t.Errorf("%s does not tell of %s", page, name)
				}
			}
		}
	}
}
