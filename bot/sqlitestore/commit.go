package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"patikra/bot"
)

// statements are prepared once, on the one connection that writes.
type statements struct {
	forgotten, forget, record, save, remove, dropItems, dropHead        *sql.Stmt
	firstItem, item, removeItem, dropScreens, lastSeq, addItem, setHead *sql.Stmt
	head, moveHead, count, take, page, setPage, ping                    *sql.Stmt
}

func prepare(db *sql.DB) (*statements, error) {
	s := &statements{}
	for _, q := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&s.forgotten, "SELECT 1 FROM forgotten WHERE id = ?"},
		{&s.forget, "INSERT OR REPLACE INTO forgotten (id, at) VALUES (?, ?)"},
		{&s.record, "SELECT version, value FROM conversation WHERE h = ? AND expires > ?"},
		{&s.save, "INSERT OR REPLACE INTO conversation (h, version, expires, value) VALUES (?, ?, ?, ?)"},
		{&s.remove, "DELETE FROM conversation WHERE h = ?"},
		{&s.dropItems, "DELETE FROM item WHERE h = ?"},
		{&s.dropHead, "DELETE FROM head WHERE h = ?"},
		{&s.firstItem, "SELECT seq, id, due FROM item WHERE h = ? ORDER BY seq LIMIT 1"},
		{&s.item, "SELECT due, screen, value FROM item WHERE h = ? AND seq = ?"},
		{&s.removeItem, "DELETE FROM item WHERE h = ? AND seq = ?"},
		{&s.dropScreens, "DELETE FROM item WHERE h = ? AND screen = 1 AND seq > ?"},
		{&s.lastSeq, "SELECT coalesce(max(seq), 0) FROM item WHERE h = ?"},
		{&s.addItem, "INSERT INTO item (h, seq, id, due, screen, value) VALUES (?, ?, ?, ?, ?, ?)"},
		{&s.setHead, "INSERT OR REPLACE INTO head (h, p, at, leased) VALUES (?, ?, ?, ?)"},
		{&s.head, "SELECT at, leased FROM head WHERE h = ?"},
		{&s.moveHead, "UPDATE head SET at = ?, leased = ? WHERE h = ?"},
		{&s.count, "INSERT INTO counter (day, name, n) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1"},
		{&s.take, "SELECT h, p FROM head WHERE at <= ? ORDER BY at LIMIT ?"},
		{&s.ping, "INSERT OR REPLACE INTO meta (name, value) VALUES ('ping', ?)"},
		{&s.page, "SELECT data FROM sqlite_dbpage WHERE pgno = ?"},
		{&s.setPage, "UPDATE sqlite_dbpage SET data = ? WHERE pgno = ?"},
	} {
		var err error
		if *q.to, err = db.Prepare(q.text); err != nil {
			return nil, fmt.Errorf("prepare %q: %w", q.text, err)
		}
	}
	return s, nil
}

// head is the first item of a queue and who may send it when.
type head struct {
	seq    int64
	id     uint64
	due    int64
	at     int64
	leased bool
}

// headOf reads the head of a queue; nil when the queue is empty.
func (s *Store) headOf(tx *sql.Tx, h []byte) (*head, error) {
	var out head
	var id int64
	err := tx.Stmt(s.st.firstItem).QueryRow(h).Scan(&out.seq, &id, &out.due)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out.id = uint64(id)
	err = tx.Stmt(s.st.head).QueryRow(h).Scan(&out.at, &out.leased)
	if errors.Is(err, sql.ErrNoRows) {
		out.at, err = out.due, nil
	}
	return &out, err
}

// Load returns the record of a conversation.
func (s *Store) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	var r bot.Record
	err := s.load.QueryRowContext(ctx, key.Hash[:], time.Now().UnixMilli()).Scan(&r.Version, &r.Value)
	if errors.Is(err, sql.ErrNoRows) {
		return bot.Record{}, nil
	}
	if err != nil {
		return bot.Record{}, fmt.Errorf("sqlite: %w", err)
	}
	return r, nil
}

// Commit saves a turn.
func (s *Store) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	var out bot.Committed
	o := &op{done: make(chan struct{}), erase: c.Value == nil}
	o.run = func(tx *sql.Tx) (err error) {
		out, err = s.commit(tx, c)
		return err
	}
	if err := s.submit(ctx, o); err != nil {
		if errors.Is(err, bot.ErrConflict) {
			return out, err
		}
		return bot.Committed{}, err
	}
	return out, nil
}

