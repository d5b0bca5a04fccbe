package bot

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// listening ends the data of the button that has a question read aloud: as why, it asks for more about the question.
const listening = ".listen"

// Listens reports whether a button's data asks for the recording of a question.
func Listens(data string) bool {
	word, _ := pressed(data)
	return word == "listen"
}

// VoicePath is where the web page plays a recording that has the name of [Media].
func VoicePath(name string) string {
	tag, rest, _ := strings.Cut(name, "/")
	return "/" + tag + "/voice/" + rest + ".ogg"
}

// listen sends the voice that reads a question aloud, and the question once more below it.
func (t *turn) listen(step *flows.Step) {
	r := t.view().lang.Recording(t.s.Quiz, step.Name)
	if r == nil || t.newest.Catalog.Recorded(r.Name()) == nil { // other words are recorded now
		t.again()
		return
	}
	t.p.Send = append(t.p.Send, Message{To: t.u.From, Media: Media{Net: Recorded, Kind: "voice", File: r.Name()}, Track: true, Urgency: 1})
	t.below = true // where the voice is the last thing said, the question would be out of sight
	t.show()
}

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
