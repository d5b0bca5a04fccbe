package bot_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// randomGaps is how many languages with gaps are tried.
const randomGaps = 8

// Whatever texts of quizzes and signs a language does not have yet: either the change is refused, or nobody reads the name of a text.
func TestWhateverALanguageLacksNobodyReadsTheNameOfAText(t *testing.T) {
	unwatched(t)
	whole := changed(t)
	refused := 0
	for seed := range uint64(randomGaps) {
		r := rand.New(rand.NewPCG(seed, 18))
		files := fstest.MapFS{}
		for name, f := range whole {
			files[name] = &fstest.MapFile{Data: f.Data, Mode: f.Mode}
		}
		gaps := lacking(r, files)
		l, err := library.Open(files)
		if err != nil {
			refused++
			continue
		}
		for _, quiz := range l.Book.Quizzes() {
			w := walker{l: l, look: func(text string) {
				if found := bracketed.FindString(text); found != "" {
					t.Fatalf("seed %d without %v: people read %s on\n%s", seed, gaps, found, text)
				}
			}}
			w.says(bot.Typed, "/start "+quiz, "en")
			for n := 0; n < 60 && w.s.Stage != bot.Finished; n++ {
				switch answers := len(talk.Draw(l, w.s, "en").Answers); {
				case w.s.Stage != bot.Asking || answers == 0:
					w.says(bot.Typed, "/next", "en")
				case r.IntN(8) == 0:
					w.says(bot.Typed, "/skip", "en")
				default:
					w.says(bot.Typed, fmt.Sprint(r.IntN(answers)+1), "en")
				}
			}
			if w.s.Stage != bot.Finished {
				t.Fatalf("seed %d without %v: %s comes to no end", seed, gaps, quiz)
			}
			w.says(bot.Typed, "/why", "en")
			w.says(bot.Typed, "/change", "en")
		}
	}
	t.Logf("%d of %d refused", refused, randomGaps)
	if refused == randomGaps {
		t.Error("all of them were refused")
	}
}

// lacking takes some English texts away, as if they had never been translated.
func lacking(r *rand.Rand, files fstest.MapFS) (gone []string) {
	const sources = "content/en/sources.yaml"
	notes := string(files[sources].Data)
	line := regexp.MustCompile(`^  ([a-z][a-z0-9-]*): \S`)
	for _, quiz := range []string{"job-offer", "at-work", "someone-else", "helper"} {
		name := "content/en/" + quiz + ".yaml"
		var kept []string
		step := ""
		for _, l := range strings.Split(string(files[name].Data), "\n") {
			if top := strings.TrimSuffix(l, ":"); top != l && !strings.HasPrefix(l, " ") {
				step = top
			}
			if m := line.FindStringSubmatch(l); m != nil && r.IntN(120) == 0 {
				text := quiz + "." + step + "." + m[1]
				if gone = append(gone, text); strings.Contains(notes, text+": ") {
					notes = regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(text)+`: .*\n`).ReplaceAllString(notes, "")
				}
				continue
			}
			kept = append(kept, l)
		}
		files[name].Data = []byte(strings.Join(kept, "\n"))
	}
	files[sources].Data = []byte(notes)
	return gone
}
