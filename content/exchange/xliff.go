package exchange

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"patikra/content"
)

const xliffSpace = "urn:oasis:names:tc:xliff:document:2.0"

// xliffStates are the states of XLIFF: initial is not done, or to be looked at.
var xliffStates = [...]string{New: "initial", Review: "initial", Translated: "translated"}

func encodeXLIFF(b *Bundle) []byte {
	var w bytes.Buffer
	w.WriteString(xml.Header)
	fmt.Fprintf(&w, "<xliff xmlns=\"%s\" version=\"2.0\" srcLang=%s trgLang=%s>\n", xliffSpace, attribute(b.Source), attribute(b.Target))
	file := ""
	for i := range b.Units {
		u := &b.Units[i]
		base, _, _ := strings.Cut(u.Key, ".")
		if base != file || i == 0 {
			if i > 0 {
				w.WriteString("  </file>\n")
			}
			file = base
			fmt.Fprintf(&w, "  <file id=\"f%d\" original=%s>\n", i+1, attribute("content/"+b.Source+"/"+base+".yaml"))
		}
		fmt.Fprintf(&w, "    <unit id=%s name=%s>\n", attribute(idOf(u.Key, i+1)), attribute(u.Key))
		w.WriteString("      <notes>\n")
		note := func(kind, text string) {
			if text != "" {
				fmt.Fprintf(&w, "        <note category=%s>%s</note>\n", attribute(kind), escape(text, true))
			}
		}
		note("screen", u.Screen)
		for _, n := range u.Notes {
			note("note", oneLine(n))
		}
		if u.Most > 0 {
			note("most", fmt.Sprintf("at most %d characters", u.Most))
		}
		note("where", u.Where)
		note("state", u.State.String())
		w.WriteString("      </notes>\n")
		codes := &codes{}
		source, target := codes.mark(u.Source), codes.mark(u.Target)
		if len(codes.data) > 0 {
			w.WriteString("      <originalData>\n")
			for i, c := range codes.data {
				fmt.Fprintf(&w, "        <data id=\"d%d\">%s</data>\n", i+1, escape(c, false))
			}
			w.WriteString("      </originalData>\n")
		}
		fmt.Fprintf(&w, "      <segment id=\"s1\" state=\"%s\"", xliffStates[u.State])
		if u.State == Review {
			w.WriteString(" subState=\"patikra:review\"")
		}
		fmt.Fprintf(&w, ">\n        <source xml:space=\"preserve\">%s</source>\n", source)
		if u.Target != "" {
			fmt.Fprintf(&w, "        <target xml:space=\"preserve\">%s</target>\n", target)
		}
		w.WriteString("      </segment>\n    </unit>\n")
	}
	if len(b.Units) > 0 {
		w.WriteString("  </file>\n")
	}
	w.WriteString("</xliff>\n")
	return w.Bytes()
}

var anID = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// idOf is a text's name as an id, for programs that keep the id of a unit and not its name. Brackets may not stand in it.
func idOf(key string, number int) string {
	id := key
	if name, part := Split(key); part != "" {
		id = name + ":" + part
	}
	if !anID.MatchString(id) {
		return fmt.Sprintf("u%d", number)
	}
	return id
}

// nameFromID is the text's name again.
func nameFromID(id string) string {
	if name, part, ok := strings.Cut(id, ":"); ok {
		return name + "[" + part + "]"
	}
	return id
}

// codes are the placeholders of a unit: a translator's program shows them as things that cannot be typed over.
type codes struct{ data []string }

func (c *codes) mark(s string) string {
	var b strings.Builder
	used := map[int]int{}
	for len(s) > 0 {
		at := content.PlaceholderIn(s)
		if at == nil {
			break
		}
		b.WriteString(escape(s[:at[0]], false))
		p := s[at[0]:at[1]]
		i := 0
		for i < len(c.data) && c.data[i] != p {
			i++
		}
		if i == len(c.data) {
			c.data = append(c.data, p)
		}
		id := strconv.Itoa(i + 1)
		if used[i]++; used[i] > 1 {
			id += "." + strconv.Itoa(used[i])
		}
		fmt.Fprintf(&b, "<ph id=%s dataRef=\"d%d\" disp=%s/>", attribute(id), i+1, attribute(p))
		s = s[at[1]:]
	}
	return b.String() + escape(s, false)
}

