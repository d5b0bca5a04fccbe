package story_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"patikra/bot/story"
)

func TestAStoryIsReadHoweverAnEditorSavesIt(t *testing.T) {
	const text = "# Labas\n> /start\nSveiki\n"
	for name, data := range map[string]string{"a byte order mark": "\ufeff" + text, "Windows": strings.ReplaceAll(text, "\n", "\r\n"), "an old Mac": strings.ReplaceAll(text, "\n", "\r")} {
		stories, err := story.Load(fstest.MapFS{"flows/stories/x.txt": {Data: []byte(data)}, "flows/stories/.#x.txt": {Data: []byte("\xff")}})
		if err != nil || len(stories) != 1 || stories[0].Title != "Labas" {
			t.Errorf("%s: %v %v", name, stories, err)
		}
	}
	_, err := story.Load(fstest.MapFS{"flows/stories/x.txt": {Data: []byte("# Labas\n> Ma\xfeiau\n")}})
	if err == nil || !strings.HasPrefix(err.Error(), "flows/stories/x.txt:2: the file is not written in UTF-8: it reads as Windows-1257, of a Baltic Windows;") {
		t.Errorf("%v", err)
	}
}
