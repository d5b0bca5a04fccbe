package telegram

import (
	"fmt"
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

// room is a group of counsellors with a program that answers there.
type room struct {
	t          *testing.T
	srv        *telegramtest.Server
	group      *telegramtest.Group
	desk       *Desk
	ruta, jura *telegramtest.User
}

func openRoom(t *testing.T, o telegramtest.GroupOptions) *room {
	t.Helper()
	srv := telegramtest.New(t, telegramtest.Options{})
	r := &room{t: t, srv: srv, group: srv.Group(o)}
	r.ruta, r.jura = srv.User(telegramtest.Person{Name: "Ruta", Username: "ruta_d"}), srv.User(telegramtest.Person{Name: "Jura", Username: "jura_d"})
	r.group.Join(r.ruta)
	r.group.Join(r.jura)
	var store bot.Store
	tg := doorOn(t, func(s bot.Store) bot.Store { store = s; return s })
	tg.set.Hook, tg.call = false, newCaller(srv.URL, telegramtest.Token)
	r.desk = tg.NewDesk(r.group.ID)
	tg.bot.Desk, tg.bot.Always = engine.Reach{On: true, Topics: true}, true
	box := outbox.New(tg.bot.Bot, store, bot.Pace{}, zap.NewNop(), tg, r.desk)
	tg.bot.Sender = box
	var running sync.WaitGroup
	t.Cleanup(running.Wait) // until the test's context has ended them
	running.Go(func() { box.Run(t.Context()) })
	running.Go(func() { tg.Run(t.Context()) })
	if err := r.desk.inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *room) soon(what string, so func() bool) {
	r.t.Helper()
	if r.group.Await(so, 5*time.Second) != nil {
		r.t.Fatalf("%s:\n%s", what, strings.Join(r.group.History(), "\n"))
	}
}

// ask opens a case and returns its card.
func (r *room) ask(u *telegramtest.User) telegramtest.View {
	r.t.Helper()
	known := r.group.TopicNames()
	u.Say("/human")
	r.soon("no consent", func() bool { _, ok := u.Screen().Find("human:agree"); return ok })
	u.Press("human:agree")
	var card telegramtest.View
	r.soon("no topic with a card", func() bool {
		for _, p := range r.group.TopicList() {
			for _, v := range r.group.Views(p.ID) {
				if !slices.Contains(known, p.Name) && len(v.Rows) > 0 {
					card = v
				}
			}
		}
		return card.ID != 0
	})
	return card
}

func (r *room) press(u *telegramtest.User, message int64, what string) {
	r.t.Helper()
	if _, err := u.PressIn(r.group, message, what); err != nil {
		r.t.Fatal(err)
	}
}

// card is a case's card as it is now, the zero View when it is gone.
func (r *room) message(id int64) telegramtest.View {
	for _, v := range r.group.All() {
		if v.ID == id {
			return v
		}
	}
	return telegramtest.View{}
}

// lists brings the list up to date and returns what stands outside every case.
func (r *room) lists() []telegramtest.View {
	r.t.Helper()
	if err := r.desk.board(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r.group.Views(0)
}

func (r *room) clean() {
	r.t.Helper()
	if all := r.srv.Refusals(); len(all) > 0 {
		r.t.Errorf("%d refusals, the first: %s", len(all), all[0])
	}
}

func word(card telegramtest.View) string {
	title, _, _ := strings.Cut(card.Text, "\n")
	_, word, _ := strings.Cut(title, " ")
	word, _, _ = strings.Cut(word, " (") // what it means in the desk's language
	return word
}

func TestOnePinnedListTellsWhoWaitsAndWhoHoldsWhat(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{})
	if views := r.lists(); len(views) != 0 {
		t.Errorf("before the first case stands\n%v", views)
	}
	anna, maria := r.srv.User(telegramtest.Person{Language: "en", Name: "Annabel Secret"}), r.srv.User(telegramtest.Person{Language: "lt", Name: "Marija Secret"})
	first, second := r.ask(anna), r.ask(maria)
	views := r.lists()
	if len(views) != 1 {
		t.Fatalf("the list is %d messages", len(views))
	}
	list := views[0]
	if !strings.Contains(list.Text, "Laukia") || strings.Contains(list.Text, "Secret") || len(list.Rows) != 0 ||
		!strings.Contains(list.Text, word(first)) || !strings.Contains(list.Text, word(second)) || !strings.Contains(list.Text, "English") || !strings.Contains(list.Text, "Lietuvių") {
		t.Errorf("the list is\n%s", list.Text)
	}
	if pins := r.group.Pinned(); !slices.Equal(pins, []int64{list.ID}) {
		t.Errorf("pinned are %v, the list is %d", pins, list.ID)
	}
	r.press(r.ruta, first.ID, "case:take")
	r.soon("not taken", func() bool { return strings.Contains(r.message(first.ID).Text, "Veda Ruta") })
	if list = r.lists()[0]; !strings.Contains(list.Text, "Kalbasi\n") || !strings.Contains(list.Text, word(first)+" – Ruta, nuo") ||
		strings.Index(list.Text, word(first)) < strings.Index(list.Text, word(second)) {
		t.Errorf("the list is\n%s", list.Text)
	}
	edits := len(r.group.History())
	for range 3 {
		r.lists()
	}
	if now := len(r.group.History()); now != edits {
		t.Errorf("a list that is the same is written again:\n%s", strings.Join(r.group.History()[edits:], "\n"))
	}
	r.clean()

	r.group.DeleteMessage(list.ID)
	maria.Say("/erase")
	r.soon("no question", func() bool { _, ok := maria.Screen().Find("erase:yes"); return ok })
	maria.Press("erase:yes")
	r.soon("the topic stays", func() bool { return len(r.group.TopicList()) == 1 })
	views = r.lists()
	if len(views) != 1 || views[0].ID == list.ID || strings.Contains(views[0].Text, word(second)) || !strings.Contains(views[0].Text, "Niekas nelaukia") {
		t.Errorf("after the list was deleted, stands\n%v", views)
	}
	if pins := r.group.Pinned(); !slices.Equal(pins, []int64{views[0].ID}) {
		t.Errorf("pinned are %v, the list is %d", pins, views[0].ID)
	}
}

func TestWhereTheBotMayNotPinTheListStandsUnpinnedAndStaffAreTold(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{Bot: telegramtest.Rights{Status: telegramtest.Administrator, Topics: true, Delete: true}})
	card := r.ask(r.srv.User(telegramtest.Person{Language: "en"}))
	if views := r.lists(); len(views) != 1 || !strings.Contains(views[0].Text, word(card)) {
		t.Fatalf("the list is\n%v", views)
	}
	if err := r.desk.Note(t.Context()); err == nil || !strings.Contains(err.Error(), "pin") {
		t.Errorf("staff are told %v", err)
	}
	r.clean()
	r.group.SetBot(telegramtest.AllRights)
	if err := r.desk.inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if views := r.lists(); len(views) != 1 || !slices.Equal(r.group.Pinned(), []int64{views[0].ID}) || r.desk.Note(t.Context()) != nil {
		t.Errorf("pinned are %v, the list is %v; staff are told %v", r.group.Pinned(), views, r.desk.Note(t.Context()))
	}
	r.clean()
}

