package draw

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizes of letters and boxes, in pixels
const (
	margin     = 28.0
	nameSize   = 13.0
	askSize    = 15.5
	smallSize  = 12.5
	titleSize  = 24.0
	stepWidth  = 330.0
	stepPad    = 16.0
	answerMost = 250.0
	chipMost   = 230.0
	chipHeight = 20.0
	answerLine = 18.0
	rowGap     = 7.0
	tabWidth   = 30.0
)

const style = `
text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",Arial,sans-serif;fill:#1c2430}
.paper{fill:#faf9f6}
.step{fill:#fff;stroke:#3d4f6b;stroke-width:1.5}
.if{stroke-dasharray:6 4}
.answers{fill:#eef1f5}
.end{fill:#e3ebf7;stroke:#274472;stroke-width:2.5}
.away{fill:#faf9f6;stroke:#6a7686;stroke-width:1.2}
.name{font-weight:700;fill:#274472}
.quiet{fill:#566170}
.line{fill:none;stroke:#5b6a80;stroke-width:1.6}
.past{stroke-dasharray:2 5;stroke-linecap:round}
.head{fill:#5b6a80}
.rule{stroke:#d5dae2;stroke-width:1}
.chip{stroke-width:1.2}
.emergency{fill:#f3d9f5;stroke:#6d1380}.emergency-ink{fill:#4f0c5e}.emergency-tab{fill:#6d1380}
.stop{fill:#fbd9d6;stroke:#a3160c}.stop-ink{fill:#7d0f07}.stop-tab{fill:#a3160c}
.strong{fill:#ffe1d1;stroke:#b5420a}.strong-ink{fill:#803004}.strong-tab{fill:#b5420a}
.medium{fill:#ffedc9;stroke:#9a6a00}.medium-ink{fill:#684700}.medium-tab{fill:#9a6a00}
.weak{fill:#f8f6d4;stroke:#77721a}.weak-ink{fill:#54500f}.weak-tab{fill:#77721a}
.raise{fill:#dcebff;stroke:#1d5fae}.raise-ink{fill:#134381}.raise-tab{fill:#1d5fae}
.green{fill:#dff3e2;stroke:#23743a}.green-ink{fill:#175228}.green-tab{fill:#23743a}
.key,.note{fill:#fff;stroke:#8a94a3}.key-ink,.note-ink{fill:#46505e}.key-tab,.note-tab{fill:#6a7686}
.mark{fill:#fff;stroke:none}.hatch{stroke:#fff;stroke-opacity:.38;stroke-width:2;fill:none}
@media(prefers-color-scheme:dark){
text{fill:#e9edf3}
.paper{fill:#14181e}
.step{fill:#1e252f;stroke:#8fa6c9}
.answers{fill:#232b36}
.end{fill:#1f3150;stroke:#9dbbe8}
.away{fill:#14181e;stroke:#8f9bac}
.name{fill:#a9c6f5}
.quiet{fill:#aab4c2}
.line{stroke:#93a1b5}
.head{fill:#93a1b5}
.rule{stroke:#36404e}
.emergency{fill:#3b1743;stroke:#d58be4}.emergency-ink{fill:#f3d3f8}.emergency-tab{fill:#8f2fa3}
.stop{fill:#471713;stroke:#f08c83}.stop-ink{fill:#ffd3ce}.stop-tab{fill:#b8271b}
.strong{fill:#472311;stroke:#f0a070}.strong-ink{fill:#ffdcc6}.strong-tab{fill:#b5420a}
.medium{fill:#3f2f0c;stroke:#e0b44d}.medium-ink{fill:#ffe8b5}.medium-tab{fill:#8f6300}
.weak{fill:#33320f;stroke:#c9c45c}.weak-ink{fill:#f3f0b8}.weak-tab{fill:#716c18}
.raise{fill:#152c4a;stroke:#86b6f2}.raise-ink{fill:#d3e5ff}.raise-tab{fill:#1d5fae}
.green{fill:#15341d;stroke:#7fce95}.green-ink{fill:#cdf2d6}.green-tab{fill:#23743a}
.key,.note{fill:#1e252f;stroke:#8f9bac}.key-ink,.note-ink{fill:#c5cdd9}.key-tab,.note-tab{fill:#5b6675}
}
@media print{.paper{fill:#fff}}
`

// SVG draws the quiz with a layout of its own.
func SVG(q Quiz) string {
	s := newSheet(q)
	return s.draw()
}

