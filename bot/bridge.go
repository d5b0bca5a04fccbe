package bot

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A talk on the web page can be answered in a chat as well. The page gives a link that opens the chat, once and within ten minutes; there
// the person is asked, and from their yes on the chat is a second mouth of the same talk: what counsellors write and what becomes of the talk goes
// to both, and what the person writes in either is said in the one case. Session, log and case stay where the talk began, and so does all
// that holds for them; there is never a second case. A picture from the counsellors' group comes to a chat of its network; the page says where it is. The chat keeps no more than whose talk it speaks for, and every update that comes
// from it asks the talk whether that is still so: a link that one side has cut is cut, whatever became of the other side.
//
// Two conversations are changed, each by a turn of its own. The talk is changed first, by an update that has the chat's id for its own, so that
// it counts once however often it is brought; the chat is saved after it. Whoever erases on one side erases both: first the other
// side, so that a refusal of the store leaves the person with the button they pressed.

// bridgeTime is how long a link into a chat can be used.
const bridgeTime = 10 * time.Minute

// bridgePrefix begins the payload of such a link, before its secret.
const bridgePrefix = "talk-"

// Bridge is a link into a chat that a turn may give to the person.
type Bridge struct {
	Payload string // what the link begins the chat with
	Proof   string // the keyed hash of it
}

// Other is the talk for which a chat speaks, or is asked to, as a turn of the chat sees it. The zero Other is that of a link which leads
// nowhere any more.
type Other struct {
	Offer   string  // the keyed hash of the link that was just opened; empty: none was
	Talk    Address // where the link leads; zero: nowhere any more
	Lang    string  // the language of that talk
	Ours    bool    // the talk that the chat speaks for says so too
	Active  bool    // and a counsellor is awaited or there
	Lately  bool    // and it has ended, and can be judged and gone on with
	Done    bool    // the talk has what this update brings: it was decided before, and the chat could not be saved
	Refused bool    // the talk has not taken what the chat brought
}

var bridgeSecret = base32.StdEncoding.WithPadding(base32.NoPadding)

// bridge makes a link into a chat.
func (b *Bot) bridge() Bridge {
	var luck [16]byte
	rand.Read(luck[:])
	payload := bridgePrefix + strings.ToLower(bridgeSecret.EncodeToString(luck[:]))
	return Bridge{payload, b.bridgeProof(payload)}
}

