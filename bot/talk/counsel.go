package talk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// What counsellors do with a case, and what time does with it.

// acted carries out what a counsellor did. Text is take, release, transfer, close, reopen, look, over, fill, tick or what else stands here, and what
// follows it.
func (t *turn) acted() {
	c := t.own()
	word, arg, _ := strings.Cut(t.u.Text, " ")
	a := t.u.Actor
	if word == bot.EventReopen && (c.Gone || t.u.At.Unix()-c.Since >= int64(bot.ReopenTime/time.Second)) {
		t.refuse("closed")
		return
	}
	switch word {
	case "look":
		if c.Urgent != bot.Danger || !c.Active() || c.HeldBy(a) || c.Second != "" {
			t.refuse("state")
			return
		}
		c.Second = a.Name
		t.desk("looks", "{name}", a.Name)
		t.card()
		t.p.Toast = t.deskLang().Text("desk.done")
	case bot.EventTake, bot.EventRelease, bot.EventTransfer, bot.EventClose, bot.EventReopen:
		if !c.Can(word) {
			t.refuse(map[bool]string{true: "taken", false: "state"}[c.State == bot.Taken && word == bot.EventTake])
			return
		}
		if c.State == bot.Taken && !c.HeldBy(a) && !(a.Lead && word == bot.EventRelease) {
			t.refuse("taken")
			return
		}
		if word == bot.EventReopen && c.Bars(t.u.At) { // a lead lifts it by that
			if !a.Lead {
				t.refuse("barred")
				return
			}
			c.Barred = 0
		}
		t.move(word, arg, a)
	case "over": // a lead takes what somebody else holds
		if c.State != bot.Taken || c.HeldBy(a) || !a.Lead {
			t.refuse(map[bool]string{true: "taken", false: "state"}[c.State == bot.Taken])
			return
		}
		before := c.Name
		c.Move(bot.EventTransfer, t.u.At)
		c.Holder, c.Name = a.ID, a.Name
		t.s.Over = bot.Nothing
		t.desk("over", "{name}", before, "{other}", a.Name)
		t.tellWith("transferred", t.u.Desk.Speaks)
		t.card()
		t.p.Toast = t.deskLang().Text("desk.done")
	case "reached", "unreached", "ring":
		t.rang(word, arg, a)
	case "bar", "unbar":
		t.bar(word, a)
	case "replies", "reply", "say":
		t.readied(word, arg, a)
	case "outcome", "referred":
		t.finds(word, arg)
	case "fill", "unfill":
		t.fill(word, arg, a)
	case "tick", "untick":
		t.tick(word, arg)
	default:
		t.refuse("state")
	}
}

// move is a transition that is allowed.
func (t *turn) move(word, arg string, a bot.Actor) {
	c := t.s.Case
	to := bot.Actor{}
	if word == bot.EventTransfer {
		if to = Colleague(arg, t.u.Desk.Duty); to.ID == "" {
			if arg != "" || !t.whom(a) {
				t.refuse("transfer")
			}
			return
		}
	}
	finding, place, _ := strings.Cut(arg, " ")
	aside := c.Folded && word == bot.EventTake
	if aside {
		t.caughtUp()
	}
	if word == bot.EventRelease || word == bot.EventReopen {
		t.requeue(word)
	} else {
		c.Move(word, t.u.At)
	}
	t.s.Over = bot.Nothing // what they write from now is meant for a human
	switch word {
	case bot.EventTake:
		c.Holder, c.Name, c.Held = a.ID, a.Name, true
		t.count("handoff.taken")
		t.desk("taken", "{name}", a.Name)
		t.tellWith("taken", t.u.Desk.Speaks)
		if aside && c.Urgent == bot.Danger && c.Second == "" { // of every other it was said when it came
			t.desk("second")
		}
	case bot.EventRelease:
		t.desk("released", "{name}", a.Name)
		t.tellRequeued("released")
	case bot.EventTransfer:
		c.Holder, c.Name = to.ID, to.Name
		t.desk("transferred", "{name}", a.Name, "{other}", to.Called())
		t.tellWith("transferred", t.u.Desk.Speaks)
	case bot.EventClose:
		t.count("handoff.closed")
		t.desk("closed", "{name}", a.Name)
		t.closed()
		t.find(finding, place)
	case bot.EventReopen:
		t.desk("reopened", "{name}", a.Name)
		t.tell("reopened")
	}
	t.card()
	t.p.Toast = t.deskLang().Text("desk.done")
}

