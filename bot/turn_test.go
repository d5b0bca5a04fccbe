package bot_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
	"patikra/content"
)

var (
	at          = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	you         = bot.Address{Channel: "telegram", ID: "9"}
	progress    = regexp.MustCompile(`([0-9]+)/([0-9]+)`)
	dataWords   = strings.Fields("answer next back skip why language restart human numbers erase exit help menu case change show")
	typedThings = []string{"taip", "ne", "nežinau", "1", "2", "1 3", "99", "toliau", "atgal", "kodėl", "praleisti", "/start", "/start radijas_lt", "/start x_en", "/help", "/language", "/number", "/restart",
		"/erase", "/exit", "/fly", "/menu", "/human", "žmogus", "numeriai", "ištrinti", "kalba", "", " ", "\n", strings.Repeat("ą", 4000), "مرحبا", "👩‍👩‍👧", "/back", "/skip", "/next", "18 arba daugiau", "English", "lietuvių", "\x00"}
)

// sound holds a plan against everything that Telegram and the contract ask of a message.
func sound(t *testing.T, lib *library.Library, u bot.Update, p bot.Plan) {
	t.Helper()
	if u.Kind != bot.Gone && u.Kind != bot.Delivered && len(p.Send) == 0 && p.Toast == "" {
		t.Fatalf("nothing is said to %+v", u)
	}
	for _, m := range p.Send {
		if m.Text == "" && (len(m.Delete) > 0 || m.Media.Net == bot.Recorded) {
			continue
		}
		if n := content.Length(strings.ReplaceAll(m.Text, "**", "")); n == 0 || n > 4096 || strings.TrimSpace(m.Text) == "" {
			t.Fatalf("a text of %d units", n)
		}
		if m.To != you {
			t.Fatalf("sent to %v", m.To)
		}
		answers, others, total := 0, 0, 0
		for _, row := range m.Buttons {
			if len(row) == 0 || len(row) > 8 {
				t.Fatalf("a row of %d buttons", len(row))
			}
			for _, b := range row {
				total++
				word, _, _ := strings.Cut(b.Data, ":")
				if len(b.Data) == 0 || len(b.Data) > 64 || b.Label == "" || !slices.Contains(dataWords, word) {
					t.Fatalf("a button %+v", b)
				}
				if word == "answer" {
					answers++
					if others > 0 {
						t.Fatalf("an answer after other buttons: %v", m.Buttons)
					}
				} else {
					others++
				}
			}
		}
		if total > 100 {
			t.Fatalf("%d buttons", total)
		}
		if n := progress.FindStringSubmatch(m.Text); answers > 0 != (n != nil) {
			t.Fatalf("progress and answers do not go together: %q", m.Text)
		} else if n != nil {
			var a, b int
			fmt.Sscan(n[1], &a)
			fmt.Sscan(n[2], &b)
			if a < 1 || a > b || b > 24 {
				t.Fatalf("progress %d of %d", a, b)
			}
		}
		if p.Session.Stage == bot.Finished && p.Session.Over == bot.Nothing && m.Screen && !strings.Contains(m.Text, "+370 ") {
			t.Fatalf("a result without a number: %s", m.Text)
		}
		if m.Screen && p.Session.Stage == bot.Asking && !strings.Contains(fmt.Sprint(m.Buttons), "exit") {
			t.Fatal("a question without the way out")
		}
	}
	if content.Length(p.Toast) > 200 {
		t.Fatalf("a toast of %d units", content.Length(p.Toast))
	}
}

func TestWhateverAPersonDoesSomethingSoundIsSaid(t *testing.T) {
	unwatched(t)
	lib := builtIn(t)
	walks := 150
	if testing.Short() {
		walks = 50
	}
	for seed := range walks {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		var s bot.Session
		var buttons []bot.Button
		last := int64(100)
		for i := range 120 {
			u := bot.Update{ID: uint64(i + 1), From: you, At: at.Add(time.Duration(i) * time.Second), Locale: []string{"lt", "en", "ka", ""}[r.IntN(4)], Ref: last}
			switch k := r.IntN(20); {
			case k < 3:
				u.Kind, u.Text, u.Ref = bot.Typed, typedThings[r.IntN(len(typedThings))], last+1
			case k < 4:
				u.Kind, u.Ref = bot.Attached, last+1
			case k < 5:
				u.Kind, u.Text = bot.Pressed, fmt.Sprintf("%s:%d.%d", dataWords[r.IntN(len(dataWords))], r.IntN(256), r.IntN(20))
			case k < 6:
				u.Kind, u.Screen, u.Serial, u.ID = bot.Delivered, true, uint8(r.IntN(4)), 0
			case k < 7:
				u.Kind, u.ID = bot.Flooded, 0
			case len(buttons) > 0:
				b := buttons[r.IntN(len(buttons))]
				if strings.HasPrefix(b.Data, "exit") || strings.HasPrefix(b.Data, "erase") || strings.HasPrefix(b.Data, "restart") {
					if r.IntN(6) > 0 {
						b = buttons[0]
					}
				}
				u.Kind, u.Text = bot.Pressed, b.Data
			default:
				u.Kind, u.Text, u.Ref = bot.Typed, "/start", last+1
			}
			before := s.Encode()
			p := talk.Decide(lib, s, u)
			if string(before) != string(s.Encode()) {
				t.Fatalf("the turn changed the session it was given: %+v", u)
			}
			if again := talk.Decide(lib, s, u); !reflect.DeepEqual(p, again) {
				t.Fatalf("the same turn decides differently: %s", cmp.Diff(p, again))
			}
			sound(t, lib, u, p)
			if p.Erase {
				s, buttons = bot.Session{}, nil
				continue
			}
			if err := s.Decode(p.Session.Encode()); err != nil {
				t.Fatal(err)
			}
			for _, m := range p.Send {
				if m.Screen {
					if m.Edit == 0 {
						last++
					}
					buttons = slices.Concat(m.Buttons...)
				}
			}
		}
	}
}

