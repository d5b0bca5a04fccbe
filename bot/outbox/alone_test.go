package outbox

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func clockwork(wait time.Duration, f func()) func() bool { return time.AfterFunc(wait, f).Stop }

func TestWhatIsTriedAloneHoldsUpOthersForAMomentOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, begin := newAlone(), time.Now()
		hangs := a.beside() // it has begun and does not end
		tried := make(chan time.Duration, 2)
		for range 2 { // two that take ten seconds each
			go func() {
				done, ok := a.try(clockwork)
				tried <- time.Since(begin)
				time.Sleep(10 * time.Second)
				done()
				if !ok {
					t.Error("not tried")
				}
			}()
		}
		synctest.Wait()
		worst, most := time.Duration(0), time.Duration(0)
		for time.Since(begin) < time.Minute { // others come all the time
			before := time.Now()
			done := a.beside()
			worst = max(worst, time.Since(before))
			most += time.Since(before)
			time.Sleep(100 * time.Millisecond)
			done()
		}
		hangs()
		if worst > 2*aside || most > 8*aside/2 {
			t.Errorf("another waited for %v, all of them for %v", worst, most)
		}
		if first, second := <-tried, <-tried; first != aside || second < first+10*time.Second {
			t.Errorf("tried after %v and %v", first, second)
		}
	})
}

func TestOneIsTriedAloneAtATimeAndNothingBesideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAlone()
		var mu sync.Mutex
		under, suspects, tries := 0, 0, 0
		begins := func(suspect bool) {
			mu.Lock()
			defer mu.Unlock()
			if under++; suspect {
				suspects++
				tries++
			}
			if suspects > 0 && under > 1 {
				t.Errorf("%d are under way, %d of them to be tried alone", under, suspects)
			}
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			if under--; suspect {
				suspects--
			}
		}
		for i := range 20 {
			go func() {
				time.Sleep(time.Duration(i) * 7 * time.Millisecond)
				if i%2 == 0 {
					done, _ := a.try(clockwork)
					begins(true)
					done()
					return
				}
				done := a.beside()
				begins(false)
				done()
			}()
		}
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if tries != 10 {
			t.Errorf("%d were tried", tries)
		}
	})
}

func TestWhatWaitsToBeTriedAloneHoldsUpNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAlone()
		done, _ := a.try(clockwork)
		ended := make(chan bool)
		go func() { _, ok := a.try(clockwork); ended <- ok }()
		synctest.Wait()
		close(a.stop)
		if <-ended {
			t.Error("it is tried while the program ends")
		}
		done()
	})
}
