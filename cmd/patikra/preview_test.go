package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var previewAt = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// previewed starts a preview of a folder and returns its address and what it prints.
func previewed(t *testing.T, dir string) (address string, out *aloud) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out = &aloud{}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"preview", dir, "--listen", "127.0.0.1:0"}, strings.NewReader(""), out, out)
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != fine {
			t.Errorf("exit %d\n%s", code, out)
		}
	})
	out.after(t, 0, "/ on this machine alone")
	return previewAt.FindString(out.String()), out
}

func TestThePreviewStaysAtItsStepWhileTheFilesAreSaved(t *testing.T) {
	dir := staffs(t)
	address, out := previewed(t, dir)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	body := ""
	keep := func(r *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		all, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		body = string(all)
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
	}
	form, button := regexp.MustCompile(`name="form" value="([^"]+)"`), regexp.MustCompile(`name="do" value="((?:next|answer)[^"]*)"[^>]*>([^<]*)<`)
	press := func(path, label string) {
		t.Helper()
		if f := form.FindStringSubmatch(body); f != nil {
			for _, b := range button.FindAllStringSubmatch(body, -1) {
				if label == "" || b[2] == label {
					keep(client.PostForm(address+path, url.Values{"form": {f[1]}, "do": {b[1]}}))
					return
				}
			}
		}
		t.Fatalf("no button %q on\n%s", label, body)
	}
	holds := func(want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Fatalf("%q is not on\n%s", w, body)
			}
		}
	}
	const bar = "Preview. Nothing you do here is kept or sent."
	keep(client.Get(address + "/lt/"))
	holds("Peržiūra. Ką čia darote")
	keep(client.Get(address + "/en/"))
	holds(bar)
	press("/en/", "I have a job offer")
	holds(bar)
	press("/en/check", "Yes, I can")
	holds(bar, "How old are you?", "1/")

	at := out.after(t, 0, "\n")
	saveByRename(t, dir, "content/en/job-offer.yaml", "How old are you?", "What is your age?")
	at = out.after(t, at, "The files were read again.")
	keep(client.Get(address + "/en/check"))
	holds("What is your age?", "1/")

	alter(t, dir, "flows/quizzes/job-offer.yaml", "start: age\n", "start: age\nbegin: age\n")
	at = out.after(t, at, "steps")
	keep(client.Get(address + "/en/check"))
	holds("What is your age?", "The files have mistakes.", "flows/quizzes/job-offer.yaml:", "begin")
	press("/en/check", "") // the last good talk goes on under the mistakes
	holds("2/", "The files have mistakes.")

	alter(t, dir, "flows/quizzes/job-offer.yaml", "\nbegin: age\n", "\n")
	out.after(t, at, "The files were read again.")
	keep(client.Get(address + "/en/check"))
	holds("2/", bar)
	if strings.Contains(body, "The files have mistakes.") {
		t.Error("the mistakes are still shown")
	}
}

func TestThePreviewIsForThisMachineAlone(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:80", "example.org:80", "127.0.0.1:no-port", ""} {
		var errs strings.Builder
		if code := run(t.Context(), []string{"preview", staffs(t), "--listen=" + listen}, strings.NewReader(""), io.Discard, &errs); code != misuse || !strings.Contains(errs.String(), "127.0.0.1:8081") {
			t.Errorf("--listen %s: exit %d, %s", listen, code, errs.String())
		}
	}
	for listen, want := range map[string]string{"8099": "127.0.0.1:8099", "localhost:8099": "127.0.0.1:8099", "[::1]:8099": "[::1]:8099", "127.0.0.2:0": "127.0.0.2:0"} {
		if got, err := loopback(listen); err != nil || got != want {
			t.Errorf("--listen %s: %s, %v", listen, got, err)
		}
	}
	address, _ := previewed(t, staffs(t))
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{"elsewhere.example:" + port: http.StatusMisdirectedRequest, "localhost:" + port: http.StatusFound, "127.0.0.1:" + port: http.StatusOK} {
		r, _ := http.NewRequest(http.MethodGet, address+"/en/", nil)
		r.Host = host
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s is answered with %d", host, answer.StatusCode)
		}
	}
}