// tellWith tells the person who answers from now on, and in which languages if theirs is not among them.
func (t *turn) tellWith(name string, speaks []string) {
	spoken := t.view().spoken(speaks) != "" // whether their own is among them
	t.speak(func(v view) string {
		text := strings.ReplaceAll(v.wording(name), "{word}", t.s.Case.Word)
		if spoken {
			text += "\n\n" + v.names(speaks)
		}
		return text
	})
}

// requeue puts a talk back into the queue by an event. Outside the hours nobody is called for it until they begin.
func (t *turn) requeue(event string) {
	c := t.s.Case
	c.Move(event, t.u.At)
	c.Asked, c.Base = t.u.At.Unix(), t.base(t.opens())
	t.s.Over = bot.Nothing // what they write from now is meant for a human
}

// tellRequeued tells the person that their talk is back in the queue, and outside the hours when somebody answers.
func (t *turn) tellRequeued(name string) {
	opens := t.opens()
	t.speak(func(v view) string {
		text := v.wording(name)
		if !opens.Equal(t.u.At) {
			text += "\n\n" + t.wait(v, opens)
		}
		return text
	})
}

// closed tells the person that the talk has ended, without their doing.
func (t *turn) closed() {
	t.s.Over = bot.Rate
	t.show()
	t.notice(func(v view) string { return v.wording("closed") })
}

// whom asks in the case's topic which of those on duty a talk is passed on to. It reports false when there is nobody else, or when the
// counsellor works on the page, which asks by itself.
func (t *turn) whom(a bot.Actor) bool {
	if a.HasAccount() {
		return false
	}
	var rows [][]bot.Button
	for _, d := range t.u.Desk.Duty {
		if d.ID != a.ID && len(rows) < mostWhom {
			rows = append(rows, []bot.Button{{Label: d.Name, Data: "case:" + bot.EventTransfer + ":" + d.Mark()}})
		}
	}
	if len(rows) == 0 {
		return false
	}
	text := strings.ReplaceAll(t.deskLang().Text("desk.transfer-whom"), "{name}", a.Name)
	t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + text, Buttons: rows, Urgency: 1})
	t.p.Refused, t.p.Toast = true, t.deskLang().Text("desk.transfer-here")
	return true
}

// mostWhom is how many colleagues are offered.
const mostWhom = 20

// Colleague finds who is meant by "@name", an id or the mark of a button: somebody on duty, or anybody by their @name.
func Colleague(arg string, duty []bot.Actor) bot.Actor {
	arg = strings.TrimSpace(arg)
	for _, d := range duty {
		if d.ID == arg || d.Mark() == arg || d.User != "" && strings.EqualFold("@"+d.User, arg) || strings.EqualFold(d.Name, arg) {
			return d
		}
	}
	if strings.HasPrefix(arg, "@") && len(arg) > 3 && !strings.ContainsAny(arg, " \n") {
		return bot.Actor{ID: arg, Name: arg}
	}
	return bot.Actor{}
}

// holds reports whether the case is this counsellor's, for acts that nobody else may do; else it refuses, with other where a colleague
// holds it.
func (t *turn) holds(a bot.Actor, other string) bool {
	switch c := t.s.Case; {
	case c.State != bot.Taken:
		t.refuse("take-first")
		return false
	case !c.HeldBy(a):
		t.refuse(other)
		return false
	}
	return true
}

// refuse tells a counsellor why nothing was done.
func (t *turn) refuse(why string) {
	name := ""
	if t.s.Case != nil {
		name = t.s.Case.Name
	}
	t.p.Refused = true
	t.p.Toast = strings.ReplaceAll(t.deskLang().Text("desk.refused-"+why), "{name}", name)
	if t.u.Aloud && t.s.Case != nil && t.s.Case.Topic != 0 {
		t.say(bot.Message{Act: bot.Words, Text: "ⓘ " + t.p.Toast, Urgency: 1})
	}
}

// apart takes out the lines that begin with //: they stay among colleagues.
func apart(text string) (words, note string) {
	if !strings.Contains(text, "//") {
		return text, ""
	}
	var out, notes []string
	for _, line := range strings.Split(text, "\n") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "//"); ok {
			notes = append(notes, strings.TrimSpace(n))
			continue
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n")), strings.TrimSpace(strings.Join(notes, "\n"))
}

