package bot_test

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patikra/bot"
	"patikra/bot/seal"
)

// memory is a store for one test, as strict as the interface is, with a clock that is turned by hand.
type memory struct {
	bot.Store // what a model needs no more of
	mu        sync.Mutex
	now       time.Time
	records   map[[16]byte]*remembered
	forgotten map[uint64]bool
	kept      map[string][]byte
	outdated  int // commits that are to find a newer version than they were decided on
}

type remembered struct {
	rec    bot.Record
	until  time.Time
	queues [bot.Queues][]bot.Item
	log    [][]byte
	mark   bot.Mark
}

func newMemory() *memory {
	return &memory{now: time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC), records: map[[16]byte]*remembered{}, forgotten: map[uint64]bool{}, kept: map[string][]byte{}}
}

func (m *memory) of(k bot.Key) *remembered {
	r := m.records[k.Hash]
	if r == nil {
		r = &remembered{}
		m.records[k.Hash] = r
	}
	if r.rec.Version != 0 && !m.now.Before(r.until) {
		r.rec, r.log, r.mark = bot.Record{}, nil, bot.Mark{}
	}
	return r
}

func (m *memory) Load(_ context.Context, k bot.Key) (bot.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of(k).rec, nil
}

func (m *memory) Commit(_ context.Context, c bot.Commit) (out bot.Committed, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgotten[c.Update] && c.Update != 0 {
		return bot.Committed{Done: true}, nil
	}
	r := m.of(c.Key)
	if m.outdated > 0 && r.rec.Version != 0 { // somebody else was quicker with the same
		m.outdated--
		r.rec.Version++
	}
	if r.rec.Version != c.Base {
		return bot.Committed{Newest: r.rec}, bot.ErrConflict
	}
	for _, u := range c.Forget {
		m.forgotten[u] = true
	}
	switch {
	case c.Value != nil:
		r.rec, r.until = bot.Record{Version: c.Next, Value: c.Value}, m.now.Add(c.TTL)
		if c.DropLog {
			r.log = nil
		}
		r.log = append(r.log, c.Log...)
		if c.Mark != nil {
			r.mark = *c.Mark
		}
	case c.Base != 0:
		*r = remembered{}
	}
	if c.Timer != nil {
		r.queues[bot.Timer] = nil
		if c.Timer.ID != 0 {
			r.queues[bot.Timer] = []bot.Item{*c.Timer}
		}
	}
	for q, items := range [][]bot.Item{bot.ToPerson: c.Send, bot.ToDesk: c.Desk} {
		if slices.ContainsFunc(items, func(i bot.Item) bool { return i.Screen }) {
			r.queues[q] = slices.DeleteFunc(r.queues[q], func(i bot.Item) bool { return i.Screen })
		}
		r.queues[q] = append(r.queues[q], items...)
	}
	return out, nil
}

func (m *memory) Cases(context.Context) (out []bot.Marked, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for h := range m.records {
		if r := m.of(bot.Key{Hash: h}); r.rec.Version != 0 && r.mark.State != 0 {
			out = append(out, bot.Marked{Key: bot.Key{Hash: h}, Mark: r.mark})
		}
	}
	return out, nil
}

func (m *memory) Kept(_ context.Context, name string) ([]byte, error) { return m.kept[name], nil }

// world is what the model knows: people, counsellors, what each was told, and who should hold what.
type world struct {
	t       *rapid.T
	lib     *bot.Library
	ring    *seal.Ring
	store   *memory
	bot     *bot.Bot
	n       uint64
	topics  int64
	people  []*soul
	last    *bot.Update
	written int
}

// soul is a person as the model sees them.
type soul struct {
	at     bot.Address
	key    bot.Key
	seen   map[uint64]bool // items that were looked at when they were queued
	shown  []bot.Message   // what was delivered
	holder string
	owed   []string // words of counsellors that must reach them
	got    []string
	said   []string // their words that must reach the desk
	desk   []string // what the desk was shown of them
	gone   map[int64]bool
}

