package main

import (
	"encoding/json"
	"io"
	"strings"

	"patikra/bot/library"
	"patikra/content/sheet"
)

// schemaCommand prints the JSON Schema of a kind of file, or of all kinds in one document.
func schemaCommand(kind string, out, errs io.Writer) int {
	var kinds []string
	all := map[string]json.RawMessage{}
	schemas, err := library.Schemas()
	if err != nil {
		fail(errs, "schema", err)
		return found
	}
	for _, s := range schemas {
		if s.Kind == kind {
			out.Write(s.JSON)
			return fine
		}
		kinds = append(kinds, s.Kind)
		all[s.Kind] = s.JSON
	}
	if kind != "" {
		fail(errs, "schema", sheet.Say("there is no kind of file %q; there are %s", kind, strings.Join(kinds, ", ")))
		return misuse
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	enc.Encode(all)
	return fine
}
