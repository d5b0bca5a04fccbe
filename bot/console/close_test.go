package console_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

// counted is what was counted today, but for the usual.
func (s *site) counted(of ...string) map[string]int64 {
	s.t.Helper()
	all, err := s.store.Counts(context.Background(), time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		s.t.Fatal(err)
	}
	maps.DeleteFunc(all, func(name string, _ int64) bool {
		return !slices.ContainsFunc(of, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
	return all
}

func TestATalkIsClosedByTwoPressesAndCountedOnceWithoutItsWords(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	word := s.case_("anna").Word
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "fill", "step", "happened", "answer", "fee")
	for _, missing := range [][]string{{"do", "close"}, {"do", "close", "outcome", "fraud"}, {"do", "close", "referred", "kopzi"}, {"do", "close", "outcome", "worse", "referred", "nobody"}} {
		if ruta.act(at, missing...); ruta.code != 422 || !s.case_("anna").Active() {
			t.Fatalf("%v: %d", missing, ruta.code)
		}
		ruta.has("Nebaigta: pasirinkite")
	}
	ruta.act(at, "do", "close", "outcome", "fraud", "referred", "listed", "where", "kopzi")
	c := s.case_("anna")
	if c.Outcome != bot.Fraud || c.Place != "kopzi" || c.State != bot.Closed {
		t.Fatalf("it is %v, came to %v, referred to %q", c.State, c.Outcome, c.Place)
	}
	ruta.has("Kuo baigėsi: Sukčiavimas", "KOPŽI")
	want := map[string]int64{"outcome.fraud": 1, "outcome.fraud.level.concern": 1, "outcome.fraud.flag.fee-asked": 1, "referred.kopzi": 1}
	if got := s.counted("outcome", "referred"); !maps.Equal(got, want) {
		t.Errorf("counted: %v", got)
	}
	ruta.act(at, "do", "reopen")
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "close", "outcome", "exploitation", "referred", "helpline")
	if got := s.counted("outcome", "referred"); !maps.Equal(got, want) || s.case_("anna").Outcome != bot.Exploitation {
		t.Errorf("closed once more: %v", got)
	}
	for name := range s.counted("") {
		if strings.Contains(strings.ToLower(name), strings.ToLower(strings.Fields(word)[0])) {
			t.Errorf("%q names the case", name)
		}
	}
}

func TestATalkThatItsPersonEndedIsAskedAboutAfterwards(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	s.says("anna", "human:end")
	ruta.get(at)
	ruta.has("Kas paaiškėjo?", `value="outcome"`)
	ruta.act(at, "do", "outcome", "outcome", "no-sign", "referred", "nobody")
	if c := s.case_("anna"); c.Outcome != bot.NoSign || c.State != bot.Closed {
		t.Errorf("it came to %v", c.Outcome)
	}
	ruta.hasNot("Kas paaiškėjo?")
	if ruta.act(at, "do", "outcome", "outcome", "fraud", "referred", "nobody"); ruta.code != 409 {
		t.Errorf("said again: %d", ruta.code)
	}
	if got := s.counted("outcome"); got["outcome.no-sign"] != 1 || got["outcome.fraud"] != 0 {
		t.Errorf("counted: %v", got)
	}
}

func TestOnTelegramTheOutcomeIsAskedByButtonsBelowTheClosedCard(t *testing.T) {
	s := newSite(t)
	s.asks("anna")
	does := func(what string) bot.Reply {
		t.Helper()
		r, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Acted, Text: what, Actor: bot.Actor{ID: "telegram:7", Name: "Rūta"}, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	buttons := func() (out []string) {
		card, _ := talk.Card(s.bot.Library(), s.session("anna"))
		for _, b := range slices.Concat(card.Buttons...) {
			if len(b.Data) > 64 {
				t.Errorf("%q does not fit a button", b.Data)
			}
			out = append(out, b.Data)
		}
		return out
	}
	does("take")
	if r := does("close"); r.Refused || s.case_("anna").State != bot.Closed {
		t.Fatal("case:close does not close")
	}
	if got := buttons(); !slices.Contains(got, "case:outcome:labour") || !slices.Contains(got, "case:reopen") {
		t.Fatalf("below the card: %v", got)
	}
	does("outcome labour")
	if got := buttons(); slices.Contains(got, "case:outcome:labour") || !slices.Contains(got, "case:referred:helpline") || !slices.Contains(got, "case:referred:nobody") {
		t.Fatalf("below the card: %v", got)
	}
	if r := does("referred no-such-place"); !r.Refused {
		t.Error("somebody is referred to a place that there is not")
	}
	does("referred helpline")
	if got := buttons(); !slices.Equal(got, []string{"case:reopen"}) {
		t.Errorf("below the card: %v", got)
	}
	if got := s.counted("outcome.labour", "referred"); got["outcome.labour"] != 1 || got["referred.helpline"] != 1 {
		t.Errorf("counted: %v", got)
	}
}

func TestACallByTelephoneIsWrittenDownAsCountsAlone(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	ruta.get("/desk")
	ruta.has("/desk/phone")
	for _, bad := range [][]string{{"outcome", "fraud", "referred", "nobody"}, {"level", "high", "outcome", "fraud"}, {"level", "worst", "outcome", "fraud", "referred", "nobody"}, {"level", "high", "outcome", "fraud", "referred", "nobody", "sign", "made-up"}} {
		ruta.get("/desk/phone")
		if ruta.post("/desk/phone", ruta.form(bad...)); ruta.code != 422 {
			t.Errorf("%v: %d", bad, ruta.code)
		}
	}
	ruta.get("/desk/phone")
	form := ruta.form("level", "high", "outcome", "exploitation", "referred", "kopzi", "sign", "threats")
	ruta.post("/desk/phone", form)
	ruta.has("Skambutis suskaičiuotas")
	ruta.post("/desk/phone", form) // pressed twice
	want := map[string]int64{"phone": 1, "outcome.exploitation": 1, "outcome.exploitation.level.high": 1, "outcome.exploitation.flag.threats": 1, "referred.kopzi": 1}
	if got := s.counted("outcome", "referred", "phone"); !maps.Equal(got, want) {
		t.Errorf("counted: %v", got)
	}
}

func TestAPlaceOfTheDirectoryIsPutIntoTheBoxInThePersonsLanguage(t *testing.T) {
	s := newSite(t)
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	ruta.has("Vaikų linija", "Norvegija", `data-text="Child line: `)
	if ruta.act(at, "place", "child", "text", "Please call"); ruta.code != 200 {
		t.Fatal(ruta.code)
	}
	ruta.has("Please call\nChild line: 116111")
	if strings.Contains(s.people.got("anna"), "Child line: 116111\n---") {
		t.Error("it was sent")
	}
}
