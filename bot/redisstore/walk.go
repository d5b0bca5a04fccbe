package redisstore

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// scanned is how many keys are looked at together in a walk.
const scanned = 500

// replaceScript puts values of the same length in the place of others, in a string, a list or one field of a hash, where they still are.
var replaceScript = redis.NewScript(`
local replaced = 0
if ARGV[1] == 'string' then
  if redis.call('GET', KEYS[1]) == ARGV[2] then
    redis.call('SETRANGE', KEYS[1], 0, ARGV[3])
    replaced = 1
  end
  return replaced
end
if ARGV[1] == 'hash' then
  if redis.call('HGET', KEYS[1], ARGV[2]) == ARGV[3] then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
    replaced = 1
  end
  return replaced
end
local next = {}
for i = 2, #ARGV, 2 do
  next[ARGV[i]] = ARGV[i + 1]
end
for i, old in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if next[old] then
    redis.call('LSET', KEYS[1], i - 1, next[old])
    replaced = replaced + 1
  end
end
return replaced
`)

// Walk shows every sealed value.
func (s *Store) Walk(ctx context.Context, f func(bot.Stored) ([]byte, error)) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	var mu sync.Mutex // the nodes of a cluster are walked at the same time
	one := func(st bot.Stored) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		return f(st)
	}
	if cluster, ok := s.client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return s.walkNode(ctx, node, one) })
	}
	return s.walkNode(ctx, s.client, one)
}

func (s *Store) walkNode(ctx context.Context, node redis.Cmdable, f func(bot.Stored) ([]byte, error)) error {
	for cursor := uint64(0); ; {
		keys, next, err := node.Scan(ctx, cursor, "", scanned).Result()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		if err := s.walkKeys(ctx, keys, f); err != nil {
			return err
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// seen is a key of ours on the way.
type seen struct {
	key  string
	what bot.Stored
	head func(v string) int // bytes before the sealed value
	list bool
	// files says that it is a hash of files, which are looked at one by one: they are large.
	files bool
	text  *redis.StringCmd
	many  *redis.StringSliceCmd
}

// walkKeys reads keys together, shows what they hold and replaces what f wants replaced.
func (s *Store) walkKeys(ctx context.Context, keys []string, f func(bot.Stored) ([]byte, error)) error {
	pipe := s.client.Pipeline()
	var all []*seen
	for _, key := range keys {
		k, ok := seenKey(key)
		if !ok || int(k.what.Key.Partition) >= s.partitions { // it is not ours
			continue
		}
		if k.files {
			if err := s.walkFiles(ctx, k, f); err != nil {
				return err
			}
			continue
		}
		if k.list {
			k.many = pipe.LRange(ctx, key, 0, -1)
		} else {
			k.text = pipe.Get(ctx, key)
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil { // a key may have ended meanwhile
		return fmt.Errorf("redis: %w", err)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(all))
	for i, k := range all {
		args, err := k.show(f)
		if err != nil {
			wg.Wait()
			return err
		}
		if len(args) > 1 {
			wg.Go(func() { _, errs[i] = s.eval(ctx, k.what.Key.Partition, replaceScript, []string{k.key}, args...) })
		}
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// walkFiles shows the files of a conversation one by one, and replaces what f wants replaced.
func (s *Store) walkFiles(ctx context.Context, k *seen, f func(bot.Stored) ([]byte, error)) error {
	numbers, err := s.client.HKeys(ctx, k.key).Result()
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	for _, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 8)
		if err != nil {
			continue
		}
		st := k.what
		st.Version, st.File = uint32(n), true
		if st.Value, err = s.File(ctx, st.Key, uint8(n)); err != nil {
			return err
		}
		if st.Value == nil { // it ended meanwhile
			continue
		}
		next, err := f(st)
		if err != nil {
			return err
		}
		if len(next) != len(st.Value) || len(next) == 0 {
			continue
		}
		if _, err := s.eval(ctx, st.Key.Partition, replaceScript, []string{k.key}, "hash", number, st.Value, next); err != nil {
			return err
		}
	}
	return nil
}

// show shows what a key holds. What it returns are the arguments of replaceScript, which begin with the kind of the key.
func (k *seen) show(f func(bot.Stored) ([]byte, error)) ([]any, error) {
	var values []string
	args := []any{"list"}
	if k.list {
		values = k.many.Val()
	} else {
		args[0] = "string"
		if v := k.text.Val(); v != "" {
			values = append(values, v)
		}
	}
	for _, v := range values {
		head := k.head(v)
		if len(v) < head {
			continue
		}
		st := k.what
		st.Value = []byte(v[head:])
		if !k.list && st.Kept == "" {
			st.Version = record([]byte(v)).Version
		}
		next, err := f(st)
		if err != nil {
			return nil, err
		}
		if len(next) == len(st.Value) && len(next) > 0 {
			args = append(args, v, v[:head]+string(next))
		}
	}
	return args, nil
}

func without(string) int { return 0 }

// itemHead is how much of an item stands before its sealed value.
func itemHead(v string) int {
	if len(v) >= 17 && v[16] >= withTries {
		return 17 + triesSize
	}
	return 17
}

// seenKey reads the name of a key that holds sealed values.
func seenKey(key string) (*seen, bool) {
	if name, ok := strings.CutPrefix(key, kept("")); ok {
		return &seen{key: key, what: bot.Stored{Kept: name, Key: bot.Key{Partition: beside}}, head: without}, true
	}
	rest, ok := strings.CutPrefix(key, "{p")
	p, rest, ok2 := strings.Cut(rest, "}")
	what, hash, ok3 := strings.Cut(rest, ":")
	n, err := strconv.ParseUint(p, 10, 16)
	raw, err2 := base64.RawURLEncoding.DecodeString(hash)
	k := &seen{key: key, what: bot.Stored{Key: bot.Key{Partition: uint16(n)}, Placed: true}, head: without}
	if !ok || !ok2 || !ok3 || err != nil || err2 != nil || len(raw) != len(k.what.Key.Hash) {
		return nil, false
	}
	copy(k.what.Key.Hash[:], raw)
	switch what {
	case "c":
		k.head = func(string) int { return 4 }
	case "l":
		k.list = true
	case "f":
		k.files = true
	case "q", "q1", "q2", "q3", "q4":
		k.list, k.head = true, itemHead
		if what != "q" {
			k.what.Key.Queue = what[1] - '0'
		}
	default:
		return nil, false
	}
	return k, true
}
