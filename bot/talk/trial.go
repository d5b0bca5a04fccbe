package talk

import (
	"patikra/bot"
)

// endTrial forgets a trial before another beginning, so that none of its answers count.
func (t *turn) endTrial(by string) {
	if t.s.Trial() && !bot.ToTrial(by) {
		t.s.Campaign = ""
		t.begin(bot.Welcome)
	}
}

// mayTry reports whether a trial would take the place of nothing that is real: of no answers, and of no talk.
func (t *turn) mayTry() bool { return t.s.Trial() || !t.s.Begun() && t.s.Case == nil && !t.s.Speaks() }

// trialMark is what every screen of a trial says first.
func (v view) trialMark() string {
	mark := v.lang.Text("outreach.demo-mark")
	if !v.page {
		mark += " " + v.lang.Text("outreach.demo-chat")
	}
	return mark
}

// humanText stands above the numbers where no counsellor is called.
func (v view) humanText() string {
	if v.s.Trial() {
		return v.fill(v.lang.Text("outreach.demo-desk"))
	}
	return v.say("human-text")
}

// now renders the screen that the session stands at.
func (v view) now() screen {
	sc := v.bare()
	if v.s.Trial() {
		sc.text = v.trialMark() + "\n\n" + sc.text
	}
	return sc
}
