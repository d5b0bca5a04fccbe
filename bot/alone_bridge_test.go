package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"patikra/bot"
	"patikra/bot/talk"
)

// In the life of the night desk a talk of the page can go on in a chat too: links are made, opened, opened twice and left lying, chats
// write, end, cut and erase, are blocked, and take nothing. Whatever happens, a talk and a chat know of each other or do not, both; a
// word that is written in a chat that speaks for a talk is said there once, or its writer learns that it was not; and who erases on one side
// erases both.

// link is a link into a chat as a person has it, and the talk it was made for.
type link struct {
	payload string
	word    string // of the talk
	until   time.Time
	used    bool
}

// mouth is a chat on a network, in which nobody has begun anything of their own.
type mouth struct {
	at      bot.Address
	key     bot.Key
	blocked bool   // its person has blocked the program
	deaf    bool   // what a counsellor writes is not taken: the network's day is over
	knows   string // how the talk stands, by what was shown here last; empty: nothing since a change was made on the page
	shown   []string
	wrote   int
}

func (n *nightDesk) bridges(add func(weight int, name string, f func())) {
	for i, channel := range []string{"telegram", "messenger"} {
		m := &mouth{at: bot.Address{Channel: channel, ID: fmt.Sprint("77777777", i)}}
		m.key = n.bot.Key(m.at)
		n.mouths = append(n.mouths, m)
	}
	add(2, "a person takes a link into a chat", func() { n.takesLink(n.anybody()) })
	add(2, "a chat opens a link", func() { n.opensLink(n.anybody(), n.mouth()) })
	add(2, "a chat says yes", func() { n.does(n.mouth(), bot.Pressed, "human:join") })
	add(4, "a talk goes on in a chat", n.goesOn)
	add(3, "a chat writes", n.chatWrites)
	add(1, "a chat ends the talk", func() { n.does(n.speaker(), bot.Pressed, "human:end") })
	add(1, "a chat cuts the link", func() { n.apartAfter(n.speaker(), func(m *mouth) { n.does(m, bot.Pressed, "human:apart") }) })
	add(1, "the page cuts the link", n.pageCuts)
	add(1, "a chat has everything erased", n.chatErases)
	add(1, "a chat is blocked or free again", func() { m := n.mouth(); m.blocked = !m.blocked })
	add(1, "a chat takes nothing or all again", func() { m := n.mouth(); m.deaf = !m.deaf })
}

func (n *nightDesk) mouth() *mouth {
	return n.mouths[rapid.IntRange(0, len(n.mouths)-1).Draw(n.t, "chat")]
}

// speaker draws a chat that speaks for a talk.
func (n *nightDesk) speaker() *mouth {
	all := slices.DeleteFunc(slices.Clone(n.mouths), func(m *mouth) bool { return n.speaksFor(m) == nil })
	if len(all) == 0 {
		n.t.Skip("no chat speaks for a talk")
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(n.t, "chat")]
}

// mouthAt finds a chat, nil where there is none.
func (n *nightDesk) mouthAt(a bot.Address) *mouth {
	i := slices.IndexFunc(n.mouths, func(m *mouth) bool { return m.at == a })
	if i < 0 {
		return nil
	}
	return n.mouths[i]
}

func (n *nightDesk) sessionAt(a bot.Address) bot.Session {
	s, err := n.bot.Session(n.ctx(), a)
	n.must(err)
	return s
}

// speaksFor is the person for whose talk a chat speaks, nil where it speaks for none.
func (n *nightDesk) speaksFor(m *mouth) *caller {
	s := n.sessionAt(m.at)
	i := slices.IndexFunc(n.people, func(p *caller) bool { return p.at == s.Talk })
	if s.Offer != "" || i < 0 {
		return nil
	}
	return n.people[i]
}

