package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
)

// Team is the lead's page of accounts.
type Team struct {
	People  []Colleague
	Invited []Colleague
	Link    string // the invitation that was just made
	For     string
}

// Colleague is an account, or somebody who was invited.
type Colleague struct {
	ID, Name, Role, Until string
	Keys                  int // passkeys
	Me                    bool
	Counsels              bool
	Tongues               string
	Work                  Work
}

// team shows the accounts; POST invites somebody, or removes one.
func (c *Console) team(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "team")
	d.Waits = c.waits(d)
	t := &Team{}
	d.Team = t
	if v.r.Method == http.MethodPost {
		form := v.r.PostForm
		var err error
		switch form.Get("do") {
		case "invite":
			var token string
			var made desk.Invitation
			token, made, err = c.bot.Invite(ctx, form.Get("name"), desk.Role(form.Get("role")), v.now)
			var name *desk.ErrName
			if errors.As(err, &name) {
				d.Note, err = name.Why, nil
				break
			}
			if err == nil {
				c.did(ctx, v, "invite", desk.About{Name: made.Name, Role: made.Role})
				t.Link, t.For = Link(c.base(v), token), form.Get("name")
			}
		case "withdraw":
			gone, ok, lost := c.bot.Withdraw(ctx, form.Get("name"), v.now)
			if err = lost; err == nil && ok {
				c.did(ctx, v, "withdraw", desk.About{Name: gone.Name, Role: gone.Role})
			}
			if err == nil {
				http.Redirect(v.w, v.r, Path+"/team", http.StatusSeeOther)
				return
			}
		case "end":
			if form.Get("id") == v.account.ID {
				d.Note = d.Say("not-allowed")
				break
			}
			who, ok, lost := c.bot.EndSessions(ctx, form.Get("id"), v.now)
			if err = lost; err == nil && ok {
				c.did(ctx, v, "end-sessions", desk.About{Name: who.Name, Role: who.Role})
			}
			if err == nil {
				http.Redirect(v.w, v.r, Path+"/team", http.StatusSeeOther)
				return
			}
		case "unkey":
			var who desk.About
			if all, err := c.bot.Accounts(ctx); err == nil {
				if a := all.Find(form.Get("id")); a != nil {
					who = desk.About{Name: a.Name, Role: a.Role}
				}
			}
			if err = c.bot.DropPasskeys(ctx, form.Get("id"), nil, v.now); err == nil {
				c.did(ctx, v, "key-remove", who)
			}
		case "remove":
			if form.Get("id") == v.account.ID {
				d.Note = d.Say("not-allowed")
				break
			}
			var who desk.About
			if all, err := c.bot.Accounts(ctx); err == nil {
				if a := all.Find(form.Get("id")); a != nil {
					who = desk.About{Name: a.Name, Role: a.Role}
				}
			}
			err = c.bot.RemoveAccount(ctx, form.Get("id"), v.now)
			if errors.Is(err, desk.ErrLastLead) {
				d.Note, err = d.Say("last-lead"), nil
				break
			}
			if err == nil {
				c.did(ctx, v, "remove", who)
				http.Redirect(v.w, v.r, Path+"/team", http.StatusSeeOther)
				return
			}
		}
		if err != nil {
			c.away(v, err)
			return
		}
	}
	all, err := c.bot.Accounts(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	for _, a := range all.List {
		p := Colleague{ID: a.ID, Name: a.Name, Role: d.Say("role-" + string(a.Role)), Me: a.ID == v.account.ID, Counsels: a.Role.Counsels(), Work: d.work(&a), Keys: len(a.Keys)}
		p.Tongues = d.tongues(a.Spoken(&c.bot.Library().Catalog.Desk))
		t.People = append(t.People, p)
	}
	for _, i := range all.Invited {
		if i.Until > v.now.Unix() {
			t.Invited = append(t.Invited, Colleague{Name: i.Name, Role: d.Say("role-" + string(i.Role)), Until: d.clock(time.Unix(i.Until, 0), v.now)})
		}
	}
	slices.SortFunc(t.People, func(a, b Colleague) int { return strings.Compare(a.Name, b.Name) })
	c.show(v, http.StatusOK, d)
}

// base is the address that links begin with.
func (c *Console) base(v *visit) string {
	if c.set.AnyHost {
		return "http://" + v.r.Host
	}
	return c.set.URL
}

// Deed is a line of the list of who did what.
type Deed struct{ At, Who, What, Case, About string }

// who names whose deed it was: by the account, or as the group calls its member, with the last digits that keep two of one name apart.
func (d *Data) who(x desk.Deed, accounts *desk.Accounts) string {
	id, account := strings.CutPrefix(x.Who, bot.ConsoleName+":")
	i := slices.IndexFunc(accounts.List, func(a desk.Account) bool { return account && a.ID == id || a.Of != "" && a.Of == x.Who })
	switch {
	case i >= 0:
		return accounts.List[i].Name
	case d.lang.Has("console.by-" + x.Who):
		return d.Say("by-" + x.Who)
	case account:
		return id
	}
	_, id, _ = strings.Cut(x.Who, ":")
	return strings.TrimSpace(cmp.Or(x.By, d.Say("by-"+desk.GroupName)) + " " + id[max(0, len(id)-5):])
}

// about says to whom or what a deed was done, and how often.
func (d *Data) about(x desk.Deed) string {
	var parts []string
	if x.Name != "" {
		parts = append(parts, x.Name)
	}
	if x.Role.Known() {
		parts = append(parts, d.Say("role-"+string(x.Role)))
	}
	if x.Times > 1 || x.What == "more" {
		parts = append(parts, "×"+strconv.Itoa(x.Times))
	}
	return strings.Join(parts, ", ")
}
