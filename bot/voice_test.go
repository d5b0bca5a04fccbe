package bot_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot"
	"patikra/bot/engine"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// spokenAloud is the built-in files with the first question of the offer recorded.
func spokenAloud(t testing.TB) fstest.MapFS {
	t.Helper()
	data, err := os.ReadFile("testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	files := copyOf(t)
	files["content/lt/audio/job-offer/age.ogg"] = &fstest.MapFile{Data: data, Mode: 0o644}
	return files
}

func TestAQuestionThatIsRecordedCanBeListenedTo(t *testing.T) {
	l, err := library.Open(spokenAloud(t))
	if err != nil {
		t.Fatal(err)
	}
	name := l.Catalog.Language("lt").Recording("job-offer", "age").Name()
	listen := func(p *visitor) string {
		for _, b := range p.buttons {
			if strings.Contains(b.Label, "Klausyti") || strings.Contains(b.Label, "Listen") {
				return b.Data
			}
		}
		return ""
	}
	p := arrive(t, l, "lt")
	p.toQuestion()
	before, data := p.text, listen(p)
	if data == "" || !strings.HasPrefix(data, "why:") {
		t.Fatalf("the button is %q under %q", data, p.text)
	}
	for _, how := range []func(*visitor) bot.Plan{
		func(p *visitor) bot.Plan { return p.press(data) },
		func(p *visitor) bot.Plan { return p.say("klausyti") },
		func(p *visitor) bot.Plan { return p.say("/listen") },
		func(p *visitor) bot.Plan { return p.say("♪ Klausyti") },
	} {
		plan := how(p.copy())
		if len(plan.Send) != 2 || plan.Send[0].Media != (bot.Media{Net: bot.Recorded, Kind: "voice", File: name}) || !plan.Send[0].Track || plan.Send[0].Screen {
			t.Fatalf("what is sent is %+v", plan.Send)
		}
		if again := plan.Send[1]; again.Text != before || !again.Screen || again.Edit != 0 {
			t.Errorf("below the voice there is %+v", again)
		}
		if plan.Session.At != p.s.At || len(plan.Session.Given) != 0 {
			t.Error("listening moves the quiz on")
		}
	}
	if page := talk.Draw(l, p.s, "lt"); page.Voice != name || strings.Contains(page.Text, "Klausyti") {
		t.Errorf("the page plays %q", page.Voice)
	}
	for _, b := range talk.Draw(l, p.s, "lt").Buttons {
		if talk.Listens(b.Data) {
			t.Error("the page has a button beside its player")
		}
	}
	p.press(p.first("why"))
	if listen(p) == "" {
		t.Error("the question with its reason cannot be listened to")
	}
	p.press(p.answers()[2].Data)
	if p.text == before || listen(p) != "" {
		t.Errorf("a question that nobody recorded can be listened to: %q", p.text)
	}
	if plan := p.say("klausyti"); len(plan.Send) != 1 || plan.Send[0].Media.Kind != "" || !plan.Send[0].Screen {
		t.Errorf("asked for what nobody recorded, it sends %+v", plan.Send)
	}
	en := arrive(t, l, "en")
	en.toQuestion()
	if listen(en) != "" || talk.Draw(l, en.s, "en").Voice != "" {
		t.Error("English plays the Lithuanian voice")
	}
}

func TestAVoiceThatBelongsToNoStepIsNamed(t *testing.T) {
	for file, want := range map[string]string{
		"content/lt/audio/job-offer/dangr.ogg": `the quiz job-offer has no step "dangr" that could be listened to`,
		"content/lt/audio/job/danger.ogg":      `there is no quiz "job" that could be listened to`,
	} {
		files := spokenAloud(t)
		files[file] = files["content/lt/audio/job-offer/age.ogg"]
		if _, err := library.Open(files); err == nil || !strings.Contains(err.Error(), file+":1: "+want) {
			t.Errorf("staff read %v, not %q", err, want)
		}
	}
}

func TestABookIsKeptWithItsVoices(t *testing.T) {
	packed, err := engine.Pack(spokenAloud(t))
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	l, err := library.Open(files)
	if err != nil || l.Catalog.Language("lt").Recording("job-offer", "age") == nil {
		t.Errorf("the book came back without the voice: %v", err)
	}
}

func TestAnEasyVariantPlaysOnlyWhatItAlsoSays(t *testing.T) {
	files := staff(t)
	data := spokenAloud(t)["content/lt/audio/job-offer/age.ogg"]
	files["content/lt/audio/job-offer/age.ogg"], files["content/lt/audio/young/happened.ogg"] = data, data
	l, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	easy := l.Catalog.Language("lt-easy")
	if easy.Recording("job-offer", "age") != nil {
		t.Error("the easy question is read in the usual words")
	}
	if r := easy.Recording("young", "happened"); r == nil || l.Catalog.Recorded(r.Name()) != r {
		t.Error("the borrowed question cannot be listened to")
	}
}
