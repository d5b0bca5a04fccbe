package bot_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/talk"
)

// asked is the card of somebody who has agreed to talk with a counsellor, in English.
func (p *visitor) asked() talk.CardView {
	p.t.Helper()
	p.desk = true
	p.press("human")
	p.press("human:agree")
	card, ok := talk.CardIn(p.lib, p.s, "en")
	if !ok || !p.s.Case.Active() {
		p.t.Fatalf("no case waits; the screen is\n%s", p.text)
	}
	return card
}

func TestTheCardNamesTheCountryAndWhatIsDialledThere(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "uk")
	p.skips(30)
	p.press("numbers:in.US")
	p.press("human")
	if !strings.Contains(p.text, lib.Catalog.Language("uk").CountryName("US")) {
		t.Errorf("before they agree nothing says that the country is passed on:\n%s", p.text)
	}
	card := p.asked()
	for _, want := range []string{"USA", "**911**"} {
		if !strings.Contains(card.Text, want) {
			t.Errorf("%q is not on the card:\n%s", want, card.Text)
		}
	}
	label, text := talk.Prepared(lib, p.s, "en")[6], talk.Prepared(lib, p.s, "uk")[6]
	for _, reply := range []string{label, text} {
		if !strings.Contains(reply, "911") || strings.Contains(reply, "112") {
			t.Errorf("the prepared reply names another number: %s", reply)
		}
	}
	before := card.Text
	p.press("numbers:in.NO")
	if card, _ := talk.CardIn(lib, p.s, "en"); card.Text != before {
		t.Errorf("what was chosen after the consent changes the card:\n%s", card.Text)
	}
}

func TestACardThatKnowsNoCountrySaysSo(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.skips(30)
	card := p.asked()
	if text := lib.Catalog.Language("en").Text("desk.card-nowhere"); !strings.Contains(card.Text, text) || !strings.Contains(card.Text, "**112** (day and night, in the EU)") {
		t.Errorf("the card:\n%s", card.Text)
	}
	if reply := talk.Prepared(lib, p.s, "en")[6]; !strings.Contains(reply, "112 (in the EU)") {
		t.Errorf("the prepared reply: %s", reply)
	}
}

func TestWhatWasLeftOpenIsFoldedBelowWhatWasAnswered(t *testing.T) {
	lib := builtIn(t)
	p := beginning(t, lib, "job-offer", "en")
	p.go1("adult")
	p.skips(30)
	card := p.asked()
	answered, folded, ok := strings.Cut(card.Text, "\n"+talk.FoldSign)
	skipped, adult := lib.Catalog.Language("en").Text("chat.skip"), lib.Catalog.Language("en").Text("job-offer.age.adult")
	if !ok || strings.Contains(card.Text, skipped) || !strings.Contains(answered, adult) {
		t.Fatalf("the card:\n%s", card.Text)
	}
	lines := strings.Split(folded, "\n")
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, talk.FoldSign) || strings.Contains(line, " – ") {
			t.Errorf("folded: %q", line)
		}
	}
	if open := len(p.s.Case.Told.Given) - 1; len(lines)-1 != open {
		t.Errorf("%d of %d questions are folded", len(lines)-1, open)
	}
}

func TestSomebodyUnder18HasAMarkOfTheirOwn(t *testing.T) {
	lib := builtIn(t)
	sign := func(minor bool, threat bool) (string, bool) {
		p := beginning(t, lib, "job-offer", "en")
		if minor {
			p.go1("minor")
		} else {
			p.go1("adult")
		}
		if threat {
			p.press(p.answers()[0].Data)
			p.press(p.first("next"))
		}
		p.asked()
		if p.s.Case.Urgent != bot.Danger {
			t.Errorf("a case of somebody under 18 (%v) or a threat (%v) is not urgent", minor, threat)
		}
		return talk.Sign(lib, p.s)
	}
	threat, no := sign(false, true)
	under, yes := sign(true, false)
	if threat == under || no || !yes || strings.Contains(under, threat) {
		t.Errorf("a threat is %q, somebody under 18 %q", threat, under)
	}
}

