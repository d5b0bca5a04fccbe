package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

func TestADeletedTopicIsMadeAgainAndNothingIsLost(t *testing.T) {
	d := openDesk(t)
	anna := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(anna)
	d.take(d.ruta, topic)
	d.group.DeleteTopic(topic)
	anna.Say("Are you there?")
	var second int64
	d.soon("a new topic with the card and what was said", func() bool {
		for _, found := range d.group.TopicList() {
			views := d.group.Views(found.ID)
			if found.ID != topic && len(views) >= 2 && len(views[0].Rows) > 0 && views[len(views)-1].Text == "Are you there?" {
				second = found.ID
				return true
			}
		}
		return false
	})
	d.ruta.SayIn(d.group, second, "Yes, here I am")
	d.sees(anna, "Yes, here I am")
	for _, v := range d.group.All() {
		if v.Thread == 0 && v.Bot && !v.Service && !slices.Contains(d.group.Pinned(), v.ID) {
			t.Errorf("in the general topic stands\n%s", v)
		}
	}
}

func TestAGroupWithoutTopicsGetsAThreadOfRepliesForEachCase(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{NoTopics: true})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, deskFor(srv, d.group)...)
	people := []*telegramtest.User{srv.User(telegramtest.Person{Language: "en", Name: "A"}), srv.User(telegramtest.Person{Language: "en", Name: "B"})}
	var cards []telegramtest.View
	for i, u := range people {
		u.Say("/human")
		d.sees(u, "human:agree")
		u.Press("human:agree")
		d.soon("a card", func() bool {
			cards = nil
			for _, v := range d.group.All() {
				if _, ok := v.Find("case:take"); ok {
					cards = append(cards, v)
				}
			}
			return len(cards) == i+1
		})
	}
	for i, u := range people {
		if _, err := d.ruta.PressIn(d.group, cards[i].ID, "case:take"); err != nil {
			t.Fatal(err)
		}
		d.sees(u, "has joined")
		u.Say(fmt.Sprint("words of person ", i))
	}
	var said telegramtest.View
	d.soon("the second person's words, in reply to their card", func() bool {
		for _, v := range d.group.All() {
			if v.Text == "words of person 1" {
				said = v
			}
		}
		return said.ReplyTo == cards[1].ID
	})
	d.ruta.ReplyIn(d.group, cards[0].ID, "for the first")
	d.ruta.ReplyIn(d.group, said.ID, "for the second")
	d.sees(people[0], "for the first")
	d.sees(people[1], "for the second")
	if code, body := d.get("/readyz"); code != 200 || !strings.Contains(body, "topics") {
		t.Errorf("/readyz: %d %s", code, body)
	}
}

func TestWhenTheGroupBecomesASupergroupTheDeskGoesWithIt(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Basic: true, Bot: telegramtest.AllRights})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, deskFor(srv, d.group)...)
	d.group.Upgrade()
	u := srv.User(telegramtest.Person{Language: "en", Name: "A"})
	u.Say("/human")
	d.sees(u, "human:agree")
	u.Press("human:agree")
	d.soon("a card in the supergroup", func() bool {
		for _, v := range d.group.All() {
			if _, ok := v.Find("case:take"); ok {
				_, err := d.ruta.PressIn(d.group, v.ID, "case:take")
				return err == nil
			}
		}
		return false
	})
	d.sees(u, "has joined")
}

func TestWhoHasLeftTheGroupCanDoNothingAndTheirCaseGoesBack(t *testing.T) {
	d := openDesk(t)
	anna := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(anna)
	d.take(d.ruta, topic)
	d.group.Kick(d.ruta)
	d.sees(anna, "in the queue again")
	d.soon("the card waits again", func() bool { _, ok := d.card(topic).Find("case:take"); return ok })
	d.ruta.PressDataIn(d.group, d.card(topic).ID, "case:take")
	stranger := d.srv.User(telegramtest.Person{Name: "Stranger"})
	stranger.PressDataIn(d.group, d.card(topic).ID, "case:take")
	d.soon("both are told", func() bool {
		return strings.Count(strings.Join(d.group.History(), "\n"), "tik šios grupės nariai") >= 2
	})
	if _, ok := d.card(topic).Find("case:take"); !ok {
		t.Errorf("somebody outside the group has taken the case:\n%s", d.card(topic))
	}
	d.take(d.jura, topic)
}

