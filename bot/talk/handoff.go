package talk

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// What a person does with the desk: agree, choose a way, write, end.

// mostWords bounds what a person types for a call back, in letters.
const mostWords = 200

// own gives the turn a case of its own to change; the session's stays as it was.
func (t *turn) own() *bot.Case {
	c := &bot.Case{}
	if t.s.Case != nil {
		*c = *t.s.Case
	}
	t.s.Case = c
	return c
}

// human carries out the buttons that begin with human.
func (t *turn) human(arg string) {
	word, number, _ := strings.Cut(arg, ".")
	n, _ := strconv.Atoi(number)
	if t.s.Case.Active() {
		switch word {
		case "end":
			t.end()
			return
		case "return":
			t.giveReturn()
			return
		case "bridge":
			t.giveBridge()
			return
		case "apart":
			t.unbridge()
			t.s.Over = bot.Nothing
			t.show()
			return
		case "call", "phone", "hours", "voice", "else": // a call back instead
		case "chat":
			t.chatInstead()
			return
		case "send":
			t.callInstead()
			return
		default:
			t.s.Over = bot.Nothing
			t.show()
			return
		}
	}
	if t.barred() && word != "rate" && word != "last" {
		t.shut()
		return
	}
	if !t.u.Desk.On || t.s.Trial() {
		t.count("human")
		t.over(bot.Human)
		t.show()
		return
	}
	if (word == "agree" || word == "send") && t.s.Over != bot.Consent {
		word = "" // an old button: the lines may be others now
	}
	switch word {
	case "agree":
		t.ask(bot.ByChat)
		return
	case "send":
		switch c := t.s.Case; {
		case c == nil || !strings.HasPrefix(c.Phone, "+"):
			t.over(bot.CallNumber)
		case c.Call.Over(t.u.At):
			t.past()
		default:
			t.ask(bot.ByCall)
			return
		}
	case "self":
		t.over(bot.Human)
	case "lines":
		t.over(bot.Strike)
	case "line":
		c := t.own()
		if n < 0 || n >= len(t.view().summary()) {
			break
		}
		c.Struck ^= 1 << n
		t.over(bot.Strike)
	case "call":
		t.own().Phone = ""
		t.over(bot.CallNumber)
	case "phone":
		if numbers := t.view().asked(); n >= 0 && n < len(numbers) {
			t.phone(numbers[n])
			break
		}
		t.over(bot.CallNumber)
	case "hours":
		t.slot(int64(n))
	case "voice":
		t.called(func(c *bot.Case) { c.Voice = uint8(min(max(n, 0), len(t.view().lang.List("desk.voice")))) }, bot.CallElse)
	case "else":
		if n >= 0 && n < len(t.view().lang.List("desk.else")) {
			t.called(func(c *bot.Case) { c.Say, c.Else = uint8(n+1), "" }, bot.Consent)
		}
	case "rate":
		t.rate(n)
		return
	case "again":
		t.goOnTalking()
		return
	case "last":
		if t.s.Lately(t.u.At) {
			t.s.Over = bot.Rate
		}
	default: // asked anew, or "done" with the lines
		if word == "" {
			t.count("human")
			if c := t.s.Case; c != nil && t.s.Over != bot.Strike {
				c = t.own()
				if c.State == bot.Closed { // the lines may be others now
					c.Struck = 0
				}
				c.Way, c.Next = bot.ByChat, bot.AboutOffer
			}
		}
		t.over(bot.Consent)
	}
	t.show()
}

// callInstead makes a case that waits one that is to be called back.
func (t *turn) callInstead() {
	c := t.own()
	if c.Call.Over(t.u.At) {
		t.past()
		t.show()
		return
	}
	t.s.Over = bot.Nothing
	if strings.HasPrefix(c.Phone, "+") {
		if c.State == bot.Lapsed { // somebody is asked anew
			c.Move(bot.EventCall, t.u.At)
			c.Base = t.base(t.opens())
		}
		c.Way, c.Told.Call, c.Last, c.Tried, c.Reached = bot.ByCall, c.Call, t.u.At.Unix(), 0, false
		c.Base = min(c.Base, t.base(t.opens())) // an earlier time for a call is not waited for
		c.Rings(t.u.At)
		t.desk("call")
		t.card()
	}
	t.show()
}

