package bot_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/storetest"
)

// strict is a bot.Store in memory, for tests that want many conversations quickly. It keeps to every word of the contract.
type strict struct {
	mu        sync.Mutex
	talks     map[[16]byte]*kept
	forgotten map[uint64]time.Time
	counters  map[string]map[string]int64
	values    map[string]valued
	places    map[string]time.Time

	before func(bot.Commit)                // called before a commit, outside the lock
	after  func(bot.Commit, bot.Committed) // called after one that was written, inside it
}

// kept is what is kept of one conversation.
type kept struct {
	partition uint16
	version   uint32
	value     []byte
	ends      time.Time
	log       [][]byte
	files     map[uint8]*[]byte
	mark      bot.Mark
	queues    [bot.Queues]queue
}

type queue struct {
	items  []bot.Item
	at     time.Time // when the head may be taken
	leased bool
}

type valued struct {
	value []byte
	ends  time.Time
}

func newStrict() *strict {
	return &strict{talks: map[[16]byte]*kept{}, forgotten: map[uint64]time.Time{}, counters: map[string]map[string]int64{},
		values: map[string]valued{}, places: map[string]time.Time{}}
}

// of finds a conversation; what has ended by itself is gone. The store is locked.
func (m *strict) of(k bot.Key) *kept {
	t := m.talks[k.Hash]
	if t == nil {
		t = &kept{partition: k.Partition}
		m.talks[k.Hash] = t
	}
	if t.version != 0 && !t.ends.After(time.Now()) {
		t.version, t.value, t.log, t.files, t.mark = 0, nil, nil, nil, bot.Mark{}
	}
	return t
}

