package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"patikra/bot/telegram/telegramtest"
)

// begin brings a person to the first question.
func begin(t *testing.T, srv *telegramtest.Server, lang string) *telegramtest.User {
	t.Helper()
	u := srv.User(telegramtest.Person{Language: lang, Name: "Person"})
	u.Say("/start")
	next(t, u)
	for range 2 {
		u.Press("next")
		next(t, u)
	}
	if !strings.HasPrefix(u.Screen().Text, "1/") {
		t.Fatalf("this is not the first question:\n%s", u.Screen())
	}
	return u
}

func next(t *testing.T, u *telegramtest.User) telegramtest.View {
	t.Helper()
	v, err := u.Next(8 * time.Second)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(u.History(), "\n"))
	}
	return v
}

// visible waits until something new is to be seen: a message, an edit, or an answer to a press.
func visible(t *testing.T, u *telegramtest.User, do func()) telegramtest.View {
	t.Helper()
	history, notices := len(u.History()), len(u.Notices())
	do()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if len(u.Notices()) > notices && u.Notices()[len(u.Notices())-1] != "" {
			return u.Screen()
		}
		for _, line := range u.History()[history:] {
			if strings.HasPrefix(line, "send ") || strings.HasPrefix(line, "edit ") {
				return u.Screen()
			}
		}
	}
	t.Fatalf("nothing to be seen within 5 s:\n%s\nnotices: %q", strings.Join(u.History(), "\n"), u.Notices())
	return telegramtest.View{}
}

func clean(t *testing.T, srv *telegramtest.Server) {
	t.Helper()
	if r := srv.Refusals(); len(r) > 0 {
		t.Errorf("Telegram refused: %s", strings.Join(r, "\n"))
	}
	if n := srv.TooMany(); n > 0 {
		t.Errorf("Telegram said %d times that it was too much", n)
	}
}

func TestEverythingAPersonMaySendIsAnsweredAndMovesNothing(t *testing.T) {
	unwatched(t)
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true)...)
	u := begin(t, srv, "lt")
	for name, do := range map[string]func(){
		"a sticker": func() { u.SendSticker() }, "a photo": func() { u.SendPhoto("mano pasas") }, "a voice": func() { u.SendVoice() },
		"a contact":           func() { u.SendContact("+37060000000") },
		"4,000 characters":    func() { u.Say(strings.Repeat("ąč ", 1333)) },
		"right-to-left text":  func() { u.Say("مرحبا، أحتاج إلى مساعدة") },
		"emoji":               func() { u.Say("👨‍👩‍👧‍👦🏳️‍🌈") },
		"an unknown command":  func() { u.Say("/fly me") },
		"markup":              func() { u.Say("<b>&amp; **x** </i>") },
		"a number too large":  func() { u.Say("777") },
		"a number with rests": func() { u.Say("1 2 3 4") },
	} {
		v := visible(t, u, do)
		v = u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "1/") && len(v.Rows) > 0 }, 5*time.Second)
		if !strings.Contains(v.Text, "Kiek jums metų?") {
			t.Errorf("after %s the question should be there again, but\n%s", name, v)
		}
	}
	u.Say("18 ARBA DAUGIAU!!")
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "2/") }, 5*time.Second)
	clean(t, srv)
}

func TestOldButtonsAndDoublePressesMoveNothingAndAreAnswered(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)
	u := begin(t, srv, "en")
	first := u.Screen()
	adult, _ := first.Find("18 or over")
	u.Press("18 or over")
	next(t, u)
	if !strings.HasPrefix(u.Screen().Text, "2/") {
		t.Fatalf("not the second question:\n%s", u.Screen())
	}
	n := len(u.Notices())
	for range 2 { // the same button of the message as it was before
		u.PressData(first.ID, adult.Data)
	}
	for end := time.Now().Add(5 * time.Second); u.Unanswered() > 0 || len(u.Notices()) < n+2; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not every press was answered: %q", u.Notices())
		}
	}
	for _, text := range u.Notices()[n:] {
		if text == "" {
			t.Error("a press that changes nothing was answered without a word")
		}
	}
	for _, data := range []string{"answer:200.0", "answer:", "answer", "next:", "back:7", "nonsense", "answer:1.99", "language:xx", "case:take", strings.Repeat("x", 64)} {
		visible(t, u, func() { u.PressData(u.Screen().ID, data) })
	}
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "2/") || len(v.Rows) > 0 }, 5*time.Second)
	u.Say("None of these")
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "3/") }, 5*time.Second)
	clean(t, srv)
}

func TestTheQuickExitRemovesTheConversationAndEraseForgetsIt(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true)...)
	u := begin(t, srv, "lt")
	u.Say("kas čia?")
	next(t, u)
	u.Press("exit")
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "Rytoj bus gera diena") }, 8*time.Second)
	if m := u.Messages(); len(m) != 1 {
		t.Errorf("%d messages are left: %v", len(m), m)
	}
	u.Say("/start")
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "Sveiki") }, 8*time.Second)
	u.Press("next")
	next(t, u)
	u.Say("/erase")
	v := next(t, u)
	if b := v.Buttons(); len(b) == 0 || !strings.HasPrefix(b[0].Data, "erase") {
		t.Fatalf("the first button should confirm:\n%s", v)
	}
	u.Press(v.Buttons()[0].Text)
	u.Wait(func(v telegramtest.View) bool {
		return strings.Contains(v.Text, "Ištrinta.") && strings.Contains(v.Text, "+370")
	}, 8*time.Second)
	clean(t, srv)
}

