package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/storetest"
)

// messengerFor gives the settings for a fake Graph API.
func messengerFor(srv *messengertest.Server, more ...string) []string {
	return append([]string{"MESSENGER_TOKEN=" + messengertest.Token, "MESSENGER_APP_SECRET=" + messengertest.AppSecret,
		"MESSENGER_VERIFY_TOKEN=" + messengertest.VerifyToken, "MESSENGER_API=" + srv.URL, "TELEGRAM_RATE=0/0/0"}, more...)
}

// page starts the program with Messenger and connects the two.
func page(t *testing.T, srv *messengertest.Server, more ...string) *program {
	t.Helper()
	p := launch(t, messengerFor(srv, more...)...)
	srv.Hook(p.base + "/messenger")
	return p
}

func asked(v messengertest.View) int {
	n := 0
	if m := progress.FindStringSubmatch(v.Text); m != nil {
		fmt.Sscan(m[1], &n)
	}
	return n
}

func ended(v messengertest.View) bool {
	_, ok := v.Find("human")
	return ok
}

// onward presses the answer that raises nothing, as far as its words tell, or the first answer, or next. In a numbered list it
// presses the number.
func onward(u *messengertest.User, harmless bool) (messengertest.View, error) {
	pressed := u.Choose(func(v messengertest.View) (messengertest.Reply, bool) {
		if harmless {
			for _, want := range plain {
				if r, ok := v.Find(want); ok {
					return r, true
				}
				if m := regexp.MustCompile(`(?m)^(\d+)\. (?:☐ )?` + regexp.QuoteMeta(want) + `$`).FindStringSubmatch(v.Text); m != nil {
					n, _ := strconv.Atoi(m[1])
					for _, r := range v.Replies { // its number, or its short form
						if strings.HasPrefix(r.Payload, "answer:") && strings.HasSuffix(r.Payload, fmt.Sprintf(".%d", n-1)) {
							return r, true
						}
					}
				}
			}
		}
		if r, ok := v.Find("answer"); ok && !strings.HasPrefix(r.Title, "☑") {
			return r, true
		}
		if r, ok := v.Find("next"); ok {
			return r, true
		}
		return v.Find("language") // the profile's language was not told in time
	})
	if !pressed {
		return u.Answer(), fmt.Errorf("there is neither an answer nor a next on\n%s", u.Screen())
	}
	_, err := u.Next(20 * time.Second)
	return u.Answer(), err
}

// plain are the labels of an offer's answers that raise nothing.
var plain = []string{"18 arba daugiau", "18 or over", "Nieko iš šių", "None of these", "Mane nori priimti, dar sprendžiu arba ruošiuosi", "They offered me the job, I am deciding or getting ready",
	"Ne (gamykla, ūkis, viešbutis, biuras, vairavimas)", "None of these (factory, farm, hotel, office, driving)", "Kitoje Europos šalyje", "In another country of Europe",
	"Per Užimtumo tarnybą arba EURES", "Through the employment service or EURES", "Bendrauju su darbdaviu ir žinau jo pavadinimą", "I deal with the employer and know its name",
	"Dar nieko", "Nothing yet", "Nieko iš šių arba dar nekalbėjome", "None of these, or we have not talked yet", "Taip, aišku", "Yes, it is clear",
	"Įprastą tokiam darbui, nurodytą raštu", "Usual for such work, and I have it in writing", "Turiu, perskaičiau ir supratau", "I have it, and I have read and understood it", "Lietuvoje", "In Lithuania"}

// toFirstQuestion brings a person to the first question.
func toFirstQuestion(t *testing.T, srv *messengertest.Server, locale string) *messengertest.User {
	t.Helper()
	u := srv.User(messengertest.Person{Locale: locale, Name: "Person"})
	u.Start("")
	answered(t, u)
	for range 2 {
		u.Press("next")
		answered(t, u)
	}
	if asked(u.Screen()) != 1 {
		t.Fatalf("this is not the first question:\n%s", u.Screen())
	}
	return u
}

