package bot

import (
	"strings"
	"time"

	"patikra/content"
)

// Somebody who abuses the counsellors can be barred from them for a day. They still have the questions and the numbers, and are told kindly until
// when it holds. Nobody in danger is shut out by it: it never holds for answers that come to an emergency or tell of somebody under 18, and a case of that urgency
// cannot be barred. It is kept with the case, so that who has everything erased comes as anybody does; a lead lifts it.

// barTime is how long it holds.
const barTime = 24 * time.Hour

// Bars reports whether a person is barred from the counsellors at a time, but for danger.
func (c *Case) Bars(now time.Time) bool { return c != nil && c.Barred > now.Unix() }

// barred reports whether the person is to be told that no counsellor is there for them.
func (t *turn) barred() bool {
	return t.s.Case.Bars(t.u.At) && !t.s.Case.Active() && t.l.urgency(&t.s) != Danger
}

// isBarred says until when.
func (c *Case) isBarred(v view) string {
	return strings.ReplaceAll(v.wording("barred"), "{time}", v.clock(c.Barred))
}

// shut tells them so, with the numbers.
func (t *turn) shut() {
	t.count("barred")
	t.note = t.s.Case.isBarred(t.view())
	t.p.Toast = cut(t.note, content.MaxToast) // for doors that draw
	t.over(Human)
	t.below = true // it is said also where the same screen stands already
	t.show()
}

// bar carries out the acts bar and unbar.
func (t *turn) bar(word string, a Actor) {
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
	case c.Urgent == Danger || t.l.urgency(&t.s) == Danger:
		t.refuse("danger")
		return
	default:
		c.move(eventClose, t.u.At)
		c.Barred = t.u.At.Add(barTime).Unix()
		t.find(Nobody.String(), Nowhere)
		t.count("handoff.closed")
		t.desk("barred", "{name}", a.Name)
		t.shut()
		t.notice(func(v view) string { return c.isBarred(v) })
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}
