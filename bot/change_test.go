package bot_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/flows"
)

// go1 answers the present question by the choice's name; with several, that one alone.
func (p *visitor) go1(answer string) {
	p.t.Helper()
	step := p.lib.Book.Flow(p.s.Quiz).Step(int(p.s.At))
	i := slices.IndexFunc(step.Choices, func(c flows.Choice) bool { return c.Answer == answer })
	if i < 0 {
		p.t.Fatalf("%s has no answer %q", step.Name, answer)
	}
	if p.press(p.answers()[i].Data); step.Several && p.s.Ticks == 1<<i {
		p.press(p.first("next"))
	}
}

// skips goes on to the question with so many answers before it, or to the result.
func (p *visitor) skips(given int) {
	p.t.Helper()
	for len(p.s.Given) < given && p.s.Stage == bot.Asking && p.s.Over == bot.Nothing {
		p.press(p.first("skip"))
	}
	p.toResult()
}

// toResult goes from the list of all answers to the result.
func (p *visitor) toResult() {
	p.t.Helper()
	if p.s.Stage == bot.Checking {
		p.press(p.first("next"))
	}
}

func (p *visitor) has(word string) bool {
	return slices.ContainsFunc(p.buttons, func(b bot.Button) bool { w, _, _ := strings.Cut(b.Data, ":"); return w == word })
}

// beginning goes to the first question of a quiz.
func beginning(t *testing.T, lib *library.Library, quiz, locale string) *visitor {
	t.Helper()
	p := &visitor{t: t, lib: lib, locale: locale}
	p.say("/start " + quiz)
	for p.s.Stage != bot.Asking {
		p.press(p.first("next"))
	}
	return p
}

func TestFromTheFifthQuestionOnTheResultCanBeSeenAndSaysWhatIsLeft(t *testing.T) {
	lib := builtIn(t)
	for _, quiz := range lib.Book.Quizzes() {
		levelled := lib.Book.Flow(quiz).Levelled()
		for _, lang := range tags(lib) {
			p := beginning(t, lib, quiz, lang)
			for n := 1; p.s.Stage == bot.Asking; n++ {
				if want := levelled && n >= 5; p.has("show") != want {
					t.Fatalf("%s %s, question %d: the result can be seen: %v", quiz, lang, n, !want)
				}
				if p.has("show") {
					other := p.copy()
					left := lib.Book.Flow(quiz).Ahead(flows.Place{Step: int(p.s.At)}, p.s.Given)
					other.press(other.first("show"))
					o, _, ok := talk.Outcome(lib, &other.s)
					if !ok || o != "unknown" || !strings.Contains(other.text, strconv.Itoa(left)) || !talk.Early(lib, other.s) {
						t.Fatalf("%s %s, question %d: %s, %d questions left:\n%s", quiz, lang, n, o, left, other.text)
					}
					for _, point := range lib.Book.Flow(quiz).ToAsk(p.s.Given) {
						if name := lib.Catalog.Language(lang).Text("flags.points." + point + ".name"); !strings.Contains(other.text, name) {
							t.Errorf("%s %s, question %d: %s is open and not named", quiz, lang, n, point)
						}
					}
					other.press(other.first("next"))
					if other.s.Stage != bot.Asking || other.s.At != p.s.At || !reflect.DeepEqual(other.s.Given, p.s.Given) {
						t.Fatalf("%s %s: after going on the person stands elsewhere", quiz, lang)
					}
				}
				p.press(p.first("skip"))
			}
			p.toResult()
			if talk.Early(lib, p.s) || p.has("next") {
				t.Errorf("%s %s: the end can be gone on from", quiz, lang)
			}
		}
	}
}

