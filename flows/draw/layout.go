package draw

import (
	"math"
	"slices"
	"sort"
)

// The layout is that of Sugiyama: steps lie in rows, each below all that lead to it; the answers on their way down have
// rows of their own between them; lines that pass a row keep a place free in it. A picture that would be much
// higher than wide is folded into columns, and a line that leaves a column ends in a sign that names where it goes.

// what a box is
type kind int

const (
	stepBox kind = iota
	answersBox
	lineBox  // a place kept free for a line that passes
	awayBox  // where a line leaves its column
	againBox // where it goes on in another
)

// box is what takes up room.
type box struct {
	kind  kind
	of    int // node, edge, or for the signs the node that the line leads to
	quiet bool
	w, h  float64
	x, y  float64 // the middle of the upper side
	up    []int   // the boxes that lead here
	down  []int
	sort  float64
}

const (
	betweenBoxes = 28.0
	betweenRows  = 34.0
	betweenCols  = 70.0
	aroundLine   = 14.0
)

// plan is where everything lies.
type plan struct {
	boxes   []box
	columns []column
	w, h    float64
}

type column struct {
	rows    [][]int
	x, w, h float64
}

// ranks gives each node its row: below every node that leads to it. A line back is not followed.
func ranks(nodes int, edges []edge) []int {
	out := make([][]int, nodes)
	for _, e := range edges {
		out[e.from] = append(out[e.from], e.to)
	}
	state, order := make([]byte, nodes), make([]int, 0, nodes)
	type visit struct{ node, next int }
	for start := range nodes {
		if state[start] != 0 {
			continue
		}
		stack := []visit{{start, 0}}
		state[start] = 1
		for len(stack) > 0 {
			v := &stack[len(stack)-1]
			if v.next == len(out[v.node]) {
				state[v.node] = 2
				order = append(order, v.node)
				stack = stack[:len(stack)-1]
				continue
			}
			to := out[v.node][v.next]
			switch state[to] {
			case 0:
				v.next++
				state[to] = 1
				stack = append(stack, visit{to, 0})
			case 1: // in a circle
				out[v.node] = slices.Delete(out[v.node], v.next, v.next+1)
			default:
				v.next++
			}
		}
	}
	rank := make([]int, nodes)
	for i := len(order) - 1; i >= 0; i-- {
		for _, to := range out[order[i]] {
			rank[to] = max(rank[to], rank[order[i]]+1)
		}
	}
	return rank
}

// arrange lays out nodes and edges of the given sizes.
func arrange(edges []edge, nodeSize, edgeSize [][2]float64, signSize func(node int) (w, h float64)) *plan {
	p := &plan{}
	rank := ranks(len(nodeSize), edges)
	last := 0
	for _, r := range rank {
		last = max(last, r)
	}
	rows := make([][]int, 2*last+3)
	add := func(b box, row int) int {
		p.boxes = append(p.boxes, b)
		rows[row] = append(rows[row], len(p.boxes)-1)
		return len(p.boxes) - 1
	}
	for i, s := range nodeSize {
		add(box{kind: stepBox, of: i, w: s[0], h: s[1]}, 2*rank[i])
	}
	lanes := map[[3]int]int{} // lines to the same node share their way
	for i, e := range edges {
		from, to := e.from, e.to
		quiet := 0
		if e.past || e.quiet() {
			quiet = 1
		}
		at := add(box{kind: answersBox, of: i, w: edgeSize[i][0], h: edgeSize[i][1], quiet: quiet == 1}, 2*rank[from]+1)
		p.link(from, at)
		if rank[to] <= rank[from] { // leads back: a sign says where
			w, h := signSize(to)
			p.link(at, add(box{kind: awayBox, of: to, w: w, h: h, quiet: quiet == 1}, 2*rank[from]+2))
			continue
		}
		shared := false
		for r := 2*rank[from] + 2; r < 2*rank[to] && !shared; r++ {
			lane, ok := lanes[[3]int{to, quiet, r}]
			if !ok {
				lane = add(box{kind: lineBox, of: to, w: aroundLine, quiet: quiet == 1}, r)
				lanes[[3]int{to, quiet, r}] = lane
			}
			p.link(at, lane)
			at, shared = lane, ok
		}
		if !shared {
			p.link(at, to)
		}
	}
	for len(rows) > 1 && len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	p.order(rows)
	p.fold(rows, signSize)
	p.place()
	return p
}

func (p *plan) link(from, to int) {
	p.boxes[from].down = append(p.boxes[from].down, to)
	p.boxes[to].up = append(p.boxes[to].up, from)
}

