package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"patikra/bot"
)

// Anybody can open a case from the web page without a telephone or an account, as many as a machine can send. So the desk takes
// so many of them as it can look at; the others are folded: kept whole, told honestly how it stands, and shown to counsellors as
// one entry of the queue, from where each can be opened and taken. Cases from Telegram and Messenger are never folded.
//
// The bounds hold for all processes that share a store.
const (
	webCasesMinute  = 6  // new ones from the web in a minute
	webCasesNetwork = 6  // of them in an hour from one address, an IPv6 one by its /64
	webCasesPressed = 10 // waiting at once before an address's hour counts
	webCasesOpen    = 60 // waiting at once
	WebCasesRise    = 30 // waiting at once, up to which those that were put aside come up
	webRisenMinute  = 6  // of them in a minute
)

// The index of cases holds of a case its state and, in the same byte, whether it came from a page that anybody can open, and
// whether it is folded.
const (
	MarkState  = 0x0f
	markWeb    = 0x40
	MarkFolded = 0x80
)

// mark is a case's entry in the index.
func (b *Bot) mark(c *bot.Case) bot.Mark {
	m := c.Mark()
	if m.State == 0 {
		return m
	}
	if b.Draws[c.Person.Channel] {
		m.State |= markWeb
	}
	if c.Folded {
		m.State |= MarkFolded
	}
	return m
}

// Crowd is how many cases have come from the web lately.
type Crowd struct {
	Minute   []int64            `json:"minute,omitempty"`   // Unix seconds
	Networks map[string][]int64 `json:"networks,omitempty"` // the same of each network, under a keyed name
	Risen    []int64            `json:"risen,omitempty"`    // those that were put aside and have come up, Unix seconds
}

var crowdAddress = bot.Address{Channel: bot.DeskName, ID: "crowd"}

// later leaves out what was longer ago.
func later(times []int64, since int64) []int64 {
	return slices.DeleteFunc(times, func(t int64) bool { return t <= since })
}

// admit reports whether the desk takes a new case from a network now, and counts it if it does.
//
// The hour of a network counts only while pressed, when many cases wait already: a mobile carrier, a municipality or a proxy may have one
// address for everybody, and while the desk has room nobody there is to pay for a neighbour.
func (c *Crowd) admit(network string, now time.Time, pressed bool) bool {
	c.Minute = later(c.Minute, now.Add(-time.Minute).Unix())
	for name, times := range c.Networks {
		if times = later(times, now.Add(-time.Hour).Unix()); len(times) == 0 {
			delete(c.Networks, name)
		} else {
			c.Networks[name] = times
		}
	}
	if len(c.Minute) >= webCasesMinute || pressed && network != "" && len(c.Networks[network]) >= webCasesNetwork {
		return false
	}
	c.Minute = append(c.Minute, now.Unix())
	if network != "" {
		if c.Networks == nil {
			c.Networks = map[string][]int64{}
		}
		c.Networks[network] = append(c.Networks[network], now.Unix())
	}
	return true
}

// AsksNow reports whether an update opens a case from a page that anybody can open.
func AsksNow(s *bot.Session, u bot.Update) bool {
	if u.Network == "" || u.Kind != bot.Pressed || s.Case.Active() {
		return false
	}
	return u.Text == "human:again" || s.Over == bot.Consent && (strings.HasPrefix(u.Text, "human:agree") || strings.HasPrefix(u.Text, "human:send"))
}

// Crowded reports whether a new case from the web is to be folded. index is the index of cases as it is stored.
func (b *Bot) Crowded(ctx context.Context, index []bot.Marked, u bot.Update) (bool, error) {
	waiting, _ := WebCases(index)
	open := len(waiting)
	if open >= webCasesOpen {
		return true, nil
	}
	network := ""
	if u.Network != bot.AnyNetwork {
		network = b.ring.Secret("network " + u.Network)[:12]
	}
	admitted, err := b.Allowed(ctx, func(c *Crowd) bool { return c.admit(network, u.At, open >= webCasesPressed) })
	return !admitted, err
}