// consult begins a specialist's question to a counsellor: the same way, without a client's name and without a quiz.
func (t *turn) consult() {
	if t.s.Case.Active() || !t.u.Desk.On || t.s.Trial() {
		t.human("")
		return
	}
	t.count("supervision")
	c := t.own()
	c.Way, c.Next = bot.ByChat, bot.Supervision
	t.over(bot.Consent)
	t.show()
}

// called notes something for the call back and goes on.
func (t *turn) called(note func(c *bot.Case), next bot.Over) {
	c := t.own()
	c.Way = bot.ByCall
	note(c)
	t.over(next)
}

var digit = regexp.MustCompile(`[0-9]`)

// calling reads what is typed while a call back is arranged. It reports whether the words were meant for that.
func (t *turn) calling(text string) bool {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > mostWords {
		text = string(r[:mostWords])
	}
	switch t.s.Over {
	case bot.CallNumber:
		number := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(text)
		if digits := len(digit.FindAllString(number, -1)); digits == 0 || 2*digits < len([]rune(number)) { // a sentence
			return false
		}
		t.numbered(text)
	case bot.CallHours:
		t.called(func(c *bot.Case) { c.Hours, c.From, c.To = text, 0, 0 }, bot.CallVoice)
	case bot.CallElse:
		t.called(func(c *bot.Case) { c.Say, c.Else = 0, text }, bot.Consent)
	default:
		return false
	}
	t.show()
	return true
}

// ask opens a case.
func (t *turn) ask(way uint8) {
	c := t.own()
	now := t.u.At
	if !c.Can(bot.EventAsk) {
		t.show()
		return
	}
	if c.State == bot.Closed && (now.Unix()-c.Since >= int64(bot.ReopenTime/time.Second) || c.Bare || c.Kind != c.Next) {
		if c.Topic != 0 {
			t.p.Desk = append(t.p.Desk, bot.Message{To: bot.Address{Channel: bot.DeskName}, Act: bot.DropTopic, Topic: c.Topic, Edit: c.Card, Case: c.Person})
		}
		c.Topic, c.Card, c.Word = 0, 0, ""
		c.Held, c.Heard, c.Ticked, c.Outcome, c.Place, c.Counted = false, 0, nil, bot.NoFinding, "", false
		t.s.Return = ""
	}
	c.Move(bot.EventAsk, now)
	c.Folded = t.u.Desk.Full
	c.Kind, c.Parted = c.Next, false
	c.Person, c.Way, c.Bare, c.Asked, c.Second = t.u.From, way, false, now.Unix(), ""
	if way == bot.ByChat {
		c.Call = bot.Call{}
	}
	was := c.Told
	c.Told = bot.Told{Book: t.s.Book, Quiz: t.s.Quiz, End: t.s.End, Stage: t.s.Stage, Struck: c.Struck, Call: c.Call}
	if was.Book == c.Told.Book && was.Quiz == c.Told.Quiz {
		c.Told.Filled = was.Filled
	}
	if c.Kind == bot.AboutOffer {
		c.Told.Given, c.Told.Country = t.s.Given, t.view().country()
	}
	if c.Word == "" {
		c.Word = t.view().codeWord(t.u.Desk.Luck, t.u.Desk.Long)
	}
	c.Urgent = bot.Calm
	if c.Kind != bot.Supervision {
		c.Urgent = Urgency(t.l, &t.s)
	}
	opens := t.opens()
	c.Base, c.Tried, c.Reached = t.base(opens), 0, false
	c.Rings(now)
	t.count("handoff")
	t.s.Over = bot.Nothing
	t.card()
	if c.Urgent == bot.Danger {
		t.desk("second")
	}
	if t.u.Desk.Nobody && opens.Equal(now) && !c.Folded {
		t.desk("empty", "{names}", t.newest.Catalog.Desk.Lead)
	}
	t.waits()
}

