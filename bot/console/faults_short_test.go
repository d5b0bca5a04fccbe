//go:build !long

package console_test

// everyFault has the walk through the desk's faults go all the way; without the tag long it goes through those by which people were lost.
const everyFault = false
