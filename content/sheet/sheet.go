// Package sheet reads the YAML files that staff write. It collects every mistake with its
// file, its line and its remedy, so that a person sees all of them at once and
// in their own words, and never a bare parser message.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Limits of one file. They are far above any real quiz.
const (
	MaxBytes = 2 << 20 // of a file
	maxDepth = 12      // of nesting
	maxNodes = 200_000 // in a file

	mostFiles    = 2000     // of a folder
	mostTogether = 12 << 20 // bytes of all of them
	mostProblems = 2000     // that are worth saying
)

// Problem is one mistake in the staff's files.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 0: the file as a whole
	Message Text   `json:"message"`
	Remedy  Text   `json:"remedy"`

	// Facts are what is wrong with which texts, as "missing:chat.begin lines:desk.days": they tell two mistakes apart however they
	// are worded. Empty: the words tell.
	Facts string `json:"-"`
}

// Since lists those mistakes that a folder did not have before: a text that was missing already, told in other words, is none.
func (ps Problems) Since(before Problems) Problems {
	facts, had := map[string]bool{}, map[string]int{}
	for _, p := range before {
		for _, f := range strings.Fields(p.Facts) {
			facts[p.File+between+f] = true
		}
		had[p.File+between+string(p.Message)]++
	}
	var out Problems
	for _, p := range ps {
		k := p.File + between + string(p.Message)
		if had[k] > 0 {
			had[k]--
			continue
		}
		isNew := p.Facts == ""
		for _, f := range strings.Fields(p.Facts) {
			isNew = isNew || !facts[p.File+between+f]
		}
		if isNew {
			out = append(out, p)
		}
	}
	return out
}

func (p Problem) String() string { return p.In(English) }

// In is the mistake in a language: where it stands, what it is, and what to do.
func (p Problem) In(lang string) string { return p.Text().In(lang) }

// Text is the mistake as one sentence.
func (p Problem) Text() Text {
	return Say("%s:%d: %s; %s", p.File, max(p.Line, 1), p.Message, p.Remedy)
}

// Problems is every mistake found. As an error it prints one line for each.
type Problems []Problem

func (ps Problems) Error() string { return ps.In(English) }

// In is every mistake in a language, one line for each.
func (ps Problems) In(lang string) string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.In(lang)
	}
	return strings.Join(lines, "\n")
}

// Add notes a mistake, unless there are more than anybody would read.
func (ps *Problems) Add(file string, line int, remedy, message Text) {
	ps.Note(file, line, remedy, message)
}

// Note is Add with the facts of the mistake.
func (ps *Problems) Note(file string, line int, remedy, message Text, facts ...string) {
	if len(*ps) >= mostProblems {
		return
	}
	*ps = append(*ps, Problem{File: file, Line: line, Message: message.brief(), Remedy: remedy, Facts: strings.Join(facts, " ")})
}

// Err returns the problems in the order of file and line, each once, or nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	sort.SliceStable(ps, func(i, j int) bool {
		if ps[i].File != ps[j].File {
			return ps[i].File < ps[j].File
		}
		return ps[i].Line < ps[j].Line
	})
	seen := make(map[Problem]bool, len(ps))
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool {
		before := seen[p]
		seen[p] = true
		return before
	})
}

// Join puts the problems of several loads together. An error that is not a list of
// problems becomes one.
func Join(errs ...error) error {
	var all Problems
	for _, err := range errs {
		var ps Problems
		switch {
		case err == nil:
		case errors.As(err, &ps):
			all = append(all, ps...)
		default:
			all = append(all, Problem{File: ".", Message: Explain(err), Remedy: "see whether the folder can be read"})
		}
	}
	return all.Err()
}

// Reader reads files of one folder and collects their problems.
type Reader struct {
	fsys     fs.FS
	Problems Problems
	files    int
	bytes    int
	ahead    map[string]*parsed
}

