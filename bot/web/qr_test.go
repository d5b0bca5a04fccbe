package web

import (
	"fmt"
	"image"
	"image/draw"
	"regexp"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

func TestTheCodeOnThePageIsReadBackAsTheLinkByAnotherReader(t *testing.T) {
	const scale = 4
	square := regexp.MustCompile(`M(\d+) (\d+)h1v1h-1z`)
	for _, link := range []string{"https://t.me/patikra_bot", "https://m.me/1234567890?ref=radio_lt", "https://patikra.example/lt/?from=" + strings.Repeat("savivaldybe-", 12)} {
		svg := qr(link, "<label>")
		var size int
		if _, err := fmt.Sscanf(svg, `<svg class="qr" viewBox="0 0 %d`, &size); err != nil || !strings.Contains(svg, `aria-label="&lt;label&gt;"`) {
			t.Fatalf("%v: %.120s", err, svg)
		}
		img := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
		draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
		for _, m := range square.FindAllStringSubmatch(svg, -1) {
			var x, y int
			fmt.Sscan(m[1]+" "+m[2], &x, &y)
			if x < 4 || y < 4 || x >= size-4 || y >= size-4 {
				t.Fatalf("a square at %d, %d lies in the white around the code", x, y)
			}
			draw.Draw(img, image.Rect(x*scale, y*scale, (x+1)*scale, (y+1)*scale), image.Black, image.Point{}, draw.Src)
		}
		bits, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			t.Fatal(err)
		}
		read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
		if err != nil || read.GetText() != link {
			t.Errorf("%s is read as %v, %v", link, read, err)
		}
	}
}
