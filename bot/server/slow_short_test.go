//go:build !long

package server_test

// slow is how many bodies stand still at once, and waitsForEnd says that the test waits until they are cut.
const (
	slow        = 200
	waitsForEnd = false
)
