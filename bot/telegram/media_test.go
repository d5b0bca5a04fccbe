package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/media"
)

type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer200(body []byte) answering {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(body)), Header: http.Header{}}, nil
	}
}

func TestWhatAPictureThatIsNotPassedOnMeansForItsMessage(t *testing.T) {
	tg := &Telegram{set: Settings{Files: media.New(media.Settings{})}}
	source := func(size int64, err error) media.Source {
		return func(context.Context) (io.ReadCloser, int64, error) {
			return io.NopCloser(strings.NewReader("")), size, err
		}
	}
	var d *bot.DeliveryError
	if _, err := tg.clean(t.Context(), source(media.MostFile+1, nil)); !errors.As(err, &d) || !d.Drop {
		t.Errorf("too big: %v", err)
	}
	if _, err := tg.clean(t.Context(), source(0, errors.New("the network is away"))); err == nil || errors.As(err, &d) && d.Drop {
		t.Errorf("the network is away: %v", err)
	}
	block, inside := make(chan struct{}), make(chan struct{}, media.MostWaiting)
	defer close(block)
	for range media.MostWaiting {
		go func() {
			for err := media.ErrBusy; errors.Is(err, media.ErrBusy); time.Sleep(time.Millisecond) {
				_, err = tg.set.Files.Clean(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
					inside <- struct{}{}
					<-block
					return nil, 0, errors.New("over")
				})
			}
		}()
	}
	for range media.MostHeld / media.MostFile {
		<-inside
	}
	for d = nil; ; {
		call, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		_, err := tg.clean(call, source(0, nil))
		cancel()
		if errors.As(err, &d) {
			if d.Drop || d.Gone || d.RetryAfter != busyPause || !d.Busy {
				t.Errorf("others are being cleaned: %v", err)
			}
			break
		}
	}
	if _, err := (&Telegram{}).clean(t.Context(), source(0, nil)); !errors.As(err, &d) || !d.Drop {
		t.Errorf("nothing cleans files: %v", err)
	}
}

func TestOnlyPicturesAreTakenAsFiles(t *testing.T) {
	for mime, want := range map[string]string{"image/jpeg": "document", "image/png": "document", "image/gif": "document", "image/webp": "document",
		"application/pdf": "", "image/heic": "", "image/svg+xml": "", "image/tiff": "", "application/zip": "", "": ""} {
		m := message{ID: 1, Document: &thing{ID: "x", Mime: mime, Size: 10}}
		if got := m.media().Kind; got != want {
			t.Errorf("%q: %q, want %q", mime, got, want)
		}
	}
	m := message{ID: 1, Document: &thing{ID: "x", Mime: "image/jpeg", Size: media.MostFile + 1}}
	if got := m.media().Kind; got != "" {
		t.Errorf("too big: %q", got)
	}
}

func TestAPictureOfAnotherNetworkIsFetchedFromThereAlone(t *testing.T) {
	tg := &Telegram{pictures: answer200([]byte("a picture"))}
	body, _, err := tg.elsewhere("https://x.fbcdn.net/a.jpg")(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(body); string(b) != "a picture" {
		t.Errorf("%q", b)
	}
	for status, final := range map[int]bool{302: false, 403: true, 404: true, 429: false, 500: false} {
		tg.pictures = answering(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{"Location": {"http://127.0.0.1/"}}, Body: io.NopCloser(strings.NewReader(""))}, nil
		})
		_, _, err := tg.elsewhere("https://x.fbcdn.net/a.jpg")(t.Context())
		var d *bot.DeliveryError
		if err == nil || (errors.As(err, &d) && d.Drop) != final {
			t.Errorf("status %d: %v", status, err)
		}
	}
	tg.pictures = answering(func(*http.Request) (*http.Response, error) { return nil, errors.New("away") })
	if _, _, err := tg.elsewhere("https://x.fbcdn.net/secret.jpg")(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("an error tells the picture's address: %v", err)
	}
}