// Allowed asks what all processes know together of the crowd, and notes it if the answer is yes. So many at once that it cannot be
// noted are a no.
func (b *Bot) Allowed(ctx context.Context, ask func(*Crowd) bool) (bool, error) {
	for range Tries {
		plain, raw, err := b.Kept(ctx, crowdAddress)
		if err != nil {
			return false, fmt.Errorf("read how many cases came lately: %w", err)
		}
		var c Crowd
		if plain != nil && json.Unmarshal(plain, &c) != nil {
			c = Crowd{}
		}
		if !ask(&c) {
			return false, nil
		}
		if plain, err = json.Marshal(c); err != nil {
			return false, err
		}
		done, err := b.store.Swap(ctx, crowdAddress.Channel+":"+crowdAddress.ID, raw, b.Sealed(crowdAddress, plain), time.Hour)
		if err != nil {
			return false, fmt.Errorf("note a new case: %w", err)
		}
		if done {
			return true, nil
		}
	}
	return false, nil
}

// Rise reports whether one more of those that were put aside comes up now, and counts it if it does.
func (c *Crowd) Rise(now time.Time) bool {
	c.Risen = later(c.Risen, now.Add(-time.Minute).Unix())
	if len(c.Risen) >= webRisenMinute {
		return false
	}
	c.Risen = append(c.Risen, now.Unix())
	return true
}

// RiseEvery is how often it is looked whether there is room again.
const RiseEvery = 10 * time.Second

// Folded returns the cases that are folded, the most urgent first, then the longest waiting.
func (b *Bot) Folded(ctx context.Context) ([]bot.Marked, error) {
	_, folded, err := b.FromWeb(ctx)
	return folded, err
}

// FromWeb returns the cases from the web that nobody holds: those that stand in the queue and those that are folded, each the most
// urgent first, then the longest waiting.
func (b *Bot) FromWeb(ctx context.Context) (waiting, folded []bot.Marked, err error) {
	all, err := b.Index(ctx)
	if err != nil {
		err = fmt.Errorf("read the queue: %w", err)
	}
	waiting, folded = WebCases(all)
	return waiting, folded, err
}

// WebCases finds in the index the cases from the web that nobody holds.
func WebCases(all []bot.Marked) (waiting, folded []bot.Marked) {
	_, web, folded := ByDoor(all)
	return slices.DeleteFunc(web, func(m bot.Marked) bool { return bot.CaseState(m.State) == bot.Taken }), folded
}

// ByDoor divides the index by the doors that cases came by, each the most urgent first, then the longest waiting.
func ByDoor(all []bot.Marked) (known, web, folded []bot.Marked) {
	slices.SortFunc(all, before)
	for _, m := range all {
		flags := m.State
		m.State &= MarkState
		switch {
		case flags&MarkFolded != 0:
			folded = append(folded, m)
		case flags&markWeb != 0:
			web = append(web, m)
		default:
			known = append(known, m)
		}
	}
	return known, web, folded
}

// before orders cases: the most urgent first, then the longest waiting.
func before(x, y bot.Marked) int {
	return cmp.Or(cmp.Compare(y.Urgent, x.Urgent), x.Since.Compare(y.Since), bytes.Compare(x.Key.Hash[:], y.Key.Hash[:]))
}

// Queue puts the cases of all doors into one order, as before has it, but never two from the web in a row while somebody waits who
// came by a door that cannot be flooded so easily: urgency is what people say of themselves, and a machine always says danger.
func Queue(known, web []bot.Marked) []bot.Marked {
	out := make([]bot.Marked, 0, len(known)+len(web))
	justWeb := false
	for len(known)+len(web) > 0 {
		if len(web) > 0 && (len(known) == 0 || !justWeb && before(web[0], known[0]) < 0) {
			out, web, justWeb = append(out, web[0]), web[1:], true
			continue
		}
		out, known, justWeb = append(out, known[0]), known[1:], false
	}
	return out
}
