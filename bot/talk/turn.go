package talk

import (
	"cmp"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
	"patikra/flows"
)

// Decide decides what one update changes and what is sent. It is pure: no clock, no network, no
// store; the same session and update always give the same plan. The session is not changed, but its lists may be
// continued in the plan's: whoever decides twice goes on with one of the two.
func Decide(l *library.Library, s bot.Session, u bot.Update) bot.Plan {
	if s.Knows(u.ID) {
		p := bot.Plan{Session: s, Repeat: true}
		if u.Kind == bot.Pressed && l.Catalog.Language(s.Lang) != nil {
			p.Toast = viewOf(l, &s).say("already")
		}
		return p
	}
	if u.Chat == (bot.Address{}) && s.Elsewhere(&u) {
		return bot.Plan{Session: s, Repeat: true, Moved: true}
	}
	s.Saw(u.ID)
	s = carried(l, s)
	t := turn{l: l.Of(&s), newest: l, s: s, u: u, was: s.Screen}
	if s.Stage == bot.Finished {
		t.was = 0 // a result stays in the chat: it holds the numbers
	}
	t.run()
	if u.Aloud && u.Kind != bot.Acted && u.Kind != bot.Said && t.p.Toast != "" && len(t.p.Send) == 0 {
		t.note = t.p.Toast
		if t.s.Stage > bot.Language {
			t.s.Serial-- // the same screen: whoever is just pressing a button of its first copy is right
		}
		t.again()
	}
	t.settle()
	t.p.Session = t.s
	return t.p
}

// Show draws the present screen once more, as after a new draft of the files.
func Show(l *library.Library, s bot.Session, to bot.Address) bot.Plan {
	s = carried(l, s)
	t := turn{l: l.Of(&s), newest: l, s: s, u: bot.Update{From: to}}
	if l.Catalog.Language(s.Lang) == nil {
		t.s.Lang = ""
		t.beforeLanguage("", "")
	} else {
		if t.s.Stage >= bot.Asking && (t.s.Book != t.l.ID || t.l.Book.Flow(t.s.Quiz) == nil) {
			t.begin(bot.Welcome)
			t.note = t.view().say("changed")
		}
		t.again()
	}
	t.p.Session = t.s
	return t.p
}

// settle sets the case's timer and index entry by what the turn has made of it.
func (t *turn) settle() {
	c := t.s.Case
	if c == nil || c.State == bot.NoCase || t.p.Erase {
		return
	}
	if c.Cut > 0 && !c.Active() { // the talk has ended
		t.uncounted()
		c = t.s.Case
	}
	if c.Folded { // it shows as one entry with others; only the topic of an earlier talk still goes from the desk
		t.p.Desk = slices.DeleteFunc(t.p.Desk, func(m bot.Message) bool { return m.Act != bot.DropTopic })
	}
	if due := c.DueAt(&t.newest.Catalog.Desk); due != c.Due {
		t.own().Due = due
		t.p.Timer = true
	}
}

// turn is one update on its way to a plan.
type turn struct {
	l      *library.Library // whose book the session began with
	newest *library.Library
	s      bot.Session
	u      bot.Update
	p      bot.Plan
	was    int64  // the message that held the screen before
	note   string // a line above the screen, as "I did not understand"
	before picture
	linked string      // the quiz that the link to the conversation named
	person *bot.Button // the screen is to have this button too, which leads to a human
	named  string      // the country that answers the question where the job is
	below  bool        // the screen is to come below what was sent, not in place of the one before
}

// picture is what a screen is drawn from. While it stays the same, so does the screen.
type picture struct {
	lang   string
	stage  bot.Stage
	over   bot.Over
	at     uint8
	given  int
	ticks  uint16
	state  bot.CaseState
	struck uint32
	place  string
	job    string
	before int
	change bot.Change
	call   bot.Call
	tried  int64
}

func (t *turn) picture() picture {
	p := picture{lang: t.s.Lang, stage: t.s.Stage, over: t.s.Over, at: t.s.At, given: len(t.s.Given), ticks: t.s.Ticks, place: t.s.Country,
		job: t.s.Job, before: len(t.s.Before), change: t.s.Changing}
	if c := t.s.Case; c != nil {
		p.state, p.struck, p.call, p.tried = c.State, c.Struck, c.Told.Call, c.Tried
	}
	return p
}

