package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/storetest"
	"patikra/bot/telegram/telegramtest"
)

// with gives a program other settings; those that were there are replaced.
func (p *program) with(settings ...string) {
	for _, s := range settings {
		name, _, _ := strings.Cut(s, "=")
		p.env = slices.DeleteFunc(p.env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
		p.env = append(p.env, s)
	}
}

// ends waits until a program that was started has ended by itself.
func (p *program) ends(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on")
		return 0
	}
}

func TestAWrongKeyIsRefusedAtStartAndTheRightOneGoesOn(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		key := seal.NewKey()
		p := launch(t, append(settings(t), "PATIKRA_KEY="+key)...)
		lead := p.enters("Rūta")
		p.kill()
		p.with("PATIKRA_KEY=" + seal.NewKey())
		p.start()
		if code := p.ends(t); code != 1 || !strings.Contains(p.log.String(), "PATIKRA_KEY: the store was made with another key") {
			t.Errorf("exit %d", code)
		}
		if code, out, errs := p.command("invite", "Jonas"); code != 1 || out != "" || !strings.Contains(errs, "PATIKRA_KEY") {
			t.Errorf("a command with the wrong key: exit %d, %s%s", code, out, errs)
		}
		p.with("PATIKRA_KEY=" + key)
		p.start()
		p.waitReady()
		if lead.get("/desk"); lead.code != 200 || lead.path != "/desk" {
			t.Errorf("with the right key again she is at %s, %d", lead.path, lead.code)
		}
	})
}

func TestAWrongKeyIsRefusedWhenRedisComesBackToo(t *testing.T) {
	t.Parallel()
	redis := storetest.RedisServer(t)
	p := launch(t, "REDIS_URL="+redis.URL())
	p.kill()
	keys := redis.Client().DBSize(t.Context()).Val()
	redis.Kill()
	p.with("PATIKRA_KEY=" + seal.NewKey())
	p.start()
	p.within(10*time.Second, "it lives, and is not ready", func() error {
		if code, _ := p.get("/healthz"); code != 200 {
			return fmt.Errorf("healthz %d", code)
		}
		return nil
	})
	redis.Start()
	p.within(15*time.Second, "it says why", func() error {
		if code, body := p.get("/readyz"); code != 503 || !strings.Contains(body, "PATIKRA_KEY") {
			return fmt.Errorf("%d %s", code, body)
		}
		return nil
	})
	if code, body := p.get("/lt/numbers"); code != 200 || !strings.Contains(body, "+370") {
		t.Errorf("people do not get the numbers: %d", code)
	}
	if n := redis.Client().DBSize(t.Context()).Val(); n > keys {
		t.Errorf("it has written: %d keys instead of %d", n, keys)
	}
}

