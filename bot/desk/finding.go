package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/talk"
)

// PhoneCall is what a counsellor writes down of a talk that took place by telephone: what it came to, and nothing of who called.
type PhoneCall struct {
	Finding bot.Finding
	Place   string   // a place's name, Nowhere or Elsewhere
	Level   string   // low, unknown, concern, high or emergency
	Flags   []string // warning signs, by their names in the files
}

// ErrPhoneCall says that something of a call is not known.
var ErrPhoneCall = errors.New("the call names something that is not known")

var phoneAddress = bot.Address{Channel: bot.DeskName, ID: "phone"}

// mostSigns bounds the warning signs of one call.
const mostSigns = 40

// WriteDown counts a call by telephone as a closed talk is counted. Nothing else is kept of it. once names the form, so that sent twice it
// counts once; 0 counts each time.
func (b *Desk) WriteDown(ctx context.Context, p PhoneCall, once uint64, now time.Time) error {
	l := b.Library()
	flags := slices.Clone(p.Flags)
	slices.Sort(flags)
	flags = slices.Compact(flags)
	known := func(flag string) bool { return l.Book.Flag(flag) >= 0 }
	if p.Finding == bot.NoFinding || int(p.Finding) >= len(bot.FindingNames) || !talk.Refers(l, p.Place) || !slices.Contains(talk.Levels(), p.Level) || len(flags) > mostSigns || slices.ContainsFunc(flags, func(f string) bool { return !known(f) }) {
		return ErrPhoneCall
	}
	key := b.Key(phoneAddress)
	rec, err := b.store.Load(ctx, key)
	for n := 0; err == nil && n < engine.Tries; n++ {
		var seen []uint64 // the forms that were counted last
		if rec.Version != 0 {
			plain, broken := b.OpenRecord(ctx, key, engine.SealedRoster, rec)
			if broken != nil || json.Unmarshal(plain, &seen) != nil {
				seen = nil
			}
		}
		if once != 0 && slices.Contains(seen, once) {
			return nil
		}
		seen = append(seen, once)
		plain, _ := json.Marshal(seen[max(0, len(seen)-bot.MaxSeen):])
		c := bot.Commit{Key: key, Base: rec.Version, Next: rec.Version + 1, TTL: 24 * time.Hour, Now: now, Day: now.UTC().Format(time.DateOnly),
			Counts: append(bot.FindingCounts(p.Finding, p.Level, flags), "phone", "referred."+p.Place)}
		if rec.Version == 0 || c.Next == 0 {
			c.Next = rand.Uint32() | 1
		}
		c.Value = b.ring.SealVersion(key.Partition, key.Hash, engine.SealedRoster, c.Next, plain)
		var done bot.Committed
		if done, err = b.store.Commit(ctx, c); err == nil {
			return nil
		}
		if errors.Is(err, bot.ErrConflict) && n+1 < engine.Tries {
			rec, err = done.Newest, nil
		}
	}
	return fmt.Errorf("write down a call: %w", err)
}
