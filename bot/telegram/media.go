package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
	"patikra/bot/media"
)

// busyPause is when a file comes again that found no room to be cleaned in.
const busyPause = 3 * time.Second

// media is what can be passed on of a message that is no text. Network says that it lies on Telegram.
func (m *message) media() bot.Media {
	out := bot.Media{Net: Name, Chat: strconv.FormatInt(m.Chat.ID, 10), ID: m.ID, Caption: m.Caption}
	switch {
	case len(m.Photo) > 0:
		out.Kind = "photo"
	case m.Voice != nil:
		out.Kind = "voice"
	case m.VideoNote != nil:
		out.Kind = "video_note"
	case m.Location != nil:
		out.Kind = "location"
		if v := m.Venue; v != nil { // it is copied with its name; this is for those who read on a page
			out.Caption = strings.TrimSpace(v.Title + ", " + v.Address)
		}
	case m.Document != nil && m.Document.Size <= media.MostFile && passable[m.Document.Mime]:
		// A file holds more than what is seen: where a photo was taken, and when. It is cleaned first.
		out.Kind, out.File = "document", m.Document.Mime+" "+m.Document.ID
	}
	m.fetchable(&out)
	return out
}

// passable are the kinds of files that can be cleaned, by the names that senders give them; what they are is seen when they are. Of papers
// there is none: what a PDF tells of its author and of places lies where nothing of ours can take it out.
var passable = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// media passes on what is no text: a copy that does not say where it comes from.
func (d *Desk) media(ctx context.Context, group, topic, card int64, m bot.Message) error {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(group, 10)}
	switch {
	case topic > 0:
		params["message_thread_id"] = strconv.FormatInt(topic, 10)
	case card > 0:
		params["reply_parameters"] = fmt.Sprintf(`{"message_id":%d}`, card)
	}
	if m.Media.Net == bot.Kept {
		return d.kept(ctx, params, m)
	}
	return d.t.pass(ctx, params, m.Media)
}

// pass copies or sends media to a chat.
func (t *Telegram) pass(ctx context.Context, params tgbotapi.Params, m bot.Media) error {
	captioned := m.Kind == "photo" || m.Kind == "voice" || m.Kind == "document"
	if captioned {
		params["caption"] = cut(m.Caption, maxCaption) // as plain words: marks in it could hold a person's id
	}
	if m.File == "" {
		params["from_chat_id"], params["message_id"] = m.Chat, strconv.FormatInt(m.ID, 10)
		return t.call.call(ctx, "copyMessage", params, nil)
	}
	if m.Net != Name { // it lies on another network
		return t.picture(ctx, "sendPhoto", "photo", params, t.elsewhere(m.File))
	}
	_, id, _ := strings.Cut(m.File, " ")
	return t.picture(ctx, "sendDocument", "document", params, t.fetch(id))
}

// picture cleans a file and sends what comes out.
func (t *Telegram) picture(ctx context.Context, method, field string, params tgbotapi.Params, file media.Source) error {
	p, err := t.clean(ctx, file)
	if err != nil {
		return err
	}
	defer p.Close()
	only := struct{ io.Reader }{p} // who sends it may still read it when we have given up, and must not close it
	_, err = t.call.upload(ctx, method, params, field, tgbotapi.FileReader{Name: "photo.jpg", Reader: only})
	return err
}

// voice sends one of our recordings. Who lets nobody send them voice messages gets it as a piece of music.
func (t *Telegram) voice(ctx context.Context, m bot.Message) (ref int64, err error) {
	r := t.bot.Library().Catalog.Recorded(m.Media.File)
	if r == nil {
		return 0, nil // it is gone with its book; the question stands there in words
	}
	params := tgbotapi.Params{"chat_id": m.To.ID, "duration": strconv.Itoa(int(r.Length.Round(time.Second) / time.Second))}
	file := tgbotapi.FileBytes{Name: "voice.ogg", Bytes: r.Data}
	ref, err = t.call.upload(ctx, "sendVoice", params, "voice", file)
	if refused(err, "VOICE_MESSAGES_FORBIDDEN") {
		ref, err = t.call.upload(ctx, "sendAudio", params, "audio", file)
	}
	return ref, err
}

