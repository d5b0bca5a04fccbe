package console_test

import (
	"io/fs"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/content/exchange"
)

func TestThePageOfEditorsAndOfTheTeamSaysWhatWaitsForTranslation(t *testing.T) {
	files := map[string][]byte{}
	for name, put := range map[string][2]string{
		"flows/quizzes/job-offer.yaml": {"      - { answer: mail, raises: [free-mail] }", "      - { answer: app, raises: [evasive] }\n      - { answer: mail, raises: [free-mail] }"},
		"content/lt/job-offer.yaml":    {"\nmanner:\n", "\nmanner:\n  app: Liepia įdiegti programėlę\n"},
	} {
		data, err := fs.ReadFile(bot.BuiltIn(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = []byte(strings.Replace(string(data), put[0], put[1], 1))
	}
	l, err := bot.Open(exchange.Over(bot.BuiltIn(), files))
	if err != nil {
		t.Fatal(err)
	}
	const waits = "English: laukia vertimo: 1. Kol neišversta, ten nerodoma: job-offer.manner.app."
	s := newSite(t)
	vera := s.enters("Vera", bot.Lead)
	vera.get("/desk/team")
	vera.hasNot("laukia vertimo")
	s.bot.Publish(l)
	vera.get("/desk/team")
	vera.has(waits)
	edita := s.enters("Edita", bot.Editor)
	edita.get("/desk")
	edita.has(waits)
	ruta := s.enters("Rūta", bot.Counsellor)
	ruta.get("/desk")
	ruta.hasNot("laukia vertimo")
}
