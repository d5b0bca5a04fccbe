package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/talk"
)

// A desk of which people and counsellors fall away: pages close, sessions end, accounts are removed, browsers are lost, nobody comes. It is
// lived at random. At every moment each open case must be held by somebody who can be reached, or wait and call, and its person have been
// told the truth.
//
// More runs: -rapid.checks or RAPID_CHECKS.

func TestNobodyWhoAskedForAHumanIsLeftAloneWhateverFallsAway(t *testing.T) {
	unwatched(t)
	manyLives("120", "40")
	lib := builtIn(t)
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		rapid.SyncTest(rt, func(rt *rapid.T) { // time stands still but where it is turned
			n := newNightDesk(rt, lib, ring)
			rt.Repeat(n.happenings())
			n.settle()
		})
	})
}

// nightDesk is a desk of accounts, with or without a group of counsellors beside it.
type nightDesk struct {
	t     *rapid.T
	lib   *library.Library
	store *strict
	bot   *desk.Desk
	group bool
	id    uint64
	topic int64
	told  map[bot.Key]time.Time // when the open pages heard of a case last

	people []*caller
	staff  []*clerk
	mouths []*mouth // chats in which a talk of the page may go on
}

// caller is somebody who asks for a human, at a chat or at the page.
type caller struct {
	at       bot.Address
	key      bot.Key
	draws    bool
	browser  string // the one they sit at
	lost     []string
	last     string // the truest thing they were told at a chat
	words    string // of the return code they hold
	digits   string
	before   []string  // digits that were good once
	wrote    time.Time // when they last wrote
	arranged time.Time // when they last asked to be called
	links    []link    // into a chat
}

// clerk is somebody of the desk: with an account, or a member of the group.
type clerk struct {
	bot.Actor
	account string
	role    desk.Role
	member  bool
	cookie  string    // of the session; empty: there is none
	open    bool      // the page
	seen    time.Time // when the page was open last
	warned  time.Time // since when the page warns that its session ends
}

func newNightDesk(t *rapid.T, lib *library.Library, ring *seal.Ring) *nightDesk {
	n := &nightDesk{t: t, lib: lib, store: newStrict(), topic: 1000, told: map[bot.Key]time.Time{}}
	n.group = rapid.IntRange(0, 2).Draw(t, "there is a group, if 2") == 2
	n.bot = desk.New(lib, n.store, ring)
	n.bot.Desk = engine.Reach{On: n.group, Topics: n.group}
	n.bot.Always = rapid.Bool().Draw(t, "open day and night")
	n.bot.Draws = map[string]bool{"web": true}
	n.bot.Hear = func(k bot.Key) { n.told[k] = time.Now() }
	n.people = append(n.people, &caller{at: bot.Address{Channel: "web", ID: "a"}, draws: true}, &caller{at: bot.Address{Channel: "telegram", ID: "222222222"}})
	if rapid.Bool().Draw(t, "one more person") {
		n.people = append(n.people, &caller{at: bot.Address{Channel: "web", ID: "c"}, draws: true})
	}
	for _, p := range n.people {
		p.key = n.bot.Key(p.at)
	}
	time.Sleep(time.Duration(rapid.IntRange(0, 7*24*60).Draw(t, "minutes into the week")) * time.Minute)
	n.staff = []*clerk{{Actor: bot.Actor{ID: "console:ruta", Name: "Rūta"}, role: desk.Counsellor}, {Actor: bot.Actor{ID: "console:ona", Name: "Ona", Lead: true}, role: desk.Lead},
		{Actor: bot.Actor{ID: "console:jonas", Name: "Jonas"}, role: desk.Counsellor}}
	if n.group {
		n.staff = append(n.staff, &clerk{Actor: birute, member: true})
	}
	for _, s := range n.staff {
		if !s.member {
			n.enters(s)
		}
	}
	return n
}

func (n *nightDesk) ctx() context.Context { return context.Background() }

