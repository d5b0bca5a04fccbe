package bot_test

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
	"patikra/bot/talk"
)

// onlyLT is in every Lithuanian text that a change brings.
const onlyLT = "Žymė"

// rewrite is one edit of a file: a piece of it, and what stands there afterwards.
type rewrite struct{ file, old, new string }

// changed are the built-in files in two languages after some edits.
func changed(t *testing.T, edits ...rewrite) fstest.MapFS {
	t.Helper()
	files := copyOf(t)
	rewritten(t, files, edits...)
	return files
}

func rewritten(t *testing.T, files fstest.MapFS, edits ...rewrite) {
	t.Helper()
	for _, e := range edits {
		old := ""
		if f := files[e.file]; f != nil {
			old = string(f.Data)
		}
		if e.old == "" {
			files[e.file] = &fstest.MapFile{Data: []byte(e.new), Mode: 0o644}
			continue
		}
		if strings.Count(old, e.old) != 1 {
			t.Fatalf("%s has %q %d times", e.file, e.old, strings.Count(old, e.old))
		}
		files[e.file] = &fstest.MapFile{Data: []byte(strings.Replace(old, e.old, e.new, 1)), Mode: 0o644}
	}
}

var testTime = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

const flagsLT = "content/lt/flags.yaml"

// newAnswer is an answer with a sign, in Lithuanian alone.
var newAnswer = []rewrite{
	{flags, "  bank-access:", "  unknown-app: { grade: strong, basket: [F], source: test }\n  bank-access:"},
	{quiz, "      - { answer: mail, raises: [free-mail] }", "      - { answer: app, raises: [unknown-app] }\n      - { answer: mail, raises: [free-mail] }"},
	{lt, "\nmanner:\n", "\nmanner:\n  app: " + onlyLT + " programėlė\n"},
	{flagsLT, "\nflags:\n", "\nflags:\n  unknown-app:\n    name: " + onlyLT + " programėlė\n    why: " + onlyLT + " kodėl\n    do: " + onlyLT + " daryti\n"},
}

// newStep is a question in Lithuanian alone.
var newStep = []rewrite{
	{quiz, "\n  job:                                      # P14", "\n  app:\n    choices:\n      - { answer: yes, raises: [evasive] }\n      - { answer: no }\n      - { answer: unsure }\n\n  job:                                      # P14"},
	{lt, "\nmanner:\n", "\napp:\n  say: " + onlyLT + " klausimas?\n  why: " + onlyLT + " kodėl\n  yes: Taip\n  no: Ne\n  unsure: Nežinau\nmanner:\n"},
}

// newQuiz is a quiz in Lithuanian alone.
var newQuiz = []rewrite{
	{"flows/quizzes/rent.yaml", "", "menu: 9\nstart: keys\nsteps:\n  keys:\n    choices:\n      - { answer: yes, raises: [evasive] }\n      - { answer: no }\n      - { answer: unsure }\n"},
	{"content/lt/rent.yaml", "", "# reviewed: none\nname: " + onlyLT + " nuoma\nabout: " + onlyLT + " apie\nkeys:\n  say: " + onlyLT + " raktai?\n  why: " + onlyLT + "\n  yes: Taip\n  no: Ne\n  unsure: Nežinau\n"},
}

// walker plays a quiz by the screens that a person sees, and hands each of them to look.
type walker struct {
	l    *library.Library
	s    bot.Session
	n    uint64
	look func(text string)
}

func (w *walker) says(kind bot.Kind, text, locale string) {
	w.n++
	p := talk.Decide(w.l, w.s, bot.Update{ID: w.n, From: bot.Address{Channel: "test", ID: "1"}, Kind: kind, Text: text, Locale: locale, Ref: int64(w.n)})
	w.s = p.Session
	for _, m := range p.Send {
		var b strings.Builder
		b.WriteString(m.Text)
		for _, row := range m.Buttons {
			for _, button := range row {
				if !strings.HasPrefix(button.Data, "language:") { // each is named in itself
					b.WriteString("\n" + button.Label)
				}
			}
		}
		w.look(b.String())
	}
	page := talk.Draw(w.l, w.s, w.s.Lang)
	w.look(page.Title + "\n" + page.Text + "\n" + fmt.Sprint(page.Answers, page.Blocks, page.Given))
}

