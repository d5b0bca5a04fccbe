package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// bridge is a talk on the page ("chat" is drawn by its door) and chats on a network where it may go on.
type bridge struct {
	t        *testing.T
	one, two *desk.Desk
	talk     bot.Address
	word     string
	n        uint64
	now      time.Time
	sent     map[bot.Address][]bot.Message
	refs     int64
}

var (
	mine   = bot.Address{Channel: "telegram", ID: "555000111"}
	theirs = bot.Address{Channel: "telegram", ID: "555000222"}
	rutaOn = bot.Actor{ID: "telegram:7", Name: "Ruta"}
)

func eachBridge(t *testing.T, f func(t *testing.T, w *bridge)) {
	eachStore(t, func(t *testing.T, one, two *desk.Desk) {
		w := &bridge{t: t, one: one, two: two, talk: bot.Address{Channel: "chat", ID: "a"}, n: 100, now: time.Now(), sent: map[bot.Address][]bot.Message{}}
		w.word = opens(t, one, "a")
		f(t, w)
	})
}

// does brings an update to one of two processes, in turns.
func (w *bridge) does(from bot.Address, kind bot.Kind, text string) bot.Reply {
	w.t.Helper()
	w.n++
	u := bot.Update{ID: w.n, From: from, Kind: kind, Text: text, Locale: "en", At: w.now}
	if kind == bot.Acted || kind == bot.Said {
		u.Actor = rutaOn
	}
	if from.Channel != "chat" {
		u.Ref = int64(w.n) + 1000
	}
	b := w.one
	if w.n%2 == 0 {
		b = w.two
	}
	reply, err := b.Handle(w.t.Context(), u)
	if err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	w.deliver()
	return reply
}

// store is what both processes remember in.
func (w *bridge) store() bot.Store {
	s, _ := storeOf.Load(w.one)
	return s.(bot.Store)
}

