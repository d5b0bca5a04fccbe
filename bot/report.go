package bot

import (
	"context"
	"fmt"
	"time"
)

// What was counted leaves the program only through this law, so that no count points at a person, also not by taking one report from
// another: periods are fixed (whole weeks from Monday, whole months) and over; a day's count below [Smallest] is left out before
// anything is added; and a sum is rounded to fives.

// Smallest is the least count of a day that is added up: below it a count could point at a person.
const Smallest = 5

// rounded is what sums are rounded to.
const rounded = 5

// Period is a week or a month that is over.
type Period struct {
	From time.Time `json:"from"` // its first day, 00:00 UTC
	To   time.Time `json:"to"`   // the day after its last
}

// Weeks returns the last n whole weeks, Monday to Sunday in UTC, the latest first.
func Weeks(n int, now time.Time) (out []Period) {
	now = now.UTC()
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	monday := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	for range n {
		out = append(out, Period{monday.AddDate(0, 0, -7), monday})
		monday = monday.AddDate(0, 0, -7)
	}
	return out
}

// Months returns the last n whole months, in UTC, the latest first.
func Months(n int, now time.Time) (out []Period) {
	now = now.UTC()
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for range n {
		out = append(out, Period{first.AddDate(0, -1, 0), first})
		first = first.AddDate(0, -1, 0)
	}
	return out
}

// Report returns what was counted in a period that is over.
func (b *Bot) Report(ctx context.Context, p Period, now time.Time) (map[string]int64, error) {
	if !entire(p) || p.To.After(now) {
		return nil, fmt.Errorf("from %s to %s is no whole week or month that is over", p.From.Format(time.DateOnly), p.To.Format(time.DateOnly))
	}
	sum := map[string]int64{}
	for day := p.From; day.Before(p.To); day = day.AddDate(0, 0, 1) {
		counts, err := b.store.Counts(ctx, day.Format(time.DateOnly))
		if err != nil {
			return nil, fmt.Errorf("read the counts: %w", err)
		}
		for name, n := range counts {
			if n >= Smallest {
				sum[name] += n
			}
		}
	}
	for name, n := range sum {
		sum[name] = (n + rounded/2) / rounded * rounded
	}
	return sum, nil
}

// entire reports whether a period is a week from Monday, or a month.
func entire(p Period) bool {
	at := func(t time.Time) bool { return t.Equal(t.UTC().Truncate(24 * time.Hour)) }
	week := p.From.UTC().Weekday() == time.Monday && p.To.Equal(p.From.AddDate(0, 0, 7))
	month := p.From.UTC().Day() == 1 && p.To.Equal(p.From.UTC().AddDate(0, 1, 0))
	return at(p.From) && at(p.To) && (week || month)
}
