package redisstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// ask puts one command for every partition into pipelines and runs them. The error is nil, or a *bot.PartialError: the
// commands of the other partitions have their answers. Partitions that ail are asked apart, so that those that answer
// need not wait for them, and only for a short time.
func (s *Store) ask(ctx context.Context, command func(p uint16, pipe redis.Pipeliner) redis.Cmder) error {
	cmds := make([]redis.Cmder, s.partitions)
	well, ill := s.client.Pipeline(), s.client.Pipeline()
	for p := range cmds {
		pipe := well
		if s.ails(uint16(p)) {
			pipe = ill
		}
		cmds[p] = command(uint16(p), pipe)
	}
	var wg sync.WaitGroup
	patience := dialTime + callTime
	if well.Len() > 0 {
		patience = illTime
	}
	for pipe, limit := range map[redis.Pipeliner]time.Duration{well: dialTime + callTime, ill: patience} {
		if pipe.Len() == 0 {
			continue
		}
		wg.Go(func() {
			call, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			pipe.Exec(call) // each command holds its own error
		})
	}
	wg.Wait()
	out := &bot.PartialError{Of: s.partitions}
	for p, c := range cmds {
		err := c.Err()
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		if ctx.Err() == nil { // else it is the caller who would not wait
			s.heed(uint16(p), err)
		}
		if err != nil {
			out.Missing++
			out.Err = err
		}
	}
	if out.Missing == 0 {
		return nil
	}
	out.Err = fmt.Errorf("redis: %w", out.Err)
	return out
}

// illTime is how long the servers of partitions that ail are waited for where others have answered.
const illTime = 700 * time.Millisecond

// policy remembers what was found out about the servers' memory.
type policy struct {
	mu    sync.Mutex
	asked time.Time
	err   error
}

// policyAge is how long a look at the servers' settings counts.
const policyAge = time.Minute

// Note tells of a server that may throw away what was acknowledged when its memory is full, nil when none does. It is
// silent where we may not ask.
func (s *Store) Note(ctx context.Context) error {
	s.policy.mu.Lock()
	defer s.policy.mu.Unlock()
	if !s.policy.asked.IsZero() && time.Since(s.policy.asked) < policyAge {
		return s.policy.err
	}
	var found atomic.Pointer[string]
	look := func(ctx context.Context, c *redis.Client) error {
		info, err := c.Info(ctx, "memory").Result()
		if name := evicts(info); err == nil && name != "" {
			found.Store(&name)
		}
		return err
	}
	var err error
	switch c := s.client.(type) {
	case *redis.ClusterClient:
		err = c.ForEachMaster(ctx, look)
	case *redis.Client:
		err = look(ctx, c)
	}
	if found.Load() == nil && err != nil {
		return nil // asked again
	}
	s.policy.asked, s.policy.err = time.Now(), nil
	if name := found.Load(); name != nil {
		s.policy.err = fmt.Errorf("maxmemory-policy is %s: when its memory is full, Redis throws conversations away; set it to noeviction", *name)
	}
	return s.policy.err
}

// evicts reads the answer to INFO memory: the policy by which a server throws keys away, empty when it does not.
func evicts(info string) string {
	lines := bufio.NewScanner(strings.NewReader(info))
	for lines.Scan() {
		if name, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "maxmemory_policy:"); ok && name != "noeviction" {
			return name
		}
	}
	return ""
}