func TestTwoProgramsOverOneStoreKeepOneList(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{})
	card := r.ask(r.srv.User(telegramtest.Person{Language: "en"}))
	var both sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		both.Go(func() { errs <- r.desk.board(t.Context()) })
	}
	both.Wait()
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if views := r.lists(); len(views) != 1 || !strings.Contains(views[0].Text, word(card)) || len(r.group.Pinned()) != 1 {
		t.Errorf("the group shows\n%v", views)
	}
}

func TestTransferShowsWhoIsOnDuty(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{})
	card := r.ask(r.srv.User(telegramtest.Person{Language: "en"}))
	r.press(r.ruta, card.ID, "case:take")
	r.soon("not taken", func() bool { return strings.Contains(r.message(card.ID).Text, "Veda Ruta") })
	r.press(r.ruta, card.ID, "case:transfer")
	r.soon("nobody is on duty, which is not told", func() bool { return strings.Contains(fmt.Sprint(r.group.Notices()), "/duty on") })
	for _, u := range []*telegramtest.User{r.ruta, r.jura} {
		if err := r.desk.t.bot.OnDuty(t.Context(), bot.Actor{ID: fmt.Sprint("telegram:", u.ID), Name: u.Name, User: u.Username}, true); err != nil {
			t.Fatal(err)
		}
	}
	choice := func() (v telegramtest.View) {
		for _, m := range r.group.Views(card.Thread) {
			if strings.Contains(m.Text, "kam perduodate") {
				v = m
			}
		}
		return v
	}
	r.press(r.jura, card.ID, "case:transfer")
	r.soon("who does not hold the talk is not refused", func() bool { return strings.Contains(fmt.Sprint(r.group.Notices()), "veda Ruta") })
	r.press(r.ruta, card.ID, "case:transfer")
	r.soon("no names", func() bool { return choice().ID != 0 })
	if v := choice(); len(v.Rows) != 1 || v.Rows[0][0].Text != "Jura" || !strings.HasPrefix(v.Rows[0][0].Data, "case:transfer:") {
		t.Errorf("the names are %v", v.Rows)
	}
	r.press(r.ruta, choice().ID, "Jura")
	r.soon("not passed on", func() bool { return strings.Contains(r.message(card.ID).Text, "Veda Jura") })
	r.soon("the names stay", func() bool { return choice().ID == 0 })
	r.soon("the colleague is not called", func() bool {
		return slices.ContainsFunc(r.group.Views(card.Thread), func(v telegramtest.View) bool { return strings.Contains(v.Text, "@jura_d") })
	})
	r.clean()
}

