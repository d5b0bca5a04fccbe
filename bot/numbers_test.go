package bot_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
)

// read is when the sources of places.yaml were read.
var read = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Two digits that change places still make a valid number, and somebody else answers. So every number stands here a second
// time, and whoever changes one in places.yaml reads it twice.
func TestEveryNumberIsTheOneThatWasReadInItsSource(t *testing.T) {
	lib := builtIn(t)
	seen := map[string]bool{}
	for _, p := range lib.Catalog.Places {
		want, ok := confirmed[p.Name]
		if !ok {
			t.Errorf("%s: %s is not in the second list", p.Name, p.Number)
		} else if got := [2]string{p.Number, p.Inside}; got != want {
			t.Errorf("%s: %q in places.yaml, %q in the second list", p.Name, got, want)
		}
		seen[p.Name] = true
	}
	for name := range confirmed {
		if !seen[name] {
			t.Errorf("%s is not in places.yaml any more", name)
		}
	}
}

func TestEveryLongNumberIsValidInItsCountryAndDialledThereAsItSays(t *testing.T) {
	for _, p := range builtIn(t).Catalog.Places {
		if !strings.HasPrefix(p.Number, "+") {
			continue
		}
		n, err := phonenumbers.Parse(p.Number, "")
		if err != nil || !phonenumbers.IsValidNumber(n) {
			t.Errorf("%s: %s is no valid number (%v)", p.Name, p.Number, err)
			continue
		}
		if region := phonenumbers.GetRegionCodeForNumber(n); region != p.Home() {
			t.Errorf("%s: %s is of %s, not of %q", p.Name, p.Number, region, p.Home())
		}
		national := digits(phonenumbers.Format(n, phonenumbers.NATIONAL))
		if p.Home() == "US" { // written without the 1 that is dialled from many phones there
			national = "1" + national
		}
		if digits(p.Inside) != national {
			t.Errorf("%s: inside its country it is %s, not %q", p.Name, national, p.Inside)
		}
		if shown := p.Spaced(); "+"+digits(shown) != p.Number || strings.Contains(shown, "  ") {
			t.Errorf("%s: %s is shown as %q", p.Name, p.Number, shown)
		}
	}
}

func TestNumbersAreGroupedAsPeopleOfTheCountryDialThem(t *testing.T) {
	for _, c := range []struct{ number, inside, want string }{
		{"112", "", "112"},
		{"+37061691119", "0 616 91119", "+370 616 91119"},
		{"+37052139772", "0 5 213 9772", "+370 5 213 9772"},
		{"+3531800666111", "1800 666 111", "+353 1800 666 111"},
		{"+498001239900", "0800 123 9900", "+49 800 123 9900"},
		{"+40800800678", "0800 800 678", "+40 800 800 678"}, // the code ends with the digit that is dialled inside
		{"+3680205520", "06 80 20 55 20", "+36 80 20 55 20"},
		{"+18883737888", "1 888 373 7888", "+1 888 373 7888"},
		{"+4570202550", "70 20 25 50", "+45 70 20 25 50"},
		{"+37061691119", "", "+370 616 91119"},
		{"+3531800666111", "", "+353 1800666111"}, // no group is better than a wrong one
	} {
		if got := (content.Place{Number: c.number, Inside: c.inside}).Spaced(); got != c.want {
			t.Errorf("%s: %s, not %s", c.number, got, c.want)
		}
	}
}

func TestEveryCountryHasAnEmergencyNumberAndALineOrAReason(t *testing.T) {
	lib := builtIn(t)
	without := 0
	for _, c := range lib.Catalog.Countries {
		if len(lib.Catalog.Local("emergency", c.Code)) == 0 {
			t.Errorf("%s has no emergency number", c.Code)
		}
		if lib.Catalog.HasLine(c.Code) == (c.Without != "") {
			t.Errorf("%s: a line of its own: %v, and the reason why not: %q", c.Code, lib.Catalog.HasLine(c.Code), c.Without)
		}
		if c.Without != "" {
			without++
		}
	}
	if without > 1 {
		t.Errorf("%d countries have no line of their own", without)
	}
}

// dials reports whether somebody can call a number from where they are; elsewhere nobody knows the country.
func dials(p content.Place, where string) bool {
	switch where {
	case "lithuania":
		where = "LT"
	case "elsewhere":
		return p.From == "anywhere" || p.From == "eu"
	}
	return p.Reaches(where)
}