// parsed is a file that is parsed before it is asked for.
type parsed struct {
	ready chan struct{} // closed when the rest is there
	data  []byte        // from which it was parsed
	doc   yaml.Node
	err   error
}

// Ahead begins to parse YAML files that will be asked for, side by side. Nothing is said of them before they are.
func (r *Reader) Ahead(names []string) {
	if r.ahead == nil {
		r.ahead = map[string]*parsed{}
	}
	turns, together := make(chan struct{}, runtime.GOMAXPROCS(0)), 0
	for _, name := range names {
		info, err := fs.Stat(r.fsys, name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > MaxBytes || r.ahead[name] != nil {
			continue
		}
		if together += int(info.Size()); together > mostTogether || len(r.ahead) > mostFiles {
			return
		}
		p := &parsed{ready: make(chan struct{})}
		r.ahead[name] = p
		go func() {
			defer close(p.ready)
			turns <- struct{}{}
			defer func() { <-turns }()
			data, err := fs.ReadFile(r.fsys, name)
			if err != nil {
				p.err = err
				return
			}
			if data, not := Plain(data); not == nil && !tooMany(data) {
				p.data = data
				p.err = decode(data, &p.doc)
			}
		}()
	}
}

// decoded parses a file, or takes what was parsed of the same bytes before.
func (r *Reader) decoded(name string, data []byte) (doc yaml.Node, err error) {
	if p := r.ahead[name]; p != nil {
		<-p.ready
		delete(r.ahead, name)
		if p.data != nil && bytes.Equal(p.data, data) {
			return p.doc, p.err
		}
	}
	err = decode(data, &doc)
	return doc, err
}

// decode parses YAML. Whatever the parser breaks on is a mistake of the file.
func decode(data []byte, doc *yaml.Node) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%v", broken)
		}
	}()
	return yaml.NewDecoder(bytes.NewReader(data)).Decode(doc)
}

// tooMany reports whether a file would have more values than any real one, before the parser makes much of it.
func tooMany(data []byte) bool {
	values := 0
	for _, c := range []byte("\n,:[{-") {
		values += bytes.Count(data, []byte{c})
	}
	return values > maxNodes
}

// NewReader returns a Reader of the folder.
func NewReader(fsys fs.FS) *Reader { return &Reader{fsys: fsys} }

// Add notes a mistake.
func (r *Reader) Add(file string, line int, remedy, message Text, args ...any) {
	r.Problems.Add(file, line, remedy, Say(message, args...))
}

// Exists reports whether there is a file of that name.
func (r *Reader) Exists(name string) bool {
	_, err := fs.Stat(r.fsys, name)
	return err == nil
}

// Peek reads a file that [Reader.Bytes] would read, and says nothing of others.
func (r *Reader) Peek(name string) []byte {
	if info, err := fs.Stat(r.fsys, name); err != nil || !info.Mode().IsRegular() || info.Size() > MaxBytes || r.full() {
		return nil
	}
	data, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		return nil
	}
	return data
}

// full reports whether the folder holds more than any real one.
func (r *Reader) full() bool { return r.files > mostFiles || r.bytes > mostTogether }

// Bytes reads a file whole, with its size limited. It returns nil after a problem.
func (r *Reader) Bytes(name string) []byte {
	if r.full() {
		return nil // said before
	}
	info, err := fs.Stat(r.fsys, name)
	if err != nil {
		r.Add(name, 0, "put the file there, or take it from the files that came with the program", "this file cannot be found or read")
		return nil
	}
	if !info.Mode().IsRegular() {
		r.Add(name, 0, "put a plain text file there", "this is not a plain file")
		return nil
	}
	if info.Size() > MaxBytes {
		r.Add(name, 0, "split it, or remove what does not belong there", "the file has %d bytes, more than the %d allowed", info.Size(), MaxBytes)
		return nil
	}
	data, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		r.Add(name, 0, "see who may read the file", "this file cannot be read")
		return nil
	}
	r.files++
	r.bytes += len(data)
	if r.full() {
		r.Add(name, 0, "remove what does not belong there", "from here on nothing is read: the folder has more than %d files, or more than %d bytes in them", mostFiles, mostTogether)
		return nil
	}
	return data
}