// said passes a counsellor's words to the person, if they hold the case. Notes to colleagues are for everybody
// at the desk to write.
func (t *turn) said() {
	c := t.own()
	text, note := apart(t.u.Text)
	if note != "" && text == "" && t.u.Media.Kind == "" {
		t.noted(note)
		return
	}
	switch {
	case !c.Active():
		t.refuse("closed")
		return
	case !t.holds(t.u.Actor, "words"):
		return
	case t.u.Media.Kind != "" && t.u.Media.Net != c.Person.Channel && !t.inChat(t.u.Media):
		t.refuse("file")
		return
	}
	c.Holder, c.Name = t.u.Actor.ID, t.u.Actor.Name // it may have been passed to an @name
	c.Last, c.Asked, c.Calls = t.u.At.Unix(), 0, 0
	if t.s.Over >= bot.CallNumber && t.s.Over <= bot.CallElse { // what they write from now is an answer to these words
		t.s.Over = bot.Nothing
	}
	m := bot.Message{To: c.Person, Text: text, Media: t.u.Media, Human: true, Urgency: 2, Track: true}
	t.p.Send = append(t.p.Send, m)
	t.copied(text)
	if m.Media.Kind != "" {
		what := t.view().wording("media-" + m.Media.Kind)
		if m.Media.Net != c.Person.Channel { // the page shows words
			what += " → " + door(t.s.Chat)
		}
		text = strings.TrimSpace("[" + what + "] " + m.Media.Caption)
	}
	t.line(ByCounsellor, t.u.Actor.Name, text)
	if note != "" {
		t.noted(note)
	}
}

// noted keeps a note among colleagues.
func (t *turn) noted(note string) {
	t.line(ByNote, t.u.Actor.Name, note)
	t.copied("// " + strings.ReplaceAll(note, "\n", "\n// "))
}

// copied shows colleagues elsewhere, in the case's topic, what was written on the page. It is not Human: there
// that means the person's words.
func (t *turn) copied(text string) {
	if t.u.Actor.HasAccount() {
		t.say(bot.Message{Act: bot.Words, Text: strings.ReplaceAll(t.u.Actor.Name+": "+text, "**", "*"), Urgency: 1})
	}
}

// placed notes where the desk has put the case. Topic 0 means that it is gone from there.
func (t *turn) placed() {
	if t.s.Case == nil {
		t.p.Erase = t.s.Stage == bot.Fresh
		if t.u.Topic > 0 || t.u.Ref > 0 { // the conversation was erased while its topic was made
			t.p.Desk = append(t.p.Desk, bot.Message{To: bot.Address{Channel: bot.DeskName}, Case: t.u.From, Act: bot.DropTopic, Topic: t.u.Topic, Edit: t.u.Ref})
		}
		return
	}
	c := t.own()
	c.Topic, c.Card = t.u.Topic, t.u.Ref
}

