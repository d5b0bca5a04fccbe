package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"patikra/bot"
)

// Backlog looks at what waits to be delivered.
func (s *Store) Backlog(ctx context.Context, now time.Time) (bot.Backlog, error) {
	var b bot.Backlog
	var oldest sql.NullInt64
	timer := []byte{bot.Timer}
	err := s.read.QueryRowContext(ctx, `SELECT count(DISTINCT h), count(*), min(CASE WHEN due <= ?2 THEN due END) FROM item WHERE substr(h, 17) != ?1`,
		timer, now.UnixMilli()).Scan(&b.Queues, &b.Items, &oldest)
	if err != nil {
		return b, fmt.Errorf("sqlite: %w", err)
	}
	if oldest.Valid {
		b.Oldest = time.UnixMilli(oldest.Int64)
	}
	return b, nil
}