func TestAPauseAtAnEarlyResultChangesNothing(t *testing.T) {
	lib := builtIn(t)
	r := rand.New(rand.NewPCG(3, 3))
	lows := 0
	for range 60 {
		a, b := arrive(t, lib, "lt"), arrive(t, lib, "lt")
		a.toQuestion()
		b.toQuestion()
		for a.s.Stage == bot.Asking {
			if b.has("show") && r.IntN(2) == 0 {
				b.press(b.first("show"))
				switch o, _, _ := talk.Outcome(lib, &b.s); o {
				case "low":
					t.Fatal("what was not asked counts as good")
				}
				if lib.Book.Risk.Assess(lib.Book.Flow(b.s.Quiz).Facts(b.s.Given)).Level == flows.Low {
					lows++
				}
				b.press(b.first([]string{"next", "back"}[r.IntN(2)]))
			}
			quiet := harmless(a, len(a.answers()))
			i := quiet[r.IntN(len(quiet))]
			for _, p := range []*visitor{a, b} {
				if p.press(p.answers()[i].Data); p.s.Ticks != 0 {
					p.press(p.first("next"))
				}
			}
		}
		if !reflect.DeepEqual(a.s.Given, b.s.Given) || a.s.End != b.s.End || b.s.Stage != a.s.Stage {
			t.Fatalf("%v %s, with the pause %v %s", a.s.Given, a.s.End, b.s.Given, b.s.End)
		}
	}
	if lows == 0 {
		t.Error("no early result had all its points settled: this test shows nothing about low")
	}
}

func TestAnAnswerThatIsChangedAsksAgainOnlyWhatFollowsFromIt(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "lt")
	p.go1("adult")
	p.go1("none")
	p.go1("offer")
	p.go1("none")
	p.go1("europe")
	p.skips(30)
	p.press(p.first("change"))
	if !strings.Contains(p.text, "\n\n1. ") || p.first("next", "change")[:4] != "next" || strings.Contains(p.text, "/") {
		t.Fatalf("the list is\n%s\n%v", p.text, p.buttons)
	}
	p.press("change:" + strconv.Itoa(int(p.s.Serial)) + ".1") // what has happened
	if step := lib.Book.Flow("job-offer").Step(int(p.s.At)).Name; step != "happened" || p.s.Stage != bot.Asking {
		t.Fatalf("asked %s", step)
	}
	if !slices.ContainsFunc(p.answers(), func(b bot.Button) bool { return strings.HasPrefix(b.Label, "● ") }) {
		t.Errorf("the former answer is not marked: %v", p.answers())
	}
	p.press(p.first("answer")) // threats: it ends there, and none of these is gone
	p.press(p.first("next"))
	if o, _, _ := talk.Outcome(lib, &p.s); o != "emergency" || len(p.s.Before) > 0 {
		t.Fatalf("%s %v", o, p.s)
	}

	p = beginning(t, lib, "job-offer", "lt")
	p.go1("adult")
	p.go1("none")
	p.skips(30)
	was := p.s
	p.press(p.first("change"))
	p.say("2")
	p.go1("fee") // one question follows: what for
	if step := lib.Book.Flow("job-offer").Step(int(p.s.At)).Name; step != "fee" {
		t.Fatalf("asked %s after a fee was named", step)
	}
	p.press(p.first("change"))
	p.say("2")
	p.go1("none")
	if p.s.Stage != bot.Finished || !reflect.DeepEqual(p.s.Given, was.Given) || p.s.Changing != bot.NoChange {
		t.Errorf("after a change that was taken back: %v, before %v", p.s, was)
	}
}

func TestLookingAtAnAnswerAndLeavingItChangesNothing(t *testing.T) {
	lib := builtIn(t)
	for _, given := range []int{2, 6, 30} {
		p := arrive(t, lib, "en")
		p.toQuestion()
		p.skips(given)
		was := p.s
		for k := range was.Given {
			if p.s.Stage == bot.Asking && !p.has("change") {
				p.say("/change")
			} else {
				p.press(p.first("change"))
			}
			p.press("change:" + strconv.Itoa(int(p.s.Serial)) + "." + strconv.Itoa(k))
			if k >= 8 != (p.s.Over != bot.Nothing && p.s.Stage != bot.Asking) && p.s.At != was.Given[k].Step {
				t.Fatalf("asked %d in place of %d", p.s.At, was.Given[k].Step)
			}
			p.press(p.first("back"))
			if p.s.Stage != was.Stage || p.s.At != was.At && was.Stage == bot.Asking || !reflect.DeepEqual(p.s.Given, was.Given) || len(p.s.Before) > 0 {
				t.Fatalf("%d answers, the %d. looked at: %v, before %v", given, k+1, p.s, was)
			}
		}
	}
}

