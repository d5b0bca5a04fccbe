// Package console is the counsellors' desk in a browser: the queue, the talks, who is on duty. It is the second desk beside the
// group on Telegram: the same cases, the same acts, all of them through [engine.Bot.Handle].
//
// It works without JavaScript, by reloading. With it, pages follow what happens by server-sent events, which say only that
// something has changed; words travel in pages, to whoever has signed in. A case is named by its sealed key in the
// store, never by a person's address.
package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/flood"
	"patikra/bot/peer"
	"patikra/content"
)

// Path is where the console is mounted, with everything below it.
const Path = "/desk"

const (
	maxBody    = 32 << 10
	maxWords   = content.MaxText // of one answer, as the networks count
	handleTime = 4 * time.Second
	mostOpened = 10_000 // openings of cases that are remembered, so that each is noted once
)

//go:embed assets pages
var files embed.FS

// Translator puts a person's words into another language, for a counsellor to read beside them.
type Translator interface {
	// Translate returns text in the language to; from is the language the person chose. An error leaves the original alone.
	Translate(ctx context.Context, text, from, to string) (string, error)
}

// Sight tells whether a person has the page of their talk open, when they had it open last, and of when the newest line is that they were
// shown, in Unix seconds. Known is false where nothing is known of such a page.
type Sight func(key bot.Key, now time.Time) (open bool, last time.Time, shown int64, known bool)

// Settings of the console.
type Settings struct {
	URL        string                        // public base URL: the trusted origin
	AnyHost    bool                          // the URL is a guess: forms from the page's own host are trusted, whatever it is called
	Secrets    func(purpose string) []string // derived from the sealing keys, the present one first; the others are taken where they were given
	Translator Translator                    // nil: words stand as they are
	Pusher     Pusher                        // calls browsers whose page is closed; nil: nobody does
	Writes     func(bot.Key)                 // is told that a case's counsellor is writing to its person; nil: nobody is. It must not block
	Reads      func(bot.Key, []bot.Line)     // is told that a case's counsellor has its lines before their eyes; nil: nobody is. It must not block
	Sight      Sight                         // what is known of people's own pages; nil: nothing
}

// Console is the desk in a browser.
type Console struct {
	set    Settings
	bot    *desk.Desk
	log    *zap.Logger
	origin string
	https  bool
	cookie string
	pages  *template.Template
	assets map[string]asset
	names  names
	forms  []string     // keys of the hidden fields: the first makes them
	visits *flood.Watch // by session, and by link that was made here
	comers *flood.Watch // by address, of those without a session that was made here
	tries  *flood.Watch // by address, of entering
	live   *hub
	keys   *webauthn.WebAuthn // nil: the address is none that a passkey can belong to
	words  *translations

	mu     sync.Mutex
	opened map[string]bool
}

// asset is a built-in file, named by its contents.
type asset struct {
	kind string
	data []byte
}

// New returns the console. It hears of what changes: b.Hear is set.
func New(set Settings, b *desk.Desk, log *zap.Logger) (*Console, error) {
	u, err := url.Parse(set.URL)
	if err != nil {
		return nil, fmt.Errorf("PATIKRA_URL: %w", err)
	}
	c := &Console{set: set, bot: b, log: log, origin: u.Scheme + "://" + u.Host, https: u.Scheme == "https", cookie: "desk", assets: map[string]asset{},
		forms: set.Secrets("desk forms"), visits: flood.New(10, 120), comers: flood.New(10, 40), tries: flood.New(0.2, 10), opened: map[string]bool{}}
	if c.https {
		c.cookie = "__Host-desk"
	}
	if c.names, err = newNames(set.Secrets("desk names")); err != nil {
		return nil, err
	}
	if c.keys, err = newKeys(set, u); err != nil {
		return nil, err
	}
	c.live, c.words = newHub(c.names), newTranslations(set.Translator)
	names := map[string]string{}
	for _, f := range []struct{ name, kind string }{{"style.css", "text/css; charset=utf-8"}, {"noscript.css", "text/css; charset=utf-8"}, {"desk.js", "text/javascript; charset=utf-8"},
		{"call.js", "text/javascript; charset=utf-8"}, {"enter.js", "text/javascript; charset=utf-8"}, {"close.js", "text/javascript; charset=utf-8"}, {"push.js", "text/javascript; charset=utf-8"}, {"key.js", "text/javascript; charset=utf-8"}, {"icon.svg", "image/svg+xml"}} {
		data, err := files.ReadFile("assets/" + f.name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		base, ext, _ := strings.Cut(f.name, ".")
		hashed := base + "." + hex.EncodeToString(sum[:6]) + "." + ext
		names[f.name], c.assets[hashed] = Path+"/a/"+hashed, asset{f.kind, data}
	}
	c.pages, err = template.New("").Funcs(template.FuncMap{"asset": func(name string) string { return names[name] }}).ParseFS(files, "pages/*.html")
	if err != nil {
		return nil, err
	}
	b.Hear = c.live.changed
	return c, nil
}

// Name is the cookie's name; the browser keeps one that begins with __Host- from every other host.
func (c *Console) Name() string { return c.cookie }

// visit is one request.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	now     time.Time
	cookie  string
	account desk.Account // of whoever has signed in; its ID is empty for others
	ended   bool         // there was a session
	crowded bool         // others at the address have used up its allowance
	lang    string
	live    string // how a script asks for what has changed: seen, or hidden when nobody looks; empty: a person asks
	arg     string // the last part of the path
}

