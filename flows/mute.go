package flows

import "strings"

// What has no words yet in a language is not shown in it. The book of such a language is the whole book with those questions and answers
// mute: every position stays, so that somebody who changes the language keeps what they have said, and what they have said weighs the same.

// Muted returns the book without the questions and answers of some quizzes that mute names, by their places in a quiz. answer is -1 for the
// question as a whole.
func (b *Book) Muted(quizzes []string, mute func(f *Flow, step, answer int) bool) *Book {
	out := *b
	out.Flows = make(map[string]*Flow, len(b.Flows))
	for name, f := range b.Flows {
		out.Flows[name] = f
	}
	for _, name := range quizzes {
		f := *b.Flows[name]
		f.book, f.Steps = &out, make([]Step, len(f.Steps))
		for i, s := range b.Flows[name].Steps {
			s.Mute = mute(b.Flows[name], i, -1)
			s.Choices = append([]Choice(nil), s.Choices...)
			for k := range s.Choices {
				s.Choices[k].Mute = mute(b.Flows[name], i, k)
			}
			f.Steps[i] = s
		}
		out.Flows[name] = &f
	}
	return &out
}

// Presses reports whether an answer must be there in every language: it tells that somebody is in danger or is a child, or it leads to an end
// or to another quiz.
func (f *Flow) Presses(step, answer int) bool {
	c := &f.Steps[step].Choices[answer]
	if i, ok := f.index[c.next]; !ok && c.next != Result || ok && f.Borrowed(i) && !f.Borrowed(step) {
		return true
	}
	presses := false
	c.facts.Flags.each(func(i int) { presses = presses || f.book.Flags[i].presses() })
	for i := range f.book.Risk.together {
		t := &f.book.Risk.together[i]
		grave := t.to == EmergencyGrade || t.raises >= 0 && f.book.Flags[t.raises].presses()
		presses = presses || grave && (c.facts.Flags.meets(t.flags) || c.facts.Notes.meets(t.notes))
	}
	return presses
}

// presses reports whether a flag is an emergency or an end of its own.
func (f *Flag) presses() bool {
	return f.Grade == EmergencyGrade || f.Early == EmergencyGrade || f.Outcome != ""
}

// Was are the names that the step had before.
func (s *Step) Was() []string { return s.was }

// Raises reports whether an answer raises a flag.
func (c *Choice) Raises(flag int) bool { return c.facts.Flags.has(flag) }

// Checks reports whether an answer tells of a check that the person has made.
func (c *Choice) Checks(green int) bool { return c.facts.Green.has(green) }

// Begins reports whether a quiz knows a flag before the first answer.
func (f *Flow) Begins(flag int) bool { return f.base.Flags.has(flag) }

// Combines reports whether a flag follows from others.
func (b *Book) Combines(flag int) bool {
	for i := range b.Risk.together {
		if b.Risk.together[i].raises == flag {
			return true
		}
	}
	return false
}

// Lent reports whether another quiz goes on with this one.
func (b *Book) Lent(quiz string) bool {
	for _, f := range b.Flows {
		for i := range f.Steps {
			if f.Borrowed(i) && strings.HasPrefix(f.Steps[i].Text, quiz+".") {
				return true
			}
		}
	}
	return false
}
