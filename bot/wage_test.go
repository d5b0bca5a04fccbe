package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot/library"
)

// inCountry answers the questions before the one in which country the job is, and then that one.
func inCountry(t *testing.T, lang, typed string) *visitor {
	t.Helper()
	p := beginning(t, builtIn(t), "job-offer", lang)
	for _, a := range []string{"adult", "none", "offer", "none"} {
		p.go1(a)
	}
	if typed == "near" {
		p.go1(typed)
	} else {
		p.say(typed)
	}
	p.skips(30)
	return p
}

func TestAResultTellsTheLowestPayOfTheCountryTheJobIsIn(t *testing.T) {
	for _, c := range []struct{ lang, typed, want string }{
		{"lt", "Vokietija", "apie 2\u00a0343\u00a0EUR per mėnesį"}, {"en", "Germany", "about 2,343\u00a0EUR a month"}, {"pl", "Niemcy", "około 2\u00a0343\u00a0EUR miesięcznie"},
		{"ru", "Германия", "около 2\u00a0343\u00a0EUR в месяц"}, {"uk", "Німеччина", "близько 2\u00a0343\u00a0EUR на місяць"}, {"lt-easy", "Vokietija", "apie 2\u00a0343\u00a0EUR per mėnesį"},
		{"lt", "Anglija", "12,71\u00a0GBP per valandą, neatskaičius mokesčių (nuo 2026 m.)"}, {"en", "England", "12.71\u00a0GBP an hour, before tax (since 2026)"},
		{"en", "Norway", "agreed on by employers and trade unions"}, {"lt", "near", "apie 1\u00a0153\u00a0EUR per mėnesį"},
	} {
		if p := inCountry(t, c.lang, c.typed); !strings.Contains(p.text, c.want) || strings.ContainsAny(p.text, "{}") {
			t.Errorf("%s %s: %q is missing in\n%s", c.lang, c.typed, c.want, p.text)
		}
	}
	if p := inCountry(t, "en", "I don't know"); strings.Contains(p.text, "The lowest pay") {
		t.Errorf("no country was named:\n%s", p.text)
	}
}

func TestEveryCountryHasItsLowestPayOrSaysThatTradesAgreeOnIt(t *testing.T) {
	lib := builtIn(t)
	for _, c := range lib.Catalog.Countries {
		w, ok := lib.Catalog.Wage(c.Code)
		switch {
		case !ok:
			t.Errorf("%s: nothing is known", c.Code)
		case !w.Agreed && !w.Hour && w.Currency == "EUR" && (w.Least < 500 || w.Least > 3500), w.Hour && (w.Least < 5 || w.Least > 40):
			t.Errorf("%s: %+v cannot be right", c.Code, w)
		}
	}
}

func TestAWageThatNobodyHasLookedForInAYearIsToldOf(t *testing.T) {
	lib := builtIn(t)
	for at, want := range map[string]bool{"2027-11-30": false, "2027-12-02": true} {
		day, _ := time.Parse(time.DateOnly, at)
		if got := strings.Contains(lib.Warnings(day).Error(), "nobody has looked for the lowest pay"); got != want {
			t.Errorf("on %s: %v", at, got)
		}
	}
}

func TestAWageThatCannotBeReadIsRefusedWithARemedy(t *testing.T) {
	const file, rest = "content/places.yaml", " currency: EUR, since: 2026-01,"
	files := staff(t)
	var wants []string
	for _, c := range []struct{ country, good, bad, want string }{
		{"LT", "month: 1153," + rest, "month: 1153, hour: 7," + rest, "is neither for a month nor for an hour alone"},
		{"BE", "month: 2112," + rest, rest, "is neither for a month nor for an hour alone"},
		{"BG", "month: 620," + rest, "month: lots," + rest, "which is no sum"},
		{"CY", "month: 1088," + rest, "month: -5," + rest, "which is no sum"},
		{"CZ", "month: 924," + rest, "month: .inf," + rest, "which is no sum"},
		{"DE", "month: 2343," + rest, "month: 2343, currency: EVRAS, since: 2026-01,", "which does not exist"},
		{"EE", "month: 886," + rest, "month: 886, currency: EUR, since: sausis,", "does not say since when"},
		{"ES", "month: 1381," + rest, "month: 1381, agreed: true," + rest, "is both agreed on and set by law"},
	} {
		edited(file, c.good, c.bad)(files)
		wants = append(wants, `the wage of "`+c.country+`" `+c.want)
	}
	_, err := library.Open(files)
	if err == nil {
		t.Fatal("they are taken")
	}
	for _, want := range wants {
		country, what, _ := strings.Cut(want, `" `)
		if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.Contains(line, country) && strings.Contains(line, what) }) {
			t.Errorf("%s is missing in\n%v", want, err)
		}
	}
}