func answered(t *testing.T, u *messengertest.User) messengertest.View {
	t.Helper()
	if _, err := u.Next(8 * time.Second); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(u.History(), "\n"))
	}
	return u.Answer()
}

func spotless(t *testing.T, srv *messengertest.Server) {
	t.Helper()
	if r := srv.Refusals(); len(r) > 0 {
		t.Errorf("Messenger refused %d calls: %s", len(r), r[0])
	}
}

func TestOnMessengerHundredsOfPeopleReachAResult(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{Batch: 5})
	page(t, srv)
	people := 200
	if testing.Short() || underRace {
		people = 30
	}
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			u := srv.User(messengertest.Person{Locale: []string{"lt_LT", "en_GB"}[i%2], Name: fmt.Sprint("Person", i)})
			u.Start("")
			if _, err := u.Next(30 * time.Second); err != nil {
				t.Error(err)
				return
			}
			last := 0
			for range 40 {
				v := u.Screen()
				if ended(v) {
					break
				}
				if n := asked(v); n != 0 && n != last+1 && n != last {
					t.Errorf("question %d after %d\n%s", n, last, strings.Join(u.History(), "\n"))
					return
				} else if n > 0 {
					last = n
				}
				if _, err := onward(u, true); err != nil {
					t.Errorf("%v\n%s", err, strings.Join(u.History(), "\n"))
					return
				}
			}
			if !ended(u.Answer()) || last < 13 { // the shortest way to a result without a sign
				t.Errorf("no result after %d questions, but\n%s", last, u.Screen())
			}
		})
	}
	wg.Wait()
	spotless(t, srv)
	if n := srv.TooMany(); n > 0 {
		t.Errorf("%d times too many", n)
	}
}

var lithuanian = regexp.MustCompile(`\+370( ?\d)+`)

func TestOnMessengerTheFirstButtonOfEveryScreenLeadsToAResult(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	page(t, srv)
	words := regexp.MustCompile(`^(answer|next|back|skip|why|language|restart|human|numbers|erase|exit|help|menu|case|change|show|read|share)(:|$)`)
	for _, locale := range []string{"lt_LT", "en_US"} {
		for _, harmless := range []bool{false, true} {
			u := srv.User(messengertest.Person{Locale: locale, Name: "Person"})
			u.Start("")
			v := answered(t, u)
			n := 0
			for ; n <= 40 && !ended(v); n++ {
				var err error
				if v, err = onward(u, harmless); err != nil {
					t.Fatal(err)
				}
				for _, r := range v.Replies {
					if !words.MatchString(r.Payload) {
						t.Errorf("the payload %q begins with no word of the list", r.Payload)
					}
				}
				if _, answer := v.Find("answer"); answer != progress.MatchString(v.Text) {
					t.Errorf("n/m marks a question and nothing else:\n%s", v)
				}
				if _, out := v.Find("exit"); !out {
					t.Errorf("no way out on\n%s", v)
				}
				if strings.HasPrefix(v.Replies[0].Payload, "answer") != (asked(v) > 0) {
					t.Errorf("the answers come first:\n%s", v)
				}
			}
			if n > 40 {
				t.Errorf("%s: no result after %d presses", locale, n)
			}
			level := u.Messages()[len(u.Messages())-1]
			for _, m := range u.Messages() { // the level stands in the first part
				if m.Bot && strings.HasPrefix(v.Text, m.Text) {
					level = m
				}
			}
			if !lithuanian.MatchString(level.Text) {
				t.Errorf("%s: no number in the message that tells the level:\n%s", locale, level)
			}
			if !harmless && !strings.Contains(v.Text, "112") {
				t.Errorf("%s: 112 is missing:\n%s", locale, v)
			}
		}
	}
	spotless(t, srv)
}

