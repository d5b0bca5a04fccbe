package web

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"regexp"
	"strings"

	goqr "github.com/piglig/go-qr"
	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/content"
)

// Data is what a page is drawn from.
type Data struct {
	Lang        string
	Dir         string // ltr or rtl
	Screen      string // start, question, result or other
	Title       string
	Paragraphs  []string
	Note        string
	Form        string // the hidden field
	Action      string // where the form goes
	From        string // what the link carries by which they came
	Start       bool
	Home        bool // a page outside the quiz: it leads back to the start
	Framed      bool
	Apart       bool   // what comes next needs a page of its own
	Open        bool   // a talk is open
	Ended       bool   // a talk has ended and can be gone on with
	Begun       bool   // there are answers to go on with
	Unsent      string // what a person wrote and what was not taken
	Again       bool   // it can be sent again
	Session     string // the hidden field that names a frame's session
	Own         string // where a frame leads to a page of its own
	Kept        bool   // the browser keeps the session: its pages can be opened again
	Base        string // under which the pages of this language lie
	Onward      string // where the harmless page leads on to by itself
	Page        talk.Page
	Talk        []Said
	Status      string       // what the counsellor just does: writes, or has read
	Large       []talk.Way   // of the start page: what most people come for
	Small       []talk.Way   // and everything else
	Contact     Contact      // of whoever is behind the page
	Back        bot.Button   // the way back, on top
	Before      int          // the place that it leads to
	Private     bool         // the screen before the first question
	AtField     string       // the field that the note is about
	Typed       string       // what was written into the field and could not be taken
	Alike       []bot.Button // the countries that it may have meant
	Keep        *Keep        // what the button keeps; nil: there is none
	Offline     bool         // the page as it is kept
	Forget      bool         // what was kept goes
	Stay        bool         // what becomes of the talk when the page is closed
	Pictures    string       // the kinds of pictures that can be sent; empty: none can
	Coded       bool         // the person has a return code
	Returns     bool         // the page that a return code is brought to
	Return      *Return      // a return code, to be shown once
	Bridge      *Bridge      // links into chats, to be shown once
	Bridged     string       // the chat where the talk goes on too
	Chats       string       // those where it can
	Share       *Share       // what passes the first page on; nil: nothing does
	Card        string       // where the contact card is
	Forward     []bot.Button
	Buttons     []bot.Button
	Always      []bot.Button
	More        []bot.Button // seldom needed, behind a word
	Languages   []Language
	Site        content.Site
	Doors       []Door
	Exit        string // where the quick exit leads
	Snippet     string
	Press       *Press
	Film        *Film
	Preview     *Previewed // nil for people
	Pocketed    string     // where the card of the municipality is
	Pocket      *talk.Pocket
	Pockets     []talk.Municipality // whose cards can be printed
	Certificate string              // where the certificate of a training is
	lang        *content.Language
	web         *Web
}

// Said is one line of the talk with a counsellor.
type Said struct {
	By   string // person, counsellor or notice
	Who  string
	Time string
	Text []string
}

// Desk is a text of desk.yaml.
func (d *Data) Desk(name string) string { return d.lang.Text("desk." + name) }

// Language is a choice of the start page.
type Language struct{ Tag, BCP47, Name, Link, Press string }

// Contact is how whoever is behind the page can be reached.
type Contact struct {
	Link  template.URL
	Shown string
}

// contact reads the contact of site.yaml.
func contact(link string) Contact {
	shown := link
	for _, scheme := range []string{"mailto:", "tel:", "https://"} {
		shown = strings.TrimPrefix(shown, scheme)
	}
	return Contact{template.URL(link), shown} // the loader lets only three schemes pass
}

// Door is another way to the same questions.
type Door struct {
	Name, Link string
	QR         template.HTML
}

// Local is a text of municipalities.yaml.
func (d *Data) Local(name string) string { return d.lang.Text("municipalities." + name) }

// Training is a text of training.yaml.
func (d *Data) Training(name string) string { return d.lang.Text("training." + name) }

// Say is a text of web.yaml with the present numbers in it.
func (d *Data) Say(name string) string {
	if name == "certificate-bad" {
		return d.Training(name)
	}
	return talk.Fill(d.web.bot.Library(), d.lang.Text("web."+name))
}

// Tongue is the language of the page as browsers and screen readers know it.
func (d *Data) Tongue() string { return d.lang.BCP47() }

// Chat is a text of chat.yaml.
func (d *Data) Chat(name string) string { return d.lang.Text("chat." + name) }

// Welcome is a text of web.yaml as a heading and paragraphs.
func (d *Data) Words(name string) Words {
	var out Words
	for _, p := range strings.Split(d.Say(name), "\n\n") {
		if bold, ok := strings.CutPrefix(p, "**"); ok && out.Title == "" {
			out.Title = strings.TrimSuffix(bold, "**")
			continue
		}
		out.Text = append(out.Text, p)
	}
	return out
}

// Words is a heading with paragraphs.
type Words struct {
	Title string
	Text  []string
}

