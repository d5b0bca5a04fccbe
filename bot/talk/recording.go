package talk

import (
	"strings"

	"patikra/bot"
	"patikra/flows"
)

// listening ends the data of the button that has a question read aloud: as why, it asks for more about the question.
const listening = ".listen"

// Listens reports whether a button's data asks for the recording of a question.
func Listens(data string) bool {
	word, _ := pressed(data)
	return word == "listen"
}

// VoicePath is where the web page plays a recording that has the name of [bot.Media].
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
	t.p.Send = append(t.p.Send, bot.Message{To: t.u.From, Media: bot.Media{Net: bot.Recorded, Kind: "voice", File: r.Name()}, Track: true, Urgency: 1})
	t.below = true // where the voice is the last thing said, the question would be out of sight
	t.show()
}