func (t *turn) run() {
	switch {
	case t.u.Kind == bot.Unbridged && t.s.Talk != (bot.Address{}):
		t.unbridged()
		return
	case t.u.Chat != (bot.Address{}):
		t.byChat()
		return
	case t.forTalk():
		return
	}
	switch t.u.Kind {
	case bot.Gone:
		if t.s.Case != nil && t.s.Case.State != bot.NoCase {
			t.gone()
			return
		}
		t.p.Erase = true
		return
	case bot.Acted, bot.Said:
		if t.s.Case == nil || t.s.Case.State == bot.NoCase {
			t.refuse("closed")
			t.p.Erase = t.s.Stage == bot.Fresh
			return
		}
		if t.u.Kind == bot.Acted {
			t.acted()
		} else {
			t.said()
		}
		return
	case bot.Placed:
		t.placed()
		return
	case bot.Due:
		t.fell()
		return
	case bot.Risen:
		t.rise()
		return
	case bot.TakenUp:
		t.takenUp()
		return
	case bot.Rung:
		t.rung()
		return
	case bot.Fetched:
		t.fetched()
		return
	case bot.Forgotten:
		if t.s.Case != nil && t.s.Case.State != bot.NoCase {
			t.parted("erased")
		}
		t.p.Erase = true
		return
	case bot.Missed, bot.Unpassed, bot.Late:
		t.undelivered()
		return
	case bot.Edited:
		if t.s.Case.Active() {
			t.edited()
		} else if t.unknown() {
			t.p.Erase = true
		}
		return
	case bot.Delivered:
		t.delivered()
		return
	case bot.Flooded:
		t.p.Send = []bot.Message{{To: t.u.From, Text: Notice(t.l, "flood", t.s.Lang, t.u.Locale), Urgency: 1}}
		return
	case bot.Unread:
		t.unread()
		return
	case bot.Typed, bot.Attached:
		t.s.Keep(t.u.Ref, t.u.At)
	case bot.Pressed:
		t.s.Keep(t.u.Ref, t.u.At)
	}
	if t.s.Case != nil && t.s.Case.Gone {
		t.cameBack()
	}
	if t.u.Lang != "" && t.l.Catalog.Language(t.u.Lang) != nil && (t.s.Lang == "" || t.l.Says(t.u.Lang, &t.s)) {
		t.s.Lang = t.u.Lang
	}
	if t.s.Lang == "" && t.s.Stage == bot.Fresh {
		t.s.Lang = t.locale()
	}
	t.before = t.picture()
	t.marked()
	if t.written() {
		return
	}
	word, arg := t.intent()
	if word != "" {
		t.s.Missed = 0
	}
	if t.s.Lang != "" && t.l.Catalog.Language(t.s.Lang) == nil {
		t.s.Lang = ""
	}
	if t.s.Stage == bot.Fresh && !(word == "start" && bot.ToTrial(arg)) {
		t.count("started")
	}
	if word == "start" {
		t.endTrial(arg)
		t.deepLink(arg)
	}
	if t.s.Lang == "" {
		t.s.Lang = t.locale()
	}
	if t.s.Lang == "" {
		if word == "start" && !t.s.Case.Active() {
			t.s.Quiz = t.linked // until the language is known
		}
		t.beforeLanguage(word, arg)
		return
	}
	if t.s.Stage >= bot.Asking && !t.s.Case.Active() {
		if t.s.Book != t.l.ID || t.l.Book.Flow(t.s.Quiz) == nil {
			t.begin(bot.Welcome)
			t.note = t.view().say("changed")
			if word == "answer" || word == "next" || word == "back" || word == "skip" || word == "why" || word == "listen" || word == "show" || word == "change" || word == "" {
				t.show()
				return
			}
		}
	}
	t.act(word, arg)
}

// edited passes on what the person has changed.
func (t *turn) edited() {
	if mark := "✎ "; t.u.Media.Kind != "" {
		t.u.Media.Caption = mark + t.u.Media.Caption
	} else {
		t.u.Text = mark + t.u.Text
	}
	t.pass()
}

// marked keeps what is ticked on a form, whatever was pressed there: a look at the numbers loses no tick.
func (t *turn) marked() {
	serial, ticks, ok := strings.Cut(t.u.Marked, ".")
	flow := t.l.Book.Flow(t.s.Quiz)
	if !ok || t.u.Kind != bot.Pressed || serial != strconv.Itoa(int(t.s.Serial)) || flow == nil || t.s.Book != t.l.ID || !t.asking() {
		return
	}
	step := flow.Step(int(t.s.At))
	if n, err := strconv.ParseUint(ticks, 10, 16); err == nil && step.Several && n < 1<<len(step.Choices) {
		t.s.Ticks = uint16(n)
	}
}

// unknown reports that there is nothing to keep: no conversation, and no case of somebody who has left.
func (t *turn) unknown() bool {
	return t.s.Stage == bot.Fresh && (t.s.Case == nil || t.s.Case.State == bot.NoCase)
}

// written deals with words that are meant for a counsellor, or for arranging a call. It reports whether it has.
func (t *turn) written() bool {
	switch {
	case t.u.Phone != "" && t.s.Over == bot.CallNumber:
		return t.calling("+" + strings.TrimPrefix(t.u.Phone, "+"))
	case t.u.Kind == bot.Typed && strings.HasPrefix(strings.TrimSpace(t.u.Text), "/"):
		return false
	case t.u.Kind == bot.Typed && t.s.Over >= bot.CallNumber && t.s.Over <= bot.CallElse && t.s.Lang != "" && t.calling(t.u.Text):
		return true // else they are meant for a human, if one is awaited
	case t.u.Kind == bot.Typed && t.s.Over == bot.Rate && t.s.Case != nil && t.s.Case.State == bot.Closed && t.u.At.Unix()-t.s.Case.Since < int64(bot.ReopenTime/time.Second):
		return t.remark()
	case (t.u.Kind == bot.Typed || t.u.Kind == bot.Attached) && t.s.Case.Active():
		t.pass()
		return true
	case (t.u.Kind == bot.Typed || t.u.Kind == bot.Attached) && t.cutOff() && t.meant() && t.barred():
		t.shut()
		return true
	case (t.u.Kind == bot.Typed || t.u.Kind == bot.Attached) && t.cutOff() && t.meant():
		t.resume()
		return true
	}
	return false
}

