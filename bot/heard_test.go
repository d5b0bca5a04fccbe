package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"patikra/bot"
)

// cries are how people write of danger, as the first word of each says in which language.
var cries = []string{
	"lt mane muša, padėkit", "lt jis mane uzrake", "lt bijau", "lt grasina nuzudyt", "lt noriu mirti", "lt pagalba",
	"en they hit me", "en help me please", "en i am scared", "en he took my passport and wont give it back",
	"pl ratunku pomocy", "pl boje sie", "ru боюсь", "ru забрали паспорт", "ru menya byut pomogite", "uk мені страшно", "uk боюся", "uk мене б'ють",
}

// typing sends words to a session.
func typing(lib *bot.Library, s bot.Session, text string, id uint64) bot.Plan {
	return lib.Turn(s, bot.Update{ID: id, From: you, Kind: bot.Typed, Text: text, At: at, Ref: int64(id), Locale: "xx"})
}

func TestDangerIsHeardInAnyLanguageWhateverIsSetAtAnyStep(t *testing.T) {
	lib := builtIn(t)
	for _, set := range []string{"", "lt", "en", "pl", "ru", "uk", "lt-easy"} {
		for _, stage := range []bot.Stage{bot.Fresh, bot.Language, bot.Welcome, bot.Private, bot.Asking} {
			if set == "" && stage > bot.Language || set != "" && stage < bot.Welcome {
				continue
			}
			for i, cry := range cries {
				lang, words, _ := strings.Cut(cry, " ")
				t.Run(fmt.Sprintf("%s/%d/%s", set, stage, words), func(t *testing.T) {
					s := bot.Session{Lang: set, Stage: stage, Serial: 3}
					if stage == bot.Asking {
						s.Book, s.Quiz = lib.ID, "job-offer"
					}
					p := typing(lib, s, words, uint64(100+i))
					if len(p.Send) < 2 {
						t.Fatalf("%d messages", len(p.Send))
					}
					first, last := p.Send[0], p.Send[len(p.Send)-1]
					if !strings.Contains(first.Text, "112") || !strings.Contains(first.Text, "+370 616 91119") || first.Urgency != 2 {
						t.Errorf("first there should be the numbers:\n%s", first.Text)
					}
					if len(first.Buttons) != 0 {
						t.Errorf("the buttons belong below the last message: %v", first.Buttons)
					}
					person := ""
					for _, row := range last.Buttons {
						for _, b := range row {
							if b.Data == "human" {
								person = b.Label
							}
						}
					}
					if set == "" { // first the language is chosen, and nothing else
						p = lib.Turn(p.Session, bot.Update{ID: uint64(900 + i), From: you, Kind: bot.Pressed, Text: "language:" + lang, At: at, Ref: last.Edit})
						if p.Session.Over != bot.Human || !strings.Contains(p.Send[len(p.Send)-1].Text, "+370") {
							t.Errorf("then a person to talk to, with the language: %+v", p.Send)
						}
					} else if person == "" {
						t.Errorf("no person to write to: %v", last.Buttons)
					}
					if strings.Contains(first.Text, "/") {
						t.Errorf("commands are told:\n%s", first.Text)
					}
					if !last.Screen || len(last.Buttons) == 0 || last.Text == first.Text {
						t.Errorf("then the screen that was there:\n%s", last.Text)
					}
					if len(p.Session.Given) != 0 {
						t.Error("the quiz has moved")
					}
				})
			}
		}
	}
}

func TestWhoTypesAnAnswerInASentenceMovesOn(t *testing.T) {
	lib := builtIn(t)
	s := bot.Session{Lang: "lt", Stage: bot.Asking, Book: lib.ID, Quiz: "job-offer", Serial: 3}
	flow := lib.Book.Flow("job-offer")
	for flow.Step(int(s.At)).Name != "war" { // a question with yes and no
		s.At++
	}
	for _, c := range []struct {
		words string
		moves bool
	}{{"nežinau dar", true}, {"tikrai nežinau, ką rašyti", false}, {"kažkas visai kita", false}, {"ne, negrasina", true}} {
		if p := typing(lib, s, c.words, 7); (len(p.Session.Given) > 0) != c.moves {
			t.Errorf("%q: %d answers", c.words, len(p.Session.Given))
		}
	}
}

func TestAPastedOfferIsToldHonestlyThatItIsNotReadAndTheQuestionFollows(t *testing.T) {
	lib := builtIn(t)
	for _, text := range []string{"https://example.com/darbas", "+370 600 00000", strings.Repeat("Siūlome darbą sandėlyje. ", 30)} {
		s := bot.Session{Lang: "lt", Stage: bot.Asking, Book: lib.ID, Quiz: "job-offer", Serial: 3}
		p := typing(lib, s, text, 7)
		if len(p.Send) != 1 || !strings.Contains(p.Send[0].Text, "neskaitau") || !strings.Contains(p.Send[0].Text, "1/") {
			t.Errorf("%.30q:\n%v", text, p.Send)
		}
	}
}

func TestWordsOfDangerInATalkGoToTheCounsellor(t *testing.T) {
	lib := builtIn(t)
	s := bot.Session{Lang: "lt", Stage: bot.Welcome, Case: &bot.Case{State: bot.Taken, Person: you, Holder: "telegram:7", Since: at.Unix(), Last: at.Unix()}}
	p := typing(lib, s, "mane muša", 7)
	for _, m := range p.Send {
		if strings.Contains(m.Text, "Perskaičiau") {
			t.Error("the program speaks while a human holds the talk")
		}
	}
	if len(p.Desk) == 0 {
		t.Error("the words do not reach the counsellor")
	}
}
