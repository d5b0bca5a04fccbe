package bot_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
	"patikra/flows"
)

// visitor goes through a conversation as somebody with a phone would.
type visitor struct {
	t       *testing.T
	lib     *library.Library
	locale  string
	s       bot.Session
	n       uint64
	text    string
	buttons []bot.Button
	counts  []string // of the whole conversation
	desk    bool     // a desk is there
}

func arrive(t *testing.T, lib *library.Library, locale string) *visitor {
	p := &visitor{t: t, lib: lib, locale: locale}
	p.say("/start")
	return p
}

func (p *visitor) do(kind bot.Kind, text string) bot.Plan {
	p.t.Helper()
	p.n++
	u := bot.Update{ID: p.n, From: you, Kind: kind, Text: text, Locale: p.locale, At: at.Add(time.Duration(p.n) * time.Second), Ref: int64(100 + p.n)}
	u.Desk.On = p.desk
	if kind == bot.Pressed {
		u.Ref = 7 // every screen takes the place of the one before
	}
	plan := talk.Decide(p.lib, p.s, u)
	sound(p.t, p.lib, u, plan)
	p.counts = append(p.counts, plan.Counts...)
	screens := 0
	for _, m := range plan.Send {
		if m.Screen {
			screens++
			p.text, p.buttons = m.Text, slices.Concat(m.Buttons...)
		}
	}
	if screens > 1 {
		p.t.Fatalf("%d messages for one screen", screens)
	}
	p.s = plan.Session
	return plan
}

func (p *visitor) say(text string) bot.Plan   { p.t.Helper(); return p.do(bot.Typed, text) }
func (p *visitor) press(data string) bot.Plan { p.t.Helper(); return p.do(bot.Pressed, data) }

// copy is another person at the same place.
func (p *visitor) copy() *visitor {
	other := *p
	if err := other.s.Decode(p.s.Encode()); err != nil {
		p.t.Fatal(err)
	}
	return &other
}

// first finds the first button with one of the words.
func (p *visitor) first(words ...string) string {
	for _, b := range p.buttons {
		if word, _, _ := strings.Cut(b.Data, ":"); slices.Contains(words, word) {
			return b.Data
		}
	}
	p.t.Fatalf("no button of %v under %q", words, p.text)
	return ""
}

func (p *visitor) answers() (list []bot.Button) {
	for _, b := range p.buttons {
		if strings.HasPrefix(b.Data, "answer:") {
			list = append(list, b)
		}
	}
	return list
}

// toQuestion brings a visitor to the first question.
func (p *visitor) toQuestion() {
	p.t.Helper()
	for range 2 {
		p.press(p.first("next"))
	}
	if len(p.answers()) == 0 {
		p.t.Fatalf("no question after two screens: %s", p.text)
	}
}

// ticks reports whether several answers may be ticked.
func (p *visitor) ticks() bool {
	return slices.ContainsFunc(p.buttons, func(b bot.Button) bool { return strings.HasPrefix(b.Data, "next:") })
}

func tags(lib *library.Library) (list []string) {
	for i := range lib.Catalog.Languages {
		list = append(list, lib.Catalog.Languages[i].Tag)
	}
	return list
}

func TestTheFirstButtonsLeadToAResultInAtMost40Presses(t *testing.T) {
	lib := builtIn(t)
	for _, tag := range tags(lib) {
		p := arrive(t, lib, tag)
		presses := 0
		for ; p.s.Stage != bot.Finished; presses++ {
			if presses > 40 {
				t.Fatalf("%s: no result after 40 presses", tag)
			}
			if p.ticks() && len(p.answers()) > 0 && p.s.Ticks != 0 {
				p.press(p.first("next"))
			} else {
				p.press(p.first("answer", "next"))
			}
		}
		t.Logf("%s: a result after %d presses", tag, presses)
	}
}

func TestTheFirstScreenIsInThePersonsLanguageOrAsksForIt(t *testing.T) {
	lib := builtIn(t)
	for locale, want := range map[string]string{"lt": "lt", "lt-LT": "lt", "LT": "lt", "en": "en", "en-GB": "en", "en-US-posix": "en"} {
		p := arrive(t, lib, locale)
		if hello, _, _ := strings.Cut(lib.Catalog.Language(want).Text("chat.welcome"), "\n\n"); p.s.Lang != want || !strings.HasPrefix(p.text, hello) {
			t.Errorf("%s: the screen is in %q: %s", locale, p.s.Lang, p.text)
		}
	}
	for _, locale := range []string{"", "ka", "my-MM", "zz", "l", "lte", "english", "-lt", "x-lt"} {
		for _, first := range []string{"/start", "hello", "yes", "9", "/help", "/human", "/number", "/restart", "/language", "help"} {
			p := &visitor{t: t, lib: lib, locale: locale}
			p.say(first)
			if p.s.Lang != "" || len(p.buttons) != len(lib.Catalog.Languages) {
				t.Errorf("%q from %q: in %q with %d buttons", first, locale, p.s.Lang, len(p.buttons))
			}
			for i, b := range p.buttons {
				lang := &lib.Catalog.Languages[i]
				if b.Label != lang.Text("chat.language-name") || b.Data != "language:"+lang.Tag {
					t.Errorf("a button %+v", b)
				}
			}
			for i := range lib.Catalog.Languages { // by its name, its number, its tag and its button
				lang := &lib.Catalog.Languages[i]
				for _, way := range []string{lang.Text("chat.language-name"), fmt.Sprint(i + 1), lang.Tag} {
					if q := p.copy(); q.say(way).Session.Lang != lang.Tag {
						t.Errorf("typing %q chooses %q", way, q.s.Lang)
					}
				}
				if q := p.copy(); q.press("language:"+lang.Tag).Session.Lang != lang.Tag {
					t.Errorf("pressing %s chooses %q", lang.Tag, q.s.Lang)
				}
			}
		}
	}
}

