package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"patikra/content"
)

// closingTexts are those texts of desk.yaml, and closingPageTexts of console.yaml, that are about what a talk came to and what stands beside it.
var (
	closingTexts = strings.Fields(`note-filled note-unfilled card-filled card-outcome card-referred outcome-exploitation outcome-fraud outcome-labour outcome-no-sign
		outcome-unclear outcome-test referred-nobody referred-other
		barred card-barred note-barred note-unbarred refused-danger refused-barred`)
	closingPageTexts = strings.Fields(`protocols protocol-fits protocol-done danger-number danger-nowhere tick untick fill fill-hint unfill act-fill act-unfill
		close-outcome close-done close-list close-missing places places-hint places-find phone phone-text phone-level phone-signs phone-done risk-low risk-unknown risk-concern risk-high risk-emergency act-phone act-outcome act-referred
		any audit-day audit-file withdraw end-sessions end-sessions-ask me-text me-end me-ended shift shift-none shift-write shift-hint shift-keep shift-clear shift-moved act-withdraw act-end-sessions act-shift-note act-deeds-file
		bar bar-hint bar-ask unbar closed closed-word closed-level closed-unsaid closed-none closed-more act-bar act-unbar`)
)

// Finding is what a talk came to, as the counsellor sees it when it is over. It leaves the program as a count alone.
type Finding uint8

// The findings.
const (
	NoFinding     Finding = iota // nobody has said
	Exploitation                 // is likely
	Fraud                        // somebody wants money or data
	LabourDispute                // pay, hours or a contract, and nothing worse
	NoSign                       // nothing speaks against the offer
	Unclear
	Nobody // a test, silence or abuse
)

var findingNames = [...]string{"", "exploitation", "fraud", "labour", "no-sign", "unclear", "test"}

// String is the finding's name in acts, texts and counts; empty for NoFinding.
func (f Finding) String() string { return findingNames[min(int(f), len(findingNames)-1)] }

// Findings lists what can be said of a talk.
func Findings() []Finding {
	return []Finding{Exploitation, Fraud, LabourDispute, NoSign, Unclear, Nobody}
}

// FindingNamed returns the finding of a name; NoFinding when there is none.
func FindingNamed(name string) Finding {
	if i := slices.Index(findingNames[:], name); i > 0 {
		return Finding(i)
	}
	return NoFinding
}

// What stands in place of a place to which a person was referred.
const (
	Nowhere   = "nobody" // the talk was enough
	Elsewhere = "other"  // to somebody who is not among the places
)

// refers reports whether somebody can be referred there.
func (l *Library) refers(place string) bool {
	return place == Nowhere || place == Elsewhere || slices.ContainsFunc(l.Catalog.Places, func(p content.Place) bool { return p.Name == place })
}

