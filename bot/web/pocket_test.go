package web_test

import (
	"html"
	"patikra/bot/talk"
	"strings"
	"testing"
)

func TestThePocketCardOfEachMunicipalityIsAPageInEveryLanguage(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	for _, lang := range []string{"lt", "en", "pl", "ru", "uk"} {
		l := s.bot.Library().Catalog.Language(lang)
		if b.get("/" + lang + "/pocket"); b.code != 200 || strings.Count(b.body, `href="/`+lang+`/pocket/`) != 60 {
			t.Errorf("%s: the list is answered with %d:\n%s", lang, b.code, b.body)
		}
		for _, m := range talk.Municipalities(s.bot.Library(), lang) {
			b.get("/" + lang + "/pocket/" + m.Name)
			if page := html.UnescapeString(b.body); b.code != 200 || !strings.Contains(page, "<h1>"+m.Label+"</h1>") || !strings.Contains(page, "112") || !strings.Contains(page, "+370") ||
				!strings.Contains(page, l.Text("municipalities.kinds.commission.name")) {
				t.Fatalf("%s %s is answered with %d:\n%s", lang, m.Name, b.code, page)
			}
		}
		if b.get("/" + lang + "/pocket/atlantis"); b.code != 404 || !strings.Contains(b.body, "112") {
			t.Errorf("%s: the card of no municipality is answered with %d", lang, b.code)
		}
	}
}
