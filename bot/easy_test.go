package bot_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
)

// begun is somebody at the first question of a quiz, in a language.
func begun(t *testing.T, l *library.Library, lang, quiz string) *visitor {
	t.Helper()
	p := arrive(t, l, "")
	p.say("/start " + quiz + "_" + lang)
	for len(p.answers()) == 0 {
		p.press(p.first("next"))
	}
	return p
}

func TestAnEasyVariantSaysItsQuizSimplyAndTellsWhereItBorrows(t *testing.T) {
	l := builtIn(t)
	usual := l.Catalog.Language("lt-easy").Variant.Usual
	a, b := begun(t, l, "lt-easy", "job-offer"), begun(t, l, "lt", "job-offer") // the age is asked in the same words in both
	a.press(a.first("answer"))
	b.press(b.first("answer"))
	if a.text == b.text || strings.Contains(a.text, usual) {
		t.Errorf("the offer is not asked in easy words: %q", a.text)
	}
	for _, quiz := range []string{"at-work", "someone-else", "young", "helper"} {
		p, plain := begun(t, l, "lt-easy", quiz), begun(t, l, "lt", quiz)
		if got := strings.Replace(p.text, usual+"\n\n", "", 1); got == p.text || got != plain.text {
			t.Errorf("%s is borrowed and nobody is told:\n%s", quiz, p.text)
		}
		if page := talk.Draw(l, p.s, "lt-easy"); len(page.Before) == 0 || page.Before[0] != usual {
			t.Errorf("%s is borrowed and the page says only %q before it", quiz, page.Before)
		}
		last := func(p *visitor) { p.press(p.answers()[len(p.answers())-1].Data) }
		last(p)
		if strings.Contains(p.text, usual) {
			t.Errorf("%s says at every question that it is borrowed", quiz)
		}
		last(plain)
		plain.press("language:lt-easy")
		if !strings.HasPrefix(plain.text, usual) {
			t.Errorf("who changes to the easy words in the middle of %s reads %q", quiz, plain.text)
		}
	}
}

func TestAllOfTheEasyWordsAreShorterThanTheUsualOnes(t *testing.T) {
	l := builtIn(t)
	easy, usual := l.Catalog.Language("lt-easy"), l.Catalog.Language("lt")
	words := func(lang *content.Language) (words, sentences int) {
		for _, name := range lang.Names("") {
			if !easy.Own(name) || strings.HasPrefix(name, "chat.") {
				continue
			}
			for _, text := range append(lang.List(name), lang.Text(name)) {
				if hard := easy.Hard(text); hard != "" && lang == easy {
					t.Errorf("%s: %s: %s", name, hard, text)
				}
				words += len(strings.Fields(text))
				sentences += max(strings.Count(text, ". ")+strings.Count(text, "? ")+strings.Count(text, ".\n"), 0) + 1
			}
		}
		return words, sentences
	}
	w1, s1 := words(easy)
	w2, s2 := words(usual)
	if a, b := float64(w1)/float64(s1), float64(w2)/float64(s2); a >= b {
		t.Errorf("an easy sentence has %.1f words, a usual one %.1f", a, b)
	} else {
		t.Logf("words in a sentence: easy %.2f, usual %.2f; words in all: %d and %d", a, b, w1, w2)
	}
}

func TestWhatAVariantLacksOrBorrowsWronglyIsNamed(t *testing.T) {
	unwatched(t)
	const file = "content/lt-easy/language.yaml"
	for name, c := range map[string]struct {
		change func(fstest.MapFS)
		want   string // empty: it loads
	}{
		"as it is shipped":                {func(fstest.MapFS) {}, ""},
		"a question without easy words":   {edited("content/lt-easy/job-offer.yaml", "  adult: 18 arba daugiau\n", ""), `content/lt-easy/job-offer.yaml:6: the text "age.adult" is missing`},
		"a flag without easy words":       {edited("content/lt-easy/flags.yaml", "    why: Skola auga. Tada sunku išeiti.\n", ""), `the text "flags.debt.why" is missing`},
		"an outcome without easy words":   {edited("content/lt-easy/results.yaml", "  title: Yra ką patikrinti\n", ""), `the text "concern.title" is missing`},
		"a text that nobody needs":        {edited("content/lt-easy/chat.yaml", "stale:", "stael:"), `content/lt-easy/chat.yaml:30: the text "stael" is superfluous`},
		"an easy text that may be absent": {edited("content/lt-easy/chat.yaml", "stale: Šis mygtukas senas. Spauskite naują.\n", ""), ""},
		"other placeholders":              {edited("content/lt-easy/results.yaml", "jų paskambinti {emergency}.", "jų paskambinti {child}."), "has the placeholders [{child} {helpline}]"},
		"a language that is not there":    {edited(file, "of: lt", "of: et"), "cannot be a variant of \"et\""},
		"a quiz that is not there":        {edited(file, "quizzes: [job-offer]", "quizzes: [job-offers]"), `there is no quiz "job-offers" that could be said simply`},
		"nothing said simply":             {edited(file, "quizzes: [job-offer]", "quizzes: []"), "says no quiz simply"},
		"nobody told of the borrowing":    {edited(file, "usual: Šie klausimai parašyti įprasta lietuvių kalba.\n", ""), "does not say what is borrowed"},
		"no variant":                      {edited(file, "of: lt\n", ""), `"quizzes" is for a variant of another language`},
		"not ready":                       {edited(file, "ready: yes", "ready: no"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			files := staff(t)
			delete(files, "content/desk.yaml")
			c.change(files)
			_, err := library.Open(files)
			if got := ""; err != nil {
				got = err.Error()
				if c.want == "" || !strings.Contains(got, c.want) {
					t.Errorf("staff read:\n%s\nwanted %q", got, c.want)
				}
			} else if c.want != "" {
				t.Errorf("it loads; wanted %q", c.want)
			}
		})
	}
}

// edited puts one text of a file in place of another.
func edited(file, old, new string) func(fstest.MapFS) {
	return func(files fstest.MapFS) {
		data := string(files[file].Data)
		if !strings.Contains(data, old) {
			panic(file + " lacks " + old)
		}
		files[file] = &fstest.MapFile{Data: []byte(strings.Replace(data, old, new, 1))}
	}
}

func TestBrowsersAndNetworksKnowAVariantAsItsLanguage(t *testing.T) {
	c := builtIn(t).Catalog
	for header, want := range map[string]string{"lt": "lt", "lt-LT,lt;q=0.9": "lt", "lt-easy": "lt", "de": "lt", "uk,en;q=0.5": "uk"} {
		if got := c.Accepted(header); got != want {
			t.Errorf("%s is answered in %s, not %s", header, got, want)
		}
	}
	for _, lang := range c.Spoken() {
		if lang.Variant != nil {
			t.Errorf("%s is offered to networks", lang.Tag)
		}
	}
	if easy := c.Language("lt-easy"); easy.BCP47() != "lt-simple" || c.Base("lt-easy") != "lt" || c.Base("pl") != "pl" {
		t.Errorf("the variant is known as %s, its language as %s", easy.BCP47(), c.Base("lt-easy"))
	}
}
