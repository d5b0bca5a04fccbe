package content_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/content"
	"patikra/content/sheet"
)

// shipped are our own files, to be changed.
func shipped(t *testing.T) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	for _, pattern := range []string{"*.yaml", "lt/*.yaml", "en/*.yaml"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m["content/"+filepath.ToSlash(name)] = &fstest.MapFile{Data: data, Mode: 0o644}
		}
	}
	return m
}

func TestANumberChoosesTheFormOfItsLanguage(t *testing.T) {
	files := shipped(t)
	for tag, forms := range map[string]string{"pl": "one few many", "ru": "one few many", "uk": "one few many"} {
		text := "place:\n"
		for _, f := range strings.Fields(forms) {
			text += "  " + f + ": \"" + f + " {count}\"\n"
		}
		files["content/"+tag+"/desk.yaml"] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	c, _ := content.Read(files) // the new ones lack other texts
	for tag, want := range map[string]map[int]string{
		"pl": {0: "many 0", 1: "one 1", 2: "few 2", 5: "many 5", 12: "many 12", 21: "many 21", 22: "few 22"},
		"ru": {0: "many 0", 1: "one 1", 2: "few 2", 5: "many 5", 11: "many 11", 21: "one 21", 104: "few 104"},
		"uk": {1: "one 1", 3: "few 3", 13: "many 13", 101: "one 101"},
		"lt": {0: "Prieš jus laukia 0 žmonių.", 1: "Prieš jus laukia 1 žmogus.", 2: "Prieš jus laukia 2 žmonės.", 10: "Prieš jus laukia 10 žmonių.", 11: "Prieš jus laukia 11 žmonių.",
			21: "Prieš jus laukia 21 žmogus.", 29: "Prieš jus laukia 29 žmonės.", 30: "Prieš jus laukia 30 žmonių.", 111: "Prieš jus laukia 111 žmonių."},
		"en": {0: "0 people are waiting before you.", 1: "1 person is waiting before you.", 2: "2 people are waiting before you.", 21: "21 people are waiting before you."},
	} {
		for n, w := range want {
			if got := c.Language(tag).Count("desk.place", n); got != w {
				t.Errorf("%s %d: %q, not %q", tag, n, got, w)
			}
		}
	}
	if got := c.Language("lt").Count("desk.note-rated", 3); got != "Žmogaus įvertinimas: 3 iš 5." {
		t.Errorf("a text without forms: %q", got)
	}
}

func TestFormsThatAreMissingOrUnknownAreNamed(t *testing.T) {
	for _, c := range []struct{ file, old, with, want string }{
		{"lt/desk.yaml", "  few: \"Prieš jus laukia {count} žmonės.\"\n", "", `the text "desk.place" lacks the form "few"; write few: with the wording for 2, 3, 4, 5, ...`},
		{"en/desk.yaml", "  other: \"{count} people are waiting before you.\"\n", "", `lacks the form "other"; write other: with the wording for 0, 2, 3, 4, ...`},
		{"en/desk.yaml", "  one: \"{count} person is", "  few: x\n  one: \"{count} person is", `the language en has no form "few"`},
		{"lt/desk.yaml", "one: \"Prieš jus laukia {count} žmogus.\"", "one: \"Prieš jus laukia žmogus.\"", `the form "one" of the text "desk.place" lacks the placeholder {count}`},
		{"lt/desk.yaml", "one: \"Prieš jus laukia {count} žmogus.\"", "one: \"\"", `the form "one" of the text "desk.place" is empty`},
		{"en/desk.yaml", "one: \"{count} person is", "one: \"**{count} person is", `has a ** without its partner`},
		{"en/desk.yaml", "{count} people are waiting before you", "{count} people {word} are waiting before you", `the placeholders [{count} {word}], in lt [{count}]`},
		{"en/desk.yaml", "one: \"{count} person is", "one: \"one person is", ""}, // one is only 1 in English
	} {
		files := shipped(t)
		f := files["content/"+c.file]
		changed := strings.Replace(string(f.Data), c.old, c.with, 1)
		if changed == string(f.Data) {
			t.Fatalf("%s does not hold %q", c.file, c.old)
		}
		f.Data = []byte(changed)
		_, err := content.Load(files)
		var ps sheet.Problems
		errors.As(err, &ps)
		if c.want == "" && err != nil || c.want != "" && (!strings.Contains(fmt.Sprint(err), c.want) || ps[0].Line < 2) {
			t.Errorf("%q: %v", c.want, err)
		}
	}
}
