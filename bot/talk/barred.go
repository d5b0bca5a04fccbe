package talk

import (
	"strings"
	"time"

	"patikra/bot"
	"patikra/content"
)

// Somebody who abuses the counsellors can be barred from them for a day. They still have the questions and the numbers, and are told kindly until
// when it holds. Nobody in danger is shut out by it: it never holds for answers that come to an emergency or tell of somebody under 18, and a case of that urgency
// cannot be barred. It is kept with the case, so that who has everything erased comes as anybody does; a lead lifts it.

// barTime is how long it holds.
const barTime = 24 * time.Hour

// barred reports whether the person is to be told that no counsellor is there for them.
func (t *turn) barred() bool {
	return t.s.Case.Bars(t.u.At) && !t.s.Case.Active() && Urgency(t.l, &t.s) != bot.Danger
}

// isBarred says until when.
func isBarred(c *bot.Case, v view) string {
	return strings.ReplaceAll(v.wording("barred"), "{time}", v.clock(c.Barred))
}

// shut tells them so, with the numbers.
func (t *turn) shut() {
	t.count("barred")
	t.note = isBarred(t.s.Case, t.view())
	t.p.Toast = cut(t.note, content.MaxToast) // for doors that draw
	t.over(bot.Human)
	t.below = true // it is said also where the same screen stands already
	t.show()
}

// bar carries out the acts bar and unbar.
func (t *turn) bar(word string, a bot.Actor) {
	c := t.s.Case
	switch {
	case word == "unbar" && (!a.Lead || !c.Bars(t.u.At)), word == "bar" && !c.Active():
		t.refuse("state")
		return
	case word == "unbar":
		c.Barred = 0
		t.desk("unbarred", "{name}", a.Name)
	case !t.holds(a, "taken"):
		return
	case c.Urgent == bot.Danger || Urgency(t.l, &t.s) == bot.Danger:
		t.refuse("danger")
		return
	default:
		c.Move(bot.EventClose, t.u.At)
		c.Barred = t.u.At.Add(barTime).Unix()
		t.find(bot.Nobody.String(), Nowhere)
		t.count("handoff.closed")
		t.desk("barred", "{name}", a.Name)
		t.shut()
		t.notice(func(v view) string { return isBarred(c, v) })
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}
