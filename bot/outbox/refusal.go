package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
)

// Bounds of what is tried, per message.
const (
	mostFails = 12 // failures of words while others' were taken; at least 20 minutes
	mostFiles = 7  // of a file; one minute, and the time of the tries
	mostHeir  = 3  // of what follows, in the same conversation, a message that was given up for its failures
	mostDeath = 3  // starts that no process outlived
	mostBroke = 2  // tries that ended in a mistake of the program
	base      = 250 * time.Millisecond
	longest   = 5 * time.Minute  // between two tries
	keepFiles = time.Hour        // after the first failure of a file, unless the place it goes to is to blame
	keepWords = 24 * time.Hour   // after the first failure, whoever is to blame
	keepDesk  = 40 * time.Hour   // for what goes to the counsellors; a store keeps an item for 48 hours
	short     = 2 * time.Second  // a wait in which a message stays in memory
	tellLate  = 4                // failures after which a counsellor learns that their words are late
	late      = 90 * time.Second // after which whoever wrote something learns that it has not arrived, whatever the reason
)

// Errors that end a message.
var (
	errDeadly = errors.New("no process has outlived the tries to deliver it")
	errLong   = errors.New("it has been tried for too long")
)

// suspect reports whether a message was under way when a process ended: that may have been its doing.
func (j *job) suspect() bool { return j.tries.Begun > 0 }

// counted writes down that a try begins, for it could be the last thing that this process does. It reports false when the message is not
// to be tried now. Where the store is away, words that were never under way at an end are tried all the same: somebody waits for them.
func (o *Outbox) counted(ctx context.Context, j *job) bool {
	call, cancel := context.WithTimeout(ctx, countTime)
	defer cancel()
	sure := j.file() || j.suspect()
	j.tries.Begun++
	switch err := o.keep(call, j); {
	case err == nil:
		return true
	case errors.Is(err, bot.ErrNotHeld): // somebody else has it, or its conversation is erased
		o.forget(j)
		return false
	case sure:
		o.give(ctx, j, 2*time.Second)
		return false
	}
	return true
}

// unreachable reports whether nobody answered at all, which says nothing about a message. A time limit that ran out may be its
// own fault.
func unreachable(err error) bool {
	var de *bot.DeliveryError
	if errors.As(err, &de) {
		return false
	}
	var dial *net.OpError
	var name *net.DNSError
	return errors.As(err, &name) || errors.As(err, &dial) && dial.Op == "dial" || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, http.ErrServerClosed)
}

// refused decides what becomes of a message that did not arrive.
func (o *Outbox) refused(ctx context.Context, j *job, err error) {
	var de *bot.DeliveryError
	var broken *bot.Panic
	errors.As(err, &de)
	now := time.Now()
	if errors.As(err, &broken) && o.bot.Broke != nil {
		o.bot.Broke("delivery", broken)
	}
	early := j.tries.Failed == 0 && j.tries.Since.IsZero()
	j.tries.Begun = 0
	switch {
	case de != nil && de.Gone && j.held.Key.Personal():
		o.answered(j)
		o.gone(ctx, j)
		return
	case de != nil && de.Drop:
		o.answered(j)
		o.giveUp(ctx, j, err)
		return
	case de != nil && de.RetryAfter > 0: // it says when, and blames nobody
		j.skip()
		o.later(ctx, j, de, now)
		return
	}
	if j.tries.Since.IsZero() {
		j.tries.Since = now.Truncate(time.Millisecond)
	}
	network := unreachable(err)
	place := de != nil && de.Place
	j.place = place
	if broken != nil || !network && !place && o.blames(j, now) {
		j.tries.Failed = min(j.tries.Failed+1, 250)
	}
	f := fault{whose: j.held.Key, first: early, probe: j.probe, network: network, file: j.file(), place: place, why: err.Error()}
	if broken == nil && j.lane.breaker.failed(f, now) {
		o.log.Warn("most messages of a channel fail: what has failed is tried now and then only", zap.String("channel", j.lane.name), zap.Error(err))
	} else if broken != nil {
		j.skip()
	}
	switch {
	case j.spent(now, broken != nil):
		o.giveUp(ctx, j, err)
	case now.Sub(j.tries.Since) > j.keeps():
		o.giveUp(ctx, j, errors.Join(errLong, err))
	default:
		o.tellLate(ctx, j, now, 0)
		o.retry(ctx, j, j.pause(now), err)
	}
}

