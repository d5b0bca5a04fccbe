package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime/debug"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"
)

// qualities of a picture that is drawn anew; the second, where the first makes it too big.
var qualities = [...]int{85, 60}

// format is a kind of picture that can be decoded.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	notes  imagemeta.ImageFormat                   // how its notes are read; 0: it has none that turn it
	extra  func(data []byte, c image.Config) int64 // bytes that the decoder holds beside the picture that the model tells of
}

// formatOf tells from a file's first bytes what it is, nil for what is not drawn anew.
func formatOf(data []byte) *format {
	begins := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	switch {
	case begins("\xff\xd8\xff"):
		return &format{jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG, jpegExtra}
	case begins("\x89PNG\r\n\x1a\n"):
		return &format{png.DecodeConfig, png.Decode, imagemeta.PNG, pngExtra}
	case begins("GIF87a"), begins("GIF89a"):
		return &format{gif.DecodeConfig, gif.Decode, 0, func([]byte, image.Config) int64 { return 0 }}
	case begins("RIFF") && len(data) > 12 && string(data[8:12]) == "WEBP":
		return &format{webp.DecodeConfig, webp.Decode, imagemeta.WebP, webpExtra}
	}
	return nil
}

// pointSize is how many bytes a point takes in a decoder's picture. A model that nobody knows counts as the largest.
func pointSize(m color.Model) int64 {
	if _, ok := m.(color.Palette); ok {
		return 1
	}
	switch m {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel: // at worst: most pictures keep the colours of four points as one
		return 3
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel, color.NYCbCrAModel:
		return 4
	}
	return 8
}

// jpegExtra: of a progressive JPEG, four bytes for each sample are held until the last scan; what is not stored as light and colours is
// held in both forms, and a fifth byte leaves room for turning it.
func jpegExtra(data []byte, c image.Config) (n int64) {
	points := int64(c.Width) * int64(c.Height)
	samples, progressive := frame(data)
	if progressive {
		n = int64(4 * samples * float64(points))
	}
	if c.ColorModel == color.RGBAModel || c.ColorModel == color.CMYKModel {
		n += 5 * points
	}
	return n
}

// pngExtra: a PNG in shades of grey may name one that is transparent, and then takes four times as much; one that comes in passes is held twice.
func pngExtra(data []byte, c image.Config) (n int64) {
	points := int64(c.Width) * int64(c.Height)
	size := pointSize(c.ColorModel)
	if c.ColorModel == color.GrayModel || c.ColorModel == color.Gray16Model {
		n = 3 * size * points
	}
	if interlaced(data) {
		n = 2*n + size*points
	}
	return n
}

// webpExtra: transparency, and pictures without loss, are unpacked in four bytes a point.
func webpExtra(_ []byte, c image.Config) int64 {
	return 4 * int64(c.Width) * int64(c.Height)
}

// frame reads from a JPEG's frame header how many samples a point has, and whether it is progressive. What it cannot
// read counts as the worst.
func frame(data []byte) (samples float64, progressive bool) {
	for i := 2; i+4 <= len(data) && data[i] == 0xff; {
		marker := data[i+1]
		if marker == 0xff || marker == 0 || marker >= 0xd0 && marker <= 0xd9 { // filling, or a marker alone
			i++
			if marker != 0xff {
				i++
			}
			continue
		}
		size := int(data[i+2])<<8 | int(data[i+3])
		if marker >= 0xc0 && marker <= 0xc2 {
			return samplesOf(data[i:min(len(data), i+2+size)]), marker == 0xc2
		}
		i += 2 + size
	}
	return 4, true
}

// samplesOf counts the samples of a point from a frame header.
func samplesOf(header []byte) float64 {
	const fixed = 10
	if len(header) < fixed || len(header) < fixed+3*int(header[9]) {
		return 4
	}
	most, all := 1, 0
	for c := range int(header[9]) {
		s := int(header[fixed+3*c+1])
		area := (s >> 4) * (s & 15)
		most, all = max(most, area), all+area
	}
	return float64(all) / float64(most)
}