// questions calls f at every question of some conversations, in every language.
func questions(t *testing.T, lib *library.Library, walks int, f func(p *visitor)) (outcomes map[string]string) {
	outcomes = map[string]string{}
	for _, tag := range tags(lib) {
		for seed := range walks {
			r := rand.New(rand.NewPCG(uint64(seed), 9))
			p := arrive(t, lib, tag)
			p.toQuestion()
			for p.s.Stage == bot.Asking {
				if f != nil {
					f(p)
				}
				list := p.answers()
				i := r.IntN(len(list))
				if quiet := harmless(p, len(list)); seed%2 == 0 && len(quiet) > 0 && r.IntN(100) > 0 { // half of them have nothing to fear
					i = quiet[r.IntN(len(quiet))]
				}
				if len(p.s.Given) > 30 {
					t.Fatal("the quiz does not end")
				}
				p.press(list[i].Data)
				if p.s.Ticks != 0 {
					p.press(p.first("next"))
				}
			}
			p.toResult()
			o, _, _ := talk.Outcome(lib, &p.s)
			outcomes[tag+" "+o] = p.text
		}
	}
	return outcomes
}

// harmless lists the choices of the present question that give no concern.
func harmless(p *visitor, choices int) (list []int) {
	book := p.lib.Book
	for i := range choices {
		given := append(slices.Clone(p.s.Given), flows.Given{Step: p.s.At, Picks: 1 << i})
		if a := book.Risk.Assess(book.Flows[p.s.Quiz].Facts(given)); a.Level < flows.Concern && a.Apart == "" {
			list = append(list, i)
		}
	}
	return list
}

func TestTypedWordsDoWhatTheButtonsDo(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	questions(t, lib, 12, func(p *visitor) {
		several := p.ticks()
		for i, b := range p.answers() {
			pressed := p.copy()
			pressed.press(b.Data)
			if several && pressed.s.Ticks != 0 {
				pressed.press(pressed.first("next"))
			}
			label := strings.TrimPrefix(b.Label, "☐ ")
			for _, words := range []string{label, strings.ToUpper(label), " " + label + ". ", fmt.Sprint(i + 1), fmt.Sprintf("%d.", i+1)} {
				typed := p.copy()
				typed.say(words)
				if !slices.Equal(pressed.s.Given, typed.s.Given) || typed.s.Stage != pressed.s.Stage || typed.s.At != pressed.s.At {
					t.Fatalf("%q under %q: %v, not %v", words, p.text, typed.s.Given, pressed.s.Given)
				}
			}
		}
		for _, words := range []string{"qwerty", "99", "0", "1/16", "-", "1.5.1.1.99", "🙂", "yes but no", strings.Repeat("taip ", 90), "answer:0.0", "next:1"} {
			lost := p.copy()
			lost.say(words)
			if len(lost.s.Given) != len(p.s.Given) || lost.s.At != p.s.At || lost.s.Stage != bot.Asking {
				t.Fatalf("%q moved on from %q", words, p.text)
			}
			if !strings.Contains(lost.text, p.text) {
				t.Fatalf("after %q the question is not repeated: %s", words, lost.text)
			}
		}
	})
}

func TestEveryOutcomeIsReachedAndShowsItsNumbers(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	outcomes := questions(t, lib, 250, nil)
	for _, tag := range tags(lib) {
		for _, o := range []string{"low", "unknown", "concern", "high", "emergency", "young"} {
			text := outcomes[tag+" "+o]
			if text == "" {
				t.Errorf("%s: no walk ends at %s", tag, o)
				continue
			}
			if n := content.Length(strings.ReplaceAll(text, "**", "")); n > 4096 {
				t.Errorf("%s %s: %d units", tag, o, n)
			}
			if !strings.Contains(text, "+370 ") || (o == "emergency" || o == "young") && !strings.Contains(text, "112") {
				t.Errorf("%s %s: a number is missing in\n%s", tag, o, text)
			}
			if o == "young" && !strings.Contains(text, childLine(lib)) {
				t.Errorf("%s: the child line is missing in\n%s", tag, text)
			}
		}
	}
}

