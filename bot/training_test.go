package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
	"patikra/content"
	"patikra/flows"
)

// train opens a module from the start screen, in the way a person would.
func train(t *testing.T, lib *library.Library, lang, module string) *visitor {
	t.Helper()
	p := arrive(t, lib, lang)
	p.press(p.first("menu"))
	p.press("menu:training")
	i := slices.IndexFunc(p.buttons, func(b bot.Button) bool { return strings.HasSuffix(b.Data, "."+module) })
	if i < 0 {
		t.Fatalf("no button leads to %s: %v", module, p.buttons)
	}
	p.press(p.buttons[i].Data)
	p.press(p.first("next"))
	return p
}

// option is the button of a choice by its place in the file, wherever it stands on the screen.
func (p *visitor) option(n int) bot.Button {
	p.t.Helper()
	for _, b := range p.answers() {
		if strings.HasSuffix(b.Data, fmt.Sprintf(".%d", n)) {
			return b
		}
	}
	p.t.Fatalf("there is no option %d: %v", n, p.answers())
	return bot.Button{}
}

func TestATrainingIsReachedInThreePressesInEveryLanguage(t *testing.T) {
	lib := builtIn(t)
	for _, lang := range spoken {
		for _, m := range lib.Book.Modules() {
			p := train(t, lib, lang, m)
			if p.s.Quiz != m || p.s.Stage != bot.Asking || p.s.Lang != lang {
				t.Errorf("%s %s: at %+v", lang, m, p.s)
			}
		}
	}
}

func TestEveryAnswerToACaseIsExplainedWithItsSourceInEveryLanguage(t *testing.T) {
	lib := builtIn(t)
	cases, topics := 0, map[string]bool{}
	for _, m := range lib.Book.Modules() {
		f := lib.Book.Training[m]
		for _, lang := range spoken {
			l := lib.Catalog.Language(lang)
			most := 0
			for i := range f.Steps {
				most = max(most, len(f.Steps[i].Choices))
			}
			for option := range most { // everybody who always chooses the same place
				p := train(t, lib, lang, m)
				for i := range f.Steps {
					step := &f.Steps[i]
					c := step.Choices[min(option, len(step.Choices)-1)]
					if !strings.Contains(p.text, l.Text(m+"."+step.Words+".say")) || !strings.Contains(p.text, strings.Fields(l.Text(m + "." + step.Words + ".case"))[0]) {
						t.Fatalf("%s %s: instead of %s there is\n%s", lang, m, step.Name, p.text)
					}
					p.press(p.option(min(option, len(step.Choices)-1)).Data)
					if step.Part != flows.Case {
						continue
					}
					cases++
					topics[step.Topic] = true
					told := strings.Split(l.Text(m+"."+step.Words+".told."+c.Answer), "{")[0]
					for _, other := range step.Choices {
						label, told := l.Text(m+"."+step.Words+"."+other.Answer), strings.Split(l.Text(m+"."+step.Words+".told."+other.Answer), "{")[0]
						if mark := map[bool]string{true: "✓", false: "•"}[other.Right]; !strings.Contains(p.text, mark+" **"+label+"**") || !strings.Contains(p.text, told) {
							t.Errorf("%s %s: after %s the option %s is not explained:\n%s", lang, step.Name, c.Answer, other.Answer, p.text)
						}
					}
					if !strings.Contains(p.text, told) || !strings.Contains(p.text, l.Text("training.source")+": ") {
						t.Errorf("%s %s %s: the explanation is\n%s", lang, step.Name, c.Answer, p.text)
					}
					for _, r := range step.Sources {
						if !strings.Contains(p.text, l.Text("training.references."+r)) {
							t.Errorf("%s %s: the source %s is not named", lang, step.Name, r)
						}
					}
					if strings.ContainsAny(p.text, "{}") {
						t.Errorf("%s %s: a placeholder is left:\n%s", lang, step.Name, p.text)
					}
					p.press(p.first("next"))
				}
				if p.s.Stage != bot.Finished || !strings.Contains(p.text, "+370") {
					t.Errorf("%s %s: the end shows no number:\n%s", lang, m, p.text)
				}
			}
		}
	}
	if n := cases / len(spoken) / 3; n < 10 || len(topics) < 10 {
		t.Errorf("%d cases about %d topics", n, len(topics))
	}
}