func TestWhatWasAnsweredIsMarkedWhenOneComesBack(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "lt")
	p.go1("adult")
	p.press(p.answers()[2].Data)
	p.press(p.answers()[3].Data)
	for _, word := range []string{"why", "numbers", "back"} { // ticks survive a look at something else
		if word == "back" {
			p.press("back:here")
		} else {
			p.press(p.first(word))
		}
	}
	if p.s.Ticks != 12 {
		t.Fatalf("ticks %b", p.s.Ticks)
	}
	p.press(p.first("next"))
	p.press(p.first("back"))
	if p.s.Ticks != 12 || !strings.HasPrefix(p.answers()[2].Label, "☑") {
		t.Errorf("after going back: %b %v", p.s.Ticks, p.answers())
	}
	p.press(p.first("back"))
	if !strings.HasPrefix(p.answers()[0].Label, "✓ ") || strings.HasPrefix(p.answers()[1].Label, "✓ ") {
		t.Errorf("after going back twice: %v", p.answers())
	}
	p.go1("adult")
	if p.s.Ticks != 12 {
		t.Errorf("on the way again: %b", p.s.Ticks)
	}
	p.press(p.answers()[len(p.answers())-2].Data) // none of these beside ticks takes their place and is not sent
	if p.s.Stage != bot.Asking || len(p.s.Given) != 1 {
		t.Error("none of these was sent, and the ticks with it are lost")
	}
	p.press(p.answers()[len(p.answers())-2].Data)
	if len(p.s.Given) != 2 {
		t.Error("none of these alone is no answer")
	}
}

func TestComingToTheBeginningAgainNeverWipesWhatWasAnswered(t *testing.T) {
	lib := builtIn(t)
	for _, given := range []int{1, 7, 30} {
		p := arrive(t, lib, "lt")
		p.toQuestion()
		p.skips(given)
		was := p.s
		for _, start := range []string{"/start", "/start radio_lt", "labas", "/start at-work"} {
			p.say(start)
			if !reflect.DeepEqual(p.s.Given, was.Given) || p.s.Quiz != was.Quiz || p.first("next", "restart", "answer")[:4] != "next" {
				t.Fatalf("%s: %v\n%s", start, p.s, p.text)
			}
			if start == "/start at-work" && !strings.Contains(p.buttons[1].Data, ".at-work") {
				t.Errorf("the way to the other questions is missing: %v", p.buttons)
			}
			p.press(p.first("next"))
			if p.s.Stage != was.Stage || p.s.At != was.At || p.s.Over != bot.Nothing {
				t.Fatalf("%s: going on leads to %v", start, p.s)
			}
		}
		p.say("/start")
		p.press(p.first("restart"))
		if len(p.s.Given) > 0 || p.s.Stage != bot.Private {
			t.Error("beginning anew does not")
		}
	}
}

func TestWhatIsNotUnderstoodIsAnsweredDifferentlyTheSecondTimeAndWithAPersonTheThird(t *testing.T) {
	lib := builtIn(t)
	for _, lang := range tags(lib) {
		p := arrive(t, lib, lang)
		p.toQuestion()
		var said []string
		for range 4 {
			p.say("qwrt zxcv")
			said = append(said, p.text)
		}
		if said[0] == said[1] || said[1] == said[2] || said[2] != said[3] {
			t.Errorf("%s: %q", lang, said)
		}
		if strings.Contains(said[1], "+370") || !strings.Contains(said[2], "+370") || !p.has("human") {
			t.Errorf("%s: the third answer is\n%s", lang, said[2])
		}
		p.press(p.first("skip"))
		if p.say("qwrt zxcv"); strings.Contains(p.text, "+370") || p.has("human") {
			t.Errorf("%s: it is not forgotten after an answer:\n%s", lang, p.text)
		}
	}
}

