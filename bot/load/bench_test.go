package load

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot/storetest"
)

// people is how many play at once.
const people = 64

// rounds is how often program and yardstick take turns, so that a change of the machine's mood meets both.
const rounds = 4

// perRound is how many updates each answers in a round of one op.
const perRound = 6400

// BenchmarkLoad plays the quiz against the program and, in turns, the same load against the bare server.
func BenchmarkLoad(b *testing.B) {
	r := storetest.RedisServer(b)
	net := newNetwork(b)
	ours, theirs := program(b, r, net), yardstick(b, r, net)
	awaitServer(b, ours)
	awaitServer(b, theirs)
	mine, other := newCrowd(net, ours.url, people), newCrowd(net, theirs.url, people)
	mine.play(b, perRound)
	other.play(b, perRound)
	client := r.Client()
	var cpu, bareCPU, took, bareTook time.Duration
	var updates, calls, evals, reads int
	var latency []time.Duration
	for b.Loop() {
		for range rounds {
			evals0, reads0, calls0 := commands(b, client, "evalsha"), stat(b, client, "stats", "total_reads_processed"), net.total()
			cpu0, began := ours.processor(b), time.Now()
			l := mine.play(b, perRound)
			took += time.Since(began)
			cpu += ours.processor(b) - cpu0
			latency = append(latency, l[len(l)/2], l[len(l)*99/100])
			updates += len(l)
			calls += net.total() - calls0
			evals += commands(b, client, "evalsha") - evals0
			reads += stat(b, client, "stats", "total_reads_processed") - reads0
			cpu0, began = theirs.processor(b), time.Now()
			other.play(b, perRound)
			bareTook += time.Since(began)
			bareCPU += theirs.processor(b) - cpu0
		}
	}
	n := float64(updates)
	us := func(d time.Duration) float64 { return float64(d.Microseconds()) / n }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(n/took.Seconds(), "updates/s")
	b.ReportMetric(n/bareTook.Seconds(), "bare-updates/s")
	b.ReportMetric(us(cpu), "cpu-us/update")
	b.ReportMetric(us(bareCPU), "bare-cpu-us/update")
	b.ReportMetric(float64(bareCPU)/float64(cpu), "ratio")
	b.ReportMetric(float64(calls)/n, "http-out/update")
	b.ReportMetric(float64(evals)/n, "redis-commands/update")
	b.ReportMetric(float64(reads)/n, "redis-reads/update")
	var p50, p99 time.Duration
	for i := 0; i < len(latency); i += 2 {
		p50, p99 = p50+latency[i], max(p99, latency[i+1])
	}
	b.ReportMetric(float64(p50.Microseconds())/float64(len(latency)/2)/1000, "p50-ms")
	b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
}

// commands is how often clients have sent a command.
func commands(b *testing.B, c *redis.Client, name string) int {
	text, err := c.Info(context.Background(), "commandstats").Result()
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(text, "cmdstat_"+name+":calls=")
	n, _, _ := strings.Cut(rest, ",")
	v, _ := strconv.Atoi(n)
	return v
}

// stat is one number of INFO.
func stat(b *testing.B, c *redis.Client, section, name string) int {
	text, err := c.Info(context.Background(), section).Result()
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(text, name+":")
	n, _, _ := strings.Cut(rest, "\r\n")
	v, err := strconv.Atoi(n)
	if err != nil {
		b.Fatalf("INFO %s has no number %s", section, name)
	}
	return v
}

// BenchmarkRedisBytes brings people to the eighth question and asks Redis what a conversation takes: its keys by MEMORY USAGE,
// and the growth of the whole server's memory shared out, with tables and expiries and without connections.
func BenchmarkRedisBytes(b *testing.B) {
	const conversations = 4992
	r := storetest.RedisServer(b)
	net := newNetwork(b)
	ctx, client := context.Background(), r.Client()
	enter := func(crowds, size int) {
		ours := program(b, r, net)
		awaitServer(b, ours)
		for range crowds {
			c := newCrowd(net, ours.url, size)
			c.playAll(b, 10, size) // /start, begin, yes, and seven answers
			c.leave()
		}
		settle()
		ours.stop()
	}
	for b.Loop() {
		enter(1, 8)
		before, keysBefore := stat(b, client, "memory", "used_memory"), keys(b, client)
		enter(conversations/people, people)
		after := stat(b, client, "memory", "used_memory")
		sum, n := int64(0), 0
		for k := range keys(b, client) {
			if keysBefore[k] || !strings.Contains(k, "}c:") {
				continue
			}
			size, err := client.MemoryUsage(ctx, k, 0).Result()
			if err != nil {
				b.Fatal(err)
			}
			sum += size
			n++
		}
		b.ReportMetric(float64(sum)/float64(n), "bytes/conversation")
		b.ReportMetric(float64(after-before)/float64(n), "all-bytes/conversation")
	}
	b.ReportMetric(0, "ns/op")
}

// settle waits until what is delivered has been acknowledged.
func settle() { time.Sleep(1500 * time.Millisecond) }

func keys(b *testing.B, c *redis.Client) map[string]bool {
	out := map[string]bool{}
	all, err := c.Keys(context.Background(), "*").Result()
	if err != nil {
		b.Fatal(err)
	}
	for _, k := range all {
		out[k] = true
	}
	return out
}

var collected = regexp.MustCompile(`(\d+)->(\d+)->(\d+) MB`)

// BenchmarkMemory lets 100,000 people begin the quiz and looks at what the program holds then: the live heap after the last
// collection, and the resident memory.
func BenchmarkMemory(b *testing.B) {
	const conversations = 100_000
	r := storetest.RedisServer(b, "--appendfsync", "everysec")
	net := newNetwork(b)
	for b.Loop() {
		ours := program(b, r, net, "GODEBUG=gctrace=1")
		awaitServer(b, ours)
		for done := 0; done < conversations; done += 1000 {
			c := newCrowd(net, ours.url, 1000)
			c.playAll(b, 2, people)
			c.leave()
		}
		resident := ours.resident()
		ours.stop()
		live, goal := 0, 0
		for _, m := range collected.FindAllStringSubmatch(ours.errs.String(), -1) {
			live, _ = strconv.Atoi(m[3])
			top, _ := strconv.Atoi(m[2])
			goal = max(goal, top)
		}
		b.ReportMetric(float64(live), "live-heap-MB")
		b.ReportMetric(float64(goal), "top-heap-MB")
		b.ReportMetric(resident, "rss-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStart is the time from the start of the process to the arrival of its first reply.
func BenchmarkStart(b *testing.B) {
	r := storetest.RedisServer(b)
	net := newNetwork(b)
	if _, err := patikra(); err != nil {
		b.Fatal(err)
	}
	var sum time.Duration
	n := 0
	for b.Loop() {
		began := time.Now()
		ours := program(b, r, net)
		awaitServer(b, ours)
		c := newCrowd(net, ours.url, 1)
		if _, err := c.step(c.people[0]); err != nil {
			b.Fatalf("%v\n%s", err, ours.errs.String())
		}
		sum += c.people[0].last.at.Sub(began)
		n++
		ours.stop()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(sum.Microseconds())/1000/float64(n), "ms/start")
}
