package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/seal"
)

func TestAReportPointsAtNobody(t *testing.T) {
	m := newStrict()
	b := overStore(t, m, seal.NewKey())
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) // a Thursday
	week := bot.Weeks(1, now)[0]
	if week.From.Format(time.DateOnly) != "2026-11-16" || week.To.Format(time.DateOnly) != "2026-11-23" {
		t.Fatalf("the last whole week is %v", week)
	}
	count := func(day, name string, n int64) {
		if m.counters[day] == nil {
			m.counters[day] = map[string]int64{}
		}
		m.counters[day][name] += n
	}
	for i := range 7 { // never five on one day, but 28 in the week
		count(week.From.AddDate(0, 0, i).Format(time.DateOnly), "rare", 4)
	}
	count("2026-11-17", "human", 6)
	count("2026-11-18", "human", 7)
	count("2026-11-18", "started", 5)
	count("2026-11-19", "started", 4)
	before, err := b.Report(t.Context(), week, now)
	if err != nil {
		t.Fatal(err)
	}
	if before["rare"] != 0 || before["human"] != 15 || before["started"] != 5 {
		t.Errorf("the report is %v", before)
	}
	count("2026-11-26", "human", 1) // one person, now
	if after, err := b.Report(t.Context(), week, now); err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("one person is seen between two reports: %v, %v", before, after)
	}
	day := 24 * time.Hour
	for _, p := range []bot.Period{{week.From, week.From.Add(day)}, {week.From, week.To.Add(-day)}, {week.From.Add(day), week.To.Add(day)},
		{week.To, week.To.Add(7 * day)}, {week.From.Add(time.Hour), week.To.Add(time.Hour)}, {week.From, week.From}} {
		if got, err := b.Report(t.Context(), p, now); err == nil {
			t.Errorf("%v can be asked for: %v", p, got)
		}
	}
	if month := bot.Months(2, now)[1]; month.From.Format(time.DateOnly) != "2026-09-01" || month.To.Format(time.DateOnly) != "2026-10-01" {
		t.Errorf("the month before the last is %v", month)
	}
}

func TestWhatAStrangerWritesIntoALinkIsNeitherCountedNorKept(t *testing.T) {
	l := library(t)
	l.Catalog.Site.Campaigns = []string{"radio"}
	for link, want := range map[string]string{"radio_lt": "radio", "Radio": "radio", "FAKE-HEADLINE_lt": "other", "anna_petraityte": "other"} {
		plan := l.Turn(bot.Session{}, bot.Update{ID: 1, From: bot.Address{Channel: "telegram", ID: "1"}, Kind: bot.Typed, Text: "/start " + link, At: time.Now()})
		if plan.Session.Campaign != want || !strings.Contains(fmt.Sprint(plan.Counts), "opened@"+want) {
			t.Errorf("%s: %q, %v", link, plan.Session.Campaign, plan.Counts)
		}
		if want == "other" && strings.Contains(fmt.Sprintf("%+v", plan), link) {
			t.Errorf("%s is in the plan", link)
		}
	}
}
