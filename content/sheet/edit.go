package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// How a file is edited: the parser says where each value stands, and only the letters of a changed value are
// replaced. Comments, blank lines, order, quotes and block literals of everything else stay as they
// are, to the byte. The result is read again and must hold exactly what was asked; otherwise the
// file is written anew from the parsed tree, which keeps comments and order but not every blank line.

// Change is a new value at a place of a file.
type Change struct {
	Path  []string // the names that lead there; in a list the position, from 0
	Value string
	List  []string // if not nil, the whole list instead of Value
	After string   // for a name that is not there yet: the sibling it follows; at the end if there is none
}

// errNotKept is an edit that does not read back as it was meant.
const errNotKept Text = "the file cannot be changed by the program; change it by hand"

// Edit returns the file with the changes made.
func Edit(data []byte, changes []Change) ([]byte, error) {
	if len(changes) == 0 {
		return data, nil
	}
	top, err := parse(data)
	if err != nil {
		return nil, err
	}
	want := map[string]string{}
	flatten(top, "", want)
	for _, c := range changes {
		c.expect(want)
	}
	out, err := splice(data, changes)
	if err == nil && holds(out, want) {
		return out, nil
	}
	if out, err = rewrite(data, changes); err != nil {
		return nil, err
	}
	if !holds(out, want) {
		return nil, errNotKept
	}
	return out, nil
}

func parse(data []byte) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		line, what := yamlError(err)
		return nil, Say("line %d is not valid YAML (%s)", line, what)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, Text("the file is no list of names with values")
	}
	return doc.Content[0], nil
}

const between = "\x00" // of the names of a path

// flatten lists every value of a tree under its path.
func flatten(n *yaml.Node, path string, into map[string]string) {
	switch n.Kind {
	case yaml.MappingNode:
		into[path+between] = "map"
		for i := 0; i+1 < len(n.Content); i += 2 {
			flatten(n.Content[i+1], path+between+n.Content[i].Value, into)
		}
	case yaml.SequenceNode:
		into[path+between] = "list"
		for i, c := range n.Content {
			flatten(c, path+between+strconv.Itoa(i), into)
		}
	default:
		into[path] = n.Value
	}
}

// expect notes in the list of values what the file will hold.
func (c Change) expect(want map[string]string) {
	path := ""
	for _, p := range c.Path {
		if want[path+between] == "" {
			delete(want, path)
			want[path+between] = "map"
		}
		path += between + p
	}
	for k := range want {
		if k == path || strings.HasPrefix(k, path+between) {
			delete(want, k)
		}
	}
	if c.List == nil {
		want[path] = c.Value
		return
	}
	want[path+between] = "list"
	for i, v := range c.List {
		want[path+between+strconv.Itoa(i)] = v
	}
}

func holds(data []byte, want map[string]string) bool {
	top, err := parse(data)
	if err != nil {
		return false
	}
	got := map[string]string{}
	flatten(top, "", got)
	if len(got) != len(want) {
		return false
	}
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			return false
		}
	}
	return true
}

