package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/seal"
	"patikra/bot/talk"
	"patikra/content"
)

func TestAReportPointsAtNobody(t *testing.T) {
	m := newStrict()
	b := overStore(t, m, seal.NewKey())
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) // a Thursday
	week := engine.Weeks(1, now)[0]
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
	for _, p := range []engine.Period{{From: week.From, To: week.From.Add(day)}, {From: week.From, To: week.To.Add(-day)}, {From: week.From.Add(day), To: week.To.Add(day)},
		{From: week.To, To: week.To.Add(7 * day)}, {From: week.From.Add(time.Hour), To: week.To.Add(time.Hour)}, {From: week.From, To: week.From}} {
		if got, err := b.Report(t.Context(), p, now); err == nil {
			t.Errorf("%v can be asked for: %v", p, got)
		}
	}
	if month := engine.Months(2, now); month[1].From.Format(time.DateOnly) != "2026-08-31" || month[1].To.Format(time.DateOnly) != "2026-09-28" || month[0].From != month[1].To {
		t.Errorf("the last two months are %v", month)
	}
}

// Whoever takes one report from another gets the counts of the days that only one of them holds.
func TestNoTwoReportsDifferByLessThanAWeek(t *testing.T) {
	unwatched(t)
	b := overStore(t, newStrict(), seal.NewKey())
	const day = 24 * time.Hour
	now := time.Date(2028, 3, 1, 12, 0, 0, 0, time.UTC)
	var allowed []engine.Period
	for from := now.Truncate(day).Add(-430 * day); from.Before(now); from = from.Add(day) {
		for to := from; !to.After(now); to = to.Add(day) {
			p := engine.Period{From: from, To: to}
			if _, err := b.Report(t.Context(), p, now); err == nil {
				allowed = append(allowed, p)
			}
		}
	}
	for _, p := range append(engine.Weeks(56, now), engine.Months(12, now)...) {
		if !slices.Contains(allowed, p) {
			t.Errorf("%v is offered and refused", p)
		}
	}
	weeks, months := 0, 0
	for _, p := range allowed {
		switch days := int(p.To.Sub(p.From) / day); days {
		case 7:
			weeks++
		case 28, 35:
			months++
		default:
			t.Errorf("%v, of %d days, can be asked for", p, days)
		}
		for _, q := range allowed {
			only := 0 // days of p that q does not hold
			for d := p.From; d.Before(p.To); d = d.Add(day) {
				if d.Before(q.From) || !d.Before(q.To) {
					only++
				}
			}
			if only%7 != 0 {
				t.Errorf("%v without %v is %d days", p, q, only)
			}
		}
	}
	if weeks < 60 || months < 13 {
		t.Errorf("%d weeks and %d months can be asked for", weeks, months)
	}
}

func TestEveryWeekIsOfOneMonthAndTwelveMonthsAreStillKept(t *testing.T) {
	unwatched(t)
	const day = 24 * time.Hour
	for now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); now.Year() < 2048; now = now.Add(day) {
		months := engine.Months(12, now)
		if now.Before(months[0].To) || now.Sub(months[0].To) >= 35*day {
			t.Fatalf("%v: the last month that is over ended on %v", now, months[0].To)
		}
		for i, m := range months {
			thursdays := map[time.Month]bool{}
			for d := m.From; d.Before(m.To); d = d.Add(7 * day) {
				thursdays[d.Add(3*day).Month()] = true
			}
			if m.From.Weekday() != time.Monday || len(thursdays) != 1 || i > 0 && m.To != months[i-1].From {
				t.Fatalf("%v: %v", now, months)
			}
		}
		if kept := now.Sub(months[11].From); kept >= 400*day { // what both stores keep counts for
			t.Fatalf("%v: twelve months begin %v ago", now, kept)
		}
	}
}

func TestWhatAStrangerWritesIntoALinkIsNeitherCountedNorKept(t *testing.T) {
	l := shipped(t)
	l.Catalog.Campaigns = []content.Campaign{{Code: "radio", From: "2020-01-01"}, {Code: "over", Until: "2020-01-01"}}
	for link, want := range map[string]string{"radio_lt": "radio", "Radio": "radio", "over_lt": "other", "FAKE-HEADLINE_lt": "other", "anna_petraityte": "other"} {
		plan := talk.Decide(l, bot.Session{}, bot.Update{ID: 1, From: bot.Address{Channel: "telegram", ID: "1"}, Kind: bot.Typed, Text: "/start " + link, At: time.Now()})
		if plan.Session.Campaign != want || !strings.Contains(fmt.Sprint(plan.Counts), "opened@"+want) {
			t.Errorf("%s: %q, %v", link, plan.Session.Campaign, plan.Counts)
		}
		if want == "other" && link != "over_lt" && strings.Contains(fmt.Sprintf("%+v", plan), link) {
			t.Errorf("%s is in the plan", link)
		}
	}
}