func (v *visit) signedIn() bool { return v.account.ID != "" }

// page is what one path leads to.
type page struct {
	do     func(v *visit)
	write  bool // it takes POST
	read   bool // it takes GET
	open   bool // for those who have not signed in, too
	quiet  bool // a file: no session is looked for
	may    func(r desk.Role) bool
	script bool // asked for by the script only: no page is drawn for it
}

func counsels(r desk.Role) bool { return r.Counsels() }
func leads(r desk.Role) bool    { return r == desk.Lead }
func anybody(desk.Role) bool    { return true }

func (c *Console) route(v *visit) page {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(v.r.URL.Path, Path), "/"), "/")
	v.arg = parts[len(parts)-1]
	if p, ok := c.besides(parts); ok {
		return p
	}
	switch {
	case len(parts) == 1:
		switch parts[0] {
		case "":
			return page{do: c.queue, read: true, may: anybody}
		case "enter":
			return page{do: c.enter, read: true, write: true, open: true}
		case "out":
			return page{do: c.out, write: true, may: anybody}
		case "language":
			return page{do: c.language, write: true, may: anybody}
		case "folded":
			return page{do: c.folded, read: true, write: true, may: counsels}
		case "next":
			return page{do: c.next, write: true, may: counsels}
		case "speaks":
			return page{do: c.speaks, write: true, may: anybody}
		case "duty":
			return page{do: c.duty, write: true, may: counsels}
		case "stay":
			return page{do: c.stay, write: true, may: counsels, script: true}
		case "key":
			return page{do: c.key, write: true, may: anybody, script: true}
		case "sound":
			return page{do: c.sound, write: true, may: counsels, script: true}
		case "push":
			return page{do: c.push, write: true, may: counsels, script: true}
		case workerName:
			return page{do: c.worker, read: true, open: true, quiet: true}
		case "events":
			return page{do: c.events, read: true, may: counsels, script: true}
		case "team":
			return page{do: c.team, read: true, write: true, may: leads}
		case "deeds":
			return page{do: c.deeds, read: true, may: leads}
		}
	case len(parts) == 2 && parts[0] == "enter" && parts[1] == "key":
		return page{do: c.enterKey, write: true, open: true}
	case len(parts) == 2 && parts[0] == "a":
		return page{do: c.asset, read: true, open: true, quiet: true}
	case len(parts) == 2 && parts[0] == "case":
		return page{do: c.caseAt, read: true, write: true, may: counsels}
	case len(parts) == 4 && parts[0] == "case" && parts[2] == filePath:
		return page{do: c.file, read: true, may: counsels, script: true}
	case len(parts) == 3 && parts[0] == "case" && parts[2] == "typing":
		v.arg = parts[1]
		return page{do: c.typing, write: true, may: counsels, script: true}
	}
	return page{do: func(v *visit) { c.refuse(v, http.StatusNotFound, "not-found") }, read: true, write: true, open: true}
}

// ServeHTTP serves every path of the console.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := &visit{w: w, r: r, now: time.Now(), live: r.Header.Get("X-Live")}
	head := w.Header()
	head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "same-origin")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Robots-Tag", "noindex")
	if c.https {
		head.Set("Strict-Transport-Security", "max-age=31536000")
	}
	p := c.route(v)
	v.lang = c.bot.Library().Catalog.Accepted(r.Header.Get("Accept-Language"))
	var allowed []string
	if p.read {
		allowed = append(allowed, http.MethodGet)
	}
	if p.write {
		allowed = append(allowed, http.MethodPost)
	}
	post := r.Method == http.MethodPost
	if !(post && p.write || p.read && (r.Method == http.MethodGet || r.Method == http.MethodHead)) {
		head.Set("Allow", strings.Join(allowed, ", "))
		c.refuse(v, http.StatusMethodNotAllowed, "not-found")
		return
	}
	if p.quiet {
		p.do(v)
		return
	}
	if !c.known(v) {
		return
	}
	if post {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := r.ParseForm(); err != nil {
			c.refuse(v, http.StatusRequestEntityTooLarge, "forbidden")
			return
		}
		if !c.own(r) {
			c.refuse(v, http.StatusForbidden, "forbidden")
			return
		}
	}
	switch {
	case p.open:
	case !v.signedIn():
		c.unknown(v, p)
		return
	case post && !c.fits(r.PostForm.Get("form"), v.cookie):
		c.refuse(v, http.StatusForbidden, "forbidden")
		return
	case !p.may(v.account.Role):
		c.refuse(v, http.StatusForbidden, "not-allowed")
		return
	}
	p.do(v)
}

