// Package web is the web page: the quiz as plain HTML, one question a screen. It works without JavaScript
// and loads nothing from elsewhere.
//
// The page draws what the session stands at, so nothing is sent through the outbox. A person is known by
// a cookie that ends with the browser, and takes a talk up in another one with a return code; inside a frame on another site by a hidden field and, where the browser keeps one, a
// cookie for that site alone. No address names a session.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/media"
	"patikra/bot/peer"
	"patikra/bot/talk"
)

// Name is the channel's name in addresses.
const Name = "web"

const (
	maxBody    = 16 << 10
	maxWords   = 48 << 10 // of a form in which something is written: 3500 letters of any script, as browsers send them
	handleTime = 4 * time.Second
	formTime   = 24 * time.Hour // how long a form without a session stays good
)

//go:embed assets pages
var files embed.FS

// Settings of the page.
type Settings struct {
	URL     string                                                                      // public base URL: the trusted origin
	AnyHost bool                                                                        // the URL is a guess: forms from the page's own host are trusted, whatever it is called
	Secrets func(purpose string) []string                                               // derived from the sealing keys, the present one first; the others are taken where they were given
	Preview *Preview                                                                    // the page is a preview of staff's files; nil for people
	NoLimit bool                                                                        // nobody is held up for asking too much
	Files   *media.Room                                                                 // cleans pictures that people send; nil: nothing does, and none are taken
	Chats   []string                                                                    // the networks where a talk can go on as well, by their channels' names
	Writes  func(bot.Address)                                                           // is told that the person of a talk is writing; nil: nobody is. It must not block
	Sheet   func(l *library.Library, lang, campaign, size, form string) ([]byte, error) // draws what is printed; nil: nothing does
	Folder  fs.FS                                                                       // staff's folder, for films, which are in no book; nil: there are none
	Left    Left                                                                        // keeps who has left while the store is away; nil: in memory only
}

// Web is the door.
type Web struct {
	set    Settings
	bot    *desk.Desk
	log    *zap.Logger
	origin string
	https  bool
	top    cookie // of a page of its own
	frame  cookie // of a page in a frame
	left   cookie // the mark of somebody who left while nobody answered
	named  naming
	pages  *template.Template
	assets map[string]asset
	names  map[string]string // under which path an asset is found
	limit  *limits
	proxy  *proxyWatch
	ids    ids
	forms  forms

	leaving *leaving
	fields  fields
	writers lately[time.Time] // people who are just being written to: until when
	readers lately[mark]      // how far the counsellor who holds a talk has read it
	sights  lately[sight]     // what people have open and were shown
	sheets  sheets
	one     chan struct{} // pictures in this process's memory
}

// asset is a built-in file, named by its contents.
type asset struct {
	kind string
	data []byte
}

// New returns the door.
func New(set Settings, b *desk.Desk, log *zap.Logger) (*Web, error) {
	u, err := url.Parse(set.URL)
	if err != nil {
		return nil, fmt.Errorf("PATIKRA_URL: %w", err)
	}
	w := &Web{set: set, bot: b, log: log, origin: u.Scheme + "://" + u.Host, https: u.Scheme == "https",
		assets: map[string]asset{}, limit: newLimits(set.NoLimit), proxy: &proxyWatch{on: !set.AnyHost && !here(u.Hostname()), log: log}, ids: ids(set.Secrets("web sessions")), forms: forms(set.Secrets("web forms")), one: make(chan struct{}, 2)}
	w.top, w.frame, w.left = cookie{name: "s"}, cookie{name: "f", framed: true}, cookie{name: "left"}
	if w.https {
		w.top, w.frame, w.left = w.top.host(), w.frame.host(), cookie{name: hostPrefix + "left"}
	}
	w.leaving = newLeaving(w.eraseLeft, w.ids.ours, set.Left, log)
	w.names = map[string]string{}
	for _, f := range []struct{ name, kind string }{{"style.css", "text/css; charset=utf-8"}, {"page.js", "text/javascript; charset=utf-8"}, {"preview.js", "text/javascript; charset=utf-8"}, {"icon.svg", "image/svg+xml"},
		{"icon.png", "image/png"}} {
		data, err := files.ReadFile("assets/" + f.name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		base, ext, _ := strings.Cut(f.name, ".")
		hashed := base + "." + hex.EncodeToString(sum[:6]) + "." + ext
		w.names[f.name], w.assets[hashed] = "/a/"+hashed, asset{f.kind, data}
	}
	w.pages, err = template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return w.names[name] },
		"word":  func(data string) string { word, _, _ := strings.Cut(data, ":"); return word },
		"stop": func(s string) string { // what a sentence lacks at its end
			if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, ".") {
				return ""
			}
			return "."
		},
		"lines": func(s string) []string { return strings.Split(s, "\n") },
		"tel":   linked,
		"voice": talk.VoicePath,
	}).ParseFS(files, "pages/*.html")
	return w, err
}

