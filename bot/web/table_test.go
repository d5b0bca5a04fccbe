package web

import (
	"encoding/binary"
	"testing"
	"time"
)

func TestAFullTableForgetsOnlyWhoeverHasNotAskedForLongest(t *testing.T) {
	table, now := newTable(), time.Unix(1_800_000_000, 0)
	p := pace{time.Second, 2 * time.Second}
	name := func(i int) (k [8]byte) { binary.BigEndian.PutUint64(k[:], uint64(i)); return k }
	over := func(i int) bool { return !table.take(name(i), now, p) }
	for over(0); !over(0); {
	}
	for i := range mostWatched - 1 {
		over(1_000 + i)
	}
	if !over(0) {
		t.Error("the allowance is whole again because others have asked")
	}
	for i := range mostWatched / 2 {
		over(1_000_000 + i)
		if i%1000 == 0 && !over(0) {
			t.Fatalf("after %d more the allowance is whole again", i)
		}
	}
	if len(table.seen) != mostWatched || table.last.Len() != mostWatched {
		t.Errorf("the table holds %d", len(table.seen))
	}
}
