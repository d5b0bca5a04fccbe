//go:build long

package server_test

// go test -tags long -v -run BodiesThatDoNotArriveHoldUpNobodyElse ./bot/server

// slow is how many bodies stand still at once, and waitsForEnd says that the test waits until they are cut.
const (
	slow        = 3000
	waitsForEnd = true
)
