package talk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"patikra/bot"
	"patikra/content"
	"patikra/flows"
)

// At the question where the job is, a country can be named: typed, or picked from a list that is the same question with other
// answers. The quiz says which of its answers covers the country, and the session keeps its two letters.

// jobList is what stands in a button that leads to the list.
const jobList = "where"

// jobIn finds the country in what was typed where the question is in which country the job is.
func (t *turn) jobIn(text string) string {
	lang := t.l.Catalog.Language(t.s.Lang)
	if lang == nil || t.s.Stage != bot.Asking || t.s.Book != t.l.ID || !t.asking() && !t.s.Over.OfJob() {
		return ""
	}
	step := t.view().flow.Step(int(t.s.At))
	if !step.Where || lang.Meaning(content.Fold(text)) != "" {
		return ""
	}
	for i := range step.Choices { // the words of an answer may hold the name of a country
		if content.Fold(lang.Text(step.Text+"."+step.Choices[i].Answer)) == content.Fold(text) {
			return ""
		}
	}
	if t.view().shortly(content.Fold(text)) >= 0 {
		return ""
	}
	if code := t.newest.Catalog.FindCountry(text, lang); step.In(code) >= 0 {
		return code
	}
	return ""
}

// job answers the question with the country that was named.
func (t *turn) job(code string) {
	step := t.view().flow.Step(int(t.s.At))
	i := step.In(code)
	if i < 0 {
		t.again()
		return
	}
	t.s.Over = bot.Nothing
	t.answerIn(1<<i, code)
}

// answerIn answers and keeps the country that was named.
func (t *turn) answerIn(picks uint16, code string) {
	t.named = code
	t.answer(picks)
}

// jobPage shows a page of the list.
func (t *turn) jobPage(page string) {
	if n, err := strconv.Atoi(page); err == nil && t.s.Stage == bot.Asking && t.view().flow.Step(int(t.s.At)).Where {
		t.s.Over = bot.JobCountries + bot.Over(max(0, min(n, int(bot.Countries-bot.JobCountries)-1)))
	}
	t.show()
}

// jobCountries is the question in which country the job is, with countries as its answers.
func (v view) jobCountries() screen {
	step := v.flow.Step(int(v.s.At))
	all := v.listed()
	last := max(0, len(all)-1) / content.CountryPage
	page := min(int(v.s.Over-bot.JobCountries), last)
	n, m := v.count()
	sc := screen{text: strconv.Itoa(n) + "/" + strconv.Itoa(m) + "\n\n" + v.say("job-ask")}
	here := all[min(page*content.CountryPage, len(all)):min((page+1)*content.CountryPage, len(all))]
	for pair := range slices.Chunk(here, 2) {
		var row []bot.Button
		for _, code := range pair {
			row = append(row, bot.Button{Label: v.lang.CountryName(code), Data: v.serial("answer") + "." + code})
		}
		sc.buttons = append(sc.buttons, row)
	}
	if i := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Answer == flows.Unsure && !c.Mute }); i >= 0 {
		sc.buttons = append(sc.buttons, []bot.Button{{Label: v.lang.Text(step.Text + "." + flows.Unsure), Data: v.serial("answer") + "." + strconv.Itoa(i)}})
	}
	var turn []bot.Button
	if page > 0 {
		turn = append(turn, bot.Button{Label: v.lang.Text("countries.earlier"), Data: v.serial("menu") + "." + jobList + "." + strconv.Itoa(page-1)})
	}
	if page < last {
		turn = append(turn, bot.Button{Label: v.lang.Text("countries.more"), Data: v.serial("menu") + "." + jobList + "." + strconv.Itoa(page+1)})
	}
	if len(turn) > 0 {
		sc.buttons = append(sc.buttons, turn)
	}
	sc.buttons = append(sc.buttons, []bot.Button{v.with("return", "back:here"), v.button("skip", v.serial("skip"))}, v.always())
	return sc
}

// job is the country the job is in, empty when it was not named or can no longer be chosen.
func (v view) job() string {
	if v.s == nil || v.s.Job == "" || !v.l.Catalog.Offers(v.s.Job) {
		return ""
	}
	return v.s.Job
}

// jobAt is the country the job is in by an answer alone.
func (v view) jobAt() string {
	for _, g := range v.s.Given {
		for i, c := range v.flow.Step(int(g.Step)).Choices {
			if c.Country != "" && g.Picks&(1<<i) != 0 && v.l.Catalog.Offers(c.Country) {
				return c.Country
			}
		}
	}
	return ""
}

// ofJob is what a result tells of the country the job is in: the least that may be paid there, and where companies are registered.
// It is empty when nobody named the country.
func (v view) ofJob() (title string, lines []string) {
	c := cmp.Or(v.job(), v.jobAt())
	if c == "" {
		return "", nil
	}
	title = strings.ReplaceAll(v.say("job-in"), "{country}", v.lang.CountryName(c))
	if w, ok := v.l.Catalog.Wage(c); ok {
		lines = append(lines, v.pay(w))
	}
	for _, r := range v.l.Catalog.Registers(c) {
		lines = append(lines, v.say("job-register")+": "+r.Name+", "+r.Address)
	}
	return title, lines
}

// pay says what the least is that may be paid.
func (v view) pay(w content.Wage) string {
	if w.Agreed {
		return v.say("job-pay-agreed")
	}
	name, decimals := "job-pay-month", 0
	if w.Hour {
		name, decimals = "job-pay-hour", 2
	}
	sum := message.NewPrinter(language.Make(v.lang.Base())).Sprint(number.Decimal(w.Least, number.Scale(decimals)))
	return strings.NewReplacer("{pay}", sum+"\u00a0"+w.Currency, "{year}", w.Since[:4]).Replace(v.say(name))
}

// jobNumbers is the button to the numbers of the country the job is in, where others are shown.
func (v view) jobNumbers() [][]bot.Button {
	c := v.job()
	if c == "" || c == v.country() {
		return nil
	}
	return [][]bot.Button{{{Label: strings.ReplaceAll(v.lang.Text("chat.job-numbers"), "{country}", v.lang.CountryName(c)), Data: "numbers:in." + c}}}
}
