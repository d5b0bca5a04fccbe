package media

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func drawn(t testing.TB, data []byte) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := Draw(&b, data); err != nil {
		t.Fatal(err)
	}
	p, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPictureOfEachKindKeepsWhatIsSeen(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range grey.Pix {
		grey.Pix[i] = 250
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 16, 16))
	for y := range 16 {
		for x := range 16 {
			deep.Set(x, y, quarters[2*(y/8)+x/8])
		}
	}
	cmyk, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	passes, err := os.ReadFile("testdata/progressive.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"JPEG": {jpegOf(t, corners(16, 16)), "RGBW"}, "JPEG, grey": {jpegOf(t, grey), "WWWW"}, "JPEG, CMYK": {cmyk, "RGBW"}, "JPEG, progressive": {passes, "RGBW"},
		"PNG": {pngFile(t, corners(16, 16)), "RGBW"}, "PNG, 16 bits a colour": {pngFile(t, deep), "RGBW"}, "PNG, grey": {pngFile(t, grey), "WWWW"},
		"PNG, in passes": {inPasses(corners(61, 33)), "RGBW"}, "PNG that moves: its first picture": {moving(t, corners(16, 16)), "RGBW"},
		"GIF: its first picture": {animation(t), "RGBW"}, "WebP": {stillWebP(t), "RGBW"},
	} {
		if got := seen(drawn(t, c.data)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatIsTransparentLiesOnWhite(t *testing.T) {
	// Black words on nothing, as programs for screenshots make them: on black nobody could read them.
	clear := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	palette := image.NewPaletted(clear.Rect, color.Palette{color.Transparent, color.Black})
	deep := image.NewNRGBA64(clear.Rect)
	for name, p := range map[string]image.Image{"of many colours": clear, "with a palette": palette, "16 bits a colour": deep} {
		if got := seen(drawn(t, pngFile(t, p))); got != "WWWW" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAPictureIsTurnedTheRightWayUpBeforeItsNotesGo(t *testing.T) {
	// What is seen when RGBW is shown as EXIF's orientation asks: section 4.6.4 A of EXIF 2.3, tag 274.
	for way, want := range map[uint16]string{0: "RGBW", 1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB", 9: "RGBW"} {
		for name, size := range map[string]image.Point{"wide": {64, 32}, "odd": {61, 33}} {
			p := drawn(t, noted(t, corners(size.X, size.Y), way))
			if got := seen(p); got != want {
				t.Errorf("orientation %d, %s: %s, want %s", way, name, got, want)
			}
			if b := p.Bounds(); (b.Dx() > b.Dy()) != (way < 5 || way > 8) {
				t.Errorf("orientation %d, %s: %v", way, name, b)
			}
		}
		for name, data := range map[string][]byte{"PNG": notedPNG(t, corners(64, 32), way), "WebP": notedWebP(t, stillWebP(t), way)} {
			if got := seen(drawn(t, data)); got != want {
				t.Errorf("orientation %d, %s: %s, want %s", way, name, got, want)
			}
		}
	}
}

func TestEveryKindOfPictureCanBeTurned(t *testing.T) {
	full := corners(32, 16)
	grey, ink := image.NewGray(full.Rect), image.NewCMYK(full.Rect)
	kinds := map[string]image.Image{"RGBA": full, "CMYK": ink, "any other": image.NewGray16(full.Rect), "grey": grey}
	for y := range 16 {
		for x := range 32 {
			ink.Set(x, y, full.At(x, y))
		}
	}
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		p := image.NewYCbCr(full.Rect, ratio)
		for y := range 16 {
			for x := range 32 {
				c := full.RGBAAt(x, y)
				p.Y[p.YOffset(x, y)], p.Cb[p.COffset(x, y)], p.Cr[p.COffset(x, y)] = color.RGBToYCbCr(c.R, c.G, c.B)
			}
		}
		kinds[ratio.String()] = p
	}
	for name, p := range kinds {
		back := turn(turn(p, 6), 8)
		if back.Bounds().Size() != p.Bounds().Size() {
			t.Errorf("%s: %v", name, back.Bounds())
		}
		once := turn(p, 6)
		if name == "grey" || name == "any other" {
			continue
		}
		if got := seen(once); got != "BRWG" {
			t.Errorf("%s: %s", name, got)
		}
		if got := seen(back); got != "RGBW" {
			t.Errorf("%s, there and back: %s", name, got)
		}
	}
}

// stillWebP is a WebP without notes.
func stillWebP(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/quarters.webp")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNothingButThePictureComesOut(t *testing.T) {
	for kind, c := range map[string]struct {
		data []byte
		tags []string // that another program reads in it
	}{
		"jpg":  {noted(t, corners(64, 32), 6), []string{"Orientation", "GPSLatitudeRef", "Make", "Comment"}},
		"png":  {notedPNG(t, corners(64, 32), 6), []string{"Orientation", "GPSLatitudeRef", "Make", "Author", "City"}},
		"webp": {notedWebP(t, stillWebP(t), 6), []string{"Orientation", "GPSLatitudeRef", "Make", "City"}},
	} {
		t.Run(kind, func(t *testing.T) {
			var b bytes.Buffer
			if err := Draw(&b, c.data); err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(c.data, []byte("SECRETS")) || bytes.Contains(b.Bytes(), []byte("SECRETS")) || bytes.Contains(b.Bytes(), []byte("Exif")) {
				t.Error("a note is left")
			}
			checkSegments(t, b.Bytes())
			in := exiftool(t, "before."+kind, c.data)
			for _, tag := range c.tags {
				if !strings.Contains(in, tag) || !strings.Contains(in, "SECRETS") {
					t.Errorf("the reader does not see %s in what was sent, so it proves nothing:\n%s", tag, in)
				}
			}
			for line := range strings.Lines(exiftool(t, "after.jpg", b.Bytes())) {
				if group, _, _ := strings.Cut(line, "]"); group != "[System" && group != "[File" && group != "[ExifTool" && group != "[Composite" || strings.Contains(line, "Comment") {
					t.Errorf("a note is left: %s", line)
				}
			}
		})
	}
}

// exiftool is what a program that is not ours reads in a file.
func exiftool(t *testing.T, name string, data []byte) string {
	t.Helper()
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("exiftool is missing; .ci/run installs it")
		}
		t.Skip("exiftool is not installed")
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(tool, "-a", "-u", "-G1", "-s", path).Output()
	return string(out)
}

func TestHostileFilesAreRefusedBeforeTheyTakeAnything(t *testing.T) {
	for name, file := range hostile(t) {
		var b bytes.Buffer
		if err := Draw(&b, file.data); !errors.Is(err, file.why) || !Refused(err) || b.Len() != 0 {
			t.Errorf("%s: %v, %d bytes; want %v", name, err, b.Len(), file.why)
		}
	}
}

func TestAPhotoAsLargeAsAPhoneMakesItIsTaken(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes 12 million points")
	}
	if p := drawn(t, noted(t, image.NewYCbCr(image.Rect(0, 0, 4032, 3024), image.YCbCrSubsampleRatio420), 6)); p.Bounds().Dx() != 3024 {
		t.Errorf("%v", p.Bounds())
	}
}