func TestAPreparedReplyIsShownInBothLanguagesAndGoesOutBySendAlone(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{})
	anna := r.srv.User(telegramtest.Person{Language: "en"})
	card := r.ask(anna)
	r.press(r.ruta, card.ID, "case:take")
	r.soon("not taken", func() bool { return strings.Contains(r.message(card.ID).Text, "Veda Ruta") })
	with := func(button string) (v telegramtest.View) {
		for _, m := range r.group.Views(card.Thread) {
			if _, ok := m.Find(button); ok {
				v = m
			}
		}
		return v
	}
	r.press(r.jura, card.ID, "case:replies")
	r.soon("who does not hold the talk is not refused", func() bool {
		return strings.Contains(fmt.Sprint(r.group.Notices()), "Žmogui neperduota: šį pokalbį veda Ruta")
	})
	r.press(r.ruta, card.ID, "case:replies")
	r.soon("no list", func() bool { return with("case:reply:0").ID != 0 })
	list := with("case:reply:0")
	if last := list.Rows[len(list.Rows)-1][0].Text; !strings.HasPrefix(last, "☎") || len(list.Rows) < 10 {
		t.Errorf("the list is %v", list.Rows)
	}
	r.press(r.ruta, list.ID, "case:reply:3")
	r.soon("the choice is not shown", func() bool { return with("case:say").ID != 0 })
	choice := with("case:say")
	if !strings.Contains(choice.Text, "Answer only as much as you want") || !strings.Contains(choice.Text, "Atsakykite tik tiek") {
		t.Errorf("the choice is\n%s", choice.Text)
	}
	shown := func() int {
		return strings.Count(fmt.Sprint(anna.Messages()), "Answer only as much as you want")
	}
	if shown() != 0 {
		t.Error("it went out before it was sent")
	}
	data := choice.Rows[0][0].Data
	r.press(r.ruta, choice.ID, "case:say")
	r.soon("it stays to be sent", func() bool { return with("case:say").ID == 0 })
	if _, err := anna.Await(func(v telegramtest.View) bool { return strings.Contains(v.Text, "Answer only as much as you want") }, 5*time.Second); err != nil {
		t.Errorf("it does not arrive: %v", err)
	}
	r.ruta.PressDataIn(r.group, list.ID, data[:len(data)-1]+"x")
	r.soon("words that have changed go out", func() bool { return strings.Contains(fmt.Sprint(r.group.Notices()), "Dabar to padaryti negalima") })
	if n := shown(); n != 1 {
		t.Errorf("it came %d times", n)
	}
	r.clean()
}

func TestWhoWroteWhatWasNotPassedOnReadsSo(t *testing.T) {
	r := openRoom(t, telegramtest.GroupOptions{})
	card := r.ask(r.srv.User(telegramtest.Person{Language: "en"}))
	says := func(u *telegramtest.User, text, want string) {
		t.Helper()
		if _, err := u.SayIn(r.group, card.Thread, text); err != nil {
			t.Fatal(err)
		}
		r.soon(text+": no answer "+want, func() bool {
			return slices.ContainsFunc(r.group.Views(card.Thread), func(v telegramtest.View) bool { return v.Bot && strings.Contains(v.Text, want) })
		})
	}
	says(r.ruta, "too early", "Žmogui neperduota. Pirma")
	r.press(r.ruta, card.ID, "case:take")
	r.soon("not taken", func() bool { return strings.Contains(r.message(card.ID).Text, "Veda Ruta") })
	says(r.jura, "not mine", "Žmogui neperduota: šį pokalbį veda Ruta")
	says(r.ruta, "/thanks a lot", "Žmogui neperduota: tokios komandos nėra")
	says(r.ruta, "/help", "/reopen")
	says(r.ruta, "/close", "baigė pokalbį")
	says(r.ruta, "one more", "Neperduota")
	r.clean()
}
