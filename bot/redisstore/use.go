package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Who works with the store says so in it, and says it anew while they work: a program beside others, and whoever puts a backup back alone.
// What a process that was killed has said ends by itself.

const (
	runningK   = "patikra:{use}:running"   // the programs, by when they are no longer counted
	restoringK = "patikra:{use}:restoring" // who puts a backup back
	leaseTime  = 20 * time.Second
	endTime    = 2 * time.Second // for taking back what was said
)

// Errors of working with a store that others work with.
var (
	ErrRunning   = errors.New("a program runs with this Redis: stop all that do, and run this again; one that was killed counts for 20 seconds more")
	ErrRestoring = errors.New("a backup is being put back into this Redis: wait until that is done; one that was broken off counts for 20 seconds more")
	errLost      = errors.New("redis: it is not certain any more that nobody else works with the store")
)

const sinceThen = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
`

// Of each script: KEYS runningK, restoringK; ARGV who, for how long in milliseconds.
var (
	useScript = redis.NewScript(sinceThen + `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`)
	aloneScript = redis.NewScript(sinceThen + `
if redis.call('ZCARD', KEYS[1]) > 0 then return 0 end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 2
`)
	stillScript = redis.NewScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
`)
	endScript = redis.NewScript(`
redis.call('ZREM', KEYS[1], ARGV[1])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
`)
)

func (s *Store) says(ctx context.Context, script *redis.Script, who string) (int, error) {
	n, err := script.Run(ctx, s.client, []string{runningK, restoringK}, who, s.lease.Milliseconds()).Int()
	if err != nil {
		return 0, fmt.Errorf("redis: %w", err)
	}
	return n, nil
}

// every calls f four times in each lease, until the context ends, and then takes back what was said. The caller waits for done.
func (s *Store) every(ctx context.Context, who string, f func()) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-time.After(s.lease / 4):
				f()
				continue
			case <-ctx.Done():
			}
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
			defer cancel()
			_, _ = s.says(last, endScript, who) // else it ends by itself
			return
		}
	}()
	return done
}

// Use says that a program works with the store, and keeps saying it until end is called. ErrRestoring says that it may not now. While
// Redis cannot be reached it is said as soon as it can; trouble is told that this failed because a backup is being put back meanwhile.
func (s *Store) Use(ctx context.Context, trouble func(error)) (end func(), err error) {
	who := rand.Text()
	say := func() error {
		call, cancel := context.WithTimeout(ctx, min(openTime, s.lease/4))
		defer cancel()
		if n, err := s.says(call, useScript, who); err == nil && n == 0 {
			return ErrRestoring
		}
		return nil
	}
	if err := say(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := s.every(ctx, who, func() {
		if err := say(); err != nil {
			trouble(err)
		}
	})
	return func() { cancel(); <-done }, nil
}

// Alone makes sure that nobody else works with the store until end is called: ErrRunning and ErrRestoring say who does. The context it
// gives ends when that is not certain any more, because Redis has not answered for too long.
func (s *Store) Alone(ctx context.Context) (alone context.Context, end func(), err error) {
	if err := s.check(ctx); err != nil {
		return nil, nil, err
	}
	who := rand.Text()
	n, err := s.says(ctx, aloneScript, who)
	switch {
	case err != nil:
		return nil, nil, err
	case n == 0:
		return nil, nil, ErrRunning
	case n == 2:
		return nil, nil, ErrRestoring
	}
	alone, cancel := context.WithCancelCause(ctx)
	sure := time.Now().Add(s.lease)
	done := s.every(alone, who, func() {
		began := time.Now()
		call, stop := context.WithTimeout(alone, s.lease/4)
		defer stop()
		switch n, err := s.says(call, stillScript, who); {
		case err == nil && n == 1:
			sure = began.Add(s.lease)
		case err == nil || time.Until(sure) < s.lease/2:
			cancel(errLost)
		}
	})
	return alone, func() { cancel(nil); <-done }, nil
}
