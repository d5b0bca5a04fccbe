// Package poster draws what is printed: posters, tear-off strips, a card for a wallet, a sticker. It knows no texts and no numbers of its own.
//
// A sheet is laid out once, in millimetres, and put on one of three kinds of paper: PDF with its fonts, SVG, PNG. With a bleed the colour runs
// 3 mm over the edge, and marks show where to cut.
package poster

import (
	"errors"
	"fmt"
	"strings"

	goqr "github.com/piglig/go-qr"
)

// Sheet is what is said on a sheet.
type Sheet struct {
	Lang     string // as in BCP 47
	Title    string // of posters: a question and a calm invitation
	Short    string // of the sticker, in a few words
	Card     string // of the wallet card: a neutral name, for others may see it
	Text     string // what awaits whoever follows
	Scan     string // what to do with the code
	Talk     string // above the numbers
	Link     string // in the code
	Address  string // the same, as it can be typed
	Numbers  []Number
	Behind   string // who is behind it
	NoPerson string // said by what is no person: a program asks
}

// Number is whom to call.
type Number struct {
	Name  string
	Shown string
	Where string // from where it can be dialled
}

// Size is a kind of sheet.
type Size struct {
	Name string
	W, H float64 // mm, after cutting
	draw func(*layout)
}

// Sizes are the kinds of sheets, the usual one first.
func Sizes() []Size {
	return []Size{
		{"a4", 210, 297, (*layout).poster}, {"a3", 297, 420, (*layout).poster}, {"a5", 148, 210, (*layout).poster},
		{"strips", 210, 297, (*layout).strips}, {"card", 85.6, 54, (*layout).card}, {"sticker", 80, 80, (*layout).sticker},
	}
}

// Forms are the kinds of files.
var Forms = []string{"pdf", "svg", "png"}

// What is outside of the cut, in mm.
const (
	bleedOver = 3.0
	markLong  = 5.0
)

// ErrNothing is returned for a size or a form that is not known.
var ErrNothing = errors.New("there is no such size or form")

// Draw draws a sheet. With bleed the paper is 8 mm larger on each side.
func Draw(s Sheet, size, form string, bleed bool) ([]byte, error) {
	for _, z := range Sizes() {
		if z.Name == size {
			return drawn(s, z, form, bleed)
		}
	}
	return nil, fmt.Errorf("draw %q: %w", size, ErrNothing)
}

func drawn(s Sheet, z Size, form string, bleed bool) ([]byte, error) {
	code, err := goqr.EncodeText(s.Link, goqr.Medium)
	if err != nil {
		return nil, fmt.Errorf("encode the address: %w", err)
	}
	l := &layout{Sheet: s, code: code, w: z.W, h: z.H}
	if bleed {
		l.over, l.margin = bleedOver, bleedOver+markLong
	}
	w, h := z.W+2*l.margin, z.H+2*l.margin
	switch form {
	case "pdf":
		l.paper, err = newPDF(w, h, l.margin, l.over, s.Title, s.Lang)
	case "svg":
		l.paper = newSVG(w, h, s.Title, s.Lang)
	case "png":
		l.paper = newPNG(w, h)
	default:
		err = fmt.Errorf("draw a %q: %w", form, ErrNothing)
	}
	if err != nil {
		return nil, err
	}
	z.draw(l)
	l.marks()
	return l.paper.end()
}

var (
	white = colour{255, 255, 255}
	ink   = colour{28, 35, 33}
	soft  = colour{81, 96, 90}
	green = colour{11, 90, 76}
	pale  = colour{238, 242, 238}
	line  = colour{138, 150, 143}
)

// layout puts a sheet on its paper.
type layout struct {
	Sheet
	paper        paper
	code         *goqr.QrCode
	w, h         float64 // after cutting
	over, margin float64 // beyond the cut: of colour, of the paper
}

func (l *layout) fill(x, y, w, h float64, c colour) {
	l.paper.fill(x+l.margin, y+l.margin, w, h, c)
}