// finish goes through a module: well or not before the cases, and well or not after them.
func finish(t *testing.T, lib *library.Library, lang, module string, before, after int) *visitor {
	t.Helper()
	p := train(t, lib, lang, module)
	f := lib.Book.Training[module]
	asked := map[flows.Part]int{}
	for i := range f.Steps {
		step := &f.Steps[i]
		right := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Right })
		wrong := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return !c.Right })
		pick, well := wrong, map[flows.Part]int{flows.Before: before, flows.Case: 99, flows.After: after}[step.Part]
		if asked[step.Part]++; asked[step.Part] <= well {
			pick = right
		}
		p.press(p.option(pick).Data)
		if step.Part == flows.Case {
			p.press(p.first("next"))
		} else if strings.Contains(p.text, lib.Catalog.Language(lang).Text(module+"."+step.Words+".why")) && p.s.Stage != bot.Finished {
			t.Errorf("%s is explained before the end", step.Name)
		}
	}
	return p
}

func TestTheGainIsShownAndSoIsALoss(t *testing.T) {
	lib := builtIn(t)
	l := lib.Catalog.Language("en")
	for _, c := range []struct {
		before, after int
		says          string
	}{{0, 5, "gain"}, {3, 4, "gain"}, {2, 2, "same"}, {0, 0, "same"}, {4, 1, "loss"}, {5, 5, "full"}, {5, 0, "loss"}} {
		p := finish(t, lib, "en", "recognise", c.before, c.after)
		if !strings.Contains(p.text, l.Text("training."+c.says)) || !strings.Contains(p.text, fmt.Sprintf("%d of 5. After: %d of 5", c.before, c.after)) {
			t.Errorf("%d before, %d after:\n%s", c.before, c.after, p.text)
		}
		if !strings.Contains(p.text, l.Text("training.explained")) {
			t.Errorf("%d after: the questions are not explained", c.after)
		}
		for _, step := range lib.Book.Flow("recognise").Steps {
			if why := talk.Fill(lib, l.Text("recognise."+step.Words+".why")); step.Part == flows.After && !strings.Contains(p.text, why) {
				t.Errorf("%d after: %s is not explained", c.after, step.Words)
			}
		}
	}
}

func TestTheFirstAnswersCannotBeChangedOnceTheCasesHaveBegun(t *testing.T) {
	lib := builtIn(t)
	p := train(t, lib, "en", "recognise")
	p.press(p.option(0).Data)
	p.press(p.first("back")) // still free
	if len(p.s.Given) != 0 {
		t.Fatalf("%+v", p.s.Given)
	}
	for range 5 {
		p.press(p.option(0).Data)
	}
	given := len(p.s.Given)
	p.say("/back")
	if len(p.s.Given) != given || !strings.Contains(p.text, lib.Catalog.Language("en").Text("training.closed")) {
		t.Errorf("after /back there are %d answers of %d:\n%s", len(p.s.Given), given, p.text)
	}
	if slices.ContainsFunc(p.buttons, func(b bot.Button) bool { return strings.HasPrefix(b.Data, "back:") }) {
		t.Error("a button offers it")
	}
	p.press(p.option(0).Data) // a case, and back from its explanation
	p.press(p.first("back"))
	if len(p.s.Given) != given || p.s.Stage != bot.Asking {
		t.Errorf("the answer to a case cannot be changed: %+v", p.s)
	}
}

func TestNumbersHelpAndHumansAreReachedFromEveryScreenOfATraining(t *testing.T) {
	lib := builtIn(t)
	p := train(t, lib, "en", "respond")
	p.desk = true
	for n := 0; p.s.Stage != bot.Finished; n++ {
		at := p.s
		for _, word := range []string{"/numbers", "/help"} {
			p.say(word)
			if !strings.Contains(p.text, "112") {
				t.Errorf("%s at %d:\n%s", word, n, p.text)
			}
			p.press("back:here")
		}
		p.say("/supervision")
		if p.s.Case == nil {
			t.Fatalf("/supervision at %d:\n%s", n, p.text)
		}
		p.s = at
		p.say("/number")
		p.press("back:here")
		if p.s.Stage == bot.Explained {
			p.press(p.first("next"))
		} else {
			p.press(p.option(1).Data)
		}
	}
	p.press(p.first("human"))
	if p.s.Case == nil || p.s.Case.Next != bot.Supervision {
		t.Errorf("the button does not lead to the desk: %+v", p.s.Case)
	}
}