func (n *nightDesk) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *nightDesk) session(p *caller) bot.Session {
	s, err := n.bot.Session(n.ctx(), p.at)
	n.must(err)
	return s
}

func (n *nightDesk) fail(p *caller, format string, args ...any) {
	n.t.Helper()
	s := n.session(p)
	n.t.Fatalf("%s\nat %s, person %s: over %d, case %+v", fmt.Sprintf(format, args...), time.Now().Format("Mon 15:04:05"), p.at.ID, s.Over, s.Case)
}

// handle hands an update in, and lets what follows from it arrive.
func (n *nightDesk) handle(p *caller, u bot.Update) bot.Reply {
	n.t.Helper()
	n.id++
	u.ID, u.From, u.At = n.id, p.at, time.Now()
	if u.Kind != bot.Acted && u.Kind != bot.Said {
		n.moved(n.session(p))
		u.Locale = "en"
		if p.draws && (u.Kind == bot.Typed || u.Kind == bot.Pressed) && u.Browser == "" {
			u.Browser = p.browser
		}
	}
	r, err := n.bot.Handle(n.ctx(), u)
	n.must(err)
	n.arrive()
	return r
}

// What can happen.

func (n *nightDesk) happenings() map[string]func(*rapid.T) {
	out := map[string]func(*rapid.T){}
	add := func(weight int, name string, f func()) {
		for i := range weight {
			out[strings.Repeat(" ", i)+name] = func(t *rapid.T) {
				n.t = t
				n.sleep(time.Second)
				f()
			}
		}
	}
	add(4, "a person asks for a human", n.asks)
	add(4, "a person writes", n.writes)
	add(1, "a person ends the talk", func() { n.handle(n.anybody(), bot.Update{Kind: bot.Pressed, Text: "human:end"}) })
	add(1, "a person has everything erased", func() { n.handle(n.anybody(), bot.Update{Kind: bot.Pressed, Text: "erase:yes"}) })
	add(2, "a person wants a call", n.wantsCall)
	add(2, "a person takes a return code", n.takesCode)
	add(1, "a person loses the browser", n.losesBrowser)
	add(3, "a person comes back with the code", n.comesBack)
	add(1, "somebody tries a code", n.guesses)
	add(4, "a counsellor takes", n.takes)
	add(3, "a counsellor answers", n.answers)
	add(3, "a counsellor does something", n.acts)
	add(3, "a page opens", n.opens)
	add(3, "a page closes", func() { n.clerk(false).open = false })
	add(2, "somebody goes on duty", n.onDuty)
	add(1, "somebody goes off duty", n.offDuty)
	add(1, "somebody signs out", n.signsOut)
	add(1, "an account is removed", n.removed)
	add(3, "minutes pass", func() {
		n.sleep(time.Duration(rapid.IntRange(1, 20).Draw(n.t, "minutes")) * time.Minute)
	})
	add(1, "hours pass", func() {
		n.sleep(time.Duration(rapid.SampledFrom([]int{1, 3, 11, 14}).Draw(n.t, "hours")) * time.Hour)
	})
	add(1, "days pass", func() {
		for _, s := range n.staff {
			s.open = false
		}
		n.sleep(time.Duration(rapid.SampledFrom([]int{1, 3, 6, 8}).Draw(n.t, "days")) * 24 * time.Hour)
	})
	n.bridges(add)
	out[""] = func(t *rapid.T) {
		n.t = t
		n.check()
	}
	return out
}

func (n *nightDesk) anybody() *caller {
	p := n.people[rapid.IntRange(0, len(n.people)-1).Draw(n.t, "who")]
	if s := n.session(p); p.browser == "lost" && s.Return == "" { // they begin again
		p.browser = s.Browser
	}
	return p
}

// clerk draws somebody of the desk.
func (n *nightDesk) clerk(members bool) *clerk {
	most := len(n.staff) - 1
	if n.group && !members {
		most--
	}
	return n.staff[rapid.IntRange(0, most).Draw(n.t, "counsellor")]
}

