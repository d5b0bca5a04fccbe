package sqlitestore_test

import (
	"testing"

	"patikra/bot"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

func open(t testing.TB, dir string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(dir, storetest.Partitions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, t.TempDir()) })
}
