package web

import (
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"patikra/content"
)

// Two films can be shown: the campaign's own, and a short one of what happens when somebody calls. They lie in staff's folder and are part of no book, for a
// film is larger than a store should keep. The page loads nothing of a film before it was asked for, and nothing from elsewhere but a film whose address
// staff have written into site.yaml.

// Where a film's page, and its files, are.
const (
	filmPath     = "film"
	callFilmPath = "call-film"
	filmFolder   = "content/film"
)

// Limits of a film.
const (
	mostFilm  = 512 << 20 // bytes
	mostWords = 256 << 10 // of subtitles
	filmTime  = 30 * time.Minute
)

var filmKinds = map[string]string{".mp4": "video/mp4", ".webm": "video/webm", ".jpg": "image/jpeg", ".vtt": "text/vtt; charset=utf-8"}

// Film is what its page shows.
type Film struct {
	Title     string
	Elsewhere string // the other site, when it comes from there
	Play      string // where the press leads
	Playing   bool
	Source    string
	Kind      string
	Picture   string
	Subtitles []Subtitles
	Words     []string // what is said in it
	WordsIn   string   // their language
}

// Subtitles are a film's words in a language.
type Subtitles struct {
	Tag, BCP47, Name, Link string
	Default                bool
}

// filmOf is the film that a page's name stands for, as site.yaml has it; empty when there is none, or its file is not here.
func (w *Web) filmOf(name string) string {
	site := &w.bot.Library().Catalog.Site
	film := map[string]string{filmPath: site.Film, callFilmPath: site.CallFilm}[name]
	if film == "" || strings.HasPrefix(film, "https://") {
		return film
	}
	if info, err := w.stat(film); err != nil || info.Size() > mostFilm {
		return ""
	}
	return film
}

// stat looks at a file beside the films.
func (w *Web) stat(name string) (fs.FileInfo, error) {
	if w.set.Folder == nil {
		return nil, fs.ErrNotExist
	}
	info, err := fs.Stat(w.set.Folder, path.Join(filmFolder, name))
	if err == nil && !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return info, err
}

// stem is what a film's other files are named by: film.lt.vtt and film.jpg stand beside film.mp4.
func stem(film string) string { return strings.TrimSuffix(path.Base(film), path.Ext(film)) }

// film is the page of a film: its words and the number at first, and the film once it was asked for.
func (w *Web) film(v *visit) {
	film := w.filmOf(v.rest)
	if film == "" {
		w.notFound(v)
		return
	}
	d := w.data(v, "other")
	d.Home, d.Title = true, d.Outreach(map[string]string{filmPath: "film-title", callFilmPath: "film-call"}[v.rest])
	f := &Film{Title: d.Title, Play: d.Base + v.rest + "?play=1", Source: "/" + filmPath + "/" + film, Kind: filmKinds[path.Ext(film)], Playing: v.r.URL.Query().Get("play") == "1"}
	if at, err := url.Parse(film); err == nil && at.Host != "" {
		f.Elsewhere, f.Source = strings.ReplaceAll(d.Outreach("film-elsewhere"), "{name}", at.Host), film
		if f.Playing { // before that the browser may not even ask
			head := v.w.Header()
			head.Set("Content-Security-Policy", strings.Replace(head.Get("Content-Security-Policy"), "media-src 'self'", "media-src 'self' https://"+at.Host, 1))
			head.Set("Referrer-Policy", "no-referrer")
		}
	}
	if _, err := w.stat(stem(film) + ".jpg"); err == nil {
		f.Picture = "/" + filmPath + "/" + stem(film) + ".jpg"
	}
	for _, l := range d.Languages {
		if name := stem(film) + "." + l.Tag + ".vtt"; w.subtitles(name) != nil {
			f.Subtitles = append(f.Subtitles, Subtitles{l.Tag, l.BCP47, l.Name, "/" + filmPath + "/" + name, l.Tag == v.lang})
		}
	}
	for _, tag := range []string{v.lang, content.Source} {
		if words := w.subtitles(stem(film) + "." + tag + ".vtt"); words != nil && f.Words == nil {
			f.Words, f.WordsIn = spokenIn(string(words)), w.bot.Library().Catalog.Language(tag).BCP47()
		}
	}
	d.Film = f
	w.render(v, http.StatusOK, "film.html", d)
}

// subtitles reads a file of subtitles, nil when there is none that is sound.
func (w *Web) subtitles(name string) []byte {
	info, err := w.stat(name)
	if err != nil || info.Size() > mostWords {
		return nil
	}
	data, err := fs.ReadFile(w.set.Folder, path.Join(filmFolder, name))
	if err != nil || !strings.HasPrefix(strings.TrimPrefix(string(data), "\ufeff"), "WEBVTT") {
		return nil
	}
	return data
}

var cueTag = regexp.MustCompile(`<[^>]*>`)

// spokenIn takes the words out of subtitles (WebVTT): a paragraph for each cue, without times, names of cues and notes.
func spokenIn(vtt string) (out []string) {
	for block := range strings.SplitSeq(strings.ReplaceAll(vtt, "\r\n", "\n"), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "-->") })
		if at < 0 {
			continue
		}
		if said := strings.TrimSpace(cueTag.ReplaceAllString(strings.Join(lines[at+1:], " "), "")); said != "" {
			out = append(out, strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&nbsp;", " ").Replace(said))
		}
	}
	return out
}

// filmFile gives a film, its picture or its subtitles, in the parts that a player asks for.
func (w *Web) filmFile(v *visit) {
	kind, offered := filmKinds[path.Ext(v.rest)], false
	for _, name := range []string{filmPath, callFilmPath} {
		film := w.filmOf(name)
		of := stem(v.rest)
		if path.Ext(v.rest) == ".vtt" {
			of = stem(of)
		}
		offered = offered || film != "" && (v.rest == film || of == stem(film) && slices.Contains([]string{".vtt", ".jpg"}, path.Ext(v.rest)))
	}
	if !offered || kind == "" || w.set.Folder == nil || strings.Contains(v.rest, "/") {
		w.notFound(v)
		return
	}
	file, err := w.set.Folder.Open(path.Join(filmFolder, v.rest))
	if err != nil {
		w.notFound(v)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	seeks, ok := file.(io.ReadSeeker)
	if err != nil || !ok || !info.Mode().IsRegular() || info.Size() > mostFilm {
		w.notFound(v)
		return
	}
	http.NewResponseController(v.w).SetWriteDeadline(time.Now().Add(filmTime)) // a slow line gets it too
	v.w.Header().Set("Content-Type", kind)
	http.ServeContent(v.w, v.r, "", info.ModTime(), seeks)
}

// FilmLink leads to a film from another page; empty where there is none. A frame leads to none.
func (d *Data) FilmLink(name string) template.URL {
	if d.Framed || d.Offline || d.web.filmOf(name) == "" {
		return ""
	}
	return template.URL(d.Base + name)
}
