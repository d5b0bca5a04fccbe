package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"sync"
	"testing"

	"golang.org/x/image/webp"
)

// chunk is a piece of a PNG.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngOf is a PNG of a size and kind, of which raw is what its lines unpack to.
func pngOf(w, h uint32, depth, kind, interlace byte, raw int, extra ...[]byte) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, depth, kind, 0, 0, interlace))...)
	for _, e := range extra {
		b = append(b, e...)
	}
	var z bytes.Buffer
	zw, _ := zlib.NewWriterLevel(&z, zlib.BestCompression)
	zeros := make([]byte, 1<<20)
	for ; raw > 0; raw -= len(zeros) {
		zw.Write(zeros[:min(raw, len(zeros))])
	}
	zw.Close()
	return append(append(b, chunk("IDAT", z.Bytes())...), chunk("IEND", nil)...)
}

// bomb is a picture of some hundred kilobytes that takes 335 MB when it is decoded: 6470 by 6480 points, 16 bits a colour, all zero.
var bomb = sync.OnceValue(func() []byte { return pngOf(6470, 6480, 16, 6, 0, 6480*(6470*8+1)) })

// corners is a picture whose four quarters have colours of their own: red, green, blue, white from the top left, line by line.
func corners(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, quarters[2*(2*y/h)+2*x/w])
		}
	}
	return p
}

var quarters = [4]color.RGBA{{230, 20, 20, 255}, {20, 230, 20, 255}, {20, 20, 230, 255}, {240, 240, 240, 255}}

// seen names the quarters of a picture, as RGBW from the top left, line by line.
func seen(p image.Image) string {
	b, s := p.Bounds(), ""
	for _, at := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		r, g, bl, _ := p.At(b.Min.X+b.Dx()*at.X/4, b.Min.Y+b.Dy()*at.Y/4).RGBA()
		switch r, g, bl = r>>8, g>>8, bl>>8; {
		case r > 180 && g > 180 && bl > 180:
			s += "W"
		case r > 150 && g < 100 && bl < 100:
			s += "R"
		case g > 150 && r < 100 && bl < 100:
			s += "G"
		case bl > 150 && r < 100 && g < 100:
			s += "B"
		default:
			s += "?"
		}
	}
	return s
}

func jpegOf(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is the APP1 segment of a phone: how it was held, who made it, and where.
func exif(way uint16) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, count, value uint32) {
		b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, tag), kind), count), value)
	}
	b = le.AppendUint16(b, 3)
	const after = 8 + 2 + 3*12 + 4
	entry(0x010f, 2, 8, after) // Make
	entry(0x0112, 3, 1, uint32(way))
	entry(0x8825, 4, 1, after+8) // GPS
	b = append(le.AppendUint32(b, 0), "SECRETS\x00"...)
	b = le.AppendUint16(b, 1)
	entry(0x0001, 2, 2, uint32('N'))
	b = le.AppendUint32(b, 0)
	b = append([]byte("Exif\x00\x00"), b...)
	return append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(b)+2)), b...)
}

// noted is a JPEG with notes of a phone, and a comment.
func noted(t testing.TB, p image.Image, way uint16) []byte {
	b := jpegOf(t, p)
	comment := append([]byte{0xff, 0xfe, 0, 2 + 7}, "SECRETS"...)
	return bytes.Join([][]byte{b[:2], exif(way), comment, b[2:], []byte("SECRETS after the end")}, nil)
}

