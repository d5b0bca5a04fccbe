package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

var progress = regexp.MustCompile(`(\d+)/(\d+)`)

// question reads the number of the question on a screen, 0 when it shows none.
func question(v telegramtest.View) int {
	n := 0
	if m := progress.FindStringSubmatch(v.Text); m != nil {
		fmt.Sscan(m[1], &n)
	}
	return n
}

// stores runs a test with the embedded store and with Redis.
func stores(t *testing.T, test func(t *testing.T, settings func(t *testing.T) []string)) {
	t.Run("embedded", func(t *testing.T) { t.Parallel(); test(t, func(*testing.T) []string { return nil }) })
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, func(t *testing.T) []string { return []string{"REDIS_URL=" + storetest.RedisServer(t).URL()} })
	})
}

func TestAnUpdateThatComesThreeTimesCountsOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		p := launch(t, append(settings(t), telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)...)
		u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
		srv.Again(u.Say("/start"), 2)
		next(t, u)
		u.Press("next")
		next(t, u)
		srv.Again(u.Press("next"), 2)
		next(t, u)
		earlier := []int64{}
		for n := 1; n < 13; n++ {
			u.Wait(func(v telegramtest.View) bool { return question(v) == n }, 8*time.Second)
			id := u.Press(ordinary(u.Screen()))
			srv.Again(id, 2) // at once, and below once more after the one that follows
			next(t, u)
			if len(earlier) > 0 {
				srv.Again(earlier[len(earlier)-1], 1)
			}
			earlier = append(earlier, id)
		}
		p.within(8*time.Second, "all are acknowledged", func() error {
			if n := srv.Pending(); n > 0 {
				return fmt.Errorf("%d wait", n)
			}
			return nil
		})
		time.Sleep(200 * time.Millisecond)
		if n := question(u.Screen()); n != 13 {
			t.Errorf("after 12 answers the person stands at question %d", n)
		}
		if n := len(u.Messages()); n != 2 {
			t.Errorf("%d messages instead of /start and one screen:\n%s", n, strings.Join(u.History(), "\n"))
		}
		clean(t, srv)
	})
}

// postman sends updates straight to programs, as Telegram would.
type postman struct {
	t      *testing.T
	secret string
	id     atomic.Int64
}

func (p *postman) press(u *telegramtest.User, data string, message int64) string {
	return fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q","from":{"id":%d,"is_bot":false,"first_name":"P","language_code":"lt"},"chat_instance":"1","data":%q,"message":{"message_id":%d,"date":1,"chat":{"id":%d,"type":"private"}}}}`,
		p.id.Add(1), u.ID, data, message, u.ID)
}

func (p *postman) post(to *program, body string) int {
	req, _ := http.NewRequest("POST", to.base+"/telegram", strings.NewReader(body))
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", p.secret)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode
}

func TestTwoProcessesOnOnePersonNeverMoveTheQuizTwice(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	srv := telegramtest.New(t, telegramtest.Options{})
	settings := append(telegramFor(srv, true, "TELEGRAM_RATE=0/0/0", "TELEGRAM_SECRET=two"), "REDIS_URL="+r.URL())
	a := launch(t, settings...)
	b := prepare(t, settings...)
	for _, e := range a.env { // the same key
		if strings.HasPrefix(e, "PATIKRA_KEY=") {
			b.env = append(b.env, e)
		}
	}
	b.start()
	b.waitReady()
	post := &postman{t: t, secret: "two"}
	post.id.Store(700_000_000)
	var wg sync.WaitGroup
	for range 15 {
		u := begin(t, srv, "lt")
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 1; n <= 12; n++ {
				v := u.Screen()
				answer, ok := v.Find(ordinary(v))
				if !ok {
					t.Errorf("no answer on\n%s", v)
					return
				}
				same, other := post.press(u, answer.Data, v.ID), post.press(u, answer.Data, v.ID)
				var both sync.WaitGroup
				for _, one := range []struct {
					to   *program
					body string
				}{{a, same}, {b, same}, {a, other}, {b, other}} {
					both.Add(1)
					go func() {
						defer both.Done()
						if code := post.post(one.to, one.body); code != 200 {
							t.Errorf("status %d", code)
						}
					}()
				}
				both.Wait()
				if _, err := u.Await(func(v telegramtest.View) bool { return question(v) == n+1 }, 8*time.Second); err != nil {
					t.Errorf("question %d never came: %v", n+1, err)
					return
				}
			}
			time.Sleep(100 * time.Millisecond)
			if n := question(u.Screen()); n != 13 {
				t.Errorf("after 12 answers the person stands at question %d", n)
			}
		}()
	}
	wg.Wait()
	clean(t, srv)
}

