package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/redisstore"
	"patikra/bot/storetest"
)

// user gives a server a user of its own and returns the address by which it is used.
func user(t *testing.T, r *storetest.Redis, rights ...string) string {
	t.Helper()
	args := []any{"ACL", "SETUSER", "patikra", "on", ">geheim"}
	for _, x := range rights {
		args = append(args, x)
	}
	if err := r.Client().Do(t.Context(), args...).Err(); err != nil {
		t.Fatal(err)
	}
	return "redis://patikra:geheim@" + r.Addr
}

func TestReadinessIsWhatTurnsNeed(t *testing.T) {
	r := storetest.RedisServer(t)
	for name, c := range map[string]struct {
		rights []string
		ready  bool
	}{
		"without scripts":                {[]string{"~*", "+@all", "-@scripting"}, false},
		"with our own names only":        {[]string{"~patikra:*", "+@all"}, false},
		"with the first partitions only": {[]string{"~patikra:*", "~{p00}*", "~{p01}*", "+@all"}, false},
		"reading only":                   {[]string{"~*", "+@read", "+@scripting", "+@connection"}, false},
		"without what is dangerous":      {[]string{"~*", "+@all", "-@dangerous", "-@admin"}, true},
		"with what the program uses":     {[]string{"~*", "+@read", "+@write", "+@scripting", "+@connection"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, r.URL()) // the partitions are known
			url := user(t, r, append([]string{"reset", "on", ">geheim"}, c.rights...)...)
			s, err := redisstore.Open(t.Context(), redisstore.Options{URL: url, Partitions: storetest.Partitions})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			turn := put(t, s, storetest.Key(), 0, 1)
			if (turn == nil) != c.ready && name != "with the first partitions only" {
				t.Errorf("a turn: %v", turn)
			}
			if err := s.Ping(t.Context()); (err == nil) != c.ready {
				t.Errorf("readiness: %v", err)
			}
		})
	}
}

func TestReadinessWritesNothing(t *testing.T) {
	r := storetest.RedisServer(t)
	s := open(t, r.URL())
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	changes := func() string {
		info, _ := r.Client().Info(t.Context(), "persistence").Result()
		size, _ := r.Client().DBSize(t.Context()).Result()
		for line := range strings.Lines(info) {
			if strings.HasPrefix(line, "aof_current_size") {
				return fmt.Sprint(size, line)
			}
		}
		return "?"
	}
	before := changes()
	for range 50 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if after := changes(); after != before {
		t.Errorf("%q became %q", before, after)
	}
}

