package messengertest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// happening is one event on its way to the bot.
type happening struct {
	mid  string // empty for echoes and receipts
	who  string // whose events wait for it, empty for nobody's
	body map[string]any
}

func id(s string) map[string]any { return map[string]any{"id": s} }

// event queues an event. The caller holds the lock.
func (s *Server) event(c *chat, mid string, body map[string]any) {
	h := &happening{mid: mid, body: body}
	if mid != "" {
		h.who = c.id
		s.all[mid] = h
		if s.held {
			s.holding = append(s.holding, h)
			return
		}
	}
	s.queue = append(s.queue, h)
	s.pump()
}

// Hook tells where events go. The network asks the address first whether it expects them.
func (s *Server) Hook(address string) {
	s.t.Helper()
	q := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {VerifyToken}, "hub.challenge": {"1158201444"}}
	resp, err := s.client.Get(address + "?" + q.Encode())
	if err != nil {
		s.t.Fatalf("messengertest: the webhook does not answer: %v", err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(body) != "1158201444" {
		s.t.Fatalf("messengertest: the webhook answered %d %s", resp.StatusCode, body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = address
	s.pump()
}

// pump sends what may go. The caller holds the lock.
func (s *Server) pump() {
	if s.hook == "" || s.ctx.Err() != nil {
		return
	}
	for {
		var batch, rest []*happening
		taken := map[string]bool{}
		for _, h := range s.queue {
			if len(batch) < s.opt.Batch && (h.who == "" || !s.busy[h.who]) {
				batch = append(batch, h)
				taken[h.who] = true
				continue
			}
			rest = append(rest, h)
		}
		if len(batch) == 0 {
			return
		}
		s.queue = rest
		for who := range taken {
			if who != "" {
				s.busy[who] = true
			}
		}
		s.posts++
		s.work.Add(1)
		go s.deliver(batch, taken)
	}
}

// deliver posts events until they are taken.
func (s *Server) deliver(batch []*happening, taken map[string]bool) {
	defer s.work.Done()
	for pause := s.opt.HookRetry; s.Post(Sign(s.body(batch))) != 200; pause = min(2*pause, 16*s.opt.HookRetry) {
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(pause):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts--
	for who := range taken {
		delete(s.busy, who)
	}
	s.notify()
	s.pump()
}

// body is a request that holds these events, an entry for each run of one person's.
func (s *Server) body(batch []*happening) string {
	var entries []map[string]any
	last := "-"
	for _, h := range batch {
		if len(entries) == 0 || h.who != last {
			entries = append(entries, map[string]any{"id": Page, "time": s.opt.Now().UnixMilli(), "messaging": []any{}})
			last = h.who
		}
		e := entries[len(entries)-1]
		e["messaging"] = append(e["messaging"].([]any), h.body)
	}
	b, err := json.Marshal(map[string]any{"object": "page", "entry": entries})
	if err != nil {
		panic(fmt.Sprintf("messengertest: %v", err))
	}
	return string(b)
}

// Sign returns a body and its signature.
func Sign(body string) (string, string) {
	mac := hmac.New(sha256.New, []byte(AppSecret))
	mac.Write([]byte(body))
	return body, "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Post sends a request to the webhook and returns the status, 0 when there is none.
func (s *Server) Post(body, signature string) int {
	s.mu.Lock()
	hook := s.hook
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(s.ctx, "POST", hook, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	if signature != "" {
		req.Header.Set("X-Hub-Signature-256", signature)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	s.mu.Lock()
	s.status = append(s.status, resp.StatusCode)
	s.mu.Unlock()
	return resp.StatusCode
}

// Statuses are what the webhook has answered.
func (s *Server) Statuses() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.status)
}

// Pending is how many events wait or are on their way.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) + s.posts
}

// Again delivers an event so many times more, all at once.
func (s *Server) Again(mid string, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.all[mid]
	if h == nil {
		s.t.Fatalf("messengertest: there is no event %s", mid)
		return
	}
	for range times {
		s.posts++
		s.work.Add(1)
		go s.deliver([]*happening{{mid: mid, body: h.body}}, nil)
	}
}

// Hold keeps what people do back until Release.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
}

// Release delivers what was held, those named first and in that order.
func (s *Server) Release(mids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	place := func(h *happening) int {
		if i := slices.Index(mids, h.mid); i >= 0 {
			return i
		}
		return len(mids)
	}
	slices.SortStableFunc(s.holding, func(a, b *happening) int { return place(a) - place(b) })
	s.queue = append(s.queue, s.holding...)
	s.holding, s.held = nil, false
	s.pump()
}
