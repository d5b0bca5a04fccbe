//go:build !long

package web_test

// every says that each way out is tried in each browser, and what takes seconds too; without it, one of each kind.
const every = false

// machineMakes is how many sessions a machine makes.
const machineMakes = 200