// find takes what a talk came to, and where the person was referred to, each if it is named. It counts a talk once. It reports false when
// something named is not known.
func (t *turn) find(finding, place string) bool {
	c := t.s.Case
	f := FindingNamed(finding)
	if finding != "" && f == NoFinding || place != "" && !t.newest.refers(place) {
		return false
	}
	if f != NoFinding {
		c.Outcome = f
		if !c.Counted {
			t.p.Counts = append(t.p.Counts, t.newest.found(t.s, f)...)
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
func (l *Library) found(s Session, f Finding) []string {
	level := ""
	if v := l.atDesk(s, content.Source); v.fillable() {
		if given := v.shown(v.summary()); len(given) > 0 {
			a := v.l.Book.Risk.Assess(v.flow.Facts(given))
			if level = a.Level.String(); a.Apart != "" {
				level = v.l.Book.Outcome("", a)
			}
		}
	}
	return findingCounts(f, level, l.Shown(s))
}

func findingCounts(f Finding, level string, flags []string) []string {
	name := "outcome." + f.String()
	if level == "" {
		level = "none"
	}
	out := []string{name, name + ".level." + level}
	for _, flag := range flags {
		out = append(out, name+".flag."+flag)
	}
	return out
}

// referral is what a place, or what stands in its stead, is called.
func (l *Library) referral(place string, lang *content.Language) string {
	switch name := "places." + place + ".name"; {
	case place == Nowhere || place == Elsewhere:
		return lang.Text("desk.referred-" + place)
	case lang.Has(name):
		return lang.Text(name)
	}
	return place
}

// PlaceName is what a place to which somebody was referred is called in a language.
func (l *Library) PlaceName(place, lang string) string {
	return l.referral(place, l.Catalog.Language(lang))
}

// finds carries out the acts outcome and referred, by which somebody says afterwards what a talk came to.
func (t *turn) finds(word, arg string) {
	c := t.s.Case
	finding, place, _ := strings.Cut(arg, " ")
	if word == "referred" {
		finding, place = "", arg
	}
	if c.State != Closed || arg == "" || word == "outcome" && c.Outcome != NoFinding || word == "referred" && c.Place != "" || !t.find(finding, place) {
		t.refuse("state")
		return
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}

// mostReferred is how many places stand on the card of a closed case.
const mostReferred = 6

// findings are the buttons by which somebody says what a closed talk came to: first that, then where the person was referred to.
func (v view) findings() (rows [][]Button) {
	c := v.s.Case
	switch {
	case c.Outcome == NoFinding:
		for _, f := range Findings() {
			rows = append(rows, []Button{v.deskButton("outcome-"+f.String(), "case:outcome:"+f.String())})
		}
	case c.Place == "":
		rows = append(rows, []Button{v.deskButton("referred-"+Nowhere, "case:referred:"+Nowhere)})
		for _, p := range v.likely(mostReferred) {
			rows = append(rows, []Button{{cut(v.lang.Text("places."+p.Name+".name"), content.MaxLabel), "case:referred:" + p.Name}})
		}
		rows = append(rows, []Button{v.deskButton("referred-"+Elsewhere, "case:referred:"+Elsewhere)})
	}
	return rows
}

// likely are the places that a case's person is most likely to be referred to.
func (v view) likely(most int) []content.Place {
	places := slices.DeleteFunc(slices.Clone(v.l.Catalog.Order("numbers", v.where())), func(p content.Place) bool { return p.Kind == "emergency" })
	return places[:min(most, len(places))]
}

// PhoneCall is what a counsellor writes down of a talk that took place by telephone: what it came to, and nothing of who called.
type PhoneCall struct {
	Finding Finding
	Place   string   // a place's name, Nowhere or Elsewhere
	Level   string   // low, unknown, concern, high or emergency
	Flags   []string // warning signs, by their names in the files
}

// ErrPhoneCall says that something of a call is not known.
var ErrPhoneCall = errors.New("the call names something that is not known")

var phoneAddress = Address{Channel: DeskName, ID: "phone"}

// mostSigns bounds the warning signs of one call.
const mostSigns = 40

// WriteDown counts a call by telephone as a closed talk is counted. Nothing else is kept of it. once names the form, so that sent twice it
// counts once; 0 counts each time.
func (b *Bot) WriteDown(ctx context.Context, p PhoneCall, once uint64, now time.Time) error {
	l := b.Library()
	flags := slices.Clone(p.Flags)
	slices.Sort(flags)
	flags = slices.Compact(flags)
	known := func(flag string) bool { return l.Book.Flag(flag) >= 0 }
	if p.Finding == NoFinding || int(p.Finding) >= len(findingNames) || !l.refers(p.Place) || !slices.Contains(Levels(), p.Level) || len(flags) > mostSigns || slices.ContainsFunc(flags, func(f string) bool { return !known(f) }) {
		return ErrPhoneCall
	}
	key := b.Key(phoneAddress)
	rec, err := b.store.Load(ctx, key)
	for n := 0; err == nil && n < tries; n++ {
		var seen []uint64 // the forms that were counted last
		if rec.Version != 0 {
			plain, broken := b.openRecord(ctx, key, sealedRoster, rec)
			if broken != nil || json.Unmarshal(plain, &seen) != nil {
				seen = nil
			}
		}
		if once != 0 && slices.Contains(seen, once) {
			return nil
		}
		seen = append(seen, once)
		plain, _ := json.Marshal(seen[max(0, len(seen)-MaxSeen):])
		c := Commit{Key: key, Base: rec.Version, Next: rec.Version + 1, TTL: 24 * time.Hour, Now: now, Day: now.UTC().Format(time.DateOnly),
			Counts: append(findingCounts(p.Finding, p.Level, flags), "phone", "referred."+p.Place)}
		if rec.Version == 0 || c.Next == 0 {
			c.Next = rand.Uint32() | 1
		}
		c.Value = b.ring.SealVersion(key.Partition, key.Hash, sealedRoster, c.Next, plain)
		var done Committed
		if done, err = b.store.Commit(ctx, c); err == nil {
			return nil
		}
		if errors.Is(err, ErrConflict) && n+1 < tries {
			rec, err = done.Newest, nil
		}
	}
	return fmt.Errorf("write down a call: %w", err)
}

// Levels are the levels that a call can have, as it is heard.
func Levels() []string { return strings.Fields("low unknown concern high emergency") }

// Referral is a place to which a person can be referred.
type Referral struct{ Name, Label string }

// Referrals are where the person of a case can be referred to: what is likeliest where they are, and other places of theirs and of Lithuania.
func (l *Library) Referrals(s Session, lang string) (likely, others []Referral) {
	v := l.atDesk(s, lang)
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
func (l *Library) Directory(s Session, lang string) (out []Listed) {
	v, theirs := l.atDesk(s, lang), l.atDesk(s, s.Lang)
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
func (l *Library) Signs(lang string) (out []Referral) {
	texts := l.Catalog.Language(lang)
	for _, f := range l.Book.Flags {
		if name := "flags.flags." + f.Name + ".name"; texts.Has(name) {
			out = append(out, Referral{f.Name, strings.TrimSuffix(texts.Text(name), ".")})
		}
	}
	return out
}
