package exchange

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
)

// poRules are gettext's formulas, which number the forms of a language as CLDR orders them.
var poRules = map[string]string{
	"one":   "nplurals=2; plural=(n != 1);",
	"other": "nplurals=1; plural=0;",
	"lt":    "nplurals=3; plural=(n%10==1 && (n%100<11 || n%100>19) ? 0 : n%10>=2 && (n%100<11 || n%100>19) ? 1 : 2);",
	"lv":    "nplurals=3; plural=(n%10==0 || n%100>=11 && n%100<=19 ? 0 : n%10==1 && n%100!=11 ? 1 : 2);",
	"pl":    "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
	"ru":    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
	"cs":    "nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);",
	"ro":    "nplurals=3; plural=(n==1 ? 0 : n==0 || n%100>=1 && n%100<=19 ? 1 : 2);",
	"fr":    "nplurals=2; plural=(n > 1);",
	"sl":    "nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);",
	"ar":    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}

// poRule is the formula of a language, or "" when we know none: then each form is a text of its own.
func poRule(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	switch base {
	case "uk", "be":
		base = "ru"
	case "sk":
		base = "cs"
	}
	if r := poRules[base]; r != "" {
		return r
	}
	forms := content.Forms(tag)
	switch {
	case len(forms) == 1:
		return poRules["other"]
	case len(forms) == 2 && forms[0].Name == "one" && slices.Equal(forms[0].Numbers, []int{1}):
		return poRules["one"]
	case len(forms) == 2 && forms[0].Name == "one" && slices.Equal(forms[0].Numbers, []int{0, 1}):
		return poRules["fr"]
	}
	return ""
}

func encodePO(b *Bundle) []byte {
	var w bytes.Buffer
	rule := poRule(b.Target)
	w.WriteString("# Texts of Patikra. The name of each text is its context (msgctxt); keep it, and the placeholders in {braces}.\n")
	w.WriteString("msgid \"\"\nmsgstr \"\"\n")
	for _, h := range [...]string{"Project-Id-Version: patikra", "Language: " + b.Target, "X-Source-Language: " + b.Source, "MIME-Version: 1.0",
		"Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit", "Plural-Forms: " + rule} {
		if h != "Plural-Forms: " {
			w.WriteString(poQuote(h+"\n") + "\n")
		}
	}
	for i := 0; i < len(b.Units); i++ {
		u := &b.Units[i]
		group := b.Units[i : i+1]
		name, _ := Split(u.Key)
		if u.form && rule != "" {
			for j := i + 1; j < len(b.Units); j++ {
				if n, _ := Split(b.Units[j].Key); n != name || !b.Units[j].form {
					break
				}
				group = b.Units[i : j+1]
			}
			i += len(group) - 1
		}
		w.WriteString("\n")
		seen := map[string]bool{}
		fuzzy := false
		for k := range group {
			for _, h := range hints(&group[k]) {
				if !seen[h] {
					w.WriteString("#. " + h + "\n")
				}
				seen[h] = true
			}
			fuzzy = fuzzy || group[k].State == Review
		}
		if u.Where != "" {
			w.WriteString("#: " + oneLine(u.Where) + "\n")
		}
		if fuzzy {
			w.WriteString("#, fuzzy\n")
		}
		if !u.form || rule == "" {
			fmt.Fprintf(&w, "msgctxt %s\nmsgid %s\nmsgstr %s\n", poText(u.Key), poText(u.Source), poText(u.Target))
			continue
		}
		fmt.Fprintf(&w, "msgctxt %s\nmsgid %s\nmsgid_plural %s\n", poText(name), poText(u.Source), poText(group[len(group)-1].Source))
		for k := range group {
			fmt.Fprintf(&w, "msgstr[%d] %s\n", k, poText(group[k].Target))
		}
	}
	return w.Bytes()
}