func TestEveryListBeginsWithASureNumberAndSomebodyAnswersDayAndNight(t *testing.T) {
	lib := builtIn(t)
	for _, outcome := range lib.Catalog.Outcomes() {
		for _, where := range lib.Wheres() {
			list := lib.Catalog.Order(outcome, where)
			if len(list) < 2 {
				t.Errorf("%s in %s: %d numbers", outcome, where, len(list))
				continue
			}
			if first := list[0]; first.Weak(read) || first.Confidence == "C" || !dials(first, where) {
				t.Errorf("%s in %s begins with %s: to be confirmed %v, confidence %s, %s, from %s", outcome, where, first.Name, first.Confirm, first.Confidence, first.Dated, first.From)
			}
			open := slices.IndexFunc(list, func(p content.Place) bool {
				return (p.Hours == "always" || p.Kind == "emergency") && dials(p, where)
			})
			if most := map[string]int{"rights": 2, "young": 1, "young-high": 1}[strings.TrimPrefix(outcome, "helper-")]; open < 0 || open > most { // a minor's begins with the child line
				t.Errorf("%s in %s: the first where somebody always answers is at place %d", outcome, where, open+1)
			}
		}
	}
}

func TestALineForProfessionalsIsShownToHelpersAlone(t *testing.T) {
	lib := builtIn(t)
	found := false
	for _, outcome := range lib.Catalog.Outcomes() {
		for _, where := range lib.Wheres() {
			for _, p := range lib.Catalog.Order(outcome, where) {
				if p.Kind == "professional" && !strings.HasPrefix(outcome, "helper") {
					t.Errorf("%s in %s shows %s", outcome, where, p.Name)
				}
				found = found || p.Kind == "professional"
			}
		}
	}
	if !found {
		t.Error("nobody is shown the line for professionals")
	}
}

func TestANumberThatIsNotConfirmedIsShownToNobodyButThoseOfTheCommission(t *testing.T) {
	lib := builtIn(t)
	for _, name := range []string{"consultation", "consultation-vilnius"} {
		if p := named(t, lib, name); !p.Confirm || !p.Named || p.Hours != "unknown" || p.Tested != "never" {
			t.Errorf("%s: to be confirmed %v, tested %s", name, p.Confirm, p.Tested)
		}
		for _, outcome := range []string{"high", "concern", "unknown", "rights", "numbers"} {
			list := lib.Catalog.Order(outcome, "lithuania")
			if i := slices.IndexFunc(list, func(p content.Place) bool { return p.Name == name }); i < 1 {
				t.Errorf("%s in %s is at place %d", name, outcome, i+1)
			}
		}
	}
	hidden := 0
	for _, p := range lib.Catalog.Places {
		if p.Confirm && !p.Named {
			hidden++
		}
	}
	for _, outcome := range lib.Catalog.Outcomes() {
		for _, where := range lib.Wheres() {
			for _, p := range lib.Catalog.Order(outcome, where) {
				if p.Confirm && p.Name != "consultation" && p.Name != "consultation-vilnius" {
					t.Errorf("%s in %s shows %s", outcome, where, p.Name)
				}
			}
		}
	}
	if hidden == 0 {
		t.Error("no number is to be confirmed: this test shows nothing")
	}
}

// phoneLike is what may be a phone number: digits, perhaps in groups. In texts of staff a short one may be one, too.
var phoneLike = regexp.MustCompile(`\+?[0-9](?:[ ()-]{0,2}[0-9])*`)

// inPlaces are the digits of every number in each of its forms.
func inPlaces(lib *library.Library) map[string]string {
	known := map[string]string{}
	for _, p := range lib.Catalog.Places {
		for _, form := range []string{p.Number, p.Inside} {
			if form != "" {
				known[digits(form)] = p.Name
			}
		}
	}
	return known
}