// here reports whether a host is this machine alone.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Note tells of what does not work as it should, for /readyz: nil when all is well.
func (w *Web) Note(context.Context) error {
	if time.Now().Unix()-w.proxy.last.Load() < int64(unnamedTime/time.Second) {
		return errors.New("a proxy does not say for whom it asks (X-Forwarded-For), so everybody behind it shares one allowance")
	}
	return nil
}

var (
	read  = []string{http.MethodGet}
	write = []string{http.MethodGet, http.MethodPost}
)

// ServeHTTP serves every path that no other door has taken.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	v := &visit{w: rw, r: r}
	if r.URL.Path == outPath {
		w.guardOut(v)
		return
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	page, methods := w.notFound, write
	switch {
	case r.URL.Path == "/":
		page, methods = w.root, read
	case r.URL.Path == workerPath:
		page, methods = w.worker, read
	case r.URL.Path == "/embed.js":
		page, methods = w.embedScript, read
	case r.URL.Path == previewPath && w.set.Preview != nil:
		page, methods = w.changes, read
	case r.URL.Path == "/embed":
		page, methods = w.embed, read
	case parts[0] == filmPath && len(parts) == 2:
		v.rest = parts[1]
		page, methods = w.filmFile, read
	case r.URL.Path == "/"+pressPath:
		page, methods = w.toPress, read
	case len(parts) == 3 && parts[1] == pressPath:
		v.lang, v.rest = parts[0], parts[2]
		page, methods = w.sheet, read
	case parts[0] == "a" && len(parts) == 2:
		v.rest = parts[1]
		page, methods = w.asset, read
	case (parts[0] == framePath || parts[0] == innerPath) && len(parts) == 3:
		v.framed, v.inner, v.lang = true, parts[0] == innerPath, parts[1]
		page, methods = w.framePage(v, parts[2])
		v.begins = parts[2] == ""
	case len(parts) == 1 && w.bot.Library().Catalog.Campaign(parts[0]) != nil:
		v.rest = parts[0]
		page, methods = w.shortAddress, read
	case len(parts) == 4 && parts[1] == "voice":
		v.lang, v.rest = parts[0], parts[2]+"/"+parts[3]
		page, methods = w.voice, read
	case len(parts) == 3 && parts[1] == engine.CertificatePath:
		v.lang, v.rest = parts[0], parts[2]
		page, methods = w.certificate, read
	case len(parts) == 3 && parts[1] == library.PocketPath:
		v.lang, v.rest = parts[0], parts[2]
		page, methods = w.pocket, read
	case len(parts) == 2:
		v.lang = parts[0]
		switch parts[1] {
		case "":
			page, v.begins = w.start, true
		case "check":
			page = w.check
		case "numbers":
			page, methods = w.numbers, read
		case returnPath:
			page = w.takeUp
		case appPath:
			page, methods = w.app, read
		case library.PocketPath:
			page, methods = w.pockets, read
		case cardPath:
			page, methods = w.card, read
		case recipe:
			page, methods = w.harmless, read
		case "embed":
			page, methods = w.embed, read
		case filmPath, callFilmPath:
			v.rest = parts[1]
			page, methods = w.film, read
		case pressPath:
			page, methods = w.press, read
		}
	}
	w.guard(v, page, methods)
}

// visit is one request.
type visit struct {
	w      http.ResponseWriter
	r      *http.Request
	lang   string
	framed bool            // in a frame
	inner  bool            // in a frame on this site, or on one that may show a talk
	begins bool            // the start page
	rest   string          // the last part of the path: an asset's name, the code of a certificate, or the name of a recording
	id     string          // of the session, empty when there is none
	kept   bool            // the browser keeps the session in a cookie
	wanted string          // the quiz that somebody wants to begin, and who has answers of another
	onward string          // where the harmless page leads on to by itself
	moved  bool            // the session was taken up in another browser
	file   *multipart.Part // a picture that comes with the form, not read yet; nil: none does
	typed  string          // what was written into the page's field and could not be taken
}

