package engine

import (
	"context"
	"fmt"
	"time"
)

// What was counted leaves the program only through this law, so that no count points at a person, also not by taking one report from
// another: periods are whole weeks from Monday, or months made of such weeks, and over, so that what two of them differ by is weeks too; a
// day's count below [Smallest] is left out before anything is added; and a sum is rounded to fives.

// Smallest is the least count of a day that is added up: below it a count could point at a person.
const Smallest = 5

// rounded is what sums are rounded to.
const rounded = 5

// Period is a week that is over, or a month of whole weeks.
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

// Months returns the last n months, the latest first. A month is made of whole weeks, four or five of them: those of which it holds
// the Thursday, and so the most days.
func Months(n int, now time.Time) (out []Period) {
	to := monthBegins(Weeks(1, now)[0].To)
	for range n {
		from := monthBegins(to.AddDate(0, 0, -7))
		out, to = append(out, Period{from, to}), from
	}
	return out
}

// monthBegins is the Monday with which the month begins that a week is counted to.
func monthBegins(monday time.Time) time.Time {
	thursday := monday.AddDate(0, 0, 3)
	return thursday.AddDate(0, 0, -(thursday.Day()-1)/7*7-3)
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

// entire reports whether a period is a week from Monday, or a month of such weeks.
func entire(p Period) bool {
	for _, q := range append(Weeks(1, p.To), Months(1, p.To)...) {
		if p.From.Equal(q.From) && p.To.Equal(q.To) {
			return true
		}
	}
	return false
}
