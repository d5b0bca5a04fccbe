package bot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v4"

	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// These tests walk a schema and a file that fits it side by side and let the loader say, at every place, what it knows.

type part = map[string]any

// spot is a map of a file and the part of the schema that speaks of it.
type spot struct {
	file   string
	path   []string // keys, and positions in lists
	keys   []string // that the map has there
	schema part
	alike  []spot // other maps of that kind in the same file
}

// follow goes to what a part of a schema points at, and takes of several possibilities the one for a kind of value.
func follow(root, s part, kind yaml.Kind) part {
	if ref, ok := s["$ref"].(string); ok {
		return follow(root, root["$defs"].(part)[strings.TrimPrefix(ref, "#/$defs/")].(part), kind)
	}
	options, _ := s["anyOf"].([]any)
	want := map[yaml.Kind]string{yaml.MappingNode: "object", yaml.SequenceNode: "array"}[kind]
	for _, o := range options {
		o := follow(root, o.(part), kind)
		if o["type"] == want && want != "" || want == "" && o["enum"] == nil && o["type"] != nil && o["type"] != "object" && o["type"] != "array" {
			return o
		}
	}
	return s
}

// below is the part of a schema for one key of a map.
func below(s part, key string) part {
	properties, _ := s["properties"].(part)
	if p, ok := properties[key].(part); ok {
		return p
	}
	p, _ := s["additionalProperties"].(part)
	return p
}

// visit calls see for every value of a file with the part of the schema that speaks of it.
func visit(root, s part, n *yaml.Node, at []string, see func(s part, n *yaml.Node, at []string)) {
	s = follow(root, s, n.Kind)
	see(s, n, at)
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if p := below(s, n.Content[i].Value); p != nil {
				visit(root, p, n.Content[i+1], append(slices.Clone(at), n.Content[i].Value), see)
			}
		}
	case yaml.SequenceNode:
		items, _ := s["items"].(part)
		for i, c := range n.Content {
			if items != nil {
				visit(root, items, c, append(slices.Clone(at), strconv.Itoa(i)), see)
			}
		}
	}
}

func isClosed(s part) bool { return s["type"] == "object" && s["additionalProperties"] == false }

// fold is a part of a schema as one word, to tell parts apart.
func fold(s part) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// closedIn gathers every map of a schema that knows all of its keys.
func closedIn(v any, out map[string]bool) {
	switch v := v.(type) {
	case part:
		if isClosed(v) {
			out[fold(v)] = true
		}
		for _, c := range v {
			closedIn(c, out)
		}
	case []any:
		for _, c := range v {
			closedIn(c, out)
		}
	}
}

// staff is the built-in files, with the easy-to-read variant so that every kind of file is there.
func staff(t *testing.T) fstest.MapFS {
	files := copyIn(t, "lt", "en", "lt-easy")
	files["content/desk.yaml"].Data = append(files["content/desk.yaml"].Data, "lead: \"@lead\"\n"...)
	return files
}

// roots are the schemas as plain maps, by where they lie.
func roots(t *testing.T) map[string]part {
	out := map[string]part{}
	for _, s := range schemasOf(t) {
		var root part
		if err := json.Unmarshal(s.JSON, &root); err != nil {
			t.Fatal(err)
		}
		out[s.Path] = root
	}
	return out
}

func parsed(t *testing.T, data []byte) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// valueAt is the value at a path.
func valueAt(n *yaml.Node, path []string) *yaml.Node {
	for _, p := range path {
		if n.Kind == yaml.SequenceNode {
			i, _ := strconv.Atoi(p)
			n = n.Content[i]
			continue
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == p {
				n = n.Content[i+1]
				break
			}
		}
	}
	return n
}

// setting sets a key of the map at a path.
func setting(t *testing.T, data []byte, path []string, key, value string) []byte {
	t.Helper()
	top := parsed(t, data)
	m := valueAt(top, path)
	v := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
	found := false
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			m.Content[i+1], found = v, true
		}
	}
	if !found {
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, v)
	}
	out, err := yaml.Marshal(top)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mistakes opens the files with one of them changed.
