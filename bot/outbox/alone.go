package outbox

import (
	"sync"
	"time"
)

// aside is how long others are held up, at most, until nothing else is under way, and once more by what is tried alone.
const aside = 2 * time.Second

// alone lets what was under way when a process ended be tried with nothing beside it: should the process end again, it is known by
// what. What has begun and does not end, and what is tried alone and takes its time, holds up others for a moment only; and others have as
// much time between two that are tried alone as these took from them.
type alone struct {
	one  chan struct{} // held by who is tried alone
	stop chan struct{} // closed when nothing new is to be tried alone

	mu    sync.Mutex
	under int           // others under way
	quiet chan struct{} // closed when there are none; nil where nobody waits for that
	open  chan struct{} // closed when others may go on; nil where they may
}

func newAlone() *alone {
	return &alone{one: make(chan struct{}, 1), stop: make(chan struct{})}
}

// beside waits while something is tried alone, and returns what is to be done when the try has ended.
func (a *alone) beside() (done func()) {
	for {
		a.mu.Lock()
		open := a.open
		if open == nil {
			a.under++
			a.mu.Unlock()
			return a.left
		}
		a.mu.Unlock()
		<-open
	}
}

func (a *alone) left() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.under--; a.under == 0 && a.quiet != nil {
		close(a.quiet)
		a.quiet = nil
	}
}

// try waits until nothing else is under way, and returns what is to be done when the try has ended. later calls a function after a time,
// unless what it returns is called before. It reports false when the program ends first.
func (a *alone) try(later func(time.Duration, func()) (stop func() bool)) (done func(), ok bool) {
	select {
	case a.one <- struct{}{}:
	case <-a.stop:
		return nil, false
	}
	begun, open, quiet := time.Now(), make(chan struct{}), make(chan struct{})
	a.mu.Lock()
	a.open = open
	if a.under == 0 {
		close(quiet)
	} else {
		a.quiet = quiet
	}
	a.mu.Unlock()
	select {
	case <-quiet:
	case <-time.After(aside):
	}
	held := time.Duration(0)
	others := sync.OnceFunc(func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.open, a.quiet, held = nil, nil, time.Since(begun)
		close(open)
	})
	stop := later(aside, others)
	return func() {
		stop()
		others()
		select {
		case <-time.After(held):
		case <-a.stop:
		}
		<-a.one
	}, true
}
