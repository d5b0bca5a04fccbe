package story_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/library"
	"patikra/bot/story"
	"patikra/content/sheet"
	"patikra/flows"
)

// shipped is the built-in library with its sets of answers.
func shipped(t *testing.T) (*library.Library, []story.Set) {
	t.Helper()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	sets, err := story.LoadSets(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return lib, sets
}

func TestEverySetOfAnswersComesToWhatItShouldInEveryLanguage(t *testing.T) {
	lib, sets := shipped(t)
	files := map[string]int{}
	for _, s := range sets {
		files[s.File]++
		for _, lang := range lib.Catalog.Languages {
			if err := s.Check(lib, lang.Tag); err != nil {
				t.Errorf("%s: %v", lang.Tag, err)
			}
		}
	}
	beside := map[string][]string{"far-unknown": {"employer-unknown"}, "one-hand-unknown": {"employer-unknown", "same-hand"},
		"secret-contact": {"new-friend", "parent-knows-little"}} // only in company
	for _, f := range lib.Book.Flags {
		alone := slices.ContainsFunc(sets, func(s story.Set) bool {
			return strings.Contains(s.File, "/signs-") && (slices.Equal(s.Reasons, []string{f.Name}) || len(s.Reasons) == 2 && s.Reasons[0] != s.Reasons[1] &&
				(slices.Contains(s.Reasons, "under-18") || slices.Contains(s.Reasons, "leaving-soon")) && slices.Contains(s.Reasons, f.Name))
		})
		if with := beside[f.Name]; with != nil {
			with = slices.Sorted(slices.Values(append(slices.Clone(with), f.Name)))
			alone = slices.ContainsFunc(sets, func(s story.Set) bool { return slices.Equal(s.Reasons, with) })
		}
		if !alone && f.Grade != flows.Raise && f.Grade != flows.Weightless { // those two are no reason by themselves
			t.Errorf("no set of answers raises %s alone", f.Name)
		}
	}
	if files["flows/answers/honest.yaml"] < 40 || files["flows/answers/risky.yaml"] < 80 {
		t.Errorf("there are too few offers: %v", files)
	}
}

func TestASignIsNamedOnTheResultInEveryLanguage(t *testing.T) {
	lib, sets := shipped(t)
	for _, s := range sets {
		for i := range lib.Catalog.Languages {
			lang := &lib.Catalog.Languages[i]
			came, err := s.Play(lib, lang.Tag)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, r := range came.Reasons {
				flag, group := lib.Book.Flags[lib.Book.Flag(r)], "flags.flags."
				if lib.Book.Flows[s.Quiz].Other {
					group = "flags.other."
				}
				if came.Result == "young" && (flag.Outcome != "" || lib.Book.Flows[s.Quiz].Apart == "") {
					continue // under 18 no score is shown
				}
				if name := strings.TrimSuffix(lang.Text(group+r+".name"), "."); !strings.Contains(came.Screen, name) {
					t.Errorf("%s:%d in %s: %q is not on the screen\n%s", s.File, s.Line, lang.Tag, name, came.Screen)
				}
			}
			if !strings.Contains(came.Screen, "+370") {
				t.Errorf("%s:%d in %s: no number is on the screen\n%s", s.File, s.Line, lang.Tag, came.Screen)
			}
		}
	}
}

func TestASetOfAnswersThatDoesNotHoldNamesItsLine(t *testing.T) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ set, want string }{
		{"{ about: a, answers: { happened: [fee] }, result: low }", `x.yaml:4: a: the result should be "low" but is "concern" (fee-asked)`},
		{"{ about: a, answers: { happened: [fee] }, result: concern, reasons: [debt] }", `x.yaml:4: a: the reasons should be debt but are fee-asked`},
		{"{ about: a, answers: { cash: [fee] }, result: low }", `the quiz has no step "cash"`},
		{"{ about: a, answers: { fee: [gold] }, result: low }", `the step "fee" has no answer "gold"`},
		{"{ about: a, answers: { age: [adult, minor] }, result: low }", `the step "age" takes one answer`},
		{"{ about: a }", `does not say what it is about or what it should come to`},
		{"{ about: a, result: low, colour: red }", `"colour"`},
	} {
		sets, err := story.LoadSets(fstest.MapFS{"flows/answers/x.yaml": {Data: []byte("quiz: job-offer\nbase: { stage: [offer] }\nsets:\n  - " + c.set + "\n")}})
		if err == nil {
			err = sets[0].Check(lib, "en")
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.set, err, c.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, dir := range []string{"flows/stories", "flows/answers"} {
		files, err := fs.ReadDir(library.BuiltIn(), dir)
		if err != nil {
			f.Fatal(err)
		}
		for i, e := range files {
			if data, err := fs.ReadFile(library.BuiltIn(), dir+"/"+e.Name()); err == nil && i%8 == 0 {
				f.Add(data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := fstest.MapFS{"flows/stories/x.txt": {Data: data}, "flows/answers/x.yaml": {Data: data}}
		_, err1 := story.Load(files)
		_, err2 := story.LoadSets(files)
		for _, err := range []error{err1, err2} {
			var ps sheet.Problems
			if err != nil && !errors.As(err, &ps) {
				t.Fatalf("not a list of mistakes: %v", err)
			}
			for _, p := range ps {
				if p.File == "" || p.Line < 1 || p.Message == "" || p.Remedy == "" {
					t.Fatalf("a mistake without its place or remedy: %+v", p)
				}
			}
		}
	})
}