func TestSomebodyWhoseLanguageWeLackChoosesFirst(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, false)...)
	for _, lang := range []string{"ka", ""} {
		u := srv.User(telegramtest.Person{Language: lang, Name: "Person"})
		u.Say("/start")
		v := next(t, u)
		if len(v.Buttons()) != len(languages) || v.Buttons()[0].Text != "Lietuvių" || v.Buttons()[1].Text != "English" {
			t.Fatalf("this should be the choice of languages alone:\n%s", v)
		}
		u.Press("English")
		u.Wait(func(v telegramtest.View) bool { return strings.HasPrefix(v.Text, "Hello.") }, 8*time.Second)
	}
	u := srv.User(telegramtest.Person{Language: "ka", Name: "Person"})
	u.Say("/start radijas_lt")
	if v := next(t, u); !strings.HasPrefix(v.Text, "Sveiki.") {
		t.Errorf("the link's language was not taken:\n%s", v)
	}
	clean(t, srv)
}

func TestGroupsChannelsAndBotsAreIgnored(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, true)...)
	u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
	g := srv.Group("Kaimynai")
	g.Say(u, "/start")
	before := srv.Calls("sendMessage")
	for _, body := range []string{
		`{"message":{"message_id":5,"date":1,"chat":{"id":-1001,"type":"channel"},"text":"/start"}}`,
		`{"channel_post":{"message_id":5,"date":1,"chat":{"id":-1001,"type":"channel"},"text":"/start"}}`,
		`{"message":{"message_id":5,"date":1,"from":{"id":9,"is_bot":true},"chat":{"id":9,"type":"private"},"text":"/start"}}`,
		`{"edited_message":{"message_id":5,"date":1,"from":{"id":9},"chat":{"id":9,"type":"private"},"text":"/start"}}`,
		`{"poll":{"id":"1"}}`, `{"something_new":{"a":[1,2]}}`, `{}`,
	} {
		srv.Raw(body)
	}
	p.within(5*time.Second, "all are acknowledged", func() error {
		if n := srv.Pending(); n > 0 {
			return fmt.Errorf("%d wait", n)
		}
		return nil
	})
	u.Say("/start")
	next(t, u)
	if n := srv.Calls("sendMessage") - before; n != 1 {
		t.Errorf("%d messages were sent", n)
	}
	if m := g.Messages(); len(m) != 1 {
		t.Errorf("something was said in the group: %v", m)
	}
	clean(t, srv)
}

func TestSomebodyWhoBlocksTheBotIsForgotten(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true)...)
	u := begin(t, srv, "lt")
	u.Block()
	time.Sleep(300 * time.Millisecond)
	u.Unblock()
	u.Say("18 arba daugiau")
	if v := next(t, u); strings.Contains(v.Text, "2/") || !strings.HasPrefix(v.Text, "Sveiki") {
		t.Errorf("the quiz went on:\n%s", v)
	}
}

func TestFloodIsAnsweredOnceWithTheNumbers(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, append(telegramFor(srv, true, "TELEGRAM_RATE=0/0/0"), "PATIKRA_FLOOD=2")...)
	u := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
	for range 40 {
		u.Say("/start")
	}
	u.Wait(func(v telegramtest.View) bool { return strings.Contains(v.Text, "very quick") }, 8*time.Second)
	time.Sleep(500 * time.Millisecond)
	n := 0
	for _, m := range u.Messages() {
		if strings.Contains(m.Text, "very quick") {
			n++
			if !strings.Contains(m.Text, "+370 616 91119") || !strings.Contains(m.Text, "112") {
				t.Errorf("without numbers: %s", m.Text)
			}
		}
	}
	if n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

func TestTheWebhookRefusesWhatItShould(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, true, "TELEGRAM_SECRET=secret-1")...)
	post := func(method, secret, body string) *http.Response {
		req, _ := http.NewRequest(method, p.base+"/telegram", strings.NewReader(body))
		if secret != "" {
			req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	message := `{"update_id":%d,"message":{"message_id":1,"date":1,"from":{"id":5,"language_code":"lt"},"chat":{"id":5,"type":"private"},"text":"/start"}}`
	for _, c := range []struct {
		name, method, secret, body string
		want                       int
	}{
		{"no secret", "POST", "", fmt.Sprintf(message, 1), 403}, {"a wrong secret", "POST", "secret-2", fmt.Sprintf(message, 2), 403},
		{"GET", "GET", "secret-1", "", 405}, {"PUT", "PUT", "secret-1", "{}", 405},
		{"too much", "POST", "secret-1", `{"update_id":3,"x":"` + strings.Repeat("x", 1<<20) + `"}`, 413},
		{"no JSON", "POST", "secret-1", "hello", 400}, {"cut JSON", "POST", "secret-1", `{"update_id":4,`, 400},
		{"no update", "POST", "secret-1", `{"a":1}`, 400}, {"a list", "POST", "secret-1", `[1]`, 400}, {"nothing", "POST", "secret-1", ``, 400},
		{"an unknown kind", "POST", "secret-1", `{"update_id":5,"novelty":{}}`, 200}, {"nobody", "POST", "secret-1", `{"update_id":6,"message":{"message_id":1,"chat":{"id":5,"type":"private"},"text":"x"}}`, 200},
	} {
		resp := post(c.method, c.secret, c.body)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d instead of %d", c.name, resp.StatusCode, c.want)
		}
		if c.want == 405 && resp.Header.Get("Allow") != "POST" {
			t.Errorf("%s: Allow is %q", c.name, resp.Header.Get("Allow"))
		}
	}
	if srv.Calls("sendMessage") != 0 {
		t.Error("somebody was answered")
	}
}
