package console_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"patikra/bot"
	"patikra/bot/console"
	"patikra/bot/desk"
	"patikra/bot/talk"
)

// speaking lets a person ask in a language, so long ago.
func (s *site) speaking(id, lang string, ago time.Duration) string {
	s.t.Helper()
	for _, text := range []string{"/start", "/human", "human:agree"} {
		kind := bot.Typed
		if text == "human:agree" {
			kind = bot.Pressed
		}
		if _, err := s.bot.Handle(context.Background(), bot.Update{From: person(id), Kind: kind, Text: text, Locale: lang, At: time.Now().Add(-ago)}); err != nil {
			s.t.Fatal(err)
		}
	}
	if !s.case_(id).Active() {
		s.t.Fatalf("there is no case:\n%s", s.people.got(id))
	}
	return s.page(id)
}

func TestTheNextPersonIsGivenByUrgencyLanguageAndWaiting(t *testing.T) {
	s := newSite(t)
	ruta, olena := s.enters("Rūta", ""), s.enters("Olena", "")
	olena.post("/desk/speaks", olena.form("id", "olena", "speaks", "uk", "most", "2"))
	for _, b := range []*browser{ruta, olena} {
		b.get("/desk")
		b.post("/desk/duty", b.form("do", "on"))
	}
	olena.has("Українська")
	ukr := s.speaking("ivan", "uk", 90*time.Second)
	eng := s.speaking("anna", "en", 60*time.Second)
	s.ticks("dora", threatened)
	danger := s.asks2("dora")
	pol := s.speaking("ola", "pl", 30*time.Second) // nobody speaks it: they stand where they would

	ruta.get("/desk")
	ruta.has("šia kalba nekalbate")
	next := func(b *browser) string {
		t.Helper()
		b.get("/desk")
		b.post("/desk/next", b.form("do", "next"))
		return b.path
	}
	if got := next(ruta); got != danger {
		t.Errorf("the first is not who is in danger: %s", got)
	}
	if got := next(ruta); got != eng {
		t.Errorf("the second is not who speaks her language: %s", got)
	}
	if got := next(ruta); got != pol {
		t.Errorf("the third is not whom nobody can talk with: %s", got)
	}
	if got := next(olena); got != ukr {
		t.Errorf("Olena is given %s", got)
	}
	if next(olena); olena.code != 200 || !strings.Contains(olena.body, "Niekas nelaukia") {
		t.Errorf("with nobody left: %d", olena.code)
	}
	one, two := s.speaking("petro", "uk", 2*time.Second), s.speaking("maria", "uk", time.Second)
	if got := next(olena); got != one {
		t.Errorf("then %s", got)
	}
	next(olena)
	olena.has("Jau turite tiek pokalbių")
	olena.act(two, "do", "take") // by her own choice she can
	if s.case_("maria").Name != "Olena" {
		t.Error("she cannot take more by herself")
	}

	// Only a lead writes down somebody else's.
	ruta.get("/desk")
	ruta.post("/desk/speaks", ruta.form("id", "olena", "speaks", "pl", "most", "0"))
	if ruta.code != 403 {
		t.Errorf("a counsellor changed another's languages: %d", ruta.code)
	}
	vera := s.enters("Vera", desk.Lead)
	vera.get("/desk/team")
	vera.post("/desk/speaks", vera.form("id", "olena", "speaks", "pl", "most", "0"))
	vera.has("Polski")
	ruta.get("/desk")
	ruta.has("Polski")
	vera.get("/desk/deeds")
	vera.has("pakeitė kalbas ar krūvį")
}

func TestWhoseLanguageNobodyOnDutySpeaksIsToldWhichAreSpoken(t *testing.T) {
	s := newSite(t)
	told := func(id, words string) {
		t.Helper()
		s.soon(id+" is told", func() bool { return strings.Contains(s.people.got(id), words) })
	}
	s.speaking("ivan", "uk", 0)
	told("ivan", "цими мовами: Lietuvių, English")
	s.speaking("anna", "en", 0)
	told("anna", "Your message waits for")
	if got := s.people.got("anna"); strings.Contains(got, "in these languages") {
		t.Errorf("whose language is spoken was told\n%s", got)
	}
	olena := s.enters("Olena", "")
	olena.post("/desk/speaks", olena.form("id", "olena", "speaks", "uk", "most", "0"))
	olena.get("/desk")
	olena.post("/desk/duty", olena.form("do", "on"))
	time.Sleep(2100 * time.Millisecond) // what a process knows of the accounts may be so old
	s.speaking("petro", "uk", 0)
	told("petro", "чекає на консультантів")
	if got := s.people.got("petro"); strings.Contains(got, "цими мовами") {
		t.Errorf("though Olena speaks it, he was told\n%s", got)
	}
	s.speaking("berta", "en", 0)
	told("berta", "in these languages: Українська")
	// Whoever takes the talk may speak another language than was told before.
	ruta := s.enters("Rūta", "")
	ruta.act(s.page("petro"), "do", "take")
	told("petro", "цими мовами: Lietuvių, English")
	// So may whoever it is passed on to.
	ruta.act(s.page("petro"), "do", "transfer", "to", "console:olena")
	told("petro", "Розмову бере інший консультант")
	if n := strings.Count(s.people.got("petro"), "цими мовами"); n != 1 {
		t.Errorf("though Olena answers him now, he was told of languages %d times", n)
	}
	ruta.act(s.page("anna"), "do", "take")
	ruta.act(s.page("anna"), "do", "transfer", "to", "console:olena")
	told("anna", "in these languages: Українська")
}

