package telegramtest

import (
	"html"
	"testing"
	"unicode/utf8"
)

func FuzzParseHTML(f *testing.F) {
	for _, s := range []string{"", "a", "<b>a</b>", "<", "</", "<a href='x", "<a href=x>y</a>", "&#x41;", "&#", "&amp", "<b/>", "<b =>", "😀<i>ž</i>",
		"<blockquote expandable>a</blockquote>", "<b></b>", "\xff<b>\xff</b>", `<span class="tg-spoiler">s</span>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, entities, err := parseHTML(s)
		if err != nil {
			return
		}
		text, entities = trim(text, entities)
		for _, e := range entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > length(text) {
				t.Errorf("%q: %+v lies outside of %q", s, e, text)
			}
		}
		// A text that is escaped as documented comes back as it was.
		if utf8.ValidString(s) {
			if back, list, err := parseHTML(html.EscapeString(s)); err != nil || back != s || len(list) != 0 {
				t.Errorf("%q escaped gives %q, %v, %v", s, back, list, err)
			}
		}
	})
}
