package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
)

// takesCode has a person on the page take a return code.
func takesCode(t *testing.T, b *desk.Desk, id, browser string) (words, digits string) {
	t.Helper()
	at := bot.Address{Channel: "chat", ID: id}
	reply, err := b.Handle(t.Context(), bot.Update{From: at, Browser: browser, Kind: bot.Pressed, Text: "human:return", At: time.Now()})
	if err != nil || len(reply.Digits) != 8 {
		t.Fatalf("no code: %+v, %v", reply, err)
	}
	s, err := b.Session(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(s.Encode()), reply.Digits) {
		t.Error("the digits are stored")
	}
	return s.Case.Word, reply.Digits
}

func knownAs(browser string) func(bot.Address) string {
	return func(bot.Address) string { return browser }
}

func TestATalkIsTakenUpInAnotherBrowserByItsCodeAlone(t *testing.T) {
	eachStore(t, func(t *testing.T, one, two *desk.Desk) {
		now, ctx := time.Now(), t.Context()
		opens(t, one, "a")
		opens(t, one, "b")
		words, digits := takesCode(t, one, "a", "")
		other, otherDigits := takesCode(t, one, "b", "")
		wrong := fmt.Sprintf("%08d", 12345678)
		if digits == wrong {
			wrong = "87654321"
		}
		for name, try := range map[string][2]string{"wrong digits": {words, wrong}, "words of no talk": {"Oak Oak", digits}, "another talk's digits": {words, otherDigits},
			"another talk's words": {other, digits}, "nothing": {"", ""}, "no digits": {words, ""}, "too few": {words, digits[:7]}, "too many": {words, digits + "1"}} {
			if at, err := two.TakeUp(ctx, try[0], try[1], bot.AnyNetwork, knownAs("x"), now); !errors.Is(err, engine.ErrReturn) || at != (bot.Address{}) {
				t.Errorf("%s: %v, %v", name, at, err)
			}
		}
		swapped := strings.ToUpper(words[:1]) + strings.ToLower(words[1:])
		at, err := two.TakeUp(ctx, "  "+strings.ReplaceAll(strings.ToUpper(swapped), " ", " - "), digits[:4]+" "+digits[4:], bot.AnyNetwork, knownAs("second"), now)
		if err != nil || at.ID != "a" {
			t.Fatalf("%v, %v", at, err)
		}
		t.Run("the one before can do nothing any more", func(t *testing.T) {
			for _, u := range []bot.Update{{Kind: bot.Typed, Text: "still me"}, {Kind: bot.Pressed, Text: "exit"}, {Kind: bot.Pressed, Text: "erase:yes"}, {Kind: bot.Pressed, Text: "human:end"}, {Kind: bot.Pressed, Text: "human:return"}} {
				u.From, u.At = at, now
				if reply, err := one.Handle(ctx, u); err != nil || !reply.Moved || reply.Digits != "" {
					t.Errorf("%s: %+v, %v", u.Text, reply, err)
				}
			}
			s, err := one.Session(ctx, at)
			if err != nil || !s.Case.Active() || s.Browser != "second" {
				t.Errorf("%+v, %v", s.Case, err)
			}
		})
		t.Run("both sides are told", func(t *testing.T) {
			lines, err := one.Log(ctx, one.Key(at), 0)
			if err != nil || len(lines) < 2 || lines[len(lines)-2].By != talk.ByNote || lines[len(lines)-1].By != talk.ByNotice {
				t.Errorf("%+v, %v", lines, err)
			}
		})
		t.Run("of two browsers at once one has the talk", func(t *testing.T) {
			done := make(chan error, 2)
			for i, b := range []*desk.Desk{one, two} {
				go func() {
					_, err := b.TakeUp(ctx, words, digits, bot.AnyNetwork, knownAs(fmt.Sprint("both ", i)), now)
					done <- err
				}()
			}
			for range 2 {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			has := 0
			for i := range 2 {
				reply, err := one.Handle(ctx, bot.Update{From: at, Browser: fmt.Sprint("both ", i), Kind: bot.Typed, Text: "me", At: now})
				if err != nil {
					t.Fatal(err)
				}
				if !reply.Moved {
					has++
				}
			}
			if has != 1 {
				t.Errorf("%d browsers have it", has)
			}
		})
		t.Run("a new code ends the old one", func(t *testing.T) {
			s, _ := one.Session(ctx, at)
			_, next := takesCode(t, one, "a", s.Browser)
			if next != digits {
				if _, err := two.TakeUp(ctx, words, digits, bot.AnyNetwork, knownAs("third"), now); !errors.Is(err, engine.ErrReturn) {
					t.Errorf("the old digits: %v", err)
				}
			}
			if _, err := two.TakeUp(ctx, words, next, bot.AnyNetwork, knownAs("third"), now); err != nil {
				t.Errorf("the new digits: %v", err)
			}
			digits = next
		})
		t.Run("the code is erased with the talk", func(t *testing.T) {
			if _, err := one.Handle(ctx, bot.Update{From: at, Browser: "third", Kind: bot.Pressed, Text: "exit", At: now}); err != nil {
				t.Fatal(err)
			}
			if _, err := two.TakeUp(ctx, words, digits, bot.AnyNetwork, knownAs("fourth"), now.Add(time.Hour)); !errors.Is(err, engine.ErrReturn) {
				t.Errorf("%v", err)
			}
			if _, ok, err := two.Recall(ctx, engine.ReturnPlace(words)); ok || err != nil {
				t.Errorf("what found it is still there, %v", err)
			}
		})
	})
}

func TestAReturnCodeDiesADayAfterTheTalk(t *testing.T) {
	bots, at := crowded(t), time.Now()
	b, ctx := bots[0], context.Background()
	s := asks(t, b, "web", "a", bot.AnyNetwork, at)
	reply, err := b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Pressed, Text: "human:return", At: at})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Pressed, Text: "human:end", At: at}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.TakeUp(ctx, s.Case.Word, reply.Digits, bot.AnyNetwork, knownAs("x"), at.Add(23*time.Hour)); err != nil {
		t.Errorf("within the day: %v", err)
	}
	if _, err := b.Handle(ctx, bot.Update{From: s.Case.Person, Kind: bot.Due, At: at.Add(24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.TakeUp(ctx, s.Case.Word, reply.Digits, bot.AnyNetwork, knownAs("y"), at.Add(24*time.Hour)); !errors.Is(err, engine.ErrReturn) {
		t.Errorf("after it: %v", err)
	}
	if s, _ = b.Session(ctx, s.Case.Person); s.Return != "" || s.Browser != "x" {
		t.Errorf("kept: %q %q", s.Return, s.Browser)
	}
}

func TestWordsOfAnyLanguageAreKnownHoweverTheyAreTyped(t *testing.T) {
	for _, typed := range [][2]string{{"Šerkšnas Ąžuolas", "serksnas azuolas"}, {"Łąka Książka", "laka, ksiazka"}, {"Ёж Мёд", "еж мед"}, {"Їжак Стілець", "їжак  СТІЛЕЦЬ"}, {"Oak Tea", "OAK-tea."}} {
		if engine.ReturnPlace(typed[0]) != engine.ReturnPlace(typed[1]) {
			t.Errorf("%q is not %q", typed[1], typed[0])
		}
	}
	for _, tag := range []string{"lt", "en", "pl", "ru", "uk"} {
		seen := map[string]string{}
		for _, w := range builtIn(t).Catalog.Language(tag).List("desk.words") {
			if other, is := seen[engine.ReturnPlace(w)]; is {
				t.Errorf("%s: %s and %s are one", tag, other, w)
			}
			seen[engine.ReturnPlace(w)] = w
		}
	}
}

// TestNoMoreReturnCodesAreTriedInADayThanIsSaid tries without a pause and counts what was looked at: those are the figures that the
// documentation names.
func TestNoMoreReturnCodesAreTriedInADayThanIsSaid(t *testing.T) {
	b, at := desks(t, &counters{}, &counters{})[0], time.Date(2030, time.May, 4, 0, 0, 0, 0, time.UTC)
	tried := func(words, network string, each time.Duration) (n int) {
		for end := at.Add(24 * time.Hour); at.Before(end); at = at.Add(each) {
			for { // as many as are let through at once
				err := b.GuessReturn(t.Context(), engine.ReturnPlace(strings.ReplaceAll(words, "#", fmt.Sprint(n))), strings.ReplaceAll(network, "#", fmt.Sprint(n)), at)
				if errors.Is(err, engine.ErrGuesses) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
		}
		return n
	}
	for name, c := range map[string]struct {
		words, network string
		most           int
		each           time.Duration
	}{
		"one talk from everywhere":       {"oak tea", "198.51.100.#", talk.MostGuesses, time.Minute},
		"all talks from one address":     {"oak #", "2001:db8::/64", talk.MostGuesses, time.Minute},
		"all talks from all addresses":   {"birch #", "203.0.113.#", talk.MostGuessesAll, 20 * time.Second},
		"the same talk from one address": {"ash tea", "192.0.2.1", talk.MostGuesses, time.Minute},
	} {
		if n := tried(c.words, c.network, c.each); n > c.most || n < c.most*95/100 {
			t.Errorf("%s: %d tries, not %d", name, n, c.most)
		}
	}
}

// counters is a store that keeps what is counted, and nothing else.
type counters struct {
	bot.Store
	kept map[string]string
}

func (c *counters) Kept(_ context.Context, name string) ([]byte, error) {
	return []byte(c.kept[name]), nil
}

func (c *counters) Swap(_ context.Context, name string, old, value []byte, _ time.Duration) (bool, error) {
	if c.kept == nil {
		c.kept = map[string]string{}
	}
	same := c.kept[name] == string(old)
	if same {
		c.kept[name] = string(value)
	}
	return same, nil
}

func TestWrongWordsAndWrongDigitsAskTheStoreTheSame(t *testing.T) {
	store := &calls{}
	bots := desks(t, store.over(t), store.over(t))
	b, at := bots[0], time.Now()
	s := asks(t, b, "web", "a", bot.AnyNetwork, at)
	if _, err := b.Handle(t.Context(), bot.Update{From: s.Case.Person, Kind: bot.Pressed, Text: "human:return", At: at}); err != nil {
		t.Fatal(err)
	}
	said := func(words string) string {
		store.list = nil
		if _, err := b.TakeUp(t.Context(), words, "00000000", "192.0.2.7", knownAs("x"), at); !errors.Is(err, engine.ErrReturn) {
			t.Fatal(err)
		}
		return strings.Join(store.list, " ")
	}
	if right, wrong := said(s.Case.Word), said("no such words"); right != wrong || right == "" {
		t.Errorf("words of a talk: %s\nof none: %s", right, wrong)
	}
}

// calls notes what a store is asked.
type calls struct {
	bot.Store
	list []string
}

func (a *calls) over(t *testing.T) bot.Store {
	if a.Store == nil {
		store, err := sqlitestore.Open(t.TempDir(), 8)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		a.Store = store
	}
	return a
}

func (a *calls) Load(ctx context.Context, key bot.Key) (bot.Record, error) {
	a.list = append(a.list, "load")
	return a.Store.Load(ctx, key)
}

func (a *calls) Kept(ctx context.Context, name string) ([]byte, error) {
	a.list = append(a.list, "kept")
	return a.Store.Kept(ctx, name)
}

func (a *calls) Swap(ctx context.Context, name string, old, value []byte, life time.Duration) (bool, error) {
	a.list = append(a.list, "swap")
	return a.Store.Swap(ctx, name, old, value, life)
}