var ruta, jura = bot.Actor{ID: "telegram:1", Name: "Ruta", User: "ruta"}, bot.Actor{ID: "telegram:2", Name: "Jura", User: "jura"}

func (w *world) restart() {
	w.bot = bot.New(w.lib, w.store, w.ring)
	w.bot.Desk, w.bot.Always = bot.Place{On: true, Topics: true}, true
}

func (w *world) session(p *soul) bot.Session {
	s, err := w.bot.Session(context.Background(), p.at)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// handle hands in an update and looks at what came of it.
func (w *world) handle(p *soul, u bot.Update) bot.Reply {
	u.From, u.At, u.Locale = p.at, w.store.now, "en"
	if u.ID == 0 && u.Kind != bot.Due && u.Kind != bot.Placed && u.Kind != bot.Delivered {
		w.n++
		u.ID = w.n
	}
	before := w.session(p)
	reply, err := w.bot.Handle(context.Background(), u)
	if err != nil {
		w.t.Fatalf("%+v: %v", u, err)
	}
	w.last = &u
	after := w.session(p)
	w.judge(p, u, reply, before, after)
	return reply
}

var progressMark = regexp.MustCompile(`[0-9]+/[0-9]+`)

// judge holds an update and its effect against the promises.
func (w *world) judge(p *soul, u bot.Update, reply bot.Reply, before, after bot.Session) {
	t := w.t
	done := !reply.Refused && !reply.Repeat
	active := after.Case.Active()
	erased := before.Case != nil && before.Case.State != bot.NoCase && after.Case == nil || (before.Stage != bot.Fresh || before.Case != nil) && after.Stage == bot.Fresh && after.Case == nil
	if erased {
		p.owed, p.said, p.holder = slices.Clone(p.got), slices.Clone(p.desk), ""
	}
	if u.Kind == bot.Acted && done {
		word, _, _ := strings.Cut(u.Text, " ")
		if before.Case == nil {
			t.Fatalf("%s had an effect where there is no case", u.Text)
		}
		switch word {
		case "take":
			if p.holder != "" {
				t.Fatalf("%s took what %s holds", u.Actor.ID, p.holder)
			}
			p.holder = u.Actor.ID
		case "release", "transfer", "close":
			if p.holder != "" && p.holder != u.Actor.ID {
				t.Fatalf("%s did %s with what %s holds", u.Actor.ID, word, p.holder)
			}
			p.holder = ""
			if word == "transfer" {
				p.holder = map[string]string{"@ruta": ruta.ID, "@jura": jura.ID}[strings.TrimPrefix(u.Text, "transfer ")]
			}
		}
	}
	if u.Kind == bot.Said && done {
		if p.holder != u.Actor.ID {
			t.Fatalf("words of %s went out while %q holds", u.Actor.ID, p.holder)
		}
		p.owed = append(p.owed, u.Text)
	}
	if !active {
		p.holder = ""
	} else if held := after.Case.State == bot.Taken; held != (p.holder != "") {
		t.Fatalf("after %+v the case is %v and the model's holder %q", u, after.Case.State, p.holder)
	}
	if (u.Kind == bot.Typed || u.Kind == bot.Attached) && before.Case.Active() && !strings.HasPrefix(u.Text, "/") && (before.Over < bot.CallNumber || u.Kind == bot.Attached) && !reply.Repeat {
		p.said = append(p.said, u.Text)
	}
	if active {
		if after.Case.Due == 0 || len(w.store.of(p.key).queues[bot.Timer]) == 0 {
			t.Fatalf("after %+v the case waits for nothing: %+v", u, after.Case)
		}
	}
	for _, it := range w.store.of(p.key).queues[bot.ToPerson] {
		if p.seen[it.ID] {
			continue
		}
		p.seen[it.ID] = true
		m, err := w.bot.Open(bot.Held{Key: p.key, Item: it})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case m.To != p.at:
			t.Fatalf("words for %v went to %v", m.To, p.at)
		case active && progressMark.MatchString(m.Text):
			t.Fatalf("the quiz speaks while a human is awaited or there:\n%s", m.Text)
		case m.Screen && !m.Human && !strings.Contains(m.Text, "+370") && !strings.Contains(m.Text, "112") && !leadsToNumbers(m):
			t.Fatalf("no number, and no way to one, on\n%s", m.Text)
		}
	}
	told := func(list []bot.Item, what ...string) bool {
		for _, it := range list {
			if m, err := w.bot.Open(bot.Held{Key: p.key, Item: it}); err == nil {
				for _, text := range what {
					if strings.Contains(m.Text, text) {
						return true
					}
				}
			}
		}
		return false
	}
	if u.Kind == bot.Acted && done {
		word, _, _ := strings.Cut(u.Text, " ")
		r := w.store.of(p.key)
		sign := map[string][3]string{"take": {"has joined", "Prisijungė", "paėmė"}, "release": {"in the queue again", "vėl eilėje", "grąžino"},
			"transfer": {"Another counsellor", "kitas konsultantas", "perdavė"}, "close": {"has ended", "baigtas", "baigė"}}[word]
		if sign[0] != "" && (!told(r.queues[bot.ToPerson], sign[0], sign[1]) || !told(r.queues[bot.ToDesk], sign[2])) {
			t.Fatalf("not both ends were told of %s", u.Text)
		}
	}
	if card, ok := w.lib.Card(after); ok && after.Case.Told.Struck != 0 && strings.Contains(card.Text, "Ar dėl šio darbo kas nors grasina") {
		t.Fatalf("a line that was struck out is on the card:\n%s", card.Text)
	}
}