func TestTheTopicIsToldWhenThePersonEndsErasesLeavesOrIsGone(t *testing.T) {
	d := openDesk(t)
	for _, c := range []struct {
		name, told string
		dropped    bool
		do         func(u *telegramtest.User)
	}{
		{"ends", "Žmogus baigė", false, func(u *telegramtest.User) { u.Press("human:end") }},
		{"erases", "Žmogus ištrynė", true, func(u *telegramtest.User) {
			u.Say("/erase")
			d.sees(u, "erase:yes")
			u.Press("erase:yes")
		}},
		{"leaves", "Žmogus greitai išėjo", true, func(u *telegramtest.User) { u.Say("/exit") }},
		{"is gone", "Žmogus užblokavo", false, func(u *telegramtest.User) { u.Block() }},
	} {
		u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person " + c.name})
		topic := d.ask(u)
		u.Say("the words of who " + c.name)
		d.topicHas(topic, "the words of who "+c.name)
		c.do(u)
		d.topicHas(topic, c.told)
		if c.dropped {
			d.soon("the topic of who "+c.name+" is gone", func() bool { _, ok := d.group.Topic(topic); return !ok })
		}
	}
}

func TestAPersonOnTheWebPageAndOneOnMessengerTalkWithACounsellor(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	fb := messengertest.New(t, messengertest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, append(deskFor(srv, d.group), messengerFor(fb)...)...)
	fb.Hook(d.base + "/messenger")

	r := newReader(t, d.program)
	r.begin()
	r.get("/lt/numbers")
	r.get("/lt/check")
	r.act("human")
	if !strings.Contains(r.body, "Sutinku, rašysiu čia") {
		t.Fatalf("no consent on\n%s", r.body)
	}
	r.press("human:agree")
	r.write("Ar mano sutartis tikra?")
	r.write("Ar mano sutartis tikra?") // a second time, from a new form: both count
	web := d.firstTopic()
	d.topicHas(web, "Ar mano sutartis tikra?")
	d.take(d.ruta, web)
	d.ruta.SayIn(d.group, web, "Parodykite, kas joje parašyta")
	r.within("the answer is on the page", func() bool {
		r.get("/lt/check")
		return strings.Contains(r.body, "Parodykite, kas joje parašyta")
	})
	if strings.Contains(r.body, "1/13") {
		t.Error("the quiz goes on beside the counsellor")
	}
	if n := strings.Count(r.body, "Ar mano sutartis tikra?"); n != 2 {
		t.Errorf("the page shows the person's words %d times instead of 2", n)
	}
	if _, err := d.ruta.SendPhotoIn(d.group, web, "a picture"); err != nil {
		t.Fatal(err)
	}
	d.topicHas(web, "Šis žmogus mato tik žodžius")

	u := fb.User(messengertest.Person{Name: "Secret Name", Locale: "en_US"})
	u.Say("talk to a person")
	d.onMessenger(u, "only what you write yourself")
	u.PressReply(u.Screen().Replies[0])
	d.onMessenger(u, "code word")
	u.Say("They have my passport")
	topic := int64(0)
	d.soon("a second topic with the words", func() bool {
		for _, found := range d.group.TopicList() {
			if found.ID != web {
				topic = found.ID
			}
		}
		for _, v := range d.group.Views(topic) {
			if topic != 0 && v.Text == "They have my passport" {
				return true
			}
		}
		return false
	})
	d.take(d.ruta, topic)
	d.ruta.SayIn(d.group, topic, "Where are you now?")
	d.onMessenger(u, "Where are you now?")
	for _, s := range fb.Refusals() {
		t.Error(s)
	}
}

