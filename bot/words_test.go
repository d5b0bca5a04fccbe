package bot_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

// storeOf is what a desk of eachStore remembers in, for who looks behind it.
var storeOf sync.Map

// eachStore runs a test with two processes' worth of the bot over each store.
func eachStore(t *testing.T, f func(t *testing.T, one, two *desk.Desk)) {
	lib := builtIn(t)
	with := func(t *testing.T, store bot.Store) {
		ring, err := seal.New(seal.NewKey(), 8)
		if err != nil {
			t.Fatal(err)
		}
		var bots [2]*desk.Desk
		for i := range bots {
			bots[i] = desk.New(lib, store, ring)
			storeOf.Store(bots[i], store)
			bots[i].Desk, bots[i].Always = engine.Reach{On: true}, true
			bots[i].Draws = map[string]bool{"chat": true}
		}
		f(t, bots[0], bots[1])
	}
	t.Run("embedded", func(t *testing.T) {
		store, err := sqlitestore.Open(t.TempDir(), 8)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		with(t, store)
	})
	t.Run("redis", func(t *testing.T) {
		store, err := redisstore.Open(t.Context(), redisstore.Options{URL: storetest.RedisServer(t).URL(), Partitions: 8})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		with(t, store)
	})
}

// opens makes a case and returns its words.
func opens(t *testing.T, b *desk.Desk, id string) string {
	t.Helper()
	at := bot.Address{Channel: "chat", ID: id}
	for i, u := range []bot.Update{{Kind: bot.Typed, Text: "/human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
		u.ID, u.From, u.Locale, u.At = uint64(i+1), at, "en", time.Now()
		if _, err := b.Handle(t.Context(), u); err != nil {
			t.Fatal(err)
		}
	}
	s, err := b.Session(t.Context(), at)
	if err != nil || s.Case == nil || s.Case.State != bot.Waiting {
		t.Fatalf("no case: %v %+v", err, s.Case)
	}
	return s.Case.Word
}

func TestNoTwoOpenCasesHaveTheSameWords(t *testing.T) {
	eachStore(t, func(t *testing.T, one, two *desk.Desk) {
		const open = 200 // of 4032 pairs: by chance alone some two would be alike
		seen := map[string]string{}
		for i := range open {
			b, id := one, fmt.Sprint("person ", i)
			if i%2 == 1 {
				b = two
			}
			word := opens(t, b, id)
			if len(strings.Fields(word)) != 2 {
				t.Fatalf("the words are %q", word)
			}
			if other, is := seen[word]; is {
				t.Errorf("%s and %s both have %q", other, id, word)
			}
			seen[word] = id
		}
	})
}

func TestWordsAreFreeAgainWhenTheirCaseIsErased(t *testing.T) {
	eachStore(t, func(t *testing.T, one, _ *desk.Desk) {
		word := opens(t, one, "a")
		if ok, err := one.Claim(t.Context(), one.Key(bot.Address{Channel: "chat", ID: "b"}), word); ok || err != nil {
			t.Fatalf("another takes the words: %v %v", ok, err)
		}
		if ok, err := one.Claim(t.Context(), one.Key(bot.Address{Channel: "chat", ID: "a"}), strings.ToLower(word)); !ok || err != nil {
			t.Errorf("its own, repeated: %v %v", ok, err)
		}
		if _, err := one.Handle(t.Context(), bot.Update{ID: 9, From: bot.Address{Channel: "chat", ID: "a"}, Kind: bot.Forgotten, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			ok, err := one.Claim(t.Context(), one.Key(bot.Address{Channel: "chat", ID: "b"}), word)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the words of an erased case stay taken")
			}
		}
	})
}

func TestWhenTwoWordsAreTakenACaseHasThree(t *testing.T) {
	eachStore(t, func(t *testing.T, one, _ *desk.Desk) {
		if testing.Short() || strings.HasSuffix(t.Name(), "redis") {
			t.Skip("each of 4032 claims is a call of its own; one store is enough for what the bot makes of it")
		}
		somebody, words := one.Key(bot.Address{Channel: "chat", ID: "somebody"}), one.Library().Catalog.Language("en").List("desk.words")
		for _, x := range words {
			for _, y := range words {
				if x == y {
					continue
				}
				if ok, err := one.Claim(t.Context(), somebody, x+" "+y); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
		}
		a, b := opens(t, one, "a"), opens(t, one, "b")
		if len(strings.Fields(a)) != 3 || len(strings.Fields(b)) != 3 || a == b {
			t.Errorf("the words are %q and %q", a, b)
		}
	})
}

func TestACodeProvesOneConversationForADay(t *testing.T) {
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(builtIn(t), nil, ring)
	mine, other := b.Key(bot.Address{Channel: "chat", ID: "a"}), b.Key(bot.Address{Channel: "chat", ID: "b"})
	at := time.Date(2026, time.March, 28, 23, 59, 0, 0, time.UTC)
	code := b.CodeFor(mine, at)
	if len(code) != 8 || strings.ContainsAny(code, "ILOU") {
		t.Fatalf("the code is %q", code)
	}
	for name, c := range map[string]struct {
		key  bot.Key
		code string
		at   time.Time
		want bool
	}{
		"at once":                {mine, code, at, true},
		"in small letters":       {mine, strings.ToLower(code[:4]) + "-" + code[4:], at, true},
		"a day later":            {mine, code, at.Add(24 * time.Hour), true},
		"two days later":         {mine, code, at.Add(48 * time.Hour), false},
		"another's conversation": {other, code, at, false},
		"nothing":                {mine, "", at, false},
		"part of it":             {mine, code[:7], at, false},
	} {
		if got := b.Proves(c.key, c.code, c.at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