// able are those who can do something now: whose page is open, and the members of the group.
func (n *nightDesk) able() []*clerk {
	var out []*clerk
	for _, s := range n.staff {
		if s.member || s.open {
			out = append(out, s)
		}
	}
	return out
}

// somebody draws one who can do something now.
func (n *nightDesk) somebody() *clerk {
	list := n.able()
	if len(list) == 0 {
		n.t.Skip("nobody is there")
	}
	s := list[rapid.IntRange(0, len(list)-1).Draw(n.t, "counsellor")]
	if !s.member { // what they do is something done in the session
		if _, _, err := n.bot.Visitor(n.ctx(), s.cookie, true, time.Now()); errors.Is(err, desk.ErrSession) {
			n.ended(s)
			n.t.Skip("signed out")
		} else {
			n.must(err)
		}
	}
	return s
}

func (n *nightDesk) asks() {
	p := n.anybody()
	n.handle(p, bot.Update{Kind: bot.Typed, Text: "/human"})
	n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:agree"})
}

func (n *nightDesk) writes() {
	p := n.anybody()
	if r := n.handle(p, bot.Update{Kind: bot.Typed, Text: "are you there, please"}); !r.Moved {
		p.wrote = time.Now()
	}
}

func (n *nightDesk) wantsCall() {
	p := n.anybody()
	n.sleep(time.Second)
	p.arranged = time.Now()
	if n.session(p).Case == nil {
		n.handle(p, bot.Update{Kind: bot.Typed, Text: "/human"})
	}
	n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:call"})
	n.handle(p, bot.Update{Kind: bot.Typed, Text: "+370 612 34567"})
	hours := "human:hours.0"
	if slots := n.lib.Catalog.Desk.Slots(time.Now(), 3); len(slots) > 0 && rapid.Bool().Draw(n.t, "at a time") {
		hours = "human:hours." + strconv.FormatInt(slots[rapid.IntRange(0, len(slots)-1).Draw(n.t, "slot")].From.Unix(), 10)
	}
	for _, press := range []string{hours, "human:voice.1", "human:else.0", "human:send"} {
		n.handle(p, bot.Update{Kind: bot.Pressed, Text: press})
	}
}

func (n *nightDesk) takesCode() {
	p := n.anybody()
	if !p.draws || !n.session(p).Case.Active() || p.browser == "lost" {
		n.t.Skip("no talk on the page")
	}
	r := n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:return"})
	if r.Digits == "" {
		n.fail(p, "a person with an open talk gets no return code")
	}
	if p.digits != "" {
		p.before = append(p.before, p.digits)
	}
	p.words, p.digits = n.session(p).Case.Word, r.Digits
}

// losesBrowser takes the browser from a person, as whoever closes it has it forgotten.
func (n *nightDesk) losesBrowser() {
	p := n.anybody()
	if p.draws && p.digits != "" && p.words == wordOf(n.session(p)) {
		p.lost = append(p.lost, p.browser)
		p.browser = "lost"
	}
}

func wordOf(s bot.Session) string {
	if s.Case == nil {
		return ""
	}
	return s.Case.Word
}

func (n *nightDesk) comesBack() {
	p := n.anybody()
	s := n.session(p)
	if p.digits == "" || p.words != wordOf(s) || s.Return == "" {
		n.t.Skip("no code")
	}
	n.sleep(7 * time.Minute) // whatever was tried, one more try is free
	if s = n.session(p); s.Return == "" {
		return
	}
	old := p.browser
	next := fmt.Sprint("browser ", n.id)
	at, err := n.bot.TakeUp(n.ctx(), p.words, p.digits, bot.AnyNetwork, knownAs(next), time.Now())
	if err != nil || at != p.at {
		n.fail(p, "the talk is not taken up by its code: %v", err)
	}
	p.browser = next
	if old == "lost" {
		old = p.lost[len(p.lost)-1]
	}
	before := n.session(p)
	if r := n.handle(p, bot.Update{Kind: bot.Typed, Text: "it is me, the browser before", Browser: old + " "}); !r.Moved {
		n.fail(p, "a browser goes on that has the talk no more")
	}
	if after := n.session(p); after.Case.Last != before.Case.Last {
		n.fail(p, "a browser that has the talk no more does something to it")
	}
}

