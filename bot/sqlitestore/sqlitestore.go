// Package sqlitestore keeps conversations in one SQLite file: the store of a single process, which
// needs nothing installed and loses nothing that was acknowledged when it is killed.
//
// All writes go through one goroutine, which puts what waits into one transaction: many turns share one
// synced write. Erasing overwrites, also the copies that SQLite leaves in pages it has moved rows out of (see
// scrub.go), and the write-ahead log is emptied within a second.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver, in Go alone

	"patikra/bot"
)

// FileName is the store's file in its folder.
const FileName = "patikra.db"

const (
	lockName   = "patikra.lock"
	schema     = 4                      // 2 adds line and mark, 3 the tries of an item, 4 file
	batch      = 256                    // writes that share a transaction
	lockWait   = 3 * time.Second        // for a process that is just ending
	logged     = 1000                   // writes after which the log goes to the file
	largeWrite = 4 << 10                // bytes of a file that count as a write
	tidyAfter  = 300 * time.Millisecond // from an erasure to the emptying of the log
	sweepEvery = time.Minute
	sweepSoon  = 100 * time.Millisecond // when there was more than one sweep removes
	sweepMost  = 2000                   // conversations that one sweep removes
	clockEvery = 5 * time.Second        // looks for what a clock that was set back would keep
	clockMost  = 45 * time.Second       // no message is meant to be sent, and none is held, later than that
	remember   = 24 * time.Hour         // forgotten updates
	stale      = 48 * time.Hour         // messages that could not be delivered
	orphaned   = 24 * time.Hour         // such messages of a conversation that has ended
	countDays  = 400 * 24 * time.Hour   // counters
	writeTime  = 10 * time.Second       // one transaction
)

// Store is a bot.Store in a file.
type Store struct {
	path  string
	lock  *flock.Flock
	write *sql.DB
	read  *sql.DB
	st    *statements
	load  *sql.Stmt
	due   *sql.Stmt
	ops   chan *op
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup // of the review

	failing atomic.Bool // the last write did not succeed

	mu     sync.Mutex
	places map[string]time.Time // by channel: when the next place in the order is free
}

// op is one write that waits for its transaction.
type op struct {
	run   func(*sql.Tx) error
	err   error
	done  chan struct{}
	erase bool // it removed a conversation: the log must be emptied soon
	large int  // bytes of files, which fill the log faster
}

