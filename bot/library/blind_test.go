package library

import (
	"testing"
)

func TestNobodyPassesATrainingByTheLengthOrThePlaceOfItsOptionsInAnyLanguage(t *testing.T) {
	lib, err := Open(BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"lt", "en", "pl", "ru", "uk"} {
		for _, r := range append(byLength, byPlace...) {
			right, of := 0.0, 0
			for _, m := range lib.Book.Modules() {
				r, n := r.score(lib.Book.Training[m], lib.Catalog.Language(tag))
				right, of = right+r, of+n
			}
			t.Logf("%s %-28s %4.1f of %d, %2.0f %%", tag, r.name.In("en"), right, of, 100*right/float64(of))
			if right > mostBlind*float64(of) || of < 20 {
				t.Errorf("%s: who always takes %s is right in %.1f of %d", tag, r.name.In("en"), right, of)
			}
		}
	}
}
