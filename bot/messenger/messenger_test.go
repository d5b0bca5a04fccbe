package messenger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/librarytest"
	"patikra/bot/seal"
	"patikra/bot/talk"
	"patikra/content"
)

// recorded is when the events of testdata happened.
var recorded = time.UnixMilli(1767225600000).Add(time.Minute)

func TestEveryKindOfEventIsUnderstoodOrPassedOver(t *testing.T) {
	typed := func(text string) bot.Update { return bot.Update{Kind: bot.Typed, Text: text} }
	pressed := func(text string) bot.Update { return bot.Update{Kind: bot.Pressed, Text: text} }
	for name, want := range map[string][]bot.Update{
		"text":             {typed("Labas")},
		"text-numeric-ids": {typed("labas")},
		"reply-to":         {typed("ne, neprašė")},
		"quick-reply":      {pressed("answer:7.2")},
		"postback":         {pressed("numbers")},
		"get-started":      {typed("/start")},
		"get-started-ref":  {typed("/start radijas_lt")},
		"referral":         {typed("/start plakatas_en")},
		"ad":               {typed("/start skelbimas")},
		"image":            {{Kind: bot.Attached}},
		"sticker":          {{Kind: bot.Attached}},
		"audio":            {{Kind: bot.Attached}},
		"location":         {{Kind: bot.Attached}},
		"shared-post":      {typed("Pažiūrėkite į šį skelbimą\nDarbas\nhttps://www.facebook.com/jobs/1")},
		"unsupported":      {{Kind: bot.Attached}},
		"echo":             nil,
		"echo-unmarked":    nil,
		"delivery":         nil,
		"read":             nil,
		"reaction":         nil,
		"edit":             {{Kind: bot.Edited, Text: "Labas vakaras"}},
		"unsend":           nil,
		"optin":            nil,
		"standby":          nil,
		"take-thread":      nil,
		"pass-thread":      {{Kind: bot.Returned}},
		"request-thread":   nil,
		"policy":           nil,
		"feed-change":      nil,
		"instagram":        nil,
		"nobody":           nil,
		"broken-among-two": {typed("antras")},
		"batch":            {typed("pirmas"), pressed("next:1"), typed("antras"), {Kind: bot.Attached}},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read(body, recorded, readEvent, nil)
			if err != nil || len(got) != len(want) {
				t.Fatalf("%d updates instead of %d, %v", len(got), len(want), err)
			}
			again, _ := read(body, recorded.Add(time.Hour), readEvent, nil)
			for i, in := range got {
				u := in.update
				if u.Kind != want[i].Kind || u.Text != want[i].Text {
					t.Errorf("kind %d %q instead of kind %d %q", u.Kind, u.Text, want[i].Kind, want[i].Text)
				}
				if u.ID == 0 || u.From.Channel != Name || u.From.ID == "" || u.Ref != 0 {
					t.Errorf("%+v", u)
				}
				if again[i].update.ID != u.ID {
					t.Error("sent again it is not recognised")
				}
				if d := u.Until.Sub(recorded); d > window || d < window-2*time.Minute {
					t.Errorf("it may be answered for %v", d)
				}
			}
		})
	}
	files, _ := filepath.Glob("testdata/*.json")
	if len(files) != 33 {
		t.Errorf("%d files in testdata", len(files))
	}
}

func TestWhatIsSentAgainAfterADayIsNotAnswered(t *testing.T) {
	body, err := os.ReadFile("testdata/text.json")
	if err != nil {
		t.Fatal(err)
	}
	now := recorded.Add(25 * time.Hour)
	if got, err := read(body, now, readEvent, nil); err != nil || len(got) != 1 || got[0].update.Until.After(now) {
		t.Errorf("%d updates, %v", len(got), err)
	}
	// A time that no repetition can explain is no time of an event.
	now = recorded.Add(1000 * time.Hour)
	if got, err := read(body, now, readEvent, nil); err != nil || len(got) != 1 || !got[0].update.Until.After(now) {
		t.Errorf("%d updates, %v", len(got), err)
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		b, _ := os.ReadFile(name)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := read(body, recorded, readEvent, nil)
		if err != nil && list != nil {
			t.Error("an error and updates")
		}
		for _, in := range list {
			u := in.update
			if u.ID == 0 || u.From.ID == "" || len(u.From.ID) > 100 || u.Kind == 0 || !u.Until.After(recorded) || len(u.Text) > maxTyped+10 || !utf8.ValidString(u.Text) {
				t.Errorf("%+v", u)
			}
		}
	})
}

