// Package redisstore keeps conversations in Redis or Valkey: one server, Sentinel or a cluster, unchanged.
// Several processes share it. A turn is one script on the keys of one partition, and so one round trip.
//
// Commands that wait at the same time travel together in one pipeline, so that many conversations share
// a round trip. What a crash of Redis loses depends on its own settings; see the README.
package redisstore

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot"
)

// Options of a store.
type Options struct {
	URL        string
	Partitions int
	Existing   bool // a store that is not there, or cannot be reached now, is an error and is not made

	Lease time.Duration // how long what a process says of its work counts; 0: 20 seconds
}

// Store is a bot.Store in Redis.
type Store struct {
	client     redis.UniversalClient
	partitions int
	existing   bool
	lease      time.Duration
	checked    atomic.Bool // the number of partitions was found right
	requests   chan *request
	ailing     chan *request  // of partitions whose server did not answer lately, so that they make nobody else wait
	health     []atomic.Int64 // by partition: until when it counts as ailing, in Unix milliseconds
	clock      clock
	policy     policy
	stop       chan struct{}
	once       sync.Once
	wg         sync.WaitGroup
}

// request is one command that waits for the next pipeline.
type request struct {
	partition uint16
	ctx       context.Context
	script    *redis.Script
	keys      []string
	args      []any
	cmd       *redis.Cmd
	err       error
	done      chan struct{}
}

const (
	pipelines   = 4   // in flight at once
	ailingLines = 2   // in flight at once to partitions that ail
	together    = 128 // commands in one pipeline
	partitionsK = "patikra:partitions"
	openTime    = 2 * time.Second
	ailingTime  = 3 * time.Second // how long a partition counts as ailing after a fault
)

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

func init() { redis.SetLogger(silent{}) } // the library's own words may hold addresses

// Open returns a store. It succeeds while Redis cannot be reached, and connects by itself later. It fails for an
// address that cannot be read, or a store that was made with another number of partitions.
func Open(ctx context.Context, o Options) (*Store, error) {
	opts, err := options(o.URL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	s := &Store{client: connect(opts), partitions: o.Partitions, existing: o.Existing, lease: cmp.Or(o.Lease, leaseTime), health: make([]atomic.Int64, o.Partitions),
		requests: make(chan *request, together), ailing: make(chan *request, together), stop: make(chan struct{})}
	for i := range pipelines + ailingLines {
		from := s.requests
		if i >= pipelines {
			from = s.ailing
		}
		s.wg.Go(func() { s.work(from) })
	}
	first, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if err := s.check(first); errors.Is(err, errPartitions) || err != nil && o.Existing {
		s.Close()
		return nil, err
	}
	return s, nil
}

const (
	reserveIn = 16 // partitions in which the order of a channel may lie
	beside    = 0  // what lies beside all conversations waits in the line of this partition
)

var (
	errPartitions = errors.New("PATIKRA_PARTITIONS")
	errClosed     = errors.New("redis: the store is closed")
	errNone       = errors.New("REDIS_URL: there is no store in this Redis; run this with the settings of the program that runs, or start that once")
	errAway       = errors.New("redis: no server answers")
)

// check makes sure, once, that the store was made with our number of partitions.
func (s *Store) check(ctx context.Context) error {
	if s.checked.Load() {
		return nil
	}
	found, err := s.client.Get(ctx, partitionsK).Int()
	if errors.Is(err, redis.Nil) && s.existing {
		return errNone
	}
	if errors.Is(err, redis.Nil) {
		if err := s.client.SetNX(ctx, partitionsK, s.partitions, 0).Err(); err != nil {
			return fmt.Errorf("redis: %w", err)
		}
		found, err = s.client.Get(ctx, partitionsK).Int()
	}
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	if found != s.partitions {
		return fmt.Errorf("%w: the store was made with %d partitions, not %d; set it to %d", errPartitions, found, s.partitions, found)
	}
	s.checked.Store(true)
	s.readClock(ctx)
	return nil
}

// Close ends the store. What waits gets an error.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.stop)
		s.wg.Wait()
		s.client.Close()
	})
	return nil
}