func mistakes(files fstest.MapFS, file string, data []byte) sheet.Problems {
	changed := maps.Clone(files)
	changed[file] = &fstest.MapFile{Data: data}
	var err error
	switch {
	case strings.HasPrefix(file, "flows/answers/"):
		_, err = story.LoadSets(changed)
	case strings.HasPrefix(file, "flows/"): // most of a library is texts
		_, err = flows.Load(changed)
	default:
		_, err = library.Open(changed)
	}
	var ps sheet.Problems
	errors.As(err, &ps)
	return ps
}

// closedPlaces is one place in the files for each map of the schemas that knows all its keys.
func closedPlaces(t *testing.T, files fstest.MapFS) []spot {
	all, seen := roots(t), map[string]int{}
	want := map[string]bool{}
	for _, r := range all {
		closedIn(r, want)
	}
	var out []spot
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(file) != ".yaml" {
			continue
		}
		data := files[file].Data
		root := all[schemaOf(file, data)]
		visit(root, root, parsed(t, data), nil, func(s part, n *yaml.Node, at []string) {
			if !isClosed(s) || n.Kind != yaml.MappingNode {
				return
			}
			here := spot{file: file, path: at, schema: s}
			for i := 0; i+1 < len(n.Content); i += 2 {
				here.keys = append(here.keys, n.Content[i].Value)
			}
			k := fold(s)
			i, ok := seen[k]
			switch {
			case !ok:
				seen[k] = len(out)
				out = append(out, here)
			case out[i].file == file:
				out[i].alike = append(out[i].alike, here)
			}
		})
	}
	for k := range want {
		if _, ok := seen[k]; !ok {
			t.Errorf("no built-in file holds a map of this kind, so that nothing looks at it: %.300s", k)
		}
	}
	return out
}

func TestSchemaAndLoaderKnowTheSameFields(t *testing.T) {
	unwatched(t)
	files, schemas := staff(t), compiled(t)
	if ps := mistakes(files, "nothing.txt", nil); len(ps) > 0 {
		t.Fatal(ps)
	}
	listed := 0
	for _, p := range closedPlaces(t, files) {
		t.Run(p.file+" "+strings.Join(p.path, "."), func(t *testing.T) {
			data := files[p.file].Data
			odd := setting(t, data, p.path, "zzz", "odd")
			var doc yaml.Node
			if err := yaml.Unmarshal(odd, &doc); err != nil {
				t.Fatal(err)
			}
			if schemas[schemaOf(p.file, data)].Validate(plain(&doc)) == nil {
				t.Error("the schema takes a key that it does not know")
			}
			ps := mistakes(files, p.file, odd)
			if len(ps) == 0 { // nothing else was changed
				t.Errorf("the loader takes a key that the schema does not know")
			}
			for _, m := range ps {
				keys, ok := strings.CutPrefix(m.Remedy.Error(), "use one of: ")
				if !ok || !strings.HasPrefix(m.Message.Error(), `unknown key "zzz"`) {
					continue
				}
				listed++
				loader := strings.Split(keys, ", ")
				slices.Sort(loader)
				if schema := slices.Sorted(maps.Keys(p.schema["properties"].(part))); !slices.Equal(loader, schema) {
					t.Errorf("the loader knows %v, the schema %v", loader, schema)
				}
			}
		})
	}
	if listed < 18 {
		t.Errorf("the loader listed its fields at %d places only", listed)
	}
}

