package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"patikra/bot"
)

// statements are prepared once, on the one connection that writes.
type statements struct {
	forgotten, forget, record, save, remove, dropItems, eraseItems, dropHead *sql.Stmt
	firstItem, item, removeItem, dropScreens, lastSeq, addItem, setHead      *sql.Stmt
	head, moveHead, count, take, page, setPage, ping                         *sql.Stmt
	dropLines, lastLine, addLine, dropOldLines, dropMark, setMark            *sql.Stmt
	tried, follow, dropFiles, setFile                                        *sql.Stmt
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
		{&s.eraseItems, fmt.Sprintf("DELETE FROM item WHERE h = ? AND screen != %d", stays)},
		{&s.dropHead, "DELETE FROM head WHERE h = ?"},
		{&s.firstItem, "SELECT seq, id, due FROM item WHERE h = ? ORDER BY seq LIMIT 1"},
		{&s.item, "SELECT due, screen, value, tries FROM item WHERE h = ? AND seq = ?"},
		{&s.tried, "UPDATE item SET tries = ? WHERE h = ? AND seq = ?"},
		{&s.follow, "UPDATE item SET h = ?, seq = ?, due = ? WHERE h = ? AND seq = ?"},
		{&s.removeItem, "DELETE FROM item WHERE h = ? AND seq = ?"},
		{&s.dropScreens, "DELETE FROM item WHERE h = ? AND screen = 1 AND seq > ?"},
		{&s.lastSeq, "SELECT coalesce(max(seq), 0) FROM item WHERE h = ?"},
		{&s.addItem, "INSERT INTO item (h, seq, id, due, screen, value) VALUES (?, ?, ?, ?, ?, ?)"},
		{&s.setHead, "INSERT OR REPLACE INTO head (h, p, at, leased) VALUES (?, ?, ?, ?)"},
		{&s.head, "SELECT at, leased FROM head WHERE h = ?"},
		{&s.moveHead, "UPDATE head SET at = ?, leased = ? WHERE h = ?"},
		{&s.dropLines, "DELETE FROM line WHERE h = ?"},
		{&s.lastLine, "SELECT coalesce(max(seq), 0) FROM line WHERE h = ?"},
		{&s.addLine, "INSERT INTO line (h, seq, value) VALUES (?, ?, ?)"},
		{&s.dropOldLines, "DELETE FROM line WHERE h = ? AND seq <= ?"},
		{&s.dropFiles, "DELETE FROM file WHERE h = ?"},
		{&s.setFile, "INSERT OR REPLACE INTO file (h, n, p, value) VALUES (?, ?, ?, ?)"},
		{&s.dropMark, "DELETE FROM mark WHERE h = ?"},
		{&s.setMark, "INSERT OR REPLACE INTO mark (h, p, state, urgent, since) VALUES (?, ?, ?, ?, ?)"},
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

// queueName names a queue in the tables item and head: the hash, and for a queue other than the person's its number.
func queueName(k bot.Key) []byte {
	if k.Queue == bot.ToPerson {
		return k.Hash[:]
	}
	return append(k.Hash[:], k.Queue)
}

// queueOf reads a queue's name.
func queueOf(partition uint16, name []byte) bot.Key {
	k := bot.Key{Partition: partition}
	if copy(k.Hash[:], name) < len(name) {
		k.Queue = name[len(k.Hash)]
	}
	return k
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
	o := &op{done: make(chan struct{}), erase: c.Value == nil || c.DropLog}
	for _, f := range c.Files {
		o.large += len(f.Value)
	}
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
	if c.Value == nil || c.Base == 0 { // the log, the files and the mark end with their record; one that has ended may still lie there
		for _, st := range []*sql.Stmt{s.st.remove, s.st.dropLines, s.st.dropFiles, s.st.dropMark} {
			if _, err := tx.Stmt(st).Exec(h); err != nil {
				return out, err
			}
		}
	}
	if c.DropLog {
		for _, st := range []*sql.Stmt{s.st.dropLines, s.st.dropFiles} {
			if _, err := tx.Stmt(st).Exec(h); err != nil {
				return out, err
			}
		}
	}
	switch {
	case c.Value != nil:
		if _, err := tx.Stmt(s.st.save).Exec(h, c.Next, time.Now().Add(c.TTL).UnixMilli(), c.Value); err != nil {
			return out, err
		}
		if err := s.note(tx, c); err != nil {
			return out, err
		}
	case c.Base != 0:
		for q := range bot.Queues {
			if err := s.erase(tx, bot.Key{Partition: c.Key.Partition, Queue: q, Hash: c.Key.Hash}); err != nil {
				return out, err
			}
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
	if err := s.setTimer(tx, c); err != nil {
		return out, err
	}
	if out.Leased, err = s.queue(tx, c, bot.ToPerson, c.Delivered, c.Send); err != nil {
		return bot.Committed{}, err
	}
	if out.Desk, err = s.queue(tx, c, bot.ToDesk, 0, c.Desk); err != nil {
		return bot.Committed{}, err
	}
	return out, nil
}

// note writes what a turn puts into the conversation's log, among its files and into the index of cases.
func (s *Store) note(tx *sql.Tx, c bot.Commit) error {
	h := c.Key.Hash[:]
	if len(c.Log) > 0 {
		var seq int64
		if err := tx.Stmt(s.st.lastLine).QueryRow(h).Scan(&seq); err != nil {
			return err
		}
		for _, line := range c.Log {
			seq++
			if _, err := tx.Stmt(s.st.addLine).Exec(h, seq, line); err != nil {
				return err
			}
		}
		if _, err := tx.Stmt(s.st.dropOldLines).Exec(h, seq-bot.MostLines); err != nil {
			return err
		}
	}
	for _, f := range c.Files {
		if _, err := tx.Stmt(s.st.setFile).Exec(h, f.Number, c.Key.Partition, f.Value); err != nil {
			return err
		}
	}
	switch m := c.Mark; {
	case m == nil:
		return nil
	case m.State == 0:
		_, err := tx.Stmt(s.st.dropMark).Exec(h)
		return err
	default:
		_, err := tx.Stmt(s.st.setMark).Exec(h, c.Key.Partition, m.State, m.Urgent, m.Since.UnixMilli())
		return err
	}
}

// empty drops a queue.
func (s *Store) empty(tx *sql.Tx, queue bot.Key) error {
	for _, st := range []*sql.Stmt{s.st.dropItems, s.st.dropHead} {
		if _, err := tx.Stmt(st).Exec(queueName(queue)); err != nil {
			return err
		}
	}
	return nil
}

// The column screen of an item: what else but a text it is.
const (
	screen = 1
	stays  = 2
)

func kind(it bot.Item) int {
	switch {
	case it.Screen:
		return screen
	case it.Stays:
		return stays
	}
	return 0
}

// erase drops a queue but for what stays.
func (s *Store) erase(tx *sql.Tx, queue bot.Key) error {
	h := queueName(queue)
	old, err := s.headOf(tx, h)
	if err != nil || old == nil {
		return err
	}
	if _, err := tx.Stmt(s.st.eraseItems).Exec(h); err != nil {
		return err
	}
	first, err := s.headOf(tx, h)
	switch {
	case err != nil:
	case first == nil:
		_, err = tx.Stmt(s.st.dropHead).Exec(h)
	case first.seq != old.seq:
		_, err = tx.Stmt(s.st.setHead).Exec(h, queue.Partition, first.due, false)
	}
	return err
}

// setTimer puts a turn's timer in the place of the one before.
func (s *Store) setTimer(tx *sql.Tx, c bot.Commit) error {
	if c.Timer == nil {
		return nil
	}
	k := c.Key
	k.Queue = bot.Timer
	if err := s.empty(tx, k); err != nil || c.Timer.ID == 0 {
		return err
	}
	it := c.Timer
	if _, err := tx.Stmt(s.st.addItem).Exec(queueName(k), 1, int64(it.ID), it.Due.UnixMilli(), kind(*it), it.Value); err != nil {
		return err
	}
	_, err := tx.Stmt(s.st.setHead).Exec(queueName(k), k.Partition, it.Due.UnixMilli(), false)
	return err
}

// queue applies what a turn changes in one of the conversation's queues. It reports whether the head is the first
// of what is sent and is held for the caller.
func (s *Store) queue(tx *sql.Tx, c bot.Commit, queue uint8, delivered uint64, send []bot.Item) (leased bool, err error) {
	if delivered == 0 && len(send) == 0 {
		return false, nil
	}
	k := c.Key
	k.Queue = queue
	h, now := queueName(k), c.Now.UnixMilli()
	old, err := s.headOf(tx, h)
	if err != nil {
		return false, err
	}
	if old != nil && delivered != 0 && old.id == delivered {
		if _, err := tx.Stmt(s.st.removeItem).Exec(h, old.seq); err != nil {
			return false, err
		}
		old = nil
	}
	if slices.ContainsFunc(send, func(it bot.Item) bool { return it.Screen }) {
		after := int64(0)
		if old != nil && old.leased && old.at > now {
			after = old.seq // it is being delivered
		}
		if _, err := tx.Stmt(s.st.dropScreens).Exec(h, after); err != nil {
			return false, err
		}
	}
	var seq int64
	if err := tx.Stmt(s.st.lastSeq).QueryRow(h).Scan(&seq); err != nil {
		return false, err
	}
	if old != nil {
		seq = max(seq, old.seq)
	}
	for _, it := range send {
		seq++
		if _, err := tx.Stmt(s.st.addItem).Exec(h, seq, int64(it.ID), it.Due.UnixMilli(), kind(it), it.Value); err != nil {
			return false, err
		}
	}
	first, err := s.headOf(tx, h)
	switch {
	case err != nil:
		return false, err
	case first == nil:
		_, err = tx.Stmt(s.st.dropHead).Exec(h)
		return false, err
	case old != nil && first.seq == old.seq:
		return false, nil // the head is as it was
	}
	at := first.due
	if !c.Lease.IsZero() && at <= now && len(send) > 0 && first.id == send[0].ID {
		at, leased = c.Lease.UnixMilli(), true
	}
	_, err = tx.Stmt(s.st.setHead).Exec(h, c.Key.Partition, at, leased)
	return leased, err
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
			var p uint16
			if err := rows.Scan(&h, &p); err != nil {
				rows.Close()
				return err
			}
			keys = append(keys, queueOf(p, h))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for _, k := range keys {
			first, err := s.headOf(tx, queueName(k))
			if err != nil {
				return err
			}
			if first == nil {
				if _, err := tx.Stmt(s.st.dropHead).Exec(queueName(k)); err != nil {
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
	var what int
	var tries []byte
	if err := tx.Stmt(s.st.item).QueryRow(queueName(k), first.seq).Scan(&due, &what, &it.Value, &tries); err != nil {
		return nil, err
	}
	it.Tries = bot.DecodeTries(tries)
	it.Screen, it.Stays = what == screen, what == stays
	it.Due = time.UnixMilli(due)
	_, err := tx.Stmt(s.st.setHead).Exec(queueName(k), k.Partition, until.UnixMilli(), true)
	return &it, err
}

// Extend keeps leases.
func (s *Store) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		for _, x := range held {
			first, err := s.headOf(tx, queueName(x.Key))
			if err != nil {
				return err
			}
			if first != nil && first.id == x.Item.ID && first.leased {
				if _, err := tx.Stmt(s.st.moveHead).Exec(until.UnixMilli(), true, queueName(x.Key)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Ack removes a delivered head.
func (s *Store) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	return s.goOn(ctx, key, id, now, until, func(tx *sql.Tx, o *op, first *head) error {
		if _, err := tx.Stmt(s.st.removeItem).Exec(queueName(key), first.seq); err != nil {
			return err
		}
		var r bot.Record
		err := tx.Stmt(s.st.record).QueryRow(key.Hash[:], int64(0)).Scan(&r.Version, &r.Value)
		if errors.Is(err, sql.ErrNoRows) {
			o.erase, err = true, nil // the farewell of an erased conversation
		}
		return err
	})
}

// Behind moves a head to the queue where nothing waits for it.
func (s *Store) Behind(ctx context.Context, key bot.Key, id uint64, due, now, until time.Time) (*bot.Item, error) {
	to := key.Behind()
	if to == key {
		return nil, fmt.Errorf("sqlite: nothing lies behind queue %d", key.Queue)
	}
	return s.goOn(ctx, key, id, now, until, func(tx *sql.Tx, _ *op, first *head) error {
		there, err := s.headOf(tx, queueName(to))
		if err != nil {
			return err
		}
		var seq int64
		if err := tx.Stmt(s.st.lastSeq).QueryRow(queueName(to)).Scan(&seq); err != nil {
			return err
		}
		if _, err := tx.Stmt(s.st.follow).Exec(queueName(to), seq+1, due.UnixMilli(), queueName(key), first.seq); err != nil {
			return err
		}
		if there != nil {
			return nil
		}
		_, err = tx.Stmt(s.st.setHead).Exec(queueName(to), to.Partition, due.UnixMilli(), false)
		return err
	})
}

// goOn takes a head out of its queue and leases what follows it, if that is due.
func (s *Store) goOn(ctx context.Context, key bot.Key, id uint64, now, until time.Time, take func(*sql.Tx, *op, *head) error) (next *bot.Item, err error) {
	o := &op{done: make(chan struct{})}
	o.run = func(tx *sql.Tx) error {
		next = nil
		h := queueName(key)
		first, err := s.headOf(tx, h)
		if err != nil {
			return err
		}
		if first == nil || first.id != id {
			return bot.ErrNotHeld
		}
		if err := take(tx, o, first); err != nil {
			return err
		}
		if _, err := tx.Stmt(s.st.dropHead).Exec(h); err != nil {
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

// atHead runs one write on the head of a queue, if it is that item.
func (s *Store) atHead(ctx context.Context, key bot.Key, id uint64, run func(*sql.Tx, *head) error) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		first, err := s.headOf(tx, queueName(key))
		if err != nil {
			return err
		}
		if first == nil || first.id != id {
			return bot.ErrNotHeld
		}
		return run(tx, first)
	})
}

// Postpone gives a head back, to be sent later.
func (s *Store) Postpone(ctx context.Context, key bot.Key, id uint64, due time.Time) error {
	return s.atHead(ctx, key, id, func(tx *sql.Tx, _ *head) error {
		_, err := tx.Stmt(s.st.setHead).Exec(queueName(key), key.Partition, due.UnixMilli(), false)
		return err
	})
}

// Tried keeps what became of the tries to deliver a head.
func (s *Store) Tried(ctx context.Context, key bot.Key, id uint64, tries bot.Tries) error {
	return s.atHead(ctx, key, id, func(tx *sql.Tx, first *head) error {
		_, err := tx.Stmt(s.st.tried).Exec(tries.Encode(), queueName(key), first.seq)
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
	if next.After(now.Add(bot.MostWait + time.Duration(max(burst, 1))*interval)) {
		next = now // the clock was set back
	}
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

// Log returns the lines of a conversation's log.
func (s *Store) Log(ctx context.Context, key bot.Key, skip int) ([][]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT value FROM line WHERE h = ?1
		AND EXISTS (SELECT 1 FROM conversation WHERE h = ?1 AND expires > ?2) ORDER BY seq LIMIT -1 OFFSET ?3`, key.Hash[:], time.Now().UnixMilli(), skip)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var line []byte
		if err := rows.Scan(&line); err != nil {
			return nil, fmt.Errorf("sqlite: %w", err)
		}
		out = append(out, line)
	}
	return out, rows.Err()
}

// File returns one of a conversation's files.
func (s *Store) File(ctx context.Context, key bot.Key, number uint8) ([]byte, error) {
	var value []byte
	err := s.read.QueryRowContext(ctx, `SELECT value FROM file WHERE h = ?1 AND n = ?2
		AND EXISTS (SELECT 1 FROM conversation WHERE h = ?1 AND expires > ?3)`, key.Hash[:], number, time.Now().UnixMilli()).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return value, nil
}

// Cases returns the index of cases.
func (s *Store) Cases(ctx context.Context) ([]bot.Marked, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT h, p, state, urgent, since FROM mark WHERE h IN (SELECT h FROM conversation WHERE expires > ?)", time.Now().UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	defer rows.Close()
	var out []bot.Marked
	for rows.Next() {
		var m bot.Marked
		var h []byte
		var since int64
		if err := rows.Scan(&h, &m.Key.Partition, &m.State, &m.Urgent, &since); err != nil {
			return nil, fmt.Errorf("sqlite: %w", err)
		}
		copy(m.Key.Hash[:], h)
		m.Since = time.UnixMilli(since)
		out = append(out, m)
	}
	return out, rows.Err()
}

// Kept returns what is kept under a name.
func (s *Store) Kept(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := s.read.QueryRowContext(ctx, "SELECT value FROM kept WHERE name = ? AND expires > ?", name, time.Now().UnixMilli()).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return value, nil
}

const keep = "INSERT OR REPLACE INTO kept (name, expires, value) VALUES (?, ?, ?)"

// Keep keeps a value under a name.
func (s *Store) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(keep, name, time.Now().Add(life).UnixMilli(), value)
		return err
	})
}

// Swap keeps a value where there is just old.
func (s *Store) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (done bool, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		var now []byte
		done = false
		err := tx.QueryRow("SELECT value FROM kept WHERE name = ? AND expires > ?", name, time.Now().UnixMilli()).Scan(&now)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if !bytes.Equal(now, old) {
			return nil
		}
		done = true
		_, err = tx.Exec(keep, name, time.Now().Add(life).UnixMilli(), value)
		return err
	})
	return done && err == nil, err
}

// Ping answers nil when the store takes commits. It writes only while the last write has failed: a full disk can still be read.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.stop:
		return errClosed
	default:
	}
	if !s.failing.Load() { // nothing is written to learn what the last commit has shown
		_, err := s.Load(ctx, bot.Key{})
		return err
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		_, err := tx.Stmt(s.st.ping).Exec(time.Now().UnixMilli())
		return err
	})
}

var _ bot.Store = (*Store)(nil)