// fell is called when the case's time has come.
func (t *turn) fell() {
	if t.s.Case == nil {
		if t.s.Stage == bot.Fresh {
			t.p.Erase = true
		}
		return
	}
	c := t.own()
	t.p.Timer = true
	d := &t.newest.Catalog.Desk
	now := t.u.At
	if due := c.DueAt(d); due == 0 || now.Unix() < due {
		return
	}
	if c.Cut > 0 && c.Active() {
		t.uncounted()
		if c = t.own(); now.Unix() < c.DueAt(d) {
			return
		}
	}
	if c.Ring != 0 && c.Active() && now.Unix() >= c.Ring {
		t.rings()
		if c = t.own(); now.Unix() < c.DueAt(d) {
			return
		}
	}
	switch {
	case c.Active() && now.Unix() >= c.Last+int64(bot.Silence/time.Second):
		c.Move(bot.EventClose, now)
		t.desk("silence")
		t.card()
		t.closed()
	case c.State == bot.Waiting && c.Calls < bot.LapseAfter:
		c.Calls++
		t.call("calls", c.Calls == bot.LapseAfter, c.Base)
	case c.State == bot.Waiting:
		c.Move(bot.EventLapse, now)
		c.Calls++
		t.count("handoff.lapsed")
		t.desk("lapsed")
		t.card()
		t.s.Over = bot.Nothing
		t.show()
	case c.State == bot.Lapsed:
		if opens := t.opens(); opens.After(now) { // nobody is called at night
			c.Base += opens.Unix() - now.Unix()
			return
		}
		c.Called()
		t.call("calls", true, c.Since)
	case c.State == bot.Taken && c.Calls == 0:
		c.Calls++
		t.count("handoff.silent")
		t.desk("silent", "{name}", c.Name)
	case c.State == bot.Taken && c.Calls < bot.BackAfter:
		c.Calls++
		t.call("unanswered-lead", true, c.Owed())
	case c.State == bot.Taken:
		name := c.Name
		t.count("handoff.unanswered")
		t.requeue(bot.EventRelease)
		t.desk("unanswered", "{name}", name)
		t.tellRequeued("unanswered")
		t.card()
	case c.State == bot.Closed && !c.Bare:
		c.Bare, c.Call, c.Told, c.Tried, c.Reached = true, bot.Call{}, bot.Told{}, 0, false
		t.s.Return = ""
		t.s.Chat, t.s.Bridge, t.s.BridgeUntil = bot.Address{}, "", 0
		t.s.Given, t.s.Stage, t.s.Over, t.s.End, t.s.Ticks = nil, bot.Welcome, bot.Nothing, "", 0
		t.s.Before, t.s.Changing, t.s.Job = nil, bot.NoChange, ""
	case c.State == bot.Closed:
		t.forget(c)
	}
}

// forget ends what is kept of a case: its topic, its log and, if nothing else is under way, the session.
func (t *turn) forget(c *bot.Case) {
	if c.Topic != 0 {
		t.say(bot.Message{Act: bot.DropTopic, Topic: c.Topic, Edit: c.Card})
	}
	if t.s.Stage <= bot.Welcome {
		t.p.Erase = true
		return
	}
	t.p.Forget = true
	t.s.Case, t.s.Return = nil, ""
	t.s.Chat, t.s.Bridge, t.s.BridgeUntil = bot.Address{}, "", 0
}

// call asks the counsellors again: those on duty, then the lead. What is said is a note of that name; since is when the waiting began.
func (t *turn) call(note string, lead bool, since int64) {
	names := t.onDuty()
	if l := t.newest.Catalog.Desk.Lead; lead && l != "" {
		names = strings.TrimSpace(names + " " + l)
	}
	minutes := max(1, int(t.u.At.Sub(time.Unix(since, 0)).Round(time.Minute)/time.Minute))
	t.desk(note, "{name}", t.s.Case.Name, "{names}", names, "{minutes}", strconv.Itoa(minutes))
}

// onDuty names those who are on duty, so that Telegram calls them.
func (t *turn) onDuty() string {
	var names []string
	for _, d := range t.u.Desk.Duty {
		if d.User != "" {
			names = append(names, "@"+d.User)
		} else if d.Name != "" {
			names = append(names, d.Name)
		}
	}
	return strings.Join(names, " ")
}

// CardView is what the desk sees of a case.
type CardView struct {
	Title   string // of the topic: level and pseudonym
	Text    string
	Buttons [][]bot.Button
}

// signs stand before a topic's name.
var signs = [...]string{bot.Calm: "○", bot.Grave: "▲▲", bot.Danger: "‼"}

// underAge stands before a case of somebody who has said that they are under 18.
const underAge = "<18"

// Sign stands for how urgent a session's case is, beside the word for it. Under is somebody under 18 whom nothing else that they show
// makes urgent.
func Sign(l *library.Library, s bot.Session) (sign string, under bool) {
	sign = signs[min(int(s.Case.Urgent), len(signs)-1)]
	s = s.Told()
	of := l.Of(&s)
	v := viewOf(of, &s)
	lines := v.summary()
	if len(lines) == 0 && len(s.Case.Told.Filled) == 0 || !v.fillable() {
		return sign, false
	}
	switch a := of.Book.Risk.Assess(v.flow.Facts(v.shown(lines))); {
	case a.Apart == "":
		return sign, false
	case a.Level == flows.Emergency:
		return sign + " " + underAge, false
	}
	return underAge, true
}

// FoldSign begins the lines of a card that are folded: the first is what they are about.
const FoldSign = "> "