// opens is when a counsellor next answers; zero: it is not known.
func (t *turn) opens() time.Time {
	if t.u.Desk.Always {
		return t.u.At
	}
	return t.newest.Catalog.Desk.Opens(t.u.At)
}

// base is when somebody is first there to answer a case that begins to wait now, in Unix seconds.
func (t *turn) base(opens time.Time) int64 {
	if opens.IsZero() {
		return t.u.At.Add(bot.Silence).Unix()
	}
	return max(t.u.At.Unix(), opens.Unix())
}

// wait tells a person how long it may take, as honestly as we know.
func (t *turn) wait(v view, opens time.Time) string {
	switch {
	case opens.IsZero():
		return v.wording("hours-none")
	case opens.After(t.u.At):
		return v.opening(v.wording("hours-closed"), opens)
	case t.u.Desk.Nobody:
		return v.wording("nobody")
	}
	text := v.wording("place-first")
	if t.u.Desk.Ahead > 0 {
		text = v.fill(v.lang.Count("desk.place", t.u.Desk.Ahead))
	}
	if u := t.u.Desk.Usual; u > 0 {
		minutes := max(1, int(u.Round(time.Minute)/time.Minute))
		usual := v.fill(v.lang.Count("desk.usual", minutes))
		text += " " + strings.ReplaceAll(usual, "{minutes}", strconv.Itoa(minutes)) // as files of before the forms have it
	}
	return text
}

// opening puts into a text when a counsellor next answers.
func (v view) opening(text string, opens time.Time) string {
	local := opens.In(v.l.Catalog.Desk.Zone)
	day := v.lang.List("desk.days")[int(local.Weekday())]
	return strings.NewReplacer("{day}", day, "{time}", local.Format("15:04")).Replace(text)
}

// pass gives what the person wrote to the desk, and whatever else came with it.
func (t *turn) pass() {
	c := t.own()
	c.Last = t.u.At.Unix()
	if c.Asked == 0 {
		c.Asked, c.Calls, c.Base = c.Last, 0, t.base(t.opens())
	}
	if base := t.base(t.opens()); c.Ring != 0 && base < c.Base { // their words wait for nobody's call
		c.Base, c.Calls = base, 0
	}
	t.s.Over = bot.Nothing
	media := t.u.Also
	if t.u.Kind == bot.Attached || t.u.Media.Kind != "" {
		media = append([]bot.Media{t.u.Media}, media...)
	}
	if !t.admit(len(media) + len(t.u.Text)/max(1, len(t.u.Text))) {
		return
	}
	if t.u.Text != "" {
		t.say(bot.Message{Act: bot.Words, Text: t.u.Text, Human: true, Urgency: 2})
		t.line(ByPerson, "", t.u.Text)
	}
	if t.newest.Reader.Read(t.u.Text + "\n" + t.caption()).Dying {
		c.Heard |= bot.HeardDespair
	}
	why, left := "", 0
	for _, m := range media {
		not := t.hand(m)
		if not == "" {
			continue
		}
		why = not
		left++
		if t.u.Desk.Words && m.Caption != "" { // the words below a picture are words
			t.say(bot.Message{Act: bot.Words, Text: m.Caption, Human: true, Urgency: 2})
			t.line(ByPerson, "", m.Caption)
		}
	}
	if left > 0 {
		t.unpassable(why, left)
	}
	if t.u.Live && (!t.u.Desk.Words || t.u.Desk.Files) {
		t.desk("live")
		t.tell("live")
	}
}

