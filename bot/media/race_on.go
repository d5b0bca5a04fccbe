//go:build race

package media

const (
	slowness  = 6
	unlimited = true
)