func (s *Store) commit(tx *sql.Tx, c bot.Commit) (out bot.Committed, err error) {
	h, now := c.Key.Hash[:], c.Now.UnixMilli()
	if c.Update != 0 {
		var one int
		switch err := tx.Stmt(s.st.forgotten).QueryRow(int64(c.Update)).Scan(&one); {
		case err == nil:
			return bot.Committed{Done: true}, nil
		case !errors.Is(err, sql.ErrNoRows):
			return out, err
		}
	}
	var r bot.Record
	if err := tx.Stmt(s.st.record).QueryRow(h, time.Now().UnixMilli()).Scan(&r.Version, &r.Value); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	if r.Version != c.Base {
		return bot.Committed{Newest: r}, bot.ErrConflict
	}
	switch {
	case c.Value == nil && c.Base == 0: // a record that has ended may still lie there
		if _, err := tx.Stmt(s.st.remove).Exec(h); err != nil {
			return out, err
		}
	case c.Value == nil:
		for _, st := range []*sql.Stmt{s.st.remove, s.st.dropItems, s.st.dropHead} {
			if _, err := tx.Stmt(st).Exec(h); err != nil {
				return out, err
			}
		}
	default:
		if _, err := tx.Stmt(s.st.save).Exec(h, c.Next, time.Now().Add(c.TTL).UnixMilli(), c.Value); err != nil {
			return out, err
		}
	}
	for _, id := range c.Forget {
		if _, err := tx.Stmt(s.st.forget).Exec(int64(id), now); err != nil {
			return out, err
		}
	}
	for _, name := range c.Counts {
		if _, err := tx.Stmt(s.st.count).Exec(c.Day, name); err != nil {
			return out, err
		}
	}
	if c.Delivered == 0 && len(c.Send) == 0 {
		return out, nil
	}
	return s.queue(tx, c)
}

// queue applies what a turn changes in the conversation's queue.
func (s *Store) queue(tx *sql.Tx, c bot.Commit) (out bot.Committed, err error) {
	h, now := c.Key.Hash[:], c.Now.UnixMilli()
	old, err := s.headOf(tx, h)
	if err != nil {
		return out, err
	}
	if old != nil && c.Delivered != 0 && old.id == c.Delivered {
		if _, err := tx.Stmt(s.st.removeItem).Exec(h, old.seq); err != nil {
			return out, err
		}
		old = nil
	}
	screen := false
	for _, it := range c.Send {
		screen = screen || it.Screen
	}
	if screen {
		after := int64(0)
		if old != nil && old.leased && old.at > now {
			after = old.seq // it is being delivered
		}
		if _, err := tx.Stmt(s.st.dropScreens).Exec(h, after); err != nil {
			return out, err
		}
	}
	var seq int64
	if err := tx.Stmt(s.st.lastSeq).QueryRow(h).Scan(&seq); err != nil {
		return out, err
	}
	if old != nil {
		seq = max(seq, old.seq)
	}
	for _, it := range c.Send {
		seq++
		if _, err := tx.Stmt(s.st.addItem).Exec(h, seq, int64(it.ID), it.Due.UnixMilli(), it.Screen, it.Value); err != nil {
			return out, err
		}
	}
	first, err := s.headOf(tx, h)
	switch {
	case err != nil:
		return out, err
	case first == nil:
		_, err = tx.Stmt(s.st.dropHead).Exec(h)
		return out, err
	case old != nil && first.seq == old.seq:
		return out, nil // the head is as it was
	}
	at, leased := first.due, false
	if !c.Lease.IsZero() && at <= now && len(c.Send) > 0 && first.id == c.Send[0].ID {
		at, leased, out.Leased = c.Lease.UnixMilli(), true, true
	}
	_, err = tx.Stmt(s.st.setHead).Exec(h, c.Key.Partition, at, leased)
	return out, err
}

