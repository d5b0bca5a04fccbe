package files

import (
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

// answering stands in for a network.
type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

func TestWhatCannotBeFetchedIsGivenUpOrTriedAgainAsItDeserves(t *testing.T) {
	const secret = "https://scontent.xx.fbcdn.net/secret.jpg"
	status := func(n int) answering {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: n, Body: io.NopCloser(strings.NewReader("")), Header: http.Header{"Location": {"http://10.0.0.1/"}}}, nil
		}
	}
	for name, c := range map[string]struct {
		net   answering
		final bool
	}{
		"gone": {status(404), true}, "forbidden": {status(403), true}, "elsewhere": {status(302), false}, "too many": {status(429), false},
		"a fault over there": {status(500), false},
		"no connection":      {func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }, false},
	} {
		room := media.New(media.Settings{})
		ch := New(nil, room, map[string]func(bot.Media) media.Source{"messenger": Web(c.net)})
		_, err := ch.Deliver(t.Context(), bot.Message{Media: bot.Media{Net: "messenger", Kind: "photo", Fetch: secret}})
		var d *bot.DeliveryError
		if final := errors.As(err, &d) && d.Drop; err == nil || final != c.final {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells where the picture is: %v", name, err)
		}
	}
	ch := New(nil, media.New(media.Settings{}), nil)
	var d *bot.DeliveryError
	if _, err := ch.Deliver(t.Context(), bot.Message{Media: bot.Media{Net: "fax", Kind: "photo"}}); !errors.As(err, &d) || !d.Drop {
		t.Errorf("of a network that is not there: %v", err)
	}
}

func TestARoomThatIsFullIsNoFaultOfTheFiles(t *testing.T) {
	room, wait := media.New(media.Settings{}), make(chan struct{})
	slow := func(ctx context.Context) (io.ReadCloser, int64, error) {
		select {
		case <-wait:
		case <-ctx.Done(): // it was this delivery that found room
		}
		return nil, 0, errors.New("never mind")
	}
	for range media.MostWaiting {
		go room.Keep(t.Context(), slow)
	}
	defer close(wait)
	ch := New(nil, room, map[string]func(bot.Media) media.Source{"test": func(bot.Media) media.Source { return slow }})
	var d *bot.DeliveryError
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := ch.Deliver(ctx, bot.Message{Media: bot.Media{Net: "test", Kind: "photo"}})
		cancel()
		if errors.As(err, &d) && d.Busy && d.RetryAfter > 0 && !d.Drop {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