// unpassable tells both sides that something was sent which cannot be passed on. why names the text for the person.
func (t *turn) unpassable(why string, n int) {
	t.desk("unpassable", "{count}", strconv.Itoa(n))
	t.note = t.view().wording(why)
	t.p.Toast = t.note
	t.show()
}

// admit takes n things out of what one person can have passed on. Beyond that they are counted, and both sides are told.
func (t *turn) admit(n int) bool {
	c := t.s.Case
	at := t.u.At.UnixMilli()
	if !t.u.Said.IsZero() {
		at = t.u.Said.UnixMilli()
	}
	step := bot.PassEvery.Milliseconds()
	if at < c.Flow-bot.PassBurst*step { // it was sent before others that came sooner: the time of coming counts
		at = t.u.At.UnixMilli()
	}
	until := max(c.Flow, at) + int64(n)*step
	if until-at <= bot.PassBurst*step {
		c.Flow = until
		return true
	}
	if c.Cut == 0 {
		c.CutAt = t.u.At.Unix()
		t.tell("too-much")
	}
	c.Cut += uint32(n)
	return false
}

// uncounted tells both sides exactly how much was not passed on.
func (t *turn) uncounted() {
	c := t.own()
	count := strconv.Itoa(int(c.Cut))
	c.Cut, c.CutAt = 0, 0
	t.desk("cut", "{count}", count)
	t.tell("cut", "{count}", count)
}

// say puts a message for the counsellors into the plan.
func (t *turn) say(m bot.Message) {
	m.To, m.Case = bot.Address{Channel: bot.DeskName}, t.s.Case.Person
	t.p.Desk = append(t.p.Desk, m)
}

// card brings the case's card up to date.
func (t *turn) card() {
	t.say(bot.Message{Act: bot.Card, Screen: true, Urgency: max(1, t.s.Case.Urgent)})
}

// end closes the case because the person wants it.
func (t *turn) end() {
	c := t.own()
	c.Move(bot.EventClose, t.u.At)
	t.count("handoff.ended")
	t.desk("ended")
	t.card()
	t.s.Over = bot.Rate
	t.show()
}

// rate takes the answer to "did this help?".
func (t *turn) rate(n int) {
	if t.s.Case == nil || t.s.Case.State != bot.Closed || t.s.Case.Rated != 0 || n < 1 || n > 5 {
		t.s.Over = bot.Nothing
		t.show()
		return
	}
	t.own().Rated = uint8(n)
	t.count("helped." + strconv.Itoa(n))
	t.desk("rated", "{count}", strconv.Itoa(n))
	t.note = t.view().wording("thanks")
	t.p.Toast = t.note
	t.s.Over = bot.Nothing
	t.show()
}

// remark passes on what a person writes about the talk that has ended. Once they have rated it, it goes on with their words.
func (t *turn) remark() bool {
	text := content.Fold(t.u.Text)
	if t.view().lang.Meaning(text) != "" || text == content.Fold(t.view().wording("again")) || len(strings.Fields(t.u.Text)) < 2 {
		return false // a word of ours, a button, or its number
	}
	if t.barred() {
		t.shut()
		return true
	}
	if t.s.Case.Rated != 0 {
		t.resume()
		return true
	}
	t.desk("remark", "{words}", t.u.Text)
	t.note = t.view().wording("thanks")
	t.p.Toast = t.note
	t.s.Over = bot.Nothing
	t.show()
	return true
}

// parted says farewell to the desk when a person has everything erased: what was said goes with the topic.
func (t *turn) parted(how string) {
	c := t.s.Case
	if c == nil || c.Topic == 0 && !c.Active() {
		return
	}
	t.desk(how)
	for i := range t.p.Desk {
		t.p.Desk[i].Topic, t.p.Desk[i].Edit = c.Topic, c.Card
	}
	if c.Topic != 0 {
		t.say(bot.Message{Act: bot.DropTopic, Topic: c.Topic, Edit: c.Card})
	} else {
		t.p.Desk = nil
	}
	t.p.Log = nil
}