func (d *counsellors) firstTopic() (id int64) {
	d.t.Helper()
	d.soon("a topic", func() bool {
		for _, topic := range d.group.TopicList() {
			id = topic.ID
		}
		return id != 0 && len(d.group.Views(id)) > 0
	})
	return id
}

func (d *counsellors) onMessenger(u *messengertest.User, text string) {
	d.t.Helper()
	if _, err := u.Await(func(v messengertest.View) bool {
		for _, r := range v.Replies {
			if strings.Contains(r.Title, text) {
				return true
			}
		}
		return strings.Contains(v.Text, text)
	}, 10*time.Second); err != nil {
		d.t.Fatalf("%q: %v\n%s", text, err, strings.Join(u.History(), "\n"))
	}
}

// act sends the form with a value that no button on the screen has.
func (r *reader) act(do string) { r.send("do", do) }

// write sends words to the counsellor.
func (r *reader) write(text string) { r.send("text", text) }

func (r *reader) send(name, value string) {
	r.t.Helper()
	form := url.Values{name: {value}}
	for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
		form.Set(m[1], m[2])
	}
	if name == "text" {
		time.Sleep(1100 * time.Millisecond) // a form's number changes every second
		r.get(r.path)
		for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
			form.Set(m[1], m[2])
		}
	}
	r.take(r.client.PostForm(r.base+r.path, form))
}

func (r *reader) within(what string, f func() bool) {
	r.t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("%s: not on\n%s", what, r.body)
		}
	}
}

func TestKilledAtEveryStepOfAHandoffNothingIsLost(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
		d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
		d.group.Join(d.ruta)
		d.program = launch(t, append(settings(t), deskFor(srv, d.group)...)...)
		again := func() {
			d.kill()
			d.start()
			d.waitReady()
		}
		u := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
		u.Say("/human")
		again()
		d.sees(u, "human:agree")
		u.Press("human:agree")
		again()
		topic := d.firstTopic()
		u.Say("before anybody came")
		again()
		d.soon("the words are there, and the card", func() bool {
			for _, found := range d.group.TopicList() { // a kill between the making of a topic and its commit leaves an empty one
				views := d.group.Views(found.ID)
				if len(views) >= 2 && views[len(views)-1].Text == "before anybody came" {
					topic = found.ID
					return true
				}
			}
			return false
		})
		if _, err := d.ruta.PressIn(d.group, d.card(topic).ID, "case:take"); err != nil {
			t.Fatal(err)
		}
		again()
		d.sees(u, "has joined")
		for i := range 4 {
			d.ruta.SayIn(d.group, topic, fmt.Sprint("answer ", i))
			u.Say(fmt.Sprint("question ", i))
			again()
		}
		d.topicHas(topic, "question 3")
		d.sees(u, "answer 3")
		inOrder(t, "the person", texts(u.Messages()), "answer ", 4)
		inOrder(t, "the desk", texts(d.group.Views(topic)), "question ", 4)
		d.ruta.SayIn(d.group, topic, "/close")
		again()
		d.sees(u, "has ended")
	})
}

func texts(views []telegramtest.View) (out []string) {
	for _, v := range views {
		if v.Bot {
			out = append(out, v.Text)
		}
	}
	return out
}

// inOrder wants n numbered words, each at least once and none before the one that precedes it. A crash between a delivery and its
// noting delivers again.
func inOrder(t *testing.T, who string, all []string, word string, n int) {
	t.Helper()
	next := 0
	for _, text := range all {
		i := 0
		if _, err := fmt.Sscanf(text, word+"%d", &i); err != nil {
			continue
		}
		if i > next {
			t.Fatalf("%s saw %s%d before %s%d: %q", who, word, i, word, next, all)
		}
		if i == next {
			next++
		}
	}
	if next != n {
		t.Errorf("%s saw %d of %d: %q", who, next, n, all)
	}
}