// through answers the questions of a quiz by the n-th of the answers that are shown, or one of them alone and skips the others, and looks at
// the list, the result and the reasons.
func (w *walker) through(t *testing.T, lang, quiz, alone string, n int) {
	t.Helper()
	w.says(bot.Typed, "/start "+quiz, lang)
	for range 60 {
		switch {
		case w.s.Stage == bot.Finished:
			w.says(bot.Typed, "/why", lang)
			w.says(bot.Typed, "/menu", lang)
			return
		case w.s.Stage != bot.Asking:
			w.says(bot.Typed, "/next", lang)
			continue
		}
		if f := w.l.Book.Flows[w.s.Quiz]; alone != "" && f.Steps[w.s.At].Name != alone {
			w.says(bot.Typed, "/skip", lang)
			continue
		}
		shown := len(talk.Draw(w.l, w.s, lang).Answers)
		at, given := w.s.At, len(w.s.Given)
		w.says(bot.Typed, fmt.Sprint(n%shown+1), lang)
		if w.s.Stage == bot.Asking && w.s.At == at && len(w.s.Given) == given {
			t.Fatalf("%s %s: the answer %d of %d is not taken", lang, quiz, n%shown+1, shown)
		}
	}
	t.Fatalf("%s %s: there is no end", lang, quiz)
}

var bracketed = regexp.MustCompile(`\[[a-z-]+\.[a-z0-9.-]+\]`)

func TestAChangeGoesOutInOneLanguageFirstAndNobodySeesTwo(t *testing.T) {
	unwatched(t)
	for _, c := range []struct {
		name   string
		edits  []rewrite
		hidden string // in English, as [library.Library.Waits] names it
		quiz   string
		seen   bool // in Lithuanian
	}{
		{"a question in other words", []rewrite{{lt, "  say: Kiek jums metų?", "  say: " + onlyLT + " kiek jums metų?"}}, "", "job-offer", true},
		{"a new answer with a new sign", newAnswer, "job-offer.manner.app", "job-offer", true},
		{"a new answer with a known sign", []rewrite{
			{quiz, "      - { answer: mail, raises: [free-mail] }", "      - { answer: app, raises: [evasive] }\n      - { answer: mail, raises: [free-mail] }"},
			{lt, "\nmanner:\n", "\nmanner:\n  app: " + onlyLT + " programėlė\n"}}, "job-offer.manner.app", "job-offer", true},
		{"a new question", newStep, "job-offer.app", "job-offer", true},
		{"a new answer of which the sign alone is translated not yet", append(slices.Clone(newAnswer), rewrite{en, "\nmanner:\n", "\nmanner:\n  app: They tell me to install an app\n"}), "job-offer.manner.app", "job-offer", true},
		{"a new sign of an answer that others have already", []rewrite{newAnswer[0],
			{quiz, "- { answer: mail, raises: [free-mail] }", "- { answer: mail, raises: [free-mail, unknown-app] }"}, newAnswer[3]}, "job-offer.manner.mail", "job-offer", true},
		{"an answer that is gone", []rewrite{{quiz, "      - { answer: gifts, raises: [gifts] }\n", ""}}, "", "job-offer", false},
		{"a new line of what to do", []rewrite{{"content/lt/results.yaml", "    - Paklauskite raštu", "    - " + onlyLT + " eilutė\n    - Paklauskite raštu"}}, "", "job-offer", true},
		{"a new quiz", newQuiz, "rent", "rent", true},
		{"a text that the program has begun to ask for", nil, "", "job-offer", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := changed(t)
			switch c.name {
			case "an answer that is gone":
				rewritten(t, files, c.edits[0])
				gifts := regexp.MustCompile(`(?m)^  gifts: .*\n`)
				files[lt].Data = gifts.ReplaceAll(files[lt].Data, nil)
			case "a text that the program has begun to ask for":
				for _, tag := range []string{"lt", "en"} {
					for _, file := range []string{"chat.yaml", "sources.yaml"} {
						if f := files["content/"+tag+"/"+file]; f != nil {
							f.Data = regexp.MustCompile(`(?m)^(chat\.)?disclaimer: .*\n`).ReplaceAll(f.Data, nil)
						}
					}
				}
			default:
				rewritten(t, files, c.edits...)
			}
			l, err := library.Open(files)
			if err != nil {
				t.Fatal(err)
			}
			hidden, _, _ := l.Waits("en")
			if got := strings.Join(hidden, " "); got != c.hidden {
				t.Errorf("hidden in English: %q", got)
			}
			seen := map[string]bool{}
			for _, lang := range spoken[:2] {
				for n := range 12 {
					alone := "manner"
					switch {
					case n >= 10:
						alone = "" // everywhere the first, everywhere the second
					case c.hidden == "job-offer.app" && n < 3:
						alone = "app"
					}
					w := walker{l: l, look: func(text string) {
						if found := bracketed.FindString(text); found != "" {
							t.Fatalf("%s: people read %s on\n%s", lang, found, text)
						}
						if strings.Contains(text, onlyLT) {
							seen[lang] = true
						}
					}}
					if lang == "en" && c.hidden == c.quiz { // who follows a link to it begins with the first quiz
						w.through(t, lang, c.quiz, alone, n)
						if w.s.Quiz != "job-offer" {
							t.Fatalf("the quiz %s was begun", w.s.Quiz)
						}
						continue
					}
					w.through(t, lang, c.quiz, alone, n)
				}
			}
			if seen["lt"] != c.seen {
				t.Errorf("seen in Lithuanian: %v", seen["lt"])
			}
			if seen["en"] {
				t.Error("Lithuanian words are on an English screen")
			}
			warned := ""
			for _, p := range l.Warnings(testTime) {
				if p.File == "content/en" {
					warned += p.String() + "\n"
				}
			}
			if strings.Count(warned, "\n") != 1 && c.name != "an answer that is gone" {
				t.Errorf("check says of English:\n%s", warned)
			}
			if c.hidden != "" && !strings.Contains(warned, c.hidden) || c.name == "a question in other words" && !strings.Contains(warned, "job-offer.age.say") {
				t.Errorf("check does not name what waits:\n%s", warned)
			}
		})
	}
}

