package bot_test

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"regexp"
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
	"patikra/content"
)

// A case is lived here thousands of times, at random: people, counsellors, clocks, deliveries, restarts and updates
// that come twice or at once. What happens is held against what the case promises, each promise in words.
//
// A run that fails is made shorter by rapid and is repeated by its seed: -rapid.seed. More runs: -rapid.checks or
// RAPID_CHECKS; longer ones: -rapid.steps or RAPID_STEPS.

func TestTheLifeOfACaseKeepsItsPromisesWhateverHappens(t *testing.T) {
	manyLives("300", "60")
	lib := builtIn(t)
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		rapid.SyncTest(rt, func(rt *rapid.T) { // time stands still but where it is turned
			w := newTown(rt, lib, ring)
			defer w.stop()
			rt.Repeat(w.happenings())
			w.settle()
		})
	})
}

// manyLives sets how many lives rapid tries, in a short run and else, where nobody has said otherwise by a flag or in the environment.
func manyLives(checks, short string) {
	usual := map[string]string{"checks": checks, "steps": "60", "nofailfile": "true"}
	if testing.Short() || underRace { // the detector looks at who meets whom, and sees that in few lives
		usual["checks"] = short
	}
	flag.Visit(func(f *flag.Flag) { delete(usual, strings.TrimPrefix(f.Name, "rapid.")) })
	for name, value := range usual {
		if os.Getenv("RAPID_"+strings.ToUpper(name)) == "" {
			flag.Set("rapid."+name, value)
		}
	}
}

// town is everybody and everything around one desk.
type town struct {
	t       *rapid.T
	lib     *library.Library
	ring    *seal.Ring
	store   *strict
	bots    []*desk.Desk // two processes over one store
	people  []*seeker
	staff   []*staffer
	plain   bool             // the group has no topics
	topics  map[int64]*place // at the desk
	topic   int64            // numbers given so far
	number  int64
	id      uint64
	token   int
	cause   *bot.Update // what is being handled
	pressed *shown      // the message whose button was drawn last
}

type staffer struct {
	bot.Actor
	gone bool // no longer a member of the desk
	duty bool
}

// place is where a case lies at the desk.
type place struct{ whose *seeker }

// seeker is a person, and what the model knows of them.
type seeker struct {
	at      bot.Address
	key     bot.Key
	locale  string
	numbers bool // the network numbers its messages, and lets them be changed and removed
	blocked bool

	s      bot.Session // as it was committed last
	alive  bool        // there is a record
	life   int         // grows when everything is erased
	words  []string    // written for the desk in this life, in order
	posted []string    // of them, what has been said at the desk
	said   []string    // said to the person in this life by who held the case
	heard  []string    // of it, what they were shown
	struck map[string]bool
	agreed []string        // lines that the person has agreed to show
	asked  []string        // lines on the newest screen that asks
	phones map[string]bool // numbers, and whether the person agreed to be called there
	lives  map[uint64]int  // of the desk's items
	chat   []*shown        // the newest last
	old    []*shown        // what was removed or replaced; its buttons can still be pressed
	jobs   [bot.Queues]*job
	recent []recent
	dirty  bool
}

// recent is an update that the network may hand in again.
type recent struct {
	u    bot.Update
	when time.Time
}

// shown is a message in a person's chat.
type shown struct {
	id      int64
	text    string
	buttons []bot.Button
	screen  bool
}

// job is a delivery on its way.
type job struct {
	next  func() (bool, bool)
	stop  func()
	begun bool // something has left the house
}

func newTown(t *rapid.T, lib *library.Library, ring *seal.Ring) *town {
	w := &town{t: t, lib: lib, ring: ring, store: newStrict(), topics: map[int64]*place{}, number: 100, topic: 1000}
	w.store.after = w.written
	w.plain = rapid.IntRange(0, 3).Draw(t, "the group has topics, unless 3") == 3
	always := rapid.Bool().Draw(t, "open day and night")
	for range 2 {
		w.bots = append(w.bots, nil)
	}
	for i := range w.bots {
		w.start(i, always)
	}
	for i, p := range []struct{ channel, id, locale string }{{"telegram", "111111111", "en"}, {"messenger", "222222222", "lt"}, {"telegram", "333333333", "xx"}} {
		v := &seeker{at: bot.Address{Channel: p.channel, ID: p.id}, locale: p.locale, numbers: p.channel == "telegram", struck: map[string]bool{},
			phones: map[string]bool{}, lives: map[uint64]int{}}
		v.key = w.bots[0].Key(v.at)
		if i < 1 || rapid.Bool().Draw(t, "one more person") {
			w.people = append(w.people, v)
		}
	}
	for _, a := range []bot.Actor{birute, asta, {ID: "console:ona", Name: "Ona", Lead: true}} {
		w.staff = append(w.staff, &staffer{Actor: a})
	}
	time.Sleep(time.Duration(rapid.IntRange(0, 7*24*60).Draw(t, "minutes into the week")) * time.Minute)
	return w
}

func (w *town) start(i int, always bool) {
	b := desk.New(w.lib, w.store, w.ring)
	b.Desk = engine.Reach{On: true, Topics: true}
	b.Always = always
	w.bots[i] = b
}

func (w *town) stop() {
	for _, v := range w.people {
		for _, j := range v.jobs {
			if j != nil {
				j.stop()
			}
		}
	}
}

func (w *town) fail(v *seeker, format string, args ...any) {
	w.t.Helper()
	what := ""
	if w.cause != nil {
		u := *w.cause
		what = fmt.Sprintf("\nafter: kind %d %q %+v by %q, item topic %d ref %d", u.Kind, u.Text, u.Media, u.Actor.ID, u.Topic, u.Ref)
	}
	w.t.Fatalf("%s (person %s)%s\nsession: over %d stage %d, case %+v", fmt.Sprintf(format, args...), v.at.ID, what, v.s.Over, v.s.Stage, v.s.Case)
}

// anybody draws a person.
func (w *town) anybody() *seeker {
	return w.people[rapid.IntRange(0, len(w.people)-1).Draw(w.t, "who")]
}

// handle hands an update in at one of the processes.
func (w *town) handle(v *seeker, u bot.Update) bot.Reply {
	b := w.bots[0]
	if len(w.bots) > 1 && rapid.Bool().Draw(w.t, "the other process") {
		b = w.bots[1]
	}
	u.From, u.At = v.at, time.Now()
	before := w.cause
	w.cause = &u
	defer func() { w.cause = before }()
	r, err := b.Handle(context.Background(), u)
	if err != nil {
		w.fail(v, "an update is not taken: %v", err)
	}
	return r
}

// fresh gives an update its number, so that it can come again.
func (w *town) fresh(u bot.Update) bot.Update {
	w.id++
	u.ID = w.id
	return u
}

