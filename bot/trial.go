package bot

import (
	"strings"

	"patikra/content"
)

// A trial is the same quiz for who wants to see it: at a training, in front of a class, at an editor's desk. Every screen says that it is one, nothing of it is
// counted, and nobody at the desk is called; the numbers stay, for somebody in need may have come by its link. It is what a link with content.TrialCampaign
// begins, and ends with the next link or /start.

// trial reports whether the conversation is one. One that has to do with a counsellor never is, here or through another door.
func (s *Session) trial() bool {
	return s.Campaign == content.TrialCampaign && s.Case == nil && !s.speaks()
}

// ToTrial reports whether what a link carries begins a trial.
func ToTrial(by string) bool {
	code, _, _ := strings.Cut(by, "_")
	return strings.EqualFold(code, content.TrialCampaign)
}

// endTrial forgets a trial before another beginning, so that none of its answers count.
func (t *turn) endTrial(by string) {
	if t.s.trial() && !ToTrial(by) {
		t.s.Campaign = ""
		t.begin(Welcome)
	}
}

// mayTry reports whether a trial would take the place of nothing that is real: of no answers, and of no talk.
func (t *turn) mayTry() bool { return t.s.trial() || !t.s.Begun() && t.s.Case == nil && !t.s.speaks() }

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
	if v.s.trial() {
		return v.fill(v.lang.Text("outreach.demo-desk"))
	}
	return v.say("human-text")
}

// now renders the screen that the session stands at.
func (v view) now() screen {
	sc := v.bare()
	if v.s.trial() {
		sc.text = v.trialMark() + "\n\n" + sc.text
	}
	return sc
}
