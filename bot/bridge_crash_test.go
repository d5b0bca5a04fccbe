package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/seal"
)

var errDied = errors.New("the process has died")

// dying is a store that is written to so many times more; then its process has died, before the write or right after it.
type dying struct {
	*strict
	left  int
	after bool
	died  bool
}

func (d *dying) write(f func() error) error {
	switch {
	case d.died:
		return errDied
	case d.left > 0:
		d.left--
		return f()
	}
	d.died = true
	if d.after {
		if err := f(); err != nil {
			return err
		}
	}
	return errDied
}

func (d *dying) Commit(ctx context.Context, c bot.Commit) (out bot.Committed, err error) {
	err = d.write(func() error { out, err = d.strict.Commit(ctx, c); return err })
	return out, err
}

func (d *dying) Keep(ctx context.Context, name string, value []byte, life time.Duration) error {
	return d.write(func() error { return d.strict.Keep(ctx, name, value, life) })
}

func (d *dying) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (ok bool, err error) {
	err = d.write(func() error { ok, err = d.strict.Swap(ctx, name, old, value, life); return err })
	return ok, err
}

// crossing is a talk on the page with a chat, and one update that changes both, in a process that dies on the way.
type crossing struct {
	t     *testing.T
	lib   *library.Library
	ring  *seal.Ring
	store *strict
	now   time.Time
	n     uint64
}

var pageTalk = bot.Address{Channel: "chat", ID: "a"}

func (c *crossing) process(s bot.Store) *desk.Desk {
	b := desk.New(c.lib, s, c.ring)
	b.Desk, b.Always, b.Draws = engine.Reach{On: true}, true, map[string]bool{"chat": true}
	return b
}

func (c *crossing) update(from bot.Address, kind bot.Kind, text string) bot.Update {
	c.n++
	u := bot.Update{ID: c.n, From: from, Kind: kind, Text: text, Locale: "en", At: c.now}
	switch kind {
	case bot.Acted, bot.Said:
		u.Actor = rutaOn
	case bot.Gone, bot.Due:
		u.ID = 0
	}
	return u
}

func (c *crossing) does(b *desk.Desk, from bot.Address, kind bot.Kind, text string) bot.Reply {
	c.t.Helper()
	r, err := b.Handle(c.t.Context(), c.update(from, kind, text))
	if err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return r
}

// begun is the talk with a counsellor, and the chat in which its link was opened; joined says that the person has said yes there.
func (c *crossing) begun(joined bool) {
	c.t.Helper()
	b := c.process(c.store)
	c.does(b, pageTalk, bot.Typed, "/human")
	c.does(b, pageTalk, bot.Pressed, "human:agree")
	c.does(b, pageTalk, bot.Acted, "take")
	c.does(b, mine, bot.Typed, "/start "+c.does(b, pageTalk, bot.Pressed, "human:bridge").Payload)
	if joined {
		c.does(b, mine, bot.Pressed, "human:join")
	}
}

// how says how the two stand, and how often each word was said.
func (c *crossing) how() string {
	c.t.Helper()
	b := c.process(c.store)
	talk, err := b.Session(c.t.Context(), pageTalk)
	if err != nil {
		c.t.Fatal(err)
	}
	chat, err := b.Session(c.t.Context(), mine)
	if err != nil {
		c.t.Fatal(err)
	}
	lines, err := b.Log(c.t.Context(), b.Key(pageTalk), 0)
	if err != nil {
		c.t.Fatal(err)
	}
	said := 0
	for _, l := range lines {
		if strings.Contains(l.Text, "words over the bridge") {
			said++
		}
	}
	state := "no case"
	if talk.Case != nil {
		state = talk.Case.State.String()
	}
	out := fmt.Sprintf("%s, said %d times", state, said)
	switch {
	case talk.Chat == mine && chat.Talk == pageTalk && chat.Offer == "":
		return out + ", tied"
	case talk.Chat == (bot.Address{}) && chat.Talk == (bot.Address{}):
		return out + ", apart"
	}
	return out + fmt.Sprintf(", the talk goes to %v, the chat speaks for %v", talk.Chat, chat.Talk)
}

