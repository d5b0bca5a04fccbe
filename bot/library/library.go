package library

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
	"sync"

	"patikra/bot"
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
	Iconed  map[Named]string                       // labels that have an icon before them
	Modules map[string][]string                    // training modules that a language has, in the order of their menu
	stray   sheet.Problems                         // files that nobody reads
	Offered []string                               // quizzes in the order of the menu; the first is the one that a conversation begins with
	Earlier map[string]*Library                    // what quizzes under way began with, by ID, with the present numbers
	Pocket  func(municipality, lang string) string // the address of a municipality's card; nil where there is no page for it
	Certify func(bot.Certificate, string) string   // the address of a certificate in a language; nil where there is no page for it
	Reader  *typed.Reader                          // of what people write in their own words
	waits   map[string]*waiting                    // by language: what it does not say yet
	Gone    map[string]Gone                        // books that nobody goes on with, by ID: answers are carried over by names
}

// Gone is what is left of a book that nobody goes on with.
type Gone struct {
	Book  *flows.Book
	Draft bool // another draft of the same files: the conversation stays where it was, even if an answer is lost
}

// mostEarlier bounds how many earlier libraries are kept in memory.
const mostEarlier = 64

// Of returns the library that a session began with. Places, numbers and hours are always the newest.
func (l *Library) Of(s *bot.Session) *Library {
	if s.Stage < bot.Asking || s.Book == l.ID {
		return l
	}
	if e := l.Earlier[s.Book]; e != nil {
		return e
	}
	return l
}

// Knows reports whether a session's book is at hand.
func (l *Library) Knows(s *bot.Session) bool {
	return s.Stage < bot.Asking || s.Book == l.ID || l.Earlier[s.Book] != nil || l.Gone[s.Book].Book != nil
}

// After returns a library that takes the place of a draft at once, for quizzes under way too: their answers are carried over by
// the names of steps and answers. Staff who try their own edit want that; people never get it.
func (l *Library) After(draft *Library) *Library {
	next := l.Without(draft.ID, Gone{draft.Book, true})
	for id, g := range draft.Gone {
		if id != l.ID && len(next.Gone) < mostEarlier {
			next.Gone[id] = g
		}
	}
	return next
}

// Without returns this library with what is left of a book that nobody goes on with.
func (l *Library) Without(id string, g Gone) *Library {
	next := *l
	next.Gone = map[string]Gone{}
	if id != l.ID {
		next.Gone[id] = g
	}
	for other, g := range l.Gone {
		if len(next.Gone) < mostEarlier && next.Gone[other].Book == nil {
			next.Gone[other] = g
		}
	}
	return &next
}

func (l *Library) withPlaces(newest *Library) *Library {
	return &Library{ID: l.ID, Edition: l.Edition, Book: l.Book, Catalog: l.Catalog.WithPlaces(newest.Catalog), Iconed: l.Iconed, Offered: l.Offered, Modules: l.Modules, waits: l.waits}
}

// With returns this library, and those that quizzes under way need, with its own numbers.
func (l *Library) With(earlier ...*Library) *Library {
	next := *l
	next.Earlier = map[string]*Library{}
	for _, e := range earlier {
		if e.ID != l.ID && len(next.Earlier) < mostEarlier && next.Earlier[e.ID] == nil {
			next.Earlier[e.ID] = e.withPlaces(l)
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
		if fault := bot.Contain(func() (err error) { book, err1 = flows.Load(fsys); return nil }); fault != nil {
			err1 = fault
		}
	})
	catalog, err2 := content.Read(fsys)
	flowsToo.Wait()
	l := &Library{Book: book, Catalog: catalog, Iconed: withIcons(catalog), stray: stray(fsys)}
	var err3 error
	if err1 == nil {
		l.Offered = book.Offered()
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