// headers sets what every page has.
func (w *Web) headers(v *visit) {
	head := v.w.Header()
	head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; media-src 'self'; worker-src 'self'; manifest-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "+w.ancestors(v))
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "same-origin")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Robots-Tag", "noindex")
	if w.https {
		head.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// methods reports whether a method is one of those a page takes, and answers the others.
func (w *Web) takes(v *visit, methods []string) bool {
	for _, m := range methods {
		if v.r.Method == m || m == http.MethodGet && v.r.Method == http.MethodHead {
			return true
		}
	}
	v.w.Header().Set("Allow", strings.Join(methods, ", "))
	w.plain(v, http.StatusMethodNotAllowed, "not-found")
	return false
}

// guardOut lets everybody to the way out.
func (w *Web) guardOut(v *visit) {
	w.headers(v)
	v.lang = w.bot.Library().Catalog.Accepted(v.r.Header.Get("Accept-Language"))
	if lang := v.r.URL.Query().Get("lang"); w.bot.Library().Catalog.Language(lang) != nil {
		v.lang = lang
	}
	if w.takes(v, write) {
		w.out(v)
	}
}

// guard sets the headers every page has, keeps the limits and refuses other methods.
func (w *Web) guard(v *visit, page func(v *visit), methods []string) {
	w.headers(v)
	if w.bot.Library().Catalog.Language(v.lang) == nil {
		given := v.lang
		v.lang = w.bot.Library().Catalog.Accepted(v.r.Header.Get("Accept-Language"))
		if given != "" {
			page, methods = w.notFound, write
		}
	}
	if !w.takes(v, methods) {
		return
	}
	post := v.r.Method == http.MethodPost
	if post {
		most := int64(maxWords)
		if v.begins {
			most = maxBody
		}
		if err := v.fields(most); err != nil {
			w.plain(v, http.StatusRequestEntityTooLarge, "forbidden")
			return
		}
	}
	w.identify(v)
	if !w.allowed(v, time.Now()) {
		v.w.Header().Set("Retry-After", "10")
		w.plain(v, http.StatusTooManyRequests, "busy")
		return
	}
	if post && !w.good(v, time.Now()) {
		w.plain(v, http.StatusForbidden, "forbidden")
		return
	}
	page(v)
}

// good reports whether a form is one that we have given to this session. A start page may have been opened before the session
// began in another tab.
func (w *Web) good(v *visit, now time.Time) bool {
	field := v.r.PostForm.Get("form")
	return w.own(v.r) && (w.forms.good(field, v.id, now) || v.begins && w.forms.good(field, "", now))
}

// own reports whether a form was sent from our own page, as far as the browser tells.
func (w *Web) own(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" && o != w.origin && !(w.set.AnyHost && o == "http://"+r.Host) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

func (w *Web) root(v *visit) {
	http.Redirect(v.w, v.r, withCode("/"+v.lang+"/", v.from()), http.StatusFound)
}

func (w *Web) asset(v *visit) {
	if site := w.bot.Library().Catalog.Site; v.rest == "logo" && site.Logo != nil {
		v.w.Header().Set("Content-Type", site.LogoKind)
		v.w.Header().Set("Cache-Control", "public, max-age=3600")
		v.w.Write(site.Logo)
		return
	}
	a, ok := w.assets[v.rest]
	if !ok {
		w.notFound(v)
		return
	}
	v.w.Header().Set("Content-Type", a.kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	v.w.Write(a.data)
}

// voice plays the recording of a question. Its name changes with it, so it may be kept.
func (w *Web) voice(v *visit) {
	name, ok := strings.CutSuffix(v.rest, ".ogg")
	r := w.bot.Library().Catalog.Recorded(v.lang + "/" + name)
	if !ok || r == nil {
		w.notFound(v)
		return
	}
	v.w.Header().Set("Content-Type", "audio/ogg")
	v.w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(r.Data))
}

// address is where a session's conversation takes place.
func (v *visit) address() bot.Address { return conversation(v.id) }

// base is the path under which a language's pages lie.
func (v *visit) base(lang string) string {
	switch {
	case v.inner:
		return "/" + innerPath + "/" + lang + "/"
	case v.framed:
		return "/" + framePath + "/" + lang + "/"
	}
	return "/" + lang + "/"
}

// at is the path of the person's quiz.
func (v *visit) at(lang string) string { return v.base(lang) + "check" }

func (v *visit) home(lang string) string { return v.base(lang) }

// present is what is remembered of the visit's session, the zero Session when there is none, or none any more for this browser.
func (w *Web) present(v *visit) (bot.Session, error) {
	if v.id == "" {
		return bot.Session{}, nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), handleTime)
	defer cancel()
	s, err := w.bot.Session(ctx, v.address())
	if err == nil && s.Stage != bot.Fresh && s.Browser != browserOf(v.id) {
		v.moved = true
		return bot.Session{}, nil
	}
	return s, err
}

// later says how to come back, and forgets the session of somebody who does not want to go on now.
func (w *Web) later(v *visit) {
	if v.id != "" {
		w.leaving.add(v.id)
	}
	w.endCookie(v, v.framed)
	v.w.Header().Set("Clear-Site-Data", erased)
	http.Redirect(v.w, v.r, v.home(v.lang)+"?n=later", http.StatusSeeOther)
}

// mostLarge is how many quizzes have a large door on the start page.
const mostLarge = 3

// start is the first page. Its form begins a session, or goes on with a talk that is open.
func (w *Web) start(v *visit) {
	if v.r.Method == http.MethodPost {
		w.begin(v)
		return
	}
	v.w.Header().Del("X-Robots-Tag")
	if v.framed {
		v.w.Header().Set("X-Robots-Tag", "noindex")
	}
	d := w.data(v, "start")
	d.Start, d.Site = true, w.bot.Library().Catalog.Site
	d.Share = w.share(v, d, w.campaign(v))
	d.Form = w.forms.issue(v.id, time.Now())
	if s, err := w.present(v); err != nil {
		w.log.Warn("the start page does not know whether there is something to go on with", zap.Error(err))
	} else if s.Case.Active() {
		d.Open, d.Note = true, d.Say("talk-open")
	} else if d.Ended, d.Begun = s.Lately(time.Now()), s.Begun(); d.Ended {
		d.Note = d.Say("talk-over")
	} else if d.Begun {
		d.Note = d.Say("begun")
	}
	if n := v.r.URL.Query().Get("n"); !d.Open && (n == "expired" || n == "erased" || n == "later" || n == "moved") {
		d.Note = d.Say(n)
		d.Forget = (n == "erased" || n == "later") && w.own(v.r)
	}
	ways := talk.Ways(w.bot.Library(), v.lang)
	d.Large, d.Small = ways[:min(mostLarge, len(ways))], ways[min(mostLarge, len(ways)):]
	for _, door := range []struct{ name, address, payload string }{{"telegram", d.Site.Telegram, "start"}, {"messenger", d.Site.Messenger, "ref"}} {
		if door.address != "" {
			link := deepLink(door.address, door.payload, w.onward(v), v.lang)
			d.Doors = append(d.Doors, Door{Name: d.Say(door.name), Link: link, QR: template.HTML(qr(link, d.Say(door.name)))})
		}
	}
	w.show(v, http.StatusOK, d)
}

// begin begins a session. A talk that is open goes on instead; a session that has nothing to do with the desk any more is
// erased, because nobody can come back to it.
func (w *Web) begin(v *visit) {
	do := v.r.PostForm.Get("do")
	word, quiz, _ := strings.Cut(do, ":")
	switch {
	case word == "exit":
		w.leave(v)
		return
	case word == "menu" && slices.ContainsFunc(talk.Ways(w.bot.Library(), v.lang), func(way talk.Way) bool { return way.Quiz == quiz }):
	case word == "next", do == "human:again", do == "human:last":
		quiz = ""
	default:
		http.Redirect(v.w, v.r, v.home(v.lang), http.StatusSeeOther)
		return
	}
	came := w.ids.ours(v.id) // with a session, whose allowance this request was taken from
	before, err := w.present(v)
	switch {
	case v.id == "":
	case err != nil:
		w.away(v, err)
		return
	case before.Case.Active(), do == "next:on" && before.Begun():
		w.onTo(v, v.lang, "")
		return
	case word == "human":
		if _, err := w.handle(v, bot.Update{Kind: bot.Pressed, Text: do, At: time.Now()}); err != nil {
			w.away(v, err)
			return
		}
		w.onTo(v, v.lang, "")
		return
	case before.Begun() && do != "next:new": // another way to the start: nothing is lost before the person has said so
		w.again(v, quiz)
		return
	case before.Case == nil || before.Case.State == bot.NoCase:
		w.leaving.add(v.id)
		v.id = ""
	}
	if v.id == "" {
		if came && !w.limit.stranger(peer.Network(v.r), true, time.Now()) {
			// Each session has an allowance of its own, so a new one is always taken from the address's: else a single cookie
			// would make any number of them.
			v.w.Header().Set("Retry-After", "10")
			w.plain(v, http.StatusTooManyRequests, "busy")
			return
		}
		v.id, v.kept = w.ids.make(), false
	}
	now := time.Now()
	for _, text := range []string{w.opening(v, quiz), "/next"} {
		if _, err := w.handle(v, bot.Update{Kind: bot.Typed, Text: text, At: now}); err != nil {
			w.away(v, err)
			return
		}
		if s, err := w.present(v); err != nil || s.Stage != bot.Welcome || s.Over != bot.Nothing {
			break // a training has a first screen of its own
		}
	}
	w.setCookie(v, v.id)
	w.onTo(v, v.lang, "")
}

// opening is the link's command that begins a quiz, the first one when none is named, with the campaign that the person came from.
func (w *Web) opening(v *visit, quiz string) string {
	code := v.r.PostForm.Get("from")
	if code != "" && quiz != "" {
		code = w.bot.Library().Catalog.Counted(code, time.Now()) + "_"
	}
	return strings.TrimSpace("/start " + code + quiz)
}

// again asks somebody who begins anew while there are answers whether to go on with them.
func (w *Web) again(v *visit, quiz string) {
	if _, err := w.handle(v, bot.Update{Kind: bot.Typed, Text: w.opening(v, quiz), At: time.Now()}); err != nil {
		w.away(v, err)
		return
	}
	w.setCookie(v, v.id)
	v.wanted = quiz
	w.onTo(v, v.lang, "")
}

// onTo leads to the session's next screen, with the name of a note above it. In a frame whose browser keeps no cookie the
// screen is the answer itself, because only its form knows the session.
func (w *Web) onTo(v *visit, lang, note string) {
	if v.framed && !v.kept {
		v.lang = lang
		w.look(v, note)
		return
	}
	q := url.Values{}
	if s, err := w.present(v); err == nil && !s.Case.Active() { // an address of its own, so that the browser's Back leads to the page before
		q.Set("q", strconv.Itoa(place(s)))
		if s.Over != bot.Nothing && s.Over != bot.Why {
			q.Set("o", strconv.Itoa(int(s.Over)))
		}
	}
	if note != "" {
		q.Set("n", note)
	}
	if v.wanted != "" {
		q.Set("w", v.wanted)
	}
	if v.typed != "" {
		w.fields.hold(v.id, v.typed, time.Now())
	}
	to := v.at(lang)
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// place is how far somebody has come: 0 before the first question, 1 at it. A result lies behind the question or the list of answers
// that it was reached from.
func place(s bot.Session) int {
	switch {
	case s.Stage < bot.Asking:
		return 0
	case s.Stage == bot.Finished:
		return len(s.Given) + 2
	}
	return len(s.Given) + 1
}

// mostBack bounds how many pages one look goes back.
const mostBack = 40

// goneBack takes the session back to the place that an address names: the browser's own Back asks for it, as the link on top does.
// What was answered stays, and is marked. An address that lies ahead, or that another site leads to, moves nothing.
func (w *Web) goneBack(v *visit, s bot.Session) (bot.Session, bool) {
	query := v.r.URL.Query()
	to, err := strconv.Atoi(query.Get("q"))
	if err != nil || v.r.Method != http.MethodGet || !w.own(v.r) || strings.Contains(v.r.Header.Get("Sec-Purpose"), "prefetch") {
		return s, true
	}
	for range mostBack {
		aside := s.Over != bot.Nothing && s.Over != bot.Why
		if s.Case.Active() || place(s) < to || place(s) == to && (!aside || query.Has("o")) || place(s) == 0 && !aside {
			break
		}
		page := talk.Draw(w.bot.Library(), s, v.lang)
		i := slices.IndexFunc(page.Buttons, func(b bot.Button) bool { return strings.HasPrefix(b.Data, "back") })
		if i < 0 {
			break
		}
		before := s.Serial
		if _, err = w.handle(v, bot.Update{Kind: bot.Pressed, Text: page.Buttons[i].Data, At: time.Now()}); err == nil {
			s, err = w.present(v)
		}
		if err != nil {
			w.away(v, err)
			return s, false
		}
		if s.Serial == before {
			break
		}
	}
	return s, true
}

// network is whose allowance a person uses.
func (w *Web) network(v *visit) string {
	if w.set.NoLimit {
		return bot.AnyNetwork
	}
	return peer.Network(v.r)
}

func (w *Web) handle(v *visit, u bot.Update) (bot.Reply, error) {
	u.From, u.Browser, u.Lang, u.Network = v.address(), browserOf(v.id), v.lang, w.network(v)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), handleTime)
	defer cancel()
	return w.bot.Handle(ctx, u)
}

