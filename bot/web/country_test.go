package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patikra/bot/engine"
)

// write sends the page's field with words in it, as a person without a script does.
func (b *browser) write(words string) {
	b.t.Helper()
	form := regexp.MustCompile(`(?s)<form method="post" action="([^"]*)" class="write".*?</form>`).FindStringSubmatch(b.body)
	if form == nil {
		b.t.Fatalf("nothing can be written on\n%s", b.body)
	}
	v := b.hidden()
	v.Set("text", words)
	b.post(html.UnescapeString(form[1]), v)
}

// names are the countries that the page's field proposes.
func (b *browser) names() (out []string) {
	for _, m := range regexp.MustCompile(`<option value="([^"]+)">`).FindAllStringSubmatch(b.body, -1) {
		out = append(out, html.UnescapeString(m[1]))
	}
	return out
}

func TestACountryIsFoundInAListThatCanBeSearched(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	b.press("☎ Numeriai")
	b.press("Pasirinkti šalį")
	all := len(s.bot.Library().Catalog.Countries)
	if names := b.names(); len(names) != all || !slices.Contains(names, "Čekija") || !strings.Contains(b.body, ` list="names"`) {
		t.Fatalf("the field proposes %d of %d countries:\n%s", len(names), all, b.body)
	}
	for _, c := range []struct{ typed, shows string }{{"vokietijoje", "Šalis: Vokietija"}, {"Cekija", "Šalis: Čekija"}, {"в Норвегии", "Šalis: Norvegija"}} {
		if b.write(c.typed); !strings.Contains(b.body, c.shows) {
			t.Errorf("%q typed:\n%s", c.typed, b.body)
		}
		b.press("Keisti šalį")
	}
	for _, c := range []struct {
		typed string
		alike []string
	}{{"Vokeitja", []string{"Vokietija"}}, {"Norvg", []string{"Norvegija"}}, {"danija estija", []string{"Danija", "Estija"}}, {"Sl", nil}, {"slov", []string{"Slovakija", "Slovėnija"}}, {`"><b>Japonija`, nil}} {
		b.write(c.typed)
		var alike []string
		for _, m := range regexp.MustCompile(`(?s)<p class="more">(<button name="do" value="numbers:in\.[A-Z]+">.*?)</p>`).FindAllStringSubmatch(b.body, -1) {
			for _, l := range regexp.MustCompile(`>([^<]+)</button>`).FindAllStringSubmatch(m[1], -1) {
				alike = append(alike, l[1])
			}
			break
		}
		if len(c.alike) > 0 && !slices.Equal(alike, c.alike) {
			t.Errorf("%q typed: %v are offered", c.typed, alike)
		}
		want := "Tokios šalies čia nerandu."
		if len(c.alike) > 0 {
			want = "Tokios šalies neradau. Gal turite galvoje"
		}
		if b.code != 200 || !strings.Contains(b.body, want) || !strings.Contains(b.body, `value="`+html.EscapeString(c.typed)+`" aria-invalid="true"`) || !strings.Contains(b.body, `<a href="#text">`) {
			t.Errorf("%q typed:\n%s", c.typed, b.body)
		}
		if !strings.Contains(b.body, "<title>Tokios šalies ") || strings.Contains(b.path, "text") || strings.Contains(b.path, url.QueryEscape(c.typed)) {
			t.Errorf("%q typed leads to %s", c.typed, b.path)
		}
	}
	b.write("Vokeitja")
	if b.press("Vokietija"); !strings.Contains(b.body, "Šalis: Vokietija") {
		t.Errorf("what was meant is not shown:\n%s", b.body)
	}
}

func TestTheCountryOfTheJobIsFoundAlike(t *testing.T) {
	s := newSite(t)
	at := func() *browser {
		b := s.visit(t)
		b.begin("en")
		for range 20 {
			if strings.Contains(b.body, "Choose a country") {
				b.press("Choose a country")
				return b
			}
			b.ordinary()
		}
		t.Fatalf("nothing asks where the job is:\n%s", b.body)
		return b
	}
	b := at()
	if names := b.names(); b.screen() != "question" || !slices.Contains(names, "Norway") || slices.Contains(names, "Lithuania") {
		t.Fatalf("%s proposes %v:\n%s", b.screen(), names, b.body)
	}
	list := b.path
	if b.write("Norwey"); !strings.Contains(b.body, `value="Norwey" aria-invalid`) {
		t.Errorf("a name with a wrong letter:\n%s", b.body)
	}
	if b.press("Norway"); strings.Contains(b.body, "In which country is the job?") || b.screen() != "question" {
		t.Errorf("what was meant answers nothing:\n%s", b.body)
	}
	b = at()
	if b.write("qqq"); !strings.Contains(b.body, "I did not find that country. Check the letters") {
		t.Errorf("a country that is none:\n%s", b.body)
	}
	b = at()
	if b.write("in norway"); b.path == list || strings.Contains(b.body, "In which country is the job?") {
		t.Errorf("a name answers nothing:\n%s", b.body)
	}
	b = at()
	if b.press("Germany"); strings.Contains(b.body, "In which country is the job?") {
		t.Errorf("a button answers nothing:\n%s", b.body)
	}
}

func TestAPhoneNumberThatIsNoneStaysInItsField(t *testing.T) {
	s := newSite(t)
	s.bot.Desk, s.bot.Always = engine.Reach{On: true}, true
	b := s.visit(t)
	b.begin("lt")
	for _, do := range []string{"human", "human:call"} {
		b.press(do)
	}
	for _, words := range []string{"12", "nežinau jo"} {
		if b.write(words); !strings.Contains(b.body, ">"+words+"</textarea>") || !strings.Contains(b.body, `<a href="#text">`) || strings.Contains(b.path, words[:2]) {
			t.Errorf("at %s:\n%s", b.path, b.body)
		}
	}
	if b.write("+37060000000"); strings.Contains(b.body, `<a href="#text">`) {
		t.Errorf("a number is refused:\n%s", b.body)
	}
}

func TestWhatCouldNotBeTakenIsShownOnTheNextPageOnce(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("lt")
	b.press("☎ Numeriai")
	b.press("Pasirinkti šalį")
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.client.CheckRedirect = stay
	b.write("Vokeitja")
	if to := b.head.Get("Location"); b.code != http.StatusSeeOther || strings.Contains(to, "Vokeitja") || len(b.head.Values("Set-Cookie")) > 0 {
		t.Fatalf("the answer is %d to %s with %v", b.code, to, b.head)
	}
	b.client.CheckRedirect = nil
	if b.get("/lt/check"); !strings.Contains(b.body, `value="Vokeitja"`) {
		t.Errorf("it is not in its field:\n%s", b.body)
	}
	if b.get("/lt/check"); strings.Contains(b.body, "Vokeitja") {
		t.Error("it is shown twice")
	}
}
