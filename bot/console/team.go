package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"patikra/bot"
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
	Me                    bool
}

// team shows the accounts; POST invites somebody, or removes one.
func (c *Console) team(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "team")
	t := &Team{}
	d.Team = t
	if v.r.Method == http.MethodPost {
		form := v.r.PostForm
		var err error
		switch form.Get("do") {
		case "invite":
			var token string
			token, _, err = c.bot.Invite(ctx, form.Get("name"), bot.Role(form.Get("role")), v.now)
			var name *bot.ErrName
			if errors.As(err, &name) {
				d.Note, err = name.Why, nil
				break
			}
			if err == nil {
				c.did(ctx, v, "invite", bot.Key{})
				t.Link, t.For = Link(c.base(v), token), form.Get("name")
			}
		case "remove":
			if form.Get("id") == v.account.ID {
				d.Note = d.Say("not-allowed")
				break
			}
			if err = c.bot.RemoveAccount(ctx, form.Get("id"), v.now); err == nil {
				c.did(ctx, v, "remove", bot.Key{})
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
		t.People = append(t.People, Colleague{ID: a.ID, Name: a.Name, Role: d.Say("role-" + string(a.Role)), Me: a.ID == v.account.ID})
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
type Deed struct{ At, Who, What, Case string }

// deeds shows who did what.
func (c *Console) deeds(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "deeds")
	all, err := c.bot.Deeds(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	accounts, err := c.bot.Accounts(ctx)
	if err != nil {
		c.away(v, err)
		return
	}
	for _, x := range all {
		out := Deed{At: d.clock(time.Unix(x.At, 0), v.now), Who: x.Who, What: x.What, Case: x.Case}
		if a := accounts.Find(strings.TrimPrefix(x.Who, bot.ConsoleName+":")); a != nil {
			out.Who = a.Name
		}
		if d.lang.Has("console.act-" + x.What) {
			out.What = d.Say("act-" + x.What)
		}
		d.Deeds = append(d.Deeds, out)
	}
	c.show(v, http.StatusOK, d)
}
