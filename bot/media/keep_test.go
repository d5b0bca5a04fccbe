package media

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// recording is a voice that another program made.
func recording(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("../testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// told is the recording with tags that say who made it and where, over two pages, another number for its stream, and words behind its end.
func told(t testing.TB) []byte {
	t.Helper()
	rest := recording(t)
	var pages []page
	for len(rest) > 0 {
		p, next, err := nextPage(rest)
		if err != nil {
			t.Fatal(err)
		}
		pages, rest = append(pages, p), next
	}
	pages[0].body = append([]byte(nil), pages[0].body...)
	copy(pages[0].body[12:], "XYZZ") // what it was recorded at
	tags := []byte("OpusTags\x05\x00\x00\x00XYZZY\x02\x00\x00\x00\x13\x00\x00\x00LOCATION=XYZZY Ūla.\x00\xff\x00\x00ARTIST=XYZZY" + strings.Repeat("XYZZY ", 13_000))
	first, full := 255*255, bytes.Repeat([]byte{255}, 255)
	left := len(tags) - first
	pages[1] = page{segments: full, body: tags[:first], granule: 1<<64 - 1}
	second := page{flags: pageGoesOn, body: tags[first:], segments: append(bytes.Repeat([]byte{255}, left/255), byte(left%255))}
	pages = append(pages[:2:2], append([]page{second}, pages[2:]...)...)
	var out []byte
	for i := range pages {
		at := len(out)
		out = pages[i].put(out, uint32(i))
		copy(out[at+14:], "XYZ\x01")
		copy(out[at+22:], "\x00\x00\x00\x00")
		sum := oggSum(out[at:])
		out[at+22], out[at+23], out[at+24], out[at+25] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	}
	return append(out, "XYZZY was here, at home"...)
}

func TestOfAVoiceNothingButTheSoundIsKept(t *testing.T) {
	in := told(t)
	if before := exiftool(t, "before.ogg", in); !strings.Contains(before, "XYZZY") {
		t.Errorf("the reader sees nobody in what was sent, so it proves nothing:\n%s", before)
	}
	p, err := New(Settings{Program: []string{os.Args[0], CommandKeep}}).Keep(t.Context(), from(in))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(p); err != nil || p.Kind != Ogg || p.Size != int64(out.Len()) {
		t.Fatalf("%s of %d bytes, %v", p.Kind, p.Size, err)
	}
	if bytes.Contains(out.Bytes(), []byte("XYZ")) {
		t.Error("it tells whose voice it is")
	}
	after := exiftool(t, "after.ogg", out.Bytes())
	if strings.Contains(after, "XYZZY") || !strings.Contains(after, "Opus") {
		t.Errorf("another program reads:\n%s", after)
	}
	sound := func(data []byte) (out []byte) {
		for n := 0; len(data) > 0; n++ {
			p, rest, err := nextPage(data)
			if err != nil {
				break
			}
			if data = rest; n >= 2 && !bytes.Contains(p.body, []byte("XYZZY")) {
				out = append(out, p.body...)
			}
		}
		return out
	}
	if !bytes.Equal(sound(in), sound(out.Bytes())) || len(sound(in)) < 1000 {
		t.Error("the sound is another one")
	}
	again := bytes.Buffer{}
	if err := voice(&again, out.Bytes()); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
		t.Errorf("cleaned again it is another: %v", err)
	}
	if tool, err := exec.LookPath("opusinfo"); err == nil {
		cmd := exec.Command(tool, "-")
		cmd.Stdin = bytes.NewReader(out.Bytes())
		if said, err := cmd.CombinedOutput(); err != nil || bytes.Contains(said, []byte("WARNING")) {
			t.Errorf("opusinfo: %v\n%s", err, said)
		}
	}
}

func TestAVoiceThatIsBrokenOrNoneIsRefused(t *testing.T) {
	whole := recording(t)
	first := bytes.Index(whole[1:], []byte("OggS")) + 1
	changed := func(at int, b ...byte) []byte {
		out := append([]byte(nil), whole...)
		copy(out[at:], b)
		return out
	}
	for name, c := range map[string]struct {
		data []byte
		why  error
	}{
		"cut off":                  {whole[:len(whole)-100], ErrBroken},
		"its head alone":           {whole[:first], ErrBroken},
		"its head and tags":        {whole[:first+bytes.Index(whole[first+4:], []byte("OggS"))+4], ErrBroken},
		"one byte of sound wrong":  {changed(len(whole)-50, whole[len(whole)-50]^1), ErrBroken},
		"another sum":              {changed(22, 1, 2, 3, 4), ErrBroken},
		"four letters":             {[]byte("OggS"), ErrBroken},
		"a video":                  {[]byte("\x1a\x45\xdf\xa3 matroska"), ErrKind},
		"an MP3":                   {[]byte("ID3\x04\x00\x00"), ErrKind},
		"Vorbis":                   {func() []byte { b := changed(28, []byte("\x01vorbis\x00")...); return fixed(b) }(), ErrKind},
		"longer than is good":      {append(append([]byte(nil), whole...), make([]byte, MostKept)...), ErrTooBig},
		"six channels":             {fixed(changed(28+9, 6)), ErrBroken},
		"the head once more later": {append(append([]byte(nil), whole[:len(whole)-1]...), whole[:first]...), ErrBroken},
	} {
		var out bytes.Buffer
		if err := drawKept(&out, c.data); !errors.Is(err, c.why) || out.Len() != 0 {
			t.Errorf("%s: %v, %d bytes; want %v", name, err, out.Len(), c.why)
		}
	}
	if err := Draw(&bytes.Buffer{}, whole); !errors.Is(err, ErrKind) {
		t.Errorf("where pictures alone are taken, a voice is: %v", err)
	}
}

// fixed puts the right sum into the first page.
func fixed(b []byte) []byte {
	n := oggHead + int(b[oggHead-1])
	for _, s := range b[oggHead:n] {
		n += int(s)
	}
	sum := oggSum(b[:n])
	b[22], b[23], b[24], b[25] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	return b
}

func TestAPictureThatIsKeptIsSmallEnoughAndKeepsItsShape(t *testing.T) {
	unwatched(t)
	noise := image.NewYCbCr(image.Rect(0, 0, 2500, 2200), image.YCbCrSubsampleRatio420)
	r := rand.New(rand.NewPCG(1, 2))
	for _, plane := range [][]byte{noise.Y, noise.Cb, noise.Cr} {
		for i := range plane {
			plane[i] = byte(r.Uint32())
		}
	}
	for name, c := range map[string]struct {
		data []byte
		w, h int
	}{
		"small":                     {jpegOf(t, corners(64, 48)), 64, 48},
		"noise":                     {jpegOf(t, noise), 0, 0},
		"turned, and of 12 million": {noted(t, image.NewYCbCr(image.Rect(0, 0, 4032, 3024), image.YCbCrSubsampleRatio420), 6), 1982, 2643},
		"a long conversation":       {pngFile(t, image.NewGray(image.Rect(0, 0, 800, 12_000))), 591, 8868},
	} {
		var out bytes.Buffer
		if err := drawKept(&out, c.data); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(out.Bytes()))
		if err != nil || out.Len() > MostKept || cfg.Width*cfg.Height > keptPoints || c.w != 0 && (cfg.Width != c.w || cfg.Height != c.h) {
			t.Errorf("%s: %d x %d in %d bytes, %v", name, cfg.Width, cfg.Height, out.Len(), err)
		}
	}
	if got := seen(must(jpeg.Decode(bytes.NewReader(keptOf(t, jpegOf(t, corners(2700, 2000))))))); got != "RGBW" {
		t.Errorf("drawn smaller it shows %s", got)
	}
}

func keptOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := drawKept(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func must(p image.Image, err error) image.Image {
	if err != nil {
		panic(err)
	}
	return p
}

func TestHostileFilesAreNotKept(t *testing.T) {
	for name, file := range hostile(t) {
		var b bytes.Buffer
		if err := drawKept(&b, file.data); !errors.Is(err, file.why) || b.Len() != 0 {
			t.Errorf("%s: %v, %d bytes; want %v", name, err, b.Len(), file.why)
		}
	}
}
