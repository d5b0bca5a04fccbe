package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryTestNamedInTheThreatModelExists(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	if err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(source, -1) {
			there[string(m[1])] = true
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| **") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(cells[2], -1)
		if len(named) == 0 || len(strings.TrimSpace(cells[3])) < 20 {
			t.Errorf("%s: no test answers it, or what is not protected is not said", cells[0])
		}
		for _, m := range named {
			if !there[m[1]] {
				t.Errorf("%s: there is no %s", cells[0], m[1])
			}
		}
	}
	for _, who := range []string{"recruiter", "partner", "thief", "forges", "floods", "operator", "editor", "link", "messengers"} {
		if !regexp.MustCompile(`(?m)^\| \*\*[^*]*` + who).Match(text) {
			t.Errorf("nothing is said of the %s", who)
		}
	}
	if rows != 9 {
		t.Errorf("%d lines", rows)
	}
}

func TestWhomToTellOfAFaultStandsWherePeopleLook(t *testing.T) {
	for said, want := range map[string]string{"security: mailto:saugumas@example.lt": "Contact: mailto:saugumas@example.lt\n", "link: https://example.lt/": "Contact: https://example.lt/\n", "": ""} {
		dir := t.TempDir()
		for _, part := range []string{"content", "flows"} {
			if err := os.CopyFS(filepath.Join(dir, part), os.DirFS("../../"+part)); err != nil {
				t.Fatal(err)
			}
		}
		site := filepath.Join(dir, "content", "site.yaml")
		if err := os.WriteFile(site, []byte("name: Patikra\n"+said+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		code, body := launch(t, "PATIKRA_FILES="+dir).get(securityPath)
		if want == "" && code != 404 || want != "" && (code != 200 || !strings.HasPrefix(body, want) || !strings.Contains(body, "\nExpires: 20")) {
			t.Errorf("%q: %d %s", said, code, body)
		}
	}
}
