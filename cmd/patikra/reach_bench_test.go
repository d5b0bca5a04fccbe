package main

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// How soon a counsellor knows of a person: from the tap that agrees to the case's card, and from words to where counsellors read them, in
// the group and on a page that is open. The whole program over each store; 200 people are -benchtime=200x.
func BenchmarkFromAPersonToACounsellor(b *testing.B) {
	b.Run("embedded", func(b *testing.B) { fromPersonToCounsellor(b) })
	b.Run("redis", func(b *testing.B) { fromPersonToCounsellor(b, "REDIS_URL="+storetest.RedisServer(b).URL()) })
}

func fromPersonToCounsellor(b *testing.B, settings ...string) {
	d := openDesk(b, settings...)
	ruta := d.enters("Rūta")
	changed := listens(b, ruta)
	var card, words, page []time.Duration
	for range b.N {
		u := d.srv.User(telegramtest.Person{Language: "en"})
		before := len(d.group.TopicList())
		u.Say("/human")
		d.sees(u, "human:agree")
		begin := time.Now()
		u.Press("human:agree")
		topic := int64(0)
		for topic == 0 {
			if list := d.group.TopicList(); len(list) > before && len(d.group.Views(list[len(list)-1].ID)) > 0 {
				topic = list[len(list)-1].ID
			}
			waits(b, begin)
		}
		card = append(card, time.Since(begin))
		d.sees(u, "code word")
		ruta.get("/desk")
		path := ""
		for _, p := range casePath.FindAllString(ruta.body, -1) {
			path = p // the newest waits last
		}
		time.Sleep(200 * time.Millisecond) // what is still on its way is another's
		for len(changed) > 0 {
			<-changed
		}
		begin = time.Now()
		u.Say("They have taken my passport")
		for done, read := false, false; !done || !read; waits(b, begin) {
			if !done && slices.ContainsFunc(d.group.Views(topic), func(v telegramtest.View) bool { return strings.Contains(v.Text, "taken my passport") }) {
				words, done = append(words, time.Since(begin)), true
			}
			select {
			case <-changed:
				if ruta.get(path); !read && strings.Contains(ruta.body, "taken my passport") {
					page, read = append(page, time.Since(begin)), true
				}
			default:
			}
		}
		u.Press("human:end")
		d.sees(u, "ended")
	}
	for name, list := range map[string][]time.Duration{"card": card, "words": words, "page": page} {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2])/1e6, name+"-p50-ms")
		b.ReportMetric(float64(list[len(list)*99/100])/1e6, name+"-p99-ms")
	}
}

// waits lets a moment pass, and gives up after a while.
func waits(b *testing.B, since time.Time) {
	if time.Since(since) > 20*time.Second {
		b.Fatal("nothing comes")
	}
	time.Sleep(200 * time.Microsecond)
}

// listens opens the stream of somebody's page. What it is told of is sent on.
func listens(b *testing.B, r *reader) <-chan string {
	resp, err := (&http.Client{Jar: r.client.Jar}).Get(r.base + "/desk/events")
	if err != nil || resp.StatusCode != 200 {
		b.Fatalf("no stream: %v %+v", err, resp)
	}
	b.Cleanup(func() { resp.Body.Close() })
	out := make(chan string, 1000)
	go func() {
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if lines.Text() == "event: changed" {
				out <- "changed"
			}
		}
	}()
	return out
}
