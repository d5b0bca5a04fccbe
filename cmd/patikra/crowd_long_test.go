//go:build long

package main

// go test -tags long -run WhileAMachineOpensCases ./cmd/patikra

// made is how many cases a machine opens.
const made = 2000
