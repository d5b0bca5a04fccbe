// Package outbox delivers what turns have decided. Delivery is at least once: a message is removed
// from its queue only after the network took it, so a crash between the two sends it again. A store that refuses, however
// long, does not: the process knows what it has sent.
//
// The order within a conversation holds, but for a file that does not go through at once: it is put behind, and the words
// after it go on. Three limits are kept: a chat's (the turn gives each message
// its time), the network's global one (places reserved in the store, shared by all
// processes, urgent messages first), and the exact retry_after of a refusal.
//
// What fails is tried again after growing pauses. The number of tries lies with the stored item, and is written before each, for a try may
// kill the process. What was under way when a process ended is tried alone, one at a time, and what has ended two processes is given up at
// its third start. What is given up is told to both sides. Each channel has workers of its own for first tries, for tries that are repeated and for
// files. What is repeated yields to what is new and, where others' messages are taken, has at most a fifth of the channel's allowance;
// a first try is never held up by the failures of others: neither one chat that always fails, nor many, nor one channel, cost another anything.
// To the counsellors' group what comes of cases that anybody could make up, which has no urgency, goes behind the rest and takes
// at most half of the group's allowance.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/engine"
)

// Limits of one process.
const (
	room      = 2000 // messages held in memory
	reserve   = 200  // further ones, for urgent messages
	repeats   = 1000 // of them, messages that are tried again: what is new always finds room beside them
	workers   = 64   // deliveries of a channel at once
	slow      = 16   // and as many that are repeated, and as many of files
	poll      = 500 * time.Millisecond
	callTime  = 10 * time.Second // one call
	fileFirst = 5 * time.Second  // the first try of a file, for which the words behind it wait
	fileTime  = 2 * time.Minute  // a later try of a file: 20 MB at the speed of a poor line
	countTime = time.Second      // to write down that a try begins
	mostWait  = 5 * time.Second  // for a place in a channel's order
	yield     = 2 * time.Second  // how long what is repeated lets new messages go first
	share     = 5                // what failed by itself may use one of so many places in a channel's order
)

// Outbox is the worker. Make one with New, then Run it.
type Outbox struct {
	store    bot.Store
	bot      *engine.Bot
	channels map[string]bot.Channel
	lanes    map[string]*lane // by channel; none waits for another's limit
	log      *zap.Logger

	mu      sync.Mutex
	working map[bot.Key]*job
	after   map[bot.Key]*job // what follows a delivery under way whose conversation was erased
	again   int              // of those that are worked on, how many are counted as repeated
	wg      sync.WaitGroup
	closed  bool
	alone   *alone

	Sent, Dropped, Retried atomic.Int64
}

// lane is what waits for one channel.
type lane struct {
	name    string
	rate    bot.Pace // of the channel overall
	with    string   // a channel whose allowance is used too
	crowd   bot.Pace // what messages of no urgency may use of it, zero where they go with the others
	lines   [4]*line
	breaker *breaker
	window  *window // of what arrives in a second
}

// A channel's lines. Each has workers of its own.
const (
	first  = iota // messages that are tried for the first time
	again         // that have failed before
	withIt        // that carry a file
	crowd         // that are of no urgency, where the lane keeps these apart
)

// timers is the lane of what comes back to a turn instead of being sent. Its channel is nobody's name.
const timers = "timer"

type job struct {
	lane   *lane
	held   bot.Held
	m      bot.Message
	tries  bot.Tries
	seq    int64
	begun  bool          // being delivered
	dead   bool          // no longer the head of its queue
	again  bool          // it is counted as repeated
	hold   time.Duration // its channel is stopped: it is not to be sent before that
	probe  bool          // its channel is stopped, and it is tried to see whether it still must be
	place  bool          // the place it goes to was to blame for the last failure
	behind bool          // it is a file that waits where nothing waits for it
}

// line is where it waits.
func (j *job) line() *line {
	switch {
	case j.file():
		return j.lane.lines[withIt]
	case !j.fresh():
		return j.lane.lines[again]
	case j.lane.crowd.Interval > 0 && j.m.Urgency == 0:
		return j.lane.lines[crowd]
	}
	return j.lane.lines[first]
}

// fresh reports whether a message has never failed nor been held up, nor was under way when a process ended.
func (j *job) fresh() bool {
	return j.tries.Failed == 0 && j.tries.Since.IsZero() && !j.suspect()
}

// file reports whether a message carries something that must be copied or fetched before it can be sent.
func (j *job) file() bool { return j.m.Media.Kind != "" && j.m.Media.Net != bot.Recorded }

