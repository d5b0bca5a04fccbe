package talk

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// screen is what a person sees: a text and the buttons under it.
type screen struct {
	text    string
	buttons [][]bot.Button
}

// symbols stand beside the level, so that colour is never the only sign.
var symbols = map[string]string{"low": "○", "unknown": "?", "concern": "▲", "high": "▲▲", "emergency": "‼", "young": "•", "young-high": "▲▲", "young-emergency": "‼", "rights": "▲"}

// view renders one session's screens.
type view struct {
	l      *library.Library
	lang   *content.Language
	s      *bot.Session
	flow   *flows.Flow
	page   bool // a page draws it: there are no commands, and only words can be sent
	plain  bool // nothing but words reaches the counsellors
	photos bool // the person's network gives out pictures and words alone,
	voices bool // and voices, which can be listened to in a browser
}

func viewOf(l *library.Library, s *bot.Session) view {
	tag := l.Tongue(s) // a training may have been begun in a language that has it
	return view{l: l, lang: l.Catalog.Language(tag), s: s, flow: l.BookIn(tag).Flow(s.Quiz)}
}

// here is the name of a text that a page has in words of its own.
func (v view) here(name string) string {
	if v.page {
		return name + "-page"
	}
	return name
}

func (v view) say(name string) string { return v.fill(v.lang.Text("chat." + name)) }

// fill puts the present numbers into a text. Numbers are never part of a text, so an old text cannot show an old number.
func (v view) fill(s string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	for _, place := range content.Numbered {
		if key := "{" + place + "}"; strings.Contains(s, key) {
			s = strings.ReplaceAll(s, key, v.number(place))
		}
	}
	return s
}

// Fill puts the present numbers into a text.
func Fill(l *library.Library, s string) string { return view{l: l}.fill(s) }

// numberOf is the number of a place as people read it, empty where there is no such place.
func numberOf(l *library.Library, place string) string {
	p, ok := l.Catalog.Place(place)
	if !ok {
		return ""
	}
	return p.Spaced()
}

func (v view) button(name, data string) bot.Button {
	return bot.Button{Label: v.lang.Text("chat." + name), Data: data}
}

func (v view) serial(word string) string { return word + ":" + strconv.Itoa(int(v.s.Serial)) }

func (v view) with(name, data string) bot.Button {
	if label, ok := v.l.Iconed[library.Named{Tag: v.lang.Tag, Name: name}]; ok {
		return bot.Button{Label: label, Data: data}
	}
	return bot.Button{Label: library.Icons[name] + v.lang.Text("chat."+name), Data: data}
}

// always ends every screen: the numbers and the way out.
func (v view) always() []bot.Button {
	return []bot.Button{v.with("numbers", "numbers"), v.with("exit", "exit")}
}

// bare is the screen that the session stands at, without the mark of a trial.
func (v view) bare() screen {
	switch v.s.Over {
	case bot.Numbers:
		return v.numbers(v.say("numbers-title"))
	case bot.Human:
		return v.numbers(v.humanText())
	case bot.Menu:
		return v.menu()
	case bot.Modules:
		return v.moduleMenu()
	case bot.Help:
		rows := [][]bot.Button{{v.with("return", "back:here")}, {v.with("human", "human")}, {v.button("language", "language"), v.button("restart", "restart")}}
		if !v.s.Case.Active() {
			rows = append(rows, v.others()...)
		}
		return screen{v.say(v.here("help-text")), append(rows, []bot.Button{v.button("erase", "erase")}, v.always())}
	case bot.EraseAsk:
		return screen{v.say("erase-ask"), [][]bot.Button{{v.button("erase-yes", "erase:yes")}, {v.with("return", "back:here")}, v.always()}}
	case bot.Begun:
		return v.begun()
	case bot.BridgeAsk:
		return v.bridgeAsk()
	case bot.Languages:
		sc := languages(v.l, v.lang.Text("chat.choose-language"))
		sc.buttons = slices.DeleteFunc(sc.buttons, func(row []bot.Button) bool { // only those that have words for it
			return !v.l.Says(strings.TrimPrefix(row[0].Data, "language:"), v.s)
		})
		sc.buttons = append(sc.buttons, []bot.Button{v.with("return", "back:here")}, v.always())
		return sc
	}
	if v.s.Over.Answers() {
		return v.answers()
	}
	if v.s.Over.OfJob() {
		return v.jobCountries()
	}
	if v.s.Over >= bot.Countries {
		return v.countries()
	}
	if v.s.Over >= bot.Consent {
		return v.handoff()
	}
	if v.s.Case.Active() {
		return v.talk()
	}
	if v.s.Speaks() {
		return v.bridged()
	}
	switch v.s.Stage {
	case bot.Welcome:
		rows := append([][]bot.Button{{v.button("begin", v.serial("next"))}}, v.others()...)
		return screen{v.say(v.here("welcome")), append(rows, []bot.Button{v.button("language", "language"), v.button("help", "help")}, v.always())}
	case bot.Private:
		if v.trains() {
			return v.intro()
		}
		return screen{v.say("private"), [][]bot.Button{{v.button("private-yes", v.serial("next"))}, {v.button("private-no", "exit:later")}, v.always()}}
	case bot.Explained:
		return v.explanation()
	case bot.Checking:
		return v.answers()
	case bot.Finished:
		if v.trains() {
			return v.trained()
		}
		return v.result()
	}
	return v.question()
}

