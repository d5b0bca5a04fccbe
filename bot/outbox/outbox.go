// Package outbox delivers what turns have decided. Delivery is at least once: a message is removed
// from its queue only after the network took it, so a crash between the two sends it again.
//
// The order within a conversation holds. Three limits are kept: a chat's (the turn gives each message
// its time), the network's global one (places reserved in the store, shared by all
// processes, urgent messages first), and the exact retry_after of a refusal.
package outbox

import (
	"container/heap"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
)

// Limits of one process.
const (
	room     = 2000 // messages held in memory
	reserve  = 200  // further ones, for urgent messages
	workers  = 64   // deliveries at once
	poll     = 500 * time.Millisecond
	maxTries = 12               // then a message that only fails is dropped
	longest  = 5 * time.Minute  // backoff
	callTime = 10 * time.Second // one call
	mostWait = 5 * time.Second  // for a place in a channel's order
)

// Outbox is the worker. Make one with New, then Run it.
type Outbox struct {
	store    bot.Store
	bot      *bot.Bot
	channels map[string]bot.Channel
	lanes    map[string]*lane // by channel; none waits for another's limit
	log      *zap.Logger

	mu      sync.Mutex
	working map[bot.Key]*job
	after   map[bot.Key]*job // what follows a delivery under way whose conversation was erased
	wg      sync.WaitGroup
	closed  bool

	Sent, Dropped, Retried atomic.Int64
}

// lane is what waits for one channel.
type lane struct {
	name  string
	rate  bot.Pace // of the channel overall
	with  string   // a channel whose allowance is used too
	queue jobs
	wake  chan struct{}
}

// timers is the lane of what comes back to a turn instead of being sent. Its channel is nobody's name.
const timers = "timer"

type job struct {
	lane  *lane
	held  bot.Held
	m     bot.Message
	seq   int64
	tries int
	begun bool // being delivered
	dead  bool // no longer the head of its queue
}

// jobs is a heap: the most urgent first, then the earliest.
type jobs []*job

func (q jobs) Len() int { return len(q) }
func (q jobs) Less(i, j int) bool {
	if q[i].m.Urgency != q[j].m.Urgency {
		return q[i].m.Urgency > q[j].m.Urgency
	}
	return q[i].seq < q[j].seq
}
func (q jobs) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *jobs) Push(x any)   { *q = append(*q, x.(*job)) }
func (q *jobs) Pop() any {
	old := *q
	j := old[len(old)-1]
	*q = old[:len(old)-1]
	return j
}

// New returns an Outbox. overall is each channel's global allowance; zero lifts it.
func New(b *bot.Bot, store bot.Store, overall bot.Pace, log *zap.Logger, channels ...bot.Channel) *Outbox {
	o := &Outbox{store: store, bot: b, channels: map[string]bot.Channel{}, lanes: map[string]*lane{}, log: log,
		working: map[bot.Key]*job{}, after: map[bot.Key]*job{}}
	o.Lane(timers, bot.Pace{}, "")
	for _, c := range channels {
		o.channels[c.Name()] = c
		o.Lane(c.Name(), overall, "")
	}
	return o
}

// Lane gives a channel an allowance of its own; with names another channel on the same network, whose allowance its messages
// use too. It is called before Run.
func (o *Outbox) Lane(channel string, rate bot.Pace, with string) {
	o.lanes[channel] = &lane{name: channel, rate: rate, with: with, wake: make(chan struct{}, 1)}
}

// laneOf is where a job waits; channels that this process does not have are given back by the timers' lane.
func (o *Outbox) laneOf(h bot.Held, m bot.Message) *lane {
	if l := o.lanes[m.To.Channel]; l != nil && h.Key.Queue != bot.Timer {
		return l
	}
	return o.lanes[timers]
}

// Room reports whether a message of that urgency would be taken now.
func (o *Outbox) Room(urgency uint8) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	limit := room
	if urgency > 1 {
		limit += reserve
	}
	return !o.closed && len(o.working) < limit
}

var sequence atomic.Int64

// Send takes over the head of a conversation's queue.
func (o *Outbox) Send(h bot.Held, m bot.Message) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	j := &job{lane: o.laneOf(h, m), held: h, m: m, seq: sequence.Add(1)}
	if w := o.working[h.Key]; w != nil {
		switch {
		case w.held.Item.ID == h.Item.ID: // our own, taken again after a stall
			return true
		case w.begun:
			o.after[h.Key] = j
			return true
		}
		w.dead = true // its conversation was erased before it was sent
		delete(o.after, h.Key)
	}
	o.working[h.Key] = j
	j.lane.push(j)
	return true
}