// unsaid reports whether a question was skipped, or the answer is not known.
func (v view) unsaid(g flows.Given) bool {
	step := v.flow.Step(int(g.Step))
	for i := range step.Choices {
		if g.Picks&(1<<i) != 0 && step.Choices[i].Answer != flows.Unsure {
			return false
		}
	}
	return true
}

// mostDialled is how many numbers stand on a card.
const mostDialled = 3

// dials are the numbers that somebody in danger would be shown where they are, as far as the desk may know that, and what is
// dialled where the job is.
func (v view) dials(lines []string) string {
	s, job := *v.s, v.job()
	s.Given = v.shown(lines)
	if v.flow != nil && !slices.ContainsFunc(s.Given, func(g flows.Given) bool { return v.flow.Step(int(g.Step)).Where }) {
		job = ""
	}
	v.s = &s
	var out []string
	if v.where() == "elsewhere" && len(v.l.Catalog.Countries) > 0 {
		out = append(out, v.wording("card-nowhere"))
	}
	places := v.order(flows.Emergency.String())
	for _, p := range places[:min(mostDialled, len(places))] {
		out = append(out, "☎ "+v.place(p))
	}
	if job != "" && job != s.Country {
		s.Country = job
		out = append(out, strings.ReplaceAll(v.wording("card-there"), "{country}", v.lang.CountryName(job)))
	}
	return strings.Join(out, "\n")
}

// Prepared are the prepared replies in a language, with the numbers that the person would be shown.
func Prepared(l *library.Library, s bot.Session, lang string) (out []string) {
	word := s.Case.Word
	s = s.Told()
	s.Lang = lang
	if l.Catalog.Language(lang) == nil {
		s.Lang = content.Source
	}
	of := l.Of(&s)
	v := viewOf(of, &s)
	own := *v.s
	own.Given = v.shown(v.summary())
	v.s = &own
	emergency := v.number("emergency")
	if v.where() == "elsewhere" {
		emergency += " (" + v.say("dial-eu") + ")"
	}
	put := strings.NewReplacer("{word}", word, "{emergency}", emergency)
	for _, text := range l.Catalog.Language(s.Lang).List("replies.texts") {
		out = append(out, v.fill(put.Replace(text)))
	}
	return out
}

// mostAgain is how many times for another call stand on a card.
const mostAgain = 3

// outcomes are the buttons for what came of a call. The times of the next one are those ahead when the case was last touched.
func (v view) outcomes() [][]bot.Button {
	c := v.s.Case
	rows := [][]bot.Button{{v.deskButton("reached", "case:reached"), v.deskButton("unreached", "case:unreached")}}
	if c.Tried == 0 && c.Hours == "" {
		return rows
	}
	times := Times(v.l, v.s.Lang, time.Unix(c.Last, 0))
	for _, b := range times[:min(mostAgain, len(times))] {
		rows = append(rows, []bot.Button{{Label: v.wording("ring") + " " + b.Label, Data: "case:" + strings.Replace(b.Data, " ", ":", 1)}})
	}
	return rows
}

// Card draws a case for the counsellors, in their language. Ok is false when there is no case.
func Card(l *library.Library, s bot.Session) (card CardView, ok bool) {
	return CardIn(l, s, l.Catalog.Desk.Language)
}