// unread answers something that the program cannot make out at all, with the numbers. In a talk the counsellors know of it too.
func (t *turn) unread() {
	if t.s.Case.Active() {
		t.own()
		t.desk("unpassable", "{count}", "1")
	}
	t.p.Send = []bot.Message{{To: t.u.From, Text: Notice(t.l, "unread", t.s.Lang, t.u.Locale), Urgency: 1}}
	if t.unknown() { // nothing is kept of somebody who has said nothing yet
		t.p.Erase = true
	}
}

func (t *turn) view() view {
	v := viewOf(t.l, &t.s)
	v.plain, v.photos = t.u.Desk.Words && !t.u.Desk.Files, t.u.Desk.Photos
	v.voices = v.photos && t.u.Desk.Files
	return v
}

func (t *turn) count(name string) {
	if t.s.Trial() {
		return
	}
	t.p.Counts = append(t.p.Counts, name)
	if t.s.Campaign != "" {
		t.p.Counts = append(t.p.Counts, name+"@"+t.s.Campaign)
	}
}

// delivered notes where a screen ended up, and removes one that is no longer the present one. A screen that arrives after a quick exit is removed at once.
func (t *turn) delivered() {
	if t.unknown() {
		t.p.Erase = true
		t.p.Send = []bot.Message{{To: t.u.From, Delete: []int64{t.u.Ref}}}
		return
	}
	t.s.Keep(t.u.Ref, t.u.At)
	switch {
	case !t.u.Screen:
	case t.u.Serial == t.s.Serial:
		t.s.Screen = t.u.Ref
	case t.u.Ref != t.s.Screen:
		// The conversation has moved on while it was on its way, or it was delivered twice.
		t.p.Send = []bot.Message{{To: t.u.From, Delete: []int64{t.u.Ref}}}
	}
}

// intent reads what the person wants: a word of the contract's list and what follows it.
func (t *turn) intent() (word, arg string) {
	text := strings.TrimSpace(t.u.Text)
	switch t.u.Kind {
	case bot.Attached:
		return "attached", ""
	case bot.Returned:
		return "returned", ""
	case bot.Pressed:
		return pressed(text)
	}
	if strings.HasPrefix(text, "/") {
		word, arg, _ = strings.Cut(text[1:], " ")
		word, _, _ = strings.Cut(word, "@")
		switch word = strings.ToLower(word); word {
		case "start":
			return "start", strings.TrimSpace(arg)
		case "number", "numbers", "call":
			return "numbers", ""
		case "help", "language", "restart", "human", "supervision", "erase", "exit", "menu", "code":
			return word, ""
		case "back", "skip", "why", "next", "listen", "show", "change":
			return word, "typed"
		}
		return "", ""
	}
	return t.typed(text)
}

// pressed takes a button's data apart.
func pressed(data string) (word, arg string) {
	word, arg, _ = strings.Cut(data, ":")
	if serial, ok := strings.CutSuffix(arg, listening); ok && word == "why" {
		return "listen", serial
	}
	return word, arg
}

// typed finds what plain words mean on the present screen: a label, its number, or a word such as yes.
func (t *turn) typed(text string) (word, arg string) {
	if code := t.jobIn(text); code != "" {
		return "job", code
	}
	if code := t.country(text); code != "" {
		return "numbers", "in." + code
	}
	folded := content.Fold(text)
	if folded == "" {
		return "", ""
	}
	if t.s.Lang == "" || t.l.Catalog.Language(t.s.Lang) == nil {
		return "typed-language", folded
	}
	v := t.view()
	if t.s.Listing() && t.s.Book == t.l.ID {
		if n, err := strconv.Atoi(folded); err == nil && n >= 1 && n <= len(t.s.Given) {
			return "change", "typed." + strconv.Itoa(n-1)
		}
	}
	m := v.lang.Meaning(folded)
	if m == "help" || m == "human" { // more often a cry than a wish for a list of commands
		if word, arg := t.inSentence(); word == "heard" {
			return word, arg
		}
	}
	if t.s.Stage != bot.Fresh && (t.s.Stage < bot.Asking || v.flow != nil && t.s.Book == t.l.ID) {
		sc := v.now()
		if t.asking() {
			if picks, ok := t.numbers(folded); ok {
				return "picks", strconv.Itoa(int(picks))
			}
		}
		if t.asking() {
			if i := v.shortly(folded); i >= 0 {
				return "picks", strconv.Itoa(1 << i)
			}
		}
		n := 0
		for _, row := range sc.buttons {
			for _, b := range row {
				n++
				w, a := pressed(b.Data)
				if content.Fold(b.Label) == folded || (!t.asking() && folded == strconv.Itoa(n)) {
					if t.asking() && w == "answer" {
						_, i, _ := strings.Cut(a, ".")
						k, _ := strconv.Atoi(i)
						return "picks", strconv.Itoa(1 << k)
					}
					return w, a
				}
			}
		}
	}
	if t.asking() && v.flow != nil && t.s.Book == t.l.ID && m == "" {
		if picks, ok := t.labels(text); ok {
			return "picks", strconv.Itoa(int(picks))
		}
	}
	if t.s.Stage == bot.Asking && !t.asking() && v.flow != nil && t.s.Book == t.l.ID {
		// An answer to the question that lies under the numbers, the help or the languages.
		step := v.flow.Step(int(t.s.At))
		for i := range step.Choices {
			label := v.lang.Text(step.Text + "." + step.Choices[i].Answer)
			if content.Length(label) > 4 && content.Fold(label) == folded && !step.Choices[i].Mute {
				t.s.Over = bot.Nothing
				return "picks", strconv.Itoa(1 << i)
			}
		}
		if i := v.shortly(folded); i >= 0 && len(folded) > 4 {
			t.s.Over = bot.Nothing
			return "picks", strconv.Itoa(1 << i)
		}
	}
	if m == "" && t.asking() && t.s.Book == t.l.ID {
		if word, arg := t.town(text); word != "" {
			return word, arg
		}
	}
	if m == "" {
		if word, arg := t.inSentence(); word != "" {
			return word, arg
		}
	}
	switch m {
	case "yes", "no", "unsure", "none":
		if t.asking() {
			step := v.flow.Step(int(t.s.At))
			for i := range step.Choices {
				if step.Choices[i].Answer == m && !step.Choices[i].Mute {
					return "picks", strconv.Itoa(1 << i)
				}
			}
		} else if m == "yes" && (t.s.Stage == bot.Welcome || t.s.Stage == bot.Private || t.s.Stage == bot.Checking) && t.s.Over == bot.Nothing {
			return "next", "typed"
		} else if m == "no" && t.s.Stage == bot.Private && t.s.Over == bot.Nothing {
			return "exit", "later"
		} else if m == "yes" && t.s.Over == bot.EraseAsk {
			return "erase", "yes"
		} else if m == "no" && t.s.Over != bot.Nothing {
			return "back", "here"
		}
		return "", ""
	case "back", "skip", "why", "next", "listen":
		return m, "typed"
	case "start", "restart", "human", "numbers", "erase", "exit", "language", "help":
		return m, ""
	}
	return "", ""
}

