package desk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/seal"
	"patikra/bot/talk"
)

// Roster is what the desk as a whole remembers.
type Roster struct {
	Moved int64       `json:"moved,omitempty"` // the group's id since it became a supergroup
	Duty  []bot.Actor `json:"duty,omitempty"`  // who is on duty
	Waits []int       `json:"waits,omitempty"` // how long the last people waited for a counsellor, in seconds

	Seen map[string]int64 `json:"seen,omitempty"` // when those on duty with an account last had the page open, by their id, Unix seconds
}

// Limits of a roster.
const (
	mostDuty   = 50
	mostWaits  = 20
	rosterTime = 2 * time.Second // how old a roster in memory may be
	seenTime   = time.Minute     // how exactly it is known when a page was open
	awayTime   = 3 * time.Minute // after it was open last, nobody is reached there
)

var rosterAddress = bot.Address{Channel: bot.DeskName, ID: "roster"}

type rosterCache struct {
	mu  sync.Mutex
	at  time.Time
	now Roster
}

// Roster returns the roster, at most two seconds old.
func (b *Desk) Roster(ctx context.Context) (Roster, error) {
	c := &b.rosterKept
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.at) < rosterTime {
		return c.now, nil
	}
	rec, err := b.store.Load(ctx, b.Key(rosterAddress))
	if err != nil {
		return Roster{}, fmt.Errorf("read the roster: %w", err)
	}
	r, err := b.readRoster(ctx, rec)
	if err != nil {
		return Roster{}, fmt.Errorf("read the roster: %w", err)
	}
	c.now, c.at = r, time.Now()
	return c.now, nil
}

// readRoster reads the roster; one that is damaged is as good as none.
func (b *Desk) readRoster(ctx context.Context, rec bot.Record) (r Roster, err error) {
	if rec.Version == 0 {
		return r, nil
	}
	plain, err := b.OpenRecord(ctx, b.Key(rosterAddress), engine.SealedRoster, rec)
	switch {
	case errors.Is(err, seal.ErrSealed):
		return r, nil
	case err != nil:
		return r, err
	}
	if json.Unmarshal(plain, &r) != nil {
		r = Roster{}
	}
	return r, nil
}

// ChangeRoster changes the roster, whoever else does at the same time.
func (b *Desk) ChangeRoster(ctx context.Context, change func(*Roster)) error {
	key := b.Key(rosterAddress)
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("read the roster: %w", err)
	}
	for range engine.Tries {
		r, err := b.readRoster(ctx, rec)
		if err != nil {
			return fmt.Errorf("read the roster: %w", err)
		}
		before, _ := json.Marshal(r)
		change(&r)
		if len(r.Duty) > mostDuty {
			r.Duty = r.Duty[len(r.Duty)-mostDuty:]
		}
		if len(r.Waits) > mostWaits {
			r.Waits = r.Waits[len(r.Waits)-mostWaits:]
		}
		plain, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if bytes.Equal(before, plain) {
			return nil
		}
		next := rec.Version + 1
		if rec.Version == 0 || next == 0 {
			next = rand.Uint32() | 1
		}
		done, err := b.store.Commit(ctx, bot.Commit{Key: key, Base: rec.Version, Next: next, TTL: engine.RosterLife, Now: time.Now(),
			Value: b.ring.SealVersion(key.Partition, key.Hash, engine.SealedRoster, next, plain)})
		if errors.Is(err, bot.ErrConflict) {
			rec = done.Newest
			continue
		}
		if err != nil {
			return fmt.Errorf("save the roster: %w", err)
		}
		b.rosterKept.mu.Lock()
		b.rosterKept.now, b.rosterKept.at = r, time.Now()
		b.rosterKept.mu.Unlock()
		b.Changed(key)
		return nil
	}
	return fmt.Errorf("save the roster: %w", bot.ErrConflict)
}

// OnDuty writes a counsellor into the roster, or out of it.
func (b *Desk) OnDuty(ctx context.Context, a bot.Actor, on bool) error {
	return b.ChangeRoster(ctx, func(r *Roster) {
		r.Duty = slices.DeleteFunc(r.Duty, func(d bot.Actor) bool { return d.ID == a.ID })
		delete(r.Seen, a.ID)
		if on {
			r.Duty = append(r.Duty, a)
			r.see(a, time.Now())
		}
	})
}