// escape writes text for XML. Letters that XML cannot hold become <cp>, or a box where only plain text may stand.
func escape(s string, plain bool) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\n' && plain, r == '\r' && plain, r == '\t' && plain:
			fmt.Fprintf(&b, "&#%d;", r)
		case r == '\r':
			b.WriteString("&#13;")
		case r == '\n', r == '\t', r >= 0x20 && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000:
			b.WriteRune(r)
		case plain:
			b.WriteRune('\ufffd')
		default:
			fmt.Fprintf(&b, "<cp hex=\"%04X\"/>", r)
		}
	}
	return b.String()
}

func attribute(s string) string { return `"` + escape(s, true) + `"` }

// segment is a part of a unit. Its target may stand at another place than its source: order says which.
type segment struct {
	source, target string
	translated     bool // there is a target
	ignorable      bool // blanks between others
	initial        bool // the translator's program says that nothing was done here
	order          int
}

// xliffReader reads the elements one after the other. Nothing is expanded: a DOCTYPE, and with it any entity, is refused.
type xliffReader struct {
	*decoder
	dec      *xml.Decoder
	old      bool // XLIFF 1.2
	path     []string
	preserve []bool // of each element of the path: blanks and line ends are text
	unit     *Unit
	id       string
	segments []segment
	kept     bool // some text of the unit keeps its blanks
	part     strings.Builder
	code     strings.Builder
	into     *strings.Builder // where letters go
	stored   map[string]string
	codeID   string
	restype  string            // what the unit is for
	place    map[string]string // of the unit's source
	plural   *poEntry          // the group of forms, while it is read
}

func (d *decoder) xliff(data []byte) {
	d.b.keepName = "keep the attribute name of the unit"
	x := xliffReader{decoder: d, dec: xml.NewDecoder(bytes.NewReader(data))}
	for {
		tok, err := x.dec.Token()
		if err == io.EOF {
			if len(x.path) > 0 || d.b.Target == "" {
				d.bad(x.line(), "export the language again and copy the translations", "the file ends too early or is no XLIFF")
			}
			return
		}
		if err != nil {
			d.bad(x.line(), "save it from the translator's program again", "this is not valid XML")
			return
		}
		ok := true
		switch t := tok.(type) {
		case xml.Directive:
			d.bad(x.line(), "remove it", "a DOCTYPE is not used in these files")
			return
		case xml.CharData:
			if x.into != nil {
				x.into.Write(t)
			}
		case xml.StartElement:
			ok = x.start(t)
		case xml.EndElement:
			x.end(t.Name.Local)
		}
		if !ok || d.full() {
			return
		}
	}
}

func (x *xliffReader) line() int {
	n, _ := x.dec.InputPos()
	return n
}