func TestTheLanguagesOfAnAccountAreThoseThatHaveTexts(t *testing.T) {
	s := newSite(t)
	s.enters("Rūta", "")
	if err := s.bot.SetWork(context.Background(), "ruta", []string{"xx", "ru", "lt"}, 999, time.Now()); err != nil {
		t.Fatal(err)
	}
	all, err := s.bot.Accounts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if a := all.Find("ruta"); !slices.Equal(a.Speaks, []string{"lt", "ru"}) || a.Most != talk.MostTalks {
		t.Errorf("it has %v and %d", a.Speaks, a.Most)
	}
	if err := s.bot.SetWork(context.Background(), "nobody", nil, 0, time.Now()); !errors.Is(err, desk.ErrNoAccount) {
		t.Errorf("nobody's account: %v", err)
	}
}

func TestWhoLooksAlongAndWhoIsWhisperedToGetTheNews(t *testing.T) {
	s := newSite(t)
	ruta, jura, vera := s.enters("Rūta", ""), s.enters("Jūra", ""), s.enters("Vera", desk.Lead)
	s.ticks("dora", threatened)
	at := s.asks2("dora")
	ruta.act(at, "do", "take")
	jura.act(at, "do", "look")
	before := s.log("dora")
	vera.get(at) // a lead looks in, and nobody is told
	if got := s.log("dora"); got != before {
		t.Errorf("it is noted in the talk:\n%s", strings.TrimPrefix(got, before))
	}

	// What the person writes is news for who holds the talk and who looks along, and for nobody else.
	s.says("dora", "He is coming back at six")
	for _, b := range []*browser{ruta, jura} {
		b.get("/desk")
		b.has("Neskaityta: 1", "He is coming back at six")
	}
	other := s.enters("Jonas", "")
	other.get("/desk")
	other.hasNot("Neskaityta: 1", "He is coming back")
	other.get(s.asks("anna"))
	jura.get(s.page("anna"))
	jura.has("Žiūriu kartu", "He is coming back at six") // beside another talk too
	jura.get(at)
	jura.get("/desk")
	jura.hasNot("Neskaityta: 1")

	// A lead whispers: the colleagues have it as news, the person never.
	ruta.get(at)
	vera.act(at, "do", "note", "note", "Ask whether she can reach the door")
	for _, b := range []*browser{ruta, jura} {
		b.get("/desk")
		b.has("Neskaityta: 1")
	}
	vera.get("/desk")
	vera.hasNot("Neskaityta: 1")
	if got := s.people.got("dora"); strings.Contains(got, "reach the door") {
		t.Errorf("she was shown\n%s", got)
	}
}

func TestALeadFollowsATalkSilentlyAndOnlyTheListOfDeedsKnows(t *testing.T) {
	s := newSite(t)
	ruta, vera, jonas := s.enters("Rūta", ""), s.enters("Vera", desk.Lead), s.enters("Jonas", "")
	at := s.asks("anna") // no emergency
	vera.get(at)
	vera.hasNot(`value="follow"`) // nobody holds it
	ruta.act(at, "do", "take")
	before, told := s.log("anna"), s.people.got("anna")
	if jonas.act(at, "do", "follow"); jonas.code != 403 {
		t.Errorf("a colleague follows a talk: %d", jonas.code)
	}
	vera.act(at, "do", "follow")
	vera.has(`value="unfollow"`)
	s.says("anna", "He wants my passport first")
	for _, b := range []*browser{ruta, vera} {
		b.get("/desk")
		b.has("Neskaityta: 1", "He wants my passport first")
	}
	jonas.get("/desk")
	jonas.hasNot("Neskaityta: 1", "He wants my passport first")
	ruta.get(at)
	ruta.hasNot("Vera")
	if got := s.log("anna"); strings.Contains(strings.TrimPrefix(got, before), "Vera") || s.people.got("anna") != told {
		t.Errorf("somebody in the talk is told:\n%s", got)
	}
	vera.get("/desk/deeds")
	vera.has("pradėjo tyliai sekti pokalbį")
	vera.act(at, "do", "unfollow")
	s.says("anna", "Are you there?")
	vera.get("/desk")
	vera.hasNot("Are you there?")

	// A later talk of the same person is another.
	vera.act(at, "do", "follow")
	ruta.act(at, "do", "close", "outcome", "unclear", "referred", "nobody")
	if _, err := s.bot.Handle(context.Background(), bot.Update{From: person("anna"), Kind: bot.Forgotten, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	ruta.act(s.asks("anna"), "do", "take")
	s.says("anna", "Somebody else now")
	vera.get("/desk")
	vera.hasNot("Somebody else now")
}

// late is a translator that never answers in time.
type late struct{ asked atomic.Int64 }

func (l *late) Translate(ctx context.Context, _, _, _ string) (string, error) {
	l.asked.Add(1)
	<-ctx.Done()
	return "", ctx.Err()
}

func TestATalkWaitsForNoTranslator(t *testing.T) {
	by := &late{}
	s := newSite(t, func(set *console.Settings) { set.Translator = by })
	ruta := s.enters("Rūta", "")
	at := s.asks("anna")
	for _, words := range []string{"One", "Two", "Three"} {
		s.says("anna", words)
	}
	ruta.get(at)
	ruta.has("One", "Two", "Three")
	asked := by.asked.Load()
	ruta.get(at)
	ruta.has("Three")
	if asked == 0 || by.asked.Load() != asked {
		t.Errorf("asked %d times, then %d", asked, by.asked.Load())
	}
}
