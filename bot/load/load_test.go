// Package load measures the program as a whole: many people play the quiz over loopback against a plain fake of the
// Bot API, with a real Redis. It holds benchmarks only:
//
//	go test ./bot/load -run '^$' -bench . -benchtime 1x
//
// Program and yardstick are processes of their own, so that their processor time can be told from the driver's.
package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot/seal"
	"patikra/bot/storetest"
)

const (
	token  = "1000:load"
	secret = "load-secret"
)

// TestMain lets the test's own program stand in for the bare server.
func TestMain(m *testing.M) {
	if os.Getenv("PATIKRA_LOAD_BARE") != "" {
		bare()
		return
	}
	code := m.Run()
	if folder != "" {
		os.RemoveAll(folder)
	}
	os.Exit(code)
}

// folder holds the program that was built.
var folder string

// process is a server under load.
type process struct {
	cmd  *exec.Cmd
	url  string
	errs bytes.Buffer
	done chan struct{}
}

// patikra builds the program as the Dockerfile does, once.
var patikra = sync.OnceValues(func() (string, error) {
	if built := os.Getenv("PATIKRA_LOAD_PROGRAM"); built != "" { // as one built for profiling
		return built, nil
	}
	var err error
	if folder, err = os.MkdirTemp("", "patikra-load"); err != nil {
		return "", err
	}
	out := filepath.Join(folder, "patikra")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "patikra/cmd/patikra")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, text)
	}
	return out, nil
})

func freeAddress(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// environ is what both servers see: nothing of the caller's but GOMAXPROCS.
func environ(more ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), fmt.Sprint("GOMAXPROCS=", runtime.GOMAXPROCS(0))}, more...)
}

func run(b *testing.B, path, listen string, env []string) *process {
	p := &process{cmd: exec.Command(path), url: "http://" + listen + "/telegram", done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = env, b.TempDir(), &p.errs
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	go func() { p.cmd.Wait(); close(p.done) }()
	b.Cleanup(func() { p.stop() })
	return p
}

func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
	}
}

// program starts patikra with its limits lifted.
func program(b *testing.B, r *storetest.Redis, net *network, more ...string) *process {
	path, err := patikra()
	if err != nil {
		b.Fatal(err)
	}
	listen := freeAddress(b)
	return run(b, path, listen, environ(append([]string{"PATIKRA_LISTEN=" + listen, "PATIKRA_KEY=" + seal.NewKey(), "PATIKRA_FLOOD=0",
		"REDIS_URL=" + r.URL(), "TELEGRAM_TOKEN=" + token, "TELEGRAM_API=" + net.url, "TELEGRAM_WEBHOOK=true", "TELEGRAM_SECRET=" + secret,
		"TELEGRAM_RATE=0/0/0"}, more...)...))
}

// yardstick starts the bare server.
func yardstick(b *testing.B, r *storetest.Redis, net *network) *process {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	listen := freeAddress(b)
	return run(b, self, listen, environ("PATIKRA_LOAD_BARE=1", "LISTEN="+listen, "REDIS="+r.Addr, "API="+net.url))
}

// processor is how much processor time a process has used, user and system.
func (p *process) processor(b *testing.B) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Fatalf("the server is gone: %v\n%s", err, p.errs.String())
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
}

// resident is the process's memory in MB.
func (p *process) resident() float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	f := strings.Fields(rest)
	if len(f) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(f[0], 64)
	return kb / 1024
}

// network is Telegram as seen by both servers: it takes every call, and hands the keyboards on to the people.
type network struct {
	url    string
	mu     sync.Mutex
	calls  map[string]int
	people map[string]chan screen
}

// screen is what a person sees: the data of the button to press next, empty at the end.
type screen struct {
	data string
	at   time.Time
}