func (w *town) word(kind string) string {
	w.token++
	return fmt.Sprintf("%s no %d of mine", kind, w.token)
}

// What can happen.

func (w *town) happenings() map[string]func(*rapid.T) {
	out := map[string]func(*rapid.T){}
	add := func(weight int, name string, f func()) {
		for i := range weight {
			out[strings.Repeat(" ", i)+name] = func(t *rapid.T) {
				w.t = t
				time.Sleep(time.Second)
				f()
			}
		}
	}
	one := func(f func() (*seeker, bot.Update)) func() {
		return func() {
			v, u := f()
			w.handle(v, w.fresh(u))
		}
	}
	add(3, "a person does something", one(func() (*seeker, bot.Update) { v := w.anybody(); return v, w.deed(v) }))
	add(3, "a person asks for a human", w.asks)
	add(3, "a person writes", one(func() (*seeker, bot.Update) {
		return w.anybody(), bot.Update{Kind: bot.Typed, Text: w.word("word")}
	}))
	add(2, "a person answers the quiz", w.answers)
	add(4, "a counsellor acts", one(func() (*seeker, bot.Update) { return w.anybody(), w.act() }))
	add(2, "a counsellor takes", one(func() (*seeker, bot.Update) {
		return w.anybody(), bot.Update{Kind: bot.Acted, Text: "take", Actor: w.member()}
	}))
	add(3, "a counsellor writes", one(func() (*seeker, bot.Update) { v := w.anybody(); return v, w.says(v) }))
	add(1, "a counsellor leaves or comes", w.leaves)
	add(5, "one delivery goes a step on", w.step)
	add(3, "everything is delivered", func() { w.deliver(); w.quiet() })
	add(1, "time passes", w.passes)
	add(1, "a timer goes off", w.timer)
	add(1, "a process starts anew", w.restart)
	add(1, "an update comes again", w.again)
	add(2, "two things at once", w.atOnce)
	add(1, "a topic is lost", w.lose)
	add(1, "a person blocks or returns", w.blocks)
	out[""] = func(t *rapid.T) {
		w.t = t
		w.check()
	}
	return out
}

// deed is one of the many things that a person can do.
func (w *town) deed(v *seeker) bot.Update {
	switch rapid.IntRange(0, 9).Draw(w.t, "what") {
	case 0, 1, 2, 3:
		return w.press(v, nil)
	case 4:
		m := bot.Media{Net: v.at.Channel, Kind: "photo", Chat: v.at.ID, ID: w.number, Caption: w.word("photo")}
		if rapid.IntRange(0, 3).Draw(w.t, "a photo, unless 3") == 3 {
			m = bot.Media{Net: v.at.Channel}
		}
		return bot.Update{Kind: bot.Attached, Media: m}
	case 5:
		return bot.Update{Kind: bot.Edited, Text: w.word("change")}
	case 6:
		w.token++
		return bot.Update{Kind: bot.Typed, Text: fmt.Sprintf("+370600%05d", w.token)}
	case 7: // the label of a button, or its number
		if u := w.press(v, nil); w.pressed != nil && len(w.pressed.buttons) > 0 {
			for _, b := range w.pressed.buttons {
				if b.Data == u.Text {
					return bot.Update{Kind: bot.Typed, Text: b.Label}
				}
			}
		}
		return bot.Update{Kind: bot.Typed, Text: "1"}
	case 8:
		return bot.Update{Kind: bot.Typed, Text: rapid.SampledFrom([]string{"/start", "/human", "/help", "/restart", "/supervision", "/language", "/start radio_lt", "/erase", "/fly", "/back", "/exit", "yes", "no", "1", " "}).Draw(w.t, "typed")}
	}
	return bot.Update{Kind: bot.Pressed, Text: rapid.SampledFrom([]string{"human:call", "human:agree", "human:end", "human:send", "human:chat", "human:phone.0", "human:hours." + w.slot(), "human:lines", "human:line.0", "human:line.2", "human:hours.0", "human:voice.1",
		"human:else.0", "human:rate.4", "human:rate.9", "human:again", "human:last", "human:done", "erase:yes", "exit", "exit:later", "back:here", "restart", "case:take", "numbers", "nonsense"}).Draw(w.t, "from nowhere"), Ref: w.ref(v)}
}

// ref is the number of the newest message of a chat.
func (w *town) ref(v *seeker) int64 {
	if len(v.chat) == 0 || !v.numbers {
		return 0
	}
	return v.chat[len(v.chat)-1].id
}

// press presses a button that a person has or had before their eyes; want chooses among them.
func (w *town) press(v *seeker, want func(data string) bool) bot.Update {
	var where []*shown
	var which []bot.Button
	for _, list := range [][]*shown{v.chat, v.old} {
		for _, m := range slices.Backward(list[max(0, len(list)-4):]) {
			for _, b := range m.buttons {
				if want == nil || want(b.Data) {
					where, which = append(where, m), append(which, b)
				}
			}
		}
	}
	w.pressed = nil
	if len(which) == 0 {
		return bot.Update{Kind: bot.Pressed, Text: "numbers", Ref: w.ref(v)}
	}
	i := rapid.IntRange(0, len(which)-1).Draw(w.t, "button")
	w.pressed = where[i]
	u := bot.Update{Kind: bot.Pressed, Text: which[i].Data}
	if v.numbers {
		u.Ref = where[i].id
	}
	return u
}

// asks takes a person some steps along the way to a counsellor.
func (w *town) asks() {
	v := w.anybody()
	w.handle(v, w.fresh(bot.Update{Kind: bot.Typed, Text: "/human", Locale: v.locale}))
	for range rapid.IntRange(1, 4).Draw(w.t, "steps") {
		w.deliver()
		word := rapid.SampledFrom([]string{"human:agree", "human:line", "human:", "language:"}).Draw(w.t, "way")
		w.handle(v, w.fresh(w.press(v, func(data string) bool { return strings.HasPrefix(data, word) })))
	}
}

// answers goes some steps through the quiz.
func (w *town) answers() {
	v := w.anybody()
	for range rapid.IntRange(1, 6).Draw(w.t, "answers") {
		w.deliver()
		n := len(v.chat)
		if n == 0 {
			w.handle(v, w.fresh(bot.Update{Kind: bot.Typed, Text: "/start", Locale: v.locale}))
			continue
		}
		w.handle(v, w.fresh(w.press(v, func(data string) bool {
			return strings.HasPrefix(data, "answer:") || strings.HasPrefix(data, "next:") || strings.HasPrefix(data, "language:")
		})))
	}
}