// deliver takes what is to be sent out of the store, and tells of its arrival.
func (w *bridge) deliver() {
	w.t.Helper()
	store := w.store()
	held, err := store.Take(w.t.Context(), w.now, w.now.Add(time.Second), 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range held {
		for next := &h.Item; next != nil; {
			h.Item = *next
			m, err := w.one.Open(h)
			if err != nil {
				w.t.Fatal(err)
			}
			w.sent[m.To] = append(w.sent[m.To], m)
			if next, err = store.Ack(w.t.Context(), h.Key, h.Item.ID, w.now, w.now.Add(time.Second)); err != nil {
				w.t.Fatal(err)
			}
			if m.Track {
				w.refs++
				if _, err := w.two.Handle(w.t.Context(), bot.Update{From: m.To, Kind: bot.Delivered, Ref: w.refs, Screen: m.Screen, Serial: m.Serial, At: w.now}); err != nil {
					w.t.Fatal(err)
				}
			}
		}
	}
}

// reads forgets what a chat was sent before, and returns it.
func (w *bridge) reads(at bot.Address) string {
	var out []string
	for _, m := range w.sent[at] {
		out = append(out, m.Text, fmt.Sprint(m.Buttons))
	}
	w.sent[at] = nil
	return strings.Join(out, "\n")
}

func (w *bridge) session(at bot.Address) bot.Session {
	w.t.Helper()
	s, err := w.two.Session(w.t.Context(), at)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// log is what was said in the case, by whose voice.
func (w *bridge) log(by bot.Voice) (out []string) {
	w.t.Helper()
	lines, err := w.one.Log(w.t.Context(), w.one.Key(w.talk), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, l := range lines {
		if l.By == by {
			out = append(out, l.Text)
		}
	}
	return out
}

// link takes a link into a chat on the page.
func (w *bridge) link() string {
	w.t.Helper()
	reply := w.does(w.talk, bot.Pressed, "human:bridge")
	if !strings.HasPrefix(reply.Payload, "talk-") || len(reply.Payload) > 64 {
		w.t.Fatalf("the link is %q", reply.Payload)
	}
	if s := w.session(w.talk); strings.Contains(string(s.Encode()), strings.TrimPrefix(reply.Payload, "talk-")) {
		w.t.Error("the link's secret is stored")
	}
	return reply.Payload
}

// joins opens a link in a chat and says yes.
func (w *bridge) joins(at bot.Address, link string) string {
	w.t.Helper()
	w.does(at, bot.Typed, "/start "+link)
	asked := w.reads(at)
	if strings.Contains(asked, "human:join") {
		w.does(at, bot.Pressed, "human:join")
	}
	return asked + w.reads(at)
}

func TestATalkGoesOnInAChatTooAndStaysOneCase(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		w.does(mine, bot.Typed, "/start "+w.link())
		asked := w.reads(mine)
		if !strings.Contains(asked, "sees neither your name") || w.session(w.talk).Chat != (bot.Address{}) {
			t.Fatalf("the person is not asked first, nor told who sees what: %s", asked)
		}
		w.does(mine, bot.Pressed, "human:join")
		if said := w.reads(mine); !strings.Contains(said, "goes on here too") || w.session(w.talk).Chat != mine {
			t.Fatalf("the chat is told %s", said)
		}
		if on := w.log(talk.ByNotice); !strings.Contains(on[len(on)-1], "Telegram") {
			t.Errorf("the page is told %q", on)
		}
		card, _ := talk.Card(w.one.Library(), w.session(w.talk))
		if !strings.Contains(card.Text, "Telegram") || strings.Contains(card.Text, mine.ID) {
			t.Errorf("the card is\n%s", card.Text)
		}
		w.does(w.talk, bot.Acted, "take")
		w.does(w.talk, bot.Said, "Hello from Ruta")
		if said := w.reads(mine); !strings.Contains(said, "has joined") || !strings.Contains(said, "Hello from Ruta") {
			t.Errorf("the chat is told %s", said)
		}
		w.does(mine, bot.Typed, "from the chat")
		w.does(w.talk, bot.Typed, "from the page")
		w.does(mine, bot.Edited, "from the chat, changed")
		if said := w.log(talk.ByPerson); !slices.Equal(said, []string{"from the chat", "from the page", "✎ from the chat, changed"}) {
			t.Errorf("in the case stands %q", said)
		}
		for _, text := range []string{"/start", "/human", "/restart", "/start radio", "/start supervision"} {
			w.does(mine, bot.Typed, text)
			if said := w.reads(mine); !strings.Contains(said, "goes on here too") {
				t.Errorf("after %s the chat is told %s", text, said)
			}
		}
		if s := w.session(mine); s.Case != nil {
			t.Errorf("the chat has a case of its own: %+v", s.Case)
		}
		if kept := w.session(w.talk); !kept.Case.Active() || kept.Case.Person != w.talk {
			t.Errorf("the talk is %+v", kept.Case)
		}
		w.does(mine, bot.Pressed, "human:end")
		if said := w.reads(mine); !strings.Contains(said, "human:rate.5") || w.session(w.talk).Case.State != bot.Closed {
			t.Errorf("after the end the chat is told %s", said)
		}
		w.does(mine, bot.Pressed, "human:rate.5")
		if said := w.reads(mine); !strings.Contains(said, "Thank you") || strings.Contains(said, "answer:") || w.session(w.talk).Case.Rated != 5 {
			t.Errorf("after the mark the chat is told %s", said)
		}
		w.does(mine, bot.Typed, "one more thing to say")
		if said := w.reads(mine); !strings.Contains(said, "did not get") || !strings.Contains(said, "+370") {
			t.Errorf("after that the chat is told %s", said)
		}
		if s := w.session(mine); s.Talk != (bot.Address{}) || w.session(w.talk).Chat != (bot.Address{}) {
			t.Errorf("they are still tied together")
		}
	})
}

func TestALinkIntoAChatWorksOnceWithinTenMinutesForATalkThatIsThere(t *testing.T) {
	const bad = "no longer works"
	for name, c := range map[string]struct {
		do   func(w *bridge, link string) // before the link is opened
		late func(w *bridge)              // between the question and the yes
		want string
	}{
		"waiting":                       {want: "goes on here too"},
		"held":                          {do: func(w *bridge, _ string) { w.does(w.talk, bot.Acted, "take") }, want: "goes on here too"},
		"over an open quiz":             {do: func(w *bridge, _ string) { w.does(mine, bot.Typed, "/start"); w.does(mine, bot.Typed, "yes") }, want: "goes on here too"},
		"used":                          {do: func(w *bridge, link string) { w.joins(theirs, link) }, want: bad},
		"used meanwhile":                {late: func(w *bridge) {}, want: bad},
		"after ten minutes":             {do: func(w *bridge, _ string) { w.now = w.now.Add(10 * time.Minute) }, want: bad},
		"after ten minutes, asked":      {late: func(w *bridge) { w.now = w.now.Add(10 * time.Minute) }, want: bad},
		"after the end":                 {do: func(w *bridge, _ string) { w.does(w.talk, bot.Pressed, "human:end") }, want: bad},
		"ended meanwhile":               {late: func(w *bridge) { w.does(w.talk, bot.Pressed, "human:end") }, want: bad},
		"erased":                        {do: func(w *bridge, _ string) { w.does(w.talk, bot.Pressed, "erase:yes") }, want: bad},
		"erased meanwhile":              {late: func(w *bridge) { w.does(w.talk, bot.Pressed, "erase:yes") }, want: bad},
		"another was taken":             {do: func(w *bridge, _ string) { w.link() }, want: bad},
		"the chat has a case":           {do: func(w *bridge, _ string) { w.does(mine, bot.Typed, "/human"); w.does(mine, bot.Pressed, "human:agree") }, want: "Another talk"},
		"the chat has a case meanwhile": {late: func(w *bridge) { w.does(mine, bot.Typed, "/human"); w.does(mine, bot.Pressed, "human:agree") }, want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachBridge(t, func(t *testing.T, w *bridge) {
				link := w.link()
				if c.do != nil {
					c.do(w, link)
				}
				w.reads(mine)
				w.does(mine, bot.Typed, "/start "+link)
				said := w.reads(mine)
				if c.late != nil {
					if name == "used meanwhile" {
						w.joins(theirs, link)
					}
					c.late(w)
					w.reads(mine)
				}
				if strings.Contains(said, "human:join") {
					w.does(mine, bot.Pressed, "human:join")
					said = w.reads(mine)
				}
				if !strings.Contains(said, c.want) || c.want != "goes on here too" && !strings.Contains(said, "+370") {
					t.Errorf("the chat is told %s", said)
				}
				s, chat := w.session(w.talk), w.session(mine)
				if joined := s.Chat == mine && chat.Talk == w.talk && chat.Offer == ""; joined != (c.want == "goes on here too") {
					t.Errorf("tied together: %v, %+v, %+v", joined, s.Chat, chat.Talk)
				}
			})
		})
	}
}