// Take leases heads that are due.
func (s *Store) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	var any int
	if err := s.due.QueryRowContext(ctx, now.UnixMilli()).Scan(&any); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if any == 0 || limit <= 0 {
		return nil, nil
	}
	var out []bot.Held
	err := s.do(ctx, func(tx *sql.Tx) error {
		out = nil
		rows, err := tx.Stmt(s.st.take).Query(now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		var keys []bot.Key
		for rows.Next() {
			var h []byte
			var k bot.Key
			if err := rows.Scan(&h, &k.Partition); err != nil {
				rows.Close()
				return err
			}
			copy(k.Hash[:], h)
			keys = append(keys, k)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, k := range keys {
			first, err := s.headOf(tx, k.Hash[:])
			if err != nil {
				return err
			}
			if first == nil {
				if _, err := tx.Stmt(s.st.dropHead).Exec(k.Hash[:]); err != nil {
					return err
				}
				continue
			}
			it, err := s.lease(tx, k, first, until)
			if err != nil {
				return err
			}
			out = append(out, bot.Held{Key: k, Item: *it})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lease holds a head until a time and reads it whole.
func (s *Store) lease(tx *sql.Tx, k bot.Key, first *head, until time.Time) (*bot.Item, error) {
	it := bot.Item{ID: first.id}
	var due int64
	if err := tx.Stmt(s.st.item).QueryRow(k.Hash[:], first.seq).Scan(&due, &it.Screen, &it.Value); err != nil {
		return nil, err
	}
	it.Due = time.UnixMilli(due)
	_, err := tx.Stmt(s.st.setHead).Exec(k.Hash[:], k.Partition, until.UnixMilli(), true)
	return &it, err
}

// Extend keeps leases.
func (s *Store) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		for _, x := range held {
			first, err := s.headOf(tx, x.Key.Hash[:])
			if err != nil {
				return err
			}
			if first != nil && first.id == x.Item.ID && first.leased {
				if _, err := tx.Stmt(s.st.moveHead).Exec(until.UnixMilli(), true, x.Key.Hash[:]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Ack removes a delivered head.
func (s *Store) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	var next *bot.Item
	o := &op{done: make(chan struct{})}
	o.run = func(tx *sql.Tx) error {
		next = nil
		h := key.Hash[:]
		first, err := s.headOf(tx, h)
		if err != nil {
			return err
		}
		if first == nil || first.id != id {
			return bot.ErrNotHeld
		}
		if _, err := tx.Stmt(s.st.removeItem).Exec(h, first.seq); err != nil {
			return err
		}
		if _, err := tx.Stmt(s.st.dropHead).Exec(h); err != nil {
			return err
		}
		var r bot.Record
		if err := tx.Stmt(s.st.record).QueryRow(h, int64(0)).Scan(&r.Version, &r.Value); errors.Is(err, sql.ErrNoRows) {
			o.erase = true // the farewell of an erased conversation
		} else if err != nil {
			return err
		}
		first, err = s.headOf(tx, h)
		if err != nil || first == nil {
			return err
		}
		if first.due > now.UnixMilli() {
			_, err = tx.Stmt(s.st.setHead).Exec(h, key.Partition, first.due, false)
			return err
		}
		next, err = s.lease(tx, key, first, until)
		return err
	}
	if err := s.submit(ctx, o); err != nil {
		return nil, err
	}
	return next, nil
}

// Postpone gives a head back, to be sent later.
func (s *Store) Postpone(ctx context.Context, key bot.Key, id uint64, due time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		first, err := s.headOf(tx, key.Hash[:])
		if err != nil {
			return err
		}
		if first == nil || first.id != id {
			return bot.ErrNotHeld
		}
		_, err = tx.Stmt(s.st.setHead).Exec(key.Hash[:], key.Partition, due.UnixMilli(), false)
		return err
	})
}

// Reserve takes places in the order of all messages of a channel. One process has one memory.
func (s *Store) Reserve(_ context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error) {
	if interval <= 0 || n <= 0 {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.places[channel]
	if earliest := now.Add(-time.Duration(max(burst, 1)-1) * interval); next.Before(earliest) {
		next = earliest
	}
	s.places[channel] = next.Add(time.Duration(n) * interval)
	return max(next.Sub(now), 0), nil
}

// Counts returns the counters of a day.
func (s *Store) Counts(ctx context.Context, day string) (map[string]int64, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT name, n FROM counter WHERE day = ?", day)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("sqlite: %w", err)
		}
		out[name] = n
	}
	return out, rows.Err()
}

// Ping answers nil when the store takes commits. It writes: a full disk can still be read.
func (s *Store) Ping(ctx context.Context) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Stmt(s.st.ping).Exec(time.Now().UnixMilli())
		return err
	})
}

var _ bot.Store = (*Store)(nil)