func TestWhatMayNotWaitIsRefusedUntilEveryLanguageHasIt(t *testing.T) {
	unwatched(t)
	for _, c := range []struct {
		name  string
		edits []rewrite
		want  []string
	}{
		{"an answer that tells of danger", []rewrite{
			{quiz, "      - { answer: mail, raises: [free-mail] }", "      - { answer: locked, raises: [shut-in] }\n      - { answer: mail, raises: [free-mail] }"},
			{flags, "  bank-access:", "  shut-in: { grade: emergency, basket: [F], source: test }\n  bank-access:"},
			{lt, "\nmanner:\n", "\nmanner:\n  locked: Užrakino\n"},
			{flagsLT, "\nflags:\n", "\nflags:\n  shut-in:\n    name: Užrakino\n    why: Taip\n    do: Skambinkite {emergency}.\n"},
		}, []string{`content/en/job-offer.yaml:1: the answer "locked" of "job-offer.manner" cannot wait for its words`}},
		{"an answer that leads to another quiz", []rewrite{
			{quiz, "      - { answer: minor, raises: [under-18], quiz: young }", "      - { answer: child, raises: [under-18], quiz: young }\n      - { answer: minor, raises: [under-18], quiz: young }"},
			{lt, "\nage:\n", "\nage:\n  child: Vaikas\n"},
		}, []string{`the answer "child" of "job-offer.age" cannot wait`}},
		{"a text that was lost", []rewrite{{en, "  adult: 18 or over\n", ""}}, []string{`content/en/job-offer.yaml:`, `the text "age.adult" is missing`}},
		{"a new number in what to do", []rewrite{{"content/lt/results.yaml", "    - Paklauskite raštu", "    - Skambinkite {emergency}.\n    - Paklauskite raštu"}},
			[]string{`content/en/results.yaml:`, `"results.unknown.next" has 3 lines, in lt 4`}},
		{"a number in a text", []rewrite{{lt, "  say: Kiek jums metų?", "  say: Kiek jums metų? {helpline}"}}, []string{`"job-offer.age.say" has the placeholders [], in lt [{helpline}]`}},
		{"half of a list", []rewrite{{"content/en/results.yaml", "    - If the answers are odd or do not come, talk to a counsellor.\n", ""}}, []string{`"results.unknown.next" has 2 lines, in lt 3`}},
		{"a word of the program that was lost", []rewrite{{chatLT, "\nhelp: ", "\nhepl: "}}, []string{`the text "help" is missing`}},
		{"Lithuanian itself", []rewrite{newAnswer[1], newAnswer[0], newAnswer[3]}, []string{`content/lt/job-offer.yaml:`, `the text "manner.app" is missing`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := changed(t)
			for _, e := range c.edits {
				rewritten(t, files, e)
			}
			_, err := library.Open(files)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%.3000v", want, err)
				}
			}
		})
	}
}

