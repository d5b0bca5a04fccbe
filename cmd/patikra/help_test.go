package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestTheHelpTellsTheSettingsThatREADMETells(t *testing.T) {
	data, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, chapter, _ := strings.Cut(string(data), "\n## Settings\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	plain := strings.NewReplacer("`", "", "\\", "").Replace
	told := map[string]string{} // the defaults by name; of names that share a row each its own
	for line := range strings.SplitSeq(chapter, "\n") {
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| `") {
			continue
		}
		names := regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(cells[0], -1)
		standards := strings.Split(strings.TrimSpace(plain(cells[2])), ", ")
		for i, m := range names {
			if len(standards) == len(names) {
				told[m[1]] = standards[i]
			} else {
				told[m[1]] = strings.TrimSpace(plain(cells[2]))
			}
		}
	}
	for _, s := range table {
		standard, there := told[s.name]
		switch {
		case !there:
			t.Errorf("README does not tell %s", s.name)
		case standard != s.standard:
			t.Errorf("%s: without it %q in README, %q in the help", s.name, standard, s.standard)
		}
		delete(told, s.name)
	}
	for name := range told {
		t.Errorf("README tells %s, which the help does not", name)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"serve", "--help"}, strings.NewReader(""), &out, &errs); code != fine {
		t.Fatalf("%d %s", code, errs.String())
	}
	for _, s := range table {
		line := regexp.MustCompile(`(?m)^` + s.name + ` .*$`).FindString(out.String() + errs.String())
		if !strings.Contains(line, s.meaning) || !strings.HasSuffix(strings.TrimSpace(line), s.standard) {
			t.Errorf("serve --help tells %q of %s", line, s.name)
		}
	}
}
