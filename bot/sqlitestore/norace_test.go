//go:build !race

package sqlitestore_test

const underRace = false
