package bot_test

import (
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

// What is not protected is said before somebody agrees: SECURITY.md lists who can read a talk.
func TestBeforeSomebodyAgreesTheyReadWhoCanReadTheTalkAndWhatIsNotPassedOn(t *testing.T) {
	l := builtIn(t)
	for lang, words := range map[string][]string{
		"lt": {"PDF", "Telegram", "Messenger", "telefoną", "naršykle", "prižiūri serverį"}, "en": {"PDF", "Telegram", "Messenger", "phone", "browser", "runs the server"},
		"pl": {"PDF", "Telegram", "Messenger", "telefon", "przeglądarki", "prowadzi serwer"}, "ru": {"PDF", "Telegram", "Messenger", "телефон", "браузером", "обслуживает сервер"},
		"uk": {"PDF", "Telegram", "Messenger", "телефон", "браузером", "обслуговує сервер"}, "lt-easy": {"PDF", "Telegram", "Messenger", "telefoną", "kompiuterį", "prižiūri serverį"},
	} {
		s := bot.Session{Lang: lang}
		for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}} {
			u.From, u.Lang, u.Desk = bot.Address{Channel: "telegram", ID: "1"}, lang, bot.Desk{On: true, Always: true}
			p := talk.Decide(l, s, u)
			if s = p.Session; s.Over != bot.Consent {
				continue
			}
			for _, w := range words {
				if !strings.Contains(p.Send[0].Text, w) {
					t.Errorf("%s: %q is not said before the consent:\n%s", lang, w, p.Send[0].Text)
				}
			}
		}
		if s.Over != bot.Consent {
			t.Errorf("%s: no consent was asked for", lang)
		}
	}
}
