package bot_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"patikra/bot/library"
	"patikra/content"
	"patikra/content/sheet"
)

var openBuiltIn = sync.OnceValues(func() (*library.Library, error) { return library.Open(library.BuiltIn()) })

// unwatched leaves a test that is one goroutine, and opens hundreds of books, to the run without the race detector; see .ci/run.
func unwatched(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: it runs without the race detector")
	}
}

// builtIn is the built-in library, opened once: nothing writes to it.
func builtIn(t testing.TB) *library.Library {
	t.Helper()
	lib, err := openBuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// copyOf is the built-in files in memory, to be broken, in the two languages that show what all of them would.
func copyOf(t testing.TB) fstest.MapFS {
	t.Helper()
	return copyIn(t, spoken[:2]...)
}

// copyIn is the built-in files in some languages.
func copyIn(t testing.TB, tags ...string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, top := range []string{"flows", "content"} {
		err := fs.WalkDir(library.BuiltIn(), top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && content.IsTag(d.Name()) && !slices.Contains(tags, d.Name()) {
					return fs.SkipDir
				}
				return err
			}
			data, err := fs.ReadFile(library.BuiltIn(), path)
			out[path] = &fstest.MapFile{Data: data, Mode: 0o644}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestALanguageFilledWithTheSourceIsRefused(t *testing.T) {
	fsys := copyOf(t)
	for name, file := range fsys {
		if rest, ok := strings.CutPrefix(name, "content/lt/"); ok {
			fsys["content/en/"+rest] = file
		}
	}
	_, err := library.Open(fsys)
	const want = "texts of en are not translated: they read as lt, first \"at-work.about\"; translate them; until then write ready: no into content/en/language.yaml"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%.2000v", err)
	}
}

const (
	quiz      = "flows/quizzes/job-offer.yaml"
	flags     = "flows/flags.yaml"
	risk      = "flows/risk.yaml"
	lt        = "content/lt/job-offer.yaml"
	en        = "content/en/job-offer.yaml"
	chatLT    = "content/lt/chat.yaml"
	places    = "content/places.yaml"
	deskRules = "content/desk.yaml"
	deskLT    = "content/lt/desk.yaml"

	module     = "flows/training/recognise.yaml"
	references = "flows/references.yaml"
)

var update = flag.Bool("update", false, "write testdata/mistakes.txt anew")

// spoken are the languages of the built-in files.
var spoken = []string{"lt", "en", "pl", "ru", "uk"}

// What staff read of each mistake stands whole in testdata/mistakes.txt, to be read through as they would.
func TestEveryMistakeIsNamedWithItsFileLineAndRemedy(t *testing.T) {
	unwatched(t)
	const golden = "testdata/mistakes.txt"
	const table = "../content/mistakes.md"
	var told strings.Builder
	told.WriteString("What a member of staff reads of each mistake, made in a copy of the shipped files, in English and in Lithuanian. To write this file anew:\ngo test ./bot -run EveryMistake -update\n")
	defer func() {
		if *update {
			if err := errors.Join(os.WriteFile(golden, []byte(told.String()), 0o644), os.WriteFile(table, []byte(tableOf(told.String())), 0o644)); err != nil {
				t.Error(err)
			}
			return
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), told.String()); diff != "" && !t.Failed() {
			t.Errorf("staff read something else (-update if it is better):\n%s", diff)
		}
		if got, err := os.ReadFile(table); err != nil || string(got) != tableOf(string(want)) {
			t.Errorf("%s does not list what %s holds (-update): %v", table, golden, err)
		}
	}()
	for _, c := range []struct {
		name, file, old, new string
		want                 string // of one problem: file, then words of its message
	}{
		{"an unknown key", quiz, "start: age\n", "start: age\nbegin: age\n", quiz + `: "begin"`},
		{"a step that does not exist", quiz, "quiz: young }", "next: yuong }", quiz + `: step "yuong" does not exist`},
		{"a quiz that does not exist", quiz, "quiz: young }", "quiz: yuong }", quiz + `: quiz "yuong" does not exist`},
		{"a step that cannot be reached", quiz, "steps:\n  age:  ", "steps:\n  before:\n    choices:\n      - { answer: yes }\n      - { answer: no }\n\n  age:  ", quiz + `: step "before" cannot be reached`},
		{"a choice with its own way", quiz, "- { answer: ad }", "- { answer: ad, next: result }", ""},
		{"steps in a circle", quiz, "    next: result\n", "    next: happened\n", quiz + `: step "already" leads back to "happened", in a circle`},
		{"a choice given twice", quiz, "- { answer: minor, raises: [under-18], quiz: young }", "- { answer: adult, raises: [under-18], quiz: young }", quiz + `: step "age" has answer "adult" twice`},
		{"a flag that no file defines", quiz, "raises: [complaints]", "raises: [complaint]", quiz + `: flag "complaint" does not exist`},
		{"a flag that no step raises", quiz, ", raises: [free-mail]", "", flags + `: no step raises flag "free-mail"`},
		{"a condition on nothing", quiz, "any: [war-country]", "any: [army]", quiz + `: "army" is never raised or noted`},
		{"a start that does not exist", quiz, "start: age", "start: beginning", quiz + `: start names step "beginning"`},
		{"a step without choices", quiz, "    choices:\n      - { answer: adult }\n      - { answer: minor, raises: [under-18], quiz: young }\n      - { answer: unsure }\n", "    always: true\n", quiz + `: step "age" has no choices`},
		{"one text where a list is wanted", "content/lt/replies.yaml", "texts:\n", "texts: Labas\nother:\n", `content/lt/replies.yaml: "texts" should be a list`},
		{"what to do next as one text", "content/en/results.yaml", "  next:\n", "  next: Stay where other people are.\n  more:\n", `content/en/results.yaml: next" should be a list`},
		{"letters that a spreadsheet lost", lt, "minor: Mažiau nei 18", "minor: Ma?iau nei 18", lt + `: in the text "job-offer.age.minor" letters have been lost`},
		{"letters read in the wrong encoding", lt, "minor: Mažiau nei 18", "minor: MaÅ¾iau nei 18", lt + `: in the text "job-offer.age.minor" letters were read in the wrong encoding`},
		{"a formula's mistake", lt, "minor: Mažiau nei 18", `minor: "#NAME?"`, lt + `: in the text "job-offer.age.minor" a spreadsheet computed something`},
		{"days as one text", "content/lt/countries.yaml", "days: [pr., an., tr., kt., pn., št., sk.]", "days: pr.", `content/lt/countries.yaml: "days" should be a list`},
		{"a dead end", quiz, "next: result", "next: nowhere", quiz + `: step "nowhere" does not exist`},
		{"a grade that is unknown", flags, "grade: strong, group: fee, basket: [F, D1], source: \"P31", "grade: huge, group: fee, basket: [F, D1], source: \"P31", flags + `: flag "fee" has no grade`},
		{"a flag without a source", flags, `, source: "P10"`, "", flags + `: flag "unasked" has no source`},
		{"a basket nobody weighs", risk, "deciding: [D1, D2, D5, F, C]", "deciding: [D1, D2, F]", risk + `: basket "C" is neither`},
		{"a missing text", lt, "  adult: 18 arba daugiau\n", "", lt + `: the text "age.adult" is missing`},
		{"a missing text in a translation", en, "  adult: 18 or over\n", "", en + `: the text "age.adult" is missing`},
		{"a superfluous text", lt, "  adult: 18 arba daugiau\n", "  adult: 18 arba daugiau\n  old: Senas\n", lt + `: the text "age.old" is superfluous`},
		{"a text for no step", lt, "age:\n", "agee:\n", lt + `: nothing is called "agee", so its texts are superfluous`},
		{"a name for no place", "content/lt/places.yaml", "child:", "children:", "content/lt/places.yaml: the text \"children.name\" is superfluous"},
		{"a word without a meaning", chatLT, "  skip: [praleisti", "  leap: [praleisti", chatLT + `: words: has a meaning "leap"`},
		{"an empty text", lt, "  adult: 18 arba daugiau\n", "  adult:\n", lt + `: the text "job-offer.age.adult" is empty`},
		{"placeholders that differ", "content/en/results.yaml", "to call {emergency}.", "to call {police}.", `content/en/results.yaml: the text "results.emergency.text" has the placeholders`},
		{"a placeholder that nothing fills", chatLT, "changed: Klausimai", "changed: Klausimai {helplin}", chatLT + `: the text "changed" has the placeholder {helplin}, which nothing fills`},
		{"a brace alone", lt, "18 arba daugiau", "{18 arba daugiau", lt + ": "},
		{"digits with a slash", lt, "  say: Kiek jums metų?", "  say: Kiek jums metų? 1/2", lt + ": the text"},
		{"a label that would be cut", lt, "18 arba daugiau", strings.Repeat("daugiau ", 9), lt + ": a button would be cut"},
		{"two labels alike", lt, "minor: Mažiau nei 18", "minor: 18 ARBA daugiau!", lt + ": two answers of a step read the same"},
		{"a text that would be cut", lt, "say: Kiek jums metų?", "say: " + strings.Repeat("metų ", 450), lt + ": the text"},
		{"an answer to a press that would be refused", chatLT, "stale: Šis", "stale: " + strings.Repeat("Šis ", 60), chatLT + ": Telegram would refuse"},
		{"a number nobody can dial", places, `"+37061691119"`, `"8 616 91119"`, places + `: place "helpline" has the number`},
		{"two numbers of one place", places, `inside: "0 616 91119"`, `inside: "0 616 91911"`, places + `: place "helpline" has two numbers: +37061691119 and inside its country 0 616 91911`},
		{"a form inside a country with brackets", places, `inside: "0 616 91119"`, `inside: "(0-616) 91119"`, places + `: place "helpline" is dialled inside its country as "(0-616) 91119"`},
		{"a form inside a country with a code before it", places, `inside: "0 616 91119"`, `inside: "00370 616 91119"`, places + `: place "helpline" has two numbers`},
		{"another form of a short number", places, "number: \"112\"\n", "number: \"112\"\n    inside: \"0 112\"\n", places + `: place "emergency" has a short number`},
		{"a source seen on no day", places, "    seen: 2026-11\n", "    seen: 2026-13\n", places + `: the source of place "kopzi" was seen on "2026-13", which is no day`},
		{"a date that is none", places, "dated: 2021-10\n", "dated: 2021-13\n", places + `: place "kopzi" has a source of "2021-13", which is no date`},
		{"no reason why a country has no line", places, "without:\n", "without:\n  LV:\n", places + ": "},
		{"a reason for a country that has a line", places, "without:\n", "without:\n  LV: none found\n", places + `: without: tells of the country "LV", which has a line of its own`},
		{"a reason for a country that nobody can choose", places, "without:\n", "without:\n  JP: none found\n", places + `: without: tells of the country "JP", which cannot be chosen`},
		{"an outcome without a number", places, "    lithuania: [helpline-free, helpline, labour-inspectorate]", "    lithuania: [emergency]", places + `: the outcome "low" shows people in Lithuania no`},
		{"an outcome whose number cannot be dialled there", places, "    elsewhere: [helpline, consular]\n", "    elsewhere: [helpline-free]\n", places + `: the outcome "low" shows people elsewhere no`},
		{"an outcome that is missing", places, "  young:\n    lithuania: [child, youth, helpline-free, helpline, emergency, missing-children]\n    elsewhere: [helpline, child, youth, consular, emergency]\n", "", places + `: the outcome "young" shows no phone number`},
		{"a place that does not exist", places, "elsewhere: [helpline, consular]\n", "elsewhere: [helpline, embassy]\n", places + `: place "embassy" does not exist`},
		{"a country that does not exist", places, "    country: DE\n", "    country: DD\n", places + `: place "de-women" has the country "DD", which does not exist`},
		{"a country in small letters", places, "    country: DE\n", "    country: de\n", places + `: place "de-women" has the country "de", which does not exist`},
		{"a kind that does not exist", places, "    kind: labour\n", "    kind: work\n", places + `: place "gb-labour" has the kind "work", which does not exist`},
		{"a number of a country without its kind", places, "    country: DE\n    kind: helpline\n", "    country: DE\n", places + `: place "de-women" does not say what it is in its country`},
		{"a number for inside no country", places, "    from: country\n    country: DE\n", "    from: country\n", places + `: place "de-women" works only in a country and does not say which`},
		{"a country to choose that does not exist", places, "  DE: [", "  XX: [", places + `: the country "XX" does not exist`},
		{"a country nobody can choose", places, "  DE: [Deutschland, Германия, Німеччина]\n", "", places + `: nobody can choose the country of place "de-women"`},
		{"a country without an emergency number", places, "  DE: [Deutschland", "  JP: [Nihon]\n  DE: [Deutschland", places + `: nobody in "JP" can dial any emergency number`},
		{"a country without a name", "content/en/countries.yaml", "  DE: Germany\n", "", `content/en/countries.yaml: the country "DE" has no name`},
		{"a name for no country", "content/lt/countries.yaml", "  DE: Vokietija\n", "  DE: Vokietija\n  JP: Japonija\n", `content/lt/countries.yaml: the text "names.JP" is superfluous`},
		{"two countries with one name", "content/lt/countries.yaml", "  DE: Vokietija\n", "  DE: Norvegija\n", `content/lt/countries.yaml: the countries`},
		{"a country's name that would be cut", "content/lt/countries.yaml", "  DE: Vokietija\n", "  DE: Vokietijos Federacinė Respublika\n", "content/lt/countries.yaml: Messenger would cut the button"},
		{"a word for two countries", places, "[Norge, ", "[Norge, Deutschland, ", places + `: the word "Deutschland" stands for the country`},
		{"a missing text about countries", "content/lt/countries.yaml", "other: Kita šalis\n", "", `content/lt/countries.yaml: the text "other" is missing`},
		{"a week of six days", "content/lt/countries.yaml", "[pr., ", "[", `content/lt/countries.yaml: the list "days" does not have seven days`},
		{"a number of one country shown elsewhere", places, "elsewhere: [helpline, consular]\n", "elsewhere: [helpline, de-women]\n", places + `: place "de-women" works in DE alone`},
		{"a kind in an order that does not exist", places, "    country: [helpline, local-emergency, local-helpline, local-labour, consular]", "    country: [helpline, local-ambulance]", places + `: place "local-ambulance" does not exist`},
		{"a country without a Lithuanian number", places, "    country: [helpline, local-emergency, local-helpline, local-labour, consular]", "    country: [local-emergency]", places + `: the outcome "low" shows no Lithuanian phone number among the first 6 in GB, DE, `},
		{"a time zone that does not exist", deskRules, "zone: Europe/Vilnius", "zone: Europe/Vilna", deskRules + `: there is no time zone "Europe/Vilna"`},
		{"the machine's own time zone", deskRules, "zone: Europe/Vilnius", "zone: Local", deskRules + `: there is no time zone "Local"`},
		{"a day in another language", deskRules, "- mon-fri 09:00-17:00", "- pir-pen 09:00-17:00", deskRules + `: "pir-pen 09:00-17:00" is no day and time`},
		{"a time without its nought", deskRules, "- mon-fri 09:00-17:00", "- mon-fri 9:00-17:00", deskRules + `: "mon-fri 9:00-17:00" is no day and time`},
		{"a shift that ends before it begins", deskRules, "- mon-fri 09:00-17:00", "- mon-fri 17:00-09:00", deskRules + `: "mon-fri 17:00-09:00" ends before it begins`},
		{"a shift of no length", deskRules, "- mon-fri 09:00-17:00", "- mon-fri 09:00-09:00", deskRules + `: "mon-fri 09:00-09:00" ends before it begins`},
		{"a shift after midnight", deskRules, "- mon-fri 09:00-17:00", "- mon-fri 09:00-24:30", deskRules + `: "mon-fri 09:00-24:30" ends before it begins, or after midnight`},
		{"hours that are no list", deskRules, "hours:\n  - mon-fri 09:00-17:00", "hours: mon-fri 09:00-17:00", deskRules + ": "},
		{"a holiday that does not exist", deskRules, `"02-16"`, `"02-30"`, deskRules + `: "02-30" is no day of the calendar`},
		{"29 February of a year that has none", deskRules, `"02-16"`, `"2027-02-29"`, deskRules + `: "2027-02-29" is no day of the calendar`},
		{"a holiday the other way round", deskRules, `"02-16"`, `"16.02."`, deskRules + `: "16.02." is no day of the calendar`},
		{"a first answer without its unit", deskRules, "first-answer: 5m", "first-answer: 5", deskRules + `: first-answer: "5" is no such time`},
		{"a first answer after two days", deskRules, "first-answer: 5m", "first-answer: 48h", deskRules + `: first-answer: "48h" is no such time`},
		{"a first answer at once", deskRules, "first-answer: 5m", "first-answer: 0s", deskRules + `: first-answer: "0s" is no such time`},
		{"a talk kept for ever", deskRules, "keep: 14", "keep: 365", deskRules + `: keep: "365" is no such number`},
		{"a talk kept for no day", deskRules, "keep: 14", "keep: 0", deskRules + `: keep: "0" is no such number`},
		{"a desk in a language that is not there", deskRules, "language: lt", "language: et", deskRules + `: there are no texts in the language "et"`},
		{"counsellors who speak a language that is not there", deskRules, "languages: [lt, en]", "languages: [lt, et]", deskRules + `: there are no texts in the language "et"`},
		{"a lead without an @", deskRules, "regions: []", "lead: ona\nregions: []", deskRules + `: lead: "ona" is no name on Telegram`},
		{"an unknown key of the desk", deskRules, "first-answer: 5m", "first-answer: 5m\nlast-answer: 6m", deskRules + `: "last-answer"`},
		{"a missing text of the desk", deskLT, "lines-done:", "lines-over:", deskLT + `: the text "lines-done" is missing`},
		{"a syntax error", quiz, "steps:\n", "steps: [\n", quiz + ": "},
		{"a tab", quiz, "  happened:", "\thappened:", quiz + ": there is a tab"},
		{"a list where a map belongs", quiz, "steps:\n", "steps: []\nother:\n", quiz + ": "},
		{"a key twice", quiz, "start: age\n", "start: age\nstart: age\n", quiz + ": "},
		{"a quiz with no place in a list", quiz, "\nmenu: 1\n", "\nmenu: first\n", quiz + `: "menu" should be a number`},
		{"two quizzes in one place", quiz, "\nmenu: 1\n", "\nmenu: 2\n", `flows/quizzes/job-offer.yaml: the quizzes "at-work" and "job-offer" have the same place`},
		{"a person who is neither", quiz, "\nmenu: 1\n", "\nmenu: 1\nperson: friend\n", quiz + `: person: "friend" is unknown`},
		{"a quiz that begins with no flag", quiz, "\nmenu: 1\n", "\nmenu: 1\nraises: [fees]\n", quiz + `: flag "fees" does not exist`},
		{"a step called as a group of texts", quiz, "  happened:  ", "  results:  ", quiz + `: "results" cannot be the name of a step`},
		{"a step with a capital", quiz, "  war:  ", "  War:  ", quiz + `: "War" cannot be the name of a step`},
		{"an answer called why", quiz, "- { answer: adult }", "- { answer: why }", quiz + `: a choice of step "age" has no usable answer`},
		{"a choice with its own way among ticks", quiz, "- { answer: threats, raises: [threats] }", "- { answer: threats, raises: [threats], next: result }", quiz + `: a choice of step "happened" has its own next`},
		{"a sign from who does not know", quiz, "- { answer: unsure }", "- { answer: unsure, raises: [under-18] }", quiz + `: the answer "unsure" of step "age" has raises`},
		{"a stage that does not exist", quiz, "stage: offer }", "stage: offered }", quiz + `: stage "offered" does not exist`},
		{"a choice that closes no point", quiz, "closes: [requests]", "closes: [request]", quiz + `: point "request" does not exist`},
		{"fourteen choices", quiz, "      - { answer: adult }\n", strings.Repeat("      - { answer: adult }\n", 14), quiz + `: step "age" has 16 choices`},
		{"a yes where a level belongs", quiz, "enough: high", "enough: true", quiz + `: enough: "true" is no level`},
		{"a check that is a flag too", flags, "  register:        {", "  fee:        {", flags + `: "fee" is a flag and a check`},
		{"a flag in no basket", flags, `basket: [F], source: "P10"`, `source: "P10"`, flags + `: flag "unasked" is in no basket`},
		{"a flag with a capital", flags, "  fee:  ", "  Fee:  ", flags + `: "Fee" cannot be the name of a flag`},
		{"a rule that asks for nothing", risk, "- { strong: 2 }", "- { strong: 0 }", risk + ": a line of positive asks for nothing"},
		{"a number in words", risk, "- { strong: 2 }", "- { strong: two }", risk + `: "positive.strong" should be a number`},
		{"a combination of one", risk, "{ all: [chat-work, far-away], raises", "{ all: [chat-work], raises", risk + ": a combination needs at least two"},
		{"a combination without effect", risk, ", raises: scam-centre }", " }", risk + ": this combination has no effect"},
		{"a basket named twice", risk, "supporting: [D3, D6]", "supporting: [D3, D6, D1]", risk + `: basket "D1" is named twice`},
		{"an end aside without a name", risk, "  outcome: rights", "  outcome: high", risk + ": aside has no outcome of its own"},
		{"a point left out that a quiz still names", risk, "way-home, parent, danger", "way-home, danger", `flows/quizzes/young.yaml: point "parent" does not exist`},
		{"a place that works from nowhere", places, "    from: eu\n", "    from: abroad\n", places + `: place "emergency" does not say from where`},
		{"a place without a source", places, "    source: https://www.epolicija.lt/web/guest/svarbi-informacija\n", "", places + `: place "hope" lacks`},
		{"a place near nothing", places, "near: [in-vilnius]", "near: [vilnius]", places + `: place "caritas" is near "vilnius"`},
		{"hours that look like progress", places, "hours: mon-fri 09:00-18:00", "hours: 24/7", places + `: the hours of place "klaipeda-centre"`},
		{"a number without quotes", places, "number: \"112\"", "number: 112a", places + `: place "emergency" has the number "112a"`},
		{"an outcome that the quiz words do not have", "content/lt/someone-else.yaml", "  concern:\n", "  concerns:\n", `content/lt/someone-else.yaml: the texts of "results.concern" are missing: title, text, next`},
		{"a menu name that would be cut", "content/en/at-work.yaml", "name: I already work", "name: " + strings.Repeat("work ", 15), "content/en/at-work.yaml: a button would be cut"},
		{"** without its partner", chatLT, "**Ar dabar galite", "Ar dabar galite", chatLT + ": the text \"chat.private\" has a **"},
		{"a list with a line too few", "content/en/results.yaml", "    - Keep with you the papers and the phone that you have.\n", "", "content/en/results.yaml: "},
		{"a form that the language lacks", "content/en/desk.yaml", "card-struck:", "card-struck1:", "content/en/desk.yaml: "},
		{"a short form that is long", lt, "    employer: Pats darbdavys", "    employer: Pats darbdavys, tiesiai", lt + `: Messenger would cut the button "Pats darbdavys, tiesiai"`},
		{"a short form of no answer", lt, "    employer: Pats darbdavys", "    employers: Pats darbdavys", lt + `: "Pats darbdavys" is short for no answer: there is none of that name in "job-offer.between"`},
		{"a short form of no step", lt, "\nwar:\n", "\nwars:\n  short:\n    yes: Taip, karas\nwar:\n", lt + `: "Taip, karas" is short for no answer`},
		{"a short form that is the label", lt, "    refused: Klausiau, nesako", "    unsure: Nežinau!", lt + `: the short form "Nežinau!" is the label itself`},
		{"a short form like another's label", lt, "    refused: Klausiau, nesako", "    refused: nezinau", lt + `: the short form "nezinau" reads the same as another answer`},
		{"two short forms that read the same", lt, "    refused: Klausiau, nesako", "    refused: PATS darbdavys", lt + `: the short form "PATS darbdavys" reads the same as another answer`},
		{"a short form where several can be ticked", lt, "  none: Nieko iš šių\n", "  none: Nieko iš šių\n  short:\n    fee: Prašo pinigų\n", lt + `: the short form "Prašo pinigų" is used nowhere`},
		{"a short form in one language only", lt, "    employer: Pats darbdavys\n", "", ""},
		{"a colon without a space", lt, "  adult: 18 arba daugiau", "  adult:18 arba daugiau", lt + ": "},
		{"a quote without its partner", lt, "  adult: 18 arba daugiau", "  adult: \"18 arba daugiau", lt + ": "},
		{"a case that recommends nothing", module, "- { answer: leave, right: true }", "- { answer: leave }", module + `: no answer to "wages" is marked as right`},
		{"a case that recommends everything", module, "- { answer: proven }\n      - { answer: usual }\n", "- { answer: proven, right: true }\n      - { answer: usual, right: true }\n", module + `: every answer to "crowded" is marked as right`},
		{"a case with one answer", module, "      - { answer: small }\n      - { answer: delete }\n", "", module + `: "tasks" has 1 choices`},
		{"a case whose answer is called told", module, "- { answer: small }", "- { answer: told }", module + `: a choice of "tasks" has no usable answer`},
		{"a case about nothing", module, "    topic: marriage\n", "", module + `: the case "marriage" does not say what it is about`},
		{"a question with a topic", module, "  wages:\n", "  wages:\n    topic: crime\n", module + `: unknown key "topic"`},
		{"an explanation from nowhere", module, "source: [palermo]", "source: [palermos]", module + `: the source "palermos" does not exist`},
		{"two modules in one place", module, "\nmenu: 1\n", "\nmenu: 2\n", "flows/training/respond.yaml: the modules \"recognise\" and \"respond\" have the same place"},
		{"a module without cases", module, "\ncases:\n", "\nothers:\n", module + `: unknown key "others"`},
		{"a source that nobody names", references, "judgement:\n", "rumour:\n  seen: nothing\njudgement:\n", references + `: no case has the source "rumour"`},
		{"a source that nobody has read", references, "  seen: a judgement of the authors, with no document behind it", "  link: https://example.org/", references + `: nobody has read the source "judgement"`},
		{"a source at no address", references, "link: https://www.techsafety.org/best-practice-principles", "link: www.techsafety.org", references + `: link: "www.techsafety.org" is no web address`},
		{"an answer without its explanation", "content/lt/recognise.yaml", "    hard: ", "    hards: ", `content/lt/recognise.yaml: the text "carer.told.hard" is missing`},
		{"a certificate without its day", "content/en/training.yaml", "finished it on {date}", "finished it", "content/en/training.yaml: "},
		{"two answers to a case that read the same", "content/lt/recognise.yaml", "  signs: Kelis", "  signs: Sunkų, bet įprastą darbą # Kelis", `content/lt/recognise.yaml: two answers of a step read the same`},
		{"words behind # that got lost", lt, "  minor: Mažiau nei 18", "  minor: Mažiau nei #18 metų", lt + `: what stands behind # is not shown: "#18 metų"; people read only "Mažiau nei"`},
		{"a remark behind a text", lt, "  minor: Mažiau nei 18", "  minor: Mažiau nei 18 # pasitikslinti", "note: what stands behind # is not shown"},
		{"a word that begins with !", lt, "  minor: Mažiau nei 18", "  minor: !Dar mažiau", lt + `: the text begins with !Dar`},
		{"words behind a closing quote", lt, "  minor: Mažiau nei 18", "  minor: \"Mažiau\" nei 18", lt + `: there are words behind the closing quote`},
		{"a Cyrillic letter in a name of a text", lt, "  minor: Mažiau", "  min\u043er: Mažiau", lt + ": letter 4 of the name"},
		{"a Cyrillic letter in the name of a step", quiz, "start: age\n", "start: \u0430ge\n", quiz + `: start names step`},
		{"a number with blanks", places, `"+37061691119"`, `"+370 616 91119"`, places + `: place "helpline" has the number "+370 616 91119"`},
		{"a number as it is dialled inside the country", places, `"+37061691119"`, `0 616 91119`, places + `: place "helpline" has the number "0 616 91119"`},
		{"a phone number typed into a text", lt, "say: Kiek jums metų?", "say: Kiek jums metų? Skambinkite 8 616 91119.", lt + `: the text "job-offer.age.say" holds the phone number 8 616 91119`},
		{"a short number typed into a line of a list", "content/lt/replies.yaml", "{emergency}", "112", `content/lt/replies.yaml: the text "replies.texts" holds the phone number 112`},
		{"a phone number that no place has", lt, "say: Kiek jums metų?", "say: Kiek jums metų? Skambinkite +37052101010.", lt + `: the text "job-offer.age.say" holds the phone number +37052101010`},
		{"a test call on no day", places, "tested: never", "tested: vakar", `note: tested on "vakar"`},
		{"a file that is not read", "content/lt/new-quiz.yml", "", "name: Naujas\n", "note: this file is not read"},
		{"a second file of the same name", "content/lt/replies.yml", "", "texts: [Labas]\n", "note: this file is not read"},
		{"a folder that is not read", "content/LT/chat.yaml", "", "begin: Labas\n", "note: this folder is not read"},
		{"an alias", quiz, "start: age\n", "start: &a age\nenough: *a\n", quiz + ": "},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := copyOf(t)
			if c.old == "" {
				files[c.file] = &fstest.MapFile{}
			}
			text := string(files[c.file].Data)
			if !strings.Contains(text, c.old) {
				t.Fatalf("%s does not hold %q", c.file, c.old)
			}
			files[c.file].Data = []byte(strings.Replace(text, c.old, c.new, 1))
			l, err := library.Open(files)
			if words, note := strings.CutPrefix(c.want, "note: "); note && err == nil {
				found := noteOf(l, words)
				fmt.Fprintf(&told, "\n== %s\nwarning: %v\npastaba: %s\n", c.name, found, sheet.In(sheet.Lithuanian, found))
				return
			}
			if c.want == "" { // allowed
				if err == nil {
					return
				}
				c.want = quiz
			}
			fmt.Fprintf(&told, "\n== %s\n%v\n%s\n", c.name, err, sheet.In(sheet.Lithuanian, err))
			var ps sheet.Problems
			if !errors.As(err, &ps) || len(ps) == 0 {
				t.Fatalf("loads, or gives another error: %v", err)
			}
			file, words, _ := strings.Cut(c.want, ": ")
			for _, p := range ps {
				if p.Message == "" || p.Remedy == "" || p.File == "" {
					t.Errorf("not a full sentence: %+v", p)
				}
				if p.File == file && strings.Contains(p.Message.Error(), words) {
					if line := p.Line; file == deskRules && (line < 1 || line > len(strings.Split(string(files[file].Data), "\n")) || !mistaken(files, file, line, c.new)) {
						t.Errorf("line %d of %s is named for %q", line, file, c.new)
					}
					return
				}
			}
			t.Errorf("nothing says %q; the problems are\n%v", c.want, ps)
		})
	}
}

