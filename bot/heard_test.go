package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// cries are how people write of danger, as the first word of each says in which language.
var cries = []string{
	"lt mane muša, padėkit", "lt jis mane uzrake", "lt bijau", "lt grasina nuzudyt", "lt noriu mirti", "lt pagalba",
	"en they hit me", "en help me please", "en i am scared", "en he took my passport and wont give it back",
	"pl ratunku pomocy", "pl boje sie", "ru боюсь", "ru забрали паспорт", "ru menya byut pomogite", "uk мені страшно", "uk боюся", "uk мене б'ють",
}

// typing sends words to a session.
func typing(lib *library.Library, s bot.Session, text string, id uint64) bot.Plan {
	return talk.Decide(lib, s, bot.Update{ID: id, From: you, Kind: bot.Typed, Text: text, At: at, Ref: int64(id), Locale: "xx"})
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
						p = talk.Decide(lib, p.Session, bot.Update{ID: uint64(900 + i), From: you, Kind: bot.Pressed, Text: "language:" + lang, At: at, Ref: last.Edit})
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

func TestWhoWritesOfDyingIsGivenTheLinesThatListen(t *testing.T) {
	lib := builtIn(t)
	hope := named(t, lib, "hope").Spaced()
	for _, cry := range []string{
		"lt noriu mirti", "lt nebėra dėl ko gyventi", "en i want to die", "en i will kill myself", "pl nie chcę żyć", "ru не хочу жить", "ru хочу умереть", "uk хочу померти",
	} {
		lang, words, _ := strings.Cut(cry, " ")
		for _, set := range []string{lang, "lt-easy"} {
			text := typing(lib, bot.Session{Lang: set, Stage: bot.Welcome, Serial: 3}, words, 7).Send[0].Text
			from := 0
			for _, n := range []string{"112", childLine(lib), hope, "+370 616 91119"} { // danger first, the child line before that of adults
				i := strings.Index(text[from:], n)
				if i < 0 {
					t.Errorf("%s, %q: %s is missing, or stands earlier:\n%s", set, words, n, text)
					break
				}
				from += i + len(n)
			}
		}
	}
	for _, cry := range cries {
		if lang, words, _ := strings.Cut(cry, " "); words != "noriu mirti" {
			if text := typing(lib, bot.Session{Lang: lang, Stage: bot.Welcome, Serial: 3}, words, 7).Send[0].Text; strings.Contains(text, hope) {
				t.Errorf("%q is taken for a wish to die:\n%s", words, text)
			}
		}
	}
	below := talk.Decide(lib, bot.Session{Lang: "lt", Stage: bot.Welcome, Serial: 3}, bot.Update{ID: 8, From: you, Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: "photo", Caption: "noriu mirti"}, At: at, Locale: "lt"})
	if !strings.Contains(below.Send[0].Text, hope) {
		t.Errorf("below a picture:\n%s", below.Send[0].Text)
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

// asking is a session at a question of a quiz.
func asking(t *testing.T, lib *library.Library, lang, quiz, step string) bot.Session {
	t.Helper()
	s := bot.Session{Lang: lang, Stage: bot.Asking, Book: lib.ID, Quiz: quiz, Serial: 3}
	flow := lib.Book.Flow(quiz)
	for i := range flow.Steps {
		if flow.Steps[i].Name == step {
			s.At = uint8(i)
			return s
		}
	}
	t.Fatalf("%s has no question %q", quiz, step)
	return s
}

// given is what the words typed at a question answered, empty when they answered nothing.
func given(lib *library.Library, s bot.Session, text string) string {
	p := typing(lib, s, text, 7)
	if len(p.Session.Given) == 0 {
		return ""
	}
	step := lib.Book.Flow(s.Quiz).Step(int(s.At))
	var out []string
	for i := range step.Choices {
		if p.Session.Given[0].Picks&(1<<i) != 0 {
			out = append(out, step.Choices[i].Answer)
		}
	}
	return strings.Join(out, " ")
}

func TestAnAgeTypedAtTheAgeQuestionChoosesItsAnswer(t *testing.T) {
	lib := builtIn(t)
	for _, c := range []struct{ lang, words, want string }{
		{"lt", "25", "adult"}, {"lt", "man 16 metu", "minor"}, {"lt", "man jau 17m.", "minor"}, {"lt", "šešiolika", "minor"}, {"lt", "man sesiolika", "minor"}, {"lt", "dvidešimt penki", "adult"},
		{"lt", "18", "adult"}, {"lt", "17", "minor"}, {"lt", "dar neturiu 18", "minor"}, {"lt", "man nėra 18 metų", "minor"}, {"lt", "beveik 18", "minor"}, {"lt", "ne, man 25 metai", "adult"},
		{"lt", "man 25 metai, 10 metų patirtis", "adult"}, {"lt", "mano sūnui 10 metų", ""}, {"lt", "man 17 metų o draugei 19 metų", ""}, {"lt", "1", "adult"}, {"lt", "2", "minor"}, {"lt", "5", ""}, {"lt", "1200", ""},
		{"lt-easy", "man 16 metu", "minor"}, {"lt-easy", "25", "adult"},
		{"en", "sixteen", "minor"}, {"en", "I am sixteen", "minor"}, {"en", "twenty one", "adult"}, {"en", "I am 15 years old", "minor"}, {"en", "not yet 18", "minor"}, {"en", "under 18", "minor"}, {"en", "almost 18", "minor"},
		{"en", "im 30", "adult"}, {"en", "soon 19", ""}, {"en", "my sister is 16 years old", ""},
		{"pl", "mam 17 lat", "minor"}, {"pl", "mam siedemnaście lat", "minor"}, {"pl", "nie mam 18 lat", "minor"}, {"pl", "nie, mam 18 lat", "adult"}, {"pl", "dwadzieścia dwa", "adult"},
		{"ru", "мне 16", "minor"}, {"ru", "мне 16 лет", "minor"}, {"ru", "шестнадцать", "minor"}, {"ru", "мне двадцать", "adult"}, {"ru", "мне нет 18", "minor"}, {"ru", "mne 16 let", "minor"},
		{"uk", "мені 15 років", "minor"}, {"uk", "шістнадцять", "minor"}, {"uk", "мені немає 18", "minor"}, {"uk", "30", "adult"},
	} {
		for _, quiz := range []string{"job-offer", "at-work"} {
			if quiz == "at-work" && lib.Book.Flow(quiz) == nil {
				continue
			}
			if got := given(lib, asking(t, lib, c.lang, quiz, "age"), c.words); got != c.want {
				t.Errorf("%s %s %q: %q instead of %q", quiz, c.lang, c.words, got, c.want)
			}
		}
	}
	if got := given(lib, asking(t, lib, "en", "someone-else", "age"), "my sister is 16 years old"); got != "minor" {
		t.Errorf("the quiz is about the sister, and her age is %q", got)
	}
}

func TestANumberTypedElsewhereIsThatOfAnAnswer(t *testing.T) {
	lib := builtIn(t)
	for words, want := range map[string]string{"1": "yes", "2": "passport", "25": "", "16": "", "man 16 metu": "", "šešiolika": "", "antras": "passport"} {
		if got := given(lib, asking(t, lib, "lt", "job-offer", "war"), words); got != want {
			t.Errorf("%q: %q instead of %q", words, got, want)
		}
	}
}

func TestSeveralAnswersTypedAtOnceAreAllChosen(t *testing.T) {
	lib := builtIn(t)
	for lang, texts := range map[string][]string{
		"lt": {"3,5", "3 5", "3 ir 5", "trečias ir penktas", "trecia, penkta"}, "lt-easy": {"3 ir 5", "trečias, penktas"}, "en": {"3,5", "3 and 5", "third and fifth", "the third, the fifth", "3rd & 5th"},
		"pl": {"3 i 5", "trzeci i piąty", "trzecia, piata"}, "ru": {"3 и 5", "третий и пятый", "третье, пятое"}, "uk": {"3 і 5", "третій і п'ятий", "третє та п’яте"},
	} {
		s := asking(t, lib, lang, "job-offer", "happened")
		step := lib.Book.Flow("job-offer").Step(int(s.At))
		label := func(i int) string { return lib.Catalog.Language(lang).Text(step.Text + "." + step.Choices[i].Answer) }
		both := step.Choices[2].Answer + " " + step.Choices[4].Answer
		for _, text := range append(texts, label(2)+", "+label(4), label(4)+"\n"+label(2), strings.ToUpper(label(2))+"; 5") {
			if got := given(lib, s, text); got != both {
				t.Errorf("%s %q: %q instead of %q", lang, text, got, both)
			}
		}
		none := len(step.Choices) - 2
		if got := given(lib, s, label(2)+", "+label(none)); got != step.Choices[2].Answer {
			t.Errorf("%s: a sign and none of these is %q", lang, got)
		}
		for _, text := range []string{"3 99", label(2) + ", ožka", "not the third", "3 or 5"} {
			if got := given(lib, s, text); got != "" {
				t.Errorf("%s %q: what is not understood is left out, and %q chosen", lang, text, got)
			}
		}
		if got := given(lib, asking(t, lib, lang, "job-offer", "war"), texts[0]); got != "" {
			t.Errorf("%s %q: a question that takes one answer has %q", lang, texts[0], got)
		}
	}
}

func TestIDoNotKnowIsUnderstoodInEveryForm(t *testing.T) {
	lib := builtIn(t)
	for lang, texts := range map[string][]string{
		"lt":      {"nežinau", "nezinau", "nežinau dar", "neaišku", "nesu tikra", "nesu tikras", "neprisimenu", "sunku pasakyti", "gal", "as nezinau", "neturiu supratimo", "nežinia", "negaliu pasakyti", "nežno", "nezinuu"},
		"lt-easy": {"nežinau", "nezinau", "neaišku", "sunku pasakyti"},
		"en":      {"I don't know", "dont know", "i dunno", "idk", "not sure", "I'm not sure", "no idea", "no clue", "hard to say", "maybe", "can't remember", "i have no idea", "dont kno"},
		"pl":      {"nie wiem", "niewiem", "nie mam pojęcia", "trudno powiedzieć", "nie jestem pewna", "nie pamiętam", "może", "chyba", "nie wiem jeszcze", "nwm"},
		"ru":      {"не знаю", "незнаю", "ne znayu", "ya ne znaju", "хз", "без понятия", "не уверена", "не помню", "трудно сказать", "понятия не имею", "наверное", "не в курсе"},
		"uk":      {"не знаю", "незнаю", "ne znaju", "гадки не маю", "без поняття", "не впевнена", "не пам'ятаю", "важко сказати", "мабуть", "поняття не маю", "хз"},
	} {
		for _, text := range texts {
			if got := given(lib, asking(t, lib, lang, "job-offer", "war"), text); got != "unsure" {
				t.Errorf("%s %q: %q", lang, text, got)
			}
		}
	}
}

func TestYesAndNoInASentenceAreReadWithTheirNegation(t *testing.T) {
	lib := builtIn(t)
	for lang, texts := range map[string]map[string]string{
		"lt": {"taip, prašė": "yes", "ne, neprašė": "no", "tikrai taip": "yes", "ne, nieko": "no", "ne taip": "", "taip ir ne": ""},
		"en": {"yes they did": "yes", "no, they did not": "no", "no, never": "no", "yes but no": "", "they didn't": "no"},
		"pl": {"tak, prosili": "yes", "nie, nie prosili": "no", "nie tak": "", "nikt nie prosił": "no"},
		"ru": {"да, просили": "yes", "нет, не просили": "no", "да и нет": "", "никто не просил": "no"},
		"uk": {"так, просили": "yes", "ні, не просили": "no", "так і ні": "", "ніхто не просив": "no"},
	} {
		for text, want := range texts {
			if got := given(lib, asking(t, lib, lang, "job-offer", "war"), text); got != want {
				t.Errorf("%s %q: %q instead of %q", lang, text, got, want)
			}
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

func TestWhatIsSentInsteadOfAnAnswerIsToldHonestlyInEveryLanguageAtEveryStep(t *testing.T) {
	lib := builtIn(t)
	long := map[string]string{
		"":        strings.Repeat("Oferim un loc in depozit. ", 20),
		"lt":      strings.Repeat("Siūlome darbą sandėlyje, geras atlyginimas. ", 20),
		"lt-easy": strings.Repeat("Siūlome darbą sandėlyje, geras atlyginimas. ", 20),
		"en":      strings.Repeat("We have work in the warehouse. ", 20),
		"pl":      strings.Repeat("Proszę, jest praca w magazynie. ", 20),
		"ru":      strings.Repeat("Есть работа на складе, очень нужно. ", 20),
		"uk":      strings.Repeat("Є робота на складі, дуже треба. ", 20),
	}
	told := func(name, tag string) string { return talk.Notice(lib, name, tag) }
	for set, text := range long {
		for _, stage := range []bot.Stage{bot.Fresh, bot.Language, bot.Welcome, bot.Private, bot.Asking, bot.Finished} {
			if set == "" && stage > bot.Language || set != "" && stage < bot.Welcome {
				continue
			}
			s := bot.Session{Lang: set, Stage: stage, Book: lib.ID, Quiz: "job-offer", Serial: 3}
			for _, c := range []struct {
				is   string
				u    bot.Update
				name string
			}{
				{"a long text", bot.Update{Kind: bot.Typed, Text: text}, "pasted"},
				{"a link", bot.Update{Kind: bot.Typed, Text: "https://example.com/7"}, "pasted"},
				{"a phone number", bot.Update{Kind: bot.Typed, Text: "+370 600 00000"}, "pasted"},
				{"a picture", bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: "photo"}}, "unclear-attachment"},
				{"a picture with words", bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "messenger", Kind: "photo", Caption: "Warehouse"}}, "unclear-attachment"},
			} {
				c.u.ID, c.u.From, c.u.At, c.u.Ref, c.u.Locale = 7, you, at, 7, "xx"
				p := talk.Decide(lib, s, c.u)
				if len(p.Send) != 1 {
					t.Fatalf("%q, stage %d, %s: %d messages", set, stage, c.is, len(p.Send))
				}
				if said := p.Send[0].Text; !strings.HasPrefix(said, told(c.name, set)+"\n\n") || len(said) < len(told(c.name, set))+20 || len(p.Send[0].Buttons) == 0 {
					t.Errorf("%q, stage %d, %s: first it should be told that it is not read, and then the screen that was there:\n%s", set, stage, c.is, said)
				}
			}
		}
	}
	picture := bot.Update{ID: 7, From: you, Kind: bot.Attached, At: at, Ref: 7, Locale: "lt", Media: bot.Media{Net: "telegram", Kind: "photo"}}
	if p := talk.Decide(lib, bot.Session{}, picture); !strings.HasPrefix(p.Send[0].Text, told("unclear-attachment", "lt")+"\n\n") {
		t.Errorf("a picture is the first that comes, and nothing is told of it:\n%s", p.Send[0].Text)
	}
	for set, text := range long { // before a language is chosen, the text tells it
		if set == "" || set == "lt-easy" {
			continue
		}
		p := typing(lib, bot.Session{Stage: bot.Language}, text, 7)
		if !strings.HasPrefix(p.Send[0].Text, told("pasted", set)+"\n\n") || p.Session.Lang != "" {
			t.Errorf("%s: told in another language:\n%s", set, p.Send[0].Text)
		}
	}
}

func TestDangerBelowAPictureIsHeard(t *testing.T) {
	lib := builtIn(t)
	for _, set := range []string{"", "lt", "en", "pl", "ru", "uk", "lt-easy"} {
		s := bot.Session{Lang: set, Stage: bot.Language}
		if set != "" {
			s = bot.Session{Lang: set, Stage: bot.Asking, Book: lib.ID, Quiz: "job-offer", Serial: 3}
		}
		picture := bot.Update{ID: 7, From: you, Kind: bot.Attached, At: at, Ref: 7, Locale: "xx", Media: bot.Media{Net: "telegram", Kind: "photo", Caption: "jis mane muša"}}
		if p := talk.Decide(lib, s, picture); len(p.Send) < 2 || p.Send[0].Urgency != 2 || !strings.Contains(p.Send[0].Text, "112") {
			t.Errorf("%q: the words below a picture are not heard:\n%v", set, p.Send)
		}
		for _, harmless := range []bot.Media{{Net: "telegram", Kind: "photo", Caption: "skelbimas"}, {Net: "telegram", Kind: "location", Caption: "SOS, Kaunas"}} {
			picture.Media = harmless
			for _, m := range talk.Decide(lib, s, picture).Send {
				if m.Urgency == 2 {
					t.Errorf("%q: %q is taken for danger", set, harmless.Caption)
				}
			}
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

func TestWhoWritesInALanguageThatWeLackHasTheNumbersWithTheLanguages(t *testing.T) {
	l := builtIn(t)
	for _, text := range []string{"ma bate in fiecare zi", "m-au incuiat in casa si nu ma lasa sa ies", "mi-au luat pasaportul si telefonu"} {
		p := talk.Decide(l, bot.Session{}, bot.Update{From: bot.Address{Channel: "telegram", ID: "1"}, Kind: bot.Typed, Text: text})
		if len(p.Send) == 0 || !strings.Contains(p.Send[0].Text, "112") || !strings.Contains(p.Send[0].Text, "+370 616 91119") || len(p.Send[0].Buttons) == 0 {
			t.Errorf("%q is answered without a number: %v", text, p.Send)
		}
	}
}