func TestReadinessNoticesWhatRefusesTurns(t *testing.T) {
	r := storetest.RedisServer(t)
	s, c := open(t, r.URL()), r.Client()
	set := func(name, value string) {
		t.Helper()
		if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for name, fault := range map[string]struct{ on, off func() }{
		"a full memory":         {func() { set("maxmemory", "1") }, func() { set("maxmemory", "0") }},
		"a server that follows": {func() { c.ReplicaOf(t.Context(), "127.0.0.1", "1") }, func() { c.ReplicaOf(t.Context(), "NO", "ONE") }},
		"too few that follow":   {func() { set("min-replicas-to-write", "1") }, func() { set("min-replicas-to-write", "0") }},
	} {
		t.Run(name, func(t *testing.T) {
			k := storetest.Key()
			if err := put(t, s, k, 0, 1); err != nil {
				t.Fatal(err)
			}
			fault.on()
			if err := put(t, s, k, 1, 2); err == nil {
				t.Error("a turn is saved")
			}
			if err := s.Ping(t.Context()); err == nil {
				t.Error("readiness says nothing")
			}
			fault.off()
			if err := s.Ping(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestAMemoryThatThrowsAwayIsToldOf(t *testing.T) {
	for policy, told := range map[string]bool{"noeviction": false, "allkeys-lru": true, "volatile-lru": true, "volatile-ttl": true} {
		t.Run(policy, func(t *testing.T) {
			r := storetest.RedisServer(t, "--maxmemory-policy", policy)
			if err := open(t, r.URL()).Note(t.Context()); (err != nil) != told || told && !strings.Contains(err.Error(), policy) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("nothing is said where INFO is not allowed", func(t *testing.T) {
		r := storetest.RedisServer(t, "--maxmemory-policy", "allkeys-lru")
		open(t, r.URL())
		if err := open(t, user(t, r, "~*", "+@all", "-info", "-config")).Note(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("on any server of a cluster", func(t *testing.T) {
		url, nodes := storetest.RedisCluster(t)
		if err := nodes[1].Client().ConfigSet(t.Context(), "maxmemory-policy", "allkeys-random").Err(); err != nil {
			t.Fatal(err)
		}
		if err := open(t, url).Note(t.Context()); err == nil || !strings.Contains(err.Error(), "allkeys-random") {
			t.Errorf("%v", err)
		}
	})
}

func TestSentinelsMayWantAPassword(t *testing.T) {
	r := storetest.RedisServer(t, "--requirepass", "geheim", "--masterauth", "geheim")
	for name, c := range map[string]struct{ auth, url string }{
		"the same as the server's": {"requirepass geheim", "redis+sentinel://:geheim@%s/main"},
		"one of their own":         {"requirepass anders", "redis+sentinel://:geheim@%s/main?sentinel_password=anders"},
		"none":                     {"", "redis+sentinel://:geheim@%s/main"},
		"a user of their own":      {"user wache on >anders allchannels +@all\nuser default off", "redis+sentinel://:geheim@%s/main?sentinel_username=wache&sentinel_password=anders"},
		"valkey's name":            {"requirepass geheim", "valkey+sentinel://:geheim@%s/main"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, fmt.Sprintf(c.url, storetest.Sentinel(t, r, "geheim", c.auth)))
			if err := put(t, s, storetest.Key(), 0, 1); err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestServersAndSentinelsAreReachedOverTLS(t *testing.T) {
	r := storetest.RedisWithTLS(t)
	if err := r.Client().Do(t.Context(), "ACL", "SETUSER", "patikra", "on", ">geheim", "~*", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	plain := storetest.Sentinel(t, r, "", "")
	guarded := storetest.Sentinel(t, r, "", "user wache on >anders allchannels +@all\nuser default off")
	served := func(t *testing.T, url string) error {
		t.Helper()
		s := open(t, url)
		if err := put(t, s, storetest.Key(), 0, 1); err != nil {
			return err
		}
		return s.Ping(t.Context())
	}
	for name, url := range map[string]string{
		"one server":                             "rediss://" + r.Secured,
		"with a user":                            "rediss://patikra:geheim@" + r.Secured,
		"valkey's name":                          "valkeys://" + r.Secured,
		"a sentinel":                             "rediss+sentinel://" + plain + "/main",
		"a sentinel, and a user of the server's": "rediss+sentinel://patikra:geheim@" + plain + "/main",
		"a sentinel with users of both":          "rediss+sentinel://patikra:geheim@" + guarded + "/main?sentinel_username=wache&sentinel_password=anders",
	} {
		t.Run(name, func(t *testing.T) {
			if err := served(t, url); err != nil {
				t.Error(err)
			}
		})
	}
	_, port, _ := net.SplitHostPort(r.Secured)
	_, sentinel, _ := net.SplitHostPort(plain)
	for name, url := range map[string]string{
		"a certificate for another name":  "rediss://localhost:" + port,
		"a sentinel's of another name":    "rediss+sentinel://localhost:" + sentinel + "/main",
		"a server that speaks TLS only":   "redis://" + r.Secured,
		"a sentinel that speaks TLS only": "redis+sentinel://" + plain + "/main",
		"a sentinel's wrong password":     "rediss+sentinel://patikra:geheim@" + guarded + "/main?sentinel_username=wache&sentinel_password=geheim",
		"a server's wrong password":       "rediss+sentinel://patikra:anders@" + plain + "/main",
	} {
		t.Run("never "+name, func(t *testing.T) {
			t.Parallel()
			if err := served(t, url); err == nil {
				t.Error("a turn is saved")
			}
		})
	}
}

func TestOneServerAwayCostsItsOwnPartitionsOnly(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err == nil && testing.Short() {
		t.Skip("short")
	}
	for name, c := range map[string]struct{ away, back func(r *storetest.Redis) }{
		"killed": {(*storetest.Redis).Kill, (*storetest.Redis).Start},
		"frozen": {(*storetest.Redis).Freeze, (*storetest.Redis).Thaw},
	} {
		t.Run(name, func(t *testing.T) {
			url, nodes := storetest.RedisMasters(t)
			s := open(t, url)
			ctx, now := t.Context(), time.Now()
			byPartition := map[uint16]bot.Key{}
			for len(byPartition) < storetest.Partitions {
				k := storetest.Key()
				if _, have := byPartition[k.Partition]; !have {
					byPartition[k.Partition] = k
					if err := put(t, s, k, 0, 1, storetest.Item(now.Add(time.Second), false)); err != nil {
						t.Fatal(err)
					}
					if _, err := s.Commit(ctx, bot.Commit{Key: k, Base: 1, Next: 2, Value: storetest.Value(9), TTL: time.Hour, Now: now,
						Mark: &bot.Mark{State: 1, Since: now}, Counts: []string{"started"}, Day: "2026-01-01"}); err != nil {
						t.Fatal(err)
					}
				}
			}
			// what the first server holds is told by the server itself
			lost := map[uint16]bool{}
			for p := range byPartition {
				slot, err := nodes[0].Client().ClusterKeySlot(ctx, fmt.Sprintf("{p%02d}due", p)).Result()
				if err != nil {
					t.Fatal(err)
				}
				lost[p] = slot < 5462
			}
			n := 0
			for _, is := range lost {
				if is {
					n++
				}
			}
			if n == 0 || n == len(lost) {
				t.Skip("all partitions lie on one side")
			}
			c.away(nodes[0])
			for range 3 { // the first calls find out
				s.Ping(ctx)
			}
			var some *bot.PartialError
			if err := s.Ping(ctx); !errors.As(err, &some) || some.Missing != n || some.Of != storetest.Partitions {
				t.Errorf("readiness: %v, %d are away", err, n)
			}
			begin := time.Now()
			for p, k := range byPartition {
				if lost[p] {
					continue
				}
				if err := put(t, s, k, 2, 3); err != nil {
					t.Errorf("a turn on a server that is well: %v", err)
				}
			}
			if d := time.Since(begin); d > 2*time.Second {
				t.Errorf("turns took %v", d)
			}
			held, err := s.Take(ctx, now.Add(2*time.Second), now.Add(time.Minute), 100)
			if !errors.As(err, &some) || len(held) != len(lost)-n {
				t.Errorf("%d of %d deliveries are taken, %v", len(held), len(lost)-n, err)
			}
			for _, h := range held {
				if lost[h.Key.Partition] {
					t.Error("of a server that is away")
				}
			}
			if counts, err := s.Counts(ctx, "2026-01-01"); !errors.As(err, &some) || counts["started"] != int64(len(lost)-n) {
				t.Errorf("counted %v, %v", counts, err)
			}
			if cases, err := s.Cases(ctx); !errors.As(err, &some) || len(cases) != len(lost)-n {
				t.Errorf("%d cases, %v", len(cases), err)
			}
			for range 4 {
				if _, err := s.Reserve(ctx, "telegram", 1, 35*time.Millisecond, 2, time.Now()); err != nil {
					t.Errorf("a place in the order: %v", err)
				}
			}
			c.back(nodes[0])
			begin = time.Now()
			for s.Ping(ctx) != nil && time.Since(begin) < 15*time.Second {
				time.Sleep(100 * time.Millisecond)
			}
			for p, k := range byPartition {
				if lost[p] {
					if err := put(t, s, k, 2, 3); err != nil {
						t.Errorf("afterwards: %v", err)
					}
				}
			}
			if d := time.Since(begin); d > 15*time.Second {
				t.Errorf("it took %v until all were served", d)
			}
		})
	}
}

func TestAfterAFailoverAllIsServedWithinFifteenSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	url, nodes := storetest.RedisCluster(t)
	s := open(t, url)
	var keys []bot.Key
	for range 40 {
		k := storetest.Key()
		if err := put(t, s, k, 0, 1); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	nodes[0].Kill()
	healed := time.Time{}
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if info, err := nodes[1].Client().ClusterInfo(t.Context()).Result(); err == nil && strings.Contains(info, "cluster_slots_ok:16384") &&
			strings.Contains(info, "cluster_slots_fail:0") && strings.Contains(info, "cluster_slots_pfail:0") {
			healed = time.Now()
			break
		}
	}
	if healed.IsZero() {
		t.Fatal("the cluster does not heal")
	}
	for _, k := range keys {
		for {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			rec, err := s.Load(ctx, k)
			if err == nil {
				_, err = s.Commit(ctx, bot.Commit{Key: k, Base: rec.Version, Next: rec.Version + 1, Value: storetest.Value(9), TTL: time.Hour, Now: time.Now()})
			}
			cancel()
			if err == nil || time.Since(healed) > 15*time.Second {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	if d := time.Since(healed); d > 15*time.Second {
		t.Errorf("%v after the cluster had healed somebody was not served", d)
	} else {
		t.Logf("all were served %v after the cluster had healed", d.Round(time.Millisecond))
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// away is an address at which nothing listens.
func away(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestAClusterNeedsOneAddressThatAnswers(t *testing.T) {
	url, _ := storetest.RedisMasters(t)
	hosts := strings.TrimPrefix(url, "redis+cluster://")
	s := open(t, "redis+cluster://"+away(t)+","+hosts)
	if err := put(t, s, storetest.Key(), 0, 1); err != nil {
		t.Error(err)
	}
}