func TestTheCountryOfTheJobIsUnderstoodAndPicked(t *testing.T) {
	lib := builtIn(t)
	at := func(lang string) *visitor {
		p := beginning(t, lib, "job-offer", lang)
		p.go1("adult")
		p.go1("none")
		p.go1("offer")
		p.go1("none")
		if lib.Book.Flow("job-offer").Step(int(p.s.At)).Name != "country" {
			t.Fatal("another question")
		}
		return p
	}
	choice := func(p *visitor) string {
		f := lib.Book.Flow("job-offer")
		for i, c := range f.Step(int(p.s.Given[4].Step)).Choices {
			if p.s.Given[4].Picks == 1<<i {
				return c.Answer
			}
		}
		return ""
	}
	for _, c := range []struct{ lang, typed, code, answer string }{{"lt", "vokietijoj", "DE", "europe"}, {"lt", "Norvegijoje", "NO", "europe"}, {"en", "the Netherlands", "NL", "europe"},
		{"pl", "w niemczech", "DE", "europe"}, {"ru", "Германия", "DE", "europe"}, {"uk", "Швеция", "SE", "europe"}, {"en", "USA", "US", "elsewhere"}, {"lt", "Lietuva", "", ""}, {"lt", "🇩🇪", "DE", "europe"}} {
		p := at(c.lang)
		if p.say(c.typed); p.s.Job != c.code || c.code != "" && choice(p) != c.answer || c.code == "" && len(p.s.Given) != 4 {
			t.Errorf("%s %q: %q %v", c.lang, c.typed, p.s.Job, p.s.Given)
		}
	}
	for _, lang := range tags(lib) {
		p := at(lang)
		p.press(p.first("menu"))
		found := map[string]bool{}
		for range 8 {
			for _, b := range p.answers() {
				if _, code, _ := strings.Cut(b.Data, "."); len(code) == 2 {
					found[code] = true
					other := p.copy()
					if other.press(b.Data); other.s.Job != code || other.s.Over != bot.Nothing || len(other.s.Given) != 5 {
						t.Errorf("%s: %s leads to %v", lang, code, other.s)
					}
				}
			}
			i := slices.IndexFunc(p.buttons, func(b bot.Button) bool { return b.Label == lib.Catalog.Language(lang).Text("countries.more") })
			if i < 0 {
				break
			}
			p.press(p.buttons[i].Data)
		}
		if want := len(lib.Catalog.Countries) - 1; len(found) != want { // Lithuania has answers of its own
			t.Errorf("%s: %d of %d countries can be picked", lang, len(found), want)
		}
		p.press(p.answers()[len(p.answers())-1].Data) // not known
		if p.s.Job != "" || len(p.s.Given) != 5 {
			t.Errorf("%s: not known leads to %v", lang, p.s)
		}
	}
	p := at("lt")
	p.say("Norvegija")
	p.desk = true
	if p.say("/human"); !strings.Contains(p.text, "(Norvegija)") { // a line like the others, to be struck out like them
		t.Errorf("what a counsellor would see:\n%s", p.text)
	}
	p.press("back:here")
	p.skips(30)
	if !strings.Contains(p.text, "Norvegija") || !strings.Contains(p.text, "arbeidstilsynet.no") || !slices.ContainsFunc(p.buttons, func(b bot.Button) bool { return b.Data == "numbers:in.NO" }) {
		t.Errorf("the result says nothing of the country:\n%s\n%v", p.text, p.buttons)
	}
	p.press(p.first("back"))
	for len(p.s.Given) > 4 {
		p.press(p.first("back"))
	}
	if p.go1("near"); p.s.Job != "" {
		t.Error("another answer leaves the country")
	}
}

// walk answers every question by chance, in half the cases without anything grave, until the questions end.
func (p *visitor) walk(r *rand.Rand) {
	p.t.Helper()
	calm := r.IntN(2) == 0
	for p.s.Stage == bot.Asking {
		list := p.answers()
		i := r.IntN(len(list))
		if quiet := harmless(p, len(list)); calm && len(quiet) > 0 {
			i = quiet[r.IntN(len(quiet))]
		}
		if p.press(list[i].Data); p.s.Ticks != 0 {
			p.press(p.first("next"))
		}
	}
}

