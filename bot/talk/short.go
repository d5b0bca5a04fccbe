package talk

import (
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// A label is as long as it must be. Where a network has room for few letters on a button, the short form of a label stands there, under short: in
// the texts of the step, and the whole labels stand above the buttons: nothing that was asked is lost.

// formerSign stands before the answer that was given before.
const formerSign = "✓ "

// short gives, for the answers among the buttons of a question whose labels are too long for a small button, what such a button says.
// It is nil where no label is too long, and where one of those that are has no short form.
func (v view) short(rows [][]bot.Button) []bot.Button {
	if v.flow == nil {
		return nil
	}
	step := v.flow.Step(int(v.s.At))
	if !library.TakesShort(v.flow, step) {
		return nil
	}
	var out []bot.Button
	for _, row := range rows {
		for _, b := range row {
			word, arg := pressed(b.Data)
			if word != "answer" || content.Length(b.Label) <= content.MaxQuickReply {
				continue
			}
			_, n, _ := strings.Cut(arg, ".")
			i, err := strconv.Atoi(n)
			if err != nil || i < 0 || i >= len(step.Choices) { // a country of the list
				return nil
			}
			label, mark := strings.CutPrefix(b.Label, formerSign)
			if content.Length(label) > content.MaxQuickReply {
				label = v.lang.Short(step.Text, step.Choices[i].Answer)
			}
			if label == "" {
				return nil
			}
			if mark && content.Length(formerSign+label) <= content.MaxQuickReply {
				label = formerSign + label
			}
			out = append(out, bot.Button{Label: label, Data: b.Data})
		}
	}
	return out
}

// shortly finds the answer of the present question whose short form was typed, folded; -1 when there is none.
func (v view) shortly(folded string) int {
	step := v.flow.Step(int(v.s.At))
	return slices.IndexFunc(step.Choices, func(c flows.Choice) bool {
		s := v.lang.Short(step.Text, c.Answer)
		return s != "" && !c.Mute && content.Fold(s) == folded
	})
}
