package talk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/flows"
)

// A training is walked as a quiz is, with three differences. After the answer to a case stands its explanation ([bot.Explained]). The
// questions before the cases are asked again after them, without a word in between, and cannot be changed once the cases
// have begun. The end is no level but how both times went, with a certificate that holds no name.

// trainingMenu is the argument of the button and of the link that lead to the modules.
const trainingMenu = "training"

// trains reports whether the present conversation is a training.
func (v view) trains() bool { return v.flow != nil && v.flow.Trains() }

// teaching is a text of training.yaml with the present numbers.
func (v view) teaching(name string, with ...string) string {
	return v.fill(strings.NewReplacer(with...).Replace(v.lang.Text("training." + name)))
}

// moduleName is what the present module is called.
func (v view) moduleName() string { return v.lang.Text(v.s.Quiz + ".name") }

// moduleMenu is the choice of modules.
func (v view) moduleMenu() screen {
	sc := screen{text: v.teaching("choose") + "\n"}
	for _, m := range v.l.Modules[v.lang.Tag] {
		name := v.lang.Text(m + ".name")
		sc.text += "\n• **" + name + ".** " + v.fill(v.lang.Text(m+".about"))
		sc.buttons = append(sc.buttons, []bot.Button{{Label: name, Data: v.serial("menu") + "." + m}})
	}
	sc.buttons = append(sc.buttons, []bot.Button{v.consultation()}, []bot.Button{v.with("return", "back:here")}, v.always())
	return sc
}

func (v view) consultation() bot.Button {
	return bot.Button{Label: v.lang.Text("training.supervision"), Data: "human:supervision"}
}

func (v view) otherModules() bot.Button {
	return bot.Button{Label: v.lang.Text("training.others"), Data: "menu:" + trainingMenu}
}

// intro says what the module is, how long it takes and what is kept.
func (v view) intro() screen {
	text := "**" + v.moduleName() + "**\n\n" + v.fill(v.lang.Text(v.s.Quiz+".about")) + "\n\n" +
		v.teaching("intro", "{test}", strconv.Itoa(v.flow.Count(flows.Before)), "{cases}", strconv.Itoa(v.flow.Count(flows.Case)))
	return screen{text, [][]bot.Button{{v.button("begin", v.serial("next"))}, {v.otherModules()}, v.always()}}
}

// partOf says in which part of the training a question stands.
func (v view) partOf(step *flows.Step) string {
	switch step.Part {
	case flows.Before:
		return v.teaching("before")
	case flows.After:
		return v.teaching("after")
	}
	return v.teaching("case", "{topic}", v.lang.Text("training.topics."+step.Topic))
}

// situation is what a question of a training tells before it asks.
func (v view) situation(step *flows.Step) string {
	return v.fill(v.lang.Text(v.s.Quiz + "." + step.Words + ".case"))
}

// settled reports whether the answers so far can no longer be changed: the cases have begun, or the training is over.
func (v view) settled() bool {
	if !v.trains() || len(v.s.Given) == 0 {
		return false
	}
	last := v.flow.Step(int(v.s.Given[len(v.s.Given)-1].Step)).Part
	return v.s.Stage == bot.Finished || v.s.Stage == bot.Asking && last == flows.Before && v.flow.Step(int(v.s.At)).Part != flows.Before
}

// explained is the case that was answered last.
func (v view) explained() (step *flows.Step, pick *flows.Choice) {
	g := v.s.Given[len(v.s.Given)-1]
	step = v.flow.Step(int(g.Step))
	for i := range step.Choices {
		if g.Picks&(1<<i) != 0 {
			pick = &step.Choices[i]
		}
	}
	return step, pick
}

// explanation is what is told after the answer to a case.
func (v view) explanation() screen {
	p := v.explanationPage()
	return screen{p.Text, [][]bot.Button{{v.button("next", v.serial("next"))}, {v.with("back", v.serial("back"))}, v.always()}}
}

