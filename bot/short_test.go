package bot_test

import (
	"slices"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// atStep is a session that stands at a question of a quiz.
func atStep(t *testing.T, l *library.Library, lang, quiz, step string) bot.Session {
	t.Helper()
	i := slices.IndexFunc(l.Book.Flows[quiz].Steps, func(s flows.Step) bool { return s.Name == step })
	if i < 0 {
		t.Fatalf("the quiz %s has no step %s", quiz, step)
	}
	return bot.Session{Book: l.ID, Lang: lang, Quiz: quiz, Stage: bot.Asking, At: uint8(i)}
}

func keyed(text string) bot.Update {
	return bot.Update{ID: 1, From: bot.Address{Channel: "x", ID: "1"}, Kind: bot.Typed, Text: text, At: benchTime}
}

func TestAShortFormThatIsTypedIsTheAnswer(t *testing.T) {
	l := shipped(t)
	for i := range l.Catalog.Languages {
		lang := &l.Catalog.Languages[i]
		for _, name := range lang.Names("") {
			label := content.ShortOf(name)
			if label == "" {
				continue
			}
			part := strings.Split(label, ".")
			s := atStep(t, l, lang.Tag, part[0], part[1])
			for _, over := range []bot.Over{bot.Nothing, bot.Why, bot.Numbers} {
				if s.Over = over; over == bot.Numbers && len(lang.Text(name)) < 6 {
					continue
				}
				p := talk.Decide(l, s, keyed(" "+strings.ToUpper(lang.Text(name))+"! "))
				if len(p.Session.Given) != 1 {
					t.Errorf("%s, %q over %d: no answer", lang.Tag, lang.Text(name), over)
					continue
				}
				g := p.Session.Given[0]
				step := l.Book.Flows[part[0]].Step(int(g.Step))
				for i, c := range step.Choices {
					if (g.Picks == 1<<i) != (c.Answer == part[2]) {
						t.Errorf("%s, %q over %d: %b is given for %s", lang.Tag, lang.Text(name), over, g.Picks, part[2])
					}
				}
				if p.Session.Job != "" {
					t.Errorf("%s, %q: it is read as the country %s", lang.Tag, lang.Text(name), p.Session.Job)
				}
			}
		}
	}
}

// shortOf are the short forms that go with a question, each beside its button.
func shortOf(t *testing.T, l *library.Library, s bot.Session) map[string]string {
	t.Helper()
	p := talk.Decide(l, s, keyed("?!"))
	if len(p.Send) != 1 {
		t.Fatalf("%d messages", len(p.Send))
	}
	labels, out := map[string]string{}, map[string]string{}
	for _, row := range p.Send[0].Buttons {
		for _, b := range row {
			labels[b.Data] = b.Label
		}
	}
	for _, b := range p.Send[0].Short {
		if labels[b.Data] == "" || content.Length(labels[b.Data]) <= content.MaxQuickReply || content.Length(b.Label) > content.MaxQuickReply {
			t.Errorf("%q is short for %q", b.Label, labels[b.Data])
		}
		out[labels[b.Data]] = b.Label
	}
	return out
}

func TestShortFormsGoWithAQuestionOnlyWhereAllItsLongLabelsHaveOne(t *testing.T) {
	files := copyOf(t)
	open := func() *library.Library {
		l, err := library.Open(files)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	const employer = "Bendrauju su darbdaviu ir žinau jo pavadinimą"
	if got := shortOf(t, l, atStep(t, l, "lt", "job-offer", "between")); got[employer] != "Pats darbdavys" || len(got) != 9 {
		t.Errorf("%q", got)
	}
	s := atStep(t, l, "lt", "job-offer", "between")
	s.Before = []flows.Given{{Step: s.At, Picks: 1}} // an answer that is being changed
	s.Changing = bot.FromEarly
	if got := shortOf(t, l, s); got["✓ "+employer] != "✓ Pats darbdavys" {
		t.Errorf("the answer given before: %q", got)
	}
	for _, step := range []string{"happened", "age", "found"} { // ticks; labels that fit; more than find room
		if got := shortOf(t, l, atStep(t, l, "lt", "job-offer", step)); len(got) != 0 {
			t.Errorf("%s: %q", step, got)
		}
	}
	text := files[lt].Data
	files[lt].Data = []byte(strings.Replace(string(text), "    employer: Pats darbdavys\n", "", 1))
	l = open()
	if got := shortOf(t, l, atStep(t, l, "lt", "job-offer", "between")); len(got) != 0 {
		t.Errorf("one is missing: %q", got)
	}
	var named []string
	for _, w := range l.Warnings(benchTime) {
		if strings.Contains(w.Message.Error(), "short forms are missing") && w.File == lt {
			named = append(named, w.Message.Error())
			if line := strings.Split(string(files[lt].Data), "\n")[w.Line-1]; !strings.HasPrefix(line, "  employer: ") {
				t.Errorf("the line is %q", line)
			}
		}
	}
	if len(named) != 1 || !strings.HasSuffix(named[0], "missing: employer") || !strings.Contains(named[0], `"between"`) {
		t.Errorf("check says %q", named)
	}
}

func TestAVariantBorrowsNoShortFormOfOtherWords(t *testing.T) {
	l := shipped(t)
	lang := l.Catalog.Language("lt-easy")
	for _, name := range lang.Names("") {
		if label := content.ShortOf(name); label != "" && lang.Own(label) != lang.Own(name) {
			t.Errorf("%s is borrowed: %v, its label is: %v", name, !lang.Own(name), !lang.Own(label))
		}
	}
}

func TestOnMessengerNoShippedButtonIsCutAndNoQuestionOfOneAnswerIsAListOfNumbers(t *testing.T) {
	for _, w := range shipped(t).Warnings(benchTime) {
		if strings.Contains(w.Message.Error(), "Messenger would cut") || strings.Contains(w.Message.Error(), "short forms are missing") {
			t.Error(w)
		}
	}
	files := copyOf(t)
	files[chatLT].Data = []byte(strings.Replace(string(files[chatLT].Data), "\nskip: ", "\nskip: Visai ir iš tiesų ", 1))
	l, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(l.Warnings(benchTime), func(p sheet.Problem) bool {
		return p.File == chatLT && strings.Contains(p.Message.Error(), "Messenger would cut the button \"Visai ir iš tiesų")
	}) {
		t.Error("a button that Messenger would cut is not named")
	}
}
