package main

import (
	"encoding/json"
	"io"

	"patikra/bot/diff"
	"patikra/content/sheet"
)

// compare tells what changes for a person between two folders of files.
func compare(before, after string, asJSON bool, out, errs io.Writer) int {
	if before == "" || after == "" {
		fail(errs, "diff", sheet.Text("name two folders, the old one first"))
		return misuse
	}
	o, _ := openFor("diff", before, errs)
	n, _ := openFor("diff", after, errs)
	if o == nil || n == nil { // 1 would say that something changes
		return misuse
	}
	changes := diff.Between(o, n)
	var err error
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(map[string][]diff.Change{"changes": append([]diff.Change{}, changes...)})
	} else {
		err = diff.Print(out, changes)
	}
	switch {
	case err != nil:
		fail(errs, "diff", err)
		return misuse
	case len(changes) > 0:
		return found
	}
	return fine
}