func TestOfTwoChatsAtOnceOneGoesOnWithTheTalk(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		link := w.link()
		for _, at := range []bot.Address{mine, theirs} {
			w.does(at, bot.Typed, "/start "+link)
		}
		var both sync.WaitGroup
		for i, at := range []bot.Address{mine, theirs} {
			both.Go(func() {
				b := []*desk.Desk{w.one, w.two}[i]
				if _, err := b.Handle(context.WithoutCancel(t.Context()), bot.Update{ID: 900, From: at, Kind: bot.Pressed, Text: "human:join", At: w.now}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		chat := w.session(w.talk).Chat
		for _, at := range []bot.Address{mine, theirs} {
			if s := w.session(at); (s.Talk == w.talk) != (chat == at) {
				t.Errorf("%v speaks for %v, the talk goes to %v", at, s.Talk, chat)
			}
		}
		if chat == (bot.Address{}) {
			t.Error("nobody has it")
		}
	})
}

func TestWhatAChatBringsTwiceIsSaidOnce(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		w.joins(mine, w.link())
		for range 3 {
			for _, b := range []*desk.Desk{w.one, w.two} {
				if _, err := b.Handle(t.Context(), bot.Update{ID: 500, From: mine, Kind: bot.Typed, Text: "once", At: w.now}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if said := w.log(talk.ByPerson); !slices.Equal(said, []string{"once"}) {
			t.Errorf("in the case stands %q", said)
		}
	})
}

func TestWhoErasesOnOneSideErasesBoth(t *testing.T) {
	for name, c := range map[string]struct {
		at   bot.Address
		kind bot.Kind
		text string
		told string // the other side; the page has none that could be told
	}{
		"on the page":            {bot.Address{Channel: "chat", ID: "a"}, bot.Pressed, "erase:yes", "The talk is erased"},
		"by the page's way out":  {bot.Address{Channel: "chat", ID: "a"}, bot.Pressed, "exit", ""},
		"in the chat":            {mine, bot.Pressed, "erase:yes", ""},
		"by the chat's way out":  {mine, bot.Pressed, "exit", ""},
		"after the end, in chat": {mine, bot.Typed, "/erase", ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachBridge(t, func(t *testing.T, w *bridge) {
				w.joins(mine, w.link())
				w.does(w.talk, bot.Acted, "take")
				w.does(w.talk, bot.Said, "words to be gone")
				if c.text == "/erase" {
					w.does(w.talk, bot.Acted, "close")
					w.does(c.at, c.kind, c.text)
					c.kind, c.text = bot.Pressed, "erase:yes"
				}
				said := w.sent[mine]
				w.reads(mine)
				w.does(c.at, c.kind, c.text)
				for _, at := range []bot.Address{w.talk, mine} {
					rec, err := w.store().Load(t.Context(), w.one.Key(at))
					if err != nil || rec.Version != 0 {
						t.Errorf("of %v is left %v, %v", at, rec, err)
					}
				}
				if lines := w.log(talk.ByCounsellor); len(lines) != 0 {
					t.Errorf("of the talk is left %q", lines)
				}
				removed := 0
				for _, m := range w.sent[mine] {
					removed += len(m.Delete)
				}
				if text := w.reads(mine); c.told != "" && !strings.Contains(text, c.told) || c.at != mine && c.told == "" && strings.Contains(text, "erased") {
					t.Errorf("the chat is told %s", text)
				}
				if c.text == "exit" && removed < len(said) {
					t.Errorf("%d messages were shown in the chat, %d are removed", len(said), removed)
				}
				w.does(mine, bot.Typed, "hello again")
				if text := w.reads(mine); strings.Contains(text, "goes on here too") {
					t.Errorf("the chat is told %s", text)
				}
			})
		})
	}
}

func TestEitherSideCutsTheLinkAndBothAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		at   bot.Address
		kind bot.Kind
		text string
	}{
		"the page":         {bot.Address{Channel: "chat", ID: "a"}, bot.Pressed, "human:apart"},
		"the chat":         {mine, bot.Pressed, "human:apart"},
		"the chat is gone": {mine, bot.Gone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachBridge(t, func(t *testing.T, w *bridge) {
				w.joins(mine, w.link())
				w.does(w.talk, bot.Acted, "take")
				w.reads(mine)
				w.does(c.at, c.kind, c.text)
				if said := w.reads(mine); c.kind != bot.Gone && !strings.Contains(said, "no longer come here") {
					t.Errorf("the chat is told %s", said)
				}
				if off := w.log(talk.ByNotice); !strings.Contains(off[len(off)-1], "no longer come to Telegram") {
					t.Errorf("the page is told %q", off)
				}
				w.does(w.talk, bot.Said, "for the page alone")
				if said := w.reads(mine); strings.Contains(said, "page alone") {
					t.Errorf("the chat is told %s", said)
				}
				if s := w.session(w.talk); !s.Case.Active() || s.Chat != (bot.Address{}) || w.session(mine).Talk != (bot.Address{}) {
					t.Errorf("they are still tied together, or the talk is over: %+v", s.Case)
				}
			})
		})
	}
}

