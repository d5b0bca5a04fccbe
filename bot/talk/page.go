package talk

import (
	"fmt"
	"slices"
	"strings"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// Page is a screen taken apart, for a door that draws it by itself.
type Page struct {
	Screen   string   // start, question, result, talk (with a counsellor) or other
	Ask      string   // what may be written on this screen, empty when nothing
	Names    []string // of countries, when one of them may be written
	Language string
	N, M     int // a question's place among all
	Symbol   string
	Level    string // of a result: low, unknown, concern, high or emergency; empty where there is none
	Title    string
	Hint     string // what is said about the question besides the question itself
	Why      string // why a question is asked, empty where the page says it already or there is no reason to give
	Several  bool   // several answers may be ticked
	Blocks   []Block
	Answers  []Answer
	Buttons  []bot.Button // what else can be done, the way on first
	Text     string       // the same as plain words
	Part     string       // of a training: what the question belongs to
	Before   []string     // what is told before the question
	Trial    string       // that nothing counts here; empty: it does
	Call     Point        // of a result: whom to call first
	Given    []Changeable // what was answered, each with the way to change it
	Pocket   string       // of a result: the municipality whose card can be printed
	Voice    string       // who wants to can listen to the question: the name of the recording, as in [bot.Media]
}

// Block is a part of a page under its own heading.
type Block struct {
	Heading string
	More    bool     // it need not be seen at once
	Text    []string // paragraphs
	Items   []Point
}

// Again reports whether what stands under a heading goes on in block i, which unfolds.
func (p Page) Again(i int) bool {
	return p.Blocks[i].More && slices.ContainsFunc(p.Blocks[:i], func(b Block) bool { return !b.More && b.Heading == p.Blocks[i].Heading })
}

// Point is one line of a list.
type Point struct {
	Lead   string // the words that stand out
	Text   string
	Do     string // what to do about it
	Number string // a phone number as it is dialled
	Shown  string // the same as it is read
	Inside string // how it is dialled where the person is, to be shown before it; empty: in no other way
}

// Dial is Inside without its spaces.
func (p Point) Dial() string { return strings.ReplaceAll(p.Inside, " ", "") }

// Answer is one choice of a question.
type Answer struct {
	bot.Button
	Tick   bool // it is ticked, and sent with the others
	Alone  bool // nothing else goes with it
	Ticked bool // it is ticked now; where only one answer can be given: it was given before
}

// Draw draws the screen at which a session stands, in a language.
func Draw(l *library.Library, s bot.Session, lang string) Page {
	if l.Catalog.Language(lang) != nil {
		s.Lang = lang
	}
	if s.Lang == "" || l.Catalog.Language(s.Lang) == nil {
		s.Lang = content.Source
	}
	s = carried(l, s)
	of := l.Of(&s)
	s.Lang = of.Tongue(&s)
	if s.Stage <= bot.Language || s.Stage >= bot.Asking && (s.Book != of.ID || of.Book.Flow(s.Quiz) == nil) {
		s = bot.Session{Lang: s.Lang, Stage: bot.Welcome, Quiz: l.Offered[0], Book: l.ID, Serial: s.Serial}
		of = l
	}
	v := viewOf(of, &s)
	v.page = true
	return v.drawn()
}

// drawn takes the present screen apart.
func (v view) drawn() Page {
	p := Page{Screen: "other", Language: v.s.Lang}
	sc := v.bare()
	if v.s.Trial() {
		p.Trial = v.trialMark()
	}
	p.Text = strings.ReplaceAll(sc.text, "**", "")
	for _, row := range sc.buttons {
		for _, b := range row {
			if !strings.HasPrefix(b.Data, "answer:") && !Listens(b.Data) {
				p.Buttons = append(p.Buttons, b)
			}
		}
	}
	if v.s.Over >= bot.JobCountries {
		p.Ask = v.lang.Text("countries.choose")
		for _, code := range v.listed() {
			p.Names = append(p.Names, v.lang.CountryName(code))
		}
		slices.SortFunc(p.Names, func(a, b string) int { return strings.Compare(content.Fold(a), content.Fold(b)) })
	}
	switch v.s.Over {
	case bot.CallNumber, bot.CallHours, bot.CallElse, bot.Rate:
		p.Ask = v.wording("write")
	case bot.Nothing:
		if v.s.Case.Active() {
			p.Screen, p.Ask = "talk", v.wording("write")
		}
	}
	switch {
	case p.Screen == "talk":
		p.words(sc.text)
	case v.s.Over == bot.Numbers || v.s.Over == bot.Human:
		title := v.say("numbers-title")
		if v.s.Over == bot.Human {
			title = v.humanText()
		}
		p.words(title)
		b := Block{Items: v.points("numbers")}
		if c := v.chosen(); c != "" {
			b.Text = []string{c}
		}
		p.Blocks = append(p.Blocks, b)
	case v.s.Listing():
		p.words(v.answersTitle())
		p.Given = v.changeable()
		p.Buttons = slices.DeleteFunc(p.Buttons, func(b bot.Button) bool { return strings.HasPrefix(b.Data, "change:") })
	case v.s.Over.OfJob():
		p.Screen = "question"
		p.N, p.M = v.count()
		p.words(v.say("job-ask"))
		for _, row := range sc.buttons {
			for _, b := range row {
				if strings.HasPrefix(b.Data, "answer:") {
					p.Answers = append(p.Answers, Answer{Button: b})
				}
			}
		}
	case v.s.Over != bot.Nothing && v.s.Over != bot.Why:
		p.words(sc.text)
	case v.s.Stage == bot.Finished && v.trains():
		part := v.trainedPage()
		p.Screen, p.Symbol, p.Title, p.Blocks = "result", part.Symbol, part.Title, part.Blocks
	case v.s.Stage == bot.Explained:
		part := v.explanationPage()
		p.Symbol, p.Title, p.Blocks = part.Symbol, part.Title, part.Blocks
	case v.s.Stage == bot.Finished:
		v.resultPage(&p)
		all := *v.s
		all.Over = bot.Why
		v.s = &all
		p.Text = strings.ReplaceAll(v.result().text, "**", "")
		p.Buttons = slices.DeleteFunc(p.Buttons, func(b bot.Button) bool { return strings.HasPrefix(b.Data, "why:") || b.Data == "back:here" })
	case v.s.Stage == bot.Asking:
		v.questionPage(&p)
	default:
		p.words(sc.text)
		if v.s.Stage == bot.Welcome {
			p.Screen = "start"
		}
	}
	return p
}

// words turns a text into a title and paragraphs.
func (p *Page) words(text string) {
	var b Block
	for _, para := range strings.Split(text, "\n\n") {
		para = strings.TrimSpace(para)
		bold, ok := strings.CutPrefix(para, "**")
		switch {
		case para == "":
		case ok && strings.HasSuffix(bold, "**") && p.Title == "":
			p.Title = strings.TrimSuffix(bold, "**")
		default:
			b.Text = append(b.Text, strings.ReplaceAll(para, "**", ""))
		}
	}
	if len(b.Text) > 0 {
		p.Blocks = append(p.Blocks, b)
	}
}

// levels are the looks of the outcomes. Those of the young look as those of their elders.
var levels = map[string]string{"low": "low", "unknown": "unknown", "concern": "concern", "rights": "concern", "high": "high", "emergency": "emergency",
	"young": "concern", "young-high": "high", "young-emergency": "emergency"}

// asked parts a question from what is said about it, as that it may be passed over. A text that asks nothing is whole.
func asked(say string) (question, hint string) {
	var ask, about []string
	for _, sentence := range sentences(say) {
		if strings.HasSuffix(sentence, "?") {
			ask = append(ask, sentence)
		} else {
			about = append(about, sentence)
		}
	}
	if len(ask) == 0 {
		return say, ""
	}
	return strings.Join(ask, " "), strings.Join(about, " ")
}

// sentences parts a text where a mark that ends a sentence stands before a space.
func sentences(text string) (out []string) {
	begin := 0
	for i := 0; i+1 < len(text); i++ {
		if strings.IndexByte(".?!", text[i]) >= 0 && text[i+1] == ' ' {
			out, begin = append(out, text[begin:i+1]), i+2
		}
	}
	return append(out, text[begin:])
}

// Way is one of the quizzes that a page offers to begin with.
type Way struct{ Quiz, Name, About string }

// Ways lists what can be begun in a language, in the order of the menu; the training comes last.
func Ways(l *library.Library, lang string) (out []Way) {
	tongue := l.Catalog.Language(lang)
	if tongue == nil {
		return nil
	}
	for _, q := range l.Offers(lang) {
		out = append(out, Way{q, tongue.Text(q + ".name"), Fill(l, tongue.Text(q+".about"))})
	}
	if v := (view{l: l, lang: tongue}); len(l.Modules[lang]) > 0 {
		out = append(out, Way{trainingMenu, v.teaching("name"), v.teaching("about")})
	}
	return out
}

func (v view) questionPage(p *Page) {
	step := v.flow.Step(int(v.s.At))
	key := step.Text + "."
	p.Screen = "question"
	if v.trains() {
		p.Part, p.Before = v.partOf(step), []string{v.situation(step)}
	}
	if usual := v.usual(); usual != "" {
		p.Before = append([]string{usual}, p.Before...)
	}
	if r := v.lang.Recording(v.s.Quiz, step.Name); r != nil {
		p.Voice = r.Name()
	}
	p.N, p.M = v.count()
	former := v.s.Former()
	p.Title, p.Hint = asked(v.fill(v.lang.Text(key + "say")))
	p.Several = step.Several
	if !v.trains() {
		p.Why = v.fill(v.lang.Text(key + "why"))
	}
	if step.Several && p.Hint == "" {
		p.Blocks = append(p.Blocks, Block{Text: []string{v.say("several-hint")}})
	}
	if v.s.Over == bot.Why {
		p.Blocks = append(p.Blocks, Block{Heading: v.say("why"), Text: []string{v.fill(v.lang.Text(key + "why"))}})
		p.Why = ""
	}
	for _, i := range v.inOrder(step) {
		c := &step.Choices[i]
		p.Answers = append(p.Answers, Answer{Button: bot.Button{Label: v.lang.Text(key + c.Answer), Data: fmt.Sprintf("answer:%d.%d", v.s.Serial, i)},
			Tick: step.Several, Alone: c.Alone,
			Ticked: step.Several && v.s.Ticks&(1<<i) != 0 || !step.Several && former&(1<<i) != 0})
	}
}

// points lists the places of an outcome.
func (v view) points(outcome string) []Point { return v.pointsOf(v.order(outcome)) }

// pointsOf lists places.
func (v view) pointsOf(places []content.Place) []Point {
	var out []Point
	for _, p := range places {
		point := Point{Lead: v.lang.Text("places." + p.Name + ".name"), Number: p.Number, Shown: p.Spaced(), Text: v.notes(p)}
		if v.isInside(p) {
			point.Inside = p.Inside
		}
		out = append(out, point)
	}
	return out
}

func (v view) resultPage(p *Page) {
	outcome, a := outcome(v.l, v.s)
	key := v.ofResult(outcome)
	p.Screen, p.Symbol, p.Title, p.Level = "result", symbols[outcome], v.fill(v.lang.Text(key+"title")), levels[outcome]
	if first := v.first(outcome); len(first) > 0 {
		p.Call = v.pointsOf(first[:1])[0]
	}
	t := v.tells(key, outcome, a)
	p.Blocks = append(p.Blocks, Block{Text: []string{t.text}})
	if left := v.leftNote(); left != "" {
		p.Blocks = append(p.Blocks, Block{Text: []string{left}})
	}
	call := Block{Heading: v.say("call-title"), Items: v.points(outcome)}
	if c := v.chosen(); c != "" {
		call.Text = []string{c}
	}
	if urgent(outcome) {
		p.Blocks = append(p.Blocks, call)
	}
	why := t.reasons
	if n := min(mostReasons, len(why.Items)); n > 0 {
		p.Blocks = append(p.Blocks, Block{Heading: why.Heading, Items: why.Items[:n]})
	}
	if len(t.open) > 0 {
		b := Block{Heading: t.title, More: !v.asks(outcome)}
		for _, o := range t.open {
			b.Items = append(b.Items, Point{Lead: o[0], Text: o[1]})
		}
		p.Blocks = append(p.Blocks, b)
	}
	lines := func(title string, more bool, lines []string) {
		b := Block{Heading: title, More: more}
		for _, l := range lines {
			b.Items = append(b.Items, Point{Text: l})
		}
		if len(lines) > 0 {
			p.Blocks = append(p.Blocks, b)
		}
	}
	lines(v.say("green-title"), false, t.good)
	lines(v.say("check-title"), false, t.now)
	if !urgent(outcome) {
		first := v.first(outcome)
		call.Items = v.pointsOf(first)
		p.Blocks = append(p.Blocks, call)
		call.Text, call.Items = nil, v.pointsOf(slices.DeleteFunc(v.order(outcome), func(p content.Place) bool {
			return slices.ContainsFunc(first, func(f content.Place) bool { return f.Name == p.Name })
		}))
	}
	lines(v.say("check-title"), !urgent(outcome), t.later)
	if n := len(why.Items) - mostReasons; n > 0 {
		p.Blocks = append(p.Blocks, Block{Heading: v.fill(v.lang.Count("chat.more-reasons", n)), More: true, Items: why.Items[mostReasons:]})
	}
	if !urgent(outcome) && len(call.Items) > 0 {
		call.More = true
		p.Blocks = append(p.Blocks, call)
	}
	if title, points := v.local(outcome, true); title != "" {
		p.Blocks = append(p.Blocks, Block{Heading: title, Items: points})
		p.Pocket = v.municipality()
	}
	if title, of := v.ofJob(); title != "" {
		b := Block{Heading: title}
		for _, l := range of {
			b.Items = append(b.Items, Point{Text: l})
		}
		p.Blocks = append(p.Blocks, b)
	}
	p.Blocks = append(p.Blocks, Block{Text: []string{v.say("disclaimer")}})
}

// why lists the reasons: the first few with the person's own answer and what to do, the others by name.
func (v view) why(a flows.Assessment, said saidOnce) Block {
	a.Reasons = v.told(a)
	b := Block{Heading: v.say(reasonsTitle(a))}
	if len(a.Reasons) == 0 {
		return b
	}
	var names []string
	for _, r := range a.Reasons {
		names = append(names, strings.TrimSuffix(v.lang.Text(v.ofFlag(r)+"name"), "."))
	}
	for i, r := range a.Reasons {
		flag := v.ofFlag(r)
		point := Point{Lead: v.lang.Text(flag + "name")}
		if i < mostReasons {
			point.Text = said.rest(v.fill(v.lang.Text(flag + "why")))
			if do := said.rest(v.fill(v.lang.Text(flag + "do"))); do != "" {
				point.Do = v.say("do-title") + ": " + do
			}
			if quoted := v.said(r, names); quoted != "" {
				point.Text = strings.TrimSuffix(quoted+". "+point.Text, " ")
			}
		}
		b.Items = append(b.Items, point)
	}
	return b
}
