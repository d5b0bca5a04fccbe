package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// update is one event on its way to the bot.
type update struct {
	id     int64
	chat   int64
	body   json.RawMessage
	query  *query
	handed bool // given out at least once
	kept   bool // late or repeated: stays until it was given out, whatever the offset
	tries  int
}

// updates wait here until the bot has taken them.
type updates struct {
	next    int64
	queue   []*update
	all     map[int64]*update // ever made
	allowed map[string]bool   // nil is the service's own choice
	held    bool
	holding []*update
	poller  *poller
	busy    map[int64]bool // chats with a post under way
	posts   int            // under way
}

// poller is a getUpdates that waits.
type poller struct{ over chan string }

func newUpdates() updates {
	return updates{next: 800_000_001, all: map[int64]*update{}, busy: map[int64]bool{}}
}

// unasked are the kinds a bot gets only when it asks for them.
var unasked = []string{"chat_member", "message_reaction", "message_reaction_count"}

// post makes an update and queues it. It returns 0 when the bot didn't ask for this kind. The caller holds the lock.
func (s *Server) post(kind string, chat int64, q *query, content any) int64 {
	u := &s.updates
	if u.allowed != nil && !u.allowed[kind] || u.allowed == nil && slices.Contains(unasked, kind) {
		return 0
	}
	id := u.next
	u.next++
	body, err := json.Marshal(map[string]any{"update_id": id, kind: content})
	if err != nil {
		panic(fmt.Sprintf("telegramtest: %v", err))
	}
	s.enqueue(&update{id: id, chat: chat, body: body, query: q})
	return id
}

func (s *Server) enqueue(up *update) {
	s.updates.all[up.id] = up
	if s.updates.held {
		s.updates.holding = append(s.updates.holding, up)
		return
	}
	s.updates.queue = append(s.updates.queue, up)
	s.notify()
	s.pump()
}

// Raw delivers an update as given. Without an update_id it gets the next one; its chat is that of the message or
// the callback query, if it has one. It returns the update's id. Bytes that are no JSON object are for a webhook only.
func (s *Server) Raw(body string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	up := &update{id: s.updates.next, body: json.RawMessage(body)}
	var in struct {
		ID      *int64
		Message *rawMessage
		Edited  *rawMessage `json:"edited_message"`
		Query   *struct {
			ID      string
			Message *rawMessage
		} `json:"callback_query"`
	}
	var fields map[string]json.RawMessage
	json.Unmarshal(up.body, &in)
	if json.Unmarshal(up.body, &fields) == nil && fields != nil {
		if raw, given := fields["update_id"]; !given {
			fields["update_id"] = json.RawMessage(fmt.Sprint(up.id))
			up.body, _ = json.Marshal(fields)
		} else {
			json.Unmarshal(raw, &up.id)
		}
	}
	for _, m := range []*rawMessage{in.Message, in.Edited} {
		if m != nil {
			up.chat = m.Chat.ID
		}
	}
	if in.Query != nil {
		if in.Query.Message != nil {
			up.chat = in.Query.Message.Chat.ID
		}
		if s.queries[in.Query.ID] == nil && in.Query.ID != "" {
			s.queries[in.Query.ID] = &query{id: in.Query.ID, chat: s.chats[up.chat], at: s.opt.Now()}
		}
		up.query = s.queries[in.Query.ID]
	}
	s.updates.next = max(s.updates.next, up.id+1)
	s.enqueue(up)
	return up.id
}

type rawMessage struct {
	Chat struct{ ID int64 }
}

