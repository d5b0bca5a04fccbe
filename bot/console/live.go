package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// Times and limits of the streams.
const (
	beat        = 15 * time.Second       // a sign of life, and a look whether the session still is
	gather      = 120 * time.Millisecond // changes that come together are told together
	pollEvery   = 2 * time.Second        // another process may have changed something
	writeWait   = 10 * time.Second
	mostStreams = 30 // of one account
)

// hub tells the open pages what has changed: names of cases, "" for the desk itself. It holds no words.
type hub struct {
	names names

	mu      sync.Mutex
	streams map[*stream]bool
	closed  bool
}

// stream is one open page.
type stream struct {
	account string
	wake    chan struct{}
	mu      sync.Mutex
	cases   map[string]bool
	typing  []typist
}

// typist is somebody who is writing.
type typist struct {
	Case   string `json:"case"`
	Name   string `json:"name,omitempty"`
	Person bool   `json:"person,omitempty"`
}

func newHub(n names) *hub { return &hub{names: n, streams: map[*stream]bool{}} }

// open adds a stream; nil when there are too many, or the program ends.
func (h *hub) open(account string) *stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for s := range h.streams {
		if s.account == account {
			n++
		}
	}
	if h.closed || n >= mostStreams {
		return nil
	}
	s := &stream{account: account, wake: make(chan struct{}, 1), cases: map[string]bool{}}
	h.streams[s] = true
	return s
}

func (h *hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams[s] {
		delete(h.streams, s)
		close(s.wake)
	}
}

// close ends every stream.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		close(s.wake)
	}
	clear(h.streams)
}

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams) == 0
}

// each gives every stream something to say. It never waits for one.
func (h *hub) each(f func(s *stream)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		s.mu.Lock()
		f(s)
		s.mu.Unlock()
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// changed tells that a case, or something of the desk's own, has changed.
func (h *hub) changed(k bot.Key) {
	if h.empty() {
		return
	}
	name := h.names.of(k)
	h.each(func(s *stream) { s.cases[name] = true })
}

// types tells that somebody is writing in a case, to all but themselves.
func (h *hub) types(account string, t typist) {
	h.each(func(s *stream) {
		if s.account != account {
			s.typing = append(s.typing, t)
		}
	})
}

// drain takes what a stream has to say.
func (s *stream) drain() (cases []string, typing []typist) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.cases {
		cases = append(cases, name)
	}
	clear(s.cases)
	typing, s.typing = s.typing, nil
	return cases, typing
}