func TestKilledAgainAndAgainNobodyIsStuckAndNothingIsSkipped(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		for _, hook := range []bool{true, false} {
			t.Run(map[bool]string{true: "webhook", false: "polling"}[hook], func(t *testing.T) {
				srv := telegramtest.New(t, telegramtest.Options{})
				p := launch(t, append(settings(t), telegramFor(srv, hook, "TELEGRAM_RATE=0/0/0")...)...)
				var wg sync.WaitGroup
				var over atomic.Bool
				for i := range 12 {
					wg.Add(1)
					go func() {
						defer wg.Done()
						u := srv.User(telegramtest.Person{Language: "lt", Name: fmt.Sprint("Person", i)})
						u.Say("/start")
						if _, err := u.Await(func(v telegramtest.View) bool { return len(v.Rows) > 0 }, 20*time.Second); err != nil {
							t.Error("no first screen", err)
							return
						}
						last := 0
						for !finished(u.Screen()) {
							v := u.Screen()
							if n := question(v); n > last+1 || n != 0 && n < last {
								t.Errorf("question %d came after %d:\n%s", n, last, strings.Join(u.History(), "\n"))
								return
							} else if n > 0 {
								last = n
							}
							// A reply that was on its way when the program died comes within 10 s. A screen that was sent twice around a death may
							// lie over it: whoever looks at that presses once more, and the question is drawn again.
							err := errors.New("not pressed")
							for n := 0; n < 3 && err != nil; n++ {
								u.Press(ordinary(v))
								_, err = u.Await(func(w telegramtest.View) bool { return w.Text != v.Text }, 15*time.Second)
							}
							if err != nil {
								t.Errorf("stuck: %v\n%s", err, strings.Join(u.History(), "\n"))
								return
							}
						}
					}()
				}
				go func() { wg.Wait(); over.Store(true) }()
				for range 6 {
					time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
					if over.Load() {
						break
					}
					p.kill()
					p.start()
					p.waitReady()
				}
				wg.Wait()
				for _, r := range srv.Refusals() {
					// Delivery is at least once, and a process may have died between the edit and its note.
					if !strings.Contains(r, "409") && !strings.Contains(r, "message is not modified") {
						t.Error(r)
					}
				}
			})
		}
	})
}

func TestKilledDuringADeliveryTheReplyStillLeaves(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		srv := telegramtest.New(t, telegramtest.Options{})
		p := launch(t, append(settings(t), telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)...)
		u := begin(t, srv, "lt")
		var tried atomic.Int64
		srv.Fault(func(c telegramtest.Call) telegramtest.Fault {
			if c.Method == "editMessageText" {
				tried.Add(1)
				return telegramtest.Hang
			}
			return telegramtest.Fault{}
		})
		u.Press("18 arba daugiau")
		p.within(5*time.Second, "the delivery has begun", func() error {
			if tried.Load() == 0 {
				return fmt.Errorf("not yet")
			}
			return nil
		})
		p.kill()
		srv.Fault(nil)
		p.start()
		u.Wait(func(v telegramtest.View) bool { return question(v) == 2 }, 10*time.Second)
		u.Press("Nieko iš šių")
		u.Wait(func(v telegramtest.View) bool { return question(v) == 3 }, 8*time.Second)
	})
}

func TestKilledBeforeTheCommitTheUpdateComesAgainAndCountsOnce(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, append(telegramFor(srv, true, "TELEGRAM_RATE=0/0/0"), "REDIS_URL="+r.URL())...)
	u := begin(t, srv, "lt")
	r.Freeze()
	u.Press("18 arba daugiau")
	time.Sleep(300 * time.Millisecond)
	p.kill()
	r.Thaw()
	p.start()
	u.Wait(func(v telegramtest.View) bool { return question(v) == 2 }, 10*time.Second)
	time.Sleep(300 * time.Millisecond)
	if n := question(u.Screen()); n != 2 {
		t.Errorf("the person stands at question %d", n)
	}
	for _, r := range srv.Refusals() {
		// The question before may have been delivered and not yet noted when the store froze: then it is delivered again.
		if !strings.Contains(r, "message is not modified") {
			t.Error(r)
		}
	}
}

