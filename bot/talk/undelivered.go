package talk

import (
	"strings"
	"time"

	"patikra/bot"
)

// What becomes of a conversation when a message does not arrive, and when somebody comes back who was gone.

// mostQuoted bounds how much of a message is repeated in a note about it, in letters.
const mostQuoted = 80

// undelivered tells those whom it concerns that a message is late or given up.
func (t *turn) undelivered() {
	c := t.s.Case
	if t.u.Screen && t.u.Serial == t.s.Serial && t.s.Stage != bot.Fresh {
		t.s.Screen = 0 // it is nowhere: the next press draws it anew, however old the button
	}
	if c == nil || c.State == bot.NoCase {
		t.p.Erase = t.s.Stage == bot.Fresh
		return
	}
	if t.u.Text == "" && t.u.Media.Kind == "" && t.u.Kind != bot.Unpassed && !t.u.Inward { // a screen
		return
	}
	t.own()
	switch {
	case t.u.Kind == bot.Missed:
		t.deskQuoting("missed")
		if c.Active() {
			t.tell("missed")
		}
	case t.u.Kind == bot.Unpassed:
		t.desk("unpassed")
		if c.Active() {
			t.tell("unpassed")
		}
	case t.u.Inward:
		if c.Active() {
			t.tell("late")
		}
	default:
		t.deskQuoting("late")
	}
}

// deskQuoting tells the counsellors what became of the message that the update is about.
func (t *turn) deskQuoting(name string) {
	t.deskWith(viewOf(t.newest, &t.s), name, func(v view) []string { return []string{"{words}", v.quoted(t.u)} })
}

// quoted is the beginning of the message that an update is about.
func (v view) quoted(u bot.Update) string {
	text := u.Text
	if u.Media.Kind != "" {
		text = v.media(u.Media)
	}
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > mostQuoted {
		r = append(r[:mostQuoted-1], '…')
	}
	return strings.ReplaceAll(string(r), "**", "*")
}

// cutOff reports whether a talk ended because the person was gone, and can still be taken up.
func (t *turn) cutOff() bool {
	c := t.s.Case
	return c != nil && c.Parted && c.State == bot.Closed && t.u.At.Unix()-c.Since < int64(bot.ReopenTime/time.Second)
}

// cameBack notes that somebody who was gone is there again. Nothing on their screen tells of the talk: they may have gone so that
// nobody sees it.
func (t *turn) cameBack() {
	t.own().Gone = false
	if t.cutOff() {
		t.desk("back")
	}
}

// meant reports whether what somebody writes who has come back is for a human: no command, no word that the quiz knows, and no quiz
// begun again.
func (t *turn) meant() bool {
	if t.s.Stage > bot.Welcome {
		return false
	}
	if t.u.Kind == bot.Attached {
		return true
	}
	word, _ := t.intent()
	return word == "" || word == "typed-language"
}

// resume takes up the talk that was cut off, with what the person writes.
func (t *turn) resume() {
	t.reopen()
	before := len(t.p.Send)
	t.pass()
	if len(t.p.Send) == before {
		t.waits()
	}
}

// goOnTalking goes on with a talk that has ended, as the person wants; after a day it begins as any other does.
func (t *turn) goOnTalking() {
	if !t.s.Lately(t.u.At) {
		t.human("")
		return
	}
	t.reopen()
	t.s.Over = bot.Nothing
	t.waits()
}

// reopen has a talk that has ended wait again.
func (t *turn) reopen() {
	c := t.own()
	c.Move(bot.EventReopen, t.u.At)
	c.Parted, c.Bare, c.Folded, c.Asked = false, false, t.u.Desk.Full, t.u.At.Unix()
	c.Base = t.base(t.opens())
	t.count("handoff.resumed")
	t.desk("resumed")
	t.card()
}

// waits tells a person who waits again how it stands.
func (t *turn) waits() {
	opens := t.opens()
	c := t.s.Case
	stands := func(v view) string {
		switch {
		case c.Folded:
			return v.wording("folded")
		case c.Later():
			return v.callAt(c)
		}
		return t.wait(v, opens)
	}
	spoken := t.view().spoken(t.u.Desk.Spoken)
	if c.Folded || c.Later() || opens.Equal(t.u.At) { // else the screen says when somebody answers
		t.note = stands(t.view())
	}
	if spoken != "" {
		t.note = strings.TrimSpace(t.note + "\n\n" + spoken)
	}
	t.notice(func(v view) string {
		if spoken == "" {
			return stands(v)
		}
		return stands(v) + "\n\n" + v.names(t.u.Desk.Spoken)
	})
	t.show()
}
