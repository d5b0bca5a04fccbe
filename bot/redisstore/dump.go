package redisstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// dumpScript gives a conversation as it is at one moment: record and the time it is kept for, log, entry in the index of cases, queues, files.
var dumpScript = redis.NewScript(`
local out = {redis.call('GET', KEYS[1]) or '', redis.call('PTTL', KEYS[1]), redis.call('LRANGE', KEYS[2], 0, -1), redis.call('HGET', KEYS[3], ARGV[1]) or ''}
for i = 5, #KEYS do
  out[#out + 1] = redis.call('LRANGE', KEYS[i], 0, -1)
end
out[#out + 1] = redis.call('HGETALL', KEYS[4])
return out
`)

// names is what is found on the way through all servers.
type names struct {
	mu            sync.Mutex
	conversations map[bot.Key]bool // by the queue ToPerson
	kept          map[string]bool
	days          map[string]uint16 // keys of counters
	all           map[string]bool   // every key of ours but the number of partitions
}

// names looks through every server.
func (s *Store) names(ctx context.Context) (*names, error) {
	n := &names{conversations: map[bot.Key]bool{}, kept: map[string]bool{}, days: map[string]uint16{}, all: map[string]bool{}}
	scan := func(ctx context.Context, node *redis.Client) error {
		for it := node.Scan(ctx, 0, "", scanned).Iterator(); ; {
			if !it.Next(ctx) {
				return it.Err()
			}
			n.add(it.Val())
		}
	}
	var err error
	switch c := s.client.(type) {
	case *redis.ClusterClient:
		err = c.ForEachMaster(ctx, scan)
	case *redis.Client:
		err = scan(ctx, c)
	}
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return n, nil
}

// ours reads the partition in the name of a key.
func ours(key string) (partition uint16, what string, ok bool) {
	rest, ok1 := strings.CutPrefix(key, "{p")
	p, what, ok2 := strings.Cut(rest, "}")
	n, err := strconv.ParseUint(p, 10, 16)
	return uint16(n), what, ok1 && ok2 && err == nil
}

func (n *names) add(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	partition, what, ok := ours(key)
	if name, is := strings.CutPrefix(key, kept("")); is {
		n.kept[name] = true
	} else if !ok {
		return
	}
	n.all[key] = true
	if k, ok := seenKey(key); ok && k.what.Kept == "" {
		k.what.Key.Queue = bot.ToPerson
		n.conversations[k.what.Key] = true
	}
	if strings.HasPrefix(what, "n:") {
		n.days[key] = partition
	}
}

// Dump shows everything in the store, each conversation as it is at one moment. Nothing is written.
func (s *Store) Dump(ctx context.Context, f func(bot.Dumped) error) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	for name := range n.kept {
		value, err1 := s.client.Get(ctx, kept(name)).Bytes()
		life, err2 := s.client.PTTL(ctx, kept(name)).Result()
		if errors.Is(err1, redis.Nil) {
			continue
		}
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		if err := f(bot.Dumped{Kept: name, Value: value, Life: life}); err != nil {
			return err
		}
	}
	for k := range n.conversations {
		if err := s.dumpOne(ctx, k, f); err != nil {
			return err
		}
	}
	return s.dumpBeside(ctx, n, f)
}

func (s *Store) dumpOne(ctx context.Context, k bot.Key, f func(bot.Dumped) error) error {
	t, h := tag(k.Partition), name(k)
	keys := []string{t + "c:" + h, t + "l:" + h, t + "cases", files(k)}
	for q := range bot.Queues {
		k.Queue = q
		keys = append(keys, queue(k))
	}
	k.Queue = bot.ToPerson
	v, err := s.eval(ctx, k.Partition, dumpScript, keys, k.Hash[:])
	if err != nil {
		return err
	}
	found, _ := v.([]any)
	if len(found) != 5+int(bot.Queues) {
		return errAnswer
	}
	texts := func(v any) (out []string) {
		list, _ := v.([]any)
		for _, x := range list {
			text, _ := x.(string)
			out = append(out, text)
		}
		return out
	}
	d := bot.Dumped{Conversation: true, Key: k, Placed: true}
	if text, _ := found[0].(string); text != "" {
		ttl, _ := found[1].(int64)
		d.Record, d.Life = record([]byte(text)), time.Duration(ttl)*time.Millisecond
		for _, line := range texts(found[2]) {
			d.Log = append(d.Log, []byte(line))
		}
		kept := texts(found[4+int(bot.Queues)])
		for i := 0; i+1 < len(kept); i += 2 {
			if n, err := strconv.ParseUint(kept[i], 10, 8); err == nil {
				d.Files = append(d.Files, bot.File{Number: uint8(n), Value: []byte(kept[i+1])})
			}
		}
		slices.SortFunc(d.Files, func(a, b bot.File) int { return int(a.Number) - int(b.Number) })
		if m, _ := found[3].(string); len(m) == markSize {
			d.Mark = &bot.Mark{State: m[0], Urgent: m[1], Since: time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(m[2:]))))}
		}
	}
	for q := range bot.Queues {
		for _, text := range texts(found[4+int(q)]) {
			if it, ok := s.item(text); ok {
				d.Queues[q] = append(d.Queues[q], it)
			}
		}
	}
	return f(d)
}