func (t *turn) asking() bool {
	return t.s.Stage == bot.Asking && (t.s.Over == bot.Nothing || t.s.Over == bot.Why)
}

var (
	listOfNumbers  = regexp.MustCompile(`^[0-9]{1,2}( [0-9]{1,2})*$`)
	severalNumbers = regexp.MustCompile(`^[0-9]{1,2}( [0-9]{1,2})+$`)
)

// numbers reads "2" or "1 3" as choices of the present question.
func (t *turn) numbers(folded string) (uint16, bool) {
	if !listOfNumbers.MatchString(folded) {
		return 0, false
	}
	step := t.view().flow.Step(int(t.s.At))
	var picks uint16
	for _, f := range strings.Fields(folded) {
		n, _ := strconv.Atoi(f)
		i := t.view().nth(step, n)
		if i < 0 {
			return 0, false
		}
		picks |= 1 << i
	}
	if picks&(picks-1) != 0 && !step.Several {
		return 0, false
	}
	return picks, true
}

var payload = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Carried reports whether a link may carry this: a campaign's code, a quiz and a language, as in radio_at-work_lt.
func Carried(by string) bool { return payload.MatchString(by) }

// deepLink reads the payload of /start: a campaign code, and after a last underscore a language, as in "radio_lt". Before the
// language may stand the quiz that it is about, as in "at-work" or "radio_at-work_lt".
func (t *turn) deepLink(arg string) {
	if !Carried(arg) {
		return
	}
	code := arg
	if i := strings.LastIndexByte(arg, '_'); i >= 0 && t.l.Catalog.Language(arg[i+1:]) != nil {
		t.s.Lang, code = arg[i+1:], arg[:i]
	}
	if t.l.Catalog.Language(code) != nil && code == arg {
		t.s.Lang, code = code, ""
	}
	if parts := strings.Split(code, "_"); t.l.Book.Flow(parts[len(parts)-1]) != nil || parts[len(parts)-1] == trainingMenu {
		t.linked, code = parts[len(parts)-1], strings.Join(parts[:len(parts)-1], "_")
	}
	if bot.ToTrial(code) {
		if t.mayTry() {
			t.s.Campaign = content.TrialCampaign
		}
		return
	}
	t.s.Campaign = ""
	if code != "" {
		t.s.Campaign = t.newest.Catalog.Counted(code, t.u.At)
		t.p.Counts = append(t.p.Counts, "opened@"+t.s.Campaign)
	}
}

// locale finds the language of the person's profile among those we speak.
func (t *turn) locale() string { return speaks(t.l, t.u.Locale) }

// speaks finds the language that we have for a tag such as lt-LT, empty when there is none.
func speaks(l *library.Library, locale string) string {
	tag := strings.ToLower(locale)
	if l.Catalog.Language(tag) != nil {
		return tag
	}
	base, _, _ := strings.Cut(tag, "-")
	if base != "" && l.Catalog.Language(base) != nil {
		return base
	}
	return ""
}

// Notice returns one of the texts that must reach a person even when no session can be read ("outage", "outage-kept",
// "unread", "flood"; "desk.thanks" is one of desk.yaml), with the numbers: in the first of the tags that we speak, else in every language.
func Notice(l *library.Library, name string, tags ...string) string {
	if !strings.Contains(name, ".") {
		name = "chat." + name
	}
	for _, tag := range tags {
		if lang := speaks(l, tag); lang != "" {
			return Fill(l, l.Catalog.Language(lang).Text(name))
		}
	}
	var all []string
	for _, lang := range l.Catalog.Spoken() {
		all = append(all, Fill(l, lang.Text(name)))
	}
	return strings.Join(all, "\n\n")
}

