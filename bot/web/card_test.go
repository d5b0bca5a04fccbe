package web

import (
	"strings"
	"testing"
)

func TestAValueOfACardHidesNoLineInIt(t *testing.T) {
	if got, want := escapeCard("a;b,c\\d\r\nTEL:1\ne\r"), `a\;b\,c\\d\nTEL:1\ne`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	long := "FN:" + strings.Repeat("ž", 90)
	folded := foldCard(long)
	for _, l := range strings.Split(folded, "\r\n") {
		if len(l) > 75 || strings.ToValidUTF8(l, "?") != l {
			t.Errorf("a line of %d bytes: %q", len(l), l)
		}
	}
	if strings.ReplaceAll(folded, "\r\n ", "") != long {
		t.Errorf("unfolded it is %q", folded)
	}
}
