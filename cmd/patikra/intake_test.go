package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot/messenger/messengertest"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// fault is something that goes wrong with the store, or with the program, and goes away again.
type fault struct {
	name string
	on   func(t *testing.T, g *ground)
	off  func(t *testing.T, g *ground)
	// edge says that what is known of the last words sent can be lost with what ends: then they are sent again. No other fault
	// doubles a word.
	edge bool
}

// ground is what a program stands on: one of the stores, and all that may happen to it.
type ground struct {
	redis    *storetest.Redis
	followed *storetest.Followed
	data     string // the folder of the embedded store
	program  *program
	lost     *storetest.Redis
}

// store returns the settings of the program.
func (g *ground) store() []string {
	switch {
	case g.redis != nil:
		return []string{"REDIS_URL=" + g.redis.URL()}
	case g.followed != nil:
		return []string{"REDIS_URL=" + g.followed.URL()}
	}
	return []string{"PATIKRA_DATA=" + g.data}
}

// tellRedis gives Redis a command over a connection that is its own.
func tellRedis(args ...any) func(*testing.T, *ground) {
	return func(t *testing.T, g *ground) {
		t.Helper()
		if err := g.redis.Client().Do(context.Background(), args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
}

func nothing(*testing.T, *ground) {}

// killed is the program's end, however the store is.
var killed = fault{"and the program killed", func(_ *testing.T, g *ground) { g.program.kill() }, func(_ *testing.T, g *ground) { g.program.start(); g.program.waitReady() }, true}

// redisFaults are what Redis and processes are known to suffer.
var redisFaults = []fault{
	killed,
	{name: "stopped", on: func(_ *testing.T, g *ground) { g.redis.Stop() }, off: func(_ *testing.T, g *ground) { g.redis.Start() }},
	{name: "out of memory", on: tellRedis("CONFIG", "SET", "maxmemory", "1"), off: tellRedis("CONFIG", "SET", "maxmemory", "0")},
	{name: "read-only, as after a failover", on: tellRedis("REPLICAOF", "127.0.0.1", "1"), off: tellRedis("REPLICAOF", "NO", "ONE")},
	{name: "frozen", on: func(_ *testing.T, g *ground) { g.redis.Freeze() }, off: func(_ *testing.T, g *ground) { g.redis.Thaw() }},
	{name: "without enough replicas", on: tellRedis("CONFIG", "SET", "min-replicas-to-write", "1"), off: tellRedis("CONFIG", "SET", "min-replicas-to-write", "0")},
	{name: "without its scripts", on: tellRedis("SCRIPT", "FLUSH"), off: nothing},
	{name: "with another password", on: func(t *testing.T, g *ground) {
		tellRedis("CONFIG", "SET", "requirepass", "other")(t, g)
		c := g.redis.Client()
		c.Do(context.Background(), "AUTH", "other")
		c.ClientKillByFilter(context.Background(), "TYPE", "normal")
	}, off: func(t *testing.T, g *ground) {
		c := redis.NewClient(&redis.Options{Addr: g.redis.Addr, Password: "other", DisableIdentity: true})
		defer c.Close()
		if err := c.ConfigSet(context.Background(), "requirepass", "").Err(); err != nil {
			t.Fatal(err)
		}
	}},
	{name: "killed", on: func(_ *testing.T, g *ground) { g.redis.Kill() }, off: func(_ *testing.T, g *ground) { g.redis.Start() }},
}

// failover is the loss of a server that others follow, whereupon one of these takes its place. What it had taken and not
// yet passed on is lost with it: that it was told to remove a word, too.
var failover = fault{name: "of which another takes over", edge: true,
	on: func(_ *testing.T, g *ground) {
		g.followed.Whole()
		g.lost = g.followed.Lose()
	},
	off: func(_ *testing.T, g *ground) {
		g.followed.Replaced(g.lost)
		g.lost.Start() // it follows from now on
	}}

// intake is one run: so many people in talks, who write so many words over so many faults.
type intake struct {
	people, faults, each int // each: words of one person in each fault
	more                 int // people who in each fault send something besides: a picture, something forwarded, an edit
	pause                time.Duration
}

// over is as many faults as each of a list so many times.
func (in intake) over(list []fault, times int) intake {
	in.faults = times * len(list)
	return in
}

// spoken is what was written, and during which fault; what somebody edits counts as written once more.
type spoken struct {
	mu   sync.Mutex
	list map[string]int
}

func (s *spoken) note(n int, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list[text] = n
	return text
}

// talker is somebody in a talk, in ways that are the same at every door.
type talker struct {
	topic   int64
	say     func(text string)
	more    func(n int) // what is no plain text: a picture, something forwarded, an edit
	screens func() []string
}

func (in intake) run(t *testing.T, door string, g *ground, faults []fault) {
	srv := telegramtest.New(t, telegramtest.Options{})
	fb := messengertest.New(t, messengertest.Options{Batch: 4, Quiet: true})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	settings := telegramFor(srv, door != "polling", fmt.Sprint("TELEGRAM_DESK=", d.group.ID), "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0", "PATIKRA_FLOOD=2")
	settings = append(settings, g.store()...)
	if door == "messenger" {
		settings = append(settings, messengerFor(fb)...)
	}
	d.program = launch(t, settings...)
	g.program = d.program
	if door == "messenger" {
		fb.Hook(d.base + "/messenger")
	}
	anna := srv.User(telegramtest.Person{Name: "Anna"})
	d.group.Join(anna)
	heard, answered := &spoken{list: map[string]int{}}, &spoken{list: map[string]int{}}
	people := make([]talker, in.people)
	for i := range people {
		p := &people[i]
		if door == "messenger" {
			u := fb.User(messengertest.Person{Locale: "en_US", Name: "Person"})
			u.Say("talk to a person")
			d.onMessenger(u, "only what you write yourself")
			u.PressReply(u.Screen().Replies[0])
			d.onMessenger(u, "code word")
			known := make([]int64, i)
			for j := range known {
				known[j] = people[j].topic
			}
			d.soon("a topic", func() bool { p.topic = d.newTopic(known); return p.topic != 0 })
			p.say = func(text string) { u.Say(text) }
			p.more = func(n int) {
				u.SendAttachments(heard.note(n, fmt.Sprintf("person %d picture %d", i, n)), messengertest.Attachment{Type: "image", URL: "https://cdn.example/p.jpg"})
			}
			p.screens = func() (all []string) {
				for _, v := range u.Messages() {
					if v.Bot {
						all = append(all, v.Text)
					}
				}
				return all
			}
		} else {
			u := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
			p.topic = d.ask(u)
			p.say = func(text string) { u.Say(text) }
			p.more = func(n int) {
				switch i % 3 {
				case 0:
					u.Send(telegramtest.Media{Kind: "photo", Data: smallPhoto, Caption: heard.note(n, fmt.Sprintf("person %d picture %d", i, n))})
				case 1:
					u.Forward("Recruiter", heard.note(n, fmt.Sprintf("person %d forward %d", i, n)))
				case 2:
					u.Say(heard.note(n, fmt.Sprintf("person %d typo %d", i, n)))
					list := u.Messages()
					at := slices.IndexFunc(list, func(v telegramtest.View) bool { return v.Text == fmt.Sprintf("person %d typo %d", i, n) })
					u.Edit(list[at].ID, heard.note(n, fmt.Sprintf("person %d edit %d", i, n)))
				}
			}
			p.screens = func() []string { return texts(u.Messages()) }
		}
		d.take(anna, p.topic)
	}
	// whatever is sent is on its way for a time, so that each fault finds something there
	srv.Fault(func(telegramtest.Call) telegramtest.Fault { return telegramtest.Fault{Delay: in.pause / 2} })
	fb.Fault(func(messengertest.Call) messengertest.Fault { return messengertest.Fault{Delay: in.pause / 2} })
	for n := range in.faults {
		f := faults[n%len(faults)]
		var wg sync.WaitGroup
		for i, p := range people {
			wg.Go(func() {
				for k := range in.each {
					p.say(heard.note(n, fmt.Sprintf("person %d word %d", i, n*in.each+k)))
					if k == in.each/2 && i < in.more {
						p.more(n)
					}
					time.Sleep(in.pause)
				}
			})
		}
		wg.Go(func() { // and the counsellor answers each of them meanwhile
			for i, p := range people {
				if _, err := anna.SayIn(d.group, p.topic, answered.note(n, answerTo(i, n))); err != nil {
					t.Error(err)
				}
				time.Sleep(in.pause)
			}
		})
		time.Sleep(in.pause * 3 / 2)
		f.on(t, g)
		wg.Wait()
		time.Sleep(in.pause)
		f.off(t, g)
		d.within(90*time.Second, "after a store "+f.name+" all words are there", func() error {
			there := d.words()
			for text := range heard.list {
				if there[text] == 0 {
					return fmt.Errorf("of %d, %q has not arrived", len(heard.list), text)
				}
			}
			for i, p := range people {
				if !strings.Contains(strings.Join(p.screens(), "\n"), answerTo(i, n)) {
					return fmt.Errorf("%q has not arrived", answerTo(i, n))
				}
			}
			return nil
		})
	}
	d.within(30*time.Second, "nothing waits that might be sent again", func() error {
		if _, body := d.get("/metrics"); !strings.Contains(body, "\npatikra_outbox_messages 0\n") {
			return errors.New("something does")
		}
		return nil
	})
	read := map[string]int{}
	for i, p := range people {
		all := strings.Join(p.screens(), "\n")
		for n := range in.faults {
			read[answerTo(i, n)] = strings.Count(all, answerTo(i, n))
		}
	}
	d.inTheirOrder()
	doubled := 0
	for at, n := range twice(t, heard.list, d.words(), answered.list, read) {
		doubled += n
		most := 0
		if faults[at%len(faults)].edge || at+1 < in.faults && faults[(at+1)%len(faults)].edge { // it may come while the last words are being noted
			most = 2*in.people + in.more // of each queue the one word that was being sent
		}
		if n > most {
			t.Errorf("%d words of the time when the store was %s stand there twice; there can be %d", n, faults[at%len(faults)].name, most)
		}
	}
	t.Logf("%d words and %d answers over %d faults, none lost, %d twice", len(heard.list), len(answered.list), in.faults, doubled)
}

// twice counts by fault what stands there more than once, of two lists. What was never written must not be there.
func twice(t *testing.T, heard, there, answered, screens map[string]int) map[int]int {
	t.Helper()
	out := map[int]int{}
	for _, of := range []struct{ said, seen map[string]int }{{heard, there}, {answered, screens}} {
		for text, times := range of.seen {
			n, ok := of.said[text]
			if !ok {
				t.Errorf("nobody wrote %q", text)
			}
			if times > 1 {
				t.Logf("%q, of fault %d, stands there %d times", text, n, times)
				out[n] += times - 1
			}
		}
	}
	return out
}

// answerTo is what the counsellor writes to a person during a fault.
func answerTo(person, fault int) string { return fmt.Sprintf("answer %d to %d.", fault, person) }

// newTopic is a topic with a card that is not among those known, 0 when there is none.
func (d *counsellors) newTopic(known []int64) int64 {
	for _, topic := range d.group.TopicList() {
		if !slices.Contains(known, topic.ID) && len(d.group.Views(topic.ID)) > 0 {
			return topic.ID
		}
	}
	return 0
}

// words are what people wrote, as the group shows it, and how often.
func (d *counsellors) words() map[string]int {
	out := map[string]int{}
	for _, v := range d.group.All() {
		if text := strings.TrimPrefix(v.Text, "✎ "); strings.HasPrefix(text, "person ") {
			out[text]++
		}
	}
	return out
}

// inTheirOrder holds the words of each person to the order in which they were written.
func (d *counsellors) inTheirOrder() {
	d.t.Helper()
	last := map[int]int{}
	for _, v := range d.group.All() {
		var who, n int
		if _, err := fmt.Sscanf(v.Text, "person %d word %d", &who, &n); err != nil {
			continue
		}
		if at, ok := last[who]; ok && n > at+1 {
			d.t.Errorf("person %d: word %d came after word %d", who, n, at)
		}
		last[who] = max(last[who], n)
	}
}

// smallPhoto is a picture that costs little to draw anew.
var smallPhoto = func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}()

func TestOverEveryFaultNoWordOfATalkIsLost(t *testing.T) {
	t.Parallel()
	small := intake{people: 3, each: 4, more: 3, pause: 150 * time.Millisecond}
	for _, door := range []string{"webhook", "polling", "messenger"} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			small.over(redisFaults, 1).run(t, door, &ground{redis: storetest.RedisServer(t)}, redisFaults)
		})
	}
	t.Run("another server takes over", func(t *testing.T) {
		t.Parallel()
		small.over([]fault{failover}, 1).run(t, "webhook", &ground{followed: storetest.RedisFollowed(t)}, []fault{failover})
	})
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		data, faults := diskFaults(t)
		small.over(faults, 1).run(t, "webhook", &ground{data: data}, faults)
	})
}
