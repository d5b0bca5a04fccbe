package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
)

// Guard stands before a store and lets nothing through until it is known that the ring has the key of what lies there. It keeps the
// store's label: what says which key its values are sealed with (see package seal). With a wrong key every call is refused with an error
// that names the setting, so that no turn is taken, no queue is read and nothing is written.
//
// A store without a label is new, or was written by a program that knew none. Where it is empty any key is right. Where it holds
// something the ring must open some of it.
type Guard struct {
	bot.Store
	ring    *seal.Ring
	setting string // where the key comes from, for the words of an error

	mu    sync.Mutex
	label []byte // as it was last read
	state atomic.Pointer[guarded]
}

// guarded is what is known of a store: nothing yet (nil), that the key fits, or why it does not.
type guarded struct{ wrong error }

const (
	labelLife = 100 * 365 * 24 * time.Hour // for good
	labelLook = 2 * time.Second            // how often it is looked at
	adoptTime = 30 * time.Second           // for finding out whose a store without a label is
	mostProbe = 200                        // values that are tried then
)

// NewGuard locks the ring until the store's label is known. setting names where the key comes from.
func NewGuard(store bot.Store, ring *seal.Ring, setting string) *Guard {
	ring.Lock()
	return &Guard{Store: store, ring: ring, setting: setting}
}

// Look reads the store's label. A key that does not fit is an error that is [seal.ErrKey]; any other says that the store cannot be read now.
func (g *Guard) Look(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range Tries {
		stored, err := g.Store.Kept(ctx, bot.LabelName)
		if err != nil {
			return err
		}
		if stored == nil {
			if stored, err = g.adopt(ctx); err != nil {
				return err
			}
			if stored == nil { // another process was faster
				continue
			}
		}
		if s := g.state.Load(); s != nil && bytes.Equal(stored, g.label) {
			return s.wrong
		}
		if err := g.ring.Unlock(stored); err != nil {
			return g.refuse()
		}
		g.label = stored
		g.state.Store(&guarded{})
		return nil
	}
	return bot.ErrConflict
}

func (g *Guard) refuse() error {
	err := fmt.Errorf("%s: %w; set the key that it was made with, or name it as an earlier one in PATIKRA_KEY_OLD", g.setting, seal.ErrKey)
	g.state.Store(&guarded{wrong: err})
	return err
}

// adopt labels a store that has no label. It returns nil when another process has labelled it.
func (g *Guard) adopt(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), adoptTime)
	defer cancel()
	if s := g.state.Load(); s == nil || s.wrong != nil {
		which, err := g.probe(ctx)
		if err != nil {
			return nil, err
		}
		if which < 0 {
			return nil, g.refuse()
		}
		g.ring.Adopt(which)
	}
	label := g.ring.Label()
	done, err := g.Store.Swap(ctx, bot.LabelName, nil, label, labelLife)
	if err != nil || !done {
		return nil, err
	}
	return label, nil
}

var errEnough = errors.New("enough was seen")

// probe finds the key that opens what lies in a store; the newest for an empty one, -1 where none opens anything.
func (g *Guard) probe(ctx context.Context) (which int, err error) {
	found := 0
	err = g.Store.Walk(ctx, func(st bot.Stored) ([]byte, error) {
		if st.Kept != "" {
			return nil, nil // its name is that of an address: it tells less surely
		}
		for i := range g.ring.Keys() {
			if _, _, ok := opening(g.ring, st, func(p uint16, kind byte) bool {
				return g.ring.Opens(i, p, st.Key.Hash, kind, st.Version, st.Value)
			}); ok {
				which, found = i, 1
				return nil, errEnough
			}
		}
		if found--; found <= -mostProbe {
			return nil, errEnough
		}
		return nil, nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return 0, err
	}
	if found < 0 {
		return -1, nil
	}
	return which, nil
}

// sealedKinds are the kinds of sealed values. A session comes first: most are that.
var sealedKinds = []byte{sealedSession, sealedMessage, SealedLine, sealedFile, SealedVisit, SealedSeen, SealedAct, SealedRoster, SealedAccounts, sealedBook, SealedBrowsers}

// opening tries the partitions and kinds that a value may be of.
func opening(ring *seal.Ring, st bot.Stored, try func(partition uint16, kind byte) bool) (partition uint16, kind byte, ok bool) {
	first, last := 0, ring.Partitions()
	if st.Placed {
		first, last = int(st.Key.Partition), int(st.Key.Partition)+1
	}
	kinds := sealedKinds
	if st.File { // it is large, and each try takes its time
		kinds = []byte{sealedFile}
	}
	for _, kind := range kinds {
		for p := first; p < last; p++ {
			if try(uint16(p), kind) {
				return uint16(p), kind, true
			}
		}
	}
	return 0, 0, false
}

// Watch looks at the label now and then, until the context ends: another process may have turned to a new key, or the store may be
// another one than before.
func (g *Guard) Watch(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(labelLook):
		}
		look, cancel := context.WithTimeout(ctx, labelLook)
		g.Look(look) // what it finds is the state
		cancel()
	}
}

