//go:build long

package main

// go test -tags long -run "WhileAMachineOpensCases|HostileFiles" ./cmd/patikra

// made is how many cases a machine opens.
const made = 2000

// senders are how many people send hostile files at once.
const senders = 60
