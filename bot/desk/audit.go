package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
)

// The list of who did what is kept by time, in pieces of a day or less, each as a whole until its last possible line is [auditLife] old. Each line holds the hash of the one before, across pieces, so that
// a line that is missing is noticed. A repeated deed within an hour is counted with the first, so that nobody can wash the list out by
// doing the same thing over and over; and what goes beyond the most of a day is counted by who it was. Grave deeds have room of their own.

// Limits of the list.
const (
	auditLife  = 180 * 24 * time.Hour
	mostPiece  = 400       // lines of one piece; a store's log keeps more
	again      = time.Hour // a deed that is repeated within that time is one line
	mostRecent = 300       // deeds whose repeats are looked for
	mostOfDay  = 1000      // lines of one person in a day
	mostInDay  = 5000      // lines of all in a day
	mostGrave  = 1000      // grave deeds of all in a day, beside those
)

// grave are the deeds that others cannot crowd out: who comes in, who is taken out, and what is done to everything at once.
var grave = []string{"enter", "invite", "remove", "put-back", "export", "backup", "restore", "erase", "cases", "publish", "rollback", "rotate", "withdraw", "end-sessions", "unbar", "deeds-file"}

// Deed is one line of the list of who did what. It says nothing of what was said, or of whose case it was.
type Deed struct {
	At    int64  `json:"at"`
	Who   string `json:"who"`             // the actor's id, or command, group, store
	What  string `json:"what"`            // enter, take, answer, ...
	Case  string `json:"case,omitempty"`  // a keyed hash, to tell cases apart
	By    string `json:"by,omitempty"`    // what a member of the counsellors' group is called; accounts have their names
	Name  string `json:"name,omitempty"`  // to whom, or what, it was done: a colleague, a book
	Role  Role   `json:"role,omitempty"`  // that somebody has or gets
	Times int    `json:"times,omitempty"` // how often within the hour, when more than once
	Prev  string `json:"prev,omitempty"`  // hash of the line before
}

// Deeds that the list itself holds.
const (
	deedGap  = "gap"  // lines are missing before this one
	deedMore = "more" // of one person in one day beyond the most: only counted
)

// About is what a deed was about, as far as it is about something.
type About struct {
	Case bot.Key
	Name string // a colleague's name, a book's id, or why many cases were ended at once
	Role Role
}

// piece is what is kept of a part of the list beside its lines.
type piece struct {
	Day    string         `json:"day"`
	Began  int64          `json:"began"`
	Since  int64          `json:"since,omitempty"`  // when the one before began
	Closed bool           `json:"closed,omitempty"` // the next one has begun, or must
	First  string         `json:"first,omitempty"`  // hash of the last line before
	Last   string         `json:"last,omitempty"`   // hash of the last line
	N      int            `json:"n"`
	Before int            `json:"before,omitempty"` // lines of the same day in earlier pieces
	Of     map[string]int `json:"of,omitempty"`     // lines of each person on that day
	Grave  int            `json:"grave,omitempty"`  // grave deeds of that day
	More   map[string]int `json:"more,omitempty"`   // what is only counted, by person
	Recent []Deed         `json:"recent,omitempty"` // of the last hour, with how often
}

// auditHead says which piece is being written.
type auditHead struct {
	Piece int   `json:"piece"`
	Began int64 `json:"began,omitempty"` // of the piece
}

var (
	auditAddress     = bot.Address{Channel: bot.DeskName, ID: "audit"} // of an earlier program: a list without hashes
	auditHeadAddress = bot.Address{Channel: bot.DeskName, ID: "audit-head"}
)

func pieceAddress(n int) bot.Address {
	return bot.Address{Channel: bot.DeskName, ID: "audit-" + strconv.Itoa(n)}
}

// pieceEnds is until when a piece is kept that began then. A piece holds no line of a later day.
func pieceEnds(began int64) time.Time {
	return time.Unix(began, 0).UTC().Truncate(24 * time.Hour).Add(24*time.Hour + auditLife)
}

var errPieceFull = errors.New("the piece is full")

// Did writes into the list of who did what.
func (b *Desk) Did(ctx context.Context, a bot.Actor, what string, about About, now time.Time) error {
	d := Deed{At: now.Unix(), Who: a.ID, What: what, Name: about.Name, Role: about.Role}
	if !strings.HasPrefix(a.ID, bot.ConsoleName+":") {
		d.By = a.Name
	}
	if about.Case != (bot.Key{}) {
		_, h := b.ring.Name(bot.DeskName+"-act", string(about.Case.Hash[:]))
		d.Case = hex.EncodeToString(h[:4])
	}
	if err := b.note(ctx, d, now); err != nil {
		return fmt.Errorf("note an act: %w", err)
	}
	return nil
}