// exit is where the quick exit leads.
func (w *Web) exit(v *visit) string {
	if to := w.bot.Library().Catalog.Site.Exit; to != "" {
		return to
	}
	return "/" + v.lang + "/" + recipe
}

// rtl are the languages written from right to left.
var rtl = map[string]bool{"ar": true, "fa": true, "he": true, "ur": true}

func (w *Web) data(v *visit, screen string) *Data {
	catalog := w.bot.Library().Catalog
	d := &Data{Lang: v.lang, Dir: "ltr", Screen: screen, Framed: v.framed, Action: v.home(v.lang), Site: catalog.Site, lang: catalog.Language(v.lang), web: w}
	d.From = v.from()
	if rtl[v.lang] {
		d.Dir = "rtl"
	}
	d.Contact = contact(catalog.Site.Contact)
	d.Preview = w.set.Preview.now(v.lang)
	d.Title, d.Exit, d.Base, d.Kept = d.Say("title"), w.exit(v), v.home(v.lang), v.kept || !v.framed
	if v.framed {
		d.Session, d.Own = v.id, v.home(v.lang)+"own"
	}
	for i := range catalog.Languages {
		l := &catalog.Languages[i]
		d.Languages = append(d.Languages, Language{l.Tag, l.BCP47(), l.Text("chat.language-name"), withCode(v.home(l.Tag), d.From), withCode("/"+l.Tag+"/"+pressPath, d.From)})
	}
	return d
}

func (w *Web) show(v *visit, code int, d *Data) { w.render(v, code, "page.html", d) }

func (w *Web) render(v *visit, code int, page string, d *Data) {
	var b bytes.Buffer
	if err := w.pages.ExecuteTemplate(&b, page, d); err != nil {
		w.log.Error("a page cannot be drawn", zap.Error(err))
		http.Error(v.w, talk.Notice(w.bot.Library(), "outage", v.lang), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", d.Tongue())
	v.w.WriteHeader(code)
	// html/template writes + as an entity, which helps nobody who looks for a phone number in the source.
	v.w.Write(bytes.ReplaceAll(b.Bytes(), []byte("&#43;"), []byte("+")))
}

var numberIn = regexp.MustCompile(`\+370[ 0-9]{7,11}[0-9]|\b(?:112|116111)\b`)

// linked turns the phone numbers in a text into links that dial them.
func linked(s string) template.HTML {
	var b strings.Builder
	at := 0
	for _, m := range numberIn.FindAllStringIndex(s, -1) {
		b.WriteString(html.EscapeString(s[at:m[0]]))
		shown := s[m[0]:m[1]]
		fmt.Fprintf(&b, `<a href="tel:%s" class="number">%s</a>`, strings.ReplaceAll(shown, " ", ""), shown)
		at = m[1]
	}
	b.WriteString(html.EscapeString(s[at:]))
	return template.HTML(b.String())
}

// quiet is how many squares around a QR code stay white, as ISO/IEC 18004 asks.
const quiet = 4

// qr draws a link as an SVG of squares.
func qr(link, label string) string {
	code, err := goqr.EncodeText(link, goqr.Medium)
	if err != nil {
		return ""
	}
	var b strings.Builder
	size := code.Size()
	whole := size + 2*quiet
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, whole, whole, html.EscapeString(label), whole, whole)
	for y := range size {
		for x := range size {
			if code.Module(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}

// embed shows staff the line that puts the quiz on another site.
func (w *Web) embed(v *visit) {
	d := w.data(v, "other")
	d.Home = true
	d.Snippet = w.snippet(v)
	w.render(v, http.StatusOK, "embed.html", d)
}

// snippet is that line.
func (w *Web) snippet(v *visit) string {
	code := ""
	if c := w.campaign(v); c != "" {
		code = fmt.Sprintf(` data-from="%s"`, c)
	}
	return fmt.Sprintf(`<script src="%s/embed.js" data-lang="%s"%s async></script>`, w.origin, v.lang, code)
}

// embedScript is what that line loads: a button that loads the frame when it is pressed.
func (w *Web) embedScript(v *visit) {
	data, err := files.ReadFile("assets/embed.js")
	if err != nil {
		w.notFound(v)
		return
	}
	names := map[string]string{}
	for i := range w.bot.Library().Catalog.Languages {
		l := &w.bot.Library().Catalog.Languages[i]
		names[l.Tag] = l.Text("web.title")
	}
	var list strings.Builder
	for tag, name := range names {
		fmt.Fprintf(&list, "%q:%q,", tag, name)
	}
	v.w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	v.w.Header().Set("Cache-Control", "public, max-age=3600")
	v.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	text := strings.NewReplacer("$ORIGIN", w.origin, `"$FRAMES"`, frames(w.bot.Library().Catalog.Site.Frames), `"$NAMES"`, "{"+list.String()+"}").Replace(string(data))
	v.w.Write([]byte(text))
}

// frames writes the sites that may frame a talk as a list of the script.
func frames(sites []string) string {
	var b strings.Builder
	for _, s := range sites {
		fmt.Fprintf(&b, "%q,", s)
	}
	return "[" + b.String() + "]"
}