func TestWhoHasAnsweredWhatALanguageCannotSayStaysInTheirs(t *testing.T) {
	unwatched(t)
	l, err := library.Open(changed(t, newAnswer...))
	if err != nil {
		t.Fatal(err)
	}
	w := walker{l: l, look: func(string) {}}
	w.says(bot.Typed, "/start job-offer", "lt")
	for w.s.Stage != bot.Asking {
		w.says(bot.Typed, "/next", "lt")
	}
	f := l.Book.Flows["job-offer"]
	for n := 0; f.Steps[w.s.At].Name != "manner"; n++ {
		if n > 40 {
			t.Fatal("there is no such question")
		}
		w.says(bot.Typed, "/skip", "lt")
	}
	offered := func() bool {
		w.says(bot.Typed, "/language", "lt")
		page := talk.Draw(l, w.s, w.s.Lang)
		w.says(bot.Typed, "/back", "lt")
		return slices.ContainsFunc(page.Buttons, func(b bot.Button) bool { return b.Data == "language:en" })
	}
	if !offered() {
		t.Error("English is not offered before it is needed")
	}
	w.says(bot.Typed, onlyLT+" programėlė", "lt")
	given := len(w.s.Given)
	if offered() {
		t.Error("English is offered to somebody whose answer it cannot say")
	}
	w.look = func(text string) {
		if bracketed.MatchString(text) || strings.Contains(text, "Numbers") {
			t.Errorf("two languages on\n%s", text)
		}
	}
	w.says(bot.Pressed, "language:en", "lt") // an old button
	if page := talk.Draw(l, w.s, "en"); page.Language != "lt" {
		t.Errorf("the page is in %q", page.Language)
	}
	if len(w.s.Given) < given {
		t.Error("an answer is lost")
	}
	w.says(bot.Typed, "/restart", "lt")
	w.look = func(string) {}
	w.says(bot.Pressed, "language:en", "lt")
	if w.s.Lang != "en" {
		t.Error("who begins anew cannot have English")
	}
}

