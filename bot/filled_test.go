package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

var ruta = bot.Actor{ID: "console:ruta", Name: "Rūta"}

// acts lets a counsellor do something with the visitor's case, and returns what was decided.
func (p *visitor) acts(who bot.Actor, what string) bot.Plan {
	p.t.Helper()
	p.n++
	plan := talk.Decide(p.lib, p.s, bot.Update{From: you, Kind: bot.Acted, Text: what, Actor: who, At: at.Add(time.Duration(p.n) * time.Second), Desk: bot.Desk{On: true, Always: true}})
	p.s = plan.Session
	return plan
}

func steps(all []talk.OpenQuestion) (out []string) {
	for _, q := range all {
		out = append(out, q.Step)
	}
	return out
}

func TestWhatACounsellorFillsInIsWeighedAsAnAnswerAndChangesNothingForThePerson(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.skips(30)
	p.asked()
	if p.s.Case.Urgent != bot.Calm || len(talk.Shown(lib, p.s)) != 0 {
		t.Fatalf("before: %+v, %v", p.s.Case.Urgent, talk.Shown(lib, p.s))
	}
	open := talk.OpenQuestions(lib, p.s, "lt")
	if len(open) < 5 || slices.Contains(steps(open), "age") || open[0].Step != "happened" || open[0].Filled != "" || !open[0].Several {
		t.Fatalf("what can be asked: %v", steps(open))
	}
	if plan := p.acts(ruta, "fill happened papers"); !plan.Refused {
		t.Fatal("somebody fills in who has not taken the case")
	}
	p.acts(ruta, "take")
	given := slices.Clone(p.s.Given)
	plan := p.acts(ruta, "fill happened papers,fee")
	if plan.Refused || !slices.Equal(p.s.Given, given) || len(plan.Send) > 0 {
		t.Fatalf("refused %v; the person's answers are %v, were %v; they are sent %v", plan.Refused, p.s.Given, given, plan.Send)
	}
	if p.s.Case.Urgent != bot.Grave || !slices.Contains(talk.Shown(lib, p.s), "documents-taken") {
		t.Errorf("the case weighs %v, and shows %v", p.s.Case.Urgent, talk.Shown(lib, p.s))
	}
	label := lib.Catalog.Language("en").Text("job-offer.happened.papers")
	card, _ := talk.CardIn(lib, p.s, "en")
	if !strings.Contains(card.Text, label) || !strings.Contains(card.Text, "(filled in by a counsellor)") || !strings.Contains(card.Text, "▲▲") {
		t.Errorf("the card:\n%s", card.Text)
	}
	if len(plan.Log) == 0 || !strings.Contains(plan.Log[0].Text, "Rūta įrašė") || plan.Log[0].By != talk.ByNote {
		t.Errorf("the log: %+v", plan.Log)
	}
	if q := talk.OpenQuestions(lib, p.s, "en")[0]; !strings.Contains(q.Filled, label) {
		t.Errorf("it is not shown as filled in: %+v", q)
	}
	p.acts(ruta, "unfill happened")
	if p.s.Case.Urgent != bot.Calm || len(talk.Shown(lib, p.s)) != 0 {
		t.Errorf("taken away it still weighs: %v, %v", p.s.Case.Urgent, talk.Shown(lib, p.s))
	}
}

func TestAnAnswerOfThePersonStandsAboveWhatWasFilledIn(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.asked()
	p.acts(ruta, "take")
	p.acts(ruta, "fill happened threats")
	if p.s.Case.Urgent != bot.Danger {
		t.Fatalf("threats weigh %v", p.s.Case.Urgent)
	}
	p.acts(ruta, "close")
	p.press("back:here") // to the questions; they answer this one themselves, and ask again
	p.go1("none")
	p.asked()
	if got := talk.Shown(lib, p.s); slices.Contains(got, "threats") {
		t.Errorf("what they said themselves is not what counts: %v", got)
	}
	if slices.Contains(steps(talk.OpenQuestions(lib, p.s, "lt")), "happened") {
		t.Error("what they answered can be filled in")
	}
}

func TestWhatWasStruckOutIsNeitherAskedNorFilledIn(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.skips(30)
	p.desk = true
	p.press("human")
	p.press("human:lines")
	struck := 0
	for _, b := range slices.Clone(p.buttons) {
		if strings.Contains(b.Label, "any of this") {
			p.press(b.Data)
			struck++
		}
	}
	if struck != 1 {
		t.Fatalf("%d lines struck out of %v", struck, p.buttons)
	}
	p.press("human:done")
	p.press("human:agree")
	p.acts(ruta, "take")
	if got := steps(talk.OpenQuestions(lib, p.s, "lt")); slices.Contains(got, "happened") || len(got) == 0 {
		t.Errorf("what can be asked: %v", got)
	}
	if plan := p.acts(ruta, "fill happened papers"); !plan.Refused || len(talk.Shown(lib, p.s)) != 0 {
		t.Error("it was filled in all the same")
	}
}

