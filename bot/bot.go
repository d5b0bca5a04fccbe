package bot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"patikra/bot/seal"
)

// kinds of sealed values
const (
	sealedSession byte = 's'
	sealedMessage byte = 'm'
	sealedLine    byte = 'l'
)

// LeaseTime is how long a delivery is held for one process before another may take it over.
const LeaseTime = 5 * time.Second

// tries is how often a turn is decided again when somebody else was faster.
const tries = 16

// Sender takes over messages that a commit has leased to this process.
type Sender interface {
	// Send delivers the head of a conversation's queue, then what follows. It reports false when it has
	// no room; the message is then taken from the store later.
	Send(held Held, m Message) bool
	// Room reports whether a message of that urgency would be taken now.
	Room(urgency uint8) bool
}

// Bot takes updates from receipt to a saved plan.
type Bot struct {
	library atomic.Pointer[Library]
	store   Store
	ring    *seal.Ring
	cache   *cache
	Sender  Sender // set before the first update
	// Draws names channels that draw the present screen themselves, from Session and Page. Nothing is sent to them.
	Draws map[string]bool
	// Photos names channels whose network gives out pictures and words alone.
	Photos map[string]bool
	Idle   time.Duration // how long a silent session is kept; default 24 h
	Chat   Pace          // messages a second in one chat
	Desk   Place         // where counsellors can be reached
	Files  fs.FS         // what the first library was read from
	Keeps  bool          // what comes to the channel FilesName is kept, for those who read in a browser
	Always bool          // the desk is open whatever its hours say

	// Hear is told of every change of a case or of the desk's own records that this process makes. It must not block.
	// Set before the first update.
	Hear func(Key)

	// Calls is told of every step at which a case calls counsellors, once it is saved. It must not block. Set before the first update.
	Calls func(Calling)

	Meter Meter // counts updates; nil: nobody does. Set before the first update.

	// Broke is told of every mistake of the program that was contained, with the part of it that was at work: turn, update, record,
	// delivery, outbox, notice, reply, loop, metrics, page, push. It must not block. Set before the first update.
	Broke func(part string, p *Panic)

	pocket  func(municipality, lang string) string  // set with certify
	certify func(c Certificate, lang string) string // nil where there is no page for certificates

	rosterKept   rosterCache
	accountsKept accountsCache
	books        bookshelf
	counsels     atomic.Bool // there is an account that can answer people
}

// Place tells where counsellors can be reached.
type Place struct {
	On     bool // they can be reached whatever accounts there are; else when an account can counsel
	Topics bool // messages to them are delivered; otherwise they read the log
	Group  bool // they are a group that takes files that are kept here
}

// Pace is an allowance: one message each Interval, and Burst of them at once. The zero Pace has no limit.
type Pace struct {
	Interval time.Duration
	Burst    int
}

// New returns a Bot over a store.
func New(l *Library, store Store, ring *seal.Ring) *Bot {
	b := &Bot{store: store, ring: ring, cache: newCache(4 << 20), Idle: 24 * time.Hour}
	b.library.Store(l)
	return b
}

// Library returns what turns are decided from now.
func (b *Bot) Library() *Library { return b.library.Load() }

// Key names a conversation to the store.
func (b *Bot) Key(a Address) Key {
	p, h := b.ring.Name(a.Channel, a.ID)
	return Key{Partition: p, Hash: h}
}

// Reply is what the channel may say at once to an update: a short answer to a pressed button.
type Reply struct {
	Toast   string
	Repeat  bool   // the update had been dealt with before
	Refused bool   // nothing was done, and Toast tells a counsellor why
	Alone   bool   // with an error: it is known that no case is active, so nobody waits for what was done
	Aside   bool   // with ErrSetAside
	Digits  string // of a return code, for the person's eyes and once
	Payload string // of a link into a chat, likewise
	Moved   bool   // nothing was done: the talk was taken up in another browser
}

