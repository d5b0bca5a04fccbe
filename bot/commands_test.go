package bot_test

import (
	"regexp"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

// ofChats is what only a chat has: commands, and in a talk files.
var ofChats = map[bool]*regexp.Regexp{false: regexp.MustCompile(`(^|\s)/[a-z]+\b`), true: regexp.MustCompile(`(^|\s)/[a-z]+\b|PDF`)}

func TestThePageSpeaksOfNoCommandsAndNoFiles(t *testing.T) {
	l := builtIn(t)
	seen := 0
	for _, lang := range spoken {
		for _, stage := range []bot.Stage{bot.Welcome, bot.Asking, bot.Finished} {
			for over := bot.Over(0); over < bot.Countries+1; over++ {
				for _, state := range []bot.CaseState{bot.NoCase, bot.Waiting, bot.Lapsed, bot.Taken, bot.Closed} {
					s := bot.Session{Lang: lang, Stage: stage, Over: over, Quiz: "job-offer", Book: l.ID}
					if state != bot.NoCase {
						s.Case = &bot.Case{State: state, Word: "Upė Akmuo", Person: bot.Address{Channel: "web", ID: "1"}}
					}
					p := talk.Draw(l, s, lang)
					texts := []string{p.Title, p.Text, p.Hint, p.Ask}
					for _, b := range p.Blocks {
						texts = append(append(texts, b.Heading), b.Text...)
					}
					for _, text := range texts {
						if found := ofChats[p.Screen == "talk"].FindString(text); found != "" {
							t.Errorf("%s, stage %d, over %d, case %s: %q in\n%s", lang, stage, over, state, found, text)
						}
					}
					seen++
				}
			}
		}
	}
	if seen < 4000 {
		t.Errorf("%d screens", seen)
	}
}