func TestAnAnswerThatIsNoneOfTheQuestionIsRefused(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.asked()
	p.acts(ruta, "take")
	for _, bad := range []string{"fill", "fill age", "fill age nothing", "fill age unsure", "fill age adult,minor", "fill nothing adult", "unfill nothing", "fill happened none,papers"} {
		if plan := p.acts(ruta, bad); !plan.Refused || len(p.s.Case.Told.Filled) != 0 {
			t.Errorf("%q is taken: %v", bad, p.s.Case.Told.Filled)
		}
	}
	if plan := p.acts(ruta, "fill age minor"); plan.Refused || p.s.Case.Urgent != bot.Danger {
		t.Errorf("under 18 weighs %v", p.s.Case.Urgent)
	}
	if got := talk.Protocols(lib, p.s, "lt"); got[0].Name != "minor" || !got[0].Fits || got[1].Fits {
		t.Errorf("the first protocol is %+v", got[0])
	}
}

func TestAProtocolComesUpByWhatTheDeskKnows(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.asked()
	for _, x := range talk.Protocols(lib, p.s, "lt") {
		if x.Fits {
			t.Errorf("%s comes up by itself", x.Name)
		}
	}
	p.n++
	p.s = talk.Decide(lib, p.s, bot.Update{From: you, Kind: bot.Typed, Text: "I want to kill myself", At: at.Add(time.Hour), Desk: bot.Desk{On: true, Always: true}}).Session
	got := talk.Protocols(lib, p.s, "lt")
	if got[0].Name != "despair" || !got[0].Fits {
		t.Fatalf("the first protocol is %s", got[0].Name)
	}
	text := ""
	dialled := map[string]bool{}
	for _, step := range got[0].Steps {
		for _, part := range step.Parts {
			text += part.Text
			dialled[part.Dial] = true
		}
	}
	if !strings.Contains(text, "116 123") && !strings.Contains(text, "116123") || !dialled["116123"] || !dialled["+37080028888"] || !dialled["112"] {
		t.Errorf("the numbers of those who listen are missing: %v in\n%s", dialled, text)
	}
	p.acts(ruta, "take")
	p.acts(ruta, "fill happened threats")
	if got := talk.Protocols(lib, p.s, "lt"); got[0].Name != "danger" || !got[0].Fits || got[1].Name != "despair" || !got[1].Fits {
		t.Errorf("in danger the first protocols are %s and %s", got[0].Name, got[1].Name)
	}
}

func TestAStepThatIsDoneStaysDoneForWhoeverTakesOverUntilItsWordsChange(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.asked()
	p.acts(ruta, "take")
	id := talk.Protocols(lib, p.s, "lt")[0].Steps[1].ID
	if plan := p.acts(ruta, "tick "+id); plan.Refused || len(plan.Send)+len(plan.Log) > 0 {
		t.Fatalf("refused %v, and it says %v %v", plan.Refused, plan.Send, plan.Log)
	}
	p.acts(ruta, "tick "+id)
	var back bot.Session
	if err := back.Decode(p.s.Encode()); err != nil {
		t.Fatal(err)
	}
	first := talk.Protocols(lib, back, "en")[0]
	if first.Done != 1 || !first.Steps[1].Done || first.Steps[0].Done {
		t.Errorf("kept, it is %+v", first)
	}
	p.acts(ruta, "untick "+id)
	if got := talk.Protocols(lib, p.s, "lt")[0].Done; got != 0 {
		t.Errorf("%d steps are done", got)
	}
	if plan := p.acts(ruta, "tick 12"); !plan.Refused {
		t.Error("a step that there is not is done")
	}
	files := copyOf(t)
	edited("content/lt/protocols.yaml", "po vieną dalyką", "po vieną klausimą")(files)
	changed, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	p.acts(ruta, "tick "+talk.Protocols(lib, p.s, "lt")[0].Steps[0].ID)
	if talk.Protocols(changed, p.s, "lt")[0].Done != 0 {
		t.Error("a step with new words is done already")
	}
}

func TestTheNumberForDangerIsThatOfThePersonsCountry(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "uk")
	p.skips(30)
	p.press("numbers:in.US")
	p.asked()
	number, country := talk.Emergency(lib, p.s, "en")
	if len(number) == 0 || number[0].Dial != "911" || country != lib.Catalog.Language("en").CountryName("US") {
		t.Errorf("%+v in %q", number, country)
	}
	for _, lang := range lib.Catalog.Spoken() {
		for _, x := range talk.Protocols(lib, p.s, lang.Tag) {
			if len(x.Steps) < 5 || x.Title == "" || x.When == "" || strings.Contains(x.Title, "[") {
				t.Errorf("%s: %+v", lang.Tag, x)
			}
		}
	}
}

func TestWhatIsFilledInThatALanguageCannotSayIsReadInOneThatCan(t *testing.T) {
	lib, err := library.Open(changed(t, newAnswer...))
	if err != nil {
		t.Fatal(err)
	}
	p := beginning(t, lib, "job-offer", "lt")
	p.go1("adult")
	p.skips(30)
	p.asked()
	p.acts(ruta, "take")
	plan := p.acts(ruta, "fill manner app")
	if plan.Refused || len(plan.Log) == 0 {
		t.Fatalf("%+v", plan)
	}
	card, _ := talk.CardIn(lib, p.s, "en")
	for what, text := range map[string]string{"the note": plan.Log[0].In("en"), "the note in Lithuanian": plan.Log[0].In("lt"), "the card": card.Text} {
		if strings.Contains(text, "[") || !strings.Contains(text, onlyLT+" programėlė") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}