func (n *nightDesk) guesses() {
	p := n.anybody()
	words := wordOf(n.session(p))
	wrong := fmt.Sprintf("%08d", rapid.IntRange(0, 99_999_999).Draw(n.t, "digits"))
	if len(p.before) > 0 && rapid.Bool().Draw(n.t, "earlier digits") {
		wrong = p.before[len(p.before)-1]
	}
	if words == "" || wrong == p.digits {
		n.t.Skip("nothing to guess")
	}
	if at, err := n.bot.TakeUp(n.ctx(), words, wrong, "192.0.2.7", knownAs("thief"), time.Now()); !errors.Is(err, engine.ErrReturn) && !errors.Is(err, engine.ErrGuesses) || at != (bot.Address{}) && errors.Is(err, engine.ErrReturn) {
		n.fail(p, "a wrong code: %v, %v", at, err)
	}
}

func (n *nightDesk) takes() {
	n.handle(n.anybody(), bot.Update{Kind: bot.Acted, Text: "take", Actor: n.somebody().Actor})
}

func (n *nightDesk) answers() {
	p, words := n.anybody(), fmt.Sprintf("I am here with you, %d", n.id)
	m := n.mouthAt(n.session(p).Chat)
	if m != nil {
		m.shown = nil
	}
	if r := n.handle(p, bot.Update{Kind: bot.Said, Text: words, Actor: n.somebody().Actor}); m != nil && !r.Refused {
		n.answered(p, m, words)
	}
}

func (n *nightDesk) acts() {
	act := rapid.SampledFrom([]string{"release", "transfer", "transfer @nobody_here", "close", "reopen", "over", "reached", "unreached", "ring"}).Draw(n.t, "act")
	switch act {
	case "transfer":
		act += " " + n.clerk(true).ID
	case "ring":
		if slots := n.lib.Catalog.Desk.Slots(time.Now(), 2); len(slots) > 0 {
			act += " " + strconv.FormatInt(slots[len(slots)-1].From.Unix(), 10)
		}
	}
	n.handle(n.anybody(), bot.Update{Kind: bot.Acted, Text: act, Actor: n.somebody().Actor})
}

// enters comes in by a link.
func (n *nightDesk) enters(s *clerk) {
	token, _, err := n.bot.Invite(n.ctx(), s.Name, s.role, time.Now())
	n.must(err)
	var a desk.Account
	a, s.cookie, err = n.bot.Enter(n.ctx(), token, time.Now())
	n.must(err)
	s.Actor, s.account = a.Actor(), a.ID
}

func (n *nightDesk) opens() {
	s := n.clerk(false)
	if _, _, err := n.bot.Visitor(n.ctx(), s.cookie, true, time.Now()); err != nil {
		time.Sleep(2 * time.Millisecond) // two comings of one account in one millisecond are one
		n.enters(s)
	}
	s.open, s.warned = true, time.Time{}
	n.beat(s)
}

func (n *nightDesk) onDuty() {
	s := n.somebody()
	n.must(n.bot.OnDuty(n.ctx(), s.Actor, true))
}

// offDuty is what the page does once it has asked what becomes of the talks.
func (n *nightDesk) offDuty() {
	s := n.somebody()
	n.must(n.bot.Left(n.ctx(), s.Actor))
	n.arrive()
	n.holdsNothing(s)
}

func (n *nightDesk) signsOut() {
	s := n.somebody()
	if s.member {
		n.t.Skip("a member has no session")
	}
	n.must(n.bot.Left(n.ctx(), s.Actor))
	n.must(n.bot.SignOut(n.ctx(), s.cookie, time.Now()))
	n.ended(s)
	n.arrive()
	n.holdsNothing(s)
}

