package web_test

import (
	"bytes"
	"html"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/web"
)

const subtitles = "WEBVTT\n\nNOTE made by hand\n\n1\n00:00:01.000 --> 00:00:03.000\n<v Rūta>Kas parašyta\nsutartyje?</v>\n\n00:00:04.000 --> 00:00:05.000\nKlauskite &amp; rašykite.\n"

// cinema is a page with a film in staff's folder.
func cinema(t *testing.T) (*site, *browser) {
	s := newSiteWith(t, web.Settings{NoLimit: true, Folder: fstest.MapFS{
		"content/film/film.mp4":    {Data: bytes.Repeat([]byte("0123456789"), 100)},
		"content/film/film.lt.vtt": {Data: []byte(subtitles)},
		"content/film/film.en.vtt": {Data: []byte("no subtitles")},
		"content/film/film.jpg":    {Data: []byte("picture")},
		"content/film/other.mp4":   {Data: []byte("nobody named it")},
		"content/site.yaml":        {Data: []byte("name: Patikra")},
	}})
	s.bot.Library().Catalog.Site.Film = "film.mp4"
	return s, s.visit(t)
}

func TestAFilmStandsWithItsWordsAndTheNumberAndNothingOfItIsLoadedBeforeThePress(t *testing.T) {
	s, b := cinema(t)
	for _, lang := range []string{"lt", "uk"} {
		b.get("/" + lang + "/film")
		body := html.UnescapeString(b.body)
		if b.code != http.StatusOK || strings.Contains(body, "<video") || strings.Contains(body, `"/film/`) {
			t.Errorf("%s: %d: the page names files of the film before the press:\n%s", lang, b.code, body)
		}
		for _, want := range []string{"<p>Kas parašyta sutartyje?</p>", "<p>Klauskite & rašykite.</p>", "+370 616 91119", `href="/` + lang + `/film?play=1"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
	}
	b.get("/lt/film?play=1")
	if body := html.UnescapeString(b.body); !strings.Contains(body, `<source src="/film/film.mp4" type="video/mp4">`) || !strings.Contains(body, `poster="/film/film.jpg"`) || strings.Count(body, "<track") != 1 ||
		!strings.Contains(body, `src="/film/film.lt.vtt" srclang="lt"`) || strings.Contains(b.head.Get("Content-Security-Policy"), "https:") {
		t.Errorf("after the press: %s\n%s", b.head.Get("Content-Security-Policy"), body)
	}
	if b.get("/lt/call-film"); b.code != http.StatusNotFound {
		t.Errorf("a film that staff do not name: %d", b.code)
	}
	s.bot.Library().Catalog.Site.Film = ""
	if b.get("/lt/film"); b.code != http.StatusNotFound {
		t.Errorf("no film: %d", b.code)
	}
}

func TestAFilmComesInThePartsThatAPlayerAsksForAndNothingElseDoes(t *testing.T) {
	s, b := cinema(t)
	req, _ := http.NewRequest(http.MethodGet, s.url+"/film/film.mp4", nil)
	req.Header.Set("Range", "bytes=10-14")
	b.do(req)
	if b.code != http.StatusPartialContent || b.body != "01234" || b.head.Get("Content-Type") != "video/mp4" || b.head.Get("Content-Range") != "bytes 10-14/1000" {
		t.Errorf("%d %q %v", b.code, b.body, b.head)
	}
	for path, want := range map[string]int{"/film/film.lt.vtt": 200, "/film/film.jpg": 200, "/film/other.mp4": 404, "/film/film.webm": 404, "/film/..%2Fsite.yaml": 404, "/film/site.yaml": 404, "/film/": 404, "/film/film.ru.vtt": 404} {
		if b.get(path); b.code != want {
			t.Errorf("%s: %d", path, b.code)
		}
	}
	s.bot.Library().Catalog.Site.Film = "missing.mp4"
	if b.get("/film/missing.mp4"); b.code != http.StatusNotFound {
		t.Errorf("a film that is not here: %d", b.code)
	}
}

func TestAFilmFromElsewhereIsNamedAndAllowedOnlyAfterThePress(t *testing.T) {
	s, b := cinema(t)
	s.bot.Library().Catalog.Site.Film = "https://films.example.lt/a/film.mp4"
	b.get("/lt/film")
	if csp := b.head.Get("Content-Security-Policy"); !strings.Contains(b.body, "films.example.lt") || strings.Contains(b.body, "films.example.lt/a") || strings.Contains(csp, "films") {
		t.Errorf("before the press: %s", csp)
	}
	b.get("/lt/film?play=1")
	if csp := b.head.Get("Content-Security-Policy"); !strings.Contains(csp, "media-src 'self' https://films.example.lt;") || strings.Count(csp, "https://") != 1 || b.head.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("after the press: %s", csp)
	}
	if b.get("/lt/"); strings.Contains(b.head.Get("Content-Security-Policy"), "films") {
		t.Error("another page allows it too")
	}
}

func TestTheBrowserLoadsNothingOfAFilmBeforeThePress(t *testing.T) {
	s, _ := cinema(t)
	b := chromium(t, s)
	loaded := func() string {
		return eval[string](b, `performance.getEntriesByType("resource").map(e => new URL(e.name).pathname).join(" ")`)
	}
	b.open("/lt/film")
	b.check("film before")
	if log := loaded(); !strings.Contains(log, "/a/style.") || strings.Contains(log, "/film/") {
		t.Errorf("before the press the browser loaded %s", log)
	}
	b.click(`a[href$="play=1"]`)
	b.until("the film", func() bool { return strings.Contains(loaded(), "/film/film.mp4") })
	b.check("film playing")
	if eval[bool](b, `performance.getEntriesByType("resource").some(e => new URL(e.name).origin !== location.origin)`) {
		t.Error("something came from elsewhere:", loaded())
	}
}
