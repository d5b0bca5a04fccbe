package web_test

import (
	"strings"
	"testing"

	"patikra/bot/librarytest"
)

func TestWhoHasAnsweredWhatALanguageCannotSayReadsTheirPagesWholeInTheirOwn(t *testing.T) {
	l := librarytest.WithAnAnswerThatWaits(t)
	s := newSite(t)
	s.bot.Publish(l)
	to := func(lang, question string) *browser {
		b := s.visit(t)
		b.begin(lang)
		for n := 0; !strings.Contains(b.body, question); n++ {
			if n > 30 {
				t.Fatalf("%s: the question does not come:\n%s", lang, b.body)
			}
			b.press(map[string]string{"lt": "Praleisti", "en": "Skip"}[lang])
		}
		return b
	}
	b := to("en", "How do they act")
	if strings.Contains(b.body, "programėlę") || strings.Contains(b.body, "[job-offer") {
		t.Errorf("an answer without English words:\n%s", b.body)
	}
	b.get("/lt/check")
	if !strings.Contains(b.body, "programėlę") {
		t.Errorf("the answer is not on the Lithuanian page:\n%s", b.body)
	}
	b = to("lt", "Kaip jie elgiasi")
	b.press("next", "Liepia įdiegti programėlę")
	b.get("/en/check")
	if !strings.Contains(b.body, `lang="lt"`) || !strings.Contains(b.body, "Praleisti") || strings.Contains(b.body, "Skip") {
		t.Errorf("two languages on a page:\n%s", b.body)
	}
	b.press("Praleisti") // and it goes on
	if !strings.HasPrefix(b.path, "/lt/check") {
		t.Errorf("it goes on at %s", b.path)
	}
}