func TestOnMessengerTypedWordsNumbersAndCommandsWork(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	page(t, srv)
	u := toFirstQuestion(t, srv, "lt_LT")
	// The second question is one with ticks, where numbers answer at once, also when it is answered again.
	for n, step := range []struct {
		do      func()
		at      int
		unclear bool
	}{
		{func() { u.Say("ar rytoj lis?") }, 1, true},
		{func() { u.Say("18 arba daugiau!") }, 2, false},
		{func() { u.Say("ar rytoj lis?") }, 2, true},
		{func() { u.Say("3 10") }, 3, false},
		{func() { u.Say("/back") }, 2, false},
		{func() { u.Say("12") }, 3, false},
		{func() { u.SendSticker() }, 3, false},
	} {
		step.do()
		v := answered(t, u)
		if asked(v) != step.at {
			t.Errorf("after step %d this should be question %d:\n%s", n, step.at, v)
		}
		if step.unclear && !strings.Contains(v.Text, "dar kartą") {
			t.Errorf("step %d was nonsense, and that should be said:\n%s", n, v)
		}
	}
	u.SendVoice()
	if v := answered(t, u); asked(v) != 3 || !strings.Contains(v.Text, "neatidarau") {
		t.Errorf("after a voice message:\n%s", v)
	}
	u.Say("/number")
	if v := answered(t, u); !lithuanian.MatchString(v.Text) {
		t.Errorf("after /number:\n%s", v)
	}
	u.Say("/erase")
	v := answered(t, u)
	if len(v.Replies) == 0 || !strings.HasPrefix(v.Replies[0].Payload, "erase") {
		t.Fatalf("the first button should confirm:\n%s", v)
	}
	u.Press(v.Replies[0].Payload)
	if v := answered(t, u); !strings.Contains(v.Text, "Ištrinta.") || !lithuanian.MatchString(v.Text) {
		t.Errorf("after erasing:\n%s", v)
	}
	u.Say("labas")
	if v := answered(t, u); !strings.HasPrefix(v.Text, "Sveiki") {
		t.Errorf("a new conversation should begin:\n%s", v)
	}
	u.Press("exit")
	v = answered(t, u)
	if !strings.Contains(v.Text, "Rytoj bus gera diena") || !strings.Contains(v.Text, "pačios nedingsta") || len(v.Replies) != 0 {
		t.Errorf("the way out should tell that messages stay:\n%s", v)
	}
	spotless(t, srv)
}

