//go:build race

package telegramtest

// slowness is by how much the race detector may slow down the program that is waited for.
const slowness = 4
