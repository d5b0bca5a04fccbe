package console

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// What a person sent that is no words stands in the talk: a picture, a voice, a place. The files come from here alone, to whoever may see the
// talk, and no browser keeps them. A place leads to a map only when it is pressed.

// filePath stands before a file's number in its address, below its case.
const filePath = "file"

// Shown is what came that is no words.
type Shown struct {
	Photo, Sound string // where it is
	Alt          string // what it is
	Missing      string // that it is not there
	Map          string // where a map shows the place, on another site
	Geo          template.URL
	OnMap, InApp string
}

// state tells lines apart that say the same, before and after their file has come.
func (s *Shown) state() string {
	if s == nil {
		return ""
	}
	return "\x00" + s.Photo + s.Sound
}

// shown puts what came with a line on the page of a case.
func (c *Console) shown(d *Data, id string, l *bot.Line, s *bot.Case) *Shown {
	switch at := fmt.Sprint(Path, "/case/", id, "/", filePath, "/", l.File); {
	case l.Place != "":
		return &Shown{Map: talk.MapLink(l.Place), Geo: template.URL("geo:" + l.Place), OnMap: d.Say("place-map"), InApp: d.Say("place-app")}
	case l.File == 0:
		return nil
	case !s.Has(l.File):
		return &Shown{Missing: d.Say("file-missing")}
	case l.Kind == "voice":
		return &Shown{Sound: at, Alt: d.Say("file-voice")}
	default:
		return &Shown{Photo: at, Alt: d.Say("file-photo")}
	}
}

// file gives out a file of a case.
func (c *Console) file(v *visit) {
	parts := strings.Split(strings.TrimPrefix(v.r.URL.Path, Path+"/case/"), "/")
	key, ok := c.names.key(parts[0])
	number, err := strconv.ParseUint(v.arg, 10, 8)
	if !ok || err != nil {
		http.NotFound(v.w, v.r)
		return
	}
	ctx, cancel := waiting(v)
	defer cancel()
	s, err := c.bot.Case(ctx, key)
	var data []byte
	if err == nil && (s.Case == nil || !s.Case.Has(uint8(number))) {
		err = engine.ErrNoFile
	}
	if err == nil {
		data, err = c.bot.File(ctx, key, uint8(number))
	}
	switch {
	case errors.Is(err, engine.ErrNoFile):
		http.NotFound(v.w, v.r)
		return
	case err != nil:
		c.away(v, err)
		return
	}
	kind, ending := "image/jpeg", ".jpg"
	switch {
	case bytes.HasPrefix(data, []byte("OggS")):
		kind, ending = "audio/ogg", ".ogg"
	case bytes.HasPrefix(data, []byte("\xff\xf1")):
		kind, ending = "audio/aac", ".aac"
	}
	c.opens(ctx, v, key)
	head := v.w.Header()
	head.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox")
	head.Set("Content-Type", kind)
	head.Set("Content-Disposition", fmt.Sprintf(`inline; filename="%d%s"`, number, ending))
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(data))
}