// gone closes the case of a person who has left, and forgets what they answered.
func (t *turn) gone() {
	c := t.own()
	if c.Active() {
		c.Move(bot.EventClose, t.u.At)
		c.Parted = true
		t.desk("gone")
		t.card()
	}
	c.Bare, c.Gone, c.Call, c.Told, c.Tried, c.Reached = true, true, bot.Call{}, bot.Told{}, 0, false
	t.s = bot.Session{Lang: t.s.Lang, Seen: t.s.Seen, Case: c}
}

// summary is what a counsellor would see, line by line. A line's place is its bit in Case.Struck.
func (v view) summary() []string {
	var out []string
	if v.flow == nil || v.s.Book != v.l.ID || v.trains() {
		return nil
	}
	if c := v.s.Case; !c.Active() && v.consults() || c.Active() && c.Kind == bot.Supervision {
		return nil // a specialist's own answers have nothing to do with it
	}
	if len(v.s.Given) > 0 {
		outcome, a := outcome(v.l, v.s)
		out = append(out, v.lang.Text("desk.summary-level")+": "+v.level(outcome))
		var names []string
		for _, r := range a.Reasons {
			names = append(names, strings.TrimSuffix(v.lang.Text(v.ofFlag(r)+"name"), "."))
		}
		if len(names) > 0 {
			out = append(out, v.lang.Text("desk.summary-reasons")+": "+strings.Join(names, "; "))
		}
	}
	for _, g := range v.s.Given {
		out = append(out, v.answered(g))
	}
	if len(out) > 32 {
		out = out[:32]
	}
	return out
}

// Shown names the warning signs that a case's answers raise, without the answers that the person struck out.
func Shown(l *library.Library, s bot.Session) []string {
	s = s.Told()
	of := l.Of(&s)
	v := viewOf(of, &s)
	lines := v.summary()
	if !v.fillable() || len(lines) == 0 && len(s.Case.Told.Filled) == 0 {
		return nil
	}
	var out []string
	for _, r := range of.Book.Risk.Assess(v.flow.Facts(v.shown(lines))).Reasons {
		out = append(out, of.Book.Flags[r].Name)
	}
	return out
}

// shown are the answers that the person did not strike out of the lines of a summary, with what was filled in for them.
func (v view) shown(lines []string) (out []flows.Given) {
	before := len(lines) - len(v.s.Given) // the level and the reasons
	for i, g := range v.s.Given {
		if before >= 0 && !v.struck(before+i) {
			out = append(out, g)
		}
	}
	return v.completed(out)
}

// level names an outcome; before the end the questions are still under way.
func (v view) level(outcome string) string {
	if v.s.Stage != bot.Finished && v.s.Stage != bot.Checking && !urgent(outcome) {
		return v.lang.Text("desk.summary-unfinished")
	}
	return symbols[outcome] + " " + v.fill(v.lang.Text(v.ofResult(outcome)+"title"))
}

// answered is one question with the answer that was given.
func (v view) answered(g flows.Given) string {
	step := v.flow.Step(int(g.Step))
	key := step.Text + "."
	var picks []string
	for i := range step.Choices {
		if g.Picks&(1<<i) != 0 {
			picks = append(picks, v.lang.Text(key+step.Choices[i].Answer))
		}
	}
	if len(picks) == 0 {
		picks = []string{v.say("skip")}
	} else if c := v.job(); c != "" && step.Where {
		picks[0] += " (" + v.lang.CountryName(c) + ")"
	}
	return v.fill(v.lang.Text(key+"say")) + " – " + strings.Join(picks, ", ")
}

// Urgency weighs what a person has answered so far.
func Urgency(l *library.Library, s *bot.Session) uint8 {
	flow := l.Book.Flows[s.Quiz]
	if flow == nil || s.Book != l.ID {
		return bot.Calm
	}
	a := l.Book.Risk.Assess(flow.Facts(s.Given))
	switch {
	case a.Level == flows.Emergency || a.Apart != "":
		return bot.Danger
	case a.Level == flows.High:
		return bot.Grave
	}
	return bot.Calm
}