// New returns an Outbox. overall is each channel's global allowance; zero lifts it.
func New(b *engine.Bot, store bot.Store, overall bot.Pace, log *zap.Logger, channels ...bot.Channel) *Outbox {
	o := &Outbox{store: store, bot: b, channels: map[string]bot.Channel{}, lanes: map[string]*lane{}, log: log,
		working: map[bot.Key]*job{}, after: map[bot.Key]*job{}, alone: newAlone()}
	o.Lane(timers, bot.Pace{}, "")
	for _, c := range channels {
		o.channels[c.Name()] = c
		o.Lane(c.Name(), overall, "")
	}
	return o
}

// Lane gives a channel an allowance of its own; with names another channel on the same network, whose allowance its messages
// use too, and of which messages of no urgency take at most half. It is called before Run.
func (o *Outbox) Lane(channel string, rate bot.Pace, with string) {
	l := &lane{name: channel, rate: rate, with: with, breaker: &breaker{}, window: newWindow(rate)}
	if with != "" {
		l.crowd = bot.Pace{Interval: 2 * rate.Interval, Burst: max(1, rate.Burst/2)}
	}
	for i := range l.lines {
		l.lines[i] = &line{wake: make(chan struct{}, 1)}
	}
	o.lanes[channel] = l
}

// laneOf is where a job waits; channels that this process does not have are given back by the timers' lane.
func (o *Outbox) laneOf(h bot.Held, m bot.Message) *lane {
	if l := o.lanes[m.To.Channel]; l != nil && h.Key.Queue != bot.Timer {
		return l
	}
	return o.lanes[timers]
}

// Pace waits for a place in a channel's order, for a message that goes to it by another way.
func (o *Outbox) Pace(ctx context.Context, channel string) error {
	if l := o.lanes[channel]; l != nil {
		return o.pace(ctx, l)
	}
	return nil
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

// Note tells staff which channels take nothing, nil when all do.
func (o *Outbox) Note(context.Context) error {
	var errs []error
	for name, l := range o.lanes {
		if since, why := l.breaker.trouble(); !since.IsZero() {
			errs = append(errs, fmt.Errorf("%s: nothing goes out since %s: %s", name, since.UTC().Format("15:04:05"), why))
		}
	}
	return errors.Join(errs...)
}

var sequence atomic.Int64

// Send takes over the head of a conversation's queue.
func (o *Outbox) Send(h bot.Held, m bot.Message) bool {
	return o.send(context.Background(), h, m)
}

// send is Send with a context. What has failed before and finds no room waits in the store.
func (o *Outbox) send(ctx context.Context, h bot.Held, m bot.Message) bool {
	j, ok := o.accept(h, m)
	if j != nil {
		now := time.Now()
		if err := o.store.Postpone(ctx, h.Key, h.Item.ID, now.Add(max(bot.LeaseTime, j.pause(now)))); err != nil {
			o.log.Debug("a delivery cannot be postponed", zap.Error(err))
		}
	}
	return ok
}

// accept puts a message into its line. For one that finds no room because it has failed before it returns the job that was not put there.
func (o *Outbox) accept(h bot.Held, m bot.Message) (full *job, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil, false
	}
	j := &job{lane: o.laneOf(h, m), held: h, m: m, tries: h.Item.Tries, seq: sequence.Add(1), behind: h.Key.Behind() == h.Key && h.Key.Queue != bot.Timer}
	if w := o.working[h.Key]; w != nil {
		switch {
		case w.held.Item.ID == h.Item.ID: // our own, taken again after a stall
			return nil, true
		case w.begun:
			o.after[h.Key] = j
			return nil, true
		}
		w.dead = true // its conversation was erased before it was sent
		o.uncount(w)
		delete(o.working, h.Key)
		delete(o.after, h.Key)
	}
	if !j.fresh() && !o.counts(j) {
		return j, false
	}
	o.working[h.Key] = j
	j.line().push(j)
	return nil, true
}

// counts counts a message as repeated. It reports false when so many are in memory that this one is to wait in the store. The outbox
// is locked.
func (o *Outbox) counts(j *job) bool {
	if !j.again && o.again >= repeats {
		return false
	}
	if !j.again {
		j.again = true
		o.again++
	}
	return true
}

// uncount is what counts did, taken back.
func (o *Outbox) uncount(j *job) {
	if j.again {
		j.again = false
		o.again--
	}
}

// Run delivers until the context ends, then waits for the deliveries under way.
func (o *Outbox) Run(ctx context.Context) {
	o.wg.Add(2)
	go func() { defer o.wg.Done(); o.bot.Keep(ctx, "outbox", o.take) }()
	go func() { defer o.wg.Done(); o.bot.Keep(ctx, "outbox", o.extend) }()
	defer o.wg.Wait()
	var lines sync.WaitGroup
	for _, l := range o.lanes {
		for i, n := range [...]int{first: workers, again: slow, withIt: slow, crowd: slow} {
			lines.Go(func() { o.bot.Keep(ctx, "outbox", func(ctx context.Context) { o.run(ctx, l, i, n) }) })
		}
	}
	lines.Wait()
	o.stop()
}

