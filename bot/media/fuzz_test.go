package media

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// FuzzDraw feeds every decoder. Whatever comes in, nothing falls over; what comes out is a JPEG within the bounds and without a note; and what
// is refused writes nothing.
func FuzzDraw(f *testing.F) {
	f.Add(noted(f, corners(16, 8), 6))
	f.Add(pngFile(f, corners(8, 8)))
	f.Add(pngOf(8, 8, 16, 6, 1, 8*(8*8+1)))
	f.Add(pngOf(8, 8, 8, 0, 0, 8*9, chunk("tRNS", []byte{0, 1})))
	f.Add(animation(f))
	f.Add(progressive(jpegOf(f, corners(8, 8))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k := formatOf(data); k != nil {
			if c, err := k.config(bytes.NewReader(data)); err == nil && c.Width > 1<<20/max(1, c.Height) {
				t.Skip("large pictures are slow; their bounds have tests of their own")
			}
		}
		var out bytes.Buffer
		if err := Draw(&out, data); err != nil {
			if !Refused(err) || out.Len() != 0 {
				t.Errorf("%v, %d bytes", err, out.Len())
			}
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(out.Bytes()))
		if err != nil || c.Width > MostPoints/c.Height || out.Len() > MostClean {
			t.Errorf("%v, %v", c, err)
		}
		checkSegments(t, out.Bytes())
	})
}

// checkSegments walks a JPEG and holds that nothing but the picture is in it.
func checkSegments(t *testing.T, b []byte) {
	t.Helper()
	for i := 2; i+4 <= len(b); {
		marker := b[i+1]
		if b[i] != 0xff || marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
			t.Fatalf("a segment %x %x at %d", b[i], marker, i)
		}
		if marker == 0xda {
			break
		}
		i += 2 + (int(b[i+2])<<8 | int(b[i+3]))
	}
	if !bytes.HasSuffix(b, []byte{0xff, 0xd9}) {
		t.Fatal("something follows the picture")
	}
}

// FuzzOrientation feeds the reader of notes.
func FuzzOrientation(f *testing.F) {
	f.Add(exif(6)[4:])
	f.Fuzz(func(t *testing.T, notes []byte) {
		if len(notes) > 60000 {
			t.Skip()
		}
		b := jpegOf(t, corners(8, 8))
		segment := append([]byte{0xff, 0xe1, byte((len(notes) + 2) >> 8), byte(len(notes) + 2)}, notes...)
		data := bytes.Join([][]byte{b[:2], segment, b[2:]}, nil)
		if way := orientation(formatOf(data), data); way < 1 || way > 8 {
			t.Errorf("orientation %d", way)
		}
	})
}
