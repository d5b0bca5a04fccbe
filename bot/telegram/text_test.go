package telegram

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestALongTextIsCutBetweenLinesAndNothingIsLost(t *testing.T) {
	line := "Šešios žąsys su šešiais žąsyčiais. "
	text := strings.Repeat(strings.Repeat(line, 6)+"\n\n", 40)
	parts := split(text, MaxText)
	if len(parts) < 2 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, p := range parts {
		if length(p) > MaxText {
			t.Errorf("a part of %d", length(p))
		}
		if !strings.HasSuffix(strings.TrimSpace(p), "žąsyčiais.") {
			t.Errorf("cut inside a sentence: %q", p[max(0, len(p)-60):])
		}
	}
	same(t, text, parts)
}

func TestEmojiCountTwiceAndAreNeverHalved(t *testing.T) {
	text := strings.Repeat("👩", 5000)
	for _, p := range split(text, MaxText) {
		if !utf8.ValidString(p) || length(p) > MaxText {
			t.Errorf("a part of %d units, valid %v", length(p), utf8.ValidString(p))
		}
	}
}

func TestABoldPassageThatIsCutGoesOnBold(t *testing.T) {
	parts := split("**"+strings.Repeat("žodis ", 1500)+"**", MaxText)
	for i, p := range parts {
		if strings.Count(p, "**")%2 != 0 {
			t.Errorf("part %d has a mark without its partner", i)
		}
		if m := decoded(t, p); strings.Count(m, "<b>") != 1 || strings.Count(m, "</b>") != 1 {
			t.Errorf("part %d is not bold as a whole: %.60q", i, m)
		}
	}
}

func TestWhiteSpaceMakesNoEmptyPart(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", MaxText) + strings.Repeat(" ", 9000), strings.Repeat(" ", 9000) + "a", strings.Repeat("**", 5000) + "a" + strings.Repeat("\n", 5000)} {
		for _, p := range split(text, MaxText) {
			if blank(p) {
				t.Errorf("an empty part of %.20q", text)
			}
		}
	}
}

func TestMarkupEscapesWhatAPersonCouldWrite(t *testing.T) {
	for in, want := range map[string]string{
		"a < b & c > d":   "a &lt; b &amp; c &gt; d",
		"**x** y":         "<b>x</b> y",
		"**x":             "x",
		"****":            "",
		`"quoted" 'this'`: "&#34;quoted&#34; 'this'",
		"**<b>**":         "<b>&lt;b&gt;</b>",
	} {
		if got := decoded(t, in); html.UnescapeString(got) != html.UnescapeString(want) || strings.Count(got, "<b>") != strings.Count(want, "<b>") {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// decoded is the markup as Telegram reads it out of the form.
func decoded(t *testing.T, text string) string {
	t.Helper()
	out, err := url.QueryUnescape(string(markup(nil, text)))
	if err != nil {
		t.Fatalf("no form: %v", err)
	}
	return out
}

// same holds the parts against the text, white space and marks left out.
func same(t *testing.T, text string, parts []string) {
	t.Helper()
	bare := func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(s, "**", "")), "")
	}
	got := ""
	for _, p := range parts {
		got += bare(p)
	}
	if want := bare(text); got != want {
		t.Errorf("something is lost or doubled: %d instead of %d bytes", len(got), len(want))
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Ar **dėl** šio darbo?\n\nTaip", 7)
	f.Add(strings.Repeat("ą👩 ", 50), 20)
	f.Add("****", 1)
	f.Add("***a***a* *** ****** b", 2)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if !utf8.ValidString(text) || limit < 2 || limit > 5000 {
			return
		}
		parts := split(text, limit)
		if len(parts) == 0 {
			t.Fatal("no part")
		}
		for i, p := range parts {
			if length(p) > limit {
				t.Fatalf("part %d has %d units, more than %d", i, length(p), limit)
			}
			if !utf8.ValidString(p) {
				t.Fatalf("part %d is cut within a character", i)
			}
			if blank(p) && !blank(text) {
				t.Fatalf("part %d of %d is empty", i, len(parts))
			}
		}
		if !strings.Contains(text, "***") { // there it is not to be told which stars are the mark
			same(t, text, parts)
		}
	})
}

var tags = regexp.MustCompile(`</?b>`)

func FuzzMarkup(f *testing.F) {
	f.Add("**a** <b> & **")
	f.Fuzz(func(t *testing.T, text string) {
		out := decoded(t, text)
		depth := 0
		for _, tag := range tags.FindAllString(out, -1) {
			if tag == "<b>" {
				depth++
			} else {
				depth--
			}
			if depth < 0 || depth > 1 {
				t.Fatalf("tags do not match in %q", out)
			}
		}
		if rest := tags.ReplaceAllString(out, ""); depth != 0 || strings.ContainsAny(rest, "<>") {
			t.Fatalf("not escaped: %q", out)
		} else if want := strings.ReplaceAll(text, "**", ""); html.UnescapeString(rest) != want {
			t.Fatalf("%q reads %q", text, html.UnescapeString(rest))
		}
	})
}