// seen checks what the network would refuse, and what a person needs.
func seen(t *testing.T, m bot.Message, helpline string) (parts []string, replies []reply) {
	t.Helper()
	text, replies := layout(m, true)
	parts = split(text, MaxText, helpline)
	for _, p := range parts {
		if length(p) > MaxText || strings.TrimSpace(p) == "" || strings.Contains(p, "**") || !utf8.ValidString(p) {
			t.Fatalf("a part of %d: %q", length(p), p)
		}
	}
	titles := map[string]bool{}
	for _, r := range replies {
		if r.Title == "" || length(r.Title) > MaxTitle || r.Payload == "" || len(r.Payload) > MaxPayload || titles[r.Title] {
			t.Fatalf("the quick reply %+v of\n%s", r, text)
		}
		titles[r.Title] = true
	}
	if len(replies) > MaxReplies {
		t.Fatalf("%d quick replies", len(replies))
	}
	return parts, replies
}

func TestEveryScreenFitsAndEveryLevelStandsBesideANumber(t *testing.T) {
	l := librarytest.Own(t)
	helpline := talk.Fill(l, "☎ {helpline}")
	results, longest := 0, 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 7))
		var s bot.Session
		u := bot.Update{From: bot.Address{Channel: Name, ID: "1"}, Kind: bot.Typed, Text: "/start", Locale: []string{"lt", "en"}[seed%2], Aloud: true, At: recorded}
		for range 200 {
			u.ID++
			p := talk.Decide(l, s, u)
			s = p.Session
			if len(p.Send) != 1 {
				t.Fatalf("%d messages after %q", len(p.Send), u.Text)
			}
			m := p.Send[0]
			parts, replies := seen(t, m, helpline)
			way, answers := 0, 0
			for _, b := range replies {
				if strings.HasPrefix(b.Payload, "exit") {
					way++
				}
				if strings.HasPrefix(b.Payload, "answer") {
					answers++
				}
			}
			if way == 0 {
				t.Fatalf("no way out on %s %+v", m.Text, replies)
			}
			longest = max(longest, length(strings.Join(parts, "")))
			if _, _, ok := talk.Outcome(l, &s); ok && s.Over == bot.Nothing {
				if results++; !phone.MatchString(parts[0]) {
					t.Fatalf("no number beside the level:\n%s", parts[0])
				}
				break
			}
			b := replies[r.IntN(len(replies))]
			for answers > 0 && r.IntN(6) > 0 && !strings.HasPrefix(b.Payload, "answer") && !strings.HasPrefix(b.Payload, "next") {
				b = replies[r.IntN(len(replies))]
			}
			if word, _, _ := strings.Cut(b.Payload, ":"); word == "exit" || word == "erase" || word == "restart" {
				continue
			}
			u.Kind, u.Text = bot.Pressed, b.Payload
		}
	}
	if results < 500 {
		t.Errorf("only %d results", results)
	}
	t.Logf("%d results, the longest screen has %d characters", results, longest)
}

