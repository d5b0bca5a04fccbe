package poster

import (
	"fmt"
	"net/url"
	"strings"

	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// onPaper are the places whose numbers are printed, the first to call first.
var onPaper = []string{"helpline", "emergency"}

// Of fills a sheet with the texts of a language and today's numbers, for a campaign that staff know, or for none where code is empty. base is the page's public address; a code leads to the
// language's first page there, and the address that can be typed to the campaign's own language.
func Of(l *library.Library, lang, code, base string) (Sheet, error) {
	at, err := url.Parse(base)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" {
		return Sheet{}, sheet.Say("%q is no address of the page; write it as https://www.example.lt", base)
	}
	texts, campaign := l.Catalog.Language(lang), l.Catalog.Campaign(code)
	switch {
	case texts == nil:
		return Sheet{}, sheet.Say("there is no language %q", lang)
	case campaign == nil && code != "":
		return Sheet{}, sheet.Say("content/campaigns.yaml has no campaign %q", code)
	}
	say := func(name string) string { return talk.Fill(l, texts.Text("outreach."+name)) }
	base = strings.TrimSuffix(base, "/")
	link, address := fmt.Sprintf("%s/%s/", base, lang), strings.TrimPrefix(strings.TrimPrefix(base, "https://"), "http://")
	if campaign != nil {
		link, address = link+"?from="+campaign.Code, address+"/"+campaign.Code
	}
	s := Sheet{Lang: texts.BCP47(), Title: say("poster-title"), Short: say("sticker-title"), Card: say("card-title"), Text: say("poster-text"), Scan: say("poster-scan"),
		Talk: say("poster-talk"), NoPerson: say("poster-program"), Behind: l.Catalog.Site.Name,
		Link: link, Address: address}
	for _, name := range onPaper {
		p, ok := l.Catalog.Place(name)
		if !ok || !p.Shown() {
			continue
		}
		where := texts.Text("chat.dial-" + p.From)
		if p.Hours == "always" {
			where += ", " + texts.Text("chat.hours-always")
		}
		s.Numbers = append(s.Numbers, Number{texts.Text("places." + name + ".name"), p.Spaced(), where})
	}
	return s, nil
}
