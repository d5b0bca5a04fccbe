//go:build race

package sqlitestore_test

// underRace is whether the race detector watches: everything takes many times as long.
const underRace = true