// run hands out what waits in a line to workers. They stay: a new goroutine would have to grow its stack for every delivery.
func (o *Outbox) run(ctx context.Context, l *lane, which, workers int) {
	work := make(chan *job)
	defer close(work)
	var j *job // in nobody else's hands
	defer func() {
		if j != nil {
			o.forget(j) // its lease ends by itself
		}
	}()
	for range workers {
		o.wg.Go(func() {
			for j := range work {
				if !o.bot.Guard("delivery", func() { o.deliver(context.WithoutCancel(ctx), j) }) {
					o.give(context.WithoutCancel(ctx), j, longest) // what was to be done about a delivery broke, not the delivery
				}
			}
		})
	}
	for {
		if j = o.next(l.lines[which]); j == nil {
			select {
			case <-ctx.Done():
				return
			case <-l.lines[which].wake:
			}
			continue
		}
		j.hold, j.probe = 0, false
		if !j.fresh() {
			j.hold, j.probe = l.breaker.wait(time.Now())
		}
		if j.hold == 0 {
			if o.turn(ctx, l, which, j) != nil {
				return
			}
			if !j.probe && which != withIt { // a more urgent message may have come while we waited for our place
				j = o.exchange(l.lines[which], j)
			}
		}
		select {
		case work <- j:
			j = nil
		case <-ctx.Done():
			return
		}
	}
}

// turn waits until a message may be sent without taking a place from others that go first.
func (o *Outbox) turn(ctx context.Context, l *lane, which int, j *job) error {
	if which == crowd {
		if err := o.place(ctx, l.name+" crowd", l.crowd); err != nil {
			return err
		}
	}
	if j.tries.Failed > 0 { // what only waited for its channel to come back is not to blame, and may use all of it
		if err := o.place(ctx, l.name+" again", bot.Pace{Interval: share * l.rate.Interval, Burst: max(1, l.rate.Burst/share)}); err != nil {
			return err
		}
	}
	if which != first && !o.letPass(ctx, l) {
		return ctx.Err()
	}
	return o.pace(ctx, l)
}

