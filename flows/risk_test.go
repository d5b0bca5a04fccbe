package flows_test

import (
	"io/fs"
	"strings"
	"testing"

	"patikra/flows"
)

// under puts the built-in files below flows/, where Load looks for them.
type under struct{ fs.FS }

func (u under) Open(name string) (fs.File, error) {
	return u.FS.Open(strings.TrimPrefix(name, "flows/"))
}

func book(t *testing.T) *flows.Book {
	t.Helper()
	b, err := flows.Load(under{flows.Files})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheShippedQuizLoads(t *testing.T) {
	b := book(t)
	f := b.Flows["job-offer"]
	if got := f.Ahead(f.Start(), nil); got > 16 {
		t.Errorf("an ordinary offer is asked %d questions, more than 16", got)
	}
}
