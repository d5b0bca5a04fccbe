package exchange

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"

	"patikra/content"
	"patikra/content/sheet"
)

// Blank returns a source file with every text empty, for another language. Names, order and remarks stay. Short forms go: which labels
// need one, is known when they are translated.
func Blank(file string, data []byte, tag string) ([]byte, error) {
	data = withoutShorts(data)
	r := sheet.NewReader(nil)
	top, ok := r.Parse(file, data)
	if !ok {
		return nil, r.Problems.Err()
	}
	var changes, forms []sheet.Change
	last := ""
	for _, e := range content.FileEntries(file, top) {
		if content.IsShort(e.Name) {
			return nil, sheet.Say("%s: the short forms of %s cannot be taken out; write short: and each answer in a line of its own", file, e.Name)
		}
		switch e.Kind {
		case content.Words:
			changes = append(changes, sheet.Change{Path: e.Path, List: []string{}})
		case content.Form: // every language has its own
			if e.Name == last {
				continue
			}
			last = e.Name
			path := e.Path[:len(e.Path)-1]
			changes = append(changes, sheet.Change{Path: path})
			for _, f := range content.Forms(tag) {
				forms = append(forms, sheet.Change{Path: append(slices.Clone(path), f.Name)})
			}
		default:
			changes = append(changes, sheet.Change{Path: e.Path})
		}
	}
	data, err := sheet.Edit(data, changes)
	if err != nil {
		return nil, err
	}
	return sheet.Edit(data, forms)
}

// withoutShorts leaves out each map short: with what is in it.
func withoutShorts(data []byte) []byte {
	var out []byte
	within := -1 // how far the map is indented that is left out
	for line := range bytes.Lines(data) {
		words := bytes.TrimLeft(line, " ")
		in := len(line) - len(words)
		if within >= 0 && (in > within || len(bytes.TrimSpace(words)) == 0) {
			continue
		}
		within = -1
		if in > 0 && bytes.HasPrefix(words, []byte("short:")) {
			within = in
			continue
		}
		out = append(out, line...)
	}
	return out
}

const notReady = `# yaml-language-server: $schema=../schema/language.json
# While this says no, nobody is shown the language, and patikra check does not refuse the files because of it.
# Write yes when patikra texts gaps finds nothing missing.
ready: no
`

// Begin makes the files of a new language, every text empty and the language not ready.
func Begin(fsys fs.FS, tag string) (map[string][]byte, error) {
	if !content.IsTag(tag) {
		return nil, sheet.Say("%q is no language: write it as pl, or as pt-br", tag)
	}
	if _, err := fs.Stat(fsys, "content/"+tag); err == nil {
		return nil, sheet.Say("content/%s is there already", tag)
	}
	out := map[string][]byte{"content/" + tag + "/" + content.LanguageFile: []byte(notReady), sourcesName(tag): writeSources(nil)}
	var errs []error
	for _, f := range content.TextFiles(fsys, content.Source) {
		data, err := fs.ReadFile(fsys, f)
		if err == nil {
			data, err = Blank(f, data, tag)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if h := ReadHeader(data); h.Line > 0 {
			data = append(append(append([]byte{}, data[:h.start]...), "none (not translated yet)"...), data[h.end:]...)
		}
		out["content/"+tag+"/"+path.Base(f)] = data
	}
	if len(out) == 2 {
		errs = append(errs, sheet.Say("there are no texts in content/%s", content.Source))
	}
	return out, errors.Join(errs...)
}
