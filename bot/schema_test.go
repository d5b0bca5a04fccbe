package bot_test

import (
	"bytes"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"patikra/bot/library"
)

var updateSchemas = flag.Bool("update-schemas", false, "write the schemas into flows/schema and content/schema")

func schemasOf(t *testing.T) []library.Schema {
	t.Helper()
	out, err := library.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSchemasInTheFoldersAreWhatTheProgramPrints(t *testing.T) {
	known := map[string]bool{}
	for _, s := range schemasOf(t) {
		known[s.Path] = true
		file := "../" + s.Path
		if *updateSchemas {
			if err := os.WriteFile(file, s.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if data, err := os.ReadFile(file); err != nil || !bytes.Equal(data, s.JSON) {
			t.Errorf("%s is not what patikra schema %s prints; go test ./bot -run Schemas -update-schemas writes it (%v)", s.Path, s.Kind, err)
		}
	}
	for _, dir := range []string{"flows/schema", "content/schema"} {
		files, _ := os.ReadDir("../" + dir)
		for _, f := range files {
			if !known[dir+"/"+f.Name()] {
				t.Errorf("%s/%s belongs to no kind of file", dir, f.Name())
			}
		}
	}
}

// compiled are the schemas, ready to look at files with.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	out := map[string]*jsonschema.Schema{}
	for _, s := range schemasOf(t) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.JSON))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("mem:///"+s.Path, doc); err != nil {
			t.Fatal(err)
		}
		if out[s.Path], err = c.Compile("mem:///" + s.Path); err != nil {
			t.Fatalf("%s: %v", s.Kind, err)
		}
	}
	return out
}

// plain is a YAML file as an editor hands it to a schema.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, plain(c))
		}
		return l
	}
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

// schemaOf is the schema that the first line of a file names.
func schemaOf(file string, data []byte) string {
	line, _, _ := strings.Cut(string(data), "\n")
	ref, ok := strings.CutPrefix(strings.TrimSpace(line), "# yaml-language-server: $schema=")
	if !ok {
		return ""
	}
	return path.Join(path.Dir(file), ref)
}

func fits(t *testing.T, schemas map[string]*jsonschema.Schema, file string, data []byte) error {
	t.Helper()
	s := schemas[schemaOf(file, data)]
	if s == nil {
		t.Fatalf("%s: the first line names no schema that exists: %q", file, schemaOf(file, data))
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return s.Validate(plain(&doc))
}

func TestEveryShippedFileNamesItsSchemaAndFitsIt(t *testing.T) {
	schemas := compiled(t)
	n := 0
	for _, top := range []string{"flows", "content"} {
		fs.WalkDir(os.DirFS(".."), top, func(name string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yaml" {
				return err
			}
			data, err := os.ReadFile("../" + name)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if err := fits(t, schemas, name, data); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		})
	}
	if n < 20 {
		t.Errorf("only %d files", n)
	}
}