func TestTroubleWithTelegramLosesNothingAndKeepsTheOrder(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	launch(t, telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")...)
	faults := []telegramtest.Fault{telegramtest.BadGateway, telegramtest.Reset, telegramtest.Lost, telegramtest.TooManyFor(1), {Delay: 300 * time.Millisecond}}
	srv.Fault(func(c telegramtest.Call) telegramtest.Fault {
		if c.Method != "getUpdates" && c.Method != "setWebhook" && c.N%3 == 0 {
			return faults[c.N/3%len(faults)]
		}
		return telegramtest.Fault{}
	})
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			u := srv.User(telegramtest.Person{Language: "en", Name: fmt.Sprint("Person", i)})
			u.Say("/start")
			if _, err := u.Await(func(v telegramtest.View) bool { return len(v.Rows) > 0 }, 20*time.Second); err != nil {
				t.Error(err)
				return
			}
			for !finished(u.Screen()) {
				v := u.Screen()
				u.Press(ordinary(v))
				if _, err := u.Await(func(w telegramtest.View) bool { return w.Text != v.Text && len(w.Rows) > 0 }, 20*time.Second); err != nil {
					t.Errorf("stuck: %v\n%s", err, strings.Join(u.History(), "\n"))
					return
				}
			}
		}()
	}
	wg.Wait()
	if r := srv.Refusals(); len(r) > 0 {
		t.Error(r)
	}
}

func TestWhileRedisIsAwayPeopleGetTheNumbersAndLaterGoOn(t *testing.T) {
	t.Parallel()
	for _, hook := range []bool{true, false} {
		t.Run(map[bool]string{true: "webhook", false: "polling"}[hook], func(t *testing.T) {
			t.Parallel()
			r := storetest.RedisServer(t)
			srv := telegramtest.New(t, telegramtest.Options{})
			p := launch(t, append(telegramFor(srv, hook, "TELEGRAM_RATE=0/0/0"), "REDIS_URL="+r.URL())...)
			u, w := begin(t, srv, "lt"), begin(t, srv, "en")
			screen := u.Screen()
			r.Stop()
			p.within(5*time.Second, "/readyz tells", func() error {
				if code, body := p.get("/readyz"); code != 503 || !strings.Contains(body, "redis: ") {
					return fmt.Errorf("%d %s", code, body)
				}
				return nil
			})
			if code, _ := p.get("/healthz"); code != 200 {
				t.Error("it is alive all the same")
			}
			for range 3 {
				u.PressOn(screen.ID, "18 arba daugiau")
			}
			w.Say("18 or over")
			for _, x := range []*telegramtest.User{u, w} {
				v := x.Wait(func(v telegramtest.View) bool {
					return strings.Contains(v.Text, "+370 616 91119") && !strings.Contains(v.Text, "1/13")
				}, 5*time.Second)
				if !strings.Contains(v.Text, "112") {
					t.Errorf("112 is missing: %s", v.Text)
				}
			}
			time.Sleep(500 * time.Millisecond)
			n := 0
			for _, m := range u.Messages() {
				if m.Bot && strings.Contains(m.Text, "Šiuo metu klausimai neveikia") {
					n++
				}
			}
			if n != 1 {
				t.Errorf("the numbers came %d times within a minute", n)
			}
			p.within(5*time.Second, "every press is answered", func() error {
				if n := u.Unanswered(); n > 0 {
					return fmt.Errorf("%d are not", n)
				}
				return nil
			})
			r.Start()
			p.within(5*time.Second, "it is ready again", func() error {
				if code, body := p.get("/readyz"); code != 200 {
					return fmt.Errorf("%d %s", code, body)
				}
				return nil
			})
			u.PressOn(screen.ID, "18 arba daugiau")
			found := func(n int) func() error {
				return func() error {
					for _, m := range u.Messages() {
						if question(m) == n {
							return nil
						}
					}
					return fmt.Errorf("not there")
				}
			}
			p.within(10*time.Second, "the same button moves on", found(2))
			time.Sleep(300 * time.Millisecond)
			if found(3)() == nil {
				t.Error("the quiz moved twice")
			}
			clean(t, srv)
		})
	}
}