// notes are the short answers that a page can show above the question.
var notes = []string{"pick-first", "stale", "already", "unclear", "unclear-again", "unclear-help", "countries.unclear", "desk.call-number-bad", "desk.call-number-service", "desk.call-late", "desk.thanks", "desk.silent",
	"desk.only-words", "desk.files-full", "desk.files-later", "desk.file-sent", "desk.file-big", "desk.file-kind", "desk.file-pdf", "desk.file-broken", "desk.file-busy"}

// check is the quiz: GET draws where the session stands, POST is what the person did.
func (w *Web) check(v *visit) {
	if v.r.Method == http.MethodPost && v.id != "" {
		w.act(v)
		return
	}
	if v.id != "" {
		v.typed = w.fields.take(v.id, time.Now())
	}
	w.look(v, v.r.URL.Query().Get("n"))
}

// session reads the visit's session. It reports false when it has answered: there is none, or it cannot be read.
func (w *Web) session(v *visit) (s bot.Session, ok bool) {
	if v.id == "" {
		http.Redirect(v.w, v.r, v.home(v.lang), http.StatusSeeOther)
		return s, false
	}
	s, err := w.present(v)
	if err != nil {
		w.away(v, err)
		return s, false
	}
	if s.Stage == bot.Fresh { // it ended by itself, was erased in another tab, or is another browser's now
		w.over(v)
		return s, false
	}
	return s, true
}

