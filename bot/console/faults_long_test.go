//go:build long

package console_test

// everyFault has the walk through the desk's faults go all the way.
const everyFault = true