// measure refuses a picture that would take too much, before anything of it is decoded.
func measure(f *format, data []byte) error {
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return ErrBroken
	}
	if c.Width > MostPoints/c.Height {
		return ErrTooBig
	}
	decoded := int64(c.Width) * int64(c.Height) * pointSize(c.ColorModel)
	if decoded > MostDecoded || decoded+f.extra(data, c) > MostScratch {
		return ErrTooBig
	}
	return nil
}

// interlaced reports whether a PNG comes in passes, for which the decoder holds more than the picture.
func interlaced(data []byte) bool {
	const at = 28 // of the interlace method
	return len(data) > at && data[0] == 0x89 && data[at] != 0
}

// Draw draws the picture in data anew and gives it to w, without any note, the right way up, on white where it was
// transparent. It decodes what strangers made: only the child calls it, and tests. An error is one of the reasons of this package, or w's.
func Draw(w io.Writer, data []byte) error {
	return drawAnew(w, data, 0, MostClean, qualities[:])
}

// drawAnew is Draw with bounds: of the points, 0 for as many as there are, and of the bytes that come out.
func drawAnew(w io.Writer, data []byte, points, most int, qualities []int) error {
	f := formatOf(data)
	if f == nil {
		return ErrKind
	}
	if len(data) > MostFile {
		return ErrTooBig
	}
	if err := measure(f, data); err != nil {
		return err
	}
	picture, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return ErrBroken
	}
	way, b := orientation(f, data), picture.Bounds()
	if way != upright || points > 0 && b.Dx()*b.Dy() > points {
		debug.FreeOSMemory() // what the decoder held beside the picture, before another lies there
	}
	return encode(w, turn(smaller(onWhite(picture), points), way), most, qualities)
}

// encode writes a picture in the first quality in which it is not too big.
func encode(w io.Writer, picture image.Image, most int, qualities []int) error {
	for _, q := range qualities {
		out := bounded{most: most}
		err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: q})
		if errors.Is(err, ErrTooBig) {
			continue
		}
		if err != nil {
			return ErrBroken
		}
		if _, err := w.Write(out.Bytes()); err != nil {
			return fmt.Errorf("write a picture: %w", err)
		}
		return nil
	}
	return ErrTooBig
}

// bounded takes at most so many bytes.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.most {
		return 0, ErrTooBig
	}
	return b.Buffer.Write(p)
}

// onWhite gives a picture without transparency, changing it in place where that can be done.
func onWhite(picture image.Image) image.Image {
	switch p := picture.(type) {
	case *image.YCbCr, *image.Gray, *image.Gray16, *image.CMYK:
		return picture
	case *image.Paletted:
		for i, c := range p.Palette {
			p.Palette[i] = blend(c)
		}
		return p
	case *image.NRGBA:
		for i := 0; i+3 < len(p.Pix); i += 4 {
			a := uint32(p.Pix[i+3])
			for k := i; k < i+3; k++ {
				p.Pix[k] = uint8((uint32(p.Pix[k])*a + 255*(255-a) + 127) / 255)
			}
			p.Pix[i+3] = 255
		}
		return &image.RGBA{Pix: p.Pix, Stride: p.Stride, Rect: p.Rect}
	case *image.RGBA:
		for i := 0; i+3 < len(p.Pix); i += 4 {
			rest := 255 - p.Pix[i+3]
			for k := i; k < i+3; k++ {
				p.Pix[k] = uint8(min(255, int(p.Pix[k])+int(rest)))
			}
			p.Pix[i+3] = 255
		}
		return p
	}
	out := image.NewRGBA(picture.Bounds())
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Over)
	return out
}

// blend lays one colour on white.
func blend(c color.Color) color.Color {
	r, g, b, a := c.RGBA()
	rest := 0xffff - a
	return color.RGBA{uint8((r + rest) >> 8), uint8((g + rest) >> 8), uint8((b + rest) >> 8), 255}
}
