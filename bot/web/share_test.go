package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var tongues = []string{"lt", "en", "pl", "ru", "uk", "lt-easy"}

func TestWhatIsPassedOnNamesTheFirstPageAndNothingElse(t *testing.T) {
	s := newSite(t)
	s.bot.Library().Catalog.Site.Telegram, s.bot.Library().Catalog.Site.Messenger = "", ""
	for _, lang := range tongues {
		b := s.visit(t)
		for b.get("/" + lang + "/?from=radio&n=later"); ; b.first() {
			if b.screen() != "start" && b.screen() != "result" {
				if strings.Contains(b.body, `class="share"`) {
					t.Errorf("%s: %s can be passed on", lang, b.path)
				}
				continue
			}
			home := s.url + "/" + lang + "/"
			var links []string
			for _, m := range regexp.MustCompile(`<a href="((?:https|viber):[^"]+)"[^>]*>(WhatsApp|Viber|Telegram)<`).FindAllStringSubmatch(b.body, -1) {
				u, err := url.Parse(html.UnescapeString(m[1]))
				if err != nil {
					t.Fatal(err)
				}
				links = append(links, u.Scheme+"://"+u.Host+u.Path)
				said := strings.TrimSpace(u.Query().Get("text") + " " + u.Query().Get("url"))
				words, address, _ := strings.Cut(said, ": ")
				if address != home || words == "" || strings.Contains(words, "+") || strings.Contains(b.id(), "/") || b.id() != "" && strings.Contains(said, b.id()) {
					t.Errorf("%s: %s passes on %q", lang, m[2], said)
				}
				for _, never := range []string{"žmon", "preky", "traffic", "handel", "торг", "auka", "pagalb", "help", "112", "+370"} {
					if strings.Contains(strings.ToLower(said), never) {
						t.Errorf("%s: what is passed on tells of %s: %s", lang, never, said)
					}
				}
			}
			if strings.Join(links, " ") != "https://wa.me/ viber://forward https://t.me/share/url" {
				t.Errorf("%s, %s: the links %v", lang, b.screen(), links)
			}
			if !strings.Contains(b.body, `data-address="`+home+`"`) || !strings.Contains(b.body, `data-copy="`+home+`"`) {
				t.Errorf("%s: no address to copy on\n%s", lang, b.body)
			}
			if b.screen() == "result" {
				break
			}
		}
	}
	frame := s.visit(t)
	if frame.get("/f/lt/"); strings.Contains(frame.body, "wa.me") || strings.Contains(frame.body, "og:") {
		t.Error("a frame is passed on")
	}
}

func TestTheFirstPageTellsOthersWhatItIsInNeutralWords(t *testing.T) {
	s := newSite(t)
	for _, lang := range tongues {
		b := s.visit(t)
		b.get("/" + lang + "/?from=poster")
		meta := map[string]string{}
		for _, m := range regexp.MustCompile(`<meta (?:name|property)="([^"]+)" content="([^"]+)"|<link rel="(canonical)" href="([^"]+)"`).FindAllStringSubmatch(b.body, -1) {
			meta[m[1]+m[3]] = m[2] + m[4]
		}
		if d := meta["description"]; d == "" || d != meta["og:description"] || len([]rune(d)) > 160 {
			t.Errorf("%s: the description is %q", lang, d)
		}
		if home := s.url + "/" + lang + "/"; meta["og:url"] != home || meta["canonical"] != home || meta["og:title"] == "" || meta["og:type"] != "website" {
			t.Errorf("%s: %v", lang, meta)
		}
		b.press("next")
		if strings.Contains(b.body, "og:") || strings.Contains(b.body, "canonical") || !strings.Contains(b.body, `content="noindex"`) {
			t.Errorf("%s: a page of a session tells others of itself:\n%s", lang, b.body)
		}
	}
}

func TestTheContactCardHasTheHelplineUnderANeutralName(t *testing.T) {
	s := newSite(t)
	for lang, name := range map[string]string{"lt": "Konsultacija", "en": "Consultation", "pl": "Konsultacja", "ru": "Консультация", "uk": "Консультація", "lt-easy": "Konsultacija"} {
		b := s.visit(t)
		b.get("/" + lang + "/numbers")
		link := `href="/` + lang + `/contact.vcf"`
		if !strings.Contains(b.body, link) || !strings.Contains(b.body, name) {
			t.Errorf("%s: the numbers do not lead to the card:\n%s", lang, b.body)
		}
		b.get("/" + lang + "/contact.vcf")
		tag := strings.TrimSuffix(lang, "-easy")
		if lang == "lt-easy" {
			tag = b.head.Get("Content-Language")
		}
		want := "BEGIN:VCARD\r\nVERSION:4.0\r\nFN;LANGUAGE=" + tag + ":" + name + "\r\nN:" + name + ";;;;\r\nTEL;VALUE=uri;TYPE=voice:tel:+37061691119\r\nLANG:" + tag + "\r\nEND:VCARD\r\n"
		if b.code != 200 || b.body != want || b.head.Get("Content-Type") != "text/vcard; charset=utf-8" || !strings.Contains(b.head.Get("Content-Disposition"), `filename="contact.vcf"`) {
			t.Errorf("%s: %d %v\n%q", lang, b.code, b.head, b.body)
		}
		if len(b.head["Set-Cookie"]) > 0 {
			t.Errorf("%s: the card sets a cookie", lang)
		}
	}
	places := s.bot.Library().Catalog.Places
	for i := range places {
		if places[i].Name == "helpline" {
			places[i].Confirm, places[i].Named = true, true
		}
	}
	b := s.visit(t)
	if b.get("/lt/contact.vcf"); b.code != http.StatusNotFound || strings.Contains(b.body, "contact.vcf") {
		t.Errorf("a number that is to be confirmed: %d\n%s", b.code, b.body)
	}
	if b.get("/lt/numbers"); strings.Contains(b.body, "contact.vcf") {
		t.Error("the page leads to a card that is not there")
	}
	if b.get("/f/lt/numbers"); strings.Contains(b.body, "contact.vcf") {
		t.Error("a frame leads to the card")
	}
}
