package content_test

import (
	"testing"

	"patikra/content"
)

func TestWhatPeopleTypeIsComparedKindly(t *testing.T) {
	for in, want := range map[string]string{
		"Taip!": "taip", "  NE  ": "ne", "Nežinau.": "nezinau", "don't know": "dont know", "I don’t know": "i dont know", "18 arba daugiau": "18 arba daugiau",
		"☐ Žinau tik vardą": "zinau tik varda", "‹ Atgal": "atgal", "1, 3": "1 3", "Šąžiningai\n\nėjo": "saziningai ejo", "": "", "👍": "",
	} {
		if got := content.Fold(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestLengthCountsAsTheNetworksDo(t *testing.T) {
	for in, want := range map[string]int{"": 0, "ąžuolas": 7, "👩": 2, "a👩‍👩‍👧": 9} {
		if got := content.Length(in); got != want {
			t.Errorf("%q has %d, not %d", in, got, want)
		}
	}
}
