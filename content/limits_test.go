package content_test

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"patikra/content"
)

func TestAPlaceholderIsABraceAWordAndItsBrace(t *testing.T) {
	form := regexp.MustCompile(`\{[^{}]*\}`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[{}aą ]{0,12}`).Draw(t, "text")
		if got, want := content.PlaceholderIn(s), form.FindStringIndex(s); !slices.Equal(got, want) {
			t.Fatalf("%q: found at %v, want %v", s, got, want)
		}
		want := form.FindAllString(s, -1)
		slices.Sort(want)
		if got := content.Placeholders(s); !slices.Equal(got, slices.Compact(want)) {
			t.Fatalf("%q: found %q", s, got)
		}
	})
}

func TestDigitsWithASlashAreFoundAsProgress(t *testing.T) {
	for s, want := range map[string]bool{"2/14": true, "a 2/14.": true, "24/7": true, "/14": false, "2/": false, "1 / 2": false, "a/b": false, "": false} {
		if got := len(content.Faults("x", s)) > 0; got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}
