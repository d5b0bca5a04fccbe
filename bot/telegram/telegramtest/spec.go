package telegramtest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed api.json
var apiJSON []byte

// api is the Bot API as data. A field reads "!Integer|String": it must be there, and is one of the two.
type api struct {
	Version string
	Updates []string
	Message []string // the fields of Message
	Methods map[string]map[string]string
	Types   map[string]map[string]string
	Kinds   map[string][]string // a type that is one of several
}

var spec = sync.OnceValue(func() *api {
	var a api
	if err := json.Unmarshal(apiJSON, &a); err != nil {
		panic(fmt.Sprintf("telegramtest: api.json: %v", err))
	}
	return &a
})

// MessageFields are the names of all fields that a message can have.
func MessageFields() []string { return slices.Clone(spec().Message) }

// params are a call's parameters: strings as they are, everything else as JSON.
type params map[string]string

// check holds a call's parameters against the method's.
func (a *api) check(method string, p params, files files) error {
	known := a.Methods[method]
	for _, name := range sorted(p) {
		kind, ok := known[name]
		if !ok {
			return fmt.Errorf("unknown parameter %q of %s", name, method)
		}
		if !utf8.ValidString(p[name]) {
			return fmt.Errorf("strings must be encoded in UTF-8")
		}
		if p[name] == "" {
			continue // the service takes an empty value for none
		}
		if err := a.parameter(p[name], strings.TrimPrefix(kind, "!")); err != nil {
			return fmt.Errorf("parameter %q of %s: %w", name, method, err)
		}
	}
	for name := range files {
		kind, ok := known[name]
		if (!ok || !strings.Contains(kind, "InputFile")) && !attached(p, name) {
			return fmt.Errorf("unknown file %q of %s", name, method)
		}
	}
	return nil
}

// missing names the first parameter that must be there and isn't.
func (a *api) missing(method string, p params, files files) string {
	for _, name := range sorted(a.Methods[method]) {
		if strings.HasPrefix(a.Methods[method][name], "!") && p[name] == "" && files[name] == nil {
			return name
		}
	}
	return ""
}

// parameter checks one value as it travels in a form.
func (a *api) parameter(value, kinds string) error {
	var errs []error
	for kind := range strings.SplitSeq(kinds, "|") {
		var err error
		switch kind {
		case "String", "InputFile":
			return nil
		case "Integer":
			_, err = strconv.ParseInt(value, 10, 64)
		case "Float":
			_, err = strconv.ParseFloat(value, 64)
		case "Boolean", "True":
			if value != "true" && value != "false" {
				err = fmt.Errorf("%q is neither true nor false", cut(value))
			}
		default:
			var v any
			if v, err = decode(value); err == nil {
				err = a.object(v, kind)
			}
		}
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return best(errs)
}

// object checks a decoded JSON value.
func (a *api) object(v any, kind string) error {
	if inner, ok := strings.CutPrefix(kind, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s expected", kind)
		}
		for _, e := range list {
			if err := a.anyOf(e, inner); err != nil {
				return err
			}
		}
		return nil
	}
	if some, ok := a.Kinds[kind]; ok {
		return a.anyOf(v, strings.Join(some, "|"))
	}
	switch kind {
	case "String", "InputFile":
		if _, ok := v.(string); !ok {
			return errors.New("a String is expected")
		}
		return nil
	case "Integer":
		n, ok := v.(json.Number)
		if !ok {
			return errors.New("an Integer is expected")
		}
		_, err := n.Int64()
		return err
	case "Float":
		if _, ok := v.(json.Number); !ok {
			return errors.New("a Float is expected")
		}
		return nil
	case "Boolean", "True":
		if _, ok := v.(bool); !ok {
			return errors.New("a Boolean is expected")
		}
		return nil
	}
	fields, ok := a.Types[kind]
	if !ok {
		return fmt.Errorf("type %s is not known", kind)
	}
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("object expected as %s", kind)
	}
	for _, name := range sorted(o) {
		f, ok := fields[name]
		if !ok {
			return fmt.Errorf("%s has no field %q", kind, name)
		}
		if err := a.anyOf(o[name], strings.TrimPrefix(f, "!")); err != nil {
			return fmt.Errorf("field %q of %s: %w", name, kind, err)
		}
	}
	for _, name := range sorted(fields) {
		if _, given := o[name]; !given && strings.HasPrefix(fields[name], "!") {
			return fmt.Errorf("can't find field %q of %s", name, kind)
		}
	}
	return nil
}

func (a *api) anyOf(v any, kinds string) error {
	var errs []error
	for kind := range strings.SplitSeq(kinds, "|") {
		err := a.object(v, kind)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return best(errs)
}

// best picks the reason to show of a value that fits none of several types: the one that came furthest.
func best(errs []error) error {
	return slices.MaxFunc(errs, func(a, b error) int {
		return strings.Count(a.Error(), "field") - strings.Count(b.Error(), "field")
	})
}

// decode reads one JSON value and nothing after it.
func decode(s string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("can't parse JSON object %q", cut(s))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("unexpected text after the JSON object %q", cut(s))
	}
	return v, nil
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// cut keeps a quoted value short.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
