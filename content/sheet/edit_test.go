package sheet_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"patikra/content/sheet"
)

const file = `# Head
# reviewed: none

a: plain words   # a remark
b: "quoted \"words\""
c: 'it''s'

# about d
d: |-
  **One**

  two
e: >-
  folded
  words
f: { x: one, "yes": two, }
g: [a, "b, c", # remark
  d]
h:
  - first
  - second   # remark

i:
  j:
    k: deep
    l: a plain text
      over two lines
m: ""
n:
o: last
`

func paths(t testing.TB, data []byte) (out [][]string) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(n *yaml.Node, path []string)
	walk = func(n *yaml.Node, path []string) {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], append(slices.Clone(path), n.Content[i].Value))
			}
		case yaml.SequenceNode:
			for i := range n.Content {
				walk(n.Content[i], append(slices.Clone(path), strconv.Itoa(i)))
			}
		default:
			out = append(out, path)
		}
	}
	walk(doc.Content[0], nil)
	return out
}

func value(t testing.TB, data []byte, path []string) string {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	n := doc.Content[0]
	for _, p := range path {
		var next *yaml.Node
		if n.Kind == yaml.SequenceNode {
			i, _ := strconv.Atoi(p)
			next = n.Content[i]
		}
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == p {
				next = n.Content[i+1]
			}
		}
		if next == nil {
			t.Fatalf("nothing at %v in\n%s", path, data)
		}
		n = next
	}
	return n.Value
}

func TestAChangeTouchesNothingButItsValue(t *testing.T) {
	for _, c := range []struct {
		path      []string
		to        string
		old, with string
	}{
		{[]string{"a"}, "other words", "a: plain words", "a: other words"},
		{[]string{"a"}, "a: colon", "a: plain words", `a: "a: colon"`},
		{[]string{"b"}, `say "no"`, `b: "quoted \"words\""`, `b: "say \"no\""`},
		{[]string{"c"}, "it's not", "c: 'it''s'", "c: 'it''s not'"},
		{[]string{"d"}, "**Three**\n\nfour\nfive", "  **One**\n\n  two", "  **Three**\n\n  four\n  five"},
		{[]string{"d"}, "one line", "  **One**\n\n  two", "  one line"},
		{[]string{"e"}, "two\nlines", "e: >-\n  folded\n  words", "e: |-\n  two\n  lines"},
		{[]string{"f", "x"}, "a, b", "{ x: one,", `{ x: "a, b",`},
		{[]string{"f", "yes"}, "2", `"yes": two`, `"yes": "2"`},
		{[]string{"g", "1"}, "e", `"b, c"`, `"e"`},
		{[]string{"h", "1"}, "third", "- second   # remark", "- third   # remark"},
		{[]string{"i", "j", "k"}, "deeper", "k: deep", "k: deeper"},
		{[]string{"i", "j", "l"}, "short", "l: a plain text\n      over two lines", "l: short"},
		{[]string{"m"}, "now", `m: ""`, "m: now"},
		{[]string{"n"}, "now", "n:\n", "n: now\n"},
		{[]string{"n"}, "yes", "n:\n", "n: \"yes\"\n"},
		{[]string{"f", "z"}, "new", `"yes": two, }`, `"yes": two, z: new, }`},
		{[]string{"i", "j", "z"}, "new", "over two lines\n", "over two lines\n    z: new\n"},
		{[]string{"i", "z", "x"}, "new", "over two lines\n", "over two lines\n  z:\n    x: new\n"},
		{[]string{"h", "2"}, "third", "- second   # remark\n", "- second   # remark\n  - third\n"},
		{[]string{"z"}, "a\nb", "o: last\n", "o: last\nz: |-\n  a\n  b\n"},
	} {
		want := strings.Replace(file, c.old, c.with, 1)
		for name, edit := range map[string]func(string) string{"LF": func(s string) string { return s },
			"CRLF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }} {
			got, err := sheet.Edit([]byte(edit(file)), []sheet.Change{{Path: c.path, Value: c.to}})
			if err != nil || string(got) != edit(want) {
				t.Errorf("%s %v to %q: %v\n%s", name, c.path, c.to, err, got)
			}
		}
	}
	if got, err := sheet.Edit([]byte(file), []sheet.Change{{Path: []string{"z"}, Value: "new", After: "c"}}); err != nil ||
		string(got) != strings.Replace(file, "c: 'it''s'\n", "c: 'it''s'\nz: new\n", 1) {
		t.Errorf("%v\n%s", err, got)
	}
	if got, err := sheet.Edit([]byte(file), []sheet.Change{{Path: []string{"g"}, List: []string{"x", "yes", "a, b"}}}); err != nil ||
		string(got) != strings.Replace(file, "[a, \"b, c\", # remark\n  d]", `[x, "yes", "a, b"]`, 1) {
		t.Errorf("%v\n%s", err, got)
	}
}

// texts are what people and machines may write.
var texts = rapid.OneOf(rapid.String(), rapid.StringMatching(`[ \t]*[-=+@#:\[\]{}&*!|>'"%,a-z \n]*`), rapid.SampledFrom([]string{
	"", " ", "\n", "\t", " lead", "trail ", "a\n", "\na", "a\n\n b", "  a\nb", "**bold** {count}", "=1+1", "'", "\"", "\\", "# no", "a # b", "- a", "? a", "yes", "null", "~", "1.5",
	"👩‍👩‍👧", "\u200fשלום\u200e", "a\r\nb", "\u0085", "\u2028", "\ufeff", "\x00", "\x7f", "---", "...", "|", "{a: b}", "a: b", "%YAML", "<<", "2026-01-01", "\ttab\n\ttab", "a\t", "a \nb "})).
	Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s })

func TestAnyTextIsWrittenAndReadBackTheSame(t *testing.T) {
	files := []string{file}
	for _, f := range []string{"../lt/chat.yaml", "../lt/desk.yaml", "../lt/places.yaml", "../en/results.yaml", "../places.yaml"} {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(data))
	}
	rapid.Check(t, func(r *rapid.T) {
		data := []byte(rapid.SampledFrom(files).Draw(r, "file"))
		if rapid.Bool().Draw(r, "crlf") {
			data = []byte(strings.ReplaceAll(string(data), "\n", "\r\n"))
		}
		all := paths(t, data)
		var changes []sheet.Change
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(all)-1), 1, 5, func(i int) int { return i }).Draw(r, "paths") {
			changes = append(changes, sheet.Change{Path: all[i], Value: texts.Draw(r, "text")})
		}
		got, err := sheet.Edit(data, changes)
		if err != nil {
			r.Fatalf("%q: %v", changes, err)
		}
		for _, c := range changes {
			if v := value(t, got, c.Path); v != c.Value {
				r.Fatalf("%v is %q, not %q", c.Path, v, c.Value)
			}
		}
		comments := func(data []byte) (n int) { return strings.Count(string(data), "# ") }
		if a, b := comments(data), comments(got); b < a && !slices.ContainsFunc(changes, func(c sheet.Change) bool { return strings.Contains(value(t, data, c.Path), "# ") }) {
			r.Fatalf("comments were lost:\n%s", got)
		}
	})
}

func FuzzEdit(f *testing.F) {
	f.Add(file, "a", "b")
	f.Add("a: [b, {c: d}]\n", "a", "x: y")
	f.Fuzz(func(t *testing.T, data, name, v string) {
		got, err := sheet.Edit([]byte(data), []sheet.Change{{Path: []string{name}, Value: v}})
		if err == nil && value(t, got, []string{name}) != v {
			t.Errorf("%q", got)
		}
	})
}
