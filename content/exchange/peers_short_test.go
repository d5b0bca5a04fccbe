//go:build !long

package exchange_test

const manyBombs = false
