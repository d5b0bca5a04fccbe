//go:build long

package main

import (
	"testing"
	"time"

	"patikra/bot/storetest"
)

// go test -tags long -run TwentyThousand -timeout 60m ./cmd/patikra

func TestOfTwentyThousandWordsOverThirtyFaultsNoneIsLost(t *testing.T) {
	for _, door := range []string{"webhook", "polling", "messenger"} {
		t.Run(door, func(t *testing.T) {
			// 75 people with 270 words each: 20,250
			intake{people: 75, faults: 30, each: 9, more: 6, pause: 100 * time.Millisecond}.run(t, door, &ground{redis: storetest.RedisServer(t)}, redisFaults)
		})
	}
	for name, of := range map[string]func(t *testing.T) (*ground, []fault){
		"another server takes over": func(t *testing.T) (*ground, []fault) {
			return &ground{followed: storetest.RedisFollowed(t)}, []fault{failover}
		},
		"embedded": func(t *testing.T) (*ground, []fault) {
			data, faults := diskFaults(t)
			return &ground{data: data}, faults
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, faults := of(t)
			// 25 people with 90 words each: 2,250
			intake{people: 25, faults: 10, each: 9, more: 6, pause: 100 * time.Millisecond}.run(t, "webhook", g, faults)
		})
	}
}