// later tries a message again when its channel asks for it. That blames nobody, and is kept to exactly. But who is asked again and again
// waits like anybody who is refused, once the first request lies further back than others are told of: with growing pauses, counted where
// others' messages are taken, and not for ever.
func (o *Outbox) later(ctx context.Context, j *job, de *bot.DeliveryError, now time.Time) {
	wait := de.RetryAfter + rand.N(200*time.Millisecond)
	if j.tries.Since.IsZero() {
		j.tries.Since = now.Truncate(time.Millisecond)
	}
	j.place = true
	age := now.Sub(j.tries.Since)
	if age > j.keeps() {
		o.giveUp(ctx, j, errors.Join(errLong, de))
		return
	}
	if !de.Busy && age >= late {
		if o.blames(j, now) {
			j.tries.Failed = min(j.tries.Failed+1, 250)
		}
		if j.spent(now, false) {
			o.giveUp(ctx, j, de)
			return
		}
		wait = max(wait, j.pause(now))
	}
	o.tellLate(ctx, j, now, wait)
	if j.file() && !j.behind && (de.Busy || de.RetryAfter > short) {
		o.Retried.Add(1)
		o.putBehind(ctx, j, wait)
		return
	}
	o.retry(ctx, j, wait, de)
}

// blames reports whether a failure speaks against the message: at its first, or when the channel has taken another since about the try
// before. Where everything fails, patience is counted in time only: see keeps. A file may fail at the server it lies on, so for a file
// anything will do that the network it goes to has taken since the first failure.
func (o *Outbox) blames(j *job, now time.Time) bool {
	if j.tries.Failed == 0 {
		since, _ := j.lane.breaker.stopped()
		return since.IsZero()
	}
	if !j.file() {
		return j.lane.breaker.works(now.Add(-max(base, min(now.Sub(j.tries.Since)/3, longest))))
	}
	with := o.lanes[j.lane.with]
	return j.lane.breaker.works(j.tries.Since) || with != nil && with.breaker.works(j.tries.Since)
}

// awaited reports whether somebody waits for a message to arrive: their words, or a new case of which the counsellors know nothing yet.
func (o *Outbox) awaited(ctx context.Context, j *job) bool {
	if j.m.Human || j.m.Act != bot.Card || j.held.Key.Personal() {
		return j.m.Human
	}
	s, err := o.bot.Session(ctx, j.m.Case)
	return err == nil && s.Case.Active() && s.Case.Card == 0
}

// held notes of somebody's words that they are held up because their channel is stopped, and tells them in time.
func (o *Outbox) held(ctx context.Context, j *job) {
	if j.tries.Told || !o.awaited(ctx, j) {
		return
	}
	now := time.Now()
	if j.tries.Since.IsZero() {
		j.tries.Since = now.Truncate(time.Millisecond)
		if o.keep(ctx, j) != nil {
			return
		}
	}
	o.tellLate(ctx, j, now, 0)
}

// answered notes that the network is there: it has refused a message for the message's sake.
func (o *Outbox) answered(j *job) { j.lane.breaker.took(j.held.Key, time.Now()) }

// spent reports whether a message has failed too often.
func (j *job) spent(now time.Time, broken bool) bool {
	switch {
	case broken && j.tries.Failed >= mostBroke:
		return true
	case j.file():
		return j.tries.Failed >= mostFiles
	}
	return j.tries.Failed >= mostFails
}

// keeps is how long a message is tried after its first failure.
func (j *job) keeps() time.Duration {
	if j.file() && !j.place {
		return keepFiles
	}
	if j.held.Key.Personal() {
		return keepWords
	}
	return keepDesk
}

// pause is how long a message waits for its next try.
func (j *job) pause(now time.Time) time.Duration {
	if since, _ := j.lane.breaker.stopped(); !since.IsZero() {
		return j.lane.breaker.left(now) + rand.N(time.Second)
	}
	wait := base
	if j.file() {
		wait = 2 * base
	}
	most := longest
	if j.place && !j.lane.breaker.works(j.tries.Since) { // nothing of anybody has arrived: it is used as soon as it is mended
		most = placeWait
	}
	wait = min(max(wait<<min(max(j.tries.Failed, 1), 12), now.Sub(j.tries.Since)/2), most)
	return wait + rand.N(wait/4)
}