func TestAnUpdateIsRememberedFor32Others(t *testing.T) {
	lib := builtIn(t)
	var s bot.Session
	say := func(id uint64) bot.Plan {
		p := talk.Decide(lib, s, bot.Update{ID: id, From: you, Kind: bot.Typed, Text: "ne", Locale: "lt", At: at, Ref: int64(id)})
		s = p.Session
		return p
	}
	for id := uint64(1); id <= 32; id++ {
		if say(id).Repeat {
			t.Fatalf("update %d is new", id)
		}
	}
	for id := uint64(32); id >= 1; id-- {
		if !say(id).Repeat {
			t.Errorf("update %d is forgotten after %d others", id, 32-id)
		}
	}
	say(33)
	if say(1).Repeat {
		t.Error("the memory should end somewhere")
	}
}

func TestGoingBackTakesTheAnswerBack(t *testing.T) {
	lib := builtIn(t)
	var s bot.Session
	n := uint64(0)
	say := func(text string) string {
		n++
		p := talk.Decide(lib, s, bot.Update{ID: n, From: you, Kind: bot.Typed, Text: text, Locale: "lt", At: at, Ref: int64(n)})
		s = p.Session
		return p.Send[0].Text
	}
	for _, text := range []string{"/start", "1", "1"} {
		say(text)
	}
	for _, text := range []string{"1", "13", "4", "10"} { // grown up, none of these, an offer, another work
		say(text)
	}
	given := len(s.Given)
	for i := given; i > 0; i-- {
		text := say("atgal")
		if len(s.Given) != i-1 || !strings.Contains(text, fmt.Sprint(i, "/")) {
			t.Fatalf("after going back to %d there are %d answers: %s", i, len(s.Given), text)
		}
	}
	say("1")
	say("man arba mano artimiesiems grasina")
	if s.Stage != bot.Finished {
		t.Error("an alarming answer should have ended it")
	}
	if o, _, _ := talk.Outcome(lib, &s); o != "emergency" {
		t.Errorf("it ended at %s", o)
	}
	say("atgal")
	say("nežinau")
	if s.Stage != bot.Asking || len(s.Given) != 2 {
		t.Error("the alarming answer was taken back")
	}
}

func TestASessionUnderWayIsShort(t *testing.T) {
	lib := builtIn(t)
	var s bot.Session
	for i, text := range []string{"/start radijas_lt", "1", "1", "ne", "1", "1", "2", "9", "9", "1", "1"} {
		p := talk.Decide(lib, s, bot.Update{ID: uint64(800_000_000 + i), From: you, Kind: bot.Typed, Text: text, Locale: "lt", At: at, Ref: int64(5000 + 2*i)})
		s = p.Session
	}
	if n := len(s.Encode()); n > 200 {
		t.Errorf("%d bytes at question %d", n, len(s.Given)+1)
	} else {
		t.Logf("%d bytes at question %d", n, len(s.Given)+1)
	}
}

func TestSomebodyWhoIsGoneIsForgotten(t *testing.T) {
	lib := builtIn(t)
	s := talk.Decide(lib, bot.Session{}, bot.Update{ID: 1, From: you, Kind: bot.Typed, Text: "/start", Locale: "lt", At: at}).Session
	if p := talk.Decide(lib, s, bot.Update{ID: 2, From: you, Kind: bot.Gone, At: at}); !p.Erase || len(p.Send) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestTheQuickExitNeverNamesMessagesTooOldToBeRemoved(t *testing.T) {
	lib := builtIn(t)
	var s bot.Session
	for i := range 250 {
		p := talk.Decide(lib, s, bot.Update{ID: uint64(i + 1), From: you, Kind: bot.Typed, Text: "/start", Locale: "lt", At: at.Add(time.Duration(i) * time.Hour), Ref: int64(i + 1)})
		s = p.Session
	}
	p := talk.Decide(lib, s, bot.Update{ID: 999, From: you, Kind: bot.Typed, Text: "/exit", Locale: "lt", At: at.Add(250 * time.Hour), Ref: 999})
	if !p.Erase || len(p.Send) != 1 || len(p.Send[0].Delete) == 0 || len(p.Send[0].Delete) > 100 {
		t.Fatalf("%+v", p.Send)
	}
	for _, id := range p.Send[0].Delete {
		if age := 250 - (id - 1); id != 999 && age >= 48 {
			t.Errorf("message %d is %d hours old", id, age)
		}
	}
}