// Text reads a file of plain text, without a byte order mark. It returns nil after a problem.
func (r *Reader) Text(name string) []byte {
	data := r.Bytes(name)
	if data == nil {
		return nil
	}
	text, not := Plain(data)
	if not != nil {
		r.Add(name, not.Line, not.Remedy, not.Message)
		return nil
	}
	if text == nil {
		return []byte{}
	}
	return text
}

// File reads a YAML file whose top is a map. Ok is false after a mistake that leaves nothing to read.
func (r *Reader) File(name string) (Node, bool) {
	data := r.Bytes(name)
	if data == nil {
		return Node{}, false
	}
	return r.Parse(name, data)
}

// Parse is File for what was already read.
func (r *Reader) Parse(name string, data []byte) (Node, bool) {
	data, not := Plain(data)
	if not != nil {
		r.Add(name, not.Line, not.Remedy, not.Message)
		return Node{}, false
	}
	if len(bytes.TrimSpace(data)) == 0 {
		r.Add(name, 1, "put back what was in it, or write at least one name and a colon", "the file is empty")
		return Node{}, false
	}
	if tooMany(data) {
		r.Add(name, 1, "split the file", "the file has more than %d values", maxNodes)
		return Node{}, false
	}
	doc, err := r.decoded(name, data)
	if err != nil {
		line, what := yamlError(err)
		line, message, remedy := mend(data, line, what)
		r.Add(name, line, remedy, message)
		return Node{}, false
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		r.Add(name, 1, "put back what was in it, or write at least one name and a colon", "the file is empty")
		return Node{}, false
	}
	count := 0
	if !r.plain(name, data, doc.Content[0], 0, &count) {
		return Node{}, false
	}
	n := Node{r: r, file: name, y: doc.Content[0], path: ""}
	if n.y.Kind != yaml.MappingNode {
		r.Add(name, n.y.Line, "write names followed by a colon", "the file should be a list of names with values")
		return Node{}, false
	}
	return n, true
}

// plain refuses what staff never need and what could blow up: aliases, deep nesting, masses of nodes.
func (r *Reader) plain(file string, data []byte, y *yaml.Node, depth int, count *int) bool {
	*count++
	switch {
	case y.Kind == yaml.AliasNode || y.Anchor != "":
		r.Add(file, y.Line, inQuotes(data, y.Line, "write the value out"), "anchors and aliases (& and *) are not used in these files")
		return false
	case y.Style&yaml.TaggedStyle != 0:
		r.Add(file, y.Line, inQuotes(data, y.Line, "put the text in quotes"), "the text begins with %s, and nobody would be shown that word", y.Tag)
		return false
	case depth > maxDepth:
		r.Add(file, y.Line, "move it up", "this is nested deeper than %d levels", maxDepth)
		return false
	case *count > maxNodes:
		r.Add(file, y.Line, "split the file", "the file has more than %d values", maxNodes)
		return false
	}
	for _, c := range y.Content {
		if !r.plain(file, data, c, depth+1, count) {
			return false
		}
	}
	return true
}

// inQuotes tells to write a line with its text in quotes, and how it then reads. Otherwise is what is told of a line that holds no text alone.
func inQuotes(data []byte, line int, otherwise Text) Text {
	if l := written(data, line); l != "" {
		return Say("put the text in quotes, as %s", l)
	}
	return otherwise
}

// yamlError takes the line and the plain part out of the parser's message.
func yamlError(err error) (int, string) {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if i := strings.Index(msg, "line "); i >= 0 {
		rest := msg[i+5:]
		end := strings.IndexFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
		if end > 0 {
			line, _ = strconv.Atoi(rest[:end])
		}
	}
	if i := strings.LastIndex(msg, ": "); i >= 0 {
		msg = msg[i+2:]
	}
	return line, strings.ReplaceAll(msg, "\n", " ")
}