// sheet is an SVG in the making.
type sheet struct {
	*graph
	b    strings.Builder
	rtl  bool
	plan *plan
	ask  [][]string // the wrapped lines of each node
	tags [][]string // small lines above the question: conditions
	rows [][]laid   // of each edge
	wide []float64  // of each edge, the answers' part
}

// laid is an answer with its lines broken.
type laid struct {
	row
	lines []string
	h     float64
}

func newSheet(q Quiz) *sheet {
	s := &sheet{graph: newGraph(q)}
	for _, n := range s.nodes {
		if s.rtl = rightToLeft(n.question); !n.end {
			break
		}
	}
	nodes := make([][2]float64, len(s.nodes))
	for i, n := range s.nodes {
		nodes[i] = s.measureNode(i, n)
	}
	edges := make([][2]float64, len(s.edges))
	for i, e := range s.edges {
		edges[i] = s.measureEdge(e)
	}
	s.plan = arrange(s.edges, nodes, edges, func(n int) (float64, float64) {
		return measure(s.away(n), smallSize) + 44, 26
	})
	if s.rtl {
		for i := range s.plan.boxes {
			s.plan.boxes[i].x = s.plan.w - s.plan.boxes[i].x
		}
	}
	return s
}

func (s *sheet) away(n int) string {
	if s.nodes[n].end {
		return cut(s.nodes[n].question, 26)
	}
	return s.nodes[n].name
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

func (s *sheet) measureNode(i int, n node) [2]float64 {
	var tags []string
	for _, c := range s.condition(n) {
		tags = append(tags, wrap(clean(c), smallSize, stepWidth-2*stepPad-18)...)
	}
	s.tags = append(s.tags, tags)
	if n.end {
		var lines []string
		w := 200.0
		if n.lines == nil {
			lines = wrap(clean(n.question), askSize, 260)
		} else {
			lines = append([]string{n.question}, n.lines...)
		}
		for _, l := range lines {
			w = max(w, measure(clean(l), askSize)*1.08+60) // bold
		}
		s.ask = append(s.ask, lines)
		h := 2*stepPad + float64(len(lines))*22
		if n.sign != "" {
			h += 30
		}
		return [2]float64{w, h}
	}
	ask := wrap(clean(n.question), askSize, stepWidth-2*stepPad)
	if n.question == n.name {
		ask = nil
	}
	s.ask = append(s.ask, ask)
	h := 2*stepPad - 4 + 16 + float64(len(ask))*21
	if len(ask) > 0 {
		h += 6
	}
	h += s.marksHeight(n)
	if len(tags) > 0 {
		h += float64(len(tags))*17 + 6
	}
	return [2]float64{stepWidth, h}
}

// marksHeight is the room for "several" and "always" when they do not fit beside the name.
func (s *sheet) marksHeight(n node) float64 {
	if m := s.nodeMarks(n); m != "" && measure(clean(n.name), nameSize+1)+measure(m, smallSize)+20 > stepWidth-2*stepPad {
		return 18
	}
	return 0
}

func (s *sheet) nodeMarks(n node) string {
	var out []string
	if n.several {
		out = append(out, "☑ "+s.words.several)
	}
	if n.always {
		out = append(out, "★ "+s.words.always)
	}
	return strings.Join(out, "  ")
}

func (s *sheet) chipText(c chip) string {
	if c.not {
		return clean(s.words.notTicked + " " + c.name)
	}
	return clean(c.name)
}

func (s *sheet) chipWidth(c chip) float64 { return tabWidth + measure(s.chipText(c), smallSize) + 16 }

func (s *sheet) measureEdge(e edge) [2]float64 {
	if e.past {
		s.rows, s.wide = append(s.rows, nil), append(s.wide, 0)
		return [2]float64{measure(s.words.otherwise, smallSize) + 20, 20}
	}
	var rows []laid
	answers, chips, h := 0.0, 0.0, 14.0
	for _, r := range e.rows {
		l := laid{row: r, lines: wrap(clean(r.text), smallSize+1, answerMost)}
		for _, line := range l.lines {
			answers = max(answers, measure(line, smallSize+1))
		}
		for _, c := range r.chips {
			chips = max(chips, s.chipWidth(c))
		}
		l.h = max(float64(len(l.lines))*answerLine, float64(len(r.chips))*(chipHeight+3))
		h += l.h + rowGap
		rows = append(rows, l)
	}
	w := answers + 28
	if chips > 0 {
		w += chips + 18
	}
	s.rows, s.wide = append(s.rows, rows), append(s.wide, answers)
	return [2]float64{max(w, 60), h - rowGap}
}

func (s *sheet) f(format string, args ...any) { fmt.Fprintf(&s.b, format, args...) }

// n writes a number shortly.
func n(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// xml writes a text so that nothing in it is taken for a tag.
func xml(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(clean(s))
}

// text writes one line; at is start, middle or end in the reading direction.
func (s *sheet) text(x, y, size float64, class, anchor, text string) {
	direction := ""
	if rightToLeft(text) {
		direction = ` direction="rtl"`
		anchor = map[string]string{"start": "end", "end": "start", "middle": "middle"}[anchor]
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	at := ""
	if anchor != "start" {
		at = ` text-anchor="` + anchor + `"`
	}
	s.f("<text x=\"%s\" y=\"%s\" font-size=\"%s\"%s%s%s>%s</text>\n", n(x), n(y), n(size), class, at, direction, xml(text))
}

// inside places something of a width in a box: at an offset from where reading begins.
func (s *sheet) inside(left, width, offset, w float64) float64 {
	if s.rtl {
		return left + width - offset - w
	}
	return left + offset
}

// line writes a line of text that begins at an offset from where reading begins.
func (s *sheet) line(left, width, offset, y, size float64, class, text string) {
	if s.rtl {
		s.text(left+width-offset, y, size, class, "end", text)
		return
	}
	s.text(left+offset, y, size, class, "start", text)
}

func (s *sheet) draw() string {
	p := s.plan
	answers, ends := 0, 0
	for _, st := range s.q.Steps {
		answers += len(st.Choices)
	}
	for _, nd := range s.nodes {
		if nd.end {
			ends++
		}
	}
	summary := fmt.Sprintf(s.words.description, s.q.Name, len(s.q.Steps), answers, ends)
	lines := []string{}
	if s.q.Enough != "" {
		lines = append(lines, fmt.Sprintf(s.words.enough, s.q.say("results."+s.q.Enough+".title", s.q.Enough)))
	}
	width := max(p.w, 420) + 2*margin
	legend, legendHeight := s.legend(width - 2*margin)
	var about []string
	for _, l := range lines {
		about = append(about, wrap(clean(l), smallSize+1, width-2*margin)...)
	}
	top := margin + titleSize + 16 + float64(len(about))*19 + legendHeight + 30
	height := top + p.h + margin
	s.f(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="title desc"`, n(width), n(height), n(width), n(height))
	if s.q.Lang != "" {
		s.f(` lang="%s"`, xml(s.q.Lang))
	}
	s.f(">\n<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s</style>\n", xml(s.q.Name), xml(strings.Join(append([]string{summary}, lines...), " ")), style)
	s.patterns()
	s.f("<rect class=\"paper\" width=\"%s\" height=\"%s\"/>\n", n(width), n(height))
	s.line(margin, width-2*margin, 0, margin+titleSize-4, titleSize, "name", s.q.Name)
	y := margin + titleSize + 18
	for _, l := range about {
		s.line(margin, width-2*margin, 0, y, smallSize+1, "quiet", l)
		y += 19
	}
	s.f("<g transform=\"translate(%s %s)\">\n%s</g>\n", n(margin), n(y-6), legend)
	s.f("<g transform=\"translate(%s %s)\">\n", n(margin+(width-2*margin-p.w)/2), n(top))
	for i := range p.columns {
		for r := range p.columns[i].rows {
			s.lines(&p.columns[i], r)
		}
	}
	for i := range p.boxes {
		b := &p.boxes[i]
		switch b.kind {
		case stepBox:
			s.node(b)
		case answersBox:
			s.answers(b)
		case awayBox, againBox:
			s.sign(b)
		}
	}
	s.f("</g>\n</svg>\n")
	return s.b.String()
}

// lines draws what leads down from the boxes of a row, and through the row where a box is lower than it.
func (s *sheet) lines(c *column, r int) {
	h := s.plan.rowHeight(c.rows[r])
	for _, i := range c.rows[r] {
		b := &s.plan.boxes[i]
		bottom := b.y + b.h
		if b.kind == lineBox {
			bottom = b.y
		}
		for _, j := range b.down {
			t := &s.plan.boxes[j]
			class := "line"
			if (b.quiet && b.kind != stepBox) || (t.quiet && b.kind == stepBox) {
				class += " past"
			}
			arrow := t.kind == stepBox
			tip := t.y
			if arrow {
				tip -= 7
			}
			start := b.y + h
			s.f("<path class=\"%s\" d=\"M%s %s", class, n(b.x), n(bottom))
			if start > bottom {
				s.f("V%s", n(start))
			}
			if math.Abs(b.x-t.x) < 1 {
				s.f("V%s", n(tip))
			} else {
				mid := (start + tip) / 2
				s.f("C%s %s %s %s %s %s", n(b.x), n(mid+6), n(t.x), n(mid-6), n(t.x), n(tip))
			}
			s.f("\"/>\n")
			if arrow {
				s.f("<path class=\"head\" d=\"M%s %sl-5 -9h10z\"/>\n", n(t.x), n(t.y-0.5))
			}
		}
	}
}

func (s *sheet) node(b *box) {
	nd := s.nodes[b.of]
	left := b.x - b.w/2
	s.f("<g>\n")
	if nd.end {
		s.f("<title>%s</title>\n<rect class=\"end\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"22\"/>\n", xml(nd.name), n(left), n(b.y), n(b.w), n(b.h))
		y := b.y + stepPad + 16
		if nd.sign != "" {
			s.text(b.x, y+6, 24, "name", "middle", nd.sign)
			y += 32
		}
		for i, l := range s.ask[b.of] {
			switch {
			case nd.lines == nil:
				s.text(b.x, y, askSize, "name", "middle", l)
			case i == 0:
				s.text(b.x, y, askSize, "name", "middle", l)
			default:
				s.line(left, b.w, 26, y, askSize-1, "", l)
			}
			y += 22
		}
		s.f("</g>\n")
		return
	}
	class := "step"
	if len(s.tags[b.of]) > 0 {
		class += " if"
	}
	s.f("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n", class, n(left), n(b.y), n(b.w), n(b.h))
	y := b.y + stepPad + 10
	s.line(left, b.w, stepPad, y, nameSize+1, "name", nd.name)
	if m := s.nodeMarks(nd); m != "" {
		if s.marksHeight(nd) > 0 {
			y += 18
			s.line(left, b.w, stepPad, y, smallSize, "quiet", m)
		} else if s.rtl {
			s.text(left+stepPad, y, smallSize, "quiet", "start", m)
		} else {
			s.text(left+b.w-stepPad, y, smallSize, "quiet", "end", m)
		}
	}
	y += 4
	for _, l := range s.tags[b.of] {
		y += 17
		s.line(left, b.w, stepPad+18, y, smallSize, "quiet", l)
	}
	if len(s.tags[b.of]) > 0 {
		dy := b.y + stepPad + s.marksHeight(nd) + 27
		x := s.inside(left, b.w, stepPad, 12)
		s.f("<path class=\"line\" d=\"M%s %sl6 6 -6 6 -6 -6z\"/>\n", n(x+6), n(dy-6))
		y += 6
	}
	y += 2
	for _, l := range s.ask[b.of] {
		y += 21
		s.line(left, b.w, stepPad, y, askSize, "", l)
	}
	s.f("</g>\n")
}

func (s *sheet) answers(b *box) {
	e := s.edges[b.of]
	left := b.x - b.w/2
	if e.past {
		s.f("<rect class=\"paper\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"4\"/>\n", n(left), n(b.y), n(b.w), n(b.h))
		s.text(b.x, b.y+14, smallSize, "quiet", "middle", s.words.otherwise)
		return
	}
	s.f("<g>\n<rect class=\"answers\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n", n(left), n(b.y), n(b.w), n(b.h))
	y := b.y + 7
	for i, r := range s.rows[b.of] {
		if i > 0 {
			s.f("<path class=\"rule\" d=\"M%s %sh%s\"/>\n", n(left+10), n(y-rowGap/2), n(b.w-20))
		}
		class := ""
		if r.skipped {
			class = "quiet"
		}
		ty := y + (r.h-float64(len(r.lines))*answerLine)/2
		for _, l := range r.lines {
			ty += answerLine
			s.line(left, b.w, 14, ty-5, smallSize+1, class, l)
		}
		cy := y + (r.h-float64(len(r.chips))*(chipHeight+3)+3)/2
		for _, c := range r.chips {
			w := s.chipWidth(c)
			s.chip(s.inside(left, b.w, s.wide[b.of]+32, w), cy, w, c)
			cy += chipHeight + 3
		}
		y += r.h + rowGap
	}
	s.f("</g>\n")
}

// chip draws what an answer raises. Colour, pattern and sign each tell the grade by themselves.
func (s *sheet) chip(x, y, w float64, c chip) {
	s.f("<g>")
	if c.full != c.name {
		s.f("<title>%s</title>", xml(c.full))
	}
	s.f("<rect class=\"chip %s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"4\"/>", c.grade, n(x), n(y), n(w), n(chipHeight))
	s.tab(s.inside(x, w, 0, tabWidth), y, c.grade)
	s.line(x, w, tabWidth+8, y+14.5, smallSize, c.grade+"-ink", s.chipText(c))
	s.f("</g>\n")
}

// tab draws a grade's sign.
func (s *sheet) tab(x, y float64, grade string) {
	s.f("<rect class=\"%s-tab\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"4\"/>", grade, n(x), n(y), n(tabWidth), n(chipHeight))
	cx, cy := x+tabWidth/2, y+chipHeight/2
	hatched := func() {
		s.f("<rect fill=\"url(#%s-hatch)\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"4\"/>", grade, n(x), n(y), n(tabWidth), n(chipHeight))
	}
	dots := func(of int) {
		for i := range of {
			s.f("<circle class=\"mark\" cx=\"%s\" cy=\"%s\" r=\"3\"/>", n(cx+(float64(i)-float64(of-1)/2)*8), n(cy))
		}
	}
	switch grade {
	case "weak":
		dots(1)
	case "medium":
		hatched()
		dots(2)
	case "strong":
		hatched()
		dots(3)
	case "stop":
		s.f("<path class=\"mark\" d=\"M%s %sh6l4 4v6l-4 4h-6l-4 -4v-6z\"/>", n(cx-3), n(cy-7))
	case "emergency":
		for _, dx := range []float64{-4, 4} {
			s.f("<path class=\"mark\" d=\"M%s %sh4l-1 8h-2z\"/><circle class=\"mark\" cx=\"%s\" cy=\"%s\" r=\"2\"/>", n(cx+dx-2), n(cy-7), n(cx+dx), n(cy+5))
		}
	case "raise":
		s.f("<path class=\"mark\" d=\"M%s %sl6 7h-4v6h-4v-6h-4z\"/>", n(cx), n(cy-7))
	case "green":
		s.f("<path class=\"mark\" d=\"M%s %sl3 -2.5l3 3.5l6 -7l3 2.5l-9 10z\"/>", n(cx-7), n(cy+1))
	case "key":
		s.text(cx, cy+5, 14, "mark", "middle", "?")
	case "note":
		s.f("<path class=\"mark\" d=\"M%s %sh12v2h-12zm0 4h12v2h-12zm0 4h8v2h-8z\"/>", n(cx-6), n(cy-5))
	}
}

func (s *sheet) patterns() {
	s.f(`<defs><pattern id="medium-hatch" width="7" height="7" patternUnits="userSpaceOnUse"><path class="hatch" d="M-1 8L8 -1"/></pattern>` +
		`<pattern id="strong-hatch" width="7" height="7" patternUnits="userSpaceOnUse"><path class="hatch" d="M-1 8L8 -1M-1 -1L8 8"/></pattern></defs>` + "\n")
}

// sign draws the end of a line that goes on elsewhere.
func (s *sheet) sign(b *box) {
	left := b.x - b.w/2
	s.f("<g><rect class=\"away\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"13\"/>", n(left), n(b.y), n(b.w), n(b.h))
	arrow := "↗ "
	if b.kind == againBox {
		arrow = "↘ "
	}
	if s.rtl {
		arrow = map[string]string{"↗ ": "↖ ", "↘ ": "↙ "}[arrow]
	}
	s.text(b.x, b.y+17.5, smallSize, "quiet", "middle", arrow+s.away(b.of))
	s.f("</g>\n")
}

// legend explains the signs that occur, in lines no wider than the picture.
func (s *sheet) legend(width float64) (string, float64) {
	kept := s.b.String()
	s.b.Reset()
	x, y := 0.0, 0.0
	for _, grade := range s.grades {
		text := s.words.grades[grade]
		w := tabWidth + 8 + measure(text, smallSize)
		if x > 0 && x+w > width {
			x, y = 0, y+chipHeight+8
		}
		left := s.inside(0, width, x, w)
		s.tab(s.inside(left, w, 0, tabWidth), y, grade)
		s.line(left, w, tabWidth+8, y+14.5, smallSize, "quiet", text)
		s.f("\n")
		x += w + 24
	}
	out := s.b.String()
	s.b.Reset()
	s.b.WriteString(kept)
	if len(s.grades) == 0 {
		return "", 0
	}
	return out, y + chipHeight
}