// handle is Handle, where nothing breaks.
func (b *Bot) handle(ctx context.Context, u Update) (Reply, error) {
	key := b.Key(u.From)
	rec, known := b.cache.get(key)
	if !known {
		var err error
		if rec, err = b.store.Load(ctx, key); err != nil {
			return Reply{Alone: b.cache.isAlone(key)}, fmt.Errorf("read the session: %w", err)
		}
	}
	alone := false
	for range tries {
		s, err := b.unseal(ctx, key, rec)
		switch {
		case errors.Is(err, errDamaged):
			// A value that is damaged is of no use to anybody. The person begins again.
			s = Session{}
		case err != nil:
			b.cache.drop(key)
			return Reply{}, fmt.Errorf("read the session: %w", err)
		}
		fresh := rec.Version == 0
		alone = !s.Case.Active() && !s.speaks()
		lib := b.libraryFor(ctx, &s)
		if b.Desk.On || b.CanCounsel() {
			if u.Desk, err = b.desk(ctx, key, &s, u); err != nil {
				return Reply{Alone: alone}, err
			}
		}
		if s.speaks() || u.bridges() != "" {
			if u.Other, err = b.other(ctx, &s, u); err != nil {
				return Reply{Alone: alone}, err
			}
		}
		plan, err := b.turnWith(ctx, key, lib, s, u)
		for taken := false; err == nil && !taken; {
			if taken, err = b.relay(ctx, &s, u, &plan); err == nil && !taken {
				u.Other.Refused = true
				plan, err = b.turnWith(ctx, key, lib, s, u)
			}
		}
		if err != nil {
			b.cache.strand(key, u.Forgoes(Reply{Alone: alone}))
			return Reply{Alone: alone}, err
		}
		if b.Draws[u.From.Channel] {
			plan.Send = plan.toChat(&s, &u)
		}
		if !b.Desk.Topics {
			plan.Desk = toFiles(plan.Desk)
		}
		reply := Reply{Toast: plan.Toast, Repeat: plan.Repeat, Refused: plan.Refused, Digits: plan.Digits, Payload: plan.Payload, Moved: plan.Moved}
		if (plan.Moved || plan.Repeat && plan.Refused) && known { // what is in memory may be older than the move
			b.cache.drop(key)
			if rec, err = b.store.Load(ctx, key); err != nil {
				return Reply{Alone: alone}, fmt.Errorf("read the session: %w", err)
			}
			known = false
			continue
		}
		if plan.Repeat || fresh && plan.Erase && len(plan.Send)+len(plan.Desk) == 0 {
			return reply, nil
		}
		if err := b.findable(ctx, &s, &plan); err != nil {
			return Reply{Alone: alone}, fmt.Errorf("keep what finds the talk: %w", err)
		}
		if err := b.keepBridge(ctx, &s, &plan, u); err != nil {
			return Reply{Alone: alone}, fmt.Errorf("keep the chat in step with the talk: %w", err)
		}
		c := b.commit(key, rec.Version, u, plan)
		done, err := b.store.Commit(ctx, c)
		if errors.Is(err, ErrConflict) {
			if word := plan.Session.word(); word != s.word() {
				b.unclaim(ctx, key, word)
			}
			rec = done.Newest
			b.cache.drop(key)
			continue
		}
		if err != nil {
			b.cache.strand(key, u.Forgoes(Reply{Alone: alone}))
			return Reply{Alone: alone}, fmt.Errorf("save the turn: %w", err)
		}
		switch {
		case done.Done:
			return Reply{Toast: reply.Toast, Repeat: true}, nil
		case plan.Erase:
			b.cache.drop(key)
		default:
			b.cache.put(key, Record{Version: c.Next, Value: c.Value})
		}
		if was := s.word(); was != "" && (plan.Erase || was != plan.Session.word()) {
			b.unclaim(ctx, key, was)
		}
		if s.Case != nil || plan.Session.Case != nil {
			b.hear(key)
		}
		if call, calls := calling(s.Case, plan.Session.Case, u); calls && b.Calls != nil && !plan.Erase {
			b.Calls(call)
		}
		if c := plan.Session.Case; c != nil && c.State == Taken && s.Case != nil && (s.Case.State == Waiting || s.Case.State == Lapsed) {
			waited := max(0, int(u.At.Unix()-s.Case.Since))
			// Best effort: it only makes the estimate for the next person better.
			_ = b.ChangeRoster(ctx, func(r *Roster) { r.Waits = append(r.Waits, waited) })
		}
		if done.Leased && len(plan.Send) > 0 {
			b.Sender.Send(Held{Key: key, Item: c.Send[0]}, plan.Send[0])
		}
		if done.Desk && len(plan.Desk) > 0 {
			at := key
			at.Queue = ToDesk
			b.Sender.Send(Held{Key: at, Item: c.Desk[0]}, plan.Desk[0])
		}
		return reply, nil
	}
	return Reply{Alone: alone}, fmt.Errorf("save the turn: %w", ErrConflict)
}

