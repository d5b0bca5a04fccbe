package content_test

import (
	"slices"
	"testing"

	"patikra/content"
)

func TestACountryWithAWrongLetterIsOfferedAndOtherWordsAreNot(t *testing.T) {
	c, err := content.Load(shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	lang := c.Language("en")
	for typed, want := range map[string][]string{
		"Gremany": {"DE"}, "netherland": {"NL"}, "Norwey": {"NO"}, "swedn": {"SE"}, "germ": {"DE"}, "Нимеччина": {"DE"},
		"no": nil, "it": nil, "work": nil, "yes please": nil, "???": nil, "": nil, "112": nil, "factory": nil,
	} {
		if got := c.AlikeCountries(typed, lang); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
	if got := c.AlikeCountries("Lithuania Latvia Estonia Poland Germany Norway", lang); len(got) != 4 {
		t.Errorf("%d are offered at once: %v", len(got), got)
	}
}
