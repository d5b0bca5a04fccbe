//go:build !race

package telegramtest

const slowness = 1