func TestACertificateCannotBeMadeUp(t *testing.T) {
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ring := func() *seal.Ring {
		r, err := seal.New(seal.NewKey(), 8)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	b, other := desk.New(builtIn(t), store, ring()), desk.New(builtIn(t), store, ring())
	rapid.Check(t, func(t *rapid.T) {
		c := bot.Certificate{Module: rapid.StringMatching("[a-z][a-z0-9-]{0,20}").Draw(t, "module"),
			Day: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "day"), 0).UTC().Format(time.DateOnly)}
		code := b.Code(c)
		if got, ok := b.ReadCertificate(code); !ok || got != c {
			t.Fatalf("%q reads as %+v, %v", code, got, ok)
		}
		if _, ok := other.ReadCertificate(code); ok {
			t.Fatal("another key takes it")
		}
		i := rapid.IntRange(0, len(code)-1).Draw(t, "at")
		by := rapid.SampledFrom([]byte("0123456789abcxyzABCXYZ-_. /")).Draw(t, "by")
		for _, forged := range []string{code[:i] + string(by) + code[i+1:], code[:i], code[i:], code + string(by), code[:i] + code[i+1:]} {
			if forged == code {
				continue
			}
			if got, ok := b.ReadCertificate(forged); ok {
				t.Fatalf("%q is taken for %+v", forged, got)
			}
		}
	})
}

func TestACertificateIsOfferedWhereThereIsAPageForItAndHoldsNoName(t *testing.T) {
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ring, err := seal.New(seal.NewKey(), 8)
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []bool{true, false} {
		b := desk.New(builtIn(t), store, ring)
		if page {
			b.Certify("https://patikra.example/")
		}
		p := finish(t, b.Library(), "lt", "recognise", 1, 5)
		link := "https://patikra.example/lt/certificate/"
		_, code, there := strings.Cut(p.text, link)
		if there != page {
			t.Fatalf("page %v:\n%s", page, p.text)
		}
		if !page {
			continue
		}
		code, _, _ = strings.Cut(code, "\n")
		c, ok := b.ReadCertificate(code)
		if !ok || c.Module != "recognise" || c.Day != at.Format(time.DateOnly) {
			t.Errorf("%q says %+v, %v", code, c, ok)
		}
	}
}

func TestATrainingIsCountedByItselfAndNeverAsAnOffer(t *testing.T) {
	lib := builtIn(t)
	p := finish(t, lib, "lt", "respond", 2, 4)
	n := map[string]int{}
	for _, c := range p.counts {
		n[c]++
		if strings.HasPrefix(c, "quiz") || strings.HasPrefix(c, "result") {
			t.Errorf("it counts %q", c)
		}
	}
	if n["training.respond.begun"] != 1 || n["training.respond.finished"] != 1 || n["training.respond.before"] != 2 || n["training.respond.after"] != 4 {
		t.Errorf("counted: %v", n)
	}
}

func TestCasesThatWereMissedComeOnceMoreAtTheEndWithTheBetterAnswerAndNoOthers(t *testing.T) {
	lib := builtIn(t)
	for _, lang := range spoken {
		l := lib.Catalog.Language(lang)
		p := train(t, lib, lang, "respond")
		f, missed := lib.Book.Training["respond"], map[string]bool{}
		for i := range f.Steps {
			step := &f.Steps[i]
			pick := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Right })
			if step.Part == flows.Case && len(missed) < 2 {
				missed[step.Words] = true
				pick = slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return !c.Right })
			}
			if p.press(p.option(pick).Data); step.Part == flows.Case {
				p.press(p.first("next"))
			}
		}
		for i := range f.Steps {
			step := &f.Steps[i]
			if step.Part != flows.Case {
				continue
			}
			told := strings.Contains(p.text, l.Text("respond."+step.Words+".case"))
			if told != missed[step.Words] {
				t.Errorf("%s: %s was missed: %v, and comes once more: %v\n%s", lang, step.Words, missed[step.Words], told, p.text)
			}
			for _, c := range step.Choices {
				if why := strings.Split(l.Text("respond."+step.Words+".told."+c.Answer), "{")[0]; c.Right && missed[step.Words] && !strings.Contains(p.text, why) {
					t.Errorf("%s %s: the better answer is not told:\n%s", lang, step.Words, p.text)
				}
			}
		}
	}
}

