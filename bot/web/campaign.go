package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/content"
)

// Which link somebody came by is counted, and the link's code goes with them: into another language, from the root address, to the numbers
// and back, to Telegram and Messenger, and with what they pass on. A code that staff do not know is counted as another, and leaves this page
// with nobody: a link with somebody's name in it stays that one person's.

// from is what the link carries by which somebody came to this page; empty when it is nothing that a link of ours carries.
func (v *visit) from() string {
	if code := v.r.URL.Query().Get("from"); talk.Carried(code) {
		return code
	}
	return ""
}

// campaign is the code of the campaign alone, if staff know it.
func (w *Web) campaign(v *visit) string {
	code, _, _ := strings.Cut(v.from(), "_")
	return w.known(code)
}

// onward is what goes along to another door: the campaign's code, and that it is a trial.
func (w *Web) onward(v *visit) string {
	if bot.ToTrial(v.from()) {
		return content.TrialCampaign
	}
	return w.campaign(v)
}

// Trial says that nothing counts here, empty where it does.
func (d *Data) Trial() string {
	if bot.ToTrial(d.From) {
		return d.lang.Text("outreach.demo-mark")
	}
	return d.Page.Trial
}

// Filled is a text of outreach.yaml with the present numbers in it.
func (d *Data) Filled(name string) string { return talk.Fill(d.web.bot.Library(), d.Outreach(name)) }

// Outreach is a text of outreach.yaml.
func (d *Data) Outreach(name string) string { return d.lang.Text("outreach." + name) }

// known is a campaign's code, empty if staff do not know it or it is a trial's: that is passed on to nobody.
func (w *Web) known(code string) string {
	if code = w.bot.Library().Catalog.Counted(code, time.Now()); code == content.OtherCampaign || code == content.TrialCampaign {
		return ""
	}
	return code
}

// shortAddress leads from an address that can be read aloud, as /radijas, to the first page. What is printed outlives its campaign, so it leads there
// at any time.
func (w *Web) shortAddress(v *visit) {
	c := w.bot.Library().Catalog.Campaign(v.rest)
	http.Redirect(v.w, v.r, withCode("/"+cmp.Or(c.Language, v.lang)+"/", c.Code), http.StatusFound)
}

// withCode puts a code behind an address of ours.
func withCode(address, code string) string {
	if code == "" {
		return address
	}
	return address + "?from=" + code
}

// To is an address below the first page, with what the link carries.
func (d *Data) To(path string) string { return withCode(d.Base+path, d.From) }

// deepLink is the address of another door, which takes the campaign and the language along. An address that staff wrote with a payload of
// its own stays as it is.
func deepLink(address, name, campaign, lang string) string {
	u, err := url.Parse(address)
	if err != nil || u.Query().Has(name) {
		return address
	}
	q := u.Query()
	q.Set(name, strings.TrimPrefix(campaign+"_"+lang, "_"))
	u.RawQuery = q.Encode()
	return u.String()
}
