package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// other is another program that has the bot's token.
func other(t *testing.T, srv *telegramtest.Server, method string, form url.Values) {
	t.Helper()
	resp, err := http.PostForm(srv.URL+"/bot"+telegramtest.Token+"/"+method, form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
}

func TestAWebhookThatAnotherProgramTouchesIsSetAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		form   url.Values
	}{
		"removed":                 {"deleteWebhook", nil},
		"led elsewhere":           {"setWebhook", url.Values{"url": {"http://127.0.0.1:1/telegram"}}},
		"with fewer kinds":        {"setWebhook", url.Values{"url": {""}, "allowed_updates": {`["message"]`}}},
		"with a different secret": {"setWebhook", url.Values{"url": {""}, "secret_token": {"anders"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.New(t, telegramtest.Options{})
			p := launch(t, telegramFor(srv, true)...)
			if c.form != nil && c.form.Get("url") == "" {
				c.form.Set("url", p.base+"/telegram")
			}
			other(t, srv, c.method, c.form)
			u := srv.User(telegramtest.Person{Language: "lt", Name: "Rasa"})
			u.Say("/start")
			p.within(15*time.Second, "somebody is answered again", func() error {
				p.get("/readyz")
				if hook, ok := srv.Webhook(); !ok || hook.URL != p.base+"/telegram" {
					return fmt.Errorf("the webhook is %+v", hook)
				}
				_, err := u.Next(200 * time.Millisecond)
				return err
			})
			if !strings.Contains(p.log.String(), "set again") {
				t.Error("nothing is logged")
			}
			p.waitReady()
		})
	}
}

func TestAWebhookSetWhileThisProgramPollsIsRemoved(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, false)...)
	other(t, srv, "setWebhook", url.Values{"url": {"http://127.0.0.1:1/telegram"}})
	u := srv.User(telegramtest.Person{Language: "lt", Name: "Rasa"})
	u.Say("/start")
	if _, err := u.Next(15 * time.Second); err != nil {
		t.Fatal(err)
	}
	if hook, ok := srv.Webhook(); ok {
		t.Errorf("it is still set: %+v", hook)
	}
	p.waitReady()
}

func TestAServerThatThrowsAwayIsToldOfAtTheStart(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t, "--maxmemory-policy", "allkeys-lru")
	p := launch(t, "REDIS_URL="+r.URL())
	if code, body := p.get("/readyz"); code != 200 || !strings.Contains(body, "allkeys-lru") {
		t.Errorf("%d %s", code, body)
	}
	if !strings.Contains(p.log.String(), "noeviction") {
		t.Error("nothing is logged")
	}
}
