package poster_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"patikra/bot/librarytest"
	"patikra/bot/poster"
)

const base = "https://www.example.lt"

func of(t *testing.T, lang string) poster.Sheet {
	t.Helper()
	s, err := poster.Of(librarytest.Own(t), lang, "plakatas", base)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drawn(t *testing.T, lang, size, form string, bleed bool) []byte {
	t.Helper()
	data, err := poster.Draw(of(t, lang), size, form, bleed)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pixels renders a PDF as a print shop's proof.
func pixels(t *testing.T, pdf []byte) image.Image {
	t.Helper()
	renderer, err := exec.LookPath("pdftoppm")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdftoppm is needed under CI=true")
		}
		t.Skip("pdftoppm is not installed")
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(renderer, "-r", "120", "-png", "-singlefile", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, out)
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// reads is what a reader that is not the encoder's makes of a picture.
func reads(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		t.Errorf("no code can be read: %v", err)
		return ""
	}
	return result.GetText()
}

func part(img image.Image, x, y, w, h float64) image.Image {
	b := img.Bounds()
	r := image.Rect(int(x*float64(b.Dx())), int(y*float64(b.Dy())), int((x+w)*float64(b.Dx())), int((y+h)*float64(b.Dy())))
	out := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(out, out.Bounds(), img, r.Min, draw.Src)
	return out
}

func TestTheCodeOfEverySheetIsReadBackFromItsPixels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, size string
		bleed      bool
	}{{"lt", "a4", false}, {"lt", "a3", true}, {"lt", "a5", false}, {"lt", "card", true}, {"lt", "sticker", true}, {"uk", "a4", true}, {"ru", "strips", false}, {"lt-easy", "card", false}} {
		t.Run(c.lang+" "+c.size, func(t *testing.T) {
			t.Parallel()
			img := pixels(t, drawn(t, c.lang, c.size, "pdf", c.bleed))
			want := base + "/" + c.lang + "/?from=plakatas"
			if c.size == "strips" { // the large one, then the first and the last to tear off
				for _, of := range []image.Image{part(img, 0, 0.25, 0.5, 0.4), part(img, 0, 0.74, 0.1, 0.08), part(img, 0.9, 0.74, 0.1, 0.08)} {
					if got := reads(t, of); got != want {
						t.Errorf("%q", got)
					}
				}
				return
			}
			if got := reads(t, img); got != want {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestAPictureAndADrawingCarryTheSameCode(t *testing.T) {
	t.Parallel()
	want := base + "/pl/?from=plakatas"
	if got := reads(t, decoded(t, drawn(t, "pl", "a5", "png", false))); got != want {
		t.Errorf("the picture leads to %q", got)
	}
	svg := drawn(t, "pl", "sticker", "svg", false)
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	const scale = 8
	canvas := image.NewRGBA(image.Rect(0, 0, 80*scale, 80*scale))
	for _, m := range regexp.MustCompile(`fill="#(......)" d="M(-?[\d.]+) (-?[\d.]+)h(-?[\d.]+)v(-?[\d.]+)h`).FindAllStringSubmatch(string(svg), -1) {
		var at [4]float64
		for i := range at {
			at[i], _ = strconv.ParseFloat(m[2+i], 64)
		}
		rgb, _ := strconv.ParseUint(m[1], 16, 32)
		edge := func(mm float64) int { return int(math.Round(mm * scale)) }
		draw.Draw(canvas, image.Rect(edge(at[0]), edge(at[1]), edge(at[0]+at[2]), edge(at[1]+at[3])), image.NewUniform(color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}), image.Point{}, draw.Src)
	}
	if got := reads(t, canvas); got != want {
		t.Errorf("the drawing leads to %q", got)
	}
	if bytes.Contains(svg, []byte("<text")) || bytes.Contains(svg, []byte("http://")) && !bytes.Contains(svg, []byte(`xmlns="http://www.w3.org/2000/svg"`)) {
		t.Error("the drawing needs a font or an address of somebody else")
	}
}

func TestEveryLetterThatIsPrintedIsInTheFonts(t *testing.T) {
	t.Parallel()
	l := librarytest.Own(t)
	for name, data := range map[string][]byte{"regular": goregular.TTF, "bold": gobold.TTF} {
		font, err := sfnt.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range l.Catalog.Languages {
			s := of(t, l.Catalog.Languages[i].Tag)
			words := s.Title + s.Short + s.Card + s.Text + s.Scan + s.Talk + s.Behind + s.NoPerson + s.Address
			for _, n := range s.Numbers {
				words += n.Name + n.Shown + n.Where
			}
			for _, letter := range words {
				if g, err := font.GlyphIndex(nil, letter); err != nil || g == 0 {
					t.Errorf("%s: %s has no %q", s.Lang, name, letter)
				}
			}
		}
	}
}

func TestASheetSaysWhomToCallAndFromWhereAndNothingAlarming(t *testing.T) {
	t.Parallel()
	l := librarytest.Own(t)
	for i := range l.Catalog.Languages {
		s := of(t, l.Catalog.Languages[i].Tag)
		if len(s.Numbers) != 2 || !strings.HasPrefix(s.Numbers[0].Shown, "+370 ") || s.Numbers[1].Shown != "112" || s.Numbers[0].Where == "" || s.Numbers[1].Where == s.Numbers[0].Where {
			t.Errorf("%s: %+v", s.Lang, s.Numbers)
		}
		if s.Address != "www.example.lt/plakatas" {
			t.Errorf("%s: the address is %s", s.Lang, s.Address)
		}
		if m := regexp.MustCompile(`(?i)preky|auk[aąo]s?\b|verg|traffick|victim|slave|safe|ofiar|handl|торгов|жертв|раб[сст]т|торгів|рабств`).FindString(s.Title + s.Short + s.Card + s.Text + s.Talk); m != "" {
			t.Errorf("%s: it says %q", s.Lang, m)
		}
	}
}

func TestAPrintShopGetsTheCutTheBleedAndTheFonts(t *testing.T) {
	t.Parallel()
	pdf := drawn(t, "lt", "card", "pdf", true)
	for _, want := range []string{"/TrimBox [22.68 22.68 265.32 175.75]", "/BleedBox [14.17 14.17 273.83 184.25]", "/FontFile2"} {
		if !bytes.Contains(pdf, []byte(want)) {
			t.Errorf("no %s: %q", want, regexp.MustCompile(`/\w+Box ?\[[^\]]*\]`).FindAll(pdf, -1))
		}
	}
	img := pixels(t, pdf) // the colour runs over the cut, and the marks stand outside of it
	dot := 120 / 25.4
	if r, g, _, _ := img.At(int(50*dot), int(6.5*dot)).RGBA(); r>>8 > 40 || g>>8 < 60 {
		t.Error("no colour between the cut and the bleed")
	}
	if r, _, _, _ := img.At(int(50*dot), int(3*dot)).RGBA(); r>>8 < 250 {
		t.Error("colour beyond the bleed")
	}
}

func TestWhatCannotBeDrawnIsSaid(t *testing.T) {
	t.Parallel()
	l := librarytest.Own(t)
	for _, c := range []struct{ lang, code, base, want string }{
		{"xx", "plakatas", base, `there is no language "xx"`}, {"lt", "jonas", base, `content/campaigns.yaml has no campaign "jonas"`},
		{"lt", "plakatas", "example", `"example" is no address of the page; write it as https://www.example.lt`}, {"lt", "plakatas", "javascript://x/", `is no address`},
	} {
		if _, err := poster.Of(l, c.lang, c.code, c.base); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, not %s", err, c.want)
		}
	}
	for _, c := range [][2]string{{"a0", "pdf"}, {"a4", "gif"}} {
		if _, err := poster.Draw(of(t, "lt"), c[0], c[1], false); !errors.Is(err, poster.ErrNothing) {
			t.Errorf("%v: %v", c, err)
		}
	}
}