// Talks reports, for what flood control would drop, whether the person is in a talk with a counsellor, where nothing is dropped
// unseen, or the update is known already.
func (b *Bot) Talks(ctx context.Context, u Update) (bool, error) {
	key := b.Key(u.From)
	rec, known := b.cache.get(key)
	if !known {
		var err error
		if rec, err = b.store.Load(ctx, key); err != nil {
			return false, fmt.Errorf("read the session: %w", err)
		}
	}
	s, err := b.unseal(ctx, key, rec)
	if err != nil && !errors.Is(err, errDamaged) {
		return false, fmt.Errorf("read the session: %w", err)
	}
	return s.Case.Active() || s.speaks() || s.seen(u.ID), nil
}

// errDamaged says that a session cannot be read, whatever key is tried.
var errDamaged = errors.New("the session is damaged")

// unseal reads a session. An error that is not errDamaged says that it cannot be read now.
func (b *Bot) unseal(ctx context.Context, key Key, rec Record) (s Session, err error) {
	if rec.Version == 0 {
		return s, nil
	}
	plain, err := b.openRecord(ctx, key, sealedSession, rec)
	if err == nil {
		err = s.Decode(plain)
	} else if !errors.Is(err, seal.ErrSealed) {
		return s, err
	}
	if err != nil {
		return Session{}, errDamaged
	}
	return s, nil
}

// commit puts a plan into the form that a store saves.
func (b *Bot) commit(key Key, base uint32, u Update, plan Plan) Commit {
	c := Commit{Key: key, Base: base, Next: base + 1, TTL: b.Idle, Now: u.At, Counts: plan.Counts, Delivered: u.Item}
	if base == 0 || c.Next == 0 {
		c.Next = rand.Uint32() | 1 // an erased conversation that begins again must not look like the old one
	}
	if u.ID != 0 {
		c.Update = b.ring.Digest(u.From.Channel, u.ID)
	}
	if len(c.Counts) > 0 {
		c.Day = u.At.UTC().Format(time.DateOnly)
	}
	s := plan.Session
	urgency := uint8(0)
	for i := range plan.Send {
		m := &plan.Send[i]
		if !u.Until.IsZero() {
			m.Until = u.Until.Unix()
		}
		c.Send = append(c.Send, b.item(key, m, b.due(&s, u.At)))
		urgency = max(urgency, m.Urgency)
	}
	for i := range plan.Desk {
		m := &plan.Desk[i]
		if c := plan.Session.Case; c != nil && c.State != Taken && b.Draws[c.Person.Channel] {
			m.Urgency = 0 // a lane behind the doors that cannot be flooded so easily
		}
		at := u.At
		if m.Act == DropTopic { // whoever is just reading it sees first why it goes
			at = at.Add(dropAfter)
		}
		c.Desk = append(c.Desk, b.item(key, m, at))
		urgency = max(urgency, m.Urgency)
	}
	b.commitCase(&c, &s, plan, u.At)
	if len(plan.Send)+len(plan.Desk) > 0 && b.Sender != nil && b.Sender.Room(urgency) {
		c.Lease = u.At.Add(LeaseTime)
		if waited := time.Since(u.At); waited > 0 && waited < time.Minute {
			c.Lease = c.Lease.Add(waited)
		}
	}
	if plan.Erase {
		for _, id := range s.Seen {
			c.Forget = append(c.Forget, b.ring.Digest(u.From.Channel, id))
		}
	} else {
		c.Value = b.ring.SealVersion(key.Partition, key.Hash, sealedSession, c.Next, s.Encode())
	}
	return c
}