// poText writes a text, one line of it a line.
func poText(s string) string {
	if !strings.Contains(strings.TrimSuffix(s, "\n"), "\n") {
		return poQuote(s)
	}
	var b strings.Builder
	b.WriteString(`""`)
	for _, line := range strings.SplitAfter(s, "\n") {
		if line != "" {
			b.WriteString("\n" + poQuote(line))
		}
	}
	return b.String()
}

var poEscapes = map[byte]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\t': `\t`, '\r': `\r`, '\a': `\a`, '\b': `\b`, '\f': `\f`, '\v': `\v`}

func poQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch e, ok := poEscapes[c]; {
		case ok:
			b.WriteString(e)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

// poUnquote reads what stands between quotes.
func poUnquote(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			return "", false
		}
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		switch c := s[i]; {
		case c >= '0' && c <= '7':
			end := i + 1
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			v, err := strconv.ParseUint(s[i:end], 8, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(v))
			i = end - 1
		case c == 'x':
			end := i + 1
			for end < len(s) && end < i+3 && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
				end++
			}
			v, err := strconv.ParseUint(s[i+1:end], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(v))
			i = end - 1
		default:
			found := false
			for raw, e := range poEscapes {
				if e[1] == c {
					b.WriteByte(raw)
					found = true
				}
			}
			if !found {
				return "", false
			}
		}
	}
	return b.String(), strings.ToValidUTF8(b.String(), "") == b.String()
}

// aPlace is where a text of the source stands.
var aPlace = regexp.MustCompile(`^content/[a-z-]+/[a-z0-9-]+\.yaml:[0-9]+`)

// poEntry is one entry while it is read.
type poEntry struct {
	line              int
	context, id, many string
	str               map[int]string
	single, plural    bool
	fuzzy, has        bool
	guessed           bool   // from another text: the line #| tells which
	where             string // file and line of the source text
}

func (d *decoder) po(data []byte) {
	d.b.explicit, d.b.keepName = true, "keep the line msgctxt, it is the name of the text"
	var e poEntry
	var into func(string) // where a line of quotes goes
	broken := 0           // the last line that could not be read
	flush := func() {
		if e.has {
			d.poEntry(&e)
		}
		e, into = poEntry{}, nil
	}
	for i, line := range strings.Split(string(data), "\n") {
		number := i + 1
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			flush()
			continue
		case strings.HasPrefix(line, "#"):
			if e.has {
				flush()
			}
			e.guessed = e.guessed || strings.HasPrefix(line, "#|")
			if places, ok := strings.CutPrefix(line, "#:"); ok && e.where == "" {
				e.where, _, _ = strings.Cut(strings.TrimSpace(places), " ")
			}
			if strings.HasPrefix(line, "#,") {
				for _, f := range strings.Split(line[2:], ",") {
					e.fuzzy = e.fuzzy || strings.TrimSpace(f) == "fuzzy"
				}
			}
			continue
		}
		word, rest := "", line
		if line[0] != '"' {
			word, rest, _ = strings.Cut(line, " ")
			if j := strings.IndexByte(line, '"'); j > 0 && j < len(word) {
				word, rest = line[:j], line[j:]
			}
		}
		s, ok := poUnquote(rest)
		if !ok {
			if broken != number-1 { // one line is enough for all that follow each other
				d.bad(number, `write it between two ", and \" for a " inside`, "this line cannot be read")
			}
			broken = number
			if d.full() {
				return
			}
			continue
		}
		if (word == "msgctxt" || word == "msgid") && (e.single || e.plural) {
			flush()
		}
		if e.line == 0 {
			e.line = number
		}
		switch {
		case word == "" && into != nil:
			into(s)
		case word == "msgctxt":
			e.context, e.has = s, true
			into = func(s string) { e.context += s }
		case word == "msgid":
			e.id, e.has = s, true
			into = func(s string) { e.id += s }
		case word == "msgid_plural":
			e.many = s
			into = func(s string) { e.many += s }
		case word == "msgstr":
			e.single, e.str = true, map[int]string{0: s}
			into = func(s string) { e.str[0] += s }
		case strings.HasPrefix(word, "msgstr[") && strings.HasSuffix(word, "]"):
			n, err := strconv.Atoi(word[7 : len(word)-1])
			if err != nil || n < 0 || n > 9 {
				d.bad(number, "write msgstr[0], msgstr[1] and so on", "%q is no form", word)
				continue
			}
			if e.str == nil {
				e.str = map[int]string{}
			}
			e.plural, e.str[n] = true, s
			into = func(s string) { e.str[n] += s }
		default:
			d.bad(number, "keep msgctxt, msgid and msgstr", "%q means nothing here", oneLine(word))
			if d.full() {
				return
			}
		}
	}
	flush()
}