// CardIn is Card in a language that a counsellor chose.
func CardIn(l *library.Library, s bot.Session, lang string) (card CardView, ok bool) {
	c := s.Case
	if c == nil || c.State == bot.NoCase {
		return card, false
	}
	s = s.Told()
	c = s.Case
	of := l.Of(&s)
	tag := s.Lang
	s.Lang = lang
	v := deskView(of, &s)
	say := v.wording
	sign, _ := Sign(l, s)
	card.Title = sign + " " + c.Word
	var b strings.Builder
	b.WriteString("**" + card.Title + "**")
	if meaning := Meaning(l, c.Word, lang); meaning != "" {
		b.WriteString(" (" + meaning + ")")
	}
	b.WriteString("\n")
	state := map[bot.CaseState]string{bot.Waiting: "waiting", bot.Lapsed: "lapsed", bot.Taken: "held", bot.Closed: "closed"}[c.State]
	since := time.Unix(c.Since, 0).In(l.Catalog.Desk.Zone)
	b.WriteString(strings.NewReplacer("{name}", c.Name, "{time}", since.Format("01-02 15:04")).Replace(say("card-" + state)))
	language := tag
	if lang := l.Catalog.Language(tag); lang != nil {
		language = lang.Text("chat.language-name")
	}
	b.WriteString("\n" + say("card-language") + ": " + language)
	if c := v.country(); c != "" {
		b.WriteString("\n" + say("card-country") + ": " + v.lang.CountryName(c))
	}
	if c.Kind == bot.Supervision {
		b.WriteString("\n" + say("card-supervision"))
	}
	if c.Barred > c.Last {
		b.WriteString("\n" + say("card-barred") + ": " + v.clock(c.Barred))
	}
	if c.Outcome != bot.NoFinding {
		b.WriteString("\n" + say("card-outcome") + ": " + say("outcome-"+c.Outcome.String()))
	}
	if c.Place != "" {
		b.WriteString("\n" + say("card-referred") + ": " + referral(l, c.Place, v.lang))
	}
	if s.Chat != (bot.Address{}) {
		b.WriteString("\n" + strings.ReplaceAll(say("card-bridged"), "{name}", door(s.Chat)))
	}
	if c.Second != "" {
		b.WriteString("\n" + say("card-second") + ": " + c.Second)
	}
	if c.Phone != "" {
		title := "card-call"
		if c.Reached {
			title = "card-reached"
		}
		b.WriteString("\n\n**" + say(title) + "**\n" + strings.Join(v.callLines(c.Call, true), "\n"))
		if c.Tried != 0 {
			b.WriteString("\n" + say("card-tried") + ": " + v.clock(c.Tried))
		}
	}
	struck := 0
	lines := v.summary()
	first := len(lines) - len(s.Given) // before it the level and the reasons
	heads := lines[:max(first, 0)]
	if len(c.Told.Filled) > 0 && v.fillable() {
		w := v.weighed()
		heads = viewOf(of, &w).summary()
		heads = heads[:max(len(heads)-len(w.Given), 0)]
	}
	var open []string
	add := func(sign, line string) {
		if b.Len() < content.MaxText*2-400 { // in bytes; the rest would make a second message of the card
			b.WriteString("\n" + sign + line)
		}
	}
	for i, line := range heads {
		if i < first && v.struck(i) {
			struck++
		} else {
			add("• ", line)
		}
	}
	filled := func(g flows.Given) { add("• ", v.answered(g)+" ("+say("card-filled")+")") }
	for i := max(first, 0); i < len(lines); i++ {
		g := s.Given[i-first]
		f, ok := v.filledAt(g.Step)
		switch {
		case v.struck(i):
			struck++
		case ok:
			filled(f)
		case v.unsaid(g):
			question, _, _ := strings.Cut(lines[i], " – ")
			open = append(open, bare(question))
		default:
			add("• ", lines[i])
		}
	}
	for _, f := range c.Told.Filled {
		if !slices.ContainsFunc(s.Given, func(g flows.Given) bool { return g.Step == f.Step }) && v.fillable() {
			filled(f)
		}
	}
	if len(lines) == 0 && len(c.Told.Filled) == 0 {
		b.WriteString("\n" + say("card-nothing"))
	}
	if struck > 0 {
		b.WriteString("\n" + v.fill(v.lang.Count("desk.card-struck", struck)))
	}
	if c.Active() && !c.Bare {
		b.WriteString("\n\n" + v.dials(lines))
	}
	if len(open) > 0 {
		b.WriteString("\n\n" + FoldSign + say("card-open") + " (" + strconv.Itoa(len(open)) + ")")
		for _, question := range open {
			add(FoldSign, question)
		}
	}
	card.Text = b.String()
	button := func(name string) bot.Button {
		return bot.Button{Label: v.lang.Text("desk." + name), Data: "case:" + name}
	}
	switch c.State {
	case bot.Waiting, bot.Lapsed:
		card.Buttons = [][]bot.Button{{button("take")}, {button("close")}}
	case bot.Taken:
		card.Buttons = [][]bot.Button{{button("replies")}, {button("release"), button("transfer")}, {button("close")}}
		if c.Wants() {
			card.Buttons = append(v.outcomes(), card.Buttons...)
		}
	case bot.Closed:
		card.Buttons = append(v.findings(), []bot.Button{button("reopen")})
	}
	if c.Active() && c.Urgent == bot.Danger && c.Second == "" {
		card.Buttons = append(card.Buttons, []bot.Button{button("look")})
	}
	return card, true
}