// events is the stream of one page.
func (c *Console) events(v *visit) {
	s := c.live.open(v.account.ID)
	if s == nil {
		http.Error(v.w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer c.live.leave(s)
	out := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no")
	out.SetReadDeadline(time.Time{}) // the server's own deadlines are for pages
	say := func(format string, args ...any) bool {
		out.SetWriteDeadline(time.Now().Add(writeWait))
		if _, err := fmt.Fprintf(v.w, format, args...); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	if !say("retry: 2000\nevent: hello\ndata: -\n\n") {
		return
	}
	warned := false
	// warns keeps the session of somebody on duty alive, and tells the page how it stands. It reports false when the stream is over.
	warns := func(now time.Time) bool {
		ctx, cancel := context.WithTimeout(v.r.Context(), handleTime)
		defer cancel()
		onDuty, err := c.bot.Present(ctx, v.account.Actor(), now)
		if err != nil {
			c.log.Warn("whether somebody is on duty could not be read", zap.Error(err))
		}
		_, ends, err := c.bot.Visitor(ctx, v.cookie, onDuty, now)
		left := ends.At.Sub(now)
		switch {
		case errors.Is(err, desk.ErrSession):
			say("event: ended\ndata: -\n\n")
			return false
		case err != nil: // an outage; the next look may tell
		case left <= desk.WarnTime:
			warned = true
			return say("event: ends\ndata: {\"minutes\":%d,\"final\":%t}\n\n", max(1, int(left/time.Minute)), ends.Final)
		case warned:
			warned = false
			return say("event: stays\ndata: -\n\n")
		}
		return say("event: beat\ndata: -\n\n")
	}
	if !warns(time.Now()) {
		return
	}
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		select {
		case <-v.r.Context().Done():
			return
		case <-alive.C:
			if !warns(time.Now()) {
				return
			}
		case _, on := <-s.wake:
			if !on {
				return
			}
			time.Sleep(gather)
			cases, typing := s.drain()
			for _, name := range cases {
				if !say("event: changed\ndata: %s\n\n", name) {
					return
				}
			}
			for _, t := range typing {
				data, _ := json.Marshal(t)
				if !say("event: typing\ndata: %s\n\n", data) {
					return
				}
			}
		}
	}
}

// Typing tells the counsellors that a person is writing. A door that knows may call it; nothing is kept.
func (c *Console) Typing(person bot.Address) {
	if !c.live.empty() {
		c.live.types("", typist{Case: c.names.of(c.bot.Key(person)), Person: true})
	}
}

// typing is told by a page whose counsellor is writing.
func (c *Console) typing(v *visit) {
	key, ok := c.names.key(v.arg)
	if !ok {
		http.NotFound(v.w, v.r)
		return
	}
	c.live.types(v.account.ID, typist{Case: c.names.of(key), Name: v.account.Name})
	if c.set.Writes != nil && v.r.PostForm.Get("field") == "text" { // not a note to colleagues
		s, err := c.bot.Case(v.r.Context(), key)
		if err == nil && s.Case.Active() && s.Case.Holder == v.account.Actor().ID {
			c.set.Writes(key)
		}
	}
	v.w.WriteHeader(http.StatusNoContent)
}

// Close ends the open streams, so that the server can end.
func (c *Console) Close() { c.live.close() }

// sight says whether the person of a talk that is held has it before their eyes, as far as that is known.
func (c *Console) sight(d *Data, key bot.Key, cs *bot.Case, lines []bot.Line, now time.Time) string {
	if c.set.Sight == nil || cs.State != bot.Taken {
		return ""
	}
	open, last, shown, known := c.set.Sight(key, now)
	if !known {
		if c.bot.Draws[cs.Person.Channel] { // this process has not seen the page; another may have
			return ""
		}
		return d.Say("sight-unknown")
	}
	out := d.Say("sight-open")
	if !open {
		out = strings.ReplaceAll(d.Say("sight-closed"), "{time}", d.clock(last, now))
	}
	for _, l := range slices.Backward(lines) {
		if l.By == talk.ByCounsellor {
			if l.At <= shown {
				return out + " " + d.Say("sight-read")
			}
			return out + " " + d.Say("sight-unread")
		}
	}
	return out
}

// glance is what is known of a person's page, in a form that changes when it does.
func (c *Console) glance(key bot.Key, now time.Time) string {
	if c.set.Sight == nil {
		return ""
	}
	open, _, shown, known := c.set.Sight(key, now)
	return fmt.Sprint(open, shown, known)
}

// Run looks for what other processes have changed while anybody has a page open, until the context ends.
func (c *Console) Run(ctx context.Context) {
	var was map[bot.Key]uint32
	var desk string
	glances := map[bot.Key]string{}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			c.Close()
			return
		case <-tick.C:
		}
		if c.live.empty() {
			was = nil
			continue
		}
		now, of, err := c.look(ctx)
		if err != nil {
			continue // an outage; the pages say so themselves when they are asked for
		}
		before := glances
		glances = make(map[bot.Key]string, len(now))
		for k := range now {
			glances[k] = c.glance(k, time.Now())
		}
		if was != nil {
			for k, version := range now {
				if was[k] != version || before[k] != glances[k] {
					c.live.changed(k)
				}
			}
			for k := range was {
				if _, there := now[k]; !there {
					c.live.changed(k)
				}
			}
			if desk != of {
				c.live.changed(bot.Key{})
			}
		}
		was, desk = now, of
	}
}

// look takes the state of every case, and of the desk.
func (c *Console) look(ctx context.Context) (map[bot.Key]uint32, string, error) {
	ctx, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	cases, err := c.bot.Cases(ctx)
	part := bot.Partial(err)
	if err != nil && !part { // a part is shown rather than nothing; the page says so
		return nil, "", err
	}
	out := make(map[bot.Key]uint32, len(cases))
	for _, m := range cases {
		if out[m.Key], err = c.bot.CaseVersion(ctx, m.Key); err != nil {
			return nil, "", err
		}
	}
	r, err := c.bot.Roster(ctx)
	if err != nil {
		return nil, "", err
	}
	a, err := c.bot.Accounts(ctx)
	if err != nil {
		return nil, "", err
	}
	note, err := c.bot.ShiftNote(ctx)
	return out, fmt.Sprint(r.Duty, a.List, part, note.At), err
}
