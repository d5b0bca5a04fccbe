package console_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
)

func TestCasesPutAsideAreOneEntryAndALeadEndsManyAtOnce(t *testing.T) {
	s := newSite(t)
	s.bot.Draws = map[string]bool{"web": true}
	ctx := context.Background()
	for i := range 16 {
		for _, u := range []bot.Update{{Kind: bot.Typed, Text: "/start"}, {Kind: bot.Typed, Text: "/next"}, {Kind: bot.Pressed, Text: "human"}, {Kind: bot.Pressed, Text: "human:agree"}} {
			u.From, u.Lang, u.Network, u.At = bot.Address{Channel: "web", ID: fmt.Sprint("made-up ", i)}, "lt", bot.AnyNetwork, time.Now()
			if _, err := s.bot.Handle(ctx, u); err != nil {
				t.Fatal(err)
			}
		}
	}
	lead := s.enters("Vadovė", desk.Lead)
	lead.get("/desk")
	if n := strings.Count(lead.body, `<li class="entry`); n != 6 {
		t.Errorf("%d cases stand in the queue", n)
	}
	lead.has(`href="/desk/folded"`, "10")
	lead.get("/desk/folded")
	ids := regexp.MustCompile(`name="case" value="([^"]+)"`).FindAllStringSubmatch(lead.body, -1)
	if len(ids) != 16 { // ten put aside, six of the same machine's in the queue
		t.Fatalf("%d cases put aside are shown", len(ids))
	}
	end := func(b *browser, pairs ...string) {
		form := b.form(pairs...)
		for _, m := range ids[:8] {
			form.Add("case", m[1])
		}
		b.post("/desk/folded", form)
	}
	left := func(want int, why string) {
		t.Helper()
		if folded, err := s.bot.Folded(ctx); err != nil || len(folded) != want {
			t.Errorf("%s: %d are put aside, %v", why, len(folded), err)
		}
	}
	end(lead, "do", "close", "reason", "made up by a machine")
	left(10, "without the yes")
	lead.get("/desk/folded")
	end(lead, "do", "close", "sure", "yes")
	left(10, "without a reason")
	other := s.enters("Rūta", desk.Counsellor)
	other.get("/desk/folded")
	end(other, "do", "close", "sure", "yes", "reason", "x")
	left(10, "by who is no lead")
	lead.get("/desk/folded")
	end(lead, "do", "close", "sure", "yes", "reason", "made up by a machine")
	left(2, "by a lead")
	lead.get("/desk/folded")
	other.act("/desk/case/"+ids[10][1], "do", "take")
	lead.get("/desk/folded")
	form := lead.form("do", "close", "sure", "yes", "reason", "made up by a machine")
	for _, m := range ids[10:] {
		form.Add("case", m[1])
	}
	lead.post("/desk/folded", form)
	if cases, err := s.bot.Cases(ctx); err != nil || len(cases) != 1 {
		t.Errorf("what a machine put into the queue is not ended at once, or what somebody holds is: %d left, %v", len(cases), err)
	}
	lead.get("/desk/deeds")
	lead.has("Vadovė")
}