// member is one of the counsellors who can act.
func (w *town) member() bot.Actor {
	var in []bot.Actor
	for _, s := range w.staff {
		if !s.gone {
			in = append(in, s.Actor)
		}
	}
	if len(in) == 0 {
		w.t.Skip("nobody is left at the desk")
	}
	return in[rapid.IntRange(0, len(in)-1).Draw(w.t, "counsellor")]
}

func (w *town) act() bot.Update {
	u := bot.Update{Kind: bot.Acted, Actor: w.member(), Aloud: rapid.Bool().Draw(w.t, "as a command")}
	u.Text = rapid.SampledFrom([]string{"take", "release", "transfer @asta_d", "transfer @BIRUTE_D", "transfer @nobody_here", "transfer", "close", "reopen", "look", "reached", "unreached",
		"ring " + w.slot(), "ring 7", "dance"}).Draw(w.t, "act")
	return u
}

// slot is the next time for a call.
func (w *town) slot() string {
	for _, s := range w.lib.Catalog.Desk.Slots(time.Now(), 1) {
		return strconv.FormatInt(s.From.Unix(), 10)
	}
	return ""
}

func (w *town) says(v *seeker) bot.Update {
	u := bot.Update{Kind: bot.Said, Actor: w.member(), Aloud: true}
	switch rapid.IntRange(0, 5).Draw(w.t, "kind of words") {
	case 0, 1, 2:
		u.Text = w.word("answer")
	case 3:
		u.Text = "// " + w.word("note")
	case 4:
		u.Text = w.word("answer") + "\n// " + w.word("note")
	case 5:
		u.Media = bot.Media{Net: "telegram", Kind: "photo", Chat: "-100", ID: 5, Caption: w.word("answer")}
	}
	return u
}

func (w *town) leaves() {
	s := w.staff[rapid.IntRange(0, len(w.staff)-1).Draw(w.t, "counsellor")]
	ctx := context.Background()
	switch {
	case s.gone:
		s.gone = false
	case !s.duty && rapid.Bool().Draw(w.t, "to be on duty"):
		s.duty = true
		if err := w.bots[0].OnDuty(ctx, s.Actor, true); err != nil {
			w.t.Fatal(err)
		}
	default:
		s.gone, s.duty = true, false
		w.cause = &bot.Update{Kind: bot.Acted, Text: "release", Actor: s.Actor}
		if err := w.bots[0].Left(ctx, s.Actor); err != nil {
			w.t.Fatal(err)
		}
		w.cause = nil
		for _, v := range w.people {
			if c := v.s.Case; v.alive && c.Active() && c.State == bot.Taken && holds(c, s.Actor) {
				w.fail(v, "the case is still held by a counsellor who has left")
			}
		}
	}
	time.Sleep(3 * time.Second) // every process knows it then
}

func (w *town) passes() {
	d := rapid.SampledFrom([]time.Duration{time.Minute, 5 * time.Minute, time.Hour, 9 * time.Hour, 23 * time.Hour, 2 * 24 * time.Hour, 8 * 24 * time.Hour}).Draw(w.t, "how long")
	for end := time.Now().Add(d); ; {
		next := w.nextDue()
		if next.IsZero() || next.After(end) {
			time.Sleep(time.Until(end))
			return
		}
		time.Sleep(time.Until(next))
		w.deliver()
		w.check()
	}
}

// timer lets the time come that the next timer was set for.
func (w *town) timer() {
	var next time.Time
	var whose *seeker
	for _, v := range w.people {
		if q := w.queue(v, bot.Timer); len(q.items) > 0 && (next.IsZero() || q.at.Before(next)) {
			next, whose = q.at, v
		}
	}
	if whose == nil || time.Until(next) > 20*24*time.Hour {
		w.t.Skip("no timer")
	}
	for {
		n := w.nextDue()
		if n.After(next) || n.IsZero() {
			return
		}
		time.Sleep(time.Until(n))
		if n.Equal(next) {
			w.begin(whose, bot.Timer)
			w.run(whose, bot.Timer)
			return
		}
		w.deliver()
	}
}

func (w *town) restart() {
	i := rapid.IntRange(0, 1).Draw(w.t, "process")
	for _, v := range w.people {
		for q, j := range v.jobs {
			switch {
			case j == nil:
			case j.begun:
				w.run(v, uint8(q)) // it was quick enough
			default: // its process has died
				j.stop()
				v.jobs[q] = nil
				k := v.key
				k.Queue = uint8(q)
				w.store.mu.Lock()
				if held := &w.store.talks[k.Hash].queues[q]; held.leased {
					held.at, held.leased = time.Now(), false
				}
				w.store.mu.Unlock()
			}
		}
	}
	w.start(i, w.bots[i].Always)
}

// again hands in an update that was dealt with before.
func (w *town) again() {
	v := w.anybody()
	var can []bot.Update
	for _, r := range v.recent[max(0, len(v.recent)-20):] {
		if time.Since(r.when) < 20*time.Hour {
			can = append(can, r.u)
		}
	}
	if len(can) == 0 {
		w.t.Skip("nothing has come")
	}
	u := can[rapid.IntRange(0, len(can)-1).Draw(w.t, "which")]
	was := w.store.after
	w.store.after = func(c bot.Commit, _ bot.Committed) {
		w.fail(v, "an update that comes twice is dealt with twice: %+v", u)
	}
	defer func() { w.store.after = was }()
	if r := w.handle(v, u); !r.Repeat && v.alive {
		w.fail(v, "an update that comes twice is not known again: %+v", u)
	}
}

// atOnce lets a second update be dealt with while the first is being decided.
func (w *town) atOnce() {
	v := w.anybody()
	draw := func() bot.Update {
		switch rapid.IntRange(0, 3).Draw(w.t, "side") {
		case 0:
			return w.deed(v)
		case 1:
			return bot.Update{Kind: bot.Typed, Text: w.word("word")}
		case 2:
			return w.act()
		}
		return w.says(v)
	}
	one := draw()
	two := draw()
	w.store.before = func(c bot.Commit) {
		if c.Key != v.key {
			return
		}
		w.store.before = nil
		w.handle(v, w.fresh(two))
	}
	w.handle(v, w.fresh(one))
	w.store.before = nil
}

// lose deletes a topic by hand.
func (w *town) lose() {
	v := w.anybody()
	if !v.alive || v.s.Case == nil || v.s.Case.Topic <= 0 {
		w.t.Skip("no topic")
	}
	delete(w.topics, v.s.Case.Topic)
}

func (w *town) blocks() {
	v := w.anybody()
	if v.blocked {
		v.blocked = false
		w.handle(v, w.fresh(bot.Update{Kind: bot.Typed, Text: "/start", Locale: v.locale}))
		return
	}
	v.blocked = true
	if rapid.Bool().Draw(w.t, "the network says so") {
		w.handle(v, w.fresh(bot.Update{Kind: bot.Gone}))
	}
}