// beforeLanguage shows the choice of languages and nothing else. The numbers and the way out need no language.
func (t *turn) beforeLanguage(word, arg string) {
	if word == "language" && t.l.Catalog.Language(arg) != nil {
		t.chosen(arg)
		return
	}
	heard := false
	if word == "typed-language" || word == "attached" {
		if said := t.newest.Reader.Read(cmp.Or(t.u.Text, t.caption())); said.Danger != "" {
			t.heard(t.l.Catalog.Language(said.In), said)
			t.person, heard = nil, true // first the language is chosen, and then a person is one press away
			t.s.Over = bot.Human
			if t.u.Desk.On {
				t.s.Over = bot.Consent
			}
		}
	}
	note := t.unopened(word, heard)
	if word == "typed-language" {
		for i := range t.l.Catalog.Languages { // a cry for help is heard before its language is known
			if m := t.l.Catalog.Languages[i].Meaning(arg); !heard && (m == "human" || m == "numbers" || m == "help") {
				word = m
			}
		}
		for i := range t.l.Catalog.Languages {
			lang := &t.l.Catalog.Languages[i]
			if arg == strconv.Itoa(i+1) || arg == content.Fold(lang.Tag) || arg == content.Fold(lang.Text("chat.language-name")) {
				t.chosen(lang.Tag)
				return
			}
		}
		if word == "typed-language" && note == "" && !heard && len(strings.Fields(arg)) > 1 {
			word = "numbers" // it may be a cry in a language that we lack
		}
	}
	t.s.Stage = bot.Language
	sc := languages(t.l, "")
	if note != "" {
		sc.text = note + "\n\n" + sc.text
	}
	switch word {
	case "human":
		if t.u.Desk.On {
			t.s.Over = bot.Consent // once the language is known
		}
		fallthrough
	case "numbers", "help":
		sc.text = numberOf(t.l, "emergency") + "\n" + numberOf(t.l, "helpline") + "\n\n" + sc.text
	case "exit", "erase":
		t.leave("· · ·")
		return
	}
	t.put(sc)
}

// chosen goes on in the language that was chosen.
func (t *turn) chosen(tag string) {
	over := t.s.Over
	t.s.Lang = tag
	t.begin(bot.Welcome)
	if over == bot.Consent || over == bot.Human {
		t.s.Over = over
		if t.s.Trial() {
			t.s.Over = bot.Human
		}
	}
	t.show()
}

// begin sets the conversation to the start of the quiz.
func (t *turn) begin(at bot.Stage) {
	t.l = t.newest
	t.s.Stage, t.s.Over, t.s.Given, t.s.Ticks, t.s.End = at, bot.Nothing, nil, 0, ""
	t.s.Before, t.s.Changing, t.s.Job = nil, bot.NoChange, ""
	if f := t.l.Book.Flow(t.s.Quiz); f == nil || !f.Trains() && !t.l.Begins(t.s.Lang, t.s.Quiz) {
		t.s.Quiz = t.l.Offered[0]
	}
	t.s.Book = t.l.ID
	t.s.Seed = 0
	if t.view().trains() {
		t.s.Seed = seedOf(t.u)
	}
}

// choose shows the menu of quizzes, or goes to the start of one that was chosen there.
func (t *turn) choose(arg string) {
	if _, page, ok := strings.Cut(arg, "."+jobList+"."); ok {
		if t.current(arg) {
			t.jobPage(page)
		}
		return
	}
	if arg == trainingMenu && len(t.newest.Modules[t.s.Lang]) > 0 {
		t.over(bot.Modules)
		t.show()
		return
	}
	if arg == "" || !t.current(arg) {
		if arg == "" {
			t.over(bot.Menu)
			t.show()
		}
		return
	}
	_, quiz, _ := strings.Cut(arg, ".")
	if !slices.Contains(t.newest.Offers(t.s.Lang), quiz) && !t.newest.TaughtIn(t.s.Lang, quiz) {
		t.over(bot.Menu)
		t.show()
		return
	}
	t.s.Quiz = quiz
	t.begin(bot.Private)
	if t.view().flow.Openly {
		t.firstQuestion()
		return
	}
	t.show()
}

func (t *turn) firstQuestion() {
	if t.view().trains() {
		t.count("training." + t.s.Quiz + ".begun")
		t.s.Stage = bot.Asking
		t.goTo(t.view().flow.Start())
		return
	}
	t.count("quiz")
	if t.s.Quiz != t.newest.Offered[0] {
		t.count("quiz." + t.s.Quiz)
	}
	t.s.Stage = bot.Asking
	t.goTo(t.view().flow.Start())
}

