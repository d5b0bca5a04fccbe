package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/seal"
)

// kinds of sealed values
const (
	sealedSession byte = 's'
	sealedMessage byte = 'm'
	SealedLine    byte = 'l'
)

// Tries is how often a turn is decided again when somebody else was faster.
const Tries = 16

// Sender takes over messages that a commit has leased to this process.
type Sender interface {
	// Send delivers the head of a conversation's queue, then what follows. It reports false when it has
	// no room; the message is then taken from the store later.
	Send(held bot.Held, m bot.Message) bool
	// Room reports whether a message of that urgency would be taken now.
	Room(urgency uint8) bool
}

// Bot takes updates from receipt to a saved plan.
type Bot struct {
	library atomic.Pointer[library.Library]
	store   bot.Store
	ring    *seal.Ring
	cache   *cache
	Sender  Sender // set before the first update
	// Draws names channels that draw the present screen themselves, from Session and Page. Nothing is sent to them.
	Draws map[string]bool
	// Photos names channels whose network gives out pictures and words alone.
	Photos map[string]bool
	Idle   time.Duration // how long a silent session is kept; default 24 h
	Chat   bot.Pace      // messages a second in one chat
	Desk   Reach         // where counsellors can be reached
	Files  fs.FS         // what the first library was read from
	Keeps  bool          // what comes to the channel FilesName is kept, for those who read in a browser
	Always bool          // the desk is open whatever its hours say

	// Hear is told of every change of a case or of the desk's own records that this process makes. It must not block.
	// Set before the first update.
	Hear func(bot.Key)

	// Calls is told of every step at which a case calls counsellors, once it is saved. It must not block. Set before the first update.
	Calls func(bot.Calling)

	Meter Meter // counts updates; nil: nobody does. Set before the first update.

	// Broke is told of every mistake of the program that was contained, with the part of it that was at work: turn, update, record,
	// delivery, outbox, notice, reply, loop, metrics, page, push. It must not block. Set before the first update.
	Broke func(part string, p *bot.Panic)

	pocket  func(municipality, lang string) string      // set with certify
	certify func(c bot.Certificate, lang string) string // nil where there is no page for certificates

	// Office is the counsellors' side, which package desk sets; nil: nobody answers people here.
	Office Office

	books bookshelf
}

// Reach tells where counsellors can be reached.
type Reach struct {
	On     bool // they can be reached whatever accounts there are; else when an account can counsel
	Topics bool // messages to them are delivered; otherwise they read the log
	Group  bool // they are a group that takes files that are kept here
}

// New returns a Bot over a store.
func New(l *library.Library, store bot.Store, ring *seal.Ring) *Bot {
	b := &Bot{store: store, ring: ring, cache: newCache(4 << 20), Idle: 24 * time.Hour}
	b.library.Store(l)
	return b
}

// Library returns what turns are decided from now.
func (b *Bot) Library() *library.Library { return b.library.Load() }

// Key names a conversation to the store.
func (b *Bot) Key(a bot.Address) bot.Key {
	p, h := b.ring.Name(a.Channel, a.ID)
	return bot.Key{Partition: p, Hash: h}
}

// Office is what an update is asked of the counsellors' side. Package desk has one.
type Office interface {
	// CanCounsel reports whether there is an account that can answer people; it is asked of the memory alone.
	CanCounsel() bool
	// State returns what the counsellors' side knows that a turn of this session decides by.
	State(ctx context.Context, key bot.Key, s *bot.Session, u bot.Update) (bot.Desk, error)
	// Took notes that a person was taken after so many seconds, for the estimate that the next one reads. It does its best.
	Took(ctx context.Context, waited int)
}

