package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// backlogMost is how many queues are looked into; any further one counts as one message that is not overdue.
const backlogMost = 5000

// Backlog looks at what waits to be delivered. The message itself does not leave Redis: only when it should have been sent.
func (s *Store) Backlog(ctx context.Context, now time.Time) (bot.Backlog, error) {
	var b bot.Backlog
	if err := s.check(ctx); err != nil {
		return b, err
	}
	lists := make([]*redis.StringSliceCmd, s.partitions)
	if err := s.ask(ctx, func(p uint16, pipe redis.Pipeliner) redis.Cmder {
		lists[p] = pipe.ZRange(ctx, tag(p)+"due", 0, -1)
		return lists[p]
	}); err != nil {
		return b, err
	}
	pipe := s.client.Pipeline()
	var looks []*redis.Cmd
	for p, l := range lists {
		for _, m := range l.Val() {
			k, ok := queueOf(uint16(p), m)
			if !ok || k.Queue == bot.Timer {
				continue
			}
			b.Queues++
			if len(looks) < backlogMost {
				looks = append(looks, pipe.Eval(ctx, headScript, []string{queue(k)}))
			} else {
				b.Items++
			}
		}
	}
	if len(looks) == 0 {
		return b, nil
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return b, fmt.Errorf("redis: %w", err)
	}
	now = s.clock.there(now)
	for _, l := range looks {
		head, _ := l.Val().([]any)
		if len(head) != 2 {
			continue // delivered meanwhile
		}
		n, _ := head[0].(int64)
		text, _ := head[1].(string)
		b.Items += int(n)
		if len(text) != 8 {
			continue
		}
		if due := time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(text)))); !due.After(now) && (b.Oldest.IsZero() || s.clock.here(due).Before(b.Oldest)) {
			b.Oldest = s.clock.here(due)
		}
	}
	return b, nil
}

// headScript gives a queue's length and when its head should be sent.
const headScript = `return {redis.call('LLEN', KEYS[1]), string.sub(redis.call('LINDEX', KEYS[1], 0) or '', 9, 16)}`
