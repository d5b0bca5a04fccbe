package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// as runs a command with a program's environment.
func (p *program) as(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	for _, e := range p.env {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "PATIKRA_") && name != "PATIKRA_TEST_PROGRAM" || name == "REDIS_URL" || strings.HasPrefix(name, "TELEGRAM_") {
			t.Setenv(name, value)
		}
	}
	var o, e bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// must runs a command that is to succeed.
func (p *program) must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := p.as(t, args...)
	if code != 0 {
		t.Fatalf("patikra %v ends with %d: %s%s", args, code, out, errs)
	}
	return out
}

// write replaces some words in a file.
func write(t *testing.T, path, old, new string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(new)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func bothStores(t *testing.T, test func(t *testing.T, settings []string)) {
	t.Run("embedded", func(t *testing.T) { test(t, nil) })
	t.Run("redis", func(t *testing.T) { test(t, []string{"REDIS_URL=" + storetest.RedisServer(t).URL()}) })
}

func TestABookIsPublishedListedAndRolledBackWithoutARestart(t *testing.T) {
	bothStores(t, func(t *testing.T, settings []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		p := launch(t, append(settings, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)...)
		dir := staffs(t)
		greets := func(text string) func() error {
			return func() error {
				u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
				u.Say("/start")
				v, err := u.Next(5e9)
				if err == nil && !strings.Contains(v.Text, text) {
					err = fmt.Errorf("%s", v)
				}
				return err
			}
		}
		write(t, filepath.Join(dir, "content/lt/chat.yaml"), "Čia galite pasitikrinti darbo pasiūlymą", "Čia nauja knyga")
		p.must(t, "publish", dir)
		p.within(10e9, "the new book", greets("Čia nauja knyga"))
		if out := p.must(t, "books"); strings.Count(out, "\n") != 2 || strings.Count(out, "*") != 1 {
			t.Errorf("the list is\n%s", out)
		}
		write(t, filepath.Join(dir, "flows/risk.yaml"), ":", "::")
		if code, out, _ := p.as(t, "publish", dir); code != 1 || !strings.Contains(out, "flows/risk.yaml") {
			t.Errorf("a book with mistakes: %d %s", code, out)
		}
		p.must(t, "rollback")
		p.within(10e9, "the old book", greets("Čia galite pasitikrinti darbo pasiūlymą"))
		if code, _, errs := p.as(t, "rollback", "ffff"); code != 1 || !strings.Contains(errs, "patikra books") {
			t.Errorf("back to nothing: %d %s", code, errs)
		}
	})
}

func TestASavedChangeIsTakenOverByItself(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	dir := staffs(t)
	p := launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0", "PATIKRA_FILES="+dir)...)
	write(t, filepath.Join(dir, "content/lt/chat.yaml"), "Čia galite pasitikrinti darbo pasiūlymą", "Čia nauja knyga")
	p.within(40e9, "the saved words", func() error {
		u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
		u.Say("/start")
		v, err := u.Next(5e9)
		if err == nil && !strings.Contains(v.Text, "Čia nauja knyga") {
			err = fmt.Errorf("%s", v)
		}
		return err
	})
}

func TestStaffEraseAConversationAndReportWithoutAnybodysName(t *testing.T) {
	d := openDesk(t)
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(u)
	title := strings.TrimPrefix(strings.SplitN(d.card(topic).Text, "\n", 2)[0], "○ ") // with what the words mean
	word, _, _ := strings.Cut(title, " (")
	out := d.must(t, "report", "--htcds")
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "caseID,") || strings.Contains(out, fmt.Sprint(u.ID)) || strings.Contains(out, word) {
		t.Errorf("the open cases are\n%s", out)
	}
	var report struct {
		Periods []struct {
			Counts map[string]int64 `json:"counts"`
		} `json:"periods"`
		Smallest int64 `json:"smallest"`
	}
	if err := json.Unmarshal([]byte(d.must(t, "report", "--json")), &report); err != nil || report.Smallest != 5 || len(report.Periods) != 4 {
		t.Errorf("%+v, %v", report, err)
	}
	for _, p := range report.Periods {
		if len(p.Counts) > 0 {
			t.Errorf("today's counts are shown: %v", p.Counts)
		}
	}
	u.Say("what I want to have back")
	d.topicHas(topic, "what I want to have back")
	named := func(chore string, more ...string) []string {
		return append(append([]string{chore}, strings.Fields(word)...), more...)
	}
	if code, out, _ := d.as(t, named("export")...); code != 2 || strings.Contains(out, "have back") {
		t.Errorf("two words alone, which all colleagues see: %d %s", code, out)
	}
	for _, chore := range []string{"export", "erase"} {
		if code, out, errs := d.as(t, named(chore, "AAAA-AAAA")...); code != 1 || !strings.Contains(errs, "/code") {
			t.Errorf("%s with a code that is made up: %d %s%s", chore, code, out, errs)
		}
	}
	u.Say("/code")
	d.sees(u, "Only you see it")
	secret := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(strings.Join(u.History(), "\n"))
	if secret == "" || strings.Contains(d.card(topic).Text, secret) {
		t.Fatalf("the code is %q", secret)
	}
	if copied := d.must(t, append(append([]string{"export"}, strings.Fields(title)...), secret)...); !strings.Contains(copied, "what I want to have back") {
		t.Errorf("the words as they stand on the card: %s", copied)
	}
	out = d.must(t, named("export", secret)...)
	if strings.Contains(out, secret) {
		t.Errorf("the code stands in what is kept:\n%s", out)
	}
	if !strings.Contains(out, "what I want to have back") || strings.Contains(out, fmt.Sprint(u.ID)) {
		t.Errorf("what is kept of the case is\n%s", out)
	}
	if code, out, _ := d.as(t, "erase", "Nobody's", "Words", secret); code != 1 {
		t.Errorf("an unknown case: %d %s", code, out)
	}
	before := len(u.Messages())
	d.must(t, named("erase", strings.ToLower(secret))...)
	d.soon("the topic is gone", func() bool { _, ok := d.group.Topic(topic); return !ok })
	if n := len(u.Messages()); n > before { // what was shown of the code may be taken away
		t.Errorf("the person was written to:\n%s", strings.Join(u.History(), "\n"))
	}
	if code, out, _ := d.as(t, "erase", "telegram", fmt.Sprint(u.ID)); code != 1 || !strings.Contains(out, "nothing of it is kept") {
		t.Errorf("once more: %d %s", code, out)
	}
}

func TestChoresNeedTheToken(t *testing.T) {
	t.Parallel()
	p := launch(t, "PATIKRA_ADMIN_TOKEN=a-long-enough-token")
	for name, c := range map[string]struct {
		method, path, token string
		want                int
	}{
		"no token":           {"POST", "/admin/books", "", 403},
		"another token":      {"POST", "/admin/books", "nonsense", 403},
		"another method":     {"GET", "/admin/books", "a-long-enough-token", 405},
		"an unknown chore":   {"POST", "/admin/nothing", "a-long-enough-token", 404},
		"the token it needs": {"POST", "/admin/books", "a-long-enough-token", 200},
	} {
		req, _ := http.NewRequest(c.method, p.base+c.path, strings.NewReader("null"))
		req.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d instead of %d", name, resp.StatusCode, c.want)
		}
	}
}
