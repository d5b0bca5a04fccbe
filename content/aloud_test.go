package content_test

import (
	"os"
	"strings"
	"testing"

	"patikra/content"
)

func TestRadioTextsCanBeReadCalmlyInTheirTime(t *testing.T) {
	c, err := content.Read(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	said := strings.NewReplacer("{address}", "patikra.lt/savivaldybe", "{dial}", "0 616 91119")
	if len(c.Languages) < 6 {
		t.Fatalf("%d languages", len(c.Languages))
	}
	for i := range c.Languages {
		l := &c.Languages[i]
		for name, within := range map[string][2]int{"outreach.radio-15": {8, 15}, "outreach.radio-30": {18, 30}} {
			words, syllables := l.Aloud(said.Replace(l.Text(name)))
			if seconds := (syllables + content.SyllableRate - 1) / content.SyllableRate; seconds < within[0] || seconds > within[1] || words < 15 {
				t.Errorf("%s %s: %d words, %d syllables, %d s", l.Tag, name, words, syllables, seconds)
			}
		}
	}
}

func TestWordsAreCountedAsTheyAreSaid(t *testing.T) {
	c, err := content.Read(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		lang, text       string
		words, syllables int
	}{{"lt", "Gavote darbo pasiūlymą?", 3, 9}, {"lt", "0 616 91119", 3, 2 + 2 + 2 + 2 + 3 + 2 + 2 + 2 + 3}, {"lt", "laukia – aikštė", 2, 4}, {"uk", "її пропозиція", 2, 7}, {"ru", "в селе", 2, 3}, {"lt", "a.lt/b", 1, 5}} {
		if words, syllables := c.Language(k.lang).Aloud(k.text); words != k.words || syllables != k.syllables {
			t.Errorf("%s: %d words, %d syllables", k.text, words, syllables)
		}
	}
}