// noteOf is the first warning that holds some words.
func noteOf(l *library.Library, words string) error {
	for _, p := range l.Warnings(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)) {
		if strings.Contains(p.Message.Error(), words) {
			return sheet.Problems{p}
		}
	}
	return fmt.Errorf("nothing says %q", words)
}

// tableOf makes a page for staff of the golden file: each kind of mistake with what is said of it. Of many lines the first few stand there.
func tableOf(golden string) string {
	const most = 4
	var b strings.Builder
	b.WriteString("# Klaidos ir ką daryti · Mistakes and what to do\n\nKą pasako `patikra check`. Kiekviena eilutė: failas, eilutės numeris, kas negerai; ką daryti. Pirma lietuviškai, po to angliškai.\n" +
		"What `patikra check` says. Each line: the file, the number of the line, what is wrong; what to do. This page is written by `go test ./bot -run EveryMistake -update`.\n")
	for _, kind := range strings.Split(golden, "\n== ")[1:] {
		name, rest, _ := strings.Cut(kind, "\n")
		lines := strings.Split(strings.TrimSpace(rest), "\n")
		half := len(lines) / 2
		fmt.Fprintf(&b, "\n## %s\n\n```\n", strings.ToUpper(name[:1])+name[1:])
		for i, said := range [][]string{lines[half:], lines[:half]} {
			if i > 0 {
				b.WriteString("\n")
			}
			for _, line := range said[:min(len(said), most)] {
				b.WriteString(line + "\n")
			}
			if len(said) > most {
				fmt.Fprintf(&b, "… +%d\n", len(said)-most)
			}
		}
		b.WriteString("```\n")
	}
	return b.String()
}