// begun asks somebody who comes to the beginning again whether to go on where they were.
func (v view) begun() screen {
	rows := [][]bot.Button{{v.button("go-on-where", v.serial("next"))}, {v.button("restart", "restart")}}
	rows = append(rows, v.others()...)
	return screen{v.say("begun"), append(rows, []bot.Button{v.button("language", "language"), v.button("help", "help")}, v.always())}
}

// languages is the choice of languages, each named in itself.
func languages(l *library.Library, text string) screen {
	var sc screen
	var ask []string
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		n := lang.Text("chat.language-name")
		if lang.Variant == nil { // the question in each language: a bare list of names tells nothing to who has just written
			ask = append(ask, n+": "+lang.Text("chat.choose-language"))
		}
		sc.buttons = append(sc.buttons, []bot.Button{{Label: n, Data: "language:" + lang.Tag}})
	}
	sc.text = text
	if text == "" {
		sc.text = strings.Join(ask, "\n")
	}
	return sc
}

// others leads to the menu, if there is more than one quiz to choose from.
func (v view) others() [][]bot.Button {
	if len(v.l.Offers(v.lang.Tag)) < 2 && len(v.l.Modules[v.lang.Tag]) == 0 {
		return nil
	}
	return [][]bot.Button{{v.button("menu", "menu")}}
}

// menu is the choice of quizzes, each with what it looks at.
func (v view) menu() screen {
	sc := screen{text: "**" + v.say("menu-title") + "**\n"}
	for _, q := range v.l.Offers(v.lang.Tag) {
		name := v.lang.Text(q + ".name")
		sc.text += "\n• **" + name + ".** " + v.fill(v.lang.Text(q+".about"))
		sc.buttons = append(sc.buttons, []bot.Button{{Label: name, Data: v.serial("menu") + "." + q}})
	}
	if len(v.l.Modules[v.lang.Tag]) > 0 {
		sc.text += "\n• **" + v.teaching("name") + ".** " + v.teaching("about")
		sc.buttons = append(sc.buttons, []bot.Button{{Label: v.teaching("name"), Data: "menu:" + trainingMenu}})
	}
	sc.buttons = append(sc.buttons, []bot.Button{v.with("return", "back:here")}, v.always())
	return sc
}

// ofResult names the texts of an outcome: the quiz's own, if it has one.
func (v view) ofResult(outcome string) string {
	if own := v.s.Quiz + ".results." + outcome + "."; v.lang.Has(own + "title") {
		return own
	}
	return "results." + outcome + "."
}

// ofFlag names the texts of a flag: the quiz's own, if it has some.
func (v view) ofFlag(flag int) string {
	name := v.l.Book.Flags[flag].Name
	if own := v.s.Quiz + ".flags." + name + "."; v.lang.Has(own + "name") {
		return own
	}
	if v.flow != nil && v.flow.Other {
		return "flags.other." + name + "."
	}
	return "flags.flags." + name + "."
}

