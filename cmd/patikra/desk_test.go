package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// counsellors is a program with a desk, its group and two of its members.
type counsellors struct {
	*program
	srv        *telegramtest.Server
	group      *telegramtest.Group
	ruta, jura *telegramtest.User
}

func deskFor(srv *telegramtest.Server, group *telegramtest.Group, more ...string) []string {
	return telegramFor(srv, true, append([]string{fmt.Sprint("TELEGRAM_DESK=", group.ID), "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0"}, more...)...)
}

func openDesk(t testing.TB, more ...string) *counsellors {
	t.Helper()
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	d.ruta, d.jura = srv.User(telegramtest.Person{Name: "Ruta", Username: "ruta_d"}), srv.User(telegramtest.Person{Name: "Jura", Username: "jura_d"})
	d.group.Join(d.ruta)
	d.group.Join(d.jura)
	d.program = launch(t, deskFor(srv, d.group, more...)...)
	return d
}

// soon waits for something in the group.
func (d *counsellors) soon(what string, f func() bool) {
	d.t.Helper()
	d.within(10*time.Second, what, func() error {
		if !f() {
			return fmt.Errorf("the group shows:\n%s", strings.Join(d.group.History(), "\n"))
		}
		return nil
	})
}

// ask takes a person from nothing to a case, and returns the case's topic.
func (d *counsellors) ask(u *telegramtest.User) int64 {
	d.t.Helper()
	known := map[int64]bool{}
	for _, topic := range d.group.TopicList() {
		known[topic.ID] = true
	}
	u.Say("/human")
	d.sees(u, "human:agree")
	u.Press("human:agree")
	var found int64
	d.soon("a topic with a card", func() bool {
		for _, topic := range d.group.TopicList() {
			if !known[topic.ID] && len(d.group.Views(topic.ID)) > 0 {
				found = topic.ID
				return true
			}
		}
		return false
	})
	return found
}

// sees waits until a person's screen has a button, or holds some words.
func (d *counsellors) sees(u *telegramtest.User, what string) telegramtest.View {
	d.t.Helper()
	v, err := u.Await(func(v telegramtest.View) bool {
		_, ok := v.Find(what)
		return ok || strings.Contains(v.Text, what)
	}, 10*time.Second)
	if err != nil {
		d.t.Fatalf("%q: %v\n%s", what, err, strings.Join(u.History(), "\n"))
	}
	return v
}

// card is the first message of a topic that has buttons.
func (d *counsellors) card(topic int64) telegramtest.View {
	d.t.Helper()
	for _, v := range d.group.Views(topic) {
		if len(v.Rows) > 0 {
			return v
		}
	}
	d.t.Fatalf("topic %d has no card:\n%s", topic, strings.Join(d.group.History(), "\n"))
	return telegramtest.View{}
}

func (d *counsellors) take(u *telegramtest.User, topic int64) {
	d.t.Helper()
	if _, err := u.PressIn(d.group, d.card(topic).ID, "case:take"); err != nil {
		d.t.Fatal(err)
	}
	d.soon("the card tells who holds the case", func() bool { return strings.Contains(d.card(topic).Text, "Veda ") })
}

func (d *counsellors) topicHas(topic int64, text string) {
	d.t.Helper()
	d.soon("the topic has "+text, func() bool {
		for _, v := range d.group.Views(topic) {
			if strings.Contains(v.Text, text) {
				return true
			}
		}
		return false
	})
}

func (d *counsellors) clean() {
	d.t.Helper()
	if r := d.srv.Refusals(); len(r) > 0 {
		d.t.Errorf("%d refusals, the first: %s", len(r), r[0])
	}
}

