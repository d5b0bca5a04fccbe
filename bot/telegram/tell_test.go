package telegram

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
)

func TestTheGroupIsToldOnceThatNobodyLeadsAndByWhichCommandSomebodyDoes(t *testing.T) {
	var said []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said = append(said, r.FormValue("chat_id")+" "+r.FormValue("text"))
		fmt.Fprint(w, `{"ok":true,"result":{"message_id":77}}`)
	}))
	t.Cleanup(api.Close)
	tg := door(t)
	tg.call = newCaller(api.URL, "1:x")
	d, b := tg.NewDesk(-100), tg.bot
	b.Library().Catalog.Desk.Lead = "@vera_lead"
	tell := func(want int) {
		t.Helper()
		for range 2 { // the second look finds that it was told
			if err := d.tellUnled(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(said) != want {
			t.Fatalf("the group was told %q", said)
		}
	}
	leads := func(name string, of bot.Actor) {
		t.Helper()
		if _, _, err := b.InviteMember(t.Context(), name, of, time.Now()); err != nil {
			t.Fatal(err)
		}
		token, _, err := b.Invite(t.Context(), name, desk.Lead, time.Now())
		if err == nil {
			_, _, err = b.Enter(t.Context(), token, time.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	leads("Ruta 5", actor(user{ID: 5}))
	tell(0)
	for i, id := range []int64{5, 6} {
		if i > 0 {
			leads("Vera 6", actor(user{ID: 6}))
			tell(i)
		}
		if err := d.left(t.Context(), user{ID: id}); err != nil {
			t.Fatal(err)
		}
		tell(i + 1)
		if s := said[i]; !strings.HasPrefix(s, "-100 ⓘ @vera_lead\n") || !strings.Contains(s, "patikra invite") || !strings.Contains(s, "--role lead") {
			t.Errorf("the group reads %s", s)
		}
	}
}

func TestTheGroupAndItsLeadAreToldOnceEachTimeThatMoreCasesComeThanTheDeskCanLookAt(t *testing.T) {
	var said []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said = append(said, r.FormValue("chat_id")+" "+r.FormValue("message_thread_id")+" "+r.FormValue("text"))
		fmt.Fprint(w, `{"ok":true,"result":{"message_id":77}}`)
	}))
	t.Cleanup(api.Close)
	tg := door(t)
	tg.call = newCaller(api.URL, "1:x")
	d, b := tg.NewDesk(-100), tg.bot
	b.Desk.On, b.Draws = true, map[string]bool{"web": true}
	b.Library().Catalog.Desk.Lead = "@vera_lead"
	tell := func(why string, want int) {
		t.Helper()
		for range 2 { // the second look finds that it was told
			if err := d.tellFolded(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(said) != want {
			t.Fatalf("%s: the group was told %q", why, said)
		}
	}
	// asks opens cases from the web, and returns those that are put aside.
	made, at := 0, time.Now()
	asks := func(n int) (aside []bot.Address) {
		t.Helper()
		for range n {
			made++
			from := bot.Address{Channel: "web", ID: fmt.Sprint("made-up ", made)}
			for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
				u.From, u.Lang, u.Network, u.At = from, "lt", bot.AnyNetwork, at
				if _, err := b.Handle(t.Context(), u); err != nil {
					t.Fatal(err)
				}
			}
			s, err := b.Session(t.Context(), from)
			if err != nil || !s.Case.Active() {
				t.Fatalf("no case: %v %v", s.Stage, err)
			}
			if s.Case.Folded {
				aside = append(aside, from)
			}
		}
		return aside
	}
	ends := func(list ...bot.Address) {
		t.Helper()
		for _, from := range list {
			if _, err := b.Handle(t.Context(), bot.Update{From: from, Kind: bot.Acted, Text: "close", Actor: bot.Actor{ID: "console:vera", Name: "Vera"}, At: at}); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := asks(6)
	tell("while the desk can look at all of them", 0)
	aside := asks(2)
	if len(first) != 0 || len(aside) != 2 {
		t.Fatalf("%d and %d are put aside", len(first), len(aside))
	}
	tell("when there are more", 1)
	aside = append(aside, asks(3)...)
	tell("when still more come", 1)
	ends(aside[1:]...)
	tell("while one is left", 1)
	ends(aside[0])
	tell("when all are dealt with", 1)
	aside = asks(1)
	tell("when there are more again", 2)
	for i, n := range []int{2, len(aside)} {
		if want := fmt.Sprintf("-100  ⓘ @vera_lead\nAtskirai sudėta pokalbių iš svetainės: %d\n", n); !strings.HasPrefix(said[i], want) {
			t.Errorf("the group reads %q, not %q", said[i], want)
		}
	}
}
