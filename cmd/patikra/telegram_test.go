package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// ordinary picks the answer that raises nothing, as far as the label tells.
func ordinary(v telegramtest.View) string {
	for _, want := range plain {
		for _, b := range v.Buttons() {
			if b.Text == want {
				return b.Text
			}
		}
	}
	return "next"
}

func TestHundredsOfPeopleReachAResult(t *testing.T) {
	t.Parallel()
	for _, hook := range []bool{true, false} {
		t.Run(map[bool]string{true: "by webhook", false: "by long polling"}[hook], func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.New(t, telegramtest.Options{})
			launch(t, telegramFor(srv, hook, "TELEGRAM_RATE=0/0/0")...)
			people := 150
			if testing.Short() {
				people = 20
			}
			var wg sync.WaitGroup
			for i := range people {
				wg.Add(1)
				go func() {
					defer wg.Done()
					u := srv.User(telegramtest.Person{Language: []string{"lt", "en"}[i%2], Name: fmt.Sprint("Person", i)})
					u.Say("/start")
					if _, err := u.Next(30 * time.Second); err != nil {
						t.Error(err)
						return
					}
					asked := 0
					for range 40 {
						v := u.Screen()
						if finished(v) {
							break
						}
						if strings.Contains(v.Text, "/13") {
							asked++
						}
						u.Press(ordinary(v))
						if _, err := u.Next(30 * time.Second); err != nil {
							t.Errorf("%v\n%s", err, strings.Join(u.History(), "\n"))
							return
						}
					}
					if !finished(u.Screen()) || asked < 13 {
						t.Errorf("no result after %d questions, but\n%s", asked, u.Screen())
					}
					if n := len(u.Messages()); n != 2 { // /start and the one message edited in place
						t.Errorf("the quiz left %d messages", n)
					}
				}()
			}
			wg.Wait()
			if r := srv.Refusals(); len(r) > 0 {
				t.Errorf("%d refusals, the first: %s", len(r), r[0])
			}
			if n := srv.TooMany(); n > 0 {
				t.Errorf("%d times too many", n)
			}
		})
	}
}

func TestTheLimitsAreKeptWithoutASingleRefusal(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{Limits: true})
	launch(t, telegramFor(srv, true)...)
	people := 120
	if testing.Short() {
		people = 20
	}
	var wg sync.WaitGroup
	for i := range people {
		wg.Add(1)
		go func() {
			defer wg.Done()
			u := srv.User(telegramtest.Person{Language: "lt", Name: fmt.Sprint("Person", i)})
			u.Say("/start")
			if _, err := u.Next(60 * time.Second); err != nil {
				t.Error(err)
				return
			}
			for range 40 {
				if finished(u.Screen()) {
					return
				}
				if _, err := advance(u); err != nil {
					t.Errorf("%v\n%s", err, strings.Join(u.History(), "\n"))
					return
				}
			}
			t.Errorf("no result, but\n%s", u.Screen())
		}()
	}
	wg.Wait()
	if n := srv.TooMany(); n > 0 {
		t.Errorf("Telegram said %d times that it was too much:\n%s", n, strings.Join(srv.Excesses(), "\n"))
	}
	if r := srv.Refusals(); len(r) > 0 {
		t.Errorf("%d refusals, the first: %s", len(r), r[0])
	}
}

func TestTheFirstButtonOfEveryScreenLeadsToAResult(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)
	for _, lang := range []string{"lt", "en", "lt-LT", "en-GB"} {
		u := srv.User(telegramtest.Person{Language: lang, Name: "Person"})
		if n, err := play(u); err != nil || n > 40 {
			t.Errorf("%s: %d presses, %v", lang, n, err)
		}
		result := u.Screen().Text
		for _, want := range []string{"112", "+370 "} {
			if !strings.Contains(result, want) {
				t.Errorf("%s: the result does not show %s:\n%s", lang, want, result)
			}
		}
	}
	if r := srv.Refusals(); len(r) > 0 {
		t.Error(r)
	}
}
