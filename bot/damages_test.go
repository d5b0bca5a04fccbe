package bot_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"patikra/bot/diff"
	"patikra/bot/library"
	"patikra/content"
	"patikra/content/exchange"
	"patikra/content/sheet"
)

// This is the tool that damages files at random, as spreadsheets, editors, sync programs and people do, and looks at what
// a person reads before and after. A damage is refused with its place, or it is noted, or nothing changes for anybody, or, where
// it is one line or one text that a member of staff could have changed so, it is taken over as the file says.

// harm damages bytes. Whole says that it touches more than a line: then nothing may change unnoticed.
type harm struct {
	name  string
	whole bool
	do    func(r *rand.Rand, data []byte) []byte
}

// old encodings of programs
var oldEncodings = []*charmap.Charmap{charmap.Windows1257, charmap.Windows1252, charmap.Windows1250, charmap.Windows1251, charmap.CodePage866}

// aLine damages one line that is neither empty nor a remark.
func aLine(do func(r *rand.Rand, line string) string) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, data []byte) []byte {
		lines := strings.SplitAfter(string(data), "\n")
		for range 50 {
			i := r.IntN(len(lines))
			if l := strings.TrimSpace(lines[i]); l != "" && !strings.HasPrefix(l, "#") {
				lines[i] = do(r, lines[i])
				break
			}
		}
		return []byte(strings.Join(lines, ""))
	}
}

var ofText = regexp.MustCompile(`^(\s*(?:- |[^:#"]+: ))([^\[{|>].*)(\n?)$`)

// aText damages what stands behind a name or a dash.
func aText(do func(r *rand.Rand, text string) string) func(*rand.Rand, []byte) []byte {
	return aLine(func(r *rand.Rand, line string) string {
		if m := ofText.FindStringSubmatch(line); m != nil {
			return m[1] + do(r, m[2]) + m[3]
		}
		return line
	})
}

// harms are what happens to any file.
var harms = []harm{
	{"saved in an old encoding", true, func(r *rand.Rand, data []byte) []byte {
		code := oldEncodings[r.IntN(len(oldEncodings))]
		var out []byte
		for _, c := range string(data) {
			b, ok := code.EncodeRune(c)
			if !ok {
				b = '?'
			}
			out = append(out, b)
		}
		return out
	}},
	{"letters lost", true, func(_ *rand.Rand, data []byte) []byte {
		return []byte(strings.Map(func(c rune) rune {
			if c >= 0x80 {
				return '?'
			}
			return c
		}, string(data)))
	}},
	{"read in the wrong encoding", true, func(r *rand.Rand, data []byte) []byte {
		code := oldEncodings[r.IntN(len(oldEncodings))]
		var out strings.Builder
		for _, b := range data {
			c := code.DecodeByte(b)
			if c == '\ufffd' {
				c = rune(b)
			}
			out.WriteRune(c)
		}
		return []byte(out.String())
	}},
	{"saved as UTF-16", true, func(_ *rand.Rand, data []byte) []byte {
		out := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(string(data))) {
			out = append(out, byte(u), byte(u>>8))
		}
		return out
	}},
	{"cut off", true, func(r *rand.Rand, data []byte) []byte { return data[:r.IntN(len(data))] }},
	{"emptied", true, func(*rand.Rand, []byte) []byte { return []byte{} }},
	{"zeros", true, func(_ *rand.Rand, data []byte) []byte { return make([]byte, len(data)) }},
	{"noise", true, func(r *rand.Rand, data []byte) []byte {
		for range 100 {
			data[r.IntN(len(data))] = byte(r.Uint32())
		}
		return data
	}},
	{"ends of lines", true, func(r *rand.Rand, data []byte) []byte {
		return bytes.ReplaceAll(data, []byte("\n"), []byte([]string{"\r\n", "\r"}[r.IntN(2)]))
	}},
	{"a byte order mark", true, func(_ *rand.Rand, data []byte) []byte { return append([]byte("\ufeff"), data...) }},
	{"written as for a web page", true, func(_ *rand.Rand, data []byte) []byte { return []byte(html.EscapeString(string(data))) }},
	{"merged", true, func(r *rand.Rand, data []byte) []byte {
		lines := strings.SplitAfter(string(data), "\n")
		i := r.IntN(len(lines))
		return []byte(strings.Join(lines[:i], "") + "<<<<<<< HEAD\n" + lines[i] + "=======\n" + lines[i] + ">>>>>>> other\n" + strings.Join(lines[i:], ""))
	}},
	{"a byte that is no letter", false, func(r *rand.Rand, data []byte) []byte {
		return slices.Insert(data, r.IntN(len(data)), []byte{0xff, 0x00, 0x1b, 0x80}[r.IntN(4)])
	}},
	{"a line gone", false, aLine(func(*rand.Rand, string) string { return "" })},
	{"a line twice", false, aLine(func(_ *rand.Rand, line string) string { return line + line })},
	{"a tab", false, aLine(func(_ *rand.Rand, line string) string { return "\t" + strings.TrimLeft(line, " ") })},
	{"moved to the right", false, aLine(func(r *rand.Rand, line string) string { return strings.Repeat(" ", 1+r.IntN(3)) + line })},
	{"a quote", false, aText(func(_ *rand.Rand, text string) string { return `"` + text })},
	{"a mark at the beginning", false, aText(func(r *rand.Rand, text string) string {
		return []string{"!", "*", "&", "{", "[", "@", "%", "|", "> ", "- ", "? ", ": "}[r.IntN(12)] + text
	})},
	{"a number sign", false, aText(func(_ *rand.Rand, text string) string { return strings.Replace(text, " ", " #", 1) })},
	{"a colon", false, aText(func(_ *rand.Rand, text string) string { return strings.Replace(text, " ", ": ", 1) })},
	{"a formula's mistake", false, aText(func(r *rand.Rand, _ string) string {
		return []string{`"#NAME?"`, `"#REF!"`, "Err:508", `"#####"`}[r.IntN(4)]
	})},
	{"a text in the wrong encoding", false, aText(func(_ *rand.Rand, text string) string {
		var out strings.Builder
		for _, b := range []byte(text) {
			out.WriteRune(charmap.Windows1252.DecodeByte(b))
		}
		return out.String()
	})},
	{"a text gone", false, aText(func(*rand.Rand, string) string { return "" })},
}

