package sheet_test

import (
	"strings"
	"testing"

	"patikra/content/sheet"
)

// says is what staff read of a file.
func says(text string) string {
	r := sheet.NewReader(nil)
	if top, ok := r.Parse("f.yaml", []byte(text)); ok {
		top.Fields()
	}
	if err := r.Problems.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestTheRemedyFitsWhatWasWritten(t *testing.T) {
	for text, want := range map[string]string{
		"a: x\nsay: Ar gresia: pavojus?\nb: y\n":                               `f.yaml:2: the text holds a colon; put the text in quotes, as say: "Ar gresia: pavojus?"`,
		"about: |-\n  Pirma\n  \tantra\ndanger:\n  say: Ar gresia: pavojus?\n": `f.yaml:5: the text holds a colon; put the text in quotes, as say: "Ar gresia: pavojus?"`,
		"a: x\nsay: {x y\nb: y\n":                                              `f.yaml:2: the { that is opened here is not closed; close it, or put the text in quotes, as say: "{x y"`,
		"a: x\nsay: {helpline} atsako\nb: y\n":                                 `f.yaml:2: the text begins with {, which has a meaning of its own; put the text in quotes, as say: "{helpline} atsako"`,
		"a: x\nsay: **Svarbu** dabar\nb: y\n":                                  `f.yaml:2: the text begins with *, which has a meaning of its own; put the text in quotes, as say: "**Svarbu** dabar"`,
		"a: x\nsay: \"atidaryta\nb: y\nc: \"z\"\n":                             `f.yaml:2: the quote " that is opened here is not closed; write " at the end of the text too, as say: "atidaryta"`,
		"a: x\nsay: \"atidaryta\nb: y\nc: z\n":                                 `f.yaml:2: the quote " that is opened here is not closed; write " at the end of the text too, as say: "atidaryta"`,
		"a: x\nsay: \"Taip\" sako\nb: y\n":                                     `f.yaml:2: there are words behind the closing quote; put the whole text between the quotes, as say: '"Taip" sako'`,
		"a: x\n<<<<<<< HEAD\nb: y\n=======\nb: z\n>>>>>>> x\n":                 `f.yaml:2: two versions were merged here; keep one of them`,
		"a:\n  b: x\n\tc: y\n":                                                 `f.yaml:3: there is a tab at the beginning of the line; put two blanks in its place for each step to the right`,
		"a: x\nb y\nc: z\n":                                                    `f.yaml:2: there is no colon in this line; write a name, a colon and a blank before the text`,
		"a: x\nb: !Svarbu pranešimas\n":                                        `f.yaml:2: the text begins with !Svarbu, and nobody would be shown that word; put the text in quotes, as b: "!Svarbu pranešimas"`,
		"st\u0430rt: x\n":                                                      "f.yaml:1: letter 3 of the name \"st\u0430rt\" is the Cyrillic \u0430 (st→\u0430←rt); type the name anew on a Latin keyboard: start",
		"a: x\nb: &nbsp tarpas\n":                                              `f.yaml:2: anchors and aliases (& and *) are not used in these files; put the text in quotes, as b: "&nbsp tarpas"`,
		"a: x\nb:\n  - !Svarbu sako\n":                                         `f.yaml:3: the text begins with !Svarbu, and nobody would be shown that word; put the text in quotes, as - "!Svarbu sako"`,
		"a: x\nb: Man si\xfblo darb\xe0\n":                                     `f.yaml:2: the file is not written in UTF-8: it reads as Windows-1257, of a Baltic Windows; save it as UTF-8`,
		"a: x\nb: \xe6\xe5\xeb\xee\n":                                          `f.yaml:2: the file is not written in UTF-8: it reads as `,
		"a: x\r\nb: Mo\xbfe\r\n":                                               `f.yaml:2: the file is not written in UTF-8: it reads as Windows-1250`,
		"\xff\xfea\x00:\x00":                                                   `f.yaml:1: the file is not written in UTF-8: it is UTF-16; save it as UTF-8`,
		"a: x\rb: y\r":                                                         "",
		"\ufeffa: x\nb: y\n":                                                   "",
	} {
		if got := says(text); got != want && (want == "" || !strings.HasPrefix(got, want)) || strings.Contains(got, "\n") {
			t.Errorf("%q\n%s\nwant %s", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: x\n", "a: \"x\nb: 'y\n", "a: {x\n", "\xff\xfe", "a: !t x # y\n- z\n", "<<<<<<< a\n", "a:\n\tb: c\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, line := range strings.Split(says(text), "\n") {
			if line != "" && (!strings.HasPrefix(line, "f.yaml:") || !strings.Contains(line, "; ")) {
				t.Errorf("%q: %s", text, line)
			}
		}
	})
}
