//go:build !long

package main

// made is how many cases a machine opens.
const made = 100
