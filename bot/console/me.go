package console

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"patikra/bot/desk"
)

// me is an account's own page: where else it is signed in ends by one press.
func (c *Console) me(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	d := c.data(v, "me")
	if v.r.Method == http.MethodPost {
		if v.r.PostForm.Get("do") != "end" {
			c.refuse(v, http.StatusBadRequest, "not-found")
			return
		}
		if err := c.bot.EndOtherSessions(ctx, v.cookie, v.now); err != nil {
			c.away(v, err)
			return
		}
		c.did(ctx, v, "end-sessions", desk.About{Name: v.account.Name})
		http.Redirect(v.w, v.r, Path+"/me?done", http.StatusSeeOther)
		return
	}
	if v.r.URL.RawQuery == "done" {
		d.Note = d.Say("me-ended")
	}
	c.show(v, http.StatusOK, d)
}

// Shift is the note for the next shift, as the queue page shows it.
type Shift struct {
	desk.ShiftNote
	When  string
	Draft string // what was typed and not kept
}

// shift keeps the note for the next shift.
func (c *Console) shift(v *visit) {
	ctx, cancel := waiting(v)
	defer cancel()
	form := v.r.PostForm
	text := form.Get("note")
	if form.Get("do") == "clear" {
		text = ""
	}
	was, _ := strconv.ParseInt(form.Get("was"), 10, 64)
	err := c.bot.LeaveShiftNote(ctx, v.account.Actor(), text, was, v.now)
	if moved := errors.Is(err, desk.ErrNoteMoved); moved || errors.Is(err, desk.ErrShiftNote) {
		d := c.data(v, "queue")
		d.Here = Path
		q, err := c.queueFor(ctx, v, d)
		if err != nil {
			c.away(v, err)
			return
		}
		d.Queue = q
		d.count(q)
		q.Shift.Draft = text
		code := http.StatusUnprocessableEntity
		if d.Note = d.Count("too-long", desk.MostShiftNote); moved {
			code, d.Note = http.StatusConflict, d.Say("shift-moved")
		}
		c.show(v, code, d)
		return
	}
	if err != nil {
		c.away(v, err)
		return
	}
	c.did(ctx, v, "shift-note", desk.About{})
	http.Redirect(v.w, v.r, Path, http.StatusSeeOther)
}

// shiftNote is the note as a page shows it.
func (d *Data) shiftNote(n desk.ShiftNote, now time.Time) Shift {
	s := Shift{ShiftNote: n}
	if n.At != 0 {
		s.When = d.clock(time.Unix(n.At, 0), now)
	}
	return s
}