// say2 is a text of desk.yaml with the numbers in it.
func (v view) wording(name string) string { return v.fill(v.lang.Text("desk." + name)) }

func (v view) deskButton(name, data string) bot.Button {
	return bot.Button{Label: v.lang.Text("desk." + name), Data: data}
}

// handoff draws the screens on the way to a counsellor.
func (v view) handoff() screen {
	back := []bot.Button{v.with("return", "back:here")}
	rows := func(list, data string, from int) (out [][]bot.Button) {
		for i, label := range v.lang.List("desk." + list) {
			out = append(out, []bot.Button{{Label: label, Data: data + "." + strconv.Itoa(i+from)}})
		}
		return append(out, back, v.always())
	}
	switch v.s.Over {
	case bot.Strike:
		var out [][]bot.Button
		out = append(out, []bot.Button{v.deskButton("lines-done", "human:done")})
		for i, line := range v.summary() {
			sign := "☑ "
			if v.struck(i) {
				sign = "☐ "
			}
			out = append(out, []bot.Button{{Label: sign + brief(line, content.MaxLabel-2), Data: "human:line." + strconv.Itoa(i)}})
		}
		return screen{v.wording("lines-text"), append(out, v.always())}
	case bot.CallNumber:
		sc := screen{text: v.wording("call-number")}
		for i, number := range v.asked() {
			sc.text = v.wording("call-which")
			sc.buttons = append(sc.buttons, []bot.Button{{Label: v.phone(number), Data: "human:phone." + strconv.Itoa(i)}})
		}
		sc.buttons = append(sc.buttons, back, v.always())
		return sc
	case bot.CallHours:
		c := v.s.Case
		if c == nil {
			c = &bot.Case{}
		}
		sc := screen{text: v.wording("card-phone") + ": **" + v.phone(c.Phone) + "**\n\n" + v.wording("call-hours")}
		sc.buttons = [][]bot.Button{{v.deskButton("hours-any", "human:hours.0")}}
		for _, s := range v.l.Catalog.Desk.Slots(time.Unix(c.Offer, 0), mostSlots) {
			sc.buttons = append(sc.buttons, []bot.Button{{Label: v.briefly(s), Data: "human:hours." + strconv.FormatInt(s.From.Unix(), 10)}})
		}
		sc.buttons = append(sc.buttons, []bot.Button{v.deskButton("call-other", "human:call")}, back, v.always())
		return sc
	case bot.CallVoice:
		return screen{v.wording("call-voice"), rows("voice", "human:voice", 1)}
	case bot.CallElse:
		return screen{v.wording("call-else"), rows("else", "human:else", 0)}
	case bot.Rate:
		var stars []bot.Button
		for n := 1; n <= 5; n++ {
			stars = append(stars, bot.Button{Label: strconv.Itoa(n), Data: "human:rate." + strconv.Itoa(n)})
		}
		rows := [][]bot.Button{stars, {v.deskButton("again", "human:again")}, {v.deskButton("to-quiz", "back:here")}, v.always()}
		if v.s.Case != nil && v.s.Case.Rated != 0 {
			return screen{v.wording("over"), rows[1:]}
		}
		return screen{v.wording("closed"), rows}
	}
	return v.consent()
}

// consults reports whether what is being asked for is a specialist's talk about a case of their own.
func (v view) consults() bool { return v.s.Case != nil && v.s.Case.Next == bot.Supervision }

func (v view) struck(i int) bool { return v.s.Case != nil && v.s.Case.Struck&(1<<i) != 0 }