func (n *nightDesk) removed() {
	s := n.clerk(false)
	if err := n.bot.RemoveAccount(n.ctx(), s.account, time.Now()); errors.Is(err, desk.ErrLastLead) {
		n.t.Skip("the last lead")
	} else {
		n.must(err)
	}
	n.ended(s)
	n.arrive()
	n.holdsNothing(s)
}

// ended has the page say that its session has ended.
func (n *nightDesk) ended(s *clerk) { s.open, s.cookie, s.warned = false, "", time.Time{} }

func (n *nightDesk) holdsNothing(s *clerk) {
	n.t.Helper()
	for _, p := range n.people {
		if c := n.session(p).Case; c.Active() && c.State == bot.Taken && holds(c, s.Actor) {
			n.fail(p, "whoever has left still holds the talk")
		}
	}
}

// Time.

const often = 2 * time.Minute // between two signs of life of an open page; pages give one each 15 s

// sleep lets time pass: open pages give signs of life, timers go off.
func (n *nightDesk) sleep(d time.Duration) {
	for end := time.Now().Add(d); ; {
		next := end
		if at := n.due(); !at.IsZero() && at.Before(next) {
			next = at
		}
		for _, s := range n.staff {
			if s.open && s.seen.Add(often).Before(next) {
				next = s.seen.Add(often)
			}
		}
		time.Sleep(time.Until(next))
		for _, s := range n.staff {
			if s.open && time.Since(s.seen) >= often {
				n.beat(s)
			}
		}
		n.arrive()
		if !time.Now().Before(end) {
			return
		}
		n.check()
	}
}

// beat is what the stream of an open page does.
func (n *nightDesk) beat(s *clerk) {
	s.seen = time.Now()
	onDuty, err := n.bot.Present(n.ctx(), s.Actor, time.Now())
	n.must(err)
	_, ends, err := n.bot.Visitor(n.ctx(), s.cookie, onDuty, time.Now())
	switch {
	case errors.Is(err, desk.ErrSession):
		if s.warned.IsZero() || time.Since(s.warned) < desk.WarnTime-2*often {
			n.t.Fatalf("the session of %s ended at %v and the page had warned since %v", s.Name, time.Now(), s.warned)
		}
		n.ended(s)
	case err != nil:
		n.t.Fatal(err)
	case time.Until(ends.At) > desk.WarnTime:
		s.warned = time.Time{}
	case s.warned.IsZero():
		if s.warned = time.Now(); onDuty && !ends.Final {
			n.t.Fatalf("the session of %s, who is on duty with the page open, ends of silence", s.Name)
		}
	}
}

// due is when the next delivery or timer is due.
func (n *nightDesk) due() (next time.Time) {
	n.store.mu.Lock()
	defer n.store.mu.Unlock()
	for _, l := range n.lines() {
		t := n.store.talks[l.key.Hash]
		if t == nil {
			continue
		}
		for q := range bot.Queues {
			if head := t.queues[q]; len(head.items) > 0 && (next.IsZero() || head.at.Before(next)) {
				next = head.at
			}
		}
	}
	return next
}

// line is a conversation that there may be.
type line struct {
	at  bot.Address
	key bot.Key
}

func (n *nightDesk) lines() (out []line) {
	for _, p := range n.people {
		out = append(out, line{p.at, p.key})
	}
	for _, m := range n.mouths {
		out = append(out, line{m.at, m.key})
	}
	return out
}

// arrive delivers everything that is due, and lets timers go off that are.
func (n *nightDesk) arrive() {
	for again := true; again; {
		again = false
		for _, l := range n.lines() {
			for q := range bot.Queues {
				k := l.key
				k.Queue = uint8(q)
				it := n.store.takeOne(k, time.Now(), time.Now().Add(time.Hour))
				if it == nil {
					continue
				}
				again = true
				m, err := n.bot.Open(bot.Held{Key: k, Item: *it})
				n.must(err)
				n.arrived(l, uint8(q), m)
				n.store.Ack(n.ctx(), k, it.ID, time.Now(), time.Now())
			}
		}
	}
}

