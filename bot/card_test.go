package bot_test

import (
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
)

func TestAResultIsOneCardWithTheWaysToAPersonFirstAndTheRestUnfolds(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	for _, i := range []int{3, 4, 8, 9} { // papers, bank, pictures, secret
		p.press(p.answers()[i].Data)
	}
	p.press(p.first("next"))
	p.skips(30)
	text := func(name string) string { return lib.Catalog.Language("en").Text(name) }
	if p.buttons[0].Data != "numbers" || p.buttons[1].Data != "human" {
		t.Errorf("the first buttons are %v", p.buttons[:2])
	}
	if n := strings.Count(p.text, text("chat.said")); n != 3 {
		t.Errorf("%d reasons are explained:\n%s", n, p.text)
	}
	_, call, _ := strings.Cut(p.text, text("chat.call-title"))
	if n := strings.Count(call, "\n• "); n != 2 {
		t.Errorf("%d numbers on the card:\n%s", n, p.text)
	}
	card := p.text
	p.press(p.first("why"))
	if len(p.text) <= len(card) || !strings.Contains(p.text, text("chat.check-title")) || strings.Count(p.text, "+370 ") < 5 || p.s.Stage != bot.Finished {
		t.Errorf("unfolded:\n%s", p.text)
	}
	p.press("back:here")
	if p.text != card {
		t.Errorf("folded again:\n%s", p.text)
	}
	page := talk.Draw(lib, p.s, "en")
	more, again := 0, 0
	for i, b := range page.Blocks {
		if b.More {
			more++
		}
		if page.Again(i) {
			again++
		}
	}
	if more == 0 || again == 0 || again == len(page.Blocks) || !strings.Contains(page.Text, text("chat.check-title")) {
		t.Errorf("%d blocks unfold; as text:\n%s", more, page.Text)
	}
	p = beginning(t, lib, "job-offer", "en") // in danger all that is to be done stands on the card
	p.go1("adult")
	p.go1("threats")
	for _, line := range lib.Catalog.Language("en").List("results.emergency.next") {
		if !strings.Contains(p.text, line) {
			t.Errorf("%q is folded away in danger:\n%s", line, p.text)
		}
	}
}

func TestAtHighTheFirstThingToDoStandsOnTheCardItself(t *testing.T) {
	lib := builtIn(t)
	for _, lang := range tags(lib) {
		p := beginning(t, lib, "job-offer", lang)
		p.go1("adult")
		p.press(p.answers()[3].Data) // papers
		p.press(p.first("next"))
		p.skips(30)
		line := lib.Catalog.Language(lang).List("results.high.next")[0]
		if strings.Count(p.text, line) != 1 {
			t.Errorf("%s: %q is not on the card:\n%s", lang, line, p.text)
		}
		p.press(p.first("why"))
		if strings.Count(p.text, line) != 1 {
			t.Errorf("%s: %q is there %d times when all is told", lang, line, strings.Count(p.text, line))
		}
		n := 0
		for _, b := range talk.Draw(lib, p.s, lang).Blocks {
			for _, i := range b.Items {
				if i.Text == line && b.More {
					t.Errorf("%s: %q is folded away on the page", lang, line)
				} else if i.Text == line {
					n++
				}
			}
		}
		if n != 1 {
			t.Errorf("%s: %q stands %d times on the page", lang, line, n)
		}
	}
}
