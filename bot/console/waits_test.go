package console_test

import (
	"testing"

	"patikra/bot/desk"
	"patikra/bot/librarytest"
)

func TestThePageOfEditorsAndOfTheTeamSaysWhatWaitsForTranslation(t *testing.T) {
	l := librarytest.WithAnAnswerThatWaits(t)
	const waits = "English: laukia vertimo: 1. Kol neišversta, ten nerodoma: job-offer.manner.app."
	s := newSite(t)
	vera := s.enters("Vera", desk.Lead)
	vera.get("/desk/team")
	vera.hasNot("laukia vertimo")
	s.bot.Publish(l)
	vera.get("/desk/team")
	vera.has(waits)
	edita := s.enters("Edita", desk.Editor)
	edita.get("/desk")
	edita.has(waits)
	ruta := s.enters("Rūta", desk.Counsellor)
	ruta.get("/desk")
	ruta.hasNot("laukia vertimo")
}