func TestAPersonTalksWithACounsellorAndGoesBackToTheQuestions(t *testing.T) {
	d := openDesk(t)
	anna := d.srv.User(telegramtest.Person{Language: "en", Name: "Annabel Secret", Username: "annabel_secret"})
	topic := d.ask(anna)
	card := d.card(topic)
	if card.Rows[0][0].Data != "case:take" {
		t.Errorf("take is not the first button of\n%s", card)
	}
	anna.Say("My passport is with the recruiter")
	d.topicHas(topic, "My passport is with the recruiter")

	d.ruta.SayIn(d.group, topic, "Too early")
	d.topicHas(topic, "Pirma paspauskite")
	d.take(d.ruta, topic)
	d.sees(anna, "A counsellor has joined")
	d.ruta.SayIn(d.group, topic, "// she sounds afraid")
	d.ruta.SayIn(d.group, topic, "Hello. I am here <b>& listening</b>")
	d.sees(anna, "Hello. I am here <b>& listening</b>")
	d.jura.SayIn(d.group, topic, "I interrupt")
	d.topicHas(topic, "veda Ruta")
	anna.Say("/restart")
	anna.Say("Thank you")
	d.topicHas(topic, "Thank you")
	for _, v := range anna.Messages() {
		if strings.Contains(v.Text, "1/") || strings.Contains(v.Text, "I interrupt") || strings.Contains(v.Text, "afraid") || strings.Contains(v.Text, "Too early") {
			t.Errorf("the person was shown\n%s", v)
		}
	}
	d.ruta.SayIn(d.group, topic, "/transfer @jura_d")
	d.topicHas(topic, "Ruta perdavė: @jura_d")
	d.jura.SayIn(d.group, topic, "Now it is me")
	d.sees(anna, "Now it is me")
	d.jura.SayIn(d.group, topic, "/close")
	closed := d.sees(anna, "has ended")
	if !strings.Contains(closed.Text, "+370") {
		t.Errorf("the end shows no number:\n%s", closed)
	}
	anna.Press("human:rate.5")
	d.topicHas(topic, "5 iš 5")
	d.sees(anna, "Thank you")
	for _, v := range d.group.All() {
		for _, secret := range []string{"Annabel", "annabel_secret", fmt.Sprint(anna.ID)} {
			if strings.Contains(v.Text, secret) {
				t.Errorf("the desk was shown %q in\n%s", secret, v)
			}
		}
	}
	d.clean()
	if testing.Verbose() {
		t.Log(strings.Join(anna.History(), "\n") + "\n\n" + strings.Join(d.group.History(), "\n"))
	}
}

func TestASpecialistAsksAColleagueWithoutAnyClientsName(t *testing.T) {
	d := openDesk(t)
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Specialist"})
	u.Say("/start supervision")
	v := d.sees(u, "human:agree")
	if !strings.Contains(v.Text, "Leave out the client's name") {
		t.Errorf("names are not warned of on\n%s", v)
	}
	u.Press("human:agree")
	topic := d.firstTopic()
	if !strings.Contains(d.card(topic).Text, "Kolegos klausimas") {
		t.Errorf("the card does not tell what it is:\n%s", d.card(topic))
	}
	d.take(d.ruta, topic)
	d.ruta.SayIn(d.group, topic, "/close")
	d.sees(u, "has ended")
	u.Say("/human")
	if v := d.sees(u, "human:agree"); strings.Contains(v.Text, "colleague") {
		t.Errorf("an own question is taken for a specialist's:\n%s", v)
	}
}

func TestAMemberOfTheGroupGetsALinkToTheDesksPageAndNobodyElseDoes(t *testing.T) {
	d := openDesk(t)
	d.ruta.Say("/desk")
	v := d.sees(d.ruta, "/desk/enter#")
	r := newReader(t, d.program)
	if r.comes(v.Text[strings.Index(v.Text, "http"):]); r.code != 200 || r.path != "/desk" {
		t.Errorf("the link leads to %d at %s\n%s", r.code, r.path, r.body)
	}
	stranger := d.srv.User(telegramtest.Person{Name: "Stranger", Language: "en"})
	stranger.Say("/desk")
	if v := d.sees(stranger, "112"); strings.Contains(v.Text, "/desk/") {
		t.Errorf("a stranger was shown\n%s", v)
	}
}
