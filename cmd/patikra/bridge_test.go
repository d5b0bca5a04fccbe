package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/telegram/telegramtest"
)

var intoChat = regexp.MustCompile(`href="https://(t\.me/patikra_test_bot\?start|m\.me/patikra\.test\?ref)=(talk-[a-z2-7]{26})"`)

func TestATalkOnThePageIsAnsweredInAChatTooAndNobodyLearnsAName(t *testing.T) {
	t.Parallel()
	files := staffs(t)
	site := "name: Patikra\ntelegram: https://t.me/patikra_test_bot\nmessenger: https://m.me/patikra.test\n"
	if err := os.WriteFile(filepath.Join(files, "content", "site.yaml"), []byte(site), 0o600); err != nil {
		t.Fatal(err)
	}
	srv, fb := telegramtest.New(t, telegramtest.Options{}), messengertest.New(t, messengertest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, append(append(deskFor(srv, d.group), messengerFor(fb)...), "PATIKRA_FILES="+files)...)
	fb.Hook(d.base + "/messenger")

	r := newReader(t, d.program)
	r.begin()
	r.get("/lt/numbers")
	r.get("/lt/check")
	r.act("human")
	r.press("human:agree")
	topic := d.firstTopic()
	d.take(d.ruta, topic)
	link := func() map[string]string {
		r.get("/lt/check")
		r.press("human:bridge")
		out := map[string]string{}
		for _, m := range intoChat.FindAllStringSubmatch(r.body, -1) {
			out[m[1][:4]] = m[2]
		}
		if len(out) != 2 || strings.Count(r.body, "<svg") != 2 || !strings.Contains(r.body, "dešimt minučių") {
			t.Fatalf("the page with the links is\n%s", r.body)
		}
		return out
	}

	anna := srv.User(telegramtest.Person{Language: "lt", Name: "Annabel Secret", Username: "annabel_secret"})
	anna.Say("/start " + link()["t.me"])
	if v := d.sees(anna, "human:join"); !strings.Contains(v.Text, "nemato jūsų vardo") {
		t.Errorf("before it is said who sees what, she is asked\n%s", v)
	}
	anna.Press("human:join")
	d.sees(anna, "tęsiasi ir čia")
	d.topicHas(topic, "per Telegram")
	d.ruta.SayIn(d.group, topic, "Sveiki, esu čia")
	d.sees(anna, "Sveiki, esu čia")
	d.ruta.SendPhotoIn(d.group, topic, "Biuro durys")
	d.sees(anna, "Biuro durys")
	r.within("the page says where the photo is", func() bool {
		r.get("/lt/check")
		return strings.Contains(r.body, "[nuotrauka → Telegram] Biuro durys")
	})
	anna.Say("Rašau iš telefono")
	d.topicHas(topic, "Rašau iš telefono")
	r.within("both are on the page", func() bool {
		r.get("/lt/check")
		return strings.Contains(r.body, "Sveiki, esu čia") && strings.Contains(r.body, "Rašau iš telefono") && strings.Contains(r.body, "ateina ir į Telegram")
	})
	other := srv.User(telegramtest.Person{Language: "lt", Name: "Other"})
	r.press("human:apart")
	d.sees(anna, "nebeateis")

	onFB := fb.User(messengertest.Person{Name: "Annabel Secret", Locale: "lt_LT"})
	links := link()
	onFB.Start(links["m.me"])
	d.onMessenger(onFB, "nemato jūsų vardo")
	onFB.Press("human:join")
	d.onMessenger(onFB, "tęsiasi ir čia")
	other.Say("/start " + links["t.me"])
	if v := d.sees(other, "nebegalioja"); !strings.Contains(v.Text, "+370") {
		t.Errorf("who opens a link that is used reads\n%s", v)
	}
	d.ruta.SayIn(d.group, topic, "Ar galite kalbėti?")
	d.onMessenger(onFB, "Ar galite kalbėti?")
	onFB.Say("Taip, galiu")
	d.topicHas(topic, "Taip, galiu")
	for _, v := range d.group.All() {
		for _, secret := range []string{"Annabel", "annabel_secret", fmt.Sprint(anna.ID)} {
			if strings.Contains(v.Text, secret) {
				t.Errorf("the desk was shown %q in\n%s", secret, v)
			}
		}
	}
	r.get("/lt/check")
	r.act("erase:yes")
	d.onMessenger(onFB, "Pokalbis ištrintas")
	d.soon("the topic is gone", func() bool { _, ok := d.group.Topic(topic); return !ok })
	d.clean()
	for _, s := range fb.Refusals() {
		t.Error(s)
	}
}