// Every question of every quiz and training, in every language, with nothing and with everything ticked.
func TestEveryQuestionKeepsTheWayOutTheNumbersAndEveryAnswer(t *testing.T) {
	l := librarytest.Own(t)
	questions := 0
	for _, lang := range l.Catalog.Languages {
		for _, quiz := range append(l.Book.Quizzes(), l.Book.Modules()...) {
			f := l.Book.Flow(quiz)
			for at := range f.Steps {
				for _, ticks := range []uint16{0, 1<<len(f.Steps[at].Choices) - 1} {
					s := bot.Session{Book: l.ID, Lang: lang.Tag, Quiz: quiz, Stage: bot.Asking, At: uint8(at), Ticks: ticks}
					p := talk.Decide(l, s, bot.Update{ID: 1, From: bot.Address{Channel: Name, ID: "1"}, Kind: bot.Typed, Text: "?!", Aloud: true, At: recorded})
					place := fmt.Sprintf("%s, %s, %s", lang.Tag, quiz, f.Steps[at].Name)
					if len(p.Send) != 1 {
						t.Fatalf("%s: %d messages", place, len(p.Send))
					}
					answers := f.Steps[at].Choices
					if len(answers) == 0 {
						continue
					}
					questions++
					parts, replies := seen(t, p.Send[0], "")
					has := map[string]bool{}
					for _, r := range replies {
						word, _, _ := strings.Cut(r.Payload, ":")
						has[word] = true
						has[r.Payload[strings.LastIndexByte(r.Payload, '.')+1:]] = true
					}
					text := strings.Join(parts, "\n")
					_, written, _ := strings.Cut(text, "✎ ")
					if !has["exit"] || !has["numbers"] || f.Steps[at].Several && !has["next"] || !has["answer"] {
						t.Errorf("%s: %+v", place, replies)
					}
					for i, c := range answers {
						n := fmt.Sprint(i + 1)
						listed := strings.Contains(text, "\n"+n+". ")
						if !has[fmt.Sprint(i)] && (!listed || !slices.Contains(strings.Split(written, " · "), n)) {
							t.Errorf("%s: the answer %s is neither a button nor a number to write:\n%s", place, c.Answer, text)
						}
						if c.Answer == "none" && !has[fmt.Sprint(i)] {
							t.Errorf("%s: %q has no button", place, c.Answer)
						}
					}
				}
			}
		}
	}
	if questions < 1000 {
		t.Errorf("only %d questions", questions)
	}
	t.Logf("%d screens", questions)
}

func buttons(n int, label string) (rows [][]bot.Button) {
	for i := range n {
		rows = append(rows, []bot.Button{{Label: fmt.Sprint(label, i), Data: fmt.Sprintf("answer:1.%d", i)}})
	}
	return append(rows, []bot.Button{{Label: "‹ Atgal", Data: "back:1"}, {Label: "Praleisti", Data: "skip:1"}, {Label: "Kodėl klausiate?", Data: "why:1"}},
		[]bot.Button{{Label: "☎ Numeriai", Data: "numbers"}, {Label: "✕ Išeiti", Data: "exit"}})
}

// list is how the choices of buttons stand in the text.
func list(n int, label string) (text string) {
	for i := range n {
		text += fmt.Sprintf("\n%d. %s%d", i+1, label, i)
	}
	return text
}