// ready says whether a call may go through.
func (g *Guard) ready(ctx context.Context) error {
	switch s := g.state.Load(); {
	case s == nil:
		return g.Look(ctx)
	default:
		return s.wrong
	}
}

// named is ready for a call about a conversation. One that was named before names were known is refused; it is named anew next time.
func (g *Guard) named(ctx context.Context, keys ...bot.Key) error {
	if err := g.ready(ctx); err != nil {
		return err
	}
	for _, k := range keys {
		if k.Hash == ([16]byte{}) {
			return seal.ErrLocked
		}
	}
	return nil
}

// Load returns the record of a conversation.
func (g *Guard) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if err := g.named(ctx, key); err != nil {
		return bot.Record{}, err
	}
	return g.Store.Load(ctx, key)
}

// Commit saves a turn.
func (g *Guard) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if err := g.named(ctx, c.Key); err != nil {
		return bot.Committed{}, err
	}
	return g.Store.Commit(ctx, c)
}

// Take leases heads that are due.
func (g *Guard) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if err := g.ready(ctx); err != nil {
		return nil, err
	}
	return g.Store.Take(ctx, now, until, limit)
}

// Extend keeps leases.
func (g *Guard) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	if err := g.ready(ctx); err != nil {
		return err
	}
	return g.Store.Extend(ctx, held, until)
}

// Ack removes a delivered head.
func (g *Guard) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	if err := g.named(ctx, key); err != nil {
		return nil, err
	}
	return g.Store.Ack(ctx, key, id, now, until)
}

// Postpone gives a head back.
func (g *Guard) Postpone(ctx context.Context, key bot.Key, id uint64, due time.Time) error {
	if err := g.named(ctx, key); err != nil {
		return err
	}
	return g.Store.Postpone(ctx, key, id, due)
}

// Tried notes what became of a head.
func (g *Guard) Tried(ctx context.Context, key bot.Key, id uint64, tries bot.Tries) error {
	if err := g.named(ctx, key); err != nil {
		return err
	}
	return g.Store.Tried(ctx, key, id, tries)
}

// Behind puts a head behind the others.
func (g *Guard) Behind(ctx context.Context, key bot.Key, id uint64, due, now, until time.Time) (*bot.Item, error) {
	if err := g.named(ctx, key); err != nil {
		return nil, err
	}
	return g.Store.Behind(ctx, key, id, due, now, until)
}

// Reserve takes places in the order of a channel.
func (g *Guard) Reserve(ctx context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error) {
	if err := g.ready(ctx); err != nil {
		return 0, err
	}
	return g.Store.Reserve(ctx, channel, n, interval, burst, now)
}

// Counts returns the counters of a day.
func (g *Guard) Counts(ctx context.Context, day string) (map[string]int64, error) {
	if err := g.ready(ctx); err != nil {
		return nil, err
	}
	return g.Store.Counts(ctx, day)
}

// Log returns the lines of a conversation's log.
func (g *Guard) Log(ctx context.Context, key bot.Key, skip int) ([][]byte, error) {
	if err := g.named(ctx, key); err != nil {
		return nil, err
	}
	return g.Store.Log(ctx, key, skip)
}

// Cases returns the index of cases.
func (g *Guard) Cases(ctx context.Context) ([]bot.Marked, error) {
	if err := g.ready(ctx); err != nil {
		return nil, err
	}
	return g.Store.Cases(ctx)
}

// Kept returns what is kept under a name.
func (g *Guard) Kept(ctx context.Context, name string) ([]byte, error) {
	if err := g.ready(ctx); err != nil {
		return nil, err
	}
	return g.Store.Kept(ctx, name)
}