// Deliveries.

func (w *town) queue(v *seeker, q uint8) queue {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if t := w.store.talks[v.key.Hash]; t != nil {
		return t.queues[q]
	}
	return queue{}
}

// nextDue is when the next delivery is due that nobody has in hand.
func (w *town) nextDue() (next time.Time) {
	for _, v := range w.people {
		for q := range bot.Queues {
			if head := w.queue(v, q); v.jobs[q] == nil && len(head.items) > 0 && (next.IsZero() || head.at.Before(next)) {
				next = head.at
			}
		}
	}
	return next
}

// begin takes the head of a queue in hand. It reports whether there is one that is due.
func (w *town) begin(v *seeker, q uint8) bool {
	if v.jobs[q] != nil {
		return true
	}
	k := v.key
	k.Queue = q
	it := w.store.takeOne(k, time.Now(), time.Now().Add(1000*time.Hour*24))
	if it == nil {
		return false
	}
	m, err := w.bots[0].Open(bot.Held{Key: k, Item: *it})
	if err != nil {
		w.fail(v, "a message cannot be opened: %v", err)
	}
	j := &job{}
	seq := func(yield func(bool) bool) {
		pause := func() bool { return yield(true) }
		if !pause() {
			return
		}
		w.store.mu.Lock()
		held := w.store.head(k, it.ID) != nil
		w.store.mu.Unlock()
		if !held { // its conversation was erased before it was sent
			return
		}
		j.begun = true
		switch q {
		case bot.ToPerson:
			if !w.toPerson(v, *it, m, pause) {
				return
			}
		case bot.ToDesk:
			if !w.toDesk(v, *it, m, pause) {
				return
			}
		default:
			w.handle(v, bot.Update{Kind: bot.Due})
		}
		w.store.Ack(context.Background(), k, it.ID, time.Now(), time.Now())
	}
	j.next, j.stop = iter.Pull(iter.Seq[bool](seq))
	v.jobs[q] = j
	return true
}

// advance takes a delivery one step on.
func (w *town) advance(v *seeker, q uint8) {
	if j := v.jobs[q]; j != nil {
		if _, more := j.next(); !more {
			j.stop()
			v.jobs[q] = nil
		}
	}
}

// run takes a delivery to its end.
func (w *town) run(v *seeker, q uint8) {
	for v.jobs[q] != nil {
		w.advance(v, q)
	}
}

func (w *town) step() {
	v := w.anybody()
	q := uint8(rapid.IntRange(0, int(bot.ToDesk)).Draw(w.t, "queue"))
	if !w.begin(v, q) {
		w.t.Skip("nothing to deliver")
	}
	w.advance(v, q)
}

// deliver delivers everything that is due.
func (w *town) deliver() {
	for again := true; again; {
		again = false
		for _, v := range w.people {
			for q := range bot.Queues {
				for w.begin(v, q) {
					w.run(v, q)
					again = true
				}
			}
		}
	}
}

// toPerson is a network: it shows a message in the chat.
func (w *town) toPerson(v *seeker, it bot.Item, m bot.Message, pause func() bool) bool {
	if m.To != v.at {
		w.fail(v, "a message for %v comes to somebody else", m.To)
	}
	lost := func() {
		if m.Human {
			v.said = slices.DeleteFunc(v.said, func(s string) bool { return s == m.Text+m.Media.Caption })
		}
	}
	switch {
	case v.blocked:
		lost()
		w.handle(v, bot.Update{Kind: bot.Gone})
		return true
	case m.Human && rapid.IntRange(0, 9).Draw(w.t, "refused for good if 9") == 9:
		lost()
		w.handle(v, bot.Update{Kind: bot.Missed})
		return true
	}
	if m.Human {
		v.heard = append(v.heard, m.Text+m.Media.Caption)
		if n := len(v.heard); n > len(v.said) || v.heard[n-1] != v.said[n-1] {
			w.fail(v, "only the holder's words reach the person, in order and once: heard %q, said %q", v.heard, v.said)
		}
	}
	var ref int64
	if m.Text != "" || m.Media.Kind != "" {
		x := &shown{text: m.Text, screen: m.Screen}
		for _, row := range m.Buttons {
			x.buttons = append(x.buttons, row...)
		}
		i := slices.IndexFunc(v.chat, func(c *shown) bool { return c.id == m.Edit })
		if m.Edit != 0 && v.numbers && i >= 0 {
			x.id = m.Edit
			v.old = append(v.old, v.chat[i])
			v.chat[i] = x
		} else {
			w.number++
			x.id = w.number
			v.chat = append(v.chat, x)
		}
		if v.numbers {
			ref = x.id
		}
	}
	if v.numbers {
		v.chat = slices.DeleteFunc(v.chat, func(c *shown) bool {
			gone := slices.Contains(m.Delete, c.id)
			if gone {
				v.old = append(v.old, c)
			}
			return gone
		})
	}
	if !pause() {
		return false
	}
	if m.Track && ref != 0 {
		w.handle(v, bot.Update{Kind: bot.Delivered, Ref: ref, Screen: m.Screen, Serial: m.Serial})
	}
	return pause()
}

// toDesk is the counsellors' group. It does what bot/telegram does.
func (w *town) toDesk(v *seeker, it bot.Item, m bot.Message, pause func() bool) bool {
	ctx := context.Background()
	b := w.bots[0]
	if m.Act == bot.DropTopic {
		if p := w.topics[m.Topic]; p != nil && p.whose != v {
			w.fail(v, "the topic of somebody else is dropped")
		}
		if c := v.s.Case; v.alive && c.Active() && c.Topic == m.Topic && (m.Topic > 0 || c.Card == m.Edit) {
			w.fail(v, "the topic of a case that goes on is dropped")
		}
		if m.Topic > 0 {
			delete(w.topics, m.Topic)
		} else {
			delete(w.topics, -m.Edit)
		}
		return pause()
	}
	for range 6 {
		topic := m.Topic
		if topic == 0 {
			s, err := b.Session(ctx, m.Case)
			if err != nil {
				w.fail(v, "%v", err)
			}
			view, ok := talk.Card(w.lib, s)
			if !ok {
				break // erased meanwhile
			}
			topic = s.Case.Topic
			card := s.Case.Card
			if topic == 0 {
				topic, card = -1, 0
				if !w.plain {
					w.topic++
					topic = w.topic
					w.topics[topic] = &place{whose: v}
					if !pause() {
						return false
					}
					w.handle(v, bot.Update{Kind: bot.Placed, Topic: topic})
					if !pause() {
						return false
					}
					continue
				}
			}
			if card == 0 || m.Act == bot.Card {
				w.seen(v, view)
				lost := false
				switch {
				case topic > 0 && w.topics[topic] == nil:
					lost = true
					w.handle(v, bot.Update{Kind: bot.Placed})
				case card == 0:
					w.number++
					card = w.number
					if topic < 0 {
						w.topics[-card] = &place{whose: v}
					}
					if !pause() {
						return false
					}
					w.handle(v, bot.Update{Kind: bot.Placed, Topic: topic, Ref: card})
					if !pause() {
						return false
					}
				}
				if !lost && m.Act == bot.Card {
					break
				}
				continue
			}
		}
		if topic > 0 && w.topics[topic] == nil {
			if m.Topic != 0 {
				break
			}
			w.handle(v, bot.Update{Kind: bot.Placed})
			continue
		}
		w.post(v, it, m)
		break
	}
	return pause()
}

