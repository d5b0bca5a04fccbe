package talk

import (
	"strings"

	"patikra/bot"
	"patikra/content"
)

// How many tries a day has room for: what fits into the first window, and what comes to it in 24 hours.
const (
	MostGuesses    = 10 + 240
	MostGuessesAll = 60 + 86_400
)

// ReturnWords are a case's words without what is easily mistyped: capitals, marks above and below letters, what stands between the words.
func ReturnWords(typed string) string {
	return strings.ReplaceAll(content.Fold(typed), "ł", "l")
}

// giveReturn gives the person a return code. Those they had before are worth nothing from now.
func (t *turn) giveReturn() {
	if t.u.Desk.Returning.Digits == "" {
		t.show()
		return
	}
	t.s.Return, t.p.Digits = t.u.Desk.Returning.Proof, t.u.Desk.Returning.Digits
}

// takenUp moves the talk to the browser that has brought its return code.
func (t *turn) takenUp() {
	if !t.s.Proves(t.u.Text) {
		t.p.Refused = true
		return
	}
	t.s.Browser = t.u.Browser
	t.count("handoff.returned")
	switch {
	case t.s.Case.Active():
		t.own().Last = t.u.At.Unix()
		t.s.Over = bot.Nothing
		t.desk("moved")
		t.notice(func(v view) string { return v.wording("moved") })
	case t.s.Lately(t.u.At):
		t.s.Over = bot.Rate
	}
}
