package bot_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
)

// outcomesOf lists what a person can be told, and "numbers", the screen with all of them.
func outcomesOf(lib *library.Library) []string { return lib.Catalog.Outcomes() }

func TestInEveryCountryOnlyWhatCanBeDialledThereIsShown(t *testing.T) {
	lib := builtIn(t)
	if n := len(lib.Catalog.Countries); n < 34 {
		t.Fatalf("%d countries", n)
	}
	helpline := named(t, lib, "helpline")
	for _, country := range lib.Catalog.Countries {
		local := lib.Catalog.Local("emergency", country.Code)
		if len(local) == 0 {
			t.Errorf("%s has no emergency number", country.Code)
			continue
		}
		for _, outcome := range outcomesOf(lib) {
			where := country.Code + " " + outcome
			list := lib.Catalog.Order(outcome, country.Code)
			count, emergency, ours := 0, -1, -1
			for i, p := range list {
				if !p.Reaches(country.Code) {
					t.Errorf("%s: %s cannot be dialled from there", where, p.Name)
				}
				if p.From == "lithuania" && country.Code != "LT" || p.Country != "" && p.Country != country.Code {
					t.Errorf("%s: %s is not for there", where, p.Name)
				}
				if p.Confidence == "C" && !p.Confirm {
					t.Errorf("%s: %s is not confirmed", where, p.Name)
				}
				if len(p.Near) == 0 {
					count++
				}
				if p.Number == local[0].Number {
					emergency = i
				}
				if p.Number == helpline.Number {
					ours = i
				}
			}
			if count > content.MostPlaces && where != "LT numbers" {
				t.Errorf("%s: %d numbers", where, count)
			}
			if emergency < 0 || ours < 0 {
				t.Errorf("%s: the emergency number or the helpline is missing: %v", where, list)
			}
			if (outcome == "emergency" || outcome == "numbers") && emergency != 0 {
				t.Errorf("%s: the emergency number is not the first", where)
			}
			if (outcome == "young" || outcome == "young-high") && emergency == 0 {
				t.Errorf("%s, %s: somebody under 18 who is not in danger is sent to the emergency number first", where, outcome)
			}
		}
	}
}

func named(t *testing.T, lib *library.Library, name string) content.Place {
	t.Helper()
	i := slices.IndexFunc(lib.Catalog.Places, func(p content.Place) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("there is no place %q", name)
	}
	return lib.Catalog.Places[i]
}

func TestEveryOrderHoldsANumberThatReachesFromAnywhere(t *testing.T) {
	lib := builtIn(t)
	for _, outcome := range outcomesOf(lib) {
		wheres := []string{"lithuania", "elsewhere"}
		for _, c := range lib.Catalog.Countries {
			wheres = append(wheres, c.Code)
		}
		for _, where := range wheres {
			if !slices.ContainsFunc(lib.Catalog.Order(outcome, where), func(p content.Place) bool { return p.From == "anywhere" && len(p.Near) == 0 }) {
				t.Errorf("%s in %s shows no number that reaches from anywhere", outcome, where)
			}
		}
	}
}

var dialled = regexp.MustCompile(`\+[0-9][0-9 ]{6,}[0-9]`)

// numbersIn is every number of a text that begins with +, without its spaces.
func numbersIn(text string) (out []string) {
	for _, n := range dialled.FindAllString(text, -1) {
		out = append(out, strings.ReplaceAll(n, " ", ""))
	}
	return out
}

// withCountry goes to the numbers and types a country.
func (p *visitor) withCountry(typed string) {
	p.t.Helper()
	p.press("numbers")
	p.press("numbers:where")
	p.say(typed)
}

func TestEveryScreenWithNumbersFitsTheChosenCountry(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	by := map[string]content.Place{}
	for _, p := range lib.Catalog.Places {
		by[p.Number] = p
	}
	var walkers []*visitor
	questions(t, lib, 250, func(p *visitor) {
		if len(p.s.Given) == 0 {
			walkers = append(walkers, p)
		}
	})
	results := map[string]bot.Session{} // one of each outcome in each language, and the start
	for _, p := range walkers {
		o, _, ok := talk.Outcome(lib, &p.s)
		if !ok {
			t.Fatal("a walk has not come to its end")
		}
		results[p.s.Lang+" "+o] = p.s
	}
	for _, tag := range tags(lib) {
		results[tag] = arrive(t, lib, tag).s
	}
	if len(results) < 7*len(tags(lib)) {
		t.Fatalf("only %d screens", len(results))
	}
	for name, s := range results {
		for _, country := range lib.Catalog.Countries {
			for _, over := range []bot.Over{bot.Nothing, bot.Numbers, bot.Human} {
				s.Country, s.Over = country.Code, over
				page := talk.Draw(lib, s, s.Lang)
				if over == bot.Nothing && s.Stage != bot.Finished {
					continue
				}
				found := numbersIn(page.Text)
				reachable := false
				for _, n := range found {
					pl, ok := by[n]
					if !ok || !pl.Reaches(country.Code) {
						t.Fatalf("%s, %s: %s cannot be dialled there:\n%s", name, country.Code, n, page.Text)
					}
					reachable = reachable || pl.From == "anywhere"
				}
				if !reachable {
					t.Fatalf("%s, %s: no number that reaches from anywhere:\n%s", name, country.Code, page.Text)
				}
				if em := lib.Catalog.Local("emergency", country.Code)[0].Number; !strings.Contains(page.Text, em) {
					t.Fatalf("%s, %s: %s is missing:\n%s", name, country.Code, em, page.Text)
				}
				if !strings.Contains(page.Text, lib.Catalog.Language(s.Lang).CountryName(country.Code)) {
					t.Fatalf("%s, %s: the country is not named:\n%s", name, country.Code, page.Text)
				}
				if n := content.Length(page.Text); n > 4096 {
					t.Fatalf("%s, %s: %d units", name, country.Code, n)
				}
			}
		}
	}
}