// act carries out what the person wants.
func (t *turn) act(word, arg string) {
	if t.s.Case.Active() && word == "code" && t.u.Desk.Code != "" {
		t.showCode()
		return
	}
	if (t.s.Case.Active() || t.s.Speaks()) && t.silent(word) {
		return
	}
	switch word {
	case "show":
		t.early(arg)
	case "change":
		t.change(arg)
	case "start":
		if t.s.Begun() && arg != "supervision" {
			t.s.Over = bot.Begun
			t.show()
			return
		}
		t.s.Quiz = t.linked
		if t.l.Book.Training[t.linked] != nil && !t.l.TaughtIn(t.s.Lang, t.linked) {
			t.s.Quiz = ""
		}
		t.begin(bot.Welcome)
		if t.l.Book.Training[t.linked] != nil && t.s.Quiz == t.linked { // its own first screen says what it is and what is kept
			t.s.Stage = bot.Private
		}
		if arg == "supervision" {
			t.consult()
			return
		}
		if t.linked == trainingMenu && len(t.l.Modules[t.s.Lang]) > 0 {
			t.s.Over = bot.Modules
		}
		t.show()
	case "restart":
		if t.s.Stage <= bot.Welcome {
			t.begin(bot.Welcome)
		} else {
			t.begin(bot.Private)
		}
		t.show()
	case "language":
		if t.l.Catalog.Language(arg) != nil && (t.l.Says(arg, &t.s) || t.view().trains()) {
			t.s.Lang, t.s.Over = arg, bot.Nothing
			if lang := t.view().lang; t.s.Stage == bot.Asking && len(t.s.Given) > 0 && !lang.Easy(t.s.Quiz) {
				t.note = lang.Variant.Usual
			}
		} else {
			t.over(bot.Languages)
		}
		t.show()
	case "numbers":
		t.numbersFor(arg)
		t.show()
	case "human":
		t.keep()
		if arg == "supervision" {
			t.consult()
			return
		}
		t.human(arg)
	case "supervision":
		t.consult()
	case "help":
		t.over(bot.Help)
		t.show()
	case "menu":
		t.choose(arg)
	case "erase":
		if arg == "yes" {
			t.count("erased")
			t.erase()
			return
		}
		t.over(bot.EraseAsk)
		t.show()
	case "exit":
		t.count("exit")
		v := t.view()
		if arg == "later" {
			t.leave(v.say("later"))
		} else {
			how := "exit-clear"
			if len(t.s.Removable(t.u.At)) == 0 { // this door removes nothing
				how = "exit-stays"
			}
			t.leave(v.say("exit-text") + "\n\n" + v.say(how))
		}
	case "back":
		if t.s.Over != bot.Nothing && (arg == "here" || arg == "typed") {
			t.s.Over = bot.Nothing
			t.show()
		} else if arg == "here" {
			t.show()
		} else if t.current(arg) {
			t.back()
		}
	case "job":
		t.job(arg)
	case "next", "skip", "why", "listen", "answer", "picks", "town", "ticked":
		t.step(word, arg)
	case "returned":
		if t.s.Stage > bot.Language {
			t.note = t.view().say("returned")
		}
		t.again()
	case "heard":
		t.heard(t.view().lang, t.newest.Reader.Read(t.u.Text))
		t.again()
	case "pasted":
		t.note = t.view().say("pasted")
		t.again()
	case "attached":
		switch said := t.newest.Reader.Read(t.caption()); {
		case said.Danger != "": // the words below a picture are words
			t.heard(t.view().lang, said)
		default:
			t.note = t.view().say("unclear-attachment")
		}
		t.again()
	default:
		if t.u.Kind == bot.Pressed && t.s.Stage != bot.Fresh {
			t.p.Toast = t.view().say("stale")
			return
		}
		if t.s.Stage != bot.Fresh {
			t.unclear()
		}
		t.again()
	}
}

// silent keeps the quiz still while a human is awaited or there. It reports whether the word was one of the quiz.
func (t *turn) silent(word string) bool {
	switch word {
	case "human", "supervision":
		if !t.s.Speaks() {
			return false
		}
	case "language", "numbers", "help", "erase", "exit":
		return false
	case "back":
		t.s.Over = bot.Nothing
		t.show()
		return true
	}
	if t.u.Kind == bot.Pressed {
		t.p.Toast = t.view().wording("silent")
		return true
	}
	t.s.Over = bot.Nothing
	t.show()
	return true
}

// again shows the present screen once more; a new conversation begins.
func (t *turn) again() {
	if t.s.Stage <= bot.Language {
		t.begin(bot.Welcome)
	}
	t.show()
}

func (t *turn) over(o bot.Over) {
	if t.s.Stage <= bot.Language {
		t.begin(bot.Welcome)
	}
	t.s.Over = o
}

// current reports whether a button belongs to the present screen. An old one gets a short answer and changes nothing.
func (t *turn) current(arg string) bool {
	serial, _, _ := strings.Cut(arg, ".")
	if serial == "typed" || serial == strconv.Itoa(int(t.s.Serial)) && t.s.Stage != bot.Fresh {
		return true
	}
	if t.s.Stage <= bot.Language {
		t.begin(bot.Welcome)
		t.show()
		return false
	}
	t.p.Toast = t.view().say("stale")
	if t.u.Kind == bot.Pressed && t.u.Ref > t.s.Screen {
		// A message below the screen, of which we never heard that it arrived: it was delivered twice. The person
		// looks at that one, so the screen goes there. And where no screen is known, the newest was never delivered.
		t.show()
	}
	return false
}

