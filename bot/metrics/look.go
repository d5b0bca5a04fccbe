package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
)

// What is looked at when somebody asks, at most every lookEvery.
const (
	lookEvery = 5 * time.Second
	lookTime  = 4 * time.Second
	mostCases = 1000 // cases whose state is read one by one
)

// look is what was found in the store.
type look struct {
	up      float64
	waits   engine.Waits
	known   bool // the desk could be read
	backlog bot.Backlog
	queued  bool // the outbox could be read
	took    time.Time
}

type looker struct {
	bot   *desk.Desk
	store bot.Store
	mu    sync.Mutex
	last  look
}

var (
	up         = desc("patikra_store_up", "1 when the store takes turns, else 0.")
	cases      = desc("patikra_cases", "Open cases, by state and urgency.", "state", "urgency")
	oldest     = desc("patikra_case_oldest_seconds", "How long the case that has waited longest waits for somebody to take it, counted while the desk is open.", "urgency")
	unanswered = desc("patikra_cases_unanswered", "Cases that a counsellor holds and whose person's last words nobody has answered.")
	silent     = desc("patikra_case_unanswered_oldest_seconds", "How long the longest of them has been without an answer.")
	aside      = desc("patikra_cases_put_aside", "Open cases from the web beyond what the desk can look at. They stand as one entry of the queue.")
	asideAge   = desc("patikra_case_put_aside_oldest_seconds", "How long the longest of them has been put aside, counted from when the desk was first open.", "urgency")
	duty       = desc("patikra_counsellors_on_duty", "Counsellors who are on duty.")
	open       = desc("patikra_desk_open", "1 in the desk's hours, else 0.")
	depth      = desc("patikra_outbox_messages", "Messages that wait to be delivered.")
	queues     = desc("patikra_outbox_queues", "Conversations that have such messages.")
	age        = desc("patikra_outbox_oldest_seconds", "How long the message that has waited longest for its delivery is overdue.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Watch looks at a bot's desk and outbox whenever somebody asks.
func (m *Metrics) Watch(b *desk.Desk, s bot.Store) {
	m.registry.MustRegister(&looker{bot: b, store: s})
}

// Describe tells what can be told.
func (l *looker) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, cases, oldest, unanswered, silent, aside, asideAge, duty, open, depth, queues, age} {
		to <- d
	}
}

// Collect tells what was found. What could not be read is left out: a gap is seen, a zero would be believed.
func (l *looker) Collect(to chan<- prometheus.Metric) {
	now := l.look()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(up, now.up)
	if now.queued {
		gauge(depth, float64(now.backlog.Items))
		gauge(queues, float64(now.backlog.Queues))
		gauge(age, seconds(now.took, now.backlog.Oldest))
	}
	if !now.known {
		return
	}
	for s, name := range map[bot.CaseState]string{bot.Waiting: "waiting", bot.Lapsed: "lapsed", bot.Taken: "held"} {
		for u, urgency := range urgencies {
			gauge(cases, float64(now.waits.Cases[s][u]), name, urgency)
		}
	}
	for u, urgency := range urgencies {
		gauge(oldest, seconds(now.took, now.waits.Oldest[u]), urgency)
		gauge(asideAge, seconds(now.took, now.waits.FoldedOld[u]), urgency)
	}
	gauge(unanswered, float64(now.waits.Unanswered))
	gauge(silent, seconds(now.took, now.waits.Silent))
	gauge(aside, float64(now.waits.Folded))
	gauge(duty, float64(now.waits.Duty))
	gauge(open, map[bool]float64{true: 1}[now.waits.Open])
}

var urgencies = [...]string{bot.Calm: "calm", bot.Grave: "grave", bot.Danger: "danger"}

// seconds is how long ago a time was, 0 for none.
func seconds(now, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(now.Sub(since).Seconds(), 0)
}

func (l *looker) look() look {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last.took) < lookEvery {
		return l.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	found := look{}
	if l.store.Ping(ctx) == nil {
		found.up = 1
	}
	l.bot.Guard("metrics", func() { // in a goroutine of the registry's: a mistake there would end the process
		var err error
		found.waits, err = l.bot.Waits(ctx, time.Now(), mostCases)
		found.known = err == nil
	})
	if s, ok := l.store.(interface {
		Backlog(ctx context.Context, now time.Time) (bot.Backlog, error)
	}); ok {
		l.bot.Guard("metrics", func() {
			var err error
			found.backlog, err = s.Backlog(ctx, time.Now())
			found.queued = err == nil
		})
	}
	found.took = time.Now()
	l.last = found
	return found
}