// mistaken reports whether a line of a file is one of those that were changed.
func mistaken(files fstest.MapFS, file string, line int, changed string) bool {
	text := string(files[file].Data)
	first := strings.Count(text[:strings.Index(text, changed)], "\n") + 1
	return line >= first && line <= first+strings.Count(changed, "\n")
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	files := copyOf(t)
	change := func(file, old, new string) {
		files[file].Data = []byte(strings.Replace(string(files[file].Data), old, new, 1))
	}
	change(quiz, "raises: [complaints]", "raises: [complaint]")
	change(flags, `, source: "P10"`, "")
	change(places, `"+37061691119"`, `"8 616 91119"`)
	change(chatLT, "restart: Pradėti iš naujo", "restart: ")
	_, err := library.Open(files)
	for _, want := range []string{quiz, flags, places, chatLT} {
		if err == nil || !strings.Contains(err.Error(), want+":") {
			t.Errorf("%s is not named in\n%v", want, err)
		}
	}
}

func TestFilesThatAreMissingOrStrangeGiveAnErrorAndNoPanic(t *testing.T) {
	unwatched(t)
	if _, err := library.Open(fstest.MapFS{}); err == nil {
		t.Error("an empty folder loads")
	}
	strange := []string{"", "null", "[]", "x", "a: b", "\x00\xff", "a: [", strings.Repeat("[", 4000), "? ", "- - - -", "!!binary x"}
	for i, file := range slices.Sorted(maps.Keys(copyOf(t))) {
		if strings.HasPrefix(file, "flows/stories/") || strings.HasPrefix(file, "flows/answers/") {
			continue
		}
		data := strange[i%len(strange)] // each of them meets some files
		files := copyOf(t)
		files[file].Data = []byte(data)
		if _, err := library.Open(files); err == nil {
			t.Errorf("%s loads with %.20q in it", file, data)
		}
		files = copyOf(t)
		delete(files, file)
		if _, err := library.Open(files); err == nil && file != "content/site.yaml" && file != "content/desk.yaml" && !slices.Contains([]string{"sources.yaml", "language.yaml", "campaigns.yaml"}, path.Base(file)) {
			t.Errorf("loads without %s", file)
		}
	}
}

