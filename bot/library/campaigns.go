package library

import (
	"strings"

	"patikra/content/sheet"
)

// outreachTexts are what posters, the page for the press and trials say, by their names in outreach.yaml.
var outreachTexts = strings.Fields(`poster-title poster-text poster-scan poster-talk poster-program sticker-title card-title demo-mark demo-chat demo-desk demo-real
	press-title press-text press-timed press-copy press-pictures press-embed press-contact radio-15-title radio-15 radio-30-title radio-30 paper-title paper crawl-title crawl
	film-title film-text film-elsewhere film-play film-words film-call film-number`)

// campaigns finds codes that a link would take for a quiz: "at-work" opens one, and is no campaign.
func (l *Library) campaigns(add func(file string, line int, remedy, message sheet.Text)) {
	for _, c := range l.Catalog.Campaigns {
		if l.Book.Flow(c.Code) != nil {
			add("content/campaigns.yaml", c.Line, "choose another code, as radio-2026", sheet.Say("the code %q means something else in a link", c.Code))
		}
	}
}