func TestEveryCountryCanBeChosenFromItsPageAndByItsName(t *testing.T) {
	lib := builtIn(t)
	for _, tag := range tags(lib) {
		seen := map[string]bool{}
		p := arrive(t, lib, tag)
		p.press("numbers")
		p.press("numbers:where")
		for page := 0; ; page++ {
			total, more := 0, ""
			for _, b := range p.buttons {
				total++
				if content.Length(b.Label) > content.MaxQuickReply {
					t.Errorf("%s: %q would be cut on Messenger", tag, b.Label)
				}
				if code, ok := strings.CutPrefix(b.Data, "numbers:in."); ok && code != "" {
					seen[code] = true
					c := p.copy()
					c.press(b.Data)
					if c.s.Country != code || c.s.Over != bot.Numbers || !strings.Contains(c.text, b.Label) {
						t.Errorf("%s: %s leads to %q:\n%s", tag, b.Data, c.s.Country, c.text)
					}
					for _, typed := range []string{b.Label, code, strings.ToUpper(b.Label), flagOf(code)} {
						c = p.copy()
						c.say(typed)
						if c.s.Country != code {
							t.Errorf("%s: %q typed is the country %q, not %q", tag, typed, c.s.Country, code)
						}
					}
				}
				if b.Data == fmt.Sprintf("numbers:where.%d", page+1) {
					more = b.Data
				}
			}
			if total > 13 {
				t.Errorf("%s: %d buttons, more than Messenger takes", tag, total)
			}
			if more == "" {
				break
			}
			p.press(more)
		}
		if len(seen) != len(lib.Catalog.Countries) {
			t.Errorf("%s: %d of %d countries are offered", tag, len(seen), len(lib.Catalog.Countries))
		}
	}
}

func flagOf(code string) string {
	return string(rune(0x1F1E6+int(code[0]-'A'))) + string(rune(0x1F1E6+int(code[1]-'A')))
}

func TestTheCountryIsUnderstoodAsPeopleWriteIt(t *testing.T) {
	lib := builtIn(t)
	for typed, want := range map[string]string{"Vokietija": "DE", "vokietijoj": "DE", "Esu Vokietijoje": "DE", "Germany": "DE", "in Germany!": "DE", "DE": "DE", "de": "DE", "🇩🇪": "DE", "Германия": "DE", "в Германии": "DE",
		"Anglija": "GB", "londone": "GB", "Šiaurės Airijoje": "GB", "airijoj": "IE", "NO": "NO", "norvegijoje": "NO", "Olandijoj": "NL", "nyderlanduose": "NL", "the netherlands": "NL", "kipre": "CY", "USA": "US", "lietuvoj": "LT",
		"Australija": "", "Australia": "", "no": "", "Vokietija ar Norvegija": "", "kažkur": "", "🇯🇵": "", "🇩": "", "": ""} {
		p := arrive(t, lib, "lt")
		p.press("numbers")
		p.press("numbers:where")
		p.say(typed)
		if p.s.Country != want {
			t.Errorf("%q is understood as %q, not %q", typed, p.s.Country, want)
		}
	}
	p := arrive(t, lib, "lt")
	p.press("numbers")
	p.say("man siūlo darbą Vokietijoje")
	if p.s.Country != "" {
		t.Error("a sentence about a job beside the numbers changed where the person is")
	}
	p.say("Vokietijoje")
	if p.s.Country != "DE" {
		t.Error("a country typed beside the numbers is not understood")
	}
}

func TestTheCountryIsForgottenWithEverythingElseAndOnlyThen(t *testing.T) {
	lib := builtIn(t)
	p := arrive(t, lib, "lt")
	p.withCountry("NO")
	p.press("back:here")
	p.toQuestion()
	p.press("restart")
	p.say("/start")
	if p.s.Country != "NO" {
		t.Errorf("after a new start the country is %q", p.s.Country)
	}
	other := p.copy()
	other.press("numbers:in.")
	if other.s.Country != "" || strings.Contains(other.text, "Norvegija") {
		t.Errorf("another country: %q\n%s", other.s.Country, other.text)
	}
	if plan := p.press("erase:yes"); !plan.Erase {
		t.Error("erase leaves the conversation")
	}
}

func TestACountryThatIsNoLongerOfferedIsIgnored(t *testing.T) {
	lib := builtIn(t)
	with, without := bot.Session{Lang: "lt", Stage: bot.Welcome, Over: bot.Numbers, Country: "JP"}, bot.Session{Lang: "lt", Stage: bot.Welcome, Over: bot.Numbers}
	if a, b := talk.Draw(lib, with, "lt"), talk.Draw(lib, without, "lt"); !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func TestFilesWithoutCountriesOfferNoChoice(t *testing.T) {
	files := copyOf(t)
	text := string(files["content/places.yaml"].Data)
	i, j := strings.Index(text, "\n# The countries a person"), strings.Index(text, "\n# Who comes first")
	files["content/places.yaml"].Data = []byte(text[:i] + text[j:])
	delete(files, "content/lt/countries.yaml")
	delete(files, "content/en/countries.yaml")
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	p := arrive(t, lib, "lt")
	p.press("numbers")
	if strings.Contains(fmt.Sprint(p.buttons), "numbers:") {
		t.Errorf("buttons: %v", p.buttons)
	}
	p.press("numbers:where")
	p.press("numbers:in.DE")
	if p.s.Country != "" || p.s.Over != bot.Numbers {
		t.Errorf("an old button leads to %+v", p.s)
	}
}