// push puts a job into its lane; the outbox is locked.
func (l *lane) push(j *job) {
	heap.Push(&l.queue, j)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run delivers until the context ends, then waits for the deliveries under way.
func (o *Outbox) Run(ctx context.Context) {
	o.wg.Add(2)
	go func() { defer o.wg.Done(); o.take(ctx) }()
	go func() { defer o.wg.Done(); o.extend(ctx) }()
	work := make(chan *job)
	defer o.wg.Wait()
	defer close(work)
	for range workers { // they stay: a new goroutine would have to grow its stack for every delivery
		o.wg.Go(func() {
			for j := range work {
				o.deliver(context.WithoutCancel(ctx), j)
			}
		})
	}
	var lanes sync.WaitGroup
	for _, l := range o.lanes {
		lanes.Go(func() { o.dispatch(ctx, l, work) })
	}
	lanes.Wait()
	o.stop()
}

// dispatch hands out what waits in a lane, at the channel's pace.
func (o *Outbox) dispatch(ctx context.Context, l *lane, work chan<- *job) {
	for {
		j := o.next(l)
		if j == nil {
			select {
			case <-ctx.Done():
				return
			case <-l.wake:
			}
			continue
		}
		if o.pace(ctx, l) != nil {
			return
		}
		// A more urgent message may have come while we waited for our place.
		o.mu.Lock()
		heap.Push(&l.queue, j)
		j = heap.Pop(&l.queue).(*job)
		o.mu.Unlock()
		select {
		case work <- j:
		case <-ctx.Done():
			return
		}
	}
}

func (o *Outbox) stop() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
}

func (o *Outbox) next(l *lane) *job {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	return heap.Pop(&l.queue).(*job)
}

// pace waits for a place in the channel's global order.
func (o *Outbox) pace(ctx context.Context, l *lane) error {
	if with := o.lanes[l.with]; with != nil {
		if err := o.pace(ctx, with); err != nil {
			return err
		}
	}
	if l.rate.Interval <= 0 {
		return nil
	}
	for {
		wait, err := o.store.Reserve(ctx, l.name, 1, l.rate.Interval, l.rate.Burst, time.Now())
		if err != nil {
			wait = time.Second
		}
		if most := max(mostWait, 3*l.rate.Interval); wait > most {
			o.log.Warn("the order of deliveries lies too far ahead and is not waited for; is a machine's clock wrong?", zap.String("channel", l.name), zap.Duration("wait", wait))
			wait = most
		}
		if wait > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
		}
		if err == nil {
			return nil
		}
	}
}

// take fetches what is due and held by nobody: replies whose process died, retries, what found no room.
func (o *Outbox) take(ctx context.Context) {
	for {
		o.mu.Lock()
		free := room - len(o.working)
		o.mu.Unlock()
		if free > 0 {
			now := time.Now()
			held, err := o.store.Take(ctx, now, now.Add(bot.LeaseTime), min(free, 256))
			if err != nil && ctx.Err() == nil {
				o.log.Debug("deliveries cannot be read", zap.Error(err))
			}
			for _, h := range held {
				m, err := o.bot.Open(h)
				if err != nil {
					o.log.Error("a message cannot be unsealed: it was written with another key, and waits for that one")
					o.store.Postpone(ctx, h.Key, h.Item.ID, now.Add(time.Minute))
					continue
				}
				o.Send(h, m)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(poll):
		}
	}
}

// extend keeps the leases of what waits or is under way.
func (o *Outbox) extend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
		o.mu.Lock()
		held := make([]bot.Held, 0, len(o.working))
		for _, j := range o.working {
			held = append(held, j.held)
		}
		o.mu.Unlock()
		if len(held) > 0 {
			if err := o.store.Extend(ctx, held, time.Now().Add(bot.LeaseTime)); err != nil && ctx.Err() == nil {
				o.log.Debug("leases cannot be extended", zap.Error(err))
			}
		}
	}
}