func TestNoNumberLivesInASentenceInAnyLanguage(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	known := inPlaces(lib)
	read := 0
	for i := range lib.Catalog.Languages {
		lang := &lib.Catalog.Languages[i]
		for _, name := range lang.Names("") {
			if strings.HasPrefix(name, "words.") { // what people type
				continue
			}
			for _, text := range append(lang.List(name), lang.Text(name)) {
				read++
				for _, found := range phoneLike.FindAllString(text, -1) {
					n := digits(found)
					if place := known[n]; place != "" && !(name == "training.laws.law-crime" && n == "147") { // an article of the Criminal Code
						t.Errorf("%s, %s: %q, the number of %s, stands in the text itself", lang.Tag, name, found, place)
					} else if len(n) >= 6 {
						t.Errorf("%s, %s: %q may be a phone number that places.yaml does not know", lang.Tag, name, found)
					}
				}
			}
		}
	}
	if read < 10000 {
		t.Errorf("only %d texts", read)
	}
}

// Whatever is not a text of staff: the program's own words, pages, pictures and what is written about it.
func TestEveryNumberInThePagesPicturesAndBooksIsInPlaces(t *testing.T) {
	unwatched(t)
	known := inPlaces(builtIn(t))
	known["37060000000"] = "what people of the stories give as their own"
	tag, group := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`[0-9]{3}`)
	grouped := regexp.MustCompile(`(?:^|[^-0-9.,:#])(\+[1-9][0-9]*(?: [0-9]+)+|\+[1-9][0-9]{6,}|[0-9]{1,4}(?: [0-9]{2,5}){2,4})(?:[^-0-9.]|$)`)
	found := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || path != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go") || path == "CHANGELOG.md" || path == "content/places.yaml" || path == "content/municipalities.yaml" || path == "content/mistakes.md": // numbers with their source, and mistyped ones
			return nil
		case !slices.Contains([]string{".md", ".go", ".html", ".js", ".css", ".svg", ".tmpl", ".yaml", ".txt"}, filepath.Ext(path)):
			return nil
		}
		data, err := os.ReadFile(filepath.Join("..", path))
		if filepath.Ext(path) == ".svg" { // what is drawn are no numbers to call
			data = tag.ReplaceAll(data, []byte(" "))
		}
		for _, m := range grouped.FindAllStringSubmatch(string(data), -1) {
			n := digits(m[1])
			if len(n) < 8 || !group.MatchString(m[1]) {
				continue
			}
			if found++; known[n] == "" {
				t.Errorf("%s: places.yaml does not know %q", path, m[1])
			}
		}
		return err
	})
	if err != nil || found < 4 {
		t.Errorf("%d numbers: %v", found, err)
	}
}

func TestWhoeverIsInTheCountryIsShownFirstHowItIsDialledThere(t *testing.T) {
	lib := builtIn(t)
	for _, c := range []struct {
		country string
		lines   []string // in the order in which they stand
		never   string
	}{
		{"IE", []string{"**1800 666 111**, +353 1800 666 111"}, "+353 180 "},
		{"DE", []string{"**112**", "**116016**", "**0800 123 9900**, +49 800 123 9900 (Mon–Thu 08:00–20:00, Fri 08:00–15:00)", "**030 219653721**, +49 30 219653721"}, "8000"},
		{"SE", []string{"**112**", "**020 50 50 50**, +46 20 50 50 50", "**11414**"}, "39 00 00"},
		{"PL", []string{"**22 628 01 20**, +48 22 628 01 20", "**605 687 750**, +48 605 687 750"}, "628 99 99"},
		{"LT", []string{"**0 800 91119**, +370 800 91119", "**+370 616 91119**"}, "**0 706"},
		{"NO", []string{"**+370 616 91119**", "**22 33 11 60**, +47 22 33 11 60"}, ": **0 616"},
	} {
		p := arrive(t, lib, "en")
		p.withCountry(c.country)
		from := 0
		for _, line := range c.lines {
			i := strings.Index(p.text[from:], line)
			if i < 0 {
				t.Errorf("%s: %q is missing, or stands earlier:\n%s", c.country, line, p.text)
				break
			}
			from += i
		}
		if strings.Contains(p.text, c.never) {
			t.Errorf("%s: %q is shown:\n%s", c.country, c.never, p.text)
		}
	}
	p := arrive(t, lib, "en")
	p.press("numbers") // nobody knows where the person is
	if !strings.Contains(p.text, "**+370 616 91119**") || !strings.Contains(p.text, "**0 800 91119**, +370 800 91119 (day and night, from Lithuania only)") {
		t.Errorf("without a country:\n%s", p.text)
	}
}

