package telegram

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patikra/bot"
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
		token, _, err := b.Invite(t.Context(), name, bot.Lead, time.Now())
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
