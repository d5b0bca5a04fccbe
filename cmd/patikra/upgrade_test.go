package main

import (
	"flag"
	"strings"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// earlier is the program of an earlier commit, to try an upgrade with before a release:
//
//	git worktree add ../earlier COMMIT && (cd ../earlier && go build -o patikra ./cmd/patikra)
//	go test ./cmd/patikra -run Upgrade -earlier $PWD/../earlier/patikra
//
// Without it only the stored forms of testdata are read (bot, Golden).
var earlier = flag.String("earlier", "", "a program of an earlier commit, whose store this one goes on with")

func TestUpgradeInTheMiddleOfAQuizAndOfATalkGoesOn(t *testing.T) {
	t.Parallel()
	if *earlier == "" {
		t.Skip("no earlier program was named")
	}
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
		d.ruta = srv.User(telegramtest.Person{Name: "Ruta", Username: "ruta_d"})
		d.group.Join(d.ruta)
		p := prepare(t, deskFor(srv, d.group, settings(t)...)...)
		d.program, p.binary = p, *earlier
		p.start()
		p.waitReady()

		asked := srv.User(telegramtest.Person{Language: "lt", Name: "A"}) // in the middle of a quiz
		asked.Say("/start")
		if _, err := asked.Next(10 * time.Second); err != nil {
			t.Fatal(err)
		}
		for question(asked.Screen()) < 4 {
			if err := skipOn(asked); err != nil {
				t.Fatal(err)
			}
		}
		before := asked.Screen()
		held := srv.User(telegramtest.Person{Language: "en", Name: "B"}) // talks with a counsellor
		topic := d.ask(held)
		d.take(d.ruta, topic)
		d.sees(held, "has joined")
		waiting := srv.User(telegramtest.Person{Language: "en", Name: "C"}) // waits for one
		second := d.ask(waiting)
		lead := p.enters("Rūta") // works in a browser

		held.Say("said before the upgrade")
		p.kill()
		held.Say("said meanwhile")
		p.binary = ""
		p.start()
		p.waitReady()

		d.soon("both sentences in the topic, in order", func() bool {
			said := strings.Join(d.group.History(), "\n")
			a, b := strings.Index(said, "said before the upgrade"), strings.Index(said, "said meanwhile")
			return a >= 0 && b > a
		})
		d.ruta.SayIn(d.group, topic, "I am still here")
		d.sees(held, "I am still here")
		d.take(d.ruta, second)
		d.sees(waiting, "has joined")
		if now := asked.Screen(); now.Text != before.Text {
			t.Errorf("the question has changed by itself:\n%s\n%s", before, now)
		}
		if err := skipOn(asked); err != nil || question(asked.Screen()) != 5 {
			t.Errorf("the quiz does not go on: %v\n%s", err, asked.Screen())
		}
		lead.get("/desk")
		if lead.code != 200 || lead.path != "/desk" {
			t.Errorf("the colleague is not known any more: %d at %s", lead.code, lead.path)
		}
		for n := 0; n < 40 && !finished(asked.Screen()); n++ {
			if err := skipOn(asked); err != nil {
				t.Fatal(err)
			}
		}
		if !finished(asked.Screen()) {
			t.Errorf("no result:\n%s", asked.Screen())
		}
	})
}

// skipOn passes a question over, or goes on where nothing is asked.
func skipOn(u *telegramtest.User) error {
	what := "skip"
	if _, ok := u.Screen().Find(what); !ok {
		what = "next"
	}
	u.Press(what)
	_, err := u.Next(10 * time.Second)
	return err
}
