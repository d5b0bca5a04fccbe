package console_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot"
	"patikra/content"
)

func TestThePageOfEditorsAndOfTheTeamSaysWhatWaitsForTranslation(t *testing.T) {
	files := fstest.MapFS{}
	for _, top := range []string{"flows", "content"} {
		if err := fs.WalkDir(bot.BuiltIn(), top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && content.IsTag(d.Name()) && d.Name() != "lt" && d.Name() != "en":
				return fs.SkipDir
			case d.IsDir():
				return nil
			}
			data, err := fs.ReadFile(bot.BuiltIn(), name)
			files[name] = &fstest.MapFile{Data: data}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for name, put := range map[string][2]string{
		"flows/quizzes/job-offer.yaml": {"      - { answer: mail, raises: [free-mail] }", "      - { answer: app, raises: [evasive] }\n      - { answer: mail, raises: [free-mail] }"},
		"content/lt/job-offer.yaml":    {"\nmanner:\n", "\nmanner:\n  app: Liepia įdiegti programėlę\n"},
	} {
		files[name].Data = []byte(strings.Replace(string(files[name].Data), put[0], put[1], 1))
	}
	l, err := bot.Open(files)
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
