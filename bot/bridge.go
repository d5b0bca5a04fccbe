package bot

import (
	"crypto/hmac"
	"slices"
	"strings"
	"time"
)

// BridgePrefix begins the payload of such a link, before its secret.
const BridgePrefix = "talk-"

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

// Bridges takes the payload of a link into the chat out of an update, empty where there is none.
func (u *Update) Bridges() string {
	if payload, ok := strings.CutPrefix(u.Text, "/start "+BridgePrefix); ok && u.Kind == Typed {
		return BridgePrefix + strings.ToLower(strings.TrimSpace(payload))
	}
	return ""
}

// Speaks reports whether a chat speaks for a talk of another conversation.
func (s *Session) Speaks() bool { return s.Talk != (Address{}) && s.Offer == "" }

// Bridged reports whether a link leads to the session's talk now.
func (s *Session) Bridged(proof string, now time.Time) bool {
	return s.Bridge != "" && s.Case.Active() && now.Unix() < s.BridgeUntil && hmac.Equal([]byte(s.Bridge), []byte(proof))
}

// chats are what buttons in a chat that speaks for a talk may do there; what else stands under a screen belongs to the page.
var chats = []string{"human:end", "human:apart", "human:again", "human:rate", "numbers", "exit"}

// ToChat is what a turn of a talk on the page says in the chat that speaks for it. The page draws itself.
func (p *Plan) ToChat(s *Session, u *Update) (out []Message) {
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