// see notes that the page of somebody on duty is open.
func (r *Roster) see(a bot.Actor, now time.Time) {
	if !a.HasAccount() {
		return
	}
	if r.Seen == nil {
		r.Seen = map[string]int64{}
	}
	r.Seen[a.ID] = now.Unix()
}

// Here reports whether somebody on duty can be reached: in the group always, at the page while it is open.
func (r *Roster) Here(a bot.Actor, now time.Time) bool {
	return !a.HasAccount() || now.Sub(time.Unix(r.Seen[a.ID], 0)) < awayTime
}

// OnDuty are those on duty who can be reached.
func (r *Roster) OnDuty(now time.Time) []bot.Actor {
	return slices.DeleteFunc(slices.Clone(r.Duty), func(a bot.Actor) bool { return !r.Here(a, now) })
}

// Present notes that somebody has the page open, and reports whether they are on duty.
func (b *Desk) Present(ctx context.Context, a bot.Actor, now time.Time) (onDuty bool, err error) {
	r, err := b.Roster(ctx)
	if err != nil {
		return false, err
	}
	is := func(d bot.Actor) bool { return d.ID == a.ID }
	if !slices.ContainsFunc(r.Duty, is) || now.Sub(time.Unix(r.Seen[a.ID], 0)) < seenTime {
		return slices.ContainsFunc(r.Duty, is), nil
	}
	err = b.ChangeRoster(ctx, func(r *Roster) {
		if onDuty = slices.ContainsFunc(r.Duty, is); onDuty {
			r.see(a, now)
		}
	})
	return onDuty, err
}

// usual is the middle of the last waits.
func (r *Roster) usual() time.Duration {
	if len(r.Waits) < 3 { // too few to say anything
		return 0
	}
	w := slices.Clone(r.Waits)
	slices.Sort(w)
	return time.Duration(w[len(w)/2]) * time.Second
}

// State tells a turn how the desk stands. Most turns have nothing to do with it.
func (b *Desk) State(ctx context.Context, key bot.Key, s *bot.Session, u bot.Update) (bot.Desk, error) {
	d := bot.Desk{On: true, Always: b.Always, Words: !b.Desk.Topics, Files: b.Keeps && b.CanCounsel(), Group: b.Desk.Group, Photos: b.Photos[u.From.Channel], Luck: engine.Luck()}
	if s.Case.Active() && u.Kind == bot.Typed {
		d.Code = b.CodeFor(key, u.At)
	}
	if s.Case.Active() && u.Text == "human:return" && b.Draws[u.From.Channel] {
		d.Returning = b.Returning(key)
	}
	if s.Case.Active() && u.Text == "human:bridge" && b.Draws[u.From.Channel] {
		d.Bridge = b.Bridge()
	}
	asks := engine.AsksNow(s, u)
	if !s.Over.OfDesk() && !s.Case.Active() && u.Kind != bot.Acted && !asks {
		return d, nil
	}
	if s.Case.Active() && s.Case.Folded && (u.Kind == bot.Acted || u.Kind == bot.Risen) {
		var err error
		if d.Aside, err = b.Log(ctx, key, 0); err != nil {
			return d, err
		}
	}
	r, err := b.Roster(ctx)
	if err != nil {
		return d, err
	}
	d.Duty, d.Usual, d.Nobody = r.OnDuty(u.At), r.usual(), b.nobody(&r, u.At)
	d.Spoken = b.SpokenBy(ctx, d.Duty...)
	if u.Kind == bot.Acted {
		d.Speaks = b.SpokenBy(ctx, answers(u, d.Duty))
	}
	if !s.Over.OfDesk() && !asks || s.Case.Active() {
		return d, nil
	}
	cases, err := b.Index(ctx)
	if err != nil && !bot.Partial(err) {
		return d, fmt.Errorf("read the queue: %w", err)
	}
	urgent := talk.Urgency(b.Library(), s)
	if asks {
		if d.Full, err = b.Crowded(ctx, cases, u); err != nil {
			return d, err
		}
	}
	for _, c := range cases {
		if c.State&engine.MarkFolded == 0 && bot.CaseState(c.State&engine.MarkState) != bot.Taken && c.Key != key && c.Urgent >= urgent {
			d.Ahead++
		}
	}
	return d, nil
}

