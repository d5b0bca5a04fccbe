package web_test

import (
	"errors"
	"html"
	"net/http"
	"strings"
	"testing"

	"patikra/bot/library"
	"patikra/bot/web"
)

func TestTheyWhoTellOthersFindTextsWithTheirOwnAddressAndWhomToCall(t *testing.T) {
	s := newSite(t)
	s.campaigns("alytus")
	s.bot.Library().Catalog.Site.Contact = "mailto:spauda@example.lt"
	b := s.visit(t)
	host := strings.TrimPrefix(s.url, "http://")
	for _, lang := range s.bot.Library().Catalog.Languages {
		b.get("/" + lang.Tag + "/press?from=alytus")
		body := html.UnescapeString(b.body)
		for _, want := range []string{host + "/alytus", "0 616 91119", "+370 616 91119", `data-from="alytus"`, "spauda@example.lt", lang.Text("outreach.radio-30-title"), `href="/ru/press?from=alytus"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", lang.Tag, want)
			}
		}
		if strings.Contains(body, "{") {
			t.Errorf("%s: something was not filled in", lang.Tag)
		}
	}
	b.get("/press?from=alytus")
	if b.path != "/lt/press?from=alytus" && b.path != "/en/press?from=alytus" {
		t.Errorf("the bare address leads to %s", b.path)
	}
	b.get("/lt/press?from=jonas-jonaitis")
	if body := html.UnescapeString(b.body); strings.Contains(body, host+"/jonas") || strings.Contains(body, "data-from") {
		t.Error("what staff do not know is put into texts for others")
	}
}

func TestASheetIsDrawnOnceAndOnlyOneThatIsOffered(t *testing.T) {
	drawn := 0
	s := newSiteWith(t, web.Settings{NoLimit: true, Sheet: func(l *library.Library, lang, campaign, size, form string) ([]byte, error) {
		if drawn++; campaign != "" {
			return nil, errors.New("the pen is broken")
		}
		return []byte(lang + " " + size + " " + form), nil
	}})
	s.campaigns("alytus")
	b := s.visit(t)
	for range 3 {
		if b.get("/uk/press/a4.pdf"); b.code != http.StatusOK || b.body != "uk a4 pdf" || b.head.Get("Content-Type") != "application/pdf" {
			t.Errorf("%d %q", b.code, b.body)
		}
	}
	if drawn != 1 {
		t.Errorf("it was drawn %d times", drawn)
	}
	for _, path := range []string{"/uk/press/a0.pdf", "/uk/press/a4.gif", "/uk/press/", "/uk/press/../a4.pdf", "/xx/press/a4.pdf", "/uk/press/a4.pdf?from=alytus"} {
		if b.get(path); b.code != http.StatusNotFound {
			t.Errorf("%s: %d", path, b.code)
		}
	}
	if drawn != 2 {
		t.Errorf("what nobody offers was drawn: %d", drawn)
	}
}
