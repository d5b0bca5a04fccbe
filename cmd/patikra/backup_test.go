package main

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"patikra/bot"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// under is the program with more settings; the last of a name counts.
func (p *program) under(settings ...string) *program {
	q := *p
	q.env = append(slices.Clone(p.env), settings...)
	return &q
}

// newPlace is where a new store can be: the settings, and the folder of an embedded one.
func newPlace(t *testing.T, redis bool) []string {
	if redis {
		return []string{"REDIS_URL=" + storetest.RedisServer(t).URL()}
	}
	return []string{"REDIS_URL=", "PATIKRA_DATA=" + filepath.Join(t.TempDir(), "data")}
}

func TestARestoredTalkGoesOn(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]struct{ from, to bool }{
		"the embedded store": {false, false}, "redis": {true, true}, "from the embedded store to redis": {false, true}, "and back": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := telegramtest.New(t, telegramtest.Options{})
			d := &counsellors{srv: srv, group: srv.Group(telegramtest.GroupOptions{Title: "Desk"})}
			d.ruta = srv.User(telegramtest.Person{Name: "Ruta", Username: "ruta_d"})
			d.group.Join(d.ruta)
			d.program = launch(t, append(deskFor(srv, d.group), newPlace(t, way.from)...)...)
			anna, tomas := srv.User(telegramtest.Person{Language: "en", Name: "Anna"}), srv.User(telegramtest.Person{Language: "lt", Name: "Tomas"})
			topic := d.ask(anna)
			d.take(d.ruta, topic)
			d.sees(anna, "A counsellor has joined")
			if _, err := tomasAsks(tomas); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "copy")
			if code, out, errs := d.command("backup", file); code != 0 || !strings.Contains(out, "sealed") || strings.Contains(errs, "could not be noted") {
				t.Fatalf("%d %s%s", code, out, errs)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v %v", info, err)
			}
			if code, _, errs := d.command("backup", file); code != 1 || !strings.Contains(errs, "there already") {
				t.Errorf("a second time: %d %s", code, errs)
			}
			if code, _, errs := d.command("restore", file, "--replace"); way.from && (code != 1 || !strings.Contains(errs, "a program runs with this Redis: stop all")) {
				t.Errorf("beside the program that runs: %d %s", code, errs)
			}
			d.kill()

			next := d.under(newPlace(t, way.to)...)
			if code, out, errs := next.command("restore", file); code != 0 || !strings.Contains(out, "erase it again") {
				t.Fatalf("%d %s%s", code, out, errs)
			}
			if code, _, errs := next.command("restore", file); code != 1 || !strings.Contains(errs, "--replace") {
				t.Errorf("over what is there: %d %s", code, errs)
			}
			if code, _, errs := next.command("restore", file, "--replace"); code != 0 {
				t.Errorf("in its place: %d %s", code, errs)
			}
			*d.program = *next
			d.start()
			d.waitReady()
			anna.Say("I am still here")
			d.topicHas(topic, "I am still here")
			if _, err := d.ruta.SayIn(d.group, topic, "So are we"); err != nil {
				t.Fatal(err)
			}
			d.sees(anna, "So are we")
			if _, err := advance(tomas); err != nil {
				t.Errorf("a quiz that was under way: %v", err)
			}
		})
	}
}

// tomasAsks takes somebody to the first question.
func tomasAsks(u *telegramtest.User) (telegramtest.View, error) {
	u.Say("/start")
	v, err := u.Next(10 * time.Second)
	if err == nil {
		v, err = advance(u)
	}
	return v, err
}