// order sorts each row so that lines cross little: every box goes to the middle of what it hangs on.
func (p *plan) order(rows [][]int) {
	at := make([]float64, len(p.boxes))
	number := func(row []int) {
		for i, b := range row {
			at[b] = (float64(i) + 0.5) / float64(len(row))
		}
	}
	for _, row := range rows {
		number(row)
	}
	sweep := func(row []int, next func(*box) []int) {
		for _, i := range row {
			b := &p.boxes[i]
			b.sort = at[i]
			if n := next(b); len(n) > 0 {
				sum := 0.0
				for _, j := range n {
					sum += at[j]
				}
				b.sort = sum / float64(len(n))
			}
		}
		sort.SliceStable(row, func(i, j int) bool { return p.boxes[row[i]].sort < p.boxes[row[j]].sort })
		number(row)
	}
	for range 6 {
		for r := 1; r < len(rows); r++ {
			sweep(rows[r], func(b *box) []int { return b.up })
		}
		for r := len(rows) - 2; r >= 0; r-- {
			sweep(rows[r], func(b *box) []int { return b.down })
		}
	}
	for r := 1; r < len(rows); r++ {
		sweep(rows[r], func(b *box) []int { return b.up })
	}
}

func (p *plan) rowHeight(row []int) float64 {
	h := 0.0
	for _, b := range row {
		h = max(h, p.boxes[b].h)
	}
	return h
}

// fold cuts the rows into columns of about the same height, so that the whole is a little wider than high.
func (p *plan) fold(rows [][]int, signSize func(int) (float64, float64)) {
	total, width := 0.0, 0.0
	heights := make([]float64, len(rows))
	for i, row := range rows {
		heights[i] = p.rowHeight(row) + betweenRows
		total += heights[i]
		w := 0.0
		for _, b := range row {
			w += p.boxes[b].w + betweenBoxes
		}
		width = max(width, w)
	}
	n := max(1, int(math.Round(math.Sqrt(1.25*total/(width+betweenCols)))))
	most := total / float64(n)
	var cuts []int // rows that begin a column
	h := 0.0
	for i := range rows {
		if i > 0 && i%2 == 0 && len(cuts) < n-1 {
			pair := heights[i]
			if i+1 < len(rows) {
				pair += heights[i+1]
			}
			if h+pair/2 > most {
				cuts = append(cuts, i)
				h = 0
			}
		}
		h += heights[i]
	}
	start := 0
	for _, cut := range append(cuts, len(rows)) {
		p.columns = append(p.columns, column{rows: slices.Clone(rows[start:cut])})
		start = cut
	}
	for i, cut := range cuts {
		p.cut(i, rows[cut], signSize)
	}
}

// cut puts a sign at both ends of every line that leads from column i to the next; lines to one node share theirs.
func (p *plan) cut(i int, below []int, signSize func(int) (float64, float64)) {
	var away, again []int
	type way struct {
		to    int
		quiet bool
	}
	for _, b := range below {
		ups := p.boxes[b].up
		p.boxes[b].up = nil
		signs := map[way][2]int{}
		for _, u := range ups {
			k := way{p.boxes[b].of, p.boxes[u].quiet || p.boxes[b].quiet}
			if len(ups) > 1 && p.boxes[b].kind == stepBox {
				k.quiet = false // one sign for all that lead to a step
			}
			s, ok := signs[k]
			if !ok {
				w, h := signSize(k.to)
				p.boxes = append(p.boxes, box{kind: awayBox, of: k.to, quiet: k.quiet, w: w, h: h}, box{kind: againBox, of: k.to, quiet: k.quiet, w: w, h: h})
				s = [2]int{len(p.boxes) - 2, len(p.boxes) - 1}
				signs[k] = s
				away, again = append(away, s[0]), append(again, s[1])
				p.link(s[1], b)
			}
			d := p.boxes[u].down
			d[slices.Index(d, b)] = s[0]
			p.boxes[s[0]].up = append(p.boxes[s[0]].up, u)
		}
	}
	if len(away) > 0 {
		p.columns[i].rows = append(p.columns[i].rows, away)
		p.columns[i+1].rows = append([][]int{again}, p.columns[i+1].rows...)
	}
}

// place gives every box its coordinates.
func (p *plan) place() {
	x := 0.0
	for i := range p.columns {
		c := &p.columns[i]
		p.across(c)
		left, right, y := math.Inf(1), math.Inf(-1), 0.0
		for _, row := range c.rows {
			for _, b := range row {
				bx := &p.boxes[b]
				bx.y = y
				left, right = min(left, bx.x-bx.w/2), max(right, bx.x+bx.w/2)
			}
			y += p.rowHeight(row) + betweenRows
		}
		c.x, c.w, c.h = x, right-left, y-betweenRows
		for _, row := range c.rows {
			for _, b := range row {
				p.boxes[b].x += x - left
			}
		}
		x += c.w + betweenCols
		p.h = max(p.h, c.h)
	}
	p.w = x - betweenCols
}

