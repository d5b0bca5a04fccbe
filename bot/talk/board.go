package talk

import (
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content"
)

// ListedAs is a case's line on the board. Nothing in it names the person.
func ListedAs(l *library.Library, s bot.Session, lang *content.Language) string {
	c := s.Case
	zone := l.Catalog.Desk.Zone
	sign, _ := Sign(l, s)
	state, since := "board-since", c.Since
	switch {
	case c.State == bot.Taken:
		state = "board-with"
	case c.Later():
		state, since = "board-call", c.Ring
	case c.Wants():
		state = "board-calls"
	}
	said := strings.NewReplacer("{name}", c.Name, "{time}", time.Unix(since, 0).In(zone).Format("01-02 15:04")).Replace(lang.Text("desk." + state))
	language := s.Lang
	if of := l.Catalog.Language(s.Lang); of != nil {
		language = of.Text("chat.language-name")
	}
	return sign + " **" + c.Word + "** – " + said + ", " + language
}
