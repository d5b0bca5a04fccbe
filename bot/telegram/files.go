package telegram

import (
	"context"
	"errors"
	"strconv"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/media"
	"patikra/bot/talk"
)

// Source opens a file that somebody has sent, for the counsellors who read in a browser.
func (t *Telegram) Source(m bot.Media) media.Source { return t.fetch(m.Fetch) }

// fetchable tells of a message what those who read in a browser are shown: of the sizes of a photo the largest, and where a place is.
func (m *message) fetchable(out *bot.Media) {
	switch out.Kind {
	case "photo":
		for _, size := range m.Photo {
			if size.Size <= media.MostFile {
				out.Fetch = size.ID
			}
		}
	case "voice":
		if m.Voice.Size <= media.MostKept {
			out.Fetch = m.Voice.ID
		}
	case "document":
		_, out.Fetch, _ = strings.Cut(out.File, " ")
	case "location":
		out.Place = talk.Coordinates(m.Location.Latitude, m.Location.Longitude)
	}
}

// kept sends to the group a picture that is kept with its talk: it came from a page.
func (d *Desk) kept(ctx context.Context, params tgbotapi.Params, m bot.Message) error {
	data, err := d.t.bot.File(ctx, d.t.bot.Key(m.Case), uint8(m.Media.ID))
	if errors.Is(err, engine.ErrNoFile) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	params["caption"] = cut(m.Media.Caption, maxCaption)
	_, err = d.t.call.upload(ctx, "sendPhoto", params, "photo", tgbotapi.FileBytes{Name: "photo" + strconv.FormatInt(m.Media.ID, 10) + ".jpg", Bytes: data})
	return err
}