// splice replaces the letters of what is there, then adds what is not.
func splice(data []byte, changes []Change) ([]byte, error) {
	top, err := parse(data)
	if err != nil {
		return nil, err
	}
	type piece struct {
		from, to int
		with     string
	}
	var pieces []piece
	var missing []Change
	p := page{data: data, lines: lineStarts(data)}
	for _, c := range changes {
		s := find(top, c.Path)
		if s.node == nil {
			missing = append(missing, c)
			continue
		}
		from, to, err := p.span(s)
		if err != nil {
			return nil, err
		}
		if s.node.Kind != yaml.ScalarNode && s.key != nil && c.List == nil { // from a line below to the line of the name
			if above := bytes.TrimRight(data[:from], " \r\n"); bytes.HasSuffix(above, []byte(":")) {
				from = len(above)
			}
		}
		pieces = append(pieces, piece{from, to, p.replacement(s, from, c)})
	}
	sort.Slice(pieces, func(i, j int) bool { return pieces[i].from > pieces[j].from })
	for i, q := range pieces {
		if i > 0 && q.to > pieces[i-1].from {
			return nil, errNotKept
		}
		data = slices.Concat(data[:q.from], []byte(q.with), data[q.to:])
	}
	for _, c := range missing {
		if data, err = insert(data, c); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// spot is a value in a tree and what surrounds it.
type spot struct {
	node   *yaml.Node
	parent *yaml.Node
	key    *yaml.Node // nil in a list
	flow   bool       // inside [] or {}
}

func find(top *yaml.Node, path []string) spot {
	s := spot{node: top}
	for _, p := range path {
		next := spot{parent: s.node, flow: s.flow || s.node.Style&yaml.FlowStyle != 0}
		switch s.node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(s.node.Content); i += 2 {
				if s.node.Content[i].Value == p {
					next.key, next.node = s.node.Content[i], s.node.Content[i+1]
					break
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(p); err == nil && i >= 0 && i < len(s.node.Content) {
				next.node = s.node.Content[i]
			}
		}
		if next.node == nil {
			return spot{}
		}
		s = next
	}
	return s
}

// page is a file with the beginnings of its lines.
type page struct {
	data  []byte
	lines []int
}

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// at returns the byte at which a node begins.
func (p page) at(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(p.lines) {
		return len(p.data)
	}
	i := p.lines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(p.data[i:])
		i += size
	}
	return min(i, len(p.data))
}

func (p page) lineEnd(i int) int {
	if j := bytes.IndexByte(p.data[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(p.data)
}

// indent is how far the parent of a value stands to the right.
func (p page) indent(s spot) int {
	if s.key != nil {
		return s.key.Column - 1
	}
	if s.parent != nil {
		return s.parent.Column - 1
	}
	return 0
}

// span returns where a value begins and ends.
func (p page) span(s spot) (from, to int, err error) {
	n := s.node
	if n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		if s.key == nil { // a name or a dash with nothing after it
			return 0, 0, errNotKept
		}
		_, end, err := p.span(spot{node: s.key})
		if err != nil {
			return 0, 0, err
		}
		colon := bytes.IndexByte(p.data[end:], ':')
		if colon < 0 {
			return 0, 0, errNotKept
		}
		return end + colon + 1, end + colon + 1, nil
	}
	from = p.at(n)
	if n.Style&yaml.TaggedStyle != 0 || n.Anchor != "" {
		return 0, 0, errNotKept
	}
	switch {
	case n.Kind == yaml.AliasNode:
		return 0, 0, errNotKept
	case n.Kind != yaml.ScalarNode:
		return p.collection(s, from)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for i := from + 1; i < len(p.data); i++ {
			switch p.data[i] {
			case '\\':
				i++
			case '"':
				return from, i + 1, nil
			}
		}
	case n.Style&yaml.SingleQuotedStyle != 0:
		for i := from + 1; i < len(p.data); i++ {
			if p.data[i] != '\'' {
				continue
			}
			if i+1 < len(p.data) && p.data[i+1] == '\'' {
				i++
				continue
			}
			return from, i + 1, nil
		}
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		to = p.lineEnd(from)
		most := p.indent(s)
		for i := to + 1; i < len(p.data); {
			end := p.lineEnd(i)
			line := bytes.TrimRight(p.data[i:end], " \t\r")
			blank := len(line) == 0
			if !blank && len(line)-len(bytes.TrimLeft(line, " ")) <= most {
				break
			}
			if !blank {
				to = end
			}
			i = end + 1
		}
		if to > 0 && p.data[to-1] == '\r' {
			to--
		}
		return from, to, nil
	default:
		to = from
		for _, word := range strings.Fields(n.Value) {
			i := bytes.Index(p.data[to:], []byte(word))
			if i < 0 || len(bytes.TrimSpace(p.data[to:to+i])) > 0 {
				return 0, 0, errNotKept
			}
			to += i + len(word)
		}
		return from, to, nil
	}
	return 0, 0, errNotKept
}

// collection returns where a list or a map begins and ends.
func (p page) collection(s spot, from int) (int, int, error) {
	n := s.node
	to := from
	flow := n.Style&yaml.FlowStyle != 0
	if flow {
		to++
	}
	if len(n.Content) > 0 {
		child := spot{node: n.Content[len(n.Content)-1], parent: n, flow: flow || s.flow}
		if n.Kind == yaml.MappingNode {
			child.key = n.Content[len(n.Content)-2]
		}
		_, end, err := p.span(child)
		if err != nil {
			return 0, 0, err
		}
		to = end
	}
	if !flow {
		return from, to, nil
	}
	for to < len(p.data) {
		switch c := p.data[to]; c {
		case ']', '}':
			return from, to + 1, nil
		case '#':
			to = p.lineEnd(to)
		case ' ', '\t', '\r', '\n', ',':
			to++
		default:
			return 0, 0, errNotKept
		}
	}
	return 0, 0, errNotKept
}

// replacement writes a new value in the manner of the old.
func (p page) replacement(s spot, from int, c Change) string {
	n := s.node
	gap := ""
	if from > 0 && p.data[from-1] == ':' {
		gap = " "
	}
	if c.List == nil {
		style := n.Style
		if n.Kind != yaml.ScalarNode || n.Value == "" {
			style = 0
		}
		return gap + p.newlines(Scalar(c.Value, style, s.flow, p.indent(s)+2))
	}
	if n.Kind == yaml.SequenceNode && n.Style&yaml.FlowStyle == 0 && len(c.List) > 0 {
		var b strings.Builder
		dash := n.Column - 1
		for i, v := range c.List {
			if i > 0 {
				b.WriteString("\n" + strings.Repeat(" ", dash))
			}
			b.WriteString("- " + Scalar(v, 0, false, dash+2))
		}
		return gap + p.newlines(b.String())
	}
	return gap + flowList(c.List)
}

func flowList(list []string) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = Scalar(v, 0, true, 0)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// newlines writes line ends as the file has them.
func (p page) newlines(s string) string {
	if bytes.Contains(p.data, []byte("\r\n")) {
		return strings.ReplaceAll(s, "\n", "\r\n")
	}
	return s
}

// insert adds a value whose name, or whose parents' names, are not there yet.
func insert(data []byte, c Change) ([]byte, error) {
	top, err := parse(data)
	if err != nil {
		return nil, err
	}
	p := page{data: data, lines: lineStarts(data)}
	depth := len(c.Path) - 1
	s := find(top, c.Path[:depth])
	for s.node == nil && depth > 0 {
		depth--
		s = find(top, c.Path[:depth])
	}
	n := s.node
	if n == nil || n.Kind == yaml.ScalarNode && depth > 0 {
		return insertBelow(data, p, s, c, depth)
	}
	if s.flow || n.Style&yaml.FlowStyle != 0 {
		return insertFlow(data, p, s, c, depth)
	}
	if n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, errNotKept
	}
	column := n.Column - 1
	last := spot{node: n.Content[len(n.Content)-1], parent: n}
	if n.Kind == yaml.MappingNode {
		last.key = n.Content[len(n.Content)-2]
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == c.After && c.After != "" {
				last.key, last.node = n.Content[i], n.Content[i+1]
			}
		}
	}
	_, end, err := p.span(last)
	if err != nil {
		return nil, err
	}
	end = p.lineEnd(end)
	if end > 0 && end < len(data) && data[end-1] == '\r' {
		end--
	}
	text := "\n" + strings.Repeat(" ", column)
	if n.Kind == yaml.SequenceNode {
		if c.Path[depth] != strconv.Itoa(len(n.Content)) || depth != len(c.Path)-1 {
			return nil, errNotKept
		}
		text += "- " + Scalar(c.Value, 0, false, column+2)
	} else {
		text += block(c, depth, column)
	}
	return slices.Concat(data[:end], []byte(p.newlines(text)), data[end:]), nil
}

// insertBelow gives a name that has no value, or a single one, names below it.
func insertBelow(data []byte, p page, s spot, c Change, depth int) ([]byte, error) {
	if s.node == nil || s.key == nil || s.flow {
		return nil, errNotKept
	}
	from, to, err := p.span(s)
	if err != nil {
		return nil, err
	}
	for from > 0 && data[from-1] == ' ' {
		from--
	}
	column := s.key.Column + 1
	text := "\n" + strings.Repeat(" ", column) + block(c, depth, column)
	return slices.Concat(data[:from], []byte(p.newlines(text)), data[to:]), nil
}

// block writes the rest of a path, one name a line.
func block(c Change, depth, column int) string {
	var b strings.Builder
	for i := depth; i < len(c.Path); i++ {
		b.WriteString(Scalar(c.Path[i], 0, true, 0) + ":")
		if i < len(c.Path)-1 {
			column += 2
			b.WriteString("\n" + strings.Repeat(" ", column))
		}
	}
	if c.List != nil {
		return b.String() + " " + flowList(c.List)
	}
	return b.String() + " " + Scalar(c.Value, 0, false, column+2)
}

func insertFlow(data []byte, p page, s spot, c Change, depth int) ([]byte, error) {
	n := s.node
	text := flowList(c.List)
	if c.List == nil {
		text = Scalar(c.Value, 0, true, 0)
	}
	for i := len(c.Path) - 1; i > depth; i-- {
		text = "{ " + Scalar(c.Path[i], 0, true, 0) + ": " + text + " }"
	}
	switch n.Kind {
	case yaml.MappingNode:
		text = Scalar(c.Path[depth], 0, true, 0) + ": " + text
	case yaml.SequenceNode:
		if c.Path[depth] != strconv.Itoa(len(n.Content)) {
			return nil, errNotKept
		}
	default:
		return nil, errNotKept
	}
	if len(n.Content) == 0 {
		i := p.at(n) + 1
		return slices.Concat(data[:i], []byte(text), data[i:]), nil
	}
	last := spot{node: n.Content[len(n.Content)-1], parent: n, flow: true}
	if n.Kind == yaml.MappingNode {
		last.key = n.Content[len(n.Content)-2]
	}
	_, end, err := p.span(last)
	if err != nil {
		return nil, err
	}
	return slices.Concat(data[:end], []byte(", "+text), data[end:]), nil
}

// Scalar writes a value so that it reads back as the same letters: a block literal for several lines, else plain if
// that is safe, else in quotes. Style is how it was written before; flow is inside [] or {}.
func Scalar(v string, style yaml.Style, flow bool, indent int) string {
	try := func(s string) (string, bool) { return s, readsBack(s, v, flow, indent) }
	if !flow && (strings.Contains(v, "\n") || style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0) {
		lines := strings.Split(v, "\n")
		for i, l := range lines {
			if l != "" {
				lines[i] = strings.Repeat(" ", indent) + l
			}
		}
		if s, ok := try("|-\n" + strings.Join(lines, "\n")); ok {
			return s
		}
	}
	switch {
	case strings.ContainsAny(v, "\n\r"):
	case style&yaml.SingleQuotedStyle != 0:
		if s, ok := try("'" + strings.ReplaceAll(v, "'", "''") + "'"); ok {
			return s
		}
	case style&yaml.DoubleQuotedStyle != 0 || treacherous[strings.ToLower(v)]:
	default:
		if s, ok := try(v); ok {
			return s
		}
	}
	return Quoted(v)
}

// words that older readers of YAML take for something else than text
var treacherous = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true, "~": true}

