package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"patikra/bot"
)

// Dump shows everything in a folder's store, as it is at one moment, also while a process works on it. Nothing is written there.
func Dump(ctx context.Context, dir string, f func(bot.Dumped) error) error {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("PATIKRA_DATA: there is no store in the folder %s", dir)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(ON)&_pragma=mmap_size(0)")
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer tx.Rollback()
	d := &dump{ctx: ctx, tx: tx, now: time.Now(), f: f}
	for _, part := range []func() error{d.kept, d.conversations, d.counters, d.forgotten} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// dump is one walk through a store.
type dump struct {
	ctx context.Context
	tx  *sql.Tx
	now time.Time
	f   func(bot.Dumped) error
}

// each calls one for every row of a query.
func (d *dump) each(query string, one func(rows *sql.Rows) error, args ...any) error {
	rows, err := d.tx.QueryContext(d.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := one(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *dump) left(expires int64) time.Duration { return time.UnixMilli(expires).Sub(d.now) }

func (d *dump) kept() error {
	return d.each("SELECT name, expires, value FROM kept WHERE expires > ?", func(rows *sql.Rows) error {
		var out bot.Dumped
		var expires int64
		if err := rows.Scan(&out.Kept, &expires, &out.Value); err != nil {
			return err
		}
		out.Life = d.left(expires)
		return d.f(out)
	}, d.now.UnixMilli())
}

func (d *dump) counters() error {
	return d.each("SELECT day, name, n FROM counter", func(rows *sql.Rows) error {
		var out bot.Dumped
		if err := rows.Scan(&out.Day, &out.Counter, &out.Count); err != nil {
			return err
		}
		return d.f(out)
	})
}

func (d *dump) forgotten() error {
	return d.each("SELECT id, at FROM forgotten WHERE at > ?", func(rows *sql.Rows) error {
		var id, at int64
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		return d.f(bot.Dumped{Forgotten: uint64(id), At: time.UnixMilli(at)})
	}, d.now.Add(-remember).UnixMilli())
}

func (d *dump) conversations() error {
	var hashes [][16]byte
	if err := d.each("SELECT h FROM conversation WHERE expires > ? UNION SELECT substr(h, 1, 16) FROM item", func(rows *sql.Rows) error {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			return err
		}
		if len(h) == 16 {
			hashes = append(hashes, [16]byte(h))
		}
		return nil
	}, d.now.UnixMilli()); err != nil {
		return err
	}
	for _, h := range hashes {
		if err := d.conversation(h); err != nil {
			return err
		}
	}
	return nil
}

func (d *dump) conversation(h [16]byte) error {
	out := bot.Dumped{Conversation: true, Key: bot.Key{Hash: h}}
	var expires int64
	err := d.tx.QueryRowContext(d.ctx, "SELECT version, expires, value FROM conversation WHERE h = ? AND expires > ?", h[:], d.now.UnixMilli()).Scan(&out.Record.Version, &expires, &out.Record.Value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("sqlite: %w", err)
	}
	out.Life = d.left(expires)
	place := func(p uint16) { out.Key.Partition, out.Placed = p, true }
	for q := range bot.Queues {
		name := queueName(bot.Key{Hash: h, Queue: q})
		var p uint16
		if d.tx.QueryRowContext(d.ctx, "SELECT p FROM head WHERE h = ?", name).Scan(&p) == nil {
			place(p)
		}
		if err := d.each("SELECT id, due, screen, value, tries FROM item WHERE h = ? ORDER BY seq", func(rows *sql.Rows) error {
			var it bot.Item
			var id, due int64
			var what int
			var tries []byte
			if err := rows.Scan(&id, &due, &what, &it.Value, &tries); err != nil {
				return err
			}
			it.ID, it.Due, it.Screen, it.Stays, it.Tries = uint64(id), time.UnixMilli(due), what == screen, what == stays, bot.DecodeTries(tries)
			out.Queues[q] = append(out.Queues[q], it)
			return nil
		}, name); err != nil {
			return err
		}
	}
	if out.Record.Version == 0 {
		return d.f(out)
	}
	if err := d.each("SELECT value FROM line WHERE h = ? ORDER BY seq", func(rows *sql.Rows) error {
		var line []byte
		err := rows.Scan(&line)
		out.Log = append(out.Log, line)
		return err
	}, h[:]); err != nil {
		return err
	}
	if err := d.each("SELECT n, value FROM file WHERE h = ? ORDER BY n", func(rows *sql.Rows) error {
		var file bot.File
		err := rows.Scan(&file.Number, &file.Value)
		out.Files = append(out.Files, file)
		return err
	}, h[:]); err != nil {
		return err
	}
	if err := d.each("SELECT p, state, urgent, since FROM mark WHERE h = ?", func(rows *sql.Rows) error {
		var p uint16
		var since int64
		out.Mark = &bot.Mark{}
		err := rows.Scan(&p, &out.Mark.State, &out.Mark.Urgent, &since)
		out.Mark.Since = time.UnixMilli(since)
		place(p)
		return err
	}, h[:]); err != nil {
		return err
	}
	return d.f(out)
}

// Empty reports whether the store holds nothing but what it was made with.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM conversation) + (SELECT count(*) FROM item) + (SELECT count(*) FROM counter) + (SELECT count(*) FROM kept WHERE name != ?)", bot.LabelName).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("sqlite: %w", err)
	}
	return n == 0, nil
}