// post says something at the desk.
func (w *town) post(v *seeker, it bot.Item, m bot.Message) {
	if m.Case != v.at {
		w.fail(v, "something of %v is said about somebody else", m.Case)
	}
	life, known := v.lives[it.ID]
	if !known || life != v.life {
		w.fail(v, "nothing is said at the desk after an erasure, and yet: %q", m.Text+m.Media.Caption)
	}
	if m.Human {
		v.posted = append(v.posted, m.Text+m.Media.Caption)
		if n := len(v.posted); n > len(v.words) || v.posted[n-1] != v.words[n-1] {
			w.fail(v, "what a person writes is at the desk once and in order: posted %q, written %q", v.posted, v.words)
		}
	}
}

// bullets are the lines of a card that tell what a person has answered.
func bullets(card talk.CardView) (out []string) {
	for _, line := range strings.Split(card.Text, "\n") {
		if rest, ok := strings.CutPrefix(line, "• "); ok {
			out = append(out, rest)
		}
	}
	return out
}

// seen holds a card against what the person let counsellors see.
func (w *town) seen(v *seeker, card talk.CardView) {
	for _, line := range bullets(card) {
		if !slices.Contains(v.agreed, line) {
			w.fail(v, "a line that the person did not agree to show is on the card: %q; agreed %q", line, v.agreed)
		}
	}
	for number, agreed := range v.phones {
		if !agreed && strings.Contains(card.Text, number) {
			w.fail(v, "a number at which the person did not agree to be called is on the card: %s", number)
		}
	}
	for _, secret := range []string{v.at.ID, v.at.Channel} {
		if strings.Contains(card.Text+card.Title, secret) {
			w.fail(v, "the card tells who the person is: %s", card.Text)
		}
	}
}

// What is promised.

// holds says whether a case is a counsellor's.
func holds(c *bot.Case, a bot.Actor) bool {
	return c.Holder == a.ID || a.User != "" && strings.EqualFold(c.Holder, "@"+a.User)
}

// active says whether a human is awaited or there.
func active(s bot.CaseState) bool { return s == bot.Waiting || s == bot.Lapsed || s == bot.Taken }

var screenOfQuiz = regexp.MustCompile(`(?m)^[0-9]+/[0-9]+$`)

// sane says what is wrong with a commit, whatever it is about.
func sane(c bot.Commit) error {
	for _, list := range [][]bot.Item{c.Send, c.Desk} {
		ids := map[uint64]bool{}
		for _, it := range list {
			if it.ID == 0 || ids[it.ID] || len(it.Value) == 0 || it.Due.IsZero() {
				return fmt.Errorf("an item cannot be queued: %+v", it)
			}
			ids[it.ID] = true
		}
	}
	switch {
	case c.Value != nil && (c.Next == 0 || c.Next == c.Base):
		return fmt.Errorf("version %d follows %d", c.Next, c.Base)
	case c.Value != nil && c.TTL <= 0:
		return fmt.Errorf("a record is kept for %v", c.TTL)
	case c.Value == nil && (len(c.Log) > 0 || c.Mark != nil && c.Mark.State != 0 || c.Timer != nil && c.Timer.ID != 0):
		return fmt.Errorf("an erased conversation keeps something")
	case c.Key.Queue != bot.ToPerson:
		return fmt.Errorf("a record belongs to no queue")
	case len(c.Counts) > 0 && c.Day == "" || c.Now.IsZero():
		return fmt.Errorf("a commit does not tell its time")
	}
	return nil
}

// written is told of every commit, under the store's lock.
func (w *town) written(c bot.Commit, _ bot.Committed) {
	i := slices.IndexFunc(w.people, func(v *seeker) bool { return v.key.Hash == c.Key.Hash })
	if i < 0 {
		return
	}
	v := w.people[i]
	if err := sane(c); err != nil {
		w.fail(v, "%v", err)
	}
	x := change{u: *w.cause, was: v.s, erased: c.Value == nil, v: v}
	if c.Base == 0 {
		if v.alive && v.s.Case.Active() {
			w.fail(v, "a case has vanished")
		}
		x.was = bot.Session{}
	}
	if !x.erased {
		plain, err := w.ring.OpenVersion(c.Key.Partition, c.Key.Hash, 's', c.Next, c.Value)
		if err == nil {
			err = x.is.Decode(plain)
		}
		if err != nil {
			w.fail(v, "a session cannot be read: %v", err)
		}
	}
	open := func(items []bot.Item, q uint8) (out []bot.Message) {
		for _, it := range items {
			k := c.Key
			k.Queue = q
			m, err := w.bots[0].Open(bot.Held{Key: k, Item: it})
			if err != nil {
				w.fail(v, "a message cannot be opened: %v", err)
			}
			out = append(out, m)
		}
		return out
	}
	x.send, x.desk = open(c.Send, bot.ToPerson), open(c.Desk, bot.ToDesk)
	if x.erased && c.Base != 0 || c.DropLog {
		v.life++
		v.words, v.posted, v.said, v.heard = nil, nil, nil, nil
		v.agreed, v.asked = nil, nil
		clear(v.phones)
		clear(v.struck)
		clear(v.lives)
	}
	for _, it := range c.Desk {
		v.lives[it.ID] = v.life
	}
	w.judge(x)
	v.s, v.alive, v.dirty = x.is, !x.erased, true
	w.t.Logf("person %s, kind %d %q%s by %q: %s, over %d", v.at.ID[:1], x.u.Kind, x.u.Text, x.u.Media.Caption, x.u.Actor.Name, stateOf(x.is), x.is.Over)
	if x.u.ID != 0 {
		v.recent = append(v.recent, recent{x.u, time.Now()})
	}
}

// change is what one update has made of a conversation.
type change struct {
	v          *seeker
	u          bot.Update
	was, is    bot.Session
	erased     bool
	send, desk []bot.Message
}

func stateOf(s bot.Session) bot.CaseState {
	if s.Case == nil {
		return bot.NoCase
	}
	return s.Case.State
}