func TestAProcessThatDiesBetweenATalkAndItsChatLosesNoWordAndLeavesNothingHalf(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from   bot.Address
		kind   bot.Kind
		text   string
		asked  bool // the link was opened, and nothing said yet
		closed bool // the talk has ended
		later  time.Duration
		want   string
	}{
		"yes in the chat":       {from: mine, kind: bot.Pressed, text: "human:join", asked: true, want: "held, said 0 times, tied"},
		"words in the chat":     {from: mine, kind: bot.Typed, text: "words over the bridge", want: "held, said 1 times, tied"},
		"words on the page":     {from: pageTalk, kind: bot.Typed, text: "words over the bridge", want: "held, said 1 times, tied"},
		"a counsellor's words":  {from: pageTalk, kind: bot.Said, text: "words over the bridge", want: "held, said 1 times, tied"},
		"the end, in the chat":  {from: mine, kind: bot.Pressed, text: "human:end", want: "closed, said 0 times, tied"},
		"cut in the chat":       {from: mine, kind: bot.Pressed, text: "human:apart", want: "held, said 0 times, apart"},
		"cut on the page":       {from: pageTalk, kind: bot.Pressed, text: "human:apart", want: "held, said 0 times, apart"},
		"the chat is blocked":   {from: mine, kind: bot.Gone, want: "held, said 0 times, apart"},
		"erased in the chat":    {from: mine, kind: bot.Pressed, text: "erase:yes", want: "no case, said 0 times, apart"},
		"erased on the page":    {from: pageTalk, kind: bot.Pressed, text: "erase:yes", want: "no case, said 0 times, apart"},
		"left in the chat":      {from: mine, kind: bot.Pressed, text: "exit", want: "no case, said 0 times, apart"},
		"left on the page":      {from: pageTalk, kind: bot.Pressed, text: "exit", want: "no case, said 0 times, apart"},
		"a day after the end":   {from: pageTalk, kind: bot.Due, closed: true, later: 25 * time.Hour, want: "closed, said 0 times, apart"},
		"again, in the chat":    {from: mine, kind: bot.Pressed, text: "human:again", closed: true, want: "waiting, said 0 times, tied"},
		"a mark, in the chat":   {from: mine, kind: bot.Pressed, text: "human:rate.4", closed: true, want: "closed, said 0 times, tied"},
		"a remark, in the chat": {from: mine, kind: bot.Typed, text: "words over the bridge", closed: true, want: "closed, said 1 times, tied"},
	} {
		t.Run(name, func(t *testing.T) {
			for at := 0; ; at++ {
				died := false
				for _, after := range []bool{false, true} {
					w := &crossing{t: t, lib: lib, ring: ring, store: newStrict(), now: time.Now()}
					w.begun(!c.asked)
					if c.closed {
						w.does(w.process(w.store), pageTalk, bot.Acted, "close")
					}
					w.now = w.now.Add(c.later)
					u := w.update(c.from, c.kind, c.text)
					d := &dying{strict: w.store, left: at, after: after}
					_, err := w.process(d).Handle(t.Context(), u)
					died = died || d.died
					if err != nil { // the network brings it again
						if _, err := w.process(w.store).Handle(t.Context(), u); err != nil {
							t.Fatalf("brought again after write %d: %v", at, err)
						}
					}
					if got := w.how(); got != c.want {
						t.Errorf("died at write %d, after it %v: %s instead of %s", at, after, got, c.want)
					}
					if strings.HasPrefix(c.want, "no case") {
						for _, a := range []bot.Address{pageTalk, mine} {
							if rec, err := w.store.Load(t.Context(), w.process(w.store).Key(a)); err != nil || rec.Version != 0 {
								t.Errorf("died at write %d: of %v is left %v, %v", at, a, rec.Version, err)
							}
						}
					}
				}
				if !died {
					if at == 0 {
						t.Fatal("nothing is written")
					}
					return
				}
			}
		})
	}
}