const tables = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversation (h BLOB PRIMARY KEY, version INTEGER NOT NULL, expires INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversation_expires ON conversation (expires);
CREATE TABLE IF NOT EXISTS item (h BLOB NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL, due INTEGER NOT NULL, screen INTEGER NOT NULL, value BLOB NOT NULL, tries BLOB, PRIMARY KEY (h, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (h BLOB PRIMARY KEY, p INTEGER NOT NULL, at INTEGER NOT NULL, leased INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS head_at ON head (at);
CREATE TABLE IF NOT EXISTS line (h BLOB NOT NULL, seq INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (h, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (h BLOB NOT NULL, n INTEGER NOT NULL, p INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (h, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (h BLOB PRIMARY KEY, p INTEGER NOT NULL, state INTEGER NOT NULL, urgent INTEGER NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS forgotten_at ON forgotten (at);
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, expires INTEGER NOT NULL, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counter (day TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, name)) WITHOUT ROWID;
`

// Open opens the store in a folder, which is made when missing (0700). It refuses a folder that
// another process uses, and another number of partitions than the store was made with.
func Open(dir string, partitions int) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("PATIKRA_DATA: the folder cannot be made: %w", err)
	}
	lock, err := hold(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	s := &Store{path: filepath.Join(dir, FileName), lock: lock, ops: make(chan *op, batch), stop: make(chan struct{}), done: make(chan struct{}), places: map[string]time.Time{}}
	if err := s.open(s.path, partitions); err != nil {
		s.closeFiles()
		return nil, err
	}
	go s.work()
	ctx, cancel := context.WithCancel(context.Background())
	s.wg.Go(func() { <-s.stop; cancel() })
	s.wg.Go(func() { s.review(ctx) })
	return s, nil
}

// hold takes the folder's lock. The system drops it when the process ends, however it ends.
func hold(path string) (*flock.Flock, error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	lock := flock.New(path, flock.SetPermissions(0o600))
	_, err := lock.TryLockContext(ctx, 50*time.Millisecond)
	var file *fs.PathError
	switch {
	case err == nil:
		return lock, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, errors.New("PATIKRA_DATA: another process uses this folder; stop it, or use Redis to run several")
	case errors.As(err, &file):
		return nil, fmt.Errorf("PATIKRA_DATA: the folder cannot be written: %w", err)
	}
	return nil, fmt.Errorf("PATIKRA_DATA: the folder cannot be locked; put it on a local disk: %w", err)
}

func (s *Store) open(path string, partitions int) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("PATIKRA_DATA: the store cannot be written: %w", err)
	}
	f.Close()
	dsn := func(more string) string {
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=cache_size(-4096)&_pragma=mmap_size(0)&_pragma=temp_store(MEMORY)" + more
	}
	if s.write, err = sql.Open("sqlite", dsn("&_pragma=auto_vacuum(NONE)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=wal_autocheckpoint(0)&_txlock=immediate")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	var version, found, moves int
	if err := s.write.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("the store cannot be read; restore it from a copy, or move %s away: %w", FileName, err)
	}
	if err := s.write.QueryRow("PRAGMA auto_vacuum").Scan(&moves); err != nil || moves != 0 {
		return fmt.Errorf("the store was not made by patikra; move %s away: %w", FileName, errors.Join(err, errShape))
	}
	if version > schema {
		return fmt.Errorf("the store was written by a later version of patikra (form %d, this one knows %d)", version, schema)
	}
	if err := s.upgrade(); err != nil {
		return fmt.Errorf("the store cannot be prepared: %w", err)
	}
	switch err := s.write.QueryRow("SELECT value FROM meta WHERE name = 'partitions'").Scan(&found); {
	case errors.Is(err, sql.ErrNoRows):
		if _, err := s.write.Exec("INSERT INTO meta VALUES ('partitions', ?)", partitions); err != nil {
			return fmt.Errorf("the store cannot be prepared: %w", err)
		}
	case err != nil:
		return fmt.Errorf("the store cannot be read: %w", err)
	case found != partitions:
		return fmt.Errorf("PATIKRA_PARTITIONS: the store was made with %d partitions, not %d; set it to %d", found, partitions, found)
	}
	// Whoever held leases is gone: there is one process only. What was held is due, the longest due first.
	if _, err := s.write.Exec("UPDATE head SET leased = 0, at = coalesce((SELECT due FROM item WHERE item.h = head.h ORDER BY seq LIMIT 1), 0) WHERE leased = 1"); err != nil {
		return fmt.Errorf("the store cannot be prepared: %w", err)
	}
	if s.st, err = prepare(s.write); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", dsn("&_pragma=query_only(ON)")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	if s.load, err = s.read.Prepare("SELECT version, value FROM conversation WHERE h = ? AND expires > ?"); err != nil {
		return err
	}
	s.due, err = s.read.Prepare("SELECT count(*) FROM (SELECT 1 FROM head WHERE at <= ? LIMIT 1)")
	return err
}

// upgrade makes what is missing, in a new file or in one of an earlier form.
func (s *Store) upgrade() error {
	if _, err := s.write.Exec(tables); err != nil {
		return err
	}
	var columns int
	if err := s.write.QueryRow("SELECT count(*) FROM pragma_table_info('item') WHERE name = 'tries'").Scan(&columns); err != nil {
		return err
	}
	if columns == 0 {
		if _, err := s.write.Exec("ALTER TABLE item ADD COLUMN tries BLOB"); err != nil {
			return err
		}
	}
	_, err := s.write.Exec(fmt.Sprintf("PRAGMA user_version = %d", schema))
	return err
}

// Close finishes what waits, empties the log and lets the folder go.
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.stop)
		<-s.done
		s.wg.Wait()
		s.checkpoint(true)
		s.closeFiles()
	})
	return nil
}

func (s *Store) closeFiles() {
	if s.read != nil {
		s.read.Close()
	}
	if s.write != nil {
		s.write.Close()
	}
	s.lock.Close()
}

var (
	errClosed = errors.New("the store is closed")
	errShape  = errors.New("its pages are laid out otherwise")
)

// do runs one write in the next transaction and waits until it is on disk.
func (s *Store) do(ctx context.Context, run func(*sql.Tx) error) error {
	o := &op{run: run, done: make(chan struct{})}
	return s.submit(ctx, o)
}

// submit is do for an operation that is made already. It notes whether writing works.
func (s *Store) submit(ctx context.Context, o *op) error {
	err := s.wait(ctx, o)
	s.failing.Store(err != nil && !errors.Is(err, bot.ErrConflict) && !errors.Is(err, bot.ErrNotHeld))
	return err
}

func (s *Store) wait(ctx context.Context, o *op) error {
	select {
	case <-s.stop:
		return errClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.ops <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return errClosed
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
		// It may still be written; the caller decides again on what it then finds.
		return ctx.Err()
	case <-s.done:
		select {
		case <-o.done:
			return o.err
		default:
			return errClosed
		}
	}
}

// work is the only goroutine that writes.
func (s *Store) work() {
	defer close(s.done)
	sweep := time.After(sweepEvery)
	look := time.After(clockEvery)
	tidy := time.After(tidyAfter) // a process that was killed may have erased something just before
	writes := 0
	for {
		var group []*op
		select {
		case o := <-s.ops:
			group = append(group, o)
		case <-tidy:
			tidy, writes = nil, 0
			if !s.checkpoint(true) {
				tidy = time.After(tidyAfter)
			}
			continue
		case <-sweep:
			removed, more := s.sweep(time.Now())
			sweep = time.After(sweepEvery)
			if more {
				sweep = time.After(sweepSoon)
			}
			if removed && tidy == nil {
				tidy = time.After(tidyAfter)
			}
			continue
		case <-look:
			s.hasten(time.Now())
			look = time.After(clockEvery)
			continue
		case <-s.stop:
			for {
				select {
				case o := <-s.ops:
					s.transact([]*op{o})
					continue
				default:
				}
				return
			}
		}
	gather:
		for len(group) < batch {
			select {
			case o := <-s.ops:
				group = append(group, o)
			default:
				break gather
			}
		}
		s.transact(group)
		for _, o := range group {
			if o.erase && o.err == nil && tidy == nil {
				tidy = time.After(tidyAfter)
			}
		}
		writes += len(group)
		for _, o := range group {
			writes += o.large / largeWrite
		}
		if writes >= logged {
			writes = 0
			s.checkpoint(false)
		}
	}
}

// transact runs a group in one transaction. An operation that refuses (a conflict) changes nothing
// and leaves the others alone; a failure of the file fails the whole group.
func (s *Store) transact(group []*op) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTime)
	defer cancel()
	err := func() error {
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		for _, o := range group {
			o.err = o.run(tx)
			if o.err != nil && !errors.Is(o.err, bot.ErrConflict) && !errors.Is(o.err, bot.ErrNotHeld) {
				return o.err
			}
		}
		return tx.Commit()
	}()
	for _, o := range group {
		if err != nil {
			o.err = fmt.Errorf("sqlite: %w", err)
		}
		close(o.done)
	}
}

// sweep removes what has ended by itself. It reports whether there was anything, and whether there is more.
func (s *Store) sweep(now time.Time) (removed, more bool) {
	// in their order, so that the same ones are found again
	ended := fmt.Sprintf("(SELECT h FROM conversation WHERE expires <= ? ORDER BY expires, h LIMIT %d)", sweepMost)
	for _, q := range []struct {
		text string
		arg  any
	}{
		{"DELETE FROM line WHERE h IN " + ended, now.UnixMilli()},
		{"DELETE FROM file WHERE h IN " + ended, now.UnixMilli()},
		{"DELETE FROM mark WHERE h IN " + ended, now.UnixMilli()},
		{"DELETE FROM conversation WHERE h IN " + ended, now.UnixMilli()},
		{"DELETE FROM forgotten WHERE at <= ?", now.Add(-remember).UnixMilli()},
		// what comes back to a case (a name with the queue's number behind the hash) lasts as long as the case
		{fmt.Sprintf("DELETE FROM item WHERE due <= ? AND NOT (substr(h, 17) = x'%02x' AND substr(h, 1, 16) IN (SELECT h FROM conversation))", bot.Timer), now.Add(-stale).UnixMilli()},
		{"DELETE FROM item WHERE due <= ? AND substr(h, 1, 16) NOT IN (SELECT h FROM conversation)", now.Add(-orphaned).UnixMilli()},
		{"DELETE FROM kept WHERE expires <= ?", now.UnixMilli()},
		{"DELETE FROM counter WHERE day < ?", now.Add(-countDays).UTC().Format(time.DateOnly)},
	} {
		r, err := s.write.Exec(q.text, q.arg)
		if err != nil {
			break // a conversation must not go before its lines and files
		}
		n, _ := r.RowsAffected()
		removed = removed || n > 0
		more = more || n >= sweepMost
	}
	if removed {
		s.write.Exec("DELETE FROM head WHERE h NOT IN (SELECT h FROM item)")
	}
	return removed, more
}

// hasten makes due what a turn, or a lease, of a time when the clock was ahead has put too far off: messages are never meant
// to be sent so late, and never held so long. Timers, which are, and what was given back for later, stay as they are.
func (s *Store) hasten(now time.Time) {
	s.write.Exec(`UPDATE head SET at = ?1, leased = 0 WHERE at > ?2 AND substr(h, 17) != ?3
		AND (leased = 1 OR at = (SELECT due FROM item WHERE item.h = head.h ORDER BY seq LIMIT 1))`,
		now.UnixMilli(), now.Add(clockMost).UnixMilli(), []byte{bot.Timer})
}
