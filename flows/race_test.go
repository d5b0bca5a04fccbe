//go:build race

package flows

// underRace: the laws are held against fewer sheets under the race detector, which makes each many times as slow.
const underRace = true