// over tells that this browser has no session any more, and gives back what was written for it.
func (w *Web) over(v *visit) {
	why := "expired"
	if v.moved {
		why = "moved"
	}
	w.endCookie(v, v.framed)
	if v.r.Method == http.MethodPost && v.r.PostForm.Get("text") != "" {
		w.plain(v, http.StatusGone, why)
		return
	}
	http.Redirect(v.w, v.r, v.home(v.lang)+"?n="+why, http.StatusSeeOther)
}

// look draws where the session stands, with a note of that name above it.
func (w *Web) look(v *visit, note string) {
	s, ok := w.session(v)
	if !ok {
		return
	}
	if s, ok = w.goneBack(v, s); !ok {
		return
	}
	if s.Stage == bot.Welcome && s.Over == bot.Nothing && !s.Case.Active() { // gone back as far as it goes
		http.Redirect(v.w, v.r, v.home(v.lang), http.StatusSeeOther)
		return
	}
	if v.apart(s) {
		w.showApart(v)
		return
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), handleTime)
	defer cancel()
	page := talk.Draw(w.bot.Library(), s, v.lang)
	v.lang = page.Language // that of the address may have no words yet for what was answered
	if v.r.URL.Query().Get("format") == "txt" && page.Screen == "result" {
		v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		v.w.Header().Set("Content-Disposition", `attachment; filename="notes.txt"`)
		io.WriteString(v.w, page.Text+"\n")
		return
	}
	if v.r.URL.Query().Get("format") == "kept" && page.Screen == "result" {
		w.showKept(v, page)
		return
	}
	d := w.data(v, page.Screen)
	if page.Screen == "start" {
		d.Screen = "other"
	}
	d.Stay, d.Coded = page.Screen == "talk", s.Return != ""
	if d.Stay && w.takesFiles() && !s.Case.Folded {
		d.Pictures = accepted
	}
	w.bridged(d, &s)
	if d.Stay || s.Over == bot.Rate { // the last words of a talk that has ended can be read too
		talk, lines, err := w.talk(ctx, v, d)
		if err != nil {
			w.away(v, err)
			return
		}
		if n := len(talk); n > 0 && talk[n-1].By == "notice" && (!d.Stay || s.Case.Base > time.Now().Unix()) {
			talk = talk[:n-1] // the page says the same above
		}
		d.Talk, d.Status = talk, w.status(v, d, lines)
	}
	if c, ok := talk.Certificate(w.bot.Library(), s); ok && page.Screen == "result" {
		d.Certificate = "/" + page.Language + "/" + engine.CertificatePath + "/" + w.bot.Code(c)
	}
	if page.Pocket != "" {
		d.Pocketed = "/" + page.Language + "/" + library.PocketPath + "/" + page.Pocket
	}
	d.Page, d.Action, d.Form = page, v.at(v.lang), w.forms.issue(v.id, time.Now())
	for _, b := range page.Buttons {
		switch word, _, _ := strings.Cut(b.Data, ":"); word {
		case "numbers", "exit":
			if strings.HasPrefix(b.Data, "numbers:") || b.Data == "exit:later" { // a country; not now
				d.Buttons = append(d.Buttons, b)
				break
			}
			d.Always = append(d.Always, b)
		case "back":
			d.Back, d.Before = b, place(s)
			if s.Over == bot.Nothing || s.Over == bot.Why {
				d.Before--
			}
		case "why":
			if page.Why == "" { // else it unfolds under the question
				d.Buttons = append(d.Buttons, b)
			}
		case "next":
			d.Forward = append(d.Forward, b)
		case "human":
			if page.Screen == "result" || b.Data == "human:agree" || b.Data == "human:send" || b.Data == "human:done" {
				d.Forward = append(d.Forward, b)
			} else {
				d.Buttons = append(d.Buttons, b)
			}
		default:
			d.Buttons = append(d.Buttons, b)
		}
	}
	for _, way := range talk.Ways(w.bot.Library(), v.lang) {
		if s.Over == bot.Begun && way.Quiz != s.Quiz && (way.Quiz == v.wanted || way.Quiz == v.r.URL.Query().Get("w")) {
			d.Forward = append(d.Forward, bot.Button{Label: way.Name, Data: fmt.Sprintf("menu:%d.%s", s.Serial, way.Quiz)})
		}
	}
	last := bot.Button{Label: d.Say("talk-read"), Data: "human:last"}
	if s.Lately(time.Now()) && page.Screen == "result" {
		d.Buttons = append(d.Buttons, last)
	}
	if page.Screen == "question" { // what the chats have as commands
		for _, name := range []string{"human", "help", "restart", "language", "erase"} {
			d.More = append(d.More, bot.Button{Label: d.Chat(name), Data: name})
		}
		if s.Lately(time.Now()) {
			d.More = append(d.More, last)
		}
	}
	note, words := strings.CutSuffix(note, withWords)
	for _, n := range notes {
		if note == n {
			d.Note = strings.TrimSuffix(talk.Notice(w.bot.Library(), n, v.lang), ":")
		}
	}
	if words && d.Note != "" {
		d.Note += " " + talk.Notice(w.bot.Library(), "desk.file-words", v.lang)
	}
	aboutFile := strings.HasPrefix(note, "desk.file") || note == "desk.only-words"
	if c := s.Case; !aboutFile && d.Stay && c.State != bot.Taken && c.Base <= time.Now().Unix() {
		if nobody, err := w.bot.Nobody(ctx); err == nil && nobody {
			d.Note = talk.Notice(w.bot.Library(), "desk.nobody", v.lang)
		}
	}
	if d.Typed = v.typed; len(page.Names) > 0 && d.Typed != "" {
		d.Alike = talk.Alike(w.bot.Library(), s, v.lang, v.typed)
		switch {
		case len(d.Alike) > 0:
			d.Note = d.Say("country-alike")
		case s.Over >= bot.Countries:
			d.Note = talk.Notice(w.bot.Library(), "countries.unclear", v.lang)
		default:
			d.Note = d.Say("country-none")
		}
	}
	switch {
	case note == "pick-first" && page.Several:
		d.AtField = "first"
	case aboutFile:
		if d.Pictures != "" && note != sentNote {
			d.AtField = "file"
		}
	case d.Note != "" && page.Ask != "" && !d.Stay && note != "desk.thanks": // what is said above a talk is about no field, and its numbers can be called
		d.AtField = "text"
	}
	d.Private = s.Stage == bot.Private && s.Over == bot.Nothing
	if d.Title = titled(d, page); d.AtField != "" {
		d.Title = sentence(d.Note) + " – " + d.Title
	}
	if page.Screen == "result" {
		d.Share = w.share(v, d, w.known(s.Campaign))
	}
	d.Card, d.Keep = d.carries(v, page), d.keeps(v, page)
	w.show(v, http.StatusOK, d)
}

