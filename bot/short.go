package bot

import (
	"slices"
	"strconv"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// A label is as long as it must be. Where a network has room for few letters on a button, the short form of a label stands there, under short: in
// the texts of the step, and the whole labels stand above the buttons: nothing that was asked is lost.

// formerSign stands before the answer that was given before.
const formerSign = "✓ "

// takesShort reports whether short forms of a question's labels are of use: one answer is taken, and there are few enough of them.
func takesShort(f *flows.Flow, s *flows.Step) bool {
	return !f.Trains() && !s.Several && len(s.Choices) <= content.MaxShort
}

// short gives, for the answers among the buttons of a question whose labels are too long for a small button, what such a button says.
// It is nil where no label is too long, and where one of those that are has no short form.
func (v view) short(rows [][]Button) []Button {
	if v.flow == nil {
		return nil
	}
	step := v.flow.Step(int(v.s.At))
	if !takesShort(v.flow, step) {
		return nil
	}
	var out []Button
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
			out = append(out, Button{label, b.Data})
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

// shortForms checks the short forms of a language: each belongs to an answer, fits, says something else than its label, and cannot be mistaken
// for another answer of its step.
func (l *Library) shortForms(lang *content.Language, add func(file string, line int, remedy, message sheet.Text)) {
	steps := map[string]*flows.Step{} // by the name of their texts
	for _, q := range l.Book.Flows {
		for i := range q.Steps {
			steps[q.Steps[i].Text] = &q.Steps[i]
		}
	}
	for _, name := range lang.Names("") {
		label := content.ShortOf(name)
		if label == "" || !lang.Own(name) || lang.LeftOver(name) {
			continue
		}
		file, line := lang.At(name)
		said, at := lang.Text(name), strings.LastIndexByte(label, '.')
		step, answer := steps[label[:at]], label[at+1:]
		if step == nil || !slices.ContainsFunc(step.Choices, func(c flows.Choice) bool { return c.Answer == answer }) {
			add(file, line, "remove it, or give it the name of an answer of that step", sheet.Say("%q is short for no answer: there is none of that name in %q", said, label[:at]))
			continue
		}
		if step.Several {
			add(file, line, "remove it: where several can be ticked, the answers stand in a numbered list", sheet.Say("the short form %q is used nowhere", said))
			continue
		}
		if message, remedy, long := content.TooLong(name, said); long {
			add(file, line, remedy, message)
		}
		folded := content.Fold(said)
		for _, c := range step.Choices {
			whole, other := lang.Text(step.Text+"."+c.Answer), lang.Short(step.Text, c.Answer)
			switch {
			case c.Answer == answer && content.Fold(whole) == folded:
				add(file, line, "remove it: the label itself is short enough, or write fewer words", sheet.Say("the short form %q is the label itself", said))
			case c.Answer != answer && (content.Fold(whole) == folded || content.Fold(other) == folded && other != ""):
				add(file, line, "write what only this answer means", sheet.Say("the short form %q reads the same as another answer of the step", said))
			}
		}
	}
}

// shortMissing finds the short forms that a network with small buttons lacks: one line a step and language. Without them the question is a
// numbered list there.
func (l *Library) shortMissing(add func(file string, line int, remedy, message sheet.Text)) {
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, quiz := range l.Book.Quizzes() {
			q := l.Book.Flows[quiz]
			for k := range q.Steps {
				s := &q.Steps[k]
				if q.Borrowed(k) || !takesShort(q, s) || !lang.Own(s.Text+".say") {
					continue
				}
				var missing []string
				for _, c := range s.Choices {
					if name := s.Text + "." + c.Answer; lang.Has(name) && content.Length(lang.Text(name)) > content.MaxQuickReply && lang.Short(s.Text, c.Answer) == "" {
						missing = append(missing, c.Answer)
					}
				}
				if len(missing) > 0 {
					file, line := lang.At(s.Text + "." + missing[0])
					add(file, line, sheet.Say("write them under short: of the step, with at most %d characters each", content.MaxQuickReply),
						sheet.Say("Messenger will show the step %q as a numbered list, because short forms are missing: %s", s.Name, strings.Join(missing, ", ")))
				}
			}
		}
	}
}
