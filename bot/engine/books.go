package engine

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"patikra/bot"
	"patikra/bot/library"
	"patikra/content/sheet"
	"patikra/flows"
)

// A set of staff's files that loaded is a book. It is kept in the store, so that every process has it and a quiz under way
// goes on with it after a restart; the index says which book new conversations use.

// Limits of the books in a store.
const (
	mostBooks    = 30                  // that the index lists
	mostPacked   = 8 << 20             // bytes of one, packed
	mostUnpacked = 32 << 20            // bytes of its files
	bookLife     = 60 * 24 * time.Hour // longer than any session; the present one is renewed
	missing      = time.Minute         // how long a book that is not there is not looked for again
)

const sealedBook byte = 'b'

// Edition is an entry of the index of books.
type Edition struct {
	ID      string    `json:"id"`   // of all files
	Book    string    `json:"book"` // of quizzes and texts: what sessions keep
	At      time.Time `json:"at"`   // when it was published first
	Current bool      `json:"current"`
}

type shelf struct {
	Current string    `json:"current"`
	List    []Edition `json:"list"` // the oldest first
}

// bookshelf is what a process remembers of the books in the store.
type bookshelf struct {
	mu      sync.Mutex
	missing map[string]time.Time
}

var shelfAddress = bot.Address{Channel: "books", ID: "index"}

func bookAddress(id string) bot.Address { return bot.Address{Channel: "books", ID: id} }

// Pack puts the files of a book together: quizzes, training, texts, places; no stories, and nothing that is not read.
func Pack(fsys fs.FS) ([]byte, error) {
	out, err := gather(fsys, zip.Deflate)
	if err == nil && len(out) > mostPacked {
		err = errTooBig
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

var errTooBig = errors.New("the files are too big for a book")

// gather reads the files of a book once and puts them together.
func gather(fsys fs.FS, method uint16) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	size := 0
	err := library.Walk(fsys, func(name string, _ fs.DirEntry) error {
		if !library.InBook(name) {
			return nil
		}
		data, err := readPlain(fsys, name)
		if err != nil {
			return err
		}
		if size += len(data); size > mostUnpacked {
			return errTooBig
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method}) // no times: the same files give the same bytes
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	err = errors.Join(err, z.Close())
	return out.Bytes(), err
}

// readPlain reads a file that is one, and no larger than a book: a pipe would be waited for without end.
func readPlain(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a plain file", name)
	case info.Size() > mostUnpacked:
		return nil, errTooBig
	}
	return fs.ReadFile(fsys, name)
}

// Unpack returns a packed book as files.
func Unpack(packed []byte) (fs.FS, error) {
	if len(packed) > mostPacked {
		return nil, errors.New("the book is too big")
	}
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("the book cannot be unpacked: %w", err)
	}
	size := uint64(0)
	for _, f := range z.File {
		if size += f.UncompressedSize64; size > mostUnpacked {
			return nil, errors.New("the book is too big")
		}
		r, err := f.Open() // what the entry says of its size may be a lie
		if err != nil {
			return nil, err
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, int64(f.UncompressedSize64)+1))
		r.Close()
		if err != nil || uint64(n) != f.UncompressedSize64 {
			return nil, errors.New("the book is damaged")
		}
	}
	return z, nil
}

// keepSealed keeps a sealed value: nobody who can write to the store may put another phone number into a book.
func (b *Bot) keepSealed(ctx context.Context, a bot.Address, value []byte) error {
	return b.store.Keep(ctx, a.Channel+":"+a.ID, b.Sealed(a, value), bookLife)
}

func (b *Bot) Sealed(a bot.Address, value []byte) []byte {
	key := b.Key(a)
	return b.ring.Seal(key.Partition, key.Hash, sealedBook, value)
}

// Kept reads a sealed value, nil when there is none. raw is how it lies in the store.
func (b *Bot) Kept(ctx context.Context, a bot.Address) (value, raw []byte, err error) {
	if raw, err = b.store.Kept(ctx, a.Channel+":"+a.ID); err != nil || raw == nil {
		return nil, nil, err
	}
	key := b.Key(a)
	value, err = b.ring.Open(key.Partition, key.Hash, sealedBook, raw)
	if err != nil { // written with another key: as good as nothing
		return nil, raw, nil
	}
	return value, raw, nil
}

// shelf reads the index.
func (b *Bot) shelf(ctx context.Context) (s shelf, raw []byte, err error) {
	plain, raw, err := b.Kept(ctx, shelfAddress)
	if err != nil {
		return s, raw, fmt.Errorf("read the index of books: %w", err)
	}
	if plain != nil && json.Unmarshal(plain, &s) != nil {
		s = shelf{}
	}
	return s, raw, nil
}

