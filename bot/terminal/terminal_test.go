package terminal_test

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"patikra/bot/library"
	"patikra/bot/terminal"
)

func shipped(t testing.TB) *library.Library {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// yes answers every screen with 1 and counts how often it was read.
type yes struct{ read int }

func (y *yes) Read(p []byte) (int, error) { y.read++; return copy(p, "1\n"), nil }

var choice = regexp.MustCompile(`(?m)^1\. \S`)

func TestAnsweringOneToEverythingEndsWithAResult(t *testing.T) {
	lib := shipped(t)
	for _, locale := range []string{"lt", "en", "", "ka"} {
		var out bytes.Buffer
		in := &yes{}
		finished, err := terminal.Play(lib, in, &out, terminal.Options{Quiz: "job-offer", Locale: locale})
		if err != nil || !finished {
			t.Fatalf("%q: %v %v", locale, finished, err)
		}
		screens := strings.Split(out.String(), "\n> ")
		if len(screens) < 3 || in.read > len(screens) {
			t.Errorf("%q: %d screens, %d lines read", locale, len(screens), in.read)
		}
		for i, screen := range screens[:len(screens)-1] {
			if !choice.MatchString(screen) {
				t.Errorf("%q: screen %d has no line that begins with 1.:\n%s", locale, i, screen)
			}
		}
		if last := screens[len(screens)-1]; !strings.Contains(last, "+370") || strings.Contains(last, "**") {
			t.Errorf("%q: the last screen is\n%s", locale, last)
		}
	}
}

func TestInputThatEndsEarlyLeavesTheNumbers(t *testing.T) {
	lib := shipped(t)
	for _, in := range []string{"", "1\n", "1\n1\n", "1\n1", "1\n1\nxyz\n", "\n\n\n", "qwerty\n"} {
		for _, locale := range []string{"lt", "en", ""} {
			var out bytes.Buffer
			finished, err := terminal.Play(lib, strings.NewReader(in), &out, terminal.Options{Locale: locale})
			if finished || err != nil {
				t.Errorf("%q: %v %v", in, finished, err)
			}
			tail := out.String()[strings.LastIndex(out.String(), "> "):]
			if !strings.Contains(tail, "+370") || !strings.Contains(tail, "112") || strings.Contains(tail, "**") {
				t.Errorf("%q in %q ends with %q", in, locale, tail)
			}
		}
	}
}

func TestWordsNumbersAndLabelsAnswerAScreen(t *testing.T) {
	lib := shipped(t)
	for _, in := range []string{"1\n1\n18 arba daugiau\n1\n", "1\n1\n1\n1\n", "taip\ntaip\n1\nMan arba mano artimiesiems grasina\n", "Pradėti\n1\n/help\natgal\n1\n1\n", "1\n1\nqwerty\n1\n1\n"} {
		var out bytes.Buffer
		if finished, err := terminal.Play(lib, strings.NewReader(in), &out, terminal.Options{Locale: "lt"}); err != nil || !finished {
			t.Errorf("%q: %v %v\n%s", in, finished, err, out.String())
		}
	}
}

func TestLeavingEndsWithoutAResult(t *testing.T) {
	lib := shipped(t)
	for _, way := range []string{"/exit", "/erase\ntaip"} {
		var out bytes.Buffer
		in := strings.NewReader("1\n" + way + "\n" + strings.Repeat("1\n", 100))
		if finished, err := terminal.Play(lib, in, &out, terminal.Options{Locale: "lt"}); err != nil || finished {
			t.Errorf("%q: %v %v", way, finished, err)
		}
	}
}

func TestALineWithoutEndAndABrokenPipeAreErrors(t *testing.T) {
	lib := shipped(t)
	var out bytes.Buffer
	long := io.LimitReader(endless{}, 1<<20)
	if finished, err := terminal.Play(lib, long, &out, terminal.Options{Locale: "lt"}); err == nil || finished || !strings.Contains(out.String(), "+370") {
		t.Errorf("a long line: %v %v", finished, err)
	}
	broken := errors.New("broken")
	if _, err := terminal.Play(lib, iotest.ErrReader(broken), &out, terminal.Options{Locale: "lt"}); !errors.Is(err, broken) {
		t.Errorf("a broken input: %v", err)
	}
	r, w := io.Pipe()
	r.CloseWithError(broken)
	if _, err := terminal.Play(lib, &yes{}, w, terminal.Options{Locale: "lt"}); !errors.Is(err, broken) {
		t.Errorf("a broken output: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestColourOnlyWhenAskedFor(t *testing.T) {
	lib := shipped(t)
	for _, colour := range []bool{false, true} {
		var out bytes.Buffer
		if _, err := terminal.Play(lib, &yes{}, &out, terminal.Options{Locale: "lt", Colour: colour}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "\x1b[") != colour || strings.Count(out.String(), "\x1b[1m") != strings.Count(out.String(), "\x1b[0m") {
			t.Errorf("colour %v: %q", colour, out.String())
		}
	}
}

func TestTheListOfAnswersIsReadByTheNumbersBesideItsChoices(t *testing.T) {
	lib := shipped(t)
	skips := "1\n1\n1\n13\n" + strings.Repeat("/skip\n", 11)
	var out bytes.Buffer // 2 asks the first question again
	finished, err := terminal.Play(lib, strings.NewReader(skips+"2\n1\n1\n"), &out, terminal.Options{Quiz: "job-offer", Locale: "en"})
	screens := strings.Split(out.String(), "\n> ")
	if n := len(screens); err != nil || !finished || n < 4 {
		t.Fatalf("%d screens, %v %v\n%s", n, finished, err, out.String())
	}
	for i, want := range map[int]string{4: "\n1. Show the result\n2. ✎ 1\n", 3: "How old are you?", 2: "\n1. Show the result\n", 1: "+370"} {
		if screen := screens[len(screens)-i]; !strings.Contains(screen, want) {
			t.Errorf("%q is missing on\n%s", want, screen)
		}
	}
}