// titled names a page for who hears it read and for the list of open pages. It tells nobody who looks over a shoulder what was
// asked or answered.
func titled(d *Data, page talk.Page) string {
	switch {
	case page.M > 0:
		return fmt.Sprintf("%d/%d – %s", page.N, page.M, d.Title)
	case page.Level != "":
		return d.Say("result") + " – " + d.Title
	case page.Title != "":
		return page.Title + " – " + d.Title
	}
	return d.Title
}

// act carries out what the person did and leads to the next screen.
func (w *Web) act(v *visit) {
	s, ok := w.session(v)
	if !ok {
		return
	}
	if v.apart(s) && s.Case.Active() {
		w.showApart(v)
		return
	}
	if v.file != nil {
		w.sent(v, s)
		return
	}
	form := v.r.PostForm
	u := bot.Update{Kind: bot.Pressed, Text: form.Get("do"), At: time.Now()}
	if ticks := form["tick"]; strings.HasPrefix(u.Text, "next:") && len(ticks) > 0 {
		u.Text = ticked(ticks)
	} else if u.Text != "" && form.Has("ticks") { // any other button of the form: what is ticked stays
		serial, _, _ := strings.Cut(strings.TrimPrefix(form.Get("ticks"), "answer:"), ".")
		if u.Marked = serial + ".0"; len(ticks) > 0 {
			u.Marked = strings.TrimPrefix(ticked(ticks), "ticked:")
		}
	} else if u.Text == "" && form.Has("text") {
		u.Kind, u.Text = bot.Typed, strings.TrimSpace(form.Get("text"))
		if s.Case.Active() {
			u.ID = once(form.Get("form"), u.Text) // a form sent twice says one thing
		}
	}
	word, arg, _ := strings.Cut(u.Text, ":")
	if u.Kind == bot.Pressed && u.Text == "exit:later" {
		w.later(v)
		return
	}
	if word == "exit" && u.Kind == bot.Pressed {
		w.leave(v)
		return
	}
	reply, err := w.handle(v, u)
	if err != nil {
		w.away(v, err)
		return
	}
	if v.moved = reply.Moved; v.moved {
		w.over(v)
		return
	}
	if reply.Digits != "" {
		w.showReturn(v, reply.Digits)
		return
	}
	if reply.Payload != "" {
		w.showBridge(v, reply.Payload)
		return
	}
	if word == "erase" && arg == "yes" {
		w.endCookie(v, v.framed)
		v.w.Header().Set("Clear-Site-Data", erased)
		http.Redirect(v.w, v.r, v.home(v.lang)+"?n=erased", http.StatusSeeOther)
		return
	}
	lang := v.lang
	if word == "language" && w.bot.Library().Catalog.Language(arg) != nil {
		lang = arg
	}
	note := ""
	for _, n := range notes {
		if reply.Toast != "" && reply.Toast == talk.Notice(w.bot.Library(), n, v.lang) {
			note = n
			break
		}
	}
	if u.Kind == bot.Typed && note == "" && s.Over == bot.CallNumber {
		if after, err := w.present(v); err == nil && after.Over == s.Over && after.Case != nil && after.Case.Phone == "" {
			note = "desk.call-number-bad" // a sentence instead of a number
		}
	}
	if u.Kind == bot.Typed && (s.Over >= bot.JobCountries && reply.Toast != "" || strings.HasPrefix(note, "desk.call-number-")) {
		v.typed = u.Text
	}
	w.onTo(v, lang, note)
}

