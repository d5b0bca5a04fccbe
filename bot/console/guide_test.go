package console_test

import (
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

func TestWhatToSayAndAskStandsBesideTheTalk(t *testing.T) {
	s := newSite(t)
	ruta, jonas := s.enters("Rūta", ""), s.enters("Jonas", "")
	at := s.asks("anna")
	ruta.get(at)
	ruta.has("Ką sakyti ir daryti", "Žmogus negali kalbėti", `href="tel:112"`, "šalis nežinoma", "Kiek jums metų?")
	ruta.hasNot(`value="fill"`, `<details id="protocol-danger" class="protocol" open>`)
	ruta.act(at, "do", "take")
	ruta.act(at, "do", "fill", "step", "happened", "answer", "threats")
	if c := s.case_("anna"); c.Urgent != bot.Danger {
		t.Fatalf("threats weigh %v\n%s", c.Urgent, s.log("anna"))
	}
	ruta.has(`<details id="protocol-danger" class="protocol" open>`, "įrašė konsultantas", "‼")
	if strings.Count(s.people.got("anna"), "threat") > 0 {
		t.Error("the person is told")
	}
	step := talk.Protocols(s.bot.Library(), s.session("anna"), "lt")[0].Steps[0].ID
	jonas.act(at, "do", "tick:"+step)
	ruta.get(at)
	ruta.has("padaryta: 1", `value="untick:`+step)
	jonas.act(at, "do", "fill", "step", "happened", "answer", "fee")
	jonas.has("šį pokalbį veda Rūta")
	for _, bad := range []string{"tick:1", "tick", "fill:nothing", "fill"} {
		if ruta.act(at, "do", bad); ruta.code != 409 {
			t.Errorf("%s: %d", bad, ruta.code)
		}
	}
	lead := s.enters("Vida", desk.Lead)
	lead.get("/desk/deeds")
	lead.has("įrašė žmogaus atsakymą")
}