func (l *layout) write(x, y float64, r run) { l.paper.write(x+l.margin, y+l.margin, r) }

// leading is how far lines stand apart, in ems.
const leading = 1.22

// lines breaks a text so that no line is longer than a width.
func lines(r run, width float64) (out []run) {
	for paragraph := range strings.SplitSeq(r.text, "\n") {
		now := r
		now.text = ""
		for _, word := range strings.Fields(paragraph) {
			longer := now
			longer.text = strings.TrimSpace(now.text + " " + word)
			if now.text != "" && longer.width() > width {
				out = append(out, now)
				longer.text = word
			}
			now = longer
		}
		out = append(out, now)
	}
	return out
}

// within makes a text smaller until it has at most so many lines, none wider than its place.
func within(r run, width float64, most int) []run {
	for {
		out, wide := lines(r, width), false
		for _, l := range out {
			wide = wide || l.width() > width
		}
		if len(out) <= most && !wide || r.size < 1 {
			return out
		}
		r.size *= 0.96
	}
}

// block writes lines one below the other from y downwards, and returns where they end.
func (l *layout) block(x, y float64, text []run) float64 {
	for _, r := range text {
		l.write(x, y+r.size*0.95, r)
		y += r.size * leading
	}
	return y
}

// tall is how high lines stand together.
func tall(text []run) (h float64) {
	for _, r := range text {
		h += r.size * leading
	}
	return h
}

// quiet is how many squares around a code stay white, as ISO/IEC 18004 asks.
const quiet = 4

// qr draws the code with its white edge into a square.
func (l *layout) qr(x, y, side float64) {
	l.fill(x, y, side, side, white)
	n := l.code.Size()
	one := side / float64(n+2*quiet)
	for row := range n {
		for from := 0; from < n; from++ {
			to := from
			for to < n && l.code.Module(to, row) {
				to++
			}
			if to > from {
				l.fill(x+one*float64(from+quiet), y+one*float64(row+quiet), one*float64(to-from), one, ink)
			}
			from = to
		}
	}
}

// numbers writes whom to call, and returns where that ends.
func (l *layout) numbers(x, y, width, u float64) float64 {
	for _, n := range l.Numbers {
		y = l.block(x, y, within(run{text: n.Shown, size: 8.4 * u, bold: true, c: ink}, width, 1))
		y = l.block(x, y, within(run{text: n.Name + " (" + n.Where + ")", size: 4.6 * u, c: soft}, width, 3)) + 3*u
	}
	return y
}

// poster is a sheet for a wall: A4 and whatever has its shape.
func (l *layout) poster() { l.upper(l.h) }

// upper draws a poster into the upper part of the sheet.
func (l *layout) upper(h float64) {
	u := l.w / 210
	edge := 17 * u
	width := l.w - 2*edge
	room := h / (297 * u) // strips leave less
	title := within(run{text: l.Title, size: 19 * u * room, bold: true, c: white}, width, 4)
	text := within(run{text: l.Text, size: 7 * u, c: white}, width, 4)
	band := 22*u*room + tall(title) + 6*u*room + tall(text) + 14*u*room
	l.fill(-l.over, -l.over, l.w+2*l.over, band+l.over, green)
	l.block(edge, l.block(edge, 22*u*room, title)+6*u*room, text)
	y := band + 12*u*room
	side := min(78*u, h-band-56*u)
	whole := side * float64(l.code.Size()+2*quiet) / float64(l.code.Size())
	l.qr(edge-(whole-side)/2, y-(whole-side)/2, whole) // the white edge lies outside of the margin's line
	l.block(edge, l.block(edge, y+side+1.5*u, within(run{text: l.Scan, size: 5 * u, c: soft}, side+10*u, 2))+0.5*u, within(run{text: l.Address, size: 7 * u, bold: true, c: green}, side+14*u, 1))
	right := edge + side + 17*u
	l.numbers(right, l.block(right, y-1*u, within(run{text: l.Talk, size: 6 * u, bold: true, c: green}, l.w-edge-right, 2))+3*u, l.w-edge-right, u*min(1, room*1.15))
	foot := within(run{text: strings.TrimPrefix(l.NoPerson+"\n"+l.Behind, "\n"), size: 4.3 * u, c: soft}, width, 3)
	l.block(edge, h-tall(foot)-9*u, foot)
}

