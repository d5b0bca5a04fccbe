package library

import (
	"slices"
	"strings"

	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// TakesShort reports whether short forms of a question's labels are of use: one answer is taken, and there are few enough of them.
func TakesShort(f *flows.Flow, s *flows.Step) bool {
	return !f.Trains() && !s.Several && len(s.Choices) <= content.MaxShort
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
				if q.Borrowed(k) || !TakesShort(q, s) || !lang.Own(s.Text+".say") {
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
