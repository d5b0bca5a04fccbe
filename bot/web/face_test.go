package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"patikra/bot"
	"patikra/bot/talk"
	"patikra/bot/web"
)

func TestTheStartPageHasADoorForEachQuizAndTellsWhoIsBehindIt(t *testing.T) {
	s := newSite(t)
	for _, lang := range []string{"lt", "en", "pl", "ru", "uk", "lt-easy"} {
		ways := talk.Ways(s.bot.Library(), lang)
		if len(ways) < 5 {
			t.Fatalf("%s: %d ways", lang, len(ways))
		}
		for i, way := range ways {
			b := s.visit(t)
			b.get("/" + lang + "/")
			if !strings.Contains(b.body, way.Name) || !strings.Contains(b.body, s.bot.Library().Catalog.Site.Name) {
				t.Fatalf("%s: %s is not there:\n%s", lang, way.Name, b.body)
			}
			if i == 0 {
				b.press("next")
			} else {
				b.press("menu:" + way.Quiz)
			}
			if b.code != 200 || b.screen() == "start" {
				t.Fatalf("%s, %s: %d\n%s", lang, way.Quiz, b.code, b.body)
			}
			if way.Quiz == "at-work" || way.Quiz == "someone-else" {
				if !strings.Contains(b.body, "Shift") {
					t.Errorf("%s: nothing says what the way out does:\n%s", lang, b.body)
				}
				b.press("next")
				if b.screen() != "question" || b.s.quizOf(t, b) != way.Quiz {
					t.Errorf("%s: %s begins %s", lang, way.Quiz, b.s.quizOf(t, b))
				}
			}
		}
	}
}

// quizOf is what the browser's session answers.
func (s *site) quizOf(t testing.TB, b *browser) string {
	t.Helper()
	req, _ := http.NewRequest("GET", s.url+"/", nil)
	for _, c := range b.client.Jar.Cookies(req.URL) {
		if c.Name == "s" {
			session, err := s.bot.Session(t.Context(), address(c.Value))
			if err != nil {
				t.Fatal(err)
			}
			return session.Quiz
		}
	}
	t.Fatal("no session")
	return ""
}

func TestADoorAsksBeforeAnswersAreLost(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	b.press("18 or over")
	b.get("/en/")
	b.press("menu:at-work")
	if !strings.Contains(b.body, "next:") || s.quizOf(t, b) != "job-offer" {
		t.Errorf("the answers of the first quiz are gone:\n%s", b.body)
	}
	b.press("I already work")
	b.press("next")
	if s.quizOf(t, b) != "at-work" {
		t.Errorf("the other quiz does not begin:\n%s", b.body)
	}
}

func TestTheBrowsersBackLeadsToTheQuestionBeforeAndKeepsTheAnswer(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	b.begin("en")
	first := b.path
	b.press("18 or over")
	second := b.path
	if first == second || !strings.Contains(b.body, "2/13") {
		t.Fatalf("%s, then %s", first, second)
	}
	b.press("next", "None of these")
	third := b.path
	b.press("numbers")
	aside := b.path
	if aside == third {
		t.Error("the numbers have the question's address")
	}
	for _, back := range []struct{ to, shows string }{{third, "3/13"}, {second, "2/13"}, {first, "1/13"}} {
		if b.get(back.to); !strings.Contains(b.body, back.shows) {
			t.Fatalf("back to %s:\n%s", back.to, b.body)
		}
	}
	if !strings.Contains(b.body, "✓ 18 or over") {
		t.Errorf("the answer is not marked:\n%s", b.body)
	}
	b.press("✓ 18 or over")
	if got := b.ticked(); len(got) != 1 || got[0] != "None of these" {
		t.Errorf("what was ticked later: %v", got)
	}
	if b.get(third); !strings.Contains(b.body, "2/13") {
		t.Errorf("an address that lies ahead moves the quiz:\n%s", b.body)
	}
	req, _ := http.NewRequest("GET", s.url+first, nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if b.do(req); !strings.Contains(b.body, "2/13") {
		t.Errorf("another site moves the quiz:\n%s", b.body)
	}
	back := regexp.MustCompile(`<a class="back" href="([^"]+)"`).FindStringSubmatch(b.body)
	if back == nil {
		t.Fatalf("no way back on top:\n%s", b.body)
	}
	if b.get(back[1]); !strings.Contains(b.body, "1/13") {
		t.Errorf("the way back on top:\n%s", b.body)
	}
}

func TestEachPageHasATitleAndAMistakeLeadsToItsField(t *testing.T) {
	s := newSite(t)
	b := s.visit(t)
	titles := map[string]bool{}
	note := func() {
		t.Helper()
		m := regexp.MustCompile(`<title>([^<]+)</title>`).FindStringSubmatch(b.body)
		if m == nil || titles[m[1]] {
			t.Errorf("the title %v is there already", m)
			return
		}
		titles[m[1]] = true
	}
	b.get("/en/")
	note()
	b.press("next")
	note()
	b.press("next")
	note()
	b.press("18 or over")
	note()
	b.press("next")
	if !strings.Contains(b.body, `role="alert"><a href="#first">`) || !strings.Contains(b.body, ` id="first"`) {
		t.Errorf("nothing ticked:\n%s", b.body)
	}
	if note(); !strings.Contains(b.body, `<p class="note" id="note"`) || !regexp.MustCompile(`<div class="answers"[^>]* aria-describedby="note`).MatchString(b.body) {
		t.Errorf("the field does not say what is wrong with it:\n%s", b.body)
	}
	b.press("numbers")
	note()
	b.get("/en/nowhere")
	note()
}

func address(id string) bot.Address { return bot.Address{Channel: web.Name, ID: id} }