func TestSchemaAndLoaderTakeTheSameWords(t *testing.T) {
	unwatched(t)
	files, schemas := staff(t), compiled(t)
	places := closedPlaces(t, files)
	pools := map[string]map[string]bool{} // of a file: the words of all of its fields
	for _, p := range places {
		if pools[p.file] == nil {
			pools[p.file] = map[string]bool{"1": true, "perhaps": true}
		}
		for _, v := range p.schema["properties"].(part) {
			enum, _ := v.(part)["enum"].([]any)
			for _, w := range enum {
				pools[p.file][fmt.Sprint(w)] = true
			}
		}
	}
	looked := 0
	for _, p := range places {
		for key, v := range p.schema["properties"].(part) {
			enum, _ := v.(part)["enum"].([]any)
			if enum == nil || key == "right" { // a case whose only right answer is none any more is refused for that
				continue
			}
			looked++
			p := p
			for _, o := range p.alike { // the last place where the field is in use; on the first ones much else depends
				if slices.Contains(o.keys, key) {
					p = o
				}
			}
			t.Run(p.file+" "+strings.Join(append(p.path, key), "."), func(t *testing.T) {
				data := files[p.file].Data
				refused := func(word string) map[string]bool {
					out := map[string]bool{}
					for _, m := range mistakes(files, p.file, setting(t, data, p.path, key, word)) {
						if m.File == p.file {
							out[m.Message.Error()] = true
							out[strings.ReplaceAll(m.Message.Error(), strconv.Quote(word), `"zzz"`)] = true
						}
					}
					return out
				}
				good := func(word string) bool { // a neighbour may narrow what the list of words allows
					return schemas[schemaOf(p.file, data)].Validate(plain(parsed(t, setting(t, data, p.path, key, word)))) == nil
				}
				bad := refused("zzz")
				if len(bad) == 0 {
					t.Fatal("the loader takes any word")
				}
				for _, word := range slices.Sorted(maps.Keys(pools[p.file])) {
					got := refused(word)
					taken := !slices.ContainsFunc(slices.Collect(maps.Keys(bad)), func(m string) bool { return got[m] })
					if taken != good(word) {
						t.Errorf("%q: the loader takes it: %v; the schema: %v", word, taken, good(word))
					}
				}
			})
		}
	}
	if looked < 10 {
		t.Errorf("only %d fields with words to choose from", looked)
	}
}

func TestSchemaAndLoaderHaveTheSameLengths(t *testing.T) {
	unwatched(t)
	files, all := staff(t), roots(t)
	entries, err := content.Entries(files, content.Source)
	if err != nil {
		t.Fatal(err)
	}
	// Every language is lengthened in thirds: more mistakes than anybody would read are not said, and all at once would be more.
	const parts = 3
	looked := 0
	for n := range 2 * parts {
		part, most := n/2, n%2 // as long as may be, and one more
		changed := maps.Clone(files)
		tops := map[string]*yaml.Node{}
		lengthened := 0
		for i, e := range entries {
			if i%parts != part || e.Kind == content.Words || e.Kind == content.Item {
				continue
			}
			data := files[e.File].Data
			root := all[schemaOf(e.File, data)]
			if tops[e.File] == nil {
				tops[e.File] = parsed(t, data)
			}
			s := root
			for _, key := range e.Path {
				s = below(follow(root, s, yaml.MappingNode), key)
			}
			s = follow(root, s, yaml.ScalarNode)
			if got, _ := s["maxLength"].(float64); int(got) != content.Most(e.Name) {
				t.Errorf("%s: the schema allows %v characters, the loader %d", e.Name, s["maxLength"], content.Most(e.Name))
				continue
			}
			lengthened++
			valueAt(tops[e.File], e.Path).Value = strings.Repeat("a", content.Most(e.Name)+most)
		}
		for file, top := range tops {
			data, err := yaml.Marshal(top)
			if err != nil {
				t.Fatal(err)
			}
			changed[file] = &fstest.MapFile{Data: data}
		}
		_, err := library.Open(changed)
		var ps sheet.Problems
		errors.As(err, &ps)
		long := map[string]bool{}
		for _, p := range ps {
			if strings.Contains(p.Message.Error(), "would refuse") || strings.Contains(p.Message.Error(), "would cut") || strings.Contains(p.Remedy.Error(), "shorten") {
				long[p.String()] = true
			}
		}
		if most == 0 && len(long) > 0 {
			t.Errorf("the loader refuses what the schema takes: %v", slices.Sorted(maps.Keys(long)))
		}
		if most == 1 && len(long) != lengthened {
			t.Errorf("%d texts are one character too long, the loader refuses %d", lengthened, len(long))
		}
		looked += lengthened
	}
	if looked < 600 {
		t.Errorf("only %d texts", looked)
	}
}

func TestNoFolderOfSchemasIsTakenForALanguage(t *testing.T) {
	dir := os.DirFS("..")
	if _, err := fs.Stat(dir, "content/schema/texts-chat.json"); err != nil {
		t.Fatal(err)
	}
	if content.IsTag("schema") || slices.Contains(content.Folders(dir), "schema") {
		t.Error("content/schema is taken for a language")
	}
	lib, err := library.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(lib.Catalog.Languages) + len(lib.Catalog.Drafts); n != len(content.Folders(dir)) {
		t.Errorf("%d languages", n)
	}
}