// everything is what a store holds, in an order that does not depend on it. Lives are rounded.
func everything(t *testing.T, set settings) (out []bot.Dumped) {
	t.Helper()
	counts := map[[2]string]int64{}
	err := dumpAll(t.Context(), set, func(d bot.Dumped) error {
		d.Life, d.Placed, d.Partition = d.Life.Round(time.Minute), false, 0
		if d.Counter != "" { // a store may keep it in several parts
			counts[[2]string{d.Day, d.Counter}] += d.Count
			return nil
		}
		if d.Record.Version == 0 && d.Kept == "" {
			d.Life = 0
		}
		out = append(out, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for c, n := range counts {
		out = append(out, bot.Dumped{Day: c[0], Counter: c[1], Count: n})
	}
	slices.SortFunc(out, func(a, b bot.Dumped) int {
		return cmp.Or(bytes.Compare(a.Key.Hash[:], b.Key.Hash[:]), cmp.Compare(a.Kept, b.Kept), cmp.Compare(a.Day+a.Counter, b.Day+b.Counter), cmp.Compare(a.Forgotten, b.Forgotten))
	})
	return out
}

func TestABackupHoldsEverythingAndNothingElseChanges(t *testing.T) {
	key := seal.NewKey()
	ring, err := seal.New(key, 64)
	if err != nil {
		t.Fatal(err)
	}
	at := func(redis bool) settings {
		s := settings{key: key, partitions: 64, data: t.TempDir()}
		if redis {
			s.redis = storetest.RedisServer(t).URL()
		}
		return s
	}
	open := func(s settings) bot.Store {
		var store bot.Store
		var err error
		if s.redis != "" {
			store, err = redisstore.Open(t.Context(), redisstore.Options{URL: s.redis, Partitions: 64})
		} else {
			store, err = sqlitestore.Open(s.data, 64)
		}
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	if err := writeKey(t.TempDir(), keyFile, key); err != nil {
		t.Fatal(err)
	}
	for _, from := range []bool{false, true} {
		first := at(from)
		store, now, ctx := open(first), time.UnixMilli(time.Now().UnixMilli()), context.Background()
		for i := range 30 {
			k := storetest.Key()
			item := func(due time.Time, screen bool) bot.Item {
				it := storetest.Item(due, screen)
				it.Value = ring.Seal(k.Partition, k.Hash, 'm', it.Value)
				return it
			}
			timer := item(now.Add(200*time.Hour), false)
			c := bot.Commit{Key: k, Next: 7, TTL: time.Hour * time.Duration(i+1), Now: now, Timer: &timer,
				Value: ring.SealVersion(k.Partition, k.Hash, 's', 7, storetest.Value(100+i*500)),
				Send:  []bot.Item{item(now, false), item(now.Add(time.Second), true)}, Desk: []bot.Item{item(now, false)},
				Log: [][]byte{storetest.Value(10), storetest.Value(20)}, Mark: &bot.Mark{State: 1, Urgent: 2, Since: now}, Counts: []string{"started", "human"}, Day: "2026-11-26"}
			if i%3 == 0 {
				c.Files = []bot.File{{Number: 1, Value: storetest.Value(20_000)}, {Number: 30, Value: storetest.Value(50)}}
			}
			if _, err := store.Commit(ctx, c); err != nil {
				t.Fatal(err)
			}
			if err := store.Tried(ctx, k, c.Send[0].ID, bot.Tries{Begun: 1, Failed: 2, Told: true, Since: now}); err != nil {
				t.Fatal(err)
			}
			if i%10 == 0 { // erased, with a farewell that is still to be sent
				if _, err := store.Commit(ctx, bot.Commit{Key: k, Base: 7, Now: now, Forget: []uint64{uint64(i + 1)}, Send: []bot.Item{item(now, false)}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := store.Keep(ctx, "accounts", storetest.Value(300), 1000*time.Hour); err != nil {
			t.Fatal(err)
		}
		store.Close()
		before := everything(t, first)
		file := filepath.Join(t.TempDir(), "copy")
		if n, err := writeBackup(ctx, first, file, now); err != nil || n != 30 {
			t.Fatalf("%d conversations, %v", n, err)
		}
		if len(before) < 30+1+2+3 {
			t.Fatalf("%d parts", len(before))
		}
		for _, to := range []bool{false, true} {
			second := at(to)
			if _, made, err := readBackup(ctx, second, file, false); err != nil || made.Sub(now).Abs() > time.Second {
				t.Fatalf("%v %v", made, err)
			}
			after := everything(t, second)
			if d := gocmp.Diff(before, after); d != "" {
				t.Errorf("redis %v to redis %v: what was there (-) is not what is there (+):\n%.3000s", from, to, d)
			}
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("accounts")) || bytes.Contains(data, []byte("started")) {
			t.Error("names stand in the file")
		}
		refuses(t, at(false), data)
	}
}

// refuses holds that a file that is not whole, or not ours, is refused before anything is written.
func refuses(t *testing.T, set settings, data []byte) {
	t.Helper()
	try := func(what string, set settings, data []byte, says string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readBackup(t.Context(), set, file, true); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := os.Stat(filepath.Join(set.data, sqlitestore.FileName)); err == nil {
			t.Errorf("%s: something was written", what)
		}
	}
	whole := data
	const piece = 64<<10 + 16
	head := bytes.IndexByte(whole[16:], '\n') + 17
	for _, n := range []int{0, 10, 40, head, head + 5, head + piece, len(whole) - 1, len(whole) - 17} {
		try("cut off", set, whole[:n], "backup")
	}
	for _, i := range []int{0, 30, head + 1, head + piece + 3, len(whole) - 1} {
		altered := bytes.Clone(whole)
		altered[i] ^= 4
		try("altered", set, altered, "backup")
	}
	try("with something behind it", set, append(bytes.Clone(whole), 1, 2, 3), "backup")
	exchanged := bytes.Clone(whole)
	copy(exchanged[head:], whole[head+piece:head+2*piece])
	copy(exchanged[head+piece:], whole[head:head+piece])
	try("with pieces exchanged", set, exchanged, "altered")
	other := set
	other.key = seal.NewKey()
	try("another key", other, whole, "another key")
	other.older = []string{set.key}
	if _, err := ringFor(other); err != nil {
		t.Error(err)
	}
	other = set
	other.partitions = 8
	try("other partitions", other, whole, "PATIKRA_PARTITIONS")
	other = set
	other.key = ""
	try("no key", other, whole, "there is no key")
	if names, _ := filepath.Glob(filepath.Join(set.data, "key*")); len(names) > 0 {
		t.Error("a key was made")
	}
}

func TestABackupWithTheWrongKeyIsRefused(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		p := launch(t, settings(t)...)
		file := filepath.Join(t.TempDir(), "copy")
		code, _, errs := p.under("PATIKRA_KEY="+seal.NewKey()).command("backup", file)
		if code != 1 || !strings.Contains(errs, "PATIKRA_KEY") {
			t.Errorf("%d %s", code, errs)
		}
		if names, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(names) != 0 {
			t.Errorf("left over: %v", names)
		}
	})
}

func TestACommandMakesNoSecondStore(t *testing.T) {
	t.Parallel()
	empty := storetest.RedisServer(t)
	for name, env := range map[string][]string{
		"another folder": {"PATIKRA_DATA=" + filepath.Join(t.TempDir(), "none"), "PATIKRA_KEY="},
		"an empty redis": {"REDIS_URL=" + empty.URL()},
	} {
		p := prepare(t).under(env...)
		for _, command := range [][]string{{"invite", "Rūta"}, {"report"}, {"books"}, {"erase", "telegram", "5"}, {"backup", filepath.Join(t.TempDir(), "x")}} {
			if code, out, errs := p.command(command...); code != 1 || out != "" || !strings.Contains(errs, "there is no store") && !strings.Contains(errs, "there is no key") {
				t.Errorf("%s: %v: %d %s%s", name, command, code, out, errs)
			}
		}
	}
	if n, err := empty.Client().DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("%d keys were written (%v)", n, err)
	}
}

func TestAMistypedSettingIsNamed(t *testing.T) {
	dotenv := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(dotenv, []byte("# PATIKRA_NOTHING=1\nexport PATIKRA_IDEL=30m\nPATIKRA_KEY_FILE=x\nPATIKRA_QQQQQQQQQQQQ=1\nOTHER=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strangers(dotenv, []string{"PATIKRA_DATE=x", "PATIKRA_DATA=x", "HOME=/", "PATIKRA_PARTITION=8"})
	want := []string{"PATIKRA_DATE (did you mean PATIKRA_DATA?)", "PATIKRA_PARTITION (did you mean PATIKRA_PARTITIONS?)", "PATIKRA_IDEL (did you mean PATIKRA_IDLE?)", "PATIKRA_QQQQQQQQQQQQ"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
