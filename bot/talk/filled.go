package talk

import (
	"slices"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// What the quiz left open a counsellor can ask, and fill in for the person. It changes what the desk knows and nothing else: the
// person's own answers and screens stay as they are, and an answer of theirs stands above what was filled in.

// OpenQuestion is a question that the person has not answered, as far as the desk may know.
type OpenQuestion struct {
	Step    string // its name in the quiz
	Text    string
	Several bool
	Choices []Choice
	Filled  string // what a counsellor has filled in, in words; empty: it is open
}

// Choice is an answer that can be filled in.
type Choice struct{ Answer, Label string }

// atDesk reads a session as the desk may know it, in a language. Somebody who had not come to the questions is asked the newest ones.
func atDesk(l *library.Library, s bot.Session, lang string) view {
	s = s.Told()
	if s.Stage < bot.Asking {
		s.Book = l.ID
		if f := l.Book.Flow(s.Quiz); f == nil || f.Trains() {
			s.Quiz = l.Offered[0]
		}
	}
	if s.Lang = lang; l.Catalog.Language(lang) == nil {
		s.Lang = content.Source
	}
	return deskView(l.Of(&s), &s)
}

// deskView is the view of what counsellors are shown of a session: in its language, if that has words also for what was filled in.
func deskView(l *library.Library, s *bot.Session) view {
	v := viewOf(l, s)
	all := *s
	all.Given = v.completed(s.Given)
	tag := l.Tongue(&all)
	v.lang, v.flow = l.Catalog.Language(tag), l.BookIn(tag).Flow(s.Quiz)
	return v
}

// fillable reports whether there is a quiz whose answers the desk may know.
func (v view) fillable() bool {
	return v.flow != nil && v.s.Book == v.l.ID && !v.trains() && v.s.Case != nil && v.s.Case.Kind != bot.Supervision && !v.s.Case.Bare
}

// filledAt is what was filled in for a step; ok is false when nothing was, or the person has answered it.
func (v view) filledAt(step uint8) (g flows.Given, ok bool) {
	if !v.fillable() {
		return g, false
	}
	same := func(g flows.Given) bool { return g.Step == step }
	i := slices.IndexFunc(v.s.Case.Told.Filled, same)
	if own := slices.IndexFunc(v.s.Given, same); i < 0 || own >= 0 && !v.unsaid(v.s.Given[own]) {
		return g, false
	}
	return v.s.Case.Told.Filled[i], true
}

// completed puts what was filled in into answers of the person, where they have said nothing themselves.
func (v view) completed(given []flows.Given) []flows.Given {
	if !v.fillable() || len(v.s.Case.Told.Filled) == 0 {
		return given
	}
	out := slices.Clone(given)
	for _, f := range v.s.Case.Told.Filled {
		g, ok := v.filledAt(f.Step)
		if !ok {
			continue
		}
		same := func(x flows.Given) bool { return x.Step == g.Step }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = g
		} else if !slices.ContainsFunc(v.s.Given, same) { // else the person struck it out
			out = append(out, g)
		}
	}
	return out
}

// weighed is the session with what was filled in. Its questions are over when nothing on their way is left to ask.
func (v view) weighed() bot.Session {
	s := *v.s
	s.Given = v.completed(s.Given)
	if path, _, at, err := v.flow.Resume(nil, s.Given); err == nil && at.End != "" && len(path) > 0 {
		s.Stage, s.End = bot.Finished, at.End
	}
	return s
}

// path are the steps of the quiz that the answers lead over, when everything else is skipped.
func (v view) path() []flows.Given {
	given := slices.Clone(v.completed(v.s.Given))
	for range v.flow.Steps {
		path, _, at, err := v.flow.Resume(nil, given)
		if err != nil || at.End != "" {
			return path
		}
		given = slices.DeleteFunc(given, func(g flows.Given) bool { return int(g.Step) == at.Step })
		given = append(given, flows.Given{Step: uint8(at.Step)})
	}
	return nil
}

// OpenQuestions lists what can be asked in a case and filled in, in the order of the quiz; what the person struck out is not asked.
func OpenQuestions(l *library.Library, s bot.Session, lang string) []OpenQuestion {
	if s.Case == nil {
		return nil
	}
	return atDesk(l, s, lang).questions()
}

func (v view) questions() (out []OpenQuestion) {
	if !v.fillable() {
		return nil
	}
	lines := v.summary()
	first := len(lines) - len(v.s.Given)
	for _, g := range v.path() {
		own := slices.IndexFunc(v.s.Given, func(o flows.Given) bool { return o.Step == g.Step })
		if own >= 0 && (!v.unsaid(v.s.Given[own]) || first < 0 || v.struck(first+own)) {
			continue
		}
		step := v.flow.Step(int(g.Step))
		q := OpenQuestion{Step: step.Name, Several: step.Several, Text: bare(v.fill(v.lang.Text(step.Text + ".say")))}
		if f, ok := v.filledAt(g.Step); ok {
			_, q.Filled, _ = strings.Cut(v.answered(f), " – ")
		}
		for _, c := range step.Choices {
			if c.Answer != flows.Unsure && !c.Mute {
				q.Choices = append(q.Choices, Choice{c.Answer, v.lang.Text(step.Text + "." + c.Answer)})
			}
		}
		out = append(out, q)
	}
	return out
}

// bare is a question without how to tick it.
func bare(question string) string {
	if ask, _, ok := strings.Cut(question, "?"); ok {
		return ask + "?"
	}
	return question
}

// fill carries out the acts fill and unfill: arg is the step and, after a space, the answers with commas between them.
func (t *turn) fill(word, arg string, a bot.Actor) {
	c := t.s.Case
	switch {
	case !c.Active():
		t.refuse("closed")
		return
	case !t.holds(a, "taken"):
		return
	}
	name, answers, _ := strings.Cut(arg, " ")
	v := atDesk(t.newest, t.s, t.newest.Catalog.Desk.Language)
	if !slices.ContainsFunc(v.questions(), func(q OpenQuestion) bool { return q.Step == name }) {
		t.refuse("state")
		return
	}
	at := slices.IndexFunc(v.flow.Steps, func(s flows.Step) bool { return s.Name == name })
	g := flows.Given{Step: uint8(at)}
	for i, choice := range v.flow.Step(at).Choices {
		if choice.Answer != flows.Unsure && slices.Contains(strings.Split(answers, ","), choice.Answer) {
			g.Picks |= 1 << i
		}
	}
	if _, err := v.flow.Advance(at, g.Picks, nil); err != nil || word == "fill" && g.Picks == 0 {
		t.refuse("state")
		return
	}
	c.Told.Filled = slices.DeleteFunc(slices.Clone(c.Told.Filled), func(o flows.Given) bool { return o.Step == g.Step })
	c.Told.Book, c.Told.Quiz, c.Told.Stage = v.s.Book, v.s.Quiz, max(c.Told.Stage, bot.Asking)
	note := "unfilled"
	if word == "fill" {
		c.Told.Filled, note = append(c.Told.Filled, g), "filled"
	}
	was := c.Urgent
	v = atDesk(t.newest, t.s, t.newest.Catalog.Desk.Language)
	s := v.weighed()
	c.Urgent = Urgency(v.l, &s)
	t.deskWith(v, note, func(v view) []string { return []string{"{name}", a.Name, "{words}", v.answered(g)} })
	if c.Urgent == bot.Danger && was != bot.Danger && c.Second == "" {
		t.desk("second")
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}
