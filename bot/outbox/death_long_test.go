//go:build long

package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/librarytest"
	"patikra/bot/redisstore"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/storetest"
)

// TestAProgramThatWordsOrAFileKillServesAtItsThirdStart lets a program die, three starts long, with all that it had under way.
func TestAProgramThatWordsOrAFileKillServesAtItsThirdStart(t *testing.T) {
	if os.Getenv("DIES") != "" {
		dies(t)
		return
	}
	for _, store := range []string{"sqlite", "redis"} {
		for what, m := range map[string]bot.Message{"words": {Text: "deadly"}, "a file": {Media: bot.Media{Net: "test", Kind: "document", File: "f"}}} {
			t.Run(store+", "+what, func(t *testing.T) {
				t.Parallel()
				key, at := seal.NewKey(), "sqlite:"+t.TempDir()
				if store == "redis" {
					at = storetest.RedisServer(t).URL()
				}
				m.To, m.Human = bot.Address{Channel: "test", ID: "deadly"}, true
				s := storeAt(t, at)
				ring, err := seal.New(key, storetest.Partitions)
				if err != nil {
					t.Fatal(err)
				}
				b := desk.New(librarytest.Own(t), s, ring)
				for i := range 12 {
					put(t, b, ring, s, bot.ToPerson, bot.Message{To: bot.Address{Channel: "test", ID: fmt.Sprint(i)}, Text: fmt.Sprint("other ", i)})
				}
				put(t, b, ring, s, bot.ToPerson, m, bot.Message{To: m.To, Text: "behind it"})
				s.Close()
				said := ""
				for start, want := range []int{9, 9, 0} {
					cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAProgramThatWords")
					cmd.Env = append(os.Environ(), "DIES="+at, "KEY="+key)
					out, err := cmd.Output()
					var ended *exec.ExitError
					if err != nil && !errors.As(err, &ended) {
						t.Fatal(err)
					}
					if code := cmd.ProcessState.ExitCode(); code != want {
						t.Fatalf("start %d: it ended with %d\n%s", start+1, code, out)
					}
					said += string(out)
				}
				for i := range 12 {
					if n := strings.Count(said, fmt.Sprintf("got: other %d\n", i)); n < 1 || n > 2 { // at a death, twice
						t.Errorf("other %d arrived %d times", i, n)
					}
				}
				if strings.Count(said, "got: behind it\n") != 1 {
					t.Error("what followed has not arrived")
				}
			})
		}
	}
}

func storeAt(t *testing.T, at string) (s bot.Store) {
	t.Helper()
	var err error
	if dir, ok := strings.CutPrefix(at, "sqlite:"); ok {
		s, err = sqlitestore.Open(dir, storetest.Partitions)
	} else {
		s, err = redisstore.Open(t.Context(), redisstore.Options{URL: at, Partitions: storetest.Partitions})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// dies is one start of the program: it ends when it delivers what is deadly, or when all else has arrived.
func dies(t *testing.T) {
	n := &net{name: "test", deliver: func(ctx context.Context, m bot.Message, _ int) error {
		if m.Text == "deadly" || m.Media.Kind != "" {
			time.Sleep(50 * time.Millisecond) // others come under way beside it, if they may
			os.Exit(9)
		}
		if strings.HasPrefix(m.Text, "other ") {
			time.Sleep(100 * time.Millisecond)
		}
		fmt.Println("got: " + m.Text)
		return nil
	}}
	s := storeAt(t, os.Getenv("DIES"))
	defer s.Close()
	runs(t, s, os.Getenv("KEY"), bot.Pace{}, n)
	soon(t, "all else arrives", time.Minute, func() bool { return n.has("behind it") })
	time.Sleep(7 * time.Second) // longer than a lease: nothing is left behind
}
