package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/media"
	"patikra/bot/peer"
	"patikra/bot/talk"
)

// A picture comes with the form of a talk: first the form's fields, which are read as those of any other form, then the file, which is read
// no sooner than it is known whose it is. Words that come with it are passed on first, so that none are lost with a picture.

const (
	mostParts  = 32              // of a form that holds a file
	mostDrain  = 3 * maxFile     // bytes that are read so that a browser listens to why a file is too big
	maxFile    = media.MostFile  // of a file that is sent
	uploadTime = 2 * time.Minute // for a file on a poor line
)

// Pictures that are taken, beside the allowance for requests: of a session, of an address and by each process.
var (
	uploadsOfSession = pace{10 * time.Second, time.Minute}
	uploadsOfNetwork = pace{5 * time.Second, 4 * time.Minute}
	uploadsOfAll     = pace{time.Second, 4 * time.Minute}
)

// sentNote says that a picture was passed on; withWords behind another note, that the words beside it were.
const (
	sentNote  = "desk.file-sent"
	withWords = "+words"
)

// accepted are the kinds of pictures that a browser offers to choose.
const accepted = "image/jpeg,image/png,image/gif,image/webp"

var errMuch = errors.New("more than a form may have")

// gate lets so many bytes through.
type gate struct {
	from io.Reader
	left int64
}

func (g *gate) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errMuch
	}
	n, err := g.from.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	return n, err
}

// fields reads a form up to its file, of which nothing is read yet.
func (v *visit) fields(most int64) error {
	kind, params, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || v.begins {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
		return v.r.ParseForm()
	}
	g := &gate{v.r.Body, most}
	parts := multipart.NewReader(g, params["boundary"])
	v.r.PostForm = url.Values{}
	for range mostParts {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if p.FileName() != "" {
			g.left = mostDrain
			v.file = p
			return nil
		}
		value, err := io.ReadAll(p)
		if err != nil {
			return err
		}
		if v.r.PostForm.Add(p.FormName(), string(value)); p.FormName() == "file" { // none was chosen
			v.r.PostForm.Del("file")
		}
	}
	return errMuch
}

// sent passes on the words and the picture of a form.
func (w *Web) sent(v *visit, s bot.Session) {
	defer func() { // a browser listens to the answer once it has sent all
		http.NewResponseController(v.w).SetReadDeadline(time.Now().Add(uploadTime))
		io.Copy(io.Discard, v.file)
	}()
	text := strings.TrimSpace(v.r.PostForm.Get("text"))
	if text != "" {
		reply, err := w.handle(v, bot.Update{Kind: bot.Typed, Text: text, ID: once(v.r.PostForm.Get("form"), text), At: time.Now()})
		if err != nil {
			w.away(v, err)
			return
		}
		if v.moved = reply.Moved; v.moved {
			w.over(v)
			return
		}
	}
	note := w.upload(v, s)
	if text != "" && note != sentNote {
		note += withWords
	}
	w.onTo(v, v.lang, note)
}

// upload takes the picture, and returns the name of the note that says what became of it.
func (w *Web) upload(v *visit, s bot.Session) string {
	switch {
	case !s.Case.Active() || !w.takesFiles():
		return "desk.only-words"
	case !w.limit.upload(v.id, peer.Network(v.r), time.Now()):
		return "desk.file-busy"
	}
	answer := http.NewResponseController(v.w)
	end := time.Now().Add(uploadTime)
	answer.SetReadDeadline(end)
	answer.SetWriteDeadline(end.Add(time.Minute))
	ctx, cancel := context.WithDeadline(context.WithoutCancel(v.r.Context()), end)
	defer cancel()
	p, err := w.cleaned(ctx, v)
	if err == nil && p.Kind != media.JPEG {
		p.Close()
		err = media.ErrKind
	}
	switch {
	case errors.Is(err, media.ErrTooBig), errors.Is(err, errMuch):
		return "desk.file-big"
	case errors.Is(err, errPaper):
		return "desk.file-pdf"
	case errors.Is(err, media.ErrKind):
		return "desk.file-kind"
	case media.Refused(err):
		return "desk.file-broken"
	case err != nil:
		w.log.Info("a picture did not come through", zap.Bool("busy", errors.Is(err, media.ErrBusy)))
		return "desk.file-busy"
	}
	defer p.Close()
	w.one <- struct{}{} // the cleaned pictures wait in the room, not in the heap
	defer func() { <-w.one }()
	data, err := io.ReadAll(p)
	if err != nil {
		return "desk.file-busy"
	}
	sum := sha256.Sum256(data)
	reply, err := w.handle(v, bot.Update{Kind: bot.Attached, Media: bot.Media{Net: bot.Uploaded, Kind: "photo"}, Data: data,
		ID: once(v.r.PostForm.Get("form"), string(sum[:])), At: time.Now()})
	switch {
	case err != nil:
		w.log.Warn("a picture could not be saved", zap.Error(err))
		return "desk.file-busy"
	case reply.Toast != "":
		for _, n := range notes {
			if reply.Toast == talk.Notice(w.bot.Library(), n, v.lang) {
				return n
			}
		}
	}
	return sentNote
}

// errPaper says that a file is a PDF.
var errPaper = errors.New("a PDF is not passed on")

// cleaned reads the file of a form and cleans it.
func (w *Web) cleaned(ctx context.Context, v *visit) (*media.Picture, error) {
	file, err := w.set.Files.Collect(ctx, v.file, v.r.ContentLength) // its form is small beside it
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if bytes.Contains(file.Begin(1<<10), []byte("%PDF-")) {
		return nil, errPaper
	}
	return w.set.Files.Keep(ctx, file.Source)
}

// takesFiles reports whether pictures can be sent here.
func (w *Web) takesFiles() bool { return w.set.Files != nil && w.bot.TakesFiles() }

// upload takes one picture out of the allowances.
func (l *limits) upload(id, network string, now time.Time) bool {
	return l.off || l.uploads.take(l.hash("id "+id), now, uploadsOfSession) && l.uploads.take(l.hash("net "+network), now, uploadsOfNetwork) &&
		l.uploads.take(l.hash("all"), now, uploadsOfAll)
}
