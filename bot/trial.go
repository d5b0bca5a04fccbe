package bot

import (
	"strings"

	"patikra/content"
)

// A trial is the same quiz for who wants to see it: at a training, in front of a class, at an editor's desk. Every screen says that it is one, nothing of it is
// counted, and nobody at the desk is called; the numbers stay, for somebody in need may have come by its link. It is what a link with content.TrialCampaign
// begins, and ends with the next link or /start.

// Trial reports whether the conversation is one. One that has to do with a counsellor never is, here or through another door.
func (s *Session) Trial() bool {
	return s.Campaign == content.TrialCampaign && s.Case == nil && !s.Speaks()
}

// ToTrial reports whether what a link carries begins a trial.
func ToTrial(by string) bool {
	code, _, _ := strings.Cut(by, "_")
	return strings.EqualFold(code, content.TrialCampaign)
}
