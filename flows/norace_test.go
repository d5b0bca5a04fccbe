//go:build !race

package flows

const underRace = false