func (b *Desk) note(ctx context.Context, d Deed, now time.Time) error {
	var head auditHead
	if _, err := b.read(ctx, auditHeadAddress, engine.SealedAct, &head); err != nil {
		return err
	}
	before := piece{Began: head.Began} // should that one have ended by itself
	for n := head.Piece; ; n++ {
		if n > head.Piece {
			if _, err := b.read(ctx, pieceAddress(n-1), engine.SealedAct, &before); err != nil {
				return err
			}
		}
		closed, began := false, int64(0)
		err := b.changeFor(ctx, pieceAddress(n), engine.SealedAct, now, func(plain []byte) ([]byte, [][]byte, time.Duration, error) {
			p := before.following(now)
			if plain != nil {
				p = piece{}
				if err := json.Unmarshal(plain, &p); err != nil {
					return nil, nil, 0, err
				}
			}
			if p.Closed {
				return nil, nil, 0, errPieceFull
			}
			lines, err := p.add(d, now)
			if err != nil {
				return nil, nil, 0, err
			}
			closed, began = p.Closed, p.Began
			next, err := json.Marshal(p)
			return next, lines, max(pieceEnds(p.Began).Sub(now), time.Second), err
		})
		if err == nil && closed { // the deed itself belongs into the next
			continue
		}
		if !errors.Is(err, errPieceFull) {
			if err != nil || n == head.Piece && began == head.Began {
				return err
			}
			return b.headAt(ctx, n, began, now)
		}
	}
}

// headAt notes which piece is being written, unless it is a later one already.
func (b *Desk) headAt(ctx context.Context, n int, began int64, now time.Time) error {
	return b.change(ctx, auditHeadAddress, engine.SealedAct, engine.RosterLife, now, func(plain []byte) ([]byte, [][]byte, error) {
		var h auditHead
		if plain != nil {
			if err := json.Unmarshal(plain, &h); err != nil {
				return nil, nil, err
			}
		}
		if n >= h.Piece {
			h = auditHead{Piece: n, Began: began}
		}
		next, err := json.Marshal(h)
		return next, nil, err
	})
}

// following is the piece after p.
func (p *piece) following(now time.Time) piece {
	next := piece{Day: now.UTC().Format(time.DateOnly), Began: now.Unix(), Since: p.Began, First: p.Last, Last: p.Last}
	if next.Day == p.Day {
		next.Before, next.Of, next.Grave, next.More = p.Before+p.N, p.Of, p.Grave, p.More
	}
	for _, r := range p.Recent { // repeats are still looked for
		if now.Unix()-r.At < int64(again/time.Second) {
			next.Recent = append(next.Recent, r)
		}
	}
	return next
}

func (d *Deed) same(o *Deed) bool {
	return d.Who == o.Who && d.What == o.What && d.Case == o.Case && d.Name == o.Name && d.Role == o.Role
}

// add puts a deed into the piece. What it returns are the lines to be written; a piece that is full closes and takes none.
func (p *piece) add(d Deed, now time.Time) ([][]byte, error) {
	var lines [][]byte
	write := func(d Deed) error {
		d.Prev = p.Last
		line, err := json.Marshal(d)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(line)
		p.Last = hex.EncodeToString(sum[:8])
		p.N++
		lines = append(lines, line)
		return nil
	}
	day := now.UTC().Format(time.DateOnly)
	if p.Day != day || p.N >= mostPiece {
		p.Closed = true
		for _, r := range p.Recent {
			if r.Times > 1 && now.Unix()-r.At >= int64(again/time.Second) {
				if err := write(r); err != nil {
					return nil, err
				}
			}
		}
		for _, who := range sortedKeys(p.More) {
			if p.Day == day { // it is counted on in the next piece
				break
			}
			if err := write(Deed{At: now.Unix(), Who: who, What: deedMore, Times: p.More[who]}); err != nil {
				return nil, err
			}
		}
		return lines, nil
	}
	if err := p.forget(now, write); err != nil {
		return nil, err
	}
	for i := range p.Recent {
		if p.Recent[i].same(&d) {
			p.Recent[i].Times = max(p.Recent[i].Times, 1) + 1
			return lines, nil
		}
	}
	full := p.Of[d.Who] >= mostOfDay || p.Before+p.N >= mostInDay+p.Grave
	if slices.Contains(grave, d.What) {
		if full = p.Grave >= mostGrave; !full {
			p.Grave++
		}
	} else if !full {
		if p.Of == nil {
			p.Of = map[string]int{}
		}
		p.Of[d.Who]++
	}
	if full {
		if p.More == nil {
			p.More = map[string]int{}
		}
		p.More[d.Who]++
		return lines, nil
	}
	p.Recent = append(p.Recent, d)
	return lines, write(d)
}