func TestButtonsGiveWayInOrderAndLongOnesBecomeNumbers(t *testing.T) {
	line := func(rows [][]bot.Button) (string, string) {
		text, replies := layout(bot.Message{Text: "**Klausimas**", Buttons: rows}, true)
		var titles []string
		for _, r := range replies {
			titles = append(titles, r.Title)
		}
		return text, strings.Join(titles, "|")
	}
	for _, c := range []struct {
		name, text, titles string
		rows               [][]bot.Button
	}{
		{"few", "Klausimas", "A0|A1|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(2, "A")},
		{"many", "Klausimas\n\n✎ Praleisti · Kodėl klausiate?", "A0|A1|A2|A3|A4|A5|A6|A7|A8|A9|‹ Atgal|☎ Numeriai|✕ Išeiti", buttons(10, "A")},
		{"eleven", "Klausimas\n\n✎ Atgal · Praleisti · Kodėl klausiate?", "A0|A1|A2|A3|A4|A5|A6|A7|A8|A9|A10|☎ Numeriai|✕ Išeiti", buttons(11, "A")},
		{"twelve", "Klausimas\n" + list(12, "A") + "\n\n✎ 12 · Atgal · Praleisti · Kodėl klausiate?", "A0|A1|A2|A3|A4|A5|A6|A7|A8|A9|A10|☎ Numeriai|✕ Išeiti", buttons(12, "A")},
		{"thirteen", "Klausimas\n" + list(13, "A") + "\n\n✎ 12 · 13 · Atgal · Praleisti · Kodėl klausiate?", "A0|A1|A2|A3|A4|A5|A6|A7|A8|A9|A10|☎ Numeriai|✕ Išeiti", buttons(13, "A")},
		{"fourteen long", "Klausimas\n" + list(14, "Ilgas ilgas atsakymas ") + "\n\n✎ 12 · 13 · 14 · Atgal · Praleisti · Kodėl klausiate?", "1|2|3|4|5|6|7|8|9|10|11|☎ Numeriai|✕ Išeiti", buttons(14, "Ilgas ilgas atsakymas ")},
		{"many ticks", "Klausimas\n" + list(11, "☐ Ilgas ilgas atsakymas ") + "\n12. Nieko iš šių\n13. Nežinau\n\n✎ 10 · 11 · 13 · Praleisti",
			"☐ 1|☐ 2|☐ 3|☐ 4|☐ 5|☐ 6|☐ 7|☐ 8|☐ 9|12|Toliau|☎ Numeriai|✕ Išeiti", append(buttons(11, "☐ Ilgas ilgas atsakymas ")[:11], []bot.Button{
				{Label: "Nieko iš šių", Data: "answer:1.11"}, {Label: "Nežinau", Data: "answer:1.12"}, {Label: "Toliau", Data: "next:1"}, {Label: "Praleisti", Data: "skip:1"},
				{Label: "☎ Numeriai", Data: "numbers"}, {Label: "✕ Išeiti", Data: "exit"}})},
		{"a human where there are no numbers", "Klausimas\n" + list(13, "A") + "\n\n✎ 12 · 13", "A0|A1|A2|A3|A4|A5|A6|A7|A8|A9|A10|☎ Žmogus|✕ Išeiti", append(buttons(13, "A")[:13], []bot.Button{
			{Label: "☎ Žmogus", Data: "human"}, {Label: "✕ Išeiti", Data: "exit"}})},
		{"long", "Klausimas\n\n1. Ilgas ilgas atsakymas 0\n2. Ilgas ilgas atsakymas 1", "1|2|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(2, "Ilgas ilgas atsakymas ")},
		{"ticks", "Klausimas\n\n1. ☑ Ilgas ilgas atsakymas\n2. Nieko iš šių", "☑ 1|2|Toliau|✕ Išeiti", [][]bot.Button{
			{{Label: "☑ Ilgas ilgas atsakymas", Data: "answer:1.0"}, {Label: "Nieko iš šių", Data: "answer:1.1"}}, {{Label: "✕ Išeiti", Data: "exit"}, {Label: "Toliau", Data: "next:1"}}}},
		{"a long control", "Klausimas", "Pasikalbėti su žmog…|Talk to somebody now", [][]bot.Button{{{Label: "☎ Pasikalbėti su žmogumi", Data: "human"}, {Label: "☎ Talk to somebody now", Data: "help"}}}},
	} {
		text, titles := line(c.rows)
		if text != c.text || titles != c.titles {
			t.Errorf("%s:\n%q\n%s\ninstead of\n%q\n%s", c.name, text, titles, c.text, c.titles)
		}
	}
}

func TestShortFormsAreTheButtonsAndTheWholeLabelsStandInTheText(t *testing.T) {
	const long = "Ilgas ilgas atsakymas "
	short := func(n int) (out []bot.Button) {
		for i := range n {
			out = append(out, bot.Button{Label: fmt.Sprint("Trumpas ", i), Data: fmt.Sprintf("answer:1.%d", i)})
		}
		return out
	}
	few := buttons(2, "A")
	few[1][0].Label = long + "1"
	for _, c := range []struct {
		name, text, titles string
		rows               [][]bot.Button
		short              []bot.Button
	}{
		{"all are long", "Klausimas\n" + list(3, long), "Trumpas 0|Trumpas 1|Trumpas 2|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(3, long), short(3)},
		{"one is long", "Klausimas\n\n1. A0\n2. " + long + "1", "A0|Trumpas 1|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", few, short(2)[1:]},
		{"one has none", "Klausimas\n" + list(3, long), "1|2|3|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(3, long), short(2)},
		{"one is too long itself", "Klausimas\n" + list(1, long), "1|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(1, long),
			[]bot.Button{{Label: strings.Repeat("ą", MaxTitle+1), Data: "answer:1.0"}}},
		{"as many as find room", "Klausimas\n" + list(content.MaxShort, long) + "\n\n✎ Atgal · Praleisti · Kodėl klausiate?",
			"Trumpas 0|Trumpas 1|Trumpas 2|Trumpas 3|Trumpas 4|Trumpas 5|Trumpas 6|Trumpas 7|Trumpas 8|Trumpas 9|Trumpas 10|☎ Numeriai|✕ Išeiti", buttons(content.MaxShort, long), short(content.MaxShort)},
		{"one more", "Klausimas\n" + list(content.MaxShort+1, long) + "\n\n✎ 12 · Atgal · Praleisti · Kodėl klausiate?", "1|2|3|4|5|6|7|8|9|10|11|☎ Numeriai|✕ Išeiti",
			buttons(content.MaxShort+1, long), short(content.MaxShort + 1)},
		{"all fit", "Klausimas", "A0|A1|‹ Atgal|Praleisti|Kodėl klausiate?|☎ Numeriai|✕ Išeiti", buttons(2, "A"), short(2)},
	} {
		text, replies := layout(bot.Message{Text: "**Klausimas**", Buttons: c.rows, Short: c.short}, true)
		var titles []string
		for i, r := range replies {
			titles = append(titles, r.Title)
			if data := fmt.Sprintf("answer:1.%d", i); strings.HasPrefix(r.Payload, "answer") && r.Payload != data {
				t.Errorf("%s: %q answers %s", c.name, r.Title, r.Payload)
			}
		}
		if got := strings.Join(titles, "|"); text != c.text || got != c.titles {
			t.Errorf("%s:\n%q\n%s\ninstead of\n%q\n%s", c.name, text, got, c.text, c.titles)
		}
	}
}

func TestALongTextIsCutWhereItMayBe(t *testing.T) {
	for name, s := range map[string]string{
		"paragraphs": strings.Repeat("Žodis žodis žodis.\n\n", 300), "one line": strings.Repeat("ąčęėįšųūž ", 900), "no spaces": strings.Repeat("ą", 5000),
		"emoji": strings.Repeat("👨‍👩‍👧‍👦", 900), "marks": strings.Repeat("e\u0301\u0323", 3000), "only marks": strings.Repeat("\u0301", 4100), "sentences": strings.Repeat("Aš esu. Tu esi! Ar jis? ", 200), "burmese": strings.Repeat("အလုပ်ကမ်းလှမ်းမှု", 300),
	} {
		parts := split(s, MaxText, "")
		join := strings.Join(parts, "")
		if got, want := strings.Join(strings.Fields(join), ""), strings.Join(strings.Fields(s), ""); got != want {
			t.Errorf("%s: something was lost", name)
		}
		for i, p := range parts {
			if length(p) > MaxText || length(p) == 0 || !utf8.ValidString(p) {
				t.Errorf("%s: a part of %d", name, length(p))
			}
			if r, _ := utf8.DecodeRuneInString(p); i > 0 && name != "only marks" && (r == '\u0301' || r == '\u0323' || r == '\u200d') {
				t.Errorf("%s: a part begins with %U", name, r)
			}
			if name == "sentences" && i < len(parts)-1 && !strings.ContainsAny(p[len(p)-1:], ".!?") {
				t.Errorf("cut inside a sentence: %q", p[len(p)-20:])
			}
		}
	}
	parts := split("Lygis\n\n"+strings.Repeat("Sakinys apie pasiūlymą. ", 120)+"\n\nPagalba: +370 616 91119", MaxText, "☎ +370 616 91119")
	if len(parts) != 2 || !strings.HasSuffix(parts[0], "\n\n☎ +370 616 91119") || length(parts[0]) > MaxText {
		t.Errorf("%d parts, the first ends with %q", len(parts), parts[0][len(parts[0])-40:])
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Labas. +370 616", 10)
	f.Add("👨‍👩‍👧‍👦", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit = limit%3000 + 30; limit < 30 {
			limit = 30
		}
		s = strings.ToValidUTF8(s, "?")
		for _, p := range split(s, limit, "☎ +370 616 91119") {
			if length(p) > limit || !utf8.ValidString(p) {
				t.Errorf("a part of %d with a limit of %d", length(p), limit)
			}
		}
	})
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	type want struct{ drop, gone, wait bool }
	for _, c := range []struct {
		status int
		body   string
		want   want
	}{
		{400, `{"error":{"message":"(#4) Application request limit reached","type":"OAuthException","code":4,"fbtrace_id":"A"}}`, want{wait: true}},
		{400, `{"error":{"message":"(#32) Page request limit reached","type":"OAuthException","code":32}}`, want{wait: true}},
		{400, `{"error":{"message":"(#613) Calls to this api have exceeded the rate limit.","type":"OAuthException","code":613}}`, want{wait: true}},
		{400, `{"error":{"message":"(#80006)","type":"OAuthException","code":80006,"error_subcode":2446079}}`, want{wait: true}},
		{429, `too many`, want{wait: true}},
		{400, `{"error":{"message":"(#551) This person isn't available right now.","type":"OAuthException","code":551,"error_subcode":1545041}}`, want{}},
		{400, `{"error":{"message":"(#10)","type":"OAuthException","code":10,"error_subcode":2018108}}`, want{}},
		{400, `{"error":{"message":"(#100) No matching user found","type":"OAuthException","code":100,"error_subcode":2018001}}`, want{}},
		{403, `{"error":{"message":"(#10) This message is sent outside of allowed window.","type":"OAuthException","code":10,"error_subcode":2018278}}`, want{drop: true}},
		{400, `{"error":{"message":"(#100) Param message[text] must be ...","type":"OAuthException","code":100}}`, want{drop: true}},
		{401, `{"error":{"message":"Error validating access token: SECRET","type":"OAuthException","code":190,"error_subcode":463}}`, want{wait: true}},
		{403, `{"error":{"message":"(#10) Application does not have permission for this action","type":"OAuthException","code":10}}`, want{wait: true}},
		{403, `{"error":{"message":"(#200) Requires pages_messaging","type":"OAuthException","code":200}}`, want{wait: true}},
		{500, `{"error":{"message":"An unknown error has occurred.","type":"OAuthException","code":1}}`, want{}},
		{400, `{"error":{"message":"Temporary","type":"OAuthException","code":2,"is_transient":true}}`, want{}},
		{400, `{"error":{"message":"(#-3) Internal error","type":"OAuthException","code":-3}}`, want{}},
		{400, `{"error":{"message":"(#1200) Temporary send message failure.","type":"OAuthException","code":1200}}`, want{}},
		{500, `<html>Sorry, something went wrong.</html>`, want{}},
		{403, `<html>Blocked</html>`, want{}},
		{200, `<html>A portal</html>`, want{}},
		{302, ``, want{}},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		g := newGraph(srv.URL, "v25.0", "SECRET")
		err := meaning(g.call(context.Background(), "POST", "me/messages", outgoing{}, nil))
		var de *bot.DeliveryError
		if !errors.As(err, &de) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
			srv.Close()
			continue
		}
		if got := (want{de.Drop, de.Gone, de.RetryAfter > 0}); got != c.want {
			t.Errorf("%d %s: %+v", c.status, c.body, got)
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the token stands in %v", err)
		}
		srv.Close()
	}
	g := newGraph("http://127.0.0.1:1", "v25.0", "SECRET")
	for _, path := range []string{"me/messages", "24000000000000001?fields=locale"} {
		if err := g.call(context.Background(), "GET", path, nil, nil); err == nil || strings.Contains(err.Error(), "127.0.0.1:1/v") || strings.Contains(err.Error(), "24000") {
			t.Errorf("%v", err)
		}
	}
}

func TestALimitOfThePageHoldsForEverybody(t *testing.T) {
	calls, minutes := 0, 3
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if minutes > 0 {
			w.Header().Set("X-Business-Use-Case-Usage", fmt.Sprintf(`{"1":[{"type":"messenger","call_count":100,"estimated_time_to_regain_access":%d}]}`, minutes))
		}
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":{"code":80006}}`)
	}))
	defer srv.Close()
	g := newGraph(srv.URL, "v25.0", "t")
	for range 5 {
		var de *bot.DeliveryError
		if err := meaning(g.call(context.Background(), "POST", "me/messages", outgoing{}, nil)); !errors.As(err, &de) || de.RetryAfter < 2*time.Minute || de.RetryAfter > 3*time.Minute {
			t.Errorf("%v", err)
		}
	}
	if calls != 1 {
		t.Errorf("%d calls while the page had no access", calls)
	}
	minutes = 0
	last := time.Duration(0)
	for range 4 {
		g.until.Store(0)
		var r *refusal
		if err := g.call(context.Background(), "POST", "me/messages", outgoing{}, nil); !errors.As(err, &r) || r.Wait <= last {
			t.Errorf("%v waits %v after %v", err, r.Wait, last)
		}
		last = r.Wait
	}
}