// handle is Handle, where nothing breaks.
func (b *Bot) handle(ctx context.Context, u bot.Update) (bot.Reply, error) {
	key := b.Key(u.From)
	rec, known := b.cache.get(key)
	if !known {
		var err error
		if rec, err = b.store.Load(ctx, key); err != nil {
			return bot.Reply{Alone: b.cache.isAlone(key)}, fmt.Errorf("read the session: %w", err)
		}
	}
	alone := false
	for range Tries {
		s, err := b.Unseal(ctx, key, rec)
		switch {
		case errors.Is(err, ErrDamaged):
			// A value that is damaged is of no use to anybody. The person begins again.
			s = bot.Session{}
		case err != nil:
			b.cache.drop(key)
			return bot.Reply{}, fmt.Errorf("read the session: %w", err)
		}
		fresh := rec.Version == 0
		alone = !s.Case.Active() && !s.Speaks()
		lib := b.LibraryFor(ctx, &s)
		if b.Office != nil && (b.Desk.On || b.Office.CanCounsel()) {
			if u.Desk, err = b.Office.State(ctx, key, &s, u); err != nil {
				return bot.Reply{Alone: alone}, err
			}
		}
		if s.Speaks() || u.Bridges() != "" {
			if u.Other, err = b.other(ctx, &s, u); err != nil {
				return bot.Reply{Alone: alone}, err
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
			b.cache.strand(key, u.Forgoes(bot.Reply{Alone: alone}))
			return bot.Reply{Alone: alone}, err
		}
		if b.Draws[u.From.Channel] {
			plan.Send = plan.ToChat(&s, &u)
		}
		if !b.Desk.Topics {
			plan.Desk = toFiles(plan.Desk)
		}
		reply := bot.Reply{Toast: plan.Toast, Repeat: plan.Repeat, Refused: plan.Refused, Digits: plan.Digits, Payload: plan.Payload, Moved: plan.Moved}
		if (plan.Moved || plan.Repeat && plan.Refused) && known { // what is in memory may be older than the move
			b.cache.drop(key)
			if rec, err = b.store.Load(ctx, key); err != nil {
				return bot.Reply{Alone: alone}, fmt.Errorf("read the session: %w", err)
			}
			known = false
			continue
		}
		if plan.Repeat || fresh && plan.Erase && len(plan.Send)+len(plan.Desk) == 0 {
			return reply, nil
		}
		if err := b.findable(ctx, &s, &plan); err != nil {
			return bot.Reply{Alone: alone}, fmt.Errorf("keep what finds the talk: %w", err)
		}
		if err := b.keepBridge(ctx, &s, &plan, u); err != nil {
			return bot.Reply{Alone: alone}, fmt.Errorf("keep the chat in step with the talk: %w", err)
		}
		c := b.commit(key, rec.Version, u, plan)
		done, err := b.store.Commit(ctx, c)
		if errors.Is(err, bot.ErrConflict) {
			if word := plan.Session.Word(); word != s.Word() {
				b.unclaim(ctx, key, word)
			}
			rec = done.Newest
			b.cache.drop(key)
			continue
		}
		if err != nil {
			b.cache.strand(key, u.Forgoes(bot.Reply{Alone: alone}))
			return bot.Reply{Alone: alone}, fmt.Errorf("save the turn: %w", err)
		}
		switch {
		case done.Done:
			return bot.Reply{Toast: reply.Toast, Repeat: true}, nil
		case plan.Erase:
			b.cache.drop(key)
		default:
			b.cache.put(key, bot.Record{Version: c.Next, Value: c.Value})
		}
		if was := s.Word(); was != "" && (plan.Erase || was != plan.Session.Word()) {
			b.unclaim(ctx, key, was)
		}
		if s.Case != nil || plan.Session.Case != nil {
			b.Changed(key)
		}
		if call, calls := calling(s.Case, plan.Session.Case, u); calls && b.Calls != nil && !plan.Erase {
			b.Calls(call)
		}
		if c := plan.Session.Case; c != nil && b.Office != nil && c.State == bot.Taken && s.Case != nil && (s.Case.State == bot.Waiting || s.Case.State == bot.Lapsed) {
			b.Office.Took(ctx, max(0, int(u.At.Unix()-s.Case.Since)))
		}
		if done.Leased && len(plan.Send) > 0 {
			b.Sender.Send(bot.Held{Key: key, Item: c.Send[0]}, plan.Send[0])
		}
		if done.Desk && len(plan.Desk) > 0 {
			at := key
			at.Queue = bot.ToDesk
			b.Sender.Send(bot.Held{Key: at, Item: c.Desk[0]}, plan.Desk[0])
		}
		return reply, nil
	}
	return bot.Reply{Alone: alone}, fmt.Errorf("save the turn: %w", bot.ErrConflict)
}

// Talks reports, for what flood control would drop, whether the person is in a talk with a counsellor, where nothing is dropped
// unseen, or the update is known already.
func (b *Bot) Talks(ctx context.Context, u bot.Update) (bool, error) {
	key := b.Key(u.From)
	rec, known := b.cache.get(key)
	if !known {
		var err error
		if rec, err = b.store.Load(ctx, key); err != nil {
			return false, fmt.Errorf("read the session: %w", err)
		}
	}
	s, err := b.Unseal(ctx, key, rec)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return false, fmt.Errorf("read the session: %w", err)
	}
	return s.Case.Active() || s.Speaks() || s.Knows(u.ID), nil
}

// ErrDamaged says that a session cannot be read, whatever key is tried.
var ErrDamaged = errors.New("the session is damaged")

