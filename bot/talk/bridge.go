package talk

import (
	"slices"
	"strings"
	"time"

	"patikra/bot"
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

// BridgeTime is how long a link into a chat can be used.
const BridgeTime = 10 * time.Minute

// inChat reports whether something lies on the network of the chat that speaks for the talk, and so can be shown there.
func (t *turn) inChat(m bot.Media) bool {
	return t.s.Chat != (bot.Address{}) && m.Net == t.s.Chat.Channel
}

// byChat carries out what the chat brings that speaks for the talk, or is to.
func (t *turn) byChat() {
	c, from := t.s.Case, t.u.Chat
	switch {
	case t.u.Kind == bot.Bridged && t.s.Chat == from: // it does already
	case t.u.Kind == bot.Bridged && t.s.Bridged(t.u.Text, t.u.At):
		t.s.Chat, t.s.Bridge, t.s.BridgeUntil = from, "", 0
		t.own().Last = t.u.At.Unix()
		t.count("handoff.bridged")
		t.desk("bridged", "{name}", door(from))
		t.notice(func(v view) string { return strings.ReplaceAll(v.wording("bridge-on"), "{name}", door(from)) })
		t.card()
	case t.s.Chat != from || c == nil || c.State == bot.NoCase:
		t.p.Refused, t.p.Repeat = true, true
	case t.u.Kind == bot.Unbridged:
		t.unbridge()
	case t.u.Kind == bot.Forgotten:
		t.parted("erased")
		t.p.Erase = true
	case t.u.Kind == bot.Missed || t.u.Kind == bot.Late:
		t.undelivered()
	case c.Active() && t.u.Kind == bot.Edited:
		t.edited()
	case c.Active() && (t.u.Kind == bot.Typed || t.u.Kind == bot.Attached):
		over := t.s.Over
		if t.pass(); over.OfDesk() { // the page stays where it is: there a call may be under way
			t.s.Over = over
		}
	case c.Active() && t.u.Text == "human:end":
		t.end()
	case t.s.Lately(t.u.At) && t.s.Over == bot.Rate && (t.u.Kind == bot.Typed || t.u.Kind == bot.Pressed):
		t.judged()
	default:
		t.p.Refused, t.p.Repeat = true, true
	}
}

// judged is what the person says in a chat of a talk that has ended.
func (t *turn) judged() {
	if _, arg, pressed := strings.Cut(t.u.Text, ":"); pressed && t.u.Kind == bot.Pressed {
		t.human(arg)
	} else if !t.remark() {
		t.show()
	}
	if !t.s.Case.Active() && t.s.Over == bot.Nothing { // the screen that the page shows now is not the chat's
		t.p.Send = []bot.Message{{To: t.u.From, Text: t.view().wording("thanks"), Urgency: 1}}
	}
}

// unbridge has no chat speak for the talk any more, and tells both sides.
func (t *turn) unbridge() {
	from := t.s.Chat
	t.s.Chat = bot.Address{}
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
	t.s.Bridge, t.s.BridgeUntil, t.p.Payload = t.u.Desk.Bridge.Proof, t.u.At.Add(BridgeTime).Unix(), t.u.Desk.Bridge.Payload
}

// door is a network's name as people know it. It stands in no file: it is the same in all languages.
func door(a bot.Address) string {
	if a.Channel == "" {
		return ""
	}
	return strings.ToUpper(a.Channel[:1]) + a.Channel[1:]
}

// forTalk deals, in a chat, with what concerns a talk for which it speaks or is asked to. It reports whether it has.
func (t *turn) forTalk() bool {
	o := &t.u.Other
	words := t.u.Kind == bot.Attached || t.u.Kind == bot.Edited || t.u.Kind == bot.Typed && !strings.HasPrefix(strings.TrimSpace(t.u.Text), "/")
	button := ""
	if t.u.Kind == bot.Pressed {
		button = t.u.Text
	}
	if o.Offer == "" && t.s.Talk == (bot.Address{}) {
		return false
	}
	if t.u.Kind == bot.Typed || t.u.Kind == bot.Pressed || t.u.Kind == bot.Attached {
		t.s.Keep(t.u.Ref, t.u.At)
		t.before = t.picture()
	}
	switch {
	case o.Offer != "":
		t.offered()
	case t.s.Offer != "" && button == "human:join":
		t.join()
	case t.s.Offer != "" && button == "human:apart":
		t.s.Talk, t.s.Offer = bot.Address{}, ""
		t.ownScreen("")
	case t.s.Offer != "":
		return false
	case o.Done && button == "human:apart":
		t.s.Talk = bot.Address{}
		t.ownScreen("bridge-left")
	case o.Done && o.Ours:
	case o.Refused || !o.Active && !o.Lately:
		return t.overThere(words || strings.HasPrefix(button, "human"))
	case (t.u.Kind == bot.Missed || t.u.Kind == bot.Late) && !t.u.Screen,
		words && (o.Active || t.u.Kind == bot.Typed),
		o.Active && button == "human:end",
		o.Lately && (strings.HasPrefix(button, "human:rate.") || button == "human:again"):
		t.p.Relay = &bot.Update{Kind: t.u.Kind, Text: t.u.Text, Media: t.u.Media, Also: t.u.Also, Live: t.u.Live, Said: t.u.Said, Inward: t.u.Inward}
	case button == "human:apart":
		t.p.Relay = &bot.Update{Kind: bot.Unbridged}
		t.s.Talk = bot.Address{}
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
	if t.u.Kind != bot.Typed && t.u.Kind != bot.Pressed {
		return true
	}
	word, _ := t.intent()
	return slices.Contains([]string{"language", "numbers", "help", "erase", "exit"}, word)
}

// overThere has the chat speak for a talk no longer that is over, or knows nothing of the chat. It reports whether that is all: the person is
// told of it if they have said something to a counsellor.
func (t *turn) overThere(said bool) bool {
	if t.u.Kind != bot.Typed && t.u.Kind != bot.Pressed && t.u.Kind != bot.Attached && !said {
		return false
	}
	if t.u.Other.Ours {
		t.p.Relay = &bot.Update{Kind: bot.Unbridged}
	}
	if t.s.Talk = (bot.Address{}); said {
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
	case t.s.Speaks() && o.Active && o.Talk == t.s.Talk:
		t.ownScreen("")
	case t.s.Case.Active() || t.s.Speaks() && o.Active:
		t.ownScreen("bridge-busy")
	case o.Talk == (bot.Address{}):
		t.ownScreen("bridge-bad")
	default:
		if t.s.Speaks() && o.Ours { // one that has ended
			t.p.Relay = &bot.Update{Kind: bot.Unbridged}
		}
		t.s.Talk, t.s.Offer = o.Talk, o.Offer
		t.over(bot.BridgeAsk)
		t.show()
	}
}

// join has this chat speak for the talk it was asked about.
func (t *turn) join() {
	if t.u.Other.Refused || t.s.Case.Active() {
		t.s.Talk, t.s.Offer = bot.Address{}, ""
		t.ownScreen("bridge-bad")
		return
	}
	t.p.Relay = &bot.Update{Kind: bot.Bridged, Text: t.s.Offer}
	t.s.Offer = ""
	t.ownScreen("")
}

// ownScreen shows the chat's own screen, with a text of that name above it.
func (t *turn) ownScreen(note string) {
	if note != "" {
		t.note = t.view().wording(note)
	}
	t.s.Over = bot.Nothing
	t.show()
}

// unbridged is told to a chat whose talk has no use for it any more. Text says why.
func (t *turn) unbridged() {
	if !t.s.Speaks() || t.s.Talk != t.u.Chat {
		t.p.Repeat = true
		return
	}
	t.s.Talk = bot.Address{}
	switch t.u.Text {
	case "erased", "left":
		t.p.Erase = true
		m := bot.Message{To: t.u.From, Delete: t.s.Removable(t.u.At), Urgency: 2}
		if t.u.Text == "erased" {
			m.Text = t.view().wording("bridge-erased")
		}
		t.p.Send = []bot.Message{m}
	case "stopped":
		t.ownScreen("bridge-stopped")
	default:
		t.p.Erase = t.s.Stage <= bot.Welcome && (t.s.Case == nil || t.s.Case.State == bot.NoCase)
	}
}

// bridgeAsk asks whether a talk is to go on in this chat too, and says first who may read it there and what the counsellor does not see.
func (v view) bridgeAsk() screen {
	return screen{v.wording("bridge-ask"), [][]bot.Button{{v.deskButton("bridge-yes", "human:join")}, {v.deskButton("bridge-no", "human:apart")}, v.always()}}
}

// bridged is the screen of a chat that speaks for a talk.
func (v view) bridged() screen {
	return screen{v.wording("bridge-here"), [][]bot.Button{{v.deskButton("end", "human:end")}, {v.deskButton("bridge-apart", "human:apart")}, v.always()}}
}