func TestOnMessengerTheProfileIsSetAndItsMenuWorks(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv)
	p.within(5*time.Second, "the profile is set", func() error {
		if srv.Profile().Start == nil {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	prof := srv.Profile()
	if prof.Menus[0].Locale != "default" || prof.Menus[0].Items[0].Title != "Pradėti iš naujo" || prof.Greetings[1].Locale != "lt_LT" {
		t.Errorf("Lithuanian comes first: %+v", prof)
	}
	if n := srv.Calls("me/messenger_profile"); n != 1 {
		t.Errorf("%d calls", n)
	}
	u := toFirstQuestion(t, srv, "en_US")
	u.PressPostback("Numbers", "numbers")
	if v := answered(t, u); !lithuanian.MatchString(v.Text) {
		t.Errorf("the menu's numbers:\n%s", v)
	}
	u.Press("back")
	if v := answered(t, u); asked(v) != 1 {
		t.Errorf("the question should be back:\n%s", v)
	}
	u.PressPostback("Start again", "restart")
	if v := answered(t, u); strings.Contains(v.Text, "1/") {
		t.Errorf("not from the beginning:\n%s", v)
	}
	u.PressPostback("Old", "GET_STARTED_OF_AN_OLDER_BOT")
	if v := answered(t, u); len(v.Replies) == 0 || !strings.Contains(v.Text, "old") {
		t.Errorf("a button of long ago should be answered, with the screen:\n%s", v)
	}
	spotless(t, srv)
}

func TestOnMessengerSomebodyWhoseLanguageWeLackChoosesFirst(t *testing.T) {
	t.Parallel()
	for _, may := range []bool{true, false} {
		srv := messengertest.New(t, messengertest.Options{NoLocale: !may})
		page(t, srv)
		for _, locale := range []string{"ka_GE", "", "lt_LT"} {
			u := srv.User(messengertest.Person{Locale: locale, Name: "Person"})
			u.Start("")
			v := answered(t, u)
			if may && locale == "lt_LT" {
				if !strings.HasPrefix(v.Text, "Sveiki") {
					t.Errorf("the profile's language was not taken:\n%s", v)
				}
				continue
			}
			if len(v.Replies) != len(languages) || v.Replies[0].Title != "Lietuvių" || v.Replies[1].Title != "English" {
				t.Fatalf("this should be the choice of languages alone:\n%s", v)
			}
			u.Press("English")
			if v := answered(t, u); !strings.HasPrefix(v.Text, "Hello.") {
				t.Errorf("English was chosen:\n%s", v)
			}
		}
		u := srv.User(messengertest.Person{Locale: "ka_GE", Name: "Person"})
		u.Start("radijas_lt")
		if v := answered(t, u); !strings.HasPrefix(v.Text, "Sveiki.") {
			t.Errorf("the link's language was not taken:\n%s", v)
		}
		u.Referral("plakatas_en")
		if v := answered(t, u); !strings.HasPrefix(v.Text, "Hello.") {
			t.Errorf("the second link's language was not taken:\n%s", v)
		}
		spotless(t, srv)
	}
}

func TestOnMessengerRepeatedAndDisorderedEventsCountOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := messengertest.New(t, messengertest.Options{})
		p := page(t, srv, settings(t)...)
		u := srv.User(messengertest.Person{Locale: "lt_LT", Name: "Person"})
		srv.Again(u.Start(""), 2)
		answered(t, u)
		for range 2 {
			srv.Again(u.Press("next"), 2)
			answered(t, u)
		}
		const ticks = 13 // a question with ticks, where a press leaves the person at the question
		var earlier []string
		for n := 1; n < ticks; n++ {
			u.Wait(func(v messengertest.View) bool { return asked(v) == n && len(v.Replies) > 0 }, 8*time.Second)
			before := len(u.Messages())
			if _, err := onward(u, true); err != nil {
				t.Fatal(err)
			}
			mine := u.Messages()[before].ID
			srv.Again(mine, 2)
			if len(earlier) > 0 {
				srv.Again(earlier[len(earlier)-1], 1)
			}
			earlier = append(earlier, mine)
		}
		p.within(8*time.Second, "all are acknowledged", func() error {
			if n := srv.Pending(); n > 0 {
				return fmt.Errorf("%d wait", n)
			}
			return nil
		})
		time.Sleep(300 * time.Millisecond)
		if n := asked(u.Screen()); n != ticks {
			t.Errorf("after %d answers the person stands at question %d", ticks-1, n)
		}
		said := map[int]int{}
		for _, m := range u.Messages() {
			if m.Bot {
				said[asked(m)]++
			}
		}
		for n, times := range said {
			if n > 0 && times != 1 {
				t.Errorf("question %d was asked %d times", n, times)
			}
		}

		if v := u.Screen(); strings.Count(v.Text, "☐") < 2 || strings.Contains(v.Text, "☑") {
			t.Fatalf("this should be a question with ticks, none of them set:\n%s", v)
		}

		// Of two presses of one button the second moves nothing, and says so with the question below it.
		old := u.Screen().Replies[0]
		srv.Hold()
		first, second := u.PressReply(old), u.PressReply(old)
		srv.Release(second, first)
		v := u.Wait(func(v messengertest.View) bool { return strings.Contains(v.Text, "jau senas") }, 8*time.Second)
		if asked(v) != ticks || strings.Count(v.Text, "☑") != 1 || len(v.Replies) == 0 {
			t.Errorf("a second press of the same button:\n%s", v)
		}
		spotless(t, srv)
	})
}

