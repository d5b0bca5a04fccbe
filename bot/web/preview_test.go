package web_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"go.uber.org/zap"

	"patikra/bot/library"
	"patikra/bot/web"
	"patikra/content/sheet"
)

func TestAPreviewInABrowserFollowsTheFiles(t *testing.T) {
	s := newSite(t)
	shown := web.NewPreview()
	var err error
	secret := func(purpose string) []string { return []string{"secret of " + purpose} }
	if s.web, err = web.New(web.Settings{URL: s.url, Secrets: secret, Preview: shown}, s.bot, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	b := chromium(t, s)
	b.open("/en/")
	b.check("preview start")
	b.click("button.main")
	b.click(`button[value^="next"]`)
	if text := b.text(); !strings.Contains(text, "How old are you?") || !strings.Contains(text, "Preview. Nothing you do here is kept or sent.") {
		t.Fatalf("not the first question of a preview:\n%s", text)
	}
	b.check("preview question")

	files := fstest.MapFS{}
	for _, top := range []string{"flows", "content"} {
		if err := fs.WalkDir(library.BuiltIn(), top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(library.BuiltIn(), path)
			files[path] = &fstest.MapFile{Data: data}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	const texts = "content/en/job-offer.yaml"
	files[texts].Data = []byte(strings.Replace(string(files[texts].Data), "How old are you?", "What is your age?", 1))
	draft, err := library.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	s.bot.Redraft(draft)
	shown.Waits(sheet.Say("waits for translation into %s: %s%s", "pl", sheet.Say("texts that are missing: %d", 1), ""))
	shown.Saved(nil)
	b.until("the new words", func() bool { return strings.Contains(b.text(), "What is your age?") })
	if !strings.Contains(b.text(), "waits for translation into pl") {
		t.Error("what waits for a translation is not said")
	}
	b.check("preview what waits")

	shown.Saved(sheet.Problems{{File: "flows/quizzes/job-offer.yaml", Line: 20, Message: "the quiz has no steps", Remedy: "write at least one step under steps:"},
		{File: "content/en/job-offer.yaml", Message: sheet.Say("the text %q is missing", "age.say"), Remedy: "write it there"}})
	b.until("the mistakes", func() bool { return strings.Contains(b.text(), "job-offer.yaml:20") })
	if !strings.Contains(b.text(), "What is your age?") {
		t.Error("the last good talk is not under the mistakes")
	}
	if !eval[bool](b, `(function(){const r=document.querySelector(".mistakes li").getBoundingClientRect();return document.elementFromPoint(r.x+r.width/2,r.y+r.height/2).closest(".mistakes")!==null})()`) {
		t.Error("the mistakes are hidden")
	}
	b.check("preview mistakes")
	shown.Saved(nil)
	b.until("the end of the mistakes", func() bool { return !strings.Contains(b.text(), "job-offer.yaml:20") })
	b.ordinary()
	if !strings.Contains(b.text(), "2/") {
		t.Errorf("the talk does not go on:\n%s", b.text())
	}
}

func TestPeopleSeeNothingOfAPreview(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.get("/en/")
	if strings.Contains(b.body, "Preview") || strings.Contains(b.body, "preview") {
		t.Error("the page for people speaks of a preview")
	}
	if b.get("/preview"); b.code != 404 {
		t.Errorf("/preview is answered with %d", b.code)
	}
}
