package telegramtest

import (
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
)

// Token is the bot's token unless Options say otherwise.
const Token = "7000000001:AAFtelegramtest-of-patikra-0123456789"

// botID is the bot's own user id, the first half of the token.
const botID = 7000000001

// Options of a server; the zero value is a server without limits on the machine's clock.
type Options struct {
	Token     string
	Limits    bool             // answer 429 beyond Telegram's limits
	Now       func() time.Time // time.Now when nil
	QueryLife time.Duration    // how long a pressed button may be answered; a minute when 0

	HookRetry   time.Duration // the first pause before a webhook is tried again; doubles up to sixteen times it; 50 ms when 0
	HookTimeout time.Duration // how long a webhook may take; 10 s when 0
}

// Server is a Telegram Bot API server for one bot. Its methods may be called from anywhere at any time.
type Server struct {
	URL string // for TELEGRAM_API

	t    testing.TB
	opt  Options
	addr string
	ctx  context.Context
	end  context.CancelFunc

	methods map[string]method

	client *http.Client   // posts to the webhook
	work   sync.WaitGroup // posts under way

	mu       sync.Mutex
	serving  *http.Server // nil while down
	fault    func(Call) Fault
	requests int
	calls    map[string]int
	refusals []string
	tooMany  int
	excesses []string
	pardons  map[string]int // calls that may be refused without mention, for their first answer was lost
	overall  *limit
	changed  chan struct{} // closed and replaced whenever something changes

	chats    map[int64]*chat
	users    int64 // made so far
	groups   int64
	queries  map[string]*query
	commands map[string][]Command
	stored   map[string]*stored // by file_id
	paths    map[string]*stored // by file_path

	updates  updates
	hook     *Hook
	statuses []int // what the webhook answered
	trouble  string
	troubled time.Time
}

// New starts a server that ends with the test.
func New(t testing.TB, opt Options) *Server {
	t.Helper()
	s, err := Start(opt)
	if err != nil {
		t.Fatalf("telegramtest: %v", err)
	}
	s.t = t
	t.Cleanup(s.Close)
	return s
}

// Start starts a server outside a test, for a program that puts load on a bot. What would fail a test, panics.
func Start(opt Options) (*Server, error) {
	if opt.Token == "" {
		opt.Token = Token
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.QueryLife == 0 {
		opt.QueryLife = time.Minute
	}
	if opt.HookRetry == 0 {
		opt.HookRetry = 50 * time.Millisecond
	}
	if opt.HookTimeout == 0 {
		opt.HookTimeout = 10 * time.Second
	}
	s := &Server{opt: opt, addr: "127.0.0.1:0", calls: map[string]int{}, pardons: map[string]int{},
		overall: newLimit(time.Second, overallPerSecond), changed: make(chan struct{}), chats: map[int64]*chat{},
		queries: map[string]*query{}, commands: map[string][]Command{}, stored: map[string]*stored{}, paths: map[string]*stored{}, updates: newUpdates(), methods: offered()}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	s.ctx, s.end = context.WithCancel(context.Background())
	if err := s.listen(); err != nil {
		return nil, err
	}
	s.URL = "http://" + s.addr
	return s, nil
}

func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	s.addr = l.Addr().String()
	srv := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0)}
	s.mu.Lock()
	s.serving = srv
	s.mu.Unlock()
	go srv.Serve(l)
	return nil
}

// Close ends the server and waits for what it still delivers.
func (s *Server) Close() {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.Down()
	s.work.Wait()
	s.client.CloseIdleConnections()
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
	up := s.serving != nil
	s.mu.Unlock()
	if up {
		return
	}
	if err := s.listen(); err != nil {
		s.fatalf("telegramtest: %v", err)
	}
}

// Refusals are the calls answered with a 4xx other than 429, each with its reason.
func (s *Server) Refusals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refusals)
}

// TooMany is how many calls were answered with 429.
func (s *Server) TooMany() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tooMany
}

// Excesses tell which limit each call that was one too many went beyond. What was refused only because an earlier one had
// been one too many is not among them.
func (s *Server) Excesses() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.excesses)
}

// Calls is how often a method was called, webhook answers included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Requests is how many HTTP requests came in.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// Commands are what setMyCommands set for a scope ("default", "all_private_chats", …) and a language ("" for all).
func (s *Server) Commands(scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands[commandKey(scope, 0, 0, language)])
}

// ChatCommands are what setMyCommands set for the scope "chat" or "chat_administrators" of a chat.
func (s *Server) ChatCommands(scope string, chat int64, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands[commandKey(scope, chat, 0, language)])
}