// forget lets go of deeds whose repeats are no longer looked for, and writes down how often they were repeated.
func (p *piece) forget(now time.Time, write func(Deed) error) error {
	for len(p.Recent) > 0 && (now.Unix()-p.Recent[0].At >= int64(again/time.Second) || len(p.Recent) >= mostRecent) {
		r := p.Recent[0]
		p.Recent = slices.Delete(p.Recent, 0, 1)
		if r.Times > 1 {
			if err := write(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortedKeys(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// mostShown is how many deeds are read at once.
const mostShown = 500

// Deeds returns who did what, the newest first, from a piece of the list backwards; -1 is the newest. earlier is where to go on, -1 when
// there is nothing earlier. A deed "gap" stands where lines are missing.
func (b *Desk) Deeds(ctx context.Context, from int) (deeds []Deed, earlier int, err error) {
	var head auditHead
	if _, err := b.read(ctx, auditHeadAddress, engine.SealedAct, &head); err != nil {
		return nil, -1, fmt.Errorf("read the acts: %w", err)
	}
	var next piece // that comes after what is read
	if from < 0 || from > head.Piece {
		from = head.Piece
		for { // another process may have begun one, and not noted it yet
			found, err := b.read(ctx, pieceAddress(from+1), engine.SealedAct, &next)
			if err != nil {
				return nil, -1, fmt.Errorf("read the acts: %w", err)
			}
			if !found {
				break
			}
			from++
		}
		next = piece{Since: head.Began}
	} else if _, err := b.read(ctx, pieceAddress(from+1), engine.SealedAct, &next); err != nil {
		return nil, -1, fmt.Errorf("read the acts: %w", err)
	}
	expect, since, now := next.First, next.Since, time.Now()
	began := cmp.Or(next.Began, now.Unix())
	for n := from; n >= 0; n-- {
		p, lines, whole, err := b.pieceAt(ctx, n)
		if err != nil {
			return nil, -1, err
		}
		switch {
		case p == nil && n == 0 && len(deeds) == 0 && expect == "": // nothing was ever written
		case p == nil && now.After(pieceEnds(cmp.Or(since, began-int64(24*time.Hour/time.Second)))): // it has ended by itself, and all before it
			return deeds, -1, nil
		case p == nil || !whole || expect != "" && p.Last != expect:
			deeds = append(deeds, Deed{At: began, Who: StoreName, What: deedGap})
		}
		if p == nil {
			expect, since = "", 0
			continue
		}
		deeds = append(deeds, lines...)
		expect, since, began = p.First, p.Since, p.Began
		if len(deeds) >= mostShown && n > 0 {
			return deeds, n - 1, nil
		}
	}
	old, err := b.earlierDeeds(ctx)
	return append(deeds, old...), -1, err
}

// pieceAt reads a piece, its deeds with the newest first. whole says that every line is there, and hangs on the one before.
func (b *Desk) pieceAt(ctx context.Context, n int) (p *piece, deeds []Deed, whole bool, err error) {
	key := b.Key(pieceAddress(n))
	// The lines first: what is written between is then missing from them, and the record says so once it is read again.
	for range 3 {
		p = &piece{}
		raw, err := b.store.Log(ctx, key, 0)
		if err != nil {
			return nil, nil, false, fmt.Errorf("read the acts: %w", err)
		}
		found, err := b.read(ctx, pieceAddress(n), engine.SealedAct, p)
		if err != nil {
			return nil, nil, false, fmt.Errorf("read the acts: %w", err)
		}
		if !found {
			return nil, nil, false, nil
		}
		deeds, whole = nil, true
		last := p.First
		for _, r := range raw {
			var d Deed
			plain, err := b.ring.Open(key.Partition, key.Hash, engine.SealedAct, r)
			if err != nil || json.Unmarshal(plain, &d) != nil || d.Prev != last {
				whole = false
			}
			sum := sha256.Sum256(plain)
			last = hex.EncodeToString(sum[:8])
			deeds = append(deeds, d)
		}
		if whole = whole && last == p.Last && len(raw) == p.N; whole {
			break
		}
	}
	deeds = slices.DeleteFunc(deeds, func(d Deed) bool { return d.What == "" })
	for _, r := range p.Recent { // how often so far
		if r.Times > 1 && !p.Closed {
			deeds = append(deeds, r)
		}
	}
	if !p.Closed {
		for _, who := range sortedKeys(p.More) {
			deeds = append(deeds, Deed{At: p.Began, Who: who, What: deedMore, Times: p.More[who]})
		}
	}
	slices.Reverse(deeds)
	return p, deeds, whole, nil
}

// earlierDeeds reads what an earlier program has written, which ends by itself.
func (b *Desk) earlierDeeds(ctx context.Context) ([]Deed, error) {
	key := b.Key(auditAddress)
	raw, err := b.store.Log(ctx, key, 0)
	if err != nil {
		return nil, fmt.Errorf("read the acts: %w", err)
	}
	var out []Deed
	for _, r := range slices.Backward(raw) {
		var d Deed
		if plain, err := b.ring.Open(key.Partition, key.Hash, engine.SealedAct, r); err == nil && json.Unmarshal(plain, &d) == nil {
			out = append(out, d)
		}
	}
	return out, nil
}
