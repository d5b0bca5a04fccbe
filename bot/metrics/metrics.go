// Package metrics tells an operator's Prometheus how the program does: in numbers, and never of whom. No label holds a
// person, a counsellor, a word, an address or anything else that somebody outside can choose; each is one of a short list.
//
// Names follow https://prometheus.io/docs/practices/naming/: base units, _total for what only grows.
package metrics

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/peer"
)

// doors are the labels a channel can have; any other is "other".
var doors = map[string]bool{"telegram": true, "messenger": true, "web": true, bot.DeskName: true}

func door(channel string) string {
	if doors[channel] {
		return channel
	}
	return "other"
}

// Metrics counts what happens in this process and looks at the store when it is asked.
type Metrics struct {
	registry   *prometheus.Registry
	updates    *prometheus.CounterVec
	turns      *prometheus.HistogramVec
	commits    *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	calls      *prometheus.HistogramVec
	store      *prometheus.HistogramVec
	aside      prometheus.Counter
	pushes     *prometheus.CounterVec
}

// New returns metrics with everything at zero, so that the first event of a kind is seen as a growth.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	quick := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	m.updates = counter("patikra_updates_total", "Updates dealt with, by door and by what became of them.", "door", "outcome")
	m.turns = histogram("patikra_turn_duration_seconds", "From an update's receipt to a saved turn.", quick, "door")
	m.commits = counter("patikra_commits_total", "Turns given to the store, by what it said.", "outcome")
	m.deliveries = counter("patikra_deliveries_total", "Tries to deliver a message, by door and by what became of them.", "door", "outcome")
	m.calls = histogram("patikra_delivery_duration_seconds", "One try to deliver a message.", append(quick, 30, 60), "door")
	m.store = histogram("patikra_store_duration_seconds", "One call of the store.", quick, "operation", "outcome")
	m.pushes = counter("patikra_pushes_total", "Calls of browsers whose page of the desk is closed, by what became of them: taken, ended, refused, failed, or dropped for a step without room.", "outcome")
	m.aside = prometheus.NewCounter(prometheus.CounterOpts{Name: "patikra_updates_set_aside_total", Help: "Updates that were set aside because a mistake of the program broke their turn each time."})
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "patikra_build_info", Help: "1, with the version as a label."}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.updates, m.turns, m.commits, m.deliveries, m.calls, m.store, m.aside, m.pushes, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, o := range outcomes {
		for d := range doors {
			m.updates.WithLabelValues(d, string(o))
		}
	}
	for _, o := range []string{"saved", "conflict", "repeated", "failed"} {
		m.commits.WithLabelValues(o)
	}
	for d := range doors {
		for _, o := range []string{"delivered", "limited", "failed", "refused", "gone"} {
			m.deliveries.WithLabelValues(d, o)
		}
	}
	for _, o := range []string{"taken", "ended", "refused", "failed", "dropped"} {
		m.pushes.WithLabelValues(o)
	}
	return m
}

var outcomes = []engine.Outcome{engine.Saved, engine.Repeated, engine.Declined, engine.Failed, engine.SetAside}

// Handled counts an update; it is a bot.Meter.
func (m *Metrics) Handled(channel string, o engine.Outcome, took time.Duration) {
	m.updates.WithLabelValues(door(channel), string(o)).Inc()
	m.turns.WithLabelValues(door(channel)).Observe(took.Seconds())
	if o == engine.SetAside {
		m.aside.Inc()
	}
}

// Pushed counts a call of a browser whose page is closed.
func (m *Metrics) Pushed(outcome string) { m.pushes.WithLabelValues(outcome).Inc() }

// Channel counts what a channel delivers.
func (m *Metrics) Channel(c bot.Channel) bot.Channel { return &channel{c, m} }

type channel struct {
	bot.Channel
	m *Metrics
}

func (c *channel) Deliver(ctx context.Context, msg bot.Message) (ref int64, err error) {
	begin, outcome := time.Now(), "failed" // so it stays when a mistake of the program ends it
	defer func() {
		d := door(c.Name())
		c.m.calls.WithLabelValues(d).Observe(time.Since(begin).Seconds())
		c.m.deliveries.WithLabelValues(d, outcome).Inc()
	}()
	ref, err = c.Channel.Deliver(ctx, msg)
	outcome = delivery(err)
	return ref, err
}

// Unwrap is the channel itself.
func (c *channel) Unwrap() bot.Channel { return c.Channel }

func delivery(err error) string {
	var de *bot.DeliveryError
	switch {
	case err == nil:
		return "delivered"
	case !errors.As(err, &de):
		return "failed"
	case de.Gone:
		return "gone"
	case de.Drop:
		return "refused"
	case de.RetryAfter > 0:
		return "limited"
	}
	return "failed"
}

// Handler serves the metrics to whoever bears the token, and to this machine.
func (m *Metrics) Handler(bears func(*http.Request) bool) http.Handler {
	serve := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: scrapeTime})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "GET it", http.StatusMethodNotAllowed)
		case !peer.Local(r) && !bears(r):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "not allowed", http.StatusUnauthorized)
		default:
			serve.ServeHTTP(w, r)
		}
	})
}

// scrapeTime bounds one scrape.
const scrapeTime = 9 * time.Second