func TestAWebPageDialsBothForms(t *testing.T) {
	lib := builtIn(t)
	page := talk.Draw(lib, bot.Session{Lang: "en", Stage: bot.Welcome, Over: bot.Numbers, Country: "IE"}, "en")
	for _, b := range page.Blocks {
		for _, point := range b.Items {
			if point.Number == "+3531800666111" {
				if point.Inside != "1800 666 111" || point.Dial() != "1800666111" || point.Shown != "+353 1800 666 111" {
					t.Errorf("%+v", point)
				}
				return
			}
		}
	}
	t.Error("the line of the Irish police is missing")
}

// warned are the warnings about places.yaml that hold a word.
func warned(lib *library.Library, at time.Time, word string) (out []string) {
	for _, p := range lib.Warnings(at) {
		if p.File == "content/places.yaml" && strings.Contains(p.Message.Error(), word) {
			out = append(out, p.Message.Error())
		}
	}
	return out
}

func TestCheckNamesTheNumbersWithAnOldSourceInOneLine(t *testing.T) {
	files := copyOf(t)
	data := string(files["content/places.yaml"].Data)
	i := strings.Index(data, "    dated: 2025-10\n")
	if i < 0 {
		t.Fatal("no source of October 2025")
	}
	files["content/places.yaml"].Data = []byte(data[:i] + "    dated: 2020-11-26\n" + data[i+len("    dated: 2025-10\n"):])
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		days int // after the source's fifth birthday
		old  bool
	}{{-1, false}, {0, false}, {1, true}} {
		at := time.Date(2025, 11, 26+c.days, 0, 0, 0, 0, time.UTC)
		lines := warned(lib, at, "older than five years")
		if len(lines) != 1 {
			t.Fatalf("%d lines: %q", len(lines), lines)
		}
		if got := strings.Contains(lines[0], "pl-centre (2020-11-26)"); got != c.old {
			t.Errorf("%d days: %s", c.days, lines[0])
		}
		if !strings.Contains(lines[0], "fr-helpline (2018)") || strings.Contains(lines[0], "youth") {
			t.Errorf("%d days: %s", c.days, lines[0])
		}
	}
	if lines := warned(lib, read, "of no known date"); len(lines) != 1 || !strings.Contains(lines[0], "caritas") || strings.Contains(lines[0], "youth") {
		t.Errorf("%q", lines)
	}
}

func TestCheckWarnsOfSourcesThatNobodyHasSeenOrCanOpen(t *testing.T) {
	shipped := builtIn(t)
	for _, p := range shipped.Catalog.Places {
		if _, seen := p.SeenDate(); !seen {
			t.Errorf("nobody says when the source of %s was seen: %q", p.Name, p.Seen)
		}
	}
	for _, word := range []string{"was seen", "not come", "for a year"} {
		if lines := warned(shipped, read, word); len(lines) != 0 {
			t.Errorf("as shipped: %q", lines)
		}
	}
	if lines := warned(shipped, read, "that is no address"); len(lines) != 1 || lines[0] != "2 numbers have a source that is no address: consultation, consultation-vilnius" {
		t.Errorf("as shipped: %q", lines) // those two stand on a page that is not public
	}
	files := copyOf(t)
	data := string(files["content/places.yaml"].Data)
	// entry rewrites one line of a place.
	entry := func(place, field, line string) {
		t.Helper()
		i := strings.Index(data, "\n  "+place+":\n")
		j := i + strings.Index(data[i:], "\n    "+field+": ") + 1
		if i < 0 || j <= i {
			t.Fatalf("%s has no %s", place, field)
		}
		data = data[:j] + line + data[j+strings.Index(data[j:], "\n")+1:]
	}
	entry("kopzi", "seen", "")
	entry("child", "seen", "    seen: 2025-12-01\n")
	entry("youth", "source", "    source: the youth line itself\n")
	files["content/places.yaml"].Data = []byte(data)
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct{ at, word, want string }{ // want: what the one line holds; empty: there is none about it
		{"2026-11-26", "nobody says when", "the source of 1 numbers was seen: kopzi"},
		{"2026-11-26", "that is no address", "youth"},
		{"2026-11-26", "has not come", ""},
		{"2026-12-01", "for a year", ""},
		{"2026-12-02", "for a year", "1 numbers for a year: child (2025-12-01)"},
		{"2025-11-30", "has not come", "ministry (2026-11)"}, // where it is later in the day, it may be December
		{"2025-11-29", "has not come", "child (2025-12-01)"},
	} {
		lines := warned(lib, day(c.at), c.word)
		if c.want == "" && len(lines) > 0 || c.want != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.want)) {
			t.Errorf("%s, %q: %q", c.at, c.word, lines)
		}
		if c.at == "2025-11-30" && strings.Contains(strings.Join(lines, ""), "child (2025") {
			t.Errorf("%s: %q", c.at, lines)
		}
	}
}

