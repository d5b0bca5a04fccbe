package talk

import (
	"strconv"
)

// rung notes that counsellors were called in browsers, in the log alone: the group has its own call.
func (t *turn) rung() {
	if !t.s.Case.Active() {
		t.p.Repeat = true // nothing is noted of a talk that is over
		return
	}
	note := "pushed"
	if t.u.Ref == 0 {
		note = "unpushed"
	}
	t.count("handoff." + note)
	values := []string{"{names}", t.u.Text, "{count}", strconv.FormatInt(t.u.Ref, 10)}
	t.entry(viewOf(t.newest, &t.s), ofNote(note, func(view) []string { return values }))
}