func TestNoLineOfALogHasAnUnfilledPlaceholder(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	logged := map[string]bool{}
	desk := lib.Catalog.Language(lib.Catalog.Desk.Language)
	notes := desk.Names("desk.note-")
	lead := bot.Actor{ID: "console:ona", Name: "Ona", Lead: true}
	var updates []bot.Update
	for _, kind := range []bot.Kind{bot.Typed, bot.Attached, bot.Edited, bot.Due, bot.Gone, bot.Forgotten, bot.Missed, bot.Unpassed, bot.Late, bot.Unread, bot.Risen} {
		updates = append(updates, bot.Update{Kind: kind, Text: "two words", Media: bot.Media{Net: "telegram"}})
	}
	for _, act := range []string{"take", "release", "transfer @asta", "close", "reopen", "look", "reached", "unreached", "ring " + strconv.FormatInt(lib.Catalog.Desk.Slots(at.Add(time.Hour), 1)[0].From.Unix(), 10)} {
		updates = append(updates, bot.Update{Kind: bot.Acted, Text: act, Actor: lead}, bot.Update{Kind: bot.Acted, Text: act, Actor: birute})
	}
	for _, button := range []string{"human:end", "human:rate.3", "human:send", "human:agree", "human:chat"} {
		updates = append(updates, bot.Update{Kind: bot.Pressed, Text: button})
	}
	updates = append(updates, bot.Update{Kind: bot.Typed, Text: "here", Live: true}, bot.Update{Kind: bot.Rung, Text: "Ona"}, bot.Update{Kind: bot.Rung, Text: "Ona", Ref: 2})
	for _, lang := range tags(lib) {
		for _, u := range updates {
			for state := bot.Waiting; state <= bot.Closed; state++ {
				for _, over := range []bot.Over{bot.Nothing, bot.Rate, bot.Consent} {
					for n := range 8 { // a bit each
						c := &bot.Case{State: state, Person: you, Word: "Oak Lake", Since: at.Unix(), Base: at.Unix(), Last: at.Unix(), Urgent: bot.Danger, Calls: uint8(n & 2),
							Call: bot.Call{Phone: "+37061234567"}, Topic: 5, Gone: n&1 != 0, Parted: n&1 != 0, Folded: n > 5 && state < bot.Taken}
						if state == bot.Taken {
							c.Holder, c.Name, c.Asked = birute.ID, birute.Name, at.Unix()
						}
						if c.Told.Call.Phone = "+37061234567"; n&4 != 0 {
							c.Cut, c.CutAt, c.Ring = 3, at.Unix(), at.Unix()
						}
						u.ID, u.From, u.At, u.Desk = 1, you, at.Add(time.Hour), bot.Desk{On: true, Always: true, Nobody: n&1 != 0}
						if n&1 != 0 && u.Kind == bot.Due {
							u.At = at.Add(8 * 24 * time.Hour)
						}
						p := talk.Decide(lib, bot.Session{Lang: lang, Quiz: "job-offer", Stage: bot.Welcome, Book: lib.ID, Over: over, Case: c}, u)
						for _, l := range p.Log {
							if strings.ContainsAny(l.Text, "{}") {
								t.Fatalf("%s, %v in %s: %q", lang, u.Kind, state, l.Text)
							}
							if why := inEachLanguage(lib, &l); why != "" && (l.By == talk.ByNotice || l.By == talk.ByNote && l.Name == "") {
								t.Fatalf("%s, %v in %s: %s", lang, u.Kind, state, why)
							}
							for _, name := range notes {
								if text, _, _ := strings.Cut(talk.Fill(lib, desk.Text(name)), "{"); text != "" && strings.HasPrefix(l.Text, text) {
									logged[name] = true
								}
							}
						}
					}
				}
			}
		}
	}
	elsewhere := []string{"desk.note-voice", "desk.note-aside", "desk.note-unled", "desk.note-erased", "desk.note-left", "desk.note-moved", "desk.note-bridged", "desk.note-unbridged"} // in the group alone, gone with the log, or logged by a return or a chat
	for _, name := range notes {
		text, _, _ := strings.Cut(desk.Text(name), "{")
		if !logged[name] && text != "" && !slices.Contains(elsewhere, name) {
			t.Errorf("%s was never logged here", name)
		}
	}
}
