package bot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
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
	webCasesRise    = 30 // waiting at once, up to which those that were put aside come up
	webRisenMinute  = 6  // of them in a minute
)

// AnyNetwork is an Update's Network where people are not told apart by their address.
const AnyNetwork = "any"

// The index of cases holds of a case its state and, in the same byte, whether it came from a page that anybody can open, and
// whether it is folded.
const (
	markState  = 0x0f
	markWeb    = 0x40
	markFolded = 0x80
)

// mark is a case's entry in the index.
func (b *Bot) mark(c *Case) Mark {
	m := c.mark()
	if m.State == 0 {
		return m
	}
	if b.Draws[c.Person.Channel] {
		m.State |= markWeb
	}
	if c.Folded {
		m.State |= markFolded
	}
	return m
}

// crowd is how many cases have come from the web lately.
type crowd struct {
	Minute   []int64            `json:"minute,omitempty"`   // Unix seconds
	Networks map[string][]int64 `json:"networks,omitempty"` // the same of each network, under a keyed name
	Risen    []int64            `json:"risen,omitempty"`    // those that were put aside and have come up, Unix seconds
}

var crowdAddress = Address{Channel: DeskName, ID: "crowd"}

// later leaves out what was longer ago.
func later(times []int64, since int64) []int64 {
	return slices.DeleteFunc(times, func(t int64) bool { return t <= since })
}

// admit reports whether the desk takes a new case from a network now, and counts it if it does.
//
// The hour of a network counts only while pressed, when many cases wait already: a mobile carrier, a municipality or a proxy may have one
// address for everybody, and while the desk has room nobody there is to pay for a neighbour.
func (c *crowd) admit(network string, now time.Time, pressed bool) bool {
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

// asksNow reports whether an update opens a case from a page that anybody can open.
func asksNow(s *Session, u Update) bool {
	if u.Network == "" || u.Kind != Pressed || s.Case.Active() {
		return false
	}
	return u.Text == "human:again" || s.Over == Consent && (strings.HasPrefix(u.Text, "human:agree") || strings.HasPrefix(u.Text, "human:send"))
}

// crowded reports whether a new case from the web is to be folded. index is the index of cases as it is stored.
func (b *Bot) crowded(ctx context.Context, index []Marked, u Update) (bool, error) {
	waiting, _ := webCases(index)
	open := len(waiting)
	if open >= webCasesOpen {
		return true, nil
	}
	network := ""
	if u.Network != AnyNetwork {
		network = b.ring.Secret("network " + u.Network)[:12]
	}
	admitted, err := b.allowed(ctx, func(c *crowd) bool { return c.admit(network, u.At, open >= webCasesPressed) })
	return !admitted, err
}

// allowed asks what all processes know together of the crowd, and notes it if the answer is yes. So many at once that it cannot be
// noted are a no.
func (b *Bot) allowed(ctx context.Context, ask func(*crowd) bool) (bool, error) {
	for range tries {
		plain, raw, err := b.kept(ctx, crowdAddress)
		if err != nil {
			return false, fmt.Errorf("read how many cases came lately: %w", err)
		}
		var c crowd
		if plain != nil && json.Unmarshal(plain, &c) != nil {
			c = crowd{}
		}
		if !ask(&c) {
			return false, nil
		}
		if plain, err = json.Marshal(c); err != nil {
			return false, err
		}
		done, err := b.store.Swap(ctx, crowdAddress.Channel+":"+crowdAddress.ID, raw, b.sealed(crowdAddress, plain), time.Hour)
		if err != nil {
			return false, fmt.Errorf("note a new case: %w", err)
		}
		if done {
			return true, nil
		}
	}
	return false, nil
}

// rise reports whether one more of those that were put aside comes up now, and counts it if it does.
func (c *crowd) rise(now time.Time) bool {
	c.Risen = later(c.Risen, now.Add(-time.Minute).Unix())
	if len(c.Risen) >= webRisenMinute {
		return false
	}
	c.Risen = append(c.Risen, now.Unix())
	return true
}

// Raise lets cases that were put aside come up while the desk has room: the one that has waited longest, and the most urgent one,
// for urgency is what people say of themselves and a machine always says danger. The desk gets what was said so far, and the person is told.
func (b *Bot) Raise(ctx context.Context, now time.Time) error {
	all, err := b.index(ctx)
	if err != nil && !Partial(err) {
		return fmt.Errorf("read the queue: %w", err)
	}
	before, folded := webCases(all)
	waiting := len(before)
	for turn := 0; len(folded) > 0 && waiting < webCasesRise; turn++ {
		next := 0
		if turn%2 == 0 {
			for i, m := range folded {
				if m.Since.Before(folded[next].Since) {
					next = i
				}
			}
		}
		if ok, err := b.allowed(ctx, func(c *crowd) bool { return c.rise(now) }); err != nil || !ok {
			return err
		}
		s, err := b.Case(ctx, folded[next].Key)
		if err != nil {
			return err
		}
		folded = slices.Delete(folded, next, next+1)
		if !s.Case.Active() || !s.Case.Folded { // somebody was faster
			continue
		}
		if _, err := b.Handle(ctx, Update{From: s.Case.Person, Kind: Risen, At: now}); err != nil {
			return err
		}
		waiting++
	}
	return nil
}

// riseEvery is how often it is looked whether there is room again.
const riseEvery = 10 * time.Second

// KeepRaising raises what was put aside until the context ends.
func (b *Bot) KeepRaising(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(riseEvery):
		}
		call, cancel := context.WithTimeout(ctx, riseEvery)
		_ = b.Raise(call, time.Now()) // an outage is told elsewhere, and it is looked again
		cancel()
	}
}

