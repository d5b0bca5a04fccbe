//go:build !long

package main

// made is how many cases a machine opens.
const made = 100

// senders are how many people send hostile files at once.
const senders = 8
