package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// What makes the desk a room to work in: who comes next, who speaks what, and how many talks somebody has at once.

// Work is what an account has chosen for its work.
type Work struct {
	ID     string
	Own    bool // it is of whoever looks
	Speaks []Speaks
	Most   int
}

// Speaks is a language, and whether an account answers people in it.
type Speaks struct {
	Tag, Name string
	Yes       bool
}

// work draws what an account has chosen.
func (d *Data) work(a *desk.Account) Work {
	catalog := d.console.bot.Library().Catalog
	w := Work{ID: a.ID, Own: a.ID == d.Account.ID, Most: a.Most}
	spoken := a.Spoken(&catalog.Desk)
	for _, l := range catalog.Spoken() {
		w.Speaks = append(w.Speaks, Speaks{l.Tag, l.Text("chat.language-name"), slices.Contains(spoken, l.Tag)})
	}
	return w
}

// speaks writes down in which languages an account answers people, and how many talks it has at once: one's own, or for a lead anybody's.
func (c *Console) speaks(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	form := v.r.PostForm
	id := cmp.Or(form.Get("id"), v.account.ID)
	most, err := strconv.Atoi(cmp.Or(form.Get("most"), "0"))
	switch {
	case id != v.account.ID && v.account.Role != desk.Lead:
		c.refuse(v, http.StatusForbidden, "not-allowed")
		return
	case err != nil || most < 0 || most > talk.MostTalks:
		c.refuse(v, http.StatusBadRequest, "not-found")
		return
	}
	switch err := c.bot.SetWork(ctx, id, form["speaks"], most, v.now); {
	case errors.Is(err, desk.ErrNoAccount):
		c.refuse(v, http.StatusNotFound, "not-found")
		return
	case err != nil:
		c.away(v, err)
		return
	}
	to := Path
	if id != v.account.ID || form.Get("back") == "team" {
		to = Path + "/team"
		c.did(ctx, v, "speaks", desk.About{Name: id})
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// nextFirst puts the waiting into the order in which somebody should take them. The queue's own order stands: the most urgent, then who has
// waited longest. Among those of one urgency, whom this counsellor cannot talk with stands behind the others as long as somebody else
// on duty can and their time for a first answer has not run out.
func nextFirst(waiting []Entry) []Entry {
	out := slices.Clone(waiting)
	slices.SortStableFunc(out, func(a, b Entry) int {
		if a.urgent != b.urgent {
			return cmp.Compare(b.urgent, a.urgent)
		}
		switch {
		case a.forOthers == b.forOthers:
			return 0
		case a.forOthers:
			return 1
		}
		return -1
	})
	return out
}

// next gives the counsellor the next person who waits, and opens their talk.
func (c *Console) next(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "queue")
	q, err := c.queueFor(ctx, v, d)
	if err != nil {
		c.away(v, err)
		return
	}
	why := "next-none"
	if q.Full {
		why = "next-full"
	} else {
		for _, e := range nextFirst(q.Waiting) {
			key, ok := c.names.key(e.ID)
			if !ok {
				continue
			}
			s, err := c.bot.Case(ctx, key)
			if err != nil {
				c.away(v, err)
				return
			}
			if !s.Case.Active() || s.Case.State == bot.Taken {
				continue
			}
			if _, err := c.bot.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Acted, Text: "take", Actor: v.account.Actor(), At: v.now}); err != nil {
				c.away(v, err)
				return
			}
			if s, err = c.bot.Case(ctx, key); err != nil {
				c.away(v, err)
				return
			}
			if s.Case.HeldBy(v.account.Actor()) { // else a colleague was faster
				c.did(ctx, v, "take", desk.About{Case: key})
				http.Redirect(v.w, v.r, Path+"/case/"+e.ID, http.StatusSeeOther)
				return
			}
		}
	}
	d.Note, d.Queue = d.Say(why), q
	d.count(q)
	c.show(v, http.StatusOK, d)
}

// keyMap is what each key does on the desk's pages; desk.js carries it out. The second word names the text after key-.
var keyMap = [][2]string{{"n", "next"}, {"j", "down"}, {"k", "up"}, {"u", "unread"}, {"q", "queue"}, {"t", "take"}, {"r", "answer"}, {"/", "reply"},
	{"m", "note"}, {"c", "card"}, {"l", "look"}, {"o", "transfer"}, {"b", "release"}, {"x", "close"}, {"Ctrl + Enter", "send"}, {"Alt + ↓ ↑", "other"}, {"Esc", "leave"}, {"?", "map"}}