func (n *nightDesk) arrived(l line, q uint8, m bot.Message) {
	now := time.Now()
	up := func(u bot.Update) {
		u.From, u.At = l.at, now
		_, err := n.bot.Handle(n.ctx(), u)
		n.must(err)
	}
	switch q {
	case bot.ToPerson:
		if at := n.mouthAt(m.To); at != nil {
			n.reads(at, m)
			return
		}
		if is := n.means(m.Text); is != "" && !m.Human {
			i := slices.IndexFunc(n.people, func(p *caller) bool { return p.at == l.at })
			n.people[i].last = is
		}
		if m.Track {
			n.topic++
			up(bot.Update{Kind: bot.Delivered, Ref: n.topic, Screen: m.Screen, Serial: m.Serial})
		}
	case bot.ToDesk:
		s := n.sessionAt(l.at)
		if c := s.Case; m.Act != bot.DropTopic && c != nil && (c.Topic == 0 || c.Card == 0) {
			n.topic++
			up(bot.Update{Kind: bot.Placed, Topic: n.topic, Ref: n.topic})
		}
	default:
		up(bot.Update{Kind: bot.Due})
	}
}

// meanings are the texts from which a person knows how their talk stands.
var meanings = map[string]string{"waiting": "waits", "waiting-page": "waits", "waiting-later": "waits", "waiting-nobody": "waits", "waiting-call": "waits", "lapsed": "waits",
	"released": "waits", "unanswered": "waits", "reopened": "waits", "call-at": "waits", "place-first": "waits", "taken": "held", "held": "held", "transferred": "held", "closed": "over", "over": "over"}

// means is what a text tells of how a talk stands, "" when it tells nothing.
func (n *nightDesk) means(text string) string {
	lang := n.lib.Catalog.Language("en")
	text = strings.ReplaceAll(text, "**", "")
	for name, is := range meanings {
		begin, _, _ := strings.Cut(strings.ReplaceAll(lang.Text("desk."+name), "**", ""), "{")
		begin, _, _ = strings.Cut(begin, "\n")
		if strings.Contains(text, strings.TrimSpace(begin)) {
			return is
		}
	}
	return ""
}

// What is promised.

// reached reports whether a counsellor who holds a case can be reached.
func (n *nightDesk) reached(c *bot.Case) bool {
	for _, s := range n.staff {
		if holds(c, s.Actor) {
			return s.member || s.open
		}
	}
	return false
}

func (n *nightDesk) opensAt(now time.Time) time.Time {
	if n.bot.Always {
		return now
	}
	return n.lib.Catalog.Desk.Opens(now)
}