// maxCaption is how long a caption may be, in UTF-16 units.
const maxCaption = 1024

func cut(s string, most int) string {
	if s == "" {
		return ""
	}
	return split(s, most)[0]
}

// fetch opens a file of the Bot API.
func (t *Telegram) fetch(id string) media.Source {
	return func(ctx context.Context) (io.ReadCloser, int64, error) {
		var file struct {
			Path string `json:"file_path"`
		}
		if err := t.call.call(ctx, "getFile", tgbotapi.Params{"file_id": id}, &file); err != nil {
			return nil, 0, err
		}
		if filepath.IsAbs(file.Path) { // a Bot API server of our own in local mode has put it on this machine's disk
			return local(file.Path)
		}
		path := (&url.URL{Path: "/file/bot" + t.set.Token + "/" + file.Path}).EscapedPath()
		req, err := http.NewRequest(http.MethodGet, t.set.API+path, nil)
		if err != nil {
			return nil, 0, errors.New("the address of a file cannot be read")
		}
		resp, err := t.call.client.Do(req.WithContext(ctx))
		if err != nil {
			return nil, 0, fmt.Errorf("read a file: %w", bare(err))
		}
		if resp.StatusCode != http.StatusOK {
			resp.Body.Close()
			return nil, 0, statusError("read a file", resp.StatusCode)
		}
		return resp.Body, resp.ContentLength, nil
	}
}

// local opens a file that a Bot API server in local mode has put on the disk. The server's folder is not always this machine's.
func local(path string) (io.ReadCloser, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, &bot.DeliveryError{Drop: true, Err: errors.New("the Bot API server runs in local mode, and its folder cannot be read from here")}
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, 0, &bot.DeliveryError{Drop: true, Err: errors.New("what the Bot API server names is no file")}
	}
	return f, info.Size(), nil
}

// statusError tells what a file server's refusal means: 4xx is final, but for a limit that passes.
func statusError(what string, status int) error {
	err := fmt.Errorf("%s: status %d", what, status)
	if status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout {
		return &bot.DeliveryError{Drop: true, Err: err}
	}
	return err
}

// bare is an error without the address, which holds the token or a person's picture.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// elsewhere opens a picture on the network it was sent on. Its address was checked when it came in.
func (t *Telegram) elsewhere(address string) media.Source {
	return func(ctx context.Context) (io.ReadCloser, int64, error) {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			return nil, 0, &bot.DeliveryError{Drop: true, Err: errors.New("the address of a picture cannot be read")}
		}
		client := http.Client{Transport: t.pictures, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.Do(req.WithContext(ctx))
		if err != nil {
			return nil, 0, fmt.Errorf("read a picture: %w", bare(err))
		}
		if resp.StatusCode == http.StatusOK {
			return resp.Body, resp.ContentLength, nil
		}
		resp.Body.Close()
		return nil, 0, statusError("read a picture", resp.StatusCode)
	}
}

// clean cleans a file, and says what an error means for the message that holds it.
func (t *Telegram) clean(ctx context.Context, file media.Source) (*media.Picture, error) {
	if t.set.Files == nil {
		return nil, &bot.DeliveryError{Drop: true, Err: errors.New("nothing here cleans files")}
	}
	p, err := t.set.Files.Clean(ctx, file)
	switch {
	case errors.Is(err, media.ErrBusy):
		return nil, &bot.DeliveryError{RetryAfter: busyPause, Busy: true, Err: err}
	case media.Refused(err):
		return nil, &bot.DeliveryError{Drop: true, Err: err}
	}
	return p, err
}
