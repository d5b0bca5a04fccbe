package story_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/bot/talk"
	"patikra/flows"
)

// told is a door at which every result is kept.
type told struct {
	lib     *library.Library
	lang    string
	session bot.Session
	n       int
	see     func(bot.Session)
}

func (d *told) Say(said string) (string, error) {
	d.n++
	plan := talk.Decide(d.lib, d.session, bot.Update{ID: uint64(d.n), From: bot.Address{Channel: "story", ID: "1"}, Kind: bot.Typed, Text: said, Locale: d.lang, Ref: int64(d.n)})
	d.session = plan.Session
	if plan.Erase {
		d.session = bot.Session{}
	}
	if _, _, ok := talk.Outcome(d.lib, &plan.Session); ok {
		d.see(plan.Session)
	}
	return "", nil
}

// results calls f with every result of the stories, in the language of each, and with those of random answers to every quiz in
// Lithuanian and English.
func results(t *testing.T, lib *library.Library, random int, f func(about, lang string, s bot.Session)) {
	t.Helper()
	stories, err := story.Load(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		d := &told{lib: lib, lang: s.Language}
		d.see = func(at bot.Session) { f(s.File, at.Lang, at) }
		for i := 0; s.Said(i) != ""; i++ {
			if _, err := d.Say(s.Said(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, quiz := range slices.Sorted(maps.Keys(lib.Book.Flows)) {
		flow := lib.Book.Flows[quiz]
		if flow.Trains() {
			continue
		}
		for range random {
			calm := 1 + rng.IntN(6)
			s := bot.Session{Stage: bot.Finished, Quiz: quiz, Book: lib.ID}
			at := flow.Start()
			for at.End == "" {
				g := flows.Given{Step: uint8(at.Step), Picks: randomPicks(rng, flow.Step(at.Step), calm)}
				if at, err = flow.Advance(at.Step, g.Picks, s.Given); err != nil {
					t.Fatal(err)
				}
				s.Given = append(s.Given, g)
			}
			s.End = at.End
			for _, s.Lang = range []string{"lt", "en"} {
				f(quiz, s.Lang, s)
			}
		}
	}
}

// randomPicks answers a step; the calmer, the less is ticked.
func randomPicks(rng *rand.Rand, step *flows.Step, calm int) (picks uint16) {
	if rng.IntN(8) == 0 {
		return 0
	}
	if !step.Several {
		return 1 << rng.IntN(len(step.Choices))
	}
	for i, c := range step.Choices {
		if !c.Alone && rng.IntN(10) > 3+calm {
			picks |= 1 << i
		}
	}
	for i, c := range step.Choices {
		if picks == 0 && c.Alone {
			return 1 << i
		}
	}
	return picks
}

// sentences parts a text into its lines and those into sentences, without what only marks them.
func sentences(text string) (out []string) {
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ")
		begin, runes := 0, []rune(line)
		for i, r := range runes {
			if i+1 == len(runes) || strings.ContainsRune(".?!:", r) && (runes[i+1] == ' ') {
				s := strings.TrimFunc(string(runes[begin:i+1]), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
				out, begin = append(out, s), i+1
			}
		}
	}
	return out
}

// twice are the sentences of 20 letters or more that a text holds twice.
func twice(text string) (out []string) {
	seen := map[string]bool{}
	for _, s := range sentences(text) {
		letters := 0
		for _, r := range s {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if letters >= 20 && seen[s] {
			out = append(out, s)
		}
		seen[s] = true
	}
	return out
}

// whole is all that a page draws of a result but the number to call first, which is a button.
func whole(p talk.Page) string {
	lines := []string{p.Title}
	for _, b := range p.Blocks {
		lines = append(lines, b.Heading)
		lines = append(lines, b.Text...)
		for _, i := range b.Items {
			lines = append(lines, strings.Trim(i.Lead+": "+strings.TrimSpace(i.Inside+" "+i.Shown+" "+i.Text), ": "), i.Do)
		}
	}
	return strings.Join(lines, "\n")
}

func TestNoSentenceStandsTwiceInAResult(t *testing.T) {
	lib, _ := shipped(t)
	n, failed := 0, map[string]bool{}
	results(t, lib, randomSheets, func(about, lang string, s bot.Session) {
		n++
		p := talk.Draw(lib, s, lang)
		for door, text := range map[string]string{"chat": p.Text, "page": whole(p)} {
			for _, again := range twice(text) {
				if !failed[door+lang+again] {
					t.Errorf("%s, on the %s in %s, says twice: %s", about, door, lang, again)
				}
				failed[door+lang+again] = true
			}
		}
	})
	if n < 450 {
		t.Errorf("only %d results were read", n)
	}
}