func TestAPartThatHasArrivedIsNotSentAgain(t *testing.T) {
	var got []int
	fail := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, int(r.ContentLength))
		if len(got) == 2 && fail {
			w.WriteHeader(500)
			return
		}
		fmt.Fprint(w, `{"recipient_id":"1","message_id":"m_1"}`)
	}))
	defer srv.Close()
	ring, _ := seal.New(seal.NewKey(), 4)
	m := New(Settings{Token: "t", API: srv.URL, Version: "v25.0"}, engine.New(librarytest.Own(t), nil, ring), zap.NewNop())
	msg := bot.Message{To: bot.Address{Channel: Name, ID: "1"}, Text: strings.Repeat("Sakinys. ", 500)}
	if _, err := m.Deliver(context.Background(), msg); err == nil {
		t.Error("no error")
	}
	if _, err := m.Deliver(context.Background(), msg); err != nil || len(got) != 4 || got[1] != got[2] {
		t.Errorf("%v, parts of %v", err, got)
	}
	if _, err := m.Deliver(context.Background(), msg); err != nil || len(got) != 7 {
		t.Errorf("the same text later is a new message: %v, %v", err, got)
	}
	var de *bot.DeliveryError
	msg.Until = time.Now().Add(-time.Second).Unix()
	if _, err := m.Deliver(context.Background(), msg); !errors.As(err, &de) || !de.Drop || len(got) != 7 {
		t.Errorf("after the day is over: %v, %v", err, got)
	}
}