// step moves through the quiz.
func (t *turn) step(word, arg string) {
	if (word != "picks" && word != "town" || t.u.Kind == bot.Pressed) && !t.current(arg) {
		return
	}
	v := t.view()
	switch {
	case t.s.Stage == bot.Welcome && word == "next" && t.s.Over == bot.Nothing && v.flow.Openly:
		t.firstQuestion()
		return
	case t.s.Stage == bot.Welcome && word == "next" && t.s.Over == bot.Nothing:
		t.s.Stage = bot.Private
		t.show()
		return
	case t.s.Stage == bot.Private && word == "next" && t.s.Over == bot.Nothing:
		t.firstQuestion()
		return
	case t.s.Stage == bot.Checking && (word == "next" || word == "skip") && t.s.Listing():
		t.finish()
		t.show()
		return
	case (t.s.Over.Answers() || t.s.Over == bot.Begun) && word == "next":
		t.s.Over = bot.Nothing
		t.show()
		return
	case t.s.Stage == bot.Finished && word == "next" && (t.s.Over == bot.Nothing || t.s.Over == bot.Why) && early(t.l, &t.s):
		t.goOn()
		return
	case t.s.Stage == bot.Finished && word == "why" && !v.trains():
		t.s.Over = bot.Why
		t.show()
		return
	case t.s.Stage == bot.Explained && word == "next" && t.s.Over == bot.Nothing:
		t.s.Stage = bot.Asking
		t.show()
		return
	case t.s.Stage == bot.Asking && t.s.Over.OfJob() && (word == "answer" || word == "skip"):
		t.s.Over = bot.Nothing
		if _, code, _ := strings.Cut(arg, "."); content.IsCode(code) {
			t.job(code)
			return
		}
	case !t.asking(), word == "why" && v.trains():
		t.again()
		return
	}
	step := v.flow.Step(int(t.s.At))
	switch word {
	case "why":
		t.s.Over = bot.Why
		t.show()
	case "listen":
		t.listen(step)
	case "skip":
		t.answer(0)
	case "next":
		if !step.Several || t.s.Ticks == 0 {
			t.p.Toast = v.say("pick-first")
			if t.u.Kind != bot.Pressed {
				t.note = t.p.Toast
				t.show()
			}
			return
		}
		t.answer(t.s.Ticks)
	case "ticked": // a form brings all its ticks at once, as serial.bits
		_, all, _ := strings.Cut(arg, ".")
		n, err := strconv.ParseUint(all, 10, 16)
		if err != nil || n == 0 || !step.Several {
			t.p.Toast = v.say("pick-first")
			return
		}
		t.answer(onlySigns(step, uint16(n)))
	case "picks":
		n, _ := strconv.Atoi(arg)
		picks := uint16(n)
		if step.Several && !alone(step, picks) && !alone(step, t.s.Ticks) && !t.s.Again() {
			picks |= t.s.Ticks
		}
		t.answer(picks)
	case "town":
		t.inTown(arg)
	case "answer":
		_, rest, _ := strings.Cut(arg, ".")
		i, err := strconv.Atoi(rest)
		if err != nil || i < 0 || i >= len(step.Choices) {
			t.p.Toast = v.say("stale")
			return
		}
		if one := uint16(1) << i; step.Several && t.ticked(step, one) {
			t.show()
			return
		}
		t.answer(1 << i)
	}
}

// ticked sets or takes away a tick. It reports false when the choice is the answer: one that stands alone while nothing else is
// ticked. Beside other ticks it takes their place and is not sent yet, so that nobody loses them by one press.
func (t *turn) ticked(step *flows.Step, one uint16) bool {
	switch {
	case !alone(step, one):
		if alone(step, t.s.Ticks) {
			t.s.Ticks = 0
		}
		t.s.Ticks ^= one
	case t.s.Ticks == 0 || t.s.Ticks == one:
		return false
	default:
		t.s.Ticks = one
	}
	return true
}

// onlySigns takes the choices that stand alone out of ticks that hold others too: who has ticked a sign has not said that there is none.
func onlySigns(step *flows.Step, picks uint16) uint16 {
	var alone uint16
	for i := range step.Choices {
		if step.Choices[i].Alone {
			alone |= 1 << i
		}
	}
	switch {
	case picks&^alone != 0:
		return picks &^ alone
	case picks&(picks-1) != 0: // none of these, and I do not know
		return 1 << (bits.Len16(picks) - 1)
	}
	return picks
}

func alone(step *flows.Step, picks uint16) bool {
	for i := range step.Choices {
		if picks&(1<<i) != 0 && step.Choices[i].Alone {
			return true
		}
	}
	return false
}

func (t *turn) answer(picks uint16) {
	v := t.view()
	place, err := v.flow.Advance(int(t.s.At), picks, t.s.Given)
	if err != nil {
		t.note = v.say("unclear")
		t.show()
		return
	}
	given, from := make([]flows.Given, 0, len(t.s.Given)+1), t.s.At
	if v.flow.Step(int(from)).Where {
		t.s.Job = t.named
	}
	t.s.Given = append(append(given, t.s.Given...), flows.Given{Step: from, Picks: picks})
	if v.trains() {
		t.learned(from, picks, place)
		return
	}
	if t.s.Before = bot.Without(t.s.Before, from); len(t.s.Before) == 0 {
		t.s.Before = nil
	}
	if t.s.Changing != bot.NoChange {
		if t.s.Resume(v.flow) == nil {
			if t.s.Stage == bot.Checking {
				t.atEnd()
			}
			t.s.Ticks = t.ticks()
			t.show()
			return
		}
		t.s.Before, t.s.Changing = nil, bot.NoChange
	}
	t.goTo(place)
}