func TestSchemaAndLoaderAgreeOnFilesGoodAndBroken(t *testing.T) {
	unwatched(t)
	schemas := compiled(t)
	const results, chat, desk, deskEN, settings, site, sources, names = "content/lt/results.yaml", "content/lt/chat.yaml", "content/lt/desk.yaml", "content/en/desk.yaml", "content/desk.yaml", "content/site.yaml", "content/en/sources.yaml", "content/lt/places.yaml"
	const risk, job = "flows/risk.yaml", "content/lt/job-offer.yaml"
	for _, c := range []struct {
		what, file, old, with string
		good                  bool
	}{
		{"nothing changed", quiz, "start: age", "start: age", true},
		{"an unknown key", quiz, "start: age", "start: age\ncolour: red", false},
		{"no start", quiz, "start: age\n", "", false},
		{"a level that does not exist", quiz, "enough: high", "enough: soon", false},
		{"another level", quiz, "enough: high", "enough: emergency", true},
		{"an answer with capitals", quiz, "answer: afraid", "answer: Afraid", false},
		{"an answer named say", quiz, "answer: afraid", "answer: say", false},
		{"a choice without an answer", quiz, "{ answer: afraid, raises", "{ raises", false},
		{"raises as a word", quiz, "raises: [threats]", "raises: threats", false},
		{"an unknown key of a choice", quiz, "raises: [threats]", "raises: [threats], colour: red", false},
		{"several as a word", quiz, "    several: true\n    choices", "    several: perhaps\n    choices", false},
		{"no choices", quiz, "choices:\n      - { answer: yes, raises: [war-work] }\n      - { answer: passport, raises: [war-work] }\n      - { answer: no }\n      - { answer: unsure }", "several: true", false},
		{"a flag without a source", flags, `, source: "P10"`, "", false},
		{"a flag without a grade", flags, "grade: weak, group: unasked, basket: [F], source: \"P10\"", "group: unasked, basket: [F], source: \"P10\"", false},
		{"a flag of an unknown grade", flags, "grade: weak", "grade: heavy", false},
		{"a flag in no basket", flags, "grade: weak, group: unasked, basket: [F], source: \"P10\"", "grade: weak, group: unasked, source: \"P10\"", false},
		{"an early grade as heavy as the later one", flags, "grade: medium, from: offer, early: weak, basket: [D1]", "grade: strong, from: offer, early: strong, basket: [D1]", true},
		{"an early grade heavier than the later one", flags, "grade: medium, from: offer, early: weak, basket: [D1]", "grade: medium, from: offer, early: strong, basket: [D1]", false},
		{"an early grade that never ends", flags, "grade: medium, from: offer, early: weak, basket: [D1]", "grade: medium, early: weak, basket: [D1]", false},
		{"another source", flags, `source: "P10"`, `source: "ours (J)"`, true},
		{"a number in words", risk, "weak: 2\n", "weak: two\n", false},
		{"another number", risk, "weak: 2\n", "weak: 3\n", true},
		{"a number that is too big", risk, "weak: 2\n", "weak: 200\n", false},
		{"concern without weak", risk, "  weak: 2\n", "", false},
		{"a combination of one", risk, "all: [chat-work, far-away]", "all: [chat-work]", false},
		{"a combination without an effect", risk, "all: [chat-work, far-away], raises: scam-centre", "all: [chat-work, far-away]", false},
		{"a line that asks for nothing", risk, "- { medium: 3 }", "- { }", false},
		{"a number without its country", places, `"+37061691119"`, `"861691119"`, false},
		{"another number to call", places, "\"+37061691119\"\n    inside: \"0 616 91119\"", "\"+37061691118\"\n    inside: \"0 616 91118\"", true},
		{"a number with brackets", places, `inside: "0 616 91119"`, `inside: "(0-616) 91119"`, false},
		{"a source of a year", places, "dated: 2021-10\n", "dated: 2021\n", true},
		{"a source of some day", places, "dated: 2021-10\n", "dated: in autumn\n", false},
		{"a source seen on a day", places, "    seen: 2026-11\n", "    seen: 2026-11-26\n", true},
		{"a source seen last year", places, "    seen: 2026-11\n", "    seen: 2026\n", false},
		{"hours with a slash", places, "hours: always", "hours: 24/7", false},
		{"from nowhere", places, "from: anywhere", "from: moon", false},
		{"a place without its source", places, "    source: https://www.missing.lt/nemokama-prekybos-zmonemis-pagalbos-linija-veikianti-lietuvoje-ir-bet-kurioje-uzsienio-salyje/\n", "", false},
		{"confirm as a word", places, "confirm: true", "confirm: maybe", false},
		{"an order without elsewhere", places, "    elsewhere: [helpline, consular]\n", "", false},
		{"an hour that is none", settings, "- mon-fri 09:00-17:00", "- weekdays", false},
		{"other hours", settings, "- mon-fri 09:00-17:00", "- sat 10:00-12:30", true},
		{"a day that is none", settings, `"12-24", "12-25"`, `"12-24", "25.12"`, false},
		{"keep for a year", settings, "keep: 14", "keep: 365", false},
		{"an unknown setting", settings, "keep: 14", "keeps: 14", false},
		{"a site that may frame a talk", site, "name: Patikra", "name: Patikra\nframes: [https://www.example.lt]", true},
		{"a site that may frame a talk, with a port", site, "name: Patikra", "name: Patikra\nframes: [\"https://example.lt:8443\"]", true},
		{"a frame without https", site, "name: Patikra", "name: Patikra\nframes: [http://www.example.lt]", false},
		{"a frame with a path", site, "name: Patikra", "name: Patikra\nframes: [https://www.example.lt/darbas]", false},
		{"any site in frames", site, "name: Patikra", "name: Patikra\nframes: [\"*\"]", false},
		{"a rule of its own in frames", site, "name: Patikra", "name: Patikra\nframes: [\"https://a.lt; script-src *\"]", false},
		{"a site without a name", site, "name: Patikra", "link: https://example.org/", false},
		{"a link that is none", site, "name: Patikra", "name: Patikra\nlink: example.org", false},
		{"a good link", site, "name: Patikra", "name: Patikra\nlink: https://example.org/x", true},
		{"a text that is empty", chat, "begin: Pradėti", `begin: ""`, false},
		{"a text that is missing", chat, "begin: Pradėti\n", "", false},
		{"a text with another name", chat, "begin: Pradėti", "begins: Pradėti", false},
		{"another wording", chat, "begin: Pradėti", "begin: Pradėkime", true},
		{"a number as a text", chat, "begin: Pradėti", "begin: 5", true},
		{"digits with a slash", chat, "begin: Pradėti", "begin: 1/2", false},
		{"a long greeting", chat, "greeting: Sveiki.", "greeting: " + strings.Repeat("Labai ilgai. ", 20), false},
		{"an unknown meaning", chat, "  skip: [praleisti", "  fly: [praleisti", false},
		{"a list where a text belongs", chat, "begin: Pradėti", "begin: { a: { b: { c: d } } }", false},
		{"a form that no language has", desk, "  few: \"Prieš", "  several: \"Prieš", false},
		{"a text without forms", deskEN, "place:\n  one: \"{count} person is waiting before you.\"\n  other: \"{count} people are waiting before you.\"", `place: "Before you: {count}"`, true},
		{"forms of a text that does not count", desk, "write: Rašykite čia", "write:\n  one: a\n  few: b\n  other: c", false},
		{"an outcome without its title", results, "  title: Rimtas įspėjimas. Sustokite ir pasitarkite\n", "", false},
		{"an outcome with something more", results, "  title: Rimtas įspėjimas. Sustokite ir pasitarkite\n", "  title: Rimtas įspėjimas. Sustokite ir pasitarkite\n  more: x\n", false},
		{"a place without its name", names, "helpline: { name: Pagalbos linija }", "helpline: { note: Pagalbos linija }", false},
		{"a question without its reason", job, "  why: Jaunesniems nei 18 metų galioja kitos taisyklės. Jiems turi padėti suaugęs žmogus, kuriuo jie pasitiki.\n", "", false},
		{"a label that is too long", job, "adult: 18 arba daugiau", "adult: " + strings.Repeat("daugiau ", 10), false},
		{"more choices than a network shows", quiz, "- { answer: minor, raises: [under-18], quiz: young }\n      - { answer: unsure }", "- { answer: minor, raises: [under-18], quiz: young }" + strings.Repeat("\n      - { answer: unsure }", 13), false},
		{"the last place of a menu", quiz, "menu: 1\n", "menu: 99\n", true},
		{"a place in quotes", quiz, "menu: 1\n", "menu: \"9\"\n", true},
		{"place zero of a menu", quiz, "menu: 1\n", "menu: 0\n", false},
		{"a place beyond the menu", quiz, "menu: 1\n", "menu: 100\n", false},
		{"the longest keeping", settings, "keep: 14", "keep: 90", true},
		{"one day more", settings, "keep: 14", "keep: 91", false},
		{"no keeping", settings, "keep: 14", "keep: 0", false},
		{"keep in quotes", settings, "keep: 14", "keep: \"14\"", true},
		{"an end that is a level", risk, "outcome: rights", "outcome: high", false},
		{"a step named results", quiz, "  already:      ", "  results:      ", false},
		{"a quiz without its name", job, "name: Man siūlo darbą\n", "", false},
		{"a name that is too long", job, "name: Man siūlo darbą", "name: " + strings.Repeat("labai ", 20), false},
		{"near as a word", places, "near: [in-vilnius]", "near: in-vilnius", false},
		{"a code that is none", sources, "chat.back: ", "chat.back: x", false},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := copyOf(t)
			before := string(files[c.file].Data)
			after := strings.Replace(before, c.old, c.with, 1)
			if after == before && c.old != c.with {
				t.Fatalf("%s does not hold %q", c.file, c.old)
			}
			files[c.file] = &fstest.MapFile{Data: []byte(after)}
			_, loads := library.Open(files)
			if fit := fits(t, schemas, c.file, []byte(after)); (loads == nil) != c.good || (fit == nil) != c.good {
				t.Errorf("good: %v; the loader says %v; the schema says %v", c.good, loads, fit)
			}
		})
	}
	if kinds := len(slices.Collect(maps.Keys(schemas))); kinds < 15 {
		t.Errorf("%d kinds", kinds)
	}
}