func childLine(lib *library.Library) string {
	for _, p := range lib.Catalog.Places {
		if p.Name == "child" {
			return p.Spaced()
		}
	}
	return "no child line"
}

func TestATurnLeavesTheSessionItWasGivenAlone(t *testing.T) {
	lib := builtIn(t)
	var s bot.Session
	for i := range 40 {
		p := talk.Decide(lib, s, bot.Update{ID: uint64(i + 1), From: you, Kind: bot.Typed, Text: []string{"/start", "1", "1", "ne", "1"}[min(i, 4)], Locale: "lt", At: at.Add(time.Duration(i) * 2 * time.Hour), Ref: int64(i + 1)})
		if err := s.Decode(p.Session.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	keep := s.Encode()
	later := at.Add(100 * time.Hour) // half of the messages are by now too old to be removed
	for _, u := range []bot.Update{{Kind: bot.Typed, Text: "1"}, {Kind: bot.Typed, Text: "atgal"}, {Kind: bot.Typed, Text: "/exit"}, {Kind: bot.Typed, Text: "/erase"}, {Kind: bot.Attached},
		{Kind: bot.Pressed, Text: fmt.Sprint("answer:", s.Serial, ".0")}, {Kind: bot.Pressed, Text: fmt.Sprint("back:", s.Serial)}, {Kind: bot.Pressed, Text: "restart"}, {Kind: bot.Delivered, Screen: true, Serial: s.Serial}, {Kind: bot.Gone}} {
		u.ID, u.From, u.Locale, u.At, u.Ref = 900, you, "lt", later, 900
		talk.Decide(lib, s, u)
		if !bytes.Equal(keep, s.Encode()) {
			t.Errorf("%+v changed the session that the turn began with", u)
			if err := s.Decode(keep); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestGoingBackNeverChangesWhatTheRemainingAnswersSay(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	questions(t, lib, 40, func(p *visitor) {
		before := p.copy()
		for _, b := range p.answers() {
			q := p.copy()
			q.press(b.Data)
			if q.s.Ticks != 0 {
				q.press(q.first("next"))
			}
			if len(q.s.Given) == len(p.s.Given) {
				continue
			}
			q.press(q.first("back"))
			if !slices.Equal(before.s.Given, q.s.Given) || q.s.At != before.s.At || q.s.Stage != bot.Asking {
				t.Fatalf("back after %q is another place: %v, not %v", b.Label, q.s.Given, before.s.Given)
			}
		}
	})
}

// FuzzTurn: whatever a stranger writes or forges into a button, at whatever place of a conversation, is answered.
func FuzzTurn(f *testing.F) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		f.Fatal(err)
	}
	var places [][]byte // sessions as they are stored
	for _, way := range [][]string{nil, {"/start"}, {"/start", "1"}, {"/start", "1", "1"}, {"/start", "1", "1", "ne"}, {"/start", "1", "1", "ne", "1", "1", "2"}, {"/start", "1", "1", "taip"},
		{"/start", "/help"}, {"/start", "/erase"}, {"/start", "1", "1", "/number"}, {"/start", "1", "1", "kodėl"}, {"/start", "1", "1", "ne", "/language"}, {"/start", "1", "1", "taip", "/human"}} {
		var s bot.Session
		for i, text := range way {
			s = talk.Decide(lib, s, bot.Update{ID: uint64(i + 1), From: you, Kind: bot.Typed, Text: text, Locale: "lt", At: at, Ref: int64(i + 1)}).Session
		}
		places = append(places, s.Encode())
	}
	for i, text := range typedThings {
		f.Add(uint8(i), uint8(i), text, "lt", uint8(0))
	}
	for i, word := range dataWords {
		f.Add(uint8(i), uint8(1), word+":3.1", "", uint8(3))
		f.Add(uint8(i+5), uint8(1), word, "en-GB", uint8(7))
	}
	f.Add(uint8(4), uint8(1), "ticked:4.65535", "lt", uint8(4))
	f.Add(uint8(4), uint8(1), "picks:65535", "lt", uint8(4))
	f.Fuzz(func(t *testing.T, place, kind uint8, text, locale string, serial uint8) {
		var s bot.Session
		if err := s.Decode(places[int(place)%len(places)]); err != nil {
			t.Fatal(err)
		}
		if serial != 0 && s.Stage != bot.Fresh {
			s.Serial = serial
		}
		u := bot.Update{ID: 99, From: you, Kind: bot.Kind(kind%6 + 1), Text: text, Locale: locale, At: at, Ref: 99, Serial: serial, Screen: serial%2 == 0}
		for range 3 {
			p := talk.Decide(lib, s, u)
			sound(t, lib, u, p)
			if p.Erase {
				return
			}
			if err := s.Decode(p.Session.Encode()); err != nil {
				t.Fatal(err)
			}
			u.ID++
		}
	})
}