// eval runs a script on a partition's keys in the next pipeline.
func (s *Store) eval(ctx context.Context, partition uint16, script *redis.Script, keys []string, args ...any) (any, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	r := &request{partition: partition, ctx: ctx, script: script, keys: keys, args: args, done: make(chan struct{})}
	line := s.requests
	if s.ails(partition) {
		line = s.ailing
	}
	select {
	case line <- r:
	case <-ctx.Done():
		return nil, fmt.Errorf("redis: %w", ctx.Err())
	case <-s.stop:
		return nil, errClosed
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		// It may still be carried out; the caller decides again on what it then finds.
		return nil, fmt.Errorf("redis: %w", ctx.Err())
	case <-s.stop:
		return nil, errClosed
	}
	if r.err == redis.Nil {
		return nil, nil
	}
	if r.err != nil {
		return nil, fmt.Errorf("redis: %w", r.err)
	}
	return r.cmd.Val(), nil
}

// work sends what waits in a line, together.
func (s *Store) work(line <-chan *request) {
	for {
		var group []*request
		select {
		case r := <-line:
			group = append(group, r)
		case <-s.stop:
			return
		}
	gather:
		for len(group) < together {
			select {
			case r := <-line:
				group = append(group, r)
			default:
				break gather
			}
		}
		s.send(group)
	}
}

func (s *Store) send(group []*request) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime+callTime)
	defer cancel()
	if len(group) == 1 {
		r := group[0]
		r.cmd = r.script.EvalSha(ctx, s.client, r.keys, r.args...)
	} else {
		pipe := s.client.Pipeline()
		for _, r := range group {
			r.cmd = pipe.EvalSha(ctx, r.script.Hash(), r.keys, r.args...)
		}
		pipe.Exec(ctx)
	}
	for _, r := range group {
		if r.err = r.cmd.Err(); redis.HasErrorPrefix(r.err, "NOSCRIPT") {
			r.cmd = r.script.Eval(ctx, s.client, r.keys, r.args...)
			r.err = r.cmd.Err()
		}
		s.heed(r.partition, r.err)
		close(r.done)
	}
}

// ails reports whether a partition's server did not answer lately.
func (s *Store) ails(partition uint16) bool {
	return int(partition) < len(s.health) && s.health[partition].Load() > time.Now().UnixMilli()
}

// heed notes whether a partition's server answered. That it refused is an answer.
func (s *Store) heed(partition uint16, err error) {
	var refusal redis.Error
	switch {
	case int(partition) >= len(s.health):
	case err == nil, errors.As(err, &refusal) && !redis.HasErrorPrefix(err, "CLUSTERDOWN"):
		if s.health[partition].Load() != 0 {
			s.health[partition].Store(0)
		}
	default:
		s.health[partition].Store(time.Now().Add(ailingTime).UnixMilli())
	}
}

// tag is the hash tag of a partition, {p07}.
func tag(partition uint16) string {
	if partition < 10 {
		return "{p0" + strconv.Itoa(int(partition)) + "}"
	}
	return "{p" + strconv.Itoa(int(partition)) + "}"
}

func name(k bot.Key) string { return base64.RawURLEncoding.EncodeToString(k.Hash[:]) }

func conversation(k bot.Key) string { return tag(k.Partition) + "c:" + name(k) }

// queue is the key of one of a conversation's queues.
func queue(k bot.Key) string {
	if k.Queue == bot.ToPerson {
		return tag(k.Partition) + "q:" + name(k)
	}
	return tag(k.Partition) + "q" + strconv.Itoa(int(k.Queue)) + ":" + name(k)
}

// files is the key of a conversation's files.
func files(k bot.Key) string { return tag(k.Partition) + "f:" + name(k) }

// queueKeys are the keys of the scripts on a queue.
func queueKeys(k bot.Key) []string { return []string{queue(k), tag(k.Partition) + "due"} }

// member is a queue's name in the order of deliveries.
func member(k bot.Key) []byte {
	if k.Queue == bot.ToPerson {
		return k.Hash[:]
	}
	return append(k.Hash[:], k.Queue)
}

