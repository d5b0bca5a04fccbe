package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWhatContributorsReadNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, m := range regexp.MustCompile("`((?:bot|cmd|content|flows|\\.ci)[a-z0-9_./-]*)`|\\]\\(([A-Za-z/.]+)\\)").FindAllStringSubmatch(string(text), -1) {
		named++
		if _, err := os.Stat(filepath.Join("../..", m[1]+m[2])); err != nil {
			t.Error(err)
		}
	}
	for _, m := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(string(text), -1) {
		named++
		if out, err := exec.Command("grep", "-rlq", "--include=*_test.go", "func "+m[1]+"(", "../../bot").CombinedOutput(); err != nil {
			t.Errorf("there is no %s %s", m[1], out)
		}
	}
	if named < 20 {
		t.Errorf("only %d names are read", named)
	}
	_, lines, _ := strings.Cut(string(text), "```sh\n")
	lines, _, _ = strings.Cut(lines, "```")
	for line := range strings.Lines(lines) {
		typed, _, _ := strings.Cut(line, "#")
		args := strings.Fields(typed)
		switch {
		case len(args) > 2 && args[0] == "go" && args[1] == "run" && args[2] == "./cmd/patikra":
			if code, out, errs := command("", append(args[3:], "--help")...); code != 0 {
				t.Errorf("%s: %s%s", typed, out, errs)
			}
		case len(args) > 1 && args[0] == "go" && args[1] == "test", strings.HasSuffix(strings.TrimSpace(typed), "./.ci/run"):
		default:
			t.Errorf("%q is not read by this test", line)
		}
	}
	if strings.Count(lines, "\n") != 10 {
		t.Error("it promises ten commands")
	}
}
