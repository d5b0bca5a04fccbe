//go:build long

package main

import (
	"testing"
	"time"
)

// go test -tags long -run TwentyThousand -timeout 60m ./cmd/patikra

func TestOfTwentyThousandWordsOverThirtyFaultsNoneIsLost(t *testing.T) {
	for _, door := range []string{"webhook", "polling", "messenger"} {
		t.Run(door, func(t *testing.T) {
			// 75 people with 270 words each: 20,250
			intake{people: 75, faults: 30, each: 9, pause: 100 * time.Millisecond}.run(t, door)
		})
	}
}
