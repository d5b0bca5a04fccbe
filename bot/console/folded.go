package console

import (
	"context"
	"net/http"
	"strings"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// mostFolded is how many of the cases that were put aside a page shows; the next ones follow when these are dealt with.
const mostFolded = 100

// folded shows the cases that were put aside because more came from the web at once than anybody can look at, and for a lead those from
// the web that stand in the queue: a machine fills it first. Each can be opened and taken as any other; a lead can end many at once, with
// a reason.
func (c *Console) folded(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	queued, all, err := c.bot.FromWeb(ctx)
	if err != nil && !bot.Partial(err) {
		c.away(v, err)
		return
	}
	if v.r.Method == http.MethodPost {
		c.endFolded(ctx, v, append(all, queued...))
		return
	}
	d := c.data(v, "folded")
	d.Queue = &Queue{Folded: len(all), Partial: err != nil}
	if d.Queue.Waiting, err = c.entries(ctx, v, d, all); err == nil && v.account.Role == desk.Lead {
		d.Queue.Web, err = c.entries(ctx, v, d, queued)
	}
	if err != nil {
		c.away(v, err)
		return
	}
	c.show(v, http.StatusOK, d)
}

// entries are the first mostFolded of the cases, as the queue shows them.
func (c *Console) entries(ctx context.Context, v *visit, d *Data, marked []bot.Marked) (out []Entry, err error) {
	for _, m := range marked[:min(len(marked), mostFolded)] {
		s, err := c.bot.Case(ctx, m.Key)
		if err != nil {
			return nil, err
		}
		if s.Case.Active() {
			out = append(out, c.entry(d, m.Key, &s, v.now))
		}
	}
	return out, nil
}

// endFolded ends the ticked cases that nobody has taken meanwhile. Each is noted with who did it and why.
func (c *Console) endFolded(ctx context.Context, v *visit, all []bot.Marked) {
	form := v.r.PostForm
	reason := strings.TrimSpace(form.Get("reason"))
	switch {
	case v.account.Role != desk.Lead:
		c.refuse(v, http.StatusForbidden, "not-allowed")
		return
	case form.Get("do") != "close" || form.Get("sure") != "yes" || reason == "" || len([]rune(reason)) > 200:
		c.refuse(v, http.StatusBadRequest, "empty")
		return
	}
	still := map[bot.Key]bool{}
	for _, m := range all {
		still[m.Key] = true
	}
	ticked := form["case"]
	for _, id := range ticked[:min(len(ticked), 2*mostFolded)] {
		key, ok := c.names.key(id)
		if !ok || !still[key] {
			continue
		}
		s, err := c.bot.Case(ctx, key)
		if err == nil && s.Case.Active() && s.Case.State != bot.Taken {
			_, err = c.bot.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Acted, Text: "close " + bot.Nobody.String() + " " + talk.Nowhere, Actor: v.account.Actor(), At: v.now})
			c.did(ctx, v, "close", desk.About{Case: key, Name: reason})
		}
		if err != nil {
			c.away(v, err)
			return
		}
	}
	http.Redirect(v.w, v.r, Path+"/folded", http.StatusSeeOther)
}
