//go:build ignore

// Extract writes api.json from a machine-readable Bot API, as published in PaulSonOfLars/telegram-bot-api-spec:
//
//	go run extract.go telegram-bot-api.json > api.json
//
// It keeps the names of the methods and the name, the types and the duty of each parameter; of the types only
// those that a parameter may hold.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
)

type field struct {
	Name     string
	Types    []string
	Required bool
}

type source struct {
	Version string
	Methods map[string]struct{ Fields []field }
	Types   map[string]struct {
		Fields   []field
		Subtypes []string
	}
}

// short writes "!Integer|String" for a field that must be there and is one of the two.
func short(fields []field) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		out[f.Name] = strings.Join(f.Types, "|")
		if f.Required {
			out[f.Name] = "!" + out[f.Name]
		}
	}
	return out
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run extract.go telegram-bot-api.json > api.json")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var in source
	if err := json.Unmarshal(raw, &in); err != nil {
		log.Fatal(err)
	}
	out := struct {
		Version string                       `json:"version"`
		Updates []string                     `json:"updates"`
		Message []string                     `json:"message"`
		Methods map[string]map[string]string `json:"methods"`
		Types   map[string]map[string]string `json:"types"`
		Kinds   map[string][]string          `json:"kinds"`
	}{Version: in.Version, Methods: map[string]map[string]string{}, Types: map[string]map[string]string{}, Kinds: map[string][]string{}}
	for _, f := range in.Types["Update"].Fields {
		if f.Name != "update_id" {
			out.Updates = append(out.Updates, f.Name)
		}
	}
	for _, f := range in.Types["Message"].Fields {
		out.Message = append(out.Message, f.Name)
	}
	var add func(fields []field)
	var follow func(name string)
	add = func(fields []field) {
		for _, f := range fields {
			for _, t := range f.Types {
				for strings.HasPrefix(t, "Array of ") {
					t = strings.TrimPrefix(t, "Array of ")
				}
				follow(t)
			}
		}
	}
	follow = func(name string) {
		t, known := in.Types[name]
		if !known || name == "InputFile" || out.Types[name] != nil || out.Kinds[name] != nil {
			return
		}
		if len(t.Subtypes) > 0 {
			out.Kinds[name] = t.Subtypes
			for _, s := range t.Subtypes {
				follow(s)
			}
			return
		}
		out.Types[name] = short(t.Fields)
		add(t.Fields)
	}
	for name, m := range in.Methods {
		out.Methods[name] = short(m.Fields)
		add(m.Fields)
	}
	enc := json.NewEncoder(os.Stdout)
	if err := enc.Encode(out); err != nil {
		log.Fatal(err)
	}
}
