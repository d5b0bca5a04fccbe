package talk

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/content"
)

// What counsellors in the group can send by buttons: a list, then the choice in both languages with a button that sends it. Nothing goes to
// the person by one press.

// mostReady is how many numbers stand below the prepared replies.
const mostReady = 6

// ready are the prepared replies and the first numbers, as the counsellors read them and as the person would.
func (t *turn) ready() (mine, theirs []string) {
	desk := t.newest.Catalog.Desk.Language
	mine, theirs = Prepared(t.newest, t.s, desk), Prepared(t.newest, t.s, t.s.Lang)
	mine = mine[:min(len(mine), len(theirs))]
	theirs = theirs[:len(mine)]
	for i, p := range Directory(t.newest, t.s, desk) {
		if i == mostReady {
			break
		}
		mine, theirs = append(mine, "☎ "+p.Label+" "+p.Number), append(theirs, p.Words)
	}
	return mine, theirs
}

// readied carries out the acts replies, reply and say: the list, a choice out of it, and its sending.
func (t *turn) readied(word, arg string, a bot.Actor) {
	if !t.holds(a, "words") {
		return
	}
	mine, theirs := t.ready()
	number, mark, _ := strings.Cut(arg, ":")
	i, err := strconv.Atoi(number)
	there := err == nil && i >= 0 && i < len(mine)
	lang := t.deskLang()
	switch {
	case word == "replies":
		var rows [][]bot.Button
		for i, text := range mine {
			rows = append(rows, []bot.Button{{Label: cut(text, content.MaxLabel), Data: "case:reply:" + strconv.Itoa(i)}})
		}
		t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + lang.Text("desk.replies-which"), Buttons: rows, Urgency: 1})
		t.p.Refused, t.p.Toast = true, lang.Text("desk.replies-which") // nothing was done yet
	case word == "reply" && there:
		text := theirs[i]
		if mine[i] != text {
			text += "\n\n– " + mine[i]
		}
		t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + lang.Text("desk.reply-sure") + "\n\n" + text, Urgency: 1,
			Buttons: [][]bot.Button{{{Label: lang.Text("desk.send"), Data: "case:say:" + number + ":" + readyMark(theirs[i])}}}})
		t.p.Refused, t.p.Toast = true, lang.Text("desk.reply-sure")
	case word == "say" && there && mark == readyMark(theirs[i]): // else the words are others by now
		t.u.Text = theirs[i]
		t.said()
		t.say(bot.Message{Act: bot.Words, Text: a.Name + ": " + strings.ReplaceAll(theirs[i], "**", ""), Urgency: 1})
		t.p.Toast = lang.Text("desk.done")
	default:
		t.refuse("state")
	}
}

// readyMark tells words apart on a button.
func readyMark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
