package telegram

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"patikra/bot"
	"patikra/bot/flood"
)

func TestStrangersWhoAskForTheDeskCostNoMoreThanTheGroupIsAskedAboutThem(t *testing.T) {
	const ruta, jonas, nobody = 5, 6, 4000
	var calls atomic.Int64
	var joined atomic.Bool
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := "left"
		if user := r.FormValue("user_id"); user == fmt.Sprint(ruta) || user == fmt.Sprint(jonas) && joined.Load() {
			status = "member"
		}
		if r.FormValue("user_id") != "" {
			calls.Add(1)
		}
		fmt.Fprintf(w, `{"ok":true,"result":{"status":%q,"message_id":77}}`, status)
	}))
	t.Cleanup(api.Close)
	tg := door(t)
	tg.call = newCaller(api.URL, "1:x")
	d := tg.NewDesk(-100)
	var links atomic.Int64
	d.Link = func(context.Context, string, bot.Actor) (string, error) { links.Add(1); return "link", nil }
	asks := func(id int64) (taken bool, cost, given int64) {
		c, l := calls.Load(), links.Load()
		taken = d.invite(t.Context(), &message{ID: 1, From: &user{ID: id, First: "Anna"}, Chat: chat{ID: id, Type: "private"}, Text: "/desk"})
		return taken, calls.Load() - c, links.Load() - l
	}
	if taken, _, given := asks(ruta); !taken || given != 1 {
		t.Fatalf("a member is not answered: %v, %d links", taken, given)
	}
	if taken, cost, _ := asks(jonas); taken || cost != 1 {
		t.Fatalf("a stranger: %v, %d calls", taken, cost)
	}
	for range 50 {
		if taken, cost, _ := asks(jonas); taken || cost != 0 {
			t.Fatalf("the same stranger again: %v, %d calls", taken, cost)
		}
	}
	before := calls.Load()
	for i := range int64(1000) {
		if taken, _, _ := asks(nobody + i); taken {
			t.Fatal("a stranger learns that there is such a command")
		}
	}
	if n := calls.Load() - before; n < 1 || n > 2*strangersAtOnce {
		t.Errorf("1,000 strangers cost %d calls", n)
	}
	if taken, _, given := asks(ruta); !taken || given != 1 {
		t.Errorf("beside them a member is not answered: %v, %d links", taken, given)
	}
	given := int64(0)
	for range 50 {
		taken, _, n := asks(ruta)
		if given += n; !taken {
			t.Fatal("what a member asks for too often becomes words for the quiz")
		}
	}
	if given > linksAtOnce {
		t.Errorf("one member is given %d links at once", given)
	}
	joined.Store(true)
	d.asked.strangers = flood.New(1, 1)
	tg.post(fmt.Sprintf(`{"update_id":9,"chat_member":{"chat":{"id":-100,"type":"supergroup"},"date":1,"new_chat_member":{"status":"member","user":{"id":%d}}}}`, jonas), "s")
	if taken, cost, given := asks(jonas); !taken || cost != 1 || given != 1 {
		t.Errorf("a new member waits for the old answer to end: %v, %d calls, %d links", taken, cost, given)
	}
}

func TestThatSomebodyIsNotInTheGroupIsKnownForMinutesAndThenAskedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAsked()
		a.answered(1, false, time.Now())
		time.Sleep(noKept - time.Second)
		if _, out := a.known(1, time.Now()); !out {
			t.Error("it is forgotten early")
		}
		time.Sleep(time.Second)
		if _, out := a.known(1, time.Now()); out {
			t.Error("it is kept for ever")
		}
		a.answered(2, false, time.Now())
		if len(a.outside) != 1 {
			t.Errorf("%d are kept", len(a.outside))
		}
	})
}
