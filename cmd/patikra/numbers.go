package main

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"patikra/bot/desk"
)

// numbersNote tells /readyz of phone numbers that nobody has called for long. They are shown to people all the same.
func numbersNote(b *desk.Desk) func(context.Context) error {
	return func(context.Context) error {
		if due := b.Library().NumbersDue(time.Now()); len(due) > 0 {
			return fmt.Errorf("nobody has called %d of the phone numbers for 90 days: patikra places due lists them", len(due))
		}
		return nil
	}
}

// warnOfNumbers says the same in the log.
func warnOfNumbers(b *desk.Desk, log *zap.Logger) {
	if due := b.Library().NumbersDue(time.Now()); len(due) > 0 {
		log.Warn("nobody has called some of the phone numbers for 90 days; patikra places due lists them", zap.Int("numbers", len(due)))
	}
}
