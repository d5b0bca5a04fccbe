package main

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// machine is a program that plays people at the web page, each from an address of their own.
type machine struct {
	base   string
	client *http.Client
	body   string
}

var fetch = http.Transport{MaxIdleConnsPerHost: 64}

func (m *machine) do(r *http.Request, err error, from string) error {
	if err != nil {
		return err
	}
	r.Header.Set("X-Forwarded-For", from)
	if r.Method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := m.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%d", resp.StatusCode)
	}
	m.body = string(b)
	return err
}

// send posts the form that is shown.
func (m *machine) send(from, name, value string) error {
	form := url.Values{name: {value}}
	for _, f := range hiddenField.FindAllStringSubmatch(m.body, -1) {
		form.Set(f[1], html.UnescapeString(f[2]))
	}
	action := formAction.FindStringSubmatch(m.body)
	if action == nil {
		return fmt.Errorf("no form on\n%s", m.body)
	}
	r, err := http.NewRequest(http.MethodPost, m.base+html.UnescapeString(action[1]), strings.NewReader(form.Encode()))
	return m.do(r, err, from)
}

// opens makes up one person who asks for a counsellor, and says something to them.
func opens(base, from string) error {
	jar, _ := cookiejar.New(nil)
	m := &machine{base: base, client: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &fetch}}
	r, err := http.NewRequest(http.MethodGet, base+"/lt/", nil)
	if err := m.do(r, err, from); err != nil {
		return err
	}
	for _, do := range []string{"next", "human", "human:agree"} {
		if err := m.send(from, "do", do); err != nil {
			return fmt.Errorf("%s: %w", do, err)
		}
	}
	return m.send(from, "text", "Padėkite, pasas pas darbdavį")
}

// waited is how long it takes from a person's wish to their topic with its card in the group, and to what they wrote after it.
func (d *counsellors) waited(u *telegramtest.User, word string) (card, words time.Duration) {
	d.t.Helper()
	known := map[int64]bool{}
	for _, topic := range d.group.TopicList() {
		known[topic.ID] = true
	}
	u.Say("/human")
	d.sees(u, "human:agree")
	since := time.Now()
	u.Press("human:agree")
	u.Say(word)
	d.within(30*time.Second, "their topic has its card and their words", func() error {
		for _, topic := range d.group.TopicList() {
			views := d.group.Views(topic.ID)
			if known[topic.ID] || len(views) == 0 || len(views[0].Rows) == 0 || !strings.Contains(views[0].Text, "English") {
				continue
			}
			if card == 0 {
				card = time.Since(since)
			}
			if strings.Contains(views[len(views)-1].Text, word) {
				return nil
			}
		}
		return fmt.Errorf("%d topics", len(d.group.TopicList()))
	})
	return card, time.Since(since)
}

// TestAPersonOnTelegramWaitsUnderTenSecondsWhileAMachineOpensCasesOnTheWeb floods the desk of a program with the usual settings,
// and a group that keeps Telegram's limits.
func TestAPersonOnTelegramWaitsUnderTenSecondsWhileAMachineOpensCasesOnTheWeb(t *testing.T) {
	for _, limit := range []string{"0", "2"} {
		t.Run("PATIKRA_FLOOD="+limit, func(t *testing.T) { buried(t, made, "PATIKRA_FLOOD="+limit) })
	}
}

func buried(t *testing.T, cases int64, settings ...string) {
	srv := telegramtest.New(t, telegramtest.Options{Limits: true})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	d.program = launch(t, telegramFor(srv, true, append([]string{fmt.Sprint("TELEGRAM_DESK=", d.group.ID), "PATIKRA_DESK_HOURS=always"}, settings...)...)...)
	var begun, opened, failed atomic.Int64
	var first atomic.Value
	var wg sync.WaitGroup
	start := time.Now()
	for range 16 {
		wg.Go(func() {
			for n := begun.Add(1); n <= cases; n = begun.Add(1) {
				if err := opens(d.base, fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255)); err != nil {
					failed.Add(1)
					first.CompareAndSwap(nil, err.Error())
					continue
				}
				opened.Add(1)
			}
		})
	}
	var worst time.Duration
	people := max(2, cases/500)
	for i := range people {
		d.within(5*time.Minute, "the machine goes on", func() error {
			if n := opened.Load() + failed.Load(); n < cases*(i+1)/(people+1) {
				return fmt.Errorf("%d", n)
			}
			return nil
		})
		u := srv.User(telegramtest.Person{Language: "en", Name: fmt.Sprint("Person ", i)})
		card, words := d.waited(u, fmt.Sprint("I am person ", i))
		t.Logf("with %d made-up cases, a person on Telegram has their topic after %v, and their words in it after %v", opened.Load(), card.Round(time.Millisecond), words.Round(time.Millisecond))
		worst = max(worst, card)
	}
	wg.Wait()
	t.Logf("%d cases were opened in %v, %d tries failed (%v); at worst a person waited %v for their topic; the group has %d topics", opened.Load(), time.Since(start).Round(time.Second), failed.Load(), first.Load(), worst.Round(time.Millisecond), len(d.group.TopicList()))
	if opened.Load() < cases*9/10 {
		t.Errorf("only %d cases were opened: this shows nothing", opened.Load())
	}
	if worst > 10*time.Second && !underRace {
		t.Errorf("a person waited %v", worst)
	}
	d.within(25*time.Second, "the group is told once, outside every case, that cases are put aside", func() error {
		if n := d.shows("Atskirai sudėta pokalbių iš svetainės"); n != 1 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
	d.clean()
}
