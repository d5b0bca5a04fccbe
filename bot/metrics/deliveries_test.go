package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/metrics"
)

// refusing is a channel that answers every message in the same way.
type refusing struct {
	name   string
	answer func() error
}

func (r refusing) Name() string                                        { return r.name }
func (r refusing) Deliver(context.Context, bot.Message) (int64, error) { return 0, r.answer() }

func TestEveryTryThatPeopleAreToldOfAsMissedUnpassedOrLateIsSeenInTheMetrics(t *testing.T) {
	because := errors.New("refused")
	for _, c := range []struct {
		name, door, outcome string
		answer              func() error
	}{
		{"the counsellor's words are missed: refused for good", "telegram", "refused", func() error { return &bot.DeliveryError{Drop: true, Err: because} }},
		{"the counsellor's words are missed: outside the window", "messenger", "refused", func() error { return &bot.DeliveryError{Drop: true, Err: because} }},
		{"the person is gone", "telegram", "gone", func() error { return &bot.DeliveryError{Gone: true, Err: because} }},
		{"late: not the message's fault", "messenger", "failed", func() error { return &bot.DeliveryError{Err: because} }},
		{"late: nobody answers", "web", "failed", func() error { return because }},
		{"late: asked to wait", "telegram", "limited", func() error { return &bot.DeliveryError{RetryAfter: time.Second, Err: because} }},
		{"not passed on: the group refuses", bot.DeskName, "failed", func() error { return &bot.DeliveryError{Place: true, Err: because} }},
		{"not passed on: the words are refused", bot.DeskName, "refused", func() error { return &bot.DeliveryError{Drop: true, Err: because} }},
		{"missed: the program breaks", "telegram", "failed", func() error { panic("words of somebody") }},
		{"arrived", "telegram", "delivered", func() error { return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := metrics.New("test")
			_ = bot.Contain(func() error {
				_, err := m.Channel(refusing{c.door, c.answer}).Deliver(t.Context(), bot.Message{Human: true, Text: "words of somebody"})
				return err
			})
			rec, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/metrics", nil)
			r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1:8080"
			m.Handler(nil).ServeHTTP(rec, r)
			n := 0
			for line := range strings.SplitSeq(rec.Body.String(), "\n") {
				if strings.HasPrefix(line, "patikra_deliveries_total{") && !strings.HasSuffix(line, " 0") {
					n++
					if want := fmt.Sprintf("patikra_deliveries_total{door=%q,outcome=%q} 1", c.door, c.outcome); line != want {
						t.Errorf("%s", line)
					}
				}
			}
			if n != 1 {
				t.Errorf("%d outcomes are counted", n)
			}
			if strings.Contains(rec.Body.String(), "somebody") {
				t.Error("the metrics hold what was written")
			}
		})
	}
}