// deliver sends one message and says what becomes of it.
func (o *Outbox) deliver(ctx context.Context, j *job) {
	if !o.begin(j) {
		return
	}
	if j.held.Key.Queue == bot.Timer {
		o.due(ctx, j)
		return
	}
	channel := o.channels[j.m.To.Channel]
	if channel == nil {
		// Another process may have this channel. Leave it to that one.
		o.give(ctx, j, time.Minute)
		return
	}
	j.m.Item = j.held.Item.ID
	call, cancel := context.WithTimeout(ctx, callTime)
	ref, err := channel.Deliver(call, j.m)
	cancel()
	if err == nil {
		o.Sent.Add(1)
		o.arrived(ctx, j, ref)
		return
	}
	var de *bot.DeliveryError
	errors.As(err, &de)
	switch {
	case de != nil && de.Gone && j.held.Key.Queue == bot.ToPerson:
		if _, err := o.bot.Handle(ctx, bot.Update{From: j.m.To, Kind: bot.Gone, At: time.Now()}); err != nil {
			o.log.Warn("a person who left cannot be forgotten yet", zap.Error(err))
			o.give(ctx, j, 10*time.Second)
			return
		}
		o.Dropped.Add(1)
		o.finish(ctx, j) // a farewell to an erased conversation is still in its queue
	case de != nil && de.Drop, j.tries >= maxTries && j.held.Key.Queue == bot.ToPerson: // the desk's wait for their group
		if j.m.Human && j.held.Key.Queue == bot.ToPerson { // whoever wrote it must not believe that it arrived
			if _, err := o.bot.Handle(ctx, bot.Update{From: j.m.To, Kind: bot.Missed, At: time.Now()}); err != nil {
				o.give(ctx, j, 10*time.Second)
				return
			}
		}
		o.Dropped.Add(1)
		o.log.Warn("a message was refused for good and is dropped", zap.Error(err))
		o.finish(ctx, j)
	default:
		o.Retried.Add(1)
		j.tries++
		wait := min(time.Duration(1<<min(j.tries, 9))*250*time.Millisecond, longest)
		wait += rand.N(wait / 4)
		if de != nil && de.RetryAfter > 0 {
			wait = de.RetryAfter + rand.N(200*time.Millisecond)
		}
		o.log.Debug("a delivery is tried again", zap.Error(err), zap.Duration("after", wait))
		if wait > 2*time.Second {
			o.give(ctx, j, wait)
			return
		}
		o.mu.Lock()
		j.begun = false
		o.mu.Unlock()
		time.AfterFunc(wait, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			if !o.closed && !j.dead {
				j.lane.push(j)
			}
		})
	}
}

// due brings a timer back to a turn.
func (o *Outbox) due(ctx context.Context, j *job) {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if _, err := o.bot.Handle(call, bot.Update{From: j.m.To, Kind: bot.Due, At: time.Now()}); err != nil {
		o.log.Debug("a timer is tried again", zap.Error(err))
		o.give(ctx, j, 2*time.Second)
		return
	}
	o.finish(ctx, j)
}

// begin reports whether a message is still to be delivered.
func (o *Outbox) begin(j *job) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	j.begun = !j.dead
	return j.begun
}

// arrived removes a delivered message. Where a later turn needs its number, a turn is told of it first.
func (o *Outbox) arrived(ctx context.Context, j *job, ref int64) {
	if j.m.Track && ref != 0 {
		u := bot.Update{From: j.m.To, Kind: bot.Delivered, Ref: ref, Screen: j.m.Screen, Serial: j.m.Serial, At: time.Now()}
		if _, err := o.bot.Handle(ctx, u); err != nil {
			o.log.Debug("the number of a message cannot be noted", zap.Error(err))
		}
	}
	o.finish(ctx, j)
}

// finish removes the head and goes on with the next.
func (o *Outbox) finish(ctx context.Context, j *job) {
	for try := 0; ; try++ {
		now := time.Now()
		next, err := o.store.Ack(ctx, j.held.Key, j.held.Item.ID, now, now.Add(bot.LeaseTime))
		if err != nil && !errors.Is(err, bot.ErrNotHeld) && try < 20 {
			time.Sleep(min(time.Duration(try+1)*100*time.Millisecond, time.Second))
			continue
		}
		o.forget(j)
		if err == nil && next != nil {
			h := bot.Held{Key: j.held.Key, Item: *next}
			if m, err := o.bot.Open(h); err == nil {
				o.Send(h, m)
			}
		}
		return
	}
}

// give puts a message back, to be tried later by any process.
func (o *Outbox) give(ctx context.Context, j *job, wait time.Duration) {
	if err := o.store.Postpone(ctx, j.held.Key, j.held.Item.ID, time.Now().Add(wait)); err != nil {
		o.log.Debug("a delivery cannot be postponed", zap.Error(err))
	}
	o.forget(j)
}

func (o *Outbox) forget(j *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.working[j.held.Key] != j {
		return
	}
	delete(o.working, j.held.Key)
	if next := o.after[j.held.Key]; next != nil {
		delete(o.after, j.held.Key)
		o.working[j.held.Key] = next
		next.lane.push(next)
	}
}