// queueOf reads a member of a partition's order of deliveries.
func queueOf(partition uint16, m string) (bot.Key, bool) {
	k := bot.Key{Partition: partition}
	if len(m) == len(k.Hash)+1 {
		k.Queue = m[len(k.Hash)]
	} else if len(m) != len(k.Hash) {
		return k, false
	}
	copy(k.Hash[:], m)
	return k, k.Queue < bot.Queues
}

func record(b []byte) bot.Record {
	if len(b) < 4 {
		return bot.Record{}
	}
	return bot.Record{Version: binary.BigEndian.Uint32(b), Value: b[4:]}
}

func (s *Store) itemBytes(it bot.Item) []byte {
	b := make([]byte, 17, 17+len(it.Value))
	binary.BigEndian.PutUint64(b, it.ID)
	binary.BigEndian.PutUint64(b[8:], uint64(s.clock.there(it.Due).UnixMilli()))
	switch {
	case it.Screen:
		b[16] = 1
	case it.Stays:
		b[16] = 2
	}
	if tries := it.Tries.Encode(); tries != nil {
		b[16] += withTries
		b = append(b, tries...)
	}
	return append(b, it.Value...)
}

// withTries in an item's flag says that its tries stand before its value, in triesSize bytes.
const (
	withTries = 16
	triesSize = 11
)

func (s *Store) item(text string) (bot.Item, bool) {
	if len(text) < 17 {
		return bot.Item{}, false
	}
	b := []byte(text)
	it := bot.Item{ID: binary.BigEndian.Uint64(b), Due: s.clock.here(time.UnixMilli(int64(binary.BigEndian.Uint64(b[8:])))), Value: b[17:]}
	if b[16] >= withTries {
		if len(it.Value) < triesSize {
			return bot.Item{}, false
		}
		it.Tries, it.Value = bot.DecodeTries(it.Value[:triesSize]), it.Value[triesSize:]
	}
	it.Screen, it.Stays = b[16]%withTries == 1, b[16]%withTries == 2
	return it, true
}

// timerBytes is a timer to be set; one byte empties the queue, none leaves it alone.
func (s *Store) timerBytes(it *bot.Item) []byte {
	switch {
	case it == nil:
		return []byte{}
	case it.ID == 0:
		return []byte{0}
	}
	return s.itemBytes(*it)
}

const markSize = 18

// markBytes is an entry of the index of cases whose record ends at a time.
func markBytes(m *bot.Mark, ends time.Time) []byte {
	if m == nil {
		return []byte{}
	}
	b := make([]byte, markSize)
	b[0], b[1] = m.State, m.Urgent
	binary.BigEndian.PutUint64(b[2:], uint64(m.Since.UnixMilli()))
	binary.BigEndian.PutUint64(b[10:], uint64(ends.UnixMilli()))
	return b
}

func id(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func idOrNone(n uint64) []byte {
	if n == 0 {
		return []byte{}
	}
	return id(n)
}

// Load returns the record of a conversation.
func (s *Store) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if err := s.check(ctx); err != nil {
		return bot.Record{}, err
	}
	b, err := s.client.Get(ctx, conversation(key)).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return bot.Record{}, fmt.Errorf("redis: %w", err)
	}
	return record(b), nil
}