func TestNothingThatIdentifiesThePersonReachesTheDeskOrTheLog(t *testing.T) {
	d := openDesk(t)
	const mark = "XYZZY"
	u := d.srv.User(telegramtest.Person{Language: "en", Name: mark + "first", LastName: mark + "last", Username: mark + "_user"})
	topic := d.ask(u)
	picture := func() []byte {
		var b bytes.Buffer
		jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil)
		data := b.Bytes()
		note := append([]byte{0xFF, 0xE1, 0, byte(2 + 6 + len(mark) + 4)}, "Exif\x00\x00"+mark+"/GPS"...)
		return append(append(append([]byte{}, data[:2]...), note...), data[2:]...)
	}
	u.Say("plain words")
	u.Send(telegramtest.Media{Kind: "photo", Caption: "the contract", Entities: []telegramtest.Entity{{Type: "text_mention", Offset: 0, Length: 3, User: u.Account()}}})
	u.Send(telegramtest.Media{Kind: "voice"})
	u.Send(telegramtest.Media{Kind: "location", Latitude: 54.5, Longitude: 25.25})
	u.Send(telegramtest.Media{Kind: "document", Name: mark + ".jpg", MIME: "image/jpeg", Data: picture(), Caption: "as a file"})
	u.Send(telegramtest.Media{Kind: "document", Name: mark + ".pdf", MIME: "application/pdf", Data: []byte("%PDF-1.4\n1 0 obj<</Author (" + mark + " \\) Person) /Title <58595A5A59>>>\n<x:xmpmeta>" + mark + "</x:xmpmeta>\nthe contract's words")})
	u.Send(telegramtest.Media{Caption: "what was forwarded", Hidden: mark + " Recruiter"})
	u.Send(telegramtest.Media{Kind: "contact", Phone: "+370" + "60000000", FirstName: mark, LastName: mark, UserID: u.ID})
	u.Send(telegramtest.Media{Kind: "video", Name: mark + ".mp4"})
	u.Send(telegramtest.Media{Kind: "document", Name: mark + ".docx", MIME: "application/msword", Data: []byte(mark)})
	u.Send(telegramtest.Media{Kind: "document", Name: "broken.jpg", MIME: "image/jpeg", Data: []byte("no picture")})
	u.Say("the last words")
	d.topicHas(topic, "the last words")
	d.topicHas(topic, "perduoti nepavyko")
	kinds := map[string]int{}
	for _, v := range d.group.All() {
		kinds[v.Kind]++
		for _, secret := range []string{mark, "58595A5A59", fmt.Sprint(u.ID), "60000000"} {
			if v.Holds(secret) {
				t.Errorf("the desk was shown %q in\n%s %q", secret, v, v.FileName)
			}
		}
	}
	if kinds["photo"] != 1 || kinds["voice"] != 1 || kinds["location"] != 1 || kinds["document"] != 1 {
		t.Errorf("at the desk arrived %v", kinds)
	}
	d.soon("the forwarded words are there", func() bool {
		for _, v := range d.group.Views(topic) {
			if v.Text == "what was forwarded" {
				return true
			}
		}
		return false
	})
	for _, secret := range []string{mark, fmt.Sprint(u.ID), "plain words", "60000000"} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	d.clean()
}

