package engine

import (
	"testing"
	"time"

	"patikra/bot"
)

func TestEachStepAtWhichACaseCallsIsOne(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	waits := func(calls uint8) *bot.Case { return &bot.Case{State: bot.Waiting, Calls: calls, Asked: 1} }
	held := func(calls uint8, asked int64) *bot.Case {
		return &bot.Case{State: bot.Taken, Holder: "console:ruta", Calls: calls, Asked: asked}
	}
	change := func(c *bot.Case, f func(*bot.Case)) *bot.Case { f(c); return c }
	due, typed := bot.Update{Kind: bot.Due, At: now}, bot.Update{Kind: bot.Typed, At: now}
	taken := bot.Update{Kind: bot.Acted, Actor: bot.Actor{ID: "console:ruta"}, At: now}
	for _, x := range []struct {
		what     string
		was, now *bot.Case
		u        bot.Update
		want     *bot.Calling
	}{
		{"nothing is awaited", nil, nil, typed, nil},
		{"somebody asks for a human", nil, waits(0), typed, &bot.Calling{}},
		{"somebody asks again", &bot.Case{State: bot.Closed}, waits(0), typed, &bot.Calling{}},
		{"somebody in danger asks", nil, change(waits(0), func(c *bot.Case) { c.Urgent = bot.Danger }), typed, &bot.Calling{Danger: true}},
		{"it is put aside", nil, change(waits(0), func(c *bot.Case) { c.Folded = true }), typed, nil},
		{"it comes up", change(waits(0), func(c *bot.Case) { c.Folded = true }), waits(0), bot.Update{Kind: bot.Risen, At: now}, &bot.Calling{}},
		{"it waits for the hour of a call", nil, change(waits(0), func(c *bot.Case) { c.Base, c.Ring = 9, 9 }), typed, nil},
		{"the hour of the call has come", change(waits(0), func(c *bot.Case) { c.Base, c.Ring = 9, 9 }), waits(0), due, &bot.Calling{}},
		{"whoever waits writes", waits(0), waits(0), typed, nil},
		{"the first time has passed", waits(0), waits(1), due, &bot.Calling{Again: true}},
		{"the second time has passed", waits(1), waits(2), due, &bot.Calling{Again: true, Lead: true}},
		{"nobody has come", waits(2), &bot.Case{State: bot.Lapsed, Calls: 3, Asked: 1}, due, &bot.Calling{Again: true, Lead: true}},
		{"nobody has come for long", &bot.Case{State: bot.Lapsed, Calls: 3, Asked: 1}, &bot.Case{State: bot.Lapsed, Calls: 4, Asked: 1}, due, &bot.Calling{Again: true, Lead: true}},
		{"it is taken", waits(2), held(0, 1), taken, nil},
		{"the person writes", held(0, 0), held(0, 1), typed, &bot.Calling{Holder: "console:ruta"}},
		{"the person writes again", held(0, 1), held(0, 1), typed, nil},
		{"it is answered", held(1, 1), held(0, 0), bot.Update{Kind: bot.Said, Actor: bot.Actor{ID: "console:ruta"}, At: now}, nil},
		{"no answer in time", held(0, 1), held(1, 1), due, &bot.Calling{Holder: "console:ruta", Again: true}},
		{"still no answer", held(1, 1), held(2, 1), due, &bot.Calling{Holder: "console:ruta", Again: true, Lead: true}},
		{"it goes back into the queue", held(2, 1), waits(0), due, &bot.Calling{}},
		{"it is passed on", held(0, 1), change(held(0, 1), func(c *bot.Case) { c.Holder = "console:ona" }), taken, &bot.Calling{Holder: "console:ona"}},
		{"it is passed on, and nothing is owed", held(0, 0), change(held(0, 0), func(c *bot.Case) { c.Holder = "console:ona" }), taken, nil},
		{"whom the holder is to call", change(held(0, 0), func(c *bot.Case) { c.Ring = 9 }), held(0, 0), due, &bot.Calling{Holder: "console:ruta"}},
		{"it is closed", held(0, 1), &bot.Case{State: bot.Closed}, taken, nil},
	} {
		got, ok := calling(x.was, x.now, x.u)
		if ok != (x.want != nil) {
			t.Errorf("%s: calls %v", x.what, ok)
			continue
		}
		if ok {
			x.want.At = now
			if got != *x.want {
				t.Errorf("%s: %+v instead of %+v", x.what, got, *x.want)
			}
		}
	}
}
