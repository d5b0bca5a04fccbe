//go:build long

package web_test

import "testing"

// go test -tags long -v -run WayOut ./bot/web

// everyWayOut says that each way out is tried in each browser; without it, one of each kind.
const everyWayOut = true

func TestTheWayOutOfATalkInFirefox(t *testing.T) {
	l := newLeavers(t)
	w := fox(t, l.site)
	for _, r := range append(rounds(everyWayOut), round{"", true, "Esc Esc"}, round{"", true, "Shift Shift Shift"}) {
		l.leave(t, w, r)
	}
	l.forgotten(t)
}
