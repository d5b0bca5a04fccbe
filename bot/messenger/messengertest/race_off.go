//go:build !race

package messengertest

const slowness = 1
