package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"sync"

	typed "patikra/bot/read"
	"patikra/content"
	"patikra/content/sheet"
	"patikra/flows"
)

// Library is a book and the texts for it: everything a turn is decided from. It never changes.
type Library struct {
	ID      string // of quizzes and texts; a session keeps the one it began with
	Edition string // of every file, numbers and hours included
	Book    *flows.Book
	Catalog *content.Catalog
	iconed  map[named]string                       // labels that have an icon before them
	modules map[string][]string                    // training modules that a language has, in the order of their menu
	stray   sheet.Problems                         // files that nobody reads
	offered []string                               // quizzes in the order of the menu; the first is the one that a conversation begins with
	earlier map[string]*Library                    // what quizzes under way began with, by ID, with the present numbers
	pocket  func(municipality, lang string) string // the address of a municipality's card; nil where there is no page for it
	certify func(Certificate, string) string       // the address of a certificate in a language; nil where there is no page for it
	reader  *typed.Reader                          // of what people write in their own words
	waits   map[string]*waiting                    // by language: what it does not say yet
	gone    map[string]gone                        // books that nobody goes on with, by ID: answers are carried over by names
}

// gone is what is left of a book that nobody goes on with.
type gone struct {
	book  *flows.Book
	draft bool // another draft of the same files: the conversation stays where it was, even if an answer is lost
}

// mostEarlier bounds how many earlier libraries are kept in memory.
const mostEarlier = 64

// of returns the library that a session began with. Places, numbers and hours are always the newest.
func (l *Library) of(s *Session) *Library {
	if s.Stage < Asking || s.Book == l.ID {
		return l
	}
	if e := l.earlier[s.Book]; e != nil {
		return e
	}
	return l
}

// knows reports whether a session's book is at hand.
func (l *Library) knows(s *Session) bool {
	return s.Stage < Asking || s.Book == l.ID || l.earlier[s.Book] != nil || l.gone[s.Book].book != nil
}

// After returns a library that takes the place of a draft at once, for quizzes under way too: their answers are carried over by
// the names of steps and answers. Staff who try their own edit want that; people never get it.
func (l *Library) After(draft *Library) *Library {
	next := l.without(draft.ID, gone{draft.Book, true})
	for id, g := range draft.gone {
		if id != l.ID && len(next.gone) < mostEarlier {
			next.gone[id] = g
		}
	}
	return next
}

// without returns this library with what is left of a book that nobody goes on with.
func (l *Library) without(id string, g gone) *Library {
	next := *l
	next.gone = map[string]gone{}
	if id != l.ID {
		next.gone[id] = g
	}
	for other, g := range l.gone {
		if len(next.gone) < mostEarlier && next.gone[other].book == nil {
			next.gone[other] = g
		}
	}
	return &next
}

// carried returns a session of a book that is gone as one of this book. Others, and those for which no quiz of that name is
// left, stay as they are.
func (l *Library) carried(s Session) Session {
	if s.Stage < Asking && s.Quiz != "" && l.Book.Flow(s.Quiz) == nil {
		s.Quiz = l.offered[0] // nothing was answered yet
	}
	if s.Stage < Asking || s.Book == l.ID || l.earlier[s.Book] != nil || s.Case.Active() {
		return s
	}
	g := l.gone[s.Book]
	if g.book == nil || g.book.Flow(s.Quiz) == nil || l.Book.Flow(s.Quiz) == nil {
		return s
	}
	early := false
	if old := g.book.Flow(s.Quiz); !old.Trains() {
		if s.Changing != NoChange && s.resume(old) != nil {
			return s
		}
		at, err := old.Now(s.Given)
		early = s.Stage == Finished && err == nil && at.End == ""
	}
	checking := s.Stage == Checking
	s.Before, s.Changing = nil, NoChange
	stand := flows.Stand{Given: s.Given, At: flows.Place{Step: int(s.At)}, Ticks: s.Ticks}
	if s.Stage == Finished && !early || checking {
		stand.At = flows.Place{End: s.End}
	}
	flow, day := l.Book.Flow(s.Quiz), s.End
	if !flow.Trains() {
		flow = l.book(s.Lang).Flow(s.Quiz)
	}
	now, _ := flow.Carry(g.book.Flow(s.Quiz), stand, !g.draft)
	s.Book, s.Given, s.Ticks = l.ID, now.Given, now.Ticks
	s.Serial++ // a button of the old edition may mean something else in this one
	if s.Stage, s.End = Finished, now.At.End; flow.Trains() && now.At.End != "" {
		s.End = day
	}
	if checking && now.At.End != "" && l.checks(&s) {
		s.Stage = Checking
	}
	if now.At.End == "" {
		s.Stage, s.At = Asking, uint8(now.At.Step)
		if early {
			s.Stage, s.End = Finished, flows.Result
		}
		if s.Over == Rate {
			s.Over = Nothing
		}
	}
	return s
}

func (l *Library) withPlaces(newest *Library) *Library {
	return &Library{ID: l.ID, Edition: l.Edition, Book: l.Book, Catalog: l.Catalog.WithPlaces(newest.Catalog), iconed: l.iconed, offered: l.offered, modules: l.modules, waits: l.waits}
}

// with returns this library, and those that quizzes under way need, with its own numbers.
func (l *Library) with(earlier ...*Library) *Library {
	next := *l
	next.earlier = map[string]*Library{}
	for _, e := range earlier {
		if e.ID != l.ID && len(next.earlier) < mostEarlier && next.earlier[e.ID] == nil {
			next.earlier[e.ID] = e.withPlaces(l)
		}
	}
	return &next
}

// Open reads the staff's files from a folder that holds flows/ and content/. On mistakes the error is a
// sheet.Problems with every one of them, those between the two halves included.
func Open(fsys fs.FS) (*Library, error) {
	var book *flows.Book
	var err1 error
	var flowsToo sync.WaitGroup
	flowsToo.Go(func() {
		if fault := Contain(func() (err error) { book, err1 = flows.Load(fsys); return nil }); fault != nil {
			err1 = fault
		}
	})
	catalog, err2 := content.Read(fsys)
	flowsToo.Wait()
	l := &Library{Book: book, Catalog: catalog, iconed: withIcons(catalog), stray: stray(fsys)}
	var err3 error
	if err1 == nil {
		l.offered = book.Offered()
		err3 = sheet.Join(l.match(), l.listen())
	} else { // which texts are needed is not known
		err3 = catalog.Compare()
	}
	if err := sheet.Join(err1, err2, err3, closed(fsys)); err != nil {
		return nil, err
	}
	l.teach()
	l.ID, l.Edition = digest(book.ID, catalog.ID), digest(book.ID, catalog.ID, catalog.Newest)
	return l, nil
}

func digest(ids ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(ids, " ")))
	return hex.EncodeToString(sum[:8])
}
