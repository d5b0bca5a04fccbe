package exchange

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// identity is what a wording is noted for: a text that counts is one, whatever forms a language has.
func identity(key string, counts bool) string {
	if counts {
		name, _ := Split(key)
		return name
	}
	return key
}

// hash of what a text says now.
func (f *folder) hash(id string) string {
	if e, ok := f.byKey[id]; ok {
		return content.Wording(e.Value)
	}
	if e, ok := f.byKey[content.ShortOf(id)]; ok { // it is made of the label
		return content.Wording(e.Value)
	}
	var all []string
	for _, part := range f.parts[id] {
		all = append(all, part+"="+f.byKey[id+"["+part+"]"].Value)
	}
	if len(all) == 0 {
		return ""
	}
	sort.Strings(all)
	return content.Wording(strings.Join(all, "\x00"))
}

const sourcesHead = `# yaml-language-server: $schema=../schema/sources.json
# From which wording of the source (content/` + content.Source + `) each text was translated, as a short code.
# The program writes this file: patikra texts import, patikra texts fresh. A text whose code no longer fits
# is listed by patikra texts gaps; to look at it again and leave it as it is: patikra texts fresh.
`

func sourcesName(tag string) string { return "content/" + tag + "/" + content.SourcesFile }

// readSources reads sources.yaml. Without the file nothing is known.
func readSources(fsys fs.FS, tag string) (map[string]string, error) {
	out := map[string]string{}
	if _, err := fs.Stat(fsys, sourcesName(tag)); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	r := sheet.NewReader(fsys)
	top, ok := r.File(sourcesName(tag))
	if ok {
		for _, f := range top.Fields() {
			out[f.Name] = f.Text()
		}
	}
	return out, r.Problems.Err()
}

// writeSources makes sources.yaml, one line for each text.
func writeSources(made map[string]string) []byte {
	names := make([]string, 0, len(made))
	for n := range made {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(sourcesHead)
	for _, n := range names {
		fmt.Fprintf(&b, "%s: %s\n", sheet.Scalar(n, 0, false, 2), made[n])
	}
	if len(names) == 0 {
		b.WriteString("{}\n")
	}
	return []byte(b.String())
}

// Fresh notes that the texts of a language say what the source says now: all of them, or those
// whose name begins with one of the names. It returns the new sources.yaml and the texts that were stale.
func Fresh(fsys fs.FS, tag string, names []string) (files map[string][]byte, done []string, err error) {
	b, err := Collect(fsys, tag)
	if err != nil {
		return nil, nil, err
	}
	src, err := read(fsys, content.Source)
	if err != nil {
		return nil, nil, err
	}
	made, err := readSources(fsys, tag)
	if err != nil {
		return nil, nil, err
	}
	keep := map[string]string{}
	lacking := map[string]bool{}
	for _, u := range b.Units {
		lacking[identity(u.Key, u.form)] = lacking[identity(u.Key, u.form)] || u.State == New
	}
	known := map[string]bool{}
	for _, u := range b.Units {
		id := identity(u.Key, u.form)
		chosen := len(names) == 0
		for _, n := range names {
			if id == n || strings.HasPrefix(id, n+".") || strings.HasPrefix(id, n+"[") {
				chosen, known[n] = true, true
			}
		}
		if src.kinds[id] == content.Words || lacking[id] {
			continue
		}
		if made[id] != "" {
			keep[id] = made[id]
		}
		if h := src.hash(id); chosen && made[id] != h {
			done = append(done, id)
			keep[id], made[id] = h, h
		}
	}
	for _, n := range names {
		if !known[n] {
			return nil, nil, sheet.Say("there is no text %q; patikra texts gaps lists the stale ones", n)
		}
	}
	return map[string][]byte{sourcesName(tag): writeSources(keep)}, done, nil
}
