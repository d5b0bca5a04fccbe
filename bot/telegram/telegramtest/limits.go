package telegramtest

import (
	"fmt"
	"strings"
	"time"
)

// Telegram's limits, as its FAQ tells them.
const (
	overallPerSecond = 30
	groupPerMinute   = 20
	privateBurst     = 5 // then one a second
)

// slack is how much calls that left at the right pace may close up on their way.
const slack = 20 * time.Millisecond

// limit says how long a chat, or the bot as a whole, must wait. Exactly one of window and burst is set.
type limit struct {
	window time.Duration // at most most calls in any such time
	most   int
	burst  int // so many at once, then one a second

	times  []time.Time // of the calls in the window
	spent  float64     // of the burst
	at     time.Time   // when spent was true
	frozen time.Time   // refused until
}

func newLimit(window time.Duration, most int) *limit { return &limit{window: window, most: most} }
func newBurst(burst int) *limit                      { return &limit{burst: burst} }

// wait tells how many whole seconds a call must wait now; 0 lets it through, to be counted by take. A refusal
// freezes the limit until that time has passed.
func (l *limit) wait(now time.Time) int {
	if now.Before(l.frozen) {
		return whole(l.frozen.Sub(now))
	}
	var need time.Duration
	if l.burst > 0 {
		l.refill(now)
		if over := l.spent + 1 - float64(l.burst); over > slack.Seconds() {
			need = time.Duration(over * float64(time.Second))
		}
	} else {
		window := l.window - slack
		for len(l.times) > 0 && now.Sub(l.times[0]) >= window {
			l.times = l.times[1:]
		}
		if len(l.times) >= l.most {
			need = l.times[len(l.times)-l.most].Add(window).Sub(now)
		}
	}
	if need <= 0 {
		return 0
	}
	n := whole(need)
	l.frozen = now.Add(time.Duration(n) * time.Second)
	return n
}

// full tells what fills a limit now.
func (l *limit) full(now time.Time) string {
	if l.burst > 0 {
		return fmt.Sprintf("burst of %d, one a second, is used up by %.2f", l.burst, l.spent)
	}
	var ages strings.Builder
	for _, at := range l.times {
		fmt.Fprintf(&ages, " %d", now.Sub(at).Milliseconds())
	}
	return fmt.Sprintf("%d in %s are used up by calls that came so many ms ago:%s", l.most, l.window, ages.String())
}

func (l *limit) take(now time.Time) {
	if l.burst > 0 {
		l.refill(now)
		l.spent++
		return
	}
	l.times = append(l.times, now)
}

func (l *limit) refill(now time.Time) {
	l.spent = max(0, l.spent-max(0, now.Sub(l.at).Seconds()))
	l.at = now
}

// whole rounds up to seconds, at least one.
func whole(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}