func TestNothingIsTakenFromALanguageThatHasIt(t *testing.T) {
	unwatched(t)
	now, err := library.Open(changed(t))
	if err != nil {
		t.Fatal(err)
	}
	sources := "content/en/sources.yaml"
	forget := func(files fstest.MapFS, names ...string) { // as if nobody had noted them
		for _, n := range names {
			files[sources].Data = regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(n)+`.*\n`).ReplaceAll(files[sources].Data, nil)
		}
	}
	for _, c := range []struct {
		name, want string
		change     func(files fstest.MapFS)
	}{
		{"a label", `the text "job-offer.manner.mail" is gone`, func(files fstest.MapFS) {
			forget(files, "job-offer.manner.mail")
			files[en].Data = regexp.MustCompile(`(?m)^  mail: They.*\n`).ReplaceAll(files[en].Data, nil)
		}},
		{"an answer whose new sign has no words", `"job-offer.manner.mail" would no longer be shown`, func(files fstest.MapFS) {
			rewritten(t, files, newAnswer[0], newAnswer[3], rewrite{quiz, "- { answer: mail, raises: [free-mail] }", "- { answer: mail, raises: [free-mail, unknown-app] }"})
		}},
		{"a file that was saved by half", `would no longer be shown`, func(files fstest.MapFS) {
			forget(files, "at-work.")
			half := files["content/en/at-work.yaml"].Data
			files["content/en/at-work.yaml"].Data = half[:strings.LastIndex(string(half[:len(half)/2]), "\n")+1]
		}},
		{"nothing", "", func(files fstest.MapFS) { rewritten(t, files, newAnswer...) }},
		{"a label that staff want gone", "", func(files fstest.MapFS) {
			forget(files, "job-offer.manner.mail")
			files[en].Data = regexp.MustCompile(`(?m)^  mail: They.*\n`).ReplaceAll(files[en].Data, nil)
			files["content/en/language.yaml"] = &fstest.MapFile{Data: []byte("ready: yes\ngone: [job-offer.manner.mail]\n")}
		}},
		{"another label than staff want gone", `below ready: yes, gone: [job-offer.manner.mail]`, func(files fstest.MapFS) {
			forget(files, "job-offer.manner.mail")
			files[en].Data = regexp.MustCompile(`(?m)^  mail: They.*\n`).ReplaceAll(files[en].Data, nil)
			files["content/en/language.yaml"] = &fstest.MapFile{Data: []byte("ready: yes\ngone: [job-offer.manner.hurry]\n")}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := changed(t)
			c.change(files)
			l, err := library.Open(files)
			if err != nil {
				t.Fatal(err)
			}
			if there := saidOf(t, files, "and it is there"); strings.Contains(c.want, "gone: [") != (len(there) > 0) {
				t.Errorf("%q", there)
			}
			err = l.Lost(now)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestATalkUnderWayGoesOnWhileAChangeGoesOutAndItsTranslationFollows(t *testing.T) {
	unwatched(t)
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := opened(t, store, seal.NewKey(), changed(t))
	ctx := t.Context()
	if err := b.Join(ctx, false); err != nil {
		t.Fatal(err)
	}
	people := map[string]bot.Address{"lt": {Channel: "test", ID: "lt"}, "en": {Channel: "test", ID: "en"}}
	n := uint64(0)
	say := func(lang, text string) talk.Page {
		t.Helper()
		n++
		if _, err := b.Handle(ctx, bot.Update{ID: n, From: people[lang], Kind: bot.Typed, Text: text, Locale: lang, At: testTime}); err != nil {
			t.Fatal(err)
		}
		s, err := b.Session(ctx, people[lang])
		if err != nil {
			t.Fatal(err)
		}
		page := talk.Draw(b.Library(), s, lang)
		if bracketed.MatchString(page.Text) || lang == "en" && strings.Contains(page.Text, onlyLT) {
			t.Fatalf("%s: people read\n%s", lang, page.Text)
		}
		return page
	}
	skip := func(lang string) (answers int) { // to the question that gets an answer more
		for range 40 {
			if page := say(lang, "/skip"); strings.Contains(page.Title, map[string]string{"lt": "Kaip jie", "en": "How do they"}[lang]) {
				return len(page.Answers)
			}
		}
		t.Fatalf("%s: the question does not come", lang)
		return 0
	}
	begin := func(lang string) {
		say(lang, "/restart")
		for range 3 {
			if page := say(lang, "/next"); page.Screen == "question" {
				return
			}
		}
	}
	for lang := range people {
		say(lang, "/start")
		begin(lang)
	}
	files := changed(t, newAnswer...)
	if _, err := b.Shelve(ctx, files); err != nil {
		t.Fatal(err)
	}
	counts := map[string][3]int{}
	for lang := range people {
		c := counts[lang]
		c[0] = skip(lang)
		begin(lang)
		c[1] = skip(lang)
		counts[lang] = c
	}
	rewritten(t, files, rewrite{en, "\nmanner:\n", "\nmanner:\n  app: They tell me to install an app I do not know\n"},
		rewrite{"content/en/flags.yaml", "\nflags:\n", "\nflags:\n  unknown-app:\n    name: They tell you to install an app\n    why: Others can see your phone.\n    do: Leave it.\n"})
	if _, err := b.Shelve(ctx, files); err != nil {
		t.Fatal(err)
	}
	for lang := range people {
		c := counts[lang]
		begin(lang)
		c[2] = skip(lang)
		counts[lang] = c
	}
	was := counts["lt"][0]
	if want := map[string][3]int{"lt": {was, was + 1, was + 1}, "en": {was, was, was + 1}}; !maps.Equal(counts, want) {
		t.Errorf("answers before, after the change, and after its translation: %v", counts)
	}
}

func TestAProcessThatStartsWithFilesThatTakeSomethingAwayGoesOnWithTheBookBefore(t *testing.T) {
	unwatched(t)
	store, err := sqlitestore.Open(t.TempDir(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	key := seal.NewKey()
	one := opened(t, store, key, changed(t))
	if err := one.Join(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	files := changed(t)
	for _, name := range []string{en, "content/en/sources.yaml"} {
		files[name].Data = regexp.MustCompile(`(?m)^(  mail: They|job-offer.manner.mail: ).*\n`).ReplaceAll(files[name].Data, nil)
	}
	two := opened(t, store, key, files)
	if err := two.Join(t.Context(), false); err == nil || !strings.Contains(err.Error(), `the text "job-offer.manner.mail" is gone`) {
		t.Errorf("%v", err)
	}
	if two.Library().Edition != one.Library().Edition {
		t.Error("people lose an answer")
	}
}

func TestAStepThatGetsAnotherNameKeepsItsWordsInOtherLanguages(t *testing.T) {
	unwatched(t)
	files := renamed(t)
	files[en] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[en].Data), "\nyears:", "\nage:", 1)), Mode: 0o644}
	l, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if hidden, missing, _ := l.Waits("en"); len(hidden)+len(missing) > 0 || l.Catalog.Language("en").Text("job-offer.years.say") != "How old are you?" {
		t.Error(hidden, missing)
	}
}

// What counsellors use may go out in the source first where nobody's help depends on it.
func TestAReplyAndAProtocolOfStaffsOwnMayWaitUnlessTheyNameANumber(t *testing.T) {
	const replies, protocols, last = "content/lt/replies.yaml", "content/lt/protocols.yaml", "prieš baigiant pokalbį?\"\n"
	own := func(step string) rewrite {
		return rewrite{protocols, "\ndanger:\n", "\nlate:\n  title: Kas vėluoja\n  when: Žmogus ilgai neatsako.\n  steps:\n    - " + step + "\ndanger:\n"}
	}
	for _, c := range []struct {
		name, want string
		edit       rewrite
	}{
		{"a reply at the end", "", rewrite{replies, last, last + "  - Parašykite, kai galėsite.\n"}},
		{"a reply in between", `the list "replies.texts" has 9 lines, in lt 10; translate every line of it, or put the new ones last`, rewrite{replies, "texts:\n", "texts:\n  - Parašykite, kai galėsite.\n"}},
		{"a reply with a number", `the list "replies.texts" has 9 lines, in lt 10`, rewrite{replies, last, last + "  - \"Skambinkite {child}.\"\n"}},
		{"a protocol", "", own("Palaukite.")},
		{"a protocol with a number", `the texts of "late" are missing`, own("\"Skambinkite {emergency}.\"")},
		{"a step of a protocol for danger", `the list "protocols.danger.steps" has 7 lines, in lt 8`, rewrite{protocols, "danger:\n  title: Žmogui gresia pavojus\n  when: Grasina, muša, laiko uždarę, seka arba žmogus bijo dėl gyvybės.\n  steps:\n", "danger:\n  title: Žmogui gresia pavojus\n  when: Grasina, muša, laiko uždarę, seka arba žmogus bijo dėl gyvybės.\n  steps:\n    - Palaukite.\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := library.Open(changed(t, c.edit))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if said := fmt.Sprint(l.Waiting()); !strings.Contains(said, "replies.texts") && !strings.Contains(said, "protocols.late") {
				t.Errorf("nobody is told that it waits: %s", said)
			}
			s := bot.Session{Lang: "lt", Case: &bot.Case{State: bot.Taken}}
			named := func(lang string) (out []string) {
				for _, p := range talk.Protocols(l, s, lang) {
					out = append(out, p.Name)
				}
				return out
			}
			replies, late := len(talk.Prepared(l, s, "lt"))-len(talk.Prepared(l, s, "en")), slices.Contains(named("lt"), "late")
			if (replies == 1) == late || slices.Contains(named("en"), "late") {
				t.Errorf("%d replies more in Lithuanian, protocols %v and %v", replies, named("lt"), named("en"))
			}
		})
	}
}

// Staff's folder may be older than the program, which has begun to say more since: it opens, and says itself what is new.
func TestAFolderOlderThanTheProgramOpensAndShowsTheBuiltInTextsThatAreNew(t *testing.T) {
	unwatched(t)
	files := copyIn(t, spoken...)
	delete(files, "content/campaigns.yaml")
	for name := range files {
		switch path.Base(name) {
		case "outreach.yaml":
			delete(files, name)
		case "sources.yaml": // nobody has translated yet what was not there
			var kept []string
			for line := range strings.Lines(string(files[name].Data)) {
				if !strings.Contains(line, "outreach.") {
					kept = append(kept, line)
				}
			}
			files[name] = &fstest.MapFile{Data: []byte(strings.Join(kept, ""))}
		}
	}
	l, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range spoken {
		if l.Catalog.Language(tag).Text("outreach.press-title") == "" {
			t.Errorf("%s: what is new is not said", tag)
		}
	}
	if err := noteOf(l, "texts are new in the program"); !strings.Contains(err.Error(), "outreach.") {
		t.Error(err)
	}
}
