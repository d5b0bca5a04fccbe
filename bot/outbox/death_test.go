package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
)

// TestWhatKillsTheProcessIsSetAsideAtItsThirdStart lets some words and a file end every process that tries them, while others' messages
// are under way.
func TestWhatKillsTheProcessIsSetAsideAtItsThirdStart(t *testing.T) {
	stores(t, func(t *testing.T, store bot.Store) {
		p := &poisoned{t: t, tried: map[string]int{}, got: map[string]bool{}, told: map[string]bool{}, over: make(chan struct{})}
		defer close(p.over)
		key, words, file := seal.NewKey(), bot.Address{Channel: "test", ID: "words"}, bot.Address{Channel: "test", ID: "file"}
		for served := false; !served; {
			deliver := p.begin()
			if p.start > 4 {
				t.Fatalf("it has died %d times; tried: %v", p.start-1, p.tried)
			}
			b, ring, _ := runs(t, dying{store, p.died, time.Duration(p.start-1) * (bot.LeaseTime + time.Second)}, key, bot.Pace{},
				&net{name: bot.DeskName, deliver: deliver}, &net{name: "test", deliver: deliver})
			if p.start == 1 {
				for i := range p.others() {
					put(t, b, ring, store, bot.ToPerson, bot.Message{To: bot.Address{Channel: "test", ID: fmt.Sprint(i)}, Text: fmt.Sprint("other ", i)})
				}
				for _, who := range []bot.Address{words, file} {
					does(t, b, who, bot.Typed, "/start", time.Now())
					does(t, b, who, bot.Typed, "/human", time.Now())
					does(t, b, who, bot.Pressed, "human:agree", time.Now())
				}
				does(t, b, words, bot.Typed, "deadly words", time.Now())
				does(t, b, words, bot.Typed, "behind it", time.Now())
				updates++
				if _, err := b.Handle(t.Context(), bot.Update{ID: updates, From: file, Kind: bot.Attached, Media: bot.Media{Net: "test", Kind: "document", File: "f"}, At: time.Now()}); err != nil {
					t.Fatal(err)
				}
				soon(t, "all are under way", 10*time.Second, func() bool { return p.count("other") == p.others() && p.count("deadly") == 2 })
				close(p.all)
			}
			soon(t, fmt.Sprintf("start %d: it dies, or serves", p.start), 10*time.Second, func() bool {
				served = p.served()
				return served || (dying{died: p.died}).dead()
			})
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.tried["deadly words"] != 2 || p.tried["deadly file"] != 2 || p.start != 4 {
			t.Errorf("it served at start %d; tried: %v", p.start, p.tried)
		}
	})
}

// poisoned is what the networks of one process after another do: a deadly message ends the process.
type poisoned struct {
	t     *testing.T
	over  chan struct{} // the test has ended
	start int

	died chan struct{} // this process
	all  chan struct{} // at the first start: what there is is under way

	mu       sync.Mutex
	tried    map[string]int
	got      map[string]bool
	told     map[string]bool
	under    int // deliveries under way
	suspects int // those of them that were under way at a death
}

func (p *poisoned) others() int { return 12 }

// begin is the start of a process. It returns what the networks do with its messages.
func (p *poisoned) begin() func(context.Context, bot.Message, int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.start++
	p.died, p.all, p.under, p.suspects = make(chan struct{}), make(chan struct{}), 0, 0
	died, first := p.died, p.start == 1
	return func(_ context.Context, m bot.Message, _ int) error { return p.deliver(m, died, first) }
}

func (p *poisoned) count(begin string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.tried {
		if strings.HasPrefix(name, begin) {
			n++
		}
	}
	return n
}

// served reports whether all has arrived that could, and both sides of both conversations know what has not.
func (p *poisoned) served() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got) == p.others()+1 && len(p.told) == 4
}

func (p *poisoned) deliver(m bot.Message, died chan struct{}, first bool) error {
	name := ""
	switch {
	case m.Media.Kind != "":
		name = "deadly file"
	case strings.HasPrefix(m.Text, "other "):
		name = m.Text
	case m.Human && strings.Contains(m.Text, "deadly words"):
		name = "deadly words"
	case m.Human && strings.Contains(m.Text, "behind it"):
		name = "behind it"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.all
	if (dying{died: died}).dead() {
		return errDied
	}
	suspect := !first && name != "" && name != "behind it"
	p.under++
	if suspect {
		p.suspects++
	}
	if p.suspects > 0 && p.under > 1 {
		p.t.Errorf("start %d: %q is tried beside others", p.start, name)
	}
	p.tried[name]++
	p.mu.Unlock()
	if name == "" || !first {
		time.Sleep(time.Millisecond)
	} else {
		<-all
	}
	p.mu.Lock()
	switch {
	case (dying{died: died}).dead():
		return errDied
	case strings.HasPrefix(name, "deadly"):
		close(died)
		p.mu.Unlock()
		<-p.over // nothing that it was to do is done
		p.mu.Lock()
		return errDied
	case first && name != "":
		p.mu.Unlock()
		<-died
		p.mu.Lock()
		return errDied
	case name != "":
		p.got[name] = true
	case strings.Contains(m.Text, "Ne viską, ką siuntėte"):
		p.told["the person of the "+m.To.ID] = true
	case strings.Contains(m.Text, "perduoti nepavyko"):
		p.told["the desk, of the "+m.Case.ID] = true
	}
	p.under--
	if suspect {
		p.suspects--
	}
	return nil
}

// dying is a store that a process which has died reaches no more. What the process does happens later than its clock says.
type dying struct {
	bot.Store
	died  chan struct{}
	later time.Duration
}

var errDied = errors.New("the process has died")

func (d dying) dead() bool {
	select {
	case <-d.died:
		return true
	default:
		return false
	}
}

func (d dying) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	if d.dead() {
		return nil, errDied
	}
	return d.Store.Take(ctx, now.Add(d.later), until.Add(d.later), limit)
}

func (d dying) Extend(ctx context.Context, held []bot.Held, until time.Time) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Extend(ctx, held, until.Add(d.later))
}

func (d dying) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	if d.dead() {
		return bot.Record{}, errDied
	}
	return d.Store.Load(ctx, key)
}

func (d dying) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	if d.dead() {
		return bot.Committed{}, errDied
	}
	if !c.Lease.IsZero() {
		c.Lease = c.Lease.Add(d.later)
	}
	c.Now = c.Now.Add(d.later)
	return d.Store.Commit(ctx, c)
}

func (d dying) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	if d.dead() {
		return nil, bot.ErrNotHeld // at once: any other error is tried again
	}
	return d.Store.Ack(ctx, key, id, now.Add(d.later), until.Add(d.later))
}

func (d dying) Postpone(ctx context.Context, key bot.Key, id uint64, due time.Time) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Postpone(ctx, key, id, due.Add(d.later))
}

func (d dying) Tried(ctx context.Context, key bot.Key, id uint64, tries bot.Tries) error {
	if d.dead() {
		return errDied
	}
	return d.Store.Tried(ctx, key, id, tries)
}

func (d dying) Behind(ctx context.Context, key bot.Key, id uint64, due, now, until time.Time) (*bot.Item, error) {
	if d.dead() {
		return nil, errDied
	}
	return d.Store.Behind(ctx, key, id, due.Add(d.later), now.Add(d.later), until.Add(d.later))
}
