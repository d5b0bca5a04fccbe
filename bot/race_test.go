//go:build race

package bot_test

// underRace: opening a book takes many times as long under the race detector, so some suites try fewer.
const underRace = true