// explanationPage takes the explanation apart: the chosen option first, then all others with theirs, so that who erred reads the better one too.
func (v view) explanationPage() Page {
	step, pick := v.explained()
	key := v.s.Quiz + "." + step.Words + "."
	p := Page{Title: v.lang.Text(key + pick.Answer), Symbol: mark(pick)}
	told := v.fill(v.lang.Text(key + "told." + pick.Answer))
	p.Text = p.Symbol + " **" + p.Title + "**\n\n" + told
	others := Block{Heading: v.teaching("options")}
	p.Text += "\n\n**" + others.Heading + "**"
	for _, i := range v.inOrder(step) {
		if c := &step.Choices[i]; c.Answer != pick.Answer {
			label, told := v.lang.Text(key+c.Answer), v.fill(v.lang.Text(key+"told."+c.Answer))
			others.Items = append(others.Items, Point{Lead: mark(c) + " " + label, Text: told})
			p.Text += "\n" + mark(c) + " **" + label + "** – " + told
		}
	}
	source := v.teaching("source") + ": " + strings.Join(v.references(step), "; ") + "."
	p.Blocks = []Block{{Text: []string{told}}, others}
	if law := v.law(step); len(law.Items) > 0 {
		p.Blocks = append(p.Blocks, law)
		p.Text += "\n\n**" + law.Heading + "**"
		for _, i := range law.Items {
			p.Text += "\n• " + i.Text
		}
	}
	p.Blocks = append(p.Blocks, Block{Text: []string{source}})
	p.Text += "\n\n" + source
	return p
}

// law tells what the law says about a case, each with its page, the day on which that was read, and whether a lawyer has checked it.
func (v view) law(step *flows.Step) Block {
	b := Block{Heading: v.teaching("law")}
	for _, r := range v.l.Book.References {
		if !slices.Contains(step.Laws, r.Name) {
			continue
		}
		checked := v.teaching("law-checked", "{date}", r.Checked)
		if r.Checked == "no" {
			checked = v.teaching("law-unchecked")
		}
		b.Items = append(b.Items, Point{Text: v.fill(v.lang.Text("training.laws."+r.Name)) + " " + v.teaching("law-read", "{date}", r.Read, "{link}", r.Link) + " " + checked})
	}
	return b
}

// mark stands before an option once it is explained.
func mark(c *flows.Choice) string {
	if c.Right {
		return "✓"
	}
	return "•"
}

func (v view) references(step *flows.Step) []string {
	var out []string
	for _, r := range step.Sources {
		out = append(out, v.lang.Text("training.references."+r))
	}
	return out
}

// certificate of a training that is over.
func (v view) certificate() bot.Certificate { return bot.Certificate{Module: v.s.Quiz, Day: v.s.End} }

// scores is how a training went.
type scores struct{ before, after, count int }

func (v view) scores() scores {
	return scores{v.flow.Score(v.s.Given, flows.Before), v.flow.Score(v.s.Given, flows.After), v.flow.Count(flows.After)}
}

// gain names the text of training.yaml that says how both times went.
func (s scores) gain() string {
	switch {
	case s.before == s.count && s.after == s.count:
		return "full"
	case s.after > s.before:
		return "gain"
	case s.after < s.before:
		return "loss"
	}
	return "same"
}

// Certificate returns the certificate of a session that has come to the end of a training.
func Certificate(l *library.Library, s bot.Session) (c bot.Certificate, ok bool) {
	s = carried(l, s)
	v := viewOf(l.Of(&s), &s)
	if !v.trains() || s.Stage != bot.Finished {
		return c, false
	}
	return v.certificate(), true
}