// start reads the beginning of an element. It reports false when nothing more can be read.
func (x *xliffReader) start(t xml.StartElement) bool {
	if len(x.path) == maxDepth {
		x.bad(x.line(), "save it from the translator's program again", "this is nested deeper than %d levels", maxDepth)
		return false
	}
	get := func(name string) string {
		for _, a := range t.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	name := t.Name.Local
	parent := ""
	if len(x.path) == 0 {
		if !x.root(t, get) {
			return false
		}
		x.preserve = append(x.preserve, get("space") == "preserve")
	} else {
		parent = x.path[len(x.path)-1]
		keep := x.preserve[len(x.preserve)-1]
		if s := get("space"); s != "" {
			keep = s == "preserve"
		}
		x.preserve = append(x.preserve, keep)
	}
	x.path = append(x.path, name)
	inText := x.into == &x.part
	switch name {
	case "file":
		if x.old && x.b.Target == "" {
			x.b.Source, x.b.Target = get("source-language"), strings.ToLower(get("target-language"))
		}
	case "unit", "trans-unit":
		x.unit, x.id, x.segments, x.kept, x.stored = &Unit{Key: get("name"), Line: x.line(), State: Translated}, get("id"), nil, false, map[string]string{}
		if x.plural != nil {
			x.plural.where = cmp.Or(x.plural.where, x.where())
		}
		x.restype, x.place = get("restype"), map[string]string{}
		if name == "trans-unit" {
			x.unit.Key = get("resname")
			x.segments = []segment{{}}
		}
	case "group":
		if get("restype") == "x-gettext-plurals" {
			x.plural, x.place = &poEntry{line: x.line(), plural: true, str: map[int]string{}}, map[string]string{}
		}
	case "context":
		x.codeID = get("context-type")
		x.code.Reset()
		x.into = &x.code
	case "segment", "ignorable":
		x.segments = append(x.segments, segment{ignorable: name == "ignorable", initial: get("state") == "initial", order: len(x.segments) + 1})
	case "data":
		x.codeID = get("id")
		x.code.Reset()
		x.into = &x.code
	case "source", "target":
		if x.unit != nil && (parent == "segment" || parent == "ignorable" || parent == "trans-unit") && len(x.segments) > 0 {
			x.part.Reset()
			x.into = &x.part
			now := &x.segments[len(x.segments)-1]
			if n, err := strconv.Atoi(get("order")); err == nil && name == "target" {
				now.order = n
			}
			if state := get("state"); x.old && name == "target" && (strings.HasPrefix(state, "needs-") || state == "new") {
				now.initial = true
			}
		}
	case "cp":
		if x.into != nil {
			if v, err := strconv.ParseUint(get("hex"), 16, 32); err == nil && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff) {
				x.into.WriteRune(rune(v))
			} else {
				x.bad(x.line(), "write the letter itself", "<cp> names no letter")
			}
		}
	case "x":
		if inText && x.old {
			x.placeholder("", cmp.Or(get("equiv-text"), get("disp")))
		}
	case "ph":
		if inText && !x.old {
			x.placeholder(get("dataRef"), get("disp"))
		}
	case "pc":
		if inText && get("dataRefStart") != "" {
			x.placeholder(get("dataRefStart"), get("dispStart"))
		}
	case "sc", "ec":
		if inText && get("dataRef") != "" {
			x.placeholder(get("dataRef"), get("disp"))
		}
	}
	return true
}

// root reads which XLIFF this is.
func (x *xliffReader) root(t xml.StartElement, get func(string) string) bool {
	switch {
	case t.Name.Local == "xliff" && strings.HasPrefix(t.Name.Space, "urn:oasis:names:tc:xliff:document:2"):
		x.b.Source, x.b.Target = get("srcLang"), strings.ToLower(get("trgLang"))
	case t.Name.Local == "xliff" && strings.HasPrefix(get("version"), "1."):
		x.old = true
	default:
		x.bad(x.line(), "save it as XLIFF 2.0", "this is no XLIFF")
		return false
	}
	return true
}

func (x *xliffReader) end(name string) {
	keep := x.preserve[len(x.preserve)-1]
	x.path, x.preserve = x.path[:len(x.path)-1], x.preserve[:len(x.preserve)-1]
	switch name {
	case "data":
		if x.stored != nil && x.into == &x.code {
			x.stored[x.codeID] = x.code.String()
		}
		x.into = nil
	case "context":
		if x.place != nil && x.into == &x.code && x.place[x.codeID] == "" { // the first of several
			x.place[x.codeID] = x.code.String()
		}
		x.into = nil
	case "group":
		if x.plural != nil && x.plural.id != "" {
			x.poEntry(x.plural)
		}
		x.plural = nil
	case "source", "target":
		if x.into != &x.part {
			return
		}
		x.into = nil
		now := &x.segments[len(x.segments)-1]
		text := x.part.String()
		if x.kept = x.kept || keep; !keep {
			text = loosened(text)
		}
		if name == "source" {
			now.source = text
		} else {
			now.target, now.translated = text, true
		}
	case "unit", "trans-unit":
		if x.unit != nil {
			x.whole()
		}
		x.unit = nil
	}
}

var (
	beforeMark = regexp.MustCompile(`[ \t]*[\r\n]\s*([.,;:!?…)])`)
	blanks     = regexp.MustCompile(`\s+`)
	indented   = regexp.MustCompile(`[ \t]*\n[ \t]+|[ \t]+`)
)

// loosened takes out what a program put in to make the file pretty: it indents what it puts on a new line. Line ends that stand by
// themselves may be the text's own.
func loosened(s string) string {
	return indented.ReplaceAllString(beforeMark.ReplaceAllString(s, "$1"), " ")
}