// Clear removes everything.
func (s *Store) Clear(ctx context.Context) error {
	o := &op{done: make(chan struct{}), erase: true, run: func(tx *sql.Tx) error {
		for _, table := range []string{"conversation", "item", "head", "line", "file", "mark", "forgotten", "kept", "counter"} {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		return nil
	}}
	return s.submit(ctx, o)
}

// Fill puts what was dumped into the store, in one transaction.
func (s *Store) Fill(ctx context.Context, parts []bot.Dumped) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		for i := range parts {
			if err := fill(tx, &parts[i], time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func fill(tx *sql.Tx, d *bot.Dumped, now time.Time) (err error) {
	write := func(query string, args ...any) {
		if err == nil {
			_, err = tx.Exec(query, args...)
		}
	}
	expires := now.Add(d.Life).UnixMilli()
	switch {
	case d.Kept != "":
		write(keep, d.Kept, expires, d.Value)
	case d.Counter != "":
		write("INSERT INTO counter (day, name, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", d.Day, d.Counter, d.Count)
	case d.Forgotten != 0:
		write("INSERT OR REPLACE INTO forgotten (id, at) VALUES (?, ?)", int64(d.Forgotten), d.At.UnixMilli())
	}
	if !d.Conversation {
		return err
	}
	h := d.Key.Hash[:]
	if d.Record.Version != 0 {
		write("INSERT OR REPLACE INTO conversation (h, version, expires, value) VALUES (?, ?, ?, ?)", h, d.Record.Version, expires, d.Record.Value)
	}
	for i, line := range d.Log {
		write("INSERT INTO line (h, seq, value) VALUES (?, ?, ?)", h, i+1, line)
	}
	for _, f := range d.Files {
		write("INSERT INTO file (h, n, p, value) VALUES (?, ?, ?, ?)", h, f.Number, d.Key.Partition, f.Value)
	}
	if m := d.Mark; m != nil {
		write("INSERT OR REPLACE INTO mark (h, p, state, urgent, since) VALUES (?, ?, ?, ?, ?)", h, d.Key.Partition, m.State, m.Urgent, m.Since.UnixMilli())
	}
	for q, items := range d.Queues {
		k := d.Key
		k.Queue = uint8(q)
		for i, it := range items {
			write("INSERT INTO item (h, seq, id, due, screen, value, tries) VALUES (?, ?, ?, ?, ?, ?, ?)", queueName(k), i+1, int64(it.ID), it.Due.UnixMilli(), kind(it), it.Value, it.Tries.Encode())
		}
		if len(items) > 0 {
			write("INSERT OR REPLACE INTO head (h, p, at, leased) VALUES (?, ?, ?, 0)", queueName(k), d.Key.Partition, items[0].Due.UnixMilli())
		}
	}
	return err
}
