package web

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestWordsAreHeldForAMinuteForAThousandPeopleAtOnceAndCutBetweenLetters(t *testing.T) {
	var f fields
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	f.hold("a", strings.Repeat("š", 500), now)
	if got := f.take("a", now); len(got) != mostHeld || !utf8.ValidString(got) {
		t.Errorf("%d bytes are held", len(got))
	}
	f.hold("late", "words", now)
	if got := f.take("late", now.Add(fieldTime)); got != "" {
		t.Errorf("after a minute %q", got)
	}
	for i := range mostFields + 1 {
		f.hold(fmt.Sprint(i), "words", now)
	}
	if len(f.held) != mostFields {
		t.Errorf("%d are held at once", len(f.held))
	}
	if f.hold("new", "words", now.Add(fieldTime)); f.take("new", now.Add(fieldTime)) != "words" || len(f.held) != 0 {
		t.Errorf("what has ended takes room: %d", len(f.held))
	}
}
