package console

import (
	"context"
	"net/http"
	"strings"

	"patikra/bot"
)

// mostFolded is how many of the cases that were put aside a page shows; the next ones follow when these are dealt with.
const mostFolded = 100

// folded shows the cases that were put aside because more came from the web at once than anybody can look at. Each can be opened
// and taken as any other; a lead can end many at once, with a reason.
func (c *Console) folded(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	all, err := c.bot.Folded(ctx)
	if err != nil && !bot.Partial(err) {
		c.away(v, err)
		return
	}
	if v.r.Method == http.MethodPost {
		c.endFolded(ctx, v, all)
		return
	}
	d := c.data(v, "folded")
	d.Queue = &Queue{Folded: len(all), Partial: err != nil}
	for _, m := range all[:min(len(all), mostFolded)] {
		s, err := c.bot.Case(ctx, m.Key)
		if err != nil {
			c.away(v, err)
			return
		}
		if s.Case.Active() {
			d.Queue.Waiting = append(d.Queue.Waiting, c.entry(d, m.Key, &s, v.now))
		}
	}
	c.show(v, http.StatusOK, d)
}

// endFolded ends the ticked cases that are still put aside. Each is noted with who did it and why.
func (c *Console) endFolded(ctx context.Context, v *visit, all []bot.Marked) {
	form := v.r.PostForm
	reason := strings.TrimSpace(form.Get("reason"))
	switch {
	case v.account.Role != bot.Lead:
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
	for _, id := range ticked[:min(len(ticked), mostFolded)] {
		key, ok := c.names.key(id)
		if !ok || !still[key] {
			continue
		}
		s, err := c.bot.Case(ctx, key)
		if err == nil && s.Case.Active() && s.Case.Folded {
			_, err = c.bot.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Acted, Text: "close", Actor: v.account.Actor(), At: v.now})
			c.did(ctx, v, "close", bot.About{Case: key, Name: reason})
		}
		if err != nil {
			c.away(v, err)
			return
		}
	}
	http.Redirect(v.w, v.r, Path+"/folded", http.StatusSeeOther)
}