// item seals a message for a queue of the conversation.
func (b *Bot) item(key Key, m *Message, due time.Time) Item {
	return Item{ID: rand.Uint64() | 1, Due: due, Screen: m.Screen, Stays: m.Act == DropTopic, Value: b.ring.Seal(key.Partition, key.Hash, sealedMessage, m.Encode())}
}

// dropAfter is how long a topic stays after its conversation was erased. Within five seconds nothing is left.
const dropAfter = 2 * time.Second

// commitCase adds what a case needs: its timer, its log, its entry in the index, and a longer life of the record.
func (b *Bot) commitCase(c *Commit, s *Session, plan Plan, now time.Time) {
	if plan.Erase {
		return
	}
	for i := range plan.Log {
		c.Log = append(c.Log, b.ring.Seal(c.Key.Partition, c.Key.Hash, sealedLine, plan.Log[i].Encode()))
	}
	for _, f := range plan.Files {
		c.Files = append(c.Files, File{f.Number, b.ring.SealVersion(c.Key.Partition, c.Key.Hash, sealedFile, uint32(f.Number), f.Value)})
	}
	c.DropLog = plan.Forget
	if plan.Forget {
		c.Timer, c.Mark = &Item{}, &Mark{}
	}
	keep := b.Library().Catalog.Desk.Keep
	if s.speaks() { // the talk may be silent for long, and what the person then writes is meant for it
		c.TTL = max(b.Idle, placeLife)
	}
	if s.Case == nil || s.Case.State == NoCase {
		return
	}
	c.TTL = max(b.Idle, time.Unix(s.Case.Last, 0).Add(silence+keep+reopenTime).Sub(now))
	if plan.Timer && s.Case.Due != 0 {
		t := b.item(c.Key, &Message{To: s.Case.Person}, time.Unix(s.Case.Due, 0))
		c.Timer = &t
	}
	mark := b.mark(s.Case)
	c.Mark = &mark
}

// mostPace bounds how far ahead a chat's allowance can be used up: no turn says more than that takes.
const mostPace = 30 * time.Second

// due gives a message its time under the chat's allowance (a leaky bucket kept in the session, so that it
// holds for all processes). An allowance that is used up for longer than can be comes of a clock that was wrong, and counts
// as unused.
func (b *Bot) due(s *Session, now time.Time) time.Time {
	if b.Chat.Interval <= 0 {
		return now
	}
	ms, most := now.UnixMilli(), now.Add(mostPace).UnixMilli()
	step := b.Chat.Interval.Milliseconds()
	if s.Pace > most {
		s.Pace = ms
	}
	s.Pace = min(max(s.Pace, ms)+step, most)
	at := s.Pace - step*int64(max(b.Chat.Burst, 1))
	return time.UnixMilli(max(at, ms))
}

// Open unseals a message that was taken from the store.
func (b *Bot) Open(h Held) (m Message, err error) {
	err = b.whole(func() error {
		plain, err := b.ring.Open(h.Key.Partition, h.Key.Hash, sealedMessage, h.Item.Value)
		if err != nil {
			return err
		}
		return m.Decode(plain)
	})
	return m, err
}

// Publish makes new conversations use another library. Quizzes under way go on with the one they began with.
func (b *Bot) Publish(l *Library) {
	b.swap(func(old *Library) *Library {
		earlier := []*Library{old}
		for _, e := range old.earlier {
			earlier = append(earlier, e)
		}
		next := l
		for id, g := range old.gone {
			next = next.without(id, g)
		}
		return next.with(earlier...)
	})
}

// Redraft puts a new draft in the place of the present one, for quizzes under way too.
func (b *Bot) Redraft(l *Library) { b.swap(l.After) }