// usual says before the first question that the quiz is not in the easy words that the person chose; it is empty when it is.
func (v view) usual() string {
	if len(v.s.Given) > 0 || v.lang.Easy(v.s.Quiz) {
		return ""
	}
	return v.lang.Variant.Usual
}

func (v view) question() screen {
	step := v.flow.Step(int(v.s.At))
	n, m := v.count()
	key := step.Text + "."
	say := v.fill(v.lang.Text(key + "say"))
	var b strings.Builder
	b.Grow(len(say) + 16)
	b.WriteString(strconv.Itoa(n) + "/" + strconv.Itoa(m) + "\n\n")
	if usual := v.usual(); usual != "" {
		b.WriteString(usual + "\n\n")
	}
	if v.trains() {
		b.WriteString(v.partOf(step) + "\n\n" + v.situation(step) + "\n\n")
	}
	b.WriteString("**")
	b.WriteString(say)
	b.WriteString("**")
	if step.Several {
		b.WriteString("\n\n" + v.say("several-hint"))
	}
	if v.s.Over == bot.Why {
		b.WriteString("\n\n" + v.fill(v.lang.Text(key+"why")))
	}
	const besides = 9 // buttons that are no answers, at most
	all := make([]bot.Button, 0, len(step.Choices)+besides)
	rows := make([][]bot.Button, 0, len(step.Choices)+3)
	begin := 0
	row := func() { // the buttons since the last row
		rows = append(rows, all[begin:len(all):len(all)])
		begin = len(all)
	}
	data := v.serial("answer") + "."
	width, former := 0, v.s.Former()
	for _, i := range v.inOrder(step) {
		c := &step.Choices[i]
		label := v.lang.Text(key + c.Answer)
		switch {
		case step.Several && c.Alone && v.s.Ticks&(1<<i) != 0:
			label = "● " + label
		case step.Several && v.s.Ticks&(1<<i) != 0:
			label = "☑ " + label
		case step.Several && !c.Alone:
			label = "☐ " + label
		case !step.Several && former&(1<<i) != 0:
			label = formerSign + label
		}
		length := content.Length(label)
		if width += length; len(all) > begin && (step.Several || width > 22) {
			row()
			width = length
		}
		all = append(all, bot.Button{Label: label, Data: data + strconv.Itoa(i)})
	}
	row()
	if step.Several {
		all = append(all, v.button("next", v.serial("next")))
		row()
	}
	if step.Where && len(v.l.Catalog.Countries) > 0 {
		all = append(all, v.button("job-choose", v.serial("menu")+"."+jobList+".0"))
		row()
	}
	if !v.settled() {
		all = append(all, v.with("back", v.serial("back")))
	}
	all = append(all, v.button("skip", v.serial("skip")))
	if v.s.Over != bot.Why && !v.trains() {
		all = append(all, v.button("why", v.serial("why")))
	}
	if v.lang.Recording(v.s.Quiz, step.Name) != nil {
		all = append(all, v.with("listen", v.serial("why")+listening))
	}
	row()
	if v.canShow() {
		all = append(all, v.button("show", v.serial("show")))
	}
	if v.canChange() && len(v.s.Given)+1 >= showFrom {
		all = append(all, v.button("answers", v.serial("change")))
	}
	if len(all) > begin {
		row()
	}
	all = append(all, v.with("numbers", "numbers"), v.with("exit", "exit"))
	row()
	return screen{b.String(), rows}
}

// where tells which numbers a person can dial: those of the country they have chosen, or lithuania or elsewhere.
func (v view) where() string {
	if c := v.country(); c != "" {
		return c
	}
	if v.flow != nil && v.l.Book.HasNote(v.flow.Facts(v.s.Given), "in-lithuania") {
		return "lithuania"
	}
	return "elsewhere"
}