func (m *strict) Load(ctx context.Context, k bot.Key) (bot.Record, error) {
	if err := ctx.Err(); err != nil {
		return bot.Record{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.of(k)
	return bot.Record{Version: t.version, Value: bytes.Clone(t.value)}, nil
}

func (m *strict) Commit(ctx context.Context, c bot.Commit) (out bot.Committed, err error) {
	if err := ctx.Err(); err != nil {
		return out, err
	}
	if m.before != nil {
		m.before(c)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if when, ok := m.forgotten[c.Update]; ok && c.Update != 0 && time.Since(when) < 24*time.Hour {
		return bot.Committed{Done: true}, nil
	}
	t := m.of(c.Key)
	if t.version != c.Base {
		return bot.Committed{Newest: bot.Record{Version: t.version, Value: bytes.Clone(t.value)}}, bot.ErrConflict
	}
	if c.Value == nil || c.Base == 0 {
		t.version, t.value, t.log, t.files, t.mark = 0, nil, nil, nil, bot.Mark{}
	}
	if c.DropLog {
		t.log, t.files = nil, nil
	}
	switch {
	case c.Value != nil:
		t.version, t.value, t.ends = c.Next, bytes.Clone(c.Value), time.Now().Add(c.TTL)
		for _, l := range c.Log {
			t.log = append(t.log, bytes.Clone(l))
		}
		t.log = t.log[max(0, len(t.log)-bot.MostLines):]
		for _, f := range c.Files {
			if t.files == nil {
				t.files = map[uint8]*[]byte{}
			}
			value := bytes.Clone(f.Value)
			t.files[f.Number] = &value
		}
		if c.Mark != nil {
			t.mark = *c.Mark
			t.mark.Since = time.UnixMilli(c.Mark.Since.UnixMilli())
		}
	case c.Base != 0:
		for i := range t.queues {
			t.queues[i].erase()
		}
	}
	for _, id := range c.Forget {
		m.forgotten[id] = c.Now
	}
	for _, name := range c.Counts {
		if m.counters[c.Day] == nil {
			m.counters[c.Day] = map[string]int64{}
		}
		m.counters[c.Day][name]++
	}
	if c.Timer != nil {
		t.queues[bot.Timer] = queue{}
		if c.Timer.ID != 0 {
			t.queues[bot.Timer] = queue{items: []bot.Item{*c.Timer}, at: c.Timer.Due}
		}
	}
	out.Leased = t.queues[bot.ToPerson].add(c, c.Delivered, c.Send)
	out.Desk = t.queues[bot.ToDesk].add(c, 0, c.Desk)
	if m.after != nil {
		m.after(c, out)
	}
	return out, nil
}

// erase drops a queue but for what stays.
func (q *queue) erase() {
	var rest []bot.Item
	for i, it := range q.items {
		if !it.Stays {
			continue
		}
		if len(rest) == 0 && i > 0 {
			q.at, q.leased = it.Due, false
		}
		rest = append(rest, it)
	}
	if q.items = rest; len(rest) == 0 {
		*q = queue{}
	}
}

// add applies what a turn changes in a queue.
func (q *queue) add(c bot.Commit, delivered uint64, send []bot.Item) (leased bool) {
	if delivered == 0 && len(send) == 0 {
		return false
	}
	var head uint64
	if len(q.items) > 0 {
		head = q.items[0].ID
	}
	if head != 0 && head == delivered {
		q.items, head = slices.Clone(q.items[1:]), 0
	}
	if slices.ContainsFunc(send, func(it bot.Item) bool { return it.Screen }) {
		busy := head != 0 && q.leased && q.at.After(c.Now) // it is being delivered
		var rest []bot.Item
		for i, it := range q.items {
			if !it.Screen || i == 0 && busy {
				rest = append(rest, it)
			}
		}
		q.items = rest
	}
	q.items = append(q.items, send...)
	switch {
	case len(q.items) == 0:
		*q = queue{}
		return false
	case head != 0 && q.items[0].ID == head:
		return false
	}
	q.at, q.leased = q.items[0].Due, false
	if !c.Lease.IsZero() && !q.at.After(c.Now) && len(send) > 0 && q.items[0].ID == send[0].ID {
		q.at, q.leased = c.Lease, true
	}
	return q.leased
}

func (m *strict) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []bot.Held
	var when []time.Time
	for h, t := range m.talks {
		for n := range t.queues {
			if q := &t.queues[n]; len(q.items) > 0 && !q.at.After(now) {
				i, _ := slices.BinarySearchFunc(when, q.at, time.Time.Compare)
				when = slices.Insert(when, i, q.at)
				found = slices.Insert(found, i, bot.Held{Key: bot.Key{Partition: t.partition, Queue: uint8(n), Hash: h}, Item: q.items[0]})
			}
		}
	}
	found = found[:min(len(found), max(limit, 0))]
	for _, h := range found {
		q := &m.talks[h.Key.Hash].queues[h.Key.Queue]
		q.at, q.leased = until, true
	}
	return found, nil
}

// Backlog counts what waits to be delivered.
func (m *strict) Backlog(ctx context.Context, now time.Time) (bot.Backlog, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b bot.Backlog
	for _, t := range m.talks {
		for n := range t.queues {
			items := t.queues[n].items
			if uint8(n) == bot.Timer || len(items) == 0 {
				continue
			}
			b.Queues++
			b.Items += len(items)
			if due := items[0].Due; due.Before(now) && (b.Oldest.IsZero() || due.Before(b.Oldest)) {
				b.Oldest = due
			}
		}
	}
	return b, ctx.Err()
}

// takeOne is Take for one queue.
func (m *strict) takeOne(k bot.Key, now, until time.Time) *bot.Item {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.talks[k.Hash]
	if t == nil {
		return nil
	}
	q := &t.queues[k.Queue]
	if len(q.items) == 0 || q.at.After(now) {
		return nil
	}
	q.at, q.leased = until, true
	it := q.items[0]
	return &it
}

// head returns a queue's head, if that one is at its head and still held.
func (m *strict) head(k bot.Key, id uint64) *queue {
	t := m.talks[k.Hash]
	if t == nil || len(t.queues[k.Queue].items) == 0 || t.queues[k.Queue].items[0].ID != id {
		return nil
	}
	return &t.queues[k.Queue]
}

func (m *strict) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range held {
		if q := m.head(h.Key, h.Item.ID); q != nil && q.leased {
			q.at = until
		}
	}
	return nil
}

func (m *strict) Ack(ctx context.Context, k bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.head(k, id)
	if q == nil {
		return nil, bot.ErrNotHeld
	}
	return q.next(now, until), nil
}

// next takes the head out and leases what follows it, if that is due.
func (q *queue) next(now, until time.Time) *bot.Item {
	q.items = slices.Clone(q.items[1:])
	if len(q.items) == 0 {
		*q = queue{}
		return nil
	}
	q.at, q.leased = q.items[0].Due, false
	if q.at.After(now) {
		return nil
	}
	q.at, q.leased = until, true
	it := q.items[0]
	return &it
}

func (m *strict) Behind(ctx context.Context, k bot.Key, id uint64, due, now, until time.Time) (*bot.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.head(k, id)
	if q == nil || k.Behind() == k {
		return nil, bot.ErrNotHeld
	}
	it := q.items[0]
	it.Due = due
	to := &m.talks[k.Hash].queues[k.Behind().Queue]
	if to.items = append(slices.Clone(to.items), it); len(to.items) == 1 {
		to.at, to.leased = due, false
	}
	return q.next(now, until), nil
}

func (m *strict) Tried(ctx context.Context, k bot.Key, id uint64, tries bot.Tries) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.head(k, id)
	if q == nil {
		return bot.ErrNotHeld
	}
	q.items = slices.Clone(q.items)
	q.items[0].Tries = tries
	return nil
}

