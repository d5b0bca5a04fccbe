package draw

import (
	"fmt"
	"strings"
)

// marks tell the grades apart in a text without colour.
var marks = map[string]string{"emergency": "‼", "stop": "■", "strong": "●●●", "medium": "●●○", "weak": "●○○", "none": "○", "raise": "↑", "green": "✓", "key": "=", "note": "·"}

// label is a row in plain text.
func (g *graph) label(r row) string {
	s := r.text
	for _, c := range r.chips {
		s += " " + marks[c.grade] + " "
		if c.not {
			s += g.words.notTicked + " "
		}
		s += c.name
	}
	return s
}

// head is a node in plain text, line by line.
func (g *graph) head(n node) []string {
	if n.end {
		first := n.question
		if n.sign != "" {
			first = n.sign + " " + first
		}
		return append([]string{first}, n.lines...)
	}
	first := n.name
	if n.several {
		first += " (" + g.words.several + ")"
	}
	if n.always {
		first += " (" + g.words.always + ")"
	}
	out := []string{first}
	if n.question != n.name {
		out = append(out, n.question)
	}
	for _, c := range g.condition(n) {
		out = append(out, "◇ "+c)
	}
	return out
}

// Mermaid draws the quiz as a Mermaid flowchart.
func Mermaid(q Quiz) string {
	g := newGraph(q)
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	id := func(i int) string { return fmt.Sprintf("n%d", i) }
	for i, n := range g.nodes {
		lines := g.head(n)
		for j := range lines {
			lines[j] = mermaidText(lines[j])
		}
		open, shut, class := "[", "]", "step"
		switch {
		case n.end:
			open, shut, class = "([", "])", "finish"
		case n.conditional():
			open, shut, class = "{{", "}}", "conditional"
		}
		fmt.Fprintf(&b, "    %s%s\"%s\"%s:::%s\n", id(i), open, strings.Join(lines, "<br/>"), shut, class)
	}
	for _, e := range g.edges {
		var lines []string
		for _, r := range e.rows {
			lines = append(lines, mermaidText(g.label(r)))
		}
		if e.past {
			lines = []string{mermaidText(g.words.otherwise)}
		}
		arrow := "-->"
		if e.past || e.quiet() {
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "    %s %s|\"%s\"| %s\n", id(e.from), arrow, strings.Join(lines, "<br/>"), id(e.to))
	}
	b.WriteString("    classDef step fill:#fff,stroke:#44546a,color:#1f2328\n")
	b.WriteString("    classDef conditional fill:#fff,stroke:#44546a,color:#1f2328,stroke-dasharray:5 3\n")
	b.WriteString("    classDef finish fill:#e8eef7,stroke:#1f3a63,color:#1f2328,stroke-width:2px\n")
	return b.String()
}

// mermaidText writes a text so that nothing in it is taken for Mermaid, Markdown or HTML.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		switch {
		case strings.ContainsRune("\"#&<>`*_[]{}|\\;~:/", r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// DOT draws the quiz for Graphviz.
func DOT(q Quiz) string {
	g := newGraph(q)
	var b strings.Builder
	fmt.Fprintf(&b, "digraph \"%s\" {\n", dotText(q.Name))
	b.WriteString("  graph [rankdir=TB, nodesep=0.4, ranksep=0.5, fontname=\"sans-serif\"];\n")
	b.WriteString("  node [shape=box, fontname=\"sans-serif\", fontsize=12, margin=\"0.2,0.1\"];\n")
	b.WriteString("  edge [fontname=\"sans-serif\", fontsize=10];\n")
	for i, n := range g.nodes {
		style := "rounded"
		switch {
		case n.end:
			style = "rounded,bold"
		case n.conditional():
			style = "rounded,dashed"
		}
		var lines []string
		for _, l := range g.head(n) {
			lines = append(lines, wrap(clean(l), 12, 280)...)
		}
		fmt.Fprintf(&b, "  n%d [label=\"%s\", style=\"%s\"];\n", i, dotLines(lines, "\\n"), style)
	}
	for _, e := range g.edges {
		var lines []string
		for _, r := range e.rows {
			lines = append(lines, clean(g.label(r)))
		}
		style, end := "solid", "\\l"
		if e.past {
			lines, end = []string{g.words.otherwise}, "\\n"
		}
		if e.past || e.quiet() {
			style = "dotted"
		}
		fmt.Fprintf(&b, "  n%d -> n%d [label=\"%s\", style=%s];\n", e.from, e.to, dotLines(lines, end), style)
	}
	b.WriteString("}\n")
	return b.String()
}

func dotLines(lines []string, end string) string {
	var b strings.Builder
	for i, l := range lines {
		b.WriteString(dotText(l))
		if end == "\\l" || i+1 < len(lines) {
			b.WriteString(end)
		}
	}
	return b.String()
}

// dotText writes a text for a quoted string of Graphviz. HTML entities are read there too.
func dotText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`).Replace(clean(s))
}