// place is one line of the list of numbers: who, the number, when, from where.
func (v view) place(p content.Place) string {
	line := v.lang.Text("places."+p.Name+".name") + ": **" + p.Spaced() + "**"
	if v.isInside(p) {
		line = v.lang.Text("places."+p.Name+".name") + ": **" + p.Inside + "**, " + p.Spaced()
	}
	switch notes := v.notes(p); {
	case strings.HasPrefix(notes, "("):
		line += " " + notes
	case notes != "":
		line += ". " + notes
	}
	return line
}

// isInside reports whether a number is shown as it is dialled inside its country, with the form from abroad after it: it
// works nowhere else, or the person has said that they are in that country. Some numbers that cost nothing do not take the
// form with the plus. Lithuania's other numbers keep the form that works everywhere: who reads them here may soon be abroad.
func (v view) isInside(p content.Place) bool {
	return p.Inside != "" && (p.From == "lithuania" || p.From == "country" || p.Country != "" && p.Country == v.country())
}

// notes says when and from where a place answers.
func (v view) notes(p content.Place) string {
	var notes []string
	switch p.Hours {
	case "always":
		notes = append(notes, v.say("hours-always"))
	case "unknown":
		if p.Kind != "emergency" {
			notes = append(notes, v.say("hours-unknown"))
		}
	default:
		notes = append(notes, v.hours(p.Hours))
	}
	if v.country() == "" {
		notes = append(notes, v.say("dial-"+p.From))
	} else if p.Kind != "emergency" && len(p.Languages) > 0 { // it works where they are; not everybody there answers in their language
		notes = append(notes, strings.ToUpper(strings.Join(p.Languages, ", ")))
	}
	line := ""
	if len(notes) > 0 {
		line = "(" + strings.Join(notes, ", ") + ")"
	}
	if n := "places." + p.Name + ".note"; v.lang.Has(n) {
		line += ". " + v.fill(v.lang.Text(n))
	}
	return strings.TrimPrefix(line, ". ")
}

// order lists whom to call for the outcome.
func (v view) order(outcome string) []content.Place {
	var facts flows.Facts
	if v.flow != nil {
		facts = v.flow.Facts(v.s.Given)
		outcome = v.listFor(outcome)
	}
	return slices.DeleteFunc(v.l.Catalog.Order(outcome, v.where()), func(p content.Place) bool {
		return len(p.Near) > 0 && !slices.ContainsFunc(p.Near, func(note string) bool { return v.l.Book.HasNote(facts, note) })
	})
}

// listFor names the list of places.yaml for an outcome: the quiz's own list of that outcome, as helper-young; else the quiz's list of all
// outcomes, if nobody is in danger; else the outcome's.
func (v view) listFor(outcome string) string {
	has := func(name string) bool { return slices.Contains(v.l.Catalog.Outcomes(), name) }
	own := v.s.Quiz + "-" + outcome
	switch {
	case has(own):
		return own
	case outcome != "emergency" && outcome != "numbers" && has(v.s.Quiz):
		return v.s.Quiz
	}
	return outcome
}

func (v view) places(outcome string) string {
	var b strings.Builder
	if c := v.chosen(); c != "" {
		b.WriteString("\n" + c)
	}
	for _, p := range v.order(outcome) {
		b.WriteString("\n• " + v.place(p))
	}
	return b.String()
}

func (v view) numbers(title string) screen {
	rows := append([][]bot.Button{{v.with("return", "back:here")}}, v.choose()...)
	return screen{title + "\n" + v.places("numbers"), append(rows, []bot.Button{v.with("exit", "exit")})}
}

// Outcome names the end a person has come to, and why.
func outcome(l *library.Library, s *bot.Session) (string, flows.Assessment) {
	f := l.Flow(s)
	if f.Trains() {
		return flows.Trained, flows.Assessment{}
	}
	a := l.Book.Risk.Assess(f.Facts(s.Given))
	if a.Level == flows.Low && early(l, s) { // what was not asked is not known
		a.Level = flows.Unknown
	}
	return l.Book.Outcome(s.End, a), a
}

// reasonsTitle names the list of flags: supporting ones alone do not decide.
func reasonsTitle(a flows.Assessment) string {
	if a.Level < flows.Concern {
		return "notice-title"
	}
	return "reasons-title"
}

