package console

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/content"
)

// Data is what a page is drawn from.
type Data struct {
	Lang, Dir string
	Page      string // queue, case, team, deeds, enter or plain
	Title     string
	Note      string   // a line above everything
	Waits     []string // what waits for a translation, a line for each language
	Lost      string   // words that were not sent
	Form      string   // the hidden field
	Here      string   // the page's own path
	Account   desk.Account
	Languages []Tongue
	Calls     string // what calls this counsellor, as Queue.Calls
	News      int    // what waits for this counsellor, for the title
	Status    string // the same for those who listen
	Gate      string // enter: the hidden field of its form; empty: there is none
	Token     string // enter: the secret of a link of an earlier program
	Queue     *Queue
	Talk      *Talk
	Team      *Team
	Deeds     []Deed
	Phone     *Phone
	Closed    *Closed
	Filter    Filter
	Acts      []bot.Button // deeds that can be looked for
	File      string       // where the deeds are a file
	Earlier   string       // where earlier deeds are shown; empty: there are none
	lang      *content.Language
	console   *Console
}

// Tongue is a language of the page.
type Tongue struct{ Tag, Name string }

// Say is a text of console.yaml.
func (d *Data) Say(name string) string { return d.lang.Text("console." + name) }

// Count is a text with a number in it.
func (d *Data) Count(name string, n int) string {
	return strings.ReplaceAll(d.Say(name), "{count}", strconv.Itoa(n))
}

// Named is a text with a name in it.
func (d *Data) Named(name, who string) string {
	return strings.NewReplacer("{name}", who, "{time}", who).Replace(d.Say(name))
}

// Desk is a text of desk.yaml.
func (d *Data) Desk(name string) string { return d.lang.Text("desk." + name) }

// Leads reports whether the account sees the lead's pages.
func (d *Data) Leads() bool { return d.Account.Role == desk.Lead }

// Counsels reports whether the account acts on cases.
func (d *Data) Counsels() bool { return d.Account.Role.Counsels() }

// OnDuty reports whether the account is on duty, on pages that look at the queue.
func (d *Data) OnDuty() bool { return d.Queue != nil && d.Queue.OnDuty }

// count sums up what waits for this counsellor.
func (d *Data) count(q *Queue) {
	d.News, d.Calls = len(q.Waiting)+q.Unread, q.Calls
	d.Status = d.Say("waiting") + ": " + strconv.Itoa(len(q.Waiting)) + ". " + d.Count("unread", q.Unread)
}

func (c *Console) data(v *visit, page string) *Data {
	catalog := c.bot.Library().Catalog
	d := &Data{Lang: v.lang, Dir: "ltr", Page: page, Account: v.account, Here: v.r.URL.Path, lang: catalog.Language(v.lang), console: c}
	if v.signedIn() {
		d.Form = c.field(v.cookie)
	}
	if page == "enter" {
		d.Gate = c.field("enter")
	}
	d.Title = d.Say("title")
	for _, l := range catalog.Spoken() {
		d.Languages = append(d.Languages, Tongue{l.Tag, l.Text("chat.language-name")})
	}
	return d
}

func (c *Console) show(v *visit, code int, d *Data) {
	var b bytes.Buffer
	if err := c.pages.ExecuteTemplate(&b, "page.html", d); err != nil {
		c.log.Error("a page of the desk cannot be drawn", zap.Error(err))
		http.Error(v.w, d.Say("away"), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.lang)
	v.w.WriteHeader(code)
	v.w.Write(b.Bytes())
}

// refuse is a page with a sentence and the way back.
func (c *Console) refuse(v *visit, code int, text string) {
	d := c.data(v, "plain")
	d.Note = d.Say(text)
	c.show(v, code, d)
}

// away says that nothing can be read or saved now.
func (c *Console) away(v *visit, err error) {
	c.log.Warn("a page of the desk could not be shown", zap.Error(err))
	v.w.Header().Set("Retry-After", "5")
	c.refuse(v, http.StatusServiceUnavailable, "away")
}

// With hands a template one entry and the page around it.
func (d *Data) With(e Entry) map[string]any { return map[string]any{"Entry": e, "Data": d} }

// Beside hands a template one thing, whether it is open, and the page around it.
func (d *Data) Beside(of any, open bool) map[string]any {
	return map[string]any{"Of": of, "Open": open, "Data": d}
}

// Working hands a template what an account has chosen, and the page around it.
func (d *Data) Working(w Work) map[string]any { return map[string]any{"Work": w, "Data": d} }

// Level names how urgent a case is, beside its sign.
func (d *Data) Level(level, sign string) map[string]string {
	return map[string]string{"Level": level, "Sign": sign, "Name": d.Say("level-" + level)}
}

// Keys is the map of the keys: what is pressed, and the text that says what it does.
func (d *Data) Keys() [][2]string { return keyMap }

// Once names what a form sends, so that sent twice it happens once.
func (d *Data) Once() string { return newOnce() }