func TestALostKeyIsNeverMadeAnewBesideAStore(t *testing.T) {
	t.Parallel()
	p := prepare(t)
	p.env = slices.DeleteFunc(p.env, func(e string) bool { return strings.HasPrefix(e, "PATIKRA_KEY=") })
	p.start()
	p.waitReady()
	lead := p.enters("Rūta")
	p.kill()
	file := filepath.Join(p.dir, "data", "key")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	p.start()
	if code := p.ends(t); code != 1 || !strings.Contains(p.log.String(), "its key is gone") {
		t.Errorf("exit %d", code)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a new key was made")
	}
	if err := os.WriteFile(file, []byte(seal.NewKey()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.start()
	if code := p.ends(t); code != 1 || !strings.Contains(p.log.String(), "the store was made with another key") {
		t.Errorf("another key in the file: exit %d", code)
	}
	os.Rename(file+".away", file)
	p.start()
	p.waitReady()
	if lead.get("/desk"); lead.path != "/desk" {
		t.Errorf("she is at %s", lead.path)
	}
}

func TestWhoListensInTheProgramsPlaceIsShownNoSecret(t *testing.T) {
	t.Parallel()
	p := launch(t, "PATIKRA_ADMIN_TOKEN=a-long-enough-token")
	p.kill()
	var heard atomic.Int64
	l, err := net.Listen("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	thief := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) })}
	go thief.Serve(l)
	defer thief.Close()
	for _, args := range [][]string{{"report"}, {"books"}, {"invite", "Rūta"}, {"key", "rotate"}} {
		if code, out, errs := p.command(args...); code != 0 {
			t.Errorf("%v: exit %d %s%s", args, code, out, errs)
		}
	}
	if n := heard.Load(); n > 0 {
		t.Errorf("a stranger on the port was asked %d times", n)
	}
}

// TestTheKeyChangesWhilePeopleTalk changes the key of a program under load: a person writes to a counsellor and back all the time, the
// program is killed in the middle, and with Redis a second one still has the earlier setting for a while.
func TestTheKeyChangesWhilePeopleTalk(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		old, next := seal.NewKey(), seal.NewKey()
		shared := settings(t)
		d := openDesk(t, append(shared, "PATIKRA_KEY="+old)...)
		srv := d.srv
		held := srv.User(telegramtest.Person{Language: "en", Name: "B"})
		topic := d.ask(held)
		d.take(d.ruta, topic)
		d.sees(held, "has joined")
		waiting := srv.User(telegramtest.Person{Language: "en", Name: "C"})
		second := d.ask(waiting)
		asked := begin(t, srv, "lt")
		lead := d.enters("Rūta")
		if len(shared) > 0 { // a rolling restart: another process has the earlier key alone
			other := launch(t, append(shared, "PATIKRA_KEY="+old)...)
			defer other.kill()
		}
		words := 0
		say := func(n int) {
			for range n {
				words++
				held.Say(fmt.Sprintf("word-%03d", words))
				d.ruta.SayIn(d.group, topic, fmt.Sprintf("reply-%03d", words))
			}
		}
		say(3)
		d.kill()
		say(2)
		d.with("PATIKRA_KEY="+next, "PATIKRA_KEY_OLD="+old)
		d.start()
		d.waitReady()
		say(5)
		done := make(chan string, 1)
		go func() {
			code, out, errs := d.command("key", "rotate")
			done <- fmt.Sprintf("%d %s%s", code, out, errs)
		}()
		for range 5 {
			say(2)
			time.Sleep(40 * time.Millisecond)
		}
		d.kill() // in the middle of it
		first := <-done
		say(2)
		d.start()
		d.waitReady()
		say(3)
		if code, out, errs := d.command("key", "rotate"); code != 0 {
			t.Fatalf("exit %d: %s%s (the first: %s)", code, out, errs, first)
		}
		say(3)
		d.kill()
		d.with("PATIKRA_KEY_OLD=") // from now the new key alone
		d.start()
		d.waitReady()
		say(2)
		d.soon("every word, once and in order", func() bool {
			return everyOne(strings.Join(d.group.History(), "\n"), "word", words)
		})
		d.within(10*time.Second, "every reply, in order", func() error {
			if !everyOne(strings.Join(held.History(), "\n"), "reply", words) {
				return fmt.Errorf("%s", strings.Join(held.History(), "\n"))
			}
			return nil
		})
		const kills = 3 // so far; each may cut one off that the network has taken and the outbox has not noted
		once(t, "word", words, kills, d.group.Views(topic))
		once(t, "reply", words, kills, held.Messages())
		d.take(d.ruta, second)
		d.sees(waiting, "has joined")
		asked.Press(ordinary(asked.Screen()))
		if v := next2(t, asked); question(v) != 2 {
			t.Errorf("the quiz does not go on:\n%s", v)
		}
		if lead.get("/desk"); lead.path != "/desk" {
			t.Errorf("the lead's session has ended: %s", lead.path)
		}
		d.kill()
		d.with("PATIKRA_KEY=" + old)
		d.start()
		if code := d.ends(t); code != 1 || !strings.Contains(d.log.String(), "the store was made with another key") {
			t.Errorf("the earlier key still opens the store: exit %d", code)
		}
	})
}

func next2(t *testing.T, u *telegramtest.User) telegramtest.View {
	t.Helper()
	u.Wait(func(v telegramtest.View) bool { return question(v) == 2 }, 8*time.Second)
	return u.Screen()
}

// everyOne reports whether all numbered words are there, each first seen after the one before.
func everyOne(history, word string, n int) bool {
	at := -1
	for i := 1; i <= n; i++ {
		next := strings.Index(history, fmt.Sprintf("%s-%03d", word, i))
		if next <= at {
			return false
		}
		at = next
	}
	return true
}

// once checks that of what the bot has shown every numbered word is there once. Only what was on its way when the program was killed may
// come a second time: one at each kill, and before anything that was said after it.
func once(t *testing.T, word string, n, kills int, views []telegramtest.View) {
	t.Helper()
	var shown []int // the numbers, as they were shown
	for _, v := range views {
		_, number, is := strings.Cut(v.Text, word+"-")
		if i, err := strconv.Atoi(number); v.Bot && is && err == nil {
			shown = append(shown, i)
		}
	}
	again := 0
	for at, i := range shown {
		switch before := at - again; {
		case i == before+1:
		case i == before:
			again++
		default:
			t.Errorf("%s %d comes after %d others: %v", word, i, before, shown)
			return
		}
	}
	if len(shown)-again != n || again > kills {
		t.Errorf("of %d times %s %d are shown, and %d of them twice: %v", n, word, len(shown)-again, again, shown)
	}
}

// certified is the code of a certificate that a program with that key has signed.
func certified(t *testing.T, key string) string {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(key, 4)
	if err != nil {
		t.Fatal(err)
	}
	return desk.New(lib, nil, ring).Code(bot.Certificate{Module: "recognise", Day: "2026-03-01"})
}

func TestTheKeyInTheDataFolderChangesWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	p := prepare(t)
	p.env = slices.DeleteFunc(p.env, func(e string) bool { return strings.HasPrefix(e, "PATIKRA_KEY=") })
	p.start()
	p.waitReady()
	lead := p.enters("Rūta")
	read := func(name string) string {
		b, _ := os.ReadFile(filepath.Join(p.dir, "data", name))
		return strings.TrimSpace(string(b))
	}
	before := read("key")
	signed := certified(t, before)
	shown := func(when string, want int) {
		t.Helper()
		if code, _ := p.get("/lt/certificate/" + signed); code != want {
			t.Errorf("%s a certificate of before is answered with %d, not %d", when, code, want)
		}
	}
	shown("before the change", 200)
	if code, out, errs := p.command("key", "rotate"); code != 0 {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if now := read("key"); now == before || now == "" || read("key.old") != before || read("key.new") != "" {
		t.Errorf("the folder holds %q, %q, %q; before it was %q", now, read("key.old"), read("key.new"), before)
	}
	if lead.get("/desk"); lead.path != "/desk" {
		t.Errorf("her session has ended: %s", lead.path)
	}
	shown("after the change", 200)
	p.kill()
	p.start()
	p.waitReady()
	shown("after another start, with key.old,", 200)
	p.kill()
	os.Remove(filepath.Join(p.dir, "data", "key.old"))
	p.start()
	p.waitReady()
	shown("without key.old", 404)
	if lead.get("/desk"); lead.path != "/desk" {
		t.Errorf("with the new key alone her session has ended: %s", lead.path)
	}
}

func TestTwoChangesOfTheKeyInARowLoseNoEarlierKey(t *testing.T) {
	dir := t.TempDir()
	var made []string // the latest first
	for i := range 4 {
		if i > 0 {
			if err := writeKey(dir, newFile, seal.NewKey()); err != nil {
				t.Fatal(err)
			}
			if i == 2 { // an earlier try was killed after it had kept the key
				b, _ := os.ReadFile(filepath.Join(dir, keyFile))
				old, _ := os.ReadFile(filepath.Join(dir, oldFile))
				os.WriteFile(filepath.Join(dir, oldFile), append(b, old...), 0o600)
			}
			if err := finishKey(dir); err != nil {
				t.Fatal(err)
			}
		}
		keys, err := dataKeys(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != i+1 || !slices.Equal(keys[1:], made) {
			t.Fatalf("after %d changes the folder holds %d keys, or others than before", i, len(keys))
		}
		made = keys
	}
	if ring, err := seal.New(made[0], 8, made[1:]...); err != nil || ring.Keys() != 4 {
		t.Error(err)
	}
}
