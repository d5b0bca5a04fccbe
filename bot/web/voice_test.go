package web_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/chromedp/chromedp"

	"patikra/bot/library"
)

func TestABrowserPlaysTheVoiceOfAQuestion(t *testing.T) {
	voice, err := os.ReadFile("../testdata/recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"content/lt/audio/job-offer/age.ogg": {Data: voice}}
	for _, top := range []string{"flows", "content"} {
		err := fs.WalkDir(library.BuiltIn(), top, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(library.BuiltIn(), name)
			files[name] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	lib, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	s.bot.Publish(lib)
	b := chromium(t, s)
	b.do(chromedp.EmulateViewport(360, 800))
	b.open("/lt/")
	b.click("button.main")
	b.click(`button[value^="next"]`)
	if got := eval[float64](b, `new Promise(done => { const a = document.querySelector("audio"); if (!a) { done(-1); return; }
		a.onerror = () => done(-2); a.onloadedmetadata = () => done(a.duration); a.preload = "auto"; a.load(); })`); got < 7.5 || got > 8.5 {
		t.Errorf("the browser hears %v s", got)
	}
	if wide := eval[bool](b, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the player is wider than the page")
	}
	b.check("voice")
}
