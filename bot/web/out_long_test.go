//go:build long

package web_test

import "testing"

// go test -tags long -v -run WayOut ./bot/web

// every says that each way out is tried in each browser, and what takes seconds too; without it, one of each kind.
const every = true

// machineMakes is how many sessions a machine makes.
const machineMakes = 20_000

func TestTheWayOutOfATalkInFirefox(t *testing.T) {
	l := newLeavers(t)
	w := fox(t, l.site)
	for _, r := range append(rounds(every), round{"", true, "Esc Esc"}, round{"", true, "Shift Shift Shift"}) {
		l.leave(t, w, r)
	}
	l.forgotten(t)
}