// changeShelf changes the index, whoever else does at the same time.
func (b *Bot) changeShelf(ctx context.Context, change func(*shelf) error) error {
	for range Tries {
		s, raw, err := b.shelf(ctx)
		if err != nil {
			return err
		}
		if err := change(&s); err != nil {
			return err
		}
		if len(s.List) > mostBooks {
			s.List = slices.Delete(s.List, 0, len(s.List)-mostBooks)
		}
		plain, err := json.Marshal(s)
		if err != nil {
			return err
		}
		done, err := b.store.Swap(ctx, shelfAddress.Channel+":"+shelfAddress.ID, raw, b.Sealed(shelfAddress, plain), RosterLife)
		if done || err != nil {
			return err
		}
	}
	return bot.ErrConflict
}

// Snapshot reads the files of a book once, so that what is checked is what is kept, whatever is saved meanwhile. A file or folder that
// cannot be read is an error.
func Snapshot(fsys fs.FS) (fs.FS, error) {
	all, err := gather(fsys, zip.Store)
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(all), int64(len(all)))
}

// Shelve checks a set of files and makes it the book of new conversations, here and in every process that shares the store.
// Files with mistakes are refused whole, and so are those that take something from people of a language who have it now (see [library.Library.Lost]):
// the error is a sheet.Problems.
func (b *Bot) Shelve(ctx context.Context, fsys fs.FS) (Edition, error) {
	once, err := Snapshot(fsys)
	if err != nil {
		once = fsys // Open says in words what cannot be read
	}
	l, mistakes := library.Open(once)
	if mistakes != nil {
		return Edition{}, mistakes
	}
	if err != nil {
		return Edition{}, fmt.Errorf("read the files: %w", err)
	}
	if err := l.Lost(b.present(ctx)); err != nil {
		return Edition{}, err
	}
	if err := b.keep(ctx, l, once); err != nil {
		return Edition{}, err
	}
	e := Edition{ID: l.Edition, Book: l.ID, At: time.Now().UTC().Truncate(time.Second), Current: true}
	first, err := b.first(ctx, l)
	if err != nil {
		return Edition{}, err
	}
	err = b.changeShelf(ctx, func(s *shelf) error {
		if len(s.List) == 0 && first.ID != "" {
			s.List = append(s.List, first)
		}
		if i := slices.IndexFunc(s.List, func(x Edition) bool { return x.ID == e.ID }); i >= 0 {
			e.At = s.List[i].At
		} else {
			s.List = append(s.List, Edition{ID: e.ID, Book: e.Book, At: e.At})
		}
		s.Current = e.ID
		return nil
	})
	if err != nil {
		return Edition{}, fmt.Errorf("save the book: %w", err)
	}
	b.Publish(l)
	return e, nil
}

// present is the library that people are served from: that of the present book, whatever this process has begun with.
func (b *Bot) present(ctx context.Context) *library.Library {
	now := b.Library()
	s, _, err := b.shelf(ctx)
	if err != nil || s.Current == "" || s.Current == now.Edition {
		return now
	}
	if l, _, err := b.fetch(ctx, s.Current); err == nil && l != nil {
		return l
	}
	return now
}

// first keeps the program's own book when another takes its place for the first time: there must be something to go back to.
func (b *Bot) first(ctx context.Context, next *library.Library) (Edition, error) {
	now := b.Library()
	if b.Files == nil || now.Edition == next.Edition {
		return Edition{}, nil
	}
	if s, _, err := b.shelf(ctx); err != nil || len(s.List) > 0 {
		return Edition{}, err
	}
	if err := b.keep(ctx, now, b.Files); err != nil {
		return Edition{}, err
	}
	return Edition{ID: now.Edition, Book: now.ID, At: time.Now().UTC().Truncate(time.Second)}, nil
}

// keep puts a book's files into the store, under the edition and under what sessions keep.
func (b *Bot) keep(ctx context.Context, l *library.Library, fsys fs.FS) error {
	packed, err := Pack(fsys)
	if err != nil {
		return fmt.Errorf("pack the book: %w", err)
	}
	for _, id := range []string{l.Edition, l.ID} {
		if err := b.keepSealed(ctx, bookAddress(id), packed); err != nil {
			return fmt.Errorf("save the book: %w", err)
		}
	}
	return nil
}

// fetch reads a book from the store, nil when it is not there.
func (b *Bot) fetch(ctx context.Context, id string) (*library.Library, fs.FS, error) {
	packed, _, err := b.Kept(ctx, bookAddress(id))
	if err != nil || packed == nil {
		return nil, nil, err
	}
	fsys, err := Unpack(packed)
	if err != nil {
		return nil, nil, err
	}
	l, err := library.Open(fsys)
	if err != nil {
		return nil, fsys, err
	}
	return l, fsys, nil
}

// Editions lists the books that were published, the newest last.
func (b *Bot) Editions(ctx context.Context) ([]Edition, error) {
	s, _, err := b.shelf(ctx)
	if err != nil {
		return nil, err
	}
	for i := range s.List {
		s.List[i].Current = s.List[i].ID == s.Current
	}
	return s.List, nil
}

// ErrNoBook says that there is no book to go back to.
var ErrNoBook = errors.New("there is no such book in the store")