// mostAside bounds what of the words of a case that was put aside is shown in its topic, in letters. The browser has them all.
const mostAside = 3000

// rise puts a case that was put aside before the counsellors.
func (t *turn) rise() {
	if t.s.Case == nil {
		t.p.Erase = t.s.Stage == Fresh
		return
	}
	if c := t.s.Case; !c.Active() || !c.Folded {
		return
	}
	t.caughtUp()
	c := t.own()
	c.Folded, c.Calls = false, 0
	opens := t.opens()
	c.Base, c.Last = t.base(opens), t.u.At.Unix()
	if c.Urgent == Danger {
		t.desk("second")
	}
	t.count("handoff.risen")
	t.speak(func(v view) string { return strings.ReplaceAll(v.wording("risen"), "{wait}", t.wait(v, opens)) })
	t.show()
}

// caughtUp shows the desk a case that was put aside: the card, and what the person has written meanwhile, the last of it where it is
// more than a topic should hold.
func (t *turn) caughtUp() {
	t.card()
	var words []string
	left := mostAside
	for _, l := range slices.Backward(t.u.Desk.Aside) {
		if l.By != ByPerson || l.At < t.s.Case.Since {
			continue
		}
		if left -= len([]rune(l.Text)); left < 0 {
			t.say(Message{Act: Words, Text: "ⓘ " + t.deskLang().Text("desk.note-aside"), Urgency: 1})
			break
		}
		words = append(words, l.Text)
	}
	for _, text := range slices.Backward(words) {
		t.say(Message{Act: Words, Text: text, Human: true, Urgency: 2})
	}
}

// Folded returns the cases that are folded, the most urgent first, then the longest waiting.
func (b *Bot) Folded(ctx context.Context) ([]Marked, error) {
	_, folded, err := b.FromWeb(ctx)
	return folded, err
}

// FromWeb returns the cases from the web that nobody holds: those that stand in the queue and those that are folded, each the most
// urgent first, then the longest waiting.
func (b *Bot) FromWeb(ctx context.Context) (waiting, folded []Marked, err error) {
	all, err := b.index(ctx)
	if err != nil {
		err = fmt.Errorf("read the queue: %w", err)
	}
	waiting, folded = webCases(all)
	return waiting, folded, err
}

// webCases finds in the index the cases from the web that nobody holds.
func webCases(all []Marked) (waiting, folded []Marked) {
	_, web, folded := byDoor(all)
	return slices.DeleteFunc(web, func(m Marked) bool { return CaseState(m.State) == Taken }), folded
}

// byDoor divides the index by the doors that cases came by, each the most urgent first, then the longest waiting.
func byDoor(all []Marked) (known, web, folded []Marked) {
	slices.SortFunc(all, before)
	for _, m := range all {
		flags := m.State
		m.State &= markState
		switch {
		case flags&markFolded != 0:
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
func before(x, y Marked) int {
	return cmp.Or(cmp.Compare(y.Urgent, x.Urgent), x.Since.Compare(y.Since), bytes.Compare(x.Key.Hash[:], y.Key.Hash[:]))
}

// queue puts the cases of all doors into one order, as before has it, but never two from the web in a row while somebody waits who
// came by a door that cannot be flooded so easily: urgency is what people say of themselves, and a machine always says danger.
func queue(known, web []Marked) []Marked {
	out := make([]Marked, 0, len(known)+len(web))
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