// anew reports whether the person asked for a human on the screens, by a button or its number: a case that was cut off begins again then.
func anew(x change) bool {
	return x.u.Kind == bot.Pressed || x.u.Kind == bot.Typed && x.was.Over == bot.Consent && regexp.MustCompile(`^\d+$`).MatchString(x.u.Text)
}

// spoke reports whether the person wrote on below a talk that had ended and that they had rated.
func spoke(x change) bool {
	return x.u.Kind == bot.Typed && x.was.Over == bot.Rate && x.was.Case != nil && x.was.Case.Rated != 0 && len(strings.Fields(x.u.Text)) > 1 && active(stateOf(x.is)) && x.is.Case.Asked == x.u.At.Unix()
}

// onward reports whether the person went on with a talk that had ended, by a button or what it says.
func (w *town) onward(x change) bool {
	if spoke(x) {
		return true
	}
	return x.u.Text == "human:again" || x.u.Kind == bot.Typed && x.was.Over == bot.Rate && (w.labelled(x) || regexp.MustCompile(`^\d+$`).MatchString(x.u.Text))
}

// labelled reports whether the person typed what the button says.
func (w *town) labelled(x change) bool {
	return slices.ContainsFunc(w.lib.Catalog.Languages, func(lang content.Language) bool { return lang.Text("desk.again") == x.u.Text })
}

// judge holds a change against what is promised.
func (w *town) judge(x change) {
	v, u := x.v, x.u
	from, to := stateOf(x.was), stateOf(x.is)
	if x.erased {
		to = bot.NoCase
	}
	fail := func(format string, args ...any) {
		v.s = x.is
		w.fail(v, "from %s to %s: %s", from, to, fmt.Sprintf(format, args...))
	}
	w.shows(x, fail)

	// What each update may do.
	var told string // of what both ends are told
	name, other := u.Actor.Name, ""
	holder := ""
	if x.was.Case != nil {
		holder = x.was.Case.Holder
	}
	want := from
	switch u.Kind {
	case bot.Acted:
		told, want, holder, other = w.acts(x, holder)
	case bot.Said:
		w.speaks(x, fail)
		if from == bot.Taken && holds(x.was.Case, u.Actor) && x.is.Case.Holder == u.Actor.ID {
			holder = u.Actor.ID // until now it was a name
		}
	case bot.Due:
		want, told = w.falls(x, fail)
		if x.was.Case != nil {
			name = x.was.Case.Name
		}
	case bot.Gone:
		if active(from) {
			want = bot.Closed
			if !says(x.desk, w.desks("note-gone")) {
				fail("the desk is not told that the person has left")
			}
		}
	case bot.Typed, bot.Pressed, bot.Attached:
		if from == bot.Closed && to == bot.Waiting && w.onward(x) {
			want = bot.Waiting
			if since := u.At.Unix() - x.was.Case.Since; since >= 24*60*60 || x.was.Case.Bare {
				fail("a talk goes on that has been over for %d s", since)
			}
			if !says(x.desk, w.desks("note-resumed")) {
				fail("the desk is not told that the person is back")
			}
			break
		}
		if c := x.was.Case; c != nil && c.Parted && from == bot.Closed && to == bot.Waiting && !anew(x) {
			want = bot.Waiting // they were away in the middle of the talk
			if !says(x.desk, w.desks("note-resumed")) {
				fail("the desk is not told that the person is back")
			}
			break
		}
		want, told = w.does(x, to, fail)
	}
	if x.erased && (from == bot.NoCase || u.Kind == bot.Typed || u.Kind == bot.Pressed || u.Kind == bot.Due && want == bot.NoCase) {
		want = bot.NoCase
	}
	if to != want {
		fail("it should be %s", want)
	}
	if want != bot.Taken {
		holder = ""
	}
	if !x.erased && x.is.Case != nil && x.is.Case.Holder != holder {
		fail("it is held by %q instead of %q", x.is.Case.Holder, holder)
	}
	if u.Kind != bot.Said && slices.ContainsFunc(x.send, func(m bot.Message) bool { return m.Human }) {
		fail("what no counsellor said is given as a counsellor's words")
	}
	if told != "" {
		w.told(x, told, name, other, fail)
	}
	w.passed(x, fail)

	// What the person lets the desk see.
	if !x.erased && x.is.Over == bot.Consent {
		v.asked = w.whole(x.is, false)
	}
	if x.is.Case == nil || x.is.Case.Struck == 0 {
		clear(v.struck) // the screen that asks says so
	}
	if !x.erased && x.is.Over == bot.Strike {
		all := w.whole(x.is, true)
		for _, m := range x.send {
			i := 0
			for _, row := range m.Buttons {
				if !strings.HasPrefix(row[0].Data, "human:line.") {
					continue
				}
				if i < len(all) {
					out := strings.HasPrefix(row[0].Label, "☐")
					if out {
						v.struck[all[i]] = true
					} else if row[0].Data == u.Text { // brought back
						delete(v.struck, all[i])
					}
				}
				i++
			}
		}
	}
	if u.Kind == bot.Typed && strings.HasPrefix(u.Text, "+370600") {
		if _, known := v.phones[u.Text]; !known {
			v.phones[u.Text] = false
		}
	}
	if u.Kind == bot.Pressed && u.Text == "human:send" || u.Kind == bot.Typed && to == bot.Waiting && from != bot.Waiting {
		if c := x.is.Case; c != nil && c.Phone != "" && x.is.Over == bot.Nothing && active(to) {
			v.phones[c.Phone] = true
		}
	}
	if x.is.Case.Active() && x.is.Over == bot.Rate {
		fail("while a human is awaited, the screen says that the talk has ended")
	}
}

// whole is what a card would say of the answers of a session; all of them, or without what is struck out.
func (w *town) whole(s bot.Session, all bool) []string {
	c := bot.Case{}
	if s.Case != nil {
		c = *s.Case
	}
	if c.State == bot.NoCase || c.State == bot.Closed {
		c.Kind = c.Next
	}
	c.State, c.Phone = bot.Waiting, ""
	c.Told = bot.Told{Book: s.Book, Quiz: s.Quiz, End: s.End, Stage: s.Stage, Struck: c.Struck}
	if c.Kind == bot.AboutOffer {
		c.Told.Given = s.Given
	}
	if all {
		c.Told.Struck = 0
	}
	s.Case = &c
	card, _ := talk.Card(w.lib, s)
	return bullets(card)
}

