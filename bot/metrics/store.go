package metrics

import (
	"context"
	"errors"
	"time"

	"patikra/bot"
)

// Store measures every call of a store.
func (m *Metrics) Store(s bot.Store) bot.Store { return &store{s, m} }

type store struct {
	bot.Store
	m *Metrics
}

// Unwrap is the store itself.
func (s *store) Unwrap() bot.Store { return s.Store }

func (s *store) note(operation string, begin time.Time, err error) {
	outcome := "ok"
	if err != nil && !errors.Is(err, bot.ErrConflict) && !errors.Is(err, bot.ErrNotHeld) {
		outcome = "failed"
	}
	s.m.store.WithLabelValues(operation, outcome).Observe(time.Since(begin).Seconds())
}

func (s *store) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	begin := time.Now()
	r, err := s.Store.Load(ctx, key)
	s.note("load", begin, err)
	return r, err
}

func (s *store) Commit(ctx context.Context, c bot.Commit) (bot.Committed, error) {
	begin := time.Now()
	done, err := s.Store.Commit(ctx, c)
	s.note("commit", begin, err)
	outcome := "failed"
	switch {
	case errors.Is(err, bot.ErrConflict):
		outcome = "conflict"
	case err == nil && done.Done:
		outcome = "repeated"
	case err == nil:
		outcome = "saved"
	}
	s.m.commits.WithLabelValues(outcome).Inc()
	return done, err
}

func (s *store) Take(ctx context.Context, now, until time.Time, limit int) ([]bot.Held, error) {
	begin := time.Now()
	held, err := s.Store.Take(ctx, now, until, limit)
	s.note("take", begin, err)
	return held, err
}

func (s *store) Ack(ctx context.Context, key bot.Key, id uint64, now, until time.Time) (*bot.Item, error) {
	begin := time.Now()
	next, err := s.Store.Ack(ctx, key, id, now, until)
	s.note("ack", begin, err)
	return next, err
}

func (s *store) Reserve(ctx context.Context, channel string, n int, interval time.Duration, burst int, now time.Time) (time.Duration, error) {
	begin := time.Now()
	wait, err := s.Store.Reserve(ctx, channel, n, interval, burst, now)
	s.note("reserve", begin, err)
	return wait, err
}

func (s *store) Kept(ctx context.Context, name string) ([]byte, error) {
	begin := time.Now()
	value, err := s.Store.Kept(ctx, name)
	s.note("kept", begin, err)
	return value, err
}