// check holds each case against the promise.
func (n *nightDesk) check() {
	now := time.Now()
	index, err := n.bot.OpenCases(n.ctx())
	n.must(err)
	roster, err := n.bot.Roster(n.ctx())
	n.must(err)
	for _, s := range n.staff {
		switch here := roster.Here(s.Actor, now); {
		case s.member || !slices.ContainsFunc(roster.Duty, func(a bot.Actor) bool { return a.ID == s.ID }):
		case s.open && !here:
			n.t.Fatalf("%s is on duty with the page open, and counts as away", s.Name)
		case !s.open && here && now.Sub(s.seen) > 5*time.Minute:
			n.t.Fatalf("%s counts as there %v after the page was closed", s.Name, now.Sub(s.seen))
		}
	}
	n.bothWays()
	target := n.lib.Catalog.Desk.FirstAnswer
	for _, p := range n.people {
		s := n.session(p)
		c := s.Case
		at := slices.IndexFunc(index, func(m bot.Marked) bool { return m.Key.Hash == p.key.Hash })
		if !c.Active() {
			if at >= 0 {
				n.fail(p, "the queue has a case that is over")
			}
			if c != nil && c.State == bot.Closed && !p.draws && p.last != "over" && !c.Gone && !c.Bare {
				n.fail(p, "the talk is over, and the person was told %q last", p.last)
			}
			continue
		}
		if at < 0 {
			n.fail(p, "a case is in no queue")
		}
		n.store.mu.Lock()
		timer := n.store.of(p.key).queues[bot.Timer]
		n.store.mu.Unlock()
		if len(timer.items) != 1 || timer.at.After(time.Unix(c.Due, 0)) || c.Due == 0 {
			n.fail(p, "nothing brings the case up again: %d timers", len(timer.items))
		}
		due := time.Unix(c.Due, 0)
		by := func(what string, latest time.Time) {
			if due.After(latest) && due.Sub(now) > 2*time.Second {
				n.fail(p, "%s: it comes up again at %v, which should be %v at the latest", what, due.Format("Mon 15:04:05"), latest.Format("Mon 15:04:05"))
			}
		}
		later := func(t time.Time) time.Time { // when it is first due, by the hours
			if opens := n.opensAt(t); !opens.IsZero() && opens.After(t) {
				return opens
			}
			return t
		}
		switch c.State {
		case bot.Waiting:
			if c.Later() {
				by("a call is arranged", time.Unix(c.Ring, 0).Add(target))
			} else {
				by("the case waits", later(maxTime(now, time.Unix(c.Since, 0))).Add(target))
			}
		case bot.Lapsed:
			by("nobody has come", later(now).Add(30*time.Minute))
		case bot.Taken:
			if c.Asked != 0 && (c.Ring == 0 || p.wrote.After(p.arranged)) { // the person's words wait: the holder is called, then the lead, then it goes back
				steps := target
				if c.Way == bot.ByCall && c.Ring == 0 {
					steps *= 3
				}
				owed := later(time.Unix(max(c.Asked, c.Since, c.Base), 0))
				by("words wait for an answer", maxTime(later(now).Add(steps), owed.Add(3*steps)))
				if now.Sub(owed) > 3*steps+time.Minute {
					n.fail(p, "words wait for an answer, and the talk is not back in the queue; can somebody be reached: %t", n.reached(c))
				}
			}
		}
		n.truth(p, s)
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// truth holds what a person was told, or sees on the page, against how the case stands.
func (n *nightDesk) truth(p *caller, s bot.Session) {
	c := s.Case
	want := "waits"
	if c.State == bot.Taken {
		want = "held"
	}
	got := p.last
	if p.draws {
		if s.Over != bot.Nothing {
			return // a screen of their own choosing lies above
		}
		if got = n.means(talk.Draw(n.lib, s, "en").Text); got == "" {
			n.fail(p, "the page says nothing of how the talk stands: %q", talk.Draw(n.lib, s, "en").Text)
		}
	}
	if got != want {
		n.fail(p, "the person knows %q, and the case %s", got, c.State)
	}
}

// settle has everybody stay away until nothing is left: people are told, and nothing is kept.
func (n *nightDesk) settle() {
	for _, s := range n.staff {
		s.open = false
	}
	start := time.Now()
	n.sleep(16 * 24 * time.Hour)
	for _, p := range n.people {
		if n.session(p).Case.Active() {
			n.fail(p, "a case is open %v after the last thing happened", time.Since(start))
		}
	}
	n.sleep(40 * 24 * time.Hour)
	for _, l := range n.lines() {
		n.store.mu.Lock()
		t := n.store.of(l.key)
		n.store.mu.Unlock()
		if t.version != 0 || len(t.log) > 0 || t.mark.State != 0 {
			n.t.Fatalf("something of %s is kept for ever: version %d, %d lines, mark %+v", l.at, t.version, len(t.log), t.mark)
		}
	}
}
