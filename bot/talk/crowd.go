package talk

import (
	"slices"
	"strings"

	"patikra/bot"
)

// mostAside bounds what of the words of a case that was put aside is shown in its topic, in letters. The browser has them all.
const mostAside = 3000

// rise puts a case that was put aside before the counsellors.
func (t *turn) rise() {
	if t.s.Case == nil {
		t.p.Erase = t.s.Stage == bot.Fresh
		return
	}
	if c := t.s.Case; !c.Active() || !c.Folded {
		return
	}
	t.caughtUp()
	c := t.own()
	c.Folded, c.Calls = false, 0
	opens := t.opens()
	c.Base, c.Last = t.base(opens), t.u.At.Unix()
	if c.Urgent == bot.Danger {
		t.desk("second")
	}
	t.count("handoff.risen")
	t.speak(func(v view) string { return strings.ReplaceAll(v.wording("risen"), "{wait}", t.wait(v, opens)) })
	t.show()
}

// caughtUp shows the desk a case that was put aside: the card, and what the person has written meanwhile, the last of it where it is
// more than a topic should hold.
func (t *turn) caughtUp() {
	t.card()
	var words []string
	left := mostAside
	for _, l := range slices.Backward(t.u.Desk.Aside) {
		if l.By != ByPerson || l.At < t.s.Case.Since {
			continue
		}
		if left -= len([]rune(l.Text)); left < 0 {
			t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + t.deskLang().Text("desk.note-aside"), Urgency: 1})
			break
		}
		words = append(words, l.Text)
	}
	for _, text := range slices.Backward(words) {
		t.say(bot.Message{Act: bot.Words, Text: text, Human: true, Urgency: 2})
	}
}