func (b *Bot) bridgeProof(payload string) string {
	_, h := b.ring.Name(DeskName+"-bridge", payload)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// bridgePlace is where the desk finds the talk of a link, as [Bot.Remember] has it.
func bridgePlace(proof string) string { return "bridge:" + proof }

// bridges takes the payload of a link into the chat out of an update, empty where there is none.
func (u *Update) bridges() string {
	if payload, ok := strings.CutPrefix(u.Text, "/start "+bridgePrefix); ok && u.Kind == Typed {
		return bridgePrefix + strings.ToLower(strings.TrimSpace(payload))
	}
	return ""
}

// speaks reports whether a chat speaks for a talk of another conversation.
func (s *Session) speaks() bool { return s.Talk != (Address{}) && s.Offer == "" }

// other tells a turn of a chat how the talk stands for which it speaks, or is asked to.
func (b *Bot) other(ctx context.Context, s *Session, u Update) (o Other, err error) {
	if s.speaks() {
		talk, err := b.Session(ctx, s.Talk)
		if err != nil {
			return o, err
		}
		o.Ours = talk.Chat == u.From
		o.Active = o.Ours && talk.Case.Active()
		o.Lately = o.Ours && talk.Lately(u.At) && talk.Over == Rate
		o.Done = talk.seen(b.relayed(u))
	}
	payload := u.bridges()
	if payload == "" || s.seen(u.ID) {
		return o, nil
	}
	o.Offer = b.bridgeProof(payload)
	switch err := b.guessBridge(ctx, u); {
	case errors.Is(err, ErrGuesses):
		return o, nil
	case err != nil:
		return o, err
	}
	at, ok, err := b.Recall(ctx, bridgePlace(o.Offer))
	if err != nil || !ok {
		return o, err
	}
	talk, err := b.Session(ctx, at)
	if err == nil && talk.bridged(o.Offer, u.At) {
		o.Talk, o.Lang = at, talk.Lang
	}
	return o, err
}

// guessBridge takes one try out of those of a chat, and of all chats.
func (b *Bot) guessBridge(ctx context.Context, u Update) error {
	if err := b.guess(ctx, "bridge "+u.From.Channel+" "+u.From.ID, guessesOne, u.At); err != nil {
		return err
	}
	return b.guess(ctx, "bridges", guessesAll, u.At)
}

// bridged reports whether a link leads to the session's talk now.
func (s *Session) bridged(proof string, now time.Time) bool {
	return s.Bridge != "" && s.Case.Active() && now.Unix() < s.BridgeUntil && hmac.Equal([]byte(s.Bridge), []byte(proof))
}

// keepBridge keeps what finds the talk of a link in step with the session that a turn makes of another, and a chat in step with the talk that it
// speaks for. As findable it comes before the commit.
func (b *Bot) keepBridge(ctx context.Context, s *Session, plan *Plan, u Update) error {
	next := &plan.Session
	if s.Bridge != "" && (plan.Erase || next.Bridge != s.Bridge) {
		if err := b.Unremember(ctx, bridgePlace(s.Bridge)); err != nil {
			return err
		}
	}
	if !plan.Erase && next.Bridge != "" && next.Bridge != s.Bridge {
		if err := b.remember(ctx, bridgePlace(next.Bridge), next.Case.Person, bridgeTime+time.Minute); err != nil {
			return err
		}
	}
	if s.Chat == (Address{}) || s.Chat == u.Chat || !plan.Erase && next.Chat == s.Chat {
		return nil
	}
	how := "stopped"
	switch {
	case u.Kind == Due:
		how = "over"
	case plan.Erase && strings.HasPrefix(u.Text, "exit"):
		how = "left"
	case plan.Erase:
		how = "erased"
	}
	_, err := b.Handle(ctx, Update{From: s.Chat, Chat: u.From, Kind: Unbridged, Text: how, At: u.At})
	return err
}

// relayed is the id that an update of a chat has where it is brought to the talk.
func (b *Bot) relayed(u Update) uint64 {
	if u.ID == 0 {
		return 0
	}
	return b.ring.Digest(u.From.Channel+"\x00"+u.From.ID, u.ID)
}

// relay brings to a talk what a turn of the chat that speaks for it has decided. It reports false when the talk does not take it.
func (b *Bot) relay(ctx context.Context, s *Session, u Update, plan *Plan) (bool, error) {
	if plan.Erase && s.speaks() && u.Kind != Unbridged {
		plan.Relay = &Update{Kind: Forgotten}
		if u.Kind == Gone {
			plan.Relay.Kind = Unbridged
		}
	}
	if plan.Relay == nil {
		return true, nil
	}
	r := *plan.Relay
	r.From, r.Chat, r.At = s.Talk, u.From, u.At
	r.ID = b.relayed(u)
	reply, err := b.Handle(ctx, r)
	if err != nil {
		return false, fmt.Errorf("bring it to the talk: %w", err)
	}
	return !reply.Refused || plan.Erase, nil
}

// chats are what buttons in a chat that speaks for a talk may do there; what else stands under a screen belongs to the page.
var chats = []string{"human:end", "human:apart", "human:again", "human:rate", "numbers", "exit"}

// toChat is what a turn of a talk on the page says in the chat that speaks for it. The page draws itself.
func (p *Plan) toChat(s *Session, u *Update) (out []Message) {
	chat := p.Session.Chat
	byPage := u.Chat == (Address{}) && (u.Kind == Typed || u.Kind == Pressed || u.Kind == Attached)
	if p.Erase || chat == (Address{}) || u.Kind == Bridged || byPage && s.Case.Active() == p.Session.Case.Active() {
		return nil
	}
	for _, m := range p.Send {
		if m.Text == "" && m.Media.Kind == "" {
			continue
		}
		var rows [][]Button
		for _, row := range m.Buttons {
			row = slices.DeleteFunc(slices.Clone(row), func(b Button) bool {
				return !slices.ContainsFunc(chats, func(data string) bool { return b.Data == data || strings.HasPrefix(b.Data, data+".") })
			})
			if len(row) > 0 {
				rows = append(rows, row)
			}
		}
		m.To, m.Buttons, m.Short, m.Edit, m.Delete, m.Screen, m.Serial, m.Track = chat, rows, nil, 0, nil, false, 0, true
		out = append(out, m)
	}
	return out
}

// inChat reports whether something lies on the network of the chat that speaks for the talk, and so can be shown there.
func (t *turn) inChat(m Media) bool { return t.s.Chat != (Address{}) && m.Net == t.s.Chat.Channel }

// byChat carries out what the chat brings that speaks for the talk, or is to.
func (t *turn) byChat() {
	c, from := t.s.Case, t.u.Chat
	switch {
	case t.u.Kind == Bridged && t.s.Chat == from: // it does already
	case t.u.Kind == Bridged && t.s.bridged(t.u.Text, t.u.At):
		t.s.Chat, t.s.Bridge, t.s.BridgeUntil = from, "", 0
		t.own().Last = t.u.At.Unix()
		t.count("handoff.bridged")
		t.desk("bridged", "{name}", door(from))
		t.notice(func(v view) string { return strings.ReplaceAll(v.wording("bridge-on"), "{name}", door(from)) })
		t.card()
	case t.s.Chat != from || c == nil || c.State == NoCase:
		t.p.Refused, t.p.Repeat = true, true
	case t.u.Kind == Unbridged:
		t.unbridge()
	case t.u.Kind == Forgotten:
		t.parted("erased")
		t.p.Erase = true
	case t.u.Kind == Missed || t.u.Kind == Late:
		t.undelivered()
	case c.Active() && t.u.Kind == Edited:
		t.edited()
	case c.Active() && (t.u.Kind == Typed || t.u.Kind == Attached):
		over := t.s.Over
		if t.pass(); over.ofDesk() { // the page stays where it is: there a call may be under way
			t.s.Over = over
		}
	case c.Active() && t.u.Text == "human:end":
		t.end()
	case t.s.Lately(t.u.At) && t.s.Over == Rate && (t.u.Kind == Typed || t.u.Kind == Pressed):
		t.judged()
	default:
		t.p.Refused, t.p.Repeat = true, true
	}
}

// judged is what the person says in a chat of a talk that has ended.
func (t *turn) judged() {
	if _, arg, pressed := strings.Cut(t.u.Text, ":"); pressed && t.u.Kind == Pressed {
		t.human(arg)
	} else if !t.remark() {
		t.show()
	}
	if !t.s.Case.Active() && t.s.Over == Nothing { // the screen that the page shows now is not the chat's
		t.p.Send = []Message{{To: t.u.From, Text: t.view().wording("thanks"), Urgency: 1}}
	}
}

// unbridge has no chat speak for the talk any more, and tells both sides.
func (t *turn) unbridge() {
	from := t.s.Chat
	t.s.Chat = Address{}
	if !t.s.Case.Active() {
		return
	}
	t.own()
	t.desk("unbridged", "{name}", door(from))
	t.notice(func(v view) string { return strings.ReplaceAll(v.wording("bridge-off"), "{name}", door(from)) })
	t.card()
}

// giveBridge gives the person a link into a chat. One they had before is worth nothing from now.
func (t *turn) giveBridge() {
	if t.u.Desk.Bridge.Payload == "" {
		t.show()
		return
	}
	t.s.Bridge, t.s.BridgeUntil, t.p.Payload = t.u.Desk.Bridge.Proof, t.u.At.Add(bridgeTime).Unix(), t.u.Desk.Bridge.Payload
}

// door is a network's name as people know it. It stands in no file: it is the same in all languages.
func door(a Address) string {
	if a.Channel == "" {
		return ""
	}
	return strings.ToUpper(a.Channel[:1]) + a.Channel[1:]
}

// forTalk deals, in a chat, with what concerns a talk for which it speaks or is asked to. It reports whether it has.
func (t *turn) forTalk() bool {
	o := &t.u.Other
	words := t.u.Kind == Attached || t.u.Kind == Edited || t.u.Kind == Typed && !strings.HasPrefix(strings.TrimSpace(t.u.Text), "/")
	button := ""
	if t.u.Kind == Pressed {
		button = t.u.Text
	}
	if o.Offer == "" && t.s.Talk == (Address{}) {
		return false
	}
	if t.u.Kind == Typed || t.u.Kind == Pressed || t.u.Kind == Attached {
		t.s.keep(t.u.Ref, t.u.At)
		t.before = t.picture()
	}
	switch {
	case o.Offer != "":
		t.offered()
	case t.s.Offer != "" && button == "human:join":
		t.join()
	case t.s.Offer != "" && button == "human:apart":
		t.s.Talk, t.s.Offer = Address{}, ""
		t.ownScreen("")
	case t.s.Offer != "":
		return false
	case o.Done && button == "human:apart":
		t.s.Talk = Address{}
		t.ownScreen("bridge-left")
	case o.Done && o.Ours:
	case o.Refused || !o.Active && !o.Lately:
		return t.overThere(words || strings.HasPrefix(button, "human"))
	case (t.u.Kind == Missed || t.u.Kind == Late) && !t.u.Screen,
		words && (o.Active || t.u.Kind == Typed),
		o.Active && button == "human:end",
		o.Lately && (strings.HasPrefix(button, "human:rate.") || button == "human:again"):
		t.p.Relay = &Update{Kind: t.u.Kind, Text: t.u.Text, Media: t.u.Media, Also: t.u.Also, Live: t.u.Live, Said: t.u.Said, Inward: t.u.Inward}
	case button == "human:apart":
		t.p.Relay = &Update{Kind: Unbridged}
		t.s.Talk = Address{}
		t.ownScreen("bridge-left")
	case o.Lately && !t.aside():
		return t.overThere(false)
	default:
		return false
	}
	return true
}

// aside reports whether an update asks for something that a talk does not change.
func (t *turn) aside() bool {
	if t.u.Kind != Typed && t.u.Kind != Pressed {
		return true
	}
	word, _ := t.intent()
	return slices.Contains([]string{"language", "numbers", "help", "erase", "exit"}, word)
}

// overThere has the chat speak for a talk no longer that is over, or knows nothing of the chat. It reports whether that is all: the person is
// told of it if they have said something to a counsellor.
func (t *turn) overThere(said bool) bool {
	if t.u.Kind != Typed && t.u.Kind != Pressed && t.u.Kind != Attached && !said {
		return false
	}
	if t.u.Other.Ours {
		t.p.Relay = &Update{Kind: Unbridged}
	}
	if t.s.Talk = (Address{}); said {
		t.ownScreen("bridge-over")
	}
	return said
}

// offered asks whether a talk is to go on in this chat too.
func (t *turn) offered() {
	o := &t.u.Other
	if t.l.Catalog.Language(t.s.Lang) == nil {
		if t.s.Lang = t.locale(); t.s.Lang == "" {
			t.s.Lang = o.Lang
		}
		if t.l.Catalog.Language(t.s.Lang) == nil {
			t.s.Lang = t.newest.Catalog.Desk.Language
		}
	}
	switch {
	case t.s.speaks() && o.Active && o.Talk == t.s.Talk:
		t.ownScreen("")
	case t.s.Case.Active() || t.s.speaks() && o.Active:
		t.ownScreen("bridge-busy")
	case o.Talk == (Address{}):
		t.ownScreen("bridge-bad")
	default:
		if t.s.speaks() && o.Ours { // one that has ended
			t.p.Relay = &Update{Kind: Unbridged}
		}
		t.s.Talk, t.s.Offer = o.Talk, o.Offer
		t.over(BridgeAsk)
		t.show()
	}
}

// join has this chat speak for the talk it was asked about.
func (t *turn) join() {
	if t.u.Other.Refused || t.s.Case.Active() {
		t.s.Talk, t.s.Offer = Address{}, ""
		t.ownScreen("bridge-bad")
		return
	}
	t.p.Relay = &Update{Kind: Bridged, Text: t.s.Offer}
	t.s.Offer = ""
	t.ownScreen("")
}

// ownScreen shows the chat's own screen, with a text of that name above it.
func (t *turn) ownScreen(note string) {
	if note != "" {
		t.note = t.view().wording(note)
	}
	t.s.Over = Nothing
	t.show()
}

// unbridged is told to a chat whose talk has no use for it any more. Text says why.
func (t *turn) unbridged() {
	if !t.s.speaks() || t.s.Talk != t.u.Chat {
		t.p.Repeat = true
		return
	}
	t.s.Talk = Address{}
	switch t.u.Text {
	case "erased", "left":
		t.p.Erase = true
		m := Message{To: t.u.From, Delete: t.s.removable(t.u.At), Urgency: 2}
		if t.u.Text == "erased" {
			m.Text = t.view().wording("bridge-erased")
		}
		t.p.Send = []Message{m}
	case "stopped":
		t.ownScreen("bridge-stopped")
	default:
		t.p.Erase = t.s.Stage <= Welcome && (t.s.Case == nil || t.s.Case.State == NoCase)
	}
}

// bridgeAsk asks whether a talk is to go on in this chat too, and says first who may read it there and what the counsellor does not see.
func (v view) bridgeAsk() screen {
	return screen{v.wording("bridge-ask"), [][]Button{{v.deskButton("bridge-yes", "human:join")}, {v.deskButton("bridge-no", "human:apart")}, v.always()}}
}

// bridged is the screen of a chat that speaks for a talk.
func (v view) bridged() screen {
	return screen{v.wording("bridge-here"), [][]Button{{v.deskButton("end", "human:end")}, {v.deskButton("bridge-apart", "human:apart")}, v.always()}}
}