// consent shows exactly what a counsellor would see, and asks.
func (v view) consent() screen {
	var b strings.Builder
	days := strconv.Itoa(int(v.l.Catalog.Desk.Keep / (24 * time.Hour)))
	text := v.wording("consent")
	if v.consults() {
		text = v.wording("consult")
	}
	b.WriteString(strings.ReplaceAll(text, "{days}", days))
	if regions := v.l.Catalog.Desk.Regions; len(regions) > 0 {
		b.WriteString("\n\n" + strings.ReplaceAll(v.wording("regions"), "{regions}", strings.Join(regions, ", ")))
	}
	b.WriteString("\n\n**" + v.wording("consent-lines") + "**")
	b.WriteString("\n• " + v.wording("card-language") + ": " + v.lang.Text("chat.language-name"))
	if country := v.country(); country != "" && !v.consults() {
		b.WriteString("\n• " + v.wording("card-country") + ": " + v.lang.CountryName(country))
	}
	lines := v.summary()
	shown := 0
	for i, line := range lines {
		if !v.struck(i) {
			b.WriteString("\n• " + line)
			shown++
		}
	}
	if shown == 0 {
		b.WriteString("\n• " + v.wording("consent-none"))
	}
	agree := v.deskButton("agree", "human:agree")
	if c := v.s.Case; c != nil && c.Way == bot.ByCall && strings.HasPrefix(c.Phone, "+") {
		b.WriteString("\n• " + strings.Join(v.callLines(c.Call, false), "\n• "))
		agree = v.deskButton("call-send", "human:send")
	}
	rows := [][]bot.Button{{agree}}
	if agree.Data == "human:agree" {
		rows = append(rows, []bot.Button{v.deskButton("call-me", "human:call"), v.deskButton("call-self", "human:self")})
	}
	if len(lines) > 0 {
		rows = append(rows, []bot.Button{v.deskButton("choose-lines", "human:lines")})
	}
	return screen{b.String(), append(rows, []bot.Button{v.with("return", "back:here")}, v.always())}
}

// talk is the screen while a counsellor is awaited or there.
func (v view) talk() screen {
	c := v.s.Case
	name := "waiting"
	switch {
	case c.State == bot.Taken:
		name = "held"
	case c.State == bot.Lapsed:
		name = "lapsed"
	case c.Wants():
		name = "waiting-call"
	case c.Base-c.Since >= int64(bot.Silence/time.Second):
		name = "waiting-nobody"
	case c.Base > c.Last: // nothing has happened since somebody is there
		name = "waiting-later"
	}
	text := strings.NewReplacer("{word}", c.Word, " {send}", v.sends()).Replace(v.wording(name))
	text = v.opening(text, time.Unix(c.Base, 0))
	if c.Wants() {
		text += "\n\n" + v.wording("card-hours") + ": **" + v.when(c.Told.Call, strings.TrimSpace) + "**"
		if c.Tried != 0 {
			text = strings.ReplaceAll(v.wording("call-tried"), "{time}", v.clock(c.Tried)) + "\n\n" + text
		}
	}
	if c.Urgent == bot.Danger {
		text = v.wording("danger") + "\n\n" + text
	}
	rows := [][]bot.Button{{v.deskButton("end", "human:end")}}
	switch {
	case c.Wants():
		rows = append(rows, []bot.Button{v.deskButton("call-change", "human:call"), v.deskButton("call-chat", "human:chat")})
	case c.State == bot.Lapsed:
		rows = append(rows, []bot.Button{v.deskButton("call-me", "human:call")})
	}
	return screen{text, append(rows, v.always())}
}

// brief shortens a question with its answer to a label, the question first.
func brief(line string, most int) string {
	question, answer, ok := strings.Cut(line, " – ")
	if content.Length(line) <= most || !ok || content.Length(answer) > most/2 {
		return cut(line, most)
	}
	return cut(question, most-content.Length(answer)-3) + " – " + answer
}

// cut shortens a label at the end.
func cut(s string, most int) string {
	if content.Length(s) <= most {
		return s
	}
	r := []rune(s)
	for content.Length(string(r)) > most-1 {
		r = r[:len(r)-1]
	}
	return strings.TrimSpace(string(r)) + "…"
}