// screens are what people read: every text and every number.
func screens(l *library.Library) map[string]string {
	out := map[string]string{}
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, n := range lang.Names("") {
			out[lang.Tag+" "+n] = lang.Text(n)
			if list := lang.List(n); list != nil {
				out[lang.Tag+" "+n] = strings.Join(list, "\n")
			}
			for _, f := range content.Forms(lang.Tag) {
				out[lang.Tag+" "+n] += "\n" + lang.Form(n, f.Name)
			}
		}
	}
	for _, p := range l.Catalog.Places {
		shown, err := json.Marshal(p) // and not the line of the file
		if err != nil {
			panic(err)
		}
		out["place "+p.Name] = string(shown)
	}
	return out
}

func differences(a, b map[string]string) (names []string) {
	for n := range a {
		if a[n] != b[n] {
			names = append(names, n)
		}
	}
	for n := range b {
		if _, ok := a[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

func TestNoDamageChangesUnnoticedWhatAPersonReads(t *testing.T) {
	unwatched(t)
	whole := copyOf(t)
	var names []string
	for name := range whole {
		if strings.HasPrefix(name, "content/") && path.Ext(name) == ".yaml" && !strings.HasSuffix(name, "sources.yaml") || strings.HasPrefix(name, "flows/") && path.Ext(name) == ".yaml" && !strings.Contains(name, "answers") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	lib, err := library.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	before, warned := screens(lib), problemsOf(lib)
	exports := map[string][]byte{}
	b, err := exchange.Collect(whole, "en")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range exchange.Formats {
		if exports[format], err = exchange.Encode(b, format); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int{} // how many damages ended how
	var all sync.Mutex
	count := func(verdict string) {
		all.Lock()
		defer all.Unlock()
		got[verdict]++
	}
	one := func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 18))
		h := harms[r.IntN(len(harms))]
		if seed%4 == 3 { // a translator's file
			format := exchange.Formats[r.IntN(len(exchange.Formats))]
			verdict, why := imported(whole, format, h, r, exports[format])
			if count(verdict); verdict == "" {
				t.Errorf("damage %d, %s to a file of a translator (%s): %s", seed, h.name, format, why)
			}
			return
		}
		name := names[r.IntN(len(names))]
		files := maps.Clone(whole)
		what := h.name
		switch seed % 16 {
		case 1:
			what = "another name"
			data := files[name]
			to := []string{".yml", ".yaml.txt", ".copy.yaml", ".YAML", ".yaml.bak"}[r.IntN(5)]
			if r.IntN(2) == 0 {
				delete(files, name)
			}
			files[strings.TrimSuffix(name, ".yaml")+to] = data
		case 2:
			what = "a file of an editor"
			files[path.Dir(name)+"/"+[]string{".#", "._", "~$", "."}[r.IntN(4)]+path.Base(name)] = &fstest.MapFile{Data: []byte("\x00\xff: x")}
		case 4:
			what = "gone"
			delete(files, name)
		case 5:
			what = "of another language"
			if rest, ok := strings.CutPrefix(name, "content/lt/"); ok {
				files[name] = whole["content/en/"+rest]
			} else if rest, ok := strings.CutPrefix(name, "content/en/"); ok && whole["content/lt/"+rest] != nil {
				files[name] = whole["content/lt/"+rest]
			}
		default:
			files[name] = &fstest.MapFile{Data: h.do(r, bytes.Clone(whole[name].Data)), Mode: 0o644}
		}
		verdict, why := looked(files, name, h.whole || what != h.name, lib, before, warned)
		if count(verdict); verdict == "" {
			t.Errorf("damage %d, %s to %s: %s", seed, what, name, why)
		}
	}
	const parts = 4
	t.Run("damages", func(t *testing.T) {
		for part := range uint64(parts) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for seed := part; seed < randomDamages; seed += parts {
					one(t, seed)
				}
			})
		}
	})
	t.Logf("%d damages: %v", randomDamages, got)
}