// readsBack tries a value out in a file of its own.
func readsBack(s, want string, flow bool, indent int) bool {
	file := strings.Repeat(" ", max(indent-2, 0)) + "k: " + s + "\n"
	if flow {
		file = "k: [" + s + ", x]\n"
	}
	top, err := parse([]byte(file))
	if err != nil || len(top.Content) != 2 || top.Content[0].Value != "k" {
		return false
	}
	n := top.Content[1]
	if flow {
		if n.Kind != yaml.SequenceNode || len(n.Content) != 2 {
			return false
		}
		n = n.Content[0]
	}
	return n.Kind == yaml.ScalarNode && n.Value == want && n.Tag == "!!str" && n.HeadComment+n.LineComment+n.FootComment+top.Content[0].HeadComment == ""
}

// Quoted writes a value in double quotes.
func Quoted(v string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range v {
		switch {
		case r == '"', r == '\\':
			b.WriteString("\\" + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r >= 0xfffe && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// rewrite makes the changes in the tree and writes all of it anew.
func rewrite(data []byte, changes []Change) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		return nil, err
	}
	for _, c := range changes {
		set(doc.Content[0], c, c.Path)
	}
	var out bytes.Buffer
	d, err := yaml.NewDumper(&out, yaml.WithV4Defaults(), yaml.WithLineWidth(-1), yaml.WithQuotePreference(yaml.QuoteDouble))
	if err != nil {
		return nil, err
	}
	if err = errors.Join(d.Dump(&doc), d.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func set(n *yaml.Node, c Change, path []string) {
	if len(path) == 0 {
		style := n.Style
		comments := [...]string{n.HeadComment, n.LineComment, n.FootComment}
		*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: c.Value, Style: style &^ yaml.FlowStyle}
		if strings.ContainsAny(c.Value, "\n\r") && n.Style&yaml.LiteralStyle == 0 {
			n.Style = yaml.DoubleQuotedStyle
		}
		if c.List != nil {
			*n = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
			for _, v := range c.List {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, Style: yaml.DoubleQuotedStyle})
			}
		}
		n.HeadComment, n.LineComment, n.FootComment = comments[0], comments[1], comments[2]
		return
	}
	if next := find(n, path[:1]).node; next != nil {
		set(next, c, path[1:])
		return
	}
	child := &yaml.Node{}
	switch n.Kind {
	case yaml.SequenceNode:
		n.Content = append(n.Content, child)
	case yaml.MappingNode:
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: path[0]}, child)
	default:
		*n = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: path[0]}, child)
	}
	set(child, c, path[1:])
}
