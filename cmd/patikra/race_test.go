//go:build race

package main

// underRace: memory is not measured under the race detector, which needs several times as much, and some suites play fewer conversations.
const underRace = true
