package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
)

func TestWhoIsBarredForADayIsToldKindlyAndHasTheNumbers(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.skips(30)
	p.asked()
	if plan := p.acts(ruta, "bar"); !plan.Refused {
		t.Fatal("somebody bars who has not taken the case")
	}
	p.acts(ruta, "take")
	plan := p.acts(ruta, "bar")
	if plan.Refused || p.s.Case.State != bot.Closed || p.s.Case.Outcome != bot.Nobody || !slices.Contains(plan.Counts, "outcome.test") {
		t.Fatalf("refused %v, %v, %v", plan.Refused, p.s.Case.State, plan.Counts)
	}
	until := time.Unix(p.s.Case.Barred, 0).In(lib.Catalog.Desk.Zone).Format("01-02 15:04")
	told := func(what string) {
		t.Helper()
		if p.s.Case.Active() || !strings.Contains(p.text, until) || !strings.Contains(p.text, "+370") || !strings.Contains(p.text, "112") {
			t.Errorf("%s: active %v, they read\n%s", what, p.s.Case.Active(), p.text)
		}
	}
	p.text = plan.Send[0].Text
	told("barred")
	for _, asks := range []string{"human", "human:again", "human:agree", "human:call"} {
		p.text = ""
		p.press(asks)
		told(asks)
	}
	if plan := p.acts(ruta, "reopen"); !plan.Refused {
		t.Error("a counsellor opens the talk again")
	}
	if plan := p.acts(ruta, "unbar"); !plan.Refused {
		t.Error("a counsellor lifts it")
	}
	var back bot.Session
	if err := back.Decode(p.s.Encode()); err != nil || back.Case.Barred != p.s.Case.Barred {
		t.Fatalf("%v: kept until %d", err, back.Case.Barred)
	}
	lead := bot.Actor{ID: "console:vida", Name: "Vida", Lead: true}
	if plan := p.acts(lead, "unbar"); plan.Refused {
		t.Fatal("a lead cannot lift it")
	}
	p.press("human")
	p.press("human:agree")
	if !p.s.Case.Active() {
		t.Errorf("lifted, they reach nobody:\n%s", p.text)
	}
}

func TestNobodyInDangerIsBarred(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.asked()
	p.acts(ruta, "take")
	p.acts(ruta, "bar")
	p.press("back:here")
	p.go1("threats") // the answers come to an emergency
	p.desk = true
	p.press("human")
	p.press("human:agree")
	if !p.s.Case.Active() || p.s.Case.Urgent != bot.Danger {
		t.Fatalf("somebody in danger is shut out:\n%s", p.text)
	}
	p.acts(ruta, "take")
	if plan := p.acts(ruta, "bar"); !plan.Refused || !p.s.Case.Active() {
		t.Error("somebody in danger is barred")
	}
}
