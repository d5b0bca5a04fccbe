package talk

import (
	"slices"
	"strconv"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/flows"
)

// A result may be shown before all was asked, and every answer can be looked at and changed: on the way, before the result and from
// it. A change asks again only what follows from it. What was answered to questions that are still asked stands; the rest is let go.
//
// After the last question stands the list of all answers ([bot.Checking]), and from there one button leads to the result. Who asks for the
// result early has said what they want, and comes to it at once: the list stands beside that button and on the result. Nor does anything
// stand before an emergency, for there the number comes first.

const (
	showFrom    = 5   // the question from which on the result can be asked for
	answersPage = 8   // answers on one page of the list: more find no room beside the other buttons on every network
	mostAnswer  = 160 // letters of one answer in that list
	answersRow  = 5   // buttons in a row of that list
)

// early reports whether a session stands at a result that was shown before all was asked.
func early(l *library.Library, s *bot.Session) bool {
	f := l.Flow(s)
	if s.Stage != bot.Finished || f == nil || f.Trains() || s.Book != l.ID {
		return false
	}
	at, err := f.Now(s.Given)
	return err == nil && at.End == ""
}

// Early reports whether a result stands before all was asked, so that the questions can be gone on with.
func Early(l *library.Library, s bot.Session) bool { return early(l.Of(&s), &s) }

// left is how many questions an early result has not asked.
func (v view) left() int {
	at, err := v.flow.Now(v.s.Given)
	if err != nil {
		return 0
	}
	return v.flow.Ahead(at, v.s.Given)
}

// leftNote says how many questions an early result has not asked, empty at any other.
func (v view) leftNote() string {
	if !early(v.l, v.s) {
		return ""
	}
	return v.fill(v.lang.Count("chat.left", v.left()))
}

// canShow reports whether the result can be asked for at the present question.
func (v view) canShow() bool {
	return v.flow.Levelled() && v.s.Changing == bot.NoChange && len(v.s.Given)+1 >= showFrom
}

// checks reports whether the answers are looked over before the result to which they lead.
func checks(l *library.Library, s *bot.Session) bool {
	f := l.Flow(s)
	if f == nil || f.Trains() || len(s.Given) == 0 {
		return false
	}
	_, a := outcome(l, s)
	return a.Level != flows.Emergency
}

// atEnd leads from the last question to the list of all answers, or to the result where it cannot wait.
func (t *turn) atEnd() {
	if t.s.Stage = bot.Checking; !checks(t.l, &t.s) {
		t.finish()
	}
}

// finish goes to the result. It is counted once for each way through the questions.
func (t *turn) finish() {
	t.s.Stage, t.s.Over = bot.Finished, bot.Nothing
	outcome, _ := outcome(t.l, &t.s)
	t.count("result." + outcome)
}

// canChange reports whether there is a list of answers to look at.
func (v view) canChange() bool { return !v.trains() && len(v.s.Given) > 0 }

// count is the question's place, and how many there are by the way taken so far.
func (v view) count() (n, m int) {
	n = len(v.s.Given) + 1
	at := flows.Place{Step: int(v.s.At)}
	if v.s.Changing != bot.NoChange {
		return n, n - 1 + v.flow.Left(at, v.s.Given, v.s.Before)
	}
	return n, n - 1 + v.flow.Ahead(at, v.s.Given)
}

// keep leaves an answer that is being changed as it was.
func (t *turn) keep() {
	if t.s.Changing != bot.NoChange && t.s.Stage == bot.Asking && t.l.Book.Flow(t.s.Quiz) != nil {
		_ = t.s.Resume(t.l.Flow(&t.s)) // an answer that cannot be read leaves the person at its question
	}
}

// early shows the result before all was asked.
func (t *turn) early(arg string) {
	if !t.current(arg) {
		return
	}
	if t.s.Stage == bot.Checking {
		t.finish()
		t.show()
		return
	}
	if t.s.Stage != bot.Asking || !t.view().canShow() {
		t.again()
		return
	}
	t.s.Stage, t.s.End, t.s.Over, t.s.Ticks = bot.Finished, flows.Result, bot.Nothing, 0
	t.count("early")
	t.show()
}

// change lists the answers, turns to another page of the list, or asks one of the questions again.
func (t *turn) change(arg string) {
	if !t.current(arg) {
		return
	}
	v := t.view()
	if t.s.Stage != bot.Asking && t.s.Stage != bot.Finished && t.s.Stage != bot.Checking || !v.canChange() {
		t.again()
		return
	}
	_, which, _ := strings.Cut(arg, ".")
	page, turned := strings.CutPrefix(which, "p")
	n, err := strconv.Atoi(page)
	switch {
	case which == "":
		t.keep()
		t.s.Over = bot.Answers
	case err != nil || n < 0 || n >= len(t.s.Given):
		t.s.Over = bot.Answers
	case turned:
		t.s.Over = bot.Answers + bot.Over(min(n, (len(t.s.Given)-1)/answersPage))
	case t.s.Listing():
		t.changing(n)
	}
	if t.s.Stage == bot.Checking && t.s.Over == bot.Answers { // the first page is the screen itself
		t.s.Over = bot.Nothing
	}
	t.show()
}