// Unseal reads a session. An error that is not ErrDamaged says that it cannot be read now.
func (b *Bot) Unseal(ctx context.Context, key bot.Key, rec bot.Record) (s bot.Session, err error) {
	if rec.Version == 0 {
		return s, nil
	}
	plain, err := b.OpenRecord(ctx, key, sealedSession, rec)
	if err == nil {
		err = s.Decode(plain)
	} else if !errors.Is(err, seal.ErrSealed) {
		return s, err
	}
	if err != nil {
		return bot.Session{}, ErrDamaged
	}
	return s, nil
}

// commit puts a plan into the form that a store saves.
func (b *Bot) commit(key bot.Key, base uint32, u bot.Update, plan bot.Plan) bot.Commit {
	c := bot.Commit{Key: key, Base: base, Next: base + 1, TTL: b.Idle, Now: u.At, Counts: plan.Counts, Delivered: u.Item}
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
		if c := plan.Session.Case; c != nil && c.State != bot.Taken && b.Draws[c.Person.Channel] {
			m.Urgency = 0 // a lane behind the doors that cannot be flooded so easily
		}
		at := u.At
		if m.Act == bot.DropTopic { // whoever is just reading it sees first why it goes
			at = at.Add(dropAfter)
		}
		c.Desk = append(c.Desk, b.item(key, m, at))
		urgency = max(urgency, m.Urgency)
	}
	b.commitCase(&c, &s, plan, u.At)
	if len(plan.Send)+len(plan.Desk) > 0 && b.Sender != nil && b.Sender.Room(urgency) {
		c.Lease = u.At.Add(bot.LeaseTime)
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
func (b *Bot) item(key bot.Key, m *bot.Message, due time.Time) bot.Item {
	return bot.Item{ID: rand.Uint64() | 1, Due: due, Screen: m.Screen, Stays: m.Act == bot.DropTopic, Value: b.ring.Seal(key.Partition, key.Hash, sealedMessage, m.Encode())}
}

// dropAfter is how long a topic stays after its conversation was erased. Within five seconds nothing is left.
const dropAfter = 2 * time.Second

// commitCase adds what a case needs: its timer, its log, its entry in the index, and a longer life of the record.
func (b *Bot) commitCase(c *bot.Commit, s *bot.Session, plan bot.Plan, now time.Time) {
	if plan.Erase {
		return
	}
	for i := range plan.Log {
		c.Log = append(c.Log, b.ring.Seal(c.Key.Partition, c.Key.Hash, SealedLine, plan.Log[i].Encode()))
	}
	for _, f := range plan.Files {
		c.Files = append(c.Files, bot.File{Number: f.Number, Value: b.ring.SealVersion(c.Key.Partition, c.Key.Hash, sealedFile, uint32(f.Number), f.Value)})
	}
	c.DropLog = plan.Forget
	if plan.Forget {
		c.Timer, c.Mark = &bot.Item{}, &bot.Mark{}
	}
	keep := b.Library().Catalog.Desk.Keep
	if s.Speaks() { // the talk may be silent for long, and what the person then writes is meant for it
		c.TTL = max(b.Idle, placeLife)
	}
	if s.Case == nil || s.Case.State == bot.NoCase {
		return
	}
	c.TTL = max(b.Idle, time.Unix(s.Case.Last, 0).Add(bot.Silence+keep+bot.ReopenTime).Sub(now))
	if plan.Timer && s.Case.Due != 0 {
		t := b.item(c.Key, &bot.Message{To: s.Case.Person}, time.Unix(s.Case.Due, 0))
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
func (b *Bot) due(s *bot.Session, now time.Time) time.Time {
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
func (b *Bot) Open(h bot.Held) (m bot.Message, err error) {
	err = b.Whole(func() error {
		plain, err := b.ring.Open(h.Key.Partition, h.Key.Hash, sealedMessage, h.Item.Value)
		if err != nil {
			return err
		}
		return m.Decode(plain)
	})
	return m, err
}

// Publish makes new conversations use another library. Quizzes under way go on with the one they began with.
func (b *Bot) Publish(l *library.Library) {
	b.swap(func(old *library.Library) *library.Library {
		earlier := []*library.Library{old}
		for _, e := range old.Earlier {
			earlier = append(earlier, e)
		}
		next := l
		for id, g := range old.Gone {
			next = next.Without(id, g)
		}
		return next.With(earlier...)
	})
}

// Redraft puts a new draft in the place of the present one, for quizzes under way too.
func (b *Bot) Redraft(l *library.Library) { b.swap(l.After) }