// talk is what has been said between the person and the counsellors, with the lines of which it is drawn.
func (w *Web) talk(ctx context.Context, v *visit, d *Data) (out []Said, lines []bot.Line, err error) {
	if lines, err = w.bot.Log(ctx, w.bot.Key(v.address()), 0); err != nil {
		return nil, nil, err
	}
	w.seen(v, lines)
	zone := w.bot.Library().Catalog.Desk.Zone
	for _, l := range lines {
		said := Said{Time: time.Unix(l.At, 0).In(zone).Format("15:04"), Text: strings.Split(strings.ReplaceAll(l.In(v.lang), "**", ""), "\n")}
		switch l.By {
		case talk.ByPerson:
			said.By, said.Who = "person", d.lang.Text("desk.you")
		case talk.ByCounsellor:
			said.By, said.Who = "counsellor", d.lang.Text("desk.counsellor")
		case talk.ByNotice:
			said.By = "notice"
		default: // what colleagues say among themselves
			continue
		}
		out = append(out, said)
	}
	return out, lines, nil
}

// once numbers a form with what was written into it.
func once(form, text string) uint64 {
	sum := sha256.Sum256([]byte(form + "\x00" + text))
	return binary.BigEndian.Uint64(sum[:]) | 1
}

// ticked puts the ticks of a form (answer:3.0, answer:3.2) into one press: ticked:3.5.
func ticked(ticks []string) string {
	serial, bits := "", 0
	for _, t := range ticks {
		rest, ok := strings.CutPrefix(t, "answer:")
		at, i, ok2 := strings.Cut(rest, ".")
		n, err := strconv.Atoi(i)
		if !ok || !ok2 || err != nil || n < 0 || n > 15 || serial != "" && at != serial {
			return "ticked:stale"
		}
		serial = at
		bits |= 1 << n
	}
	return "ticked:" + serial + "." + strconv.Itoa(bits)
}

