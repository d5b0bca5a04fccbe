package bot_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/bot/talk"
)

// letters are what a text of a language has and the others' have not.
var letters = map[string]*regexp.Regexp{"lt": regexp.MustCompile(`[ąčęėįšųūž]|\bJuo\b|\baviz`), "ru": regexp.MustCompile(`\p{Cyrillic}`), "uk": regexp.MustCompile(`\p{Cyrillic}`)}

// inEachLanguage says what is wrong with a line of a fixed text: in each language it reads otherwise, in that language's letters.
func inEachLanguage(lib *library.Library, l *bot.Line) string {
	seen := map[string]string{}
	for _, lang := range lib.Catalog.Spoken() {
		text := l.In(lang.Tag)
		if other := seen[text]; other != "" {
			return fmt.Sprintf("%s and %s read the same: %q", other, lang.Tag, text)
		}
		if own := letters[lang.Tag]; own != nil && lang.Tag != "lt" && !own.MatchString(text) || lang.Tag == "en" && letters["ru"].MatchString(text) {
			return fmt.Sprintf("%s reads %q", lang.Tag, text)
		}
		seen[text] = lang.Tag
	}
	return ""
}

func TestWhatSomebodyWroteStaysAsItIsAndFixedTextIsTheReaders(t *testing.T) {
	lib := builtIn(t)
	k := newTalk(t)
	p := k.does(bot.Update{Kind: bot.Typed, Text: "Taken: Rūta", At: talkBegan, Desk: bot.Desk{On: true}})
	if len(p.Log) != 1 || p.Log[0].Fixed() || p.Log[0].In("ru") != "Taken: Rūta" {
		t.Errorf("%+v", p.Log)
	}
	p = k.does(bot.Update{Kind: bot.Attached, Media: bot.Media{Net: "telegram", Kind: "photo", Fetch: "x", Caption: "vaza"}, At: talkBegan, Desk: bot.Desk{On: true, Files: true, Photos: true, Group: true}})
	if len(p.Log) != 1 || p.Log[0].Kind != "photo" || p.Log[0].In("en") != "[photo] vaza" || p.Log[0].In("ru") != "[фото] vaza" {
		t.Fatalf("%+v", p.Log)
	}
	if why := inEachLanguage(lib, &p.Log[0]); !strings.Contains(why, "read the same") && why != "" { // lt and pl may have one word
		t.Error(why)
	}
	var back bot.Line
	if err := back.Decode(p.Log[0].Encode()); err != nil || back.In("ru") != p.Log[0].In("ru") || back.In("xx") != p.Log[0].Text {
		t.Errorf("%v, %+v", err, back)
	}
}

func TestACounsellorReadsWhatCodeWordsMean(t *testing.T) {
	lib := builtIn(t)
	for _, x := range []struct{ word, reader, want string }{
		{"Озеро Мост", "lt", "Ežeras Tiltas"}, {"Озеро Мост", "en", "Lake Bridge"}, {"Озеро Мост", "ru", ""}, {"Дуб Дуб Клен", "en", "Oak Oak Maple"},
		{"Oak Lake", "lt-easy", "Ąžuolas Ežeras"}, {"Oak Nothing", "lt", ""}, {"", "lt", ""}, {"Oak", "xx", ""},
	} {
		if got := talk.Meaning(lib, x.word, x.reader); got != x.want {
			t.Errorf("%q for %s: %q, not %q", x.word, x.reader, got, x.want)
		}
	}
	first := lib.Catalog.Language("lt").List("desk.words")
	for _, lang := range lib.Catalog.Spoken() {
		words := lang.List("desk.words")
		if len(words) != len(first) {
			t.Errorf("%s has %d words, not %d", lang.Tag, len(words), len(first))
		}
		for i, w := range words {
			if meaning := talk.Meaning(lib, w, "lt"); meaning != first[i] && w != first[i] {
				t.Errorf("%s: %q means %q, and stands where %q does", lang.Tag, w, meaning, first[i])
			}
		}
	}
}
