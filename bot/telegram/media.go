package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // pictures that come as files
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"patikra/bot"
)

// Limits of a file that is passed on.
const (
	mostFile   = 20 << 20 // what the Bot API gives out
	mostPixels = 40 << 20
	pictureFit = 85 // quality of a picture that is drawn anew
)

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
	case m.Document != nil && m.Document.Size <= mostFile && passable[m.Document.Mime] != "":
		// A file holds more than what is seen: where a photo was taken, who wrote a paper. It is cleaned first.
		out.Kind, out.File = "document", m.Document.Mime+" "+m.Document.ID
	}
	return out
}

// passable are the kinds of files that can be cleaned, and the neutral names they get.
var passable = map[string]string{"image/jpeg": "photo.jpg", "image/png": "photo.jpg", "application/pdf": "document.pdf"}

// media passes on what is no text: a copy that does not say where it comes from.
func (d *Desk) media(ctx context.Context, group, topic, card int64, m bot.Message) error {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(group, 10)}
	switch {
	case topic > 0:
		params["message_thread_id"] = strconv.FormatInt(topic, 10)
	case card > 0:
		params["reply_parameters"] = fmt.Sprintf(`{"message_id":%d}`, card)
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
		data, err := t.elsewhere(ctx, m.File)
		if err == nil {
			data, err = clean("image/jpeg", data)
		}
		if err != nil {
			return err
		}
		_, err = t.call.upload(ctx, "sendPhoto", params, "photo", "photo.jpg", data)
		return err
	}
	kind, id, _ := bytes.Cut([]byte(m.File), []byte(" "))
	data, err := t.fetch(ctx, string(id))
	if err != nil {
		return err
	}
	data, err = clean(string(kind), data)
	if err != nil {
		return &bot.DeliveryError{Drop: true, Err: err}
	}
	_, err = t.call.upload(ctx, "sendDocument", params, "document", passable[string(kind)], data)
	return err
}

// voice sends one of our recordings. Who lets nobody send them voice messages gets it as a piece of music.
func (t *Telegram) voice(ctx context.Context, m bot.Message) (ref int64, err error) {
	r := t.bot.Library().Catalog.Recorded(m.Media.File)
	if r == nil {
		return 0, nil // it is gone with its book; the question stands there in words
	}
	params := tgbotapi.Params{"chat_id": m.To.ID, "duration": strconv.Itoa(int(r.Length.Round(time.Second) / time.Second))}
	ref, err = t.call.upload(ctx, "sendVoice", params, "voice", "voice.ogg", r.Data)
	if refused(err, "VOICE_MESSAGES_FORBIDDEN") {
		ref, err = t.call.upload(ctx, "sendAudio", params, "audio", "voice.ogg", r.Data)
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

// fetch reads a file from the Bot API.
func (t *Telegram) fetch(ctx context.Context, id string) ([]byte, error) {
	var file struct {
		Path string `json:"file_path"`
	}
	if err := t.call.call(ctx, "getFile", tgbotapi.Params{"file_id": id}, &file); err != nil {
		return nil, err
	}
	if filepath.IsAbs(file.Path) { // a Bot API server of our own in local mode has put it on this machine's disk
		return local(file.Path)
	}
	path := (&url.URL{Path: "/file/bot" + t.set.Token + "/" + file.Path}).EscapedPath()
	req, err := http.NewRequest(http.MethodGet, t.set.API+path, nil)
	if err != nil {
		return nil, errors.New("the address of a file cannot be read")
	}
	resp, err := t.call.client.Do(req.WithContext(ctx))
	if err != nil {
		var u *url.Error // its text holds the token
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("read a file: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, statusError("read a file", resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostFile+1))
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	if len(data) > mostFile {
		return nil, &bot.DeliveryError{Drop: true, Err: errors.New("the file is too big")}
	}
	return data, nil
}

// local reads a file that a Bot API server in local mode has put on the disk. The server's folder is not always this machine's.
func local(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &bot.DeliveryError{Drop: true, Err: errors.New("the Bot API server runs in local mode, and its folder cannot be read from here")}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > mostFile {
		return nil, &bot.DeliveryError{Drop: true, Err: errors.New("the file is too big, or no file")}
	}
	data, err := io.ReadAll(io.LimitReader(f, mostFile))
	if err != nil {
		return nil, errors.New("read a file of the Bot API server: it cannot be read")
	}
	return data, nil
}

// statusError tells what a file server's refusal means: 4xx is final, but for a limit that passes.
func statusError(what string, status int) error {
	err := fmt.Errorf("%s: status %d", what, status)
	if status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout {
		return &bot.DeliveryError{Drop: true, Err: err}
	}
	return err
}

// elsewhere reads a picture from the network it was sent on. Its address was checked when it came in.
func (t *Telegram) elsewhere(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, &bot.DeliveryError{Drop: true, Err: errors.New("the address of a picture cannot be read")}
	}
	client := http.Client{Transport: t.pictures, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		var u *url.Error // its text holds the address
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, statusError("read a picture", resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostFile+1))
	if err == nil && len(data) > mostFile {
		err = &bot.DeliveryError{Drop: true, Err: errors.New("the picture is too big")}
	}
	return data, err
}

// clean takes out of a file what it tells beside its contents. A picture is drawn anew; in a PDF the
// notes about its author and origin are overwritten in place, so that nothing in it moves.
func clean(kind string, data []byte) ([]byte, error) {
	if kind == "application/pdf" {
		if !bytes.HasPrefix(data, []byte("%PDF-")) {
			return nil, errors.New("the file is no PDF")
		}
		return cleanPDF(data), nil
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > mostPixels/config.Height {
		return nil, errUnreadable
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, errUnreadable
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: pictureFit}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

var (
	pdfNote = regexp.MustCompile(`(?s)/(?:Author|Creator|Producer|Title|Subject|Keywords|CreationDate|ModDate|Company|Manager)\s*(\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f\s]*>)`)
	pdfXMP  = regexp.MustCompile(`(?s)<x:xmpmeta.*?</x:xmpmeta>`)
)

var errUnreadable = &bot.DeliveryError{Drop: true, Err: errors.New("the picture cannot be read")}

func cleanPDF(data []byte) []byte {
	out := bytes.Clone(data)
	for _, at := range pdfNote.FindAllSubmatchIndex(out, -1) {
		fill := byte(' ')
		if out[at[2]] == '<' {
			fill = '0'
		}
		for i := at[2] + 1; i < at[3]-1; i++ {
			out[i] = fill
		}
	}
	for _, at := range pdfXMP.FindAllIndex(out, -1) {
		for i := at[0]; i < at[1]; i++ {
			out[i] = ' '
		}
	}
	return out
}