// trainedPage takes the end of a training apart.
func (v view) trainedPage() Page {
	got := v.scores()
	p := Page{Symbol: "✓", Title: v.teaching("done", "{module}", v.moduleName())}
	p.Blocks = []Block{{Text: []string{v.teaching("score", "{before}", strconv.Itoa(got.before), "{after}", strconv.Itoa(got.after), "{count}", strconv.Itoa(got.count)), v.teaching(got.gain())}}}
	explained := Block{Heading: v.teaching("explained")}
	for _, g := range v.s.Given {
		step := v.flow.Step(int(g.Step))
		if step.Part != flows.After {
			continue
		}
		key := v.s.Quiz + "." + step.Words + "."
		for _, ch := range step.Choices {
			if ch.Right {
				explained.Items = append(explained.Items, Point{Lead: v.lang.Text(key + "say"), Text: strings.TrimSuffix(v.lang.Text(key+ch.Answer), ".") + ". " + v.fill(v.lang.Text(key+"why"))})
				break
			}
		}
	}
	if len(explained.Items) > 0 {
		p.Blocks = append(p.Blocks, explained)
	}
	if missed := v.missed(); len(missed.Items) > 0 {
		p.Blocks = append(p.Blocks, missed)
	}
	p.Blocks = append(p.Blocks, headed(v.teaching("help")))
	return p
}

// missed tells the cases once more that were not answered as is recommended: the situation, the better option, and why.
func (v view) missed() Block {
	b := Block{Heading: v.teaching("missed")}
	for _, g := range v.s.Given {
		step := v.flow.Step(int(g.Step))
		if step.Part != flows.Case || step.Well(g.Picks) {
			continue
		}
		key := v.s.Quiz + "." + step.Words + "."
		for _, c := range step.Choices {
			if c.Right {
				b.Items = append(b.Items, Point{Lead: v.situation(step), Text: "✓ " + strings.TrimSuffix(v.lang.Text(key+c.Answer), ".") + ". " + v.fill(v.lang.Text(key+"told."+c.Answer))})
				break
			}
		}
	}
	return b
}

// headed is a text whose first paragraph, in bold, is its heading.
func headed(text string) Block {
	var p Page
	p.words(text)
	b := Block{Heading: p.Title}
	for _, part := range p.Blocks {
		b.Text = append(b.Text, part.Text...)
	}
	return b
}

// trained is the end of a training.
func (v view) trained() screen {
	p := v.trainedPage()
	if v.l.Certify != nil { // a door that draws pages by itself links to it by itself
		link := headed(v.teaching("certificate", "{link}", v.l.Certify(v.certificate(), v.lang.Tag)))
		p.Blocks = slices.Insert(p.Blocks, len(p.Blocks)-1, link)
	}
	var b strings.Builder
	b.WriteString(p.Symbol + " **" + p.Title + "**")
	for _, block := range p.Blocks {
		b.WriteString("\n")
		if block.Heading != "" {
			b.WriteString("\n**" + block.Heading + "**")
		}
		for _, t := range block.Text {
			b.WriteString("\n" + t)
		}
		for _, i := range block.Items {
			b.WriteString("\n• **" + i.Lead + "** " + i.Text)
		}
	}
	return screen{b.String(), [][]bot.Button{{v.consultation()}, {v.otherModules()}, {v.button("restart", "restart"), v.button("erase", "erase")}, v.always()}}
}

// learned goes on from an answer of a training to the place where it leads.
func (t *turn) learned(from uint8, picks uint16, p flows.Place) {
	v := t.view()
	if p.End != "" {
		t.s.Stage, t.s.Over, t.s.Ticks = bot.Finished, bot.Nothing, 0
		t.s.End = t.u.At.In(zone(t.newest)).Format(time.DateOnly)
		got, name := t.view().scores(), "training."+t.s.Quiz
		t.count(name + ".finished")
		for range got.before {
			t.count(name + ".before")
		}
		for range got.after {
			t.count(name + ".after")
		}
		t.show()
		return
	}
	t.s.Over, t.s.Ticks, t.s.At = bot.Nothing, 0, uint8(p.Step)
	if v.flow.Step(int(from)).Part == flows.Case && picks != 0 {
		t.s.Stage = bot.Explained
	}
	t.show()
}

func zone(l *library.Library) *time.Location {
	if z := l.Catalog.Desk.Zone; z != nil {
		return z
	}
	return time.UTC
}
