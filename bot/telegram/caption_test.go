package telegram

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/outbox"
	"patikra/bot/telegram/telegramtest"
)

func TestACaptionThatIsChangedReachesTheOtherSideOnceWithItsPhoto(t *testing.T) {
	srv := telegramtest.New(t, telegramtest.Options{})
	group := srv.Group(telegramtest.GroupOptions{Title: "Desk"})
	ruta, anna := srv.User(telegramtest.Person{Name: "Ruta"}), srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	group.Join(ruta)
	var store bot.Store
	tg := doorOn(t, func(s bot.Store) bot.Store { store = s; return s })
	tg.set.Hook, tg.call = false, newCaller(srv.URL, telegramtest.Token)
	desk := tg.NewDesk(group.ID)
	tg.bot.Desk = engine.Reach{On: true, Topics: true}
	box := outbox.New(tg.bot.Bot, store, bot.Pace{}, zap.NewNop(), tg, desk)
	tg.bot.Sender = box
	var running sync.WaitGroup
	t.Cleanup(running.Wait) // until the test's context has ended them
	running.Go(func() { box.Run(t.Context()) })
	running.Go(func() { tg.Run(t.Context()) })

	soon := func(what string, so func() bool) {
		t.Helper()
		if group.Await(so, 5*time.Second) != nil {
			t.Fatalf("%s:\n%s\n\n%s", what, strings.Join(group.History(), "\n"), strings.Join(anna.History(), "\n"))
		}
	}
	press := func(what string) {
		t.Helper()
		soon("no button "+what, func() bool { _, ok := anna.Screen().Find(what); return ok })
		anna.Press(what)
	}
	anna.Say("/human")
	press("human:agree")
	var topic, card int64
	soon("no topic with a card", func() bool {
		for _, p := range group.TopicList() {
			for _, v := range group.Views(p.ID) {
				if len(v.Rows) > 0 {
					topic, card = p.ID, v.ID
				}
			}
		}
		return card != 0
	})
	if _, err := ruta.PressIn(group, card, "case:take"); err != nil {
		t.Fatal(err)
	}
	soon("she is not told who is there", func() bool { return strings.Contains(anna.Screen().Text, "has joined") })

	// shows waits until the newest of what the bot has shown is that, and tells how often it was shown.
	shows := func(views func() []telegramtest.View, kind, text string) {
		t.Helper()
		is := func(v telegramtest.View) bool { return v.Bot && v.Kind == kind && v.Text == text }
		soon("no "+kind+" "+text, func() bool { return slices.ContainsFunc(views(), is) })
		n := 0
		for _, v := range views() {
			if is(v) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s %s comes %d times", kind, text, n)
		}
	}
	there, here := func() []telegramtest.View { return group.Views(topic) }, anna.Messages
	own := func(views []telegramtest.View, of *telegramtest.User) int64 { // the newest that somebody sent
		for _, v := range slices.Backward(views) {
			if v.From == of.ID {
				return v.ID
			}
		}
		t.Fatalf("%s has sent nothing", of.Name)
		return 0
	}

	anna.SendPhoto("they are four")
	shows(there, "photo", "they are four")
	photo := own(here(), anna)
	for _, words := range []string{"they are five", "they are six, and armed"} {
		srv.Again(anna.Edit(photo, words), 2)
		shows(there, "photo", "✎ "+words)
	}
	anna.Send(telegramtest.Media{Kind: "video", Caption: "the house"})
	video := own(here(), anna)
	anna.Edit(video, "the house by the lake")
	shows(there, "text", "✎ the house by the lake") // the video itself is never passed on
	sent, err := ruta.SendPhotoIn(group, topic, "platform 3")
	if err != nil {
		t.Fatal(err)
	}
	shows(here, "photo", "platform 3")
	if _, err := ruta.EditIn(group, sent.Message, "platform 4"); err != nil {
		t.Fatal(err)
	}
	shows(here, "photo", "✎ platform 4")
	for _, v := range there() {
		if v.Bot && v.Kind == "video" {
			t.Error("the video is passed on")
		}
	}
	for _, said := range []string{"they are four", "✎ they are five", "✎ they are six, and armed"} { // nothing has come again meanwhile
		shows(there, "photo", said)
	}
}