// changing asks a question again, by its place among the answers.
func (t *turn) changing(n int) {
	from := bot.FromQuestion
	if t.s.Stage == bot.Finished {
		if from = bot.FromResult; early(t.l, &t.s) {
			from = bot.FromEarly
		}
	}
	before := slices.Clone(t.s.Given[n:])
	if t.s.Changing != bot.NoChange { // a change within a change: what waits to stand again goes on waiting
		before, from = append(before, t.s.Before...), t.s.Changing
	}
	t.s.Before = before
	t.s.Given = t.s.Given[:n:n]
	t.s.Stage, t.s.Over, t.s.End, t.s.At, t.s.Changing = bot.Asking, bot.Nothing, "", t.s.Before[0].Step, from
	t.s.Ticks = t.ticks()
}

// ticks are the ticks that a question begins with: what was ticked when it was asked before.
func (t *turn) ticks() uint16 {
	if flow := t.l.Book.Flow(t.s.Quiz); flow == nil || int(t.s.At) >= len(flow.Steps) || !flow.Step(int(t.s.At)).Several {
		return 0
	}
	return t.s.Former()
}

// Changeable is an answer that can be changed.
type Changeable struct {
	Question, Answer string
	Button           bot.Button
}

// changeable lists what was answered, each with the button that asks it again.
func (v view) changeable() []Changeable {
	out := make([]Changeable, 0, len(v.s.Given))
	for i, g := range v.s.Given {
		question, answer := v.replied(g)
		out = append(out, Changeable{question, answer, bot.Button{Label: "✎ " + strconv.Itoa(i+1), Data: v.serial("change") + "." + strconv.Itoa(i)}})
	}
	return out
}

// replied is a question, as far as its question mark, and the labels of what was answered.
func (v view) replied(g flows.Given) (question, answer string) {
	step := v.flow.Step(int(g.Step))
	question = v.fill(v.lang.Text(step.Text + ".say"))
	if i := strings.IndexByte(question, '?'); i >= 0 {
		question = question[:i+1]
	}
	var picks []string
	for i := range step.Choices {
		if g.Picks&(1<<i) != 0 {
			picks = append(picks, v.lang.Text(step.Text+"."+step.Choices[i].Answer))
		}
	}
	if len(picks) == 0 {
		return question, v.say("skipped")
	}
	if c := v.job(); c != "" && step.Where {
		picks[0] += " (" + v.lang.CountryName(c) + ")"
	}
	return question, strings.Join(picks, "; ")
}

// answersTitle stands above the list of answers.
func (v view) answersTitle() string {
	if v.s.Stage == bot.Checking {
		return v.say(v.here("answers-check"))
	}
	return v.say(v.here("answers-title"))
}

// answers is a page of what was answered.
func (v view) answers() screen {
	all := v.changeable()
	page := 0
	if v.s.Over.Answers() {
		page = min(int(v.s.Over-bot.Answers), max(0, len(all)-1)/answersPage)
	}
	from := page * answersPage
	to := min(from+answersPage, len(all))
	var b strings.Builder
	b.WriteString(v.answersTitle())
	on := "next"
	if v.s.Stage == bot.Checking {
		on = "show-result"
	}
	rows := [][]bot.Button{{v.button(on, v.serial("next"))}}
	var row []bot.Button
	for i := from; i < to; i++ {
		b.WriteString("\n\n" + strconv.Itoa(i+1) + ". " + all[i].Question + "\n– " + cut(all[i].Answer, mostAnswer))
		if row = append(row, all[i].Button); len(row) == answersRow || i == to-1 {
			rows = append(rows, row)
			row = nil
		}
	}
	span := func(p int) string {
		return strconv.Itoa(p*answersPage+1) + "–" + strconv.Itoa(min((p+1)*answersPage, len(all)))
	}
	if page > 0 {
		row = append(row, bot.Button{Label: "‹ " + span(page-1), Data: v.serial("change") + ".p" + strconv.Itoa(page-1)})
	}
	if to < len(all) {
		row = append(row, bot.Button{Label: span(page+1) + " ›", Data: v.serial("change") + ".p" + strconv.Itoa(page+1)})
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	last := v.always()
	if v.s.Stage == bot.Checking && (page == 0 || to == len(all)) { // between two pages there is no room for it
		last = append([]bot.Button{v.with("back", v.serial("back"))}, last...)
	}
	return screen{b.String(), append(rows, last)}
}