func pngFile(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// within puts chunks into a PNG, behind its head.
func within(png []byte, chunks ...[]byte) []byte {
	const head = 8 + 12 + 13
	return bytes.Join([][]byte{png[:head], bytes.Join(chunks, nil), png[head:]}, nil)
}

// notedPNG is a PNG with notes in every place where programs write them.
func notedPNG(t testing.TB, p image.Image, way uint16) []byte {
	packet := "XML:com.adobe.xmp\x00\x00\x00\x00\x00" + xmp
	return append(within(pngFile(t, p), chunk("tEXt", []byte("Author\x00SECRETS")), chunk("iTXt", []byte(packet)), chunk("eXIf", exif(way)[tiff:])), "SECRETS after the end"...)
}

// notedWebP is a WebP, as this one, with the notes of a phone.
func notedWebP(t testing.TB, still []byte, way uint16) []byte {
	c, err := webp.DecodeConfig(bytes.NewReader(still))
	if err != nil {
		t.Fatal(err)
	}
	le, size := binary.LittleEndian, func(n int) []byte { return []byte{byte(n - 1), byte((n - 1) >> 8), byte((n - 1) >> 16)} }
	piece := func(kind string, data []byte) []byte {
		return append(append(le.AppendUint32([]byte(kind), uint32(len(data))), data...), make([]byte, len(data)%2)...)
	}
	const exifAndXMP = 0x08 | 0x04
	head := bytes.Join([][]byte{{exifAndXMP, 0, 0, 0}, size(c.Width), size(c.Height)}, nil)
	body := bytes.Join([][]byte{[]byte("WEBP"), piece("VP8X", head), still[12:], piece("EXIF", exif(way)[tiff:]), piece("XMP ", []byte(xmp))}, nil)
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// tiff is where the notes themselves begin in a JPEG's segment.
const tiff = 10

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
	`<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="SECRETS"/></rdf:RDF></x:xmpmeta>`

// moving is an animated PNG of two pictures: p, then all black.
func moving(t testing.TB, p image.Image) []byte {
	first, be, size := pngFile(t, p), binary.BigEndian, p.Bounds().Size()
	part := func(kind string, data []byte) []byte { // the data of the first chunk of a kind
		at := bytes.Index(data, []byte(kind))
		return data[at+4 : at+4+int(be.Uint32(data[at-4:]))]
	}
	control := func(n uint32) []byte {
		b := be.AppendUint32(be.AppendUint32(be.AppendUint32(nil, n), uint32(size.X)), uint32(size.Y))
		return chunk("fcTL", append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0))
	}
	black := append(be.AppendUint32(nil, 2), part("IDAT", pngFile(t, image.NewRGBA(p.Bounds())))...)
	whole := within(first, chunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), control(0))
	end := len(whole) - 12
	return bytes.Join([][]byte{whole[:end], control(1), chunk("fdAT", black), whole[end:]}, nil)
}

// inPasses is a PNG that comes in seven passes (Adam7), of three colours a point.
func inPasses(p image.Image) []byte {
	b := p.Bounds()
	var lines bytes.Buffer
	for _, pass := range [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		for y := pass[1]; y < b.Dy() && pass[0] < b.Dx(); y += pass[3] {
			lines.WriteByte(0)
			for x := pass[0]; x < b.Dx(); x += pass[2] {
				r, g, bl, _ := p.At(b.Min.X+x, b.Min.Y+y).RGBA()
				lines.Write([]byte{byte(r >> 8), byte(g >> 8), byte(bl >> 8)})
			}
		}
	}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	zw.Write(lines.Bytes())
	zw.Close()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(b.Dx())), uint32(b.Dy()))
	return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 2, 0, 0, 1)), chunk("IDAT", z.Bytes()), chunk("IEND", nil)}, nil)
}

// animation is a GIF of two pictures: the quarters, then all black.
func animation(t testing.TB) []byte {
	t.Helper()
	first := image.NewPaletted(image.Rect(0, 0, 16, 16), color.Palette{quarters[0], quarters[1], quarters[2], quarters[3], color.Black})
	for y := range 16 {
		for x := range 16 {
			first.SetColorIndex(x, y, uint8(2*(y/8)+x/8))
		}
	}
	second := image.NewPaletted(first.Rect, first.Palette)
	for i := range second.Pix {
		second.Pix[i] = 4
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{5, 5}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// junk is n bytes that mean nothing, behind a beginning.
func junk(begin string, n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64())
	}
	copy(b, begin)
	return b
}

