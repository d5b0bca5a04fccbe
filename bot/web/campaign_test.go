package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/web"
	"patikra/content"
)

// linksOf are the addresses on a page that lead on below the first page.
func linksOf(body string) (out []string) {
	for _, m := range regexp.MustCompile(`<a [^>]*href="(/[a-z][a-z-]*/(?:numbers|return)?(?:\?[^"]*)?)"`).FindAllStringSubmatch(body, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}

// campaigns makes these codes ones that staff know.
func (s *site) campaigns(codes ...string) {
	catalog := s.bot.Library().Catalog
	catalog.Campaigns = nil
	for _, c := range codes {
		catalog.Campaigns = append(catalog.Campaigns, content.Campaign{Code: c, Channel: "radio", Name: c})
	}
}

func TestAShortAddressOutlivesItsCampaign(t *testing.T) {
	s := newSite(t)
	s.bot.Library().Catalog.Campaigns = []content.Campaign{{Code: "alytus", Channel: "municipality", Name: "Alytus", Language: "pl", Until: "2020-01-31"}}
	b := s.visit(t)
	if b.get("/alytus"); b.path != "/pl/?from=alytus" || b.code != http.StatusOK {
		t.Errorf("%d at %s", b.code, b.path)
	}
	if strings.Contains(b.body, `data-copy="`+s.url+`/pl/?from=alytus"`) {
		t.Error("a campaign that is over is passed on")
	}
	if b.get("/jonas"); b.code != http.StatusNotFound {
		t.Errorf("%d where staff know no campaign", b.code)
	}
}

func TestACampaignIsNotLostOnTheWayToTheFirstQuestion(t *testing.T) {
	s := newSite(t)
	site := &s.bot.Library().Catalog.Site
	s.campaigns("radio", "poster-2026")
	site.Telegram, site.Messenger = "https://t.me/patikra_bot", "https://m.me/123?ref=own"
	for _, c := range []struct {
		name, at string
		ways     []string // of links that are pressed one after another
		want     string
	}{
		{"as it comes", "/lt/?from=radio", nil, "radio"},
		{"written in capitals", "/lt/?from=RADIO", nil, "radio"},
		{"from the root", "/?from=radio", nil, "radio"},
		{"by the short address", "/radio", nil, "radio"},
		{"by the short address in capitals", "/RADIO", nil, "radio"},
		{"another language, and back", "/lt/?from=radio", []string{"/ru/?", "/lt/?"}, "radio"},
		{"the numbers first", "/lt/?from=poster-2026", []string{"/lt/numbers?", "/lt/?"}, "poster-2026"},
		{"the return page first", "/en/?from=radio", []string{"/en/return?", "/en/?"}, "radio"},
		{"another language after a language's own", "/lt/?from=radio_lt", []string{"/uk/?"}, "radio"},
		{"with a quiz", "/lt/?from=radio_at-work", []string{"/en/?"}, "radio"},
		{"in a frame", "/f/lt/?from=radio", nil, "radio"},
		{"one that staff do not know", "/lt/?from=jonas-jonaitis", []string{"/en/?"}, content.OtherCampaign},
		{"nothing that a link of ours carries", "/lt/?from=%22%3E%3Cscript%3E", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.visit(t)
			b.get(c.at)
			for _, way := range c.ways {
				found := ""
				for _, l := range linksOf(b.body) {
					if strings.HasPrefix(l, way) {
						found = l
					}
				}
				if found == "" {
					t.Fatalf("no way to %s among %q", way, linksOf(b.body))
				}
				b.get(found)
			}
			before := b.path
			b.press("next")
			if b.code != http.StatusOK && b.code != http.StatusSeeOther {
				t.Fatalf("%d after %s", b.code, before)
			}
			id := b.id()
			if id == "" {
				id = b.hidden().Get("session")
			}
			session, err := s.bot.Session(t.Context(), bot.Address{Channel: web.Name, ID: id})
			if err != nil || session.Campaign != c.want || session.Stage == bot.Fresh {
				t.Errorf("it is counted as %q, %v", session.Campaign, err)
			}
			if want, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(before, "/f"), "/"), "/"); session.Lang != want {
				t.Errorf("on a page in %q the questions are in %q", want, session.Lang)
			}
		})
	}
}

func TestACampaignGoesWithThePersonToOtherDoorsAndWithWhatTheyPassOn(t *testing.T) {
	s := newSite(t)
	site := &s.bot.Library().Catalog.Site
	s.campaigns("radio")
	site.Telegram, site.Messenger = "https://t.me/patikra_bot", "https://m.me/123"
	b := s.visit(t)
	for _, c := range []struct{ at, telegram, messenger, passed string }{
		{"/ru/?from=radio", "https://t.me/patikra_bot?start=radio_ru", "https://m.me/123?ref=radio_ru", s.url + "/ru/?from=radio"},
		{"/ru/", "https://t.me/patikra_bot?start=ru", "https://m.me/123?ref=ru", s.url + "/ru/"},
		{"/lt/?from=jonas-jonaitis", "https://t.me/patikra_bot?start=lt", "https://m.me/123?ref=lt", s.url + "/lt/"}, // a name goes to nobody else
	} {
		b.get(c.at)
		for _, want := range []string{`href="` + c.telegram + `"`, `href="` + c.messenger + `"`, `data-copy="` + c.passed + `"`} {
			if !strings.Contains(html.UnescapeString(b.body), want) {
				t.Errorf("%s: not %s", c.at, want)
			}
		}
	}
	site.Messenger = "https://m.me/123?ref=partner"
	if b.get("/lt/?from=radio"); !strings.Contains(b.body, `href="https://m.me/123?ref=partner"`) {
		t.Error("an address that staff wrote with a payload of its own has another")
	}
	b.get("/en/embed?from=radio")
	if !strings.Contains(html.UnescapeString(b.body), `data-from="radio"`) {
		t.Errorf("the line for other sites loses it:\n%s", b.body)
	}
	if b.get("/en/embed?from=x"); strings.Contains(html.UnescapeString(b.body), "data-from") {
		t.Error("the line for other sites takes what staff do not know")
	}
}

func TestATrialOnThePageIsMarkedAndPassedOnToNobodyButTheOtherDoors(t *testing.T) {
	s := newSite(t)
	s.bot.Library().Catalog.Site.Telegram = "https://t.me/patikra_bot"
	mark := s.bot.Library().Catalog.Language("lt").Text("outreach.demo-mark")
	b := s.visit(t)
	b.get("/lt/?from=demo")
	if body := html.UnescapeString(b.body); !strings.Contains(body, mark) || !strings.Contains(body, "https://t.me/patikra_bot?start=demo_lt") || strings.Contains(body, `data-copy="`+s.url+`/lt/?from=demo"`) {
		t.Errorf("the first page:\n%s", body)
	}
	for !strings.Contains(b.body, `data-screen="question"`) {
		b.press("next")
	}
	if session, err := s.bot.Session(t.Context(), bot.Address{Channel: web.Name, ID: b.id()}); err != nil || session.Campaign != content.TrialCampaign || !strings.Contains(html.UnescapeString(b.body), mark) {
		t.Errorf("%q, %v:\n%s", session.Campaign, err, b.body)
	}
	b.get("/lt/")
	if strings.Contains(html.UnescapeString(b.body), mark) {
		t.Error("the first page of what is real is marked")
	}
}
