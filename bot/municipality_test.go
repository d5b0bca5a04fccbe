package bot_test

import (
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// county brings the quiz for helpers to the question about the county.
func county(t *testing.T, lib *library.Library, lang string) *visitor {
	t.Helper()
	p := arrive(t, lib, lang)
	p.say("/start helper")
	p.press(p.first("next"))
	for range 40 {
		if f := lib.Book.Flows["helper"]; p.s.Stage == bot.Asking && f.Step(int(p.s.At)).Name == "county" {
			return p
		}
		p.press(p.first("skip"))
	}
	t.Fatalf("the county is never asked for: %s", p.text)
	return nil
}

func TestAMunicipalityIsUnderstoodAsItIsTypedInAnyCaseAndWithAMistake(t *testing.T) {
	lib := builtIn(t)
	for _, c := range []struct{ lang, typed, want string }{
		{"lt", "Zarasai", "zarasai"}, {"lt", "zarasuose", "zarasai"}, {"lt", "Zarasų rajonas", "zarasai"}, {"lt", "zarasi", "zarasai"}, {"lt", "Moletaj", "moletai"},
		{"lt", "Šilalė", "silale"}, {"lt", "Silute", "silute"}, {"lt", "Birzai", "birzai"}, {"en", "Rokiskis", "rokiskis"}, {"ru", "Зарасай", "zarasai"}, {"ru", "Zarasai", "zarasai"},
		{"uk", "Jonava", "jonava"}, {"pl", "Utena", "utena-district"},
		{"lt", "Kaunas", ""}, {"lt", "Šiauliai", ""}, {"lt", "Kauno rajonas", "kaunas-district"}, {"lt", "Paryžius", ""}, {"lt", "nežinau, ką daryti", ""},
	} {
		p := county(t, lib, c.lang)
		p.say(c.typed)
		got := ""
		for _, g := range p.s.Given {
			if step := lib.Book.Flows["helper"].Step(int(g.Step)); step.Names != "" {
				for i, ch := range step.Choices {
					if g.Picks == 1<<i {
						got = ch.Answer
					}
				}
			}
		}
		if got != c.want {
			t.Errorf("%s %q: %q, not %q; the screen is\n%s", c.lang, c.typed, got, c.want, p.text)
		}
	}
}

func TestATownWithADistrictOfItsNameLeadsToTheQuestionWhichOfThem(t *testing.T) {
	lib := builtIn(t)
	for typed, want := range map[string]string{"Kaunas": "in-kaunas", "Šiauliai": "in-siauliai", "panevezys": "in-panevezys"} {
		p := county(t, lib, "lt")
		p.say(typed)
		if at := lib.Book.Flows["helper"].Step(int(p.s.At)).Name; at != want {
			t.Errorf("%s leads to %s", typed, at)
		}
	}
}

func TestEveryMunicipalityIsToldEachKindOfOfficeOrWhomToAsk(t *testing.T) {
	lib := builtIn(t)
	if n := len(lib.Catalog.Municipalities); n != 60 {
		t.Fatalf("%d municipalities", n)
	}
	for _, lang := range spoken {
		for _, m := range talk.Municipalities(lib, lang) {
			card, ok := talk.PocketOf(lib, m.Name, lang)
			if !ok || len(card.Offices) != 6 || len(card.Numbers) != 4 || card.Title != m.Label {
				t.Fatalf("%s %s: %v %+v", lang, m.Name, ok, card)
			}
			for _, p := range append(card.Offices, card.Numbers...) {
				if p.Lead == "" || p.Number == "" && p.Text == "" || strings.ContainsAny(p.Lead+p.Text, "{}[]") {
					t.Errorf("%s %s: %+v", lang, m.Name, p)
				}
			}
		}
	}
}

func TestANumberOnThePocketCardThatNobodyHasCalledBearsAStar(t *testing.T) {
	card, _ := talk.PocketOf(builtIn(t), "akmene", "lt")
	for _, p := range append(card.Offices, card.Numbers...) {
		if starred := strings.HasSuffix(p.Shown, "*"); p.Number != "" && starred == (p.Number == "112") {
			t.Errorf("%+v", p)
		}
	}
	if !strings.Contains(card.Note, "2026-11-27") {
		t.Errorf("the card does not say how old it is: %s", card.Note)
	}
}

func TestMunicipalitiesThatDoNotHoldAreNamedWithTheirLine(t *testing.T) {
	for was, c := range map[string]struct{ is, want string }{
		"    kind: victims\n":       {"    kind: victim\n", `there is no kind of office called "victim"`},
		"    for: [silute]\n":       {"    for: [silut]\n", `there is no municipality "silut"`},
		"    place: kopzi\n":        {"    place: kopz\n", `place "kopz" does not exist`},
		"\"+37065255286\"\n":        {"\"865255286\"\n", `the number of the office "victims" cannot be used`},
		"  - zarasai\n":             {"", `nothing is told of the municipality "zarasai"`},
		"    for: [birstonas]\n":    {"", `the office "commission-birstonas" serves no municipality`},
		"    seen: 2026-11-25\n":    {"", `nobody can look up where the office "commission-radviliskis" is told of`},
		"  otherwise: [branch, vic": {"  others: [branch, vic", "nothing says which offices are shown"},
	} {
		files := staff(t)
		edited("content/municipalities.yaml", was, c.is)(files)
		if _, err := library.Open(files); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "municipalities.yaml:") && !strings.Contains(err.Error(), "municipalities.yaml") {
			t.Errorf("%q: %v", c.is, err)
		}
	}
}

func TestCheckCountsOfEachKindOfOfficeWhatIsKnown(t *testing.T) {
	var lines []string
	for _, p := range builtIn(t).Warnings(read) {
		if p.File == "content/municipalities.yaml" {
			lines = append(lines, p.Message.Error())
		}
	}
	if len(lines) != 6 {
		t.Fatalf("%q", lines)
	}
	for _, want := range []string{`60 are known to have the office "child-rights", of 0 its number is known, and 0`, `6 are known to have the office "commission", of 0`, `60 are known to have the office "legal-aid", of 5`} {
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			t.Errorf("%q is not among\n%s", want, strings.Join(lines, "\n"))
		}
	}
}
