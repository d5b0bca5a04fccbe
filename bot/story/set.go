package story

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content/sheet"
	"patikra/flows"
)

// Set is a set of answers by name, with what they should come to. It is played in every language.
//
//	# flows/answers/seasonal.yaml
//	quiz: job-offer
//	base: { danger: [no], age: [adult] }
//	sets:
//	  - { about: Strawberries in Finland, answers: { contract: [written] }, result: low }
//	  - { about: A fee, answers: { costs: [fee] }, result: concern, reasons: [fee] }
//
// A set may name a quiz of its own, and under readers: the level that careful readers of the real case came to, which
// the program's answer is measured against and need not equal.
//
// A step that is named neither under base nor under answers is skipped.
type Set struct {
	File    string
	Line    int
	About   string
	Quiz    string
	Result  string
	Readers string   // the level that readers of a real case came to, empty when nobody read it
	Reasons []string // every flag that should be a reason; nil: they are not looked at
	answers map[string][]string
}

// LoadSets reads flows/answers/*.yaml of a folder.
func LoadSets(fsys fs.FS) ([]Set, error) {
	files := sheet.Glob(fsys, "flows/answers/*.yaml")
	r := sheet.NewReader(fsys)
	var out []Set
	for _, file := range files {
		top, ok := r.File(file)
		if !ok {
			continue
		}
		m := top.Map("quiz", "base", "sets")
		base := map[string][]string{}
		for _, f := range m["base"].Fields() {
			base[f.Name] = f.Texts()
		}
		for _, n := range m["sets"].List() {
			e := n.Map("about", "quiz", "readers", "answers", "result", "reasons")
			s := Set{File: file, Line: n.Line(), About: e["about"].Text(), Quiz: m["quiz"].Text(), Result: e["result"].Text(), Readers: e["readers"].Text(), answers: map[string][]string{}}
			if s.About == "" || s.Result == "" {
				n.Bad("write about: and result:", "a set of answers does not say what it is about or what it should come to")
			}
			if !e["quiz"].Zero() {
				s.Quiz = e["quiz"].Text()
			}
			for k, v := range base {
				s.answers[k] = v
			}
			if !e["answers"].Zero() {
				for _, f := range e["answers"].Fields() {
					s.answers[f.Name] = f.Texts()
				}
			}
			if !e["reasons"].Zero() {
				s.Reasons = append([]string{}, e["reasons"].Texts()...)
				slices.Sort(s.Reasons)
			}
			out = append(out, s)
		}
	}
	return out, r.Problems.Err()
}

// Came is what a set of answers has come to.
type Came struct {
	Result  string
	Reasons []string // in the order of the result
	Screen  string   // what a person sees at the end, and what unfolds then
	Asked   int      // questions
	Session bot.Session
}

// Play answers the quiz in a language as somebody would who types, and returns what it came to.
func (s Set) Play(l *library.Library, lang string) (Came, error) {
	fail := func(format sheet.Text, args ...any) (Came, error) {
		return Came{}, sheet.Say("%s:%d: %s: %s", s.File, s.Line, s.About, sheet.Say(format, args...))
	}
	flow := l.Book.Flows[s.Quiz]
	if flow == nil {
		return fail("there is no quiz %q", s.Quiz)
	}
	if err := s.known(flow); err != "" {
		return fail(err)
	}
	var session bot.Session
	at := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	said, screen := "/start "+s.Quiz, ""
	for i := range 2*flows.MaxAsked + 10 {
		plan := talk.Decide(l, session, bot.Update{ID: uint64(i + 1), From: bot.Address{Channel: "story", ID: "1"}, Kind: bot.Typed,
			Text: said, Locale: lang, Ref: int64(i + 1), At: at.Add(time.Duration(i) * time.Second)})
		session, screen = plan.Session, shown(plan.Send)
		if result, reasons, ok := talk.Outcome(l, &session); ok {
			whole := talk.Decide(l, session, bot.Update{From: bot.Address{Channel: "story", ID: "1"}, Kind: bot.Typed, Text: "/why"})
			return Came{result, reasons, screen + shown(whole.Send), len(session.Given), session}, nil
		}
		switch session.Stage {
		case bot.Asking:
		case bot.Checking:
			said = "/next"
			continue
		default:
			said = "1"
			continue
		}
		step := flow.Step(int(session.At))
		var picks []string
		place := 0 // among the answers that are shown
		for _, c := range step.Choices {
			if l.Hides(lang, s.Quiz, map[string][]string{step.Name: {c.Answer}}) {
				continue
			}
			if place++; slices.Contains(s.answers[step.Name], c.Answer) {
				picks = append(picks, strconv.Itoa(place))
			}
		}
		if said = strings.Join(picks, " "); said == "" {
			said = "/skip"
		}
	}
	return fail("it does not come to a result; the last screen was\n%s", indent(screen))
}

// known says what the set names that the quiz does not have.
func (s Set) known(flow *flows.Flow) sheet.Text {
	for name, answers := range s.answers {
		i := slices.IndexFunc(flow.Steps, func(st flows.Step) bool { return st.Name == name })
		if i < 0 {
			return sheet.Say("the quiz has no step %q", name)
		}
		for _, a := range answers {
			if !slices.ContainsFunc(flow.Steps[i].Choices, func(c flows.Choice) bool { return c.Answer == a }) {
				return sheet.Say("the step %q has no answer %q", name, a)
			}
		}
		if len(answers) > 1 && !flow.Steps[i].Several {
			return sheet.Say("the step %q takes one answer", name)
		}
	}
	return ""
}

// Check plays the set in a language and holds what it came to against what it should.
func (s Set) Check(l *library.Library, lang string) error {
	if l.Hides(lang, s.Quiz, s.answers) { // it waits for its translation
		return nil
	}
	got, err := s.Play(l, lang)
	if err != nil {
		return err
	}
	if got.Result != s.Result {
		return sheet.Say("%s:%d: %s: the result should be %q but is %q (%s)", s.File, s.Line, s.About, s.Result, got.Result, strings.Join(got.Reasons, ", "))
	}
	reasons := slices.Sorted(slices.Values(got.Reasons))
	if s.Reasons != nil && !slices.Equal(reasons, s.Reasons) {
		return sheet.Say("%s:%d: %s: the reasons should be %s but are %s", s.File, s.Line, s.About, strings.Join(s.Reasons, ", "), strings.Join(reasons, ", "))
	}
	return nil
}