// hurried are files by which the desk is to answer within a second.
func hurried(t *testing.T) string {
	t.Helper()
	files := staffs(t)
	path := filepath.Join(files, "content", "desk.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("first-answer: 5m"), []byte("first-answer: 1s"), 1)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return files
}

func TestNobodyAnswersInTimeAndThePersonIsToldHonestly(t *testing.T) {
	t.Parallel()
	files := hurried(t)
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		d := openDesk(t, append(settings(t), "PATIKRA_FILES="+files)...)
		u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
		d.ruta.SayIn(d.group, 0, "/duty on")
		topic := d.ask(u)
		d.topicHas(topic, "@ruta_d Kas gali paimti?")
		v := d.sees(u, "All counsellors are busy")
		if !strings.Contains(v.Text, "+370") {
			t.Errorf("no number on\n%s", v)
		}
		if _, ok := v.Find("human:call"); !ok {
			t.Errorf("no call back is offered on\n%s", v)
		}
		d.topicHas(topic, "Niekas neatsiliepė laiku")
		u.Press("human:call")
		d.sees(u, "Which number shall we call?")
		u.Say("+370 600 00000")
		d.sees(u, "human:hours.0")
		u.Press("human:hours.0")
		d.sees(u, "human:voice.2")
		u.Press("human:voice.2")
		d.sees(u, "human:else.1")
		u.Press("human:else.1")
		d.sees(u, "human:send")
		u.Press("human:send")
		d.soon("the number is on the card", func() bool { return strings.Contains(d.card(topic).Text, "+370 600 00000") })
		d.take(d.jura, topic)
		d.sees(u, "has joined")
		for _, button := range []string{"case:unreached", "case:ring:", "case:take", "case:reached"} {
			d.soon(button, func() bool {
				card := d.card(topic)
				i := slices.IndexFunc(card.Buttons(), func(b telegramtest.Button) bool { return strings.HasPrefix(b.Data, button) })
				if i < 0 {
					return false
				}
				_, err := d.jura.PressIn(d.group, card.ID, card.Buttons()[i].Data)
				return err == nil
			})
		}
		d.topicHas(topic, "nustatė skambučio laiką")
		d.topicHas(topic, "Pasikalbėta telefonu")
	})
}

func TestTwoProcessesServeOneDesk(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	d := openDesk(t, "REDIS_URL="+r.URL())
	other := prepare(t)
	other.env = append([]string{}, d.env...)
	other.env = append(other.env, "PATIKRA_LISTEN="+freeAddress(t)) // the last one counts
	for i, e := range other.env {
		if strings.HasPrefix(e, "PATIKRA_LISTEN=") {
			other.base = "http://" + strings.TrimPrefix(e, "PATIKRA_LISTEN=")
		}
		if strings.HasPrefix(e, "TELEGRAM_WEBHOOK=") {
			other.env[i] = "TELEGRAM_WEBHOOK=true"
		}
	}
	other.start() // it registers the webhook last, and takes what comes from now
	other.waitReady()
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(u)
	d.take(d.ruta, topic)
	for i := range 10 {
		d.ruta.SayIn(d.group, topic, fmt.Sprint("answer ", i))
		u.Say(fmt.Sprint("question ", i))
		if i == 5 {
			r.Kill()
			r.Start()
		}
	}
	d.topicHas(topic, "question 9")
	d.sees(u, "answer 9")
	inOrder(t, "the person", texts(u.Messages()), "answer ", 10)
	inOrder(t, "the desk", texts(d.group.Views(topic)), "question ", 10)
}

// cases at once; 30 of them take two minutes: go test ./cmd/patikra -run ManyCases -cases 30
var cases = flag.Int("cases", 12, "how many people ask for a human at once")

func TestManyCasesAtOnceStayBelowTheGroupsLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes more than a minute")
	}
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{Limits: true})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, deskFor(srv, d.group, "TELEGRAM_RATE=30/1/20")...)
	people := *cases
	for i := range people {
		u := srv.User(telegramtest.Person{Language: "en", Name: fmt.Sprint("Person ", i)})
		u.Say("/human")
		d.sees(u, "human:agree")
		u.Press("human:agree")
		d.sees(u, "human:end")
	}
	d.within(5*time.Minute, "every case has its card", func() error {
		cards := 0
		for _, v := range d.group.All() {
			if _, ok := v.Find("case:take"); ok {
				cards++
			}
		}
		if cards < people {
			return fmt.Errorf("%d cards of %d", cards, people)
		}
		return nil
	})
	if n := srv.TooMany(); n > 0 {
		t.Errorf("%d times too many", n)
	}
}