// Commit saves a turn in one round trip.
func (s *Store) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	value := []byte{}
	if c.Value != nil {
		value = append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(c.Value)), c.Next), c.Value...)
	}
	lease := int64(0)
	if !c.Lease.IsZero() {
		lease = s.clock.there(c.Lease).UnixMilli()
	}
	t := tag(c.Key.Partition)
	day := c.Day
	if day == "" {
		day = "0"
	}
	h := name(c.Key)
	keys := []string{t + "c:" + h, t + "q:" + h, t + "q1:" + h, t + "q2:" + h, t + "l:" + h, t + "due", t + "cases", t + "done", t + "n:" + day, t + "q3:" + h, t + "q4:" + h, files(c.Key)}
	drop := 0
	if c.DropLog {
		drop = 1
	}
	args := make([]any, 0, 17+len(c.Send)+len(c.Desk)+len(c.Log)+len(c.Forget)+len(c.Counts)+2*len(c.Files))
	args = append(args, binary.BigEndian.AppendUint32(nil, c.Base), value, max(c.TTL.Milliseconds(), 1), s.clock.there(c.Now).UnixMilli(),
		idOrNone(c.Update), idOrNone(c.Delivered), lease, c.Key.Hash[:], s.timerBytes(c.Timer), markBytes(c.Mark, s.clock.there(c.Now.Add(c.TTL))),
		len(c.Send), len(c.Desk), len(c.Log), len(c.Forget), len(c.Counts), drop, len(c.Files))
	for _, it := range c.Send {
		args = append(args, s.itemBytes(it))
	}
	for _, it := range c.Desk {
		args = append(args, s.itemBytes(it))
	}
	for _, line := range c.Log {
		args = append(args, line)
	}
	for _, u := range c.Forget {
		args = append(args, id(u))
	}
	for _, n := range c.Counts {
		args = append(args, n)
	}
	for _, f := range c.Files {
		args = append(args, int(f.Number), f.Value)
	}
	v, err := s.eval(ctx, c.Key.Partition, commitScript, keys, args...)
	if err != nil {
		return bot.Committed{}, err
	}
	answer, _ := v.([]any)
	if len(answer) == 0 {
		return bot.Committed{}, errAnswer
	}
	switch code, _ := answer[0].(int64); code {
	case 0:
		if len(answer) < 3 {
			return bot.Committed{}, errAnswer
		}
		return bot.Committed{Leased: answer[1] == int64(1), Desk: answer[2] == int64(1)}, nil
	case 1:
		return bot.Committed{Done: true}, nil
	}
	out := bot.Committed{}
	if len(answer) > 1 {
		newest, _ := answer[1].(string)
		out.Newest = record([]byte(newest))
	}
	return out, bot.ErrConflict
}

var errAnswer = errors.New("redis: the script answered in a form that is unknown")

// Take leases heads that are due, beginning with a partition at random, so that processes seldom meet. What answered
// is used: a server that is away keeps its own partitions back and no others.
func (s *Store) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if err := s.check(ctx); err != nil || limit <= 0 {
		return nil, err
	}
	s.readClock(ctx)
	now, until = s.clock.there(now), s.clock.there(until)
	most := strconv.FormatInt(now.UnixMilli()*2+1, 10)
	lists := make([]*redis.StringSliceCmd, s.partitions)
	failed := s.ask(ctx, func(p uint16, pipe redis.Pipeliner) redis.Cmder {
		lists[p] = pipe.ZRangeByScore(ctx, tag(p)+"due", &redis.ZRangeBy{Min: "-inf", Max: most, Count: int64(limit)})
		return lists[p]
	})
	var keys []bot.Key
	for i, start := 0, rand.IntN(s.partitions); i < s.partitions; i++ {
		p := uint16((start + i) % s.partitions)
		for _, m := range lists[p].Val() {
			if k, ok := queueOf(p, m); ok && len(keys) < limit {
				keys = append(keys, k)
			}
		}
	}
	found := make([]*bot.Held, len(keys))
	errs := make([]error, len(keys))
	var wg sync.WaitGroup
	for i, k := range keys {
		wg.Go(func() {
			v, err := s.eval(ctx, k.Partition, leaseScript, queueKeys(k), member(k), now.UnixMilli(), until.UnixMilli())
			errs[i] = err
			if text, ok := v.(string); ok {
				if it, ok := s.item(text); ok {
					found[i] = &bot.Held{Key: k, Item: it}
				}
			}
		})
	}
	wg.Wait()
	var out []bot.Held
	for _, h := range found {
		if h != nil {
			out = append(out, *h)
		}
	}
	if failed == nil {
		failed = errors.Join(errs...)
	}
	return out, failed // what was leased is delivered; the rest is found again
}

