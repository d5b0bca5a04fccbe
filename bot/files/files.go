// Package files is the channel of what people send that is no words, for counsellors who read in a browser: a file is fetched from its network,
// cleaned, and kept with its talk. What was given up, or comes late, both sides are told as of any other message.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/semaphore"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/media"
)

// busyPause is when a file comes again that found no room to be cleaned in.
const busyPause = 3 * time.Second

// Channel keeps files. It is a [bot.Channel].
type Channel struct {
	bot     *engine.Bot
	room    *media.Room
	sources map[string]func(bot.Media) media.Source
	one     *semaphore.Weighted // the file that is in this process's memory
}

// New returns the channel. sources open a file on each network by what it is fetched by.
func New(b *engine.Bot, room *media.Room, sources map[string]func(bot.Media) media.Source) *Channel {
	return &Channel{bot: b, room: room, sources: sources, one: semaphore.NewWeighted(1)}
}

// Name is the channel's name.
func (c *Channel) Name() string { return bot.FilesName }

// Deliver fetches a file, cleans it and keeps it.
func (c *Channel) Deliver(ctx context.Context, m bot.Message) (int64, error) {
	open := c.sources[m.Media.Net]
	if open == nil {
		return 0, &bot.DeliveryError{Drop: true, Err: fmt.Errorf("nothing here fetches files from %q", m.Media.Net)}
	}
	p, err := c.room.Keep(ctx, open(m.Media))
	switch {
	case errors.Is(err, media.ErrBusy):
		return 0, &bot.DeliveryError{RetryAfter: busyPause, Busy: true, Err: err}
	case media.Refused(err):
		return 0, &bot.DeliveryError{Drop: true, Err: err}
	case err != nil:
		return 0, err
	}
	defer p.Close()
	if err := c.one.Acquire(ctx, 1); err != nil { // the cleaned files wait in the room, not in the heap
		return 0, &bot.DeliveryError{RetryAfter: busyPause, Busy: true, Err: err}
	}
	defer c.one.Release(1)
	data, err := io.ReadAll(p)
	if err != nil {
		return 0, fmt.Errorf("read a cleaned file: %w", err)
	}
	_, err = c.bot.Handle(ctx, bot.Update{From: m.Case, Kind: bot.Fetched, Text: m.Text, Media: m.Media, Data: data, At: time.Now()})
	return 0, err
}

// Web opens files by their address, which was checked when it came in. It follows nobody elsewhere.
func Web(transport http.RoundTripper) func(bot.Media) media.Source {
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(m bot.Media) media.Source {
		return func(ctx context.Context) (io.ReadCloser, int64, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Fetch, nil)
			if err != nil {
				return nil, 0, &bot.DeliveryError{Drop: true, Err: errors.New("the address of a file cannot be read")}
			}
			resp, err := client.Do(req)
			var at *url.Error
			if errors.As(err, &at) { // without the address, which is a person's picture
				err = at.Err
			}
			if err != nil {
				return nil, 0, fmt.Errorf("read a file: %w", err)
			}
			if resp.StatusCode == http.StatusOK {
				return resp.Body, resp.ContentLength, nil
			}
			resp.Body.Close()
			err = fmt.Errorf("read a file: status %d", resp.StatusCode)
			if resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout {
				err = &bot.DeliveryError{Drop: true, Err: err}
			}
			return nil, 0, err
		}
	}
}