func TestItStartsWithoutRedisAndConnectsLater(t *testing.T) {
	t.Parallel()
	r := storetest.RedisServer(t)
	r.Stop()
	srv := telegramtest.New(t, telegramtest.Options{})
	p := prepare(t, append(telegramFor(srv, true, "TELEGRAM_RATE=0/0/0"), "REDIS_URL="+r.URL())...)
	p.start()
	p.within(5*time.Second, "it is alive", func() error {
		if code, body := p.get("/healthz"); code != 200 {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
	u.Say("/start")
	u.Wait(func(v telegramtest.View) bool {
		return strings.Contains(v.Text, "+370 616 91119") && strings.Contains(v.Text, "112")
	}, 10*time.Second)
	r.Start()
	p.waitReady()
	u.Say("/start")
	u.Wait(func(v telegramtest.View) bool { return strings.HasPrefix(v.Text, "Sveiki") }, 8*time.Second)
}

func TestTelegramAwayIsToldAndSurvived(t *testing.T) {
	t.Parallel()
	for _, hook := range []bool{true, false} {
		t.Run(map[bool]string{true: "webhook", false: "polling"}[hook], func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.New(t, telegramtest.Options{})
			p := launch(t, telegramFor(srv, hook)...)
			srv.Down()
			p.within(5*time.Second, "/readyz tells", func() error {
				if code, body := p.get("/readyz"); code != 503 || !strings.Contains(body, "telegram: ") {
					return fmt.Errorf("%d %s", code, body)
				}
				return nil
			})
			srv.Up()
			p.within(8*time.Second, "it is ready again", func() error {
				if code, body := p.get("/readyz"); code != 200 {
					return fmt.Errorf("%d %s", code, body)
				}
				return nil
			})
			u := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
			u.Say("/start")
			next(t, u)
			if strings.Contains(p.log.String(), telegramtest.Token) {
				t.Error("the token stands in the log")
			}
		})
	}
}

func TestFilesThatDoNotLoadAreRefusedAndTheRunningOnesGoOn(t *testing.T) {
	t.Parallel()
	dir := staffs(t)
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, append(telegramFor(srv, true, "TELEGRAM_RATE=0/0/0"), "PATIKRA_FILES="+dir)...)
	u := begin(t, srv, "lt")
	chatFile, quizFile := filepath.Join(dir, "content/lt/chat.yaml"), filepath.Join(dir, "flows/quizzes/job-offer.yaml")
	change := func(file, old, new string) {
		data, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%s: %v", file, err)
		}
		if err := os.WriteFile(file, bytes.Replace(data, []byte(old), []byte(new), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	change(chatFile, "begin: Pradėti", "begun: Pradėti")
	change(quizFile, "quiz: young", "quiz: nowhere")
	p.cmd.Process.Signal(syscall.SIGHUP)
	p.within(5*time.Second, "every mistake is in the log", func() error {
		log := p.log.String()
		for _, want := range []string{"flows/quizzes/job-offer.yaml:", "nowhere", "were refused"} {
			if !strings.Contains(log, want) {
				return fmt.Errorf("%q is missing", want)
			}
		}
		return nil
	})
	u.Press("18 arba daugiau")
	u.Wait(func(v telegramtest.View) bool { return question(v) == 2 }, 8*time.Second)
	// Files that load: who begins now gets the new text, who is under way ends with the old book.
	change(chatFile, "begun: Pradėti", "begin: Pradėkime")
	change(quizFile, "quiz: nowhere", "quiz: young")
	change(quizFile, "{ answer: adult }", "{ answer: adult, next: checked }")
	p.cmd.Process.Signal(syscall.SIGHUP)
	p.within(5*time.Second, "the files are read", func() error {
		if !strings.Contains(p.log.String(), "the files were read again") {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	w := srv.User(telegramtest.Person{Language: "lt", Name: "Person"})
	w.Say("/start")
	if v := next(t, w); v.Buttons()[0].Text != "Pradėkime" {
		t.Errorf("the old text:\n%s", v)
	}
	u.Press("Nieko iš šių")
	u.Wait(func(v telegramtest.View) bool {
		return question(v) == 3 && strings.Contains(v.Text, "Kiek toli viskas pažengę")
	}, 8*time.Second)
	clean(t, srv)
}

func TestSIGTERMEndsInOrder(t *testing.T) {
	t.Parallel()
	srv := telegramtest.New(t, telegramtest.Options{})
	for _, hook := range []bool{true, false} {
		p := launch(t, telegramFor(srv, hook)...)
		if code := p.stop(); code != 0 {
			t.Errorf("exit %d", code)
		}
		p.cmd = nil
	}
}

func TestTwoProcessesOnOneFolderAreRefused(t *testing.T) {
	t.Parallel()
	p := launch(t)
	cmd := exec.Command(os.Args[0])
	cmd.Dir, cmd.Env = p.dir, append(p.env, "PATIKRA_LISTEN="+freeAddress(t))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another process uses this folder") {
		t.Errorf("%v: %s", err, out)
	}
}