func TestALinkThatIsGuessedIsHeldUp(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		link := w.link()
		for i := range 12 {
			w.does(mine, bot.Typed, fmt.Sprintf("/start talk-%026d", i))
		}
		if said := w.joins(mine, link); strings.Contains(said, "goes on here too") {
			t.Error("after a dozen wrong links the right one works at once")
		}
		if said := w.joins(theirs, link); !strings.Contains(said, "goes on here too") {
			t.Errorf("another chat is held up too: %s", said)
		}
	})
}

func TestAChatThatSpeaksForATalkGetsTheCounsellorsPicturesAndThePageSaysWhereTheyAre(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		photo := bot.Media{Net: "telegram", Kind: "photo", Chat: "-1001", ID: 77, Caption: "the office"}
		sends := func(m bot.Media) bot.Reply {
			t.Helper()
			w.n++
			r, err := w.one.Handle(t.Context(), bot.Update{ID: w.n, From: w.talk, Kind: bot.Said, Media: m, Actor: rutaOn, At: w.now})
			if err != nil {
				t.Fatal(err)
			}
			w.deliver()
			return r
		}
		w.does(w.talk, bot.Acted, "take")
		if r := sends(photo); !r.Refused || !strings.Contains(r.Toast, "Žmogui neperduota") {
			t.Errorf("a picture for whoever has the page alone: %+v", r)
		}
		w.joins(mine, w.link())
		w.reads(mine)
		if r := sends(photo); r.Refused || len(w.sent[mine]) != 1 || w.sent[mine][0].Media != photo || !w.sent[mine][0].Human {
			t.Fatalf("with a chat of the same network: %+v, the chat gets %+v", r, w.sent[mine])
		}
		if said := w.log(talk.ByCounsellor); len(said) != 1 || said[0] != "[photo → Telegram] the office" {
			t.Errorf("on the page stands %q", said)
		}
		w.reads(mine)
		other := photo
		other.Net = "messenger"
		if r := sends(other); !r.Refused || len(w.sent[mine]) != 0 {
			t.Errorf("what lies on another network: %+v, the chat gets %+v", r, w.sent[mine])
		}
		w.does(mine, bot.Pressed, "human:apart")
		w.reads(mine)
		if r := sends(photo); !r.Refused || len(w.sent[mine]) != 0 {
			t.Errorf("after the link was cut: %+v, the chat gets %+v", r, w.sent[mine])
		}
	})
}

