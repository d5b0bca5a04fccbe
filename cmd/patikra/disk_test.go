package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot/library"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// converse is a short conversation with words of the person's own.
func converse(srv *telegramtest.Server, i int) (*telegramtest.User, error) {
	u := srv.User(telegramtest.Person{Language: []string{"lt", "en"}[i%2], Name: fmt.Sprint("Vardenė", i), Username: fmt.Sprint("slapyvarde", i)})
	u.Say("/start radijas_lt")
	if _, err := u.Next(30 * time.Second); err != nil {
		return u, err
	}
	for _, what := range []string{"next", "next", "answer"} {
		if i%3 == 0 && what == "answer" {
			u.Say("mano bosas Petraitis grasina")
			if _, err := u.Next(30 * time.Second); err != nil {
				return u, err
			}
		}
		u.Press(what)
		if _, err := u.Next(30 * time.Second); err != nil {
			return u, err
		}
	}
	return u, nil
}

// dump returns everything that is in a Redis server: keys, values as they are serialised, a fresh snapshot.
func dump(t *testing.T, r *storetest.Redis) []byte {
	t.Helper()
	c, ctx := r.Client(), context.Background()
	var out bytes.Buffer
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		v, _ := c.Dump(ctx, k).Result()
		out.WriteString(k + "\n" + v + "\n")
		if s, err := c.Get(ctx, k).Result(); err == nil { // a dump may be compressed
			out.WriteString(s + "\n")
		}
		if l, err := c.LRange(ctx, k, 0, -1).Result(); err == nil {
			out.WriteString(strings.Join(l, "\n"))
		}
		if h, err := c.HGetAll(ctx, k).Result(); err == nil {
			fmt.Fprintln(&out, h)
		}
		if z, err := c.ZRange(ctx, k, 0, -1).Result(); err == nil {
			out.WriteString(strings.Join(z, "\n"))
		}
	}
	if err := c.ConfigSet(ctx, "rdbcompression", "no").Err(); err != nil {
		t.Fatal(err)
	}
	if err := c.Save(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	snapshot, err := os.ReadFile(filepath.Join(r.Dir(), "dump.rdb"))
	if err != nil {
		t.Fatal(err)
	}
	out.Write(snapshot)
	return out.Bytes()
}

// dataFolder reads the whole data folder of the embedded store, but not the key.
func dataFolder(t *testing.T, dir string) []byte {
	t.Helper()
	var out bytes.Buffer
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		if info, err := os.Lstat(f); filepath.Base(f) == "key" || err == nil && info.Mode()&os.ModeSocket != 0 {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	return out.Bytes()
}

func TestTheDiskAndTheLogsTellNothing(t *testing.T) {
	t.Parallel()
	people := 1000
	if testing.Short() {
		people = 100
	}
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"embedded", "redis"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.New(t, telegramtest.Options{})
			settings := telegramFor(srv, true, "TELEGRAM_RATE=0/0/0")
			var r *storetest.Redis
			if name == "redis" {
				r = storetest.RedisServer(t, "--appendfsync", "everysec")
				settings = append(settings, "REDIS_URL="+r.URL())
			}
			p := launch(t, settings...)
			contents := func() []byte {
				if r != nil {
					return dump(t, r)
				}
				return dataFolder(t, filepath.Join(p.dir, "data"))
			}
			users := make([]*telegramtest.User, people)
			var wg sync.WaitGroup
			slots := make(chan struct{}, 16)
			for i := range users {
				slots <- struct{}{}
				wg.Add(1)
				go func() {
					defer wg.Done()
					defer func() { <-slots }()
					var err error
					if users[i], err = converse(srv, i); err != nil {
						t.Error(err)
					}
				}()
			}
			wg.Wait()
			stored := contents()
			if len(stored) < people*100 {
				t.Fatalf("there are only %d bytes to look at", len(stored))
			}
			secrets := []string{telegramtest.Token, base64.StdEncoding.EncodeToString([]byte(telegramtest.Token)), "Vardenė", "slapyvarde", "Petraitis", "grasina", "bosas", "Sveiki", "emergency", "job-offer", "telegram"}
			for _, f := range lib.Book.Flags {
				secrets = append(secrets, f.Name)
			}
			for _, u := range users {
				secrets = append(secrets, strconv.FormatInt(u.ID, 10))
			}
			log := []byte(p.log.String())
			for _, s := range secrets {
				if len(s) < 6 { // so few letters turn up by chance in sealed bytes
					continue
				}
				if bytes.Contains(stored, []byte(s)) && !counterName(s) {
					t.Errorf("the store holds %q", s)
				}
				if bytes.Contains(log, []byte(s)) && s != "telegram" {
					t.Errorf("the log holds %q", s)
				}
			}
			// Those who erase leave nothing.
			before := contents()
			if n := runs(before, before); n < people {
				t.Fatalf("the search for sealed bytes finds only %d places to begin with", n)
			}
			erase := users[:20]
			for _, u := range erase {
				u.Say("/erase")
				if _, err := u.Next(10 * time.Second); err != nil {
					t.Fatal(err)
				}
				u.Press(u.Screen().Buttons()[0].Text)
				if _, err := u.Next(10 * time.Second); err != nil {
					t.Fatal(err)
				}
			}
			if r != nil {
				gone(t, r, people-len(erase))
			}
			// All the others too: then not one 48-byte run of what was stored may be left.
			for _, u := range users[20:] {
				wg.Add(1)
				slots <- struct{}{}
				go func() {
					defer wg.Done()
					defer func() { <-slots }()
					u.Say("/erase")
					if _, err := u.Next(20 * time.Second); err != nil {
						t.Error(err)
						return
					}
					u.Press(u.Screen().Buttons()[0].Text)
					if _, err := u.Next(20 * time.Second); err != nil {
						t.Error(err)
					}
				}()
			}
			wg.Wait()
			p.within(5*time.Second, "no 48 bytes in a row of what was stored are left", func() error {
				if n := runs(before, contents()); n > 0 {
					return fmt.Errorf("%d places", n)
				}
				return nil
			})
		})
	}
}

// counterName tells whether a word is also the name of a day's counter, which is about nobody.
func counterName(s string) bool { return s == "emergency" }

// gone checks that only so many conversations have keys.
func gone(t *testing.T, r *storetest.Redis, left int) {
	t.Helper()
	end := time.Now().Add(5 * time.Second)
	for {
		keys, err := r.Client().Keys(context.Background(), "{p*}c:*").Result()
		if err != nil {
			t.Fatal(err)
		}
		queues, _ := r.Client().Keys(context.Background(), "{p*}q:*").Result()
		if len(keys) == left && len(queues) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d conversations and %d queues have keys, expected %d and none", len(keys), len(queues), left)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// runs counts the random-looking 48-byte runs of before that stand in after. Zeros and text of the store's own
// do not count.
func runs(before, after []byte) int {
	const n = 48
	seen := map[string]bool{}
	for i := 0; i+n <= len(after); i++ {
		seen[string(after[i:i+n])] = true
	}
	found := 0
	for i := 0; i+n <= len(before); i += 16 {
		run := before[i : i+n]
		if random(run) && seen[string(run)] {
			found++
		}
	}
	return found
}

// random reports whether bytes look sealed: many different ones, and not only letters.
func random(b []byte) bool {
	var have [256]bool
	different, letters := 0, 0
	for _, c := range b {
		if !have[c] {
			have[c], different = true, different+1
		}
		if c >= ' ' && c < 0x7f || c == 0 {
			letters++
		}
	}
	return different > 34 && letters < 36
}