// Extend keeps leases.
func (s *Store) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	errs := make([]error, len(held))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2*together)
	for i, h := range held {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			_, errs[i] = s.eval(ctx, h.Key.Partition, extendScript, queueKeys(h.Key), member(h.Key), id(h.Item.ID), s.clock.there(until).UnixMilli())
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Ack removes a delivered head.
func (s *Store) Ack(ctx context.Context, key bot.Key, item64 uint64, now, until time.Time) (*bot.Item, error) {
	return s.following(s.eval(ctx, key.Partition, ackScript, queueKeys(key), member(key), id(item64), s.clock.there(now).UnixMilli(), s.clock.there(until).UnixMilli()))
}

// Behind moves a head to the queue where nothing waits for it.
func (s *Store) Behind(ctx context.Context, key bot.Key, item64 uint64, due, now, until time.Time) (*bot.Item, error) {
	to := key.Behind()
	if to == key {
		return nil, fmt.Errorf("redis: nothing lies behind queue %d", key.Queue)
	}
	return s.following(s.eval(ctx, key.Partition, behindScript, append(queueKeys(key), queue(to)), member(key), id(item64),
		s.clock.there(now).UnixMilli(), s.clock.there(until).UnixMilli(), member(to), id(uint64(s.clock.there(due).UnixMilli()))))
}

// Tried keeps what became of the tries to deliver a head.
func (s *Store) Tried(ctx context.Context, key bot.Key, item64 uint64, tries bot.Tries) error {
	form := tries.Encode()
	if form == nil {
		form = []byte{}
	}
	v, err := s.eval(ctx, key.Partition, triedScript, []string{queue(key)}, id(item64), form)
	if err == nil && v != int64(0) {
		return bot.ErrNotHeld
	}
	return err
}

// following reads what ackScript and behindScript answer: the item that is leased now, if there is one.
func (s *Store) following(v any, err error) (*bot.Item, error) {
	if err != nil {
		return nil, err
	}
	answer, _ := v.([]any)
	switch {
	case len(answer) == 0:
		return nil, errAnswer
	case answer[0] != int64(0):
		return nil, bot.ErrNotHeld
	case len(answer) == 1:
		return nil, nil
	}
	text, _ := answer[1].(string)
	it, ok := s.item(text)
	if !ok {
		return nil, errAnswer
	}
	return &it, nil
}

// Postpone gives a head back, to be sent later.
func (s *Store) Postpone(ctx context.Context, key bot.Key, item64 uint64, due time.Time) error {
	v, err := s.eval(ctx, key.Partition, postponeScript, queueKeys(key), member(key), id(item64), s.clock.there(due).UnixMilli())
	if err == nil && v != int64(0) {
		return bot.ErrNotHeld
	}
	return err
}

// Reserve takes places in the order of all messages of a channel, shared by every process, by the clock of Redis. The
// order is kept in the first partition that answers, so that one server that is away does not stop every delivery.
func (s *Store) Reserve(ctx context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error) {
	if interval <= 0 || n <= 0 {
		return 0, nil
	}
	err := error(nil)
	for p := range uint16(min(s.partitions, reserveIn)) {
		if s.ails(p) && int(p) < s.partitions-1 {
			continue
		}
		var v any
		v, err = s.eval(ctx, p, reserveScript, []string{tag(p) + "r:" + channel}, n, interval.Microseconds(), max(burst, 1),
			s.clock.there(now).UnixMicro(), bot.MostWait.Microseconds())
		if err == nil {
			wait, _ := v.(int64)
			return time.Duration(wait) * time.Microsecond, nil
		}
	}
	if err == nil {
		err = errAway
	}
	return 0, err
}

// Counts returns the counters of a day, summed over the partitions that answered.
func (s *Store) Counts(ctx context.Context, day string) (map[string]int64, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	cmds := make([]*redis.MapStringStringCmd, s.partitions)
	failed := s.ask(ctx, func(p uint16, pipe redis.Pipeliner) redis.Cmder {
		cmds[p] = pipe.HGetAll(ctx, tag(p)+"n:"+day)
		return cmds[p]
	})
	out := map[string]int64{}
	for _, c := range cmds {
		for name, v := range c.Val() {
			n, _ := strconv.ParseInt(v, 10, 64)
			out[name] += n
		}
	}
	return out, failed
}

// Log returns the lines of a conversation's log.
func (s *Store) Log(ctx context.Context, key bot.Key, skip int) ([][]byte, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	lines, err := s.client.LRange(ctx, tag(key.Partition)+"l:"+name(key), int64(max(skip, 0)), -1).Result()
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	out := make([][]byte, len(lines))
	for i, line := range lines {
		out[i] = []byte(line)
	}
	return out, nil
}

// Cases returns the index of cases. Entries that have outlived their record are removed on the way.
func (s *Store) Cases(ctx context.Context) ([]bot.Marked, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	entries := make([]*redis.MapStringStringCmd, s.partitions)
	failed := s.ask(ctx, func(p uint16, pipe redis.Pipeliner) redis.Cmder {
		entries[p] = pipe.HGetAll(ctx, tag(p)+"cases")
		return entries[p]
	})
	var all []bot.Marked
	var exist []*redis.IntCmd
	var values []string
	pipe := s.client.Pipeline()
	for p, found := range entries {
		for h, v := range found.Val() {
			if len(h) != len(bot.Key{}.Hash) || len(v) != markSize {
				continue
			}
			m := bot.Marked{Key: bot.Key{Partition: uint16(p)}}
			copy(m.Key.Hash[:], h)
			m.State, m.Urgent = v[0], v[1]
			m.Since = time.UnixMilli(int64(binary.BigEndian.Uint64([]byte(v[2:]))))
			all, values = append(all, m), append(values, v)
			exist = append(exist, pipe.Exists(ctx, conversation(m.Key)))
		}
	}
	if len(all) == 0 {
		return nil, failed
	}
	pipe.Exec(ctx)
	now := s.clock.there(time.Now()).UnixMilli()
	ended := map[uint16][]any{}
	var out []bot.Marked
	for i, m := range all {
		switch {
		case exist[i].Err() != nil: // its server has gone meanwhile
			failed = &bot.PartialError{Missing: 1, Of: s.partitions, Err: fmt.Errorf("redis: %w", exist[i].Err())}
		case exist[i].Val() > 0:
			out = append(out, m)
		case int64(binary.BigEndian.Uint64([]byte(values[i][10:]))) < now:
			ended[m.Key.Partition] = append(ended[m.Key.Partition], m.Key.Hash[:], values[i])
		}
	}
	for p, pairs := range ended {
		if _, err := s.eval(ctx, p, tidyScript, []string{tag(p) + "cases"}, pairs...); err != nil {
			break // they are left out all the same, and removed another time
		}
	}
	return out, failed
}

// File returns one of a conversation's files.
func (s *Store) File(ctx context.Context, key bot.Key, number uint8) ([]byte, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	b, err := s.client.HGet(ctx, files(key), strconv.Itoa(int(number))).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return b, nil
}

// kept is the key of what is kept beside all conversations.
func kept(name string) string { return "patikra:kept:" + name }

// Kept returns what is kept under a name.
func (s *Store) Kept(ctx context.Context, name string) ([]byte, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	b, err := s.client.Get(ctx, kept(name)).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("redis: %w", err)
	}
	return b, nil
}

// Keep keeps a value under a name.
func (s *Store) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	if err := s.client.Set(ctx, kept(name), value, life).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

// Swap keeps a value where there is just old.
func (s *Store) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error) {
	v, err := s.eval(ctx, beside, swapScript, []string{kept(name)}, old, value, life.Milliseconds())
	if err != nil {
		return false, err
	}
	return v == int64(1), nil
}

// Ping answers nil when turns can be saved: a script is let to write on the keys of every partition, and so on every
// server, in a way that changes nothing. A replica, a full disk, a full memory and a user without rights do not let it.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.check(ctx); err != nil {
		return err
	}
	s.readClock(ctx)
	err := s.ask(ctx, func(p uint16, pipe redis.Pipeliner) redis.Cmder {
		return pipe.Eval(ctx, readyScript, []string{tag(p) + "ready"})
	})
	if err != nil {
		return err
	}
	if err := s.client.Exists(ctx, partitionsK).Err(); err != nil { // single commands have connections of their own
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

var _ bot.Store = (*Store)(nil)
