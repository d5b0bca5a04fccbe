package console_test

import (
	"context"
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
)

func TestALinkThatIsWithdrawnLetsNobodyIn(t *testing.T) {
	s := newSite(t)
	lead := s.enters("Vida", desk.Lead)
	link := s.invite("Jonas", desk.Counsellor)
	lead.get("/desk/team")
	lead.has("Jonas", `value="withdraw"`)
	lead.post("/desk/team", lead.form("do", "withdraw", "name", "Jonas"))
	lead.hasNot("Jonas")
	jonas := s.visit()
	if jonas.comes(link); jonas.code != 410 {
		t.Errorf("he comes in: %d at %s", jonas.code, jonas.path)
	}
	lead.get("/desk/deeds")
	lead.has("atšaukė nuorodą", "Jonas, Konsultantas")
}

func TestSessionsEndWhereTheyAreNotWanted(t *testing.T) {
	s := newSite(t)
	lead, ruta := s.enters("Vida", desk.Lead), s.enters("Rūta", "")
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	lead.get("/desk/team")
	lead.post("/desk/team", lead.form("do", "end", "id", "ruta"))
	if ruta.get("/desk"); ruta.path != "/desk/enter" {
		t.Errorf("she is at %s", ruta.path)
	}
	if c := s.case_("anna"); c.State != bot.Waiting {
		t.Errorf("what she held is %v", c.State)
	}
	lead.get("/desk/team")
	if lead.post("/desk/team", lead.form("do", "end", "id", "vida")); lead.code != 200 {
		t.Errorf("%d", lead.code)
	}
	if lead.get("/desk"); lead.path != "/desk" {
		t.Error("a lead ends their own session from the team page")
	}

	// Of one's own: a second browser of the same account, as a store that kept a cookie would give it.
	other := s.visit()
	other.comes(s.invite("Rūta", ""))
	if other.get("/desk"); other.path != "/desk" {
		t.Fatalf("at %s", other.path)
	}
	u := other.url()
	old := s.visit()
	old.client.Jar.SetCookies(u, other.client.Jar.Cookies(u))
	token := other.client.Jar.Cookies(u)[0].Value
	old.get("/desk/me")
	old.has("Atjungti visur kitur")
	old.post("/desk/me", old.form("do", "end"))
	old.has("Visur kitur atjungta")
	if _, _, err := s.bot.Visitor(context.Background(), token, false, time.Now()); err != nil {
		t.Errorf("the session that did it has ended: %v", err)
	}
}

func TestTheListOfDeedsSaysToWhomIsLookedThroughAndIsAFile(t *testing.T) {
	s := newSite(t)
	lead, ruta := s.enters("Vida", desk.Lead), s.enters("Rūta", "")
	jonas := s.enters("=1+1 Jonas", "")
	jonas.get("/desk")
	jonas.post("/desk/duty", jonas.form("do", "on"))
	at := s.asks("anna")
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "transfer", "to", "console:1-1-jonas")
	lead.get("/desk/deeds")
	lead.has("perdavė", ">=1+1 Jonas</td>")
	rows := func(query string) string {
		t.Helper()
		lead.get("/desk/deeds?" + query)
		_, body, _ := strings.Cut(lead.body, "<tbody")
		return body
	}
	if got := rows("who=" + url.QueryEscape("RUTA")); !strings.Contains(got, ">Rūta</td>") || strings.Contains(got, ">Vida</td>") {
		t.Errorf("by person:\n%s", got)
	}
	if got := rows("what=transfer"); strings.Count(got, "<tr ") != 1 {
		t.Errorf("by deed:\n%s", got)
	}
	if got := rows("day=2001-01-01"); strings.Contains(got, "<tr ") {
		t.Errorf("by day:\n%s", got)
	}
	lead.get("/desk/deeds.csv?what=transfer")
	lines, err := csv.NewReader(strings.NewReader(lead.raw)).ReadAll()
	if err != nil || len(lines) != 2 || lines[1][1] != "Rūta" || lines[1][3] != "'=1+1 Jonas" {
		t.Errorf("%v: %q", err, lines)
	}
	if got := lead.head.Get("Content-Disposition"); !strings.Contains(got, "attachment") {
		t.Errorf("it is %q", got)
	}
	if rows(""); !strings.Contains(lead.body, "atsisiuntė darbų sąrašą") {
		t.Error("that it was taken out is not noted")
	}
	if ruta.get("/desk/deeds.csv"); ruta.code != 403 {
		t.Errorf("a counsellor takes the list out: %d", ruta.code)
	}
}

func TestANoteForTheNextShiftIsSeenByAllAndOverwritesNobodys(t *testing.T) {
	s := newSite(t)
	ruta, jonas := s.enters("Rūta", ""), s.enters("Jonas", "")
	ruta.get("/desk")
	ruta.has("Žinios nėra", "Nerašykite vardų")
	jonas.get("/desk")
	late := jonas.form("do", "keep", "note", "Mine is later", "was", "0")
	ruta.post("/desk/shift", ruta.form("do", "keep", "note", "<b>Tiltas Puodelis</b> waits\nfor nine", "was", "0"))
	jonas.post("/desk/shift", late)
	if jonas.code != 409 {
		t.Errorf("%d", jonas.code)
	}
	jonas.has("kolega ją ką tik pakeitė", "Mine is later</textarea>", "<b>Tiltas Puodelis</b> waits")
	if strings.Contains(jonas.raw, "<b>Tiltas") {
		t.Error("it is read as markup")
	}
	jonas.has("Rūta, ")
	n, err := s.bot.ShiftNote(context.Background())
	if err != nil || n.Name != "Rūta" {
		t.Fatalf("%v %v", n, err)
	}
	jonas.get("/desk")
	if jonas.post("/desk/shift", jonas.form("do", "keep", "note", strings.Repeat("ž", 1001), "was", "x")); jonas.code != 422 && jonas.code != 409 {
		t.Errorf("too long: %d", jonas.code)
	}
	if err := s.bot.LeaveShiftNote(context.Background(), bot.Actor{}, "", n.At, time.Now()); err != nil {
		t.Fatal(err)
	}
	if n, _ := s.bot.ShiftNote(context.Background()); n.Text != "" {
		t.Errorf("it is still there: %v", n)
	}
	lead := s.enters("Vida", desk.Lead)
	lead.get("/desk/deeds")
	lead.has("pakeitė žinią kitai pamainai")
}
