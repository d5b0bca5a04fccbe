package exchange

import (
	"slices"
	"testing"

	"patikra/content"
)

func TestAFormulaIsReadAsGettextReadsIt(t *testing.T) {
	for tag := range poRules {
		if poRule(tag) == "" || len(content.Forms(tag)) == 0 || tag == "one" || tag == "other" {
			continue
		}
		n, f, err := readFormula(poRule(tag))
		if err != nil {
			t.Errorf("%s: %v", tag, err)
			continue
		}
		forms := content.Forms(tag)
		of, unused := f.maps(forms)
		want := make([]int, len(forms))
		for i := range want {
			want[i] = i
		}
		if n != len(forms) || len(unused) > 0 || !slices.Equal(of, want) {
			t.Errorf("%s: %d forms, %v, unused %v", tag, n, of, unused)
		}
	}
	for _, bad := range []string{"", "nplurals=2", "nplurals=2; plural=", "nplurals=2; plural=n", "nplurals=2; plural=(n", "nplurals=2; plural=n%0", "nplurals=99; plural=0", "nplurals=1; plural=0)", "nplurals=2; plural=n!=1 ? 1", "nplurals=2; plural=m"} {
		if _, _, err := readFormula(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func FuzzFormula(f *testing.F) {
	for _, r := range poRules {
		f.Add(r)
	}
	f.Fuzz(func(t *testing.T, head string) {
		if n, f, err := readFormula(head); err == nil && (f(0) >= n || f(farEnough) >= n) {
			t.Errorf("%q gives a form that it has not", head)
		}
	})
}