func TestCheckWarnsOfAListThatBeginsWithAWeakNumber(t *testing.T) {
	if lines := warned(builtIn(t), read, "comes first"); len(lines) != 0 {
		t.Errorf("as shipped: %q", lines)
	}
	files := copyOf(t)
	data := string(files["content/places.yaml"].Data)
	for _, c := range []struct{ was, is string }{
		{"    lithuania: [emergency, helpline-free, helpline, kopzi]\n", "    lithuania: [missing-persons, emergency, helpline-free, helpline, kopzi]\n"},
		{"    lithuania: [labour-inspectorate, helpline-free,", "    lithuania: [consultation, labour-inspectorate, helpline-free,"},
	} {
		if !strings.Contains(data, c.was) {
			t.Fatalf("%q is not there", c.was)
		}
		data = strings.ReplaceAll(data, c.was, c.is)
	}
	files["content/places.yaml"].Data = []byte(data)
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	lines := warned(lib, read, "comes first")
	for _, want := range []string{`"missing-persons" comes first, and nothing recent confirms its number: emergency in lithuania, emergency in LT`, `"consultation" comes first, and nothing recent confirms its number: helper-rights in lithuania, rights in lithuania`} {
		if !slices.Contains(lines, want) {
			t.Errorf("%q is not among %q", want, lines)
		}
	}
}

func TestCheckWarnsOfACountryWhereNobodyOfItsOwnAnswers(t *testing.T) {
	if lines := warned(builtIn(t), read, "nobody in"); len(lines) != 0 {
		t.Errorf("as shipped: %q", lines)
	}
	files := copyOf(t)
	data := string(files["content/places.yaml"].Data)
	i, j := strings.Index(data, "\nwithout:\n"), strings.Index(data, "\n# Who comes first")
	files["content/places.yaml"].Data = []byte(data[:i] + "\n" + data[j:])
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if lines := warned(lib, read, "nobody in"); len(lines) != 1 || lines[0] != "nobody in IS is shown a line of that country" {
		t.Errorf("%q", lines)
	}
}