// does hands in what a person does in a chat. Whoever has blocked the program lets it in again by that.
func (n *nightDesk) does(m *mouth, kind bot.Kind, text string) bot.Reply {
	n.t.Helper()
	n.id++
	m.blocked, m.shown = false, nil
	r, err := n.bot.Handle(n.ctx(), bot.Update{ID: n.id, From: m.at, Kind: kind, Text: text, Locale: "en", Ref: int64(n.id) + 5000, At: time.Now()})
	n.must(err)
	if text == "human:join" { // what was read of an earlier talk counts no more
		m.knows = ""
	}
	n.arrive()
	return r
}

// reads is what a chat shows after a delivery.
func (n *nightDesk) reads(m *mouth, msg bot.Message) {
	up := func(u bot.Update) {
		u.From, u.At = m.at, time.Now()
		_, err := n.bot.Handle(n.ctx(), u)
		n.must(err)
	}
	switch {
	case m.blocked:
		up(bot.Update{Kind: bot.Gone})
		return
	case m.deaf && msg.Human:
		up(bot.Update{Kind: bot.Missed, Text: msg.Text, Media: msg.Media, Screen: msg.Screen, Serial: msg.Serial})
		return
	}
	if msg.Text != "" {
		m.shown = append(m.shown, msg.Text)
	}
	if is := n.means(msg.Text); is != "" && !msg.Human {
		m.knows = is
	}
	if msg.Track {
		n.topic++
		up(bot.Update{Kind: bot.Delivered, Ref: n.topic, Screen: msg.Screen, Serial: msg.Serial})
	}
}

// goesOn has somebody on the page ask for a human, if they have not, and go on in a chat.
func (n *nightDesk) goesOn() {
	p := n.anybody()
	if p.draws && !n.session(p).Case.Active() {
		n.handle(p, bot.Update{Kind: bot.Typed, Text: "/human"})
		n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:agree"})
	}
	n.takesLink(p)
	n.opensLink(p, n.mouth())
}

func (n *nightDesk) takesLink(p *caller) {
	if !p.draws || !n.session(p).Case.Active() || p.browser == "lost" {
		n.t.Skip("no talk on the page")
	}
	r := n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:bridge"})
	if r.Payload == "" {
		n.fail(p, "a person with an open talk gets no link into a chat")
	}
	p.links = append(p.links, link{r.Payload, wordOf(n.session(p)), time.Now().Add(10 * time.Minute), false})
}

// opensLink opens a link, the last or one from before, in one of the chats.
func (n *nightDesk) opensLink(p *caller, m *mouth) {
	if len(p.links) == 0 {
		n.t.Skip("no link")
	}
	i := len(p.links) - 1
	if i > 0 && rapid.IntRange(0, 3).Draw(n.t, "an earlier link, if 3") == 3 {
		i--
	}
	l := &p.links[i]
	s := n.session(p)
	good := i == len(p.links)-1 && !l.used && time.Now().Before(l.until) && s.Case.Active() && wordOf(s) == l.word
	n.does(m, bot.Typed, "/start "+l.payload)
	question, _, _ := strings.Cut(strings.Trim(n.lib.Catalog.Language("en").Text("desk.bridge-ask"), "*"), "**")
	asked := slices.ContainsFunc(m.shown, func(text string) bool { return strings.Contains(text, question) })
	if asked && !good {
		n.fail(p, "a chat is asked about a link that is worth nothing: %+v", *l)
	}
	if !asked || rapid.IntRange(0, 3).Draw(n.t, "say nothing yet, if 3") == 3 {
		return
	}
	n.does(m, bot.Pressed, "human:join")
	if n.session(p).Chat != m.at {
		n.fail(p, "the person has said yes in %s, and the talk does not go on there", m.at)
	}
}