// nobody reports whether counsellors are reached by their page alone, and none who is on duty has it open. In a group all see what comes.
func (b *Desk) nobody(r *Roster, now time.Time) bool { return !b.Desk.On && len(r.OnDuty(now)) == 0 }

// Nobody reports whether nobody is there at this moment whom a case could reach, though the desk may be open.
func (b *Desk) Nobody(ctx context.Context) (bool, error) {
	r, err := b.Roster(ctx)
	return err == nil && b.nobody(&r, time.Now()), err
}

// Cases returns every case that waits or is held and is not folded: the most urgent first, then the longest waiting, and not two
// from the web in a row while somebody else waits. With a PartialError
// the cases of the partitions that answered are there.
func (b *Desk) Cases(ctx context.Context) ([]bot.Marked, error) {
	cases, err := b.Index(ctx)
	if err != nil {
		err = fmt.Errorf("read the queue: %w", err)
	}
	known, web, _ := engine.ByDoor(cases)
	return engine.Queue(known, web), err
}

// OpenCases returns every case that waits or is held: those of Cases, then those that are folded.
func (b *Desk) OpenCases(ctx context.Context) ([]bot.Marked, error) {
	cases, err := b.Index(ctx)
	if err != nil {
		err = fmt.Errorf("read the queue: %w", err)
	}
	known, web, folded := engine.ByDoor(cases)
	return append(engine.Queue(known, web), folded...), err
}

// Case returns the session of an entry of the index.
func (b *Desk) Case(ctx context.Context, key bot.Key) (s bot.Session, err error) {
	err = b.Whole(func() error {
		s, err = b.caseOf(ctx, key)
		return err
	})
	return s, err
}

func (b *Desk) caseOf(ctx context.Context, key bot.Key) (bot.Session, error) {
	rec, err := b.store.Load(ctx, key)
	if err != nil {
		return bot.Session{}, fmt.Errorf("read the case: %w", err)
	}
	s, err := b.Unseal(ctx, key, rec)
	if err != nil && !errors.Is(err, engine.ErrDamaged) {
		return bot.Session{}, fmt.Errorf("read the case: %w", err)
	}
	b.LibraryFor(ctx, &s) // whoever draws it next needs its book, and the card's
	told := s.Told()
	b.LibraryFor(ctx, &told)
	return s, nil
}

// Log returns what was said in a case, the oldest first, without the first skip lines.
func (b *Desk) Log(ctx context.Context, key bot.Key, skip int) ([]bot.Line, error) {
	raw, err := b.store.Log(ctx, key, skip)
	if err != nil {
		return nil, fmt.Errorf("read what was said: %w", err)
	}
	var out []bot.Line
	for _, r := range raw {
		var l bot.Line
		if plain, err := b.ring.Open(key.Partition, key.Hash, engine.SealedLine, r); err == nil && l.Decode(plain) == nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// Left puts what a counsellor held back into the queue, because they can no longer answer.
func (b *Desk) Left(ctx context.Context, a bot.Actor) error {
	if err := b.OnDuty(ctx, a, false); err != nil {
		return err
	}
	cases, missing := b.Index(ctx)
	if missing != nil && !bot.Partial(missing) {
		return fmt.Errorf("read the queue: %w", missing)
	}
	for _, m := range cases {
		if bot.CaseState(m.State&engine.MarkState) != bot.Taken {
			continue
		}
		s, err := b.Case(ctx, m.Key)
		if err != nil {
			return err
		}
		if s.Case == nil || !s.Case.HeldBy(a) {
			continue
		}
		if _, err := b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Acted, Text: bot.EventRelease, Actor: a, At: time.Now()}); err != nil {
			return err
		}
	}
	if missing != nil {
		return fmt.Errorf("read the queue: %w", missing)
	}
	return nil
}

// Pseudonym names a case in a list that leaves the program. It is the same for the same case, whatever becomes of the sealing key, so
// that whoever keeps such lists counts nobody twice; and it leads nowhere.
func (b *Desk) Pseudonym(key bot.Key) string {
	_, h := b.ring.Name(bot.DeskName+"-pseudonym", string(key.Hash[:]))
	return base64.RawURLEncoding.EncodeToString(h[:])[:12]
}