// sized is a JPEG whose header says another size than its picture has.
func sized(t testing.TB, w, h uint16) []byte {
	b := jpegOf(t, corners(16, 16))
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], h)
	binary.BigEndian.PutUint16(b[at+7:], w)
	return b
}

// progressive turns a JPEG's header into that of a progressive one.
func progressive(b []byte) []byte {
	b[bytes.Index(b, []byte{0xff, 0xc0})+1] = 0xc2
	return b
}

// hostile are files that are refused, and why. Those of 20 MB are made to the bounds.
func hostile(t testing.TB) map[string]struct {
	data []byte
	why  error
} {
	type file = struct {
		data []byte
		why  error
	}
	photo := jpegOf(t, corners(640, 480))
	trns := chunk("tRNS", []byte{0, 1})
	return map[string]file{
		"16 bits a colour, 335 MB when decoded":  {bomb(), ErrTooBig},
		"the same in passes":                     {pngOf(6470, 6480, 16, 6, 1, 1<<20), ErrTooBig},
		"a square of four million points a side": {pngOf(1<<22, 1<<22, 8, 2, 0, 1<<20), ErrTooBig},
		"wider than can be said":                 {pngOf(1<<31-1, 1<<31-1, 8, 2, 0, 100), ErrBroken},
		"one line of a billion points":           {pngOf(1<<30, 1, 1, 0, 0, 1<<20), ErrTooBig},
		"16 million points in passes":            {pngOf(4000, 4000, 8, 6, 1, 1<<20), ErrTooBig},
		"grey with a transparent shade, 16 bits": {pngOf(4000, 4000, 16, 0, 0, 1<<20, trns), ErrTooBig},
		"progressive, of 15 million points":      {progressive(sized(t, 5000, 3000)), ErrTooBig},
		"a JPEG of 65535 points a side":          {sized(t, 65535, 65535), ErrTooBig},
		"a JPEG of no points":                    {sized(t, 0, 0), ErrBroken},
		"a header that promises more":            {sized(t, 4000, 3000), ErrBroken},
		"a GIF of 65535 points a side":           {[]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01\x00;"), ErrTooBig},
		"a photo cut off in the middle":          {photo[:len(photo)/2], ErrBroken},
		"a PNG cut off in the middle":            {pngFile(t, corners(64, 64))[:60], ErrBroken},
		"a WebP that moves":                      {append([]byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00ANIM"), make([]byte, 8)...), ErrBroken},
		"a WebP of 16384 points a side":          {[]byte("RIFF\x1e\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ErrTooBig},
		"20 MB of a JPEG's beginning":            {junk("\xff\xd8\xff\xe0", MostFile), ErrBroken},
		"20 MB of a PNG's beginning":             {junk("\x89PNG\r\n\x1a\n", MostFile), ErrBroken},
		"20 MB of anything":                      {junk("hello", MostFile), ErrKind},
		"20 MB of zeros":                         {make([]byte, MostFile), ErrKind},
		"more than 20 MB":                        {junk("\xff\xd8\xff", MostFile+1), ErrTooBig},
		"a PDF":                                  {[]byte("%PDF-1.7\n"), ErrKind},
		"a PDF behind a GIF's name":              {[]byte("GIF89a%PDF-1.7\n1 0 obj<</Author(Anna)>>"), ErrTooBig},
		"a ZIP":                                  {[]byte("PK\x03\x04"), ErrKind},
		"a page":                                 {[]byte("<html><script>"), ErrKind},
		"an SVG":                                 {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), ErrKind},
		"a TIFF":                                 {[]byte("II*\x00\x08\x00\x00\x00"), ErrKind},
		"nothing":                                {nil, ErrKind},
		"one byte":                               {[]byte{0xff}, ErrKind},
	}
}