// ofCheck names the text of a check.
func (v view) ofCheck(name string) string {
	if v.flow.Other {
		return "flags.other." + name + "."
	}
	return "flags.green." + name + "."
}

// next lists what to do after a result. A line about something the person has not said is left out.
func (v view) next(key string) []string {
	var out []string
	for _, line := range v.lang.List(key + "next") {
		for i := range v.flow.Steps {
			step := &v.flow.Steps[i]
			if step.Names == "" || !strings.Contains(line, "{"+step.Names+"}") {
				continue
			}
			for _, g := range v.s.Given {
				if int(g.Step) == i && g.Picks != 0 {
					line = strings.ReplaceAll(line, "{"+step.Names+"}", v.lang.Text(step.Text+"."+step.Choices[bits.TrailingZeros16(g.Picks)].Answer))
				}
			}
		}
		if line = v.fill(line); !strings.Contains(line, "{") {
			out = append(out, line)
		}
	}
	return out
}

// told are the reasons that a result names: not that somebody is under 18, which its title says.
func (v view) told(a flows.Assessment) []int {
	return slices.DeleteFunc(slices.Clone(a.Reasons), func(i int) bool { return v.l.Book.Flags[i].Outcome != "" })
}

// said quotes the answers that make a flag a reason, but for those that are word by word the name of a reason. It is empty when
// the quiz knew it before the first answer.
func (v view) said(flag int, names []string) string {
	var out []string
	for _, t := range v.flow.Said(flag, v.s.Given) {
		step := v.flow.Step(t.Step)
		if answer := v.lang.Text(step.Text + "." + step.Choices[t.Choice].Answer); !slices.Contains(names, strings.TrimSuffix(answer, ".")) {
			out = append(out, answer)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return v.say("said") + " " + v.lang.Quoted(strings.Join(out, "; "))
}

// then says what to do now because of what has been done already.
func (v view) then() []string {
	var out []string
	for _, g := range v.s.Given {
		if int(g.Step) >= len(v.flow.Steps) || !v.flow.Steps[g.Step].Then {
			continue
		}
		step := &v.flow.Steps[g.Step]
		for i, c := range step.Choices {
			if name := step.Text + ".then." + c.Answer; g.Picks&(1<<i) != 0 && c.Then && v.lang.Has(name) {
				out = append(out, v.fill(v.lang.Text(name)))
			}
		}
	}
	return out
}

// mostOpen is how many open points a result names; a good one names fewer.
const mostOpen, mostLater = 5, 3

// open lists what is worth finding out: what it is, and the words to ask with. A grave result leaves it out, for then
// another step comes first. What an explained reason says to do is no open point beside it.
func (v view) open(outcome string, a flows.Assessment) (title string, points [][2]string) {
	title, most := v.say("open-title"), mostOpen
	switch outcome {
	case flows.Low.String():
		title, most = v.say("later-title"), mostLater
	case flows.Unknown.String(), flows.Concern.String():
	default:
		return "", nil
	}
	if early(v.l, v.s) {
		title, most = v.say("open-title"), len(v.flow.Ask)
	}
	told := v.told(a)
	told = told[:min(mostReasons, len(told))]
	for _, p := range v.flow.ToAsk(v.s.Given) {
		if len(points) < most && !v.about(told, p) {
			points = append(points, [2]string{v.lang.Text("flags.points." + p + ".name"), v.fill(v.lang.Text("flags.points." + p + ".ask"))})
		}
	}
	return title, points
}

// about reports whether flags speak of a point or of a good sign.
func (v view) about(flagged []int, name string) bool {
	return slices.ContainsFunc(flagged, func(i int) bool { return slices.Contains(v.l.Book.Flags[i].About, name) })
}

// good lists what the person has done or has, but for what a reason speaks against. A grave result names no comfort.
func (v view) good(outcome string, a flows.Assessment) (out []string) {
	if !slices.Contains([]string{flows.Low.String(), flows.Unknown.String(), flows.Concern.String()}, outcome) {
		return nil
	}
	told := v.told(a)
	for _, g := range v.l.Book.GreenNames(v.flow.Facts(v.s.Given)) {
		if !v.about(told, g) {
			out = append(out, v.lang.Text(v.ofCheck(g)+"name"))
		}
	}
	return out
}

// urgent reports whether the numbers come before anything else.
func urgent(outcome string) bool {
	return outcome == flows.Emergency.String() || strings.HasPrefix(outcome, "young")
}

// mostReasons is how many reasons a result explains; the others are counted.
const mostReasons = 3

// mostCalled is how many numbers a result names at once; the others unfold.
const mostCalled = 2

// findings are what a result says besides whom to call. No sentence of it stands there twice: what several signs ask for is said at the
// first of them.
type findings struct {
	text    string
	reasons Block       // the first few are explained, the others named
	now     []string    // what to do that stands on the card itself
	title   string      // over the open points
	open    [][2]string // what is worth finding out, and the words to ask with
	good    []string
	later   []string // what else to do
}

// tells gathers what a result says, what is seen at once before what unfolds.
func (v view) tells(key, outcome string, a flows.Assessment) (t findings) {
	said := saidOnce{}
	t.text = said.rest(v.fill(v.lang.Text(key + "text")))
	t.reasons = v.why(a, said)
	now := v.atOnce(key, outcome)
	t.now = said.lines(now)
	later := v.todo(key, outcome, a)[len(now):]
	if urgent(outcome) { // all of it is seen at once
		t.later = said.lines(later)
	}
	title, points := v.open(outcome, a)
	for _, p := range points {
		if p[1] = said.rest(p[1]); p[1] != "" {
			t.title, t.open = title, append(t.open, p)
		}
	}
	t.good = v.good(outcome, a)
	if !urgent(outcome) {
		t.later = said.lines(later)
	}
	return t
}

// saidOnce are the sentences that a result has said already. Short ones, as "Do not pay.", may be said again.
type saidOnce map[string]bool

// shortest is how many letters a sentence has at least that is said only once.
const shortest = 20

// rest is a text without the sentences that were said before.
func (o saidOnce) rest(text string) string {
	var out []string
	for _, s := range sentences(text) {
		if o[s] {
			continue
		}
		if letters := strings.Map(onlyLetters, s); utf8.RuneCountInString(letters) >= shortest {
			o[s] = true
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func onlyLetters(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}

// lines are the lines of which something was not said before.
func (o saidOnce) lines(lines []string) (out []string) {
	for _, l := range lines {
		if l = o.rest(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// result is one card: what it is, whom to call, why, and what can be found out. What else there is to say unfolds.
func (v view) result() screen {
	outcome, a := outcome(v.l, v.s)
	key, whole := v.ofResult(outcome), v.s.Over == bot.Why
	t := v.tells(key, outcome, a)
	var b strings.Builder
	b.Grow(2048) // most are that long
	fmt.Fprintf(&b, "%s **%s**\n\n%s", symbols[outcome], v.fill(v.lang.Text(key+"title")), t.text)
	list := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		b.WriteString("\n\n**" + title + "**")
		for _, l := range lines {
			b.WriteString("\n• " + l)
		}
	}
	if left := v.leftNote(); left != "" {
		b.WriteString("\n\n" + left)
	}
	if urgent(outcome) {
		b.WriteString("\n\n**" + v.say("call-title") + "**" + v.places(outcome))
	}
	v.reasons(&b, t.reasons)
	if whole || v.asks(outcome) {
		var lines []string
		for _, p := range t.open {
			lines = append(lines, p[0]+". "+p[1])
		}
		list(t.title, lines)
	}
	list(v.say("green-title"), t.good)
	if whole || urgent(outcome) {
		list(v.say("check-title"), slices.Concat(t.now, t.later))
	} else {
		list(v.say("check-title"), t.now)
	}
	if !urgent(outcome) {
		b.WriteString("\n\n**" + v.say("call-title") + "**")
		if whole {
			b.WriteString(v.places(outcome))
		} else {
			b.WriteString(v.called(outcome))
		}
	}
	v.localText(&b, outcome, whole)
	if title, lines := v.ofJob(); title != "" {
		b.WriteString("\n\n**" + title + "**")
		for _, l := range lines {
			b.WriteString("\n• " + l)
		}
	}
	rows := [][]bot.Button{{bot.Button{Label: library.Icons["numbers"] + v.lang.Text("chat.call"), Data: "numbers"}}, {v.with("human", "human")}}
	if early(v.l, v.s) {
		rows = append(rows, []bot.Button{v.button("go-on", v.serial("next"))})
	}
	b.WriteString("\n\n" + v.say("disclaimer"))
	if whole {
		rows = append(rows, []bot.Button{v.with("return", "back:here")})
	} else {
		rows = append(rows, []bot.Button{v.button("more", v.serial("why"))})
	}
	rows = append(rows, v.choose()...)
	rows = append(rows, v.jobNumbers()...)
	if v.canChange() {
		rows = append(rows, []bot.Button{v.button("answers", v.serial("change"))})
	}
	return screen{b.String(), append(rows, []bot.Button{v.with("back", v.serial("back")), v.button("restart", "restart")},
		[]bot.Button{v.button("language", "language"), v.button("erase", "erase")}, []bot.Button{v.with("exit", "exit")})}
}

// asks reports whether what to find out is the first thing that a result says.
func (v view) asks(outcome string) bool {
	return outcome == flows.Unknown.String() || early(v.l, v.s)
}

// called are the first numbers of an outcome.
func (v view) called(outcome string) string {
	var b strings.Builder
	if c := v.chosen(); c != "" {
		b.WriteString("\n" + c)
	}
	for _, p := range v.first(outcome) {
		b.WriteString("\n• " + v.place(p))
	}
	return b.String()
}

// first are the places that a result names at once, a Lithuanian number among them: it is the one that can always be dialled.
func (v view) first(outcome string) []content.Place {
	all := v.order(outcome)
	out := all[:min(mostCalled, len(all))]
	plus := func(p content.Place) bool { return strings.HasPrefix(p.Number, "+370") }
	if i := slices.IndexFunc(all, plus); i >= mostCalled {
		return append(slices.Clone(out[:mostCalled-1]), all[i])
	}
	return out
}

// atOnce lists what to do that stands on the card itself: at high the first thing that the outcome says, which is what to leave
// alone for now, and everywhere what follows from what has been done.
func (v view) atOnce(key, outcome string) []string {
	if next := v.next(key); outcome == flows.High.String() && len(next) > 0 {
		return append(next[:1:1], v.then()...)
	}
	return v.then()
}

// todo lists what to do: first what stands on the card, then what else the outcome says, then where a matter of labour rights
// goes that stands beside a graver one.
func (v view) todo(key, outcome string, a flows.Assessment) []string {
	out, next := v.atOnce(key, outcome), v.next(key)
	if outcome == flows.High.String() && len(next) > 0 {
		next = next[1:]
	}
	out = append(out, next...)
	if a.Beside && !v.flow.Other {
		out = append(out, v.say("rights-too"))
	}
	return out
}

// reasons writes why: the first few with the person's own answer and what to do, the others by name.
func (v view) reasons(b *strings.Builder, why Block) {
	if len(why.Items) == 0 {
		return
	}
	b.WriteString("\n\n**" + why.Heading + "**")
	for i, r := range why.Items {
		if i == mostReasons {
			b.WriteString("\n" + v.fill(v.lang.Count("chat.more-reasons", len(why.Items)-i)))
			for _, r := range why.Items[i:] {
				b.WriteString("\n• " + r.Lead)
			}
			break
		}
		fmt.Fprintf(b, "\n• **%s.**", strings.TrimSuffix(r.Lead, "."))
		if r.Text != "" {
			b.WriteString(" " + r.Text)
		}
		if r.Do != "" {
			b.WriteString("\n   " + r.Do)
		}
	}
}

// Outcome names a finished session's end and the flags that made it, the heaviest first. Ok is false before the end.
func Outcome(l *library.Library, s *bot.Session) (end string, reasons []string, ok bool) {
	if s.Stage != bot.Finished {
		return "", nil, false
	}
	end, a := outcome(l, s)
	for _, r := range a.Reasons {
		reasons = append(reasons, l.Book.Flags[r].Name)
	}
	return end, reasons, true
}