// Again delivers an update so many times more, all at once: by webhook in parallel posts, by long polling in one
// batch. Each delivery of a pressed button may be answered.
func (s *Server) Again(id int64, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.updates.all[id]
	if first == nil {
		s.fatalf("telegramtest: there is no update %d", id)
		return
	}
	for range times {
		if s.ctx.Err() != nil {
			return
		}
		up := &update{id: id, chat: first.chat, body: first.body, query: first.query, kept: true}
		if s.hook == nil {
			s.updates.queue = append(s.updates.queue, up)
			continue
		}
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			for hook := s.current(); hook != nil && !s.push(hook, up) && s.pause(up); hook = s.current() {
			}
		}()
	}
	s.notify()
}

// Hold keeps updates back until Release.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates.held = true
}

// Release delivers the held updates: those named, in that order; then the rest as they were made.
func (s *Server) Release(ids ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &s.updates
	place := func(up *update) int {
		if i := slices.Index(ids, up.id); i >= 0 {
			return i
		}
		return len(ids)
	}
	slices.SortStableFunc(u.holding, func(a, b *update) int { return place(a) - place(b) })
	for _, up := range u.holding {
		up.kept = true
	}
	u.queue = append(u.queue, u.holding...)
	u.holding, u.held = nil, false
	s.notify()
	s.pump()
}

// Pending is how many updates the bot has not taken yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.updates.queue) + len(s.updates.holding)
}

// allow reads allowed_updates; nothing given leaves what was.
func (s *Server) allow(p params) error {
	value := p["allowed_updates"]
	if value == "" {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(value), &list); err != nil {
		return bad("can't parse allowed updates: %v", err)
	}
	if len(list) == 0 {
		s.updates.allowed = nil
		return nil
	}
	allowed := map[string]bool{}
	for _, kind := range list {
		if !slices.Contains(spec().Updates, kind) {
			return bad("there is no kind of update %q", kind)
		}
		allowed[kind] = true
	}
	s.updates.allowed = allowed
	return nil
}

// getUpdates waits for updates. A second one ends the first with 409, as does a webhook.
func (s *Server) getUpdates(ctx context.Context, p params) (any, error) {
	s.mu.Lock()
	if s.hook != nil {
		s.mu.Unlock()
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	limit := int64(100)
	if p["limit"] != "" {
		limit = p.int("limit")
	}
	seconds := p.int("timeout")
	if limit < 1 || limit > 100 || seconds < 0 {
		s.mu.Unlock()
		return nil, bad("limit must be 1-100 and timeout not negative")
	}
	if err := s.allow(p); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
	me := &poller{over: make(chan string, 1)}
	s.updates.poller = me
	s.confirm(p.int("offset"))
	timer := time.NewTimer(time.Duration(min(seconds, 50)) * time.Second)
	defer timer.Stop()
	for over := seconds == 0; ; {
		if batch := s.batch(int(limit)); len(batch) > 0 || over {
			if s.updates.poller == me {
				s.updates.poller = nil
			}
			s.mu.Unlock()
			return batch, nil
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			over = true
		case why := <-me.over:
			select { // a bot that was killed does not hear it
			case <-ctx.Done():
				return []int{}, nil
			case <-time.After(100 * time.Millisecond):
			}
			return nil, conflict(why)
		case <-ctx.Done():
			s.leave(me)
			return []int{}, nil
		case <-s.ctx.Done():
			s.leave(me)
			return []int{}, nil
		}
		s.mu.Lock()
	}
}

func (s *Server) leave(me *poller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates.poller == me {
		s.updates.poller = nil
	}
}

func (s *Server) interrupt(why string) {
	if p := s.updates.poller; p != nil {
		p.over <- why
		s.updates.poller = nil
	}
}

// confirm forgets the updates below the offset, or all but the last few if it is negative.
func (s *Server) confirm(offset int64) {
	u := &s.updates
	if offset < 0 {
		if n := int64(len(u.queue)) + offset; n > 0 {
			u.queue = slices.Delete(u.queue, 0, int(n))
		}
		return
	}
	u.queue = slices.DeleteFunc(u.queue, func(up *update) bool { return up.id < offset && (up.handed || !up.kept) })
}

func (s *Server) batch(limit int) []json.RawMessage {
	out := []json.RawMessage{}
	for _, up := range s.updates.queue[:min(limit, len(s.updates.queue))] {
		s.hand(up)
		out = append(out, up.body)
	}
	return out
}

// hand counts a delivery.
func (s *Server) hand(up *update) {
	up.handed = true
	if up.query != nil {
		up.query.handed++
	}
}

// Hook is where updates are posted.
type Hook struct {
	URL     string
	Secret  string
	Most    int      // posts at once
	Allowed []string // nil is the service's own choice
}

// Webhook is what setWebhook set, and whether one is set.
func (s *Server) Webhook() (Hook, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hook == nil {
		return Hook{}, false
	}
	h := *s.hook
	if s.updates.allowed != nil {
		h.Allowed = sorted(s.updates.allowed)
	}
	return h, true
}

// HookStatuses are the HTTP codes that the webhook has answered so far, 0 for no answer.
func (s *Server) HookStatuses() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.statuses)
}