// Keep keeps a value under a name.
func (g *Guard) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	if err := g.ready(ctx); err != nil {
		return err
	}
	return g.Store.Keep(ctx, name, value, life)
}

// Swap keeps a value where there is just old.
func (g *Guard) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error) {
	if err := g.ready(ctx); err != nil {
		return false, err
	}
	return g.Store.Swap(ctx, name, old, value, life)
}

// Walk shows every sealed value.
func (g *Guard) Walk(ctx context.Context, f func(bot.Stored) ([]byte, error)) error {
	if err := g.ready(ctx); err != nil {
		return err
	}
	return g.Store.Walk(ctx, f)
}

// Ping answers nil when the store takes commits and the key fits.
func (g *Guard) Ping(ctx context.Context) error {
	if err := g.ready(ctx); err != nil {
		return err
	}
	return g.Store.Ping(ctx)
}

// Rotated is what one pass of a change of the key did.
type Rotated struct {
	Turned   bool `json:"turned"`   // this pass made the new key the one that seals
	Resealed int  `json:"resealed"` // values that were sealed with an earlier key, or bound to no version
	Foreign  int  `json:"foreign"`  // values that no key opens
	Done     bool `json:"done"`     // it came to the end
}

// Rotate makes the newest key the one that seals, here and in every process that shares the store, and seals anew what an earlier one has
// sealed, for as long as the context allows. Names, order, leases and timers stay as they are, so people notice nothing. Whoever calls it
// repeats it until a pass that came to the end found nothing more; a process that has not looked at the label yet may still seal with
// the earlier key for two seconds.
func (g *Guard) Rotate(ctx context.Context) (r Rotated, err error) {
	if err := g.Look(ctx); err != nil {
		return r, err
	}
	if r.Turned, err = g.turn(ctx); err != nil {
		return r, err
	}
	err = g.Store.Walk(ctx, func(st bot.Stored) ([]byte, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next, ok := g.reseal(st)
		if !ok {
			r.Foreign++
		}
		if next != nil {
			r.Resealed++
		}
		return next, nil
	})
	if err != nil && ctx.Err() != nil { // its time is over: what was done is done
		return r, nil
	}
	r.Done = err == nil
	return r, err
}

// turn labels the store with the newest key.
func (g *Guard) turn(ctx context.Context) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next, ok := g.ring.Next()
	if !ok {
		return false, nil
	}
	done, err := g.Store.Swap(ctx, bot.LabelName, g.label, next, labelLife)
	if err != nil {
		return false, err
	}
	if !done {
		return false, bot.ErrConflict
	}
	if err := g.ring.Unlock(next); err != nil {
		return false, g.refuse()
	}
	g.label = next
	return true, nil
}

// reseal seals a value with the key that seals now. next is nil where it is already; ok is false where no key opens it.
func (g *Guard) reseal(st bot.Stored) (next []byte, ok bool) {
	if st.Kept != "" {
		channel, id, is := strings.Cut(st.Kept, ":")
		if !is {
			return nil, true // a value of ours that is not sealed, as the label
		}
		st.Key.Partition, st.Key.Hash = g.ring.Name(channel, id)
		st.Placed = true
	}
	_, _, ok = opening(g.ring, st, func(p uint16, kind byte) bool {
		out, changed, err := g.ring.Reseal(p, st.Key.Hash, kind, st.Version, st.Value)
		if err == nil && changed {
			next = out
		}
		return err == nil
	})
	return next, ok
}

// recheck looks whether the store has turned to a key that this process does not have, when something in it does not open.
func (b *Bot) recheck(ctx context.Context) error {
	if g, ok := b.store.(*Guard); ok {
		return g.Look(ctx)
	}
	return nil
}

// OpenRecord unseals a record. An error that is not [seal.ErrSealed] says that it cannot be known now whether the record is damaged.
func (b *Bot) OpenRecord(ctx context.Context, key bot.Key, kind byte, rec bot.Record) ([]byte, error) {
	plain, err := b.ring.OpenVersion(key.Partition, key.Hash, kind, rec.Version, rec.Value)
	if err == nil {
		return plain, nil
	}
	if err := b.recheck(ctx); err != nil {
		return nil, err
	}
	return b.ring.OpenVersion(key.Partition, key.Hash, kind, rec.Version, rec.Value)
}