// Rollback makes an earlier book the one of new conversations; "" means the one published before the present.
func (b *Bot) Rollback(ctx context.Context, id string) (Edition, error) {
	s, _, err := b.shelf(ctx)
	if err != nil {
		return Edition{}, err
	}
	at := slices.IndexFunc(s.List, func(e Edition) bool { return e.ID == s.Current })
	if id != "" {
		at = slices.IndexFunc(s.List, func(e Edition) bool { return strings.HasPrefix(e.ID, id) })
	} else {
		at--
	}
	if at < 0 || at >= len(s.List) {
		return Edition{}, ErrNoBook
	}
	e := s.List[at]
	l, _, err := b.fetch(ctx, e.ID)
	if err != nil {
		return Edition{}, fmt.Errorf("read the book: %w", err)
	}
	if l == nil {
		return Edition{}, ErrNoBook
	}
	if err := b.changeShelf(ctx, func(s *shelf) error { s.Current = e.ID; return nil }); err != nil {
		return Edition{}, fmt.Errorf("save the book: %w", err)
	}
	b.Publish(l)
	e.Current = true
	return e, nil
}

// Join brings a process that starts with files of its own together with the store. Staff's files that were never published become
// the present book, unless they take something from people who have it: then, and where they were published before, the present book of the
// store is used, which may be an earlier one that staff went back to. The
// program's built-in files are in every process and need no keeping, until others take their place.
func (b *Bot) Join(ctx context.Context, builtIn bool) error {
	s, _, err := b.shelf(ctx)
	if err != nil {
		return err
	}
	l := b.Library()
	listed := slices.ContainsFunc(s.List, func(e Edition) bool { return e.ID == l.Edition })
	if !builtIn && !listed {
		_, err := b.Shelve(ctx, b.Files)
		if mistakes := (sheet.Problems)(nil); errors.As(err, &mistakes) { // people go on with what they have
			return errors.Join(err, b.Follow(ctx))
		}
		return err
	}
	if listed {
		if packed, _, err := b.Kept(ctx, bookAddress(l.ID)); err != nil {
			return err
		} else if packed == nil {
			if err := b.keep(ctx, l, b.Files); err != nil {
				return err
			}
		}
	}
	return b.Follow(ctx)
}

// Follow takes over the book that another process, or staff, has made the present one.
func (b *Bot) Follow(ctx context.Context) error {
	s, _, err := b.shelf(ctx)
	if err != nil || s.Current == "" || s.Current == b.Library().Edition {
		return err
	}
	l, _, err := b.fetch(ctx, s.Current)
	if err != nil {
		return fmt.Errorf("read the book: %w", err)
	}
	if l != nil {
		b.Publish(l)
	}
	return nil
}

// Renew gives the present book its whole life in the store again.
func (b *Bot) Renew(ctx context.Context) error {
	l := b.Library()
	for _, id := range []string{l.Edition, l.ID} {
		packed, _, err := b.Kept(ctx, bookAddress(id))
		if err != nil {
			return err
		}
		if packed != nil {
			if err := b.keepSealed(ctx, bookAddress(id), packed); err != nil {
				return err
			}
		}
	}
	return nil
}

// LibraryFor returns what a turn is decided from, with the session's own book if that is still to be found.
func (b *Bot) LibraryFor(ctx context.Context, s *bot.Session) *library.Library {
	l := b.Library()
	if l.Knows(s) {
		return l
	}
	shelf := &b.books
	shelf.mu.Lock()
	defer shelf.mu.Unlock()
	if l = b.Library(); l.Knows(s) || time.Since(shelf.missing[s.Book]) < missing {
		return l
	}
	e, fsys, err := b.fetch(ctx, s.Book)
	if e == nil && fsys != nil { // its texts do not fit this version of the program; its quizzes may
		if book, mistaken := flows.Load(fsys); mistaken == nil {
			return b.swap(func(l *library.Library) *library.Library { return l.Without(s.Book, library.Gone{Book: book}) })
		}
	}
	if err != nil || e == nil {
		if shelf.missing == nil || len(shelf.missing) > 1000 {
			shelf.missing = map[string]time.Time{}
		}
		if err == nil {
			shelf.missing[s.Book] = time.Now()
		}
		return l
	}
	return b.swap(func(l *library.Library) *library.Library {
		earlier := []*library.Library{e}
		for _, x := range l.Earlier {
			earlier = append(earlier, x)
		}
		return l.With(earlier...)
	})
}

// swap puts another library in the place of the present one, whoever else does so at the same time.
func (b *Bot) swap(next func(*library.Library) *library.Library) *library.Library {
	for {
		old := b.library.Load()
		l := b.certified(next(old))
		if b.library.CompareAndSwap(old, l) {
			return l
		}
	}
}

// certified gives a library, and those that conversations under way began with, the way to a certificate.
func (b *Bot) certified(l *library.Library) *library.Library {
	if b.certify == nil {
		return l
	}
	next := *l
	next.Certify, next.Pocket = b.certify, b.pocket
	next.Earlier = map[string]*library.Library{}
	for id, e := range l.Earlier {
		with := *e
		with.Certify, with.Pocket = b.certify, b.pocket
		next.Earlier[id] = &with
	}
	return &next
}
