package talk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	typed "patikra/bot/read"
	"patikra/content"
	"patikra/flows"
)

// inSentence finds what a sentence means on the present screen, when it is none of the labels.
func (t *turn) inSentence() (word, arg string) {
	said := t.newest.Reader.Read(t.u.Text)
	if said.Danger != "" {
		return "heard", ""
	}
	if said.Human {
		return "human", ""
	}
	if pick := t.ofAge(said); pick != "" {
		return "picks", pick
	}
	if answer := t.newest.Reader.Answer(t.view().lang.Base(), t.u.Text); answer != "" && t.asking() && !said.Offer {
		step := t.view().flow.Step(int(t.s.At))
		for i := range step.Choices {
			if step.Choices[i].Answer == answer && !step.Choices[i].Mute {
				return "picks", strconv.Itoa(1 << i)
			}
		}
	}
	if said.Offer {
		return "pasted", ""
	}
	return "", ""
}

// The answers of a question about an age, by which it is known.
const ofAge, belowAge, fullAge = "adult", "minor", 18

// ofAge is the choice of the present question that an age means, empty when it does not ask for one. An age beside the words for a relative is
// not that of the person at the keyboard, unless the quiz is about another.
func (t *turn) ofAge(said typed.Reading) string {
	if said.Age == 0 || !t.asking() {
		return ""
	}
	flow := t.view().flow
	step := flow.Step(int(t.s.At))
	at := func(answer string) int {
		return slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Answer == answer && !c.Mute })
	}
	adult, minor := at(ofAge), at(belowAge)
	if adult < 0 || minor < 0 || said.Kin && !flow.Other {
		return ""
	}
	if said.Age < fullAge {
		adult = minor
	}
	return strconv.Itoa(1 << adult)
}

// labels reads several answers of the present question typed at once, as labels, numbers or words such as first: "1 and 3", two labels with a
// comma. It reports false when anything else is said, and when a question that takes one answer would have more.
func (t *turn) labels(text string) (uint16, bool) {
	v := t.view()
	step := v.flow.Step(int(t.s.At))
	lang := v.lang.Base()
	var words []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;\n+&/", r) }) {
		if len(part) > mostLabel {
			return 0, false
		}
		words = append(words, strings.Fields(content.Fold(part))...)
	}
	var picks uint16
	for len(words) > 0 {
		pick, taken := -1, 0
		for i := range step.Choices {
			answer := step.Choices[i].Answer
			if step.Choices[i].Mute {
				continue
			}
			for _, label := range [2]string{v.lang.Text(step.Text + "." + answer), v.lang.Short(step.Text, answer)} {
				label := strings.Fields(content.Fold(label))
				if len(label) > taken && len(words) >= len(label) && slices.Equal(words[:len(label)], label) {
					pick, taken = i, len(label)
				}
			}
		}
		if taken == 0 {
			n, err := strconv.Atoi(words[0])
			if err != nil {
				n = t.newest.Reader.Place(lang, words[0])
			}
			switch {
			case v.nth(step, n) >= 0:
				pick = v.nth(step, n)
			case err == nil || !t.newest.Reader.Joins(lang, words[0]):
				return 0, false
			}
			taken = 1
		}
		if pick >= 0 {
			picks |= 1 << pick
		}
		words = words[taken:]
	}
	if picks == 0 || picks&(picks-1) != 0 && !step.Several {
		return 0, false
	}
	return onlySigns(step, picks), true
}

// mostLabel is how long a part of a text may be that is taken for a label, in bytes.
const mostLabel = 400

// caption is what a person wrote below pictures or files. The name and address of a place are not their words.
func (t *turn) caption() string {
	var all []string
	for _, m := range append([]bot.Media{t.u.Media}, t.u.Also...) {
		if m.Kind != "location" && m.Caption != "" {
			all = append(all, m.Caption)
		}
	}
	return strings.Join(all, "\n")
}

// unopened says, before a language is chosen, that what came is neither read nor kept: in the language that it is written in, else in every one.
// It is empty when what came is an answer, or was heard.
func (t *turn) unopened(word string, heard bool) string {
	name, said := "unclear-attachment", t.newest.Reader.Read(cmp.Or(t.u.Text, t.caption()))
	if word == "typed-language" && said.Offer {
		name = "pasted"
	} else if word != "attached" {
		return ""
	}
	if heard {
		return ""
	}
	return Notice(t.newest, name, said.Lang)
}

// mostMissed is after how many texts in a row that were not understood the numbers stand beside the question.
const mostMissed = 3

// unclear says that what was typed was not understood: in other words the second time, and from the third on with a person to turn to.
func (t *turn) unclear() {
	if t.u.Kind == bot.Typed {
		t.s.Missed = min(t.s.Missed+1, mostMissed)
	}
	v := t.view()
	switch {
	case t.s.Missed >= mostMissed:
		t.note = v.say("unclear-help")
		human := v.with("human", "human")
		t.person = &human
	case t.s.Missed == mostMissed-1:
		t.note = v.say("unclear-again")
	case t.asking() && severalNumbers.MatchString(content.Fold(t.u.Text)):
		t.note = v.say("unclear-numbers")
	default:
		t.note = v.unclear()
	}
	if t.s.Over >= bot.JobCountries {
		t.p.Toast = t.note // for a door that draws the screen by itself
	}
}

// heard answers somebody who writes of danger: first the numbers, with those who listen when somebody wants to die, then the screen that was there, with a person to write to. The
// numbers are a message of their own, which stays in the chat when the screen moves on.
func (t *turn) heard(lang *content.Language, said typed.Reading) {
	t.count("heard")
	text := "chat.heard"
	if said.Dying {
		text = "chat.despair"
	}
	t.p.Send = append(t.p.Send, bot.Message{To: t.u.From, Text: Fill(t.newest, lang.Text(text)), Urgency: 2})
	t.below = true
	human := view{l: t.newest, lang: lang}.with("human", "human")
	t.person = &human
}

// withPerson puts the button that leads to a person below a screen's answers, or its languages, when the screen has none.
func withPerson(rows [][]bot.Button, human bot.Button) [][]bot.Button {
	at := 0
	for i, row := range rows {
		for _, b := range row {
			switch word, _ := pressed(b.Data); word {
			case "human":
				return rows
			case "answer", "language":
				at = i + 1
			}
		}
	}
	return slices.Insert(slices.Clone(rows), at, []bot.Button{human})
}