// retry lets a message be tried again.
func (o *Outbox) retry(ctx context.Context, j *job, wait time.Duration, err error) {
	o.Retried.Add(1)
	o.log.Debug("a delivery is tried again", zap.Error(err), zap.Duration("after", wait))
	if j.file() && !j.behind && j.tries.Failed > 0 {
		o.putBehind(ctx, j, wait)
		return
	}
	kept := o.keep(ctx, j) // should the process end meanwhile, that was not its doing
	if errors.Is(kept, bot.ErrNotHeld) {
		o.forget(j)
		return
	}
	o.mu.Lock()
	if wait <= short && o.counts(j) {
		j.begun = false
		time.AfterFunc(wait, func() { o.bot.Guard("delivery", func() { o.resume(j) }) })
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	if kept == nil {
		o.give(ctx, j, wait)
	} else {
		o.forget(j) // its lease ends by itself
	}
}

// resume puts a message that has waited in memory into its line again.
func (o *Outbox) resume(j *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && !j.dead {
		j.line().push(j)
	}
}

// putBehind lets the words that follow a file go on, and the file be tried behind them.
func (o *Outbox) putBehind(ctx context.Context, j *job, wait time.Duration) {
	if o.keep(ctx, j) != nil {
		o.forget(j)
		return
	}
	now := time.Now()
	next, err := o.store.Behind(ctx, j.held.Key, j.held.Item.ID, now.Add(wait), now, now.Add(bot.LeaseTime))
	o.forget(j)
	if err != nil {
		o.log.Debug("a file cannot be put behind", zap.Error(err))
		return
	}
	o.goOn(ctx, j.held.Key, next, bot.Tries{})
}

// goOn delivers what has followed a head, if there is anything. heir is what it inherits from the one before.
func (o *Outbox) goOn(ctx context.Context, key bot.Key, next *bot.Item, heir bot.Tries) {
	if next == nil {
		return
	}
	h := bot.Held{Key: key, Item: *next}
	if h.Item.Tries == (bot.Tries{}) {
		h.Item.Tries = heir
	}
	if m, err := o.bot.Open(h); err == nil {
		o.send(ctx, h, m)
	}
}

// gone forgets a person who has left.
func (o *Outbox) gone(ctx context.Context, j *job) {
	if _, err := o.bot.Handle(ctx, bot.Update{From: j.m.To, Kind: bot.Gone, At: time.Now()}); err != nil {
		o.log.Warn("a person who left cannot be forgotten yet", zap.Error(err))
		_ = o.keep(ctx, j) // the try has ended; where that cannot be noted, the next is made alone
		o.give(ctx, j, 10*time.Second)
		return
	}
	o.Dropped.Add(1)
	o.finish(ctx, j) // a farewell to an erased conversation is still in its queue
}

// giveUp ends a message that does not arrive, and lets both sides know what it was.
func (o *Outbox) giveUp(ctx context.Context, j *job, err error) {
	u := bot.Update{From: j.m.To, Kind: bot.Missed, Screen: j.m.Screen, Serial: j.m.Serial, At: time.Now()}
	told := j.m.Human || j.m.Screen
	if j.m.Human {
		u.Text, u.Media = j.m.Text, j.m.Media
	}
	if !j.held.Key.Personal() {
		u.From, u.Kind, u.Screen = j.m.Case, bot.Unpassed, false
		told = j.m.Human
	}
	if told {
		_, failed := o.bot.Handle(ctx, u)
		var broken *bot.Panic
		if failed != nil && !errors.As(failed, &broken) {
			if o.keep(ctx, j) == nil {
				o.give(ctx, j, 10*time.Second)
			} else {
				o.forget(j)
			}
			return
		}
	}
	o.Dropped.Add(1)
	o.log.Warn("a message was given up", zap.String("channel", j.lane.name), zap.Bool("file", j.file()), zap.Uint8("failed", j.tries.Failed), zap.Error(err))
	heir := bot.Tries{}
	if !j.file() && j.tries.Failed >= mostFails { // what follows is likely to fare alike
		heir = bot.Tries{Failed: mostFails - mostHeir, Since: j.tries.Since, Told: true}
	}
	o.finishWith(ctx, j, heir)
}

// tellLate says once that a message has not arrived yet: to a counsellor that of their words, to a person that of what they wrote to
// the counsellors. wait is how long it is known not to be tried.
func (o *Outbox) tellLate(ctx context.Context, j *job, now time.Time, wait time.Duration) {
	person := j.held.Key.Personal()
	isLate := person && j.tries.Failed >= tellLate || now.Add(wait).Sub(j.tries.Since) >= late
	if !isLate || j.tries.Told || !o.awaited(ctx, j) {
		return
	}
	u := bot.Update{From: j.m.To, Kind: bot.Late, Text: j.m.Text, Media: j.m.Media, At: now}
	if !person {
		u.From, u.Inward = j.m.Case, true
	}
	if _, err := o.bot.Handle(ctx, u); err == nil {
		j.tries.Told = true
		if o.keep(ctx, j) != nil {
			o.log.Debug("a notice may be given again")
		}
	}
}
