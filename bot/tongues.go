package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"patikra/content"
)

// Which languages are spoken at the desk, and how many talks somebody has at once.

// roomTexts are the texts of the desk's page as a room to work in, by their names in console.yaml.
var roomTexts = strings.Fields(`next next-none next-full not-spoken work work-speaks work-most most save act-speaks reply-find reply-nothing keys keys-on shut
	key-next key-down key-up key-unread key-queue key-take key-answer key-reply key-note key-card key-look key-transfer key-release key-close key-send key-other key-leave key-map`)

// roomDeskTexts are those of desk.yaml.
var roomDeskTexts = []string{"spoken", "regions"}

// MostTalks is the highest number of talks at once that an account can be given.
const MostTalks = 50

// ErrNoAccount says that there is no account of that name any more.
var ErrNoAccount = errors.New("there is no such account")

// Spoken are the languages in which the account answers people: its own, else those of desk.yaml.
func (a *Account) Spoken(d *content.Desk) []string {
	if a != nil && len(a.Speaks) > 0 {
		return a.Speaks
	}
	return d.Languages
}

// speaks are the languages in which somebody at the desk answers people. Members of the group have those of desk.yaml.
func (a *Accounts) speaks(who Actor, d *content.Desk) []string {
	id, _ := strings.CutPrefix(who.ID, ConsoleName+":")
	return a.Find(id).Spoken(d)
}

// SpokenBy are the languages that these counsellors speak together, in the order of the catalog; those of desk.yaml when there is
// nobody. An outage of the accounts leaves those of desk.yaml.
func (b *Bot) SpokenBy(ctx context.Context, who ...Actor) []string {
	d := &b.Library().Catalog.Desk
	all, err := b.Accounts(ctx)
	if err != nil || len(who) == 0 {
		return d.Languages
	}
	var out []string
	for _, l := range b.Library().Catalog.Spoken() {
		if slices.ContainsFunc(who, func(a Actor) bool { return slices.Contains(all.speaks(a, d), l.Tag) }) {
			out = append(out, l.Tag)
		}
	}
	return out
}

// SetWork writes down in which languages an account answers people, none: those of desk.yaml, and how many talks it has at once, 0: as
// many as come. Languages without texts are left out. ErrNoAccount when there is no such account.
func (b *Bot) SetWork(ctx context.Context, id string, speaks []string, most int, now time.Time) error {
	var known []string
	for _, l := range b.Library().Catalog.Spoken() {
		if slices.Contains(speaks, l.Tag) {
			known = append(known, l.Tag)
		}
	}
	return b.ChangeAccounts(ctx, now, func(all *Accounts) error {
		a := all.Find(id)
		if a == nil {
			return ErrNoAccount
		}
		a.Speaks, a.Most = known, min(max(most, 0), MostTalks)
		return nil
	})
}

// spoken names the languages that are spoken at the desk, each in itself, when the person's is not among them; empty when it is, and
// when none is known.
func (v view) spoken(tags []string) string {
	mine := v.l.Catalog.Base(v.s.Lang)
	if len(tags) == 0 || slices.Contains(tags, mine) {
		return ""
	}
	return v.names(tags)
}

// names says which languages are spoken at the desk.
func (v view) names(tags []string) string {
	var names []string
	for _, tag := range tags {
		if lang := v.l.Catalog.Language(tag); lang != nil {
			names = append(names, lang.Text("chat.language-name"))
		}
	}
	return strings.ReplaceAll(v.wording("spoken"), "{languages}", strings.Join(names, ", "))
}
