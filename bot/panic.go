package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Panic is a mistake of the program that was contained: what was under way is given up, everything else goes on. It holds no word,
// id or token of anybody, so that it can be logged.
type Panic struct {
	What  string // the kind of mistake
	Where string // the function, file and line that made it
	Stack string // the calls that led there, innermost first, a line each, without what they were called with
}

func (p *Panic) Error() string { return "a mistake of the program: " + p.What + " in " + p.Where }

// Contain runs f and turns a panic into a *Panic. What kills the process (no memory left, a map written by two at once) cannot be
// contained.
func Contain(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = NewPanic(v)
		}
	}()
	return f()
}

// NewPanic describes what recover has returned. It is called in the deferred function that recovered.
func NewPanic(v any) *Panic {
	p := &Panic{What: fmt.Sprintf("a value of type %T", v)} // its text may hold anything
	if e, ok := v.(runtime.Error); ok {
		p.What = e.Error() // numbers and types only
	}
	calls := make([]uintptr, 64)
	frames := runtime.CallersFrames(calls[:runtime.Callers(2, calls)])
	var lines []string
	thrown := false // what comes before is the recovery itself
	for {
		f, more := frames.Next()
		file := f.File[strings.LastIndexByte(f.File, '/')+1:]
		line := fmt.Sprintf("%s %s:%d", f.Function, file, f.Line)
		switch {
		case f.Function == "runtime.gopanic":
			thrown, lines = true, nil
		case thrown:
			if p.Where == "" && !strings.HasPrefix(f.Function, "runtime.") {
				p.Where = line
			}
			lines = append(lines, line)
		}
		if !more {
			break
		}
	}
	p.Stack = strings.Join(lines, "\n")
	return p
}

// Guard runs f and contains a mistake of the program in it, which is told to Broke with the part of the program that was at work. It
// reports whether f has come to its end.
func (b *Bot) Guard(part string, f func()) bool {
	var p *Panic
	if !errors.As(Contain(func() error { f(); return nil }), &p) {
		return true
	}
	if b.Broke != nil {
		b.Broke(part, p)
	}
	return false
}

// whole runs f, which reads something that is stored. A mistake of the program in it is told to Broke and returned: one record that
// breaks the program is to break nothing else.
func (b *Bot) whole(f func() error) error {
	err := Contain(f)
	var p *Panic
	if errors.As(err, &p) && b.Broke != nil {
		b.Broke("record", p)
	}
	return err
}

// Keep runs work that goes on until the context ends, and after a mistake of the program in it, which is told to Broke, runs it again.
func (b *Bot) Keep(ctx context.Context, part string, work func(context.Context)) {
	for pause := time.Second; !b.Guard(part, func() { work(ctx) }); pause = min(2*pause, time.Minute) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// ErrSetAside says that an update has broken its turn twice. It is counted, whose words it held are told of it as far as
// possible, and the channel acknowledges it: sent again it would break the turn again.
var ErrSetAside = errors.New("an update that breaks its turn was set aside")

// TurnTries is how often an update may break its turn, or the channel that takes it, before it is set aside.
const TurnTries = 2

// Handle takes one update from receipt to a saved plan. When it returns nil
// the update is safe with us, and the channel may acknowledge it. With an error it may be acknowledged only if
// [Update.Forgoes] says so.
func (b *Bot) Handle(ctx context.Context, u Update) (reply Reply, err error) {
	begin := time.Now()
	defer func() { b.handled(u.From.Channel, begin, reply, err) }()
	var broken *Panic
	for range TurnTries {
		err := Contain(func() (err error) {
			reply, err = b.handle(ctx, u)
			return err
		})
		if !errors.As(err, &broken) {
			return reply, err
		}
		b.cache.drop(b.Key(u.From))
		if b.Broke != nil {
			b.Broke("turn", broken)
		}
	}
	if u.ID == 0 { // one of our own: whoever brings it decides when to bring it again
		return Reply{}, broken
	}
	if err := b.setAside(ctx, u, broken); err != nil {
		return Reply{}, err
	}
	return Reply{Aside: true}, fmt.Errorf("%w: %w", ErrSetAside, broken)
}

// Stumbled counts an update that broke a channel before it came to a turn. The channel acknowledges it.
func (b *Bot) Stumbled(ctx context.Context, err error) {
	var p *Panic
	if !errors.As(err, &p) {
		return
	}
	if b.Broke != nil {
		b.Broke("update", p)
	}
	_ = b.setAside(ctx, Update{At: time.Now()}, p) // best effort: the log has it
}

const asideName = "aside"

// asideLife is how long the note of updates that were set aside is kept after the last of them.
const asideLife = 30 * 24 * time.Hour

// Aside tells of the updates that were set aside. It names nobody.
type Aside struct {
	Number int64     `json:"number"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
	Where  string    `json:"where"` // the last one broke there
}

// Aside returns what is known of updates that were set aside, in this process and others. The zero Aside: there were none.
func (b *Bot) Aside(ctx context.Context) (a Aside, err error) {
	kept, err := b.store.Kept(ctx, asideName)
	if err != nil || kept == nil {
		return a, err
	}
	return a, json.Unmarshal(kept, &a)
}

// setAside counts an update that breaks its turn, and tells whom it concerns.
func (b *Bot) setAside(ctx context.Context, u Update, p *Panic) error {
	for range tries {
		kept, err := b.store.Kept(ctx, asideName)
		if err != nil {
			return fmt.Errorf("set an update aside: %w", err)
		}
		a := Aside{First: u.At.UTC()}
		if kept != nil && json.Unmarshal(kept, &a) != nil {
			a = Aside{First: u.At.UTC()}
		}
		a.Number, a.Last, a.Where = a.Number+1, u.At.UTC(), p.Where
		value, err := json.Marshal(a)
		if err != nil {
			return err
		}
		done, err := b.store.Swap(ctx, asideName, kept, value, asideLife)
		if err != nil {
			return fmt.Errorf("set an update aside: %w", err)
		}
		if done {
			break
		}
	}
	if u.Kind == Typed || u.Kind == Attached || u.Kind == Edited { // best effort: the turn may break at that too
		_ = Contain(func() error {
			_, err := b.handle(ctx, Update{From: u.From, Kind: Unpassed, Media: u.Media, At: u.At})
			return err
		})
	}
	return nil
}