// letPass waits while new messages wait for their place, but not for ever. It reports false when the context has ended.
func (o *Outbox) letPass(ctx context.Context, l *lane) bool {
	if l.rate.Interval <= 0 && o.lanes[l.with] == nil {
		return true
	}
	for end := time.Now().Add(yield); time.Now().Before(end); {
		o.mu.Lock()
		waiting := len(l.lines[first].queue)
		o.mu.Unlock()
		if waiting == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

func (o *Outbox) stop() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	close(o.alone.stop)
}

// ended reports whether the outbox takes nothing more.
func (o *Outbox) ended() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

// pace waits for a place in the channel's global order.
func (o *Outbox) pace(ctx context.Context, l *lane) error {
	if with := o.lanes[l.with]; with != nil {
		if err := o.pace(ctx, with); err != nil {
			return err
		}
	}
	return o.place(ctx, l.name, l.rate)
}

// place waits for a place in an order.
func (o *Outbox) place(ctx context.Context, order string, rate bot.Pace) error {
	if rate.Interval <= 0 {
		return nil
	}
	for {
		wait, err := o.store.Reserve(ctx, order, 1, rate.Interval, rate.Burst, time.Now())
		if err != nil {
			wait = time.Second
		}
		if most := max(mostWait, 3*rate.Interval); wait > most {
			o.log.Warn("the order of deliveries lies too far ahead and is not waited for; is a machine's clock wrong?", zap.String("channel", order), zap.Duration("wait", wait))
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
				o.send(ctx, h, m)
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
		j.skip()
		return
	}
	if j.hold > 0 {
		o.held(ctx, j)
		if j.tries != j.held.Item.Tries && o.keep(ctx, j) != nil { // whoever takes it next is to know that it has failed
			o.forget(j) // its lease ends by itself
			return
		}
		o.give(ctx, j, j.hold+rand.N(j.hold/4+1))
		return
	}
	channel := o.channels[j.m.To.Channel]
	switch {
	case j.held.Key.Queue == bot.Timer:
		o.due(ctx, j)
		return
	case channel == nil:
		// Another process may have this channel. Leave it to that one.
		o.give(ctx, j, time.Minute)
		return
	case j.tries.Begun+1 >= mostDeath:
		j.skip()
		o.giveUp(ctx, j, errDeadly)
		return
	}
	done, ok := o.enter(j)
	if !ok {
		j.skip()
		o.forget(j) // its lease ends by itself
		return
	}
	defer done()
	if !o.counted(ctx, j) {
		j.skip()
		return
	}
	j.m.Item = j.held.Item.ID
	limit := callTime
	switch {
	case j.behind:
		limit = fileTime
	case j.file():
		limit = fileFirst
	}
	window := j.lane.window
	if with := o.lanes[j.lane.with]; with != nil {
		window = with.window
	}
	answered := window.enter()
	var ref int64
	err := bot.Contain(func() (err error) {
		call, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		ref, err = channel.Deliver(call, j.m)
		return err
	})
	answered()
	if err != nil {
		o.refused(ctx, j, err)
		return
	}
	if j.lane.breaker.took(j.held.Key, time.Now()) {
		o.log.Info("messages go out again", zap.String("channel", j.lane.name))
	}
	o.Sent.Add(1)
	o.arrived(ctx, j, ref)
}

// enter waits until a message may be tried beside what is under way, and returns what is to be done afterwards. It reports false when the
// program ends first.
func (o *Outbox) enter(j *job) (done func(), ok bool) {
	if !j.suspect() {
		return o.alone.beside(), true
	}
	return o.alone.try(func(wait time.Duration, f func()) func() bool {
		return time.AfterFunc(wait, func() { o.bot.Guard("delivery", f) }).Stop
	})
}

// skip says that a try said nothing about its channel.
func (j *job) skip() {
	if j.probe {
		j.lane.breaker.skip()
	}
}

// due brings a timer back to a turn.
func (o *Outbox) due(ctx context.Context, j *job) {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if _, err := o.bot.Handle(call, bot.Update{From: j.m.To, Kind: bot.Due, At: time.Now()}); err != nil {
		o.log.Debug("a timer is tried again", zap.Error(err))
		wait := 2 * time.Second
		var broken *bot.Panic
		if errors.As(err, &broken) { // it will break again, until another program comes
			wait = longest
		}
		o.give(ctx, j, wait)
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
	moved := j.m.Edit != 0 && ref != j.m.Edit // it could not take the place of the earlier one
	if ref != 0 && (j.m.Track || j.m.Screen && moved) {
		u := bot.Update{From: j.m.To, Kind: bot.Delivered, Ref: ref, Screen: j.m.Screen, Serial: j.m.Serial, At: time.Now()}
		if _, err := o.bot.Handle(ctx, u); err != nil {
			o.log.Debug("the number of a message cannot be noted", zap.Error(err))
		}
	}
	o.finish(ctx, j)
}

// finish removes the head and goes on with the next.
func (o *Outbox) finish(ctx context.Context, j *job) { o.finishWith(ctx, j, bot.Tries{}) }

// finishWith is finish for a head that leaves its tries to the next. What was sent stays in our hands for as long as the store refuses to
// remove it: whoever took it from there again would send it twice.
func (o *Outbox) finishWith(ctx context.Context, j *job, heir bot.Tries) {
	for try := range soonest {
		if o.removed(ctx, j, heir) {
			return
		}
		time.Sleep(min(time.Duration(try+1)*100*time.Millisecond, time.Second))
	}
	o.wg.Go(func() { // the worker goes on with others: not every part of a store need be away
		o.bot.Guard("delivery", func() {
			for !o.ended() && !o.removed(ctx, j, heir) {
				time.Sleep(removeEvery)
			}
		})
		o.forget(j)
	})
}

// How often a worker asks at once that what it has sent be removed, and how often it is asked after that.
const (
	soonest     = 20
	removeEvery = time.Second
)

// removed reports whether the store has removed a head, or had not got it any more.
func (o *Outbox) removed(ctx context.Context, j *job, heir bot.Tries) bool {
	now := time.Now()
	next, err := o.store.Ack(ctx, j.held.Key, j.held.Item.ID, now, now.Add(bot.LeaseTime))
	if err != nil && !errors.Is(err, bot.ErrNotHeld) {
		return false
	}
	o.forget(j)
	if err == nil {
		o.goOn(ctx, j.held.Key, next, heir)
	}
	return true
}

// keep notes with the stored item what became of its tries. The item may be gone; then there is nothing to note.
func (o *Outbox) keep(ctx context.Context, j *job) error {
	err := o.store.Tried(ctx, j.held.Key, j.held.Item.ID, j.tries)
	if err != nil {
		o.log.Debug("the tries of a delivery cannot be noted", zap.Error(err))
	}
	return err
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
	o.uncount(j)
	if next := o.after[j.held.Key]; next != nil {
		delete(o.after, j.held.Key)
		o.working[j.held.Key] = next
		next.line().push(next)
	}
}
