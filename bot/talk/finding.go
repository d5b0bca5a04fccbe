package talk

import (
	"slices"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
)

// What stands in place of a place to which a person was referred.
const (
	Nowhere   = "nobody" // the talk was enough
	Elsewhere = "other"  // to somebody who is not among the places
)

// Refers reports whether somebody can be referred there.
func Refers(l *library.Library, place string) bool {
	return place == Nowhere || place == Elsewhere || slices.ContainsFunc(l.Catalog.Places, func(p content.Place) bool { return p.Name == place })
}

// find takes what a talk came to, and where the person was referred to, each if it is named. It counts a talk once. It reports false when
// something named is not known.
func (t *turn) find(finding, place string) bool {
	c := t.s.Case
	f := bot.FindingNamed(finding)
	if finding != "" && f == bot.NoFinding || place != "" && !Refers(t.newest, place) {
		return false
	}
	if f != bot.NoFinding {
		c.Outcome = f
		if !c.Counted {
			t.p.Counts = append(t.p.Counts, found(t.newest, t.s, f)...)
			c.Counted = true
		}
	}
	if place != "" {
		if c.Place == "" {
			t.p.Counts = append(t.p.Counts, "referred."+place)
		}
		c.Place = place
	}
	return true
}

// found are the counts of a finding: by itself, with the level, and with each sign that the desk may know. None of them names a case.
func found(l *library.Library, s bot.Session, f bot.Finding) []string {
	level := ""
	if v := atDesk(l, s, content.Source); v.fillable() {
		if given := v.shown(v.summary()); len(given) > 0 {
			a := v.l.Book.Risk.Assess(v.flow.Facts(given))
			if level = a.Level.String(); a.Apart != "" {
				level = v.l.Book.Outcome("", a)
			}
		}
	}
	return bot.FindingCounts(f, level, Shown(l, s))
}

// referral is what a place, or what stands in its stead, is called.
func referral(l *library.Library, place string, lang *content.Language) string {
	switch name := "places." + place + ".name"; {
	case place == Nowhere || place == Elsewhere:
		return lang.Text("desk.referred-" + place)
	case lang.Has(name):
		return lang.Text(name)
	}
	return place
}

// PlaceName is what a place to which somebody was referred is called in a language.
func PlaceName(l *library.Library, place, lang string) string {
	return referral(l, place, l.Catalog.Language(lang))
}

// finds carries out the acts outcome and referred, by which somebody says afterwards what a talk came to.
func (t *turn) finds(word, arg string) {
	c := t.s.Case
	finding, place, _ := strings.Cut(arg, " ")
	if word == "referred" {
		finding, place = "", arg
	}
	if c.State != bot.Closed || arg == "" || word == "outcome" && c.Outcome != bot.NoFinding || word == "referred" && c.Place != "" || !t.find(finding, place) {
		t.refuse("state")
		return
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}

// mostReferred is how many places stand on the card of a closed case.
const mostReferred = 6

// findings are the buttons by which somebody says what a closed talk came to: first that, then where the person was referred to.
func (v view) findings() (rows [][]bot.Button) {
	c := v.s.Case
	switch {
	case c.Outcome == bot.NoFinding:
		for _, f := range bot.Findings() {
			rows = append(rows, []bot.Button{v.deskButton("outcome-"+f.String(), "case:outcome:"+f.String())})
		}
	case c.Place == "":
		rows = append(rows, []bot.Button{v.deskButton("referred-"+Nowhere, "case:referred:"+Nowhere)})
		for _, p := range v.likely(mostReferred) {
			rows = append(rows, []bot.Button{{Label: cut(v.lang.Text("places."+p.Name+".name"), content.MaxLabel), Data: "case:referred:" + p.Name}})
		}
		rows = append(rows, []bot.Button{v.deskButton("referred-"+Elsewhere, "case:referred:"+Elsewhere)})
	}
	return rows
}

// likely are the places that a case's person is most likely to be referred to.
func (v view) likely(most int) []content.Place {
	places := slices.DeleteFunc(slices.Clone(v.l.Catalog.Order("numbers", v.where())), func(p content.Place) bool { return p.Kind == "emergency" })
	return places[:min(most, len(places))]
}

// Levels are the levels that a call can have, as it is heard.
func Levels() []string { return strings.Fields("low unknown concern high emergency") }

// Referral is a place to which a person can be referred.
type Referral struct{ Name, Label string }

// Referrals are where the person of a case can be referred to: what is likeliest where they are, and other places of theirs and of Lithuania.
func Referrals(l *library.Library, s bot.Session, lang string) (likely, others []Referral) {
	v := atDesk(l, s, lang)
	seen := map[string]bool{}
	take := func(to *[]Referral, places []content.Place) {
		for _, p := range places {
			if !seen[p.Name] && p.Shown() {
				seen[p.Name] = true
				*to = append(*to, Referral{p.Name, v.lang.Text("places." + p.Name + ".name")})
			}
		}
	}
	take(&likely, v.likely(mostReferred))
	take(&others, v.l.Catalog.Order("numbers", v.where()))
	take(&others, v.l.Catalog.Order("numbers", "lithuania"))
	take(&others, v.l.Catalog.Order("helper", "lithuania"))
	return likely, others
}

// Listed is a place of the directory.
type Listed struct {
	Name, Label string
	Number      string // as it is read
	Country     string // in which country it is; empty: in none
	Words       string // what the person is told of it, in their language
}

// Directory lists every place that people are shown, those of the person's country first, then Lithuania's; in a counsellor's language, with what
// the person of the case would read of each.
func Directory(l *library.Library, s bot.Session, lang string) (out []Listed) {
	v, theirs := atDesk(l, s, lang), atDesk(l, s, s.Lang)
	where := v.where()
	if where == "lithuania" || where == "elsewhere" {
		where = ""
	}
	for turn, in := range []func(string) bool{
		func(c string) bool { return where != "" && c == where },
		func(c string) bool { return c == "" || c == "LT" },
		func(c string) bool { return true },
	} {
		for _, p := range l.Catalog.Places {
			home := p.Home()
			first := where != "" && home == where
			if !p.Shown() || !in(home) || turn > 0 && first || turn == 2 && (home == "" || home == "LT") {
				continue
			}
			x := Listed{Name: p.Name, Label: v.lang.Text("places." + p.Name + ".name"), Number: p.Spaced(), Words: strings.ReplaceAll(theirs.place(p), "**", "")}
			if l.Catalog.Offers(home) {
				x.Country = v.lang.CountryName(home)
			}
			out = append(out, x)
		}
	}
	return out
}

// Signs are the warning signs that can be named of a call by telephone, as a language calls them.
func Signs(l *library.Library, lang string) (out []Referral) {
	texts := l.Catalog.Language(lang)
	for _, f := range l.Book.Flags {
		if name := "flags.flags." + f.Name + ".name"; texts.Has(name) {
			out = append(out, Referral{f.Name, strings.TrimSuffix(texts.Text(name), ".")})
		}
	}
	return out
}
