package library

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// recorded checks that every recording belongs to a step of a quiz.
func (l *Library) recorded(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	for _, name := range lang.Recordings() {
		quiz, step, _ := strings.Cut(name, ".")
		flow := l.Book.Flows[quiz]
		if flow != nil && slices.ContainsFunc(flow.Steps, func(s flows.Step) bool { return s.Name == step }) {
			continue
		}
		file := lang.Recording(quiz, step).File
		if !strings.HasPrefix(file, "content/"+lang.Tag+"/") {
			continue // borrowed, and said where it lies
		}
		if flow == nil {
			add(file, 0, sheet.Say("put it in the folder of a quiz: %s", strings.Join(l.Book.Quizzes(), ", ")), sheet.Say("there is no quiz %q that could be listened to", quiz))
		} else {
			add(file, 0, "call it after a step, or remove it", sheet.Say("the quiz %s has no step %q that could be listened to", quiz, step))
		}
	}
}
