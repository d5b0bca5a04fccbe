package bot_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// numbered are the built-in files with a number in every Lithuanian question, and every other edition with a question less.
func numbered(t testing.TB, n int) fstest.MapFS {
	t.Helper()
	files := copyOf(t)
	texts := string(files["content/lt/job-offer.yaml"].Data)
	texts = regexp.MustCompile(`(?m)^  say: (.*)$`).ReplaceAllStringFunc(texts, func(line string) string {
		say := strings.TrimPrefix(line, "  say: ")
		return fmt.Sprintf("  say: '[%d] %s'", n, strings.ReplaceAll(strings.Trim(say, `"'`), "'", "''"))
	})
	files["content/lt/job-offer.yaml"].Data = []byte(texts)
	return files
}

// opened is a Bot over a store.
func opened(t testing.TB, store bot.Store, key string, files fstest.MapFS) *desk.Desk {
	t.Helper()
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(key, 8)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(lib, store, ring)
	b.Files = files
	return b
}

var edition = regexp.MustCompile(`\[(\d+)\]`)

// talker is somebody who answers questions and notes which editions they were asked from.
type talker struct {
	b    *desk.Desk
	from bot.Address
	n    uint64
	seen map[string]bool
	done bool
}

func (p *talker) says(ctx context.Context, text string) error {
	p.n++
	if _, err := p.b.Handle(ctx, bot.Update{ID: p.n, From: p.from, Kind: bot.Typed, Text: text, Locale: "lt", At: time.Now()}); err != nil {
		return err
	}
	s, err := p.b.Session(ctx, p.from)
	if err != nil {
		return err
	}
	page := talk.Draw(p.b.Library(), s, "")
	p.done = page.Screen == "result"
	if page.Screen == "question" {
		m := edition.FindStringSubmatch(page.Title)
		if m == nil {
			return fmt.Errorf("no edition on %q", page.Title)
		}
		p.seen[m[1]] = true
	}
	return nil
}

func TestFiftyBooksPublishedDuringFiveHundredConversationsAreNeverMixed(t *testing.T) {
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := opened(t, store, seal.NewKey(), numbered(t, 0))
	ctx := t.Context()
	if err := b.Join(ctx, false); err != nil {
		t.Fatal(err)
	}
	people, editions := 500, 50
	if testing.Short() || underRace {
		people, editions = 100, 15
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	begun := map[string]bool{}
	slots := make(chan struct{}, 20)
	for i := range people {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			p := &talker{b: b, from: bot.Address{Channel: "test", ID: fmt.Sprint("p", i)}, seen: map[string]bool{}}
			for _, text := range []string{"/start", "taip", "taip"} {
				if err := p.says(ctx, text); err != nil {
					t.Error(err)
					return
				}
			}
			for n := 0; !p.done; n++ {
				if n > 40 {
					t.Errorf("person %d comes to no result", i)
					return
				}
				if err := p.says(ctx, "/skip"); err != nil {
					t.Error(err)
					return
				}
			}
			if len(p.seen) != 1 {
				t.Errorf("person %d was asked from the editions %v", i, p.seen)
			}
			mu.Lock()
			defer mu.Unlock()
			for e := range p.seen {
				begun[e] = true
			}
		})
	}
	for n := 1; n <= editions; n++ {
		if _, err := b.Shelve(ctx, numbered(t, n)); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	if len(begun) < 2 {
		t.Errorf("all began with the editions %v: nothing was published meanwhile", begun)
	}
}

func TestAQuizUnderWayGoesOnWithItsBookAfterARestartWithOtherFiles(t *testing.T) {
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := seal.NewKey()
	ctx := t.Context()
	first := opened(t, store, key, numbered(t, 1))
	if err := first.Join(ctx, false); err != nil {
		t.Fatal(err)
	}
	p := &talker{b: first, from: bot.Address{Channel: "test", ID: "p"}, seen: map[string]bool{}}
	for _, text := range []string{"/start", "taip", "taip", "/skip"} {
		if err := p.says(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	files := numbered(t, 2)
	files["content/places.yaml"].Data = []byte(strings.NewReplacer("+37061691119", "+37061691118", "0 616 91119", "0 616 91118").Replace(string(files["content/places.yaml"].Data)))
	p.b = opened(t, store, key, files)
	if err := p.b.Join(ctx, false); err != nil {
		t.Fatal(err)
	}
	for !p.done {
		if err := p.says(ctx, "/skip"); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.seen) != 1 || !p.seen["1"] {
		t.Errorf("they were asked from the editions %v", p.seen)
	}
	s, err := p.b.Session(ctx, p.from)
	if err != nil {
		t.Fatal(err)
	}
	if text := talk.Draw(p.b.Library(), s, "").Text; !strings.Contains(text, "91118") || strings.Contains(text, "91119") {
		t.Errorf("the result does not show the newest number:\n%s", text)
	}
}

func TestAnotherProcessFollowsABookAndItsRollback(t *testing.T) {
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := seal.NewKey()
	ctx := t.Context()
	one, two := opened(t, store, key, numbered(t, 1)), opened(t, store, key, numbered(t, 1))
	for _, b := range []*desk.Desk{one, two} {
		if err := b.Join(ctx, false); err != nil {
			t.Fatal(err)
		}
	}
	earlier := one.Library().Edition
	published, err := one.Shelve(ctx, numbered(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Follow(ctx); err != nil || two.Library().Edition != published.ID {
		t.Errorf("the other process has %s and %v", two.Library().Edition, err)
	}
	if e, err := two.Rollback(ctx, ""); err != nil || e.ID != earlier {
		t.Errorf("back to %+v, %v instead of %s", e, err, earlier)
	}
	if err := one.Follow(ctx); err != nil || one.Library().Edition != earlier {
		t.Errorf("the first process has %s and %v", one.Library().Edition, err)
	}
	// A process that starts again with the files that were gone back from does not bring them up again.
	three := opened(t, store, key, numbered(t, 2))
	if err := three.Join(ctx, false); err != nil || three.Library().Edition != earlier {
		t.Errorf("the third process has %s and %v", three.Library().Edition, err)
	}
	list, err := one.Editions(ctx)
	if err != nil || len(list) != 2 || !list[0].Current || list[1].Current {
		t.Errorf("the list is %+v, %v", list, err)
	}
	if _, err := one.Rollback(ctx, "0000"); !errors.Is(err, engine.ErrNoBook) {
		t.Errorf("a book that is not there: %v", err)
	}
	broken := numbered(t, 3)
	broken["flows/risk.yaml"].Data = []byte("nonsense")
	var mistakes sheet.Problems
	if _, err := one.Shelve(ctx, broken); !errors.As(err, &mistakes) || one.Library().Edition != earlier {
		t.Errorf("files with mistakes: %v", err)
	}
}

func FuzzUnpack(f *testing.F) {
	packed, err := engine.Pack(library.BuiltIn())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			return
		}
		if fsys, err := engine.Unpack(data); err == nil {
			library.Open(fsys) // whatever it is, no panic
		}
	})
}
