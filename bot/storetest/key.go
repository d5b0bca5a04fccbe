package storetest

import (
	"testing"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/seal"
)

// Keyed is a store as a process finds it that was started with these keys, of 8 partitions. turn makes the first of them the one that
// seals before.
func Keyed(t testing.TB, store bot.Store, turn bool, keys ...string) (*engine.Guard, *seal.Ring) {
	t.Helper()
	ring, err := seal.New(keys[0], 8, keys[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	guard := engine.NewGuard(store, ring, "PATIKRA_KEY")
	if err := guard.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !turn {
		return guard, ring
	}
	if _, err := guard.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return Keyed(t, store, false, keys...)
}
