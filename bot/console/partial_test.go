package console_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"patikra/bot"
	"patikra/bot/desk"
)

// away is a store of whose partitions some do not answer, as when one server of several is away.
type away struct {
	bot.Store
	mu   sync.Mutex
	gone []uint16
	all  bool
}

func (a *away) lose(all bool, gone ...uint16) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all, a.gone = all, gone
}

func (a *away) Cases(ctx context.Context) ([]bot.Marked, error) {
	cases, err := a.Store.Cases(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case a.all:
		return nil, &bot.PartialError{Missing: 8, Of: 8, Err: errors.New("refused")}
	case len(a.gone) == 0:
		return cases, nil
	}
	cases = slices.DeleteFunc(cases, func(m bot.Marked) bool { return slices.Contains(a.gone, m.Key.Partition) })
	return cases, &bot.PartialError{Missing: len(a.gone), Of: 8, Err: errors.New("refused")}
}

func TestAQueueOfWhichAPartIsAwaySaysSo(t *testing.T) {
	var store *away
	s := newSiteOver(t, func(inner bot.Store) bot.Store {
		store = &away{Store: inner}
		return store
	})
	ruta := s.enters("Rūta", desk.Counsellor)
	here, there := "100", ""
	for _, id := range []string{"101", "102", "103", "104", "105", "106"} {
		if there == "" && s.bot.Key(person(id)).Partition != s.bot.Key(person(here)).Partition {
			there = id
		}
	}
	s.asks(here)
	s.asks(there)
	says := func(when string, want bool, words ...string) {
		t.Helper()
		ruta.get("/desk")
		if ruta.code != 200 {
			t.Fatalf("%s: %d", when, ruta.code)
		}
		for _, w := range words {
			if strings.Contains(ruta.body, w) != want {
				t.Errorf("%s: %q is there: %v\n%s", when, w, !want, ruta.body)
			}
		}
	}
	lib := s.bot.Library().Catalog
	part := func(lang string) string { return lib.Language(lang).Text("console.partial") }
	none := lib.Language("en").Text("console.waiting-none")
	lang := func(tag string) { ruta.get("/desk"); ruta.post("/desk/language", ruta.form("to", tag)) }
	lang("en")
	says("all is there", true, s.case_(here).Word, s.case_(there).Word)
	says("all is there", false, part("en"))

	store.lose(false, s.bot.Key(person(there)).Partition)
	says("a part is away", true, s.case_(here).Word, part("en"))
	says("a part is away", false, s.case_(there).Word)
	if ruta.get("/desk/folded"); ruta.code != 200 || !strings.Contains(ruta.body, part("en")) {
		t.Errorf("what is put aside: %d, and a part is away", ruta.code)
	}
	for _, tag := range []string{"lt", "pl", "ru", "uk", "en"} {
		lang(tag)
		says(tag, true, part(tag))
	}
	store.lose(false, s.bot.Key(person(here)).Partition, s.bot.Key(person(there)).Partition)
	says("nobody whom the rest knows waits", true, part("en"))
	says("nobody whom the rest knows waits", false, none)

	store.lose(true)
	if ruta.get("/desk"); ruta.code == 200 {
		t.Error("a queue is shown though nothing of it was read")
	}
	store.lose(false)
	says("all is back", true, s.case_(here).Word, s.case_(there).Word)
	says("all is back", false, part("en"))
}
