package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/content"
)

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
func (a *Accounts) speaks(who bot.Actor, d *content.Desk) []string {
	id, _ := strings.CutPrefix(who.ID, bot.ConsoleName+":")
	return a.Find(id).Spoken(d)
}

// SpokenBy are the languages that these counsellors speak together, in the order of the catalog; those of desk.yaml when there is
// nobody. An outage of the accounts leaves those of desk.yaml.
func (b *Desk) SpokenBy(ctx context.Context, who ...bot.Actor) []string {
	d := &b.Library().Catalog.Desk
	all, err := b.Accounts(ctx)
	if err != nil || len(who) == 0 {
		return d.Languages
	}
	var out []string
	for _, l := range b.Library().Catalog.Spoken() {
		if slices.ContainsFunc(who, func(a bot.Actor) bool { return slices.Contains(all.speaks(a, d), l.Tag) }) {
			out = append(out, l.Tag)
		}
	}
	return out
}

// SetWork writes down in which languages an account answers people, none: those of desk.yaml, and how many talks it has at once, 0: as
// many as come. Languages without texts are left out. ErrNoAccount when there is no such account.
func (b *Desk) SetWork(ctx context.Context, id string, speaks []string, most int, now time.Time) error {
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
		a.Speaks, a.Most = known, min(max(most, 0), talk.MostTalks)
		return nil
	})
}