func TestLanguagesAreNamedAsTheNetworkDoes(t *testing.T) {
	for tag, want := range map[string]string{"lt": "lt_LT", "en": "en_US en_GB", "ru": "ru_RU", "uk": "uk_UA", "be": "be_BY", "ar": "ar_AR", "ka": "ka_GE", "hi": "hi_IN", "vi": "vi_VN", "pt-BR": "pt_BR"} {
		if got := strings.Join(locales(tag), " "); got != want {
			t.Errorf("%s: %s instead of %s", tag, got, want)
		}
	}
	p := introduction(librarytest.Own(t), false)
	for _, g := range p.Greetings {
		if length(g.Text) > 160 {
			t.Errorf("the greeting for %s has %d characters", g.Locale, length(g.Text))
		}
	}
	for _, m := range p.Menus {
		for _, i := range m.Items {
			if length(i.Title) > 30 {
				t.Errorf("%q is too long for the menu", i.Title)
			}
		}
	}
}

func TestOnlyPicturesOfTheNetworkItselfArePassedOn(t *testing.T) {
	for address, want := range map[string]bool{
		"https://scontent.xx.fbcdn.net/v/a.jpg?oh=1":  true,
		"https://cdn.fbsbx.com/v/a.jpg":               true,
		"http://scontent.xx.fbcdn.net/a.jpg":          false,
		"https://fbcdn.net.evil.example/a.jpg":        false,
		"https://evilfbcdn.net/a.jpg":                 false,
		"https://scontent.xx.fbcdn.net:8443/a.jpg":    false,
		"https://user@scontent.xx.fbcdn.net/a.jpg":    false,
		"https://127.0.0.1/a.jpg":                     false,
		"https://metadata.google.internal/.fbcdn.net": false,
	} {
		if got := served(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestTheListOfAnswersBeforeTheResultHasAButtonForEach(t *testing.T) {
	l := librarytest.Own(t)
	for i := range l.Catalog.Languages {
		lang := l.Catalog.Languages[i].Tag
		for _, quiz := range l.Book.Quizzes() {
			var s bot.Session
			u := bot.Update{From: bot.Address{Channel: Name, ID: "1"}, Kind: bot.Typed, Text: "/start " + quiz, Locale: lang, At: recorded}
			for range 40 {
				u.ID++
				p := talk.Decide(l, s, u)
				if s = p.Session; s.Stage != bot.Checking {
					if u.Text = "/next"; s.Stage == bot.Asking {
						u.Text = "/skip"
					}
					continue
				}
				text, replies := layout(p.Send[0], false)
				if strings.Contains(text, "\n\n✎ ") || len(replies) > MaxReplies || !strings.HasPrefix(replies[0].Payload, "next:") {
					t.Errorf("%s %s: %d quick replies under\n%s", lang, quiz, len(replies), text)
				}
				break
			}
			if s.Stage != bot.Checking {
				t.Errorf("%s %s: no list of answers", lang, quiz)
			}
		}
	}
}