// shows holds what a person is shown against what every screen promises.
func (w *town) shows(x change, fail func(string, ...any)) {
	to := stateOf(x.is)
	for _, m := range x.send {
		if m.To != x.v.at {
			fail("a message is sent to %v", m.To)
		}
		if m.Human {
			continue
		}
		if active(to) && screenOfQuiz.MatchString(m.Text) {
			fail("a screen of the quiz is shown while a human is awaited or there: %q", m.Text)
		}
		if x.erased || to == bot.Taken || x.is.Lang == "" || !m.Screen && len(m.Buttons) == 0 {
			continue
		}
		number := strings.Contains(m.Text, "+370") || strings.Contains(m.Text, "112")
		for _, row := range m.Buttons {
			for _, b := range row {
				number = number || b.Data == "numbers" || b.Data == "human"
			}
		}
		if !number {
			fail("a screen has no number and no way to one: %q", m.Text)
		}
	}
	for _, m := range x.desk {
		if m.To.Channel != bot.DeskName || m.Case != x.v.at {
			fail("something for the desk goes to %v about %v", m.To, m.Case)
		}
		if x.erased && (m.Human || m.Act == bot.Card || m.Act == bot.Words && m.Topic == 0) {
			fail("more than a farewell is said at the desk: %+v", m)
		}
	}
}

// acts is what becomes of a counsellor's act.
func (w *town) acts(x change, holder string) (told string, want bot.CaseState, held, other string) {
	from := stateOf(x.was)
	c, a := x.was.Case, x.u.Actor
	word, arg, _ := strings.Cut(x.u.Text, " ")
	mine := from == bot.Taken && holds(c, a)
	switch {
	case word == "take" && (from == bot.Waiting || from == bot.Lapsed):
		return "taken", bot.Taken, a.ID, ""
	case word == "release" && (mine || from == bot.Taken && a.Lead):
		return "released", bot.Waiting, "", ""
	case word == "transfer" && mine && strings.HasPrefix(arg, "@"):
		for _, s := range w.staff {
			if s.duty && strings.EqualFold("@"+s.User, arg) {
				return "transferred", bot.Taken, s.ID, s.Name + " (@" + s.User + ")"
			}
		}
		return "transferred", bot.Taken, arg, arg
	case word == "close" && (mine || from == bot.Waiting || from == bot.Lapsed):
		return "closed", bot.Closed, "", ""
	case word == "ring" && mine && c.Wants() && arg != "7":
		return "ring-at", bot.Waiting, "", ""
	case word == "unreached" && mine && c.Wants():
		return "unreached", bot.Taken, holder, ""
	case word == "reopen" && from == bot.Closed && x.u.At.Sub(time.Unix(c.Since, 0)) < 24*time.Hour && !c.Gone:
		return "reopened", bot.Waiting, "", ""
	}
	return "", from, holder, ""
}

// speaks holds a counsellor's words against what may reach the person.
func (w *town) speaks(x change, fail func(string, ...any)) {
	v, u, c := x.v, x.u, x.was.Case
	text, note, _ := strings.Cut(u.Text, "// ")
	text = strings.TrimSpace(text) + u.Media.Caption
	may := text != "" && stateOf(x.was) == bot.Taken && holds(c, u.Actor) && (u.Media.Kind == "" || u.Media.Net == v.at.Channel)
	n := 0
	for _, m := range x.send {
		if note != "" && strings.Contains(m.Text, note) {
			fail("a note among colleagues goes to the person")
		}
		if m.Human {
			n++
			if got := m.Text + m.Media.Caption; got != text {
				fail("the person is to be told %q instead of %q", got, text)
			}
		}
	}
	if may != (n == 1) || n > 1 {
		fail("words of %q go %d times to the person of a case held by %q", u.Actor.ID, n, c.Holder)
	}
	if may {
		v.said = append(v.said, text)
		if x.is.Over >= bot.CallNumber && x.is.Over <= bot.CallElse {
			fail("what the person answers a counsellor would be taken for a detail of a call")
		}
	}
}

// falls is what time may do.
func (w *town) falls(x change, fail func(string, ...any)) (want bot.CaseState, told string) {
	from, to := stateOf(x.was), stateOf(x.is)
	desk := &w.lib.Catalog.Desk
	c, now := x.was.Case, x.u.At
	since := func(t int64) time.Duration { return now.Sub(time.Unix(t, 0)) }
	gone := x.erased || x.is.Case == nil
	switch {
	case from == bot.NoCase:
		return from, ""
	case from == bot.Waiting && to == bot.Lapsed:
		if since(c.Base) < desk.FirstAnswer {
			fail("it lapses after %v", since(c.Base))
		}
		return to, "lapsed"
	case from == bot.Taken && to == bot.Waiting:
		if owed := since(max(c.Asked, c.Base, c.Since)); c.Asked == 0 || owed < 3*desk.FirstAnswer {
			fail("a talk goes back into the queue when the person has waited for an answer for %v", owed)
		}
		return to, "unanswered"
	case active(from) && to == bot.Closed:
		if since(c.Last) < 7*24*time.Hour {
			fail("it is closed after a silence of %v", since(c.Last))
		}
		return to, "silence"
	case from == bot.Closed && gone:
		if since(c.Since) < desk.Keep || !c.Bare {
			fail("it is forgotten after %v", since(c.Since))
		}
		return bot.NoCase, ""
	case from == bot.Closed && x.is.Case.Bare && !c.Bare && since(c.Since) < 24*time.Hour:
		fail("answers are forgotten after %v", since(c.Since))
	}
	return from, ""
}

// does is what a person may do to a case.
func (w *town) does(x change, to bot.CaseState, fail func(string, ...any)) (want bot.CaseState, told string) {
	from := stateOf(x.was)
	v, u := x.v, x.u
	word, _, _ := strings.Cut(u.Text, ":")
	typed := u.Kind == bot.Typed
	switch {
	case x.erased:
		if u.Kind == bot.Attached || u.Kind == bot.Pressed && word != "exit" && u.Text != "erase:yes" &&
			(u.Text != "erase" || x.was.Lang != "") { // before a language is chosen there is nothing to ask about
			fail("everything is erased, which nobody asked for")
		}
		return bot.NoCase, ""
	case active(from) && to == bot.Closed:
		if u.Kind != bot.Pressed || u.Text != "human:end" {
			fail("the person did not end it")
		}
		return to, "ended"
	case from == bot.Lapsed && to == bot.Waiting:
		if u.Text != "human:send" || !x.is.Case.Wants() {
			fail("it waits anew, and the person has not asked to be called")
		}
		return to, ""
	case !active(from) && to == bot.Waiting:
		if x.was.Over != bot.Consent {
			fail("the person was not asked")
		}
		if u.Kind != bot.Attached && !typed && u.Text != "human:agree" && u.Text != "human:send" {
			fail("the person did not agree")
		}
		card, _ := talk.Card(w.lib, x.is)
		for _, line := range bullets(card) {
			if !slices.Contains(v.asked, line) {
				fail("the desk sees %q, and the person was asked about %q", line, v.asked)
			}
		}
		v.agreed = bullets(card)
		for _, line := range v.agreed {
			if v.struck[line] {
				fail("a line that the person struck out is on the card: %q", line)
			}
		}
		return to, ""
	}
	return from, ""
}

