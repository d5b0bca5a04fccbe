package story_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/library"
	"patikra/bot/story"
)

func TestEveryStoryIsTold(t *testing.T) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	stories, err := story.Load(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	if len(stories) < 40 {
		t.Errorf("there are %d stories, fewer than 40", len(stories))
	}
	languages, ends := map[string]int{}, map[string]bool{}
	for _, s := range stories {
		t.Run(strings.TrimSuffix(s.File[strings.LastIndex(s.File, "/")+1:], ".txt"), func(t *testing.T) {
			if err := s.Play(lib); err != nil {
				t.Error(err)
			}
		})
		languages[s.Language]++
		ends[s.Language+" "+s.End()] = true
	}
	for _, lang := range []string{"lt", "en"} {
		for _, o := range []string{"low", "unknown", "concern", "high", "emergency", "young"} {
			if !ends[lang+" "+o] {
				t.Errorf("no story in %s ends at %s", lang, o)
			}
		}
	}
}

func TestAStoryThatDoesNotHoldNamesTheLine(t *testing.T) {
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"# t\nlanguage: en\n> /start\nGoodbye", "x.txt:4: after \"/start\" there should be"},
		{"# t\nlanguage: en\n> /start\n[Begin] [Begin it]", "x.txt:4:"},
		{"# t\nlanguage: en\n> /start\n= low", "x.txt:4: there is no result yet"},
		{"# t\nlanguage: en\n> /start\n> 1\n> 1\n> 1\n> 1\n= high", `x.txt:8: the result should be "high" but is "emergency"`},
		{"# t\nlanguage: en\n> /start\n> 1\n> 1\n> 1\n> 1\n= emergency: fee", `x.txt:8: "fee" should be a reason`},
	} {
		stories, err := story.Load(fstest.MapFS{"flows/stories/x.txt": {Data: []byte(c.text)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := stories[0].Play(lib); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.text, err, c.want)
		}
	}
	for _, text := range []string{"", "# only a title\n", "words before anybody spoke\n> /start", "# t\n>> /start"} {
		if _, err := story.Load(fstest.MapFS{"flows/stories/x.txt": {Data: []byte(text)}}); err == nil {
			t.Errorf("%q should not load", text)
		}
	}
}