func leadsToNumbers(m bot.Message) bool {
	for _, row := range m.Buttons {
		for _, b := range row {
			if strings.HasPrefix(b.Data, "numbers") {
				return true
			}
		}
	}
	return false
}

// deliver takes the head of a queue, as the outbox and the desk do.
func (w *world) deliver(p *soul, queue uint8, lose bool) {
	r := w.store.of(p.key)
	if len(r.queues[queue]) == 0 || r.queues[queue][0].Due.After(w.store.now) {
		return
	}
	it := r.queues[queue][0]
	m, err := w.bot.Open(bot.Held{Key: p.key, Item: it})
	if err != nil {
		w.t.Fatal(err)
	}
	ack := func() {
		r := w.store.of(p.key)
		if q := r.queues[queue]; len(q) > 0 && q[0].ID == it.ID {
			r.queues[queue] = q[1:]
		}
	}
	if queue == bot.ToPerson {
		p.shown = append(p.shown, m)
		if m.Human {
			p.got = append(p.got, m.Text)
			if n := len(p.got); n > len(p.owed) || p.owed[n-1] != m.Text {
				w.t.Fatalf("the person was told %q, and owed %q", p.got, p.owed)
			}
		}
		ack()
		return
	}
	if m.Act == bot.DropTopic {
		p.gone[m.Topic] = true
		ack()
		return
	}
	if m.Topic == 0 {
		s := w.session(p)
		if s.Case == nil || s.Case.State == bot.NoCase {
			ack()
			return
		}
		if s.Case.Topic != 0 && lose {
			w.handle(p, bot.Update{Kind: bot.Placed})
			return
		}
		if s.Case.Topic == 0 {
			w.topics++
			w.handle(p, bot.Update{Kind: bot.Placed, Topic: w.topics, Ref: 1})
			return
		}
		if p.gone[s.Case.Topic] {
			w.t.Fatalf("the desk is written to in the topic %d, which was dropped", s.Case.Topic)
		}
	}
	if m.Human {
		p.desk = append(p.desk, m.Text)
		if n := len(p.desk); n > len(p.said) || p.said[n-1] != m.Text {
			w.t.Fatalf("the desk was shown %q of what was said: %q", p.desk, p.said)
		}
	}
	ack()
}