// passed holds what goes to the desk against what the person wrote.
func (w *town) passed(x change, fail func(string, ...any)) {
	v, u := x.v, x.u
	from := stateOf(x.was)
	var human []string
	for _, m := range x.desk {
		if m.Human {
			human = append(human, m.Text+m.Media.Caption)
		}
	}
	v.words = append(v.words, human...)
	text := ""
	resumed := from == bot.Closed && x.was.Case.Parted && active(stateOf(x.is)) && !anew(x) && !w.onward(x) || from == bot.Closed && spoke(x) && !w.labelled(x)
	switch {
	case !active(from) && !resumed || x.erased:
	case u.Kind == bot.Edited:
		text = "✎ " + u.Text
	case u.Kind == bot.Attached:
		text = u.Media.Caption
	case u.Kind != bot.Typed || strings.HasPrefix(u.Text, "/"):
	case x.was.Over == bot.CallHours, x.was.Over == bot.CallElse, x.was.Over == bot.CallNumber && strings.HasPrefix(u.Text, "+370"), x.was.Over == bot.CallNumber && u.Text == "1": // asked for by a screen that the person chose
	default:
		text = u.Text
	}
	switch {
	case text == "" && len(human) > 0:
		fail("the desk is given %q as the person's words", human)
	case strings.TrimSpace(text) != "" && (len(human) != 1 || human[0] != text):
		fail("the person wrote %q, and the desk is given %q", text, human)
	}
}

// desks is a text of the desk, as far as its first blank.
func (w *town) desks(name string, pairs ...string) string {
	desk := w.lib.Catalog.Language(w.lib.Catalog.Desk.Language)
	text, _, _ := strings.Cut(strings.NewReplacer(pairs...).Replace(desk.Text("desk."+name)), "{")
	return text
}

// says reports whether one of some messages holds a text.
func says(list []bot.Message, text string) bool {
	return slices.ContainsFunc(list, func(m bot.Message) bool { return strings.Contains(m.Text, text) })
}

// told checks that both ends are told of something.
func (w *town) told(x change, what, name, other string, fail func(string, ...any)) {
	person := map[string]string{"ended": "closed", "silence": "closed", "ring-at": "call-at", "unreached": "call-tried"}[what]
	if person == "" {
		person = what
	}
	text, _, _ := strings.Cut(w.lib.Catalog.Language(x.is.Lang).Text("desk."+person), "{")
	if !says(x.send, text) {
		fail("the person is not told of it: %s", what)
	}
	if !says(x.desk, w.desks("note-"+what, "{name}", name, "{other}", other)) {
		fail("the desk is not told of it: %s, only %+v", what, x.desk)
	}
	if !slices.ContainsFunc(x.desk, func(m bot.Message) bool { return m.Act == bot.Card }) {
		fail("the card stays as it was")
	}
	if x.is.Over >= bot.CallNumber && x.is.Over <= bot.CallElse && what != "lapsed" {
		fail("what the person answers would be taken for a detail of a call")
	}
}

// check holds everything as it now is against what is always promised.
func (w *town) check() {
	cases, err := w.store.Cases(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range w.people {
		w.store.mu.Lock()
		t := w.store.of(v.key)
		there, timer := t.version != 0, t.queues[bot.Timer]
		w.store.mu.Unlock()
		c := v.s.Case
		if !v.alive || !there {
			if v.alive && c.Active() {
				w.fail(v, "the record of a case has ended")
			}
			v.alive, c = false, nil
		}
		if c != nil && c.State != bot.NoCase && (len(timer.items) != 1 || timer.items[0].Due.Unix() != c.Due) {
			w.fail(v, "a case always has a timer: it has %d, due %d", len(timer.items), c.Due)
		}
		var mark bot.Mark
		for _, x := range cases {
			if x.Key == v.key {
				mark = x.Mark
			}
		}
		want := bot.Mark{}
		if c.Active() || c != nil && c.State == bot.Closed && c.Held {
			want = bot.Mark{State: uint8(c.State), Urgent: c.Urgent, Since: time.Unix(c.Since, 0)}
		}
		if mark.State != want.State || mark.Urgent != want.Urgent || !mark.Since.Equal(want.Since) {
			w.fail(v, "the index of cases says %+v instead of %+v", mark, want)
		}
		if c != nil && c.State != bot.NoCase && v.dirty {
			card, _ := talk.Card(w.lib, v.s)
			w.seen(v, card)
			v.dirty = false
		}
		if n := 0; c.Active() {
			for _, s := range w.staff {
				if holds(c, s.Actor) {
					n++
				}
			}
			if n > 1 {
				w.fail(v, "the case has %d holders", n)
			}
		}
	}
}

// quiet holds what has arrived against what was sent, once everything is delivered. What stands in line behind something that
// is sent a little later is waited for.
func (w *town) quiet() {
	for until := time.Now().Add(10 * time.Second); ; w.deliver() {
		next := w.nextDue()
		if next.IsZero() || next.After(until) {
			break
		}
		time.Sleep(time.Until(next))
	}
	for _, v := range w.people {
		if !slices.Equal(v.said, v.heard) {
			w.fail(v, "not all that was said has reached the person: %q, only %q", v.said, v.heard)
		}
		if v.alive && v.s.Case != nil && !slices.Equal(v.words, v.posted) {
			w.fail(v, "not all that the person wrote is at the desk: %q, only %q", v.words, v.posted)
		}
	}
}

// settle lets time pass until nothing is left to be done, and looks at what is left then.
func (w *town) settle() {
	w.deliver()
	w.quiet()
	start := time.Now()
	for {
		for _, v := range w.people {
			if time.Since(start) > 15*24*time.Hour && v.alive && v.s.Case.Active() {
				w.fail(v, "the case is stuck: a fortnight has passed")
			}
		}
		w.check()
		next := w.nextDue()
		if next.IsZero() {
			break
		}
		if time.Sleep(time.Until(next)); time.Since(start) > 40*24*time.Hour {
			w.t.Fatalf("there is still something to deliver after 40 days: %+v", next)
		}
		w.deliver()
	}
	time.Sleep(25 * time.Hour)
	for _, v := range w.people {
		w.store.mu.Lock()
		t := w.store.of(v.key)
		w.store.mu.Unlock()
		if t.version != 0 || len(t.log) > 0 || t.mark.State != 0 {
			w.fail(v, "something is kept for ever: version %d, %d lines, mark %+v", t.version, len(t.log), t.mark)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(w.topics)) {
		w.fail(w.topics[n].whose, "topic %d is left at the desk", n)
	}
}
