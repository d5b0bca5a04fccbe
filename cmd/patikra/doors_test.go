package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// door is a person at one of the doors, who has come to the first question.
type door interface {
	Answer(label string) // press an answer
	Again()              // the network or the browser sends the last press twice more
	At() int             // the furthest question that is to be seen
	Numbers() bool       // the helpline's number stands beside 112, and no question
}

type telegramDoor struct {
	srv  *telegramtest.Server
	u    *telegramtest.User
	last int64
	id   int64
}

func (d *telegramDoor) Answer(label string) {
	for _, v := range d.u.Messages() {
		if _, ok := v.Find(label); ok && question(v) > 0 {
			d.last = v.ID
		}
	}
	d.id = d.u.PressOn(d.last, label)
}
func (d *telegramDoor) Again() { d.srv.Again(d.id, 2) }
func (d *telegramDoor) At() (n int) {
	for _, v := range d.u.Messages() {
		n = max(n, question(v))
	}
	return n
}
func (d *telegramDoor) Numbers() bool {
	for _, v := range d.u.Messages() {
		if v.Bot && question(v) == 0 && strings.Contains(v.Text, "+370 616 91119") && strings.Contains(v.Text, "112") {
			return true
		}
	}
	return false
}

type messengerDoor struct {
	srv *messengertest.Server
	u   *messengertest.User
	mid string
}

func (d *messengerDoor) Answer(label string) { d.mid = d.u.Press(label) }
func (d *messengerDoor) Again()              { d.srv.Again(d.mid, 2) }
func (d *messengerDoor) At() (n int) {
	for _, v := range d.u.Messages() {
		n = max(n, asked(v))
	}
	return n
}
func (d *messengerDoor) Numbers() bool {
	for _, v := range d.u.Messages() {
		if v.Bot && strings.Contains(v.Text, "Šiuo metu klausimai neveikia") && strings.Contains(v.Text, "+370 616 91119") {
			return true
		}
	}
	return false
}

type webDoor struct {
	r        *reader
	question string // the page the person pressed on
	label    string
}

func (d *webDoor) Answer(label string) {
	if strings.Contains(d.r.body, `data-screen="question"`) {
		d.question = d.r.body
	}
	d.r.body, d.label = d.question, label
	d.r.press(label)
}
func (d *webDoor) Again() {
	for range 2 {
		d.r.body = d.question
		d.r.press(d.label)
	}
}
func (d *webDoor) At() int {
	n := 0
	d.r.get("/lt/check")
	if m := progress.FindStringSubmatch(d.r.body); m != nil {
		fmt.Sscan(m[1], &n)
	}
	return n
}
func (d *webDoor) Numbers() bool {
	return d.r.code == 503 && strings.Contains(d.r.body, "+370 616 91119") && strings.Contains(d.r.body, "112")
}

// doors opens each door on a program that keeps its conversations in Redis.
var doors = map[string]func(t *testing.T, redis string) (*program, door){
	"telegram by webhook": func(t *testing.T, redis string) (*program, door) { return atTelegram(t, redis, true) },
	"telegram by polling": func(t *testing.T, redis string) (*program, door) { return atTelegram(t, redis, false) },
	"messenger": func(t *testing.T, redis string) (*program, door) {
		srv := messengertest.New(t, messengertest.Options{})
		p := page(t, srv, "REDIS_URL="+redis)
		return p, &messengerDoor{srv: srv, u: toFirstQuestion(t, srv, "lt_LT")}
	},
	"web": func(t *testing.T, redis string) (*program, door) {
		p := launch(t, "REDIS_URL="+redis)
		r := newReader(t, p)
		r.client.Transport = spread{}
		r.begin()
		return p, &webDoor{r: r}
	},
}

func atTelegram(t *testing.T, redis string, hook bool) (*program, door) {
	srv := telegramtest.New(t, telegramtest.Options{})
	p := launch(t, telegramFor(srv, hook, "TELEGRAM_RATE=0/0/0", "REDIS_URL="+redis)...)
	return p, &telegramDoor{srv: srv, u: begin(t, srv, "lt")}
}

// faults are what may go wrong between the first question and the second.
var faults = map[string]func(p *program, r *storetest.Redis, d door){
	"the same press three times": func(p *program, r *storetest.Redis, d door) {
		d.Answer("18 arba daugiau")
		d.Again()
	},
	"killed before the press": func(p *program, r *storetest.Redis, d door) {
		p.kill()
		p.start()
		p.waitReady()
		d.Answer("18 arba daugiau")
	},
	"killed after the press": func(p *program, r *storetest.Redis, d door) {
		d.Answer("18 arba daugiau")
		p.kill()
		p.start()
		p.waitReady()
	},
	"Redis restarted": func(p *program, r *storetest.Redis, d door) {
		r.Kill()
		r.Start()
		p.waitReady()
		d.Answer("18 arba daugiau")
	},
	"Redis away, and back": func(p *program, r *storetest.Redis, d door) {
		r.Stop()
		d.Answer("18 arba daugiau")
		p.within(6*time.Second, "the numbers", func() error {
			if !d.Numbers() {
				return fmt.Errorf("they are not there")
			}
			return nil
		})
		r.Start()
		p.waitReady()
		d.Answer("18 arba daugiau")
	},
}

func TestEveryFaultAtEveryDoorMovesTheQuizOnceAndLeavesNobodyStuck(t *testing.T) {
	t.Parallel()
	for where, open := range doors {
		for what, happen := range faults {
			t.Run(where+": "+what, func(t *testing.T) {
				t.Parallel()
				r := storetest.RedisServer(t)
				p, d := open(t, r.URL())
				happen(p, r, d)
				p.within(12*time.Second, "the second question", func() error {
					if n := d.At(); n != 2 {
						return fmt.Errorf("question %d", n)
					}
					return nil
				})
				time.Sleep(400 * time.Millisecond)
				if n := d.At(); n != 2 {
					t.Errorf("the quiz moved to question %d", n)
				}
			})
		}
	}
}