// dumpBeside shows the counters, and the updates that erased conversations had seen.
func (s *Store) dumpBeside(ctx context.Context, n *names, f func(bot.Dumped) error) error {
	for key, partition := range n.days {
		counts, err := s.client.HGetAll(ctx, key).Result()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		_, what, _ := ours(key)
		for name, text := range counts {
			count, _ := strconv.ParseInt(text, 10, 64)
			if err := f(bot.Dumped{Partition: partition, Day: strings.TrimPrefix(what, "n:"), Counter: name, Count: count}); err != nil {
				return err
			}
		}
	}
	for p := range uint16(s.partitions) {
		done, err := s.client.ZRangeWithScores(ctx, tag(p)+"done", 0, -1).Result()
		if err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		for _, z := range done {
			text, _ := z.Member.(string)
			if len(text) != 8 {
				continue
			}
			if err := f(bot.Dumped{Partition: p, Forgotten: binary.BigEndian.Uint64([]byte(text)), At: s.clock.here(time.UnixMilli(int64(z.Score)))}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Empty reports whether the store holds nothing but what it was made with.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	if err := s.check(ctx); err != nil {
		return false, err
	}
	n, err := s.names(ctx)
	if err != nil {
		return false, err
	}
	delete(n.kept, bot.LabelName)
	return len(n.conversations)+len(n.kept)+len(n.days) == 0, nil
}

// Clear removes everything but the number of partitions.
func (s *Store) Clear(ctx context.Context) error {
	n, err := s.names(ctx)
	if err != nil {
		return err
	}
	for key := range n.all {
		if err := s.client.Del(ctx, key).Err(); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
	}
	return nil
}

// queueLife is how long a queue is kept after the latest time at which one of its items may be sent.
const queueLife = 48 * time.Hour

// Fill puts what was dumped into the store: each conversation whole or not at all.
func (s *Store) Fill(ctx context.Context, parts []bot.Dumped) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	for i := range parts {
		d := &parts[i]
		if d.Conversation && int(d.Key.Partition) >= s.partitions {
			return errors.New("redis: a conversation lies in a partition that there is not")
		}
		if _, err := s.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error { s.fill(ctx, pipe, d); return nil }); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
	}
	return nil
}

func (s *Store) fill(ctx context.Context, pipe redis.Pipeliner, d *bot.Dumped) {
	now, t := time.Now(), tag(d.Partition)
	switch {
	case d.Kept != "":
		pipe.Set(ctx, kept(d.Kept), d.Value, max(d.Life, 0))
	case d.Counter != "":
		pipe.HIncrBy(ctx, t+"n:"+d.Day, d.Counter, d.Count)
		pipe.PExpire(ctx, t+"n:"+d.Day, 400*24*time.Hour)
	case d.Forgotten != 0:
		pipe.ZAdd(ctx, t+"done", redis.Z{Score: float64(s.clock.there(d.At).UnixMilli()), Member: id(d.Forgotten)})
		pipe.PExpire(ctx, t+"done", 25*time.Hour)
	}
	if !d.Conversation {
		return
	}
	t = tag(d.Key.Partition)
	if d.Record.Version != 0 {
		pipe.Set(ctx, conversation(d.Key), append(binary.BigEndian.AppendUint32(nil, d.Record.Version), d.Record.Value...), max(d.Life, time.Millisecond))
	}
	for _, line := range d.Log {
		pipe.RPush(ctx, t+"l:"+name(d.Key), line)
	}
	if len(d.Log) > 0 {
		pipe.PExpire(ctx, t+"l:"+name(d.Key), max(d.Life, time.Millisecond))
	}
	for _, f := range d.Files {
		pipe.HSet(ctx, files(d.Key), strconv.Itoa(int(f.Number)), f.Value)
		pipe.PExpire(ctx, files(d.Key), max(d.Life, time.Millisecond))
	}
	if d.Mark != nil {
		pipe.HSet(ctx, t+"cases", string(d.Key.Hash[:]), markBytes(d.Mark, s.clock.there(now.Add(d.Life))))
	}
	for q, items := range d.Queues {
		s.fillQueue(ctx, pipe, d, uint8(q), items, now)
	}
}

func (s *Store) fillQueue(ctx context.Context, pipe redis.Pipeliner, d *bot.Dumped, q uint8, items []bot.Item, now time.Time) {
	if len(items) == 0 {
		return
	}
	k := d.Key
	k.Queue = q
	life := d.Life
	for _, it := range items {
		pipe.RPush(ctx, queue(k), s.itemBytes(it))
		life = max(life, it.Due.Sub(now)+queueLife)
	}
	pipe.PExpire(ctx, queue(k), max(life, queueLife))
	pipe.ZAdd(ctx, tag(k.Partition)+"due", redis.Z{Score: float64(s.clock.there(items[0].Due).UnixMilli() * 2), Member: string(member(k))})
}
