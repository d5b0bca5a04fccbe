//go:build long

package web_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// firefox is a tab of a real Firefox, driven by Marionette, its own protocol: messages in JSON, each behind its length and a colon.
type firefox struct {
	t    testing.TB
	s    *site
	conn net.Conn
	in   *bufio.Reader
	id   int
}

// callTime is how long Firefox may take over one call.
const callTime = 2 * time.Minute

// fox opens a Firefox with a profile of its own. Without one the test is skipped.
func fox(t *testing.T, s *site) *firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		t.Skip("Firefox is not installed (apt-get install firefox-esr): its own rules for the way out are not tried")
	}
	home := t.TempDir()
	prefs := `user_pref("marionette.port", 0);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
`
	if err := os.WriteFile(filepath.Join(home, "user.js"), []byte(prefs), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", home)
	cmd.Env = append(os.Environ(), "HOME="+home, "MOZ_DISABLE_CONTENT_SANDBOX=1", "MOZ_CRASHREPORTER_DISABLE=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	b := &firefox{t: t, s: s}
	t.Cleanup(func() {
		if b.conn != nil { // it ends by itself, and its helpers with it
			b.conn.SetDeadline(time.Now().Add(5 * time.Second))
			b.call("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}})
			b.conn.Close()
		}
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	})
	for end := time.Now().Add(60 * time.Second); b.conn == nil; time.Sleep(20 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatal("Firefox ended by itself")
		default:
		}
		if time.Now().After(end) {
			t.Fatal("Firefox does not begin")
		}
		port, err := os.ReadFile(filepath.Join(home, "MarionetteActivePort"))
		if err != nil || len(port) == 0 {
			continue
		}
		b.conn, _ = net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port)))
	}
	b.in = bufio.NewReader(b.conn)
	if _, err := b.message(); err != nil { // who it is
		t.Fatal(err)
	}
	b.do("WebDriver:NewSession", map[string]any{}, nil)
	return b
}

// message reads what Firefox says next.
func (b *firefox) message() ([]byte, error) {
	size, err := b.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(size, ":"))
	if err != nil || n > 64<<20 {
		return nil, fmt.Errorf("a message of %q", size)
	}
	data := make([]byte, n)
	_, err = io.ReadFull(b.in, data)
	return data, err
}

// call makes one call and gives what Firefox answers.
func (b *firefox) call(name string, params map[string]any) (json.RawMessage, error) {
	b.id++
	data, err := json.Marshal([]any{0, b.id, name, params})
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(b.conn, "%d:%s", len(data), data); err != nil {
		return nil, err
	}
	if data, err = b.message(); err != nil {
		return nil, err
	}
	var answer [4]json.RawMessage
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, err
	}
	if string(answer[1]) != strconv.Itoa(b.id) {
		return nil, fmt.Errorf("%s: an answer to %s", name, answer[1])
	}
	if string(answer[2]) != "null" {
		return nil, fmt.Errorf("%s: %s", name, answer[2])
	}
	return answer[3], nil
}

// do makes a call that must succeed, and reads its value into out, unless that is nil.
func (b *firefox) do(name string, params map[string]any, out any) {
	b.t.Helper()
	b.conn.SetDeadline(time.Now().Add(callTime))
	got, err := b.call(name, params)
	if err != nil {
		b.t.Fatal(err)
	}
	if out == nil {
		return
	}
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(answer.Value, out); err != nil {
		b.t.Fatal(err)
	}
}

func (b *firefox) open(path string) {
	b.t.Helper()
	b.do("WebDriver:Navigate", map[string]any{"url": b.s.url + path}, nil)
}

func (b *firefox) press(selector string) {
	b.t.Helper()
	var found map[string]string
	b.do("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector}, &found)
	for _, id := range found {
		b.do("WebDriver:ElementClick", map[string]any{"id": id}, nil)
	}
}

// key presses a key so many times.
func (b *firefox) key(key string, times int) {
	b.t.Helper()
	var steps []map[string]string
	for range times {
		steps = append(steps, map[string]string{"type": "keyDown", "value": key}, map[string]string{"type": "keyUp", "value": key})
	}
	b.do("WebDriver:PerformActions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keys", "actions": steps}}}, nil)
}

func (b *firefox) at() string { return b.tell("WebDriver:GetCurrentURL") }

func (b *firefox) page() string { return b.tell("WebDriver:GetPageSource") }

// tell asks for something about the page; it is empty while one page takes the place of another.
func (b *firefox) tell(name string) string {
	b.conn.SetDeadline(time.Now().Add(callTime))
	got, err := b.call(name, map[string]any{})
	var answer struct {
		Value string `json:"value"`
	}
	if err != nil || json.Unmarshal(got, &answer) != nil {
		return ""
	}
	return answer.Value
}

// back goes back. That the page there was the answer to a form and is no longer kept is Firefox's own page, and no failure.
func (b *firefox) back() {
	b.t.Helper()
	b.conn.SetDeadline(time.Now().Add(callTime))
	if _, err := b.call("WebDriver:Back", map[string]any{}); err != nil && !strings.Contains(err.Error(), "e=notCached") {
		b.t.Fatal(err)
	}
}

// js runs a script of the page's, and gives what it returns.
func (b *firefox) js(script string) (value any) {
	b.t.Helper()
	b.do("WebDriver:ExecuteScript", map[string]any{"script": script, "args": []any{}}, &value)
	return value
}

// scripts says whether pages may run scripts, from the next page on.
func (b *firefox) scripts(on bool) {
	b.t.Helper()
	b.do("Marionette:SetContext", map[string]any{"value": "chrome"}, nil)
	b.js(fmt.Sprintf(`Services.prefs.setBoolPref("javascript.enabled", %v)`, on))
	b.do("Marionette:SetContext", map[string]any{"value": "content"}, nil)
}