// Node is a value in a file.
type Node struct {
	r    *Reader
	file string
	y    *yaml.Node
	path string
}

// Zero reports whether there is no value.
func (n Node) Zero() bool { return n.y == nil }

// File and Line tell where the value stands.
func (n Node) File() string { return n.file }

// Line is the line of the value, counted from 1.
func (n Node) Line() int {
	if n.y == nil {
		return 1
	}
	return n.y.Line
}

// Bad notes a mistake at this value.
func (n Node) Bad(remedy, message Text, args ...any) {
	n.r.Add(n.file, n.Line(), remedy, message, args...)
}

// Field is a name and its value.
type Field struct {
	Name string
	Line int
	Node
	Remark string // what stands behind the value on its line, from # on
}

// Fields returns the entries of a map in the file's order. A name given twice is a mistake.
func (n Node) Fields() []Field {
	if n.y == nil {
		return nil
	}
	if n.y.Kind != yaml.MappingNode {
		n.Bad("write names followed by a colon", "%s should hold names with values", n.where())
		return nil
	}
	seen := map[string]int{}
	var out []Field
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		k, v := n.y.Content[i], n.y.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			n.r.Add(n.file, k.Line, "write a plain name", "a name should be one word")
			continue
		}
		if message, remedy, meant := lookalike(k.Value); message != "" {
			n.r.Add(n.file, k.Line, remedy, message)
			k = &yaml.Node{Kind: k.Kind, Value: meant, Line: k.Line, LineComment: k.LineComment} // so that nothing else is said to be missing
		}
		if first, ok := seen[k.Value]; ok {
			n.r.Add(n.file, k.Line, "remove one of the two", "%q is given twice (first in line %d)", k.Value, first)
			continue
		}
		seen[k.Value] = k.Line
		path := k.Value
		if n.path != "" {
			path = n.path + "." + k.Value
		}
		remark := v.LineComment
		if remark == "" && v.Kind == yaml.ScalarNode {
			remark = k.LineComment // where nothing but the remark stands behind the name
		}
		out = append(out, Field{Name: k.Value, Line: k.Line, Node: Node{r: n.r, file: n.file, y: v, path: path}, Remark: remark})
	}
	return out
}

// Map returns the named fields and complains about every other name.
func (n Node) Map(allowed ...string) map[string]Node {
	out := map[string]Node{}
	for _, f := range n.Fields() {
		known := false
		for _, a := range allowed {
			known = known || a == f.Name
		}
		if !known {
			n.r.Add(n.file, f.Line, Say("use one of: %s", strings.Join(allowed, ", ")), "unknown key %q%s", f.Name, n.in())
			continue
		}
		out[f.Name] = f.Node
	}
	return out
}

// List returns the entries of a list.
func (n Node) List() []Node {
	if n.y == nil {
		return nil
	}
	if n.y.Kind != yaml.SequenceNode {
		n.Bad("write it as [a, b]", "%s should be a list", n.where())
		return nil
	}
	out := make([]Node, len(n.y.Content))
	for i, c := range n.y.Content {
		out[i] = Node{r: n.r, file: n.file, y: c, path: n.path}
	}
	return out
}

// Text returns a text, empty when there is none. Anything but a single value is a mistake.
func (n Node) Text() string {
	if n.y == nil {
		return ""
	}
	if n.y.Kind != yaml.ScalarNode || n.y.Tag == "!!null" {
		n.Bad("write a text after the colon", "%s should be a text", n.where())
		return ""
	}
	return strings.TrimSpace(n.y.Value)
}