// chatWrites has a person write in a chat that speaks for a talk: it is said there once, or they learn that it was not.
func (n *nightDesk) chatWrites() {
	m := n.speaker()
	p := n.speaksFor(m)
	m.wrote++
	words := fmt.Sprintf("word %d from %s", m.wrote, m.at.Channel)
	n.does(m, bot.Typed, words)
	said := 0
	lines, err := n.bot.Log(n.ctx(), p.key, 0)
	n.must(err)
	for _, l := range lines {
		if l.By == talk.ByPerson && strings.Contains(l.Text, words) {
			said++
		}
	}
	told := slices.ContainsFunc(m.shown, func(text string) bool { return strings.Contains(text, "+370") || strings.Contains(text, "Thank you") })
	if said > 1 || said == 0 && !told {
		n.fail(p, "what was written in the chat is said %d times, and the chat reads %q", said, m.shown)
	}
	if said == 1 {
		p.wrote = time.Now()
	}
}

// answered holds that what a counsellor wrote is read in the chat, or the counsellor knows that it is not, or the chat speaks for the talk no more.
func (n *nightDesk) answered(p *caller, m *mouth, words string) {
	lines, err := n.bot.Log(n.ctx(), p.key, 0)
	n.must(err)
	noted := slices.ContainsFunc(lines, func(l bot.Line) bool { return l.By == talk.ByNote && strings.Contains(fmt.Sprint(l), words) })
	switch {
	case m.blocked && n.session(p).Chat != m.at:
	case m.deaf && noted:
	case !m.blocked && !m.deaf && slices.Contains(m.shown, words):
	default:
		n.fail(p, "a counsellor wrote %q, and the chat (blocked %v, deaf %v) shows %q", words, m.blocked, m.deaf, m.shown)
	}
}

// apartAfter holds that after something the chat speaks for nobody.
func (n *nightDesk) apartAfter(m *mouth, f func(m *mouth)) {
	p := n.speaksFor(m)
	open := n.session(p).Case.Active()
	f(m)
	if s := n.session(p); s.Chat == m.at || n.speaksFor(m) != nil || s.Case.Active() != open {
		n.fail(p, "the link is cut, and the chat speaks for the talk or the talk is over")
	}
}

func (n *nightDesk) pageCuts() {
	m := n.speaker()
	p := n.speaksFor(m)
	if !n.session(p).Case.Active() || p.browser == "lost" {
		n.t.Skip("there is no page with the talk")
	}
	n.apartAfter(m, func(*mouth) { n.handle(p, bot.Update{Kind: bot.Pressed, Text: "human:apart"}) })
}

// chatErases holds that nothing is left on either side.
func (n *nightDesk) chatErases() {
	m := n.mouth()
	p := n.speaksFor(m)
	n.does(m, bot.Pressed, "erase:yes")
	if p == nil {
		return
	}
	n.store.mu.Lock()
	talk, chat := n.store.of(p.key), n.store.of(m.key)
	left := talk.version != 0 || chat.version != 0 || len(talk.log)+len(chat.log) > 0 || talk.mark.State != 0
	n.store.mu.Unlock()
	if left {
		n.fail(p, "what was erased in the chat is kept")
	}
}

// moved notes that the person has changed how the talk stands on the page: they know, and no chat tells them.
func (n *nightDesk) moved(s bot.Session) {
	if m := n.mouthAt(s.Chat); m != nil {
		m.knows = ""
	}
}

// bothWays holds that a talk and a chat know of each other or do not, and that a chat tells no lie of the talk.
func (n *nightDesk) bothWays() {
	for _, p := range n.people {
		s := n.session(p)
		if m := n.mouthAt(s.Chat); m != nil && n.speaksFor(m) != p {
			n.fail(p, "the talk goes on in %s, which does not know it", m.at)
		}
	}
	for _, m := range n.mouths {
		p := n.speaksFor(m)
		if p == nil {
			continue
		}
		s := n.session(p)
		if s.Chat != m.at {
			n.fail(p, "%s speaks for a talk that goes on in %v", m.at, s.Chat)
		}
		want := "waits"
		switch {
		case !s.Case.Active():
			want = "over"
		case s.Case.State == bot.Taken:
			want = "held"
		}
		if m.knows != "" && m.knows != want {
			n.fail(p, "in the chat the person reads %q, and the case is %s: %q", m.knows, s.Case.State, m.shown)
		}
	}
}
