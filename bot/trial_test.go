package bot_test

import (
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// trialist is somebody who goes through a trial on Telegram, with a desk that is open.
type trialist struct {
	t *testing.T
	l *library.Library
	s bot.Session
	n int64
	p bot.Plan
}

func (x *trialist) does(kind bot.Kind, text string) {
	x.n++
	x.p = talk.Decide(x.l, x.s, bot.Update{ID: uint64(x.n), From: bot.Address{Channel: "telegram", ID: "1"}, Kind: kind, Text: text, At: time.Unix(1_800_000_000+x.n*60, 0), Desk: bot.Desk{On: true}})
	x.s = x.p.Session
}

func (x *trialist) screen() string { return x.p.Send[len(x.p.Send)-1].Text }

func TestATrialIsMarkedOnEveryScreenCountsNothingAndCallsNobody(t *testing.T) {
	l := shipped(t)
	x := &trialist{t: t, l: l}
	mark := l.Catalog.Language("lt").Text("outreach.demo-mark")
	next := func() string {
		for _, row := range x.p.Send[len(x.p.Send)-1].Buttons {
			for _, b := range row {
				if strings.HasPrefix(b.Data, "answer:") || strings.HasPrefix(b.Data, "next:") {
					return b.Data
				}
			}
		}
		return ""
	}
	x.does(bot.Typed, "/start demo_lt")
	for range 60 {
		if !strings.HasPrefix(x.screen(), mark) || len(x.p.Counts) > 0 {
			t.Fatalf("%v\n%s", x.p.Counts, x.screen())
		}
		press := next()
		if press == "" || x.s.Stage == bot.Finished {
			break
		}
		before := x.s.Ticks
		x.does(bot.Pressed, press)
		if x.s.Ticks != before && x.s.Ticks != 0 {
			for _, row := range x.p.Send[len(x.p.Send)-1].Buttons {
				for _, b := range row {
					if strings.HasPrefix(b.Data, "next:") {
						x.does(bot.Pressed, b.Data)
					}
				}
			}
		}
	}
	if x.s.Stage != bot.Finished {
		t.Fatal("no result was reached:", x.screen())
	}
	for _, do := range []string{"human", "human:agree", "human:call", "supervision", "numbers", "help", "menu", "language"} {
		x.does(bot.Pressed, do)
		if x.s.Case != nil || len(x.p.Counts) > 0 || x.s.AtDesk() {
			t.Errorf("%s: %v, %+v", do, x.p.Counts, x.s.Case)
		}
		if !strings.HasPrefix(x.screen(), mark) {
			t.Errorf("%s is not marked:\n%s", do, x.screen())
		}
		if strings.HasPrefix(do, "human") && (!strings.Contains(x.screen(), "+370 616 91119") || !strings.Contains(x.screen(), "bandymas, todėl")) {
			t.Errorf("%s: somebody in need is not told whom to call:\n%s", do, x.screen())
		}
	}
	x.does(bot.Typed, "/start")
	if strings.Contains(x.screen(), mark) || x.s.Begun() || x.s.Campaign != "" {
		t.Errorf("it does not begin for real: %q\n%s", x.s.Campaign, x.screen())
	}
	x.does(bot.Pressed, next())
	x.does(bot.Pressed, next())
	if x.s.Stage != bot.Asking || len(x.p.Counts) == 0 {
		t.Errorf("what is real is not counted: %v", x.p.Counts)
	}
}

func TestATrialTakesThePlaceOfNothingThatIsReal(t *testing.T) {
	x := &trialist{t: t, l: shipped(t)}
	x.does(bot.Typed, "/start lt")
	for range 8 {
		for _, row := range x.p.Send[len(x.p.Send)-1].Buttons {
			if d := row[0].Data; strings.HasPrefix(d, "answer:") || strings.HasPrefix(d, "next:") {
				x.does(bot.Pressed, d)
				break
			}
		}
	}
	if !x.s.Begun() {
		t.Fatal("no answers")
	}
	given := len(x.s.Given)
	talking := &trialist{t: t, l: x.l, s: bot.Session{Lang: "lt", Stage: bot.Welcome, Book: x.l.ID, Quiz: "job-offer", Campaign: "demo", Case: &bot.Case{State: bot.Waiting}}}
	talking.does(bot.Pressed, "numbers")
	if strings.Contains(talking.screen(), x.l.Catalog.Language("lt").Text("outreach.demo-mark")) {
		t.Error("a talk says that it is a trial")
	}
	x.does(bot.Typed, "/start demo")
	if x.s.Campaign != "" || len(x.s.Given) != given {
		t.Errorf("real answers became a trial: %q, %d of %d", x.s.Campaign, len(x.s.Given), given)
	}
}
