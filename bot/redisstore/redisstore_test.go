package redisstore_test

import (
	"context"
	"testing"

	"patikra/bot"
	"patikra/bot/redisstore"
	"patikra/bot/storetest"
)

func open(t testing.TB, url string) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(context.Background(), redisstore.Options{URL: url, Partitions: storetest.Partitions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	r := storetest.RedisServer(t)
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, r.URL()) })
}

func TestStoreOnACluster(t *testing.T) {
	url, _ := storetest.RedisCluster(t)
	storetest.Run(t, func(t *testing.T) bot.Store { return open(t, url) })
}

func TestStoreSharedByTwoProcesses(t *testing.T) {
	r := storetest.RedisServer(t)
	storetest.RunShared(t, func(t *testing.T) (a, b bot.Store) { return open(t, r.URL()), open(t, r.URL()) })
}