// timers brings back what is due.
func (w *world) timers() {
	for _, p := range w.people {
		for range 5 {
			q := w.store.of(p.key).queues[bot.Timer]
			if len(q) == 0 || q[0].Due.After(w.store.now) {
				break
			}
			id := q[0].ID
			w.handle(p, bot.Update{Kind: bot.Due})
			if q := w.store.of(p.key).queues[bot.Timer]; len(q) > 0 && q[0].ID == id {
				w.store.of(p.key).queues[bot.Timer] = nil
			}
		}
	}
}

func TestTheLifeOfACaseAgainstAModel(t *testing.T) {
	lib, err := bot.Open(bot.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(seal.NewKey(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue && !testing.Short() {
		f.Value.Set("1000")
		defer f.Value.Set(f.DefValue)
	}
	rapid.Check(t, func(t *rapid.T) {
		w := &world{t: t, lib: lib, ring: ring, store: newMemory()}
		w.restart()
		for i := range 2 {
			p := &soul{at: bot.Address{Channel: "chat", ID: fmt.Sprint("person ", i)}, seen: map[uint64]bool{}, gone: map[int64]bool{}}
			p.key = w.bot.Key(p.at)
			w.people = append(w.people, p)
		}
		somebody := func() *soul { return rapid.SampledFrom(w.people).Draw(t, "who") }
		counsellor := func() bot.Actor { return rapid.SampledFrom([]bot.Actor{ruta, jura}).Draw(t, "counsellor") }
		word := func(who string) string { w.written++; return fmt.Sprintf("%s says %d things", who, w.written) }
		t.Repeat(map[string]func(*rapid.T){
			"a person writes": func(*rapid.T) {
				w.handle(somebody(), bot.Update{Kind: bot.Typed, Text: word("person"), Locale: "en"})
			},
			"a command": func(t *rapid.T) {
				text := rapid.SampledFrom([]string{"/human", "/human", "/start", "/restart", "/numbers", "/help", "/erase", "/exit", "/supervision"}).Draw(t, "command")
				w.handle(somebody(), bot.Update{Kind: bot.Typed, Text: text, Locale: "en"})
			},
			"asks and agrees": func(t *rapid.T) {
				p := somebody()
				w.handle(p, bot.Update{Kind: bot.Typed, Text: "/human", Locale: "en"})
				w.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:agree"})
			},
			"a button": func(t *rapid.T) {
				p := somebody()
				var data []string
				for _, m := range p.shown[max(0, len(p.shown)-4):] {
					for _, row := range m.Buttons {
						for _, b := range row {
							data = append(data, b.Data)
						}
					}
				}
				if len(data) > 0 {
					w.handle(p, bot.Update{Kind: bot.Pressed, Text: rapid.SampledFrom(data).Draw(t, "button")})
				}
			},
			"answers the first question, strikes it out, asks": func(*rapid.T) {
				p := somebody()
				for _, text := range []string{"/start", "yes", "yes", "2", "/human"} {
					w.handle(p, bot.Update{Kind: bot.Typed, Text: text, Locale: "en"})
				}
				if s := w.session(p); s.Over == bot.Consent && len(s.Given) == 1 && (s.Case == nil || s.Case.Struck == 0) {
					for _, text := range []string{"human:line.0", "human:line.1", "human:line.2", "human:done", "human:agree"} {
						w.handle(p, bot.Update{Kind: bot.Pressed, Text: text})
					}
				}
			},
			"a call back": func(t *rapid.T) {
				p := somebody()
				w.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:call"})
				w.handle(p, bot.Update{Kind: bot.Typed, Text: "+370 600 00000"})
				for _, text := range []string{"human:hours.1", "human:voice.1", "human:else.0", "human:send"} {
					w.handle(p, bot.Update{Kind: bot.Pressed, Text: text})
				}
			},
			"a photo": func(*rapid.T) {
				w.handle(somebody(), bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "chat", Kind: "photo", Chat: "c", ID: 1}})
			},
			"blocks the bot": func(*rapid.T) { w.handle(somebody(), bot.Update{Kind: bot.Gone}) },
			"a counsellor acts": func(t *rapid.T) {
				text := rapid.SampledFrom([]string{"take", "take", "take", "release", "transfer @ruta", "transfer @jura", "transfer", "close", "reopen", "look"}).Draw(t, "act")
				w.handle(somebody(), bot.Update{Kind: bot.Acted, Text: text, Actor: counsellor(), Aloud: true})
			},
			"a counsellor writes": func(*rapid.T) {
				w.handle(somebody(), bot.Update{Kind: bot.Said, Text: word("counsellor"), Actor: counsellor(), Aloud: true})
			},
			"deliveries": func(t *rapid.T) {
				p, queue, lose := somebody(), rapid.SampledFrom([]uint8{bot.ToPerson, bot.ToDesk}).Draw(t, "queue"), rapid.IntRange(0, 9).Draw(t, "lose") == 0
				for range rapid.IntRange(1, 6).Draw(t, "many") {
					w.deliver(p, queue, lose)
				}
			},
			"time passes": func(t *rapid.T) {
				w.store.now = w.store.now.Add(time.Duration(rapid.SampledFrom([]int{1, 30, 301, 3600, 90000, 700000}).Draw(t, "seconds")) * time.Second)
				w.timers()
			},
			"a restart": func(*rapid.T) { w.restart() },
			"an update comes again": func(*rapid.T) {
				if u := w.last; u != nil && u.ID != 0 && w.store.now.Sub(u.At) < 20*time.Hour {
					for _, p := range w.people {
						if p.at == u.From {
							if r := w.handle(p, *u); !r.Repeat && u.Kind != bot.Gone && !r.Refused {
								if s := w.session(p); s.Stage != bot.Fresh {
									t.Fatalf("%+v had an effect twice", *u)
								}
							}
						}
					}
				}
			},
			"somebody else is quicker": func(*rapid.T) { w.store.outdated++ },
			"": func(*rapid.T) {
				marks, _ := w.store.Cases(context.Background())
				active := 0
				for _, p := range w.people {
					if w.session(p).Case.Active() {
						active++
					}
				}
				if len(marks) != active {
					t.Fatalf("the index holds %d cases of %d", len(marks), active)
				}
			},
		})
		// Whatever has happened: everything arrives, and in the end nothing is left.
		w.store.outdated = 0
		for _, p := range w.people {
			for range 400 {
				w.deliver(p, bot.ToPerson, false)
				w.deliver(p, bot.ToDesk, false)
				w.store.now = w.store.now.Add(10 * time.Millisecond)
			}
			if len(p.got) != len(p.owed) {
				t.Fatalf("of %q only %q arrived", p.owed, p.got)
			}
			if len(p.desk) != len(p.said) {
				t.Fatalf("of %q the desk was shown only %q", p.said, p.desk)
			}
		}
		for range 60 {
			w.store.now = w.store.now.Add(24 * time.Hour)
			w.timers()
			for _, p := range w.people {
				for range 40 {
					w.deliver(p, bot.ToPerson, false)
					w.deliver(p, bot.ToDesk, false)
				}
			}
		}
		for _, p := range w.people {
			if s := w.session(p); s.Case != nil || s.Stage != bot.Fresh {
				t.Fatalf("after two months there is still %+v %+v", s, s.Case)
			}
			if r := w.store.of(p.key); len(r.log) > 0 {
				t.Fatalf("after two months %d lines are left of what was said", len(r.log))
			}
		}
	})
}