// bare is a text without its blanks and line ends.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// lines makes lines of a text that came without a word on its blanks, as its source has them. It reports whether it could.
func (u *Unit) lines(source string) bool {
	if bare(u.Source) == bare(source) {
		u.Source = source
	}
	if !strings.Contains(source, "\n") {
		u.Target = folded(u.Target)
		return true
	}
	return u.Target == "" || strings.Contains(u.Target, "\n")
}

// folded makes one blank of the blanks and line ends that a program put in to make the file pretty, and none before a full stop.
func folded(s string) string {
	return blanks.ReplaceAllString(beforeMark.ReplaceAllString(s, "$1"), " ")
}

// whole puts the segments of a unit together.
func (x *xliffReader) whole() {
	u := x.unit
	if u.Key == "" && strings.Contains(x.id, ".") { // the name of a text, as others write it
		u.Key = nameFromID(x.id)
	}
	done, open := 0, 0
	var source strings.Builder
	for i := range x.segments {
		s := &x.segments[i]
		source.WriteString(s.source)
		switch {
		case s.ignorable && !s.translated: // stands in the translation too
			s.target = s.source
		case s.ignorable:
		case s.target != "" && s.initial:
			u.State = Review
			done++
		case s.target != "":
			done++
		case strings.TrimSpace(s.source) != "":
			open++
		}
		if s.initial {
			u.State = Review
		}
	}
	targets := slices.Clone(x.segments)
	slices.SortStableFunc(targets, func(a, b segment) int { return a.order - b.order })
	var target strings.Builder
	for _, s := range targets {
		target.WriteString(s.target)
	}
	u.Source = source.String()
	if done > 0 {
		u.Target = target.String()
	}
	if u.loose = !x.kept; u.loose {
		u.Source, u.Target = strings.TrimSpace(loosened(u.Source)), strings.TrimSpace(loosened(u.Target))
	}
	if done > 0 && open > 0 {
		u.undone = "only some of their segments are translated"
	}
	_, part := Split(u.Key)
	u.form, u.Where, u.of = formPart(part), x.where(), u.Source
	switch {
	case x.restype == "x-gettext-domain-header":
		x.head(u.Target, u.Line)
	case x.plural != nil:
		x.form()
	case u.Key != "" || u.Target != "":
		x.take(*u)
	}
}

// where is the file and line of the source text, as programs that make XLIFF of PO tell it.
func (x *xliffReader) where() string {
	if x.place["sourcefile"] == "" || x.place["linenumber"] == "" {
		return x.place["sourcefile"]
	}
	return x.place["sourcefile"] + ":" + x.place["linenumber"]
}

// form puts a form of a text that counts to the others of its group. Programs that make XLIFF of PO number them as gettext does.
func (x *xliffReader) form() {
	_, number := Split(x.id)
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 9 {
		x.bad(x.unit.Line, "export the language again and copy the translations", "%q is no form", x.id)
		return
	}
	e := x.plural
	if n == 0 {
		e.id = x.unit.Source
	} else {
		e.many = x.unit.Source
	}
	e.str[n] = x.unit.Target
	e.fuzzy = e.fuzzy || x.unit.State == Review
	e.where = cmp.Or(e.where, x.unit.Where)
}

// opening are signs behind which no blank stands.
const opening = "(„“«\"‘[*"

// joinBefore takes out the line end and the blanks that a program put before a placeholder. Behind a blank of the text's own, and
// behind a word, a blank stays.
func (x *xliffReader) joinBefore() {
	text := x.part.String()
	whole := strings.TrimRight(text, " \t\r\n")
	added := text[len(whole):]
	if end := strings.IndexByte(added, '\n'); end != 0 || strings.HasSuffix(added, "\n") { // the blank is the text's own, or the line end is
		return
	}
	if last, _ := utf8.DecodeLastRuneInString(whole); strings.ContainsRune(opening, last) {
		x.part.Reset()
		x.part.WriteString(whole)
	}
}

// placeholder puts the placeholder back that a thing in the text stands for.
func (x *xliffReader) placeholder(ref, shown string) {
	if !x.preserve[len(x.preserve)-1] {
		x.joinBefore()
	}
	if p, ok := x.stored[ref]; ok {
		x.part.WriteString(p)
		return
	}
	if strings.HasPrefix(shown, "{") {
		x.part.WriteString(shown)
		return
	}
	x.bad(x.line(), "keep the placeholders of the export", "a placeholder refers to %q, which is not there", ref)
}
