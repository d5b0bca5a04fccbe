package main

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"patikra/bot/media"
	"patikra/bot/seal"
	"patikra/bot/telegram/telegramtest"
)

// TestMain lets the test's own program stand in for patikra, so that a test can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("PATIKRA_TEST_PROGRAM") != "" || len(os.Args) == 2 && (os.Args[1] == media.Command || os.Args[1] == media.CommandKeep) {
		main()
		return
	}
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		flag.Set("test.parallel", "4") // these tests wait for other processes more than they compute
	}
	code := m.Run()
	if shippedFile != "" {
		os.RemoveAll(filepath.Dir(shippedFile))
	}
	os.Exit(code)
}

// shippedFile is the file of the program as it is shipped, if a test has needed one.
var shippedFile string

// build makes the program as it is shipped, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "patikra")
	if err != nil {
		return "", err
	}
	shippedFile = filepath.Join(dir, "patikra")
	c := exec.Command("go", "build", "-o", shippedFile, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return shippedFile, nil
})

// shipped is the program for what has one goroutine, as a command, or begins again and again. Under the race detector a start takes
// seconds, so it is not the test's own there: each program is watched in its first life.
func shipped(t testing.TB) string {
	if !underRace {
		return os.Args[0]
	}
	name, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// unwatched passes a test over under the race detector: it has one goroutine, or measures memory, of which the detector takes several
// times as much. It runs in a step of its own.
func unwatched(t *testing.T) {
	if underRace {
		t.Skip("it runs without the race detector")
	}
}

// program is a running patikra.
type program struct {
	t    testing.TB
	env  []string
	base string // its URL
	// binary is the program to start and to command, when it is not the test's own
	binary string
	dir    string
	killed bool // it has lived before
	cmd    *exec.Cmd
	log    *logged
	done   chan struct{}
}

// logged gathers what a program writes.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// prepare makes a program that can be started, killed and started again. More settings are NAME=value.
func prepare(t testing.TB, settings ...string) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir(), log: &logged{}}
	listen := freeAddress(t)
	p.base = "http://" + listen
	p.env = append([]string{"PATIKRA_TEST_PROGRAM=1", "PATIKRA_LISTEN=" + listen, "PATIKRA_DATA=" + p.dir + "/data", "PATIKRA_FLOOD=0",
		"PATIKRA_KEY=" + seal.NewKey(), "HOME=" + p.dir, "PATH=" + os.Getenv("PATH"), "GORACE=halt_on_error=1"}, settings...)
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
		if t.Failed() {
			t.Logf("the program wrote:\n%s", p.log)
		}
	})
	return p
}

func (p *program) start() {
	p.t.Helper()
	binary := cmp.Or(p.binary, os.Args[0])
	if p.binary == "" && p.killed {
		binary = shipped(p.t)
	}
	p.cmd = exec.Command(binary)
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr, p.cmd.Stdout = p.env, p.dir, p.log, p.log
	p.done = make(chan struct{})
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func(c *exec.Cmd, done chan struct{}) { c.Wait(); close(done) }(p.cmd, p.done)
}

// launch starts the program and waits until it is ready.
func launch(t testing.TB, settings ...string) *program {
	t.Helper()
	p := prepare(t, settings...)
	p.start()
	p.waitReady()
	return p
}

// get asks the program's web server.
func (p *program) get(path string) (int, string) {
	client := http.Client{Timeout: 3 * time.Second}
	resp, err := client.Get(p.base + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func (p *program) waitReady() {
	p.t.Helper()
	p.within(15*time.Second, "it is ready", func() error {
		if code, body := p.get("/readyz"); code != 200 {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
}

func (p *program) within(d time.Duration, what string, f func() error) {
	p.t.Helper()
	if underRace { // a start alone takes seconds
		d *= 3
	}
	var err error
	for end := time.Now().Add(d); ; time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s: not within %v: %v", what, d, err)
		}
	}
}

// kill ends the program with SIGKILL.
func (p *program) kill() {
	p.cmd.Process.Kill()
	<-p.done
	p.killed = true
}

// stop ends the program with SIGTERM and returns its exit code.
func (p *program) stop() int {
	p.t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		p.t.Error("it did not stop within 10 s")
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}

// telegramFor gives the settings for a fake server; hook chooses the webhook.
func telegramFor(srv *telegramtest.Server, hook bool, more ...string) []string {
	return append([]string{"TELEGRAM_TOKEN=" + telegramtest.Token, "TELEGRAM_API=" + srv.URL, fmt.Sprint("TELEGRAM_WEBHOOK=", hook)}, more...)
}

// advance presses the first answer or next button of the person's screen and waits for the next screen.
func advance(u *telegramtest.User) (telegramtest.View, error) {
	v := u.Screen()
	what := "next"
	if b, ok := v.Find("answer"); ok {
		what = "answer"
		if strings.HasPrefix(b.Text, "☑") {
			what = "next"
		}
	}
	if _, ok := v.Find(what); !ok {
		return v, fmt.Errorf("there is neither an answer nor a next on\n%s", v)
	}
	u.Press(what)
	return u.Next(20 * time.Second)
}

func finished(v telegramtest.View) bool {
	_, ok := v.Find("human")
	return ok && strings.Contains(v.Text, "+370")
}

// play goes from /start to the result and returns how many presses it took.
func play(u *telegramtest.User) (int, error) {
	u.Say("/start")
	if _, err := u.Next(20 * time.Second); err != nil {
		return 0, err
	}
	for n := range 60 {
		if finished(u.Screen()) {
			return n, nil
		}
		if _, err := advance(u); err != nil {
			return n, fmt.Errorf("after %d presses: %w\n%s", n, err, strings.Join(u.History(), "\n"))
		}
	}
	return 60, fmt.Errorf("no result after 60 presses")
}

// command runs a command, in this process where the race detector does not watch.
func command(in string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	if underRace { // a command has nobody to race with, and takes five times as long
		name, err := build()
		if err != nil {
			return -1, "", err.Error()
		}
		c := exec.Command(name, args...)
		c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &o, &e
		c.Run()
		return c.ProcessState.ExitCode(), o.String(), e.String()
	}
	code = run(context.Background(), args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}
