package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"

	"patikra/bot"
)

// How many values are looked at together in a walk.
const (
	walked      = 500
	walkedFiles = 4
)

// walks are the tables that hold sealed values. Each is read in the order of its key, from behind the last one seen.
var walks = []struct {
	read, replace string
	key           func(r *row, st *bot.Stored)
	together      int
}{
	{"SELECT h, 0, '', version, value, -1 FROM conversation WHERE (h, 0, '') > (?, ?, ?) ORDER BY h LIMIT ?",
		"UPDATE conversation SET value = ?1 WHERE h = ?2 AND ?3 = 0 AND ?4 = '' AND value = ?5", func(r *row, st *bot.Stored) { st.Version = r.version }, walked},
	{"SELECT h, seq, '', 0, value, coalesce((SELECT p FROM head WHERE head.h = item.h), -1) FROM item WHERE (h, seq, '') > (?, ?, ?) ORDER BY h, seq LIMIT ?",
		"UPDATE item SET value = ?1 WHERE h = ?2 AND seq = ?3 AND ?4 = '' AND value = ?5", nil, walked},
	{"SELECT h, seq, '', 0, value, -1 FROM line WHERE (h, seq, '') > (?, ?, ?) ORDER BY h, seq LIMIT ?",
		"UPDATE line SET value = ?1 WHERE h = ?2 AND seq = ?3 AND ?4 = '' AND value = ?5", nil, walked},
	{"SELECT h, n, '', n, value, p FROM file WHERE (h, n, '') > (?, ?, ?) ORDER BY h, n LIMIT ?",
		"UPDATE file SET value = ?1 WHERE h = ?2 AND n = ?3 AND ?4 = '' AND value = ?5", func(r *row, st *bot.Stored) { st.Version, st.File = r.version, true }, walkedFiles},
	{"SELECT x'', 0, name, 0, value, -1 FROM kept WHERE (x'', 0, name) > (?, ?, ?) ORDER BY name LIMIT ?",
		"UPDATE kept SET value = ?1 WHERE ?2 = x'' AND ?3 = 0 AND name = ?4 AND value = ?5", func(r *row, st *bot.Stored) { st.Kept = r.name }, walked},
}

// row is where a value lies.
type row struct {
	h         []byte
	seq       int64
	name      string
	version   uint32
	value     []byte
	partition int
	next      []byte
}

// Walk shows every sealed value.
func (s *Store) Walk(ctx context.Context, f func(bot.Stored) ([]byte, error)) error {
	for _, w := range walks {
		last := row{h: []byte{}, seq: -1}
		for {
			rows, err := s.page(ctx, w.read, last, w.together)
			if err != nil {
				return fmt.Errorf("sqlite: %w", err)
			}
			var change []row
			for _, r := range rows {
				st := bot.Stored{Key: queueOf(uint16(max(r.partition, 0)), r.h), Placed: r.partition >= 0, Value: r.value}
				if w.key != nil {
					w.key(&r, &st)
				}
				if r.next, err = f(st); err != nil {
					return err
				}
				if len(r.next) == len(r.value) && len(r.next) > 0 {
					change = append(change, r)
				}
			}
			if err := s.replace(ctx, w.replace, change); err != nil {
				return err
			}
			if len(rows) < w.together {
				break
			}
			last = rows[len(rows)-1]
		}
	}
	return nil
}

func (s *Store) page(ctx context.Context, query string, after row, most int) ([]row, error) {
	rows, err := s.read.QueryContext(ctx, query, after.h, after.seq, after.name, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.h, &r.seq, &r.name, &r.version, &r.value, &r.partition); err != nil {
			return nil, err
		}
		if r.h == nil {
			r.h = []byte{}
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// replace puts values in the place of others, where they still are.
func (s *Store) replace(ctx context.Context, query string, change []row) error {
	if len(change) == 0 {
		return nil
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		for _, r := range change {
			if _, err := tx.Exec(query, r.next, r.h, r.seq, r.name, r.value); err != nil {
				return err
			}
		}
		return nil
	})
}