func TestEveryShippedTextIsEasyToReadInEveryLanguage(t *testing.T) {
	lib := builtIn(t)
	for i := range lib.Catalog.Languages {
		lang := &lib.Catalog.Languages[i]
		n := 0
		for _, name := range lang.Names("") {
			for _, text := range append(lang.List(name), lang.Text(name)) {
				if !lang.Own(name) {
					continue
				}
				n++
				if hard := lang.Hard(text); hard != "" {
					t.Errorf("%s: %s is hard to read, %s: %s", lang.Tag, name, hard, text)
				}
			}
		}
		if least := map[bool]int{true: 400, false: 1900}[lang.Variant != nil]; n < least {
			t.Errorf("%s: only %d texts were read", lang.Tag, n)
		}
	}
}

// ofTrade reports whether a text is read by specialists alone and calls a crime or an office by its name.
func ofTrade(name string) bool {
	return strings.HasPrefix(name, "training.laws.") || strings.HasPrefix(name, "municipalities.kinds.commission.")
}

func TestNoTextPromisesOrJudges(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	for i := range lib.Catalog.Languages {
		lang := &lib.Catalog.Languages[i]
		for _, name := range lang.Names("") {
			texts := append([]string{}, lang.List(name)...)
			if lang.Has(name) {
				texts = append(texts, lang.Text(name))
			}
			for _, text := range texts {
				for _, word := range strings.Fields(content.Fold(text)) {
					for _, never := range []string{"auka", "aukos", "aukai", "vergas", "vergai", "vergove", "victim", "victims", "slave", "slavery", "safe", "safely", "saugu", "saugus", "trafficking", "trafficked", "guaranteed", "garantuojame",
						"жертва", "жертвы", "жертвой", "раб", "рабы", "рабство", "безопасно", "безопасный", "безопасна", "гарантируем",
						"жертви", "жертву", "жертвою", "раби", "рабства", "безпечно", "безпечний", "безпечна", "торгівля", "торгівлі", "торгівлею", "гарантуємо", "гарантовано",
						"ofiara", "ofiary", "ofiarą", "niewolnik", "niewolnictwo", "bezpieczny", "bezpiecznie", "bezpieczna", "gwarantujemy"} {
						if word == content.Fold(never) && !(ofTrade(name) && slices.Contains([]string{"trafficking", "торгівля", "торгівлі"}, never)) {
							t.Errorf("%s %s says %q: %s", lang.Tag, name, never, text)
						}
					}
				}
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, file := range []string{quiz, flags, risk, lt, chatLT, places} {
		data, _ := fs.ReadFile(library.BuiltIn(), file)
		f.Add(file, data)
	}
	base := copyOf(f)
	f.Fuzz(func(t *testing.T, file string, data []byte) {
		if _, ok := base[file]; !ok {
			return
		}
		files := fstest.MapFS{}
		for k, v := range base {
			files[k] = v
		}
		files[file] = &fstest.MapFile{Data: data, Mode: 0o644}
		library.Open(files) // whatever it says, it says it without a panic
	})
}
