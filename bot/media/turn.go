package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"time"

	"github.com/bep/imagemeta"
)

// upright is a picture's orientation, as EXIF counts them from 1 to 8, that asks for nothing.
const upright = 1

// orientation reads from a picture's notes how it was held when it was taken. Notes that cannot be read say nothing.
func orientation(f *format, data []byte) (way int) {
	way = upright
	if f.notes == 0 {
		return way
	}
	defer func() { // a reader of other people's that stumbles costs the picture its way up, not the picture
		if recover() != nil {
			way = upright
		}
	}()
	if f.notes == imagemeta.WebP {
		data = notesOfWebP(data)
	}
	imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: f.notes, Sources: imagemeta.EXIF,
		LimitNumTags: 500, LimitTagSize: 100, Timeout: time.Second, Warnf: func(string, ...any) {},
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				way = int(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return way
}

// notesOfWebP is a WebP of which nothing is left but the EXIF notes; nil when there are none. The reader of notes loses its way behind a
// chunk of an odd length, which half of all pictures are, and notes stand behind the picture.
func notesOfWebP(data []byte) []byte {
	le := binary.LittleEndian
	for rest := data[min(12, len(data)):]; len(rest) >= 8; {
		size := int64(le.Uint32(rest[4:]))
		if size > int64(len(rest)-8) {
			break
		}
		if string(rest[:4]) == "EXIF" {
			notes := bytes.TrimPrefix(rest[8:8+size], []byte("Exif\x00\x00")) // some programs write it as in a JPEG
			return append(le.AppendUint32([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00EXIF"), uint32(len(notes))), notes...)
		}
		rest = rest[min(int64(len(rest)), 8+size+size%2):]
	}
	return nil
}

// turn gives a picture the right way up. Points are moved, never mixed.
func turn(picture image.Image, way int) image.Image {
	if way <= upright || way > 8 {
		return picture
	}
	b := picture.Bounds()
	size := turned(b.Dx(), b.Dy(), way)
	switch p := picture.(type) {
	case *image.YCbCr:
		return turnYCbCr(p, way)
	case *image.Gray:
		out := image.NewGray(size)
		plane{out.Pix, out.Stride, 1}.fill(plane{p.Pix[p.PixOffset(b.Min.X, b.Min.Y):], p.Stride, 1}, b.Dx(), b.Dy(), way)
		return out
	case *image.CMYK:
		out := image.NewCMYK(size)
		plane{out.Pix, out.Stride, 4}.fill(plane{p.Pix[p.PixOffset(b.Min.X, b.Min.Y):], p.Stride, 4}, b.Dx(), b.Dy(), way)
		return out
	case *image.RGBA:
		out := image.NewRGBA(size)
		plane{out.Pix, out.Stride, 4}.fill(plane{p.Pix[p.PixOffset(b.Min.X, b.Min.Y):], p.Stride, 4}, b.Dx(), b.Dy(), way)
		return out
	}
	out := image.NewRGBA(size)
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := to(x, y, b.Dx(), b.Dy(), way)
			out.Set(tx, ty, picture.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// turned is the size of a picture of w by h after it was turned.
func turned(w, h, way int) image.Rectangle {
	if way >= 5 {
		w, h = h, w
	}
	return image.Rect(0, 0, w, h)
}

// to is where the point x, y of a picture of w by h belongs.
func to(x, y, w, h, way int) (int, int) {
	switch way {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

// plane is a field of points of some bytes each.
type plane struct {
	pix          []byte
	stride, step int
}

// fill fills a plane with another of w by h points, turned.
func (p plane) fill(from plane, w, h, way int) {
	for y := range h {
		row := from.pix[y*from.stride:]
		for x := range w {
			tx, ty := to(x, y, w, h, way)
			copy(p.pix[ty*p.stride+tx*p.step:][:p.step], row[x*p.step:])
		}
	}
}

// flipped is how colours lie when width and height change places.
var flipped = map[image.YCbCrSubsampleRatio]image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio422: image.YCbCrSubsampleRatio440,
	image.YCbCrSubsampleRatio440: image.YCbCrSubsampleRatio422,
}

// turnYCbCr turns light and colours, each in the size it has. Where the last colour of a row or column stands for fewer points than the
// others, colours may move by a point at the edge, which nobody sees.
func turnYCbCr(p *image.YCbCr, way int) image.Image {
	b := p.Bounds()
	ratio := p.SubsampleRatio
	if ratio == image.YCbCrSubsampleRatio411 || ratio == image.YCbCrSubsampleRatio410 { // they have no turned form
		full := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		for y := range b.Dy() {
			for x := range b.Dx() {
				full.Set(x, y, p.YCbCrAt(b.Min.X+x, b.Min.Y+y))
			}
		}
		return turn(full, way)
	}
	if r, ok := flipped[ratio]; ok && way >= 5 {
		ratio = r
	}
	out := image.NewYCbCr(turned(b.Dx(), b.Dy(), way), ratio)
	plane{out.Y, out.YStride, 1}.fill(plane{p.Y[p.YOffset(b.Min.X, b.Min.Y):], p.YStride, 1}, b.Dx(), b.Dy(), way)
	cw, ch := colours(b.Dx(), b.Dy(), p.SubsampleRatio)
	at := p.COffset(b.Min.X, b.Min.Y)
	plane{out.Cb, out.CStride, 1}.fill(plane{p.Cb[at:], p.CStride, 1}, cw, ch, way)
	plane{out.Cr, out.CStride, 1}.fill(plane{p.Cr[at:], p.CStride, 1}, cw, ch, way)
	return out
}

// colours is the size of the field of colours of a picture of w by h.
func colours(w, h int, ratio image.YCbCrSubsampleRatio) (int, int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return (w + 1) / 2, h
	case image.YCbCrSubsampleRatio420:
		return (w + 1) / 2, (h + 1) / 2
	case image.YCbCrSubsampleRatio440:
		return w, (h + 1) / 2
	}
	return w, h
}
