package poster

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strings"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// paper takes what a sheet is made of. Lengths are millimetres from the top left corner of the paper.
type paper interface {
	fill(x, y, w, h float64, c colour)
	write(x, y float64, r run) // y is the baseline
	end() ([]byte, error)
}

// run is one line of letters.
type run struct {
	text string
	size float64 // of an em, in mm
	bold bool
	turn bool // upwards, by a quarter to the left
	c    colour
}

type colour struct{ r, g, b uint8 }

func (c colour) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// face is one of the two fonts, with what measures and draws it.
type face struct {
	data []byte
	*sfnt.Font
	em float64 // units of an em
}

// faces are the Go fonts: humanist, with Lithuanian, Polish and Cyrillic letters. FONTS tells whose they are.
var faces = sync.OnceValues(func() (out [2]face, err error) {
	for i, data := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := sfnt.Parse(data)
		if err != nil {
			return out, fmt.Errorf("read a font: %w", err)
		}
		out[i] = face{data, f, float64(f.UnitsPerEm())}
	}
	return out, nil
})

// of is the face of a run.
func (r run) face() face {
	both, _ := faces()
	if r.bold {
		return both[1]
	}
	return both[0]
}

// width is how long a run is, in mm.
func (r run) width() (w float64) {
	r.each(func(f face, buf *sfnt.Buffer, g sfnt.GlyphIndex, at float64) { w = at })
	return w
}

// each visits the letters of a run with where they begin, and once more with where it ends.
func (r run) each(see func(f face, buf *sfnt.Buffer, g sfnt.GlyphIndex, at float64)) {
	var buf sfnt.Buffer
	f, at := r.face(), 0.0
	for _, letter := range r.text {
		g, _ := f.GlyphIndex(&buf, letter)
		see(f, &buf, g, at)
		if wide, err := f.GlyphAdvance(&buf, g, fixed.I(int(f.em)), 0); err == nil {
			at += float64(wide) / 64 / f.em * r.size
		}
	}
	see(f, &buf, 0, at)
}

// stroke is a piece of an outline, in mm of the paper: M, L, Q or C with its points.
type stroke struct {
	kind   byte
	points [][2]float64
}

var strokes = map[sfnt.SegmentOp]struct {
	kind   byte
	points int
}{sfnt.SegmentOpMoveTo: {'M', 1}, sfnt.SegmentOpLineTo: {'L', 1}, sfnt.SegmentOpQuadTo: {'Q', 2}, sfnt.SegmentOpCubeTo: {'C', 3}}

// outline is how a run is drawn.
func (r run) outline(x, y float64) (out []stroke) {
	left := len([]rune(r.text))
	r.each(func(f face, buf *sfnt.Buffer, g sfnt.GlyphIndex, at float64) {
		if left--; left < 0 {
			return
		}
		segments, err := f.LoadGlyph(buf, g, fixed.I(int(f.em)), nil)
		if err != nil {
			return
		}
		for _, s := range segments {
			op := strokes[s.Op]
			piece := stroke{op.kind, make([][2]float64, op.points)}
			for i := range op.points {
				dx, dy := at+float64(s.Args[i].X)/64/f.em*r.size, float64(s.Args[i].Y)/64/f.em*r.size
				if r.turn {
					dx, dy = dy, -dx
				}
				piece.points[i] = [2]float64{x + dx, y + dy}
			}
			out = append(out, piece)
		}
	})
	return out
}

// pdfPaper is for a print shop: letters with their fonts, and the size after cutting (TrimBox).
type pdfPaper struct{ *fpdf.Fpdf }

const point = 25.4 / 72 // mm

func newPDF(w, h, margin, bleed float64, title, lang string) (paper, error) {
	both, err := faces()
	if err != nil {
		return nil, err
	}
	p := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: w, Ht: h}})
	p.SetTitle(title, true)
	p.SetLang(lang)
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("go", "", both[0].data)
	p.AddUTF8FontFromBytes("go", "B", both[1].data)
	p.SetPageBox("trim", margin, margin, w-2*margin, h-2*margin)
	p.SetPageBox("bleed", margin-bleed, margin-bleed, w-2*(margin-bleed), h-2*(margin-bleed))
	p.AddPage()
	return pdfPaper{p}, p.Error()
}

func (p pdfPaper) fill(x, y, w, h float64, c colour) {
	p.SetFillColor(int(c.r), int(c.g), int(c.b))
	p.Rect(x, y, w, h, "F")
}