// known finds out who asks, and whether they ask too much. The store is asked only within an allowance: a cookie that was made here
// has one of its own, and any other shares that of its address. It reports false when it has answered.
func (c *Console) known(v *visit) bool {
	who, limit := "a"+c.hidden(peer.Network(v.r)), c.comers
	k, err := v.r.Cookie(c.cookie)
	if err == nil && c.bot.Ours(k.Value) {
		who, limit = "s"+c.hidden(k.Value), c.visits
	}
	dropped, _ := limit.Over(who, v.now)
	if dropped && v.r.URL.Path == Path+"/enter" { // a good link comes in all the same
		v.crowded = true
		return true
	}
	if dropped {
		v.w.Header().Set("Retry-After", "10")
		c.refuse(v, http.StatusTooManyRequests, "busy")
		return false
	}
	if err != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), handleTime)
	defer cancel()
	a, _, err := c.bot.Visitor(ctx, k.Value, v.live == "" && !strings.HasSuffix(v.r.URL.Path, "/events") && !strings.Contains(v.r.URL.Path, "/"+filePath+"/"), v.now)
	switch {
	case err == nil:
		v.account, v.cookie = a, k.Value
		if c.bot.Library().Catalog.Language(a.Lang) != nil {
			v.lang = a.Lang
		}
	case errors.Is(err, desk.ErrSession):
		v.ended = true
	default:
		c.away(v, err)
		return false
	}
	return true
}

// unknown answers somebody who has not signed in.
func (c *Console) unknown(v *visit, p page) {
	if p.script || v.live != "" {
		http.Error(v.w, "signed out", http.StatusUnauthorized)
		return
	}
	if v.r.Method == http.MethodPost {
		d := c.data(v, "enter")
		d.Note = d.Say("ended")
		if words := strings.TrimSpace(v.r.PostForm.Get("text") + "\n" + v.r.PostForm.Get("note")); words != "" {
			d.Note, d.Lost = d.Say("not-sent"), words
		}
		c.show(v, http.StatusUnauthorized, d)
		return
	}
	to := Path + "/enter"
	if v.ended {
		c.setCookie(v, "")
		to += "?ended"
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// own reports whether a form was sent from our own page, as far as the browser tells.
func (c *Console) own(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" && o != c.origin && !(c.set.AnyHost && o == "http://"+r.Host) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

// field is the hidden field of every form of a session.
func (c *Console) field(cookie string) string { return field(c.forms[0], cookie) }

// fits reports whether a hidden field was given to a session, with the present sealing key or an earlier one.
func (c *Console) fits(given, cookie string) bool {
	return slices.ContainsFunc(c.forms, func(key string) bool { return hmac.Equal([]byte(given), []byte(field(key, cookie))) })
}

func field(key, cookie string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(cookie))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// hidden stands in memory for an address or a cookie.
func (c *Console) hidden(s string) string { return c.field("watch " + s) }

func (c *Console) setCookie(v *visit, value string) {
	k := &http.Cookie{Name: c.cookie, Value: value, Path: "/", HttpOnly: true, Secure: c.https, SameSite: http.SameSiteStrictMode, MaxAge: int(desk.SessionTime / time.Second)}
	if value == "" {
		k.MaxAge = -1
	}
	http.SetCookie(v.w, k)
}

func (c *Console) asset(v *visit) {
	a, ok := c.assets[v.arg]
	if !ok {
		http.NotFound(v.w, v.r)
		return
	}
	v.w.Header().Set("Content-Type", a.kind)
	v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	v.w.Write(a.data)
}

// did writes an act into the list of who did what. An act that cannot be written there has been done nevertheless.
func (c *Console) did(ctx context.Context, v *visit, what string, about desk.About) {
	if err := c.bot.Did(ctx, v.account.Actor(), what, about, v.now); err != nil {
		c.log.Warn("an act at the desk could not be noted", zap.String("act", what), zap.Error(err))
	}
}

// waiting gives the time that a request may take, also when its browser no longer listens.
func waiting(v *visit) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(v.r.Context()), handleTime)
}

// CasePath is the path of a case's page.
func CasePath(c *Console, k bot.Key) string { return Path + "/case/" + c.names.of(k) }