func TestTheOptionsOfATrainingStandInAnOrderOfItsOwnForEachConversationAndAreTypedAsTheyStand(t *testing.T) {
	lib := builtIn(t)
	orders := map[string]int{}
	for n := range 60 {
		p := arrive(t, lib, "lt")
		p.n += uint64(n) * 7919
		p.press(p.first("menu"))
		p.press("menu:training")
		i := slices.IndexFunc(p.buttons, func(b bot.Button) bool { return strings.HasSuffix(b.Data, ".recognise") })
		p.press(p.buttons[i].Data)
		p.press(p.first("next"))
		order := ""
		for _, b := range p.answers() {
			order += b.Data[strings.LastIndexByte(b.Data, '.')+1:]
		}
		orders[order]++
		second := p.answers()[1].Data
		want := second[strings.LastIndexByte(second, '.')+1:]
		p.say("2")
		if got := p.s.Given[0].Picks; fmt.Sprint(got) != map[string]string{"0": "1", "1": "2", "2": "4"}[want] {
			t.Errorf("who types 2 takes %b where the second is %s", got, want)
		}
	}
	if len(orders) != 6 {
		t.Errorf("of 6 orders there are %v", orders)
	}
}

func TestCheckWarnsOfAModuleThatCanBePassedWithoutReading(t *testing.T) {
	warned := func(lib *library.Library) (out []string) {
		for _, p := range lib.Warnings(read) {
			if strings.Contains(p.Message.Error(), "who always takes") {
				out = append(out, p.File+" "+p.Message.Error())
			}
		}
		return out
	}
	lib, files := builtIn(t), staff(t)
	if lines := warned(lib); len(lines) != 0 {
		t.Errorf("as shipped: %q", lines)
	}
	data := string(files["content/lt/respond.yaml"].Data)
	for _, step := range lib.Book.Training["respond"].Steps {
		for _, c := range step.Choices {
			if c.Right {
				was := "  " + c.Answer + ": " + lib.Catalog.Language("lt").Text(step.Text+"."+c.Answer)
				data = strings.Replace(data, was+"\n", was+" ir dar kai kas\n", 1)
			}
		}
	}
	files["content/lt/respond.yaml"].Data = []byte(data)
	longest, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Join(warned(longest), "\n"); !strings.Contains(lines, "content/lt/respond.yaml who always takes the longest option is right in 1") {
		t.Errorf("every better option is the longest: %q", lines)
	}
}

func TestWhatTheLawSaysStandsUnderACaseWithItsPageItsDayAndWhetherALawyerHasCheckedIt(t *testing.T) {
	lib := builtIn(t)
	for _, m := range lib.Book.Modules() {
		f := lib.Book.Training[m]
		for _, lang := range spoken {
			l, told := lib.Catalog.Language(lang), 0
			p := train(t, lib, lang, m)
			for i := range f.Steps {
				step := &f.Steps[i]
				if p.press(p.option(0).Data); step.Part != flows.Case {
					continue
				}
				for _, r := range lib.Book.References {
					if !slices.Contains(step.Laws, r.Name) {
						continue
					}
					told++
					for _, want := range []string{strings.Split(l.Text("training.laws."+r.Name), "{")[0], r.Link, r.Read, l.Text("training.law-unchecked")} {
						if !strings.Contains(p.text, want) || r.Checked != "no" {
							t.Errorf("%s %s: %q is not told of %s:\n%s", lang, step.Name, want, r.Name, p.text)
						}
					}
				}
				if len(p.text) > content.MaxText*2 {
					t.Errorf("%s %s: the explanation is %d bytes long", lang, step.Name, len(p.text))
				}
				p.press(p.first("next"))
			}
			if told < 7 {
				t.Errorf("%s %s: the law is told %d times", lang, m, told)
			}
		}
	}
}

func TestALawWithoutItsPageOrItsDayIsNoLaw(t *testing.T) {
	for was, c := range map[string]struct{ is, want string }{
		"  link: https://112.lt/en/about-number-112/sms/\n": {"", `nobody can look up what the law "law-sms" says`},
		"  checked: \"no\"\nlaw-sms:":                       {"law-sms:", "it is not said whether a lawyer checked the law \"law-legal-aid\""},
		"  seen: the document\n":                            {"  seen: the document\n  read: 2026-11-25\n", `"unodc" is no law`},
	} {
		files := staff(t)
		edited("flows/references.yaml", was, c.is)(files)
		if _, err := library.Open(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.want, err)
		}
	}
}