func newNetwork(b *testing.B) *network {
	n := &network{calls: map[string]int{}, people: map[string]chan screen{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	n.url = "http://" + l.Addr().String()
	s := &http.Server{Handler: n}
	go s.Serve(l)
	b.Cleanup(func() { s.Close() })
	return n
}

// sent is what Telegram answers to an edit, in its usual length.
const sent = `{"ok":true,"result":{"message_id":100,"from":{"id":1000,"is_bot":true,"first_name":"Patikra","username":"patikra_bot"},` +
	`"chat":{"id":123456789,"first_name":"Rasa","username":"rasa","type":"private"},"date":1772445600,"edit_date":1772445660,"text":"` + question + `",` +
	`"entities":[{"offset":6,"length":60,"type":"bold"}],"reply_markup":` + keyboard + `}}`

const question = `3/12\n\nAr tas, kas siūlo darbą, prašo sumokėti už įdarbinimą, dokumentus, kelionę ar mokymus?`

const keyboard = `{"inline_keyboard":[[{"text":"Taip","callback_data":"answer:3.0"},{"text":"Ne","callback_data":"answer:3.1"},{"text":"Nežinau","callback_data":"answer:3.2"}],` +
	`[{"text":"‹ Atgal","callback_data":"back:3"},{"text":"Praleisti","callback_data":"skip:3"},{"text":"Kodėl klausiate?","callback_data":"why:3"}],` +
	`[{"text":"☎ Numeriai","callback_data":"numbers"},{"text":"✕ Išeiti","callback_data":"exit"}]]}`

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	at := time.Now()
	if method == "sendMessage" || method == "editMessageText" {
		r.ParseForm()
	} else {
		io.Copy(io.Discard, r.Body)
	}
	w.Header().Set("Content-Type", "application/json")
	if method == "sendMessage" || method == "editMessageText" {
		io.WriteString(w, sent)
	} else {
		io.WriteString(w, `{"ok":true,"result":true}`)
	}
	n.mu.Lock()
	n.calls[method]++
	c := n.people[r.Form.Get("chat_id")]
	n.mu.Unlock()
	if c != nil {
		c <- screen{press(r.Form.Get("reply_markup")), at}
	}
}

// press is the data of the last answer of a keyboard, which seldom ends the quiz early, or of its next button.
func press(keyboard string) string {
	i := strings.LastIndex(keyboard, `"answer:`)
	if i < 0 {
		i = strings.Index(keyboard, `"next:`)
	}
	if i < 0 {
		return ""
	}
	data, _, _ := strings.Cut(keyboard[i+1:], `"`)
	return data
}

func (n *network) total() (sum int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.calls {
		sum += c
	}
	return sum
}

// crowd is the people who play against one server.
type crowd struct {
	net    *network
	client *http.Client
	url    string
	people []*person
}

type person struct {
	id     string
	arrive chan screen
	last   screen
	update int
}

var nextPerson = 100_000_000

func newCrowd(net *network, url string, size int) *crowd {
	c := &crowd{net: net, url: url, client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 256}}}
	for range size {
		nextPerson++
		p := &person{id: strconv.Itoa(nextPerson), arrive: make(chan screen, 64), update: nextPerson * 1000 % 900_000_000}
		c.people = append(c.people, p)
		net.mu.Lock()
		net.people[p.id] = p.arrive
		net.mu.Unlock()
	}
	return c
}

// leave frees what the people held, their connections to the server included.
func (c *crowd) leave() {
	c.client.CloseIdleConnections()
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for _, p := range c.people {
		delete(c.net.people, p.id)
	}
}

// step sends one update, as long as Telegram's are, and waits for the webhook's answer and for the screen. It returns how long the screen took.
func (c *crowd) step(p *person) (time.Duration, error) {
	p.update++
	who := `{"id":` + p.id + `,"is_bot":false,"first_name":"Rasa","username":"rasa","language_code":"lt"}`
	chat := `{"id":` + p.id + `,"first_name":"Rasa","username":"rasa","type":"private"}`
	body := `{"update_id":` + strconv.Itoa(p.update)
	if p.last.data == "" {
		body += `,"message":{"message_id":99,"from":` + who + `,"chat":` + chat + `,"date":1772445600,"text":"/start","entities":[{"offset":0,"length":6,"type":"bot_command"}]}}`
	} else {
		body += `,"callback_query":{"id":"4382bfdwdsb323b2d9","from":` + who + `,"message":{"message_id":100,"from":{"id":1000,"is_bot":true,"first_name":"Patikra","username":"patikra_bot"},"chat":` + chat +
			`,"date":1772445600,"edit_date":1772445660,"text":"` + question + `","entities":[{"offset":6,"length":60,"type":"bold"}],"reply_markup":` + keyboard +
			`},"chat_instance":"-3428374923749823","data":"` + p.last.data + `"}}`
	}
	began := time.Now()
	req, _ := http.NewRequest("POST", c.url, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, err
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 {
		return 0, fmt.Errorf("the webhook answered %s", resp.Status)
	}
	select {
	case p.last = <-p.arrive:
		return p.last.at.Sub(began), nil
	case <-time.After(15 * time.Second):
		return 0, errors.New("a screen did not arrive")
	}
}

// play lets everybody go on, all at once, until that many updates have been answered, and returns their latencies in order.
func (c *crowd) play(b *testing.B, updates int) []time.Duration {
	return c.playAll(b, max(updates/len(c.people), 1), len(c.people))
}

// playAll lets everybody send that many updates, so many people at once.
func (c *crowd) playAll(b *testing.B, each, together int) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	slots := make(chan struct{}, together)
	for _, p := range c.people {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			mine := make([]time.Duration, 0, each)
			var err error
			for range each {
				var d time.Duration
				if d, err = c.step(p); err != nil {
					break
				}
				mine = append(mine, d)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
			if err != nil {
				failed = err
			}
		}()
	}
	wg.Wait()
	if failed != nil {
		b.Fatal(failed)
	}
	slices.Sort(all)
	return all
}

// awaitServer waits until a server takes connections.
func awaitServer(b *testing.B, p *process) {
	addr := strings.TrimSuffix(strings.TrimPrefix(p.url, "http://"), "/telegram")
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
	}
	b.Fatalf("the server does not listen\n%s", p.errs.String())
}