func TestEveryAnswerIsShownBeforeTheResultAndOneButtonShowsIt(t *testing.T) {
	lib := builtIn(t)
	r := rand.New(rand.NewPCG(12, 6))
	listed, urgent := 0, 0
	for _, quiz := range lib.Book.Quizzes() {
		for _, lang := range tags(lib) {
			for range 4 {
				p := beginning(t, lib, quiz, lang)
				asked := p.s.Quiz
				p.walk(r)
				if o, _, ok := talk.Outcome(lib, &p.s); ok {
					if !strings.HasSuffix(o, "emergency") {
						t.Fatalf("%s %s: %s comes before the answers are shown", quiz, lang, o)
					}
					urgent++
					continue
				}
				listed++
				if p.first("next", "change", "answer")[:4] != "next" || progress.MatchString(p.text) || p.has("show") {
					t.Fatalf("%s %s: the list is\n%s\n%v", quiz, lang, p.text, p.buttons)
				}
				seen := p.text
				for page := p.copy(); ; {
					i := slices.IndexFunc(page.buttons, func(b bot.Button) bool { return strings.HasSuffix(b.Label, "›") })
					if i < 0 {
						break
					}
					page.press(page.buttons[i].Data)
					seen += page.text
				}
				for k, g := range p.s.Given {
					step := lib.Book.Flow(asked).Step(int(g.Step))
					if !strings.Contains(seen, "\n\n"+strconv.Itoa(k+1)+". ") {
						t.Fatalf("%s %s: answer %d is not in the list\n%s", quiz, lang, k+1, seen)
					}
					for i, c := range step.Choices {
						if label := lib.Catalog.Language(lang).Text(step.Text + "." + c.Answer); g.Picks&(1<<i) != 0 && len(label) < 60 && !strings.Contains(seen, label) {
							t.Fatalf("%s %s: %q is not in the list\n%s", quiz, lang, label, seen)
						}
					}
				}
				page := talk.Draw(lib, p.s, lang)
				if len(page.Given) != len(p.s.Given) || page.Screen != "other" || page.N != 0 {
					t.Errorf("%s %s: a page shows %d of %d answers", quiz, lang, len(page.Given), len(p.s.Given))
				}
				plan := p.press(p.first("next"))
				if _, _, ok := talk.Outcome(lib, &p.s); !ok || !strings.Contains(p.text, "+370") {
					t.Fatalf("%s %s: after the list comes\n%s", quiz, lang, p.text)
				}
				if n := len(plan.Counts); n != 1 || !strings.HasPrefix(plan.Counts[0], "result.") {
					t.Errorf("%s %s: counted is %v", quiz, lang, plan.Counts)
				}
				if p.press(p.first("back")); p.s.Stage != bot.Checking {
					t.Errorf("%s %s: back from the result leads to\n%s", quiz, lang, p.text)
				}
			}
		}
	}
	if listed < 40 || urgent < 5 {
		t.Errorf("%d lists and %d emergencies show nothing", listed, urgent)
	}
}

func TestAChangeBeforeTheResultComesBackToTheList(t *testing.T) {
	lib := builtIn(t)
	for _, page := range []bool{false, true} {
		p := beginning(t, lib, "job-offer", "lt")
		p.go1("adult")
		p.go1("none")
		for p.s.Stage == bot.Asking {
			p.press(p.first("skip"))
		}
		was := slices.Clone(p.s.Given)
		if page { // an answer of the second page
			p.press("change:" + strconv.Itoa(int(p.s.Serial)) + ".p1")
		}
		p.say(strconv.Itoa(len(was)))
		if p.s.Stage != bot.Asking || p.s.At != was[len(was)-1].Step {
			t.Fatalf("asked %d\n%s", p.s.At, p.text)
		}
		p.press(p.first("skip"))
		if p.s.Stage != bot.Checking || !reflect.DeepEqual(p.s.Given, was) {
			t.Fatalf("after the change: %v\n%s", p.s, p.text)
		}
		p.say("2")
		p.press(p.first("back"))
		if p.s.Stage != bot.Checking || !reflect.DeepEqual(p.s.Given, was) {
			t.Fatalf("a look at an answer: %v\n%s", p.s, p.text)
		}
		p.say("2")
		p.go1("fee") // one question follows
		if step := lib.Book.Flow("job-offer").Step(int(p.s.At)).Name; step != "fee" {
			t.Fatalf("asked %s after a fee was named", step)
		}
		for p.s.Stage == bot.Asking {
			p.press(p.first("skip"))
		}
		if p.s.Stage != bot.Checking || len(p.s.Given) <= len(was) {
			t.Fatalf("after the question that followed: %v\n%s", p.s, p.text)
		}
		p.press("numbers")
		p.press("back:here")
		if p.s.Stage != bot.Checking || !p.has("change") {
			t.Fatalf("after the numbers:\n%s", p.text)
		}
		p.say("2")
		p.go1("threats") // beside the fee
		p.press(p.first("next"))
		if o, _, _ := talk.Outcome(lib, &p.s); o != "emergency" {
			t.Errorf("an emergency named in a change leads to\n%s", p.text)
		}
	}
}