func BenchmarkFromTapToCard(b *testing.B) {
	srv := telegramtest.New(b, telegramtest.Options{})
	group := srv.Group(telegramtest.GroupOptions{})
	launch(b, deskFor(srv, group)...)
	for b.Loop() {
		b.StopTimer()
		u := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
		u.Say("/human")
		u.Wait(func(v telegramtest.View) bool { _, ok := v.Find("human:agree"); return ok }, 10*time.Second)
		topics := len(group.TopicList())
		b.StartTimer()
		u.Press("human:agree")
		group.Await(func() bool {
			list := group.TopicList()
			return len(list) > topics && len(group.Views(list[len(list)-1].ID)) > 0
		}, 10*time.Second)
	}
}

func TestAGroupThatIsGoneIsToldAndThePersonIsNotLeftWaiting(t *testing.T) {
	d := openDesk(t, "PATIKRA_FILES="+hurried(t))
	d.group.Delete()
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	u.Say("/human")
	d.sees(u, "human:agree")
	u.Press("human:agree")
	v := d.sees(u, "All counsellors are busy")
	if !strings.Contains(v.Text, "+370") {
		t.Errorf("no number on\n%s", v)
	}
	d.within(10*time.Second, "/readyz tells of it", func() error {
		if code, body := d.get("/readyz"); code != 200 || !strings.Contains(body, "desk: the group") {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
}

func TestWhenTheBotMayManageTopicsAgainCasesGetTopics(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Bot: telegramtest.Rights{Status: telegramtest.Administrator}})}
	d.program = launch(t, deskFor(srv, d.group)...)
	d.within(10*time.Second, "/readyz tells of it", func() error {
		if _, body := d.get("/readyz"); !strings.Contains(body, "topics") {
			return fmt.Errorf("%s", body)
		}
		return nil
	})
	d.group.SetBot(telegramtest.AllRights)
	d.within(10*time.Second, "/readyz tells nothing more", func() error {
		if _, body := d.get("/readyz"); strings.Contains(body, "topics") {
			return fmt.Errorf("%s", body)
		}
		return nil
	})
	d.ask(srv.User(telegramtest.Person{Language: "en", Name: "Person"}))
}

func TestErasingATalkLeavesNoKeyOfItInRedis(t *testing.T) {
	r := storetest.RedisServer(t)
	d := openDesk(t, "REDIS_URL="+r.URL())
	u := d.srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	topic := d.ask(u)
	u.Say("what I say")
	d.topicHas(topic, "what I say")
	u.Say("/erase")
	d.sees(u, "erase:yes")
	u.Press("erase:yes")
	d.sees(u, "Erased")
	d.within(5*time.Second, "no key of the conversation, its log, its queues or its topic is left", func() error {
		keys, err := r.Client().Keys(t.Context(), "*").Result()
		if err != nil {
			return err
		}
		for _, k := range keys {
			for _, part := range []string{"}c:", "}q", "}l:", "}due"} {
				if strings.Contains(k, part) {
					return fmt.Errorf("there is %q among %q", k, keys)
				}
			}
			if strings.HasSuffix(k, "}cases") {
				return fmt.Errorf("there is %q", k)
			}
		}
		return nil
	})
}

func TestOnMessengerACounsellorMayAnswerAfterTheDayIsOverAndLearnsWhenNothingArrives(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	var later atomic.Int64
	fb := messengertest.New(t, messengertest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{})}
	d.ruta = srv.User(telegramtest.Person{Name: "Ruta"})
	d.group.Join(d.ruta)
	d.program = launch(t, append(deskFor(srv, d.group), messengerFor(fb)...)...)
	fb.Hook(d.base + "/messenger")
	u := fb.User(messengertest.Person{Name: "Person", Locale: "en_US"})
	u.Say("talk to a person")
	d.onMessenger(u, "only what you write yourself")
	u.PressReply(u.Screen().Replies[0])
	topic := d.firstTopic()
	d.take(d.ruta, topic)
	d.onMessenger(u, "has joined")
	later.Store(int64(25 * time.Hour))
	d.ruta.SayIn(d.group, topic, "I am back today")
	d.onMessenger(u, "I am back today")
	later.Store(int64(8 * 24 * time.Hour))
	d.ruta.SayIn(d.group, topic, "Too late")
	d.topicHas(topic, "Žmogaus nepasiekė: „Too late“")
}
