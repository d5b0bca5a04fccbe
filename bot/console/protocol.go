package console

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"patikra/bot"
	"patikra/bot/talk"
)

// Guide is what a counsellor has beside a talk: the number for danger where the person is, what to say step by step, and what to ask.
type Guide struct {
	Emergency []Piece
	Country   string // where the person is; empty: it is not known
	Protocols []Protocol
	Questions []talk.OpenQuestion
}

// Piece is a piece of a text; with a link it is a number to call.
type Piece struct {
	Text string
	Dial template.URL
}

// Protocol is a list of steps.
type Protocol struct {
	talk.Protocol
	Steps []Step
}

// Step is one of them.
type Step struct {
	ID    string
	Parts []Piece
	Done  bool
}

// guide is what stands beside a case.
func (c *Console) guide(v *visit, s bot.Session) Guide {
	lib := c.bot.Library()
	number, country := talk.Emergency(lib, s, v.lang)
	g := Guide{Emergency: pieces(number), Country: country, Questions: talk.OpenQuestions(lib, s, v.lang)}
	for _, p := range talk.Protocols(lib, s, v.lang) {
		out := Protocol{Protocol: p}
		for _, step := range p.Steps {
			out.Steps = append(out.Steps, Step{step.ID, pieces(step.Parts), step.Done})
		}
		g.Protocols = append(g.Protocols, out)
	}
	return g
}

// pieces makes links of the numbers.
func pieces(parts []talk.Part) (out []Piece) {
	for _, p := range parts {
		x := Piece{Text: p.Text}
		if p.Dial != "" {
			x.Dial = template.URL("tel:" + p.Dial)
		}
		out = append(out, x)
	}
	return out
}

// Open counts the questions that nobody has answered or filled in.
func (g Guide) Open() int {
	return len(slices.DeleteFunc(slices.Clone(g.Questions), func(q talk.OpenQuestion) bool { return q.Filled != "" }))
}

// Fitting are the protocols that the case calls for.
func (g Guide) Fitting() []Protocol { return g.those(true) }

// Others are the protocols that are opened by hand.
func (g Guide) Others() []Protocol { return g.those(false) }

func (g Guide) those(fit bool) []Protocol {
	return slices.DeleteFunc(slices.Clone(g.Protocols), func(p Protocol) bool { return p.Fits != fit })
}

// fillWords are the acts fill, unfill, tick and untick as a turn takes them: what the form names goes behind them.
func fillWords(form url.Values) string {
	do := form.Get("do")
	if word, arg, ok := strings.Cut(do, ":"); ok {
		return word + " " + arg
	}
	return strings.TrimSpace(do + " " + form.Get("step") + " " + strings.Join(form["answer"], ","))
}
