package exchange

import (
	"slices"
	"strings"

	"patikra/content"
)

var (
	chatButtons    = strings.Fields("begin private-yes private-no next back skip why return language restart human numbers erase exit help menu erase-yes")
	deskButtons    = strings.Fields("agree call-me call-self choose-lines lines-done hours voice else call-send end write send to-quiz look-again take release transfer close reopen look")
	countryButtons = strings.Fields("choose change other more earlier")

	toDesk = []string{"card-", "note-", "refused-", "duty-", "summary-"}
)

// Screen tells where people see a text: question, answer button, button, result, notice ...
func Screen(name string) string {
	base, rest, _ := strings.Cut(name, ".")
	if content.IsAnswer(name) {
		return "answer button"
	}
	if content.IsShort(name) {
		return "answer button on Messenger"
	}
	begins := func(p string) bool { return strings.HasPrefix(rest, p) }
	switch base {
	case "chat":
		switch {
		case begins("words."):
			return "typed words (understood, never shown)"
		case begins("command-"):
			return "menu of commands"
		case slices.Contains(chatButtons, rest):
			return "button"
		case strings.HasSuffix(rest, "-title"), rest == "more-reasons", rest == "disclaimer":
			return "result"
		case begins("dial-"), begins("hours-"):
			return "list of numbers"
		}
		return "notice"
	case "desk":
		switch {
		case slices.Contains(deskButtons, rest):
			return "button"
		case slices.ContainsFunc(toDesk, begins), rest == "desk-help", begins("command-"):
			return "notice to counsellors"
		}
		return "notice"
	case "flags", "results":
		return "result"
	case "places":
		return "list of numbers"
	case "countries":
		if begins("names.") || slices.Contains(countryButtons, rest) {
			return "button"
		}
		return "list of numbers"
	case "web":
		return "web page"
	case "outreach":
		return "poster, press or film"
	case "console":
		return "counsellors' page"
	case "replies":
		return "counsellor's prepared answer"
	case "protocols":
		return "counsellors' page"
	}
	if strings.HasSuffix(rest, ".say") {
		return "question"
	}
	return "notice" // why a question is asked
}
