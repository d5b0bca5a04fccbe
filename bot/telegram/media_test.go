package telegram

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"

	"patikra/bot"
)

type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer200(body []byte) answering {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{}}, nil
	}
}

func TestAPictureIsDrawnAnewWithoutItsNotes(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	img.Set(3, 3, color.RGBA{200, 10, 10, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	data := append(b.Bytes(), "tEXtAuthor a name"...)
	clean, err := clean("image/png", data)
	if err != nil || bytes.Contains(clean, []byte("a name")) {
		t.Errorf("%v, %q", err, clean)
	}
	if got, err := jpeg.Decode(bytes.NewReader(clean)); err != nil || got.Bounds() != img.Bounds() {
		t.Errorf("the picture has become %v, %v", got, err)
	}
}

func TestAPictureThatIsNoneOrTooLargeIsRefusedForGood(t *testing.T) {
	huge := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x0f\x00\x00\x00\x0f\x00\x00\x08\x06\x00\x00\x00")
	for name, data := range map[string][]byte{"no picture": []byte("hello"), "a million by a million": huge, "empty": nil} {
		_, err := clean("image/png", data)
		var d *bot.DeliveryError
		if !errors.As(err, &d) || !d.Drop {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := clean("application/pdf", []byte("hello")); err == nil {
		t.Error("what is no PDF is taken for one")
	}
}

func TestAPDFKeepsItsLengthAndItsWordsAndLosesItsAuthor(t *testing.T) {
	in := []byte("%PDF-1.7\n1 0 obj <</Author (Anna \\(X\\) Y)/Title<414243> /Producer (P)>> endobj\n<x:xmpmeta a='Anna'>Anna</x:xmpmeta>\nstream contract endstream")
	out, err := clean("application/pdf", in)
	if err != nil || len(out) != len(in) || bytes.Contains(out, []byte("Anna")) || bytes.Contains(out, []byte("414243")) || !bytes.Contains(out, []byte("contract")) {
		t.Errorf("%v: %q", err, out)
	}
}

func TestAPictureOfAnotherNetworkIsFetchedWithinLimits(t *testing.T) {
	var b bytes.Buffer
	jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4)), nil)
	tg := &Telegram{}
	tg.pictures = answer200(b.Bytes())
	if data, err := tg.elsewhere(t.Context(), "https://x.fbcdn.net/a.jpg"); err != nil || !bytes.Equal(data, b.Bytes()) {
		t.Errorf("%v", err)
	}
	tg.pictures = answer200(make([]byte, mostFile+2))
	var d *bot.DeliveryError
	if _, err := tg.elsewhere(t.Context(), "https://x.fbcdn.net/a.jpg"); !errors.As(err, &d) || !d.Drop {
		t.Errorf("too big: %v", err)
	}
	tg.pictures = answering(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"http://127.0.0.1/"}}, Body: io.NopCloser(strings.NewReader(""))}, nil
	})
	if _, err := tg.elsewhere(t.Context(), "https://x.fbcdn.net/a.jpg"); err == nil {
		t.Error("a redirection is followed")
	}
}