// across finds how far right each box of a column stands: as near as it can to what it hangs on.
func (p *plan) across(c *column) {
	for _, row := range c.rows {
		x := 0.0
		for _, b := range row {
			p.boxes[b].x = x + p.boxes[b].w/2
			x += p.boxes[b].w + betweenBoxes
		}
		for _, b := range row {
			p.boxes[b].x -= x / 2
		}
	}
	weight := func(a, b *box) float64 {
		switch {
		case a.kind == lineBox && b.kind == lineBox:
			return 8
		case a.quiet || b.quiet:
			return 0.01
		case a.kind == lineBox || b.kind == lineBox:
			return 1
		}
		return 2 + a.h/40
	}
	settle := func(row []int, ups, downs bool) {
		want, weights := make([]float64, len(row)), make([]float64, len(row))
		for i, bi := range row {
			b := &p.boxes[bi]
			sum, total := 0.0, 0.0
			near := func(list []int) {
				for _, j := range list {
					w := weight(b, &p.boxes[j])
					sum += w * p.boxes[j].x
					total += w
				}
			}
			if ups {
				near(b.up)
			}
			if downs {
				near(b.down)
			}
			if want[i], weights[i] = b.x, 0.05; total > 0 {
				want[i], weights[i] = sum/total, total
			}
		}
		p.spread(row, want, weights)
	}
	for range 10 {
		for r := range c.rows {
			settle(c.rows[r], true, false)
		}
		for r := len(c.rows) - 1; r >= 0; r-- {
			settle(c.rows[r], false, true)
		}
	}
	for range 4 {
		for r := range c.rows {
			settle(c.rows[r], true, true)
		}
	}
	for r := range c.rows {
		settle(c.rows[r], true, false)
	}
	for range 3 {
		p.gather(c)
	}
}

// gather brings lines that only pass through a column, at its sides, as near to the rest as there is room.
func (p *plan) gather(c *column) {
	seen := map[int]bool{}
	place := map[int][2]int{}
	for r, row := range c.rows {
		for i, b := range row {
			place[b] = [2]int{r, i}
		}
	}
	for _, row := range c.rows {
		for _, b := range row {
			if seen[b] {
				continue
			}
			line := []int{b}
			seen[b] = true
			through := true
			for i := 0; i < len(line); i++ {
				bx := &p.boxes[line[i]]
				through = through && bx.kind != stepBox && bx.kind != answersBox
				for _, list := range [2][]int{bx.up, bx.down} {
					for _, j := range list {
						if _, here := place[j]; here && !seen[j] {
							seen[j] = true
							line = append(line, j)
						}
					}
				}
			}
			if !through {
				continue
			}
			left, right := math.Inf(1), math.Inf(1)
			for _, j := range line {
				at := place[j]
				bx := &p.boxes[j]
				if at[1] > 0 {
					o := &p.boxes[c.rows[at[0]][at[1]-1]]
					left = min(left, bx.x-bx.w/2-betweenBoxes-o.x-o.w/2)
				}
				if at[1]+1 < len(c.rows[at[0]]) {
					o := &p.boxes[c.rows[at[0]][at[1]+1]]
					right = min(right, o.x-o.w/2-betweenBoxes-bx.x-bx.w/2)
				}
			}
			move := 0.0
			switch {
			case math.IsInf(left, 1) && math.IsInf(right, 1):
			case math.IsInf(right, 1):
				move = -left
			case math.IsInf(left, 1):
				move = right
			}
			for _, j := range line {
				p.boxes[j].x += move
			}
		}
	}
}

// spread moves the boxes of a row to where they want to be, none onto another, with the least sum of weighted
// squares (neighbours that would overlap are joined and move together).
func (p *plan) spread(row []int, want, weights []float64) {
	type group struct{ sum, weight, n float64 }
	var groups []group
	offset := make([]float64, len(row))
	for i := range row {
		if i > 0 {
			offset[i] = offset[i-1] + (p.boxes[row[i-1]].w+p.boxes[row[i]].w)/2 + betweenBoxes
		}
		g := group{(want[i] - offset[i]) * weights[i], weights[i], 1}
		for len(groups) > 0 {
			l := groups[len(groups)-1]
			if l.sum/l.weight <= g.sum/g.weight {
				break
			}
			g = group{l.sum + g.sum, l.weight + g.weight, l.n + g.n}
			groups = groups[:len(groups)-1]
		}
		groups = append(groups, g)
	}
	i := 0
	for _, g := range groups {
		for range int(g.n) {
			p.boxes[row[i]].x = g.sum/g.weight + offset[i]
			i++
		}
	}
}
