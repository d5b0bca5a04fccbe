package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.uber.org/zap"

	"patikra/bot/talk"
	"patikra/content"
)

// What newspapers, radio, television and partners may take: texts with their own campaign's address in them, pictures, the line for a site.

// pressPath is the page, below each language.
const pressPath = "press"

// pressed are the sheets that anybody can take, by the names of their files.
var pressed = []string{"a4.pdf", "a4.png", "a4.svg", "a5.pdf", "strips.pdf", "card.pdf", "sticker.pdf", "sticker.png", "sticker.svg"}

// Press is what the page shows.
type Press struct {
	Texts    []PressText
	Snippet  string
	Pictures []PressPicture
}

// PressText is a text to be taken as it is.
type PressText struct{ Title, Text, Timed string }

// PressPicture is a sheet to be taken.
type PressPicture struct{ Name, Link string }

// toPress leads to the page in the reader's language.
func (w *Web) toPress(v *visit) {
	http.Redirect(v.w, v.r, withCode("/"+v.lang+"/"+pressPath, v.from()), http.StatusFound)
}

// press is the page for the press.
func (w *Web) press(v *visit) {
	d := w.data(v, "other")
	d.Home = true
	d.Title = d.Outreach("press-title")
	fill := w.announced(v)
	d.Press = &Press{Snippet: w.snippet(v)}
	for _, name := range []string{"radio-15", "radio-30", "paper", "crawl"} {
		t := PressText{Title: d.Outreach(name + "-title"), Text: talk.Fill(w.bot.Library(), fill.Replace(d.Outreach(name)))}
		if strings.HasPrefix(name, "radio") {
			t.Timed = timed(d.lang, d.Outreach("press-timed"), t.Text)
		}
		d.Press.Texts = append(d.Press.Texts, t)
	}
	if w.set.Sheet != nil {
		for _, file := range pressed {
			d.Press.Pictures = append(d.Press.Pictures, PressPicture{file, withCode(d.Base+pressPath+"/"+file, w.campaign(v))})
		}
	}
	w.render(v, http.StatusOK, "press.html", d)
}

// announced fills in what a text for others says of where to go and whom to call.
func (w *Web) announced(v *visit) *strings.Replacer {
	address := strings.TrimPrefix(strings.TrimPrefix(w.origin, "https://"), "http://")
	if code := w.campaign(v); code != "" {
		address += "/" + code
	}
	helpline, _ := w.bot.Library().Catalog.Place("helpline")
	return strings.NewReplacer("{address}", address, "{dial}", helpline.Inside)
}

// timed says how long a text is when it is read aloud.
func timed(lang *content.Language, form, text string) string {
	words, syllables := lang.Aloud(text)
	seconds := (syllables + content.SyllableRate - 1) / content.SyllableRate
	return strings.NewReplacer("{words}", strconv.Itoa(words), "{rate}", strconv.Itoa(content.SyllableRate), "{seconds}", strconv.Itoa(seconds)).Replace(form)
}

// sheets are those that were drawn lately: a picture takes a second, and anybody can ask for it.
type sheets struct {
	mu    sync.Mutex // held while one is drawn, so that it is one at a time
	drawn map[string][]byte
}

// mostSheets bounds how many are kept.
const mostSheets = 64

// get draws a sheet, or finds it.
func (s *sheets) get(key string, draw func() ([]byte, error)) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.drawn[key]; ok {
		return data, nil
	}
	data, err := draw()
	if err != nil {
		return nil, err
	}
	if s.drawn == nil || len(s.drawn) >= mostSheets {
		s.drawn = map[string][]byte{}
	}
	s.drawn[key] = data
	return data, nil
}

var sheetKinds = map[string]string{"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}

// sheet gives one of the sheets for the campaign that somebody came by.
func (w *Web) sheet(v *visit) {
	size, form, _ := strings.Cut(v.rest, ".")
	if !slices.Contains(pressed, v.rest) || w.set.Sheet == nil {
		w.notFound(v)
		return
	}
	lib, code := w.bot.Library(), w.campaign(v)
	data, err := w.sheets.get(strings.Join([]string{lib.Catalog.ID, lib.Catalog.Newest, v.lang, code, v.rest}, " "), func() ([]byte, error) {
		return w.set.Sheet(lib, v.lang, code, size, form)
	})
	if err != nil {
		w.log.Warn("a sheet cannot be drawn", zap.Error(err))
		w.notFound(v)
		return
	}
	v.w.Header().Set("Content-Type", sheetKinds[form])
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s"`, v.lang, v.rest))
	v.w.Write(data)
}