// confirmed is every number by its name, from abroad and inside its country.
var confirmed = map[string][2]string{
	"emergency":            {"112", ""},
	"helpline":             {"+37061691119", "0 616 91119"},
	"helpline-free":        {"+37080091119", "0 800 91119"},
	"kopzi":                {"+37067961617", "0 679 61617"},
	"child":                {"116111", ""},
	"youth":                {"+37080028888", "0 800 28888"},
	"hope":                 {"116123", ""},
	"missing-children":     {"116000", ""},
	"police":               {"+37070060000", "0 700 60000"},
	"consular":             {"+37070652444", "0 706 52444"},
	"ministry":             {"+37052362444", "0 5 236 2444"},
	"labour-inspectorate":  {"+37052139772", "0 5 213 9772"},
	"labour-report":        {"+37052139750", "0 5 213 9750"},
	"consultation":         {"+37070077887", "0 700 77887"},
	"consultation-vilnius": {"+37052121600", "0 5 212 1600"},
	"missing-persons":      {"+37065298187", "0 652 98187"},
	"caritas":              {"+37069990866", "0 699 90866"},
	"mens-crisis":          {"+37066226770", "0 662 26770"},
	"klaipeda-centre":      {"+37060781688", "0 607 81688"},
	"womens":               {"+37080066366", "0 800 66366"},
	"ukrainians":           {"+37080000474", "0 800 00474"},
	"gb-emergency":         {"999", ""},
	"gb-helpline":          {"+448000121700", "0800 012 1700"},
	"gb-salvation-army":    {"+448008083733", "0800 808 3733"},
	"gb-labour":            {"+448004320804", "0800 432 0804"},
	"de-women":             {"116016", ""},
	"de-men":               {"+498001239900", "0800 123 9900"},
	"de-labour":            {"+4930219653721", "030 219653721"},
	"nl-helpline":          {"+31334481186", "033 448 11 86"},
	"nl-labour-free":       {"+318005151", "0800 5151"},
	"nl-labour":            {"+31703334444", "070 333 44 44"},
	"no-emergency":         {"112", ""},
	"no-helpline":          {"+4722331160", "22 33 11 60"},
	"no-labour":            {"+4773199700", "73 19 97 00"},
	"no-police":            {"02800", ""},
	"se-women":             {"+4620505050", "020 50 50 50"},
	"se-helpline":          {"+4620390000", "020 39 00 00"},
	"se-police":            {"11414", ""},
	"dk-helpline":          {"+4570202550", "70 20 25 50"},
	"fi-helpline":          {"+358295463177", "029 546 3177"},
	"fi-labour":            {"+358295016620", "029 501 6620"},
	"ie-police":            {"+3531800666111", "1800 666 111"},
	"ie-women":             {"+35318360292", "01 836 0292"},
	"es-police":            {"+34900105090", "900 105 090"},
	"es-helpline":          {"+34900759759", "900 759 759"},
	"it-helpline":          {"+39800290290", "800 290 290"},
	"pl-centre":            {"+48226280120", "22 628 01 20"},
	"pl-la-strada":         {"+48605687750", "605 687 750"},
	"pl-police":            {"+48512105371", "512 105 371"},
	"lv-helpline":          {"+37128612120", "28 612 120"},
	"ee-support":           {"116006", ""},
	"ee-helpline":          {"+3726607320", "660 7320"},
	"ee-labour":            {"+3726406000", "640 6000"},
	"be-pag-asa":           {"+3225116464", "02 511 64 64"},
	"be-payoke":            {"+3232011690", "03 201 16 90"},
	"be-surya":             {"+3242324030", "04 232 40 30"},
	"at-police":            {"+4367761343434", "0677 61 34 34 34"},
	"at-women":             {"+4317969298", "01 796 92 98"},
	"fr-women":             {"3919", ""},
	"fr-helpline":          {"+33144528890", "01 44 52 88 90"},
	"fr-child":             {"119", ""},
	"ch-emergency":         {"112", ""},
	"ch-helpline":          {"+41444369000", "044 436 90 00"},
	"ch-police":            {"117", ""},
	"ch-child":             {"147", ""},
	"cz-helpline":          {"+420222717171", "222 717 171"},
	"cz-free":              {"+420800077777", "800 077 777"},
	"ro-helpline":          {"+40800800678", "0800 800 678"},
	"bg-helpline":          {"+35980020100", "0800 20 100"},
	"bg-animus":            {"+35929817686", "02 981 76 86"},
	"bg-labour":            {"+35970017670", "0700 17 670"},
	"bg-child":             {"116111", ""},
	"ua-emergency":         {"102", ""},
	"ua-helpline":          {"527", ""},
	"ua-landline":          {"+380800505501", "0 800 505 501"},
	"ua-state":             {"1547", ""},
	"md-emergency":         {"112", ""},
	"md-helpline":          {"+37380077777", "0 800 77777"},
	"md-abroad":            {"+37322233309", "022 23 33 09"},
	"is-emergency":         {"112", ""},
	"us-emergency":         {"911", ""},
	"us-helpline":          {"+18883737888", "1 888 373 7888"},
	"gr-helpline":          {"1109", ""},
	"sk-helpline":          {"+421800800818", "0800 800 818"},
	"hr-helpline":          {"+3858007799", "0800 77 99"},
	"pt-helpline":          {"+351964608288", "964 608 288"},
	"hu-helpline":          {"+3680205520", "06 80 20 55 20"},
	"cy-helpline":          {"1497", ""},
	"lu-helpline":          {"+352244603220", "24 46 03 220"},
	"lu-police":            {"113", ""},
	"si-helpline":          {"+386801155", "080 11 55"},
	"si-police":            {"113", ""},
	"mt-helpline":          {"116006", ""},
	"mt-police":            {"119", ""}}
