//go:build !long

package web_test

// everyWayOut says that each way out is tried in each browser; without it, one of each kind.
const everyWayOut = false