func (m *strict) Postpone(ctx context.Context, k bot.Key, id uint64, due time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.head(k, id)
	if q == nil {
		return bot.ErrNotHeld
	}
	q.at, q.leased = due, false
	return nil
}

func (m *strict) Reserve(ctx context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error) {
	if err := ctx.Err(); err != nil || interval <= 0 || n <= 0 {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := m.places[channel]
	if earliest := now.Add(-time.Duration(max(burst, 1)-1) * interval); next.Before(earliest) {
		next = earliest
	}
	m.places[channel] = next.Add(time.Duration(n) * interval)
	return max(next.Sub(now), 0), nil
}

func (m *strict) Counts(ctx context.Context, day string) (map[string]int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]int64{}
	for name, n := range m.counters[day] {
		out[name] = n
	}
	return out, nil
}

func (m *strict) Log(ctx context.Context, k bot.Key, skip int) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	log := m.of(k).log
	return slices.Clone(log[min(skip, len(log)):]), nil
}

func (m *strict) File(ctx context.Context, k bot.Key, number uint8) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if value := m.of(k).files[number]; value != nil {
		return bytes.Clone(*value), nil
	}
	return nil, nil
}

func (m *strict) Cases(ctx context.Context) ([]bot.Marked, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []bot.Marked
	for h, t := range m.talks {
		if k := (bot.Key{Partition: t.partition, Hash: h}); m.of(k).mark.State != 0 {
			out = append(out, bot.Marked{Key: k, Mark: t.mark})
		}
	}
	slices.SortFunc(out, func(x, y bot.Marked) int { return bytes.Compare(x.Key.Hash[:], y.Key.Hash[:]) }) // a run is repeated the same
	return out, nil
}

func (m *strict) Kept(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[name]; ok && v.ends.After(time.Now()) {
		return bytes.Clone(v.value), nil
	}
	return nil, nil
}

func (m *strict) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[name] = valued{bytes.Clone(value), time.Now().Add(life)}
	return nil
}

func (m *strict) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[name]
	if there := ok && v.ends.After(time.Now()); there != (old != nil) || there && !bytes.Equal(v.value, old) {
		return false, nil
	}
	m.values[name] = valued{bytes.Clone(value), time.Now().Add(life)}
	return true, nil
}

func (m *strict) Walk(ctx context.Context, f func(bot.Stored) ([]byte, error)) error {
	type place struct {
		bot.Stored
		at *[]byte
	}
	var all []place
	m.mu.Lock()
	for h, t := range m.talks {
		k := bot.Key{Partition: t.partition, Hash: h}
		if m.of(k).version != 0 {
			all = append(all, place{bot.Stored{Key: k, Placed: true, Version: t.version, Value: bytes.Clone(t.value)}, &t.value})
		}
		for i := range t.log {
			all = append(all, place{bot.Stored{Key: k, Placed: true, Value: bytes.Clone(t.log[i])}, &t.log[i]})
		}
		for n, value := range t.files {
			all = append(all, place{bot.Stored{Key: k, Placed: true, File: true, Version: uint32(n), Value: bytes.Clone(*value)}, value})
		}
		for q := range t.queues {
			k.Queue = uint8(q)
			for i := range t.queues[q].items {
				all = append(all, place{bot.Stored{Key: k, Placed: true, Value: bytes.Clone(t.queues[q].items[i].Value)}, &t.queues[q].items[i].Value})
			}
		}
	}
	for name, v := range m.values {
		all = append(all, place{bot.Stored{Kept: name, Value: bytes.Clone(v.value)}, nil})
	}
	m.mu.Unlock()
	for _, p := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		next, err := f(p.Stored)
		if err != nil {
			return err
		}
		if len(next) == 0 || len(next) != len(p.Value) {
			continue
		}
		m.mu.Lock()
		if v, ok := m.values[p.Kept]; p.at == nil && ok && bytes.Equal(v.value, p.Value) {
			m.values[p.Kept] = valued{next, v.ends}
		} else if p.at != nil && bytes.Equal(*p.at, p.Value) {
			*p.at = next
		}
		m.mu.Unlock()
	}
	return nil
}

func (m *strict) Ping(ctx context.Context) error { return ctx.Err() }

func (m *strict) Close() error { return nil }

func TestTheStoreOfTheseTestsKeepsWhatAStorePromises(t *testing.T) {
	storetest.Run(t, func(*testing.T) bot.Store { return newStrict() })
}