func TestWhoIsBarredReadsItInTheChatTooAndNothingWrittenThereIsTakenForSaid(t *testing.T) {
	eachBridge(t, func(t *testing.T, w *bridge) {
		w.joins(mine, w.link())
		w.does(w.talk, bot.Acted, "take")
		w.reads(mine)
		w.does(w.talk, bot.Acted, "bar")
		until := time.Unix(w.session(w.talk).Case.Barred, 0).In(w.one.Library().Catalog.Desk.Zone).Format("01-02 15:04")
		if said := w.reads(mine); !strings.Contains(said, until) || !strings.Contains(said, "+370") || !strings.Contains(said, "112") {
			t.Errorf("the chat is told %s", said)
		}
		before := len(w.log(talk.ByPerson))
		for _, u := range []struct {
			kind bot.Kind
			text string
		}{{bot.Typed, "you must answer me"}, {bot.Pressed, "human:again"}, {bot.Pressed, "human:end"}, {bot.Attached, ""}} {
			w.does(mine, u.kind, u.text)
			if said := w.reads(mine); said == "" || w.session(w.talk).Case.Active() {
				t.Errorf("%q is answered %q, the talk is open: %v", u.text, said, w.session(w.talk).Case.Active())
			} else if u.text == "you must answer me" && (!strings.Contains(said, "did not get") || !strings.Contains(said, "+370")) {
				t.Errorf("after words the chat is told %s", said)
			}
		}
		if after := w.log(talk.ByPerson); len(after) != before {
			t.Errorf("the counsellors got %q", after[before:])
		}
		if s := w.session(mine); s.Talk != (bot.Address{}) || w.session(w.talk).Chat != (bot.Address{}) {
			t.Error("they are still tied together")
		}
		lead := bot.Actor{ID: "console:vida", Name: "Vida", Lead: true}
		if _, err := w.one.Handle(t.Context(), bot.Update{From: w.talk, Kind: bot.Acted, Text: "unbar", Actor: lead, At: w.now}); err != nil {
			t.Fatal(err)
		}
		w.does(w.talk, bot.Pressed, "human:again")
		if said := w.joins(mine, w.link()); !strings.Contains(said, "goes on here too") {
			t.Errorf("when a lead has lifted it, the chat is told %s", said)
		}
	})
}