func TestOnMessengerKilledAgainAndAgainNobodyIsStuck(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := messengertest.New(t, messengertest.Options{Batch: 3})
		p := page(t, srv, settings(t)...)
		var wg sync.WaitGroup
		var over atomic.Bool
		for i := range 12 {
			wg.Go(func() {
				u := srv.User(messengertest.Person{Locale: "lt_LT", Name: fmt.Sprint("Person", i)})
				u.Start("")
				if _, err := u.Await(func(v messengertest.View) bool { return len(v.Replies) > 0 }, 20*time.Second); err != nil {
					t.Error("no first screen", err)
					return
				}
				for range 80 {
					if ended(u.Screen()) {
						break
					}
					if _, err := onward(u, true); err != nil {
						t.Errorf("stuck: %v\n%s", err, strings.Join(u.History(), "\n"))
						return
					}
					time.Sleep(30 * time.Millisecond)
				}
				if !ended(u.Screen()) {
					t.Errorf("no result:\n%s", strings.Join(u.History(), "\n"))
				}
				last := 0 // a question may come twice, for delivery is at least once, but none is passed over
				for _, m := range u.Messages() {
					if n := asked(m); m.Bot && n > last+1 {
						t.Errorf("question %d came after %d:\n%s", n, last, strings.Join(u.History(), "\n"))
						return
					} else if m.Bot {
						last = max(last, n)
					}
				}
			})
		}
		go func() { wg.Wait(); over.Store(true) }()
		for range 5 {
			time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
			if over.Load() {
				break
			}
			p.kill()
			p.start()
			p.waitReady()
		}
		wg.Wait()
		spotless(t, srv)
	})
}

func TestOnMessengerWhileRedisIsAwayPeopleGetTheNumbersAndLaterGoOn(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv, "REDIS_URL="+r.URL())
	u, w := toFirstQuestion(t, srv, "lt_LT"), toFirstQuestion(t, srv, "en_US")
	r.Stop()
	u.Press("18 arba daugiau")
	w.Say("18 or over")
	for _, x := range []*messengertest.User{u, w} {
		v := x.Wait(func(v messengertest.View) bool {
			return lithuanian.MatchString(v.Text) && asked(v) == 0 && strings.Contains(v.Text, "112")
		}, 5*time.Second)
		if x == u && (len(v.Replies) != 1 || v.Replies[0].Title != "18 arba daugiau") {
			t.Errorf("the button that was pressed should stand there again:\n%s", v)
		}
	}
	u.Press("18 arba daugiau")
	time.Sleep(1500 * time.Millisecond)
	n := 0
	for _, m := range u.Messages() {
		if m.Bot && strings.Contains(m.Text, "Šiuo metu klausimai neveikia") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the numbers came %d times within a minute", n)
	}
	r.Start()
	p.waitReady()
	u.PressReply(messengertest.Reply{Title: "18 arba daugiau", Payload: find(t, u, "18 arba daugiau").Payload})
	u.Wait(func(v messengertest.View) bool { return asked(v) == 2 }, 10*time.Second)
	time.Sleep(300 * time.Millisecond)
	if n := asked(u.Screen()); n != 2 {
		t.Errorf("the quiz moved to %d", n)
	}
	spotless(t, srv)
}

// find looks for a quick reply among all that were ever shown, the newest first.
func find(t *testing.T, u *messengertest.User, what string) messengertest.Reply {
	t.Helper()
	m := u.Messages()
	for i := len(m) - 1; i >= 0; i-- {
		if r, ok := m[i].Find(what); ok {
			return r
		}
	}
	t.Fatalf("no %q was ever shown", what)
	return messengertest.Reply{}
}

func TestTroubleWithTheGraphAPILosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv)
	faults := []messengertest.Fault{messengertest.BadGateway, messengertest.Reset, messengertest.Unknown, messengertest.Unavailable, {Delay: 300 * time.Millisecond},
		{Refuse: &messengertest.Refusal{Status: 400, Code: 613, Text: "(#613) Calls to this api have exceeded the rate limit."}}}
	srv.Fault(func(c messengertest.Call) messengertest.Fault {
		if c.What == "me/messages" && c.N%7 == 0 {
			return faults[c.N/7%len(faults)]
		}
		return messengertest.Fault{}
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			u := srv.User(messengertest.Person{Locale: "en_US", Name: fmt.Sprint("Person", i)})
			u.Start("")
			if _, err := u.Next(20 * time.Second); err != nil {
				t.Error(err)
				return
			}
			for range 40 {
				if ended(u.Answer()) {
					return
				}
				if _, err := onward(u, true); err != nil {
					t.Errorf("stuck: %v\n%s", err, strings.Join(u.History(), "\n"))
					return
				}
			}
		})
	}
	wg.Wait()
	spotless(t, srv)

	// A token that is refused is a fault to be seen, and what waits leaves once it is taken again.
	u := toFirstQuestion(t, srv, "en_US")
	srv.Fault(func(c messengertest.Call) messengertest.Fault { return messengertest.BadToken })
	u.Press("18 or over")
	p.within(6*time.Second, "/readyz tells", func() error {
		if code, body := p.get("/readyz"); code != 503 || !strings.Contains(body, "messenger: ") {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	srv.Fault(nil)
	p.within(6*time.Second, "it is ready again", func() error {
		if code, body := p.get("/readyz"); code != 200 {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	u.Wait(func(v messengertest.View) bool { return asked(v) == 2 }, 25*time.Second)
	srv.Down()
	p.within(5*time.Second, "/readyz tells", func() error {
		if code, body := p.get("/readyz"); code != 503 || !strings.Contains(body, "messenger: ") {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	srv.Up()
	p.within(5*time.Second, "it is ready again", func() error {
		if code, body := p.get("/readyz"); code != 200 {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	for _, secret := range []string{messengertest.Token, messengertest.AppSecret, messengertest.VerifyToken, u.ID} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}

func TestOnMessengerNothingIsSentAfterTheDayIsOver(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	srv := messengertest.New(t, messengertest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	p := page(t, srv)
	u := toFirstQuestion(t, srv, "en_US")
	srv.Fault(func(c messengertest.Call) messengertest.Fault {
		if c.What == "me/messages" {
			return messengertest.BadGateway
		}
		return messengertest.Fault{}
	})
	u.Press("18 or over")
	time.Sleep(300 * time.Millisecond)
	ahead.Store(int64(25 * time.Hour))
	srv.Fault(nil)
	p.within(10*time.Second, "it is tried once", func() error {
		if len(srv.Refusals()) == 0 {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	n := len(srv.Refusals())
	time.Sleep(2 * time.Second)
	if m := len(srv.Refusals()); n != 1 || m != 1 {
		t.Errorf("it was tried %d times, later %d: %v", n, m, srv.Refusals())
	}
	u.Say("hello")
	if v := answered(t, u); asked(v) != 2 && !strings.HasPrefix(v.Text, "Hello") && !strings.HasPrefix(v.Text, "Your answers are still here") {
		t.Errorf("a new word opens the window:\n%s", v)
	}
}

func TestOnMessengerTheBotIsSilentWhileSomebodyElseHasTheThread(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv)
	u := toFirstQuestion(t, srv, "lt_LT")
	u.Take()
	n := len(u.Messages())
	for i, kind := range []string{"standby", "standby", "take_thread_control"} {
		body := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1,"standby":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,"message":{"mid":"m_standby%d","text":"ne"}}]}]}`,
			messengertest.Page, u.ID, messengertest.Page, time.Now().UnixMilli(), i)
		if kind != "standby" {
			body = fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":1,"take_thread_control":{"previous_owner_app_id":"1","new_owner_app_id":"263902037430900","metadata":""}}]}]}`,
				messengertest.Page, u.ID, messengertest.Page)
		}
		if code := srv.Post(messengertest.Sign(body)); code != 200 {
			t.Errorf("%s: %d", kind, code)
		}
	}
	time.Sleep(300 * time.Millisecond)
	if m := len(u.Messages()); m != n {
		t.Errorf("something was said: %v", u.History())
	}
	u.Return()
	n = len(u.Messages())
	back := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":%d,"pass_thread_control":{"previous_owner_app_id":"263902037430900","new_owner_app_id":"1","metadata":""}}]}]}`,
		messengertest.Page, u.ID, messengertest.Page, time.Now().UnixMilli())
	for range 2 { // it may come twice
		if code := srv.Post(messengertest.Sign(back)); code != 200 {
			t.Errorf("given back: %d", code)
		}
	}
	p.within(10*time.Second, "the bot says something", func() error { // nobody has written, so there is nothing to wait for but this
		if len(u.Messages()) == n {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	if v := answered(t, u); !strings.Contains(v.Text, "Vėl atsako programa.") || asked(v) != 1 {
		t.Errorf("the bot should say that a program answers again:\n%s", v)
	}
	u.Say("18 arba daugiau")
	if v := answered(t, u); asked(v) != 2 {
		t.Errorf("given back, the quiz goes on:\n%s", v)
	}
	spotless(t, srv)
}

func TestOnMessengerThatSomebodyIsNotAvailableIsNoProofAndTheQuizGoesOn(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv)
	u := toFirstQuestion(t, srv, "lt_LT")
	u.Block()
	u.Press("18 arba daugiau")
	p.within(5*time.Second, "it is tried", func() error {
		if len(srv.Refusals()) == 0 {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	u.Unblock()
	u.Wait(func(v messengertest.View) bool { return strings.HasPrefix(v.Text, "2/") }, 10*time.Second)
}

func TestOnMessengerFloodIsAnsweredOnceWithTheNumbers(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	page(t, srv, "PATIKRA_FLOOD=2")
	u := srv.User(messengertest.Person{Locale: "en_US", Name: "Person"})
	for range 40 {
		u.Say("/start")
	}
	u.Wait(func(v messengertest.View) bool {
		return strings.Contains(v.Text, "very quick") && lithuanian.MatchString(v.Text)
	}, 8*time.Second)
	time.Sleep(500 * time.Millisecond)
	n := 0
	for _, m := range u.Messages() {
		if strings.Contains(m.Text, "very quick") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("it was said %d times", n)
	}
}

func TestTheMessengerWebhookRefusesWhatItShould(t *testing.T) {
	t.Parallel()
	srv := messengertest.New(t, messengertest.Options{})
	p := page(t, srv)
	u := srv.User(messengertest.Person{Name: "Person"})
	event := fmt.Sprintf(`{"object":"page","entry":[{"id":%q,"time":1,"messaging":[{"sender":{"id":%q},"recipient":{"id":%q},"timestamp":1,"message":{"mid":"m_1","text":"labas"}}]}]}`,
		messengertest.Page, u.ID, messengertest.Page)
	_, right := messengertest.Sign(event)
	do := func(method, path, signature, body string) (*http.Response, string) {
		req, _ := http.NewRequest(method, p.base+path, strings.NewReader(body))
		if signature != "" {
			req.Header.Set("X-Hub-Signature-256", signature)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp, string(b)
	}
	signed := func(body string) string { _, s := messengertest.Sign(body); return s }
	large := `{"object":"page","x":"` + strings.Repeat("x", 1<<20) + `"}`
	for _, c := range []struct {
		name, method, signature, body string
		want                          int
	}{
		{"no signature", "POST", "", event, 403}, {"a wrong signature", "POST", signed(event + " "), event, 403},
		{"the old kind of signature", "POST", strings.Replace(right, "sha256", "sha1", 1), event, 403},
		{"no hex", "POST", "sha256=zz", event, 403}, {"half a signature", "POST", right[:40], event, 403}, {"no algorithm", "POST", strings.TrimPrefix(right, "sha256="), event, 403},
		{"changed bytes", "POST", right, strings.Replace(event, "labas", "Labas", 1), 403},
		{"PUT", "PUT", right, event, 405}, {"DELETE", "DELETE", right, event, 405},
		{"too much", "POST", signed(large), large, 413},
		{"no JSON", "POST", signed("hello"), "hello", 400}, {"cut JSON", "POST", signed(`{"object":"pa`), `{"object":"pa`, 400},
		{"no event", "POST", signed(`{"a":1}`), `{"a":1}`, 400}, {"a list", "POST", signed(`[1]`), `[1]`, 400},
		{"something else's", "POST", signed(`{"object":"user","entry":[]}`), `{"object":"user","entry":[]}`, 200},
		{"nobody", "POST", signed(`{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"x"}}]}]}`), `{"object":"page","entry":[{"id":"1","messaging":[{"message":{"text":"x"}}]}]}`, 200},
	} {
		resp, _ := do(c.method, "/messenger", c.signature, c.body)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d instead of %d", c.name, resp.StatusCode, c.want)
		}
		if c.want == 405 && resp.Header.Get("Allow") != "GET, POST" {
			t.Errorf("%s: Allow is %q", c.name, resp.Header.Get("Allow"))
		}
	}
	for query, want := range map[string]int{
		"?hub.mode=subscribe&hub.challenge=77&hub.verify_token=" + messengertest.VerifyToken:   200,
		"?hub.mode=subscribe&hub.challenge=77&hub.verify_token=wrong":                          403,
		"?hub.mode=subscribe&hub.challenge=77":                                                 403,
		"?hub.mode=unsubscribe&hub.challenge=77&hub.verify_token=" + messengertest.VerifyToken: 403,
		"": 403,
	} {
		resp, body := do("GET", "/messenger"+query, "", "")
		if resp.StatusCode != want || want == 200 && body != "77" {
			t.Errorf("%s: %d %q", query, resp.StatusCode, body)
		}
	}
	time.Sleep(200 * time.Millisecond)
	if srv.Calls("me/messages") != 0 {
		t.Error("somebody was answered")
	}
	if bare := launch(t); true {
		req, _ := http.NewRequest("POST", bare.base+"/messenger", strings.NewReader(event))
		req.Header.Set("X-Hub-Signature-256", right)
		if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode < 400 {
			t.Errorf("without Messenger: %v %v", resp, err)
		}
	}
}

func TestMessengerSettingsComeTogether(t *testing.T) {
	all := map[string]string{"MESSENGER_TOKEN": "t", "MESSENGER_APP_SECRET": "s", "MESSENGER_VERIFY_TOKEN": "v"}
	if s, err := read(func(name string) (string, error) { return all[name], nil }); err != nil || !s.messenger.On() || s.messenger.Version != "v25.0" {
		t.Errorf("%v", err)
	}
	for left := range all {
		_, err := read(func(name string) (string, error) {
			if name == left {
				return "", nil
			}
			return all[name], nil
		})
		if err == nil || !strings.Contains(err.Error(), left+": is missing") {
			t.Errorf("without %s: %v", left, err)
		}
	}
	values := map[string]string{"MESSENGER_TOKEN": "a b", "MESSENGER_APP_SECRET": "s", "MESSENGER_VERIFY_TOKEN": "v", "MESSENGER_API": "graph", "MESSENGER_VERSION": "25"}
	_, err := read(func(name string) (string, error) { return values[name], nil })
	for _, name := range []string{"MESSENGER_TOKEN", "MESSENGER_API", "MESSENGER_VERSION"} {
		if err == nil || !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