// goTo puts the person at a place of the quiz.
func (t *turn) goTo(p flows.Place) {
	t.s.Over, t.s.Ticks = bot.Nothing, 0
	if p.End == "" {
		t.s.At = uint8(p.Step)
		t.s.Ticks = t.ticks()
	} else {
		t.s.End, t.s.Before = p.End, nil
		t.atEnd()
	}
	t.show()
}

// goOn goes from a result that was shown early to the question that comes next.
func (t *turn) goOn() {
	t.s.Stage, t.s.End, t.s.Over, t.s.Ticks = bot.Asking, "", bot.Nothing, t.ticks()
	t.show()
}

// back returns to the question before, with the answer to it taken back.
func (t *turn) back() {
	if v := t.view(); v.settled() {
		if t.p.Toast = v.teaching("closed"); t.u.Kind != bot.Pressed {
			t.note = t.p.Toast
			t.show()
		}
		return
	}
	switch {
	case t.s.Stage == bot.Private && t.view().trains():
		t.over(bot.Modules)
		t.show()
		return
	case t.s.Stage == bot.Private:
		t.s.Stage = bot.Welcome
	case early(t.l, &t.s):
		t.goOn()
		return
	case t.s.Stage == bot.Finished && checks(t.l, &t.s):
		t.s.Stage = bot.Checking
	case t.s.Stage == bot.Asking && t.s.Changing != bot.NoChange && t.s.Again():
		t.keep()
	case t.s.Stage >= bot.Asking && len(t.s.Given) > 0:
		t.s.TakeBack()
		t.s.Changing = bot.NoChange // from here on step by step, with what was answered marked
		if t.s.Ticks = t.ticks(); t.view().trains() {
			t.s.Before, t.s.Ticks = nil, 0
		}
	case t.s.Stage == bot.Asking && t.view().flow.Openly:
		t.s.Stage = bot.Welcome
	case t.s.Stage == bot.Asking:
		t.s.Stage = bot.Private
	}
	t.s.Over = bot.Nothing
	t.show()
}

// show puts the present screen up, with the note above it.
func (t *turn) show() {
	if t.s.Stage <= bot.Language { // an old button of a conversation that is forgotten
		t.begin(bot.Welcome)
	}
	if t.u.Kind == bot.Pressed && t.u.Ref != 0 && t.u.Ref == t.s.Screen && t.picture() == t.before && !t.below {
		// The same picture in the same message: Telegram would show nothing at all.
		t.p.Toast = t.view().say("already")
		return
	}
	t.s.Serial++
	sc := t.view().now()
	if t.note != "" {
		sc.text = t.note + "\n\n" + sc.text
	}
	if v := t.view(); t.s.Over == bot.Begun && t.linked != t.s.Quiz && (slices.Contains(t.newest.Offers(v.lang.Tag), t.linked) || t.newest.TaughtIn(t.s.Lang, t.linked)) {
		sc.buttons = slices.Insert(sc.buttons, 1, []bot.Button{{Label: v.lang.Text(t.linked + ".name"), Data: v.serial("menu") + "." + t.linked}})
	}
	t.put(sc)
}

// put sends a screen: in place of the message whose button was pressed, else as a new message
// in the stead of the one that held the last question.
func (t *turn) put(sc screen) {
	if t.person != nil {
		sc.buttons = withPerson(sc.buttons, *t.person)
	}
	m := bot.Message{To: t.u.From, Text: sc.text, Buttons: sc.buttons, Screen: true, Urgency: 1, Serial: t.s.Serial}
	if t.asking() && t.s.Book == t.l.ID {
		m.Short = t.view().short(sc.buttons)
	}
	switch {
	case t.s.Stage <= bot.Welcome:
		m.Urgency = 0
	case t.s.Over == bot.Human || t.s.Case.Active() || t.s.Over.OfDesk():
		m.Urgency = 2
	case t.s.Stage == bot.Finished:
		if o, _ := outcome(t.l, &t.s); urgent(o) {
			m.Urgency = 2
		}
	}
	if t.u.Kind == bot.Pressed && t.u.Ref != 0 && !t.below {
		m.Edit = t.u.Ref
		t.s.Screen = t.u.Ref
		if t.was != 0 && t.was != t.u.Ref { // a screen that was delivered twice: one is enough
			m.Delete = []int64{t.was}
		}
	} else {
		m.Track = true
		if t.was != 0 {
			m.Delete = []int64{t.was}
		}
	}
	t.p.Send = append(t.p.Send, m)
}

// leave is the quick exit: a neutral sentence, the messages removed, everything forgotten.
func (t *turn) leave(text string) {
	t.parted("left")
	t.p.Erase = true
	t.p.Send = []bot.Message{{To: t.u.From, Text: text, Delete: t.s.Removable(t.u.At), Urgency: 2}}
}

// erase forgets the conversation and says so, in place of the question.
func (t *turn) erase() {
	t.parted("erased")
	t.p.Erase = true
	m := bot.Message{To: t.u.From, Text: t.view().say("erase-done"), Urgency: 2}
	if t.u.Kind == bot.Pressed {
		m.Edit = t.u.Ref
	}
	t.p.Send = []bot.Message{m}
}