// Texts returns a list of texts.
func (n Node) Texts() []string {
	var out []string
	for _, e := range n.List() {
		if s := e.Text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Bool returns true or false, false when there is none.
func (n Node) Bool() bool {
	if n.y == nil {
		return false
	}
	switch {
	case n.y.Kind == yaml.ScalarNode && n.y.Value == "true":
		return true
	case n.y.Kind == yaml.ScalarNode && n.y.Value == "false":
		return false
	}
	n.Bad("write true or false", "%s should be true or false", n.where())
	return false
}

// Int returns a whole number from 0 to 99, 0 when there is none.
func (n Node) Int() int {
	if n.y == nil {
		return 0
	}
	v, err := strconv.Atoi(n.y.Value)
	if n.y.Kind != yaml.ScalarNode || err != nil || v < 0 || v > 99 {
		n.Bad("write a whole number from 0 to 99", "%s should be a number", n.where())
		return 0
	}
	return v
}

func (n Node) where() Text {
	if n.path == "" {
		return "this"
	}
	return Say("%q", n.path)
}

func (n Node) in() Text {
	if n.path == "" {
		return ""
	}
	return Say(" in %q", n.path)
}

// IsMap and IsList tell what kind of value this is.
func (n Node) IsMap() bool { return n.y != nil && n.y.Kind == yaml.MappingNode }

// IsList reports whether the value is a list.
func (n Node) IsList() bool { return n.y != nil && n.y.Kind == yaml.SequenceNode }

// Raw returns a single value as it stands, neither trimmed nor checked. A name without a value gives "". Ok is false
// for a map or a list.
func (n Node) Raw() (s string, ok bool) {
	if n.y == nil || n.y.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.y.Value, true
}

// RawTexts returns the single values of a list as they stand, and their lines.
func (n Node) RawTexts() (texts []string, lines []int) {
	if !n.IsList() {
		return nil, nil
	}
	for _, c := range n.y.Content {
		texts, lines = append(texts, c.Value), append(lines, c.Line)
	}
	return texts, lines
}

// Behind is what stands behind a text on its line, from # on.
type Behind struct {
	Line   int
	Shown  string // the text, as people read it
	Remark string
	Whole  string // the line with both in quotes, as it would be typed if both were the text
}

// Behind tells what stands behind the value; ok is false where nothing does.
func (f Field) Behind() (b Behind, ok bool) {
	s, one := f.Raw()
	if f.Remark == "" || !one {
		return Behind{Line: f.Line, Remark: f.Remark}, f.Remark != ""
	}
	return Behind{f.Line, strings.TrimSpace(s), f.Remark, f.Name + ": " + quote(s+" "+f.Remark)}, true
}

// Remark is what stands behind a single value on its line, from # on.
func (n Node) Remark() string {
	if n.y == nil || n.y.Kind != yaml.ScalarNode {
		return ""
	}
	return n.y.LineComment
}

// Behinds lists what stands behind the lines of a list.
func (n Node) Behinds() (out []Behind) {
	if n.IsList() {
		for _, c := range n.y.Content {
			if c.LineComment != "" {
				out = append(out, Behind{c.Line, strings.TrimSpace(c.Value), c.LineComment, "- " + quote(c.Value+" "+c.LineComment)})
			}
		}
	}
	return out
}

// LineOf is the line from which on a value stands in which a word occurs: of the lines of a text that goes over several, the first that holds it.
func (n Node) LineOf(word string) int {
	lines := strings.Split(string(n.r.Peek(n.file)), "\n")
	for i := max(n.Line(), 1); i <= len(lines); i++ {
		if strings.Contains(lines[i-1], word) {
			return i
		}
	}
	return n.Line()
}

// IsScalar reports whether this is a single value.
func (n Node) IsScalar() bool { return n.y != nil && n.y.Kind == yaml.ScalarNode }

// Peek is Fields without a word about mistakes, for a look at what kind of map this is.
func (n Node) Peek() []Field {
	if !n.IsMap() {
		return nil
	}
	quiet := n
	quiet.r = &Reader{}
	return quiet.Fields()
}
