//go:build long

package flows

// The laws against many sheets, and all pairs of answers.
const (
	randomSheets = 20_000
	everyPair    = true
)
