package messengertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
)

// The secrets of the page and its app, and the page's id.
const (
	Token       = "EAAGmessengertest0123456789ofPatikra"
	AppSecret   = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	VerifyToken = "a-word-of-our-own"
	Page        = "102030405060708"
)

// window is how long after a person's last word the page may write.
const window = 24 * time.Hour

// humanWindow is how long a human may answer, with the tag HUMAN_AGENT.
const humanWindow = 7 * 24 * time.Hour

// Options of a server; the zero value is a server without limits on the machine's clock.
type Options struct {
	Now       func() time.Time // time.Now when nil
	Limit     int              // messages a second of the page, 0 for none
	NoLocale  bool             // the page may not ask for profiles
	Batch     int              // events in one request at most; 1 when 0
	HookRetry time.Duration    // the first pause before an event is tried again; doubles up to sixteen times it; 50 ms when 0
	Quiet     bool             // no echoes and no receipts
}

// Server is a Graph API server for one page. Its methods may be called from anywhere at any time.
type Server struct {
	URL string // for MESSENGER_API

	t    testing.TB
	opt  Options
	addr string
	ctx  context.Context
	end  context.CancelFunc

	client *http.Client
	work   sync.WaitGroup

	mu       sync.Mutex
	serving  *http.Server // nil while down
	fault    func(Call) Fault
	calls    map[string]int
	refusals []string
	tooMany  int
	times    []time.Time // of messages in the last second
	changed  chan struct{}
	chats    map[string]*chat
	profile  Profile

	made    int // mids
	users   int
	hook    string
	queue   []*happening
	holding []*happening
	held    bool
	all     map[string]*happening
	busy    map[string]bool
	posts   int
	status  []int
}

// New starts a server that ends with the test.
func New(t testing.TB, opt Options) *Server {
	t.Helper()
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.HookRetry == 0 {
		opt.HookRetry = 50 * time.Millisecond
	}
	opt.Batch = max(opt.Batch, 1)
	s := &Server{t: t, opt: opt, addr: "127.0.0.1:0", calls: map[string]int{}, changed: make(chan struct{}), chats: map[string]*chat{},
		all: map[string]*happening{}, busy: map[string]bool{}}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: 20 * time.Second}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.Up()
	s.URL = "http://" + s.addr
	t.Cleanup(func() {
		s.mu.Lock()
		s.end()
		s.mu.Unlock()
		s.Down()
		s.work.Wait()
		s.client.CloseIdleConnections()
	})
	return s
}

// Down makes the server unreachable: its port is closed and open connections break. What it knows, it keeps.
func (s *Server) Down() {
	s.mu.Lock()
	srv := s.serving
	s.serving = nil
	s.mu.Unlock()
	if srv != nil {
		srv.Close()
	}
}

// Up makes the server reachable again, at the same address.
func (s *Server) Up() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serving != nil {
		return
	}
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatalf("messengertest: %v", err)
	}
	s.addr = l.Addr().String()
	s.serving = &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	go s.serving.Serve(l)
}

// Refusals are the calls that were refused for another reason than a limit or an unknown profile.
func (s *Server) Refusals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refusals)
}

// TooMany is how many calls were refused for a limit.
func (s *Server) TooMany() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooMany
}

// Calls is how often something was called: "me/messages", "me/messenger_profile", "profile" or "me".
func (s *Server) Calls(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[what]
}

// Profile is the Messenger Profile that the bot has set.
func (s *Server) Profile() Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile
}

// Profile is what a person sees before the first word, and the menu.
type Profile struct {
	Start *struct {
		Payload string `json:"payload"`
	} `json:"get_started"`
	Greetings []struct {
		Locale string `json:"locale"`
		Text   string `json:"text"`
	} `json:"greeting"`
	Menus []struct {
		Locale   string `json:"locale"`
		Disabled bool   `json:"composer_input_disabled"`
		Items    []struct {
			Type    string `json:"type"`
			Title   string `json:"title"`
			Payload string `json:"payload"`
		} `json:"call_to_actions"`
	} `json:"persistent_menu"`
}

// Refusal is an answer that is an error.
type Refusal struct {
	Status, Code, Subcode int
	Text                  string
	Transient             bool
	Minutes               int // until the page has access again
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%d: code %d, subcode %d: %s", r.Status, r.Code, r.Subcode, r.Text)
}

// limited reports whether it is a limit and no mistake.
func (r *Refusal) limited() bool {
	return r.Code == 4 || r.Code == 17 || r.Code == 32 || r.Code == 613 || r.Code >= 80000 && r.Code < 80100
}

func bad(format string, args ...any) error {
	return &Refusal{Status: 400, Code: 100, Text: "(#100) " + fmt.Sprintf(format, args...)}
}

// ServeHTTP answers /v<major>.<minor>/....
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	path := strings.Join(parts[1:], "/")
	what := path
	if len(parts) == 2 && path != "me" {
		what = "profile"
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	s.mu.Lock()
	s.calls[what]++
	call := Call{What: what, N: s.calls[what], Body: string(body)}
	fault := s.fault
	s.mu.Unlock()
	var f Fault
	if fault != nil {
		f = fault(call)
	}
	if s.suffer(w, r, f) {
		return
	}
	result, err := s.answerTo(r, parts, what, body)
	if f.Lost {
		reset(w)
		return
	}
	s.answer(w, what, result, err)
}