func problemsOf(l *library.Library) map[sheet.Problem]bool {
	out := map[sheet.Problem]bool{}
	for _, p := range l.Warnings(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) {
		p.Line = 0
		out[p] = true
	}
	return out
}

// looked opens damaged files and judges what came of it.
func looked(files fstest.MapFS, name string, whole bool, was *library.Library, before map[string]string, warned map[sheet.Problem]bool) (verdict, why string) {
	l, err := library.Open(files)
	if err != nil {
		var ps sheet.Problems
		if !errors.As(err, &ps) {
			return "", err.Error()
		}
		stem, _, _ := strings.Cut(path.Base(name), ".")
		if !slices.ContainsFunc(ps, func(p sheet.Problem) bool {
			return strings.Contains(p.File, stem) || path.Dir(name) == p.File || strings.Contains(p.Message.Error()+p.Remedy.Error(), stem)
		}) && !strings.HasPrefix(name, "flows/") && !strings.HasPrefix(name, "content/places") {
			return "", "another file is named: " + ps[0].String()
		}
		return "refused", ""
	}
	changed := differences(before, screens(l))
	if l.Book.ID != was.Book.ID { // which a remark changes too
		for _, c := range diff.Between(was, l) {
			changed = append(changed, fmt.Sprint(c))
		}
	}
	if len(changed) == 0 {
		return "nothing changed", ""
	}
	for p := range problemsOf(l) {
		if stem, _, _ := strings.Cut(path.Base(name), "."); !warned[p] && (strings.Contains(p.File, stem) || strings.Contains(p.Message.Error(), "not read")) {
			return "noted", ""
		}
	}
	if len(changed) == 1 && !whole {
		return "as the file says", ""
	}
	return "", fmt.Sprintf("changed unnoticed: %.300q", changed)
}

// imported brings a damaged file of a translator in and judges what came of it.
func imported(files fstest.MapFS, format string, h harm, r *rand.Rand, data []byte) (verdict, why string) {
	what := h.name
	damaged := h.do(r, bytes.Clone(data))
	if format == "csv" && r.IntN(2) == 0 {
		what, damaged = "the table", tableHarm(r, data)
	}
	name := "en." + format // which the content tells too
	b, err := exchange.Decode(name, damaged, content.Folders(files)...)
	var m *exchange.Merged
	if err == nil {
		m, err = exchange.Merge(files, name, b)
	}
	if err != nil {
		if strings.HasPrefix(err.Error(), name+":") {
			return "refused", ""
		}
		return "", err.Error()
	}
	switch {
	case len(m.Changed) == 0:
		return "nothing changed", ""
	case len(m.Notes) > 0:
		return "noted", ""
	case len(m.Changed) == 1 && !h.whole: // which import tells
		return "as the file says", ""
	}
	return "", fmt.Sprintf("%s: %d texts change, as %+.300v", what, len(m.Changed), m.Changed[0])
}

// tableHarm does to a table what spreadsheets and their users do: columns change places, one is sorted alone or slips, rows go.
func tableHarm(r *rand.Rand, data []byte) []byte {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		panic(err)
	}
	const source, target = 1, 2
	switch r.IntN(7) {
	case 0:
		for _, row := range rows {
			row[source], row[target] = row[target], row[source]
		}
	case 1: // the cells slip by a row
		for i := len(rows) - 1; i > 1; i-- {
			rows[i][target] = rows[i-1][target]
		}
	case 2: // one column is sorted
		var cells []string
		for _, row := range rows[1:] {
			cells = append(cells, row[target])
		}
		slices.Sort(cells)
		for i, c := range cells {
			rows[i+1][target] = c
		}
	case 3: // the names of the columns change places
		rows[0][source], rows[0][target] = rows[0][target], rows[0][source]
	case 4:
		i := 1 + r.IntN(len(rows)-1)
		rows = slices.Delete(rows, i, min(len(rows), i+1+r.IntN(40)))
	case 5: // a column goes
		at := r.IntN(4)
		for i := range rows {
			rows[i] = slices.Delete(rows[i], at, at+1)
		}
	case 6:
		slices.Reverse(rows[1:])
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.WriteAll(rows)
	return out.Bytes()
}
