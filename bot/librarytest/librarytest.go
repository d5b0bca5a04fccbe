// Package librarytest opens staff's files for the tests of the rooms that show them.
package librarytest

import (
	"io/fs"
	"strings"
	"sync"
	"testing"

	"patikra/bot/library"
	"patikra/content/exchange"
)

var builtIn = sync.OnceValues(func() (*library.Library, error) { return library.Open(library.BuiltIn()) })

// Own are the built-in files, read once for all tests of a package, with settings of the site that a test may change for itself.
func Own(t testing.TB) *library.Library {
	t.Helper()
	all, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	own, catalog := *all, *all.Catalog
	own.Catalog = &catalog
	return &own
}

// WithAnAnswerThatWaits are the built-in files with an answer to how they act, "Liepia įdiegti programėlę", that no language but Lithuanian can
// say yet.
func WithAnAnswerThatWaits(t testing.TB) *library.Library {
	t.Helper()
	files := map[string][]byte{}
	for name, put := range map[string][2]string{
		"flows/quizzes/job-offer.yaml": {"      - { answer: mail, raises: [free-mail] }", "      - { answer: app, raises: [evasive] }\n      - { answer: mail, raises: [free-mail] }"},
		"content/lt/job-offer.yaml":    {"\nmanner:\n", "\nmanner:\n  app: Liepia įdiegti programėlę\n"},
	} {
		data, err := fs.ReadFile(library.BuiltIn(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = []byte(strings.Replace(string(data), put[0], put[1], 1))
	}
	l, err := library.Open(exchange.Over(library.BuiltIn(), files))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