func (s *Server) answerTo(r *http.Request, parts []string, what string, body []byte) (any, error) {
	var major, minor int
	if n, err := fmt.Sscanf(parts[0], "v%d.%d", &major, &minor); n != 2 || err != nil {
		return nil, &Refusal{Status: 400, Code: 2500, Text: "Unknown path components: " + r.URL.Path}
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || given != Token {
		return nil, &Refusal{Status: 401, Code: 190, Text: "Malformed access token " + given}
	}
	if r.URL.Query().Has("access_token") {
		return nil, bad("the token stands in the address")
	}
	for name := range r.URL.Query() {
		if name != "fields" || r.Method != "GET" {
			return nil, bad("Invalid parameter %q", name)
		}
	}
	switch {
	case what == "me" && r.Method == "GET":
		return map[string]any{"id": Page}, nil
	case what == "me/messages" && r.Method == "POST":
		return s.send(body)
	case what == "me/messenger_profile" && r.Method == "POST":
		return s.setProfile(body)
	case what == "profile" && r.Method == "GET":
		return s.person(parts[1], r.URL.Query().Get("fields"))
	}
	return nil, &Refusal{Status: 400, Code: 100, Subcode: 33, Text: "Unsupported " + r.Method + " request to " + r.URL.Path}
}

func (s *Server) answer(w http.ResponseWriter, what string, result any, err error) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("X-App-Usage", `{"call_count":3,"total_cputime":0,"total_time":1}`)
	if err == nil {
		json.NewEncoder(w).Encode(result)
		return
	}
	r := err.(*Refusal)
	s.mu.Lock()
	switch {
	case r.limited():
		s.tooMany++
	case r.Status < 500 && what != "profile":
		s.refusals = append(s.refusals, what+": "+r.Error())
	}
	s.mu.Unlock()
	if r.Minutes > 0 {
		w.Header().Set("X-Business-Use-Case-Usage", fmt.Sprintf(`{%q:[{"type":"messenger","call_count":100,"total_cputime":20,"total_time":22,"estimated_time_to_regain_access":%d}]}`, Page, r.Minutes))
	}
	w.WriteHeader(r.Status)
	e := map[string]any{"message": r.Text, "type": "OAuthException", "code": r.Code, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW"}
	if r.Subcode != 0 {
		e["error_subcode"] = r.Subcode
	}
	if r.Transient {
		e["is_transient"] = true
	}
	json.NewEncoder(w).Encode(map[string]any{"error": e})
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// strict decodes an object and refuses fields that it does not have.
func strict(body []byte, out any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return bad("%v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("something follows the object")
	}
	return nil
}

// send puts a message into a person's chat.
func (s *Server) send(body []byte) (any, error) {
	var in struct {
		Recipient *struct {
			ID string `json:"id"`
		} `json:"recipient"`
		Type    string `json:"messaging_type"`
		Tag     string `json:"tag"`
		Action  string `json:"sender_action"`
		Message *struct {
			Text    string `json:"text"`
			Replies []struct {
				Type    string `json:"content_type"`
				Title   string `json:"title"`
				Payload string `json:"payload"`
			} `json:"quick_replies"`
		} `json:"message"`
	}
	if err := strict(body, &in); err != nil {
		return nil, err
	}
	if in.Recipient == nil || in.Recipient.ID == "" {
		return nil, bad("The parameter recipient is required")
	}
	human := in.Type == "MESSAGE_TAG" && in.Tag == "HUMAN_AGENT"
	if in.Action == "" && !human && (in.Type != "RESPONSE" || in.Tag != "") {
		return nil, bad("messaging_type must be RESPONSE, or MESSAGE_TAG with the tag HUMAN_AGENT")
	}
	if in.Action != "" && in.Message != nil || in.Action == "" && in.Message == nil {
		return nil, bad("one of message and sender_action is required")
	}
	var view View
	if m := in.Message; m != nil {
		switch n := length(m.Text); {
		case strings.TrimSpace(m.Text) == "":
			return nil, bad("Message cannot be empty, must provide valid attachment or text")
		case n > 2000:
			return nil, bad("Length of param message[text] must be less than or equal to 2000, it is %d", n)
		case strings.Contains(m.Text, "**"):
			return nil, bad("the marks ** would be shown as they are")
		case len(m.Replies) > 13:
			return nil, bad("%d quick replies", len(m.Replies))
		}
		titles, payloads := map[string]bool{}, map[string]bool{}
		for _, r := range m.Replies {
			switch {
			case r.Type != "text":
				return nil, bad("content_type %q", r.Type)
			case strings.TrimSpace(r.Title) == "" || length(r.Title) > 20:
				return nil, bad("the title %q has %d characters", r.Title, length(r.Title))
			case r.Payload == "" || length(r.Payload) > 1000:
				return nil, bad("the payload has %d characters", length(r.Payload))
			case titles[r.Title] || payloads[r.Payload]:
				return nil, bad("the quick reply %q stands there twice", r.Title)
			}
			titles[r.Title], payloads[r.Payload] = true, true
			view.Replies = append(view.Replies, Reply{r.Title, r.Payload})
		}
		view.Text, view.Bot = m.Text, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[in.Recipient.ID]
	now := s.opt.Now()
	switch {
	case c == nil:
		return nil, &Refusal{Status: 400, Code: 100, Subcode: 2018001, Text: "(#100) No matching user found"}
	case c.blocked:
		return nil, &Refusal{Status: 400, Code: 551, Subcode: 1545041, Text: "(#551) This person isn't available right now."}
	case c.last.IsZero() || now.Sub(c.last) > window && !human || now.Sub(c.last) > humanWindow:
		return nil, &Refusal{Status: 403, Code: 10, Subcode: 2018278, Text: "(#10) This message is sent outside of allowed window."}
	case c.taken:
		return nil, &Refusal{Status: 403, Code: 10, Subcode: 2018300, Text: "(#10) Another app is controlling this thread now."}
	}
	if s.opt.Limit > 0 {
		s.times = slices.DeleteFunc(s.times, func(t time.Time) bool { return now.Sub(t) >= time.Second })
		if len(s.times) >= s.opt.Limit {
			return nil, &Refusal{Status: 400, Code: 613, Text: "(#613) Calls to this api have exceeded the rate limit."}
		}
		s.times = append(s.times, now)
	}
	if in.Action != "" {
		return map[string]any{"recipient_id": c.id}, nil
	}
	view.ID = s.mid()
	c.messages = append(c.messages, view)
	c.shown++
	c.note("bot: %s", flat(view))
	s.notify()
	if !s.opt.Quiet {
		ms := now.UnixMilli()
		s.event(c, "", map[string]any{"sender": id(Page), "recipient": id(c.id), "timestamp": ms,
			"message": map[string]any{"mid": view.ID, "text": view.Text, "is_echo": true, "app_id": 900800700600}})
		s.event(c, "", map[string]any{"sender": id(c.id), "recipient": id(Page), "timestamp": ms + 1, "delivery": map[string]any{"mids": []string{view.ID}, "watermark": ms}})
		s.event(c, "", map[string]any{"sender": id(c.id), "recipient": id(Page), "timestamp": ms + 2, "read": map[string]any{"watermark": ms}})
	}
	return map[string]any{"recipient_id": c.id, "message_id": view.ID}, nil
}

func (s *Server) mid() string {
	s.made++
	return fmt.Sprintf("m_messengertest-%09d-aBcDeFgHiJkLmNoPqRsTuVwXyZ", s.made)
}

func (s *Server) setProfile(body []byte) (any, error) {
	var p Profile
	if err := strict(body, &p); err != nil {
		return nil, err
	}
	if p.Start == nil || p.Start.Payload == "" || len(p.Start.Payload) > 1000 {
		return nil, bad("a menu needs get_started")
	}
	locales := func(kind string, list []string) error {
		if len(list) > 0 && !slices.Contains(list, "default") {
			return bad("%s: the locale default is required", kind)
		}
		for i, l := range list {
			if l != "default" && (len(l) != 5 || l[2] != '_') || slices.Contains(list[:i], l) {
				return bad("%s: the locale %q is unknown or there twice", kind, l)
			}
		}
		return nil
	}
	var of []string
	for _, g := range p.Greetings {
		if of = append(of, g.Locale); g.Text == "" || length(g.Text) > 160 {
			return nil, bad("the greeting has %d characters", length(g.Text))
		}
	}
	if err := locales("greeting", of); err != nil {
		return nil, err
	}
	of = nil
	for _, m := range p.Menus {
		of = append(of, m.Locale)
		if len(m.Items) == 0 || len(m.Items) > 20 {
			return nil, bad("a menu of %d", len(m.Items))
		}
		for _, i := range m.Items {
			if i.Type != "postback" || i.Title == "" || length(i.Title) > 30 || i.Payload == "" || len(i.Payload) > 1000 {
				return nil, bad("the menu's item %q", i.Title)
			}
		}
	}
	if err := locales("persistent_menu", of); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile = p
	return map[string]any{"result": "success"}, nil
}

func (s *Server) person(who, fields string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[who]
	switch {
	case c == nil:
		return nil, &Refusal{Status: 400, Code: 100, Subcode: 33, Text: "Unsupported get request. Object with ID '" + who + "' does not exist"}
	case s.opt.NoLocale:
		return nil, &Refusal{Status: 400, Code: 230, Text: "(#230) Requires pages_messaging permission to manage the object"}
	case fields != "locale":
		return nil, bad("Tried accessing nonexisting field (%s)", fields)
	}
	out := map[string]any{"id": who}
	if c.person.Locale != "" {
		out["locale"] = c.person.Locale
	}
	return out, nil
}

// notify wakes everyone who waits for a change. The caller holds the lock.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}
