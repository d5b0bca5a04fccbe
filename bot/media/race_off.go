//go:build !race

package media

// Under the race detector a child takes more memory and time than it does for people.
const (
	slowness  = 1
	unlimited = false
)