// head reads what gettext says of a whole file.
func (d *decoder) head(text string, at int) {
	for _, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "language":
			d.b.Target = strings.ToLower(strings.ReplaceAll(value, "_", "-"))
		case "x-source-language":
			d.b.Source = value
		case "plural-forms":
			if value == "" || strings.Contains(value, "INTEGER") { // as gettext begins a file
				break
			}
			n, f, err := readFormula(value)
			if err != nil {
				d.bad(at, "keep the line of the export, or leave it out", "the formula of Plural-Forms cannot be read")
				return
			}
			d.counts, d.rule = n, f
		}
	}
}

func (d *decoder) poEntry(e *poEntry) {
	if e.context == "" && e.id == "" {
		d.head(e.str[0], e.line)
		return
	}
	if place := aPlace.FindString(e.context); place != "" { // which xliff2po writes where the name was lost
		e.context, e.where = "", place
	}
	if e.context == "" && strings.Join(slices.Collect(maps.Values(e.str)), "") == "" {
		return
	}
	state, undone := Translated, sheet.Text("")
	if e.fuzzy {
		state = Review
		if e.guessed {
			undone = "a program guessed them from other texts (fuzzy)"
		}
	}
	if !e.plural {
		_, part := Split(e.context)
		d.take(Unit{Key: e.context, Source: e.id, Target: e.str[0], State: state, Line: e.line, Where: e.where, form: formPart(part), undone: undone, of: e.id})
		return
	}
	d.poForms(e, state, undone)
}

// poForms takes the forms of a text that counts apart, by the formula of the file.
func (d *decoder) poForms(e *poEntry, state State, undone sheet.Text) {
	if d.b.Target == "" {
		d.bad(e.line, `keep the first lines of the file, with "Language: "`, "the forms of %q belong to no language", e.context)
		return
	}
	forms := content.Forms(d.b.Target)
	most := len(forms)
	var of []int
	if d.rule != nil {
		var unused []int
		most = d.counts
		of, unused = d.rule.maps(forms)
		for _, n := range unused {
			if e.str[n] != "" && !slices.ContainsFunc(of, func(i int) bool { return e.str[i] == e.str[n] }) {
				d.note(e.line, "left out: msgstr[%d] of %q, for which %s has no form", n, e.context, d.b.Target)
			}
		}
	} else {
		for i := range forms {
			of = append(of, i)
		}
	}
	for n := range e.str {
		if n >= most {
			d.bad(e.line, "keep the forms of the export", "the text %q has the form msgstr[%d], %s has %d", e.context, n, d.b.Target, most)
			return
		}
	}
	for i, f := range forms {
		source := e.id
		if i > 0 {
			source = "" // known only of the first and the last
		}
		if i > 0 && i == len(forms)-1 {
			source = e.many
		}
		d.take(Unit{Key: e.context + "[" + f.Name + "]", Source: source, Target: e.str[of[i]], State: state, Line: e.line, Where: e.where, form: true, undone: undone, of: e.id})
	}
}

// formPart reports whether a part of a key is a form and no line of a list.
func formPart(part string) bool {
	return slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, part)
}
