package main

import (
	"context"
	"fmt"
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
	on   func(t *testing.T, r *storetest.Redis, p *program)
	off  func(t *testing.T, r *storetest.Redis, p *program)
}

// tellRedis gives Redis a command over a connection that is its own.
func tellRedis(args ...any) func(*testing.T, *storetest.Redis, *program) {
	return func(t *testing.T, r *storetest.Redis, _ *program) {
		t.Helper()
		if err := r.Client().Do(context.Background(), args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
}

func nothing(*testing.T, *storetest.Redis, *program) {}

// storeFaults are what stores and processes are known to suffer.
var storeFaults = []fault{
	{"stopped", func(_ *testing.T, r *storetest.Redis, _ *program) { r.Stop() }, func(_ *testing.T, r *storetest.Redis, _ *program) { r.Start() }},
	{"out of memory", tellRedis("CONFIG", "SET", "maxmemory", "1"), tellRedis("CONFIG", "SET", "maxmemory", "0")},
	{"read-only, as after a failover", tellRedis("REPLICAOF", "127.0.0.1", "1"), tellRedis("REPLICAOF", "NO", "ONE")},
	{"frozen", func(_ *testing.T, r *storetest.Redis, _ *program) { r.Freeze() }, func(_ *testing.T, r *storetest.Redis, _ *program) { r.Thaw() }},
	{"without enough replicas", tellRedis("CONFIG", "SET", "min-replicas-to-write", "1"), tellRedis("CONFIG", "SET", "min-replicas-to-write", "0")},
	{"without its scripts", tellRedis("SCRIPT", "FLUSH"), nothing},
	{"with another password", func(t *testing.T, r *storetest.Redis, p *program) {
		tellRedis("CONFIG", "SET", "requirepass", "other")(t, r, p)
		c := r.Client()
		c.Do(context.Background(), "AUTH", "other")
		c.ClientKillByFilter(context.Background(), "TYPE", "normal")
	}, func(t *testing.T, r *storetest.Redis, _ *program) {
		c := redis.NewClient(&redis.Options{Addr: r.Addr, Password: "other", DisableIdentity: true})
		defer c.Close()
		if err := c.ConfigSet(context.Background(), "requirepass", "").Err(); err != nil {
			t.Fatal(err)
		}
	}},
	{"killed", func(_ *testing.T, r *storetest.Redis, _ *program) { r.Kill() }, func(_ *testing.T, r *storetest.Redis, _ *program) { r.Start() }},
	{"and the program killed", func(_ *testing.T, _ *storetest.Redis, p *program) { p.kill() }, func(_ *testing.T, _ *storetest.Redis, p *program) { p.start(); p.waitReady() }},
}

// intake is one run: so many people in talks, who write so many words over so many faults.
type intake struct {
	people, faults, each int // each: words of one person in each fault
	pause                time.Duration
}

func (in intake) run(t *testing.T, door string) {
	r := storetest.RedisServer(t)
	srv := telegramtest.New(t, telegramtest.Options{})
	fb := messengertest.New(t, messengertest.Options{Batch: 4, Quiet: true})
	d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
	settings := telegramFor(srv, door != "polling", fmt.Sprint("TELEGRAM_DESK=", d.group.ID), "PATIKRA_DESK_HOURS=always", "TELEGRAM_RATE=0/0/0", "PATIKRA_FLOOD=2", "REDIS_URL="+r.URL())
	if door == "messenger" {
		settings = append(settings, messengerFor(fb)...)
	}
	d.program = launch(t, settings...)
	if door == "messenger" {
		fb.Hook(d.base + "/messenger")
	}
	anna := srv.User(telegramtest.Person{Name: "Anna"})
	d.group.Join(anna)
	say, topics, seen := make([]func(string), in.people), make([]int64, in.people), make([]func() []string, in.people)
	for i := range say {
		if door != "messenger" {
			u := srv.User(telegramtest.Person{Language: "en", Name: "Person"})
			topics[i] = d.ask(u)
			d.take(anna, topics[i])
			say[i], seen[i] = func(text string) { u.Say(text) }, func() (all []string) {
				for _, v := range u.Messages() {
					all = append(all, v.Text)
				}
				return all
			}
			continue
		}
		u := fb.User(messengertest.Person{Locale: "en_US", Name: "Person"})
		u.Say("talk to a person")
		d.onMessenger(u, "only what you write yourself")
		u.PressReply(u.Screen().Replies[0])
		d.onMessenger(u, "code word")
		d.soon("a topic", func() bool { topics[i] = d.newTopic(topics[:i]); return topics[i] != 0 })
		d.take(anna, topics[i])
		say[i], seen[i] = func(text string) { u.Say(text) }, func() (all []string) {
			for _, v := range u.Messages() {
				all = append(all, v.Text)
			}
			return all
		}
	}
	said := 0
	for n := range in.faults {
		f := storeFaults[n%len(storeFaults)]
		f.on(t, r, d.program)
		var wg sync.WaitGroup
		for i, say := range say {
			wg.Go(func() {
				for k := range in.each {
					say(fmt.Sprintf("person %d word %d", i, n*in.each+k))
					time.Sleep(in.pause)
				}
			})
		}
		wg.Go(func() { // and the counsellor answers each of them meanwhile
			for i, topic := range topics {
				if _, err := anna.SayIn(d.group, topic, answerTo(i, n)); err != nil {
					t.Error(err)
				}
				time.Sleep(in.pause)
			}
		})
		wg.Wait()
		time.Sleep(in.pause)
		f.off(t, r, d.program)
		said += in.people * in.each
		d.within(90*time.Second, "after a store "+f.name+" all words are there", func() error {
			if got := len(d.words()); got < said {
				return fmt.Errorf("%d of %d", got, said)
			}
			for i := range say {
				if all := strings.Join(seen[i](), "\n"); !strings.Contains(all, answerTo(i, n)) {
					return fmt.Errorf("%q has not arrived", answerTo(i, n))
				}
			}
			return nil
		})
	}
	in.count(t, d)
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
		if strings.HasPrefix(v.Text, "person ") {
			out[v.Text]++
		}
	}
	return out
}

// count holds what the group shows against what was written: all of it, in order, and doubled only at the edge of a fault.
func (in intake) count(t *testing.T, d *counsellors) {
	t.Helper()
	doubled := 0
	for _, n := range d.words() {
		doubled += n - 1
	}
	last := map[int]int{}
	for _, v := range d.group.All() {
		var who, n int
		if _, err := fmt.Sscanf(v.Text, "person %d word %d", &who, &n); err != nil {
			continue
		}
		if at, ok := last[who]; ok && n > at+1 {
			t.Errorf("person %d: word %d came after word %d", who, n, at)
		}
		last[who] = max(last[who], n)
	}
	if edge := in.people * in.faults; doubled > edge {
		t.Errorf("%d words stand there twice; at the edges there can be %d", doubled, edge)
	}
	t.Logf("%d words over %d faults, none lost, %d twice", in.people*in.faults*in.each, in.faults, doubled)
}

func TestOverEveryFaultNoWordOfATalkIsLost(t *testing.T) {
	in := intake{people: 3, faults: len(storeFaults), each: 4, pause: 150 * time.Millisecond}
	for _, door := range []string{"webhook", "polling", "messenger"} {
		t.Run(door, func(t *testing.T) {
			t.Parallel()
			in.run(t, door)
		})
	}
}
