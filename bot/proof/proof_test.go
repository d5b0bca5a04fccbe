package proof_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"patikra/bot/library"
	"patikra/bot/proof"
	"patikra/content"
)

var (
	tag   = regexp.MustCompile(`<[^>]*>`)
	blank = regexp.MustCompile(`\s+`)
	panel = regexp.MustCompile(`(?s)<(section class="screen[^"]*"|td) lang="([^"]*)"[^>]*>(.*?)</(?:section|td)>`)
)

// plain is what a reader sees of a piece of the page.
func plain(s string) string {
	return strings.TrimSpace(blank.ReplaceAllString(html.UnescapeString(tag.ReplaceAllString(s, " ")), " "))
}

func printed(t *testing.T, tags ...string) (*library.Library, string) {
	t.Helper()
	l, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := proof.Write(&b, l, library.BuiltIn(), tags, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return l, b.String()
}

func TestTheBookHoldsEveryTextOfEveryLanguageAndEveryResult(t *testing.T) {
	l, page := printed(t)
	in := map[string]*strings.Builder{}
	for _, m := range panel.FindAllStringSubmatch(page, -1) {
		if in[m[2]] == nil {
			in[m[2]] = &strings.Builder{}
		}
		in[m[2]].WriteString(plain(m[3]) + "\n")
	}
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		all := in[lang.BCP47()].String()
		n := 0
		for _, name := range lang.Names("") {
			for _, text := range append(lang.List(name), lang.Text(name)) {
				if lang.List(name) != nil && text == lang.Text(name) || lang.Counts(name) {
					continue
				}
				if n++; !strings.Contains(all, plain(html.EscapeString(text))) {
					t.Errorf("%s: the book lacks %s: %q", lang.Tag, name, text)
				}
			}
		}
		if n < 1900 {
			t.Errorf("%s: only %d texts were looked for", lang.Tag, n)
		}
	}
	for _, q := range l.Book.Quizzes() {
		part := page[strings.Index(page, `id="part-`+q+`"`):]
		part = part[:strings.Index(part[1:], "<h2")+1]
		for _, end := range l.Book.Flows[q].Ends() {
			if q == "job-offer" && end == "rights" {
				continue // that takes a work that has begun: no answer to an offer comes to it
			}
			if !strings.Contains(part, "<h3>result: "+end+"</h3>") {
				t.Errorf("no set of answers shows how %s ends in %s", q, end)
			}
		}
		for _, s := range l.Book.Flows[q].Steps {
			if !strings.Contains(part, "<h3>"+s.Name+"</h3>") {
				t.Errorf("the book lacks the step %s of %s", s.Name, q)
			}
		}
	}
}

func TestNoScreenMixesLanguagesOrLeavesSomethingOpen(t *testing.T) {
	_, page := printed(t)
	never := map[string]string{ // letters that the language has not
		"lt": "łńóśźćż", "lt-simple": "łńóśźćż", "en": "ąčęėįšųūžłńóśźćż", "pl": "čėįšųūž", "ru": "іїєґ", "uk": "ыэёъ"}
	open := regexp.MustCompile(`\[[a-z-]+\.[a-z.-]+\]|\*\*`)
	left := regexp.MustCompile(`\{[a-z]+\}`)
	n := 0
	for _, m := range panel.FindAllStringSubmatch(page, -1) {
		n++
		lang, text := m[2], plain(m[3])
		if open.MatchString(text) && m[1] != "td" || m[1] != "td" && left.MatchString(text) {
			t.Errorf("%s: left open: %q", lang, text)
		}
		for _, word := range strings.FieldsFunc(strings.ReplaceAll(text, "Lengvai lietuviškai", ""), // a language is named in itself
			func(r rune) bool { return !unicode.IsLetter(r) }) {
			latin, cyrillic := false, false
			for _, r := range word {
				latin, cyrillic = latin || unicode.Is(unicode.Latin, r), cyrillic || unicode.Is(unicode.Cyrillic, r)
			}
			first := []rune(word)[0]
			switch {
			case latin && cyrillic:
				t.Errorf("%s: the word %q mixes two scripts in %q", lang, word, text)
			case !unicode.IsUpper(first) && strings.ContainsAny(word, never[lang]):
				t.Errorf("%s: the word %q is of another language in %q", lang, word, text)
			}
		}
	}
	if n < 10000 {
		t.Errorf("only %d panels were looked at", n)
	}
}

func TestTheBookOfOneLanguageStandsBesideTheSource(t *testing.T) {
	_, page := printed(t, content.Source, "pl")
	for _, m := range panel.FindAllStringSubmatch(page, -1) {
		if m[2] != "lt" && m[2] != "pl" {
			t.Fatalf("there is a panel in %s", m[2])
		}
	}
	l, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Write(&strings.Builder{}, l, library.BuiltIn(), []string{"xx"}, time.Time{}); err == nil || !strings.Contains(err.Error(), `no language "xx"`) {
		t.Errorf("an unknown language: %v", err)
	}
}
