package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// besides are the pages beside the queue and the talks.
func (c *Console) besides(parts []string) (page, bool) {
	if len(parts) != 1 {
		return page{}, false
	}
	switch parts[0] {
	case "phone":
		return page{do: c.phone, read: true, write: true, may: counsels}, true
	case "closed":
		return page{do: c.closed, read: true, may: counsels}, true
	case "shift":
		return page{do: c.shift, write: true, may: counsels}, true
	case "me":
		return page{do: c.me, read: true, write: true, may: anybody}, true
	case "deeds.csv":
		return page{do: c.deedsFile, read: true, may: leads}, true
	}
	return page{}, false
}

// Ending is what whoever closes a talk says of it, by two presses: what it came to, and where the person was referred to.
type Ending struct {
	Do       string // close, or outcome for a talk that ended without it
	Missing  bool   // nobody has said it yet
	Findings []bot.Button
	Likely   []talk.Referral
	Others   []talk.Referral
}

// elsewhere is the button beside the list of further places.
const elsewhere = "listed"

func (c *Console) ending(v *visit, s bot.Session) Ending {
	lib := c.bot.Library()
	e := Ending{Do: "close", Missing: s.Case.Outcome == bot.NoFinding, Findings: c.findings(v.lang)}
	if !s.Case.Active() {
		e.Do = "outcome"
	}
	e.Likely, e.Others = talk.Referrals(lib, s, v.lang)
	return e
}

// findings name what a talk can come to.
func (c *Console) findings(lang string) (out []bot.Button) {
	texts := c.bot.Library().Catalog.Language(lang)
	for _, f := range bot.Findings() {
		out = append(out, bot.Button{Label: texts.Text("desk.outcome-" + f.String()), Data: f.String()})
	}
	return out
}

// ending is the act that a form asks for by which a talk is closed, empty while something is missing.
func ending(form url.Values) string {
	finding, place := form.Get("outcome"), referred(form)
	if bot.FindingNamed(finding) == bot.NoFinding || place == "" {
		return ""
	}
	return form.Get("do") + " " + finding + " " + place
}

// referred is the place that a form names.
func referred(form url.Values) string {
	place := form.Get("referred")
	if place == elsewhere {
		place = form.Get("where")
	}
	if strings.ContainsAny(place, " \n") {
		return ""
	}
	return place
}

// wordsOf is what the person of a case reads of a place.
func (c *Console) wordsOf(s *bot.Session, place, lang string) string {
	for _, p := range talk.Directory(c.bot.Library(), *s, lang) {
		if p.Name == place {
			return p.Words
		}
	}
	return ""
}

// Phone is the page on which a call by telephone is written down.
type Phone struct {
	Ending
	Levels []bot.Button
	Signs  []talk.Referral
	Once   string
}

// phone writes down what a call by telephone came to. It is counted as a closed talk is, and nothing else is kept.
func (c *Console) phone(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "phone")
	lib := c.bot.Library()
	p := &Phone{Once: newOnce(), Signs: talk.Signs(lib, v.lang), Ending: Ending{Do: "phone", Findings: c.findings(v.lang)}}
	p.Likely, p.Others = talk.Referrals(lib, bot.Session{Case: &bot.Case{}}, v.lang)
	for _, level := range talk.Levels() {
		p.Levels = append(p.Levels, bot.Button{Label: d.Say("risk-" + level), Data: level})
	}
	d.Phone = p
	code := http.StatusOK
	if v.r.Method == http.MethodPost {
		form := v.r.PostForm
		call := desk.PhoneCall{Finding: bot.FindingNamed(form.Get("outcome")), Place: referred(form), Level: form.Get("level"), Flags: form["sign"]}
		err := c.bot.WriteDown(ctx, call, once(form.Get("once")), v.now)
		switch {
		case errors.Is(err, desk.ErrPhoneCall):
			code, d.Note = http.StatusUnprocessableEntity, d.Say("close-missing")
		case err != nil:
			c.away(v, err)
			return
		default:
			c.did(ctx, v, "phone", desk.About{})
			http.Redirect(v.w, v.r, Path+"/phone?done", http.StatusSeeOther)
			return
		}
	} else if v.r.URL.RawQuery == "done" {
		d.Note = d.Say("phone-done")
	}
	c.show(v, code, d)
}