// refusal is an answer that isn't ok.
type refusal struct {
	code  int
	text  string
	after int
	moved int64 // migrate_to_chat_id
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s", r.code, r.text) }

func bad(format string, args ...any) error {
	return &refusal{code: http.StatusBadRequest, text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) error {
	return &refusal{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func conflict(text string) error {
	return &refusal{code: http.StatusConflict, text: "Conflict: " + text}
}

func later(seconds int) error {
	return &refusal{code: http.StatusTooManyRequests, text: fmt.Sprintf("Too Many Requests: retry after %d", seconds), after: seconds}
}

// done is a result that comes with a description.
type done struct {
	result any
	text   string
}

// ServeHTTP answers /bot<token>/<method>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests++
	s.mu.Unlock()
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		s.download(w, r, path)
		return
	}
	token, method, cut := strings.Cut(rest, "/")
	switch {
	case !ok || !cut || method == "" || strings.Contains(method, "/"):
		s.answer(w, "", nil, s.refuse(r.URL.Path, "", &refusal{code: 404, text: "Not Found"}))
		return
	case token != s.opt.Token:
		s.answer(w, method, nil, s.refuse(method, "", &refusal{code: 401, text: "Unauthorized"}))
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		s.answer(w, method, nil, s.refuse(method, "", &refusal{code: 405, text: "Method Not Allowed: call methods by POST"}))
		return
	}
	p, files, err := form(w, r)
	call := Call{Method: method, Params: p}
	s.mu.Lock()
	s.calls[method]++
	call.N = s.calls[method]
	fault := s.fault
	s.mu.Unlock()
	if err != nil {
		s.answer(w, method, nil, s.refuse(method, "", bad("%v", err)))
		return
	}
	var f Fault
	if fault != nil {
		f = fault(call)
	}
	if s.suffer(w, r, f) {
		return
	}
	result, err := s.execute(r.Context(), method, p, files)
	if err != nil {
		err = s.refuse(method, call.key(), err)
	}
	if f.Lost {
		s.mu.Lock()
		s.pardons[call.key()]++
		s.mu.Unlock()
		reset(w)
		return
	}
	s.answer(w, method, result, err)
}

func (s *Server) answer(w http.ResponseWriter, method string, result any, err error) {
	body := map[string]any{"ok": err == nil}
	code := http.StatusOK
	switch {
	case err == nil:
		if d, ok := result.(done); ok {
			body["description"] = d.text
			result = d.result
		}
		body["result"] = result
	default:
		r := err.(*refusal)
		code = r.code
		body["error_code"], body["description"] = r.code, r.text
		if r.after > 0 {
			body["parameters"] = map[string]any{"retry_after": r.after}
		}
		if r.moved != 0 {
			body["parameters"] = map[string]any{"migrate_to_chat_id": r.moved}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body)
}

// refuse keeps a refusal, unless the caller is to be pardoned for not knowing that the call had its effect.
func (s *Server) refuse(method, key string, err error) error {
	r, ok := err.(*refusal)
	if !ok {
		r = &refusal{code: 400, text: "Bad Request: " + err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.code == http.StatusTooManyRequests:
		s.tooMany++
	case key != "" && s.pardons[key] > 0:
		s.pardons[key]--
	case r.code >= 400 && r.code < 500:
		s.refusals = append(s.refusals, method+": "+r.Error())
	}
	return r
}

// form reads a call's parameters as a form, a multipart form or a JSON object.
func form(w http.ResponseWriter, r *http.Request) (params, files, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	p, up := params{}, files{}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) == "application/json" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, nil, fmt.Errorf("can't read the body")
		}
		p, err = object(body)
		return p, up, err
	}
	var err error
	if strings.TrimSpace(kind) == "multipart/form-data" {
		err = r.ParseMultipartForm(8 << 20)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("can't parse the form: %v", err)
	}
	for name, values := range r.Form {
		if len(values) > 1 {
			return nil, nil, fmt.Errorf("parameter %q is given %d times", name, len(values))
		}
		p[name] = values[0]
	}
	if r.MultipartForm != nil {
		for name, headers := range r.MultipartForm.File {
			f, err := headers[0].Open()
			if err != nil {
				return nil, nil, fmt.Errorf("can't read the file %q: %v", name, err)
			}
			data, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				return nil, nil, fmt.Errorf("can't read the file %q: %v", name, err)
			}
			up[name] = &upload{name: headers[0].Filename, mime: headers[0].Header.Get("Content-Type"), data: data}
		}
	}
	io.Copy(io.Discard, r.Body) // else nobody notices that the caller hangs up
	return p, up, nil
}

// object reads parameters from a JSON object: strings as they are, the rest as JSON.
func object(body []byte) (params, error) {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("can't parse the body as a JSON object")
	}
	p := params{}
	for name, raw := range in {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			p[name] = text
		default:
			p[name] = string(raw)
		}
	}
	return p, nil
}

// notify wakes everyone who waits for a change. The caller holds the lock.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) fatalf(format string, args ...any) {
	if s.t == nil {
		panic(fmt.Sprintf(format, args...))
	}
	s.t.Helper()
	s.t.Fatalf(format, args...)
}