func (s *Server) current() *Hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hook
}

// pump starts posts for the first update of each chat that has none under way. The caller holds the lock.
func (s *Server) pump() {
	u := &s.updates
	if s.hook == nil || s.ctx.Err() != nil {
		return
	}
	for _, up := range u.queue {
		if u.posts >= s.hook.Most {
			return
		}
		if u.busy[up.chat] {
			continue
		}
		u.busy[up.chat] = true
		u.posts++
		hook := s.hook
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			ok := s.push(hook, up)
			s.mu.Lock()
			s.updates.posts--
			if ok {
				s.updates.queue = slices.DeleteFunc(s.updates.queue, func(other *update) bool { return other == up })
				s.notify()
			} else {
				s.pump() // others need not wait for this chat
				s.mu.Unlock()
				s.pause(up)
				s.mu.Lock()
			}
			delete(s.updates.busy, up.chat)
			s.pump()
			s.mu.Unlock()
		}()
	}
}

// pause waits before a post is tried again, longer each time.
func (s *Server) pause(up *update) bool {
	wait := s.opt.HookRetry << min(up.tries, 4)
	up.tries++
	select {
	case <-time.After(wait):
		return true
	case <-s.ctx.Done():
		return false
	}
}

// push posts an update once and reports whether the bot took it. A method in the answer is called; what comes of
// it, the bot doesn't learn.
func (s *Server) push(hook *Hook, up *update) bool {
	s.mu.Lock()
	s.hand(up)
	s.mu.Unlock()
	status, body, err := s.deliver(hook, up)
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return false
	}
	s.statuses = append(s.statuses, status)
	taken := status >= 200 && status < 300
	if !taken {
		s.troubled = s.opt.Now()
		s.trouble = fmt.Sprintf("Wrong response from the webhook: %d %s", status, http.StatusText(status))
		if err != nil {
			s.trouble = "Connection failed"
		}
	}
	s.mu.Unlock()
	if taken {
		s.reply(body)
	}
	return taken
}

func (s *Server) deliver(hook *Hook, up *update) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opt.HookTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(up.body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if hook.Secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.Secret)
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, nil, err
	}
	return resp.StatusCode, body, nil
}

// reply calls the method that a webhook's answer holds, if it holds one.
func (s *Server) reply(body []byte) {
	if !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		return
	}
	const where = "in the webhook's answer: "
	p, err := object(body)
	if err != nil || p["method"] == "" {
		s.refuse(where+"?", "", bad("no method in %q", cut(string(body))))
		return
	}
	method := p["method"]
	delete(p, "method")
	s.mu.Lock()
	s.calls[method]++
	s.mu.Unlock()
	if method == "getUpdates" {
		s.refuse(where+method, "", bad("can't be used there"))
		return
	}
	if _, err := s.execute(s.ctx, method, p, nil); err != nil {
		s.refuse(where+method, "", err)
	}
}