// How many strips can be torn off, and how long they are, in mm.
const (
	stripCount = 10
	stripLong  = 78.0
)

// strips is an A4 poster whose lower edge can be torn off piece by piece.
func (l *layout) strips() {
	top := l.h - stripLong
	l.upper(top)
	wide := l.w / stripCount
	l.dashes(0, top, l.w, 0)
	for i := range stripCount {
		x := float64(i) * wide
		if i > 0 {
			l.dashes(x, top, 0, stripLong)
		}
		side := wide - 1
		l.qr(x+0.5, top+1, side)
		long := stripLong - side - 7
		l.turned(x+wide*0.42, long, run{text: l.Address, size: 4.6, bold: true, c: ink})
		if len(l.Numbers) > 0 {
			l.turned(x+wide*0.75, long, run{text: l.Numbers[0].Shown, size: 4.6, c: ink})
		}
	}
}

// turned writes a line upwards from the lower edge.
func (l *layout) turned(x, long float64, r run) {
	r = within(r, long, 1)[0]
	r.turn = true
	l.write(x, l.h-4, r)
}

// dashes draw where to cut with scissors.
func (l *layout) dashes(x, y, w, h float64) {
	const dash, thick = 2.0, 0.2
	for at := 0.0; at < w; at += 2 * dash {
		l.fill(x+at, y, dash, thick, line)
	}
	for at := 0.0; at < h; at += 2 * dash {
		l.fill(x, y+at, thick, dash, line)
	}
}

// card is for a wallet. Others may see it, so it says of nothing what it is for.
func (l *layout) card() {
	const edge, side = 5.0, 27.0
	l.fill(-l.over, -l.over, l.w+2*l.over, 11+l.over, green)
	l.block(edge, 2.6, within(run{text: l.Card, size: 5, bold: true, c: white}, l.w-2*edge, 1))
	x := l.w - side - 2
	l.qr(x, 12.5, side)
	width := x - edge - 1
	y := 14.0
	for _, n := range l.Numbers {
		y = l.block(edge, y, within(run{text: n.Shown, size: 5, bold: true, c: ink}, width, 1))
		y = l.block(edge, y, within(run{text: n.Where, size: 2.7, c: soft}, width, 2)) + 1.6
	}
	address := within(run{text: l.Address, size: 4.2, bold: true, c: green}, l.w-2*edge, 1)
	l.block(edge, l.h-tall(address)-3.5, address)
}

// sticker is for a door, a notebook or a bus stop.
func (l *layout) sticker() {
	const edge = 6.0
	l.fill(-l.over, -l.over, l.w+2*l.over, l.h+2*l.over, green)
	title := within(run{text: l.Short, size: 6.4, bold: true, c: white}, l.w-2*edge, 2)
	address := within(run{text: l.Address, size: 5, bold: true, c: white}, l.w-2*edge, 1)
	y := l.block(edge, 5, title) + 2
	side := l.h - y - tall(address) - 7
	l.fill((l.w-side)/2, y, side, side, pale)
	l.qr((l.w-side)/2, y, side)
	address[0].c = white
	l.block((l.w-address[0].width())/2, y+side+2, address)
}

// marks show where to cut, outside of what is left.
func (l *layout) marks() {
	if l.margin == 0 {
		return
	}
	const thick = 0.1
	for _, x := range []float64{0, l.w} {
		l.fill(x-thick/2, -l.margin, thick, markLong, ink)
		l.fill(x-thick/2, l.h+l.over, thick, markLong, ink)
	}
	for _, y := range []float64{0, l.h} {
		l.fill(-l.margin, y-thick/2, markLong, thick, ink)
		l.fill(l.w+l.over, y-thick/2, markLong, thick, ink)
	}
}
