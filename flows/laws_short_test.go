//go:build !long

package flows

// The laws against fewer sheets; with -tags long there are many, and all pairs of answers.
const (
	randomSheets = 2_000
	everyPair    = false
)
