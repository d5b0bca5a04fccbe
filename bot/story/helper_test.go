package story_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/story"
	"patikra/flows"
)

// elsewhere says of a case of the training why no client's situation of it can be entered into the quiz helper.
var elsewhere = map[string]string{
	"foreman": "how to talk", "pair": "how to talk", "shaking": "how to talk", "deport": "what to answer", "refusal": "whether to pass on", "consent": "what to pass on",
	"tonight": "where to sleep tonight", "tasks": "an offer on the net", "sleep": "about oneself", "hands": "about oneself",
}

// Each of flows/answers/vignettes.yaml is held to its result with all other sets. Here: none is forgotten.
func TestEveryCaseOfTheTrainingThatTheHelperQuizCanHoldStandsAmongItsAnswers(t *testing.T) {
	lib, sets := shipped(t)
	held := map[string]bool{}
	for _, s := range sets {
		if name, _, ok := strings.Cut(s.About, ":"); ok && strings.HasSuffix(s.File, "/vignettes.yaml") {
			held[name] = true
		}
	}
	for _, m := range lib.Book.Modules() {
		for _, step := range lib.Book.Training[m].Steps {
			if step.Part != flows.After && held[step.Words] == (elsewhere[step.Words] != "") {
				t.Errorf("%s of %s: it stands there: %v; why it cannot: %q", step.Words, m, held[step.Words], elsewhere[step.Words])
			}
		}
	}
}

// played are all sets of a file that begins with these lines.
func played(t *testing.T, sets string) []story.Set {
	t.Helper()
	out, err := story.LoadSets(fstest.MapFS{"flows/answers/x.yaml": {Data: []byte(sets)}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhoHelpsAChildReadsTheDutyTheChildLineAndTheEmergencyNumberAndNothingOfTheInspectorate(t *testing.T) {
	lib, _ := shipped(t)
	for _, s := range played(t, `quiz: helper
base: { age: [minor], here: [lithuania] }
sets:
  - { about: nothing else is known, answers: {}, result: young }
  - { about: sold to clients, answers: { tasks: [intimate] }, result: young-high }
  - { about: hurt, answers: { danger: [hurt] }, result: young-emergency }
`) {
		for _, where := range lib.Wheres() {
			for _, p := range lib.Catalog.Order("helper-"+s.Result, where) {
				if p.Kind == "labour" || strings.HasPrefix(p.Name, "labour-") {
					t.Errorf("%s in %s: %s", s.Result, where, p.Name)
				}
			}
		}
		for _, tag := range []string{"lt", "en", "pl", "ru", "uk"} {
			came, err := s.Play(lib, tag)
			if err != nil || came.Result != s.Result {
				t.Fatalf("%s %s: %s %v", tag, s.About, came.Result, err)
			}
			lang := lib.Catalog.Language(tag)
			want := []string{"112", "116111", lang.Text("places.child.name")}
			if !strings.HasSuffix(s.Result, "emergency") {
				want = append(want, "35") // the article that obliges to inform
			}
			for _, w := range want {
				if !strings.Contains(strings.ReplaceAll(came.Screen, "116 111", "116111"), w) {
					t.Errorf("%s %s: %q is missing in\n%s", tag, s.Result, w, came.Screen)
				}
			}
			if strings.Contains(came.Screen, lang.Text("places.labour-inspectorate.name")) {
				t.Errorf("%s %s names the inspectorate:\n%s", tag, s.Result, came.Screen)
			}
		}
	}
}

func TestADisputeAboutWorkNamesTheInspectorateFirstAndSaysOfPressureOnlyWhatIsKnown(t *testing.T) {
	lib, _ := shipped(t)
	for _, s := range played(t, "quiz: helper\nbase: { age: [adult], stage: [after], here: [lithuania] }\nsets:\n  - { about: unpaid, answers: { pay: [long] }, result: rights }\n") {
		came, err := s.Play(lib, "lt")
		if err != nil || came.Result != "rights" {
			t.Fatalf("%s %v", came.Result, err)
		}
		inspectorate, line := strings.Index(came.Screen, "Valstybinė darbo inspekcija:"), strings.Index(came.Screen, "Pagalbos linija nemokamai:")
		if inspectorate < 0 || line < inspectorate {
			t.Errorf("the inspectorate is not the first that can be called:\n%s", came.Screen)
		}
		for _, never := range []string{"spaudimo nerodo", "Spaudimo požymių"} {
			if strings.Contains(came.Screen, never) {
				t.Errorf("nobody was asked, and yet it says %q:\n%s", never, came.Screen)
			}
		}
	}
}