func (p pdfPaper) write(x, y float64, r run) {
	style := ""
	if r.bold {
		style = "B"
	}
	p.SetFont("go", style, r.size/point)
	p.SetTextColor(int(r.c.r), int(r.c.g), int(r.c.b))
	if r.turn {
		p.TransformBegin()
		p.TransformRotate(90, x, y)
		defer p.TransformEnd()
	}
	p.Text(x, y, r.text)
}

func (p pdfPaper) end() ([]byte, error) {
	var b bytes.Buffer
	err := p.Output(&b)
	return b.Bytes(), err
}

// svgPaper is for whoever lays out a page of their own. Letters are outlines, so that they look the same everywhere.
type svgPaper struct{ *strings.Builder }

func newSVG(w, h float64, title, lang string) paper {
	p := svgPaper{&strings.Builder{}}
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" width="%gmm" height="%gmm" viewBox="0 0 %g %g" role="img" lang="%s"><title>%s</title>`, w, h, w, h, html.EscapeString(lang), html.EscapeString(title))
	p.fill(0, 0, w, h, white)
	return p
}

func (p svgPaper) fill(x, y, w, h float64, c colour) {
	fmt.Fprintf(p, `<path fill="%s" d="M%.3f %.3fh%.3fv%.3fh%.3fz"/>`, c.hex(), x, y, w, h, -w)
}

func (p svgPaper) write(x, y float64, r run) {
	fmt.Fprintf(p, `<path fill="%s" d="`, r.c.hex())
	for i, s := range r.outline(x, y) {
		if s.kind == 'M' && i > 0 {
			p.WriteByte('Z')
		}
		p.WriteByte(s.kind)
		for _, q := range s.points {
			fmt.Fprintf(p, "%.3f %.3f ", q[0], q[1])
		}
	}
	p.WriteString(`Z"/>`)
}

func (p svgPaper) end() ([]byte, error) { return []byte(p.String() + "</svg>\n"), nil }

// pngPaper is a picture for a page or a screen.
type pngPaper struct {
	*image.RGBA
	scale float64 // pixels of a mm
}

// pngDots is how many pixels an inch of a picture has.
const pngDots = 200

func newPNG(w, h float64) paper {
	scale := pngDots / 25.4
	p := pngPaper{image.NewRGBA(image.Rect(0, 0, int(math.Round(w*scale)), int(math.Round(h*scale)))), scale}
	p.fill(0, 0, w, h, white)
	return p
}

func (p pngPaper) fill(x, y, w, h float64, c colour) {
	at := func(mm float64) int { return int(math.Round(mm * p.scale)) }
	draw.Draw(p.RGBA, image.Rect(at(x), at(y), at(x+w), at(y+h)), image.NewUniform(color.RGBA{c.r, c.g, c.b, 255}), image.Point{}, draw.Src)
}

func (p pngPaper) write(x, y float64, r run) {
	outline := r.outline(x, y)
	lo, hi := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, s := range outline {
		for _, q := range s.points {
			for i := range 2 {
				lo[i], hi[i] = min(lo[i], q[i]*p.scale), max(hi[i], q[i]*p.scale)
			}
		}
	}
	if lo[0] > hi[0] { // blanks
		return
	}
	corner := image.Pt(int(lo[0])-1, int(lo[1])-1)
	size := image.Pt(int(hi[0])+2, int(hi[1])+2).Sub(corner)
	pen := vector.NewRasterizer(size.X, size.Y)
	for _, s := range outline {
		q := [3][2]float32{}
		for i, at := range s.points {
			q[i] = [2]float32{float32(at[0]*p.scale) - float32(corner.X), float32(at[1]*p.scale) - float32(corner.Y)}
		}
		switch s.kind {
		case 'M':
			pen.ClosePath()
			pen.MoveTo(q[0][0], q[0][1])
		case 'L':
			pen.LineTo(q[0][0], q[0][1])
		case 'Q':
			pen.QuadTo(q[0][0], q[0][1], q[1][0], q[1][1])
		case 'C':
			pen.CubeTo(q[0][0], q[0][1], q[1][0], q[1][1], q[2][0], q[2][1])
		}
	}
	pen.ClosePath()
	pen.Draw(p.RGBA, image.Rectangle{corner, corner.Add(size)}, image.NewUniform(color.RGBA{r.c.r, r.c.g, r.c.b, 255}), image.Point{})
}

func (p pngPaper) end() ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, p.RGBA)
	return b.Bytes(), err
}