func (w *Web) numbers(v *visit) {
	at := bot.Session{Lang: v.lang, Stage: bot.Welcome, Over: bot.Numbers, Book: w.bot.Library().ID}
	if !v.framed && v.r.URL.Query().Has("kept") {
		if s, err := w.present(v); err == nil {
			at.Country = s.Country // those of the country that the person has chosen
		}
		w.showKept(v, talk.Draw(w.bot.Library(), at, v.lang))
		return
	}
	d := w.data(v, "other")
	d.Page = talk.Draw(w.bot.Library(), at, v.lang)
	d.Home, d.Title, d.Card, d.Keep = true, titled(d, d.Page), d.carries(v, d.Page), d.keeps(v, d.Page)
	w.show(v, http.StatusOK, d)
}

// harmless is where the way out leads. It says nothing of where it came from, and leads on to itself and then to the site
// that staff have chosen: a browser that keeps whole pages for its Back button puts the one that was left there when this
// one appears, so only the second answer can make it forget that one too.
func (w *Web) harmless(v *visit) {
	v.onward = "?on"
	if v.r.URL.RawQuery == "on" {
		v.w.Header().Set("Clear-Site-Data", `"cache"`)
		v.onward = w.bot.Library().Catalog.Site.Exit
	}
	lang := w.bot.Library().Catalog.Language(v.lang)
	d := &Data{Lang: v.lang, lang: lang, Title: lang.Text("web.harmless-title"), Onward: v.onward, Paragraphs: strings.Split(lang.Text("web.harmless-text"), "\n\n")}
	w.render(v, http.StatusOK, "harmless.html", d)
}

// certificate is a page to print. The name is typed into it by whoever prints it, and stays in their browser.
func (w *Web) certificate(v *visit) {
	c, ok := w.bot.ReadCertificate(v.rest)
	if !ok {
		w.plain(v, http.StatusNotFound, "certificate-bad")
		return
	}
	d := w.data(v, "certificate")
	module := c.Module
	if d.lang.Has(module + ".name") {
		module = d.lang.Text(module + ".name")
	}
	d.Title = d.Training("certificate-title")
	d.Paragraphs = []string{strings.NewReplacer("{module}", module, "{date}", c.Day).Replace(d.lang.Text("training.certificate-text")), d.Training("certificate-about")}
	d.Certificate = w.set.URL + v.r.URL.Path
	w.render(v, http.StatusOK, "certificate.html", d)
}

func (w *Web) notFound(v *visit) { w.plain(v, http.StatusNotFound, "not-found") }

// plain is a page with a sentence, the numbers and the way back.
func (w *Web) plain(v *visit, code int, text string) {
	d := w.data(v, "other")
	d.Page = talk.Draw(w.bot.Library(), bot.Session{Lang: d.Lang, Stage: bot.Welcome, Over: bot.Numbers, Book: w.bot.Library().ID}, d.Lang)
	d.Note, d.Home = d.Say(text), true
	d.Title = sentence(d.Note) + " – " + d.Title
	w.giveBack(v, d)
	w.show(v, code, d)
}

// away says that nothing can be read or saved now. The person still gets the numbers.
func (w *Web) away(v *visit, err error) {
	w.log.Warn("a page was answered with the numbers", zap.Error(err))
	d := w.data(v, "other")
	d.Page = talk.Draw(w.bot.Library(), bot.Session{Lang: v.lang, Stage: bot.Welcome, Over: bot.Numbers, Book: w.bot.Library().ID}, v.lang)
	d.Note, d.Home = talk.Notice(w.bot.Library(), "outage", v.lang), true
	d.Title = titled(d, d.Page)
	v.w.Header().Set("Retry-After", "10")
	w.giveBack(v, d)
	w.show(v, http.StatusServiceUnavailable, d)
}

// giveBack puts what a person has written, and what could not be taken, into a form that sends it again. What another site has
// sent is nobody's words.
func (w *Web) giveBack(v *visit, d *Data) {
	words := strings.TrimSpace(v.r.PostForm.Get("text"))
	if v.r.Method != http.MethodPost || words == "" || !w.own(v.r) {
		return
	}
	d.Unsent, d.Form, d.Action = words, w.forms.issue(v.id, time.Now()), v.at(v.lang)
	d.Again = v.id != "" && d.Note != d.Say("expired") && d.Note != d.Say("moved")
}
